/* SPDX-License-Identifier: Apache-2.0 */
/*
 * edge_ws.c - WebSockets: frames here, texts to and from the core.
 *
 * A client may send as many calls as it likes; those beyond the window of calls in flight wait in
 * its own connection, which is not read before half of them are answered. So a flood queues up
 * where it comes from. The core makes the window smaller when calls wait too long.
 *
 * Between messages a connection has no decoder: one of the edge's serves all, and moves to the
 * connection only when a read ends in the middle of a message.
 */
#include <string.h>

#include "edge_inside.h"

#define PROTOCOL GX_STR("guanxi.v1")

void edge_ws_begin(struct edge_conn *c, struct gx_str in)
{
	struct edge *e = edge_of(c);
	struct edge_request *r = c->request;
	unsigned status = gx_ws_check_upgrade(&r->head, in);
	struct gx_request_record record;
	char peer[INET6_ADDRSTRLEN];

	r->is_close = true; /* frames may follow already: no request can */
	if (status == 426) {
		edge_refuse(c, 426, "WebSocket version 13 is spoken here",
			    GX_STR("Sec-WebSocket-Version: 13\r\nUpgrade: websocket\r\n"
				   "Connection: Upgrade\r\n"));
		return;
	}
	if (status != 101) {
		edge_refuse(c, 400, "malformed WebSocket handshake", GX_STR_NULL);
		return;
	}
	if (!e->has_link) {
		edge_answer_unavailable(c);
		return;
	}
	gx_ws_accept_key(gx_http_field(&r->head, in, GX_HTTP_WS_KEY), r->accept_key);
	r->has_protocol = gx_http_has_token(&r->head, in, GX_HTTP_WS_PROTOCOL, PROTOCOL);
	edge_request_record(c, in, peer, &record);
	gx_record_write_request(&e->link.out, GX_RECORD_WS_OPEN, &record);
	if (e->link.out.overflow) {
		gx_buf_truncate(&e->link.out, e->link.out.len);
		edge_answer_unavailable(c);
		return;
	}
	edge_wait_stop(c);
	c->is_at_core = true;
	c->state = EDGE_WS_ASK;
}

static void write_accept(struct edge_conn *c)
{
	const struct edge_request *r = c->request;
	struct gx_buf *out = edge_conn_out(c);

	edge_count(edge_of(c), GX_EDGE_ANSWERS_1XX, 1);
	gx_http_write_begin(out, 101);
	gx_buf_append_str(out, GX_STR("Upgrade: websocket\r\nConnection: Upgrade\r\n"
				      "X-Content-Type-Options: nosniff\r\n"));
	gx_http_write_field(out, GX_STR("Sec-WebSocket-Accept"),
			    (struct gx_str){ r->accept_key, sizeof(r->accept_key) });
	if (r->has_protocol)
		gx_http_write_field(out, GX_STR("Sec-WebSocket-Protocol"), PROTOCOL);
	gx_http_write_end(out);
}

void edge_ws_accepted(struct edge_conn *c)
{
	struct edge *e = edge_of(c);
	struct edge_request *r = c->request;

	write_accept(c);
	c->state = EDGE_WS;
	e->http_count--;
	/* Frames that came with the handshake. */
	edge_ws_input(c, r->in.ptr + r->at, r->in.len - r->at);
	edge_request_release(c);
	if (c->state == EDGE_WS && (c->is_ended || e->is_stopping))
		edge_ws_close(c, 1001, GX_STR_NULL);
	edge_conn_update(c);
}

static enum gx_edge_figure figure_of_close(unsigned code)
{
	static const struct {
		unsigned code;
		enum gx_edge_figure figure;
	} figures[] = {
		{ 1000, GX_EDGE_CLOSED_NORMAL },     { 1001, GX_EDGE_CLOSED_GOING_AWAY },
		{ 1002, GX_EDGE_CLOSED_PROTOCOL },   { 1009, GX_EDGE_CLOSED_TOO_LARGE },
		{ 1012, GX_EDGE_CLOSED_RESTART },    { 1013, GX_EDGE_CLOSED_TOO_SLOW },
		{ 4001, GX_EDGE_CLOSED_SIGNED_OUT }, { 4008, GX_EDGE_CLOSED_TOO_MANY },
		{ 4010, GX_EDGE_CLOSED_TOO_OLD },
	};

	for (size_t i = 0; i < GX_COUNT(figures); i++)
		if (figures[i].code == code)
			return figures[i].figure;
	return GX_EDGE_CLOSED_OTHER;
}

void edge_ws_close(struct edge_conn *c, unsigned code, struct gx_str reason)
{
	edge_count(edge_of(c), figure_of_close(code), 1);
	gx_ws_write_close(edge_conn_out(c), code, reason);
	edge_conn_forget(c);
	edge_conn_close(c);
}

static bool has_room(struct edge_conn *c, size_t size)
{
	size_t max = edge_of(c)->queued_bytes > EDGE_QUEUED_HIGH_BYTES ? EDGE_WS_QUEUE_BYTES_TIGHT
								       : EDGE_WS_QUEUE_BYTES_MAX;
	size_t backlog = edge_conn_backlog(c);

	/* A single large text may always go to one who keeps up. */
	return backlog == 0 || backlog + size <= max;
}

static void on_text(struct edge_conn *c, struct gx_str text)
{
	struct edge *e = edge_of(c);

	edge_count(e, GX_EDGE_TEXTS_RECEIVED, 1);
	gx_record_write_ws_text(&e->link.out, &(struct gx_ws_text_record){
						      .conn = edge_conn_id(c),
						      .received_ns = edge_now_ns(e),
						      .text = text,
					      });
	if (e->link.out.overflow) {
		gx_buf_truncate(&e->link.out, e->link.out.len);
		edge_ws_close(c, 1013, GX_STR("overloaded"));
		return;
	}
	if (c->in_flight < UINT16_MAX)
		c->in_flight++;
	if (c->in_flight >= e->ws_window)
		c->is_held_up = true;
}

