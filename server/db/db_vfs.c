/* SPDX-License-Identifier: Apache-2.0 */
/*
 * db_vfs.c - large writes, and the writer's lock kept (docs/adr/0006-large-writes.md).
 *
 * A file is the real one with our part behind it, and a copy of its table of methods in which ours
 * replace a few. What is collected is passed on before anything else happens to the file: another
 * write elsewhere, a sync, a question for its size, its end.
 *
 * Of the log all writes are collected. They are also passed on before the wal-index tells others
 * of them, which SQLite announces by a barrier on the database's file; with synchronous=FULL a sync
 * came before that. A write that fails is tried again by whatever comes next, so that no error is
 * forgotten: SQLite does not commit over it. When the writer's lock is given back, what was
 * collected belongs to a transaction that was rolled back, and is dropped.
 *
 * Of the database only a checkpoint's writes are collected, between SQLite's two announcements of
 * its beginning and its end. Nobody can be told of a failure at that end. So only writes are
 * collected for which the file has room already, and the file is made larger beforehand: a full
 * disk is reported as ever, and what can fail at the end is a broken disk, which ends the process.
 * What a checkpoint reads from the log is read ahead.
 */
#include "db_vfs.h"

#include <stdio.h>
#include <string.h>

#include "db_sqlite.h"

#define LOCK_WRITE 0 /* among the eight locks of the wal-index */
#define NAME_MAX_BYTES 64u
#define FRAME_HEADER_BYTES 24 /* of a page in the log */

struct shim {
	sqlite3_vfs vfs;
	char name[NAME_MAX_BYTES];
	bool is_writer;
};

/* Our part of a file. */
struct part {
	sqlite3_file *file;
	const sqlite3_io_methods *real;
	sqlite3_io_methods methods;
	unsigned char *bytes; /* collected; of GX_VFS_WRITE_MAX, or NULL so far */
	size_t bytes_count;
	sqlite3_int64 bytes_at;
	struct part *other; /* the database of a log, the log of a database while it is open */

	/* Of a log, while a checkpoint copies from it: */
	unsigned char *ahead; /* read ahead; of GX_VFS_WRITE_MAX, or NULL so far */
	size_t ahead_count;
	sqlite3_int64 ahead_at;
	sqlite3_int64 read_end; /* of the last read */
	sqlite3_int64 size;	/* when the checkpoint began */

	/* Of a database: */
	bool is_checkpointing;
	bool is_told;	    /* SQLite knows that this checkpoint failed */
	sqlite3_int64 room; /* bytes that the file has on the disk; known while checkpointing */
	bool has_lock;	    /* the writer's lock is ours as others see it */
	bool is_lock_used;  /* as SQLite sees it */
};

static int size_of_real(sqlite3_vfs *base)
{
	return (base->szOsFile + 15) & ~15;
}

static sqlite3_vfs *base_of(sqlite3_vfs *vfs)
{
	return vfs->pAppData;
}

/* The table of methods is inside our part. */
static struct part *part_of(sqlite3_file *f)
{
	return (struct part *)(void *)((char *)(uintptr_t)f->pMethods -
				       offsetof(struct part, methods));
}

/* ---- collecting, of any file */

static int flush(struct part *p)
{
	if (p->bytes_count == 0)
		return SQLITE_OK;
	int rc = p->real->xWrite(p->file, p->bytes, (int)p->bytes_count, p->bytes_at);
	if (rc == SQLITE_OK)
		p->bytes_count = 0;
	return rc;
}

static bool is_collected(const struct part *p, sqlite3_int64 at, size_t size)
{
	return at >= p->bytes_at &&
	       at + (sqlite3_int64)size <= p->bytes_at + (sqlite3_int64)p->bytes_count;
}

static int part_write(sqlite3_file *f, const void *bytes, int amount, sqlite3_int64 at)
{
	struct part *p = part_of(f);
	size_t size = (size_t)amount;

	if (is_collected(p, at, size)) {
		memcpy(p->bytes + (at - p->bytes_at), bytes, size);
		return SQLITE_OK;
	}
	bool follows = at == p->bytes_at + (sqlite3_int64)p->bytes_count;
	if (!follows || p->bytes_count + size > GX_VFS_WRITE_MAX) {
		int rc = flush(p);
		if (rc != SQLITE_OK)
			return rc;
	}
	if (size > GX_VFS_WRITE_MAX)
		return p->real->xWrite(f, bytes, amount, at);
	if (p->bytes == NULL)
		p->bytes = gx_heap_alloc(GX_VFS_WRITE_MAX);
	if (p->bytes_count == 0)
		p->bytes_at = at;
	memcpy(p->bytes + p->bytes_count, bytes, size);
	p->bytes_count += size;
	return SQLITE_OK;
}

