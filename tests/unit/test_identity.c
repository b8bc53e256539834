#include "say.h"

#include "identity.h"
#include "log.h"
#include "server_key.h"

#include <czmq.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static region_t *region;

static int open_region(void **state)
{
    (void)state;
    unsetenv("CREDENTIALS_DIRECTORY");
    log_start(LOG_LEVEL_ERROR, 0);
    region = region_new();
    return 0;
}

static int close_region(void **state)
{
    (void)state;
    region_destroy(&region);
    return 0;
}

static void a_user_id_is_a_key_in_hexadecimal(void **state)
{
    static const char *const wrong[] = {
        "",
        "ab",
        "gg00000000000000000000000000000000000000000000000000000000000000",
        "000000000000000000000000000000000000000000000000000000000000000",
        "00000000000000000000000000000000000000000000000000000000000000000",
        " +00000000000000000000000000000000000000000000000000000000000000",
        "0x00000000000000000000000000000000000000000000000000000000000000",
    };
    unsigned char key[32], expected[32];
    char text[65];

    (void)state;
    region_key("someone", expected);
    for (int i = 0; i < 32; i++)
        snprintf(text + 2 * i, 3, "%02x", expected[i]);
    assert_true(identity_key(text, key));
    assert_memory_equal(key, expected, 32);
    assert_false(identity_key(NULL, key));
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(identity_key(wrong[i], key));
}

static void the_servers_key_is_made_once(void **state)
{
    unsigned char public_key[32], secret_key[32], public_again[32], secret_again[32];
    char why[512] = "", path[512];
    struct stat status;
    const char *directory = region_directory(region);

    (void)state;
    assert_false(server_key_load(directory, public_key, secret_key, why, sizeof why));
    assert_non_null(strstr(why, "server.secret"));
    assert_true(server_key_create(directory, public_key, secret_key, why, sizeof why));
    snprintf(path, sizeof path, "%s/server.secret", directory);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_true(server_key_load(directory, public_again, secret_again, why, sizeof why));
    assert_memory_equal(public_key, public_again, 32);
    assert_memory_equal(secret_key, secret_again, 32);

    /* Never over one that is there. */
    assert_false(server_key_create(directory, public_again, secret_again, why, sizeof why));
    assert_true(server_key_load(directory, public_again, secret_again, why, sizeof why));
    assert_memory_equal(secret_key, secret_again, 32);

    /* What systemd hands over goes first. */
    char credentials[512];
    snprintf(credentials, sizeof credentials, "%s/credentials", directory);
    assert_int_equal(mkdir(credentials, 0700), 0);
    assert_true(server_key_create(credentials, public_again, secret_again, why, sizeof why));
    assert_memory_not_equal(secret_key, secret_again, 32);
    setenv("CREDENTIALS_DIRECTORY", credentials, 1);
    assert_true(server_key_load(directory, public_key, secret_key, why, sizeof why));
    assert_memory_equal(secret_key, secret_again, 32);
    unsetenv("CREDENTIALS_DIRECTORY");
}

static void a_damaged_key_is_no_key(void **state)
{
    static const char *const wrong[] = {"", "short",
                                        "not z85 at all, but forty characters \"\"\"\"",
                                        "0000000000000000000000000000000000000000000000000"};
    unsigned char public_key[32], secret_key[32];
    char why[512], path[512];

    (void)state;
    snprintf(path, sizeof path, "%s/server.secret", region_directory(region));
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        FILE *out = fopen(path, "we");
        assert_non_null(out);
        fputs(wrong[i], out);
        fclose(out);
        assert_false(
            server_key_load(region_directory(region), public_key, secret_key, why, sizeof why));
    }
}

/* -- the door ---------------------------------------------------------------------- */

typedef struct {
    unsigned char public_key[32], secret_key[32];
} pair_t;

static pair_t make_pair(void)
{
    char public_text[41], secret_text[41];
    pair_t pair;

    assert_int_equal(zmq_curve_keypair(public_text, secret_text), 0);
    zmq_z85_decode(pair.public_key, public_text);
    zmq_z85_decode(pair.secret_key, secret_text);
    return pair;
}

/* The User-Id that the router sees of one who connects and says something; "" when
   nothing comes through. */
