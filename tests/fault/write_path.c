/* One write, from the job to its reply, by the daemon's own writer, with the n-th call
   to disk or memory failing, for every n there is. Each n has a copy of the store and a
   process of its own; afterwards the store is opened without faults: what was answered
   OK is there, what was refused is not, and the check is clean. Run under disk_faults.

     write_path CONTROL      the file that SAMVERK_FAULT_CONTROL names

   The last line: "N passed, N failed". */

#include "disk_faults.h"
#include "draft.h"
#include "records.h"
#include "replay.h"
#include "writer.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zmq.h>

#define PATH_ROOM 4096
#define PATIENCE_MS 5000
#define MAP_SIZE ((size_t)1 << 30)

static fault_control_t *control;
static char directory[PATH_ROOM];
static unsigned char key[32];
static unsigned passed, failed;

/* The store as every n finds it. */
typedef struct {
    const char *name;
    void *bytes;
    size_t size;
} content_t;

static content_t contents[] = {{.name = "record.mdb"}, {.name = "person.keys"}};
#define CONTENTS (sizeof contents / sizeof *contents)

static void die(const char *what)
{
    perror(what);
    exit(2);
}

static store_t *open_it(bool create)
{
    char why[512] = "";
    store_t *store = store_open(&(store_options_t){.directory = directory,
                                                   .map_size = MAP_SIZE,
                                                   .region = "Östra Mellansverige",
                                                   .create = create},
                                why, sizeof why);
    if (!store)
        fprintf(stderr, "%s\n", why);
    return store;
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *at)
{
    (void)status, (void)type, (void)at;
    return remove(path);
}

/* -- the store -------------------------------------------------------------------------- */

static void add_user(draft_t *draft)
{
    record_t *user = draft_new_record(draft, schema_kind("user"));
    record_t *grant = draft_new_record(draft, schema_kind("grant"));
    record_t *own = draft_new_record(draft, schema_kind("key"));
    record_set(user, "name", value_text("coordinator"));
    record_set(grant, "user", value_text(user->id.text));
    record_set(grant, "role", value_text("coordinator"));
    record_set(grant, "whole", value_boolean(true));
    record_set(own, "user", value_text(user->id.text));
    record_set(own, "public_key", value_bytes(key, sizeof key));
}

static value_t fields(arena_t *arena, const char *first, const char *value, const char *second,
                      const char *other)
{
    value_builder_t map = value_builder(arena);
    value_add_pair(&map, first, value_text(value));
    if (second)
        value_add_pair(&map, second, value_text(other));
    return value_build_map(&map);
}

static void put_places(draft_t *draft)
{
    error_t error = {0};
    arena_t *arena = draft_arena(draft);
    value_t county = fields(arena, "name", "Örebro län", NULL, NULL);
    value_t municipality = fields(arena, "name", "Örebro", "county", "cty-18");
    value_builder_t types = value_builder(arena);
    value_add(&types, value_text("learning_centre"));
    value_builder_t organisation = value_builder(arena);
    value_add_pair(&organisation, "name", value_text("Örebro kommun, lärcentrum"));
    value_add_pair(&organisation, "types", value_build_list(&types));
    value_t centre = value_build_map(&organisation);
    if (!draft_put(draft, "county", "18", &county, false, &error) ||
        !draft_put(draft, "municipality", "1880", &municipality, false, &error) ||
        !draft_put(draft, "organisation", NULL, &centre, false, &error))
        die(error.expected);
}

/* A draft of its own, committed: the daemon's, or that of a user. */
static void write_draft(store_t *store, void (*fill)(draft_t *draft), bool as_user)
{
    arena_t *arena = arena_new();
    error_t error = {0};
    access_cache_t *cache = access_cache_new();
    uint64_t now_ms = clock_utc_ms(&clock_system);
    store_txn_t *txn = store_write(store);
    const access_t *access = as_user ? access_cached(cache, txn, key, now_ms) : &access_daemon;
    draft_t *draft = draft_new(txn, access, now_ms, arena);
    fill(draft);
    batch_t batch = {.time_ms = now_ms, .actor = ""};
    batch.operations = draft_finish(draft, &batch.n_operations, &error);
    if (!batch.operations || !store_apply(txn, &batch) || store_commit(&txn))
        die("the first revisions");
    access_cache_destroy(&cache);
    arena_destroy(&arena);
}

