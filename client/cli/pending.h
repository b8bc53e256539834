#ifndef SAMVERK_PENDING_H
#define SAMVERK_PENDING_H

#include "samverk.h"
#include "value.h"

#include <stdbool.h>

/* The request id of a write, kept in a file from before it is sent until it has
   been answered. The same command again finds it, and asks under the same id. */

typedef struct {
    char path[4096];
    int file; /* locked while we have it; -1 when nothing could be kept */
    unsigned char id[16];
    bool again; /* it was left there by a run that got no answer */
} pending_t;

/* Find or make the file for this command. Another run of the very same command at
   the same moment is its own: it gets its own file. False sets errno. */
bool pending_open(pending_t *self, const samverk_t *connection, const samverk_profile_t *profile,
                  const char *command, const value_t *arguments);

/* The answer is here: nothing is pending. Or it is not: the file stays. */
void pending_answered(pending_t *self);
void pending_keep(pending_t *self);

/* 16 bytes as 32 hexadecimal digits, and back. */
void pending_id_write(char text[33], const unsigned char id[16]);
bool pending_id_read(unsigned char id[16], const char *text);

/* A name for files that belong to these bytes: 32 hexadecimal digits. */
void pending_digest(char text[33], const void *data, size_t size);

#endif
