#include "front.h"

#include "dates.h"
#include "deriver.h"
#include "feed.h"
#include "log.h"
#include "maintenance.h"
#include "pairer.h"
#include "readers.h"
#include "session_commands.h"
#include "timers.h"
#include "writer.h"

#include <czmq.h>
#include <errno.h>
#include <malloc.h>
#include <string.h>
#include <systemd/sd-daemon.h>

#define MESSAGES_A_TURN 256u
#define TICK_MS 1000u
#define PROBE_TICKS 20u /* between bookmarks that find out who is gone */
#define MINUTE_TICKS 60u
#define STOP_MS 5000u     /* for readers to finish when we are told to stop */
#define REPLY_GUESS 16384 /* bytes of credit that a request under way may be in need of */

struct front {
    const environment_t *environment;
    void *router;
    sessions_t *sessions;
    readers_t *readers;
    writer_t *writer;
    deriver_t *deriver;
    pairer_t *pairer;
    feed_t feed;
    timers_t timers;
    bool more_due;      /* not only a second from now */
    unsigned reading;   /* jobs that the readers have */
    uint64_t next_tick; /* monotonic */
    uint64_t ticks;
    bool dropped;        /* messages of many parts, since the last tick */
    uint64_t day_end_ms; /* UTC */
};

static uint64_t monotonic(const front_t *self)
{
    return clock_monotonic_ms(self->environment->clock);
}

/* -- answering -------------------------------------------------------------------------- */

static void send_error(front_t *self, const void *route, size_t size, const unsigned char *id,
                       const error_t *error)
{
    arena_t *arena = arena_new();
    frame_t frame = {.type = FRAME_ERROR, .id = id, .revision = self->feed.head};
    session_t *session = sessions_find(self->sessions, route, size);
    void *data;
    size_t data_size;

    frame.body = error_to_value(error, arena);
    frame_write(&frame, arena, &data, &data_size);
    if (session == NULL)
        sessions_send_to(self->sessions, route, size, data, data_size);
    else if (session->credit < SESSION_OVERDRAWN ||
             !sessions_send(self->sessions, session, data, data_size))
        sessions_close(self->sessions, &session); /* who reads nothing is told nothing */
    arena_destroy(&arena);
}

static void start_waiting(front_t *self, session_t *session);

/* A job that is served: its reply goes out, and what waited for its credit may start. */
static void finish_job(front_t *self, job_t *job)
{
    session_t *session = sessions_by_number(self->sessions, job->session);

    if (session == NULL)
        return;
    session->open--;
    session->under_way--;
    session->open_bytes -= job->size;
    if (sessions_send(self->sessions, session, job->reply, job->reply_size))
        start_waiting(self, session);
    else
        sessions_close(self->sessions, &session);
}

static void serve_in_front(front_t *self, session_t *session, job_t *job)
{
    store_txn_t *txn = store_read(self->environment->store);
    call_t call;

    if (txn == NULL)
        log_fatal("the record cannot be read");
    if (job_begin(job, &call, self->environment, txn, self->feed.cache)) {
        if (!(call.access->roles & job->command->roles))
            error_set(&call.error, ERROR_NOT_ALLOWED, NULL, NULL);
        else
            session_command(&call, session, self->feed.head);
    }
    job_finish(job, &call, self->feed.head);
    store_abort(&txn);
    finish_job(self, job);
    job_destroy(&job);
}

static void start_job(front_t *self, session_t *session, job_t *job)
{
    session->under_way++;
    switch (job->command->mode) {
    case COMMAND_SESSION:
        serve_in_front(self, session, job);
        break;
    case COMMAND_READ:
        self->reading++;
        readers_give(self->readers, job);
        break;
    case COMMAND_WRITE:
        writer_give(self->writer, job);
        break;
    }
}

/* A request is served when its answer may be sent. */
static bool may_start(const session_t *session)
{
    return session->credit > (int64_t)session->under_way * REPLY_GUESS;
}

static void start_waiting(front_t *self, session_t *session)
{
    uint64_t number = session->number;

    while (session != NULL && session->waiting != NULL && may_start(session)) {
        job_t *job = session->waiting;
        session->waiting = job->next;
        if (session->waiting == NULL)
            session->last_waiting = NULL;
        job->next = NULL;
        start_job(self, session, job);
        session = sessions_by_number(self->sessions, number);
    }
}

