/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: texts pass both ways whole and in order, streams close with the right code, and whoever
 * reads too slowly or not at all costs nobody else anything.
 * Method: a real edge process, real sockets, and a core played by the test (edge_house.h).
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "edge_house.h"

static void assert_str(struct gx_str got, const char *want)
{
	if (!gx_str_eq(got, gx_str_from_cstr(want)))
		fail_msg("'%.*s' instead of '%s'", GX_STR_ARG(got), want);
}

static struct gx_str next_text(struct house *h, uint64_t conn)
{
	struct gx_ws_text_record r;
	struct gx_str record;

	assert_int_equal(house_next(h, &record).type, GX_RECORD_WS_TEXT);
	assert_true(gx_record_read_ws_text(record, &r));
	assert_true(r.conn == conn);
	assert_true(r.received_ns != 0);
	return r.text;
}

static void say(struct house *h, const uint64_t *conns, uint32_t count, struct gx_str text)
{
	gx_record_write_ws_send(&h->core.out, conns, count, text);
	house_flush(h);
}

/* Reads up to the close frame and the end; the code. */
static unsigned close_code(int fd)
{
	struct gx_str payload;
	struct gx_buf in;
	unsigned code = 1005;

	gx_buf_init(&in, (size_t)64 << 20);
	while (client_next_frame(fd, &in, &payload) != 0x88)
		;
	if (payload.len >= 2)
		code = (unsigned)(uint8_t)payload.ptr[0] << 8 | (uint8_t)payload.ptr[1];
	client_expect_end(fd, &in);
	client_forget_frame();
	gx_buf_deinit(&in);
	return code;
}

static void test_open(void **state)
{
	struct house h;
	struct response r;
	struct gx_request_record in;
	int fd;

	house_init(&h);
	house_open(&h);
	response_init(&r);
	fd = client_connect(&h);
	client_say(fd, "GET /api/v1/stream?since=x HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n"
		       "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nCookie: gx_media=no\r\n"
		       "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
		       "Sec-WebSocket-Protocol: guanxi.v1, bearer.tok-en\r\n\r\n");
	in = house_next_request(&h, GX_RECORD_WS_OPEN);
	assert_str(in.target, "/api/v1/stream?since=x");
	assert_str(in.token, "tok-en");
	assert_int_equal(in.flags, GX_REQUEST_PEER_LOOPBACK);
	/* The core may refuse like any request. */
	house_answer(&h, in.conn, 401, "{}");
	response_read(&r, fd, false);
	assert_int_equal(r.status, 401);
	client_read(fd, &r.in, SIZE_MAX);
	close(fd);
	response_deinit(&r);
	/* Frames may come right behind the handshake, before the 101. */
	response_init(&r);
	fd = client_connect(&h);
	client_say(fd, "GET /api/v1/stream HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n"
		       "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
		       "Authorization: Bearer t\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
		       "\r\n");
	client_send_frame(fd, 0x81, GX_STR("early"));
	in = house_next_request(&h, GX_RECORD_WS_OPEN);
	assert_str(in.token, "t");
	gx_record_write_bare(&h.core.out, GX_RECORD_WS_ACCEPT, in.conn);
	house_flush(&h);
	assert_str(next_text(&h, in.conn), "early");
	response_read(&r, fd, true);
	assert_int_equal(r.status, 101);
	assert_false(response_has_field(&r, "Sec-WebSocket-Protocol"));
	close(fd);
	house_next_gone(&h, in.conn);
	response_deinit(&r);
	house_close(&h);
}

