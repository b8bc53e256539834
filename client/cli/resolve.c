#include "resolve.h"
#include "arguments.h"
#include "language.h"
#include "names.h"
#include "record.h"
#include "report.h"
#include "send.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

/* So many records are looked through for a name that is not written exactly. */
#define LOOKED_THROUGH_MAX 2000u
#define PAGE 200
#define CANDIDATES_MAX 8u
#define KINDS_MAX 256u

const char *resolve_fold(const char *text, bool accents, arena_t *arena)
{
    utf8proc_uint8_t *folded = NULL;
    utf8proc_option_t options =
        UTF8PROC_STABLE | UTF8PROC_CASEFOLD | UTF8PROC_COMPAT |
        (accents ? UTF8PROC_DECOMPOSE | UTF8PROC_STRIPMARK : UTF8PROC_COMPOSE);
    utf8proc_ssize_t size =
        utf8proc_map((const utf8proc_uint8_t *)text, 0, &folded, options | UTF8PROC_NULLTERM);
    const char *result = size >= 0 ? arena_text(arena, (const char *)folded) : text;
    free(folded);
    return result;
}

const kind_t *resolve_kind_written(const char *word)
{
    for (size_t i = 0; i < schema_n_kinds(); i++)
        if (arguments_is_written(schema_kind_at(i)->name, word))
            return schema_kind_at(i);
    return NULL;
}

const kind_t *resolve_kind_called(cli_t *cli, const char *word)
{
    const char *folded = resolve_fold(word, true, cli->arena);
    for (size_t i = 0; i < schema_n_kinds(); i++) {
        const kind_t *kind = schema_kind_at(i);
        if (strcmp(resolve_fold(label_of_kind(kind), true, cli->arena), folded) == 0 ||
            strcmp(resolve_fold(label_of_kinds(kind), true, cli->arena), folded) == 0)
            return kind;
    }
    return NULL;
}

const kind_t *resolve_kind(cli_t *cli, const char *word)
{
    const char *names[KINDS_MAX];
    size_t n = 0;
    const kind_t *kind = resolve_kind_written(word), *called = resolve_kind_called(cli, word);
    if (kind)
        return kind;
    for (size_t i = 0; i < schema_n_kinds() && n < KINDS_MAX; i++)
        names[n++] = schema_kind_at(i)->name;
    const char *near = called ? called->name : schema_nearest(word, names, n);
    if (near)
        report_usage(cli, _("There is no %s. Did you mean %s?"), word, near);
    else
        report_usage(cli, _("There is no kind %s."), word);
    return NULL;
}

/* -- the candidates -------------------------------------------------------------------------- */

typedef struct {
    const char *id;
    const char *name;
} candidate_t;

typedef struct {
    candidate_t items[CANDIDATES_MAX];
    size_t n;
    size_t more; /* that did not fit */
} candidates_t;

static void candidate_add(candidates_t *self, const char *id, const char *name)
{
    for (size_t i = 0; i < self->n; i++)
        if (strcmp(self->items[i].id, id) == 0)
            return;
    if (self->n == CANDIDATES_MAX)
        self->more++;
    else
        self->items[self->n++] = (candidate_t){id, name};
}

static const char *candidates_list(cli_t *cli, const candidates_t *self)
{
    const char *list = "";
    for (size_t i = 0; i < self->n; i++)
        list = arena_format(cli->arena, "%s%s%s (%s)", list, i ? ", " : "", self->items[i].name,
                            self->items[i].id);
    return self->more ? arena_format(cli->arena, "%s ...", list) : list;
}

/* -- asking ------------------------------------------------------------------------------------ */

