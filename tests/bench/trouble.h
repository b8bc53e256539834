#ifndef BENCH_TROUBLE_H
#define BENCH_TROUBLE_H

/* Something does not work: say what on stderr, stop the daemons that were started,
   take the temporary directory away and exit with status 1. Being slow is no trouble. */
_Noreturn void trouble(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* What is to be done before leaving, last registered first. */
void trouble_at_exit(void (*clean)(void *object), void *object);
/* Done by now, or the object is gone. */
void trouble_forget(void *object);

#endif
