#include "document.h"
#include "wire.h"

#include <ctype.h>
#include <jansson.h>
#include <string.h>

/* What a field of the record may hold, and little more: to set one line of many screens
   takes minutes. */
#define TEXT_BYTES_MAX ((size_t)32 << 10)

/* What reading a document needs, and where in it the reader is. */
typedef struct {
    arena_t *arena;
    error_t *error;
    const char *path;
} reader_t;

static bool wrong(const reader_t *self, const char *name, const char *expected)
{
    const char *path = !self->path[0] ? name : arena_format(self->arena, "%s.%s", self->path, name);
    return error_set(self->error, ERROR_INVALID, path, "%s", expected);
}

/* The text under `name`; "" when it is left out and not `needed`. */
static bool read_text(const reader_t *self, const json_t *map, const char *name, bool needed,
                      bool lines, const char **text_p)
{
    const json_t *json = json_object_get(map, name);
    *text_p = "";
    if (!json)
        return !needed || wrong(self, name, "a text");
    if (!json_is_string(json) || json_string_length(json) > TEXT_BYTES_MAX)
        return wrong(self, name, "a text of at most 32 KiB");
    value_t value =
        value_text_of(arena_text_of(self->arena, json_string_value(json), json_string_length(json)),
                      json_string_length(json));
    error_t error = {0};
    if (!wire_clean_text(&value, lines, self->arena, &error))
        return wrong(self, name, error.expected);
    *text_p = arena_text_of(self->arena, value.text, value.size);
    return !needed || (*text_p)[strspn(*text_p, " \t\n")] || wrong(self, name, "a text");
}

/* The list under `name`; it may be left out. */
static bool read_list(const reader_t *self, const json_t *map, const char *name,
                      const json_t **list_p)
{
    *list_p = json_object_get(map, name);
    return !*list_p || json_is_array(*list_p) || wrong(self, name, "a list");
}

/* The i-th of the list `name`, and a reader that stands there. */
static bool read_item(const reader_t *self, const json_t *list, const char *name, size_t i,
                      reader_t *there, const json_t **item_p)
{
    *there = *self;
    there->path = arena_format(self->arena, "%s[%zu]", name, i);
    *item_p = json_array_get(list, i);
    return json_is_object(*item_p) ||
           error_set(self->error, ERROR_INVALID, there->path, "an object");
}

/* -- texts as people write them ----------------------------------------------------------------- */

/* Past what marks an item of a list: "- ", "* ", "• "; the line itself when it is none. */
static char *after_mark(char *line)
{
    static const char *const marks[] = {"-", "*", "•", "–"};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        size_t size = strlen(marks[i]);
        if (strncmp(line, marks[i], size) == 0 && (line[size] == ' ' || line[size] == '\t'))
            return line + size;
    }
    return line;
}

/* A line is a paragraph, since people end lines where they mean it; one that begins with a
   mark is an item. */
static void split(const reader_t *self, const char *text, bool boxes, section_t *section)
{
    size_t room = 1;
    for (const char *c = text; *c; c++)
        room += *c == '\n';
    section->paragraphs = arena_alloc(self->arena, room * sizeof *section->paragraphs);
    char *rest = arena_text(self->arena, text), *line;
    bool apart = false;
    while ((line = strsep(&rest, "\n"))) {
        line += strspn(line, " \t");
        char *begin = after_mark(line);
        paragraph_form_t form = boxes           ? PARAGRAPH_BOX
                                : begin != line ? PARAGRAPH_ITEM
                                                : PARAGRAPH_PLAIN;
        begin += strspn(begin, " \t");
        for (size_t size = strlen(begin); size && strchr(" \t", begin[size - 1]);)
            begin[--size] = 0;
        if (begin[0]) {
            bool inner = section->n_paragraphs > 0;
            section->paragraphs[section->n_paragraphs++] =
                (paragraph_t){begin, form, apart && inner};
        }
        apart = !begin[0];
    }
}

