#include "samverk.h"

#include <czmq.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Profiles are ZPL (ZeroMQ RFC 4), which CZMQ reads; keys in them are Z85
   (RFC 32) and quoted, since Z85 has characters that ZPL gives a meaning. */

#define KEY_TEXT_SIZE 41u

bool samverk_profile_name_ok(const char *name)
{
    size_t size = strlen(name);
    if (size == 0 || size >= sizeof((samverk_profile_t *)0)->name)
        return false;
    for (const char *c = name; *c; c++)
        if (!(isalnum((unsigned char)*c) || *c == '-' || *c == '_'))
            return false;
    return true;
}

static bool path_of(char *path, size_t size, const char *name, const char *ending)
{
    char folder[4000];
    if (!samverk_config_path(folder, sizeof folder))
        return false;
    int written = snprintf(path, size, "%s/%s.%s", folder, name, ending);
    return written > 0 && (size_t)written < size;
}

static bool key_read(unsigned char key[SAMVERK_KEY_SIZE], zconfig_t *root, const char *entry)
{
    const char *text = zconfig_get(root, entry, "");
    return strlen(text) == KEY_TEXT_SIZE - 1 && zmq_z85_decode(key, text) != NULL;
}

static bool text_read(char *text, size_t size, zconfig_t *root, const char *entry)
{
    int written = snprintf(text, size, "%s", zconfig_get(root, entry, ""));
    return written >= 0 && (size_t)written < size;
}

static bool key_is_set(const unsigned char key[SAMVERK_KEY_SIZE])
{
    for (size_t i = 0; i < SAMVERK_KEY_SIZE; i++)
        if (key[i])
            return true;
    return false;
}

static samverk_profile_status_t secret_load(samverk_profile_t *self)
{
    char path[4096];
    struct stat about;
    if (!path_of(path, sizeof path, self->name, "secret") || stat(path, &about) != 0)
        return SAMVERK_PROFILE_NO_SECRET;
    if (about.st_mode & (S_IRWXG | S_IRWXO))
        return SAMVERK_PROFILE_EXPOSED;
    zconfig_t *root = zconfig_load(path);
    if (!root)
        return SAMVERK_PROFILE_NO_SECRET;
    bool whole = key_read(self->secret_key, root, "secret-key");
    zconfig_destroy(&root);
    if (!whole)
        return SAMVERK_PROFILE_NO_SECRET;
    samverk_key_public(self->public_key, self->secret_key);
    return SAMVERK_PROFILE_OK;
}

samverk_profile_status_t samverk_profile_load(samverk_profile_t *self, const char *name)
{
    memset(self, 0, sizeof *self);
    char path[4096];
    if (!samverk_profile_name_ok(name) || !path_of(path, sizeof path, name, "profile") ||
        access(path, F_OK) != 0)
        return SAMVERK_PROFILE_MISSING;
    snprintf(self->name, sizeof self->name, "%s", name);
    zconfig_t *root = zconfig_load(path);
    if (!root)
        return SAMVERK_PROFILE_BROKEN;
    bool whole = text_read(self->endpoint, sizeof self->endpoint, root, "endpoint") &&
                 self->endpoint[0] && key_read(self->server_key, root, "server-key") &&
                 text_read(self->region, sizeof self->region, root, "region") &&
                 text_read(self->user, sizeof self->user, root, "user");
    if (whole && zconfig_get(root, "next-key", NULL))
        whole = key_read(self->next_key, root, "next-key");
    if (whole && zconfig_get(root, "invitation", NULL))
        whole = key_read(self->invitation, root, "invitation");
    zconfig_destroy(&root);
    return whole ? secret_load(self) : SAMVERK_PROFILE_BROKEN;
}

static void key_write(FILE *file, const char *entry, const unsigned char key[SAMVERK_KEY_SIZE])
{
    char text[KEY_TEXT_SIZE];
    zmq_z85_encode(text, key, SAMVERK_KEY_SIZE);
    fprintf(file, "%s = '%s'\n", entry, text);
    explicit_bzero(text, sizeof text);
}

static void text_write(FILE *file, const char *entry, const char *text)
{
    if (!text[0])
        return;
    /* ZPL has no escapes: what is quoted with " holds none, nor a line's end. */
    fprintf(file, "%s = \"", entry);
    for (const char *c = text; *c; c++)
        fputc(*c == '"' || *c == '\n' ? ' ' : *c, file);
    fputs("\"\n", file);
}

static samverk_profile_status_t file_save(const char *name, const char *ending, char *text,
                                          size_t size, unsigned mode)
{
    char path[4096];
    bool saved =
        path_of(path, sizeof path, name, ending) && samverk_write_file(path, text, size, mode);
    explicit_bzero(text, size);
    free(text);
    return saved ? SAMVERK_PROFILE_OK : SAMVERK_PROFILE_UNWRITABLE;
}

samverk_profile_status_t samverk_profile_save(const samverk_profile_t *self)
{
    char folder[4000];
    if (!samverk_profile_name_ok(self->name) || !samverk_config_path(folder, sizeof folder) ||
        !samverk_make_folder(folder))
        return SAMVERK_PROFILE_UNWRITABLE;

    /* The secret first: a profile without one is broken, a secret alone is not seen. */
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    if (!file)
        return SAMVERK_PROFILE_UNWRITABLE;
    key_write(file, "secret-key", self->secret_key);
    fclose(file);
    samverk_profile_status_t status = file_save(self->name, "secret", text, size, 0600);
    if (status != SAMVERK_PROFILE_OK)
        return status;

    text = NULL;
    file = open_memstream(&text, &size);
    if (!file)
        return SAMVERK_PROFILE_UNWRITABLE;
    text_write(file, "endpoint", self->endpoint);
    key_write(file, "server-key", self->server_key);
    if (key_is_set(self->next_key))
        key_write(file, "next-key", self->next_key);
    text_write(file, "region", self->region);
    text_write(file, "user", self->user);
    if (key_is_set(self->invitation))
        key_write(file, "invitation", self->invitation);
    fclose(file);
    return file_save(self->name, "profile", text, size, 0644);
}

static int is_profile(const struct dirent *entry)
{
    size_t size = strlen(entry->d_name);
    return size > 8 && strcmp(entry->d_name + size - 8, ".profile") == 0;
}

size_t samverk_profile_names(arena_t *arena, const char ***names_p)
{
    *names_p = NULL;
    char folder[4000];
    struct dirent **entries = NULL;
    int found = samverk_config_path(folder, sizeof folder)
                    ? scandir(folder, &entries, is_profile, alphasort)
                    : -1;
    if (found <= 0) {
        free(entries);
        return 0;
    }
    const char **names = arena_alloc(arena, (size_t)found * sizeof *names);
    for (int i = 0; i < found; i++) {
        names[i] = arena_text_of(arena, entries[i]->d_name, strlen(entries[i]->d_name) - 8);
        free(entries[i]);
    }
    free(entries);
    *names_p = names;
    return (size_t)found;
}
