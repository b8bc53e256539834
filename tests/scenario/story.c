#include "story.h"

#include "literal.h"
#include "mirror.h"
#include "reads.h"
#include "region.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define LINE_MAX_BYTES 65536u
#define IDS_MAX 64u
#define MIRRORS_MAX 16u

typedef struct {
    const char *name;
    unsigned char id[WIRE_REQUEST_ID_SIZE];
} named_id_t;

typedef struct {
    region_t *region;
    bindings_t *bindings;
    arena_t *arena;
    const char *file;
    unsigned line;
    /* the last request */
    reply_t reply;
    bool asked, judged; /* judged: something was said of its answer */
    named_id_t ids[IDS_MAX];
    size_t n_ids;
    mirror_t *mirrors[MIRRORS_MAX];
    size_t n_mirrors;
} story_t;

static story_t *playing;

#define fail_story(self, ...)                                                                      \
    fail_msg("%s:%u: %s", (self)->file, (self)->line, arena_format((self)->arena, __VA_ARGS__))

/* -- reading a line ------------------------------------------------------------------ */

static void skip_space(const char **text)
{
    while (isspace((unsigned char)**text))
        (*text)++;
}

/* The next word, "" at the end of the line. */
static const char *take_word(story_t *self, const char **text)
{
    skip_space(text);
    const char *start = *text;
    while (**text != '\0' && !isspace((unsigned char)**text))
        (*text)++;
    const char *word = arena_text_of(self->arena, start, (size_t)(*text - start));
    skip_space(text);
    return word;
}

static const literal_t *take_literal(story_t *self, const char **text)
{
    const char *why = "";
    const literal_t *literal = literal_read(text, self->arena, &why);

    if (literal == NULL)
        fail_story(self, "%s before: %s", why, *text);
    return literal;
}

static value_t take_value(story_t *self, const char **text)
{
    const char *why = "";
    value_t value;

    if (!literal_value(take_literal(self, text), self->bindings, self->arena, &value, &why))
        fail_story(self, "%s", why);
    return value;
}

static const char *take_text(story_t *self, const char **text)
{
    value_t value = take_value(self, text);

    if (value.form != VALUE_TEXT)
        fail_story(self, "text expected");
    return value.text;
}

static client_t *take_client(story_t *self, const char **text)
{
    const char *name = take_word(self, text);
    client_t *client = region_client(self->region, name);

    if (client == NULL)
        fail_story(self, "there is no %s", name);
    return client;
}

static void expect(story_t *self, const literal_t *pattern, const value_t *value, const char *what)
{
    const char *why = "";

    if (!literal_matches(pattern, self->bindings, value, self->arena, &why))
        fail_story(self, "%s: %s\n  all of it: %s", what, why, literal_print(value, self->arena));
}

static void expect_end(story_t *self, const char *rest)
{
    if (*rest != '\0')
        fail_story(self, "what does this mean: %s", rest);
}

/* -- requests --------------------------------------------------------------------------- */

/* An answer that nothing is said of must be good. */
static void close_request(story_t *self)
{
    if (self->asked && !self->judged && self->reply.error.code != ERROR_NONE)
        fail_story(self, "the request before this line was answered with %s %s %s",
                   error_name(self->reply.error.code), self->reply.error.field,
                   self->reply.error.expected);
    self->asked = false;
}

static const unsigned char *named_id(story_t *self, const char *name)
{
    for (size_t i = 0; i < self->n_ids; i++)
        if (strcmp(self->ids[i].name, name) == 0)
            return self->ids[i].id;
    assert_true(self->n_ids < IDS_MAX);
    named_id_t *made = &self->ids[self->n_ids++];
    made->name = name;
    region_request_id(self->region, made->id);
    return made->id;
}

static bool is_named(const char *text)
{
    size_t length = strcspn(text, " \t=[]{}\"");

    return length > 0 && text[length] == '=';
}

