/* Makes a store and writes to it as the daemon's writer does: group commits of several
   requests, people with keys of their own, long texts, deletions, rows of reads, keys
   forgotten. What was promised goes into a ledger (ledger.h).

     store_load DIRECTORY LEDGER SEED COMMITS */

#include "ledger.h"

#include "reads.h"
#include "records.h"
#include "seal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PEOPLE_MAX 100000u
#define PENDING_MAX 512u

/* There when disk_recorder is loaded. */
uint64_t disk_recorder_position(void) __attribute__((weak));

typedef struct {
    store_t *store;
    arena_t *arena;
    FILE *ledger;
    uint64_t state;  /* of the numbers that look random */
    uint64_t people; /* per-1 to per-<people> exist */
    uint64_t time_ms;
    char *pending[PENDING_MAX]; /* lines that hold once the commit is done */
    size_t n_pending;
} load_t;

static unsigned draw(load_t *self, unsigned below)
{
    self->state = self->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(self->state >> 33) % below;
}

static void die(const char *what)
{
    fprintf(stderr, "store_load: %s\n", what);
    exit(2);
}

static uint64_t position(void)
{
    return disk_recorder_position ? disk_recorder_position() : 0;
}

static void promise(load_t *self, char *line)
{
    if (self->n_pending == PENDING_MAX)
        die("too many promises in a commit");
    self->pending[self->n_pending++] = line;
}

static void write_promises(load_t *self)
{
    unsigned long long at = position();
    for (size_t i = 0; i < self->n_pending; i++)
        fprintf(self->ledger, "%llu\t%s\n", at, self->pending[i]);
    self->n_pending = 0;
    arena_reset(self->arena);
}

/* -- records ---------------------------------------------------------------------- */

static record_t *make(load_t *self, const char *id_text)
{
    record_id_t id;
    if (!record_id_parse(&id, id_text, NULL))
        die(id_text);
    record_t *record = record_new(self->arena, id.kind);
    record->id = id;
    return record;
}

static const char *long_text(load_t *self, unsigned size)
{
    char *text = arena_alloc(self->arena, size + 1);
    for (unsigned i = 0; i < size; i++)
        text[i] = (char)('a' + draw(self, 26));
    text[size] = 0;
    return text;
}

static record_t *person(load_t *self, const char *id)
{
    record_t *record = make(self, id);
    record_set(record, "name", value_text(long_text(self, 5 + draw(self, 80))));
    record_set(record, "organisation", value_text("org-1"));
    return record;
}

static record_t *inquiry(load_t *self, const char *id)
{
    record_t *record = make(self, id);
    record_set(record, "title", value_text(long_text(self, 5 + draw(self, 150))));
    record_set(record, "municipality", value_text("mun-1880"));
    if (draw(self, 8) == 0)
        record_set(record, "notes", value_text(long_text(self, 7000)));
    return record;
}

/* -- requests ----------------------------------------------------------------------- */

static void apply(store_txn_t *txn, load_t *self, operation_t *operations, size_t count)
{
    unsigned char id[WIRE_REQUEST_ID_SIZE], random[10];
    for (size_t i = 0; i < sizeof random; i++)
        random[i] = (unsigned char)draw(self, 256);
    request_id_make(id, self->time_ms, random);
    batch_t batch = {.time_ms = self->time_ms++,
                     .actor = "usr-1",
                     .request_id = id,
                     .operations = operations,
                     .n_operations = count};
    for (size_t i = 0; i < count; i++)
        if (operations[i].after)
            operations[i].after = seal_record(txn, operations[i].after, self->arena);
    if (store_failed(txn) || !store_apply(txn, &batch))
        die(store_reason(store_failed(txn)));
}

static char *line_of(load_t *self, const record_t *record, uint64_t revision)
{
    const char *field = record_get_text(record, "title") ? "title" : "name";
    return arena_format(self->arena, "kept\t%llu\t%s\t%s\t%s", (unsigned long long)revision,
                        record->id.text, field, record_get_text(record, field));
}

static void put(store_txn_t *txn, load_t *self, const record_t *after)
{
    operation_t operation = {.before = records_get(txn, &after->id, self->arena), .after = after};
    uint64_t revision = store_head(txn) + 1;
    apply(txn, self, &operation, 1);
    promise(self, line_of(self, after, revision));
}

static void put_many(store_txn_t *txn, load_t *self)
{
    operation_t operations[12] = {0};
    uint64_t revision = store_head(txn) + 1;
    for (size_t i = 0; i < 12; i++) {
        uint64_t number = store_next_number(txn, schema_kind("inquiry"));
        operations[i].after =
            inquiry(self, arena_format(self->arena, "inq-%llu", (unsigned long long)number));
        promise(self, line_of(self, operations[i].after, revision));
    }
    apply(txn, self, operations, 12);
}

