/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: the client's files, downloads out of a descriptor and uploads into one are what HTTP says
 * they are: conditions, ranges, codings, sizes.
 * Method: a real edge process, real sockets, and a core played by the test (edge_house.h).
 */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "edge_house.h"

#define H "Host: a\r\n"

static void assert_str(struct gx_str got, const char *want)
{
	if (!gx_str_eq(got, gx_str_from_cstr(want)))
		fail_msg("'%.*s' instead of '%s'", GX_STR_ARG(got), want);
}

static void put_file(const struct house *h, const char *name, const char *text)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", h->dir, name);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static void open_with_files(struct house *h)
{
	char path[256];

	house_init(h);
	snprintf(path, sizeof(path), "%s/assets", h->dir);
	assert_int_equal(mkdir(path, 0700), 0);
	put_file(h, "index.html", "<p>page");
	put_file(h, "sw.js", "worker");
	put_file(h, "assets/a-1.js", "0123456789");
	put_file(h, "assets/a-1.js.br", "brotli");
	put_file(h, "assets/a-1.js.gz", "gzipped");
	put_file(h, "assets/b.css.gz", "alone");
	put_file(h, ".hidden", "hidden");
	house_open(h);
}

static const struct {
	const char *request;
	unsigned status;
	const char *body;
	const char *line;
} static_cases[] = {
	{ "GET / HTTP/1.1\r\n" H "\r\n", 200, "<p>page", "Content-Type: text/html; charset=utf-8" },
	{ "GET /index.html?x=y HTTP/1.1\r\n" H "\r\n", 200, "<p>page", "Cache-Control: no-cache" },
	{ "GET /chats/7 HTTP/1.1\r\n" H "\r\n", 200, "<p>page", "Referrer-Policy: no-referrer" },
	{ "HEAD /chats HTTP/1.1\r\n" H "\r\n", 200, "", "Content-Length: 7" },
	{ "GET /sw.js HTTP/1.1\r\n" H "\r\n", 200, "worker", "Cache-Control: no-cache" },
	{ "GET /%73w.js HTTP/1.1\r\n" H "\r\n", 200, "worker",
	  "Content-Type: text/javascript; charset=utf-8" },
	{ "GET /none.js HTTP/1.1\r\n" H "\r\n", 404, NULL,
	  "Content-Type: application/problem+json" },
	{ "GET /.hidden HTTP/1.1\r\n" H "\r\n", 404, NULL, NULL },
	{ "GET /../etc/passwd.x HTTP/1.1\r\n" H "\r\n", 404, NULL, NULL },
	{ "GET /a%00b HTTP/1.1\r\n" H "\r\n", 404, NULL, NULL },
	{ "GET /a%zz HTTP/1.1\r\n" H "\r\n", 404, NULL, NULL },
	{ "GET /api/v2/x HTTP/1.1\r\n" H "\r\n", 404, NULL, NULL },
	{ "GET /%61pi/v1/me HTTP/1.1\r\n" H "\r\n", 404, NULL, NULL },
	{ "POST / HTTP/1.1\r\n" H "Content-Length: 1\r\n\r\nx", 405, NULL,
	  "Allow: GET, HEAD, OPTIONS" },
	{ "OPTIONS / HTTP/1.1\r\n" H "\r\n", 204, "", "Allow: GET, HEAD, OPTIONS" },
	{ "OPTIONS * HTTP/1.1\r\n" H "\r\n", 204, "",
	  "Allow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS" },
	/* codings */
	{ "GET /assets/a-1.js HTTP/1.1\r\n" H "\r\n", 200, "0123456789",
	  "Cache-Control: public, max-age=31536000, immutable" },
	{ "GET /assets/a-1.js HTTP/1.1\r\n" H "\r\n", 200, "0123456789", "Vary: Accept-Encoding" },
	{ "GET /assets/a-1.js HTTP/1.1\r\n" H "Accept-Encoding: gzip, br\r\n\r\n", 200, "brotli",
	  "Content-Encoding: br" },
	{ "GET /assets/a-1.js HTTP/1.1\r\n" H "Accept-Encoding: gzip, br;q=0.9\r\n\r\n", 200,
	  "gzipped", "Content-Encoding: gzip" },
	{ "GET /assets/a-1.js HTTP/1.1\r\n" H "Accept-Encoding: *\r\n\r\n", 200, "brotli",
	  "Content-Length: 6" },
	{ "GET /assets/a-1.js HTTP/1.1\r\n" H "Accept-Encoding: br;q=0\r\n\r\n", 200, "0123456789",
	  NULL },
	{ "GET /assets/a-1.js HTTP/1.1\r\n" H "Accept-Encoding: identity, br;q=0.5\r\n\r\n", 200,
	  "0123456789", NULL },
	{ "GET /assets/a-1.js.br HTTP/1.1\r\n" H "\r\n", 404, NULL, NULL },
	{ "GET /assets/b.css.gz HTTP/1.1\r\n" H "\r\n", 200, "alone",
	  "Content-Type: application/octet-stream" },
	/* ranges: always of the file itself */
	{ "GET /assets/a-1.js HTTP/1.1\r\n" H "Range: bytes=2-4\r\nAccept-Encoding: br\r\n\r\n",
	  206, "234", "Content-Range: bytes 2-4/10" },
	{ "GET /assets/a-1.js HTTP/1.1\r\n" H "Range: bytes=-3\r\n\r\n", 206, "789",
	  "Content-Length: 3" },
	{ "GET /assets/a-1.js HTTP/1.1\r\n" H "Range: bytes=10-\r\n\r\n", 416, NULL,
	  "Content-Range: bytes */10" },
	{ "GET /assets/a-1.js HTTP/1.1\r\n" H "Range: bytes=1-2,4-5\r\n\r\n", 200, "0123456789",
	  "Accept-Ranges: bytes" },
	{ "GET /assets/a-1.js HTTP/1.1\r\n" H "Range: bytes=1-2\r\nIf-Range: \"other\"\r\n\r\n",
	  200, "0123456789", NULL },
	{ "GET /assets/a-1.js HTTP/1.1\r\n" H "If-Match: \"other\"\r\n\r\n", 412, NULL, NULL },
	{ "GET /assets/a-1.js HTTP/1.1\r\n" H "If-None-Match: *\r\n\r\n", 304, "", NULL },
};

