/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sync_room.c - what is new since a cursor: by question (/sync) and by stream (/stream).
 *
 * The work is the core's: gx_events_list() gathers, stream.c delivers. This room gives it an
 * address.
 */
#include "sync.h"

#include "core.h"

#define WAIT_MS_MAX 55000
#define PAGE_DEFAULT 50
#define PAGE_MAX 100

enum { GET_SINCE, GET_WAIT_MS, GET_LIMIT };

static const struct gx_field get_fields[] = {
	[GET_SINCE] = { "since", GX_FIELD_TOKEN, 0, 0, 0 },
	[GET_WAIT_MS] = { "wait_ms", GX_FIELD_INT, 0, 0, WAIT_MS_MAX },
	[GET_LIMIT] = { "limit", GX_FIELD_INT, 0, 1, PAGE_MAX },
	{ 0 },
};

static const struct gx_field stream_fields[] = {
	{ "since", GX_FIELD_TOKEN, 0, 0, 0 },
	{ 0 },
};

static void write_page(struct gx_call *c, uint64_t cursor, const struct gx_event *events,
		       size_t count, bool more)
{
	gx_json_begin_object(&c->out);
	gx_json_kv_str(&c->out, "cursor", gx_cursor_text(c->arena, cursor));
	gx_json_key(&c->out, GX_STR("events"));
	gx_json_begin_array(&c->out);
	for (size_t i = 0; i < count; i++)
		gx_json_put_raw(&c->out, events[i].json);
	gx_json_end_array(&c->out);
	gx_json_kv_bool(&c->out, "more", more);
	gx_json_end_object(&c->out);
}

static enum gx_status sync_get(struct gx_call *c)
{
	uint64_t upto = gx_position_last(c->tx);
	size_t limit = c->in[GET_LIMIT].is_present ? (size_t)c->in[GET_LIMIT].num : PAGE_DEFAULT;
	struct gx_event *events = NULL;
	size_t count = 0;
	bool more = false;
	uint64_t since;

	if (!c->in[GET_SINCE].is_present) {
		write_page(c, upto, NULL, 0, false);
		return GX_OK;
	}
	if (!gx_cursor_parse(c->in[GET_SINCE].str, &since))
		return gx_fail_field(&c->err, GX_E_INVALID, "sync.invalid_cursor", "since");
	enum gx_status st = gx_events_list(c->arena, c->tx, c->session.account_id, since, limit,
					   &events, &count, &more, &c->err);
	if (st != GX_OK)
		return st;
	if (count == 0)
		c->wait_ms = c->in[GET_WAIT_MS].num;
	write_page(c, more ? events[count - 1].position : upto, events, count, more);
	return GX_OK;
}

static const struct gx_route routes[] = {
	{ .op = "sync.get",
	  .method = GX_METHOD_GET,
	  .path = "/sync",
	  .kind = GX_OP_QUERY,
	  .auth = GX_AUTH_SESSION,
	  .priority = GX_PRIORITY_CHAT,
	  .ok_status = 200,
	  .fields = get_fields,
	  .handle = sync_get },
	{ .op = "sync.stream",
	  .method = GX_METHOD_GET,
	  .path = "/stream",
	  .kind = GX_OP_STREAM,
	  .auth = GX_AUTH_SESSION,
	  .priority = GX_PRIORITY_CHAT,
	  .ok_status = 200,
	  .fields = stream_fields },
};

const struct gx_room sync_room = {
	.name = "sync",
	.routes = routes,
	.routes_count = GX_COUNT(routes),
};