/* Arguments by name, or in the order of the required ones. */
static value_t take_arguments(story_t *self, const char *command, const char **text,
                              const unsigned char **id)
{
    const command_t *row = schema_command(command);
    value_builder_t arguments = value_builder(self->arena);
    size_t next = 0;

    while (**text != '\0') {
        if (**text == '#') {
            (*text)++;
            *id = named_id(self, take_word(self, text));
        } else if (is_named(*text)) {
            size_t length = strcspn(*text, "=");
            const char *name = arena_text_of(self->arena, *text, length);
            *text += length + 1;
            value_add_pair(&arguments, name, take_value(self, text));
        } else {
            while (row != NULL && next < row->n_arguments && !row->arguments[next].required)
                next++;
            if (row == NULL || next == row->n_arguments)
                fail_story(self, "%s requires no more than this: %s", command, *text);
            value_add_pair(&arguments, row->arguments[next++].name, take_value(self, text));
        }
    }
    return value_build_map(&arguments);
}

/* > WHO [as USER] COMMAND ARGUMENT... [#ID] */
static void play_request(story_t *self, const char *text)
{
    client_t *client = take_client(self, &text);
    request_t request = {.command = take_word(self, &text)};

    if (strcmp(request.command, "as") == 0) {
        request.as = take_text(self, &text);
        request.command = take_word(self, &text);
    }
    request.arguments = take_arguments(self, request.command, &text, &request.id);
    self->reply = region_ask(self->region, client, &request);
    self->asked = true;
    self->judged = false;
}

/* < PATTERN */
static void play_result(story_t *self, const char *text)
{
    const error_t *error = &self->reply.error;

    if (error->code != ERROR_NONE)
        fail_story(self, "refused: %s, field %s, expected %s, %s", error_name(error->code),
                   error->field, error->expected, literal_print(&error->detail, self->arena));
    self->judged = true;
    expect(self, take_literal(self, &text), &self->reply.result, "the answer");
    expect_end(self, text);
}

/* ! CODE [FIELD [EXPECTED [DETAIL]]] */
static void play_error(story_t *self, const char *text)
{
    const error_t *error = &self->reply.error;
    const char *code = take_word(self, &text);

    if (error->code == ERROR_NONE)
        fail_story(self, "answered, not refused: %s",
                   literal_print(&self->reply.result, self->arena));
    if (strcmp(code, error_name(error->code)) != 0)
        fail_story(self, "refused with %s %s %s", error_name(error->code), error->field,
                   error->expected);
    self->judged = true;
    const value_t parts[] = {value_text(error->field), value_text(error->expected), error->detail};
    static const char *const names[] = {"its field", "what was expected", "its detail"};
    for (size_t i = 0; i < 3 && *text != '\0'; i++)
        expect(self, take_literal(self, &text), &parts[i], names[i]);
    expect_end(self, text);
}

/* -- users ---------------------------------------------------------------------------------- */

static void ask_well(story_t *self, client_t *client, const char *command, value_t arguments)
{
    request_t request = {.command = command, .arguments = arguments};

    self->reply = region_ask(self->region, client, &request);
    if (self->reply.error.code != ERROR_NONE)
        fail_story(self, "%s was refused: %s %s %s", command, error_name(self->reply.error.code),
                   self->reply.error.field, self->reply.error.expected);
}

static void say_hello(story_t *self, const char *name, const char *key)
{
    memset(&self->reply, 0, sizeof self->reply);
    region_hello(self->region, name, key, &self->reply.error);
}

/* user NAME ROLE [SCOPE...]: invited by the administrator, joins, and is $NAME. */
static void play_user(story_t *self, const char *text)
{
    client_t *admin = region_client(self->region, "admin");
    const char *name = take_word(self, &text);
    const char *invitation = arena_format(self->arena, "invitation of %s", name);
    unsigned char *keys = arena_alloc(self->arena, 64);
    value_builder_t arguments = value_builder(self->arena);
    value_builder_t municipalities = value_builder(self->arena);
    value_builder_t organisations = value_builder(self->arena);

    region_key(invitation, keys);
    region_key(name, keys + 32);
    value_add_pair(&arguments, "name", value_text(name));
    value_add_pair(&arguments, "role", value_text(take_word(self, &text)));
    value_add_pair(&arguments, "public_key", value_bytes(keys, 32));
    while (*text != '\0') {
        value_t scope = take_value(self, &text);
        value_add(strncmp(scope.text, "mun-", 4) == 0 ? &municipalities : &organisations, scope);
    }
    if (municipalities.count > 0)
        value_add_pair(&arguments, "municipalities", value_build_list(&municipalities));
    if (organisations.count > 0)
        value_add_pair(&arguments, "organisations", value_build_list(&organisations));
    ask_well(self, admin, "invite", value_build_map(&arguments));
    value_t user = *value_get(&self->reply.result, "user");
    bindings_set(self->bindings, name, &user);

    say_hello(self, name, invitation);
    arguments = value_builder(self->arena);
    value_add_pair(&arguments, "public_key", value_bytes(keys + 32, 32));
    ask_well(self, region_client(self->region, name), "join", value_build_map(&arguments));
    say_hello(self, name, name);
    client_forget(region_client(self->region, name));
}

