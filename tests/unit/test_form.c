#include "arguments.h"
#include "cli_fixture.h"
#include "form.h"
#include "guidance.h"
#include "temporary_home.h"

#include <dirent.h>
#include <sys/stat.h>

static int begin(void **state)
{
    unsetenv("VISUAL");
    return cli_begin(state) == 0 ? home_make(state) : -1;
}

static int end(void **state)
{
    cli_end(state);
    unsetenv("TMPDIR");
    return home_remove(state);
}

/* -- what it shows ----------------------------------------------------------------------------- */

static void every_field_that_can_be_written_is_a_line(void **state)
{
    (void)state;
    static const char *const languages[] = {"en", "sv"};
    for (size_t l = 0; l < 2; l++) {
        speak(languages[l]);
        for (size_t k = 0; k < schema_n_kinds(); k++) {
            const kind_t *kind = schema_kind_at(k);
            const char *form = form_write(&cli, kind, NULL), *at = form;
            assert_memory_equal(form, "# ", 2);
            for (size_t i = 0; i < kind->n_fields; i++) {
                const field_t *field = &kind->fields[i];
                const char *line =
                    arena_format(cli.arena, "\n%s: %s\n", field->name, field->otherwise);
                if (!arguments_field_ok(field, FIELDS_WRITABLE)) {
                    assert_null(strstr(form, line));
                    continue;
                }
                const char *remark =
                    arena_format(cli.arena, "\n# %s%s: %s", label_of_field(kind, field),
                                 field->attributes & FIELD_REQUIRED ? _(" (needed)") : "",
                                 label_of_expected(field, cli.arena));
                const char *guide = guidance_of(kind, field);
                if (guide)
                    remark =
                        arena_format(cli.arena, "%s\n%.*s", remark,
                                     (int)strlen(guidance_lines(guide, "#   ", 78, cli.arena)) - 1,
                                     guidance_lines(guide, "#   ", 78, cli.arena));
                at = strstr(at, remark);
                if (!at || strncmp(at + strlen(remark), line, strlen(line)) != 0)
                    fail_msg("%s of %s has no line, or not in its place", field->name, kind->name);
            }
        }
    }
}

static void nothing_filled_in_is_nothing(void **state)
{
    (void)state;
    for (size_t k = 0; k < schema_n_kinds(); k++) {
        const kind_t *kind = schema_kind_at(k);
        value_t fields;
        error_t error = {0};
        assert_true(form_read(&cli, kind, NULL, form_write(&cli, kind, NULL), &fields, &error));
        if (fields.count != 0)
            fail_msg("%s of %s fills itself in", fields.items[0].text, kind->name);
    }
}

static void a_default_can_be_changed(void **state)
{
    (void)state;
    value_t fields;
    error_t error = {0};
    assert_true(form_read(&cli, schema_kind("inquiry"), NULL,
                          "urgency: urgent\ncurrency: SEK\norigin:\n", &fields, &error));
    assert_int_equal(fields.count, 1);
    assert_string_equal(value_get_text(&fields, "urgency"), "urgent");
}

/* What hangs on a record is given beforehand, and comes back with the rest. */
static void what_was_given_is_filled_in(void **state)
{
    (void)state;
    const kind_t *kind = schema_kind("canvas");
    value_builder_t map = value_builder(cli.arena), view = value_builder(cli.arena);
    value_add_pair(&map, "inquiry", value_text("inq-12"));
    value_add_pair(&view, "fields", value_build_map(&map));
    value_t given = value_build_map(&view), fields;
    error_t error = {0};
    const char *form = form_write(&cli, kind, &given);
    assert_memory_equal(form, "# Canvas\n", 9);
    assert_non_null(strstr(form, "\ninquiry: inq-12\n"));
    assert_true(form_read(&cli, kind, &given, form, &fields, &error));
    assert_string_equal(json_text(&fields), "{\"inquiry\":\"inq-12\"}");
    assert_true(
        form_read(&cli, kind, &given, "inquiry: inq-12\nextent: två dagar\n", &fields, &error));
    assert_string_equal(json_text(&fields), "{\"inquiry\":\"inq-12\",\"extent\":\"två dagar\"}");
    assert_true(form_read(&cli, kind, &given, "inquiry:\nextent: två dagar\n", &fields, &error));
    assert_string_equal(json_text(&fields), "{\"extent\":\"två dagar\"}");
}

