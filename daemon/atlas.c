#include "atlas.h"

#include "records.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define EARTH_KM 6371.0

static const char *text_of(const record_t *record, const char *field, arena_t *arena)
{
    const char *text = record_get_text(record, field);

    return text != NULL ? arena_text(arena, text) : NULL;
}

static double degrees(const record_t *record, const char *field)
{
    return (double)record_get_integer(record, field, 0) / 1e6;
}

atlas_t *atlas_new(store_txn_t *txn, arena_t *arena)
{
    const kind_t *kind = schema_kind("municipality");
    atlas_t *self = arena_alloc(arena, sizeof *self);
    size_t room = (size_t)records_count(txn, kind);
    arena_t *scratch = arena_new();
    const record_t *record;

    self->places = arena_alloc(arena, (room + 1) * sizeof *self->places);
    records_scan_t *scan = records_scan(txn, kind, false, NULL, scratch);
    while (self->count < room && (record = records_next(scan, scratch)) != NULL)
        self->places[self->count++] = (atlas_place_t){
            .id = arena_text(arena, record->id.text),
            .county = text_of(record, "county", arena),
            .located = record_get(record, "latitude")->form == VALUE_INTEGER &&
                       record_get(record, "longitude")->form == VALUE_INTEGER,
            .latitude = degrees(record, "latitude"),
            .longitude = degrees(record, "longitude"),
        };
    records_scan_end(&scan);
    arena_destroy(&scratch);
    return self;
}

static int compare(const void *key, const void *place)
{
    return strcmp(key, ((const atlas_place_t *)place)->id);
}

const atlas_place_t *atlas_place(const atlas_t *self, const char *id)
{
    return self->count > 0 ? bsearch(id, self->places, self->count, sizeof *self->places, compare)
                           : NULL;
}

static double radians(double angle)
{
    return angle * M_PI / 180;
}

/* By the haversine formula. */
double atlas_distance(const atlas_place_t *a, const atlas_place_t *b)
{
    double north = sin(radians(b->latitude - a->latitude) / 2);
    double east = sin(radians(b->longitude - a->longitude) / 2);
    double h = north * north + cos(radians(a->latitude)) * cos(radians(b->latitude)) * east * east;

    return 2 * EARTH_KM * asin(h < 1 ? sqrt(h) : 1);
}

static bool is_there(const char *const *counties, size_t count, const char *county)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(counties[i], county) == 0)
            return true;
    return false;
}

size_t atlas_counties(const atlas_t *self, const atlas_place_t *from, const char *own, int64_t km,
                      const char **counties, size_t room)
{
    size_t count = 0;

    if (own != NULL && room > 0)
        counties[count++] = own;
    for (size_t i = 0; from != NULL && from->located && i < self->count && count < room; i++) {
        const atlas_place_t *place = &self->places[i];
        if (place->located && place->county != NULL && !is_there(counties, count, place->county) &&
            llround(atlas_distance(from, place)) <= km)
            counties[count++] = place->county;
    }
    return count;
}
