#ifndef BENCH_TLS_H
#define BENCH_TLS_H

#include <stddef.h>
#include <stdint.h>

/* A TLS connection to a port on 127.0.0.1, for a client library that has none. */
typedef struct tls tls_t;

tls_t *tls_open(uint16_t port);
void tls_close(tls_t **self_p);
int tls_fd(const tls_t *self);
/* From now on tls_read returns 0 where it would wait. */
void tls_never_wait(tls_t *self);
/* All of it. */
void tls_write(tls_t *self, const void *data, size_t size);
/* Some of what has come. */
size_t tls_read(tls_t *self, void *data, size_t size);

#endif
