/* SPDX-License-Identifier: Apache-2.0 */
#include "edge_house.h"

#include <errno.h>
#include <ftw.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "websocket.h"

void house_init(struct house *h)
{
	*h = (struct house){ .edge = 0 };
	gx_edge_config_init(&h->config);
	snprintf(h->dir, sizeof(h->dir), "/tmp/guanxi-edge-test-XXXXXX");
	assert_non_null(mkdtemp(h->dir));
}

static void wait_for(int fd, short events)
{
	struct pollfd p = { .fd = fd, .events = events };

	assert_int_equal(poll(&p, 1, HOUSE_WAIT_MS), 1);
}

void house_hand_over(struct house *h, char kind, int fd)
{
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = { .bytes = { 0 } };
	struct iovec part = { .iov_base = &kind, .iov_len = 1 };
	struct msghdr m = { .msg_iov = &part,
			    .msg_iovlen = 1,
			    .msg_control = control.bytes,
			    .msg_controllen = sizeof(control.bytes) };

	assert_true(fd >= 0);
	control.head.cmsg_level = SOL_SOCKET;
	control.head.cmsg_type = SCM_RIGHTS;
	control.head.cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(&control.head), &fd, sizeof(int));
	assert_int_equal(sendmsg(h->control_fd, &m, MSG_NOSIGNAL), 1);
	close(fd);
}

void house_core_start(struct house *h)
{
	int ends[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends),
			 0);
	house_hand_over(h, 'L', ends[1]);
	gx_link_init(&h->core, ends[0], (size_t)64 << 20);
	h->has_core = true;
}

void house_core_stop(struct house *h)
{
	gx_link_deinit(&h->core);
	h->has_core = false;
}

void house_open(struct house *h)
{
	int control[2];

	h->files = gx_edge_static_load(h->dir);
	h->config.files = h->files;
	h->config.listen_fd = gx_edge_listen("127.0.0.1", 0);
	assert_true(h->config.listen_fd >= 0);
	h->port = gx_edge_port(h->config.listen_fd);
	assert_true(h->port != 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, control), 0);
	h->config.control_fd = control[1];
	h->edge = fork();
	assert_true(h->edge >= 0);
	if (h->edge == 0) {
		int status;
		close(control[0]);
		gx_log_setup(GX_LOG_ERROR, false, "edge");
		status = gx_edge_run(&h->config);
		gx_edge_static_free(h->files);
		exit(status);
	}
	close(control[1]);
	close(h->config.listen_fd);
	if (h->config.tls_listen_fd >= 0)
		close(h->config.tls_listen_fd);
	h->control_fd = control[0];
	house_core_start(h);
}

static int remove_entry(const char *path, const struct stat *about, int kind, struct FTW *place)
{
	return remove(path);
}

