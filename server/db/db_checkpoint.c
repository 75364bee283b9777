/* SPDX-License-Identifier: Apache-2.0 */
/*
 * db_checkpoint.c - moves the log into the database without stopping the writer, and never while
 * the writer may restart the log (docs/adr/0003-checkpoints.md).
 *
 * Up to SQLite 3.51.2 a checkpoint on one connection that meets a commit restarting the log on
 * another can note frames as moved that are not, and so lose them. The two exclude each other here:
 *
 *   1. After a commit that leaves more than `frames_max` frames in the log, the writer's thread
 * asks the helper thread for a round. At that moment the log holds frames that nobody has moved,
 * and that stays so until the helper moves them, as it is the only one who does.
 *   2. The helper begins a read transaction on the pin connection. Because of (1) it reads from the
 *      log, so it holds a read mark above 0, and a log with such a reader is never restarted.
 *   3. It runs a PASSIVE checkpoint on its second connection, which moves what the pin sees, syncs
 *      the database (SQLite itself does that only when all is moved), and ends the pin.
 *   4. Few frames have come meanwhile. Between two batches the writer's thread moves these itself;
 * no commit can run at that time, as commits are its own too. It asks SQLite for mode RESTART,
 *      which also waits a moment for the readers that still use the log (new ones read from the
 *      database alone), so that the next commit restarts it even when there is always some reader.
 *
 * If many frames have come, further rounds follow first. If a reader holds the log for longer, the
 * log goes on growing and the next attempt comes frames_max / STEP_SHARE later.
 */
#include "db_sqlite.h"

#include "helper.h"

#define ROUNDS_MAX 3u
#define SHORT_FRAMES 512u /* what the writer's thread may move itself */
#define STEP_SHARE 8u	  /* after a failed attempt: again after frames_max / STEP_SHARE more */
#define HELPER_CACHE_KIB 64u
/* What the writer's thread waits for readers at most: more, the longer the log has become. */
#define PATIENCE_NS UINT64_C(2000000)
#define PATIENCE_MAX_NS UINT64_C(30000000)
#define NAP_US 100

struct gx_metric gx_db_metrics[GX_DB_METRICS_COUNT] = {
	[GX_DB_CHECKPOINTS] = { .name = "guanxi_db_checkpoints_total",
				.kind = GX_METRIC_COUNTER,
				.help = "Rounds in which the log was moved into the database." },
	[GX_DB_CHECKPOINT_NS] = { .name = "guanxi_db_checkpoint_seconds_total",
				  .kind = GX_METRIC_COUNTER,
				  .help = "Time that these rounds have taken.",
				  .collect = gx_metric_collect_ns },
	[GX_DB_LOG_RESTARTS] = { .name = "guanxi_db_log_restarts_total",
				 .kind = GX_METRIC_COUNTER,
				 .help = "Times the log has begun anew." },
	[GX_DB_LOG_FRAMES] = { .name = "guanxi_db_log_frames",
			       .kind = GX_METRIC_GAUGE,
			       .help = "Pages in the log after the last commit." },
	[GX_DB_IS_DAMAGED] = { .name = "guanxi_db_damaged",
			       .kind = GX_METRIC_GAUGE,
			       .help = "1 when damage was met in the database: nothing is "
				       "written." },
};

struct gx_checkpointer {
	struct gx_helper *helper;
	_Atomic uint64_t restarts_count;
	unsigned moved_by_helper; /* once its round is done */

	/* The helper's own. */
	sqlite3 *pin;
	sqlite3 *mover;

	/* The writer's thread's own. */
	sqlite3 *writer;
	unsigned frames_max;
	unsigned frames; /* in the log, as of the last commit */
	unsigned moved;	 /* of them in the database, as far as known here; never too few */
	unsigned due;	 /* ask the helper when `frames` gets there */
	unsigned rounds;
	uint64_t patient_until_ns;
	uint64_t restarts_at_ask;
};

/* Frames of the log that are in the database now, or 0 when nothing could be done. */
static unsigned move_frames(sqlite3 *h, int mode, const char *what)
{
	int in_log = 0, moved = 0;
	uint64_t began_ns = gx_clock_mono_ns();
	int rc = sqlite3_wal_checkpoint_v2(h, NULL, mode, &in_log, &moved);

	if (rc == SQLITE_IOERR_FSYNC || rc == SQLITE_IOERR_DIR_FSYNC)
		gx_sqlite_die(h, what);
	if (rc != SQLITE_OK && (rc & 0xff) != SQLITE_BUSY) {
		struct gx_error err;
		(void)gx_sqlite_fail(h, what, &err); /* logged; tried again later */
		return 0;
	}
	gx_metric_add(&gx_db_metrics[GX_DB_CHECKPOINTS], 1);
	gx_metric_add(&gx_db_metrics[GX_DB_CHECKPOINT_NS],
		      (int64_t)(gx_clock_mono_ns() - began_ns));
	return moved < 0 ? 0 : (unsigned)moved;
}

/* ---- helper thread */

/* Now and here, or else the short checkpoint makes the writer's thread wait for the disk to take
 * all that the rounds have moved. */
static void sync_database(sqlite3 *h)
{
	sqlite3_file *f = NULL;

	GX_ASSERT(sqlite3_file_control(h, NULL, SQLITE_FCNTL_FILE_POINTER, &f) == SQLITE_OK);
	if (f->pMethods->xSync(f, SQLITE_SYNC_NORMAL) != SQLITE_OK)
		gx_sqlite_die(h, "checkpoint sync");
}

