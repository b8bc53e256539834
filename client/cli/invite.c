#include "format.h"
#include "invitation.h"
#include "json.h"
#include "language.h"
#include "names.h"
#include "pending.h"
#include "report.h"
#include "resolve.h"
#include "send.h"
#include "terminal.h"
#include "verbs.h"
#include "wire.h"

#include <qrencode.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* -- what is asked ----------------------------------------------------------------------- */

static bool role_ok(cli_t *cli, const char *name)
{
    const char *names[ROLES];
    if (role_of(name) != ROLES)
        return true;
    for (unsigned i = 0; i < ROLES; i++)
        names[i] = role_name((role_t)i);
    const char *near = schema_nearest(name, names, ROLES);
    if (near)
        return report_usage(cli, _("There is no role %s. Did you mean %s?"), name, near);
    const char *list = "";
    for (unsigned i = 0; i < ROLES; i++)
        list = arena_format(cli->arena, "%s%s%s", list, i ? ", " : "", names[i]);
    return report_usage(cli, _("There is no role %s; roles are %s."), name, list);
}

/* A municipality by code, name or id, else an organisation. */
static bool add_scope(cli_t *cli, const char *text, value_builder_t *municipalities,
                      value_builder_t *organisations)
{
    const kind_t *municipality = schema_kind("municipality");
    const kind_t *organisation = schema_kind("organisation");
    record_id_t id;
    const char *found;
    error_t error = {0};
    bool first = !record_id_parse(&id, text, organisation);
    if (first && resolve(cli, municipality, text, "--scope", &found, &error)) {
        value_add(municipalities, value_text(found));
        return true;
    }
    if (first && error.code == ERROR_NONE)
        return false;
    error_t second = {0};
    if (resolve(cli, organisation, text, "--scope", &found, &second)) {
        value_add(organisations, value_text(found));
        return true;
    }
    return second.code == ERROR_NONE ? false : report_error(cli, first ? &error : &second);
}

static bool request_of(cli_t *cli, const arguments_t *arguments, value_builder_t *map)
{
    const char *role = arguments_value(arguments, "role");
    const char *name = arguments_value(arguments, "name");
    const char *person = arguments_value(arguments, "person");
    const char *language = arguments_value(arguments, "language");
    if (!role || !name)
        return report_usage(cli, "%s",
                            _("Usage: samverk invite --role ROLE --name TEXT [--scope ID]..."));
    if (!role_ok(cli, role))
        return false;
    value_add_pair(map, "name", value_text(name));
    value_add_pair(map, "role", value_text(role));
    if (language)
        value_add_pair(map, "language", value_text(language));
    value_builder_t municipalities = value_builder(cli->arena);
    value_builder_t organisations = value_builder(cli->arena);
    for (size_t i = 0; i < arguments->n_given; i++)
        if (arguments->given[i].option && strcmp(arguments->given[i].option->name, "scope") == 0 &&
            !add_scope(cli, arguments->given[i].value, &municipalities, &organisations))
            return false;
    if (municipalities.count)
        value_add_pair(map, "municipalities", value_build_list(&municipalities));
    if (organisations.count)
        value_add_pair(map, "organisations", value_build_list(&organisations));
    if (person) {
        const char *id;
        error_t error = {0};
        if (!resolve(cli, schema_kind("person"), person, "--person", &id, &error))
            return error.code == ERROR_NONE ? false : report_error(cli, &error);
        value_add_pair(map, "person", value_text(id));
    }
    return true;
}

/* -- the one-time key ------------------------------------------------------------------------ */

/* The same command again must send the same key, or it would be another request:
   the secret half waits in a file until the daemon has answered. */
static bool one_time_key(cli_t *cli, const value_t *map, const char **path_p,
                         unsigned char public_key[32], unsigned char secret_key[32])
{
    char folder[3800], digest[33];
    void *data;
    size_t size;
    value_builder_t parts = value_builder(cli->arena);
    value_add(&parts, value_bytes(cli->profile.public_key, SAMVERK_KEY_SIZE));
    value_add(&parts, *map);
    value_t list = value_build_list(&parts);
    wire_encode(&list, cli->arena, &data, &size);
    pending_digest(digest, data, size);
    if (!samverk_state_path(folder, sizeof folder) || !samverk_make_folder(folder)) {
        report_failure(cli, "%s: %s", folder, strerror(errno));
        return false;
    }
    const char *path = arena_format(cli->arena, "%s/invite-%s.secret", folder, digest);
    *path_p = path;
    FILE *file = fopen(path, "re");
    bool read = file && fread(secret_key, 1, 32, file) == 32;
    if (file)
        fclose(file);
    if (read) {
        samverk_key_public(public_key, secret_key);
        return true;
    }
    samverk_key_pair(public_key, secret_key);
    if (samverk_write_file(path, secret_key, 32, 0600))
        return true;
    return report_failure(cli, "%s: %s", path, strerror(errno));
}

