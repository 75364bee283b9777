/* SPDX-License-Identifier: Apache-2.0 */
/*
 * db_vfs.h - a shim between SQLite and its file system: few large writes instead of many small
 * ones. Private to server/db.
 *
 * SQLite writes each page of a commit to the log by two calls, and each page of a checkpoint by
 * one. The shim collects what follows on each other and passes it on as one
 * (docs/adr/0006-large-writes.md says why that is safe).
 */
#ifndef GX_DB_VFS_H
#define GX_DB_VFS_H

#include <stdbool.h>

#include <sqlite3.h>

/* What one write carries at most. The unix VFS takes less than 128 KiB at a time. */
#define GX_VFS_WRITE_MAX (30u * (24u + 4096u))

/* The shim over `base`, registered when it is not yet: for the one connection that writes (which
 * then keeps the writer's lock), or for one that makes checkpoints. Not while another thread opens
 * databases. */
const char *gx_vfs_over(sqlite3_vfs *base, bool is_writer);

#endif
