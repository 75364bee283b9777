/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: the parser takes RFC 8259 and nothing else, within its limits; values read back exactly;
 * the writer's text is compact and parses to what was put in. Method: tables of accepted and
 * refused texts; each accepted text is also cut at every byte and must then be refused or be
 * another value, with the byte behind it never read (ASan sees it).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "json.h"

static enum gx_status parse(struct gx_arena *a, struct gx_str text, const struct gx_json **out)
{
	struct gx_error err = { 0 };
	enum gx_status st = gx_json_parse(a, text, out, &err);

	if (st != GX_OK) {
		assert_int_equal(st, GX_E_INVALID);
		assert_string_equal(err.code, "core.invalid_json");
		assert_true(err.detail.len > 0);
	}
	return st;
}

static const char *const accepted[] = {
	"null",
	"true",
	"false",
	"0",
	"-0",
	"-0.0e-0",
	"12.5E+30",
	"1e400",
	"123456789012345678901234567890",
	"\"\"",
	"\"a\"",
	"\"\x7f\"",
	"\"0123456789abcdef\xe4\xbd\xa0\xe5\xa5\xbd\xf0\x9f\x98\x80\"",
	"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0001\\uFFFF\\ud83d\\ude00\"",
	" \t\r\n[ \t\r\n] \t\r\n",
	"[1,[2,[]],{}]",
	"{\"\":0}",
	"{ \"a\" : 1 , \"b\" : [ 1 , 2 ] }",
	"{\"a\":1,\"A\":1,\"aa\":1,\"\xc3\xa1\":1}",
	"{\"a\":{\"a\":{\"a\":1}},\"b\":{\"a\":1}}",
};

static const char *const refused[] = {
	"",
	" ",
	"nul",
	"nulll",
	"True",
	"NaN",
	"Infinity",
	"-",
	"+1",
	"01",
	"-01",
	"1.",
	".5",
	"1.e5",
	"1e",
	"1e+",
	"0x10",
	"1 2",
	"'a'",
	"\"",
	"\"a",
	"\"\\\"",
	"\"\\",
	"\"\\x\"",
	"\"\\u12\"",
	"\"\\u123g\"",
	"\"\\U0041\"",
	"\"\\u0000\"",
	"\"\\ud800\"",
	"\"\\ud800x\"",
	"\"\\ud800\\n\"",
	"\"\\ud800\\u0041\"",
	"\"\\ud800\\ud800\"",
	"\"\\udc00\"",
	"\"\\udc00\\ud800\"",
	"\"a\tb\"",
	"\"a\nb\"",
	"\"01234567\x1f\"",
	"\"\x80\"",
	"\"\xc0\x80\"",
	"\"\xed\xa0\x80\"",
	"\"\xf4\x90\x80\x80\"",
	"\"\xe4\xbd\"",
	"\"0123456789abcdef\xff\"",
	"\xef\xbb\xbf{}",
	"[",
	"[1",
	"[1,",
	"[1,]",
	"[,1]",
	"[1 2]",
	"[1}",
	"]",
	"{",
	"{}}",
	"{\"a\"",
	"{\"a\":",
	"{\"a\":1",
	"{\"a\":1,",
	"{\"a\":1,}",
	"{\"a\" 1}",
	"{a:1}",
	"{1:1}",
	"{\"a\":1]",
	"{,}",
	"/**/1",
	"1//",
	"\f1",
	"\302\2401", /* a no-break space before the number */
	"{\"a\":1,\"a\":1}",
	"{\"a\":1,\"b\":1,\"\\u0061\":1}",
	"{\"\\u4f60\":1,\"\xe4\xbd\xa0\":1}",
	"{\"\":1,\"\":1}",
	"[{\"x\":{\"a\":1,\"a\":1}}]",
};

/* The text in a block of exactly its size, so that ASan sees a read behind it. */
static struct gx_str exact_copy(const char *text, size_t len)
{
	char *copy = gx_heap_alloc_array(len, 1);

