#include "replay.h"

#include "due.h"
#include "index.h"
#include "index_key.h"
#include "journal.h"
#include "reads.h"
#include "reapply.h"
#include "records.h"
#include "requests.h"
#include "seal.h"
#include "txn.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SHOWN_MAX 100    /* findings printed for one database */
#define COMMIT_EACH 1000 /* entries: what a transaction holds in memory */
#define PATH_ROOM 4096u

typedef struct {
    FILE *out;
    int findings;
    int found_in[DB_DATABASES];
    store_t *store;
    store_txn_t *txn; /* all is read in this one: consistent beside a daemon */
    store_t *copy;    /* the journal replayed */
    bool replayed;    /* up to the head */
    uint64_t now_ms;
} check_t;

static void finding(check_t *self, db_name_t name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void finding(check_t *self, db_name_t name, const char *format, ...)
{
    self->findings++;
    int count = ++self->found_in[name];
    if (count > SHOWN_MAX)
        return;
    va_list arguments;
    va_start(arguments, format);
    fprintf(self->out, "%s: ", db_database(name));
    vfprintf(self->out, format, arguments);
    fputc('\n', self->out);
    va_end(arguments);
}

static void tell_unshown(const check_t *self)
{
    for (unsigned i = 0; i < DB_DATABASES; i++)
        if (self->found_in[i] > SHOWN_MAX)
            fprintf(self->out, "%s: and %d more\n", db_database((db_name_t)i),
                    self->found_in[i] - SHOWN_MAX);
}

/* -- naming a key ------------------------------------------------------------------ */

#define NAME_MAX_SIZE 256u

static void name_index(db_view_t key, char *name)
{
    unsigned kind_number;
    uint32_t number;
    db_view_t rest = key;
    const kind_t *kind = NULL;
    if (key_take_u16(&rest, &kind_number) && key_take_u32(&rest, &number))
        kind = schema_kind_by_number(kind_number);
    for (size_t i = 0; kind && i < kind->n_indexes; i++) {
        const index_t *index = &kind->indexes[i];
        if (index->number != number)
            continue;
        int at = snprintf(name, NAME_MAX_SIZE, "%s by", kind->name);
        for (unsigned j = 0; j < index->n_fields; j++)
            at += snprintf(name + at, NAME_MAX_SIZE - (size_t)at, "%c%s", j ? ',' : ' ',
                           index->fields[j]->name);
        record_id_t id;
        if (index_key_id(key, kind, index, &id))
            snprintf(name + at, NAME_MAX_SIZE - (size_t)at, ", %s", id.text);
        return;
    }
    snprintf(name, NAME_MAX_SIZE, "an entry of no index there is");
}

static void name_due(db_view_t key, char *name)
{
    const char *day, *field;
    record_id_t id;
    if (key_take_text(&key, &day) && key_take_id(&key, &id) && key_take_text(&key, &field))
        snprintf(name, NAME_MAX_SIZE, "%s, %s on %s", id.text, field, day);
}

/* The key in words. Values are left out: they may be people's. */
static void name_key(db_name_t database, db_view_t key, char name[NAME_MAX_SIZE])
{
    db_view_t rest = key;
    record_id_t id;
    uint64_t revision;
    const char *user;
    snprintf(name, NAME_MAX_SIZE, "a key of %zu bytes that is none", key.size);
    switch (database) {
    case DB_RECORDS:
        if (key_take_id(&rest, &id))
            snprintf(name, NAME_MAX_SIZE, "%s", id.text);
        break;
    case DB_HISTORY:
        if (key_take_id(&rest, &id) && key_take_u64(&rest, &revision))
            snprintf(name, NAME_MAX_SIZE, "%s at revision %llu", id.text,
                     (unsigned long long)revision);
        break;
    case DB_JOURNAL:
        if (key_take_u64(&rest, &revision))
            snprintf(name, NAME_MAX_SIZE, "revision %llu", (unsigned long long)revision);
        break;
    case DB_INDEX:
        name_index(key, name);
        break;
    case DB_REQUESTS:
        if (key_take_text(&rest, &user))
            snprintf(name, NAME_MAX_SIZE, "a request of %s", *user ? user : "the daemon");
        break;
    case DB_READS:
        if (key_take_u64(&rest, &revision))
            snprintf(name, NAME_MAX_SIZE, "a row of the time %llu", (unsigned long long)revision);
        break;
    case DB_DUE:
        name_due(key, name);
        break;
    default:
        snprintf(name, NAME_MAX_SIZE, "%.*s", (int)key.size, (const char *)key.data);
        break;
    }
}

/* -- the journal ---------------------------------------------------------------------- */

/* One entry: in its place in the chain, readable, applicable. False ends the replay. */
static bool replay_entry(check_t *self, store_txn_t *copy, db_view_t value, meta_head_t *head,
                         arena_t *arena)
{
    uint64_t revision = head->revision + 1;
    const journal_entry_t *entry = journal_decode(revision, value.data, value.size, arena);
    if (!entry) {
        finding(self, DB_JOURNAL, "revision %llu: cannot be read", (unsigned long long)revision);
        return false;
    }
    if (memcmp(entry->previous_hash, head->hash, sizeof head->hash) != 0)
        finding(self, DB_JOURNAL, "revision %llu: holds another hash than that of the entry before",
                (unsigned long long)revision);
    if (entry->time_ms < head->time_ms)
        finding(self, DB_JOURNAL, "revision %llu: earlier than the entry before",
                (unsigned long long)revision);
    head->revision = revision;
    head->time_ms = entry->time_ms;
    journal_hash(value.data, value.size, head->hash);
    if (copy && !reapply(copy, entry, arena)) {
        int status = store_failed(copy);
        finding(self, DB_JOURNAL, "revision %llu: cannot be applied%s%s",
                (unsigned long long)revision, status ? ": " : "",
                status ? store_reason(status) : "");
        return false;
    }
    return true;
}

static bool commit_copy(check_t *self, store_txn_t **copy_p)
{
    int status = store_commit(copy_p);
    if (status)
        finding(self, DB_JOURNAL, "the copy to compare with cannot be written: %s",
                store_reason(status));
    return status == 0;
}

/* Walk all entries and apply them to the copy. */
static void replay_journal(check_t *self)
{
    meta_head_t head = {0};
    arena_t *arena = arena_new();
    store_txn_t *copy = store_write(self->copy);
    bool going = copy != NULL;
    unsigned uncommitted = 0;
    db_cursor_t cursor;
    db_cursor_start(&cursor, store_db(self->txn), DB_JOURNAL);
    for (bool there = db_cursor_first(&cursor); there && going; there = db_cursor_next(&cursor)) {
        uint64_t revision = 0;
        db_view_t rest = cursor.key;
        if (!key_take_u64(&rest, &revision) || rest.size || revision != head.revision + 1) {
            finding(self, DB_JOURNAL, "revision %llu is missing",
                    (unsigned long long)head.revision + 1);
            going = false;
            break;
        }
        arena_reset(arena);
        going = replay_entry(self, copy, cursor.value, &head, arena);
        if (going && ++uncommitted == COMMIT_EACH) {
            uncommitted = 0;
            going = commit_copy(self, &copy) && (copy = store_write(self->copy));
        }
    }
    db_cursor_end(&cursor);
    if (copy && going)
        going = commit_copy(self, &copy);
    else
        store_abort(&copy);
    arena_destroy(&arena);
    const meta_head_t *said = store_head_of(self->txn);
    self->replayed = going && head.revision == said->revision;
    if (going && head.revision != said->revision)
        finding(self, DB_META, "head: revision %llu, but the journal ends at %llu",
                (unsigned long long)said->revision, (unsigned long long)head.revision);
    else if (going && memcmp(head.hash, said->hash, sizeof head.hash) != 0)
        finding(self, DB_META, "head: another hash than that of the last journal entry");
}

/* -- comparing ------------------------------------------------------------------------- */

/* Old requests are forgotten, by the clock, and the replay does not know it. */
static bool may_be_missing(const check_t *self, db_name_t database, db_view_t key)
{
    const char *user;
    return database == DB_REQUESTS && key_take_text(&key, &user) &&
           key.size == WIRE_REQUEST_ID_SIZE &&
           request_id_time(key.data) + REQUESTS_KEPT_MS < self->now_ms;
}

static void compare_entry(check_t *self, db_name_t database, const db_cursor_t *ours,
                          const db_cursor_t *theirs, int order)
{
    const char *what;
    if (order < 0)
        what = "the journal gives no such entry";
    else if (order > 0 && !may_be_missing(self, database, theirs->key))
        what = "missing, the journal gives it";
    else if (order == 0 && db_view_compare(ours->value, theirs->value) != 0)
        what = "not what the journal gives";
    else
        return;
    char name[NAME_MAX_SIZE];
    name_key(database, order > 0 ? theirs->key : ours->key, name);
    finding(self, database, "%s: %s", name, what);
}

/* Both databases side by side, byte for byte. */
static void compare_database(check_t *self, store_txn_t *copy, db_name_t database)
{
    db_cursor_t ours, theirs;
    db_cursor_start(&ours, store_db(self->txn), database);
    db_cursor_start(&theirs, store_db(copy), database);
    bool have_ours = db_cursor_first(&ours), have_theirs = db_cursor_first(&theirs);
    while (have_ours || have_theirs) {
        int order = !have_ours ? 1 : !have_theirs ? -1 : db_view_compare(ours.key, theirs.key);
        compare_entry(self, database, &ours, &theirs, order);
        if (order <= 0)
            have_ours = db_cursor_next(&ours);
        if (order >= 0)
            have_theirs = db_cursor_next(&theirs);
    }
    db_cursor_end(&ours);
    db_cursor_end(&theirs);
}

static void compare_counts(check_t *self, store_txn_t *copy)
{
    for (size_t i = 0; i < schema_n_kinds(); i++) {
        const kind_t *kind = schema_kind_at(i);
        meta_kind_t ours, theirs;
        meta_read_kind(store_db(self->txn), kind, &ours);
        meta_read_kind(store_db(copy), kind, &theirs);
        if (ours.last_number != theirs.last_number)
            finding(self, DB_META, "%s: last number %llu, the journal gives %llu", kind->name,
                    (unsigned long long)ours.last_number, (unsigned long long)theirs.last_number);
        if (ours.live != theirs.live)
            finding(self, DB_META, "%s: %llu records, the journal gives %llu", kind->name,
                    (unsigned long long)ours.live, (unsigned long long)theirs.live);
    }
    const meta_head_t *ours = store_head_of(self->txn), *theirs = store_head_of(copy);
    if (ours->time_ms != theirs->time_ms || ours->rights != theirs->rights)
        finding(self, DB_META, "head: another time or rights revision than the journal gives");
}

/* The store's indexes were made change by change, and so were the copy's: a mistake in
   that shows beside indexes that are made from the records as they stand. */
static void rebuild_copy(check_t *self)
{
    store_txn_t *copy = store_write(self->copy);
    if (copy) {
        index_rebuild(copy);
        due_rebuild(copy);
        commit_copy(self, &copy);
    }
}

static void compare(check_t *self)
{
    static const db_name_t databases[] = {DB_RECORDS, DB_HISTORY, DB_REQUESTS};
    if (self->store->indexes_current)
        rebuild_copy(self);
    store_txn_t *copy = store_read(self->copy);
    if (!copy) {
        finding(self, DB_JOURNAL, "the copy to compare with cannot be read");
        return;
    }
    for (size_t i = 0; i < sizeof databases / sizeof *databases; i++)
        compare_database(self, copy, databases[i]);
    /* Past a break in the chain every entry differs: said once, where it breaks. */
    if (!self->found_in[DB_JOURNAL])
        compare_database(self, copy, DB_JOURNAL);
    if (self->store->indexes_current) {
        compare_database(self, copy, DB_INDEX);
        compare_database(self, copy, DB_DUE);
    } else {
        fprintf(self->out, "note: the indexes will be made anew when the daemon starts\n");
    }
    compare_counts(self, copy);
    store_abort(&copy);
}

/* -- each record by itself ---------------------------------------------------------------- */

static void check_reference(check_t *self, const record_t *record, const field_t *field,
                            const value_t *value)
{
    record_id_t to;
    if (value->form != VALUE_TEXT)
        return;
    if (!record_id_parse(&to, value->text, field->target))
        finding(self, DB_RECORDS, "%s: %s is no id", record->id.text, field->name);
    else if (!records_exists(self->txn, &to))
        finding(self, DB_RECORDS, "%s: %s refers to %s, which is not there", record->id.text,
                field->name, to.text);
}

static void check_references(check_t *self, const record_t *record)
{
    const kind_t *kind = record->id.kind;
    for (size_t i = 0; i < kind->n_fields; i++) {
        const field_t *field = &kind->fields[i];
        const value_t *value = &record->fields[i];
        if (field->type != TYPE_REFERENCE)
            continue;
        if (value->form != VALUE_LIST)
            check_reference(self, record, field, value);
        else
            for (uint32_t j = 0; j < value->count; j++)
                check_reference(self, record, field, &value->items[j]);
    }
}

/* A seal that does not open hides what nobody asked to have forgotten: keys were lost, or
   are another store's. */
static void check_seals(check_t *self, const record_t *record, arena_t *arena)
{
    const kind_t *kind = record->id.kind;
    record_t *opened = record_copy(arena, record);
    seal_open(self->txn, opened, FIELD_MASK_ALL, arena);
    for (size_t i = 0; i < kind->n_fields; i++) {
        record_id_t subject;
        bool sealed = seal_is_sealed(&kind->fields[i], &record->fields[i]);
        if (sealed && opened->fields[i].form == VALUE_ABSENT &&
            !(seal_subject(&record->fields[i], &subject) &&
              keyring_forgotten(self->store->keyring, &subject)))
            finding(self, DB_RECORDS, "%s: %s does not open, and its key was never forgotten",
                    record->id.text, kind->fields[i].name);
    }
}

static void check_records(check_t *self)
{
    arena_t *arena = arena_new();
    db_cursor_t cursor;
    db_cursor_start(&cursor, store_db(self->txn), DB_RECORDS);
    for (bool there = db_cursor_first(&cursor); there; there = db_cursor_next(&cursor)) {
        arena_reset(arena);
        const record_t *record = records_decode(cursor.key.data, cursor.key.size, cursor.value.data,
                                                cursor.value.size, arena);
        if (record) {
            check_references(self, record);
            check_seals(self, record, arena);
        } else {
            char name[NAME_MAX_SIZE];
            name_key(DB_RECORDS, cursor.key, name);
            finding(self, DB_RECORDS, "%s: damaged, its checksum does not hold", name);
        }
    }
    db_cursor_end(&cursor);
    arena_destroy(&arena);
}

/* A walk goes from leaf to leaf and sees nothing of the pages above them: what reading
   needs is that each entry is found by its key. */
static void check_lookups(check_t *self)
{
    for (unsigned name = 0; name < DB_DATABASES; name++) {
        db_cursor_t cursor;
        db_cursor_start(&cursor, store_db(self->txn), (db_name_t)name);
        for (bool there = db_cursor_first(&cursor); there; there = db_cursor_next(&cursor)) {
            db_view_t found;
            char key[NAME_MAX_SIZE];
            if (db_get(store_db(self->txn), (db_name_t)name, cursor.key, &found) &&
                found.data == cursor.value.data)
                continue;
            name_key((db_name_t)name, cursor.key, key);
            finding(self, (db_name_t)name, "%s: not found by its key", key);
        }
        db_cursor_end(&cursor);
    }
}

static bool count_read(const read_t *read, void *context)
{
    (void)read;
    ++*(uint64_t *)context;
    return true;
}

static void check_reads(check_t *self)
{
    uint64_t count = 0;
    reads_each(self->txn, 0, UINT64_MAX, count_read, &count);
    if (!store_failed(self->txn) && count != db_entries(store_db(self->txn), DB_READS))
        finding(self, DB_READS, "rows with keys that are none");
}

/* -- all of it ---------------------------------------------------------------------------- */

/* A fresh store beside the store, or where temporary files go. Its files lose
   their names at once, so that nothing is left however this ends. */
static bool open_copy_in(check_t *self, const char *directory, char *why, size_t why_size)
{
    char path[PATH_ROOM], file[PATH_ROOM + 32];
    if ((size_t)snprintf(path, sizeof path, "%s/check-XXXXXX", directory) >= sizeof path ||
        !mkdtemp(path)) {
        snprintf(why, why_size, "%s: %s", directory, strerror(errno));
        return false;
    }
    self->copy = store_open_scratch(path, db_map_size(self->store->db), why, why_size);
    snprintf(file, sizeof file, "%s/" STORE_FILE_NAME, path);
    unlink(file);
    snprintf(file, sizeof file, "%s/" STORE_FILE_NAME "-lock", path);
    unlink(file);
    rmdir(path);
    return self->copy != NULL;
}

static bool open_copy(check_t *self, char *why, size_t why_size)
{
    const char *temporary = getenv("TMPDIR");
    return open_copy_in(self, store_directory(self->store), why, why_size) ||
           open_copy_in(self, temporary ? temporary : "/tmp", why, why_size);
}

static uint64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000u + (uint64_t)now.tv_nsec / 1000000u;
}

