/* Whatever stands in samverkd.conf: options within their ranges, or a sentence that says
   what was expected and nothing changed. */

#include "config.h"
#include "memory_file.h"

#include <string.h>

/* CZMQ 4.2.1 does not give back its handle of a file that is no ZPL; we read one a start. */
const char *__lsan_default_suppressions(void);

const char *__lsan_default_suppressions(void)
{
    return "leak:zfile_new";
}

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void check_ranges(const config_t *config)
{
#define TEXT_OPTION(name, otherwise, label)                                                        \
    must(memchr(config->name, 0, sizeof config->name) != NULL);
#define NUMBER_OPTION(name, otherwise, least, most, label)                                         \
    must(config->name >= (least) && config->name <= (most));
#include "config.def"
#undef TEXT_OPTION
#undef NUMBER_OPTION
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    config_t config, before;
    char why[512] = "";
    memory_file_t file = memory_file(data, size);
    before = config_defaults;
    config = config_defaults;
    if (config_read(&config, file.path, why, sizeof why)) {
        check_ranges(&config);
    } else {
        must(*why != 0);
        must(memcmp(&config, &before, sizeof config) == 0);
    }
    memory_file_close(&file);
    return 0;
}
