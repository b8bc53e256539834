#include "pool_fixture.h"

#include <string.h>

static void it_takes_three_steps(void **state)
{
    (void)state;
    const char *id = ask_in("inq-2");
    expect_record(id, "state=asked broker=usr-3 participants=6 employer=nil");
    value_t moved = step("motala", id, "accept");
    say_expect(region, &moved, "{fields={state=anonymous employer=nil}}");
    moved = step("motala", id, "name");
    say_expect(region, &moved, "{fields={state=named employer=org-4}}");
    value_t seen = say_well(region, "orebro", "get", "id=%s", id);
    say_expect(region, &seen, "{fields={employer=org-4}}");
    moved = step("motala", id, "disclose");
    say_expect(region, &moved, "{fields={state=open employer=org-4}}");
    moved = step("motala", id, "leave");
    say_expect(region, &moved, "{fields={state=left employer=nil}}");
}

/* Whoever made the pool asks, and hears; the employer's own broker answers. */
static void the_inquirys_broker_answers(void **state)
{
    static const char *const fields[] = {"said_on=2026-03-14", "said_how=phone", "participants=7"};

    (void)state;
    const char *id = ask_in("inq-2");
    static const char *const verbs[] = {"accept", "decline"};
    for (size_t i = 0; i < 2; i++) {
        error_t error =
            say_badly(region, "orebro", ERROR_NOT_ALLOWED, "move", "id=%s verb=%s", id, verbs[i]);
        assert_string_equal(error.field, "verb");
        assert_string_equal(error.expected, "the inquiry's broker");
    }
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        error_t error = say_badly(region, "orebro", ERROR_NOT_ALLOWED, "patch", "id=%s fields={%s}",
                                  id, fields[i]);
        assert_memory_equal(error.field, fields[i], strlen(error.field));
    }
    say_badly(region, "orebro", ERROR_NOT_ALLOWED, "put",
              "kind=opt_in fields={pool=poo-1 inquiry=inq-2 said_how=phone}");
    say_well(region, "orebro", "patch", "id=%s fields={answer_by=2026-03-20}", id);
    step("motala", id, "accept");
    error_t error = say_badly(region, "orebro", ERROR_NOT_ALLOWED, "delete", "id=%s", id);
    assert_string_equal(error.expected, "the inquiry's broker");
    step("motala", id, "leave");
    say_well(region, "orebro", "delete", "id=%s", id);
}

static void what_it_is_of_stays(void **state)
{
    (void)state;
    const char *id = ask_in("inq-2");
    put("pool", "title=q municipality=mun-1880");
    error_t error =
        say_badly(region, "admin", ERROR_READ_ONLY, "patch", "id=%s fields={pool=poo-2}", id);
    assert_string_equal(error.field, "pool");
    error =
        say_badly(region, "admin", ERROR_READ_ONLY, "patch", "id=%s fields={inquiry=inq-1}", id);
    assert_string_equal(error.field, "inquiry");
}

/* What has ended joins nothing, and nothing joins what has ended. */
static void what_has_ended_is_not_pooled(void **state)
{
    static const char *const ends[] = {"verb=withdraw fields={reason=r}",
                                       "verb=decline fields={reason=r}"};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        const char *inquiry = put("inquiry", "title=x municipality=mun-1880 broker=usr-2");
        say_well(region, "admin", "move", "id=%s %s", inquiry, ends[i]);
        error_t error = say_badly(region, "orebro", ERROR_INVALID, "put",
                                  "kind=opt_in fields={pool=poo-1 inquiry=%s}", inquiry);
        assert_string_equal(error.field, "inquiry");
    }
    say_well(region, "orebro", "move", "id=poo-1 verb=dissolve fields={reason=r}");
    error_t error = say_badly(region, "orebro", ERROR_INVALID, "put",
                              "kind=opt_in fields={pool=poo-1 inquiry=inq-1}");
    assert_string_equal(error.field, "pool");
}

/* Nobody could answer for it. */
static void an_inquiry_without_broker_is_not_asked(void **state)
{
    (void)state;
    put("inquiry", "title=c municipality=mun-0583");
    error_t error = say_badly(region, "orebro", ERROR_INVALID, "put",
                              "kind=opt_in fields={pool=poo-1 inquiry=inq-3}");
    assert_string_equal(error.field, "inquiry");
    assert_string_equal(error.expected, "an inquiry that has a broker: acknowledge it first");
}

