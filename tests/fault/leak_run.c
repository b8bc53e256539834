/* P6, P7: nobody is sent what they may not see.

   People of every role and scope work at random in a region, and read it in every way
   there is, while grants, keys, users and discretion change. Every field that has room
   holds a canary (leak_canary.h). Each frame that each of them gets is searched for
   canaries, and each view in it held, field by field, against a model of the rights that
   shares no code with the daemon (leak_model.h).

   Broken on purpose, each was found within 8,000 operations: history without its mask; a
   conflict that shows people's data without a purpose; a count by raw values; a filter
   over raw values; a revoked key whose watches go on; a search, and matches, over raw
   fields.

   leak_run OPERATIONS SEED */

#include "leak_asks.h"
#include "leak_model.h"
#include "literal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define WATCHES_OF_A_SESSION 50u

typedef struct {
    client_t *client;
    const frame_t *frame;
    const void *data;
    size_t size;
} heard_t;

static uint64_t n_operations, seed;
static world_t *world;
static model_t *model;
static heard_t *heard;
static size_t n_heard, heard_room;
static struct {
    uint64_t reasons, frames, views, canaries, found, answered, refused;
} told;

static void hear(void *context, client_t *client, const frame_t *frame, const void *data,
                 size_t size)
{
    (void)context;
    if (n_heard == heard_room) {
        heard_room = heard_room ? 2 * heard_room : 64;
        heard = realloc(heard, heard_room * sizeof *heard);
        assert_non_null(heard);
    }
    heard[n_heard++] = (heard_t){client, frame, arena_copy(world_arena(world), data, size), size};
}

/* -- judging --------------------------------------------------------------------------- */

/* To whom a frame, or an operation of it, is shown, and as what. */
typedef struct {
    const char *name;
    const value_t *users; /* a list of ids */
    model_reading_t reading;
    const asked_t *asked; /* what it answers; NULL when it was pushed */
    const frame_t *frame;
} audience_t;

/* With what was asked and what came, for whoever looks into it. */
#define LEAKED(audience, ...)                                                                      \
    do {                                                                                           \
        tell(audience);                                                                            \
        fail_msg(__VA_ARGS__);                                                                     \
    } while (0)

static void tell(const audience_t *audience)
{
    arena_t *arena = world_arena(world);

    if (audience->asked != NULL)
        print_error("asked %s %s%s\n", audience->asked->command,
                    literal_print(&audience->asked->arguments, arena),
                    audience->asked->as != NULL ? " for another" : "");
    print_error("was sent %s\n", literal_print(&audience->frame->body, arena));
}

static field_mask_t seen_by_all(const audience_t *audience, const record_id_t *id,
                                uint64_t revision)
{
    field_mask_t mask = FIELD_MASK_ALL;

    for (uint32_t i = 0; i < audience->users->count; i++)
        mask &=
            model_sees_at(model, audience->users->items[i].text, id, revision, audience->reading);
    return audience->users->count > 0 ? mask : 0;
}

/* It may have stood in the record for some time: in one of those states, the newest
   first, it was to be seen. */
static bool may_be_shown(const audience_t *audience, const canary_t *canary)
{
    unsigned slot = canary->field->index;
    const record_t *first = model_at(model, &canary->id, canary->revision);

    for (uint64_t revision = model_before(model, &canary->id, UINT64_MAX);
         revision >= canary->revision; revision = model_before(model, &canary->id, revision)) {
        const record_t *state = model_at(model, &canary->id, revision);
        if (state != NULL && value_equal(&state->fields[slot], &first->fields[slot]) &&
            (seen_by_all(audience, &canary->id, revision) & ((field_mask_t)1 << slot)))
            return true;
    }
    return false;
}

