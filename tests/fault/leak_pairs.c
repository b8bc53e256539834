/* P7: nothing that leaves the daemon tells what is hidden: no order, filter, count, page,
   error or size.

   Two regions live the same life, but for what is hidden: whatever a trusted coordinator
   writes where no observer may see it (leak_model.h says so) is another value in the
   other region, of another length. Observers of many roles ask both the same, probing
   for values of either. Every byte that they get must be the same in both.

   Broken on purpose, found: a count by raw values, a filter over raw values, a list in
   the order of an index that holds what is hidden, a search, and matches, over raw fields. What
   it found unbroken is told in RESULTS.md.

   leak_pairs OPERATIONS SEED */

#include "leak_asks.h"
#include "leak_model.h"
#include "literal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define REGIONS 2
#define EPOCH "0123456789abcdef"

/* Who looks on. */
typedef struct {
    const char *name, *role, *scope;
} looker_t;

/* A frame, or one entry of a push: how many go into a frame is a matter of how long the
   daemon has looked, which is as long as it takes. */
typedef struct {
    const char *name;
    uint64_t watch; /* 0: a reply */
    size_t number;
    value_t body;
    const void *data;
    size_t size;
} heard_t;

static uint64_t n_operations, seed;
static world_t *worlds[REGIONS]; /* requests are drawn in the first */
static model_t *models[REGIONS];
static heard_t *heard[REGIONS];
static size_t n_heard[REGIONS], heard_room[REGIONS];
static model_reading_t reading; /* as what observers read people's data */
static struct {
    uint64_t written, secrets, asked, compared;
} told;

static void keep(size_t which, heard_t one)
{
    if (n_heard[which] == heard_room[which]) {
        heard_room[which] = heard_room[which] ? 2 * heard_room[which] : 64;
        heard[which] = realloc(heard[which], heard_room[which] * sizeof **heard);
        assert_non_null(heard[which]);
    }
    one.number = n_heard[which];
    heard[which][n_heard[which]++] = one;
}

static void hear(void *context, client_t *client, const frame_t *frame, const void *data,
                 size_t size)
{
    size_t which = *(size_t *)context;
    arena_t *arena = world_arena(worlds[which]);
    const actor_t *actor = world_actor_of(worlds[which], client);

    if (actor == NULL)
        return; /* the coordinator, who sees all */
    heard_t one = {.name = actor->name, .watch = frame->watch, .body = frame->body, .size = size};
    if (frame->type != FRAME_PUSH) {
        one.data = arena_copy(arena, data, size);
        keep(which, one);
        return;
    }
    for (uint32_t i = 0; i < frame->body.count; i++) {
        void *entry;
        one.body = frame->body.items[i];
        wire_encode(&one.body, arena, &entry, &one.size);
        one.data = entry;
        keep(which, one);
    }
}

/* -- comparing -------------------------------------------------------------------------- */

/* From a little before where they part. */
static void tell(const asked_t *asked, const heard_t *one, const heard_t *other)
{
    arena_t *arena = world_arena(worlds[0]);
    const char *first = literal_print(&one->body, arena);
    const char *second = literal_print(&other->body, arena);
    size_t same = 0;

    while (first[same] != '\0' && first[same] == second[same])
        same++;
    same = same > 200 ? same - 200 : 0;
    if (asked != NULL)
        print_error("asked %s %s\n", asked->command, literal_print(&asked->arguments, arena));
    print_error("in one   %.600s\n", first + same);
    print_error("in other %.600s\n", second + same);
}

/* By client and watch: in which order the daemon looks after them is told to none. */
static int compare_streams(const void *a, const void *b)
{
    const heard_t *one = a, *other = b;
    int order = strcmp(one->name, other->name);

    if (order == 0)
        order = (one->watch > other->watch) - (one->watch < other->watch);
    return order != 0 ? order : (one->number > other->number) - (one->number < other->number);
}

