#include "session.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* -- places --------------------------------------------------------------------------- */

bool samverk_place_load(samverk_place_t *self, const char *path)
{
    memset(self, 0, sizeof *self);
    FILE *file = fopen(path, "re");
    if (!file)
        return false;
    /* NOLINTNEXTLINE(cert-err34-c): a file of ours; what is too large becomes the largest */
    int read = fscanf(file, "%63s %" SCNu64, self->epoch, &self->revision);
    fclose(file);
    return read == 2;
}

bool samverk_place_save(const samverk_place_t *self, const char *path)
{
    char text[128];
    int size = snprintf(text, sizeof text, "%s %" PRIu64 "\n", self->epoch, self->revision);
    return samverk_write_file(path, text, (size_t)size, 0600);
}

/* -- watches --------------------------------------------------------------------------- */

/* Ask for the watch in the present session, from where it stands. */
static samverk_outcome_t watch_start(samverk_watch_t *self, bool since, error_t *error)
{
    samverk_t *owner = self->owner;
    arena_t *arena = arena_new();
    value_builder_t arguments = value_builder(arena);
    for (uint32_t i = 0; i < self->filter.count; i++)
        value_add_pair(&arguments, self->filter.items[2 * i].text, self->filter.items[2 * i + 1]);
    if (since) {
        value_add_pair(&arguments, "since", value_integer((int64_t)self->place.revision));
        value_add_pair(&arguments, "epoch", value_text(self->place.epoch));
    }
    value_t map = value_build_map(&arguments), result;
    samverk_outcome_t outcome = samverk_request(owner, "watch", &map, arena, &result, error);
    if (outcome == SAMVERK_DONE) {
        self->number = (uint64_t)value_get_integer(&result, "watch", 0);
        self->session = owner->session;
        self->place.revision =
            (uint64_t)value_get_integer(&result, "rev", (int64_t)self->place.revision);
        const char *epoch = value_get_text(&result, "epoch");
        snprintf(self->place.epoch, sizeof self->place.epoch, "%s", epoch ? epoch : "");
    }
    arena_destroy(&arena);
    return outcome;
}

samverk_outcome_t samverk_watch_new(samverk_t *self, const value_t *filter,
                                    const samverk_place_t *since, samverk_watch_t **watch_p,
                                    error_t *error)
{
    *watch_p = NULL;
    samverk_watch_t *watch = calloc(1, sizeof *watch);
    if (!watch)
        return SAMVERK_UNREACHED;
    watch->owner = self;
    watch->arena = arena_new();
    watch->filter = filter ? value_copy(watch->arena, filter) : value_absent;
    if (since)
        watch->place = *since;
    watch->next = self->watches;
    self->watches = watch;
    samverk_outcome_t outcome = watch_start(watch, since != NULL, error);
    if (outcome == SAMVERK_DONE)
        *watch_p = watch;
    else
        samverk_watch_destroy(&watch);
    return outcome;
}

void samverk_watch_destroy(samverk_watch_t **self_p)
{
    samverk_watch_t *self = *self_p;
    if (!self)
        return;
    samverk_watch_t **link = &self->owner->watches;
    while (*link && *link != self)
        link = &(*link)->next;
    if (*link)
        *link = self->next;
    arena_destroy(&self->arena);
    free(self);
    *self_p = NULL;
}

const samverk_place_t *samverk_watch_place(const samverk_watch_t *self)
{
    return &self->place;
}

static void watch_end(samverk_watch_t *self, const char *code, samverk_event_t *event)
{
    self->ended = true;
    event->type = SAMVERK_END;
    event->watch = self;
    event->place = self->place;
    snprintf(event->code, sizeof event->code, "%s", code);
}

/* The chain of revisions broke: leave this watch and resume from where we stand. */
static void watch_leave(samverk_watch_t *self)
{
    arena_t *arena = arena_new();
    value_builder_t arguments = value_builder(arena);
    value_add_pair(&arguments, "watch", value_integer((int64_t)self->number));
    value_t map = value_build_map(&arguments);
    self->session = 0;
    samverk_request(self->owner, "unwatch", &map, arena, NULL, NULL);
    arena_destroy(&arena);
}

static uint64_t last_revision(const value_t *entries, uint64_t otherwise)
{
    if (entries->count == 0)
        return otherwise;
    return (uint64_t)value_get_integer(&entries->items[entries->count - 1], "rev",
                                       (int64_t)otherwise);
}

static samverk_watch_t *watch_of(samverk_t *self, uint64_t number)
{
    samverk_watch_t *watch = self->watches;
    while (watch && (watch->ended || watch->session != self->session || watch->number != number))
        watch = watch->next;
    return watch;
}

/* One pushed frame; false when it gives no event. */
static bool frame_event(samverk_t *self, const pushed_t *pushed, arena_t *arena,
                        samverk_event_t *event)
{
    value_t value;
    frame_t frame;
    error_t error = {0};
    if (!wire_decode(pushed->data, pushed->size, &wire_limits_client, arena, &value, &error) ||
        !frame_read(&frame, &value, &error))
        return false;
    samverk_watch_t *watch = watch_of(self, frame.watch);
    if (!watch)
        return false;
    if (frame.type == FRAME_END) {
        watch_end(watch, frame.code, event);
        return true;
    }
    if (strcmp(frame.epoch, watch->place.epoch) != 0 || frame.before != watch->place.revision) {
        watch_leave(watch);
        return false;
    }
    event->watch = watch;
    if (frame.type == FRAME_PUSH) {
        event->type = SAMVERK_CHANGES;
        event->entries = frame.body;
        watch->place.revision = last_revision(&frame.body, frame.before);
    } else {
        event->type = SAMVERK_UP_TO;
        watch->place.revision = frame.revision;
    }
    event->place = watch->place;
    return true;
}

/* Frames were thrown away, after those that have been taken by now: nobody knows whose. */
static void watches_leave(samverk_t *self)
{
    self->pushed_lost = false;
    for (samverk_watch_t *watch = self->watches; watch; watch = watch->next)
        if (!watch->ended && watch->session == self->session)
            watch_leave(watch);
}

/* Watches that the present session does not have; true when one has come to its end. */
static bool watches_resume(samverk_t *self, samverk_event_t *event)
{
    for (samverk_watch_t *watch = self->watches; watch; watch = watch->next) {
        if (watch->ended || watch->session == self->session)
            continue;
        error_t error = {0};
        if (watch_start(watch, true, &error) == SAMVERK_REFUSED) {
            watch_end(watch, error_name(error.code), event);
            return true;
        }
    }
    return false;
}

void samverk_next(samverk_t *self, unsigned timeout_ms, arena_t *arena, samverk_event_t *event)
{
    int64_t deadline = session_now() + timeout_ms;
    *event = (samverk_event_t){.type = SAMVERK_NOTHING};
    do {
        pushed_t *pushed = session_take(self);
        if (pushed) {
            bool told = frame_event(self, pushed, arena, event);
            free(pushed);
            if (told)
                return;
            continue;
        }
        if (self->pushed_lost)
            watches_leave(self);
        if (self->welcomed && watches_resume(self, event))
            return;
        if (self->refusal.code != ERROR_NONE) {
            for (samverk_watch_t *watch = self->watches; watch; watch = watch->next)
                if (!watch->ended) {
                    watch_end(watch, error_name(self->refusal.code), event);
                    return;
                }
            return;
        }
        if (!self->first)
            session_step(self, deadline);
    } while (self->first || session_now() < deadline);
}