	memcpy(copy, text, len);
	return (struct gx_str){ copy, len };
}

static void test_accepted(void **state)
{
	const struct gx_json *root = NULL;
	struct gx_arena a;

	gx_arena_init(&a);
	for (size_t i = 0; i < GX_COUNT(accepted); i++) {
		size_t len = strlen(accepted[i]);

		for (size_t cut = 0; cut <= len; cut++) {
			struct gx_str s = exact_copy(accepted[i], cut);

			if (parse(&a, s, &root) != GX_OK && cut == len)
				fail_msg("refused: %s", accepted[i]);
			gx_heap_free((char *)(uintptr_t)s.ptr);
			gx_arena_reset(&a);
		}
	}
	gx_arena_deinit(&a);
}

static void test_refused(void **state)
{
	const struct gx_json *root = NULL;
	struct gx_arena a;

	gx_arena_init(&a);
	for (size_t i = 0; i < GX_COUNT(refused); i++) {
		struct gx_str s = exact_copy(refused[i], strlen(refused[i]));

		if (parse(&a, s, &root) == GX_OK)
			fail_msg("accepted: %s", refused[i]);
		assert_null(root);
		gx_heap_free((char *)(uintptr_t)s.ptr);
	}
	assert_int_equal(parse(&a, (struct gx_str){ "7\0", 2 }, &root), GX_E_INVALID);
	assert_int_equal(parse(&a, (struct gx_str){ "\"a\0b\"", 5 }, &root), GX_E_INVALID);
	assert_int_equal(parse(&a, GX_STR_NULL, &root), GX_E_INVALID);
	gx_arena_deinit(&a);
}

static void test_error_names_the_byte(void **state)
{
	static const struct {
		const char *text;
		const char *at;
	} cases[] = {
		{ "[1,x]", "byte 3." },
		{ "{} x", "byte 3." },
		{ "\"ab\xff\"", "byte 1." },
		{ "[\"a\tb\"]", "byte 3." },
	};
	const struct gx_json *root;
	struct gx_error err;
	struct gx_arena a;

	gx_arena_init(&a);
	for (size_t i = 0; i < GX_COUNT(cases); i++) {
		struct gx_str text = gx_str_from_cstr(cases[i].text);

		assert_int_equal(gx_json_parse(&a, text, &root, &err), GX_E_INVALID);
		assert_true(gx_str_ends(err.detail, gx_str_from_cstr(cases[i].at)));
	}
	gx_arena_deinit(&a);
}

/* `count` times `unit` between `open` and `close`. */
static struct gx_str repeated(struct gx_buf *b, const char *open, const char *unit, size_t count,
			      const char *close)
{
	gx_buf_clear(b);
	gx_buf_append_str(b, gx_str_from_cstr(open));
	for (size_t i = 0; i < count; i++)
		gx_buf_append_str(b, gx_str_from_cstr(unit));
	gx_buf_append_str(b, gx_str_from_cstr(close));
	return gx_buf_str(b);
}

static void test_limits(void **state)
{
	const struct gx_json *root;
	struct gx_arena a;
	struct gx_buf b;
	static char closes[GX_JSON_DEPTH_MAX + 2];

	gx_arena_init(&a);
	gx_buf_init(&b, 8 << 20);
	memset(closes, ']', GX_JSON_DEPTH_MAX);
	assert_int_equal(parse(&a, repeated(&b, "", "[", GX_JSON_DEPTH_MAX, closes), &root), GX_OK);
	memset(closes, ']', GX_JSON_DEPTH_MAX + 1);
	assert_int_equal(parse(&a, repeated(&b, "", "[", GX_JSON_DEPTH_MAX + 1, closes), &root),
			 GX_E_INVALID);
	assert_int_equal(parse(&a, repeated(&b, "", "{\"a\":", 1000000, ""), &root), GX_E_INVALID);

	/* The array itself is a node too. */
	assert_int_equal(parse(&a, repeated(&b, "[", "1,", GX_JSON_NODES_MAX - 2, "1]"), &root),
			 GX_OK);
	assert_int_equal(root->span, GX_JSON_NODES_MAX);
	assert_int_equal(root->count, GX_JSON_NODES_MAX - 1);
	assert_int_equal(parse(&a, repeated(&b, "[", "1,", GX_JSON_NODES_MAX - 1, "1]"), &root),
			 GX_E_INVALID);
	gx_buf_deinit(&b);
	gx_arena_deinit(&a);
}

