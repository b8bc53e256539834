#include "tables.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* The fields of each kind, then the kinds. */

#define KIND(name, number, prefix, coded, scope, also, readers, writers, subject, follows,         \
             composites, label, plural)                                                            \
    static const field_t name##_fields[] = {
#define FIELD(name, type, detail, attributes, class, discreet, otherwise, since, label)            \
    {#name, TYPE_##type, detail, (attributes), CLASS_##class, discreet, otherwise, since, label,   \
     0,     0,           0,      NULL,         NULL},
#define END_KIND(name)                                                                             \
    }                                                                                              \
    ;
#include SAMVERK_KINDS
#undef KIND
#undef FIELD
#undef END_KIND

static const kind_t kind_rows[] = {
#define KIND(kind, number_, prefix_, coded_, scope_, also_, readers_, writers_, subject_,          \
             follows_, composites_, label_, plural_)                                               \
    {.name = #kind,                                                                                \
     .prefix = prefix_,                                                                            \
     .number = number_,                                                                            \
     .coded = (coded_) > 0,                                                                        \
     .digits = (coded_) > 1 ? (coded_) : 0,                                                        \
     .scope = scope_,                                                                              \
     .also = also_,                                                                                \
     .readers = readers_,                                                                          \
     .writers = writers_,                                                                          \
     .subject = subject_,                                                                          \
     .follows = follows_,                                                                          \
     .composites = composites_,                                                                    \
     .label = label_,                                                                              \
     .plural = plural_,                                                                            \
     .fields = kind##_fields,                                                                      \
     .n_fields = COUNT(kind##_fields)},
#define FIELD(name, type, detail, attributes, class, discreet, otherwise, since, label)
#define END_KIND(name)
#include SAMVERK_KINDS
#undef KIND
#undef FIELD
#undef END_KIND
};

/* Vocabularies. */

#define VOCABULARY(name) static const word_t name##_words[] = {
#define WORD(name, label) {name, label},
#define END_VOCABULARY(name)                                                                       \
    }                                                                                              \
    ;
#include "vocabularies.def"
#undef VOCABULARY
#undef WORD
#undef END_VOCABULARY

static const vocabulary_t vocabulary_rows[] = {
#define VOCABULARY(name) {#name, name##_words, COUNT(name##_words)},
#define WORD(name, label)
#define END_VOCABULARY(name)
#include "vocabularies.def"
#undef VOCABULARY
#undef WORD
#undef END_VOCABULARY
};

/* Lifecycles: states, moves, entries, dues. A last empty row in each, which is not
   counted, lets a lifecycle have none of one sort. */

#define END_LIFECYCLE(kind)                                                                        \
    {                                                                                              \
        0                                                                                          \
    }                                                                                              \
    }                                                                                              \
    ;
#define MOVE(kind, verb, from, to, roles, required, label)
#define ENTRY(kind, state, command)
#define DUE(kind, field, when, states, does)
#define STATE_INITIAL true, true
#define STATE_OPEN false, true
#define STATE_ENDED false, false
#define LIFECYCLE(kind) static const state_t kind##_states[] = {
#define STATE(kind, name, sort, label) {#name, label, STATE_##sort},
#include "lifecycles.def"
#undef LIFECYCLE
#undef STATE
#undef MOVE
#undef ENTRY

#define STATE(kind, name, sort, label)
#define ENTRY(kind, state, command)
#define LIFECYCLE(kind) static const move_t kind##_moves[] = {
#define MOVE(kind, verb, from, to, roles, required, label)                                         \
    {#verb, from, to, (roles), required, label},
#include "lifecycles.def"
#undef LIFECYCLE
#undef MOVE
#undef ENTRY

#define MOVE(kind, verb, from, to, roles, required, label)
#define LIFECYCLE(kind) static const entry_t kind##_entries[] = {
#define ENTRY(kind, state, command) {#state, command},
#include "lifecycles.def"
#undef LIFECYCLE
#undef ENTRY
#undef DUE

#define ENTRY(kind, state, command)
#define DUE_ON false
#define DUE_AFTER true
#define LIFECYCLE(kind) static const due_t kind##_dues[] = {
#define DUE(kind, field, when, states, does) {#field, DUE_##when, states, #does, NULL, NULL},
#include "lifecycles.def"
#undef LIFECYCLE
#undef ENTRY
#undef DUE
#undef END_LIFECYCLE

static const lifecycle_t lifecycle_rows[] = {
#define LIFECYCLE(kind)                                                                            \
    {#kind,                                                                                        \
     kind##_states,                                                                                \
     COUNT(kind##_states) - 1,                                                                     \
     kind##_moves,                                                                                 \
     COUNT(kind##_moves) - 1,                                                                      \
     kind##_entries,                                                                               \
     COUNT(kind##_entries) - 1,                                                                    \
     kind##_dues,                                                                                  \
     COUNT(kind##_dues) - 1},
#define ENTRY(kind, state, command)
#define DUE(kind, field, when, states, does)
#define END_LIFECYCLE(kind)
#include "lifecycles.def"
#undef LIFECYCLE
#undef STATE
#undef MOVE
#undef ENTRY
#undef DUE
#undef END_LIFECYCLE
};

/* Commands. */

#define COMMAND(name, mode, roles, reserve, since, label)                                          \
    static const argument_t name##_arguments[] = {
#define ARGUMENT(name, type, required, label) {#name, ARGUMENT_##type, required, label},
#define END_COMMAND(name)                                                                          \
    {                                                                                              \
        0                                                                                          \
    }                                                                                              \
    }                                                                                              \
    ;
#include "commands.def"
#undef COMMAND
#undef ARGUMENT
#undef END_COMMAND

static const command_t command_rows[] = {
#define COMMAND(name, mode, roles, reserve, since, label)                                          \
    {#name,   COMMAND_##name,   COMMAND_##mode,                                                    \
     (roles), reserve,          since,                                                             \
     label,   name##_arguments, COUNT(name##_arguments) - 1},
#define ARGUMENT(name, type, required, label)
#define END_COMMAND(name)
#include "commands.def"
#undef COMMAND
#undef ARGUMENT
#undef END_COMMAND
};

const tables_t tables_rows = {
    .kinds = kind_rows,
    .n_kinds = COUNT(kind_rows),
    .vocabularies = vocabulary_rows,
    .n_vocabularies = COUNT(vocabulary_rows),
    .lifecycles = lifecycle_rows,
    .n_lifecycles = COUNT(lifecycle_rows),
    .commands = command_rows,
    .n_commands = COUNT(command_rows),
};
