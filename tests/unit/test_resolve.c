#include "tables.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* Two kinds that are right, made anew for each test, which spoils one thing. */
static field_t place_fields[3];
static field_t visit_fields[8];
static word_t sort_words[2];
static state_t visit_states[3];
static move_t visit_moves[3];
static entry_t visit_entries[1];
static due_t visit_dues[2];
static argument_t find_arguments[2];
static kind_t kinds[2];
static vocabulary_t vocabularies[1];
static lifecycle_t lifecycles[1];
static command_t commands[1];
static tables_t rows, resolved;
static arena_t *arena;
static char why[256];

enum { PLACE_NAME, PLACE_CODE, PLACE_SORT };
enum {
    VISIT_WHERE,
    VISIT_STATE,
    VISIT_BEFORE,
    VISIT_WHO,
    VISIT_SEATS,
    VISIT_FOLDED,
    VISIT_UNTIL,
    VISIT_LATE
};

static int set_up(void **state)
{
    (void)state;
    place_fields[PLACE_NAME] =
        (field_t){"name",       TYPE_TEXT, "1..80", FIELD_REQUIRED | FIELD_INDEXED,
                  CLASS_PUBLIC, false,     "",      1,
                  "name",       0,         0,       0,
                  NULL,         NULL};
    place_fields[PLACE_CODE] = place_fields[PLACE_NAME];
    place_fields[PLACE_CODE].name = "code";
    place_fields[PLACE_CODE].type = TYPE_CODE;
    place_fields[PLACE_CODE].attributes = FIELD_UNIQUE;
    place_fields[PLACE_SORT] = place_fields[PLACE_NAME];
    place_fields[PLACE_SORT].name = "sort";
    place_fields[PLACE_SORT].type = TYPE_WORD;
    place_fields[PLACE_SORT].detail = "sort";
    place_fields[PLACE_SORT].otherwise = "room";

    visit_fields[VISIT_WHERE] = place_fields[PLACE_NAME];
    visit_fields[VISIT_WHERE].name = "where";
    visit_fields[VISIT_WHERE].type = TYPE_REFERENCE;
    visit_fields[VISIT_WHERE].detail = "place";
    visit_fields[VISIT_WHERE].shown_discreet = true;
    visit_fields[VISIT_STATE] = place_fields[PLACE_SORT];
    visit_fields[VISIT_STATE].name = "state";
    visit_fields[VISIT_STATE].detail = "";
    visit_fields[VISIT_STATE].otherwise = "";
    visit_fields[VISIT_BEFORE] = visit_fields[VISIT_STATE];
    visit_fields[VISIT_BEFORE].name = "state_before";
    visit_fields[VISIT_BEFORE].detail = "visit_state";
    visit_fields[VISIT_WHO] = place_fields[PLACE_NAME];
    visit_fields[VISIT_WHO].name = "who";
    visit_fields[VISIT_WHO].class = CLASS_PERSONAL;
    visit_fields[VISIT_WHO].attributes = FIELD_STAFF;
    visit_fields[VISIT_SEATS] = place_fields[PLACE_NAME];
    visit_fields[VISIT_SEATS].name = "seats";
    visit_fields[VISIT_SEATS].type = TYPE_INTEGER;
    visit_fields[VISIT_SEATS].attributes = 0;
    visit_fields[VISIT_FOLDED] = place_fields[PLACE_NAME];
    visit_fields[VISIT_FOLDED].name = "folded";
    visit_fields[VISIT_FOLDED].attributes = FIELD_DAEMON | FIELD_INTERNAL;

    visit_fields[VISIT_UNTIL] = place_fields[PLACE_NAME];
    visit_fields[VISIT_UNTIL].name = "until";
    visit_fields[VISIT_UNTIL].type = TYPE_DATE;
    visit_fields[VISIT_UNTIL].detail = "";
    visit_fields[VISIT_UNTIL].attributes = 0;
    visit_fields[VISIT_LATE] = visit_fields[VISIT_UNTIL];
    visit_fields[VISIT_LATE].name = "late";
    visit_fields[VISIT_LATE].type = TYPE_BOOLEAN;
    visit_fields[VISIT_LATE].attributes = FIELD_DAEMON;

    sort_words[0] = (word_t){"room", "room"};
    sort_words[1] = (word_t){"hall", "hall"};
    vocabularies[0] = (vocabulary_t){"sort", sort_words, 2};

    visit_states[0] = (state_t){"planned", "planned", true, true};
    visit_states[1] = (state_t){"waiting", "waiting", false, true};
    visit_states[2] = (state_t){"done", "done", false, false};
    visit_moves[0] = (move_t){"finish", "*", "done", ROLES_BROKER, "seats who", "finish"};
    visit_moves[1] = (move_t){"resume", "waiting", "state_before", ROLES_BROKER, "", "resume"};
    visit_moves[2] = (move_t){"touch", "planned", "same", ROLES_BROKER, "", "touch"};
    visit_entries[0] = (entry_t){"waiting", "find"};
    visit_dues[0] = (due_t){"until", true, "planned waiting", "late", NULL, NULL};
    lifecycles[0] =
        (lifecycle_t){"visit", visit_states, 3, visit_moves, 3, visit_entries, 1, visit_dues, 1};

    find_arguments[0] = (argument_t){"what", ARGUMENT_TEXT, true, "what"};
    find_arguments[1] = (argument_t){"limit", ARGUMENT_INTEGER, false, "limit"};
    commands[0] =
        (command_t){"find", 0, COMMAND_READ, ROLES_ALL, false, 1, "Find.", find_arguments, 2};

    kinds[0] = (kind_t){.name = "place",
                        .prefix = "pla",
                        .number = 1,
                        .coded = true,
                        .scope = "self",
                        .also = "",
                        .subject = "",
                        .follows = "",
                        .composites = "",
                        .label = "place",
                        .plural = "places",
                        .fields = place_fields,
                        .n_fields = 3};
    kinds[1] = (kind_t){.name = "visit",
                        .prefix = "vis",
                        .number = 2,
                        .scope = "where",
                        .also = "where",
                        .subject = "self",
                        .follows = "where",
                        .composites = "where,state state,where",
                        .label = "visit",
                        .plural = "visits",
                        .fields = visit_fields,
                        .n_fields = 8};
    rows = (tables_t){kinds, 2, vocabularies, 1, lifecycles, 1, commands, 1};
    arena = arena_new();
    strcpy(why, "");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_destroy(&arena);
    return 0;
}

