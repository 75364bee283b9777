/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sim_client.c - what people do with their devices, and what they hear.
 */
#include <stdlib.h>
#include <string.h>

#include "sim.h"

/* --- choosing --- */

static struct sim_conv *any_conv(const struct sim_device *d)
{
	const struct sim_person *p = &sim->people[d->person];
	/* A few conversations are busy, so that seqs grow and people meet. */
	size_t n = sim_once_in(2) && p->convs_count > 4 ? 4 : p->convs_count;

	return n == 0 ? NULL : p->convs[sim_below(n)];
}

static struct sim_msg *any_msg(struct sim_conv *c, bool is_recent)
{
	uint64_t back = is_recent ? 5 : c->last;
	uint64_t seq;

	if (c->last == 0)
		return NULL;
	seq = c->last - sim_below(back < c->last ? back : c->last);
	return seq < c->by_seq_cap ? c->by_seq[seq] : NULL;
}

/* A message whose answer was lost, is sent again: by any of his devices. */
static struct sim_msg *take_lost(const struct sim_device *d)
{
	for (size_t i = 0; i < sim->lost_count; i++) {
		struct sim_msg *m = sim->lost[i];

		if (m->sender != d->person)
			continue;
		sim->lost[i] = sim->lost[--sim->lost_count];
		return m;
	}
	return NULL;
}

static struct sim_msg *choose_message(const struct sim_device *d, struct sim_conv *c)
{
	struct sim_msg *m = sim_once_in(3) ? take_lost(d) : NULL;

	if (m == NULL && sim_once_in(20)) /* a repeat that nobody needs */
		m = any_msg(c, sim_once_in(2));
	if (m == NULL || m->sender != d->person || m->client_id == 0)
		m = sim_msg_new(c, d->person);
	return m;
}

/* --- asking --- */

static const char *const op_names[SIM_OPS_COUNT] = {
	[SIM_SEND] = "messages.send",
	[SIM_READ] = "conversations.read",
	[SIM_HISTORY] = "messages.list",
	[SIM_GET] = "conversations.get",
	[SIM_SYNC] = "sync.get",
	[SIM_RECALL] = "messages.recall",
	[SIM_HIDE] = "messages.delete",
	[SIM_CLEAR] = "messages.clear",
	[SIM_FLAGS] = "conversations.update",
	[SIM_TYPING] = "conversations.typing",
	[SIM_GROUP_CREATE] = "groups.create",
	[SIM_GROUP_ADD] = "group_members.add",
	[SIM_GROUP_REMOVE] = "group_members.remove",
	[SIM_TIE_ASK] = "contact_requests.create",
	[SIM_TIE_ACCEPT] = "contact_requests.accept",
	[SIM_TIE_DELETE] = "contacts.delete",
	[SIM_BLOCK] = "blocks.put",
	[SIM_UNBLOCK] = "blocks.delete",
};

static bool is_query(enum sim_op op)
{
	return op == SIM_HISTORY || op == SIM_GET || op == SIM_SYNC || op == SIM_ASK;
}

/* The inputs behind the conversation's id; fills what the answer is judged by. */
static struct gx_str make_inputs(struct sim_device *d, struct sim_call *call)
{
	struct gx_arena *a = &sim->scratch;
	struct sim_seat *seat = &call->conv->seats[d->person];
	unsigned kind = (unsigned)sim_below(4);
	unsigned long long at = call->conv->last == 0 ? 1 : 1 + sim_below(call->conv->last);

	switch (call->op) {
	case SIM_SEND:
		return gx_arena_printf(a, ",\"client_id\":\"%llx\",\"kind\":\"text\",\"body\":%.*s",
				       (unsigned long long)call->msg->client_id,
				       GX_STR_ARG(sim_body(call->msg->client_id)));
	case SIM_READ:
		if (call->seq > seat->read_high)
			seat->read_high = call->seq;
		return gx_arena_printf(a, ",\"seq\":%llu", (unsigned long long)call->seq);
	case SIM_RECALL:
	case SIM_HIDE:
		return gx_arena_printf(a, ",\"seq\":%llu", (unsigned long long)call->msg->seq);
	case SIM_FLAGS:
		return gx_arena_printf(a, ",\"pinned\":%s", kind % 2 == 0 ? "true" : "false");
	case SIM_HISTORY:
		call->is_newest = kind < 2;
		if (kind < 2)
			return gx_arena_printf(a, ",\"limit\":%u", 1 + (unsigned)sim_below(40));
		call->seq = at;
		return gx_arena_printf(a, ",\"%s\":%llu,\"limit\":%u",
				       kind == 2 ? "before" : "after", at,
				       1 + (unsigned)sim_below(40));
	default:
		return GX_STR("");
	}
}

