/* SPDX-License-Identifier: Apache-2.0 */
/*
 * edge_http.c - from bytes to requests, one at a time and in order.
 *
 * Bytes gather in the request's buffer. A whole head decides: an upgrade, an upload, or a request
 * whose body is gathered first. While one is under way, what else comes waits in the same buffer
 * and is looked at when its answer has been queued.
 */
#include <string.h>

#include "edge_inside.h"

static void drop_read(struct edge_request *r)
{
	if (r->at == 0)
		return;
	gx_buf_consume(&r->in, r->at);
	r->at = 0;
}

static struct gx_str unread(const struct edge_request *r)
{
	return gx_str_slice(gx_buf_str(&r->in), r->at, r->in.len);
}

/* Takes a share of the memory for bodies; false: there is none left. */
static bool take_share(struct edge *e, struct edge_request *r)
{
	size_t size =
		r->head.is_chunked ? e->config->body_bytes_max : (size_t)r->head.content_length;

	if (size <= EDGE_BODY_FREE_BYTES)
		return true;
	if (size > EDGE_BODIES_BYTES_MAX - e->bodies_bytes)
		return false;
	r->bodies_share = size;
	e->bodies_bytes += size;
	return true;
}

/* The head is complete and a body of the usual kind follows, or none. */
static void begin_body(struct edge_conn *c, struct gx_str rest)
{
	struct edge *e = edge_of(c);
	struct edge_request *r = c->request;
	enum gx_http_result result =
		gx_http_body_init(&r->body, &r->head, e->config->body_bytes_max);

	if (result == GX_HTTP_REFUSED) {
		edge_refuse(c, r->body.status, "the body is too large", GX_STR_NULL);
		return;
	}
	if (!take_share(e, r)) {
		r->is_close = true;
		edge_answer_unavailable(c);
		return;
	}
	c->state = EDGE_BODY;
	if (result == GX_HTTP_MORE && r->head.has_expect && rest.len == r->head.size)
		gx_buf_append_str(edge_conn_out(c), GX_STR("HTTP/1.1 100 Continue\r\n\r\n"));
}

static void begin_request(struct edge_conn *c, struct gx_str rest)
{
	struct edge *e = edge_of(c);
	struct edge_request *r = c->request;
	const struct gx_http_head *h = &r->head;
	struct gx_str path = gx_http_path(h, rest);

	r->is_head = h->method == GX_METHOD_HEAD;
	r->is_read = r->is_head || h->method == GX_METHOD_GET;
	r->is_close = h->is_close || e->is_stopping;
	if (e->config->redirect_port != 0 && edge_request_is_exposed(c, rest)) {
		edge_answer_redirect(c, rest);
		return;
	}
	if (!h->is_asterisk && edge_is_core_path(path)) {
		if (gx_ws_is_upgrade(h, rest)) {
			r->at += h->size;
			edge_ws_begin(c, rest);
			return;
		}
		if (edge_is_upload(e, h->method, path)) {
			r->at += h->size;
			edge_upload_begin(c, rest);
			return;
		}
	}
	begin_body(c, rest);
}

/* Takes [from, from + size) out of the buffer: framing and data that are done with. */
static void cut_out(struct gx_buf *b, size_t from, size_t size)
{
	memmove(b->ptr + from, b->ptr + from + size, b->len - from - size);
	gx_buf_truncate(b, b->len - size);
}

/* False: more must come, or the request was refused. */
static bool gather_chunks(struct edge_conn *c, struct gx_str *body)
{
	struct edge_request *r = c->request;
	enum gx_http_result result = GX_HTTP_MORE;
	size_t from = r->at + r->head.size, done = 0;

	while (result == GX_HTTP_MORE && from + done < r->in.len) {
		struct gx_str data;
		size_t used;
		result = gx_http_body_read(&r->body,
					   gx_str_slice(gx_buf_str(&r->in), from + done, r->in.len),
					   &used, &data);
		gx_buf_append_str(&r->chunks, data);
		done += used;
	}
	cut_out(&r->in, from, done);
	if (result == GX_HTTP_REFUSED) {
		edge_refuse(c, r->body.status,
			    r->body.status == 413 ? "the body is too large"
						  : "malformed chunked body",
			    GX_STR_NULL);
		return false;
	}
	*body = gx_buf_str(&r->chunks);
	return result == GX_HTTP_DONE;
}

