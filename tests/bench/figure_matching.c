#include "figures.h"
#include "filled.h"
#include "measure.h"
#include "report.h"

/* What matches one new inquiry, and the demand outlook, in regions of 290 municipalities
   with ten times as many inquiries each: what it costs is to grow with the inquiries in the
   same areas, not with the region. The inquiry is put, and `matches` asked at once, as the
   command line does. */

#define ASKED 200u
#define OUTLOOKS 5u
#define OUTLOOK_MOST 50000u /* inquiries that one may look at */

/* Milliseconds that the answer took; it lives in `arena`. */
static double ask(client_t *client, const char *command, value_t arguments, arena_t *arena,
                  value_t *answer)
{
    uint64_t begun = now_ns();

    *answer = client_ask(client, command, arguments, arena);
    return seconds_since(begun) * 1e3;
}

static void measure_matches(filled_t *filled, unsigned inquiries)
{
    samples_t waited = {0}, looked_at = {0}, found = {0};
    arena_t *arena = arena_new();
    unsigned cut = 0;

    for (unsigned i = 0; i < ASKED; i++) {
        value_builder_t arguments = value_builder(arena);
        value_t answer;
        value_add_pair(&arguments, "id", value_text(filled_put(filled, i, arena)));
        value_t map = value_build_map(&arguments);
        samples_add(&waited, ask(filled->client, "matches", map, arena, &answer));
        samples_add(&looked_at, (double)value_get_integer(&answer, "looked_at", 0));
        samples_add(&found, value_get(&answer, "matches")->count);
        cut += value_get_boolean(&answer, "cut", false);
        arena_reset(arena);
    }
    report_t *report = report_new("matches", "ms, p50");
    report_number(report, "inquiries", inquiries);
    report_number(report, "p99_ms", samples_at(&waited, 0.99));
    report_number(report, "looked_at", samples_median(&looked_at));
    report_number(report, "looked_at_p99", samples_at(&looked_at, 0.99));
    report_number(report, "us_a_candidate",
                  samples_median(&waited) * 1e3 / (samples_median(&looked_at) + 1));
    report_number(report, "found", samples_median(&found));
    report_number(report, "cut_of_100", cut * 100.0 / ASKED);
    report_number(report, "fill_seconds", filled->fill_seconds);
    report_number(report, "kept_after_seconds", filled->rest_seconds);
    report_text(report, "at_rest", filled->rests ? "yes" : "no");
    report_reach(report, "at most 50 ms", samples_median(&waited) <= 50);
    report_print(&report, samples_median(&waited));
    samples_clear(&waited);
    samples_clear(&looked_at);
    samples_clear(&found);
    arena_destroy(&arena);
}

static void measure_demand(filled_t *filled, unsigned inquiries)
{
    static const char *const parts[] = {"area", "county", "quarter"};
    samples_t waited = {0};
    arena_t *arena = arena_new();
    double cells = 0;

    for (unsigned i = 0; i < OUTLOOKS; i++) {
        value_builder_t arguments = value_builder(arena), by = value_builder(arena);
        value_t answer;
        for (unsigned j = 0; j < sizeof parts / sizeof *parts; j++)
            value_add(&by, value_text(parts[j]));
        value_add_pair(&arguments, "by", value_build_list(&by));
        value_t map = value_build_map(&arguments);
        samples_add(&waited, ask(filled->client, "demand", map, arena, &answer));
        cells = value_get(&answer, "cells")->count;
        arena_reset(arena);
    }
    report_t *report = report_new("demand", "ms, p50");
    report_number(report, "inquiries", inquiries);
    report_number(report, "cells", cells);
    report_number(report, "us_an_inquiry", samples_median(&waited) * 1e3 / inquiries);
    report_reach(report, "at most 1 s: a read transaction's", samples_median(&waited) <= 1e3);
    report_print(&report, samples_median(&waited));
    samples_clear(&waited);
    arena_destroy(&arena);
}

void figure_matching(const bench_t *bench)
{
    /* A tenth of the large record: 100,000 open ones are more than the country has. */
    for (uint64_t inquiries = bench->smallest; inquiries <= bench->inquiries / 10;
         inquiries *= 10) {
        filled_t filled;
        filled_make(&filled, bench->samverkd, bench->directory, (unsigned)inquiries,
                    bench->patience);
        if (inquiries <= OUTLOOK_MOST)
            measure_demand(&filled, (unsigned)inquiries);
        measure_matches(&filled, (unsigned)inquiries);
        filled_remove(&filled);
    }
}