static void test_static(void **state)
{
	struct house h;
	struct response r;

	open_with_files(&h);
	for (size_t i = 0; i < GX_COUNT(static_cases); i++) {
		response_init(&r);
		response_to(&r, &h, gx_str_from_cstr(static_cases[i].request));
		if (r.status != static_cases[i].status)
			fail_msg("%s: %u", static_cases[i].request, r.status);
		if (static_cases[i].body != NULL)
			assert_str(r.body, static_cases[i].body);
		if (static_cases[i].line != NULL)
			response_has(&r, static_cases[i].line);
		response_has(&r, "X-Content-Type-Options: nosniff");
		response_deinit(&r);
	}
	house_close(&h);
}

static void test_static_etag(void **state)
{
	struct house h;
	struct response r;
	char etag[64], request[512];
	const char *at;
	int fd;

	open_with_files(&h);
	response_init(&r);
	fd = client_connect(&h);
	client_say(fd, "GET / HTTP/1.1\r\n" H "\r\n");
	response_read(&r, fd, false);
	assert_non_null(
		strstr(r.head, "Content-Security-Policy: default-src 'none'; script-src 'self'; "));
	at = strstr(r.head, "\r\nETag: ");
	assert_non_null(at);
	snprintf(etag, sizeof(etag), "%.34s", at + 8);
	snprintf(request, sizeof(request),
		 "GET / HTTP/1.1\r\n" H "If-None-Match: \"x\", W/%s\r\n\r\n", etag);
	client_send(fd, gx_str_from_cstr(request));
	response_read(&r, fd, true);
	assert_int_equal(r.status, 304);
	assert_false(response_has_field(&r, "Content-Length"));
	response_has(&r, "Cache-Control: no-cache");
	snprintf(request, sizeof(request),
		 "GET / HTTP/1.1\r\n" H "If-Range: %s\r\nRange: bytes=0-1\r\nIf-Match: %s\r\n\r\n",
		 etag, etag);
	client_send(fd, gx_str_from_cstr(request));
	response_read(&r, fd, false);
	assert_int_equal(r.status, 206);
	assert_str(r.body, "<p");
	close(fd);
	response_deinit(&r);
	house_close(&h);
}

