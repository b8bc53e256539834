#include "access.h"

#include "clock.h"
#include "index.h"
#include "records.h"

#include <string.h>

/* Roles whose scope opens local fields. A viewer reads what is shared, wherever it lies. */
#define ROLES_OWN (ROLE_BIT(ROLE_broker) | ROLE_BIT(ROLE_head) | ROLE_BIT(ROLE_coordinator))

/* Roles that see what is shared. */
#define ROLES_INSIDE (ROLES_STAFF | ROLES_ADMIN | ROLE_BIT(ROLE_privacy))

/* -- rights --------------------------------------------------------------------- */

static const right_t daemons_right = {.role = ROLE_coordinator,
                                      .whole = true,
                                      .municipalities = &value_absent,
                                      .organisations = &value_absent};

const access_t access_daemon = {
    .valid = true, .roles = ROLE_BIT(ROLE_coordinator), .rights = &daemons_right, .n_rights = 1};

/* The one record of `kind` whose unique `field` equals `value`, or NULL. */
static record_t *find_by(store_txn_t *txn, const char *kind_name, const char *field,
                         const value_t *value, arena_t *arena)
{
    const kind_t *kind = schema_kind(kind_name);
    const index_t *index = index_find(kind, &field, 1);
    index_scan_t *scan = index_scan(txn, kind, index, value, 1, false, arena);
    record_t *found = NULL;
    record_id_t id;

    while (found == NULL && index_next(scan, &id)) {
        record_t *record = records_get(txn, &id, arena);
        if (record != NULL && value_equal(record_get(record, field), value))
            found = record;
    }
    index_scan_end(&scan);
    return found;
}

static void load_rights(access_t *self, store_txn_t *txn, uint64_t now_ms, arena_t *arena)
{
    static const char *const by_user[] = {"user"};
    const kind_t *kind = schema_kind("grant");
    const index_t *index = index_find(kind, by_user, 1);
    value_t user = value_text(self->user.text);
    size_t count = 0, room = 0;
    right_t *rights = NULL;
    record_id_t id;
    char today[11];

    clock_day(now_ms, today);
    index_scan_t *scan = index_scan(txn, kind, index, &user, 1, false, arena);
    while (index_next(scan, &id)) {
        const record_t *grant = records_get(txn, &id, arena);
        if (grant == NULL)
            continue;
        const char *until = record_get_text(grant, "until");
        role_t role = role_of(record_get_text(grant, "role"));
        if (role == ROLES || (until != NULL && strcmp(until, today) < 0))
            continue;
        if (count == room) {
            room = room ? room * 2 : 4;
            right_t *more = arena_alloc(arena, room * sizeof *more);
            if (rights != NULL)
                memcpy(more, rights, count * sizeof *more);
            rights = more;
        }
        rights[count++] = (right_t){.role = role,
                                    .whole = record_get_boolean(grant, "whole"),
                                    .municipalities = record_get(grant, "municipalities"),
                                    .organisations = record_get(grant, "organisations"),
                                    .until = until};
        self->roles |= ROLE_BIT(role);
    }
    index_scan_end(&scan);
    self->rights = rights;
    self->n_rights = count;
}

access_t *access_of_user(store_txn_t *txn, const record_id_t *user, uint64_t now_ms, arena_t *arena)
{
    access_t *self = arena_alloc(arena, sizeof *self);
    const record_t *record = records_get(txn, user, arena);
    const char *state = record != NULL ? record_get_text(record, "state") : NULL;

    self->user = *user;
    if (state == NULL || strcmp(state, "active") != 0)
        return self;
    self->valid = true;
    load_rights(self, txn, now_ms, arena);
    return self;
}

const access_t *access_of_key(store_txn_t *txn, const unsigned char public_key[32], uint64_t now_ms,
                              arena_t *arena)
{
    value_t value = value_bytes(public_key, 32);
    const record_t *key = find_by(txn, "key", "public_key", &value, arena);
    record_id_t user;

    if (key == NULL || !record_id_parse(&user, record_get_text(key, "user"), NULL))
        return arena_alloc(arena, sizeof(access_t));

    const char *state = record_get_text(key, "state");
    access_t *self = access_of_user(txn, &user, now_ms, arena);
    self->key = key->id;
    if (strcmp(state, "active") == 0)
        return self;

    /* An invitation that was taken up still answers a repeat of the same join. */
    bool open = strcmp(state, "invited") == 0 || strcmp(state, "used") == 0;
    self->invitation =
        open && self->valid && (uint64_t)record_get_integer(key, "expires", 0) > now_ms;
    self->valid = false;
    self->roles = 0;
    self->n_rights = 0;
    return self;
}

