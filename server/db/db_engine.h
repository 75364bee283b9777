/* SPDX-License-Identifier: Apache-2.0 */
/*
 * db_engine.h - what an engine brings: the functions behind db.h. Private to server/db.
 *
 * An engine embeds gx_db, gx_conn and gx_stmt as first members of its own structs. db.c checks what
 * is the same for all engines (states, ownership) before it calls here, so an engine need not.
 * Threading: gx_db's fields don't change after gx_db_open(); a gx_conn belongs to one thread.
 */
#ifndef GX_DB_ENGINE_H
#define GX_DB_ENGINE_H

#include <pthread.h>
#include <stdatomic.h>

#include "db.h"

struct gx_engine;

struct gx_db {
	const struct gx_engine *engine;
	struct gx_query_set **sets; /* what connections prepare; db_queries first */
	size_t sets_count;
	size_t queries_count; /* of all sets */
	struct gx_conn *writer;
	_Atomic uint64_t commits;
	pthread_mutex_t readers_lock;
	struct gx_conn *readers; /* the open ones */
	/* Some connection has met damage: from then on nothing is written. Any thread sets it. */
	_Atomic bool is_damaged;
};

struct gx_conn {
	struct gx_db *db;
	const struct gx_engine *engine;
	bool is_writer;
	struct gx_conn *next_reader;
	_Atomic uint64_t snapshot; /* a reader's: commits it sees, + 1; 0: no transaction */
	bool is_in_tx;
	/* The engine has given up the transaction by itself (disk full): nothing may run in it, and
	 * commit fails with this error. */
	bool is_broken;
	struct gx_error broken;
};

struct gx_stmt {
	struct gx_tx *tx; /* NULL: not in use */
	const struct gx_query *query;
	const struct gx_engine *engine;
};

struct gx_engine {
	/* Opens or makes the database, refuses a foreign one. Fills engine and nothing else. */
	enum gx_status (*open)(const struct gx_db_config *config, struct gx_db **out,
			       struct gx_error *err);
	/* The connections are closed by now. */
	void (*close)(struct gx_db *db);
	/* Prepares the queries of db->sets; `id`s are given. */
	enum gx_status (*conn_open)(struct gx_db *db, bool is_writer, struct gx_conn **out,
				    struct gx_error *err);
	void (*conn_close)(struct gx_conn *c);

	enum gx_status (*begin)(struct gx_conn *c, struct gx_error *err);
	enum gx_status (*commit)(struct gx_conn *c, struct gx_error *err); /* rolls back on error */
	void (*rollback)(struct gx_conn *c);
	enum gx_status (*savepoint)(struct gx_conn *c, struct gx_error *err);
	void (*savepoint_release)(struct gx_conn *c);
	void (*savepoint_rollback)(struct gx_conn *c);
	void (*between_batches)(struct gx_db *db);

	/* Statements of a migration, inside a transaction. */
	enum gx_status (*run_script)(struct gx_conn *c, const char *sql, struct gx_error *err);
	/* Copies the whole database aside under a name with the time; outside a transaction. */
	enum gx_status (*backup)(struct gx_conn *c, int64_t now_ms, struct gx_error *err);
	/* Appends "query: plan" for each full scan. */
	enum gx_status (*check_plan)(struct gx_conn *c, const struct gx_query *q,
				     struct gx_buf *report, struct gx_error *err);

	struct gx_stmt *(*stmt_get)(struct gx_conn *c, const struct gx_query *q);
	void (*bind_i64)(struct gx_stmt *s, unsigned index, int64_t v);
	void (*bind_f64)(struct gx_stmt *s, unsigned index, double v);
	void (*bind_str)(struct gx_stmt *s, unsigned index, struct gx_str v);
	void (*bind_blob)(struct gx_stmt *s, unsigned index, struct gx_str v);
	void (*bind_null)(struct gx_stmt *s, unsigned index);
	enum gx_status (*step)(struct gx_stmt *s, bool *has_row, struct gx_error *err);
	bool (*is_null)(struct gx_stmt *s, unsigned column);
	int64_t (*i64)(struct gx_stmt *s, unsigned column);
	double (*f64)(struct gx_stmt *s, unsigned column);
	struct gx_str (*str)(struct gx_stmt *s, unsigned column);
	uint64_t (*end)(struct gx_stmt *s); /* rows changed */
};

extern const struct gx_engine gx_sqlite_engine;

/* Brings the database to the newest migration of every set, see gx_db_open(). `c` is a writer that
 * has prepared db_queries. */
enum gx_status gx_db_migrate(struct gx_conn *c, const struct gx_migration_set *sets,
			     size_t sets_count, struct gx_error *err);
/* The table that migrations are noted in, made if missing. `c` has prepared nothing. */
enum gx_status gx_db_make_schema(struct gx_conn *c, struct gx_error *err);

#endif
