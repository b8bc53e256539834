#include "completion.h"
#include "admin.h"
#include "language.h"
#include "move.h"
#include "report.h"
#include "resolve.h"
#include "verb.h"
#include "verbs.h"

#include <stdio.h>
#include <string.h>

typedef struct {
    arena_t *arena;
    FILE *file;
    const char *begun; /* the unfinished word */
} completion_t;

static void offer(const completion_t *self, const char *word, const char *meaning)
{
    if (strncmp(word, self->begun, strlen(self->begun)) == 0)
        fprintf(self->file, "%s\t%s\n", word, meaning);
}

static void offer_option(const completion_t *self, const char *name, const char *meaning)
{
    offer(self, arena_format(self->arena, "--%s", name), meaning);
}

static void offer_options(const completion_t *self, const option_t *options)
{
    for (; options->name; options++)
        offer_option(self, options->name, _(options->label));
}

static void offer_fields(const completion_t *self, const kind_t *kind, fields_t which)
{
    for (size_t i = 0; i < kind->n_fields; i++)
        if (arguments_field_ok(&kind->fields[i], which))
            offer_option(self, arguments_option_name(kind->fields[i].name, self->arena),
                         label_of_field(kind, &kind->fields[i]));
}

static void offer_kinds(const completion_t *self)
{
    for (size_t i = 0; i < schema_n_kinds(); i++)
        offer(self, schema_kind_at(i)->name, label_of_kinds(schema_kind_at(i)));
}

static void offer_general(const completion_t *self)
{
    for (const verb_t *verb = verb_general; verb->name; verb++)
        offer(self, verb->name, _(verb->summary));
}

static void offer_verbs(const completion_t *self, const kind_t *kind)
{
    const verb_t *verb;
    for (size_t i = 0; (verb = verb_of_kind_at(kind, i)); i++)
        offer(self, verb->name, _(verb->summary));
    for (size_t i = 0; i < kind->n_moves; i++) {
        bool seen = false;
        for (size_t j = 0; j < i; j++)
            seen = seen || strcmp(kind->moves[i].verb, kind->moves[j].verb) == 0;
        if (!seen)
            offer(self, arguments_option_name(kind->moves[i].verb, self->arena),
                  label_of_move(kind, &kind->moves[i]));
    }
}

/* The values of an option, where they are known here. */
static void offer_values(const completion_t *self, const kind_t *kind, const char *option)
{
    char name[64];
    snprintf(name, sizeof name, "%s", option);
    for (char *c = name; *c; c++)
        if (*c == '-')
            *c = '_';
    const field_t *field = kind ? kind_field(kind, name) : NULL;
    if (field && field->vocabulary)
        for (size_t i = 0; i < field->vocabulary->n_words; i++)
            offer(self, field->vocabulary->words[i].name,
                  label_of_word(kind, field, field->vocabulary->words[i].name));
    if (field && field->type == TYPE_BOOLEAN) {
        offer(self, "yes", _("yes"));
        offer(self, "no", _("no"));
    }
    if (!field && strcmp(name, "role") == 0)
        for (unsigned i = 0; i < ROLES; i++)
            offer(self, role_name((role_t)i), label_of_role((role_t)i));
    if (!field && strcmp(name, "kind") == 0)
        offer_kinds(self);
    bool clear = strcmp(name, "clear") == 0, sort = strcmp(name, "sort") == 0;
    if (!field && kind && (clear || sort || strcmp(name, "by") == 0))
        for (size_t i = 0; i < kind->n_fields; i++) {
            if (!arguments_field_ok(&kind->fields[i], clear ? FIELDS_WRITABLE : FIELDS_READABLE))
                continue;
            const char *largest_first = sort && self->begun[0] == '-' ? "-" : "";
            offer(self, arena_format(self->arena, "%s%s", largest_first, kind->fields[i].name),
                  label_of_field(kind, &kind->fields[i]));
        }
    if (strcmp(name, "format") == 0 && !field) {
        offer(self, "csv", "");
        offer(self, "json", "");
    }
    if (strcmp(name, "profile") == 0) {
        const char **names;
        size_t n = samverk_profile_names(self->arena, &names);
        for (size_t i = 0; i < n; i++)
            offer(self, names[i], "");
    }
}

/* Whether the word before the last is an option that waits for its value. */
static bool waits_for_value(const option_t *options, const kind_t *kind, const char *word)
{
    if (strncmp(word, "--", 2) != 0)
        return false;
    for (const option_t *option = arguments_global; option->name; option++)
        if (strcmp(option->name, word + 2) == 0)
            return option->value != NULL;
    for (; options && options->name; options++)
        if (strcmp(options->name, word + 2) == 0)
            return options->value != NULL;
    char name[64];
    snprintf(name, sizeof name, "%s", word + 2);
    for (char *c = name; *c; c++)
        if (*c == '-')
            *c = '_';
    return kind && kind_field(kind, name);
}

/* The words that are neither options nor their values; no more are looked at. */
#define PLAIN_MAX 3u

static size_t plain_words(const char *const *words, size_t n, const char *plain[PLAIN_MAX])
{
    size_t found = 0;
    for (size_t i = 0; i + 1 < n && found < PLAIN_MAX; i++) {
        if (strncmp(words[i], "--", 2) != 0)
            plain[found++] = words[i];
        else if (waits_for_value(NULL, NULL, words[i]))
            i++;
    }
    return found;
}