static void prepare(struct sim_device *d, struct sim_call *call)
{
	const struct sim_seat *seat = &call->conv->seats[d->person];

	call->known_last = call->conv->last;
	call->known_read = seat->read_low;
	call->epoch = seat->epoch;
	call->is_plain = seat->is_seated && seat->epoch == 0 && !seat->is_unsure;
}

static struct sim_call *free_call(struct sim_device *d)
{
	for (unsigned i = 0; i < SIM_CALLS_MAX; i++)
		if (!d->calls[i].is_used)
			return &d->calls[i];
	return NULL;
}

static struct gx_str call_inputs(struct sim_device *d, struct sim_call *call)
{
	if (call->op >= SIM_GROUP_CREATE)
		return sim_social_inputs(d, call);
	prepare(d, call);
	struct gx_str in = make_inputs(d, call);
	return gx_arena_printf(&sim->scratch, "\"conversation_id\":\"%llu\"%.*s",
			       (unsigned long long)call->conv->id, GX_STR_ARG(in));
}

static bool ask_stream(struct sim_device *d, struct sim_call wanted)
{
	struct sim_call *call = free_call(d);
	struct sim_conn *c = sim_stream_of(d);

	if (call == NULL || c == NULL)
		return false;
	*call = wanted;
	call->is_used = true;
	call->id = ++d->next_call_id;
	struct gx_str in = call_inputs(d, call);
	if (call->op == SIM_SEND)
		sim_msg_tried(call->msg);
	sim_trace("device %u asks %s (call %llu) %.*s", d->index, op_names[call->op],
		  (unsigned long long)call->id, GX_STR_ARG(in));
	sim_ws_text(&sim->edges[d->edge], c,
		    gx_arena_printf(&sim->scratch,
				    "{\"t\":\"call\",\"id\":%llu,\"op\":\"%s\",\"in\":{%.*s}}",
				    (unsigned long long)call->id, op_names[call->op],
				    GX_STR_ARG(in)));
	return true;
}

bool sim_client_ask(struct sim_device *d, const char *op, struct gx_str in)
{
	struct sim_call *call = free_call(d);
	struct sim_conn *c = sim_stream_of(d);

	if (call == NULL || c == NULL || d->state != SIM_LIVE)
		return false;
	*call = (struct sim_call){ .is_used = true, .op = SIM_ASK, .id = ++d->next_call_id };
	sim->asked_status = 0;
	sim_ws_text(&sim->edges[d->edge], c,
		    gx_arena_printf(&sim->scratch,
				    "{\"t\":\"call\",\"id\":%llu,\"op\":\"%s\",\"in\":{%.*s}}",
				    (unsigned long long)call->id, op, GX_STR_ARG(in)));
	return true;
}

/* The same over a connection of its own. */
static bool ask_http(struct sim_device *d, struct sim_call wanted)
{
	struct sim_edge *e = &sim->edges[sim_below(sim->edges_count)];
	struct sim_conn *c = e->wire < 0 ? NULL : sim_conn_new(e, d);
	struct gx_arena *a = &sim->scratch;

	if (c == NULL)
		return false;
	c->call = wanted;
	c->call.is_used = c->call.is_http = true;
	if (wanted.op == SIM_SYNC) {
		struct gx_str target =
			wanted.since == 0
				? GX_STR("/api/v1/sync")
				: gx_arena_printf(a, "/api/v1/sync?since=p%llu&limit=%u&wait_ms=%u",
						  (unsigned long long)wanted.since,
						  1 + (unsigned)sim_below(60),
						  sim_once_in(2) ? 0 : 2000);
		d->is_sync_asked = true;
		sim_http(e, c, GX_RECORD_HTTP_REQUEST, GX_METHOD_GET, target, GX_STR_NULL);
		return true;
	}
	prepare(d, &c->call);
	struct gx_str in = make_inputs(d, &c->call);
	sim_msg_tried(c->call.msg);
	sim_http(e, c, GX_RECORD_HTTP_REQUEST, GX_METHOD_POST,
		 gx_arena_printf(a, "/api/v1/conversations/%llu/messages",
				 (unsigned long long)wanted.conv->id),
		 gx_arena_printf(a, "{%.*s}", (int)in.len - 1, in.ptr + 1));
	return true;
}

