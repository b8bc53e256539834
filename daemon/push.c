#include "push.h"

#include "log.h"

#include <msgpack.h>
#include <string.h>

struct push {
    uint64_t watch, before;
    const push_entry_t *const *entries;
    size_t count;
    zmq_msg_t frame;
    push_t *next;
};

static push_t *find(const pushes_t *self, uint64_t watch, uint64_t before,
                    const push_entry_t *const *entries, size_t count)
{
    for (push_t *push = self->first; push != NULL; push = push->next)
        if (push->watch == watch && push->before == before && push->count == count &&
            memcmp(push->entries, entries, count * sizeof *entries) == 0)
            return push;
    return NULL;
}

static void pack_text(msgpack_packer *packer, const char *text)
{
    msgpack_pack_str_with_body(packer, text, strlen(text));
}

static void lay_out(zmq_msg_t *frame, const msgpack_sbuffer *head,
                    const push_entry_t *const *entries, size_t count)
{
    size_t size = head->size;

    for (size_t i = 0; i < count; i++)
        size += entries[i]->size;
    if (zmq_msg_init_size(frame, size) != 0)
        log_fatal("no memory left");
    unsigned char *at = zmq_msg_data(frame);
    memcpy(at, head->data, head->size);
    at += head->size;
    for (size_t i = 0; i < count; i++) {
        memcpy(at, entries[i]->data, entries[i]->size);
        at += entries[i]->size;
    }
}

static push_t *make(pushes_t *self, arena_t *arena, uint64_t watch, const char *epoch,
                    uint64_t before, const push_entry_t *const *entries, size_t count)
{
    push_t *push = arena_alloc(arena, sizeof *push);
    msgpack_sbuffer head;
    msgpack_packer packer;

    msgpack_sbuffer_init(&head);
    msgpack_packer_init(&packer, &head, msgpack_sbuffer_write);
    msgpack_pack_array(&packer, 5);
    pack_text(&packer, "push");
    msgpack_pack_uint64(&packer, watch);
    pack_text(&packer, epoch);
    msgpack_pack_uint64(&packer, before);
    msgpack_pack_array(&packer, count);
    *push = (push_t){.watch = watch, .before = before, .count = count, .next = self->first};
    push->entries = arena_copy(arena, entries, count * sizeof *entries);
    lay_out(&push->frame, &head, entries, count);
    msgpack_sbuffer_destroy(&head);
    self->first = push;
    return push;
}

void pushes_frame(pushes_t *self, arena_t *arena, uint64_t watch, const char *epoch,
                  uint64_t before, const push_entry_t *const *entries, size_t count,
                  zmq_msg_t *frame)
{
    push_t *push = find(self, watch, before, entries, count);

    if (push == NULL)
        push = make(self, arena, watch, epoch, before, entries, count);
    zmq_msg_init(frame);
    zmq_msg_copy(frame, &push->frame);
}

void pushes_clear(pushes_t *self)
{
    for (push_t *push = self->first; push != NULL; push = push->next)
        zmq_msg_close(&push->frame);
    self->first = NULL;
}
