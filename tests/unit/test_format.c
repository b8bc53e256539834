#include "form.h"
#include "format.h"
#include "json.h"
#include "language.h"
#include "names.h"
#include "terminal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

/* Values as people read them, and as programs do: format.c, json.c, form.c, and the
   labels of language.c. */

static cli_t cli;

static void speak(const char *language)
{
    setenv("LC_ALL", "C.UTF-8", 1);
    setenv("LANGUAGE", language, 1);
    setenv("SAMVERK_LOCALEDIR", SAMVERK_BINARY_DIR "/po", 1);
    language_start();
}

static int begin(void **state)
{
    (void)state;
    setenv("TZ", "Europe/Stockholm", 1);
    tzset();
    terminal_start(false, false);
    cli.arena = arena_new();
    return schema_start() ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    names_destroy(&cli);
    arena_destroy(&cli.arena);
    return 0;
}

static value_t parsed(const char *kind, const char *field, const char *text)
{
    value_t value;
    error_t error = {0};
    assert_true(field_parse(kind_field(schema_kind(kind), field), text, &value, cli.arena, &error));
    return value;
}

static const char *shown(const char *kind, const char *field, const char *text)
{
    value_t value = parsed(kind, field, text);
    return format_value(&cli, schema_kind(kind), kind_field(schema_kind(kind), field), &value,
                        false);
}

static void values_in_the_readers_language(void **state)
{
    (void)state;
    speak("sv");
    assert_string_equal(language_code(), "sv");
    assert_string_equal(shown("inquiry", "state", "offered"), "offert lämnad");
    assert_string_equal(shown("inquiry", "form", "on_site distance"), "på plats, på distans");
    assert_string_equal(shown("inquiry", "discreet", "yes"), "ja");
    assert_string_equal(shown("inquiry", "budget_hint", "1250.5"), "1250,50");
    assert_string_equal(shown("grant", "role", "broker"), "kompetensmäklare");
    assert_string_equal(shown("user", "state", "revoked"), "behörighet återkallad");
    assert_string_equal(shown("key", "state", "revoked"), "återkallad");
    assert_string_equal(shown("inquiry", "period_from", "2027-03-01"), "2027-03-01");
    speak("en");
    assert_string_equal(shown("inquiry", "state", "offered"), "offered");
    assert_string_equal(shown("inquiry", "budget_hint", "1250.5"), "1250.50");
    assert_string_equal(shown("inquiry", "areas", "0715 0713"), "are-0715, are-0713");
}

static void instants_in_local_time(void **state)
{
    (void)state;
    speak("sv");
    /* Two hours before UTC's midnight in summer time is the next day here. */
    assert_string_equal(format_instant(1751320800000, cli.arena), "2025-07-01 00:00");
}

static void every_table_text_is_swedish(void **state)
{
    (void)state;
    speak("sv");
    for (size_t k = 0; k < schema_n_kinds(); k++) {
        const kind_t *kind = schema_kind_at(k);
        char key[1100];
        snprintf(key, sizeof key, "kind\004%s", kind->label);
        assert_string_not_equal(gettext(key), key);
        for (size_t i = 0; i < kind->n_moves; i++) {
            snprintf(key, sizeof key, "%s|verb\004%s", kind->name, kind->moves[i].label);
            if (strcmp(gettext(key), key) == 0)
                fail_msg("no Swedish for the move %s of %s", kind->moves[i].verb, kind->name);
        }
        for (size_t i = 0; i < kind->n_states; i++) {
            snprintf(key, sizeof key, "%s|state\004%s", kind->name, kind->states[i].label);
            if (strcmp(gettext(key), key) == 0)
                fail_msg("no Swedish for the state %s of %s", kind->states[i].name, kind->name);
        }
    }
    for (unsigned i = 1; i < ERROR_CODES; i++)
        assert_string_not_equal(label_of_error((error_code_t)i), error_sentence((error_code_t)i));
}

static void nothing_steers_the_terminal(void **state)
{
    (void)state;
    assert_string_equal(format_clean("a\033[31mb", false, cli.arena), "a\xef\xbf\xbd[31mb");
    assert_string_equal(format_clean("a\nb\tc", false, cli.arena), "a b c");
    assert_string_equal(format_clean("a\nb", true, cli.arena), "a\nb");
    assert_string_equal(format_clean("a\xe2\x80\xae"
                                     "b",
                                     false, cli.arena),
                        "a\xef\xbf\xbd"
                        "b");
    assert_string_equal(format_clean("a\xff", false, cli.arena), "a\xef\xbf\xbd");
    assert_string_equal(format_clean("Åmål", false, cli.arena), "Åmål");
}

