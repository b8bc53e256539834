#include "say.h"

#include "readers.h"

#include <czmq.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define THREADS 3u

static region_t *region;

static int open_region(void **state)
{
    (void)state;
    zsys_set_pipehwm(0);
    region = region_new();
    say_places(region);
    return 0;
}

static int close_region(void **state)
{
    (void)state;
    region_destroy(&region);
    return 0;
}

static job_t *make(const char *who, const char *command, const char *arguments)
{
    arena_t *arena = arena_new();
    unsigned char id[WIRE_REQUEST_ID_SIZE];
    value_t body = say_value(region, arguments);
    error_t error = {0};

    region_request_id(region, id);
    frame_t frame = {
        .type = FRAME_REQUEST, .id = id, .command = command, .body = value_copy(arena, &body)};
    job_t *job = job_new(&frame, &arena, &error);
    assert_non_null(job);
    region_key(who, job->public_key);
    return job;
}

static job_t *take_any(readers_t *readers)
{
    zmq_pollitem_t items[THREADS];

    for (unsigned i = 0; i < THREADS; i++)
        items[i] = (zmq_pollitem_t){.socket = readers_socket(readers, i), .events = ZMQ_POLLIN};
    assert_true(zmq_poll(items, THREADS, 10000) > 0);
    for (unsigned i = 0; i < THREADS; i++) {
        job_t *job = readers_take(readers, i);
        if (job != NULL)
            return job;
    }
    fail_msg("no reader has an answer");
    return NULL;
}

static void every_read_is_answered(void **state)
{
    readers_t *readers = readers_new(region_environment(region), THREADS);
    unsigned replies = 0, errors = 0;

    (void)state;
    assert_int_equal(readers_count(readers), THREADS);
    for (int i = 0; i < 300; i++)
        readers_give(readers, make("admin", "get", i % 3 == 0 ? "{id=org-99}" : "{id=org-1}"));
    for (int i = 0; i < 300; i++) {
        job_t *job = take_any(readers);
        error_t error = {0};
        frame_t frame;
        value_t value;
        assert_true(wire_decode(job->reply, job->reply_size, &wire_limits_client, job->arena,
                                &value, &error));
        assert_true(frame_read(&frame, &value, &error));
        replies += frame.type == FRAME_REPLY;
        errors += frame.type == FRAME_ERROR;
        assert_int_equal(frame.revision, region_head(region));
        job_destroy(&job);
    }
    assert_int_equal(replies, 200);
    assert_int_equal(errors, 100);
    readers_destroy(&readers);
    assert_null(readers);
}

/* Work is spread: none has all of it. */
static void the_idle_are_given_work(void **state)
{
    readers_t *readers = readers_new(region_environment(region), THREADS);
    unsigned done[THREADS] = {0}, all = 0;

    (void)state;
    for (int i = 0; i < 30; i++)
        readers_give(readers, make("admin", "status", "{}"));
    for (int patience = 0; all < 30 && patience < 10000; patience++) {
        for (unsigned i = 0; i < THREADS; i++) {
            job_t *job = readers_take(readers, i);
            if (job == NULL)
                continue;
            done[i]++;
            all++;
            job_destroy(&job);
        }
        usleep(1000);
    }
    for (unsigned i = 0; i < THREADS; i++)
        assert_int_equal(done[i], 10);
    readers_destroy(&readers);
}

/* Told to stop with work under way: it is dropped, nothing was promised. */
static void work_under_way_is_dropped(void **state)
{
    readers_t *readers = readers_new(region_environment(region), THREADS);

    (void)state;
    for (int i = 0; i < 100; i++)
        readers_give(readers, make("admin", "list", "{kind=organisation}"));
    readers_destroy(&readers);
    assert_null(readers);
}

static void whose_data_was_read_comes_with_the_answer(void **state)
{
    readers_t *readers = readers_new(region_environment(region), THREADS);

    (void)state;
    value_t person =
        say_well(region, "admin", "put", "kind=person fields={name=Contact organisation=org-1}");
    const char *id = value_get_text(&person, "id");
    readers_give(readers, make("admin", "get",
                               arena_format(region_arena(region), "{id=%s purpose=calls}", id)));
    job_t *job = take_any(readers);
    assert_non_null(job->subjects);
    assert_string_equal(job->subjects[0], id);
    assert_null(job->subjects[1]);
    assert_string_equal(job->purpose, "calls");
    job_destroy(&job);
    readers_give(readers, make("admin", "get", arena_format(region_arena(region), "{id=%s}", id)));
    job = take_any(readers);
    assert_null(job->subjects);
    job_destroy(&job);
    readers_destroy(&readers);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_region, close_region)
    const struct CMUnitTest tests[] = {
        TEST(every_read_is_answered),
        TEST(the_idle_are_given_work),
        TEST(work_under_way_is_dropped),
        TEST(whose_data_was_read_comes_with_the_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
