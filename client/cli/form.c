#include "form.h"
#include "arguments.h"
#include "collect.h"
#include "expected.h"
#include "format.h"
#include "guidance.h"
#include "language.h"
#include "report.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define FORM_BYTES_MAX ((size_t)256 << 10)
/* Of remarks; texts are as wide as they are. */
#define LINE_WIDTH 78u

static bool is_new(const value_t *present)
{
    return !present || !value_get_text(present, "id");
}

static const char *present_text(cli_t *cli, const field_t *field, const value_t *present)
{
    const value_t *value =
        present ? value_get(value_get(present, "fields"), field->name) : &value_absent;
    if (value->form == VALUE_ABSENT)
        return is_new(present) ? field->otherwise : "";
    return field_print(field, value, cli->arena);
}

/* A line `name: value` for each field; further lines of a long text are indented.
   Lines with # first are remarks. */
const char *form_write(cli_t *cli, const kind_t *kind, const value_t *present)
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    if (!file)
        return "";
    fprintf(file, "# %s\n",
            is_new(present) ? language_capital(label_of_kind(kind), cli->arena)
                            : format_title(cli, present));
    fprintf(file, "# %s\n\n",
            _("Fill in what is known, save and close. Lines with # are remarks; text of several "
              "lines is indented. Leave everything empty to give up."));
    for (size_t i = 0; i < kind->n_fields; i++) {
        const field_t *field = &kind->fields[i];
        if (!arguments_field_ok(field, FIELDS_WRITABLE))
            continue;
        fprintf(file, "# %s%s: %s\n", label_of_field(kind, field),
                field->attributes & FIELD_REQUIRED ? _(" (needed)") : "",
                label_of_expected(field, cli->arena));
        const char *guide = guidance_of(kind, field);
        if (guide)
            fputs(guidance_lines(guide, "#   ", LINE_WIDTH, cli->arena), file);
        fprintf(file, "%s: ", field->name);
        for (const char *c = present_text(cli, field, present); *c; c++) {
            fputc(*c, file);
            if (*c == '\n')
                fputs("    ", file);
        }
        fputc('\n', file);
    }
    fclose(file);
    const char *copy = arena_text(cli->arena, text);
    free(text);
    return copy;
}

/* A text as it comes back when nobody touched it: without space around it, and nothing
   in its empty lines. */
static const char *untouched(cli_t *cli, const char *text)
{
    const char *lines = "", *end = "";
    char *rest = arena_text(cli->arena, text), *line;
    while ((line = strsep(&rest, "\n"))) {
        lines =
            arena_format(cli->arena, "%s%s%s", lines, end, line[strspn(line, " \t\r")] ? line : "");
        end = "\n";
    }
    return collect_trimmed(arena_text(cli->arena, lines));
}

static bool take_value(cli_t *cli, const field_t *field, const char *text, const value_t *present,
                       value_builder_t *fields, error_t *error)
{
    /* What was there already is no news, nor is a default, which the daemon fills in. */
    const char *known = is_new(present) ? field->otherwise : present_text(cli, field, present);
    if (strcmp(text, untouched(cli, known)) == 0 || (is_new(present) && !text[0]))
        return true;
    value_t value;
    if (!collect_one(cli, field, text, &value, error))
        return false;
    value_add_pair(fields, field->name, value);
    return true;
}

bool form_read(cli_t *cli, const kind_t *kind, const value_t *present, const char *text,
               value_t *fields, error_t *error)
{
    value_builder_t builder = value_builder(cli->arena);
    const field_t *field = NULL;
    char *value = NULL, *rest = arena_text(cli->arena, text), *line;
    const char *empty = "";
    *fields = value_absent;
    while ((line = strsep(&rest, "\n"))) {
        if (line[0] == '#')
            continue;
        /* An empty line is part of a text only when the text goes on after it. */
        if (!line[strspn(line, " \t\r")]) {
            empty = arena_format(cli->arena, "%s\n", empty);
            continue;
        }
        if (field && (line[0] == ' ' || line[0] == '\t')) {
            size_t indent = line[0] == '\t' ? 1 : strspn(line, " ");
            value = arena_format(cli->arena, "%s%s\n%s", value, empty,
                                 line + (indent < 4 ? indent : 4));
            empty = "";
            continue;
        }
        empty = "";
        if (field && !take_value(cli, field, collect_trimmed(value), present, &builder, error))
            return false;
        size_t size = strcspn(line, ":");
        const char *name = collect_trimmed(arena_text_of(cli->arena, line, size));
        field = line[size] ? kind_field(kind, name) : NULL;
        if (!field || !arguments_field_ok(field, FIELDS_WRITABLE))
            return error_set(error, ERROR_UNKNOWN_FIELD, name, NULL);
        value = line + size + 1;
    }
    if (field && !take_value(cli, field, collect_trimmed(value), present, &builder, error))
        return false;
    *fields = value_build_map(&builder);
    return true;
}

