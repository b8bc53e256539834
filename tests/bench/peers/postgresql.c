#include "peer.h"

#include "process.h"
#include "trouble.h"

#include <libpq-fe.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* PostgreSQL with LISTEN/NOTIFY, through libpq: a write is one prepared statement, and
   so one round trip and one transaction; many at once go in a pipeline, each with its
   own sync. */

#define PROGRAMS "/usr/lib/postgresql/15/bin/"
#define ACCOUNT "postgres" /* it refuses to run as root */
#define STATEMENT "put"
#define PARAMETERS 8

static const char *const tables =
    "CREATE TABLE record (id bigint PRIMARY KEY, municipality text, area text, form text,"
    "                     channel text, title text, body bytea);"
    "CREATE INDEX ON record (municipality, id); CREATE INDEX ON record (area, id);"
    "CREATE INDEX ON record (form, id); CREATE INDEX ON record (channel, id);"
    "CREATE INDEX ON record (title, id);"
    "CREATE TABLE audit (revision bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
    "                    time timestamptz NOT NULL DEFAULT now(), actor text, record bigint)";

static const char *const put =
    "WITH put AS (INSERT INTO record VALUES ($1::bigint, $2, $3, $4, $5, $6,"
    "                                        convert_to($7, 'UTF8')) RETURNING id),"
    "     entry AS (INSERT INTO audit (actor, record) SELECT $8, id FROM put)"
    "SELECT pg_notify('records', $7)";

static process_t process;

static const char *place(void)
{
    static char text[128];

    snprintf(text, sizeof text,
             "host=127.0.0.1 port=%u user=samverk dbname=postgres sslmode=require", process.port);
    return text;
}

static PGconn *open_connection(void)
{
    PGconn *self = PQconnectdb(place());

    if (PQstatus(self) != CONNECTION_OK)
        trouble("postgresql: %s", PQerrorMessage(self));
    return self;
}

static void must(PGconn *self, PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);

    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_PIPELINE_SYNC)
        trouble("postgresql: %s", PQerrorMessage(self));
    PQclear(result);
}

static void give_away(const char *file)
{
    const struct passwd *account = getpwnam(ACCOUNT);

    if (account == NULL || chown(file, account->pw_uid, account->pw_gid) != 0)
        trouble("%s cannot be given to " ACCOUNT, file);
}

/* As its account where we are root: the same arguments behind those that change it. */
static void change_account(char **arguments, size_t count)
{
    static char *const as[] = {"setpriv", "--reuid=" ACCOUNT, "--regid=" ACCOUNT, "--clear-groups"};
    size_t n = sizeof as / sizeof *as;

    if (geteuid() != 0)
        return;
    memmove(arguments + n, arguments, (count + 1) * sizeof *arguments);
    memcpy(arguments, as, sizeof as);
}

#define ARGUMENTS_MAX 48

static void start(const char *parent)
{
    char data[PROCESS_DIRECTORY + 8], key[PROCESS_DIRECTORY + 32];
    char certificate[PROCESS_DIRECTORY + 32], port[8];

    process_prepare(&process, "postgresql", parent);
    process_certify(&process);
    process.signal = SIGINT; /* does not wait for its clients */
    snprintf(data, sizeof data, "%s/data", process.directory);
    snprintf(key, sizeof key, "ssl_key_file=%s/key.pem", process.directory);
    snprintf(certificate, sizeof certificate, "ssl_cert_file=%s/cert.pem", process.directory);
    snprintf(port, sizeof port, "%u", process.port);
    if (geteuid() == 0) {
        give_away(process.directory);
        give_away(strchr(key, '/'));
        give_away(strchr(certificate, '/'));
    }
    char *init[ARGUMENTS_MAX] = {
        PROGRAMS "initdb", "-D", data, "-U", "samverk", "-A", "trust", "-E", "UTF8",
        "--locale=C.UTF-8"};
    change_account(init, 10);
    process_run(&process, init);
    char *run[ARGUMENTS_MAX] = {PROGRAMS "postgres",
                                "-D",
                                data,
                                "-p",
                                port,
                                "-h",
                                "127.0.0.1",
                                "-k",
                                "",
                                "-c",
                                "ssl=on",
                                "-c",
                                key,
                                "-c",
                                certificate,
                                "-c",
                                "synchronous_commit=on",
                                "-c",
                                "max_connections=300",
                                "-c",
                                "shared_buffers=512MB",
                                "-c",
                                "max_wal_size=8GB"};
    change_account(run, 23);
    process_start(&process, run);
    /* It answers before it serves. */
    while (PQping(place()) == PQPING_REJECT)
        usleep(10000);
    PGconn *admin = open_connection();
    must(admin, PQexec(admin, tables));
    PQfinish(admin);
}

