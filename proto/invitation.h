#ifndef SAMVERK_INVITATION_H
#define SAMVERK_INVITATION_H

#include "arena.h"
#include "error.h"

#include <stdbool.h>
#include <stdint.h>

/* What a newcomer is given: one line of text with where the daemon is, its key,
   and the secret half of a key that serves for joining alone, once.
   "samverk:" and base64url, without padding, of the msgpack list
   ["invitation", 1, address, server key, secret key, expires]. */
#define INVITATION_VERSION 1
#define INVITATION_KEY_SIZE 32u

typedef struct {
    const char *address; /* a ZeroMQ endpoint: "tcp://samverk.example.se:7761" */
    unsigned char server_key[INVITATION_KEY_SIZE];
    unsigned char secret_key[INVITATION_KEY_SIZE];
    int64_t expires; /* UTC milliseconds */
} invitation_t;

/* The line, without a newline, in `arena`. */
char *invitation_write(const invitation_t *self, arena_t *arena);

/* And back; white space anywhere in it is passed over, since mail breaks long
   lines. The address lives in `arena`. Whether it has expired is not looked at. */
bool invitation_read(invitation_t *self, const char *text, arena_t *arena, error_t *error);

#endif
