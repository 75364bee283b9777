/* SPDX-License-Identifier: Apache-2.0 */
/*
 * edge_upload.c - a body that goes into a file as it comes, never whole into memory.
 *
 * The core admits it first and sends the descriptor; only then the client is told to go on. What it
 * sent before waits in the request's buffer.
 */
#include <errno.h>
#include <unistd.h>

#include "edge_inside.h"

bool edge_is_upload(const struct edge *e, enum gx_method method, struct gx_str path)
{
	for (size_t i = 0; i < e->config->uploads_count; i++)
		if (e->config->uploads[i].method == method &&
		    gx_str_eq(e->config->uploads[i].path, path))
			return true;
	return false;
}

void edge_upload_begin(struct edge_conn *c, struct gx_str in)
{
	struct edge *e = edge_of(c);
	struct edge_request *r = c->request;
	struct gx_request_record record;
	char peer[INET6_ADDRSTRLEN];

	r->is_close = true; /* a refusal leaves the body unread */
	if (!e->has_link) {
		edge_answer_unavailable(c);
		return;
	}
	edge_request_record(c, in, peer, &record);
	if (!r->head.is_chunked)
		record.flags |= GX_REQUEST_LENGTH_KNOWN;
	gx_record_write_request(&e->link.out, GX_RECORD_UPLOAD_BEGIN, &record);
	if (e->link.out.overflow) {
		gx_buf_truncate(&e->link.out, e->link.out.len);
		edge_answer_unavailable(c);
		return;
	}
	edge_wait_stop(c);
	r->has_expect = r->head.has_expect;
	r->upload_size = 0;
	c->is_at_core = true;
	c->state = EDGE_UPLOAD_ASK;
}

static void end_record(struct edge_conn *c, uint64_t size)
{
	struct edge *e = edge_of(c);
	struct edge_request *r = c->request;

	if (r->upload_fd >= 0)
		close(r->upload_fd);
	r->upload_fd = -1;
	if (e->has_link)
		gx_record_write_upload(&e->link.out, GX_RECORD_UPLOAD_END, false,
				       &(struct gx_upload_record){ .conn = edge_conn_id(c),
								   .size = size });
}

void edge_upload_broken(struct edge_conn *c)
{
	end_record(c, UINT64_MAX);
	edge_conn_forget(c);
}

static void fail(struct edge_conn *c, unsigned status, const char *detail)
{
	edge_upload_broken(c);
	edge_refuse(c, status, detail, GX_STR_NULL);
}

static void finish(struct edge_conn *c)
{
	struct edge_request *r = c->request;

	end_record(c, r->upload_size);
	r->is_close = r->head.is_close || edge_of(c)->is_stopping;
	c->state = EDGE_CORE;
}

static bool write_all(int fd, struct gx_str data)
{
	while (data.len > 0) {
		ssize_t written = write(fd, data.ptr, data.len);
		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return false;
		data = gx_str_slice(data, (size_t)written, data.len);
	}
	return true;
}

/* Writes what belongs to the body; how many bytes are done with. */
static size_t take(struct edge_conn *c, struct gx_str bytes)
{
	struct edge_request *r = c->request;
	size_t at = 0;

	while (at < bytes.len && c->state == EDGE_UPLOAD) {
		struct gx_str data;
		size_t used;
		enum gx_http_result result =
			gx_http_body_read(&r->body, gx_str_slice(bytes, at, bytes.len), &used,
					  &data);
		at += used;
		if (result == GX_HTTP_REFUSED) {
			fail(c, r->body.status,
			     r->body.status == 413 ? "the file is too large"
						   : "malformed chunked body");
			break;
		}
		if (!write_all(r->upload_fd, data)) {
			edge_upload_broken(c);
			edge_refuse_full(c);
			break;
		}
		r->upload_size += data.len;
		if (result == GX_HTTP_DONE)
			finish(c);
	}
	return at;
}

void edge_upload_input(struct edge_conn *c, struct gx_str bytes)
{
	struct edge_request *r = c->request;

	if (r->in.len > r->at) {
		r->at += take(c, gx_str_slice(gx_buf_str(&r->in), r->at, r->in.len));
		gx_buf_consume(&r->in, r->at);
		r->at = 0;
	}
	if (c->state == EDGE_UPLOAD)
		bytes = gx_str_slice(bytes, take(c, bytes), bytes.len);
	if (c->state != EDGE_CLOSING)
		gx_buf_append_str(&r->in, bytes);
	edge_conn_update(c);
	if (c->wait == EDGE_WAIT_BODY)
		edge_wait_restart(c);
}

void edge_upload_accept(struct edge_conn *c, int fd, uint64_t size_max)
{
	struct edge_request *r = c->request;
	enum gx_http_result result;

	r->upload_fd = fd;
	c->state = EDGE_UPLOAD;
	result = gx_http_body_init(&r->body, &r->head, size_max);
	if (result == GX_HTTP_REFUSED) {
		fail(c, 413, "the file is too large");
	} else if (result == GX_HTTP_DONE) {
		finish(c);
	} else if (c->is_ended && r->in.len == r->at) {
		edge_upload_broken(c);
		edge_conn_close(c);
	} else {
		if (r->has_expect && r->in.len == r->at)
			gx_buf_append_str(edge_conn_out(c),
					  GX_STR("HTTP/1.1 100 Continue\r\n\r\n"));
		edge_upload_input(c, GX_STR_NULL);
		/* All there will ever be is here, and it is not enough. */
		if (c->is_ended && c->state == EDGE_UPLOAD) {
			edge_upload_broken(c);
			edge_conn_close(c);
		}
	}
	edge_conn_update(c);
}
