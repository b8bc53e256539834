#include "arguments.h"
#include "language.h"
#include "names.h"

#include <string.h>

const option_t arguments_global[] = {
    {"profile", N_("NAME"), N_("the daemon to talk to, when there is more than one")},
    {"json", NULL, N_("one JSON document instead of text")},
    {"csv", NULL, N_("comma-separated values, for spreadsheets")},
    {"no-color", NULL, N_("no colours")},
    {"no-pager", NULL, N_("print long output straight away")},
    {"timeout", N_("SECONDS"), N_("how long to wait for the daemon (10)")},
    {"help", NULL, N_("how this is used")},
    {"version", NULL, N_("which version this is")},
    OPTION_END,
};

static const option_t *option_exact(const option_t *options, const char *name, size_t size)
{
    for (; options && options->name; options++)
        if (strlen(options->name) == size && strncmp(options->name, name, size) == 0)
            return options;
    return NULL;
}

static void add_word(arguments_t *self, const char *word, arena_t *arena)
{
    const char **words = arena_alloc(arena, (self->n_words + 1) * sizeof *words);
    if (self->n_words)
        memcpy(words, self->words, self->n_words * sizeof *words);
    words[self->n_words++] = word;
    self->words = words;
}

static void add_given(arguments_t *self, given_t given, arena_t *arena)
{
    given_t *all = arena_alloc(arena, (self->n_given + 1) * sizeof *all);
    if (self->n_given)
        memcpy(all, self->given, self->n_given * sizeof *all);
    all[self->n_given++] = given;
    self->given = all;
}

bool arguments_take_global(arguments_t *self, int argc, const char *const *argv,
                           const char ***rest_p, size_t *n_rest_p, arena_t *arena, error_t *error)
{
    const char **rest = arena_alloc(arena, ((size_t)argc + 1) * sizeof *rest);
    size_t n_rest = 0;
    bool options_ended = false;
    for (int i = 0; i < argc; i++) {
        const char *word = argv[i];
        if (strcmp(word, "--") == 0)
            options_ended = true;
        if (strcmp(word, "-h") == 0)
            word = "--help";
        const option_t *option = NULL;
        size_t size = 0;
        if (!options_ended && strncmp(word, "--", 2) == 0) {
            size = strcspn(word + 2, "=");
            option = option_exact(arguments_global, word + 2, size);
        }
        if (!option) {
            rest[n_rest++] = word;
            continue;
        }
        given_t given = {.option = option};
        if (option->value && word[2 + size] == '=')
            given.value = word + 2 + size + 1;
        else if (option->value && i + 1 < argc)
            given.value = argv[++i];
        else if (option->value || word[2 + size] == '=')
            return error_set(error, ERROR_INVALID, arena_format(arena, "--%s", option->name), "%s",
                             option->value ? _(option->value) : _("no value"));
        add_given(self, given, arena);
    }
    *rest_p = rest;
    *n_rest_p = n_rest;
    return true;
}

bool arguments_field_ok(const field_t *field, fields_t which)
{
    if (which == FIELDS_NONE || field->attributes & FIELD_INTERNAL)
        return false;
    return which == FIELDS_READABLE || !(field->attributes & FIELD_DAEMON);
}

bool arguments_is_written(const char *name, const char *written)
{
    while (*name && (*name == *written || (*name == '_' && *written == '-')))
        name++, written++;
    return !*name && !*written;
}

const char *arguments_option_name(const char *name, arena_t *arena)
{
    char *text = arena_text(arena, name);
    for (char *c = text; *c; c++)
        if (*c == '_')
            *c = '-';
    return text;
}

/* -- names, whole or cut short ------------------------------------------------------------- */

typedef struct {
    const option_t *options;
    const kind_t *kind;
    fields_t which;
    arena_t *arena;
} names_t;

/* The i-th name that can be given, NULL after the last. */
static const char *name_at(const names_t *self, size_t i, given_t *given)
{
    *given = (given_t){0};
    const option_t *option = self->options;
    for (; option && option->name; option++)
        if (i-- == 0) {
            given->option = option;
            return option->name;
        }
    for (size_t f = 0; self->kind && f < self->kind->n_fields; f++) {
        const field_t *field = &self->kind->fields[f];
        if (arguments_field_ok(field, self->which) && i-- == 0) {
            given->field = field;
            return arguments_option_name(field->name, self->arena);
        }
    }
    return NULL;
}

