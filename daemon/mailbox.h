#ifndef SAMVERK_MAILBOX_H
#define SAMVERK_MAILBOX_H

/* The one way from thread to thread: a pointer over an inproc socket, and what it
   points to with it. Annotated for ThreadSanitizer, which does not see into libzmq. */

void mailbox_send(void *socket, void *pointer);
/* The next pointer; NULL when there is none (`wait` 0) or the other side is gone. */
void *mailbox_receive(void *socket, int wait);

#endif
