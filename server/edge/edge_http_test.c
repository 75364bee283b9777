/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: requests reach the core as they should, answers reach their clients in order, whatever
 * comes in whatever pieces; refusals close cleanly; nobody can hold the edge up.
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
#include <poll.h>

#include "edge_house.h"

#define H "Host: a\r\n"

static void assert_str(struct gx_str got, const char *want)
{
	if (!gx_str_eq(got, gx_str_from_cstr(want)))
		fail_msg("'%.*s' instead of '%s'", GX_STR_ARG(got), want);
}

static void test_request_fields(void **state)
{
	struct house h;
	struct response r;
	struct gx_request_record in;
	int fd;

	house_init(&h);
	house_open(&h);
	response_init(&r);
	fd = client_connect(&h);
	client_say(fd, "POST /api/v1/things?a=b HTTP/1.1\r\n" H "Authorization: Bearer tok~1\r\n"
		       "Accept-Language: zh\r\nContent-Type: application/json\r\n"
		       "X-Filename: f%20g\r\nContent-Length: 2\r\nCookie: gx_media=no\r\n\r\n{}");
	in = house_next_request(&h, GX_RECORD_HTTP_REQUEST);
	assert_int_equal(in.method, GX_METHOD_POST);
	assert_str(in.target, "/api/v1/things?a=b");
	assert_str(in.token, "tok~1");
	assert_str(in.language, "zh");
	assert_str(in.peer, "127.0.0.1");
	assert_str(in.content_type, "application/json");
	assert_str(in.filename, "f%20g");
	assert_str(in.body, "{}");
	assert_int_equal(in.flags,
			 GX_REQUEST_PEER_LOOPBACK | GX_REQUEST_HAS_BODY | GX_REQUEST_LENGTH_KNOWN);
	house_answer(&h, in.conn, 201, "{\"a\":1}");
	response_read(&r, fd, false);
	assert_int_equal(r.status, 201);
	assert_str(r.body, "{\"a\":1}");
	response_has(&r, "Content-Type: application/json");
	response_has(&r, "X-Content-Type-Options: nosniff");
	response_has(&r, "Cache-Control: no-store");
	assert_true(response_has_field(&r, "Date"));
	/* The same connection again: a read of a media by cookie, through a proxy. */
	client_say(fd, "GET /api/v1/media/5 HTTP/1.1\r\n" H "Cookie: a=b; gx_media=tok; c\r\n"
		       "X-Forwarded-For: 10.1.1.1\r\nContent-Length: 3\r\n\r\nabc");
	in = house_next_request(&h, GX_RECORD_HTTP_REQUEST);
	assert_str(in.token, "tok");
	assert_str(in.peer, "127.0.0.1");
	assert_str(in.body, "");
	assert_int_equal(in.flags, GX_REQUEST_TOKEN_COOKIE);
	house_answer(&h, in.conn, 204, "");
	response_read(&r, fd, false);
	assert_int_equal(r.status, 204);
	assert_false(response_has_field(&r, "Content-Length"));
	/* HEAD: the core may send a body; it stays here. */
	client_say(fd, "HEAD /healthz HTTP/1.1\r\n" H "Authorization: Basic eA==\r\n\r\n");
	in = house_next_request(&h, GX_RECORD_HTTP_REQUEST);
	assert_int_equal(in.method, GX_METHOD_HEAD);
	assert_str(in.token, "");
	house_answer(&h, in.conn, 200, "{}");
	response_read(&r, fd, true);
	response_has(&r, "Content-Length: 2");
	assert_int_equal(r.in.len, strlen(r.head));
	close(fd);
	response_deinit(&r);
	house_close(&h);
}

