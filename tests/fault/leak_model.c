#include "leak_model.h"

#include "clock.h"
#include "history.h"
#include "journal.h"
#include "records.h"

#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 6
#define FOLLOWED_MAX 3 /* what hangs on more others than these is seen by nobody */
#define PLACES 32

/* Those who work with what lies in their scope; the privacy officer with people's data. */
#define ROLES_AT_WORK (ROLE_BIT(ROLE_broker) | ROLE_BIT(ROLE_head) | ROLE_BIT(ROLE_coordinator))

typedef struct {
    record_t **records;
    size_t count, room;
} all_t;

struct model {
    region_t *region;
    store_txn_t *txn;
    arena_t *arena; /* until model_close */
    arena_t *rights_arena;
    uint64_t rights_revision; /* that grants and keys were read at */
    all_t grants, keys;
    const char **employers_in; /* a municipality an employer, once it is asked for; else NULL */
    size_t n_employers;
    char today[11];
};

model_t *model_new(region_t *region)
{
    model_t *self = calloc(1, sizeof *self);

    self->region = region;
    self->arena = arena_new();
    self->rights_arena = arena_new();
    self->rights_revision = UINT64_MAX;
    return self;
}

void model_destroy(model_t **self_p)
{
    model_t *self = *self_p;

    if (self == NULL)
        return;
    arena_destroy(&self->arena);
    arena_destroy(&self->rights_arena);
    free(self->grants.records);
    free(self->keys.records);
    free(self);
    *self_p = NULL;
}

static void read_all(model_t *self, all_t *all, const char *kind)
{
    records_scan_t *scan =
        records_scan(self->txn, schema_kind(kind), false, NULL, self->rights_arena);
    record_t *record;

    all->count = 0;
    while ((record = records_next(scan, self->rights_arena)) != NULL) {
        if (all->count == all->room) {
            all->room = all->room ? 2 * all->room : 64;
            all->records = realloc(all->records, all->room * sizeof *all->records);
        }
        all->records[all->count++] = record;
    }
    records_scan_end(&scan);
}

void model_open(model_t *self)
{
    self->txn = store_read(region_environment(self->region)->store);
    clock_day(region_now(self->region), self->today);
    if (self->rights_revision != store_rights_revision(self->txn)) {
        arena_reset(self->rights_arena);
        read_all(self, &self->grants, "grant");
        read_all(self, &self->keys, "key");
        self->rights_revision = store_rights_revision(self->txn);
    }
}

void model_close(model_t *self)
{
    store_abort(&self->txn);
    arena_reset(self->arena);
    self->employers_in = NULL;
}

store_txn_t *model_txn(model_t *self)
{
    return self->txn;
}

arena_t *model_arena(model_t *self)
{
    return self->arena;
}

/* -- where a record belongs ----------------------------------------------------------- */

typedef struct {
    const char *ids[PLACES];
    unsigned count;
} named_t;

typedef struct {
    named_t municipalities, organisations, users, readers, providers;
} where_t;

static void add(named_t *self, const char *id)
{
    if (self->count < PLACES)
        self->ids[self->count++] = id;
}

static bool has(const named_t *self, const char *id)
{
    for (unsigned i = 0; i < self->count; i++)
        if (strcmp(self->ids[i], id) == 0)
            return true;
    return false;
}

static const record_t *find(model_t *self, const char *text)
{
    record_id_t id;

    return text != NULL && record_id_parse(&id, text, NULL)
               ? records_get(self->txn, &id, self->arena)
               : NULL;
}

static void locate(model_t *self, where_t *where, const record_t *record, int depth);

static void add_named(model_t *self, where_t *where, named_t *municipalities, const char *text,
                      int depth)
{
    if (strncmp(text, "mun-", 4) == 0) {
        add(municipalities, text);
    } else if (strncmp(text, "usr-", 4) == 0) {
        add(&where->users, text);
    } else {
        const record_t *record = depth < DEPTH_MAX ? find(self, text) : NULL;
        if (record != NULL)
            locate(self, where, record, depth + 1);
    }
}

static void add_words(model_t *self, where_t *where, named_t *municipalities,
                      const record_t *record, const char *words, int depth)
{
    char word[64];

    while (schema_words_next(&words, word, sizeof word)) {
        if (*word == '=') {
            const char *organisation = record_get_text(record, word + 1);
            if (organisation != NULL) {
                add(&where->organisations, organisation);
                add(&where->providers, organisation);
            }
            continue;
        }
        const value_t *value = record_get(record, word);
        if (strcmp(word, "self") == 0 && strncmp(record->id.text, "org-", 4) == 0)
            add(&where->organisations, record->id.text);
        else if (strcmp(word, "self") == 0)
            add_named(self, where, municipalities, record->id.text, DEPTH_MAX);
        else if (value->form == VALUE_TEXT)
            add_named(self, where, municipalities, value->text, depth);
        for (uint32_t i = 0; value->form == VALUE_LIST && i < value->count; i++)
            add_named(self, where, municipalities, value->items[i].text, depth);
    }
}

