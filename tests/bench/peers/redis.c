#include "peer.h"

#include "process.h"
#include "tls.h"
#include "trouble.h"

#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Redis with an append-only file synced before each answer. Debian's hiredis has no TLS
   yet: it formats and parses, OpenSSL carries. A write is MULTI to EXEC: the record, four
   sets and one sorted set that it is found by, the audit stream, the notice. */

#define COMMANDS 10u /* from MULTI to EXEC */
#define REQUEST_MAX 4096
#define CHUNK 16384

static process_t process;

static void start(const char *parent)
{
    char port[8], certificate[PROCESS_DIRECTORY + 16], key[PROCESS_DIRECTORY + 16];

    process_prepare(&process, "redis", parent);
    process_certify(&process);
    snprintf(port, sizeof port, "%u", process.port);
    snprintf(certificate, sizeof certificate, "%s/cert.pem", process.directory);
    snprintf(key, sizeof key, "%s/key.pem", process.directory);
    char *arguments[] = {"redis-server",
                         "--port",
                         "0",
                         "--tls-port",
                         port,
                         "--bind",
                         "127.0.0.1",
                         "--tls-cert-file",
                         certificate,
                         "--tls-key-file",
                         key,
                         "--tls-auth-clients",
                         "no",
                         "--dir",
                         process.directory,
                         "--appendonly",
                         "yes",
                         "--appendfsync",
                         "always",
                         "--save",
                         "",
                         "--client-output-buffer-limit",
                         "pubsub 256mb 256mb 0",
                         NULL};
    process_start(&process, arguments);
}

static void stop(void)
{
    process_stop(&process);
}

static pid_t pid(void)
{
    return process.pid;
}

typedef struct {
    tls_t *tls;
    redisReader *reader;
    unsigned number;
    char *request; /* of a writer */
    size_t room;
} connection_t;

static connection_t *connection_open(unsigned number)
{
    connection_t *self = calloc(1, sizeof *self);

    if (self == NULL)
        trouble("no memory left");
    self->tls = tls_open(process.port);
    self->reader = redisReaderCreate();
    self->number = number;
    return self;
}

static void connection_close(void *object)
{
    connection_t *self = object;

    tls_close(&self->tls);
    redisReaderFree(self->reader);
    free(self->request);
    free(self);
}

/* The next reply that has come whole; NULL when there is none. */
static redisReply *next_reply(connection_t *self)
{
    void *reply = NULL;

    if (redisReaderGetReply(self->reader, &reply) != REDIS_OK)
        trouble("redis: %s", self->reader->errstr);
    return reply;
}

static redisReply *wait_reply(connection_t *self)
{
    char bytes[CHUNK];
    redisReply *reply;

    while ((reply = next_reply(self)) == NULL)
        redisReaderFeed(self->reader, bytes, tls_read(self->tls, bytes, sizeof bytes));
    if (reply->type == REDIS_REPLY_ERROR || reply->type == REDIS_REPLY_NIL)
        trouble("redis: %s", reply->str ? reply->str : "EXEC was refused");
    return reply;
}

/* -- writing ---------------------------------------------------------------------------- */

static void *writer_open(unsigned number)
{
    return connection_open(number);
}

static size_t append(char *request, size_t used, const char *format, ...)
{
    va_list arguments;
    char *command;

    va_start(arguments, format);
    int size = redisvFormatCommand(&command, format, arguments);
    va_end(arguments);
    if (size < 0 || used + (size_t)size > REQUEST_MAX)
        trouble("redis: a request is larger than expected");
    memcpy(request + used, command, (size_t)size);
    redisFreeCommand(command);
    return used + (size_t)size;
}

static size_t format_write(char *request, const operation_t *operation)
{
    const char *id = operation->id;
    size_t used = append(request, 0, "MULTI");

    used = append(request, used, "SET record:%s %b", id, operation->record, operation->size);
    used = append(request, used, "SADD municipality:%s %s", operation->municipality, id);
    used = append(request, used, "SADD area:%s %s", operation->area, id);
    used = append(request, used, "SADD form:%s %s", operation->form, id);
    used = append(request, used, "SADD channel:%s %s", operation->channel, id);
    used = append(request, used, "ZADD titles 0 %s", operation->title);
    used = append(request, used, "XADD audit * actor usr-%u record %s", operation->user, id);
    used = append(request, used, "PUBLISH records %b", operation->record, operation->size);
    return append(request, used, "EXEC");
}

static void writer_write(void *writer, const operation_t *operations, unsigned count)
{
    connection_t *self = writer;
    size_t used = 0;

    if (self->room < count) {
        self->room = count;
        self->request = realloc(self->request, count * REQUEST_MAX);
        if (self->request == NULL)
            trouble("no memory left");
    }
    for (unsigned i = 0; i < count; i++)
        used += format_write(self->request + used, &operations[i]);
    tls_write(self->tls, self->request, used);
    for (unsigned i = 0; i < count * COMMANDS; i++)
        freeReplyObject(wait_reply(self));
}

/* -- listening ----------------------------------------------------------------------------- */

static void *listener_open(unsigned number)
{
    static const char subscribe[] = "*2\r\n$9\r\nSUBSCRIBE\r\n$7\r\nrecords\r\n";
    connection_t *self = connection_open(number);

    tls_write(self->tls, subscribe, sizeof subscribe - 1);
    freeReplyObject(wait_reply(self));
    tls_never_wait(self->tls);
    return self;
}

static int listener_fd(const void *listener)
{
    return tls_fd(((const connection_t *)listener)->tls);
}

static void listener_hear(void *listener)
{
    connection_t *self = listener;
    char bytes[CHUNK];
    size_t size;
    redisReply *reply;

    while ((size = tls_read(self->tls, bytes, sizeof bytes)) > 0) {
        redisReaderFeed(self->reader, bytes, size);
        while ((reply = next_reply(self)) != NULL) {
            /* "message", the channel, the record */
            if (reply->elements == 3)
                notices_heard(self->number, reply->element[2]->str, (size_t)reply->element[2]->len,
                              1);
            freeReplyObject(reply);
        }
    }
}

const peer_t peer_redis = {
    .name = "redis",
    .answers = true,
    .how = "hiredis over OpenSSL, TLS; appendfsync always; MULTI, PUBLISH",
    .start = start,
    .stop = stop,
    .pid = pid,
    .writer_open = writer_open,
    .writer_write = writer_write,
    .writer_close = connection_close,
    .listener_open = listener_open,
    .listener_fd = listener_fd,
    .listener_hear = listener_hear,
    .listener_close = connection_close,
};