static void test_not_built(void **state)
{
	struct house h;
	struct response r;

	house_init(&h);
	house_open(&h);
	response_init(&r);
	response_to(&r, &h, GX_STR("GET /chats HTTP/1.1\r\n" H "\r\n"));
	assert_int_equal(r.status, 200);
	assert_non_null(memmem(r.body.ptr, r.body.len, "has not been built", 18));
	response_deinit(&r);
	house_close(&h);
}

static void test_download(void **state)
{
	static const struct {
		const char *method, *fields;
		unsigned status;
		const char *body, *line;
	} cases[] = {
		{ "GET", "", 200, "0123456789", "ETag: \"tag\"" },
		{ "GET", "", 200, "0123456789", "Content-Disposition: inline" },
		{ "GET", "", 200, "0123456789", "Content-Type: image/png" },
		{ "GET", "", 200, "0123456789",
		  "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'; sandbox" },
		{ "GET", "", 200, "0123456789",
		  "Cache-Control: private, max-age=86400, immutable" },
		{ "HEAD", "", 200, "", "Content-Length: 10" },
		{ "GET", "Range: bytes=3-\r\n", 206, "3456789", "Content-Range: bytes 3-9/10" },
		{ "GET", "Range: bytes=3-3\r\nIf-Range: \"tag\"\r\n", 206, "3",
		  "Content-Length: 1" },
		{ "GET", "Range: bytes=3-3\r\nIf-Range: \"old\"\r\n", 200, "0123456789", NULL },
		{ "GET", "Range: bytes=99-\r\n", 416, NULL, "Content-Range: bytes */10" },
		{ "GET", "If-None-Match: \"a\"\r\nIf-None-Match: \"tag\"\r\n", 304, "",
		  "ETag: \"tag\"" },
		{ "GET", "If-Match: \"old\"\r\n", 412, NULL, NULL },
	};
	struct house h;
	struct response r;
	int fd;

	house_init(&h);
	house_open(&h);
	response_init(&r);
	fd = client_connect(&h);
	for (size_t i = 0; i < GX_COUNT(cases); i++) {
		char text[256];
		bool is_bare = cases[i].status == 304 || strcmp(cases[i].method, "HEAD") == 0;
		snprintf(text, sizeof(text), "%s /api/v1/media/1 HTTP/1.1\r\n" H "%s\r\n",
			 cases[i].method, cases[i].fields);
		client_send(fd, gx_str_from_cstr(text));
		house_answer_file(&h, house_next_request(&h, GX_RECORD_HTTP_REQUEST).conn,
				  GX_STR("0123456789"));
		response_read(&r, fd, is_bare);
		if (r.status != cases[i].status)
			fail_msg("%s%s: %u", cases[i].method, cases[i].fields, r.status);
		if (cases[i].body != NULL)
			assert_str(r.body, cases[i].body);
		if (cases[i].line != NULL)
			response_has(&r, cases[i].line);
	}
	close(fd);
	response_deinit(&r);
	house_close(&h);
}

/* Larger than any buffer, in order between other answers. */
static void test_large_download(void **state)
{
	enum { SIZE = 20 << 20 };
	struct house h;
	struct response r;
	struct gx_buf text;
	int fd;

	house_init(&h);
	house_open(&h);
	response_init(&r);
	gx_buf_init(&text, SIZE);
	for (uint32_t i = 0; i < SIZE / 4; i++)
		gx_buf_append(&text, &i, 4);
	fd = client_connect(&h);
	client_say(fd, "GET /api/v1/media/1 HTTP/1.1\r\n" H "\r\nGET /x.y HTTP/1.1\r\n" H "\r\n");
	house_answer_file(&h, house_next_request(&h, GX_RECORD_HTTP_REQUEST).conn,
			  gx_buf_str(&text));
	response_read(&r, fd, false);
	assert_int_equal(r.body.len, SIZE);
	assert_memory_equal(r.body.ptr, text.ptr, SIZE);
	response_read(&r, fd, false);
	assert_int_equal(r.status, 404);
	close(fd);
	gx_buf_deinit(&text);
	response_deinit(&r);
	house_close(&h);
}