const char *access_user_of(const record_t *record)
{
    if (record == NULL)
        return NULL;
    const char *kind = record->id.kind->name;
    if (strcmp(kind, "user") == 0)
        return record->id.text;
    if (strcmp(kind, "grant") == 0 || strcmp(kind, "key") == 0)
        return record_get_text(record, "user");
    return NULL;
}

bool access_equal(const access_t *a, const access_t *b)
{
    if (a->valid != b->valid || a->invitation != b->invitation || a->roles != b->roles ||
        a->n_rights != b->n_rights || strcmp(a->user.text, b->user.text) != 0)
        return false;
    for (size_t i = 0; i < a->n_rights; i++)
        if (a->rights[i].role != b->rights[i].role || a->rights[i].whole != b->rights[i].whole ||
            !value_equal(a->rights[i].municipalities, b->rights[i].municipalities) ||
            !value_equal(a->rights[i].organisations, b->rights[i].organisations) ||
            strcmp(a->rights[i].until != NULL ? a->rights[i].until : "",
                   b->rights[i].until != NULL ? b->rights[i].until : "") != 0)
            return false;
    return true;
}

/* -- covering ----------------------------------------------------------------------- */

static bool list_meets(const value_t *list, const places_t *places)
{
    for (unsigned i = 0; i < places->count; i++)
        if (value_list_has(list, places->ids[i]))
            return true;
    return false;
}

static bool covers(const access_t *self, role_mask_t roles, const placement_t *placement,
                   bool reading)
{
    for (size_t i = 0; i < self->n_rights; i++) {
        const right_t *right = &self->rights[i];
        if (!(roles & ROLE_BIT(right->role)))
            continue;
        /* A provider is an organisation, whatever else the grant says: what it is asked, not
           what it answers for as a learning centre. */
        if (right->role == ROLE_provider) {
            if (list_meets(right->organisations, &placement->providers))
                return true;
            continue;
        }
        if (right->whole || list_meets(right->municipalities, &placement->municipalities) ||
            list_meets(right->organisations, &placement->organisations) ||
            (reading && list_meets(right->municipalities, &placement->readers_municipalities)))
            return true;
    }
    return false;
}

bool access_covers(const access_t *self, role_mask_t roles, const placement_t *placement)
{
    return covers(self, roles, placement, false);
}

bool access_is_named(const access_t *self, const placement_t *placement)
{
    return self->valid && places_have(&placement->users, self->user.text);
}

bool access_is_own(const access_t *self, const record_t *record, const placement_t *placement)
{
    /* The privacy officer's opens people's data: of an inquiry it opens nothing, also to
       one who reads inquiries in another role. */
    bool of_people = *record->id.kind->subject != '\0';
    role_mask_t roles = ROLES_OWN | (of_people ? ROLE_BIT(ROLE_privacy) : 0);

    return self->valid &&
           (covers(self, roles, placement, true) || access_is_named(self, placement));
}

field_mask_t access_disclosed(const access_t *self, const record_t *record,
                              const placement_t *placement, const char *subject)
{
    const kind_t *kind = record->id.kind;
    const char *holds = strcmp(kind->subject, "self") == 0 ? record->id.text
                                                           : record_get_text(record, kind->subject);

    if (!self->valid || !covers(self, ROLE_BIT(ROLE_privacy), placement, true))
        return 0;
    bool others = holds == NULL || strcmp(holds, subject) != 0;
    return kind->all & ~kind->internal & ~(others ? placement->personal | kind->sealed : 0);
}

/* -- viewing ------------------------------------------------------------------------- */

static field_mask_t bit_of(const kind_t *kind, const char *field)
{
    const field_t *found = kind_field(kind, field);
    return found == NULL ? 0 : (field_mask_t)1 << found->index;
}

