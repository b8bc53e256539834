#include "mail.h"
#include "format.h"
#include "helper.h"
#include "language.h"
#include "names.h"
#include "report.h"
#include "terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PROGRAM "samverk-mail"

/* What of a mail goes into which field of a kind; NULL for nowhere. A sender for whom there
   is no field stands above the text. */
static const struct {
    const char *kind;
    const char *subject, *sender, *day, *text;
    const char *way; /* how it came */
} rows[] = {
    {"inquiry", "title", "caller", NULL, "description", "channel"},
    {"contact", "aim", NULL, "day", "summary", "how"},
};

typedef struct {
    cli_t *cli;
    const kind_t *kind;
    const value_t *given;
    value_builder_t fields;
} taker_t;

/* A text of at most `most` characters, cut between words with "…" when it is longer. */
static const char *cut(const char *text, int64_t most, arena_t *arena)
{
    const char *end = text, *space = NULL;
    int64_t n = 0;
    for (; *end && n < most; end++) {
        if ((end[1] & 0xc0) != 0x80)
            n++;
        if ((*end == ' ' || *end == '\n') && n < most)
            space = end;
    }
    if (!*end)
        return text;
    if (!space || end - space > 40) {
        /* One long word: all but its last character, to make room. */
        for (space = end - 1; (*space & 0xc0) == 0x80; space--)
            ;
    }
    return arena_format(arena, "%.*s…", (int)(space - text), text);
}

static bool was_given(const value_t *given, const char *name)
{
    for (uint32_t i = 0; i < given->count; i++)
        if (strcmp(given->items[2 * i].text, name) == 0)
            return true;
    return false;
}

/* Put a text into a field that nothing was given for. */
static void put(taker_t *self, const char *name, const char *text)
{
    cli_t *cli = self->cli;
    if (!name || !text[0] || was_given(self->given, name))
        return;
    const field_t *field = kind_field(self->kind, name);
    bool bounded = field->type == TYPE_TEXT || field->type == TYPE_LONG_TEXT;
    const char *fits = bounded ? cut(text, field->most, cli->arena) : text;
    if (fits != text)
        report_note(cli, _("%s: longer than %lld characters, and cut."),
                    label_of_field(self->kind, field), (long long)field->most);
    value_add_pair(&self->fields, field->name, value_text(fits));
}

static bool read_mail(cli_t *cli, const char *path, json_t **mail_p)
{
    static const char *const arguments[] = {NULL};
    bool here = strcmp(path, "-") == 0;
    int file = here ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    helper_t helper;
    if (file < 0)
        return report_failure(cli, "%s: %s", path, strerror(errno));
    bool good = helper_run(&helper, cli, PROGRAM, arguments, file);
    if (!here)
        close(file);
    if (!good)
        return false;
    *mail_p = json_loadb(helper.output, helper.size, 0, NULL);
    if (json_is_object(*mail_p))
        return true;
    json_decref(*mail_p);
    return report_failure(cli, _("%s did not say what the mail says."), PROGRAM);
}

static const char *member(const cli_t *cli, const json_t *mail, const char *name)
{
    const char *text = json_string_value(json_object_get(mail, name));
    return text ? arena_text(cli->arena, text) : "";
}

static void take(taker_t *self, size_t row, const json_t *mail)
{
    cli_t *cli = self->cli;
    const char *name = member(cli, mail, "name"), *sender = member(cli, mail, "address");
    const char *text = member(cli, mail, "text");
    json_int_t n_attachments = json_integer_value(json_object_get(mail, "attachments"));
    if (name[0] && sender[0])
        sender = arena_format(cli->arena, "%s <%s>", name, sender);
    if (!rows[row].sender && sender[0])
        text = arena_format(cli->arena, "%s%s%s", arena_format(cli->arena, _("From %s"), sender),
                            text[0] ? "\n\n" : "", text);
    put(self, rows[row].subject, member(cli, mail, "subject"));
    put(self, rows[row].sender, sender);
    put(self, rows[row].day, member(cli, mail, "day"));
    put(self, rows[row].text, text);
    put(self, rows[row].way, "mail");
    if (!member(cli, mail, "text")[0])
        report_note(cli, "%s", _("The mail has no text that can be read."));
    if (n_attachments > 0)
        report_note(cli,
                    ngettext("%lld attachment of the mail is left out.",
                             "%lld attachments of the mail are left out.",
                             (unsigned long)n_attachments),
                    (long long)n_attachments);
}

bool mail_add(cli_t *cli, const kind_t *kind, const arguments_t *arguments, value_t *fields)
{
    const char *path = arguments_value(arguments, "mail");
    size_t row = 0, n = sizeof rows / sizeof *rows;
    json_t *mail = NULL;
    if (!path)
        return true;
    while (row < n && strcmp(rows[row].kind, kind->name) != 0)
        row++;
    if (row == n || !read_mail(cli, path, &mail))
        return false;
    taker_t taker = {cli, kind, fields, value_builder(cli->arena)};
    for (uint32_t i = 0; i < fields->count; i++)
        value_add_pair(&taker.fields, fields->items[2 * i].text, fields->items[2 * i + 1]);
    take(&taker, row, mail);
    json_decref(mail);
    *fields = value_build_map(&taker.fields);
    return true;
}

bool mail_agreed(cli_t *cli, const kind_t *kind, const arguments_t *arguments,
                 const value_t *fields)
{
    if (!arguments_has(arguments, "mail") || arguments_has(arguments, "dry-run") ||
        cli->output != OUTPUT_TEXT || !terminal_in())
        return true;
    for (uint32_t i = 0; i < fields->count; i++)
        names_want_value(cli, &fields->items[2 * i + 1]);
    names_fetch(cli);
    for (uint32_t i = 0; i < fields->count; i++) {
        const field_t *field = kind_field(kind, fields->items[2 * i].text);
        printf("  %s: %s\n", label_of_field(kind, field),
               format_value(cli, kind, field, &fields->items[2 * i + 1], true));
    }
    if (terminal_confirm(_("Add this? [y/N]")))
        return true;
    puts(_("Nothing was changed."));
    return false;
}
