#ifndef SAMVERK_FUZZ_MEMORY_FILE_H
#define SAMVERK_FUZZ_MEMORY_FILE_H

/* For what reads files by name: bytes under a name that is no file. */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

typedef struct {
    int descriptor;
    char path[64];
} memory_file_t;

static inline memory_file_t memory_file(const uint8_t *data, size_t size)
{
    memory_file_t self = {.descriptor = memfd_create("fuzz", MFD_CLOEXEC)};
    if (self.descriptor < 0 || write(self.descriptor, data, size) != (ssize_t)size ||
        lseek(self.descriptor, 0, SEEK_SET) != 0)
        abort();
    snprintf(self.path, sizeof self.path, "/proc/self/fd/%d", self.descriptor);
    return self;
}

static inline void memory_file_close(memory_file_t *self)
{
    close(self->descriptor);
}

#endif
