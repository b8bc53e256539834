#ifndef SIM_WORDS_H
#define SIM_WORDS_H

#include <stdbool.h>

/* The words that a region is made of, in Swedish: trades, subjects, people at work. Nobody
   and no firm is real. */

/* What an employer does. Letters of `asks` are the branches of the subjects it asks for. */
typedef struct {
    const char *name;   /* "Verkstad": "Verkstad 17 AB, Motala" */
    const char *sector; /* SNI 2007, two digits */
    const char *asks;
} trade_t;

/* What is taught: "Grundkurs i svetsning". */
typedef struct {
    const char *name;
    const char *area; /* its code in data/ */
    char branch;      /* 'A': any employer may ask for it */
} subject_t;

/* Who is to learn: "för montörer". */
typedef struct {
    const char *name;
    char branch;
} group_t;

extern const trade_t words_trades[];
extern const unsigned words_n_trades;
extern const subject_t words_subjects[];
extern const unsigned words_n_subjects;
extern const group_t words_groups[];
extern const unsigned words_n_groups;

/* "Grundkurs i " svetsning " för " montörer: what is before the subject and after it, and
   whether the group follows. */
typedef struct {
    const char *before, *after;
    bool group;
} title_t;

extern const title_t words_titles[];
extern const unsigned words_n_titles;

/* The sentences of a description; between the halves of the first, how many they are. */
typedef struct {
    const char *before, *after;
} sentence_t;

extern const sentence_t words_needs[];
extern const unsigned words_n_needs;
extern const char *const words_wishes[];
extern const unsigned words_n_wishes;

/* What a contact is for. */
extern const char *const words_aims[];
extern const unsigned words_n_aims;

#endif
