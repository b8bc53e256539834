#ifndef SAMVERK_SAMVERK_H
#define SAMVERK_SAMVERK_H

#include "error.h"
#include "record.h"
#include "value.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The client library: one encrypted connection to one daemon, which heals by
   itself, with requests that are applied once, watches without undetected gaps
   and mirrors. A samverk_t and all that hangs on it is used by one thread.
   schema_start must have run. PROTOCOL.md says what goes over the wire. */

#define SAMVERK_KEY_SIZE 32u
#define SAMVERK_TIMEOUT_MS 10000u
#define SAMVERK_PORT "7761"

/* -- profiles ------------------------------------------------------------------ */

/* Where a daemon is and who we are to it. */
typedef struct {
    char name[64];
    char endpoint[256]; /* tcp://HOST:PORT */
    char region[128];   /* as the daemon called it when we joined; "" when not known */
    char user[RECORD_ID_MAX];
    unsigned char server_key[SAMVERK_KEY_SIZE];
    /* The server key that is to follow, once the daemon has announced it; all zero
       until then. It is tried when the present one no longer works. */
    unsigned char next_key[SAMVERK_KEY_SIZE];
    unsigned char public_key[SAMVERK_KEY_SIZE];
    unsigned char secret_key[SAMVERK_KEY_SIZE];
    /* The invitation that we are taking up, by its one-time public key; all
       zero once the daemon has answered. */
    unsigned char invitation[SAMVERK_KEY_SIZE];
} samverk_profile_t;

typedef enum {
    SAMVERK_PROFILE_OK,
    SAMVERK_PROFILE_MISSING,
    SAMVERK_PROFILE_BROKEN,     /* there, but not a profile */
    SAMVERK_PROFILE_NO_SECRET,  /* its secret key file is missing or broken */
    SAMVERK_PROFILE_EXPOSED,    /* others may read the secret key */
    SAMVERK_PROFILE_UNWRITABLE, /* errno says why */
} samverk_profile_status_t;

/* The folder of the profiles, $XDG_CONFIG_HOME/samverk, and of what must survive
   a crash, $XDG_STATE_HOME/samverk. False when the path does not fit `size`. */
bool samverk_config_path(char *path, size_t size);
bool samverk_state_path(char *path, size_t size);
/* Make a folder and those above it, for the owner alone. False sets errno. */
bool samverk_make_folder(const char *path);
/* Write a whole file so that it has the old content or the new, also after a
   power cut. False sets errno. */
bool samverk_write_file(const char *path, const void *data, size_t size, unsigned mode);
/* That a file is there survives a power cut too: its folder is synced. False sets errno. */
bool samverk_sync_name(const char *path);

/* NAME.profile holds what is no secret; NAME.secret, readable by its owner
   alone, the secret key. A name is letters, digits, dashes and underscores. */
bool samverk_profile_name_ok(const char *name);
samverk_profile_status_t samverk_profile_load(samverk_profile_t *self, const char *name);
samverk_profile_status_t samverk_profile_save(const samverk_profile_t *self);
/* The names there are, in order, in `arena`; returns how many. */
size_t samverk_profile_names(arena_t *arena, const char ***names_p);

/* A new CURVE key pair. */
void samverk_key_pair(unsigned char public_key[SAMVERK_KEY_SIZE],
                      unsigned char secret_key[SAMVERK_KEY_SIZE]);
/* The public half of a secret key. */
void samverk_key_public(unsigned char public_key[SAMVERK_KEY_SIZE],
                        const unsigned char secret_key[SAMVERK_KEY_SIZE]);

/* -- connection ------------------------------------------------------------------ */

typedef struct samverk samverk_t;

typedef enum {
    SAMVERK_DONE,
    SAMVERK_REFUSED,   /* the daemon said why: the error is filled in */
    SAMVERK_UNREACHED, /* no daemon, or no answer to something that changes nothing */
    SAMVERK_UNKNOWN,   /* a write was sent and not answered: it may be done or not */
} samverk_outcome_t;

/* What stood in the way of a connection, last time it was tried. */
typedef enum {
    SAMVERK_TROUBLE_NONE,
    SAMVERK_TROUBLE_CLOSED,    /* nobody listens there, or the network is down */
    SAMVERK_TROUBLE_HANDSHAKE, /* someone listens, but is not the daemon of this profile */
    SAMVERK_TROUBLE_KEY,       /* the daemon does not know our key */
    SAMVERK_TROUBLE_SILENT,    /* no word in time */
    SAMVERK_TROUBLE_LOST,      /* an established connection broke */
} samverk_trouble_t;

/* Borrows nothing. `program` is told to the daemon: "samverk 0.1.0". Nothing is
   connected before the first use. */
samverk_t *samverk_new(const samverk_profile_t *profile, const char *program);
void samverk_destroy(samverk_t **self_p);

/* How long a request, and a connection, may take; SAMVERK_TIMEOUT_MS at first. */
void samverk_set_timeout(samverk_t *self, unsigned timeout_ms);

