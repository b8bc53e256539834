#include "say.h"

#include "access.h"
#include "records.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static region_t *region;
static arena_t *arena;

static int open_region(void **state)
{
    (void)state;
    region = region_new();
    arena = region_arena(region);
    say_places(region);
    return 0;
}

static int close_region(void **state)
{
    (void)state;
    region_destroy(&region);
    return 0;
}

static const access_t *access_of(store_txn_t *txn, const char *name)
{
    unsigned char key[32];

    region_key(name, key);
    return access_of_key(txn, key, region_now(region), arena);
}

static store_txn_t *begin(void)
{
    return store_read(region_environment(region)->store);
}

static const record_t *record_of(store_txn_t *txn, const char *text)
{
    record_id_t id;

    assert_true(record_id_parse(&id, text, NULL));
    const record_t *record = records_get(txn, &id, arena);
    assert_non_null(record);
    return record;
}

static bool sees(field_mask_t mask, const record_t *record, const char *field)
{
    return mask & ((field_mask_t)1 << kind_field(record->id.kind, field)->index);
}

static void a_key_is_what_the_record_says(void **state)
{
    (void)state;
    say_user(region, "broker", "broker", "municipalities=[mun-1880]");
    store_txn_t *txn = begin();
    const access_t *access = access_of(txn, "broker");
    assert_true(access->valid && !access->invitation);
    assert_string_equal(access->user.text, "usr-2");
    assert_int_equal(access->roles, ROLE_BIT(ROLE_broker));
    assert_int_equal(access->n_rights, 1);
    assert_true(access_equal(access, access_of(txn, "broker")));
    assert_false(access_equal(access, access_of(txn, "admin")));

    /* The invitation is used: it answers a repeat, and gives no right. */
    access = access_of(txn, "invitation-of-broker");
    assert_true(access->invitation && !access->valid);
    assert_int_equal(access->roles, 0);
    access = access_of(txn, "stranger");
    assert_false(access->valid || access->invitation);
    assert_int_equal(access->roles, 0);
    store_abort(&txn);
}

/* Who gives which role: no one more than the own. */
static void each_role_gives_what_it_may(void **state)
{
    static const struct {
        const char *giver, *gives;
    } rows[] = {
        {"participant", ""},
        {"provider", ""},
        {"viewer", ""},
        {"broker", "participant viewer broker"},
        {"head", "participant viewer broker head"},
        {"coordinator", "participant provider viewer broker head coordinator evaluator service"},
        {"evaluator", ""},
        {"admin", "participant admin"},
        {"privacy", "privacy"},
        {"service", ""},
    };
    static const struct {
        const char *scope;
        bool within;
    } scopes[] = {
        {"municipalities=[mun-1880]", true},
        {"municipalities=[mun-0583]", false},
        {"municipalities=[mun-1880 mun-0583]", false},
        {"organisations=[org-1]", false}, /* an organisation is another scope than its place */
        {"whole=true", false},
    };

    (void)state;
    assert_int_equal(sizeof rows / sizeof *rows, ROLES);
    for (size_t i = 0; i < ROLES; i++) {
        right_t right = {.role = role_of(rows[i].giver),
                         .municipalities = &(value_t){.form = VALUE_ABSENT},
                         .organisations = &value_absent};
        value_t places = say_value(region, "[mun-1880]");
        right.municipalities = &places;
        access_t access = {.valid = true, .rights = &right, .n_rights = 1};
        for (unsigned role = 0; role < ROLES; role++)
            for (size_t j = 0; j < sizeof scopes / sizeof *scopes; j++) {
                record_t *grant = record_new(arena, schema_kind("grant"));
                value_t fields =
                    say_value(region, arena_format(arena, "{user=usr-1 role=%s %s}",
                                                   role_name((role_t)role), scopes[j].scope));
                error_t error = {0};
                assert_true(record_from_map(grant, &fields, true, &error));
                bool may = schema_words_have(rows[i].gives, role_name((role_t)role));
                assert_int_equal(access_may_give(&access, grant), may && scopes[j].within);
                /* Acting for someone nobody's rights are given. */
                access.acting = true;
                assert_false(access_may_give(&access, grant));
                assert_false(access_may_take(&access, grant));
                access.acting = false;
            }
    }
}

