#include "rows.h"

#include "dates.h"

#include <string.h>

static value_t list_of(const char *word, arena_t *arena)
{
    value_builder_t list = value_builder(arena);

    value_add(&list, value_text(word));
    return value_build_list(&list);
}

static value_t day_of(int64_t day, arena_t *arena)
{
    char written[DAY_TEXT_SIZE];

    day_print(day, written);
    return value_text(arena_text(arena, written));
}

static void add_said(value_builder_t *fields, const char *name, const char *word)
{
    if (word != NULL)
        value_add_pair(fields, name, value_text(word));
}

static value_t row_of(const value_builder_t *fields, arena_t *arena)
{
    value_builder_t row = value_builder(arena);

    value_add_pair(&row, "fields", value_build_map(fields));
    return value_build_map(&row);
}

static const char *municipality_of(const plan_place_t *place, arena_t *arena)
{
    return arena_format(arena, "mun-%s", place->code);
}

static const char *area_of(const subject_t *subject, arena_t *arena)
{
    return arena_format(arena, "are-%s", subject->area);
}

/* -- organisations ------------------------------------------------------------------------ */

static value_builder_t organisation(const char *name, const char *type, const plan_place_t *place,
                                    arena_t *arena)
{
    value_builder_t fields = value_builder(arena);

    value_add_pair(&fields, "name", value_text(name));
    value_add_pair(&fields, "types", list_of(type, arena));
    value_add_pair(&fields, "municipality", value_text(municipality_of(place, arena)));
    return fields;
}

value_t row_centre(const plan_place_t *place, arena_t *arena)
{
    value_builder_t fields = organisation(arena_format(arena, "Lärcentrum %s", place->name),
                                          "learning_centre", place, arena);

    return row_of(&fields, arena);
}

value_t row_membership(const plan_place_t *place, const char *centre, arena_t *arena)
{
    value_builder_t fields = value_builder(arena);

    value_add_pair(&fields, "organisation", value_text(centre));
    value_add_pair(&fields, "municipality", value_text(municipality_of(place, arena)));
    return row_of(&fields, arena);
}

value_t row_provider(const plan_place_t *place, arena_t *arena)
{
    value_builder_t fields = organisation(arena_format(arena, "Utbildning i %s AB", place->name),
                                          "provider", place, arena);

    return row_of(&fields, arena);
}

value_t row_employer(const plan_t *plan, unsigned number, arena_t *arena)
{
    plan_employer_t employer = plan_employer(plan, number);
    const plan_place_t *place = plan_place(plan, employer.place);
    value_builder_t fields = organisation(
        arena_format(arena, "%s %u AB, %s", employer.trade->name, number + 1, place->name),
        "employer", place, arena);

    value_add_pair(&fields, "sector", value_text(employer.trade->sector));
    value_add_pair(&fields, "size", value_text(employer.size));
    return row_of(&fields, arena);
}

/* "svetsning" -> "Svetsning": no subject begins with å, ä or ö. */
static const char *capital(const char *words, arena_t *arena)
{
    char *copy = arena_text(arena, words);

    if (copy[0] >= 'a' && copy[0] <= 'z')
        copy[0] = (char)(copy[0] - 'a' + 'A');
    return copy;
}

value_t row_course(const subject_t *subject, const char *provider, const char *unit, arena_t *arena)
{
    value_builder_t fields = value_builder(arena);

    value_add_pair(&fields, "title", value_text(arena_format(arena, "Kurs i %s", subject->name)));
    value_add_pair(&fields, "provider", value_text(provider));
    value_add_pair(&fields, "unit", value_text(unit));
    value_add_pair(&fields, "areas", list_of(area_of(subject, arena), arena));
    value_add_pair(&fields, "modality", value_text("course"));
    value_add_pair(&fields, "minimum", value_integer(8));
    value_add_pair(&fields, "maximum", value_integer(20));
    value_add_pair(&fields, "price_model", value_text("participant"));
    return row_of(&fields, arena);
}

/* -- inquiries ----------------------------------------------------------------------------- */

static const char *title_of(const plan_inquiry_t *inquiry, arena_t *arena)
{
    const title_t *title = inquiry->title;
    bool first = *title->before == '\0';

    return arena_format(arena, "%s%s%s%s%s", title->before,
                        first ? capital(inquiry->subject->name, arena) : inquiry->subject->name,
                        title->after, title->group ? " för " : "",
                        title->group ? inquiry->group->name : "");
}

static void add_wishes(value_builder_t *fields, const plan_inquiry_t *inquiry, int64_t filed,
                       arena_t *arena)
{
    if (inquiry->form != NULL)
        value_add_pair(fields, "form", list_of(inquiry->form, arena));
    if (inquiry->time_of_day != NULL)
        value_add_pair(fields, "time_of_day", list_of(inquiry->time_of_day, arena));
    add_said(fields, "level", inquiry->level);
    if (inquiry->begins != 0) {
        value_add_pair(fields, "period_from", day_of(filed + inquiry->begins, arena));
        value_add_pair(fields, "period_to",
                       day_of(filed + inquiry->begins + inquiry->lasts, arena));
    }
    if (inquiry->travel_km != 0)
        value_add_pair(fields, "travel_limit_km", value_integer(inquiry->travel_km));
    if (inquiry->budget_kronor != 0)
        value_add_pair(fields, "budget_hint", value_integer((int64_t)inquiry->budget_kronor * 100));
}

