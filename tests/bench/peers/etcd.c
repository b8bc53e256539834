#include "peer.h"

#include "process.h"
#include "trouble.h"

#include <curl/curl.h>
#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* etcd. Its client library is Go's alone, so this goes through its gRPC gateway: JSON by
   libcurl, over HTTP/2. The gateway decodes and calls the server in the same process, which
   costs etcd something that a Go client would not. A write is one transaction: the record,
   five keys that it is found by, one of the audit; a listener has a watch on the records. */

#define RECORDS "record/"
#define RECORDS_END "record0" /* the prefix's end: '0' follows '/' */
#define BODY_MAX 4096
#define TIMEOUT_SECONDS 60L

static process_t process;

static void start(const char *parent)
{
    char client[48], peer[48], cluster[64], certificate[PROCESS_DIRECTORY + 16];
    char key[PROCESS_DIRECTORY + 16];

    curl_global_init(CURL_GLOBAL_DEFAULT);
    process_prepare(&process, "etcd", parent);
    process_certify(&process);
    snprintf(client, sizeof client, "https://127.0.0.1:%u", process.port);
    snprintf(peer, sizeof peer, "http://127.0.0.1:%u", free_port());
    snprintf(cluster, sizeof cluster, "default=%s", peer);
    snprintf(certificate, sizeof certificate, "%s/cert.pem", process.directory);
    snprintf(key, sizeof key, "%s/key.pem", process.directory);
    char *arguments[] = {"etcd",
                         "--data-dir",
                         process.directory,
                         "--listen-client-urls",
                         client,
                         "--advertise-client-urls",
                         client,
                         "--listen-peer-urls",
                         peer,
                         "--initial-advertise-peer-urls",
                         peer,
                         "--initial-cluster",
                         cluster,
                         "--cert-file",
                         certificate,
                         "--key-file",
                         key,
                         "--quota-backend-bytes",
                         "8589934592",
                         "--logger",
                         "zap",
                         "--log-level",
                         "error",
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

/* A POST that is made again and again. */
typedef struct {
    CURL *easy;
    struct curl_slist *headers;
    char body[BODY_MAX];
    char answer[1024]; /* the beginning of it */
    size_t answered;
} call_t;

static size_t keep_answer(char *data, size_t one, size_t size, void *context)
{
    call_t *self = context;
    size_t room = sizeof self->answer - 1 - self->answered;
    size_t kept = size < room ? size : room;

    (void)one;
    memcpy(self->answer + self->answered, data, kept);
    self->answered += kept;
    self->answer[self->answered] = '\0';
    return size;
}

static void call_open(call_t *self, const char *path, curl_write_callback take, void *context)
{
    char url[64], certificate[PROCESS_DIRECTORY + 16];

    snprintf(certificate, sizeof certificate, "%s/cert.pem", process.directory);
    snprintf(url, sizeof url, "https://127.0.0.1:%u/v3/%s", process.port, path);
    self->easy = curl_easy_init();
    if (self->easy == NULL)
        trouble("no memory left");
    self->headers = curl_slist_append(NULL, "Content-Type: application/json");
    curl_easy_setopt(self->easy, CURLOPT_URL, url);
    curl_easy_setopt(self->easy, CURLOPT_HTTPHEADER, self->headers);
    curl_easy_setopt(self->easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS);
    curl_easy_setopt(self->easy, CURLOPT_PIPEWAIT, 1L);
    curl_easy_setopt(self->easy, CURLOPT_CAINFO, certificate);
    curl_easy_setopt(self->easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(self->easy, CURLOPT_TCP_NODELAY, 1L);
    curl_easy_setopt(self->easy, CURLOPT_POSTFIELDS, self->body);
    curl_easy_setopt(self->easy, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(self->easy, CURLOPT_WRITEDATA, context);
}

static void call_close(call_t *self)
{
    curl_easy_cleanup(self->easy);
    curl_slist_free_all(self->headers);
}

/* -- writing ---------------------------------------------------------------------------- */

typedef struct {
    CURLM *multi;
    call_t *calls;
    unsigned count;
} writer_t;

static void *writer_open(unsigned number)
{
    writer_t *self = calloc(1, sizeof *self);

    (void)number;
    if (self == NULL || (self->multi = curl_multi_init()) == NULL)
        trouble("no memory left");
    curl_multi_setopt(self->multi, CURLMOPT_MAX_HOST_CONNECTIONS, 1L);
    return self;
}

static void writer_close(void *writer)
{
    writer_t *self = writer;

    for (unsigned i = 0; i < self->count; i++)
        call_close(&self->calls[i]);
    curl_multi_cleanup(self->multi);
    free(self->calls);
    free(self);
}

static void writer_grow(writer_t *self, unsigned count)
{
    self->calls = calloc(count, sizeof *self->calls);
    if (self->calls == NULL)
        trouble("no memory left");
    for (; self->count < count; self->count++) {
        call_t *call = &self->calls[self->count];
        call_open(call, "kv/txn", keep_answer, call);
        curl_easy_setopt(call->easy, CURLOPT_TIMEOUT, TIMEOUT_SECONDS);
    }
}

static size_t add_put(char *body, size_t used, const char *key, const void *data, size_t size)
{
    char key64[256], data64[1024];

    sodium_bin2base64(key64, sizeof key64, (const unsigned char *)key, strlen(key),
                      sodium_base64_VARIANT_ORIGINAL);
    sodium_bin2base64(data64, sizeof data64, data, size, sodium_base64_VARIANT_ORIGINAL);
    int added = snprintf(body + used, BODY_MAX - used,
                         "%s{\"requestPut\":{\"key\":\"%s\",\"value\":\"%s\"}}",
                         body[used - 1] == '[' ? "" : ",", key64, data64);
    if (added < 0 || used + (size_t)added >= BODY_MAX)
        trouble("etcd: a request is larger than expected");
    return used + (size_t)added;
}

static void format_write(char *body, const operation_t *operation)
{
    const char *found[][2] = {{"municipality", operation->municipality},
                              {"area", operation->area},
                              {"form", operation->form},
                              {"channel", operation->channel},
                              {"title", operation->title}};
    size_t used = (size_t)snprintf(body, BODY_MAX, "{\"success\":[");
    char key[192], actor[16];

    snprintf(key, sizeof key, RECORDS "%s", operation->id);
    used = add_put(body, used, key, operation->record, operation->size);
    for (unsigned i = 0; i < sizeof found / sizeof *found; i++) {
        snprintf(key, sizeof key, "index/%s/%s/%s", found[i][0], found[i][1], operation->id);
        used = add_put(body, used, key, "", 0);
    }
    snprintf(key, sizeof key, "audit/%s", operation->id);
    snprintf(actor, sizeof actor, "usr-%u", operation->user);
    used = add_put(body, used, key, actor, strlen(actor));
    snprintf(body + used, BODY_MAX - used, "]}");
}

static void take_answers(writer_t *self)
{
    CURLMsg *message;
    int left;

    while ((message = curl_multi_info_read(self->multi, &left)) != NULL) {
        call_t *call = NULL;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &call);
        if (message->data.result != CURLE_OK || strstr(call->answer, "\"succeeded\":true") == NULL)
            trouble("etcd: %s %s", curl_easy_strerror(message->data.result), call->answer);
        curl_multi_remove_handle(self->multi, call->easy);
    }
}

static void writer_write(void *writer, const operation_t *operations, unsigned count)
{
    writer_t *self = writer;
    int running = 0;

    if (self->calls == NULL)
        writer_grow(self, count);
    for (unsigned i = 0; i < count; i++) {
        call_t *call = &self->calls[i];
        call->answered = 0;
        format_write(call->body, &operations[i]);
        curl_easy_setopt(call->easy, CURLOPT_PRIVATE, call);
        curl_multi_add_handle(self->multi, call->easy);
    }
    do {
        if (curl_multi_perform(self->multi, &running) != CURLM_OK ||
            curl_multi_poll(self->multi, NULL, 0, running ? 1000 : 0, NULL) != CURLM_OK)
            trouble("etcd: libcurl failed");
    } while (running > 0);
    take_answers(self);
}

/* -- listening ----------------------------------------------------------------------------- */

#define LINE_BYTES_MAX ((size_t)4 << 20)

typedef struct {
    CURLM *multi;
    call_t call;
    unsigned number;
    curl_socket_t fd;
    bool watching;
    char *line; /* what has come of one: a JSON object each */
    size_t used, heard;
} listener_t;

/* The events of one line: all put one record. */
static void take_line(listener_t *self, const char *line, size_t size)
{
    unsigned char record[1024];
    size_t length;
    size_t index;
    json_t *event, *root = json_loadb(line, size, 0, NULL);
    json_t *result = json_object_get(root, "result");

    if (result == NULL)
        trouble("etcd: %.*s", (int)size, line);
    self->watching = true;
    json_array_foreach(json_object_get(result, "events"), index, event)
    {
        const char *value =
            json_string_value(json_object_get(json_object_get(event, "kv"), "value"));
        if (value == NULL || sodium_base642bin(record, sizeof record, value, strlen(value), NULL,
                                               &length, NULL, sodium_base64_VARIANT_ORIGINAL) != 0)
            trouble("etcd: an event without a record");
        notices_heard(self->number, record, length, 1);
    }
    json_decref(root);
}

static size_t take_bytes(char *data, size_t one, size_t size, void *context)
{
    listener_t *self = context;
    char *end;

    (void)one;
    if (self->used + size > LINE_BYTES_MAX)
        trouble("etcd: a line is longer than expected");
    memcpy(self->line + self->used, data, size);
    self->used += size;
    self->heard += size;
    while ((end = memchr(self->line, '\n', self->used)) != NULL) {
        size_t length = (size_t)(end - self->line);
        take_line(self, self->line, length);
        self->used -= length + 1;
        memmove(self->line, end + 1, self->used);
    }
    return size;
}

static int keep_socket(void *context, curl_socket_t fd, curlsocktype purpose)
{
    listener_t *self = context;

    (void)purpose;
    self->fd = fd;
    return CURL_SOCKOPT_OK;
}

static void listener_hear(void *listener)
{
    listener_t *self = listener;
    size_t before;
    int running = 0;

    /* libcurl may keep what it has read: until nothing comes. */
    do {
        before = self->heard;
        if (curl_multi_perform(self->multi, &running) != CURLM_OK || running == 0)
            trouble("etcd: a watch has ended");
    } while (self->heard > before);
}

static void *listener_open(unsigned number)
{
    char from[32], to[32];
    listener_t *self = calloc(1, sizeof *self);

    if (self == NULL || (self->line = malloc(LINE_BYTES_MAX)) == NULL ||
        (self->multi = curl_multi_init()) == NULL)
        trouble("no memory left");
    self->number = number;
    call_open(&self->call, "watch", take_bytes, self);
    curl_easy_setopt(self->call.easy, CURLOPT_SOCKOPTFUNCTION, keep_socket);
    curl_easy_setopt(self->call.easy, CURLOPT_SOCKOPTDATA, self);
    sodium_bin2base64(from, sizeof from, (const unsigned char *)RECORDS, strlen(RECORDS),
                      sodium_base64_VARIANT_ORIGINAL);
    sodium_bin2base64(to, sizeof to, (const unsigned char *)RECORDS_END, strlen(RECORDS_END),
                      sodium_base64_VARIANT_ORIGINAL);
    snprintf(self->call.body, BODY_MAX,
             "{\"create_request\":{\"key\":\"%s\",\"range_end\":\"%s\"}}", from, to);
    curl_multi_add_handle(self->multi, self->call.easy);
    while (!self->watching) {
        listener_hear(self);
        curl_multi_poll(self->multi, NULL, 0, 1, NULL);
    }
    return self;
}

static int listener_fd(const void *listener)
{
    return ((const listener_t *)listener)->fd;
}

static void listener_close(void *listener)
{
    listener_t *self = listener;

    curl_multi_remove_handle(self->multi, self->call.easy);
    call_close(&self->call);
    curl_multi_cleanup(self->multi);
    free(self->line);
    free(self);
}

const peer_t peer_etcd = {
    .name = "etcd",
    .answers = true,
    .how = "libcurl to its gRPC gateway (JSON, HTTP/2), TLS; one txn a write; watch",
    .start = start,
    .stop = stop,
    .pid = pid,
    .writer_open = writer_open,
    .writer_write = writer_write,
    .writer_close = writer_close,
    .listener_open = listener_open,
    .listener_fd = listener_fd,
    .listener_hear = listener_hear,
    .listener_close = listener_close,
};
