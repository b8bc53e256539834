#ifndef SAMVERK_CLI_FIXTURE_H
#define SAMVERK_CLI_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli.h"
#include "fake_daemon.h"
#include "json.h"
#include "language.h"
#include "names.h"
#include "terminal.h"

#include <locale.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

/* One run of the command line in the test's own process: what it says is kept, and
   who it asks is a daemon that answers as the test has it answer. */

static cli_t cli;

/* -- the reader -------------------------------------------------------------------------------- */

/* "en" or "sv", with no forms of dates and numbers, as on a machine without locales. */
static inline void speak(const char *language)
{
    setenv("LC_ALL", "C.UTF-8", 1);
    setenv("LANGUAGE", language, 1);
    setenv("SAMVERK_LOCALEDIR", SAMVERK_BINARY_DIR "/po", 1);
    language_start();
}

/* With the whole Swedish locale. */
static inline void speak_swedish(void)
{
    setenv("LOCPATH", SAMVERK_BINARY_DIR "/tests/locale", 1);
    setenv("LC_ALL", "sv_SE.UTF-8", 1);
    setenv("LANGUAGE", "", 1);
    setenv("SAMVERK_LOCALEDIR", SAMVERK_BINARY_DIR "/po", 1);
    language_start();
}

static inline int cli_begin(void **state)
{
    (void)state;
    setenv("TZ", "Europe/Stockholm", 1);
    tzset();
    speak("en");
    terminal_start(false, false);
    cli = (cli_t){.arena = arena_new(), .timeout_ms = 3000};
    return schema_n_kinds() > 0 || schema_start() ? 0 : -1;
}

static inline void hear_no_more(void);

static inline int cli_end(void **state)
{
    (void)state;
    hear_no_more();
    names_destroy(&cli);
    samverk_destroy(&cli.connection);
    arena_destroy(&cli.arena);
    return 0;
}

/* Each test is a run of its own. */
#define CLI_TEST(test) cmocka_unit_test_setup_teardown(test, cli_begin, cli_end)

/* -- what it says ------------------------------------------------------------------------------ */

typedef struct {
    const char *out, *err; /* in the run's arena */
} heard_t;

static int heard_real[2] = {-1, -1}, heard_kept[2] = {-1, -1};

/* From here on standard output and standard error are kept. */
static inline void hear(void)
{
    for (int i = 0; i < 2; i++) {
        fflush(i ? stderr : stdout);
        heard_real[i] = dup(i + 1);
        heard_kept[i] = memfd_create("heard", MFD_CLOEXEC);
        dup2(heard_kept[i], i + 1);
    }
}

static int heard_master = -1;
static pthread_t heard_thread;

/* A terminal's buffer is small: what is written must be taken meanwhile. */
static inline void *hear_run(void *context)
{
    (void)context;
    char data[4096];
    ssize_t size;
    while ((size = read(heard_master, data, sizeof data)) > 0)
        if (write(heard_kept[0], data, (size_t)size) != size)
            abort();
    return NULL;
}

/* The same, with standard output a terminal that is so wide. */
static inline void hear_on_terminal(unsigned short width, bool colours)
{
    int slave;
    struct winsize size = {.ws_col = width, .ws_row = 24};
    struct termios plain;
    unsetenv("COLUMNS");
    unsetenv("NO_COLOR");
    setenv("TERM", "xterm", 1);
    hear();
    assert_int_equal(openpty(&heard_master, &slave, NULL, NULL, &size), 0);
    tcgetattr(slave, &plain);
    cfmakeraw(&plain);
    tcsetattr(slave, TCSANOW, &plain);
    dup2(slave, STDOUT_FILENO);
    close(slave);
    pthread_create(&heard_thread, NULL, hear_run, NULL);
    terminal_start(colours, false);
}

static inline void hear_no_more(void)
{
    for (int i = 0; i < 2; i++) {
        if (heard_real[i] < 0)
            continue;
        fflush(i ? stderr : stdout);
        dup2(heard_real[i], i + 1);
        close(heard_real[i]);
        heard_real[i] = -1;
    }
    if (heard_master < 0)
        return;
    /* Nobody has the other end any more: the thread has read all. */
    pthread_join(heard_thread, NULL);
    close(heard_master);
    heard_master = -1;
    terminal_start(false, false);
}

