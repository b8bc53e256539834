#include "leak_canary.h"

#include "wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct canaries {
    canary_t *all;
    uint32_t count, room;
};

canaries_t *canaries_new(void)
{
    return calloc(1, sizeof(canaries_t));
}

void canaries_destroy(canaries_t **self_p)
{
    if (*self_p != NULL)
        free((*self_p)->all);
    free(*self_p);
    *self_p = NULL;
}

/* -- what they look like -------------------------------------------------------------- */

#define TEXT_MARK "qzx"
#define PHONE_MARK "4699"
#define MONEY_MARK "\xcf\0\0\0\x15\x5a"
#define MONEY_BASE INT64_C(0x155a000000)
#define DIGITS 7

/* A sole trader's: the owner's birthday, a serial and a digit that makes the sum right. */
static void make_number(uint32_t number, char digits[11])
{
    unsigned sum = 0;

    snprintf(digits, 11, "9%u0%u%02u%03u0", number / 252000 % 10, 1 + number / 28000 % 9,
             1 + number / 1000 % 28, number % 1000);
    for (unsigned i = 0; i < 9; i++) {
        unsigned digit = (unsigned)(digits[i] - '0') * (i % 2 == 0 ? 2 : 1);
        sum += digit / 10 + digit % 10;
    }
    digits[9] = (char)('0' + (10 - sum % 10) % 10);
}

bool canary_value(const field_t *field, uint32_t number, arena_t *arena, value_t *value)
{
    const char *before = "", *after = "";
    char digits[11];

    switch (field->type) {
    case TYPE_TEXT:
    case TYPE_LONG_TEXT:
    case TYPE_CODE:
        if (field->most < (int64_t)strlen(TEXT_MARK) + DIGITS)
            return false;
        before = TEXT_MARK;
        break;
    case TYPE_EMAIL:
        before = TEXT_MARK;
        after = "@example.se";
        break;
    case TYPE_WEB:
        before = "https://example.se/" TEXT_MARK;
        break;
    case TYPE_PHONE:
        before = "+" PHONE_MARK;
        break;
    case TYPE_MONEY:
        *value = value_integer(MONEY_BASE + number);
        return true;
    case TYPE_NUMBER:
        make_number(number, digits);
        *value = value_text(arena_text(arena, digits));
        return true;
    default:
        return false;
    }
    *value = value_text(arena_format(arena, "%s%07u%s", before, number, after));
    return true;
}

bool canaries_make(canaries_t *self, const kind_t *kind, const field_t *field, const char *target,
                   unsigned row, arena_t *arena, value_t *value)
{
    if (!canary_value(field, self->count + 1, arena, value))
        return false;
    if (self->count == self->room) {
        self->room = self->room ? 2 * self->room : 4096;
        self->all = realloc(self->all, self->room * sizeof *self->all);
    }
    canary_t *made = &self->all[self->count++];
    *made = (canary_t){.field = field, .kind = kind, .row = row};
    snprintf(made->target, sizeof made->target, "%s", target != NULL ? target : "");
    return true;
}

uint32_t canaries_count(const canaries_t *self)
{
    return self->count;
}

const canary_t *canaries_get(const canaries_t *self, uint32_t number)
{
    return &self->all[number - 1];
}

/* -- where they stand ---------------------------------------------------------------------- */

static bool has_canary(const canaries_t *self, const value_t *value, uint32_t number)
{
    arena_t *arena = arena_new();
    size_t size, at = 0;
    uint32_t found;
    void *data;

    wire_encode(value, arena, &data, &size);
    while ((found = canaries_find(self, data, size, &at)) != 0 && found != number)
        ;
    arena_destroy(&arena);
    return found == number;
}

/* Sealed values show nothing: it is there when the field is, in the record written to. */
static bool stands_in(const canaries_t *self, uint32_t number, const journal_operation_t *operation,
                      unsigned row)
{
    const canary_t *canary = canaries_get(self, number);
    const value_t *value = &operation->after->fields[canary->field->index];

    if (canary->target[0] != '\0' ? strcmp(canary->target, operation->id.text) != 0
                                  : operation->before != 0 || row != canary->row)
        return false;
    return value->form == VALUE_BYTES || has_canary(self, value, number);
}

void canaries_settle(canaries_t *self, uint32_t first, const journal_entry_t *entry)
{
    for (uint32_t number = first; number <= self->count; number++) {
        canary_t *canary = &self->all[number - 1];
        unsigned row = 0;
        for (size_t i = 0; i < entry->n_operations && canary->revision == 0; i++) {
            const journal_operation_t *operation = &entry->operations[i];
            if (operation->id.kind != canary->kind || operation->after == NULL)
                continue;
            if (stands_in(self, number, operation, row)) {
                canary->id = operation->id;
                canary->revision = entry->revision;
            }
            row += operation->before == 0;
        }
    }
}

/* -- finding them ------------------------------------------------------------------------------ */

static uint32_t read_digits(const unsigned char *data, size_t size)
{
    uint32_t number = 0;

    for (size_t i = 0; i < DIGITS; i++) {
        if (i == size || data[i] < '0' || data[i] > '9')
            return 0;
        number = number * 10 + (uint32_t)(data[i] - '0');
    }
    return number;
}

static bool begins(const unsigned char *data, size_t size, const char *mark, size_t length)
{
    return size >= length && memcmp(data, mark, length) == 0;
}

/* A number is recognised by making it again. */
static uint32_t read_number(const unsigned char *data, size_t size)
{
    char digits[11] = "", again[11];

    for (size_t i = 0; i < 10; i++)
        if (i == size || data[i] < '0' || data[i] > '9')
            return 0;
    memcpy(digits, data, 10);
    uint32_t number =
        (uint32_t)(digits[1] - '0') * 252000 + (uint32_t)(digits[3] - '1') * 28000 +
        (uint32_t)((digits[4] - '0') * 10 + digits[5] - '1') * 1000 +
        (uint32_t)((digits[6] - '0') * 100 + (digits[7] - '0') * 10 + digits[8] - '0');
    make_number(number, again);
    return strcmp(digits, again) == 0 ? number : 0;
}

static uint32_t read_one(const unsigned char *data, size_t size, type_t *type)
{
    *type = TYPES;
    if (begins(data, size, TEXT_MARK, 3))
        return read_digits(data + 3, size - 3);
    if (begins(data, size, PHONE_MARK, 4))
        return read_digits(data + 4, size - 4);
    if (begins(data, size, MONEY_MARK, 6) && size >= 9)
        return (uint32_t)data[6] << 16 | (uint32_t)data[7] << 8 | data[8];
    if (*data != '9')
        return 0;
    *type = TYPE_NUMBER;
    return read_number(data, size);
}

uint32_t canaries_find(const canaries_t *self, const void *data, size_t size, size_t *at)
{
    const unsigned char *bytes = data;

    for (size_t i = *at; i < size; i++) {
        type_t type;
        uint32_t number = read_one(bytes + i, size - i, &type);
        if (number == 0 || number > self->count ||
            (type != TYPES && canaries_get(self, number)->field->type != type))
            continue;
        *at = i + 1;
        return number;
    }
    *at = size;
    return 0;
}
