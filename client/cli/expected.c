#include "expected.h"
#include "language.h"

#include <string.h>

#define GAPS_MAX 4u

/* As the daemon and proto write them in error_set; a test holds them together. */
static const char *const sentences[] = {
    N_("a code of letters, digits and dashes"),
    N_("a day no earlier than %s"),
    N_("a field that is not personal"),
    N_("a field that you may see of every record"),
    N_("a field with one value"),
    N_("a record in your own scope"),
    N_("a revision that has been"),
    N_("an employer's municipality"),
    N_("an id such as inq-12"),
    N_("an inquiry that was forwarded"),
    N_("an invitation that no one has taken up"),
    N_("another municipality than the present one"),
    N_("at most %s conditions"),
    N_("at most %s items"),
    N_("at most %s open requests"),
    N_("at most %s records and %s groups to count"),
    N_("at most %s records to sort"),
    N_("at most %s watches"),
    N_("did you mean %s?"),
    N_("municipalities, organisations or the whole scope"),
    N_("no id: the daemon numbers this kind"),
    N_("no item twice"),
    N_("no more than your own rights"),
    N_("text without control characters; U+%s is number %s"),
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