/* hello NAME [KEY NAME] */
static void play_hello(story_t *self, const char *text)
{
    const char *name = take_word(self, &text);

    say_hello(self, name, *text != '\0' ? take_text(self, &text) : name);
    self->asked = true;
    self->judged = false;
}

/* -- what is pushed ------------------------------------------------------------------------- */

static const frame_t *next_frame(story_t *self, client_t *client, const char *who, bool bookmarks)
{
    const frame_t *frame = client_take(client);

    while (frame != NULL && frame->type == FRAME_BOOKMARK && !bookmarks)
        frame = client_take(client);
    if (frame == NULL)
        fail_story(self, "%s was told nothing", who);
    return frame;
}

/* push WHO PATTERN...: the next frame's entries, each a list of operations. */
static void play_push(story_t *self, const char *text)
{
    const char *who = text;
    client_t *client = take_client(self, &text);
    const frame_t *frame = next_frame(self, client, who, false);

    if (frame->type != FRAME_PUSH)
        fail_story(self, "an end with %s, not a push", frame->code);
    for (uint32_t i = 0; i < frame->body.count; i++) {
        if (*text == '\0')
            fail_story(self, "and more: %s", literal_print(&frame->body.items[i], self->arena));
        expect(self, take_literal(self, &text), value_get(&frame->body.items[i], "ops"),
               "what was pushed");
    }
    expect_end(self, text);
}

/* end WHO CODE */
static void play_end(story_t *self, const char *text)
{
    const char *who = text;
    client_t *client = take_client(self, &text);
    const frame_t *frame = next_frame(self, client, who, false);
    const char *code = take_word(self, &text);

    if (frame->type != FRAME_END || strcmp(frame->code, code) != 0)
        fail_story(self, "%s, not an end with %s",
                   frame->type == FRAME_END ? frame->code
                                            : literal_print(&frame->body, self->arena),
                   code);
}

/* bookmark WHO */
static void play_bookmark(story_t *self, const char *text)
{
    const char *who = text;
    client_t *client = take_client(self, &text);

    if (next_frame(self, client, who, true)->type != FRAME_BOOKMARK)
        fail_story(self, "no bookmark");
}

/* quiet WHO... */
static void play_quiet(story_t *self, const char *text)
{
    while (*text != '\0') {
        client_t *client = take_client(self, &text);
        const frame_t *frame;
        while ((frame = client_take(client)) != NULL)
            if (frame->type != FRAME_BOOKMARK)
                fail_story(self, "told: %s", literal_print(&frame->body, self->arena));
    }
}

/* clear WHO... */
static void play_clear(story_t *self, const char *text)
{
    while (*text != '\0')
        client_clear(take_client(self, &text));
}

/* deaf WHO, hears WHO */
static void play_deaf(story_t *self, const char *text)
{
    client_set_deaf(self->region, take_client(self, &text), true);
}

static void play_hears(story_t *self, const char *text)
{
    client_set_deaf(self->region, take_client(self, &text), false);
}

/* never WHO TEXT...; sent WHO TEXT...; forget WHO... */
static void play_never(story_t *self, const char *text)
{
    client_t *client = take_client(self, &text);

    while (*text != '\0') {
        const char *part = take_text(self, &text);
        if (client_was_sent(client, part))
            fail_story(self, "\"%s\" was sent", part);
    }
}

static void play_sent(story_t *self, const char *text)
{
    client_t *client = take_client(self, &text);

    while (*text != '\0') {
        const char *part = take_text(self, &text);
        if (!client_was_sent(client, part))
            fail_story(self, "\"%s\" was not sent", part);
    }
}

