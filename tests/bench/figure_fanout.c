#include "figures.h"
#include "report.h"
#include "trouble.h"
#include "watchers.h"
#include "work.h"
#include "yardstick.h"

#include <stdlib.h>
#include <string.h>

/* Eight writers with 64 requests out each, and many who watch all of it. A delivery is
   one entry in one watcher's hands. The frames that the first watcher got are what the
   bare ROUTER sends to as many. */

#define WRITERS 8u
#define OPEN 64u
#define FRAMES_MAX 256u
#define CATCH_UP_SECONDS 120.0

typedef struct {
    client_t **watchers;
    unsigned count, complete;
    uint64_t expected; /* entries each; 0: not known yet */
    bool done;
    yardstick_frame_t frames[FRAMES_MAX];
    unsigned n_frames;
    uint64_t bytes, pushes, entries; /* of the first watcher */
} audience_t;

static void on_letter(client_t *client, const letter_t *letter, void *context)
{
    audience_t *self = context;

    if (letter->type != LETTER_PUSH)
        return;
    if (client == self->watchers[0]) {
        self->bytes += letter->size;
        self->pushes++;
        self->entries += letter->entries;
        if (self->n_frames < FRAMES_MAX) {
            void *data = malloc(letter->size);
            if (data == NULL)
                trouble("no memory left");
            memcpy(data, letter->data, letter->size);
            self->frames[self->n_frames++] =
                (yardstick_frame_t){data, letter->size, letter->entries};
        }
    }
    if (self->expected != 0 && client->entries == self->expected)
        self->done = ++self->complete == self->count;
}

/* Wait until all have what was written. */
static void catch_up(audience_t *self, uint64_t expected)
{
    self->expected = expected;
    self->complete = 0;
    for (unsigned i = 0; i < self->count; i++)
        self->complete += self->watchers[i]->entries == expected;
    self->done = self->complete == self->count;
    if (!crowd_run(self->watchers, self->count, on_letter, self, &self->done, CATCH_UP_SECONDS))
        trouble("%u of %u watchers did not get everything", self->count - self->complete,
                self->count);
}

typedef struct {
    double deliveries_second, bare_deliveries_second;
    double entries_frame, bytes_entry;
    work_t work;
} round_t;

static void run(const bench_t *bench, const server_t *server, unsigned count, bool yardstick,
                round_t *round)
{
    audience_t audience = {.count = count};
    bystanders_t others = {.count = count, .handle = on_letter, .context = &audience};

    audience.watchers = calloc(count, sizeof *audience.watchers);
    if (audience.watchers == NULL)
        trouble("no memory left");
    watchers_open(server, audience.watchers, count);
    others.clients = audience.watchers;
    uint64_t begun = now_ns();
    work_write(server, WRITERS, OPEN, bench->seconds, NULL, &others, &round->work);
    catch_up(&audience, round->work.writes);
    double took = seconds_since(begun);
    watchers_close(audience.watchers, count);
    free(audience.watchers);

    round->deliveries_second = (double)round->work.writes * count / took;
    round->entries_frame = (double)audience.entries / (double)audience.pushes;
    round->bytes_entry = (double)audience.bytes / (double)audience.entries;
    if (yardstick)
        round->bare_deliveries_second =
            yardstick_router(audience.frames, audience.n_frames, count, bench->seconds);
    for (unsigned i = 0; i < audience.n_frames; i++)
        free((void *)(uintptr_t)audience.frames[i].data);
}

void figure_fanout(const bench_t *bench)
{
    server_t server;
    samples_t deliveries = {0}, bare = {0}, ratios = {0}, entries = {0}, bytes = {0};
    samples_t cpu = {0}, writes = {0}, many = {0}, one = {0}, slower = {0}, alone = {0};

    server_make(&server, bench->samverkd, bench->directory);
    for (unsigned i = 0; i < bench->rounds; i++) {
        round_t with, without;
        double used = server_cpu(&server);
        run(bench, &server, bench->watchers, true, &with);
        samples_add(&cpu, (server_cpu(&server) - used) / (double)with.work.writes * 1e6);
        run(bench, &server, 1, false, &without);
        samples_add(&deliveries, with.deliveries_second);
        samples_add(&bare, with.bare_deliveries_second);
        samples_add(&ratios, with.deliveries_second / with.bare_deliveries_second);
        samples_add(&entries, with.entries_frame);
        samples_add(&bytes, with.bytes_entry);
        samples_add(&writes, with.work.writes_second);
        samples_add(&many, with.work.p99_ms);
        samples_add(&one, without.work.p99_ms);
        samples_add(&slower, with.work.p99_ms / without.work.p99_ms);
        samples_add(&alone, without.work.writes_second);
    }
    report_t *report = report_new("fan-out", "deliveries/s");
    report_number(report, "watchers", bench->watchers);
    report_number(report, "writes_s", samples_median(&writes));
    report_number(report, "cpu_us_a_write", samples_median(&cpu));
    report_number(report, "entries_a_frame", samples_median(&entries));
    report_number(report, "bytes_an_entry", samples_median(&bytes));
    report_yardstick(report, "router_deliveries_s", samples_median(&bare));
    report_number(report, "ratio", samples_median(&ratios));
    report_reach(report, "at least 0.7 of a bare ROUTER with the same frames",
                 samples_median(&ratios) >= 0.7);
    report_print(&report, samples_median(&deliveries));

    report = report_new("fan-out-write-p99", "ms");
    report_number(report, "watchers", bench->watchers);
    report_number(report, "one_watcher_ms", samples_median(&one));
    report_number(report, "one_watcher_writes_s", samples_median(&alone));
    report_number(report, "ratio", samples_median(&slower));
    report_reach(report, "at most 3 times that with one watcher", samples_median(&slower) <= 3);
    report_print(&report, samples_median(&many));
    samples_t *all[] = {&deliveries, &bare, &ratios, &entries, &bytes, &writes,
                        &many,       &one,  &slower, &alone,   &cpu};
    for (unsigned i = 0; i < sizeof all / sizeof *all; i++)
        samples_clear(all[i]);
    server_stop(&server);
    server_remove(&server);
}
