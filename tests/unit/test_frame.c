#include "wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define NOW 1773478800000

static arena_t *arena;

static int open_arena(void **state)
{
    (void)state;
    arena = arena_new();
    return 0;
}

static int close_arena(void **state)
{
    (void)state;
    arena_destroy(&arena);
    return 0;
}

/* -- building values ------------------------------------------------------------------- */

static value_t text_list(const char *first, ...)
{
    value_builder_t list = value_builder(arena);
    va_list rest;
    va_start(rest, first);
    for (const char *text = first; text; text = va_arg(rest, const char *))
        value_add(&list, value_text(text));
    va_end(rest);
    return value_build_list(&list);
}

static value_t view(const char *id, int64_t revision, value_t fields)
{
    value_builder_t map = value_builder(arena);
    value_add_pair(&map, "id", value_text(id));
    value_add_pair(&map, "rev", value_integer(revision));
    value_add_pair(&map, "fields", fields);
    return value_build_map(&map);
}

static value_t welcome_map(void)
{
    value_builder_t limits = value_builder(arena);
    value_add_pair(&limits, "credit", value_integer(1048576));
    value_add_pair(&limits, "credit_max", value_integer(4194304));
    value_add_pair(&limits, "requests", value_integer(64));
    value_add_pair(&limits, "watches", value_integer(16));
    value_add_pair(&limits, "message", value_integer(65536));
    value_add_pair(&limits, "batch", value_integer(524288));
    value_builder_t map = value_builder(arena);
    value_add_pair(&map, "protocol", value_integer(WIRE_PROTOCOL_VERSION));
    value_add_pair(&map, "region", value_text("\xc3\x96stra Mellansverige"));
    value_add_pair(&map, "epoch", value_text("5f0c2a9e71b3d846"));
    value_add_pair(&map, "rev", value_integer(812));
    value_add_pair(&map, "time", value_integer(NOW));
    value_add_pair(&map, "user", value_text("usr-4"));
    value_add_pair(&map, "roles", text_list("broker", NULL));
    value_add_pair(&map, "limits", value_build_map(&limits));
    value_add_pair(&map, "schema", value_integer(1));
    return value_build_map(&map);
}

static value_t get_arguments(void)
{
    value_builder_t map = value_builder(arena);
    value_add_pair(&map, "id", value_text("inq-12"));
    return value_build_map(&map);
}

static value_t inquiry(void)
{
    value_builder_t fields = value_builder(arena);
    value_add_pair(&fields, "title", value_text("Grundkurs i CAD"));
    value_add_pair(&fields, "municipality", value_text("mun-0583"));
    value_add_pair(&fields, "state", value_text("new"));
    value_add_pair(&fields, "participants", value_integer(8));
    value_add_pair(&fields, "discreet", value_boolean(false));
    return view("inq-12", 790, value_build_map(&fields));
}

static value_t move_arguments(void)
{
    value_builder_t fields = value_builder(arena);
    value_add_pair(&fields, "broker", value_text("usr-4"));
    value_builder_t map = value_builder(arena);
    value_add_pair(&map, "id", value_text("inq-12"));
    value_add_pair(&map, "verb", value_text("acknowledge"));
    value_add_pair(&map, "fields", value_build_map(&fields));
    value_add_pair(&map, "if_rev", value_integer(790));
    return value_build_map(&map);
}

static value_t impossible_move(void)
{
    value_builder_t detail = value_builder(arena);
    value_add_pair(&detail, "state", value_text("closed"));
    value_add_pair(&detail, "moves", value_list(NULL, 0));
    error_t error = {.code = ERROR_NONE};
    error_set(&error, ERROR_IMPOSSIBLE_MOVE, "verb", NULL);
    error.detail = value_build_map(&detail);
    return error_to_value(&error, arena);
}

static value_t no_session(void)
{
    error_t error = {.code = ERROR_NONE};
    error_set(&error, ERROR_NO_SESSION, NULL, NULL);
    return error_to_value(&error, arena);
}

static value_t watch_arguments(void)
{
    value_builder_t map = value_builder(arena);
    value_add_pair(&map, "kinds", text_list("inquiry", NULL));
    value_add_pair(&map, "municipalities", text_list("mun-0583", NULL));
    return value_build_map(&map);
}

