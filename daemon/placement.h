#ifndef SAMVERK_PLACEMENT_H
#define SAMVERK_PLACEMENT_H

#include "store.h"

/* Where records are found: in the transaction, and before it among those that a draft
   is about to change. `drafted` may be NULL; it returns true when it knows the record
   and sets it, NULL for one that is being deleted. */
typedef struct {
    store_txn_t *txn;
    bool (*drafted)(const void *draft, const record_id_t *id, const record_t **record_p);
    const void *draft;
    uint64_t as_of; /* as records stood at this revision; 0: as they stand */
} lookup_t;

const record_t *lookup_record(const lookup_t *self, const record_id_t *id, arena_t *arena);

/* How far records are followed: a task on a need on an inquiry. */
#define PLACEMENT_DEPTH 3

/* Up to so many places of each sort; a record has one or two. */
#define PLACES_MAX 16u

typedef struct {
    const char *ids[PLACES_MAX];
    unsigned count;
} places_t;

typedef struct placement placement_t;

/* Where a record belongs: what its scope fields name. Made once a record and
   transaction, then held against any number of readers. */
struct placement {
    places_t municipalities; /* for writing and reading */
    places_t organisations;
    places_t readers_municipalities; /* from `also`: for reading alone */
    places_t users;
    places_t providers;    /* from "=field": what a provider's right is held against */
    field_mask_t personal; /* fields that hold people's data, by class or as they stand */
    bool protected, staff; /* of a person */
    bool restricted;       /* the person whose data it holds is */
    bool discreet;
    bool municipality_shown; /* of a discreet one: enough employers there */
    bool veiled; /* placed by someone with protected identity: others do not see where */
    bool lost;   /* follows a record through too many others to tell: nobody sees it */
    const record_t *followed;
    const placement_t *followed_placement;
};

const placement_t *placement_of(const lookup_t *lookup, const record_t *record, arena_t *arena);

/* The same by the first scope field alone that names a place: what a new place is
   judged by. */
placement_t placement_first(const lookup_t *lookup, const record_t *record, arena_t *arena);

bool places_have(const places_t *self, const char *id);
/* True when the record is placed in the municipality (an id). */
bool placement_in(const placement_t *self, const char *municipality);

#endif