/* -- there and back ---------------------------------------------------------------------------- */

/* A value for each field, as people write it, by its type. */
static const char *const written[TYPES] = {
    [TYPE_TEXT] = "# =a: b; c\\d", [TYPE_LONG_TEXT] = "rad 1\n\n# rad 3\n    rad 4",
    [TYPE_INTEGER] = "4",          [TYPE_BOOLEAN] = "yes",
    [TYPE_DATE] = "2027-03-01",    [TYPE_INSTANT] = "2026-03-14T09:00:00Z",
    [TYPE_MONEY] = "1250.50",      [TYPE_REFERENCE] = NULL,
    [TYPE_NUMBER] = "2120000423",  [TYPE_EMAIL] = "a@b.example",
    [TYPE_PHONE] = "0494-190 00",  [TYPE_WEB] = "https://b.example/",
    [TYPE_DEGREES] = "-58.537201", [TYPE_TENTHS] = "7.5",
    [TYPE_CODE] = "85-1",          [TYPE_KEY] = "0000000000000000000000000000000000000000",
};

static value_t filled(const kind_t *kind, uint32_t *n_p)
{
    value_builder_t map = value_builder(cli.arena), view = value_builder(cli.arena);
    *n_p = 0;
    for (size_t i = 0; i < kind->n_fields; i++) {
        const field_t *field = &kind->fields[i];
        const char *text = written[field->type];
        value_t value;
        error_t error = {0};
        if (!arguments_field_ok(field, FIELDS_WRITABLE))
            continue;
        if (field->type == TYPE_WORD)
            text = field->vocabulary->words[0].name;
        if (field->type == TYPE_REFERENCE)
            text = field->target ? arena_format(cli.arena, "%s-%s", field->target->prefix,
                                                field->target->coded ? "05" : "7")
                                 : "inq-12";
        if (!field_parse(field, text, &value, cli.arena, &error))
            fail_msg("%s is no %s of %s", text, field->name, kind->name);
        value_add_pair(&map, field->name, value);
        ++*n_p;
    }
    value_add_pair(
        &view, "id",
        value_text(arena_format(cli.arena, "%s-%s", kind->prefix, kind->coded ? "05" : "1")));
    value_add_pair(&view, "fields", value_build_map(&map));
    return value_build_map(&view);
}

static void every_value_comes_back(void **state)
{
    (void)state;
    for (size_t k = 0; k < schema_n_kinds(); k++) {
        const kind_t *kind = schema_kind_at(k);
        uint32_t n;
        value_t view = filled(kind, &n), fields;
        error_t error = {0};
        const char *form = form_write(&cli, kind, &view);
        /* As a change of that record it is none; */
        assert_true(form_read(&cli, kind, &view, form, &fields, &error));
        if (fields.count != 0)
            fail_msg("%s of %s changes untouched", fields.items[0].text, kind->name);
        /* as a change of an empty one it is all, and the same. */
        value_t empty = VIEW(cli.arena, value_get_text(&view, "id"), NULL);
        if (!form_read(&cli, kind, &empty, form, &fields, &error))
            fail_msg("%s of %s cannot be read: %s", error.field, kind->name, error.expected);
        assert_int_equal(fields.count, n);
        for (uint32_t i = 0; i < n; i++) {
            const char *name = fields.items[2 * i].text;
            if (!value_equal(value_get(value_get(&view, "fields"), name), &fields.items[2 * i + 1]))
                fail_msg("%s of %s does not come back", name, kind->name);
        }
    }
}

