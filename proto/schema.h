#ifndef SAMVERK_SCHEMA_H
#define SAMVERK_SCHEMA_H

#include "error.h"
#include "value.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Everything that is a fact about kinds, fields, states, commands and roles,
   read from the .def tables. Constant after schema_start; any thread may read. */

/* -- field types ------------------------------------------------------------ */

typedef enum {
    TYPE_TEXT,      /* one line; range is the length in characters */
    TYPE_LONG_TEXT, /* newlines and tabs too */
    TYPE_INTEGER,   /* range is the value's */
    TYPE_BOOLEAN,
    TYPE_DATE,      /* text YYYY-MM-DD, a day that exists */
    TYPE_INSTANT,   /* integer, UTC milliseconds since 1970 */
    TYPE_MONEY,     /* integer, whole öre */
    TYPE_WORD,      /* text, one word of a vocabulary */
    TYPE_REFERENCE, /* text, the id of a record of one kind, or of any */
    TYPE_NUMBER,    /* text, Swedish organisation number, ten digits, Luhn */
    TYPE_EMAIL,     /* text */
    TYPE_PHONE,     /* text, + and digits, spaces and dashes between */
    TYPE_WEB,       /* text, http or https */
    TYPE_KEY,       /* 32 bytes, a CURVE public key; written as Z85 by people */
    TYPE_DEGREES,   /* integer, millionths of a degree; written 59.516700 */
    TYPE_CODE,      /* text, letters, digits and dashes */
    TYPE_TENTHS,    /* integer, tenths; written 7.5 */
    TYPES
} type_t;

const char *type_name(type_t type); /* "long-text" */

/* Whether a checked organisation number is a sole trader's, and so the owner's
   personal identity number: its third digit is 0 or 1. */
bool number_is_personal(const char *ten_digits);

/* -- vocabularies ------------------------------------------------------------ */

typedef struct {
    const char *name;  /* as it goes over the wire */
    const char *label; /* English, for gettext with the vocabulary as context */
} word_t;

typedef struct {
    const char *name;
    const word_t *words;
    size_t n_words;
} vocabulary_t;

const vocabulary_t *schema_vocabulary(const char *name);
const word_t *vocabulary_word(const vocabulary_t *self, const char *name);

/* -- roles ------------------------------------------------------------------- */

typedef enum {
#define ROLE(name, label) ROLE_##name,
#include "roles.def"
#undef ROLE
    ROLES
} role_t;

typedef uint32_t role_mask_t;
#define ROLE_BIT(role) ((role_mask_t)1u << (role))

const char *role_name(role_t role);
const char *role_label(role_t role);
/* ROLES when none is called so. */
role_t role_of(const char *name);

/* Sets of roles that the tables use (DOMAIN: roles and rights). */
#define ROLES_NONE 0u
#define ROLES_STAFF                                                                                \
    (ROLE_BIT(ROLE_viewer) | ROLE_BIT(ROLE_broker) | ROLE_BIT(ROLE_head) |                         \
     ROLE_BIT(ROLE_coordinator))
#define ROLES_ALL ((1u << ROLES) - 1u)
#define ROLES_BROKER (ROLE_BIT(ROLE_broker) | ROLE_BIT(ROLE_head) | ROLE_BIT(ROLE_coordinator))
#define ROLES_COORDINATOR ROLE_BIT(ROLE_coordinator)
#define ROLES_ADMIN (ROLE_BIT(ROLE_admin) | ROLE_BIT(ROLE_coordinator))

/* -- fields and kinds --------------------------------------------------------- */

typedef enum { CLASS_PUBLIC, CLASS_SHARED, CLASS_LOCAL, CLASS_PERSONAL } class_t;

const char *class_name(class_t class);

/* Attributes of a field. */
#define FIELD_REQUIRED 0x01u   /* a record must have it */
#define FIELD_MANY 0x02u       /* a list of scalars */
#define FIELD_UNIQUE 0x04u     /* no two live records of the kind share it; indexed */
#define FIELD_INDEXED 0x08u    /* references always are */
#define FIELD_SEARCHED 0x10u   /* found by search */
#define FIELD_LISTED 0x20u     /* a column of `list` */
#define FIELD_DAEMON 0x40u     /* set by the daemon alone */
#define FIELD_STAFF 0x80u      /* personal, but shared where the person is staff */
#define FIELD_INTERNAL 0x100u  /* for the daemon's own indexes; leaves it for no one */
#define FIELD_STANDS_IN 0x200u /* shown by `list` where the field before it is empty */
#define FIELD_STEPS 0x800u     /* how many of so many steps, its most, are done: "4 of 6" */
#define FIELD_SEALED 0x400u    /* on disk under the subject's key, whoever may see it */

