#include "schema.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static arena_t *arena;

static int start(void **state)
{
    (void)state;
    arena = arena_new();
    return schema_start() ? 0 : -1;
}

static int stop(void **state)
{
    (void)state;
    arena_destroy(&arena);
    return 0;
}

/* -- rows ------------------------------------------------------------------------------ */

static void every_kind_is_found_by_name_prefix_and_number(void **state)
{
    (void)state;
    assert_true(schema_n_kinds() >= 13);
    for (size_t i = 0; i < schema_n_kinds(); i++) {
        const kind_t *kind = schema_kind_at(i);
        assert_ptr_equal(schema_kind(kind->name), kind);
        assert_ptr_equal(schema_kind_by_prefix(kind->prefix, strlen(kind->prefix)), kind);
        assert_ptr_equal(schema_kind_by_number(kind->number), kind);
        assert_true(*kind->label && *kind->plural);
        assert_in_range(kind->n_fields, 1, SCHEMA_FIELDS_MAX);
    }
    assert_null(schema_kind("nothing"));
    assert_null(schema_kind_at(schema_n_kinds()));
    assert_null(schema_kind_by_prefix("inq-12", 2));
    assert_ptr_equal(schema_kind_by_prefix("inq-12", 3), schema_kind("inquiry"));
    assert_null(schema_kind_by_number(0));
}

static void every_field_is_resolved(void **state)
{
    (void)state;
    for (size_t i = 0; i < schema_n_kinds(); i++) {
        const kind_t *kind = schema_kind_at(i);
        for (size_t j = 0; j < kind->n_fields; j++) {
            const field_t *field = &kind->fields[j];
            assert_ptr_equal(kind_field(kind, field->name), field);
            assert_int_equal(field->index, j);
            assert_true(*field->label);
            assert_in_range(field->since, 1, SCHEMA_VERSION);
            assert_true(*type_name(field->type));
            assert_true(*class_name(field->class));
            assert_true(*field_expects(field, arena));
            if (field->type == TYPE_WORD)
                assert_non_null(field->vocabulary);
            if (field->type == TYPE_REFERENCE && *field->detail)
                assert_ptr_equal(field->target, schema_kind(field->detail));
            assert_int_equal(kind->personal >> j & 1, field->class == CLASS_PERSONAL);
            assert_int_equal(kind->discreet >> j & 1, field->shown_discreet);
        }
        if (kind->n_fields < 64) {
            assert_int_equal(kind->personal >> kind->n_fields, 0);
            assert_int_equal(kind->discreet >> kind->n_fields, 0);
        }
        assert_null(kind_field(kind, "no_such_field"));
    }
}

static void ranges_are_those_of_the_rows(void **state)
{
    (void)state;
    const field_t *title = kind_field(schema_kind("inquiry"), "title");
    assert_int_equal(title->least, 1);
    assert_int_equal(title->most, 200);
    const field_t *latitude = kind_field(schema_kind("municipality"), "latitude");
    assert_int_equal(latitude->least, -90000000);
    assert_int_equal(latitude->most, 90000000);
}

static void every_vocabulary_has_its_words(void **state)
{
    (void)state;
    static const char *const names[] = {
#define VOCABULARY(name) #name,
#define WORD(name, label)
#define END_VOCABULARY(name)
#include "vocabularies.def"
#undef VOCABULARY
#undef WORD
#undef END_VOCABULARY
        "role",
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const vocabulary_t *vocabulary = schema_vocabulary(names[i]);
        assert_non_null(vocabulary);
        assert_true(vocabulary->n_words > 0);
        for (size_t j = 0; j < vocabulary->n_words; j++) {
            const word_t *word = &vocabulary->words[j];
            assert_true(*word->label);
            assert_ptr_equal(vocabulary_word(vocabulary, word->name), word);
        }
        assert_null(vocabulary_word(vocabulary, ""));
    }
    assert_null(schema_vocabulary("nothing"));
    assert_int_equal(schema_vocabulary("role")->n_words, ROLES);
}

static void states_are_a_vocabulary(void **state)
{
    (void)state;
    const kind_t *kind = schema_kind("inquiry");
    const vocabulary_t *vocabulary = schema_vocabulary("inquiry_state");
    assert_ptr_equal(kind_field(kind, "state")->vocabulary, vocabulary);
    assert_ptr_equal(kind_field(kind, "state_before")->vocabulary, vocabulary);
    assert_int_equal(vocabulary->n_words, kind->n_states);
    for (size_t i = 0; i < kind->n_states; i++)
        assert_string_equal(vocabulary->words[i].name, kind->states[i].name);
}