static void name_unknown(const names_t *self, const char *word, error_t *error)
{
    const char *candidates[SCHEMA_FIELDS_MAX + 32];
    size_t n = 0;
    given_t given;
    const char *name;
    for (size_t i = 0; n < SCHEMA_FIELDS_MAX + 32 && (name = name_at(self, i, &given)); i++)
        candidates[n++] = name;
    const char *near = schema_nearest(word, candidates, n);
    /* --organisation-number is the organisation's --number. */
    for (size_t i = 0; !near && i < n; i++) {
        size_t size = strlen(word), end = strlen(candidates[i]);
        if (size > end && word[size - end - 1] == '-' &&
            strcmp(word + size - end, candidates[i]) == 0)
            near = candidates[i];
    }
    /* --title where a task is called by its --what: the field that names another kind. */
    const field_t *names, *theirs;
    for (size_t k = 0; !near && self->kind && k < schema_n_kinds(); k++)
        if (names_fields(schema_kind_at(k), &theirs, 1) && strcmp(theirs->name, word) == 0 &&
            names_fields(self->kind, &names, 1) && arguments_field_ok(names, self->which))
            near = arguments_option_name(names->name, self->arena);
    const char *field = arena_format(self->arena, "--%s", word);
    if (near)
        error_set(error, ERROR_UNKNOWN_FIELD, field, _("did you mean --%s?"), near);
    else
        error_set(error, ERROR_UNKNOWN_FIELD, field, NULL);
}

static bool name_find(const names_t *self, const char *word, given_t *given, error_t *error)
{
    size_t size = strlen(word), matches = 0;
    const char *name, *list = NULL;
    given_t candidate;
    for (size_t i = 0; (name = name_at(self, i, &candidate)); i++) {
        if (strcmp(name, word) == 0) {
            *given = candidate;
            return true;
        }
        if (strncmp(name, word, size) != 0)
            continue;
        matches++;
        *given = candidate;
        list = list ? arena_format(self->arena, "%s, --%s", list, name)
                    : arena_format(self->arena, "--%s", name);
    }
    if (matches == 1)
        return true;
    if (matches > 1)
        error_set(error, ERROR_INVALID, arena_format(self->arena, "--%s", word), _("one of %s"),
                  list);
    else
        name_unknown(self, word, error);
    return false;
}

static bool looks_boolean(const field_t *field, const char *text, arena_t *arena)
{
    value_t value;
    error_t error = {0};
    return text[0] && field_parse(field, text, &value, arena, &error);
}

bool arguments_read(arguments_t *self, const char *const *rest, size_t n_rest,
                    const option_t *options, const kind_t *kind, fields_t which, arena_t *arena,
                    error_t *error)
{
    names_t names = {options, kind, which, arena};
    bool ended = false;
    for (size_t i = 0; i < n_rest; i++) {
        const char *word = rest[i];
        if (!ended && strcmp(word, "--") == 0) {
            ended = true;
            continue;
        }
        if (ended || strncmp(word, "--", 2) != 0) {
            add_word(self, word, arena);
            continue;
        }
        size_t size = strcspn(word + 2, "=");
        const char *name = arena_text_of(arena, word + 2, size);
        const char *value = word[2 + size] == '=' ? word + 2 + size + 1 : NULL;
        given_t given;
        /* --no-discreet is --discreet no. */
        error_t first = {0};
        bool found = name_find(&names, name, &given, &first);
        if (!found && strncmp(name, "no-", 3) == 0 && !value) {
            error_t second = {0};
            found = name_find(&names, name + 3, &given, &second) && given.field &&
                    given.field->type == TYPE_BOOLEAN;
            value = "no";
        }
        if (!found) {
            *error = first;
            return false;
        }
        const char *next =
            i + 1 < n_rest && strncmp(rest[i + 1], "--", 2) != 0 ? rest[i + 1] : NULL;
        bool boolean = given.field && given.field->type == TYPE_BOOLEAN;
        bool takes = given.field || given.option->value;
        if (!takes && value)
            return error_set(error, ERROR_INVALID, word, "%s", _("no value"));
        if (takes && !value && boolean)
            value = next && looks_boolean(given.field, next, arena) ? rest[++i] : "yes";
        else if (takes && !value && next)
            value = rest[++i];
        if (takes && !value)
            return error_set(error, ERROR_REQUIRED, word, "%s",
                             given.option ? _(given.option->value) : _("a value"));
        given.value = value;
        given.passed = boolean && next && value != rest[i] ? next : NULL;
        add_given(self, given, arena);
    }
    return true;
}

const char *arguments_value(const arguments_t *self, const char *option)
{
    for (size_t i = self->n_given; i-- > 0;)
        if (self->given[i].option && strcmp(self->given[i].option->name, option) == 0)
            return self->given[i].value ? self->given[i].value : "";
    return NULL;
}

bool arguments_has(const arguments_t *self, const char *option)
{
    return arguments_value(self, option) != NULL;
}