#define SCHEMA_FIELDS_MAX 64u /* a field is a bit of a field_mask_t */

typedef struct kind kind_t;

typedef struct {
    const char *name;
    type_t type;
    const char *detail; /* range "1..200", vocabulary, or kind referred to ("" any) */
    unsigned attributes;
    class_t class;
    bool shown_discreet;   /* stays visible when the record is discreet */
    const char *otherwise; /* default, in the form that people write; "" none */
    unsigned since;        /* schema version that brought it */
    const char *label;     /* English */
    /* derived by schema_start */
    unsigned index;                 /* its bit, its slot */
    int64_t least, most;            /* of value or length */
    const vocabulary_t *vocabulary; /* TYPE_WORD */
    const kind_t *target;           /* TYPE_REFERENCE; NULL for any */
} field_t;

typedef struct {
    const char *name;
    const char *label;
    bool initial;
    bool open; /* not an end of the lifecycle */
} state_t;

/* One move of a lifecycle: a verb that takes a record from one state to another. */
typedef struct {
    const char *verb;
    const char *from;     /* a state, or "*" for any open one */
    const char *to;       /* a state, "same", or a field: the state that it holds */
    role_mask_t roles;    /* who, in the record's scope */
    const char *required; /* fields that must be filled in, words apart */
    const char *label;    /* English, imperative */
} move_t;

/* What the daemon does by itself when a day comes. */
typedef struct {
    const char *on;     /* the field with that day */
    bool after;         /* when it has ended, not when it begins */
    const char *states; /* as long as the record is in one of these, words apart */
    const char *does;   /* a move's verb; or a field, yes or no, that says that it is late */
    /* derived by schema_start */
    const field_t *field;
    const field_t *flag; /* `does`, when that is a field; else NULL */
} due_t;

#define SCHEMA_INDEX_FIELDS_MAX 4u

typedef struct {
    uint32_t number; /* stable: FNV-1a of "kind:field,field" */
    unsigned n_fields;
    const field_t *fields[SCHEMA_INDEX_FIELDS_MAX];
    bool unique;
} index_t;

struct kind {
    const char *name;
    const char *prefix; /* "inq" */
    unsigned number;    /* stable, in storage keys */
    bool coded;         /* id is an official code, given by the client */
    unsigned digits;    /* that a new code has; 0 any code */
    const char *scope;  /* fields that place it, words apart; "self" for the record itself,
                           "=field" for that organisation alone, not where it lies */
    const char *also;   /* fields that place it for readers only */
    role_mask_t readers;
    role_mask_t writers; /* in scope; NONE: only commands of its own write it */
    const char *subject; /* "self", or the field that says whose personal data it holds; "" none */
    const char *follows; /* field whose record's discretion it follows; "" none */
    const char *composites; /* composite indexes: "municipality,state created" */
    const char *label;      /* English, singular */
    const char *plural;
    const field_t *fields;
    size_t n_fields;
    const state_t *states; /* NULL when it has no lifecycle; its field is `state` */
    size_t n_states;
    const move_t *moves;
    size_t n_moves;
    const due_t *dues;
    size_t n_dues;
    const index_t *indexes;
    size_t n_indexes;
    uint64_t all;                     /* masks over fields, derived */
    uint64_t personal, open, shared;  /* by class; open: public */
    uint64_t staff, internal, sealed; /* by attribute */
    uint64_t discreet;                /* fields that stay visible */
    uint64_t searched, titles;        /* found by search; of these, what the record is called */
};

/* Resolve the tables. Must run once, before any thread starts. Returns false,
   with one line on stderr, when a row is wrong: an impossible default, an
   unknown vocabulary or kind, more than 64 fields, a state without a way in. */
bool schema_start(void);

#define SCHEMA_VERSION 1u

