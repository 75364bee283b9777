/* SPDX-License-Identifier: Apache-2.0 */
/*
 * folder.h - folders of plain files, for backup and restore.
 *
 * Invariants: heeds nothing but folders and regular files, at most GX_FOLDER_DEPTH_MAX deep;
 * follows no link. Threading:  any; blocks. Memory: details in the caller's arena. Errors:
 * GX_E_INTERNAL app.folder with a detail for people.
 */
#ifndef GX_FOLDER_H
#define GX_FOLDER_H

#include "gx.h"

#define GX_FOLDER_DEPTH_MAX 8u

/* Makes an empty private folder; one that is there must be empty. */
GX_NODISCARD enum gx_status gx_folder_make_empty(struct gx_arena *a, const char *path,
						 struct gx_error *err);
/* Calls `file` for each file below `path`, with its path from there on, until one fails. A missing
 * folder has none. What vanishes meanwhile may be left out. */
typedef enum gx_status (*gx_folder_file)(void *arg, const char *path, struct gx_error *err);
GX_NODISCARD enum gx_status gx_folder_walk(struct gx_arena *a, const char *path,
					   gx_folder_file file, void *arg, struct gx_error *err);
/* Takes away all that is below `path`, as far as it can. */
void gx_folder_clear(const char *path);
/* Makes all that was written below `path` durable. */
GX_NODISCARD enum gx_status gx_folder_sync(struct gx_arena *a, const char *path,
					   struct gx_error *err);

#endif
