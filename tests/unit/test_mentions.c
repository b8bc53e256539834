#include "mentions.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static arena_t *arena;
static mentions_t *mentions;

static void know(const char *name, const char *email, const char *phone)
{
    record_t *person = record_new(arena, schema_kind("person"));

    if (name != NULL)
        record_set(person, "name", value_text(name));
    if (email != NULL)
        record_set(person, "email", value_text(email));
    if (phone != NULL)
        record_set(person, "phone", value_text(phone));
    mentions_add(mentions, person);
}

static int begin(void **state)
{
    (void)state;
    arena = arena_new();
    mentions = mentions_new(arena);
    return schema_n_kinds() > 0 || schema_start() ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    arena_destroy(&arena);
    return 0;
}

typedef struct {
    const char *text;
    bool named;
} row_t;

static void hold(const row_t *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (mentions_in(mentions, rows[i].text, arena) != rows[i].named)
            fail_msg("\"%s\" %s", rows[i].text, rows[i].named ? "names" : "does not name");
}

#define HOLD(rows) hold(rows, sizeof rows / sizeof *rows)

static void a_name_in_any_order_and_case(void **state)
{
    static const row_t rows[] = {
        {"Kontakt Åttiofem ringde", true},
        {"ÅTTIOFEM, kontakt", true},
        {"kontakt attiofem", true},
        {"(Kontakt på svets: Åttiofem.)", true},
        {"Kontakt", false},
        {"Kontakten Åttiofem", false},
        {"Kontakt Åttiofemman", false},
        {"Kontakt fem och åttio", false},
        {"", false},
    };

    (void)state;
    know("Kontakt Åttiofem", NULL, NULL);
    HOLD(rows);
}

static void an_address_and_a_number_however_written(void **state)
{
    static const row_t rows[] = {
        {"skriv till KONTAKT@firma.example!", true},
        {"kontakt@firma", false},
        {"ring 070-123 45 67", true},
        {"+46 (0)70 1234567", true},
        {"0046701234567", true},
        {"tel 701234567", true},
        {"070-123 45 68", false},
        {"4567", false},
    };

    (void)state;
    know(NULL, "kontakt@firma.example", "0701234567");
    HOLD(rows);
}

/* What is no name, address or number finds nothing by itself. */
static void what_says_nothing(void **state)
{
    static const row_t rows[] = {{"- 12345 -", false}, {"", false}, {"x", false}};

    (void)state;
    HOLD(rows);
    know("-", NULL, "12345");
    HOLD(rows);
}

/* Every state that the person was in counts. */
static void earlier_names(void **state)
{
    static const row_t rows[] = {{"Kontakt Ett", true}, {"Kontakt Två", true}, {"Kontakt", false}};

    (void)state;
    know("Kontakt Ett", NULL, NULL);
    know("Kontakt Två", NULL, NULL);
    HOLD(rows);
}

static void lists_of_texts(void **state)
{
    const value_t items[] = {value_text("svets"), value_text("Ett Kontakt")};
    value_t list = value_list(items, 2), first = value_list(items, 1), number = value_integer(1);

    (void)state;
    know("Kontakt Ett", NULL, NULL);
    assert_true(mentions_in_value(mentions, &list, arena));
    assert_false(mentions_in_value(mentions, &first, arena));
    assert_false(mentions_in_value(mentions, &number, arena));
    assert_false(mentions_in_value(mentions, &value_absent, arena));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_name_in_any_order_and_case, begin, end),
        cmocka_unit_test_setup_teardown(an_address_and_a_number_however_written, begin, end),
        cmocka_unit_test_setup_teardown(what_says_nothing, begin, end),
        cmocka_unit_test_setup_teardown(earlier_names, begin, end),
        cmocka_unit_test_setup_teardown(lists_of_texts, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
