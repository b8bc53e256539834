#include "deriver.h"

#include "background.h"
#include "log.h"
#include "mailbox.h"

#include <czmq.h>

#define PAUSE_MS 20    /* in which commits gather: one step for all of them */
#define LAST_STEPS 20u /* when told to stop */

static char wake_sign, stop_sign;
#define WAKE ((void *)&wake_sign)
#define STOP ((void *)&stop_sign)

struct deriver {
    zactor_t *actor;
};

/* One step. `*told` is what was last said to be wrong: once is enough. */
static derived_step_t step(derived_t *derived, int *told)
{
    int status;
    derived_step_t came_to = derived_follow(derived, &status);

    if (status != 0 && status != *told)
        log_warning("the derived file is behind: %s", store_reason(status));
    *told = status;
    return came_to;
}

static void deriver_main(zsock_t *pipe, void *context)
{
    derived_t *derived = context;
    void *socket = zsock_resolve(pipe);
    void *message = NULL;
    int told = 0;

    background_begin();
    zsock_signal(pipe, 0);
    while (message != STOP) {
        bool wait = step(derived, &told) != DERIVED_MORE;
        while ((message = mailbox_receive(socket, wait)) == WAKE) {
            if (wait)
                zclock_sleep(PAUSE_MS);
            wait = false;
        }
        if (wait && message == NULL)
            break; /* the other side is gone */
    }
    for (unsigned i = 0; i < LAST_STEPS && step(derived, &told) == DERIVED_MORE; i++)
        ;
}

deriver_t *deriver_new(const environment_t *environment)
{
    if (environment->derived == NULL)
        return NULL;
    deriver_t *self = calloc(1, sizeof *self);
    if (self == NULL)
        log_fatal("no memory left");
    self->actor = zactor_new(deriver_main, environment->derived);
    if (self->actor == NULL)
        log_fatal("the deriver cannot be started");
    return self;
}

void deriver_wake(deriver_t *self)
{
    if (self != NULL)
        mailbox_send(zsock_resolve(self->actor), WAKE);
}

void deriver_destroy(deriver_t **self_p)
{
    deriver_t *self = *self_p;

    if (self == NULL)
        return;
    mailbox_send(zsock_resolve(self->actor), STOP);
    zactor_destroy(&self->actor);
    free(self);
    *self_p = NULL;
}