static void space_that_nobody_touched_is_no_change(void **state)
{
    (void)state;
    static const char *const texts[] = {"\nrad 1", "rad 1\n", "  rad 1\n   \nrad 2  ",
                                        "rad 1\n\t\n\trad 3", "rad 1\r\nrad 2"};
    const kind_t *kind = schema_kind("inquiry");
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        value_builder_t map = value_builder(cli.arena), view = value_builder(cli.arena);
        value_add_pair(&map, "description", value_text(texts[i]));
        value_add_pair(&view, "id", value_text("inq-12"));
        value_add_pair(&view, "fields", value_build_map(&map));
        value_t present = value_build_map(&view), fields;
        error_t error = {0};
        const char *form = form_write(&cli, kind, &present);
        assert_true(form_read(&cli, kind, &present, form, &fields, &error));
        if (fields.count != 0)
            fail_msg("text %zu changes untouched", i);
    }
}

static void a_text_of_16_kib(void **state)
{
    (void)state;
    char *large = arena_alloc(cli.arena, 16385);
    for (size_t i = 0; i < 16384; i += 2)
        memcpy(large + i, i % 80 == 78 ? ".\n" : "å", 2);
    large[16383] = '.';
    value_builder_t map = value_builder(cli.arena), view = value_builder(cli.arena);
    value_add_pair(&map, "description", value_text(large));
    value_add_pair(&view, "id", value_text("inq-12"));
    value_add_pair(&view, "fields", value_build_map(&map));
    value_t present = value_build_map(&view), fields;
    error_t error = {0};
    const char *form = form_write(&cli, schema_kind("inquiry"), &present);
    assert_true(form_read(&cli, schema_kind("inquiry"), &present, form, &fields, &error));
    assert_int_equal(fields.count, 0);
}

static void what_cannot_be_taken(void **state)
{
    (void)state;
    static const struct {
        const char *form, *field;
        error_code_t code;
    } rows[] = {
        {"participants: eight\n", "participants", ERROR_INVALID},
        {"title: x\nstate: closed\n", "state", ERROR_UNKNOWN_FIELD},
        {"title: x\ncreated: 2026-03-14T09:00:00Z\n", "created", ERROR_UNKNOWN_FIELD},
        {"colour: red\n", "colour", ERROR_UNKNOWN_FIELD},
        {"no field at all\n", "no field at all", ERROR_UNKNOWN_FIELD},
        {"period_from: 2027-02-29", "period_from", ERROR_INVALID},
        {"title: one\n\033[2J: two\n", "\033[2J", ERROR_UNKNOWN_FIELD},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        value_t fields;
        error_t error = {0};
        assert_false(form_read(&cli, schema_kind("inquiry"), NULL, rows[i].form, &fields, &error));
        assert_int_equal(error.code, rows[i].code);
        assert_string_equal(error.field, rows[i].field);
    }
}

static void a_form_comes_back(void **state)
{
    (void)state;
    const kind_t *kind = schema_kind("place");
    const char *form = form_write(&cli, kind, NULL);
    value_t fields;
    error_t error = {0};
    /* As it was opened it says nothing. */
    assert_true(form_read(&cli, kind, NULL, form, &fields, &error));
    assert_int_equal(fields.count, 0);
    assert_true(form_read(&cli, kind, NULL,
                          "# remark\nname: Aulan\n\nmunicipality: mun-0583\nequipment: tavla; "
                          "projektor\naccessibility: ramp\n    hiss\n\n    toalett\nseats: 40\n",
                          &fields, &error));
    assert_string_equal(value_get_text(&fields, "name"), "Aulan");
    assert_string_equal(value_get_text(&fields, "accessibility"), "ramp\nhiss\n\ntoalett");
    assert_int_equal(value_get(&fields, "equipment")->count, 2);
    assert_int_equal(value_get_integer(&fields, "seats", 0), 40);
}

