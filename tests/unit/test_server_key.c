#include "server_key.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char directory[] = "/tmp/samverk-server-key-XXXXXX";
static char why[512];

static int make_directory(void **state)
{
    (void)state;
    return mkdtemp(directory) != NULL ? 0 : -1;
}

static const char *path_of(const char *name)
{
    static char path[256];

    snprintf(path, sizeof path, "%s/%s", directory, name);
    return path;
}

static int remove_directory(void **state)
{
    (void)state;
    unlink(path_of("server.secret"));
    unlink(path_of("server.next"));
    return rmdir(directory);
}

static void a_key_is_made_once_and_kept_from_others(void **state)
{
    unsigned char public_key[32], secret_key[32], public_again[32], secret_again[32];
    struct stat found;

    (void)state;
    assert_false(server_key_load(directory, public_key, secret_key, why, sizeof why));
    assert_true(server_key_create(directory, public_key, secret_key, why, sizeof why));
    assert_int_equal(stat(path_of("server.secret"), &found), 0);
    assert_int_equal(found.st_mode & 0777, 0600);
    assert_true(server_key_load(directory, public_again, secret_again, why, sizeof why));
    assert_memory_equal(public_key, public_again, 32);
    assert_memory_equal(secret_key, secret_again, 32);
    assert_false(server_key_create(directory, public_again, secret_again, why, sizeof why));
    assert_non_null(strstr(why, "server.secret"));
}

static void the_next_key_waits_for_its_day(void **state)
{
    unsigned char before[32], after[32], secret_key[32];
    server_key_next_t next;

    (void)state;
    assert_true(server_key_next(directory, &next, why, sizeof why));
    assert_false(next.planned);
    assert_false(server_key_plan(directory, "2027-02-30", why, sizeof why));
    assert_non_null(strstr(why, "YYYY-MM-DD"));
    assert_true(server_key_plan(directory, "2027-01-31", why, sizeof why));
    assert_false(server_key_plan(directory, "2027-02-28", why, sizeof why));
    assert_true(server_key_next(directory, &next, why, sizeof why));
    assert_true(next.planned);
    assert_string_equal(next.day, "2027-01-31");

    assert_true(server_key_load(directory, before, secret_key, why, sizeof why));
    assert_memory_not_equal(before, next.public_key, 32);
    assert_true(server_key_take_over(directory, "2027-01-30", why, sizeof why));
    assert_true(server_key_load(directory, after, secret_key, why, sizeof why));
    assert_memory_equal(before, after, 32);
    assert_true(server_key_take_over(directory, "2027-01-31", why, sizeof why));
    assert_true(server_key_load(directory, after, secret_key, why, sizeof why));
    assert_memory_equal(after, next.public_key, 32);
    assert_true(server_key_next(directory, &next, why, sizeof why));
    assert_false(next.planned);
}

static void a_broken_plan_is_named(void **state)
{
    server_key_next_t next;
    FILE *out = fopen(path_of("server.next"), "w");

    (void)state;
    assert_non_null(out);
    fputs("no key\n2027-01-31\n", out);
    fclose(out);
    assert_false(server_key_next(directory, &next, why, sizeof why));
    assert_non_null(strstr(why, "server.next"));
    assert_false(server_key_take_over(directory, "2028-01-01", why, sizeof why));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_is_made_once_and_kept_from_others),
        cmocka_unit_test(the_next_key_waits_for_its_day),
        cmocka_unit_test(a_broken_plan_is_named),
    };
    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
