/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: a checkpoint takes few writes, and nobody hears of it before all of them; when one fails
 * either SQLite hears of it or the process ends.
 * Method: connections without the engine over a VFS below the shim that counts writes of the
 * database's file and fails each of them in turn.
 */
#include "db_testing.h"

#include <sqlite3.h>
#include <sys/wait.h>

#include "db_sqlite.h"
#include "db_vfs.h"

static sqlite3_vfs *real_vfs;
static const sqlite3_io_methods *real_methods;
static sqlite3_io_methods watching_methods;
static sqlite3_io_methods watching_log_methods;

static struct {
	unsigned writes;
	unsigned writes_unsynced;
	unsigned fails_at; /* this write; 0: none */
	unsigned log_reads;
} seen;

static int watching_write(sqlite3_file *f, const void *bytes, int size, sqlite3_int64 at)
{
	if (++seen.writes == seen.fails_at)
		return SQLITE_IOERR_WRITE;
	seen.writes_unsynced++;
	return real_methods->xWrite(f, bytes, size, at);
}

static int watching_sync(sqlite3_file *f, int flags)
{
	seen.writes_unsynced = 0;
	return real_methods->xSync(f, flags);
}

static int watching_log_read(sqlite3_file *f, void *out, int size, sqlite3_int64 at)
{
	seen.log_reads++;
	return real_methods->xRead(f, out, size, at);
}

static int watching_open(sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *f, int flags,
			 int *out)
{
	int rc = real_vfs->xOpen(real_vfs, name, f, flags, out);

	if (rc == SQLITE_OK && (flags & SQLITE_OPEN_MAIN_DB)) {
		real_methods = f->pMethods;
		watching_methods = *real_methods;
		watching_methods.xWrite = watching_write;
		watching_methods.xSync = watching_sync;
		f->pMethods = &watching_methods;
	}
	if (rc == SQLITE_OK && (flags & SQLITE_OPEN_WAL)) {
		watching_log_methods = *f->pMethods;
		watching_log_methods.xRead = watching_log_read;
		f->pMethods = &watching_log_methods;
	}
	return rc;
}

static void install_vfs(void)
{
	static sqlite3_vfs vfs;

	real_vfs = sqlite3_vfs_find(NULL);
	vfs = *real_vfs;
	vfs.zName = "watching";
	vfs.xOpen = watching_open;
	assert_int_equal(sqlite3_vfs_register(&vfs, 0), SQLITE_OK);
}

/* One who writes, one who makes checkpoints, and one who looks. */
struct three {
	sqlite3 *writer;
	sqlite3 *mover;
	sqlite3 *onlooker;
};

static sqlite3 *connect_over(const struct house *h, const char *vfs)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open_v2(h->path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
					 vfs),
			 SQLITE_OK);
	assert_int_equal(sqlite3_exec(db,
				      "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
				      "PRAGMA wal_autocheckpoint=0",
				      NULL, NULL, NULL),
			 SQLITE_OK);
	return db;
}

static void run_sql(sqlite3 *db, const char *sql)
{
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
}

#define ADD_ROWS                                                                                   \
	"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)"           \
	" INSERT INTO t (a) SELECT zeroblob(1000) FROM n"

static void three_open(struct three *t, const struct house *h)
{
	sqlite3_vfs *watching = sqlite3_vfs_find("watching");

	t->writer = connect_over(h, gx_vfs_over(watching, true));
	t->mover = connect_over(h, gx_vfs_over(watching, false));
	t->onlooker = connect_over(h, NULL);
	run_sql(t->writer, "CREATE TABLE t (id INTEGER PRIMARY KEY, a); " ADD_ROWS);
	memset(&seen, 0, sizeof(seen));
}

static void three_close(struct three *t)
{
	assert_int_equal(sqlite3_close(t->onlooker), SQLITE_OK);
	assert_int_equal(sqlite3_close(t->mover), SQLITE_OK);
	assert_int_equal(sqlite3_close(t->writer), SQLITE_OK);
}

static sqlite3_int64 ask(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *s;

	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &s, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(s), SQLITE_ROW);
	sqlite3_int64 answer = sqlite3_column_int64(s, 0);
	assert_int_equal(sqlite3_finalize(s), SQLITE_OK);
	return answer;
}

static bool is_whole(sqlite3 *db, sqlite3_int64 rows)
{
	return ask(db, "SELECT integrity_check = 'ok' FROM pragma_integrity_check") == 1 &&
	       ask(db, "SELECT count(*) FROM t WHERE length(a) = 1000") == rows;
}

static int move(struct three *t, int *in_log, int *moved)
{
	return sqlite3_wal_checkpoint_v2(t->mover, NULL, SQLITE_CHECKPOINT_PASSIVE, in_log, moved);
}

