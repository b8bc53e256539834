#include "server.h"

#include "invitation.h"
#include "measure.h"
#include "process.h"
#include "trouble.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <zmq.h>

#define READY_MS 60000
#define STOP_SECONDS 30
#define SETTLED_SECONDS 1.0
#define BUSY 0.1 /* of a processor: watches are told where they stand, now and then */

extern char **environ;

void server_file(const server_t *self, char *path, size_t size)
{
    snprintf(path, size, "%s/data/record.mdb", self->directory);
}

void server_municipality(unsigned user, char id[16])
{
    snprintf(id, 16, "mun-05%02u", user % SERVER_MUNICIPALITIES + 1);
}

/* -- the process ----------------------------------------------------------------------- */

static void data_directory(const server_t *self, char path[600])
{
    snprintf(path, 600, "%s/data", self->directory);
}

static void kill_server(void *object)
{
    server_t *self = object;

    server_remove(self);
}

/* Run `samverkd init`; its last line is the first invitation. */
static void init_region(server_t *self, char *line, size_t size)
{
    char data[600];
    int ends[2];
    pid_t pid;
    posix_spawn_file_actions_t actions;

    data_directory(self, data);
    if (pipe2(ends, O_CLOEXEC) != 0)
        trouble("no pipe: %s", strerror(errno));
    char *arguments[] = {(char *)self->program, "init",     "--data",      data, "--region",
                         "Bänkregionen",        "--listen", self->address, NULL};
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    int failed = posix_spawn(&pid, self->program, &actions, NULL, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (failed)
        trouble("%s: %s", self->program, strerror(failed));
    close(ends[1]);
    FILE *out = fdopen(ends[0], "r");
    while (out != NULL && fgets(line, (int)size, out) != NULL)
        ;
    if (out != NULL)
        fclose(out);
    int status = 0;
    if (waitpid(pid, &status, 0) < 0 || status != 0)
        trouble("samverkd init failed");
}

/* systemd's readiness: a datagram that says READY=1. */
static int open_notice(char path[108])
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int notice = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    unlink(path);
    if (notice < 0 || bind(notice, (struct sockaddr *)&address, sizeof address) != 0)
        trouble("%s: %s", path, strerror(errno));
    return notice;
}

void server_start(server_t *self)
{
    char data[600], path[108], text[256];
    posix_spawn_file_actions_t actions;

    snprintf(path, sizeof path, "/tmp/samverk-bench-%d.sock", getpid());
    int notice = open_notice(path);
    setenv("NOTIFY_SOCKET", path, 1);
    data_directory(self, data);
    char *arguments[] = {(char *)self->program, "run", "--data", data, NULL};
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    uint64_t begun = now_ns();
    int failed = posix_spawn(&self->pid, self->program, &actions, NULL, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    unsetenv("NOTIFY_SOCKET");
    if (failed)
        trouble("%s: %s", self->program, strerror(failed));
    struct pollfd item = {.fd = notice, .events = POLLIN};
    bool ready = false;
    while (!ready) {
        if (poll(&item, 1, READY_MS) <= 0)
            trouble("samverkd is not ready");
        ssize_t got = recv(notice, text, sizeof text - 1, 0);
        text[got > 0 ? got : 0] = '\0';
        ready = strstr(text, "READY=1") != NULL;
    }
    self->start_seconds = seconds_since(begun);
    close(notice);
    unlink(path);
}

void server_stop(server_t *self)
{
    if (self->pid == 0)
        return;
    int status = 0;
    kill(self->pid, SIGTERM);
    for (int i = 0; i < STOP_SECONDS * 100; i++) {
        if (waitpid(self->pid, &status, WNOHANG) == self->pid) {
            self->pid = 0;
            if (status != 0)
                trouble("samverkd ended with status %d", status);
            return;
        }
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    }
    kill(self->pid, SIGKILL);
    waitpid(self->pid, &status, 0);
    self->pid = 0;
    trouble("samverkd does not stop");
}

void server_remove(server_t *self)
{
    trouble_forget(self);
    if (self->pid != 0) {
        kill(self->pid, SIGKILL);
        waitpid(self->pid, NULL, 0);
        self->pid = 0;
    }
    if (*self->directory != '\0')
        remove_tree(self->directory);
    *self->directory = '\0';
}

double server_cpu(const server_t *self)
{
    return processor_seconds(self->pid);
}

double server_settle(const server_t *self, double most)
{
    uint64_t begun = now_ns();
    double quiet_since = 0, used = server_cpu(self);

    while (quiet_since < SETTLED_SECONDS && seconds_since(begun) < most) {
        nanosleep(&(struct timespec){.tv_nsec = 250000000}, NULL);
        double now_used = server_cpu(self);
        quiet_since = now_used - used < 0.25 * BUSY ? quiet_since + 0.25 : 0;
        used = now_used;
    }
    return seconds_since(begun) - quiet_since;
}

void server_memory(const server_t *self, server_memory_t *memory)
{
    char path[64], line[512];
    bool ours = false;
    double kilobytes;

    memset(memory, 0, sizeof *memory);
    snprintf(path, sizeof path, "/proc/%d/status", self->pid);
    FILE *file = fopen(path, "re");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        if (sscanf(line, "VmRSS: %lf", &kilobytes) == 1)
            memory->resident = kilobytes * 1024;
        if (sscanf(line, "RssAnon: %lf", &kilobytes) == 1)
            memory->anonymous = kilobytes * 1024;
    }
    if (file != NULL)
        fclose(file);
    /* Only root may look into a process that holds keys; others take what is mapped
       for all that is not anonymous. */
    snprintf(path, sizeof path, "/proc/%d/smaps", self->pid);
    file = fopen(path, "re");
    if (file == NULL)
        memory->mapped = memory->resident - memory->anonymous;
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        if (strchr(line, '-') != NULL && strstr(line, ":") != NULL && line[0] != ' ' &&
            strspn(line, "0123456789abcdef-") > 8)
            ours = strstr(line, "record.mdb\n") != NULL;
        if (ours && sscanf(line, "Rss: %lf", &kilobytes) == 1)
            memory->mapped += kilobytes * 1024;
    }
    if (file != NULL)
        fclose(file);
}

