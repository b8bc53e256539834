#include "pending.h"
#include "wire.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* As many runs of one and the same command at one moment as we keep apart. */
#define TWINS_MAX 64

void pending_id_write(char text[33], const unsigned char id[16])
{
    sodium_bin2hex(text, 33, id, 16);
}

bool pending_id_read(unsigned char id[16], const char *text)
{
    size_t size;
    return strlen(text) == 32 && sodium_hex2bin(id, 16, text, 32, NULL, &size, NULL) == 0 &&
           size == 16;
}

void pending_digest(char text[33], const void *data, size_t size)
{
    unsigned char digest[16];
    crypto_generichash(digest, sizeof digest, data, size, NULL, 0);
    pending_id_write(text, digest);
}

/* Same profile, same user, same command, same arguments: the same thing wanted. */
static void pending_name(char name[33], const samverk_profile_t *profile, const char *command,
                         const value_t *arguments)
{
    arena_t *arena = arena_new();
    value_builder_t parts = value_builder(arena);
    value_add(&parts, value_text(profile->name));
    value_add(&parts, value_bytes(profile->public_key, SAMVERK_KEY_SIZE));
    value_add(&parts, value_text(command));
    value_add(&parts, *arguments);
    value_t list = value_build_list(&parts);
    void *data;
    size_t size;
    wire_encode(&list, arena, &data, &size);
    pending_digest(name, data, size);
    arena_destroy(&arena);
}

static bool id_load(pending_t *self)
{
    char text[33] = {0};
    return pread(self->file, text, 32, 0) == 32 && pending_id_read(self->id, text);
}

static bool id_save(pending_t *self)
{
    char text[33];
    pending_id_write(text, self->id);
    return ftruncate(self->file, 0) == 0 && pwrite(self->file, text, 32, 0) == 32 &&
           fsync(self->file) == 0 && samverk_sync_name(self->path);
}

/* True when the file that we have locked is still the one at the path: its owner
   may have removed it between our open and our lock. */
static bool still_there(const pending_t *self)
{
    struct stat ours, theirs;
    return fstat(self->file, &ours) == 0 && stat(self->path, &theirs) == 0 &&
           ours.st_ino == theirs.st_ino;
}

bool pending_open(pending_t *self, const samverk_t *connection, const samverk_profile_t *profile,
                  const char *command, const value_t *arguments)
{
    memset(self, 0, sizeof *self);
    self->file = -1;
    static const char within[] = "/pending";
    char folder[3900], name[33];
    if (!samverk_state_path(folder, sizeof folder - sizeof within)) {
        errno = ENAMETOOLONG;
        return false;
    }
    memcpy(folder + strlen(folder), within, sizeof within);
    if (!samverk_make_folder(folder))
        return false;
    pending_name(name, profile, command, arguments);
    for (int twin = 0; twin < TWINS_MAX; twin++) {
        snprintf(self->path, sizeof self->path, "%s/%s.%d", folder, name, twin);
        self->file = open(self->path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        if (self->file < 0)
            return false;
        if (flock(self->file, LOCK_EX | LOCK_NB) == 0 && still_there(self)) {
            self->again = id_load(self);
            if (!self->again)
                samverk_request_id(connection, self->id);
            return self->again || id_save(self);
        }
        close(self->file);
        self->file = -1;
    }
    errno = EBUSY;
    return false;
}

void pending_answered(pending_t *self)
{
    if (self->file < 0)
        return;
    unlink(self->path);
    pending_keep(self);
}

void pending_keep(pending_t *self)
{
    if (self->file >= 0)
        close(self->file);
    self->file = -1;
}