static bool resolves(void)
{
    return tables_resolve(&rows, &resolved, arena, why, sizeof why);
}

/* The rows are refused, with a sentence that has `part` in it. */
static void refused(const char *part)
{
    assert_false(resolves());
    if (!strstr(why, part))
        print_error("why: %s\n", why);
    assert_non_null(strstr(why, part));
    tear_down(NULL);
    set_up(NULL);
    assert_true(resolves());
}

static void right_rows_are_resolved(void **state)
{
    (void)state;
    assert_true(resolves());
    assert_int_equal(resolved.n_kinds, 2);
    const kind_t *place = &resolved.kinds[0], *visit = &resolved.kinds[1];
    assert_ptr_equal(visit->fields[VISIT_WHERE].target, place);
    assert_string_equal(visit->fields[VISIT_STATE].vocabulary->name, "visit_state");
    assert_int_equal(visit->n_states, 3);
    assert_int_equal(visit->n_moves, 3);
    assert_int_equal(visit->personal, 1u << VISIT_WHO);
    assert_int_equal(visit->discreet, 1u << VISIT_WHERE);
    assert_int_equal(place->n_indexes, 3);
    assert_true(place->indexes[1].unique);
    assert_int_equal(visit->n_indexes, 5);
    assert_int_equal(visit->indexes[3].n_fields, 2);
    assert_ptr_equal(visit->indexes[3].fields[1], &visit->fields[VISIT_STATE]);
    assert_int_equal(visit->n_dues, 1);
    assert_ptr_equal(visit->dues[0].field, &visit->fields[VISIT_UNTIL]);
    assert_ptr_equal(visit->dues[0].flag, &visit->fields[VISIT_LATE]);
    assert_null(visit_dues[0].field);
    visit_dues[0].does = "finish";
    assert_true(resolves());
    assert_null(resolved.kinds[1].dues[0].flag);
    assert_null(kinds[1].indexes);
    assert_null(visit_fields[VISIT_WHERE].target);
}

