#include "derived.h"

#include "derived_rows.h"
#include "id_set.h"
#include "journal.h"
#include "range.h"
#include "records.h"
#include "seal.h"
#include "shred.h"
#include "txn.h"
#include "word_walk.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILE_NAME "derived.mdb"
#define WHOLE_NAME "derived.whole" /* put down in order, and not in use */
#define CHECK_STEP 200000u         /* rows */
#define BUILD_STEP 50000u          /* rows, and as many records without any */
#define FOLLOW_STEP 256u           /* journal entries */
#define FOLLOW_RECORDS 1000u       /* that they change: the last entry may change more */
#define BEHIND_MAX 500u            /* entries that a question looks through itself */
#define PATH_ROOM 4096u

typedef enum { STAGE_NEW, STAGE_BUILD, STAGE_CHECK, STAGE_FOLLOW } stage_t;

/* How far the file is. */
typedef struct {
    stage_t stage;
    uint64_t revision;  /* that the rows are of; while building, that they will be of */
    uint64_t row_sum;   /* over all rows, in any order */
    uint64_t check_sum; /* the same, as far as they have been checked */
    db_key_t checked;   /* the least key after those; empty: none are */
    size_t kind;        /* building goes on with this kind, after this record of it */
    record_id_t after;
} progress_t;

struct derived {
    store_t *store;
    size_t map_size;
    char path[PATH_ROOM], whole[PATH_ROOM];
    pthread_rwlock_t lock; /* shared: who uses the file; alone: who replaces it */
    db_t *db;              /* NULL: there is none */
    unsigned char key[DERIVED_KEY_SIZE];
    progress_t progress;   /* of the thread that follows */
    _Atomic bool complete; /* it may be asked */
};

/* One step on: what it has come to counts when it is committed. */
typedef struct {
    derived_t *derived;
    store_txn_t *txn;
    db_txn_t *work;
    arena_t *arena;
    progress_t at;
} step_t;

/* The rows of the record as it stood at a revision; `now`, as it stands, or NULL. Returns
   what it took. */
static size_t derive(step_t *self, const record_id_t *id, const record_t *now, uint64_t revision)
{
    const record_t *then = now && now->revision <= revision
                               ? now
                               : store_record_at(self->txn, id, revision, self->arena);
    field_mask_t sealed = then ? seal_mask(then) : 0;
    record_t *opened = then ? record_copy(self->arena, then) : NULL;
    if (opened)
        seal_open(self->txn, opened, sealed, self->arena);
    return 1 + derived_rows_replace(self->work, self->derived->key, id, opened, sealed, self->arena,
                                    &self->at.row_sum);
}

/* -- steps ------------------------------------------------------------------------------ */

/* A file that was put down whole may have been harmed since: do its rows give the sum
   that they gave? Seen to step by step, as they may be many. */
static void check(step_t *self)
{
    db_cursor_t cursor;
    unsigned count = 0;
    db_cursor_start(&cursor, self->work, DB_INDEX);
    bool there = self->at.checked.size ? db_cursor_from(&cursor, key_view(&self->at.checked))
                                       : db_cursor_first(&cursor);
    for (; there && count < CHECK_STEP; there = db_cursor_next(&cursor), count++) {
        self->at.check_sum ^= derived_rows_sum(cursor.key);
        key_start(&self->at.checked);
        key_add_bytes(&self->at.checked, cursor.key.data, cursor.key.size);
        key_add_u8(&self->at.checked, 0);
    }
    db_cursor_end(&cursor);
    if (!there && self->at.check_sum != self->at.row_sum)
        db_fail(self->work, EBADMSG);
    else if (!there)
        self->at.stage = STAGE_FOLLOW;
}

/* All records as they stood when building began. Those that are deleted meanwhile are
   passed over, and following has nothing to take away. */
static void build(step_t *self)
{
    arena_t *scans = arena_new();
    size_t taken = 0;
    if (self->at.stage == STAGE_NEW)
        self->at.revision = store_head(self->txn);
    self->at.stage = STAGE_BUILD;
    while (self->at.kind < schema_n_kinds() && taken < BUILD_STEP) {
        const kind_t *kind = schema_kind_at(self->at.kind);
        records_scan_t *scan = records_scan(self->txn, kind, false,
                                            self->at.after.kind ? &self->at.after : NULL, scans);
        const record_t *record = NULL;
        while (taken < BUILD_STEP && (record = records_next(scan, self->arena))) {
            self->at.after = record->id;
            taken += derive(self, &record->id, record, self->at.revision);
            arena_reset(self->arena);
        }
        records_scan_end(&scan);
        if (!record) {
            self->at.kind++;
            self->at.after.kind = NULL;
        }
    }
    arena_destroy(&scans);
    if (self->at.kind == schema_n_kinds())
        self->at.stage = STAGE_FOLLOW;
}