static void change_or_delete(store_txn_t *txn, load_t *self, bool delete)
{
    uint64_t made = store_next_number(txn, schema_kind("inquiry"));
    const char *id = arena_format(self->arena, "inq-%u", 1 + draw(self, (unsigned)made));
    const record_t *after = inquiry(self, id);
    record_t *before = records_get(txn, &after->id, self->arena);
    if (!before)
        return;
    if (!delete) {
        put(txn, self, after);
        return;
    }
    operation_t operation = {.before = before};
    promise(self, arena_format(self->arena, "deleted\t%llu\t%s",
                               (unsigned long long)store_head(txn) + 1, id));
    apply(txn, self, &operation, 1);
}

static void see(store_txn_t *txn, load_t *self)
{
    const char *id = arena_format(self->arena, "per-%u", 1 + draw(self, (unsigned)self->people));
    const char *const subjects[] = {id, NULL};
    read_t read = {.time_ms = self->time_ms,
                   .user = "usr-1",
                   .command = "get",
                   .purpose = "samtal om behov",
                   .subjects = subjects};
    reads_append(txn, &read);
    promise(self,
            arena_format(self->arena, "read\t%llu\t%s", (unsigned long long)self->time_ms++, id));
}

static void request(store_txn_t *txn, load_t *self)
{
    switch (draw(self, 10)) {
    case 0:
    case 1:
        put(txn, self,
            person(self,
                   arena_format(self->arena, "per-%llu", (unsigned long long)++self->people)));
        break;
    case 2:
        put_many(txn, self);
        break;
    case 3:
    case 4:
        change_or_delete(txn, self, false);
        break;
    case 5:
        change_or_delete(txn, self, true);
        break;
    case 6:
        see(txn, self);
        break;
    default: {
        uint64_t number = store_next_number(txn, schema_kind("inquiry"));
        put(txn, self,
            inquiry(self, arena_format(self->arena, "inq-%llu", (unsigned long long)number)));
    }
    }
}

/* A group commit: each request in a transaction of its own within it. */
static void commit(load_t *self)
{
    store_txn_t *txn = store_write(self->store);
    if (!txn)
        die("no transaction");
    for (unsigned left = 1 + draw(self, 6); left > 0; left--) {
        store_txn_t *nested = store_nest(txn);
        request(nested, self);
        if (store_commit(&nested))
            die("a nested transaction failed");
    }
    if (store_commit(&txn))
        die("a commit failed");
    write_promises(self);
}

static void forget(load_t *self)
{
    static bool gone[PEOPLE_MAX];
    unsigned number = 1 + draw(self, (unsigned)self->people);
    record_id_t id = record_id_numbered(schema_kind("person"), number);
    if (number >= PEOPLE_MAX || gone[number])
        return;
    gone[number] = true;
    fprintf(self->ledger, "%llu\tforgetting\t%s\n", (unsigned long long)position(), id.text);
    if (seal_forget(self->store, &id))
        die("a key cannot be forgotten");
    fprintf(self->ledger, "%llu\tforgotten\t%s\n", (unsigned long long)position(), id.text);
}

static void write_first(load_t *self)
{
    store_txn_t *txn = store_write(self->store);
    record_t *county = make(self, "cty-18"), *municipality = make(self, "mun-1880"),
             *organisation = make(self, "org-1");
    record_set(county, "name", value_text("Örebro län"));
    record_set(municipality, "name", value_text("Örebro"));
    record_set(municipality, "county", value_text("cty-18"));
    record_set(organisation, "name", value_text("Örebro kommun, lärcentrum"));
    put(txn, self, county);
    put(txn, self, municipality);
    put(txn, self, organisation);
    put(txn, self, person(self, "per-1"));
    self->people = 1;
    if (store_commit(&txn))
        die("the first commit failed");
    write_promises(self);
}

int main(int argc, char **argv)
{
    if (argc != 5 || !schema_start())
        die("DIRECTORY LEDGER SEED COMMITS expected");
    load_t self = {.state = strtoull(argv[3], NULL, 10), .time_ms = 1773475200000};
    self.ledger = fopen(argv[2], "we");
    self.arena = arena_new();
    self.store = self.ledger ? ledger_open(argv[1], true, false, stderr) : NULL;
    if (!self.store)
        die("no store");
    fprintf(self.ledger, "%llu\tcreated\n", (unsigned long long)position());
    write_first(&self);
    for (unsigned long left = strtoul(argv[4], NULL, 10); left > 0; left--) {
        commit(&self);
        if (draw(&self, 15) == 0)
            forget(&self);
    }
    store_close(&self.store);
    arena_destroy(&self.arena);
    return fclose(self.ledger) != 0;
}
