#ifndef SAMVERK_REPLAY_H
#define SAMVERK_REPLAY_H

#include "store.h"

#include <stdio.h>

/* Prove the store: every record's checksum, the journal's hash chain without a
   gap, the journal replayed into a fresh store beside it giving the same records,
   index, history and requests, every entry found by its key, every reference leading to
   a record. One line a
   finding on `out`, naming database and key. Returns how many findings, or -1
   with a line when the store cannot be opened or no fresh one made. Works beside a
   running daemon, in another process: all is read in one transaction, during which
   the daemon's file grows instead of being reused. Nothing is left behind. */
int replay_check(const char *directory, FILE *out);

#endif