/* {"k0":0,"k1":1,…} and, if `again` is not above `count`, "k<again>" once more, escaped. */
static struct gx_str many_keys(struct gx_buf *b, unsigned count, unsigned again)
{
	gx_buf_clear(b);
	gx_buf_append_char(b, '{');
	for (unsigned i = 0; i < count; i++)
		gx_buf_printf(b, "%s\"k%u\":%u", i == 0 ? "" : ",", i, i);
	if (again < count)
		gx_buf_printf(b, ",\"\\u006b%u\":0", again);
	gx_buf_append_char(b, '}');
	return gx_buf_str(b);
}

static void test_duplicates_in_objects_of_any_size(void **state)
{
	static const unsigned counts[] = { 1, 2, 15, 16, 17, 31, 32, 33, 1000, 30000 };
	const struct gx_json *root;
	struct gx_arena a;
	struct gx_buf b;

	gx_arena_init(&a);
	gx_buf_init(&b, 8 << 20);
	for (size_t i = 0; i < GX_COUNT(counts); i++) {
		unsigned n = counts[i];

		assert_int_equal(parse(&a, many_keys(&b, n, UINT32_MAX), &root), GX_OK);
		assert_int_equal(root->count, n);
		assert_int_equal(parse(&a, many_keys(&b, n, 0), &root), GX_E_INVALID);
		assert_int_equal(parse(&a, many_keys(&b, n, n - 1), &root), GX_E_INVALID);
		assert_int_equal(parse(&a, many_keys(&b, n, n / 2), &root), GX_E_INVALID);
		gx_arena_reset(&a);
	}
	gx_buf_deinit(&b);
	gx_arena_deinit(&a);
}

static void test_reading(void **state)
{
	static const struct gx_str text = GX_STR_INIT(
		" {\"t\":\"call\", \"id\":-12,\"\\u006fp\":\"a\\u00e9\\ud83d\\ude00\\n\",\"in\":"
		"{\"x\":[1,[2,3],{}],\"y\":true},\"z\":null} ");
	const struct gx_json *root, *in, *x, *n;
	struct gx_arena a;
	int64_t id;

	gx_arena_init(&a);
	assert_int_equal(parse(&a, text, &root), GX_OK);
	assert_int_equal(root->type, GX_JSON_OBJECT);
	assert_int_equal(root->count, 5);
	assert_true(gx_str_eq(gx_json_raw(root), gx_str_slice(text, 1, text.len - 1)));
	assert_true(gx_str_eq(gx_json_str(&a, gx_json_get(root, GX_STR("t"))), GX_STR("call")));
	assert_true(gx_str_eq(gx_json_raw(gx_json_get(root, GX_STR("t"))), GX_STR("\"call\"")));
	assert_true(gx_json_to_i64(gx_json_get(root, GX_STR("id")), &id));
	assert_int_equal(id, -12);
	assert_true(gx_str_eq(gx_json_str(&a, gx_json_get(root, GX_STR("op"))),
			      GX_STR("a\xc3\xa9\xf0\x9f\x98\x80\n")));
	assert_null(gx_json_get(root, GX_STR("o")));
	assert_null(gx_json_get(root, GX_STR("opp")));
	assert_null(gx_json_get(root, GX_STR("x")));
	assert_null(gx_json_get(root, GX_STR("")));
	assert_null(gx_json_get(NULL, GX_STR("x")));
	assert_int_equal(gx_json_get(root, GX_STR("z"))->type, GX_JSON_NULL);

	in = gx_json_get(root, GX_STR("in"));
	assert_true(gx_json_get(in, GX_STR("y"))->is_true);
	x = gx_json_get(in, GX_STR("x"));
	assert_null(gx_json_get(x, GX_STR("1")));
	assert_int_equal(x->count, 3);
	n = gx_json_first(x);
	assert_true(gx_str_eq(gx_json_raw(n), GX_STR("1")));
	n = gx_json_next(n);
	assert_true(gx_str_eq(gx_json_raw(n), GX_STR("[2,3]")));
	n = gx_json_next(n);
	assert_true(gx_str_eq(gx_json_raw(n), GX_STR("{}")));
	assert_null(gx_json_first(n));
	assert_null(gx_json_first(NULL));
	gx_arena_deinit(&a);
}

