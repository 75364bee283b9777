/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: the decoder accepts what RFC 6455 allows and closes with the right code at the earliest
 * byte.
 * Method: frames built here, decoded in one piece and in pieces of every small size; the list of
 * events must be the same.
 */
#include "websocket.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* A client's frame with a fixed mask. */
static void put_frame(struct gx_buf *out, unsigned first, const void *payload, size_t size)
{
	static const uint8_t mask[4] = { 0x12, 0xf4, 0x56, 0x9a };
	char head[GX_WS_HEAD_BYTES_MAX];
	size_t head_size = gx_ws_write_head(head, GX_WS_OP_TEXT, size);

	head[0] = (char)first;
	head[1] = (char)(head[1] | (char)0x80);
	gx_buf_append(out, head, head_size);
	gx_buf_append(out, mask, 4);
	for (size_t i = 0; i < size; i++)
		gx_buf_append_char(out, (char)(((const uint8_t *)payload)[i] ^ mask[i & 3]));
}

/* Decodes in pieces and writes the events down: "text(abc) ping() bad(1002)". */
static void decode(struct gx_str wire, size_t piece, struct gx_buf *out)
{
	static const char *kinds[] = { "more", "text", "ping", "pong", "close", "bad" };
	struct gx_ws_decoder d;
	struct gx_ws_event e = { 0 };
	char copy[4096];

	gx_ws_decoder_init(&d);
	for (size_t at = 0; at < wire.len;) {
		struct gx_str part = gx_str_slice(wire, at, at + piece);
		size_t done = 0, used;
		assert_true(part.len <= sizeof(copy));
		memcpy(copy, part.ptr, part.len);
		while (done < part.len) {
			gx_ws_decode(&d, copy + done, part.len - done, &used, &e);
			assert_true(used > 0);
			done += used;
			if (e.kind == GX_WS_MORE)
				continue;
			gx_buf_printf(out, "%s(", kinds[e.kind]);
			if (e.code != 0)
				gx_buf_printf(out, "%u:", e.code);
			if (e.kind != GX_WS_BAD)
				gx_buf_append_str(out, e.bytes);
			gx_buf_append_str(out, GX_STR(") "));
			if (e.kind == GX_WS_CLOSE || e.kind == GX_WS_BAD)
				goto out;
		}
		at += part.len;
	}
	gx_buf_append_str(out, gx_ws_decoder_is_idle(&d) ? GX_STR("idle") : GX_STR("busy"));
out:
	gx_ws_decoder_deinit(&d);
}

static void check(struct gx_buf *wire, const char *want)
{
	struct gx_buf got;

	gx_buf_init(&got, 1 << 20);
	for (size_t piece = 1; piece <= 300; piece += piece < 20 ? 1 : 41) {
		gx_buf_clear(&got);
		decode(gx_buf_str(wire), piece, &got);
		if (!gx_str_eq(gx_buf_str(&got), gx_str_from_cstr(want)))
			fail_msg("pieces of %zu: '%.*s' instead of '%s'", piece,
				 GX_STR_ARG(gx_buf_str(&got)), want);
	}
	gx_buf_deinit(&got);
	gx_buf_clear(wire);
}

