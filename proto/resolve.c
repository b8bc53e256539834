#include "tables.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Checks of the rows stop at the first that is wrong, with a sentence in `why`. */
typedef struct {
    const tables_t *rows;
    tables_t *resolved;
    kind_t *kinds;
    arena_t *arena;
    char *why;
    size_t why_size;
} resolver_t;

static bool s_wrong(resolver_t *self, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static bool s_wrong(resolver_t *self, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(self->why, self->why_size, format, arguments);
    va_end(arguments);
    return false;
}

/* -- names ------------------------------------------------------------------------ */

static bool s_is_name(const char *text)
{
    if (*text < 'a' || *text > 'z')
        return false;
    for (; *text; text++) {
        bool fits =
            (*text >= 'a' && *text <= 'z') || (*text >= '0' && *text <= '9') || *text == '_';
        if (!fits)
            return false;
    }
    return true;
}

static bool s_is_prefix(const char *text)
{
    size_t size = strspn(text, "abcdefghijklmnopqrstuvwxyz");
    return size >= 2 && size <= 6 && text[size] == '\0';
}

/* A word stands in lists that people write: nothing in it may part a list. */
static bool s_is_word(const char *text)
{
    return *text && !strpbrk(text, " ,;\\\t\n");
}

/* -- vocabularies ------------------------------------------------------------------- */

static const lifecycle_t *s_lifecycle(const resolver_t *self, const char *kind)
{
    for (size_t i = 0; i < self->rows->n_lifecycles; i++) {
        if (strcmp(self->rows->lifecycles[i].kind, kind) == 0)
            return &self->rows->lifecycles[i];
    }
    return NULL;
}

static const vocabulary_t *s_vocabulary(const resolver_t *self, const char *name)
{
    for (size_t i = 0; i < self->resolved->n_vocabularies; i++) {
        if (strcmp(self->resolved->vocabularies[i].name, name) == 0)
            return &self->resolved->vocabularies[i];
    }
    return NULL;
}

static bool s_check_vocabulary(resolver_t *self, const vocabulary_t *vocabulary)
{
    if (!s_is_name(vocabulary->name))
        return s_wrong(self, "vocabulary '%s': not a name", vocabulary->name);
    if (s_vocabulary(self, vocabulary->name) != vocabulary)
        return s_wrong(self, "vocabulary %s: there are two", vocabulary->name);
    for (size_t i = 0; i < vocabulary->n_words; i++) {
        const word_t *word = &vocabulary->words[i];
        if (!s_is_word(word->name) || !*word->label)
            return s_wrong(self, "vocabulary %s: word '%s' is none, or has no label",
                           vocabulary->name, word->name);
        if (vocabulary_word(vocabulary, word->name) != word)
            return s_wrong(self, "vocabulary %s: two words '%s'", vocabulary->name, word->name);
    }
    return true;
}

static bool s_resolve_vocabularies(resolver_t *self)
{
    const tables_t *rows = self->rows;
    vocabulary_t *vocabularies = arena_alloc(
        self->arena, (rows->n_vocabularies + rows->n_lifecycles + 1) * sizeof *vocabularies);
    size_t n_vocabularies = 0;
    for (size_t i = 0; i < rows->n_vocabularies; i++)
        vocabularies[n_vocabularies++] = rows->vocabularies[i];

    for (size_t i = 0; i < rows->n_lifecycles; i++) {
        const lifecycle_t *lifecycle = &rows->lifecycles[i];
        word_t *words = arena_alloc(self->arena, lifecycle->n_states * sizeof *words);
        for (size_t j = 0; j < lifecycle->n_states; j++)
            words[j] = (word_t){lifecycle->states[j].name, lifecycle->states[j].label};
        vocabularies[n_vocabularies++] = (vocabulary_t){
            arena_format(self->arena, "%s_state", lifecycle->kind), words, lifecycle->n_states};
    }

    word_t *roles = arena_alloc(self->arena, ROLES * sizeof *roles);
    for (role_t role = 0; role < ROLES; role++)
        roles[role] = (word_t){role_name(role), role_label(role)};
    vocabularies[n_vocabularies++] = (vocabulary_t){"role", roles, ROLES};

    self->resolved->vocabularies = vocabularies;
    self->resolved->n_vocabularies = n_vocabularies;
    for (size_t i = 0; i < n_vocabularies; i++) {
        if (!s_check_vocabulary(self, &vocabularies[i]))
            return false;
    }
    return true;
}

/* -- fields --------------------------------------------------------------------------- */

#define TEXT_MOST 16384

/* What a type's row may say at most; false for types that take no range. */
static bool s_type_range(type_t type, int64_t *least, int64_t *most)
{
    switch (type) {
    case TYPE_TEXT:
    case TYPE_LONG_TEXT:
    case TYPE_CODE:
        *least = 0;
        *most = TEXT_MOST;
        return true;
    case TYPE_INTEGER:
    case TYPE_MONEY:
    case TYPE_TENTHS:
        *least = INT64_MIN;
        *most = INT64_MAX;
        return true;
    case TYPE_DEGREES:
        *least = -180000000;
        *most = 180000000;
        return true;
    default:
        *least = *most = 0;
        return false;
    }
}

static bool s_resolve_range(resolver_t *self, const kind_t *kind, field_t *field)
{
    if (!s_type_range(field->type, &field->least, &field->most)) {
        if (*field->detail)
            return s_wrong(self, "%s.%s: type %s takes no detail", kind->name, field->name,
                           type_name(field->type));
        return true;
    }
    if (!*field->detail)
        return true;
    long long least = 0, most = 0;
    int end = 0;
    /* NOLINTNEXTLINE(cert-err34-c): a row of ours; what is too large becomes the largest */
    bool reads = sscanf(field->detail, "%lld..%lld%n", &least, &most, &end) == 2 &&
                 field->detail[end] == '\0';
    if (!reads || least > most || least < field->least || most > field->most)
        return s_wrong(self, "%s.%s: '%s' is no range of type %s", kind->name, field->name,
                       field->detail, type_name(field->type));
    field->least = least;
    field->most = most;
    return true;
}

static kind_t *s_kind(const resolver_t *self, const char *name)
{
    for (size_t i = 0; i < self->rows->n_kinds; i++) {
        if (strcmp(self->kinds[i].name, name) == 0)
            return &self->kinds[i];
    }
    return NULL;
}

static bool s_resolve_field(resolver_t *self, const kind_t *kind, field_t *field)
{
    if (!s_is_name(field->name) || strcmp(field->name, "id") == 0 ||
        strcmp(field->name, "rev") == 0)
        return s_wrong(self, "%s.%s: not a name for a field", kind->name, field->name);
    if (kind_field(kind, field->name) != field)
        return s_wrong(self, "%s.%s: there are two", kind->name, field->name);
    if (!*field->label)
        return s_wrong(self, "%s.%s: no label", kind->name, field->name);
    if (field->since < 1 || field->since > SCHEMA_VERSION)
        return s_wrong(self, "%s.%s: since %u is no schema version", kind->name, field->name,
                       field->since);
    if (field->class == CLASS_PERSONAL && (field->attributes & FIELD_UNIQUE))
        return s_wrong(self, "%s.%s: personal data is never unique", kind->name, field->name);
    if (field->class == CLASS_PERSONAL && !*kind->subject)
        return s_wrong(self, "%s.%s: personal data of a kind without a subject", kind->name,
                       field->name);
    if (field->class != CLASS_PERSONAL && (field->attributes & FIELD_STAFF))
        return s_wrong(self, "%s.%s: only personal data can be shared for staff", kind->name,
                       field->name);
    if ((field->attributes & FIELD_SEALED) &&
        (!*kind->subject || field->class == CLASS_PERSONAL ||
         (field->attributes & (FIELD_UNIQUE | FIELD_INDEXED))))
        return s_wrong(self, "%s.%s: sealed is what a subject has, not personal and not indexed",
                       kind->name, field->name);
    if ((field->attributes & FIELD_INTERNAL) && !(field->attributes & FIELD_DAEMON))
        return s_wrong(self, "%s.%s: what is internal is the daemon's", kind->name, field->name);

    if (field->type == TYPE_WORD) {
        const char *name = field->detail;
        if (!*name && strcmp(field->name, "state") == 0)
            name = arena_format(self->arena, "%s_state", kind->name);
        field->vocabulary = s_vocabulary(self, name);
        if (!field->vocabulary)
            return s_wrong(self, "%s.%s: no vocabulary '%s'", kind->name, field->name, name);
    } else if (field->type == TYPE_REFERENCE) {
        field->target = *field->detail ? s_kind(self, field->detail) : NULL;
        if (*field->detail && !field->target)
            return s_wrong(self, "%s.%s: no kind '%s'", kind->name, field->name, field->detail);
    } else if (!s_resolve_range(self, kind, field)) {
        return false;
    }
    return true;
}

/* Defaults are read last, when all that they may name is in place. */
static bool s_check_default(resolver_t *self, const kind_t *kind, const field_t *field)
{
    value_t value;
    error_t error = {.code = ERROR_NONE};
    if (*field->otherwise && !field_parse(field, field->otherwise, &value, self->arena, &error))
        return s_wrong(self, "%s.%s: default '%s' is not %s", kind->name, field->name,
                       field->otherwise, error.expected);
    return true;
}

/* -- lifecycles ------------------------------------------------------------------------- */

static bool s_check_move(resolver_t *self, const kind_t *kind, const move_t *move)
{
    if (!s_is_name(move->verb) || !*move->label)
        return s_wrong(self, "%s: move '%s' is no name, or has no label", kind->name, move->verb);
    if (strcmp(move->from, "*") != 0 && !kind_state(kind, move->from))
        return s_wrong(self, "%s: move %s comes from no state", kind->name, move->verb);
    if (strcmp(move->to, "same") != 0 && !kind_state(kind, move->to) && !move_field(kind, move))
        return s_wrong(self, "%s: move %s goes to no state", kind->name, move->verb);
    if (!move->roles)
        return s_wrong(self, "%s: move %s is for no role", kind->name, move->verb);
    for (const move_t *other = kind->moves; other < move; other++) {
        if (strcmp(other->verb, move->verb) == 0 && strcmp(other->from, move->from) == 0)
            return s_wrong(self, "%s: two moves %s from %s", kind->name, move->verb, move->from);
    }
    char field[64];
    for (const char *rest = move->required; schema_words_next(&rest, field, sizeof field);) {
        if (!kind_field(kind, field))
            return s_wrong(self, "%s: move %s requires '%s', which is no field", kind->name,
                           move->verb, field);
    }
    return true;
}

static bool s_check_entry(resolver_t *self, const kind_t *kind, const entry_t *entry)
{
    bool known = false;
    for (size_t i = 0; i < self->rows->n_commands; i++)
        known = known || strcmp(self->rows->commands[i].name, entry->command) == 0;
    if (!known || !kind_state(kind, entry->state))
        return s_wrong(self, "%s: entry into %s by %s has no such state or command", kind->name,
                       entry->state, entry->command);
    return true;
}

static bool s_resolve_due(resolver_t *self, const kind_t *kind, due_t *due)
{
    due->field = kind_field(kind, due->on);
    due->flag = kind_field(kind, due->does);
    if (!due->field || due->field->type != TYPE_DATE || (due->field->attributes & FIELD_MANY))
        return s_wrong(self, "%s: '%s' is no day on which something is due", kind->name, due->on);
    if (due->flag && (due->flag->type != TYPE_BOOLEAN || !(due->flag->attributes & FIELD_DAEMON)))
        return s_wrong(self, "%s: %s is no yes or no that the daemon keeps", kind->name, due->does);
    for (const due_t *other = kind->dues; other < due; other++) {
        if (other->field == due->field)
            return s_wrong(self, "%s: %s is due twice", kind->name, due->on);
    }
    char state[64];
    for (const char *rest = due->states; schema_words_next(&rest, state, sizeof state);) {
        if (!kind_state(kind, state) || !(due->flag || kind_move(kind, due->does, state)))
            return s_wrong(self, "%s: no %s out of '%s', when %s is due", kind->name, due->does,
                           state, due->on);
    }
    return true;
}

static bool s_resolve_dues(resolver_t *self, kind_t *kind)
{
    const lifecycle_t *lifecycle = s_lifecycle(self, kind->name);
    if (!lifecycle)
        return true;
    due_t *dues = arena_copy(self->arena, lifecycle->dues, lifecycle->n_dues * sizeof *dues);
    kind->dues = dues;
    kind->n_dues = lifecycle->n_dues;
    for (size_t i = 0; i < kind->n_dues; i++) {
        if (!s_resolve_due(self, kind, &dues[i]))
            return false;
    }
    return true;
}

/* Whether a record can come into each state: the initial one, those that a command
   enters, and those that a move leads to from one of them. */
static bool s_check_ways_in(resolver_t *self, const kind_t *kind, const lifecycle_t *lifecycle)
{
    bool *reached = arena_alloc(self->arena, kind->n_states * sizeof *reached);
    for (size_t i = 0; i < kind->n_states; i++)
        reached[i] = kind->states[i].initial;
    for (size_t i = 0; i < lifecycle->n_entries; i++)
        reached[kind_state(kind, lifecycle->entries[i].state) - kind->states] = true;
    for (size_t round = 0; round < kind->n_states; round++) {
        for (size_t i = 0; i < kind->n_moves; i++) {
            const state_t *to = kind_state(kind, kind->moves[i].to);
            for (size_t j = 0; to && j < kind->n_states; j++) {
                const state_t *from = &kind->states[j];
                if (reached[j] &&
                    kind_move(kind, kind->moves[i].verb, from->name) == &kind->moves[i])
                    reached[to - kind->states] = true;
            }
        }
    }
    for (size_t i = 0; i < kind->n_states; i++) {
        if (!reached[i])
            return s_wrong(self, "%s: state %s has no way in", kind->name, kind->states[i].name);
    }
    return true;
}

static bool s_check_lifecycle(resolver_t *self, const kind_t *kind)
{
    const lifecycle_t *lifecycle = s_lifecycle(self, kind->name);
    if (!lifecycle)
        return true;
    const field_t *field = kind_field(kind, "state");
    if (!field || !field->vocabulary || field->vocabulary->n_words != kind->n_states ||
        (field->attributes & FIELD_MANY))
        return s_wrong(self, "%s: a lifecycle, and no field 'state' of its states", kind->name);
    size_t n_initial = 0;
    for (size_t i = 0; i < kind->n_states; i++) {
        if (!s_is_name(kind->states[i].name))
            return s_wrong(self, "%s: state '%s' is no name", kind->name, kind->states[i].name);
        n_initial += kind->states[i].initial;
    }
    if (n_initial != 1)
        return s_wrong(self, "%s: %zu initial states; there must be one", kind->name, n_initial);
    for (size_t i = 0; i < kind->n_moves; i++) {
        if (!s_check_move(self, kind, &kind->moves[i]))
            return false;
    }
    for (size_t i = 0; i < lifecycle->n_entries; i++) {
        if (!s_check_entry(self, kind, &lifecycle->entries[i]))
            return false;
    }
    return s_check_ways_in(self, kind, lifecycle);
}

/* -- indexes ------------------------------------------------------------------------------ */

static uint32_t s_hash(uint32_t hash, const char *text)
{
    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * 16777619u; /* FNV-1a */
    return hash;
}

static void s_number_index(const kind_t *kind, index_t *index)
{
    uint32_t hash = s_hash(s_hash(2166136261u, kind->name), ":");
    for (unsigned i = 0; i < index->n_fields; i++)
        hash = s_hash(s_hash(hash, i ? "," : ""), index->fields[i]->name);
    index->number = hash;
}

/* "municipality,state" as an index. */
static bool s_resolve_composite(resolver_t *self, const kind_t *kind, const char *list,
                                index_t *index)
{
    char text[256];
    snprintf(text, sizeof text, "%s", list);
    for (char *comma = text; (comma = strchr(comma, ','));)
        *comma = ' ';
    char name[64];
    for (const char *rest = text; schema_words_next(&rest, name, sizeof name);) {
        const field_t *field = kind_field(kind, name);
        if (!field || index->n_fields == SCHEMA_INDEX_FIELDS_MAX ||
            field->class == CLASS_PERSONAL || (field->attributes & FIELD_SEALED))
            return s_wrong(self, "%s: index '%s' names no field, too many or a sealed one",
                           kind->name, list);
        index->fields[index->n_fields++] = field;
    }
    if (index->n_fields < 2)
        return s_wrong(self, "%s: index '%s' is of one field alone", kind->name, list);
    return true;
}

static bool s_resolve_indexes(resolver_t *self, kind_t *kind)
{
    size_t n_indexes = 0, room = kind->n_fields + strlen(kind->composites);
    index_t *indexes = arena_alloc(self->arena, room * sizeof *indexes);
    for (size_t i = 0; i < kind->n_fields; i++) {
        const field_t *field = &kind->fields[i];
        if (field->type != TYPE_REFERENCE && !(field->attributes & (FIELD_UNIQUE | FIELD_INDEXED)))
            continue;
        indexes[n_indexes++] = (index_t){
            .n_fields = 1, .fields = {field}, .unique = (field->attributes & FIELD_UNIQUE) != 0};
    }
    char list[256];
    for (const char *rest = kind->composites; schema_words_next(&rest, list, sizeof list);) {
        if (!s_resolve_composite(self, kind, list, &indexes[n_indexes++]))
            return false;
    }
    for (size_t i = 0; i < n_indexes; i++)
        s_number_index(kind, &indexes[i]);
    kind->indexes = indexes;
    kind->n_indexes = n_indexes;
    return true;
}

static bool s_check_index_numbers(resolver_t *self)
{
    for (size_t i = 0; i < self->rows->n_kinds; i++) {
        const kind_t *kind = &self->kinds[i];
        for (size_t j = 0; j < kind->n_indexes; j++) {
            for (size_t k = 0; k <= i; k++) {
                const kind_t *other = &self->kinds[k];
                size_t n_before = k == i ? j : other->n_indexes;
                for (size_t l = 0; l < n_before; l++) {
                    if (other->indexes[l].number == kind->indexes[j].number)
                        return s_wrong(self, "%s and %s: two indexes have the same number",
                                       kind->name, other->name);
                }
            }
        }
    }
    return true;
}

/* -- kinds ---------------------------------------------------------------------------------- */

static bool s_check_kind_names(resolver_t *self, const kind_t *kind)
{
    if (!s_is_name(kind->name) || !*kind->label || !*kind->plural)
        return s_wrong(self, "kind '%s': not a name, or no label", kind->name);
    if (!s_is_prefix(kind->prefix))
        return s_wrong(self, "%s: '%s' is no prefix", kind->name, kind->prefix);
    if (kind->number < 1 || kind->number > UINT16_MAX)
        return s_wrong(self, "%s: number %u is out of range", kind->name, kind->number);
    for (const kind_t *other = self->kinds; other < kind; other++) {
        if (strcmp(other->name, kind->name) == 0 || strcmp(other->prefix, kind->prefix) == 0 ||
            other->number == kind->number)
            return s_wrong(self, "%s and %s: same name, prefix or number", other->name, kind->name);
    }
    if (kind->n_fields > SCHEMA_FIELDS_MAX)
        return s_wrong(self, "%s: %zu fields; %u is the most", kind->name, kind->n_fields,
                       SCHEMA_FIELDS_MAX);
    return true;
}

/* Each word of `words` must be a reference field, or "self" where that is allowed. */
static bool s_check_references(resolver_t *self, const kind_t *kind, const char *what,
                               const char *words, bool self_allowed)
{
    char word[64];
    for (const char *rest = words; schema_words_next(&rest, word, sizeof word);) {
        const field_t *field = kind_field(kind, word + (self_allowed && *word == '='));
        if (!(self_allowed && strcmp(word, "self") == 0) &&
            !(field && field->type == TYPE_REFERENCE))
            return s_wrong(self, "%s: %s '%s' is no reference field", kind->name, what, word);
    }
    return true;
}

static void s_add_to_masks(kind_t *kind, const field_t *field, uint64_t bit)
{
    kind->all |= bit;
    kind->personal |= field->class == CLASS_PERSONAL ? bit : 0;
    kind->open |= field->class == CLASS_PUBLIC ? bit : 0;
    kind->shared |= field->class == CLASS_SHARED ? bit : 0;
    kind->staff |= field->attributes & FIELD_STAFF ? bit : 0;
    kind->internal |= field->attributes & FIELD_INTERNAL ? bit : 0;
    kind->sealed |= field->attributes & FIELD_SEALED ? bit : 0;
    kind->discreet |= field->shown_discreet ? bit : 0;
    if (!(field->attributes & FIELD_SEARCHED))
        return;
    /* The first that is searched is the title, and so are names: one line, one value. */
    bool line = field->type == TYPE_TEXT && !(field->attributes & FIELD_MANY);
    if (line && (kind->searched == 0 || (field->attributes & FIELD_INDEXED)))
        kind->titles |= bit;
    kind->searched |= bit;
}

static bool s_resolve_kind(resolver_t *self, kind_t *kind)
{
    if (!s_check_kind_names(self, kind))
        return false;
    const lifecycle_t *lifecycle = s_lifecycle(self, kind->name);
    if (lifecycle) {
        kind->states = lifecycle->states;
        kind->n_states = lifecycle->n_states;
        kind->moves = lifecycle->moves;
        kind->n_moves = lifecycle->n_moves;
    }
    field_t *fields = arena_copy(self->arena, kind->fields, kind->n_fields * sizeof *fields);
    kind->fields = fields;
    for (unsigned i = 0; i < kind->n_fields; i++) {
        fields[i].index = i;
        if (!s_resolve_field(self, kind, &fields[i]))
            return false;
        s_add_to_masks(kind, &fields[i], UINT64_C(1) << i);
    }
    return s_check_references(self, kind, "scope", kind->scope, true) &&
           s_check_references(self, kind, "also", kind->also, false) &&
           s_check_references(self, kind, "subject", kind->subject, true) &&
           s_check_references(self, kind, "follows", kind->follows, false) &&
           s_check_lifecycle(self, kind) && s_resolve_dues(self, kind) &&
           s_resolve_indexes(self, kind);
}

static bool s_check_commands(resolver_t *self)
{
    for (size_t i = 0; i < self->rows->n_commands; i++) {
        const command_t *command = &self->rows->commands[i];
        if (!s_is_name(command->name) || !*command->label || command->since < 1)
            return s_wrong(self, "command '%s': not a name, no label or no since", command->name);
        for (size_t j = 0; j < command->n_arguments; j++) {
            if (!s_is_name(command->arguments[j].name) || !*command->arguments[j].label)
                return s_wrong(self, "command %s: argument '%s' is no name, or has no label",
                               command->name, command->arguments[j].name);
            for (size_t k = 0; k < j; k++) {
                if (strcmp(command->arguments[k].name, command->arguments[j].name) == 0)
                    return s_wrong(self, "command %s: two arguments %s", command->name,
                                   command->arguments[j].name);
            }
        }
    }
    return true;
}

bool tables_resolve(const tables_t *rows, tables_t *resolved, arena_t *arena, char *why,
                    size_t why_size)
{
    resolver_t self = {
        .rows = rows, .resolved = resolved, .arena = arena, .why = why, .why_size = why_size};
    *resolved = *rows;
    self.kinds = arena_copy(arena, rows->kinds, rows->n_kinds * sizeof *self.kinds);
    resolved->kinds = self.kinds;

    if (!s_check_commands(&self) || !s_resolve_vocabularies(&self))
        return false;
    for (size_t i = 0; i < rows->n_lifecycles; i++) {
        if (!s_kind(&self, rows->lifecycles[i].kind))
            return s_wrong(&self, "lifecycle of %s: there is no such kind",
                           rows->lifecycles[i].kind);
    }
    for (size_t i = 0; i < rows->n_kinds; i++) {
        if (!s_resolve_kind(&self, &self.kinds[i]))
            return false;
    }
    for (size_t i = 0; i < rows->n_kinds; i++) {
        for (size_t j = 0; j < self.kinds[i].n_fields; j++) {
            if (!s_check_default(&self, &self.kinds[i], &self.kinds[i].fields[j]))
                return false;
        }
    }
    return s_check_index_numbers(&self);
}
