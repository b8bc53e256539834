#ifndef SAMVERK_IDENTITY_H
#define SAMVERK_IDENTITY_H

#include "call.h"

#include <stdbool.h>
#include <stddef.h>

/* Who may connect at all. A ZAP handler, bound before the first socket and failing
   closed, lets in keys that the record knows as active or invited, and hands the
   key on as the connection's User-Id: 64 hexadecimal digits. What the key may do is
   read anew with each request. A suspended user is let in to be told so, no more. */
typedef struct identity identity_t;

/* NULL, with a line in the log, when the handler cannot be bound. */
identity_t *identity_new(const environment_t *environment);
void identity_destroy(identity_t **self_p);

/* The key behind a connection's User-Id. False when it is none of ours. */
bool identity_key(const char *user_id, unsigned char public_key[32]);

/* Why what a key stands for is not served: ERROR_SUSPENDED for an active key of a
   suspended user, ERROR_REVOKED otherwise. In the transaction that it was read in. */
error_code_t identity_refusal(store_txn_t *txn, const access_t *access);

/* A ROUTER with CURVE and an enforced ZAP domain: the socket is refused unless it says
   that the domain is enforced. NULL with `why`. */
void *identity_router(const unsigned char secret_key[32], void *context, char *why,
                      size_t why_size);

#endif
