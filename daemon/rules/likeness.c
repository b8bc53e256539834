#include "likeness.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#define WORDS_MAX 32u

static const char *const company_forms[] = {
    "ab", "aktiebolag", "hb",        "handelsbolag", "kb",     "publ",    "kommanditbolag",
    "ek", "for",        "ekonomisk", "forening",     "filial", "enskild", "firma"};

static int compare_words(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool is_company_form(const char *word)
{
    for (size_t i = 0; i < sizeof company_forms / sizeof *company_forms; i++)
        if (strcmp(company_forms[i], word) == 0)
            return true;
    return false;
}

static char *fold_letters(const char *text, arena_t *arena)
{
    utf8proc_uint8_t *folded = NULL;
    const utf8proc_option_t options =
        UTF8PROC_NULLTERM | UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD | UTF8PROC_STRIPMARK;

    if (utf8proc_map((const utf8proc_uint8_t *)text, 0, &folded, options) < 0)
        return arena_text(arena, text);
    char *letters = arena_text(arena, (const char *)folded);
    free(folded);
    return letters;
}

const char *likeness_letters(const char *text, arena_t *arena)
{
    return fold_letters(text, arena);
}

const char *likeness_fold(const char *name, arena_t *arena)
{
    char *text = fold_letters(name, arena);
    size_t size = strlen(text);
    char *words[WORDS_MAX];
    size_t count = 0;
    char *rest = NULL;
    for (char *word = strtok_r(text, " ,.&-/()'\"", &rest); word != NULL && count < WORDS_MAX;
         word = strtok_r(NULL, " ,.&-/()'\"", &rest))
        if (!is_company_form(word))
            words[count++] = word;
    if (count == 0)
        return "";
    qsort(words, count, sizeof *words, compare_words);

    char *joined = arena_alloc(arena, size + WORDS_MAX + 1);
    char *end = stpcpy(joined, words[0]);
    for (size_t i = 1; i < count; i++)
        end = stpcpy(stpcpy(end, " "), words[i]);
    return joined;
}
