#ifndef SAMVERK_TEST_MIRROR_H
#define SAMVERK_TEST_MIRROR_H

#include "region.h"

/* A client's own copy of what it may see of a kind: listed once, then kept by what its
   watch tells. cmocka's fail where a request of it is refused. */
typedef struct mirror mirror_t;

mirror_t *mirror_new(region_t *region, client_t *client, const kind_t *kind);
void mirror_destroy(mirror_t **self_p);

/* Take in what has been told so far. */
void mirror_follow(mirror_t *self);
/* Watch again from where it stands, after the daemon was started anew. */
void mirror_resume(mirror_t *self);
/* Hold it against a list; false with the difference in `why`. A mirror whose watch has
   ended agrees with everything. */
bool mirror_agrees(mirror_t *self, const char **why);

#endif
