#include "region_fixture.h"

#include "matcher.h"
#include "records.h"
#include "rules/likeness.h"

#include <stdlib.h>
#include <string.h>

/* Places on the map, one beside it, and a tree of areas. */
static int open_places(void **state)
{
    static const char *const puts[] = {
        "kind=municipality id=\"0580\" fields={name=\"Linköping\" county=cty-05 "
        "latitude=58410000 longitude=15620000}",
        "kind=municipality id=\"0561\" fields={name=\"Åtvidaberg\" county=cty-05 "
        "latitude=58200000 longitude=15990000}",
        "kind=municipality id=\"1881\" fields={name=\"Kumla\" county=cty-18 "
        "latitude=59120000 longitude=15140000}",
        "kind=area id=\"071\" fields={name_en=a name_sv=a}",
        "kind=area id=\"07151\" fields={name_en=b name_sv=b}",
        "kind=area id=\"0721\" fields={name_en=c name_sv=c}",
    };

    open_region(state);
    for (size_t i = 0; i < sizeof puts / sizeof *puts; i++)
        say_well(region, "admin", "put", "%s", puts[i]);
    /* It was there before 071 came between. */
    say_well(region, "admin", "patch", "id=are-0715 fields={parent=are-071}");
    say_user(region, "broker", "broker", "municipalities=[mun-0580 mun-0561 mun-0583]");
    return 0;
}

static const char *inquire(const char *fields)
{
    value_t made = say_well(region, "admin", "put", "kind=inquiry fields={%s}", fields);

    return value_get_text(&made, "id");
}

static const record_t *record_of(store_txn_t *txn, const char *text)
{
    record_id_t id;

    assert_true(record_id_parse(&id, text, NULL));
    return records_get(txn, &id, region_arena(region));
}

/* Why the two match, "" where they do not: "same_area 40, near 5". As all of staff see it,
   or as one user does. */
static const char *reasons(const char *own, const char *other, const char *user)
{
    arena_t *arena = region_arena(region);
    store_txn_t *txn = store_read(region_environment(region)->store);
    lookup_t lookup = {.txn = txn};
    record_id_t id;
    const access_t *reader = user != NULL && record_id_parse(&id, user, NULL)
                                 ? access_of_user(txn, &id, region_now(region), arena)
                                 : NULL;
    matcher_t *matcher = matcher_new(&lookup, atlas_new(txn, arena), reader, arena);
    const char *text = "";
    int64_t sum = 0;
    match_t match;

    if (matcher_take(matcher, record_of(txn, own)) &&
        matcher_try(matcher, record_of(txn, other), &match)) {
        for (size_t i = 0; i < match.fit.n_reasons; i++) {
            const reason_t *reason = &match.fit.reasons[i];
            text = arena_format(arena, "%s%s%s %d", text, i > 0 ? ", " : "", reason->reason,
                                (int)reason->points);
            assert_non_null(vocabulary_word(schema_vocabulary("match_reason"), reason->reason));
            sum += reason->points;
        }
        assert_int_equal(sum, match.fit.score);
        assert_true(sum > 0 && sum <= 100);
    }
    store_abort(&txn);
    return text;
}

/* -- two inquiries -------------------------------------------------------------------- */

#define HERE "municipality=mun-0580 "
#define BASE "title=Ett areas=[are-0715] " HERE
#define OTHER "title=Annat areas=[are-0715] " HERE

