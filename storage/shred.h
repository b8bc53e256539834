#ifndef SAMVERK_SHRED_H
#define SAMVERK_SHRED_H

/* Overwrite all of an open file with zeros, on disk: its blocks go back to the file
   system as they are, and must hold nothing then. 0 or errno. For storage alone. */
int shred(int file);

/* Overwrite and remove what has this name in the directory (AT_FDCWD: a path), as a crash
   may have left it. 0, also where there is nothing, or errno. */
int shred_remove(int directory, const char *name);

#endif
