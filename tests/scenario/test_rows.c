#include "say.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Every row of the tables, walked through the daemon: each kind is put with no more
   than it requires, each field set and cleared, each move made from each state that it
   leads from. What a rule asks for besides is given when it asks. */

#define DEPTH_MAX 6
#define TRIES_MAX 8

static region_t *region;
static client_t *admin, *another;
static arena_t *arena;
static unsigned made;    /* values so far, to make each another one */
static const char *code; /* that was given last */

static int open_region(void **state)
{
    (void)state;
    region = region_new();
    arena = region_arena(region);
    admin = region_client(region, "admin");
    say_user(region, "another", "privacy", "");
    another = region_client(region, "another");
    return 0;
}

static int close_region(void **state)
{
    (void)state;
    region_destroy(&region);
    return 0;
}

static reply_t ask(const char *command, const value_builder_t *arguments)
{
    request_t request = {.command = command, .arguments = value_build_map(arguments)};

    return region_ask(region, admin, &request);
}

/* -- values that rows take ------------------------------------------------------------ */

static const char *make_record(const kind_t *kind, int depth);

static value_t one_value(const field_t *field, int depth)
{
    unsigned char *key;

    made++;
    switch (field->type) {
    case TYPE_INTEGER:
    case TYPE_MONEY:
    case TYPE_DEGREES:
    case TYPE_TENTHS:
        return value_integer(field->least + made % 5);
    case TYPE_BOOLEAN:
        return value_boolean(true);
    case TYPE_DATE:
        return value_text("2027-01-31");
    case TYPE_INSTANT:
        return value_integer((int64_t)region_now(region));
    case TYPE_WORD:
        /* Another than the default, so that to write it is a change. */
        return value_text(
            field->vocabulary
                ->words[strcmp(field->vocabulary->words[0].name, field->otherwise) == 0]
                .name);
    case TYPE_REFERENCE:
        return value_text(
            make_record(field->target != NULL ? field->target : schema_kind("county"), depth + 1));
    case TYPE_NUMBER:
        return value_text("5560360793");
    case TYPE_EMAIL:
        return value_text("someone@example.se");
    case TYPE_PHONE:
        return value_text("+4612345678");
    case TYPE_WEB:
        return value_text("https://example.se/");
    case TYPE_KEY:
        key = arena_alloc(arena, 32);
        region_key(arena_format(arena, "key %u", made), key);
        return value_bytes(key, 32);
    case TYPE_CODE:
        return value_text(arena_format(arena, "C%u", made));
    default:
        return value_text(arena_format(arena, "text %u", made));
    }
}

/* One that a rule may ask for instead: the largest, or today. */
static value_t other_value(const field_t *field)
{
    char *today = arena_alloc(arena, 11);

    clock_day(region_now(region), today);
    return field->type == TYPE_DATE ? value_text(today) : value_integer(field->most);
}

static value_t value_for(const field_t *field, int depth)
{
    value_t *one = arena_alloc(arena, sizeof *one);

    *one = one_value(field, depth);
    return field->attributes & FIELD_MANY ? value_list(one, 1) : *one;
}

/* -- records ------------------------------------------------------------------------------ */

/* Another code than the last: those of two digits come again in the end. */
static const char *next_code(const kind_t *kind)
{
    made++;
    if (kind->digits == 0)
        return arena_format(arena, "9%u", made);
    return arena_format(arena, "%0*u", (int)kind->digits, 19 + made % 80);
}

static reply_t put(const kind_t *kind, const value_builder_t *fields)
{
    value_builder_t arguments = value_builder(arena);

    value_add_pair(&arguments, "kind", value_text(kind->name));
    if (kind->coded)
        value_add_pair(&arguments, "id", value_text(code = next_code(kind)));
    value_add_pair(&arguments, "fields", value_build_map(fields));
    value_add_pair(&arguments, "confirm", value_boolean(true));
    return ask("put", &arguments);
}

