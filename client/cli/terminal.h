#ifndef SAMVERK_TERMINAL_H
#define SAMVERK_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

/* What standard output is: how wide, with colours or not, paged or not. */

typedef enum { TONE_PLAIN, TONE_HEADING, TONE_FAINT, TONE_GOOD, TONE_BAD } tone_t;

/* Once, in main. False after --no-color and --no-pager. */
void terminal_start(bool colours, bool pager);

bool terminal_out(void); /* standard output is a terminal */
bool terminal_in(void);  /* and standard input: someone can be asked */
size_t terminal_width(void);
size_t terminal_height(void);

/* What begins and ends a tone; "" without colours. */
const char *tone_begin(tone_t tone);
const char *tone_end(tone_t tone);

/* Let long output go through the pager (SAMVERK_PAGER, PAGER or less -FIRX) when
   standard output is a terminal. Ended by terminal_page_end, which waits; what is printed
   after it stands below. */
void terminal_page(void);
void terminal_page_end(void);

/* Ask on the terminal; true for yes. */
bool terminal_confirm(const char *question);

#endif
