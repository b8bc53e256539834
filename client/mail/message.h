#ifndef SAMVERK_MESSAGE_H
#define SAMVERK_MESSAGE_H

#include "arena.h"

/* What an e-mail (RFC 5322, MIME) says, as far as the record has use for it. Texts are UTF-8
   in NFC, without characters that the daemon refuses; "" for what is not there. */
typedef struct {
    const char *subject;        /* without the Re: and Fwd: of many languages */
    const char *name, *address; /* of the sender */
    const char *day;            /* of its date, by the clock here: YYYY-MM-DD */
    const char *text;           /* its plain text, or its HTML reduced to that */
    unsigned n_attachments;
} message_t;

typedef enum {
    MESSAGE_READ,
    MESSAGE_OUTLOOK, /* Outlook's own form, .msg */
    MESSAGE_NONE,    /* no e-mail: neither sender nor subject */
    MESSAGE_EMPTY,   /* neither subject nor text */
} message_status_t;

#define MESSAGE_BYTES_MAX ((size_t)32 << 20)

/* Read one e-mail. Its texts are in `arena`. message_start once before. */
void message_start(void);
message_status_t message_read(message_t *self, const void *data, size_t size, arena_t *arena);

#endif
