#ifndef BENCH_PROCESS_H
#define BENCH_PROCESS_H

#include <stdint.h>
#include <sys/types.h>

/* A server that we start, and what it stands on: a port, a directory, a certificate. */

#define PROCESS_DIRECTORY 256u

typedef struct {
    const char *name;
    char directory[PROCESS_DIRECTORY]; /* its own, removed when it is stopped */
    uint16_t port;
    pid_t pid;  /* 0: not running */
    int signal; /* that ends it in good order */
} process_t;

/* Processor seconds that a process and its children have used, those that have ended too:
   what a noisy machine disturbs least. */
double processor_seconds(pid_t pid);
/* One that was free a moment ago, on 127.0.0.1. */
uint16_t free_port(void);
/* With all that is in it. */
void remove_tree(const char *directory);

/* A name, a new directory below `parent`, a free port, SIGTERM. */
void process_prepare(process_t *self, const char *name, const char *parent);
/* "cert.pem" and "key.pem" in its directory: self-signed, for 127.0.0.1. */
void process_certify(const process_t *self);
/* Run a program to its end; trouble when it fails. What it says is in the directory's
   "log", here as below. */
void process_run(const process_t *self, char *const *arguments);
/* Start the server; waits until its port answers. */
void process_start(process_t *self, char *const *arguments);
/* And remove its directory. */
void process_stop(process_t *self);

#endif