/* Connect and be welcomed, unless that is done. */
samverk_outcome_t samverk_connect(samverk_t *self, error_t *error);
bool samverk_connected(const samverk_t *self);
/* The map of the last welcome; absent before the first. */
const value_t *samverk_welcome(const samverk_t *self);
/* The daemon's key has changed to the announced one, or another has been announced:
   true, once for each change, with `profile` brought up to it for saving. */
bool samverk_keys_changed(samverk_t *self, samverk_profile_t *profile);
/* Why there is no connection, where it was tried, and for how long in all. */
samverk_trouble_t samverk_trouble(const samverk_t *self);
const char *samverk_endpoint(const samverk_t *self);
unsigned samverk_waited_ms(const samverk_t *self);

/* UTC milliseconds by the daemon's clock, as the welcome told it; ours before. */
uint64_t samverk_time(const samverk_t *self);

/* -- requests ---------------------------------------------------------------------- */

/* A request that has been started. Several may be open; answers come in any
   order. It is sent again, under the same id, over a new connection when the old
   one breaks, and after a pause when the daemon is busy. */
typedef struct samverk_call samverk_call_t;

/* A new request id by the daemon's time. Whoever must survive its own end saves
   the id before it makes the call. */
void samverk_request_id(const samverk_t *self, unsigned char id[16]);

/* Start a request; `id` NULL for a new one. The arguments are copied. */
samverk_call_t *samverk_call(samverk_t *self, const char *command, const value_t *arguments,
                             const unsigned char *id);
/* The answer, in `arena`; the call is gone afterwards, whatever the outcome.
   `revision_p`, which may be NULL, gets the revision it was served at. */
samverk_outcome_t samverk_wait(samverk_t *self, samverk_call_t **call_p, arena_t *arena,
                               value_t *result, uint64_t *revision_p, error_t *error);
/* Both in one. */
samverk_outcome_t samverk_request(samverk_t *self, const char *command, const value_t *arguments,
                                  arena_t *arena, value_t *result, error_t *error);

/* -- watches ------------------------------------------------------------------------ */

typedef struct samverk_watch samverk_watch_t;

/* A state of the record: a revision means nothing without its epoch. */
typedef struct {
    char epoch[64];
    uint64_t revision;
} samverk_place_t;

/* Saved in a file, so that the next run goes on where this one stopped. Load is
   false when there is none or it is no place. */
bool samverk_place_load(samverk_place_t *self, const char *path);
bool samverk_place_save(const samverk_place_t *self, const char *path);

typedef enum {
    SAMVERK_NOTHING, /* the time is up */
    SAMVERK_CHANGES, /* `entries`: whole transactions, oldest first */
    SAMVERK_UP_TO,   /* everything this watch may see up to `place` has been told */
    SAMVERK_END,     /* no more: `code` says why. Take a snapshot, or stop */
} samverk_event_type_t;

typedef struct {
    samverk_event_type_t type;
    samverk_watch_t *watch;
    value_t entries;       /* list of {rev, time, ops: [{op, record | id}]}, in the arena given */
    samverk_place_t place; /* where the watch stands after this event */
    char code[32];
} samverk_event_t;

/* Watch what `filter` says (kinds, municipalities, ids, mine), from after `since`
   or, when that is NULL, from now. The connection owns the watch. */
samverk_outcome_t samverk_watch_new(samverk_t *self, const value_t *filter,
                                    const samverk_place_t *since, samverk_watch_t **watch_p,
                                    error_t *error);
void samverk_watch_destroy(samverk_watch_t **self_p);
const samverk_place_t *samverk_watch_place(const samverk_watch_t *self);

/* The next event of any watch, waiting at most `timeout_ms`. A broken connection
   is renewed and the watches resume from where they stood; a break in the chain
   of revisions is resumed in the same way. */
void samverk_next(samverk_t *self, unsigned timeout_ms, arena_t *arena, samverk_event_t *event);

/* -- mirrors ------------------------------------------------------------------------- */

/* A copy of all records of a kind that we may see, kept up to date. */
typedef struct samverk_mirror samverk_mirror_t;

/* Page the kind and watch it from the first page's revision; or, when `path` has a
   mirror saved in this epoch, go on from there. `path` may be NULL. */
samverk_outcome_t samverk_mirror_new(samverk_t *self, const kind_t *kind, const char *path,
                                     samverk_mirror_t **mirror_p, error_t *error);
void samverk_mirror_destroy(samverk_mirror_t **self_p);

/* Whether the event was this mirror's; it has then been applied. An end is not:
   destroy the mirror and make a new one. */
bool samverk_mirror_apply(samverk_mirror_t *self, const samverk_event_t *event);
/* True once the copy is one state of the record. */
bool samverk_mirror_consistent(const samverk_mirror_t *self);
size_t samverk_mirror_size(const samverk_mirror_t *self);
/* The view of a record, in `arena`; absent when it is not there. */
value_t samverk_mirror_get(const samverk_mirror_t *self, const char *id, arena_t *arena);
/* All ids, in no order, in `arena`; returns how many. */
size_t samverk_mirror_ids(const samverk_mirror_t *self, arena_t *arena, const char ***ids_p);
/* Save records and place in one file, for its owner alone. False sets errno. */
bool samverk_mirror_save(const samverk_mirror_t *self, const char *path);

#endif
