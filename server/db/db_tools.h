/* SPDX-License-Identifier: Apache-2.0 */
/*
 * db_tools.h - copying and checking a database, for the command line.
 *
 * Purpose:    what an administrator does with the database as a whole, beside a server that may be
 *             running on it: reads one snapshot, never writes, never moves pages of the log.
 * Threading:  any; blocks for as long as the database is large. Memory: the caller's buffer.
 * Errors:     GX_E_INTERNAL "core.database" or GX_E_OVERLOADED "core.storage_full", logged.
 */
#ifndef GX_DB_TOOLS_H
#define GX_DB_TOOLS_H

#include "gx.h"

/* Writes a consistent copy to `to`, which must not be there yet, and syncs it. What a failed copy
 * has left is removed. */
GX_NODISCARD enum gx_status gx_db_file_copy(const char *from, const char *to, struct gx_error *err);
/* Checks each page, index and constraint. Appends one line for each complaint; none: it is sound.
 * A file that can't be read as a database at all is a complaint too. */
GX_NODISCARD enum gx_status gx_db_file_check(const char *path, struct gx_buf *complaints,
					     struct gx_error *err);

#endif
