/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: over TLS the edge does what it does over plain connections, with the same limits; whoever
 * does not finish a handshake goes; new certificates and ticket keys serve new connections and
 * leave old ones alone.
 * Method: a real edge process, OpenSSL's client on real sockets, and a core played by the test
 * (edge_house.h).
 */
#include <errno.h>
#include <malloc.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "edge_house.h"
#include "tls_testkit.h"
#include "websocket.h"

#define H "Host: a\r\n"
#define LARGE_BYTES ((size_t)3 << 20)

static struct tls_identity identity, other_identity;
static struct gx_tls_tickets tickets;
static SSL_CTX *clients; /* their common rules */

/* ---- a house that speaks TLS */

static uint16_t tls_port;

static void send_certificate(struct house *h, const struct tls_identity *id)
{
	house_hand_over(h, 'C',
			gx_edge_pack_certificate(gx_buf_str(&id->certificate),
						 gx_buf_str(&id->key)));
}

static void tls_house_init(struct house *h)
{
	house_init(h);
	h->config.tls_listen_fd = gx_edge_listen("127.0.0.1", 0);
	h->config.hsts_max_age_s = 600;
	tls_port = gx_edge_port(h->config.tls_listen_fd);
}

static void tls_house_open(struct house *h)
{
	house_open(h);
	house_hand_over(h, 'T', gx_edge_pack_tickets(&tickets));
	send_certificate(h, &identity);
}

/* ---- clients */

struct client {
	int fd;
	SSL *ssl;
	struct gx_buf in;
};

static int connect_tls_port(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons(tls_port),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct timeval limit = { .tv_sec = HOUSE_WAIT_MS / 1000 };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)), 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	return fd;
}

static void client_open(struct client *c, SSL_SESSION *session)
{
	c->fd = connect_tls_port();
	c->ssl = SSL_new(clients);
	gx_buf_init(&c->in, (size_t)64 << 20);
	assert_int_equal(SSL_set_fd(c->ssl, c->fd), 1);
	if (session != NULL)
		assert_int_equal(SSL_set_session(c->ssl, session), 1);
	assert_int_equal(SSL_connect(c->ssl), 1);
}