static int part_read(sqlite3_file *f, void *out, int amount, sqlite3_int64 at)
{
	struct part *p = part_of(f);

	if (is_collected(p, at, (size_t)amount)) {
		memcpy(out, p->bytes + (at - p->bytes_at), (size_t)amount);
		return SQLITE_OK;
	}
	bool overlaps =
		at < p->bytes_at + (sqlite3_int64)p->bytes_count && at + amount > p->bytes_at;
	int rc = overlaps ? flush(p) : SQLITE_OK;
	if (rc == SQLITE_OK)
		rc = p->real->xRead(f, out, amount, at);
	if (rc == SQLITE_IOERR_SHORT_READ && p->bytes_count > 0) { /* it ends too early yet */
		rc = flush(p);
		if (rc == SQLITE_OK)
			rc = p->real->xRead(f, out, amount, at);
	}
	return rc;
}

static int part_sync(sqlite3_file *f, int flags)
{
	int rc = flush(part_of(f));

	return rc == SQLITE_OK ? part_of(f)->real->xSync(f, flags) : rc;
}

static int part_truncate(sqlite3_file *f, sqlite3_int64 size)
{
	int rc = flush(part_of(f));

	return rc == SQLITE_OK ? part_of(f)->real->xTruncate(f, size) : rc;
}

static int part_file_size(sqlite3_file *f, sqlite3_int64 *out)
{
	int rc = flush(part_of(f));

	return rc == SQLITE_OK ? part_of(f)->real->xFileSize(f, out) : rc;
}

static int part_close(sqlite3_file *f)
{
	struct part *p = part_of(f);
	const sqlite3_io_methods *real = p->real;
	int flushed = flush(p);

	if (p->other != NULL)
		p->other->other = NULL;
	gx_heap_free(p->bytes);
	gx_heap_free(p->ahead);
	p->bytes = p->ahead = NULL;
	int closed = real->xClose(f);
	return flushed != SQLITE_OK ? flushed : closed;
}

static void wrap(struct part *p)
{
	p->methods.xWrite = part_write;
	p->methods.xRead = part_read;
	p->methods.xSync = part_sync;
	p->methods.xTruncate = part_truncate;
	p->methods.xFileSize = part_file_size;
	p->methods.xClose = part_close;
	if (p->methods.iVersion > 2)
		p->methods.iVersion = 2; /* no mapping: it would not show what is collected */
}

static _Noreturn void end_process(const char *what)
{
	gx_log(GX_LOG_ERROR, "db.disk_failed", GX_F_CSTR("what", what));
	gx_process_end(GX_SQLITE_EXIT_DISK);
}

/* ---- the log as a checkpoint reads it */

/* From `at` on as much as there is, of which `amount` was asked for. */
static bool read_ahead(struct part *log, int amount, sqlite3_int64 at)
{
	sqlite3_int64 size = log->size - at;

	if (size > (sqlite3_int64)GX_VFS_WRITE_MAX)
		size = (sqlite3_int64)GX_VFS_WRITE_MAX;
	if (size < amount)
		return false;
	if (log->ahead == NULL)
		log->ahead = gx_heap_alloc(GX_VFS_WRITE_MAX);
	log->ahead_at = at;
	log->ahead_count = 0;
	if (log->real->xRead(log->file, log->ahead, (int)size, at) != SQLITE_OK)
		return false;
	log->ahead_count = (size_t)size;
	return true;
}

/* Pages that follow on each other stand so in the log too, as a rule. What a checkpoint may copy
 * does not change meanwhile. */
static int log_read(sqlite3_file *f, void *out, int amount, sqlite3_int64 at)
{
	struct part *log = part_of(f);
	bool follows = at == log->read_end + FRAME_HEADER_BYTES;

	if (log->other == NULL || !log->other->is_checkpointing || log->bytes_count > 0)
		return part_read(f, out, amount, at);
	log->read_end = at + amount;
	bool is_ahead = at >= log->ahead_at &&
			at + amount <= log->ahead_at + (sqlite3_int64)log->ahead_count;
	if (!is_ahead && !(follows && read_ahead(log, amount, at)))
		return part_read(f, out, amount, at);
	memcpy(out, log->ahead + (at - log->ahead_at), (size_t)amount);
	return SQLITE_OK;
}

