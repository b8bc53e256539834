#include "region_fixture.h"

#include <stdlib.h>
#include <string.h>

/* Which rows come in which order, page by page; what they say. tests/scenario/search.scn
   tells who finds what. */

static int open_people(void **state)
{
    open_region(state);
    say_user(region, "orebro", "broker", "municipalities=[mun-1880]");
    say_user(region, "motala", "broker", "municipalities=[mun-0583]");
    return 0;
}

static value_t search(const char *who, const char *arguments)
{
    return say_well(region, who, "search", "%s", arguments);
}

/* -- order ------------------------------------------------------------------------------- */

#define ROWS 60u

typedef struct {
    char id[RECORD_ID_MAX];
    unsigned titles, made;
} made_t;

static made_t made[ROWS];

static uint64_t draw(uint64_t below)
{
    static uint64_t seed = 20261122;
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (seed >> 33) % below;
}

/* Inquiries of the one broker with two words, in title or description, some discreet; and
   tasks about them. */
static void make_rows(void)
{
    static const char *const texts[] = {"alfa beta", "alfa", "beta", "gamma"};

    for (unsigned i = 0; i < ROWS; i++) {
        unsigned title = (unsigned)draw(4);
        bool task = i > 0 && draw(3) == 0;
        value_t put = task ? say_well(region, "orebro", "put",
                                      "kind=task fields={what=\"%s\" about=%s "
                                      "notes=\"beta alfa\"}",
                                      texts[title], made[0].id)
                           : say_well(region, "orebro", "put",
                                      "kind=inquiry fields={title=\"%s\" description=\"beta alfa\" "
                                      "municipality=mun-1880}",
                                      texts[title]);
        snprintf(made[i].id, sizeof made[i].id, "%s", value_get_text(&put, "id"));
        made[i].titles = title == 0 ? 2 : title < 3 ? 1 : 0;
        made[i].made = i;
    }
}

static int compare_made(const void *a, const void *b)
{
    const made_t *one = a, *other = b;
    int order = (other->titles > one->titles) - (other->titles < one->titles);
    return order != 0 ? order : (other->made > one->made) - (other->made < one->made);
}

static void rows_come_by_title_then_newest_whatever_the_pages(void **state)
{
    (void)state;
    make_rows();
    qsort(made, ROWS, sizeof *made, compare_made);
    for (unsigned limit = 1; limit <= ROWS + 1; limit += 6) {
        unsigned at = 0;
        const char *after = "nil";
        for (;;) {
            value_t page = search("orebro", arena_format(region_arena(region),
                                                         "text=\"beta alfa\" limit=%u after=%s",
                                                         limit, after));
            const value_t *records = value_get(&page, "records");
            for (uint32_t i = 0; i < records->count; i++, at++) {
                assert_true(at < ROWS);
                assert_string_equal(value_get_text(&records->items[i], "id"), made[at].id);
            }
            const value_t *next = value_get(&page, "next");
            if (next->form == VALUE_ABSENT)
                break;
            after = arena_format(region_arena(region), "[%u %s]", (unsigned)next->items[0].integer,
                                 next->items[1].text);
        }
        assert_int_equal(at, ROWS);
    }
}

/* Who sees no title, or no description, has another order, or fewer. */
static void titles_count_as_far_as_they_are_seen(void **state)
{
    (void)state;
    say_well(region, "orebro", "put",
             "kind=inquiry fields={title=Maskinteknik areas=[are-0715] municipality=mun-1880 "
             "discreet=true}");
    say_well(region, "orebro", "put",
             "kind=inquiry fields={title=Annat areas=[are-0715] municipality=mun-1880}");
    value_t page = search("orebro", "text=maskinteknik kinds=[inquiry]");
    say_expect(region, &page, "{records=[{id=inq-1 hits=[title areas]} {id=inq-2}]}");
    page = search("motala", "text=maskinteknik kinds=[inquiry]");
    say_expect(region, &page, "{records=[{id=inq-2} {id=inq-1 hits=[areas]}]}");
    page = search("motala", "text=maskinteknik kinds=[inquiry] limit=1");
    say_expect(region, &page, "{records=[{id=inq-2}] next=[0 inq-2]}");
    page = search("motala", "text=maskinteknik kinds=[inquiry] after=[0 inq-2]");
    say_expect(region, &page, "{records=[{id=inq-1}] next=nil}");
}

