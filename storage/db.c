#include "db.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <lmdb.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define READERS_MAX 126u

static const char *const database_names[DB_DATABASES] = {
    [DB_META] = "meta",       [DB_RECORDS] = "records", [DB_JOURNAL] = "journal",
    [DB_HISTORY] = "history", [DB_INDEX] = "index",     [DB_REQUESTS] = "requests",
    [DB_READS] = "reads",     [DB_DUE] = "due",
};

#define NO_DATABASE UINT_MAX /* in a file to read that has none of that name */

struct db {
    MDB_env *env;
    MDB_dbi databases[DB_DATABASES];
    unsigned page_size;
};

struct db_txn {
    db_t *db;
    MDB_txn *handle;
    int status;
};

const char *db_database(db_name_t name)
{
    return database_names[name];
}

static MDB_val to_lmdb(db_view_t view)
{
    return (MDB_val){.mv_size = view.size, .mv_data = (void *)view.data};
}

static db_view_t from_lmdb(MDB_val value)
{
    return (db_view_t){.data = value.mv_data, .size = value.mv_size};
}

int db_view_compare(db_view_t a, db_view_t b)
{
    size_t common = a.size < b.size ? a.size : b.size;
    int order = common ? memcmp(a.data, b.data, common) : 0;
    if (order)
        return order;
    return (a.size > b.size) - (a.size < b.size);
}

bool db_view_begins(db_view_t self, db_view_t prefix)
{
    return self.size >= prefix.size &&
           (prefix.size == 0 || memcmp(self.data, prefix.data, prefix.size) == 0);
}

/* -- environment ------------------------------------------------------------ */

static bool came_later(unsigned name)
{
    return name == DB_DUE;
}

static int open_database(MDB_txn *txn, unsigned name, unsigned flags, MDB_dbi *database)
{
    bool may_make = flags & DB_CREATE || (came_later(name) && !(flags & DB_READ_ONLY));
    int status =
        mdb_dbi_open(txn, database_names[name], may_make ? (unsigned)MDB_CREATE : 0u, database);
    if (status != MDB_NOTFOUND || !came_later(name))
        return status;
    *database = NO_DATABASE;
    return 0;
}

static int open_databases(db_t *self, unsigned flags)
{
    MDB_txn *txn;
    int status =
        mdb_txn_begin(self->env, NULL, flags & DB_READ_ONLY ? (unsigned)MDB_RDONLY : 0u, &txn);
    if (status)
        return status;
    for (unsigned i = 0; i < DB_DATABASES && !status; i++)
        status = open_database(txn, i, flags, &self->databases[i]);
    if (status) {
        mdb_txn_abort(txn);
        return status;
    }
    return mdb_txn_commit(txn);
}

static int open_environment(db_t *self, const char *path, size_t map_size, unsigned flags)
{
    int status = mdb_env_create(&self->env);
    if (!status)
        status = mdb_env_set_mapsize(self->env, map_size);
    if (!status)
        status = mdb_env_set_maxdbs(self->env, DB_DATABASES);
    if (!status)
        status = mdb_env_set_maxreaders(self->env, READERS_MAX);
    /* NOTLS: a read transaction belongs to its object, not to the thread, so that
       a thread may hold one and begin another. */
    unsigned options = MDB_NOSUBDIR | MDB_NOTLS;
    if (flags & DB_READ_ONLY)
        options |= MDB_RDONLY;
    if (flags & DB_SCRATCH)
        options |= MDB_NOSYNC;
    if (!status && !(flags & DB_CREATE) && access(path, F_OK))
        status = errno;
    if (!status)
        status = mdb_env_open(self->env, path, options, 0600);
    if (!status && mdb_env_get_maxkeysize(self->env) < (int)DB_KEY_MAX)
        status = MDB_BAD_VALSIZE;
    return status;
}

