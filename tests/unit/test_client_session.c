#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fake_daemon.h"

#include <time.h>

/* The connection that heals: client/lib/session.c and conn.c. */

static long long now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static value_t no_arguments(void)
{
    return (value_t){.form = VALUE_MAP};
}

static void answer(fake_t *self, const frame_t *request)
{
    fake_reply(self, request->id, value_text(request->command));
}

static void welcome_is_told(void **state)
{
    (void)state;
    fake_t *fake = fake_new(answer);
    samverk_t *client = fake_client(fake);
    assert_int_equal(samverk_connect(client, NULL), SAMVERK_DONE);
    assert_true(samverk_connected(client));
    assert_string_equal(value_get_text(samverk_welcome(client), "region"), "Provregionen");
    /* The daemon's clock counts, not ours. */
    uint64_t time = samverk_time(client);
    assert_in_range(time, 2000000000000, 2000000005000);
    unsigned char id[16];
    samverk_request_id(client, id);
    assert_in_range(request_id_time(id), 2000000000000, 2000000005000);
    samverk_destroy(&client);
    fake_destroy(&fake);
}

/* The first request waits until the second has been answered. */
static void answer_backwards(fake_t *self, const frame_t *request)
{
    static unsigned char first[16];
    if (atomic_load(&self->n_log) == 1) {
        memcpy(first, request->id, 16);
        return;
    }
    fake_reply(self, request->id, value_text("second"));
    fake_reply(self, first, value_text("first"));
}

static void replies_may_overtake(void **state)
{
    (void)state;
    fake_t *fake = fake_new(answer_backwards);
    samverk_t *client = fake_client(fake);
    arena_t *arena = arena_new();
    value_t map = no_arguments(), one, two;
    uint64_t revision = 0;
    samverk_call_t *first = samverk_call(client, "status", &map, NULL);
    samverk_call_t *second = samverk_call(client, "status", &map, NULL);
    assert_int_equal(samverk_wait(client, &first, arena, &one, &revision, NULL), SAMVERK_DONE);
    assert_int_equal(samverk_wait(client, &second, arena, &two, NULL, NULL), SAMVERK_DONE);
    assert_null(first);
    assert_string_equal(one.text, "first");
    assert_string_equal(two.text, "second");
    assert_int_equal(revision, 7);
    arena_destroy(&arena);
    samverk_destroy(&client);
    fake_destroy(&fake);
}

static void drop_first(fake_t *self, const frame_t *request)
{
    if (atomic_load(&self->n_log) == 1)
        fake_drop(self);
    else
        answer(self, request);
}

static void a_drop_is_a_new_hello_and_the_same_id(void **state)
{
    (void)state;
    fake_t *fake = fake_new(drop_first);
    samverk_t *client = fake_client(fake);
    arena_t *arena = arena_new();
    value_t map = no_arguments(), result;
    assert_int_equal(samverk_request(client, "put", &map, arena, &result, NULL), SAMVERK_DONE);
    assert_int_equal(atomic_load(&fake->hellos), 2);
    assert_int_equal(atomic_load(&fake->n_log), 2);
    assert_memory_equal(fake_logged(fake, 0)->id, fake_logged(fake, 1)->id, 16);
    arena_destroy(&arena);
    samverk_destroy(&client);
    fake_destroy(&fake);
}

static void an_unanswered_write_is_unknown(void **state)
{
    (void)state;
    fake_t *fake = fake_new(NULL);
    samverk_t *client = fake_client(fake);
    arena_t *arena = arena_new();
    value_t map = no_arguments(), result;
    samverk_set_timeout(client, 300);
    assert_int_equal(samverk_request(client, "put", &map, arena, &result, NULL), SAMVERK_UNKNOWN);
    assert_int_equal(samverk_request(client, "get", &map, arena, &result, NULL), SAMVERK_UNREACHED);
    assert_int_equal(samverk_trouble(client), SAMVERK_TROUBLE_SILENT);
    arena_destroy(&arena);
    samverk_destroy(&client);
    fake_destroy(&fake);
}

static void nobody_there(void **state)
{
    (void)state;
    fake_t *fake = fake_new(NULL);
    samverk_t *client = fake_client(fake);
    fake_destroy(&fake);
    samverk_set_timeout(client, 500);
    long long begin = now_ms();
    error_t error = {0};
    assert_int_equal(samverk_connect(client, &error), SAMVERK_UNREACHED);
    assert_in_range(now_ms() - begin, 450, 2000);
    assert_int_equal(samverk_trouble(client), SAMVERK_TROUBLE_CLOSED);
    assert_in_range(samverk_waited_ms(client), 400, 2000);
    /* A write that never went out is not unknown. */
    value_t map = no_arguments();
    samverk_call_t *call = samverk_call(client, "put", &map, NULL);
    assert_int_equal(samverk_wait(client, &call, NULL, NULL, NULL, &error), SAMVERK_UNREACHED);
    samverk_destroy(&client);
}

static void busy_twice(fake_t *self, const frame_t *request)
{
    if (atomic_load(&self->n_log) <= 2)
        fake_refuse(self, request->id, ERROR_BUSY);
    else
        answer(self, request);
}

