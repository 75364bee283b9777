/* SPDX-License-Identifier: Apache-2.0 */
/*
 * db_sqlite.c - the SQLite engine: WAL, synchronous=FULL, every statement prepared once.
 *
 * Connections are opened without SQLite's mutexes: each belongs to one thread. Nothing checkpoints
 * by itself (db_checkpoint.c does). When the disk is full SQLite may end the transaction on its
 * own; the connection is then marked broken, so that nothing runs outside a transaction by mistake.
 * When the disk fails at a commit the process ends: an earlier write may or may not be durable.
 */
#include "db_sqlite.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "db_vfs.h"

#define LASTING_LOG_NS (UINT64_C(10) * 1000000000)
#define APPLICATION_ID 0x47584442 /* "GXDB" */
#define FORMAT_VERSION 1
#define READER_CACHE_KIB 2048u
#define WRITER_CACHE_KIB 16384u
#define LOG_FRAMES_MAX 8000u

enum control { BEGIN, COMMIT, ROLLBACK, SNAPSHOT, SAVEPOINT, RELEASE, ROLLBACK_TO, CONTROL_COUNT };

static const char *const reader_controls[CONTROL_COUNT] = {
	[BEGIN] = "BEGIN",
	[COMMIT] = "COMMIT",
	[ROLLBACK] = "ROLLBACK",
	[SNAPSHOT] = "SELECT 1 FROM sqlite_schema LIMIT 1",
};

static const char *const writer_controls[CONTROL_COUNT] = {
	[BEGIN] = "BEGIN IMMEDIATE",  [COMMIT] = "COMMIT",	[ROLLBACK] = "ROLLBACK",
	[SAVEPOINT] = "SAVEPOINT gx", [RELEASE] = "RELEASE gx", [ROLLBACK_TO] = "ROLLBACK TO gx",
};

struct sqlite_stmt {
	struct gx_stmt base;
	sqlite3_stmt *handle;
	bool has_stepped;
};

struct sqlite_conn {
	struct gx_conn base;
	sqlite3 *handle;
	sqlite3_stmt *controls[CONTROL_COUNT];
	struct sqlite_stmt *stmts; /* by query id */
};

struct sqlite_db {
	struct gx_db base;
	char *path;
	const char *vfs;	/* of readers */
	const char *writer_vfs; /* these two collect writes */
	const char *checkpoint_vfs;
	unsigned readers_cache_kib;
	unsigned writer_cache_kib;
	unsigned log_frames_max;
	struct gx_checkpointer *checkpointer; /* while there is a writer */
};

static struct sqlite_stmt *stmt_of(struct gx_stmt *s)
{
	return (struct sqlite_stmt *)(void *)s;
}

static struct sqlite_conn *conn_of(struct gx_conn *c)
{
	return (struct sqlite_conn *)(void *)c;
}

static struct sqlite_db *db_of(struct gx_db *db)
{
	return (struct sqlite_db *)(void *)db;
}

/* ---- errors */

static bool is_full(sqlite3 *h)
{
	int code = sqlite3_extended_errcode(h);

	return (code & 0xff) == SQLITE_FULL || code == SQLITE_IOERR_SHMSIZE;
}

static bool is_damaged(sqlite3 *h)
{
	int code = sqlite3_errcode(h) & 0xff;

	return code == SQLITE_CORRUPT || code == SQLITE_NOTADB;
}

/* A state that lasts would fill the log: what of it goes unsaid is counted and said later. */
struct lasting {
	_Atomic uint64_t told_ns; /* 0: never */
	_Atomic uint64_t unlogged;
};

static struct lasting full_lasting, damaged_lasting;

static void log_lasting(struct lasting *l, enum gx_log_level level, const char *event,
			const char *what, sqlite3 *h)
{
	uint64_t now_ns = gx_clock_mono_ns(), told_ns = atomic_load(&l->told_ns);

	if ((told_ns != 0 && now_ns - told_ns < LASTING_LOG_NS) ||
	    !atomic_compare_exchange_strong(&l->told_ns, &told_ns, now_ns)) {
		atomic_fetch_add(&l->unlogged, 1);
		return;
	}
	gx_log(level, event, GX_F_CSTR("what", what), GX_F_I64("code", sqlite3_extended_errcode(h)),
	       GX_F_CSTR("message", sqlite3_errmsg(h)),
	       GX_F_U64("unlogged", atomic_exchange(&l->unlogged, 0)));
}