static void test_proxies(void **state)
{
	static const struct gx_str proxies[] = { GX_STR_INIT("127.0.0.0/8"),
						 GX_STR_INIT("10.0.0.0/8"),
						 GX_STR_INIT("fd00::1") };
	static const struct {
		const char *fields;
		const char *peer;
		unsigned flags;
	} cases[] = {
		{ "", "127.0.0.1", GX_REQUEST_PEER_LOOPBACK },
		{ "X-Forwarded-For: 9.9.9.9, 8.8.8.8 , 10.2.3.4\r\n", "8.8.8.8", 0 },
		{ "X-Forwarded-For: 9.9.9.9\r\nX-Forwarded-For: 7.7.7.7:80\r\n", "7.7.7.7", 0 },
		{ "X-Forwarded-For: nonsense\r\n", "127.0.0.1", 0 },
		/* What a client writes stands left of what the proxy adds. */
		{ "X-Forwarded-For: 10.0.0.1, 9.9.9.9\r\n", "9.9.9.9", 0 },
		{ "X-Forwarded-For: 9.9.9.9, unknown\r\n", "127.0.0.1", 0 },
		{ "X-Forwarded-For: 9.9.9.9, 1.2.3.4.5, 10.0.0.1\r\n", "127.0.0.1", 0 },
		{ "X-Forwarded-For: unknown, 9.9.9.9\r\n", "9.9.9.9", 0 },
		{ "X-Forwarded-For: 8.8.8.8\r\nX-Forwarded-For: 9.9.9.9\r\n", "9.9.9.9", 0 },
		{ "X-Forwarded-For: ,, 9.9.9.9 ,,\r\n", "9.9.9.9", 0 },
		{ "X-Forwarded-For:\r\n", "127.0.0.1", 0 },
		{ "X-Forwarded-For: ::ffff:9.9.9.9\r\n", "9.9.9.9", 0 },
		{ "X-Forwarded-For: 9.9.9.9, ::ffff:10.1.1.1\r\n", "9.9.9.9", 0 },
		{ "X-Forwarded-For: 2001:DB8::A\r\n", "2001:db8::a", 0 },
		{ "X-Forwarded-For: [2001:db8::a]:443\r\n", "2001:db8::a", 0 },
		{ "X-Forwarded-For: \"[2001:db8::a]\"\r\n", "2001:db8::a", 0 },
		{ "X-Forwarded-For: fe80::1%eth0\r\n", "127.0.0.1", 0 },
		{ "X-Forwarded-For: [2001:db8::a\r\n", "2001:db8::a", 0 },
		{ "X-Forwarded-For: []\r\n", "127.0.0.1", 0 },
		{ "X-Forwarded-For: \"\r\n", "127.0.0.1", 0 },
		{ "X-Forwarded-For: 0x7f.1\r\n", "127.0.0.1", 0 },
		{ "X-Forwarded-For: 1.2.3.4\r\nForwarded: for=1.2.3.4\r\n", "1.2.3.4", 0 },
		{ "X-Forwarded-For: 1.2.3.4\r\nForwarded: for=9.9.9.9\r\n", "127.0.0.1", 0 },
		{ "Forwarded: for=9.9.9.9, for=unknown\r\n", "127.0.0.1", 0 },
		{ "Forwarded: for=_hidden\r\n", "127.0.0.1", 0 },
		{ "Forwarded: proto=https;by=1.1.1.1\r\n", "127.0.0.1", 0 },
		{ "X-Forwarded-For: 1.2.3.4\r\nX-Forwarded-Proto: https, http\r\n", "1.2.3.4", 0 },
		{ "X-Forwarded-For: 1.2.3.4\r\nX-Forwarded-Proto: httpsx\r\n", "1.2.3.4", 0 },
		{ "X-Real-IP: 1.1.1.1\r\n", "127.0.0.1", 0 },
		{ "Forwarded: for=9.9.9.9;proto=https, For=\"[2001:db8::1]:80\", for=\"[fd00::1]\""
		  "\r\n",
		  "2001:db8::1", 0 },
		{ "X-Forwarded-For: 1.2.3.4\r\nX-Forwarded-Proto: HTTPS\r\n", "1.2.3.4",
		  GX_REQUEST_SECURE },
	};
	struct house h;
	struct response r;

	house_init(&h);
	h.config.proxies = proxies;
	h.config.proxies_count = GX_COUNT(proxies);
	house_open(&h);
	response_init(&r);
	for (size_t i = 0; i < GX_COUNT(cases); i++) {
		int fd = client_connect(&h);
		struct gx_request_record in;
		char text[512];
		snprintf(text, sizeof(text), "GET /metrics HTTP/1.0\r\n%s\r\n", cases[i].fields);
		client_send(fd, gx_str_from_cstr(text));
		in = house_next_request(&h, GX_RECORD_HTTP_REQUEST);
		assert_str(in.peer, cases[i].peer);
		assert_int_equal(in.flags, cases[i].flags);
		house_answer(&h, in.conn, 200, "x");
		response_read(&r, fd, false);
		response_has(&r, "Connection: close");
		client_expect_end(fd, &r.in);
	}
	response_deinit(&r);
	house_close(&h);
}

