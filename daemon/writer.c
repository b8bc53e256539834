#include "writer.h"

#include "erasure.h"
#include "log.h"
#include "mailbox.h"
#include "reads.h"
#include "requests.h"

#include <czmq.h>
#include <errno.h>
#include <string.h>

#define REQUESTS_PRUNED_A_BATCH 16u
/* What goes through the mailbox when there is nothing more to come. */
static char stop_sign;
#define STOP ((void *)&stop_sign)

#define FUTURE_MS (60 * 60 * 1000ull) /* a request id may be this far ahead of our clock */

/* -- one request ------------------------------------------------------------------- */

/* True when this request was answered from an earlier application of it, or refused
   for its id. */
static bool is_repeat(job_t *job, call_t *call, const unsigned char hash[32], uint64_t *revision)
{
    unsigned char applied[32];
    uint64_t time_ms = request_id_time(job->id);

    if (requests_find(call->txn, job->user, job->id, revision, applied)) {
        const journal_entry_t *entry = journal_get(call->txn, *revision, job->arena);
        if (memcmp(applied, hash, 32) != 0)
            error_set(&call->error, ERROR_INVALID, "id", "an id that no other request has");
        else if (entry != NULL)
            call->result = dispatch_answer(job->command)(call, entry);
        return true;
    }
    if (time_ms + REQUESTS_KEPT_MS < call->expiry_ms)
        return !error_set(&call->error, ERROR_EXPIRED, "id", NULL);
    /* What was done after the backup that we were restored from is not in the record. */
    if (time_ms < store_began(call->environment->store))
        return !error_set(&call->error, ERROR_UNKNOWN_OUTCOME, "id", NULL);
    if (time_ms > call->now_ms + FUTURE_MS)
        return !error_set(&call->error, ERROR_INVALID, "id", "an id with the daemon's time");
    return false;
}

/* The draft's records are this request's own, and this is the moment they become true. */
static void stamp(const batch_t *batch, uint64_t revision)
{
    for (size_t i = 0; i < batch->n_operations; i++)
        if (batch->operations[i].after != NULL)
            ((record_t *)batch->operations[i].after)->revision = revision;
}

/* What was applied, in the form that answers are made from. */
static journal_entry_t entry_of(const batch_t *batch, uint64_t revision, arena_t *arena)
{
    journal_operation_t *operations =
        arena_alloc(arena, (batch->n_operations + 1) * sizeof *operations);

    for (size_t i = 0; i < batch->n_operations; i++) {
        const operation_t *from = &batch->operations[i];
        operations[i].id = from->after != NULL ? from->after->id : from->before->id;
        operations[i].before = from->before != NULL ? from->before->revision : 0;
        operations[i].after = from->after;
    }
    return (journal_entry_t){.revision = revision,
                             .time_ms = batch->time_ms,
                             .actor = batch->actor,
                             .operations = operations,
                             .n_operations = batch->n_operations};
}

/* The draft's operations, if any; false when they cannot be applied. */
static bool take_operations(call_t *call, batch_t *batch)
{
    batch->operations = draft_finish(call->draft, &batch->n_operations, &call->error);
    return batch->operations != NULL ||
           (store_failed(call->txn) == 0 && call->error.code == ERROR_NONE);
}

/* The new revision and the change, or 0 when the transaction has failed. */
static uint64_t apply_batch(const call_t *call, const batch_t *batch, change_t *change)
{
    uint64_t revision = store_apply(call->txn, batch);

    if (revision != 0)
        *change = (change_t){revision,  store_last_time(call->txn), batch->actor,
                             batch->as, batch->operations,          batch->n_operations};
    return revision;
}

/* Apply the draft; the change when there is one. */
static void apply_draft(job_t *job, call_t *call, const unsigned char hash[32], change_t *change)
{
    batch_t batch = {.time_ms = call->now_ms, .actor = job->user, .as = job->as};
    uint64_t revision = 0;

    if (!take_operations(call, &batch))
        return;
    batch.request_id = job->id;
    memcpy(batch.arguments_hash, hash, 32);
    if (batch.n_operations > 0 && !call_flag(call, "dry_run")) {
        revision = apply_batch(call, &batch, change);
        if (revision == 0)
            return;
    }
    stamp(&batch, revision);
    journal_entry_t entry = entry_of(&batch, revision, job->arena);
    call->result = dispatch_answer(job->command)(call, &entry);
}