/* -- frames --------------------------------------------------------------------------------- */

typedef struct {
    const void *route;
    size_t route_size;
    const void *data;
    size_t size;
    unsigned char public_key[32];
} message_t;

static value_t limits(arena_t *arena)
{
    value_builder_t map = value_builder(arena);

    value_add_pair(&map, "credit", value_integer(SESSION_CREDIT_FIRST));
    value_add_pair(&map, "credit_max", value_integer(SESSION_CREDIT_MAX));
    value_add_pair(&map, "requests", value_integer(SESSION_REQUESTS_MAX));
    value_add_pair(&map, "watches", value_integer(SESSION_WATCHES_MAX));
    value_add_pair(&map, "message", value_integer((int64_t)wire_limits_daemon.bytes));
    value_add_pair(&map, "batch", value_integer((int64_t)wire_limits_batch.bytes));
    return value_build_map(&map);
}

static value_t role_names(const access_t *access, arena_t *arena)
{
    value_builder_t list = value_builder(arena);

    for (unsigned role = 0; role < ROLES; role++)
        if (access->roles & ROLE_BIT(role))
            value_add(&list, value_text(role_name((role_t)role)));
    return value_build_list(&list);
}

static void welcome(front_t *self, session_t *session, const access_t *access,
                    const record_t *maintenance, arena_t *arena)
{
    store_t *store = self->environment->store;
    value_builder_t map = value_builder(arena);
    void *data;
    size_t size;

    value_add_pair(&map, "protocol", value_integer(WIRE_PROTOCOL_VERSION));
    value_add_pair(&map, "region", value_text(store_region(store)));
    value_add_pair(&map, "epoch", value_text(store_epoch(store)));
    value_add_pair(&map, "rev", value_integer((int64_t)self->feed.head));
    value_add_pair(&map, "time", value_integer((int64_t)clock_utc_ms(self->environment->clock)));
    value_add_pair(&map, "user", value_text(access->user.text));
    value_add_pair(&map, "roles", role_names(access, arena));
    value_add_pair(&map, "limits", limits(arena));
    value_add_pair(&map, "schema", value_integer(SCHEMA_VERSION));
    if (maintenance != NULL)
        value_add_pair(&map, "maintenance", maintenance_value(maintenance, arena));
    if (self->environment->next_key != NULL) {
        value_add_pair(&map, "next_key", value_bytes(self->environment->next_key, 32));
        value_add_pair(&map, "next_key_day", value_text(self->environment->next_key_day));
    }
    frame_t frame = {.type = FRAME_WELCOME, .body = value_build_map(&map)};
    frame_write(&frame, arena, &data, &size);
    if (!sessions_send(self->sessions, session, data, size))
        sessions_close(self->sessions, &session);
}

static void handle_hello(front_t *self, const message_t *message, const frame_t *frame,
                         arena_t *arena)
{
    session_t *session = sessions_find(self->sessions, message->route, message->route_size);
    error_t error = {0};

    /* A second hello on one connection starts it anew. */
    if (session != NULL)
        sessions_close(self->sessions, &session);
    if (frame->version != WIRE_PROTOCOL_VERSION) {
        error_set(&error, ERROR_VERSION, "version", "%u", WIRE_PROTOCOL_VERSION);
        send_error(self, message->route, message->route_size, NULL, &error);
        return;
    }
    store_txn_t *txn = store_read(self->environment->store);
    if (txn == NULL)
        log_fatal("the record cannot be read");
    uint64_t expiry_ms = clock_expiry_ms(self->environment->step, self->environment->clock);
    const access_t *access = access_cached(self->feed.cache, txn, message->public_key, expiry_ms);
    if (!access->valid && !access->invitation) {
        error_set(&error, identity_refusal(txn, access), NULL, NULL);
    } else {
        session = sessions_open(self->sessions, message->route, message->route_size,
                                message->public_key, monotonic(self));
        if (session == NULL)
            error_set(&error, ERROR_BUSY, NULL, NULL);
    }
    if (session == NULL) {
        send_error(self, message->route, message->route_size, NULL, &error);
    } else {
        session->access = access_of_key(txn, message->public_key, expiry_ms, session->access_arena);
        session->since_ms = clock_utc_ms(self->environment->clock);
        snprintf(session->program, sizeof session->program, "%s", frame->program);
        uint64_t now_ms = clock_utc_ms(self->environment->clock);
        welcome(self, session, access, maintenance_now(txn, now_ms, arena), arena);
    }
    store_abort(&txn);
}

