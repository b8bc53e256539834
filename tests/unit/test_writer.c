#include "say.h"

#include "reads.h"
#include "writer.h"

#include <czmq.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* The writer's own thread. The region's store is its to write meanwhile: nothing is
   asked of the region before the writer has ended. */

static region_t *region;
static const environment_t *environment;

static int open_region(void **state)
{
    (void)state;
    zsys_set_pipehwm(0);
    region = region_new();
    environment = region_environment(region);
    say_places(region);
    say_user(region, "importer", "broker", "municipalities=[mun-1880]");
    say_user(region, "broker", "broker", "municipalities=[mun-1880]");
    return 0;
}

static int close_region(void **state)
{
    (void)state;
    region_destroy(&region);
    return 0;
}

static job_t *make(const char *who, const unsigned char *id, const char *command,
                   const char *arguments)
{
    arena_t *arena = arena_new();
    unsigned char made[WIRE_REQUEST_ID_SIZE];
    value_t body = say_value(region, arguments);
    error_t error = {0};

    region_request_id(region, made);
    frame_t frame = {.type = FRAME_REQUEST,
                     .id = id != NULL ? id : made,
                     .command = command,
                     .body = value_copy(arena, &body)};
    job_t *job = job_new(&frame, &arena, &error);
    assert_non_null(job);
    region_key(who, job->public_key);
    job->size = 200;
    return job;
}

/* The next commit, waited for. */
static commit_t *take(writer_t *writer)
{
    zmq_pollitem_t item = {.socket = writer_socket(writer), .events = ZMQ_POLLIN};

    assert_int_equal(zmq_poll(&item, 1, 10000), 1);
    commit_t *commit = writer_take(writer);
    assert_non_null(commit);
    return commit;
}

static frame_t reply_of(const job_t *job)
{
    error_t error = {0};
    value_t value;
    frame_t frame;

    assert_non_null(job->reply);
    assert_true(wire_decode(job->reply, job->reply_size, &wire_limits_client, region_arena(region),
                            &value, &error));
    assert_true(frame_read(&frame, &value, &error));
    return frame;
}

static void drop(commit_t *commit, void *context)
{
    unsigned *count = context;

    for (const job_t *job = commit->jobs; job != NULL && count != NULL; job = job->next)
        (*count)++;
    commit_destroy(&commit);
}

static void a_commit_says_what_changed(void **state)
{
    writer_t *writer = writer_new(environment);

    (void)state;
    assert_null(writer_take(writer));
    writer_give(writer, make("broker", NULL, "put",
                             "{kind=inquiry fields={title=a municipality=mun-1880}}"));
    commit_t *commit = take(writer);
    frame_t frame = reply_of(commit->jobs);
    assert_int_equal(frame.type, FRAME_REPLY);
    assert_int_equal(commit->n_changes, 1);
    assert_int_equal(commit->head, frame.revision);
    assert_int_equal(commit->changes[0].revision, frame.revision);
    assert_int_equal(commit->changes[0].n_operations, 1);
    assert_string_equal(commit->changes[0].actor, "usr-3");
    assert_null(commit->changes[0].operations[0].before);
    assert_string_equal(commit->changes[0].operations[0].after->id.text, "inq-1");
    uint64_t head = commit->head;
    commit_destroy(&commit);

    /* Refused: answered, and nothing is said to have changed. */
    writer_give(writer, make("broker", NULL, "put", "{kind=inquiry fields={title=a}}"));
    commit = take(writer);
    assert_int_equal(reply_of(commit->jobs).type, FRAME_ERROR);
    assert_int_equal(commit->n_changes, 0);
    assert_int_equal(commit->head, head);
    commit_destroy(&commit);
    writer_destroy(&writer, drop, NULL);
    assert_null(writer);
}

/* One user's thousand requests do not stand before another's one: what came after 600
   of the importer's is in the first commit that follows it. */