static const struct {
    const char *own, *other, *reasons;
} pairs[] = {
    {BASE, OTHER, "same_area 40, same_municipality 10"},
    /* areas: up and down the tree, not beside */
    {BASE, "title=x " HERE, ""},
    {BASE, "title=x areas=[are-071] " HERE, "related_area 30, same_municipality 10"},
    {BASE, "title=x areas=[are-07] " HERE, "related_area 20, same_municipality 10"},
    {BASE, "title=x areas=[are-07151] " HERE, "related_area 30, same_municipality 10"},
    {BASE, "title=x areas=[are-0721] " HERE, ""},
    {BASE, "title=x areas=[are-0721 are-07 are-071] " HERE,
     "related_area 30, same_municipality 10"},
    {"title=x areas=[are-07 are-0715] " HERE, BASE, "same_area 40, same_municipality 10"},
    /* periods */
    {BASE "period_from=2026-09-01 period_to=2026-10-01", OTHER "period_from=2026-10-01",
     "same_area 40, same_period 15, same_municipality 10"},
    {BASE "period_from=2026-09-01 period_to=2026-10-01", OTHER "period_from=2026-10-02", ""},
    {BASE "period_to=2026-10-01", OTHER "period_from=2026-10-02", ""},
    {BASE "period_to=2026-10-01", OTHER "period_to=2026-12-31",
     "same_area 40, same_period 15, same_municipality 10"},
    {BASE "period_to=2026-10-01", OTHER, "same_area 40, same_municipality 10"},
    /* words that must be the same */
    {BASE "level=vocational", OTHER "level=vocational",
     "same_area 40, same_level 5, same_municipality 10"},
    {BASE "level=vocational", OTHER "level=university", ""},
    {BASE "language=sv", OTHER "language=en", ""},
    {BASE "language=sv", OTHER, "same_area 40, same_municipality 10"},
    {BASE "time_of_day=[day evening]", OTHER "time_of_day=[evening weekend]",
     "same_area 40, same_time_of_day 5, same_municipality 10"},
    {BASE "time_of_day=[day]", OTHER "time_of_day=[evening weekend]", ""},
    /* forms and places */
    {BASE "form=[on_site]", OTHER "form=[workplace distance]", ""},
    {BASE "form=[on_site]", OTHER "form=[on_site distance]",
     "same_area 40, same_form 5, same_municipality 10"},
    {BASE, "title=x areas=[are-0715] municipality=mun-0561", "same_area 40, near 4"},
    {BASE "travel_limit_km=31", "title=x areas=[are-0715] municipality=mun-0561", ""},
    {BASE "travel_limit_km=32", "title=x areas=[are-0715] municipality=mun-0561",
     "same_area 40, near 1"},
    {BASE "travel_limit_km=0", OTHER, "same_area 40, same_municipality 10"},
    {BASE "travel_limit_km=500", "title=x areas=[are-0715] municipality=mun-1881", ""},
    {BASE "travel_limit_km=500",
     "title=x areas=[are-0715] municipality=mun-1881 travel_limit_km=84", "same_area 40, near 1"},
    {BASE "form=[distance]", "title=x areas=[are-0715] municipality=mun-1881", "same_area 40"},
    {BASE "form=[distance on_site]",
     "title=x areas=[are-0715] municipality=mun-1881 form=[on_site]", ""},
    {BASE "form=[distance]", "title=x areas=[are-0715] municipality=mun-1881 form=[distance]",
     "same_area 40, same_form 5"},
    /* not on the map: in the same county */
    {BASE, "title=x areas=[are-0715] municipality=mun-0583", "same_area 40, same_county 5"},
    {BASE, "title=x areas=[are-0715] municipality=mun-1880", ""},
    /* words in titles and tags */
    {HERE "areas=[are-0715] title=\"Svetsning, grundkurs\"",
     HERE "areas=[are-0715] title=\"Kurs i SVETS för verkstad\"",
     "same_area 40, same_municipality 10, same_words 5"},
    {HERE "areas=[are-0715] title=\"Kurs i ål\"", HERE "areas=[are-0715] title=\"Kurs i al\"",
     "same_area 40, same_municipality 10"},
    {HERE "areas=[are-0715] title=\"Ål, tång och CAD – ÖVNING\" tags=[hlr]",
     HERE "areas=[are-0715] title=\"HLR – övning; tang\" tags=[cad lyft]",
     "same_area 40, same_municipality 10, same_words 15"},
    {HERE "areas=[are-0715] title=\"Svets svetsning svetsare\"",
     HERE "areas=[are-0715] title=\"Svets\"", "same_area 40, same_municipality 10, same_words 5"},
};

