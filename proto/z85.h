#ifndef SAMVERK_Z85_H
#define SAMVERK_Z85_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes as printable text, five characters for four bytes (ZeroMQ RFC 32). */

#define Z85_KEY_SIZE 32u      /* of a CURVE key */
#define Z85_KEY_TEXT_SIZE 41u /* and its text with NUL */

/* `size` is a multiple of four; `text` has room for size / 4 * 5 + 1. */
void z85_encode(const unsigned char *bytes, size_t size, char *text);
/* False unless `text` is exactly the encoding of `size` bytes. */
bool z85_decode(const char *text, unsigned char *bytes, size_t size);

#endif