static void compare_heard(const asked_t *asked)
{
    size_t count = n_heard[0] < n_heard[1] ? n_heard[0] : n_heard[1];

    for (size_t i = 0; i < REGIONS; i++)
        qsort(heard[i], n_heard[i], sizeof **heard, compare_streams);
    for (size_t i = 0; i < count; i++) {
        const heard_t *one = &heard[0][i], *other = &heard[1][i];
        told.compared++;
        if (strcmp(one->name, other->name) == 0 && one->watch == other->watch &&
            one->size == other->size && memcmp(one->data, other->data, one->size) == 0)
            continue;
        tell(asked, one, other);
        fail_msg("%s can tell two records apart by what is hidden", one->name);
    }
    if (n_heard[0] != n_heard[1])
        fail_msg("observers got %zu frames in one, %zu in the other", n_heard[0], n_heard[1]);
    n_heard[0] = n_heard[1] = 0;
}

static void follow(const asked_t *asked)
{
    for (size_t i = 0; i < REGIONS; i++)
        world_follow(worlds[i], asked != NULL ? asked->first_canary : 1);
    compare_heard(asked);
}

static asked_t ask_both(const asked_t *asked)
{
    asked_t other = *asked, one = *asked;

    asks_send(worlds[0], &one);
    asks_send(worlds[1], &other);
    return one;
}

/* -- other values -------------------------------------------------------------------------- */

static const char *other_text(const field_t *field, const char *text)
{
    arena_t *arena = world_arena(worlds[0]);
    char longer[400];

    switch (field->type) {
    case TYPE_PHONE:
        return arena_format(arena, "%s5", text);
    case TYPE_EMAIL:
        return arena_format(arena, "an.other.%s", text);
    case TYPE_DATE:
        return arena_format(arena, "%.8s16", text);
    case TYPE_NUMBER:
        return "9801018881";
    case TYPE_WORD:
        for (size_t i = 0; i < field->vocabulary->n_words; i++)
            if (strcmp(field->vocabulary->words[i].name, text) == 0)
                return field->vocabulary->words[(i + 1) % field->vocabulary->n_words].name;
        return text;
    case TYPE_REFERENCE:
        return text; /* draw_other draws another record */
    default:
        snprintf(longer, sizeof longer, "A %s and much more of it, so that sizes differ", text);
        if (field->type == TYPE_CODE || field->type == TYPE_WEB)
            return arena_format(arena, "%sx", text);
        return arena_format(arena, "%.*s", (int)(field->most < 300 ? field->most : 300), longer);
    }
}

static value_t draw_other(const field_t *field, const value_t *value)
{
    const char *id;

    switch (value->form) {
    case VALUE_INTEGER:
        return value_integer(value->integer < field->most ? value->integer + 1
                                                          : value->integer - 1);
    case VALUE_BOOLEAN:
        return value_boolean(!value->boolean);
    case VALUE_TEXT:
        if (field->type != TYPE_REFERENCE || field->target == NULL)
            return value_text(other_text(field, value->text));
        id = world_record(worlds[0], field->target);
        return id != NULL ? value_text(id) : *value;
    default:
        return *value;
    }
}

/* A list has another item, and perhaps one more. */
static value_t other_value(const field_t *field, const value_t *value)
{
    arena_t *arena = world_arena(worlds[0]);

    if (value->form != VALUE_LIST)
        return draw_other(field, value);
    value_t *items = arena_alloc(arena, (value->count + 1) * sizeof *items);
    for (uint32_t i = 0; i < value->count; i++)
        items[i] = draw_other(field, &value->items[i]);
    uint32_t count = value->count;
    if (count > 0 && field->type == TYPE_TEXT)
        items[count++] = value_text(arena_format(arena, "more of %s", items[0].text));
    return value_list(items, count);
}

/* -- what is hidden from all who look on ----------------------------------------------------- */

