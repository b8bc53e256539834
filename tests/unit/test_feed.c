#include "region_parts.h"
#include "say.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* What changed, brought to many watches; region.c holds each frame against the
   revision that its watch stood at. */

static region_t *region;

static int open_region(void **state)
{
    (void)state;
    region = region_new();
    say_places(region);
    say_user(region, "orebro", "broker", "municipalities=[mun-1880]");
    say_user(region, "motala", "broker", "municipalities=[mun-0583]");
    return 0;
}

static int close_region(void **state)
{
    (void)state;
    region_destroy(&region);
    return 0;
}

static void put_inquiries(unsigned count, const char *fields)
{
    for (unsigned i = 0; i < count; i++)
        say_well(region, "orebro", "put",
                 "kind=inquiry fields={title=\"t %u\" municipality=mun-1880 %s}", i, fields);
}

/* Entries of all pushes that came, and how many frames they came in. */
static unsigned count_entries(const char *who, unsigned *frames)
{
    client_t *client = region_client(region, who);
    const frame_t *frame;
    unsigned entries = 0;

    *frames = 0;
    while ((frame = client_take(client)) != NULL)
        if (frame->type == FRAME_PUSH) {
            (*frames)++;
            entries += frame->body.count;
        }
    return entries;
}

static void all_live_watches_are_told(void **state)
{
    unsigned frames;

    (void)state;
    for (int i = 0; i < 3; i++)
        say_well(region, "motala", "watch", "kinds=[inquiry]");
    say_well(region, "orebro", "watch", "%s", "");
    put_inquiries(5, "");
    assert_int_equal(count_entries("motala", &frames), 15);
    assert_int_equal(count_entries("orebro", &frames), 5);
    assert_int_equal(frames, 5);
}

/* A watch that lags is sent its changes in frames of some 64 KiB, all of them, in order. */
static void who_lags_catches_up_in_slices(void **state)
{
    client_t *motala = region_client(region, "motala");
    unsigned frames;

    (void)state;
    say_well(region, "motala", "watch", "kinds=[inquiry]");
    say_well(region, "admin", "watch", "kinds=[inquiry]");
    client_set_deaf(region, motala, true);
    put_inquiries(500, "target_group=\"a line of text that makes the record a little longer, "
                       "so that some hundreds of them do not fit into one frame of the size "
                       "that a slice has, which is what this test wants to see happen here\"");
    assert_int_equal(count_entries("motala", &frames), 0);
    assert_int_equal(count_entries("admin", &frames), 500);
    client_set_deaf(region, motala, false);
    assert_int_equal(count_entries("motala", &frames), 500);
    assert_true(frames >= 3 && frames < 20);
    /* And then it is live again. */
    put_inquiries(1, "");
    assert_int_equal(count_entries("motala", &frames), 1);
}

/* Credit that runs out in the midst of it stops it there; with more it goes on. */
static void credit_is_kept_to(void **state)
{
    session_t *session;
    client_t *motala = region_client(region, "motala");
    unsigned frames, all = 0, rounds = 0;

    (void)state;
    say_well(region, "motala", "watch", "kinds=[inquiry]");
    client_set_deaf(region, motala, true);
    put_inquiries(400, "target_group=\"another line of text that makes the record longer, "
                       "so that four hundred of them are more than two slices of the journal "
                       "that one watch is sent before the next one has its turn, or thereabouts\"");
    for (session = region_session(region, motala); all < 400 && rounds < 10; rounds++) {
        session_grant(session, (uint64_t)(1 - session->credit));
        region_pass(region, 1000);
        all += count_entries("motala", &frames);
        assert_int_equal(frames, 1);
    }
    assert_int_equal(all, 400);
    assert_true(rounds > 1);
}

static void bookmarks_say_how_far(void **state)
{
    client_t *motala = region_client(region, "motala");

    (void)state;
    say_well(region, "motala", "watch", "kinds=[county]");
    client_clear(motala);
    put_inquiries(3, "");
    assert_null(client_take(motala));
    region_pass(region, 1000);
    const frame_t *frame = client_take(motala);
    assert_non_null(frame);
    assert_int_equal(frame->type, FRAME_BOOKMARK);
    assert_int_equal(frame->revision, region_head(region));
    region_pass(region, 1000);
    assert_null(client_take(motala)); /* nothing new to say */
}

/* Watches that nothing concerns are passed over together; each then stands where it
   would if it had looked, and a new one beside them where it is told to. */
static void who_is_passed_over_misses_nothing(void **state)
{
    client_t *motala = region_client(region, "motala");
    unsigned frames;

    (void)state;
    uint64_t head = region_head(region);
    say_well(region, "motala", "watch", "kinds=[inquiry] municipalities=[mun-0583]");
    put_inquiries(3, "");
    client_clear(motala);
    say_well(region, "motala", "watch", "kinds=[inquiry] since=%u epoch=\"%s\"", (unsigned)head,
             store_epoch(region_environment(region)->store));
    assert_int_equal(count_entries("motala", &frames), 3);
    put_inquiries(2, "");
    assert_int_equal(count_entries("motala", &frames), 2);
    say_well(region, "motala", "unwatch", "watch=2");
    put_inquiries(1, "");
    say_well(region, "motala", "put", "kind=inquiry fields={title=x municipality=mun-0583}");
    assert_int_equal(count_entries("motala", &frames), 1);
}

