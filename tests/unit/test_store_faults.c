/* The disk fails at the n-th call, for every n that the story makes: nothing that
   was said to be kept is lost, and what is left proves sound. */

#include "store_fixture.h"

#include "replay.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <sys/uio.h>

#define WRITES 8

typedef enum {
    FAULT_ONCE,  /* one call fails */
    FAULT_ON,    /* it and all after it */
    FAULT_SHORT, /* it writes half, the next fails, then the disk is well again */
    FAULT_MODES
} fault_t;

static int calls_left; /* until the fault; negative: none is armed */
static fault_t mode;
static int code;
static int failed_calls; /* since then */

static bool fails(void)
{
    static const int most[] = {[FAULT_ONCE] = 1, [FAULT_ON] = INT_MAX, [FAULT_SHORT] = 2};
    if (calls_left < 0)
        return false;
    if (calls_left > 0) {
        calls_left--;
        return false;
    }
    if (failed_calls >= most[mode])
        return false;
    failed_calls++;
    return true;
}

/* Whether the call that fails is to do half its work. */
static bool by_half(void)
{
    return mode == FAULT_SHORT && failed_calls == 1;
}

static void *real(const char *name)
{
    void *function = dlsym(RTLD_NEXT, name);
    if (!function)
        abort();
    return function;
}

/* The calls as LMDB and storage make them: the program's own come first. */
ssize_t pwrite(int file, const void *data, size_t size, off_t at)
{
    ssize_t (*call)(int, const void *, size_t, off_t) =
        (ssize_t(*)(int, const void *, size_t, off_t))real("pwrite");
    if (!fails())
        return call(file, data, size, at);
    if (by_half())
        return call(file, data, size / 2, at);
    errno = code;
    return -1;
}

ssize_t write(int file, const void *data, size_t size)
{
    ssize_t (*call)(int, const void *, size_t) =
        (ssize_t(*)(int, const void *, size_t))real("write");
    if (file <= STDERR_FILENO || !fails())
        return call(file, data, size);
    if (by_half())
        return call(file, data, size / 2);
    errno = code;
    return -1;
}

ssize_t writev(int file, const struct iovec *parts, int count)
{
    ssize_t (*call)(int, const struct iovec *, int) =
        (ssize_t(*)(int, const struct iovec *, int))real("writev");
    if (file <= STDERR_FILENO || !fails())
        return call(file, parts, count);
    if (by_half() && count > 1)
        return call(file, parts, count - 1);
    errno = code;
    return -1;
}

static char synced[256]; /* files in their order: k, person.keys, and r, record.mdb */

static void note_sync(int file)
{
    char link[64], path[PATH_MAX] = "";
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    if (readlink(link, path, sizeof path - 1) < 0 || strlen(synced) + 1 == sizeof synced)
        return;
    if (strstr(path, "/person.keys"))
        strcat(synced, "k");
    else if (strstr(path, "/record.mdb"))
        strcat(synced, "r");
}