/* -- rows ---------------------------------------------------------------------------------- */

static void without_a_title_a_row_has_what_a_list_shows(void **state)
{
    (void)state;
    say_well(region, "orebro", "put", "kind=inquiry fields={title=x municipality=mun-1880}");
    say_well(region, "orebro", "put",
             "kind=need fields={organisation=org-1 area=are-0715 inquiry=inq-1 why=svets}");
    value_t page = search("orebro", "text=svets");
    say_expect(region, &page,
               "{records=[={id=nee-1 rev=* fields=={organisation=org-1 area=are-0715} "
               "hits=[why]}] next=nil cut=false rev=*}");
}

/* Discreet ones show their areas, here as many as there may be. */
static void a_page_ends_when_a_frame_is_full(void **state)
{
    (void)state;
    arena_t *arena = region_arena(region);
    const char *rows = "", *ids = "";
    for (unsigned i = 0; i < FIELD_ITEMS_MAX; i++) {
        rows = arena_format(arena, "%s {id=\"9%04u\" fields={name_en=x name_sv=Svets}}", rows, i);
        ids = arena_format(arena, "%s are-9%04u", ids, i);
    }
    say_well(region, "admin", "import", "kind=area confirm=true rows=[%s]", rows);
    for (unsigned i = 0; i < 120; i++)
        say_well(region, "orebro", "put",
                 "kind=inquiry fields={title=x municipality=mun-1880 discreet=true areas=[%s]}",
                 ids);
    value_t page = search("motala", "text=svets kinds=[inquiry] limit=200");
    uint32_t count = value_get(&page, "records")->count;
    assert_true(count < 120);
    while (count < 120) {
        page = search("motala",
                      arena_format(arena, "text=svets kinds=[inquiry] limit=200 after=[0 inq-%u]",
                                   120 - count + 1));
        assert_true(value_get(&page, "records")->count > 0);
        count += value_get(&page, "records")->count;
    }
    assert_int_equal(count, 120);
}

/* A kind is searched once, however often it is named. */
static void kinds_are_searched_once(void **state)
{
    (void)state;
    say_well(region, "orebro", "put", "kind=inquiry fields={title=kurs municipality=mun-1880}");
    value_t page = search("orebro", "text=kurs kinds=[inquiry task inquiry]");
    say_expect(region, &page, "{records=[{id=inq-1}]}");
    page = search("orebro", "text=kurs kinds=[task]");
    say_expect(region, &page, "{records=[]}");
    say_badly(region, "orebro", ERROR_UNKNOWN_KIND, "search", "text=kurs kinds=[1]");
}

/* The cursor may stand at what is gone. */
static void a_row_that_goes_leaves_its_place(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 4; i++)
        say_well(region, "orebro", "put", "kind=inquiry fields={title=kurs municipality=mun-1880}");
    value_t page = search("orebro", "text=kurs limit=2");
    say_expect(region, &page, "{records=[{id=inq-4} {id=inq-3}] next=[1 inq-3]}");
    say_well(region, "orebro", "delete", "id=inq-3");
    say_well(region, "orebro", "put", "kind=inquiry fields={title=kurs municipality=mun-1880}");
    page = search("orebro", "text=kurs after=[1 inq-3]");
    say_expect(region, &page, "{records=[{id=inq-2} {id=inq-1}]}");
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, open_people, close_region)
    const struct CMUnitTest tests[] = {
        TEST(rows_come_by_title_then_newest_whatever_the_pages),
        TEST(titles_count_as_far_as_they_are_seen),
        TEST(without_a_title_a_row_has_what_a_list_shows),
        TEST(a_page_ends_when_a_frame_is_full),
        TEST(kinds_are_searched_once),
        TEST(a_row_that_goes_leaves_its_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
