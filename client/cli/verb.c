#include "verb.h"
#include "change.h"
#include "language.h"
#include "merge.h"
#include "neighbours.h"
#include "verbs.h"

#include <string.h>

#define WHERE_LABEL N_("what personal data is read for; without it that is left out")
#define FIND_LABEL N_("what personal data is read for, to find people by name")

#define LIST_OPTIONS                                                                               \
    {"mine", NULL, N_("records that name me")},                                                    \
        {"sort", N_("FIELD"),                                                                      \
         N_("by this field; -FIELD for the largest first; newest first otherwise")},               \
        {"limit", N_("NUMBER"), N_("at most so many (50)")},                                       \
    {                                                                                              \
        "purpose", N_("TEXT"), WHERE_LABEL                                                         \
    }

static const option_t list_options[] = {LIST_OPTIONS, OPTION_END};

static const option_t organisation_list_options[] = {
    LIST_OPTIONS,
    {"not-contacted-since", N_("DAY"),
     N_("employers that nobody has been in touch with since, nor plans to")},
    OPTION_END,
};

static const option_t show_options[] = {
    {"at", N_("REV|DAY"), N_("as it was at this revision, or at the end of this day")},
    {"purpose", N_("TEXT"), WHERE_LABEL},
    OPTION_END,
};

static const option_t add_options[] = {
    {"confirm", NULL, N_("also when there is one like it already")},
    {"purpose", N_("TEXT"), FIND_LABEL},
    {"dry-run", NULL, N_("check, and change nothing")},
    OPTION_END,
};

static const option_t add_mail_options[] = {
    {"mail", N_("FILE"),
     N_("what an e-mail says, where nothing else is given; - for standard input")},
    {"confirm", NULL, N_("also when there is one like it already")},
    {"purpose", N_("TEXT"), FIND_LABEL},
    {"dry-run", NULL, N_("check, and change nothing")},
    OPTION_END,
};

static const option_t edit_options[] = {
    {"clear", N_("FIELD"), N_("empty this field")},
    {"purpose", N_("TEXT"), FIND_LABEL},
    {"if-rev", N_("REV"), N_("only when this is still the record's revision")},
    {"dry-run", NULL, N_("check, and change nothing")},
    OPTION_END,
};

static const option_t merge_options[] = {
    {"into", N_("ORGANISATION"), N_("the one that stands for both from now on")},
    {"if-rev", N_("REV"), N_("only when this is still the record's revision")},
    {"dry-run", NULL, N_("check, and change nothing")},
    OPTION_END,
};

static const option_t unmerge_options[] = {
    {"if-rev", N_("REV"), N_("only when this is still the record's revision")},
    {"dry-run", NULL, N_("check, and change nothing")},
    OPTION_END,
};

static const option_t delete_options[] = {
    {"yes", NULL, N_("do not ask")},
    {"if-rev", N_("REV"), N_("only when this is still the record's revision")},
    {"dry-run", NULL, N_("check, and change nothing")},
    OPTION_END,
};

static const option_t history_options[] = {
    {"limit", N_("NUMBER"), N_("at most so many changes (50)")},
    {"before", N_("REV"), N_("older than this revision")},
    OPTION_END,
};

static const option_t diff_options[] = {
    {"from", N_("REV|DAY"), N_("from this revision, or the end of this day; the change before")},
    {"to", N_("REV|DAY"), N_("to this revision, or the end of this day; now when left out")},
    {"purpose", N_("TEXT"), WHERE_LABEL},
    OPTION_END,
};

static const option_t count_options[] = {
    {"mine", NULL, N_("records that name me")},
    {"by", N_("FIELD"), N_("how many for each value of this field")},
    OPTION_END,
};

