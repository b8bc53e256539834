#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "conn.h"
#include "fake_daemon.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

/* One socket and its session: what it takes, what breaks it, and that it stays broken. */

#define STEP (128 << 10) /* of credit */

static samverk_profile_t profile_of(const fake_t *fake)
{
    samverk_profile_t profile = {.name = "test"};
    snprintf(profile.endpoint, sizeof profile.endpoint, "%s", fake->endpoint);
    memcpy(profile.server_key, fake->public_key, 32);
    samverk_key_pair(profile.public_key, profile.secret_key);
    return profile;
}

static conn_t *greeted(const fake_t *fake)
{
    samverk_profile_t profile = profile_of(fake);
    conn_t *conn = conn_new(&profile);
    frame_t hello = {.type = FRAME_HELLO, .version = WIRE_PROTOCOL_VERSION, .program = "test 1"};
    assert_non_null(conn);
    assert_true(conn_send(conn, &hello));
    return conn;
}

/* The next frame; NULL when the connection breaks first, or nothing comes for a while. */
static const void *receive(conn_t *conn, size_t *size_p)
{
    const void *data = NULL;
    for (int i = 0; !data && i < 60 && conn_state(conn) != CONN_BROKEN; i++)
        data = conn_receive(conn, 50, size_p);
    return data;
}

static frame_type_t received(conn_t *conn)
{
    size_t size;
    const void *data = receive(conn, &size);
    arena_t *arena = arena_new();
    value_t value;
    frame_t frame = {0};
    error_t error = {0};
    assert_non_null(data);
    assert_true(wire_decode(data, size, &wire_limits_client, arena, &value, &error));
    assert_true(frame_read(&frame, &value, &error));
    arena_destroy(&arena);
    return frame.type;
}

static void echo(fake_t *self, const frame_t *request)
{
    fake_reply(self, request->id, value_text(request->command));
}

static void frames_go_both_ways(void **state)
{
    (void)state;
    size_t size;
    fake_t *fake = fake_new(echo);
    conn_t *conn = greeted(fake);
    assert_int_equal(conn_state(conn), CONN_OPENING);
    assert_int_equal(received(conn), FRAME_WELCOME);
    assert_int_equal(conn_state(conn), CONN_OPEN);
    unsigned char id[16] = {1};
    frame_t request = {
        .type = FRAME_REQUEST, .id = id, .command = "status", .body = {.form = VALUE_MAP}};
    assert_true(conn_send(conn, &request));
    assert_int_equal(received(conn), FRAME_REPLY);
    assert_null(conn_receive(conn, 0, &size));
    assert_int_equal(size, 0);
    conn_destroy(&conn);
    assert_null(conn);
    fake_destroy(&fake);
}

/* A message of two parts, and a whole one after it. */
static void in_parts(fake_t *self, const frame_t *request)
{
    zmq_send(self->router, self->route, self->route_size, ZMQ_SNDMORE);
    zmq_send(self->router, "part", 4, ZMQ_SNDMORE);
    zmq_send(self->router, "another", 7, 0);
    fake_reply(self, request->id, value_text("whole"));
}

static void a_message_in_parts_is_none(void **state)
{
    (void)state;
    size_t size;
    fake_t *fake = fake_new(in_parts);
    conn_t *conn = greeted(fake);
    receive(conn, &size);
    unsigned char id[16] = {1};
    frame_t request = {
        .type = FRAME_REQUEST, .id = id, .command = "status", .body = {.form = VALUE_MAP}};
    assert_true(conn_send(conn, &request));
    assert_int_equal(received(conn), FRAME_REPLY);
    conn_destroy(&conn);
    fake_destroy(&fake);
}