static field_mask_t mask_in(size_t which, const actor_t *actor, const record_t *record)
{
    return model_sees(models[which], actor->user, record, reading);
}

/* No observer may write this record: who may, learns from a refused delete that
   something refers to it. */
static bool is_far(const char *text)
{
    record_id_t id;
    const record_t *record = record_id_parse(&id, text, NULL) ? model_last(models[0], &id) : NULL;

    for (size_t i = 0; record != NULL && i < world_n_actors(worlds[0]); i++)
        if (model_may_write(models[0], world_actor(worlds[0], i)->user, record))
            return false;
    return record != NULL;
}

static bool are_far(const value_t *value)
{
    bool far = value->form != VALUE_TEXT || is_far(value->text);

    for (uint32_t i = 0; value->form == VALUE_LIST && i < value->count; i++)
        far = far && is_far(value->items[i].text);
    return far;
}

/* What is merged into another is written as that one. */
static value_t as_written(size_t which, const value_t *value)
{
    value_t written = *value;
    record_id_t id;

    if (value->form == VALUE_LIST) {
        value_t *items =
            arena_copy(model_arena(models[which]), value->items, value->count * sizeof *items);
        for (uint32_t i = 0; i < value->count; i++)
            items[i] = as_written(which, &items[i]);
        return value_list(items, value->count);
    }
    while (written.form == VALUE_TEXT && record_id_parse(&id, written.text, NULL)) {
        const record_t *record = model_last(models[which], &id);
        const char *into = record != NULL ? record_get_text(record, "merged_into") : NULL;
        if (into == NULL)
            break;
        written = value_text(into);
    }
    return written;
}

/* An opt-in's broker is its inquiry's: who is named there sees it. */
static void fill_broker(size_t which, record_t *record)
{
    const char *inquiry = record_get_text(record, "inquiry");
    record_id_t id;

    if (strcmp(record->id.kind->name, "opt_in") == 0 && inquiry != NULL &&
        record_id_parse(&id, inquiry, NULL) && model_last(models[which], &id) != NULL)
        record_set(record, "broker", *record_get(model_last(models[which], &id), "broker"));
}

/* The record as the write would leave it: what else rules fill in decides no one's view. */
static record_t *after_write(size_t which, const kind_t *kind, const record_t *before,
                             const value_t *fields)
{
    arena_t *arena = model_arena(models[which]);
    record_t *after = before != NULL ? record_copy(arena, before) : record_new(arena, kind);

    if (before == NULL) {
        if (kind->coded)
            record_id_coded(&after->id, kind, "999999");
        else
            after->id = record_id_numbered(kind, 999999);
        record_fill(after, arena);
    }
    for (uint32_t i = 0; i < fields->count; i++) {
        const field_t *field = kind_field(kind, fields->items[2 * i].text);
        const value_t *value = &fields->items[2 * i + 1];
        bool seals = field->type == TYPE_NUMBER && value->form == VALUE_TEXT &&
                     number_is_personal(value->text);
        after->fields[field->index] = seals                           ? value_bytes("sealed", 6)
                                      : field->type == TYPE_REFERENCE ? as_written(which, value)
                                                                      : *value;
    }
    fill_broker(which, after);
    return after;
}

/* Nobody comes to see what was hidden: it may differ already. */
static bool shows_no_more(const record_t *const before[REGIONS], record_t *const after[REGIONS])
{
    for (size_t i = 0; i < world_n_actors(worlds[0]); i++) {
        const actor_t *actor = world_actor(worlds[0], i);
        field_mask_t masks[REGIONS];
        for (size_t which = 0; which < REGIONS; which++) {
            masks[which] = mask_in(which, actor, after[which]);
            if (before[which] == NULL)
                continue;
            /* Who comes to write it may come to see what hangs on it. */
            if ((masks[which] & ~mask_in(which, actor, before[which])) ||
                (model_may_write(models[which], actor->user, after[which]) &&
                 !model_may_write(models[which], actor->user, before[which])))
                return false;
        }
        if (masks[0] != masks[1])
            return false;
    }
    return true;
}