static void play_forget(story_t *self, const char *text)
{
    while (*text != '\0')
        client_forget(take_client(self, &text));
}

/* -- mirrors ---------------------------------------------------------------------------------- */

/* mirror WHO KIND: from here on, held against a list at the story's end. */
static void play_mirror(story_t *self, const char *text)
{
    client_t *client = take_client(self, &text);
    const char *name = take_word(self, &text);
    const kind_t *kind = schema_kind(name);

    if (kind == NULL)
        fail_story(self, "there is no kind %s", name);
    assert_true(self->n_mirrors < MIRRORS_MAX);
    self->mirrors[self->n_mirrors] = mirror_new(self->region, client, kind);
    self->n_mirrors++;
}

/* mirrored: hold all mirrors against lists now. */
static void play_mirrored(story_t *self, const char *text)
{
    const char *why = "";

    expect_end(self, text);
    for (size_t i = 0; i < self->n_mirrors; i++)
        if (!mirror_agrees(self->mirrors[i], &why))
            fail_story(self, "%s", why);
}

/* -- the region ---------------------------------------------------------------------------------- */

static uint64_t take_ms(story_t *self, const char **text)
{
    static const struct {
        char unit;
        uint64_t ms;
    } units[] = {{'s', 1000}, {'m', 60000}, {'h', 3600000}, {'d', 86400000}};
    const char *word = take_word(self, text);
    char *end = NULL;
    unsigned long long count = strtoull(word, &end, 10);

    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (end != word && *end == units[i].unit && end[1] == '\0')
            return count * units[i].ms;
    fail_story(self, "a time such as 30s, 10m, 2h or 8d expected, not %s", word);
    return 0;
}

/* pass 8d; jump 2h; back 2h */
static void play_pass(story_t *self, const char *text)
{
    region_pass(self->region, take_ms(self, &text));
}

static void play_jump(story_t *self, const char *text)
{
    region_jump(self->region, (int64_t)take_ms(self, &text));
}

static void play_back(story_t *self, const char *text)
{
    region_jump(self->region, -(int64_t)take_ms(self, &text));
}

/* now $NAME: the time, UTC milliseconds */
static void play_now(story_t *self, const char *text)
{
    value_t now = value_integer((int64_t)region_now(self->region));

    expect(self, take_literal(self, &text), &now, "the time");
}

/* head PATTERN: the revision of the last change */
static void play_head(story_t *self, const char *text)
{
    value_t head = value_integer((int64_t)region_head(self->region));

    expect(self, take_literal(self, &text), &head, "the head");
}

static void play_restart(story_t *self, const char *text)
{
    expect_end(self, text);
    for (size_t i = 0; i < self->n_mirrors; i++)
        mirror_follow(self->mirrors[i]);
    region_restart(self->region);
    for (size_t i = 0; i < self->n_mirrors; i++)
        mirror_resume(self->mirrors[i]);
}

/* map MIB: restart with so much room */
static void play_map(story_t *self, const char *text)
{
    unsigned long mib = strtoul(take_word(self, &text), NULL, 10);

    assert_true(mib > 0);
    region_set_map(self->region, (unsigned)mib);
    play_restart(self, text);
}

typedef struct {
    story_t *story;
    value_builder_t rows;
} access_log_t;

static bool add_read(const read_t *read, void *context)
{
    access_log_t *log = context;
    arena_t *arena = log->story->arena;
    value_builder_t row = value_builder(arena), subjects = value_builder(arena);

    for (size_t i = 0; read->subjects[i] != NULL; i++)
        value_add(&subjects, value_text(arena_text(arena, read->subjects[i])));
    value_add_pair(&row, "user", value_text(arena_text(arena, read->user)));
    if (read->as != NULL)
        value_add_pair(&row, "as", value_text(arena_text(arena, read->as)));
    value_add_pair(&row, "command", value_text(arena_text(arena, read->command)));
    value_add_pair(&row, "purpose", value_text(arena_text(arena, read->purpose)));
    value_add_pair(&row, "subjects", value_build_list(&subjects));
    value_add(&log->rows, value_build_map(&row));
    return true;
}