static bool has_room(const environment_t *environment, bool reserve, error_t *error)
{
    store_room_t room = store_room(environment->store);

    return room == STORE_ROOM || (room == STORE_RESERVE && reserve) ||
           error_set(error, ERROR_STORAGE_FULL, NULL, NULL);
}

static void open_draft(call_t *call, const access_t *access)
{
    call->draft = draft_new(call->txn, access, call->now_ms, call->arena);
    draft_set_config(call->draft, call->environment->config);
}

/* Run the command; true when what it did is to be kept. */
static bool serve_write(job_t *job, call_t *call, uint64_t *revision, change_t *change)
{
    unsigned char hash[32];

    if (!call->access->valid && !call->access->invitation)
        return error_set(&call->error, ERROR_REVOKED, NULL, NULL);
    job_hash(job, hash);
    if (is_repeat(job, call, hash, revision))
        return false;
    if (!has_room(call->environment, job->command->reserve, &call->error))
        return false;
    open_draft(call, call->access);
    if (!dispatch_run(call))
        return false;
    apply_draft(job, call, hash, change);
    return change->n_operations > 0;
}

/* What the daemon does by itself goes through the same door, and waits for room and for
   the end of maintenance as ordinary writes do. */
static bool serve_chore(const job_t *job, call_t *call, const environment_t *environment,
                        store_txn_t *txn, change_t *change)
{
    memset(call, 0, sizeof *call);
    call->environment = environment;
    call->txn = txn;
    call->arena = job->arena;
    call->now_ms = clock_utc_ms(environment->clock);
    open_draft(call, &access_daemon);
    batch_t batch = {.time_ms = call->now_ms, .actor = ""};
    if (!has_room(environment, false, &call->error) ||
        !draft_is_open(call->draft, ROLES_NONE, &call->error) ||
        !job->chore(call->draft, job->what, &call->error) || !take_operations(call, &batch))
        return false;
    uint64_t revision = batch.n_operations > 0 ? apply_batch(call, &batch, change) : 0;
    stamp(&batch, revision);
    return revision != 0;
}

static store_txn_t *nest(store_txn_t *txn)
{
    store_txn_t *nested = store_nest(txn);

    if (nested == NULL)
        log_fatal("the record cannot be written: %s", store_reason(errno));
    return nested;
}

void writer_serve(job_t *job, const environment_t *environment, store_txn_t *txn,
                  access_cache_t *cache, change_t *change)
{
    store_txn_t *nested = nest(txn);
    uint64_t revision = 0;
    bool keep = false;
    call_t call;

    memset(change, 0, sizeof *change);
    if (job->chore != NULL)
        keep = serve_chore(job, &call, environment, nested, change);
    else if (job_begin(job, &call, environment, nested, cache))
        keep = serve_write(job, &call, &revision, change);

    int failed = store_failed(nested);
    if (failed != 0 && !store_is_full(failed))
        log_fatal("the store failed: %s", store_reason(failed));
    if (failed == 0 && revision == 0)
        revision = change->n_operations > 0 ? change->revision : store_head(nested);
    if (failed == 0 && keep)
        failed = store_commit(&nested);
    else
        store_abort(&nested);
    if (failed != 0) {
        log_warning("a write found no room: %s", store_reason(failed));
        memset(change, 0, sizeof *change);
        memset(&call.error, 0, sizeof call.error);
        error_set(&call.error, ERROR_STORAGE_FULL, NULL, NULL);
    }
    if (job->chore != NULL)
        job->refused = call.error.code;
    else
        job_finish(job, &call, revision);
}

/* -- lanes ---------------------------------------------------------------------------- */

typedef struct lane lane_t;
struct lane {
    unsigned char public_key[32];
    job_t *first, *last;
    lane_t *next;
};

struct writer {
    zactor_t *actor;
};

typedef struct {
    const environment_t *environment;
    access_cache_t *cache;
    zhashx_t *by_key;     /* lanes that hold jobs */
    lane_t *first, *last; /* the same, in their turn */
    size_t waiting;
    store_room_t room; /* as it was last told in the log */
    bool large_turn;   /* a large request has waited for a batch of small ones */
} desk_t;

