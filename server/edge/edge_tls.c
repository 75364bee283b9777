/* SPDX-License-Identifier: Apache-2.0 */
/*
 * edge_tls.c - connections that came by the TLS listener.
 *
 * Plain bytes wait in the same queues as those of any connection. They are sealed when the socket
 * takes them, at most EDGE_TLS_SEAL_BYTES ahead, with one write for all that a turn has brought;
 * what the socket did not take waits sealed in the connection. So limits, deadlines and the order
 * of things are those of plain connections.
 *
 * A connection gets its session with its first byte: silent ones cost what plain ones cost.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "edge_inside.h"
#include "tls.h"

#define EDGE_TLS_READ_BYTES ((size_t)32 << 10)
#define EDGE_TLS_SEAL_BYTES ((size_t)64 << 10)
#define EDGE_TLS_FREED_MIN 1024u
/* With heads and tags of records, and what a handshake sends. */
#define EDGE_TLS_SEALED_BYTES_MAX ((size_t)256 << 10)

_Static_assert(EDGE_TLS_READ_BYTES + GX_TLS_CARRY_BYTES_MAX <= EDGE_SCRATCH_BYTES,
	       "what one read brings fits into the scratch buffer");

struct edge_tls_house {
	struct gx_tls_tickets tickets;
	struct gx_tls_context *context; /* NULL until the supervisor has sent one */
	struct gx_buf sealed;		/* what a call has sealed; empty between calls */
	char *in;			/* EDGE_TLS_READ_BYTES */
	char hsts[64];
	uint32_t freed_count; /* sessions, since memory was last given back */
};

struct edge_tls {
	struct gx_tls *session; /* NULL until the first byte */
	struct gx_buf sealed;	/* what the socket has not taken */
	size_t at;		/* sent before here */
	bool is_over;		/* goodbye was said, or the session broke */
};

/* ---- what the supervisor hands over ---- */

static bool take_certificate(struct edge_tls_house *h, struct gx_str certificate, struct gx_str key)
{
	struct gx_tls_context *context;
	struct gx_arena a;
	struct gx_error err = { 0 };
	enum gx_status st;

	gx_arena_init(&a);
	st = gx_tls_context_new(&a, certificate, key, &h->tickets, &context, &err);
	if (st == GX_OK) {
		gx_tls_context_free(h->context); /* connections of the old one keep it */
		h->context = context;
	} else {
		gx_log(GX_LOG_ERROR, "edge.certificate", GX_F_STR("error", err.detail));
	}
	gx_arena_deinit(&a);
	return st == GX_OK;
}

void edge_tls_secret(struct edge *e, char kind, int fd)
{
	struct edge_tls_house *h = e->tls;
	struct gx_str first, second;
	struct gx_buf bytes;

	if (h == NULL)
		return;
	gx_buf_init(&bytes, EDGE_SECRET_BYTES_MAX);
	if (!edge_secret_unpack(fd, &bytes, &first, &second))
		gx_log(GX_LOG_ERROR, "edge.bad_secret");
	else if (kind == 'T' && first.len == sizeof(h->tickets))
		memcpy(&h->tickets, first.ptr, sizeof(h->tickets));
	else if (kind == 'C' && take_certificate(h, first, second))
		edge_listener_update(e);
	if (bytes.ptr != NULL)
		explicit_bzero(bytes.ptr, bytes.cap);
	gx_buf_deinit(&bytes);
}

/* ---- start and end ---- */

bool edge_tls_start(struct edge *e)
{
	struct edge_tls_house *h;

	if (e->config->tls_listen_fd < 0)
		return true;
	if (!gx_tls_start())
		return false;
	h = gx_heap_alloc(sizeof(*h));
	gx_buf_init(&h->sealed, EDGE_TLS_SEALED_BYTES_MAX);
	h->in = gx_heap_alloc(EDGE_TLS_READ_BYTES);
	(void)snprintf(h->hsts, sizeof(h->hsts), "Strict-Transport-Security: max-age=%u\r\n",
		       (unsigned)e->config->hsts_max_age_s);
	e->tls = h;
	return true;
}

void edge_tls_stop(struct edge *e)
{
	struct edge_tls_house *h = e->tls;

	if (h == NULL)
		return;
	gx_tls_context_free(h->context);
	explicit_bzero(&h->tickets, sizeof(h->tickets));
	gx_buf_deinit(&h->sealed);
	gx_heap_free(h->in);
	gx_heap_free(h);
	e->tls = NULL;
}

bool edge_tls_is_ready(const struct edge *e)
{
	return e->tls == NULL || e->tls->context != NULL;
}

struct gx_str edge_tls_hsts(const struct edge *e)
{
	return gx_str_from_cstr(e->tls->hsts);
}

struct edge_tls *edge_tls_new(void)
{
	struct edge_tls *t = gx_heap_alloc(sizeof(*t));