static void test_pipelining(void **state)
{
	struct house h;
	struct response r;
	struct gx_request_record in;
	int fd;

	house_init(&h);
	house_open(&h);
	response_init(&r);
	fd = client_connect(&h);
	/* One at a time to the core, static ones in between, all in order. */
	client_say(fd, "GET /api/v1/1 HTTP/1.1\r\n" H "\r\nGET /x.txt HTTP/1.1\r\n" H "\r\n"
		       "POST /api/v1/2 HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n"
		       "2\r\nab\r\n1;e\r\nc\r\n0\r\nT: u\r\n\r\n"
		       "GET /api/v1/3 HTTP/1.1\r\n" H "Connection: close\r\n\r\nGET /never");
	in = house_next_request(&h, GX_RECORD_HTTP_REQUEST);
	assert_str(in.target, "/api/v1/1");
	house_answer(&h, in.conn, 200, "1");
	response_read(&r, fd, false);
	assert_str(r.body, "1");
	in = house_next_request(&h, GX_RECORD_HTTP_REQUEST);
	assert_str(in.target, "/api/v1/2");
	assert_str(in.body, "abc");
	response_read(&r, fd, false);
	assert_int_equal(r.status, 404);
	house_answer(&h, in.conn, 200, "2");
	response_read(&r, fd, false);
	assert_str(r.body, "2");
	in = house_next_request(&h, GX_RECORD_HTTP_REQUEST);
	assert_str(in.target, "/api/v1/3");
	/* An answer to someone who is gone, and one given twice, are dropped. */
	house_answer(&h, in.conn + 7, 200, "other");
	house_answer(&h, in.conn, 200, "3");
	house_answer(&h, in.conn, 200, "again");
	response_read(&r, fd, false);
	assert_str(r.body, "3");
	response_has(&r, "Connection: close");
	client_read(fd, &r.in, SIZE_MAX);
	assert_int_equal(r.in.len, strlen(r.head) + 1);
	close(fd);
	response_deinit(&r);
	house_close(&h);
}

static void test_many_pipelined(void **state)
{
	enum { COUNT = 2000 };
	struct house h;
	struct response r;
	struct gx_buf all;
	int fd;

	house_init(&h);
	house_open(&h);
	response_init(&r);
	gx_buf_init(&all, 1 << 20);
	for (unsigned i = 0; i < COUNT; i++)
		gx_buf_printf(&all, "GET /api/v1/%u HTTP/1.1\r\n" H "\r\n", i);
	fd = client_connect(&h);
	client_send(fd, gx_buf_str(&all));
	for (unsigned i = 0; i < COUNT; i++) {
		struct gx_request_record in = house_next_request(&h, GX_RECORD_HTTP_REQUEST);
		char target[32];
		snprintf(target, sizeof(target), "/api/v1/%u", i);
		assert_str(in.target, target);
		house_answer(&h, in.conn, 200, target);
	}
	for (unsigned i = 0; i < COUNT; i++) {
		char body[32];
		response_read(&r, fd, false);
		snprintf(body, sizeof(body), "/api/v1/%u", i);
		assert_str(r.body, body);
	}
	close(fd);
	gx_buf_deinit(&all);
	response_deinit(&r);
	house_close(&h);
}

static void test_pieces(void **state)
{
	static const char request[] =
		"POST /api/v1/p HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n"
		"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
	struct house h;
	struct response r;
	struct gx_request_record in;
	int fd;

	house_init(&h);
	house_open(&h);
	response_init(&r);
	fd = client_connect(&h);
	for (size_t i = 0; i < sizeof(request) - 1; i++)
		client_send(fd, (struct gx_str){ request + i, 1 });
	in = house_next_request(&h, GX_RECORD_HTTP_REQUEST);
	assert_str(in.body, "abcde");
	/* The client ends its side; it still gets its answer. */
	assert_int_equal(shutdown(fd, SHUT_WR), 0);
	house_answer(&h, in.conn, 200, "ok");
	response_read(&r, fd, false);
	assert_str(r.body, "ok");
	client_read(fd, &r.in, SIZE_MAX);
	close(fd);
	response_deinit(&r);
	house_close(&h);
}

