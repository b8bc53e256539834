#include "html_text.h"

#include <glib.h>
#include <libxml/HTMLparser.h>
#include <stdbool.h>
#include <string.h>

/* Text so far, and what is owed before the next word of it. */
typedef struct {
    GString *text;
    unsigned lines; /* line ends that are due: 1, or 2 for an empty line */
    bool space;
} writer_t;

static bool is_one_of(const char *name, const char *const *names)
{
    for (; *names; names++)
        if (strcmp(*names, name) == 0)
            return true;
    return false;
}

/* How many line ends go before and after an element. */
static unsigned lines_around(const char *name)
{
    static const char *const paragraphs[] = {"p",  "h1", "h2",    "h3",         "h4",  "h5", "h6",
                                             "ul", "ol", "table", "blockquote", "pre", "hr", NULL};
    static const char *const lines[] = {"div",    "tr",     "li",   "dt",      "dd",      "address",
                                        "header", "footer", "main", "section", "article", NULL};
    return is_one_of(name, paragraphs) ? 2 : is_one_of(name, lines) ? 1 : 0;
}

/* Scripts and styles are no text to libxml2 in any case. */
static bool is_hidden(const char *name)
{
    static const char *const names[] = {"head", "template", "title", NULL};
    return is_one_of(name, names);
}

static void end_line(writer_t *self, unsigned lines)
{
    if (lines > self->lines)
        self->lines = lines;
}

static void put(writer_t *self, char c)
{
    if (self->space && self->text->len > 0 && self->lines == 0)
        g_string_append_c(self->text, ' ');
    for (; self->text->len > 0 && self->lines > 0; self->lines--)
        g_string_append_c(self->text, '\n');
    self->lines = 0;
    self->space = false;
    g_string_append_c(self->text, c);
}

static void put_text(writer_t *self, const char *content, bool kept)
{
    for (; content && *content; content++)
        if (kept && *content == '\n')
            self->lines++;
        else if (strchr(" \t\r\n\f", *content) && !(kept && *content == ' '))
            self->space = true;
        else
            put(self, *content);
}

static void begin_element(writer_t *self, const char *name)
{
    end_line(self, strcmp(name, "br") == 0 ? self->lines + 1 : lines_around(name));
    if (strcmp(name, "td") == 0 || strcmp(name, "th") == 0)
        self->space = true;
    if (strcmp(name, "li") == 0) {
        put(self, '-');
        self->space = true;
    }
}

/* The node after this one, as its end tags leave them; NULL after the last. */
static xmlNode *next_node(writer_t *self, xmlNode *node, bool inside, unsigned *kept)
{
    if (inside && node->children)
        return node->children;
    for (; node; node = node->parent) {
        if (node->type == XML_ELEMENT_NODE) {
            end_line(self, lines_around((const char *)node->name));
            *kept -= strcmp((const char *)node->name, "pre") == 0;
        }
        if (node->next)
            return node->next;
    }
    return NULL;
}

const char *html_text(const char *html, size_t size, arena_t *arena)
{
    htmlDocPtr document = htmlReadMemory(html, (int)size, NULL, "UTF-8",
                                         HTML_PARSE_RECOVER | HTML_PARSE_NOERROR |
                                             HTML_PARSE_NOWARNING | HTML_PARSE_NONET);
    writer_t writer = {.text = g_string_new(NULL)};
    unsigned kept = 0; /* within so many <pre> */
    xmlNode *node = document ? xmlDocGetRootElement(document) : NULL;
    while (node) {
        bool element = node->type == XML_ELEMENT_NODE, inside = element;
        if (node->type == XML_TEXT_NODE)
            put_text(&writer, (const char *)node->content, kept > 0);
        if (element) {
            inside = !is_hidden((const char *)node->name);
            begin_element(&writer, (const char *)node->name);
            kept += strcmp((const char *)node->name, "pre") == 0;
        }
        node = next_node(&writer, node, inside, &kept);
    }
    const char *text = arena_text_of(arena, writer.text->str, writer.text->len);
    g_string_free(writer.text, TRUE);
    xmlFreeDoc(document);
    return text;
}
