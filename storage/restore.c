#include "restore.h"

#include "backup_keys.h"
#include "backup_reader.h"
#include "disk.h"
#include "keyring.h"
#include "rebuild.h"
#include "txn.h"

#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PATH_ROOM 4096u

static bool fail(char *why, size_t why_size, const char *path, const char *what)
{
    snprintf(why, why_size, "%s: %s", path, what);
    return false;
}

/* -- keys ------------------------------------------------------------------------------- */

/* A file that was not there. */
static bool write_secret(const char *directory, const char *name, const void *bytes, size_t size,
                         char *why, size_t why_size)
{
    char path[PATH_ROOM];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    int status = disk_write_file(path, bytes, size);
    if (!status)
        status = disk_sync_directory(directory);
    return !status || fail(why, why_size, path, strerror(status));
}

static bool is_there(const char *directory, const char *name)
{
    char path[PATH_ROOM];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    return access(path, F_OK) == 0;
}

/* Those of now, which know who was forgotten, beside those of the backup. */
static bool merge_live(const char *directory, const char *folder, char *why, size_t why_size)
{
    int status = 0;
    keyring_t *live = keyring_open(directory, true, why, why_size);
    keyring_t *made = live ? keyring_open(folder, false, why, why_size) : NULL;
    bool good = made != NULL;
    if (good && keyring_damaged(live))
        good = fail(why, why_size, directory, KEYRING_FILE_NAME " is damaged: move it away first");
    if (good && (status = keyring_merge(made, live)))
        good = fail(why, why_size, folder, strerror(status));
    keyring_close(&made);
    keyring_close(&live);
    return good;
}

static bool make_keys(const restore_options_t *options, const backup_keys_t *keys,
                      const char *folder, char *why, size_t why_size)
{
    const backup_secret_t *people = keys ? backup_keys_find(keys, KEYRING_FILE_NAME) : NULL;
    bool live = is_there(options->directory, KEYRING_FILE_NAME);
    if (people &&
        !write_secret(folder, KEYRING_FILE_NAME, people->bytes, people->size, why, why_size))
        return false;
    if (!people && !live)
        return fail(why, why_size, options->directory,
                    "there are no keys of people's data; --keys FILE names those of the backups");
    return !live || merge_live(options->directory, folder, why, why_size);
}

/* The server's own, where there was no server: clients know it by them. */
static bool put_server_keys(const restore_options_t *options, const backup_keys_t *keys, FILE *out,
                            char *why, size_t why_size)
{
    static const char *const names[] = {"server.secret", "server.next"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const backup_secret_t *secret = keys ? backup_keys_find(keys, names[i]) : NULL;
        if (!secret || is_there(options->directory, names[i]) ||
            is_there(options->directory, STORE_FILE_NAME))
            continue;
        if (!write_secret(options->directory, names[i], secret->bytes, secret->size, why, why_size))
            return false;
        fprintf(out, "%s is back\n", names[i]);
    }
    return true;
}

/* The keys file that goes with the backup; none is no failure. */
static bool open_keys(const restore_options_t *options, backup_keys_t **keys, char *why,
                      size_t why_size)
{
    char copy[PATH_ROOM], path[PATH_ROOM + 32];
    const char *name = options->keys;
    if (!name) {
        snprintf(copy, sizeof copy, "%s", options->file);
        snprintf(path, sizeof path, "%s/" BACKUP_KEYS_NAME, dirname(copy));
        if (access(path, F_OK))
            return true;
        name = path;
    }
    *keys = backup_keys_open(name, why, why_size);
    return *keys != NULL;
}

/* -- the record ----------------------------------------------------------------------------- */

static bool replay(backup_reader_t *reader, rebuild_t *made, char *why, size_t why_size)
{
    backup_row_t row;
    while (backup_reader_next(reader, &row)) {
        if (row.sort == BACKUP_ENTRY ? !rebuild_entry(made, row.value, why, why_size)
                                     : !rebuild_read(made, row.key, row.value, why, why_size))
            return false;
    }
    if (!backup_reader_failed(reader))
        return true;
    snprintf(why, why_size, "%s", backup_reader_failed(reader));
    return false;
}

static bool restore(const restore_options_t *options, backup_reader_t *reader,
                    const backup_keys_t *keys, rebuild_t *made, FILE *out, char *why,
                    size_t why_size)
{
    char kept[PATH_ROOM];
    const backup_about_t *about = backup_reader_about(reader);
    if (!make_keys(options, keys, rebuild_folder(made), why, why_size) ||
        !replay(reader, made, why, why_size) ||
        !rebuild_prove(made, about->hash, out, why, why_size) ||
        !put_server_keys(options, keys, out, why, why_size) ||
        !rebuild_put_in_place(made, kept, sizeof kept, why, why_size))
        return false;
    fprintf(out, "restored: %s, %llu revisions, %llu rows of reads, under a new epoch\n",
            about->region, (unsigned long long)about->head, (unsigned long long)about->n_reads);
    if (*kept)
        fprintf(out, "the record that was there is kept as %s\n", kept);
    return true;
}

bool restore_store(const restore_options_t *options, FILE *out, char *why, size_t why_size)
{
    backup_keys_t *keys = NULL;
    rebuild_t *made = NULL;
    backup_reader_t *reader = backup_reader_open(options->file, why, why_size);
    bool good = reader && open_keys(options, &keys, why, why_size);
    if (good) {
        made = rebuild_new(&(rebuild_options_t){.directory = options->directory,
                                                .region = backup_reader_about(reader)->region,
                                                .began_ms = options->now_ms,
                                                .now_ms = options->now_ms,
                                                .map_size = options->map_size},
                           why, why_size);
        good = made && restore(options, reader, keys, made, out, why, why_size);
    }
    rebuild_destroy(&made);
    backup_keys_close(&keys);
    backup_reader_close(&reader);
    return good;
}
