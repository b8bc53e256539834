#ifndef SAMVERK_LANGUAGE_H
#define SAMVERK_LANGUAGE_H

#include "error.h"
#include "schema.h"

#include <libintl.h>
#include <stdbool.h>

/* English in the source, other languages from gettext catalogues. What comes from
   the tables has a context: the same English word can need two Swedish ones. */

#define _(text) gettext(text)
#define N_(text) text /* for xgettext alone: translated where it is printed */

/* Take the user's locale. A locale that is not installed on the machine still
   gives its language, with the number and date forms of C.UTF-8. Once, in main. */
void language_start(void);

/* "sv" or "en": the language that messages come in. */
const char *language_code(void);
bool language_is_swedish(void);
/* True when the locale says how dates and numbers look. */
bool language_has_forms(void);

/* `text` in `context`, or `text` itself when there is no translation. */
const char *language_in(const char *context, const char *text);

/* Labels of what the tables have. */
const char *label_of_kind(const kind_t *kind);
const char *label_of_kinds(const kind_t *kind);
const char *label_of_field(const kind_t *kind, const field_t *field);
const char *label_of_state(const kind_t *kind, const state_t *state);
const char *label_of_move(const kind_t *kind, const move_t *move);
/* `kind` says which states a field `state` is made of. */
const char *label_of_word(const kind_t *kind, const field_t *field, const char *word);
const char *label_of_role(role_t role);
/* Why two inquiries match. */
const char *label_of_reason(const char *word);
const char *label_of_roles(role_mask_t roles, arena_t *arena);
const char *label_of_error(error_code_t code);

/* What a field takes: "1 to 200 characters", "a date, YYYY-MM-DD". In `arena`. */
const char *label_of_expected(const field_t *field, arena_t *arena);

/* The same text with its first letter large; in `arena`. */
const char *language_capital(const char *text, arena_t *arena);

#endif
