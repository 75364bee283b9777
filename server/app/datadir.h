/* SPDX-License-Identifier: Apache-2.0 */
/*
 * datadir.h - the folder in which everything is kept, and the lock that one server has on it.
 *
 * Invariants: the folder is for its owner only (0700). The lock is an flock() on DIR/lock through a
 *             descriptor that every process of the server inherits: it stays until the last of them
 *             is gone, so a forgotten edge keeps a second server out.
 * Threading:  at start. Memory: details in the caller's arena.
 * Errors:     GX_E_INVALID app.data_dir, GX_E_CONFLICT app.data_dir_in_use.
 */
#ifndef GX_DATADIR_H
#define GX_DATADIR_H

#include "gx.h"

/* Makes the folder if it is missing (its parent must exist) and takes the lock. After a kill -9 of
 * all processes the last of them may still be on its way out: waits up to `wait_ms` for the lock.
 */
GX_NODISCARD enum gx_status gx_datadir_open(struct gx_arena *a, const char *path, int64_t wait_ms,
					    int *lock_fd, struct gx_error *err);
/* While a restore fills the folder it is marked, and whoever else wants it is refused: a restore
 * that was cut short must not be taken for data. */
GX_NODISCARD enum gx_status gx_datadir_mark(struct gx_arena *a, const char *path,
					    struct gx_error *err);
GX_NODISCARD enum gx_status gx_datadir_unmark(struct gx_arena *a, const char *path,
					      struct gx_error *err);
GX_NODISCARD enum gx_status gx_datadir_refuse_marked(struct gx_arena *a, const char *path,
						     struct gx_error *err);

#endif