static void credit_goes_back_in_steps(void **state)
{
    (void)state;
    size_t size;
    fake_t *fake = fake_new(echo);
    conn_t *conn = greeted(fake);
    receive(conn, &size);
    conn_consumed(conn, STEP - 1);
    zmq_poll(NULL, 0, 100);
    assert_int_equal(atomic_load(&fake->credit), 0);
    conn_consumed(conn, 1);
    for (int i = 0; i < 200 && atomic_load(&fake->credit) == 0; i++)
        zmq_poll(NULL, 0, 10);
    assert_int_equal(atomic_load(&fake->credit), STEP);
    conn_consumed(conn, STEP - 1);
    zmq_poll(NULL, 0, 100);
    assert_int_equal(atomic_load(&fake->credit), STEP);
    conn_destroy(&conn);
    fake_destroy(&fake);
}

static void broken_is_broken(void **state)
{
    (void)state;
    size_t size;
    fake_t *fake = fake_new(echo);
    conn_t *conn = greeted(fake);
    receive(conn, &size);
    fake_destroy(&fake);
    assert_null(receive(conn, &size));
    assert_int_equal(conn_state(conn), CONN_BROKEN);
    assert_int_equal(conn_trouble(conn), SAMVERK_TROUBLE_LOST);
    /* It neither sends nor comes back. */
    assert_false(conn_send_bytes(conn, "x", 1));
    assert_null(conn_receive(conn, 50, &size));
    assert_int_equal(conn_state(conn), CONN_BROKEN);
    conn_destroy(&conn);
}

static void what_stands_in_the_way_is_told_apart(void **state)
{
    (void)state;
    size_t size;
    fake_t *fake = fake_new(echo);
    samverk_profile_t profile = profile_of(fake);
    /* Nobody listens. */
    snprintf(profile.endpoint, sizeof profile.endpoint, "tcp://127.0.0.1:9");
    conn_t *conn = conn_new(&profile);
    assert_null(receive(conn, &size));
    assert_int_equal(conn_trouble(conn), SAMVERK_TROUBLE_CLOSED);
    conn_destroy(&conn);
    /* Someone does, but has not the key of the profile. */
    profile = profile_of(fake);
    profile.server_key[0] ^= 1;
    conn = conn_new(&profile);
    assert_null(receive(conn, &size));
    assert_int_equal(conn_state(conn), CONN_BROKEN);
    assert_int_equal(conn_trouble(conn), SAMVERK_TROUBLE_HANDSHAKE);
    conn_destroy(&conn);
    fake_destroy(&fake);
}

/* Someone who is no ZeroMQ at all: takes the connection and hangs up. */
static void who_hangs_up_is_no_daemon(void **state)
{
    (void)state;
    size_t size;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t length = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&address, length), 0);
    assert_int_equal(listen(listener, 1), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &length), 0);
    samverk_profile_t profile = {.name = "test"};
    snprintf(profile.endpoint, sizeof profile.endpoint, "tcp://127.0.0.1:%u",
             ntohs(address.sin_port));
    samverk_key_pair(profile.public_key, profile.secret_key);
    conn_t *conn = conn_new(&profile);
    int caller = accept(listener, NULL, NULL);
    assert_true(caller >= 0);
    close(caller);
    assert_null(receive(conn, &size));
    assert_int_equal(conn_state(conn), CONN_BROKEN);
    assert_int_equal(conn_trouble(conn), SAMVERK_TROUBLE_HANDSHAKE);
    conn_destroy(&conn);
    close(listener);
}

static void an_endpoint_that_is_none_has_no_connection(void **state)
{
    (void)state;
    static const char *const wrong[] = {"", "samverk.example.se", "tcp://host", "http://host:1"};
    samverk_profile_t profile = {.name = "test"};
    samverk_key_pair(profile.public_key, profile.secret_key);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        snprintf(profile.endpoint, sizeof profile.endpoint, "%s", wrong[i]);
        assert_null(conn_new(&profile));
    }
}

int main(void)
{
    if (!schema_start())
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_go_both_ways),
        cmocka_unit_test(a_message_in_parts_is_none),
        cmocka_unit_test(credit_goes_back_in_steps),
        cmocka_unit_test(broken_is_broken),
        cmocka_unit_test(what_stands_in_the_way_is_told_apart),
        cmocka_unit_test(who_hangs_up_is_no_daemon),
        cmocka_unit_test(an_endpoint_that_is_none_has_no_connection),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
