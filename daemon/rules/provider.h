#ifndef SAMVERK_PROVIDER_H
#define SAMVERK_PROVIDER_H

#include "draft.h"

/* False with an error when the record's `provider` is an organisation that teaches
   nobody. */
bool provider_check(draft_t *draft, const record_t *record, error_t *error);

/* True when the writer may change the record as the provider's user alone, not as a
   broker: of brokers' fields it changes none. */
bool provider_writes(draft_t *draft, const record_t *record);

#endif
