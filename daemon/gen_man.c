#include "config.h"

#include <stdio.h>

/* Prints samverkd.conf(5): its options are rows of config.def. */

static void print_option(const char *name, const char *label, const char *otherwise,
                         const char *range)
{
    printf(".TP\n.B %s\n%s.", name, label);
    if (*range != '\0')
        printf(" %s.", range);
    if (*otherwise != '\0')
        printf(" Default: %s.", otherwise);
    putchar('\n');
}

int main(void)
{
    fputs(
        ".TH SAMVERKD.CONF 5 \"\" \"samverk " SAMVERK_RELEASE "\" \"Samverk\"\n"
        ".SH NAME\n"
        "samverkd.conf \\- configuration of samverkd\n"
        ".SH DESCRIPTION\n"
        "A file in ZPL (ZeroMQ property language, RFC 4): one option a line,\n"
        ".IR \"name = value\" ,\n"
        "values with spaces or colons in double quotes, # before a comment. It is read whole when\n"
        "the daemon starts; a mistake in it is named with the option and what was expected, and "
        "the\n"
        "daemon does not start.\n"
        ".B samverkd \\-\\-check\\-config FILE\n"
        "says so beforehand.\n"
        ".SH OPTIONS\n",
        stdout);
    config_each(print_option);
    fputs(".SH SEE ALSO\n.BR samverkd (8)\n", stdout);
    return 0;
}
