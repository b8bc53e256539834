#ifndef SAMVERK_TEST_STORE_FIXTURE_H
#define SAMVERK_TEST_STORE_FIXTURE_H

/* A store of its own for each test, in a temporary directory that is removed. */

#include "records.h"
#include "seal.h"
#include "store.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char directory[256];
static store_t *store;
static arena_t *arena;

static inline void make_directory(void)
{
    const char *temporary = getenv("TMPDIR");
    snprintf(directory, sizeof directory, "%s/samverk-XXXXXX", temporary ? temporary : "/tmp");
    assert_non_null(mkdtemp(directory));
}

static inline int remove_one(const char *path, const struct stat *status, int type, struct FTW *at)
{
    (void)status, (void)type, (void)at;
    return remove(path);
}

static inline void remove_directory(void)
{
    nftw(directory, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static inline const char *in_directory(const char *name)
{
    return arena_format(arena, "%s/%s", directory, name);
}

/* Whether a file in the store's directory holds the text. */
static inline bool file_holds_bytes(const char *name, const void *wanted, size_t wanted_size)
{
    FILE *file = fopen(in_directory(name), "rb");
    assert_non_null(file);
    fseek(file, 0, SEEK_END);
    size_t size = (size_t)ftell(file);
    rewind(file);
    char *bytes = malloc(size + 1);
    assert_int_equal(fread(bytes, 1, size, file), size);
    fclose(file);
    bool found = memmem(bytes, size, wanted, wanted_size) != NULL;
    free(bytes);
    return found;
}

static inline bool file_holds(const char *name, const char *text)
{
    return file_holds_bytes(name, text, strlen(text));
}

static inline store_t *open_it(bool create, bool read_only)
{
    char why[512] = "";
    store_t *opened = store_open(&(store_options_t){.directory = directory,
                                                    .map_size = (size_t)1 << 30,
                                                    .region = "Östra Mellansverige",
                                                    .create = create,
                                                    .read_only = read_only},
                                 why, sizeof why);
    if (!opened)
        print_message("%s\n", why);
    return opened;
}

static inline void reopen(void)
{
    store_close(&store);
    store = open_it(false, false);
    assert_non_null(store);
}

static inline int fixture_setup(void **state)
{
    (void)state;
    assert_true(schema_start());
    arena = arena_new();
    make_directory();
    store = open_it(true, false);
    assert_non_null(store);
    return 0;
}

static inline int fixture_teardown(void **state)
{
    (void)state;
    store_close(&store);
    remove_directory();
    arena_destroy(&arena);
    return 0;
}

#define FIXTURE_TEST(function)                                                                     \
    cmocka_unit_test_setup_teardown(function, fixture_setup, fixture_teardown)

static inline record_id_t id_of_text(const char *text)
{
    record_id_t id;
    assert_true(record_id_parse(&id, text, NULL));
    return id;
}

/* A record with text fields: pairs of name and text, NULL at the end. */
static inline record_t *record_with(const char *id_text, ...)
{
    record_id_t id = id_of_text(id_text);
    record_t *record = record_new(arena, id.kind);
    record->id = id;
    va_list pairs;
    va_start(pairs, id_text);
    const char *name;
    while ((name = va_arg(pairs, const char *)))
        record_set(record, name, value_text(va_arg(pairs, const char *)));
    va_end(pairs);
    return record;
}

static inline value_t texts(unsigned count, ...)
{
    value_builder_t list = value_builder(arena);
    va_list items;
    va_start(items, count);
    while (count--)
        value_add(&list, value_text(va_arg(items, const char *)));
    va_end(items);
    return value_build_list(&list);
}

/* Apply in an open transaction, without a request id. */
static inline uint64_t apply(store_txn_t *txn, uint64_t time_ms, const operation_t *operations,
                             size_t n_operations)
{
    return store_apply(txn, &(batch_t){.time_ms = time_ms,
                                       .actor = "usr-1",
                                       .operations = operations,
                                       .n_operations = n_operations});
}

/* Seal, apply one operation and commit; the state before is the store's. */
static inline uint64_t apply_one(uint64_t time_ms, const char *id_text, const record_t *after)
{
    record_id_t id = id_of_text(id_text);
    store_txn_t *txn = store_write(store);
    operation_t operation = {.before = records_get(txn, &id, arena),
                             .after = after ? seal_record(txn, after, arena) : NULL};
    uint64_t revision = apply(txn, time_ms, &operation, 1);
    assert_int_equal(store_commit(&txn), 0);
    return revision;
}

static inline uint64_t put(const record_t *record)
{
    return apply_one(1000, record->id.text, record);
}

static inline record_t *county(const char *id, const char *name)
{
    return record_with(id, "name", name, NULL);
}

static inline record_t *municipality(const char *id, const char *name, const char *of_county)
{
    return record_with(id, "name", name, "county", of_county, NULL);
}

static inline record_t *person(const char *id, const char *name)
{
    return record_with(id, "name", name, "organisation", "org-1", "email", "broker@example.se",
                       NULL);
}

#endif
