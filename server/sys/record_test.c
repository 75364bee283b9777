/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: a record reads back as it was written, and nothing else reads at all.
 * Method: write one of each kind; cut it, lengthen it, and set each of its fields to what a taken
 * edge might send.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "record.h"

#define CONN UINT64_C(0x0000000700000003)
/* Where the fields of a request begin: two u64 behind the head, then flags and method. */
#define REQUEST_FLAGS_AT (GX_RECORD_HEAD_BYTES + 16)
#define REQUEST_METHOD_AT (REQUEST_FLAGS_AT + 4)
#define REQUEST_TARGET_AT (REQUEST_METHOD_AT + 8)

static struct gx_request_record sample_request(void)
{
	return (struct gx_request_record){
		.conn = CONN,
		.received_ns = 123456789,
		.content_length = 1 << 20,
		.flags = GX_REQUEST_SECURE | GX_REQUEST_HAS_BODY,
		.method = GX_METHOD_PATCH,
		.target = GX_STR("/api/v1/me?x=1"),
		.token = GX_STR("tok"),
		.language = GX_STR("zh-CN"),
		.peer = GX_STR("127.0.0.1"),
		.content_type = GX_STR("application/json"),
		.filename = GX_STR("a%20b"),
		.body = GX_STR("{\"a\":1}"),
	};
}

static void test_request(void **state)
{
	struct gx_request_record r = sample_request(), back;
	struct gx_record_head head;
	struct gx_buf b;

	gx_buf_init(&b, 1 << 20);
	gx_record_write_request(&b, GX_RECORD_HTTP_REQUEST, &r);
	assert_int_equal(gx_record_peek(gx_buf_str(&b), &head), 1);
	assert_int_equal(head.size, b.len);
	assert_int_equal(head.type, GX_RECORD_HTTP_REQUEST);
	assert_int_equal(head.flags, 0);
	assert_int_equal(head.conn, CONN);
	assert_true(gx_record_read_request(gx_buf_str(&b), &back));
	assert_int_equal(back.conn, r.conn);
	assert_int_equal(back.received_ns, r.received_ns);
	assert_int_equal(back.content_length, r.content_length);
	assert_int_equal(back.flags, r.flags);
	assert_int_equal(back.method, r.method);
	assert_true(gx_str_eq(back.target, r.target));
	assert_true(gx_str_eq(back.token, r.token));
	assert_true(gx_str_eq(back.language, r.language));
	assert_true(gx_str_eq(back.peer, r.peer));
	assert_true(gx_str_eq(back.content_type, r.content_type));
	assert_true(gx_str_eq(back.filename, r.filename));
	assert_true(gx_str_eq(back.body, r.body));
	gx_buf_deinit(&b);
}

static void test_request_refused(void **state)
{
	struct gx_request_record r = sample_request(), back;
	struct gx_buf b;

	gx_buf_init(&b, 1 << 20);
	gx_record_write_request(&b, GX_RECORD_HTTP_REQUEST, &r);
	b.ptr[REQUEST_FLAGS_AT] = (char)0x80;
	assert_false(gx_record_read_request(gx_buf_str(&b), &back));
	b.ptr[REQUEST_FLAGS_AT] = 0;
	assert_true(gx_record_read_request(gx_buf_str(&b), &back));
	b.ptr[REQUEST_METHOD_AT] = GX_METHOD_OPTIONS + 1;
	assert_false(gx_record_read_request(gx_buf_str(&b), &back));
	b.ptr[REQUEST_METHOD_AT] = GX_METHOD_OPTIONS;
	b.ptr[REQUEST_TARGET_AT] = 'x';
	assert_false(gx_record_read_request(gx_buf_str(&b), &back));
	b.ptr[REQUEST_TARGET_AT] = '/';
	/* A body belongs to an HTTP request alone. */
	b.ptr[4] = GX_RECORD_WS_OPEN;
	assert_false(gx_record_read_request(gx_buf_str(&b), &back));
	b.ptr[4] = GX_RECORD_WS_TEXT;
	assert_false(gx_record_read_request(gx_buf_str(&b), &back));

	gx_buf_clear(&b);
	r.body = GX_STR_NULL;
	gx_record_write_request(&b, GX_RECORD_UPLOAD_BEGIN, &r);
	assert_true(gx_record_read_request(gx_buf_str(&b), &back));
	gx_buf_deinit(&b);
}