static void test_texts(void **state)
{
	static char big[262144];
	struct house h;
	struct gx_str payload;
	struct gx_buf in, many;
	uint64_t conns[3];
	int fds[3];

	house_init(&h);
	house_open(&h);
	gx_buf_init(&in, 1 << 20);
	gx_buf_init(&many, 1 << 20);
	for (unsigned i = 0; i < 3; i++)
		fds[i] = client_open_ws(&h, &conns[i]);
	client_send_frame(fds[0], 0x81, GX_STR("关系"));
	assert_str(next_text(&h, conns[0]), "关系");
	/* A thousand fragments with pings between them. */
	client_send_frame(fds[1], 0x01, GX_STR("a"));
	for (unsigned i = 0; i < 1000; i++) {
		client_send_frame(fds[1], 0x00, GX_STR("b"));
		if (i % 100 == 0)
			client_send_frame(fds[1], 0x89, GX_STR("p"));
	}
	client_send_frame(fds[1], 0x80, GX_STR("c"));
	assert_int_equal(next_text(&h, conns[1]).len, 1002);
	for (unsigned i = 0; i < 10; i++) {
		assert_int_equal(client_next_frame(fds[1], &in, &payload), 0x8a);
		assert_str(payload, "p");
	}
	client_forget_frame();
	gx_buf_clear(&in);
	/* The largest. */
	memset(big, 'x', sizeof(big));
	client_send_frame(fds[2], 0x81, (struct gx_str){ big, sizeof(big) });
	assert_int_equal(next_text(&h, conns[2]).len, sizeof(big));
	/* One text to all, in order; one of them is a stranger. */
	for (unsigned i = 0; i < 100; i++) {
		char text[16];
		snprintf(text, sizeof(text), "text %u", i);
		conns[1] += i == 50 ? (uint64_t)1 << 32 : 0;
		gx_record_write_ws_send(&h.core.out, conns, 3, gx_str_from_cstr(text));
	}
	house_flush(&h);
	for (unsigned k = 0; k < 3; k++) {
		for (unsigned i = 0; i < (k == 1 ? 50 : 100); i++) {
			char text[16];
			snprintf(text, sizeof(text), "text %u", i);
			assert_int_equal(client_next_frame(fds[k], &in, &payload), 0x81);
			assert_str(payload, text);
		}
		client_forget_frame();
		gx_buf_clear(&in);
		close(fds[k]);
	}
	gx_buf_deinit(&many);
	gx_buf_deinit(&in);
	house_close(&h);
}

static void test_closes(void **state)
{
	static const struct {
		unsigned first;
		struct gx_str payload;
		unsigned code;
	} cases[] = {
		{ 0x88,
		  GX_STR_INIT("\x03\xe8"
			      "bye"),
		  1000 },
		{ 0x88, GX_STR_INIT(""), 1005 },
		{ 0x88, GX_STR_INIT("\x03\xed"), 1002 },
		{ 0x81, GX_STR_INIT("\xff"), 1007 },
		{ 0x82, GX_STR_INIT("b"), 1003 },
		{ 0x83, GX_STR_INIT(""), 1002 },
		{ 0x80, GX_STR_INIT(""), 1002 },
	};
	struct house h;
	uint64_t conn;

	house_init(&h);
	house_open(&h);
	for (size_t i = 0; i < GX_COUNT(cases); i++) {
		int fd = client_open_ws(&h, &conn);
		client_send_frame(fd, cases[i].first, cases[i].payload);
		client_send_frame(fd, 0x81, GX_STR("not read"));
		house_next_gone(&h, conn);
		assert_int_equal(close_code(fd), cases[i].code);
	}
	/* Not masked; too large by its head alone. */
	int fd = client_open_ws(&h, &conn);
	client_say(fd, "\x81\x01x");
	house_next_gone(&h, conn);
	assert_int_equal(close_code(fd), 1002);
	fd = client_open_ws(&h, &conn);
	client_send(fd, GX_STR("\x81\xff\0\0\0\0\0\x04\0\x01"));
	house_next_gone(&h, conn);
	assert_int_equal(close_code(fd), 1009);
	/* The core closes. */
	fd = client_open_ws(&h, &conn);
	gx_record_write_ws_close(&h.core.out,
				 &(struct gx_ws_close_record){ .conn = conn,
							       .code = 4001,
							       .reason = GX_STR("signed out") });
	house_flush(&h);
	house_next_gone(&h, conn);
	assert_int_equal(close_code(fd), 4001);
	house_close(&h);
}

/* One who does not read is closed with 1013 once a megabyte waits; the other one hears all. */
static void test_slow_reader(void **state)
{
	static char text[60000];
	struct house h;
	struct gx_record_head head = { .type = 0 };
	struct gx_str payload, record;
	struct gx_buf in;
	uint64_t conns[2];
	int slow, quick;
	unsigned sent = 0;

	house_init(&h);
	house_open(&h);
	gx_buf_init(&in, (size_t)64 << 20);
	slow = client_open_ws(&h, &conns[0]);
	quick = client_open_ws(&h, &conns[1]);
	memset(text, 'x', sizeof(text));
	while (head.type == 0) {
		say(&h, conns, 2, (struct gx_str){ text, sizeof(text) });
		sent++;
		assert_int_equal(client_next_frame(quick, &in, &payload), 0x81);
		assert_int_equal(payload.len, sizeof(text));
		assert_true(sent < 1000);
		if (house_has_next(&h, 0))
			head = house_next(&h, &record);
	}
	client_forget_frame();
	assert_int_equal(head.type, GX_RECORD_CONN_GONE);
	assert_true(head.conn == conns[0]);
	assert_true(sent * sizeof(text) > 1 << 20);
	assert_int_equal(close_code(slow), 1013);
	close(quick);
	gx_buf_deinit(&in);
	house_close(&h);
}

static void expect_frame(int fd, struct gx_buf *in, const char *want)
{
	struct gx_str payload;

	assert_int_equal(client_next_frame(fd, in, &payload), 0x81);
	assert_str(payload, want);
}

