#include "send.h"
#include "language.h"
#include "pending.h"
#include "report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROGRAM "samverk " SAMVERK_RELEASE

/* The one asked for, that of the environment, "default", or the only one. */
static const char *profile_choose(const cli_t *cli)
{
    if (cli->profile_name)
        return cli->profile_name;
    const char *variable = getenv("SAMVERK_PROFILE");
    if (variable && variable[0])
        return variable;
    const char **names;
    size_t n = samverk_profile_names(cli->arena, &names);
    return n == 1 ? names[0] : "default";
}

static bool profile_load(cli_t *cli)
{
    const char *name = profile_choose(cli), **names, *list = "";
    size_t n;
    static const unsigned char joined[SAMVERK_KEY_SIZE];
    switch (samverk_profile_load(&cli->profile, name)) {
    case SAMVERK_PROFILE_OK:
        /* The daemon would know the key of nobody. */
        return memcmp(cli->profile.invitation, joined, sizeof joined) == 0 ||
               report_usage(cli,
                            _("The profile %s has not joined yet. Finish that with the same "
                              "invitation: samverk --profile %s join INVITATION"),
                            name, name);
    case SAMVERK_PROFILE_MISSING:
        n = samverk_profile_names(cli->arena, &names);
        if (n == 0)
            return report_usage(
                cli, "%s",
                _("There is no profile yet. With an invitation: samverk join INVITATION"));
        for (size_t i = 0; i < n; i++)
            list = arena_format(cli->arena, "%s%s%s", list, i ? ", " : "", names[i]);
        return report_usage(
            cli, _("There is no profile %s. --profile NAME chooses another; there are: %s."), name,
            list);
    case SAMVERK_PROFILE_NO_SECRET:
        return report_failure(cli, _("The profile %s has no secret key that can be read."), name);
    case SAMVERK_PROFILE_EXPOSED:
        return report_failure(cli,
                              _("Others may read the secret key of the profile %s. Make it yours "
                                "alone (chmod 600), or join again with a new invitation."),
                              name);
    case SAMVERK_PROFILE_BROKEN:
    case SAMVERK_PROFILE_UNWRITABLE:
        break;
    }
    return report_failure(cli, _("The profile %s cannot be read."), name);
}

static bool outcome_tell(cli_t *cli, samverk_outcome_t outcome, const error_t *error)
{
    switch (outcome) {
    case SAMVERK_DONE:
        return true;
    case SAMVERK_REFUSED:
        return report_error(cli, error);
    case SAMVERK_UNREACHED:
        return report_unreached(cli);
    case SAMVERK_UNKNOWN:
        return report_unknown(cli);
    }
    return false;
}

bool send_connect(cli_t *cli)
{
    if (cli->connection)
        return true;
    if (!profile_load(cli))
        return false;
    cli->connection = samverk_new(&cli->profile, PROGRAM);
    if (!cli->connection)
        return report_failure(cli, "%s", strerror(ENOMEM));
    samverk_set_timeout(cli->connection, cli->timeout_ms);
    error_t error = {0};
    if (!outcome_tell(cli, samverk_connect(cli->connection, &error), &error))
        return false;
    if (samverk_keys_changed(cli->connection, &cli->profile) &&
        samverk_profile_save(&cli->profile) != SAMVERK_PROFILE_OK)
        report_note(cli, _("The daemon's new key could not be saved in the profile %s: %s"),
                    cli->profile.name, strerror(errno));
    return true;
}

bool send_read(cli_t *cli, const char *command, const value_t *arguments, value_t *result)
{
    if (!send_connect(cli))
        return false;
    error_t error = {0};
    return outcome_tell(
        cli, samverk_request(cli->connection, command, arguments, cli->arena, result, &error),
        &error);
}

bool send_reads(cli_t *cli, question_t *questions, size_t n)
{
    if (!send_connect(cli))
        return false;
    samverk_call_t **calls = arena_alloc(cli->arena, (n + 1) * sizeof *calls);
    bool good = true;
    for (size_t i = 0; i < n; i++)
        calls[i] =
            samverk_call(cli->connection, questions[i].command, &questions[i].arguments, NULL);
    for (size_t i = 0; i < n; i++) {
        question_t *one = &questions[i];
        one->error = (error_t){0};
        samverk_outcome_t outcome =
            samverk_wait(cli->connection, &calls[i], cli->arena, &one->result, NULL, &one->error);
        one->refused = outcome == SAMVERK_REFUSED;
        /* Each call is waited for; what stands in the way of all is told once. */
        good = good && (one->refused || outcome_tell(cli, outcome, &one->error));
    }
    return good;
}

bool send_try(cli_t *cli, const char *command, const value_t *arguments, value_t *result,
              error_t *error, bool *refused)
{
    *refused = false;
    if (!send_connect(cli))
        return false;
    *error = (error_t){0};
    samverk_outcome_t outcome =
        samverk_request(cli->connection, command, arguments, cli->arena, result, error);
    *refused = outcome == SAMVERK_REFUSED;
    return *refused || outcome_tell(cli, outcome, error);
}

bool send_write_try(cli_t *cli, const char *command, const value_t *arguments, value_t *result,
                    error_t *error, bool *refused)
{
    if (value_get_boolean(arguments, "dry_run", false))
        return send_try(cli, command, arguments, result, error, refused);
    *refused = false;
    if (!send_connect(cli))
        return false;
    pending_t pending;
    if (!pending_open(&pending, cli->connection, &cli->profile, command, arguments))
        return report_failure(cli, _("The request could not be noted in %s: %s"), pending.path,
                              strerror(errno));
    if (pending.again)
        report_note(cli, "%s",
                    _("This was sent before and not answered; it is asked again under the same "
                      "request id, and not done twice."));
    *error = (error_t){0};
    samverk_call_t *call = samverk_call(cli->connection, command, arguments, pending.id);
    samverk_outcome_t outcome =
        samverk_wait(cli->connection, &call, cli->arena, result, NULL, error);
    if (outcome == SAMVERK_DONE || outcome == SAMVERK_REFUSED ||
        (outcome == SAMVERK_UNREACHED && !pending.again))
        pending_answered(&pending);
    else
        pending_keep(&pending);
    *refused = outcome == SAMVERK_REFUSED;
    return *refused || outcome_tell(cli, outcome, error);
}

bool send_write(cli_t *cli, const char *command, const value_t *arguments, value_t *result)
{
    error_t error;
    bool refused;
    if (!send_write_try(cli, command, arguments, result, &error, &refused))
        return false;
    return !refused || report_error(cli, &error);
}

role_mask_t send_roles(const cli_t *cli)
{
    role_mask_t mask = 0;
    const value_t *roles =
        cli->connection ? value_get(samverk_welcome(cli->connection), "roles") : &value_absent;
    for (uint32_t i = 0; roles->form == VALUE_LIST && i < roles->count; i++) {
        const char *name = roles->items[i].form == VALUE_TEXT
                               ? roles->items[i].text
                               : value_get_text(&roles->items[i], "role");
        role_t role = name ? role_of(name) : ROLES;
        if (role != ROLES)
            mask |= ROLE_BIT(role);
    }
    return mask;
}
