#include "figures.h"
#include "report.h"
#include "trouble.h"
#include "watchers.h"
#include "work.h"
#include "yardstick.h"

#include <time.h>

/* From the moment a write is sent until a watcher of another user has it in hand, when
   nothing else goes on. */

#define PAUSE_NS 2000000

typedef struct {
    client_t *writer;
    uint64_t sent_ns;
    double answered, pushed; /* seconds; 0: not yet */
    bool done;
} exchange_t;

static void on_letter(client_t *client, const letter_t *letter, void *context)
{
    exchange_t *self = context;

    if (client == self->writer && letter->type == LETTER_REPLY)
        self->answered = seconds_since(self->sent_ns);
    if (client != self->writer && letter->type == LETTER_PUSH)
        self->pushed = seconds_since(self->sent_ns);
    self->done = self->answered > 0 && self->pushed > 0;
}

static unsigned exchange(client_t *const clients[2], double seconds, samples_t *pushed,
                         samples_t *answered)
{
    uint64_t begun = now_ns();
    unsigned count = 0;

    for (; seconds_since(begun) < seconds; count++) {
        exchange_t one = {.writer = clients[0]};
        nanosleep(&(struct timespec){.tv_nsec = PAUSE_NS}, NULL);
        one.sent_ns = now_ns();
        work_put(clients[0], clients[0]->sequence);
        if (!crowd_run(clients, 2, on_letter, &one, &one.done, 10))
            trouble("a push did not come");
        samples_add(pushed, one.pushed * 1e3);
        samples_add(answered, one.answered * 1e3);
    }
    return count;
}

void figure_push(const bench_t *bench)
{
    server_t server;
    samples_t medians = {0}, tails = {0}, replies = {0}, bare = {0}, over = {0};
    client_t *clients[2];
    char store[600];

    server_make(&server, bench->samverkd, bench->directory);
    server_file(&server, store, sizeof store);
    clients[0] = client_new(server.address, server.public_key, &server.users[0], true);
    watchers_open(&server, &clients[1], 1);
    for (unsigned i = 0; i < bench->rounds; i++) {
        samples_t pushed = {0}, answered = {0};
        yardstick_lmdb_t lmdb;
        uint64_t after = client_head(clients[0]);
        unsigned count = exchange(clients, bench->seconds, &pushed, &answered);
        yardstick_lmdb(store, after, after + count, bench->directory, 1, bench->seconds, &lmdb);
        samples_add(&medians, samples_median(&pushed));
        samples_add(&tails, samples_at(&pushed, 0.99));
        samples_add(&replies, samples_median(&answered));
        samples_add(&bare, lmdb.commit_p50_ms);
        samples_add(&over, samples_median(&pushed) - lmdb.commit_p50_ms);
        samples_clear(&pushed);
        samples_clear(&answered);
    }
    report_t *report = report_new("push-latency", "ms, p50");
    report_number(report, "p99_ms", samples_median(&tails));
    report_number(report, "reply_p50_ms", samples_median(&replies));
    report_yardstick(report, "lmdb_commit_p50_ms", samples_median(&bare));
    report_yardstick(report, "fdatasync_ms", yardstick_fdatasync(bench->directory, 200) * 1e3);
    report_number(report, "over_ms", samples_median(&over));
    report_reach(report, "at most one bare single-write commit and 1 ms",
                 samples_median(&over) <= 1);
    report_print(&report, samples_median(&medians));
    samples_t *all[] = {&medians, &tails, &replies, &bare, &over};
    for (unsigned i = 0; i < sizeof all / sizeof *all; i++)
        samples_clear(all[i]);
    client_destroy(&clients[0]);
    watchers_close(&clients[1], 1);
    server_stop(&server);
    server_remove(&server);
}
