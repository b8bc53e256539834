#include "session.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <zmq.h>

#include <cmocka.h>

#define MOST 60u
#define OF_A_KEY 32u

static void *context, *router;
static sessions_t *sessions;
static unsigned char key[32] = "a key", other_key[32] = "another";

static int open_sessions(void **state)
{
    int mandatory = 1;

    (void)state;
    context = zmq_ctx_new();
    router = zmq_socket(context, ZMQ_ROUTER);
    zmq_setsockopt(router, ZMQ_ROUTER_MANDATORY, &mandatory, sizeof mandatory);
    assert_int_equal(zmq_bind(router, "inproc://sessions"), 0);
    sessions = sessions_new(router, MOST);
    return 0;
}

static int close_sessions(void **state)
{
    (void)state;
    sessions_destroy(&sessions);
    assert_null(sessions);
    zmq_close(router);
    zmq_ctx_term(context);
    return 0;
}

static session_t *open_one(unsigned number, const unsigned char *public_key)
{
    char route[16];

    snprintf(route, sizeof route, "peer %u", number);
    return sessions_open(sessions, route, strlen(route), public_key, number);
}

static session_t *find_one(unsigned number)
{
    char route[16];

    snprintf(route, sizeof route, "peer %u", number);
    return sessions_find(sessions, route, strlen(route));
}

static void one_is_found_by_route_and_number(void **state)
{
    (void)state;
    session_t *one = open_one(1, key);
    session_t *two = open_one(2, key);
    assert_int_not_equal(one->number, two->number);
    assert_int_equal(one->credit, SESSION_CREDIT_FIRST);
    assert_ptr_equal(find_one(1), one);
    assert_ptr_equal(find_one(2), two);
    assert_null(find_one(3));
    assert_ptr_equal(sessions_by_number(sessions, two->number), two);
    assert_null(sessions_by_number(sessions, 99));

    /* Routing ids are bytes: a NUL is one, and a prefix is another id. */
    session_t *bytes = sessions_open(sessions, "\0a\0b", 4, key, 5);
    assert_ptr_equal(sessions_find(sessions, "\0a\0b", 4), bytes);
    assert_null(sessions_find(sessions, "\0a\0", 3));

    uint64_t number = one->number;
    sessions_close(sessions, &one);
    assert_null(one);
    assert_null(find_one(1));
    assert_null(sessions_by_number(sessions, number));
    assert_ptr_equal(find_one(2), two);
    /* A number is never used again. */
    assert_true(open_one(1, key)->number > number);
}

static void all_are_walked_and_any_closed(void **state)
{
    unsigned count = 0;

    (void)state;
    for (unsigned i = 0; i < 9; i++)
        open_one(i, key);
    session_t *middle = find_one(4), *first = sessions_first(sessions), *last = find_one(0);
    sessions_close(sessions, &middle);
    sessions_close(sessions, &first);
    sessions_close(sessions, &last);
    for (session_t *session = sessions_first(sessions); session != NULL; session = session->next)
        count++;
    assert_int_equal(count, 6);
}

/* The one longest silent makes room, of the same key first; not one that watches. */
static void the_silent_make_room(void **state)
{
    (void)state;
    for (unsigned i = 0; i < OF_A_KEY; i++)
        assert_non_null(open_one(i, key));
    find_one(0)->open = 1;
    assert_non_null(open_one(1000, key));
    assert_non_null(find_one(0));
    assert_null(find_one(1));
    assert_non_null(find_one(2));

    for (unsigned i = 0; i < MOST - OF_A_KEY; i++)
        assert_non_null(open_one(2000 + i, other_key));
    assert_non_null(open_one(3000, other_key));
    assert_null(find_one(2));

    for (session_t *session = sessions_first(sessions); session != NULL; session = session->next)
        session->open = 1;
    assert_null(open_one(4000, other_key));
    assert_null(open_one(4001, key));
}

static void credit_has_a_ceiling(void **state)
{
    (void)state;
    session_t *session = open_one(1, key);
    session_grant(session, 1000);
    assert_int_equal(session->credit, SESSION_CREDIT_FIRST + 1000);
    session_grant(session, UINT64_MAX);
    assert_int_equal(session->credit, SESSION_CREDIT_MAX);
    session->credit = -5000;
    session_grant(session, 6000);
    assert_int_equal(session->credit, 1000);
}

static void what_is_sent_costs_credit(void **state)
{
    void *dealer = zmq_socket(context, ZMQ_DEALER);
    char data[64];

    (void)state;
    zmq_setsockopt(dealer, ZMQ_ROUTING_ID, "peer 1", 6);
    assert_int_equal(zmq_connect(dealer, "inproc://sessions"), 0);
    assert_int_equal(zmq_send(dealer, "x", 1, 0), 1);
    assert_int_equal(zmq_recv(router, data, sizeof data, 0), 6);
    assert_int_equal(zmq_recv(router, data, sizeof data, 0), 1);
    session_t *session = open_one(1, key);
    assert_true(sessions_send(sessions, session, "hello", 5));
    assert_int_equal(session->credit, SESSION_CREDIT_FIRST - 5);
    assert_int_equal(zmq_recv(dealer, data, sizeof data, 0), 5);
    assert_memory_equal(data, "hello", 5);

    /* To nobody: it is said, not lost with the next one's. */
    session_t *gone = open_one(2, key);
    assert_false(sessions_send(sessions, gone, "lost", 4));
    sessions_send_to(sessions, "peer 3", 6, "lost", 4);
    assert_true(sessions_send(sessions, session, "again", 5));
    assert_int_equal(zmq_recv(dealer, data, sizeof data, 0), 5);
    assert_memory_equal(data, "again", 5);
    zmq_close(dealer);
}

static void what_waits_goes_with_its_session(void **state)
{
    (void)state;
    session_t *session = open_one(1, key);
    for (int i = 0; i < 3; i++) {
        arena_t *arena = arena_new();
        job_t *job = arena_alloc(arena, sizeof *job);
        job->arena = arena;
        job->next = session->waiting;
        session->waiting = job;
    }
    sessions_close(sessions, &session); /* the sanitizer sees what is left */
    assert_null(sessions_first(sessions));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_sessions, close_sessions)
    const struct CMUnitTest tests[] = {
        TEST(one_is_found_by_route_and_number),
        TEST(all_are_walked_and_any_closed),
        TEST(the_silent_make_room),
        TEST(credit_has_a_ceiling),
        TEST(what_is_sent_costs_credit),
        TEST(what_waits_goes_with_its_session),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