static bool is_hidden(const record_t *record, const field_t *field)
{
    for (size_t i = 0; i < world_n_actors(worlds[0]); i++)
        if (mask_in(0, world_actor(worlds[0], i), record) & ((field_mask_t)1 << field->index))
            return false;
    return true;
}

/* Who is named in a local field opens to whoever may write the record. */
static bool opens_another(const field_t *field)
{
    return field->type == TYPE_REFERENCE && field->class == CLASS_LOCAL &&
           (field->target == NULL || field->target->personal != 0);
}

/* What others see of a place is its county, too. */
static bool is_elsewhere(const value_t *one, const value_t *other)
{
    record_id_t ids[REGIONS];
    const record_t *records[REGIONS];
    const value_t *values[REGIONS] = {one, other};

    for (size_t i = 0; i < REGIONS; i++) {
        if (values[i]->form != VALUE_TEXT || !record_id_parse(&ids[i], values[i]->text, NULL) ||
            (records[i] = model_last(models[0], &ids[i])) == NULL)
            return false;
    }
    return !value_equal(record_get(records[0], "county"), record_get(records[1], "county"));
}

static bool look_the_same(const record_t *one, const record_t *other)
{
    for (size_t i = 0; i < world_n_actors(worlds[0]); i++)
        if (mask_in(0, world_actor(worlds[0], i), one) !=
            mask_in(0, world_actor(worlds[0], i), other))
            return false;
    return true;
}

static value_t with_value(const value_t *fields, uint32_t which, value_t value)
{
    value_t *items =
        arena_copy(world_arena(worlds[0]), fields->items, 2 * fields->count * sizeof *items);

    items[2 * which + 1] = value;
    return (value_t){.form = VALUE_MAP, .count = fields->count, .items = items};
}

/* The value of one field for the other region: the same, unless it is hidden and decides
   nothing that is not. */
static value_t choose_other(const kind_t *kind, const record_t *before, const value_t *fields,
                            uint32_t which)
{
    const field_t *field = kind_field(kind, fields->items[2 * which].text);
    const value_t *value = &fields->items[2 * which + 1];
    record_t *after = after_write(0, kind, before, fields);

    if (!is_hidden(after, field))
        return *value;
    value_t other = other_value(field, value);
    if (field->type == TYPE_REFERENCE &&
        (!are_far(value) || !are_far(&other) || is_elsewhere(value, &other)))
        return *value;
    value_t others = with_value(fields, which, other);
    return look_the_same(after, after_write(0, kind, before, &others)) ? other : *value;
}

static value_t without_openers(const kind_t *kind, const record_t *before, const value_t *fields)
{
    value_builder_t kept = value_builder(world_arena(worlds[0]));
    record_t *after = after_write(0, kind, before, fields);

    for (uint32_t i = 0; i < fields->count; i++) {
        const field_t *field = kind_field(kind, fields->items[2 * i].text);
        if (world_writes_field(field) && (!opens_another(field) || is_hidden(after, field)))
            value_add_pair(&kept, field->name, fields->items[2 * i + 1]);
    }
    return value_build_map(&kept);
}

/* The regions differ in what stands in hidden fields, not in which of them a write changes. */
static bool change_alike(const record_t *const before[REGIONS], record_t *const after[REGIONS])
{
    for (size_t i = 0; before[0] != NULL && i < before[0]->id.kind->n_fields; i++)
        if (value_equal(&before[0]->fields[i], &after[0]->fields[i]) !=
            value_equal(&before[1]->fields[i], &after[1]->fields[i]))
            return false;
    return true;
}

/* The fields of a write, and those for the other region. False when it would show what
   differs already. */