/* A record with what its rows require, and what its rules ask for then. */
static const char *make_record(const kind_t *kind, int depth)
{
    value_builder_t fields = value_builder(arena);
    reply_t reply = {0};

    assert_true(depth < DEPTH_MAX);
    for (size_t i = 0; i < kind->n_fields; i++)
        if ((kind->fields[i].attributes & FIELD_REQUIRED) &&
            !(kind->fields[i].attributes & FIELD_DAEMON))
            value_add_pair(&fields, kind->fields[i].name, value_for(&kind->fields[i], depth));
    /* One that others refer to has someone who answers for it. */
    const field_t *broker = kind_field(kind, "broker");
    if (depth > 0 && broker != NULL && !(broker->attributes & FIELD_DAEMON))
        value_add_pair(&fields, "broker", value_text("usr-1"));
    for (int i = 0; i < TRIES_MAX; i++) {
        reply = put(kind, &fields);
        const field_t *asked = kind_field(kind, reply.error.field);
        if (reply.error.code != ERROR_REQUIRED || asked == NULL)
            break;
        value_add_pair(&fields, asked->name, value_for(asked, depth));
    }
    /* One that is there already is as good to refer to. */
    if (reply.error.code == ERROR_EXISTS)
        return arena_format(arena, "%s-%s", kind->prefix, code);
    if (reply.error.code != ERROR_NONE)
        fail_msg("a new %s is refused: %s %s %s", kind->name, error_name(reply.error.code),
                 reply.error.field, reply.error.expected);
    return arena_text(arena, value_get_text(&reply.result, "id"));
}

static reply_t ask_of(const char *command, const char *id)
{
    value_builder_t arguments = value_builder(arena);

    value_add_pair(&arguments, "id", value_text(id));
    if (strcmp(command, "get") == 0)
        value_add_pair(&arguments, "purpose", value_text("to see what was written"));
    return ask(command, &arguments);
}

static reply_t change(const char *id, const char *field, value_t value)
{
    value_builder_t arguments = value_builder(arena), fields = value_builder(arena);

    value_add_pair(&fields, field, value);
    value_add_pair(&arguments, "id", value_text(id));
    value_add_pair(&arguments, "fields", value_build_map(&fields));
    return ask("patch", &arguments);
}

static void expect_good(const kind_t *kind, const char *what, const reply_t *reply)
{
    if (reply->error.code != ERROR_NONE)
        fail_msg("%s of %s: %s %s %s", what, kind->name, error_name(reply->error.code),
                 reply->error.field, reply->error.expected);
}

static bool list_has(const kind_t *kind, const char *id)
{
    value_builder_t arguments = value_builder(arena);

    value_add_pair(&arguments, "kind", value_text(kind->name));
    value_add_pair(&arguments, "limit", value_integer(200));
    reply_t reply = ask("list", &arguments);
    expect_good(kind, "list", &reply);
    const value_t *records = value_get(&reply.result, "records");
    for (uint32_t i = 0; i < records->count; i++)
        if (strcmp(value_get_text(&records->items[i], "id"), id) == 0)
            return true;
    return false;
}

/* By the daemon alone: nobody puts one. */
static bool is_kept(const kind_t *kind)
{
    value_builder_t none = value_builder(arena);

    if (kind->writers != ROLES_NONE)
        return false;
    assert_int_equal(put(kind, &none).error.code, ERROR_NOT_ALLOWED);
    return true;
}

/* Put, get, list, history, delete; then it is gone, and its history is not. */
static void each_kind_lives(void **state)
{
    (void)state;
    for (size_t i = 0; i < schema_n_kinds(); i++) {
        const kind_t *kind = schema_kind_at(i);
        if (is_kept(kind))
            continue;
        const char *id = make_record(kind, 0);
        reply_t got = ask_of("get", id);
        expect_good(kind, "get", &got);
        assert_string_equal(value_get_text(&got.result, "id"), id);
        const value_t *fields = value_get(&got.result, "fields");
        for (size_t j = 0; j < kind->n_fields; j++)
            if (kind->fields[j].attributes & FIELD_REQUIRED)
                assert_true(value_get(fields, kind->fields[j].name)->form != VALUE_ABSENT);
        assert_true(list_has(kind, id));

        reply_t history = ask_of("history", id);
        expect_good(kind, "history", &history);
        say_expect(region, &history.result, "{entries=[{change=put actor=usr-1}]}");
        reply_t deleted = ask_of("delete", id);
        expect_good(kind, "delete", &deleted);
        assert_false(list_has(kind, id));
        assert_int_equal(ask_of("get", id).error.code, ERROR_NOT_FOUND);
        history = ask_of("history", id);
        expect_good(kind, "history of a deleted", &history);
        say_expect(region, &history.result, "{entries=[{change=delete} {change=put}]}");
    }
    assert_int_equal(region_check(region), 0);
}

