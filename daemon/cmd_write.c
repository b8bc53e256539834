#include "call.h"

#include "records.h"
#include "wire.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* put, patch, delete, move, erase, batch, import: a draft each, answered from what was
   applied. */

#define BATCH_OPERATIONS_MAX 1000u
#define IMPORT_ERRORS_MAX 100u /* told at once: with their candidates they fit a frame */

bool cmd_put(call_t *call);
bool cmd_patch(call_t *call);
bool cmd_delete(call_t *call);
bool cmd_move(call_t *call);
bool cmd_batch(call_t *call);
bool cmd_import(call_t *call);
bool cmd_erase(call_t *call);
value_t answer_put(call_t *call, const journal_entry_t *entry);
value_t answer_patch(call_t *call, const journal_entry_t *entry);
value_t answer_delete(call_t *call, const journal_entry_t *entry);
value_t answer_move(call_t *call, const journal_entry_t *entry);
value_t answer_batch(call_t *call, const journal_entry_t *entry);
value_t answer_import(call_t *call, const journal_entry_t *entry);
value_t answer_erase(call_t *call, const journal_entry_t *entry);

/* One write as a map of arguments, whichever command it came in. */
static bool run_one(call_t *call, const char *what, const value_t *arguments, error_t *error)
{
    const value_t *fields = value_get(arguments, "fields");
    const char *id = value_get_text(arguments, "id");
    int64_t if_revision = value_get_integer(arguments, "if_rev", DRAFT_ANY_REVISION);

    if (strcmp(what, "put") == 0)
        return draft_put(call->draft, value_get_text(arguments, "kind"), id, fields,
                         value_get_boolean(arguments, "confirm", false), error) != NULL;
    if (strcmp(what, "patch") == 0)
        return draft_patch(call->draft, id, fields, if_revision, error) != NULL;
    if (strcmp(what, "move") == 0)
        return draft_move(call->draft, id, value_get_text(arguments, "verb"), fields, if_revision,
                          error) != NULL;
    return draft_delete(call->draft, id, if_revision, error) != NULL;
}

bool cmd_put(call_t *call)
{
    return run_one(call, "put", call->arguments, &call->error);
}

bool cmd_patch(call_t *call)
{
    return run_one(call, "patch", call->arguments, &call->error);
}

bool cmd_move(call_t *call)
{
    return run_one(call, "move", call->arguments, &call->error);
}

bool cmd_delete(call_t *call)
{
    return run_one(call, "delete", call->arguments, &call->error);
}

/* A put of an erasure, which goes on when the disk is nearly full. */
bool cmd_erase(call_t *call)
{
    return draft_put(call->draft, "erasure", NULL, call->arguments, false, &call->error) != NULL;
}

/* -- batch -------------------------------------------------------------------------- */

/* The arguments of an operation are those of the command that `do` names. */
static bool check_operation(const value_t *operation, arena_t *arena, error_t *error)
{
    const char *what = value_get_text(operation, "do");
    const command_t *command = what != NULL ? schema_command(what) : NULL;

    if (command == NULL || (strcmp(what, "put") != 0 && strcmp(what, "patch") != 0 &&
                            strcmp(what, "move") != 0 && strcmp(what, "delete") != 0))
        return error_set(error, ERROR_INVALID, "do", "put, patch, delete or move");
    if (value_get(operation, "dry_run")->form != VALUE_ABSENT)
        return error_set(error, ERROR_INVALID, "dry_run", "it with the batch, for all of it");
    value_builder_t arguments = value_builder(arena);
    for (uint32_t i = 0; i < operation->count; i++)
        if (strcmp(operation->items[2 * i].text, "do") != 0)
            value_add_pair(&arguments, operation->items[2 * i].text, operation->items[2 * i + 1]);
    value_t map = value_build_map(&arguments);
    return command_check(command, &map, error);
}

/* Say which operation it was, beside what the error says already. */
static void number_error(call_t *call, uint32_t operation)
{
    value_builder_t detail = value_builder(call->arena);
    const value_t *old = &call->error.detail;

    value_add_pair(&detail, "operation", value_integer(operation));
    for (uint32_t i = 0; old->form == VALUE_MAP && i < old->count; i++)
        value_add_pair(&detail, old->items[2 * i].text, old->items[2 * i + 1]);
    call->error.detail = value_build_map(&detail);
}

