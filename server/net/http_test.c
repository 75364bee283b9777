/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: exactly the unambiguous requests pass, and each refusal has its status.
 * Method: one row per rule, read in one piece and then byte by byte: both must agree.
 */
#include "http.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define H "Host: a\r\n"

static enum gx_http_result parse_pieces(struct gx_http_head *h, struct gx_str in)
{
	enum gx_http_result result = GX_HTTP_MORE;

	gx_http_head_init(h);
	for (size_t len = 0; len <= in.len && result == GX_HTTP_MORE; len++)
		result = gx_http_head_parse(h, gx_str_slice(in, 0, len));
	return result;
}

/* Parses both ways; the status: 0 done, 1 more, else the refusal's. */
static unsigned parse(struct gx_http_head *h, struct gx_str in)
{
	static struct gx_http_head pieces;
	enum gx_http_result result;

	gx_http_head_init(h);
	result = gx_http_head_parse(h, in);
	assert_int_equal(parse_pieces(&pieces, in), result);
	if (result == GX_HTTP_MORE)
		return 1;
	if (result == GX_HTTP_DONE) {
		assert_int_equal(pieces.size, h->size);
		assert_int_equal(pieces.fields_count, h->fields_count);
		return 0;
	}
	assert_int_equal(pieces.status, h->status);
	assert_string_equal(pieces.reason, h->reason);
	return h->status;
}

