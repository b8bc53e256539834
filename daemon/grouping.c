#include "grouping.h"

#include <stdlib.h>
#include <string.h>

grouping_t grouping_new(const wish_t *first)
{
    return (grouping_t){.members = {first},
                        .n_members = 1,
                        .from = first->from,
                        .to = first->to,
                        .level = first->level,
                        .language = first->language,
                        .forms = first->forms,
                        .times = first->times,
                        .participants = first->participants,
                        .unsaid = first->participants == 0};
}

/* Who said nothing takes what the others do. */
static bool agree(const char **ours, const char *theirs)
{
    if (*ours == NULL)
        *ours = theirs;
    return theirs == NULL || strcmp(*ours, theirs) == 0;
}

static void narrow(const char **from, const char **to, const wish_t *wish)
{
    if (wish->from != NULL && (*from == NULL || strcmp(wish->from, *from) > 0))
        *from = wish->from;
    if (wish->to != NULL && (*to == NULL || strcmp(wish->to, *to) < 0))
        *to = wish->to;
}

/* Where they are too far apart they meet at a distance, or not at all. */
static bool meet(const grouping_t *self, const wish_t *wish, unsigned *forms)
{
    reason_t reason;

    for (size_t i = 0; i < self->n_members; i++)
        if (!wish_near(self->members[i], wish, &reason)) {
            *forms &= wish_form("distance");
            return *forms != 0;
        }
    return true;
}

bool grouping_add(grouping_t *self, const wish_t *wish)
{
    grouping_t with = *self;

    if (self->n_members == GROUPING_MAX || !agree(&with.level, wish->level) ||
        !agree(&with.language, wish->language) || !wish_common(&with.times, wish->times) ||
        !wish_common(&with.forms, wish->forms) || !meet(self, wish, &with.forms))
        return false;
    narrow(&with.from, &with.to, wish);
    if (with.from != NULL && with.to != NULL && strcmp(with.to, with.from) < 0)
        return false;
    with.members[with.n_members++] = wish;
    with.participants += wish->participants;
    with.unsaid += wish->participants == 0;
    *self = with;
    return true;
}

int64_t grouping_enough(void)
{
    return strtoll(kind_field(schema_kind("pool"), "minimum")->otherwise, NULL, 10);
}

static void add_text(value_builder_t *map, const char *key, const char *text)
{
    if (text != NULL)
        value_add_pair(map, key, value_text(text));
}

static void add_words(value_builder_t *map, const char *key, unsigned bits)
{
    const vocabulary_t *vocabulary = schema_vocabulary(key);
    value_builder_t list = value_builder(map->arena);

    for (size_t i = 0; i < vocabulary->n_words; i++)
        if (bits & (1u << i))
            value_add(&list, value_text(vocabulary->words[i].name));
    if (list.count > 0)
        value_add_pair(map, key, value_build_list(&list));
}

value_t grouping_value(const grouping_t *self, int64_t minimum, arena_t *arena)
{
    value_builder_t map = value_builder(arena);
    value_builder_t members = value_builder(arena);
    value_builder_t known = value_builder(arena); /* text can only be laid side by side */

    for (size_t i = 0; i < self->n_members; i++) {
        const wish_t *wish = self->members[i];
        value_add(&members, value_text(arena_text(arena, wish->id.text)));
        if (wish->prior_knowledge != NULL)
            value_add(&known, value_text(wish->prior_knowledge));
    }
    value_add_pair(&map, "inquiries", value_build_list(&members));
    value_add_pair(&map, "participants", value_integer(self->participants));
    value_add_pair(&map, "unsaid", value_integer(self->unsaid));
    value_add_pair(&map, "minimum", value_integer(minimum));
    value_add_pair(&map, "enough",
                   value_boolean(self->n_members > 1 && self->participants >= minimum));
    add_text(&map, "period_from", self->from);
    add_text(&map, "period_to", self->to);
    add_text(&map, "level", self->level);
    add_text(&map, "language", self->language);
    add_words(&map, "form", self->forms);
    add_words(&map, "time_of_day", self->times);
    if (known.count > 0)
        value_add_pair(&map, "prior_knowledge", value_build_list(&known));
    return value_build_map(&map);
}
