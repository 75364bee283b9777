/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: a full disk refuses the transaction and nothing else; a disk that fails at a commit ends
 * the process; what was committed before is there after both.
 * Method: a VFS between SQLite and the file system whose writes to the log run out of space, or
 * whose syncs of it fail, when told so.
 */
#include "db_testing.h"

#include <sqlite3.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include "db_sqlite.h"

static sqlite3_vfs *real_vfs;
static const sqlite3_io_methods *real_methods;
static sqlite3_io_methods failing_methods;
static int64_t writes_left = INT64_MAX; /* to the log, before the disk is full */
static int sync_result = SQLITE_OK;

static int failing_write(sqlite3_file *f, const void *bytes, int size, sqlite3_int64 at)
{
	if (writes_left-- <= 0)
		return SQLITE_FULL;
	return real_methods->xWrite(f, bytes, size, at);
}

static int failing_sync(sqlite3_file *f, int flags)
{
	if (sync_result != SQLITE_OK)
		return sync_result;
	return real_methods->xSync(f, flags);
}

static int failing_open(sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *f, int flags,
			int *out)
{
	int rc = real_vfs->xOpen(real_vfs, name, f, flags, out);

	if (rc == SQLITE_OK && (flags & SQLITE_OPEN_WAL)) {
		real_methods = f->pMethods;
		failing_methods = *real_methods;
		failing_methods.xWrite = failing_write;
		failing_methods.xSync = failing_sync;
		f->pMethods = &failing_methods;
	}
	return rc;
}

static void install_vfs(void)
{
	static sqlite3_vfs vfs;

	real_vfs = sqlite3_vfs_find(NULL);
	vfs = *real_vfs;
	vfs.zName = "failing";
	vfs.xOpen = failing_open;
	assert_int_equal(sqlite3_vfs_register(&vfs, 1), SQLITE_OK);
}

static void open_house(struct house *h)
{
	struct gx_tx tx;

	writes_left = INT64_MAX;
	sync_result = SQLITE_OK;
	house_open(h);
	assert_int_equal(gx_tx_begin(h->writer, &tx, &h->err), GX_OK);
	assert_int_equal(house_insert(h, &tx, 1, GX_STR("before")), GX_OK);
	assert_int_equal(gx_tx_commit(&tx, &h->err), GX_OK);
}

static uint64_t count_rows(struct house *h)
{
	struct gx_tx tx;

	assert_int_equal(gx_tx_begin(h->writer, &tx, &h->err), GX_OK);
	uint64_t count = house_count(h, &tx);
	gx_tx_rollback(&tx);
	return count;
}

static void test_full_at_commit(void **state)
{
	static const char wish[300000] = "more than one write takes";
	struct house h;
	struct gx_tx tx;

	house_make(&h);
	open_house(&h);
	assert_int_equal(gx_tx_begin(h.writer, &tx, &h.err), GX_OK);
	assert_int_equal(house_insert(&h, &tx, 2, (struct gx_str){ wish, sizeof(wish) }), GX_OK);
	writes_left = 1; /* a part of the commit still fits */
	assert_int_equal(gx_tx_commit(&tx, &h.err), GX_E_OVERLOADED);
	assert_string_equal(h.err.code, "core.storage_full");
	assert_true(h.err.retry_after_s > 0);

	writes_left = INT64_MAX; /* room again: all goes on without a restart */
	assert_int_equal(count_rows(&h), 1);
	assert_int_equal(gx_tx_begin(h.writer, &tx, &h.err), GX_OK);
	assert_int_equal(house_insert(&h, &tx, 3, GX_STR("after")), GX_OK);
	assert_int_equal(gx_tx_commit(&tx, &h.err), GX_OK);
	house_close(&h);
	house_open(&h);
	assert_int_equal(count_rows(&h), 2);
	house_close(&h);
	house_remove(&h);
}