static void names_of_kinds(void **state)
{
    (void)state;
    kinds[0].name = "Place";
    refused("not a name");
    kinds[0].name = "the place";
    refused("not a name");
    kinds[0].plural = "";
    refused("no label");
    kinds[0].prefix = "p";
    refused("no prefix");
    kinds[0].prefix = "pl-a";
    refused("no prefix");
    kinds[0].number = 0;
    refused("out of range");
    kinds[0].number = 65536;
    refused("out of range");
    kinds[1].name = "place";
    rows.n_lifecycles = 0;
    refused("same name");
    kinds[1].prefix = "pla";
    refused("same name, prefix");
    kinds[1].number = 1;
    refused("or number");
}

static void more_than_64_fields(void **state)
{
    (void)state;
    static field_t many[SCHEMA_FIELDS_MAX + 1];
    static char names[SCHEMA_FIELDS_MAX + 1][8];
    for (size_t i = 0; i <= SCHEMA_FIELDS_MAX; i++) {
        snprintf(names[i], sizeof names[i], "f%zu", i);
        many[i] = place_fields[PLACE_NAME];
        many[i].name = names[i];
    }
    kinds[0].fields = many;
    kinds[0].n_fields = SCHEMA_FIELDS_MAX;
    assert_true(resolves());
    kinds[0].n_fields = SCHEMA_FIELDS_MAX + 1;
    refused("65 fields");
}

static void names_of_fields(void **state)
{
    (void)state;
    place_fields[PLACE_CODE].name = "postCode";
    refused("place.postCode: not a name");
    place_fields[PLACE_CODE].name = "id";
    refused("not a name");
    place_fields[PLACE_CODE].name = "name";
    refused("there are two");
    place_fields[PLACE_CODE].label = "";
    refused("no label");
    place_fields[PLACE_CODE].since = 0;
    refused("no schema version");
    place_fields[PLACE_CODE].since = SCHEMA_VERSION + 1;
    refused("no schema version");
}

static void details_of_fields(void **state)
{
    (void)state;
    static const char *const ranges[] = {"1", "1..", "..8", "8..1", "-1..8", "1..8 ", "1..99999"};
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
        place_fields[PLACE_NAME].detail = ranges[i];
        refused("is no range");
    }
    place_fields[PLACE_CODE].type = TYPE_DATE;
    refused("takes no detail");
    place_fields[PLACE_SORT].detail = "sorts";
    refused("no vocabulary 'sorts'");
    place_fields[PLACE_SORT].detail = "";
    refused("no vocabulary ''");
    visit_fields[VISIT_WHERE].detail = "plaice";
    refused("no kind 'plaice'");
}

static void defaults_of_fields(void **state)
{
    (void)state;
    place_fields[PLACE_SORT].otherwise = "tent";
    refused("default 'tent' is not one of room, hall");
    visit_fields[VISIT_SEATS].otherwise = "0";
    refused("default '0'");
}

static void classes_of_fields(void **state)
{
    (void)state;
    kinds[1].subject = "";
    refused("without a subject");
    visit_fields[VISIT_WHO].attributes = FIELD_UNIQUE;
    refused("never unique");
    place_fields[PLACE_NAME].attributes = FIELD_STAFF;
    refused("shared for staff");
    visit_fields[VISIT_FOLDED].attributes = FIELD_INTERNAL;
    refused("internal");
    visit_fields[VISIT_WHO].attributes = FIELD_SEALED; /* personal already */
    refused("sealed is what a subject has");
    place_fields[PLACE_NAME].attributes = FIELD_SEALED; /* of nobody */
    refused("sealed is what a subject has");
}

static void references_of_kinds(void **state)
{
    (void)state;
    kinds[1].scope = "self nowhere";
    refused("scope 'nowhere'");
    kinds[1].scope = "seats";
    refused("scope 'seats'");
    kinds[1].also = "self";
    refused("also 'self'");
    kinds[1].subject = "who";
    refused("subject 'who'");
    kinds[1].follows = "who";
    refused("follows 'who'");
}

