#include "say.h"

#include "placement.h"
#include "records.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static region_t *region;
static arena_t *arena;
static store_txn_t *txn;
static lookup_t lookup;

static int open_region(void **state)
{
    (void)state;
    region = region_new();
    arena = region_arena(region);
    say_places(region);
    return 0;
}

static int close_region(void **state)
{
    (void)state;
    if (txn != NULL)
        store_abort(&txn);
    region_destroy(&region);
    return 0;
}

static const char *put(const char *kind, const char *fields)
{
    value_t made =
        say_well(region, "admin", "put", "kind=%s fields={%s} confirm=true", kind, fields);

    return value_get_text(&made, "id");
}

static const placement_t *place(const char *text)
{
    record_id_t id;

    if (txn != NULL)
        store_abort(&txn);
    txn = store_read(region_environment(region)->store);
    lookup = (lookup_t){.txn = txn};
    assert_true(record_id_parse(&id, text, NULL));
    const record_t *record = records_get(txn, &id, arena);
    assert_non_null(record);
    return placement_of(&lookup, record, arena);
}

static void expect(const places_t *places, const char *ids)
{
    const char *rest = ids;
    char id[64];
    unsigned count = 0;

    while (schema_words_next(&rest, id, sizeof id)) {
        if (!places_have(places, id))
            fail_msg("%s is missing", id);
        count++;
    }
    assert_int_equal(places->count, count);
}

/* What the scope fields of each kind name, through what they name. */
static void a_record_lies_where_its_scope_says(void **state)
{
    (void)state;
    const placement_t *here = place("mun-1880");
    expect(&here->municipalities, "mun-1880");
    here = place("org-1");
    expect(&here->municipalities, "mun-1880");
    expect(&here->organisations, "org-1");
    const char *unit = put("organisation", "name=Enhet types=[other] parent=org-1");
    here = place(unit);
    expect(&here->municipalities, "mun-1880");
    expect(&here->organisations, arena_format(arena, "org-1 %s", unit));
    here = place(put("person", "name=Contact organisation=org-2"));
    expect(&here->municipalities, "mun-0583");
    expect(&here->organisations, "org-2");
    const char *inquiry =
        put("inquiry", "title=x municipality=mun-1880 organisation=org-2 holder=usr-1");
    here = place(inquiry);
    expect(&here->municipalities, "mun-1880 mun-0583");
    expect(&here->organisations, "org-2");
    expect(&here->users, "usr-1");
    here = place("usr-1");
    expect(&here->users, "usr-1");
    expect(&here->municipalities, "");
    here = place("gra-1");
    expect(&here->users, "usr-1");
    here = place(put("task", arena_format(arena, "what=x about=%s", inquiry)));
    expect(&here->municipalities, "mun-1880 mun-0583");
    assert_string_equal(here->followed->id.text, inquiry);
    here = place("cty-18");
    expect(&here->municipalities, "");
    expect(&here->organisations, "");
}

/* =provider: the organisation, and not where it lies; apart from those that answer for it,
   as that is whom a provider's right is held against. */
static void a_provider_is_no_place(void **state)
{
    (void)state;
    const placement_t *here = place(put("course", "title=x provider=org-2 unit=org-1"));
    expect(&here->municipalities, "mun-1880");
    expect(&here->organisations, "org-1 org-2");
    expect(&here->providers, "org-2");
    put("inquiry", "title=x municipality=mun-1880 organisation=org-1");
    here = place(put("offer", "title=x inquiry=inq-1 provider=org-2"));
    expect(&here->municipalities, "mun-1880");
    expect(&here->organisations, "org-1 org-2");
    expect(&here->providers, "org-2");
    expect(&place("inq-1")->providers, "");
}

/* A new place is judged by the first scope field that names one. */
static void the_first_place_counts_for_putting(void **state)
{
    (void)state;
    place(put("inquiry", "title=x municipality=mun-1880 organisation=org-2"));
    record_id_t id;
    assert_true(record_id_parse(&id, "inq-1", NULL));
    placement_t first = placement_first(&lookup, records_get(txn, &id, arena), arena);
    expect(&first.municipalities, "mun-1880");
    expect(&first.organisations, "");
}

static void senders_are_readers_alone(void **state)
{
    (void)state;
    put("inquiry", "title=x municipality=mun-1880");
    say_well(region, "admin", "move", "id=inq-1 verb=forward fields={municipality=mun-0583}");
    const placement_t *there = place("inq-1");
    expect(&there->municipalities, "mun-0583");
    expect(&there->readers_municipalities, "mun-1880");
    assert_true(placement_in(there, "mun-0583"));
    assert_false(placement_in(there, "mun-1880"));
}

/* "An employer in" a municipality is said where there are five. */
static void five_employers_hide_one(void **state)
{
    (void)state;
    put("inquiry", "title=x municipality=mun-1880 discreet=true");
    assert_true(place("inq-1")->discreet);
    for (int i = 0; i < 5; i++) {
        assert_false(place("inq-1")->municipality_shown);
        put("organisation",
            arena_format(arena, "name=f%d types=[employer] municipality=mun-1880", i));
        put("organisation",
            arena_format(arena, "name=p%d types=[provider] municipality=mun-1880", i));
        put("organisation",
            arena_format(arena, "name=e%d types=[employer] municipality=mun-0583", i));
    }
    assert_true(place("inq-1")->municipality_shown);
}

/* Tasks about tasks are followed so far and no further. A longer chain is refused; where
   one becomes longer from below, nobody sees what is above. */
static void following_ends(void **state)
{
    (void)state;
    put("task", "what=x about=mun-1880");
    put("task", "what=x about=tsk-1");
    put("task", "what=x about=tsk-2");
    say_badly(region, "admin", ERROR_INVALID, "put", "kind=task fields={what=x about=tsk-3}");
    assert_false(place("tsk-3")->followed_placement->followed_placement->lost);

    put("task", "what=x about=mun-0583");
    say_well(region, "admin", "patch", "id=tsk-1 fields={about=tsk-4}");
    const placement_t *last = place("tsk-3")->followed_placement->followed_placement;
    assert_true(last->followed_placement->lost);
    assert_null(last->followed_placement->followed_placement);
    say_badly(region, "admin", ERROR_NOT_FOUND, "get", "id=tsk-3");
    say_well(region, "admin", "patch", "id=tsk-1 fields={about=mun-0583}");
    say_well(region, "admin", "get", "id=tsk-3");
}

/* What is gone places nothing: others then see nothing either. */
static void what_is_gone_is_lost(void **state)
{
    (void)state;
    put("inquiry", "title=x municipality=mun-1880");
    place(put("task", "what=x about=inq-1"));
    record_id_t id;
    assert_true(record_id_parse(&id, "tsk-1", NULL));
    record_t *task = records_get(txn, &id, arena);
    record_set(task, "about", value_text("inq-99"));
    const placement_t *nowhere = placement_of(&lookup, task, arena);
    assert_true(nowhere->lost);
    assert_null(nowhere->followed);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_region, close_region)
    const struct CMUnitTest tests[] = {
        TEST(a_record_lies_where_its_scope_says),
        TEST(a_provider_is_no_place),
        TEST(the_first_place_counts_for_putting),
        TEST(senders_are_readers_alone),
        TEST(five_employers_hide_one),
        TEST(following_ends),
        TEST(what_is_gone_is_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