value_t row_inquiry(const plan_t *plan, unsigned number, const char *employer, int64_t today,
                    arena_t *arena)
{
    plan_inquiry_t inquiry = plan_inquiry(plan, number);
    const plan_place_t *place = plan_place(plan, inquiry.place);
    value_builder_t fields = value_builder(arena);

    value_add_pair(&fields, "title", value_text(title_of(&inquiry, arena)));
    value_add_pair(&fields, "municipality", value_text(municipality_of(place, arena)));
    if (employer != NULL)
        value_add_pair(&fields, "employer", value_text(employer));
    else
        value_add_pair(&fields, "caller", value_text("ett företag som inte sade sitt namn"));
    value_add_pair(&fields, "areas", list_of(area_of(inquiry.subject, arena), arena));
    value_add_pair(&fields, "participants", value_integer(inquiry.participants));
    value_add_pair(&fields, "target_group", value_text(inquiry.group->name));
    value_add_pair(
        &fields, "description",
        value_text(arena_format(arena, "%s%u%s %s", inquiry.need->before, inquiry.participants,
                                inquiry.need->after, inquiry.wish)));
    add_wishes(&fields, &inquiry, today, arena);
    value_add_pair(&fields, "channel", value_text(inquiry.channel));
    value_add_pair(&fields, "origin", value_text(inquiry.origin));
    if (inquiry.framed)
        value_add_pair(&fields, "framed", value_boolean(true));
    if (inquiry.discreet)
        value_add_pair(&fields, "discreet", value_boolean(true));
    if (inquiry.urgent)
        value_add_pair(&fields, "urgency", value_text("urgent"));
    return row_of(&fields, arena);
}

value_t row_move(const char *id, const char *verb, value_t fields, arena_t *arena)
{
    value_builder_t operation = value_builder(arena);

    value_add_pair(&operation, "do", value_text("move"));
    value_add_pair(&operation, "id", value_text(id));
    value_add_pair(&operation, "verb", value_text(verb));
    value_add_pair(&operation, "fields", fields);
    return value_build_map(&operation);
}

value_t row_step(const plan_t *plan, unsigned number, const plan_step_t *step, const char *inquiry,
                 const char *broker, arena_t *arena)
{
    plan_inquiry_t planned = plan_inquiry(plan, number);
    value_builder_t fields = value_builder(arena);

    if (strcmp(step->verb, "acknowledge") == 0)
        value_add_pair(&fields, "broker", value_text(broker));
    else if (strcmp(step->verb, "agree") == 0)
        value_add_pair(&fields, "route", value_text(planned.route));
    else if (strcmp(step->verb, "deliver") == 0)
        value_add_pair(&fields, "holder", value_text(broker));
    else if (strcmp(step->verb, "withdraw") == 0)
        value_add_pair(&fields, "reason", value_text("Behovet har ändrats."));
    else if (strcmp(step->verb, "decline") == 0)
        value_add_pair(&fields, "reason", value_text("Ingen anordnare kan ge utbildningen."));
    add_said(&fields, "outcome", step->outcome);
    return row_move(inquiry, step->verb, value_build_map(&fields), arena);
}

/* -- contacts ------------------------------------------------------------------------------ */

value_t row_contact(const plan_t *plan, unsigned number, const char *employer, const char *unit,
                    const char *broker, int64_t day, arena_t *arena)
{
    plan_contact_t contact = plan_contact(plan, number);
    value_builder_t fields = value_builder(arena);

    value_add_pair(&fields, "organisation", value_text(employer));
    value_add_pair(&fields, "day", day_of(day, arena));
    value_add_pair(&fields, "how", value_text(contact.how));
    value_add_pair(&fields, "broker", value_text(broker));
    value_add_pair(&fields, "unit", value_text(unit));
    value_add_pair(&fields, "aim", value_text(contact.aim));
    return row_of(&fields, arena);
}

/* -- pools -------------------------------------------------------------------------------------- */

static value_t put(const char *kind, const value_builder_t *fields, arena_t *arena)
{
    value_builder_t operation = value_builder(arena);

    value_add_pair(&operation, "do", value_text("put"));
    value_add_pair(&operation, "kind", value_text(kind));
    value_add_pair(&operation, "fields", value_build_map(fields));
    return value_build_map(&operation);
}

value_t row_pool(const plan_t *plan, unsigned inquiry, const char *coordinator, arena_t *arena)
{
    plan_inquiry_t planned = plan_inquiry(plan, inquiry);
    value_builder_t fields = value_builder(arena);

    value_add_pair(&fields, "title",
                   value_text(arena_format(arena, "Gemensam kurs i %s", planned.subject->name)));
    value_add_pair(&fields, "municipality",
                   value_text(municipality_of(plan_place(plan, planned.place), arena)));
    value_add_pair(&fields, "areas", list_of(area_of(planned.subject, arena), arena));
    value_add_pair(&fields, "coordinator", value_text(coordinator));
    return put("pool", &fields, arena);
}

value_t row_opt_in(const char *inquiry, int64_t answer_by, arena_t *arena)
{
    value_builder_t fields = value_builder(arena);

    value_add_pair(&fields, "pool", value_text("$1"));
    value_add_pair(&fields, "inquiry", value_text(inquiry));
    value_add_pair(&fields, "answer_by", day_of(answer_by, arena));
    return put("opt_in", &fields, arena);
}

value_t row_accept(unsigned operation, int64_t today, arena_t *arena)
{
    value_builder_t fields = value_builder(arena);

    value_add_pair(&fields, "said_on", day_of(today, arena));
    value_add_pair(&fields, "said_how", value_text("phone"));
    return row_move(arena_format(arena, "$%u", operation), "accept", value_build_map(&fields),
                    arena);
}