/* What the journal tells since. */
static void follow(step_t *self)
{
    uint64_t head = store_head(self->txn), from = self->at.revision;
    arena_t *entries = arena_new(), *kept = arena_new();
    id_set_t changed = {.arena = kept};
    while (self->at.revision < head && self->at.revision - from < FOLLOW_STEP &&
           changed.count < FOLLOW_RECORDS) {
        const journal_entry_t *entry = journal_get(self->txn, ++self->at.revision, entries);
        for (size_t i = 0; entry && i < entry->n_operations; i++)
            if (!id_set_add(&changed, &entry->operations[i].id))
                db_fail(self->work, EMSGSIZE);
        arena_reset(entries);
    }
    id_set_settle(&changed);
    for (size_t i = 0; i < changed.count; i++) {
        const record_id_t *id = &changed.ids[i];
        derive(self, id, records_get(self->txn, id, self->arena), self->at.revision);
        arena_reset(self->arena);
    }
    arena_destroy(&kept);
    arena_destroy(&entries);
}

static void write_u64(db_txn_t *work, const char *name, uint64_t value)
{
    unsigned char bytes[8];
    key_write_u64(bytes, value);
    meta_write(work, name, bytes, sizeof bytes);
}

static bool read_u64(db_txn_t *work, const char *name, uint64_t *value)
{
    db_view_t bytes;
    if (!meta_read(work, name, &bytes) || bytes.size != 8)
        return false;
    *value = key_read_u64(bytes.data);
    return true;
}

/* In the transaction that brought it there. */
static void write_progress(const step_t *self)
{
    write_u64(self->work, "revision", self->at.revision);
    write_u64(self->work, "rows", self->at.row_sum);
}

/* `*harmed`: the file is at fault, not the record that is read, nor the room. */
static int take_step(derived_t *self, bool *harmed)
{
    step_t step = {.derived = self, .at = self->progress};
    int status = 0;
    step.txn = store_read(self->store);
    if (!step.txn)
        return errno;
    step.work = db_begin(self->db, NULL, true, &status);
    if (step.work) {
        step.arena = arena_new();
        if (step.at.stage == STAGE_CHECK)
            check(&step);
        else if (step.at.stage == STAGE_FOLLOW)
            follow(&step);
        else
            build(&step);
        write_progress(&step);
        arena_destroy(&step.arena);
        status = store_failed(step.txn);
        if (status) {
            db_abort(&step.work);
        } else {
            status = db_commit(&step.work);
            *harmed = status && !db_is_full(status);
        }
    }
    if (!status)
        self->progress = step.at;
    store_abort(&step.txn);
    return status;
}

/* -- the file -------------------------------------------------------------------------- */

static int begin_anew(derived_t *self)
{
    int status;
    unsigned char form[META_HASH_SIZE];
    self->progress = (progress_t){.stage = STAGE_NEW};
    self->db = db_open(self->path, self->map_size, DB_CREATE | DB_SCRATCH, &status);
    if (!self->db)
        return status;
    db_txn_t *work = db_begin(self->db, NULL, true, &status);
    if (work) {
        derived_rows_form(form);
        randombytes_buf(self->key, sizeof self->key);
        meta_write(work, "form", form, sizeof form);
        meta_write(work, "epoch", store_epoch(self->store), strlen(store_epoch(self->store)));
        meta_write(work, "key", self->key, sizeof self->key);
        status = db_commit(&work);
    }
    if (status)
        db_close(&self->db);
    return status;
}

/* The file goes, and what was in it. 0 where there is none. */
static int throw_away(derived_t *self)
{
    char lock[PATH_ROOM + 8];
    db_close(&self->db);
    int file = open(self->path, O_WRONLY | O_CLOEXEC);
    if (file < 0)
        return errno == ENOENT ? 0 : errno;
    int status = shred(file);
    close(file);
    if (unlink(self->path) && !status)
        status = errno;
    snprintf(lock, sizeof lock, "%s-lock", self->path);
    unlink(lock);
    return status;
}

/* Whether the file is this store's, and even with its head. */
static bool fits(derived_t *self, db_txn_t *work, const meta_head_t *head)
{
    unsigned char form[META_HASH_SIZE];
    db_view_t value;
    derived_rows_form(form);
    if (!meta_equals(work, "form", form, sizeof form) ||
        !meta_equals(work, "epoch", store_epoch(self->store), strlen(store_epoch(self->store))) ||
        !meta_equals(work, "head", head->hash, sizeof head->hash) ||
        !meta_read(work, "key", &value) || value.size != sizeof self->key)
        return false;
    memcpy(self->key, value.data, sizeof self->key);
    return read_u64(work, "rows", &self->progress.row_sum) &&
           read_u64(work, "revision", &self->progress.revision);
}

