#include "names.h"
#include "clean.h"
#include "language.h"
#include "record.h"

#include <czmq.h>
#include <string.h>

/* Names asked for in one request; a condition takes no more values. */
#define BATCH 200u
/* A list longer than this shows ids: names are a courtesy, not a load. */
#define WANTED_MAX 400u

struct names {
    zhashx_t *known; /* id to its name; "" when it shows none */
    const char *wanted[WANTED_MAX];
    size_t n_wanted;
};

static struct names *names_get(cli_t *cli)
{
    if (!cli->names) {
        cli->names = arena_alloc(cli->arena, sizeof *cli->names);
        cli->names->known = zhashx_new();
    }
    return cli->names;
}

void names_destroy(cli_t *cli)
{
    if (cli->names)
        zhashx_destroy(&cli->names->known);
    cli->names = NULL;
}

/* name_sv under Swedish, name_en otherwise. */
bool names_elsewhere(const field_t *field)
{
    const char *underscore = strrchr(field->name, '_');
    if (!underscore || (strcmp(underscore, "_sv") != 0 && strcmp(underscore, "_en") != 0))
        return false;
    return strcmp(underscore + 1, language_is_swedish() ? "sv" : "en") != 0;
}

size_t names_fields(const kind_t *kind, const field_t **fields, size_t room)
{
    size_t n = 0;
    for (int otherwise = 0; otherwise <= 1; otherwise++)
        for (size_t i = 0; i < kind->n_fields && n < room; i++) {
            const field_t *field = &kind->fields[i];
            unsigned wanted = FIELD_REQUIRED | FIELD_LISTED;
            if (field->type == TYPE_TEXT && (field->attributes & wanted) == wanted &&
                !(field->attributes & FIELD_MANY) && names_elsewhere(field) == (otherwise == 1))
                fields[n++] = field;
        }
    return n;
}

const char *names_of_view(cli_t *cli, const value_t *view)
{
    record_id_t id;
    const char *text = value_get_text(view, "id");
    if (!text || !record_id_parse(&id, text, NULL))
        return NULL;
    const field_t *fields[4];
    size_t n = names_fields(id.kind, fields, 4);
    for (size_t i = 0; i < n; i++) {
        const char *name = value_get_text(value_get(view, "fields"), fields[i]->name);
        if (name)
            return clean_text(name, false, cli->arena);
    }
    return NULL;
}

void names_want_id(cli_t *cli, const char *id)
{
    struct names *self = names_get(cli);
    if (self->n_wanted == WANTED_MAX || zhashx_lookup(self->known, id))
        return;
    record_id_t parsed;
    const field_t *field;
    if (!record_id_parse(&parsed, id, NULL) || names_fields(parsed.kind, &field, 1) == 0)
        return;
    /* Known as nameless until it is fetched: wanted once. */
    zhashx_insert(self->known, id, (void *)"");
    self->wanted[self->n_wanted++] = arena_text(cli->arena, id);
}

void names_want_value(cli_t *cli, const value_t *value)
{
    if (value->form == VALUE_TEXT)
        names_want_id(cli, value->text);
    else if (value->form == VALUE_LIST)
        for (uint32_t i = 0; i < value->count; i++)
            names_want_value(cli, &value->items[i]);
}

void names_want(cli_t *cli, const value_t *view)
{
    record_id_t id;
    const char *text = value_get_text(view, "id");
    const value_t *fields = value_get(view, "fields");
    if (!text || fields->form != VALUE_MAP || !record_id_parse(&id, text, NULL))
        return;
    for (uint32_t i = 0; i < fields->count; i++) {
        const field_t *field = kind_field(id.kind, fields->items[2 * i].text);
        if (field && field->type == TYPE_REFERENCE)
            names_want_value(cli, &fields->items[2 * i + 1]);
    }
}

/* One request for the wanted ids of one kind, beginning with the i-th. */
static void fetch_kind(cli_t *cli, size_t i)
{
    struct names *self = cli->names;
    record_id_t first, id;
    record_id_parse(&first, self->wanted[i], NULL);
    value_builder_t ids = value_builder(cli->arena), where = value_builder(cli->arena),
                    arguments = value_builder(cli->arena);
    for (; i < self->n_wanted && ids.count < BATCH; i++) {
        if (!self->wanted[i] || !record_id_parse(&id, self->wanted[i], first.kind))
            continue;
        value_add(&ids, value_text(self->wanted[i]));
        self->wanted[i] = NULL;
    }
    value_add_pair(&where, "id", value_build_list(&ids));
    value_add_pair(&arguments, "kind", value_text(first.kind->name));
    value_add_pair(&arguments, "where", value_build_map(&where));
    value_add_pair(&arguments, "limit", value_integer(BATCH));
    if (cli->purpose && first.kind->personal)
        value_add_pair(&arguments, "purpose", value_text(cli->purpose));
    value_t map = value_build_map(&arguments), result;
    if (samverk_request(cli->connection, "list", &map, cli->arena, &result, NULL) != SAMVERK_DONE)
        return;
    const value_t *records = value_get(&result, "records");
    for (uint32_t r = 0; records->form == VALUE_LIST && r < records->count; r++) {
        const char *text = value_get_text(&records->items[r], "id");
        const char *name = names_of_view(cli, &records->items[r]);
        if (text && name)
            zhashx_update(self->known, text, (void *)name);
    }
}

void names_fetch(cli_t *cli)
{
    struct names *self = names_get(cli);
    for (size_t i = 0; i < self->n_wanted; i++)
        if (self->wanted[i])
            fetch_kind(cli, i);
    self->n_wanted = 0;
}

bool names_withheld(cli_t *cli, const char *id)
{
    record_id_t parsed;
    const field_t *field;
    if (!record_id_parse(&parsed, id, NULL) || names_fields(parsed.kind, &field, 1) == 0 ||
        field->class != CLASS_PERSONAL)
        return false;
    const char *name = cli->names ? zhashx_lookup(cli->names->known, id) : NULL;
    return !name || !name[0];
}

/* The journal's actor where it was no user. */
static const char *daemon_itself(void)
{
    return _("the system");
}

const char *names_short(cli_t *cli, const char *id)
{
    if (!id[0])
        return daemon_itself();
    const char *name = cli->names ? zhashx_lookup(cli->names->known, id) : NULL;
    return name && name[0] ? name : clean_text(id, false, cli->arena);
}

const char *names_with_id(cli_t *cli, const char *id)
{
    if (!id[0])
        return daemon_itself();
    const char *shown = clean_text(id, false, cli->arena);
    const char *name = cli->names ? zhashx_lookup(cli->names->known, id) : NULL;
    record_id_t parsed;
    if (!name || !name[0] || !record_id_parse(&parsed, id, NULL))
        return shown;
    return arena_format(cli->arena, "%s (%s)", name,
                        parsed.kind->coded ? record_id_code(&parsed) : shown);
}
