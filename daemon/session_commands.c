#include "session_commands.h"

#include "backups.h"

#include <string.h>

#define REVISIONS_LOOKED_AT 2000u

/* Has this user got other rights since? Then what was shown until then is not what a
   watch would have shown, and only a snapshot helps. Where that would be long to find
   out, or is a service's many users, any change of anyone's rights counts. */
static bool rights_changed_since(call_t *call, uint64_t since, bool many)
{
    uint64_t head = store_head(call->txn);
    bool changed = false;

    /* Who was no user then has been shown nothing. */
    if (store_rights_revision(call->txn) <= since ||
        store_record_at(call->txn, &call->access->user, since, call->arena) == NULL)
        return false;
    if (many || head - since > REVISIONS_LOOKED_AT)
        return true;
    arena_t *arena = arena_new();
    for (uint64_t revision = since + 1; revision <= head && !changed; revision++) {
        const journal_entry_t *entry = journal_get(call->txn, revision, arena);
        for (size_t i = 0; entry != NULL && i < entry->n_operations && !changed; i++) {
            const journal_operation_t *operation = &entry->operations[i];
            const record_t *record =
                operation->after != NULL
                    ? operation->after
                    : journal_state(call->txn, operation->before, &operation->id, arena);
            /* A key opens what its user may see, and changes none of it. */
            const char *user =
                operation->id.kind != schema_kind("key") ? access_user_of(record) : NULL;
            changed = user != NULL && strcmp(user, call->access->user.text) == 0;
        }
        arena_reset(arena);
    }
    arena_destroy(&arena);
    return changed;
}

static bool start_watch(call_t *call, session_t *session, uint64_t head)
{
    const char *epoch = store_epoch(call->environment->store);
    value_builder_t result = value_builder(call->arena);

    if (session->n_watches == SESSION_WATCHES_MAX)
        return error_set(&call->error, ERROR_TOO_LARGE, NULL, "at most %u watches",
                         SESSION_WATCHES_MAX);
    watch_t *watch = watch_new(session->next_watch + 1, call->arguments, head,
                               store_head(call->txn), epoch, &call->error);
    if (watch == NULL)
        return false;
    const value_t *users = value_get(call->arguments, "users");
    if (rights_changed_since(call, watch_told(watch), users->form != VALUE_ABSENT)) {
        watch_destroy(&watch);
        return error_set(&call->error, ERROR_RIGHTS_CHANGED, "since", NULL);
    }
    if (users->form != VALUE_ABSENT &&
        !watch_read_for(watch, users, call->access, call->txn, call->expiry_ms, &call->error)) {
        watch_destroy(&watch);
        return false;
    }
    session->next_watch++;
    session_add_watch(session, watch);
    value_add_pair(&result, "watch", value_integer((int64_t)watch_number(watch)));
    value_add_pair(&result, "rev", value_integer((int64_t)watch_told(watch)));
    value_add_pair(&result, "epoch", value_text(epoch));
    call->result = value_build_map(&result);
    return true;
}

static bool stop_watch(call_t *call, session_t *session)
{
    uint64_t number = (uint64_t)value_get_integer(call->arguments, "watch", 0);

    for (unsigned i = 0; i < session->n_watches; i++)
        if (watch_number(session->watches[i]) == number) {
            watch_destroy(&session->watches[i]);
            session->watches[i] = session->watches[--session->n_watches];
            call->result = (value_t){.form = VALUE_MAP};
            return true;
        }
    return error_set(&call->error, ERROR_NOT_FOUND, "watch", NULL);
}

/* -- schema ------------------------------------------------------------------------- */

static void add_text(value_builder_t *map, const char *key, const char *text)
{
    if (text != NULL && *text != '\0')
        value_add_pair(map, key, value_text(text));
}

static void add_flag(value_builder_t *map, const char *key, unsigned attributes, unsigned bit)
{
    if (attributes & bit)
        value_add_pair(map, key, value_boolean(true));
}

