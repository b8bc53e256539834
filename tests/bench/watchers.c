#include "watchers.h"

void watchers_open(const server_t *server, client_t **clients, unsigned count)
{
    arena_t *arena = arena_new();

    for (unsigned i = 0; i < count; i++) {
        value_builder_t kinds = value_builder(arena), arguments = value_builder(arena);
        clients[i] =
            client_new(server->address, server->public_key, &server->users[i % SERVER_USERS], true);
        clients[i]->user = i % SERVER_USERS;
        value_add(&kinds, value_text("inquiry"));
        value_add_pair(&arguments, "kinds", value_build_list(&kinds));
        client_ask(clients[i], "watch", value_build_map(&arguments), arena);
        arena_reset(arena);
    }
    arena_destroy(&arena);
}

void watchers_close(client_t **clients, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        client_destroy(&clients[i]);
}
