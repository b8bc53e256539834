#include "say.h"

#include "front.h"
#include "log.h"

#include <czmq.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cmocka.h>

/* The front in a thread of its own, over real encrypted sockets. The region's store is
   the front's meanwhile: nothing is asked of the region before it has stopped. */

typedef struct {
    unsigned char public_key[32], secret_key[32];
} pair_t;

static region_t *region;
static arena_t *arena;
static pair_t server, client;
static identity_t *identity;
static front_t *front;
static int signals;
static pthread_t thread;
static char endpoint[64];

static pair_t make_pair(void)
{
    char public_text[41], secret_text[41];
    pair_t pair;

    assert_int_equal(zmq_curve_keypair(public_text, secret_text), 0);
    zmq_z85_decode(pair.public_key, public_text);
    zmq_z85_decode(pair.secret_key, secret_text);
    return pair;
}

static void *run(void *context)
{
    (void)context;
    front_run(front, signals);
    return NULL;
}

/* The administrator gets a key whose secret half we have. */
static void add_key(void)
{
    value_builder_t fields = value_builder(arena), arguments = value_builder(arena);

    value_add_pair(&fields, "user", value_text("usr-1"));
    value_add_pair(&fields, "public_key", value_bytes(client.public_key, 32));
    value_add_pair(&arguments, "kind", value_text("key"));
    value_add_pair(&arguments, "fields", value_build_map(&fields));
    request_t put = {.command = "put", .arguments = value_build_map(&arguments)};
    assert_int_equal(region_ask(region, region_client(region, "admin"), &put).error.code,
                     ERROR_NONE);
}

static int start(void **state)
{
    config_t config;
    char why[256] = "";

    (void)state;
    log_start(LOG_LEVEL_ERROR, 0);
    zsys_set_pipehwm(0);
    region = region_new();
    arena = region_arena(region);
    say_places(region);
    server = make_pair();
    client = make_pair();
    add_key();
    identity = identity_new(region_environment(region));
    assert_non_null(identity);
    config = config_defaults;
    /* A port that was free a moment ago. */
    for (int i = 0; front == NULL && i < 20; i++) {
        snprintf(endpoint, sizeof endpoint, "tcp://127.0.0.1:%d",
                 20000 + (getpid() + i * 977) % 40000);
        snprintf(config.listen, sizeof config.listen, "%s", endpoint);
        front = front_new(region_environment(region), &config, server.secret_key, why, sizeof why);
    }
    if (front == NULL)
        fail_msg("%s", why);
    signals = eventfd(0, EFD_CLOEXEC);
    assert_int_equal(pthread_create(&thread, NULL, run, NULL), 0);
    return 0;
}

static void stop_front(void)
{
    uint64_t one = 1;

    if (front == NULL)
        return;
    assert_int_equal(write(signals, &one, sizeof one), sizeof one);
    assert_int_equal(pthread_join(thread, NULL), 0);
    front_destroy(&front);
    assert_null(front);
    identity_destroy(&identity);
    close(signals);
}

static int stop(void **state)
{
    (void)state;
    stop_front();
    region_destroy(&region);
    return 0;
}

/* -- a client of a few lines ------------------------------------------------------------ */

static void *dial(void)
{
    void *dealer = zmq_socket(zsys_init(), ZMQ_DEALER);
    const int at_once = 0, patience_ms = 10000;

    zmq_setsockopt(dealer, ZMQ_LINGER, &at_once, sizeof at_once);
    zmq_setsockopt(dealer, ZMQ_RCVTIMEO, &patience_ms, sizeof patience_ms);
    zmq_setsockopt(dealer, ZMQ_CURVE_SERVERKEY, server.public_key, 32);
    zmq_setsockopt(dealer, ZMQ_CURVE_PUBLICKEY, client.public_key, 32);
    zmq_setsockopt(dealer, ZMQ_CURVE_SECRETKEY, client.secret_key, 32);
    assert_int_equal(zmq_connect(dealer, endpoint), 0);
    return dealer;
}

static void send_frame(void *dealer, const frame_t *frame)
{
    void *data;
    size_t size;

    frame_write(frame, arena, &data, &size);
    assert_int_equal(zmq_send(dealer, data, size, 0), (int)size);
}

/* Null when nothing comes within the time. */
static const frame_t *receive(void *dealer, int patience_ms)
{
    frame_t *frame = arena_alloc(arena, sizeof *frame);
    error_t error = {0};
    zmq_msg_t message;
    value_t value;

    zmq_setsockopt(dealer, ZMQ_RCVTIMEO, &patience_ms, sizeof patience_ms);
    zmq_msg_init(&message);
    if (zmq_msg_recv(&message, dealer, 0) < 0) {
        zmq_msg_close(&message);
        return NULL;
    }
    void *data = arena_copy(arena, zmq_msg_data(&message), zmq_msg_size(&message));
    assert_true(
        wire_decode(data, zmq_msg_size(&message), &wire_limits_client, arena, &value, &error));
    assert_true(frame_read(frame, &value, &error));
    zmq_msg_close(&message);
    return frame;
}

