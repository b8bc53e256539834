#include "message.h"
#include "html_text.h"
#include "wire.h"

#include <gmime/gmime.h>
#include <string.h>

/* Of a longer text the record has no use; HTML takes much memory. */
#define TEXT_BYTES_MAX ((size_t)1 << 20)
#define HTML_BYTES_MAX ((size_t)2 << 20)

/* What is looked for in the parts. */
typedef struct {
    GMimeTextPart *plain, *html;
    unsigned n_attachments;
} parts_t;

void message_start(void)
{
    g_mime_init();
}

/* -- texts ------------------------------------------------------------------------------------------ */

/* As the record takes it: valid, composed, without what steers a terminal; space that
   breaks no line is space, and lines end in one character and nothing before it. */
static const char *clean(const char *text, bool lines, arena_t *arena)
{
    char *valid = g_utf8_make_valid(text ? text : "", -1);
    char *composed = g_utf8_normalize(valid, -1, G_NORMALIZE_DEFAULT_COMPOSE);
    char *clean = arena_alloc(arena, strlen(composed) + 1), *end = clean;
    for (const char *c = composed; *c; c = g_utf8_next_char(c)) {
        gunichar point = g_utf8_get_char(c);
        if (point == '\n' || point == 0x2028 || point == 0x2029) {
            while (end > clean && end[-1] == ' ')
                end--;
            *end++ = lines ? '\n' : ' ';
        } else if (point == '\t' || point == 0xa0) {
            *end++ = ' ';
        } else if (!wire_refuses((int32_t)point, lines) && point != 0xfeff && point != 0x200b) {
            end += g_unichar_to_utf8(point, end);
        }
    }
    while (end > clean && strchr(" \n", end[-1]))
        end--;
    *end = 0;
    g_free(composed);
    g_free(valid);
    return clean + strspn(clean, lines ? "\n" : " ");
}

/* The subject without what answering and forwarding put before it. */
static const char *bare(const char *subject)
{
    static const char *const marks[] = {"re:", "sv:", "vb:", "fwd:", "fw:", "vs:", "aw:", "wg:"};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        size_t size = strlen(marks[i]);
        if (g_ascii_strncasecmp(subject, marks[i], size) != 0)
            continue;
        subject += size + strspn(subject + size, " ");
        i = (size_t)-1; /* from the first again */
    }
    return subject;
}

/* Lines that were broken on the way (RFC 3676, format=flowed) are whole again: one that
   ends in a space goes on in the next. */
static char *unflow(char *text, bool delete_space)
{
    char *to = text;
    for (const char *from = text; *from; from++) {
        if (*from == '\r' && from[1] == '\n')
            continue;
        bool signature =
            to - text >= 3 && strncmp(to - 3, "-- ", 3) == 0 && (to - text == 3 || to[-4] == '\n');
        if (*from == '\n' && to > text && to[-1] == ' ' && !signature && from[1] != '>') {
            to -= delete_space;
            /* A space before such a line is stuffing. */
            from += from[1] == ' ';
            continue;
        }
        *to++ = *from;
    }
    *to = 0;
    return text;
}

static const char *parameter(GMimeTextPart *part, const char *name)
{
    GMimeContentType *type = g_mime_object_get_content_type(GMIME_OBJECT(part));
    const char *value = g_mime_content_type_get_parameter(type, name);
    return value ? value : "";
}

/* The bytes of a part as they were before they were made fit to be sent. */
static GByteArray *content_of(GMimeTextPart *part)
{
    GMimeDataWrapper *content = g_mime_part_get_content(GMIME_PART(part));
    GByteArray *bytes = g_byte_array_new();
    GMimeStream *stream = g_mime_stream_mem_new_with_byte_array(bytes);
    g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(stream), FALSE);
    if (content)
        g_mime_data_wrapper_write_to_stream(content, stream);
    g_object_unref(stream);
    return bytes;
}

/* The charset that a part is in, as iconv calls it: what is declared as ASCII or Latin-1 is
   Windows-1252, as browsers have it too (WHATWG Encoding). */
static const char *charset_of(GMimeTextPart *part)
{
    static const char *const narrow[] = {"", "us-ascii", "ascii", "iso-8859-1", "latin1"};
    const char *declared = parameter(part, "charset");
    for (size_t i = 0; i < sizeof narrow / sizeof *narrow; i++)
        if (g_ascii_strcasecmp(declared, narrow[i]) == 0)
            return "windows-1252";
    return g_mime_charset_iconv_name(declared);
}

/* What a part says; the caller frees it. What is UTF-8 is taken for it whatever it is
   declared as, unless that is right too and not one of the narrow ones; what no charset
   fits keeps what is legible. */
static char *decoded(GMimeTextPart *part)
{
    GByteArray *bytes = content_of(part);
    const char *data = bytes->len ? (const char *)bytes->data : "", *charset = charset_of(part);
    gssize size = (gssize)bytes->len;
    bool narrow = strcmp(charset, "windows-1252") == 0, utf8 = g_utf8_validate(data, size, NULL);
    char *text = NULL;
    gsize written = 0, kept = 0;
    if (!narrow)
        text = g_convert(data, size, "UTF-8", charset, NULL, &written, NULL);
    if (!text && !utf8)
        text = g_convert(data, size, "UTF-8", "windows-1252", NULL, &written, NULL);
    if (!text) {
        text = g_utf8_make_valid(data, size);
        written = strlen(text);
    }
    /* A NUL in the middle ends nothing. */
    for (gsize i = 0; i < written; i++)
        if (text[i])
            text[kept++] = text[i];
    text[kept] = 0;
    g_byte_array_unref(bytes);
    return text;
}