	gx_buf_init(&t->sealed, EDGE_TLS_SEALED_BYTES_MAX);
	return t;
}

/* ---- writing ---- */

size_t edge_tls_backlog(const struct edge_conn *c)
{
	return c->tls->sealed.len - c->tls->at;
}

/* Sends what the socket did not take before. */
static enum edge_sent send_rest(struct edge_conn *c)
{
	struct edge_tls *t = c->tls;
	size_t size = edge_tls_backlog(c);
	ssize_t sent;

	if (size == 0)
		return EDGE_SENT_ALL;
	sent = send(c->watch.fd, t->sealed.ptr + t->at, size, MSG_NOSIGNAL);
	if (sent < 0)
		return edge_send_failed();
	edge_count(edge_of(c), GX_EDGE_BYTES_SENT, (uint64_t)sent);
	t->at += (size_t)sent;
	if ((size_t)sent < size)
		return EDGE_SENT_SOME;
	gx_buf_release(&t->sealed);
	t->at = 0;
	return EDGE_SENT_ALL;
}

/* What a call has sealed joins what waits in the connection. False: too much waits there. */
static bool keep_sealed(struct edge_conn *c, struct gx_str sealed)
{
	struct edge_tls *t = c->tls;

	if (sealed.len == 0)
		return true;
	gx_buf_append_str(&t->sealed, sealed);
	return !t->sealed.overflow;
}

/* Sends what has just been sealed; nothing older waits. */
static enum edge_sent send_sealed(struct edge_conn *c, struct gx_buf *sealed)
{
	struct gx_str bytes = gx_buf_str(sealed);
	ssize_t sent = send(c->watch.fd, bytes.ptr, bytes.len, MSG_NOSIGNAL);
	size_t taken = sent < 0 ? 0 : (size_t)sent;
	enum edge_sent result = sent < 0 ? edge_send_failed() : EDGE_SENT_SOME;

	edge_count(edge_of(c), GX_EDGE_BYTES_SENT, taken);
	if (result != EDGE_SENT_DEAD && !keep_sealed(c, gx_str_slice(bytes, taken, bytes.len)))
		result = EDGE_SENT_DEAD;
	if (taken == bytes.len)
		result = EDGE_SENT_ALL;
	gx_buf_clear(sealed);
	return result;
}

/* The next part of the file. */
static bool seal_file(struct edge_conn *c, size_t *room)
{
	struct edge_tls_house *h = edge_of(c)->tls;
	struct edge_request *r = c->request;

	while (*room > 0 && r->file_left > 0) {
		size_t size = *room < EDGE_TLS_READ_BYTES ? *room : EDGE_TLS_READ_BYTES;
		ssize_t got;

		if (size > r->file_left)
			size = (size_t)r->file_left;
		got = pread(r->file_fd, h->in, size, r->file_at);
		/* 0: the file is shorter than was said. */
		if (got <= 0 || !gx_tls_send(c->tls->session, (struct gx_str){ h->in, (size_t)got },
					     &h->sealed))
			return false;
		r->file_at += got;
		r->file_left -= (uint64_t)got;
		*room -= (size_t)got;
	}
	if (r->file_left == 0) {
		close(r->file_fd);
		r->file_fd = -1;
	}
	return true;
}

/* Seals the next part of queue, tail and file, and the goodbye when a closing connection has no
 * more. False: the session can't. */
static bool seal(struct edge_conn *c)
{
	struct gx_buf *sealed = &edge_of(c)->tls->sealed;
	struct edge_tls *t = c->tls;
	struct edge_request *r = c->request;
	size_t room = EDGE_TLS_SEAL_BYTES;

	if (c->out != NULL) {
		struct gx_str part =
			gx_str_slice(gx_buf_str(&c->out->bytes), c->out->at, c->out->at + room);
		if (!gx_tls_send(t->session, part, sealed))
			return false;
		c->out->at += part.len;
		room -= part.len;
	}
	if (r != NULL && r->tail.len > 0 && room > 0) {
		struct gx_str part = gx_str_slice(r->tail, 0, room);
		if (!gx_tls_send(t->session, part, sealed))
			return false;
		r->tail = gx_str_slice(r->tail, part.len, r->tail.len);
		room -= part.len;
	}
	if (r != NULL && r->file_fd >= 0 && room > 0 && !seal_file(c, &room))
		return false;
	if (c->state == EDGE_CLOSING && room > 0 && !t->is_over && t->session != NULL) {
		gx_tls_end(t->session, sealed);
		t->is_over = true;
	}
	return true;
}

enum edge_sent edge_tls_send(struct edge_conn *c)
{
	struct gx_buf *sealed = &edge_of(c)->tls->sealed;
	size_t share = EDGE_SEND_FILE_BYTES;
	bool has_sent = edge_tls_backlog(c) > 0;
	enum edge_sent sent = send_rest(c);