static void test_heads(void **state)
{
	static const struct {
		const char *text;
		unsigned want; /* 0: passes; 1: wants more */
	} cases[] = {
		{ "GET / HTTP/1.1\r\n" H "\r\n", 0 },
		{ "\r\nGET / HTTP/1.1\r\n" H "\r\n", 0 },
		{ "\r\n\r\nGET / HTTP/1.1\r\n" H "\r\n", 400 },
		{ "GET / HTTP/1.1\r\n" H, 1 },
		{ "", 1 },
		/* lines */
		{ "GET / HTTP/1.1\n" H "\r\n", 400 },
		{ "\nGET / HTTP/1.1\r\n" H "\r\n", 400 },
		{ "GET / HTTP/1.1\r\nHost: a\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\n" H "\n", 400 },
		{ "GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\r\n" H "\r\n", 400 },
		/* request line */
		{ "GET  / HTTP/1.1\r\n" H "\r\n", 400 },
		{ "GET /  HTTP/1.1\r\n" H "\r\n", 400 },
		{ "GET / HTTP/1.1 \r\n" H "\r\n", 400 },
		{ " GET / HTTP/1.1\r\n" H "\r\n", 400 },
		{ "GET\t/ HTTP/1.1\r\n" H "\r\n", 400 },
		{ "GET /a b HTTP/1.1\r\n" H "\r\n", 400 },
		{ "GET / HTTP/1.1\r\n", 1 },
		{ "GET /\r\n" H "\r\n", 400 },
		{ "GET / http/1.1\r\n" H "\r\n", 400 },
		{ "GET / HTTP/11\r\n" H "\r\n", 400 },
		{ "GET / HTTP/1.10\r\n" H "\r\n", 400 },
		{ "GET / HTTP/1.2\r\n" H "\r\n", 505 },
		{ "GET / HTTP/0.9\r\n" H "\r\n", 505 },
		{ "GET / HTTP/2.0\r\n" H "\r\n", 505 },
		{ "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505 },
		{ "\x16\x03\x01\x02", 400 },
		{ "get / HTTP/1.1\r\n" H "\r\n", 501 },
		{ "BREW / HTTP/1.1\r\n" H "\r\n", 501 },
		{ "CONNECT a:1 HTTP/1.1\r\n" H "\r\n", 501 },
		{ "TRACE / HTTP/1.1\r\n" H "\r\n", 501 },
		{ "G(T / HTTP/1.1\r\n" H "\r\n", 400 },
		/* targets */
		{ "GET /a?b=c%20d HTTP/1.1\r\n" H "\r\n", 0 },
		{ "GET /#a HTTP/1.1\r\n" H "\r\n", 400 },
		{ "GET /\x01 HTTP/1.1\r\n" H "\r\n", 400 },
		{ "GET /\x7f HTTP/1.1\r\n" H "\r\n", 400 },
		{ "GET /\xc3\xa4 HTTP/1.1\r\n" H "\r\n", 400 },
		{ "GET a HTTP/1.1\r\n" H "\r\n", 400 },
		{ "GET * HTTP/1.1\r\n" H "\r\n", 400 },
		{ "OPTIONS * HTTP/1.1\r\n" H "\r\n", 0 },
		{ "GET http://a/b HTTP/1.1\r\n" H "\r\n", 0 },
		{ "GET HTTPS://a:80?b HTTP/1.1\r\n" H "\r\n", 0 },
		{ "GET http://a HTTP/1.1\r\n" H "\r\n", 0 },
		{ "GET http:///b HTTP/1.1\r\n" H "\r\n", 400 },
		{ "GET http://u@a/b HTTP/1.1\r\n" H "\r\n", 400 },
		{ "GET ftp://a/b HTTP/1.1\r\n" H "\r\n", 400 },
		/* Host */
		{ "GET / HTTP/1.1\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\n" H H "\r\n", 400 },
		{ "GET / HTTP/1.1\r\nHost:\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\nHost: a,b@c\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", 0 },
		{ "GET / HTTP/1.0\r\n\r\n", 0 },
		{ "GET / HTTP/1.0\r\n" H H "\r\n", 400 },
		/* fields */
		{ "GET / HTTP/1.1\r\n" H "X : a\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\n" H "X\t: a\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\n" H " X: a\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\n X: a\r\n" H "\r\n", 400 },
		{ "GET / HTTP/1.1\r\n" H "X: a\r\n b\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\n" H "X: a\r\n\tb\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\n" H "X\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\n" H ": a\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\n" H "X\xc3: a\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\n" H "X: a\x01\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\n" H "X: a\x7f\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\n" H "X: \xc3\xa4\tb\r\n\r\n", 0 },
		{ "GET / HTTP/1.1\r\n" H "X:\r\n\r\n", 0 },
		{ "GET / HTTP/1.1\r\n" H "Authorization: a\r\nauthorization: b\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\n" H "Cookie: a=b\r\nCookie: c=d\r\n\r\n", 0 },
		/* length */
		{ "POST / HTTP/1.1\r\n" H "Content-Length: 5\r\n\r\n", 0 },
		{ "POST / HTTP/1.1\r\n" H "Content-Length: 005\r\n\r\n", 0 },
		{ "POST / HTTP/1.1\r\n" H "Content-Length: +5\r\n\r\n", 400 },
		{ "POST / HTTP/1.1\r\n" H "Content-Length: -5\r\n\r\n", 400 },
		{ "POST / HTTP/1.1\r\n" H "Content-Length: 0x5\r\n\r\n", 400 },
		{ "POST / HTTP/1.1\r\n" H "Content-Length: 5 5\r\n\r\n", 400 },
		{ "POST / HTTP/1.1\r\n" H "Content-Length: 5, 5\r\n\r\n", 400 },
		{ "POST / HTTP/1.1\r\n" H "Content-Length:\r\n\r\n", 400 },
		{ "POST / HTTP/1.1\r\n" H "Content-Length: 5\r\nContent-Length: 6\r\n\r\n", 400 },
		{ "POST / HTTP/1.1\r\n" H "Content-Length: 5\r\nContent-Length: 5\r\n\r\n", 400 },
		{ "POST / HTTP/1.1\r\n" H "Content-Length: 18446744073709551615\r\n\r\n", 0 },
		{ "POST / HTTP/1.1\r\n" H "Content-Length: 18446744073709551616\r\n\r\n", 413 },
		{ "POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n", 0 },
		{ "POST / HTTP/1.1\r\n" H "Transfer-Encoding: Chunked\r\n\r\n", 0 },
		{ "POST / HTTP/1.1\r\n" H "Transfer-Encoding: gzip, chunked\r\n\r\n", 501 },
		{ "POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked, chunked\r\n\r\n", 501 },
		{ "POST / HTTP/1.1\r\n" H "Transfer-Encoding: identity\r\n\r\n", 501 },
		{ "POST / HTTP/1.1\r\n" H "Transfer-Encoding: \x0b"
		  "chunked\r\n\r\n",
		  400 },
		{ "POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n"
		  "Transfer-Encoding: chunked\r\n\r\n",
		  400 },
		{ "POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n",
		  400 },
		{ "POST / HTTP/1.1\r\n" H "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
		  400 },
		{ "POST / HTTP/1.0\r\n" H "Transfer-Encoding: chunked\r\n\r\n", 400 },
		/* expectations */
		{ "POST / HTTP/1.1\r\n" H "Expect: 100-Continue\r\n\r\n", 0 },
		{ "POST / HTTP/1.1\r\n" H "Expect: 200-ok\r\n\r\n", 417 },
		{ "POST / HTTP/1.0\r\n" H "Expect: 200-ok\r\n\r\n", 0 },
	};
	static struct gx_http_head h;

	for (size_t i = 0; i < GX_COUNT(cases); i++) {
		unsigned got = parse(&h, gx_str_from_cstr(cases[i].text));
		if (got != cases[i].want)
			fail_msg("%s: %u instead of %u", cases[i].text, got, cases[i].want);
	}
}

static void assert_str(struct gx_str got, const char *want)
{
	if (!gx_str_eq(got, gx_str_from_cstr(want)))
		fail_msg("'%.*s' instead of '%s'", GX_STR_ARG(got), want);
}

static void test_meaning(void **state)
{
	static struct gx_http_head h;
	struct gx_str in =
		GX_STR("\r\nPATCH /a/b?c=d HTTP/1.1\r\nhOST: x\r\nConnection: a , Close\r\n"
		       "Cookie: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n"
		       "Cookie:\t b \r\nX-FILENAME: n\r\n\r\nabc");
	struct gx_str value;
	uint32_t at = 0;

	assert_int_equal(parse(&h, in), 0);
	assert_int_equal(h.size, in.len - 3);
	assert_int_equal(h.method, GX_METHOD_PATCH);
	assert_str(gx_http_target(&h, in), "/a/b?c=d");
	assert_str(gx_http_path(&h, in), "/a/b");
	assert_true(h.is_close && h.has_length && h.has_expect && !h.is_http_1_0);
	assert_int_equal(h.content_length, 3);
	assert_str(gx_http_field(&h, in, GX_HTTP_X_FILENAME), "n");
	assert_str(gx_http_field(&h, in, GX_HTTP_RANGE), "");
	assert_true(gx_http_field_next(&h, in, GX_HTTP_COOKIE, &at, &value));
	assert_str(value, "a");
	assert_true(gx_http_field_next(&h, in, GX_HTTP_COOKIE, &at, &value));
	assert_str(value, "b");
	assert_false(gx_http_field_next(&h, in, GX_HTTP_COOKIE, &at, &value));
	assert_true(gx_http_has_token(&h, in, GX_HTTP_CONNECTION, GX_STR("A")));
	assert_false(gx_http_has_token(&h, in, GX_HTTP_CONNECTION, GX_STR("b")));

	in = GX_STR("GET http://other:8/p?q HTTP/1.1\r\n" H "\r\n");
	assert_int_equal(parse(&h, in), 0);
	assert_str(gx_http_target(&h, in), "/p?q");
	assert_false(h.is_close);
	in = GX_STR("GET http://other?q HTTP/1.1\r\n" H "\r\n");
	assert_int_equal(parse(&h, in), 0);
	assert_str(gx_http_path(&h, in), "/");
	in = GX_STR("GET http://other HTTP/1.0\r\n\r\n");
	assert_int_equal(parse(&h, in), 0);
	assert_str(gx_http_target(&h, in), "/");
	assert_true(h.is_close);
}

/* A request line of `line` bytes and one field line so that the section has `fields` bytes. */
static unsigned parse_sized(size_t line, size_t fields)
{
	static struct gx_http_head h;
	static char text[40000];
	size_t at = line + 2, value_bytes = fields - strlen(H) - strlen("X: \r\n\r\n");

	memset(text, 'a', sizeof(text));
	memcpy(text, "GET /", 5);
	memcpy(text + line - 9, " HTTP/1.1\r\n", 11);
	memcpy(text + at, H "X: ", strlen(H) + 3);
	at += strlen(H) + 3 + value_bytes;
	memcpy(text + at, "\r\n\r\n", 4);
	return parse(&h, (struct gx_str){ text, at + 4 });
}

static void test_limits(void **state)
{
	static struct gx_http_head h;
	static char many[4000];
	size_t at;

	assert_int_equal(parse_sized(8192, 100), 0);
	assert_int_equal(parse_sized(8193, 100), 414);
	assert_int_equal(parse_sized(100, 16384), 0);
	assert_int_equal(parse_sized(100, 16385), 431);
	assert_int_equal(parse_sized(8192, 16384), 0);

	at = (size_t)snprintf(many, sizeof(many), "GET / HTTP/1.1\r\n" H);
	for (unsigned i = 1; i < GX_HTTP_FIELDS_MAX; i++)
		at += (size_t)snprintf(many + at, sizeof(many) - at, "X: a\r\n");
	memcpy(many + at, "\r\n", 2);
	assert_int_equal(parse(&h, (struct gx_str){ many, at + 2 }), 0);
	memcpy(many + at, "X: a\r\n\r\n", 8);
	assert_int_equal(parse(&h, (struct gx_str){ many, at + 8 }), 431);
}

/* Reads a chunked body in pieces of `piece` bytes; its data in out. */
static unsigned read_body(struct gx_http_body *b, struct gx_str in, size_t piece, char *out,
			  size_t *out_len, size_t *size)
{
	static const struct gx_http_head chunked = { .is_chunked = true };
	enum gx_http_result result = gx_http_body_init(b, &chunked, 1000);
	size_t at = 0;

	*out_len = 0;
	while (result == GX_HTTP_MORE && at < in.len) {
		struct gx_str part = gx_str_slice(in, at, at + piece), data;
		size_t used;
		result = gx_http_body_read(b, part, &used, &data);
		assert_true(used > 0);
		at += used;
		if (data.len > 0)
			memcpy(out + *out_len, data.ptr, data.len);
		*out_len += data.len;
	}
	*size = at;
	return result == GX_HTTP_DONE ? 0 : result == GX_HTTP_MORE ? 1 : b->status;
}

static void test_chunked(void **state)
{
	static const struct {
		const char *text;
		unsigned want;
		const char *data;
	} cases[] = {
		{ "0\r\n\r\n", 0, "" },
		{ "3\r\nabc\r\n0\r\n\r\n", 0, "abc" },
		{ "3\r\nabc\r\n0\r\n\r\nGET", 0, "abc" },
		{ "3\r\na\r\n\r\n1\r\nd\r\n00\r\n\r\n", 0, "a\r\nd" },
		{ "a;x=y\r\n0123456789\r\nA ; q=\"r\"\r\n0123456789\r\n0\r\n\r\n", 0,
		  "01234567890123456789" },
		{ "0\r\nX: y\r\nZ:\r\n\r\n", 0, "" },
		{ "3e7\r\n", 1, "" },
		{ "3e9\r\n", 413, "" },
		{ "ffffffffffffffff\r\n", 413, "" },
		{ "00000000000000001\r\n", 400, "" },
		{ "\r\n", 400, "" },
		{ "g\r\n", 400, "" },
		{ "0x3\r\nabc\r\n", 400, "" },
		{ "-3\r\n", 400, "" },
		{ " 3\r\nabc\r\n", 400, "" },
		{ "3 \r\nabc\r\n", 400, "" },
		{ "3\nabc\n", 400, "" },
		{ "3\r\nabcd\r\n", 400, "abc" },
		{ "3\r\nabc\n0\r\n\r\n", 400, "abc" },
		{ "3;\x01\r\nabc\r\n", 400, "" },
		{ "3;a\nb\r\nabc\r\n", 400, "" },
		{ "0\r\n X: y\r\n\r\n", 400, "" },
		{ "0\r\nX : y\r\n\r\n", 400, "" },
		{ "0\r\nX: y\n\r\n", 400, "" },
		{ "0\r\nX: y\r\n z\r\n\r\n", 400, "" },
		{ "0\r\nX\r\n\r\n", 400, "" },
		{ "0\r\n\rX", 400, "" },
	};

	for (size_t i = 0; i < GX_COUNT(cases); i++)
		for (size_t piece = 1; piece <= 64; piece++) {
			struct gx_http_body b;
			char out[128];
			size_t out_len, size;
			unsigned got = read_body(&b, gx_str_from_cstr(cases[i].text), piece, out,
						 &out_len, &size);
			if (got != cases[i].want)
				fail_msg("%s: %u instead of %u", cases[i].text, got, cases[i].want);
			assert_int_equal(out_len, strlen(cases[i].data));
			assert_memory_equal(out, cases[i].data, out_len);
			if (got == 0 && gx_str_ends(gx_str_from_cstr(cases[i].text), GX_STR("GET")))
				assert_int_equal(size, strlen(cases[i].text) - 3);
		}
}

static void test_chunk_overhead(void **state)
{
	static char text[GX_HTTP_CHUNK_OVERHEAD_MAX + 16];
	struct gx_http_body b;
	char out[16];
	size_t out_len, size;

	memset(text, 'a', sizeof(text));
	text[0] = '1';
	text[1] = ';';
	assert_int_equal(read_body(&b, (struct gx_str){ text, GX_HTTP_CHUNK_OVERHEAD_MAX + 1 }, 999,
				   out, &out_len, &size),
			 1);
	assert_int_equal(read_body(&b, (struct gx_str){ text, GX_HTTP_CHUNK_OVERHEAD_MAX + 2 }, 999,
				   out, &out_len, &size),
			 400);
}

static void test_length_body(void **state)
{
	struct gx_http_head h = { .has_length = true, .content_length = 5 };
	struct gx_http_body b;
	struct gx_str data;
	size_t used;

	assert_int_equal(gx_http_body_init(&b, &h, 4), GX_HTTP_REFUSED);
	assert_int_equal(b.status, 413);
	assert_int_equal(gx_http_body_init(&b, &h, 5), GX_HTTP_MORE);
	assert_int_equal(gx_http_body_read(&b, GX_STR("abc"), &used, &data), GX_HTTP_MORE);
	assert_str(data, "abc");
	assert_int_equal(gx_http_body_read(&b, GX_STR("defg"), &used, &data), GX_HTTP_DONE);
	assert_str(data, "de");
	assert_int_equal(used, 2);
	h.content_length = 0;
	assert_int_equal(gx_http_body_init(&b, &h, 5), GX_HTTP_DONE);
}

static void test_write(void **state)
{
	struct gx_buf out;

	gx_buf_init(&out, 1000);
	gx_http_write_begin(&out, 404);
	gx_http_write_field(&out, GX_STR("A"), GX_STR("b"));
	gx_http_write_length(&out, 12);
	gx_http_write_end(&out);
	assert_str(gx_buf_str(&out),
		   "HTTP/1.1 404 Not Found\r\nA: b\r\nContent-Length: 12\r\n\r\n");
	gx_buf_deinit(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_heads),	       cmocka_unit_test(test_meaning),
		cmocka_unit_test(test_limits),	       cmocka_unit_test(test_chunked),
		cmocka_unit_test(test_chunk_overhead), cmocka_unit_test(test_length_body),
		cmocka_unit_test(test_write),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