/* What is for all reaches each WebSocket but those that are catching up, in its place among what
 * each of them gets, and no other connection. */
static void test_text_for_all(void **state)
{
	enum { COUNT = 300 };
	static int fds[COUNT];
	static uint64_t conns[COUNT];
	struct house h;
	struct gx_buf in;
	int idle;

	house_init(&h);
	house_open(&h);
	gx_buf_init(&in, (size_t)1 << 20);
	idle = client_connect(&h);
	for (unsigned i = 0; i < COUNT; i++)
		fds[i] = client_open_ws(&h, &conns[i]);
	gx_record_write_ws_send(&h.core.out, conns, COUNT, GX_STR("1"));
	gx_record_write_bare(&h.core.out, GX_RECORD_WS_CATCH_UP, conns[7]);
	gx_record_write_ws_send_all(&h.core.out, GX_STR("all"));
	gx_record_write_bare(&h.core.out, GX_RECORD_WS_LIVE, conns[7]);
	gx_record_write_ws_send_all(&h.core.out, GX_STR("again"));
	house_flush(&h);
	for (unsigned i = 0; i < COUNT; i++) {
		gx_buf_clear(&in);
		expect_frame(fds[i], &in, "1");
		if (i != 7)
			expect_frame(fds[i], &in, "all");
		expect_frame(fds[i], &in, "again");
		client_forget_frame();
		close(fds[i]);
	}
	close(idle);
	gx_buf_deinit(&in);
	house_close(&h);
}

/* The core learns when all that it sent has left, not before. */
static void test_await_tells_when_drained(void **state)
{
	static char text[60000];
	struct house h;
	struct gx_str payload, record;
	struct gx_buf in;
	uint64_t conn;
	unsigned sent = 0;
	int fd;

	house_init(&h);
	house_open(&h);
	gx_buf_init(&in, (size_t)64 << 20);
	fd = client_open_ws(&h, &conn);
	gx_record_write_bare(&h.core.out, GX_RECORD_WS_AWAIT, conn);
	assert_int_equal(gx_link_flush(&h.core), 1);
	assert_int_equal(house_next(&h, &record).type, GX_RECORD_WS_DRAINED);
	memset(text, 'x', sizeof(text));
	/* Until the sockets are full: then nothing is said. */
	for (bool is_full = false; !is_full; sent++) {
		assert_true(sent < 1000);
		say(&h, &conn, 1, (struct gx_str){ text, sizeof(text) });
		gx_record_write_bare(&h.core.out, GX_RECORD_WS_AWAIT, conn);
		assert_int_equal(gx_link_flush(&h.core), 1);
		is_full = !house_has_next(&h, 300);
		if (!is_full)
			assert_int_equal(house_next(&h, &record).type, GX_RECORD_WS_DRAINED);
	}
	while (sent-- > 0) {
		assert_int_equal(client_next_frame(fd, &in, &payload), 0x81);
		assert_int_equal(payload.len, sizeof(text));
	}
	assert_int_equal(house_next(&h, &record).type, GX_RECORD_WS_DRAINED);
	client_forget_frame();
	close(fd);
	gx_buf_deinit(&in);
	house_close(&h);
}

static void test_pings(void **state)
{
	struct house h;
	struct gx_str payload;
	struct gx_buf in;
	uint64_t conn;
	int fd;

	house_init(&h);
	h.config.ping_interval_ms = 300;
	house_open(&h);
	gx_buf_init(&in, 1 << 20);
	fd = client_open_ws(&h, &conn);
	/* Alive while it answers. */
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(client_next_frame(fd, &in, &payload), 0x89);
		client_send_frame(fd, 0x8a, payload);
	}
	/* Then silent: one ping more, and it is dead. */
	assert_int_equal(client_next_frame(fd, &in, &payload), 0x89);
	house_next_gone(&h, conn);
	gx_buf_consume(&in, in.len);
	client_forget_frame();
	client_expect_end(fd, &in);
	gx_buf_deinit(&in);
	house_close(&h);
}

static void test_core_goes(void **state)
{
	struct house h;
	uint64_t conn;
	int fd;

	house_init(&h);
	house_open(&h);
	fd = client_open_ws(&h, &conn);
	house_core_stop(&h);
	assert_int_equal(close_code(fd), 1012);
	house_core_start(&h);
	fd = client_open_ws(&h, &conn);
	/* A second link takes the first one's place. */
	struct gx_link old = h.core;
	house_core_start(&h);
	assert_int_equal(close_code(fd), 1012);
	gx_link_deinit(&old);
	house_close(&h);
}

