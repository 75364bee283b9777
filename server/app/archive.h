/* SPDX-License-Identifier: Apache-2.0 */
/*
 * archive.h - the one file of a backup: a tar file that appears when it is whole.
 *
 * Purpose:    writes and reads plain files under short names; any tar program reads it, too.
 * Invariants: nothing is overwritten, and a file has its name only when it is complete and durable:
 * it is written without one (O_TMPFILE), or as NAME.part where the file system knows no nameless
 * files. A file that ends before its end mark is refused. Entries of any size; numbers beyond 8 GiB
 * are written as GNU tar does. Threading:  any; blocks. Memory: details of errors in the arena.
 * Errors:     GX_E_INTERNAL, GX_E_CONFLICT or GX_E_OVERLOADED (a full disk), "app.archive" with a
 *             detail for people.
 */
#ifndef GX_ARCHIVE_H
#define GX_ARCHIVE_H

#include "gx.h"

#define GX_ARCHIVE_BLOCK 512u
#define GX_ARCHIVE_NAME_MAX 99u

struct gx_archive {
	struct gx_arena *arena;
	const char *path;
	const char *part; /* the name while it is written; NULL: it has none */
	int fd;
	uint64_t at; /* where the next entry begins */
};

/* A new one; refuses a path at which something stands. */
GX_NODISCARD enum gx_status gx_archive_create(struct gx_archive *out, struct gx_arena *a,
					      const char *path, struct gx_error *err);
/* Where the bytes of the next entry go; write them with pwrite(), nothing behind them. */
uint64_t gx_archive_base(const struct gx_archive *ar);
/* Ends the entry whose `size` bytes were written there. */
GX_NODISCARD enum gx_status gx_archive_add(struct gx_archive *ar, const char *name, uint64_t size,
					   struct gx_error *err);
/* Makes it durable and gives it its name. The archive is closed in any case. */
GX_NODISCARD enum gx_status gx_archive_finish(struct gx_archive *ar, struct gx_error *err);
/* Closes it; what was being written is gone. */
void gx_archive_abandon(struct gx_archive *ar);

struct gx_archive_entry {
	char name[GX_ARCHIVE_NAME_MAX + 1];
	uint64_t base, size; /* of its bytes in ar->fd */
};

GX_NODISCARD enum gx_status gx_archive_open(struct gx_archive *out, struct gx_arena *a,
					    const char *path, struct gx_error *err);
/* *found is false at the end mark. */
GX_NODISCARD enum gx_status gx_archive_next(struct gx_archive *ar, struct gx_archive_entry *out,
					    bool *found, struct gx_error *err);

#endif
