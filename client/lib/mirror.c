#include "session.h"

#include <czmq.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAGE_RECORDS 200

/* One record as it was at `as_of`, encoded. */
typedef struct {
    uint64_t as_of;
    size_t size;
    unsigned char data[];
} copy_t;

struct samverk_mirror {
    const kind_t *kind;
    zhashx_t *copies; /* id to copy_t */
    samverk_watch_t *watch;
    samverk_place_t place;
    uint64_t consistent_from; /* the last page's revision */
};

static void copy_free(void **copy_p)
{
    free(*copy_p);
    *copy_p = NULL;
}

/* Page by page, revisions go up: what came with a page is not undone by an older
   change that the watch tells later. */
static bool mirror_put(samverk_mirror_t *self, const value_t *view, uint64_t as_of)
{
    const char *id = value_get_text(view, "id");
    if (!id)
        return false;
    const copy_t *present = zhashx_lookup(self->copies, id);
    if (present && present->as_of > as_of)
        return true;
    arena_t *arena = arena_new();
    void *data;
    size_t size;
    wire_encode(view, arena, &data, &size);
    copy_t *copy = malloc(sizeof *copy + size);
    if (copy) {
        copy->as_of = as_of;
        copy->size = size;
        memcpy(copy->data, data, size);
        zhashx_update(self->copies, id, copy);
    }
    arena_destroy(&arena);
    return copy != NULL;
}

static void mirror_gone(samverk_mirror_t *self, const char *id, uint64_t revision)
{
    const copy_t *present = zhashx_lookup(self->copies, id);
    if (present && present->as_of <= revision)
        zhashx_delete(self->copies, id);
}

static samverk_outcome_t mirror_page(samverk_mirror_t *self, samverk_t *connection, error_t *error)
{
    arena_t *arena = arena_new(), *page = arena_new();
    value_t after = value_absent;
    samverk_outcome_t outcome;
    bool first = true;
    for (;;) {
        value_builder_t arguments = value_builder(page);
        value_add_pair(&arguments, "kind", value_text(self->kind->name));
        value_add_pair(&arguments, "limit", value_integer(PAGE_RECORDS));
        if (after.form != VALUE_ABSENT)
            value_add_pair(&arguments, "after", after);
        value_t map = value_build_map(&arguments), result;
        outcome = samverk_request(connection, "export", &map, page, &result, error);
        if (outcome != SAMVERK_DONE)
            break;
        uint64_t revision = (uint64_t)value_get_integer(&result, "rev", 0);
        if (first)
            self->place.revision = revision;
        first = false;
        self->consistent_from = revision;
        const value_t *records = value_get(&result, "records");
        for (uint32_t i = 0; records->form == VALUE_LIST && i < records->count; i++)
            mirror_put(self, &records->items[i], revision);
        arena_reset(arena);
        after = value_copy(arena, value_get(&result, "next"));
        arena_reset(page);
        if (after.form == VALUE_ABSENT)
            break;
    }
    arena_destroy(&page);
    arena_destroy(&arena);
    return outcome;
}

/* -- the saved form: "place" line, then each view with its size before it ------------ */

static bool mirror_load(samverk_mirror_t *self, const char *path)
{
    FILE *file = fopen(path, "re");
    if (!file)
        return false;
    char kind[64];
    /* NOLINTNEXTLINE(cert-err34-c): a file of ours; what is too large becomes the largest */
    bool whole = fscanf(file, "samverk-mirror 1 %63s %63s %" SCNu64, kind, self->place.epoch,
                        &self->place.revision) == 3 &&
                 fgetc(file) == '\n' && strcmp(kind, self->kind->name) == 0;
    arena_t *arena = arena_new();
    uint32_t size;
    size_t read = 0;
    while (whole && (read = fread(&size, 1, sizeof size, file)) == sizeof size) {
        arena_reset(arena);
        value_t view;
        error_t error = {0};
        unsigned char *data = size <= wire_limits_client.bytes ? arena_alloc(arena, size) : NULL;
        whole = data && fread(data, 1, size, file) == size &&
                wire_decode(data, size, &wire_limits_client, arena, &view, &error) &&
                mirror_put(self, &view, self->place.revision);
    }
    whole = whole && read == 0;
    arena_destroy(&arena);
    fclose(file);
    self->consistent_from = self->place.revision;
    if (!whole) {
        zhashx_purge(self->copies);
        memset(&self->place, 0, sizeof self->place);
    }
    return whole;
}

bool samverk_mirror_save(const samverk_mirror_t *self, const char *path)
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    if (!file)
        return false;
    fprintf(file, "samverk-mirror 1 %s %s %" PRIu64 "\n", self->kind->name, self->place.epoch,
            self->place.revision);
    for (const copy_t *copy = zhashx_first(self->copies); copy; copy = zhashx_next(self->copies)) {
        uint32_t bytes = (uint32_t)copy->size;
        fwrite(&bytes, sizeof bytes, 1, file);
        fwrite(copy->data, 1, copy->size, file);
    }
    bool saved = fclose(file) == 0 && samverk_write_file(path, text, size, 0600);
    free(text);
    return saved;
}

