#include "region_parts.h"

#include "draft.h"
#include "identity.h"
#include "replay.h"
#include "txn.h"

#include <ftw.h>
#include <setjmp.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <zmq.h>

#include <cmocka.h>

#define START_MS UINT64_C(1773475200000) /* 2026-03-14T08:00:00Z */
#define MAP_MIB 1024u
#define DERIVED_MAP ((size_t)256 << 20)

/* -- time -------------------------------------------------------------------------- */

static uint64_t fake_utc_ms(void *context)
{
    return ((fake_clock_t *)context)->utc_ms;
}

static uint64_t fake_monotonic_ms(void *context)
{
    return ((fake_clock_t *)context)->monotonic_ms;
}

uint64_t region_now(const region_t *self)
{
    return self->time.utc_ms;
}

/* -- the store ----------------------------------------------------------------------- */

static void open_store(region_t *self, bool create)
{
    char why[512] = "";
    store_options_t options = {.directory = self->directory,
                               .map_size = (size_t)self->map_mib << 20,
                               .region = "Östra Mellansverige",
                               .create = create};

    self->environment.store = store_open(&options, why, sizeof why);
    if (self->environment.store == NULL)
        fail_msg("%s", why);
    int status;
    self->environment.derived = derived_open(self->environment.store, DERIVED_MAP, &status);
    assert_non_null(self->environment.derived);
    self->cache = access_cache_new();
    self->matches = matches_new(&self->environment);
}

static void add_first_user(region_t *self)
{
    static const char *const roles[] = {"admin", "coordinator", "privacy"};
    unsigned char key[32];
    error_t error = {0};
    batch_t batch = {.time_ms = self->time.utc_ms, .actor = ""};
    store_txn_t *txn = store_write(self->environment.store);
    draft_t *draft = draft_new(txn, &access_daemon, self->time.utc_ms, self->arena);
    record_t *user = draft_new_record(draft, schema_kind("user"));

    record_set(user, "name", value_text("administrator"));
    for (size_t i = 0; i < 3; i++) {
        record_t *grant = draft_new_record(draft, schema_kind("grant"));
        record_set(grant, "user", value_text(user->id.text));
        record_set(grant, "role", value_text(roles[i]));
        record_set(grant, "whole", value_boolean(true));
    }
    record_t *own = draft_new_record(draft, schema_kind("key"));
    region_key("admin", key);
    record_set(own, "user", value_text(user->id.text));
    record_set(own, "public_key", value_bytes(key, 32));
    batch.operations = draft_finish(draft, &batch.n_operations, &error);
    assert_non_null(batch.operations);
    assert_int_equal(store_apply(txn, &batch), 1);
    assert_int_equal(store_commit(&txn), 0);
}

/* -- serving --------------------------------------------------------------------------- */

static void start_serving(region_t *self)
{
    self->router = zmq_socket(self->context, ZMQ_ROUTER);
    int mandatory = 1, unlimited = 0, patience_ms = 10000;
    zmq_setsockopt(self->router, ZMQ_ROUTER_MANDATORY, &mandatory, sizeof mandatory);
    zmq_setsockopt(self->router, ZMQ_SNDHWM, &unlimited, sizeof unlimited);
    zmq_setsockopt(self->router, ZMQ_RCVTIMEO, &patience_ms, sizeof patience_ms);
    snprintf(self->endpoint, sizeof self->endpoint, "inproc://region-%u", ++self->started);
    assert_int_equal(zmq_bind(self->router, self->endpoint), 0);
    self->feed = (feed_t){.environment = &self->environment,
                          .sessions = sessions_new(self->router, 64),
                          .cache = access_cache_new(),
                          .arena = arena_new(),
                          .past_arena = arena_new()};
    self->feed.head = region_head(self);
    self->day_end_ms = clock_next_day(self->time.utc_ms);
}

session_t *region_session(const region_t *self, const client_t *client)
{
    return sessions_find(self->feed.sessions, client->route, strlen(client->route));
}

static void hang_up(client_t *client)
{
    const int at_once = 0;

    if (client->dealer == NULL)
        return;
    zmq_setsockopt(client->dealer, ZMQ_LINGER, &at_once, sizeof at_once);
    zmq_close(client->dealer);
    client->dealer = NULL;
}