bool sim_client_open(struct sim_device *d)
{
	struct sim_edge *e;
	struct sim_conn *c;

	if (d->is_sync_asked || sim_time.mono_ns < d->wait_until_ns)
		return false;
	if (!d->has_cursor || (!sim->is_calm && sim_once_in(8))) {
		return ask_http(d, (struct sim_call){ .op = SIM_SYNC,
						      .since = d->has_cursor ? d->cursor : 0 });
	}
	d->edge = (unsigned)sim_below(sim->edges_count);
	e = &sim->edges[d->edge];
	c = e->wire < 0 ? NULL : sim_conn_new(e, d);
	if (c == NULL)
		return false;
	d->state = SIM_OPENING;
	d->conn = c->id;
	d->conn_uid = c->uid;
	d->next_call_id = d->last_write_id = 0;
	sim_trace("device %u opens its stream from %llu", d->index, (unsigned long long)d->cursor);
	sim_http(e, c, GX_RECORD_WS_OPEN, GX_METHOD_GET,
		 gx_arena_printf(&sim->scratch, "/api/v1/stream?since=p%llu",
				 (unsigned long long)d->cursor),
		 GX_STR_NULL);
	return true;
}

static enum sim_op choose_op(void)
{
	static const struct {
		enum sim_op op;
		unsigned weight;
	} table[] = {
		{ SIM_SEND, 50 },	 { SIM_READ, 14 },	{ SIM_HISTORY, 12 },
		{ SIM_GET, 10 },	 { SIM_RECALL, 2 },	{ SIM_HIDE, 2 },
		{ SIM_CLEAR, 1 },	 { SIM_FLAGS, 3 },	{ SIM_TYPING, 3 },
		{ SIM_GROUP_CREATE, 2 }, { SIM_GROUP_ADD, 3 },	{ SIM_GROUP_REMOVE, 1 },
		{ SIM_TIE_ASK, 2 },	 { SIM_TIE_ACCEPT, 2 }, { SIM_TIE_DELETE, 1 },
		{ SIM_BLOCK, 1 },	 { SIM_UNBLOCK, 3 },
	};
	unsigned total = 0, at;

	for (size_t i = 0; i < GX_COUNT(table); i++)
		total += table[i].weight;
	at = (unsigned)sim_below(total);
	for (size_t i = 0;; i++) {
		if (at < table[i].weight)
			return table[i].op;
		at -= table[i].weight;
	}
}

bool sim_client_act(struct sim_device *d)
{
	struct sim_call call = { .op = choose_op(), .conv = any_conv(d) };

	if (d->state == SIM_AWAY) {
		return sim_client_open(d);
	}
	if (call.conv == NULL || d->state != SIM_LIVE)
		return false;
	if (call.op >= SIM_GROUP_CREATE) {
		/* Who may not write to each other, tells nothing: that is rare. */
		if ((call.op == SIM_BLOCK || call.op == SIM_TIE_DELETE) && !sim_once_in(5))
			return false;
		call.conv = NULL;
		return sim_social_choose(d, &call) && ask_stream(d, call);
	}
	if (call.op == SIM_SEND) {
		call.msg = choose_message(d, call.conv);
		call.conv = call.msg->conv;
		if (sim_once_in(8)) {
			return ask_http(d, call);
		}
	} else if (call.op == SIM_READ) {
		if (call.conv->last == 0)
			return false;
		call.seq = call.conv->last - sim_below(call.conv->last < 3 ? 1 : 3);
	} else if (call.op == SIM_CLEAR) {
		/* One person does: where it is cleared, holes say nothing any more. */
		if (d->person != 0 || sim_once_in(2))
			return false;
		call.conv->seats[0].epoch++;
		call.conv->seats[0].is_unsure = true;
	} else if (call.op == SIM_RECALL || call.op == SIM_HIDE) {
		call.msg = any_msg(call.conv, true);
		if (call.msg == NULL)
			return false;
		if (call.op == SIM_RECALL)
			call.msg->is_recall_asked = true;
		else
			call.msg->hidden_by |= 1u << d->person;
	}
	return ask_stream(d, call);
}