static void lanes_take_turns(void **state)
{
    writer_t *writer = writer_new(environment);
    unsigned before = 0, all = 0;
    bool found = false;
    unsigned char id[WIRE_REQUEST_ID_SIZE];

    (void)state;
    region_request_id(region, id);
    for (unsigned i = 0; i < 600; i++)
        writer_give(writer, make("importer", NULL, "put",
                                 "{kind=inquiry fields={title=i municipality=mun-1880}}"));
    writer_give(writer,
                make("broker", id, "put", "{kind=inquiry fields={title=b municipality=mun-1880}}"));
    while (all < 601) {
        commit_t *commit = take(writer);
        unsigned here = 0;
        for (const job_t *job = commit->jobs; job != NULL; job = job->next) {
            found = found || memcmp(job->id, id, sizeof id) == 0;
            before += !found;
            here++;
        }
        assert_true(here <= WRITER_BATCH_REQUESTS);
        all += here;
        commit_destroy(&commit);
    }
    assert_true(found);
    /* Whatever batches were begun while it was on its way, it overtook the rest. */
    assert_true(before < 590);
    writer_destroy(&writer, drop, NULL);
}

/* How many of `count` jobs came after the one with this id. The first of them keeps the
   writer busy while the rest are given. */
static unsigned give_all(writer_t *writer, job_t **jobs, unsigned count, const unsigned char *id)
{
    unsigned taken = 0, after = 0;
    bool found = false;

    for (unsigned i = 0; i < count; i++)
        writer_give(writer, jobs[i]);
    while (taken < count) {
        commit_t *commit = take(writer);
        for (const job_t *job = commit->jobs; job != NULL; job = job->next, taken++) {
            after += found;
            found = found || memcmp(job->id, id, WIRE_REQUEST_ID_SIZE) == 0;
        }
        commit_destroy(&commit);
    }
    assert_true(found);
    return after;
}

/* Large and small requests take turns, a batch each: neither waits for all of the other. */
static void large_and_small_take_turns(void **state)
{
    static const char *const arguments = "{kind=inquiry fields={title=i municipality=mun-1880}}";
    writer_t *writer = writer_new(environment);
    unsigned char id[WIRE_REQUEST_ID_SIZE];
    job_t *jobs[1200];

    (void)state;
    for (unsigned large = 0; large < 2; large++) {
        unsigned count = large ? 60 : 1200;
        region_request_id(region, id);
        for (unsigned i = 0; i < count; i++) {
            bool last = i + 1 == count;
            jobs[i] = make(last ? "broker" : "importer", last ? id : NULL, "put", arguments);
            jobs[i]->size = last == !large ? WRITER_LARGE_BYTES + 1 : 200;
        }
        assert_true(give_all(writer, jobs, count, id) > 0);
    }
    writer_destroy(&writer, drop, NULL);
}

/* A batch closes at a megabyte. */
static void a_batch_has_an_end(void **state)
{
    writer_t *writer = writer_new(environment);
    unsigned all = 0;

    (void)state;
    for (unsigned i = 0; i < 12; i++) {
        job_t *job =
            make("importer", NULL, "put", "{kind=inquiry fields={title=i municipality=mun-1880}}");
        job->size = 400 * 1024;
        writer_give(writer, job);
    }
    while (all < 12) {
        commit_t *commit = take(writer);
        unsigned here = 0;
        for (const job_t *job = commit->jobs; job != NULL; job = job->next)
            here++;
        assert_true(here <= 3);
        all += here;
        commit_destroy(&commit);
    }
    writer_destroy(&writer, drop, NULL);
}