static const char *text_of_part(GMimeTextPart *part, bool html, arena_t *arena)
{
    if (!part)
        return "";
    char *text = decoded(part);
    size_t most = html ? HTML_BYTES_MAX : TEXT_BYTES_MAX;
    if (strlen(text) > most)
        text[most] = 0;
    if (!html && g_ascii_strcasecmp(parameter(part, "format"), "flowed") == 0)
        unflow(text, g_ascii_strcasecmp(parameter(part, "delsp"), "yes") == 0);
    const char *reduced = html ? html_text(text, strlen(text), arena) : text;
    const char *result = clean(reduced, true, arena);
    g_free(text);
    return result;
}

/* -- parts ------------------------------------------------------------------------------------------ */

/* The first plain and the first HTML text that is no attachment. A mail within the mail is
   an attachment. */
static void look(GMimeObject *parent, GMimeObject *part, gpointer context)
{
    parts_t *self = context;
    (void)parent;
    if (GMIME_IS_MULTIPART(part))
        return;
    GMimeContentType *type = g_mime_object_get_content_type(part);
    bool attached = !GMIME_IS_TEXT_PART(part) ||
                    (GMIME_IS_PART(part) && g_mime_part_is_attachment(GMIME_PART(part)));
    if (!attached && !self->plain && g_mime_content_type_is_type(type, "text", "plain"))
        self->plain = GMIME_TEXT_PART(part);
    else if (!attached && !self->html && g_mime_content_type_is_type(type, "text", "html"))
        self->html = GMIME_TEXT_PART(part);
    else
        self->n_attachments += attached;
}

static void look_at_all(parts_t *self, GMimeObject *root)
{
    if (GMIME_IS_MULTIPART(root))
        g_mime_multipart_foreach(GMIME_MULTIPART(root), look, self);
    else if (root)
        look(NULL, root, self);
}

/* -- headers ---------------------------------------------------------------------------------------- */

/* The first mailbox of a list, those in its groups too; NULL for none. */
static InternetAddress *first_mailbox(InternetAddressList *list)
{
    for (int i = 0; list && i < internet_address_list_length(list); i++) {
        InternetAddress *address = internet_address_list_get_address(list, i);
        if (INTERNET_ADDRESS_IS_MAILBOX(address))
            return address;
        list = internet_address_group_get_members(INTERNET_ADDRESS_GROUP(address));
        i = -1;
    }
    return NULL;
}

static void read_headers(message_t *self, GMimeMessage *message, arena_t *arena)
{
    InternetAddress *sender = first_mailbox(g_mime_message_get_from(message));
    if (!sender)
        sender = first_mailbox(g_mime_message_get_sender(message));
    self->subject = bare(clean(g_mime_message_get_subject(message), false, arena));
    if (sender) {
        self->name = clean(internet_address_get_name(sender), false, arena);
        self->address = clean(internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(sender)),
                              false, arena);
    }
    GDateTime *date = g_mime_message_get_date(message);
    GDateTime *here = date ? g_date_time_to_local(date) : NULL;
    if (here) {
        char *day = g_date_time_format(here, "%Y-%m-%d");
        self->day = clean(day, false, arena);
        g_free(day);
        g_date_time_unref(here);
    }
}

/* -- the whole -------------------------------------------------------------------------------------- */

static GMimeMessage *parse(const void *data, size_t size)
{
    static const char *charsets[] = {"utf-8", "windows-1252", NULL};
    GMimeStream *stream = g_mime_stream_mem_new_with_buffer(data, size);
    GMimeParser *parser = g_mime_parser_new_with_stream(stream);
    GMimeParserOptions *options = g_mime_parser_options_new();
    g_mime_parser_options_set_fallback_charsets(options, charsets);
    GMimeMessage *message = g_mime_parser_construct_message(parser, options);
    g_mime_parser_options_free(options);
    g_object_unref(parser);
    g_object_unref(stream);
    return message;
}

/* From where the mail begins: a mailbox file's first line is not part of it. */
static size_t skip_envelope(const char *data, size_t size)
{
    const char *end = size > 5 && memcmp(data, "From ", 5) == 0 ? memchr(data, '\n', size) : NULL;
    return end ? (size_t)(end + 1 - data) : 0;
}

message_status_t message_read(message_t *self, const void *data, size_t size, arena_t *arena)
{
    static const unsigned char outlook[] = {0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1};
    *self = (message_t){"", "", "", "", "", 0};
    if (size >= sizeof outlook && memcmp(data, outlook, sizeof outlook) == 0)
        return MESSAGE_OUTLOOK;
    size_t skipped = skip_envelope(data, size);
    GMimeMessage *message = parse((const char *)data + skipped, size - skipped);
    if (!message)
        return MESSAGE_NONE;
    parts_t parts = {0};
    read_headers(self, message, arena);
    look_at_all(&parts, g_mime_message_get_mime_part(message));
    self->text = text_of_part(parts.plain, false, arena);
    if (!self->text[0])
        self->text = text_of_part(parts.html, true, arena);
    self->n_attachments = parts.n_attachments;
    g_object_unref(message);
    if (!self->subject[0] && !self->address[0])
        return MESSAGE_NONE;
    return self->subject[0] || self->text[0] ? MESSAGE_READ : MESSAGE_EMPTY;
}
