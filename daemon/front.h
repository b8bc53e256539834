#ifndef SAMVERK_FRONT_H
#define SAMVERK_FRONT_H

#include "config.h"
#include "identity.h"

/* The front: the daemon's main thread. Frames come in here and go out here; reads go
   to the readers, writes to the writer, what they answer comes back. */
typedef struct front front_t;

/* Bind and start the threads. NULL with `why`. */
front_t *front_new(const environment_t *environment, const config_t *config,
                   const unsigned char secret_key[32], char *why, size_t why_size);

/* Serve until SIGTERM or SIGINT (a signalfd that the caller opened), then finish what
   the writer was given, answer, and return. */
void front_run(front_t *self, int signals);

void front_destroy(front_t **self_p);

#endif
