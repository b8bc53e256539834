#ifndef SAMVERK_TEMPORARY_HOME_H
#define SAMVERK_TEMPORARY_HOME_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* A home folder of the test's own, with the XDG variables pointing into it. */

static char home[200];

static inline int home_make(void **state)
{
    (void)state;
    const char *folder = getenv("TMPDIR");
    char path[256];
    snprintf(home, sizeof home, "%s/samverk-test-XXXXXX", folder && folder[0] ? folder : "/tmp");
    if (!mkdtemp(home))
        return -1;
    snprintf(path, sizeof path, "%s/config", home);
    setenv("XDG_CONFIG_HOME", path, 1);
    snprintf(path, sizeof path, "%s/state", home);
    setenv("XDG_STATE_HOME", path, 1);
    return 0;
}

static inline int home_remove_one(const char *path, const struct stat *about, int type,
                                  struct FTW *place)
{
    (void)about;
    (void)type;
    (void)place;
    return remove(path);
}

static inline int home_remove(void **state)
{
    (void)state;
    return nftw(home, home_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

#endif
