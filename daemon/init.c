#include "init.h"

#include "config.h"
#include "draft.h"
#include "invitation.h"
#include "server_key.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zmq.h>

#define FIRST_INVITATION_MS (7ull * 24 * 60 * 60 * 1000)

/* Administration, coordination and data protection in one hand, to be divided once
   there are more (DOMAIN: roles and rights). */
static const char *const first_roles[] = {"admin", "coordinator", "privacy"};

static void add_first_user(draft_t *draft, const unsigned char public_key[32], uint64_t expires)
{
    arena_t *arena = draft_arena(draft);
    record_t *user = draft_new_record(draft, schema_kind("user"));

    record_set(user, "name", value_text("administrator"));
    for (size_t i = 0; i < sizeof first_roles / sizeof *first_roles; i++) {
        record_t *grant = draft_new_record(draft, schema_kind("grant"));
        record_set(grant, "user", value_text(user->id.text));
        record_set(grant, "role", value_text(first_roles[i]));
        record_set(grant, "whole", value_boolean(true));
    }
    record_t *key = draft_new_record(draft, schema_kind("key"));
    record_set(key, "user", value_text(user->id.text));
    record_set(key, "public_key", value_bytes(arena_copy(arena, public_key, 32), 32));
    record_set(key, "state", value_text("invited"));
    record_set(key, "expires", value_integer((int64_t)expires));
}

static bool write_first_revision(store_t *store, const clock_face_t *clock,
                                 const unsigned char public_key[32], uint64_t expires)
{
    arena_t *arena = arena_new();
    uint64_t now_ms = clock_utc_ms(clock);
    store_txn_t *txn = store_write(store);
    bool good = false;

    if (txn != NULL) {
        error_t error = {0};
        draft_t *draft = draft_new(txn, &access_daemon, now_ms, arena);
        batch_t batch = {.time_ms = now_ms, .actor = ""};
        add_first_user(draft, public_key, expires);
        batch.operations = draft_finish(draft, &batch.n_operations, &error);
        good = batch.operations != NULL && store_apply(txn, &batch) != 0;
        if (good)
            good = store_commit(&txn) == 0;
        else
            store_abort(&txn);
    }
    arena_destroy(&arena);
    return good;
}

static int fail(const char *why)
{
    fprintf(stderr, "samverkd: %s\n", why);
    return 1;
}

/* tcp://HOST:PORT */
static bool is_address(const char *text)
{
    const char *colon = strrchr(text, ':');

    if (strncmp(text, "tcp://", 6) != 0 || colon == NULL || colon <= text + 6)
        return false;
    unsigned long port = strtoul(colon + 1, NULL, 10);
    return strspn(colon + 1, "0123456789") == strlen(colon + 1) && port >= 1 && port <= 65535;
}

/* An address to listen on, but none to call: an invitation must not name it. */
static bool is_everywhere(const char *listen)
{
    return strncmp(listen, "tcp://0.0.0.0:", 14) == 0 || strncmp(listen, "tcp://*:", 8) == 0 ||
           strncmp(listen, "tcp://[::]:", 11) == 0;
}

static void print_invitation(const char *address, const unsigned char server_key[32],
                             const unsigned char secret_key[32], uint64_t expires)
{
    arena_t *arena = arena_new();
    invitation_t invitation = {.address = address, .expires = (int64_t)expires};

    memcpy(invitation.server_key, server_key, 32);
    memcpy(invitation.secret_key, secret_key, 32);
    printf("%s\n", invitation_write(&invitation, arena));
    arena_destroy(&arena);
}

int init_region(const char *directory, const char *region, const char *listen, const char *address,
                const clock_face_t *clock)
{
    unsigned char server_public[32], server_secret[32], public_key[32], secret_key[32];
    char why[4352] = "", file[4096], public_text[41], secret_text[41];
    uint64_t expires = clock_utc_ms(clock) + FIRST_INVITATION_MS;
    config_t config;

    if (!is_address(listen) || (address != NULL && !is_address(address)))
        return fail("tcp://ADDRESS:PORT expected for --listen and --address");
    if (address == NULL && is_everywhere(listen))
        return fail("--address expected: what clients call this machine by, tcp://HOST:PORT");
    if (mkdir(directory, 0700) != 0 && errno != EEXIST) {
        snprintf(why, sizeof why, "%s: %s", directory, strerror(errno));
        return fail(why);
    }
    if (zmq_curve_keypair(public_text, secret_text) != 0)
        return fail("no key pair can be made");
    zmq_z85_decode(public_key, public_text);
    zmq_z85_decode(secret_key, secret_text);

    store_options_t options = {.directory = directory, .region = region, .create = true};
    store_t *store = store_open(&options, why, sizeof why);
    if (store == NULL)
        return fail(why);
    bool good = server_key_create(directory, server_public, server_secret, why, sizeof why) &&
                write_first_revision(store, clock, public_key, expires);
    store_close(&store);
    if (!good)
        return fail(*why ? why : "the first revision cannot be written");

    config = config_defaults;
    snprintf(config.listen, sizeof config.listen, "%s", listen);
    snprintf(file, sizeof file, "%s/samverkd.conf", directory);
    int failed = config_write(&config, file);
    if (failed != 0) {
        snprintf(why, sizeof why, "%s: %s", file, strerror(failed));
        return fail(why);
    }
    fprintf(stderr,
            "%s is ready in %s. Start it: samverkd run --data %s\n"
            "Whoever joins with this invitation within seven days administers it:\n",
            region, directory, directory);
    print_invitation(address != NULL ? address : listen, server_public, secret_key, expires);
    return 0;
}
