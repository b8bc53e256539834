#include "helper.h"
#include "language.h"
#include "report.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define ARGUMENTS_MAX 16u
#define PATH_ROOM 4096u

/* Where a helper is: in the folder that the environment names, beside this program, or
   where it was installed. */
static const char *find(cli_t *cli, const char *program)
{
    char self[PATH_ROOM];
    ssize_t size = readlink("/proc/self/exe", self, sizeof self - 1);
    self[size > 0 ? size : 0] = 0;
    char *slash = strrchr(self, '/');
    if (slash)
        *slash = 0;
    const char *const folders[] = {getenv("SAMVERK_LIBEXECDIR"), self, SAMVERK_LIBEXECDIR};
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        const char *path = arena_format(cli->arena, "%s/%s", folders[i] ? folders[i] : "", program);
        if (folders[i] && folders[i][0] && access(path, X_OK) == 0)
            return path;
    }
    return NULL;
}

/* The environment, but with the language that we speak: what we found out about it holds on
   machines without locales. */
static char **environment(cli_t *cli)
{
    size_t n = 0, kept = 0;
    while (environ[n])
        n++;
    char **all = arena_alloc(cli->arena, (n + 3) * sizeof *all);
    for (size_t i = 0; i < n; i++)
        if (strncmp(environ[i], "LC_ALL=", 7) != 0 && strncmp(environ[i], "LANGUAGE=", 9) != 0)
            all[kept++] = environ[i];
    all[kept++] = arena_text(cli->arena, "LC_ALL=C.UTF-8");
    all[kept] = arena_format(cli->arena, "LANGUAGE=%s", language_code());
    return all;
}

/* Start it with these three files; what posix_spawn says. */
static int start(cli_t *cli, const char *path, const char *program, const char *const *arguments,
                 const int files[3], pid_t *child_p)
{
    char *words[ARGUMENTS_MAX + 2] = {arena_text(cli->arena, program)};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t defaults;
    for (size_t i = 0; i < ARGUMENTS_MAX && arguments[i]; i++)
        words[i + 1] = arena_text(cli->arena, arguments[i]);
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    for (int i = 0; i < 3; i++)
        posix_spawn_file_actions_adddup2(&actions, files[i], i);
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE); /* which we ignore ourselves */
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
    int failure = posix_spawn(child_p, path, &actions, &attributes, words, environment(cli));
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    return failure;
}

/* All that stands in a file in memory, which is closed; "" when there is none. */
static const char *content(cli_t *cli, int file, size_t *size_p)
{
    off_t end = lseek(file, 0, SEEK_END);
    size_t size = end > 0 ? (size_t)end : 0, at = 0;
    char *text = arena_alloc(cli->arena, size + 1);
    for (ssize_t taken; at < size; at += (size_t)taken)
        if ((taken = pread(file, text + at, size - at, (off_t)at)) <= 0)
            break;
    close(file);
    *size_p = at;
    return text;
}

static bool missing(cli_t *cli, const char *program)
{
    return report_failure(cli,
                          _("%s is not there, which comes with Samverk: neither beside samverk nor "
                            "in %s. Install all of Samverk, or ask who looks after this machine."),
                          program, SAMVERK_LIBEXECDIR);
}

/* What it said, without the end of its last line. */
static const char *trimmed(cli_t *cli, const char *said, size_t size)
{
    while (size > 0 && said[size - 1] == '\n')
        size--;
    return arena_text_of(cli->arena, said, size);
}

bool helper_run(helper_t *self, cli_t *cli, const char *program, const char *const *arguments,
                int input)
{
    const char *path = find(cli, program);
    if (!path)
        return missing(cli, program);
    int output = memfd_create(program, MFD_CLOEXEC), errors = memfd_create(program, MFD_CLOEXEC);
    pid_t child;
    int failure = output < 0 || errors < 0 ? errno
                                           : start(cli, path, program, arguments,
                                                   (int[]){input, output, errors}, &child);
    int status = 0;
    while (!failure && waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    size_t size;
    self->output = content(cli, output, &self->size);
    const char *said = content(cli, errors, &size);
    self->said = trimmed(cli, said, size);
    if (failure)
        return report_failure(cli, "%s: %s", path, strerror(failure));
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return true;
    if (WIFEXITED(status) && self->said[0])
        return report_failure(cli, "%s", self->said);
    return report_failure(cli, _("%s did not end well (%d)."), program,
                          WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

int helper_input(const void *data, size_t size)
{
    int file = memfd_create("input", MFD_CLOEXEC);
    for (size_t at = 0; file >= 0 && at < size;) {
        ssize_t taken = write(file, (const char *)data + at, size - at);
        if (taken < 0) {
            close(file);
            return -1;
        }
        at += (size_t)taken;
    }
    if (file >= 0)
        lseek(file, 0, SEEK_SET);
    return file;
}