/* -- the parts ---------------------------------------------------------------------------------- */

static bool read_sections(const reader_t *self, const json_t *map, const char *name,
                          section_t **sections_p, size_t *n_p)
{
    const json_t *list, *item;
    if (!read_list(self, map, name, &list))
        return false;
    size_t n = json_array_size(list);
    section_t *sections = arena_alloc(self->arena, (n + 1) * sizeof *sections);
    for (size_t i = 0; i < n; i++) {
        reader_t there;
        const char *text;
        if (!read_item(self, list, name, i, &there, &item) ||
            !read_text(&there, item, "heading", true, false, &sections[i].heading) ||
            !read_text(&there, item, "text", true, true, &text))
            return false;
        const json_t *checklist = json_object_get(item, "checklist");
        if (checklist && !json_is_boolean(checklist))
            return wrong(&there, "checklist", "true or false");
        split(&there, text, json_is_true(checklist), &sections[i]);
    }
    *sections_p = sections;
    *n_p = n;
    return true;
}

static bool read_facts(document_t *self, const reader_t *reader, const json_t *map)
{
    const json_t *list, *item;
    if (!read_list(reader, map, "facts", &list))
        return false;
    self->n_facts = json_array_size(list);
    self->facts = arena_alloc(reader->arena, (self->n_facts + 1) * sizeof *self->facts);
    for (size_t i = 0; i < self->n_facts; i++) {
        reader_t there;
        if (!read_item(reader, list, "facts", i, &there, &item) ||
            !read_text(&there, item, "label", true, false, &self->facts[i].label) ||
            !read_text(&there, item, "value", true, false, &self->facts[i].value))
            return false;
    }
    return true;
}

/* Printable ASCII without spaces, as a browser would take it. */
static bool is_web_address(const char *text)
{
    size_t scheme = strncmp(text, "https://", 8) == 0  ? 8
                    : strncmp(text, "http://", 7) == 0 ? 7
                                                       : 0;
    if (!scheme || !text[scheme])
        return false;
    for (; *text; text++)
        if (!isgraph((unsigned char)*text) || strchr("\"<>\\^`{|}", *text))
            return false;
    return true;
}

static bool read_link(document_t *self, const reader_t *reader, const json_t *map)
{
    const json_t *link = json_object_get(map, "link");
    reader_t there = *reader;
    there.path = "link";
    self->link = self->link_text = "";
    if (!link)
        return true;
    if (!json_is_object(link))
        return wrong(reader, "link", "an object");
    return read_text(&there, link, "url", true, false, &self->link) &&
           (is_web_address(self->link) || wrong(&there, "url", "a web address, https://...")) &&
           read_text(&there, link, "text", true, false, &self->link_text);
}

static bool read_all(document_t *self, const reader_t *reader, const json_t *map)
{
    if (!json_is_object(map))
        return wrong(reader, "", "an object");
    return read_text(reader, map, "language", true, false, &self->language) &&
           read_text(reader, map, "kind", true, false, &self->kind) &&
           read_text(reader, map, "title", true, false, &self->title) &&
           read_text(reader, map, "lead", false, false, &self->lead) &&
           read_sections(reader, map, "sections", &self->sections, &self->n_sections) &&
           read_facts(self, reader, map) &&
           read_sections(reader, map, "parties", &self->parties, &self->n_parties) &&
           read_link(self, reader, map) &&
           read_text(reader, map, "footer", false, false, &self->footer);
}

bool document_read(document_t *self, const char *json, size_t size, arena_t *arena, error_t *error)
{
    json_error_t fault;
    memset(self, 0, sizeof *self);
    reader_t reader = {arena, error, ""};
    json_t *map = json_loadb(json, size, JSON_REJECT_DUPLICATES, &fault);
    if (!map)
        return error_set(error, ERROR_INVALID, "", "JSON; line %d, column %d: %s", fault.line,
                         fault.column, fault.text);
    bool good = read_all(self, &reader, map);
    json_decref(map);
    return good;
}