static const option_t demand_options[] = {
    {"by", N_("PART,..."), N_("area, county, quarter, or several of them (area)")},
    {"unmet", NULL, N_("only where enough do not get it, the most first")},
    {"level", N_("NUMBER"), N_("1 for broad areas to 4 for the narrowest (1)")},
    {"from", N_("QUARTER"), N_("from this quarter on: 2026-Q1; a year ago otherwise")},
    {"to", N_("QUARTER"), N_("up to this quarter; the present one otherwise")},
    OPTION_END,
};

static const option_t watch_options[] = {
    {"municipality", N_("MUNICIPALITY"), N_("records placed there; may be given several times")},
    {"id", N_("ID"), N_("this record; may be given several times")},
    {"mine", NULL, N_("records that name me")},
    {"since", N_("REV"), N_("what came after this revision first")},
    {"limit", N_("NUMBER"), N_("end after so many changes")},
    OPTION_END,
};

static const option_t search_options[] = {
    {"kind", N_("KIND"), N_("of this kind; may be given several times")},
    {"limit", N_("NUMBER"), N_("at most so many (50)")},
    {"purpose", N_("TEXT"), WHERE_LABEL},
    OPTION_END,
};

static const option_t import_options[] = {
    {"map", N_("FILE"), N_("which columns are which fields, and what their values mean")},
    {"confirm", NULL, N_("also rows like what there is already")},
    {"dry-run", NULL, N_("check, and change nothing")},
    OPTION_END,
};

static const option_t export_options[] = {
    {"mine", NULL, N_("records that name me")},
    {"format", N_("csv|json"), N_("csv unless said otherwise")},
    {"output", N_("FILE"), N_("into this file instead of standard output")},
    {"purpose", N_("TEXT"), WHERE_LABEL},
    OPTION_END,
};

static const option_t invite_options[] = {
    {"role", N_("ROLE"), N_("what the newcomer may do")},
    {"name", N_("TEXT"), N_("how others see the newcomer: \"broker, Motala\"")},
    {"scope", N_("ID"),
     N_("a municipality or organisation; may be given several times; the whole when left out")},
    {"person", N_("PERSON"), N_("the newcomer's record, when there is one")},
    {"language", N_("sv|en"), N_("the language of messages")},
    {"address", N_("ADDRESS"),
     N_("where the newcomer reaches the daemon, when that is not as we do")},
    OPTION_END,
};

static const option_t print_options[] = {
    {"format", N_("pdf|html|md"), N_("pdf unless said otherwise")},
    {"pages", N_("NUMBER"), N_("PDF: on at most so many pages (1)")},
    {"language", N_("sv|en"), N_("the language of what stands around the texts")},
    {"output", N_("FILE"),
     N_("into this file instead of ID-vVERSION.FORMAT; - for standard output")},
    {"yes", NULL, N_("replace a file that is there")},
    OPTION_END,
};

static const option_t matches_options[] = {
    {"course", N_("COURSE"), N_("enough is what this course needs at least")},
    {"limit", N_("NUMBER"), N_("at most so many (10)")},
    OPTION_END,
};

static const option_t suggest_options[] = {
    {"municipality", N_("MUNICIPALITY"), N_("with an inquiry there")},
    {"course", N_("COURSE"), N_("enough is what this course needs at least")},
    {"limit", N_("NUMBER"), N_("at most so many (10)")},
    OPTION_END,
};

static const option_t no_options[] = {OPTION_END};

