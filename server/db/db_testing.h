/* SPDX-License-Identifier: Apache-2.0 */
/* db_testing.h - a database in a temporary folder, for the tests of this layer. */
#ifndef GX_DB_TESTING_H
#define GX_DB_TESTING_H

#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "db.h"
#include "lantern_sql.h"

struct house {
	char folder[64];
	char path[400];
	struct gx_arena arena;
	struct gx_error err;
	struct gx_db *db;
	struct gx_conn *writer;
	const char *vfs;
	unsigned log_frames_max;
	unsigned writer_cache_kib;
};

static inline enum gx_status house_open_with(struct house *h, size_t migrations_count)
{
	struct gx_migration_set set = lantern_migrations;
	struct gx_query_set *queries[] = { &lantern_queries };
	struct gx_db_config config = { .path = h->path,
				       .vfs = h->vfs,
				       .log_frames_max = h->log_frames_max,
				       .writer_cache_kib = h->writer_cache_kib };

	set.migrations_count = migrations_count;
	return gx_db_open(&config, &set, 1, queries, 1, &h->db, &h->err);
}

static inline void house_make(struct house *h)
{
	memset(h, 0, sizeof(*h));
	gx_arena_init(&h->arena);
	(void)snprintf(h->folder, sizeof(h->folder), "/tmp/gx_db_test.XXXXXX");
	assert_non_null(mkdtemp(h->folder));
	(void)snprintf(h->path, sizeof(h->path), "%s/test.db", h->folder);
}

static inline void house_open(struct house *h)
{
	assert_int_equal(house_open_with(h, lantern_migrations.migrations_count), GX_OK);
	assert_int_equal(gx_db_writer(h->db, &h->writer, &h->err), GX_OK);
}

static inline void house_close(struct house *h)
{
	gx_conn_close(h->writer);
	gx_db_close(h->db);
}

static inline void house_remove(struct house *h)
{
	char command[128];

	gx_arena_deinit(&h->arena);
	(void)snprintf(command, sizeof(command), "rm -rf '%s'", h->folder);
	assert_int_equal(system(command), 0);
}

static inline enum gx_status house_insert(struct house *h, struct gx_tx *tx, uint64_t id,
					  struct gx_str wish)
{
	struct lantern_sql_insert_in in = {
		.lantern_id = id, .wish = wish, .seen_at_ms = INT64_MIN, .size = 1.5, .is_lit = true
	};

	return lantern_sql_insert(tx, &in, NULL, &h->err);
}

static inline uint64_t house_count(struct house *h, struct gx_tx *tx)
{
	struct lantern_sql_count_out out;
	bool found;

	assert_int_equal(lantern_sql_count(&h->arena, tx, &out, &found, &h->err), GX_OK);
	assert_true(found);
	return out.count;
}

#endif
