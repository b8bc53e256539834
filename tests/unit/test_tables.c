#include "tables.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* The rows as they were written; what is made of them is in test_schema and test_resolve. */

static const kind_t *kind_row(const char *name)
{
    for (size_t i = 0; i < tables_rows.n_kinds; i++)
        if (strcmp(tables_rows.kinds[i].name, name) == 0)
            return &tables_rows.kinds[i];
    fail_msg("no row: %s", name);
    return NULL;
}

static const lifecycle_t *lifecycle_row(const char *kind)
{
    for (size_t i = 0; i < tables_rows.n_lifecycles; i++)
        if (strcmp(tables_rows.lifecycles[i].kind, kind) == 0)
            return &tables_rows.lifecycles[i];
    fail_msg("no row: %s", kind);
    return NULL;
}

/* A column in another's place would go unseen where both are of one type. */
static void a_kind_is_as_written(void **state)
{
    const kind_t *task = kind_row("task"), *area = kind_row("area");

    (void)state;
    assert_string_equal(task->prefix, "tsk");
    assert_int_equal(task->number, 12);
    assert_false(task->coded);
    assert_int_equal(task->digits, 0);
    assert_string_equal(task->scope, "about who");
    assert_string_equal(task->also, "");
    assert_int_equal(task->readers, ROLES_STAFF);
    assert_int_equal(task->writers, ROLES_BROKER);
    assert_string_equal(task->subject, "");
    assert_string_equal(task->follows, "about");
    assert_string_equal(task->composites, "who,state");
    assert_string_equal(task->label, "task");
    assert_string_equal(task->plural, "tasks");
    assert_string_equal(kind_row("inquiry")->also, "forwarded_from");
    assert_true(area->coded);
    assert_int_equal(area->digits, 0);                     /* any code */
    assert_int_equal(kind_row("municipality")->digits, 4); /* of four digits */
}

static void a_field_is_as_written(void **state)
{
    const field_t *what = &kind_row("task")->fields[0];

    (void)state;
    assert_string_equal(what->name, "what");
    assert_int_equal(what->type, TYPE_TEXT);
    assert_string_equal(what->detail, "1..200");
    assert_int_equal(what->attributes, FIELD_REQUIRED | FIELD_SEARCHED | FIELD_LISTED);
    assert_int_equal(what->class, CLASS_LOCAL);
    assert_false(what->shown_discreet);
    assert_string_equal(what->otherwise, "");
    assert_int_equal(what->since, 1);
    assert_string_equal(what->label, "what");
    assert_true(kind_row("inquiry")->fields[1].shown_discreet);
}

/* Whoever resolves finds nothing that was there before. */
static void nothing_is_derived_yet(void **state)
{
    (void)state;
    for (size_t i = 0; i < tables_rows.n_kinds; i++) {
        const kind_t *kind = &tables_rows.kinds[i];
        assert_null(kind->states);
        assert_null(kind->indexes);
        assert_int_equal(kind->personal | kind->discreet | kind->sealed, 0);
        for (size_t j = 0; j < kind->n_fields; j++) {
            const field_t *field = &kind->fields[j];
            assert_true(field->index == 0 && field->least == 0 && field->most == 0);
            assert_null(field->vocabulary);
            assert_null(field->target);
        }
    }
}

static void words_are_in_the_order_of_their_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < tables_rows.n_vocabularies; i++)
        assert_true(tables_rows.vocabularies[i].n_words > 0);
    const char *const first[] = {
#define VOCABULARY(name)
#define WORD(name, label) name,
#define END_VOCABULARY(name)
#include "vocabularies.def"
    };
    size_t n_words = 0;
    for (size_t i = 0; i < tables_rows.n_vocabularies; i++)
        for (size_t j = 0; j < tables_rows.vocabularies[i].n_words; j++)
            assert_string_equal(tables_rows.vocabularies[i].words[j].name, first[n_words++]);
    assert_int_equal(n_words, sizeof first / sizeof *first);
}

/* The empty row at the end of each sort is no row. */
static void a_lifecycle_is_as_written(void **state)
{
    const lifecycle_t *person = lifecycle_row("person"), *erasure = lifecycle_row("erasure");

    (void)state;
    assert_int_equal(person->n_states, 3);
    assert_true(person->states[0].initial && person->states[0].open);
    assert_true(!person->states[1].initial && person->states[1].open);
    assert_true(!person->states[2].initial && !person->states[2].open);
    assert_string_equal(person->states[2].name, "erased");
    assert_int_equal(person->n_moves, 2);
    assert_string_equal(person->moves[1].verb, "lift");
    assert_string_equal(person->moves[1].from, "restricted");
    assert_string_equal(person->moves[1].to, "active");
    assert_int_equal(person->moves[1].roles, ROLE_BIT(ROLE_privacy));
    assert_string_equal(person->moves[1].required, "");
    assert_string_equal(person->moves[1].label, "lift the restriction");
    assert_int_equal(person->n_entries, 1);
    assert_string_equal(person->entries[0].state, "erased");
    assert_string_equal(person->entries[0].command, "erase");
    assert_int_equal(erasure->n_moves, 2);
    assert_int_equal(erasure->n_entries, 0);
}

static void commands_are_numbered_by_their_rows(void **state)
{
    const command_t *disclose = &tables_rows.commands[COMMAND_disclose];

    (void)state;
    for (size_t i = 0; i < tables_rows.n_commands; i++)
        assert_int_equal(tables_rows.commands[i].number, i);
    assert_string_equal(disclose->name, "disclose");
    assert_int_equal(disclose->mode, COMMAND_READ);
    assert_int_equal(disclose->roles, ROLE_BIT(ROLE_privacy));
    assert_false(disclose->reserve);
    assert_int_equal(disclose->n_arguments, 4);
    assert_string_equal(disclose->arguments[2].name, "after");
    assert_int_equal(disclose->arguments[2].type, ARGUMENT_ANY);
    assert_false(disclose->arguments[2].required);
    assert_true(disclose->arguments[3].required);
    assert_string_equal(disclose->arguments[3].label, "what for");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_kind_is_as_written),
        cmocka_unit_test(a_field_is_as_written),
        cmocka_unit_test(nothing_is_derived_yet),
        cmocka_unit_test(words_are_in_the_order_of_their_rows),
        cmocka_unit_test(a_lifecycle_is_as_written),
        cmocka_unit_test(commands_are_numbered_by_their_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
