#ifndef BENCH_REPORT_H
#define BENCH_REPORT_H

#include <stdbool.h>

/* One line of JSON a figure, on stdout, as soon as it is known. */
typedef struct report report_t;

report_t *report_new(const char *figure, const char *unit);
void report_number(report_t *self, const char *name, double value);
void report_text(report_t *self, const char *name, const char *value);
/* A yardstick of the same run, under "yardsticks". */
void report_yardstick(report_t *self, const char *name, double value);
/* What is asked for in words, and whether it is there. */
void report_reach(report_t *self, const char *asked, bool reached);
/* Print it and be done with it. */
void report_print(report_t **self_p, double value);

#endif