static size_t hash_key(const void *key)
{
    size_t hash;

    memcpy(&hash, key, sizeof hash);
    return hash;
}

static int compare_keys(const void *a, const void *b)
{
    return memcmp(a, b, 32);
}

static void append_lane(desk_t *self, lane_t *lane)
{
    lane->next = NULL;
    if (self->last != NULL)
        self->last->next = lane;
    else
        self->first = lane;
    self->last = lane;
}

static void queue_job(desk_t *self, job_t *job)
{
    lane_t *lane = zhashx_lookup(self->by_key, job->public_key);

    job->next = NULL;
    self->waiting++;
    if (lane != NULL) {
        lane->last->next = job;
        lane->last = job;
        return;
    }
    lane = calloc(1, sizeof *lane);
    if (lane == NULL)
        log_fatal("no memory left");
    memcpy(lane->public_key, job->public_key, 32);
    lane->first = lane->last = job;
    zhashx_insert(self->by_key, lane->public_key, lane);
    append_lane(self, lane);
}

/* The next job of that sort, from the next lane in turn that has one. */
static job_t *next_job(desk_t *self, bool large)
{
    lane_t *before = NULL, *lane = self->first;

    while (lane != NULL && (lane->first->size > WRITER_LARGE_BYTES) != large) {
        before = lane;
        lane = lane->next;
    }
    if (lane == NULL)
        return NULL;
    job_t *job = lane->first;
    lane->first = job->next;
    job->next = NULL;
    self->waiting--;
    if (before != NULL)
        before->next = lane->next;
    else
        self->first = lane->next;
    if (self->last == lane)
        self->last = before;
    if (lane->first != NULL) {
        append_lane(self, lane);
    } else {
        zhashx_delete(self->by_key, lane->public_key);
        free(lane);
    }
    return job;
}

/* -- a batch ------------------------------------------------------------------------------ */

/* Who saw whose data is on disk before the answer leaves; where it cannot be, it does
   not leave. */
static void note_read(job_t *job, const environment_t *environment, store_txn_t *txn)
{
    read_t read = {.time_ms = clock_utc_ms(environment->clock),
                   .user = job->user,
                   .as = job->as,
                   .command = job->command->name,
                   .purpose = job->purpose,
                   .subjects = job->subjects};
    store_txn_t *nested = nest(txn);

    reads_append(nested, &read);
    if (store_room(environment->store) != STORE_FULL && store_commit(&nested) == 0)
        return;
    store_abort(&nested);
    job_refuse(job, ERROR_STORAGE_FULL);
}

/* Forgetting old requests can wait for room; it harms nothing else when there is none. */
static void prune(store_txn_t *txn, const environment_t *environment)
{
    store_txn_t *nested = nest(txn);

    requests_prune(nested, clock_expiry_ms(environment->step, environment->clock),
                   REQUESTS_PRUNED_A_BATCH);
    store_commit(&nested);
}

/* Small requests share a batch. A large one has its own, in turn with theirs: who waits
   for one answer waits for one request of an import at most, and imports get on. */
static job_t *first_job(desk_t *self)
{
    job_t *job = next_job(self, self->large_turn);

    if (job == NULL)
        job = next_job(self, !self->large_turn);
    self->large_turn = job != NULL && job->size <= WRITER_LARGE_BYTES;
    return job;
}

/* An operator hears of it when room runs out, and when there is room again. */
static void tell_room(desk_t *self)
{
    static const char *const said[] = {
        [STORE_ROOM] = "there is room again",
        [STORE_RESERVE] = "the disk or the map is nearly full: only deleting and revoking go on",
        [STORE_FULL] = "the disk or the map is full: no writing goes on",
    };
    store_room_t room = store_room(self->environment->store);

    if (room != self->room)
        log_warning("%s", said[room]);
    self->room = room;
}

