#include "mirror.h"

#include "literal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct mirror {
    region_t *region;
    arena_t *arena; /* the region's */
    client_t *client;
    const kind_t *kind;
    uint64_t watch;
    uint64_t told; /* the last revision that it knows of */
    size_t n_seen; /* frames of the client's */
    bool ended;
    value_t *views;
    size_t n_views;
};

static reply_t ask(mirror_t *self, const char *command, const value_builder_t *arguments)
{
    request_t request = {.command = command, .arguments = value_build_map(arguments)};
    reply_t reply = region_ask(self->region, self->client, &request);

    if (reply.error.code != ERROR_NONE)
        fail_msg("a mirror's %s is refused: %s", command, error_name(reply.error.code));
    return reply;
}

static value_t list_all(mirror_t *self, uint64_t *revision)
{
    value_builder_t all = value_builder(self->arena);
    value_t after = value_absent;

    *revision = 0;
    do {
        value_builder_t arguments = value_builder(self->arena);
        value_add_pair(&arguments, "kind", value_text(self->kind->name));
        value_add_pair(&arguments, "limit", value_integer(3));
        if (after.form != VALUE_ABSENT)
            value_add_pair(&arguments, "after", after);
        reply_t reply = ask(self, "list", &arguments);
        const value_t *records = value_get(&reply.result, "records");
        for (uint32_t i = 0; i < records->count; i++)
            value_add(&all, records->items[i]);
        after = *value_get(&reply.result, "next");
        if (*revision == 0)
            *revision = reply.revision;
    } while (after.form != VALUE_ABSENT);
    return value_build_list(&all);
}

/* `view` NULL: it is gone. */
static void keep_view(mirror_t *self, const char *id, const value_t *view)
{
    size_t i = 0;

    while (i < self->n_views && strcmp(value_get_text(&self->views[i], "id"), id) != 0)
        i++;
    if (view == NULL) {
        if (i < self->n_views)
            self->views[i] = self->views[--self->n_views];
        return;
    }
    if (i == self->n_views) {
        self->views = realloc(self->views, ++self->n_views * sizeof *self->views);
        assert_non_null(self->views);
    }
    self->views[i] = *view;
}

void mirror_resume(mirror_t *self)
{
    value_builder_t arguments = value_builder(self->arena);
    value_t kind = value_text(self->kind->name);
    const char *epoch = store_epoch(region_environment(self->region)->store);

    if (self->ended)
        return;
    while (client_frame(self->client, self->n_seen) != NULL)
        self->n_seen++;
    value_add_pair(&arguments, "kinds", value_list(&kind, 1));
    value_add_pair(&arguments, "since", value_integer((int64_t)self->told));
    value_add_pair(&arguments, "epoch", value_text(arena_text(self->arena, epoch)));
    reply_t reply = ask(self, "watch", &arguments);
    self->watch = (uint64_t)value_get_integer(&reply.result, "watch", 0);
}

mirror_t *mirror_new(region_t *region, client_t *client, const kind_t *kind)
{
    mirror_t *self = calloc(1, sizeof *self);

    assert_non_null(self);
    *self =
        (mirror_t){.region = region, .arena = region_arena(region), .client = client, .kind = kind};
    value_t all = list_all(self, &self->told);
    for (uint32_t i = 0; i < all.count; i++)
        keep_view(self, value_get_text(&all.items[i], "id"), &all.items[i]);
    mirror_resume(self);
    return self;
}

void mirror_destroy(mirror_t **self_p)
{
    if (*self_p == NULL)
        return;
    free((*self_p)->views);
    free(*self_p);
    *self_p = NULL;
}

static void apply_entry(mirror_t *self, const value_t *entry)
{
    const value_t *operations = value_get(entry, "ops");

    for (uint32_t i = 0; i < operations->count; i++) {
        const value_t *record = value_get(&operations->items[i], "record");
        const char *id = record->form == VALUE_MAP ? value_get_text(record, "id")
                                                   : value_get_text(&operations->items[i], "id");
        keep_view(self, id, record->form == VALUE_MAP ? record : NULL);
    }
}

void mirror_follow(mirror_t *self)
{
    const frame_t *frame;

    while ((frame = client_frame(self->client, self->n_seen)) != NULL) {
        self->n_seen++;
        if (frame->watch != self->watch)
            continue;
        for (uint32_t i = 0; frame->type == FRAME_PUSH && i < frame->body.count; i++) {
            apply_entry(self, &frame->body.items[i]);
            self->told = (uint64_t)value_get_integer(&frame->body.items[i], "rev", 0);
        }
        if (frame->type == FRAME_BOOKMARK)
            self->told = frame->revision;
        self->ended = self->ended || frame->type == FRAME_END;
    }
}

static const value_t *find_view(const value_t *views, size_t count, const char *id)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(value_get_text(&views[i], "id"), id) == 0)
            return &views[i];
    return &value_absent;
}

bool mirror_agrees(mirror_t *self, const char **why)
{
    uint64_t revision;

    mirror_follow(self);
    if (self->ended)
        return true;
    value_t all = list_all(self, &revision);
    for (uint32_t i = 0; i < all.count; i++) {
        const char *id = value_get_text(&all.items[i], "id");
        const value_t *kept = find_view(self->views, self->n_views, id);
        /* Not the revision: what changes in hidden fields alone is told to nobody. */
        if (!value_equal(value_get(kept, "fields"), value_get(&all.items[i], "fields"))) {
            *why = arena_format(self->arena, "a watch has told\n  %s\n  where a list says\n  %s",
                                literal_print(kept, self->arena),
                                literal_print(&all.items[i], self->arena));
            return false;
        }
    }
    for (size_t i = 0; i < self->n_views; i++) {
        const char *id = value_get_text(&self->views[i], "id");
        if (find_view(all.items, all.count, id)->form == VALUE_ABSENT) {
            *why = arena_format(self->arena, "a watch has told %s, which no list has", id);
            return false;
        }
    }
    return true;
}
