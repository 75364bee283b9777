/* SPDX-License-Identifier: Apache-2.0 */
/* db.c - what is the same on every engine: states, ownership, the order of opening. */
#include <string.h>

#include "db_engine.h"
#include "db_sql.h"

#define ROWS_FIRST 16u

static size_t count_queries(struct gx_query_set *const *sets, size_t sets_count)
{
	size_t count = 0;

	for (size_t i = 0; i < sets_count; i++)
		count += sets[i]->queries_count;
	return count;
}

/* From here on connections prepare these sets; the layer's own one comes first. */
static void use_sets(struct gx_db *db, struct gx_query_set *const *sets, size_t sets_count)
{
	unsigned id = 0;

	gx_heap_free(db->sets);
	db->sets = gx_heap_alloc_array(sets_count + 1, sizeof(*db->sets));
	db->sets[0] = &db_queries;
	for (size_t i = 0; i < sets_count; i++)
		db->sets[i + 1] = sets[i];
	db->sets_count = sets_count + 1;
	db->queries_count = count_queries(db->sets, db->sets_count);
	for (size_t i = 0; i < db->sets_count; i++)
		for (size_t k = 0; k < db->sets[i]->queries_count; k++)
			db->sets[i]->queries[k].id = id++;
}

static enum gx_status make_schema(struct gx_db *db, struct gx_error *err)
{
	struct gx_conn *c;
	enum gx_status st = gx_db_writer(db, &c, err);

	if (st != GX_OK)
		return st;
	st = gx_db_make_schema(c, err);
	gx_conn_close(c);
	return st;
}

static enum gx_status migrate(struct gx_db *db, const struct gx_migration_set *sets,
			      size_t sets_count, struct gx_error *err)
{
	struct gx_conn *c;
	enum gx_status st = gx_db_writer(db, &c, err);

	if (st != GX_OK)
		return st;
	st = gx_db_migrate(c, sets, sets_count, err);
	gx_conn_close(c);
	return st;
}

enum gx_status gx_db_open(const struct gx_db_config *config,
			  const struct gx_migration_set *migrations, size_t migrations_count,
			  struct gx_query_set *const *queries, size_t queries_count,
			  struct gx_db **out, struct gx_error *err)
{
	const struct gx_engine *engine = &gx_sqlite_engine;
	struct gx_db *db;

	GX_ASSERT(config->path != NULL);

	enum gx_status st = engine->open(config, &db, err);
	if (st != GX_OK)
		return st;
	db->engine = engine;
	pthread_mutex_init(&db->readers_lock, NULL);

	st = make_schema(db, err);
	if (st == GX_OK) {
		use_sets(db, NULL, 0);
		st = migrate(db, migrations, migrations_count, err);
	}
	if (st != GX_OK) {
		gx_db_close(db);
		return st;
	}
	use_sets(db, queries, queries_count);
	*out = db;
	return GX_OK;
}

void gx_db_close(struct gx_db *db)
{
	GX_ASSERT(db->writer == NULL);

	gx_heap_free(db->sets);
	db->sets = NULL;
	pthread_mutex_destroy(&db->readers_lock);
	db->engine->close(db);
}

enum gx_status gx_db_writer(struct gx_db *db, struct gx_conn **out, struct gx_error *err)
{
	GX_ASSERT(db->writer == NULL);

	enum gx_status st = db->engine->conn_open(db, true, out, err);
	if (st == GX_OK)
		db->writer = *out;
	return st;
}

enum gx_status gx_db_reader(struct gx_db *db, struct gx_conn **out, struct gx_error *err)
{
	enum gx_status st = db->engine->conn_open(db, false, out, err);

	if (st != GX_OK)
		return st;
	pthread_mutex_lock(&db->readers_lock);
	(*out)->next_reader = db->readers;
	db->readers = *out;
	pthread_mutex_unlock(&db->readers_lock);
	return GX_OK;
}

static void forget_reader(struct gx_conn *c)
{
	struct gx_conn **at = &c->db->readers;

	pthread_mutex_lock(&c->db->readers_lock);
	while (*at != NULL && *at != c)
		at = &(*at)->next_reader;
	if (*at == c)
		*at = c->next_reader;
	pthread_mutex_unlock(&c->db->readers_lock);
}

