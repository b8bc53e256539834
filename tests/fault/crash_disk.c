#include "crash_disk.h"

#include "disk_trace.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECTOR 512u
#define NAME_ROOM 64u
#define FILES 4096u
#define NO_FILE UINT32_MAX

typedef struct {
    uint64_t position; /* of the write that left it so */
    uint64_t number;
    unsigned char bytes[SECTOR];
} sector_t;

typedef struct {
    unsigned char *cache, *durable; /* what programs read, what the disk holds */
    uint64_t cache_size, durable_size, room;
    sector_t *pending;
    size_t n_pending, pending_room;
} file_t;

typedef struct {
    uint64_t position;
    char name[NAME_ROOM];
    uint32_t file; /* NO_FILE: the name goes */
} change_t;

struct crash_disk {
    char *trace;
    uint64_t *events; /* positions, one more than there are */
    uint64_t count, played;
    file_t files[FILES];
    change_t names[64]; /* durable; file NO_FILE: an empty place */
    change_t *changes;  /* of names, not durable yet */
    size_t n_changes, changes_room;
};

static void *grown(void *items, size_t count, size_t *room, size_t size)
{
    if (count < *room)
        return items;
    *room = *room ? *room * 2 : 64;
    items = realloc(items, *room * size);
    if (!items)
        abort();
    return items;
}

static uint64_t draw(uint64_t *random)
{
    *random = *random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *random >> 33;
}

/* -- the trace ---------------------------------------------------------------------- */

static trace_head_t head_at(const crash_disk_t *self, uint64_t position)
{
    trace_head_t head;
    memcpy(&head, self->trace + position, sizeof head);
    return head;
}

static bool read_trace(crash_disk_t *self, const char *path)
{
    struct stat status;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0 || fstat(file, &status))
        return false;
    uint64_t size = (uint64_t)status.st_size, have = 0;
    self->trace = malloc(size + 1);
    while (self->trace && have < size) {
        ssize_t got = read(file, self->trace + have, size - have);
        if (got <= 0)
            break;
        have += (uint64_t)got;
    }
    close(file);
    size_t room = 0;
    uint64_t at = 0;
    while (at + sizeof(trace_head_t) <= have) {
        self->events = grown(self->events, self->count + 1, &room, sizeof *self->events);
        self->events[self->count++] = at;
        at += sizeof(trace_head_t) + head_at(self, at).size;
    }
    self->events = grown(self->events, self->count + 1, &room, sizeof *self->events);
    self->events[self->count] = at;
    return have == size && at == size && size > 0;
}

void crash_disk_destroy(crash_disk_t **self_p)
{
    crash_disk_t *self = *self_p;
    if (!self)
        return;
    for (size_t i = 0; i < FILES; i++) {
        free(self->files[i].cache);
        free(self->files[i].durable);
        free(self->files[i].pending);
    }
    free(self->changes);
    free(self->events);
    free(self->trace);
    free(self);
    *self_p = NULL;
}

uint64_t crash_disk_events(const crash_disk_t *self)
{
    return self->count;
}

uint64_t crash_disk_position(const crash_disk_t *self, uint64_t n)
{
    return self->events[n];
}

unsigned crash_disk_file(const crash_disk_t *self, uint64_t n)
{
    return head_at(self, self->events[n]).file;
}

/* -- files ---------------------------------------------------------------------------- */

static void make_room(file_t *file, uint64_t size)
{
    uint64_t room = file->room ? file->room : 65536;
    if (size <= file->room)
        return;
    while (room < size)
        room *= 2;
    file->cache = realloc(file->cache, room);
    file->durable = realloc(file->durable, room);
    if (!file->cache || !file->durable)
        abort();
    memset(file->cache + file->room, 0, room - file->room);
    memset(file->durable + file->room, 0, room - file->room);
    file->room = room;
}

static void begin_write(file_t *file, uint64_t position, uint64_t offset, const char *bytes,
                        uint64_t size)
{
    if (size == 0)
        return;
    make_room(file, (offset + size + SECTOR - 1) / SECTOR * SECTOR);
    memcpy(file->cache + offset, bytes, size);
    if (offset + size > file->cache_size)
        file->cache_size = offset + size;
    for (uint64_t n = offset / SECTOR; n <= (offset + size - 1) / SECTOR; n++) {
        file->pending =
            grown(file->pending, file->n_pending, &file->pending_room, sizeof *file->pending);
        sector_t *sector = &file->pending[file->n_pending++];
        sector->position = position;
        sector->number = n;
        memcpy(sector->bytes, file->cache + n * SECTOR, SECTOR);
    }
}

