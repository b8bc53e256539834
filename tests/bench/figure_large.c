#include "figures.h"
#include "report.h"
#include "trouble.h"
#include "watchers.h"
#include "work.h"
#include "yardstick.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* A record of a small region beside that of a whole country. */

#define SMALL 1000u
#define IMPORTERS 4u
#define IMPORT_ROWS 500u
#define READS 2000u
#define LISTED 50u
#define COMMANDS 30u

extern char **environ;

/* -- reads ------------------------------------------------------------------------------ */

/* One `get` of some inquiry, milliseconds. */
static double get(client_t *client, uint64_t number, arena_t *arena)
{
    value_builder_t arguments = value_builder(arena);

    value_add_pair(&arguments, "id",
                   value_text(arena_format(arena, "inq-%llu", (unsigned long long)number)));
    uint64_t begun = now_ns();
    client_ask(client, "get", value_build_map(&arguments), arena);
    double waited = seconds_since(begun) * 1e3;
    arena_reset(arena);
    return waited;
}

/* The first page of what is new in a municipality, milliseconds. */
static double list(client_t *client, unsigned municipality, arena_t *arena)
{
    value_builder_t arguments = value_builder(arena), where = value_builder(arena);
    char id[16];

    server_municipality(municipality, id);
    value_add_pair(&where, "municipality", value_text(id));
    value_add_pair(&where, "state", value_text("new"));
    value_add_pair(&arguments, "kind", value_text("inquiry"));
    value_add_pair(&arguments, "where", value_build_map(&where));
    value_add_pair(&arguments, "limit", value_integer(LISTED));
    uint64_t begun = now_ns();
    value_t page = client_ask(client, "list", value_build_map(&arguments), arena);
    double waited = seconds_since(begun) * 1e3;
    if (value_get(&page, "records")->count != LISTED)
        trouble("a list of %u has %u records", LISTED, value_get(&page, "records")->count);
    arena_reset(arena);
    return waited;
}

static void report_reads(const char *name, samples_t *small, samples_t *large, samples_t *ratios,
                         uint64_t inquiries)
{
    report_t *report = report_new(name, "ms, p50");

    report_number(report, "inquiries", (double)inquiries);
    report_number(report, "of_1000_ms", samples_median(small));
    report_number(report, "ratio", samples_median(ratios));
    report_reach(report, "at most 2 times that of 1,000", samples_median(ratios) <= 2);
    report_print(&report, samples_median(large));
    samples_clear(small);
    samples_clear(large);
    samples_clear(ratios);
}

/* Turn by turn, so that a noisy moment meets both. */
static void measure_reads(const bench_t *bench, const server_t *small, const server_t *large)
{
    arena_t *arena = arena_new();
    client_t *of_small = client_new(small->address, small->public_key, &small->users[0], true);
    client_t *of_large = client_new(large->address, large->public_key, &large->users[0], true);
    samples_t gets[3] = {0}, lists[3] = {0};
    uint64_t number = 1;

    for (unsigned i = 0; i < bench->rounds; i++) {
        samples_t got[2] = {0}, listed[2] = {0};
        for (unsigned j = 0; j < READS; j++) {
            number = number * 6364136223846793005u + 1442695040888963407u;
            samples_add(&got[0], get(of_small, (number >> 20) % SMALL + 1, arena));
            samples_add(&got[1], get(of_large, (number >> 20) % bench->inquiries + 1, arena));
            if (j % 10 != 0)
                continue;
            samples_add(&listed[0], list(of_small, j % IMPORTERS, arena));
            samples_add(&listed[1], list(of_large, j % IMPORTERS, arena));
        }
        for (unsigned j = 0; j < 2; j++) {
            samples_add(&gets[j], samples_median(&got[j]));
            samples_add(&lists[j], samples_median(&listed[j]));
        }
        samples_add(&gets[2], samples_median(&got[1]) / samples_median(&got[0]));
        samples_add(&lists[2], samples_median(&listed[1]) / samples_median(&listed[0]));
        for (unsigned j = 0; j < 2; j++) {
            samples_clear(&got[j]);
            samples_clear(&listed[j]);
        }
    }
    client_destroy(&of_small);
    client_destroy(&of_large);
    arena_destroy(&arena);
    report_reads("get", &gets[0], &gets[1], &gets[2], bench->inquiries);
    report_reads("list-first-page", &lists[0], &lists[1], &lists[2], bench->inquiries);
}

/* -- the command line ------------------------------------------------------------------------ */

