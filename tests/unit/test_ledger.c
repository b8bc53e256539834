#include "ledger.h"
#include "synced.h"
#include "temporary_home.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static samverk_profile_t profile = {.name = "default"};

static ledger_t *open_it(void)
{
    ledger_t *ledger = ledger_open(&profile, "organisation", "d1");
    assert_non_null(ledger);
    return ledger;
}

static unsigned char *id_of(unsigned char fill)
{
    static unsigned char id[16];
    memset(id, fill, sizeof id);
    return id;
}

static void goes_on_where_it_stopped(void **state)
{
    (void)state;
    size_t n;
    unsigned char id[16];
    ledger_t *ledger = open_it();
    assert_int_equal(ledger_rows_done(ledger), 0);
    assert_false(ledger_under_way(ledger, &n, id));
    assert_true(ledger_send(ledger, 200, id_of(1)));
    assert_true(ledger_done(ledger));
    assert_true(ledger_send(ledger, 150, id_of(2)));
    ledger_close(&ledger); /* as if the run had been killed */

    ledger = open_it();
    assert_int_equal(ledger_rows_done(ledger), 200);
    assert_true(ledger_under_way(ledger, &n, id));
    assert_int_equal(n, 150);
    assert_memory_equal(id, id_of(2), 16);
    assert_true(ledger_done(ledger));
    assert_true(ledger_send(ledger, 50, id_of(3)));
    assert_true(ledger_refused(ledger));
    ledger_close(&ledger);

    ledger = open_it();
    assert_int_equal(ledger_rows_done(ledger), 350);
    assert_false(ledger_under_way(ledger, &n, id));
    assert_true(ledger_imported(ledger) == 0);
    ledger_finish(ledger);
    ledger_close(&ledger);
    ledger = open_it();
    assert_true(ledger_imported(ledger) > 0);
    assert_int_equal(ledger_rows_done(ledger), 0);
    ledger_close(&ledger);
}

static void is_of_one_file_kind_and_profile(void **state)
{
    (void)state;
    ledger_t *ledger = open_it();
    assert_true(ledger_send(ledger, 10, id_of(1)));
    assert_true(ledger_done(ledger));
    samverk_profile_t other = {.name = "other"};
    ledger_t *ledgers[] = {ledger_open(&profile, "organisation", "d2"),
                           ledger_open(&profile, "place", "d1"),
                           ledger_open(&other, "organisation", "d1")};
    for (size_t i = 0; i < 3; i++) {
        assert_non_null(ledgers[i]);
        assert_int_equal(ledger_rows_done(ledgers[i]), 0);
        ledger_close(&ledgers[i]);
    }
    ledger_finish(ledger);
    ledger_close(&ledger);
}

static void runs_once_at_a_time(void **state)
{
    (void)state;
    ledger_t *ledger = open_it();
    assert_null(ledger_open(&profile, "organisation", "d1"));
    assert_int_equal(errno, EWOULDBLOCK);
    ledger_close(&ledger);
}

static void a_torn_line_is_not_believed(void **state)
{
    (void)state;
    char command[400];
    ledger_t *ledger = open_it();
    assert_true(ledger_send(ledger, 20, id_of(1)));
    assert_true(ledger_done(ledger));
    assert_true(ledger_send(ledger, 30, id_of(2)));
    assert_true(ledger_done(ledger));
    ledger_close(&ledger);
    /* The last line without its end, as a power cut leaves it. */
    snprintf(command, sizeof command, "truncate -s -2 %s/state/samverk/import-*", home);
    assert_int_equal(system(command), 0);
    size_t n;
    unsigned char id[16];
    ledger = open_it();
    assert_int_equal(ledger_rows_done(ledger), 20);
    assert_true(ledger_under_way(ledger, &n, id));
    assert_int_equal(n, 30);
    /* And it can be written on. */
    assert_true(ledger_done(ledger));
    ledger_close(&ledger);
    ledger = open_it();
    assert_int_equal(ledger_rows_done(ledger), 50);
    ledger_finish(ledger);
    ledger_close(&ledger);
}

static void what_follows_a_torn_line_is_gone(void **state)
{
    (void)state;
    char command[400];
    ledger_t *ledger = open_it();
    assert_true(ledger_send(ledger, 20, id_of(1)));
    ledger_close(&ledger);
    /* Just as long as what will be written over it, up to a line that could be ours. */
    snprintf(command, sizeof command,
             "printf '%%044d\\ndone\\n' 0 >> \"$(ls %s/state/samverk/import-*)\"", home);
    assert_int_equal(system(command), 0);
    ledger = open_it();
    assert_true(ledger_done(ledger));
    assert_true(ledger_send(ledger, 5, id_of(2)));
    ledger_close(&ledger);
    size_t n;
    unsigned char id[16];
    ledger = open_it();
    assert_int_equal(ledger_rows_done(ledger), 20);
    assert_true(ledger_under_way(ledger, &n, id));
    assert_int_equal(n, 5);
    ledger_finish(ledger);
    ledger_close(&ledger);
}

/* A ledger that is gone after a power cut would let an import begin anew. */
static void its_name_is_on_disk_before_a_batch_is_sent(void **state)
{
    (void)state;
    char folder[400];
    snprintf(folder, sizeof folder, "%s/state/samverk", home);
    synced_forget();
    ledger_t *ledger = open_it();
    assert_true(synced(folder));
    ledger_close(&ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(goes_on_where_it_stopped),
        cmocka_unit_test(is_of_one_file_kind_and_profile),
        cmocka_unit_test(runs_once_at_a_time),
        cmocka_unit_test(a_torn_line_is_not_believed),
        cmocka_unit_test(what_follows_a_torn_line_is_gone),
        cmocka_unit_test(its_name_is_on_disk_before_a_batch_is_sent),
    };
    return cmocka_run_group_tests(tests, home_make, home_remove);
}