/* Bookmarks that came since the last time, to 17 sessions with 16 watches each. */
static unsigned take_bookmarks(bool all)
{
    unsigned told = 0;
    char name[16];

    feed_bookmarks(&region->feed, all);
    region_settle(region);
    for (unsigned i = 0; i < 17; i++) {
        snprintf(name, sizeof name, "viewer%u", i);
        while (client_take(region_client(region, name)) != NULL)
            told++;
    }
    return told;
}

/* Some hundred bookmarks at a time, until everyone has one; so too when all get one. */
static void nobody_waits_for_bookmarks(void **state)
{
    char name[16];

    (void)state;
    for (unsigned i = 0; i < 17; i++) {
        snprintf(name, sizeof name, "viewer%u", i);
        say_user(region, name, "viewer", "municipalities=[mun-0583]");
        for (unsigned j = 0; j < SESSION_WATCHES_MAX; j++)
            say_well(region, name, "watch", "kinds=[county]");
    }
    put_inquiries(1, "");
    assert_int_equal(take_bookmarks(false), 16 * SESSION_WATCHES_MAX);
    assert_int_equal(take_bookmarks(false), SESSION_WATCHES_MAX);
    assert_int_equal(take_bookmarks(false), 0);
    assert_int_equal(take_bookmarks(true), 16 * SESSION_WATCHES_MAX);
    assert_int_equal(take_bookmarks(true), SESSION_WATCHES_MAX);
    assert_int_equal(take_bookmarks(false), 0);
}

/* What comes while a watch lags is not told before what it lags behind, although there
   is credit again. */
static void nothing_is_told_ahead(void **state)
{
    client_t *motala = region_client(region, "motala");
    unsigned frames;

    (void)state;
    say_well(region, "motala", "watch", "kinds=[inquiry]");
    client_set_deaf(region, motala, true);
    put_inquiries(3, "");
    region_session(region, motala)->credit = SESSION_CREDIT_FIRST;
    put_inquiries(1, "");
    assert_int_equal(count_entries("motala", &frames), 4);
}

/* Who catches up with nothing to see hears at once how far that was: a mirror waits. */
static void a_bookmark_ends_the_catching_up(void **state)
{
    client_t *motala = region_client(region, "motala");

    (void)state;
    say_well(region, "motala", "watch", "kinds=[inquiry] mine=true");
    client_set_deaf(region, motala, true);
    put_inquiries(3, "");
    client_clear(motala);
    client_set_deaf(region, motala, false);
    const frame_t *frame = client_take(motala);
    assert_non_null(frame);
    assert_int_equal(frame->type, FRAME_BOOKMARK);
    assert_int_equal(frame->revision, region_head(region));
}

/* A change that shows or hides more than can be told one by one ends the watch: its
   client takes a snapshot. */
static void too_much_at_once_ends_the_watch(void **state)
{
    client_t *motala = region_client(region, "motala");
    char rows[16384] = "";

    (void)state;
    value_t inquiry =
        say_well(region, "orebro", "put", "kind=inquiry fields={title=x municipality=mun-1880}");
    const char *id = value_get_text(&inquiry, "id");
    for (int i = 0; i < 51; i++)
        strcat(rows, arena_format(region_arena(region), "{fields={what=w about=%s}} ", id));
    for (int i = 0; i < 20; i++)
        say_well(region, "orebro", "import", "kind=task rows=[%s]", rows);
    say_well(region, "motala", "watch", "kinds=[task] municipalities=[mun-0513]");
    client_clear(motala);
    say_well(region, "orebro", "patch", "id=%s fields={discreet=true}", id);
    const frame_t *frame = client_take(motala);
    assert_non_null(frame);
    assert_int_equal(frame->type, FRAME_END);
    assert_string_equal(frame->code, "compacted");
    say_badly(region, "motala", ERROR_NOT_FOUND, "unwatch", "watch=1");
    value_t listed = say_well(region, "motala", "list", "kind=task");
    assert_int_equal(value_get(&listed, "records")->count, 0);
}

/* Who hangs up is noticed when something is sent. */
static void who_is_gone_is_forgotten(void **state)
{
    client_t *motala = region_client(region, "motala");

    (void)state;
    say_well(region, "motala", "watch", "kinds=[inquiry]");
    assert_non_null(region_session(region, motala));
    region_hang_up(region, motala);
    put_inquiries(1, "");
    assert_null(region_session(region, motala));
    put_inquiries(1, "");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_region, close_region)
    const struct CMUnitTest tests[] = {
        TEST(all_live_watches_are_told),
        TEST(who_lags_catches_up_in_slices),
        TEST(credit_is_kept_to),
        TEST(bookmarks_say_how_far),
        TEST(who_is_passed_over_misses_nothing),
        TEST(nobody_waits_for_bookmarks),
        TEST(nothing_is_told_ahead),
        TEST(a_bookmark_ends_the_catching_up),
        TEST(too_much_at_once_ends_the_watch),
        TEST(who_is_gone_is_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
