#include "wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

/* -- cases as data (tests/data/wire/README) ------------------------------------------ */

typedef struct {
    unsigned char *data;
    size_t size, room;
} bytes_t;

static void bytes_add(bytes_t *self, int byte, size_t times)
{
    if (self->size + times > self->room) {
        self->room = 2 * self->room + times;
        self->data = realloc(self->data, self->room);
        assert_non_null(self->data);
    }
    memset(self->data + self->size, byte, times);
    self->size += times;
}

static bytes_t bytes_parse(const char *text)
{
    bytes_t self = {malloc(1), 0, 1};
    while (*text) {
        if (*text == ' ') {
            text++;
        } else if (*text == '"') {
            for (text++; *text != '"'; text++)
                bytes_add(&self, *text, 1);
            text++;
        } else {
            char pair[3] = {text[0], text[1], 0};
            char *end;
            int byte = (int)strtol(pair, &end, 16);
            assert_ptr_equal(end, pair + 2);
            text += 2;
            size_t times = 1;
            if (*text == '*')
                times = strtoul(text + 1, (char **)&text, 10);
            bytes_add(&self, byte, times);
        }
    }
    /* Exactly as large as its content, so that a sanitizer sees a read past it. */
    if (self.size > 0)
        self.data = realloc(self.data, self.size);
    return self;
}

static char *trim(char *text)
{
    text += strspn(text, " ");
    size_t length = strlen(text);
    while (length > 0 && strchr(" \n", text[length - 1]))
        text[--length] = 0;
    return text;
}

typedef struct {
    const char *name;
    const wire_limits_t *limits;
    const char *verdict;
    bytes_t bytes;
    bytes_t again; /* as encoded again, when different */
} case_t;

static const wire_limits_t *limits_of(const char *name)
{
    if (strcmp(name, "daemon") == 0)
        return &wire_limits_daemon;
    if (strcmp(name, "batch") == 0)
        return &wire_limits_batch;
    if (strcmp(name, "client") == 0)
        return &wire_limits_client;
    assert_string_equal(name, "stored");
    return &wire_limits_stored;
}

/* Every case of a file through `check`. Returns how many there were. */
static unsigned each_case(const char *file, void (*check)(const case_t *))
{
    char path[512];
    snprintf(path, sizeof path, "%s/tests/data/wire/%s", SAMVERK_SOURCE_DIR, file);
    FILE *stream = fopen(path, "r");
    assert_non_null(stream);
    char *line = NULL;
    size_t room = 0;
    unsigned n = 0;
    while (getline(&line, &room, stream) > 0) {
        if (line[0] == '#' || line[0] == '\n')
            continue;
        char *rest = line;
        case_t each = {.name = trim(strsep(&rest, "|"))};
        each.limits = limits_of(trim(strsep(&rest, "|")));
        each.verdict = trim(strsep(&rest, "|"));
        each.bytes = bytes_parse(trim(strsep(&rest, "|")));
        if (rest)
            each.again = bytes_parse(trim(rest));
        check(&each);
        free(each.bytes.data);
        free(each.again.data);
        n++;
    }
    free(line);
    fclose(stream);
    return n;
}

static void check_good(const case_t *each)
{
    arena_t *arena = arena_new();
    error_t error = {.code = ERROR_NONE};
    value_t value;
    if (!wire_decode(each->bytes.data, each->bytes.size, each->limits, arena, &value, &error))
        fail_msg("%s: %s, %s", each->name, error_name(error.code), error.expected);
    const bytes_t *again = each->again.data ? &each->again : &each->bytes;
    void *data;
    size_t size;
    wire_encode(&value, arena, &data, &size);
    if (size != again->size || memcmp(data, again->data, size) != 0)
        fail_msg("%s: encoded again it is other bytes", each->name);

    /* However it is cut, it is no message any more. */
    for (size_t cut = 0; cut < each->bytes.size; cut += 1 + each->bytes.size / 64) {
        unsigned char *part = malloc(cut > 0 ? cut : 1);
        assert_non_null(part);
        memcpy(part, each->bytes.data, cut);
        error_t cut_error = {.code = ERROR_NONE};
        if (wire_scan(part, cut, each->limits, &cut_error))
            fail_msg("%s: accepted when cut after %zu bytes", each->name, cut);
        assert_int_equal(cut_error.code, ERROR_MALFORMED);
        free(part);
    }
    arena_destroy(&arena);
}

static void check_bad(const case_t *each)
{
    error_t error = {.code = ERROR_NONE};
    arena_t *arena = arena_new();
    value_t value;
    if (wire_decode(each->bytes.data, each->bytes.size, each->limits, arena, &value, &error))
        fail_msg("%s: accepted", each->name);
    assert_int_equal(value.form, VALUE_ABSENT);
    size_t name = strcspn(each->verdict, " ");
    const char *words = each->verdict + name + 1;
    if (strlen(error_name(error.code)) != name ||
        strncmp(error_name(error.code), each->verdict, name) != 0 || !strstr(error.expected, words))
        fail_msg("%s: %s, %s", each->name, error_name(error.code), error.expected);
    /* Refused before anything was allocated for it. */
    assert_int_equal(arena_used(arena), 0);
    arena_destroy(&arena);
}

