#include "say.h"

#include "records.h"
#include "sight.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* Revisions of a region's journal, looked at as watches would be shown them. */

static region_t *region;
static arena_t *arena;
static store_txn_t *txn;

static int open_region(void **state)
{
    (void)state;
    region = region_new();
    arena = region_arena(region);
    say_places(region);
    say_user(region, "orebro", "broker", "municipalities=[mun-1880]"); /* usr-2 */
    return 0;
}

static int close_region(void **state)
{
    (void)state;
    store_abort(&txn);
    region_destroy(&region);
    return 0;
}

/* What `who` does, as a change; seen from now. */
static sight_t *sight_of(uint64_t revision, const char *as)
{
    store_abort(&txn);
    txn = store_read(region_environment(region)->store);
    const journal_entry_t *entry = journal_get(txn, revision, arena);
    assert_non_null(entry);
    operation_t *operations = arena_alloc(arena, entry->n_operations * sizeof *operations);
    for (size_t i = 0; i < entry->n_operations; i++) {
        const journal_operation_t *from = &entry->operations[i];
        operations[i].after = from->after;
        if (from->before != 0)
            operations[i].before = store_record_at(txn, &from->id, revision - 1, arena);
    }
    change_t *change = arena_alloc(arena, sizeof *change);
    *change =
        (change_t){revision, entry->time_ms, entry->actor, as, operations, entry->n_operations};
    sight_t *sight = sight_new(change, txn, arena);
    sight_prepare(sight);
    return sight;
}

static sight_t *sight_of_last(void)
{
    return sight_of(region_head(region), NULL);
}

static value_t decoded(const void *data, size_t size)
{
    error_t error = {0};
    value_t value;

    assert_true(wire_decode(data, size, &wire_limits_client, arena, &value, &error));
    return value;
}

static field_mask_t mask_of(const char *fields)
{
    const kind_t *kind = schema_kind("inquiry");
    field_mask_t mask = 0;

    for (size_t i = 0; i < kind->n_fields; i++)
        if (schema_words_have(fields, kind->fields[i].name))
            mask |= (field_mask_t)1 << i;
    return mask;
}

static void put_inquiry(const char *fields)
{
    say_well(region, "orebro", "put", "kind=inquiry fields={municipality=mun-1880 %s}", fields);
}

static void patch(const char *id, const char *fields)
{
    say_well(region, "admin", "patch", "id=%s fields={%s}", id, fields);
}

static void a_glimpse_says_what_differs(void **state)
{
    (void)state;
    put_inquiry("title=a participants=3");
    sight_t *sight = sight_of_last();
    assert_int_equal(sight->n_glimpses, 1);
    assert_null(sight->glimpses[0].before);
    assert_string_equal(sight->glimpses[0].after_placement->municipalities.ids[0], "mun-1880");
    assert_int_equal(sight->glimpses[0].changed, 0);

    patch("inq-1", "title=b participants=nil");
    uint64_t patched = region_head(region);
    sight = sight_of_last();
    assert_int_equal(sight->n_glimpses, 1);
    assert_int_equal(sight->glimpses[0].changed, mask_of("title participants"));
    assert_null(sight->glimpses[0].now); /* it stands */

    patch("inq-1", "title=c");
    sight = sight_of(patched, NULL);
    assert_string_equal(record_get_text(sight->glimpses[0].after, "title"), "b");
    assert_string_equal(record_get_text(sight->glimpses[0].now, "title"), "c");
    assert_non_null(sight->glimpses[0].now_placement);

    say_well(region, "admin", "delete", "id=inq-1");
    sight = sight_of_last();
    assert_null(sight->glimpses[0].after);
    assert_null(sight->glimpses[0].now);
    assert_non_null(sight->glimpses[0].before_placement);
    sight = sight_of(patched, NULL);
    assert_string_equal(record_get_text(sight->glimpses[0].now, "title"), "c");
}

/* Where a record turns discreet, or moves, what hangs on it is seen anew. */
static void what_hangs_on_it_is_seen_anew(void **state)
{
    (void)state;
    put_inquiry("title=a");
    put_inquiry("title=b");
    say_well(region, "orebro", "put", "kind=task fields={what=w about=inq-1}");
    say_well(region, "orebro", "put", "kind=task fields={what=w about=inq-2}");
    patch("inq-1", "title=aa");
    assert_int_equal(sight_of_last()->n_glimpses, 1);

    patch("inq-1", "discreet=true");
    sight_t *sight = sight_of_last();
    assert_int_equal(sight->n_glimpses, 2);
    assert_string_equal(sight->glimpses[1].after->id.text, "tsk-1");
    assert_ptr_equal(sight->glimpses[1].before, sight->glimpses[1].after);
    assert_false(sight->glimpses[1].before_placement->followed_placement->discreet);
    assert_true(sight->glimpses[1].after_placement->followed_placement->discreet);
    assert_false(sight->wide);

    /* One that is itself changed is told as that, once. */
    say_well(region, "admin", "batch",
             "operations=[{do=patch id=inq-1 fields={discreet=false}}"
             " {do=patch id=tsk-1 fields={what=x}}]");
    assert_int_equal(sight_of_last()->n_glimpses, 2);
}