static value_t entries(void)
{
    value_builder_t fields = value_builder(arena);
    value_add_pair(&fields, "title", value_text("Grundkurs i CAD"));
    value_add_pair(&fields, "state", value_text("acknowledged"));
    value_add_pair(&fields, "broker", value_text("usr-4"));
    value_builder_t put = value_builder(arena);
    value_add_pair(&put, "op", value_text("put"));
    value_add_pair(&put, "record", view("inq-12", 815, value_build_map(&fields)));
    value_builder_t gone = value_builder(arena);
    value_add_pair(&gone, "op", value_text("gone"));
    value_add_pair(&gone, "id", value_text("inq-9"));
    value_builder_t ops = value_builder(arena);
    value_add(&ops, value_build_map(&put));
    value_add(&ops, value_build_map(&gone));
    value_builder_t entry = value_builder(arena);
    value_add_pair(&entry, "rev", value_integer(815));
    value_add_pair(&entry, "time", value_integer(NOW + 250));
    value_add_pair(&entry, "actor", value_text("usr-4"));
    value_add_pair(&entry, "ops", value_build_list(&ops));
    value_builder_t list = value_builder(arena);
    value_add(&list, value_build_map(&entry));
    return value_build_list(&list);
}

/* -- the examples of PROTOCOL.md -------------------------------------------------------- */

#define EPOCH "5f0c2a9e71b3d846"

/* The id that request_id_make gives at NOW with the random bytes 0 to 9. */
static const unsigned char id[WIRE_REQUEST_ID_SIZE] = {0x01, 0x9c, 0xeb, 0x92, 0xea, 0x80, 0, 1,
                                                       2,    3,    4,    5,    6,    7,    8, 9};

static value_t no_body(void)
{
    return value_absent;
}

static const struct {
    const char *name;
    frame_t frame;
    value_t (*body)(void);
} examples[] = {
    {"hello", {.type = FRAME_HELLO, .version = 1, .program = "samverk 0.1.0"}, no_body},
    {"welcome", {.type = FRAME_WELCOME}, welcome_map},
    {"request-get", {.type = FRAME_REQUEST, .id = id, .command = "get"}, get_arguments},
    {"reply", {.type = FRAME_REPLY, .id = id, .revision = 812}, inquiry},
    {"request-move", {.type = FRAME_REQUEST, .id = id, .command = "move"}, move_arguments},
    {"error", {.type = FRAME_ERROR, .id = id, .revision = 812}, impossible_move},
    {"error-without-id", {.type = FRAME_ERROR}, no_session},
    {"request-watch", {.type = FRAME_REQUEST, .id = id, .command = "watch"}, watch_arguments},
    {"push", {.type = FRAME_PUSH, .watch = 1, .epoch = EPOCH, .before = 812}, entries},
    {"bookmark",
     {.type = FRAME_BOOKMARK, .watch = 1, .epoch = EPOCH, .before = 815, .revision = 840},
     no_body},
    {"end",
     {.type = FRAME_END, .watch = 1, .epoch = EPOCH, .revision = 851, .code = "revoked"},
     no_body},
    {"credit", {.type = FRAME_CREDIT, .credit = 262144}, no_body},
};
#define N_EXAMPLES (sizeof examples / sizeof *examples)

static frame_t example(size_t i)
{
    frame_t frame = examples[i].frame;
    frame.body = examples[i].body();
    return frame;
}

/* Bytes as PROTOCOL.md has them: sixteen to a line. */
static char *hex_lines(const void *data, size_t size)
{
    char *text = arena_alloc(arena, 3 * size + 2);
    for (size_t i = 0; i < size; i++)
        sprintf(text + 3 * i, "%02x%c", ((const unsigned char *)data)[i],
                i % 16 == 15 || i + 1 == size ? '\n' : ' ');
    return text;
}

static char *read_protocol(void)
{
    FILE *stream = fopen(SAMVERK_SOURCE_DIR "/proto/PROTOCOL.md", "r");
    assert_non_null(stream);
    char *text = NULL;
    size_t room = 0;
    assert_true(getdelim(&text, &room, 0, stream) > 0);
    fclose(stream);
    char *kept = arena_text(arena, text);
    free(text);
    return kept;
}