void house_close(struct house *h)
{
	int status;

	assert_int_equal(kill(h->edge, SIGTERM), 0);
	assert_int_equal(waitpid(h->edge, &status, 0), h->edge);
	if (h->has_core)
		house_core_stop(h);
	close(h->control_fd);
	gx_edge_static_free(h->files);
	assert_int_equal(nftw(h->dir, remove_entry, 8, FTW_DEPTH | FTW_PHYS), 0);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* ---- core ---- */

struct gx_record_head house_next(struct house *h, struct gx_str *record)
{
	static struct gx_buf last;
	struct gx_record_head head;
	int peeked;

	if (last.max == 0)
		gx_buf_init(&last, GX_RECORD_BYTES_MAX);
	while ((peeked = gx_record_peek(gx_link_unread(&h->core), &head)) == 0) {
		wait_for(h->core.fd, POLLIN);
		assert_true(gx_link_fill(&h->core, 1 << 20) >= 0);
	}
	assert_int_equal(peeked, 1);
	gx_buf_release(&last);
	gx_buf_append_str(&last, gx_str_slice(gx_link_unread(&h->core), 0, head.size));
	gx_link_consume(&h->core, head.size);
	*record = gx_buf_str(&last);
	return head;
}

bool house_has_next(struct house *h, int wait_ms)
{
	struct pollfd p = { .fd = h->core.fd, .events = POLLIN };
	struct gx_record_head head;

	return gx_record_peek(gx_link_unread(&h->core), &head) == 1 || poll(&p, 1, wait_ms) == 1;
}

struct gx_request_record house_next_request(struct house *h, enum gx_record_type type)
{
	struct gx_request_record r;
	struct gx_str record;
	struct gx_record_head head = house_next(h, &record);

	assert_int_equal(head.type, type);
	assert_true(gx_record_read_request(record, &r));
	return r;
}

void house_next_gone(struct house *h, uint64_t conn)
{
	struct gx_str record;
	struct gx_record_head head = house_next(h, &record);

	assert_int_equal(head.type, GX_RECORD_CONN_GONE);
	assert_true(head.conn == conn);
}

void house_flush(struct house *h)
{
	int sent;

	while ((sent = gx_link_flush(&h->core)) == 0)
		wait_for(h->core.fd, POLLOUT);
	assert_int_equal(sent, 1);
}

void house_answer(struct house *h, uint64_t conn, unsigned status, const char *body)
{
	struct gx_response_record r = { .conn = conn,
					.status = status,
					.content_type = GX_STR("application/json"),
					.body = gx_str_from_cstr(body) };

	if (r.body.len == 0)
		r.content_type = GX_STR_NULL;
	gx_record_write_response(&h->core.out, GX_RECORD_HTTP_RESPONSE, false, &r);
	house_flush(h);
}

void house_answer_file(struct house *h, uint64_t conn, struct gx_str text)
{
	struct gx_response_record r = { .conn = conn,
					.status = 200,
					.file_size = text.len,
					.content_type = GX_STR("image/png"),
					.etag = GX_STR("\"tag\""),
					.headers = GX_STR("Content-Disposition: inline\r\n") };
	int fd = memfd_create("file", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text.ptr, text.len), text.len);
	assert_true(gx_link_send_fd(&h->core, fd));
	gx_record_write_response(&h->core.out, GX_RECORD_HTTP_FILE, true, &r);
	house_flush(h);
}

/* ---- clients ---- */

int client_try_connect(const struct house *h)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons(h->port),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0)
		return fd;
	close(fd);
	return -1;
}

int client_connect(const struct house *h)
{
	int fd = client_try_connect(h);

	assert_true(fd >= 0);
	return fd;
}

int client_connect_when_free(const struct house *h)
{
	uint64_t end_ns = gx_clock_mono_ns() + (uint64_t)HOUSE_WAIT_MS * 1000000;
	int fd;

	while ((fd = client_try_connect(h)) < 0)
		assert_true(gx_clock_mono_ns() < end_ns);
	return fd;
}

void client_send(int fd, struct gx_str bytes)
{
	while (bytes.len > 0) {
		ssize_t sent;
		wait_for(fd, POLLOUT);
		sent = send(fd, bytes.ptr, bytes.len, MSG_NOSIGNAL);
		assert_true(sent > 0);
		bytes = gx_str_slice(bytes, (size_t)sent, bytes.len);
	}
}

void client_read(int fd, struct gx_buf *in, size_t size)
{
	while (in->len < size) {
		char *to = gx_buf_reserve(in, 65536);
		ssize_t got;
		assert_non_null(to);
		wait_for(fd, POLLIN);
		got = recv(fd, to, 65536, 0);
		assert_true(got >= 0);
		if (got == 0) {
			assert_true(size == SIZE_MAX);
			return;
		}
		gx_buf_commit(in, (size_t)got);
	}
}

void client_expect_end(int fd, struct gx_buf *in)
{
	size_t before = in->len;

	client_read(fd, in, SIZE_MAX);
	assert_int_equal(in->len, before);
	close(fd);
}

void response_init(struct response *r)
{
	*r = (struct response){ .status = 0 };
	gx_buf_init(&r->in, (size_t)64 << 20);
}

void response_deinit(struct response *r)
{
	gx_buf_deinit(&r->in);
	gx_heap_free(r->head);
}

static void take_front(struct response *r)
{
	size_t done = r->head == NULL ? 0 : strlen(r->head) + r->body.len;

	gx_buf_consume(&r->in, done);
	gx_heap_free(r->head);
	r->head = NULL;
	r->body = GX_STR_NULL;
}