static void stop_serving(region_t *self)
{
    const int at_once = 0;

    sessions_destroy(&self->feed.sessions);
    access_cache_destroy(&self->feed.cache);
    arena_destroy(&self->feed.arena);
    arena_destroy(&self->feed.past_arena);
    for (client_t *client = self->clients; client != NULL; client = client->next)
        hang_up(client);
    zmq_setsockopt(self->router, ZMQ_LINGER, &at_once, sizeof at_once);
    zmq_close(self->router);
}

static void close_store(region_t *self)
{
    access_cache_destroy(&self->cache);
    matches_destroy(&self->matches);
    derived_close(&self->environment.derived);
    store_close(&self->environment.store);
}

region_t *region_new(void)
{
    region_t *self = calloc(1, sizeof *self);
    const char *temporary = getenv("TMPDIR");
    error_t error = {0};

    assert_non_null(self);
    assert_true(schema_start());
    assert_true(sodium_init() >= 0);
    setenv("TZ", "Europe/Stockholm", 1);
    tzset();
    self->arena = arena_new();
    self->map_mib = MAP_MIB;
    self->time = (fake_clock_t){.utc_ms = START_MS, .monotonic_ms = 1000};
    self->clock = (clock_face_t){fake_utc_ms, fake_monotonic_ms, &self->time};
    self->environment = (environment_t){.config = &config_defaults,
                                        .clock = &self->clock,
                                        .step = &self->step,
                                        .started_ms = START_MS};
    clock_step_look(&self->step, &self->clock);
    snprintf(self->directory, sizeof self->directory, "%s/samverk-XXXXXX",
             temporary != NULL ? temporary : "/tmp");
    assert_non_null(mkdtemp(self->directory));
    self->context = zmq_ctx_new();
    open_store(self, true);
    add_first_user(self);
    start_serving(self);
    assert_non_null(region_hello(self, "admin", "admin", &error));
    return self;
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *at)
{
    (void)status, (void)type, (void)at;
    return remove(path);
}