static void check_bytes(const audience_t *audience, const void *data, size_t size)
{
    canaries_t *canaries = world_canaries(world);
    size_t at = 0;
    uint32_t number;

    while ((number = canaries_find(canaries, data, size, &at)) != 0) {
        const canary_t *canary = canaries_get(canaries, number);
        bool dry = audience->asked != NULL && asked_is_dry(audience->asked);
        /* What was only tried is told to who tried it. */
        if (canary->revision == 0 && dry && number >= audience->asked->first_canary)
            continue;
        told.canaries++;
        if (canary->revision == 0 || !may_be_shown(audience, canary))
            LEAKED(audience, "%s was sent %s of %s (revision %llu): canary %u", audience->name,
                   canary->field->name, canary->revision ? canary->id.text : "what never was",
                   (unsigned long long)canary->revision, number);
    }
}

/* A filter by what is hidden, or an order by it, would tell it. */
static void check_asked_by(const audience_t *audience, const kind_t *kind, const char *id,
                           field_mask_t mask)
{
    const value_t *where = value_get(&audience->asked->arguments, "where");

    for (uint32_t i = 0; where->form == VALUE_MAP && i < where->count; i++) {
        const field_t *field = kind_field(kind, where->items[2 * i].text);
        if (field != NULL && where->items[2 * i + 1].form != VALUE_ABSENT &&
            !(mask & ((field_mask_t)1 << field->index)))
            LEAKED(audience, "%s finds %s by its hidden %s", audience->name, id, field->name);
    }
}

/* Whether a reference that is to be seen leads to `to`. */
static bool is_seen_to_refer(const record_t *record, field_mask_t mask, const char *to)
{
    for (size_t i = 0; i < record->id.kind->n_fields; i++) {
        const value_t *value = &record->fields[i];
        if (mask >> i & 1 && ((value->form == VALUE_TEXT && strcmp(value->text, to) == 0) ||
                              (value->form == VALUE_LIST && value_list_has(value, to))))
            return true;
    }
    return false;
}

/* And so would a search by a hidden word, or by the name of what is hidden. */
static void check_found_by(const audience_t *audience, const value_t *view, const record_t *record,
                           field_mask_t mask)
{
    const char *text = value_get_text(&audience->asked->arguments, "text");
    const value_t *hits = value_get(view, "hits");
    const char *id = record->id.text;
    size_t at = 0;
    uint32_t number;

    for (uint32_t i = 0; hits->form == VALUE_LIST && i < hits->count; i++)
        if (!(mask & ((field_mask_t)1 << kind_field(record->id.kind, hits->items[i].text)->index)))
            LEAKED(audience, "%s finds %s in its hidden %s", audience->name, id,
                   hits->items[i].text);
    while ((number = canaries_find(world_canaries(world), text, strlen(text), &at)) != 0) {
        const canary_t *canary = canaries_get(world_canaries(world), number);
        bool own = strcmp(canary->id.text, id) == 0;
        if (own ? !(mask & ((field_mask_t)1 << canary->field->index))
                : !is_seen_to_refer(record, mask, canary->id.text))
            LEAKED(audience, "%s finds %s by %s of %s", audience->name, id, canary->field->name,
                   canary->id.text);
        told.found++;
    }
}

static void check_view(const audience_t *audience, const value_t *view)
{
    uint64_t revision = (uint64_t)value_get_integer(view, "rev", 0);
    const value_t *fields = value_get(view, "fields");
    record_id_t id;

    if (!record_id_parse(&id, value_get_text(view, "id"), NULL) ||
        model_at(model, &id, revision) == NULL)
        LEAKED(audience, "%s was sent a view of nothing", audience->name);
    field_mask_t mask = seen_by_all(audience, &id, revision);
    told.views++;
    if (mask == 0)
        LEAKED(audience, "%s was sent %s", audience->name, id.text);
    for (uint32_t i = 0; i < fields->count; i++) {
        const field_t *field = kind_field(id.kind, fields->items[2 * i].text);
        if (field == NULL || !(mask & ((field_mask_t)1 << field->index)))
            LEAKED(audience, "%s was sent %s of %s (revision %llu)", audience->name,
                   fields->items[2 * i].text, id.text, (unsigned long long)revision);
    }
    if (audience->asked != NULL)
        check_asked_by(audience, id.kind, id.text, mask);
    if (audience->asked != NULL && strcmp(audience->asked->command, "search") == 0)
        check_found_by(audience, view, model_at(model, &id, revision), mask);
}

