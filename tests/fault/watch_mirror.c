/* A mirror of libsamverk's for test_watch.py: of inquiries, through whatever happens to
   the connection and the daemon. For each line on stdin, a revision: once the mirror stands
   there, one line for each record, "ID HEX" (its fields, encoded), and "."

   watch_mirror PROFILE */

#include "samverk.h"
#include "wire.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define WAIT_MS 100u
#define TIMEOUT_MS 60000u

static samverk_mirror_t *begin(samverk_t *connection)
{
    samverk_mirror_t *mirror = NULL;
    samverk_outcome_t status;
    error_t error;

    /* A daemon that is being killed may be away for a while, and rights may change between
       the snapshot and the watch: then it is begun anew. */
    do {
        error = (error_t){0};
        status = samverk_mirror_new(connection, schema_kind("inquiry"), NULL, &mirror, &error);
    } while (status == SAMVERK_UNREACHED || (error.code == ERROR_RIGHTS_CHANGED && mirror == NULL));
    if (mirror == NULL)
        fprintf(stderr, "no mirror: %d, %s\n", (int)status, error_name(error.code));
    return mirror;
}

static void tell(const samverk_mirror_t *mirror)
{
    arena_t *arena = arena_new();
    const char **ids;
    size_t count = samverk_mirror_ids(mirror, arena, &ids);

    for (size_t i = 0; i < count; i++) {
        value_t view = samverk_mirror_get(mirror, ids[i], arena);
        void *data;
        size_t size;
        wire_encode(value_get(&view, "fields"), arena, &data, &size);
        printf("%s ", ids[i]);
        for (size_t j = 0; j < size; j++)
            printf("%02x", ((unsigned char *)data)[j]);
        putchar('\n');
    }
    puts(".");
    fflush(stdout);
    arena_destroy(&arena);
}

/* A revision to be told at; 0 while none is asked for, false when there will be none. */
static bool read_asked(uint64_t *revision)
{
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    char line[64];

    if (poll(&input, 1, 0) <= 0)
        return true;
    if (fgets(line, sizeof line, stdin) == NULL)
        return false;
    *revision = strtoull(line, NULL, 10);
    return true;
}

int main(int argc, char **argv)
{
    samverk_profile_t profile;
    uint64_t asked = 0, stands = 0;

    if (argc != 2 || !schema_start() ||
        samverk_profile_load(&profile, argv[1]) != SAMVERK_PROFILE_OK)
        return 2;
    samverk_t *connection = samverk_new(&profile, "watch_mirror");
    samverk_set_timeout(connection, TIMEOUT_MS);
    samverk_mirror_t *mirror = begin(connection);
    while (mirror != NULL && read_asked(&asked)) {
        arena_t *arena = arena_new();
        samverk_event_t event;
        samverk_next(connection, WAIT_MS, arena, &event);
        if (event.type == SAMVERK_END) {
            fprintf(stderr, "ended: %s\n", event.code);
            samverk_mirror_destroy(&mirror);
            mirror = begin(connection);
        } else if (event.type != SAMVERK_NOTHING) {
            samverk_mirror_apply(mirror, &event);
            stands = event.place.revision;
        }
        arena_destroy(&arena);
        if (asked != 0 && stands >= asked && mirror != NULL && samverk_mirror_consistent(mirror)) {
            tell(mirror);
            asked = 0;
        }
    }
    samverk_mirror_destroy(&mirror);
    samverk_destroy(&connection);
    return 0;
}
