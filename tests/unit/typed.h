#ifndef SAMVERK_TYPED_H
#define SAMVERK_TYPED_H

#include "cli_fixture.h"
#include "verb.h"

/* The arguments of a verb, of the run's kind, as they are typed after its name. */
static inline arguments_t typed(const verb_t *verb, const char *const *words)
{
    const char **rest;
    size_t n_rest, n = 0;
    arguments_t arguments = {0};
    error_t error = {0};
    while (words[n])
        n++;
    if (!arguments_take_global(&arguments, (int)n, words, &rest, &n_rest, cli.arena, &error) ||
        !arguments_read(&arguments, rest, n_rest, verb->options, cli.kind, verb->fields, cli.arena,
                        &error))
        fail_msg("%s: %s", error.field, error.expected);
    cli.purpose = arguments_value(&arguments, "purpose");
    return arguments;
}

/* TYPED(verb_find(verb_of_kinds, "list"), "--state", "new") */
#define TYPED(verb, ...) typed(verb, (const char *const[]){__VA_ARGS__, NULL})

/* One field's change, as a history's entry has it. */
static inline void add_change(value_builder_t *fields, arena_t *arena, const char *name,
                              value_t from, value_t to)
{
    value_builder_t change = value_builder(arena);
    value_add_pair(&change, "from", from);
    value_add_pair(&change, "to", to);
    value_add_pair(fields, name, value_build_map(&change));
}

#endif