static void test_numbers(void **state)
{
	static char many_digits[400];
	const struct {
		const char *text;
		bool is_i64, is_double;
		int64_t i64;
		double d;
	} cases[] = {
		{ "0", true, true, 0, 0 },
		{ "-0", true, true, 0, -0.0 },
		{ "9223372036854775807", true, true, INT64_MAX, 9223372036854775807.0 },
		{ "-9223372036854775808", true, true, INT64_MIN, -9223372036854775808.0 },
		{ "9223372036854775808", false, true, 0, 9223372036854775808.0 },
		{ "1.0", false, true, 0, 1.0 },
		{ "1e2", false, true, 0, 100.0 },
		{ "-2.5E-1", false, true, 0, -0.25 },
		{ "1e-400", false, true, 0, 0.0 },
		{ "1e400", false, false, 0, 0 },
		{ "\"1\"", false, false, 0, 0 },
		{ "true", false, false, 0, 0 },
		{ many_digits, false, false, 0, 0 },
	};
	const struct gx_json *root;
	struct gx_arena a;

	memset(many_digits, '7', sizeof(many_digits) - 1);
	gx_arena_init(&a);
	for (size_t i = 0; i < GX_COUNT(cases); i++) {
		int64_t i64 = 4711;
		double d = 4711;

		assert_int_equal(parse(&a, gx_str_from_cstr(cases[i].text), &root), GX_OK);
		if (gx_json_to_i64(root, &i64) != cases[i].is_i64 ||
		    gx_json_to_double(root, &d) != cases[i].is_double ||
		    i64 != (cases[i].is_i64 ? cases[i].i64 : 4711) ||
		    d != (cases[i].is_double ? cases[i].d : 4711))
			fail_msg("case %s", cases[i].text);
	}
	assert_false(gx_json_to_i64(NULL, &(int64_t){ 0 }));
	assert_false(gx_json_to_double(NULL, &(double){ 0 }));
	gx_arena_deinit(&a);
}

