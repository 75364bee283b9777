/* SPDX-License-Identifier: Apache-2.0 */
/*
 * db_part.c - the few methods that a database without a journal and without company needs.
 *
 * Where the part lies comes along in the name, as parameters of its URI.
 */
#include "db_part.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define VFS_NAME "gx-part"
#define URI_BYTES 128u
#define CACHE_PRAGMA "PRAGMA cache_size=-8192"

struct part_file {
	sqlite3_file base;
	int fd;
	sqlite3_int64 from;
	sqlite3_int64 size; /* -1: up to the end of the file */
};

static struct part_file *file_of(sqlite3_file *f)
{
	return (struct part_file *)(void *)f;
}

static int part_close(sqlite3_file *f)
{
	(void)f;
	return SQLITE_OK;
}

static int part_read(sqlite3_file *f, void *to, int size, sqlite3_int64 at)
{
	const struct part_file *p = file_of(f);
	size_t done = 0, want = (size_t)size;

	if (p->size >= 0 && at + size > p->size)
		want = at >= p->size ? 0 : (size_t)(p->size - at);
	while (done < want) {
		ssize_t n = pread(p->fd, (char *)to + done, want - done,
				  (off_t)(p->from + at) + (off_t)done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return SQLITE_IOERR_READ;
		if (n == 0)
			break;
		done += (size_t)n;
	}
	memset((char *)to + done, 0, (size_t)size - done);
	return done < (size_t)size ? SQLITE_IOERR_SHORT_READ : SQLITE_OK;
}

static int part_write(sqlite3_file *f, const void *bytes, int size, sqlite3_int64 at)
{
	const struct part_file *p = file_of(f);
	size_t done = 0;

	while (done < (size_t)size) {
		ssize_t n = pwrite(p->fd, (const char *)bytes + done, (size_t)size - done,
				   (off_t)(p->from + at) + (off_t)done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == ENOSPC || errno == EDQUOT ? SQLITE_FULL
								  : SQLITE_IOERR_WRITE;
		done += (size_t)n;
	}
	return SQLITE_OK;
}

static int part_truncate(sqlite3_file *f, sqlite3_int64 size)
{
	const struct part_file *p = file_of(f);

	return ftruncate(p->fd, (off_t)(p->from + size)) == 0 ? SQLITE_OK : SQLITE_IOERR_TRUNCATE;
}

/* Whoever puts the larger file together syncs it as a whole. */
static int part_sync(sqlite3_file *f, int flags)
{
	(void)f;
	(void)flags;
	return SQLITE_OK;
}

static int part_size(sqlite3_file *f, sqlite3_int64 *out)
{
	const struct part_file *p = file_of(f);
	struct stat about;

	if (p->size < 0 && fstat(p->fd, &about) != 0)
		return SQLITE_IOERR_FSTAT;
	*out = p->size >= 0 ? p->size : about.st_size > p->from ? about.st_size - p->from : 0;
	return SQLITE_OK;
}

static int part_lock(sqlite3_file *f, int level)
{
	(void)f;
	(void)level;
	return SQLITE_OK;
}

static int part_is_reserved(sqlite3_file *f, int *out)
{
	(void)f;
	*out = 0;
	return SQLITE_OK;
}

static int part_control(sqlite3_file *f, int op, void *arg)
{
	(void)f;
	(void)op;
	(void)arg;
	return SQLITE_NOTFOUND;
}

static int part_sector_size(sqlite3_file *f)
{
	(void)f;
	return 4096;
}

static int part_characteristics(sqlite3_file *f)
{
	(void)f;
	return 0;
}

static const sqlite3_io_methods methods = {
	.iVersion = 1,
	.xClose = part_close,
	.xRead = part_read,
	.xWrite = part_write,
	.xTruncate = part_truncate,
	.xSync = part_sync,
	.xFileSize = part_size,
	.xLock = part_lock,
	.xUnlock = part_lock,
	.xCheckReservedLock = part_is_reserved,
	.xFileControl = part_control,
	.xSectorSize = part_sector_size,
	.xDeviceCharacteristics = part_characteristics,
};

static int vfs_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *f, int flags, int *out_flags)
{
	struct part_file *p = file_of(f);

	(void)vfs;
	f->pMethods = NULL;
	if ((flags & SQLITE_OPEN_MAIN_DB) == 0)
		return SQLITE_CANTOPEN; /* no journals, no temporary files */
	p->fd = (int)sqlite3_uri_int64(name, "fd", -1);
	p->from = sqlite3_uri_int64(name, "from", 0);
	p->size = sqlite3_uri_int64(name, "size", -1);
	f->pMethods = &methods;
	if (out_flags != NULL)
		*out_flags = flags;
	return SQLITE_OK;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *name, int sync_dir)
{
	(void)vfs;
	(void)name;
	(void)sync_dir;
	return SQLITE_OK;
}

static int vfs_access(sqlite3_vfs *vfs, const char *name, int flags, int *out)
{
	(void)vfs;
	(void)name;
	(void)flags;
	*out = 0;
	return SQLITE_OK;
}

static int vfs_full_name(sqlite3_vfs *vfs, const char *name, int size, char *out)
{
	(void)vfs;
	(void)snprintf(out, (size_t)size, "%s", name);
	return SQLITE_OK;
}

/* Time and randomness are the system's. */
static sqlite3_vfs *part_vfs(void)
{
	static sqlite3_vfs vfs;
	const sqlite3_vfs *base;

	if (vfs.zName != NULL)
		return &vfs;
	base = sqlite3_vfs_find(NULL);
	if (base == NULL)
		return NULL;
	vfs = *base;
	vfs.iVersion = 1;
	vfs.pNext = NULL;
	vfs.zName = VFS_NAME;
	vfs.szOsFile = (int)sizeof(struct part_file);
	vfs.xOpen = vfs_open;
	vfs.xDelete = vfs_delete;
	vfs.xAccess = vfs_access;
	vfs.xFullPathname = vfs_full_name;
	if (sqlite3_vfs_register(&vfs, 0) != SQLITE_OK)
		vfs.zName = NULL;
	return vfs.zName == NULL ? NULL : &vfs;
}

static int open_part(const char *uri, int flags, sqlite3 **out)
{
	*out = NULL;
	if (part_vfs() == NULL)
		return SQLITE_ERROR;
	return sqlite3_open_v2(uri, out, flags | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, VFS_NAME);
}

int gx_part_create(int fd, uint64_t base, sqlite3 **out)
{
	char uri[URI_BYTES];
	int rc;

	(void)snprintf(uri, sizeof(uri), "file:part?fd=%d&from=%llu", fd, (unsigned long long)base);
	rc = open_part(uri, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, out);
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(*out,
				  "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; " CACHE_PRAGMA,
				  NULL, NULL, NULL);
	return rc;
}

/* Immutable: though the header says that there is a log beside it, nobody looks for one. */
int gx_part_open(int fd, uint64_t base, uint64_t size, sqlite3 **out)
{
	char uri[URI_BYTES];
	int rc;

	(void)snprintf(uri, sizeof(uri), "file:part?fd=%d&from=%llu&size=%llu&immutable=1", fd,
		       (unsigned long long)base, (unsigned long long)size);
	rc = open_part(uri, SQLITE_OPEN_READONLY, out);
	return rc == SQLITE_OK ? sqlite3_exec(*out, CACHE_PRAGMA, NULL, NULL, NULL) : rc;
}