/* One record of each kind, one after the other. */
static void write_all(struct gx_buf *b)
{
	static const uint64_t conns[] = { 1, CONN, UINT64_MAX };
	struct gx_request_record request = sample_request();

	gx_record_write_request(b, GX_RECORD_HTTP_REQUEST, &request);
	request.body = GX_STR_NULL;
	gx_record_write_request(b, GX_RECORD_UPLOAD_BEGIN, &request);
	gx_record_write_request(b, GX_RECORD_WS_OPEN, &request);
	gx_record_write_upload(b, GX_RECORD_UPLOAD_END, false,
			       &(struct gx_upload_record){ CONN, UINT64_MAX });
	gx_record_write_upload(b, GX_RECORD_UPLOAD_ACCEPT, true,
			       &(struct gx_upload_record){ CONN, 1000 });
	gx_record_write_ws_text(b, &(struct gx_ws_text_record){ CONN, 5, GX_STR("{}") });
	gx_record_write_bare(b, GX_RECORD_CONN_GONE, CONN);
	gx_record_write_bare(b, GX_RECORD_WS_ACCEPT, CONN);
	gx_record_write_bare(b, GX_RECORD_WS_DRAINED, CONN);
	gx_record_write_bare(b, GX_RECORD_WS_AWAIT, CONN);
	gx_record_write_bare(b, GX_RECORD_WS_CATCH_UP, CONN);
	gx_record_write_bare(b, GX_RECORD_WS_LIVE, CONN);
	gx_record_write_bare(b, GX_RECORD_WS_TAKEN, CONN);
	gx_record_write_bare(b, GX_RECORD_WS_WINDOW, 256);
	gx_record_write_ws_reply(b, CONN, GX_STR("{}"));
	gx_record_write_response(b, GX_RECORD_HTTP_RESPONSE, false,
				 &(struct gx_response_record){ .conn = CONN,
							       .status = 503,
							       .flags = GX_RESPONSE_CLOSE,
							       .content_type = GX_STR("text/plain"),
							       .headers = GX_STR("A: b\r\n"),
							       .body = GX_STR("no") });
	gx_record_write_response(b, GX_RECORD_HTTP_FILE, true,
				 &(struct gx_response_record){ .conn = CONN,
							       .file_size = 99,
							       .status = 200,
							       .etag = GX_STR("\"x\"") });
	gx_record_write_ws_send(b, conns, GX_COUNT(conns), GX_STR("hello"));
	gx_record_write_ws_send_all(b, GX_STR("everybody"));
	gx_record_write_ws_close(b, &(struct gx_ws_close_record){ CONN, 4001, GX_STR("bye") });
}

/* Reads with the function for its type. */
static bool read_any(struct gx_str record, uint8_t type)
{
	struct gx_record_head head;

	switch ((enum gx_record_type)type) {
	case GX_RECORD_HTTP_REQUEST:
	case GX_RECORD_UPLOAD_BEGIN:
	case GX_RECORD_WS_OPEN:
		return gx_record_read_request(record, &(struct gx_request_record){ 0 });
	case GX_RECORD_UPLOAD_END:
	case GX_RECORD_UPLOAD_ACCEPT:
		return gx_record_read_upload(record, &(struct gx_upload_record){ 0 });
	case GX_RECORD_WS_TEXT:
		return gx_record_read_ws_text(record, &(struct gx_ws_text_record){ 0 });
	case GX_RECORD_CONN_GONE:
	case GX_RECORD_WS_ACCEPT:
	case GX_RECORD_WS_DRAINED:
	case GX_RECORD_WS_AWAIT:
	case GX_RECORD_WS_CATCH_UP:
	case GX_RECORD_WS_LIVE:
	case GX_RECORD_WS_TAKEN:
	case GX_RECORD_WS_WINDOW:
		return gx_record_peek(record, &head) == 1 && head.size == record.len;
	case GX_RECORD_HTTP_RESPONSE:
	case GX_RECORD_HTTP_FILE:
		return gx_record_read_response(record, &(struct gx_response_record){ 0 });
	case GX_RECORD_WS_SEND:
		return gx_record_read_ws_send(record, &(struct gx_ws_send_record){ 0 });
	case GX_RECORD_WS_SEND_ALL:
		return gx_record_read_ws_send_all(record, &(struct gx_str){ 0 });
	case GX_RECORD_WS_CLOSE:
		return gx_record_read_ws_close(record, &(struct gx_ws_close_record){ 0 });
	}
	return false;
}

/* Each record with its announced size and its real size set to `len`, in a block of that size. */
static bool reads_at_length(struct gx_str record, size_t len, uint8_t type)
{
	char *copy = gx_heap_alloc_array(len, 1);
	uint32_t size = (uint32_t)len;
	bool ok;

	memcpy(copy, record.ptr, len < record.len ? len : record.len);
	if (len >= sizeof(size))
		memcpy(copy, &size, sizeof(size));
	ok = read_any((struct gx_str){ copy, len }, type);
	gx_heap_free(copy);
	return ok;
}

static void test_only_whole_records_read(void **state)
{
	struct gx_record_head head;
	struct gx_str rest;
	unsigned count = 0;
	struct gx_buf b;

	gx_buf_init(&b, 1 << 20);
	write_all(&b);
	rest = gx_buf_str(&b);
	while (rest.len > 0) {
		struct gx_str record;

		assert_int_equal(gx_record_peek(rest, &head), 1);
		record = gx_str_slice(rest, 0, head.size);
		for (size_t len = 0; len < head.size + 20; len++)
			assert_int_equal(reads_at_length(record, len, head.type), len == head.size);
		rest = gx_str_slice(rest, head.size, rest.len);
		count++;
	}
	assert_int_equal(count, 20);
	gx_buf_deinit(&b);
}