static void only_what_changed_is_told(void **state)
{
    (void)state;
    const kind_t *kind = schema_kind("place");
    value_builder_t view = value_builder(cli.arena), present = value_builder(cli.arena);
    value_add_pair(&present, "name", value_text("Aulan"));
    value_add_pair(&present, "seats", value_integer(40));
    value_add_pair(&present, "accessibility", value_text("ramp\n\nhiss"));
    value_add_pair(&view, "id", value_text("pla-1"));
    value_add_pair(&view, "fields", value_build_map(&present));
    value_t map = value_build_map(&view), fields;
    error_t error = {0};
    const char *form = form_write(&cli, kind, &map);
    assert_true(form_read(&cli, kind, &map, form, &fields, &error));
    assert_int_equal(fields.count, 0);
    char *changed = arena_text(cli.arena, form), *seats = strstr(changed, "seats: 40");
    memcpy(seats, "seats:   ", 9); /* emptied */
    assert_true(form_read(&cli, kind, &map, changed, &fields, &error));
    assert_int_equal(fields.count, 1);
    assert_string_equal(fields.items[0].text, "seats");
    assert_int_equal(fields.items[1].form, VALUE_ABSENT);
}

/* -- in the editor ----------------------------------------------------------------------------- */

/* What `editor`, a piece of shell in which $1 is the form, makes of a place. */
static bool edited(const char *editor, const value_t *present, value_t *fields, heard_t *said)
{
    const char *script = arena_format(cli.arena, "%s/editor", home);
    FILE *file = fopen(script, "w");
    fprintf(file, "#!/bin/sh\ncp \"$1\" %s/seen.$(ls %s | grep -c seen)\n%s\n", home, home, editor);
    fclose(file);
    chmod(script, 0700);
    setenv("EDITOR", script, 1);
    setenv("TMPDIR", arena_format(cli.arena, "%s/forms", home), 1);
    mkdir(getenv("TMPDIR"), 0700);
    cli.status = 0;
    hear();
    bool done = form_edit(&cli, schema_kind("place"), present, fields);
    *said = heard();
    return done;
}

/* The form as it was opened for the n-th time. */
static const char *seen(int n)
{
    return content_of(arena_format(cli.arena, "%s/seen.%d", home, n));
}

/* The forms that were left lying. */
static int n_left(void)
{
    int n = 0;
    DIR *folder = opendir(getenv("TMPDIR"));
    for (struct dirent *entry; (entry = readdir(folder));)
        n += entry->d_name[0] != '.';
    closedir(folder);
    return n;
}

static void what_was_filled_in(void **state)
{
    (void)state;
    value_t fields;
    heard_t said;
    assert_true(
        edited("[ \"$(stat -c %a \"$1\")\" = 600 ] && sed -i 's/^name:.*/name: Aulan/' \"$1\"",
               NULL, &fields, &said));
    assert_int_equal(fields.count, 1);
    assert_string_equal(value_get_text(&fields, "name"), "Aulan");
    assert_string_equal(seen(0), form_write(&cli, schema_kind("place"), NULL));
    assert_int_equal(n_left(), 0);
    /* Of a record that there is already nothing may have changed. */
    value_t present = VIEW(cli.arena, "pla-1", "name", "Aulan", "seats", "40");
    assert_true(edited("true", &present, &fields, &said));
    assert_int_equal(fields.count, 0);
    assert_true(edited("sed -i 's/^seats: 40/seats:/' \"$1\"", &present, &fields, &said));
    assert_int_equal(fields.count, 1);
    assert_int_equal(value_get(&fields, "seats")->form, VALUE_ABSENT);
}

static void an_empty_form_gives_up(void **state)
{
    (void)state;
    static const char *const editors[] = {"true", "truncate -s 0 \"$1\"", "sed -i '/^#/!d' \"$1\"",
                                          "rm \"$1\""};
    for (size_t i = 0; i < sizeof editors / sizeof *editors; i++) {
        value_t fields;
        heard_t said;
        assert_false(edited(editors[i], NULL, &fields, &said));
        assert_int_equal(cli.status, EXIT_REFUSED);
        assert_string_equal(said.err, "samverk: The form was left empty; nothing was changed.\n");
        assert_int_equal(n_left(), 0);
    }
    /* Nor is all of a record cleared by it. */
    value_t present = VIEW(cli.arena, "pla-1", "name", "Aulan"), fields;
    heard_t said;
    /* What was given beforehand is not what someone filled in. */
    value_builder_t given = value_builder(cli.arena);
    value_add_pair(&given, "fields", *value_get(&present, "fields"));
    value_t begun = value_build_map(&given);
    assert_false(edited("true", &begun, &fields, &said));
    assert_string_equal(said.err, "samverk: The form was left empty; nothing was changed.\n");
    assert_true(edited("sed -i 's/^seats:.*/seats: 40/' \"$1\"", &begun, &fields, &said));
    assert_int_equal(fields.count, 2);
    assert_false(edited("truncate -s 0 \"$1\"", &present, &fields, &said));
}

