/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: the disk in memory is a disk: the engine works on it with readers and checkpoints; what is
 * synced stays through a power failure and nothing else need to; faults come where they are asked.
 * Method: the engine for the first, SQLite's own file calls with known bytes for the rest.
 */
#include "db_testing.h"

#include <sqlite3.h>

#include "db_testing_disk.h"

#define SIZE 3000 /* six sectors */

/* ---- files by hand */

static sqlite3_file *open_file(const char *path, int flags)
{
	sqlite3_vfs *vfs = sqlite3_vfs_find("disk");
	sqlite3_file *f = gx_heap_alloc((size_t)vfs->szOsFile);

	if (vfs->xOpen(vfs, path, f, flags | SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK)
		return f;
	gx_heap_free(f);
	return NULL;
}

static void close_file(sqlite3_file *f)
{
	assert_int_equal(f->pMethods->xClose(f), SQLITE_OK);
	gx_heap_free(f);
}

static int write_all(sqlite3_file *f, char c)
{
	char bytes[SIZE];

	memset(bytes, c, sizeof(bytes));
	return f->pMethods->xWrite(f, bytes, SIZE, 0);
}

static int sync_file(sqlite3_file *f)
{
	return f->pMethods->xSync(f, SQLITE_SYNC_NORMAL);
}

/* A synced file of 'a' with a name for good, and 'b' written over it. */
static struct gx_disk *disk_with_b_over_a(void)
{
	struct gx_disk *d = gx_disk_new("disk", 1);
	sqlite3_file *f = open_file("/f", SQLITE_OPEN_WAL | SQLITE_OPEN_CREATE);

	assert_int_equal(write_all(f, 'a'), SQLITE_OK);
	assert_int_equal(sync_file(f), SQLITE_OK);
	assert_int_equal(write_all(f, 'b'), SQLITE_OK);
	close_file(f);
	return d;
}

static size_t count_bytes(struct gx_disk *d, char c)
{
	char bytes[SIZE];
	size_t count = 0;

	assert_true(gx_disk_peek(d, "/f", 0, bytes, SIZE));
	for (size_t i = 0; i < SIZE; i++)
		count += bytes[i] == c;
	return count;
}

static void test_bytes_after_power_loss(void **state)
{
	struct gx_disk *d = disk_with_b_over_a();
	unsigned none = 0, all = 0, some = 0;

	assert_int_equal(count_bytes(d, 'b'), SIZE);
	for (uint64_t seed = 0; seed < 300; seed++) {
		struct gx_disk *copy = gx_disk_copy(d, "copy", GX_DISK_LOSE_RANDOM, seed);
		size_t count = count_bytes(copy, 'b');

		assert_int_equal(count + count_bytes(copy, 'a'), SIZE);
		assert_true(count % GX_DISK_SECTOR == 0 || count % GX_DISK_SECTOR == SIZE % 512);
		none += count == 0;
		all += count == SIZE;
		some += count != 0 && count != SIZE;
		gx_disk_free(copy);
	}
	assert_true(none > 20 && all > 20 && some > 20);

	struct gx_disk *copy = gx_disk_copy(d, "copy", GX_DISK_LOSE_NOTHING, 0);
	assert_int_equal(count_bytes(copy, 'b'), SIZE);
	gx_disk_free(copy);
	gx_disk_power_on(d, GX_DISK_LOSE_ALL, 0);
	assert_int_equal(count_bytes(d, 'a'), SIZE);
	gx_disk_free(d);
}

static void test_names_after_power_loss(void **state)
{
	struct gx_disk *d = gx_disk_new("disk", 1);
	sqlite3_vfs *vfs = sqlite3_vfs_find("disk");
	sqlite3_file *f = open_file("/f", SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_CREATE);

	assert_int_equal(write_all(f, 'a'), SQLITE_OK);
	assert_int_equal(sync_file(f), SQLITE_OK); /* its bytes, but not its name */
	struct gx_disk *copy = gx_disk_copy(d, "copy", GX_DISK_LOSE_ALL, 0);
	assert_int_equal(gx_disk_file_size(copy, "/f"), -1);
	gx_disk_free(copy);

	sqlite3_file *log = open_file("/g", SQLITE_OPEN_WAL | SQLITE_OPEN_CREATE);
	assert_int_equal(sync_file(log), SQLITE_OK); /* the folder too */
	copy = gx_disk_copy(d, "copy", GX_DISK_LOSE_ALL, 0);
	assert_int_equal(gx_disk_file_size(copy, "/f"), SIZE);
	assert_int_equal(gx_disk_file_size(copy, "/g"), 0);
	gx_disk_free(copy);

	assert_int_equal(vfs->xDelete(vfs, "/f", 0), SQLITE_OK);
	assert_int_equal(gx_disk_file_size(d, "/f"), -1);
	copy = gx_disk_copy(d, "copy", GX_DISK_LOSE_ALL, 0);
	assert_int_equal(gx_disk_file_size(copy, "/f"), SIZE); /* back again */
	gx_disk_free(copy);
	assert_int_equal(vfs->xDelete(vfs, "/g", 1), SQLITE_OK);
	copy = gx_disk_copy(d, "copy", GX_DISK_LOSE_ALL, 0);
	assert_int_equal(gx_disk_file_size(copy, "/f"), -1);
	gx_disk_free(copy);
	close_file(f);
	close_file(log);
	gx_disk_free(d);
}

struct plan {
	uint64_t at;
	enum gx_disk_fault fault;
};

static enum gx_disk_fault fail_as_planned(void *arg, const struct gx_disk_step *step)
{
	const struct plan *p = arg;

	return step->number == p->at ? p->fault : GX_DISK_WORKS;
}

static void test_faults(void **state)
{
	static const struct {
		enum gx_disk_fault fault;
		int want;
		bool is_off;
		size_t arrived_max;
	} cases[] = {
		{ GX_DISK_WORKS, SQLITE_OK, false, SIZE },
		{ GX_DISK_IO_ERROR, SQLITE_IOERR_WRITE, false, 0 },
		{ GX_DISK_FULL, SQLITE_FULL, false, SIZE - 1 },
		{ GX_DISK_TORN, SQLITE_IOERR_WRITE, false, SIZE - 1 },
		{ GX_DISK_POWER_LOSS, SQLITE_IOERR_WRITE, true, SIZE },
	};

	for (size_t i = 0; i < GX_COUNT(cases); i++) {
		struct gx_disk *d = disk_with_b_over_a();
		sqlite3_file *f = open_file("/f", SQLITE_OPEN_WAL);
		struct plan plan = { gx_disk_steps(d), cases[i].fault };
		char byte;

		gx_disk_watch(d, fail_as_planned, &plan);
		assert_int_equal(write_all(f, 'c'), cases[i].want);
		assert_int_equal(gx_disk_is_off(d), cases[i].is_off);
		assert_true(count_bytes(d, 'c') <= cases[i].arrived_max);
		assert_int_equal(f->pMethods->xRead(f, &byte, 1, 0),
				 cases[i].is_off ? SQLITE_IOERR_READ : SQLITE_OK);
		assert_int_equal(sync_file(f), cases[i].is_off ? SQLITE_IOERR_FSYNC : SQLITE_OK);
		assert_null(open_file("/new", SQLITE_OPEN_WAL));
		close_file(f);
		gx_disk_power_on(d, GX_DISK_LOSE_ALL, 0);
		if (cases[i].fault == GX_DISK_POWER_LOSS)
			assert_int_equal(count_bytes(d, 'a'), SIZE);
		gx_disk_free(d);
	}
}

/* ---- the engine */

static void open_house(struct house *h)
{
	house_make(h);
	h->vfs = "disk";
	h->log_frames_max = 30;
	(void)snprintf(h->path, sizeof(h->path), "/a.db");
	house_open(h);
}

static void put(struct house *h, uint64_t id)
{
	static const char wish[3000] = "kept";
	struct gx_tx tx;

	assert_int_equal(gx_tx_begin(h->writer, &tx, &h->err), GX_OK);
	assert_int_equal(house_insert(h, &tx, id, (struct gx_str){ wish, sizeof(wish) }), GX_OK);
	assert_int_equal(gx_tx_commit(&tx, &h->err), GX_OK);
	gx_db_between_batches(h->db);
}

static uint64_t count_with(struct house *h, struct gx_conn *c)
{
	struct gx_tx tx;

	assert_int_equal(gx_tx_begin(c, &tx, &h->err), GX_OK);
	uint64_t count = house_count(h, &tx);
	gx_tx_rollback(&tx);
	return count;
}

static void test_engine(void **state)
{
	struct gx_disk *d = gx_disk_new("disk", 1);
	struct house h;
	struct gx_conn *reader;
	uint64_t id = 0;
	int64_t restarts = atomic_load(&gx_db_metrics[GX_DB_LOG_RESTARTS].value);

	open_house(&h);
	assert_int_equal(gx_db_reader(h.db, &reader, &h.err), GX_OK);
	while (atomic_load(&gx_db_metrics[GX_DB_LOG_RESTARTS].value) < restarts + 5) {
		put(&h, ++id);
		if (id % 10 == 0)
			assert_int_equal(count_with(&h, reader), id);
		assert_true(id < 100000);
	}
	gx_conn_close(reader);
	house_close(&h);
	assert_int_equal(gx_disk_file_size(d, "/a.db-wal"), -1);
	house_open(&h);
	assert_int_equal(count_with(&h, h.writer), id);
	house_close(&h);
	gx_disk_free(d);
	house_remove(&h);
}

/* The engine is left where it stands; another one finds what was committed. */
static void test_power_off_and_on(void **state)
{
	static const enum gx_disk_loss losses[] = { GX_DISK_LOSE_ALL, GX_DISK_LOSE_NOTHING,
						    GX_DISK_LOSE_RANDOM };
	struct gx_disk *d = gx_disk_new("disk", 1);
	struct house h;
	struct gx_tx tx;

	open_house(&h);
	for (uint64_t i = 0; i < 60; i++) {
		put(&h, i + 1);
		assert_int_equal(gx_tx_begin(h.writer, &tx, &h.err), GX_OK);
		assert_int_equal(house_insert(&h, &tx, 1000, GX_STR("lost")), GX_OK);
		if (i % 4 == 3) {
			gx_tx_rollback(&tx);
			gx_disk_process_died(d);
			house_close(&h);
		} else {
			gx_disk_power_off(d);
			gx_tx_rollback(&tx);
			house_close(&h);
			gx_disk_power_on(d, losses[i % 4], i);
		}
		house_open(&h);
		assert_int_equal(count_with(&h, h.writer), i + 1);
	}
	house_close(&h);
	gx_disk_free(d);
	house_remove(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bytes_after_power_loss),
		cmocka_unit_test(test_names_after_power_loss),
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_engine),
		cmocka_unit_test(test_power_off_and_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
