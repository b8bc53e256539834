#include "steps.h"

const journal_step_t journal_steps[META_FORMAT] = {
    NULL, /* there is none before format 1 */
};
