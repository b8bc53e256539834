#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "push.h"
#include "wire.h"

#include <string.h>

#define EPOCH "5f0c2a9e71b3d846"

/* {"rev": 7} and {"rev": 8}, as entries go. */
static const push_entry_t seven = {"\x81\xa3rev\x07", 6}, eight = {"\x81\xa3rev\x08", 6};

typedef struct {
    arena_t *arena;
    pushes_t pushes;
} fixture_t;

static int set_up(void **state)
{
    static fixture_t fixture;

    fixture = (fixture_t){.arena = arena_new()};
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    fixture_t *fixture = *state;

    pushes_clear(&fixture->pushes);
    arena_destroy(&fixture->arena);
    return 0;
}

static zmq_msg_t frame_of(fixture_t *self, uint64_t watch, uint64_t before,
                          const push_entry_t *const *entries, size_t count)
{
    zmq_msg_t frame;

    pushes_frame(&self->pushes, self->arena, watch, EPOCH, before, entries, count, &frame);
    return frame;
}

static void a_push_has_its_entries_in_order(void **state)
{
    fixture_t *fixture = *state;
    const push_entry_t *entries[] = {&seven, &eight};
    zmq_msg_t message = frame_of(fixture, 3, 6, entries, 2);
    value_t value;
    frame_t frame;
    error_t error = {0};

    assert_true(wire_decode(zmq_msg_data(&message), zmq_msg_size(&message), &wire_limits_client,
                            fixture->arena, &value, &error));
    assert_true(frame_read(&frame, &value, &error));
    assert_int_equal(frame.type, FRAME_PUSH);
    assert_int_equal(frame.watch, 3);
    assert_string_equal(frame.epoch, EPOCH);
    assert_int_equal(frame.before, 6);
    assert_int_equal(frame.body.count, 2);
    assert_int_equal(value_get_integer(&frame.body.items[0], "rev", 0), 7);
    assert_int_equal(value_get_integer(&frame.body.items[1], "rev", 0), 8);
    zmq_msg_close(&message);
}

/* More entries than a small message holds, so that its bytes can be shared. */
static void the_same_is_laid_out_once(void **state)
{
    fixture_t *fixture = *state;
    const push_entry_t *entries[] = {&seven, &eight, &seven, &eight}, *again[4];
    memcpy(again, entries, sizeof again);
    zmq_msg_t first = frame_of(fixture, 1, 6, entries, 4);
    zmq_msg_t second = frame_of(fixture, 1, 6, again, 4);

    assert_ptr_equal(zmq_msg_data(&first), zmq_msg_data(&second));
    zmq_msg_close(&first);
    /* What is shared outlives those who had it, and the list of what was made. */
    pushes_clear(&fixture->pushes);
    assert_memory_equal((const char *)zmq_msg_data(&second) + 1, "\xa4push", 5);
    zmq_msg_close(&second);
}

static void assert_differ(zmq_msg_t *a, zmq_msg_t *b)
{
    assert_false(zmq_msg_size(a) == zmq_msg_size(b) &&
                 memcmp(zmq_msg_data(a), zmq_msg_data(b), zmq_msg_size(a)) == 0);
    zmq_msg_close(b);
}

static void another_watch_place_or_view_is_another_push(void **state)
{
    fixture_t *fixture = *state;
    const push_entry_t *entries[] = {&seven, &eight}, *others[] = {&seven, &seven};
    zmq_msg_t one = frame_of(fixture, 1, 6, entries, 2);
    zmq_msg_t watch = frame_of(fixture, 2, 6, entries, 2);
    zmq_msg_t before = frame_of(fixture, 1, 5, entries, 2);
    zmq_msg_t shorter = frame_of(fixture, 1, 6, entries, 1);
    zmq_msg_t view = frame_of(fixture, 1, 6, others, 2);

    assert_differ(&one, &watch);
    assert_differ(&one, &before);
    assert_differ(&one, &shorter);
    assert_differ(&one, &view);
    zmq_msg_close(&one);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_push_has_its_entries_in_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_same_is_laid_out_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(another_watch_place_or_view_is_another_push, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