static void client_shut(struct client *c)
{
	/* Its session is to be used again, however this connection ended. */
	SSL_set_shutdown(c->ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
	SSL_free(c->ssl);
	close(c->fd);
	gx_buf_deinit(&c->in);
}

static void say(struct client *c, struct gx_str text)
{
	size_t done;

	assert_int_equal(SSL_write_ex(c->ssl, text.ptr, text.len, &done), 1);
	assert_int_equal(done, text.len);
}

/* Reads until at least `size` bytes are there, or (SIZE_MAX) to the other side's goodbye. */
static void hear(struct client *c, size_t size)
{
	while (c->in.len < size) {
		char *to = gx_buf_reserve(&c->in, 65536);
		size_t got = 0;

		if (SSL_read_ex(c->ssl, to, 65536, &got) != 1) {
			assert_int_equal(SSL_get_error(c->ssl, 0), SSL_ERROR_ZERO_RETURN);
			assert_true(size == SIZE_MAX);
			return;
		}
		gx_buf_commit(&c->in, got);
	}
}

/* The next answer's head; its body is `size` bytes at the front of c->in until the next call. */
static size_t hear_answer(struct client *c, char head[2048])
{
	const char *end, *length;
	size_t head_size, size = 0;

	while (c->in.len == 0 || (end = memmem(c->in.ptr, c->in.len, "\r\n\r\n", 4)) == NULL)
		hear(c, c->in.len + 1);
	head_size = (size_t)(end - c->in.ptr) + 4;
	assert_true(head_size < 2048);
	memcpy(head, c->in.ptr, head_size);
	head[head_size] = '\0';
	length = strstr(head, "\r\nContent-Length: ");
	if (length != NULL)
		size = strtoul(length + 18, NULL, 10);
	hear(c, head_size + size);
	gx_buf_consume(&c->in, head_size);
	return size;
}

static void expect_answer(struct client *c, const char *status, struct gx_str body)
{
	char head[2048];
	size_t size = hear_answer(c, head);

	assert_memory_equal(head + 9, status, 3);
	assert_non_null(strstr(head, "\r\nStrict-Transport-Security: max-age=600\r\n"));
	assert_int_equal(size, body.len);
	if (size > 0)
		assert_memory_equal(c->in.ptr, body.ptr, size);
	gx_buf_consume(&c->in, size);
}

/* No goodbye, no answer: the connection is just gone. */
static void expect_gone(int fd)
{
	char bytes[4096];
	ssize_t got;

	while ((got = recv(fd, bytes, sizeof(bytes), 0)) > 0)
		;
	assert_true(got == 0 || errno == ECONNRESET);
	close(fd);
}

static char *make_large(void)
{
	char *large = gx_heap_alloc(LARGE_BYTES);

	for (size_t i = 0; i < LARGE_BYTES; i++)
		large[i] = (char)(i >> 3 ^ i * 31);
	return large;
}

/* ---- tests */

static void test_requests(void **state)
{
	struct house h;
	struct client c;
	struct gx_request_record in;

	tls_house_init(&h);
	tls_house_open(&h);
	client_open(&c, NULL);
	/* Two in one record; the second one waits for its turn. */
	say(&c, GX_STR("GET /api/v1/a HTTP/1.1\r\n" H "\r\nPOST /api/v1/b HTTP/1.1\r\n" H
		       "Content-Length: 2\r\n\r\n{}"));
	in = house_next_request(&h, GX_RECORD_HTTP_REQUEST);
	assert_true(gx_str_eq(in.target, GX_STR("/api/v1/a")));
	assert_true(gx_str_eq(in.peer, GX_STR("127.0.0.1")));
	assert_int_equal(in.flags, GX_REQUEST_PEER_LOOPBACK | GX_REQUEST_SECURE);
	house_answer(&h, in.conn, 200, "{\"a\":1}");
	expect_answer(&c, "200", GX_STR("{\"a\":1}"));
	in = house_next_request(&h, GX_RECORD_HTTP_REQUEST);
	assert_true(gx_str_eq(in.body, GX_STR("{}")));
	house_answer(&h, in.conn, 204, "");
	expect_answer(&c, "204", GX_STR(""));
	/* Byte by byte, each in a record of its own. */
	for (const char *at = "GET /nothing.js HTTP/1.1\r\n" H "\r\n"; *at != '\0'; at++)
		say(&c, (struct gx_str){ at, 1 });
	{
		char head[2048];
		gx_buf_consume(&c.in, hear_answer(&c, head));
		assert_memory_equal(head, "HTTP/1.1 404", 12);
	}
	/* An answer that closes ends with a goodbye. */
	say(&c, GX_STR("GET /api/v1/c HTTP/1.1\r\n" H "Connection: close\r\n\r\n"));
	in = house_next_request(&h, GX_RECORD_HTTP_REQUEST);
	house_answer(&h, in.conn, 200, "{}");
	expect_answer(&c, "200", GX_STR("{}"));
	hear(&c, SIZE_MAX);
	assert_int_equal(c.in.len, 0);
	client_shut(&c);
	house_close(&h);
}

static void test_plain_beside_it(void **state)
{
	struct house h;
	struct response r;
	struct gx_request_record in;
	int fd;

	tls_house_init(&h);
	tls_house_open(&h);
	response_init(&r);
	fd = client_connect(&h);
	client_say(fd, "GET /api/v1/a HTTP/1.1\r\n" H "\r\n");
	in = house_next_request(&h, GX_RECORD_HTTP_REQUEST);
	assert_int_equal(in.flags, GX_REQUEST_PEER_LOOPBACK);
	house_answer(&h, in.conn, 200, "{}");
	response_read(&r, fd, false);
	assert_false(response_has_field(&r, "Strict-Transport-Security"));
	close(fd);
	response_deinit(&r);
	house_close(&h);
}

/* Who comes plain from elsewhere is sent to TLS; this machine and a proxy's TLS are left alone. */
static void test_redirection(void **state)
{
	static const struct {
		const char *request;
		unsigned status;
		const char *line;
	} cases[] = {
		{ "GET /a?b HTTP/1.1\r\nHost: chat.example:80\r\nX-Forwarded-For: "
		  "192.0.2.1\r\n\r\n",
		  308, "Location: https://chat.example:8443/a?b" },
		{ "HEAD / HTTP/1.1\r\nHost: [::1]:80\r\nX-Real-IP: 192.0.2.1\r\n\r\n", 308,
		  "Location: https://[::1]:8443/" },
		{ "GET http://x/y HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 192.0.2.1\r\n\r\n", 308,
		  "Location: https://x:8443/y" },
		{ "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-Proto: http\r\n\r\n", 308,
		  "Connection: close" },
		{ "GET / HTTP/1.0\r\nX-Forwarded-Proto: http\r\n\r\n", 426, NULL },
		{ "POST / HTTP/1.1\r\nHost: a\r\nX-Forwarded-Proto: http\r\nContent-Length: "
		  "5\r\n\r\nhello",
		  426, "Upgrade: TLS/1.2, HTTP/1.1" },
		{ "GET /api/v1/me HTTP/1.1\r\nHost: a\r\nX-Forwarded-Proto: http\r\n\r\n", 426,
		  "Content-Type: application/problem+json" },
		{ "GET / HTTP/1.1\r\nHost: a\r\n\r\n", 200, NULL },
		{ "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-Proto: https\r\n\r\n", 200, NULL },
	};
	static const struct gx_str proxies[] = { GX_STR_INIT("127.0.0.1") };
	struct house h;

	tls_house_init(&h);
	h.config.redirect_port = 8443;
	h.config.proxies = proxies;
	h.config.proxies_count = 1;
	tls_house_open(&h);
	for (size_t i = 0; i < GX_COUNT(cases); i++) {
		struct response r;

		response_init(&r);
		response_to(&r, &h, gx_str_from_cstr(cases[i].request));
		if (r.status != cases[i].status)
			fail_msg("%u for %s", r.status, cases[i].request);
		if (cases[i].line != NULL)
			response_has(&r, cases[i].line);
		response_deinit(&r);
	}
	house_close(&h);
}

/* After the goodbye of one side the other still answers. */
static void test_half_close(void **state)
{
	struct house h;
	struct client c;
	struct gx_request_record in;

	tls_house_init(&h);
	tls_house_open(&h);
	client_open(&c, NULL);
	say(&c, GX_STR("GET /api/v1/a HTTP/1.1\r\n" H "\r\n"));
	assert_int_equal(SSL_shutdown(c.ssl), 0);
	in = house_next_request(&h, GX_RECORD_HTTP_REQUEST);
	house_answer(&h, in.conn, 200, "{}");
	expect_answer(&c, "200", GX_STR("{}"));
	hear(&c, SIZE_MAX);
	client_shut(&c);
	house_close(&h);
}

/* More than any buffer holds, to a client that begins to read late. */
static void test_large_both_ways(void **state)
{
	char *large = make_large();
	struct gx_str body = { large, (size_t)1 << 20 };
	struct house h;
	struct client c;
	struct gx_request_record in;
	char head[2048];
	size_t size;

	tls_house_init(&h);
	tls_house_open(&h);
	client_open(&c, NULL);
	say(&c, GX_STR("PUT /api/v1/a HTTP/1.1\r\n" H "Content-Length: 1048576\r\n\r\n"));
	say(&c, body);
	in = house_next_request(&h, GX_RECORD_HTTP_REQUEST);
	assert_true(gx_str_eq(in.body, body));
	house_answer(&h, in.conn, 204, "");
	expect_answer(&c, "204", GX_STR(""));

	say(&c, GX_STR("GET /api/v1/file HTTP/1.1\r\n" H "\r\nGET /api/v1/part HTTP/1.1\r\n" H
		       "Range: bytes=1000000-2999999\r\n\r\n"));
	in = house_next_request(&h, GX_RECORD_HTTP_REQUEST);
	house_answer_file(&h, in.conn, (struct gx_str){ large, LARGE_BYTES });
	/* The edge can't be done with it: the next request waits. */
	assert_false(house_has_next(&h, 100));
	size = hear_answer(&c, head);
	assert_int_equal(size, LARGE_BYTES);
	assert_memory_equal(c.in.ptr, large, LARGE_BYTES);
	gx_buf_consume(&c.in, size);
	in = house_next_request(&h, GX_RECORD_HTTP_REQUEST);
	house_answer_file(&h, in.conn, (struct gx_str){ large, LARGE_BYTES });
	expect_answer(&c, "206", (struct gx_str){ large + 1000000, 2000000 });
	client_shut(&c);
	gx_heap_free(large);
	house_close(&h);
}

static void open_stream(struct house *h, struct client *c, uint64_t *conn)
{
	char head[2048];

	client_open(c, NULL);
	say(c, GX_STR("GET /api/v1/stream HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n"
		      "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
		      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"));
	*conn = house_next_request(h, GX_RECORD_WS_OPEN).conn;
	gx_record_write_bare(&h->core.out, GX_RECORD_WS_ACCEPT, *conn);
	house_flush(h);
	(void)hear_answer(c, head);
	assert_memory_equal(head, "HTTP/1.1 101", 12);
}

static void test_stream(void **state)
{
	struct house h;
	struct client c;
	uint64_t conns[2];
	struct gx_buf frame, plain_in;
	struct gx_str record, payload;
	int plain;

	tls_house_init(&h);
	tls_house_open(&h);
	open_stream(&h, &c, &conns[0]);
	plain = client_open_ws(&h, &conns[1]);
	gx_buf_init(&frame, 65536);
	gx_buf_init(&plain_in, 65536);
	for (int i = 0; i < 100; i++) {
		char text[32];
		struct gx_str said;
		struct gx_ws_text_record got;

		snprintf(text, sizeof(text), "{\"n\":%d}", i);
		said = gx_str_from_cstr(text);
		gx_buf_clear(&frame);
		client_write_frame(&frame, 0x81, said);
		say(&c, gx_buf_str(&frame));
		assert_int_equal(house_next(&h, &record).type, GX_RECORD_WS_TEXT);
		assert_true(gx_record_read_ws_text(record, &got));
		assert_true(got.conn == conns[0] && gx_str_eq(got.text, said));
		/* One event for both kinds of connection. */
		gx_record_write_ws_send(&h.core.out, conns, 2, said);
		gx_record_write_bare(&h.core.out, GX_RECORD_WS_TAKEN, conns[0]);
		house_flush(&h);
		hear(&c, said.len + 2);
		assert_int_equal((uint8_t)c.in.ptr[0], 0x81);
		assert_memory_equal(c.in.ptr + 2, text, said.len);
		gx_buf_consume(&c.in, said.len + 2);
		assert_int_equal(client_next_frame(plain, &plain_in, &payload), 0x81);
		assert_true(gx_str_eq(payload, said));
	}
	client_forget_frame();
	gx_buf_deinit(&frame);
	gx_buf_deinit(&plain_in);
	close(plain);
	house_next_gone(&h, conns[1]);
	client_shut(&c);
	house_next_gone(&h, conns[0]);
	house_close(&h);
}

/* What waits for one who never reads has the same limit as on a plain connection. */
static void test_stream_that_is_not_read(void **state)
{
	char *large = make_large();
	struct house h;
	struct client c;
	uint64_t conn;
	struct gx_str record;
	struct gx_record_head head;

	tls_house_init(&h);
	tls_house_open(&h);
	open_stream(&h, &c, &conn);
	for (int i = 0; i < 60; i++) {
		gx_record_write_ws_send(&h.core.out, &conn, 1,
					(struct gx_str){ large, (size_t)500 << 10 });
		house_flush(&h);
		if (house_has_next(&h, 0))
			break;
	}
	head = house_next(&h, &record);
	assert_int_equal(head.type, GX_RECORD_CONN_GONE);
	assert_true(head.conn == conn);
	gx_heap_free(large);
	client_shut(&c);
	house_close(&h);
}

static void test_slow_and_silent_handshakes_end(void **state)
{
	struct house h;
	int silent, slow;

	tls_house_init(&h);
	h.config.handshake_timeout_ms = 300;
	tls_house_open(&h);
	silent = connect_tls_port();
	slow = connect_tls_port();
	for (int i = 0; i < 5; i++)
		(void)send(slow, &"\x16\x03\x01\x02\x00"[i], 1, MSG_NOSIGNAL);
	expect_gone(silent);
	expect_gone(slow);
	house_close(&h);
}

static void test_nonsense(void **state)
{
	static const struct gx_str nonsense[] = {
		GX_STR_INIT("\0\0\0\0\0\0\0\0"),
		GX_STR_INIT("\x16\x03\x01\x00\x05\x01\x00\x00\x01\x03"),
		GX_STR_INIT("\x80\x2e\x01\x00\x02\x00\x15\x00\x00\x00\x10"),
		GX_STR_INIT("\x17\x03\x03\x00\x05hello"),
		GX_STR_INIT("ssh-2.0-OpenSSH\r\n"),
	};
	struct house h;
	struct gx_buf answer;
	int fd;

	tls_house_init(&h);
	h.config.handshake_timeout_ms = 500; /* some of it could still become sense */
	tls_house_open(&h);
	for (size_t i = 0; i < GX_COUNT(nonsense); i++) {
		fd = connect_tls_port();
		client_send(fd, nonsense[i]);
		expect_gone(fd);
	}
	/* A person's mistake gets an answer. */
	gx_buf_init(&answer, (size_t)1 << 20);
	fd = connect_tls_port();
	client_say(fd, "GET / HTTP/1.1\r\n" H "\r\n");
	client_read(fd, &answer, SIZE_MAX);
	assert_non_null(memmem(answer.ptr, answer.len, "HTTP/1.1 400 ", 13));
	assert_non_null(memmem(answer.ptr, answer.len, "\r\n\r\nThis port speaks TLS", 24));
	close(fd);
	gx_buf_deinit(&answer);
	house_close(&h);
}

static bool shows(const struct client *c, const char *name)
{
	X509 *certificate = SSL_get1_peer_certificate(c->ssl);
	char got[128];

	assert_non_null(certificate);
	assert_true(X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName,
					      got, sizeof(got)) > 0);
	X509_free(certificate);
	return strcmp(got, name) == 0;
}

static void ask_and_answer(struct house *h, struct client *c)
{
	struct gx_request_record in;

	say(c, GX_STR("GET /api/v1/a HTTP/1.1\r\n" H "\r\n"));
	in = house_next_request(h, GX_RECORD_HTTP_REQUEST);
	house_answer(h, in.conn, 200, "{}");
	expect_answer(c, "200", GX_STR("{}"));
}

static void test_new_secrets(void **state)
{
	static const char none[] = "-----BEGIN CERTIFICATE-----\nAAAA\n";
	struct house h;
	struct client before, after, again;
	SSL_SESSION *session;

	tls_house_init(&h);
	tls_house_open(&h);
	client_open(&before, NULL);
	assert_true(shows(&before, "one.example"));
	ask_and_answer(&h, &before);
	session = SSL_get1_session(before.ssl);
	/* Nonsense changes nothing; it can't come from the supervisor, but hurts nobody. */
	house_hand_over(&h, 'C', gx_edge_pack_certificate(GX_STR(none), GX_STR(none)));
	house_hand_over(&h, 'T', gx_edge_pack_certificate(GX_STR("short"), GX_STR_NULL));
	house_hand_over(&h, 'C', dup(STDERR_FILENO));
	client_open(&again, NULL);
	assert_true(shows(&again, "one.example"));
	ask_and_answer(&h, &again);

	send_certificate(&h, &other_identity);
	/* The edge has taken it once it has answered what comes behind it. */
	ask_and_answer(&h, &before);
	client_open(&after, NULL);
	ask_and_answer(&h, &after);
	assert_true(shows(&after, "two.example"));
	ask_and_answer(&h, &before);
	client_shut(&after);
	/* The ticket was sealed under a key that is still there. */
	client_open(&after, session);
	assert_true(SSL_session_reused(after.ssl));
	ask_and_answer(&h, &after);
	client_shut(&after);
	client_shut(&again);
	client_shut(&before);
	SSL_SESSION_free(session);
	house_close(&h);
}

/* Memory of the edge process; 0 when a sanitizer's allocator keeps what is freed. */
static size_t edge_kb(const struct house *h)
{
	char path[64], line[256];
	size_t kb = 0;
	FILE *f;

	if (mallinfo2().arena == 0)
		return 0;
	snprintf(path, sizeof(path), "/proc/%d/status", (int)h->edge);
	f = fopen(path, "re");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f) != NULL)
		if (strncmp(line, "RssAnon:", 8) == 0)
			kb = strtoul(line + 8, NULL, 10);
	assert_int_equal(fclose(f), 0);
	return kb;
}

