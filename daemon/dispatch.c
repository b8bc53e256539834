#include "call.h"

#include "moves.h"
#include "seal.h"

#include <string.h>

#define COMMAND(name, mode, roles, reserve, since, label) HANDLER_##mode(name)
#define ARGUMENT(name, type, required, label)
#define END_COMMAND(name)

/* The front serves its own; writes have an answer beside their handler. */
#define HANDLER_READ(name) bool cmd_##name(call_t *call);
#define HANDLER_WRITE(name)                                                                        \
    bool cmd_##name(call_t *call);                                                                 \
    value_t answer_##name(call_t *call, const journal_entry_t *entry);
#define HANDLER_SESSION(name)
#include "commands.def"
#undef HANDLER_READ
#undef HANDLER_WRITE
#undef HANDLER_SESSION

static const struct {
    handler_t handler;
    answer_t answer;
} rows[] = {
#define HANDLER_READ(name) {cmd_##name, NULL},
#define HANDLER_WRITE(name) {cmd_##name, answer_##name},
#define HANDLER_SESSION(name) {NULL, NULL},
#include "commands.def"
};

handler_t dispatch_handler(const command_t *command)
{
    return rows[command->number].handler;
}

answer_t dispatch_answer(const command_t *command)
{
    return rows[command->number].answer;
}

/* A purpose goes into the log of reads, for people to judge: it says something. */
static bool take_purpose(call_t *call)
{
    static const field_t line = {.name = "purpose", .type = TYPE_TEXT, .least = 1, .most = 200};
    value_t purpose = *value_get(call->arguments, "purpose");
    error_t wrong = {0};

    if (purpose.form == VALUE_ABSENT)
        return true;
    if (!wire_clean_text(&purpose, false, call->arena, &wrong) ||
        !field_check(&line, &purpose, call->arena, &wrong) || purpose.form != VALUE_TEXT)
        return error_set(&call->error, ERROR_PURPOSE, "purpose", "1 to 200 characters on one line");
    call->purpose = purpose.text;
    return true;
}

bool dispatch_run(call_t *call)
{
    const command_t *command = call->command;

    /* `join` is the one command without a role: an invitation's key may give it, and
       that key may give no other. */
    bool joining = command->roles == ROLES_NONE;
    if (joining ? !call->access->invitation : !(call->access->roles & command->roles))
        return error_set(&call->error,
                         call->access->valid || call->access->invitation ? ERROR_NOT_ALLOWED
                                                                         : ERROR_REVOKED,
                         NULL, NULL);
    return take_purpose(call) && dispatch_handler(command)(call);
}

const char *call_text(const call_t *call, const char *name)
{
    return value_get_text(call->arguments, name);
}

int64_t call_integer(const call_t *call, const char *name, int64_t otherwise)
{
    return value_get_integer(call->arguments, name, otherwise);
}

bool call_flag(const call_t *call, const char *name)
{
    return value_get_boolean(call->arguments, name, false);
}

static void begin_notes(call_t *call)
{
    if (call->subjects != NULL)
        return;
    call->subjects_room = 8;
    call->subjects = arena_alloc(call->arena, call->subjects_room * sizeof *call->subjects);
}

void call_note(call_t *call, const record_t *record)
{
    begin_notes(call);
    if (record == NULL)
        return;
    const char *subject = record->id.kind->subject;
    call_note_subject(call, strcmp(subject, "self") == 0 ? record->id.text
                                                         : record_get_text(record, subject));
}

void call_note_subject(call_t *call, const char *id)
{
    begin_notes(call);
    for (size_t i = 0; i < call->n_subjects; i++)
        if (strcmp(call->subjects[i], id) == 0)
            return;
    if (call->n_subjects + 1 >= call->subjects_room) {
        const char **more = arena_alloc(call->arena, 2 * call->subjects_room * sizeof *more);
        memcpy(more, call->subjects, call->n_subjects * sizeof *more);
        call->subjects_room *= 2;
        call->subjects = more;
    }
    call->subjects[call->n_subjects++] = arena_text(call->arena, id);
    call->subjects[call->n_subjects] = NULL;
}

field_mask_t call_mask(call_t *call, const record_t *record)
{
    const placement_t *placement = placement_of(&call->lookup, record, call->arena);

    return access_view(call->access, record, placement, call->purpose != NULL);
}

value_t call_view(call_t *call, const record_t *record, field_mask_t mask)
{
    const kind_t *kind = record->id.kind;
    field_mask_t sealed = 0;
    bool personal = false;
    bool staff = record_get_boolean(record, "staff");

    for (size_t i = 0; i < kind->n_fields; i++) {
        const field_t *field = &kind->fields[i];
        field_mask_t bit = (field_mask_t)1 << i;
        if (!(mask & bit) || record->fields[i].form == VALUE_ABSENT)
            continue;
        bool hidden = field->type != TYPE_KEY && record->fields[i].form == VALUE_BYTES;
        if (hidden)
            sealed |= bit;
        if (((hidden && !(field->attributes & FIELD_SEALED)) || field->class == CLASS_PERSONAL) &&
            !((field->attributes & FIELD_STAFF) && staff))
            personal = true;
    }
    if (personal)
        call_note(call, record);
    if (sealed != 0) {
        record_t *opened = record_copy(call->arena, record);
        seal_open(call->txn, opened, sealed, call->arena);
        record = opened;
    }
    return record_to_view(record, mask, call->arena);
}

value_t call_answer(call_t *call, const record_t *record, field_mask_t mask)
{
    value_t view = call_view(call, record, mask);
    const placement_t *placement = placement_of(&call->lookup, record, call->arena);
    value_t moves = moves_possible(call->access, record, placement, call->arena);
    value_builder_t answer = value_builder(call->arena);

    if (moves.count == 0)
        return view;
    for (uint32_t i = 0; i < view.count; i++)
        value_add_pair(&answer, view.items[2 * i].text, view.items[2 * i + 1]);
    value_add_pair(&answer, "moves", moves);
    return value_build_map(&answer);
}
