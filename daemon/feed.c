#include "feed.h"

#include "log.h"
#include "records.h"

#include <string.h>

#define SLICE_BYTES (64u * 1024u) /* of a frame, and of journal read for one watch at a time */
#define SLICE_REVISIONS 512u

/* Send what is pending; false when the peer is gone and its session closed. */
static bool flush(feed_t *self, session_t **session_p, watch_t *watch)
{
    size_t size;
    const void *frame = watch_frame(watch, store_epoch(self->environment->store), &size);

    if (frame == NULL || sessions_send(self->sessions, *session_p, frame, size))
        return true;
    sessions_close(self->sessions, session_p);
    return false;
}

static bool send_bookmark(feed_t *self, session_t **session_p, watch_t *watch)
{
    size_t size;
    void *frame = watch_bookmark(watch, store_epoch(self->environment->store), self->arena, &size);

    if (sessions_send(self->sessions, *session_p, frame, size))
        return true;
    sessions_close(self->sessions, session_p);
    return false;
}

/* -- rights ------------------------------------------------------------------------- */

void feed_end(feed_t *self, session_t *session, error_code_t code)
{
    for (unsigned i = 0; i < session->n_watches; i++) {
        frame_t frame = {.type = FRAME_END,
                         .watch = watch_number(session->watches[i]),
                         .epoch = store_epoch(self->environment->store),
                         .revision = self->head,
                         .code = error_name(code)};
        void *data;
        size_t size;
        frame_write(&frame, self->arena, &data, &size);
        sessions_send(self->sessions, session, data, size);
        watch_destroy(&session->watches[i]);
    }
    session->n_watches = 0;
}

/* Hold a session's rights against those of now. */
static void check_rights(feed_t *self, session_t *session, store_txn_t *txn)
{
    uint64_t now_ms = clock_expiry_ms(self->environment->step, self->environment->clock);
    const access_t *access = access_cached(self->cache, txn, session->public_key, now_ms);

    if (session->access != NULL && access_equal(session->access, access))
        return;
    arena_reset(session->access_arena);
    session->access = access_of_key(txn, session->public_key, now_ms, session->access_arena);
    if (access->valid || access->invitation) {
        feed_end(self, session, ERROR_RIGHTS_CHANGED);
        return;
    }
    feed_end(self, session, ERROR_REVOKED);
    sessions_close(self->sessions, &session);
}

void feed_check_rights(feed_t *self)
{
    store_txn_t *txn = store_read(self->environment->store);

    if (txn == NULL)
        log_fatal("the record cannot be read");
    for (session_t *session = sessions_first(self->sessions), *next; session != NULL;
         session = next) {
        next = session->next;
        check_rights(self, session, txn);
    }
    store_abort(&txn);
    arena_reset(self->arena);
}

/* The user whose rights a record is part of, or NULL. */
static const char *rights_user(const record_t *record)
{
    if (record == NULL)
        return NULL;
    const char *kind = record->id.kind->name;
    if (strcmp(kind, "user") == 0)
        return record->id.text;
    if (strcmp(kind, "grant") == 0 || strcmp(kind, "key") == 0)
        return record_get_text(record, "user");
    return NULL;
}

static void check_user(feed_t *self, const char *user, store_txn_t *txn)
{
    for (session_t *session = sessions_first(self->sessions), *next; session != NULL;
         session = next) {
        next = session->next;
        if (session->access != NULL && strcmp(session->access->user.text, user) == 0)
            check_rights(self, session, txn);
    }
}

static void check_touched_rights(feed_t *self, const change_t *change, store_txn_t *txn)
{
    for (size_t i = 0; i < change->n_operations; i++) {
        const char *before = rights_user(change->operations[i].before);
        const char *after = rights_user(change->operations[i].after);
        if (before != NULL)
            check_user(self, before, txn);
        if (after != NULL && (before == NULL || strcmp(before, after) != 0))
            check_user(self, after, txn);
    }
}

/* -- live ----------------------------------------------------------------------------- */

