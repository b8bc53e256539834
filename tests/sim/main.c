#include "fill.h"
#include "schema.h"

#include <errno.h>
#include <getopt.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* A believable region to try Samverk on, of any size, the same for the same seed. */

typedef struct {
    plan_size_t size;
    fill_options_t fill;
    const char *profile;
} options_t;

static void usage(FILE *out)
{
    fputs("samverk-sim: fills an empty record with a region that never was\n"
          "\n"
          "  --seed N            which region (1); the same seed gives the same one\n"
          "  --municipalities N  1 to 290, around one that is drawn (22)\n"
          "  --employers N       1 or more, most of them small (400)\n"
          "  --inquiries N       1 or more (300)\n"
          "  --open N            the newest N are still open; without it, as far as each has come\n"
          "  --months N          over which they came in (6)\n"
          "  --filed             leave every inquiry new and nothing hanging on it: for measuring\n"
          "  --today DAY         the day that wanted periods are counted from (today)\n"
          "  --clock FILE        the months really pass: FILE is where libfaketime has the\n"
          "                      daemon's time from, and begins that long ago\n"
          "  --data DIR          the folder with the municipalities and areas\n"
          "  --profile NAME      a coordinator of the whole, who has joined ($SAMVERK_PROFILE,\n"
          "                      or default)\n"
          "\n"
          "Places, counties and areas are real; no firm and nobody is. How large a place is is\n"
          "drawn, since the data has no populations. Without --clock all of it happens today, by\n"
          "the daemon's clock: what has come far has come far in a day, and only what is wanted\n"
          "and planned is spread over months. With it, for a record that is six months old:\n"
          "\n"
          "  echo -200d >clock\n"
          "  LD_PRELOAD=.../libfaketime.so.1 FAKETIME_TIMESTAMP_FILE=clock FAKETIME_NO_CACHE=1 \\\n"
          "      samverkd run --data DIR\n"
          "  samverk-sim --months 6 --clock clock\n",
          out);
}

/* Whole numbers alone; exits with a word about it. */
static unsigned number_of(const char *option, const char *text, unsigned least, unsigned most)
{
    char *end = NULL;

    errno = 0;
    unsigned long long number = strtoull(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || *text == '-' || number < least ||
        number > most) {
        fprintf(stderr, "samverk-sim: --%s takes a whole number from %u to %u\n", option, least,
                most);
        exit(2);
    }
    return (unsigned)number;
}

#define MANY 100000000u

static bool parse(int argc, char **argv, options_t *options)
{
    static const struct option known[] = {{"seed", required_argument, NULL, 's'},
                                          {"municipalities", required_argument, NULL, 'm'},
                                          {"employers", required_argument, NULL, 'e'},
                                          {"inquiries", required_argument, NULL, 'i'},
                                          {"open", required_argument, NULL, 'o'},
                                          {"months", required_argument, NULL, 'M'},
                                          {"filed", no_argument, NULL, 'f'},
                                          {"today", required_argument, NULL, 't'},
                                          {"clock", required_argument, NULL, 'c'},
                                          {"data", required_argument, NULL, 'd'},
                                          {"profile", required_argument, NULL, 'p'},
                                          {"help", no_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
    plan_size_t *size = &options->size;
    int option, which;

    while ((option = getopt_long(argc, argv, "", known, &which)) != -1) {
        const char *name = known[which].name;
        switch (option) {
        case 's':
            size->seed = number_of(name, optarg, 0, UINT32_MAX);
            break;
        case 'm':
            size->municipalities = number_of(name, optarg, 1, PLAN_MUNICIPALITIES_MAX);
            break;
        case 'e':
            size->employers = number_of(name, optarg, 1, MANY);
            break;
        case 'i':
            size->inquiries = number_of(name, optarg, 1, MANY);
            break;
        case 'o':
            size->open = number_of(name, optarg, 0, MANY);
            break;
        case 'M':
            size->days = number_of(name, optarg, 1, PLAN_DAYS_MAX / 30) * 30;
            break;
        case 'f':
            options->fill.filed = true;
            break;
        case 't':
            options->fill.today = optarg;
            break;
        case 'c':
            options->fill.clock = optarg;
            break;
        case 'd':
            options->fill.data = optarg;
            break;
        case 'p':
            options->profile = optarg;
            break;
        case 'h':
            usage(stdout);
            exit(0);
        default:
            return false;
        }
    }
    return optind == argc;
}

static const char *today(void)
{
    static char text[11];
    time_t now = time(NULL);

    strftime(text, sizeof text, "%Y-%m-%d", localtime(&now));
    return text;
}

static int fail(const char *what)
{
    fprintf(stderr, "samverk-sim: %s\n", what);
    return 1;
}

int main(int argc, char **argv)
{
    const char *variable = getenv("SAMVERK_PROFILE");
    options_t options = {.size = {.seed = 1,
                                  .municipalities = 22,
                                  .employers = 400,
                                  .inquiries = 300,
                                  .open = PLAN_BY_AGE,
                                  .days = 180},
                         .fill = {.data = SAMVERK_DATA, .today = today(), .tells = true},
                         .profile = variable != NULL && *variable != '\0' ? variable : "default"};
    samverk_profile_t profile;

    if (!parse(argc, argv, &options)) {
        usage(stderr);
        return 2;
    }
    if (!schema_start() || sodium_init() < 0)
        return 1;
    if (samverk_profile_load(&profile, options.profile) != SAMVERK_PROFILE_OK)
        return fail("there is no such profile that has joined");
    plan_t *plan = plan_new(&options.size, options.fill.data);
    if (plan == NULL)
        return fail("the municipalities cannot be read");
    bool done = fill(plan, &profile, &options.fill);
    plan_destroy(&plan);
    explicit_bzero(&profile, sizeof profile);
    return done ? 0 : 1;
}
