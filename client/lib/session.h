#ifndef SAMVERK_SESSION_H
#define SAMVERK_SESSION_H

#include "conn.h"
#include "samverk.h"
#include "wire.h"

/* What the files of the library share about a connection that heals. */

/* A pushed frame that nobody has asked for yet. */
typedef struct pushed pushed_t;
struct pushed {
    pushed_t *next;
    size_t size;
    unsigned char data[];
};

struct samverk_call {
    samverk_call_t *next;
    unsigned char id[WIRE_REQUEST_ID_SIZE];
    arena_t *arena; /* this call and its answer */
    void *frame;    /* encoded, to be sent again as it is */
    size_t frame_size;
    bool write;
    bool ever_sent;
    uint64_t sent_in;   /* the session that it was last sent in; 0 none */
    int64_t not_before; /* monotonic ms; the daemon was busy until then */
    unsigned failures;
    int64_t deadline;
    bool answered;
    bool refused;
    value_t result;
    uint64_t revision;
    error_t error;
};

struct samverk_watch {
    samverk_watch_t *next;
    samverk_t *owner;
    arena_t *arena;
    value_t filter; /* arguments of `watch`, without since and epoch */
    samverk_place_t place;
    uint64_t number;  /* the daemon's, in this session */
    uint64_t session; /* the session it is established in; 0 none */
    bool ended;       /* the end has been told */
};

struct samverk {
    samverk_profile_t profile;
    char program[64];
    unsigned timeout_ms;
    bool keys_changed; /* of the profile, since they were asked for */

    conn_t *conn;     /* NULL between two attempts */
    uint64_t session; /* counts welcomes */
    bool welcomed;
    int64_t welcome_by;   /* monotonic ms */
    int64_t next_attempt; /* monotonic ms */
    int64_t down_since;   /* monotonic ms; 0 while welcomed */
    unsigned failures;
    samverk_trouble_t trouble;
    error_t refusal; /* the daemon will not have us */

    arena_t *scratch;       /* one frame at a time */
    arena_t *welcome_arena; /* the last welcome */
    value_t welcome;
    int64_t offset_ms; /* daemon's clock less ours */

    samverk_call_t *calls;
    samverk_watch_t *watches;
    pushed_t *first, *last;
    size_t pushed_bytes;
    bool pushed_lost; /* there were more than fit: the watches have to resume */
};

/* Monotonic milliseconds. */
int64_t session_now(void);

/* One step towards a connection and its frames, until `deadline` at the latest. */
void session_step(samverk_t *self, int64_t deadline);

/* The oldest pushed frame, taken out of the queue and the caller's to free, or NULL. */
pushed_t *session_take(samverk_t *self);

#endif