static bool choose_fields(const kind_t *kind, const char *id, const value_t *drawn,
                          value_t fields[REGIONS])
{
    const record_t *before[REGIONS] = {NULL, NULL};
    record_t *after[REGIONS];
    record_id_t parsed;

    for (size_t which = 0; id != NULL && which < REGIONS; which++)
        if (!record_id_parse(&parsed, id, kind) ||
            (before[which] = model_last(models[which], &parsed)) == NULL)
            return false;
    fields[0] = fields[1] = without_openers(kind, before[0], drawn);
    for (uint32_t i = 0; i < fields[0].count; i++) {
        value_t other = choose_other(kind, before[0], &fields[0], i);
        told.secrets += !value_equal(&other, &fields[0].items[2 * i + 1]);
        fields[1] = with_value(&fields[1], i, other);
    }
    for (size_t which = 0; which < REGIONS; which++)
        after[which] = after_write(which, kind, before[which], &fields[which]);
    return change_alike(before, after) && shows_no_more(before, after);
}

/* -- the coordinator ------------------------------------------------------------------------- */

/* In both or in neither. */
static void write_both(asked_t asked, const value_t fields[REGIONS])
{
    bool possible = true;

    for (int dry = 1; possible && dry >= 0; dry--) {
        reply_t replies[REGIONS];
        for (size_t which = 0; which < REGIONS; which++) {
            value_builder_t map = value_builder(world_arena(worlds[0]));
            for (uint32_t i = 0; i < asked.arguments.count; i++)
                value_add_pair(&map, asked.arguments.items[2 * i].text,
                               asked.arguments.items[2 * i + 1]);
            if (fields != NULL)
                value_add_pair(&map, "fields", fields[which]);
            if (dry)
                value_add_pair(&map, "dry_run", value_boolean(true));
            asked_t one = asked;
            one.arguments = value_build_map(&map);
            asks_send(worlds[which], &one);
            replies[which] = one.reply;
            possible = possible && one.reply.error.code == ERROR_NONE;
        }
        if (!dry && (!possible || replies[0].revision != replies[1].revision))
            fail_msg("%s %s goes %s in one, %s in the other", asked.command,
                     literal_print(&asked.arguments, world_arena(worlds[0])),
                     error_name(replies[0].error.code), error_name(replies[1].error.code));
        told.written += !dry;
    }
    follow(&asked);
}

/* By rules it names someone in another record, who comes to see that: who opts in is one of
   the pool's brokers, an inquiry's broker is that of its opt-ins. */
static bool names_elsewhere(const kind_t *kind, const char *verb, const value_t *fields)
{
    return (strcmp(kind->name, "opt_in") == 0 && verb != NULL) ||
           (strcmp(kind->name, "inquiry") == 0 && value_get(fields, "broker")->form == VALUE_TEXT);
}

/* What was drawn for a coordinator, put and patch and moves that place nothing, with
   other values where they are hidden. */
static void write_secrets(void)
{
    asked_t asked = asks_write(worlds[0], NULL);
    const value_t *drawn = value_get(&asked.arguments, "fields");
    const char *id = value_get_text(&asked.arguments, "id");
    const char *verb = value_get_text(&asked.arguments, "verb");
    const kind_t *kind = NULL;
    value_t fields[REGIONS];
    record_id_t parsed;
    value_builder_t map = value_builder(world_arena(worlds[0]));

    if (strcmp(asked.command, "put") == 0)
        kind = schema_kind(value_get_text(&asked.arguments, "kind"));
    else if (id != NULL && record_id_parse(&parsed, id, NULL))
        kind = parsed.kind;
    /* What counties hold stays: others see of a hidden place which one it lies in. */
    if (kind == NULL || (kind->coded && id != NULL && strcmp(asked.command, "put") != 0))
        return;
    if (names_elsewhere(kind, verb, drawn))
        return;
    const move_t *move = verb != NULL ? kind_move(kind, verb, NULL) : NULL;
    if (move != NULL && (move_field(kind, move) != NULL || *kind->scope == '\0' ||
                         strcmp(move->verb, "forward") == 0))
        return;
    for (uint32_t i = 0; i < asked.arguments.count; i++) {
        const char *name = asked.arguments.items[2 * i].text;
        if (strcmp(name, "fields") != 0 && strcmp(name, "dry_run") != 0 &&
            strcmp(name, "if_rev") != 0)
            value_add_pair(&map, name, asked.arguments.items[2 * i + 1]);
    }
    asked.arguments = value_build_map(&map);
    if (drawn->form != VALUE_MAP) {
        write_both(asked, NULL);
        return;
    }
    for (size_t i = 0; i < REGIONS; i++)
        model_open(models[i]);
    bool good = choose_fields(kind, strcmp(asked.command, "put") == 0 ? NULL : id, drawn, fields);
    for (size_t i = 0; i < REGIONS; i++)
        model_close(models[i]);
    if (good)
        write_both(asked, fields);
}

