/* SPDX-License-Identifier: Apache-2.0 */
/*
 * db_vfs.c - one write per commit, and the writer's lock kept (docs/adr/0006-one-write.md).
 *
 * A file is the real one with our part behind it, and a copy of its table of methods in which ours
 * replace a few. What is collected is passed on before anything else happens to the log: another
 * write elsewhere, a sync, a question for its size, its end. It is also passed on before the
 * wal-index tells others of it, which SQLite announces by a barrier on the database's file; with
 * synchronous=FULL a sync came before that.
 *
 * A write that fails is tried again by whatever comes next, so that no error is forgotten: SQLite
 * does not commit over it. When the writer's lock is given back, what was collected belongs to a
 * transaction that was rolled back, and is dropped.
 */
#include "db_vfs.h"

#include <stdio.h>
#include <string.h>

#include "db_sqlite.h"

#define LOCK_WRITE 0 /* among the eight locks of the wal-index */
#define NAME_MAX_BYTES 64u

struct shim {
	sqlite3_vfs vfs;
	char name[NAME_MAX_BYTES];
};

/* Our part of a file. */
struct part {
	const sqlite3_io_methods *real;
	sqlite3_io_methods methods;

	/* Of a database: */
	struct part *log;  /* while it is open */
	bool has_lock;	   /* the writer's lock is ours as others see it */
	bool is_lock_used; /* as SQLite sees it */

	/* Of a log: */
	sqlite3_file *file;
	struct part *database;
	unsigned char *bytes; /* GX_VFS_WRITE_MAX; NULL: nothing is collected */
	size_t bytes_count;
	sqlite3_int64 bytes_at;
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

/* ---- the log */

static int flush(struct part *log)
{
	if (log->bytes_count == 0)
		return SQLITE_OK;
	int rc = log->real->xWrite(log->file, log->bytes, (int)log->bytes_count, log->bytes_at);
	if (rc == SQLITE_OK)
		log->bytes_count = 0;
	return rc;
}

static bool is_collected(const struct part *log, sqlite3_int64 at, size_t size)
{
	return at >= log->bytes_at &&
	       at + (sqlite3_int64)size <= log->bytes_at + (sqlite3_int64)log->bytes_count;
}

static int log_write(sqlite3_file *f, const void *bytes, int amount, sqlite3_int64 at)
{
	struct part *log = part_of(f);
	size_t size = (size_t)amount;

	if (is_collected(log, at, size)) {
		memcpy(log->bytes + (at - log->bytes_at), bytes, size);
		return SQLITE_OK;
	}
	bool follows = at == log->bytes_at + (sqlite3_int64)log->bytes_count;
	if (!follows || log->bytes_count + size > GX_VFS_WRITE_MAX) {
		int rc = flush(log);
		if (rc != SQLITE_OK)
			return rc;
	}
	if (size > GX_VFS_WRITE_MAX)
		return log->real->xWrite(f, bytes, amount, at);
	if (log->bytes_count == 0)
		log->bytes_at = at;
	memcpy(log->bytes + log->bytes_count, bytes, size);
	log->bytes_count += size;
	return SQLITE_OK;
}

static int log_read(sqlite3_file *f, void *out, int amount, sqlite3_int64 at)
{
	struct part *log = part_of(f);

	if (is_collected(log, at, (size_t)amount)) {
		memcpy(out, log->bytes + (at - log->bytes_at), (size_t)amount);
		return SQLITE_OK;
	}
	bool overlaps =
		at < log->bytes_at + (sqlite3_int64)log->bytes_count && at + amount > log->bytes_at;
	int rc = overlaps ? flush(log) : SQLITE_OK;
	if (rc == SQLITE_OK)
		rc = log->real->xRead(f, out, amount, at);
	if (rc == SQLITE_IOERR_SHORT_READ && log->bytes_count > 0) { /* it ends too early yet */
		rc = flush(log);
		if (rc == SQLITE_OK)
			rc = log->real->xRead(f, out, amount, at);
	}
	return rc;
}

static int log_sync(sqlite3_file *f, int flags)
{
	int rc = flush(part_of(f));

	return rc == SQLITE_OK ? part_of(f)->real->xSync(f, flags) : rc;
}

static int log_truncate(sqlite3_file *f, sqlite3_int64 size)
{
	int rc = flush(part_of(f));

	return rc == SQLITE_OK ? part_of(f)->real->xTruncate(f, size) : rc;
}

static int log_file_size(sqlite3_file *f, sqlite3_int64 *out)
{
	int rc = flush(part_of(f));

	return rc == SQLITE_OK ? part_of(f)->real->xFileSize(f, out) : rc;
}

static int log_close(sqlite3_file *f)
{
	struct part *log = part_of(f);
	const sqlite3_io_methods *real = log->real;
	int flushed = flush(log);

	log->database->log = NULL;
	gx_heap_free(log->bytes);
	log->bytes = NULL;
	int closed = real->xClose(f);
	return flushed != SQLITE_OK ? flushed : closed;
}

static void wrap_log(struct part *log, sqlite3_file *f, struct part *database)
{
	log->file = f;
	log->database = database;
	log->bytes = gx_heap_alloc(GX_VFS_WRITE_MAX);
	database->log = log;
	log->methods.xWrite = log_write;
	log->methods.xRead = log_read;
	log->methods.xSync = log_sync;
	log->methods.xTruncate = log_truncate;
	log->methods.xFileSize = log_file_size;
	log->methods.xClose = log_close;
	if (log->methods.iVersion > 2)
		log->methods.iVersion = 2; /* no mapping: it would not show what is collected */
}

/* ---- the database's file, through which SQLite also reaches the wal-index */

static void database_barrier(sqlite3_file *f)
{
	struct part *database = part_of(f);

	/* A barrier can't fail, and what follows would let others read what isn't there. */
	if (database->log != NULL && flush(database->log) != SQLITE_OK) {
		gx_log(GX_LOG_ERROR, "db.disk_failed", GX_F_CSTR("what", "barrier"));
		gx_process_end(GX_SQLITE_EXIT_DISK);
	}
	database->real->xShmBarrier(f);
}

static int database_lock(sqlite3_file *f, int first, int count, int flags)
{
	struct part *database = part_of(f);

	if (first != LOCK_WRITE || count != 1 || (flags & SQLITE_SHM_EXCLUSIVE) == 0)
		return database->real->xShmLock(f, first, count, flags);
	if ((flags & SQLITE_SHM_UNLOCK) != 0) {
		/* Kept: there is one writer, it would only be taken again. */
		database->is_lock_used = false;
		if (database->log != NULL)
			database->log->bytes_count = 0;
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

static void wrap_database(struct part *database)
{
	database->methods.xShmBarrier = database_barrier;
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
	*part = (struct part){ .real = f->pMethods, .methods = *f->pMethods };
	if ((flags & SQLITE_OPEN_WAL) != 0)
		wrap_log(part, f, part_of(sqlite3_database_file_object(name)));
	else
		wrap_database(part);
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

const char *gx_vfs_over(sqlite3_vfs *base)
{
	char name[NAME_MAX_BYTES];

	GX_ASSERT(snprintf(name, sizeof(name), "%s+one-write", base->zName) < (int)sizeof(name));
	sqlite3_vfs *found = sqlite3_vfs_find(name);
	if (found != NULL) {
		found->pAppData = base; /* tests have several of one name, one after another */
		return found->zName;
	}

	struct shim *shim = gx_heap_alloc(sizeof(*shim)); /* for good: SQLite keeps it */
	memcpy(shim->name, name, sizeof(name));
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
