#include "measure.h"
#include "trouble.h"
#include "yardstick.h"

#include <lmdb.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAP_SIZE ((size_t)64 << 30)
#define ROWS_MAX 64u /* of one revision */
#define KIND_INQUIRY 13u
#define DAY_SIZE 11u /* of a day, as text with its NUL, at the head of what is due */

typedef enum { META, RECORDS, JOURNAL, HISTORY, INDEX, DUE, REQUESTS, READS, DATABASES } database_t;
static const char *const names[DATABASES] = {"meta",  "records", "journal",  "history",
                                             "index", "due",     "requests", "reads"};

typedef struct {
    database_t database;
    size_t key_size, size;
    const unsigned char *key, *data;
} row_t;

typedef struct {
    bool of_inquiry; /* not what the daemon does by itself */
    unsigned count;
    row_t rows[ROWS_MAX];
} write_t;

static void must(int status, const char *what)
{
    if (status != 0)
        trouble("LMDB, %s: %s", what, mdb_strerror(status));
}

static MDB_env *open_store(const char *path, unsigned flags)
{
    MDB_env *env;

    must(mdb_env_create(&env), "environment");
    must(mdb_env_set_maxdbs(env, DATABASES), "databases");
    must(mdb_env_set_mapsize(env, MAP_SIZE), "map");
    must(mdb_env_open(env, path, MDB_NOSUBDIR | flags, 0600), path);
    return env;
}

uint64_t yardstick_commits(const char *store)
{
    MDB_env *env = open_store(store, MDB_RDONLY);
    MDB_envinfo info;

    must(mdb_env_info(env, &info), "info");
    mdb_env_close(env);
    return info.me_last_txnid;
}

void yardstick_census(const char *store, yardstick_census_t *census)
{
    MDB_env *env = open_store(store, MDB_RDONLY);
    MDB_txn *txn;
    MDB_envinfo info;
    struct stat status;
    double used = 2;

    memset(census, 0, sizeof *census);
    must(mdb_txn_begin(env, NULL, MDB_RDONLY, &txn), "transaction");
    must(mdb_env_info(env, &info), "info");
    unsigned page = 4096;
    for (unsigned i = 0; i < DATABASES; i++) {
        MDB_stat stat;
        MDB_dbi dbi;
        must(mdb_dbi_open(txn, names[i], 0, &dbi), names[i]);
        must(mdb_stat(txn, dbi, &stat), names[i]);
        double pages = (double)(stat.ms_branch_pages + stat.ms_leaf_pages + stat.ms_overflow_pages);
        page = stat.ms_psize;
        used += pages;
        census->names[census->count] = names[i];
        census->entries[census->count] = stat.ms_entries;
        census->bytes[census->count++] = pages * page;
    }
    census->unused = ((double)info.me_last_pgno + 1 - used) * page;
    mdb_txn_abort(txn);
    mdb_env_close(env);
    if (stat(store, &status) == 0)
        census->file = (double)status.st_blocks * 512;
}

/* -- gathering the rows ------------------------------------------------------------------- */

static uint64_t number_at(const unsigned char *bytes)
{
    uint64_t number = 0;

    for (int i = 0; i < 8; i++)
        number = number << 8 | bytes[i];
    return number;
}

typedef struct {
    uint64_t after, last;
    write_t *writes; /* by revision; in the end those of inquiries alone */
    uint64_t n_writes;
    uint64_t *by_number; /* revision that made inquiry `number` */
    uint64_t numbers;
} gathering_t;

/* An id in a key: two bytes of kind, eight of number. */
static bool is_inquiry(const unsigned char *id)
{
    return id[0] == 0 && id[1] == KIND_INQUIRY;
}

static uint64_t revision_of_number(const gathering_t *self, uint64_t number)
{
    return number < self->numbers ? self->by_number[number] : 0;
}

/* The revision that put this row, 0 when that cannot be told or is no matter. */
static uint64_t revision_of(const gathering_t *self, database_t database, const MDB_val *key,
                            const MDB_val *data)
{
    const unsigned char *bytes = key->mv_data;

    switch (database) {
    case JOURNAL:
        return number_at(bytes);
    case HISTORY:
        return is_inquiry(bytes) ? number_at(bytes + key->mv_size - 8) : 0;
    case RECORDS:
        return is_inquiry(bytes) ? number_at(data->mv_data) : 0;
    case REQUESTS:
        return number_at(data->mv_data);
    case INDEX:
        return is_inquiry(bytes) ? revision_of_number(self, number_at(bytes + key->mv_size - 8))
                                 : 0;
    case DUE:
        return is_inquiry(bytes + DAY_SIZE)
                   ? revision_of_number(self, number_at(bytes + DAY_SIZE + 2))
                   : 0;
    default:
        return 0;
    }
}

static void *copy(const void *data, size_t size)
{
    void *bytes = malloc(size + 1);

    if (bytes == NULL)
        trouble("no memory left");
    memcpy(bytes, data, size);
    return bytes;
}

static void add_row(gathering_t *self, database_t database, const MDB_val *key, const MDB_val *data)
{
    uint64_t revision = revision_of(self, database, key, data);

    if (revision <= self->after || revision > self->last)
        return;
    write_t *write = &self->writes[revision - self->after - 1];
    if (write->count == ROWS_MAX)
        trouble("more rows in a revision than expected");
    write->of_inquiry = write->of_inquiry || database == RECORDS;
    write->rows[write->count++] = (row_t){.database = database,
                                          .key_size = key->mv_size,
                                          .size = data->mv_size,
                                          .key = copy(key->mv_data, key->mv_size),
                                          .data = copy(data->mv_data, data->mv_size)};
}

