#ifndef SAMVERK_ONE_PAGER_H
#define SAMVERK_ONE_PAGER_H

#include "cli.h"

#include <jansson.h>

/* What an offer says on paper (S0: the one-pager, the "contract" on the content between
   provider and customer), from the offer, its inquiry with the canvas or its pool, the
   course, the provider and the responsible organisation: as much of them as this user may
   see. */

typedef struct {
    const char *id;
    long long edition;
    bool canvas;      /* it has texts from the canvas, which the offer has none of its own for */
    json_t *document; /* as samverk-paper(1) has it; the caller's */
} one_pager_t;

/* Gather it and write it down in `language`, "sv" or "en"; `id` is an offer's. False when
   the user has been told why not. */
bool one_pager_make(one_pager_t *self, cli_t *cli, const char *id, const char *language);

#endif