static void put_sector(unsigned char *content, uint64_t *size, const sector_t *sector,
                       uint64_t most)
{
    uint64_t end = (sector->number + 1) * SECTOR;
    memcpy(content + sector->number * SECTOR, sector->bytes, SECTOR);
    if (end > most)
        end = most;
    if (end > *size)
        *size = end;
}

/* All that was written before `begun` is on disk. */
static void sync_file(file_t *file, uint64_t begun)
{
    size_t left = 0;
    for (size_t i = 0; i < file->n_pending; i++) {
        if (file->pending[i].position < begun)
            put_sector(file->durable, &file->durable_size, &file->pending[i], file->cache_size);
        else
            file->pending[left++] = file->pending[i];
    }
    file->n_pending = left;
    if (left == 0)
        file->durable_size = file->cache_size;
}

/* One write is, and with it whatever was in its sectors before it. */
static void sync_write(file_t *file, uint64_t position)
{
    for (size_t i = 0; i < file->n_pending; i++) {
        if (file->pending[i].position != position)
            continue;
        put_sector(file->durable, &file->durable_size, &file->pending[i], file->cache_size);
        uint64_t number = file->pending[i].number;
        for (size_t j = 0; j < i; j++)
            if (file->pending[j].number == number)
                file->pending[j].position = UINT64_MAX;
    }
    size_t left = 0;
    for (size_t i = 0; i < file->n_pending; i++)
        if (file->pending[i].position != position && file->pending[i].position != UINT64_MAX)
            file->pending[left++] = file->pending[i];
    file->n_pending = left;
}

/* Sizes are the file system's own journal's: kept in order, at once. */
static void resize(file_t *file, uint64_t size)
{
    make_room(file, (size + SECTOR - 1) / SECTOR * SECTOR);
    if (size < file->cache_size) {
        memset(file->cache + size, 0, file->room - size);
        memset(file->durable + size, 0, file->room - size);
        file->n_pending = 0;
    }
    file->cache_size = size;
    if (file->durable_size > size)
        file->durable_size = size;
}

/* -- names ------------------------------------------------------------------------------ */

static void set_name(change_t *names, size_t count, const char *name, uint32_t file)
{
    change_t *empty = NULL;
    for (size_t i = 0; i < count; i++) {
        if (names[i].file == NO_FILE)
            empty = empty ? empty : &names[i];
        else if (strcmp(names[i].name, name) == 0) {
            names[i].file = file;
            return;
        }
    }
    if (file == NO_FILE)
        return;
    if (!empty)
        abort();
    snprintf(empty->name, NAME_ROOM, "%s", name);
    empty->file = file;
}

static void change_name(crash_disk_t *self, uint64_t position, const char *name, uint32_t file)
{
    self->changes =
        grown(self->changes, self->n_changes, &self->changes_room, sizeof *self->changes);
    change_t *change = &self->changes[self->n_changes++];
    change->position = position;
    change->file = file;
    snprintf(change->name, NAME_ROOM, "%s", name);
}

static size_t make_durable(crash_disk_t *self, change_t *names, size_t count, uint64_t before)
{
    size_t done = 0;
    while (done < self->n_changes && self->changes[done].position < before) {
        set_name(names, count, self->changes[done].name, self->changes[done].file);
        done++;
    }
    return done;
}

#define NAMES(self) (sizeof(self)->names / sizeof *(self)->names)

static void sync_directory(crash_disk_t *self, uint64_t begun)
{
    size_t done = make_durable(self, self->names, NAMES(self), begun);
    memmove(self->changes, self->changes + done, (self->n_changes - done) * sizeof *self->changes);
    self->n_changes -= done;
}

/* -- playing ------------------------------------------------------------------------------ */

/* A file that was there before anything was recorded. */
static void play_base(crash_disk_t *self, uint64_t position)
{
    trace_head_t head = head_at(self, position);
    const char *bytes = self->trace + position + sizeof head;
    if (head.kind != TRACE_BASE || head.file >= FILES)
        return;
    file_t *file = &self->files[head.file];
    size_t name_size = strlen(bytes) + 1;
    uint64_t size = head.size - name_size;
    make_room(file, (size + SECTOR - 1) / SECTOR * SECTOR);
    memcpy(file->cache, bytes + name_size, size);
    memcpy(file->durable, bytes + name_size, size);
    file->cache_size = file->durable_size = size;
    set_name(self->names, NAMES(self), bytes, head.file);
}

