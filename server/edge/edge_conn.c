/* SPDX-License-Identifier: Apache-2.0 */
/*
 * edge_conn.c - connections: their slots, what they read and write, and how they end.
 *
 * Slots come in blocks that never move and never go. A generation in each slot tells a connection
 * from the one that had the slot before it.
 *
 * Ending: an answer that closes is followed by a half-close; what the client still sends is read
 * and thrown away until its own end, so that no reset overtakes the answer.
 */
#include <errno.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

#include "edge_inside.h"

struct edge_conn *edge_conn_at(struct edge *e, uint32_t slot)
{
	return &e->blocks[slot / EDGE_BLOCK]->conns[slot % EDGE_BLOCK];
}

struct edge_conn *edge_conn_find(struct edge *e, uint64_t id)
{
	uint32_t slot = (uint32_t)id;
	struct edge_conn *c;

	if (slot >= e->blocks_count * EDGE_BLOCK)
		return NULL;
	c = edge_conn_at(e, slot);
	return c->state != EDGE_FREE && c->generation == (uint32_t)(id >> 32) ? c : NULL;
}

/* ---- slots ---- */

static void on_ready(struct gx_watch *w, uint32_t events);

static void add_block(struct edge *e)
{
	struct edge_block *b = gx_heap_alloc(sizeof(*b));
	uint32_t first = e->blocks_count * EDGE_BLOCK;

	b->edge = e;
	e->blocks = gx_heap_resize(e->blocks, e->blocks_count + 1, sizeof(struct edge_block *));
	e->blocks[e->blocks_count++] = b;
	for (uint32_t i = EDGE_BLOCK; i-- > 0;) {
		b->conns[i].slot = first + i;
		b->conns[i].generation = 1;
		b->conns[i].wait_next = e->free_slot;
		e->free_slot = first + i + 1;
	}
}

void edge_conn_open(struct edge *e, int fd, const struct in6_addr *peer, bool is_tls)
{
	struct edge_conn *c;

	if (e->free_slot == 0)
		add_block(e);
	c = edge_conn_at(e, e->free_slot - 1);
	c->watch = (struct gx_watch){ .fd = fd, .on_ready = on_ready };
	if (!gx_loop_add(&e->loop, &c->watch, EPOLLIN)) {
		edge_address_leave(e, peer);
		close(fd);
		return;
	}
	e->free_slot = c->wait_next;
	c->wait_next = 0;
	c->state = is_tls ? EDGE_HANDSHAKE : EDGE_IDLE;
	c->tls = is_tls ? edge_tls_new() : NULL;
	c->events = EPOLLIN;
	c->peer = *peer;
	e->conns_count++;
	e->http_count++;
	edge_conn_update(c);
}

void edge_conn_forget(struct edge_conn *c)
{
	struct edge *e = edge_of(c);

	if (!c->is_at_core)
		return;
	if (e->has_link)
		gx_record_write_bare(&e->link.out, GX_RECORD_CONN_GONE, edge_conn_id(c));
	c->is_at_core = false;
	if (++c->generation == 0)
		c->generation = 1;
}

static void decoder_drop(struct edge_conn *c)
{
	if (c->decoder == NULL)
		return;
	gx_ws_decoder_deinit(c->decoder);
	gx_heap_free(c->decoder);
	c->decoder = NULL;
}

void edge_conn_free(struct edge_conn *c)
{
	struct edge *e = edge_of(c);
	uint32_t slot = c->slot, generation;

	GX_ASSERT(c->state != EDGE_FREE);
	edge_conn_forget(c);
	if (c->state != EDGE_WS)
		e->http_count--;
	edge_wait_stop(c);
	gx_loop_remove(&e->loop, &c->watch);
	if (c->tls != NULL)
		edge_tls_free(c);
	close(c->watch.fd);
	edge_request_release(c);
	decoder_drop(c);
	if (c->out != NULL)
		edge_out_put(e, c->out);
	edge_address_leave(e, &c->peer);
	generation = c->generation + 1 == 0 ? 1 : c->generation + 1;
	*c = (struct edge_conn){ .slot = slot,
				 .generation = generation,
				 .wait_next = e->free_slot };
	e->free_slot = slot + 1;
	e->conns_count--;
	edge_listener_update(e);
}

