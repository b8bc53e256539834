#ifndef SAMVERK_ARENA_H
#define SAMVERK_ARENA_H

#include <stddef.h>

/* Memory that is given back all at once: one arena a request, a frame, a
   transaction. Nothing in it is freed alone. When the system has no memory
   left the process says so and exits with status 70: nothing that was not yet
   answered has been promised to anyone. Used by one thread at a time. */
typedef struct arena arena_t;

arena_t *arena_new(void);
/* The same, for little that is kept long and of which there are thousands. */
arena_t *arena_new_small(void);
void arena_destroy(arena_t **self_p);

/* Give everything back but the first block; pointers into it die. */
void arena_reset(arena_t *self);

/* `size` zeroed bytes, aligned for any type. Never NULL. */
void *arena_alloc(arena_t *self, size_t size);

/* Copies; the text forms end in NUL. */
void *arena_copy(arena_t *self, const void *data, size_t size);
char *arena_text(arena_t *self, const char *text);
char *arena_text_of(arena_t *self, const char *data, size_t size);
char *arena_format(arena_t *self, const char *format, ...)
    __attribute__((format(printf, 2, 3), nonnull(2)));

/* Bytes handed out so far, for limits. */
size_t arena_used(const arena_t *self);

#endif