static void composite_indexes(void **state)
{
    (void)state;
    kinds[1].composites = "where,nothing";
    refused("index 'where,nothing'");
    kinds[1].composites = "where";
    refused("one field alone");
    kinds[1].composites = "where,who";
    refused("sealed");
    kinds[1].composites = "where,state,seats,folded,state_before";
    refused("too many");
    kinds[1].composites = "where,state where,state";
    refused("the same number");
}

static void states(void **state)
{
    (void)state;
    lifecycles[0].kind = "visitor";
    refused("no such kind");
    visit_fields[VISIT_STATE].name = "stage";
    visit_fields[VISIT_STATE].detail = "visit_state";
    kinds[1].composites = "";
    refused("no field 'state'");
    visit_states[0].initial = false;
    refused("0 initial states");
    visit_states[1].initial = true;
    refused("2 initial states");
    visit_states[1].name = "Waiting";
    visit_entries[0].state = "Waiting";
    refused("no name");
    lifecycles[0].n_entries = 0;
    refused("waiting has no way in");
    visit_moves[0].from = "done";
    refused("done has no way in");
    visit_entries[0].command = "lose";
    refused("entry into waiting by lose");
    visit_entries[0].state = "lost";
    refused("entry into lost");
}

static void moves(void **state)
{
    (void)state;
    visit_moves[0].verb = "Finish";
    refused("is no name");
    visit_moves[0].label = "";
    refused("no label");
    visit_moves[1].from = "nowhere";
    refused("comes from no state");
    visit_moves[1].to = "nowhere";
    refused("goes to no state");
    visit_fields[VISIT_BEFORE].name = "earlier";
    refused("goes to no state");
    visit_moves[0].roles = ROLES_NONE;
    refused("for no role");
    visit_moves[0].required = "seats how";
    refused("requires 'how'");
    visit_dues[0].on = "where";
    refused("'where' is no day");
    visit_dues[0].on = "nothing";
    refused("'nothing' is no day");
    visit_fields[VISIT_UNTIL].attributes = FIELD_MANY;
    refused("'until' is no day");
    visit_fields[VISIT_LATE].attributes = 0;
    refused("late is no yes or no that the daemon keeps");
    visit_dues[0].does = "seats";
    refused("seats is no yes or no");
    visit_dues[0].states = "planned nowhere";
    refused("no late out of 'nowhere', when until is due");
    visit_dues[0].does = "touch"; /* from planned alone */
    refused("no touch out of 'waiting'");
    visit_dues[1] = visit_dues[0];
    lifecycles[0].n_dues = 2;
    refused("until is due twice");
    visit_moves[2].verb = "resume";
    visit_moves[2].from = "waiting";
    refused("two moves resume");
}

static void words(void **state)
{
    (void)state;
    vocabularies[0].name = "Sort";
    refused("not a name");
    vocabularies[0].name = "role";
    refused("there are two");
    sort_words[1].name = "room";
    refused("two words");
    sort_words[1].name = "big hall";
    refused("is none");
    sort_words[1].name = "a,b";
    refused("is none");
    sort_words[1].name = "";
    refused("is none");
    sort_words[1].label = "";
    refused("no label");
}

static void arguments(void **state)
{
    (void)state;
    commands[0].label = "";
    refused("no label");
    commands[0].name = "Find";
    refused("not a name");
    find_arguments[1].name = "what";
    refused("two arguments what");
    find_arguments[1].label = "";
    refused("no label");
    find_arguments[1].name = "At most";
    refused("is no name");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(right_rows_are_resolved),
        TEST(names_of_kinds),
        TEST(more_than_64_fields),
        TEST(names_of_fields),
        TEST(details_of_fields),
        TEST(defaults_of_fields),
        TEST(classes_of_fields),
        TEST(references_of_kinds),
        TEST(composite_indexes),
        TEST(states),
        TEST(moves),
        TEST(words),
        TEST(arguments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