void edge_conn_close(struct edge_conn *c)
{
	if (c->state == EDGE_WS)
		edge_of(c)->http_count++;
	c->state = EDGE_CLOSING;
	decoder_drop(c);
	edge_mark_dirty(c);
	edge_conn_update(c);
}

/* ---- writing ---- */

bool edge_conn_has_rest(const struct edge_conn *c)
{
	const struct edge_request *r = c->request;

	return c->out != NULL || (r != NULL && (r->tail.len > 0 || r->file_fd >= 0)) ||
	       (c->tls != NULL && edge_tls_backlog(c) > 0);
}

void edge_mark_dirty(struct edge_conn *c)
{
	struct edge *e = edge_of(c);

	if (c->is_dirty)
		return;
	if (e->dirty_count == e->dirty_cap) {
		e->dirty_cap = e->dirty_cap == 0 ? EDGE_BLOCK : e->dirty_cap * 2;
		e->dirty = gx_heap_resize(e->dirty, e->dirty_cap, sizeof(struct edge_conn *));
	}
	c->is_dirty = true;
	e->dirty[e->dirty_count++] = c;
}

struct gx_buf *edge_conn_out(struct edge_conn *c)
{
	if (c->out == NULL)
		c->out = edge_out_get(edge_of(c));
	edge_mark_dirty(c);
	return &c->out->bytes;
}

static size_t plain_backlog(const struct edge_conn *c)
{
	return c->out == NULL ? 0 : c->out->bytes.len - c->out->at;
}

size_t edge_conn_backlog(const struct edge_conn *c)
{
	return plain_backlog(c) + (c->tls == NULL ? 0 : edge_tls_backlog(c));
}

enum edge_sent edge_send_failed(void)
{
	return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? EDGE_SENT_NOTHING
									 : EDGE_SENT_DEAD;
}

/* The queue, and the tail behind it. */
static enum edge_sent send_memory(struct edge_conn *c)
{
	struct edge_request *r = c->request;
	struct iovec parts[2];
	struct msghdr m = { .msg_iov = parts };
	size_t queued = plain_backlog(c), size;
	bool is_more = r != NULL && r->file_fd >= 0;
	ssize_t sent;

	if (queued > 0)
		parts[m.msg_iovlen++] = (struct iovec){ c->out->bytes.ptr + c->out->at, queued };
	size = queued;
	if (r != NULL && r->tail.len > 0) {
		parts[m.msg_iovlen++] =
			(struct iovec){ (char *)(uintptr_t)r->tail.ptr, r->tail.len };
		size += r->tail.len;
	}
	if (size == 0)
		return EDGE_SENT_ALL;
	sent = sendmsg(c->watch.fd, &m, MSG_NOSIGNAL | (is_more ? MSG_MORE : 0));
	if (sent < 0)
		return edge_send_failed();
	edge_count(edge_of(c), GX_EDGE_BYTES_SENT, (uint64_t)sent);
	if ((size_t)sent > queued)
		r->tail = gx_str_slice(r->tail, (size_t)sent - queued, r->tail.len);
	if (c->out != NULL)
		c->out->at += (size_t)sent < queued ? (size_t)sent : queued;
	return (size_t)sent == size ? EDGE_SENT_ALL : EDGE_SENT_SOME;
}

/* The file's part, at most a turn's share. */
static enum edge_sent send_file(struct edge_conn *c)
{
	struct edge_request *r = c->request;
	size_t share = EDGE_SEND_FILE_BYTES;
	ssize_t sent;

	if (r == NULL || r->file_fd < 0)
		return EDGE_SENT_ALL;
	if (share > r->file_left)
		share = (size_t)r->file_left;
	sent = share == 0 ? 0 : sendfile(c->watch.fd, r->file_fd, &r->file_at, share);
	if (sent < 0)
		return edge_send_failed();
	if (sent == 0 && share > 0)
		return EDGE_SENT_DEAD; /* the file is shorter than was said */
	edge_count(edge_of(c), GX_EDGE_BYTES_SENT, (uint64_t)sent);
	r->file_left -= (uint64_t)sent;
	if (r->file_left > 0)
		return EDGE_SENT_SOME;
	close(r->file_fd);
	r->file_fd = -1;
	return EDGE_SENT_ALL;
}