/* What stands between ```hex NAME and ```. */
static const char *block(const char *protocol, const char *name)
{
    const char *fence = arena_format(arena, "```hex %s\n", name);
    const char *start = strstr(protocol, fence);
    if (!start)
        fail_msg("PROTOCOL.md has no example `%s`", name);
    start += strlen(fence);
    const char *end = strstr(start, "```");
    assert_non_null(end);
    return arena_text_of(arena, start, (size_t)(end - start));
}

static void the_page_has_what_is_written(void **state)
{
    (void)state;
    const char *protocol = read_protocol();
    for (size_t i = 0; i < N_EXAMPLES; i++) {
        frame_t frame = example(i);
        void *data;
        size_t size;
        frame_write(&frame, arena, &data, &size);
        const char *written = hex_lines(data, size);
        if (strcmp(block(protocol, examples[i].name), written) != 0)
            fail_msg("PROTOCOL.md, example `%s`, should be\n%s", examples[i].name, written);
    }
    size_t blocks = 0;
    for (const char *at = protocol; (at = strstr(at, "```hex ")); at += 7)
        blocks++;
    assert_int_equal(blocks, N_EXAMPLES);
}

static size_t parse_hex(const char *text, unsigned char *data)
{
    size_t size = 0;
    char *end;
    for (unsigned long byte; byte = strtoul(text, &end, 16), end != text; text = end)
        data[size++] = (unsigned char)byte;
    return size;
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static void the_page_reads_as_what_was_meant(void **state)
{
    (void)state;
    const char *protocol = read_protocol();
    bool seen[FRAMES] = {false};
    for (size_t i = 0; i < N_EXAMPLES; i++) {
        unsigned char data[2048];
        size_t size = parse_hex(block(protocol, examples[i].name), data);
        value_t value;
        error_t error = {.code = ERROR_NONE};
        frame_t frame, meant = example(i);
        assert_true(wire_decode(data, size, &wire_limits_client, arena, &value, &error));
        if (!frame_read(&frame, &value, &error))
            fail_msg("%s: %s, %s", examples[i].name, error.field, error.expected);
        assert_int_equal(frame.type, meant.type);
        assert_int_equal(frame.version, meant.version);
        assert_true(same_text(frame.program, meant.program));
        assert_int_equal(frame.id == NULL, meant.id == NULL);
        if (frame.id)
            assert_memory_equal(frame.id, meant.id, WIRE_REQUEST_ID_SIZE);
        assert_true(same_text(frame.command, meant.command));
        assert_true(value_equal(&frame.body, &meant.body));
        assert_true(same_text(frame.as, meant.as));
        assert_int_equal(frame.watch, meant.watch);
        assert_true(same_text(frame.epoch, meant.epoch));
        assert_int_equal(frame.before, meant.before);
        assert_int_equal(frame.revision, meant.revision);
        assert_true(same_text(frame.code, meant.code));
        assert_int_equal(frame.credit, meant.credit);
        seen[frame.type] = true;
    }
    for (unsigned type = 0; type < FRAMES; type++)
        assert_true(seen[type]);
}

/* -- what is refused ---------------------------------------------------------------------- */

/* The elements of a good example, one of them replaced or the list cut or grown. */
static value_t elements(size_t i, uint32_t *count)
{
    frame_t frame = example(i);
    void *data;
    size_t size;
    value_t value;
    error_t error = {.code = ERROR_NONE};
    frame_write(&frame, arena, &data, &size);
    assert_true(wire_decode(data, size, &wire_limits_client, arena, &value, &error));
    *count = value.count;
    return value;
}

static bool reads(const value_t *items, uint32_t count, frame_t *frame, error_t *error)
{
    value_t list = value_list(items, count);
    *error = (error_t){.code = ERROR_NONE};
    bool good = frame_read(frame, &list, error);
    assert_int_equal(good, error->code == ERROR_NONE);
    if (!good)
        assert_int_equal(error->code, ERROR_MALFORMED);
    return good;
}

static void each_element_has_its_form(void **state)
{
    (void)state;
    const value_t wrong[] = {value_boolean(true), value_integer(-1), value_text(""),
                             value_text("\x1b[2J"), value_bytes("short", 5)};
    for (size_t i = 0; i < N_EXAMPLES; i++) {
        uint32_t count;
        value_t value = elements(i, &count);
        for (uint32_t place = 1; place < count; place++) {
            if (examples[i].frame.type == FRAME_REPLY && place == 3)
                continue; /* a result may be anything */
            for (size_t w = 0; w < sizeof wrong / sizeof *wrong; w++) {
                value_t items[8];
                memcpy(items, value.items, count * sizeof *items);
                items[place] = wrong[w];
                frame_t frame;
                error_t error;
                if (reads(items, count, &frame, &error))
                    fail_msg("%s: element %u taken as form %d", examples[i].name, place,
                             (int)wrong[w].form);
            }
        }
    }
}

static void too_few_elements_are_refused_and_more_passed_over(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_EXAMPLES; i++) {
        uint32_t count;
        value_t value = elements(i, &count);
        frame_type_t type = examples[i].frame.type;
        frame_t frame;
        error_t error;
        for (uint32_t fewer = 1; fewer < count; fewer++)
            assert_false(reads(value.items, fewer, &frame, &error));
        value_t items[8];
        memcpy(items, value.items, count * sizeof *items);
        items[count] = value_text("of a later version");
        bool exact = type == FRAME_REQUEST || type == FRAME_CREDIT;
        assert_int_equal(reads(items, count + 1, &frame, &error), !exact);
    }
}