uint64_t gx_db_commits(const struct gx_db *db)
{
	return atomic_load(&db->commits);
}

/* A reader notes what it will see before its snapshot is taken, so one that is overlooked here sees
 * at least all that is committed by now. */
uint64_t gx_db_oldest_snapshot(struct gx_db *db)
{
	uint64_t oldest = UINT64_MAX;

	pthread_mutex_lock(&db->readers_lock);
	for (const struct gx_conn *c = db->readers; c != NULL; c = c->next_reader) {
		uint64_t noted = atomic_load(&c->snapshot);

		if (noted != 0 && noted - 1 < oldest)
			oldest = noted - 1;
	}
	pthread_mutex_unlock(&db->readers_lock);
	return oldest;
}

void gx_conn_close(struct gx_conn *c)
{
	GX_ASSERT(!c->is_in_tx);

	if (c->is_writer)
		c->db->writer = NULL;
	else
		forget_reader(c);
	c->engine->conn_close(c);
}

/* Writing on could spread damage, and overwrite what might still be saved. */
static enum gx_status note_damage(struct gx_conn *c, enum gx_status st, const struct gx_error *err)
{
	if (st != GX_E_OVERLOADED || strcmp(err->code, GX_DB_DAMAGED_CODE) != 0)
		return st;
	atomic_store(&c->db->is_damaged, true);
	gx_metric_set(&gx_db_metrics[GX_DB_IS_DAMAGED], 1);
	if (c->is_writer && !c->is_broken) {
		c->is_broken = true;
		c->broken = *err;
	}
	return st;
}

enum gx_status gx_tx_begin(struct gx_conn *c, struct gx_tx *tx, struct gx_error *err)
{
	GX_ASSERT(!c->is_in_tx);

	if (c->is_writer && atomic_load(&c->db->is_damaged))
		return gx_fail_retry(err, GX_E_OVERLOADED, GX_DB_DAMAGED_CODE, 60);
	if (!c->is_writer)
		atomic_store(&c->snapshot, gx_db_commits(c->db) + 1);
	enum gx_status st = note_damage(c, c->engine->begin(c, err), err);
	if (st != GX_OK) {
		atomic_store(&c->snapshot, 0);
		return st;
	}
	c->is_in_tx = true;
	c->is_broken = false;
	*tx = (struct gx_tx){ .conn = c, .now_ms = gx_clock_now_ms(), .is_write = c->is_writer };
	return GX_OK;
}

enum gx_status gx_tx_commit(struct gx_tx *tx, struct gx_error *err)
{
	struct gx_conn *c = tx->conn;

	GX_ASSERT(c->is_in_tx);

	c->is_in_tx = false;
	if (c->is_broken) {
		c->engine->rollback(c);
		*err = c->broken;
		return err->status;
	}
	enum gx_status st = note_damage(c, c->engine->commit(c, err), err);
	if (st == GX_OK && c->is_writer)
		atomic_fetch_add(&c->db->commits, 1);
	atomic_store(&c->snapshot, 0);
	return st;
}

void gx_tx_rollback(struct gx_tx *tx)
{
	GX_ASSERT(tx->conn->is_in_tx);

	tx->conn->is_in_tx = false;
	tx->conn->engine->rollback(tx->conn);
	atomic_store(&tx->conn->snapshot, 0);
}

void gx_tx_doom(struct gx_tx *tx, const struct gx_error *err)
{
	struct gx_conn *c = tx->conn;

	GX_ASSERT(c->is_in_tx && tx->is_write && err->status != GX_OK);

	if (!c->is_broken) {
		c->is_broken = true;
		c->broken = *err;
	}
}

enum gx_status gx_tx_savepoint(struct gx_tx *tx, struct gx_error *err)
{
	struct gx_conn *c = tx->conn;

	GX_ASSERT(c->is_in_tx && tx->is_write);

	if (c->is_broken) {
		*err = c->broken;
		return err->status;
	}
	return c->engine->savepoint(c, err);
}

