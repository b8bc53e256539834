#include "ledger.h"
#include "pending.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

struct ledger {
    char path[4096];
    char whole_path[4096]; /* of a file that is as old as the last whole import */
    FILE *file;
    bool locked; /* ours: another run may have it */
    size_t rows_done;
    size_t rows_sent; /* of the batch under way; 0 none */
    unsigned char id[16];
};

/* A line cut off by a crash, or anything else, ends what is believed. */
static void ledger_load(ledger_t *self)
{
    char line[128], digits[64];
    long good = 0;
    while (fgets(line, sizeof line, self->file) && strchr(line, '\n')) {
        size_t rows;
        /* NOLINTNEXTLINE(cert-err34-c): a line of ours; what is too large becomes the largest */
        if (sscanf(line, "sent %zu %63s", &rows, digits) == 2 && rows > 0 && !self->rows_sent &&
            pending_id_read(self->id, digits)) {
            self->rows_sent = rows;
        } else if (strcmp(line, "done\n") == 0 && self->rows_sent) {
            self->rows_done += self->rows_sent;
            self->rows_sent = 0;
        } else if (strcmp(line, "refused\n") == 0 && self->rows_sent) {
            self->rows_sent = 0;
        } else {
            break;
        }
        good = ftell(self->file);
    }
    if (ftruncate(fileno(self->file), good) == 0)
        fseek(self->file, good, SEEK_SET);
}

ledger_t *ledger_open(const samverk_profile_t *profile, const char *kind, const char *digest)
{
    char folder[3900], key[512], name[33];
    if (!samverk_state_path(folder, sizeof folder) || !samverk_make_folder(folder))
        return NULL;
    /* The user's key is in it: the same file may go to two regions. */
    int size = snprintf(key, sizeof key, "%s %s %s", profile->name, kind, digest);
    memcpy(key + size, profile->public_key, SAMVERK_KEY_SIZE);
    pending_digest(name, key, (size_t)size + SAMVERK_KEY_SIZE);
    ledger_t *self = calloc(1, sizeof *self);
    if (!self)
        return NULL;
    snprintf(self->path, sizeof self->path, "%s/import-%s", folder, name);
    snprintf(self->whole_path, sizeof self->whole_path, "%s/imported-%s", folder, name);
    int file = open(self->path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    self->file = file >= 0 ? fdopen(file, "r+") : NULL;
    if (!self->file || flock(file, LOCK_EX | LOCK_NB) != 0 || !samverk_sync_name(self->path)) {
        int reason = errno;
        ledger_close(&self);
        errno = reason;
        return NULL;
    }
    self->locked = true;
    ledger_load(self);
    return self;
}

void ledger_close(ledger_t **self_p)
{
    ledger_t *self = *self_p;
    if (!self)
        return;
    if (self->file) {
        /* One in which nothing stands need not stay. */
        fseek(self->file, 0, SEEK_END);
        if (self->locked && ftell(self->file) == 0)
            unlink(self->path);
        fclose(self->file);
    }
    free(self);
    *self_p = NULL;
}

size_t ledger_rows_done(const ledger_t *self)
{
    return self->rows_done;
}

bool ledger_under_way(const ledger_t *self, size_t *n_rows_p, unsigned char id[16])
{
    *n_rows_p = self->rows_sent;
    memcpy(id, self->id, 16);
    return self->rows_sent > 0;
}

static bool write_line(ledger_t *self, const char *line)
{
    return fputs(line, self->file) >= 0 && fflush(self->file) == 0 &&
           fdatasync(fileno(self->file)) == 0;
}

bool ledger_send(ledger_t *self, size_t n_rows, const unsigned char id[16])
{
    char digits[33], line[128];
    pending_id_write(digits, id);
    snprintf(line, sizeof line, "sent %zu %s\n", n_rows, digits);
    if (!write_line(self, line))
        return false;
    self->rows_sent = n_rows;
    memcpy(self->id, id, 16);
    return true;
}

bool ledger_done(ledger_t *self)
{
    self->rows_done += self->rows_sent;
    self->rows_sent = 0;
    return write_line(self, "done\n");
}

bool ledger_refused(ledger_t *self)
{
    self->rows_sent = 0;
    return write_line(self, "refused\n");
}

int64_t ledger_imported(const ledger_t *self)
{
    struct stat status;
    return stat(self->whole_path, &status) == 0 ? (int64_t)status.st_mtime * 1000 : 0;
}

void ledger_finish(ledger_t *self)
{
    samverk_write_file(self->whole_path, "", 0, 0600);
    unlink(self->path);
    if (ftruncate(fileno(self->file), 0) == 0)
        rewind(self->file);
}