/* -- observers ---------------------------------------------------------------------------------- */

/* What an observer writes must not open what differs: no person is named as contact or
   made one of the staff, no protection ends. And what it probes for may be the other region's value. */
static value_t as_observed(const value_t *value, bool fields, bool where)
{
    value_builder_t map = value_builder(world_arena(worlds[0]));

    if (value->form == VALUE_LIST) {
        value_t *items =
            arena_copy(world_arena(worlds[0]), value->items, value->count * sizeof *items);
        for (uint32_t i = 0; i < value->count; i++)
            items[i] = as_observed(&items[i], false, false);
        return value_list(items, value->count);
    }
    if (value->form != VALUE_MAP)
        return *value;
    for (uint32_t i = 0; i < value->count; i++) {
        const char *name = value->items[2 * i].text;
        const value_t *inner = &value->items[2 * i + 1];
        if ((fields && schema_words_have("contact_person discreet protected staff", name)) ||
            (reading == MODEL_PLAIN && strcmp(name, "purpose") == 0))
            continue;
        value_t kept = as_observed(inner, strcmp(name, "fields") == 0, strcmp(name, "where") == 0);
        if (where && inner->form == VALUE_TEXT && world_chance(worlds[0], 50))
            kept = value_text(arena_format(world_arena(worlds[0]),
                                           "A %s and much more of it, so that sizes differ",
                                           inner->text));
        value_add_pair(&map, name, kept);
    }
    return value_build_map(&map);
}

static void observe(void)
{
    world_t *world = worlds[0];
    const actor_t *actor = world_actor(world, world_draw(world, world_n_actors(world)));
    asked_t asked = world_chance(world, 20) ? asks_write(world, actor) : asks_read(world, actor);

    asked.arguments = as_observed(&asked.arguments, false, false);
    do {
        asked = ask_both(&asked);
        told.asked++;
        follow(&asked);
    } while (world_chance(world, 70) && asks_next_page(world, &asked));
}

static void tend_watches(void)
{
    size_t which = (size_t)world_draw(worlds[0], world_n_actors(worlds[0]));
    bool turn = world_chance(worlds[0], 40), deaf = world_chance(worlds[0], 50);
    asked_t asked = asks_watch(worlds[0], world_actor(worlds[0], which));
    error_t error = {0};

    for (size_t i = 0; turn && i < REGIONS; i++)
        client_set_deaf(world_region(worlds[i]), world_actor(worlds[i], which)->client, deaf);
    asked = ask_both(&asked);
    follow(&asked);
    if (asked.reply.error.code != ERROR_TOO_LARGE &&
        value_get_integer(&asked.reply.result, "watch", 0) < 50)
        return;
    for (size_t i = 0; i < REGIONS; i++) {
        actor_t *actor = world_actor(worlds[i], which);
        region_hello(world_region(worlds[i]), actor->name, actor->key, &error);
    }
}

