/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: each status has its HTTP status; a failure says what it is.
 * Method: small tables.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "status.h"

static void test_status(void **state)
{
	static const int http[GX_STATUS_COUNT] = { 200, 400, 401, 403, 404, 405, 409, 410,
						   413, 415, 422, 429, 500, 503, 503 };

	for (unsigned st = 0; st < GX_STATUS_COUNT; st++)
		assert_int_equal(gx_status_http((enum gx_status)st), http[st]);
}

static void test_fail(void **state)
{
	struct gx_arena a;
	struct gx_error err;

	gx_arena_init(&a);
	memset(&err, 0xff, sizeof(err));
	assert_int_equal(gx_fail(&err, GX_E_RULE, "room.rule"), GX_E_RULE);
	assert_int_equal(err.status, GX_E_RULE);
	assert_string_equal(err.code, "room.rule");
	assert_int_equal(err.detail.len, 0);
	assert_int_equal(err.fields_count, 0);
	assert_int_equal(err.retry_after_s, 0);
	assert_int_equal(gx_fail_field(&err, GX_E_INVALID, "room.bad", "nickname"), GX_E_INVALID);
	assert_int_equal(err.fields_count, 1);
	assert_string_equal(err.fields[0], "nickname");
	assert_int_equal(gx_fail_retry(&err, GX_E_LIMIT, "room.often", 60), GX_E_LIMIT);
	assert_int_equal(err.retry_after_s, 60);
	assert_int_equal(err.fields_count, 0);
	assert_int_equal(gx_fail_detail(&a, &err, GX_E_CONFLICT, "room.c", "%d of %s", 3, "x"),
			 GX_E_CONFLICT);
	assert_true(gx_str_eq(err.detail, GX_STR("3 of x")));
	gx_arena_deinit(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_status),
		cmocka_unit_test(test_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