/* Each field that people set is set and seen, stands in the history unless it is
   personal, and is cleared unless it is required. */
static void each_field_is_written(void **state)
{
    (void)state;
    for (size_t i = 0; i < schema_n_kinds(); i++) {
        const kind_t *kind = schema_kind_at(i);
        for (size_t j = 0; j < kind->n_fields && !is_kept(kind); j++) {
            const field_t *field = &kind->fields[j];
            const char *id = make_record(kind, 0);
            const char *what = arena_format(arena, "%s", field->name);
            value_t value = value_for(field, 0);
            reply_t reply = change(id, field->name, value);
            if (reply.error.code == ERROR_INVALID) {
                value = other_value(field);
                reply = change(id, field->name, value);
            }
            if (field->attributes & (FIELD_DAEMON | FIELD_INTERNAL)) {
                assert_int_equal(reply.error.code, field->attributes & FIELD_INTERNAL
                                                       ? ERROR_UNKNOWN_FIELD
                                                       : ERROR_READ_ONLY);
                continue;
            }
            /* Some scope fields change by a move alone; what an erasure was asked for, never. */
            if (reply.error.code == ERROR_READ_ONLY &&
                (schema_words_have(kind->scope, field->name) || field->attributes & FIELD_REQUIRED))
                continue;
            expect_good(kind, what, &reply);
            reply = ask_of("get", id);
            expect_good(kind, what, &reply);
            if (!value_equal(value_get(value_get(&reply.result, "fields"), field->name), &value))
                fail_msg("%s of %s is not what was written", what, kind->name);

            reply = change(id, field->name, value_absent);
            if (field->attributes & FIELD_REQUIRED) {
                assert_int_equal(reply.error.code, ERROR_REQUIRED);
                assert_string_equal(reply.error.field, field->name);
                continue;
            }
            /* A rule may want it to stay, as a grant wants a scope. */
            if (reply.error.code == ERROR_REQUIRED)
                continue;
            expect_good(kind, what, &reply);
            reply = ask_of("get", id);
            assert_int_equal(value_get(value_get(&reply.result, "fields"), field->name)->form,
                             VALUE_ABSENT);
            reply = ask_of("history", id);
            if (field->class != CLASS_PERSONAL && strcmp(field->name, "protected") != 0)
                assert_int_equal(value_get(&reply.result, "entries")->count, 3);
        }
    }
    assert_int_equal(region_check(region), 0);
}

/* -- moves ------------------------------------------------------------------------------------- */

static const char *state_of(const char *id)
{
    reply_t reply = ask_of("get", id);

    return value_get_text(value_get(&reply.result, "fields"), "state");
}

/* Make the move, with what it requires. */
static reply_t make_move(const kind_t *kind, const char *id, const move_t *move)
{
    value_builder_t arguments = value_builder(arena), fields = value_builder(arena);
    const char *rest = move->required;
    char name[64];

    while (schema_words_next(&rest, name, sizeof name))
        value_add_pair(&fields, arena_text(arena, name), value_for(kind_field(kind, name), 0));
    value_add_pair(&arguments, "id", value_text(id));
    value_add_pair(&arguments, "verb", value_text(move->verb));
    value_builder_t again = arguments;
    value_add_pair(&arguments, "fields", value_build_map(&fields));
    request_t request = {.command = "move", .arguments = value_build_map(&arguments)};
    reply_t reply = region_ask(region, admin, &request);
    const field_t *asked = kind_field(kind, reply.error.field);
    if (reply.error.code == ERROR_INVALID && asked != NULL) {
        value_add_pair(&fields, asked->name, other_value(asked));
        value_add_pair(&again, "fields", value_build_map(&fields));
        request.arguments = value_build_map(&again);
        reply = region_ask(region, admin, &request);
    }
    /* Some take another than who made the record. */
    return reply.error.code == ERROR_NOT_ALLOWED ? region_ask(region, another, &request) : reply;
}

static bool leads_to(const move_t *move, const state_t *state)
{
    return strcmp(move->to, state->name) == 0;
}