static void locate(model_t *self, where_t *where, const record_t *record, int depth)
{
    add_words(self, where, &where->municipalities, record, record->id.kind->scope, depth);
}

/* -- one grant ------------------------------------------------------------------------- */

static bool spans(const value_t *list, const named_t *places)
{
    for (unsigned i = 0; i < places->count; i++)
        if (value_list_has(list, places->ids[i]))
            return true;
    return false;
}

static role_mask_t role_bit(const record_t *grant)
{
    return ROLE_BIT(role_of(record_get_text(grant, "role")));
}

/* `reading`: where it was forwarded from too. A provider is its organisation. */
static bool reaches(const record_t *grant, const where_t *where, bool reading)
{
    const value_t *municipalities = record_get(grant, "municipalities");

    if (role_bit(grant) == ROLE_BIT(ROLE_provider))
        return spans(record_get(grant, "organisations"), &where->providers);
    return record_get_boolean(grant, "whole") || spans(municipalities, &where->municipalities) ||
           spans(record_get(grant, "organisations"), &where->organisations) ||
           (reading && spans(municipalities, &where->readers));
}

/* The next grant of the user that holds today. */
static const record_t *next_grant(const model_t *self, size_t *i, const char *user)
{
    while (*i < self->grants.count) {
        const record_t *grant = self->grants.records[(*i)++];
        const char *until = record_get_text(grant, "until");
        if (strcmp(record_get_text(grant, "user"), user) == 0 &&
            (until == NULL || strcmp(until, self->today) >= 0))
            return grant;
    }
    return NULL;
}

static bool is_active(model_t *self, const char *user)
{
    const record_t *record = find(self, user);

    return record != NULL && strcmp(record_get_text(record, "state"), "active") == 0;
}

/* Whose scope opens what is local: of a kind that holds people's data the privacy
   officer's too. */
static role_mask_t opening_roles(const kind_t *kind)
{
    return ROLES_AT_WORK | (*kind->subject != '\0' ? ROLE_BIT(ROLE_privacy) : 0);
}

static bool is_own(model_t *self, const char *user, const record_t *record, const where_t *where)
{
    const record_t *grant;
    size_t i = 0;

    if (has(&where->users, user))
        return true;
    while ((grant = next_grant(self, &i, user)) != NULL)
        if ((role_bit(grant) & opening_roles(record->id.kind)) && reaches(grant, where, true))
            return true;
    return false;
}

static bool may_write(model_t *self, const char *user, const record_t *record, const where_t *where)
{
    const record_t *grant;
    size_t i = 0;

    while ((grant = next_grant(self, &i, user)) != NULL)
        if ((role_bit(grant) & record->id.kind->writers) &&
            (reaches(grant, where, false) || has(&where->users, user)))
            return true;
    return false;
}

/* -- what is seen --------------------------------------------------------------------------- */

static field_mask_t bit(const kind_t *kind, const char *name)
{
    const field_t *field = kind_field(kind, name);

    return field != NULL ? (field_mask_t)1 << field->index : 0;
}

static field_mask_t of_class(const kind_t *kind, class_t class)
{
    field_mask_t mask = 0;

    for (size_t i = 0; i < kind->n_fields; i++)
        if (kind->fields[i].class == class)
            mask |= (field_mask_t)1 << i;
    return mask;
}

static field_mask_t with_attribute(const kind_t *kind, unsigned attribute)
{
    field_mask_t mask = 0;

    for (size_t i = 0; i < kind->n_fields; i++)
        if (kind->fields[i].attributes & attribute)
            mask |= (field_mask_t)1 << i;
    return mask;
}

/* People's data: by class, or sealed because of what it says, as a sole trader's number. */
static field_mask_t of_people(const record_t *record)
{
    const kind_t *kind = record->id.kind;
    field_mask_t mask = of_class(kind, CLASS_PERSONAL);

    for (size_t i = 0; i < kind->n_fields; i++)
        if (record->fields[i].form == VALUE_BYTES && kind->fields[i].type != TYPE_KEY &&
            !(kind->fields[i].attributes & FIELD_SEALED))
            mask |= (field_mask_t)1 << i;
    return mask;
}