/* The memory of many sessions goes back to the system when they have gone. */
static void test_memory_is_given_back(void **state)
{
	enum { COUNT = 1100 };
	uint64_t end_ns = gx_clock_mono_ns() + (uint64_t)HOUSE_WAIT_MS * 1000000;
	struct rlimit files = { 0 };
	struct house h;
	struct client *all = gx_heap_alloc_array(COUNT, sizeof(*all));
	size_t before, most;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &files), 0);
	files.rlim_cur = files.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &files), 0);
	tls_house_init(&h);
	tls_house_open(&h);
	client_open(&all[0], NULL);
	before = edge_kb(&h);
	for (int i = 1; i < COUNT; i++)
		client_open(&all[i], NULL);
	most = edge_kb(&h);
	for (int i = 0; i < COUNT; i++)
		client_shut(&all[i]);
	if (before > 0) {
		assert_true(most - before > COUNT * 8); /* there was something to give */
		while (edge_kb(&h) > before + (most - before) / 4)
			assert_true(gx_clock_mono_ns() < end_ns);
	}
	gx_heap_free(all);
	house_close(&h);
}

static void test_stop_says_goodbye(void **state)
{
	struct house h;
	struct client idle, stream;
	uint64_t conn;
	int shaking;

	tls_house_init(&h);
	tls_house_open(&h);
	client_open(&idle, NULL);
	ask_and_answer(&h, &idle);
	open_stream(&h, &stream, &conn);
	shaking = connect_tls_port();
	ask_and_answer(&h, &idle);
	assert_int_equal(kill(h.edge, SIGTERM), 0);
	hear(&idle, SIZE_MAX);
	assert_int_equal(idle.in.len, 0);
	hear(&stream, SIZE_MAX);
	assert_memory_equal(stream.in.ptr + 2, "\x03\xe9going away", 12);
	expect_gone(shaking);
	client_shut(&idle);
	client_shut(&stream);
	house_close(&h);
}

static int set_up(void **state)
{
	tls_identity_init(&identity, "one.example", NULL);
	tls_identity_init(&other_identity, "two.example", NULL);
	clients = tls_client_context(TLS1_2_VERSION, 0);
	return gx_tls_tickets_rotate(&tickets) ? 0 : -1;
}

static int tear_down(void **state)
{
	tls_identity_deinit(&identity);
	tls_identity_deinit(&other_identity);
	SSL_CTX_free(clients);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_requests),
		cmocka_unit_test(test_plain_beside_it),
		cmocka_unit_test(test_redirection),
		cmocka_unit_test(test_half_close),
		cmocka_unit_test(test_large_both_ways),
		cmocka_unit_test(test_stream),
		cmocka_unit_test(test_stream_that_is_not_read),
		cmocka_unit_test(test_slow_and_silent_handshakes_end),
		cmocka_unit_test(test_nonsense),
		cmocka_unit_test(test_new_secrets),
		cmocka_unit_test(test_memory_is_given_back),
		cmocka_unit_test(test_stop_says_goodbye),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
