#include "filled.h"

#include "fill.h"
#include "measure.h"
#include "rows.h"
#include "trouble.h"

#include <time.h>

#define EMPLOYERS_MOST 50000u

void filled_make(filled_t *self, const char *program, const char *parent, unsigned inquiries,
                 double patience_seconds)
{
    plan_size_t size = {.seed = 1,
                        .municipalities = PLAN_MUNICIPALITIES_MAX,
                        .employers = inquiries / 4,
                        .inquiries = inquiries,
                        .open = inquiries,
                        .days = 180};
    fill_options_t options = {.data = SAMVERK_DATA, .filed = true};
    samverk_profile_t profile;
    char today[11];
    time_t now = time(NULL);

    if (size.employers > EMPLOYERS_MOST)
        size.employers = EMPLOYERS_MOST;
    strftime(today, sizeof today, "%Y-%m-%d", localtime(&now));
    options.today = today;
    server_make_empty(&self->server, program, parent);
    self->plan = plan_new(&size, options.data);
    server_profile(&self->server, &self->server.admin, &profile);
    uint64_t begun = now_ns();
    if (self->plan == NULL || !fill(self->plan, &profile, &options))
        trouble("the region cannot be made");
    self->fill_seconds = seconds_since(begun);
    self->rest_seconds = server_settle(&self->server, patience_seconds);
    self->rests = self->rest_seconds < patience_seconds - 1;
    self->client =
        client_new(self->server.address, self->server.public_key, &self->server.admin, true);
}

void filled_remove(filled_t *self)
{
    client_destroy(&self->client);
    plan_destroy(&self->plan);
    server_stop(&self->server);
    server_remove(&self->server);
}

const char *filled_put(filled_t *self, unsigned number, arena_t *arena)
{
    unsigned beyond = plan_size(self->plan)->inquiries + number;
    value_t row =
        row_inquiry(self->plan, beyond, NULL, (int64_t)time(NULL) / (24 * 60 * 60), arena);
    value_builder_t arguments = value_builder(arena);

    value_add_pair(&arguments, "kind", value_text("inquiry"));
    value_add_pair(&arguments, "fields", *value_get(&row, "fields"));
    value_t put = client_ask(self->client, "put", value_build_map(&arguments), arena);
    return value_get_text(&put, "id");
}
