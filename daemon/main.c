#include "backups.h"
#include "config.h"
#include "erasure.h"
#include "front.h"
#include "identity.h"
#include "init.h"
#include "log.h"
#include "migrate.h"
#include "replay.h"
#include "restore.h"
#include "server_key.h"

#include <czmq.h>
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <systemd/sd-daemon.h>
#include <time.h>
#include <unistd.h>

typedef struct {
    const char *data;
    const char *config;
    const char *region;
    const char *listen;
    const char *address;
    const char *check_config;
    const char *day;
    const char *keys;
    const char *file; /* after the verb */
    bool dry_run;
} arguments_t;

static void usage(FILE *out)
{
    fputs("samverkd: holds one region's shared record and tells of every change\n"
          "\n"
          "  samverkd init --data DIR --region NAME [--listen tcp://ADDRESS:PORT] [--address ...]\n"
          "      makes keys and an empty record; the last line on stdout is the first invitation;\n"
          "      --address tcp://HOST:PORT is what clients call the listening address by\n"
          "  samverkd run --data DIR [--config FILE]\n"
          "      serves in the foreground, until SIGTERM\n"
          "  samverkd check --data DIR\n"
          "      proves the store; exit 0 clean, 1 with findings\n"
          "  samverkd restore --data DIR FILE [--keys FILE]\n"
          "      puts a backup back into place, under a new epoch; the record that was there is\n"
          "      kept; --keys: the keys file, when it does not lie beside the backup\n"
          "  samverkd migrate --data DIR [--dry-run]\n"
          "      brings the record of an earlier version up to this one, after a backup;\n"
          "      --dry-run proves it on a copy and changes nothing\n"
          "  samverkd next-key --data DIR --day YYYY-MM-DD\n"
          "      makes the key that the server will have from that day on; from the next start\n"
          "      clients are told of it, and from the first start on that day it is in force\n"
          "  samverkd --check-config FILE\n"
          "  samverkd --version, --help\n"
          "\n"
          "Options of the configuration file:\n",
          out);
}

static void print_option(const char *name, const char *label, const char *otherwise,
                         const char *range)
{
    printf("  %-12s %s%s%s%s%s\n", name, label, *range != '\0' ? ", " : "", range,
           *otherwise != '\0' ? "; default " : "", otherwise);
}

static int help(void)
{
    usage(stdout);
    config_each(print_option);
    return 0;
}

static int wrong(const char *what)
{
    fprintf(stderr, "samverkd: %s; samverkd --help says how it is used\n", what);
    return 2;
}

/* -- run ------------------------------------------------------------------------------ */

/* Signals come as reads: the front polls them beside its sockets. Blocked before any
   thread starts, so that all inherit it. */