static void handle_request(front_t *self, session_t *session, const message_t *message,
                           const frame_t *frame, arena_t **arena_p)
{
    unsigned char id[WIRE_REQUEST_ID_SIZE];
    error_t error = {0};

    memcpy(id, frame->id, sizeof id);
    if (session->open >= SESSION_REQUESTS_MAX ||
        (session->open > 0 && session->open_bytes + message->size > SESSION_BYTES_MAX)) {
        error_set(&error, ERROR_BUSY, NULL, "at most %u open requests of %u bytes",
                  SESSION_REQUESTS_MAX, SESSION_BYTES_MAX);
        send_error(self, message->route, message->route_size, id, &error);
        return;
    }
    job_t *job = job_new(frame, arena_p, &error);
    if (job == NULL) {
        send_error(self, message->route, message->route_size, id, &error);
        return;
    }
    job->session = session->number;
    job->size = message->size;
    memcpy(job->public_key, session->public_key, 32);
    session->open++;
    session->open_bytes += job->size;
    if (session->waiting == NULL && may_start(session)) {
        start_job(self, session, job);
        return;
    }
    if (session->last_waiting != NULL)
        session->last_waiting->next = job;
    else
        session->waiting = job;
    session->last_waiting = job;
}

static void handle_message(front_t *self, const message_t *message)
{
    arena_t *arena = arena_new();
    session_t *session = sessions_find(self->sessions, message->route, message->route_size);
    const wire_limits_t *limits_now = wire_limits_for(message->data, message->size);
    error_t error = {0};
    value_t value;
    frame_t frame = {0};

    if (session != NULL && memcmp(session->public_key, message->public_key, 32) != 0)
        sessions_close(self->sessions, &session);
    if (session != NULL)
        session->heard_ms = monotonic(self);
    if (!wire_decode(message->data, message->size, limits_now, arena, &value, &error) ||
        !frame_read(&frame, &value, &error)) {
        send_error(self, message->route, message->route_size, frame.id, &error);
    } else if (frame.type == FRAME_HELLO) {
        handle_hello(self, message, &frame, arena);
    } else if (session == NULL) {
        error_set(&error, ERROR_NO_SESSION, NULL, NULL);
        send_error(self, message->route, message->route_size,
                   frame.type == FRAME_REQUEST ? frame.id : NULL, &error);
    } else if (frame.type == FRAME_CREDIT) {
        session_grant(session, frame.credit);
        start_waiting(self, session);
    } else if (frame.type == FRAME_REQUEST) {
        handle_request(self, session, message, &frame, &arena);
    } else {
        error_set(&error, ERROR_MALFORMED, NULL, "hello, request or credit");
        send_error(self, message->route, message->route_size, NULL, &error);
    }
    arena_destroy(&arena);
}

/* One message off the socket; false when there is none. More than two parts are
   nobody's frame: they are drained and dropped. */
static bool receive(front_t *self)
{
    zmq_msg_t route, data, rest;
    message_t message = {0};

    zmq_msg_init(&route);
    if (zmq_msg_recv(&route, self->router, ZMQ_DONTWAIT) < 0) {
        zmq_msg_close(&route);
        return false;
    }
    zmq_msg_init(&data);
    bool whole = zmq_msg_more(&route) && zmq_msg_recv(&data, self->router, 0) >= 0;
    bool more = whole && zmq_msg_more(&data);
    if (more) {
        whole = false;
        self->dropped = true;
    }
    while (more) {
        zmq_msg_init(&rest);
        more = zmq_msg_recv(&rest, self->router, 0) >= 0 && zmq_msg_more(&rest);
        zmq_msg_close(&rest);
    }
    if (whole && identity_key(zmq_msg_gets(&data, "User-Id"), message.public_key)) {
        message.route = zmq_msg_data(&route);
        message.route_size = zmq_msg_size(&route);
        message.data = zmq_msg_data(&data);
        message.size = zmq_msg_size(&data);
        handle_message(self, &message);
    }
    zmq_msg_close(&route);
    zmq_msg_close(&data);
    return true;
}

