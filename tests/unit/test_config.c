#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char file[256];

static int make_file(void **state)
{
    const char *temporary = getenv("TMPDIR");

    (void)state;
    snprintf(file, sizeof file, "%s/samverk-XXXXXX", temporary != NULL ? temporary : "/tmp");
    int descriptor = mkstemp(file);
    assert_true(descriptor >= 0);
    close(descriptor);
    return 0;
}

static int remove_file(void **state)
{
    (void)state;
    return unlink(file);
}

static void write_file(const char *text)
{
    FILE *out = fopen(file, "we");

    assert_non_null(out);
    fputs(text, out);
    assert_int_equal(fclose(out), 0);
}

/* Read over the defaults; the reason when it is refused, "" when not. */
static const char *read_text(const char *text, config_t *config)
{
    static char why[512];

    write_file(text);
    *config = config_defaults;
    *why = '\0';
    bool good = config_read(config, file, why, sizeof why);
    assert_int_equal(good, *why == '\0');
    return why;
}

static void defaults_stand_in_the_table(void **state)
{
    config_t config = config_defaults;

    (void)state;
#define TEXT_OPTION(name, otherwise, label) assert_string_equal(config.name, otherwise);
#define NUMBER_OPTION(name, otherwise, least, most, label)                                         \
    assert_int_equal(config.name, otherwise);                                                      \
    assert_true((otherwise) >= (least) && (otherwise) <= (most));
#include "config.def"
#undef TEXT_OPTION
#undef NUMBER_OPTION
}

static const char *good_text(const char *option)
{
    return strcmp(option, "zone") == 0               ? "Europe/Helsinki"
           : strcmp(option, "backup_directory") == 0 ? "/var/backups/samverk"
                                                     : "tcp://127.0.0.1:9";
}

/* Each row: set, and out of its range. */
static void each_option_is_read(void **state)
{
    config_t config;
    const char *value;
    char text[256];

    (void)state;
#define TEXT_OPTION(name, otherwise, label)                                                        \
    value = good_text(#name);                                                                      \
    snprintf(text, sizeof text, #name " = \"%s\"\n", value);                                       \
    assert_string_equal(read_text(text, &config), "");                                             \
    assert_string_equal(config.name, value);
#define NUMBER_OPTION(name, otherwise, least, most, label)                                         \
    snprintf(text, sizeof text, #name " = %lld\n", (long long)(least));                            \
    assert_string_equal(read_text(text, &config), "");                                             \
    assert_int_equal(config.name, least);                                                          \
    snprintf(text, sizeof text, #name " = \"%lld\"\n", (long long)(most));                         \
    assert_string_equal(read_text(text, &config), "");                                             \
    assert_int_equal(config.name, most);                                                           \
    snprintf(text, sizeof text, #name " = %lld\n", (long long)(least)-1);                          \
    assert_non_null(strstr(read_text(text, &config), #name));                                      \
    assert_int_equal(config.name, otherwise);                                                      \
    snprintf(text, sizeof text, #name " = %lld\n", (long long)(most) + 1);                         \
    assert_non_null(strstr(read_text(text, &config), "expected"));                                 \
    assert_non_null(strstr(read_text(#name " = many\n", &config), #name));                         \
    assert_non_null(strstr(read_text(#name " = 3x\n", &config), #name));
#include "config.def"
#undef TEXT_OPTION
#undef NUMBER_OPTION
}

static void what_it_is_not_is_named(void **state)
{
    config_t config;
    char text[600] = "listen = \"tcp://";

    (void)state;
    assert_non_null(strstr(read_text("lissten = \"tcp://*:1\"\n", &config), "lissten"));
    assert_non_null(strstr(read_text("listen\n    address = 1\n", &config), "listen"));
    assert_non_null(strstr(read_text("listen = \"ipc://x\"\n", &config), "tcp://"));
    assert_non_null(strstr(read_text("zone = \"Europe/Atlantis\"\n", &config), "zone"));
    assert_string_equal(config.zone, "Europe/Stockholm");
    assert_non_null(strstr(read_text("backup_directory = \"here\"\n", &config), "absolute"));
    assert_string_equal(config.backup_directory, "");
    memset(text + strlen(text), 'x', 400);
    strcat(text, "\"\n");
    assert_non_null(strstr(read_text(text, &config), "at most"));
    assert_string_equal(config.listen, "tcp://127.0.0.1:7761");
    /* One wrong line changes nothing of the others. */
    assert_string_not_equal(read_text("readers = 3\nio_threads = many\n", &config), "");
    assert_int_equal(config.readers, 2);
    char why[256] = "";
    assert_false(config_read(&config, "/nowhere/samverkd.conf", why, sizeof why));
    assert_non_null(strstr(why, "/nowhere/samverkd.conf"));
}

static void what_is_written_is_read(void **state)
{
    config_t config = config_defaults, read = config_defaults;
    char why[256];

    (void)state;
    assert_int_equal(config_write(&config, file), 0);
    assert_true(config_read(&read, file, why, sizeof why));
    assert_memory_equal(&config, &read, sizeof config);

    snprintf(config.listen, sizeof config.listen, "tcp://10.0.0.1:7761");
    config.readers = 7;
    assert_int_equal(config_write(&config, file), 0);
    read = config_defaults;
    assert_true(config_read(&read, file, why, sizeof why));
    assert_memory_equal(&config, &read, sizeof config);
    assert_int_not_equal(config_write(&config, "/nowhere/samverkd.conf"), 0);
}

static unsigned described;

static void describe(const char *name, const char *label, const char *otherwise, const char *range)
{
    assert_true(*name != '\0' && *label != '\0' && otherwise != NULL && range != NULL);
    described++;
}

static void each_option_is_described(void **state)
{
    unsigned rows = 0;

    (void)state;
#define TEXT_OPTION(name, otherwise, label) rows++;
#define NUMBER_OPTION(name, otherwise, least, most, label) rows++;
#include "config.def"
#undef TEXT_OPTION
#undef NUMBER_OPTION
    config_each(describe);
    assert_int_equal(described, rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_stand_in_the_table), cmocka_unit_test(each_option_is_read),
        cmocka_unit_test(what_it_is_not_is_named),     cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(each_option_is_described),
    };
    return cmocka_run_group_tests(tests, make_file, remove_file);
}