static void find_employers(model_t *self)
{
    const kind_t *kind = schema_kind("organisation");
    records_scan_t *scan = records_scan(self->txn, kind, false, NULL, self->arena);
    const record_t *record;

    self->n_employers = 0;
    self->employers_in =
        arena_alloc(self->arena, (records_count(self->txn, kind) + 1) * sizeof(char *));
    while ((record = records_next(scan, self->arena)) != NULL)
        if (value_list_has(record_get(record, "types"), "employer"))
            self->employers_in[self->n_employers++] = record_get_text(record, "municipality");
    records_scan_end(&scan);
}

/* "An employer in" the municipality where at least five would fit, else the county. */
static field_mask_t shown_discreet(model_t *self, const record_t *record)
{
    const kind_t *kind = record->id.kind;
    const char *municipality = record_get_text(record, "municipality");
    unsigned employers = 0;
    field_mask_t mask = 0;

    for (size_t i = 0; i < kind->n_fields; i++)
        if (kind->fields[i].shown_discreet)
            mask |= (field_mask_t)1 << i;
    if (municipality == NULL)
        return mask;
    if (self->employers_in == NULL)
        find_employers(self);
    for (size_t i = 0; i < self->n_employers; i++)
        employers += strcmp(self->employers_in[i], municipality) == 0;
    return employers >= 5 ? mask | bit(kind, "municipality") : mask;
}

/* Of someone with protected identity: a chosen name, to named users; to those who keep
   the record in order, what that takes; the rest to the privacy officer alone. */
static field_mask_t seen_of_protected(model_t *self, const char *user, const record_t *record,
                                      const where_t *where)
{
    const kind_t *kind = record->id.kind;

    if (may_write(self, user, record, where))
        return bit(kind, "display_name") | bit(kind, "visible_to") | bit(kind, "protected") |
               bit(kind, "organisation");
    return value_list_has(record_get(record, "visible_to"), user) ? bit(kind, "display_name") : 0;
}

/* In this role, where the record lies. */
static bool holds(model_t *self, role_t role, const char *user, const where_t *where)
{
    const record_t *grant;
    size_t i = 0;

    while ((grant = next_grant(self, &i, user)) != NULL)
        if (role_bit(grant) == ROLE_BIT(role) && reaches(grant, where, true))
            return true;
    return false;
}

/* Of one whose data's use is restricted, people's data and what is sealed with it are kept
   from all but the privacy officer. */
static bool is_restricted(model_t *self, const record_t *record)
{
    const char *subject = record->id.kind->subject;
    const record_t *person =
        strcmp(subject, "self") == 0 ? record : find(self, record_get_text(record, subject));
    const char *state = person != NULL ? record_get_text(person, "state") : NULL;

    return state != NULL && strcmp(state, "restricted") == 0;
}

/* What hangs on a record is there for those to whom that record is fully there. */
static bool follows_hidden(model_t *self, const char *user, const record_t *record, int depth);

static field_mask_t seen(model_t *self, const char *user, const record_t *record,
                         model_reading_t reading, int depth)
{
    const kind_t *kind = record->id.kind;
    where_t where = {0};
    field_mask_t mask = 0;
    bool read = false;
    const record_t *grant;
    size_t i = 0;

    locate(self, &where, record, 0);
    add_words(self, &where, &where.readers, record, kind->also, 0);
    bool named = has(&where.users, user);
    bool own = is_own(self, user, record, &where);
    field_mask_t people = of_people(record);
    while ((grant = next_grant(self, &i, user)) != NULL) {
        role_mask_t role = role_bit(grant);
        if (!(role & kind->readers))
            continue;
        read = true;
        mask |= of_class(kind, CLASS_PUBLIC);
        if (role & (ROLES_STAFF | ROLES_ADMIN | ROLE_BIT(ROLE_privacy)))
            mask |= of_class(kind, CLASS_SHARED);
    }
    bool provides =
        (kind->writers & ROLE_BIT(ROLE_provider)) && holds(self, ROLE_provider, user, &where);
    if (!read && !named && !provides)
        return 0;
    /* What a provider is asked and what it offers, whatever that hangs on. */
    if (provides && !own)
        return (of_class(kind, CLASS_PUBLIC) | of_class(kind, CLASS_SHARED)) & ~people & kind->all &
               ~with_attribute(kind, FIELD_INTERNAL);
    if (follows_hidden(self, user, record, depth))
        return 0;
    if (record_get_boolean(record, "protected") && !holds(self, ROLE_privacy, user, &where))
        return seen_of_protected(self, user, record, &where);
    if (own)
        mask = FIELD_MASK_ALL;
    mask &= ~people;
    if (own && reading != MODEL_PLAIN)
        mask |= people;
    if (record_get_boolean(record, "staff"))
        mask |= with_attribute(kind, FIELD_STAFF);
    if (record_get_boolean(record, "discreet") && !own)
        mask &= shown_discreet(self, record);
    if (is_restricted(self, record) && !holds(self, ROLE_privacy, user, &where))
        mask &= ~(people | with_attribute(kind, FIELD_SEALED));
    return mask & kind->all & ~with_attribute(kind, FIELD_INTERNAL);
}