static void test_frames(void **state)
{
	static const struct {
		struct gx_str wire;
		const char *want;
	} cases[] = {
		{ GX_STR_INIT("\x81\x85"), "busy" },
		{ GX_STR_INIT("\x81\x05"
			      "Hello"),
		  "bad(1002:) " }, /* not masked */
		{ GX_STR_INIT("\xc1"), "bad(1002:) " },
		{ GX_STR_INIT("\xa1"), "bad(1002:) " },
		{ GX_STR_INIT("\x91"), "bad(1002:) " },
		{ GX_STR_INIT("\x83"), "bad(1002:) " },
		{ GX_STR_INIT("\x8b"), "bad(1002:) " },
		{ GX_STR_INIT("\x8f"), "bad(1002:) " },
		{ GX_STR_INIT("\x09"), "bad(1002:) " }, /* fragmented ping */
		{ GX_STR_INIT("\x80"), "bad(1002:) " }, /* continuation of nothing */
		{ GX_STR_INIT("\x82\x80"), "bad(1003:) " },
		{ GX_STR_INIT("\x02\x80"), "bad(1003:) " },
		{ GX_STR_INIT("\x89\xfe"), "bad(1002:) " },	    /* ping of 126 */
		{ GX_STR_INIT("\x81\xfe\x00\x7d"), "bad(1002:) " }, /* 125 in two bytes */
		{ GX_STR_INIT("\x81\xff\0\0\0\0\0\0\xff\xff"), "bad(1002:) " }, /* 65535 in eight */
		{ GX_STR_INIT("\x81\xff\x80\0\0\0\0\0\0\0"), "bad(1002:) " },
		{ GX_STR_INIT("\x81\xff\0\0\0\0\0\x04\0\0"), "busy" },		/* 262144 */
		{ GX_STR_INIT("\x81\xff\0\0\0\0\0\x04\0\x01"), "bad(1009:) " }, /* 262145 */
		{ GX_STR_INIT("\x01\x80\0\0\0\0\x81"), "bad(1002:) " },		/* text in a text */
		{ GX_STR_INIT("\x01\x80\0\0\0\0"), "busy" },
	};
	struct gx_buf wire;

	gx_buf_init(&wire, 1 << 20);
	for (size_t i = 0; i < GX_COUNT(cases); i++) {
		gx_buf_append_str(&wire, cases[i].wire);
		check(&wire, cases[i].want);
	}
	gx_buf_deinit(&wire);
}

static void test_messages(void **state)
{
	struct gx_buf wire;

	gx_buf_init(&wire, 1 << 20);
	put_frame(&wire, 0x81, "", 0);
	put_frame(&wire, 0x81, "Hello, 关系", 13);
	check(&wire, "text() text(Hello, 关系) idle");
	/* fragments with a ping between, a code point cut in two, an empty end */
	put_frame(&wire, 0x01, "a\xe5\x85", 3);
	put_frame(&wire, 0x89, "p", 1);
	put_frame(&wire, 0x00, "\xb3z", 2);
	put_frame(&wire, 0x00, "", 0);
	put_frame(&wire, 0x8a, "q", 1);
	put_frame(&wire, 0x80, "", 0);
	put_frame(&wire, 0x81, "next", 4);
	check(&wire, "ping(p) pong(q) text(a关z) text(next) idle");
	for (unsigned i = 0; i < 1000; i++)
		put_frame(&wire,
			  i == 0     ? 0x01
			  : i == 999 ? 0x80
				     : 0x00,
			  i == 500 ? "x" : "", i == 500);
	check(&wire, "text(x) idle");
	put_frame(&wire, 0x01, "", 0);
	put_frame(&wire, 0x80, "", 0);
	check(&wire, "text() idle");
	gx_buf_deinit(&wire);
}

static void test_utf8(void **state)
{
	static const struct {
		const char *text;
		bool is_valid;
	} cases[] = {
		{ "\xc3\xa4", true },
		{ "\xc3", false },
		{ "\xc0\x80", false },
		{ "\xc1\xbf", false },
		{ "\x80", false },
		{ "\xff", false },
		{ "\xe0\xa0\x80", true },
		{ "\xe0\x9f\xbf", false },
		{ "\xed\x9f\xbf", true },
		{ "\xed\xa0\x80", false },
		{ "\xef\xbf\xbf", true },
		{ "\xf0\x90\x80\x80", true },
		{ "\xf0\x8f\xbf\xbf", false },
		{ "\xf4\x8f\xbf\xbf", true },
		{ "\xf4\x90\x80\x80", false },
		{ "\xf5\x80\x80\x80", false },
		{ "12345678\xc3\xa4", true },
		{ "12345678\xc3z2345678", false },
		{ "\xe5\x85\xb3\xe7\xb3", false },
	};
	struct gx_buf wire;
	char want[64];

	gx_buf_init(&wire, 1 << 20);
	for (size_t i = 0; i < GX_COUNT(cases); i++) {
		size_t size = strlen(cases[i].text);
		snprintf(want, sizeof(want), "text(%s) idle", cases[i].text);
		put_frame(&wire, 0x81, cases[i].text, size);
		check(&wire, cases[i].is_valid ? want : "bad(1007:) ");
		assert_int_equal(cases[i].is_valid, gx_utf8_valid(gx_str_from_cstr(cases[i].text)));
	}
	/* The earliest byte: the rest of the frame has not come. */
	put_frame(&wire, 0x01,
		  "a\xff"
		  "bcdef",
		  7);
	gx_buf_truncate(&wire, wire.len - 5);
	check(&wire, "bad(1007:) ");
	gx_buf_deinit(&wire);
}