/* At the beginning and the end of a checkpoint. */
static void forget_ahead(struct part *log)
{
	log->ahead_count = 0;
	log->read_end = 0;
	if (log->real->xFileSize(log->file, &log->size) != SQLITE_OK)
		log->size = 0;
}

/* ---- the database's file, through which SQLite also reaches the wal-index */

static void database_barrier(sqlite3_file *f)
{
	struct part *database = part_of(f);

	/* A barrier can't fail, and what follows would let others read what isn't there. */
	if (database->other != NULL && flush(database->other) != SQLITE_OK)
		end_process("barrier");
	database->real->xShmBarrier(f);
}

static int database_write(sqlite3_file *f, const void *bytes, int amount, sqlite3_int64 at)
{
	struct part *database = part_of(f);
	bool is_fit = database->is_checkpointing && at + amount <= database->room;
	int rc = is_fit ? part_write(f, bytes, amount, at) : flush(database);

	if (rc == SQLITE_OK && !is_fit)
		rc = database->real->xWrite(f, bytes, amount, at);
	if (rc != SQLITE_OK)
		database->is_told = true;
	return rc;
}

static void begin_checkpoint(sqlite3_file *f)
{
	struct part *database = part_of(f);

	database->is_checkpointing = true;
	database->is_told = false;
	if (database->other != NULL)
		forget_ahead(database->other);
	if (database->real->xFileSize(f, &database->room) != SQLITE_OK)
		database->room = 0;
}

/* With zeros, by large writes: then the disk has a place for it. As far as it goes. */
static void make_room(sqlite3_file *f, sqlite3_int64 size)
{
	static const unsigned char zeros[GX_VFS_WRITE_MAX];
	struct part *database = part_of(f);
	int rc = SQLITE_OK;

	while (database->room < size && rc == SQLITE_OK) {
		sqlite3_int64 missing = size - database->room;
		int part =
			missing < (sqlite3_int64)sizeof(zeros) ? (int)missing : (int)sizeof(zeros);

		rc = database->real->xWrite(f, zeros, part, database->room);
		if (rc == SQLITE_OK)
			database->room += part;
	}
}

/* SQLite does not ask how this went before it tells others, unless it knows of a failure. */
static void end_checkpoint(struct part *database)
{
	if (!database->is_told && flush(database) != SQLITE_OK)
		end_process("checkpoint");
	database->bytes_count = 0;
	database->is_checkpointing = false;
	if (database->other != NULL)
		forget_ahead(database->other);
}

static int database_control(sqlite3_file *f, int op, void *arg)
{
	struct part *database = part_of(f);

	if (op == SQLITE_FCNTL_CKPT_START) {
		begin_checkpoint(f);
	} else if (op == SQLITE_FCNTL_SIZE_HINT && database->is_checkpointing) {
		make_room(f, *(const sqlite3_int64 *)arg);
		return SQLITE_OK;
	} else if (op == SQLITE_FCNTL_CKPT_DONE) {
		end_checkpoint(database);
	}
	return database->real->xFileControl(f, op, arg);
}

static int database_lock(sqlite3_file *f, int first, int count, int flags)
{
	struct part *database = part_of(f);

	if (first != LOCK_WRITE || count != 1 || (flags & SQLITE_SHM_EXCLUSIVE) == 0)
		return database->real->xShmLock(f, first, count, flags);
	if ((flags & SQLITE_SHM_UNLOCK) != 0) {
		/* Kept: there is one writer, it would only be taken again. */
		database->is_lock_used = false;
		if (database->other != NULL)
			database->other->bytes_count = 0;
		return SQLITE_OK;
	}
	GX_ASSERT(!database->is_lock_used);
	if (!database->has_lock) {
		int rc = database->real->xShmLock(f, first, count, flags);
		if (rc != SQLITE_OK)
			return rc;
		database->has_lock = true;
	}
	database->is_lock_used = true;
	return SQLITE_OK;
}

