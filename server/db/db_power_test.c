/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: whenever the power fails, what was acknowledged is there, wholly and in order, and nothing
 * of what was not finished; whatever single write or sync fails, the same holds, and the engine
 * goes on or ends the process.
 * Method: hundreds of commits on a disk in memory, some larger than the page cache, some rolled
 * back, with checkpoints that commits fall into. Before every single step of the disk, copies are
 * made as a power failure at this moment might leave them; the engine opens each and the content
 * is compared with what it should be after one of the commits that were under way. All in one
 * thread, so that a seed repeats: the checkpointer's helper does its work at once.
 * GUANXI_TEST_POWER=N takes N seeds instead of one, more images a step, and fails every step.
 */
#include "db_testing.h"

#include <malloc.h>
#include <sqlite3.h>

#include "db_sqlite.h"
#include "db_testing_disk.h"
#include "helper.h"

#define COMMITS 120
#define ROWS_MAX 40
#define MARK_ID 1 /* this row's text is the number of the commit */

/* ---- instead of a thread and of an end: found before those of the libraries */

struct gx_helper {
	void (*work)(void *arg);
	void *arg;
	bool is_done;
};

struct gx_helper *gx_helper_new(const char *name, void (*work)(void *arg), void *arg)
{
	struct gx_helper *h = gx_heap_alloc(sizeof(*h));

	*h = (struct gx_helper){ .work = work, .arg = arg };
	return h;
}

void gx_helper_free(struct gx_helper *h)
{
	gx_heap_free(h);
}

/* After a round that moved something nothing of it is left for the writer's thread to sync. */
static struct {
	struct gx_disk *disk;
	const char *path;
	uint64_t seen;
} rounds;

void gx_helper_ask(struct gx_helper *h)
{
	h->work(h->arg);
	rounds.seen++;
	if (rounds.disk != NULL)
		assert_int_equal(gx_disk_unsynced(rounds.disk, rounds.path), 0);
	h->is_done = true;
}

bool gx_helper_is_idle(const struct gx_helper *h)
{
	return !h->is_done;
}

bool gx_helper_take(struct gx_helper *h)
{
	bool is_done = h->is_done;

	h->is_done = false;
	return is_done;
}

/* A process may end inside a checkpoint, which then frees nothing. */
const char *__lsan_default_suppressions(void);

const char *__lsan_default_suppressions(void)
{
	return "leak:libsqlite3\n";
}

static jmp_buf process_ended;

_Noreturn void gx_process_end(int status)
{
	assert_int_equal(status, GX_SQLITE_EXIT_DISK);
	longjmp(process_ended, 1);
}

_Noreturn void gx_assert_failed(const char *condition, const char *file, int line)
{
	(void)fprintf(stderr, "%s:%d: %s\n", file, line, condition);
	abort();
}

static bool is_long(void)
{
	return getenv("GUANXI_TEST_POWER") != NULL;
}

static uint64_t seeds_wanted(void)
{
	return is_long() ? strtoull(getenv("GUANXI_TEST_POWER"), NULL, 10) : 1;
}

/* ---- a life of a database, and what it should hold after each commit */

struct row {
	uint64_t id;
	uint64_t version;
	size_t size;
};

struct life {
	uint64_t seed;
	uint64_t random;
	struct gx_disk *disk;
	struct house house;
	struct row rows[ROWS_MAX];
	size_t rows_count;
	uint64_t next_id;
	uint64_t digest;
	uint64_t digests[COMMITS + 1]; /* by number of commit */
	uint64_t begun;		       /* commits, perhaps not acknowledged */
	uint64_t acked;
	bool is_nested;	 /* a commit inside a checkpoint */
	uint64_t images; /* looked at */
	uint64_t nested; /* commits */
};

static uint64_t below(struct life *l, uint64_t n)
{
	l->random ^= l->random << 13;
	l->random ^= l->random >> 7;
	l->random ^= l->random << 17;
	return l->random % n;
}

static uint64_t digest_bytes(uint64_t id, const char *bytes, size_t size)
{
	uint64_t h = UINT64_C(14695981039346656037) ^ id;

	for (size_t i = 0; i < size; i++)
		h = (h ^ (unsigned char)bytes[i]) * UINT64_C(1099511628211);
	return h;
}

static struct gx_str text_of(const struct row *r)
{
	static char text[30000];
	size_t size = (size_t)snprintf(text, sizeof(text), "%llu.%llu ", (unsigned long long)r->id,
				       (unsigned long long)r->version);

	if (r->size > size)
		memset(text + size, (int)('a' + r->version % 26), r->size - size);
	return (struct gx_str){ text, r->size > size ? r->size : size };
}