void gx_tx_savepoint_release(struct gx_tx *tx)
{
	GX_ASSERT(tx->conn->is_in_tx);

	if (!tx->conn->is_broken)
		tx->conn->engine->savepoint_release(tx->conn);
}

void gx_tx_savepoint_rollback(struct gx_tx *tx)
{
	GX_ASSERT(tx->conn->is_in_tx);

	if (!tx->conn->is_broken)
		tx->conn->engine->savepoint_rollback(tx->conn);
}

void gx_db_between_batches(struct gx_db *db)
{
	GX_ASSERT(db->writer != NULL && !db->writer->is_in_tx);

	db->engine->between_batches(db);
}

enum gx_status gx_db_check_plans(struct gx_db *db, struct gx_buf *report, struct gx_error *err)
{
	struct gx_conn *c;
	enum gx_status st = gx_db_reader(db, &c, err);

	if (st != GX_OK)
		return st;
	for (size_t i = 0; i < db->sets_count && st == GX_OK; i++)
		for (size_t k = 0; k < db->sets[i]->queries_count && st == GX_OK; k++)
			if (!db->sets[i]->queries[k].is_scan_ok)
				st = c->engine->check_plan(c, &db->sets[i]->queries[k], report,
							   err);
	gx_conn_close(c);
	return st;
}

struct gx_stmt *gx_stmt_begin(struct gx_tx *tx, const struct gx_query *q)
{
	struct gx_conn *c = tx->conn;

	GX_ASSERT(c->is_in_tx);
	GX_ASSERT(tx->is_write || !q->is_write);
	GX_ASSERT(q->id < c->db->queries_count);

	struct gx_stmt *s = c->engine->stmt_get(c, q);
	GX_ASSERT(s->query == q); /* else its set was not given to gx_db_open() */
	GX_ASSERT(s->tx == NULL);
	s->tx = tx;
	return s;
}

void gx_stmt_bind_i64(struct gx_stmt *s, unsigned index, int64_t v)
{
	s->engine->bind_i64(s, index, v);
}

void gx_stmt_bind_f64(struct gx_stmt *s, unsigned index, double v)
{
	s->engine->bind_f64(s, index, v);
}

void gx_stmt_bind_str(struct gx_stmt *s, unsigned index, struct gx_str v)
{
	s->engine->bind_str(s, index, v);
}

void gx_stmt_bind_blob(struct gx_stmt *s, unsigned index, struct gx_str v)
{
	s->engine->bind_blob(s, index, v);
}

void gx_stmt_bind_null(struct gx_stmt *s, unsigned index)
{
	s->engine->bind_null(s, index);
}

enum gx_status gx_stmt_step(struct gx_stmt *s, bool *has_row, struct gx_error *err)
{
	struct gx_conn *c = s->tx->conn;

	if (c->is_broken) {
		(void)gx_stmt_end(s);
		*err = c->broken;
		return err->status;
	}
	return note_damage(c, s->engine->step(s, has_row, err), err);
}

bool gx_stmt_is_null(struct gx_stmt *s, unsigned column)
{
	return s->engine->is_null(s, column);
}

int64_t gx_stmt_i64(struct gx_stmt *s, unsigned column)
{
	return s->engine->i64(s, column);
}

double gx_stmt_f64(struct gx_stmt *s, unsigned column)
{
	return s->engine->f64(s, column);
}

struct gx_str gx_stmt_str(struct gx_stmt *s, unsigned column)
{
	return s->engine->str(s, column);
}

uint64_t gx_stmt_end(struct gx_stmt *s)
{
	struct gx_tx *tx = s->tx;
	uint64_t changes = s->engine->end(s);

	s->tx = NULL;
	if (s->query->is_write)
		tx->writes_count += changes;
	return changes;
}

void *gx_stmt_rows_grow(struct gx_arena *a, void *rows, size_t used, size_t *room, size_t row_size)
{
	if (used < *room)
		return rows;
	*room = *room == 0 ? ROWS_FIRST : *room * 2;
	void *larger = gx_arena_alloc_array(a, *room, row_size);
	if (used > 0)
		memcpy(larger, rows, used * row_size);
	return larger;
}
