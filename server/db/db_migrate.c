/* SPDX-License-Identifier: Apache-2.0 */
/*
 * db_migrate.c - brings an older database up, and keeps off a newer one.
 *
 * Nothing is changed before all rooms have been compared; a database that holds data is copied
 * aside first; each migration is one transaction together with the note that it has run, so that a
 * crash in between goes on where it stopped.
 */
#include "db_engine.h"
#include "db_sql.h"

enum gx_status gx_db_make_schema(struct gx_conn *c, struct gx_error *err)
{
	struct gx_tx tx;
	enum gx_status st = gx_tx_begin(c, &tx, err);

	if (st != GX_OK)
		return st;
	for (size_t i = 0; i < db_migrations.migrations_count && st == GX_OK; i++)
		st = c->engine->run_script(c, db_migrations.migrations[i].sql, err);
	if (st == GX_OK)
		return gx_tx_commit(&tx, err);
	gx_tx_rollback(&tx);
	return st;
}

static const struct gx_migration_set *find_set(const struct gx_migration_set *sets, size_t count,
					       struct gx_str room)
{
	for (size_t i = 0; i < count; i++)
		if (gx_str_eq(gx_str_from_cstr(sets[i].room), room))
			return &sets[i];
	return NULL;
}

static uint64_t number_of(const struct db_sql_schema_list_out *rows, size_t count, const char *room)
{
	for (size_t i = 0; i < count; i++)
		if (gx_str_eq(rows[i].room, gx_str_from_cstr(room)))
			return rows[i].number;
	return 0;
}

/* A room that this program does not have counts as newer too: its data would rot unseen. */
static enum gx_status refuse_newer(const struct db_sql_schema_list_out *rows, size_t rows_count,
				   const struct gx_migration_set *sets, size_t sets_count,
				   struct gx_error *err)
{
	for (size_t i = 0; i < rows_count; i++) {
		const struct gx_migration_set *set = find_set(sets, sets_count, rows[i].room);
		uint64_t known = set == NULL ? 0 : set->migrations_count;

		if (rows[i].number <= known)
			continue;
		gx_log(GX_LOG_ERROR, "db.newer", GX_F_STR("room", rows[i].room),
		       GX_F_U64("database", rows[i].number), GX_F_U64("program", known));
		gx_fail(err, GX_E_INTERNAL, "core.database_newer");
		err->detail = GX_STR("A newer Guanxi has changed this database. Start that one, or "
				     "put back the backup that it made beside the database.");
		return err->status;
	}
	return GX_OK;
}

static enum gx_status run_migration(struct gx_conn *c, const char *room,
				    const struct gx_migration *m, struct gx_error *err)
{
	struct gx_tx tx;
	enum gx_status st = gx_tx_begin(c, &tx, err);

	if (st != GX_OK)
		return st;
	st = c->engine->run_script(c, m->sql, err);
	if (st == GX_OK) {
		struct db_sql_schema_put_in in = { .room = gx_str_from_cstr(room),
						   .number = m->number,
						   .now_ms = tx.now_ms };
		st = db_sql_schema_put(&tx, &in, NULL, err);
	}
	if (st == GX_OK)
		st = gx_tx_commit(&tx, err);
	else
		gx_tx_rollback(&tx);
	if (st != GX_OK)
		gx_log(GX_LOG_ERROR, "db.migration_failed", GX_F_CSTR("room", room),
		       GX_F_U64("number", m->number));
	return st;
}

static enum gx_status list_schema(struct gx_arena *a, struct gx_conn *c,
				  struct db_sql_schema_list_out **rows, size_t *count,
				  struct gx_error *err)
{
	struct gx_tx tx;
	enum gx_status st = gx_tx_begin(c, &tx, err);

	if (st != GX_OK)
		return st;
	st = db_sql_schema_list(a, &tx, rows, count, err);
	gx_tx_rollback(&tx);
	return st;
}

static enum gx_status migrate(struct gx_arena *a, struct gx_conn *c,
			      const struct gx_migration_set *sets, size_t sets_count,
			      struct gx_error *err)
{
	struct db_sql_schema_list_out *rows;
	size_t rows_count;
	bool is_saved;
	enum gx_status st = list_schema(a, c, &rows, &rows_count, err);

	if (st == GX_OK)
		st = refuse_newer(rows, rows_count, sets, sets_count, err);
	is_saved = rows_count == 0; /* nothing to save */
	for (size_t i = 0; i < sets_count && st == GX_OK; i++) {
		uint64_t done = number_of(rows, rows_count, sets[i].room);

		for (size_t k = done; k < sets[i].migrations_count && st == GX_OK; k++) {
			GX_ASSERT(sets[i].migrations[k].number == k + 1);
			if (!is_saved)
				st = c->engine->backup(c, gx_clock_now_ms(), err);
			is_saved = true;
			if (st == GX_OK)
				st = run_migration(c, sets[i].room, &sets[i].migrations[k], err);
		}
	}
	return st;
}

enum gx_status gx_db_migrate(struct gx_conn *c, const struct gx_migration_set *sets,
			     size_t sets_count, struct gx_error *err)
{
	struct gx_arena a;

	gx_arena_init(&a);
	enum gx_status st = migrate(&a, c, sets, sets_count, err);
	gx_arena_deinit(&a);
	return st;
}