static uint64_t digest_row(const struct row *r)
{
	struct gx_str text = text_of(r);

	return digest_bytes(r->id, text.ptr, text.len);
}

static size_t some_size(struct life *l)
{
	switch (below(l, 12)) {
	case 0:
		return 20000;
	case 1:
		return 5000;
	default:
		return 20 + below(l, 200);
	}
}

static enum gx_status insert_row(struct life *l, struct gx_tx *tx)
{
	struct row *r = &l->rows[l->rows_count];

	*r = (struct row){ .id = ++l->next_id, .size = some_size(l) };
	l->rows_count++;
	l->digest += digest_row(r);
	return house_insert(&l->house, tx, r->id, text_of(r));
}

static enum gx_status rewrite_row(struct life *l, struct gx_tx *tx, struct row *r)
{
	struct lantern_sql_rewish_out out;
	bool found;

	l->digest -= digest_row(r);
	r->version++;
	l->digest += digest_row(r);
	struct lantern_sql_rewish_in in = { .lantern_id = r->id, .wish = text_of(r) };
	return lantern_sql_rewish(&l->house.arena, tx, &in, &out, &found, &l->house.err);
}

/* The newest few go. */
static enum gx_status delete_rows(struct life *l, struct gx_tx *tx)
{
	size_t kept = l->rows_count - 1 - below(l, l->rows_count / 2);
	struct lantern_sql_put_out_from_in in = { .lantern_id = l->rows[kept].id };

	while (l->rows_count > kept)
		l->digest -= digest_row(&l->rows[--l->rows_count]);
	return lantern_sql_put_out_from(tx, &in, NULL, &l->house.err);
}

static enum gx_status change(struct life *l, struct gx_tx *tx)
{
	if (l->rows_count < 4 || (l->rows_count < ROWS_MAX && below(l, 2) == 0))
		return insert_row(l, tx);
	if (l->rows_count == ROWS_MAX || below(l, 10) == 0)
		return delete_rows(l, tx);
	return rewrite_row(l, tx, &l->rows[below(l, l->rows_count)]);
}

static enum gx_status put_mark(struct life *l, struct gx_tx *tx, uint64_t number)
{
	char text[32];
	struct lantern_sql_rewish_in in = { .lantern_id = MARK_ID };
	struct lantern_sql_rewish_out out;
	bool found;
	int size = snprintf(text, sizeof(text), "%llu", (unsigned long long)number);

	in.wish = (struct gx_str){ text, (size_t)size };
	if (number == 1)
		return house_insert(&l->house, tx, MARK_ID, in.wish);
	return lantern_sql_rewish(&l->house.arena, tx, &in, &out, &found, &l->house.err);
}

static enum gx_status change_some(struct life *l, struct gx_tx *tx)
{
	enum gx_status st = GX_OK;

	for (uint64_t left = 1 + below(l, 8); left > 0 && st == GX_OK; left--)
		st = change(l, tx);
	return st;
}

/* One transaction, as drawn; on any failure the model goes back. */
static enum gx_status transact(struct life *l)
{
	struct life before = *l;
	bool is_given_up = below(l, 8) == 0;
	struct gx_tx tx;

	enum gx_status st = gx_tx_begin(l->house.writer, &tx, &l->house.err);
	if (st == GX_OK) {
		st = put_mark(l, &tx, l->acked + 1);
		if (st == GX_OK)
			st = change_some(l, &tx);
		if (st == GX_OK && !is_given_up) {
			l->begun = l->acked + 1;
			l->digests[l->begun] = l->digest;
			st = gx_tx_commit(&tx, &l->house.err);
		} else {
			gx_tx_rollback(&tx);
		}
	}
	if (st == GX_OK && !is_given_up) {
		l->acked = l->begun;
	} else {
		memcpy(l->rows, before.rows, sizeof(l->rows));
		l->rows_count = before.rows_count;
		l->digest = before.digest;
		l->begun = l->acked; /* refused for good */
	}
	gx_arena_reset(&l->house.arena);
	return st;
}

/* ---- looking at what is left */

static uint64_t digest_found(struct house *h, uint64_t *mark)
{
	struct lantern_sql_list_from_in in = { .count = ROWS_MAX * 2 };
	struct lantern_sql_list_from_out *rows;
	size_t count;
	struct gx_tx tx;
	uint64_t digest = 0;

	*mark = 0;
	assert_int_equal(gx_tx_begin(h->writer, &tx, &h->err), GX_OK);
	assert_int_equal(lantern_sql_list_from(&h->arena, &tx, &in, &rows, &count, &h->err), GX_OK);
	for (size_t i = 0; i < count; i++) {
		if (rows[i].lantern_id == MARK_ID)
			*mark = strtoull(rows[i].wish.ptr, NULL, 10);
		else
			digest += digest_bytes(rows[i].lantern_id, rows[i].wish.ptr,
					       rows[i].wish.len);
	}
	gx_tx_rollback(&tx);
	gx_arena_reset(&h->arena);
	return digest;
}

