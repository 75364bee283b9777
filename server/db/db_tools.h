/* SPDX-License-Identifier: Apache-2.0 */
/*
 * db_tools.h - copying and checking a database, for the command line.
 *
 * Purpose:    what an administrator does with the database as a whole, beside a server that may be
 *             running on it: reads one snapshot, never writes, never moves pages of the log.
 * Threading:  any; blocks for as long as the database is large. Memory: the caller's buffer, and a
 *             few megabytes.
 * Errors:     GX_E_INTERNAL "core.database" or "core.storage_damaged", GX_E_OVERLOADED
 *             "core.storage_full"; logged.
 */
#ifndef GX_DB_TOOLS_H
#define GX_DB_TOOLS_H

#include "db.h"

/* Told now and then how far it is. */
struct gx_db_progress {
	void (*tell)(void *arg, uint64_t done_bytes, uint64_t all_bytes);
	void *arg;
};

/* A database as it lies in a file: whole (size 0), or as a part of a larger one. */
struct gx_db_place {
	const char *path; /* of a whole one; else NULL */
	int fd;
	uint64_t base, size;
};

/* Writes a consistent copy of the database to `fd` from `base` on, which becomes its end, page by
 * page without a second copy elsewhere. The caller syncs. */
GX_NODISCARD enum gx_status gx_db_copy_into(const char *from, int fd, uint64_t base,
					    const struct gx_db_progress *progress, uint64_t *size,
					    struct gx_error *err);
/* Checks each page, index and constraint, then runs every query of the sets whose name begins with
 * "check_": each of its rows is a complaint. Appends one line for each; none: it is sound. A file
 * that can't be read as a database at all is a complaint too. */
GX_NODISCARD enum gx_status gx_db_check(const struct gx_db_place *place,
					struct gx_query_set *const *sets, size_t sets_count,
					struct gx_buf *complaints, struct gx_error *err);
/* Runs a query without inputs; `row` gets its first two columns until it answers false. */
GX_NODISCARD enum gx_status gx_db_each(const struct gx_db_place *place, const struct gx_query *q,
				       bool (*row)(void *arg, struct gx_str first, int64_t second),
				       void *arg, struct gx_error *err);

#endif
