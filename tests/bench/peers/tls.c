#include "tls.h"

#include "trouble.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

struct tls {
    SSL *ssl;
    int fd;
};

tls_t *tls_open(uint16_t port)
{
    static SSL_CTX *context;
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    tls_t *self = malloc(sizeof *self);
    const int yes = 1;

    if (context == NULL)
        context = SSL_CTX_new(TLS_client_method());
    if (self == NULL || context == NULL)
        trouble("no memory left");
    self->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    self->ssl = SSL_new(context);
    if (connect(self->fd, (struct sockaddr *)&address, sizeof address) != 0 ||
        setsockopt(self->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes) != 0 ||
        SSL_set_fd(self->ssl, self->fd) != 1 || SSL_connect(self->ssl) != 1)
        trouble("no TLS with port %u", port);
    return self;
}

void tls_close(tls_t **self_p)
{
    tls_t *self = *self_p;

    SSL_free(self->ssl);
    close(self->fd);
    free(self);
    *self_p = NULL;
}

int tls_fd(const tls_t *self)
{
    return self->fd;
}

void tls_never_wait(tls_t *self)
{
    fcntl(self->fd, F_SETFL, fcntl(self->fd, F_GETFL) | O_NONBLOCK);
}

void tls_write(tls_t *self, const void *data, size_t size)
{
    size_t written;

    if (SSL_write_ex(self->ssl, data, size, &written) != 1)
        trouble("a TLS connection broke");
}

size_t tls_read(tls_t *self, void *data, size_t size)
{
    size_t got = 0;

    if (SSL_read_ex(self->ssl, data, size, &got) != 1 &&
        SSL_get_error(self->ssl, 0) != SSL_ERROR_WANT_READ)
        trouble("a TLS connection broke");
    return got;
}
