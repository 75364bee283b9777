/* SPDX-License-Identifier: Apache-2.0 */
/* edge_pool.c - queues and requests, kept for the next one who needs them. */
#include <unistd.h>

#include "edge_inside.h"

struct edge_out *edge_out_get(struct edge *e)
{
	struct edge_out *o = e->free_outs;

	if (o == NULL) {
		o = gx_heap_alloc(sizeof(*o));
		gx_buf_init(&o->bytes, EDGE_OUT_BYTES_MAX);
		return o;
	}
	e->free_outs = o->next_free;
	e->free_outs_count--;
	return o;
}

void edge_out_put(struct edge *e, struct edge_out *o)
{
	e->queued_bytes -= o->counted;
	o->counted = o->at = 0;
	if (o->bytes.cap > EDGE_POOL_BYTES_MAX)
		gx_buf_release(&o->bytes);
	gx_buf_clear(&o->bytes);
	if (e->free_outs_count == EDGE_POOL_MAX) {
		gx_buf_deinit(&o->bytes);
		gx_heap_free(o);
		return;
	}
	o->next_free = e->free_outs;
	e->free_outs = o;
	e->free_outs_count++;
}

struct edge_request *edge_request_of(struct edge_conn *c)
{
	struct edge *e = edge_of(c);
	struct edge_request *r = e->free_requests;

	if (c->request != NULL)
		return c->request;
	if (r != NULL) {
		e->free_requests = r->next_free;
		e->free_requests_count--;
	} else {
		r = gx_heap_alloc(sizeof(*r));
		r->file_fd = r->upload_fd = -1;
		gx_buf_init(&r->in, GX_HTTP_HEAD_BYTES_MAX + e->config->body_bytes_max +
					    4 * EDGE_SCRATCH_BYTES);
		gx_buf_init(&r->chunks, (size_t)e->config->body_bytes_max);
		gx_buf_init(&r->kept, (size_t)2 * GX_HTTP_FIELDS_BYTES_MAX);
	}
	c->request = r;
	return r;
}

void edge_request_reset(struct edge *e, struct edge_request *r)
{
	e->bodies_bytes -= r->bodies_share;
	r->bodies_share = 0;
	if (r->file_fd >= 0)
		close(r->file_fd);
	if (r->upload_fd >= 0)
		close(r->upload_fd);
	r->file_fd = r->upload_fd = -1;
	r->tail = GX_STR_NULL;
	if (r->chunks.cap > 0)
		gx_buf_release(&r->chunks);
	if (r->kept.cap > 0)
		gx_buf_release(&r->kept);
	r->conditions = (struct edge_conditions){ 0 };
	r->is_head = r->is_read = r->is_close = r->has_expect = r->has_protocol = false;
}

static void request_put(struct edge *e, struct edge_request *r)
{
	edge_request_reset(e, r);
	r->at = 0;
	if (r->in.cap > EDGE_POOL_BYTES_MAX)
		gx_buf_release(&r->in);
	gx_buf_clear(&r->in);
	if (e->free_requests_count == EDGE_POOL_MAX) {
		gx_buf_deinit(&r->in);
		gx_heap_free(r);
		return;
	}
	r->next_free = e->free_requests;
	e->free_requests = r;
	e->free_requests_count++;
}

void edge_request_release(struct edge_conn *c)
{
	if (c->request == NULL)
		return;
	request_put(edge_of(c), c->request);
	c->request = NULL;
}

void edge_pools_deinit(struct edge *e)
{
	while (e->free_outs != NULL) {
		struct edge_out *o = e->free_outs;
		e->free_outs = o->next_free;
		gx_buf_deinit(&o->bytes);
		gx_heap_free(o);
	}
	while (e->free_requests != NULL) {
		struct edge_request *r = e->free_requests;
		e->free_requests = r->next_free;
		gx_buf_deinit(&r->in);
		gx_heap_free(r);
	}
}
