#include "post.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROWS_MAX 500u
#define BYTES_MAX ((size_t)400 * 1024)
#define NODES_MAX 50000u
#define OPEN 2u
#define ANSWER_MS 120000u

typedef struct {
    samverk_call_t *call; /* NULL: free */
    uint32_t *numbers[ROWS_MAX];
} letter_t;

struct post {
    const samverk_profile_t *profile;
    samverk_t *connection;
    arena_t *arena, *answers;
    value_builder_t items;
    const char *kind; /* of the rows; NULL: operations */
    size_t bytes, nodes;
    letter_t letters[OPEN];
    unsigned oldest;
    uint32_t *numbers[ROWS_MAX]; /* of the letter that is being written */
    bool failed;
};

/* -- answers ----------------------------------------------------------------------------- */

static void complain(post_t *self, const char *what, const value_t *error)
{
    const char *field = value_get_text(error, "field");
    const char *expected = value_get_text(error, "expected");
    const char *code = value_get_text(error, "code");

    if (!self->failed)
        fprintf(stderr, "samverk-sim: %s is refused: %s %s %s\n", what, code ? code : "",
                field ? field : "", expected ? expected : "");
    self->failed = true;
}

static bool take(post_t *self, samverk_call_t **call, const char *what, value_t *result)
{
    error_t error = {0};
    samverk_outcome_t outcome =
        samverk_wait(self->connection, call, self->answers, result, NULL, &error);

    if (outcome == SAMVERK_DONE)
        return true;
    if (outcome == SAMVERK_REFUSED) {
        value_t told = error_to_value(&error, self->answers);
        complain(self, what, &told);
    } else if (!self->failed) {
        fprintf(stderr, "samverk-sim: the daemon at %s does not answer\n", self->profile->endpoint);
        self->failed = true;
    }
    return false;
}

static void read_numbers(const letter_t *letter, const value_t *ids)
{
    for (uint32_t i = 0; ids->form == VALUE_LIST && i < ids->count && i < ROWS_MAX; i++) {
        const char *dash =
            ids->items[i].form == VALUE_TEXT ? strchr(ids->items[i].text, '-') : NULL;
        if (letter->numbers[i] != NULL && dash != NULL)
            *letter->numbers[i] = (uint32_t)strtoul(dash + 1, NULL, 10);
    }
}

static void receive(post_t *self, letter_t *letter)
{
    value_t result;

    if (letter->call == NULL)
        return;
    arena_reset(self->answers);
    if (!take(self, &letter->call, "what was sent", &result))
        return;
    const value_t *errors = value_get(&result, "errors");
    if (errors->form == VALUE_LIST && errors->count > 0)
        complain(self, "a row", &errors->items[0]);
    read_numbers(letter, value_get(&result, "ids"));
}

/* -- letters ------------------------------------------------------------------------------- */

static void begin(post_t *self)
{
    arena_reset(self->arena);
    self->items = value_builder(self->arena);
    self->bytes = self->nodes = 0;
    memset(self->numbers, 0, sizeof self->numbers);
}

static void send_off(post_t *self)
{
    letter_t *letter = &self->letters[self->oldest];
    value_builder_t arguments = value_builder(self->arena);
    bool import = self->kind != NULL;

    if (self->items.count == 0)
        return;
    receive(self, letter);
    self->oldest = (self->oldest + 1) % OPEN;
    if (import)
        value_add_pair(&arguments, "kind", value_text(self->kind));
    value_add_pair(&arguments, import ? "rows" : "operations", value_build_list(&self->items));
    value_t map = value_build_map(&arguments);
    memcpy(letter->numbers, self->numbers, sizeof letter->numbers);
    if (!self->failed && samverk_connect(self->connection, NULL) == SAMVERK_DONE)
        letter->call = samverk_call(self->connection, import ? "import" : "batch", &map, NULL);
    else
        self->failed = true;
    begin(self);
}

static void add(post_t *self, const char *kind, value_t item, uint32_t *number)
{
    assert(self->items.count == 0 || kind == self->kind ||
           (kind != NULL && self->kind != NULL && strcmp(kind, self->kind) == 0));
    self->numbers[self->items.count] = number;
    self->bytes += value_weight(&item, &self->nodes);
    value_add(&self->items, item);
    self->kind = kind;
    if (self->items.count == ROWS_MAX || self->bytes > BYTES_MAX || self->nodes > NODES_MAX)
        send_off(self);
}

arena_t *post_arena(post_t *self)
{
    return self->arena;
}

void post_row(post_t *self, const char *kind, value_t row, uint32_t *number)
{
    add(self, kind, row, number);
}

void post_operation(post_t *self, value_t operation)
{
    add(self, NULL, operation, NULL);
}

bool post_wait(post_t *self)
{
    send_off(self);
    for (unsigned i = 0; i < OPEN; i++)
        receive(self, &self->letters[(self->oldest + i) % OPEN]);
    return !self->failed;
}

bool post_ask(post_t *self, const char *command, value_t arguments, value_t *result)
{
    assert(self->items.count == 0);
    if (self->failed || samverk_connect(self->connection, NULL) != SAMVERK_DONE)
        return false;
    arena_reset(self->answers);
    samverk_call_t *call = samverk_call(self->connection, command, &arguments, NULL);
    bool done = take(self, &call, command, result);
    begin(self);
    return done;
}

/* -- life ---------------------------------------------------------------------------------- */

post_t *post_new(const samverk_profile_t *profile)
{
    post_t *self = calloc(1, sizeof *self);

    if (self == NULL)
        abort();
    self->profile = profile;
    self->arena = arena_new();
    self->answers = arena_new();
    begin(self);
    post_reconnect(self);
    return self;
}

void post_reconnect(post_t *self)
{
    samverk_destroy(&self->connection);
    self->connection = samverk_new(self->profile, "samverk-sim " SAMVERK_RELEASE);
    samverk_set_timeout(self->connection, ANSWER_MS);
}

void post_destroy(post_t **self_p)
{
    post_t *self = *self_p;

    if (self == NULL)
        return;
    samverk_destroy(&self->connection);
    arena_destroy(&self->arena);
    arena_destroy(&self->answers);
    free(self);
    *self_p = NULL;
}