static value_t view_with(const char *id, const char *name, value_t value)
{
    value_builder_t view = value_builder(cli.arena), fields = value_builder(cli.arena);
    value_add_pair(&fields, name, value);
    value_add_pair(&view, "id", value_text(id));
    value_add_pair(&view, "rev", value_integer(812));
    value_add_pair(&view, "fields", value_build_map(&fields));
    return value_build_map(&view);
}

static void is_json(const value_t *value, const char *expected)
{
    json_t *document = json_of_result(value);
    char *text = json_dumps(document, JSON_COMPACT | JSON_REAL_PRECISION(10));
    assert_string_equal(text, expected);
    free(text);
    json_decref(document);
}

static void json_has_each_field_in_its_form(void **state)
{
    (void)state;
    value_t view = view_with("inq-12", "created", value_integer(1773478800250));
    is_json(&view, "{\"id\":\"inq-12\",\"rev\":812,\"fields\":{\"created\":"
                   "\"2026-03-14T09:00:00.250Z\"}}");
    view = view_with("mun-0583", "latitude", value_integer(58537200));
    is_json(&view, "{\"id\":\"mun-0583\",\"rev\":812,\"fields\":{\"latitude\":58.5372}}");
    view = view_with("inq-12", "budget_hint", value_integer(125050));
    is_json(&view, "{\"id\":\"inq-12\",\"rev\":812,\"fields\":{\"budget_hint\":125050}}");
    unsigned char key[32] = {0};
    view = view_with("key-1", "public_key", value_bytes(key, sizeof key));
    is_json(&view, "{\"id\":\"key-1\",\"rev\":812,\"fields\":{\"public_key\":"
                   "\"0000000000000000000000000000000000000000\"}}");
    /* A field that this program does not know comes as it is. */
    view = view_with("inq-12", "colour", value_text("red"));
    is_json(&view, "{\"id\":\"inq-12\",\"rev\":812,\"fields\":{\"colour\":\"red\"}}");
    value_t list = value_list(&view, 1);
    is_json(&list, "[{\"id\":\"inq-12\",\"rev\":812,\"fields\":{\"colour\":\"red\"}}]");
}

static void titles_are_names(void **state)
{
    (void)state;
    value_t view = view_with("inq-12", "title", value_text("Grundkurs i CAD"));
    assert_string_equal(format_title(&cli, &view), "inq-12 Grundkurs i CAD");
    view = view_with("inq-12", "participants", value_integer(8)); /* a discreet one */
    assert_string_equal(format_title(&cli, &view), "inq-12");
    view = view_with("are-0715", "name_sv", value_text("Maskinteknik"));
    assert_string_equal(format_title(&cli, &view), "are-0715 Maskinteknik");
}

/* -- forms ---------------------------------------------------------------------------------- */

static void a_form_comes_back(void **state)
{
    (void)state;
    speak("en");
    const kind_t *kind = schema_kind("place");
    const char *form = form_write(&cli, kind, NULL, NULL);
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
    const char *form = form_write(&cli, kind, &map, "something was wrong");
    assert_non_null(strstr(form, "# something was wrong"));
    assert_true(form_read(&cli, kind, &map, form, &fields, &error));
    assert_int_equal(fields.count, 0);
    char *changed = arena_text(cli.arena, form), *seats = strstr(changed, "seats: 40");
    memcpy(seats, "seats:   ", 9); /* emptied */
    assert_true(form_read(&cli, kind, &map, changed, &fields, &error));
    assert_int_equal(fields.count, 1);
    assert_string_equal(fields.items[0].text, "seats");
    assert_int_equal(fields.items[1].form, VALUE_ABSENT);
}

static void a_bad_form_says_where(void **state)
{
    (void)state;
    const kind_t *kind = schema_kind("place");
    value_t fields;
    error_t error = {0};
    assert_false(form_read(&cli, kind, NULL, "seats: many\n", &fields, &error));
    assert_string_equal(error.field, "seats");
    error = (error_t){0};
    assert_false(form_read(&cli, kind, NULL, "colour: red\n", &fields, &error));
    assert_int_equal(error.code, ERROR_UNKNOWN_FIELD);
    assert_string_equal(error.field, "colour");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_in_the_readers_language),
        cmocka_unit_test(instants_in_local_time),
        cmocka_unit_test(every_table_text_is_swedish),
        cmocka_unit_test(nothing_steers_the_terminal),
        cmocka_unit_test(json_has_each_field_in_its_form),
        cmocka_unit_test(titles_are_names),
        cmocka_unit_test(a_form_comes_back),
        cmocka_unit_test(only_what_changed_is_told),
        cmocka_unit_test(a_bad_form_says_where),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
