/* SPDX-License-Identifier: Apache-2.0 */
/* db_sqlite.h - what the parts of the SQLite engine share. Private to server/db. */
#ifndef GX_DB_SQLITE_H
#define GX_DB_SQLITE_H

#include <sqlite3.h>

#include "db_engine.h"

/* Exit status of a process whose disk failed: what is durable is unknown until the next start. */
#define GX_SQLITE_EXIT_DISK 74
#define GX_SQLITE_BUSY_TIMEOUT_MS 5000

/* A connection with our pragmas, of one thread at a time. `vfs` is SQLite's name of one; NULL: its
 * default. */
enum gx_status gx_sqlite_connect(const char *path, const char *vfs, unsigned cache_kib,
				 sqlite3 **out, struct gx_error *err);
/* Turns a failure of `h` into a status, and logs it. `what` says what was being done. */
enum gx_status gx_sqlite_fail(sqlite3 *h, const char *what, struct gx_error *err);
/* Ends the process: a write to disk failed and its outcome is unknown. */
_Noreturn void gx_sqlite_die(sqlite3 *h, const char *what);
/* VACUUM INTO a file beside the database, complete or absent; keeps the newest few. */
enum gx_status gx_sqlite_backup(sqlite3 *h, const char *path, int64_t now_ms, struct gx_error *err);

/* db_plans.c: appends "query: plan" for each full scan of a table. */
enum gx_status gx_sqlite_check_plan(sqlite3 *h, const struct gx_query *q, struct gx_buf *report,
				    struct gx_error *err);

/* db_checkpoint.c */
struct gx_checkpointer;

/* Starts the thread. `vfs` is for the helper's connections. */
enum gx_status gx_checkpointer_new(const char *path, const char *vfs, unsigned frames_max,
				   sqlite3 *writer, struct gx_checkpointer **out,
				   struct gx_error *err);
/* Joins the thread. NULL is fine. */
void gx_checkpointer_free(struct gx_checkpointer *c);
/* Writer's thread, between two transactions. */
void gx_checkpointer_turn(struct gx_checkpointer *c);
#endif
