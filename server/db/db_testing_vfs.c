/* SPDX-License-Identifier: Apache-2.0 */
/* db_testing_vfs.c - the disk in memory as SQLite's VFS: files, locks, shared memory. */
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "db_testing_inode.h"

#define SECTOR_SIZE 4096			 /* what the unix VFS says */
#define FIRST_MOMENT_MS INT64_C(211845067200000) /* a day in 2001, as julian milliseconds */

static struct gx_disk *disk_of(sqlite3_vfs *vfs)
{
	return vfs->pAppData;
}

static struct handle *handle_of(sqlite3_file *f)
{
	return (struct handle *)(void *)f;
}

/* Locks the disk, if the handle still has one with power. */
static bool enter(struct handle *h)
{
	if (h->disk == NULL)
		return false;
	pthread_mutex_lock(&h->disk->lock);
	if (!h->disk->is_off)
		return true;
	pthread_mutex_unlock(&h->disk->lock);
	return false;
}

static int leave_with(struct gx_disk *d, int rc)
{
	pthread_mutex_unlock(&d->lock);
	return rc;
}

/* ---- bytes */

static int file_read(sqlite3_file *f, void *out, int amount, sqlite3_int64 at)
{
	struct handle *h = handle_of(f);
	size_t size = (size_t)amount, there = 0;

	if (!enter(h))
		return SQLITE_IOERR_READ;
	const struct image *m = &h->inode->now;
	if ((size_t)at < m->size)
		there = m->size - (size_t)at < size ? m->size - (size_t)at : size;
	if (there > 0)
		memcpy(out, m->bytes + at, there);
	memset((char *)out + there, 0, size - there);
	return leave_with(h->disk, there == size ? SQLITE_OK : SQLITE_IOERR_SHORT_READ);
}

/* A part of it, up to a border between sectors. */
static size_t part_of_write(struct gx_disk *d, size_t at, size_t size)
{
	size_t end = at + (size_t)(disk_random(&d->random) % (size + 1));

	end -= end % GX_DISK_SECTOR;
	return end > at ? end - at : 0;
}

static int file_write(sqlite3_file *f, const void *bytes, int amount, sqlite3_int64 at)
{
	struct handle *h = handle_of(f);
	size_t size = (size_t)amount;
	int rc = SQLITE_OK;

	if (!enter(h))
		return SQLITE_IOERR_WRITE;
	switch (disk_step(h->disk, GX_DISK_WRITE, h->path, at, size)) {
	case GX_DISK_WORKS:
		break;
	case GX_DISK_POWER_LOSS:
		h->disk->is_off = true;
		rc = SQLITE_IOERR_WRITE;
		break;
	case GX_DISK_FULL:
		size = part_of_write(h->disk, (size_t)at, size);
		rc = SQLITE_FULL;
		break;
	case GX_DISK_TORN:
		size = part_of_write(h->disk, (size_t)at, size);
		rc = SQLITE_IOERR_WRITE;
		break;
	case GX_DISK_IO_ERROR:
		size = 0;
		rc = SQLITE_IOERR_WRITE;
		break;
	}
	if (size > 0)
		inode_write(h->inode, (size_t)at, bytes, size);
	return leave_with(h->disk, rc);
}

/* The judge's answer to what is done or not done. */
static int whole_step(struct gx_disk *d, enum gx_disk_op op, const char *path, int64_t at,
		      int error)
{
	enum gx_disk_fault fault = disk_step(d, op, path, at, 0);

	if (fault == GX_DISK_POWER_LOSS)
		d->is_off = true;
	return fault == GX_DISK_WORKS ? SQLITE_OK : error;
}

static int file_truncate(sqlite3_file *f, sqlite3_int64 size)
{
	struct handle *h = handle_of(f);

	if (!enter(h))
		return SQLITE_IOERR_TRUNCATE;
	int rc = whole_step(h->disk, GX_DISK_TRUNCATE, h->path, size, SQLITE_IOERR_TRUNCATE);
	if (rc == SQLITE_OK || h->disk->is_off)
		inode_truncate(h->inode, (size_t)size);
	return leave_with(h->disk, rc);
}