/* The same request twice in one batch is one change. */
static void once_is_once(void **state)
{
    writer_t *writer = writer_new(environment);
    unsigned char id[WIRE_REQUEST_ID_SIZE];
    const char *arguments = "{kind=inquiry fields={title=once municipality=mun-1880}}";
    unsigned changes = 0, jobs = 0;

    (void)state;
    region_request_id(region, id);
    for (int i = 0; i < 5; i++)
        writer_give(writer, make("broker", id, "put", arguments));
    while (jobs < 5) {
        commit_t *commit = take(writer);
        changes += (unsigned)commit->n_changes;
        for (const job_t *job = commit->jobs; job != NULL; job = job->next, jobs++) {
            frame_t frame = reply_of(job);
            assert_string_equal(value_get_text(&frame.body, "id"), "inq-1");
        }
        commit_destroy(&commit);
    }
    assert_int_equal(changes, 1);
    writer_destroy(&writer, drop, NULL);
}

/* Told to stop, it finishes what it was given. */
static void what_was_given_is_finished(void **state)
{
    writer_t *writer = writer_new(environment);
    unsigned count = 0;

    (void)state;
    for (unsigned i = 0; i < 400; i++)
        writer_give(writer, make("broker", NULL, "put",
                                 "{kind=inquiry fields={title=i municipality=mun-1880}}"));
    writer_destroy(&writer, drop, &count);
    assert_int_equal(count, 400);
    value_t counted = say_well(region, "admin", "count", "kind=inquiry");
    assert_int_equal(value_get_integer(&counted, "count", 0), 400);
}

typedef struct {
    unsigned rows;
    char subject[RECORD_ID_MAX];
} noted_t;

static bool note(const read_t *read, void *context)
{
    noted_t *noted = context;

    assert_string_equal(read->purpose, "calls");
    assert_string_equal(read->as, "usr-2");
    noted->rows++;
    snprintf(noted->subject, sizeof noted->subject, "%s", read->subjects[0]);
    return true;
}

/* A reader's answer with people's data comes by to be noted, and comes back as it was. */
static void a_read_is_noted(void **state)
{
    static const char *const subjects[] = {"per-1", NULL};
    writer_t *writer = writer_new(environment);
    job_t *job = make("broker", NULL, "get", "{id=per-1 purpose=calls}");
    noted_t noted = {0};

    (void)state;
    job->reply = arena_text(job->arena, "an answer");
    job->reply_size = 9;
    job->user = "usr-3";
    job->as = "usr-2";
    job->purpose = "calls";
    job->subjects = subjects;
    writer_give(writer, job);
    commit_t *commit = take(writer);
    assert_ptr_equal(commit->jobs, job);
    assert_memory_equal(job->reply, "an answer", 9);
    assert_int_equal(commit->n_changes, 0);
    commit_destroy(&commit);
    writer_destroy(&writer, drop, NULL);
    store_txn_t *txn = store_read(environment->store);
    reads_each(txn, 0, UINT64_MAX, note, &noted);
    store_abort(&txn);
    assert_int_equal(noted.rows, 1);
    assert_string_equal(noted.subject, "per-1");
}

static bool decline(draft_t *draft, const void *what, error_t *error)
{
    value_t fields = say_value(region, "{reason=\"nobody answers\"}");

    return draft_move(draft, what, "decline", &fields, DRAFT_ANY_REVISION, error) != NULL;
}

/* A record of which nobody is the author. */
static bool put_county(draft_t *draft, const void *what, error_t *error)
{
    value_t fields = say_value(region, "{name=Gotland}");

    return draft_put(draft, "county", what, &fields, false, error) != NULL;
}

/* A change that no row or rule looks at. */
static bool retitle(draft_t *draft, const void *what, error_t *error)
{
    record_id_t id;

    (void)error;
    assert_true(record_id_parse(&id, what, NULL));
    record_set(draft_edit_record(draft, draft_get(draft, &id)), "title", value_text("anew"));
    return true;
}

static bool do_nothing(draft_t *draft, const void *what, error_t *error)
{
    (void)draft, (void)what, (void)error;
    return true;
}

