#ifndef BENCH_PEER_H
#define BENCH_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* A server that does the same work as samverkd, spoken to through its own client
   library: one record with its five indexes, one audit row, one notice with the record
   to each listener. */

/* One write. The record's bytes are the same for all: JSON of what work_inquiry makes. */
typedef struct {
    uint64_t number;
    unsigned user;
    char id[16]; /* the number in twelve digits */
    char record[640];
    size_t size;
    /* What it is found by. */
    char title[96], municipality[16], area[16], form[16], channel[16];
} operation_t;

typedef struct {
    const char *name;
    bool answers;    /* an answer says that it is done; a peer without has fan-out alone */
    const char *how; /* client, and what an answer promises */

    /* The server, in a directory of its own below `parent`. */
    void (*start)(const char *parent);
    void (*stop)(void);
    pid_t (*pid)(void);

    /* A writer is opened and closed by the main thread, used by one of its own. Its
       operations are sent all at once; returns when each has been answered. */
    void *(*writer_open)(unsigned number);
    void (*writer_write)(void *writer, const operation_t *operations, unsigned count);
    void (*writer_close)(void *writer);

    /* A listener hears the notices that are there, and tells notices_heard. Where
       listener_fd is NULL its library has threads for that, and listener_hear is too. */
    void *(*listener_open)(unsigned number);
    int (*listener_fd)(const void *listener);
    void (*listener_hear)(void *listener);
    void (*listener_close)(void *listener);
} peer_t;

extern const peer_t peer_samverkd, peer_postgresql, peer_etcd, peer_redis, peer_nats,
    peer_nats_core;

/* Listener `listener` has heard `count` notices; their records are in these bytes. Any
   thread, but one at a time for a listener. */
void notices_heard(unsigned listener, const void *bytes, size_t size, unsigned count);

#endif
