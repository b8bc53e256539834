#include "sheet.h"
#include "language.h"
#include "pending.h"

#include <csv.h>
#include <errno.h>
#include <iconv.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#define MARK "\xef\xbb\xbf"

/* -- out ------------------------------------------------------------------------------------- */

void sheet_begin(FILE *file)
{
    fputs(MARK, file);
}

/* What spreadsheets take for the beginning of a formula. */
static bool calculates(const char *text)
{
    return text[0] && strchr("=+-@\t\r", text[0]);
}

void sheet_cell(FILE *file, const char *text, bool first, bool number)
{
    char separator = language_is_swedish() ? ';' : ',';
    if (!first)
        fputc(separator, file);
    bool marked = !number && calculates(text);
    if (!marked && !strpbrk(text, ",;\t\"\r\n") && text[0] != ' ' && text[0] != '\'') {
        fputs(text, file);
        return;
    }
    fputc('"', file);
    if (marked)
        fputc('\'', file);
    for (; *text; text++) {
        if (*text == '"')
            fputc('"', file);
        fputc(*text, file);
    }
    fputc('"', file);
}

void sheet_end(FILE *file)
{
    fputs("\r\n", file);
}

/* -- in --------------------------------------------------------------------------------------- */

typedef struct {
    arena_t *arena;
    const char **cells;
    size_t n_cells, room_cells;
    sheet_row_t *rows;
    size_t n_rows, room_rows;
    size_t row_line;
    bool under_way;
} reader_t;

/* An array in the arena that doubles when it is full. */
static void *grown(arena_t *arena, const void *items, size_t n, size_t *room, size_t size)
{
    if (n < *room)
        return (void *)items;
    *room = *room ? 2 * *room : 16;
    void *larger = arena_alloc(arena, *room * size);
    if (n)
        memcpy(larger, items, n * size);
    return larger;
}

static void on_cell(void *data, size_t size, void *context)
{
    reader_t *self = context;
    const char *text = data ? data : "";
    /* The mark of text that we, and spreadsheets, put before a formula. */
    if (size > 1 && text[0] == '\'' && calculates(text + 1))
        text++, size--;
    self->cells =
        grown(self->arena, self->cells, self->n_cells, &self->room_cells, sizeof *self->cells);
    self->cells[self->n_cells++] = arena_text_of(self->arena, text, data ? size : 0);
}

static void on_row(int end, void *context)
{
    (void)end;
    reader_t *self = context;
    self->under_way = false;
    bool blank = true;
    for (size_t i = 0; i < self->n_cells; i++)
        blank = blank && !self->cells[i][0];
    if (!blank) {
        self->rows =
            grown(self->arena, self->rows, self->n_rows, &self->room_rows, sizeof *self->rows);
        self->rows[self->n_rows++] = (sheet_row_t){self->row_line, self->cells, self->n_cells};
    }
    self->cells = NULL;
    self->n_cells = self->room_cells = 0;
}

static char *read_all(const char *path, size_t *size_p)
{
    bool named = strcmp(path, "-") != 0;
    FILE *file = named ? fopen(path, "re") : stdin;
    char *data = NULL;
    size_t size = 0, room = 0;
    if (!file)
        return NULL;
    for (;;) {
        if (size == room) {
            room = room ? 2 * room : 65536;
            char *larger = realloc(data, room + 1);
            if (!larger)
                break;
            data = larger;
        }
        size_t read = fread(data + size, 1, room - size, file);
        size += read;
        if (read == 0)
            break;
    }
    bool failed = ferror(file) || !data;
    int reason = errno;
    if (named)
        fclose(file);
    if (failed) {
        free(data);
        errno = reason;
        return NULL;
    }
    data[size] = 0;
    *size_p = size;
    return data;
}

static bool is_utf8(const char *data, size_t size)
{
    const utf8proc_uint8_t *at = (const utf8proc_uint8_t *)data, *end = at + size;
    while (at < end) {
        utf8proc_int32_t c;
        utf8proc_ssize_t step = utf8proc_iterate(at, end - at, &c);
        if (step <= 0)
            return false;
        at += step;
    }
    return true;
}

static char *from_windows(const char *data, size_t *size_p)
{
    iconv_t conversion = iconv_open("UTF-8", "WINDOWS-1252");
    size_t room = 3 * *size_p + 1, left = room - 1, size = *size_p;
    char *converted = malloc(room), *in = (char *)data, *out = converted;
    bool done = converted && iconv(conversion, &in, &size, &out, &left) != (size_t)-1;
    iconv_close(conversion); /* which, like iconv, answers EBADF to what was not opened */
    if (!done) {
        free(converted);
        return NULL;
    }
    *out = 0;
    *size_p = (size_t)(out - converted);
    return converted;
}

static char separator_of(const char *data)
{
    size_t commas = 0, semicolons = 0, tabs = 0;
    bool quoted = false;
    for (; *data && (quoted || *data != '\n'); data++) {
        if (*data == '"')
            quoted = !quoted;
        else if (!quoted)
            commas += *data == ',', semicolons += *data == ';', tabs += *data == '\t';
    }
    if (tabs > commas && tabs > semicolons)
        return '\t';
    return semicolons > commas ? ';' : ',';
}

/* Only a space: the parser's own notion includes the tab, which may separate. */
static int is_space(unsigned char c)
{
    return c == ' ';
}

static bool parse(reader_t *reader, const char *data, size_t size)
{
    struct csv_parser parser;
    if (csv_init(&parser, CSV_APPEND_NULL) != 0)
        return false;
    csv_set_delim(&parser, (unsigned char)separator_of(data));
    csv_set_space_func(&parser, is_space);
    /* A line at a time, since the parser does not count them. */
    size_t line = 0;
    bool good = true;
    for (const char *at = data, *end = data + size; good && at < end;) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        size_t length = newline ? (size_t)(newline - at) + 1 : (size_t)(end - at);
        line++;
        if (!reader->under_way)
            reader->row_line = line;
        reader->under_way = true;
        good = csv_parse(&parser, at, length, on_cell, on_row, reader) == length;
        /* An empty line gives no row: nothing is under way. */
        if (reader->under_way && reader->n_cells == 0 && strspn(at, " \r") + 1 >= length)
            reader->under_way = false;
        at += length;
    }
    /* Strict about the end alone: a quotation mark within a cell is no harm, one that
       is never closed swallows the rest of the file. */
    csv_set_opts(&parser, CSV_APPEND_NULL | CSV_STRICT | CSV_STRICT_FINI);
    good = good && csv_fini(&parser, on_cell, on_row, reader) == 0;
    csv_free(&parser);
    return good;
}

sheet_status_t sheet_read(sheet_t *self, const char *path, arena_t *arena)
{
    memset(self, 0, sizeof *self);
    size_t size;
    char *data = read_all(path, &size), digest[33];
    if (!data)
        return SHEET_UNREADABLE;
    pending_digest(digest, data, size);
    self->digest = arena_text(arena, digest);
    if (!is_utf8(data, size)) {
        char *converted = from_windows(data, &size);
        free(data);
        data = converted;
        self->converted = true;
        if (!data)
            return SHEET_UNREADABLE;
    }
    size_t mark = strncmp(data, MARK, 3) == 0 ? 3 : 0;
    reader_t reader = {.arena = arena};
    bool good = parse(&reader, data + mark, size - mark);
    free(data);
    if (!good)
        return SHEET_QUOTE;
    if (reader.n_rows == 0)
        return SHEET_EMPTY;
    self->heading = reader.rows[0];
    self->rows = reader.rows + 1;
    self->n_rows = reader.n_rows - 1;
    return SHEET_OK;
}