/* Not for longer than the own either. */
static void nothing_is_taken_beyond_the_own_scope(void **state)
{
    value_t own = say_value(region, "[mun-1880]");
    right_t right = {.municipalities = &own, .organisations = &value_absent};
    access_t access = {.valid = true, .rights = &right, .n_rights = 1};
    static const struct {
        role_t role;
        const char *grant;
        bool may;
    } rows[] = {
        {ROLE_head, "{user=usr-1 role=broker municipalities=[mun-1880]}", true},
        {ROLE_head, "{user=usr-1 role=broker municipalities=[mun-0583]}", false},
        {ROLE_head, "{user=usr-1 role=broker municipalities=[mun-1880 mun-0583]}", false},
        {ROLE_head, "{user=usr-1 role=broker whole=true}", false},
        {ROLE_head, "{user=usr-1 role=coordinator municipalities=[mun-1880]}", false},
        {ROLE_admin, "{user=usr-1 role=coordinator municipalities=[mun-1880]}", true},
        {ROLE_admin, "{user=usr-1 role=broker municipalities=[mun-0583]}", false},
        {ROLE_admin, "{user=usr-1 role=admin whole=true}", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        record_t *grant = record_new(arena, schema_kind("grant"));
        value_t fields = say_value(region, rows[i].grant);
        error_t error = {0};
        assert_true(record_from_map(grant, &fields, true, &error));
        right.role = rows[i].role;
        if (access_may_take(&access, grant) != rows[i].may)
            fail_msg("%s", rows[i].grant);
    }
}

static void nothing_is_given_for_longer(void **state)
{
    value_t places = say_value(region, "[mun-1880]");
    right_t right = {.role = ROLE_broker,
                     .municipalities = &places,
                     .organisations = &value_absent,
                     .until = "2026-06-30"};
    access_t access = {.valid = true, .rights = &right, .n_rights = 1};
    static const struct {
        const char *until;
        bool may;
    } rows[] = {{"nil", false}, {"2026-07-01", false}, {"2026-06-30", true}, {"2026-01-01", true}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        record_t *grant = record_new(arena, schema_kind("grant"));
        value_t fields = say_value(
            region,
            arena_format(arena, "{user=usr-1 role=viewer municipalities=[mun-1880] until=%s}",
                         rows[i].until));
        error_t error = {0};
        assert_true(record_from_map(grant, &fields, true, &error));
        assert_int_equal(access_may_give(&access, grant), rows[i].may);
    }
}

/* Each kind by each role: those of its row see it, the others do not know of it. */
static void each_kind_is_read_by_its_readers(void **state)
{
    static const char *const ids[] = {
        "cty-18", "mun-1880", "are-07", "org-1", "per-1", "usr-1", "gra-1", "key-1", "inq-1",
        "tsk-1",  "pla-1",    "mbr-1",  "eng-1", "ers-1", "mnt-1", "can-1", "con-1", "nee-1",
        "ass-1",  "poo-1",    "opt-1",  "crs-1", "off-1", "mat-1", "clo-1"};

    (void)state;
    assert_int_equal(sizeof ids / sizeof *ids, schema_n_kinds());
    say_well(region, "admin", "put",
             "kind=inquiry fields={title=x municipality=mun-0583 broker=usr-1}");
    say_well(region, "admin", "put", "kind=task fields={what=x about=inq-1}");
    say_well(region, "admin", "put", "kind=closure fields={from=2026-07-06 text=x}");
    say_well(region, "admin", "put", "kind=place fields={name=x municipality=mun-0583}");
    say_well(region, "admin", "put", "kind=membership fields={organisation=org-2}");
    say_well(region, "admin", "put", "kind=person fields={name=x organisation=org-2}");
    say_well(region, "admin", "put", "kind=maintenance fields={until=1773475200000 text=x}");
    say_well(region, "admin", "put",
             "kind=engagement fields={person=per-1 organisation=org-2 function=teacher}");
    say_well(region, "admin", "erase", "person=per-1 decision=x");
    say_well(region, "admin", "put", "kind=canvas fields={inquiry=inq-1}");
    say_well(region, "admin", "put",
             "kind=contact fields={organisation=org-1 day=2026-03-16 unit=org-2}");
    say_well(region, "admin", "put", "kind=need fields={organisation=org-1 area=are-07}");
    say_well(region, "admin", "put",
             "kind=assessment fields={organisation=org-1 day=2026-03-14 unit=org-2 expertise=4}");
    say_well(region, "admin", "put", "kind=pool fields={title=x municipality=mun-0583}");
    say_well(region, "admin", "put", "kind=opt_in fields={pool=poo-1 inquiry=inq-1}");
    say_well(region, "admin", "put", "kind=course fields={title=x provider=org-2 unit=org-2}");
    say_well(region, "admin", "put", "kind=offer fields={title=x inquiry=inq-1 provider=org-2}");
    for (unsigned i = 0; i < 2; i++)
        say_well(region, "admin", "put",
                 "kind=inquiry fields={title=x municipality=mun-0583 areas=[are-07]}");
    for (unsigned role = 0; role < ROLES; role++) {
        right_t right = {
            .role = (role_t)role, .municipalities = &value_absent, .organisations = &value_absent};
        access_t access = {.valid = true, .roles = ROLE_BIT(role), .rights = &right, .n_rights = 1};
        store_txn_t *txn = begin();
        lookup_t lookup = {.txn = txn};
        assert_true(record_id_parse(&access.user, "usr-9", NULL));
        for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
            const record_t *record = record_of(txn, ids[i]);
            const placement_t *placement = placement_of(&lookup, record, arena);
            field_mask_t mask = access_view(&access, record, placement, true);
            const kind_t *kind = record->id.kind;
            bool reads = kind->readers & ROLE_BIT(role);
            /* What hangs on a record is read by those who read that. */
            if (placement->followed != NULL)
                reads = reads && (placement->followed->id.kind->readers & ROLE_BIT(role));
            if ((mask != 0) != reads)
                fail_msg("%s by %s", ids[i], role_name((role_t)role));
            for (size_t j = 0; j < kind->n_fields; j++) {
                const field_t *field = &kind->fields[j];
                if ((field->attributes & FIELD_INTERNAL) || field->class == CLASS_LOCAL ||
                    field->class == CLASS_PERSONAL)
                    assert_false(sees(mask, record, field->name));
                if (field->class == CLASS_PUBLIC && reads)
                    assert_true(sees(mask, record, field->name));
            }
            assert_false(access_may_write(&access, record, placement));
        }
        store_abort(&txn);
    }
}

