#include "accesses.h"
#include "mentions.h"

#include "history.h"
#include "index.h"
#include "past.h"
#include "records.h"
#include "seal.h"

#include <string.h>

/* disclose and accesses: what a person may know is held on them, and who has read it
   (DOMAIN: law). What comes out is for a privacy officer and noted as read. */

#define PAGE_ITEMS_MAX 200u
#define PAGE_BYTES_MAX (200u * 1024u) /* a page fits a frame with room to spare */
#define TEXTS_EXAMINED_MAX 4000u      /* records looked through for one page */

bool cmd_disclose(call_t *call);
bool cmd_accesses(call_t *call);

typedef struct {
    call_t *call;
    const record_t *person; /* as it stands, or last stood */
    const value_t *after;
    value_builder_t items;
    size_t bytes;
    int64_t others; /* records outside the officer's scope */
    value_t next;
} page_t;

static bool wrong_cursor(call_t *call)
{
    return error_set(&call->error, ERROR_INVALID, "after", "the `next` of the page before");
}

static bool is_full(const page_t *self)
{
    return self->items.count >= PAGE_ITEMS_MAX || self->bytes >= PAGE_BYTES_MAX;
}

static void add_item(page_t *self, const value_builder_t *item)
{
    value_t built = value_build_map(item);
    value_t copy = value_copy(self->call->arena, &built);

    value_add(&self->items, copy);
    self->bytes += value_weight(&copy, NULL);
}

/* The whole of the record, as far as it is this person's or nobody's. */
static field_mask_t disclosed(page_t *self, const record_t *record)
{
    call_t *call = self->call;

    return access_disclosed(call->access, record, placement_of(&call->lookup, record, call->arena),
                            self->person->id.text);
}

/* -- states: what was held and when, newest first ------------------------------------------ */

static void add_state(page_t *self, uint64_t revision)
{
    call_t *call = self->call;
    const journal_entry_t *entry = journal_get(call->txn, revision, call->arena);
    const record_t *state = journal_state(call->txn, revision, &self->person->id, call->arena);
    value_builder_t item = value_builder(call->arena);

    if (entry == NULL)
        return;
    value_add_pair(&item, "time", value_integer((int64_t)entry->time_ms));
    value_add_pair(&item, "actor", value_text(entry->actor));
    if (entry->as != NULL)
        value_add_pair(&item, "as", value_text(entry->as));
    if (state != NULL) {
        record_t *then = record_copy(call->arena, state);
        then->revision = revision;
        value_add_pair(&item, "record", call_view(call, then, disclosed(self, self->person)));
    }
    add_item(self, &item);
}

static bool add_states(page_t *self)
{
    call_t *call = self->call;
    uint64_t before = UINT64_MAX;

    if (self->after->form == VALUE_INTEGER && self->after->integer > 1)
        before = (uint64_t)self->after->integer;
    else if (self->after->form != VALUE_ABSENT)
        return wrong_cursor(call);
    uint64_t revision = history_at(call->txn, &self->person->id, before - 1);
    for (; revision != 0 && !is_full(self);
         revision = history_at(call->txn, &self->person->id, revision - 1))
        add_state(self, revision);
    self->next = revision != 0 ? value_integer((int64_t)revision + 1) : value_absent;
    return true;
}

/* -- records: those that refer to the person ------------------------------------------------ */

/* A person may be named by more records outside the scope than memory would hold: each is
   looked at on `scratch`. */
static void add_referrer(page_t *self, const record_id_t *id, const field_t *field,
                         arena_t *scratch)
{
    call_t *call = self->call;
    arena_t *own = call->arena;
    value_builder_t item = value_builder(own);

    call->arena = scratch;
    const record_t *record = records_get(call->txn, id, scratch);
    field_mask_t mask = record != NULL ? disclosed(self, record) : 0;
    call->arena = own;
    if (record == NULL)
        return;
    if (mask == 0) {
        self->others++;
        return;
    }
    value_add_pair(&item, "by", value_text(field->name));
    value_add_pair(&item, "record", call_view(call, record, mask));
    add_item(self, &item);
}

/* The field that a cursor [field, id] goes on in. */
static bool parse_place(page_t *self, const value_t *after, const field_t **field, record_id_t *id)
{
    if (after->form != VALUE_LIST || after->count != 2 || after->items[0].form != VALUE_TEXT ||
        after->items[1].form != VALUE_TEXT || !record_id_parse(id, after->items[1].text, NULL))
        return wrong_cursor(self->call);
    *field = kind_field(id->kind, after->items[0].text);
    return *field != NULL || wrong_cursor(self->call);
}

