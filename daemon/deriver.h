#ifndef SAMVERK_DERIVER_H
#define SAMVERK_DERIVER_H

#include "call.h"

/* The thread that takes the derived file on towards the head (derived.h), a moment
   behind the writer and out of everybody's way. */
typedef struct deriver deriver_t;

/* NULL where the environment has no such file; the others then do nothing. */
deriver_t *deriver_new(const environment_t *environment);
/* Something has been committed. */
void deriver_wake(deriver_t *self);
/* Stop, even with the head where that is near. */
void deriver_destroy(deriver_t **self_p);

#endif
