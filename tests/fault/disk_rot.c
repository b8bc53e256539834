/* Turns one bit of a store at rest, again and again, and looks at what becomes of it:
   it is noticed, by a checksum or by the check, or it lies where nothing is. What is
   served is right in any case. Each copy is looked at in processes of its own, since
   LMDB trusts its pages and may fall over.

     disk_rot DIRECTORY LEDGER COPIES SEED

   The last line says how many copies there were and how many of them served what was
   never written, or were missed; with exit status 0 when that is none. */

#include "ledger.h"
#include "replay.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATH_ROOM 4096
#define SHOWN_MAX 8
#define PATIENCE_S 20
#define CRASHED 0x100u
#define HUNG 0x200u
#define FOUND 0x1u /* by the check */

typedef struct {
    const char *name;
    unsigned char *bytes;
    size_t size;
} content_t;

typedef struct {
    unsigned long harmless, by_reading, by_check, crashed, wrong, missed, hung;
} tally_t;

static void die(const char *what)
{
    perror(what);
    exit(2);
}

static content_t read_content(const char *directory, const char *name)
{
    char path[PATH_ROOM];
    struct stat status;
    content_t self = {.name = name};
    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *file = fopen(path, "re");
    if (!file || fstat(fileno(file), &status))
        die(path);
    self.size = (size_t)status.st_size;
    self.bytes = malloc(self.size);
    if (!self.bytes || fread(self.bytes, 1, self.size, file) != self.size)
        die(path);
    fclose(file);
    return self;
}

static void write_content(const content_t *self, const char *directory)
{
    char path[PATH_ROOM];
    snprintf(path, sizeof path, "%s/%s", directory, self->name);
    FILE *file = fopen(path, "we");
    if (!file || fwrite(self->bytes, 1, self->size, file) != self->size || fclose(file))
        die(path);
}

static void remove_files(const char *directory)
{
    static const char *const names[] = {"record.mdb", "record.mdb-lock", "person.keys"};
    char path[PATH_ROOM];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s/%s", directory, names[i]);
        unlink(path);
    }
}

/* -- looking ------------------------------------------------------------------------- */

static unsigned read_all(const char *directory, const ledger_t *ledger, FILE *out)
{
    return ledger_compare(ledger, directory, 0, out);
}

static unsigned check_all(const char *directory, const ledger_t *ledger, FILE *out)
{
    (void)ledger;
    return replay_check(directory, out) != 0 ? FOUND : 0;
}

static unsigned in_a_child(unsigned (*look)(const char *, const ledger_t *, FILE *),
                           const char *directory, const ledger_t *ledger, const char *said)
{
    int status;
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        const struct rlimit no_core = {0};
        setrlimit(RLIMIT_CORE, &no_core);
        alarm(PATIENCE_S);
        FILE *out = fopen(said, "we");
        /* LMDB's own last words go there too. */
        if (!out || dup2(fileno(out), STDERR_FILENO) < 0)
            _exit(0xff);
        unsigned found = look(directory, ledger, out);
        fflush(out);
        _exit((int)found);
    }
    if (child < 0 || waitpid(child, &status, 0) != child)
        die("fork");
    if (WIFSIGNALED(status))
        return WTERMSIG(status) == SIGALRM ? HUNG : CRASHED;
    return (unsigned)WEXITSTATUS(status);
}

static void show(const char *path)
{
    char line[512];
    FILE *file = fopen(path, "re");
    for (int left = 6; file && left > 0 && fgets(line, sizeof line, file); left--)
        printf("    %s", line);
    if (file)
        fclose(file);
}

static void look(const char *directory, const ledger_t *ledger, tally_t *tally, const char *what)
{
    char reading[PATH_ROOM + 16], checking[PATH_ROOM + 16];
    snprintf(reading, sizeof reading, "%s/reading", directory);
    snprintf(checking, sizeof checking, "%s/checking", directory);
    unsigned read = in_a_child(read_all, directory, ledger, reading);
    unsigned checked = in_a_child(check_all, directory, ledger, checking);
    bool noticed = (read & (CRASHED | LEDGER_UNOPENED | LEDGER_REFUSED)) != 0;
    bool found = checked != 0;
    const char *fault = NULL;
    tally->crashed += ((read | checked) & CRASHED) != 0;
    if ((read | checked) & HUNG) {
        tally->hung++;
        fault = "hangs";
    } else if (read & LEDGER_WRONG) {
        tally->wrong++;
        fault = "is served as if right";
    } else if (read != 0 && !found) {
        tally->missed++;
        fault = "is missed by the check";
    } else if (noticed) {
        tally->by_reading++;
    } else if (found) {
        tally->by_check++;
    } else {
        tally->harmless++;
    }
    if (fault && tally->wrong + tally->missed + tally->hung <= SHOWN_MAX) {
        printf("  %s: %s\n", what, fault);
        show(reading);
        show(checking);
    }
    unlink(reading);
    unlink(checking);
}

int main(int argc, char **argv)
{
    if (argc != 5 || !schema_start()) {
        fprintf(stderr, "disk_rot DIRECTORY LEDGER COPIES SEED\n");
        return 2;
    }
    unsigned long copies = strtoul(argv[3], NULL, 10);
    uint64_t random = strtoull(argv[4], NULL, 10);
    content_t contents[] = {read_content(argv[1], "record.mdb"),
                            read_content(argv[1], "person.keys")};
    ledger_t *ledger = ledger_read(argv[2]);
    const char *temporary = getenv("TMPDIR");
    char directory[PATH_ROOM - 64];
    tally_t tally = {0};
    snprintf(directory, sizeof directory, "%s/samverk-rot-XXXXXX", temporary ? temporary : "/tmp");
    if (!ledger || !mkdtemp(directory))
        die(directory);
    write_content(&contents[0], directory);
    write_content(&contents[1], directory);
    look(directory, ledger, &tally, "as it was written");
    remove_files(directory);
    if (tally.harmless != 1) {
        printf("an undamaged copy is not clean\n");
        rmdir(directory);
        return 1;
    }
    tally.harmless = 0;
    for (unsigned long i = 0; i < copies; i++) {
        /* One in eight in the keys, which are few bytes. */
        content_t *content = &contents[i % 8 == 0];
        random = random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        size_t bit = (size_t)(random >> 16) % (content->size * 8);
        char what[128];
        snprintf(what, sizeof what, "%s, byte %zu, bit %zu", content->name, bit / 8, bit % 8);
        content->bytes[bit / 8] ^= (unsigned char)(1u << bit % 8);
        write_content(&contents[0], directory);
        write_content(&contents[1], directory);
        look(directory, ledger, &tally, what);
        content->bytes[bit / 8] ^= (unsigned char)(1u << bit % 8);
        remove_files(directory);
    }
    rmdir(directory);
    ledger_destroy(&ledger);
    free(contents[0].bytes);
    free(contents[1].bytes);
    unsigned long broken = tally.wrong + tally.missed + tally.hung;
    printf("noticed in reading %lu, by the check alone %lu, where nothing is %lu; the process "
           "fell over on %lu\n",
           tally.by_reading, tally.by_check, tally.harmless, tally.crashed);
    printf("%lu copies, %lu broken (served wrong %lu, missed %lu, hung %lu)\n", copies, broken,
           tally.wrong, tally.missed, tally.hung);
    return broken != 0;
}
