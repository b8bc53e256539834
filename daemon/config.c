#include "config.h"

#include <czmq.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

typedef struct {
    const char *name;
    bool number;
    size_t offset;
    const char *text;
    int64_t otherwise, least, most;
    const char *label;
} option_t;

static const option_t options[] = {
#define TEXT_OPTION(name, otherwise, label)                                                        \
    {#name, false, offsetof(config_t, name), otherwise, 0, 0, 0, label},
#define NUMBER_OPTION(name, otherwise, least, most, label)                                         \
    {#name, true, offsetof(config_t, name), "", otherwise, least, most, label},
#include "config.def"
#undef TEXT_OPTION
#undef NUMBER_OPTION
};

#define N_OPTIONS (sizeof options / sizeof *options)

const config_t config_defaults = {
#define TEXT_OPTION(name, otherwise, label) .name = otherwise,
#define NUMBER_OPTION(name, otherwise, least, most, label) .name = otherwise,
#include "config.def"
#undef TEXT_OPTION
#undef NUMBER_OPTION
};

static char *text_of(config_t *self, const option_t *option)
{
    return (char *)self + option->offset;
}

static int64_t *number_of(config_t *self, const option_t *option)
{
    return (int64_t *)(void *)((char *)self + option->offset);
}

static bool set_option(config_t *self, const char *name, const char *value, char *why,
                       size_t why_size)
{
    for (size_t i = 0; i < N_OPTIONS; i++) {
        const option_t *option = &options[i];
        if (strcmp(option->name, name) != 0)
            continue;
        if (!option->number) {
            if (strlen(value) >= sizeof self->listen) {
                snprintf(why, why_size, "%s: at most %zu bytes expected", name,
                         sizeof self->listen - 1);
                return false;
            }
            snprintf(text_of(self, option), sizeof self->listen, "%s", value);
            return true;
        }
        char *end = NULL;
        errno = 0;
        long long number = strtoll(value, &end, 10);
        if (errno != 0 || end == value || *end != '\0' || number < option->least ||
            number > option->most) {
            snprintf(why, why_size, "%s: a whole number from %lld to %lld expected", name,
                     (long long)option->least, (long long)option->most);
            return false;
        }
        *number_of(self, option) = number;
        return true;
    }
    snprintf(why, why_size, "%s: there is no such option", name);
    return false;
}

/* A zone is a file of the system's zone database. */
static bool is_zone(const char *name)
{
    char path[512];

    snprintf(path, sizeof path, "/usr/share/zoneinfo/%s", name);
    return *name != '\0' && *name != '/' && strstr(name, "..") == NULL && access(path, R_OK) == 0;
}

bool config_read(config_t *self, const char *file, char *why, size_t why_size)
{
    zconfig_t *root = zconfig_load(file);
    config_t next = *self;
    bool good = true;

    if (root == NULL) {
        snprintf(why, why_size, "%s: cannot be read as a ZPL file", file);
        return false;
    }
    for (zconfig_t *item = zconfig_child(root); item != NULL && good; item = zconfig_next(item)) {
        if (zconfig_child(item) != NULL) {
            snprintf(why, why_size, "%s: a value expected, not a section", zconfig_name(item));
            good = false;
        } else {
            good = set_option(&next, zconfig_name(item), zconfig_value(item), why, why_size);
        }
    }
    if (good && strncmp(next.listen, "tcp://", 6) != 0) {
        snprintf(why, why_size, "listen: tcp://ADDRESS:PORT expected");
        good = false;
    }
    if (good && *next.backup_directory != '\0' && *next.backup_directory != '/') {
        snprintf(why, why_size, "backup_directory: an absolute path expected");
        good = false;
    }
    if (good && !is_zone(next.zone)) {
        snprintf(why, why_size, "zone: an IANA time zone such as Europe/Stockholm expected");
        good = false;
    }
    zconfig_destroy(&root);
    if (good)
        *self = next;
    return good;
}

int config_write(const config_t *self, const char *file)
{
    FILE *out = fopen(file, "we");
    config_t copy = *self;
    config_t plain = config_defaults;

    if (out == NULL)
        return errno;
    for (size_t i = 0; i < N_OPTIONS; i++) {
        const option_t *option = &options[i];
        bool same = option->number ? *number_of(&copy, option) == *number_of(&plain, option)
                                   : strcmp(text_of(&copy, option), text_of(&plain, option)) == 0;
        fprintf(out, "#   %s\n%s", option->label, same ? "#   " : "");
        if (option->number)
            fprintf(out, "%s = %lld\n", option->name, (long long)*number_of(&copy, option));
        else
            fprintf(out, "%s = \"%s\"\n", option->name, text_of(&copy, option));
    }
    int failed = ferror(out) || fflush(out) != 0 ? EIO : 0;
    if (fclose(out) != 0)
        failed = EIO;
    return failed;
}

void config_each(void (*handle)(const char *name, const char *label, const char *otherwise,
                                const char *range))
{
    for (size_t i = 0; i < N_OPTIONS; i++) {
        const option_t *option = &options[i];
        char otherwise[32], range[64];
        if (!option->number) {
            handle(option->name, option->label, option->text, "");
            continue;
        }
        snprintf(otherwise, sizeof otherwise, "%lld", (long long)option->otherwise);
        snprintf(range, sizeof range, "%lld to %lld", (long long)option->least,
                 (long long)option->most);
        handle(option->name, option->label, otherwise, range);
    }
}