static value_t describe_field(const field_t *field, arena_t *arena)
{
    value_builder_t map = value_builder(arena);

    add_text(&map, "name", field->name);
    add_text(&map, "type", type_name(field->type));
    if (field->vocabulary != NULL) {
        value_builder_t words = value_builder(arena);
        for (size_t i = 0; i < field->vocabulary->n_words; i++)
            value_add(&words, value_text(field->vocabulary->words[i].name));
        value_add_pair(&map, "words", value_build_list(&words));
    } else if (field->type == TYPE_REFERENCE) {
        add_text(&map, "kind", field->detail);
    } else {
        add_text(&map, "range", field->detail);
    }
    add_text(&map, "class", class_name(field->class));
    add_flag(&map, "required", field->attributes, FIELD_REQUIRED);
    add_flag(&map, "many", field->attributes, FIELD_MANY);
    add_flag(&map, "daemon", field->attributes, FIELD_DAEMON);
    add_flag(&map, "listed", field->attributes, FIELD_LISTED);
    add_text(&map, "default", field->otherwise);
    add_text(&map, "label", field->label);
    return value_build_map(&map);
}

static value_t describe_kind(const kind_t *kind, arena_t *arena)
{
    value_builder_t map = value_builder(arena);
    value_builder_t fields = value_builder(arena);
    value_builder_t moves = value_builder(arena);

    add_text(&map, "name", kind->name);
    add_text(&map, "prefix", kind->prefix);
    value_add_pair(&map, "coded", value_boolean(kind->coded));
    add_text(&map, "label", kind->label);
    for (size_t i = 0; i < kind->n_fields; i++)
        if (!(kind->fields[i].attributes & FIELD_INTERNAL))
            value_add(&fields, describe_field(&kind->fields[i], arena));
    value_add_pair(&map, "fields", value_build_list(&fields));
    for (size_t i = 0; i < kind->n_moves; i++) {
        const move_t *move = &kind->moves[i];
        value_builder_t one = value_builder(arena);
        add_text(&one, "verb", move->verb);
        add_text(&one, "from", move->from);
        add_text(&one, "to", move->to);
        add_text(&one, "required", move->required);
        value_add(&moves, value_build_map(&one));
    }
    if (kind->n_moves > 0)
        value_add_pair(&map, "moves", value_build_list(&moves));
    return value_build_map(&map);
}

static bool describe(call_t *call)
{
    const char *only = call_text(call, "kind");
    value_builder_t result = value_builder(call->arena);
    value_builder_t kinds = value_builder(call->arena);

    if (only != NULL && schema_kind(only) == NULL)
        return error_set(&call->error, ERROR_UNKNOWN_KIND, "kind", NULL);
    for (size_t i = 0; i < schema_n_kinds(); i++)
        if (only == NULL || strcmp(schema_kind_at(i)->name, only) == 0)
            value_add(&kinds, describe_kind(schema_kind_at(i), call->arena));
    value_add_pair(&result, "version", value_integer(SCHEMA_VERSION));
    value_add_pair(&result, "kinds", value_build_list(&kinds));
    call->result = value_build_map(&result);
    return true;
}

/* -- sessions ------------------------------------------------------------------------ */

#define SESSIONS_TOLD_MAX 4000u /* rows that a client's reader takes in one answer */

static bool tell_sessions(call_t *call, const session_t *session)
{
    value_builder_t rows = value_builder(call->arena);
    value_builder_t result = value_builder(call->arena);
    uint64_t monotonic_ms = clock_monotonic_ms(call->environment->clock);
    int64_t count = 0;

    while (session->previous != NULL)
        session = session->previous;
    for (; session != NULL; session = session->next) {
        if (++count > SESSIONS_TOLD_MAX)
            continue;
        value_builder_t row = value_builder(call->arena);
        value_add_pair(&row, "user",
                       value_text(arena_text(call->arena, session->access->user.text)));
        value_add_pair(&row, "program", value_text(arena_text(call->arena, session->program)));
        value_add_pair(&row, "since", value_integer((int64_t)session->since_ms));
        value_add_pair(&row, "heard",
                       value_integer((int64_t)(call->now_ms - (monotonic_ms - session->heard_ms))));
        value_add_pair(&row, "watches", value_integer(session->n_watches));
        value_add(&rows, value_build_map(&row));
    }
    value_add_pair(&result, "sessions", value_build_list(&rows));
    value_add_pair(&result, "count", value_integer(count));
    call->result = value_build_map(&result);
    return true;
}

bool session_command(call_t *call, session_t *session, uint64_t head)
{
    if (strcmp(call->command->name, "sessions") == 0)
        return tell_sessions(call, session);
    if (strcmp(call->command->name, "watch") == 0)
        return start_watch(call, session, head);
    if (strcmp(call->command->name, "unwatch") == 0)
        return stop_watch(call, session);
    if (strcmp(call->command->name, "backup") == 0)
        return backups_command(call->environment->backups, call);
    return describe(call);
}