static void every_role_is_found_by_name(void **state)
{
    (void)state;
    for (role_t role = 0; role < ROLES; role++) {
        assert_true(*role_label(role));
        assert_int_equal(role_of(role_name(role)), role);
    }
    assert_int_equal(role_of("nobody"), ROLES);
    assert_string_equal(role_name(ROLES), "");
    for (class_t class = CLASS_PUBLIC; class <= CLASS_PERSONAL; class ++)
        assert_true(*class_name(class));
}

/* -- lifecycles -------------------------------------------------------------------------- */

static void every_lifecycle_has_its_states_and_moves(void **state)
{
    (void)state;
    size_t n_lifecycles = 0;
    for (size_t i = 0; i < schema_n_kinds(); i++) {
        const kind_t *kind = schema_kind_at(i);
        if (!kind->states) {
            assert_null(kind_initial(kind));
            assert_null(kind_move(kind, "close", NULL));
            continue;
        }
        n_lifecycles++;
        assert_non_null(kind_initial(kind));
        for (size_t j = 0; j < kind->n_states; j++) {
            assert_ptr_equal(kind_state(kind, kind->states[j].name), &kind->states[j]);
            assert_true(*kind->states[j].label);
        }
        for (size_t j = 0; j < kind->n_moves; j++) {
            const move_t *move = &kind->moves[j];
            assert_true(*move->label);
            assert_true(move->roles != ROLES_NONE);
            assert_non_null(kind_move(kind, move->verb, NULL));
            if (strcmp(move->from, "*") != 0)
                assert_ptr_equal(kind_move(kind, move->verb, move->from), move);
        }
    }
    assert_true(n_lifecycles >= 4);
}

static void moves_are_found_by_verb_and_state(void **state)
{
    (void)state;
    const kind_t *inquiry = schema_kind("inquiry");
    assert_string_equal(kind_move(inquiry, "acknowledge", "new")->to, "acknowledged");
    assert_null(kind_move(inquiry, "acknowledge", "acknowledged"));
    assert_string_equal(kind_move(inquiry, "offer", "acknowledged")->required, "framed");
    assert_string_equal(kind_move(inquiry, "offer", "mapped")->required, "");
    assert_string_equal(kind_move(inquiry, "withdraw", "delivering")->to, "withdrawn");
    assert_null(kind_move(inquiry, "withdraw", "closed"));
    assert_null(kind_move(inquiry, "withdraw", "no_such_state"));
    assert_null(kind_move(inquiry, "no_such_verb", "new"));
    assert_non_null(kind_move(inquiry, "withdraw", NULL));
}

static void the_moves_out_of_a_state_are_listed(void **state)
{
    (void)state;
    const move_t *moves[32];
    const kind_t *inquiry = schema_kind("inquiry");
    size_t n_moves = kind_moves_from(inquiry, "new", moves, 32);
    static const char *const expected[] = {"acknowledge", "pause",   "withdraw",
                                           "decline",     "forward", "refuse"};
    assert_int_equal(n_moves, sizeof expected / sizeof *expected);
    for (size_t i = 0; i < n_moves; i++)
        assert_string_equal(moves[i]->verb, expected[i]);
    moves[1] = NULL;
    assert_int_equal(kind_moves_from(inquiry, "new", moves, 1), n_moves);
    assert_null(moves[1]);
    assert_int_equal(kind_moves_from(inquiry, "closed", moves, 32), 0);
    assert_int_equal(kind_moves_from(schema_kind("place"), "new", moves, 32), 0);
}

/* -- indexes ------------------------------------------------------------------------------- */

static bool has_index(const kind_t *kind, const char *first, const char *second)
{
    for (size_t i = 0; i < kind->n_indexes; i++) {
        const index_t *index = &kind->indexes[i];
        if (strcmp(index->fields[0]->name, first) == 0 && index->n_fields == (second ? 2 : 1) &&
            (!second || strcmp(index->fields[1]->name, second) == 0))
            return true;
    }
    return false;
}