#define SOON_MS 10000

static void hello(void *dealer)
{
    send_frame(dealer, &(frame_t){.type = FRAME_HELLO, .version = 1, .program = "a test"});
    const frame_t *frame = receive(dealer, SOON_MS);
    assert_non_null(frame);
    assert_int_equal(frame->type, FRAME_WELCOME);
}

static const unsigned char *request(void *dealer, const char *command, const char *arguments)
{
    unsigned char *id = arena_alloc(arena, WIRE_REQUEST_ID_SIZE);

    region_request_id(region, id);
    send_frame(dealer, &(frame_t){.type = FRAME_REQUEST,
                                  .id = id,
                                  .command = command,
                                  .body = say_value(region, arguments)});
    return id;
}

static void expect_error(void *dealer, const char *code, const unsigned char *id)
{
    const frame_t *frame = receive(dealer, SOON_MS);

    assert_non_null(frame);
    assert_int_equal(frame->type, FRAME_ERROR);
    assert_string_equal(value_get_text(&frame->body, "code"), code);
    if (id == NULL)
        assert_null(frame->id);
    else
        assert_memory_equal(frame->id, id, WIRE_REQUEST_ID_SIZE);
}

static void expect_reply(void *dealer, const unsigned char *id)
{
    const frame_t *frame = receive(dealer, SOON_MS);

    assert_non_null(frame);
    assert_int_equal(frame->type, FRAME_REPLY);
    assert_memory_equal(frame->id, id, WIRE_REQUEST_ID_SIZE);
}

/* -- tests --------------------------------------------------------------------------------- */

static void hello_comes_first(void **state)
{
    void *dealer = dial();

    (void)state;
    expect_error(dealer, "no-session", request(dealer, "status", "{}"));
    send_frame(dealer, &(frame_t){.type = FRAME_CREDIT, .credit = 1000});
    expect_error(dealer, "no-session", NULL);
    send_frame(dealer, &(frame_t){.type = FRAME_HELLO, .version = 99, .program = "a test"});
    expect_error(dealer, "version", NULL);
    expect_error(dealer, "no-session", request(dealer, "status", "{}"));
    send_frame(dealer, &(frame_t){.type = FRAME_HELLO, .version = 1, .program = "a test"});
    const frame_t *frame = receive(dealer, SOON_MS);
    assert_int_equal(frame->type, FRAME_WELCOME);
    say_expect(
        region, &frame->body,
        "{protocol=1 region=\"Östra Mellansverige\" user=usr-1 rev=* epoch=*"
        " roles=[coordinator admin privacy] limits={credit=1048576 requests=64 watches=16}}");
    expect_reply(dealer, request(dealer, "status", "{}"));
    zmq_close(dealer);
}

/* Another hello is a new beginning: its watches are gone. */
static void a_second_hello_begins_anew(void **state)
{
    void *dealer = dial();

    (void)state;
    hello(dealer);
    expect_reply(dealer, request(dealer, "watch", "{}"));
    hello(dealer);
    expect_error(dealer, "not-found", request(dealer, "unwatch", "{watch=1}"));
    zmq_close(dealer);
}

static void what_cannot_be_read_is_answered_and_forgotten(void **state)
{
    static const struct {
        const char *bytes;
        size_t size;
        const char *code;
    } rows[] = {
        {"", 0, "malformed"},
        {"\xc1", 1, "malformed"},
        {"\x91\xa5hello", 7, "malformed"},
        {"\xdd\xff\xff\xff\xff", 5, "too-large"},
        {"\x93\xa4push\x01\x02", 8, "malformed"},
    };
    void *dealer = dial(), *other = dial();

    (void)state;
    hello(dealer);
    hello(other);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(zmq_send(dealer, rows[i].bytes, rows[i].size, 0), (int)rows[i].size);
        expect_error(dealer, rows[i].code, NULL);
    }
    /* A frame that only the daemon sends. */
    send_frame(dealer, &(frame_t){.type = FRAME_END, .watch = 1, .epoch = "e", .code = "c"});
    expect_error(dealer, "malformed", NULL);
    /* As much of a request as could be read names it. */
    expect_error(dealer, "unknown-command", request(dealer, "frobnicate", "{}"));
    expect_error(dealer, "required", request(dealer, "get", "{}"));

    /* Messages of many parts are nobody's, and disturb nobody. */
    for (int i = 0; i < 50; i++)
        assert_int_equal(zmq_send(dealer, "part", 4, i < 49 ? ZMQ_SNDMORE : 0), 4);
    expect_reply(dealer, request(dealer, "status", "{}"));
    expect_reply(other, request(other, "status", "{}"));
    zmq_close(dealer);
    zmq_close(other);
}