size_t edge_ws_read_size(const struct edge_conn *c)
{
	size_t window = edge_of((struct edge_conn *)(uintptr_t)c)->ws_window;
	size_t size = window > c->in_flight ? (window - c->in_flight) * EDGE_WS_CALL_BYTES : 0;

	if (c->is_held_up)
		return 0;
	if (size < EDGE_WS_READ_BYTES_MIN)
		return EDGE_WS_READ_BYTES_MIN;
	return size < EDGE_SCRATCH_BYTES ? size : EDGE_SCRATCH_BYTES;
}

/* Half of the window must be free before it is read again: not one read for each answer. */
void edge_ws_taken(struct edge_conn *c)
{
	if (c->state != EDGE_WS)
		return;
	if (c->in_flight > 0)
		c->in_flight--;
	if (!c->is_held_up || c->in_flight > edge_of(c)->ws_window / 2)
		return;
	c->is_held_up = false;
	edge_mark_dirty(c); /* watched again at the end of the turn */
}

static void on_event(struct edge_conn *c, const struct gx_ws_event *event)
{
	switch (event->kind) {
	case GX_WS_TEXT:
		on_text(c, event->bytes);
		break;
	case GX_WS_PING:
		if (has_room(c, event->bytes.len + GX_WS_HEAD_BYTES_MAX))
			gx_ws_write_frame(edge_conn_out(c), GX_WS_OP_PONG, event->bytes);
		else
			edge_ws_close(c, 1013, GX_STR("reads too slowly"));
		break;
	case GX_WS_CLOSE:
	case GX_WS_BAD:
		edge_ws_close(c, event->code, GX_STR_NULL);
		break;
	default:
		break;
	}
}

/* A decoder in the middle of a message stays with its connection, an idle one with none. */
static void settle_decoder(struct edge_conn *c, struct gx_ws_decoder *d)
{
	struct edge *e = edge_of(c);
	bool is_busy = c->state == EDGE_WS && !gx_ws_decoder_is_idle(d);

	if (d == &e->decoder && is_busy) {
		c->decoder = gx_heap_alloc(sizeof(*d));
		*c->decoder = *d;
		gx_ws_decoder_init(d);
	} else if (d == &e->decoder) {
		gx_ws_decoder_deinit(d);
		gx_ws_decoder_init(d);
	} else if (c->decoder == d && !is_busy) {
		gx_ws_decoder_deinit(d);
		gx_heap_free(d);
		c->decoder = NULL;
	}
}

void edge_ws_input(struct edge_conn *c, char *bytes, size_t size)
{
	struct edge *e = edge_of(c);
	struct gx_ws_decoder *d = c->decoder != NULL ? c->decoder : &e->decoder;
	struct gx_ws_event event;
	size_t used;

	while (size > 0 && c->state == EDGE_WS) {
		gx_ws_decode(d, bytes, size, &used, &event);
		bytes += used;
		size -= used;
		on_event(c, &event);
	}
	settle_decoder(c, d);
	if (c->is_held_up)
		edge_conn_update(c);
}

static void send_text(struct edge *e, uint64_t conn, struct gx_str head, struct gx_str text)
{
	struct edge_conn *c = edge_conn_find(e, conn);
	struct gx_buf *out;

	if (c == NULL || c->state != EDGE_WS)
		return;
	if (!has_room(c, head.len + text.len)) {
		/* Perhaps it is we who have not sent yet in this turn. */
		edge_conn_flush(c);
		c = edge_conn_find(e, conn);
		if (c == NULL || c->state != EDGE_WS)
			return;
	}
	if (!has_room(c, head.len + text.len)) {
		edge_ws_close(c, 1013, GX_STR("reads too slowly"));
		return;
	}
	out = edge_conn_out(c);
	gx_buf_append_str(out, head);
	gx_buf_append_str(out, text);
	edge_count(e, GX_EDGE_TEXTS_SENT, 1);
}

void edge_ws_send(struct edge *e, const struct gx_ws_send_record *r)
{
	char bytes[GX_WS_HEAD_BYTES_MAX];
	struct gx_str head = { bytes, gx_ws_write_head(bytes, GX_WS_OP_TEXT, r->text.len) };

	for (uint32_t i = 0; i < r->conns_count; i++)
		send_text(e, gx_ws_send_conn(r, i), head, r->text);
}

/* Sent some connections at a time: all at once would hold a copy of the text for each. */
void edge_ws_send_all(struct edge *e, struct gx_str text)
{
	char bytes[GX_WS_HEAD_BYTES_MAX];
	struct gx_str head = { bytes, gx_ws_write_head(bytes, GX_WS_OP_TEXT, text.len) };

	for (uint32_t slot = 0; slot < e->blocks_count * EDGE_BLOCK; slot++) {
		struct edge_conn *c = edge_conn_at(e, slot);

		if (c->state == EDGE_WS && !c->is_catching_up)
			send_text(e, edge_conn_id(c), head, text);
		if (e->dirty_count >= EDGE_BLOCK)
			edge_flush_dirty(e);
	}
}

void edge_ws_ping(struct edge_conn *c)
{
	if (c->is_silent) {
		edge_count(edge_of(c), GX_EDGE_DROPPED_PING, 1);
		edge_conn_free(c);
		return;
	}
	c->is_silent = true;
	gx_ws_write_frame(edge_conn_out(c), GX_WS_OP_PING, GX_STR_NULL);
	edge_wait_restart(c);
}
