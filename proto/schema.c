#include "schema.h"

#include "tables.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static tables_t tables;
static arena_t *tables_arena;

bool schema_start(void)
{
    if (tables_arena)
        return true;
    char why[256];
    tables_arena = arena_new();
    if (tables_resolve(&tables_rows, &tables, tables_arena, why, sizeof why))
        return true;
    fprintf(stderr, "samverk: the schema is wrong: %s\n", why);
    tables = (tables_t){0};
    arena_destroy(&tables_arena);
    return false;
}

/* -- vocabularies, roles, classes ----------------------------------------------------- */

const vocabulary_t *schema_vocabulary(const char *name)
{
    for (size_t i = 0; i < tables.n_vocabularies; i++) {
        if (strcmp(tables.vocabularies[i].name, name) == 0)
            return &tables.vocabularies[i];
    }
    return NULL;
}

const word_t *vocabulary_word(const vocabulary_t *self, const char *name)
{
    for (size_t i = 0; i < self->n_words; i++) {
        if (strcmp(self->words[i].name, name) == 0)
            return &self->words[i];
    }
    return NULL;
}

static const struct {
    const char *name;
    const char *label;
} role_rows[ROLES] = {
#define ROLE(name, label) [ROLE_##name] = {#name, label},
#include "roles.def"
#undef ROLE
};

const char *role_name(role_t role)
{
    return (unsigned)role < ROLES ? role_rows[role].name : "";
}

const char *role_label(role_t role)
{
    return (unsigned)role < ROLES ? role_rows[role].label : "";
}

role_t role_of(const char *name)
{
    role_t role = 0;
    while (role < ROLES && strcmp(role_rows[role].name, name) != 0)
        role++;
    return role;
}

const char *class_name(class_t class)
{
    static const char *const names[] = {[CLASS_PUBLIC] = "public",
                                        [CLASS_SHARED] = "shared",
                                        [CLASS_LOCAL] = "local",
                                        [CLASS_PERSONAL] = "personal"};
    return (unsigned)class < sizeof names / sizeof *names ? names[class] : "";
}

/* -- kinds ---------------------------------------------------------------------------- */

size_t schema_n_kinds(void)
{
    return tables.n_kinds;
}

const kind_t *schema_kind_at(size_t position)
{
    return position < tables.n_kinds ? &tables.kinds[position] : NULL;
}

const kind_t *schema_kind(const char *name)
{
    for (size_t i = 0; i < tables.n_kinds; i++) {
        if (strcmp(tables.kinds[i].name, name) == 0)
            return &tables.kinds[i];
    }
    return NULL;
}

const kind_t *schema_kind_by_prefix(const char *prefix, size_t size)
{
    for (size_t i = 0; i < tables.n_kinds; i++) {
        const char *own = tables.kinds[i].prefix;
        if (strlen(own) == size && memcmp(own, prefix, size) == 0)
            return &tables.kinds[i];
    }
    return NULL;
}

const kind_t *schema_kind_by_number(unsigned number)
{
    for (size_t i = 0; i < tables.n_kinds; i++) {
        if (tables.kinds[i].number == number)
            return &tables.kinds[i];
    }
    return NULL;
}

const field_t *kind_field(const kind_t *self, const char *name)
{
    /* The most asked of all questions: a first look at one letter answers most of it. */
    for (size_t i = 0; i < self->n_fields; i++) {
        const char *own = self->fields[i].name;
        if (*own == *name && strcmp(own, name) == 0)
            return &self->fields[i];
    }
    return NULL;
}

const state_t *kind_state(const kind_t *self, const char *name)
{
    for (size_t i = 0; i < self->n_states; i++) {
        if (strcmp(self->states[i].name, name) == 0)
            return &self->states[i];
    }
    return NULL;
}

const state_t *kind_initial(const kind_t *self)
{
    for (size_t i = 0; i < self->n_states; i++) {
        if (self->states[i].initial)
            return &self->states[i];
    }
    return NULL;
}

const move_t *kind_move(const kind_t *self, const char *verb, const char *from)
{
    const state_t *state = from ? kind_state(self, from) : NULL;
    const move_t *from_any = NULL;
    for (size_t i = 0; i < self->n_moves; i++) {
        const move_t *move = &self->moves[i];
        if (strcmp(move->verb, verb) != 0)
            continue;
        if (!from || strcmp(move->from, from) == 0)
            return move;
        if (state && state->open && strcmp(move->from, "*") == 0)
            from_any = move;
    }
    return from_any;
}

size_t kind_moves_from(const kind_t *self, const char *from, const move_t **moves, size_t room)
{
    assert(from);
    const state_t *state = kind_state(self, from);
    bool open = state && state->open;
    size_t n_moves = 0;
    for (size_t i = 0; i < self->n_moves; i++) {
        const move_t *move = &self->moves[i];
        bool leaves = strcmp(move->from, from) == 0 || (open && strcmp(move->from, "*") == 0);
        if (!leaves || kind_move(self, move->verb, from) != move)
            continue;
        if (n_moves < room)
            moves[n_moves] = move;
        n_moves++;
    }
    return n_moves;
}

/* -- words ----------------------------------------------------------------------------- */

bool schema_words_next(const char **rest, char *word, size_t room)
{
    const char *start = *rest + strspn(*rest, " ");
    size_t size = strcspn(start, " ");
    *rest = start + size;
    if (size == 0)
        return false;
    if (size >= room)
        size = room - 1;
    memcpy(word, start, size);
    word[size] = '\0';
    return true;
}