static commit_t *write_batch(desk_t *self)
{
    arena_t *arena = arena_new();
    commit_t *commit = arena_alloc(arena, sizeof *commit);
    change_t *changes = arena_alloc(arena, WRITER_BATCH_REQUESTS * sizeof *changes);
    store_txn_t *txn = store_write(self->environment->store);
    size_t bytes = 0;
    job_t **end = &commit->jobs;
    unsigned count = 0;

    if (txn == NULL)
        log_fatal("the record cannot be written: %s", store_reason(errno));

    tell_room(self);
    commit->arena = arena;
    commit->changes = changes;
    for (job_t *job = first_job(self); job != NULL;) {
        bool large = job->size > WRITER_LARGE_BYTES;
        bytes += job->size;
        count++;
        if (job->reply != NULL) {
            note_read(job, self->environment, txn);
        } else {
            change_t *change = &changes[commit->n_changes];
            writer_serve(job, self->environment, txn, self->cache, change);
            if (change->n_operations > 0)
                commit->n_changes++;
        }
        *end = job;
        end = &job->next;
        bool full = count == WRITER_BATCH_REQUESTS || bytes >= WRITER_BATCH_BYTES;
        job = large || full ? NULL : next_job(self, false);
    }
    prune(txn, self->environment);
    commit->head = store_head(txn);

    /* Nothing is answered or shown before it is on disk. When that fails, what became
       of it is unknown: say nothing and let the supervisor start us anew. */
    int failed = store_commit(&txn);
    if (failed != 0)
        log_fatal("the record cannot be synced: %s", store_reason(failed));
    for (size_t i = 0; i < commit->n_changes && failed == 0; i++)
        failed = erasure_finish(self->environment, &changes[i]);
    if (failed != 0)
        log_fatal("the key of an erased person cannot be forgotten: %s", store_reason(failed));
    return commit;
}

static void writer_main(zsock_t *pipe, void *context)
{
    desk_t desk = {.environment = context};
    void *socket = zsock_resolve(pipe);

    desk.cache = access_cache_new();
    desk.by_key = zhashx_new();
    zhashx_set_key_hasher(desk.by_key, hash_key);
    zhashx_set_key_comparator(desk.by_key, compare_keys);
    zhashx_set_key_duplicator(desk.by_key, NULL);
    zhashx_set_key_destructor(desk.by_key, NULL);
    zsock_signal(pipe, 0);

    /* A NULL asks us to stop, after what came before it. */
    bool stopping = false;
    while (!stopping || desk.waiting > 0) {
        bool wait = desk.waiting == 0;
        job_t *job;
        while (!stopping && (job = mailbox_receive(socket, wait)) != STOP) {
            if (job == NULL)
                break;
            queue_job(&desk, job);
            wait = false;
        }
        stopping = stopping || job == STOP;
        if (desk.waiting > 0)
            mailbox_send(socket, write_batch(&desk));
    }
    mailbox_send(socket, STOP);
    zhashx_destroy(&desk.by_key);
    access_cache_destroy(&desk.cache);
}

/* -- the front's side ----------------------------------------------------------------------- */

writer_t *writer_new(const environment_t *environment)
{
    writer_t *self = calloc(1, sizeof *self);

    if (self == NULL)
        log_fatal("no memory left");
    self->actor = zactor_new(writer_main, (void *)environment);
    if (self->actor == NULL)
        log_fatal("the writer cannot be started");
    return self;
}

void *writer_socket(writer_t *self)
{
    return zsock_resolve(self->actor);
}

void writer_give(writer_t *self, job_t *job)
{
    mailbox_send(writer_socket(self), job);
}

commit_t *writer_take(writer_t *self)
{
    return mailbox_receive(writer_socket(self), 0);
}

void commit_destroy(commit_t **self_p)
{
    if (*self_p == NULL)
        return;
    for (job_t *job = (*self_p)->jobs, *next; job != NULL; job = next) {
        next = job->next;
        job_destroy(&job);
    }
    arena_t *arena = (*self_p)->arena;
    arena_destroy(&arena);
    *self_p = NULL;
}

void writer_destroy(writer_t **self_p, void (*take)(commit_t *commit, void *context), void *context)
{
    writer_t *self = *self_p;
    void *last;

    if (self == NULL)
        return;
    mailbox_send(writer_socket(self), STOP);
    while ((last = mailbox_receive(writer_socket(self), 1)) != STOP && last != NULL)
        take(last, context);
    zactor_destroy(&self->actor);
    free(self);
    *self_p = NULL;
}