/* -- what comes back from the threads --------------------------------------------------------- */

/* Durable before visible: a commit comes back synced. Writers learn of it first, each
   of the revision that it was answered at; then watchers, and those whose rights it
   took hear that and nothing more. */
static void take_commit(commit_t *commit, void *context)
{
    front_t *self = context;

    for (job_t *job = commit->jobs; job != NULL; job = job->next) {
        finish_job(self, job);
        pairer_settle(self->pairer, job);
        self->more_due = timers_settle(&self->timers, job) || self->more_due;
    }
    feed_commit(&self->feed, commit);
    if (commit->n_changes > 0) {
        deriver_wake(self->deriver);
        pairer_wake(self->pairer);
    }
    commit_destroy(&commit);
}

/* From those readers that have any: `items` are theirs. */
static void take_answers(front_t *self, const zmq_pollitem_t *items)
{
    for (unsigned i = 0; i < readers_count(self->readers); i++) {
        job_t *job;
        while (items[i].revents & ZMQ_POLLIN && (job = readers_take(self->readers, i)) != NULL) {
            self->reading--;
            if (job->subjects != NULL) {
                /* Who saw whose data is on disk before the answer leaves. */
                writer_give(self->writer, job);
                continue;
            }
            finish_job(self, job);
            job_destroy(&job);
        }
    }
}

/* -- time ------------------------------------------------------------------------------------- */

static void close_idle(front_t *self, uint64_t now_ms)
{
    for (session_t *session = sessions_first(self->sessions), *next; session != NULL;
         session = next) {
        next = session->next;
        if (session->n_watches == 0 && session->open == 0 &&
            now_ms - session->heard_ms > SESSION_IDLE_MS)
            sessions_close(self->sessions, &session);
    }
}

static void give_due(front_t *self)
{
    self->more_due = false;
    for (job_t *job = timers_look(&self->timers, self->environment), *next; job != NULL;
         job = next) {
        next = job->next;
        writer_give(self->writer, job);
    }
}

static void tick(front_t *self, uint64_t now_ms)
{
    self->next_tick = now_ms + TICK_MS;
    self->ticks++;
    sd_notify(0, "WATCHDOG=1");
    /* What a hostile peer made us hold goes back to the system, not into the heap's keeping. */
    if (self->dropped || self->ticks % MINUTE_TICKS == 0)
        malloc_trim(0);
    self->dropped = false;
    feed_bookmarks(&self->feed, self->ticks % PROBE_TICKS == 0);
    if (self->ticks % MINUTE_TICKS == 0) {
        store_reader_check(self->environment->store);
        close_idle(self, now_ms);
    }
    if (clock_step_look(self->environment->step, self->environment->clock))
        log_warning("the clock has jumped ahead by over an hour; expiry waits ten minutes");
    give_due(self);
    uint64_t expiry_ms = clock_expiry_ms(self->environment->step, self->environment->clock);
    bool set_back = self->day_end_ms > expiry_ms + 2 * (uint64_t)DAY_MS;
    if (expiry_ms >= self->day_end_ms || set_back) {
        self->day_end_ms = clock_next_day(expiry_ms);
        feed_check_rights(&self->feed);
    }
}

/* -- life --------------------------------------------------------------------------------------- */