static void play(crash_disk_t *self, uint64_t position)
{
    trace_head_t head = head_at(self, position);
    const char *bytes = self->trace + position + sizeof head;
    if (head.file >= FILES)
        abort();
    file_t *file = &self->files[head.file];
    switch ((trace_kind_t)head.kind) {
    case TRACE_BASE: /* there from the beginning */
        break;
    case TRACE_CREATE:
        change_name(self, position, bytes, head.file);
        break;
    case TRACE_WRITE:
        begin_write(file, position, head.offset, bytes, head.size);
        break;
    case TRACE_RESIZE:
        resize(file, head.offset);
        break;
    case TRACE_SYNC:
        sync_file(file, head.offset);
        break;
    case TRACE_SYNC_WRITE:
        sync_write(file, head.offset);
        break;
    case TRACE_RENAME:
        /* One change: neither name ever shows half of it. */
        change_name(self, position, bytes, NO_FILE);
        change_name(self, position, bytes + strlen(bytes) + 1, head.file);
        break;
    case TRACE_REMOVE:
        change_name(self, position, bytes, NO_FILE);
        break;
    case TRACE_SYNC_DIRECTORY:
        sync_directory(self, head.offset);
        break;
    }
}

void crash_disk_play(crash_disk_t *self, uint64_t n)
{
    while (self->played < n)
        play(self, self->events[self->played++]);
}

crash_disk_t *crash_disk_new(const char *trace_path)
{
    crash_disk_t *self = calloc(1, sizeof *self);
    if (!self)
        return NULL;
    for (size_t i = 0; i < sizeof self->names / sizeof *self->names; i++)
        self->names[i].file = NO_FILE;
    if (!read_trace(self, trace_path)) {
        crash_disk_destroy(&self);
        return NULL;
    }
    for (uint64_t i = 0; i < self->count; i++)
        play_base(self, self->events[i]);
    return self;
}

/* -- leaving -------------------------------------------------------------------------------- */

static bool write_file(const char *path, const unsigned char *content, uint64_t size)
{
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0)
        return false;
    uint64_t done = 0;
    while (done < size) {
        ssize_t written = write(file, content + done, size - done);
        if (written <= 0)
            break;
        done += (uint64_t)written;
    }
    return close(file) == 0 && done == size;
}

static bool leave_file(const file_t *file, const char *path, cut_t cut, uint64_t *random)
{
    uint64_t size = file->durable_size, last = UINT64_MAX;
    unsigned char *content = malloc(file->room + 1);
    if (!content)
        return false;
    memcpy(content, file->durable, file->room);
    bool kept = false;
    for (size_t i = 0; i < file->n_pending; i++) {
        const sector_t *sector = &file->pending[i];
        if (cut == CUT_TORN || sector->position != last)
            kept = cut == CUT_ALL || (cut != CUT_NONE && draw(random) % 2);
        last = sector->position;
        if (kept)
            put_sector(content, &size, sector, file->cache_size);
    }
    /* A file may have grown before its bytes came. */
    if (cut != CUT_NONE && draw(random) % 2 && size < file->cache_size)
        size = file->cache_size;
    bool good = write_file(path, content, size);
    free(content);
    return good;
}

bool crash_disk_leave(crash_disk_t *self, const char *directory, cut_t cut, uint64_t *random)
{
    change_t names[NAMES(self)];
    memcpy(names, self->names, sizeof names);
    uint64_t until = 0;
    if (cut == CUT_ALL)
        until = UINT64_MAX;
    else if (cut != CUT_NONE && self->n_changes)
        until = self->changes[draw(random) % self->n_changes].position + draw(random) % 2;
    make_durable(self, names, NAMES(self), until);
    for (size_t i = 0; i < NAMES(self); i++) {
        char path[PATH_MAX];
        if (names[i].file == NO_FILE)
            continue;
        snprintf(path, sizeof path, "%s/%s", directory, names[i].name);
        if (!leave_file(&self->files[names[i].file], path, cut, random))
            return false;
    }
    return true;
}
