#include "work.h"

#include "trouble.h"

#include <stdlib.h>

#define ANSWER_SECONDS 60.0

value_t work_inquiry(unsigned user, uint64_t number, arena_t *arena)
{
    static const char *const titles[] = {"Grundkurs i CAD", "Svetsning för nyanställda",
                                         "Äldreomsorg och språk", "Truckutbildning B"};
    value_builder_t fields = value_builder(arena), areas = value_builder(arena),
                    forms = value_builder(arena);
    char id[16];

    server_municipality(user, id);
    value_add(&areas, value_text(arena_format(arena, "are-071%u", (unsigned)(number % 10))));
    value_add(&forms, value_text(number % 3 ? "on_site" : "distance"));
    value_add_pair(&fields, "title",
                   value_text(arena_format(arena, "%s #%012llu", titles[number % 4],
                                           (unsigned long long)number)));
    value_add_pair(&fields, "municipality", value_text(arena_text(arena, id)));
    value_add_pair(&fields, "areas", value_build_list(&areas));
    value_add_pair(&fields, "participants", value_integer((int64_t)(number % 24 + 1)));
    value_add_pair(&fields, "form", value_build_list(&forms));
    value_add_pair(&fields, "channel", value_text("phone"));
    value_add_pair(&fields, "caller", value_text("verkstadsföretag, 40 anställda"));
    value_add_pair(&fields, "description",
                   value_text("Vill komma igång före sommaren; kan tänka sig att läsa "
                              "tillsammans med andra företag i närheten."));
    return value_build_map(&fields);
}

void work_put(client_t *client, uint64_t number)
{
    arena_t *arena = arena_new();
    value_builder_t arguments = value_builder(arena);

    value_add_pair(&arguments, "kind", value_text("inquiry"));
    value_add_pair(&arguments, "fields", work_inquiry(client->user, number, arena));
    client_send(client, "put", value_build_map(&arguments));
    arena_destroy(&arena);
}

/* -- writing ------------------------------------------------------------------------- */

typedef struct {
    samples_t waited;
    uint64_t sent, answered;
    uint64_t end_ns;
    const bool *enough;
    const bystanders_t *others;
    bool done;
} desk_t;

static bool is_over(const desk_t *self)
{
    return self->enough != NULL ? *self->enough : now_ns() >= self->end_ns;
}

/* One answered, one more: until it is over, and then until all are answered. */
static void on_letter(client_t *client, const letter_t *letter, void *context)
{
    desk_t *self = context;

    if (client->own != self) {
        self->others->handle(client, letter, self->others->context);
        return;
    }
    if (letter->type != LETTER_REPLY)
        return;
    self->answered++;
    samples_add(&self->waited, client_waited(client, letter));
    if (!is_over(self)) {
        self->sent++;
        work_put(client, client->sequence);
    } else if (self->answered == self->sent) {
        self->done = true;
    }
}

static void sum_up(desk_t *desk, double seconds, work_t *work)
{
    work->seconds = seconds;
    work->writes = desk->answered;
    work->writes_second = (double)desk->answered / seconds;
    work->p50_ms = samples_median(&desk->waited) * 1e3;
    work->p99_ms = samples_at(&desk->waited, 0.99) * 1e3;
    samples_clear(&desk->waited);
}

void work_write(const server_t *server, unsigned count, unsigned open, double seconds,
                const bool *enough, const bystanders_t *others, work_t *work)
{
    unsigned n_others = others != NULL ? others->count : 0;
    desk_t desk = {.enough = enough, .others = others};
    client_t **clients = calloc(count + n_others, sizeof *clients);

    if (clients == NULL)
        trouble("no memory left");
    for (unsigned i = 0; i < count; i++) {
        clients[i] =
            client_new(server->address, server->public_key, &server->users[i % SERVER_USERS], true);
        clients[i]->user = i % SERVER_USERS;
        clients[i]->own = &desk;
    }
    for (unsigned i = 0; i < n_others; i++)
        clients[count + i] = others->clients[i];
    uint64_t begun = now_ns();
    desk.end_ns = begun + (uint64_t)(seconds * 1e9);
    for (unsigned i = 0; i < open * count; i++) {
        desk.sent++;
        work_put(clients[i % count], clients[i % count]->sequence);
    }
    if (!crowd_run(clients, count + n_others, on_letter, &desk, &desk.done,
                   seconds + ANSWER_SECONDS))
        trouble("%llu writes were not answered", (unsigned long long)(desk.sent - desk.answered));
    sum_up(&desk, seconds_since(begun), work);
    for (unsigned i = 0; i < count; i++)
        client_destroy(&clients[i]);
    free(clients);
}

/* -- imports -------------------------------------------------------------------------- */

#define IMPORTS_OPEN 2u
#define IMPORT_SECONDS 3600

void import_send(import_t *self, client_t *client)
{
    arena_t *arena = arena_new();
    value_builder_t rows = value_builder(arena), arguments = value_builder(arena);

    for (unsigned i = 0; i < self->rows && self->sent < self->most; i++) {
        value_builder_t row = value_builder(arena);
        value_add_pair(&row, "fields", work_inquiry(client->user, self->sent++, arena));
        value_add(&rows, value_build_map(&row));
    }
    value_add_pair(&arguments, "kind", value_text("inquiry"));
    value_add_pair(&arguments, "rows", value_build_list(&rows));
    client_send(client, "import", value_build_map(&arguments));
    arena_destroy(&arena);
}

void import_handle(client_t *client, const letter_t *letter, void *context)
{
    import_t *self = context;

    if (letter->type != LETTER_REPLY)
        return;
    self->answered++;
    if (self->sent < self->most)
        import_send(self, client);
    else if (self->answered == (self->most + self->rows - 1) / self->rows)
        self->done = true;
}

void import_run(import_t *self, const server_t *server, unsigned users)
{
    client_t *clients[SERVER_USERS] = {NULL};

    for (unsigned i = 0; i < users; i++) {
        clients[i] = client_new(server->address, server->public_key, &server->users[i], true);
        clients[i]->user = i;
    }
    for (unsigned i = 0; i < IMPORTS_OPEN * users && self->sent < self->most; i++)
        import_send(self, clients[i % users]);
    if (!crowd_run(clients, users, import_handle, self, &self->done, IMPORT_SECONDS))
        trouble("the import does not end");
    for (unsigned i = 0; i < users; i++)
        client_destroy(&clients[i]);
}