const verb_t verb_of_kinds[] = {
    {"list", N_("[--FIELD VALUE]..."), N_("the records there are, newest first"), list_options,
     FIELDS_READABLE, 0, 0, false, list_run},
    {"show", N_("ID"), N_("one record, now or as it was"), show_options, FIELDS_NONE, 1, 1, false,
     show_run},
    {"add", N_("[CODE] [--FIELD VALUE]..."),
     N_("a new record; without fields, on a terminal, a form in the editor"), add_options,
     FIELDS_WRITABLE, 0, 1, false, change_add},
    {"edit", N_("ID [--FIELD VALUE]..."),
     N_("change fields; an empty value clears one; without fields, on a terminal, a form"),
     edit_options, FIELDS_WRITABLE, 1, 1, false, change_edit},
    {"delete", N_("ID"), N_("take a record away"), delete_options, FIELDS_NONE, 1, 1, false,
     change_delete},
    {"history", N_("ID"), N_("who changed it, when, from what to what"), history_options,
     FIELDS_NONE, 1, 1, false, history_run},
    {"diff", N_("ID"), N_("what lies between two versions of it, word by word"), diff_options,
     FIELDS_NONE, 1, 1, false, diff_run},
    {NULL, NULL, NULL, NULL, FIELDS_NONE, 0, 0, false, NULL},
};

static const option_t board_options[] = {
    {"municipality", N_("MUNICIPALITY"), N_("of this municipality alone")},
    OPTION_END,
};

const kind_verb_t verb_of_one[] = {
    {"inquiry",
     {"board", N_("[--municipality MUNICIPALITY]"),
      N_("how many there are in each state, how old they are, and how many are late"),
      board_options, FIELDS_NONE, 0, 0, false, board_run}},
    {"inquiry",
     {"add", N_("[CODE] [--FIELD VALUE]..."),
      N_("a new record; without fields, on a terminal, a form in the editor"), add_mail_options,
      FIELDS_WRITABLE, 0, 1, false, matches_add}},
    {"inquiry",
     {"matches", N_("ID"), N_("others that could share a course with it, and why"), matches_options,
      FIELDS_NONE, 1, 1, false, matches_run}},
    {"pool",
     {"suggest", "", N_("groups of inquiries that are enough for one"), suggest_options,
      FIELDS_NONE, 0, 0, false, suggest_run}},
    {"contact",
     {"add", N_("[--FIELD VALUE]..."),
      N_("a new contact; shows first who else has been there lately, and what is planned"),
      add_mail_options, FIELDS_WRITABLE, 0, 1, false, neighbours_add}},
    {"contact",
     {"edit", N_("ID [--FIELD VALUE]..."),
      N_("change fields; of another day or organisation, with who else has been there lately"),
      edit_options, FIELDS_WRITABLE, 1, 1, false, neighbours_edit}},
    {"organisation",
     {"list", N_("[--FIELD VALUE]..."),
      N_("the records there are, newest first; --size 1-49 takes two classes at once"),
      organisation_list_options, FIELDS_READABLE, 0, 0, false, list_run}},
    {"organisation",
     {"show", N_("ID"), N_("one record, now or as it was, with who has been there lately"),
      show_options, FIELDS_NONE, 1, 1, false, neighbours_show}},
    {"offer",
     {"print", N_("ID"), N_("its one-pager on paper, from canvas, course and offer"), print_options,
      FIELDS_NONE, 1, 1, false, paper_run}},
    {"organisation",
     {"merge", N_("ID --into ORGANISATION"),
      N_("it is another that is there already: that stands for both"), merge_options, FIELDS_NONE,
      1, 1, false, merge_run}},
    {"organisation",
     {"unmerge", N_("ID"), N_("it is another after all"), unmerge_options, FIELDS_NONE, 1, 1, false,
      merge_undo}},
    {NULL, {NULL, NULL, NULL, NULL, FIELDS_NONE, 0, 0, false, NULL}},
};

const verb_t verb_of_moves = {"MOVE",
                              "ID [--FIELD VALUE]...",
                              N_("change the state of a record"),
                              edit_options,
                              FIELDS_WRITABLE,
                              2,
                              2,
                              false,
                              change_move};

