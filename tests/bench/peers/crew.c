#include "crew.h"

#include "process.h"
#include "trouble.h"
#include "work.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define NUMBERS 65536u /* more than are on their way at any time */
#define CATCH_UP_SECONDS 60.0
#define READY_AT_ONCE 64
#define LOOK_MS 1

/* What listeners have heard, each on a cache line of its own: some peers' libraries have
   a thread for each of them. */
static struct {
    _Alignas(64) uint64_t count;
} heard[CREW_LISTENERS_MAX];
static samples_t heard_after; /* the first listener's */

static uint64_t sent_ns[NUMBERS];
static uint64_t last_number;

static void note_times(const char *bytes, size_t size)
{
    uint64_t now = now_ns();
    const char *end = bytes + size, *at = bytes;

    while (end - at > 12 && (at = memchr(at, '#', (size_t)(end - at) - 12)) != NULL) {
        char digits[13] = "";
        memcpy(digits, ++at, 12);
        if (strspn(digits, "0123456789") < 12)
            continue;
        uint64_t sent =
            __atomic_load_n(&sent_ns[strtoull(digits, NULL, 10) % NUMBERS], __ATOMIC_RELAXED);
        samples_add(&heard_after, (double)(now - sent) / 1e9);
    }
}

void notices_heard(unsigned listener, const void *bytes, size_t size, unsigned count)
{
    if (listener == 0)
        note_times(bytes, size);
    __atomic_fetch_add(&heard[listener].count, count, __ATOMIC_RELEASE);
}

/* -- writers ---------------------------------------------------------------------------- */

typedef struct {
    const crew_t *crew;
    void *own; /* the peer's */
    pthread_t thread;
    unsigned number;
    uint64_t end_ns, writes;
    samples_t waited;
    bool done;
} writer_t;

static void copy(char *text, size_t size, const char *from)
{
    snprintf(text, size, "%s", from);
}

static const char *first_of(const value_t *fields, const char *name)
{
    return value_get(fields, name)->items[0].text;
}

static void make_operation(operation_t *self, unsigned user, arena_t *arena)
{
    self->number = __atomic_add_fetch(&last_number, 1, __ATOMIC_RELAXED);
    self->user = user;
    value_t fields = work_inquiry(user, self->number, arena);
    snprintf(self->id, sizeof self->id, "%012llu", (unsigned long long)self->number);
    copy(self->title, sizeof self->title, value_get_text(&fields, "title"));
    copy(self->municipality, sizeof self->municipality, value_get_text(&fields, "municipality"));
    copy(self->area, sizeof self->area, first_of(&fields, "areas"));
    copy(self->form, sizeof self->form, first_of(&fields, "form"));
    copy(self->channel, sizeof self->channel, value_get_text(&fields, "channel"));
    self->size = (size_t)snprintf(
        self->record, sizeof self->record,
        "{\"title\":\"%s\",\"municipality\":\"%s\",\"areas\":[\"%s\"],\"participants\":%lld,"
        "\"form\":[\"%s\"],\"channel\":\"%s\",\"caller\":\"%s\",\"description\":\"%s\"}",
        self->title, self->municipality, self->area,
        (long long)value_get_integer(&fields, "participants", 0), self->form, self->channel,
        value_get_text(&fields, "caller"), value_get_text(&fields, "description"));
    if (self->size >= sizeof self->record)
        trouble("a record is larger than expected");
}

static void *writer_main(void *argument)
{
    writer_t *self = argument;
    unsigned burst = self->crew->burst;
    operation_t *operations = calloc(burst, sizeof *operations);
    arena_t *arena = arena_new();

    if (operations == NULL)
        trouble("no memory left");
    while (now_ns() < self->end_ns) {
        for (unsigned i = 0; i < burst; i++)
            make_operation(&operations[i], self->number, arena);
        arena_reset(arena);
        uint64_t begun = now_ns();
        for (unsigned i = 0; i < burst; i++)
            __atomic_store_n(&sent_ns[operations[i].number % NUMBERS], begun, __ATOMIC_RELAXED);
        self->crew->peer->writer_write(self->own, operations, burst);
        samples_add(&self->waited, seconds_since(begun));
        self->writes += burst;
    }
    arena_destroy(&arena);
    free(operations);
    __atomic_store_n(&self->done, true, __ATOMIC_RELEASE);
    return NULL;
}

/* -- listeners ----------------------------------------------------------------------------- */