static void run_round(void *arg)
{
	struct gx_checkpointer *c = arg;
	uint64_t restarts_count = c->restarts_at_ask; /* the writer waits for DONE to change it */
	unsigned moved = 0;

	if (sqlite3_exec(c->pin, "BEGIN; SELECT 1 FROM sqlite_schema LIMIT 1", NULL, NULL, NULL) ==
	    SQLITE_OK) {
		moved = move_frames(c->mover, SQLITE_CHECKPOINT_PASSIVE, "checkpoint");
		if (moved > 0)
			sync_database(c->mover);
		GX_ASSERT(atomic_load(&c->restarts_count) == restarts_count); /* the pin has held */
	}
	if (!sqlite3_get_autocommit(c->pin))
		(void)sqlite3_exec(c->pin, "ROLLBACK", NULL, NULL, NULL);
	c->moved_by_helper = moved;
}

/* ---- writer's thread */

/* SQLite calls this after each commit of the writer. */
static int on_commit(void *arg, sqlite3 *h, const char *name, int frames)
{
	struct gx_checkpointer *c = arg;

	if ((unsigned)frames <= c->frames) { /* the log has begun anew */
		atomic_fetch_add(&c->restarts_count, 1);
		gx_metric_add(&gx_db_metrics[GX_DB_LOG_RESTARTS], 1);
		c->moved = 0;
		c->due = c->frames_max;
	}
	c->frames = (unsigned)frames;
	gx_metric_set(&gx_db_metrics[GX_DB_LOG_FRAMES], frames);
	return SQLITE_OK;
}

static void try_later(struct gx_checkpointer *c)
{
	c->due = c->frames + c->frames_max / STEP_SHARE + 1;
	c->rounds = 0;
}

/* Only when the log holds frames that are not moved: the pin relies on it. */
static void ask_helper(struct gx_checkpointer *c)
{
	GX_ASSERT(c->frames > c->moved);

	c->rounds++;
	c->restarts_at_ask = atomic_load(&c->restarts_count);
	gx_helper_ask(c->helper);
}

/* SQLite's question whether to go on waiting for readers. */
static int wait_for_readers(void *arg, int tries)
{
	struct gx_checkpointer *c = arg;

	if (gx_clock_mono_ns() >= c->patient_until_ns)
		return 0;
	gx_clock_nap_us(NAP_US);
	return 1;
}

static void move_rest(struct gx_checkpointer *c)
{
	uint64_t patience_ns = PATIENCE_NS * (1 + c->frames / c->frames_max);

	if (patience_ns > PATIENCE_MAX_NS)
		patience_ns = PATIENCE_MAX_NS;
	c->patient_until_ns = gx_clock_mono_ns() + patience_ns;
	(void)sqlite3_busy_handler(c->writer, wait_for_readers, c);
	unsigned moved = move_frames(c->writer, SQLITE_CHECKPOINT_RESTART, "short checkpoint");
	(void)sqlite3_busy_timeout(c->writer, GX_SQLITE_BUSY_TIMEOUT_MS);
	if (moved > c->moved)
		c->moved = moved;
}

static void take_result(struct gx_checkpointer *c)
{
	unsigned moved_before = c->moved, moved = c->moved_by_helper;

	if (atomic_load(&c->restarts_count) != c->restarts_at_ask) {
		c->rounds = 0; /* all was moved, and a commit has begun the log anew since */
		return;
	}
	if (moved > c->moved)
		c->moved = moved;
	if (c->frames > c->moved && c->frames - c->moved <= SHORT_FRAMES) {
		move_rest(c);
	} else if (c->frames > c->moved && c->moved > moved_before && c->rounds < ROUNDS_MAX) {
		ask_helper(c);
		return;
	}
	try_later(c); /* the restart, if it comes, sets `due` anew */
}

void gx_checkpointer_turn(struct gx_checkpointer *c)
{
	if (gx_helper_take(c->helper))
		take_result(c);
	else if (c->frames >= c->due && c->frames > c->moved && gx_helper_is_idle(c->helper))
		ask_helper(c);
}

/* ---- life */

static enum gx_status start(struct gx_checkpointer *c, const char *path, const char *vfs,
			    struct gx_error *err)
{
	enum gx_status st = gx_sqlite_connect(path, vfs, HELPER_CACHE_KIB, &c->pin, err);

	if (st == GX_OK)
		st = gx_sqlite_connect(path, vfs, HELPER_CACHE_KIB, &c->mover, err);
	if (st != GX_OK)
		return st;
	c->helper = gx_helper_new("checkpoint", run_round, c);
	GX_ASSERT(c->helper != NULL);
	(void)sqlite3_wal_hook(c->writer, on_commit, c);
	return GX_OK;
}

enum gx_status gx_checkpointer_new(const char *path, const char *vfs, unsigned frames_max,
				   sqlite3 *writer, struct gx_checkpointer **out,
				   struct gx_error *err)
{
	struct gx_checkpointer *c = gx_heap_alloc(sizeof(*c));

	c->writer = writer;
	c->frames_max = frames_max;
	c->due = frames_max;
	enum gx_status st = start(c, path, vfs, err);
	if (st != GX_OK) {
		sqlite3_close(c->pin);
		sqlite3_close(c->mover);
		gx_heap_free(c);
		return st;
	}
	*out = c;
	return GX_OK;
}

void gx_checkpointer_free(struct gx_checkpointer *c)
{
	if (c == NULL)
		return;
	gx_helper_free(c->helper);
	(void)sqlite3_wal_hook(c->writer, NULL, NULL);
	sqlite3_close(c->pin);
	sqlite3_close(c->mover);
	gx_heap_free(c);
}
