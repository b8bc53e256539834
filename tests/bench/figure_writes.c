#include "figures.h"
#include "report.h"
#include "work.h"
#include "yardstick.h"

/* Acknowledged writes: each client waits for its answer before the next. Beside them the
   very same rows put by a bare LMDB loop, as many a commit as the daemon had. */

#define BATCH_MAX 256.0

static uint64_t head(const server_t *server)
{
    client_t *client = client_new(server->address, server->public_key, &server->admin, true);
    uint64_t revision = client_head(client);

    client_destroy(&client);
    return revision;
}

static void measure(const bench_t *bench, const server_t *server, const char *name,
                    unsigned clients, const char *asked)
{
    samples_t writes = {0}, bare = {0}, ratios = {0}, batches = {0}, p50 = {0}, p99 = {0};
    samples_t disk = {0}, puts = {0}, cpu = {0};
    char store[600];

    server_file(server, store, sizeof store);
    for (unsigned i = 0; i < bench->rounds; i++) {
        work_t work;
        yardstick_lmdb_t lmdb;
        uint64_t after = head(server), commits = yardstick_commits(store);
        double used = server_cpu(server);
        work_write(server, clients, 1, bench->seconds, NULL, NULL, &work);
        samples_add(&cpu, (server_cpu(server) - used) / (double)work.writes * 1e6);
        double batch = (double)work.writes / (double)(yardstick_commits(store) - commits);
        unsigned rounded = batch > BATCH_MAX ? (unsigned)BATCH_MAX : (unsigned)(batch + 0.5);
        yardstick_lmdb(store, after, after + work.writes, bench->directory, rounded, bench->seconds,
                       &lmdb);
        samples_add(&disk, yardstick_fdatasync(bench->directory, 200) * 1e3);
        samples_add(&writes, work.writes_second);
        samples_add(&bare, lmdb.writes_second);
        samples_add(&ratios, work.writes_second / lmdb.writes_second);
        samples_add(&batches, batch);
        samples_add(&p50, work.p50_ms);
        samples_add(&p99, work.p99_ms);
        samples_add(&puts, lmdb.puts_a_write);
    }
    report_t *report = report_new(name, "writes/s");
    report_number(report, "clients", clients);
    report_number(report, "batch", samples_median(&batches));
    report_number(report, "cpu_us_a_write", samples_median(&cpu));
    report_number(report, "p50_ms", samples_median(&p50));
    report_number(report, "p99_ms", samples_median(&p99));
    report_yardstick(report, "lmdb_writes_s", samples_median(&bare));
    report_yardstick(report, "lmdb_rows_a_write", samples_median(&puts));
    report_yardstick(report, "fdatasync_ms", samples_median(&disk));
    report_number(report, "ratio", samples_median(&ratios));
    report_reach(report, asked, samples_median(&ratios) >= 0.5);
    report_print(&report, samples_median(&writes));
    samples_t *all[] = {&writes, &bare, &ratios, &batches, &p50, &p99, &disk, &puts, &cpu};
    for (unsigned i = 0; i < sizeof all / sizeof *all; i++)
        samples_clear(all[i]);
}

void figure_writes(const bench_t *bench)
{
    server_t server;

    server_make(&server, bench->samverkd, bench->directory);
    measure(bench, &server, "writes-64", 64,
            "at least 0.5 of bare LMDB with the same rows and batch");
    measure(bench, &server, "writes-1", 1, "at least 0.5 of bare LMDB with one write a commit");
    server_stop(&server);
    server_remove(&server);
}
