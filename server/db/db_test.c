/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: generated queries carry every type both ways; transactions, savepoints and snapshots hold;
 * opening migrates, backs up, and refuses what it does not know.
 * Method: the made-up room `lantern` on a fresh database in a temporary folder per test.
 */
#include "db_testing.h"

#include <dirent.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>

static void begin(struct house *h, struct gx_conn *c, struct gx_tx *tx)
{
	assert_int_equal(gx_tx_begin(c, tx, &h->err), GX_OK);
}

static void commit(struct house *h, struct gx_tx *tx)
{
	assert_int_equal(gx_tx_commit(tx, &h->err), GX_OK);
}

static void run_sql(const char *path, const char *sql)
{
	sqlite3 *h;

	assert_int_equal(sqlite3_open(path, &h), SQLITE_OK);
	assert_int_equal(sqlite3_exec(h, sql, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(h), SQLITE_OK);
}

static void test_types_there_and_back(void **state)
{
	struct house h;
	struct gx_tx tx;
	struct lantern_sql_get_out row;
	bool found;
	struct lantern_sql_insert_in full = {
		.lantern_id = UINT64_C(1) << 62,
		.wish = GX_STR("long\0life"),
		.owner_id = 9,
		.seen_at_ms = -5,
		.note = GX_STR(""),
		.seal = GX_STR("\x00\xff"),
		.size = 0.25,
		.is_lit = true,
		.sky = GX_STR_NULL, /* not nullable: stored as empty */
	};
	struct lantern_sql_insert_in bare = { .lantern_id = 2, .seen_at_ms = INT64_MIN };
	struct lantern_sql_get_in key = { .lantern_id = full.lantern_id };

	house_make(&h);
	house_open(&h);
	begin(&h, h.writer, &tx);
	assert_int_equal(lantern_sql_insert(&tx, &full, NULL, &h.err), GX_OK);
	assert_int_equal(lantern_sql_insert(&tx, &bare, NULL, &h.err), GX_OK);

	assert_int_equal(lantern_sql_get(&h.arena, &tx, &key, &row, &found, &h.err), GX_OK);
	assert_true(found);
	assert_int_equal(row.wish.len, 9);
	assert_memory_equal(row.wish.ptr, "long\0life", 9);
	assert_int_equal(row.owner_id, 9);
	assert_int_equal(row.seen_at_ms, -5);
	assert_non_null(row.note.ptr);
	assert_int_equal(row.note.len, 0);
	assert_int_equal(row.seal.len, 2);
	assert_memory_equal(row.seal.ptr, "\x00\xff", 2);
	assert_true(row.size == 0.25);
	assert_true(row.is_lit);
	assert_non_null(row.sky.ptr);
	assert_int_equal(row.sky.len, 0);

	key.lantern_id = 2;
	assert_int_equal(lantern_sql_get(&h.arena, &tx, &key, &row, &found, &h.err), GX_OK);
	assert_true(found);
	assert_int_equal(row.owner_id, 0);
	assert_true(row.seen_at_ms == INT64_MIN);
	assert_null(row.note.ptr);
	assert_null(row.seal.ptr);
	assert_false(row.is_lit);

	row.owner_id = 77;
	key.lantern_id = 3;
	assert_int_equal(lantern_sql_get(&h.arena, &tx, &key, &row, &found, &h.err), GX_OK);
	assert_false(found);
	assert_int_equal(row.owner_id, 77); /* untouched */
	commit(&h, &tx);
	house_close(&h);
	house_remove(&h);
}

static void test_counts_and_lists(void **state)
{
	struct house h;
	struct gx_tx tx;
	uint64_t changes = 99;
	struct lantern_sql_list_from_out *rows;
	size_t count;
	struct lantern_sql_list_from_in from = { .lantern_id = 11, .count = 1000 };
	struct lantern_sql_put_out_from_in out_from = { .lantern_id = 91 };
	struct lantern_sql_insert_in again = { .lantern_id = 5, .wish = GX_STR("again") };
	struct lantern_sql_rewish_in rewish = { .lantern_id = 5, .wish = GX_STR("new") };
	struct lantern_sql_rewish_out owner;
	bool found;

	house_make(&h);
	house_open(&h);
	begin(&h, h.writer, &tx);
	for (uint64_t i = 1; i <= 100; i++)
		assert_int_equal(house_insert(&h, &tx, i, GX_STR("w")), GX_OK);
	assert_int_equal(tx.writes_count, 100);

	assert_int_equal(lantern_sql_list_from(&h.arena, &tx, &from, &rows, &count, &h.err), GX_OK);
	assert_int_equal(count, 90);
	assert_int_equal(rows[0].lantern_id, 11);
	assert_int_equal(rows[89].lantern_id, 100);
	from.lantern_id = 101;
	assert_int_equal(lantern_sql_list_from(&h.arena, &tx, &from, &rows, &count, &h.err), GX_OK);
	assert_int_equal(count, 0);
	assert_int_equal(tx.writes_count, 100); /* reading counts nothing */

	assert_int_equal(lantern_sql_put_out_from(&tx, &out_from, &changes, &h.err), GX_OK);
	assert_int_equal(changes, 10);
	assert_int_equal(lantern_sql_insert(&tx, &again, &changes, &h.err), GX_OK);
	assert_int_equal(changes, 0);
	assert_int_equal(tx.writes_count, 110);
	assert_int_equal(lantern_sql_rewish(&h.arena, &tx, &rewish, &owner, &found, &h.err), GX_OK);
	assert_true(found);
	assert_int_equal(tx.writes_count, 111);
	rewish.lantern_id = 500;
	assert_int_equal(lantern_sql_rewish(&h.arena, &tx, &rewish, &owner, &found, &h.err), GX_OK);
	assert_false(found);
	assert_int_equal(tx.writes_count, 111);
	commit(&h, &tx);
	house_close(&h);
	house_remove(&h);
}

static void test_savepoints(void **state)
{
	struct house h;
	struct gx_tx tx;

	house_make(&h);
	house_open(&h);
	begin(&h, h.writer, &tx);
	assert_int_equal(house_insert(&h, &tx, 1, GX_STR("kept")), GX_OK);
	assert_int_equal(gx_tx_savepoint(&tx, &h.err), GX_OK);
	assert_int_equal(house_insert(&h, &tx, 2, GX_STR("dropped")), GX_OK);
	gx_tx_savepoint_rollback(&tx);
	assert_int_equal(gx_tx_savepoint(&tx, &h.err), GX_OK);
	assert_int_equal(house_insert(&h, &tx, 3, GX_STR("kept")), GX_OK);
	gx_tx_savepoint_release(&tx);
	assert_int_equal(house_count(&h, &tx), 2);
	commit(&h, &tx);

	begin(&h, h.writer, &tx);
	assert_int_equal(house_insert(&h, &tx, 4, GX_STR("dropped")), GX_OK);
	gx_tx_rollback(&tx);
	begin(&h, h.writer, &tx);
	assert_int_equal(house_count(&h, &tx), 2);
	gx_tx_rollback(&tx);
	house_close(&h);
	house_remove(&h);
}

static void test_reader_sees_its_snapshot(void **state)
{
	struct house h;
	struct gx_conn *reader;
	struct gx_tx writing, reading;

	house_make(&h);
	house_open(&h);
	assert_int_equal(gx_db_reader(h.db, &reader, &h.err), GX_OK);
	begin(&h, reader, &reading); /* before the commit, though it reads only later */
	begin(&h, h.writer, &writing);
	assert_int_equal(house_insert(&h, &writing, 1, GX_STR("w")), GX_OK);
	commit(&h, &writing);
	assert_int_equal(house_count(&h, &reading), 0);
	commit(&h, &reading);
	begin(&h, reader, &reading);
	assert_int_equal(house_count(&h, &reading), 1);
	assert_false(reading.is_write);
	gx_tx_rollback(&reading);
	gx_conn_close(reader);
	house_close(&h);
	house_remove(&h);
}

/* Names in the folder that start with `prefix`; the first is kept in `name`. */
static unsigned count_files(struct house *h, const char *prefix, char *name, size_t size)
{
	DIR *dir = opendir(h->folder);
	unsigned count = 0;

	assert_non_null(dir);
	for (struct dirent *e; (e = readdir(dir)) != NULL;) {
		if (strncmp(e->d_name, prefix, strlen(prefix)) != 0)
			continue;
		if (count++ == 0)
			(void)snprintf(name, size, "%s", e->d_name);
	}
	closedir(dir);
	return count;
}

static void test_migrates_and_backs_up(void **state)
{
	struct house h, old;
	struct gx_tx tx;
	char name[256];
	struct stat info;

	house_make(&h);
	/* An older program: one migration, and no query that needs the second. */
	struct gx_query_set *none = NULL;
	struct gx_migration_set first = lantern_migrations;
	struct gx_db_config config = { .path = h.path };
	first.migrations_count = 1;
	assert_int_equal(gx_db_open(&config, &first, 1, &none, 0, &h.db, &h.err), GX_OK);
	gx_db_close(h.db);
	assert_int_equal(count_files(&h, "test.db.before-", name, sizeof(name)), 0);
	assert_int_equal(stat(h.path, &info), 0);
	assert_int_equal(info.st_mode & 0777, 0600);
	run_sql(h.path, "INSERT INTO lantern (lantern_id, wish, size) VALUES (7, 'old', 1)");

	house_open(&h);
	begin(&h, h.writer, &tx);
	assert_int_equal(house_count(&h, &tx), 1);
	gx_tx_rollback(&tx);
	house_close(&h);
	assert_int_equal(count_files(&h, "test.db.before-", name, sizeof(name)), 1);
	house_open(&h); /* nothing to do: no second backup */
	house_close(&h);
	assert_int_equal(count_files(&h, "test.db.before-", name, sizeof(name)), 1);

	old = h; /* the backup is a whole database of the older program */
	assert_true(snprintf(old.path, sizeof(old.path), "%s/%s", h.folder, name) <
		    (int)sizeof(old.path));
	assert_int_equal(stat(old.path, &info), 0);
	assert_int_equal(info.st_mode & 0777, 0600);
	house_open(&old);
	begin(&old, old.writer, &tx);
	assert_int_equal(house_count(&old, &tx), 1);
	gx_tx_rollback(&tx);
	house_close(&old);
	house_remove(&h);
}

static void test_keeps_the_newest_backups(void **state)
{
	struct house h;
	char name[256], path[200];

	house_make(&h);
	house_open(&h);
	house_close(&h);
	for (int i = 0; i < 4; i++) {
		(void)snprintf(path, sizeof(path), "%s/test.db.before-2001010%dT000000.000Z",
			       h.folder, i);
		FILE *file = fopen(path, "w");
		assert_non_null(file);
		assert_int_equal(fclose(file), 0);
	}
	run_sql(h.path, "DROP TABLE lantern; UPDATE gx_schema SET number = 0");
	house_open(&h);
	house_close(&h);
	assert_int_equal(count_files(&h, "test.db.before-2001", name, sizeof(name)), 2);
	assert_int_equal(count_files(&h, "test.db.before-", name, sizeof(name)), 3);
	(void)snprintf(path, sizeof(path), "%s/test.db.before-20010100T000000.000Z", h.folder);
	assert_int_equal(access(path, F_OK), -1);
	house_remove(&h);
}

static void test_refuses_newer_and_foreign(void **state)
{
	static const struct {
		const char *name, *sql, *code;
	} cases[] = {
		{ "migration", "UPDATE gx_schema SET number = 3", "core.database_newer" },
		{ "room", "INSERT INTO gx_schema VALUES ('moons', 1, 0)", "core.database_newer" },
		{ "format", "PRAGMA user_version = 2", "core.database_newer" },
		{ "foreign", "PRAGMA application_id = 5", "core.database" },
	};

	for (size_t i = 0; i < GX_COUNT(cases); i++) {
		struct house h;
		house_make(&h);
		house_open(&h);
		house_close(&h);
		run_sql(h.path, cases[i].sql);
		assert_int_equal(house_open_with(&h, 2), GX_E_INTERNAL);
		assert_string_equal(h.err.code, cases[i].code);
		assert_true(h.err.detail.len > 0);
		house_remove(&h);
	}
}

static void test_failing_migration_changes_nothing(void **state)
{
	static const struct gx_migration bad[] = {
		{ .number = 1, .sql = "CREATE TABLE fine (a BIGINT)" },
		{ .number = 2,
		  .sql = "CREATE TABLE half (a BIGINT); CREATE TABLE half (a BIGINT)" },
	};
	struct gx_migration_set set = { .room = "bad", .migrations = bad, .migrations_count = 2 };
	struct gx_db_config config;
	struct gx_query_set *none = NULL;
	struct house h;

	house_make(&h);
	config = (struct gx_db_config){ .path = h.path };
	assert_int_equal(gx_db_open(&config, &set, 1, &none, 0, &h.db, &h.err), GX_E_INTERNAL);
	set.migrations_count = 1;
	assert_int_equal(gx_db_open(&config, &set, 1, &none, 0, &h.db, &h.err), GX_OK);
	gx_db_close(h.db);
	run_sql(h.path, "CREATE TABLE half (a BIGINT)"); /* was not left behind */
	house_remove(&h);
}

static void test_wrong_queries_stop_the_start(void **state)
{
	static struct gx_query wrong[] = {
		{ .name = "bad.typo", .sql_sqlite = "SELECT wsh FROM lantern", .outs_count = 1 },
		{ .name = "bad.outs",
		  .sql_sqlite = "SELECT wish, note FROM lantern",
		  .outs_count = 1 },
		{ .name = "bad.write", .sql_sqlite = "DELETE FROM lantern" },
	};

	for (size_t i = 0; i < GX_COUNT(wrong); i++) {
		struct gx_query_set set = { .room = "bad",
					    .queries = &wrong[i],
					    .queries_count = 1 };
		struct gx_query_set *queries[] = { &set };
		struct gx_db_config config;
		struct house h;

		house_make(&h);
		config = (struct gx_db_config){ .path = h.path };
		assert_int_equal(gx_db_open(&config, &lantern_migrations, 1, queries, 1, &h.db,
					    &h.err),
				 GX_OK);
		assert_int_equal(gx_db_writer(h.db, &h.writer, &h.err), GX_E_INTERNAL);
		gx_db_close(h.db);
		house_remove(&h);
	}
}

static void test_full_scans_are_found(void **state)
{
	struct house h;
	struct gx_buf report;

	house_make(&h);
	house_open(&h);
	gx_buf_init(&report, 4096);
	assert_int_equal(gx_db_check_plans(h.db, &report, &h.err), GX_OK);
	gx_buf_append_char(&report, '\0');
	assert_string_equal(report.ptr, "lantern.find_wish: SCAN lantern\n");
	gx_buf_deinit(&report);
	house_close(&h);
	house_remove(&h);
}

/* Whoever meets damage is told, nothing is written from then on, and what is sound is still read.
 */
static void test_damage_stops_writing(void **state)
{
	struct house h;
	struct gx_tx tx;
	struct gx_conn *reader;
	struct lantern_sql_get_out row;
	struct stat about;
	bool has_row;
	int fd;

	(void)state;
	house_make(&h);
	house_open(&h);
	assert_int_equal(gx_tx_begin(h.writer, &tx, &h.err), GX_OK);
	for (uint64_t id = 1; id <= 5000; id++)
		assert_int_equal(house_insert(&h, &tx, id, GX_STR("a wish")), GX_OK);
	assert_int_equal(gx_tx_commit(&tx, &h.err), GX_OK);
	house_close(&h);
	fd = open(h.path, O_RDWR);
	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &about), 0);
	/* The kind of each page in the second half of the file. */
	for (off_t at = about.st_size / 2 / 4096 * 4096; at < about.st_size; at += 4096)
		assert_int_equal(pwrite(fd, "\x77", 1, at), 1);
	close(fd);

	house_open(&h);
	assert_int_equal(gx_db_reader(h.db, &reader, &h.err), GX_OK);
	assert_int_equal(gx_tx_begin(h.writer, &tx, &h.err), GX_OK);
	assert_int_equal(house_insert(&h, &tx, 5001, GX_STR("x")), GX_E_OVERLOADED);
	assert_string_equal(h.err.code, GX_DB_DAMAGED_CODE);
	assert_int_equal(gx_tx_commit(&tx, &h.err), GX_E_OVERLOADED);
	assert_int_equal(gx_tx_begin(h.writer, &tx, &h.err), GX_E_OVERLOADED);
	assert_string_equal(h.err.code, GX_DB_DAMAGED_CODE);
	assert_int_equal(gx_tx_begin(reader, &tx, &h.err), GX_OK);
	assert_int_equal(lantern_sql_get(&h.arena, &tx, &(struct lantern_sql_get_in){ 1 }, &row,
					 &has_row, &h.err),
			 GX_OK);
	assert_true(has_row);
	gx_tx_rollback(&tx);
	gx_conn_close(reader);
	house_close(&h);
	house_remove(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_types_there_and_back),
		cmocka_unit_test(test_counts_and_lists),
		cmocka_unit_test(test_savepoints),
		cmocka_unit_test(test_reader_sees_its_snapshot),
		cmocka_unit_test(test_migrates_and_backs_up),
		cmocka_unit_test(test_keeps_the_newest_backups),
		cmocka_unit_test(test_refuses_newer_and_foreign),
		cmocka_unit_test(test_failing_migration_changes_nothing),
		cmocka_unit_test(test_wrong_queries_stop_the_start),
		cmocka_unit_test(test_full_scans_are_found),
		cmocka_unit_test(test_damage_stops_writing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