/* An inquiry's number to its revision, for the index rows end in the number alone. */
static void note_number(gathering_t *self, const MDB_val *key, const MDB_val *data)
{
    const unsigned char *bytes = key->mv_data;

    if (key->mv_size != 10 || bytes[1] != KIND_INQUIRY)
        return;
    uint64_t number = number_at(bytes + 2);
    if (number >= self->numbers) {
        uint64_t more = number * 2 + 1024;
        self->by_number = realloc(self->by_number, more * sizeof *self->by_number);
        if (self->by_number == NULL)
            trouble("no memory left");
        memset(self->by_number + self->numbers, 0, (more - self->numbers) * sizeof(uint64_t));
        self->numbers = more;
    }
    self->by_number[number] = number_at(data->mv_data);
}

static void forget_write(const write_t *write)
{
    for (unsigned i = 0; i < write->count; i++) {
        free((void *)(uintptr_t)write->rows[i].key);
        free((void *)(uintptr_t)write->rows[i].data);
    }
}

static void keep_inquiries(gathering_t *self)
{
    for (uint64_t i = 0; i < self->last - self->after; i++)
        if (self->writes[i].of_inquiry)
            self->writes[self->n_writes++] = self->writes[i];
        else
            forget_write(&self->writes[i]);
}

static void gather(gathering_t *self, const char *store)
{
    /* Records before the index: it is told by them. */
    static const database_t order[] = {RECORDS, JOURNAL, HISTORY, REQUESTS, INDEX, DUE};
    MDB_env *env = open_store(store, MDB_RDONLY);
    MDB_txn *txn;

    must(mdb_txn_begin(env, NULL, MDB_RDONLY, &txn), "transaction");
    for (unsigned i = 0; i < sizeof order / sizeof *order; i++) {
        MDB_dbi dbi;
        MDB_cursor *cursor;
        MDB_val key, data;
        must(mdb_dbi_open(txn, names[order[i]], 0, &dbi), names[order[i]]);
        must(mdb_cursor_open(txn, dbi, &cursor), names[order[i]]);
        while (mdb_cursor_get(cursor, &key, &data, MDB_NEXT) == 0) {
            if (order[i] == RECORDS)
                note_number(self, &key, &data);
            add_row(self, order[i], &key, &data);
        }
        mdb_cursor_close(cursor);
    }
    mdb_txn_abort(txn);
    mdb_env_close(env);
    keep_inquiries(self);
    /* What every write changes in place: the head, and the kind's counters. */
    for (uint64_t i = 0; i < self->n_writes; i++) {
        static const unsigned char bytes[64];
        write_t *write = &self->writes[i];
        write->rows[write->count++] = (row_t){.database = META,
                                              .key_size = 5,
                                              .size = 56,
                                              .key = copy("head", 5),
                                              .data = copy(bytes, 56)};
        write->rows[write->count++] = (row_t){.database = META,
                                              .key_size = 7,
                                              .size = 16,
                                              .key = copy("kind\0\0\15", 7),
                                              .data = copy(bytes, 16)};
    }
}

static void forget(gathering_t *self)
{
    for (uint64_t i = 0; i < self->n_writes; i++)
        forget_write(&self->writes[i]);
    free(self->writes);
    free(self->by_number);
}

/* -- the loop ---------------------------------------------------------------------------------- */

static void put_rows(MDB_txn *txn, const MDB_dbi *databases, const write_t *write)
{
    for (unsigned i = 0; i < write->count; i++) {
        const row_t *row = &write->rows[i];
        MDB_val key = {row->key_size, (void *)(uintptr_t)row->key};
        MDB_val data = {row->size, (void *)(uintptr_t)row->data};
        must(mdb_put(txn, databases[row->database], &key, &data, 0), "put");
    }
}

void yardstick_lmdb(const char *store, uint64_t after, uint64_t last, const char *directory,
                    unsigned batch, double seconds, yardstick_lmdb_t *result)
{
    gathering_t gathering = {.after = after, .last = last};
    char path[600], lock[620];
    MDB_dbi databases[DATABASES];
    MDB_txn *txn;
    samples_t commits = {0};
    uint64_t puts = 0;

    gathering.writes = calloc(last - after, sizeof *gathering.writes);
    if (gathering.writes == NULL)
        trouble("no memory left");
    gather(&gathering, store);
    snprintf(path, sizeof path, "%s/samverk-bench-lmdb-%d", directory, getpid());
    snprintf(lock, sizeof lock, "%s-lock", path);
    unlink(path);
    MDB_env *env = open_store(path, 0);
    must(mdb_txn_begin(env, NULL, 0, &txn), "transaction");
    for (unsigned i = 0; i < DATABASES; i++)
        must(mdb_dbi_open(txn, names[i], MDB_CREATE, &databases[i]), names[i]);
    must(mdb_txn_commit(txn), "commit");

    memset(result, 0, sizeof *result);
    uint64_t begun = now_ns();
    for (uint64_t i = 0; i < gathering.n_writes && seconds_since(begun) < seconds;) {
        uint64_t started = now_ns();
        must(mdb_txn_begin(env, NULL, 0, &txn), "transaction");
        for (unsigned j = 0; j < batch && i < gathering.n_writes; j++, i++) {
            put_rows(txn, databases, &gathering.writes[i]);
            puts += gathering.writes[i].count;
            result->writes++;
        }
        must(mdb_txn_commit(txn), "commit");
        samples_add(&commits, seconds_since(started));
    }
    result->writes_second = (double)result->writes / seconds_since(begun);
    result->puts_a_write = (double)puts / (double)result->writes;
    result->commit_p50_ms = samples_median(&commits) * 1e3;
    samples_clear(&commits);
    mdb_env_close(env);
    unlink(path);
    unlink(lock);
    forget(&gathering);
}