static void test_size(void **state)
{
	static char big[200000];
	struct gx_buf wire, got;

	memset(big, 'a', sizeof(big));
	gx_buf_init(&wire, 1 << 20);
	gx_buf_init(&got, 1 << 20);
	put_frame(&wire, 0x01, big, 200000);
	put_frame(&wire, 0x80, big, 62144);
	decode(gx_buf_str(&wire), 4000, &got);
	assert_int_equal(got.len, 262144 + strlen("text() idle"));
	/* One byte more: refused by the second head, before its payload. */
	gx_buf_clear(&wire);
	gx_buf_clear(&got);
	put_frame(&wire, 0x01, big, 200000);
	put_frame(&wire, 0x80, big, 62145);
	gx_buf_truncate(&wire, wire.len - 62145 - 4);
	decode(gx_buf_str(&wire), 4000, &got);
	assert_true(gx_str_eq(gx_buf_str(&got), GX_STR("bad(1009:) ")));
	gx_buf_deinit(&wire);
	gx_buf_deinit(&got);
}

static void test_close(void **state)
{
	static const struct {
		struct gx_str payload;
		const char *want;
	} cases[] = {
		{ GX_STR_INIT(""), "close(1005:) " },
		{ GX_STR_INIT("\x03"), "bad(1002:) " },
		{ GX_STR_INIT("\x03\xe8"), "close(1000:) " },
		{ GX_STR_INIT("\x03\xe8"
			      "bye"),
		  "close(1000:bye) " },
		{ GX_STR_INIT("\x03\xe8\xff"), "bad(1007:) " },
		{ GX_STR_INIT("\x0f\xa1"), "close(4001:) " },
	};
	static const struct {
		unsigned code;
		bool is_valid;
	} codes[] = {
		{ 0, false },	  { 999, false },  { 1000, true },  { 1001, true },
		{ 1002, true },	  { 1003, true },  { 1004, false }, { 1005, false },
		{ 1006, false },  { 1007, true },  { 1011, true },  { 1014, true },
		{ 1015, false },  { 1016, false }, { 1999, false }, { 2000, false },
		{ 2999, false },  { 3000, true },  { 4999, true },  { 5000, false },
		{ 65535, false },
	};
	struct gx_buf wire;

	gx_buf_init(&wire, 1 << 20);
	for (size_t i = 0; i < GX_COUNT(cases); i++) {
		put_frame(&wire, 0x88, cases[i].payload.ptr, cases[i].payload.len);
		check(&wire, cases[i].want);
	}
	for (size_t i = 0; i < GX_COUNT(codes); i++)
		assert_int_equal(gx_ws_code_valid(codes[i].code), codes[i].is_valid);
	gx_buf_deinit(&wire);
}

