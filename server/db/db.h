/* SPDX-License-Identifier: Apache-2.0 */
/*
 * db.h - transactions and typed queries on an engine that can be exchanged.
 *
 * Purpose:    the one way to the database. Room code never sees SQL: tools/sqlgen.py turns a
 *             room's .sql file into structs and functions that call what stands here.
 * Engines:    a struct gx_engine of functions; SQLite today, shaped so that PostgreSQL fits beside
 * it. Connections: one writer (the command thread's) and a reader per reader thread. A reader's
 * transaction is a snapshot. Threading:  a connection and its transactions belong to one thread.
 * Memory:     rows are copied into the caller's arena.
 * Errors:     GX_E_INTERNAL "core.database" (logged with the engine's message), GX_E_OVERLOADED
 * "core.storage_full" for a full disk, "core.storage_damaged" for a damaged file: whoever meets
 * damage first makes the database read-only for this process. A constraint that fails is the
 * caller's mistake: check first, write after; `:exec` with ON CONFLICT DO NOTHING reports 0
 * changes.
 */
#ifndef GX_DB_H
#define GX_DB_H

#include "gx.h"
#include "metrics.h"

struct gx_conn;

/* One named query, made by sqlgen. `id` is its index in the connection's prepared statements, given
 * by gx_db_open(). */
struct gx_query {
	const char *name; /* "chat.message_insert" */
	const char *sql_sqlite;
	const char *sql_postgres;
	unsigned ins_count;
	unsigned outs_count;
	bool is_write;	 /* not prepared on readers */
	bool is_scan_ok; /* a full scan is meant: gx_db_check_plans() lets it pass */
	unsigned id;
};

/* All queries of one .sql file: `<room>_queries`. */
struct gx_query_set {
	const char *room;
	struct gx_query *queries;
	size_t queries_count;
};

struct gx_migration {
	unsigned number; /* 1, 2, … without gaps per room */
	const char *sql;
};

/* A room's migrations, in order of number; rooms are migrated in the order of their list. */
struct gx_migration_set {
	const char *room;
	const struct gx_migration *migrations;
	size_t migrations_count;
};

struct gx_db_config {
	const char *path;	    /* SQLite: the database file */
	const char *vfs;	    /* SQLite: where files are; NULL: its default, the disk */
	unsigned readers_cache_kib; /* page cache at most, of each reader; 0: 2 MiB */
	unsigned writer_cache_kib;  /* 0: 16 MiB */
	unsigned log_frames_max;    /* pages in the log that start a checkpoint; 0: 8,000 */
};

/* Of an error: the file is not what was written. */
#define GX_DB_DAMAGED_CODE "core.storage_damaged"

struct gx_db;
struct gx_core; /* of a layer above; only carried */
struct gx_outbox;

/* A transaction: what is written, and (through the outbox) what is told once that is durable. */
struct gx_tx {
	struct gx_conn *conn;
	int64_t now_ms; /* one time for the whole transaction */
	bool is_write;
	uint64_t writes_count; /* rows changed so far: tells whether a refused command must be
				  rolled back */
	struct gx_core *core;  /* set by the core; NULL in store tests */
	uint64_t position; /* set by the core on readers: the snapshot holds all events up to it */
	struct gx_outbox *outbox; /* set by the core on the command thread; NULL on readers */
};

/* Opens (or makes) the database, refuses one that a newer binary has migrated
 * ("core.database_newer"), makes a backup beside it before migrating one that holds data, applies
 * missing migrations (one transaction each), gives the queries their ids. */
GX_NODISCARD enum gx_status gx_db_open(const struct gx_db_config *config,
				       const struct gx_migration_set *migrations,
				       size_t migrations_count, struct gx_query_set *const *queries,
				       size_t queries_count, struct gx_db **out,
				       struct gx_error *err);
void gx_db_close(struct gx_db *db);

/* Connections: every statement is prepared here, so that a typo stops the start. */
GX_NODISCARD enum gx_status gx_db_writer(struct gx_db *db, struct gx_conn **out,
					 struct gx_error *err);
