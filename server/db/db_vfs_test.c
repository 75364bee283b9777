/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: a commit is one write and one sync of the log; nobody hears of it before both; the writer
 * sees its own pages when they left the cache; a failed write is never forgotten.
 * Method: a VFS below the shim that counts calls on the log, fails when told so, and asks another
 * connection what it sees at the moment of the sync.
 */
#include "db_testing.h"

#include <sqlite3.h>

#include "db_vfs.h"

#define PAGE 4096u

static sqlite3_vfs *real_vfs;
static const sqlite3_io_methods *real_methods;
static sqlite3_io_methods watching_methods;

static struct {
	unsigned writes;
	unsigned syncs;
	int64_t bytes;
	unsigned bytes_most; /* of one write */
	int write_result;
	void (*at_sync)(void *arg);
	void *at_sync_arg;
} seen;

static int watching_write(sqlite3_file *f, const void *bytes, int size, sqlite3_int64 at)
{
	if (seen.write_result != SQLITE_OK)
		return seen.write_result;
	seen.writes++;
	seen.bytes += size;
	if ((unsigned)size > seen.bytes_most)
		seen.bytes_most = (unsigned)size;
	return real_methods->xWrite(f, bytes, size, at);
}

static int watching_sync(sqlite3_file *f, int flags)
{
	seen.syncs++;
	if (seen.at_sync != NULL)
		seen.at_sync(seen.at_sync_arg);
	return real_methods->xSync(f, flags);
}

