/* SPDX-License-Identifier: Apache-2.0 */
#include "db_tools.h"

#include <string.h>

#include "db_part.h"
#include "db_sqlite.h"

#define STEP_PAGES 4096
#define CHECK_PREFIX "check_"

/* Read only: as SQLite's last connection on the file such a one leaves the log alone. */
static enum gx_status open_place(const struct gx_db_place *place, sqlite3 **out,
				 struct gx_error *err)
{
	const char *what = place->path == NULL ? "backup" : place->path;
	sqlite3 *h = NULL;
	int rc;

	if (place->path == NULL)
		rc = gx_part_open(place->fd, place->base, place->size, &h);
	else
		rc = sqlite3_open_v2(place->path, &h, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX,
				     NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_busy_timeout(h, GX_SQLITE_BUSY_TIMEOUT_MS);
	if (rc != SQLITE_OK) {
		enum gx_status st = gx_sqlite_fail(h, what, err);
		(void)sqlite3_close(h);
		return st;
	}
	*out = h;
	return GX_OK;
}

/* ---- copying */

/* Its pages one after the other. `from` stays in one transaction, so that what is written meanwhile
 * is not seen and nothing has to begin again. */
static bool copy_pages(sqlite3 *from, sqlite3 *to, const struct gx_db_progress *progress,
		       uint64_t page_bytes, uint64_t *size)
{
	sqlite3_backup *b = sqlite3_backup_init(to, "main", from, "main");
	int rc = SQLITE_OK;

	if (b == NULL)
		return false;
	while (rc == SQLITE_OK) {
		rc = sqlite3_backup_step(b, STEP_PAGES);
		uint64_t all = (uint64_t)sqlite3_backup_pagecount(b);
		uint64_t left = (uint64_t)sqlite3_backup_remaining(b);

		*size = all * page_bytes;
		if (progress != NULL)
			progress->tell(progress->arg, (all - left) * page_bytes, all * page_bytes);
	}
	return sqlite3_backup_finish(b) == SQLITE_OK && rc == SQLITE_DONE;
}

static bool read_number(sqlite3 *h, const char *sql, uint64_t *out)
{
	sqlite3_stmt *s;
	bool is_there = false;

	if (sqlite3_prepare_v2(h, sql, -1, &s, NULL) != SQLITE_OK)
		return false;
	if (sqlite3_step(s) == SQLITE_ROW) {
		*out = (uint64_t)sqlite3_column_int64(s, 0);
		is_there = true;
	}
	return sqlite3_finalize(s) == SQLITE_OK && is_there;
}

static enum gx_status copy_open(sqlite3 *from, sqlite3 *to, const struct gx_db_progress *progress,
				uint64_t *size, struct gx_error *err)
{
	uint64_t page_bytes = 0;

	/* The first reading fixes the snapshot. */
	if (sqlite3_exec(from, "BEGIN", NULL, NULL, NULL) != SQLITE_OK ||
	    !read_number(from, "PRAGMA page_size", &page_bytes) ||
	    sqlite3_exec(from, "SELECT 1 FROM sqlite_schema LIMIT 1", NULL, NULL, NULL) !=
		    SQLITE_OK)
		return gx_sqlite_fail(from, "copy", err);
	return copy_pages(from, to, progress, page_bytes, size) ? GX_OK
								: gx_sqlite_fail(to, "copy", err);
}

enum gx_status gx_db_copy_into(const char *from, int fd, uint64_t base,
			       const struct gx_db_progress *progress, uint64_t *size,
			       struct gx_error *err)
{
	sqlite3 *source, *target;
	enum gx_status st = open_place(&(struct gx_db_place){ .path = from }, &source, err);

	if (st != GX_OK)
		return st;
	if (gx_part_create(fd, base, &target) != SQLITE_OK)
		st = gx_sqlite_fail(target, "copy", err);
	else
		st = copy_open(source, target, progress, size, err);
	(void)sqlite3_close(target);
	(void)sqlite3_close(source);
	return st;
}

/* ---- checking */

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

static bool is_check(const struct gx_query *q)
{
	const char *dot = strchr(q->name, '.');

	return dot != NULL && strncmp(dot + 1, CHECK_PREFIX, strlen(CHECK_PREFIX)) == 0;
}

static bool append_checks(sqlite3 *h, struct gx_query_set *const *sets, size_t sets_count,
			  struct gx_buf *complaints)
{
	for (size_t i = 0; i < sets_count; i++)
		for (size_t k = 0; k < sets[i]->queries_count; k++) {
			const struct gx_query *q = &sets[i]->queries[k];

			if (is_check(q) && !append_rows(h, q->sql_sqlite, q->name, "", complaints))
				return false;
		}
	return true;
}

enum gx_status gx_db_check(const struct gx_db_place *place, struct gx_query_set *const *sets,
			   size_t sets_count, struct gx_buf *complaints, struct gx_error *err)
{
	sqlite3 *h;
	enum gx_status st = open_place(place, &h, err);

	if (st != GX_OK)
		return st;
	if (!append_rows(h, "PRAGMA integrity_check", "integrity", "ok", complaints) ||
	    !append_rows(h, "PRAGMA foreign_key_check", "foreign key", "", complaints) ||
	    !append_checks(h, sets, sets_count, complaints))
		gx_buf_printf(complaints, "database: %s\n", sqlite3_errmsg(h));
	(void)sqlite3_close(h);
	return GX_OK;
}

enum gx_status gx_db_each(const struct gx_db_place *place, const struct gx_query *q,
			  bool (*row)(void *arg, struct gx_str first, int64_t second), void *arg,
			  struct gx_error *err)
{
	sqlite3 *h;
	sqlite3_stmt *s = NULL;
	bool wants_more = true;
	int rc;
	enum gx_status st = open_place(place, &h, err);

	if (st != GX_OK)
		return st;
	rc = sqlite3_prepare_v2(h, q->sql_sqlite, -1, &s, NULL);
	while (rc == SQLITE_OK && wants_more && (rc = sqlite3_step(s)) == SQLITE_ROW) {
		const char *text = (const char *)sqlite3_column_text(s, 0);
		size_t len = (size_t)sqlite3_column_bytes(s, 0);

		wants_more = row(arg, text == NULL ? GX_STR("") : (struct gx_str){ text, len },
				 sqlite3_column_int64(s, 1));
		rc = SQLITE_OK;
	}
	if (rc != SQLITE_OK && rc != SQLITE_DONE)
		st = gx_sqlite_fail(h, q->name, err);
	(void)sqlite3_finalize(s);
	(void)sqlite3_close(h);
	return st;
}