static void indexes_follow_from_the_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < schema_n_kinds(); i++) {
        const kind_t *kind = schema_kind_at(i);
        for (size_t j = 0; j < kind->n_fields; j++) {
            const field_t *field = &kind->fields[j];
            assert_int_equal(has_index(kind, field->name, NULL),
                             field->type == TYPE_REFERENCE ||
                                 (field->attributes & (FIELD_INDEXED | FIELD_UNIQUE)) != 0);
        }
        for (size_t j = 0; j < kind->n_indexes; j++) {
            const index_t *index = &kind->indexes[j];
            assert_in_range(index->n_fields, 1, SCHEMA_INDEX_FIELDS_MAX);
            assert_int_equal(index->unique, index->n_fields == 1 &&
                                                (index->fields[0]->attributes & FIELD_UNIQUE) != 0);
        }
    }
    assert_true(has_index(schema_kind("inquiry"), "municipality", "state"));
    assert_true(has_index(schema_kind("inquiry"), "state", "municipality"));
    assert_true(has_index(schema_kind("task"), "who", "state"));
}

/* Numbers lie in stored keys: these two must never change. */
static void index_numbers_stay(void **state)
{
    (void)state;
    const kind_t *county = schema_kind("county");
    assert_string_equal(county->indexes[0].fields[0]->name, "name");
    assert_int_equal(county->indexes[0].number, 0xFE722374u);
    const kind_t *task = schema_kind("task");
    assert_int_equal(task->indexes[task->n_indexes - 1].number, 0xC126492Bu);
}

/* -- words -------------------------------------------------------------------------------- */

static void word_lists_are_walked(void **state)
{
    (void)state;
    const char *rest = "  areas participants ";
    char word[8];
    assert_true(schema_words_next(&rest, word, sizeof word));
    assert_string_equal(word, "areas");
    assert_true(schema_words_next(&rest, word, sizeof word));
    assert_string_equal(word, "partici");
    assert_false(schema_words_next(&rest, word, sizeof word));
    assert_true(schema_words_have("self municipality parent", "parent"));
    assert_true(schema_words_have("self", "self"));
    assert_false(schema_words_have("self municipality parent", "muni"));
    assert_false(schema_words_have("", "self"));
    assert_false(schema_words_have("self", ""));
}

