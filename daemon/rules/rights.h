#ifndef SAMVERK_RIGHTS_H
#define SAMVERK_RIGHTS_H

#include "draft.h"

/* What the rules of users, grants and keys have in common. */

/* May the writer stand in for the user: give all of the user's grants? */
bool rights_may_give_all(draft_t *draft, const char *user);
/* May the writer take from the user all that the user has? */
bool rights_may_take_all(draft_t *draft, const char *user);
/* Would the region still have an administrator of its whole scope if this user, or
   this grant, were gone? Either may be NULL. */
bool rights_leave_admin(draft_t *draft, const char *without_user, const record_id_t *without_grant);

#endif