static void good_cases_come_back_as_they_were(void **state)
{
    (void)state;
    assert_true(each_case("good.cases", check_good) > 50);
}

static void bad_cases_are_refused_with_the_reason(void **state)
{
    (void)state;
    assert_true(each_case("bad.cases", check_bad) > 60);
}

/* -- limits ------------------------------------------------------------------------------ */

static void limits_are_those_of_the_protocol(void **state)
{
    (void)state;
    const wire_limits_t *daemon = &wire_limits_daemon;
    assert_int_equal(daemon->bytes, 64 * 1024);
    assert_int_equal(daemon->nodes, 4096);
    assert_int_equal(daemon->depth, 8);
    assert_int_equal(daemon->text, 16 * 1024);
    assert_int_equal(daemon->binary, 64);
    assert_int_equal(wire_limits_batch.bytes, 512 * 1024);
    assert_int_equal(wire_limits_batch.nodes, 65536);
    assert_int_equal(wire_limits_client.bytes, 1024 * 1024);
    assert_int_equal(wire_limits_client.nodes, 65536);
    assert_true(wire_limits_stored.depth <= WIRE_DEPTH_MAX);
}

static const wire_limits_t *limits_for(const char *text)
{
    bytes_t bytes = bytes_parse(text);
    const wire_limits_t *limits = wire_limits_for(bytes.data, bytes.size);
    /* However much of it there is, nothing past it is read. */
    for (size_t cut = 0; cut < bytes.size; cut++) {
        unsigned char *part = malloc(cut > 0 ? cut : 1);
        assert_non_null(part);
        memcpy(part, bytes.data, cut);
        wire_limits_for(part, cut);
        free(part);
    }
    free(bytes.data);
    return limits;
}

static void batch_and_import_have_larger_limits(void **state)
{
    (void)state;
#define REQUEST "95 a7 \"request\" c4 10 00*16 "
    assert_ptr_equal(limits_for(REQUEST "a5 \"batch\" 80 c0"), &wire_limits_batch);
    assert_ptr_equal(limits_for(REQUEST "a6 \"import\" 80 c0"), &wire_limits_batch);
    assert_ptr_equal(limits_for("dc 0005 d9 07 \"request\" c5 0010 00*16 d9 05 \"batch\" 80 c0"),
                     &wire_limits_batch);
    assert_ptr_equal(limits_for(REQUEST "a3 \"get\" 80 c0"), &wire_limits_daemon);
    assert_ptr_equal(limits_for(REQUEST "a6 \"batchy\" 80 c0"), &wire_limits_daemon);
    assert_ptr_equal(limits_for(REQUEST "a5 \"bat\""), &wire_limits_daemon);
    assert_ptr_equal(limits_for("95 a7 \"request\" c4 0f 00*15 a5 \"batch\""), &wire_limits_daemon);
    assert_ptr_equal(limits_for("95 a7 \"request\" db ffffffff"), &wire_limits_daemon);
    assert_ptr_equal(limits_for("91 a5 \"hello\""), &wire_limits_daemon);
    assert_ptr_equal(limits_for("a5 \"batch\""), &wire_limits_daemon);
    assert_ptr_equal(limits_for(""), &wire_limits_daemon);
#undef REQUEST
}

/* -- values ------------------------------------------------------------------------------ */

static void decoded_text_ends_in_nul_and_is_our_own(void **state)
{
    (void)state;
    arena_t *arena = arena_new();
    error_t error = {.code = ERROR_NONE};
    unsigned char data[] = {0x82, 0xa4, 'n',  'a', 'm', 'e', 0xa6, 'M', 'o', 't', 'a',
                            'l',  'a',  0xa3, 'k', 'e', 'y', 0xc4, 2,   1,   2};
    value_t value;
    assert_true(wire_decode(data, sizeof data, &wire_limits_daemon, arena, &value, &error));
    memset(data, 0xff, sizeof data); /* the message may go as soon as it is decoded */
    assert_string_equal(value_get_text(&value, "name"), "Motala");
    const value_t *key = value_get(&value, "key");
    assert_int_equal(key->form, VALUE_BYTES);
    assert_int_equal(key->size, 2);
    assert_memory_equal(key->bytes, "\1\2", 2);
    arena_destroy(&arena);
}