static bool page(cli_t *cli, const kind_t *target, const value_t *where, const value_t *after,
                 int limit, value_t *result, error_t *error, bool *refused)
{
    value_builder_t arguments = value_builder(cli->arena);
    value_add_pair(&arguments, "kind", value_text(target->name));
    if (where)
        value_add_pair(&arguments, "where", *where);
    if (after)
        value_add_pair(&arguments, "after", *after);
    value_add_pair(&arguments, "limit", value_integer(limit));
    if (cli->purpose)
        value_add_pair(&arguments, "purpose", value_text(cli->purpose));
    value_t map = value_build_map(&arguments);
    return send_try(cli, "list", &map, result, error, refused);
}

/* One that is merged into another is that other. */
static const char *id_of(const value_t *view)
{
    const char *into = value_get_text(value_get(view, "fields"), "merged_into");
    return into ? into : value_get_text(view, "id");
}

/* Records that have exactly this in an indexed field. */
static bool ask_exactly(cli_t *cli, const kind_t *target, const field_t *field, const char *text,
                        candidates_t *found)
{
    value_builder_t where = value_builder(cli->arena);
    value_add_pair(&where, field->name, value_text(text));
    value_t map = value_build_map(&where), result;
    error_t error;
    bool refused;
    if (!page(cli, target, &map, NULL, CANDIDATES_MAX + 1, &result, &error, &refused))
        return false;
    const value_t *records = value_get(&result, "records");
    for (uint32_t i = 0; !refused && records->form == VALUE_LIST && i < records->count; i++) {
        const char *id = id_of(&records->items[i]);
        const char *name = names_of_view(cli, &records->items[i]);
        if (id)
            candidate_add(found, id, name ? name : text);
    }
    return true;
}

/* The organisation number that a text is, as it is kept; NULL when it is none. */
static const char *number_of(cli_t *cli, const kind_t *target, const char *text,
                             const field_t **field_p)
{
    value_t value;
    error_t error = {0};
    for (size_t i = 0; i < target->n_fields; i++) {
        *field_p = &target->fields[i];
        if (target->fields[i].type == TYPE_NUMBER &&
            field_parse(*field_p, text, &value, cli->arena, &error) && value.form == VALUE_TEXT)
            return value.text;
    }
    return NULL;
}

/* Look through the kind for names that are the same but for case, or accents, or
   that begin with what was written. */
static bool look_through(cli_t *cli, const kind_t *target, const char *text, candidates_t *same,
                         candidates_t *near)
{
    const field_t *fields[4];
    size_t n_fields = names_fields(target, fields, 4), looked = 0;
    const char *folded = resolve_fold(text, false, cli->arena);
    const char *bare = resolve_fold(text, true, cli->arena);
    const value_t *after = NULL;
    value_t result;
    do {
        error_t error;
        bool refused;
        if (!page(cli, target, NULL, after, PAGE, &result, &error, &refused))
            return false;
        const value_t *records = value_get(&result, "records");
        if (refused || records->form != VALUE_LIST)
            return true;
        for (uint32_t i = 0; i < records->count; i++) {
            const value_t *view = &records->items[i];
            const char *id = id_of(view);
            for (size_t f = 0; id && f < n_fields; f++) {
                const char *name = value_get_text(value_get(view, "fields"), fields[f]->name);
                if (!name)
                    continue;
                const char *theirs = resolve_fold(name, true, cli->arena);
                if (strcmp(resolve_fold(name, false, cli->arena), folded) == 0)
                    candidate_add(same, id, name);
                else if (strncmp(theirs, bare, strlen(bare)) == 0 || strstr(theirs, bare))
                    candidate_add(near, id, name);
            }
        }
        looked += records->count;
        after = value_get(&result, "next");
    } while (after->form != VALUE_ABSENT && looked < LOOKED_THROUGH_MAX);
    return true;
}

/* "0715" and "SE-05" are codes; "Motala" is a name, though a code could be spelt so. */
static bool looks_like_code(const char *text)
{
    bool digit = false;
    for (; *text; text++) {
        if (!isalnum((unsigned char)*text) && *text != '-')
            return false;
        digit = digit || isdigit((unsigned char)*text);
    }
    return digit;
}