/* What a restriction keeps from all but those who see to it. */
static field_mask_t withheld(const access_t *self, const kind_t *kind, const placement_t *placement)
{
    return placement->restricted && !covers(self, ROLE_BIT(ROLE_privacy), placement, true)
               ? placement->personal | kind->sealed
               : 0;
}

field_mask_t access_view(const access_t *self, const record_t *record, const placement_t *placement,
                         bool personal)
{
    const kind_t *kind = record->id.kind;

    if (!self->valid)
        return 0;
    bool provides = covers(self, kind->writers & ROLE_BIT(ROLE_provider), placement, true);
    if (!(self->roles & kind->readers) && !provides && !access_is_named(self, placement))
        return 0;
    bool own = access_is_own(self, record, placement);

    /* What a provider is asked, and what is its own: all that it says, whatever it
       hangs on, but for what brokers note for themselves. */
    if (provides && !own)
        return (kind->open | kind->shared) & ~placement->personal & kind->all & ~kind->internal;
    if (placement->lost)
        return 0;
    /* What hangs on a record that the reader may not see, or only sees discreetly, or
       under a chosen name, is not there for that reader. */
    if (placement->followed != NULL) {
        field_mask_t over =
            access_view(self, placement->followed, placement->followed_placement, false);
        if (over == 0 ||
            (placement->followed_placement->discreet &&
             !access_is_own(self, placement->followed, placement->followed_placement)) ||
            (record_get_boolean(placement->followed, "protected") &&
             !access_covers(self, placement->followed->id.kind->writers,
                            placement->followed_placement)))
            return 0;
    }

    /* Protected identity: a chosen name, to named users; and what it takes to keep the
       record in order, to those who answer for it. */
    if (placement->protected && !covers(self, ROLE_BIT(ROLE_privacy), placement, true)) {
        if (access_covers(self, kind->writers, placement))
            return (bit_of(kind, "display_name") | bit_of(kind, "visible_to") |
                    bit_of(kind, "protected") | bit_of(kind, "organisation")) &
                   ~withheld(self, kind, placement);
        return value_list_has(record_get(record, "visible_to"), self->user.text)
                   ? bit_of(kind, "display_name") & ~withheld(self, kind, placement)
                   : 0;
    }

    /* Participants and providers see of the rest what may stand on an open page. */
    bool inside = own || (self->roles & ROLES_INSIDE);
    field_mask_t clear = own ? FIELD_MASK_ALL : kind->open | (inside ? kind->shared : 0);
    field_mask_t people = personal && own    ? FIELD_MASK_ALL
                          : placement->staff ? kind->staff
                                             : (field_mask_t)0;
    field_mask_t mask = ((clear & ~placement->personal) | (people & placement->personal)) &
                        kind->all & ~kind->internal & ~withheld(self, kind, placement);
    if (placement->discreet && !own)
        mask &= kind->discreet | (placement->municipality_shown ? bit_of(kind, "municipality") : 0);
    return mask;
}

bool access_names(const access_t *self, const record_t *record, field_mask_t mask)
{
    const kind_t *kind = record->id.kind;
    const char *user = self->user.text;

    for (size_t i = 0; i < kind->n_fields; i++) {
        const value_t *value = &record->fields[i];
        if (kind->fields[i].type != TYPE_REFERENCE || !(mask & ((field_mask_t)1 << i)))
            continue;
        if ((value->form == VALUE_TEXT && strcmp(value->text, user) == 0) ||
            (value->form == VALUE_LIST && value_list_has(value, user)))
            return true;
    }
    return false;
}

/* -- writing ------------------------------------------------------------------------- */

bool access_may_write(const access_t *self, const record_t *record, const placement_t *placement)
{
    role_mask_t writers = record->id.kind->writers;

    /* Whoever acts for another changes no one's rights. */
    if (self->acting && writers == ROLES_ADMIN)
        return false;
    return self->valid && (access_covers(self, writers, placement) ||
                           ((self->roles & writers) && access_is_named(self, placement)));
}

bool access_may_move(const access_t *self, const record_t *record, const placement_t *placement,
                     const move_t *move)
{
    if (self->acting && record->id.kind->writers == ROLES_ADMIN)
        return false;
    return self->valid && (access_covers(self, move->roles, placement) ||
                           ((self->roles & move->roles) && access_is_named(self, placement)));
}

