#ifndef SAMVERK_BACKGROUND_H
#define SAMVERK_BACKGROUND_H

/* The calling thread works on what nobody waits for: it yields the processor to those
   that answer. */
void background_begin(void);

#endif
