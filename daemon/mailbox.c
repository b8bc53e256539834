#include "mailbox.h"

#include "log.h"

#include <errno.h>
#include <zmq.h>

/* libzmq is not built for the thread sanitizer, which is told here what one thread hands
   to another. */
#if defined(__SANITIZE_THREAD__)
void __tsan_acquire(void *address);
void __tsan_release(void *address);
#define ACQUIRE(pointer) __tsan_acquire(pointer)
#define RELEASE(pointer) __tsan_release(pointer)
#else
#define ACQUIRE(pointer) ((void)(pointer))
#define RELEASE(pointer) ((void)(pointer))
#endif

void mailbox_send(void *socket, void *pointer)
{
    RELEASE(pointer);
    while (zmq_send(socket, &pointer, sizeof pointer, 0) < 0)
        if (errno != EINTR)
            log_fatal("a thread cannot be reached: %s", zmq_strerror(errno));
}

void *mailbox_receive(void *socket, int wait)
{
    void *pointer = NULL;
    int size;

    do
        size = zmq_recv(socket, &pointer, sizeof pointer, wait ? 0 : ZMQ_DONTWAIT);
    while (size < 0 && errno == EINTR);
    if (size != (int)sizeof pointer)
        return NULL;
    ACQUIRE(pointer);
    return pointer;
}