static bool follows_hidden(model_t *self, const char *user, const record_t *record, int depth)
{
    const char *followed = *record->id.kind->follows != '\0'
                               ? record_get_text(record, record->id.kind->follows)
                               : NULL;
    where_t where = {0};
    record_id_t id;

    if (followed == NULL || !record_id_parse(&id, followed, NULL))
        return false;
    if (depth == FOLLOWED_MAX)
        return true;
    const record_t *over = model_last(self, &id);
    if (over == NULL)
        return false;
    locate(self, &where, over, 0);
    add_words(self, &where, &where.readers, over, over->id.kind->also, 0);
    return seen(self, user, over, MODEL_PLAIN, depth + 1) == 0 ||
           (record_get_boolean(over, "discreet") && !is_own(self, user, over, &where)) ||
           (record_get_boolean(over, "protected") && !may_write(self, user, over, &where));
}

/* True when a record that the user may write names this one in a local field. */
static bool is_named_in_own(model_t *self, const char *user, const record_id_t *id)
{
    for (size_t k = 0; k < schema_n_kinds(); k++) {
        const kind_t *kind = schema_kind_at(k);
        for (size_t i = 0; i < kind->n_fields; i++) {
            const field_t *field = &kind->fields[i];
            if (field->type != TYPE_REFERENCE || field->class != CLASS_LOCAL ||
                (field->target != NULL && field->target != id->kind))
                continue;
            records_scan_t *scan = records_scan(self->txn, kind, false, NULL, self->arena);
            const record_t *record;
            bool found = false;
            while (!found && (record = records_next(scan, self->arena)) != NULL) {
                where_t where = {0};
                const value_t *value = &record->fields[i];
                if (!(value->form == VALUE_TEXT && strcmp(value->text, id->text) == 0) &&
                    !(value->form == VALUE_LIST && value_list_has(value, id->text)))
                    continue;
                locate(self, &where, record, 0);
                found = may_write(self, user, record, &where);
            }
            records_scan_end(&scan);
            if (found)
                return true;
        }
    }
    return false;
}

field_mask_t model_sees(model_t *self, const char *user, const record_t *record,
                        model_reading_t reading)
{
    if (user == NULL || !is_active(self, user))
        return 0;
    field_mask_t mask = seen(self, user, record, reading, 0);
    field_mask_t people = of_class(record->id.kind, CLASS_PERSONAL);
    if (reading == MODEL_GET && mask != 0 && (people & ~mask) != 0 &&
        !record_get_boolean(record, "protected") && is_named_in_own(self, user, &record->id))
        mask |= people;
    return mask;
}

bool model_may_write(model_t *self, const char *user, const record_t *record)
{
    where_t where = {0};

    locate(self, &where, record, 0);
    return may_write(self, user, record, &where);
}

const char *model_user(model_t *self, const unsigned char public_key[32])
{
    for (size_t i = 0; i < self->keys.count; i++) {
        const value_t *key = record_get(self->keys.records[i], "public_key");
        const char *state = record_get_text(self->keys.records[i], "state");
        const char *user = record_get_text(self->keys.records[i], "user");
        if (memcmp(key->bytes, public_key, 32) == 0)
            return strcmp(state, "active") == 0 && is_active(self, user) ? user : NULL;
    }
    return NULL;
}

const record_t *model_last(model_t *self, const record_id_t *id)
{
    const record_t *record = records_get(self->txn, id, self->arena);
    uint64_t deleted = record == NULL ? history_at(self->txn, id, store_head(self->txn)) : 0;
    uint64_t before = 0;

    return deleted != 0 && journal_before(self->txn, deleted, id, &before) && before != 0
               ? store_record_at(self->txn, id, before, self->arena)
               : record;
}

const record_t *model_at(model_t *self, const record_id_t *id, uint64_t revision)
{
    return store_record_at(self->txn, id, revision, self->arena);
}

field_mask_t model_sees_at(model_t *self, const char *user, const record_id_t *id,
                           uint64_t revision, model_reading_t reading)
{
    const record_t *last = model_last(self, id);
    const record_t *then =
        last != NULL && last->revision == revision ? last : model_at(self, id, revision);
    field_mask_t mask = then != NULL ? model_sees(self, user, then, reading) : 0;

    return mask != 0 && then != last ? mask & model_sees(self, user, last, reading) : mask;
}

uint64_t model_before(model_t *self, const record_id_t *id, uint64_t revision)
{
    return history_at(self->txn, id, revision - 1);
}