/* A file that was put down whole has another name until it is taken up: one that a
   crash or a power cut left while it was in use, or that made us crash, is never taken
   up again. */
static bool take_up(derived_t *self, const meta_head_t *head)
{
    int status;
    if (rename(self->whole, self->path) || fsync(self->store->lock))
        return false;
    self->progress = (progress_t){.stage = STAGE_CHECK};
    self->db = db_open(self->path, self->map_size, DB_SCRATCH, &status);
    if (!self->db)
        return false;
    db_txn_t *work = db_begin(self->db, NULL, false, &status);
    bool good = work && fits(self, work, head);
    db_abort(&work);
    return good;
}

static meta_head_t head_of(store_t *store)
{
    meta_head_t head = {0};
    store_txn_t *txn = store_read(store);
    if (txn)
        head = *store_head_of(txn);
    store_abort(&txn);
    return head;
}

derived_t *derived_open(store_t *store, size_t map_size, int *status_p)
{
    derived_t *self = calloc(1, sizeof *self);
    if (!self) {
        *status_p = ENOMEM;
        return NULL;
    }
    self->store = store;
    self->map_size = map_size;
    snprintf(self->path, sizeof self->path, "%s/" FILE_NAME, store_directory(store));
    snprintf(self->whole, sizeof self->whole, "%s/" WHOLE_NAME, store_directory(store));
    pthread_rwlockattr_t prefer;
    pthread_rwlockattr_init(&prefer);
    pthread_rwlockattr_setkind_np(&prefer, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    pthread_rwlock_init(&self->lock, &prefer);
    pthread_rwlockattr_destroy(&prefer);
    meta_head_t head = head_of(store);
    *status_p = take_up(self, &head) ? 0 : derived_rebuild(self);
    if (*status_p)
        derived_close(&self);
    return self;
}

/* Synced before it has the name of a whole one. */
static void put_down(derived_t *self)
{
    meta_head_t head = head_of(self->store);
    int status;
    if (!self->complete || self->progress.revision != head.revision)
        return;
    db_txn_t *work = db_begin(self->db, NULL, true, &status);
    if (!work)
        return;
    meta_write(work, "head", head.hash, sizeof head.hash);
    if (db_commit(&work) || db_sync(self->db))
        return;
    db_close(&self->db);
    rename(self->path, self->whole);
}

void derived_close(derived_t **self_p)
{
    derived_t *self = *self_p;
    if (!self)
        return;
    if (self->db)
        put_down(self);
    db_close(&self->db);
    pthread_rwlock_destroy(&self->lock);
    sodium_memzero(self->key, sizeof self->key);
    free(self);
    *self_p = NULL;
}

int derived_rebuild(derived_t *self)
{
    if (!self)
        return 0;
    pthread_rwlock_wrlock(&self->lock);
    self->complete = false;
    int status = throw_away(self);
    if (!status)
        status = begin_anew(self);
    pthread_rwlock_unlock(&self->lock);
    return status;
}

derived_step_t derived_follow(derived_t *self, int *status_p)
{
    bool harmed = false;
    *status_p = 0;
    pthread_rwlock_rdlock(&self->lock);
    if (self->db)
        *status_p = take_step(self, &harmed);
    self->complete = self->db && self->progress.stage == STAGE_FOLLOW;
    bool even =
        !self->db || (self->complete && self->progress.revision == head_of(self->store).revision);
    pthread_rwlock_unlock(&self->lock);
    if (harmed)
        derived_rebuild(self);
    if (*status_p)
        return DERIVED_FAILED;
    return even ? DERIVED_EVEN : DERIVED_MORE;
}

/* -- asking ---------------------------------------------------------------------------- */

static bool find_rows(const derived_t *self, db_txn_t *work, const kind_t *kind,
                      const field_t *field, const value_t *value, id_set_t *found)
{
    db_key_t prefix;
    range_t range;
    bool good = true;
    derived_rows_prefix(&prefix, self->key, kind, field, value);
    range_start(&range, work, DB_INDEX, &prefix, false);
    while (good && range_next(&range)) {
        db_view_t rest = range_rest(&range);
        record_id_t id;
        good = key_take_own_id(&rest, kind, &id) && rest.size == 0 && id_set_add(found, &id);
    }
    range_end(&range);
    return good && db_failed(work) == 0;
}

/* Whatever of the kind (NULL: of any) the journal has changed since, as the file does not
   know it. */
static bool find_changed(store_txn_t *txn, uint64_t after, const kind_t *kind, id_set_t *found)
{
    uint64_t head = store_head(txn);
    bool good = after <= head && head - after <= BEHIND_MAX;
    arena_t *arena = arena_new();
    for (uint64_t revision = after + 1; good && revision <= head; revision++) {
        const journal_entry_t *entry = journal_get(txn, revision, arena);
        good = entry != NULL;
        for (size_t i = 0; good && i < entry->n_operations; i++)
            if (!kind || entry->operations[i].id.kind == kind)
                good = id_set_add(found, &entry->operations[i].id);
        arena_reset(arena);
    }
    arena_destroy(&arena);
    return good;
}

static bool find_in(const derived_t *self, store_txn_t *txn, const kind_t *kind,
                    const field_t *field, const value_t *values, uint32_t n_values, id_set_t *found)
{
    int status;
    uint64_t revision = 0;
    db_txn_t *work = db_begin(self->db, NULL, false, &status);
    bool good = work && read_u64(work, "revision", &revision);
    for (uint32_t i = 0; good && i < n_values; i++)
        good = find_rows(self, work, kind, field, &values[i], found);
    db_abort(&work);
    return good && find_changed(txn, revision, kind, found);
}

bool derived_find(derived_t *self, store_txn_t *txn, const kind_t *kind, const field_t *field,
                  const value_t *values, uint32_t n_values, arena_t *arena, record_id_t **ids,
                  size_t *n_ids)
{
    if (!self || !self->complete)
        return false;
    id_set_t found = {.arena = arena};
    pthread_rwlock_rdlock(&self->lock);
    bool good = self->complete && find_in(self, txn, kind, field, values, n_values, &found);
    pthread_rwlock_unlock(&self->lock);
    if (!good)
        return false;
    id_set_settle(&found);
    *ids = found.ids;
    *n_ids = found.count;
    return true;
}

/* -- words ------------------------------------------------------------------------------- */

struct derived_look {
    derived_t *derived;
    db_txn_t *work;
    arena_t *arena;
    id_set_t changed; /* of all kinds */
};

derived_look_t *derived_look_begin(derived_t *derived, store_txn_t *txn, arena_t *arena)
{
    int status;
    uint64_t revision = 0;
    if (!derived)
        return NULL;
    derived_look_t *self = arena_alloc(arena, sizeof *self);
    *self = (derived_look_t){.derived = derived, .arena = arena, .changed = {.arena = arena}};
    pthread_rwlock_rdlock(&derived->lock);
    self->work = derived->complete ? db_begin(derived->db, NULL, false, &status) : NULL;
    if (!self->work || !read_u64(self->work, "revision", &revision) ||
        !find_changed(txn, revision, NULL, &self->changed))
        derived_look_end(&self);
    else
        id_set_settle(&self->changed);
    return self;
}

void derived_look_end(derived_look_t **self_p)
{
    derived_look_t *self = *self_p;
    if (!self)
        return;
    db_abort(&self->work);
    pthread_rwlock_unlock(&self->derived->lock);
    *self_p = NULL;
}

static int compare_hits(const void *a, const void *b)
{
    const derived_hit_t *one = a, *other = b;
    int order = record_id_compare(&other->id, &one->id);
    return order ? order : (other->titles > one->titles) - (other->titles < one->titles);
}

/* What has changed may have all the words, and in its title. */
static void add_changed(const derived_look_t *self, const kind_t *kind, unsigned titles,
                        derived_hit_t **hits, size_t *n_hits)
{
    size_t room = *n_hits + self->changed.count, kept = 0;
    derived_hit_t *all = arena_alloc(self->arena, room * sizeof *all);
    if (*n_hits > 0)
        memcpy(all, *hits, *n_hits * sizeof *all);
    for (size_t i = 0; i < self->changed.count; i++)
        if (self->changed.ids[i].kind == kind)
            all[(*n_hits)++] = (derived_hit_t){.id = self->changed.ids[i], .titles = titles};
    qsort(all, *n_hits, sizeof *all, compare_hits);
    for (size_t i = 0; i < *n_hits; i++)
        if (kept == 0 || !record_id_equal(&all[i].id, &all[kept - 1].id))
            all[kept++] = all[i];
    *hits = all;
    *n_hits = kept;
}

bool derived_look(derived_look_t *self, const kind_t *kind, const derived_word_t *words,
                  size_t n_words, stemmer_t *stemmer, size_t most, derived_hit_t **hits,
                  size_t *n_hits, bool *cut)
{
    if (!word_walk(self->work, self->derived->key, kind, words, n_words, stemmer, most, self->arena,
                   hits, n_hits, cut))
        return false;
    if (self->changed.count > 0)
        add_changed(self, kind, (unsigned)n_words, hits, n_hits);
    return true;
}
