/* SPDX-License-Identifier: Apache-2.0 */
/*
 * db_plans.c - finds queries that read a whole table, for the tests.
 *
 * EXPLAIN QUERY PLAN says "SCAN name" for each, but also for constant rows and for sub-selects,
 * which it has announced before as "CO-ROUTINE name" or "MATERIALIZE name"; those are fine, what
 * they read has lines of its own.
 */
#include "db_sqlite.h"

#include <string.h>

#define NAMES_BYTES_MAX 4096u

static struct gx_str after_first_word(struct gx_str plan)
{
	(void)gx_str_cut(&plan, ' ');
	return plan;
}

/* `made` holds names of sub-selects, each between line ends. */
static bool is_made(const struct gx_buf *made, struct gx_str name)
{
	struct gx_str rest = gx_buf_str(made);

	while (rest.len > 0)
		if (gx_str_eq(gx_str_cut(&rest, '\n'), name))
			return true;
	return false;
}

static bool is_full_scan(struct gx_str plan, const struct gx_buf *made)
{
	struct gx_str rest = after_first_word(plan);

	return gx_str_starts(plan, GX_STR("SCAN ")) && !gx_str_starts(rest, GX_STR("(")) &&
	       !gx_str_eq(rest, GX_STR("CONSTANT ROW")) && !is_made(made, gx_str_cut(&rest, ' '));
}

static void check_row(const struct gx_query *q, struct gx_str plan, struct gx_buf *made,
		      struct gx_buf *report)
{
	if (gx_str_starts(plan, GX_STR("CO-ROUTINE ")) ||
	    gx_str_starts(plan, GX_STR("MATERIALIZE "))) {
		gx_buf_append_str(made, after_first_word(plan));
		gx_buf_append_char(made, '\n');
	} else if (is_full_scan(plan, made)) {
		gx_buf_printf(report, "%s: %.*s\n", q->name, GX_STR_ARG(plan));
	}
}

enum gx_status gx_sqlite_check_plan(sqlite3 *h, const struct gx_query *q, struct gx_buf *report,
				    struct gx_error *err)
{
	char *sql = sqlite3_mprintf("EXPLAIN QUERY PLAN %s", q->sql_sqlite);
	struct gx_buf made;
	sqlite3_stmt *s;

	GX_ASSERT(sql != NULL);

	int rc = sqlite3_prepare_v2(h, sql, -1, &s, NULL);
	sqlite3_free(sql);
	if (rc != SQLITE_OK)
		return gx_sqlite_fail(h, q->name, err);
	gx_buf_init(&made, NAMES_BYTES_MAX);
	while (sqlite3_step(s) == SQLITE_ROW)
		check_row(q, gx_str_from_cstr((const char *)sqlite3_column_text(s, 3)), &made,
			  report);
	gx_buf_deinit(&made);
	return sqlite3_finalize(s) == SQLITE_OK ? GX_OK : gx_sqlite_fail(h, q->name, err);
}
