#include "txn.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct store_txn {
    store_t *store;
    store_txn_t *parent;
    db_txn_t *db;
    bool write;
    bool head_read;
    meta_head_t head;
    /* Highest number given out, by the kind's own number; 0: not asked yet. */
    uint64_t numbers[];
};

static store_txn_t *begin(store_t *store, store_txn_t *parent, bool write)
{
    size_t numbers_size = write ? store->numbers * sizeof(uint64_t) : 0;
    store_txn_t *self = calloc(1, sizeof *self + numbers_size);
    if (!self)
        return NULL;
    self->store = store;
    self->parent = parent;
    self->write = write;
    int status;
    self->db = db_begin(store->db, parent ? parent->db : NULL, write, &status);
    if (!self->db) {
        free(self);
        errno = status;
        return NULL;
    }
    if (parent) {
        self->head_read = parent->head_read;
        self->head = parent->head;
        memcpy(self->numbers, parent->numbers, numbers_size);
    }
    return self;
}

store_txn_t *store_read(store_t *self)
{
    return begin(self, NULL, false);
}

store_txn_t *store_write(store_t *self)
{
    return begin(self, NULL, true);
}

store_txn_t *store_nest(store_txn_t *parent)
{
    return begin(parent->store, parent, true);
}

void store_abort(store_txn_t **self_p)
{
    store_txn_t *self = *self_p;
    if (!self)
        return;
    db_abort(&self->db);
    free(self);
    *self_p = NULL;
}

int store_commit(store_txn_t **self_p)
{
    store_txn_t *self = *self_p;
    /* What is committed must not hold what was sealed under a key that a power
       cut can take. A throwaway store has no keys. */
    if (self->write && !self->parent && !db_failed(self->db) && self->store->keyring) {
        int unsynced = keyring_sync(self->store->keyring);
        if (unsynced)
            db_fail(self->db, unsynced);
    }
    int status = db_commit(&self->db);
    if (!status && self->parent) {
        self->parent->head_read = self->head_read;
        self->parent->head = self->head;
        memcpy(self->parent->numbers, self->numbers, self->store->numbers * sizeof(uint64_t));
    }
    store_abort(self_p);
    return status;
}

int store_failed(const store_txn_t *self)
{
    return db_failed(self->db);
}

void store_fail(store_txn_t *self, int status)
{
    db_fail(self->db, status);
}

const char *store_reason(int status)
{
    /* The codes that storage itself gives, in words of ours. */
    switch (status) {
    case EBADMSG:
        return "stored bytes are damaged";
    case EMSGSIZE:
        return "the change is too large for one journal entry";
    default:
        return db_reason(status);
    }
}

bool store_is_full(int status)
{
    return db_is_full(status);
}

store_t *store_of(const store_txn_t *self)
{
    return self->store;
}

db_txn_t *store_db(const store_txn_t *self)
{
    return self->db;
}

arena_t *store_scratch(store_txn_t *self)
{
    return self->store->scratch;
}

const meta_head_t *store_head_of(store_txn_t *self)
{
    if (!self->head_read) {
        meta_read_head(self->db, &self->head);
        self->head_read = true;
    }
    return &self->head;
}

void store_set_head(store_txn_t *self, const meta_head_t *head)
{
    meta_write_head(self->db, head);
    self->head = *head;
    self->head_read = true;
}

uint64_t store_head(store_txn_t *self)
{
    return store_head_of(self)->revision;
}

uint64_t store_last_time(store_txn_t *self)
{
    return store_head_of(self)->time_ms;
}

uint64_t store_rights_revision(store_txn_t *self)
{
    return store_head_of(self)->rights;
}

uint64_t store_next_number(store_txn_t *self, const kind_t *kind)
{
    meta_kind_t counts;
    meta_read_kind(self->db, kind, &counts);
    uint64_t *given = &self->numbers[kind->number];
    if (counts.last_number > *given)
        *given = counts.last_number;
    return ++*given;
}
