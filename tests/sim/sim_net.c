/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sim_net.c - edges and the connections of people, over wires that delay, cut and lose.
 *
 * An edge here does what a real one does with records (server/sys/record.h): it turns requests and
 * frames into records, hands answers to the connection that waits for them, sends a frame to all
 * that are named, and tells the core when a connection has gone or has been read empty.
 */
#include <string.h>

#include "sim.h"

/* --- links --- */

void sim_edge_link(struct sim_edge *e)
{
	GX_ASSERT(e->wire < 0);
	e->wire = sim_wire_new();
	core_edge_add(sim->core, e->wire);
}

static void conn_free(struct sim_conn *c)
{
	gx_buf_deinit(&c->to_client);
	*c = (struct sim_conn){ 0 };
}

static void cut_all(struct sim_edge *e)
{
	for (unsigned i = 0; i < SIM_CONNS_MAX; i++) {
		struct sim_conn *c = &e->conns[i];

		if (!c->is_used)
			continue;
		sim_client_cut(c->device, c);
		conn_free(c);
	}
}

void sim_edge_kill(struct sim_edge *e)
{
	cut_all(e);
	if (e->wire >= 0)
		sim_wire_cut(e->wire);
	e->wire = -1;
	if (sim->core != NULL)
		sim_edge_link(e); /* its successor */
}

void sim_net_core_gone(void)
{
	for (unsigned i = 0; i < sim->edges_count; i++) {
		struct sim_edge *e = &sim->edges[i];

		/* What has left the core may still get through. */
		while (e->wire >= 0 && sim_wire_at(e->wire)->to_edge.len > 0 && !sim_once_in(3))
			(void)sim_net_to_edge();
		cut_all(e);
		if (e->wire >= 0)
			sim_wire_cut(e->wire);
		e->wire = -1;
	}
}

/* --- connections --- */

struct sim_conn *sim_conn_new(struct sim_edge *e, struct sim_device *d)
{
	for (unsigned i = 0; i < SIM_CONNS_MAX; i++) {
		struct sim_conn *c = &e->conns[i];

		if (c->is_used)
			continue;
		*c = (struct sim_conn){ .is_used = true,
					.id = (uint64_t)++e->generation << 32 | i,
					.uid = ++sim->conn_uids,
					.device = d };
		gx_buf_init(&c->to_client, (size_t)64 << 20);
		return c;
	}
	return NULL;
}

static struct sim_conn *conn_find(struct sim_edge *e, uint64_t id)
{
	struct sim_conn *c = &e->conns[(uint32_t)id % SIM_CONNS_MAX];

	return c->is_used && c->id == id ? c : NULL;
}

struct sim_conn *sim_stream_of(struct sim_device *d)
{
	struct sim_conn *c = d->state == SIM_AWAY ? NULL : conn_find(&sim->edges[d->edge], d->conn);

	return c != NULL && c->uid == d->conn_uid ? c : NULL;
}

/* The client hangs up. */
void sim_conn_drop(struct sim_edge *e, struct sim_conn *c)
{
	if (e->wire >= 0)
		gx_record_write_bare(&sim_wire_at(e->wire)->to_core, GX_RECORD_CONN_GONE, c->id);
	sim_client_cut(c->device, c);
	conn_free(c);
}

void sim_http(struct sim_edge *e, struct sim_conn *c, enum gx_record_type type,
	      enum gx_method method, struct gx_str target, struct gx_str body)
{
	struct gx_request_record r = {
		.conn = c->id,
		.received_ns = gx_clock_mono_ns(),
		.flags = GX_REQUEST_PEER_LOOPBACK,
		.method = method,
		.target = target,
		.token = gx_str_from_cstr(c->device->token),
		.language = GX_STR("en"),
		.peer = GX_STR("127.0.0.1"),
		.content_type = body.len > 0 ? GX_STR("application/json") : GX_STR_NULL,
		.body = body,
	};

	gx_record_write_request(&sim_wire_at(e->wire)->to_core, type, &r);
}

void sim_ws_text(struct sim_edge *e, struct sim_conn *c, struct gx_str text)
{
	gx_record_write_ws_text(&sim_wire_at(e->wire)->to_core,
				&(struct gx_ws_text_record){ .conn = c->id,
							     .received_ns = gx_clock_mono_ns(),
							     .text = text });
}

/* --- movements --- */

static struct sim_edge *any_edge(unsigned i, unsigned from)
{
	return &sim->edges[(i + from) % sim->edges_count];
}

bool sim_net_to_core(void)
{
	unsigned from = (unsigned)sim_below(sim->edges_count);

	for (unsigned i = 0; i < sim->edges_count; i++) {
		struct sim_edge *e = any_edge(i, from);
		struct sim_wire *w = e->wire < 0 ? NULL : sim_wire_at(e->wire);
		size_t size = w == NULL ? 0 : w->to_core.len - w->arrived;

		if (size == 0)
			continue;
		if (sim_once_in(3)) /* a stream is cut anywhere */
			size = 1 + sim_below(size);
		w->arrived += size;
		return true;
	}
	return false;
}

static void to_client(struct sim_conn *c, struct gx_str text)
{
	uint32_t size = (uint32_t)text.len;

	gx_buf_append(&c->to_client, &size, sizeof(size));
	gx_buf_append_str(&c->to_client, text);
}

static void on_response(struct sim_edge *e, const struct gx_response_record *r)
{
	struct sim_conn *c = conn_find(e, r->conn);
	struct sim_call call;
	struct sim_device *d;

	if (c == NULL)
		return;
	d = c->device;
	call = c->call;
	if (call.is_used) {
		sim_conn_drop(e, c);
		sim_client_answer(d, &call, r->status, r->body);
	} else {
		SIM_CHECK(d->conn == c->id, "an answer nobody waits for");
		sim_conn_drop(e, c);
		sim_client_refused(d, r->status);
	}
}

