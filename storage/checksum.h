#ifndef SAMVERK_CHECKSUM_H
#define SAMVERK_CHECKSUM_H

#include "db.h"

/* The first 8 bytes of a BLAKE2b of 16 over the parts, one after another: what a
   stored value holds of its key and of the rest of itself. For storage alone. */
#define CHECKSUM_SIZE 8u

void checksum_of(const db_view_t *parts, size_t count, unsigned char sum[CHECKSUM_SIZE]);

#endif