static bool run_command(const char *program, char *const *arguments)
{
    posix_spawn_file_actions_t actions;
    pid_t pid;
    int status = -1;

    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    int failed = posix_spawn(&pid, program, &actions, NULL, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (failed)
        trouble("%s: %s", program, strerror(failed));
    waitpid(pid, &status, 0);
    return status == 0;
}

/* The profile that `samverk join` would have left. */
static void save_profile(const server_t *server)
{
    samverk_profile_t profile;
    char path[600];

    snprintf(path, sizeof path, "%s/config", server->directory);
    setenv("XDG_CONFIG_HOME", path, 1);
    snprintf(path, sizeof path, "%s/state", server->directory);
    setenv("XDG_STATE_HOME", path, 1);
    server_profile(server, &server->users[0], &profile);
    if (samverk_profile_save(&profile) != SAMVERK_PROFILE_OK)
        trouble("a profile cannot be saved");
}

static void measure_command(const bench_t *bench, const server_t *server)
{
    samples_t waited = {0};
    char *program = (char *)(uintptr_t)bench->samverk;
    char *arguments[] = {program, "inquiry", "list", "--limit", "50", NULL};

    if (access(program, X_OK) != 0)
        return;
    save_profile(server);
    for (unsigned i = 0; i < COMMANDS; i++) {
        uint64_t begun = now_ns();
        if (!run_command(program, arguments))
            trouble("samverk inquiry list failed");
        samples_add(&waited, seconds_since(begun) * 1e3);
    }
    report_t *report = report_new("samverk-inquiry-list", "ms, p50");
    report_number(report, "inquiries", (double)bench->inquiries);
    report_number(report, "p99_ms", samples_at(&waited, 0.99));
    report_reach(report, "at most 30 ms, whole process", samples_median(&waited) <= 30);
    report_print(&report, samples_median(&waited));
    samples_clear(&waited);
}

/* -- start, memory, disk -------------------------------------------------------------------------- */

static void measure_start(const bench_t *bench, server_t *server)
{
    samples_t seconds = {0};

    for (unsigned i = 0; i < bench->rounds; i++) {
        server_stop(server);
        server_start(server);
        samples_add(&seconds, server->start_seconds);
    }
    report_t *report = report_new("start", "s");
    report_number(report, "inquiries", (double)bench->inquiries);
    report_reach(report, "at most 1 s to READY", samples_median(&seconds) <= 1);
    report_print(&report, samples_median(&seconds));
    samples_clear(&seconds);
}

#define MEBIBYTE (1024.0 * 1024.0)

static void measure_memory(const bench_t *bench, const server_t *server)
{
    client_t **watchers = calloc(bench->idle_watchers, sizeof *watchers);
    server_memory_t memory;

    if (watchers == NULL)
        trouble("no memory left");
    watchers_open(server, watchers, bench->idle_watchers);
    server_memory(server, &memory);
    watchers_close(watchers, bench->idle_watchers);
    free(watchers);
    double beyond = (memory.resident - memory.mapped) / MEBIBYTE;
    report_t *report = report_new("memory-beyond-map", "MiB");
    report_number(report, "inquiries", (double)bench->inquiries);
    report_number(report, "idle_watchers", bench->idle_watchers);
    report_number(report, "anonymous_mib", memory.anonymous / MEBIBYTE);
    report_number(report, "mapped_mib", memory.mapped / MEBIBYTE);
    report_reach(report, "at most 128 MiB", beyond <= 128);
    report_print(&report, beyond);
}

static void measure_disk(const bench_t *bench, const server_t *server)
{
    yardstick_census_t census;
    char store[600], name[64];

    server_file(server, store, sizeof store);
    yardstick_census(store, &census);
    report_t *report = report_new("disk-an-inquiry", "bytes");
    for (unsigned i = 0; i < census.count; i++) {
        snprintf(name, sizeof name, "%s_bytes", census.names[i]);
        report_number(report, name, census.bytes[i] / (double)bench->inquiries);
        snprintf(name, sizeof name, "%s_rows", census.names[i]);
        report_number(report, name, (double)census.entries[i] / (double)bench->inquiries);
    }
    report_number(report, "unused_bytes", census.unused / (double)bench->inquiries);
    report_text(report, "asked", "stated, and what they are");
    report_print(&report, census.file / (double)bench->inquiries);
}

/* -- all of it -------------------------------------------------------------------------------------- */

static double load(const server_t *server, unsigned rows, uint64_t inquiries)
{
    import_t import = {.rows = rows, .most = inquiries};
    uint64_t begun = now_ns();

    import_run(&import, server, IMPORTERS);
    return seconds_since(begun);
}

void figure_large(const bench_t *bench)
{
    server_t small, large;

    server_make(&small, bench->samverkd, bench->directory);
    load(&small, SMALL / 20, SMALL); /* so that each importer has its share */
    server_make(&large, bench->samverkd, bench->directory);
    double cpu = server_cpu(&large), seconds = load(&large, IMPORT_ROWS, bench->inquiries);
    cpu = server_cpu(&large) - cpu;
    report_t *report = report_new("import", "rows/s");
    report_number(report, "inquiries", (double)bench->inquiries);
    report_number(report, "seconds", seconds);
    report_number(report, "cpu_us_a_row", cpu / (double)bench->inquiries * 1e6);
    report_number(report, "users", IMPORTERS);
    report_number(report, "rows_a_request", IMPORT_ROWS);
    report_print(&report, (double)bench->inquiries / seconds);

    measure_disk(bench, &large);
    measure_start(bench, &large);
    measure_reads(bench, &small, &large);
    measure_command(bench, &large);
    measure_memory(bench, &large);
    server_stop(&small);
    server_stop(&large);
    server_remove(&small);
    server_remove(&large);
}
