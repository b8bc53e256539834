#include "samverk.h"
#include "temporary_home.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

static samverk_profile_t example(const char *name)
{
    samverk_profile_t profile = {.endpoint = "tcp://samverk.example.se:7761", .user = "usr-4"};
    snprintf(profile.name, sizeof profile.name, "%s", name);
    snprintf(profile.region, sizeof profile.region, "Östra \"Mellansverige\"");
    unsigned char unused[32];
    samverk_key_pair(profile.server_key, unused);
    samverk_key_pair(profile.public_key, profile.secret_key);
    return profile;
}

static void path_to(char path[400], const char *file)
{
    snprintf(path, 400, "%s/config/samverk/%s", home, file);
}

static void comes_back_as_it_was(void **state)
{
    (void)state;
    samverk_profile_t profile = example("motala"), read;
    assert_int_equal(samverk_profile_save(&profile), SAMVERK_PROFILE_OK);
    assert_int_equal(samverk_profile_load(&read, "motala"), SAMVERK_PROFILE_OK);
    assert_string_equal(read.name, "motala");
    assert_string_equal(read.endpoint, profile.endpoint);
    assert_string_equal(read.user, "usr-4");
    assert_string_equal(read.region, "Östra  Mellansverige "); /* ZPL has no escapes */
    assert_memory_equal(read.server_key, profile.server_key, 32);
    assert_memory_equal(read.secret_key, profile.secret_key, 32);
    assert_memory_equal(read.public_key, profile.public_key, 32);
    unsigned char zero[32] = {0};
    assert_memory_equal(read.invitation, zero, 32);
}

static void keeps_the_invitation_that_is_taken_up(void **state)
{
    (void)state;
    samverk_profile_t profile = example("joining"), read;
    memset(profile.invitation, 0x5a, 32);
    assert_int_equal(samverk_profile_save(&profile), SAMVERK_PROFILE_OK);
    assert_int_equal(samverk_profile_load(&read, "joining"), SAMVERK_PROFILE_OK);
    assert_memory_equal(read.invitation, profile.invitation, 32);
}

static void every_key_survives_its_text(void **state)
{
    (void)state;
    /* Z85 has characters that ZPL gives a meaning: # = " and so on. */
    for (int i = 0; i < 200; i++) {
        samverk_profile_t profile = example("keys"), read;
        assert_int_equal(samverk_profile_save(&profile), SAMVERK_PROFILE_OK);
        assert_int_equal(samverk_profile_load(&read, "keys"), SAMVERK_PROFILE_OK);
        assert_memory_equal(read.server_key, profile.server_key, 32);
        assert_memory_equal(read.secret_key, profile.secret_key, 32);
    }
}

static void the_secret_is_the_owners(void **state)
{
    (void)state;
    samverk_profile_t profile = example("secret"), read;
    char path[400];
    struct stat about;
    assert_int_equal(samverk_profile_save(&profile), SAMVERK_PROFILE_OK);
    path_to(path, "secret.secret");
    assert_int_equal(stat(path, &about), 0);
    assert_int_equal(about.st_mode & 07777, 0600);
    path_to(path, "");
    assert_int_equal(stat(path, &about), 0);
    assert_int_equal(about.st_mode & 07777, 0700);
    path_to(path, "secret.secret");
    assert_int_equal(chmod(path, 0640), 0);
    assert_int_equal(samverk_profile_load(&read, "secret"), SAMVERK_PROFILE_EXPOSED);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(samverk_profile_load(&read, "secret"), SAMVERK_PROFILE_NO_SECRET);
}

static void says_what_is_wrong(void **state)
{
    (void)state;
    samverk_profile_t read;
    char path[400];
    assert_int_equal(samverk_profile_load(&read, "nobody"), SAMVERK_PROFILE_MISSING);
    assert_int_equal(samverk_profile_load(&read, "../motala"), SAMVERK_PROFILE_MISSING);
    path_to(path, "broken.profile");
    assert_true(samverk_write_file(path, "endpoint = tcp://x:1\nserver-key = short\n", 39, 0644));
    assert_int_equal(samverk_profile_load(&read, "broken"), SAMVERK_PROFILE_BROKEN);
}

static void lists_names_in_order(void **state)
{
    (void)state;
    arena_t *arena = arena_new();
    const char **names;
    size_t n = samverk_profile_names(arena, &names);
    assert_true(n >= 4);
    for (size_t i = 1; i < n; i++)
        assert_true(strcmp(names[i - 1], names[i]) < 0);
    arena_destroy(&arena);
}

static void names_are_plain(void **state)
{
    (void)state;
    assert_true(samverk_profile_name_ok("default"));
    assert_true(samverk_profile_name_ok("motala-2_b"));
    assert_false(samverk_profile_name_ok(""));
    assert_false(samverk_profile_name_ok("a/b"));
    assert_false(samverk_profile_name_ok("."));
    char name[70];
    memset(name, 'a', sizeof name);
    name[69] = 0;
    assert_false(samverk_profile_name_ok(name));
}

static void a_relative_variable_is_ignored(void **state)
{
    (void)state;
    char path[400], kept[256];
    snprintf(kept, sizeof kept, "%s", getenv("XDG_STATE_HOME"));
    setenv("XDG_STATE_HOME", "here", 1);
    setenv("HOME", "/home/someone", 1);
    assert_true(samverk_state_path(path, sizeof path));
    assert_string_equal(path, "/home/someone/.local/state/samverk");
    assert_false(samverk_state_path(path, 10));
    setenv("XDG_STATE_HOME", kept, 1);
}

static void a_file_is_whole_or_old(void **state)
{
    (void)state;
    char path[400], text[16] = "";
    snprintf(path, sizeof path, "%s/whole", home);
    assert_true(samverk_write_file(path, "old", 3, 0600));
    assert_true(samverk_write_file(path, "newer", 5, 0600));
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_int_equal(fread(text, 1, sizeof text, file), 5);
    fclose(file);
    assert_string_equal(text, "newer");
    snprintf(path, sizeof path, "%s/no/such/folder", home);
    assert_false(samverk_write_file(path, "x", 1, 0600));
    assert_int_equal(errno, ENOENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comes_back_as_it_was),
        cmocka_unit_test(keeps_the_invitation_that_is_taken_up),
        cmocka_unit_test(every_key_survives_its_text),
        cmocka_unit_test(the_secret_is_the_owners),
        cmocka_unit_test(says_what_is_wrong),
        cmocka_unit_test(lists_names_in_order),
        cmocka_unit_test(names_are_plain),
        cmocka_unit_test(a_relative_variable_is_ignored),
        cmocka_unit_test(a_file_is_whole_or_old),
    };
    return cmocka_run_group_tests(tests, home_make, home_remove);
}
