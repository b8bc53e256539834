#include "language.h"

#include <ctype.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#define DOMAIN "samverk"

static const char *code = "en";
static bool has_forms;

/* The first language of a list, or of a locale's name, that we speak; NULL for none. */
static const char *first_spoken(const char *wanted)
{
    static const char *const spoken[] = {"en", "sv"};
    for (const char *end; *wanted; wanted = end + (*end == ':')) {
        end = wanted + strcspn(wanted, ":");
        for (size_t i = 0; i < sizeof spoken / sizeof *spoken; i++)
            if (strncmp(wanted, spoken[i], 2) == 0 && !isalpha((unsigned char)wanted[2]))
                return spoken[i];
    }
    return NULL;
}

static const char *wanted_locale(void)
{
    static const char *const variables[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
        const char *value = getenv(variables[i]);
        if (value && value[0])
            return value;
    }
    return "C";
}

void language_start(void)
{
    const char *wanted = wanted_locale();
    const char *list = getenv("LANGUAGE");
    if (!setlocale(LC_ALL, "")) {
        setlocale(LC_ALL, "C.UTF-8");
        if (!list || !list[0])
            setenv("LANGUAGE", wanted, 1);
    }
    const char *messages = setlocale(LC_MESSAGES, NULL);
    const char *times = setlocale(LC_TIME, NULL);
    has_forms =
        strcmp(times, "C") != 0 && strncmp(times, "C.", 2) != 0 && strcmp(times, "POSIX") != 0;
    /* gettext passes LANGUAGE over in the locale "C"; so do we. */
    list = getenv("LANGUAGE");
    bool listed = list && list[0] && strcmp(messages, "C") != 0;
    const char *first = first_spoken(listed ? list : messages);
    code = first ? first : "en";
    /* English has no catalogue: gettext would go on to the next of the list. */
    if (listed && first && strcmp(first, "en") == 0)
        setenv("LANGUAGE", "en", 1);
    const char *folder = getenv("SAMVERK_LOCALEDIR");
    bindtextdomain(DOMAIN, folder && folder[0] ? folder : SAMVERK_LOCALEDIR);
    bind_textdomain_codeset(DOMAIN, "UTF-8");
    textdomain(DOMAIN);
}

const char *language_code(void)
{
    return code;
}

bool language_is_swedish(void)
{
    return strcmp(code, "sv") == 0;
}

bool language_has_forms(void)
{
    return has_forms;
}

/* What pgettext does, with a context that is not known when compiling. */
static const char *lookup(const char *context, const char *text)
{
    char key[1024];
    int size = snprintf(key, sizeof key, "%s\004%s", context, text);
    if (size < 0 || (size_t)size >= sizeof key)
        return NULL;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    const char *translated = gettext(key);
#pragma GCC diagnostic pop
    return translated == key ? NULL : translated;
}

const char *language_in(const char *context, const char *text)
{
    const char *translated = lookup(context, text);
    return translated ? translated : text;
}

static const char *in_kind(const kind_t *kind, const char *what, const char *text)
{
    char context[128];
    snprintf(context, sizeof context, "%s|%s", kind->name, what);
    return language_in(context, text);
}

const char *label_of_kind(const kind_t *kind)
{
    return language_in("kind", kind->label);
}

const char *label_of_kinds(const kind_t *kind)
{
    return language_in("kinds", kind->plural);
}

const char *label_of_field(const kind_t *kind, const field_t *field)
{
    const char *own = in_kind(kind, "field", field->label);
    /* What every kind has is translated once. */
    return own == field->label ? language_in("field", field->label) : own;
}

const char *label_of_state(const kind_t *kind, const state_t *state)
{
    return in_kind(kind, "state", state->label);
}

const char *label_of_move(const kind_t *kind, const move_t *move)
{
    return in_kind(kind, "verb", move->label);
}

const char *label_of_word(const kind_t *kind, const field_t *field, const char *word)
{
    /* Of the kind's states: the state itself, and fields that remember one. */
    const field_t *own = kind_field(kind, "state");
    const state_t *state = NULL;
    if (own && own->vocabulary == field->vocabulary)
        state = kind_state(kind, word);
    if (state)
        return label_of_state(kind, state);
    if (role_of(word) != ROLES && strcmp(field->detail, "role") == 0)
        return label_of_role(role_of(word));
    const word_t *row = field->vocabulary ? vocabulary_word(field->vocabulary, word) : NULL;
    if (!row)
        return word;
    char context[128];
    snprintf(context, sizeof context, "word|%s", field->vocabulary->name);
    return language_in(context, row->label);
}