static void half_close(struct edge_conn *c)
{
	edge_request_release(c);
	if (c->is_ended || shutdown(c->watch.fd, SHUT_WR) != 0) {
		edge_conn_free(c);
		return;
	}
	c->state = EDGE_DRAIN;
	edge_conn_update(c);
}

/* Everything has left. May free the connection. */
static void sent_all(struct edge_conn *c)
{
	struct edge *e = edge_of(c);

	if (c->out != NULL) {
		edge_out_put(e, c->out);
		c->out = NULL;
	}
	if (c->state == EDGE_CLOSING) {
		half_close(c);
		return;
	}
	if (c->is_awaited && c->is_at_core && e->has_link)
		gx_record_write_bare(&e->link.out, GX_RECORD_WS_DRAINED, edge_conn_id(c));
	c->is_awaited = false;
	if (c->state == EDGE_ANSWER) {
		edge_request_reset(e, c->request);
		c->state = EDGE_IDLE;
	}
	edge_conn_update(c);
}

static void flush(struct edge_conn *c)
{
	struct edge *e = edge_of(c);
	enum edge_sent sent = c->tls == NULL ? send_memory(c) : edge_tls_send(c);

	if (sent == EDGE_SENT_ALL && c->tls == NULL)
		sent = send_file(c);
	if (sent == EDGE_SENT_DEAD) {
		edge_conn_free(c);
		return;
	}
	if (sent == EDGE_SENT_ALL) {
		sent_all(c);
	} else {
		if (c->out != NULL) {
			size_t backlog = edge_conn_backlog(c);
			e->queued_bytes += backlog - c->out->counted;
			c->out->counted = backlog;
			/* What was sent goes once it is the larger part: each byte moves once. */
			if (c->out->at > plain_backlog(c)) {
				gx_buf_consume(&c->out->bytes, c->out->at);
				c->out->at = 0;
			}
		}
		edge_conn_update(c);
		if (sent == EDGE_SENT_SOME && c->wait == EDGE_WAIT_WRITE)
			edge_wait_restart(c);
	}
	/* Requests that were read ahead. */
	if (c->state == EDGE_IDLE && c->request != NULL)
		edge_http_advance(c);
}

void edge_conn_flush(struct edge_conn *c)
{
	c->is_dirty = false;
	flush(c);
}

void edge_flush_dirty(struct edge *e)
{
	/* Flushing may make others dirty, also the same one again. */
	for (size_t i = 0; i < e->dirty_count; i++) {
		struct edge_conn *c = e->dirty[i];
		if (!c->is_dirty)
			continue;
		edge_conn_flush(c);
	}
	e->dirty_count = 0;
}

/* ---- reading ---- */

static size_t read_size(const struct edge_conn *c)
{
	size_t ahead = c->request == NULL ? 0 : c->request->in.len - c->request->at;

	switch (c->state) {
	case EDGE_IDLE:
	case EDGE_CORE:
	case EDGE_UPLOAD_ASK:
	case EDGE_ANSWER:
	case EDGE_WS_ASK:
		return ahead < EDGE_PIPELINE_BYTES_MAX ? EDGE_PIPELINE_BYTES_MAX - ahead : 0;
	case EDGE_WS:
		return edge_ws_read_size(c);
	default:
		return EDGE_SCRATCH_BYTES;
	}
}

void edge_conn_update(struct edge_conn *c)
{
	struct edge *e = edge_of(c);
	uint8_t events = c->events & EPOLLOUT;

	if (!c->is_dirty)
		events = edge_conn_has_rest(c) ? EPOLLOUT : 0;
	if (!c->is_ended && read_size(c) > 0)
		events |= EPOLLIN;
	if (events != c->events) {
		gx_loop_modify(&e->loop, &c->watch, events);
		c->events = events;
	}
	edge_wait_update(c);
}

