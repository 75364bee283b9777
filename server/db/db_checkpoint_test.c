/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: the log restarts again and again under a busy writer and busy readers, no checkpoint ever
 * meets a restart (an assertion in db_checkpoint.c), no snapshot is torn, the file stays whole.
 * Method: a threshold of a few frames; the writer keeps a row count and a byte sum in step with the
 * table; readers compare both inside one snapshot and hold it for a random while.
 */
#include "db_testing.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <sys/stat.h>

#define RESTARTS_WANTED 300 /* GUANXI_TEST_RESTARTS=20000 for a long run */
#define BATCHES_PER_RESTART_MAX 40
#define READERS 3
#define LIVE_ROWS 64

struct reader {
	struct house *h;
	struct gx_conn *conn;
	pthread_t thread;
	_Atomic bool *is_over;
	unsigned seed;
	uint64_t snapshots;
};

/* In every snapshot: LIVE_ROWS rows or none, all wishes of one length, ids in one unbroken run. */
static void check_snapshot(struct reader *r, struct gx_arena *a, struct gx_tx *tx)
{
	struct lantern_sql_list_from_in from = { .lantern_id = 0, .count = 1000 };
	struct lantern_sql_list_from_out *rows;
	size_t count;
	struct gx_error err;

	GX_ASSERT(lantern_sql_list_from(a, tx, &from, &rows, &count, &err) == GX_OK);
	GX_ASSERT(count == LIVE_ROWS || count == 0);
	for (size_t i = 1; i < count; i++) {
		GX_ASSERT(rows[i].lantern_id == rows[0].lantern_id + i);
		GX_ASSERT(gx_str_eq(rows[i].wish, rows[0].wish));
	}
}

static void *run_reader(void *arg)
{
	struct reader *r = arg;
	struct gx_arena a;
	struct gx_tx tx;
	struct gx_error err;

	gx_arena_init(&a);
	while (!atomic_load(r->is_over)) {
		GX_ASSERT(gx_tx_begin(r->conn, &tx, &err) == GX_OK);
		check_snapshot(r, &a, &tx);
		if (rand_r(&r->seed) % 16 == 0)
			usleep((useconds_t)(rand_r(&r->seed) % 2000));
		check_snapshot(r, &a, &tx); /* the same again, after others have written */
		gx_tx_rollback(&tx);
		gx_arena_reset(&a);
		r->snapshots++;
		if (rand_r(&r->seed) % 4 == 0)
			usleep(200);
	}
	gx_arena_deinit(&a);
	return NULL;
}

/* Replaces all rows by LIVE_ROWS new ones with a wish of this batch's own. */
static void write_batch(struct house *h, uint64_t batch)
{
	static const char sky[1200] = "dark";
	struct gx_tx tx;
	char wish[32];
	struct lantern_sql_put_out_from_in all = { .lantern_id = 0 };

	(void)snprintf(wish, sizeof(wish), "%llu", (unsigned long long)batch);
	assert_int_equal(gx_tx_begin(h->writer, &tx, &h->err), GX_OK);
	assert_int_equal(lantern_sql_put_out_from(&tx, &all, NULL, &h->err), GX_OK);
	for (uint64_t i = 0; i < LIVE_ROWS; i++) {
		struct lantern_sql_insert_in in = { .lantern_id = batch + i,
						    .wish = gx_str_from_cstr(wish),
						    .sky = { sky, sizeof(sky) } };
		assert_int_equal(lantern_sql_insert(&tx, &in, NULL, &h->err), GX_OK);
	}
	assert_int_equal(gx_tx_commit(&tx, &h->err), GX_OK);
	gx_db_between_batches(h->db);
}