const field_t *move_field(const kind_t *self, const move_t *move)
{
    bool named = strcmp(move->to, "same") == 0 || kind_state(self, move->to);
    return named ? NULL : kind_field(self, move->to);
}

bool schema_words_have(const char *words, const char *word)
{
    char next[64];
    while (schema_words_next(&words, next, sizeof next)) {
        if (strcmp(next + (*next == '='), word) == 0)
            return true;
    }
    return false;
}

#define NEAREST_SIZE_MAX 48u

static size_t s_least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* How many letters must change, come, go or trade places (Damerau and Levenshtein,
   each letter moved at most once). Both are shorter than NEAREST_SIZE_MAX. */
static size_t s_distance(const char *a, size_t a_size, const char *b, size_t b_size)
{
    size_t rows[3][NEAREST_SIZE_MAX];
    size_t *earlier = rows[0], *before = rows[1], *now = rows[2];
    for (size_t j = 0; j <= b_size; j++)
        before[j] = j;
    for (size_t i = 1; i <= a_size; i++) {
        now[0] = i;
        for (size_t j = 1; j <= b_size; j++) {
            size_t change = before[j - 1] + (a[i - 1] != b[j - 1]);
            now[j] = s_least(change, s_least(before[j], now[j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                now[j] = s_least(now[j], earlier[j - 2] + 1);
        }
        size_t *free_row = earlier;
        earlier = before;
        before = now;
        now = free_row;
    }
    return before[b_size];
}

const char *schema_nearest(const char *word, const char *const *candidates, size_t n_candidates)
{
    size_t size = strlen(word);
    if (size == 0 || size >= NEAREST_SIZE_MAX)
        return NULL;
    const char *nearest = NULL, *begun = NULL;
    size_t n_begun = 0, least = size < 6 ? 1 : size / 3;
    if (size < 3)
        least = 0;
    for (size_t i = 0; i < n_candidates; i++) {
        size_t candidate_size = strlen(candidates[i]);
        if (candidate_size >= NEAREST_SIZE_MAX)
            continue;
        if (size >= 3 && strncmp(candidates[i], word, size) == 0) {
            begun = candidates[i];
            n_begun++;
        }
        size_t distance = s_distance(word, size, candidates[i], candidate_size);
        if (distance < least || (distance == least && !nearest)) {
            nearest = candidates[i];
            least = distance;
        }
    }
    return nearest ? nearest : n_begun == 1 ? begun : NULL;
}

/* -- commands ------------------------------------------------------------------------------ */

const command_t *schema_command(const char *name)
{
    for (size_t i = 0; i < tables.n_commands; i++) {
        if (strcmp(tables.commands[i].name, name) == 0)
            return &tables.commands[i];
    }
    return NULL;
}

size_t schema_n_commands(void)
{
    return tables.n_commands;
}

const command_t *schema_command_at(size_t position)
{
    return position < tables.n_commands ? &tables.commands[position] : NULL;
}

static const struct {
    value_form_t form;
    const char *expected;
} argument_forms[] = {
    [ARGUMENT_TEXT] = {VALUE_TEXT, "text"},
    [ARGUMENT_INTEGER] = {VALUE_INTEGER, "an integer"},
    [ARGUMENT_BOOLEAN] = {VALUE_BOOLEAN, "true or false"},
    [ARGUMENT_BYTES] = {VALUE_BYTES, "bytes"},
    [ARGUMENT_LIST] = {VALUE_LIST, "a list"},
    [ARGUMENT_MAP] = {VALUE_MAP, "a map"},
    [ARGUMENT_ANY] = {VALUE_ABSENT, "anything"},
};

static const argument_t *s_argument(const command_t *self, const char *name)
{
    for (size_t i = 0; i < self->n_arguments; i++) {
        if (strcmp(self->arguments[i].name, name) == 0)
            return &self->arguments[i];
    }
    return NULL;
}

static bool s_unknown_argument(const command_t *self, const char *name, error_t *error)
{
    const char *names[64];
    size_t n_names = 0;
    for (; n_names < self->n_arguments && n_names < 64; n_names++)
        names[n_names] = self->arguments[n_names].name;
    const char *nearest = schema_nearest(name, names, n_names);
    if (nearest)
        return error_set(error, ERROR_UNKNOWN_FIELD, name, "did you mean %s?", nearest);
    return error_set(error, ERROR_UNKNOWN_FIELD, name, NULL);
}

bool command_check(const command_t *self, const value_t *arguments, error_t *error)
{
    if (arguments->form != VALUE_MAP && arguments->form != VALUE_ABSENT)
        return error_set(error, ERROR_INVALID, "arguments", "a map");
    for (uint32_t i = 0; arguments->form == VALUE_MAP && i < arguments->count; i++) {
        const char *name = arguments->items[2 * (size_t)i].text;
        const value_t *value = &arguments->items[2 * (size_t)i + 1];
        const argument_t *argument = s_argument(self, name);
        if (!argument)
            return s_unknown_argument(self, name, error);
        if (argument->type != ARGUMENT_ANY && value->form != VALUE_ABSENT &&
            value->form != argument_forms[argument->type].form)
            return error_set(error, ERROR_INVALID, name, "%s",
                             argument_forms[argument->type].expected);
    }
    for (size_t i = 0; i < self->n_arguments; i++) {
        const argument_t *argument = &self->arguments[i];
        if (argument->required && value_get(arguments, argument->name)->form == VALUE_ABSENT)
            return error_set(error, ERROR_REQUIRED, argument->name, "%s", argument->label);
    }
    return true;
}