/* Asked by two, in one. */
static void an_inquiry_is_in_one_pool(void **state)
{
    (void)state;
    const char *first = ask_in("inq-1");
    error_t error = say_badly(region, "orebro", ERROR_DUPLICATE, "put",
                              "kind=opt_in fields={pool=poo-1 inquiry=inq-1}");
    assert_string_equal(error.field, "inquiry");
    say_well(region, "orebro", "put", "kind=pool fields={title=q municipality=mun-1880}");
    value_t made =
        say_well(region, "orebro", "put", "kind=opt_in fields={pool=poo-2 inquiry=inq-1}");
    const char *second = value_get_text(&made, "id");
    step("orebro", first, "accept");
    error = say_badly(region, "orebro", ERROR_DUPLICATE, "move",
                      "id=%s verb=accept fields={said_on=2026-03-14 said_how=phone}", second);
    assert_string_equal(error.field, "inquiry");
    assert_string_equal(error.expected, "an inquiry that is in no pool; this one is in poo-1");
    step("orebro", first, "leave");
    step("orebro", second, "accept");
    say_well(region, "orebro", "move", "id=poo-2 verb=dissolve fields={reason=r}");
    ask_in("inq-1");
}

/* Of a discreet one only its own broker is told why. */
static void some_are_not_taken_together(void **state)
{
    (void)state;
    say_well(region, "orebro", "patch", "id=poo-1 fields={not_with=[org-3 org-4]}");
    error_t error = say_badly(region, "orebro", ERROR_INVALID, "put",
                              "kind=opt_in fields={pool=poo-1 inquiry=inq-1}");
    assert_string_equal(error.field, "inquiry");
    const char *id = ask_in("inq-2");
    say_badly(region, "motala", ERROR_INVALID, "move",
              "id=%s verb=accept fields={said_on=2026-03-14 said_how=phone}", id);
    /* By whichever name. */
    put("organisation", "name=Other types=[employer] municipality=mun-0583");
    say_well(region, "orebro", "patch", "id=poo-1 fields={not_with=[org-5]}");
    say_well(region, "admin", "patch", "id=org-4 fields={merged_into=org-5}");
    say_badly(region, "motala", ERROR_INVALID, "move",
              "id=%s verb=accept fields={said_on=2026-03-14 said_how=phone}", id);
    say_well(region, "admin", "patch", "id=org-4 fields={merged_into=nil}");
    step("motala", id, "accept");
}

static void seats_are_not_oversold(void **state)
{
    (void)state;
    say_well(region, "orebro", "patch", "id=poo-1 fields={maximum=13}");
    step("orebro", ask_in("inq-1"), "accept");
    const char *id = ask_in("inq-2");
    error_t error = say_badly(region, "motala", ERROR_INVALID, "move",
                              "id=%s verb=accept fields={said_on=2026-03-14 said_how=phone}", id);
    assert_string_equal(error.field, "participants");
    assert_string_equal(error.expected, "as many as are left: 5");
    say_well(region, "motala", "move",
             "id=%s verb=accept fields={said_on=2026-03-14 said_how=phone participants=5}", id);
    say_badly(region, "motala", ERROR_INVALID, "patch", "id=%s fields={participants=6}", id);
    error =
        say_badly(region, "motala", ERROR_REQUIRED, "patch", "id=%s fields={participants=nil}", id);
    assert_string_equal(error.field, "participants");
}

/* Who said so is somebody at the employer. */
static void a_discreet_yes_has_no_name(void **state)
{
    (void)state;
    const char *person = put("person", "name=n organisation=org-4");
    const char *id = ask_in("inq-2");
    error_t error = say_badly(region, "motala", ERROR_NOT_ALLOWED, "move",
                              "id=%s verb=accept fields={said_on=2026-03-14 said_how=phone "
                              "said_by=%s}",
                              id, person);
    assert_string_equal(error.field, "said_by");
    step("motala", id, "accept");
    say_well(region, "motala", "move",
             "id=%s verb=name fields={said_on=2026-03-14 said_how=phone said_by=%s}", id, person);
    step("motala", id, "leave");
    expect_record(id, "said_by=nil");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_pool, close_region)
    const struct CMUnitTest tests[] = {
        TEST(it_takes_three_steps),
        TEST(the_inquirys_broker_answers),
        TEST(what_it_is_of_stays),
        TEST(what_has_ended_is_not_pooled),
        TEST(an_inquiry_without_broker_is_not_asked),
        TEST(an_inquiry_is_in_one_pool),
        TEST(some_are_not_taken_together),
        TEST(seats_are_not_oversold),
        TEST(a_discreet_yes_has_no_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
