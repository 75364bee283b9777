/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: no query of any room reads a whole table, unless its .sql file says that it may.
 * Method: SQLite's own plans, on an empty database of all rooms.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "rooms.h"
#include "testhouse.h"

static void test_no_query_scans(void **state)
{
	struct gx_test t;
	struct gx_buf report;

	gx_test_open(&t, app_rooms);
	gx_buf_init(&report, 65536);
	assert_int_equal(gx_test_check_plans(&t, &report), GX_OK);
	gx_buf_append_char(&report, '\0');
	assert_string_equal(report.ptr, "");
	gx_buf_deinit(&report);
	gx_test_close(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_query_scans),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
