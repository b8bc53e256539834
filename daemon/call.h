#ifndef SAMVERK_CALL_H
#define SAMVERK_CALL_H

#include "access.h"
#include "clock.h"
#include "config.h"
#include "derived.h"
#include "draft.h"
#include "journal.h"

/* What the daemon knows of itself; constant while it serves. */
typedef struct {
    store_t *store;
    derived_t *derived; /* or NULL: filters over people's data look at everybody */
    const config_t *config;
    const clock_face_t *clock;
    clock_step_t *step;
    uint64_t started_ms;
    struct backups *backups;       /* the front's to ask */
    const unsigned char *next_key; /* the server's, when it is about to change; else NULL */
    const char *next_key_day;
} environment_t;

/* One request being served, in one transaction. Everything lives in `arena`. */
typedef struct {
    const environment_t *environment;
    const command_t *command;
    const value_t *arguments;
    const unsigned char *public_key; /* whose connection */
    const access_t *access;          /* whose rights: the user's, or for whom a service acts */
    store_txn_t *txn;
    lookup_t lookup; /* records as `txn` has them */
    arena_t *arena;
    uint64_t now_ms;
    uint64_t expiry_ms;  /* what rights and invitations expire by */
    draft_t *draft;      /* writes */
    const char *purpose; /* what people's data is read for; NULL: it is left out */
    value_t result;
    error_t error;
    const char **subjects; /* whose personal data the result holds */
    size_t n_subjects, subjects_room;
} call_t;

/* Reads: fill in `result`. Writes: fill the draft. False with `error` filled in; false
   without: nothing is to be applied, and `result` says why. */
typedef bool (*handler_t)(call_t *call);
/* Writes: the result, from what was applied; the same for the first answer and for
   that to a retry. May fill in `error` instead. */
typedef value_t (*answer_t)(call_t *call, const journal_entry_t *entry);

/* The handler of a command (dispatch.c has the table); NULL for commands of the front. */
handler_t dispatch_handler(const command_t *command);
answer_t dispatch_answer(const command_t *command);

/* Check command, arguments and role, then run the handler. */
bool dispatch_run(call_t *call);

/* Arguments. */
const char *call_text(const call_t *call, const char *name); /* or NULL */
int64_t call_integer(const call_t *call, const char *name, int64_t otherwise);
bool call_flag(const call_t *call, const char *name);

/* Note that people's data of this record, or with NULL of none yet, answers the call. */
void call_note(call_t *call, const record_t *record);
/* The same of whoever has this id. */
void call_note_subject(call_t *call, const char *id);

/* The view with the moves that the caller could make now: what one record is answered
   with. */
value_t call_answer(call_t *call, const record_t *record, field_mask_t mask);

/* The record as this caller may see it: opened, masked, and remembered as read when
   people's data goes with it. `mask` is 0 when there is nothing to see. */
value_t call_view(call_t *call, const record_t *record, field_mask_t mask);
/* The mask under the caller's rights; with a purpose, people's data in the own scope. */
field_mask_t call_mask(call_t *call, const record_t *record);

#endif
