#include "figures.h"
#include "report.h"
#include "samverk.h"
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
#define COMMANDS 30u

extern char **environ;

/* -- reads ------------------------------------------------------------------------------ */

static double get(client_t *client, uint64_t inquiries, samples_t *waited, arena_t *arena)
{
    uint64_t number = 1;

    for (unsigned i = 0; i < READS; i++) {
        value_builder_t arguments = value_builder(arena);
        number = (number * 6364136223846793005u + 1442695040888963407u);
        value_add_pair(
            &arguments, "id",
            value_text(arena_format(arena, "inq-%llu",
                                    (unsigned long long)((number >> 20) % inquiries + 1))));
        uint64_t begun = now_ns();
        client_ask(client, "get", value_build_map(&arguments), arena);
        samples_add(waited, seconds_since(begun) * 1e3);
        arena_reset(arena);
    }
    return samples_median(waited);
}

static double list(client_t *client, samples_t *waited, arena_t *arena)
{
    for (unsigned i = 0; i < READS / 10; i++) {
        value_builder_t arguments = value_builder(arena), where = value_builder(arena);
        char id[16];
        server_municipality(i % IMPORTERS, id);
        value_add_pair(&where, "municipality", value_text(id));
        value_add_pair(&where, "state", value_text("new"));
        value_add_pair(&arguments, "kind", value_text("inquiry"));
        value_add_pair(&arguments, "where", value_build_map(&where));
        value_add_pair(&arguments, "limit", value_integer(50));
        uint64_t begun = now_ns();
        value_t page = client_ask(client, "list", value_build_map(&arguments), arena);
        samples_add(waited, seconds_since(begun) * 1e3);
        if (value_get(&page, "records")->count != 50)
            trouble("a list of 50 has %u records", value_get(&page, "records")->count);
        arena_reset(arena);
    }
    return samples_median(waited);
}

typedef struct {
    double get_ms, list_ms;
} reads_t;

static reads_t read_round(const server_t *server, uint64_t inquiries)
{
    arena_t *arena = arena_new();
    client_t *client = client_new(server->address, server->public_key, &server->users[0], true);
    samples_t gets = {0}, lists = {0};
    reads_t reads = {get(client, inquiries, &gets, arena), list(client, &lists, arena)};

    samples_clear(&gets);
    samples_clear(&lists);
    client_destroy(&client);
    arena_destroy(&arena);
    return reads;
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

static void measure_reads(const bench_t *bench, const server_t *small, const server_t *large)
{
    samples_t gets[3] = {0}, lists[3] = {0};

    for (unsigned i = 0; i < bench->rounds; i++) {
        reads_t few = read_round(small, SMALL);
        reads_t many = read_round(large, bench->inquiries);
        samples_add(&gets[0], few.get_ms);
        samples_add(&gets[1], many.get_ms);
        samples_add(&gets[2], many.get_ms / few.get_ms);
        samples_add(&lists[0], few.list_ms);
        samples_add(&lists[1], many.list_ms);
        samples_add(&lists[2], many.list_ms / few.list_ms);
    }
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
    samverk_profile_t profile = {.name = "default"};
    char path[600];

    snprintf(path, sizeof path, "%s/config", server->directory);
    setenv("XDG_CONFIG_HOME", path, 1);
    snprintf(path, sizeof path, "%s/state", server->directory);
    setenv("XDG_STATE_HOME", path, 1);
    snprintf(profile.endpoint, sizeof profile.endpoint, "%s", server->address);
    memcpy(profile.server_key, server->public_key, 32);
    memcpy(profile.public_key, server->users[0].public_key, 32);
    memcpy(profile.secret_key, server->users[0].secret_key, 32);
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
    double seconds = load(&large, IMPORT_ROWS, bench->inquiries);
    report_t *report = report_new("import", "rows/s");
    report_number(report, "inquiries", (double)bench->inquiries);
    report_number(report, "seconds", seconds);
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