static void set_place(page_t *self, const field_t *field, const record_id_t *id)
{
    value_t *cursor = arena_alloc(self->call->arena, 2 * sizeof *cursor);

    cursor[0] = value_text(field->name);
    cursor[1] = value_text(arena_text(self->call->arena, id->text));
    self->next = value_list(cursor, 2);
}

/* All that refer by one field, from after `after` (NULL: from the first). */
static void add_referrers(page_t *self, const kind_t *kind, const field_t *field,
                          const record_id_t *after)
{
    call_t *call = self->call;
    const value_t person = value_text(self->person->id.text);
    arena_t *scratch = arena_new();
    record_id_t id;

    index_scan_t *scan = index_scan(call->txn, kind, index_find(kind, &field->name, 1), &person, 1,
                                    false, call->arena);
    if (after != NULL)
        index_seek_after(scan, &person, after);
    while (!is_full(self) && index_next(scan, &id)) {
        add_referrer(self, &id, field, scratch);
        arena_reset(scratch);
        if (is_full(self))
            set_place(self, field, &id);
    }
    index_scan_end(&scan);
    arena_destroy(&scratch);
}

static bool add_records(page_t *self)
{
    const field_t *from = NULL;
    record_id_t id;

    if (self->after->form != VALUE_ABSENT && !parse_place(self, self->after, &from, &id))
        return false;
    bool reached = from == NULL;
    for (size_t i = 0; i < schema_n_kinds(); i++) {
        const kind_t *kind = schema_kind_at(i);
        for (size_t j = 0; j < kind->n_fields && !is_full(self); j++) {
            const field_t *field = &kind->fields[j];
            bool here = from != NULL && field == from;
            reached = reached || here;
            if (reached && field->type == TYPE_REFERENCE &&
                (field->target == NULL || field->target == self->person->id.kind))
                add_referrers(self, kind, field, here ? &id : NULL);
        }
    }
    return true;
}

/* -- reads: who has read it ----------------------------------------------------------------- */

static bool add_reads(page_t *self)
{
    const accesses_t asked = {.person = self->person->id.text, .after = self->after};

    return accesses_page(&asked, self->call, &self->items, &self->next);
}

/* -- texts: what else may name the person --------------------------------------------------- */

static mentions_t *mentions_of(page_t *self)
{
    call_t *call = self->call;
    mentions_t *mentions = mentions_new(call->arena);
    arena_t *scratch = arena_new();
    uint64_t revision = history_at(call->txn, &self->person->id, UINT64_MAX - 1);

    for (; revision != 0; revision = history_at(call->txn, &self->person->id, revision - 1)) {
        const record_t *state = journal_state(call->txn, revision, &self->person->id, scratch);
        if (state != NULL) {
            record_t *opened = record_copy(scratch, state);
            seal_open(call->txn, opened, opened->id.kind->personal, scratch);
            mentions_add(mentions, opened);
        }
        arena_reset(scratch);
    }
    arena_destroy(&scratch);
    return mentions;
}

/* A text of anyone's making, which the tables say nothing more of. What another person's
   record says of that person is theirs, a namesake's name above all. */
static bool is_prose(const field_t *field)
{
    return (field->type == TYPE_TEXT || field->type == TYPE_LONG_TEXT ||
            field->type == TYPE_EMAIL || field->type == TYPE_PHONE) &&
           field->class != CLASS_PERSONAL && !(field->attributes & FIELD_INTERNAL);
}

/* The fields of a record of the own scope that may name the person. */
static field_mask_t prose_that_names(page_t *self, const mentions_t *mentions, record_t *record,
                                     arena_t *scratch)
{
    const kind_t *kind = record->id.kind;
    field_mask_t found = 0;

    seal_open(self->call->txn, record, kind->sealed, scratch);
    for (size_t i = 0; i < kind->n_fields; i++)
        if (is_prose(&kind->fields[i]) && mentions_in_value(mentions, &record->fields[i], scratch))
            found |= (field_mask_t)1 << i;
    return found;
}

static void add_text(page_t *self, const mentions_t *mentions, record_t *record, arena_t *scratch)
{
    call_t *call = self->call;
    arena_t *own = call->arena;

    call->arena = scratch;
    field_mask_t mask =
        record_id_equal(&record->id, &self->person->id) ? 0 : disclosed(self, record);
    field_mask_t found = mask != 0 ? prose_that_names(self, mentions, record, scratch) : 0;
    value_builder_t item = value_builder(scratch), names = value_builder(scratch);
    for (size_t i = 0; i < record->id.kind->n_fields; i++)
        if (found & (field_mask_t)1 << i)
            value_add(&names, value_text(record->id.kind->fields[i].name));
    value_add_pair(&item, "in", value_build_list(&names));
    value_add_pair(&item, "record", record_to_view(record, mask & found, scratch));
    call->arena = own;
    if (found != 0)
        add_item(self, &item);
}