static int poll_listeners(const crew_t *self, void *const *listeners)
{
    int poll = epoll_create1(EPOLL_CLOEXEC);

    for (unsigned i = 0; i < self->listeners; i++) {
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = listeners[i]};
        if (self->peer->listener_fd != NULL &&
            epoll_ctl(poll, EPOLL_CTL_ADD, self->peer->listener_fd(listeners[i]), &event) != 0)
            trouble("the listeners cannot be polled: %s", strerror(errno));
    }
    return poll;
}

/* How many writers are at it, and how many writes there have been of the others. */
static unsigned count_busy(const writer_t *writers, unsigned count, uint64_t *writes)
{
    unsigned busy = 0;

    *writes = 0;
    for (unsigned i = 0; i < count; i++) {
        if (__atomic_load_n(&writers[i].done, __ATOMIC_ACQUIRE))
            *writes += writers[i].writes;
        else
            busy++;
    }
    return busy;
}

static unsigned count_behind(const crew_t *self, uint64_t writes)
{
    unsigned behind = 0;

    for (unsigned i = 0; i < self->listeners; i++)
        behind += __atomic_load_n(&heard[i].count, __ATOMIC_ACQUIRE) < writes;
    return behind;
}

/* Hear what comes until the writers are done, and then until all have heard all of it. */
static uint64_t listen_to_all(const crew_t *self, const writer_t *writers, void *const *listeners)
{
    struct epoll_event events[READY_AT_ONCE];
    int poll = poll_listeners(self, listeners);
    uint64_t begun = now_ns(), writes;

    /* libzmq's descriptor tells of what comes from now on, not of what came at opening. */
    for (unsigned i = 0; i < self->listeners && self->peer->listener_hear != NULL; i++)
        self->peer->listener_hear(listeners[i]);
    while (count_busy(writers, self->writers, &writes) > 0 || count_behind(self, writes) > 0) {
        int ready = epoll_wait(poll, events, READY_AT_ONCE, LOOK_MS);
        for (int i = 0; i < ready; i++)
            self->peer->listener_hear(events[i].data.ptr);
        if (seconds_since(begun) > self->seconds + CATCH_UP_SECONDS)
            trouble("%s: %u listeners have not heard everything", self->peer->name,
                    count_behind(self, writes));
    }
    close(poll);
    return writes;
}

/* -- all of them ------------------------------------------------------------------------------ */

static void start_writers(const crew_t *self, writer_t *writers)
{
    uint64_t end_ns = now_ns() + (uint64_t)(self->seconds * 1e9);

    for (unsigned i = 0; i < self->writers; i++) {
        writers[i].end_ns = end_ns;
        if (pthread_create(&writers[i].thread, NULL, writer_main, &writers[i]) != 0)
            trouble("no thread");
    }
}

static void sum_up(const crew_t *self, writer_t *writers, crew_result_t *result)
{
    samples_t waited = {0};

    for (unsigned i = 0; i < self->writers; i++) {
        pthread_join(writers[i].thread, NULL);
        for (size_t j = 0; j < writers[i].waited.count; j++)
            samples_add(&waited, writers[i].waited.values[j]);
        samples_clear(&writers[i].waited);
    }
    result->p50_ms = samples_median(&waited) * 1e3;
    result->p99_ms = samples_at(&waited, 0.99) * 1e3;
    result->heard_p50_ms = samples_median(&heard_after) * 1e3;
    samples_clear(&waited);
}

void crew_work(const crew_t *self, crew_result_t *result)
{
    static void *listeners[CREW_LISTENERS_MAX];
    writer_t writers[CREW_WRITERS_MAX] = {0};

    memset(heard, 0, sizeof heard);
    samples_clear(&heard_after);
    for (unsigned i = 0; i < self->listeners; i++)
        listeners[i] = self->peer->listener_open(i);
    for (unsigned i = 0; i < self->writers; i++)
        writers[i] = (writer_t){.crew = self, .number = i, .own = self->peer->writer_open(i)};
    double used = processor_seconds(self->peer->pid());
    uint64_t begun = now_ns();
    start_writers(self, writers);
    uint64_t writes = listen_to_all(self, writers, listeners);
    double took = seconds_since(begun);
    used = processor_seconds(self->peer->pid()) - used;
    result->cpu_us_a_write = used / (double)writes * 1e6;
    result->writes_second = (double)writes / took;
    result->deliveries_second = (double)writes * self->listeners / took;
    sum_up(self, writers, result);
    for (unsigned i = 0; i < self->writers; i++)
        self->peer->writer_close(writers[i].own);
    for (unsigned i = 0; i < self->listeners; i++)
        self->peer->listener_close(listeners[i]);
}