/* --- hearing --- */

static const struct gx_json *parse(struct gx_str text)
{
	const struct gx_json *json;
	struct gx_error err = { 0 };

	if (gx_json_parse(&sim->scratch, text, &json, &err) != GX_OK)
		sim_fail("not JSON: %.*s", GX_STR_ARG(text));
	return json;
}

void sim_client_accepted(struct sim_device *d)
{
	sim_trace("device %u is live", d->index);
	d->state = SIM_LIVE;
}

static void on_reply(struct sim_device *d, const struct gx_json *frame)
{
	uint64_t id = sim_json_u64(frame, "id");
	uint32_t status = (uint32_t)sim_json_u64(frame, "status");
	struct sim_call *call = NULL, taken;

	for (unsigned i = 0; i < SIM_CALLS_MAX; i++)
		if (d->calls[i].is_used && d->calls[i].id == id)
			call = &d->calls[i];
	SIM_CHECK(call != NULL, "device %u: a reply to call %llu, which waits for none", d->index,
		  (unsigned long long)id);
	taken = *call;
	call->is_used = false;
	if (!is_query(taken.op)) {
		SIM_CHECK(id > d->last_write_id, "answers to writes out of order");
		d->last_write_id = id;
	}
	sim_model_answer(d, &taken, status, gx_json_get(frame, GX_STR("out")));
}

void sim_client_frame(struct sim_device *d, struct gx_str text)
{
	const struct gx_json *frame = parse(text);
	struct gx_str kind = sim_json_text(frame, "t");
	uint64_t position;

	sim_trace("device %u hears %.*s", d->index, GX_STR_ARG(text));
	if (gx_str_eq(kind, GX_STR("event"))) {
		SIM_CHECK(gx_cursor_parse(sim_json_text(frame, "cursor"), &position), "a cursor");
		sim_event_seen(d, position, gx_json_get(frame, GX_STR("event")));
	} else if (gx_str_eq(kind, GX_STR("reply"))) {
		on_reply(d, frame);
	} else {
		SIM_CHECK(gx_str_eq(kind, GX_STR("typing")), "a frame of kind %.*s",
			  GX_STR_ARG(kind));
	}
}

void sim_client_answer(struct sim_device *d, struct sim_call *call, uint32_t status,
		       struct gx_str body)
{
	sim_trace("device %u is answered %u %.*s", d->index, status, GX_STR_ARG(body));
	sim_model_answer(d, call, status, body.len == 0 ? NULL : parse(body));
}

void sim_client_refused(struct sim_device *d, uint32_t status)
{
	sim_trace("device %u: its stream is refused: %u", d->index, status);
	SIM_CHECK(status == 410 || status == 503 || status == 500, "a stream was refused with %u",
		  status);
	if (status == 410)
		d->has_cursor = false;
	else
		d->wait_until_ns = sim_time.mono_ns + sim_below(UINT64_C(1500000000));
}

void sim_client_cut(struct sim_device *d, struct sim_conn *c)
{
	if (c->call.is_used)
		sim_model_lost(d, &c->call);
	c->call.is_used = false;
	if (c->uid != d->conn_uid)
		return;
	for (unsigned i = 0; i < SIM_CALLS_MAX; i++) {
		if (d->calls[i].is_used)
			sim_model_lost(d, &d->calls[i]);
		d->calls[i].is_used = false;
	}
	sim_trace("device %u is away", d->index);
	d->state = SIM_AWAY;
	if (!sim->is_calm && sim_once_in(12)) /* for long */
		d->wait_until_ns = sim_time.mono_ns + sim_below(UINT64_C(3600000000000));
}