static void test_large_body(void **state)
{
	enum { SIZE = 1 << 20 };
	struct house h;
	struct response r;
	struct gx_request_record in;
	struct gx_buf body;
	int fd;

	house_init(&h);
	house_open(&h);
	response_init(&r);
	gx_buf_init(&body, SIZE);
	memset(gx_buf_reserve(&body, SIZE), 'x', SIZE);
	gx_buf_commit(&body, SIZE);
	fd = client_connect(&h);
	client_say(fd, "POST /api/v1/p HTTP/1.1\r\n" H "Content-Length: 1048576\r\n"
		       "Expect: 100-continue\r\n\r\n");
	response_read(&r, fd, true);
	assert_int_equal(r.status, 100);
	client_send(fd, gx_buf_str(&body));
	in = house_next_request(&h, GX_RECORD_HTTP_REQUEST);
	assert_int_equal(in.body.len, SIZE);
	house_answer(&h, in.conn, 200, "ok");
	response_read(&r, fd, false);
	assert_int_equal(r.status, 200);
	/* One byte more: refused by its announcement, before the 100. */
	client_say(fd, "POST /api/v1/p HTTP/1.1\r\n" H "Content-Length: 1048577\r\n"
		       "Expect: 100-continue\r\n\r\n");
	response_read(&r, fd, false);
	assert_int_equal(r.status, 413);
	close(fd);
	gx_buf_deinit(&body);
	response_deinit(&r);
	house_close(&h);
}

static void test_refusals(void **state)
{
	static const struct {
		const char *request;
		unsigned status;
		const char *line;
	} cases[] = {
		{ "GET / HTTP/1.1\r\n\r\n", 400, "Content-Type: application/problem+json" },
		{ "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, "Connection: close" },
		{ "BREW / HTTP/1.1\r\n" H "\r\n", 501, "X-Content-Type-Options: nosniff" },
		{ "POST / HTTP/1.1\r\n" H "Expect: it\r\n\r\n", 417, "Connection: close" },
		{ "POST /api/v1/x HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\nx", 400,
		  "Connection: close" },
		{ "POST /api/v1/x HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n100001\r\n",
		  413, "Connection: close" },
		{ "GET /api/v1/s HTTP/1.1\r\n" H "Upgrade: websocket\r\nConnection: upgrade\r\n"
		  "Sec-WebSocket-Version: 8\r\n\r\n",
		  426, "Sec-WebSocket-Version: 13" },
		{ "GET /api/v1/s HTTP/1.1\r\n" H "Upgrade: websocket\r\nConnection: upgrade\r\n"
		  "Sec-WebSocket-Version: 13\r\n\r\n",
		  400, "Connection: close" },
	};
	static char flood[1 << 20];
	struct house h;
	struct response r;

	house_init(&h);
	house_open(&h);
	for (size_t i = 0; i < GX_COUNT(cases); i++) {
		int fd = client_connect(&h);
		response_init(&r);
		client_send(fd, gx_str_from_cstr(cases[i].request));
		/* What still comes must not make the answer disappear. */
		client_send(fd, (struct gx_str){ flood, sizeof(flood) });
		response_read(&r, fd, false);
		assert_int_equal(r.status, cases[i].status);
		response_has(&r, cases[i].line);
		client_send(fd, (struct gx_str){ flood, sizeof(flood) });
		client_read(fd, &r.in, SIZE_MAX);
		close(fd);
		response_deinit(&r);
	}
	house_close(&h);
}

static void test_timeouts(void **state)
{
	struct house h;
	struct response r;
	int fd;

	house_init(&h);
	h.config.head_timeout_ms = 50;
	h.config.idle_timeout_ms = 60;
	h.config.progress_timeout_ms = 70;
	house_open(&h);
	response_init(&r);
	fd = client_connect(&h);
	client_expect_end(fd, &r.in); /* said nothing */
	fd = client_connect(&h);
	client_say(fd, "GET / HT");
	response_read(&r, fd, false);
	assert_int_equal(r.status, 408);
	close(fd);
	response_deinit(&r);
	response_init(&r);
	fd = client_connect(&h);
	client_say(fd, "POST /api/v1/p HTTP/1.1\r\n" H "Content-Length: 5\r\n\r\nab");
	response_read(&r, fd, false);
	assert_int_equal(r.status, 408);
	close(fd);
	response_deinit(&r);
	house_close(&h);
}

/* A client that does not read its answer is cut off once the answer makes no progress. The only
 * place is then free for another one. */
static void test_slow_reader(void **state)
{
	enum { SIZE = 3 << 20 };
	struct house h;
	struct gx_buf body;
	int fd, other;

	house_init(&h);
	h.config.progress_timeout_ms = 100;
	h.config.connections_max = 1;
	house_open(&h);
	gx_buf_init(&body, SIZE + 1);
	memset(gx_buf_reserve(&body, SIZE + 1), 'x', SIZE);
	body.ptr[SIZE] = '\0';
	fd = client_connect(&h);
	for (unsigned i = 0; i < 5; i++)
		client_say(fd, "GET /api/v1/p HTTP/1.1\r\n" H "\r\n");
	/* Further answers follow only if the kernel takes the earlier ones. */
	for (unsigned i = 0; i < 5; i++) {
		struct gx_request_record in;
		if (i > 0 && !house_has_next(&h, 200))
			break;
		in = house_next_request(&h, GX_RECORD_HTTP_REQUEST);
		house_answer(&h, in.conn, 200, body.ptr);
	}
	other = client_connect_when_free(&h);
	close(fd);
	close(other);
	gx_buf_deinit(&body);
	house_close(&h);
}

static void test_client_goes(void **state)
{
	struct linger hard = { .l_onoff = 1, .l_linger = 0 };
	struct house h;
	struct gx_request_record in;
	int fd;

	house_init(&h);
	house_open(&h);
	fd = client_connect(&h);
	client_say(fd, "GET /api/v1/p HTTP/1.1\r\n" H "\r\n");
	in = house_next_request(&h, GX_RECORD_HTTP_REQUEST);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard)), 0);
	close(fd);
	house_next_gone(&h, in.conn);
	house_answer(&h, in.conn, 200, "late"); /* finds nobody, harms nobody */
	house_close(&h);
}

