#include "server_key.h"

#include "dates.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zmq.h>

#define PATH_SIZE 4096u
#define Z85_SIZE 40u

/* The key on the first line of a file, and the second line in `rest` where one is asked
   for. errno says why not; 0: it is no key. */
static bool read_secret(const char *path, unsigned char secret_key[32], char *rest,
                        size_t rest_size)
{
    char text[64] = "";
    FILE *in = fopen(path, "re");

    if (in == NULL)
        return false;
    size_t size = fread(text, 1, sizeof text - 1, in);
    fclose(in);
    text[size] = '\0';
    errno = 0;
    char *second = text + strcspn(text, "\r\n");
    if (*second != '\0')
        *second++ = '\0';
    if (rest != NULL) {
        second[strcspn(second, "\r\n")] = '\0';
        snprintf(rest, rest_size, "%s", second);
    }
    return strlen(text) == Z85_SIZE && zmq_z85_decode(secret_key, text) != NULL;
}

static void public_of(const unsigned char secret_key[32], unsigned char public_key[32])
{
    char secret[Z85_SIZE + 1], public[Z85_SIZE + 1];

    zmq_z85_encode(secret, secret_key, 32);
    zmq_curve_public(public, secret);
    zmq_z85_decode(public_key, public);
}

static bool sync_directory(const char *path)
{
    int directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool good = directory >= 0 && fsync(directory) == 0;

    if (directory >= 0)
        close(directory);
    return good;
}

bool server_key_load(const char *directory, unsigned char public_key[32],
                     unsigned char secret_key[32], char *why, size_t why_size)
{
    const char *credentials = getenv("CREDENTIALS_DIRECTORY");
    char path[PATH_SIZE];
    bool good = false;

    if (credentials != NULL) {
        snprintf(path, sizeof path, "%s/server.secret", credentials);
        good = read_secret(path, secret_key, NULL, 0);
    }
    if (!good) {
        snprintf(path, sizeof path, "%s/server.secret", directory);
        good = read_secret(path, secret_key, NULL, 0);
    }
    if (good)
        public_of(secret_key, public_key);
    else
        snprintf(why, why_size, "%s: the server's secret key cannot be read", path);
    return good;
}

/* As its file has it. */
static void write_text(const unsigned char secret_key[32], const char *second_line,
                       char text[SERVER_KEY_TEXT_SIZE])
{
    char secret[Z85_SIZE + 1];

    zmq_z85_encode(secret, secret_key, 32);
    snprintf(text, SERVER_KEY_TEXT_SIZE, "%s\n%s%s", secret, second_line,
             *second_line != '\0' ? "\n" : "");
}

/* A new key pair, its secret in a file that was not there. */
static bool create(const char *path, const char *directory, const char *second_line,
                   unsigned char public_key[32], unsigned char secret_key[32], char *why,
                   size_t why_size)
{
    char public[Z85_SIZE + 1], secret[Z85_SIZE + 1];
    char text[SERVER_KEY_TEXT_SIZE];

    if (zmq_curve_keypair(public, secret) != 0) {
        snprintf(why, why_size, "no key pair can be made: %s", zmq_strerror(errno));
        return false;
    }
    zmq_z85_decode(public_key, public);
    zmq_z85_decode(secret_key, secret);
    write_text(secret_key, second_line, text);
    ssize_t length = (ssize_t)strlen(text);
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool good = file >= 0 && write(file, text, (size_t)length) == length && fsync(file) == 0 &&
                sync_directory(directory);
    if (!good)
        snprintf(why, why_size, "%s: %s", path, strerror(errno));
    if (file >= 0)
        close(file);
    return good;
}

bool server_key_create(const char *directory, unsigned char public_key[32],
                       unsigned char secret_key[32], char *why, size_t why_size)
{
    char path[PATH_SIZE];

    snprintf(path, sizeof path, "%s/server.secret", directory);
    return create(path, directory, "", public_key, secret_key, why, why_size);
}

/* -- the next one ---------------------------------------------------------------------- */

bool server_key_plan(const char *directory, const char *day, char *why, size_t why_size)
{
    unsigned char public_key[32], secret_key[32];
    char path[PATH_SIZE];
    int64_t number;

    if (!day_parse(day, &number)) {
        snprintf(why, why_size, "%s: a day expected, YYYY-MM-DD", day);
        return false;
    }
    snprintf(path, sizeof path, "%s/server.next", directory);
    return create(path, directory, day, public_key, secret_key, why, why_size);
}

bool server_key_next(const char *directory, server_key_next_t *next, char *why, size_t why_size)
{
    unsigned char secret_key[32];
    char path[PATH_SIZE];
    int64_t number;

    memset(next, 0, sizeof *next);
    snprintf(path, sizeof path, "%s/server.next", directory);
    if (!read_secret(path, secret_key, next->day, sizeof next->day)) {
        if (errno == ENOENT)
            return true;
        snprintf(why, why_size, "%s: the server's next key cannot be read", path);
        return false;
    }
    if (!day_parse(next->day, &number)) {
        snprintf(why, why_size, "%s: a day expected on the second line", path);
        return false;
    }
    public_of(secret_key, next->public_key);
    next->planned = true;
    return true;
}

bool server_key_text(const char *directory, char text[SERVER_KEY_TEXT_SIZE])
{
    unsigned char public_key[32], secret_key[32];
    char why[PATH_SIZE + 64];

    if (!server_key_load(directory, public_key, secret_key, why, sizeof why))
        return false;
    write_text(secret_key, "", text);
    return true;
}

bool server_key_next_text(const char *directory, char text[SERVER_KEY_TEXT_SIZE])
{
    unsigned char secret_key[32];
    char path[PATH_SIZE], day[11];

    snprintf(path, sizeof path, "%s/server.next", directory);
    if (!read_secret(path, secret_key, day, sizeof day))
        return false;
    write_text(secret_key, day, text);
    return true;
}

bool server_key_take_over(const char *directory, const char *today, char *why, size_t why_size)
{
    char from[PATH_SIZE], to[PATH_SIZE];
    server_key_next_t next;

    if (!server_key_next(directory, &next, why, why_size))
        return false;
    if (!next.planned || strcmp(today, next.day) < 0)
        return true;
    snprintf(from, sizeof from, "%s/server.next", directory);
    snprintf(to, sizeof to, "%s/server.secret", directory);
    if (rename(from, to) == 0 && sync_directory(directory))
        return true;
    snprintf(why, why_size, "%s: %s", from, strerror(errno));
    return false;
}
