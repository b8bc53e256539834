#include "report.h"
#include "verbs.h"

bool import_run(cli_t *cli, const arguments_t *arguments)
{
    (void)arguments;
    return report_usage(cli, "%s", "");
}
