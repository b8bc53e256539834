#include "say.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static region_t *region;
static const unsigned char id[WIRE_REQUEST_ID_SIZE] = "sixteen bytes..";

static int open_region(void **state)
{
    (void)state;
    region = region_new();
    return 0;
}

static int close_region(void **state)
{
    (void)state;
    region_destroy(&region);
    return 0;
}

static job_t *make(const char *command, const char *arguments, const char *as, error_t *error)
{
    arena_t *arena = arena_new();
    value_t body = say_value(region, arguments);
    frame_t frame = {.type = FRAME_REQUEST,
                     .id = id,
                     .command = command,
                     .body = value_copy(arena, &body),
                     .as = as};
    job_t *job = job_new(&frame, &arena, error);

    assert_int_equal(job == NULL, arena != NULL); /* the job has taken it */
    arena_destroy(&arena);
    return job;
}

static void wrong_requests_are_no_jobs(void **state)
{
    static const struct {
        const char *command, *arguments;
        error_code_t code;
    } rows[] = {
        {"frobnicate", "{}", ERROR_UNKNOWN_COMMAND},
        {"get", "{}", ERROR_REQUIRED},
        {"get", "{id=7}", ERROR_INVALID},
        {"get", "{id=inq-1 colour=red}", ERROR_UNKNOWN_FIELD},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        error_t error = {0};
        assert_null(make(rows[i].command, rows[i].arguments, NULL, &error));
        assert_int_equal(error.code, rows[i].code);
    }
}

/* A retry is known by command, arguments and whom it is for. */
static void a_hash_tells_requests_apart(void **state)
{
    static const struct {
        const char *command, *arguments, *as;
    } rows[] = {
        {"get", "{id=inq-1}", NULL},    {"history", "{id=inq-1}", NULL},
        {"get", "{id=inq-2}", NULL},    {"get", "{id=inq-1}", "usr-2"},
        {"get", "{id=inq-1}", "usr-3"}, {"get", "{id=inq-1 at=1}", NULL},
    };
    enum { ROWS = sizeof rows / sizeof *rows };
    unsigned char hashes[ROWS][32], again[32];
    error_t error = {0};

    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        job_t *job = make(rows[i].command, rows[i].arguments, rows[i].as, &error);
        job_hash(job, hashes[i]);
        job_hash(job, again);
        assert_memory_equal(hashes[i], again, 32);
        for (size_t j = 0; j < i; j++)
            assert_memory_not_equal(hashes[i], hashes[j], 32);
        job_destroy(&job);
        assert_null(job);
    }
}

static frame_t reply_of(const job_t *job)
{
    error_t error = {0};
    value_t value;
    frame_t frame;

    assert_true(wire_decode(job->reply, job->reply_size, &wire_limits_client, region_arena(region),
                            &value, &error));
    assert_true(frame_read(&frame, &value, &error));
    assert_memory_equal(frame.id, id, sizeof id);
    return frame;
}

static void a_job_is_answered_or_refused(void **state)
{
    access_cache_t *cache = access_cache_new();
    store_txn_t *txn = store_read(region_environment(region)->store);
    error_t error = {0};
    call_t call;

    (void)state;
    job_t *job = make("status", "{}", NULL, &error);
    region_key("admin", job->public_key);
    assert_true(job_begin(job, &call, region_environment(region), txn, cache));
    assert_string_equal(job->user, "usr-1");
    assert_true(call.access->valid);
    assert_int_equal(call.now_ms, region_now(region));
    call.result = value_integer(7);
    job_finish(job, &call, 12);
    frame_t frame = reply_of(job);
    assert_int_equal(frame.type, FRAME_REPLY);
    assert_int_equal(frame.revision, 12);
    assert_int_equal(frame.body.integer, 7);

    error_set(&call.error, ERROR_NOT_FOUND, "id", NULL);
    job_finish(job, &call, 13);
    frame = reply_of(job);
    assert_int_equal(frame.type, FRAME_ERROR);
    assert_string_equal(value_get_text(&frame.body, "code"), "not-found");
    assert_null(job->subjects);

    static const char *const subjects[] = {"per-1", NULL};
    job->subjects = subjects;
    job_refuse(job, ERROR_STORAGE_FULL);
    frame = reply_of(job);
    assert_int_equal(frame.type, FRAME_ERROR);
    assert_string_equal(value_get_text(&frame.body, "code"), "storage-full");
    assert_null(job->subjects);
    job_destroy(&job);
    store_abort(&txn);
    access_cache_destroy(&cache);
}

/* Rights are those of whom a service acts for; who it is not is refused. */
static void a_service_lends_rights(void **state)
{
    static const struct {
        const char *key, *as, *user;
        error_code_t code;
    } rows[] = {
        {"portal", "usr-3", "usr-3", ERROR_NONE},    {"broker", "usr-3", "", ERROR_NOT_ALLOWED},
        {"portal", "usr-1", "", ERROR_NOT_ALLOWED},  {"portal", "inq-1", "", ERROR_INVALID},
        {"portal", "usr-99", "", ERROR_NOT_ALLOWED},
    };

    (void)state;
    say_places(region);
    assert_string_equal(say_user(region, "portal", "service", ""), "usr-2");
    assert_string_equal(say_user(region, "broker", "broker", "municipalities=[mun-1880]"), "usr-3");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        access_cache_t *cache = access_cache_new();
        store_txn_t *txn = store_read(region_environment(region)->store);
        error_t error = {0};
        call_t call;
        job_t *job = make("status", "{}", rows[i].as, &error);
        region_key(rows[i].key, job->public_key);
        assert_int_equal(job_begin(job, &call, region_environment(region), txn, cache),
                         rows[i].code == ERROR_NONE);
        assert_int_equal(call.error.code, rows[i].code);
        if (rows[i].code == ERROR_NONE) {
            assert_string_equal(call.access->user.text, rows[i].user);
            assert_true(call.access->acting);
            assert_string_equal(job->user, "usr-2");
        }
        job_destroy(&job);
        store_abort(&txn);
        access_cache_destroy(&cache);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(wrong_requests_are_no_jobs, open_region, close_region),
        cmocka_unit_test_setup_teardown(a_hash_tells_requests_apart, open_region, close_region),
        cmocka_unit_test_setup_teardown(a_job_is_answered_or_refused, open_region, close_region),
        cmocka_unit_test_setup_teardown(a_service_lends_rights, open_region, close_region),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
