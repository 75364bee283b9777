/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: strings are compared, cut and turned into numbers exactly.
 * Method: one table a function, valid neighbours beside invalid ones.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "str.h"

#define CHECK_CASE(condition, name)                                                                \
	do {                                                                                       \
		if (!(condition))                                                                  \
			fail_msg("case \"%s\": %s", (name), #condition);                           \
	} while (0)

static void test_eq(void **state)
{
	static const struct {
		const char *name;
		struct gx_str a, b;
		bool eq, eq_nocase;
	} cases[] = {
		{ "empty", { "", 0 }, { NULL, 0 }, true, true },
		{ "same", { "abc", 3 }, { "abc", 3 }, true, true },
		{ "case", { "aBc", 3 }, { "AbC", 3 }, false, true },
		{ "prefix", { "abc", 3 }, { "ab", 2 }, false, false },
		{ "other", { "abc", 3 }, { "abd", 3 }, false, false },
		{ "at sign is no grave", { "@", 1 }, { "`", 1 }, false, false },
		{ "bracket is no brace", { "[", 1 }, { "{", 1 }, false, false },
		{ "nul inside", { "a\0b", 3 }, { "a\0c", 3 }, false, false },
	};

	for (size_t i = 0; i < GX_COUNT(cases); i++) {
		CHECK_CASE(gx_str_eq(cases[i].a, cases[i].b) == cases[i].eq, cases[i].name);
		CHECK_CASE(gx_str_eq_secret(cases[i].a, cases[i].b) == cases[i].eq, cases[i].name);
		CHECK_CASE(gx_str_eq_nocase(cases[i].a, cases[i].b) == cases[i].eq_nocase,
			   cases[i].name);
	}
}

static void test_parts(void **state)
{
	struct gx_str s = GX_STR("a,b,,c"), rest = s;

	assert_true(gx_str_starts(s, GX_STR("a,b")));
	assert_true(gx_str_starts(s, GX_STR_NULL));
	assert_false(gx_str_starts(s, GX_STR("a,b,,c,")));
	assert_true(gx_str_ends(s, GX_STR(",c")));
	assert_false(gx_str_ends(s, GX_STR("b")));
	assert_int_equal(gx_str_find(s, 'b'), 2);
	assert_int_equal(gx_str_find(s, 'x'), s.len);
	assert_true(gx_str_eq(gx_str_slice(s, 2, 4), GX_STR("b,")));
	assert_int_equal(gx_str_slice(s, 4, 2).len, 0);
	assert_int_equal(gx_str_slice(s, 9, 12).len, 0);
	assert_true(gx_str_eq(gx_str_slice(s, 5, 99), GX_STR("c")));
	assert_true(gx_str_eq(gx_str_trim(GX_STR(" \ta b\t ")), GX_STR("a b")));
	assert_int_equal(gx_str_trim(GX_STR(" \t ")).len, 0);

	assert_true(gx_str_eq(gx_str_cut(&rest, ','), GX_STR("a")));
	assert_true(gx_str_eq(gx_str_cut(&rest, ','), GX_STR("b")));
	assert_true(gx_str_eq(gx_str_cut(&rest, ','), GX_STR("")));
	assert_true(gx_str_eq(gx_str_cut(&rest, ','), GX_STR("c")));
	assert_int_equal(rest.len, 0);
	assert_int_equal(gx_str_from_cstr(NULL).len, 0);
}

static void test_numbers(void **state)
{
	static const struct {
		const char *text;
		bool is_u64, is_i64;
		uint64_t u64;
		int64_t i64;
	} cases[] = {
		{ "0", true, true, 0, 0 },
		{ "7", true, true, 7, 7 },
		{ "9223372036854775807", true, true, INT64_MAX, INT64_MAX },
		{ "9223372036854775808", true, false, UINT64_C(1) << 63, 0 },
		{ "18446744073709551615", true, false, UINT64_MAX, 0 },
		{ "18446744073709551616", false, false, 0, 0 },
		{ "99999999999999999999999", false, false, 0, 0 },
		{ "-1", false, true, 0, -1 },
		{ "-9223372036854775808", false, true, 0, INT64_MIN },
		{ "-9223372036854775809", false, false, 0, 0 },
		{ "-0", false, false, 0, 0 },
		{ "--1", false, false, 0, 0 },
		{ "", false, false, 0, 0 },
		{ "-", false, false, 0, 0 },
		{ "01", false, false, 0, 0 },
		{ "00", false, false, 0, 0 },
		{ "+1", false, false, 0, 0 },
		{ " 1", false, false, 0, 0 },
		{ "1 ", false, false, 0, 0 },
		{ "1e3", false, false, 0, 0 },
		{ "/", false, false, 0, 0 },
		{ ":", false, false, 0, 0 },
	};

	for (size_t i = 0; i < GX_COUNT(cases); i++) {
		struct gx_str s = gx_str_from_cstr(cases[i].text);
		uint64_t u64 = 4711;
		int64_t i64 = -4711;

		CHECK_CASE(gx_str_to_u64(s, &u64) == cases[i].is_u64, cases[i].text);
		CHECK_CASE(gx_str_to_i64(s, &i64) == cases[i].is_i64, cases[i].text);
		CHECK_CASE(u64 == (cases[i].is_u64 ? cases[i].u64 : 4711), cases[i].text);
		CHECK_CASE(i64 == (cases[i].is_i64 ? cases[i].i64 : -4711), cases[i].text);
	}
}

static void test_utf8(void **state)
{
	static const struct {
		const char *name;
		const char *text;
		bool valid;
		size_t count;
	} cases[] = {
		{ "empty", "", true, 0 },
		{ "ascii", "hello", true, 5 },
		{ "chinese", "\xe4\xbd\xa0\xe5\xa5\xbd", true, 2 },
		{ "long ascii then chinese", "0123456789abcdef\xe4\xbd\xa0", true, 17 },
		{ "two bytes, first", "\xc2\x80", true, 1 },
		{ "two bytes, last", "\xdf\xbf", true, 1 },
		{ "three bytes, first", "\xe0\xa0\x80", true, 1 },
		{ "before the surrogates", "\xed\x9f\xbf", true, 1 },
		{ "behind the surrogates", "\xee\x80\x80", true, 1 },
		{ "noncharacter", "\xef\xbf\xbf", true, 1 },
		{ "four bytes, first", "\xf0\x90\x80\x80", true, 1 },
		{ "last", "\xf4\x8f\xbf\xbf", true, 1 },
		{ "continuation alone", "\x80", false, 0 },
		{ "overlong slash", "\xc0\xaf", false, 0 },
		{ "overlong c1", "\xc1\xbf", false, 0 },
		{ "overlong three", "\xe0\x9f\xbf", false, 0 },
		{ "overlong four", "\xf0\x8f\xbf\xbf", false, 0 },
		{ "first surrogate", "\xed\xa0\x80", false, 0 },
		{ "last surrogate", "\xed\xbf\xbf", false, 0 },
		{ "above the last", "\xf4\x90\x80\x80", false, 0 },
		{ "f5", "\xf5\x80\x80\x80", false, 0 },
		{ "ff", "\xff", false, 0 },
		{ "cut two", "\xc3", false, 0 },
		{ "cut three", "\xe4\xbd", false, 0 },
		{ "cut four", "\xf0\x9f\x98", false, 0 },
		{ "bad third byte", "\xe4\xbd\x41", false, 0 },
		{ "bad fourth byte", "\xf0\x9f\x98\x41", false, 0 },
		{ "bad behind a word", "01234567\xff", false, 0 },
	};

	for (size_t i = 0; i < GX_COUNT(cases); i++) {
		struct gx_str s = gx_str_from_cstr(cases[i].text);

		CHECK_CASE(gx_utf8_valid(s) == cases[i].valid, cases[i].name);
		if (cases[i].valid)
			CHECK_CASE(gx_utf8_count(s) == cases[i].count, cases[i].name);
	}
	assert_true(gx_utf8_valid((struct gx_str){ "a\0b", 3 }));
}

static void test_hash(void **state)
{
	static const char text[33] = "00000000000000000000000000000000";
	uint64_t seen[33];
	uint64_t v = UINT64_C(0x1122334455667788);

	for (size_t len = 0; len < GX_COUNT(seen); len++) {
		seen[len] = gx_str_hash((struct gx_str){ text, len });
		assert_int_equal(seen[len], gx_str_hash((struct gx_str){ text, len }));
		for (size_t i = 0; i < len; i++)
			assert_int_not_equal(seen[i], seen[len]);
	}
	assert_int_equal(gx_u64_hash(v), gx_str_hash(GX_STR("\x88\x77\x66\x55\x44\x33\x22\x11")));
	assert_int_not_equal(gx_u64_hash(v), gx_u64_hash(v + 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_eq),	cmocka_unit_test(test_parts),
		cmocka_unit_test(test_numbers), cmocka_unit_test(test_utf8),
		cmocka_unit_test(test_hash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
