/* SPDX-License-Identifier: Apache-2.0 */
/*
 * db_backup.c - the copy beside the database that is made before it is migrated.
 *
 * guanxi.db.before-20251122T015849.123Z: complete or not there. It is written under a temporary
 * name, synced, renamed, and the folder synced. The newest BACKUPS_KEPT stay.
 */
#include "db_sqlite.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define BACKUPS_KEPT 3u
#define BACKUPS_SEEN_MAX 64u

struct backup {
	char folder[PATH_MAX];
	char prefix[NAME_MAX]; /* "guanxi.db.before-" */
	char name[NAME_MAX];
	char temporary[NAME_MAX + 8];
};

static bool name_backup(struct backup *b, const char *path, int64_t now_ms)
{
	const char *slash = strrchr(path, '/');
	const char *base = slash == NULL ? path : slash + 1;
	time_t seconds = (time_t)(now_ms / 1000);
	struct tm utc;
	char stamp[32];

	if (gmtime_r(&seconds, &utc) == NULL)
		return false;
	(void)strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%S", &utc);
	if (snprintf(b->folder, sizeof(b->folder), "%.*s", slash == NULL ? 1 : (int)(base - path),
		     slash == NULL ? "." : path) >= (int)sizeof(b->folder) ||
	    snprintf(b->prefix, sizeof(b->prefix), "%s.before-", base) >= (int)sizeof(b->prefix) ||
	    snprintf(b->name, sizeof(b->name), "%s.before-%s.%03dZ", base, stamp,
		     (int)(now_ms % 1000)) >= (int)sizeof(b->name))
		return false;
	(void)snprintf(b->temporary, sizeof(b->temporary), "%s.tmp", b->name);
	return true;
}

static bool vacuum_into(sqlite3 *h, const char *path)
{
	sqlite3_stmt *s;

	if (sqlite3_prepare_v2(h, "VACUUM INTO ?1", -1, &s, NULL) != SQLITE_OK)
		return false;
	(void)sqlite3_bind_text(s, 1, path, -1, SQLITE_STATIC);
	(void)sqlite3_step(s);
	return sqlite3_finalize(s) == SQLITE_OK;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp((const char *)a, (const char *)b);
}

/* Names sort by time. Of more than BACKUPS_SEEN_MAX the rest waits for the next time. */
static void drop_old(int folder_fd, const char *prefix)
{
	char names[BACKUPS_SEEN_MAX][NAME_MAX + 1];
	size_t count = 0;
	int fd = openat(folder_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (dir == NULL)
		return;
	for (struct dirent *e; (e = readdir(dir)) != NULL && count < BACKUPS_SEEN_MAX;)
		if (strncmp(e->d_name, prefix, strlen(prefix)) == 0)
			(void)snprintf(names[count++], sizeof(names[0]), "%s", e->d_name);
	closedir(dir);
	qsort(names, count, sizeof(names[0]), compare_names);
	for (size_t i = 0; i + BACKUPS_KEPT < count; i++)
		(void)unlinkat(folder_fd, names[i], 0);
}

/* Empty and private: VACUUM INTO fills an empty file. */
static int make_file(int folder_fd, const char *name)
{
	return openat(folder_fd, name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
}

static enum gx_status fail_file(const char *what, struct gx_error *err)
{
	int code = errno;

	gx_log(GX_LOG_ERROR, "db.backup_failed", GX_F_CSTR("what", what),
	       GX_F_CSTR("message", strerror(code)));
	if (code == ENOSPC || code == EDQUOT)
		return gx_fail(err, GX_E_OVERLOADED, "core.storage_full");
	return gx_fail(err, GX_E_INTERNAL, "core.database");
}

static enum gx_status write_backup(sqlite3 *h, const struct backup *b, int folder_fd, int fd,
				   struct gx_error *err)
{
	char path[sizeof(b->folder) + sizeof(b->temporary)];

	(void)snprintf(path, sizeof(path), "%s/%s", b->folder, b->temporary);
	if (!vacuum_into(h, path))
		return gx_sqlite_fail(h, "backup", err);
	if (fsync(fd) != 0 || renameat(folder_fd, b->temporary, folder_fd, b->name) != 0 ||
	    fsync(folder_fd) != 0)
		return fail_file(b->name, err);
	return GX_OK;
}

enum gx_status gx_sqlite_backup(sqlite3 *h, const char *path, int64_t now_ms, struct gx_error *err)
{
	struct backup b;
	enum gx_status st;

	if (!name_backup(&b, path, now_ms))
		return gx_fail(err, GX_E_INTERNAL, "core.database");
	int folder_fd = open(b.folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder_fd < 0)
		return fail_file(b.folder, err);
	int fd = make_file(folder_fd, b.temporary);
	if (fd < 0) {
		st = fail_file(b.temporary, err);
	} else {
		st = write_backup(h, &b, folder_fd, fd, err);
		close(fd);
		if (st != GX_OK)
			(void)unlinkat(folder_fd, b.temporary, 0);
	}
	if (st == GX_OK) {
		drop_old(folder_fd, b.prefix);
		gx_log(GX_LOG_INFO, "db.backup", GX_F_CSTR("name", b.name));
	}
	close(folder_fd);
	return st;
}
