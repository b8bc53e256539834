#include "accesses.h"

#include "past.h"
#include "reads.h"

#include <string.h>

#define ROWS_MAX 200u
#define SUBJECTS_MAX 2000u  /* told in one page */
#define EXAMINED_MAX 20000u /* rows, and people to be placed, looked at for one page */

typedef struct {
    const accesses_t *asked;
    call_t *call;
    arena_t *scratch; /* for people who are looked at and forgotten */
    value_builder_t *rows;
    bool everywhere;          /* the officer's scope is the whole */
    uint64_t time_ms, passed; /* rows with this time that are behind us */
    uint64_t skip;            /* of them, those that the page before had */
    unsigned examined, told, subjects;
} walk_t;

/* In the officer's scope, or was when it was there. */
static bool is_own(walk_t *self, const char *subject)
{
    call_t *call = self->call;
    record_id_t id;

    if (self->everywhere)
        return true;
    self->examined++;
    arena_reset(self->scratch);
    const record_t *record =
        record_id_parse(&id, subject, NULL) ? past_last(call->txn, &id, self->scratch) : NULL;
    return record != NULL && access_covers(call->access, ROLE_BIT(ROLE_privacy),
                                           placement_of(&call->lookup, record, self->scratch));
}

/* Whose data it was, of those that were asked for. */
static value_t subjects_of(walk_t *self, const read_t *read)
{
    value_builder_t list = value_builder(self->call->arena);

    for (const char *const *subject = read->subjects; *subject != NULL; subject++)
        if (self->asked->person != NULL ? strcmp(*subject, self->asked->person) == 0
                                        : is_own(self, *subject)) {
            char *id = arena_text(self->call->arena, *subject);
            value_add(&list, value_text(id));
            call_note_subject(self->call, id);
            self->subjects++;
        }
    return value_build_list(&list);
}

static void tell(walk_t *self, const read_t *read)
{
    arena_t *arena = self->call->arena;
    const char *user = self->asked->user;
    value_builder_t row = value_builder(arena);

    if (user != NULL && strcmp(read->user, user) != 0 &&
        (read->as == NULL || strcmp(read->as, user) != 0))
        return;
    value_t subjects = subjects_of(self, read);
    /* A search of people that found no one is the user's, and no one's. */
    if (subjects.count == 0 && (self->asked->person != NULL || read->subjects[0] != NULL))
        return;
    value_add_pair(&row, "time", value_integer((int64_t)read->time_ms));
    value_add_pair(&row, "user", value_text(arena_text(arena, read->user)));
    if (read->as != NULL)
        value_add_pair(&row, "as", value_text(arena_text(arena, read->as)));
    value_add_pair(&row, "command", value_text(arena_text(arena, read->command)));
    value_add_pair(&row, "purpose", value_text(arena_text(arena, read->purpose)));
    value_add_pair(&row, "subjects", subjects);
    value_add(self->rows, value_build_map(&row));
    self->told++;
}

static bool handle(const read_t *read, void *context)
{
    walk_t *self = context;

    if (read->time_ms != self->time_ms) {
        self->time_ms = read->time_ms;
        self->passed = 0;
        self->skip = 0;
    }
    self->passed++;
    if (self->passed <= self->skip)
        return true;
    tell(self, read);
    return ++self->examined < EXAMINED_MAX && self->told < ROWS_MAX &&
           self->subjects < SUBJECTS_MAX;
}

static bool take_cursor(walk_t *self, const value_t *after)
{
    if (after->form == VALUE_ABSENT)
        return true;
    if (after->form != VALUE_LIST || after->count != 2 || after->items[0].form != VALUE_INTEGER ||
        after->items[1].form != VALUE_INTEGER)
        return error_set(&self->call->error, ERROR_INVALID, "after",
                         "the `next` of the page before");
    self->time_ms = (uint64_t)after->items[0].integer;
    self->skip = (uint64_t)after->items[1].integer;
    return true;
}

bool accesses_page(const accesses_t *self, call_t *call, value_builder_t *rows, value_t *next)
{
    const placement_t nowhere = {0};
    walk_t walk = {.asked = self,
                   .call = call,
                   .rows = rows,
                   .everywhere = access_covers(call->access, ROLE_BIT(ROLE_privacy), &nowhere),
                   .time_ms = self->since_ms};

    if (!take_cursor(&walk, self->after))
        return false;
    call_note(call, NULL);
    walk.scratch = arena_new();
    reads_each(call->txn, walk.time_ms, UINT64_MAX, handle, &walk);
    arena_destroy(&walk.scratch);
    bool more =
        walk.examined >= EXAMINED_MAX || walk.told == ROWS_MAX || walk.subjects >= SUBJECTS_MAX;
    if (more) {
        value_t *cursor = arena_alloc(call->arena, 2 * sizeof *cursor);
        cursor[0] = value_integer((int64_t)walk.time_ms);
        cursor[1] = value_integer((int64_t)walk.passed);
        *next = value_list(cursor, 2);
    } else {
        *next = value_absent;
    }
    return true;
}
