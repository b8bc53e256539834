#include "rules.h"

#include <string.h>

static const rules_t *const all[] = {
    &rules_area,        &rules_assessment, &rules_canvas, &rules_closure, &rules_contact,
    &rules_course,      &rules_erasure,    &rules_grant,  &rules_inquiry, &rules_key,
    &rules_maintenance, &rules_need,       &rules_offer,  &rules_opt_in,  &rules_organisation,
    &rules_person,      &rules_pool,       &rules_user};

const rules_t *rules_of(const kind_t *kind)
{
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (strcmp(all[i]->kind, kind->name) == 0)
            return all[i];
    return NULL;
}