#define ONE_FILE_CALL(name)                                                                        \
    int name(int file)                                                                             \
    {                                                                                              \
        note_sync(file);                                                                           \
        int (*call)(int) = (int (*)(int))real(#name);                                              \
        if (!fails())                                                                              \
            return call(file);                                                                     \
        errno = code;                                                                              \
        return -1;                                                                                 \
    }

ONE_FILE_CALL(fsync)
ONE_FILE_CALL(fdatasync)

static void arm(int n, fault_t with, int error)
{
    calls_left = n;
    mode = with;
    code = error;
    failed_calls = 0;
}

static bool disarm(void)
{
    calls_left = -1;
    return failed_calls > 0;
}

/* A person whose key cannot be written fails this transaction alone: once more. */
static record_t *seal_in(store_txn_t **txn_p, const record_t *record)
{
    record_t *sealed = seal_record(*txn_p, record, arena);
    if (sealed)
        return sealed;
    store_abort(txn_p);
    *txn_p = store_write(store);
    return *txn_p ? seal_record(*txn_p, record, arena) : NULL;
}

/* Some people and their inquiries, each in its commit. Returns the last revision
   whose commit succeeded; ends at the first that did not. */
static uint64_t write_story(void)
{
    uint64_t kept = 0;
    for (unsigned i = 1; i <= WRITES; i++) {
        store_txn_t *txn = store_write(store);
        if (!txn)
            return kept;
        record_t *sealed =
            seal_in(&txn, person(arena_format(arena, "per-%u", i), "Anställd vid lärcentrum"));
        operation_t operations[] = {
            {.after = sealed},
            {.after = record_with(arena_format(arena, "inq-%u", i), "title", "CAD", NULL)}};
        if (!txn)
            return kept;
        uint64_t revision = sealed ? apply(txn, i, operations, 2) : 0;
        if (store_commit(&txn) != 0 || !revision)
            return kept;
        kept = revision;
    }
    return kept;
}

static void assert_kept(uint64_t kept)
{
    store = open_it(false, false);
    assert_non_null(store);
    store_txn_t *txn = store_read(store);
    assert_true(store_head(txn) >= kept);
    for (uint64_t i = 1; i <= store_head(txn); i++) {
        record_id_t id = record_id_numbered(schema_kind("person"), i);
        record_t *record = records_get(txn, &id, arena);
        assert_non_null(record);
        seal_open(txn, record, FIELD_MASK_ALL, arena);
        assert_string_equal(record_get_text(record, "name"), "Anställd vid lärcentrum");
    }
    store_abort(&txn);
    /* And it goes on: the next write is the next revision. */
    txn = store_write(store);
    uint64_t head = store_head(txn);
    operation_t next = {.after = county("cty-18", "Örebro län")};
    assert_int_equal(apply(txn, 1000, &next, 1), head + 1);
    assert_int_equal(store_commit(&txn), 0);
    store_close(&store);
}

static void assert_sound(void)
{
    /* The people's organisation is not in this story: that one finding a person. */
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    replay_check(directory, out);
    fclose(out);
    for (char *line = text, *end; (end = strchr(line, '\n')); line = end + 1) {
        *end = 0;
        assert_non_null(strstr(line, "organisation refers to org-1"));
    }
    free(text);
}

static void nothing_kept_is_lost(int error)
{
    for (unsigned with = 0; with < FAULT_MODES; with++) {
        bool reached = true;
        for (int n = 0; reached; n++) {
            assert_int_equal(fixture_setup(NULL), 0);
            arm(n, (fault_t)with, error);
            uint64_t kept = write_story();
            reached = disarm();
            store_close(&store);
            if (!reached)
                assert_int_equal(kept, WRITES);
            assert_kept(kept);
            assert_sound();
            fixture_teardown(NULL);
        }
    }
}

static void a_disk_that_fails_loses_nothing_kept(void **state)
{
    (void)state;
    nothing_kept_is_lost(EIO);
}

static void a_disk_that_fills_loses_nothing_kept(void **state)
{
    (void)state;
    nothing_kept_is_lost(ENOSPC);
}

static void an_init_that_fails_can_be_done_again(void **state)
{
    (void)state;
    assert_true(schema_start());
    for (unsigned with = 0; with < FAULT_MODES; with++) {
        bool reached = true;
        for (int n = 0; reached; n++) {
            arena = arena_new();
            make_directory();
            char why[512] = "";
            store_options_t options = {
                .directory = directory, .map_size = 1 << 24, .region = "R", .create = true};
            arm(n, (fault_t)with, EIO);
            store = store_open(&options, why, sizeof why);
            reached = disarm();
            bool made = store != NULL;
            assert_true(made || strlen(why) > 0);
            assert_true(made || reached);
            store_close(&store);
            /* Either there is a whole store or there is none and it can be made. */
            options.create = access(in_directory("record.mdb"), F_OK) != 0;
            assert_true(!made || !options.create);
            store = store_open(&options, why, sizeof why);
            assert_non_null(store);
            assert_string_equal(store_region(store), "R");
            fixture_teardown(NULL);
        }
    }
}

/* What is committed must not be sealed under a key that a power cut can take. */
static void a_key_is_on_disk_before_what_it_seals(void **state)
{
    (void)state;
    assert_int_equal(fixture_setup(NULL), 0);
    synced[0] = '\0';
    put(person("per-1", "Ett"));
    assert_ptr_equal(strpbrk(synced, "kr"), strchr(synced, 'k'));
    assert_non_null(strchr(synced, 'r'));
    /* A key that is there already costs no more. */
    synced[0] = '\0';
    put(person("per-1", "Två"));
    assert_null(strchr(synced, 'k'));
    fixture_teardown(NULL);
}

static void a_key_that_cannot_be_forgotten_is_kept_whole(void **state)
{
    (void)state;
    for (unsigned with = 0; with < FAULT_MODES; with++) {
        bool reached = true;
        for (int n = 0; reached; n++) {
            assert_int_equal(fixture_setup(NULL), 0);
            put(person("per-1", "Ett"));
            put(person("per-2", "Två"));
            record_id_t one = id_of_text("per-1"), two = id_of_text("per-2");
            arm(n, (fault_t)with, EIO);
            int status = seal_forget(store, &one);
            reached = disarm();
            assert_true(status || !reached || with == FAULT_SHORT);
            reopen();
            store_txn_t *txn = store_read(store);
            record_t *record = records_get(txn, &two, arena);
            seal_open(txn, record, FIELD_MASK_ALL, arena);
            assert_string_equal(record_get_text(record, "name"), "Två");
            record = records_get(txn, &one, arena);
            seal_open(txn, record, FIELD_MASK_ALL, arena);
            assert_true(status || !record_get_text(record, "name"));
            store_abort(&txn);
            fixture_teardown(NULL);
        }
    }
}

int main(void)
{
    calls_left = -1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_disk_that_fails_loses_nothing_kept),
        cmocka_unit_test(a_disk_that_fills_loses_nothing_kept),
        cmocka_unit_test(an_init_that_fails_can_be_done_again),
        cmocka_unit_test(a_key_is_on_disk_before_what_it_seals),
        cmocka_unit_test(a_key_that_cannot_be_forgotten_is_kept_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