static void test_writer(void **state)
{
	static const char want[] = "{\"t\":\"reply\",\"id\":-7,\"out\":{\"id\":"
				   "\"18446744073709551615\",\"list\":[1,\"x\","
				   "null,[],{}],\"ok\":true},\"raw\":{\"a\":1},\"s\":\"\\\"\\\\/"
				   "\\b\\f\\n\\r\\t\\u0001\\u001f"
				   "\x7f\xe4\xbd\xa0\",\"empty\":\"\",\"no\":false,\"nil\":null,"
				   "\"d\":[0.1,1.5,-2,1e+300]}";
	const struct gx_json *root;
	struct gx_json_writer w;
	struct gx_arena a;
	struct gx_buf b;

	gx_arena_init(&a);
	gx_buf_init(&b, 4096);
	gx_json_writer_init(&w, &b);
	gx_json_begin_object(&w);
	gx_json_kv_str(&w, "t", GX_STR("reply"));
	gx_json_kv_i64(&w, "id", -7);
	gx_json_key(&w, GX_STR("out"));
	gx_json_begin_object(&w);
	gx_json_kv_id(&w, "id", UINT64_MAX);
	gx_json_key(&w, GX_STR("list"));
	gx_json_begin_array(&w);
	gx_json_put_i64(&w, 1);
	gx_json_put_str(&w, GX_STR("x"));
	gx_json_put_null(&w);
	gx_json_begin_array(&w);
	gx_json_end_array(&w);
	gx_json_begin_object(&w);
	gx_json_end_object(&w);
	gx_json_end_array(&w);
	gx_json_kv_bool(&w, "ok", true);
	gx_json_end_object(&w);
	gx_json_kv_raw(&w, "raw", GX_STR("{\"a\":1}"));
	gx_json_kv_str(&w, "s", GX_STR("\"\\/\b\f\n\r\t\x01\x1f\x7f\xe4\xbd\xa0"));
	gx_json_kv_str(&w, "empty", GX_STR_NULL);
	gx_json_kv_bool(&w, "no", false);
	gx_json_kv_null(&w, "nil");
	gx_json_key(&w, GX_STR("d"));
	gx_json_begin_array(&w);
	gx_json_put_double(&w, 0.1);
	gx_json_put_double(&w, 1.5);
	gx_json_put_double(&w, -2.0);
	gx_json_put_double(&w, 1e300);
	gx_json_end_array(&w);
	gx_json_end_object(&w);
	assert_false(b.overflow);
	assert_true(gx_str_eq(gx_buf_str(&b), GX_STR(want)));
	assert_int_equal(parse(&a, gx_buf_str(&b), &root), GX_OK);
	gx_buf_deinit(&b);
	gx_arena_deinit(&a);
}

/* Every byte at every place around the eight-byte words: what is written reads back. */
static void test_writer_round_trip(void **state)
{
	const struct gx_json *root;
	struct gx_json_writer w;
	char text[20], copy[20];
	struct gx_arena a;
	struct gx_buf b;

	gx_arena_init(&a);
	gx_buf_init(&b, 4096);
	for (int c = 1; c < 128; c++) {
		for (size_t at = 0; at < sizeof(text); at++) {
			memset(text, 'x', sizeof(text));
			text[at] = (char)c;
			memcpy(copy, text, sizeof(text));
			gx_buf_clear(&b);
			gx_json_writer_init(&w, &b);
			gx_json_put_str(&w, (struct gx_str){ text, sizeof(text) });
			assert_int_equal(parse(&a, gx_buf_str(&b), &root), GX_OK);
			assert_true(gx_str_eq(gx_json_str(&a, root),
					      (struct gx_str){ copy, sizeof(copy) }));
			gx_arena_reset(&a);
		}
	}
	gx_buf_deinit(&b);
	gx_arena_deinit(&a);
}

static void test_writer_overflow(void **state)
{
	/* 32 bytes are needed; numbers ask for the room of the longest one. */
	for (size_t max = 0; max < 80; max++) {
		struct gx_json_writer w;
		struct gx_buf b;

		gx_buf_init(&b, max);
		gx_json_writer_init(&w, &b);
		gx_json_begin_object(&w);
		gx_json_kv_id(&w, "id", 12345);
		gx_json_kv_str(&w, "s", GX_STR("a\"b"));
		gx_json_kv_i64(&w, "i", -5);
		gx_json_end_object(&w);
		if (max >= 32 + 20)
			assert_false(b.overflow);
		if (max < 32)
			assert_true(b.overflow);
		assert_true(b.len <= max);
		gx_buf_deinit(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_accepted),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_error_names_the_byte),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_duplicates_in_objects_of_any_size),
		cmocka_unit_test(test_reading),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_writer),
		cmocka_unit_test(test_writer_round_trip),
		cmocka_unit_test(test_writer_overflow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