/* A new place is judged by the first scope field that is filled in: a broker may not
   put a record into another municipality by naming an organisation of the own. Who is
   named by what it is placed on, as a pool's brokers are, may write there too. */
bool access_may_place(const access_t *self, const lookup_t *lookup, const record_t *record,
                      arena_t *arena)
{
    placement_t first = placement_first(lookup, record, arena);

    if (self->acting && record->id.kind->writers == ROLES_ADMIN)
        return false;
    return self->valid && (access_covers(self, record->id.kind->writers, &first) ||
                           ((self->roles & record->id.kind->writers) &&
                            places_have(&first.users, self->user.text)));
}

/* Which roles a role may hand on: none that sees or does more than itself. */
static const role_mask_t gives[ROLES] = {
    [ROLE_broker] = ROLE_BIT(ROLE_participant) | ROLE_BIT(ROLE_viewer) | ROLE_BIT(ROLE_broker),
    [ROLE_head] = ROLE_BIT(ROLE_participant) | ROLE_BIT(ROLE_viewer) | ROLE_BIT(ROLE_broker) |
                  ROLE_BIT(ROLE_head),
    [ROLE_coordinator] = ROLE_BIT(ROLE_participant) | ROLE_BIT(ROLE_provider) |
                         ROLE_BIT(ROLE_viewer) | ROLE_BIT(ROLE_broker) | ROLE_BIT(ROLE_head) |
                         ROLE_BIT(ROLE_coordinator) | ROLE_BIT(ROLE_evaluator) |
                         ROLE_BIT(ROLE_service),
    [ROLE_admin] = ROLE_BIT(ROLE_participant) | ROLE_BIT(ROLE_admin),
    [ROLE_privacy] = ROLE_BIT(ROLE_privacy),
};

/* True when the right reaches all of these municipalities and organisations. */
static bool right_spans(const right_t *right, bool whole, const value_t *municipalities,
                        const value_t *organisations)
{
    bool some = false;

    if (right->whole || whole)
        return right->whole;
    for (uint32_t i = 0; municipalities->form == VALUE_LIST && i < municipalities->count; i++) {
        some = true;
        if (!value_list_has(right->municipalities, municipalities->items[i].text))
            return false;
    }
    for (uint32_t i = 0; organisations->form == VALUE_LIST && i < organisations->count; i++) {
        some = true;
        if (!value_list_has(right->organisations, organisations->items[i].text))
            return false;
    }
    return some;
}

static bool right_spans_grant(const right_t *right, const record_t *grant)
{
    return right_spans(right, record_get_boolean(grant, "whole"),
                       record_get(grant, "municipalities"), record_get(grant, "organisations"));
}

bool access_may_give(const access_t *self, const record_t *grant)
{
    role_t role = role_of(record_get_text(grant, "role"));
    const char *until = record_get_text(grant, "until");

    for (size_t i = 0; self->valid && !self->acting && i < self->n_rights; i++) {
        const right_t *right = &self->rights[i];
        bool longer = right->until != NULL && (until == NULL || strcmp(until, right->until) > 0);
        if ((gives[right->role] & ROLE_BIT(role)) && !longer && right_spans_grant(right, grant))
            return true;
    }
    return false;
}

bool access_may_take(const access_t *self, const record_t *grant)
{
    role_t role = role_of(record_get_text(grant, "role"));

    for (size_t i = 0; self->valid && !self->acting && i < self->n_rights; i++) {
        const right_t *right = &self->rights[i];
        if ((right->role == ROLE_admin || (gives[right->role] & ROLE_BIT(role))) &&
            right_spans_grant(right, grant))
            return true;
    }
    return false;
}

bool access_may_act_for(const access_t *service, const access_t *user)
{
    const role_mask_t never =
        ROLE_BIT(ROLE_admin) | ROLE_BIT(ROLE_privacy) | ROLE_BIT(ROLE_service);

    if (!user->valid || (user->roles & never))
        return false;
    for (size_t i = 0; i < user->n_rights; i++) {
        const right_t *right = &user->rights[i];
        bool spanned = false;
        for (size_t j = 0; !spanned && j < service->n_rights; j++)
            spanned = service->rights[j].role == ROLE_service &&
                      right_spans(&service->rights[j], right->whole, right->municipalities,
                                  right->organisations);
        if (!spanned)
            return false;
    }
    return true;
}
