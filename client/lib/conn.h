#ifndef SAMVERK_CONN_H
#define SAMVERK_CONN_H

#include "samverk.h"
#include "wire.h"

/* One socket and the one session it carries. A connection that breaks is never
   mended: whoever has it makes another (a DEALER that reconnects by itself comes
   back under another routing id, its watches dead). */
typedef struct conn conn_t;

typedef enum {
    CONN_OPENING, /* no encrypted connection yet */
    CONN_OPEN,    /* the handshake is done */
    CONN_BROKEN,  /* for good; conn_trouble says why */
} conn_state_t;

/* Connect, with the profile's key. NULL when the endpoint is none. Never blocks. */
conn_t *conn_new(const samverk_profile_t *profile);
void conn_destroy(conn_t **self_p);

conn_state_t conn_state(const conn_t *self);
samverk_trouble_t conn_trouble(const conn_t *self);

/* Wait until a frame is here, the state changes or the time is up. Returns the
   frame's bytes, valid until the next call, and their number; NULL when there is
   none. Messages of several parts are thrown away whole. */
const void *conn_receive(conn_t *self, int timeout_ms, size_t *size_p);

/* Send a frame. False when it cannot go out now: the connection is then broken. */
bool conn_send(conn_t *self, const frame_t *frame);
bool conn_send_bytes(conn_t *self, const void *data, size_t size);

/* Bytes of frames that we have dealt with: once there are enough of them the
   daemon gets them back as credit. */
void conn_consumed(conn_t *self, size_t bytes);

#endif