static void test_peek(void **state)
{
	static const struct {
		const char *name;
		size_t at;
		uint8_t byte;
		int want;
	} cases[] = {
		{ "as written", 0, 16, 1 },
		{ "shorter than a head", 0, 15, -1 },
		{ "longer than its kind", 0, 17, -1 },
		{ "over the maximum", 3, 1, -1 },
		{ "type 0", 4, 0, -1 },
		{ "type 8", 4, 8, -1 },
		{ "type 31", 4, 31, -1 },
		{ "type 44", 4, 44, -1 },
		{ "a descriptor with a kind that has none", 5, 1, -1 },
		{ "a reply of a kind that is none", 5, 2, -1 },
		{ "unknown flag", 5, 4, -1 },
		{ "filler", 6, 1, -1 },
		{ "filler", 7, 1, -1 },
	};
	struct gx_record_head head;
	struct gx_buf b;

	gx_buf_init(&b, 1000);
	for (size_t i = 0; i < GX_COUNT(cases); i++) {
		gx_buf_clear(&b);
		gx_record_write_bare(&b, GX_RECORD_CONN_GONE, CONN);
		b.ptr[cases[i].at] = (char)cases[i].byte;
		if (gx_record_peek(gx_buf_str(&b), &head) != cases[i].want)
			fail_msg("case \"%s\"", cases[i].name);
	}
	gx_buf_clear(&b);
	gx_record_write_bare(&b, GX_RECORD_CONN_GONE, CONN);
	assert_int_equal(gx_record_peek(gx_str_slice(gx_buf_str(&b), 0, 15), &head), 0);
	assert_int_equal(gx_record_peek(GX_STR_NULL, &head), 0);
	gx_buf_deinit(&b);
}

static void test_ws_send(void **state)
{
	static const uint64_t conns[] = { 1, CONN, UINT64_MAX };
	struct gx_ws_send_record r;
	uint32_t count = UINT32_MAX;
	struct gx_buf b;

	gx_buf_init(&b, 1000);
	gx_record_write_ws_send(&b, conns, GX_COUNT(conns), GX_STR("hello"));
	assert_true(gx_record_read_ws_send(gx_buf_str(&b), &r));
	assert_int_equal(r.conns_count, GX_COUNT(conns));
	for (uint32_t i = 0; i < GX_COUNT(conns); i++)
		assert_int_equal(gx_ws_send_conn(&r, i), conns[i]);
	assert_true(gx_str_eq(r.text, GX_STR("hello")));
	memcpy(b.ptr + GX_RECORD_HEAD_BYTES, &count, sizeof(count));
	assert_false(gx_record_read_ws_send(gx_buf_str(&b), &r));
	count = 3;
	memcpy(b.ptr + GX_RECORD_HEAD_BYTES, &count, sizeof(count));
	b.ptr[8] = 1; /* conn of the head */
	assert_false(gx_record_read_ws_send(gx_buf_str(&b), &r));
	gx_buf_deinit(&b);
}

static void test_response_refused(void **state)
{
	struct gx_response_record r = { .conn = CONN, .status = 200, .body = GX_STR("x") };
	static const uint32_t statuses[] = { 0, 99, 600, UINT32_MAX };
	struct gx_buf b;

	gx_buf_init(&b, 1000);
	gx_record_write_response(&b, GX_RECORD_HTTP_FILE, true, &r);
	assert_false(gx_record_read_response(gx_buf_str(&b), &r));
	for (size_t i = 0; i < GX_COUNT(statuses); i++) {
		gx_buf_clear(&b);
		r.status = statuses[i];
		gx_record_write_response(&b, GX_RECORD_HTTP_RESPONSE, false, &r);
		assert_false(gx_record_read_response(gx_buf_str(&b), &r));
	}
	gx_buf_clear(&b);
	r.status = 200;
	r.flags = 2;
	gx_record_write_response(&b, GX_RECORD_HTTP_RESPONSE, false, &r);
	assert_false(gx_record_read_response(gx_buf_str(&b), &r));
	gx_buf_deinit(&b);
}

static void test_too_large_is_overflow(void **state)
{
	char *text = gx_heap_alloc(GX_RECORD_BYTES_MAX);
	struct gx_buf b;

	gx_buf_init(&b, 3 * GX_RECORD_BYTES_MAX);
	gx_record_write_ws_send(&b, NULL, 0, (struct gx_str){ text, GX_RECORD_BYTES_MAX - 24 });
	assert_false(b.overflow);
	assert_int_equal(b.len, GX_RECORD_BYTES_MAX);
	gx_record_write_ws_send(&b, NULL, 0, (struct gx_str){ text, GX_RECORD_BYTES_MAX - 23 });
	assert_true(b.overflow);
	assert_int_equal(b.len, GX_RECORD_BYTES_MAX);
	gx_heap_free(text);
	gx_buf_deinit(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_request),
		cmocka_unit_test(test_request_refused),
		cmocka_unit_test(test_only_whole_records_read),
		cmocka_unit_test(test_peek),
		cmocka_unit_test(test_ws_send),
		cmocka_unit_test(test_response_refused),
		cmocka_unit_test(test_too_large_is_overflow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