static void what_two_have_in_common(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        const char *own = inquire(pairs[i].own), *other = inquire(pairs[i].other);
        const char *found = reasons(own, other, NULL);
        if (strcmp(found, pairs[i].reasons) != 0)
            fail_msg("%s\nand %s\n%s", pairs[i].own, pairs[i].other, found);
        /* Whichever side one looks from. */
        assert_string_equal(reasons(other, own, NULL), found);
    }
}

/* Each state of the lifecycle: before it is agreed an inquiry can still share. */
static void those_that_are_settled_share_no_more(void **state)
{
    (void)state;
    static const char *const moves[] = {"acknowledge", "start_dialogue", "map",      "offer",
                                        "agree",       "deliver",        "evaluate", "close"};
    const char *own = inquire(BASE), *other = inquire(OTHER "participants=3");

    for (size_t i = 0; i < sizeof moves / sizeof *moves; i++) {
        assert_true((*reasons(own, other, NULL) != '\0') == (i < 5));
        assert_true((*reasons(other, own, NULL) != '\0') == (i < 5));
        say_well(region, "admin", "move",
                 "id=%s verb=%s fields={route=commissioned holder=usr-1 outcome=course}", other,
                 moves[i]);
    }
    const char *waiting = inquire(OTHER);
    say_well(region, "admin", "move", "id=%s verb=pause fields={waiting_until=2026-05-01}",
             waiting);
    assert_string_equal(reasons(own, waiting, NULL), "same_area 40, same_municipality 10");
    assert_string_equal(reasons(own, own, NULL), "");
}

/* -- what is seen ------------------------------------------------------------------------ */

static void what_is_hidden_is_as_if_not_said(void **state)
{
    (void)state;
    const char *broker = client_user(region_client(region, "broker"));
    const char *own = inquire(BASE "language=sv level=vocational tags=[tig]");
    const char *secret = inquire("title=Ett areas=[are-0715] municipality=mun-1881 language=sv "
                                 "level=vocational form=[distance] tags=[tig] discreet=true");

    assert_string_equal(reasons(own, secret, NULL), "same_area 40");
    assert_string_equal(reasons(own, secret, broker), "same_area 40");
    assert_string_equal(reasons(secret, own, broker), "same_area 40");
    assert_string_equal(reasons(own, secret, "usr-1"),
                        "same_area 40, same_level 5, same_language 5, same_words 10");
    /* Nor does it match less for what is not seen. */
    say_well(region, "admin", "patch", "id=%s fields={language=en travel_limit_km=0}", secret);
    assert_string_equal(reasons(own, secret, broker), "same_area 40");
    assert_string_equal(reasons(own, secret, "usr-1"), "");
    /* A distance would tell the municipality: the county is near enough. */
    const char *near = inquire("title=Ett areas=[are-0715] municipality=mun-1880");
    say_well(region, "admin", "patch", "id=%s fields={form=[on_site] language=nil}", secret);
    assert_string_equal(reasons(near, secret, broker), "same_area 40, same_county 5");
    assert_string_equal(reasons(own, secret, broker), "");
}

/* -- looking ------------------------------------------------------------------------------- */