static inline heard_t heard(void)
{
    char *texts[2];
    hear_no_more();
    for (int i = 0; i < 2; i++) {
        off_t size = lseek(heard_kept[i], 0, SEEK_END);
        texts[i] = arena_alloc(cli.arena, (size_t)size + 1);
        assert_int_equal(pread(heard_kept[i], texts[i], (size_t)size, 0), size);
        texts[i][size] = 0;
        close(heard_kept[i]);
    }
    return (heard_t){texts[0], texts[1]};
}

/* -- records ----------------------------------------------------------------------------------- */

/* A view as the daemon sends it; `fields` are names and what people would write for them,
   NULL after the last. */
static inline value_t view_of(arena_t *arena, const char *id, const char *const *fields)
{
    record_id_t parsed;
    value_builder_t view = value_builder(arena), map = value_builder(arena);
    assert_true(record_id_parse(&parsed, id, NULL));
    for (; *fields; fields += 2) {
        value_t value;
        error_t error = {0};
        if (!field_parse(kind_field(parsed.kind, fields[0]), fields[1], &value, arena, &error))
            fail_msg("%s is no %s", fields[1], fields[0]);
        value_add_pair(&map, fields[0], value);
    }
    value_add_pair(&view, "id", value_text(arena_text(arena, id)));
    value_add_pair(&view, "rev", value_integer(812));
    value_add_pair(&view, "fields", value_build_map(&map));
    return value_build_map(&view);
}

static inline const char *json_text(const value_t *value)
{
    json_t *document = json_of_value(value);
    char *text = json_dumps(document, JSON_COMPACT | JSON_ENCODE_ANY);
    const char *copy = arena_text(cli.arena, text);
    free(text);
    json_decref(document);
    return copy;
}

/* What stands in a file; NULL when there is none. */
static inline const char *content_of(const char *path)
{
    FILE *file = fopen(path, "r");
    if (!file)
        return NULL;
    char *text = arena_alloc(cli.arena, 65536);
    text[fread(text, 1, 65535, file)] = 0;
    fclose(file);
    return text;
}

#define VIEW(arena, id, ...) view_of(arena, id, (const char *const[]){__VA_ARGS__, NULL})

/* -- the daemon -------------------------------------------------------------------------------- */

/* What is answered to a request; an error instead when its code is set. Runs in the
   daemon's thread. */
typedef value_t answer_t(const char *command, const value_t *arguments, arena_t *arena,
                         error_t *error);

static inline value_t answer_nothing(const char *command, const value_t *arguments, arena_t *arena,
                                     error_t *error)
{
    (void)command;
    (void)arguments;
    (void)error;
    return fake_map(arena);
}

#define ASKED_MAX 32

static answer_t *answer;
static char asked_text[ASKED_MAX][8192];
static atomic_int n_asked;

static inline void answer_request(fake_t *self, const frame_t *request)
{
    int n = atomic_load(&n_asked);
    json_t *arguments = json_of_value(&request->body);
    char *text = json_dumps(arguments, JSON_COMPACT);
    snprintf(asked_text[n % ASKED_MAX], sizeof *asked_text, "%s %s", request->command, text);
    free(text);
    json_decref(arguments);
    atomic_store(&n_asked, n + 1);
    error_t error = {0};
    value_t result = answer(request->command, &request->body, self->arena, &error);
    frame_t frame = {.type = FRAME_REPLY, .id = request->id, .revision = 812, .body = result};
    if (error.code != ERROR_NONE) {
        frame.type = FRAME_ERROR;
        frame.body = error_to_value(&error, self->arena);
    }
    fake_send(self, &frame);
}

/* The request that came in as number `which`: `get {"id":"inq-12"}`. NULL when it was
   never made. */
static inline const char *asked(int which)
{
    return which < atomic_load(&n_asked) ? asked_text[which] : NULL;
}

static inline fake_t *daemon_begin(answer_t *with)
{
    answer = with;
    atomic_store(&n_asked, 0);
    fake_t *daemon = fake_new(answer_request);
    cli.connection = fake_client(daemon);
    return daemon;
}

static inline void daemon_end(fake_t **daemon_p)
{
    names_destroy(&cli);
    samverk_destroy(&cli.connection);
    fake_destroy(daemon_p);
}

#endif