static const char *knock(void *router, const char *endpoint, const pair_t *server,
                         const pair_t *client, int patience_ms)
{
    static char user_id[128];
    void *dealer = zmq_socket(zsys_init(), ZMQ_DEALER);
    const int at_once = 0;
    zmq_msg_t route, data;

    zmq_setsockopt(dealer, ZMQ_LINGER, &at_once, sizeof at_once);
    if (client != NULL) {
        zmq_setsockopt(dealer, ZMQ_CURVE_SERVERKEY, server->public_key, 32);
        zmq_setsockopt(dealer, ZMQ_CURVE_PUBLICKEY, client->public_key, 32);
        zmq_setsockopt(dealer, ZMQ_CURVE_SECRETKEY, client->secret_key, 32);
    }
    assert_int_equal(zmq_connect(dealer, endpoint), 0);
    zmq_send(dealer, "knock", 5, ZMQ_DONTWAIT);
    zmq_setsockopt(router, ZMQ_RCVTIMEO, &patience_ms, sizeof patience_ms);
    *user_id = '\0';
    zmq_msg_init(&route);
    zmq_msg_init(&data);
    if (zmq_msg_recv(&route, router, 0) >= 0 && zmq_msg_recv(&data, router, 0) >= 0)
        snprintf(user_id, sizeof user_id, "%s", zmq_msg_gets(&data, "User-Id"));
    zmq_msg_close(&route);
    zmq_msg_close(&data);
    zmq_close(dealer);
    return user_id;
}

#define SOON_MS 10000
#define NEVER_MS 400

/* Keys that the record knows come in, under their own name; no others, and nobody
   without one, nor once the handler is gone. */
static void only_known_keys_come_in(void **state)
{
    pair_t server = make_pair(), known = make_pair(), invited = make_pair(), stranger = make_pair(),
           other = make_pair();
    char why[256] = "", endpoint[256];
    size_t size = sizeof endpoint;
    unsigned char key[32];

    (void)state;
    arena_t *arena = region_arena(region);
    value_builder_t arguments = value_builder(arena);
    value_add_pair(&arguments, "name", value_text("invited"));
    value_add_pair(&arguments, "role", value_text("viewer"));
    value_add_pair(&arguments, "public_key", value_bytes(invited.public_key, 32));
    request_t invite = {.command = "invite", .arguments = value_build_map(&arguments)};
    client_t *admin = region_client(region, "admin");
    assert_int_equal(region_ask(region, admin, &invite).error.code, ERROR_NONE);
    arguments = value_builder(arena);
    value_t fields = say_value(region, "{user=usr-2}");
    value_builder_t with_key = value_builder(arena);
    value_add_pair(&with_key, "user", *value_get(&fields, "user"));
    value_add_pair(&with_key, "public_key", value_bytes(known.public_key, 32));
    value_add_pair(&arguments, "kind", value_text("key"));
    value_add_pair(&arguments, "fields", value_build_map(&with_key));
    request_t put = {.command = "put", .arguments = value_build_map(&arguments)};
    reply_t reply = region_ask(region, admin, &put);
    assert_int_equal(reply.error.code, ERROR_NONE);
    const char *key_id = value_get_text(&reply.result, "id");

    identity_t *identity = identity_new(region_environment(region));
    assert_non_null(identity);
    void *router = identity_router(server.secret_key, zsys_init(), why, sizeof why);
    assert_non_null(router);
    assert_int_equal(zmq_bind(router, "tcp://127.0.0.1:*"), 0);
    assert_int_equal(zmq_getsockopt(router, ZMQ_LAST_ENDPOINT, endpoint, &size), 0);

    const char *user_id = knock(router, endpoint, &server, &known, SOON_MS);
    assert_true(identity_key(user_id, key));
    assert_memory_equal(key, known.public_key, 32);
    user_id = knock(router, endpoint, &server, &invited, SOON_MS);
    assert_true(identity_key(user_id, key));
    assert_memory_equal(key, invited.public_key, 32);
    assert_string_equal(knock(router, endpoint, &server, &stranger, NEVER_MS), "");
    assert_string_equal(knock(router, endpoint, &server, NULL, NEVER_MS), "");
    assert_string_equal(knock(router, endpoint, &other, &known, NEVER_MS), "");

    /* A suspended user is told so at hello, which takes a connection. */
    say_well(region, "admin", "move", "id=usr-2 verb=suspend");
    user_id = knock(router, endpoint, &server, &known, SOON_MS);
    assert_true(identity_key(user_id, key));
    say_well(region, "admin", "move", "id=usr-2 verb=activate");
    say_well(region, "admin", "move", "id=%s verb=revoke", key_id);
    assert_string_equal(knock(router, endpoint, &server, &known, NEVER_MS), "");

    identity_destroy(&identity);
    assert_null(identity);
    assert_string_equal(knock(router, endpoint, &server, &invited, NEVER_MS), "");
    zmq_close(router);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_region, close_region)
    const struct CMUnitTest tests[] = {
        TEST(a_user_id_is_a_key_in_hexadecimal),
        TEST(the_servers_key_is_made_once),
        TEST(a_damaged_key_is_no_key),
        TEST(only_known_keys_come_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
