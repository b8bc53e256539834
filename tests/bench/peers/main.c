#include "crew.h"
#include "peer.h"
#include "program.h"
#include "report.h"
#include "trouble.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The same work by samverkd and by its peers, in turn, round after round, on one disk.
   tests/bench/RESULTS.md has what came of it. */

static const peer_t *const peers[] = {&peer_samverkd, &peer_postgresql, &peer_etcd,
                                      &peer_redis,    &peer_nats,       &peer_nats_core};
#define N_PEERS (sizeof peers / sizeof *peers)
#define OURS 0 /* what the others are compared with */

#define WARM_UP_SECONDS 1.0
#define BURST_WRITERS 8u

typedef struct {
    unsigned rounds, writers, listeners;
    double seconds;
    const char *directory;
} plan_t;

typedef enum {
    WRITES,
    WRITE_P50,
    WRITE_P99,
    WRITE_CPU,
    HEARD,
    DELIVERIES,
    FANOUT_CPU,
    MEASURES
} measure_t;

/* What is measured of a peer; a ratio is ours by theirs, of the same round. */
typedef struct {
    bool chosen;
    samples_t values[MEASURES];
    samples_t ratios[MEASURES];
} figures_t;

static void usage(FILE *out)
{
    fputs("samverk-peers: one JSON line a figure, and a table of all on stderr\n"
          "\n"
          "  --only NAME     samverkd, postgresql, etcd, redis, nats or nats-core, beside\n"
          "                  samverkd; may be repeated\n"
          "  --rounds N      of each peer, in turn; the median counts (5)\n"
          "  --seconds N     of each figure in a round (5)\n"
          "  --writers N     who wait for each answer (64)\n"
          "  --listeners N   of the fan-out (200)\n"
          "  --directory DIR on the disk to measure ($TMPDIR or /tmp)\n"
          "\n"
          "peers/packages.txt says what must be installed.\n",
          out);
}

static void choose(figures_t *figures, const char *name)
{
    for (size_t i = 0; i < N_PEERS; i++)
        if (strcmp(peers[i]->name, name) == 0) {
            figures[i].chosen = true;
            return;
        }
    trouble("%s: there is no such peer", name);
}

static bool parse(int argc, char **argv, plan_t *plan, figures_t *figures)
{
    static const struct option options[] = {{"only", required_argument, NULL, 'o'},
                                            {"rounds", required_argument, NULL, 'r'},
                                            {"seconds", required_argument, NULL, 's'},
                                            {"writers", required_argument, NULL, 'w'},
                                            {"listeners", required_argument, NULL, 'l'},
                                            {"directory", required_argument, NULL, 'd'},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    int option;

    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (option) {
        case 'o':
            choose(figures, optarg);
            break;
        case 'r':
            plan->rounds = (unsigned)program_number(optarg, 1, 100);
            break;
        case 's':
            plan->seconds = (double)program_number(optarg, 1, 600);
            break;
        case 'w':
            plan->writers = (unsigned)program_number(optarg, 1, CREW_WRITERS_MAX);
            break;
        case 'l':
            plan->listeners = (unsigned)program_number(optarg, 1, CREW_LISTENERS_MAX);
            break;
        case 'd':
            plan->directory = optarg;
            break;
        case 'h':
            usage(stdout);
            exit(0);
        default:
            usage(stderr);
            return false;
        }
    }
    return optind == argc;
}

/* -- measuring ---------------------------------------------------------------------------- */

/* One peer's turn: waiting writers with one listener, then bursts to many. */
static void take_turn(const plan_t *plan, const peer_t *peer, double seconds, double *values)
{
    crew_t waiting = {peer, plan->writers, 1, 1, seconds};
    crew_t bursts = {peer, BURST_WRITERS, CREW_BURST_MAX, plan->listeners, seconds};
    crew_result_t result;

    memset(values, 0, MEASURES * sizeof *values);
    if (peer->answers) {
        crew_work(&waiting, &result);
        values[WRITES] = result.writes_second;
        values[WRITE_P50] = result.p50_ms;
        values[WRITE_P99] = result.p99_ms;
        values[WRITE_CPU] = result.cpu_us_a_write;
        values[HEARD] = result.heard_p50_ms;
    }
    crew_work(&bursts, &result);
    values[DELIVERIES] = result.deliveries_second;
    values[FANOUT_CPU] = result.cpu_us_a_write;
}