static void map_of_128_pairs_is_the_largest(void **state)
{
    (void)state;
    for (unsigned pairs = WIRE_KEYS_MAX; pairs <= WIRE_KEYS_MAX + 1; pairs++) {
        arena_t *arena = arena_new();
        value_builder_t builder = value_builder(arena);
        for (unsigned i = 0; i < pairs; i++)
            value_add_pair(&builder, arena_format(arena, "k%u", i), value_integer(i));
        value_t map = value_build_map(&builder), back;
        void *data;
        size_t size;
        wire_encode(&map, arena, &data, &size);
        error_t error = {.code = ERROR_NONE};
        bool good = wire_decode(data, size, &wire_limits_daemon, arena, &back, &error);
        assert_int_equal(good, pairs == WIRE_KEYS_MAX);
        if (good)
            assert_true(value_equal(&map, &back));
        else
            assert_int_equal(error.code, ERROR_TOO_LARGE);
        arena_destroy(&arena);
    }
}

/* The costliest message for the search for keys that come twice: as many full
   maps as fit, keys of equal length that differ at their ends. */
static void comparing_keys_stays_cheap(void **state)
{
    (void)state;
    bytes_t bytes = {malloc(1), 0, 1};
    const unsigned maps = 120;
    bytes_add(&bytes, 0xdc, 1);
    bytes_add(&bytes, 0, 1);
    bytes_add(&bytes, (int)maps, 1);
    for (unsigned i = 0; i < maps; i++) {
        bytes_add(&bytes, 0xde, 1);
        bytes_add(&bytes, 0, 1);
        bytes_add(&bytes, WIRE_KEYS_MAX, 1);
        for (unsigned k = 0; k < WIRE_KEYS_MAX; k++) {
            bytes_add(&bytes, 0xd9, 1);
            bytes_add(&bytes, WIRE_KEY_MAX, 1);
            bytes_add(&bytes, 'k', WIRE_KEY_MAX - 2);
            bytes_add(&bytes, 'A' + (int)(k / 16), 1);
            bytes_add(&bytes, 'A' + (int)(k % 16), 1);
            bytes_add(&bytes, 0xc0, 1);
        }
    }
    error_t error = {.code = ERROR_NONE};
    clock_t start = clock();
    assert_true(wire_scan(bytes.data, bytes.size, &wire_limits_client, &error));
    /* About 10 ms where this was written; a second is already quadratic. */
    assert_true(clock() - start < CLOCKS_PER_SEC);
    free(bytes.data);
}

/* -- noise ------------------------------------------------------------------------------- */

static uint64_t next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

/* Whatever the scan lets through, the decoder takes and the encoder says again. */
static void check_noise(const unsigned char *data, size_t size)
{
    error_t error = {.code = ERROR_NONE};
    bool scanned = wire_scan(data, size, &wire_limits_daemon, &error);
    assert_int_equal(scanned, error.code == ERROR_NONE);
    if (!scanned)
        return;
    arena_t *arena = arena_new();
    value_t value, back;
    assert_true(wire_decode(data, size, &wire_limits_daemon, arena, &value, &error));
    void *again;
    size_t again_size;
    wire_encode(&value, arena, &again, &again_size);
    assert_true(again_size <= size);
    assert_true(wire_decode(again, again_size, &wire_limits_daemon, arena, &back, &error));
    assert_true(value_equal(&value, &back));
    arena_destroy(&arena);
}

static void noise_is_refused_or_understood(void **state)
{
    (void)state;
    uint64_t seed = 7761;
    for (unsigned round = 0; round < 20000; round++) {
        unsigned char data[40];
        size_t size = next_random(&seed) % sizeof data;
        for (size_t i = 0; i < size; i++)
            data[i] = (unsigned char)next_random(&seed);
        check_noise(data, size);
    }
}

static void check_mutations(const case_t *each)
{
    static uint64_t seed = 1880;
    if (each->bytes.size > 1024 || each->bytes.size == 0)
        return;
    unsigned char data[1024];
    for (unsigned round = 0; round < 200; round++) {
        memcpy(data, each->bytes.data, each->bytes.size);
        for (unsigned change = 0; change <= round % 3; change++)
            data[next_random(&seed) % each->bytes.size] = (unsigned char)next_random(&seed);
        check_noise(data, each->bytes.size);
    }
}

static void changed_messages_are_refused_or_understood(void **state)
{
    (void)state;
    each_case("good.cases", check_mutations);
    each_case("bad.cases", check_mutations);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_cases_come_back_as_they_were),
        cmocka_unit_test(bad_cases_are_refused_with_the_reason),
        cmocka_unit_test(limits_are_those_of_the_protocol),
        cmocka_unit_test(batch_and_import_have_larger_limits),
        cmocka_unit_test(decoded_text_ends_in_nul_and_is_our_own),
        cmocka_unit_test(map_of_128_pairs_is_the_largest),
        cmocka_unit_test(comparing_keys_stays_cheap),
        cmocka_unit_test(noise_is_refused_or_understood),
        cmocka_unit_test(changed_messages_are_refused_or_understood),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