GX_NODISCARD enum gx_status gx_db_reader(struct gx_db *db, struct gx_conn **out,
					 struct gx_error *err);
void gx_conn_close(struct gx_conn *c);

/* Begin on a writer or a snapshot on a reader. tx->now_ms is set. */
GX_NODISCARD enum gx_status gx_tx_begin(struct gx_conn *c, struct gx_tx *tx, struct gx_error *err);
/* When it returns GX_OK all is durable. GX_E_OVERLOADED: rolled back, nothing happened. A failed
 * sync ends the process: what is on disk is then unknown, and only a restart finds out. */
GX_NODISCARD enum gx_status gx_tx_commit(struct gx_tx *tx, struct gx_error *err);
void gx_tx_rollback(struct gx_tx *tx);
/* Nothing of the transaction may be kept: from here on all in it fails with `err`, its commit too.
 */
void gx_tx_doom(struct gx_tx *tx, const struct gx_error *err);
/* One level of savepoint, for a command that can fail after writing. */
GX_NODISCARD enum gx_status gx_tx_savepoint(struct gx_tx *tx, struct gx_error *err);
void gx_tx_savepoint_release(struct gx_tx *tx);
void gx_tx_savepoint_rollback(struct gx_tx *tx);

/* Commits of the writer so far. */
uint64_t gx_db_commits(const struct gx_db *db);
/* The smallest number of commits that a reader's open transaction is sure to see; UINT64_MAX when
 * none is open. What memory holds beside the tables may go when they are younger. Writer's thread.
 */
uint64_t gx_db_oldest_snapshot(struct gx_db *db);

/* Between two batches on the command thread: lets a grown log restart when the checkpointer has
 * caught up. Cheap when there is nothing to do. */
void gx_db_between_batches(struct gx_db *db);

/* Counters of the checkpointer, for the metrics page. */
enum gx_db_metric {
	GX_DB_CHECKPOINTS,
	GX_DB_CHECKPOINT_NS,
	GX_DB_LOG_RESTARTS,
	GX_DB_LOG_FRAMES,
	GX_DB_IS_DAMAGED,
	GX_DB_METRICS_COUNT
};
extern struct gx_metric gx_db_metrics[GX_DB_METRICS_COUNT];

/* For tests: asks the engine how it would carry out each query; appends a line "query: plan" for
 * each full scan that its .sql file does not allow with `-- @scan ok: reason`. */
GX_NODISCARD enum gx_status gx_db_check_plans(struct gx_db *db, struct gx_buf *report,
					      struct gx_error *err);

/* What generated code calls. A statement is used as: begin, bind all, step until false, end.
 * Strings and blobs are borrowed until _end; column strings until the next step. */
struct gx_stmt;
struct gx_stmt *gx_stmt_begin(struct gx_tx *tx, const struct gx_query *q);
void gx_stmt_bind_i64(struct gx_stmt *s, unsigned index, int64_t v); /* index from 0 */
void gx_stmt_bind_f64(struct gx_stmt *s, unsigned index, double v);
void gx_stmt_bind_str(struct gx_stmt *s, unsigned index, struct gx_str v);
void gx_stmt_bind_blob(struct gx_stmt *s, unsigned index, struct gx_str v);
void gx_stmt_bind_null(struct gx_stmt *s, unsigned index);
/* GX_OK with *has_row; an error ends the statement by itself. */
GX_NODISCARD enum gx_status gx_stmt_step(struct gx_stmt *s, bool *has_row, struct gx_error *err);
bool gx_stmt_is_null(struct gx_stmt *s, unsigned column);
int64_t gx_stmt_i64(struct gx_stmt *s, unsigned column);
double gx_stmt_f64(struct gx_stmt *s, unsigned column);
struct gx_str gx_stmt_str(struct gx_stmt *s, unsigned column);
/* Ends the use; returns the rows changed. */
uint64_t gx_stmt_end(struct gx_stmt *s);
/* Room for one more row in an array of the arena: `rows`, or a larger copy when `used` fills *room.
 */
void *gx_stmt_rows_grow(struct gx_arena *a, void *rows, size_t used, size_t *room, size_t row_size);

#endif
