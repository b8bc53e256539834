#include "pool_fixture.h"

#include <string.h>

static void as_school(const char *organisation)
{
    say_user(region, "school", "provider",
             arena_format(region_arena(region), "organisations=[%s]", organisation));
}

static const char *request_of(const char *provider, const char *more)
{
    value_t made = say_well(region, "motala", "put",
                            "kind=offer fields={title=o inquiry=inq-2 provider=%s request=r "
                            "notes=secret %s}",
                            provider, more);
    return value_get_text(&made, "id");
}

/* All that a provider is asked, and answers, and nothing else: of a discreet inquiry
   neither that, nor what brokers note, nor what others are asked. */
static void a_provider_sees_its_requests(void **state)
{
    (void)state;
    const char *school = put("organisation", "name=School types=[provider]");
    const char *rival = put("organisation", "name=Rival types=[provider]");
    as_school(school);
    const char *own = request_of(school, ""), *other = request_of(rival, "");
    value_t seen = say_well(region, "school", "get", "id=%s", own);
    say_expect(region, &seen, "{fields={title=o inquiry=inq-2 request=r notes=nil}}");
    say_badly(region, "school", ERROR_NOT_FOUND, "get", "id=%s", other);
    say_badly(region, "school", ERROR_NOT_FOUND, "get", "id=inq-2");
    say_badly(region, "school", ERROR_NOT_FOUND, "get", "id=poo-1");
    seen = say_well(region, "school", "list", "kind=offer");
    say_expect(region, &seen, arena_format(region_arena(region), "{records=[{id=%s}]}", own));
    seen = say_well(region, "school", "count", "kind=offer");
    say_expect(region, &seen, "{count=1}");
}

/* A learning centre that teaches, and that others' offers are asked by. */
static void its_own_requests_are_no_ones_offers(void **state)
{
    (void)state;
    as_school("org-2");
    const char *other = request_of("org-1", "unit=org-2");
    say_badly(region, "school", ERROR_NOT_FOUND, "get", "id=%s", other);
    say_well(region, "school", "get", "id=%s", request_of("org-2", "unit=org-1"));
}

static void a_provider_answers(void **state)
{
    (void)state;
    as_school("org-1");
    const char *id = request_of("org-1", "valid_until=2026-04-01");
    value_t moved = say_well(region, "school", "move", "id=%s verb=receive fields={content=c}", id);
    say_expect(region, &moved, "{fields={state=received content=c notes=nil}}");
    static const char *const verbs[] = {"send", "withdraw"};
    error_t error =
        say_badly(region, "school", ERROR_NOT_ALLOWED, "move", "id=%s verb=%s", id, verbs[0]);
    assert_string_equal(error.field, "verb");
    say_well(region, "motala", "move", "id=%s verb=send", id);
    say_badly(region, "school", ERROR_NOT_ALLOWED, "move", "id=%s verb=accept", id);
    say_badly(region, "school", ERROR_NOT_ALLOWED, "move", "id=%s verb=reject", id);
    say_well(region, "school", "move", "id=%s verb=%s", id, verbs[1]);
}

static void a_provider_writes_answers_alone(void **state)
{
    static const char *const asked[] = {
        "title=t",    "request=q", "answer_by=2026-05-01", "procurement=exempt",
        "unit=org-1", "tags=[t]"};

    (void)state;
    as_school("org-1");
    const char *id = request_of("org-1", "");
    say_well(region, "school", "patch", "id=%s fields={price=100 content=c goals=g}", id);
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
        error_t error = say_badly(region, "school", ERROR_NOT_ALLOWED, "patch", "id=%s fields={%s}",
                                  id, asked[i]);
        assert_memory_equal(error.field, asked[i], strlen(error.field));
        assert_string_equal(error.expected, "whoever asked for the offer");
    }
    say_badly(region, "school", ERROR_NOT_ALLOWED, "patch", "id=%s fields={provider=org-2}", id);
    say_badly(region, "school", ERROR_NOT_ALLOWED, "patch", "id=%s fields={notes=n}", id);
    error_t error = say_badly(region, "school", ERROR_NOT_ALLOWED, "delete", "id=%s", id);
    assert_string_equal(error.expected, "the move withdraw");
    /* Whoever is a broker there, too, writes as one. */
    say_well(region, "admin", "put",
             "kind=grant fields={user=usr-4 role=broker municipalities=[mun-0583]}");
    say_well(region, "school", "patch", "id=%s fields={request=q}", id);
}

/* Nothing is asked of oneself. */
static void a_provider_makes_no_offers(void **state)
{
    (void)state;
    as_school("org-1");
    say_badly(region, "school", ERROR_REFERENCE, "put",
              "kind=offer fields={title=o pool=poo-1 provider=org-1}");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_pool, close_region)
    const struct CMUnitTest tests[] = {
        TEST(a_provider_sees_its_requests), TEST(its_own_requests_are_no_ones_offers),
        TEST(a_provider_answers),           TEST(a_provider_writes_answers_alone),
        TEST(a_provider_makes_no_offers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