static void busy_is_tried_again(void **state)
{
    (void)state;
    fake_t *fake = fake_new(busy_twice);
    samverk_t *client = fake_client(fake);
    arena_t *arena = arena_new();
    value_t map = no_arguments(), result;
    assert_int_equal(samverk_request(client, "put", &map, arena, &result, NULL), SAMVERK_DONE);
    assert_int_equal(atomic_load(&fake->n_log), 3);
    assert_memory_equal(fake_logged(fake, 0)->id, fake_logged(fake, 2)->id, 16);
    assert_int_equal(atomic_load(&fake->hellos), 1);
    arena_destroy(&arena);
    samverk_destroy(&client);
    fake_destroy(&fake);
}

static void forget_first(fake_t *self, const frame_t *request)
{
    if (atomic_load(&self->n_log) == 1)
        fake_refuse(self, request->id, ERROR_NO_SESSION);
    else
        answer(self, request);
}

static void a_forgotten_session_begins_anew(void **state)
{
    (void)state;
    fake_t *fake = fake_new(forget_first);
    samverk_t *client = fake_client(fake);
    arena_t *arena = arena_new();
    value_t map = no_arguments(), result;
    assert_int_equal(samverk_request(client, "get", &map, arena, &result, NULL), SAMVERK_DONE);
    assert_int_equal(atomic_load(&fake->hellos), 2);
    arena_destroy(&arena);
    samverk_destroy(&client);
    fake_destroy(&fake);
}

static void refuse(fake_t *self, const frame_t *request)
{
    error_t error = {0};
    error_set(&error, ERROR_CONFLICT, "title", "something else");
    value_builder_t detail = value_builder(self->arena);
    value_add_pair(&detail, "record", value_text("newer"));
    error.detail = value_build_map(&detail);
    frame_t frame = {
        .type = FRAME_ERROR, .id = request->id, .body = error_to_value(&error, self->arena)};
    fake_send(self, &frame);
}

static void an_error_comes_whole(void **state)
{
    (void)state;
    fake_t *fake = fake_new(refuse);
    samverk_t *client = fake_client(fake);
    arena_t *arena = arena_new();
    value_t map = no_arguments(), result;
    error_t error = {0};
    assert_int_equal(samverk_request(client, "patch", &map, arena, &result, &error),
                     SAMVERK_REFUSED);
    assert_int_equal(error.code, ERROR_CONFLICT);
    assert_string_equal(error.field, "title");
    assert_string_equal(error.expected, "something else");
    assert_string_equal(value_get_text(&error.detail, "record"), "newer");
    arena_destroy(&arena);
    samverk_destroy(&client);
    fake_destroy(&fake);
}

static void another_server_is_not_spoken_to(void **state)
{
    (void)state;
    fake_t *fake = fake_new(answer);
    samverk_profile_t profile = {.name = "test"};
    unsigned char unused[32];
    snprintf(profile.endpoint, sizeof profile.endpoint, "%s", fake->endpoint);
    samverk_key_pair(profile.server_key, unused); /* not the fake's */
    samverk_key_pair(profile.public_key, profile.secret_key);
    samverk_t *client = samverk_new(&profile, "test 1");
    samverk_set_timeout(client, 700);
    assert_int_equal(samverk_connect(client, NULL), SAMVERK_UNREACHED);
    assert_int_not_equal(samverk_trouble(client), SAMVERK_TROUBLE_CLOSED);
    assert_int_equal(atomic_load(&fake->hellos), 0);
    samverk_destroy(&client);
    fake_destroy(&fake);
}

static void the_announced_key_is_tried(void **state)
{
    (void)state;
    fake_t *fake = fake_new(answer);
    samverk_profile_t profile = {.name = "test"};
    unsigned char unused[32];
    snprintf(profile.endpoint, sizeof profile.endpoint, "%s", fake->endpoint);
    samverk_key_pair(profile.server_key, unused); /* the old one */
    memcpy(profile.next_key, fake->public_key, 32);
    samverk_key_pair(profile.public_key, profile.secret_key);
    samverk_t *client = samverk_new(&profile, "test 1");
    assert_int_equal(samverk_connect(client, NULL), SAMVERK_DONE);
    assert_true(samverk_keys_changed(client, &profile));
    assert_memory_equal(profile.server_key, fake->public_key, 32);
    unsigned char none[32] = {0};
    assert_memory_equal(profile.next_key, none, 32);
    assert_false(samverk_keys_changed(client, &profile));
    samverk_destroy(&client);
    fake_destroy(&fake);
}