static void on_send(struct sim_edge *e, const struct gx_ws_send_record *r)
{
	for (uint32_t i = 0; i < r->conns_count; i++) {
		struct sim_conn *c = conn_find(e, gx_ws_send_conn(r, i));

		if (c != NULL)
			to_client(c, r->text);
	}
}

static void on_send_all(struct sim_edge *e, struct gx_str text)
{
	for (unsigned i = 0; i < SIM_CONNS_MAX; i++)
		if (e->conns[i].is_stream && !e->conns[i].is_behind)
			to_client(&e->conns[i], text);
}

static void on_close(struct sim_edge *e, struct sim_conn *c, const struct gx_ws_close_record *r)
{
	if (c != NULL && r->code == 4010) /* too old: begins anew */
		c->device->has_cursor = false;
	SIM_CHECK(r->code == 4010 || r->code == 1011 || r->code == 1013 || r->code == 4008,
		  "a stream was closed with %u %.*s", r->code, GX_STR_ARG(r->reason));
	if (c != NULL)
		sim_conn_drop(e, c);
}

static void on_record(struct sim_edge *e, struct gx_str record, const struct gx_record_head *head)
{
	struct gx_response_record response;
	struct gx_ws_send_record send;
	struct gx_ws_close_record close;
	struct gx_str text;
	struct sim_conn *c = conn_find(e, head->conn);

	if (head->type == GX_RECORD_HTTP_RESPONSE) {
		SIM_CHECK(gx_record_read_response(record, &response), "a broken response record");
		on_response(e, &response);
	} else if (head->type == GX_RECORD_WS_SEND) {
		SIM_CHECK(gx_record_read_ws_send(record, &send), "a broken send record");
		on_send(e, &send);
	} else if (head->type == GX_RECORD_WS_ACCEPT) {
		if (c != NULL) {
			c->is_stream = true;
			sim_client_accepted(c->device);
		}
	} else if (head->type == GX_RECORD_WS_CLOSE) {
		SIM_CHECK(gx_record_read_ws_close(record, &close), "a broken close record");
		on_close(e, c, &close);
	} else if (head->type == GX_RECORD_WS_AWAIT) {
		if (c != NULL)
			c->is_awaited = true;
	} else if (head->type == GX_RECORD_WS_SEND_ALL) {
		SIM_CHECK(gx_record_read_ws_send_all(record, &text), "a broken record to all");
		on_send_all(e, text);
	} else if (head->type == GX_RECORD_WS_CATCH_UP || head->type == GX_RECORD_WS_LIVE) {
		if (c != NULL)
			c->is_behind = head->type == GX_RECORD_WS_CATCH_UP;
	} else if (head->type != GX_RECORD_WS_TAKEN && head->type != GX_RECORD_WS_WINDOW) {
		/* These two only matter to who reads sockets. */
		sim_fail("a record of type %u from the core", head->type);
	}
}

bool sim_net_to_edge(void)
{
	unsigned from = (unsigned)sim_below(sim->edges_count);

	for (unsigned i = 0; i < sim->edges_count; i++) {
		struct sim_edge *e = any_edge(i, from);
		struct sim_wire *w = e->wire < 0 ? NULL : sim_wire_at(e->wire);
		struct gx_record_head head;
		int have = w == NULL ? 0 : gx_record_peek(gx_buf_str(&w->to_edge), &head);
		unsigned most = 1 + (unsigned)sim_below(8);
		bool did = false;

		SIM_CHECK(have >= 0, "a record that is none from the core");
		for (; most > 0 && have > 0; most--, did = true) {
			struct gx_str record = gx_str_slice(gx_buf_str(&w->to_edge), 0, head.size);
			struct gx_str copy = gx_arena_strdup(&sim->scratch, record);

			gx_buf_consume(&w->to_edge, head.size);
			on_record(e, copy, &head);
			have = gx_record_peek(gx_buf_str(&w->to_edge), &head);
		}
		if (did)
			return true;
	}
	return false;
}

static bool read_frames(struct sim_edge *e, struct sim_conn *c)
{
	unsigned most = 1 + (unsigned)sim_below(8);
	uint64_t id = c->id;
	bool did = false;

	for (; most > 0 && c->is_used && c->id == id && c->to_client.len > 0; most--) {
		uint32_t size;
		struct gx_str text;

		memcpy(&size, c->to_client.ptr, sizeof(size));
		text = gx_arena_strdup(&sim->scratch,
				       gx_str_slice(gx_buf_str(&c->to_client), sizeof(size),
						    sizeof(size) + size));
		gx_buf_consume(&c->to_client, sizeof(size) + size);
		sim_client_frame(c->device, text);
		did = true;
	}
	if (c->is_used && c->id == id && c->is_awaited && c->to_client.len == 0) {
		gx_record_write_bare(&sim_wire_at(e->wire)->to_core, GX_RECORD_WS_DRAINED, c->id);
		c->is_awaited = false;
		did = true;
	}
	return did;
}

bool sim_net_to_client(void)
{
	unsigned from = (unsigned)sim_below(sim->devices_count);

	for (unsigned i = 0; i < sim->devices_count; i++) {
		struct sim_device *d = &sim->devices[(from + i) % sim->devices_count];
		struct sim_edge *e = &sim->edges[d->edge];
		struct sim_conn *c = sim_stream_of(d);

		if (c != NULL && c->is_stream && read_frames(e, c))
			return true;
	}
	return false;
}
