/* SPDX-License-Identifier: Apache-2.0 */
/*
 * folder.h - copying folders of plain files, for backup and restore.
 *
 * Invariants: never overwrites a file; copies nothing but folders and regular files, privately
 *             (0700, 0600); at most GX_FOLDER_DEPTH_MAX deep.
 * Threading:  any; blocks. Memory: details in the caller's arena.
 * Errors:     GX_E_INVALID or GX_E_INTERNAL app.folder with a detail for people.
 */
#ifndef GX_FOLDER_H
#define GX_FOLDER_H

#include "gx.h"

#define GX_FOLDER_DEPTH_MAX 8u

/* Makes an empty private folder; one that is there must be empty. */
GX_NODISCARD enum gx_status gx_folder_make_empty(struct gx_arena *a, const char *path,
						 struct gx_error *err);
/* Copies a file or a folder with all it holds to `to`, which must not be there. A missing `from` is
 * nothing to copy. A file that vanishes meanwhile is left out. Adds to *files_count. */
GX_NODISCARD enum gx_status gx_folder_copy(struct gx_arena *a, const char *from, const char *to,
					   uint64_t *files_count, struct gx_error *err);
/* Makes all that was copied below `path` durable. */
GX_NODISCARD enum gx_status gx_folder_sync(struct gx_arena *a, const char *path,
					   struct gx_error *err);

#endif
