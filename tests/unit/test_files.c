#include "samverk.h"
#include "synced.h"
#include "temporary_home.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* client/lib/files.c */

static const char *path_of(const char *name)
{
    static char path[400];
    snprintf(path, sizeof path, "%s/%s", home, name);
    return path;
}

static const char *content_of(const char *path)
{
    static char text[64];
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    text[fread(text, 1, sizeof text - 1, file)] = 0;
    fclose(file);
    return text;
}

static unsigned mode_of(const char *path)
{
    struct stat about;
    assert_int_equal(stat(path, &about), 0);
    return about.st_mode & 0777;
}

static void folders_are_where_xdg_says(void **state)
{
    (void)state;
    char path[256];
    setenv("HOME", "/home/broker", 1);
    setenv("XDG_CONFIG_HOME", "/etc/broker", 1);
    setenv("XDG_STATE_HOME", "relative", 1); /* is ignored */
    assert_true(samverk_config_path(path, sizeof path));
    assert_string_equal(path, "/etc/broker/samverk");
    assert_true(samverk_state_path(path, sizeof path));
    assert_string_equal(path, "/home/broker/.local/state/samverk");
    unsetenv("XDG_CONFIG_HOME");
    assert_true(samverk_config_path(path, sizeof path));
    assert_string_equal(path, "/home/broker/.config/samverk");
    assert_false(samverk_config_path(path, 10));
}

static void folders_are_made_for_their_owner_alone(void **state)
{
    (void)state;
    synced_forget();
    assert_true(samverk_make_folder(path_of("a/b/c")));
    assert_int_equal(mode_of(path_of("a")), 0700);
    assert_int_equal(mode_of(path_of("a/b/c")), 0700);
    /* Each is there after a power cut. */
    assert_true(synced(home));
    assert_true(synced(path_of("a")));
    assert_true(synced(path_of("a/b")));
    synced_forget();
    assert_true(samverk_make_folder(path_of("a/b/c")));
    assert_false(synced(path_of("a/b")));
    assert_true(samverk_write_file(path_of("file"), "x", 1, 0600));
    assert_false(samverk_make_folder(path_of("file/below")));
    assert_int_equal(errno, ENOTDIR);
}

static void a_file_is_the_old_one_or_the_new(void **state)
{
    (void)state;
    const char *path = path_of("profile");
    assert_true(samverk_write_file(path, "old", 3, 0644));
    assert_string_equal(content_of(path), "old");
    assert_int_equal(mode_of(path), 0644);
    synced_forget();
    assert_true(samverk_write_file(path, "the new", 7, 0600));
    assert_string_equal(content_of(path), "the new");
    assert_int_equal(mode_of(path), 0600);
    assert_true(synced(home));
    /* What could not be written whole leaves the old one, and nothing beside it. */
    struct stat about;
    assert_int_equal(mkdir(path_of("folder"), 0700), 0);
    assert_false(samverk_write_file(path_of("folder"), "x", 1, 0600));
    assert_int_equal(errno, EISDIR);
    assert_int_equal(rmdir(path_of("folder")), 0);
    assert_false(samverk_write_file(path_of("nowhere/file"), "x", 1, 0600));
    assert_int_equal(errno, ENOENT);
    assert_int_not_equal(stat(path_of("nowhere"), &about), 0);
    char command[500];
    snprintf(command, sizeof command, "test \"$(ls %s)\" = profile", home);
    assert_int_equal(system(command), 0);
}

static void a_name_is_synced_with_its_folder(void **state)
{
    (void)state;
    synced_forget();
    assert_true(samverk_sync_name(path_of("anything")));
    assert_true(synced(home));
    assert_false(samverk_sync_name(path_of("nowhere/file")));
    assert_int_equal(errno, ENOENT);
    synced_forget();
    assert_true(samverk_sync_name("/tmp"));
    assert_true(synced("/"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(folders_are_where_xdg_says, home_make, home_remove),
        cmocka_unit_test_setup_teardown(folders_are_made_for_their_owner_alone, home_make,
                                        home_remove),
        cmocka_unit_test_setup_teardown(a_file_is_the_old_one_or_the_new, home_make, home_remove),
        cmocka_unit_test_setup_teardown(a_name_is_synced_with_its_folder, home_make, home_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
