#include "figures.h"
#include "filled.h"
#include "measure.h"
#include "report.h"

#include <string.h>

/* The first page of what a search finds, in regions with ten times as many inquiries each:
   for words that few, many and all of them have. */

#define ASKED 100u
#define LISTED 20

static const struct {
    const char *name;
    const char *text;
} searches[] = {{"one-word", "demensvård"},
                {"two-words", "svetsning montörer"},
                {"place", "truckkörning Motala"},
                {"prefix", "robot"},
                {"wide-prefix", "s"},
                {"everywhere", "utbildning"},
                {"everywhere-and-rare", "utbildning styckning"},
                {"nowhere", "xylofon"}};
#define SEARCHES (sizeof searches / sizeof *searches)

static void measure(filled_t *filled, unsigned inquiries, const char *name, const char *text)
{
    samples_t waited = {0};
    arena_t *arena = arena_new();
    double found = 0;
    bool cut = false;

    for (unsigned i = 0; i < ASKED; i++) {
        value_builder_t arguments = value_builder(arena), kinds = value_builder(arena);
        value_add(&kinds, value_text("inquiry"));
        value_add_pair(&arguments, "text", value_text(text));
        value_add_pair(&arguments, "kinds", value_build_list(&kinds));
        value_add_pair(&arguments, "limit", value_integer(LISTED));
        uint64_t begun = now_ns();
        value_t answer = client_ask(filled->client, "search", value_build_map(&arguments), arena);
        samples_add(&waited, seconds_since(begun) * 1e3);
        found = value_get(&answer, "records")->count;
        cut = value_get_boolean(&answer, "cut", false);
        arena_reset(arena);
    }
    report_t *report = report_new("search", "ms, p50");
    report_text(report, "for", name);
    report_text(report, "text", text);
    report_number(report, "inquiries", inquiries);
    report_number(report, "p99_ms", samples_at(&waited, 0.99));
    report_number(report, "found", found);
    report_text(report, "cut", cut ? "yes" : "no");
    report_number(report, "fill_seconds", filled->fill_seconds);
    report_text(report, "at_rest", filled->rests ? "yes" : "no");
    report_reach(report, "at most 20 ms", samples_median(&waited) <= 20);
    report_print(&report, samples_median(&waited));
    samples_clear(&waited);
    arena_destroy(&arena);
}

void figure_search(const bench_t *bench)
{
    for (uint64_t inquiries = bench->smallest; inquiries <= bench->inquiries; inquiries *= 10) {
        filled_t filled;
        filled_make(&filled, bench->samverkd, bench->directory, (unsigned)inquiries,
                    bench->patience);
        for (unsigned i = 0; i < SEARCHES; i++)
            measure(&filled, (unsigned)inquiries, searches[i].name, searches[i].text);
        filled_remove(&filled);
    }
}