static void a_fault_is_told_in_the_form(void **state)
{
    (void)state;
    value_t fields;
    heard_t said;
    assert_true(edited("if grep -q '^seats: many' \"$1\"; then\n"
                       "  sed -i 's/^seats:.*/seats: lots/' \"$1\"\n"
                       "elif grep -q '^seats: lots' \"$1\"; then\n"
                       "  sed -i 's/^seats:.*/seats: 40/' \"$1\"\n"
                       "else\n"
                       "  sed -i 's/^seats:.*/seats: many/; s/^name:.*/name: Aulan/' \"$1\"\n"
                       "fi",
                       NULL, &fields, &said));
    assert_int_equal(fields.count, 2);
    assert_int_equal(value_get_integer(&fields, "seats", 0), 40);
    /* Each time once. */
    static const char fault[] = "# The value is not one that this field takes. seats: "
                                "a number from 1 to 100000\n# Place\n";
    assert_memory_equal(seen(1), fault, sizeof fault - 1);
    assert_memory_equal(seen(2), fault, sizeof fault - 1);
    assert_non_null(strstr(seen(2), "\nname: Aulan\n"));
    assert_null(seen(3));
    assert_int_equal(n_left(), 0);
}

static void a_fault_that_stays_is_kept(void **state)
{
    (void)state;
    value_t fields;
    heard_t said;
    assert_false(edited("sed -i 's/^seats:.*/seats: many/' \"$1\"", NULL, &fields, &said));
    assert_int_equal(cli.status, EXIT_REFUSED);
    assert_non_null(strstr(said.err, "The form still has its fault; it is kept in "));
    assert_non_null(strstr(said.err, getenv("TMPDIR")));
    assert_non_null(seen(1));
    assert_null(seen(2));
    assert_int_equal(n_left(), 1); /* what was written is not lost */
}

static void an_editor_that_fails(void **state)
{
    (void)state;
    value_t fields;
    heard_t said;
    assert_false(edited("sed -i 's/^name:.*/name: Aulan/' \"$1\"; exit 1", NULL, &fields, &said));
    assert_non_null(strstr(said.err, "did not end well; nothing was changed."));
    assert_int_equal(n_left(), 0);
    setenv("TMPDIR", "/no/such/folder", 1);
    hear();
    assert_false(form_edit(&cli, schema_kind("place"), NULL, &fields));
    assert_non_null(strstr(heard().err, "/no/such/folder/samverk-place-"));
}

static void visual_comes_before_editor_and_may_have_options(void **state)
{
    (void)state;
    value_t fields;
    heard_t said;
    setenv("VISUAL", "sed -i -e 's/^name:.*/name: Aulan/'", 1);
    assert_true(edited("exit 1", NULL, &fields, &said));
    assert_string_equal(value_get_text(&fields, "name"), "Aulan");
    assert_null(seen(0));
}

#define FORM_TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FORM_TEST(every_field_that_can_be_written_is_a_line),
        FORM_TEST(nothing_filled_in_is_nothing),
        FORM_TEST(a_default_can_be_changed),
        FORM_TEST(what_was_given_is_filled_in),
        FORM_TEST(every_value_comes_back),
        FORM_TEST(space_that_nobody_touched_is_no_change),
        FORM_TEST(a_form_comes_back),
        FORM_TEST(only_what_changed_is_told),
        FORM_TEST(a_text_of_16_kib),
        FORM_TEST(what_cannot_be_taken),
        FORM_TEST(what_was_filled_in),
        FORM_TEST(an_empty_form_gives_up),
        FORM_TEST(a_fault_is_told_in_the_form),
        FORM_TEST(a_fault_that_stays_is_kept),
        FORM_TEST(an_editor_that_fails),
        FORM_TEST(visual_comes_before_editor_and_may_have_options),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