static void step(void)
{
    uint64_t what = world_draw(worlds[0], 100);

    for (size_t i = 0; i < REGIONS; i++)
        world_reset(worlds[i]);
    if (what < 35)
        write_secrets();
    else if (what < 95)
        observe();
    else
        tend_watches();
    for (size_t i = 0; what == 99 && i < REGIONS; i++)
        region_pass(world_region(worlds[i]), 60000);
    follow(NULL);
}

static void live_two_lives(const looker_t *lookers, size_t n_lookers, model_reading_t as,
                           uint64_t count)
{
    static size_t numbers[REGIONS] = {0, 1};

    memset(&told, 0, sizeof told);
    reading = as;
    for (size_t i = 0; i < REGIONS; i++) {
        worlds[i] = world_new(seed);
        for (size_t j = 0; j < n_lookers; j++)
            world_add_actor(worlds[i], lookers[j].name, lookers[j].role, lookers[j].scope);
        region_set_epoch(world_region(worlds[i]), EPOCH);
        models[i] = model_new(world_region(worlds[i]));
        n_heard[i] = 0;
        region_listen(world_region(worlds[i]), hear, &numbers[i]);
    }
    for (uint64_t i = 0; i < count; i++)
        step();
    printf("%llu operations: %llu writes with %llu hidden differences, %llu requests, %llu frames "
           "compared\n",
           (unsigned long long)count, (unsigned long long)told.written,
           (unsigned long long)told.secrets, (unsigned long long)told.asked,
           (unsigned long long)told.compared);
    assert_true(told.written > count / 20 && told.secrets > count / 100 && told.asked > count / 3);
    for (size_t i = 0; i < REGIONS; i++) {
        region_listen(world_region(worlds[i]), NULL, NULL);
        assert_int_equal(region_check(world_region(worlds[i])), 0);
        model_destroy(&models[i]);
        world_destroy(&worlds[i]);
    }
}

/* People of one place, and others who see little: of the rest of the region they see what
   is shared. */
static void those_of_one_place_cannot_tell(void **state)
{
    static const looker_t lookers[] = {
        {"viewer", "viewer", "municipalities=[mun-0583]"},
        {"broker-orebro", "broker", "municipalities=[mun-1880]"},
        {"head-motala", "head", "organisations=[org-2]"},
        {"service", "service", ""},
        {"participant", "participant", "municipalities=[mun-1880]"},
        {"provider", "provider", "organisations=[org-2]"},
        {"evaluator", "evaluator", ""},
        {"admin-only", "admin", ""},
        {"privacy-orebro", "privacy", "municipalities=[mun-1880]"},
    };

    (void)state;
    live_two_lives(lookers, sizeof lookers / sizeof *lookers, MODEL_GET, n_operations / 2);
}

/* From a coordinator of the whole region protected identities alone are hidden. */
static void a_coordinator_cannot_tell_the_protected(void **state)
{
    static const looker_t lookers[] = {{"coordinator-too", "coordinator", ""}};

    (void)state;
    live_two_lives(lookers, 1, MODEL_GET, n_operations / 4);
}

/* And whoever names no purpose sees nobody's data. */
static void without_a_purpose_no_one_can_tell(void **state)
{
    static const looker_t lookers[] = {{"coordinator-too", "coordinator", ""},
                                       {"privacy-too", "privacy", ""}};

    (void)state;
    live_two_lives(lookers, 2, MODEL_PLAIN, n_operations / 4);
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(those_of_one_place_cannot_tell),
        cmocka_unit_test(a_coordinator_cannot_tell_the_protected),
        cmocka_unit_test(without_a_purpose_no_one_can_tell),
    };

    if (argc != 3) {
        fprintf(stderr, "usage: %s OPERATIONS SEED\n", argv[0]);
        return 2;
    }
    n_operations = strtoull(argv[1], NULL, 10);
    seed = strtoull(argv[2], NULL, 10);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