const verb_t verb_general[] = {
    {"today", "", N_("what you must do, most urgent first"), no_options, FIELDS_NONE, 0, 0, false,
     today_run},
    {"watch", N_("[KIND]..."), N_("every change as it happens"), watch_options, FIELDS_NONE, 0, 64,
     false, observe_run},
    {"count", N_("KIND [--FIELD VALUE]..."), N_("how many records there are"), count_options,
     FIELDS_READABLE, 0, 0, true, count_run},
    {"demand", N_("[--by PART,...]"),
     N_("how many employers ask for what, and how many do not get it"), demand_options, FIELDS_NONE,
     0, 0, false, demand_run},
    {"search", N_("WORD..."), N_("records by their words, newest first"), search_options,
     FIELDS_NONE, 1, 64, false, search_run},
    {"import", N_("KIND FILE"), N_("records from a spreadsheet's CSV file; checked whole first"),
     import_options, FIELDS_NONE, 1, 1, true, import_run},
    {"export", N_("KIND [--FIELD VALUE]..."),
     N_("all records of a kind, for a spreadsheet or program"), export_options, FIELDS_READABLE, 0,
     0, true, export_run},
    {"invite", N_("--role ROLE --name TEXT [--scope ID]..."),
     N_("let someone in: prints an invitation"), invite_options, FIELDS_NONE, 0, 0, false,
     invite_run},
    {"join", N_("INVITATION"), N_("take up an invitation"), no_options, FIELDS_NONE, 1, 64, false,
     join_run},
    {"admin", N_("VERB ..."), N_("what administrators do"), no_options, FIELDS_NONE, 0, 64, false,
     NULL},
    {"status", "", N_("the daemon, the region and who you are there"), no_options, FIELDS_NONE, 0,
     0, false, status_run},
    {"schema", N_("[KIND]"), N_("kinds, their fields, words and moves"), no_options, FIELDS_NONE, 0,
     1, false, schema_run},
    {"completion", N_("bash|zsh|fish"), N_("a script that completes commands in the shell"),
     no_options, FIELDS_NONE, 1, 1, false, completion_run},
    {"help", N_("[KIND|COMMAND] [VERB]"), N_("how something is used"), no_options, FIELDS_NONE, 0,
     2, false, help_run},
    {NULL, NULL, NULL, NULL, FIELDS_NONE, 0, 0, false, NULL},
};

const char *verb_usage(const verb_t *verb)
{
    return verb->usage[0] ? _(verb->usage) : ""; /* gettext has a header under "" */
}

const verb_t *verb_find(const verb_t *table, const char *name)
{
    for (; table->name; table++)
        if (strcmp(table->name, name) == 0)
            return table;
    return NULL;
}

static const verb_t *own(const kind_t *kind, const char *name)
{
    for (const kind_verb_t *row = verb_of_one; row->kind; row++)
        if (strcmp(row->kind, kind->name) == 0 && strcmp(row->verb.name, name) == 0)
            return &row->verb;
    return NULL;
}

const verb_t *verb_of_kind(const kind_t *kind, const char *name)
{
    const verb_t *verb = own(kind, name);
    if (!verb)
        verb = verb_find(verb_of_kinds, name);
    return verb && verb_fits(verb, kind) ? verb : NULL;
}

const verb_t *verb_of_kind_at(const kind_t *kind, size_t i)
{
    for (const verb_t *verb = verb_of_kinds; verb->name; verb++)
        if (verb_fits(verb, kind) && i-- == 0)
            return verb_of_kind(kind, verb->name);
    for (const kind_verb_t *row = verb_of_one; row->kind; row++)
        if (strcmp(row->kind, kind->name) == 0 && !verb_find(verb_of_kinds, row->verb.name) &&
            i-- == 0)
            return &row->verb;
    return NULL;
}

bool verb_fits(const verb_t *verb, const kind_t *kind)
{
    static const char *const changing[] = {"add", "edit", "delete", "import"};
    bool changes = false;
    for (size_t i = 0; i < sizeof changing / sizeof *changing; i++)
        changes = changes || strcmp(verb->name, changing[i]) == 0;
    return !changes || kind->writers != ROLES_NONE;
}