static bool gather_length(const struct edge_request *r, struct gx_str rest, struct gx_str *body)
{
	size_t end = r->head.size + (size_t)r->head.content_length;

	if (rest.len < end)
		return false;
	*body = gx_str_slice(rest, r->head.size, end);
	return true;
}

static void to_core(struct edge_conn *c, struct gx_str in, struct gx_str body)
{
	struct edge *e = edge_of(c);
	struct gx_request_record record;
	char peer[INET6_ADDRSTRLEN];

	if (!e->has_link) {
		edge_answer_unavailable(c);
		return;
	}
	edge_request_record(c, in, peer, &record);
	record.body = body;
	if (body.len > 0)
		record.flags |= GX_REQUEST_HAS_BODY;
	gx_record_write_request(&e->link.out, GX_RECORD_HTTP_REQUEST, &record);
	if (e->link.out.overflow) {
		gx_buf_truncate(&e->link.out, e->link.out.len);
		edge_answer_unavailable(c);
		return;
	}
	edge_request_keep_conditions(c->request, in);
	c->is_at_core = true;
	c->state = EDGE_CORE;
}

static void dispatch(struct edge_conn *c, struct gx_str rest, struct gx_str body)
{
	struct edge_request *r = c->request;
	const struct gx_http_head *h = &r->head;
	struct gx_str in = gx_str_slice(rest, 0, h->size);

	r->at += h->size + (h->is_chunked ? 0 : (size_t)h->content_length);
	edge_wait_stop(c);
	if (!h->is_asterisk && edge_is_core_path(gx_http_path(h, in))) {
		bool is_read = h->method == GX_METHOD_GET || h->method == GX_METHOD_HEAD;
		to_core(c, in, is_read ? GX_STR_NULL : body);
	} else {
		edge_request_keep_conditions(r, in);
		edge_static_answer(c, in);
	}
}

/* One step; false when it can't be made yet. */
static bool step(struct edge_conn *c)
{
	struct edge_request *r = c->request;
	struct gx_str rest = unread(r), body = GX_STR_NULL;

	switch (c->state) {
	case EDGE_IDLE:
		if (rest.len == 0 || edge_conn_backlog(c) > EDGE_OUT_HIGH_BYTES)
			return false;
		gx_http_head_init(&r->head);
		c->state = EDGE_HEAD;
		return true;
	case EDGE_HEAD:
		switch (gx_http_head_parse(&r->head, rest)) {
		case GX_HTTP_MORE:
			return false;
		case GX_HTTP_REFUSED:
			edge_refuse(c, r->head.status, r->head.reason, GX_STR_NULL);
			return true;
		case GX_HTTP_DONE:
			begin_request(c, rest);
			return true;
		}
		return false;
	case EDGE_BODY:
		if (r->head.is_chunked ? !gather_chunks(c, &body) : !gather_length(r, rest, &body))
			return c->state != EDGE_BODY;
		dispatch(c, rest, body);
		return true;
	default:
		return false;
	}
}

void edge_http_advance(struct edge_conn *c)
{
	struct edge_request *r = c->request;

	while (step(c))
		;
	drop_read(r);
	if (c->state == EDGE_IDLE && r->in.len == 0)
		edge_request_release(c);
	if (c->is_ended && (c->state == EDGE_HEAD || c->state == EDGE_BODY ||
			    (c->state == EDGE_IDLE && c->request == NULL)))
		edge_conn_close(c);
	else
		edge_conn_update(c);
}

void edge_http_input(struct edge_conn *c, struct gx_str bytes)
{
	struct edge_request *r = edge_request_of(c);

	gx_buf_append_str(&r->in, bytes);
	GX_ASSERT(!r->in.overflow);
	edge_http_advance(c);
	if (c->wait == EDGE_WAIT_BODY)
		edge_wait_restart(c);
}

void edge_http_answered(struct edge_conn *c)
{
	struct edge_request *r = c->request;

	edge_mark_dirty(c);
	c->is_at_core = false;
	if (r->is_close || edge_of(c)->is_stopping) {
		edge_conn_close(c);
	} else if (r->tail.len > 0 || r->file_fd >= 0) {
		c->state = EDGE_ANSWER;
	} else {
		edge_request_reset(edge_of(c), r);
		c->state = EDGE_IDLE;
	}
}