void response_read(struct response *r, int fd, bool is_head)
{
	const char *end, *length;
	size_t head_size, size = 0;

	take_front(r);
	while (r->in.len == 0 || (end = memmem(r->in.ptr, r->in.len, "\r\n\r\n", 4)) == NULL)
		client_read(fd, &r->in, r->in.len + 1);
	head_size = (size_t)(end - r->in.ptr) + 4;
	r->head = gx_heap_alloc(head_size + 1);
	memcpy(r->head, r->in.ptr, head_size);
	assert_memory_equal(r->head, "HTTP/1.1 ", 9);
	r->status = (unsigned)strtoul(r->head + 9, NULL, 10);
	length = strstr(r->head, "\r\nContent-Length: ");
	if (length != NULL && !is_head)
		size = strtoul(length + 18, NULL, 10);
	client_read(fd, &r->in, head_size + size);
	r->body = (struct gx_str){ r->in.ptr + head_size, size };
}

void response_has(const struct response *r, const char *line)
{
	char wanted[512];

	snprintf(wanted, sizeof(wanted), "\r\n%s\r\n", line);
	if (strstr(r->head, wanted) == NULL)
		fail_msg("no line '%s' in:\n%s", line, r->head);
}

bool response_has_field(const struct response *r, const char *name)
{
	char wanted[128];

	snprintf(wanted, sizeof(wanted), "\r\n%s: ", name);
	return strstr(r->head, wanted) != NULL;
}

void response_to(struct response *r, const struct house *h, struct gx_str request)
{
	int fd = client_connect(h);

	take_front(r);
	assert_int_equal(r->in.len, 0);
	client_send(fd, request);
	response_read(r, fd, gx_str_starts(request, GX_STR("HEAD")));
	close(fd);
}

/* ---- WebSockets ---- */

int client_open_ws(struct house *h, uint64_t *conn)
{
	int fd = client_connect(h);
	struct response r;

	response_init(&r);
	client_say(fd, "GET /api/v1/stream HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n"
		       "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
		       "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
		       "Sec-WebSocket-Protocol: guanxi.v1, bearer.tok-en\r\n\r\n");
	*conn = house_next_request(h, GX_RECORD_WS_OPEN).conn;
	gx_record_write_bare(&h->core.out, GX_RECORD_WS_ACCEPT, *conn);
	house_flush(h);
	response_read(&r, fd, true);
	assert_int_equal(r.status, 101);
	response_has(&r, "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
	response_has(&r, "Sec-WebSocket-Protocol: guanxi.v1");
	assert_int_equal(r.in.len, strlen(r.head));
	response_deinit(&r);
	return fd;
}

void client_write_frame(struct gx_buf *out, unsigned first, struct gx_str payload)
{
	static const uint8_t mask[4] = { 0x12, 0xf4, 0x56, 0x9a };
	char head[GX_WS_HEAD_BYTES_MAX];
	size_t head_size = gx_ws_write_head(head, GX_WS_OP_TEXT, payload.len);

	head[0] = (char)first;
	head[1] = (char)(head[1] | (char)0x80);
	gx_buf_append(out, head, head_size);
	gx_buf_append(out, mask, 4);
	for (size_t i = 0; i < payload.len; i++)
		gx_buf_append_char(out, (char)((uint8_t)payload.ptr[i] ^ mask[i & 3]));
}

void client_send_frame(int fd, unsigned first, struct gx_str payload)
{
	struct gx_buf frame;

	gx_buf_init(&frame, 1 << 20);
	client_write_frame(&frame, first, payload);
	client_send(fd, gx_buf_str(&frame));
	gx_buf_deinit(&frame);
}

/* Bytes of a buffer that belong to the frame handed out last. */
static size_t frame_taken;

void client_forget_frame(void)
{
	frame_taken = 0;
}

unsigned client_next_frame(int fd, struct gx_buf *in, struct gx_str *payload)
{
	size_t head_size = 2, size;
	unsigned first;

	gx_buf_consume(in, frame_taken);
	frame_taken = 0;
	client_read(fd, in, 2);
	first = (uint8_t)in->ptr[0];
	size = (uint8_t)in->ptr[1];
	assert_true(size < 128);
	if (size >= 126) {
		head_size = size == 126 ? 4 : 10;
		client_read(fd, in, head_size);
		size = 0;
		for (size_t i = 2; i < head_size; i++)
			size = size << 8 | (uint8_t)in->ptr[i];
	}
	client_read(fd, in, head_size + size);
	*payload = (struct gx_str){ in->ptr + head_size, size };
	frame_taken = head_size + size;
	return first;
}