/* A user is in scope where one is named, whatever the grants say. */
static void the_named_are_in_scope(void **state)
{
    (void)state;
    const char *user = say_user(region, "broker", "broker", "municipalities=[mun-1880]");
    say_well(region, "admin", "put",
             "kind=inquiry fields={title=x municipality=mun-0583 description=secret}");
    say_well(region, "admin", "put",
             "kind=inquiry fields={title=x municipality=mun-0583 description=secret holder=%s}",
             user);
    store_txn_t *txn = begin();
    lookup_t lookup = {.txn = txn};
    const access_t *access = access_of(txn, "broker");
    const record_t *others = record_of(txn, "inq-1"), *own = record_of(txn, "inq-2");
    const placement_t *there = placement_of(&lookup, others, arena);
    const placement_t *here = placement_of(&lookup, own, arena);
    assert_false(access_is_named(access, there));
    assert_true(access_is_named(access, here));
    assert_false(access_may_write(access, others, there));
    assert_true(access_may_write(access, own, here));
    assert_false(sees(access_view(access, others, there, false), others, "description"));
    assert_true(sees(access_view(access, own, here, false), own, "description"));
    /* But to name oneself is not enough to put something there. */
    assert_false(access_may_place(access, &lookup, own, arena));
    store_abort(&txn);
}

/* Whoever is named by what a record is placed on writes there: a pool's coordinator and
   brokers, from wherever they are; nobody else does. */
static void the_named_of_a_place_write_there(void **state)
{
    static const struct {
        const char *name;
        bool may;
    } rows[] = {{"coordinator", true}, {"broker", true}, {"viewer", false}, {"other", false}};

    (void)state;
    const char *coordinator =
        say_user(region, "coordinator", "broker", "municipalities=[mun-0583]");
    const char *broker = say_user(region, "broker", "broker", "municipalities=[mun-0583]");
    const char *viewer = say_user(region, "viewer", "viewer", "municipalities=[mun-0583]");
    say_user(region, "other", "broker", "municipalities=[mun-0583]");
    say_well(region, "admin", "put",
             "kind=inquiry fields={title=x municipality=mun-1880 broker=usr-1}");
    say_well(region, "admin", "put",
             "kind=pool fields={title=x municipality=mun-1880 coordinator=%s brokers=[%s %s]}",
             coordinator, broker, viewer);
    say_well(region, "admin", "put", "kind=opt_in fields={pool=poo-1 inquiry=inq-1}");
    say_well(region, "admin", "put", "kind=offer fields={title=x pool=poo-1 provider=org-2}");
    store_txn_t *txn = begin();
    lookup_t lookup = {.txn = txn};
    static const char *const placed[] = {"opt-1", "off-1"};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (size_t j = 0; j < 2; j++)
            if (access_may_place(access_of(txn, rows[i].name), &lookup, record_of(txn, placed[j]),
                                 arena) != rows[i].may)
                fail_msg("%s of %s", placed[j], rows[i].name);
    store_abort(&txn);
}