enum gx_status gx_sqlite_fail(sqlite3 *h, const char *what, struct gx_error *err)
{
	GX_ASSERT((sqlite3_errcode(h) & 0xff) != SQLITE_NOMEM);

	if (is_full(h)) {
		log_lasting(&full_lasting, GX_LOG_WARN, "db.storage_full", what, h);
		return gx_fail_retry(err, GX_E_OVERLOADED, "core.storage_full", 60);
	}
	if (is_damaged(h)) {
		log_lasting(&damaged_lasting, GX_LOG_ERROR, "db.damaged", what, h);
		return gx_fail_retry(err, GX_E_OVERLOADED, GX_DB_DAMAGED_CODE, 60);
	}
	gx_log(GX_LOG_ERROR, "db.failed", GX_F_CSTR("what", what),
	       GX_F_I64("code", sqlite3_extended_errcode(h)),
	       GX_F_CSTR("message", sqlite3_errmsg(h)));
	return gx_fail(err, GX_E_INTERNAL, "core.database");
}

_Noreturn void gx_sqlite_die(sqlite3 *h, const char *what)
{
	gx_log(GX_LOG_ERROR, "db.disk_failed", GX_F_CSTR("what", what),
	       GX_F_I64("code", sqlite3_extended_errcode(h)),
	       GX_F_CSTR("message", sqlite3_errmsg(h)));
	gx_process_end(GX_SQLITE_EXIT_DISK);
}

/* After a failed statement: if SQLite has left the transaction, the connection says so. */
static enum gx_status fail_in_tx(struct sqlite_conn *c, const char *what, struct gx_error *err)
{
	enum gx_status st = gx_sqlite_fail(c->handle, what, err);

	if (sqlite3_get_autocommit(c->handle)) {
		c->base.is_broken = true;
		c->base.broken = *err;
	}
	return st;
}

/* ---- opening */

static bool exec(sqlite3 *h, const char *sql)
{
	return sqlite3_exec(h, sql, NULL, NULL, NULL) == SQLITE_OK;
}

static void configure_library(void)
{
	static bool is_configured;

	if (is_configured)
		return;
	is_configured = true;
	/* Refused when someone has used SQLite before; then it is merely slower. */
	(void)sqlite3_config(SQLITE_CONFIG_MULTITHREAD);
	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	GX_ASSERT(sqlite3_initialize() == SQLITE_OK);
}

enum gx_status gx_sqlite_connect(const char *path, const char *vfs, unsigned cache_kib,
				 sqlite3 **out, struct gx_error *err)
{
	sqlite3 *h = NULL;
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
	char cache[64];

	if (sqlite3_open_v2(path, &h, flags, vfs) != SQLITE_OK)
		goto failed;
	(void)snprintf(cache, sizeof(cache), "PRAGMA cache_size=-%u", cache_kib);
	sqlite3_extended_result_codes(h, 1);
	sqlite3_busy_timeout(h, GX_SQLITE_BUSY_TIMEOUT_MS);
	if (!exec(h, "PRAGMA journal_mode=WAL") || !exec(h, "PRAGMA synchronous=FULL") ||
	    !exec(h, "PRAGMA wal_autocheckpoint=0") || !exec(h, "PRAGMA temp_store=MEMORY") ||
	    !exec(h, "PRAGMA mmap_size=0") || !exec(h, "PRAGMA secure_delete=FAST") ||
	    !exec(h, cache))
		goto failed;
	*out = h;
	return GX_OK;

failed:;
	enum gx_status st = gx_sqlite_fail(h, path, err);
	sqlite3_close(h);
	return st;
}

static bool read_number(sqlite3 *h, const char *sql, int64_t *out)
{
	sqlite3_stmt *s;
	bool is_ok = false;

	if (sqlite3_prepare_v2(h, sql, -1, &s, NULL) != SQLITE_OK)
		return false;
	if (sqlite3_step(s) == SQLITE_ROW) {
		*out = sqlite3_column_int64(s, 0);
		is_ok = true;
	}
	sqlite3_finalize(s);
	return is_ok;
}