/* -- the editor ------------------------------------------------------------------------------- */

static bool run_editor(cli_t *cli, const char *path)
{
    const char *editor = getenv("VISUAL");
    if (!editor || !editor[0])
        editor = getenv("EDITOR");
    if (!editor || !editor[0])
        editor = "sensible-editor";
    pid_t child = fork();
    if (child == 0) {
        /* EDITOR may have options of its own: the shell takes it apart. */
        const char *command = arena_format(cli->arena, "%s \"$1\"", editor);
        execl("/bin/sh", "sh", "-c", command, editor, path, (char *)NULL);
        _exit(127);
    }
    int status;
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    if (child < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return report_failure(cli, _("The editor %s did not end well; nothing was changed."),
                              editor);
    return true;
}

static const char *read_back(cli_t *cli, const char *path)
{
    FILE *file = fopen(path, "re");
    if (!file)
        return NULL;
    char *text = arena_alloc(cli->arena, FORM_BYTES_MAX + 1);
    size_t size = fread(text, 1, FORM_BYTES_MAX, file);
    fclose(file);
    text[size] = 0;
    return text;
}

static bool has_content(const char *text)
{
    bool begin = true, remark = false;
    for (; *text; text++) {
        if (begin)
            remark = *text == '#';
        begin = *text == '\n';
        if (!remark && !isspace((unsigned char)*text))
            return true;
    }
    return false;
}

bool form_edit(cli_t *cli, const kind_t *kind, const value_t *present, value_t *fields)
{
    char path[4096];
    const char *folder = getenv("TMPDIR");
    snprintf(path, sizeof path, "%s/samverk-%s-XXXXXX.txt", folder && folder[0] ? folder : "/tmp",
             kind->name);
    int handle = mkstemps(path, 4);
    if (handle < 0)
        return report_failure(cli, "%s: %s", path, strerror(errno));
    close(handle);
    const char *text = form_write(cli, kind, present), *fault = "";
    bool done = false, keep = false;
    const value_t nothing = {.form = VALUE_MAP};
    for (;;) {
        error_t error = {0};
        if (!samverk_write_file(path, text, strlen(text), 0600)) {
            report_failure(cli, "%s: %s", path, strerror(errno));
            break;
        }
        if (!run_editor(cli, path))
            break;
        const char *before = text;
        text = read_back(cli, path);
        if (text && fault[0] && strcmp(text, before) == 0) {
            keep = true;
            report_failure(cli, _("The form still has its fault; it is kept in %s."), path);
            break;
        }
        /* The line that told of the fault goes with it. */
        if (text && strncmp(text, fault, strlen(fault)) == 0)
            text += strlen(fault);
        if (!text || !has_content(text)) {
            report_failure(cli, "%s", _("The form was left empty; nothing was changed."));
            break;
        }
        if (form_read(cli, kind, present, text, fields, &error)) {
            /* What was given beforehand, and nothing else, was not filled in. */
            done = !is_new(present) ||
                   !value_equal(fields, present ? value_get(present, "fields") : &nothing);
            if (!done)
                report_failure(cli, "%s", _("The form was left empty; nothing was changed."));
            break;
        }
        if (error.code == ERROR_NONE)
            break;
        const field_t *field = kind_field(kind, error.field);
        fault = arena_format(cli->arena, "# %s %s: %s\n", label_of_error(error.code), error.field,
                             expected_of_field(field, error.code, error.expected, cli->arena));
        text = arena_format(cli->arena, "%s%s", fault, text);
    }
    if (!keep)
        unlink(path);
    return done;
}