/* A provider's right is to its own: what it is asked, whatever the rest of the grant says,
   in reading, writing and making. */
static void a_provider_reaches_its_own(void **state)
{
    (void)state;
    say_user(region, "school", "provider", "organisations=[org-2] municipalities=[mun-1880]");
    say_well(region, "admin", "put",
             "kind=inquiry fields={title=x municipality=mun-1880 organisation=org-2}");
    say_well(region, "admin", "put",
             "kind=offer fields={title=x inquiry=inq-1 provider=org-2 unit=org-1 notes=n}");
    say_well(region, "admin", "put",
             "kind=offer fields={title=x inquiry=inq-1 provider=org-1 unit=org-2}");
    say_well(region, "admin", "put", "kind=course fields={title=x provider=org-2 unit=org-1}");
    say_well(region, "admin", "put", "kind=course fields={title=x provider=org-1 unit=org-2}");
    store_txn_t *txn = begin();
    lookup_t lookup = {.txn = txn};
    const access_t *access = access_of(txn, "school");
    static const struct {
        const char *id, *shown;
        bool writes;
    } rows[] = {{"off-1", "request", true},
                {"off-2", NULL, false},
                {"crs-1", "price", true},
                {"crs-2", "price", false},
                {"inq-1", NULL, false}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const record_t *record = record_of(txn, rows[i].id);
        const placement_t *placement = placement_of(&lookup, record, arena);
        field_mask_t mask = access_view(access, record, placement, true);
        assert_int_equal(mask != 0, rows[i].shown != NULL);
        if (mask != 0)
            assert_true(sees(mask, record, rows[i].shown));
        assert_false(sees(mask, record, "notes"));
        assert_int_equal(access_may_write(access, record, placement), rows[i].writes);
    }
    const record_t *offer = record_of(txn, "off-1");
    const placement_t *placement = placement_of(&lookup, offer, arena);
    static const struct {
        const char *verb;
        bool may;
    } moves[] = {{"receive", true}, {"withdraw", true}, {"send", false},  {"revise", false},
                 {"accept", false}, {"reject", false},  {"expire", false}};
    for (size_t i = 0; i < sizeof moves / sizeof *moves; i++)
        assert_int_equal(access_may_move(access, offer, placement,
                                         kind_move(offer->id.kind, moves[i].verb, NULL)),
                         moves[i].may);
    /* A course that a learning centre answers for is not the provider's to make. */
    assert_false(access_may_place(access, &lookup, record_of(txn, "crs-1"), arena));
    store_abort(&txn);
}

/* A service acts for those of its scope alone, never for who gives rights. */
static void a_service_acts_for_few(void **state)
{
    static const struct {
        const char *name, *role, *scope;
        bool may;
    } rows[] = {
        {"a", "broker", "municipalities=[mun-1880]", true},
        {"b", "viewer", "municipalities=[mun-1880]", true},
        {"c", "broker", "municipalities=[mun-0583]", false},
        {"d", "broker", "municipalities=[mun-1880 mun-0583]", false},
        {"e", "coordinator", "", false},
        {"f", "admin", "", false},
        {"g", "service", "", false},
    };

    (void)state;
    say_user(region, "portal", "service", "municipalities=[mun-1880]");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        say_user(region, rows[i].name, rows[i].role, rows[i].scope);
        store_txn_t *txn = begin();
        assert_int_equal(access_may_act_for(access_of(txn, "portal"), access_of(txn, rows[i].name)),
                         rows[i].may);
        store_abort(&txn);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_region, close_region)
    const struct CMUnitTest tests[] = {
        TEST(a_key_is_what_the_record_says),
        TEST(each_role_gives_what_it_may),
        TEST(nothing_is_taken_beyond_the_own_scope),
        TEST(nothing_is_given_for_longer),
        TEST(each_kind_is_read_by_its_readers),
        TEST(the_named_are_in_scope),
        TEST(the_named_of_a_place_write_there),
        TEST(a_provider_reaches_its_own),
        TEST(a_service_acts_for_few),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