static void too_many_that_hang_are_not_told_one_by_one(void **state)
{
    char operations[8192];

    (void)state;
    put_inquiry("title=a");
    for (unsigned i = 0; i <= 1000;) {
        size_t size = 0;
        for (unsigned j = 0; j < 100 && i <= 1000; j++, i++)
            size += (size_t)snprintf(operations + size, sizeof operations - size,
                                     "{do=put kind=task fields={what=w about=inq-1}} ");
        say_well(region, "admin", "batch", "operations=[%s]", operations);
    }
    patch("inq-1", "discreet=true");
    assert_true(sight_of_last()->wide);
    say_well(region, "admin", "delete", "id=tsk-1");
    patch("inq-1", "discreet=false");
    assert_false(sight_of_last()->wide);
}

/* A view is encoded once for all who have the same mask, and holds no more than it. */
static void a_view_is_made_once(void **state)
{
    (void)state;
    put_inquiry("title=a participants=3");
    sight_t *sight = sight_of_last();
    const encoded_t *title = sight_put(sight, &sight->glimpses[0], mask_of("title"));
    const encoded_t *both = sight_put(sight, &sight->glimpses[0], mask_of("title participants"));
    assert_ptr_equal(sight_put(sight, &sight->glimpses[0], mask_of("title")), title);
    assert_ptr_not_equal(both, title);
    value_t told = decoded(title->data, title->size);
    say_expect(region, &told, "={op=put record={id=inq-1 fields=={title=a}}}");
    told = decoded(both->data, both->size);
    say_expect(region, &told, "={op=put record={id=inq-1 fields=={title=a participants=3}}}");
}

static void gone_says_no_more_than_the_id(void **state)
{
    const void *data;
    size_t size;

    (void)state;
    put_inquiry("title=a");
    patch("inq-1", "title=b");
    sight_t *sight = sight_of_last();
    sight_gone(sight, &sight->glimpses[0]);
    const void *first = sight->glimpses[0].gone;
    value_t told = decoded(first, sight->glimpses[0].gone_size);
    say_expect(region, &told, "={op=gone id=inq-1}");
    sight_gone(sight, &sight->glimpses[0]);
    assert_ptr_equal(sight->glimpses[0].gone, first);

    value_t users = say_value(region, "[usr-1 usr-2]");
    sight_operation_for(sight, &sight->glimpses[0], 0, &users, &data, &size);
    told = decoded(data, size);
    say_expect(region, &told, "={op=gone id=inq-1 for=[usr-1 usr-2]}");
    sight_operation_for(sight, &sight->glimpses[0], mask_of("title"), &users, &data, &size);
    told = decoded(data, size);
    say_expect(region, &told, "={op=put record={fields=={title=b}} for=[usr-1 usr-2]}");
}

/* Who is told the same operations is told the same bytes; the actor is the person. */
static void an_entry_is_made_once(void **state)
{
    (void)state;
    say_well(region, "orebro", "batch",
             "operations=[{do=put kind=inquiry fields={title=a municipality=mun-1880}}"
             " {do=put kind=inquiry fields={title=b municipality=mun-1880}}]");
    uint64_t revision = region_head(region);
    sight_t *sight = sight_of(revision, NULL);
    for (size_t i = 0; i < 2; i++) {
        const encoded_t *put = sight_put(sight, &sight->glimpses[i], mask_of("title"));
        sight->data[i] = put->data;
        sight->sizes[i] = put->size;
    }
    const push_entry_t *both = sight_tell(sight, 2), *one = sight_tell(sight, 1);
    assert_ptr_equal(sight_tell(sight, 2), both);
    assert_ptr_equal(sight_tell(sight, 1), one);
    value_t told = decoded(both->data, both->size);
    say_expect(region, &told,
               "={rev=* time=* actor=usr-2 ops=[{record={fields={title=a}}}"
               " {record={fields={title=b}}}]}");
    assert_int_equal(value_get_integer(&told, "rev", 0), revision);
    told = decoded(one->data, one->size);
    say_expect(region, &told, "{ops=[{record={fields={title=a}}}]}");

    sight = sight_of(revision, "usr-1");
    const push_entry_t *entry = sight_entry(sight, NULL, NULL, 0);
    told = decoded(entry->data, entry->size);
    say_expect(region, &told, "{actor=usr-1 ops=[]}");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_region, close_region)
    const struct CMUnitTest tests[] = {
        TEST(a_glimpse_says_what_differs),
        TEST(what_hangs_on_it_is_seen_anew),
        TEST(too_many_that_hang_are_not_told_one_by_one),
        TEST(a_view_is_made_once),
        TEST(gone_says_no_more_than_the_id),
        TEST(an_entry_is_made_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
