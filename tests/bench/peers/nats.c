#include "peer.h"

#include "process.h"
#include "trouble.h"

#include <nats/nats.h>
#include <stdio.h>
#include <stdlib.h>

/* NATS, twice: JetStream with a file, whose answer says that the record is stored but not
   that it is synced (Debian's 2.9 syncs every two minutes and has no option for it); and
   core NATS, which keeps nothing, for fan-out alone. A message is the record; its subject
   is what it is found by. There are no transactions, so there is no audit row. */

#define STREAM "RECORDS"
#define KEPT "record"
#define PASSING "call"
#define TIMEOUT_MS 30000

static process_t process;

static void must(natsStatus status, const char *what)
{
    if (status != NATS_OK)
        trouble("nats: %s: %s %s", what, natsStatus_GetText(status), nats_GetLastError(NULL));
}

/* The same for all connections, which share what TLS needs. */
static natsOptions *make_options(void)
{
    natsOptions *options = NULL;
    char url[48];

    snprintf(url, sizeof url, "nats://127.0.0.1:%u", process.port);
    must(natsOptions_Create(&options), "options");
    must(natsOptions_SetURL(options, url), "address");
    must(natsOptions_SetTimeout(options, TIMEOUT_MS), "timeout");
    must(natsOptions_SetSecure(options, true), "TLS");
    must(natsOptions_SkipServerVerification(options, true), "TLS");
    return options;
}

static natsConnection *open_connection(void)
{
    static natsOptions *options;
    natsConnection *self = NULL;

    if (options == NULL)
        options = make_options();
    must(natsConnection_Connect(&self, options), "connecting");
    return self;
}

static jsCtx *open_stream(natsConnection *connection)
{
    jsCtx *stream = NULL;

    must(natsConnection_JetStream(&stream, connection, NULL), "JetStream");
    return stream;
}

static void make_stream(void)
{
    natsConnection *connection = open_connection();
    jsCtx *stream = open_stream(connection);
    const char *subjects[] = {KEPT ".>"};
    jsStreamConfig config;

    jsStreamConfig_Init(&config);
    config.Name = STREAM;
    config.Subjects = subjects;
    config.SubjectsLen = 1;
    config.Storage = js_FileStorage;
    must(js_AddStream(NULL, stream, &config, NULL, NULL), "a stream");
    jsCtx_Destroy(stream);
    natsConnection_Destroy(connection);
}

/* Both are one server. */
static void start(const char *parent)
{
    char path[PROCESS_DIRECTORY + 16];

    if (process.pid != 0)
        return;
    process_prepare(&process, "nats", parent);
    process_certify(&process);
    snprintf(path, sizeof path, "%s/nats.conf", process.directory);
    FILE *file = fopen(path, "we");
    if (file == NULL)
        trouble("%s cannot be written", path);
    fprintf(file,
            "listen: \"127.0.0.1:%u\"\n"
            "tls { cert_file: \"%s/cert.pem\", key_file: \"%s/key.pem\" }\n"
            "jetstream { store_dir: \"%s\" }\n"
            "max_pending: 268435456\n",
            process.port, process.directory, process.directory, process.directory);
    fclose(file);
    char *arguments[] = {"nats-server", "-c", path, NULL};
    process_start(&process, arguments);
    make_stream();
}

static void stop(void)
{
    process_stop(&process);
}

static pid_t pid(void)
{
    return process.pid;
}

/* -- writing ---------------------------------------------------------------------------- */

typedef struct {
    natsConnection *connection;
    jsCtx *stream; /* NULL: core */
} writer_t;

static writer_t *new_writer(void)
{
    writer_t *self = calloc(1, sizeof *self);

    if (self == NULL)
        trouble("no memory left");
    self->connection = open_connection();
    return self;
}

static void *kept_writer_open(unsigned number)
{
    writer_t *self = new_writer();

    (void)number;
    self->stream = open_stream(self->connection);
    return self;
}