static void stop(void)
{
    process_stop(&process);
}

static pid_t pid(void)
{
    return process.pid;
}

static void *writer_open(unsigned number)
{
    PGconn *self = open_connection();

    (void)number;
    must(self, PQprepare(self, STATEMENT, put, PARAMETERS, NULL));
    return self;
}

typedef struct {
    const char *values[PARAMETERS];
    char actor[16];
} parameters_t;

static void fill(parameters_t *self, const operation_t *operation)
{
    snprintf(self->actor, sizeof self->actor, "usr-%u", operation->user);
    memcpy(self->values,
           (const char *const[PARAMETERS]){operation->id, operation->municipality, operation->area,
                                           operation->form, operation->channel, operation->title,
                                           operation->record, self->actor},
           sizeof self->values);
}

static void write_many(PGconn *self, const operation_t *operations, unsigned count)
{
    parameters_t parameters;

    if (!PQenterPipelineMode(self))
        trouble("postgresql: %s", PQerrorMessage(self));
    for (unsigned i = 0; i < count; i++) {
        fill(&parameters, &operations[i]);
        if (!PQsendQueryPrepared(self, STATEMENT, PARAMETERS, parameters.values, NULL, NULL, 0) ||
            !PQpipelineSync(self))
            trouble("postgresql: %s", PQerrorMessage(self));
    }
    for (unsigned i = 0; i < count; i++) {
        must(self, PQgetResult(self));
        if (PQgetResult(self) != NULL)
            trouble("postgresql: more results than statements");
        must(self, PQgetResult(self)); /* the sync */
    }
    PQexitPipelineMode(self);
}

static void writer_write(void *writer, const operation_t *operations, unsigned count)
{
    PGconn *self = writer;
    parameters_t parameters;

    if (count > 1) {
        write_many(self, operations, count);
        return;
    }
    fill(&parameters, operations);
    must(self, PQexecPrepared(self, STATEMENT, PARAMETERS, parameters.values, NULL, NULL, 0));
}

static void connection_close(void *object)
{
    PQfinish(object);
}

typedef struct {
    PGconn *connection;
    unsigned number;
} listener_t;

static void *listener_open(unsigned number)
{
    listener_t *self = malloc(sizeof *self);

    if (self == NULL)
        trouble("no memory left");
    *self = (listener_t){open_connection(), number};
    must(self->connection, PQexec(self->connection, "LISTEN records"));
    return self;
}

static int listener_fd(const void *listener)
{
    return PQsocket(((const listener_t *)listener)->connection);
}

static void listener_hear(void *listener)
{
    listener_t *self = listener;
    PGnotify *notice;

    if (!PQconsumeInput(self->connection))
        trouble("postgresql: %s", PQerrorMessage(self->connection));
    while ((notice = PQnotifies(self->connection)) != NULL) {
        notices_heard(self->number, notice->extra, strlen(notice->extra), 1);
        PQfreemem(notice);
    }
}

static void listener_close(void *listener)
{
    listener_t *self = listener;

    PQfinish(self->connection);
    free(self);
}

const peer_t peer_postgresql = {
    .name = "postgresql",
    .answers = true,
    .how = "libpq, TLS; synchronous_commit, one transaction a write; LISTEN/NOTIFY",
    .start = start,
    .stop = stop,
    .pid = pid,
    .writer_open = writer_open,
    .writer_write = writer_write,
    .writer_close = connection_close,
    .listener_open = listener_open,
    .listener_fd = listener_fd,
    .listener_hear = listener_hear,
    .listener_close = listener_close,
};