static enum gx_status stamp(sqlite3 *h, struct gx_error *err)
{
	char sql[128];

	(void)snprintf(sql, sizeof(sql),
		       "BEGIN IMMEDIATE; PRAGMA application_id=%d; PRAGMA user_version=%d; COMMIT",
		       APPLICATION_ID, FORMAT_VERSION);
	return exec(h, sql) ? GX_OK : gx_sqlite_fail(h, "stamp", err);
}

/* Ours, of a format that we know, or empty (then it becomes ours). */
static enum gx_status check_format(sqlite3 *h, struct gx_error *err)
{
	int64_t application, version, tables;

	if (!read_number(h, "PRAGMA application_id", &application) ||
	    !read_number(h, "PRAGMA user_version", &version) ||
	    !read_number(h, "SELECT count(*) FROM sqlite_schema", &tables))
		return gx_sqlite_fail(h, "format", err);
	if (application == 0 && tables == 0)
		return stamp(h, err);
	if (application != APPLICATION_ID) {
		gx_log(GX_LOG_ERROR, "db.foreign", GX_F_I64("application_id", application));
		gx_fail(err, GX_E_INTERNAL, "core.database");
		err->detail = GX_STR("This file is a database of another program.");
		return err->status;
	}
	if (version > FORMAT_VERSION) {
		gx_log(GX_LOG_ERROR, "db.newer", GX_F_I64("format", version));
		gx_fail(err, GX_E_INTERNAL, "core.database_newer");
		err->detail = GX_STR("A newer Guanxi has changed this database.");
		return err->status;
	}
	return GX_OK;
}

/* An empty file, if there is none. */
static void make_file(const char *path, const sqlite3_vfs *vfs)
{
	if (strcmp(vfs->zName, "unix") != 0) {
		sqlite3 *h = NULL;
		int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;

		(void)sqlite3_open_v2(path, &h, flags, vfs->zName);
		(void)sqlite3_close(h);
		return;
	}
	/* Private; SQLite gives the log the same rights as the database. */
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd >= 0)
		close(fd);
}

static enum gx_status sqlite_open(const struct gx_db_config *config, struct gx_db **out,
				  struct gx_error *err)
{
	sqlite3 *h;

	configure_library();
	sqlite3_vfs *vfs = sqlite3_vfs_find(config->vfs);
	GX_ASSERT(vfs != NULL);
	make_file(config->path, vfs);
	enum gx_status st = gx_sqlite_connect(config->path, vfs->zName, READER_CACHE_KIB, &h, err);
	if (st != GX_OK)
		return st;
	st = check_format(h, err);
	sqlite3_close(h);
	if (st != GX_OK)
		return st;

	struct sqlite_db *db = gx_heap_alloc(sizeof(*db));
	size_t path_size = strlen(config->path) + 1;
	db->path = gx_heap_alloc(path_size);
	memcpy(db->path, config->path, path_size);
	db->vfs = vfs->zName;
	db->writer_vfs = gx_vfs_over(vfs, true);
	db->checkpoint_vfs = gx_vfs_over(vfs, false);
	db->readers_cache_kib =
		config->readers_cache_kib ? config->readers_cache_kib : READER_CACHE_KIB;
	db->writer_cache_kib =
		config->writer_cache_kib ? config->writer_cache_kib : WRITER_CACHE_KIB;
	db->log_frames_max = config->log_frames_max ? config->log_frames_max : LOG_FRAMES_MAX;
	*out = &db->base;
	return GX_OK;
}

static void sqlite_close(struct gx_db *base)
{
	struct sqlite_db *db = db_of(base);

	gx_heap_free(db->path);
	gx_heap_free(db);
}

/* ---- connections */