/* Feed one session the changes; false when it was closed. */
static bool feed_session(feed_t *self, session_t **session_p, sight_t *const *sights,
                         const commit_t *commit)
{
    uint64_t first = commit->changes[0].revision;

    for (unsigned i = 0; i < (*session_p)->n_watches; i++) {
        watch_t *watch = (*session_p)->watches[i];
        if (watch_scanned(watch) + 1 != first || (*session_p)->credit <= 0)
            continue;
        for (size_t j = 0; j < commit->n_changes; j++) {
            watch_look(watch, sights[j], (*session_p)->access);
            if (watch_pending(watch) >= SLICE_BYTES && !flush(self, session_p, watch))
                return false;
        }
        if (!flush(self, session_p, watch))
            return false;
    }
    return true;
}

void feed_commit(feed_t *self, const commit_t *commit)
{
    if (commit->n_changes == 0)
        return;
    store_txn_t *txn = store_read(self->environment->store);
    if (txn == NULL)
        log_fatal("the record cannot be read");
    sight_t **sights = arena_alloc(self->arena, commit->n_changes * sizeof *sights);
    self->head = commit->head;
    for (size_t i = 0; i < commit->n_changes; i++) {
        check_touched_rights(self, &commit->changes[i], txn);
        sights[i] = sight_new(&commit->changes[i], txn, self->arena);
    }
    for (session_t *session = sessions_first(self->sessions), *next; session != NULL;
         session = next) {
        next = session->next;
        feed_session(self, &session, sights, commit);
    }
    store_abort(&txn);
    arena_reset(self->arena);
}

/* -- lagging ------------------------------------------------------------------------------ */

/* A journal entry as it came from the writer. */
static const change_t *change_at(feed_t *self, store_txn_t *txn, uint64_t revision)
{
    const journal_entry_t *entry = journal_get(txn, revision, self->arena);

    if (entry == NULL)
        log_fatal("revision %llu cannot be read: %s", (unsigned long long)revision,
                  store_reason(store_failed(txn)));
    operation_t *operations =
        arena_alloc(self->arena, (entry->n_operations + 1) * sizeof *operations);
    for (size_t i = 0; i < entry->n_operations; i++) {
        const journal_operation_t *from = &entry->operations[i];
        operations[i].after = from->after;
        if (from->before != 0)
            operations[i].before = journal_state(txn, from->before, &from->id, self->arena);
    }
    change_t *change = arena_alloc(self->arena, sizeof *change);
    *change = (change_t){entry->revision, entry->time_ms, entry->actor,
                         entry->as,       operations,     entry->n_operations};
    return change;
}

/* One slice of the journal for one watch; false when its session was closed. */
static bool catch_up(feed_t *self, session_t **session_p, watch_t *watch, store_txn_t *txn)
{
    unsigned looked = 0;

    while (watch_scanned(watch) < self->head && looked++ < SLICE_REVISIONS &&
           watch_pending(watch) < SLICE_BYTES) {
        const change_t *change = change_at(self, txn, watch_scanned(watch) + 1);
        watch_look(watch, sight_new(change, txn, self->arena), (*session_p)->access);
        if (arena_used(self->arena) > 16u * SLICE_BYTES)
            break;
    }
    if (!flush(self, session_p, watch))
        return false;
    /* Caught up: say so at once, a mirror waits for it. */
    if (watch_scanned(watch) == self->head && watch_told(watch) < self->head)
        return send_bookmark(self, session_p, watch);
    return true;
}

bool feed_catch_up(feed_t *self)
{
    store_txn_t *txn = NULL;
    bool more = false;

    for (session_t *session = sessions_first(self->sessions), *next; session != NULL;
         session = next) {
        next = session->next;
        for (unsigned i = 0; session != NULL && i < session->n_watches; i++) {
            watch_t *watch = session->watches[i];
            if (watch_scanned(watch) >= self->head || session->credit <= 0)
                continue;
            if (txn == NULL && (txn = store_read(self->environment->store)) == NULL)
                log_fatal("the record cannot be read");
            if (catch_up(self, &session, watch, txn))
                more = more || watch_scanned(watch) < self->head;
            arena_reset(self->arena);
        }
    }
    if (txn != NULL)
        store_abort(&txn);
    return more;
}

void feed_bookmarks(feed_t *self, bool all)
{
    for (session_t *session = sessions_first(self->sessions), *next; session != NULL;
         session = next) {
        next = session->next;
        for (unsigned i = 0; session != NULL && i < session->n_watches; i++) {
            watch_t *watch = session->watches[i];
            bool due = watch_scanned(watch) > watch_told(watch);
            if ((due || all) && session->credit > 0)
                send_bookmark(self, &session, watch);
        }
    }
    arena_reset(self->arena);
}
