#ifndef SAMVERK_REPORT_H
#define SAMVERK_REPORT_H

#include "cli.h"
#include "error.h"

/* What goes to standard error: why something was not done, and remarks. As
   sentences, or with --json as {"error": {...}}. All return false. */

/* What the daemon, or a check of ours against its tables, refused. */
bool report_error(cli_t *cli, const error_t *error);

/* Wrong usage: exit status 2. */
bool report_usage(cli_t *cli, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* What the machine here refused: files, memory. Exit status 1. */
bool report_failure(cli_t *cli, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* No daemon, or an outcome that is not known. */
bool report_unreached(cli_t *cli);
bool report_unknown(cli_t *cli);

/* A remark; not with --json. */
void report_note(const cli_t *cli, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