/* Inquiries put down at once, as no request would: one each in the areas, in turn. */
static void fill(unsigned count, const char *const *areas, unsigned n_areas)
{
    arena_t *arena = arena_new();
    store_txn_t *txn = store_write(region_environment(region)->store);
    const kind_t *kind = schema_kind("inquiry");
    operation_t *operations = arena_alloc(arena, 500 * sizeof *operations);

    for (unsigned i = 0; i < count; i++) {
        record_t *record = record_new(arena, kind);
        value_t *area = arena_alloc(arena, sizeof *area);
        *area = value_text(areas[i % n_areas]);
        record->id = record_id_numbered(kind, store_next_number(txn, kind));
        record_set(record, "title", value_text("Ett"));
        record_set(record, "state", value_text(i % 2 ? "new" : "waiting"));
        record_set(record, "municipality", value_text("mun-0580"));
        record_set(record, "county", value_text("cty-05"));
        record_set(record, "areas", value_list(area, 1));
        operations[i % 500] = (operation_t){.after = record};
        if (i % 500 == 499 || i + 1 == count) {
            batch_t batch = {.time_ms = region_now(region), .actor = "", .operations = operations};
            batch.n_operations = i % 500 + 1;
            assert_true(store_apply(txn, &batch) > 0);
        }
    }
    assert_int_equal(store_commit(&txn), 0);
    arena_destroy(&arena);
}

typedef struct {
    size_t count, looked_at;
    bool cut;
    match_t *matches;
} found_t;

static found_t find(const char *own, size_t most)
{
    store_txn_t *txn = store_read(region_environment(region)->store);
    lookup_t lookup = {.txn = txn};
    const atlas_t *atlas = atlas_new(txn, region_arena(region));
    matcher_t *matcher = matcher_new(&lookup, atlas, NULL, region_arena(region));
    found_t found = {0};

    assert_true(matcher_take(matcher, record_of(txn, own)));
    found.count = matcher_find(matcher, most, &found.matches, &found.looked_at, &found.cut);
    store_abort(&txn);
    return found;
}

static void the_best_first_and_of_equals_the_oldest(void **state)
{
    (void)state;
    const char *own = inquire(BASE);
    const char *above = inquire("title=x areas=[are-071] " HERE);
    const char *first = inquire(OTHER), *second = inquire(OTHER);
    const char *best = inquire(OTHER "tags=[ett]");
    const char *expected[] = {best, first, second, above};

    found_t found = find(own, 10);
    assert_int_equal(found.count, 4);
    for (size_t i = 0; i < 4; i++)
        assert_string_equal(found.matches[i].wish.id.text, expected[i]);
    assert_int_equal(found.looked_at, 5);
    assert_false(found.cut);
    assert_int_equal(find(own, 2).count, 2);
}

/* What it costs is bounded by the areas' newest, and an answer that is cut says so. */
static void so_many_of_an_area_and_so_many_in_all(void **state)
{
    (void)state;
    static const char *const areas[] = {"are-0715", "are-071", "are-07", "are-0721"};
    const char *own = inquire(BASE);

    fill(MATCHER_AREA_MAX - 1, areas, 1);
    found_t found = find(own, 5000);
    assert_int_equal(found.looked_at, MATCHER_AREA_MAX);
    assert_int_equal(found.count, MATCHER_AREA_MAX - 1);
    assert_false(found.cut);
    fill(1, areas, 1);
    found = find(own, 5000);
    assert_int_equal(found.looked_at, MATCHER_AREA_MAX);
    assert_int_equal(found.count, MATCHER_AREA_MAX); /* the own one is the oldest, and left out */
    assert_true(found.cut);
    /* Of other areas none are looked at that do not meet. */
    fill(1000, &areas[3], 1);
    assert_int_equal(find(own, 1).looked_at, MATCHER_AREA_MAX);
    fill(4000, &areas[1], 2);
    found = find(own, 5000);
    assert_int_equal(found.looked_at, MATCHER_CANDIDATES_MAX);
    assert_true(found.cut);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_places, close_region)
    const struct CMUnitTest tests[] = {
        TEST(what_two_have_in_common),
        TEST(those_that_are_settled_share_no_more),
        TEST(what_is_hidden_is_as_if_not_said),
        TEST(the_best_first_and_of_equals_the_oldest),
        TEST(so_many_of_an_area_and_so_many_in_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
