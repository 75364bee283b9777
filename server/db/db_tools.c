/* SPDX-License-Identifier: Apache-2.0 */
#include "db_tools.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "db_sqlite.h"

/* Read only: as SQLite's last connection on the file such a one leaves the log alone. */
static enum gx_status open_to_read(const char *path, sqlite3 **out, struct gx_error *err)
{
	sqlite3 *h = NULL;
	enum gx_status st = GX_OK;

	if (sqlite3_open_v2(path, &h, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL) !=
		    SQLITE_OK ||
	    sqlite3_busy_timeout(h, GX_SQLITE_BUSY_TIMEOUT_MS) != SQLITE_OK) {
		st = gx_sqlite_fail(h, path, err);
		(void)sqlite3_close(h);
		return st;
	}
	*out = h;
	return GX_OK;
}

static enum gx_status sync_file(const char *path, struct gx_error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool is_synced = fd >= 0 && fsync(fd) == 0;

	if (fd >= 0)
		close(fd);
	if (is_synced)
		return GX_OK;
	gx_log(GX_LOG_ERROR, "db.copy_not_synced", GX_F_CSTR("error", strerror(errno)));
	return gx_fail(err, GX_E_INTERNAL, "core.database");
}

static enum gx_status vacuum_into(sqlite3 *h, const char *to, struct gx_error *err)
{
	sqlite3_stmt *s;

	if (sqlite3_prepare_v2(h, "VACUUM INTO ?1", -1, &s, NULL) != SQLITE_OK)
		return gx_sqlite_fail(h, "copy", err);
	(void)sqlite3_bind_text(s, 1, to, -1, SQLITE_STATIC);
	(void)sqlite3_step(s);
	return sqlite3_finalize(s) == SQLITE_OK ? GX_OK : gx_sqlite_fail(h, "copy", err);
}

enum gx_status gx_db_file_copy(const char *from, const char *to, struct gx_error *err)
{
	sqlite3 *h;
	int fd = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	enum gx_status st;

	if (fd < 0) {
		gx_log(GX_LOG_ERROR, "db.copy_not_made", GX_F_CSTR("path", to),
		       GX_F_CSTR("error", strerror(errno)));
		return gx_fail(err, GX_E_INTERNAL, "core.database");
	}
	close(fd);
	st = open_to_read(from, &h, err);
	if (st == GX_OK) {
		st = vacuum_into(h, to, err);
		(void)sqlite3_close(h);
	}
	if (st == GX_OK)
		st = sync_file(to, err);
	if (st != GX_OK)
		(void)unlink(to);
	return st;
}

/* Appends the rows of a check that has nothing to say but `sound`. */
static bool append_rows(sqlite3 *h, const char *sql, const char *what, const char *sound,
			struct gx_buf *complaints)
{
	sqlite3_stmt *s;
	int rc = sqlite3_prepare_v2(h, sql, -1, &s, NULL);

	if (rc != SQLITE_OK)
		return false;
	while ((rc = sqlite3_step(s)) == SQLITE_ROW) {
		const char *text = (const char *)sqlite3_column_text(s, 0);

		if (text == NULL || strcmp(text, sound) != 0)
			gx_buf_printf(complaints, "%s: %s\n", what, text == NULL ? "?" : text);
	}
	return sqlite3_finalize(s) == SQLITE_OK && rc == SQLITE_DONE;
}

enum gx_status gx_db_file_check(const char *path, struct gx_buf *complaints, struct gx_error *err)
{
	sqlite3 *h;
	enum gx_status st = open_to_read(path, &h, err);

	if (st != GX_OK)
		return st;
	if (!append_rows(h, "PRAGMA integrity_check", "integrity", "ok", complaints) ||
	    !append_rows(h, "PRAGMA foreign_key_check", "foreign key", "", complaints))
		gx_buf_printf(complaints, "database: %s\n", sqlite3_errmsg(h));
	(void)sqlite3_close(h);
	return GX_OK;
}