static int open_signals(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigprocmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void raise_file_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static bool read_config(const arguments_t *arguments, config_t *config)
{
    char why[512], file[4096];

    *config = config_defaults;
    if (arguments->config != NULL)
        snprintf(file, sizeof file, "%s", arguments->config);
    else
        snprintf(file, sizeof file, "%s/samverkd.conf", arguments->data);
    if (arguments->config == NULL && access(file, F_OK) != 0)
        return true;
    if (config_read(config, file, why, sizeof why))
        return true;
    log_error("%s", why);
    return false;
}

static int run(const arguments_t *arguments)
{
    unsigned char public_key[32], secret_key[32];
    char why[512] = "";
    config_t config;

    log_start(LOG_LEVEL_INFO, getenv("JOURNAL_STREAM") != NULL);
    if (!read_config(arguments, &config))
        return 1;
    log_start((log_level_t)config.log_level, getenv("JOURNAL_STREAM") != NULL);
    setenv("TZ", config.zone, 1); /* days and deadlines are the region's */
    tzset();
    int signals = open_signals();
    raise_file_limit();
    prctl(PR_SET_DUMPABLE, 0); /* a core would hold keys and people's data */

    char today[11];
    server_key_next_t next_key;
    clock_day(clock_utc_ms(&clock_system), today);
    if (!server_key_take_over(arguments->data, today, why, sizeof why) ||
        !server_key_next(arguments->data, &next_key, why, sizeof why)) {
        log_error("%s", why);
        return 1;
    }
    if (!server_key_load(arguments->data, public_key, secret_key, why, sizeof why)) {
        log_error("%s", why);
        return 1;
    }
    store_options_t options = {.directory = arguments->data,
                               .map_size = (size_t)config.map_gib << 30};
    store_t *store = store_open(&options, why, sizeof why);
    if (store == NULL) {
        log_error("%s", why);
        return 1;
    }
    int unfinished = erasure_finish_all(store);
    if (unfinished != 0) {
        log_error("the key of an erased person cannot be forgotten: %s", store_reason(unfinished));
        store_close(&store);
        return 1;
    }

    zsys_init();
    zsys_handler_set(NULL);
    zsys_set_pipehwm(0);
    zsys_set_io_threads((size_t)config.io_threads);
    zsys_set_max_sockets(0);
    clock_step_t step = {0};
    int underived;
    derived_t *derived = derived_open(store, options.map_size, &underived);
    if (derived == NULL)
        log_warning("no derived file, filters over people's data are slow: %s",
                    store_reason(underived));
    backups_t *backups = backups_new(store, config.backup_directory);
    environment_t environment = {.store = store,
                                 .config = &config,
                                 .backups = backups,
                                 .derived = derived,
                                 .clock = &clock_system,
                                 .started_ms = clock_utc_ms(&clock_system),
                                 .step = &step,
                                 .next_key = next_key.planned ? next_key.public_key : NULL,
                                 .next_key_day = next_key.day};
    identity_t *identity = identity_new(&environment);
    front_t *front =
        identity != NULL ? front_new(&environment, &config, secret_key, why, sizeof why) : NULL;
    int status = 1;
    if (front != NULL) {
        sd_notify(0, "READY=1");
        log_notice("%s serves at %s", store_region(store), config.listen);
        front_run(front, signals);
        log_notice("stopped");
        status = 0;
    } else if (*why != '\0') {
        log_error("%s", why);
    }
    front_destroy(&front);
    identity_destroy(&identity);
    derived_close(&derived);
    if (backups_destroy(&backups))
        store_close(&store);
    zsys_shutdown();
    sodium_memzero(secret_key, sizeof secret_key);
    return status;
}

/* -- the other verbs -------------------------------------------------------------------- */

static int init(const arguments_t *arguments)
{
    if (arguments->region == NULL)
        return wrong("--region NAME is missing");
    return init_region(arguments->data, arguments->region, arguments->listen, arguments->address,
                       &clock_system);
}

static int check(const arguments_t *arguments)
{
    int findings = replay_check(arguments->data, stdout);

    if (findings == 0)
        puts("clean");
    else if (findings > 0)
        printf("%d findings\n", findings);
    return findings == 0 ? 0 : 1;
}

static int restore(const arguments_t *arguments)
{
    char why[1024];
    config_t config;

    if (arguments->file == NULL)
        return wrong("the backup FILE is missing");
    if (!read_config(arguments, &config))
        return 1;
    const restore_options_t options = {.directory = arguments->data,
                                       .file = arguments->file,
                                       .keys = arguments->keys,
                                       .map_size = (size_t)config.map_gib << 30,
                                       .now_ms = clock_utc_ms(&clock_system)};
    if (restore_store(&options, stdout, why, sizeof why))
        return 0;
    fprintf(stderr, "samverkd: %s\n", why);
    return 1;
}

static int migrate(const arguments_t *arguments)
{
    char why[1024];
    config_t config;

    if (!read_config(arguments, &config))
        return 1;
    const migrate_options_t options = {.directory = arguments->data,
                                       .dry_run = arguments->dry_run,
                                       .map_size = (size_t)config.map_gib << 30,
                                       .now_ms = clock_utc_ms(&clock_system)};
    if (migrate_store(&options, stdout, why, sizeof why))
        return 0;
    fprintf(stderr, "samverkd: %s\n", why);
    return 1;
}

static int plan_key(const arguments_t *arguments)
{
    char why[512];

    if (arguments->day == NULL)
        return wrong("--day YYYY-MM-DD is missing");
    if (server_key_plan(arguments->data, arguments->day, why, sizeof why)) {
        printf("a new key is in force from %s; restart now, and clients are told of it\n",
               arguments->day);
        return 0;
    }
    fprintf(stderr, "samverkd: %s\n", why);
    return 1;
}

static int check_config(const char *file)
{
    config_t config;
    char why[512];

    config = config_defaults;
    if (!config_read(&config, file, why, sizeof why)) {
        fprintf(stderr, "samverkd: %s\n", why);
        return 1;
    }
    printf("%s: in order\n", file);
    return 0;
}

static bool parse(int argc, char **argv, arguments_t *arguments)
{
    static const struct option options[] = {{"data", required_argument, NULL, 'd'},
                                            {"config", required_argument, NULL, 'c'},
                                            {"region", required_argument, NULL, 'r'},
                                            {"listen", required_argument, NULL, 'l'},
                                            {"day", required_argument, NULL, 'y'},
                                            {"address", required_argument, NULL, 'a'},
                                            {"keys", required_argument, NULL, 'f'},
                                            {"dry-run", no_argument, NULL, 'n'},
                                            {"check-config", required_argument, NULL, 'k'},
                                            {"help", no_argument, NULL, 'h'},
                                            {"version", no_argument, NULL, 'v'},
                                            {NULL, 0, NULL, 0}};
    int option;

    *arguments = (arguments_t){.listen = "tcp://127.0.0.1:7761"};
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (option) {
        case 'd':
            arguments->data = optarg;
            break;
        case 'c':
            arguments->config = optarg;
            break;
        case 'r':
            arguments->region = optarg;
            break;
        case 'l':
            arguments->listen = optarg;
            break;
        case 'y':
            arguments->day = optarg;
            break;
        case 'a':
            arguments->address = optarg;
            break;
        case 'f':
            arguments->keys = optarg;
            break;
        case 'n':
            arguments->dry_run = true;
            break;
        case 'k':
            arguments->check_config = optarg;
            break;
        case 'h':
            exit(help());
        case 'v':
            puts("samverkd " SAMVERK_RELEASE);
            exit(0);
        default:
            return false;
        }
    }
    return true;
}

static const struct {
    const char *name;
    int (*run)(const arguments_t *arguments);
} verbs[] = {{"init", init},       {"run", run},         {"check", check},
             {"restore", restore}, {"migrate", migrate}, {"next-key", plan_key}};

int main(int argc, char **argv)
{
    arguments_t arguments;

    umask(0077);
    if (!parse(argc, argv, &arguments))
        return 2;
    if (arguments.check_config != NULL)
        return check_config(arguments.check_config);
    const char *verb = optind < argc ? argv[optind] : "";
    if (strcmp(verb, "restore") == 0 && optind + 2 == argc)
        arguments.file = argv[optind + 1];
    else if (optind + 1 != argc)
        return wrong("one verb expected: init, run, check, restore, migrate or next-key");
    if (sodium_init() < 0 || !schema_start())
        return 1;

    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (strcmp(verb, verbs[i].name) == 0)
            return arguments.data != NULL ? verbs[i].run(&arguments)
                                          : wrong("--data DIR is missing");
    return wrong("there is no such verb");
}