static void answer_general(const completion_t *self, const verb_t *verb, const kind_t *kind,
                           size_t n_plain)
{
    if (strcmp(self->begun, "") != 0 && self->begun[0] == '-') {
        offer_options(self, verb->options);
        offer_options(self, arguments_global);
        if (kind)
            offer_fields(self, kind, verb->fields);
        return;
    }
    bool help = verb->run == help_run;
    bool kinds = verb->takes_kind || help
                     ? n_plain == 1
                     : strstr(verb->usage, "KIND") && n_plain <= verb->words_most;
    if (kinds)
        offer_kinds(self);
    if (help && n_plain == 1)
        offer_general(self);
    if (help && n_plain == 2 && kind)
        offer_verbs(self, kind);
    if (verb->run == completion_run) {
        offer(self, "bash", "");
        offer(self, "zsh", "");
        offer(self, "fish", "");
    }
}

/* samverk admin: the first words of the rows, each once, then the second ones. False
   when a row is complete, and what follows is that of its kind. */
static bool answer_admin(const completion_t *self, const char *const *plain, size_t n_plain)
{
    size_t n_taken;
    const verb_t *row = admin_find(plain + 1, n_plain - 1, &n_taken), *verb = verb_of_admin;
    if (row && !row->run)
        return false;
    if (row && self->begun[0] == '-') {
        offer_options(self, row->options);
        offer_options(self, arguments_global);
    }
    for (const char *before = ""; !row && verb->name; before = (verb++)->name) {
        const char *noun = admin_noun(verb, self->arena);
        size_t size = strlen(noun);
        bool again = strncmp(before, noun, size) == 0 && strchr(" ", before[size]);
        if (n_plain == 1 && !again)
            offer(self, noun,
                  !admin_rest(verb)[0] ? _(verb->summary)
                  : schema_kind(noun)  ? label_of_kinds(schema_kind(noun))
                                       : "");
        else if (n_plain == 2 && strcmp(noun, plain[1]) == 0 && admin_rest(verb)[0])
            offer(self, admin_rest(verb), _(verb->summary));
    }
    return true;
}

void completion_answer(const char *const *words, size_t n, arena_t *arena, FILE *file)
{
    completion_t self = {arena, file, n ? words[n - 1] : ""};
    const char *all[PLAIN_MAX] = {NULL}, **plain = all;
    size_t n_plain = plain_words(words, n, plain);
    if (n_plain > 0 && strcmp(plain[0], "admin") == 0) {
        if (answer_admin(&self, plain, n_plain))
            return;
        plain++;
        n_plain--;
    }
    const kind_t *kind = n_plain > 0 ? resolve_kind_written(plain[0]) : NULL;
    const verb_t *verb = n_plain > 0 ? verb_find(verb_general, plain[0]) : NULL;
    if (kind && n_plain > 1) {
        verb = verb_of_kind(kind, plain[1]);
        if (!verb && move_written(kind, plain[1]))
            verb = &verb_of_moves;
    } else if (verb && n_plain > 1) {
        kind = resolve_kind_written(plain[1]);
    }
    const option_t *options = verb ? verb->options : NULL;
    if (n > 1 && waits_for_value(options, kind, words[n - 2])) {
        offer_values(&self, kind, words[n - 2] + 2);
    } else if (n_plain == 0) {
        if (self.begun[0] == '-') {
            offer_options(&self, arguments_global);
            return;
        }
        offer_kinds(&self);
        offer_general(&self);
    } else if (kind && n_plain == 1 && !verb) {
        offer_verbs(&self, kind);
    } else if (verb && (verb_find(verb_general, verb->name) == verb)) {
        answer_general(&self, verb, kind, n_plain);
    } else if (kind && verb && self.begun[0] == '-') {
        offer_options(&self, verb->options);
        offer_fields(&self, kind, verb->fields);
        offer_options(&self, arguments_global);
    }
}

/* -- the scripts -------------------------------------------------------------------------- */

static const char bash_script[] =
    "# bash completion for samverk; in ~/.bashrc: . <(samverk completion bash)\n"
    "_samverk() {\n"
    "    local IFS=$'\\n'\n"
    "    COMPREPLY=($(samverk complete \"${COMP_WORDS[@]:1:COMP_CWORD}\" 2>/dev/null | cut -f1))\n"
    "    [ ${#COMPREPLY[@]} -gt 0 ] || compopt -o default\n"
    "}\n"
    "complete -F _samverk samverk\n";

static const char zsh_script[] =
    "#compdef samverk\n"
    "# zsh completion for samverk; in ~/.zshrc: . <(samverk completion zsh)\n"
    "_samverk() {\n"
    "    local -a found\n"
    "    local word meaning\n"
    "    samverk complete \"${(@)words[2,CURRENT]}\" 2>/dev/null |\n"
    "        while IFS=$'\\t' read -r word meaning; do found+=(\"${word//:/\\\\:}:$meaning\"); "
    "done\n"
    "    if (( $#found )); then _describe samverk found; else _files; fi\n"
    "}\n"
    "if [ \"$funcstack[1]\" = _samverk ]; then _samverk \"$@\"; else compdef _samverk samverk; "
    "fi\n";

static const char fish_script[] =
    "# fish completion for samverk; in config.fish: samverk completion fish | source\n"
    "function __samverk_complete\n"
    "    set -l words (commandline -opc)\n"
    "    samverk complete $words[2..-1] (commandline -ct) 2>/dev/null\n"
    "end\n"
    "complete -c samverk -f -a '(__samverk_complete)'\n"
    "complete -c samverk -F -n '__fish_seen_subcommand_from import'\n";

bool completion_run(cli_t *cli, const arguments_t *arguments)
{
    const char *shell = arguments->words[0];
    if (strcmp(shell, "bash") == 0)
        fputs(bash_script, stdout);
    else if (strcmp(shell, "zsh") == 0)
        fputs(zsh_script, stdout);
    else if (strcmp(shell, "fish") == 0)
        fputs(fish_script, stdout);
    else
        return report_usage(cli, _("Completion is there for bash, zsh and fish, not for %s."),
                            shell);
    return true;
}
