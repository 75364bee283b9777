/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: field values are understood as RFC 9110 says, and nonsense is ignored.
 * Method: tables of values and meanings.
 */
#include "http_field.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void test_list(void **state)
{
	struct gx_str rest = GX_STR(" , a,\"b,\\\"c\" ;d , ,e"), item;
	static const char *want[] = { "a", "\"b,\\\"c\" ;d", "e" };

	for (size_t i = 0; i < GX_COUNT(want); i++) {
		assert_true(gx_http_list_next(&rest, &item));
		assert_true(gx_str_eq(item, gx_str_from_cstr(want[i])));
	}
	assert_false(gx_http_list_next(&rest, &item));
}

static void test_coding(void **state)
{
	static const struct {
		const char *fields;
		unsigned br, gzip;
	} cases[] = {
		{ "", 0, 0 },
		{ "Accept-Encoding: gzip, deflate, br\r\n", 1000, 1000 },
		{ "Accept-Encoding: gzip;q=0.5, br;q=0\r\n", 0, 500 },
		{ "Accept-Encoding: GZIP ; q=0.123\r\nAccept-Encoding: *;q=0.2\r\n", 200, 123 },
		{ "Accept-Encoding: *\r\n", 1000, 1000 },
		{ "Accept-Encoding: *, gzip;q=0\r\n", 1000, 0 },
		{ "Accept-Encoding: gzip;q=2, br;q=1.000\r\n", 1000, 0 },
		{ "Accept-Encoding: gzip;q=0.1234, br;x=1\r\n", 0, 0 },
		{ "Accept-Encoding: identity\r\n", 0, 0 },
	};
	static struct gx_http_head h;

	for (size_t i = 0; i < GX_COUNT(cases); i++) {
		char text[300];
		struct gx_str in = { text, 0 };
		in.len = (size_t)snprintf(text, sizeof(text), "GET / HTTP/1.1\r\nHost: a\r\n%s\r\n",
					  cases[i].fields);
		gx_http_head_init(&h);
		assert_int_equal(gx_http_head_parse(&h, in), GX_HTTP_DONE);
		assert_int_equal(gx_http_coding_quality(&h, in, GX_STR("br")), cases[i].br);
		assert_int_equal(gx_http_coding_quality(&h, in, GX_STR("gzip")), cases[i].gzip);
	}
}

static void test_etag(void **state)
{
	static const struct {
		const char *list;
		bool weak, strong;
	} cases[] = {
		{ "\"a\"", true, true },
		{ "W/\"a\"", true, false },
		{ "\"b\", \"a\"", true, true },
		{ "\"b\", W/\"a\"", true, false },
		{ "\"a,\", \"b\"", false, false },
		{ "a", false, false },
		{ "*", true, true },
		{ "", false, false },
	};

	for (size_t i = 0; i < GX_COUNT(cases); i++) {
		struct gx_str list = gx_str_from_cstr(cases[i].list);
		assert_int_equal(gx_http_etag_listed(list, GX_STR("\"a\""), false), cases[i].weak);
		assert_int_equal(gx_http_etag_listed(list, GX_STR("\"a\""), true), cases[i].strong);
	}
}

static void test_range(void **state)
{
	static const struct {
		const char *value;
		uint64_t size;
		enum gx_http_range want;
		uint64_t first, last;
	} cases[] = {
		{ "bytes=0-0", 10, GX_HTTP_RANGE_PART, 0, 0 },
		{ "bytes=2-5", 10, GX_HTTP_RANGE_PART, 2, 5 },
		{ "bytes=2-", 10, GX_HTTP_RANGE_PART, 2, 9 },
		{ "bytes=2-99", 10, GX_HTTP_RANGE_PART, 2, 9 },
		{ "bytes=2-99999999999999999999999", 10, GX_HTTP_RANGE_PART, 2, 9 },
		{ "bytes=-3", 10, GX_HTTP_RANGE_PART, 7, 9 },
		{ "bytes=-30", 10, GX_HTTP_RANGE_PART, 0, 9 },
		{ "bytes=-0", 10, GX_HTTP_RANGE_UNSATISFIABLE, 0, 0 },
		{ "bytes=10-", 10, GX_HTTP_RANGE_UNSATISFIABLE, 0, 0 },
		{ "bytes=0-", 0, GX_HTTP_RANGE_UNSATISFIABLE, 0, 0 },
		{ "bytes=-1", 0, GX_HTTP_RANGE_UNSATISFIABLE, 0, 0 },
		{ "bytes=5-2", 10, GX_HTTP_RANGE_WHOLE, 0, 0 },
		{ "bytes=", 10, GX_HTTP_RANGE_WHOLE, 0, 0 },
		{ "bytes=-", 10, GX_HTTP_RANGE_WHOLE, 0, 0 },
		{ "bytes=3", 10, GX_HTTP_RANGE_WHOLE, 0, 0 },
		{ "bytes=a-b", 10, GX_HTTP_RANGE_WHOLE, 0, 0 },
		{ "bytes=0-1,3-4", 10, GX_HTTP_RANGE_WHOLE, 0, 0 },
		{ "lines=0-1", 10, GX_HTTP_RANGE_WHOLE, 0, 0 },
		{ "", 10, GX_HTTP_RANGE_WHOLE, 0, 0 },
	};

	for (size_t i = 0; i < GX_COUNT(cases); i++) {
		uint64_t first = 0, last = 0;
		enum gx_http_range got = gx_http_range_parse(gx_str_from_cstr(cases[i].value),
							     cases[i].size, &first, &last);
		if (got != cases[i].want || first != cases[i].first || last != cases[i].last)
			fail_msg("%s", cases[i].value);
	}
}

static void test_date(void **state)
{
	static const struct {
		int64_t seconds;
		const char *text;
	} cases[] = {
		{ 0, "Thu, 01 Jan 1970 00:00:00 GMT" },
		{ 784111777, "Sun, 06 Nov 1994 08:49:37 GMT" },
		{ 951782399, "Mon, 28 Feb 2000 23:59:59 GMT" },
		{ 951782400, "Tue, 29 Feb 2000 00:00:00 GMT" },
		{ 1735689599, "Tue, 31 Dec 2024 23:59:59 GMT" },
		{ 4102444800, "Fri, 01 Jan 2100 00:00:00 GMT" },
	};

	for (size_t i = 0; i < GX_COUNT(cases); i++) {
		char out[GX_HTTP_DATE_BYTES];
		gx_http_date(cases[i].seconds * 1000, out);
		assert_memory_equal(out, cases[i].text, sizeof(out));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_list), cmocka_unit_test(test_coding),
		cmocka_unit_test(test_etag), cmocka_unit_test(test_range),
		cmocka_unit_test(test_date),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