static bool take(cli_t *cli, const char *text, const char *field, const candidates_t *found,
                 const char **id_p, error_t *error)
{
    if (found->n > 1)
        return error_set(error, ERROR_INVALID, field, _("several are called \"%s\": %s"), text,
                         candidates_list(cli, found));
    *id_p = found->items[0].id;
    return true;
}

bool resolve(cli_t *cli, const kind_t *target, const char *text, const char *field,
             const char **id_p, error_t *error)
{
    record_id_t id;
    const field_t *number_field = NULL;
    const char *number = target ? number_of(cli, target, text, &number_field) : NULL;
    /* INQ-8 is inq-8, and so is 8 where an inquiry is wanted; but ten digits can be an
       organisation number. */
    const char *lower = resolve_fold(text, false, cli->arena);
    if (record_id_parse(&id, text, target) || record_id_parse(&id, lower, target) ||
        (target && !target->coded && !number && strspn(text, "0123456789") == strlen(text) &&
         record_id_parse(&id, arena_format(cli->arena, "%s-%s", target->prefix, text), target))) {
        *id_p = arena_text(cli->arena, id.text);
        return true;
    }
    if (!target)
        return error_set(error, ERROR_INVALID, field, _("the id of a record, not \"%s\""), text);
    if (record_id_parse(&id, text, NULL) && !field)
        return error_set(error, ERROR_REFERENCE, field, _("%s is no %s: samverk %s show %s"), text,
                         label_of_kind(target), id.kind->name, text);
    if (record_id_parse(&id, text, NULL))
        return error_set(error, ERROR_INVALID, field, _("%s is no %s"), text,
                         label_of_kind(target));
    if (target->coded && looks_like_code(text) && record_id_coded(&id, target, text)) {
        *id_p = arena_text(cli->arena, id.text);
        return true;
    }

    candidates_t found = {0}, near = {0};
    if (number && !ask_exactly(cli, target, number_field, number, &found))
        return false;
    if (found.n)
        return take(cli, text, field, &found, id_p, error);
    const field_t *fields[4];
    size_t n_fields = names_fields(target, fields, 4);
    for (size_t i = 0; i < n_fields; i++)
        if (fields[i]->attributes & FIELD_INDEXED &&
            !ask_exactly(cli, target, fields[i], text, &found))
            return false;
    if (!found.n && !look_through(cli, target, text, &found, &near))
        return false;
    if (found.n)
        return take(cli, text, field, &found, id_p, error);
    if (near.n)
        return error_set(error, ERROR_REFERENCE, field,
                         _("no %s is called \"%s\"; did you mean %s?"), label_of_kind(target), text,
                         candidates_list(cli, &near));
    if (n_fields > 0 && fields[0]->class == CLASS_PERSONAL && !cli->purpose)
        return error_set(error, ERROR_REFERENCE, field,
                         _("no %s is called \"%s\"; people are found by name only with --purpose "
                           "TEXT"),
                         label_of_kind(target), text);
    return error_set(error, ERROR_REFERENCE, field, _("no %s is called \"%s\""),
                     label_of_kind(target), text);
}

bool resolve_option(cli_t *cli, const arguments_t *arguments, const char *option,
                    value_builder_t *map)
{
    const char *text = arguments_value(arguments, option), *id;
    error_t error = {0};
    if (!text)
        return true;
    if (!resolve(cli, schema_kind(option), text, option, &id, &error))
        return error.code != ERROR_NONE && report_error(cli, &error);
    value_add_pair(map, option, value_text(id));
    return true;
}

bool resolve_record(cli_t *cli, const char *text, const char **id_p)
{
    error_t error = {0};
    if (!send_connect(cli))
        return false;
    if (resolve(cli, cli->kind, text, NULL, id_p, &error))
        return true;
    if (error.code == ERROR_REFERENCE)
        error.code = ERROR_NOT_FOUND;
    return error.code == ERROR_NONE ? false : report_error(cli, &error);
}