/* Every map with an id, a revision and fields in it is a view, wherever it stands. */
static void check_views(const audience_t *audience, const value_t *value)
{
    if (value->form == VALUE_MAP && value_get(value, "id")->form == VALUE_TEXT &&
        value_get(value, "rev")->form == VALUE_INTEGER &&
        value_get(value, "fields")->form == VALUE_MAP)
        check_view(audience, value);
    uint32_t count = value->form == VALUE_MAP    ? 2 * value->count
                     : value->form == VALUE_LIST ? value->count
                                                 : 0;
    for (uint32_t i = 0; i < count; i++)
        check_views(audience, &value->items[i]);
}

/* What a revision changed shows fields that may be seen before it, after it and now. */
static void check_history(const audience_t *audience, const value_t *entries)
{
    record_id_t id;

    record_id_parse(&id, value_get_text(&audience->asked->arguments, "id"), NULL);
    for (uint32_t i = 0; i < entries->count; i++) {
        uint64_t revision = (uint64_t)value_get_integer(&entries->items[i], "rev", 0);
        const value_t *fields = value_get(&entries->items[i], "fields");
        uint64_t before = 0;
        field_mask_t mask = FIELD_MASK_ALL;
        journal_before(model_txn(model), revision, &id, &before);
        if (before != 0)
            mask &= seen_by_all(audience, &id, before);
        if (model_at(model, &id, revision) != NULL)
            mask &= seen_by_all(audience, &id, revision);
        for (uint32_t j = 0; j < fields->count; j++) {
            const field_t *field = kind_field(id.kind, fields->items[2 * j].text);
            if (!(mask & ((field_mask_t)1 << field->index)))
                LEAKED(audience, "%s was sent the history of %s of %s (revision %llu)",
                       audience->name, field->name, id.text, (unsigned long long)revision);
        }
    }
}

/* Fields that a reason for a match says something of. */
static const char *const told_by[][2] = {
    {"same_area", "areas"},
    {"related_area", "areas"},
    {"same_period", "period_from period_to"},
    {"same_form", "form"},
    {"same_level", "level"},
    {"same_language", "language"},
    {"same_time_of_day", "time_of_day"},
    {"same_municipality", "municipality"},
    {"near", "municipality"},
    {"same_county", "county"},
    {"same_words", "title tags"},
};

static bool sees_one_of(const audience_t *audience, const char *id_text, const char *fields)
{
    record_id_t id;
    char field[64];

    assert_true(record_id_parse(&id, id_text, NULL));
    field_mask_t mask = seen_by_all(audience, &id, model_before(model, &id, UINT64_MAX));
    while (schema_words_next(&fields, field, sizeof field))
        if (mask & ((field_mask_t)1 << kind_field(id.kind, field)->index))
            return true;
    return false;
}

/* Why two match is said by what may be seen of either. */
static void check_matches(const audience_t *audience, const value_t *matches)
{
    const char *own = value_get_text(&audience->asked->arguments, "id");

    for (uint32_t i = 0; matches->form == VALUE_LIST && i < matches->count; i++) {
        const char *other = value_get_text(value_get(&matches->items[i], "record"), "id");
        const value_t *reasons = value_get(&matches->items[i], "reasons");
        for (uint32_t j = 0; j < reasons->count; j++) {
            const char *reason = value_get_text(&reasons->items[j], "reason");
            size_t row = 0;
            while (strcmp(told_by[row][0], reason) != 0)
                assert_true(++row < sizeof told_by / sizeof *told_by);
            told.reasons++;
            if (!sees_one_of(audience, own, told_by[row][1]) ||
                !sees_one_of(audience, other, told_by[row][1]))
                LEAKED(audience, "%s is told %s of %s and %s", audience->name, reason, own, other);
        }
    }
}