static bool leads_from(const move_t *move, const state_t *state)
{
    return strcmp(move->from, state->name) == 0 || (strcmp(move->from, "*") == 0 && state->open);
}

/* A new record brought into the state by moves; NULL when no moves lead there. */
static const char *bring(const kind_t *kind, const state_t *wanted, int depth)
{
    if (wanted->initial)
        return make_record(kind, 0);
    for (size_t i = 0; depth < 12 && i < kind->n_moves; i++) {
        if (!leads_to(&kind->moves[i], wanted))
            continue;
        for (size_t j = 0; j < kind->n_states; j++) {
            const state_t *from = &kind->states[j];
            if (from == wanted || !leads_from(&kind->moves[i], from) ||
                kind_move(kind, kind->moves[i].verb, from->name) != &kind->moves[i])
                continue;
            /* Forwards only: rows are written in the order of a life. */
            if (from > wanted && !from->initial)
                continue;
            const char *id = bring(kind, from, depth + 1);
            if (id == NULL)
                continue;
            reply_t reply = make_move(kind, id, &kind->moves[i]);
            expect_good(kind, kind->moves[i].verb, &reply);
            return id;
        }
    }
    return NULL;
}

/* What a move back needs to have happened: it was sent on. */
static void prepare_back(const kind_t *kind, const char *id, const move_t *move,
                         const state_t *from)
{
    if (move_field(kind, move) == NULL || !from->initial)
        return;
    for (size_t i = 0; i < kind->n_moves; i++)
        if (leads_to(&kind->moves[i], from) && leads_from(&kind->moves[i], from)) {
            reply_t reply = make_move(kind, id, &kind->moves[i]);
            expect_good(kind, kind->moves[i].verb, &reply);
        }
}

static void each_move_is_made(void **state)
{
    unsigned count = 0;

    (void)state;
    for (size_t i = 0; i < schema_n_kinds(); i++) {
        const kind_t *kind = schema_kind_at(i);
        for (size_t j = 0; j < kind->n_moves; j++)
            for (size_t k = 0; k < kind->n_states; k++) {
                const move_t *move = &kind->moves[j];
                const state_t *from = &kind->states[k];
                if (!leads_from(move, from) || kind_move(kind, move->verb, from->name) != move)
                    continue;
                const char *id = bring(kind, from, 0);
                if (id == NULL) /* a command of its own leads there */
                    continue;
                prepare_back(kind, id, move, from);
                reply_t reply = make_move(kind, id, move);
                expect_good(kind, arena_format(arena, "%s from %s", move->verb, from->name),
                            &reply);
                if (move_field(kind, move) == NULL && strcmp(move->to, "same") != 0)
                    assert_string_equal(state_of(id), move->to);
                count++;
            }
    }
    assert_true(count > 60);
    assert_int_equal(region_check(region), 0);
}

/* From every state that a verb does not lead from, it is refused, and the moves that
   are possible are named. */
static void each_other_move_is_impossible(void **state)
{
    (void)state;
    for (size_t i = 0; i < schema_n_kinds(); i++) {
        const kind_t *kind = schema_kind_at(i);
        for (size_t k = 0; k < kind->n_states; k++) {
            const state_t *from = &kind->states[k];
            const char *id = bring(kind, from, 0);
            for (size_t j = 0; id != NULL && j < kind->n_moves; j++) {
                if (kind_move(kind, kind->moves[j].verb, from->name) != NULL)
                    continue;
                reply_t reply = make_move(kind, id, &kind->moves[j]);
                assert_int_equal(reply.error.code, ERROR_IMPOSSIBLE_MOVE);
                assert_string_equal(value_get_text(&reply.error.detail, "state"), from->name);
                const value_t *moves = value_get(&reply.error.detail, "moves");
                for (uint32_t m = 0; m < moves->count; m++)
                    assert_non_null(kind_move(kind, moves->items[m].text, from->name));
                assert_string_equal(state_of(id), from->name);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_kind_lives, open_region, close_region),
        cmocka_unit_test_setup_teardown(each_field_is_written, open_region, close_region),
        cmocka_unit_test_setup_teardown(each_move_is_made, open_region, close_region),
        cmocka_unit_test_setup_teardown(each_other_move_is_impossible, open_region, close_region),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