/* ---- uploads ---- */

static const struct gx_edge_upload_route uploads[] = {
	{ GX_METHOD_POST, GX_STR_INIT("/api/v1/media") },
};

static void open_for_uploads(struct house *h)
{
	house_init(h);
	h->config.uploads = uploads;
	h->config.uploads_count = GX_COUNT(uploads);
	h->config.progress_timeout_ms = 200;
	house_open(h);
}

/* Consents to an upload; our end of the file. */
static int accept_upload(struct house *h, uint64_t conn, uint64_t max)
{
	int fd = memfd_create("spool", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_true(gx_link_send_fd(&h->core, dup(fd)));
	gx_record_write_upload(&h->core.out, GX_RECORD_UPLOAD_ACCEPT, true,
			       &(struct gx_upload_record){ .conn = conn, .size = max });
	house_flush(h);
	return fd;
}

static uint64_t next_upload_end(struct house *h, uint64_t conn)
{
	struct gx_upload_record r;
	struct gx_str record;

	assert_int_equal(house_next(h, &record).type, GX_RECORD_UPLOAD_END);
	assert_true(gx_record_read_upload(record, &r));
	assert_true(r.conn == conn);
	return r.size;
}

static void assert_file(int fd, struct gx_str want)
{
	struct stat about;
	char *got;

	assert_int_equal(fstat(fd, &about), 0);
	assert_int_equal(about.st_size, want.len);
	got = mmap(NULL, want.len, PROT_READ, MAP_SHARED, fd, 0);
	assert_ptr_not_equal(got, MAP_FAILED);
	assert_memory_equal(got, want.ptr, want.len);
	munmap(got, want.len);
	close(fd);
}

static void test_upload(void **state)
{
	enum { SIZE = 5 << 20 };
	struct house h;
	struct response r;
	struct gx_request_record in;
	struct gx_buf body;
	char head[256];
	int fd, file;

	open_for_uploads(&h);
	response_init(&r);
	gx_buf_init(&body, SIZE);
	for (uint32_t i = 0; i < SIZE / 4; i++)
		gx_buf_append(&body, &i, 4);
	fd = client_connect(&h);
	/* With a length, and the client waits for its 100. */
	snprintf(head, sizeof(head),
		 "POST /api/v1/media?a HTTP/1.1\r\n" H "Content-Length: %d\r\n"
		 "Content-Type: image/png\r\nX-Filename: x\r\nExpect: 100-continue\r\n\r\n",
		 SIZE);
	client_send(fd, gx_str_from_cstr(head));
	in = house_next_request(&h, GX_RECORD_UPLOAD_BEGIN);
	assert_str(in.content_type, "image/png");
	assert_str(in.filename, "x");
	assert_int_equal(in.content_length, SIZE);
	assert_true((in.flags & GX_REQUEST_LENGTH_KNOWN) != 0);
	file = accept_upload(&h, in.conn, SIZE);
	response_read(&r, fd, true);
	assert_int_equal(r.status, 100);
	client_send(fd, gx_buf_str(&body));
	assert_int_equal(next_upload_end(&h, in.conn), SIZE);
	assert_file(file, gx_buf_str(&body));
	house_answer(&h, in.conn, 201, "{}");
	response_read(&r, fd, false);
	assert_int_equal(r.status, 201);
	/* The same connection: chunked, sent without asking, and another request behind it. */
	client_say(fd, "POST /api/v1/media HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n"
		       "3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\nGET /api/v1/x HTTP/1.1\r\n" H "\r\n");
	in = house_next_request(&h, GX_RECORD_UPLOAD_BEGIN);
	assert_int_equal(in.flags & GX_REQUEST_LENGTH_KNOWN, 0);
	file = accept_upload(&h, in.conn, 7);
	assert_int_equal(next_upload_end(&h, in.conn), 7);
	assert_file(file, GX_STR("abcdefg"));
	house_answer(&h, in.conn, 201, "{}");
	response_read(&r, fd, false);
	assert_int_equal(r.status, 201);
	in = house_next_request(&h, GX_RECORD_HTTP_REQUEST);
	assert_str(in.target, "/api/v1/x");
	house_answer(&h, in.conn, 200, "{}");
	response_read(&r, fd, false);
	close(fd);
	gx_buf_deinit(&body);
	response_deinit(&r);
	house_close(&h);
}

static void test_upload_refused(void **state)
{
	static char flood[4 << 20];
	struct house h;
	struct response r;
	struct gx_request_record in;
	int fd, file;

	open_for_uploads(&h);
	/* By the core, before a byte; the client sends all the same and still gets the answer. */
	response_init(&r);
	fd = client_connect(&h);
	client_say(fd, "POST /api/v1/media HTTP/1.1\r\n" H "Content-Length: 9000000\r\n\r\n");
	in = house_next_request(&h, GX_RECORD_UPLOAD_BEGIN);
	house_answer(&h, in.conn, 401, "{}");
	client_send(fd, (struct gx_str){ flood, sizeof(flood) });
	response_read(&r, fd, false);
	assert_int_equal(r.status, 401);
	response_has(&r, "Connection: close");
	client_read(fd, &r.in, SIZE_MAX);
	close(fd);
	response_deinit(&r);
	/* Too large by its length, and while it comes. */
	for (unsigned i = 0; i < 2; i++) {
		response_init(&r);
		fd = client_connect(&h);
		client_send(fd, i == 0 ? GX_STR("POST /api/v1/media HTTP/1.1\r\n" H
						"Content-Length: 9\r\n\r\n12345678")
				       : GX_STR("POST /api/v1/media HTTP/1.1\r\n" H
						"Transfer-Encoding: chunked\r\n\r\n"
						"4\r\n1234\r\n5\r\n12345\r\n0\r\n\r\n"));
		in = house_next_request(&h, GX_RECORD_UPLOAD_BEGIN);
		file = accept_upload(&h, in.conn, 8);
		assert_true(next_upload_end(&h, in.conn) == UINT64_MAX);
		house_next_gone(&h, in.conn);
		response_read(&r, fd, false);
		assert_int_equal(r.status, 413);
		close(fd);
		close(file);
		response_deinit(&r);
	}
	house_close(&h);
}

static void test_upload_broken(void **state)
{
	struct house h;
	struct response r;
	struct gx_request_record in;
	int fd, file;

	open_for_uploads(&h);
	/* The client goes in the middle. */
	fd = client_connect(&h);
	client_say(fd, "POST /api/v1/media HTTP/1.1\r\n" H "Content-Length: 9\r\n\r\n1234");
	in = house_next_request(&h, GX_RECORD_UPLOAD_BEGIN);
	file = accept_upload(&h, in.conn, 100);
	close(fd);
	assert_true(next_upload_end(&h, in.conn) == UINT64_MAX);
	house_next_gone(&h, in.conn);
	close(file);
	/* It stops sending. */
	response_init(&r);
	fd = client_connect(&h);
	client_say(fd, "POST /api/v1/media HTTP/1.1\r\n" H "Content-Length: 9\r\n\r\n1234");
	in = house_next_request(&h, GX_RECORD_UPLOAD_BEGIN);
	file = accept_upload(&h, in.conn, 100);
	assert_true(next_upload_end(&h, in.conn) == UINT64_MAX);
	house_next_gone(&h, in.conn);
	response_read(&r, fd, false);
	assert_int_equal(r.status, 408);
	close(fd);
	close(file);
	response_deinit(&r);
	/* The core goes. */
	response_init(&r);
	fd = client_connect(&h);
	client_say(fd, "POST /api/v1/media HTTP/1.1\r\n" H "Content-Length: 9\r\n\r\n1234");
	in = house_next_request(&h, GX_RECORD_UPLOAD_BEGIN);
	close(accept_upload(&h, in.conn, 100));
	house_core_stop(&h);
	response_read(&r, fd, false);
	assert_int_equal(r.status, 503);
	close(fd);
	response_deinit(&r);
	house_close(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_static),	       cmocka_unit_test(test_static_etag),
		cmocka_unit_test(test_not_built),      cmocka_unit_test(test_download),
		cmocka_unit_test(test_large_download), cmocka_unit_test(test_upload),
		cmocka_unit_test(test_upload_refused), cmocka_unit_test(test_upload_broken),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
