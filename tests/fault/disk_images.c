/* Cuts the power again and again: builds what a disk may hold at a moment of a trace,
   and holds it against the ledger of what was promised until then. Each image is
   looked at in a process of its own.

     disk_images TRACE LEDGER IMAGES SEED

   The last line says how many images there were and how many of them did not keep a
   promise; with exit status 0 when that is none. */

#include "crash_disk.h"
#include "ledger.h"
#include "replay.h"

#include <errno.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define SHOWN_MAX 5
#define PATH_ROOM 4096

typedef struct {
    uint64_t event;
    cut_t cut;
} moment_t;

static int by_event(const void *a, const void *b)
{
    const moment_t *left = a, *right = b;
    return (left->event > right->event) - (left->event < right->event);
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *at)
{
    (void)status, (void)type, (void)at;
    return remove(path);
}

static void remove_tree(const char *directory)
{
    nftw(directory, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* Where the creation of the store ends. */
static uint64_t read_created(const char *ledger_path)
{
    unsigned long long position = 0;
    char line[256];
    FILE *file = fopen(ledger_path, "re");
    while (file && fgets(line, sizeof line, file))
        if (strstr(line, "\tcreated"))
            position = strtoull(line, NULL, 10);
    if (file)
        fclose(file);
    return position;
}

/* Everything that an image must stand. False with lines on `out`. */
static bool holds(const ledger_t *ledger, const char *directory, uint64_t position,
                  uint64_t created, FILE *out)
{
    char path[PATH_ROOM];
    snprintf(path, sizeof path, "%s/record.mdb", directory);
    if (position < created) {
        /* There is a whole store or none, and then one can be made. */
        store_t *store = ledger_open(directory, access(path, F_OK) != 0, false, out);
        bool good = store != NULL;
        store_close(&store);
        return good && replay_check(directory, out) == 0;
    }
    /* The daemon's own start: what a cut left of the keys is put in order. */
    store_t *store = ledger_open(directory, false, false, out);
    if (!store)
        return false;
    store_close(&store);
    return ledger_compare(ledger, directory, position, out) == 0 &&
           replay_check(directory, out) == 0 && ledger_goes_on(directory, out);
}

static bool look(const ledger_t *ledger, const char *directory, uint64_t position, uint64_t created,
                 bool shown)
{
    int status;
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        FILE *out = shown ? stdout : fopen("/dev/null", "we");
        bool good = out && holds(ledger, directory, position, created, out);
        fflush(stdout);
        _exit(good ? 0 : 1);
    }
    if (child < 0 || waitpid(child, &status, 0) != child)
        abort();
    if (WIFSIGNALED(status) && shown)
        printf("killed by %s\n", strsignal(WTERMSIG(status)));
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static uint64_t draw(uint64_t *random, uint64_t below)
{
    *random = *random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (*random >> 20) % below;
}

/* Half of the moments anywhere, half at events of a file of few events: those of the
   record itself would leave next to none for keys and names. */
static moment_t *choose(const crash_disk_t *disk, unsigned long images, uint64_t *random)
{
    uint64_t events = crash_disk_events(disk), n_rare = 0;
    uint64_t *rare = calloc(events + 1, sizeof *rare);
    moment_t *moments = calloc(images, sizeof *moments);
    if (!moments || !rare)
        abort();
    unsigned busy = crash_disk_file(disk, events - 1);
    for (uint64_t i = 0; i < events; i++)
        if (crash_disk_file(disk, i) != busy)
            rare[n_rare++] = i;
    for (unsigned long i = 0; i < images; i++) {
        if (n_rare && draw(random, 2))
            moments[i].event = rare[draw(random, n_rare)] + draw(random, 2);
        else
            moments[i].event = draw(random, events + 1);
        moments[i].cut = (cut_t)draw(random, CUT_KINDS);
    }
    free(rare);
    qsort(moments, images, sizeof *moments, by_event);
    return moments;
}

int main(int argc, char **argv)
{
    static const char *const cuts[CUT_KINDS] = {"none", "all", "some writes", "some sectors"};
    if (argc != 5 || !schema_start()) {
        fprintf(stderr, "disk_images TRACE LEDGER IMAGES SEED\n");
        return 2;
    }
    unsigned long images = strtoul(argv[3], NULL, 10), broken = 0;
    uint64_t random = strtoull(argv[4], NULL, 10), created = read_created(argv[2]);
    crash_disk_t *disk = crash_disk_new(argv[1]);
    ledger_t *ledger = ledger_read(argv[2]);
    if (!disk || !ledger) {
        fprintf(stderr, "disk_images: %s or %s cannot be read\n", argv[1], argv[2]);
        return 2;
    }
    moment_t *moments = choose(disk, images, &random);
    const char *temporary = getenv("TMPDIR");
    for (unsigned long i = 0; i < images; i++) {
        char directory[PATH_ROOM];
        snprintf(directory, sizeof directory, "%s/samverk-image-XXXXXX",
                 temporary ? temporary : "/tmp");
        if (!mkdtemp(directory)) {
            perror(directory);
            return 2;
        }
        crash_disk_play(disk, moments[i].event);
        if (!crash_disk_leave(disk, directory, moments[i].cut, &random)) {
            perror(directory);
            remove_tree(directory);
            return 2;
        }
        uint64_t position = crash_disk_position(disk, moments[i].event);
        if (!look(ledger, directory, position, created, broken < SHOWN_MAX)) {
            if (broken++ < SHOWN_MAX)
                printf("  at event %llu of %llu, kept of what was not synced: %s\n",
                       (unsigned long long)moments[i].event,
                       (unsigned long long)crash_disk_events(disk), cuts[moments[i].cut]);
        }
        remove_tree(directory);
    }
    printf("%lu images, %lu broken, %llu events\n", images, broken,
           (unsigned long long)crash_disk_events(disk));
    free(moments);
    ledger_destroy(&ledger);
    crash_disk_destroy(&disk);
    return broken != 0;
}
