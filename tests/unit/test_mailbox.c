#include "mailbox.h"

#include <czmq.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define LETTERS 10000u

/* Hands back what it gets, counted up, until it gets nothing. */
static void echo(zsock_t *pipe, void *context)
{
    void *socket = zsock_resolve(pipe);
    unsigned *letter;

    (void)context;
    zsock_signal(pipe, 0);
    while ((letter = mailbox_receive(socket, 1)) != NULL) {
        (*letter)++;
        mailbox_send(socket, letter);
    }
}

static void pointers_come_back_in_order(void **state)
{
    static unsigned letters[LETTERS];
    zsys_set_pipehwm(0);
    zactor_t *actor = zactor_new(echo, NULL);
    void *socket = zsock_resolve(actor);

    (void)state;
    assert_null(mailbox_receive(socket, 0));
    for (unsigned i = 0; i < LETTERS; i++) {
        letters[i] = i;
        mailbox_send(socket, &letters[i]);
    }
    for (unsigned i = 0; i < LETTERS; i++) {
        unsigned *letter = mailbox_receive(socket, 1);
        assert_ptr_equal(letter, &letters[i]);
        assert_int_equal(*letter, i + 1);
    }
    assert_null(mailbox_receive(socket, 0));
    mailbox_send(socket, NULL);
    zactor_destroy(&actor);
}

/* What is no pointer is nothing. */
static void other_messages_are_nothing(void **state)
{
    void *context = zmq_ctx_new();
    void *one = zmq_socket(context, ZMQ_PAIR);
    void *other = zmq_socket(context, ZMQ_PAIR);

    (void)state;
    assert_int_equal(zmq_bind(one, "inproc://pair"), 0);
    assert_int_equal(zmq_connect(other, "inproc://pair"), 0);
    assert_int_equal(zmq_send(other, "abc", 3, 0), 3);
    assert_null(mailbox_receive(one, 1));
    zmq_close(one);
    zmq_close(other);
    zmq_ctx_term(context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pointers_come_back_in_order),
        cmocka_unit_test(other_messages_are_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