/* Whether the file has all pages that it tells of: a look at one that it lacks would end
   the process. Pages at its very end that were given up before they were written are
   none that it lacks: so this is for files that can be made anew. */
static int check_size(const db_t *self)
{
    int file;
    struct stat status;
    if (mdb_env_get_fd(self->env, &file) || fstat(file, &status))
        return errno;
    return (size_t)status.st_size < db_used(self) ? EBADMSG : 0;
}

db_t *db_open(const char *path, size_t map_size, unsigned flags, int *status_p)
{
    db_t *self = calloc(1, sizeof *self);
    if (!self) {
        *status_p = ENOMEM;
        return NULL;
    }
    int status = open_environment(self, path, map_size, flags);
    if (!status) {
        int dead;
        status = mdb_reader_check(self->env, &dead);
    }
    MDB_stat page;
    if (!status)
        status = mdb_env_stat(self->env, &page);
    if (!status) {
        self->page_size = page.ms_psize;
        if ((flags & (DB_SCRATCH | DB_CREATE)) == DB_SCRATCH)
            status = check_size(self);
    }
    if (!status)
        status = open_databases(self, flags);
    if (status) {
        db_close(&self);
        *status_p = status;
        return NULL;
    }
    *status_p = 0;
    return self;
}

void db_close(db_t **self_p)
{
    db_t *self = *self_p;
    if (!self)
        return;
    if (self->env)
        mdb_env_close(self->env);
    free(self);
    *self_p = NULL;
}

int db_sync(db_t *self)
{
    return mdb_env_sync(self->env, 1);
}

int db_reader_check(db_t *self)
{
    int dead = 0;
    int status = mdb_reader_check(self->env, &dead);
    return status ? -1 : dead;
}

size_t db_map_size(const db_t *self)
{
    MDB_envinfo info;
    return mdb_env_info(self->env, &info) ? 0 : info.me_mapsize;
}

size_t db_used(const db_t *self)
{
    MDB_envinfo info;
    return mdb_env_info(self->env, &info) ? SIZE_MAX : (info.me_last_pgno + 1) * self->page_size;
}

const char *db_reason(int status)
{
    return mdb_strerror(status);
}

bool db_is_full(int status)
{
    return status == MDB_MAP_FULL || status == MDB_TXN_FULL || status == ENOSPC || status == EDQUOT;
}

/* -- transactions -------------------------------------------------------------- */

db_txn_t *db_begin(db_t *self, db_txn_t *parent, bool write, int *status_p)
{
    db_txn_t *txn = calloc(1, sizeof *txn);
    if (!txn) {
        *status_p = ENOMEM;
        return NULL;
    }
    txn->db = self;
    /* A child of a failed parent fails from the start, without LMDB. */
    txn->status = parent ? parent->status : 0;
    if (!txn->status) {
        *status_p = mdb_txn_begin(self->env, parent ? parent->handle : NULL,
                                  write ? 0u : (unsigned)MDB_RDONLY, &txn->handle);
        if (*status_p) {
            free(txn);
            return NULL;
        }
    }
    *status_p = 0;
    return txn;
}

int db_commit(db_txn_t **self_p)
{
    db_txn_t *self = *self_p;
    int status = self->status;
    if (status) {
        db_abort(self_p);
        return status;
    }
    status = mdb_txn_commit(self->handle);
    free(self);
    *self_p = NULL;
    return status;
}

void db_abort(db_txn_t **self_p)
{
    db_txn_t *self = *self_p;
    if (!self)
        return;
    if (self->handle)
        mdb_txn_abort(self->handle);
    free(self);
    *self_p = NULL;
}

int db_failed(const db_txn_t *self)
{
    return self->status;
}

void db_fail(db_txn_t *self, int status)
{
    if (!self->status)
        self->status = status;
}

static bool is_there(const db_txn_t *self, db_name_t name)
{
    return !self->status && self->db->databases[name] != NO_DATABASE;
}