/* -- life ------------------------------------------------------------------------------ */

static value_t mirror_filter(const samverk_mirror_t *self, arena_t *arena)
{
    value_builder_t kinds = value_builder(arena), filter = value_builder(arena);
    value_add(&kinds, value_text(self->kind->name));
    value_add_pair(&filter, "kinds", value_build_list(&kinds));
    return value_build_map(&filter);
}

static samverk_outcome_t mirror_fill(samverk_mirror_t *self, samverk_t *connection,
                                     const value_t *filter, error_t *error)
{
    samverk_outcome_t outcome = samverk_connect(connection, error);
    if (outcome != SAMVERK_DONE)
        return outcome;
    const char *epoch = value_get_text(samverk_welcome(connection), "epoch");
    snprintf(self->place.epoch, sizeof self->place.epoch, "%s", epoch ? epoch : "");
    outcome = mirror_page(self, connection, error);
    if (outcome == SAMVERK_DONE)
        outcome = samverk_watch_new(connection, filter, &self->place, &self->watch, error);
    return outcome;
}

samverk_outcome_t samverk_mirror_new(samverk_t *connection, const kind_t *kind, const char *path,
                                     samverk_mirror_t **mirror_p, error_t *error)
{
    *mirror_p = NULL;
    samverk_mirror_t *self = calloc(1, sizeof *self);
    if (!self)
        return SAMVERK_UNREACHED;
    self->kind = kind;
    self->copies = zhashx_new();
    zhashx_set_destructor(self->copies, copy_free);

    arena_t *arena = arena_new();
    value_t filter = mirror_filter(self, arena);
    samverk_outcome_t outcome = SAMVERK_REFUSED;
    if (path && mirror_load(self, path)) {
        error_t stale = {0}; /* another epoch, or too long ago: page again */
        outcome = samverk_watch_new(connection, &filter, &self->place, &self->watch, &stale);
        if (outcome == SAMVERK_REFUSED)
            zhashx_purge(self->copies);
    }
    if (outcome == SAMVERK_REFUSED)
        outcome = mirror_fill(self, connection, &filter, error);
    arena_destroy(&arena);
    if (outcome == SAMVERK_DONE)
        *mirror_p = self;
    else
        samverk_mirror_destroy(&self);
    return outcome;
}

void samverk_mirror_destroy(samverk_mirror_t **self_p)
{
    samverk_mirror_t *self = *self_p;
    if (!self)
        return;
    samverk_watch_destroy(&self->watch);
    zhashx_destroy(&self->copies);
    free(self);
    *self_p = NULL;
}

static void mirror_entry(samverk_mirror_t *self, const value_t *entry)
{
    uint64_t revision = (uint64_t)value_get_integer(entry, "rev", 0);
    const value_t *operations = value_get(entry, "ops");
    for (uint32_t i = 0; operations->form == VALUE_LIST && i < operations->count; i++) {
        const value_t *operation = &operations->items[i];
        const char *what = value_get_text(operation, "op");
        const char *id = value_get_text(operation, "id");
        if (what && strcmp(what, "put") == 0)
            mirror_put(self, value_get(operation, "record"), revision);
        else if (what && id && strcmp(what, "gone") == 0)
            mirror_gone(self, id, revision);
    }
}

bool samverk_mirror_apply(samverk_mirror_t *self, const samverk_event_t *event)
{
    if (event->watch != self->watch || event->type == SAMVERK_NOTHING)
        return false;
    if (event->type == SAMVERK_CHANGES)
        for (uint32_t i = 0; i < event->entries.count; i++)
            mirror_entry(self, &event->entries.items[i]);
    self->place = event->place;
    return true;
}

bool samverk_mirror_consistent(const samverk_mirror_t *self)
{
    return self->place.revision >= self->consistent_from;
}

size_t samverk_mirror_size(const samverk_mirror_t *self)
{
    return zhashx_size(self->copies);
}

value_t samverk_mirror_get(const samverk_mirror_t *self, const char *id, arena_t *arena)
{
    const copy_t *copy = zhashx_lookup(self->copies, id);
    value_t view = value_absent;
    error_t error = {0};
    if (copy && !wire_decode(copy->data, copy->size, &wire_limits_client, arena, &view, &error))
        view = value_absent;
    return view;
}

size_t samverk_mirror_ids(const samverk_mirror_t *self, arena_t *arena, const char ***ids_p)
{
    size_t n = 0;
    const char **ids = arena_alloc(arena, (zhashx_size(self->copies) + 1) * sizeof *ids);
    for (void *copy = zhashx_first(self->copies); copy; copy = zhashx_next(self->copies))
        ids[n++] = arena_text(arena, zhashx_cursor(self->copies));
    *ids_p = ids;
    return n;
}
