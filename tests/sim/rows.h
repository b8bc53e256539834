#ifndef SIM_ROWS_H
#define SIM_ROWS_H

#include "plan.h"
#include "value.h"

/* What the plan says, as rows of imports and operations of batches. Days are counted from
   1970; what refers to a record has its id. All in `arena`. */

/* "Motala" -> {fields: {name: "Lärcentrum Motala", ...}} */
value_t row_centre(const plan_place_t *place, arena_t *arena);
value_t row_membership(const plan_place_t *place, const char *centre, arena_t *arena);
value_t row_provider(const plan_place_t *place, arena_t *arena);
value_t row_employer(const plan_t *plan, unsigned number, arena_t *arena);
/* One course for each subject, by the provider. */
value_t row_course(const subject_t *subject, const char *provider, const char *unit,
                   arena_t *arena);
/* `employer` NULL: nobody that is on record. */
value_t row_inquiry(const plan_t *plan, unsigned number, const char *employer, int64_t today,
                    arena_t *arena);
value_t row_contact(const plan_t *plan, unsigned number, const char *employer, const char *unit,
                    const char *broker, int64_t day, arena_t *arena);

/* The move that a step is, made by the municipality's broker. */
value_t row_step(const plan_t *plan, unsigned number, const plan_step_t *step, const char *inquiry,
                 const char *broker, arena_t *arena);
value_t row_move(const char *id, const char *verb, value_t fields, arena_t *arena);

/* -- pools ---------------------------------------------------------------------------- */

/* Operations of one batch: the pool first, around an inquiry; then those asked into it; the
   `operation`-th of the batch says yes. */
value_t row_pool(const plan_t *plan, unsigned inquiry, const char *coordinator, arena_t *arena);
value_t row_opt_in(const char *inquiry, int64_t answer_by, arena_t *arena);
value_t row_accept(unsigned operation, int64_t today, arena_t *arena);

#endif