bool cmd_batch(call_t *call)
{
    const value_t *operations = value_get(call->arguments, "operations");

    if (operations->count == 0 || operations->count > BATCH_OPERATIONS_MAX)
        return error_set(&call->error, ERROR_TOO_LARGE, "operations", "1 to %u operations",
                         BATCH_OPERATIONS_MAX);
    for (uint32_t i = 0; i < operations->count; i++) {
        const value_t *operation = &operations->items[i];
        if (!check_operation(operation, call->arena, &call->error) ||
            !run_one(call, value_get_text(operation, "do"), operation, &call->error)) {
            number_error(call, i + 1);
            return false;
        }
    }
    return true;
}

/* -- import -------------------------------------------------------------------------- */

static value_t row_error(call_t *call, uint32_t row, const error_t *error)
{
    value_builder_t map = value_builder(call->arena);
    value_t told = error_to_value(error, call->arena);

    value_add_pair(&map, "row", value_integer(row));
    for (uint32_t i = 0; i < told.count; i++)
        value_add_pair(&map, told.items[2 * i].text, told.items[2 * i + 1]);
    return value_build_map(&map);
}

/* A row is a map of what commands.def says of `rows`. */
static bool check_row(const value_t *row, error_t *error)
{
    for (uint32_t i = 0; row->form == VALUE_MAP && i < row->count; i++)
        if (strcmp(row->items[2 * i].text, "id") != 0 &&
            strcmp(row->items[2 * i].text, "fields") != 0)
            return error_set(error, ERROR_UNKNOWN_FIELD, row->items[2 * i].text, NULL);
    return row->form == VALUE_MAP ||
           error_set(error, ERROR_INVALID, "rows", "a map with fields, and id where there is one");
}

/* All rows are tried, so that one answer names every bad one. */
bool cmd_import(call_t *call)
{
    const value_t *rows = value_get(call->arguments, "rows");
    value_builder_t errors = value_builder(call->arena);
    value_builder_t detail = value_builder(call->arena);

    if (rows->count == 0 || rows->count > BATCH_OPERATIONS_MAX)
        return error_set(&call->error, ERROR_TOO_LARGE, "rows", "1 to %u rows",
                         BATCH_OPERATIONS_MAX);
    const kind_t *kind = schema_kind(call_text(call, "kind"));
    if (kind == NULL)
        return error_set(&call->error, ERROR_UNKNOWN_KIND, "kind", NULL);
    if (!draft_is_open(call->draft, kind->writers, &call->error))
        return false;
    for (uint32_t i = 0; i < rows->count && errors.count < IMPORT_ERRORS_MAX; i++) {
        const value_t *row = &rows->items[i];
        error_t error = {0};
        if (!check_row(row, &error) ||
            draft_put(call->draft, call_text(call, "kind"), value_get_text(row, "id"),
                      value_get(row, "fields"), call_flag(call, "confirm"), &error) == NULL) {
            if (store_failed(call->txn) != 0)
                return false;
            value_add(&errors, row_error(call, i + 1, &error));
        }
    }
    if (errors.count == 0)
        return true;
    value_add_pair(&detail, "rows", value_integer(rows->count));
    value_add_pair(&detail, "errors", value_build_list(&errors));
    call->result = value_build_map(&detail);
    return false;
}

/* -- answers -------------------------------------------------------------------------- */

static value_t answer_id(call_t *call, const char *id)
{
    value_builder_t map = value_builder(call->arena);

    value_add_pair(&map, "id", value_text(arena_text(call->arena, id)));
    return value_build_map(&map);
}

/* To try a change is no way to see what is hidden as the record stands, such as the name
   of one whose protection the change would end. */
static field_mask_t tried_mask(call_t *call, const journal_operation_t *operation)
{
    const record_t *record = records_get(call->txn, &operation->id, call->arena);

    return record != NULL ? call_mask(call, record) : FIELD_MASK_ALL;
}

/* The record as this writer may see it now; its id alone when that is nothing. */
static value_t answer_operation(call_t *call, const journal_operation_t *operation)
{
    field_mask_t mask = operation->after != NULL ? call_mask(call, operation->after) : 0;

    if (mask != 0 && call_flag(call, "dry_run"))
        mask &= tried_mask(call, operation);
    return mask != 0 ? call_answer(call, operation->after, mask)
                     : answer_id(call, operation->id.text);
}