size_t schema_n_kinds(void);
const kind_t *schema_kind_at(size_t position);
const kind_t *schema_kind(const char *name); /* or NULL */
const kind_t *schema_kind_by_prefix(const char *prefix, size_t size);
const kind_t *schema_kind_by_number(unsigned number);

const field_t *kind_field(const kind_t *self, const char *name); /* or NULL */
const state_t *kind_state(const kind_t *self, const char *name);
const state_t *kind_initial(const kind_t *self); /* NULL when it has no lifecycle */
/* The move `verb` out of `from`, or NULL; `from` NULL finds any row of that verb. */
const move_t *kind_move(const kind_t *self, const char *verb, const char *from);
/* The moves out of `from`, at most `room` of them. Returns how many there are. */
size_t kind_moves_from(const kind_t *self, const char *from, const move_t **moves, size_t room);
/* The field that holds the state which the move leads to; NULL when its row names it. */
const field_t *move_field(const kind_t *self, const move_t *move);
/* True when the word list `words` ("a b =c") has `word`, also as "=word". */
bool schema_words_have(const char *words, const char *word);
/* The words of a list, one by one: true while there is one. `*rest` begins at the
   list and is moved along; a word longer than `room` allows is cut. */
bool schema_words_next(const char **rest, char *word, size_t room);
/* What a mistyped word was probably meant to be, or NULL when nothing is near. */
const char *schema_nearest(const char *word, const char *const *candidates, size_t n_candidates);

/* -- commands ----------------------------------------------------------------- */

typedef enum {
#define COMMAND(name, mode, roles, reserve, since, label) COMMAND_##name,
#define ARGUMENT(name, type, required, label)
#define END_COMMAND(name)
#include "commands.def"
#undef COMMAND
#undef ARGUMENT
#undef END_COMMAND
    COMMANDS
} command_number_t;

typedef enum { COMMAND_READ, COMMAND_WRITE, COMMAND_SESSION } command_mode_t;

typedef enum {
    ARGUMENT_TEXT,
    ARGUMENT_INTEGER,
    ARGUMENT_BOOLEAN,
    ARGUMENT_BYTES,
    ARGUMENT_LIST,
    ARGUMENT_MAP,
    ARGUMENT_ANY
} argument_type_t;

typedef struct {
    const char *name;
    argument_type_t type;
    bool required;
    const char *label;
} argument_t;

typedef struct {
    const char *name;
    unsigned number;     /* position in commands.def: COMMAND_get ... */
    command_mode_t mode; /* where it runs: readers, writer, front */
    role_mask_t roles;
    bool reserve; /* may use the space kept when storage is nearly full */
    unsigned since;
    const char *label;
    const argument_t *arguments;
    size_t n_arguments;
} command_t;

const command_t *schema_command(const char *name); /* or NULL */
size_t schema_n_commands(void);
const command_t *schema_command_at(size_t position);
/* Names, types and presence of the arguments of a request. */
bool command_check(const command_t *self, const value_t *arguments, error_t *error);

/* -- checking ----------------------------------------------------------------- */

#define FIELD_ITEMS_MAX 200u /* of a list */

/* One scalar or list against its field: type, form, range, vocabulary. The
   value is also normalised (organisation numbers to ten digits, phones, no space
   around a line of text; an empty list, and empty text where that is allowed, to
   VALUE_ABSENT) into `arena`. Whether a reference exists is the daemon's to see. */
bool field_check(const field_t *self, value_t *value, arena_t *arena, error_t *error);

/* The value that a person or a spreadsheet wrote, as the wire has it. Lists are
   separated by spaces, commas or semicolons for codes and words, by semicolons or
   commas otherwise (a backslash before one makes it part of the text). "" gives
   VALUE_ABSENT. Where the kind referred to has codes, a bare code is an id. */
bool field_parse(const field_t *self, const char *text, value_t *value, arena_t *arena,
                 error_t *error);
/* And back: ISO forms, lists separated by spaces (codes, words, ids) or "; ". */
const char *field_print(const field_t *self, const value_t *value, arena_t *arena);
/* What field_parse takes, in English: "1 to 200 characters", "a date, YYYY-MM-DD". */
const char *field_expects(const field_t *self, arena_t *arena);

#endif
