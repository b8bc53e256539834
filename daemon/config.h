#ifndef SAMVERK_CONFIG_H
#define SAMVERK_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What an operator may set: a row each in config.def, read from a ZPL file. */
typedef struct {
#define TEXT_OPTION(name, otherwise, label) char name[256];
#define NUMBER_OPTION(name, otherwise, least, most, label) int64_t name;
#include "config.def"
#undef TEXT_OPTION
#undef NUMBER_OPTION
} config_t;

/* Every option at its default. */
extern const config_t config_defaults;

/* Read the file over what is set. False with one sentence in `why` that names the
   option and what was expected; `self` is then unchanged. */
bool config_read(config_t *self, const char *file, char *why, size_t why_size);

/* Write the options that differ from their defaults, each under its comment. 0 or errno. */
int config_write(const config_t *self, const char *file);

/* Each option in order: name, what it is, its default and its range as text ("" none). */
void config_each(void (*handle)(const char *name, const char *label, const char *otherwise,
                                const char *range));

#endif
