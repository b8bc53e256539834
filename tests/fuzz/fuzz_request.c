/* Whatever a client sends becomes a job or a named error, as the front makes it: limits,
   decoder, frame, command, arguments; and the operations of a batch against the tables. */

#include "job.h"
#include "records.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void must(bool holds)
{
    if (!holds)
        abort();
}

/* Fields as a put has them, against their kind. */
static void check_fields(const value_t *arguments, arena_t *arena)
{
    const char *name = value_get_text(arguments, "kind");
    const kind_t *kind = name ? schema_kind(name) : NULL;
    const value_t *fields = value_get(arguments, "fields");
    error_t error = {.code = ERROR_NONE};
    if (!kind || fields->form != VALUE_MAP)
        return;
    record_t *record = record_new(arena, kind);
    if (!record_from_map(record, fields, true, &error)) {
        must(error.code != ERROR_NONE);
        return;
    }
    record_fill(record, arena);
    if (!record_check(record, arena, &error)) {
        must(error.code != ERROR_NONE);
        return;
    }
    /* What the tables let through is kept as it is. */
    value_t body = records_body(record, arena);
    record_t *back = record_new(arena, kind);
    must(records_from_body(back, &body));
    for (size_t i = 0; i < kind->n_fields; i++)
        must(value_equal(&record->fields[i], &back->fields[i]));
}

static void check_job(job_t *job)
{
    unsigned char hash[32], again[32];
    job_hash(job, hash);
    job_hash(job, again);
    must(memcmp(hash, again, sizeof hash) == 0);
    check_fields(&job->arguments, job->arena);
    const value_t *operations = value_get(&job->arguments, "operations");
    for (uint32_t i = 0; operations->form == VALUE_LIST && i < operations->count; i++)
        if (operations->items[i].form == VALUE_MAP)
            check_fields(&operations->items[i], job->arena);
}

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    must(schema_start());
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    arena_t *arena = arena_new();
    error_t error = {.code = ERROR_NONE};
    value_t value;
    frame_t frame = {0};
    if (!wire_decode(data, size, wire_limits_for(data, size), arena, &value, &error) ||
        !frame_read(&frame, &value, &error)) {
        must(error.code != ERROR_NONE);
    } else if (frame.type == FRAME_REQUEST) {
        job_t *job = job_new(&frame, &arena, &error);
        must(job != NULL || error.code != ERROR_NONE);
        if (job)
            check_job(job);
        job_destroy(&job);
    }
    arena_destroy(&arena);
    return 0;
}