static FILE *open_content(const content_t *content, const char *mode)
{
    char path[PATH_ROOM + 32];
    snprintf(path, sizeof path, "%s/%s", directory, content->name);
    FILE *file = fopen(path, mode);
    if (!file)
        die(path);
    return file;
}

static void make_store(void)
{
    const char *temporary = getenv("TMPDIR");
    snprintf(directory, sizeof directory, "%s/samverk-path-XXXXXX", temporary ? temporary : "/tmp");
    if (!mkdtemp(directory))
        die(directory);
    store_t *store = open_it(true);
    if (!store)
        exit(2);
    write_draft(store, add_user, false);
    write_draft(store, put_places, true);
    store_close(&store);
    for (size_t i = 0; i < CONTENTS; i++) {
        FILE *file = open_content(&contents[i], "re");
        struct stat status;
        if (fstat(fileno(file), &status))
            die(contents[i].name);
        contents[i].size = (size_t)status.st_size;
        contents[i].bytes = malloc(contents[i].size);
        if (!contents[i].bytes || fread(contents[i].bytes, contents[i].size, 1, file) != 1)
            die(contents[i].name);
        fclose(file);
    }
}

static void put_back(void)
{
    for (size_t i = 0; i < CONTENTS; i++) {
        FILE *file = open_content(&contents[i], "we");
        if (fwrite(contents[i].bytes, contents[i].size, 1, file) != 1 || fclose(file))
            die(contents[i].name);
    }
}

/* -- one write ------------------------------------------------------------------------------ */

/* A person and an inquiry: a key of one's own, a sealed field, indexes, two records. */
static value_t operations(arena_t *arena, unsigned n)
{
    value_builder_t list = value_builder(arena);
    for (unsigned i = 0; i < 2; i++) {
        value_builder_t operation = value_builder(arena);
        const char *text = arena_format(arena, "number %u", n);
        value_add_pair(&operation, "do", value_text("put"));
        value_add_pair(&operation, "kind", value_text(i ? "inquiry" : "person"));
        value_add_pair(&operation, "fields",
                       i ? fields(arena, "title", text, "municipality", "mun-1880")
                         : fields(arena, "name", text, "organisation", "org-1"));
        value_add(&list, value_build_map(&operation));
    }
    return value_build_list(&list);
}

static job_t *make_job(unsigned n)
{
    arena_t *arena = arena_new();
    error_t error = {0};
    unsigned char random[10];
    unsigned char *id = arena_alloc(arena, WIRE_REQUEST_ID_SIZE);
    value_builder_t arguments = value_builder(arena);
    randombytes_buf(random, sizeof random);
    request_id_make(id, clock_utc_ms(&clock_system), random);
    value_add_pair(&arguments, "operations", operations(arena, n));
    frame_t frame = {.type = FRAME_REQUEST, .id = id, .command = "batch"};
    frame.body = value_build_map(&arguments);
    job_t *job = job_new(&frame, &arena, &error);
    if (!job)
        die(error.expected);
    memcpy(job->public_key, key, sizeof key);
    return job;
}

enum { SAID_OK = 10, SAID_NO, SAID_NOTHING };

static int reply_of(const job_t *job)
{
    arena_t *arena = arena_new();
    value_t value;
    frame_t frame;
    error_t error = {0};
    if (!wire_decode(job->reply, job->reply_size, &wire_limits_client, arena, &value, &error) ||
        !frame_read(&frame, &value, &error))
        return SAID_NOTHING;
    return frame.type == FRAME_REPLY ? SAID_OK : SAID_NO;
}

/* In a child: serve the write and say how it was answered. */
static int serve(unsigned n, uint32_t sort)
{
    clock_step_t step = {0};
    environment_t environment = {
        .store = open_it(false), .config = &config_defaults, .clock = &clock_system, .step = &step};
    if (!environment.store)
        return SAID_NOTHING;
    writer_t *writer = writer_new(&environment);
    job_t *job = make_job(n);
    zmq_pollitem_t item = {.socket = writer_socket(writer), .events = ZMQ_POLLIN};
    control->armed = sort;
    writer_give(writer, job);
    int ready = zmq_poll(&item, 1, PATIENCE_MS);
    control->armed = 0;
    commit_t *commit = ready > 0 ? writer_take(writer) : NULL;
    return commit ? reply_of(commit->jobs) : SAID_NOTHING;
}

