#include "timers.h"

#include "log.h"

#include <errno.h>
#include <string.h>

#define CHORES_AT_ONCE 64u
#define REST_MS 60000u

/* As it stands when the writer comes to it: what is no longer due is left alone. */
static bool is_due(const record_t *record, const due_entry_t *entry)
{
    const field_t *flag = entry->row->flag;
    char day[DAY_TEXT_SIZE];

    return record != NULL && (flag == NULL || !record_get_boolean(record, flag->name)) &&
           due_day(record, entry->row, day) && strcmp(day, entry->day) == 0;
}

static bool fire(draft_t *draft, const void *what, error_t *error)
{
    const due_entry_t *entry = what;
    const record_t *record = draft_get(draft, &entry->id);

    if (!is_due(record, entry))
        return true;
    if (entry->row->flag == NULL)
        return draft_move(draft, entry->id.text, entry->row->does, &value_absent,
                          DRAFT_ANY_REVISION, error) != NULL;
    record_set(draft_edit_record(draft, record), entry->row->does, value_boolean(true));
    return true;
}

static job_t *make_chore(const due_entry_t *entry)
{
    arena_t *arena = arena_new();
    const void *what = arena_copy(arena, entry, sizeof *entry);

    return job_chore(fire, what, &arena);
}

/* A look that begins with the first entry: false when the last such one came to nothing. */
static bool begin(timers_t *self, uint64_t now_ms)
{
    bool stuck = self->tried && !self->done;

    self->tried = self->done = false;
    if (stuck)
        self->rest_until_ms = now_ms + REST_MS;
    return !stuck;
}

job_t *timers_look(timers_t *self, const environment_t *environment)
{
    uint64_t now_ms = clock_monotonic_ms(environment->clock);
    char today[DAY_TEXT_SIZE];
    job_t *first = NULL, **end = &first;

    if (self->under_way > 0 || now_ms < self->rest_until_ms ||
        (*self->at.day == '\0' && !begin(self, now_ms)))
        return NULL;
    clock_day(clock_expiry_ms(environment->step, environment->clock), today);
    store_txn_t *txn = store_read(environment->store);
    if (txn == NULL)
        log_fatal("the record cannot be read");
    while (self->under_way < CHORES_AT_ONCE && due_next(txn, &self->at) &&
           strcmp(self->at.day, today) <= 0) {
        *end = make_chore(&self->at);
        end = &(*end)->next;
        self->under_way++;
    }
    if (store_failed(txn) != 0)
        log_error("what is due cannot be read: %s; samverkd check says more",
                  store_reason(store_failed(txn)));
    store_abort(&txn);
    self->tried = self->tried || first != NULL;
    if (self->under_way < CHORES_AT_ONCE)
        *self->at.day = '\0';
    return first;
}

bool timers_settle(timers_t *self, const job_t *job)
{
    const due_entry_t *entry = job->what;

    if (job->chore != fire)
        return false;
    self->under_way--;
    if (job->refused == ERROR_NONE)
        self->done = true;
    else if (job->refused != ERROR_MAINTENANCE && job->refused != ERROR_STORAGE_FULL)
        log_warning("%s: %s is due, and cannot be done: %s", entry->id.text, entry->row->does,
                    error_sentence(job->refused));
    return self->under_way == 0 && *self->at.day != '\0';
}