static void test_write(void **state)
{
	char head[GX_WS_HEAD_BYTES_MAX], reason[200];
	struct gx_buf out;

	assert_int_equal(gx_ws_write_head(head, GX_WS_OP_TEXT, 125), 2);
	assert_memory_equal(head, "\x81\x7d", 2);
	assert_int_equal(gx_ws_write_head(head, GX_WS_OP_TEXT, 126), 4);
	assert_memory_equal(head, "\x81\x7e\0\x7e", 4);
	assert_int_equal(gx_ws_write_head(head, GX_WS_OP_PING, 65535), 4);
	assert_int_equal(gx_ws_write_head(head, GX_WS_OP_TEXT, 65536), 10);
	assert_memory_equal(head, "\x81\x7f\0\0\0\0\0\x01\0\0", 10);
	gx_buf_init(&out, 1000);
	gx_ws_write_close(&out, 1001, GX_STR("bye"));
	assert_true(gx_str_eq(gx_buf_str(&out), GX_STR("\x88\x05\x03\xe9"
						       "bye")));
	gx_buf_clear(&out);
	gx_ws_write_close(&out, 1005, GX_STR_NULL);
	assert_true(gx_str_eq(gx_buf_str(&out), GX_STR("\x88\0")));
	/* 关 is three bytes: 123 bytes hold 41 of them, and one 'a' before leaves room for 40. */
	reason[0] = 'a';
	for (size_t i = 0; i < 60; i++)
		memcpy(reason + 1 + 3 * i, "\xe5\x85\xb3", 3);
	gx_buf_clear(&out);
	gx_ws_write_close(&out, 1000, (struct gx_str){ reason, 181 });
	assert_int_equal(out.len, 2 + 2 + 121);
	gx_buf_deinit(&out);
}

static void test_handshake(void **state)
{
#define KEY "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
#define VERSION "Sec-WebSocket-Version: 13\r\n"
#define UPGRADE "Upgrade: h2c, WebSocket\r\nConnection: keep-alive, Upgrade\r\n"
	static const struct {
		const char *text;
		unsigned want; /* 0: no upgrade at all */
	} cases[] = {
		{ "GET / HTTP/1.1\r\nHost: a\r\n" UPGRADE VERSION KEY "\r\n", 101 },
		{ "GET / HTTP/1.1\r\nHost: a\r\n" VERSION KEY "\r\n", 0 },
		{ "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\n" VERSION KEY "\r\n", 0 },
		{ "POST / HTTP/1.1\r\nHost: a\r\n" UPGRADE VERSION KEY "\r\n", 0 },
		{ "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n" VERSION KEY "\r\n", 400 },
		{ "GET / HTTP/1.0\r\nHost: a\r\n" UPGRADE VERSION KEY "\r\n", 400 },
		{ "GET / HTTP/1.1\r\nHost: a\r\n" UPGRADE VERSION "\r\n", 400 },
		{ "GET / HTTP/1.1\r\nHost: a\r\n" UPGRADE KEY "\r\n", 426 },
		{ "GET / HTTP/1.1\r\nHost: a\r\n" UPGRADE "Sec-WebSocket-Version: 8\r\n" KEY "\r\n",
		  426 },
		{ "GET / HTTP/1.1\r\nHost: a\r\n" UPGRADE VERSION
		  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ\r\n\r\n",
		  400 },
		{ "GET / HTTP/1.1\r\nHost: a\r\n" UPGRADE VERSION
		  "Sec-WebSocket-Key: dGhlIHNhbXBs*SBub25jZQ==\r\n\r\n",
		  400 },
		{ "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n" UPGRADE VERSION KEY "\r\n",
		  400 },
	};
	static struct gx_http_head h;
	char accept[GX_WS_ACCEPT_BYTES];

	for (size_t i = 0; i < GX_COUNT(cases); i++) {
		struct gx_str in = gx_str_from_cstr(cases[i].text);
		unsigned got;
		gx_http_head_init(&h);
		assert_int_equal(gx_http_head_parse(&h, in), GX_HTTP_DONE);
		got = gx_ws_is_upgrade(&h, in) ? gx_ws_check_upgrade(&h, in) : 0;
		if (got != cases[i].want)
			fail_msg("%s: %u", cases[i].text, got);
	}
	gx_ws_accept_key(GX_STR("dGhlIHNhbXBsZSBub25jZQ=="), accept);
	assert_memory_equal(accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", sizeof(accept));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_frames),	  cmocka_unit_test(test_messages),
		cmocka_unit_test(test_utf8),	  cmocka_unit_test(test_size),
		cmocka_unit_test(test_close),	  cmocka_unit_test(test_write),
		cmocka_unit_test(test_handshake),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