static int watching_open(sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *f, int flags,
			 int *out)
{
	int rc = real_vfs->xOpen(real_vfs, name, f, flags, out);

	if (rc == SQLITE_OK && (flags & SQLITE_OPEN_WAL)) {
		real_methods = f->pMethods;
		watching_methods = *real_methods;
		watching_methods.xWrite = watching_write;
		watching_methods.xSync = watching_sync;
		f->pMethods = &watching_methods;
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

static void make_open(struct house *h, unsigned writer_cache_kib)
{
	house_make(h);
	h->vfs = "watching";
	h->writer_cache_kib = writer_cache_kib;
	house_open(h);
	memset(&seen, 0, sizeof(seen));
}

static void begin(struct house *h, struct gx_tx *tx)
{
	assert_int_equal(gx_tx_begin(h->writer, tx, &h->err), GX_OK);
}

static void insert(struct house *h, struct gx_tx *tx, uint64_t first, unsigned count, size_t size)
{
	static const char wish[PAGE] = "to see it again";

	for (unsigned i = 0; i < count; i++)
		assert_int_equal(house_insert(h, tx, first + i, (struct gx_str){ wish, size }),
				 GX_OK);
}

static void commit(struct house *h, struct gx_tx *tx)
{
	assert_int_equal(gx_tx_commit(tx, &h->err), GX_OK);
}

static uint64_t count_with(struct house *h, struct gx_conn *c)
{
	struct gx_tx tx;

	assert_int_equal(gx_tx_begin(c, &tx, &h->err), GX_OK);
	uint64_t count = house_count(h, &tx);
	gx_tx_rollback(&tx);
	return count;
}

static void test_one_write_per_commit(void **state)
{
	struct house h;
	struct gx_tx tx;

	make_open(&h, 0);
	for (unsigned i = 0; i < 50; i++) {
		unsigned writes = seen.writes, syncs = seen.syncs;
		bool begins_log = i == 0; /* its header has a write and a sync of its own */

		begin(&h, &tx);
		insert(&h, &tx, 1 + i * 200, 200, 100); /* about ten pages */
		commit(&h, &tx);
		assert_int_equal(seen.writes - writes, 1 + begins_log);
		assert_int_equal(seen.syncs - syncs, 1 + begins_log);
	}
	assert_true(seen.bytes > (int64_t)(50 * 6 * PAGE)); /* it was about pages */
	house_close(&h);
	house_remove(&h);
}

/* As many writes as the bytes need, each of at most GX_VFS_WRITE_MAX. */
static void test_large_commit(void **state)
{
	struct house h;
	struct gx_tx tx;

	make_open(&h, 0);
	begin(&h, &tx);
	insert(&h, &tx, 1, 1, 10);
	commit(&h, &tx);
	memset(&seen, 0, sizeof(seen));
	begin(&h, &tx);
	insert(&h, &tx, 100, 1000, 3000);
	commit(&h, &tx);
	assert_true(seen.bytes > (int64_t)(1000 * 3000));
	assert_int_equal(seen.writes, (seen.bytes + GX_VFS_WRITE_MAX - 1) / GX_VFS_WRITE_MAX);
	assert_int_equal(seen.bytes_most, GX_VFS_WRITE_MAX);
	assert_int_equal(seen.syncs, 1);
	house_close(&h);
	house_remove(&h);
}

struct onlooker {
	struct house *h;
	struct gx_conn *reader;
	uint64_t count;
	unsigned writes;
};

static void look(void *arg)
{
	struct onlooker *o = arg;

	o->count = count_with(o->h, o->reader);
	o->writes = seen.writes;
}

/* What SQLite promises and the shim relies on: all of a commit is written and synced before the
 * wal-index tells of it. */
static void test_told_after_sync(void **state)
{
	struct house h;
	struct gx_tx tx;
	struct onlooker o = { .h = &h };

	make_open(&h, 0);
	assert_int_equal(gx_db_reader(h.db, &o.reader, &h.err), GX_OK);
	begin(&h, &tx);
	insert(&h, &tx, 1, 5, 100);
	commit(&h, &tx);
	seen.at_sync = look;
	seen.at_sync_arg = &o;
	begin(&h, &tx);
	insert(&h, &tx, 10, 7, 100);
	commit(&h, &tx);
	seen.at_sync = NULL;
	assert_int_equal(o.count, 5);
	assert_int_equal(o.writes, seen.writes); /* nothing was written after the sync */
	assert_int_equal(count_with(&h, o.reader), 12);
	gx_conn_close(o.reader);
	house_close(&h);
	house_remove(&h);
}

/* Without a sync at commits (nobody here asks for that) others still see only what is written. */
static void test_told_after_write_without_sync(void **state)
{
	struct house h;
	sqlite3 *writer, *reader;
	sqlite3_stmt *s;

	house_make(&h);
	memset(&seen, 0, sizeof(seen));
	const char *shim = gx_vfs_over(sqlite3_vfs_find("watching"), true);
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
	assert_int_equal(sqlite3_open_v2(h.path, &writer, flags, shim), SQLITE_OK);
	assert_int_equal(sqlite3_exec(writer,
				      "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
				      "CREATE TABLE t (a); INSERT INTO t VALUES (1)",
				      NULL, NULL, NULL),
			 SQLITE_OK);
	assert_int_equal(sqlite3_open(h.path, &reader), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(reader, "SELECT count(*) FROM t", -1, &s, NULL),
			 SQLITE_OK);
	for (int i = 2; i < 10; i++) {
		unsigned syncs = seen.syncs;

		assert_int_equal(sqlite3_exec(writer, "INSERT INTO t VALUES (2)", NULL, NULL, NULL),
				 SQLITE_OK);
		assert_int_equal(seen.syncs, syncs);
		assert_int_equal(sqlite3_step(s), SQLITE_ROW);
		assert_int_equal(sqlite3_column_int(s, 0), i);
		assert_int_equal(sqlite3_reset(s), SQLITE_OK);
	}
	assert_int_equal(sqlite3_finalize(s), SQLITE_OK);
	assert_int_equal(sqlite3_close(reader), SQLITE_OK);
	assert_int_equal(sqlite3_close(writer), SQLITE_OK);
	house_remove(&h);
}

/* A transaction larger than the page cache: pages go to the log early, are read from there, are
 * written again, are undone by a savepoint. */
static void test_pages_that_left_the_cache(void **state)
{
	struct house h;
	struct gx_tx tx;
	struct lantern_sql_put_out_from_in from = { .lantern_id = 2000 };

	make_open(&h, 64);
	begin(&h, &tx);
	insert(&h, &tx, 1, 300, 2000);
	assert_true(seen.writes > 3);
	assert_int_equal(seen.syncs, 1); /* the log's header */
	assert_int_equal(house_count(&h, &tx), 300);
	assert_int_equal(gx_tx_savepoint(&tx, &h.err), GX_OK);
	insert(&h, &tx, 1000, 300, 2000);
	assert_int_equal(house_count(&h, &tx), 600);
	gx_tx_savepoint_rollback(&tx);
	assert_int_equal(house_count(&h, &tx), 300);
	insert(&h, &tx, 2000, 100, 2000);
	assert_int_equal(lantern_sql_put_out_from(&tx, &from, NULL, &h.err), GX_OK);
	insert(&h, &tx, 3000, 10, 2000);
	commit(&h, &tx);
	assert_int_equal(count_with(&h, h.writer), 310);

	begin(&h, &tx);
	insert(&h, &tx, 5000, 300, 2000);
	gx_tx_rollback(&tx);
	seen.bytes = 0;
	begin(&h, &tx);
	insert(&h, &tx, 6000, 1, 2000);
	commit(&h, &tx);
	assert_true(seen.bytes < (int64_t)(8 * PAGE)); /* nothing of what was undone */
	assert_int_equal(count_with(&h, h.writer), 311);
	house_close(&h);
	house_open(&h);
	assert_int_equal(count_with(&h, h.writer), 311);
	house_close(&h);
	house_remove(&h);
}

/* The log can't be written for a while, in the middle of a transaction that leaves the cache:
 * whatever goes wrong where, nothing of it is kept, and all goes on afterwards. */
static void test_write_fails_at_any_time(void **state)
{
	struct house h;
	struct gx_tx tx;

	make_open(&h, 64);
	begin(&h, &tx);
	insert(&h, &tx, 1, 100, 2000);
	commit(&h, &tx);
	for (unsigned failing_at = 0; failing_at < 120; failing_at += 5) {
		enum gx_status st = GX_OK;
		static const char wish[2000] = "in vain";

		begin(&h, &tx);
		for (unsigned i = 0; i < 120 && st == GX_OK; i++) {
			seen.write_result = i >= failing_at ? SQLITE_FULL : SQLITE_OK;
			st = house_insert(&h, &tx, 1000 + i, (struct gx_str){ wish, sizeof(wish) });
		}
		if (st == GX_OK)
			assert_int_equal(gx_tx_commit(&tx, &h.err), GX_E_OVERLOADED);
		else
			gx_tx_rollback(&tx);
		assert_string_equal(h.err.code, "core.storage_full");
		seen.write_result = SQLITE_OK;
		assert_int_equal(count_with(&h, h.writer), 100 + failing_at / 5);
		begin(&h, &tx);
		insert(&h, &tx, 2000 + failing_at, 1, 2000);
		commit(&h, &tx);
	}
	house_close(&h);
	house_open(&h);
	assert_int_equal(count_with(&h, h.writer), 124);
	house_close(&h);
	house_remove(&h);
}

/* ---- the log's file by itself */

struct model {
	unsigned char bytes[256 * 1024];
	int64_t size;
};

#define MODEL_AT (1 << 20) /* in the log, behind what SQLite has there */

static void model_write(struct model *m, sqlite3_file *f, unsigned *seed, int64_t *next)
{
	unsigned char bytes[5000];
	int64_t size = 1 + rand_r(seed) % (int64_t)sizeof(bytes);
	int64_t at = rand_r(seed) % 4 != 0 ? *next : rand_r(seed) % (int64_t)sizeof(m->bytes);

	if (at + size > (int64_t)sizeof(m->bytes))
		at = 0;
	memset(bytes, rand_r(seed), sizeof(bytes));
	int rc = f->pMethods->xWrite(f, bytes, (int)size, MODEL_AT + at);
	assert_true(rc == SQLITE_OK || rc == seen.write_result);
	if (rc != SQLITE_OK)
		return;
	memcpy(m->bytes + at, bytes, (size_t)size);
	*next = at + size;
	if (*next > m->size)
		m->size = *next;
}

static void model_read(const struct model *m, sqlite3_file *f, unsigned *seed)
{
	unsigned char bytes[10000];
	int64_t size = 1 + rand_r(seed) % (int64_t)sizeof(bytes);
	int64_t at = rand_r(seed) % (int64_t)(sizeof(m->bytes) - sizeof(bytes));
	int rc = f->pMethods->xRead(f, bytes, (int)size, MODEL_AT + at);

	if (rc != SQLITE_OK && rc == seen.write_result)
		return;
	assert_int_equal(rc, at + size <= m->size ? SQLITE_OK : SQLITE_IOERR_SHORT_READ);
	assert_memory_equal(bytes, m->bytes + at, (size_t)size);
}

static void model_end(struct model *m, sqlite3_file *f, unsigned *seed)
{
	sqlite3_int64 size;

	if (m->size > 0 && rand_r(seed) % 8 == 0) {
		int64_t shorter = rand_r(seed) % m->size;
		if (f->pMethods->xTruncate(f, MODEL_AT + shorter) == SQLITE_OK) {
			memset(m->bytes + shorter, 0, (size_t)(m->size - shorter));
			m->size = shorter;
		}
	}
	int rc = f->pMethods->xFileSize(f, &size);
	assert_true(rc == SQLITE_OK || rc == seen.write_result);
	if (rc == SQLITE_OK && m->size > 0)
		assert_int_equal(size, MODEL_AT + m->size);
	rc = f->pMethods->xSync(f, SQLITE_SYNC_NORMAL);
	assert_int_equal(rc, rc == SQLITE_OK ? SQLITE_OK : seen.write_result);
}

/* The log's file as a file, at random: what was taken is there, however often a write below failed
 * meanwhile. */
static void test_log_is_a_file(void **state)
{
	static struct model m;
	struct house h;
	sqlite3 *db;
	sqlite3_file *f = NULL;
	unsigned seed = 7;
	int64_t next = 0;

	house_make(&h);
	memset(&seen, 0, sizeof(seen));
	memset(&m, 0, sizeof(m));
	assert_int_equal(sqlite3_open_v2(h.path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
					 gx_vfs_over(sqlite3_vfs_find("watching"), true)),
			 SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "PRAGMA journal_mode=WAL; CREATE TABLE t (a)", NULL, NULL,
				      NULL),
			 SQLITE_OK);
	assert_int_equal(sqlite3_file_control(db, NULL, SQLITE_FCNTL_JOURNAL_POINTER, &f),
			 SQLITE_OK);
	for (int i = 0; i < 20000; i++) {
		int choice = rand_r(&seed) % 100;

		seen.write_result = rand_r(&seed) % 10 == 0 ? SQLITE_FULL : SQLITE_OK;
		if (choice < 70)
			model_write(&m, f, &seed, &next);
		else if (choice < 98)
			model_read(&m, f, &seed);
		else
			model_end(&m, f, &seed);
	}
	seen.write_result = SQLITE_OK;
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	house_remove(&h);
}

/* From the first commit to the end of the writer others can read, but not write. */
static void test_writers_lock_is_kept(void **state)
{
	struct house h;
	struct gx_tx tx;
	sqlite3 *other;

	make_open(&h, 0);
	begin(&h, &tx);
	insert(&h, &tx, 1, 1, 10);
	commit(&h, &tx);
	assert_int_equal(sqlite3_open(h.path, &other), SQLITE_OK);
	assert_int_equal(sqlite3_exec(other, "SELECT count(*) FROM lantern", NULL, NULL, NULL),
			 SQLITE_OK);
	assert_int_equal(sqlite3_exec(other, "DELETE FROM lantern", NULL, NULL, NULL), SQLITE_BUSY);
	house_close(&h);
	assert_int_equal(sqlite3_exec(other, "DELETE FROM lantern", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(other), SQLITE_OK);
	house_remove(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_write_per_commit),
		cmocka_unit_test(test_large_commit),
		cmocka_unit_test(test_told_after_sync),
		cmocka_unit_test(test_told_after_write_without_sync),
		cmocka_unit_test(test_pages_that_left_the_cache),
		cmocka_unit_test(test_write_fails_at_any_time),
		cmocka_unit_test(test_log_is_a_file),
		cmocka_unit_test(test_writers_lock_is_kept),
	};

	install_vfs();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
