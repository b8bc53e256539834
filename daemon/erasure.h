#ifndef SAMVERK_ERASURE_H
#define SAMVERK_ERASURE_H

#include "writer.h"

/* The second half of an erasure. The record says that a person is erased; then the key
   goes under which all that the journal and older backups hold of the person was sealed,
   and the derived file with it.
   Both 0 or errno: then nothing may be answered, and the next start tries again. */

/* After the commit of this change, before anyone is told of it. */
int erasure_finish(const environment_t *environment, const change_t *change);

/* Before the daemon serves: what a crash left between such a commit and its key. */
int erasure_finish_all(store_t *store);

#endif
