#ifndef SAMVERK_SERVER_KEY_H
#define SAMVERK_SERVER_KEY_H

#include <stdbool.h>
#include <stddef.h>

/* The daemon's own CURVE key: what clients know it by. In a file of its own, 0600, as
   40 characters of Z85; and the next one beside it while it is about to change. */

/* From $CREDENTIALS_DIRECTORY/server.secret or DIRECTORY/server.secret. False with `why`. */
bool server_key_load(const char *directory, unsigned char public_key[32],
                     unsigned char secret_key[32], char *why, size_t why_size);
/* Make one, synced. False with `why` when it is there already or cannot be written. */
bool server_key_create(const char *directory, unsigned char public_key[32],
                       unsigned char secret_key[32], char *why, size_t why_size);

/* Clients are told the next key and its day in `welcome`, save it, and go on without
   being invited anew. DIRECTORY/server.next holds it, and the day on a second line. */
typedef struct {
    bool planned;
    unsigned char public_key[32];
    char day[11]; /* "2027-01-31", the region's */
} server_key_next_t;

/* Make the next key, to hold from `day` on. False with `why`: no such day, planned already. */
bool server_key_plan(const char *directory, const char *day, char *why, size_t why_size);
/* What is planned. False with `why` when the file cannot be read. */
bool server_key_next(const char *directory, server_key_next_t *next, char *why, size_t why_size);
/* Both as their files have them, wherever they lie, for a backup. False when there is none. */
#define SERVER_KEY_TEXT_SIZE 64u
bool server_key_text(const char *directory, char text[SERVER_KEY_TEXT_SIZE]);
bool server_key_next_text(const char *directory, char text[SERVER_KEY_TEXT_SIZE]);
/* Put the next key in place of the present one when its day has come: at start, before
   the key is loaded. False with `why`. */
bool server_key_take_over(const char *directory, const char *today, char *why, size_t why_size);

#endif
