#ifndef SIM_PLAN_H
#define SIM_PLAN_H

#include "arena.h"
#include "words.h"

#include <stdbool.h>
#include <stdint.h>

/* A region that never was: which municipalities, how many employers of what size, what
   they ask for and what becomes of it. All of it is drawn from a seed, piece by piece and
   only when asked for, so that a million inquiries take no room. */

typedef struct {
    uint64_t seed;
    unsigned municipalities; /* 1 to PLAN_MUNICIPALITIES_MAX, around one that is drawn */
    unsigned employers;
    unsigned inquiries;
    unsigned open; /* the newest of them are; PLAN_BY_AGE: as far as each has come */
    unsigned days; /* over which they came in; the last of them is today */
} plan_size_t;

#define PLAN_MUNICIPALITIES_MAX 290u
#define PLAN_BY_AGE UINT32_MAX
#define PLAN_DAYS_MAX 3650u

typedef struct {
    char code[5], county[3];
    const char *name;
    double latitude, longitude;
} plan_place_t;

typedef struct plan plan_t;

/* `data` is the folder with municipalities.csv. NULL when that cannot be read. */
plan_t *plan_new(const plan_size_t *size, const char *data);
void plan_destroy(plan_t **self_p);

const plan_size_t *plan_size(const plan_t *self);
const plan_place_t *plan_place(const plan_t *self, unsigned number);

/* Lie in larger places more often than in smaller ones. How large a place is is drawn
   too: data/ has no populations. */
typedef struct {
    unsigned place;
    const trade_t *trade;
    const char *size; /* a word of the vocabulary `size`; most are small */
} plan_employer_t;
plan_employer_t plan_employer(const plan_t *self, unsigned number);

/* -- inquiries ------------------------------------------------------------------------- */

#define PLAN_NOBODY UINT32_MAX

typedef struct {
    unsigned day;      /* that it was filed on, from 0 */
    unsigned employer; /* or PLAN_NOBODY: someone called */
    unsigned place;
    const subject_t *subject;
    const group_t *group;
    const title_t *title;
    const sentence_t *need;
    const char *wish;
    unsigned participants;
    const char *form, *level, *time_of_day, *channel, *origin, *route; /* NULL: not said */
    unsigned begins, lasts;            /* days from the day it was filed; 0: not said */
    unsigned travel_km, budget_kronor; /* 0: not said */
    bool framed, discreet, urgent;
} plan_inquiry_t;
plan_inquiry_t plan_inquiry(const plan_t *self, unsigned number);

/* What becomes of it by today. */
#define PLAN_STEPS_MAX 9u
typedef struct {
    unsigned day;
    const char *verb;
    const char *outcome; /* of `close` */
} plan_step_t;
unsigned plan_steps(const plan_t *self, unsigned number, plan_step_t steps[PLAN_STEPS_MAX]);

/* -- contacts ----------------------------------------------------------------------------- */

typedef struct {
    unsigned day;  /* that it was booked on */
    unsigned when; /* that it is to be on; may lie after today */
    unsigned employer;
    const char *how, *aim;
    bool cancelled;
} plan_contact_t;
/* One for every second employer, some of whom are met several times. */
unsigned plan_contacts(const plan_t *self);
plan_contact_t plan_contact(const plan_t *self, unsigned number);

#endif
