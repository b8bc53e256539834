#ifndef SIM_FILL_H
#define SIM_FILL_H

#include "plan.h"
#include "samverk.h"

/* Put the region of a plan into an empty record, by import requests and batches, as a
   coordinator of the whole would. */

typedef struct {
    const char *data;  /* the folder with counties.csv and the areas */
    const char *today; /* YYYY-MM-DD: the day by the daemon's clock */
    bool filed;        /* inquiries stay as they were filed, and nothing hangs on them: what a
                          measurement needs, soon */
    const char *clock; /* a file that libfaketime has the daemon's time from, or NULL: all
                          that happens happens today */
    bool tells;        /* how far it is, on stderr */
} fill_options_t;

/* Connect anew for each day of the clock, under this profile. False once it has said on
   stderr what stood in the way. */
bool fill(const plan_t *plan, const samverk_profile_t *profile, const fill_options_t *options);

#endif
