#ifndef BENCH_PROGRAM_H
#define BENCH_PROGRAM_H

#include <stdint.h>

/* What both programs, samverk-bench and samverk-peers, begin with. */

/* $TMPDIR or /tmp. */
const char *program_directory(void);
/* A whole number of the command line; trouble when it is none. */
uint64_t program_number(const char *text, uint64_t least, uint64_t most);
/* As many files as may be, signals that clean up, and clients. */
void program_start(void);

#endif