static int database_unmap(sqlite3_file *f, int is_delete)
{
	struct part *database = part_of(f);

	if (database->has_lock)
		(void)database->real->xShmLock(f, LOCK_WRITE, 1,
					       SQLITE_SHM_UNLOCK | SQLITE_SHM_EXCLUSIVE);
	database->has_lock = false;
	database->is_lock_used = false;
	return database->real->xShmUnmap(f, is_delete);
}

static void wrap_database(struct part *database, bool is_writer)
{
	wrap(database);
	database->methods.xWrite = database_write;
	database->methods.xFileControl = database_control;
	database->methods.xShmBarrier = database_barrier;
	if (!is_writer)
		return;
	database->methods.xShmLock = database_lock;
	database->methods.xShmUnmap = database_unmap;
}

/* ---- opening */

static int shim_open(sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *f, int flags,
		     int *out_flags)
{
	sqlite3_vfs *base = base_of(vfs);
	struct part *part = (struct part *)(void *)((char *)f + size_of_real(base));
	int rc = base->xOpen(base, name, f, flags, out_flags);

	if (rc != SQLITE_OK || (flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL)) == 0 ||
	    f->pMethods->iVersion < 2)
		return rc;
	*part = (struct part){ .file = f, .real = f->pMethods, .methods = *f->pMethods };
	if ((flags & SQLITE_OPEN_WAL) != 0) {
		part->other = part_of(sqlite3_database_file_object(name));
		part->other->other = part;
		wrap(part);
		part->methods.xRead = log_read;
	} else {
		wrap_database(part, ((const struct shim *)(void *)vfs)->is_writer);
	}
	f->pMethods = &part->methods;
	return SQLITE_OK;
}

/* The rest goes through. */

static int shim_delete(sqlite3_vfs *vfs, const char *name, int sync_folder)
{
	return base_of(vfs)->xDelete(base_of(vfs), name, sync_folder);
}

static int shim_access(sqlite3_vfs *vfs, const char *name, int flags, int *out)
{
	return base_of(vfs)->xAccess(base_of(vfs), name, flags, out);
}

static int shim_full_pathname(sqlite3_vfs *vfs, const char *name, int size, char *out)
{
	return base_of(vfs)->xFullPathname(base_of(vfs), name, size, out);
}

static int shim_randomness(sqlite3_vfs *vfs, int size, char *out)
{
	return base_of(vfs)->xRandomness(base_of(vfs), size, out);
}

static int shim_sleep(sqlite3_vfs *vfs, int us)
{
	return base_of(vfs)->xSleep(base_of(vfs), us);
}

static int shim_current_time(sqlite3_vfs *vfs, sqlite3_int64 *out)
{
	return base_of(vfs)->xCurrentTimeInt64(base_of(vfs), out);
}

static int shim_last_error(sqlite3_vfs *vfs, int size, char *out)
{
	return base_of(vfs)->xGetLastError(base_of(vfs), size, out);
}

const char *gx_vfs_over(sqlite3_vfs *base, bool is_writer)
{
	char name[NAME_MAX_BYTES];

	GX_ASSERT(snprintf(name, sizeof(name), "%s+%s", base->zName,
			   is_writer ? "writer" : "checkpoint") < (int)sizeof(name));
	sqlite3_vfs *found = sqlite3_vfs_find(name);
	if (found != NULL) {
		found->pAppData = base; /* tests have several of one name, one after another */
		return found->zName;
	}

	struct shim *shim = gx_heap_alloc(sizeof(*shim)); /* for good: SQLite keeps it */
	memcpy(shim->name, name, sizeof(name));
	shim->is_writer = is_writer;
	shim->vfs = (sqlite3_vfs){
		.iVersion = 2,
		.szOsFile = size_of_real(base) + (int)sizeof(struct part),
		.mxPathname = base->mxPathname,
		.zName = shim->name,
		.pAppData = base,
		.xOpen = shim_open,
		.xDelete = shim_delete,
		.xAccess = shim_access,
		.xFullPathname = shim_full_pathname,
		.xRandomness = shim_randomness,
		.xSleep = shim_sleep,
		.xGetLastError = shim_last_error,
		.xCurrentTimeInt64 = shim_current_time,
	};
	GX_ASSERT(base->iVersion >= 2);
	GX_ASSERT(sqlite3_vfs_register(&shim->vfs, 0) == SQLITE_OK);
	return shim->name;
}