/* Without credit requests wait, up to sixty-four; with it they are answered in turn. */
static void requests_wait_for_credit(void **state)
{
    void *dealer = dial();
    const unsigned char *waiting[128];
    unsigned served = 0, begun = 0;

    (void)state;
    hello(dealer);
    for (;; served++) {
        assert_true(served < 200);
        waiting[0] = request(dealer, "schema", "{}");
        const frame_t *frame = receive(dealer, 500);
        if (frame == NULL)
            break;
        assert_memory_equal(frame->id, waiting[0], WIRE_REQUEST_ID_SIZE);
    }
    assert_true(served > 3);
    for (begun = 1; begun < 64; begun++)
        waiting[begun] = request(dealer, "status", "{}");
    expect_error(dealer, "busy", request(dealer, "status", "{}"));
    assert_null(receive(dealer, 200));
    send_frame(dealer, &(frame_t){.type = FRAME_CREDIT, .credit = 1024 * 1024});
    bool seen[64] = {false};
    for (unsigned i = 0; i < 64; i++) {
        const frame_t *frame = receive(dealer, SOON_MS);
        assert_non_null(frame);
        assert_int_equal(frame->type, FRAME_REPLY);
        for (unsigned j = 0; j < 64; j++)
            if (memcmp(frame->id, waiting[j], WIRE_REQUEST_ID_SIZE) == 0)
                seen[j] = true;
    }
    for (unsigned i = 0; i < 64; i++)
        assert_true(seen[i]);
    expect_reply(dealer, request(dealer, "status", "{}"));
    zmq_close(dealer);
}

/* A read sees every write that was answered before it was sent; the push comes too. */
static void a_write_is_seen_and_pushed(void **state)
{
    void *writer = dial(), *watcher = dial();

    (void)state;
    hello(writer);
    hello(watcher);
    expect_reply(watcher, request(watcher, "watch", "{kinds=[inquiry]}"));
    for (int i = 1; i <= 50; i++) {
        expect_reply(writer, request(writer, "put",
                                     "{kind=inquiry fields={title=x municipality=mun-1880}}"));
        const unsigned char *id = request(writer, "count", "{kind=inquiry}");
        const frame_t *frame = receive(writer, SOON_MS);
        assert_memory_equal(frame->id, id, WIRE_REQUEST_ID_SIZE);
        assert_int_equal(value_get_integer(&frame->body, "count", 0), i);
    }
    uint64_t told = 0;
    for (unsigned i = 0; i < 50;) {
        const frame_t *frame = receive(watcher, SOON_MS);
        assert_non_null(frame);
        assert_int_equal(frame->type, FRAME_PUSH);
        assert_true(told == 0 || frame->before == told);
        i += frame->body.count;
        told = (uint64_t)value_get_integer(&frame->body.items[frame->body.count - 1], "rev", 0);
    }
    zmq_close(writer);
    zmq_close(watcher);
}

/* Told to stop, it answers what it was given: what is in the record was acknowledged. */
static void it_stops_cleanly(void **state)
{
    void *dealer = dial();
    unsigned replies = 0;
    uint64_t one = 1;
    const frame_t *frame;

    (void)state;
    hello(dealer);
    for (int i = 0; i < 60; i++)
        request(dealer, "put", "{kind=inquiry fields={title=x municipality=mun-1880}}");
    frame = receive(dealer, SOON_MS);
    assert_non_null(frame);
    replies++;
    assert_int_equal(write(signals, &one, sizeof one), sizeof one);
    assert_int_equal(pthread_join(thread, NULL), 0);
    while ((frame = receive(dealer, 1000)) != NULL)
        replies += frame->type == FRAME_REPLY;
    front_destroy(&front);
    identity_destroy(&identity);
    close(signals);
    zmq_close(dealer);
    value_t counted = say_well(region, "admin", "count", "kind=inquiry");
    assert_int_equal(value_get_integer(&counted, "count", 0), replies);
    assert_int_equal(region_check(region), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)
    const struct CMUnitTest tests[] = {
        TEST(hello_comes_first),
        TEST(a_second_hello_begins_anew),
        TEST(what_cannot_be_read_is_answered_and_forgotten),
        TEST(requests_wait_for_credit),
        TEST(a_write_is_seen_and_pushed),
        TEST(it_stops_cleanly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
