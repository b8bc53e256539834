#ifndef SAMVERK_DISK_H
#define SAMVERK_DISK_H

#include <stddef.h>
#include <sys/types.h>

/* What files need beyond one system call. For storage alone. All give 0 or errno. */

/* All of it, whatever a single write takes. */
int disk_write(int file, const void *data, size_t size);
/* Up to `size` bytes; less in `*got` at the end of the file alone. */
int disk_read(int file, void *data, size_t size, size_t *got);
/* A file that was not there, 0600, synced; its name is not. */
int disk_write_file(const char *path, const void *data, size_t size);
/* The names in a directory are on disk. */
int disk_sync_directory(const char *path);

#endif
