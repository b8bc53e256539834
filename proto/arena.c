#include "arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Under AddressSanitizer what is not handed out is poisoned and pieces lie apart,
   so that a step outside one is seen as it would be with malloc. */
#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#define ARENA_GAP 16u
#define ARENA_HIDE(data, size) ASAN_POISON_MEMORY_REGION(data, size)
#define ARENA_SHOW(data, size) ASAN_UNPOISON_MEMORY_REGION(data, size)
#else
#define ARENA_GAP 0u
#define ARENA_HIDE(data, size) ((void)0)
#define ARENA_SHOW(data, size) ((void)0)
#endif

#define ARENA_FIRST_BLOCK ((size_t)4 * 1024)
#define ARENA_SMALL_BLOCK ((size_t)512)
#define ARENA_LAST_BLOCK ((size_t)256 * 1024)
#define ARENA_STATUS 70

typedef struct block {
    struct block *next;
    size_t size;
    size_t used;
    alignas(max_align_t) unsigned char data[];
} block_t;

struct arena {
    block_t *first;
    block_t *last; /* the one that is filled */
    size_t used;
};

static _Noreturn void s_no_memory(void)
{
    static const char sentence[] = "samverk: the system has no memory left\n";
    ssize_t written = write(STDERR_FILENO, sentence, sizeof sentence - 1);
    (void)written;
    _exit(ARENA_STATUS);
}

static block_t *s_block(size_t size)
{
    if (size > PTRDIFF_MAX - sizeof(block_t))
        s_no_memory();
    block_t *block = malloc(sizeof(block_t) + size);
    if (!block)
        s_no_memory();
    block->next = NULL;
    block->size = size;
    block->used = 0;
    ARENA_HIDE(block->data, size);
    return block;
}

static void s_free_blocks(block_t *block)
{
    while (block) {
        block_t *next = block->next;
        ARENA_SHOW(block->data, block->size);
        free(block);
        block = next;
    }
}

static arena_t *s_arena(size_t first_block)
{
    arena_t *self = malloc(sizeof *self);
    if (!self)
        s_no_memory();
    self->first = self->last = s_block(first_block);
    self->used = 0;
    return self;
}

arena_t *arena_new(void)
{
    return s_arena(ARENA_FIRST_BLOCK);
}

arena_t *arena_new_small(void)
{
    return s_arena(ARENA_SMALL_BLOCK);
}

void arena_destroy(arena_t **self_p)
{
    arena_t *self = *self_p;
    if (!self)
        return;
    s_free_blocks(self->first);
    free(self);
    *self_p = NULL;
}

void arena_reset(arena_t *self)
{
    s_free_blocks(self->first->next);
    self->first->next = NULL;
    self->first->used = 0;
    ARENA_HIDE(self->first->data, self->first->size);
    self->last = self->first;
    self->used = 0;
}

void *arena_alloc(arena_t *self, size_t size)
{
    const size_t step = alignof(max_align_t);
    if (size > PTRDIFF_MAX - sizeof(block_t) - step - ARENA_GAP)
        s_no_memory();
    size_t room = (size + step - 1) / step * step + ARENA_GAP;
    if (room > self->last->size - self->last->used) {
        size_t next_size = self->last->size * 2;
        if (next_size > ARENA_LAST_BLOCK)
            next_size = ARENA_LAST_BLOCK;
        block_t *next = s_block(room > next_size ? room : next_size);
        self->last->next = next;
        self->last = next;
    }
    void *data = self->last->data + self->last->used;
    self->last->used += room;
    self->used += size;
    ARENA_SHOW(data, size);
    memset(data, 0, size);
    return data;
}

void *arena_copy(arena_t *self, const void *data, size_t size)
{
    void *copy = arena_alloc(self, size);
    if (size)
        memcpy(copy, data, size);
    return copy;
}

char *arena_text(arena_t *self, const char *text)
{
    return arena_text_of(self, text, strlen(text));
}

char *arena_text_of(arena_t *self, const char *data, size_t size)
{
    char *copy = arena_alloc(self, size + 1);
    if (size)
        memcpy(copy, data, size);
    return copy;
}

char *arena_format(arena_t *self, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int size = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (size < 0)
        s_no_memory();
    char *text = arena_alloc(self, (size_t)size + 1);
    vsnprintf(text, (size_t)size + 1, format, again);
    va_end(again);
    return text;
}

size_t arena_used(const arena_t *self)
{
    return self->used;
}
