#include "rebuild.h"

#include "disk.h"
#include "reapply.h"
#include "replay.h"
#include "requests.h"
#include "shred.h"
#include "txn.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define PATH_ROOM 4096u
#define FOLDER_NAME "rebuild.new"
#define DRY_FOLDER_NAME "rebuild.dry"
#define COMMIT_EACH 1000u /* entries: what a transaction holds in memory */

struct rebuild {
    rebuild_options_t options;
    char folder[PATH_ROOM];
    char stamp[32];
    int lock;        /* the data directory; -1: dry */
    int folder_lock; /* no second one at a time */
    store_t *store;
    store_txn_t *txn;
    unsigned uncommitted;
    unsigned char chain[JOURNAL_HASH_SIZE]; /* hash of the last entry, as its source has it */
    arena_t *arena;
};

static bool fail(char *why, size_t why_size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static bool fail(char *why, size_t why_size, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(why, why_size, format, arguments);
    va_end(arguments);
    return false;
}

/* take_folder has seen to the length. */
static void path_in(char path[PATH_ROOM], const char *directory, const char *name)
{
    int size = snprintf(path, PATH_ROOM, "%s/%s", directory, name);
    assert(size < (int)PATH_ROOM);
    (void)size;
}

/* -- the folder -------------------------------------------------------------------------- */

/* Copies of keys are overwritten: they would outlive that a key is forgotten. */
static int remove_inside(const char *path, const struct stat *status, int type, struct FTW *at)
{
    (void)status;
    if (at->level == 0)
        return 0;
    if (type != FTW_F ||
        strncmp(path + at->base, KEYRING_FILE_NAME, strlen(KEYRING_FILE_NAME)) != 0)
        return remove(path);
    errno = shred_remove(AT_FDCWD, path);
    return errno ? -1 : 0;
}

static bool take_folder(rebuild_t *self, char *why, size_t why_size)
{
    const char *directory = self->options.directory;
    if (strlen(directory) + 64 > sizeof self->folder)
        return fail(why, why_size, "%s", strerror(ENAMETOOLONG));
    if (mkdir(directory, 0700) && errno != EEXIST)
        return fail(why, why_size, "%s: %s", directory, strerror(errno));
    if (!self->options.dry && (self->lock = store_lock(directory, why, why_size)) < 0)
        return false;
    path_in(self->folder, directory, self->options.dry ? DRY_FOLDER_NAME : FOLDER_NAME);
    if (mkdir(self->folder, 0700) && errno != EEXIST)
        return fail(why, why_size, "%s: %s", self->folder, strerror(errno));
    self->folder_lock = store_lock(self->folder, why, why_size);
    if (self->folder_lock < 0)
        return false;
    if (nftw(self->folder, remove_inside, 16, FTW_DEPTH | FTW_PHYS))
        return fail(why, why_size, "%s: %s", self->folder, strerror(errno));
    return true;
}

static void write_stamp(rebuild_t *self)
{
    time_t now = (time_t)(self->options.now_ms / 1000);
    struct tm utc;
    gmtime_r(&now, &utc);
    strftime(self->stamp, sizeof self->stamp, "%Y%m%dT%H%M%SZ", &utc);
}

/* -- life ---------------------------------------------------------------------------------- */

static bool begin(rebuild_t *self, char *why, size_t why_size)
{
    self->txn = store_write(self->store);
    self->uncommitted = 0;
    return self->txn || fail(why, why_size, "%s: %s", self->folder, store_reason(errno));
}

static bool commit(rebuild_t *self, char *why, size_t why_size)
{
    requests_prune(self->txn, self->options.now_ms, UINT_MAX);
    int status = store_commit(&self->txn);
    return !status || fail(why, why_size, "%s: %s", self->folder, store_reason(status));
}

rebuild_t *rebuild_new(const rebuild_options_t *options, char *why, size_t why_size)
{
    rebuild_t *self = calloc(1, sizeof *self);
    if (!self) {
        fail(why, why_size, "%s", strerror(ENOMEM));
        return NULL;
    }
    self->options = *options;
    write_stamp(self);
    self->lock = self->folder_lock = -1;
    self->arena = arena_new();
    if (take_folder(self, why, why_size) &&
        (self->store = store_open_scratch(self->folder, options->map_size, why, why_size)) &&
        begin(self, why, why_size)) {
        store_write_meta(store_db(self->txn), options->region, options->epoch, options->began_ms);
        return self;
    }
    rebuild_destroy(&self);
    return NULL;
}

void rebuild_destroy(rebuild_t **self_p)
{
    rebuild_t *self = *self_p;
    if (!self)
        return;
    store_abort(&self->txn);
    store_close(&self->store);
    if (self->folder_lock >= 0) {
        nftw(self->folder, remove_inside, 16, FTW_DEPTH | FTW_PHYS);
        rmdir(self->folder);
        close(self->folder_lock);
    }
    if (self->lock >= 0)
        close(self->lock);
    arena_destroy(&self->arena);
    free(self);
    *self_p = NULL;
}

const char *rebuild_folder(const rebuild_t *self)
{
    return self->folder;
}

const char *rebuild_stamp(const rebuild_t *self)
{
    return self->stamp;
}

/* -- what goes in ---------------------------------------------------------------------------- */

bool rebuild_entry(rebuild_t *self, db_view_t value, char *why, size_t why_size)
{
    uint64_t revision = store_head(self->txn) + 1;
    const unsigned char *previous = journal_previous(value.data, value.size);
    if (!previous || memcmp(previous, self->chain, sizeof self->chain) != 0)
        return fail(why, why_size, "revision %llu does not follow the one before it",
                    (unsigned long long)revision);
    journal_hash(value.data, value.size, self->chain);
    arena_reset(self->arena);
    const journal_entry_t *entry = journal_decode(revision, value.data, value.size, self->arena);
    if (!entry || !reapply(self->txn, entry, self->arena)) {
        int status = store_failed(self->txn);
        return fail(why, why_size, "revision %llu cannot be %s%s%s", (unsigned long long)revision,
                    entry ? "applied" : "read", status ? ": " : "",
                    status ? store_reason(status) : "");
    }
    return ++self->uncommitted < COMMIT_EACH ||
           (commit(self, why, why_size) && begin(self, why, why_size));
}

bool rebuild_read(rebuild_t *self, db_view_t key, db_view_t value, char *why, size_t why_size)
{
    db_put(store_db(self->txn), DB_READS, key, value);
    return ++self->uncommitted < COMMIT_EACH ||
           (commit(self, why, why_size) && begin(self, why, why_size));
}

bool rebuild_prove(rebuild_t *self, const unsigned char *hash, FILE *out, char *why,
                   size_t why_size)
{
    if (memcmp(self->chain, hash, sizeof self->chain) != 0)
        return fail(why, why_size, "the journal does not end where its head says");
    if (!commit(self, why, why_size))
        return false;
    int status = db_sync(self->store->db);
    store_close(&self->store);
    if (!status)
        status = disk_sync_directory(self->folder);
    if (status)
        return fail(why, why_size, "%s: %s", self->folder, store_reason(status));
    int findings = replay_check(self->folder, out);
    return findings == 0 || fail(why, why_size,
                                 "what was made does not stand the check; nothing "
                                 "was changed");
}

/* -- in its place -------------------------------------------------------------------------------- */

static int replace(const rebuild_t *self, const char *name)
{
    char from[PATH_ROOM], to[PATH_ROOM];
    path_in(from, self->folder, name);
    path_in(to, self->options.directory, name);
    return rename(from, to) ? errno : disk_sync_directory(self->options.directory);
}

/* The keys first: they hold all those that the old record needs, too. */
static int put_keys(const rebuild_t *self)
{
    char path[PATH_ROOM];
    path_in(path, self->options.directory, KEYRING_FILE_NAME);
    int old = open(path, O_WRONLY | O_CLOEXEC);
    int status = replace(self, KEYRING_FILE_NAME);
    if (!status && old >= 0)
        status = shred(old);
    if (old >= 0)
        close(old);
    return status;
}

static int put_record(const rebuild_t *self, char *kept, size_t kept_size)
{
    char path[PATH_ROOM], aside[PATH_ROOM + sizeof self->stamp], lock[PATH_ROOM];
    path_in(path, self->options.directory, STORE_FILE_NAME);
    snprintf(aside, sizeof aside, "%s.%s", path, self->stamp);
    path_in(lock, self->options.directory, STORE_FILE_NAME "-lock");
    snprintf(kept, kept_size, "%s", "");
    if (access(path, F_OK) == 0) {
        if (link(path, aside))
            return errno;
        snprintf(kept, kept_size, "%s", aside);
    }
    int status = disk_sync_directory(self->options.directory);
    if (!status)
        status = replace(self, STORE_FILE_NAME);
    /* Whoever still reads the old record has its table of readers; the new one gets its own. */
    if (!status && unlink(lock) && errno != ENOENT)
        status = errno;
    return status;
}

bool rebuild_put_in_place(rebuild_t *self, char *kept, size_t kept_size, char *why, size_t why_size)
{
    char parent[PATH_ROOM];
    int status = put_keys(self);
    if (!status)
        status = put_record(self, kept, kept_size);
    path_in(parent, self->options.directory, "..");
    if (!status)
        status = disk_sync_directory(parent); /* the directory may be new */
    return !status || fail(why, why_size, "%s: %s", self->options.directory, strerror(status));
}
