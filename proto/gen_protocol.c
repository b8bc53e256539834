/* Writes the parts of PROTOCOL.md that the tables know.

   gen-protocol FILE           prints FILE with its regions made anew
   gen-protocol --check FILE   says whether that is what it has: status 0 or 1

   A region is what stands between <!-- NAME --> and <!-- /NAME -->. */

#include "error.h"
#include "schema.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* -- words ------------------------------------------------------------------------------ */

static void print_roles(FILE *out, role_mask_t roles)
{
    const char *between = "";
    if (roles == ROLES_ALL) {
        fputs("every role", out);
        return;
    }
    for (unsigned role = 0; role < ROLES; role++)
        if (roles & ROLE_BIT(role)) {
            fprintf(out, "%s%s", between, role_name((role_t)role));
            between = ", ";
        }
}

/* "a b c" as code, with commas. */
static void print_words(FILE *out, const char *words)
{
    char word[64];
    const char *between = "";
    while (schema_words_next(&words, word, sizeof word)) {
        fprintf(out, "%s`%s`", between, word);
        between = ", ";
    }
}

/* -- errors ------------------------------------------------------------------------------- */

static void print_errors(FILE *out)
{
    fputs("| code | sentence | |\n|---|---|---|\n", out);
    for (unsigned code = ERROR_NONE + 1; code < ERROR_CODES; code++)
        fprintf(out, "| `%s` | %s | %d |\n", error_name((error_code_t)code),
                error_sentence((error_code_t)code), error_exit_status((error_code_t)code));
    fputc('\n', out);
}

/* -- commands ------------------------------------------------------------------------------- */

static const char *const modes[] = {
    [COMMAND_READ] = "Read",
    [COMMAND_WRITE] = "Write",
    [COMMAND_SESSION] = "Session",
};

static const char *const argument_types[] = {
    [ARGUMENT_TEXT] = "text",   [ARGUMENT_INTEGER] = "integer", [ARGUMENT_BOOLEAN] = "boolean",
    [ARGUMENT_BYTES] = "bytes", [ARGUMENT_LIST] = "list",       [ARGUMENT_MAP] = "map",
    [ARGUMENT_ANY] = "any",
};

static void print_command(FILE *out, const command_t *command)
{
    fprintf(out, "### `%s`\n\n%s %s, by ", command->name, command->label, modes[command->mode]);
    if (command->roles == ROLES_NONE)
        fputs("the key of an invitation alone", out);
    else
        print_roles(out, command->roles);
    if (command->since > 1)
        fprintf(out, ". Since schema version %u", command->since);
    fputs(".\n\n", out);
    if (command->n_arguments == 0)
        return;
    fputs("| argument | form | | |\n|---|---|---|---|\n", out);
    for (size_t i = 0; i < command->n_arguments; i++) {
        const argument_t *argument = &command->arguments[i];
        fprintf(out, "| `%s` | %s | %s | %s |\n", argument->name, argument_types[argument->type],
                argument->required ? "required" : "", argument->label);
    }
    fputc('\n', out);
}

static void print_commands(FILE *out)
{
    for (size_t i = 0; i < schema_n_commands(); i++)
        print_command(out, schema_command_at(i));
}

/* -- kinds ------------------------------------------------------------------------------------ */

static const struct {
    unsigned attribute;
    const char *name;
} attributes[] = {
    {FIELD_REQUIRED, "required"},        {FIELD_MANY, "many"},   {FIELD_UNIQUE, "unique"},
    {FIELD_DAEMON, "set by the daemon"}, {FIELD_STAFF, "staff"}, {FIELD_SEALED, "sealed"},
};

/* What of the type's values a field takes, in the wire's terms. */
static void print_takes(FILE *out, const field_t *field)
{
    switch (field->type) {
    case TYPE_TEXT:
    case TYPE_LONG_TEXT:
    case TYPE_CODE:
        fprintf(out, "%lld to %lld characters", (long long)field->least, (long long)field->most);
        break;
    case TYPE_INTEGER:
    case TYPE_MONEY:
    case TYPE_DEGREES:
    case TYPE_TENTHS:
        fprintf(out, "%lld to %lld", (long long)field->least, (long long)field->most);
        break;
    case TYPE_WORD:
        for (size_t i = 0; i < field->vocabulary->n_words; i++)
            fprintf(out, "%s`%s`", i > 0 ? ", " : "", field->vocabulary->words[i].name);
        break;
    case TYPE_REFERENCE:
        fprintf(out, "%s", field->target ? field->target->name : "any kind");
        break;
    default:
        break;
    }
}

static void print_field(FILE *out, const field_t *field)
{
    fprintf(out, "| `%s` | %s | ", field->name, type_name(field->type));
    print_takes(out, field);
    fprintf(out, " | %s | ", class_name(field->class));
    const char *between = "";
    for (size_t i = 0; i < sizeof attributes / sizeof *attributes; i++)
        if (field->attributes & attributes[i].attribute) {
            fprintf(out, "%s%s", between, attributes[i].name);
            between = ", ";
        }
    if (field->shown_discreet) {
        fprintf(out, "%sdiscreet", between);
        between = ", ";
    }
    if (*field->otherwise) {
        bool yes = strcmp(field->otherwise, "yes") == 0;
        fprintf(out, "%sdefault %s", between,
                field->type != TYPE_BOOLEAN ? field->otherwise
                : yes                       ? "true"
                                            : "false");
        between = ", ";
    }
    if (field->since > 1)
        fprintf(out, "%sschema %u", between, field->since);
    fputs(" |\n", out);
}

