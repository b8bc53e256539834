#ifndef SAMVERK_NUMBER_H
#define SAMVERK_NUMBER_H

#include <stdbool.h>

#define NUMBER_TEXT_SIZE 11u

/* A Swedish organisation number as people write it ("556677-8899", with the
   century digits 16 before it, or a sole trader's personal identity number with
   or without its century) to ten digits. False unless its check digit (Luhn)
   holds and, for a sole trader, month and day can be: a coordination number has
   60 added to its day. Any thread. */
bool number_normalise(const char *text, char ten_digits[NUMBER_TEXT_SIZE]);

#endif