/* A service's watch says of each operation whom it is for. */
static void check_operation(audience_t audience, const value_t *operation)
{
    void *data;
    size_t size;

    if (value_get(operation, "for")->form == VALUE_LIST)
        audience.users = value_get(operation, "for");
    wire_encode(operation, world_arena(world), &data, &size);
    check_bytes(&audience, data, size);
    check_views(&audience, operation);
}

static model_reading_t reading_of(const asked_t *asked)
{
    if (value_get(&asked->arguments, "purpose")->form == VALUE_ABSENT)
        return MODEL_PLAIN;
    return strcmp(asked->command, "get") == 0 ? MODEL_GET : MODEL_PURPOSE;
}

static void check_frame(const heard_t *self, const asked_t *asked)
{
    const actor_t *actor = world_actor_of(world, self->client);
    const frame_t *frame = self->frame;
    unsigned char key[32];
    audience_t audience = {.name = actor != NULL ? actor->name : "admin", .frame = frame};

    region_key(actor != NULL ? actor->key : "admin", key);
    const char *user = model_user(model, key);
    if (frame->type == FRAME_REPLY || frame->type == FRAME_ERROR)
        audience.asked = asked;
    if (audience.asked != NULL && user != NULL && asked->as != NULL)
        user = asked->as;
    value_t only = user != NULL ? value_text(user) : value_absent;
    value_t users = value_list(&only, user != NULL);
    audience.users = &users;
    told.frames++;
    if (frame->type == FRAME_PUSH) {
        if (user == NULL)
            LEAKED(&audience, "%s, revoked, was pushed to", audience.name);
        for (uint32_t i = 0; i < frame->body.count; i++) {
            const value_t *operations = value_get(&frame->body.items[i], "ops");
            for (uint32_t j = 0; j < operations->count; j++)
                check_operation(audience, &operations->items[j]);
        }
        return;
    }
    if (audience.asked != NULL)
        audience.reading = reading_of(asked);
    check_bytes(&audience, self->data, self->size);
    if (audience.asked != NULL && strcmp(asked->command, "history") == 0)
        check_history(&audience, value_get(&frame->body, "entries"));
    else if (!(audience.asked != NULL && asked_is_dry(asked)))
        check_views(&audience, &frame->body);
    if (audience.asked != NULL && strcmp(asked->command, "matches") == 0)
        check_matches(&audience, value_get(&frame->body, "matches"));
}

static void check_heard(const asked_t *asked)
{
    model_open(model);
    for (size_t i = 0; i < n_heard; i++)
        check_frame(&heard[i], asked);
    model_close(model);
    n_heard = 0;
}

static void ask(asked_t *asked)
{
    asks_send(world, asked);
    world_follow(world, asked->first_canary);
    check_heard(asked);
    told.answered += asked->reply.error.code == ERROR_NONE;
    told.refused += asked->reply.error.code != ERROR_NONE;
}

/* -- working ------------------------------------------------------------------------------- */