static void sqlite_conn_close(struct gx_conn *base)
{
	struct sqlite_conn *c = conn_of(base);
	struct sqlite_db *db = db_of(base->db);

	if (base->is_writer) {
		gx_checkpointer_free(db->checkpointer);
		db->checkpointer = NULL;
	}
	for (size_t i = 0; i < base->db->queries_count; i++)
		sqlite3_finalize(c->stmts[i].handle);
	for (size_t i = 0; i < CONTROL_COUNT; i++)
		sqlite3_finalize(c->controls[i]);
	GX_ASSERT(sqlite3_close(c->handle) == SQLITE_OK);
	gx_heap_free(c->stmts);
	gx_heap_free(c);
}

static enum gx_status prepare(struct sqlite_conn *c, const char *name, const char *sql,
			      sqlite3_stmt **out, struct gx_error *err)
{
	if (sqlite3_prepare_v3(c->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, out, NULL) ==
	    SQLITE_OK)
		return GX_OK;
	return gx_sqlite_fail(c->handle, name, err);
}

/* What sqlgen derived from the text must be what SQLite sees. */
static enum gx_status check_shape(const struct gx_query *q, sqlite3_stmt *s, struct gx_error *err)
{
	if (sqlite3_bind_parameter_count(s) == (int)q->ins_count &&
	    sqlite3_column_count(s) == (int)q->outs_count &&
	    !sqlite3_stmt_readonly(s) == q->is_write)
		return GX_OK;
	gx_log(GX_LOG_ERROR, "db.query_shape", GX_F_CSTR("query", q->name),
	       GX_F_I64("columns", sqlite3_column_count(s)), GX_F_U64("outs", q->outs_count));
	return gx_fail(err, GX_E_INTERNAL, "core.database");
}

static enum gx_status prepare_query(struct sqlite_conn *c, const struct gx_query *q,
				    struct gx_error *err)
{
	struct sqlite_stmt *s = &c->stmts[q->id];
	enum gx_status st;

	s->base.query = q;
	s->base.engine = &gx_sqlite_engine;
	if (q->is_write && !c->base.is_writer)
		return GX_OK;
	st = prepare(c, q->name, q->sql_sqlite, &s->handle, err);
	return st == GX_OK ? check_shape(q, s->handle, err) : st;
}

static enum gx_status prepare_all(struct sqlite_conn *c, struct gx_error *err)
{
	const struct gx_db *db = c->base.db;
	const char *const *controls = c->base.is_writer ? writer_controls : reader_controls;
	enum gx_status st = GX_OK;

	for (size_t i = 0; i < CONTROL_COUNT && st == GX_OK; i++)
		if (controls[i] != NULL)
			st = prepare(c, controls[i], controls[i], &c->controls[i], err);
	for (size_t i = 0; i < db->sets_count && st == GX_OK; i++)
		for (size_t k = 0; k < db->sets[i]->queries_count && st == GX_OK; k++)
			st = prepare_query(c, &db->sets[i]->queries[k], err);
	return st;
}

static enum gx_status sqlite_conn_open(struct gx_db *base, bool is_writer, struct gx_conn **out,
				       struct gx_error *err)
{
	struct sqlite_db *db = db_of(base);
	unsigned cache_kib = is_writer ? db->writer_cache_kib : db->readers_cache_kib;
	const char *vfs = is_writer ? db->writer_vfs : db->vfs;
	sqlite3 *h;
	enum gx_status st = gx_sqlite_connect(db->path, vfs, cache_kib, &h, err);

	if (st != GX_OK)
		return st;
	struct sqlite_conn *c = gx_heap_alloc(sizeof(*c));
	c->base.db = base;
	c->base.engine = &gx_sqlite_engine;
	c->base.is_writer = is_writer;
	c->handle = h;
	c->stmts = gx_heap_alloc_array(base->queries_count, sizeof(*c->stmts));
	st = prepare_all(c, err);
	if (st == GX_OK && !is_writer && !exec(h, "PRAGMA query_only=1"))
		st = gx_sqlite_fail(h, "query_only", err);
	if (st == GX_OK && is_writer)
		st = gx_checkpointer_new(db->path, db->checkpoint_vfs, db->log_frames_max, h,
					 &db->checkpointer, err);
	if (st != GX_OK) {
		sqlite_conn_close(&c->base);
		return st;
	}
	*out = &c->base;
	return GX_OK;
}

/* ---- transactions */