/* -- what is shown ---------------------------------------------------------------------------- */

/* Two rows of modules to a line, dark on light whatever the terminal's colours. */
static void print_code(const char *text)
{
    QRcode *code = QRcode_encodeString(text, 0, QR_ECLEVEL_L, QR_MODE_8, 1);
    if (!code)
        return;
    int width = code->width, margin = 2;
    bool colours = tone_begin(TONE_HEADING)[0];
    for (int y = -margin; y < width + margin; y += 2) {
        fputs(colours ? "\033[30;107m" : "", stdout);
        for (int x = -margin; x < width + margin; x++) {
            bool in = x >= 0 && x < width;
            bool upper = in && y >= 0 && y < width && code->data[y * width + x] & 1;
            bool lower = in && y + 1 >= 0 && y + 1 < width && code->data[(y + 1) * width + x] & 1;
            static const char *const dark[] = {" ", "▀", "▄", "█"};
            /* Without colours the terminal is taken to be light on dark. */
            int shape = upper + 2 * lower;
            fputs(dark[colours ? shape : 3 - shape], stdout);
        }
        puts(colours ? "\033[0m" : "");
    }
    QRcode_free(code);
}

/* What the invitation gives: who leaves --scope out gives the whole. */
static void tell_rights(cli_t *cli, const value_builder_t *map)
{
    static const char *const lists[] = {"municipalities", "organisations"};
    value_t request = value_build_map(map);
    role_t role = role_of(value_get_text(&request, "role"));
    const char *scope = "";
    for (size_t i = 0; i < 2; i++)
        names_want_value(cli, value_get(&request, lists[i]));
    names_fetch(cli);
    for (size_t i = 0; i < 2; i++) {
        const value_t *ids = value_get(&request, lists[i]);
        for (uint32_t k = 0; ids->form == VALUE_LIST && k < ids->count; k++)
            scope = arena_format(cli->arena, "%s%s%s", scope, scope[0] ? ", " : "",
                                 names_with_id(cli, ids->items[k].text));
    }
    report_note(cli, _("Role: %s. Scope: %s."), label_of_role(role),
                scope[0] ? scope : _("the whole"));
}

bool invite_run(cli_t *cli, const arguments_t *arguments)
{
    unsigned char public_key[32], secret_key[32];
    const char *path = NULL, *address = arguments_value(arguments, "address");
    value_builder_t map = value_builder(cli->arena);
    value_t result;
    if (!send_connect(cli) || !request_of(cli, arguments, &map))
        return false;
    value_t request = value_build_map(&map);
    if (!one_time_key(cli, &request, &path, public_key, secret_key))
        return false;
    value_add_pair(&map, "public_key", value_bytes(public_key, sizeof public_key));
    request = value_build_map(&map);
    error_t error;
    bool refused, done = send_write_try(cli, "invite", &request, &result, &error, &refused);
    if (refused && error.code == ERROR_REFERENCE && strcmp(error.field, "person") != 0)
        done = report_failure(cli, _("--scope %s: there is no such municipality or organisation."),
                              arguments_value(arguments, "scope"));
    else if (refused)
        done = report_error(cli, &error);
    /* Kept until the daemon has answered: the same command again asks with the same key. */
    if (cli->status != EXIT_UNKNOWN && cli->status != EXIT_UNREACHED)
        unlink(path);
    if (!done)
        return false;
    invitation_t invitation = {.address = address ? address : cli->profile.endpoint,
                               .expires = value_get_integer(&result, "expires", 0)};
    memcpy(invitation.server_key, cli->profile.server_key, sizeof invitation.server_key);
    memcpy(invitation.secret_key, secret_key, sizeof invitation.secret_key);
    const char *line = invitation_write(&invitation, cli->arena);
    explicit_bzero(secret_key, sizeof secret_key);
    explicit_bzero(&invitation, sizeof invitation);
    if (cli->output == OUTPUT_JSON) {
        json_t *document = json_of_result(&result);
        json_object_set_new(document, "invitation", json_string(line));
        json_print(document, false);
        return true;
    }
    puts(line);
    fflush(stdout);
    if (terminal_out())
        print_code(line);
    const char *user = value_get_text(&result, "user");
    tell_rights(cli, &map);
    report_note(cli,
                _("For %s (%s), until %s. Whoever has this line can use it, once: give it to no "
                  "one else."),
                arguments_value(arguments, "name"), user ? user : "",
                format_instant(value_get_integer(&result, "expires", 0), cli->arena));
    return true;
}