static void *passing_writer_open(unsigned number)
{
    (void)number;
    return new_writer();
}

static void writer_close(void *writer)
{
    writer_t *self = writer;

    jsCtx_Destroy(self->stream);
    natsConnection_Destroy(self->connection);
    free(self);
}

static void name_subject(char subject[160], const char *prefix, const operation_t *operation)
{
    snprintf(subject, 160, "%s.%s.%s.%s.%s.%s", prefix, operation->municipality, operation->area,
             operation->form, operation->channel, operation->id);
}

static void kept_writer_write(void *writer, const operation_t *operations, unsigned count)
{
    writer_t *self = writer;
    char subject[160];

    if (count == 1) {
        name_subject(subject, KEPT, operations);
        must(js_Publish(NULL, self->stream, subject, operations->record, (int)operations->size,
                        NULL, NULL),
             "publishing");
        return;
    }
    for (unsigned i = 0; i < count; i++) {
        name_subject(subject, KEPT, &operations[i]);
        must(js_PublishAsync(self->stream, subject, operations[i].record, (int)operations[i].size,
                             NULL),
             "publishing");
    }
    must(js_PublishAsyncComplete(self->stream, NULL), "waiting for the stream");
}

/* The server's word that all of it has been passed on. */
static void passing_writer_write(void *writer, const operation_t *operations, unsigned count)
{
    writer_t *self = writer;
    char subject[160];

    for (unsigned i = 0; i < count; i++) {
        name_subject(subject, PASSING, &operations[i]);
        must(natsConnection_Publish(self->connection, subject, operations[i].record,
                                    (int)operations[i].size),
             "publishing");
    }
    must(natsConnection_Flush(self->connection), "waiting for the server");
}

/* -- listening ----------------------------------------------------------------------------- */

typedef struct {
    natsConnection *connection;
    natsSubscription *subscription;
    unsigned number;
} listener_t;

static void on_message(natsConnection *connection, natsSubscription *subscription, natsMsg *message,
                       void *context)
{
    const listener_t *self = context;

    (void)connection;
    (void)subscription;
    notices_heard(self->number, natsMsg_GetData(message), (size_t)natsMsg_GetDataLength(message),
                  1);
    natsMsg_Destroy(message);
}

static listener_t *listen_to(const char *subject, unsigned number)
{
    listener_t *self = calloc(1, sizeof *self);

    if (self == NULL)
        trouble("no memory left");
    self->number = number;
    self->connection = open_connection();
    must(natsConnection_Subscribe(&self->subscription, self->connection, subject, on_message, self),
         "subscribing");
    must(natsSubscription_SetPendingLimits(self->subscription, -1, -1), "limits");
    must(natsConnection_Flush(self->connection), "subscribing");
    return self;
}

static void *kept_listener_open(unsigned number)
{
    return listen_to(KEPT ".>", number);
}

static void *passing_listener_open(unsigned number)
{
    return listen_to(PASSING ".>", number);
}

static void listener_close(void *listener)
{
    listener_t *self = listener;

    natsSubscription_Destroy(self->subscription);
    natsConnection_Destroy(self->connection);
    free(self);
}

const peer_t peer_nats = {
    .name = "nats",
    .answers = true,
    .how = "libnats, TLS; JetStream in a file, answered before the sync; a message a record",
    .start = start,
    .stop = stop,
    .pid = pid,
    .writer_open = kept_writer_open,
    .writer_write = kept_writer_write,
    .writer_close = writer_close,
    .listener_open = kept_listener_open,
    .listener_close = listener_close,
};

const peer_t peer_nats_core = {
    .name = "nats-core",
    .how = "libnats, TLS; nothing is kept",
    .start = start,
    .stop = stop,
    .pid = pid,
    .writer_open = passing_writer_open,
    .writer_write = passing_writer_write,
    .writer_close = writer_close,
    .listener_open = passing_listener_open,
    .listener_close = listener_close,
};
