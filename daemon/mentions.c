#include "mentions.h"

#include "rules/likeness.h"

#include <ctype.h>
#include <string.h>

#define NEEDLES_MAX 64u      /* of each sort: a person changes name and number now and then */
#define PHONE_DIGITS_LEAST 6 /* fewer are no telephone number but any number */
#define PHONE_DIGITS_MOST 9  /* the last ones: without country code or leading 0 */

typedef struct {
    const char *texts[NEEDLES_MAX];
    unsigned count;
} needles_t;

struct mentions {
    arena_t *arena;
    needles_t names; /* folded, as written */
    needles_t emails;
    needles_t phones; /* their last digits */
};

mentions_t *mentions_new(arena_t *arena)
{
    mentions_t *self = arena_alloc(arena, sizeof *self);

    self->arena = arena;
    return self;
}

static void add(needles_t *self, const char *text)
{
    for (unsigned i = 0; i < self->count; i++)
        if (strcmp(self->texts[i], text) == 0)
            return;
    if (*text != '\0' && self->count < NEEDLES_MAX)
        self->texts[self->count++] = text;
}

/* All digits of a text, whatever stands between them. */
static const char *digits_of(const char *text, arena_t *arena)
{
    char *digits = arena_alloc(arena, strlen(text) + 1);
    size_t count = 0;

    for (; *text != '\0'; text++)
        if (*text >= '0' && *text <= '9')
            digits[count++] = *text;
    return digits;
}

void mentions_add(mentions_t *self, const record_t *person)
{
    const char *name = record_get_text(person, "name");
    const char *email = record_get_text(person, "email");
    const char *phone = record_get_text(person, "phone");

    if (name != NULL)
        add(&self->names, likeness_letters(name, self->arena));
    if (email != NULL)
        add(&self->emails, likeness_letters(email, self->arena));
    if (phone == NULL)
        return;
    const char *digits = digits_of(phone, self->arena);
    size_t size = strlen(digits);
    if (size >= PHONE_DIGITS_LEAST)
        add(&self->phones, size > PHONE_DIGITS_MOST ? digits + size - PHONE_DIGITS_MOST
                                                    : digits + (*digits == '0'));
}

/* Bytes of letters beyond ASCII belong to words. */
static bool is_in_word(char letter)
{
    return isalnum((unsigned char)letter) || (unsigned char)letter >= 0x80;
}

static bool has_word(const char *text, const char *word, size_t size)
{
    for (const char *at = text; (at = strstr(at, word)) != NULL; at++)
        if ((at == text || !is_in_word(at[-1])) && !is_in_word(at[size]))
            return true;
    return false;
}

/* True when each word of the name is a word of the text. */
static bool has_name(const char *text, const char *name, arena_t *scratch)
{
    bool any = false;

    for (const char *at = name; *at != '\0';) {
        size_t size = 0;
        while (is_in_word(at[size]))
            size++;
        if (size > 0 && !has_word(text, arena_text_of(scratch, at, size), size))
            return false;
        any = any || size > 0;
        at += size > 0 ? size : 1;
    }
    return any;
}

bool mentions_in(const mentions_t *self, const char *text, arena_t *scratch)
{
    const char *letters = likeness_letters(text, scratch);
    bool found = false;

    for (unsigned i = 0; !found && i < self->names.count; i++)
        found = has_name(letters, self->names.texts[i], scratch);
    for (unsigned i = 0; !found && i < self->emails.count; i++)
        found = strstr(letters, self->emails.texts[i]) != NULL;
    const char *digits = self->phones.count > 0 && !found ? digits_of(text, scratch) : "";
    for (unsigned i = 0; !found && i < self->phones.count; i++)
        found = strstr(digits, self->phones.texts[i]) != NULL;
    return found;
}

bool mentions_in_value(const mentions_t *self, const value_t *value, arena_t *scratch)
{
    if (value->form == VALUE_TEXT)
        return mentions_in(self, value->text, scratch);
    for (uint32_t i = 0; value->form == VALUE_LIST && i < value->count; i++)
        if (mentions_in_value(self, &value->items[i], scratch))
            return true;
    return false;
}