static void take_round(const plan_t *plan, figures_t *figures)
{
    double ours[MEASURES], theirs[MEASURES];

    for (size_t i = 0; i < N_PEERS; i++) {
        if (!figures[i].chosen)
            continue;
        take_turn(plan, peers[i], plan->seconds, i == OURS ? ours : theirs);
        const double *values = i == OURS ? ours : theirs;
        for (unsigned j = 0; j < MEASURES; j++) {
            samples_add(&figures[i].values[j], values[j]);
            if (values[j] > 0)
                samples_add(&figures[i].ratios[j], ours[j] / values[j]);
        }
    }
}

/* -- telling ------------------------------------------------------------------------------ */

static void report_peer(const plan_t *plan, const peer_t *peer, figures_t *figures)
{
    report_t *report;

    if (peer->answers) {
        report = report_new("writes-with-a-push", "writes/s");
        report_text(report, "peer", peer->name);
        report_text(report, "how", peer->how);
        report_number(report, "writers", plan->writers);
        report_number(report, "p50_ms", samples_median(&figures->values[WRITE_P50]));
        report_number(report, "p99_ms", samples_median(&figures->values[WRITE_P99]));
        report_number(report, "cpu_us_a_write", samples_median(&figures->values[WRITE_CPU]));
        report_number(report, "listener_p50_ms", samples_median(&figures->values[HEARD]));
        report_number(report, "ratio", samples_median(&figures->ratios[WRITES]));
        report_print(&report, samples_median(&figures->values[WRITES]));
    }
    report = report_new("fan-out", "deliveries/s");
    report_text(report, "peer", peer->name);
    report_text(report, "how", peer->how);
    report_number(report, "listeners", plan->listeners);
    report_number(report, "cpu_us_a_write", samples_median(&figures->values[FANOUT_CPU]));
    report_number(report, "ratio", samples_median(&figures->ratios[DELIVERIES]));
    report_print(&report, samples_median(&figures->values[DELIVERIES]));
}

static void print_row(const peer_t *peer, figures_t *figures)
{
    fprintf(stderr, "| %s | ", peer->name);
    if (peer->answers)
        fprintf(stderr, "%.0f | %.2f | %.1f | %.1f | %.0f | %.1f | ",
                samples_median(&figures->values[WRITES]), samples_median(&figures->ratios[WRITES]),
                samples_median(&figures->values[WRITE_P50]),
                samples_median(&figures->values[WRITE_P99]),
                samples_median(&figures->values[WRITE_CPU]),
                samples_median(&figures->values[HEARD]));
    else
        fputs("| | | | | | ", stderr);
    fprintf(stderr, "%.0f | %.2f | %.0f |\n", samples_median(&figures->values[DELIVERIES]),
            samples_median(&figures->ratios[DELIVERIES]),
            samples_median(&figures->values[FANOUT_CPU]));
}

static void print_table(figures_t *figures)
{
    fputs("\n| | writes with a push/s | samverkd is | p50 ms | p99 ms | server's µs a write "
          "| to the listener p50 ms | fan-out deliveries/s | samverkd is | server's µs a write |\n"
          "|---|---|---|---|---|---|---|---|---|---|\n",
          stderr);
    for (size_t i = 0; i < N_PEERS; i++)
        if (figures[i].chosen)
            print_row(peers[i], &figures[i]);
}

int main(int argc, char **argv)
{
    plan_t plan = {.rounds = 5,
                   .writers = CREW_WRITERS_MAX,
                   .listeners = 200,
                   .seconds = 5,
                   .directory = program_directory()};
    static figures_t figures[N_PEERS];
    bool all = true;
    double warm[MEASURES];

    if (!parse(argc, argv, &plan, figures))
        return 2;
    program_start();
    for (size_t i = 0; i < N_PEERS; i++)
        all = all && !figures[i].chosen;
    for (size_t i = 0; i < N_PEERS; i++) {
        figures[i].chosen = figures[i].chosen || all || i == OURS;
        if (figures[i].chosen) {
            peers[i]->start(plan.directory);
            take_turn(&plan, peers[i], WARM_UP_SECONDS, warm);
        }
    }
    for (unsigned round = 0; round < plan.rounds; round++)
        take_round(&plan, figures);
    for (size_t i = 0; i < N_PEERS; i++)
        if (figures[i].chosen) {
            report_peer(&plan, peers[i], &figures[i]);
            peers[i]->stop();
        }
    print_table(figures);
    return 0;
}