front_t *front_new(const environment_t *environment, const config_t *config,
                   const unsigned char secret_key[32], char *why, size_t why_size)
{
    front_t *self = calloc(1, sizeof *self);

    if (self == NULL)
        log_fatal("no memory left");
    self->environment = environment;
    self->router = identity_router(secret_key, zsys_init(), why, why_size);
    if (self->router == NULL) {
        free(self);
        return NULL;
    }
    self->sessions = sessions_new(self->router, (unsigned)config->sessions);
    self->readers = readers_new(environment, (unsigned)config->readers);
    self->writer = writer_new(environment);
    self->deriver = deriver_new(environment);
    self->pairer = pairer_new(environment);
    self->feed.environment = environment;
    self->feed.sessions = self->sessions;
    self->feed.cache = access_cache_new();
    self->feed.arena = arena_new();
    self->feed.past_arena = arena_new();
    store_txn_t *txn = store_read(environment->store);
    if (txn == NULL)
        log_fatal("the record cannot be read");
    self->feed.head = store_head(txn);
    store_abort(&txn);
    self->day_end_ms = clock_next_day(clock_utc_ms(environment->clock));
    if (zmq_bind(self->router, config->listen) != 0) {
        snprintf(why, why_size, "%s: %s", config->listen, zmq_strerror(errno));
        front_destroy(&self);
    }
    return self;
}

#define ITEMS_FIXED 4u

static void serve_turn(front_t *self, const zmq_pollitem_t *items)
{
    unsigned taken = 0;

    if (items[1].revents & ZMQ_POLLIN)
        while (taken++ < MESSAGES_A_TURN && receive(self))
            ;
    take_answers(self, &items[ITEMS_FIXED]);
    commit_t *commit;
    while (items[2].revents & ZMQ_POLLIN && (commit = writer_take(self->writer)) != NULL)
        take_commit(commit, self);
    job_t *chore;
    while (items[3].revents & ZMQ_POLLIN && (chore = pairer_take(self->pairer)) != NULL)
        writer_give(self->writer, chore);
}

void front_run(front_t *self, int signals)
{
    unsigned count = readers_count(self->readers);
    zmq_pollitem_t items[ITEMS_FIXED + 16] = {
        {.fd = signals, .events = ZMQ_POLLIN},
        {.socket = self->router, .events = ZMQ_POLLIN},
        {.socket = writer_socket(self->writer), .events = ZMQ_POLLIN},
        {.socket = pairer_socket(self->pairer), .events = ZMQ_POLLIN},
    };
    bool lagging = false;

    for (unsigned i = 0; i < count; i++)
        items[ITEMS_FIXED + i] =
            (zmq_pollitem_t){.socket = readers_socket(self->readers, i), .events = ZMQ_POLLIN};
    self->next_tick = monotonic(self) + TICK_MS;
    for (;;) {
        uint64_t now_ms = monotonic(self);
        long wait = lagging ? 0 : now_ms < self->next_tick ? (long)(self->next_tick - now_ms) : 0;
        if (zmq_poll(items, (int)(ITEMS_FIXED + count), wait) < 0 && errno != EINTR)
            log_fatal("the sockets cannot be polled: %s", zmq_strerror(errno));
        if (items[0].revents & ZMQ_POLLIN)
            break;
        serve_turn(self, items);
        lagging = feed_catch_up(&self->feed);
        if (self->more_due)
            give_due(self);
        now_ms = monotonic(self);
        if (now_ms >= self->next_tick)
            tick(self, now_ms);
    }

    /* Told to stop: nothing new comes in, what was begun is finished and answered. */
    sd_notify(0, "STOPPING=1");
    uint64_t end = monotonic(self) + STOP_MS;
    while (self->reading > 0 && monotonic(self) < end) {
        zmq_poll(&items[ITEMS_FIXED], (int)count, 100);
        take_answers(self, &items[ITEMS_FIXED]);
    }
    writer_destroy(&self->writer, take_commit, self);
}

static void drop_commit(commit_t *commit, void *context)
{
    (void)context;
    commit_destroy(&commit);
}

void front_destroy(front_t **self_p)
{
    front_t *self = *self_p;

    if (self == NULL)
        return;
    writer_destroy(&self->writer, drop_commit, NULL);
    deriver_destroy(&self->deriver);
    pairer_destroy(&self->pairer);
    readers_destroy(&self->readers);
    sessions_destroy(&self->sessions);
    zmq_close(self->router);
    access_cache_destroy(&self->feed.cache);
    arena_destroy(&self->feed.arena);
    arena_destroy(&self->feed.past_arena);
    free(self);
    *self_p = NULL;
}