static const journal_operation_t *find_operation(const journal_entry_t *entry, const char *id)
{
    for (size_t i = 0; i < entry->n_operations; i++)
        if (strcmp(entry->operations[i].id.text, id) == 0)
            return &entry->operations[i];
    return NULL;
}

/* A write may take others with it: an opt-in its pool, an erasure what it empties. What is
   put is the one that is new. */
value_t answer_put(call_t *call, const journal_entry_t *entry)
{
    size_t i = 0;

    while (i + 1 < entry->n_operations && entry->operations[i].before != 0)
        i++;
    return answer_operation(call, &entry->operations[i]);
}

value_t answer_erase(call_t *call, const journal_entry_t *entry)
{
    return answer_put(call, entry);
}

/* A patch that changed nothing: the record as it stood at the entry, or stands when there
   is none. */
static value_t answer_unchanged(call_t *call, const journal_entry_t *entry, const char *text)
{
    record_id_t id;

    record_id_parse(&id, text, NULL);
    const record_t *record = entry->revision != 0
                                 ? store_record_at(call->txn, &id, entry->revision, call->arena)
                                 : records_get(call->txn, &id, call->arena);
    field_mask_t mask = record != NULL ? call_mask(call, record) : 0;
    return mask != 0 ? call_answer(call, record, mask) : answer_id(call, id.text);
}

value_t answer_patch(call_t *call, const journal_entry_t *entry)
{
    const journal_operation_t *operation = find_operation(entry, call_text(call, "id"));

    return operation != NULL ? answer_operation(call, operation)
                             : answer_unchanged(call, entry, call_text(call, "id"));
}

value_t answer_move(call_t *call, const journal_entry_t *entry)
{
    const journal_operation_t *operation = find_operation(entry, call_text(call, "id"));

    assert(operation != NULL);
    return answer_operation(call, operation);
}

value_t answer_delete(call_t *call, const journal_entry_t *entry)
{
    (void)entry;
    return answer_id(call, call_text(call, "id"));
}

/* The id that each write of the batch got: puts take the new records in their order,
   the rest name theirs, by id or by `$n`. */
value_t answer_batch(call_t *call, const journal_entry_t *entry)
{
    const value_t *operations = value_get(call->arguments, "operations");
    const journal_operation_t **got = arena_alloc(call->arena, operations->count * sizeof *got);
    const char **ids = arena_alloc(call->arena, operations->count * sizeof *ids);
    value_builder_t results = value_builder(call->arena);
    value_builder_t result = value_builder(call->arena);
    size_t next_new = 0;

    for (uint32_t i = 0; i < operations->count; i++) {
        const value_t *operation = &operations->items[i];
        const char *id = value_get_text(operation, "id");
        ids[i] = id;
        bool is_put = strcmp(value_get_text(operation, "do"), "put") == 0;
        unsigned long reference = !is_put && id[0] == '$' ? strtoul(id + 1, NULL, 10) : 0;
        const kind_t *kind = is_put ? schema_kind(value_get_text(operation, "kind")) : NULL;
        if (is_put && kind->coded) {
            record_id_t coded;
            if (record_id_parse(&coded, id, kind) || record_id_coded(&coded, kind, id))
                got[i] = find_operation(entry, coded.text);
        } else if (is_put) {
            while (next_new < entry->n_operations && (entry->operations[next_new].before != 0 ||
                                                      entry->operations[next_new].id.kind->coded))
                next_new++;
            if (next_new < entry->n_operations)
                got[i] = &entry->operations[next_new++];
        } else if (reference >= 1 && reference <= i) {
            got[i] = got[reference - 1];
            ids[i] = ids[reference - 1];
        } else {
            got[i] = find_operation(entry, id);
        }
        value_add(&results, got[i] != NULL ? answer_operation(call, got[i])
                                           : answer_unchanged(call, entry, ids[i]));
    }
    value_add_pair(&result, "results", value_build_list(&results));
    return value_build_map(&result);
}

value_t answer_import(call_t *call, const journal_entry_t *entry)
{
    value_builder_t ids = value_builder(call->arena);
    value_builder_t result = value_builder(call->arena);

    for (size_t i = 0; i < entry->n_operations; i++)
        value_add(&ids, value_text(arena_text(call->arena, entry->operations[i].id.text)));
    value_add_pair(&result, "rows", value_integer((int64_t)entry->n_operations));
    value_add_pair(&result, "errors", value_list(NULL, 0));
    value_add_pair(&result, "ids", value_build_list(&ids));
    return value_build_map(&result);
}