/* -- afterwards ------------------------------------------------------------------------------ */

static bool is_there(unsigned n)
{
    store_t *store = open_it(false);
    if (!store)
        return false;
    arena_t *arena = arena_new();
    char title[64];
    bool there = false;
    snprintf(title, sizeof title, "number %u", n);
    store_txn_t *txn = store_read(store);
    records_scan_t *scan = records_scan(txn, schema_kind("inquiry"), true, NULL, arena);
    const record_t *last = records_next(scan, arena);
    there = last && strcmp(record_get_text(last, "title"), title) == 0;
    records_scan_end(&scan);
    store_abort(&txn);
    arena_destroy(&arena);
    store_close(&store);
    return there;
}

/* True when this n was reached. */
static bool try(unsigned n, uint32_t sort, fault_mode_t mode, int error)
{
    static unsigned tried;
    int status;
    unsigned number = ++tried;
    control->mode = mode;
    control->error = (uint32_t)error;
    control->left = n;
    control->fired = 0;
    put_back();
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        /* What it says as it goes down is not for here. */
        int quiet = open("/dev/null", O_WRONLY | O_CLOEXEC);
        const struct rlimit no_core = {0};
        setrlimit(RLIMIT_CORE, &no_core);
        dup2(quiet, STDERR_FILENO);
        _exit(serve(number, sort));
    }
    if (child < 0 || waitpid(child, &status, 0) != child)
        die("fork");
    control->armed = 0;
    int said = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    bool there = is_there(number);
    const char *wrong = NULL;
    if (said == SAID_NOTHING)
        wrong = "neither an answer nor an end";
    else if (said == SAID_OK && !there)
        wrong = "answered OK and lost";
    else if (said == SAID_NO && there)
        wrong = "refused and kept";
    else if (said == 0)
        wrong = "ended as if all were well";
    else if (!control->fired && said != SAID_OK)
        wrong = "not answered OK though nothing failed";
    else if (replay_check(directory, stdout) != 0)
        wrong = "the check finds something";
    if (wrong)
        printf("FAILED  call %u, %s %d: %s\n", n, mode == FAULT_ONCE ? "once" : "and on", error,
               wrong);
    passed += wrong == NULL;
    failed += wrong != NULL;
    return control->fired != 0;
}

static void try_all(const char *what, uint32_t sort, fault_mode_t mode, int error)
{
    unsigned n = 0;
    while (try(n, sort, mode, error) && failed < 20)
        n++;
    printf("ok      %s: %u calls\n", what, n);
    if (n == 0)
        failed++;
}

int main(int argc, char **argv)
{
    int file = argc == 2 ? open(argv[1], O_RDWR | O_CLOEXEC) : -1;
    if (file < 0 || !schema_start() || sodium_init() < 0)
        die("write_path CONTROL");
    control = mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (control == MAP_FAILED)
        die("mmap");
    signal(SIGPIPE, SIG_IGN);
    memset(key, 7, sizeof key);
    make_store();
    try_all("disk, EIO once", FAULT_DISK, FAULT_ONCE, EIO);
    try_all("disk, EIO from then on", FAULT_DISK, FAULT_ON, EIO);
    try_all("disk, ENOSPC once", FAULT_DISK, FAULT_ONCE, ENOSPC);
    try_all("disk, ENOSPC from then on", FAULT_DISK, FAULT_ON, ENOSPC);
    try_all("disk, a short write and ENOSPC", FAULT_DISK, FAULT_SHORT, ENOSPC);
    try_all("memory, once", FAULT_MEMORY, FAULT_ONCE, 0);
    try_all("memory, from then on", FAULT_MEMORY, FAULT_ON, 0);
    nftw(directory, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    printf("%u passed, %u failed\n", passed, failed);
    return failed != 0;
}
