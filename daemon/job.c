#include "job.h"

#include "records.h"

#include <sodium.h>
#include <string.h>

job_t *job_new(const frame_t *request, arena_t **arena_p, error_t *error)
{
    const command_t *command = schema_command(request->command);

    if (command == NULL) {
        error_set(error, ERROR_UNKNOWN_COMMAND, NULL, NULL);
        return NULL;
    }
    if (!command_check(command, &request->body, error))
        return NULL;
    job_t *self = arena_alloc(*arena_p, sizeof *self);
    self->arena = *arena_p;
    self->command = command;
    memcpy(self->id, request->id, sizeof self->id);
    self->arguments = request->body;
    self->as = request->as;
    *arena_p = NULL;
    return self;
}

job_t *job_chore(chore_t chore, const void *what, arena_t **arena_p)
{
    job_t *self = arena_alloc(*arena_p, sizeof *self);

    self->arena = *arena_p;
    self->chore = chore;
    self->what = what;
    *arena_p = NULL;
    return self;
}

void job_destroy(job_t **self_p)
{
    if (*self_p != NULL) {
        arena_t *arena = (*self_p)->arena;
        arena_destroy(&arena);
    }
    *self_p = NULL;
}

bool job_begin(job_t *self, call_t *call, const environment_t *environment, store_txn_t *txn,
               access_cache_t *cache)
{
    memset(call, 0, sizeof *call);
    call->environment = environment;
    call->command = self->command;
    call->arguments = &self->arguments;
    call->public_key = self->public_key;
    call->txn = txn;
    call->lookup.txn = txn;
    call->arena = self->arena;
    call->now_ms = clock_utc_ms(environment->clock);
    call->expiry_ms = clock_expiry_ms(environment->step, environment->clock);
    call->access = access_cached(cache, txn, self->public_key, call->expiry_ms);
    self->user = arena_text(self->arena, call->access->user.text);
    if (self->as == NULL)
        return true;

    /* A service has the rights of the user it names, and no others. */
    record_id_t user;
    if (!(call->access->roles & ROLE_BIT(ROLE_service)))
        return error_set(&call->error, ERROR_NOT_ALLOWED, "as", NULL);
    if (!record_id_parse(&user, self->as, schema_kind("user")))
        return error_set(&call->error, ERROR_INVALID, "as", "a user's id");
    access_t *acting = access_of_user(txn, &user, call->expiry_ms, self->arena);
    if (self->command->mode == COMMAND_SESSION || !access_may_act_for(call->access, acting))
        return error_set(&call->error, ERROR_NOT_ALLOWED, "as", NULL);
    acting->acting = true;
    call->access = acting;
    return true;
}

void job_finish(job_t *self, call_t *call, uint64_t revision)
{
    frame_t frame = {.type = FRAME_REPLY, .id = self->id, .revision = revision};

    if (call->error.code != ERROR_NONE) {
        frame.type = FRAME_ERROR;
        frame.body = error_to_value(&call->error, self->arena);
    } else {
        frame.body = call->result;
        self->subjects = call->subjects;
        self->purpose = call->purpose;
    }
    frame_write(&frame, self->arena, &self->reply, &self->reply_size);
}

void job_refuse(job_t *self, error_code_t code)
{
    error_t error = {0};
    frame_t frame = {.type = FRAME_ERROR, .id = self->id};

    error_set(&error, code, NULL, NULL);
    frame.body = error_to_value(&error, self->arena);
    frame_write(&frame, self->arena, &self->reply, &self->reply_size);
    self->subjects = NULL;
}

void job_hash(const job_t *self, unsigned char hash[32])
{
    crypto_generichash_state state;
    arena_t *arena = arena_new();
    void *data;
    size_t size;

    wire_encode(&self->arguments, arena, &data, &size);
    crypto_generichash_init(&state, NULL, 0, 32);
    crypto_generichash_update(&state, (const unsigned char *)self->command->name,
                              strlen(self->command->name) + 1);
    if (self->as != NULL)
        crypto_generichash_update(&state, (const unsigned char *)self->as, strlen(self->as));
    crypto_generichash_update(&state, data, size);
    crypto_generichash_final(&state, hash, 32);
    arena_destroy(&arena);
}