void edge_conn_ended(struct edge_conn *c)
{
	c->is_ended = true;
	switch (c->state) {
	case EDGE_CORE:
	case EDGE_ANSWER:
	case EDGE_UPLOAD_ASK:
	case EDGE_WS_ASK:
		edge_conn_update(c); /* it may still want its answers */
		break;
	case EDGE_CLOSING:
		edge_conn_update(c);
		break;
	case EDGE_IDLE:
	case EDGE_HEAD:
	case EDGE_BODY:
		edge_http_input(c, GX_STR_NULL);
		break;
	case EDGE_UPLOAD:
		edge_upload_broken(c);
		edge_conn_free(c);
		break;
	default:
		edge_conn_free(c);
		break;
	}
}

void edge_conn_bytes(struct edge_conn *c, size_t size)
{
	struct gx_str bytes = { edge_of(c)->scratch, size };

	switch (c->state) {
	case EDGE_IDLE:
	case EDGE_HEAD:
	case EDGE_BODY:
		edge_http_input(c, bytes);
		break;
	case EDGE_UPLOAD:
		edge_upload_input(c, bytes);
		break;
	case EDGE_WS:
		c->is_silent = false;
		edge_ws_input(c, edge_of(c)->scratch, size);
		break;
	case EDGE_CLOSING:
	case EDGE_DRAIN:
		c->drained += size;
		if (c->drained > EDGE_LINGER_BYTES_MAX)
			edge_conn_free(c);
		break;
	default:
		gx_buf_append_str(&edge_request_of(c)->in, bytes);
		edge_conn_update(c);
		break;
	}
}

static void on_readable(struct edge_conn *c)
{
	struct edge *e = edge_of(c);
	size_t size = read_size(c);
	ssize_t got;

	/* The core is behind: what came waits in the socket. */
	if (edge_link_is_full(e) && c->state != EDGE_DRAIN)
		return;
	if (size == 0) {
		edge_conn_update(c);
		return;
	}
	if (c->tls != NULL) {
		edge_tls_read(c);
		return;
	}
	got = recv(c->watch.fd, e->scratch, size, 0);
	if (got > 0) {
		edge_count(e, GX_EDGE_BYTES_RECEIVED, (uint64_t)got);
		edge_conn_bytes(c, (size_t)got);
	} else if (got == 0) {
		edge_conn_ended(c);
	} else if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) {
		edge_conn_free(c);
	}
}

void edge_conn_broken(struct edge_conn *c)
{
	if (c->state == EDGE_UPLOAD)
		edge_upload_broken(c);
	edge_conn_free(c);
}

static void on_ready(struct gx_watch *w, uint32_t events)
{
	struct edge_conn *c = GX_CONTAINER_OF(w, struct edge_conn, watch);

	if (events & (EPOLLERR | EPOLLHUP)) {
		edge_conn_broken(c); /* a reset, or both ends are closed */
		return;
	}
	if (events & EPOLLOUT)
		edge_mark_dirty(c);
	if (events & EPOLLIN)
		on_readable(c);
}

/* ---- start and end ---- */

void edge_conns_init(struct edge *e)
{
	edge_waits_init(e);
	e->ws_window = EDGE_WS_WINDOW;
	gx_ws_decoder_init(&e->decoder);
	gx_table_init(&e->addresses);
	e->scratch = gx_heap_alloc(EDGE_SCRATCH_BYTES);
}

void edge_conns_deinit(struct edge *e)
{
	for (uint32_t slot = 0; slot < e->blocks_count * EDGE_BLOCK; slot++)
		if (edge_conn_at(e, slot)->state != EDGE_FREE)
			edge_conn_free(edge_conn_at(e, slot));
	edge_pools_deinit(e);
	for (uint32_t i = 0; i < e->blocks_count; i++)
		gx_heap_free(e->blocks[i]);
	gx_heap_free(e->blocks);
	gx_heap_free(e->dirty);
	gx_heap_free(e->scratch);
	gx_ws_decoder_deinit(&e->decoder);
	gx_table_deinit(&e->addresses);
	gx_loop_disarm(&e->loop, &e->wait_timer);
}
