#include "report.h"

#include "trouble.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

struct report {
    json_t *line;
    json_t *yardsticks;
};

/* Four digits say all that a measurement knows. */
static json_t *number(double value)
{
    if (fabs(value) >= 1e3 || value == floor(value))
        return json_integer((json_int_t)llround(value));
    char text[32];
    snprintf(text, sizeof text, "%.4g", value);
    return json_real(strtod(text, NULL));
}

report_t *report_new(const char *figure, const char *unit)
{
    report_t *self = calloc(1, sizeof *self);

    if (self == NULL)
        trouble("no memory left");
    self->line = json_object();
    self->yardsticks = json_object();
    json_object_set_new(self->line, "figure", json_string(figure));
    json_object_set_new(self->line, "value", json_null());
    json_object_set_new(self->line, "unit", json_string(unit));
    return self;
}

void report_number(report_t *self, const char *name, double value)
{
    json_object_set_new(self->line, name, number(value));
}

void report_text(report_t *self, const char *name, const char *value)
{
    json_object_set_new(self->line, name, json_string(value));
}

void report_yardstick(report_t *self, const char *name, double value)
{
    json_object_set_new(self->yardsticks, name, number(value));
}

void report_reach(report_t *self, const char *asked, bool reached)
{
    json_object_set_new(self->line, "asked", json_string(asked));
    json_object_set_new(self->line, "reached", json_boolean(reached));
}

void report_print(report_t **self_p, double value)
{
    report_t *self = *self_p;

    json_object_set_new(self->line, "value", number(value));
    if (json_object_size(self->yardsticks) > 0)
        json_object_set(self->line, "yardsticks", self->yardsticks);
    char *text = json_dumps(self->line, JSON_REAL_PRECISION(4));
    if (puts(text) == EOF || fflush(stdout) != 0)
        trouble("nobody reads what is measured");
    free(text);
    json_decref(self->yardsticks);
    json_decref(self->line);
    free(self);
    *self_p = NULL;
}