static int file_sync(sqlite3_file *f, int flags)
{
	struct handle *h = handle_of(f);

	if (!enter(h))
		return SQLITE_IOERR_FSYNC;
	int rc = whole_step(h->disk, GX_DISK_SYNC, h->path, 0, SQLITE_IOERR_FSYNC);
	if (rc == SQLITE_OK) {
		inode_sync(h->inode);
		if (h->syncs_folder)
			disk_sync_folder(h->disk);
		h->syncs_folder = false;
	}
	return leave_with(h->disk, rc);
}

static int file_size(sqlite3_file *f, sqlite3_int64 *out)
{
	struct handle *h = handle_of(f);

	if (!enter(h))
		return SQLITE_IOERR_FSTAT;
	*out = (sqlite3_int64)h->inode->now.size;
	return leave_with(h->disk, SQLITE_OK);
}

static int file_control(sqlite3_file *f, int op, void *arg)
{
	return SQLITE_NOTFOUND;
}

static int file_sector_size(sqlite3_file *f)
{
	return SECTOR_SIZE;
}

static int file_characteristics(sqlite3_file *f)
{
	return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

/* ---- locks of a database file */

static bool others_hold(const struct handle *h, int lock)
{
	for (const struct handle *o = h->disk->handles; o != NULL; o = o->next)
		if (o != h && o->inode == h->inode && o->lock >= lock)
			return true;
	return false;
}

static int lock_now(struct handle *h, int lock)
{
	if (h->lock >= lock)
		return SQLITE_OK;
	if (lock == SQLITE_LOCK_SHARED) {
		if (others_hold(h, SQLITE_LOCK_PENDING))
			return SQLITE_BUSY;
	} else {
		if (others_hold(h, SQLITE_LOCK_RESERVED))
			return SQLITE_BUSY;
		if (lock == SQLITE_LOCK_EXCLUSIVE && others_hold(h, SQLITE_LOCK_SHARED)) {
			h->lock = SQLITE_LOCK_PENDING;
			return SQLITE_BUSY;
		}
	}
	h->lock = lock;
	return SQLITE_OK;
}

static int file_lock(sqlite3_file *f, int lock)
{
	struct handle *h = handle_of(f);

	return enter(h) ? leave_with(h->disk, lock_now(h, lock)) : SQLITE_IOERR_LOCK;
}

static int file_unlock(sqlite3_file *f, int lock)
{
	struct handle *h = handle_of(f);

	if (!enter(h))
		return SQLITE_OK;
	if (h->lock > lock)
		h->lock = lock;
	return leave_with(h->disk, SQLITE_OK);
}

static int file_check_reserved(sqlite3_file *f, int *out)
{
	struct handle *h = handle_of(f);

	if (!enter(h))
		return SQLITE_IOERR_CHECKRESERVEDLOCK;
	*out = h->lock >= SQLITE_LOCK_RESERVED || others_hold(h, SQLITE_LOCK_RESERVED);
	return leave_with(h->disk, SQLITE_OK);
}

/* ---- shared memory */

static int shm_map(sqlite3_file *f, int index, int size, int extend, void volatile **out)
{
	struct handle *h = handle_of(f);

	if (!enter(h))
		return SQLITE_IOERR_SHMMAP;
	struct shared_memory *shm = &h->inode->shm;
	h->has_shm = true;
	*out = NULL;
	if ((size_t)index >= shm->regions_count && extend) {
		shm->regions =
			gx_heap_resize(shm->regions, (size_t)index + 1, sizeof(shm->regions[0]));
		while (shm->regions_count <= (size_t)index)
			shm->regions[shm->regions_count++] = gx_heap_alloc((size_t)size);
	}
	if ((size_t)index < shm->regions_count)
		*out = shm->regions[index];
	return leave_with(h->disk, SQLITE_OK);
}

static bool shm_others_hold(const struct handle *h, unsigned mask, bool is_exclusive)
{
	for (const struct handle *o = h->disk->handles; o != NULL; o = o->next)
		if (o != h && o->inode == h->inode &&
		    ((o->shm_exclusive & mask) != 0 ||
		     (is_exclusive && (o->shm_shared & mask) != 0)))
			return true;
	return false;
}

static int shm_lock_now(struct handle *h, unsigned mask, int flags)
{
	bool is_exclusive = (flags & SQLITE_SHM_EXCLUSIVE) != 0;
	unsigned *held = is_exclusive ? &h->shm_exclusive : &h->shm_shared;

	if ((flags & SQLITE_SHM_UNLOCK) != 0) {
		*held &= ~mask;
		return SQLITE_OK;
	}
	if (shm_others_hold(h, mask, is_exclusive))
		return SQLITE_BUSY;
	*held |= mask;
	return SQLITE_OK;
}

static int shm_lock(sqlite3_file *f, int first, int count, int flags)
{
	struct handle *h = handle_of(f);
	unsigned mask = ((1u << count) - 1u) << first;

	if (!enter(h))
		return (flags & SQLITE_SHM_UNLOCK) != 0 ? SQLITE_OK : SQLITE_IOERR_SHMLOCK;
	return leave_with(h->disk, shm_lock_now(h, mask, flags));
}

static void shm_barrier(sqlite3_file *f)
{
	atomic_thread_fence(memory_order_seq_cst);
}

/* The last one takes it away. */
static int shm_unmap(sqlite3_file *f, int is_delete)
{
	struct handle *h = handle_of(f);

	if (h->disk == NULL)
		return SQLITE_OK;
	pthread_mutex_lock(&h->disk->lock);
	h->has_shm = false;
	h->shm_shared = h->shm_exclusive = 0;
	bool is_used = false;
	for (const struct handle *o = h->disk->handles; o != NULL; o = o->next)
		is_used = is_used || (o->inode == h->inode && o->has_shm);
	if (!is_used)
		inode_drop_shm(h->inode);
	return leave_with(h->disk, SQLITE_OK);
}

/* ---- names */

static int file_close(sqlite3_file *f)
{
	struct handle *h = handle_of(f);
	struct gx_disk *d = h->disk;

	if (d == NULL)
		return SQLITE_OK;
	pthread_mutex_lock(&d->lock);
	for (struct handle **at = &d->handles; *at != NULL; at = &(*at)->next)
		if (*at == h) {
			*at = h->next;
			break;
		}
	if (h->is_deleted_on_close && h->path[0] != '\0' && !d->is_off)
		disk_remove(d, h->path);
	disk_collect(d);
	return leave_with(d, SQLITE_OK);
}

static const sqlite3_io_methods methods = {
	.iVersion = 2, /* no mapping */
	.xClose = file_close,
	.xRead = file_read,
	.xWrite = file_write,
	.xTruncate = file_truncate,
	.xSync = file_sync,
	.xFileSize = file_size,
	.xLock = file_lock,
	.xUnlock = file_unlock,
	.xCheckReservedLock = file_check_reserved,
	.xFileControl = file_control,
	.xSectorSize = file_sector_size,
	.xDeviceCharacteristics = file_characteristics,
	.xShmMap = shm_map,
	.xShmLock = shm_lock,
	.xShmBarrier = shm_barrier,
	.xShmUnmap = shm_unmap,
};

/* Finds or makes the file of `h`. */
static int open_inode(struct gx_disk *d, struct handle *h, const char *name, int flags)
{
	int synced_with_folder =
		SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL;

	if (d->is_off)
		return SQLITE_CANTOPEN;
	/* Like the unix VFS: also for a file that is there, for its name may not be synced. */
	h->syncs_folder = (flags & synced_with_folder) != 0 && (flags & SQLITE_OPEN_CREATE) != 0;
	h->inode = name == NULL ? NULL : disk_find(d, name);
	if (h->inode != NULL)
		return (flags & SQLITE_OPEN_EXCLUSIVE) != 0 ? SQLITE_CANTOPEN : SQLITE_OK;
	if ((flags & SQLITE_OPEN_CREATE) == 0)
		return SQLITE_CANTOPEN;
	if (name != NULL) {
		int rc = whole_step(d, GX_DISK_CREATE, name, 0, SQLITE_CANTOPEN);
		if (rc != SQLITE_OK && !d->is_off)
			return rc;
	}
	h->inode = disk_make(d, name);
	if (!d->is_off)
		return SQLITE_OK;
	h->inode = NULL; /* perhaps it is there, but nobody opens it */
	return SQLITE_CANTOPEN;
}

static int vfs_open(sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *f, int flags,
		    int *out_flags)
{
	struct gx_disk *d = disk_of(vfs);
	struct handle *h = handle_of(f);

	*h = (struct handle){ .path = name == NULL ? "" : name };
	pthread_mutex_lock(&d->lock);
	int rc = open_inode(d, h, name, flags);
	if (rc == SQLITE_OK) {
		h->base.pMethods = &methods;
		h->disk = d;
		h->is_deleted_on_close = (flags & SQLITE_OPEN_DELETEONCLOSE) != 0;
		h->next = d->handles;
		d->handles = h;
		if (out_flags != NULL)
			*out_flags = flags;
	}
	return leave_with(d, rc);
}

static int vfs_delete(sqlite3_vfs *vfs, const char *name, int sync_folder)
{
	struct gx_disk *d = disk_of(vfs);
	int rc = SQLITE_OK;

	pthread_mutex_lock(&d->lock);
	if (d->is_off)
		rc = SQLITE_IOERR_DELETE;
	else if (disk_find(d, name) == NULL)
		rc = SQLITE_IOERR_DELETE_NOENT;
	else
		rc = whole_step(d, GX_DISK_DELETE, name, 0, SQLITE_IOERR_DELETE);
	if (rc == SQLITE_OK || (rc == SQLITE_IOERR_DELETE && d->is_off && disk_find(d, name)))
		disk_remove(d, name);
	if (rc == SQLITE_OK && sync_folder) {
		rc = whole_step(d, GX_DISK_SYNC, name, 0, SQLITE_IOERR_DIR_FSYNC);
		if (rc == SQLITE_OK)
			disk_sync_folder(d);
	}
	return leave_with(d, rc);
}

/* Like the unix VFS: an empty file does not exist. */
static int vfs_access(sqlite3_vfs *vfs, const char *name, int flags, int *out)
{
	struct gx_disk *d = disk_of(vfs);

	pthread_mutex_lock(&d->lock);
	const struct inode *i = disk_find(d, name);
	*out = i != NULL && (flags != SQLITE_ACCESS_EXISTS || i->now.size > 0);
	return leave_with(d, d->is_off ? SQLITE_IOERR_ACCESS : SQLITE_OK);
}

static int vfs_full_pathname(sqlite3_vfs *vfs, const char *name, int size, char *out)
{
	sqlite3_snprintf(size, out, "%s", name);
	return SQLITE_OK;
}

static int vfs_randomness(sqlite3_vfs *vfs, int size, char *out)
{
	struct gx_disk *d = disk_of(vfs);

	pthread_mutex_lock(&d->lock);
	for (int k = 0; k < size; k++)
		out[k] = (char)disk_random(&d->random);
	return leave_with(d, size);
}

static int vfs_sleep(sqlite3_vfs *vfs, int us)
{
	(void)usleep((useconds_t)us);
	return us;
}

static int vfs_current_time(sqlite3_vfs *vfs, sqlite3_int64 *out)
{
	*out = FIRST_MOMENT_MS;
	return SQLITE_OK;
}

static int vfs_last_error(sqlite3_vfs *vfs, int size, char *out)
{
	return 0;
}

void disk_register(struct gx_disk *d)
{
	GX_ASSERT(sqlite3_vfs_find(d->name) == NULL);
	d->vfs = (sqlite3_vfs){
		.iVersion = 2,
		.szOsFile = (int)sizeof(struct handle),
		.mxPathname = (int)DISK_PATH_MAX - 1,
		.zName = d->name,
		.pAppData = d,
		.xOpen = vfs_open,
		.xDelete = vfs_delete,
		.xAccess = vfs_access,
		.xFullPathname = vfs_full_pathname,
		.xRandomness = vfs_randomness,
		.xSleep = vfs_sleep,
		.xGetLastError = vfs_last_error,
		.xCurrentTimeInt64 = vfs_current_time,
	};
	GX_ASSERT(sqlite3_vfs_register(&d->vfs, 0) == SQLITE_OK);
}
