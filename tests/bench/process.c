#include "process.h"

#include "measure.h"
#include "trouble.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define START_SECONDS 30.0
#define STOP_SECONDS 30.0

extern char **environ;

static struct sockaddr_in local(uint16_t port)
{
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

uint16_t free_port(void)
{
    struct sockaddr_in address = local(0);
    socklen_t size = sizeof address;
    int probe = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (probe < 0 || bind(probe, (struct sockaddr *)&address, size) != 0 ||
        getsockname(probe, (struct sockaddr *)&address, &size) != 0)
        trouble("no free port: %s", strerror(errno));
    close(probe);
    return ntohs(address.sin_port);
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)status;
    (void)type;
    (void)walk;
    return remove(path);
}

void remove_tree(const char *directory)
{
    nftw(directory, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void kill_process(void *object)
{
    process_stop(object);
}

void process_prepare(process_t *self, const char *name, const char *parent)
{
    *self = (process_t){.name = name, .port = free_port(), .signal = SIGTERM};
    int written = snprintf(self->directory, sizeof self->directory, "%s/samverk-peer-%s-XXXXXX",
                           parent, name);
    if (written >= (int)sizeof self->directory || mkdtemp(self->directory) == NULL)
        trouble("%s: %s", parent, strerror(errno));
    trouble_at_exit(kill_process, self);
}

static pid_t spawn(const process_t *self, char *const *arguments)
{
    char log[PROCESS_DIRECTORY + 8];
    posix_spawn_file_actions_t actions;
    pid_t pid;

    snprintf(log, sizeof log, "%s/log", self->directory);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_APPEND, 0600);
    posix_spawn_file_actions_adddup2(&actions, 1, 2);
    int failed = posix_spawnp(&pid, arguments[0], &actions, NULL, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (failed)
        trouble("%s: %s; peers/packages.txt says what to install", arguments[0], strerror(failed));
    return pid;
}

/* What it said last is the best that there is to say. */
static _Noreturn void ended(const process_t *self, const char *program)
{
    char log[PROCESS_DIRECTORY + 8], line[512] = "";

    snprintf(log, sizeof log, "%s/log", self->directory);
    FILE *file = fopen(log, "re");
    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        ;
    if (file != NULL)
        fclose(file);
    trouble("%s failed: %s", program, line);
}

void process_run(const process_t *self, char *const *arguments)
{
    int status = 0;

    if (waitpid(spawn(self, arguments), &status, 0) < 0 || status != 0)
        ended(self, arguments[0]);
}

void process_certify(const process_t *self)
{
    char key[PROCESS_DIRECTORY + 16], certificate[PROCESS_DIRECTORY + 16];

    snprintf(key, sizeof key, "%s/key.pem", self->directory);
    snprintf(certificate, sizeof certificate, "%s/cert.pem", self->directory);
    char *arguments[] = {"openssl",
                         "req",
                         "-x509",
                         "-newkey",
                         "ec",
                         "-pkeyopt",
                         "ec_paramgen_curve:prime256v1",
                         "-nodes",
                         "-days",
                         "2",
                         "-subj",
                         "/CN=127.0.0.1",
                         "-addext",
                         "subjectAltName=IP:127.0.0.1",
                         "-keyout",
                         key,
                         "-out",
                         certificate,
                         NULL};
    process_run(self, arguments);
}

static bool answers(const process_t *self)
{
    struct sockaddr_in address = local(self->port);
    int probe = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    bool there = connect(probe, (struct sockaddr *)&address, sizeof address) == 0;
    close(probe);
    return there;
}

static void pause_a_little(void)
{
    nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
}

void process_start(process_t *self, char *const *arguments)
{
    uint64_t begun = now_ns();

    self->pid = spawn(self, arguments);
    while (!answers(self)) {
        if (waitpid(self->pid, NULL, WNOHANG) == self->pid) {
            self->pid = 0;
            ended(self, arguments[0]);
        }
        if (seconds_since(begun) > START_SECONDS)
            trouble("%s does not start", self->name);
        pause_a_little();
    }
}

/* The process's own, and of children that have ended. */
static double own_seconds(pid_t pid)
{
    char path[64];
    unsigned long ticks[4] = {0};

    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return 0; /* has ended meanwhile: its parent has it */
    if (fscanf(file, "%*d (%*[^)]) %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu %lu %lu",
               &ticks[0], &ticks[1], &ticks[2], &ticks[3]) != 4)
        trouble("%s cannot be read", path);
    fclose(file);
    return (double)(ticks[0] + ticks[1] + ticks[2] + ticks[3]) / (double)sysconf(_SC_CLK_TCK);
}

double processor_seconds(pid_t pid)
{
    double seconds = own_seconds(pid);
    char path[64];
    pid_t child;

    snprintf(path, sizeof path, "/proc/%d/task/%d/children", pid, pid);
    FILE *file = fopen(path, "re");
    while (file != NULL && fscanf(file, "%d", &child) == 1)
        seconds += own_seconds(child);
    if (file != NULL)
        fclose(file);
    return seconds;
}

void process_stop(process_t *self)
{
    uint64_t begun = now_ns();

    trouble_forget(self);
    if (self->pid != 0) {
        kill(self->pid, self->signal);
        while (waitpid(self->pid, NULL, WNOHANG) == 0) {
            if (seconds_since(begun) > STOP_SECONDS)
                kill(self->pid, SIGKILL);
            pause_a_little();
        }
        self->pid = 0;
    }
    if (*self->directory != '\0')
        remove_tree(self->directory);
    *self->directory = '\0';
}