/* A ZAP handler (RFC 27) that knows nobody. */
static void *know_nobody(void *context)
{
    void *zap = zmq_socket(context, ZMQ_REP);
    int zero = 0, timeout = 2000;
    zmq_setsockopt(zap, ZMQ_LINGER, &zero, sizeof zero);
    zmq_setsockopt(zap, ZMQ_RCVTIMEO, &timeout, sizeof timeout);
    if (zmq_bind(zap, "inproc://zeromq.zap.01") != 0)
        abort();
    char part[256], request_id[256];
    int request_id_size = 0, more = 1;
    for (int i = 0; more; i++) {
        int size = zmq_recv(zap, part, sizeof part, 0);
        size_t more_size = sizeof more;
        if (size < 0)
            break;
        if (i == 1) {
            memcpy(request_id, part, (size_t)size);
            request_id_size = size;
        }
        zmq_getsockopt(zap, ZMQ_RCVMORE, &more, &more_size);
    }
    zmq_send(zap, "1.0", 3, ZMQ_SNDMORE);
    zmq_send(zap, request_id, (size_t)request_id_size, ZMQ_SNDMORE);
    zmq_send(zap, "400", 3, ZMQ_SNDMORE);
    zmq_send(zap, "no", 2, ZMQ_SNDMORE);
    zmq_send(zap, "", 0, ZMQ_SNDMORE);
    zmq_send(zap, "", 0, 0);
    zmq_poll(NULL, 0, 200);
    zmq_close(zap);
    return NULL;
}

static void an_unknown_key_is_told_at_once(void **state)
{
    (void)state;
    fake_t *fake = fake_new(answer);
    pthread_t zap;
    pthread_create(&zap, NULL, know_nobody, fake->context);
    zmq_poll(NULL, 0, 100);
    samverk_t *client = fake_client(fake);
    error_t error = {0};
    long long begin = now_ms();
    assert_int_equal(samverk_connect(client, &error), SAMVERK_REFUSED);
    assert_in_range(now_ms() - begin, 0, 2000);
    assert_int_equal(error.code, ERROR_NOT_ALLOWED);
    assert_int_equal(samverk_trouble(client), SAMVERK_TROUBLE_KEY);
    samverk_destroy(&client);
    pthread_join(zap, NULL);
    fake_destroy(&fake);
}

#define BIG ((size_t)12 << 10)

/* Four hundred kilobytes to a request. */
static void answer_much(fake_t *self, const frame_t *request)
{
    static char text[BIG + 1];
    memset(text, 'x', BIG);
    value_builder_t list = value_builder(self->arena);
    for (int i = 0; i < 32; i++)
        value_add(&list, value_text(text));
    fake_reply(self, request->id, value_build_list(&list));
}

static void credit_comes_back(void **state)
{
    (void)state;
    fake_t *fake = fake_new(answer_much);
    samverk_t *client = fake_client(fake);
    arena_t *arena = arena_new();
    value_t map = no_arguments(), result;
    for (int i = 0; i < 4; i++)
        assert_int_equal(samverk_request(client, "list", &map, arena, &result, NULL), SAMVERK_DONE);
    for (int i = 0; i < 100 && atomic_load(&fake->credit) < 3 * 32 * (long long)BIG; i++)
        zmq_poll(NULL, 0, 10);
    assert_in_range(atomic_load(&fake->credit), 3 * 32 * BIG, 4 * 32 * BIG + 4096);
    arena_destroy(&arena);
    samverk_destroy(&client);
    fake_destroy(&fake);
}

/* What is no frame, what has two parts, and then what is asked for. */
static void answer_with_noise(fake_t *self, const frame_t *request)
{
    if (atomic_load(&self->n_log) == 1) {
        fake_send_bytes(self, "\xc1\xc1\xc1", 3);
        return;
    }
    zmq_send(self->router, self->route, self->route_size, ZMQ_SNDMORE);
    zmq_send(self->router, "one", 3, ZMQ_SNDMORE);
    zmq_send(self->router, "two", 3, 0);
    fake_send_bytes(self,
                    "\x91\xa6"
                    "future",
                    8);
    answer(self, request);
}

static void noise_does_no_harm(void **state)
{
    (void)state;
    fake_t *fake = fake_new(answer_with_noise);
    samverk_t *client = fake_client(fake);
    arena_t *arena = arena_new();
    value_t map = no_arguments(), result;
    assert_int_equal(samverk_request(client, "get", &map, arena, &result, NULL), SAMVERK_DONE);
    assert_string_equal(result.text, "get");
    assert_int_equal(atomic_load(&fake->hellos), 2);
    arena_destroy(&arena);
    samverk_destroy(&client);
    fake_destroy(&fake);
}

int main(void)
{
    if (!schema_start())
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(welcome_is_told),
        cmocka_unit_test(replies_may_overtake),
        cmocka_unit_test(a_drop_is_a_new_hello_and_the_same_id),
        cmocka_unit_test(an_unanswered_write_is_unknown),
        cmocka_unit_test(nobody_there),
        cmocka_unit_test(busy_is_tried_again),
        cmocka_unit_test(a_forgotten_session_begins_anew),
        cmocka_unit_test(an_error_comes_whole),
        cmocka_unit_test(another_server_is_not_spoken_to),
        cmocka_unit_test(the_announced_key_is_tried),
        cmocka_unit_test(an_unknown_key_is_told_at_once),
        cmocka_unit_test(credit_comes_back),
        cmocka_unit_test(noise_does_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
