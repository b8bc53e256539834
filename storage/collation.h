#ifndef SAMVERK_COLLATION_H
#define SAMVERK_COLLATION_H

#include <stdbool.h>
#include <stddef.h>

/* The Swedish alphabet's order as bytes, from ICU. */

#define COLLATION_VERSION_SIZE 4u

/* Open the collator, once a process; store_open does. False when ICU has none.
   After that any thread may make keys: the collator is only read. */
bool collation_start(void);

/* Changes when ICU may give other keys: indexes are then rebuilt. */
void collation_version(unsigned char version[COLLATION_VERSION_SIZE]);

/* The sort key of `text`, cut at `room` bytes, without a NUL in it. Returns its
   size. Only the first 512 UTF-16 units of the text count. */
size_t collation_key(const char *text, size_t size, unsigned char *key, size_t room);

#endif