bool db_get(db_txn_t *self, db_name_t name, db_view_t key, db_view_t *value)
{
    if (!is_there(self, name))
        return false;
    MDB_val lmdb_key = to_lmdb(key), found;
    int status = mdb_get(self->handle, self->db->databases[name], &lmdb_key, &found);
    if (status == 0) {
        *value = from_lmdb(found);
        return true;
    }
    if (status != MDB_NOTFOUND)
        db_fail(self, status);
    return false;
}

void db_put(db_txn_t *self, db_name_t name, db_view_t key, db_view_t value)
{
    if (self->status)
        return;
    MDB_val lmdb_key = to_lmdb(key), lmdb_value = to_lmdb(value);
    int status = mdb_put(self->handle, self->db->databases[name], &lmdb_key, &lmdb_value, 0);
    if (status)
        db_fail(self, status);
}

bool db_delete(db_txn_t *self, db_name_t name, db_view_t key)
{
    if (self->status)
        return false;
    MDB_val lmdb_key = to_lmdb(key);
    int status = mdb_del(self->handle, self->db->databases[name], &lmdb_key, NULL);
    if (status && status != MDB_NOTFOUND)
        db_fail(self, status);
    return status == 0;
}

void db_empty(db_txn_t *self, db_name_t name)
{
    if (self->status)
        return;
    int status = mdb_drop(self->handle, self->db->databases[name], 0);
    if (status)
        db_fail(self, status);
}

size_t db_entries(db_txn_t *self, db_name_t name)
{
    if (!is_there(self, name))
        return 0;
    MDB_stat stat;
    int status = mdb_stat(self->handle, self->db->databases[name], &stat);
    if (status) {
        db_fail(self, status);
        return 0;
    }
    return stat.ms_entries;
}

/* -- cursors -------------------------------------------------------------------- */

void db_cursor_start(db_cursor_t *self, db_txn_t *txn, db_name_t name)
{
    *self = (db_cursor_t){.txn = txn};
    if (!is_there(txn, name))
        return;
    MDB_cursor *handle = NULL;
    int status = mdb_cursor_open(txn->handle, txn->db->databases[name], &handle);
    if (status)
        db_fail(txn, status);
    self->handle = handle;
}

void db_cursor_end(db_cursor_t *self)
{
    if (self->handle)
        mdb_cursor_close(self->handle);
    self->handle = NULL;
}

static bool move(db_cursor_t *self, MDB_cursor_op operation, db_view_t key)
{
    if (self->txn->status || !self->handle)
        return false;
    MDB_val lmdb_key = to_lmdb(key), value;
    int status = mdb_cursor_get(self->handle, &lmdb_key, &value, operation);
    if (status == 0) {
        self->key = from_lmdb(lmdb_key);
        self->value = from_lmdb(value);
        return true;
    }
    if (status != MDB_NOTFOUND)
        db_fail(self->txn, status);
    return false;
}

bool db_cursor_first(db_cursor_t *self)
{
    return move(self, MDB_FIRST, (db_view_t){0});
}

bool db_cursor_last(db_cursor_t *self)
{
    return move(self, MDB_LAST, (db_view_t){0});
}

bool db_cursor_next(db_cursor_t *self)
{
    return move(self, MDB_NEXT, (db_view_t){0});
}

bool db_cursor_previous(db_cursor_t *self)
{
    return move(self, MDB_PREV, (db_view_t){0});
}

bool db_cursor_from(db_cursor_t *self, db_view_t key)
{
    return move(self, MDB_SET_RANGE, key);
}

bool db_cursor_before(db_cursor_t *self, db_view_t key)
{
    if (db_cursor_from(self, key))
        return db_cursor_previous(self);
    return db_cursor_last(self);
}

void db_cursor_delete(db_cursor_t *self)
{
    if (self->txn->status)
        return;
    assert(self->handle);
    int status = mdb_cursor_del(self->handle, 0);
    if (status)
        db_fail(self->txn, status);
}