static void test_few_writes_per_checkpoint(void **state)
{
	struct house h;
	struct three t;
	int in_log, moved;

	house_make(&h);
	three_open(&t, &h);
	assert_int_equal(move(&t, &in_log, &moved), SQLITE_OK);
	assert_true(in_log > 250 && in_log == moved);
	/* Zeros to make room, the pages themselves, page 1 apart. */
	assert_in_range(seen.writes, 2, 2 * (unsigned)moved / 30 + 4);
	assert_int_equal(seen.writes_unsynced, 0);
	assert_in_range(seen.log_reads, 2, (unsigned)moved / 30 + 6);
	assert_true(is_whole(t.onlooker, 1000));

	/* Only a part can be moved while someone looks: it is told at once, without a sync. */
	run_sql(t.onlooker, "BEGIN; SELECT count(*) FROM t");
	run_sql(t.writer, ADD_ROWS);
	run_sql(t.onlooker, "END; BEGIN; SELECT count(*) FROM t");
	run_sql(t.writer, "UPDATE t SET a = randomblob(1000) WHERE id % 2");
	assert_int_equal(move(&t, &in_log, &moved), SQLITE_OK);
	assert_in_range(moved, 250, in_log - 1);
	assert_true(is_whole(t.onlooker, 2000));
	run_sql(t.onlooker, "END");
	assert_true(is_whole(t.onlooker, 2000));
	three_close(&t);
	house_remove(&h);
}

/* Pages that stand in the log in any order, several times each, with old ones behind the last. */
static void test_any_order_in_the_log(void **state)
{
	struct house h;
	struct three t;
	int in_log, moved;
	char sql[200];

	house_make(&h);
	three_open(&t, &h);
	for (unsigned round = 0; round < 30; round++) {
		for (unsigned i = 0; i < 1 + round % 7; i++) {
			(void)snprintf(sql, sizeof(sql),
				       "UPDATE t SET a = randomblob(1000) WHERE id %% %u = %u",
				       2 + (round * 7 + i * 3) % 50, (round + i) % 2);
			run_sql(t.writer, sql);
		}
		/* No frame of the log may stay the newest: only the database is asked then. */
		sqlite3_int64 sum = ask(t.onlooker, "SELECT sum(id * instr(hex(a), '7')) FROM t");
		assert_int_equal(move(&t, &in_log, &moved), SQLITE_OK);
		assert_int_equal(in_log, moved);
		assert_true(is_whole(t.onlooker, 1000));
		assert_int_equal(ask(t.onlooker, "SELECT sum(id * instr(hex(a), '7')) FROM t"),
				 sum);
	}
	three_close(&t);
	house_remove(&h);
}

/* A write of a checkpoint fails: SQLite is told (0), or it did not matter (2: making room), or the
 * process ends with 74; never does anyone read what isn't there. 1: there is no such write. */
static int checkpoint_with_failure(unsigned fails_at)
{
	struct house h;
	struct three t;
	int in_log, moved, status;

	house_make(&h);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		three_open(&t, &h);
		run_sql(t.onlooker, "BEGIN; SELECT count(*) FROM t");
		run_sql(t.writer, ADD_ROWS); /* so that the checkpoint is a partial one */
		seen.fails_at = fails_at;
		int rc = move(&t, &in_log, &moved);
		if (seen.writes < fails_at)
			_exit(rc == SQLITE_OK ? 1 : 99);
		if ((rc != SQLITE_OK && (rc & 0xff) != SQLITE_IOERR) || !is_whole(t.onlooker, 1000))
			_exit(99);
		run_sql(t.onlooker, "END");
		if (move(&t, &in_log, &moved) != SQLITE_OK || in_log != moved)
			_exit(99);
		if (!is_whole(t.onlooker, 2000))
			_exit(99);
		_exit(rc == SQLITE_OK ? 2 : 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	t.onlooker = connect_over(&h, NULL);
	assert_true(is_whole(t.onlooker, 2000));
	assert_int_equal(sqlite3_close(t.onlooker), SQLITE_OK);
	house_remove(&h);
	return WEXITSTATUS(status);
}

static void test_checkpoint_fails_at_any_write(void **state)
{
	unsigned told = 0, ends = 0, harmless = 0, at = 1;
	int status;

	while ((status = checkpoint_with_failure(at)) != 1) {
		assert_true(status == 0 || status == 2 || status == GX_SQLITE_EXIT_DISK);
		told += status == 0;
		harmless += status == 2;
		ends += status == GX_SQLITE_EXIT_DISK;
		at++;
	}
	assert_true(told > 5 && harmless > 5);
	assert_int_equal(ends, 1); /* the last one, of which SQLite would not hear */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_few_writes_per_checkpoint),
		cmocka_unit_test(test_any_order_in_the_log),
		cmocka_unit_test(test_checkpoint_fails_at_any_write),
	};

	install_vfs();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