const char *label_of_role(role_t role)
{
    return language_in("role", role_label(role));
}

const char *label_of_reason(const char *word)
{
    const word_t *row = vocabulary_word(schema_vocabulary("match_reason"), word);
    return row ? language_in("word|match_reason", row->label) : word;
}

const char *label_of_roles(role_mask_t roles, arena_t *arena)
{
    const char *text = "";
    for (unsigned i = 0; i < ROLES; i++)
        if (roles & ROLE_BIT(i))
            text =
                arena_format(arena, "%s%s%s", text, text[0] ? ", " : "", label_of_role((role_t)i));
    return text;
}

const char *label_of_error(error_code_t error)
{
    return language_in("error", error_sentence(error));
}

/* -- what a field takes ------------------------------------------------------------------ */

/* The kind that a row of its table belongs to. */
static const kind_t *kind_of_field(const field_t *field)
{
    for (size_t i = 0; i < schema_n_kinds(); i++) {
        const kind_t *kind = schema_kind_at(i);
        if (field >= kind->fields && field < kind->fields + kind->n_fields)
            return kind;
    }
    return NULL;
}

static const char *expected_words(const field_t *field, arena_t *arena)
{
    const char *text = NULL;
    const kind_t *kind = kind_of_field(field);
    for (size_t i = 0; field->vocabulary && i < field->vocabulary->n_words; i++) {
        const char *word = field->vocabulary->words[i].name;
        const char *label = kind ? label_of_word(kind, field, word) : word;
        /* Both can be given: the word, and what it is called. */
        if (language_is_swedish() && strcmp(label, word) != 0)
            word = arena_format(arena, "%s (%s)", word, label);
        text = text ? arena_format(arena, "%s, %s", text, word) : word;
    }
    /* Translators: a list of words follows. */
    return arena_format(arena, _("one of %s"), text ? text : "");
}

static const char *expected_one(const field_t *field, arena_t *arena)
{
    switch (field->type) {
    case TYPE_TEXT:
    case TYPE_LONG_TEXT:
    case TYPE_CODE:
        return arena_format(arena, _("%lld to %lld characters"), (long long)field->least,
                            (long long)field->most);
    case TYPE_INTEGER:
        return arena_format(arena, _("a number from %lld to %lld"), (long long)field->least,
                            (long long)field->most);
    case TYPE_BOOLEAN:
        return _("yes or no");
    case TYPE_DATE:
        return _("a date, YYYY-MM-DD");
    case TYPE_INSTANT:
        return _("a point in time, 2026-03-14T09:00:00Z");
    case TYPE_MONEY:
        return _("an amount, 1250.00");
    case TYPE_WORD:
        return expected_words(field, arena);
    case TYPE_REFERENCE:
        return field->target
                   ? arena_format(arena, _("%s (id, code or name)"), label_of_kind(field->target))
                   : _("the id of a record");
    case TYPE_NUMBER:
        return _("an organisation number, ten digits");
    case TYPE_EMAIL:
        return _("an e-mail address");
    case TYPE_PHONE:
        return _("a phone number");
    case TYPE_WEB:
        return _("a web address, https://...");
    case TYPE_KEY:
        return _("a public key, 40 characters");
    case TYPE_DEGREES:
        return _("degrees, 59.516700");
    case TYPE_TENTHS:
        return _("a number with at most one decimal");
    case TYPES:
        break;
    }
    return "";
}

const char *label_of_expected(const field_t *field, arena_t *arena)
{
    const char *one = expected_one(field, arena);
    if (!(field->attributes & FIELD_MANY))
        return one;
    return arena_format(arena, _("%s; may be given several times"), one);
}

const char *language_capital(const char *text, arena_t *arena)
{
    utf8proc_int32_t first;
    utf8proc_ssize_t size = utf8proc_iterate((const utf8proc_uint8_t *)text, -1, &first);
    if (size <= 0 || !text[0])
        return text;
    utf8proc_uint8_t large[8] = {0};
    utf8proc_encode_char(utf8proc_toupper(first), large);
    return arena_format(arena, "%s%s", (const char *)large, text + size);
}
