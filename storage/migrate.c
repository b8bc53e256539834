#include "migrate.h"

#include "backup.h"
#include "disk.h"
#include "rebuild.h"
#include "txn.h"

#include <errno.h>
#include <string.h>

#define PATH_ROOM 4096u

static bool fail(char *why, size_t why_size, const char *path, const char *what)
{
    snprintf(why, why_size, "%s: %s", path, what);
    return false;
}

static bool back_up(store_t *store, const rebuild_t *made, FILE *out, char *why, size_t why_size)
{
    char name[64];
    backup_progress_t progress = {0};
    snprintf(name, sizeof name, "before-migrate.%s", rebuild_stamp(made));
    const backup_options_t options = {
        .store = store, .directory = store_directory(store), .name = name, .progress = &progress};
    if (!backup_write(&options, why, why_size))
        return false;
    fprintf(out, "backup: %s/%s\n", store_directory(store), name);
    return true;
}

/* Its keys are the store's own. */
static bool copy_keys(store_t *store, const rebuild_t *made, char *why, size_t why_size)
{
    char path[PATH_ROOM];
    void *image;
    size_t size;
    snprintf(path, sizeof path, "%s/" KEYRING_FILE_NAME, rebuild_folder(made));
    int status = keyring_image(store->keyring, &image, &size);
    if (!status) {
        status = disk_write_file(path, image, size);
        keyring_image_free(image, size);
    }
    return !status || fail(why, why_size, path, strerror(status));
}

static bool replay(store_txn_t *txn, rebuild_t *made, char *why, size_t why_size)
{
    static const db_name_t names[] = {DB_JOURNAL, DB_READS};
    bool good = true;
    for (unsigned i = 0; i < sizeof names / sizeof *names && good; i++) {
        db_cursor_t cursor;
        db_cursor_start(&cursor, store_db(txn), names[i]);
        for (bool there = db_cursor_first(&cursor); there && good; there = db_cursor_next(&cursor))
            good = names[i] == DB_JOURNAL
                       ? rebuild_entry(made, cursor.value, why, why_size)
                       : rebuild_read(made, cursor.key, cursor.value, why, why_size);
        db_cursor_end(&cursor);
    }
    if (good && store_failed(txn))
        return fail(why, why_size, store_directory(store_of(txn)), store_reason(store_failed(txn)));
    return good;
}

static bool tell_plan(const store_t *store, store_txn_t *txn, FILE *out)
{
    bool other = store->format != META_FORMAT;
    fprintf(out, "format: %u%s", store->format, other ? "" : ", this version's\n");
    if (other)
        fprintf(out, " to %u: %llu journal entries are stepped up and replayed\n", META_FORMAT,
                (unsigned long long)store_head(txn));
    fprintf(out, "indexes: %s\n", other || !store->indexes_current ? "made anew" : "as they are");
    return other;
}

static bool migrate(const migrate_options_t *options, store_t *store, store_txn_t *txn,
                    rebuild_t *made, FILE *out, char *why, size_t why_size)
{
    char kept[PATH_ROOM];
    uint64_t head = store_head(txn);
    if (!options->dry_run && !back_up(store, made, out, why, why_size))
        return false;
    if (!copy_keys(store, made, why, why_size) || !replay(txn, made, why, why_size) ||
        !rebuild_prove(made, store_head_of(txn)->hash, out, why, why_size))
        return false;
    fprintf(out, "proved: %llu revisions replayed, the check finds nothing\n",
            (unsigned long long)head);
    if (options->dry_run)
        return true;
    if (!rebuild_put_in_place(made, kept, sizeof kept, why, why_size))
        return false;
    fprintf(out, "migrated; the record that was there is kept as %s\n", kept);
    return true;
}

bool migrate_store(const migrate_options_t *options, FILE *out, char *why, size_t why_size)
{
    rebuild_t *made = NULL;
    store_txn_t *txn = NULL;
    store_t *store = store_open(&(store_options_t){.directory = options->directory,
                                                   .map_size = options->map_size,
                                                   .read_only = true,
                                                   .old_format = true},
                                why, why_size);
    bool good = store != NULL;
    if (good && !(txn = store_read(store)))
        good = fail(why, why_size, options->directory, store_reason(errno));
    if (good && (tell_plan(store, txn, out) || options->dry_run)) {
        made = rebuild_new(&(rebuild_options_t){.directory = options->directory,
                                                .region = store_region(store),
                                                .epoch = store_epoch(store),
                                                .began_ms = store_began(store),
                                                .now_ms = options->now_ms,
                                                .map_size = db_map_size(store->db),
                                                .dry = options->dry_run},
                           why, why_size);
        /* From here on nobody else writes: what was written until now belongs to it. */
        store_abort(&txn);
        if (made && !(txn = store_read(store)))
            good = fail(why, why_size, options->directory, store_reason(errno));
        good = good && made && migrate(options, store, txn, made, out, why, why_size);
    }
    store_abort(&txn);
    rebuild_destroy(&made);
    store_close(&store);
    return good;
}
