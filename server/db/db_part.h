/* SPDX-License-Identifier: Apache-2.0 */
/*
 * db_part.h - a SQLite database that is a part of a larger file. Private to server/db.
 *
 * Purpose:    a backup holds the database beside other things, and copying it there twice would
 * take twice the disk. So the copy is written at its place, and checked there. Invariants: nothing
 * in front of the part is touched. A part that is written is the file's end. Threading:  one
 * connection at a time on a descriptor. Memory: SQLite's.
 */
#ifndef GX_DB_PART_H
#define GX_DB_PART_H

#include <sqlite3.h>

#include "gx.h"

/* To be written: an empty database at `base`, without a journal; the descriptor stays the caller's.
 * On failure *out may be a handle that says why, and must be closed. */
int gx_part_create(int fd, uint64_t base, sqlite3 **out);
/* To be read only. */
int gx_part_open(int fd, uint64_t base, uint64_t size, sqlite3 **out);

#endif