static void what_is_no_frame_is_refused(void **state)
{
    (void)state;
    frame_t frame;
    error_t error = {.code = ERROR_NONE};
    value_t text = value_text("hello");
    assert_false(frame_read(&frame, &text, &error));
    assert_false(reads(NULL, 0, &frame, &error));
    value_t number = value_integer(1);
    assert_false(reads(&number, 1, &frame, &error));
    value_t unknown[] = {value_text("goodbye"), value_integer(1)};
    assert_false(reads(unknown, 2, &frame, &error));
    assert_null(frame.id);
}

static void an_error_can_name_its_request(void **state)
{
    (void)state;
    frame_t frame;
    error_t error;
    value_t map = {.form = VALUE_MAP};
    value_t items[] = {value_text("request"), value_bytes(id, sizeof id), value_integer(7), map,
                       value_absent};
    assert_false(reads(items, 5, &frame, &error));
    assert_string_equal(error.field, "command");
    assert_ptr_equal(frame.id, id);
    items[2] = value_text("get");
    assert_false(reads(items, 4, &frame, &error));
    assert_ptr_equal(frame.id, id);
    items[1] = value_bytes(id, 15);
    assert_false(reads(items, 5, &frame, &error));
    assert_string_equal(error.field, "id");
    assert_null(frame.id);
}

static void names_have_a_length(void **state)
{
    (void)state;
    char name[FRAME_NAME_MAX + 2];
    memset(name, 'a', sizeof name);
    value_t items[] = {value_text("hello"), value_integer(1), value_text_of(name, FRAME_NAME_MAX)};
    frame_t frame;
    error_t error;
    assert_true(reads(items, 3, &frame, &error));
    items[2] = value_text_of(name, FRAME_NAME_MAX + 1);
    assert_false(reads(items, 3, &frame, &error));
    assert_string_equal(error.field, "program");
}

/* -- request ids ------------------------------------------------------------------------------ */

static void a_request_id_has_the_time_in_front(void **state)
{
    (void)state;
    const unsigned char random[10] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
    unsigned char made[WIRE_REQUEST_ID_SIZE], later[WIRE_REQUEST_ID_SIZE];
    request_id_make(made, NOW, random);
    assert_memory_equal(made, id, sizeof id);
    assert_int_equal(request_id_time(made), NOW);
    request_id_make(later, NOW + 1, random);
    assert_true(memcmp(made, later, sizeof made) < 0);
    request_id_make(later, (UINT64_C(1) << 48) - 1, random);
    assert_int_equal(request_id_time(later), (UINT64_C(1) << 48) - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_page_has_what_is_written),
        cmocka_unit_test(the_page_reads_as_what_was_meant),
        cmocka_unit_test(each_element_has_its_form),
        cmocka_unit_test(too_few_elements_are_refused_and_more_passed_over),
        cmocka_unit_test(what_is_no_frame_is_refused),
        cmocka_unit_test(an_error_can_name_its_request),
        cmocka_unit_test(names_have_a_length),
        cmocka_unit_test(a_request_id_has_the_time_in_front),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
