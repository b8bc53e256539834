#ifndef SAMVERK_TEST_STORY_H
#define SAMVERK_TEST_STORY_H

/* Play a scenario file (README.md says how they are written) in a region of its own
   and hold the region against its journal afterwards. cmocka's fail, naming file and
   line, where something is not as the file says. */
void story_play(const char *file);
/* Give back what a story that failed has left. */
void story_clear(void);

#endif
