#include "figures.h"
#include "program.h"
#include "trouble.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Measures Samverk beside what the machine gives without it. RESULTS.md has what came
   of it. */

typedef struct {
    const char *name;
    void (*run)(const bench_t *bench);
} figure_t;

static const figure_t figures[] = {{"writes", figure_writes},  {"push", figure_push},
                                   {"fan-out", figure_fanout}, {"import", figure_import},
                                   {"large", figure_large},    {"matching", figure_matching},
                                   {"search", figure_search}};
#define N_FIGURES (sizeof figures / sizeof *figures)

static void usage(FILE *out)
{
    fputs("samverk-bench: one JSON line a figure, each beside its yardsticks\n"
          "\n"
          "  --quick            everything in under a minute: whether it works, not how fast\n"
          "  --only NAME        writes, push, fan-out, import, large, matching or search;\n"
          "                     may be repeated\n"
          "  --inquiries N      of the large record (1000000)\n"
          "  --smallest N       of the records that grow tenfold: matching, search (1000)\n"
          "  --import-rows N    that a user imports while another writes (100000)\n"
          "  --import-batch N   rows a request of that import (50, as the command line has it)\n"
          "  --watchers N       of the fan-out (200)\n"
          "  --idle-watchers N  while memory is measured (1000)\n"
          "  --rounds N         of each figure; the median counts (5)\n"
          "  --seconds N        of a round (3)\n"
          "  --patience N       seconds that are waited for a filled record to be at rest (900)\n"
          "  --directory DIR    on the disk to measure ($TMPDIR or /tmp)\n"
          "  --samverkd FILE, --samverk FILE   the programs\n",
          out);
}

static void be_quick(bench_t *bench)
{
    bench->inquiries = 20000;
    bench->import_rows = 5000;
    bench->watchers = 50;
    bench->idle_watchers = 100;
    bench->rounds = 1;
    bench->seconds = 1;
    bench->patience = 3;
}

static void choose(bool *chosen, const char *name)
{
    for (size_t i = 0; i < N_FIGURES; i++)
        if (strcmp(figures[i].name, name) == 0) {
            chosen[i] = true;
            return;
        }
    trouble("%s: there is no such figure", name);
}

static bool parse(int argc, char **argv, bench_t *bench, bool *chosen)
{
    static const struct option options[] = {{"quick", no_argument, NULL, 'q'},
                                            {"only", required_argument, NULL, 'o'},
                                            {"inquiries", required_argument, NULL, 'i'},
                                            {"smallest", required_argument, NULL, 'S'},
                                            {"import-rows", required_argument, NULL, 'p'},
                                            {"import-batch", required_argument, NULL, 'b'},
                                            {"watchers", required_argument, NULL, 'w'},
                                            {"idle-watchers", required_argument, NULL, 'W'},
                                            {"rounds", required_argument, NULL, 'r'},
                                            {"seconds", required_argument, NULL, 's'},
                                            {"patience", required_argument, NULL, 'P'},
                                            {"directory", required_argument, NULL, 'd'},
                                            {"samverkd", required_argument, NULL, 'D'},
                                            {"samverk", required_argument, NULL, 'C'},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    int option;

    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (option) {
        case 'q':
            be_quick(bench);
            break;
        case 'o':
            choose(chosen, optarg);
            break;
        case 'i':
            bench->inquiries = program_number(optarg, 1000, 100000000);
            break;
        case 'S':
            bench->smallest = program_number(optarg, 1, 100000000);
            break;
        case 'p':
            bench->import_rows = program_number(optarg, 1, 10000000);
            break;
        case 'b':
            bench->import_batch = (unsigned)program_number(optarg, 1, 1000);
            break;
        case 'w':
            bench->watchers = (unsigned)program_number(optarg, 1, 1000);
            break;
        case 'W':
            bench->idle_watchers = (unsigned)program_number(optarg, 1, 2000);
            break;
        case 'r':
            bench->rounds = (unsigned)program_number(optarg, 1, 100);
            break;
        case 's':
            bench->seconds = (double)program_number(optarg, 1, 600);
            break;
        case 'P':
            bench->patience = (double)program_number(optarg, 1, 100000);
            break;
        case 'd':
            bench->directory = optarg;
            break;
        case 'D':
            bench->samverkd = optarg;
            break;
        case 'C':
            bench->samverk = optarg;
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

int main(int argc, char **argv)
{
    bench_t bench = {.samverkd = SAMVERKD,
                     .samverk = SAMVERK,
                     .directory = program_directory(),
                     .inquiries = 1000000,
                     .smallest = 1000,
                     .import_rows = 100000,
                     .import_batch = 50,
                     .watchers = 200,
                     .idle_watchers = 1000,
                     .rounds = 5,
                     .seconds = 3,
                     .patience = 900};
    bool chosen[N_FIGURES] = {false}, all = true;

    if (!parse(argc, argv, &bench, chosen))
        return 2;
    program_start();
    for (size_t i = 0; i < N_FIGURES; i++)
        all = all && !chosen[i];
    for (size_t i = 0; i < N_FIGURES; i++)
        if (all || chosen[i])
            figures[i].run(&bench);
    return 0;
}