static void give_chore(writer_t *writer, chore_t chore, const char *what)
{
    arena_t *arena = arena_new();

    writer_give(writer, job_chore(chore, what, &arena));
    assert_null(arena);
}

/* What the daemon does by itself is a change like any other, and nobody's. */
static void a_chore_is_the_daemons(void **state)
{
    writer_t *writer = writer_new(environment);

    (void)state;
    writer_give(writer, make("broker", NULL, "put",
                             "{kind=inquiry fields={title=a municipality=mun-1880}}"));
    commit_t *commit = take(writer);
    uint64_t head = commit->head;
    commit_destroy(&commit);

    give_chore(writer, decline, "inq-1");
    commit = take(writer);
    assert_int_equal(commit->jobs->refused, ERROR_NONE);
    assert_null(commit->jobs->reply);
    assert_int_equal(commit->head, head + 1);
    assert_int_equal(commit->n_changes, 1);
    assert_string_equal(commit->changes[0].actor, "");
    assert_null(commit->changes[0].as);
    const operation_t *operation = &commit->changes[0].operations[0];
    assert_string_equal(record_get_text(operation->before, "state"), "new");
    assert_string_equal(record_get_text(operation->after, "state"), "declined");
    assert_int_equal(operation->after->revision, head + 1);
    commit_destroy(&commit);

    /* Refused as a user's would be: nothing is applied, and the chore says why. */
    give_chore(writer, decline, "inq-1");
    commit = take(writer);
    assert_int_equal(commit->jobs->refused, ERROR_IMPOSSIBLE_MOVE);
    assert_int_equal(commit->n_changes, 0);
    commit_destroy(&commit);

    /* Nothing to do is no change, and no refusal. */
    give_chore(writer, do_nothing, NULL);
    commit = take(writer);
    assert_int_equal(commit->jobs->refused, ERROR_NONE);
    assert_int_equal(commit->n_changes, 0);
    assert_int_equal(commit->head, head + 1);
    commit_destroy(&commit);

    give_chore(writer, put_county, "09");
    commit = take(writer);
    assert_int_equal(commit->n_changes, 1);
    const record_t *made = commit->changes[0].operations[0].after;
    assert_int_equal(record_get(made, "created_by")->form, VALUE_ABSENT);
    assert_int_equal(record_get(made, "created")->form, VALUE_INTEGER);
    commit_destroy(&commit);
    writer_destroy(&writer, drop, NULL);

    value_t history = say_well(region, "admin", "history", "id=inq-1");
    say_expect(region, &history, "{entries=[{actor=\"\" change=patch} {actor=usr-3}]}");
}

/* An ordinary write, as far as maintenance goes. */
static void chores_wait_for_maintenance(void **state)
{
    writer_t *writer = writer_new(environment);

    (void)state;
    writer_give(writer, make("broker", NULL, "put",
                             "{kind=inquiry fields={title=a municipality=mun-1880}}"));
    commit_t *commit = take(writer);
    commit_destroy(&commit);
    writer_give(writer, make("admin", NULL, "put",
                             "{kind=maintenance fields={until=4000000000000 text=moving}}"));
    commit = take(writer);
    assert_int_equal(commit->n_changes, 1);
    commit_destroy(&commit);
    give_chore(writer, retitle, "inq-1");
    commit = take(writer);
    assert_int_equal(commit->jobs->refused, ERROR_MAINTENANCE);
    assert_int_equal(commit->n_changes, 0);
    commit_destroy(&commit);
    writer_destroy(&writer, drop, NULL);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_region, close_region)
    const struct CMUnitTest tests[] = {
        TEST(a_commit_says_what_changed),
        TEST(lanes_take_turns),
        TEST(a_batch_has_an_end),
        TEST(large_and_small_take_turns),
        TEST(once_is_once),
        TEST(what_was_given_is_finished),
        TEST(a_read_is_noted),
        TEST(a_chore_is_the_daemons),
        TEST(chores_wait_for_maintenance),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
