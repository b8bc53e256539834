#include "invitation.h"

#include "wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

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

static invitation_t example(void)
{
    invitation_t self = {.address = "tcp://samverk.example.se:7761", .expires = 1773478800000};
    for (unsigned i = 0; i < INVITATION_KEY_SIZE; i++) {
        self.server_key[i] = (unsigned char)i;
        self.secret_key[i] = (unsigned char)(0xff - i);
    }
    return self;
}

static bool reads(const char *line, error_t *error)
{
    invitation_t back;
    *error = (error_t){.code = ERROR_NONE};
    return invitation_read(&back, line, arena, error);
}

static void comes_back_as_it_was(void **state)
{
    (void)state;
    invitation_t self = example(), back;
    char *line = invitation_write(&self, arena);
    assert_int_equal(strncmp(line, "samverk:", 8), 0);
    assert_null(strpbrk(line, "=+/ \n"));
    assert_true(strlen(line) < 200);
    error_t error = {.code = ERROR_NONE};
    assert_true(invitation_read(&back, line, arena, &error));
    assert_string_equal(back.address, self.address);
    assert_memory_equal(back.server_key, self.server_key, INVITATION_KEY_SIZE);
    assert_memory_equal(back.secret_key, self.secret_key, INVITATION_KEY_SIZE);
    assert_int_equal(back.expires, self.expires);
}

/* The example of PROTOCOL.md is this one. */
static void the_page_has_what_is_written(void **state)
{
    (void)state;
    FILE *stream = fopen(SAMVERK_SOURCE_DIR "/proto/PROTOCOL.md", "r");
    assert_non_null(stream);
    char *protocol = NULL;
    size_t room = 0;
    assert_true(getdelim(&protocol, &room, 0, stream) > 0);
    fclose(stream);
    invitation_t self = example();
    const char *block =
        arena_format(arena, "```invitation\n%s\n```\n", invitation_write(&self, arena));
    if (!strstr(protocol, block))
        fail_msg("PROTOCOL.md should have\n%s", block);
    free(protocol);
}

static void mail_may_have_broken_the_line(void **state)
{
    (void)state;
    invitation_t self = example();
    char *line = invitation_write(&self, arena);
    error_t error;
    assert_true(reads(arena_format(arena, "\n  %.76s\r\n %.20s\n%s \n", line, line + 76, line + 96),
                      &error));
}

static void part_of_one_is_refused(void **state)
{
    (void)state;
    invitation_t self = example();
    char *line = invitation_write(&self, arena);
    error_t error;
    for (size_t cut = 0; cut < strlen(line); cut++) {
        assert_false(reads(arena_text_of(arena, line, cut), &error));
        assert_int_equal(error.code, ERROR_INVALID);
        assert_string_equal(error.field, "invitation");
    }
    assert_false(reads(arena_format(arena, "%sAAAA", line), &error));
    assert_false(reads(arena_format(arena, "%s*", line), &error));
    assert_false(reads(line + 8, &error));
}

/* The list as a line. */
static char *line_of(const value_t *items, uint32_t count)
{
    value_t list = value_list(items, count);
    void *data;
    size_t size;
    wire_encode(&list, arena, &data, &size);
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    char *line = arena_alloc(arena, 16 + size * 2);
    size_t n = (size_t)sprintf(line, "samverk:");
    unsigned bits = 0, held = 0;
    for (size_t i = 0; i < size; i++) {
        held = held << 8 | ((unsigned char *)data)[i];
        for (bits += 8; bits >= 6; bits -= 6)
            line[n++] = digits[held >> (bits - 6) & 0x3f];
    }
    if (bits > 0)
        line[n++] = digits[held << (6 - bits) & 0x3f];
    return line;
}

#define PLACES 6

/* A good list, with one place more than there should be. */
static void fill(value_t items[PLACES + 1])
{
    static const unsigned char key[INVITATION_KEY_SIZE];
    items[0] = value_text("invitation");
    items[1] = value_integer(1);
    items[2] = value_text("tcp://127.0.0.1:7761");
    items[3] = items[4] = value_bytes(key, sizeof key);
    items[5] = items[6] = value_integer(1);
}

static char *changed(unsigned place, value_t value)
{
    value_t items[PLACES + 1];
    fill(items);
    items[place] = value;
    return line_of(items, PLACES);
}

static void all_places_are_there(void **state)
{
    (void)state;
    value_t items[PLACES + 1];
    error_t error;
    fill(items);
    for (uint32_t count = 0; count <= PLACES + 1; count++)
        assert_int_equal(reads(line_of(items, count), &error), count == PLACES);
}

static void each_place_is_checked(void **state)
{
    (void)state;
    error_t error;
    assert_true(reads(changed(5, value_integer(2)), &error));
    assert_false(reads(changed(0, value_text("welcome")), &error));
    assert_false(reads(changed(2, value_text("")), &error));
    assert_false(reads(changed(2, value_text("tcp://\x1b[2J")), &error));
    assert_false(reads(changed(3, value_bytes("short", 5)), &error));
    assert_false(reads(changed(4, value_text("text")), &error));
    assert_false(reads(changed(5, value_absent), &error));
    assert_int_equal(error.code, ERROR_INVALID);
}

static void a_later_version_is_named(void **state)
{
    (void)state;
    error_t error;
    assert_false(reads(changed(1, value_integer(2)), &error));
    assert_int_equal(error.code, ERROR_VERSION);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_page_has_what_is_written),  cmocka_unit_test(comes_back_as_it_was),
        cmocka_unit_test(mail_may_have_broken_the_line), cmocka_unit_test(part_of_one_is_refused),
        cmocka_unit_test(all_places_are_there),          cmocka_unit_test(each_place_is_checked),
        cmocka_unit_test(a_later_version_is_named),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
