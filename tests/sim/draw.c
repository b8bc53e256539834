#include "draw.h"

uint64_t draw_next(draw_t *self)
{
    uint64_t mixed = self->state += 0x9e3779b97f4a7c15u;

    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9u;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebu;
    return mixed ^ (mixed >> 31);
}

draw_t draw_of(uint64_t seed, const char *what, uint64_t number)
{
    draw_t self = {.state = seed};

    for (; *what != '\0'; what++)
        self.state = draw_next(&self) ^ (unsigned char)*what;
    self.state = draw_next(&self) ^ number;
    return self;
}

unsigned draw_below(draw_t *self, unsigned count)
{
    return (unsigned)(draw_next(self) % count);
}

unsigned draw_between(draw_t *self, unsigned least, unsigned most)
{
    return least + draw_below(self, most - least + 1);
}

bool draw_chance(draw_t *self, unsigned per_mille)
{
    return draw_below(self, 1000) < per_mille;
}

unsigned draw_weighted(draw_t *self, const uint64_t *sums, unsigned count)
{
    uint64_t lot = draw_next(self) % sums[count - 1];
    unsigned least = 0, most = count - 1;

    while (least < most) {
        unsigned middle = (least + most) / 2;
        if (sums[middle] > lot)
            most = middle;
        else
            least = middle + 1;
    }
    return least;
}