void region_destroy(region_t **self_p)
{
    region_t *self = *self_p;

    if (self == NULL)
        return;
    stop_serving(self);
    close_store(self);
    zmq_ctx_term(self->context);
    for (client_t *client = self->clients, *next; client != NULL; client = next) {
        next = client->next;
        arena_destroy(&client->arena);
        free(client->frames);
        free(client->sent);
        free(client);
    }
    nftw(self->directory, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    arena_destroy(&self->arena);
    free(self);
    *self_p = NULL;
}

const environment_t *region_environment(const region_t *self)
{
    return &self->environment;
}

const char *region_directory(const region_t *self)
{
    return self->directory;
}

arena_t *region_arena(region_t *self)
{
    return self->arena;
}

uint64_t region_head(region_t *self)
{
    store_txn_t *txn = store_read(self->environment.store);
    uint64_t head = store_head(txn);

    store_abort(&txn);
    return head;
}

/* -- what clients get --------------------------------------------------------------------- */

static void keep_bytes(client_t *self, const void *data, size_t size)
{
    self->sent = realloc(self->sent, self->n_sent + size);
    assert_non_null(self->sent);
    memcpy(self->sent + self->n_sent, data, size);
    self->n_sent += size;
}

/* P5: every push and bookmark says where its watch stood before it. */
static void follow(client_t *self, const frame_t *frame)
{
    assert_true(frame->watch < WATCHES_MAX);
    uint64_t *told = &self->told[frame->watch];

    if (frame->type == FRAME_END)
        return;
    if (frame->before != *told)
        fail_msg("%s: watch %u stood at %u, the frame says %u", self->name, (unsigned)frame->watch,
                 (unsigned)*told, (unsigned)frame->before);
    if (frame->type == FRAME_BOOKMARK) {
        assert_true(frame->revision >= *told);
        *told = frame->revision;
        return;
    }
    assert_true(frame->body.count > 0);
    for (uint32_t i = 0; i < frame->body.count; i++) {
        uint64_t revision = (uint64_t)value_get_integer(&frame->body.items[i], "rev", 0);
        assert_true(revision > *told);
        *told = revision;
    }
}

static void take_frame(region_t *region, client_t *self, const void *data, size_t size)
{
    frame_t *frame = arena_alloc(self->arena, sizeof *frame);
    error_t error = {0};
    value_t value;

    if (region->heard == NULL)
        keep_bytes(self, data, size);
    if (!wire_decode(data, size, &wire_limits_client, self->arena, &value, &error) ||
        !frame_read(frame, &value, &error))
        fail_msg("%s was sent what it cannot read: %s", self->name, error.expected);
    if (region->heard != NULL)
        region->heard(region->heard_context, self, frame, data, size);
    if (frame->type == FRAME_REPLY || frame->type == FRAME_ERROR) {
        self->reply = frame;
        return;
    }
    follow(self, frame);
    if (self->n_frames == self->room) {
        self->room = self->room ? self->room * 2 : 16;
        self->frames = realloc(self->frames, self->room * sizeof *self->frames);
        assert_non_null(self->frames);
    }
    self->frames[self->n_frames++] = frame;
}

void region_deliver(region_t *self)
{
    for (client_t *client = self->clients; client != NULL; client = client->next) {
        zmq_msg_t message;
        zmq_msg_init(&message);
        while (client->dealer != NULL &&
               zmq_msg_recv(&message, client->dealer, ZMQ_DONTWAIT) >= 0) {
            size_t size = zmq_msg_size(&message);
            take_frame(self, client, zmq_msg_data(&message), size);
            session_t *session = region_session(self, client);
            if (session != NULL && !client->deaf)
                session_grant(session, size);
        }
        zmq_msg_close(&message);
    }
}

/* The derived file follows now and then, as its thread does: what is asked in between is
   looked for beyond it, too. */
static void follow_derived(region_t *self)
{
    int status;

    if (++self->settled % 4 == 0)
        while (derived_follow(self->environment.derived, &status) == DERIVED_MORE)
            ;
}

void region_settle(region_t *self)
{
    bool more = true;

    follow_derived(self);
    while (more) {
        more = feed_catch_up(&self->feed);
        region_deliver(self);
    }
}

/* -- passing time ------------------------------------------------------------------------- */

static void do_what_is_due(region_t *self)
{
    job_t *job;

    while ((job = timers_look(&self->timers, &self->environment)) != NULL)
        for (job_t *next; job != NULL; job = next) {
            next = job->next;
            region_do(self, job);
            timers_settle(&self->timers, job);
            job_destroy(&job);
        }
}

static void tick(region_t *self)
{
    feed_bookmarks(&self->feed, false);
    clock_step_look(&self->step, &self->clock);
    do_what_is_due(self);
    uint64_t expiry_ms = clock_expiry_ms(&self->step, &self->clock);
    if (expiry_ms >= self->day_end_ms) {
        self->day_end_ms = clock_next_day(expiry_ms);
        feed_check_rights(&self->feed);
    }
    region_settle(self);
}

void region_pass(region_t *self, uint64_t ms)
{
    self->time.utc_ms += ms;
    self->time.monotonic_ms += ms;
    tick(self);
}

void region_jump(region_t *self, int64_t ms)
{
    self->time.utc_ms += (uint64_t)ms;
    tick(self);
}

static void stop(region_t *self)
{
    stop_serving(self);
    close_store(self);
}

static void start_again(region_t *self)
{
    self->timers = (timers_t){0};
    open_store(self, false);
    start_serving(self);
    for (client_t *client = self->clients; client != NULL; client = client->next) {
        error_t error = {0};
        region_hello(self, client->name, client->key_name, &error);
    }
}

void region_restart(region_t *self)
{
    stop(self);
    start_again(self);
}

void region_set_epoch(region_t *self, const char *epoch)
{
    stop(self);
    open_store(self, false);
    store_txn_t *txn = store_write(self->environment.store);
    meta_write(store_db(txn), "epoch", epoch, strlen(epoch));
    assert_int_equal(store_commit(&txn), 0);
    close_store(self);
    start_again(self);
}

void region_set_map(region_t *self, unsigned mib)
{
    self->map_mib = mib;
}

int region_check(region_t *self)
{
    stop(self);
    int findings = replay_check(self->directory, stderr);
    start_again(self);
    return findings;
}

/* -- clients -------------------------------------------------------------------------------- */

void region_listen(region_t *self, region_heard_t heard, void *context)
{
    self->heard = heard;
    self->heard_context = context;
}

void region_key(const char *name, unsigned char key[32])
{
    crypto_generichash(key, 32, (const unsigned char *)name, strlen(name), NULL, 0);
}

client_t *region_client(region_t *self, const char *name)
{
    for (client_t *client = self->clients; client != NULL; client = client->next)
        if (strcmp(client->name, name) == 0)
            return client;
    return NULL;
}

static client_t *make_client(region_t *self, const char *name)
{
    client_t *client = calloc(1, sizeof *client);
    client_t **end = &self->clients;

    assert_non_null(client);
    snprintf(client->name, sizeof client->name, "%s", name);
    client->arena = arena_new();
    while (*end != NULL)
        end = &(*end)->next;
    *end = client;
    return client;
}

/* A socket that the router knows: it does once something came from it. */
static void dial(region_t *self, client_t *client)
{
    int unlimited = 0;
    char route[sizeof client->route];

    hang_up(client);
    snprintf(client->route, sizeof client->route, "%s %u", client->name, ++client->dialled);
    client->dealer = zmq_socket(self->context, ZMQ_DEALER);
    zmq_setsockopt(client->dealer, ZMQ_ROUTING_ID, client->route, strlen(client->route));
    zmq_setsockopt(client->dealer, ZMQ_RCVHWM, &unlimited, sizeof unlimited);
    assert_int_equal(zmq_connect(client->dealer, self->endpoint), 0);
    assert_int_equal(zmq_send(client->dealer, "", 0, 0), 0);
    assert_int_equal(zmq_recv(self->router, route, sizeof route, 0), (int)strlen(client->route));
    assert_int_equal(zmq_recv(self->router, route, sizeof route, 0), 0);
}

client_t *region_hello(region_t *self, const char *name, const char *key_name, error_t *error)
{
    client_t *client = region_client(self, name);
    uint64_t expiry_ms = clock_expiry_ms(&self->step, &self->clock);

    if (client == NULL)
        client = make_client(self, name);
    session_t *session = region_session(self, client);
    if (session != NULL)
        sessions_close(self->feed.sessions, &session);
    if (key_name != client->key_name)
        snprintf(client->key_name, sizeof client->key_name, "%s", key_name);
    region_key(key_name, client->key);
    memset(client->told, 0, sizeof client->told);
    client_clear(client);
    dial(self, client);

    store_txn_t *txn = store_read(self->environment.store);
    const access_t *access = access_cached(self->feed.cache, txn, client->key, expiry_ms);
    bool known = access->valid || access->invitation;
    if (known) {
        snprintf(client->user, sizeof client->user, "%s", access->user.text);
        session = sessions_open(self->feed.sessions, client->route, strlen(client->route),
                                client->key, self->time.monotonic_ms);
        assert_non_null(session);
        session->access = access_of_key(txn, client->key, expiry_ms, session->access_arena);
    } else {
        error_set(error, identity_refusal(txn, access), NULL, NULL);
    }
    store_abort(&txn);
    return known ? client : NULL;
}

const frame_t *client_take(client_t *self)
{
    return self->n_taken < self->n_frames ? self->frames[self->n_taken++] : NULL;
}

const frame_t *client_frame(const client_t *self, size_t n)
{
    return n < self->n_frames ? self->frames[n] : NULL;
}

void client_clear(client_t *self)
{
    self->n_taken = self->n_frames;
}

/* libzmq lets the peer know in its own time: wait until it has. */
void region_hang_up(region_t *self, client_t *client)
{
    hang_up(client);
    for (int i = 0; i < 1000; i++) {
        if (zmq_send(self->router, client->route, strlen(client->route),
                     ZMQ_SNDMORE | ZMQ_DONTWAIT) < 0)
            return;
        zmq_send(self->router, "", 0, ZMQ_DONTWAIT);
        usleep(1000);
    }
    fail_msg("%s cannot hang up", client->name);
}

void client_set_deaf(region_t *region, client_t *self, bool deaf)
{
    session_t *session = region_session(region, self);

    self->deaf = deaf;
    if (session != NULL)
        session->credit = deaf ? 0 : SESSION_CREDIT_FIRST;
    region_settle(region);
}

void client_grant(region_t *region, client_t *self, uint64_t credit)
{
    session_t *session = region_session(region, self);

    if (session != NULL)
        session_grant(session, credit);
    region_settle(region);
}

bool client_was_sent(const client_t *self, const char *text)
{
    return self->n_sent > 0 && memmem(self->sent, self->n_sent, text, strlen(text)) != NULL;
}

void client_forget(client_t *self)
{
    self->n_sent = 0;
}

void client_empty(client_t *self)
{
    self->n_sent = 0;
    self->n_frames = 0;
    self->n_taken = 0;
    self->reply = NULL;
    arena_reset(self->arena);
}

const char *client_user(const client_t *self)
{
    return self->user;
}
