#include "say.h"

#include "config.h"
#include "identity.h"
#include "init.h"
#include "invitation.h"
#include "replay.h"
#include "server_key.h"

#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zmq.h>

#include <cmocka.h>

static char parent[256], directory[300], output[512];

static int make_directory(void **state)
{
    const char *temporary = getenv("TMPDIR");

    (void)state;
    assert_true(schema_start());
    snprintf(parent, sizeof parent, "%s/samverk-XXXXXX", temporary != NULL ? temporary : "/tmp");
    assert_non_null(mkdtemp(parent));
    snprintf(directory, sizeof directory, "%s/data", parent);
    return 0;
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *at)
{
    (void)status, (void)type, (void)at;
    return remove(path);
}

static int remove_directory(void **state)
{
    (void)state;
    return nftw(parent, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* Run it and keep what it prints on stdout in `output`. */
static int init(const char *address)
{
    char path[300];
    int own = dup(STDOUT_FILENO), own_error = dup(STDERR_FILENO);

    snprintf(path, sizeof path, "%s/output", parent);
    fflush(stdout);
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    int nothing = open("/dev/null", O_WRONLY | O_CLOEXEC);
    assert_true(dup2(file, STDOUT_FILENO) >= 0 && dup2(nothing, STDERR_FILENO) >= 0);
    int status = init_region(directory, "Östra Mellansverige", "tcp://127.0.0.1:7761", address,
                             &clock_system);
    fflush(stdout);
    dup2(own, STDOUT_FILENO);
    dup2(own_error, STDERR_FILENO);
    close(own);
    close(own_error);
    close(file);
    close(nothing);
    FILE *in = fopen(path, "re");
    assert_non_null(in);
    size_t size = fread(output, 1, sizeof output - 1, in);
    output[size] = '\0';
    fclose(in);
    return status;
}

/* The last line is an invitation to the first user, who administers, coordinates and
   answers for people's data until that is divided. */
static void a_region_begins_with_one_invitation(void **state)
{
    arena_t *arena = arena_new();
    unsigned char server_public[32], server_secret[32], public_key[32];
    char why[512], public_text[41], secret_text[41], file[400];
    invitation_t invitation;
    error_t error = {0};
    config_t config;

    (void)state;
    assert_int_equal(init("tcp://samverk.example.se:7761"), 0);
    assert_true(invitation_read(&invitation, output, arena, &error));
    assert_string_equal(invitation.address, "tcp://samverk.example.se:7761");
    assert_true(server_key_load(directory, server_public, server_secret, why, sizeof why));
    assert_memory_equal(invitation.server_key, server_public, 32);
    snprintf(file, sizeof file, "%s/samverkd.conf", directory);
    config = config_defaults;
    assert_true(config_read(&config, file, why, sizeof why));

    zmq_z85_encode(secret_text, invitation.secret_key, 32);
    assert_int_equal(zmq_curve_public(public_text, secret_text), 0);
    zmq_z85_decode(public_key, public_text);
    store_options_t options = {.directory = directory, .map_size = (size_t)1 << 30};
    store_t *store = store_open(&options, why, sizeof why);
    assert_non_null(store);
    assert_string_equal(store_region(store), "Östra Mellansverige");
    store_txn_t *txn = store_read(store);
    assert_int_equal(store_head(txn), 1);
    uint64_t now = clock_utc_ms(&clock_system);
    const access_t *access = access_of_key(txn, public_key, now, arena);
    assert_true(access->invitation);
    access = access_of_user(txn, &access->user, now, arena);
    assert_int_equal(access->roles,
                     ROLE_BIT(ROLE_admin) | ROLE_BIT(ROLE_coordinator) | ROLE_BIT(ROLE_privacy));
    for (size_t i = 0; i < access->n_rights; i++)
        assert_true(access->rights[i].whole);
    store_abort(&txn);
    store_close(&store);
    assert_int_equal(replay_check(directory, stderr), 0);
    arena_destroy(&arena);
}

/* A second time nothing is made anew. */
static void a_region_is_made_once(void **state)
{
    unsigned char public_key[32], before[32], after[32];
    char why[512];

    (void)state;
    assert_int_equal(init(NULL), 0);
    assert_true(server_key_load(directory, public_key, before, why, sizeof why));
    assert_non_null(strstr(output, "samverk:"));
    assert_int_not_equal(init(NULL), 0);
    assert_null(strstr(output, "samverk:"));
    assert_true(server_key_load(directory, public_key, after, why, sizeof why));
    assert_memory_equal(before, after, 32);
    assert_int_equal(replay_check(directory, stderr), 0);
}

static void nowhere_is_no_place(void **state)
{
    (void)state;
    snprintf(directory, sizeof directory, "%s/no/such/place", parent);
    assert_int_not_equal(init(NULL), 0);
    assert_string_equal(output, "");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_directory, remove_directory)
    const struct CMUnitTest tests[] = {
        TEST(a_region_begins_with_one_invitation),
        TEST(a_region_is_made_once),
        TEST(nowhere_is_no_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