	while (sent == EDGE_SENT_ALL) {
		bool is_sealed = seal(c);
		size_t size = sealed->len;

		if (!is_sealed || sealed->overflow) {
			gx_buf_clear(sealed);
			return EDGE_SENT_DEAD;
		}
		if (size == 0)
			return EDGE_SENT_ALL;
		sent = send_sealed(c, sealed);
		has_sent = has_sent || sent == EDGE_SENT_ALL;
		if (size >= share)
			break;
		share -= size;
	}
	if (sent == EDGE_SENT_ALL) /* its share of this turn */
		return edge_conn_has_rest(c) ? EDGE_SENT_SOME : EDGE_SENT_ALL;
	return sent == EDGE_SENT_NOTHING && has_sent ? EDGE_SENT_SOME : sent;
}

/* ---- reading ---- */

#define PLAIN_ANSWER                                                                               \
	"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: 54\r\n"           \
	"X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n"                             \
	"This port speaks TLS: the address begins with https.\r\n"

/* Somebody has typed http instead of https. */
static void answer_plain(struct edge_conn *c)
{
	(void)send(c->watch.fd, PLAIN_ANSWER, sizeof(PLAIN_ANSWER) - 1,
		   MSG_NOSIGNAL | MSG_DONTWAIT);
	edge_conn_free(c);
}

/* Bytes of the network in `in`. May free the connection. */
static void take(struct edge_conn *c, struct gx_str in)
{
	struct edge *e = edge_of(c);
	struct edge_tls *t = c->tls;
	enum gx_tls_result result;
	size_t size;

	if (t->session == NULL)
		t->session = gx_tls_accept(e->tls->context);
	result = gx_tls_receive(t->session, in, e->scratch, &size, &e->tls->sealed);
	if (!keep_sealed(c, gx_buf_str(&e->tls->sealed)))
		result = GX_TLS_FAILED;
	gx_buf_clear(&e->tls->sealed);
	if (result == GX_TLS_FAILED) {
		if (c->state == EDGE_HANDSHAKE)
			edge_count(e, GX_EDGE_TLS_FAILED, 1);
		t->is_over = true;
		(void)send_rest(c); /* the alert */
		edge_conn_broken(c);
		return;
	}
	if (edge_tls_backlog(c) > 0)
		edge_mark_dirty(c);
	if (c->state == EDGE_HANDSHAKE && gx_tls_is_open(t->session)) {
		c->state = EDGE_IDLE;
		edge_count(e,
			   gx_tls_is_resumed(t->session) ? GX_EDGE_TLS_RESUMED
							 : GX_EDGE_TLS_HANDSHAKES,
			   1);
	}
	if (size > 0)
		edge_conn_bytes(c, size);
	else
		edge_conn_update(c);
	if (result == GX_TLS_ENDED && c->state != EDGE_FREE)
		edge_conn_ended(c);
}

void edge_tls_read(struct edge_conn *c)
{
	struct edge *e = edge_of(c);
	char *in = e->tls->in;
	ssize_t got = recv(c->watch.fd, in, EDGE_TLS_READ_BYTES, 0);

	edge_count(e, GX_EDGE_BYTES_RECEIVED, got > 0 ? (uint64_t)got : 0);
	if (got == 0)
		edge_conn_ended(c);
	else if (got < 0 && edge_send_failed() == EDGE_SENT_DEAD)
		edge_conn_broken(c);
	else if (got > 0 && (c->state == EDGE_CLOSING || c->state == EDGE_DRAIN))
		edge_conn_bytes(c, (size_t)got); /* only counted */
	else if (got > 0 && c->tls->session == NULL && in[0] >= 'A' && in[0] <= 'Z')
		answer_plain(c);
	else if (got > 0)
		take(c, (struct gx_str){ in, (size_t)got });
}

/* Sessions are many small pieces, which the heap would keep. Each time when half have gone: so a
 * storm's end costs few of these. */
static void give_back(struct edge *e)
{
	struct edge_tls_house *h = e->tls;

	h->freed_count++;
	if (h->freed_count < EDGE_TLS_FREED_MIN || h->freed_count < e->conns_count)
		return;
	h->freed_count = 0;
	gx_heap_trim();
}

void edge_tls_free(struct edge_conn *c)
{
	struct edge_tls *t = c->tls;
	struct gx_buf *sealed = &edge_of(c)->tls->sealed;

	/* Goodbye without waiting, and never in place of bytes that are missing. */
	if (t->session != NULL && !t->is_over && !edge_conn_has_rest(c)) {
		gx_tls_end(t->session, sealed);
		(void)send(c->watch.fd, sealed->ptr, sealed->len, MSG_NOSIGNAL | MSG_DONTWAIT);
		gx_buf_clear(sealed);
	}
	gx_tls_free(t->session);
	gx_buf_deinit(&t->sealed);
	gx_heap_free(t);
	c->tls = NULL;
	give_back(edge_of(c));
}