static void check_all(check_t *self)
{
    uint64_t last_ms = store_last_time(self->txn);
    self->now_ms = now_ms();
    if (last_ms > self->now_ms)
        self->now_ms = last_ms;
    if (keyring_damaged(self->store->keyring))
        finding(self, DB_META, "person.keys: %zu damaged keys",
                keyring_damaged(self->store->keyring));
    replay_journal(self);
    if (self->replayed)
        compare(self);
    else
        fprintf(self->out, "note: nothing was compared with the journal, which cannot be replayed "
                           "to its end\n");
    check_records(self);
    check_lookups(self);
    check_reads(self);
    if (store_failed(self->txn))
        finding(self, DB_META, "the store cannot be read on: %s",
                store_reason(store_failed(self->txn)));
    tell_unshown(self);
}

int replay_check(const char *directory, FILE *out)
{
    char why[512];
    check_t self = {.out = out};
    self.store =
        store_open(&(store_options_t){.directory = directory, .read_only = true}, why, sizeof why);
    bool open = self.store && open_copy(&self, why, sizeof why);
    if (open) {
        self.txn = store_read(self.store);
        open = self.txn != NULL;
        if (open)
            check_all(&self);
        else
            snprintf(why, sizeof why, "%s: %s", directory, store_reason(errno));
    }
    if (!open)
        fprintf(out, "%s\n", why);
    store_abort(&self.txn);
    store_close(&self.copy);
    store_close(&self.store);
    return open ? self.findings : -1;
}