static void test_stop(void **state)
{
	struct house h;
	uint64_t conn;
	int fd;

	house_init(&h);
	house_open(&h);
	fd = client_open_ws(&h, &conn);
	assert_int_equal(kill(h.edge, SIGTERM), 0);
	house_next_gone(&h, conn);
	assert_int_equal(close_code(fd), 1001);
	house_close(&h);
}

/* The core does not read: clients wait, nothing is lost. */
static void test_core_behind(void **state)
{
	enum { TEXTS = 300 };
	static char text[50000];
	struct house h;
	uint64_t conn;
	size_t sent = 0, got = 0;
	struct gx_buf frames;
	int fd;

	house_init(&h);
	house_open(&h);
	fd = client_open_ws(&h, &conn);
	memset(text, 'x', sizeof(text));
	gx_buf_init(&frames, (size_t)64 << 20);
	for (unsigned i = 0; i < TEXTS; i++) {
		snprintf(text, 8, "%06u", i);
		text[6] = 'x';
		client_write_frame(&frames, 0x81, (struct gx_str){ text, sizeof(text) });
	}
	while (got < TEXTS) {
		/* As much as the kernel takes; when it takes nothing, the core reads one. */
		ssize_t n =
			send(fd, frames.ptr + sent, frames.len - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n > 0)
			sent += (size_t)n;
		if (n <= 0 || sent == frames.len) {
			struct gx_str next = next_text(&h, conn);
			char want[8];
			snprintf(want, sizeof(want), "%06zu", got++);
			assert_memory_equal(next.ptr, want, 6);
			assert_int_equal(next.len, sizeof(text));
			gx_record_write_bare(&h.core.out, GX_RECORD_WS_TAKEN, conn);
			house_flush(&h);
		}
	}
	close(fd);
	gx_buf_deinit(&frames);
	house_close(&h);
}

/* Takes in all that comes without an answer. */
static unsigned count_texts(struct house *h, uint64_t conn, unsigned from)
{
	unsigned count = 0;
	char want[8];

	/* The first comes in any case; how long the others are waited for can only hide some. */
	while (count == 0 || house_has_next(h, 100)) {
		snprintf(want, sizeof(want), "%06u", from + count++);
		assert_str(next_text(h, conn), want);
	}
	return count;
}

/* Of a flood no more than the window comes at a time, and all of it in the end; others are heard
 * meanwhile. */
static void test_window(void **state)
{
	enum { TEXTS = 20000, WINDOW = 64, ONE_READ = 64 * 256 / 12 };
	uint64_t flood, other;
	struct gx_buf frames;
	unsigned got, waiting;
	struct house h;
	char text[8];
	int fd, other_fd;

	house_init(&h);
	house_open(&h);
	fd = client_open_ws(&h, &flood);
	other_fd = client_open_ws(&h, &other);
	gx_buf_init(&frames, (size_t)1 << 20);
	for (unsigned i = 0; i < TEXTS; i++) {
		snprintf(text, sizeof(text), "%06u", i);
		client_write_frame(&frames, 0x81, (struct gx_str){ text, 6 });
	}
	client_send(fd, gx_buf_str(&frames)); /* all fits into the sockets */
	got = waiting = count_texts(&h, flood, 0);
	assert_true(got <= WINDOW + ONE_READ);
	client_send_frame(other_fd, 0x81, GX_STR("hello"));
	assert_str(next_text(&h, other), "hello");
	/* A smaller window holds for what comes next. */
	gx_record_write_bare(&h.core.out, GX_RECORD_WS_WINDOW, 4);
	for (unsigned round = 0; round < 5; round++) {
		for (; waiting > 0; waiting--)
			gx_record_write_ws_reply(&h.core.out, flood, GX_STR("{}"));
		house_flush(&h);
		waiting = count_texts(&h, flood, got);
		got += waiting;
		assert_true(waiting <= 4 + 2048 / 12);
	}
	/* With the usual one all the rest comes, too. */
	gx_record_write_bare(&h.core.out, GX_RECORD_WS_WINDOW, WINDOW);
	while (got < TEXTS) {
		for (; waiting > 0; waiting--)
			gx_record_write_bare(&h.core.out, GX_RECORD_WS_TAKEN, flood);
		house_flush(&h);
		waiting = count_texts(&h, flood, got);
		got += waiting;
	}
	assert_int_equal(got, TEXTS);
	close(fd);
	close(other_fd);
	gx_buf_deinit(&frames);
	house_close(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_open),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_closes),
		cmocka_unit_test(test_slow_reader),
		cmocka_unit_test(test_text_for_all),
		cmocka_unit_test(test_await_tells_when_drained),
		cmocka_unit_test(test_pings),
		cmocka_unit_test(test_core_goes),
		cmocka_unit_test(test_core_behind),
		cmocka_unit_test(test_window),
		cmocka_unit_test(test_stop),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