static void check_file(const char *path)
{
	sqlite3 *h;
	sqlite3_stmt *s;

	assert_int_equal(sqlite3_open(path, &h), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(h, "PRAGMA integrity_check", -1, &s, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(s), SQLITE_ROW);
	assert_string_equal((const char *)sqlite3_column_text(s, 0), "ok");
	assert_int_equal(sqlite3_finalize(s), SQLITE_OK);
	assert_int_equal(sqlite3_close(h), SQLITE_OK);
}

static void test_log_restarts_under_load(void **state)
{
	struct house h;
	struct reader readers[READERS];
	_Atomic bool is_over = false;
	uint64_t batch = 0, snapshots = 0, wanted = RESTARTS_WANTED;
	char log_path[sizeof(h.path) + 8];
	struct stat info;

	if (getenv("GUANXI_TEST_RESTARTS") != NULL)
		wanted = strtoull(getenv("GUANXI_TEST_RESTARTS"), NULL, 10);
	house_make(&h);
	h.log_frames_max = 30; /* a batch or two */
	house_open(&h);
	for (unsigned i = 0; i < READERS; i++) {
		readers[i] = (struct reader){ .h = &h, .is_over = &is_over, .seed = i };
		assert_int_equal(gx_db_reader(h.db, &readers[i].conn, &h.err), GX_OK);
		assert_int_equal(pthread_create(&readers[i].thread, NULL, run_reader, &readers[i]),
				 0);
	}
	int64_t before = atomic_load(&gx_db_metrics[GX_DB_LOG_RESTARTS].value);
	while (atomic_load(&gx_db_metrics[GX_DB_LOG_RESTARTS].value) < before + (int64_t)wanted) {
		write_batch(&h, ++batch);
		assert_true(batch < wanted * BATCHES_PER_RESTART_MAX);
	}
	atomic_store(&is_over, true);
	for (unsigned i = 0; i < READERS; i++) {
		assert_int_equal(pthread_join(readers[i].thread, NULL), 0);
		gx_conn_close(readers[i].conn);
		snapshots += readers[i].snapshots;
	}
	(void)snprintf(log_path, sizeof(log_path), "%s-wal", h.path);
	assert_int_equal(stat(log_path, &info), 0);
	printf("%llu batches, %llu snapshots, log of %lld KiB\n", (unsigned long long)batch,
	       (unsigned long long)snapshots, (long long)info.st_size / 1024);
	assert_true(info.st_size < 32 << 20);
	house_close(&h);
	check_file(h.path);
	house_remove(&h);
}

/* A reader that stays holds the log back; once it is gone the log restarts by itself. */
static void test_old_reader_only_delays(void **state)
{
	struct house h;
	struct gx_conn *reader;
	struct gx_tx tx;
	uint64_t batch = 0;

	house_make(&h);
	h.log_frames_max = 30;
	house_open(&h);
	write_batch(&h, ++batch);
	assert_int_equal(gx_db_reader(h.db, &reader, &h.err), GX_OK);
	assert_int_equal(gx_tx_begin(reader, &tx, &h.err), GX_OK);
	int64_t before = atomic_load(&gx_db_metrics[GX_DB_LOG_RESTARTS].value);
	for (int i = 0; i < 300; i++)
		write_batch(&h, ++batch);
	assert_int_equal(atomic_load(&gx_db_metrics[GX_DB_LOG_RESTARTS].value), before);
	gx_tx_rollback(&tx);
	while (atomic_load(&gx_db_metrics[GX_DB_LOG_RESTARTS].value) == before)
		write_batch(&h, ++batch);
	gx_conn_close(reader);
	house_close(&h);
	check_file(h.path);
	house_remove(&h);
}

static int keep_frames(void *arg, sqlite3 *h, const char *name, int frames)
{
	*(int *)arg = frames;
	return SQLITE_OK;
}

static void run_sql(sqlite3 *h, const char *sql)
{
	assert_int_equal(sqlite3_exec(h, sql, NULL, NULL, NULL), SQLITE_OK);
}

/* Commits, moves the whole log with or without a pin held since before, and commits again. Returns
 * the frames in the log after each commit. */
static void commit_move_commit(const char *path, bool is_pinned, int *first, int *second)
{
	sqlite3 *writer, *pin, *mover;
	int in_log, moved;

	assert_int_equal(sqlite3_open(path, &writer), SQLITE_OK);
	assert_int_equal(sqlite3_open(path, &pin), SQLITE_OK);
	assert_int_equal(sqlite3_open(path, &mover), SQLITE_OK);
	run_sql(writer, "PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0;"
			"CREATE TABLE t (a); INSERT INTO t VALUES (1)");
	run_sql(mover, "SELECT count(*) FROM t");
	(void)sqlite3_wal_hook(writer, keep_frames, first);
	run_sql(writer, "INSERT INTO t VALUES (2)");
	if (is_pinned)
		run_sql(pin, "BEGIN; SELECT 1 FROM sqlite_schema LIMIT 1");
	assert_int_equal(sqlite3_wal_checkpoint_v2(mover, NULL, SQLITE_CHECKPOINT_PASSIVE, &in_log,
						   &moved),
			 SQLITE_OK);
	assert_int_equal(in_log, *first);
	assert_int_equal(moved, *first);
	(void)sqlite3_wal_hook(writer, keep_frames, second);
	run_sql(writer, "INSERT INTO t VALUES (3)");
	assert_int_equal(sqlite3_close(writer), SQLITE_OK);
	assert_int_equal(sqlite3_close(pin), SQLITE_OK);
	assert_int_equal(sqlite3_close(mover), SQLITE_OK);
}

/* What the design relies on: a reader that began while frames were unmoved keeps the log from
 * restarting, even when all of it has been moved since; without it the log restarts. */
static void test_sqlite_keeps_a_pinned_log(void **state)
{
	struct house h;
	int first = 0, second = 0;

	house_make(&h);
	commit_move_commit(h.path, true, &first, &second);
	assert_true(second > first);
	assert_int_equal(unlink(h.path), 0);
	commit_move_commit(h.path, false, &first, &second);
	assert_true(second < first);
	house_remove(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sqlite_keeps_a_pinned_log),
		cmocka_unit_test(test_log_restarts_under_load),
		cmocka_unit_test(test_old_reader_only_delays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
