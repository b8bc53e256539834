#include "feed.h"

#include "log.h"
#include "records.h"

#include <stdlib.h>
#include <string.h>

#define SLICE_BYTES (64u * 1024u) /* of a frame, and of journal read for one watch at a time */
#define TURN_MS 5u
#define BOOKMARKS_A_TIME 256u
#define ARENA_MOST (4u * 1024 * 1024)

static void empty_arena(feed_t *self)
{
    pushes_clear(&self->pushes);
    arena_reset(self->arena);
}

/* Send what is pending; false when the peer is gone and its session closed. */
static bool flush(feed_t *self, session_t **session_p, watch_t *watch)
{
    zmq_msg_t frame;

    if (!watch_frame(watch, store_epoch(self->environment->store), &self->pushes, self->arena,
                     &frame) ||
        sessions_send_message(self->sessions, *session_p, &frame))
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

/* End one watch, saying why. */
static void end_watch(feed_t *self, session_t *session, unsigned which, error_code_t code)
{
    frame_t frame = {.type = FRAME_END,
                     .watch = watch_number(session->watches[which]),
                     .epoch = store_epoch(self->environment->store),
                     .revision = self->head,
                     .code = error_name(code)};
    void *data;
    size_t size;

    frame_write(&frame, self->arena, &data, &size);
    sessions_send(self->sessions, session, data, size);
    watch_destroy(&session->watches[which]);
    session->watches[which] = session->watches[--session->n_watches];
}

void feed_end(feed_t *self, session_t *session, error_code_t code)
{
    while (session->n_watches > 0)
        end_watch(self, session, session->n_watches - 1, code);
}

/* A service's watches end when the rights of someone it watches for change. */
static void check_readers(feed_t *self, session_t *session, store_txn_t *txn)
{
    uint64_t now_ms = clock_expiry_ms(self->environment->step, self->environment->clock);

    for (unsigned i = session->n_watches; i-- > 0;)
        if (watch_rights_changed(session->watches[i], session->access, txn, now_ms, self->arena))
            end_watch(self, session, i, ERROR_RIGHTS_CHANGED);
}

/* Hold a session's rights, and of those it watches for, against those of now. */
static void check_rights(feed_t *self, session_t *session, store_txn_t *txn)
{
    uint64_t now_ms = clock_expiry_ms(self->environment->step, self->environment->clock);
    const access_t *access = access_cached(self->cache, txn, session->public_key, now_ms);

    if (session->access != NULL && access_equal(session->access, access)) {
        check_readers(self, session, txn);
        return;
    }
    arena_reset(session->access_arena);
    session->access = access_of_key(txn, session->public_key, now_ms, session->access_arena);
    if (access->valid || access->invitation) {
        feed_end(self, session, ERROR_RIGHTS_CHANGED);
        return;
    }
    feed_end(self, session, ERROR_REVOKED);
    sessions_close(self->sessions, &session);
}

static bool concerns(const session_t *session, const char *user)
{
    bool reads = session->access != NULL && strcmp(session->access->user.text, user) == 0;

    for (unsigned i = 0; !reads && i < session->n_watches; i++)
        reads = watch_reads_for(session->watches[i], user);
    return reads;
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
    empty_arena(self);
}

static void check_user(feed_t *self, const char *user, store_txn_t *txn)
{
    for (session_t *session = sessions_first(self->sessions), *next; session != NULL;
         session = next) {
        next = session->next;
        if (concerns(session, user))
            check_rights(self, session, txn);
    }
}

static void check_touched_rights(feed_t *self, const change_t *change, store_txn_t *txn)
{
    for (size_t i = 0; i < change->n_operations; i++) {
        const char *before = access_user_of(change->operations[i].before);
        const char *after = access_user_of(change->operations[i].after);
        if (before != NULL)
            check_user(self, before, txn);
        if (after != NULL && (before == NULL || strcmp(before, after) != 0))
            check_user(self, after, txn);
    }
}

/* -- live ----------------------------------------------------------------------------- */

/* The changes of a commit in front of sessions. */
typedef struct {
    const commit_t *commit;
    sight_t **sights;
    uint64_t kinds, municipalities; /* sight_bit of all; 0 before there was a watch */
} news_t;

static void prepare_news(news_t *self)
{
    for (size_t i = 0; i < self->commit->n_changes; i++) {
        sight_prepare(self->sights[i]);
        self->kinds |= self->sights[i]->kinds;
        self->municipalities |= self->sights[i]->municipalities;
    }
}

/* The changes, looked at by each watch of a session. */
static void look_closely(feed_t *self, session_t *session, const news_t *news)
{
    const commit_t *commit = news->commit;
    uint64_t first = commit->changes[0].revision;

    session_settle(session);
    for (unsigned i = 0; i < session->n_watches; i++) {
        watch_t *watch = session->watches[i];
        if (watch_scanned(watch) + 1 != first || session->credit <= 0) {
            session->lagging = true;
            continue;
        }
        for (size_t j = 0; j < commit->n_changes; j++) {
            if (!watch_look(watch, news->sights[j], session->access)) {
                feed_end(self, session, ERROR_COMPACTED);
                return;
            }
            if (watch_pending(watch) >= SLICE_BYTES && !flush(self, &session, watch))
                return;
        }
        if (!flush(self, &session, watch))
            return;
    }
}

/* A thousand sessions that a change is nothing to cost next to nothing: none of their
   watches is touched. */
static void feed_session(feed_t *self, session_t *session, news_t *news)
{
    if (session->n_watches == 0)
        return;
    if (news->kinds == 0)
        prepare_news(news);
    bool concerned =
        (session->kinds & news->kinds) && (session->municipalities & news->municipalities);
    if (session->lagging || concerned)
        look_closely(self, session, news);
    else
        session->passed = news->commit->head;
}

void feed_commit(feed_t *self, const commit_t *commit)
{
    if (commit->n_changes == 0)
        return;
    store_txn_t *txn = store_read(self->environment->store);
    if (txn == NULL)
        log_fatal("the record cannot be read");
    news_t news = {.commit = commit,
                   .sights = arena_alloc(self->arena, commit->n_changes * sizeof *news.sights)};
    self->head = commit->head;
    for (size_t i = 0; i < commit->n_changes; i++) {
        check_touched_rights(self, &commit->changes[i], txn);
        news.sights[i] = sight_new(&commit->changes[i], txn, self->arena);
    }
    for (session_t *session = sessions_first(self->sessions), *next; session != NULL;
         session = next) {
        next = session->next;
        feed_session(self, session, &news);
    }
    store_abort(&txn);
    empty_arena(self);
}

/* -- lagging ------------------------------------------------------------------------------ */

/* The state that `revision` left the record in. Changes that follow each other often
   come from one entry, an import say: it is kept until another is asked for. */
static const record_t *state_after(feed_t *self, store_txn_t *txn, uint64_t revision,
                                   const record_id_t *id)
{
    if (self->past == NULL || self->past->revision != revision) {
        arena_reset(self->past_arena);
        self->past = journal_get(txn, revision, self->past_arena);
    }
    for (size_t i = 0; self->past != NULL && i < self->past->n_operations; i++)
        if (record_id_equal(&self->past->operations[i].id, id) &&
            self->past->operations[i].after != NULL)
            return record_copy(self->arena, self->past->operations[i].after);
    return NULL;
}

typedef struct {
    uint64_t revision;
    size_t which;
} earlier_t;

static int compare_earlier(const void *a, const void *b)
{
    const earlier_t *left = a;
    const earlier_t *right = b;

    return (left->revision > right->revision) - (left->revision < right->revision);
}

/* The states before, revision by revision, so that each entry is decoded once. */
static void fill_before(feed_t *self, store_txn_t *txn, const journal_operation_t *const *froms,
                        operation_t *operations, size_t count)
{
    earlier_t *order = arena_alloc(self->arena, (count + 1) * sizeof *order);

    for (size_t i = 0; i < count; i++)
        order[i] = (earlier_t){froms[i]->before, i};
    qsort(order, count, sizeof *order, compare_earlier);
    for (size_t i = 0; i < count && store_failed(txn) == 0; i++)
        if (order[i].revision != 0)
            operations[order[i].which].before =
                state_after(self, txn, order[i].revision, &froms[order[i].which]->id);
}

static size_t drop_empty(operation_t *operations, size_t count)
{
    size_t kept = 0;

    for (size_t i = 0; i < count; i++)
        if (operations[i].before != NULL || operations[i].after != NULL)
            operations[kept++] = operations[i];
    return kept;
}

/* A journal entry as it came from the writer, as far as the watch may want it. */
static const change_t *change_at(feed_t *self, store_txn_t *txn, uint64_t revision,
                                 const watch_t *watch)
{
    const journal_entry_t *entry = journal_get(txn, revision, self->arena);

    if (entry == NULL)
        return NULL;
    operation_t *operations =
        arena_alloc(self->arena, (entry->n_operations + 1) * sizeof *operations);
    size_t count = 0;
    const journal_operation_t **froms =
        arena_alloc(self->arena, (entry->n_operations + 1) * sizeof *froms);
    for (size_t i = 0; i < entry->n_operations; i++) {
        const journal_operation_t *from = &entry->operations[i];
        if (!watch_wants(watch, &from->id))
            continue;
        froms[count] = from;
        operations[count++].after = from->after;
    }
    fill_before(self, txn, froms, operations, count);
    count = drop_empty(operations, count);
    change_t *change = arena_alloc(self->arena, sizeof *change);
    *change =
        (change_t){entry->revision, entry->time_ms, entry->actor, entry->as, operations, count};
    return change;
}

/* One slice of the journal for one watch; false when its session was closed. */
static bool catch_up(feed_t *self, session_t **session_p, watch_t *watch, store_txn_t *txn,
                     uint64_t end_ms)
{
    while (watch_scanned(watch) < self->head && watch_pending(watch) < SLICE_BYTES &&
           clock_monotonic_ms(self->environment->clock) < end_ms) {
        const change_t *change = change_at(self, txn, watch_scanned(watch) + 1, watch);
        sight_t *sight = change != NULL ? sight_new(change, txn, self->arena) : NULL;
        /* What cannot be read, or told one by one, is taken as a snapshot. */
        bool looked = sight != NULL && store_failed(txn) == 0 &&
                      watch_look(watch, sight, (*session_p)->access);
        if (!looked || store_failed(txn) != 0) {
            feed_end(self, *session_p, ERROR_COMPACTED);
            return true;
        }
        if (arena_used(self->arena) > ARENA_MOST)
            break;
    }
    if (!flush(self, session_p, watch))
        return false;
    /* Caught up: say so at once, a mirror waits for it. */
    if (watch_scanned(watch) == self->head && watch_told(watch) < self->head)
        return send_bookmark(self, session_p, watch);
    return true;
}

/* Slices for the watches of one session that lag; true when there is more to do. */
static bool catch_up_session(feed_t *self, session_t *session, store_txn_t **txn_p, uint64_t end_ms)
{
    bool more = false, behind = false;

    for (unsigned i = 0; session != NULL && i < session->n_watches; i++) {
        watch_t *watch = session->watches[i];
        if (watch_scanned(watch) >= self->head || session->credit <= 0) {
            behind = behind || watch_scanned(watch) != self->head;
            continue;
        }
        if (*txn_p == NULL && (*txn_p = store_read(self->environment->store)) == NULL)
            log_fatal("the record cannot be read");
        uint64_t from = watch_scanned(watch) + 1;
        bool there = catch_up(self, &session, watch, *txn_p, end_ms);
        if (store_failed(*txn_p) != 0) {
            log_error(
                "the journal cannot be read from revision %llu on: %s; samverkd check says more",
                (unsigned long long)from, store_reason(store_failed(*txn_p)));
            store_abort(txn_p);
        }
        empty_arena(self);
        if (there && session->n_watches > i)
            more = more || watch_scanned(watch) < self->head;
    }
    if (session != NULL)
        session->lagging = more || behind;
    return more;
}

/* Everyone in turn, a few milliseconds in all: nobody waits for those who lag. The next
   turn begins with the session at which this one ended. */
bool feed_catch_up(feed_t *self)
{
    session_t *start = sessions_by_number(self->sessions, self->turn);
    uint64_t end_ms = clock_monotonic_ms(self->environment->clock) + TURN_MS;
    store_txn_t *txn = NULL;
    bool more = false;

    if (start == NULL)
        start = sessions_first(self->sessions);
    self->turn = 0;
    for (session_t *session = start, *next; session != NULL; session = next) {
        next = session->next;
        if (!session->lagging)
            continue;
        if (clock_monotonic_ms(self->environment->clock) >= end_ms) {
            self->turn = session->number;
            more = true;
            break;
        }
        more = catch_up_session(self, session, &txn, end_ms) || more;
    }
    if (txn != NULL)
        store_abort(&txn);
    return more || start != sessions_first(self->sessions);
}

/* Bookmarks for one session, with `all` whether due or not; how many. */
static unsigned mark(feed_t *self, session_t *session, bool all)
{
    unsigned count = 0;

    session_settle(session);
    for (unsigned i = 0; session != NULL && i < session->n_watches; i++) {
        watch_t *watch = session->watches[i];
        bool due = watch_scanned(watch) > watch_told(watch);
        /* Without credit too, now and then: it is how a peer that left is noticed. */
        if (all || (due && session->credit > 0)) {
            send_bookmark(self, &session, watch);
            count++;
        }
    }
    return count;
}

void feed_bookmarks(feed_t *self, bool all)
{
    session_t *session = sessions_by_number(self->sessions, self->marked);
    unsigned count = 0;

    if (session == NULL)
        session = sessions_first(self->sessions);
    if (all && self->probes == 0)
        self->probes = sessions_count(self->sessions);
    while (session != NULL && count < BOOKMARKS_A_TIME) {
        session_t *next = session->next;
        count += mark(self, session, self->probes > 0);
        self->probes -= self->probes > 0;
        session = next;
    }
    self->marked = session != NULL ? session->number : 0;
    empty_arena(self);
}
