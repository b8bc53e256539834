#ifndef SAMVERK_SESSION_COMMANDS_H
#define SAMVERK_SESSION_COMMANDS_H

#include "session.h"

/* The commands that the front serves: watch, unwatch, schema, backup. `head` is the
   last revision that was fed to watches. False with the call's error. */
bool session_command(call_t *call, session_t *session, uint64_t head);

#endif
