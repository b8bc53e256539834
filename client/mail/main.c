#include "message.h"

#include <errno.h>
#include <jansson.h>
#include <libintl.h>
#include <locale.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

/* samverk-mail: one e-mail on standard input, what it says as one JSON document on standard
   output. samverk starts it (samverk-mail(1)), so that nothing that strangers have sent is
   taken apart where the user's key is. */

#define _(text) gettext(text)

#define EXIT_USAGE 2
/* No mail that people send takes a tenth of it. */
#define CPU_SECONDS_MAX 30u

static bool fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

static bool fail(const char *format, ...)
{
    va_list rest;
    va_start(rest, format);
    vfprintf(stderr, format, rest);
    va_end(rest);
    fputc('\n', stderr);
    return false;
}

static bool read_message(message_t *message, arena_t *arena)
{
    char *data = malloc(MESSAGE_BYTES_MAX + 1);
    size_t size = data ? fread(data, 1, MESSAGE_BYTES_MAX + 1, stdin) : 0;
    if (!data || ferror(stdin)) {
        free(data);
        return fail("%s: %s", _("standard input"), strerror(errno));
    }
    if (size > MESSAGE_BYTES_MAX) {
        free(data);
        return fail(_("The mail is larger than %zu MiB."), MESSAGE_BYTES_MAX >> 20);
    }
    message_status_t status = message_read(message, data, size, arena);
    free(data);
    switch (status) {
    case MESSAGE_READ:
        return true;
    case MESSAGE_OUTLOOK:
        return fail("%s",
                    _("This is Outlook's own form (.msg). Save the mail as .eml, or as text."));
    case MESSAGE_NONE:
        return fail("%s", _("This is no e-mail: it has neither sender nor subject."));
    case MESSAGE_EMPTY:
        break;
    }
    return fail("%s", _("The mail has neither a subject nor a text that can be read."));
}

int main(int argc, char **argv)
{
    const char *folder = getenv("SAMVERK_LOCALEDIR");
    (void)argv;
    setlocale(LC_ALL, "");
    bindtextdomain("samverk", folder && folder[0] ? folder : SAMVERK_LOCALEDIR);
    bind_textdomain_codeset("samverk", "UTF-8");
    textdomain("samverk");
    if (argc != 1) {
        fputs("usage: samverk-mail < MAIL\n", stderr);
        return EXIT_USAGE;
    }
    setrlimit(RLIMIT_CPU, &(struct rlimit){CPU_SECONDS_MAX, CPU_SECONDS_MAX});
    message_start();
    arena_t *arena = arena_new();
    message_t message = {0};
    bool good = read_message(&message, arena);
    json_t *document =
        good ? json_pack("{s:s, s:s, s:s, s:s, s:s, s:i}", "subject", message.subject, "name",
                         message.name, "address", message.address, "day", message.day, "text",
                         message.text, "attachments", (int)message.n_attachments)
             : NULL;
    if (good && (json_dumpf(document, stdout, JSON_COMPACT) != 0 || fflush(stdout) != 0))
        good = fail("%s: %s", _("standard output"), strerror(errno));
    json_decref(document);
    arena_destroy(&arena);
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
