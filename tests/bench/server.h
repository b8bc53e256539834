#ifndef BENCH_SERVER_H
#define BENCH_SERVER_H

#include "client.h"
#include "samverk.h"

#include <stdint.h>
#include <sys/types.h>

/* A samverkd of our own: its directory, its process, and users in it. */

#define SERVER_USERS 64u
#define SERVER_MUNICIPALITIES 16u

typedef struct {
    const char *program;
    char directory[512];
    char address[64];
    keys_t users[SERVER_USERS]; /* brokers, each with one municipality */
    keys_t admin;
    unsigned char public_key[32];
    pid_t pid; /* 0: not running */
    double start_seconds;
} server_t;

/* Make a region in a new directory below `parent`, start the daemon, and let
   SERVER_USERS brokers join. */
void server_make(server_t *self, const char *program, const char *parent);
/* The same with nothing in it but its administrator. */
void server_make_empty(server_t *self, const char *program, const char *parent);
/* The profile that `samverk join` would have left of someone with these keys. */
void server_profile(const server_t *self, const keys_t *keys, samverk_profile_t *profile);
/* Start it in its directory; waits for READY=1 and notes how long that took. */
void server_start(server_t *self);
void server_stop(server_t *self);
/* Stop it, and remove its directory. */
void server_remove(server_t *self);

/* "mun-0507": where user `user` writes. */
void server_municipality(unsigned user, char id[16]);
/* "record.mdb" in its directory. */
void server_file(const server_t *self, char *path, size_t size);

/* Processor seconds that it has used: what a noisy machine disturbs least. */
double server_cpu(const server_t *self);

/* Until it does nothing of itself any more, or for `most` seconds; how long that took. */
double server_settle(const server_t *self, double most);

typedef struct {
    double resident;  /* all of it, bytes */
    double mapped;    /* of that, pages of record.mdb */
    double anonymous; /* of that, heap and stacks */
} server_memory_t;
void server_memory(const server_t *self, server_memory_t *memory);

#endif