/* A transaction larger than the page cache writes before its commit. When SQLite then gives it up
 * by itself, what follows must not run in a transaction of its own and stay. */
static void test_full_in_the_middle(void **state)
{
	static char wish[30000];
	struct house h;
	struct gx_tx tx;
	enum gx_status st = GX_OK;
	uint64_t id = 10;

	house_make(&h);
	h.writer_cache_kib = 64;
	open_house(&h);
	memset(wish, 'w', sizeof(wish));
	writes_left = 20;
	assert_int_equal(gx_tx_begin(h.writer, &tx, &h.err), GX_OK);
	while (st == GX_OK && id < 1000)
		st = house_insert(&h, &tx, id++, (struct gx_str){ wish, sizeof(wish) });
	assert_int_equal(st, GX_E_OVERLOADED);
	assert_string_equal(h.err.code, "core.storage_full");

	writes_left = INT64_MAX;
	if (tx.conn != NULL && gx_tx_savepoint(&tx, &h.err) == GX_OK) {
		(void)house_insert(&h, &tx, 2, GX_STR("late"));
		gx_tx_savepoint_rollback(&tx);
	}
	st = house_insert(&h, &tx, 3, GX_STR("late"));
	if (st == GX_OK) /* still in the transaction: then it is whole */
		gx_tx_rollback(&tx);
	else
		assert_int_equal(gx_tx_commit(&tx, &h.err), GX_E_OVERLOADED);
	assert_int_equal(count_rows(&h), 1);
	house_close(&h);
	house_remove(&h);
}

static void commit_with_failing_sync(struct house *h, int result)
{
	struct gx_tx tx;

	open_house(h);
	sync_result = result;
	if (gx_tx_begin(h->writer, &tx, &h->err) != GX_OK ||
	    house_insert(h, &tx, 2, GX_STR("unknown")) != GX_OK)
		_exit(1);
	_exit(gx_tx_commit(&tx, &h->err) == GX_OK
		      ? 2
		      : 3); /* a commit must not return after a failed sync */
}

static void test_failed_sync_ends_the_process(void **state)
{
	struct house h;
	int status;

	house_make(&h);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		commit_with_failing_sync(&h, SQLITE_IOERR_FSYNC);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), GX_SQLITE_EXIT_DISK);

	house_open(&h);
	assert_true(count_rows(&h) >= 1);
	house_close(&h);
	house_remove(&h);
}

/* A real full disk: a small tmpfs. Only where mounting is allowed. */
static void test_full_tmpfs(void **state)
{
	struct house h;
	struct gx_tx tx;
	static char wish[10000];
	enum gx_status st = GX_OK;
	uint64_t id = 10;

	house_make(&h);
	if (mount("none", h.folder, "tmpfs", 0, "size=1m") != 0) {
		house_remove(&h);
		skip();
	}
	memset(wish, 'w', sizeof(wish));
	open_house(&h);
	while (st == GX_OK && id < 1000) {
		assert_int_equal(gx_tx_begin(h.writer, &tx, &h.err), GX_OK);
		st = house_insert(&h, &tx, id, (struct gx_str){ wish, sizeof(wish) });
		if (st == GX_OK)
			st = gx_tx_commit(&tx, &h.err);
		else
			gx_tx_rollback(&tx);
		id += st == GX_OK;
		gx_db_between_batches(h.db);
	}
	assert_int_equal(st, GX_E_OVERLOADED);
	assert_int_equal(count_rows(&h), id - 10 + 1); /* what was acknowledged, and no more */
	house_close(&h);
	house_open(&h);
	assert_int_equal(count_rows(&h), id - 10 + 1);
	house_close(&h);
	assert_int_equal(umount(h.folder), 0);
	house_remove(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_full_at_commit),
		cmocka_unit_test(test_full_in_the_middle),
		cmocka_unit_test(test_failed_sync_ends_the_process),
		cmocka_unit_test(test_full_tmpfs),
	};

	install_vfs();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