static void people(void)
{
    static const struct {
        const char *name, *role, *scope;
        bool writes, shifts;
    } all[] = {
        /* The service acts and watches for the first three. */
        {"viewer", "viewer", "municipalities=[mun-0583]", false, false},
        {"broker-orebro", "broker", "municipalities=[mun-1880]", true, false},
        {"head-motala", "head", "organisations=[org-2]", true, false},
        {"service", "service", "", false, false},
        {"broker-motala", "broker", "municipalities=[mun-0583]", true, false},
        {"coordinator", "coordinator", "", true, false},
        {"coordinator-east", "coordinator", "municipalities=[mun-0583 mun-0513]", true, false},
        {"participant", "participant", "municipalities=[mun-1880]", false, false},
        {"provider", "provider", "organisations=[org-2]", false, false},
        {"evaluator", "evaluator", "", false, false},
        {"admin-only", "admin", "", false, false},
        {"privacy-only", "privacy", "municipalities=[mun-1880]", false, false},
        {"turning-1", "viewer", "municipalities=[mun-1880]", true, true},
        {"turning-2", "broker", "municipalities=[mun-0513]", true, true},
        {"turning-3", "viewer", "municipalities=[mun-0583]", false, true},
    };

    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        actor_t *actor = world_add_actor(world, all[i].name, all[i].role, all[i].scope);
        actor->writes = all[i].writes;
        actor->shifts = all[i].shifts;
    }
}

static actor_t *draw_actor(bool writes)
{
    actor_t *actor;

    do
        actor = world_actor(world, world_draw(world, world_n_actors(world)));
    while (writes && !actor->writes && world_chance(world, 90));
    return actor;
}

/* Watches come and go, and hear nothing for a while: then the past is told. */
static void tend_watches(void)
{
    actor_t *actor = draw_actor(false);
    region_t *region = world_region(world);
    error_t error = {0};

    if (region_session(region, actor->client) == NULL)
        return;
    if (world_chance(world, 30))
        client_set_deaf(region, actor->client, world_chance(world, 50));
    asked_t asked = asks_watch(world, actor);
    ask(&asked);
    if (asked.reply.error.code == ERROR_TOO_LARGE ||
        value_get_integer(&asked.reply.result, "watch", 0) > WATCHES_OF_A_SESSION)
        region_hello(region, actor->name, actor->key, &error);
}

static void step(void)
{
    uint64_t what = world_draw(world, 100);

    if (world_chance(world, 5))
        asks_return(world, draw_actor(false));
    world_follow(world, canaries_count(world_canaries(world)) + 1);
    check_heard(NULL); /* what that and time have brought */
    world_reset(world);
    if (what < 7) {
        tend_watches();
        return;
    }
    asked_t asked = what < 10   ? asks_shift(world)
                    : what < 50 ? asks_write(world, draw_actor(true))
                                : asks_read(world, draw_actor(false));
    ask(&asked);
    while (world_chance(world, 50) && asks_next_page(world, &asked))
        ask(&asked);
    if (world_chance(world, 2))
        region_pass(world_region(world), 60000);
}

static void nobody_is_sent_what_is_hidden(void **state)
{
    (void)state;
    world = world_new(seed);
    model = model_new(world_region(world));
    people();
    region_listen(world_region(world), hear, NULL);
    for (uint64_t i = 0; i < n_operations; i++)
        step();
    region_listen(world_region(world), NULL, NULL);
    assert_int_equal(region_check(world_region(world)), 0);
    printf("%llu operations, %llu answered, %llu refused; %llu frames, %llu views, %llu canaries, "
           "%llu found by one\n",
           (unsigned long long)n_operations, (unsigned long long)told.answered,
           (unsigned long long)told.refused, (unsigned long long)told.frames,
           (unsigned long long)told.views, (unsigned long long)told.canaries,
           (unsigned long long)told.found);
    printf("%llu reasons for matches\n", (unsigned long long)told.reasons);
    /* A test in which nobody sees anything finds nothing. */
    assert_true(told.answered > n_operations / 4);
    assert_true(told.views > n_operations && told.canaries > n_operations);
    assert_true(told.found > n_operations / 500);
    model_destroy(&model);
    world_destroy(&world);
    free(heard);
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {cmocka_unit_test(nobody_is_sent_what_is_hidden)};

    if (argc != 3) {
        fprintf(stderr, "usage: %s OPERATIONS SEED\n", argv[0]);
        return 2;
    }
    n_operations = strtoull(argv[1], NULL, 10);
    seed = strtoull(argv[2], NULL, 10);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
