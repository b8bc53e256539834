#ifndef SAMVERK_TEST_REGION_H
#define SAMVERK_TEST_REGION_H

#include "feed.h"

/* A region on a fake clock: a store in a temporary directory, the daemon's own
   dispatch, writer and feed, and clients at the other end of an in-process socket.
   One thread; what a call sets going is done when it returns. cmocka's assertions
   fail the test where the world does not work or a push leaves a gap (P5). */
typedef struct region region_t;
typedef struct client client_t;

/* With its first user, usr-1: administrator, coordinator and privacy over the whole,
   whose client "admin" has said hello. The clock stands at 2026-03-14T08:00:00Z. */
region_t *region_new(void);
void region_destroy(region_t **self_p);

const environment_t *region_environment(const region_t *self);
const char *region_directory(const region_t *self);
arena_t *region_arena(region_t *self); /* lives as long as the region */
uint64_t region_now(const region_t *self);
uint64_t region_head(region_t *self);

/* Let time pass, and do what the front does each second. */
void region_pass(region_t *self, uint64_t ms);
/* Set the clock, and nothing else: it jumps. */
void region_jump(region_t *self, int64_t ms);
/* Close the store and open it again; every client says hello anew. */
void region_restart(region_t *self);
/* From the next start on the map has this many MiB: how full a disk looks. */
void region_set_map(region_t *self, unsigned mib);
/* Findings of replay_check, told on stderr. Restarts. */
int region_check(region_t *self);

/* -- clients ------------------------------------------------------------------ */

/* The public key that belongs to a name. */
void region_key(const char *name, unsigned char key[32]);

client_t *region_client(region_t *self, const char *name); /* or NULL */
/* Connect with the key of `key_name` and say hello. The error is `revoked` when the
   key is none that the record knows. */
client_t *region_hello(region_t *self, const char *name, const char *key_name, error_t *error);

/* The daemon's side of the connection; NULL when it has forgotten it. */
session_t *region_session(const region_t *self, const client_t *client);
/* Another life of the record, as a restore begins one: a new epoch. Restarts. */
void region_set_epoch(region_t *self, const char *epoch);
/* Tell of every frame as it comes to a client, who keeps no bytes for client_was_sent
   then. */
typedef void (*region_heard_t)(void *context, client_t *client, const frame_t *frame,
                               const void *data, size_t size);
void region_listen(region_t *self, region_heard_t heard, void *context);
/* The client goes without a word. */
void region_hang_up(region_t *self, client_t *client);

typedef struct {
    const char *command;
    value_t arguments;
    const char *as;          /* or NULL */
    const unsigned char *id; /* or NULL: one is made */
} request_t;

typedef struct {
    uint64_t revision;
    value_t result;
    error_t error;
} reply_t;

/* Over the wire and back. */
reply_t region_ask(region_t *self, client_t *client, const request_t *request);
/* What the front gives the writer by itself. Why it came to nothing, or ERROR_NONE. */
error_code_t region_chore(region_t *self, chore_t chore, const void *what);
void region_request_id(region_t *self, unsigned char id[WIRE_REQUEST_ID_SIZE]);

/* The next push, bookmark or end that came and was not taken yet, or NULL. */
const frame_t *client_take(client_t *self);
/* Pass over what came and was not taken. */
void client_clear(client_t *self);
/* The n-th of all that ever came, taken or not; NULL past the last. */
const frame_t *client_frame(const client_t *self, size_t n);
/* Credit: all that it uses up is given back at once, unless it is deaf. */
void client_set_deaf(region_t *region, client_t *self, bool deaf);
/* A deaf one takes so many bytes more. */
void client_grant(region_t *region, client_t *self, uint64_t credit);
/* True when this text was anywhere in what was ever sent to it since client_forget. */
bool client_was_sent(const client_t *self, const char *text);
void client_forget(client_t *self);
/* Give back all that ever came, frames and the last reply included. */
void client_empty(client_t *self);
const char *client_user(const client_t *self); /* "usr-2" */

#endif