static void check_integrity(const struct house *h)
{
	sqlite3 *db;
	sqlite3_stmt *s;

	assert_int_equal(sqlite3_open_v2(h->path, &db, SQLITE_OPEN_READWRITE, h->vfs), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &s, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(s), SQLITE_ROW);
	assert_string_equal((const char *)sqlite3_column_text(s, 0), "ok");
	assert_int_equal(sqlite3_finalize(s), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* The open database holds the state after one of the commits first … last. */
static uint64_t check_content(const struct life *l, struct house *h, uint64_t first, uint64_t last)
{
	uint64_t mark, digest = digest_found(h, &mark);

	assert_in_range(mark, first, last);
	assert_true(digest == l->digests[mark]);
	return mark;
}

/* Opens the disk `vfs` like a server that starts. The second time the power fails while it does. */
static void check_image(const struct life *l, const char *vfs, struct gx_disk *d, uint64_t seed)
{
	struct house h;

	memset(&h, 0, sizeof(h));
	gx_arena_init(&h.arena);
	memcpy(h.path, l->house.path, sizeof(h.path));
	h.vfs = vfs;
	house_open(&h);
	uint64_t mark = check_content(l, &h, l->acked, l->begun);
	if (seed % 4 == 0) {
		gx_disk_power_off(d);
		house_close(&h);
		gx_disk_power_on(d, GX_DISK_LOSE_RANDOM, seed);
		house_open(&h);
		(void)check_content(l, &h, mark, mark);
	}
	house_close(&h);
	check_integrity(&h);
	gx_arena_deinit(&h.arena);
}

static void check_crash(struct life *l, enum gx_disk_loss loss, uint64_t seed)
{
	struct gx_disk *copy = gx_disk_copy(l->disk, "crashed", loss, seed);

	check_image(l, "crashed", copy, seed);
	gx_disk_free(copy);
	l->images++;
}

/* ---- tests */

static void life_begin(struct life *l, uint64_t seed)
{
	memset(l, 0, sizeof(*l));
	l->seed = seed;
	l->random = seed * 2654435761u + 1;
	l->next_id = MARK_ID;
	l->disk = gx_disk_new("disk", seed);
	house_make(&l->house);
	l->house.vfs = "disk";
	l->house.log_frames_max = 30;
	l->house.writer_cache_kib = 80;
	(void)sqlite3_test_control(SQLITE_TESTCTRL_PRNG_SEED, (int)seed, NULL);
}

static void life_end(struct life *l)
{
	gx_disk_free(l->disk);
	house_remove(&l->house);
}

static bool is_database(const struct gx_disk_step *step)
{
	size_t length = strlen(step->path);

	return length > 3 && strcmp(step->path + length - 3, ".db") == 0;
}

/* A write to the database outside of opening it is a checkpoint's: now and then a commit falls into
 * it. */
static enum gx_disk_fault commit_inside(void *arg, const struct gx_disk_step *step)
{
	struct life *l = arg;

	if (l->acked > 0 && l->acked < COMMITS - 1 && !l->is_nested && step->op == GX_DISK_WRITE &&
	    is_database(step) && below(l, 12) == 0) {
		l->is_nested = true;
		assert_int_equal(transact(l), GX_OK);
		l->is_nested = false;
		l->nested++;
	}
	return GX_DISK_WORKS;
}

static enum gx_disk_fault look_before_step(void *arg, const struct gx_disk_step *step)
{
	struct life *l = arg;
	uint64_t seed = l->seed * 1000003 + step->number * 16;

	check_crash(l, GX_DISK_LOSE_ALL, seed + 1);
	if (step->number % 4 == 0 || is_long())
		check_crash(l, GX_DISK_LOSE_NOTHING, seed + 2);
	for (uint64_t i = 0; i < (is_long() ? 4 : 1); i++)
		check_crash(l, GX_DISK_LOSE_RANDOM, seed + 4 + i);
	return commit_inside(arg, step);
}

static void test_power_fails_at_every_step(void **state)
{
	static struct life l;
	int64_t restarts = atomic_load(&gx_db_metrics[GX_DB_LOG_RESTARTS].value);

	for (uint64_t seed = 1; seed <= seeds_wanted(); seed++) {
		life_begin(&l, seed);
		gx_disk_watch(l.disk, look_before_step, &l);
		house_open(&l.house);
		while (l.acked < COMMITS) {
			assert_int_equal(transact(&l), GX_OK);
			gx_db_between_batches(l.house.db);
		}
		assert_int_equal(check_content(&l, &l.house, COMMITS, COMMITS), COMMITS);
		house_close(&l.house);
		check_integrity(&l.house);
		printf("seed %llu: %llu steps, %llu images, %llu commits inside checkpoints, %lld "
		       "restarts\n",
		       (unsigned long long)seed, (unsigned long long)gx_disk_steps(l.disk),
		       (unsigned long long)l.images, (unsigned long long)l.nested,
		       (long long)(atomic_load(&gx_db_metrics[GX_DB_LOG_RESTARTS].value) -
				   restarts));
		assert_true(l.nested > 3);
		life_end(&l);
	}
	assert_true(atomic_load(&gx_db_metrics[GX_DB_LOG_RESTARTS].value) > restarts + 5);
}

static void test_rounds_are_synced(void **state)
{
	static struct life l;

	life_begin(&l, 1);
	house_open(&l.house);
	gx_disk_watch(l.disk, commit_inside, &l);
	rounds.disk = l.disk;
	rounds.path = l.house.path;
	rounds.seen = 0;
	while (l.acked < COMMITS) {
		assert_int_equal(transact(&l), GX_OK);
		gx_db_between_batches(l.house.db);
	}
	assert_true(rounds.seen > 5 && l.nested > 5);
	rounds.disk = NULL;
	house_close(&l.house);
	life_end(&l);
}

struct fault {
	uint64_t at;
	enum gx_disk_fault kind;
};

static enum gx_disk_fault fail_once(void *arg, const struct gx_disk_step *step)
{
	const struct fault *f = arg;

	return step->number == f->at ? f->kind : GX_DISK_WORKS;
}

/* Goes on after a refusal; after the end of the process like a supervisor. True: to the end. */
static bool live_with(struct life *l, struct fault *fault)
{
	volatile bool is_ended = false;

	gx_disk_watch(l->disk, fail_once, fault);
	if (setjmp(process_ended) == 0) {
		while (l->acked < COMMITS && !is_ended) {
			enum gx_status st = transact(l);
			assert_true(st == GX_OK || fault->at < gx_disk_steps(l->disk));
			if (st != GX_OK) {
				assert_true(st == GX_E_OVERLOADED || st == GX_E_INTERNAL);
				check_crash(l, GX_DISK_LOSE_NOTHING, 1);
			}
			gx_db_between_batches(l->house.db);
		}
	} else {
		is_ended = true;
		gx_disk_process_died(l->disk);
	}
	house_close(&l->house);
	gx_disk_watch(l->disk, NULL, NULL);
	return !is_ended;
}

/* Returns how many steps there are to fail at. */
static uint64_t check_fault(struct life *l, struct fault fault, uint64_t *ends)
{
	life_begin(l, 1);
	house_open(&l->house);
	uint64_t first = gx_disk_steps(l->disk);

	fault.at += first;
	if (!live_with(l, &fault)) {
		(*ends)++;
		gx_disk_power_off(l->disk);
		gx_disk_power_on(l->disk, GX_DISK_LOSE_RANDOM, fault.at);
	}
	uint64_t steps = gx_disk_steps(l->disk) - first;
	house_open(&l->house);
	(void)check_content(l, &l->house, l->acked, l->begun);
	house_close(&l->house);
	check_integrity(&l->house);
	life_end(l);
	return steps;
}

static void test_a_step_fails(void **state)
{
	static struct life l;
	static const enum gx_disk_fault kinds[] = { GX_DISK_FULL, GX_DISK_IO_ERROR, GX_DISK_TORN };
	uint64_t stride = is_long() ? 1 : 11;

	for (size_t k = 0; k < GX_COUNT(kinds); k++) {
		uint64_t ends = 0, runs = 0, steps = UINT64_MAX;

		for (uint64_t at = k; at < steps; at += stride, runs++) {
			uint64_t taken = check_fault(&l, (struct fault){ at, kinds[k] }, &ends);
			if (steps == UINT64_MAX)
				steps = taken > at + 1 ? taken : COMMITS * 2;
		}
		printf("fault %u: %llu runs, %llu ended the process\n", (unsigned)kinds[k],
		       (unsigned long long)runs, (unsigned long long)ends);
		assert_true(ends > 0 && ends < runs);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_power_fails_at_every_step),
		cmocka_unit_test(test_rounds_are_synced),
		cmocka_unit_test(test_a_step_fails),
	};

	/* The heap shrinks and grows with each image otherwise, which takes most of the time. */
	(void)mallopt(M_TRIM_THRESHOLD, 1 << 30);
	(void)mallopt(M_MMAP_THRESHOLD, 1 << 30);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
