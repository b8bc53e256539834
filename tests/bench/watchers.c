#include "watchers.h"

client_t *watcher_open(const server_t *server, unsigned user)
{
    arena_t *arena = arena_new();
    value_builder_t kinds = value_builder(arena), arguments = value_builder(arena);
    client_t *self = client_new(server->address, server->public_key, &server->users[user], true);

    self->user = user;
    value_add(&kinds, value_text("inquiry"));
    value_add_pair(&arguments, "kinds", value_build_list(&kinds));
    client_ask(self, "watch", value_build_map(&arguments), arena);
    arena_destroy(&arena);
    return self;
}

void watchers_open(const server_t *server, client_t **clients, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        clients[i] = watcher_open(server, i % SERVER_USERS);
}

void watchers_close(client_t **clients, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        client_destroy(&clients[i]);
}
