#ifndef SAMVERK_SESSION_H
#define SAMVERK_SESSION_H

#include "job.h"
#include "watch.h"

#include <zmq.h>

/* Connections that have said hello. The front's thread alone. */

#define SESSION_CREDIT_FIRST (1024 * 1024)
#define SESSION_CREDIT_MAX (4 * 1024 * 1024)
#define SESSION_REQUESTS_MAX 64u
#define SESSION_BYTES_MAX (1024u * 1024u) /* of requests open at a time */
#define SESSION_OVERDRAWN (-64 * 1024)    /* credit at which errors are told no more */
#define SESSION_WATCHES_MAX 16u
#define SESSION_IDLE_MS (10 * 60 * 1000u) /* without a watch or a word */
#define SESSION_ROUTE_MAX 255u

typedef struct session session_t;

struct session {
    uint64_t number;
    unsigned char route[SESSION_ROUTE_MAX]; /* whom libzmq calls so; no identity */
    size_t route_size;
    unsigned char public_key[32];
    int64_t credit;                   /* bytes it is ready to receive */
    unsigned open;                    /* requests not yet answered, those that wait included */
    unsigned under_way;               /* those that a thread has */
    size_t open_bytes;                /* of the requests not yet answered */
    job_t *waiting, *last_waiting;    /* those that its credit does not allow yet */
    uint64_t heard_ms;                /* monotonic */
    uint64_t since_ms;                /* UTC */
    char program[FRAME_NAME_MAX + 1]; /* as it called itself */
    arena_t *access_arena;
    const access_t *access; /* rights that its watches were last served under */
    watch_t *watches[SESSION_WATCHES_MAX];
    unsigned n_watches;
    uint64_t kinds, municipalities; /* what its watches ask for, or have: sight_bit */
    bool lagging;                   /* one of its watches may not stand at the head */
    uint64_t passed; /* unless it lags: its watches have looked up to here at least */
    uint64_t next_watch;
    session_t *previous, *next;
};

typedef struct sessions sessions_t;

sessions_t *sessions_new(void *router, unsigned most);
void sessions_destroy(sessions_t **self_p);

session_t *sessions_find(sessions_t *self, const void *route, size_t size);
session_t *sessions_by_number(sessions_t *self, uint64_t number);
session_t *sessions_first(sessions_t *self);
unsigned sessions_count(const sessions_t *self);

/* A new one. libzmq does not tell of peers that left: where there are too many, in all
   or of this key, the one longest silent makes room, unless it watches or waits for an
   answer. NULL when none can. */
session_t *sessions_open(sessions_t *self, const void *route, size_t size,
                         const unsigned char public_key[32], uint64_t now_ms);
/* Forget it, its watches and its waiting jobs. */
void sessions_close(sessions_t *self, session_t **session_p);

/* Send a frame without ever waiting, and take it off the credit. False when the peer
   is gone or takes nothing: its session is to be closed. */
bool sessions_send(sessions_t *self, session_t *session, const void *data, size_t size);
/* The same with a message, which is closed. */
bool sessions_send_message(sessions_t *self, session_t *session, zmq_msg_t *message);
/* The same to one that has not said hello; what becomes of it is no matter. */
void sessions_send_to(sessions_t *self, const void *route, size_t size, const void *data,
                      size_t data_size);

void session_grant(session_t *self, uint64_t credit);

/* Take a new watch as the session's. */
void session_add_watch(session_t *self, watch_t *watch);
/* Bring each watch to where the session as a whole has looked; before they are looked at
   one by one. */
void session_settle(session_t *self);

#endif
