#ifndef SAMVERK_ACCESS_H
#define SAMVERK_ACCESS_H

#include "placement.h"

/* Who may see and do what (DOMAIN: roles and rights), read in the transaction
   that serves the request. */

typedef struct {
    role_t role;
    bool whole;                    /* the whole scope of the region */
    const value_t *municipalities; /* lists of ids, or absent */
    const value_t *organisations;
    const char *until; /* last day, or NULL */
} right_t;

/* What a key stands for at one revision. Constant once loaded. */
typedef struct {
    bool valid;      /* an active key of an active user */
    bool acting;     /* a service is acting for this user */
    bool invitation; /* an unexpired invitation: may join, nothing else */
    record_id_t key;
    record_id_t user;
    role_mask_t roles;
    const right_t *rights;
    size_t n_rights;
} access_t;

/* The daemon itself, when it changes the record: it may what a coordinator of the whole
   region may, and is no user. The journal calls it "". */
extern const access_t access_daemon;

/* The rights behind a public key, or behind a user that a service acts for. The
   result lives in `arena`; never NULL, `valid` and `invitation` say what it is. */
const access_t *access_of_key(store_txn_t *txn, const unsigned char public_key[32], uint64_t now_ms,
                              arena_t *arena);
access_t *access_of_user(store_txn_t *txn, const record_id_t *user, uint64_t now_ms,
                         arena_t *arena);
/* The user whose rights a record is part of, or NULL (which `record` may be, too). */
const char *access_user_of(const record_t *record);
/* Same user with the same roles in the same scopes. */
bool access_equal(const access_t *a, const access_t *b);

/* True when one of the reader's grants of a role in `roles` covers the place. */
bool access_covers(const access_t *self, role_mask_t roles, const placement_t *placement);
/* True when the placement names the reader as user (broker, holder, own user record). */
bool access_is_named(const access_t *self, const placement_t *placement);

/* The fields that the reader may see: 0 when nothing of the record, not even that
   it is there. With `personal`, people's data in the own scope too. */
field_mask_t access_view(const access_t *self, const record_t *record, const placement_t *placement,
                         bool personal);
/* True when a reference that the reader may see, within `mask`, is to the reader. */
bool access_names(const access_t *self, const record_t *record, field_mask_t mask);
/* True when the record is in the reader's own scope, local fields included. */
bool access_is_own(const access_t *self, const record_t *record, const placement_t *placement);

/* What a privacy officer gets to answer a person's request for access: all of a record
   that concerns `subject`, other people's data left out; 0 outside the own scope. */
field_mask_t access_disclosed(const access_t *self, const record_t *record,
                              const placement_t *placement, const char *subject);
/* May change the record as it stands; and may have it placed as it would stand. */
bool access_may_write(const access_t *self, const record_t *record, const placement_t *placement);
/* May take the record along a move: its roles may, where they cover it. */
bool access_may_move(const access_t *self, const record_t *record, const placement_t *placement,
                     const move_t *move);
bool access_may_place(const access_t *self, const lookup_t *lookup, const record_t *record,
                      arena_t *arena);

/* A grant record: may this user give it to someone? No one gives more than the own:
   not another role than the own allow, not beyond the own scope, not for longer. */
bool access_may_give(const access_t *self, const record_t *grant);
/* And may this user take it from someone? Administrators take what lies in their
   scope, others what they could give. */
bool access_may_take(const access_t *self, const record_t *grant);
/* A service acts for people of its own scope who are no administrators, no privacy
   officers and no services themselves. */
bool access_may_act_for(const access_t *service, const access_t *user);

#endif
