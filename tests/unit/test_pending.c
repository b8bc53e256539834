#include "pending.h"
#include "synced.h"
#include "temporary_home.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

static samverk_profile_t profile = {.name = "default", .endpoint = "tcp://127.0.0.1:1"};
static samverk_t *connection;
static arena_t *arena;

static int begin(void **state)
{
    if (!schema_start())
        return -1;
    arena = arena_new();
    samverk_key_pair(profile.public_key, profile.secret_key);
    connection = samverk_new(&profile, "test 1");
    return home_make(state);
}

static int end(void **state)
{
    samverk_destroy(&connection);
    arena_destroy(&arena);
    return home_remove(state);
}

static value_t titled(const char *title)
{
    value_builder_t map = value_builder(arena);
    value_add_pair(&map, "title", value_text(title));
    return value_build_map(&map);
}

static bool open_for(pending_t *pending, const char *title)
{
    value_t arguments = titled(title);
    return pending_open(pending, connection, &profile, "put", &arguments);
}

static void an_unanswered_one_is_found_again(void **state)
{
    (void)state;
    pending_t first, again, after;
    assert_true(open_for(&first, "CAD"));
    assert_false(first.again);
    pending_keep(&first); /* the run ended without an answer */
    assert_true(open_for(&again, "CAD"));
    assert_true(again.again);
    assert_memory_equal(first.id, again.id, 16);
    pending_answered(&again);
    assert_true(open_for(&after, "CAD"));
    assert_false(after.again);
    assert_memory_not_equal(first.id, after.id, 16);
    pending_answered(&after);
}

static void other_arguments_are_another(void **state)
{
    (void)state;
    pending_t one, two;
    assert_true(open_for(&one, "CAD"));
    pending_keep(&one);
    assert_true(open_for(&two, "CAM"));
    assert_false(two.again);
    pending_answered(&two);
    samverk_profile_t other = profile;
    strcpy(other.name, "other");
    value_t arguments = titled("CAD");
    assert_true(pending_open(&two, connection, &other, "put", &arguments));
    assert_false(two.again);
    pending_answered(&two);
    assert_true(pending_open(&two, connection, &profile, "patch", &arguments));
    assert_false(two.again);
    pending_answered(&two);
    assert_true(open_for(&one, "CAD"));
    assert_true(one.again);
    pending_answered(&one);
}

/* Two runs of the same command at one moment are two wishes. */
static void twins_do_not_share(void **state)
{
    (void)state;
    pending_t one, two;
    assert_true(open_for(&one, "CAD"));
    assert_true(open_for(&two, "CAD"));
    assert_false(two.again);
    assert_memory_not_equal(one.id, two.id, 16);
    pending_answered(&one);
    pending_answered(&two);
}

static void a_torn_file_is_no_id(void **state)
{
    (void)state;
    pending_t one, two;
    assert_true(open_for(&one, "CAD"));
    assert_int_equal(ftruncate(one.file, 7), 0);
    pending_keep(&one);
    assert_true(open_for(&two, "CAD"));
    assert_false(two.again);
    pending_answered(&two);
}

static void ids_survive_their_text(void **state)
{
    (void)state;
    unsigned char id[16], read[16];
    char text[33];
    for (unsigned i = 0; i < 16; i++)
        id[i] = (unsigned char)(i * 17);
    pending_id_write(text, id);
    assert_string_equal(text, "00112233445566778899aabbccddeeff");
    assert_true(pending_id_read(read, text));
    assert_memory_equal(id, read, 16);
    assert_false(pending_id_read(read, "0011"));
    assert_false(pending_id_read(read, "zz112233445566778899aabbccddeeff"));
}

/* A request whose file is gone after a power cut would be made twice. */
static void its_name_is_on_disk_before_it_is_sent(void **state)
{
    (void)state;
    char folder[400];
    pending_t pending;
    snprintf(folder, sizeof folder, "%s/state/samverk/pending", home);
    synced_forget();
    assert_true(open_for(&pending, "CAD"));
    assert_true(synced(folder));
    pending_answered(&pending);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_unanswered_one_is_found_again),
        cmocka_unit_test(other_arguments_are_another),
        cmocka_unit_test(twins_do_not_share),
        cmocka_unit_test(a_torn_file_is_no_id),
        cmocka_unit_test(ids_survive_their_text),
        cmocka_unit_test(its_name_is_on_disk_before_it_is_sent),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
