#include "backups.h"

#include "backup.h"
#include "log.h"
#include "server_key.h"

#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define NAME_MAX_SIZE 100u
#define STOP_MS 1000u /* for a backup to notice that it is to stop */
#define REST_MOST_MS 1000u
#define NICENESS 10 /* of its thread */

typedef enum { NONE, RUNNING, DONE, FAILED } backup_state_t;

static const char *const state_names[] = {
    [NONE] = "none", [RUNNING] = "running", [DONE] = "done", [FAILED] = "failed"};

/* All but `progress` and `state` is written by one side while the other looks away: by the
   front before the thread starts, by the thread before it says that it has ended. */
struct backups {
    store_t *store;
    const char *directory;
    _Atomic backup_state_t state;
    backup_progress_t progress;
    char name[NAME_MAX_SIZE + 1];
    uint64_t started_ms, ended_ms; /* UTC */
    uint64_t piece_ms;             /* monotonic: when the last piece began */
    char why[512];
};

/* -- the thread ------------------------------------------------------------------------- */

/* Rest as long as the last piece took: it shares disk and processors with writers who
   wait, and nobody waits for it. */
static void rest(void *context)
{
    backups_t *self = context;
    uint64_t took_ms = clock_monotonic_ms(&clock_system) - self->piece_ms + 1;

    if (took_ms > REST_MOST_MS)
        took_ms = REST_MOST_MS;
    nanosleep(&(struct timespec){.tv_nsec = (long)(took_ms % 1000 * 1000000),
                                 .tv_sec = (time_t)(took_ms / 1000)},
              NULL);
    self->piece_ms = clock_monotonic_ms(&clock_system);
}

static void *make(void *context)
{
    backups_t *self = context;
    char key[SERVER_KEY_TEXT_SIZE], next_key[SERVER_KEY_TEXT_SIZE];
    backup_secret_t secrets[2];
    size_t n_secrets = 0;

    /* Where that is not allowed, resting between pieces must do. */
    setpriority(PRIO_PROCESS, (id_t)gettid(), NICENESS);
    if (server_key_text(store_directory(self->store), key))
        secrets[n_secrets++] = (backup_secret_t){"server.secret", key, strlen(key)};
    if (server_key_next_text(store_directory(self->store), next_key))
        secrets[n_secrets++] = (backup_secret_t){"server.next", next_key, strlen(next_key)};
    const backup_options_t options = {.store = self->store,
                                      .directory = self->directory,
                                      .name = self->name,
                                      .secrets = secrets,
                                      .n_secrets = n_secrets,
                                      .progress = &self->progress,
                                      .pause = rest,
                                      .context = self};
    bool good = backup_write(&options, self->why, sizeof self->why);
    sodium_memzero(key, sizeof key);
    sodium_memzero(next_key, sizeof next_key);
    self->ended_ms = clock_utc_ms(&clock_system);
    if (good)
        log_notice("backup %s: %llu revisions", self->name,
                   (unsigned long long)atomic_load(&self->progress.revision));
    else
        log_error("backup %s: %s", self->name, self->why);
    atomic_store(&self->state, good ? DONE : FAILED);
    return NULL;
}

/* -- the front's side ---------------------------------------------------------------------- */

backups_t *backups_new(store_t *store, const char *directory)
{
    backups_t *self = calloc(1, sizeof *self);

    if (self == NULL)
        log_fatal("no memory left");
    self->store = store;
    self->directory = directory;
    return self;
}

bool backups_destroy(backups_t **self_p)
{
    backups_t *self = *self_p;

    *self_p = NULL;
    if (self == NULL)
        return true;
    atomic_store(&self->progress.stop, true);
    uint64_t end = clock_monotonic_ms(&clock_system) + STOP_MS;
    while (atomic_load(&self->state) == RUNNING) {
        if (clock_monotonic_ms(&clock_system) > end)
            return false;
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    }
    free(self);
    return true;
}

/* A plain name: no folder, nothing hidden, none of the names that are ours. */
static bool is_name(const char *name)
{
    size_t size = strlen(name);

    return size >= 1 && size <= NAME_MAX_SIZE && *name != '.' &&
           strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") ==
               size &&
           (size < 4 || strcmp(name + size - 4, ".new") != 0) &&
           strcmp(name, BACKUP_KEYS_NAME) != 0;
}

static bool start(backups_t *self, call_t *call, const char *name)
{
    pthread_t thread;
    pthread_attr_t detached;

    snprintf(self->name, sizeof self->name, "%s", name);
    self->progress = (backup_progress_t){0};
    self->started_ms = call->now_ms;
    self->ended_ms = 0;
    self->piece_ms = clock_monotonic_ms(&clock_system);
    *self->why = '\0';
    atomic_store(&self->state, RUNNING);
    pthread_attr_init(&detached);
    pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
    bool started = pthread_create(&thread, &detached, make, self) == 0;
    pthread_attr_destroy(&detached);
    if (started)
        return true;
    atomic_store(&self->state, NONE);
    return error_set(&call->error, ERROR_INTERNAL, NULL, NULL);
}

static value_t tell(backups_t *self, arena_t *arena)
{
    value_builder_t map = value_builder(arena);
    backup_state_t state = atomic_load(&self->state);

    value_add_pair(&map, "state", value_text(state_names[state]));
    if (state == NONE)
        return value_build_map(&map);
    value_add_pair(&map, "file", value_text(arena_text(arena, self->name)));
    value_add_pair(&map, "started", value_integer((int64_t)self->started_ms));
    value_add_pair(&map, "rev", value_integer((int64_t)atomic_load(&self->progress.revision)));
    value_add_pair(&map, "of", value_integer((int64_t)atomic_load(&self->progress.head)));
    value_add_pair(&map, "bytes", value_integer((int64_t)atomic_load(&self->progress.bytes)));
    if (state != RUNNING)
        value_add_pair(&map, "ended", value_integer((int64_t)self->ended_ms));
    if (state == FAILED)
        value_add_pair(&map, "why", value_text(arena_text(arena, self->why)));
    return value_build_map(&map);
}

bool backups_command(backups_t *self, call_t *call)
{
    static const placement_t everywhere = {0};
    const char *name = call_text(call, "file");

    /* What holds all is for who administers all. */
    if (!access_covers(call->access, call->command->roles, &everywhere))
        return error_set(&call->error, ERROR_NOT_ALLOWED, NULL, NULL);
    if (self == NULL || *self->directory == '\0')
        return error_set(&call->error, ERROR_BACKUP, NULL,
                         "backup_directory in the daemon's configuration");
    if (name != NULL) {
        bool running = atomic_load(&self->state) == RUNNING;
        if (!is_name(name))
            return error_set(&call->error, ERROR_INVALID, "file",
                             "a plain name of letters, digits, dots, dashes and underscores");
        if (running && strcmp(name, self->name) != 0)
            return error_set(&call->error, ERROR_BACKUP, NULL, "the end of the one under way");
        if (!running && !start(self, call, name))
            return false;
    }
    call->result = tell(self, call->arena);
    return true;
}