static void test_core_goes(void **state)
{
	struct house h;
	struct response r;
	struct gx_request_record in;
	int waiting, writing;

	house_init(&h);
	house_open(&h);
	response_init(&r);
	waiting = client_connect(&h);
	client_say(waiting, "GET /api/v1/p HTTP/1.1\r\n" H "\r\n");
	(void)house_next_request(&h, GX_RECORD_HTTP_REQUEST);
	writing = client_connect(&h);
	client_say(writing, "POST /api/v1/p HTTP/1.1\r\n" H "Content-Length: 0\r\n\r\n");
	(void)house_next_request(&h, GX_RECORD_HTTP_REQUEST);
	house_core_stop(&h);
	/* What would change something has perhaps done so; a reader may simply ask again. */
	response_read(&r, writing, false);
	assert_int_equal(r.status, 503);
	assert_non_null(strstr(r.body.ptr, "\"core.uncertain\""));
	close(writing);
	response_read(&r, waiting, false);
	assert_int_equal(r.status, 503);
	assert_non_null(strstr(r.body.ptr, "\"core.overloaded\""));
	response_has(&r, "Retry-After: 1");
	/* Without a core: answered at once, static files as ever, and the connection stays. */
	client_say(waiting, "GET /healthz HTTP/1.1\r\n" H "\r\n");
	response_read(&r, waiting, false);
	assert_int_equal(r.status, 503);
	client_say(waiting, "GET / HTTP/1.1\r\n" H "\r\n");
	response_read(&r, waiting, false);
	assert_int_equal(r.status, 200);
	close(waiting);
	house_core_start(&h);
	waiting = client_connect(&h); /* a new one is accepted a turn after the link at least */
	client_say(waiting, "GET /api/v1/q HTTP/1.1\r\n" H "Connection: close\r\n\r\n");
	in = house_next_request(&h, GX_RECORD_HTTP_REQUEST);
	house_answer(&h, in.conn, 200, "new");
	response_read(&r, waiting, false);
	assert_str(r.body, "new");
	close(waiting);
	response_deinit(&r);
	house_close(&h);
}

/* The core answers nonsense: the link is given up, clients hear 503. */
static void test_bad_core(void **state)
{
	struct house h;
	struct response r;
	int fd;

	house_init(&h);
	house_open(&h);
	response_init(&r);
	fd = client_connect(&h);
	client_say(fd, "GET /api/v1/p HTTP/1.1\r\n" H "\r\n");
	(void)house_next_request(&h, GX_RECORD_HTTP_REQUEST);
	gx_buf_append_str(&h.core.out, GX_STR("\x10\0\0\0\x99\0\0\0\0\0\0\0\0\0\0\0"));
	house_flush(&h);
	response_read(&r, fd, false);
	assert_int_equal(r.status, 503);
	close(fd);
	response_deinit(&r);
	house_close(&h);
}

