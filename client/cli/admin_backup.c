#include "admin.h"
#include "clean.h"
#include "format.h"
#include "json.h"
#include "language.h"
#include "report.h"
#include "send.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LOOK_MS 200

static bool ask(cli_t *cli, const char *file, value_t *state)
{
    value_builder_t arguments = value_builder(cli->arena);
    if (file)
        value_add_pair(&arguments, "file", value_text(file));
    value_t map = value_build_map(&arguments);
    return send_read(cli, "backup", &map, state);
}

static bool is_state(const value_t *state, const char *name)
{
    const char *text = value_get_text(state, "state");
    return text && strcmp(text, name) == 0;
}

static void show_progress(cli_t *cli, const value_t *state, bool done)
{
    if (!isatty(STDERR_FILENO) || cli->output == OUTPUT_JSON)
        return;
    fputs("\r\033[K", stderr);
    if (!done)
        fprintf(stderr, _("%s of %s revisions"),
                format_integer(value_get_integer(state, "rev", 0), cli->arena),
                format_integer(value_get_integer(state, "of", 0), cli->arena));
}

/* Until it has ended. The daemon makes it whether someone looks or not. */
static bool follow(cli_t *cli, value_t *state)
{
    bool good = true;
    while (good && is_state(state, "running")) {
        show_progress(cli, state, false);
        nanosleep(&(struct timespec){.tv_nsec = LOOK_MS * 1000000L}, NULL);
        good = ask(cli, NULL, state);
    }
    show_progress(cli, state, true);
    return good;
}

static const char *text_of(cli_t *cli, const value_t *state, const char *name)
{
    const char *text = value_get_text(state, name);
    return text ? clean_text(text, false, cli->arena) : "";
}

static void print_state(cli_t *cli, const value_t *state)
{
    const char *revisions = format_integer(value_get_integer(state, "rev", 0), cli->arena);
    if (is_state(state, "none"))
        puts(_("No backup has been made since the daemon was started."));
    else if (is_state(state, "running"))
        printf(_("%s is being made: %s of %s revisions.\n"), text_of(cli, state, "file"), revisions,
               format_integer(value_get_integer(state, "of", 0), cli->arena));
    else
        printf(_("Backup %s, %s: %s revisions, %s bytes.\n"), text_of(cli, state, "file"),
               format_instant(value_get_integer(state, "ended", 0), cli->arena), revisions,
               format_integer(value_get_integer(state, "bytes", 0), cli->arena));
}

bool admin_backup_run(cli_t *cli, const arguments_t *arguments)
{
    const char *file = arguments->n_words ? arguments->words[0] : NULL;
    value_t state;
    if (!ask(cli, file, &state) || (file && !follow(cli, &state)))
        return false;
    const char *made = value_get_text(&state, "file");
    if (file && (!made || strcmp(made, file) != 0))
        return report_failure(cli, "%s",
                              _("The daemon was started anew meanwhile: make the backup again."));
    if (is_state(&state, "failed"))
        return report_failure(cli, _("The backup %s was not made: %s"),
                              text_of(cli, &state, "file"), text_of(cli, &state, "why"));
    if (cli->output == OUTPUT_JSON)
        json_print(json_of_result(&state), false);
    else
        print_state(cli, &state);
    return true;
}