static bool control(struct sqlite_conn *c, enum control which)
{
	sqlite3_stmt *s = c->controls[which];

	(void)sqlite3_step(s);
	return sqlite3_reset(s) == SQLITE_OK;
}

static void sqlite_rollback(struct gx_conn *base)
{
	struct sqlite_conn *c = conn_of(base);

	if (!sqlite3_get_autocommit(c->handle))
		(void)control(c, ROLLBACK);
	GX_ASSERT(sqlite3_get_autocommit(c->handle));
}

static enum gx_status sqlite_begin(struct gx_conn *base, struct gx_error *err)
{
	struct sqlite_conn *c = conn_of(base);

	if (!control(c, BEGIN))
		return gx_sqlite_fail(c->handle, "begin", err);
	/* The first read fixes the snapshot: do it now, not at some later query. */
	if (!base->is_writer && !control(c, SNAPSHOT)) {
		enum gx_status st = gx_sqlite_fail(c->handle, "snapshot", err);
		sqlite_rollback(base);
		return st;
	}
	return GX_OK;
}

static enum gx_status sqlite_commit(struct gx_conn *base, struct gx_error *err)
{
	struct sqlite_conn *c = conn_of(base);

	if (control(c, COMMIT))
		return GX_OK;
	/* Any I/O error here may have left a whole commit on disk that this process would overwrite
	 * and the next start would find. A full disk is told apart: nothing was completed. */
	if ((sqlite3_errcode(c->handle) & 0xff) == SQLITE_IOERR)
		gx_sqlite_die(c->handle, "commit");
	enum gx_status st = gx_sqlite_fail(c->handle, "commit", err);
	sqlite_rollback(base);
	return st;
}

static enum gx_status sqlite_savepoint(struct gx_conn *base, struct gx_error *err)
{
	struct sqlite_conn *c = conn_of(base);

	return control(c, SAVEPOINT) ? GX_OK : fail_in_tx(c, "savepoint", err);
}

/* A failure here would let a refused command's writes through: give up the whole transaction. */
static void control_or_break(struct sqlite_conn *c, enum control which, const char *what)
{
	if (control(c, which))
		return;
	(void)gx_sqlite_fail(c->handle, what, &c->base.broken);
	c->base.is_broken = true;
}

static void sqlite_savepoint_release(struct gx_conn *base)
{
	control_or_break(conn_of(base), RELEASE, "release");
}

static void sqlite_savepoint_rollback(struct gx_conn *base)
{
	control_or_break(conn_of(base), ROLLBACK_TO, "rollback to");
	if (!base->is_broken)
		control_or_break(conn_of(base), RELEASE, "release");
}

static void sqlite_between_batches(struct gx_db *base)
{
	gx_checkpointer_turn(db_of(base)->checkpointer);
}

static enum gx_status sqlite_run_script(struct gx_conn *base, const char *sql, struct gx_error *err)
{
	struct sqlite_conn *c = conn_of(base);

	return exec(c->handle, sql) ? GX_OK : fail_in_tx(c, "script", err);
}

static enum gx_status sqlite_backup(struct gx_conn *base, int64_t now_ms, struct gx_error *err)
{
	return gx_sqlite_backup(conn_of(base)->handle, db_of(base->db)->path, now_ms, err);
}

static enum gx_status sqlite_check_plan(struct gx_conn *base, const struct gx_query *q,
					struct gx_buf *report, struct gx_error *err)
{
	return gx_sqlite_check_plan(conn_of(base)->handle, q, report, err);
}

/* ---- statements */

static struct gx_stmt *sqlite_stmt_get(struct gx_conn *base, const struct gx_query *q)
{
	struct sqlite_stmt *s = &conn_of(base)->stmts[q->id];

	GX_ASSERT(s->handle != NULL);
	s->has_stepped = false;
	return &s->base;
}

static void sqlite_bind_i64(struct gx_stmt *s, unsigned index, int64_t v)
{
	GX_ASSERT(sqlite3_bind_int64(stmt_of(s)->handle, (int)index + 1, v) == SQLITE_OK);
}

static void sqlite_bind_f64(struct gx_stmt *s, unsigned index, double v)
{
	GX_ASSERT(sqlite3_bind_double(stmt_of(s)->handle, (int)index + 1, v) == SQLITE_OK);
}

