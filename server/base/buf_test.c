/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: a buffer grows up to its maximum and says when something did not fit.
 * Method: append with each function, below, at and above the maximum.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "buf.h"

static void check_text(const struct gx_buf *b, const char *want)
{
	struct gx_str s = gx_buf_str(b);

	assert_int_equal(s.len, strlen(want));
	assert_memory_equal(s.len == 0 ? "" : s.ptr, want, s.len);
}

static void test_append(void **state)
{
	struct gx_buf b;

	gx_buf_init(&b, 1000);
	check_text(&b, "");
	gx_buf_append(&b, "ab", 2);
	gx_buf_append_str(&b, GX_STR_NULL);
	gx_buf_append_char(&b, 'c');
	gx_buf_append_u64(&b, 0);
	gx_buf_append_u64(&b, UINT64_MAX);
	gx_buf_append_i64(&b, INT64_MIN);
	gx_buf_append_i64(&b, 7);
	gx_buf_printf(&b, "<%s|%d>", "x", 5);
	check_text(&b, "abc018446744073709551615-92233720368547758087<x|5>");
	gx_buf_consume(&b, 4);
	gx_buf_truncate(&b, 20);
	check_text(&b, "18446744073709551615");
	memcpy(gx_buf_reserve(&b, 3), "xyz", 3);
	gx_buf_commit(&b, 2);
	check_text(&b, "18446744073709551615xy");
	gx_buf_clear(&b);
	check_text(&b, "");
	assert_true(b.cap > 0);
	gx_buf_release(&b);
	assert_null(b.ptr);
	assert_int_equal(b.max, 1000);
	gx_buf_deinit(&b);
}

static void test_growth_keeps_bytes(void **state)
{
	struct gx_buf b;

	gx_buf_init(&b, 100000);
	for (unsigned i = 0; i < 100000; i++)
		gx_buf_append_char(&b, (char)(i % 251));
	assert_false(b.overflow);
	for (unsigned i = 0; i < 100000; i++)
		assert_int_equal(b.ptr[i], (char)(i % 251));
	gx_buf_append_char(&b, 'x');
	assert_true(b.overflow);
	assert_int_equal(b.len, 100000);
	gx_buf_deinit(&b);
}

static void test_overflow_drops_whole(void **state)
{
	struct gx_buf b;

	gx_buf_init(&b, 8);
	gx_buf_append_str(&b, GX_STR("12345678"));
	assert_false(b.overflow);
	gx_buf_truncate(&b, 4);
	gx_buf_append_str(&b, GX_STR("abcde"));
	assert_true(b.overflow);
	check_text(&b, "1234");
	gx_buf_truncate(&b, 4);
	assert_false(b.overflow);
	gx_buf_printf(&b, "%s", "wxyz"); /* exactly fills it, with no room for a NUL */
	assert_false(b.overflow);
	check_text(&b, "1234wxyz");
	gx_buf_printf(&b, "%d", 1);
	assert_true(b.overflow);
	check_text(&b, "1234wxyz");
	gx_buf_clear(&b);
	assert_null(gx_buf_reserve(&b, 9));
	assert_true(b.overflow);
	assert_non_null(gx_buf_reserve(&b, 8));
	gx_buf_deinit(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_append),
		cmocka_unit_test(test_growth_keeps_bytes),
		cmocka_unit_test(test_overflow_drops_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
