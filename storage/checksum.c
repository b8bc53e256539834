#include "checksum.h"

#include <sodium.h>
#include <string.h>

void checksum_of(const db_view_t *parts, size_t count, unsigned char sum[CHECKSUM_SIZE])
{
    /* libsodium makes none shorter than 16 bytes. */
    unsigned char whole[crypto_generichash_BYTES_MIN];
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, sizeof whole);
    for (size_t i = 0; i < count; i++)
        crypto_generichash_update(&state, parts[i].data, parts[i].size);
    crypto_generichash_final(&state, whole, sizeof whole);
    memcpy(sum, whole, CHECKSUM_SIZE);
}
