#include "admin.h"
#include "language.h"

#include <string.h>

static const option_t no_options[] = {OPTION_END};

#define PURPOSE                                                                                    \
    {                                                                                              \
        "purpose", N_("TEXT"), N_("what personal data is read for; it is logged")                  \
    }

static const option_t accesses_options[] = {
    {"user", N_("ID"), N_("what this user has read")},
    {"person", N_("ID"), N_("who has read this person's data")},
    {"since", N_("DAY"), N_("from this day on")},
    PURPOSE,
    OPTION_END,
};
static const option_t erase_options[] = {
    {"decision", N_("TEXT"), N_("ask for it: the reference of the disposal decision")},
    {"approve", NULL, N_("approve what another privacy officer has asked for")},
    {"yes", NULL, N_("do not ask")},
    {"purpose", N_("TEXT"), N_("what personal data is read for, to find people by name")},
    OPTION_END,
};
static const option_t person_export_options[] = {
    {"output", N_("FILE"), N_("write to this file")},
    {"yes", NULL, N_("replace a file that is there")},
    PURPOSE,
    OPTION_END,
};

const verb_t verb_of_admin[] = {
    {"accesses", N_("--user ID|--person ID [--since DAY] --purpose TEXT"),
     N_("who has read whose personal data, when and for what"), accesses_options, FIELDS_NONE, 0, 0,
     false, admin_accesses_run},
    {"backup", N_("[FILE]"),
     N_("copy the record into the backup directory, or see how the last copy went"), no_options,
     FIELDS_NONE, 0, 1, false, admin_backup_run},
    {"key add", N_("[--FIELD VALUE]..."), N_("let a user in with one more key"), no_options,
     FIELDS_NONE, 0, 0, false, NULL},
    {"key list", N_("[--FIELD VALUE]..."), N_("whose keys there are, and what they are worth"),
     no_options, FIELDS_NONE, 0, 0, false, NULL},
    {"key revoke", N_("ID"), N_("let nobody in with this key any more"), no_options, FIELDS_NONE, 0,
     0, false, NULL},
    {"maintenance off", "", N_("let everybody write again"), no_options, FIELDS_NONE, 0, 0, false,
     admin_maintenance_off_run},
    {"maintenance on", N_("--until TIME --text TEXT"),
     N_("refuse all writes but deleting, revoking and erasing until a time, and say why"),
     no_options, FIELDS_WRITABLE, 0, 0, false, admin_maintenance_on_run},
    {"person erase", N_("ID --decision TEXT|--approve"),
     N_("ask for a person's erasure under a disposal decision, or approve it"), erase_options,
     FIELDS_NONE, 1, 1, false, admin_person_erase},
    {"person export", N_("ID [--output FILE] --purpose TEXT"),
     N_("all that is held on a person, who has read it, and what else may name the person"),
     person_export_options, FIELDS_NONE, 1, 1, false, admin_person_export},
    {"person lift", N_("ID"), N_("lift the restriction"), no_options, FIELDS_NONE, 0, 0, false,
     NULL},
    {"person restrict", N_("ID"),
     N_("keep a person's data from all but privacy officers, and from being changed"), no_options,
     FIELDS_NONE, 0, 0, false, NULL},
    {"sessions", "", N_("who is connected, with which program, and when it was last heard from"),
     no_options, FIELDS_NONE, 0, 0, false, admin_sessions_run},
    {"user activate", N_("ID"), N_("let a suspended user in again"), no_options, FIELDS_NONE, 0, 0,
     false, NULL},
    {"user list", N_("[--FIELD VALUE]..."), N_("the users, and which of them are let in"),
     no_options, FIELDS_NONE, 0, 0, false, NULL},
    {"user revoke", N_("ID"), N_("let a user in no more, with any key"), no_options, FIELDS_NONE, 0,
     0, false, NULL},
    {"user suspend", N_("ID"), N_("keep a user out until activated again"), no_options, FIELDS_NONE,
     0, 0, false, NULL},
    {NULL, NULL, NULL, NULL, FIELDS_NONE, 0, 0, false, NULL},
};

#define ROWS (sizeof verb_of_admin / sizeof *verb_of_admin - 1)

bool admin_has(const verb_t *verb)
{
    return verb >= verb_of_admin && verb < verb_of_admin + ROWS;
}

const verb_t *admin_find(const char *const *words, size_t n, size_t *n_taken_p)
{
    for (const verb_t *verb = verb_of_admin; verb->name; verb++) {
        const char *rest = admin_rest(verb);
        size_t size = strcspn(verb->name, " ");
        *n_taken_p = rest[0] ? 2 : 1;
        if (n >= *n_taken_p && strlen(words[0]) == size &&
            strncmp(words[0], verb->name, size) == 0 && (!rest[0] || strcmp(words[1], rest) == 0))
            return verb;
    }
    return NULL;
}

const char *admin_noun(const verb_t *verb, arena_t *arena)
{
    return arena_text_of(arena, verb->name, strcspn(verb->name, " "));
}

const char *admin_rest(const verb_t *verb)
{
    const char *space = strchr(verb->name, ' ');
    return space ? space + 1 : "";
}