/* -- the region --------------------------------------------------------------------------- */

static void join(server_t *self, const keys_t *invitation, keys_t *keys)
{
    arena_t *arena = arena_new();
    value_builder_t arguments = value_builder(arena);
    client_t *newcomer = client_new(self->address, self->public_key, invitation, true);

    keys_make(keys);
    value_add_pair(&arguments, "public_key", value_bytes(keys->public_key, 32));
    client_ask(newcomer, "join", value_build_map(&arguments), arena);
    client_destroy(&newcomer);
    arena_destroy(&arena);
}

static void put_code(client_t *admin, const char *kind, const char *code, value_t fields,
                     arena_t *arena)
{
    value_builder_t arguments = value_builder(arena);

    value_add_pair(&arguments, "kind", value_text(kind));
    value_add_pair(&arguments, "id", value_text(code));
    value_add_pair(&arguments, "fields", fields);
    client_ask(admin, "put", value_build_map(&arguments), arena);
}

static void make_places(client_t *admin, arena_t *arena)
{
    value_builder_t county = value_builder(arena);

    value_add_pair(&county, "name", value_text("Bänklän"));
    put_code(admin, "county", "05", value_build_map(&county), arena);
    for (unsigned i = 0; i < SERVER_MUNICIPALITIES; i++) {
        value_builder_t fields = value_builder(arena);
        char id[16];
        server_municipality(i, id);
        value_add_pair(&fields, "name", value_text(arena_format(arena, "Kommun %u", i + 1)));
        value_add_pair(&fields, "county", value_text("cty-05"));
        put_code(admin, "municipality", id + 4, value_build_map(&fields), arena);
    }
    for (unsigned i = 0; i < 10; i++) {
        value_builder_t fields = value_builder(arena);
        value_add_pair(&fields, "name_en", value_text(arena_format(arena, "Area %u", i)));
        value_add_pair(&fields, "name_sv", value_text(arena_format(arena, "Område %u", i)));
        put_code(admin, "area", arena_format(arena, "071%u", i), value_build_map(&fields), arena);
    }
}

static void make_users(server_t *self, client_t *admin, arena_t *arena)
{
    for (unsigned i = 0; i < SERVER_USERS; i++) {
        value_builder_t arguments = value_builder(arena), places = value_builder(arena);
        keys_t invitation;
        char id[16];
        keys_make(&invitation);
        server_municipality(i, id);
        value_add(&places, value_text(id));
        value_add_pair(&arguments, "name", value_text(arena_format(arena, "broker %u", i + 1)));
        value_add_pair(&arguments, "role", value_text("broker"));
        value_add_pair(&arguments, "public_key", value_bytes(invitation.public_key, 32));
        value_add_pair(&arguments, "municipalities", value_build_list(&places));
        client_ask(admin, "invite", value_build_map(&arguments), arena);
        join(self, &invitation, &self->users[i]);
    }
}

void server_make_empty(server_t *self, const char *program, const char *parent)
{
    char line[4096] = "";
    arena_t *arena = arena_new();
    invitation_t invitation;
    keys_t first;
    error_t error = {0};

    memset(self, 0, sizeof *self);
    self->program = program;
    snprintf(self->directory, sizeof self->directory, "%s/samverk-bench-XXXXXX", parent);
    if (mkdtemp(self->directory) == NULL)
        trouble("%s: %s", parent, strerror(errno));
    trouble_at_exit(kill_server, self);
    snprintf(self->address, sizeof self->address, "tcp://127.0.0.1:%u", free_port());
    init_region(self, line, sizeof line);
    server_start(self);
    if (!invitation_read(&invitation, line, arena, &error))
        trouble("samverkd init gave no invitation");
    memcpy(self->public_key, invitation.server_key, 32);
    memcpy(first.secret_key, invitation.secret_key, 32);
    char secret_text[41], public_text[41];
    zmq_z85_encode(secret_text, first.secret_key, 32);
    zmq_curve_public(public_text, secret_text);
    zmq_z85_decode(first.public_key, public_text);
    join(self, &first, &self->admin);
    arena_destroy(&arena);
}

void server_profile(const server_t *self, const keys_t *keys, samverk_profile_t *profile)
{
    *profile = (samverk_profile_t){.name = "default"};
    snprintf(profile->endpoint, sizeof profile->endpoint, "%s", self->address);
    memcpy(profile->server_key, self->public_key, sizeof profile->server_key);
    memcpy(profile->public_key, keys->public_key, sizeof profile->public_key);
    memcpy(profile->secret_key, keys->secret_key, sizeof profile->secret_key);
}

void server_make(server_t *self, const char *program, const char *parent)
{
    arena_t *arena = arena_new();

    server_make_empty(self, program, parent);
    client_t *admin = client_new(self->address, self->public_key, &self->admin, true);
    make_places(admin, arena);
    make_users(self, admin, arena);
    client_destroy(&admin);
    arena_destroy(&arena);
}
