#include "figures.h"
#include "report.h"
#include "work.h"

/* One user writes, answer by answer, while another imports. */

void figure_import(const bench_t *bench)
{
    server_t server;
    samples_t with = {0}, without = {0}, ratios = {0}, rows = {0};

    server_make(&server, bench->samverkd, bench->directory);
    for (unsigned i = 0; i < bench->rounds; i++) {
        import_t import = {.rows = bench->import_batch, .most = bench->import_rows};
        work_t alone, beside;
        work_write(&server, 1, 1, bench->seconds, NULL, NULL, &alone);
        client_t *importer =
            client_new(server.address, server.public_key, &server.users[SERVER_USERS - 1], true);
        importer->user = SERVER_USERS - 1;
        bystanders_t others = {&importer, 1, import_handle, &import};
        uint64_t begun = now_ns();
        import_send(&import, importer);
        import_send(&import, importer);
        work_write(&server, 1, 1, 600, &import.done, &others, &beside);
        samples_add(&rows, (double)bench->import_rows / seconds_since(begun));
        client_destroy(&importer);
        samples_add(&with, beside.p99_ms);
        samples_add(&without, alone.p99_ms);
        samples_add(&ratios, beside.p99_ms / alone.p99_ms);
    }
    report_t *report = report_new("write-p99-during-import", "ms");
    report_number(report, "rows", (double)bench->import_rows);
    report_number(report, "rows_a_request", bench->import_batch);
    report_number(report, "rows_s", samples_median(&rows));
    report_number(report, "without_ms", samples_median(&without));
    report_number(report, "ratio", samples_median(&ratios));
    report_reach(report, "at most 3 times that without", samples_median(&ratios) <= 3);
    report_print(&report, samples_median(&with));
    samples_t *all[] = {&with, &without, &ratios, &rows};
    for (unsigned i = 0; i < sizeof all / sizeof *all; i++)
        samples_clear(all[i]);
    server_stop(&server);
    server_remove(&server);
}
