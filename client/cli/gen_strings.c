#include "schema.h"

#include <stdio.h>
#include <string.h>

/* What the tables say to people, as entries for a gettext template, each with its
   context (language.c looks them up). Not installed. */

#define ENTRIES_MAX 4000u

static const char *seen[ENTRIES_MAX][2];
static size_t n_seen;

static void quoted(const char *text)
{
    putchar('"');
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            putchar('\\');
        putchar(*text);
    }
    puts("\"");
}

static void entry(const char *context, const char *text)
{
    if (!text[0] || n_seen == ENTRIES_MAX)
        return;
    for (size_t i = 0; i < n_seen; i++)
        if (strcmp(seen[i][0], context) == 0 && strcmp(seen[i][1], text) == 0)
            return;
    seen[n_seen][0] = strdup(context);
    seen[n_seen++][1] = text;
    fputs("\nmsgctxt ", stdout);
    quoted(context);
    fputs("msgid ", stdout);
    quoted(text);
    puts("msgstr \"\"");
}

static void entry_of(const kind_t *kind, const char *what, const char *text)
{
    char context[128];
    snprintf(context, sizeof context, "%s|%s", kind->name, what);
    entry(context, text);
}

/* A field that every kind has is translated once. */
static bool everywhere(const field_t *field)
{
    for (size_t i = 0; i < schema_n_kinds(); i++) {
        const field_t *other = kind_field(schema_kind_at(i), field->name);
        if (!other || strcmp(other->label, field->label) != 0)
            return false;
    }
    return true;
}

static void words(const kind_t *kind, const field_t *field)
{
    char context[128];
    if (!field->vocabulary || strcmp(field->detail, "role") == 0)
        return;
    snprintf(context, sizeof context, "word|%s", field->vocabulary->name);
    for (size_t i = 0; i < field->vocabulary->n_words; i++)
        if (!kind_state(kind, field->vocabulary->words[i].name))
            entry(context, field->vocabulary->words[i].label);
}

/* Words that no field takes: why two inquiries match. */
static void reasons(void)
{
    const vocabulary_t *vocabulary = schema_vocabulary("match_reason");
    for (size_t i = 0; i < vocabulary->n_words; i++)
        entry("word|match_reason", vocabulary->words[i].label);
}

static void kind_entries(const kind_t *kind)
{
    entry("kind", kind->label);
    entry("kinds", kind->plural);
    for (size_t i = 0; i < kind->n_fields; i++) {
        const field_t *field = &kind->fields[i];
        if (field->attributes & FIELD_INTERNAL)
            continue;
        if (everywhere(field))
            entry("field", field->label);
        else
            entry_of(kind, "field", field->label);
        words(kind, field);
    }
    for (size_t i = 0; i < kind->n_states; i++)
        entry_of(kind, "state", kind->states[i].label);
    for (size_t i = 0; i < kind->n_moves; i++)
        entry_of(kind, "verb", kind->moves[i].label);
}

static const char *const guides[] = {
#define GUIDE(kind, field, text) text,
#include "guidance.def"
#undef GUIDE
};

int main(void)
{
    if (!schema_start())
        return 1;
    puts("msgid \"\"\nmsgstr \"\"\n\"Content-Type: text/plain; charset=UTF-8\\n\"");
    for (size_t i = 0; i < schema_n_kinds(); i++)
        kind_entries(schema_kind_at(i));
    reasons();
    for (size_t i = 0; i < sizeof guides / sizeof *guides; i++)
        entry("guidance", guides[i]);
    for (unsigned i = 0; i < ROLES; i++)
        entry("role", role_label((role_t)i));
    for (unsigned i = 1; i < ERROR_CODES; i++)
        entry("error", error_sentence((error_code_t)i));
    for (unsigned i = CLASS_PUBLIC; i <= CLASS_PERSONAL; i++)
        entry("class", class_name((class_t)i));
    return 0;
}