/* Fails only for a wrong index or a text over SQLite's limit of 1 GB: our mistakes. */
static void sqlite_bind_str(struct gx_stmt *s, unsigned index, struct gx_str v)
{
	const char *ptr = v.ptr == NULL ? "" : v.ptr;

	GX_ASSERT(sqlite3_bind_text64(stmt_of(s)->handle, (int)index + 1, ptr, v.len, SQLITE_STATIC,
				      SQLITE_UTF8) == SQLITE_OK);
}

static void sqlite_bind_blob(struct gx_stmt *s, unsigned index, struct gx_str v)
{
	const char *ptr = v.ptr == NULL ? "" : v.ptr;

	GX_ASSERT(sqlite3_bind_blob64(stmt_of(s)->handle, (int)index + 1, ptr, v.len,
				      SQLITE_STATIC) == SQLITE_OK);
}

static void sqlite_bind_null(struct gx_stmt *s, unsigned index)
{
	GX_ASSERT(sqlite3_bind_null(stmt_of(s)->handle, (int)index + 1) == SQLITE_OK);
}

static enum gx_status sqlite_step(struct gx_stmt *base, bool *has_row, struct gx_error *err)
{
	struct sqlite_stmt *s = stmt_of(base);
	struct sqlite_conn *c = conn_of(base->tx->conn);
	int rc = sqlite3_step(s->handle);

	if (rc == SQLITE_ROW || rc == SQLITE_DONE) {
		s->has_stepped = true;
		*has_row = rc == SQLITE_ROW;
		return GX_OK;
	}
	s->has_stepped = false; /* what it changed is undone */
	enum gx_status st = fail_in_tx(c, base->query->name, err);
	(void)gx_stmt_end(base);
	return st;
}

static bool sqlite_is_null(struct gx_stmt *s, unsigned column)
{
	return sqlite3_column_type(stmt_of(s)->handle, (int)column) == SQLITE_NULL;
}

static int64_t sqlite_i64(struct gx_stmt *s, unsigned column)
{
	return sqlite3_column_int64(stmt_of(s)->handle, (int)column);
}

static double sqlite_f64(struct gx_stmt *s, unsigned column)
{
	return sqlite3_column_double(stmt_of(s)->handle, (int)column);
}

static struct gx_str sqlite_str(struct gx_stmt *s, unsigned column)
{
	sqlite3_stmt *h = stmt_of(s)->handle;
	const char *ptr = sqlite3_column_blob(h, (int)column); /* a text's bytes as they are */
	size_t len = (size_t)sqlite3_column_bytes(h, (int)column);

	return ptr == NULL ? GX_STR("") : (struct gx_str){ ptr, len };
}

static uint64_t sqlite_end(struct gx_stmt *base)
{
	struct sqlite_stmt *s = stmt_of(base);

	(void)sqlite3_reset(s->handle);
	if (!base->query->is_write || !s->has_stepped)
		return 0;
	return (uint64_t)sqlite3_changes64(sqlite3_db_handle(s->handle));
}

const struct gx_engine gx_sqlite_engine = {
	.open = sqlite_open,
	.close = sqlite_close,
	.conn_open = sqlite_conn_open,
	.conn_close = sqlite_conn_close,
	.begin = sqlite_begin,
	.commit = sqlite_commit,
	.rollback = sqlite_rollback,
	.savepoint = sqlite_savepoint,
	.savepoint_release = sqlite_savepoint_release,
	.savepoint_rollback = sqlite_savepoint_rollback,
	.between_batches = sqlite_between_batches,
	.run_script = sqlite_run_script,
	.backup = sqlite_backup,
	.check_plan = sqlite_check_plan,
	.stmt_get = sqlite_stmt_get,
	.bind_i64 = sqlite_bind_i64,
	.bind_f64 = sqlite_bind_f64,
	.bind_str = sqlite_bind_str,
	.bind_blob = sqlite_bind_blob,
	.bind_null = sqlite_bind_null,
	.step = sqlite_step,
	.is_null = sqlite_is_null,
	.i64 = sqlite_i64,
	.f64 = sqlite_f64,
	.str = sqlite_str,
	.end = sqlite_end,
};
