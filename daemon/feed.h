#ifndef SAMVERK_FEED_H
#define SAMVERK_FEED_H

#include "push.h"
#include "session.h"

/* Bring changes to watches: live ones from memory after each commit, the others from
   the journal, a slice at a time. The front's thread alone. */
typedef struct {
    const environment_t *environment;
    sessions_t *sessions;
    access_cache_t *cache;
    uint64_t head;   /* last revision that is synced and was fed */
    uint64_t turn;   /* number of the session that catches up first; 0: any */
    uint64_t marked; /* number of the session that gets bookmarks first; 0: any */
    unsigned probes; /* sessions that are yet to get bookmarks whether due or not */
    arena_t *arena;  /* emptied after each commit and slice */
    pushes_t pushes; /* in `arena` */
    arena_t *past_arena;
    const journal_entry_t *past; /* the entry last asked for, in `past_arena` */
} feed_t;

/* All changes of a commit to every live watch. Ends the watches of users whose rights
   it changed, and closes the sessions of keys that it revoked. */
void feed_commit(feed_t *self, const commit_t *commit);

/* One slice for each watch that lags and has credit. True when there is more to do. */
bool feed_catch_up(feed_t *self);

/* Bookmarks for watches that have looked further than they told; with `all`, for
   every watch, which also finds the peers that are gone. Some hundreds at a time, so
   that no answer waits for them; the next call goes on with the rest. */
void feed_bookmarks(feed_t *self, bool all);

/* Rights end with a day too: look at every session's anew. */
void feed_check_rights(feed_t *self);

/* End one session's watches, saying why. */
void feed_end(feed_t *self, session_t *session, error_code_t code);

#endif