static void print_moves(FILE *out, const kind_t *kind)
{
    fprintf(out, "\nA new %s is `%s`.", kind->label, kind_initial(kind)->name);
    fputs(" Ended: ", out);
    const char *between = "";
    for (size_t i = 0; i < kind->n_states; i++)
        if (!kind->states[i].open) {
            fprintf(out, "%s`%s`", between, kind->states[i].name);
            between = ", ";
        }
    fputs(".\n\n| verb | from | to | must be filled in | roles |\n|---|---|---|---|---|\n", out);
    for (size_t i = 0; i < kind->n_moves; i++) {
        const move_t *move = &kind->moves[i];
        bool any = strcmp(move->from, "*") == 0;
        fprintf(out, "| `%s` | %s%s%s | ", move->verb, any ? "" : "`",
                any ? "any open" : move->from, any ? "" : "`");
        if (move_field(kind, move))
            fprintf(out, "what `%s` holds", move->to);
        else if (strcmp(move->to, "same") == 0)
            fputs("the same", out);
        else
            fprintf(out, "`%s`", move->to);
        fputs(" | ", out);
        print_words(out, move->required);
        fputs(" | ", out);
        print_roles(out, move->roles);
        fputs(" |\n", out);
    }
}

static void print_dues(FILE *out, const kind_t *kind)
{
    if (kind->n_dues)
        fputs("\n| when the day in | | in the states | the daemon |\n|---|---|---|---|\n", out);
    for (size_t i = 0; i < kind->n_dues; i++) {
        const due_t *due = &kind->dues[i];
        fprintf(out, "| `%s` | %s | ", due->on, due->after ? "has ended" : "comes");
        print_words(out, due->states);
        fprintf(out, due->flag ? " | sets `%s` |\n" : " | makes the move `%s` |\n", due->does);
    }
}

static void print_kind(FILE *out, const kind_t *kind)
{
    fprintf(out, "### `%s`: %s\n\nIds are `%s-` and ", kind->name, kind->plural, kind->prefix);
    if (kind->digits)
        fprintf(out, "an official code of %u digits. Read by ", kind->digits);
    else
        fputs(kind->coded ? "an official code. Read by " : "a number. Read by ", out);
    print_roles(out, kind->readers);
    if (kind->writers == ROLES_NONE)
        fputs("; written by commands of its own.", out);
    else {
        fputs("; written, where their scope covers it, by ", out);
        print_roles(out, kind->writers);
        fputc('.', out);
    }
    if (*kind->follows)
        fprintf(out, " In discretion it follows its `%s`.", kind->follows);
    fputs("\n\n| field | type | takes | class | |\n|---|---|---|---|---|\n", out);
    for (size_t i = 0; i < kind->n_fields; i++)
        if (!(kind->fields[i].attributes & FIELD_INTERNAL))
            print_field(out, &kind->fields[i]);
    if (kind->states)
        print_moves(out, kind);
    print_dues(out, kind);
    fputc('\n', out);
}

static void print_kinds(FILE *out)
{
    for (size_t i = 0; i < schema_n_kinds(); i++)
        print_kind(out, schema_kind_at(i));
}

/* -- the file ----------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    void (*print)(FILE *out);
} regions[] = {
    {"errors", print_errors},
    {"commands", print_commands},
    {"kinds", print_kinds},
};

/* The text with its regions made anew; NULL when one of them is not closed. */
static char *renew(const char *text)
{
    char *made = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&made, &size);
    arena_t *arena = arena_new();
    bool whole = true;
    if (!out)
        return NULL;
    while (*text) {
        size_t length = strcspn(text, "\n") + 1;
        fwrite(text, 1, length, out);
        for (size_t i = 0; i < sizeof regions / sizeof *regions; i++) {
            const char *opening = arena_format(arena, "<!-- %s -->\n", regions[i].name);
            const char *closing = arena_format(arena, "<!-- /%s -->\n", regions[i].name);
            if (strncmp(text, opening, length) != 0)
                continue;
            fputc('\n', out);
            regions[i].print(out);
            const char *end = strstr(text, closing);
            if (!end)
                whole = false;
            else
                length = (size_t)(end - text);
        }
        text += length;
    }
    arena_destroy(&arena);
    fclose(out);
    if (whole)
        return made;
    free(made);
    return NULL;
}

static char *read_file(const char *path)
{
    FILE *stream = fopen(path, "r");
    char *text = NULL;
    size_t room = 0;
    if (!stream)
        return NULL;
    if (getdelim(&text, &room, '\0', stream) < 0) {
        free(text);
        text = NULL;
    }
    fclose(stream);
    return text;
}

int main(int argc, char **argv)
{
    bool check = argc == 3 && strcmp(argv[1], "--check") == 0;
    if (argc != 2 && !check) {
        fputs("usage: gen-protocol [--check] FILE\n", stderr);
        return 2;
    }
    if (!schema_start())
        return 1;
    const char *path = argv[argc - 1];
    char *text = read_file(path);
    char *made = text ? renew(text) : NULL;
    int status = 0;
    if (!made) {
        fprintf(stderr, "gen-protocol: %s: %s\n", path,
                text ? "a region is not closed" : "cannot be read");
        status = 1;
    } else if (!check) {
        fputs(made, stdout);
    } else if (strcmp(text, made) != 0) {
        fprintf(stderr, "%s is older than the tables; build the target `protocol`\n", path);
        status = 1;
    }
    free(text);
    free(made);
    return status;
}