/* reads PATTERN: the log of who saw whose data */
static void play_reads(story_t *self, const char *text)
{
    access_log_t log = {.story = self, .rows = value_builder(self->arena)};
    store_txn_t *txn = store_read(region_environment(self->region)->store);

    reads_each(txn, 0, UINT64_MAX, add_read, &log);
    store_abort(&txn);
    value_t rows = value_build_list(&log.rows);
    expect(self, take_literal(self, &text), &rows, "the log of reads");
}

/* -- files ------------------------------------------------------------------------------------------ */

static void play_file(story_t *self, const char *file);

/* use FILE: beside this one */
static void play_use(story_t *self, const char *text)
{
    const char *file = self->file, *slash = strrchr(file, '/');
    const char *name = take_word(self, &text);
    unsigned line = self->line;
    int folder = slash != NULL ? (int)(slash - file) + 1 : 0;

    play_file(self, arena_format(self->arena, "%.*s%s", folder, file, name));
    self->file = file;
    self->line = line;
}

static const struct {
    const char *word;
    void (*play)(story_t *self, const char *text);
    bool judges; /* says something of the last answer */
} statements[] = {
    {">", play_request, false},
    {"<", play_result, true},
    {"!", play_error, true},
    {"user", play_user, false},
    {"hello", play_hello, false},
    {"push", play_push, false},
    {"end", play_end, false},
    {"bookmark", play_bookmark, false},
    {"quiet", play_quiet, false},
    {"clear", play_clear, false},
    {"deaf", play_deaf, false},
    {"hears", play_hears, false},
    {"never", play_never, false},
    {"sent", play_sent, false},
    {"forget", play_forget, false},
    {"mirror", play_mirror, false},
    {"mirrored", play_mirrored, false},
    {"pass", play_pass, false},
    {"jump", play_jump, false},
    {"back", play_back, false},
    {"now", play_now, false},
    {"head", play_head, false},
    {"restart", play_restart, false},
    {"map", play_map, false},
    {"reads", play_reads, false},
    {"use", play_use, false},
};

static void play_line(story_t *self, const char *line)
{
    const char *text = line;
    const char *word = take_word(self, &text);

    if (*word == '\0' || *word == '#')
        return;
    for (size_t i = 0; i < sizeof statements / sizeof *statements; i++)
        if (strcmp(statements[i].word, word) == 0) {
            if (!statements[i].judges)
                close_request(self);
            statements[i].play(self, text);
            return;
        }
    fail_story(self, "there is no statement %s", word);
}

/* A line that begins with white space goes on with the one before it. */
static void play_file(story_t *self, const char *file)
{
    FILE *in = fopen(file, "re");
    char *line = NULL, *whole = arena_alloc(self->arena, LINE_MAX_BYTES);
    size_t room = 0;
    unsigned number = 0, begun = 1;
    ssize_t size;

    self->file = file;
    if (in == NULL)
        fail_msg("%s cannot be read", file);
    *whole = '\0';
    while ((size = getline(&line, &room, in)) >= 0) {
        number++;
        if (size > 0 && line[size - 1] == '\n')
            line[size - 1] = '\0';
        if (!isspace((unsigned char)*line) || *line == '\0') {
            self->line = begun;
            play_line(self, whole);
            *whole = '\0';
            begun = number;
        }
        assert_true(strlen(whole) + strlen(line) + 2 < LINE_MAX_BYTES);
        strcat(whole, line);
        strcat(whole, " ");
    }
    self->line = begun;
    play_line(self, whole);
    close_request(self);
    free(line);
    fclose(in);
}

void story_play(const char *file)
{
    story_t *self = calloc(1, sizeof *self);

    assert_non_null(self);
    playing = self;
    self->arena = arena_new();
    self->region = region_new();
    self->bindings = bindings_new(self->arena);
    value_t admin = value_text("usr-1");
    bindings_set(self->bindings, "admin", &admin);
    play_file(self, file);
    play_mirrored(self, "");
    if (region_check(self->region) != 0)
        fail_msg("%s: replay does not equal state", file);
}

void story_clear(void)
{
    story_t *self = playing;

    if (self == NULL)
        return;
    playing = NULL;
    for (size_t i = 0; i < self->n_mirrors; i++)
        mirror_destroy(&self->mirrors[i]);
    region_destroy(&self->region);
    arena_destroy(&self->arena);
    free(self);
}
