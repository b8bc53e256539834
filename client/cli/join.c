#include "clean.h"
#include "invitation.h"
#include "json.h"
#include "language.h"
#include "report.h"
#include "send.h"
#include "verbs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define PROGRAM "samverk " SAMVERK_RELEASE
#define TEXT_MAX_BYTES 4096u

static const char *text_of(cli_t *cli, FILE *file)
{
    char *text = arena_alloc(cli->arena, TEXT_MAX_BYTES + 1);
    text[fread(text, 1, TEXT_MAX_BYTES, file)] = 0;
    return text;
}

/* The invitation's text: the words of the command line, a file, or standard input. */
static bool invitation_text(cli_t *cli, const arguments_t *arguments, const char **text_p)
{
    const char *text = "", *first = arguments->words[0];
    if (strcmp(first, "-") == 0) {
        *text_p = text_of(cli, stdin);
        return true;
    }
    if (first[0] == '@') {
        FILE *file = fopen(first + 1, "re");
        if (!file)
            return report_failure(cli, "%s: %s", first + 1, strerror(errno));
        *text_p = text_of(cli, file);
        fclose(file);
        return true;
    }
    for (size_t i = 0; i < arguments->n_words; i++)
        text = arena_format(cli->arena, "%s%s", text, arguments->words[i]);
    *text_p = text;
    return true;
}

/* Our own key, saved with what the daemon is before anything is sent: a join that
   was cut off goes on under the same key. */
static bool own_profile(cli_t *cli, const invitation_t *invitation,
                        const unsigned char one_time[SAMVERK_KEY_SIZE], bool *found)
{
    samverk_profile_t *self = &cli->profile;
    const char *name = cli->profile_name ? cli->profile_name : "default";
    if (!samverk_profile_name_ok(name))
        return report_usage(cli, "%s",
                            _("A profile's name is letters, digits, dashes and underscores."));
    samverk_profile_status_t status = samverk_profile_load(self, name);
    *found =
        status == SAMVERK_PROFILE_OK && memcmp(self->invitation, one_time, SAMVERK_KEY_SIZE) == 0;
    if (*found)
        return true;
    if (status != SAMVERK_PROFILE_MISSING)
        return report_usage(
            cli, _("There is a profile %s already; --profile NAME gives this one another name."),
            name);
    memset(self, 0, sizeof *self);
    snprintf(self->name, sizeof self->name, "%s", name);
    snprintf(self->endpoint, sizeof self->endpoint, "%s", invitation->address);
    memcpy(self->server_key, invitation->server_key, SAMVERK_KEY_SIZE);
    memcpy(self->invitation, one_time, SAMVERK_KEY_SIZE);
    samverk_key_pair(self->public_key, self->secret_key);
    if (samverk_profile_save(self) == SAMVERK_PROFILE_OK)
        return true;
    return report_failure(cli, _("The profile %s could not be saved: %s"), name, strerror(errno));
}

static void forget_profile(const cli_t *cli)
{
    char folder[3900], path[4096];
    static const char *const endings[] = {"profile", "secret"};
    if (!samverk_config_path(folder, sizeof folder))
        return;
    for (size_t i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "%s/%s.%s", folder, cli->profile.name, endings[i]);
        unlink(path);
    }
}

/* Join with the invitation's key. */
static bool take_up(cli_t *cli, const unsigned char one_time[SAMVERK_KEY_SIZE],
                    const invitation_t *invitation, bool found)
{
    samverk_profile_t guest = cli->profile;
    memcpy(guest.public_key, one_time, SAMVERK_KEY_SIZE);
    memcpy(guest.secret_key, invitation->secret_key, SAMVERK_KEY_SIZE);
    cli->connection = samverk_new(&guest, PROGRAM);
    explicit_bzero(&guest, sizeof guest);
    if (!cli->connection)
        return report_failure(cli, "%s", strerror(ENOMEM));
    samverk_set_timeout(cli->connection, cli->timeout_ms);

    value_builder_t map = value_builder(cli->arena);
    value_add_pair(&map, "public_key", value_bytes(cli->profile.public_key, SAMVERK_KEY_SIZE));
    value_t request = value_build_map(&map), result;
    error_t error = {0};
    samverk_outcome_t outcome =
        samverk_request(cli->connection, "join", &request, cli->arena, &result, &error);
    if (outcome == SAMVERK_DONE) {
        const char *user = value_get_text(&result, "user");
        snprintf(cli->profile.user, sizeof cli->profile.user, "%s", user ? user : "");
        samverk_destroy(&cli->connection);
        return true;
    }
    if (outcome == SAMVERK_REFUSED) {
        /* An earlier try may have bound our key and lost the answer: then it is let in. A
           key made just now is of no use without the invitation. */
        samverk_destroy(&cli->connection);
        if (found)
            return true;
        forget_profile(cli);
        if (error.code == ERROR_NOT_ALLOWED || error.code == ERROR_REVOKED ||
            error.code == ERROR_EXPIRED)
            return report_failure(cli, "%s",
                                  _("The daemon does not take this invitation: it has been used, "
                                    "has expired or was withdrawn. Ask for a new one."));
        return report_error(cli, &error);
    }
    return outcome == SAMVERK_UNKNOWN ? report_unknown(cli) : report_unreached(cli);
}

/* Connect as ourselves: proof that it worked, and the region's name. */
static bool verify(cli_t *cli)
{
    cli->connection = samverk_new(&cli->profile, PROGRAM);
    if (!cli->connection)
        return report_failure(cli, "%s", strerror(ENOMEM));
    samverk_set_timeout(cli->connection, cli->timeout_ms);
    error_t error = {0};
    samverk_outcome_t outcome = samverk_connect(cli->connection, &error);
    if (outcome == SAMVERK_REFUSED)
        return report_error(cli, &error);
    if (outcome != SAMVERK_DONE)
        return report_unreached(cli);
    const char *region = value_get_text(samverk_welcome(cli->connection), "region");
    snprintf(cli->profile.region, sizeof cli->profile.region, "%s", region ? region : "");
    memset(cli->profile.invitation, 0, sizeof cli->profile.invitation);
    if (samverk_profile_save(&cli->profile) != SAMVERK_PROFILE_OK)
        return report_failure(cli, _("The profile %s could not be saved: %s"), cli->profile.name,
                              strerror(errno));
    return true;
}

bool join_run(cli_t *cli, const arguments_t *arguments)
{
    const char *text = NULL;
    invitation_t invitation;
    error_t error = {0};
    unsigned char one_time[SAMVERK_KEY_SIZE];
    if (!invitation_text(cli, arguments, &text))
        return false;
    if (!invitation_read(&invitation, text, cli->arena, &error))
        return report_usage(cli, "%s",
                            _("That is no invitation: it begins with samverk: and is one line."));
    samverk_key_public(one_time, invitation.secret_key);
    bool found = false;
    bool done = own_profile(cli, &invitation, one_time, &found) &&
                take_up(cli, one_time, &invitation, found) && verify(cli);
    explicit_bzero(&invitation, sizeof invitation);
    if (!done)
        return false;
    if (cli->output == OUTPUT_JSON) {
        json_print(json_pack("{ssssssss}", "profile", cli->profile.name, "region",
                             cli->profile.region, "endpoint", cli->profile.endpoint, "user",
                             cli->profile.user),
                   false);
        return true;
    }
    const char *region = clean_text(cli->profile.region, false, cli->arena);
    printf(_("Joined %s as %s (%s). The profile is called %s.\n"), region, cli->profile.user,
           label_of_roles(send_roles(cli), cli->arena), cli->profile.name);
    return true;
}