static void mistyped_words_find_what_was_meant(void **state)
{
    (void)state;
    static const char *const words[] = {"list",   "show",        "add",          "edit",
                                        "delete", "inquiry",     "municipality", "membership",
                                        "person", "participants"};
    const size_t n_words = sizeof words / sizeof *words;
    static const struct {
        const char *typed, *meant;
    } rows[] = {
        {"list", "list"},
        {"lsit", "list"},
        {"shw", "show"},
        {"inqiury", "inquiry"},
        {"inquiries", "inquiry"},
        {"muni", "municipality"},
        {"persom", "person"},
        {"partisipant", "participants"},
        {"x", NULL},
        {"", NULL},
        {"ad", NULL},
        {"qwertyuiop", NULL},
        {"pe", NULL},
        {"remove", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *meant = schema_nearest(rows[i].typed, words, n_words);
        if (rows[i].meant) {
            assert_non_null(meant);
            assert_string_equal(meant, rows[i].meant);
        } else {
            assert_null(meant);
        }
    }
    assert_null(schema_nearest("list", NULL, 0));
    static const char *const twins[] = {"period_from", "period_to"};
    assert_null(schema_nearest("peri", twins, 2));
    char endless[5000];
    memset(endless, 'a', sizeof endless - 1);
    endless[sizeof endless - 1] = '\0';
    assert_null(schema_nearest(endless, words, n_words));
    const char *const long_word = endless;
    assert_null(schema_nearest("list", &long_word, 1));
}

/* -- commands ------------------------------------------------------------------------------ */

static void every_command_is_found_by_name(void **state)
{
    (void)state;
    assert_int_equal(schema_n_commands(), COMMANDS);
    for (size_t i = 0; i < schema_n_commands(); i++) {
        const command_t *command = schema_command_at(i);
        assert_ptr_equal(schema_command(command->name), command);
        assert_int_equal(command->number, i);
        assert_true(*command->label);
    }
    assert_int_equal(schema_command("get")->number, COMMAND_get);
    assert_int_equal(schema_command("status")->number, COMMAND_status);
    assert_null(schema_command("nothing"));
    assert_null(schema_command_at(schema_n_commands()));
}

static value_t argument_of(argument_type_t type)
{
    switch (type) {
    case ARGUMENT_INTEGER:
        return value_integer(1);
    case ARGUMENT_BOOLEAN:
        return value_boolean(true);
    case ARGUMENT_BYTES:
        return value_bytes("x", 1);
    case ARGUMENT_LIST:
        return value_list(NULL, 0);
    case ARGUMENT_MAP:
        return (value_t){.form = VALUE_MAP};
    default:
        return value_text("x");
    }
}

/* The arguments of `command`, all but `without`; `wrong` has another type. */
static value_t arguments_of(const command_t *command, const argument_t *without,
                            const argument_t *wrong)
{
    value_builder_t map = value_builder(arena);
    for (size_t i = 0; i < command->n_arguments; i++) {
        const argument_t *argument = &command->arguments[i];
        value_t value = argument_of(argument->type);
        if (argument == wrong)
            value = argument->type == ARGUMENT_TEXT ? value_integer(1) : value_text("x");
        if (argument != without)
            value_add_pair(&map, argument->name, value);
    }
    return value_build_map(&map);
}

static void arguments_of_every_command_are_checked(void **state)
{
    (void)state;
    for (size_t i = 0; i < schema_n_commands(); i++) {
        const command_t *command = schema_command_at(i);
        error_t error = {.code = ERROR_NONE};
        value_t arguments = arguments_of(command, NULL, NULL);
        assert_true(command_check(command, &arguments, &error));
        for (size_t j = 0; j < command->n_arguments; j++) {
            const argument_t *argument = &command->arguments[j];
            error = (error_t){.code = ERROR_NONE};
            arguments = arguments_of(command, argument, NULL);
            assert_int_equal(command_check(command, &arguments, &error), !argument->required);
            assert_int_equal(error.code, argument->required ? ERROR_REQUIRED : ERROR_NONE);
            assert_string_equal(error.field, argument->required ? argument->name : "");

            error = (error_t){.code = ERROR_NONE};
            arguments = arguments_of(command, NULL, argument);
            bool any = argument->type == ARGUMENT_ANY;
            assert_int_equal(command_check(command, &arguments, &error), any);
            assert_int_equal(error.code, any ? ERROR_NONE : ERROR_INVALID);
            assert_string_equal(error.field, any ? "" : argument->name);
        }
    }
}

static void unknown_arguments_are_named(void **state)
{
    (void)state;
    value_builder_t map = value_builder(arena);
    value_add_pair(&map, "kind", value_text("inquiry"));
    value_add_pair(&map, "limits", value_integer(1));
    value_t arguments = value_build_map(&map);
    error_t error = {.code = ERROR_NONE};
    assert_false(command_check(schema_command("list"), &arguments, &error));
    assert_int_equal(error.code, ERROR_UNKNOWN_FIELD);
    assert_string_equal(error.field, "limits");
    assert_string_equal(error.expected, "did you mean limit?");
}

static void arguments_are_a_map_or_nothing(void **state)
{
    (void)state;
    value_t text = value_text("x");
    error_t error = {.code = ERROR_NONE};
    assert_true(command_check(schema_command("status"), &value_absent, &error));
    assert_false(command_check(schema_command("status"), &text, &error));
    assert_int_equal(error.code, ERROR_INVALID);

    value_builder_t map = value_builder(arena);
    value_add_pair(&map, "id", value_text("inq-12"));
    value_add_pair(&map, "at", value_absent);
    value_t arguments = value_build_map(&map);
    error = (error_t){.code = ERROR_NONE};
    assert_true(command_check(schema_command("get"), &arguments, &error));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_is_found_by_name_prefix_and_number),
        cmocka_unit_test(every_field_is_resolved),
        cmocka_unit_test(ranges_are_those_of_the_rows),
        cmocka_unit_test(every_vocabulary_has_its_words),
        cmocka_unit_test(states_are_a_vocabulary),
        cmocka_unit_test(every_role_is_found_by_name),
        cmocka_unit_test(every_lifecycle_has_its_states_and_moves),
        cmocka_unit_test(moves_are_found_by_verb_and_state),
        cmocka_unit_test(the_moves_out_of_a_state_are_listed),
        cmocka_unit_test(indexes_follow_from_the_rows),
        cmocka_unit_test(index_numbers_stay),
        cmocka_unit_test(word_lists_are_walked),
        cmocka_unit_test(mistyped_words_find_what_was_meant),
        cmocka_unit_test(every_command_is_found_by_name),
        cmocka_unit_test(arguments_of_every_command_are_checked),
        cmocka_unit_test(unknown_arguments_are_named),
        cmocka_unit_test(arguments_are_a_map_or_nothing),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
