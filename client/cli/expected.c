#include "expected.h"
#include "language.h"
#include "types.h"

#include <string.h>

#define GAPS_MAX 4u

/* As the daemon and proto write them in error_set; a test holds them together. */
static const char *const sentences[] = {
    N_("1 to 200 characters on one line"),
    N_("1 to %s operations"),
    N_("1 to %s rows"),
    N_("1 to %s values"),
    N_("1 to %s"),
    N_("a code of %s digits"),
    N_("a code of letters, digits and dashes"),
    N_("a day after %s"),
    N_("a day no earlier than %s"),
    N_("a day no later than %s"),
    N_("a field that is not personal"),
    N_("a field that you may see of every record"),
    N_("a field with one value"),
    N_("a list"),
    N_("a list of text"),
    N_("a list, each item %s"),
    N_("a map"),
    N_("a map of field to value"),
    N_("a map with fields, and id where there is one"),
    N_("a number of at least %s"),
    N_("a number that no other organisation without parent has"),
    N_("a person in your own scope"),
    N_("a person's id"),
    N_("a plain name of letters, digits, dots, dashes and underscores"),
    N_("a pool that is not done or dissolved"),
    N_("a pool whose price is split as agreed"),
    N_("a pool without an accepted offer; this one has %s"),
    N_("a quarter such as 2026-Q1"),
    N_("a quarter such as 2026-Q1, from %s on"),
    N_("a record in your own scope"),
    N_("a record that does not lead back here"),
    N_("a record that hangs on no more than two others"),
    N_("a record that was there before this batch"),
    N_("a revision"),
    N_("a revision that has been"),
    N_("a revision up to %s"),
    N_("a role such as broker"),
    N_("a time that is still to come"),
    N_("a user's id"),
    N_("a user's or a person's id"),
    N_("an employer that is not in the pool: %s is"),
    N_("an employer's municipality"),
    N_("an id such as inq-12"),
    N_("an id that no other request has"),
    N_("an id with the daemon's time"),
    N_("an inquiry of an employer that the pool may have"),
    N_("an inquiry or a pool"),
    N_("an inquiry or a pool, not both"),
    N_("an inquiry that has a broker: acknowledge it first"),
    N_("an inquiry that is in no pool; this one is in %s"),
    N_("an inquiry that is not withdrawn, declined or closed"),
    N_("an inquiry that was forwarded"),
    N_("an invitation that no one has taken up"),
    N_("an instant, UTC milliseconds"),
    N_("an organisation that gives courses, such as one of type provider"),
    N_("an organisation with the same number, or one of them without"),
    N_("another administrator first"),
    N_("another municipality than the present one"),
    N_("area, county and quarter, each at most once"),
    N_("area, county or quarter"),
    N_("as many as are left: %s"),
    N_("at least one criterion, 1 to 5"),
    N_("at most %s bytes and %s values of records"),
    N_("at most %s bytes; %s came"),
    N_("at most %s cells to tell of"),
    N_("at most %s conditions"),
    N_("at most %s for all together"),
    N_("at most %s items"),
    N_("at most %s open requests"),
    N_("at most %s records and %s groups to count"),
    N_("at most %s records to sort"),
    N_("at most %s values with what lies below them"),
    N_("at most %s values; more at byte %s"),
    N_("at most %s watches"),
    N_("backup_directory in the daemon's configuration"),
    N_("confirmation, or a day after %s"),
    N_("did you mean %s?"),
    N_("from, to or both, and from not after to"),
    N_("it with the batch, for all of it"),
    N_("municipalities, organisations or the whole scope"),
    N_("no id: the daemon numbers this kind"),
    N_("no item twice"),
    N_("no more than you could give"),
    N_("no more than your own rights"),
    N_("no, for people of a private organisation"),
    N_("nobody's name before the employer is named"),
    N_("one of the candidates, or confirmation that this is another"),
    N_("one of %s records to be yours to see"),
    N_("one of %s"),
    N_("quarters with at most %s inquiries"),
    N_("shares that make %s together; they make %s"),
    N_("someone else than the person"),
    N_("someone else than who asked for it"),
    N_("someone else's grant"),
    N_("states, records, reads or texts"),
    N_("text without control characters; U+%s is number %s"),
    N_("the `next` of the page before"),
    N_("the end of the one under way"),
    N_("the epoch that `since` belongs to"),
    N_("the id of a %s"),
    N_("the inquiry's broker"),
    N_("the move %s"),
    N_("the same person, or what is noted of them cleared"),
    N_("the user revoked first"),
    N_("whoever asked for the offer"),
};

const char *expected_sentence(size_t position)
{
    return position < sizeof sentences / sizeof *sentences ? sentences[position] : NULL;
}

/* Whether `text` is the sentence with something in each gap; what, in `gaps`. */
static bool fits(const char *sentence, const char *text, const char *gaps[GAPS_MAX],
                 size_t sizes[GAPS_MAX])
{
    size_t n = 0;
    for (;;) {
        const char *gap = strstr(sentence, "%s");
        size_t literal = gap ? (size_t)(gap - sentence) : strlen(sentence);
        if (strncmp(sentence, text, literal) != 0)
            return false;
        text += literal;
        if (!gap)
            return !*text;
        if (!*text || n == GAPS_MAX)
            return false;
        sentence = gap + 2;
        /* Up to where the next literal part begins, or to the end. */
        const char *after = strstr(sentence, "%s");
        size_t next = after ? (size_t)(after - sentence) : strlen(sentence);
        const char *end = text + 1;
        while (*end && (next == 0 || strncmp(end, sentence, next) != 0))
            end++;
        gaps[n] = text;
        sizes[n++] = (size_t)(end - text);
        text = end;
    }
}

const char *expected_translated(const char *text, arena_t *arena)
{
    const char *gaps[GAPS_MAX] = {NULL};
    size_t sizes[GAPS_MAX] = {0};
    for (size_t i = 0; i < sizeof sentences / sizeof *sentences; i++) {
        if (!fits(sentences[i], text, gaps, sizes))
            continue;
        const char *rest = _(sentences[i]), *result = "", *gap;
        for (size_t n = 0; (gap = strstr(rest, "%s")) && n < GAPS_MAX; n++, rest = gap + 2)
            result = arena_format(arena, "%s%.*s%.*s", result, (int)(gap - rest), rest,
                                  (int)sizes[n], gaps[n]);
        return arena_format(arena, "%s%s", result, rest);
    }
    return text;
}

const char *expected_of_field(const field_t *field, error_code_t code, const char *text,
                              arena_t *arena)
{
    /* The sentence of the error has said it. */
    if (code == ERROR_REFERENCE && strncmp(text, "the id of a ", 12) == 0)
        return "";
    if (code == ERROR_READ_ONLY && strncmp(text, "the move ", 9) == 0)
        return arena_format(arena, _("a command does that: %s"), text + 9);
    if (!field || (code != ERROR_INVALID && code != ERROR_REQUIRED))
        return expected_translated(text, arena);
    const char *rest = strncmp(text, "a list, each item ", 18) == 0 ? text + 18 : text;
    if (!rest[0] || strcmp(rest, types_expects(field, true, arena)) == 0 ||
        strcmp(rest, types_expects(field, false, arena)) == 0)
        return label_of_expected(field, arena);
    return expected_translated(text, arena);
}
