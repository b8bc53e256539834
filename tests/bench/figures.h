#ifndef BENCH_FIGURES_H
#define BENCH_FIGURES_H

#include <stdbool.h>
#include <stdint.h>

/* What is measured: a group of figures each, printed as they come. */

typedef struct {
    const char *samverkd;
    const char *samverk; /* the command line, or "" for none */
    const char *directory;
    uint64_t inquiries; /* of the large record */
    uint64_t smallest;  /* of the records that grow tenfold */
    uint64_t import_rows;
    unsigned import_batch; /* rows a request, of the user who imports beside another */
    unsigned watchers;     /* of the fan-out */
    unsigned idle_watchers;
    unsigned rounds;
    double seconds;  /* of one round */
    double patience; /* seconds that are waited for a filled record to come to rest */
} bench_t;

void figure_writes(const bench_t *bench);   /* 64 clients; one client */
void figure_push(const bench_t *bench);     /* latency to one watcher */
void figure_fanout(const bench_t *bench);   /* to many watchers, and what it does to writers */
void figure_import(const bench_t *bench);   /* what an import does to another user */
void figure_large(const bench_t *bench);    /* a large record beside a small one */
void figure_matching(const bench_t *bench); /* what matches a new inquiry; the demand outlook */
void figure_search(const bench_t *bench);   /* the first page of what words find */

#endif
