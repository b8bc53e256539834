#include "background.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

static int niceness(void)
{
    return getpriority(PRIO_PROCESS, (id_t)gettid());
}

static void *work(void *context)
{
    int *seen = context;

    background_begin();
    *seen = niceness();
    return NULL;
}

/* The thread that asks for it, and no other. */
static void one_thread_yields(void **state)
{
    int before = niceness(), seen = 0;
    pthread_t thread;

    (void)state;
    assert_int_equal(pthread_create(&thread, NULL, work, &seen), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(seen, before > 10 ? before : 10);
    assert_int_equal(niceness(), before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(one_thread_yields)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
