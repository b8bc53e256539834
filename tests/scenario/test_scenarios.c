#include "story.h"

#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Each scenario file is a test. Arguments: these files only. */

static void play(void **state)
{
    story_play(*state);
}

static int clear(void **state)
{
    (void)state;
    story_clear();
    return 0;
}

static struct CMUnitTest test_of(char *file)
{
    const char *slash = strrchr(file, '/');

    return (struct CMUnitTest){.name = slash != NULL ? slash + 1 : file,
                               .test_func = play,
                               .teardown_func = clear,
                               .initial_state = file};
}

int main(int argc, char **argv)
{
    glob_t found = {0};
    char **files = argv + 1;
    size_t count = argc > 1 ? (size_t)argc - 1 : 0;

    if (count == 0) {
        if (glob(SAMVERK_SOURCE_DIR "/tests/scenario/*.scn", 0, NULL, &found) != 0)
            return 1;
        files = found.gl_pathv;
        count = found.gl_pathc;
    }
    struct CMUnitTest *tests = calloc(count, sizeof *tests);
    for (size_t i = 0; tests != NULL && i < count; i++)
        tests[i] = test_of(files[i]);
    int failed = _cmocka_run_group_tests("scenarios", tests, count, NULL, NULL);
    free(tests);
    globfree(&found);
    return failed;
}