/* Stopping: who waits for the core gets its answer, then the connection ends. */
static void test_stop(void **state)
{
	struct house h;
	struct response r;
	struct gx_request_record in;
	int waiting, idle;

	house_init(&h);
	house_open(&h);
	response_init(&r);
	idle = client_connect(&h);
	waiting = client_connect(&h);
	client_say(waiting, "GET /api/v1/p HTTP/1.1\r\n" H "\r\n");
	in = house_next_request(&h, GX_RECORD_HTTP_REQUEST);
	assert_int_equal(kill(h.edge, SIGTERM), 0);
	client_expect_end(idle, &r.in);
	house_answer(&h, in.conn, 200, "last");
	response_read(&r, waiting, false);
	assert_str(r.body, "last");
	response_has(&r, "Connection: close");
	client_read(waiting, &r.in, SIZE_MAX);
	close(waiting);
	response_deinit(&r);
	house_close(&h);
}

/* Full: the listener is closed; one that goes opens it again. */
static void test_full(void **state)
{
	struct house h;
	struct response r;
	int first, second, third;

	house_init(&h);
	h.config.connections_max = 2;
	house_open(&h);
	response_init(&r);
	first = client_connect(&h);
	second = client_connect(&h);
	client_say(first, "GET / HTTP/1.1\r\n" H "\r\n");
	response_read(&r, first, false);
	client_say(second, "GET / HTTP/1.1\r\n" H "Connection: close\r\n\r\n");
	response_read(&r, second, false);
	assert_int_equal(client_try_connect(&h), -1);
	client_read(second, &r.in, SIZE_MAX);
	close(second);
	response_deinit(&r);
	response_init(&r);
	third = client_connect_when_free(&h);
	client_say(third, "GET / HTTP/1.1\r\n" H "\r\n");
	response_read(&r, third, false);
	assert_int_equal(r.status, 200);
	close(first);
	close(third);
	response_deinit(&r);
	house_close(&h);
}

static void expect_said(struct house *h, unsigned want)
{
	struct pollfd p = { .fd = h->control_fd, .events = POLLIN };
	unsigned char said = 0;

	assert_int_equal(poll(&p, 1, 20000), 1);
	assert_int_equal(recv(h->control_fd, &said, 1, 0), 1);
	assert_int_equal(said, want);
}

static void expect_level(struct house *h, unsigned want)
{
	expect_said(h, GX_EDGE_LEVEL_FIRST + want);
}

/* A link that breaks while the core lives: the edge asks for another one until it has it. */
static void test_lost_link_is_asked_for(void **state)
{
	struct house h;
	int fd;

	house_init(&h);
	house_open(&h);
	house_core_stop(&h);
	expect_said(&h, 'G');
	expect_said(&h, 'G');
	house_core_start(&h);
	fd = client_connect(&h);
	client_say(fd, "GET /api/v1/x HTTP/1.1\r\n" H "\r\n");
	(void)house_next_request(&h, GX_RECORD_HTTP_REQUEST);
	close(fd);
	house_close(&h);
}

/* Where the supervisor steers: it hears of a full edge and of one with room; who came meanwhile
 * waits and is served. */
static void test_full_tells_the_supervisor(void **state)
{
	struct house h;
	struct response r;
	int first, waiting;

	house_init(&h);
	h.config.connections_max = 1;
	h.config.is_steered = true;
	house_open(&h);
	expect_level(&h, 0);
	first = client_connect(&h);
	expect_level(&h, GX_EDGE_LEVELS);
	waiting = client_connect(&h);
	client_say(waiting, "GET / HTTP/1.1\r\n" H "\r\n");
	close(first);
	response_init(&r);
	response_read(&r, waiting, false);
	assert_int_equal(r.status, 200);
	close(waiting);
	response_deinit(&r);
	expect_level(&h, 0);
	house_close(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_request_fields),
		cmocka_unit_test(test_proxies),
		cmocka_unit_test(test_pipelining),
		cmocka_unit_test(test_many_pipelined),
		cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_large_body),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_timeouts),
		cmocka_unit_test(test_slow_reader),
		cmocka_unit_test(test_client_goes),
		cmocka_unit_test(test_core_goes),
		cmocka_unit_test(test_bad_core),
		cmocka_unit_test(test_stop),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_full_tells_the_supervisor),
		cmocka_unit_test(test_lost_link_is_asked_for),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