static bool add_texts(page_t *self)
{
    call_t *call = self->call;
    mentions_t *mentions = mentions_of(self);
    arena_t *scratch = arena_new();
    unsigned examined = 0;
    record_id_t after;

    if (self->after->form != VALUE_ABSENT &&
        !(self->after->form == VALUE_TEXT && record_id_parse(&after, self->after->text, NULL))) {
        arena_destroy(&scratch);
        return wrong_cursor(call);
    }
    bool reached = self->after->form == VALUE_ABSENT, stop = false;
    for (size_t i = 0; i < schema_n_kinds() && !stop; i++) {
        const kind_t *kind = schema_kind_at(i);
        bool here = !reached && after.kind == kind;
        reached = reached || here;
        if (!reached)
            continue;
        records_scan_t *scan =
            records_scan(call->txn, kind, false, here ? &after : NULL, call->arena);
        for (record_t *record; !stop && (record = records_next(scan, scratch)) != NULL;) {
            add_text(self, mentions, record, scratch);
            stop = is_full(self) || ++examined == TEXTS_EXAMINED_MAX;
            if (stop)
                self->next = value_text(arena_text(call->arena, record->id.text));
            arena_reset(scratch);
        }
        records_scan_end(&scan);
    }
    arena_destroy(&scratch);
    return true;
}

/* -- the commands ----------------------------------------------------------------------------- */

static const struct {
    const char *name;
    bool (*add)(page_t *page);
} parts[] = {
    {"states", add_states}, {"records", add_records}, {"reads", add_reads}, {"texts", add_texts}};

/* The person that an argument names, in the officer's scope. */
static const record_t *own_person(call_t *call, const char *argument)
{
    record_id_t id;

    if (!record_id_parse(&id, call_text(call, argument), schema_kind("person"))) {
        error_set(&call->error, ERROR_INVALID, argument, "a person's id");
        return NULL;
    }
    const record_t *person = past_last(call->txn, &id, call->arena);
    if (person == NULL || call_mask(call, person) == 0) {
        error_set(&call->error, ERROR_NOT_FOUND, argument, NULL);
        return NULL;
    }
    if (access_disclosed(call->access, person, placement_of(&call->lookup, person, call->arena),
                         person->id.text) == 0) {
        error_set(&call->error, ERROR_NOT_ALLOWED, argument, "a person in your own scope");
        return NULL;
    }
    return person;
}

bool cmd_disclose(call_t *call)
{
    page_t page = {.call = call,
                   .person = own_person(call, "person"),
                   .after = value_get(call->arguments, "after"),
                   .items = value_builder(call->arena)};
    const char *part = call_text(call, "part");
    value_builder_t result = value_builder(call->arena);
    size_t i = 0;

    if (page.person == NULL)
        return false;
    call_note(call, page.person);
    while (i < sizeof parts / sizeof *parts && strcmp(parts[i].name, part) != 0)
        i++;
    if (i == sizeof parts / sizeof *parts)
        return error_set(&call->error, ERROR_INVALID, "part", "states, records, reads or texts");
    if (!parts[i].add(&page))
        return false;
    value_add_pair(&result, "items", value_build_list(&page.items));
    value_add_pair(&result, "next", page.next);
    if (page.others > 0)
        value_add_pair(&result, "others", value_integer(page.others));
    value_add_pair(&result, "rev", value_integer((int64_t)store_head(call->txn)));
    call->result = value_build_map(&result);
    return true;
}

bool cmd_accesses(call_t *call)
{
    accesses_t asked = {.user = call_text(call, "user"),
                        .person = call_text(call, "person"),
                        .since_ms = (uint64_t)call_integer(call, "since", 0),
                        .after = value_get(call->arguments, "after")};
    value_builder_t rows = value_builder(call->arena);
    value_builder_t result = value_builder(call->arena);
    record_id_t user;
    value_t next;

    if (asked.user == NULL && asked.person == NULL)
        return error_set(&call->error, ERROR_REQUIRED, "user", "a user's or a person's id");
    if (asked.user != NULL && !record_id_parse(&user, asked.user, schema_kind("user")))
        return error_set(&call->error, ERROR_INVALID, "user", "a user's id");
    if (call_integer(call, "since", 0) < 0)
        return error_set(&call->error, ERROR_INVALID, "since", "an instant, UTC milliseconds");
    if (asked.person != NULL) {
        const record_t *person = own_person(call, "person");
        if (person == NULL)
            return false;
        call_note(call, person);
    }
    if (!accesses_page(&asked, call, &rows, &next))
        return false;
    value_add_pair(&result, "items", value_build_list(&rows));
    value_add_pair(&result, "next", next);
    call->result = value_build_map(&result);
    return true;
}
