/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dispatch.c - from a record to a call: which operation, and may they?
 *
 * HTTP requests and the frames of streams end in go(), which hands them to calls.c.
 */
#include "core_request.h"

#include <string.h>

void core_request_refuse(struct core_request *r, struct gx_str headers)
{
	struct gx_core *core = r->edge->core;

	core_batch_note(core, &r->asker);
	core_answer_problem(core, &r->edge->staged, &r->asker, &r->err, r->wants_chinese, headers);
}

void core_request_fill(struct gx_call *c, const struct core_request *r, struct gx_arena *a)
{
	c->arena = a;
	c->core = r->edge->core;
	c->session = r->session;
	c->route = r->route->route;
	c->status = r->route->route->ok_status;
	c->file.fd = -1;
	c->peer = r->peer;
	c->is_peer_loopback = r->is_peer_loopback;
	c->is_secure = r->is_secure;
	c->is_stream = r->asker.is_stream;
	c->wants_chinese = r->wants_chinese;
}

enum gx_status core_request_inputs(struct core_request *r, struct gx_call *c)
{
	struct gx_input *in =
		gx_arena_new_array(c->arena, struct gx_input, r->route->fields_count + 1);

	c->in = in;
	if (r->asker.is_stream)
		return core_input_from_json(c->arena, r->route, r->object, in, &c->err);
	return core_input_from_http(c->arena, r->route, r->method, &r->path, r->body, in, &c->err);
}

/* --- who may --- */

static struct core_admission *queue_of(const struct core_request *r)
{
	bool is_query = r->route->route->kind == GX_OP_QUERY;

	return r->edge->core->admission[is_query ? CORE_QUEUE_QUERIES : CORE_QUEUE_COMMANDS];
}

static void refuse_overloaded(struct core_request *r, enum gx_priority class)
{
	struct gx_core *core = r->edge->core;

	gx_tally_add(&core->stats.overload[class], 1);
	core_batch_note(core, &r->asker);
	core_answer_overloaded(core, &r->edge->staged, &r->asker, r->wants_chinese);
}

/* Before anything is looked at but the route; answers by itself when its class is refused whole. */
static bool is_class_let_in(struct core_request *r)
{
	enum gx_priority class = core_admission_class(r->route->route);
	struct core_admission *a = queue_of(r);

	core_admission_tick(a, r->edge->core->heard_ns);
	if (!core_admission_shuts(a, class))
		return true;
	refuse_overloaded(r, class);
	return false;
}

/* When it is known who asks, 0: nobody we know; answers by itself when he is to wait. */
static bool is_let_in(struct core_request *r, uint64_t account_id)
{
	enum gx_priority class = core_admission_class(r->route->route);
	uint64_t key = account_id != 0 ? account_id : gx_str_hash(r->peer);

	if (r->is_let_in || core_admission_take(queue_of(r), class, key))
		return true;
	refuse_overloaded(r, class);
	return false;
}

static enum gx_status check_auth(struct core_request *r, struct gx_str token, bool is_cookie)
{
	const struct gx_route *route = r->route->route;
	struct gx_core *core = r->edge->core;
	enum gx_status st;

	if (route->auth == GX_AUTH_NONE)
		return GX_OK;
	if (!r->asker.is_stream) {
		if (token.len == 0 || (is_cookie && route->auth != GX_AUTH_MEDIA))
			return gx_fail(&r->err, GX_E_UNAUTHENTICATED, "core.unauthenticated");
		st = core_session_by_token(core, token, &r->session, &r->err);
		if (st != GX_OK)
			return st;
	}
	if ((route->auth == GX_AUTH_OPERATOR && r->session.role < GX_ROLE_OPERATOR) ||
	    (route->auth == GX_AUTH_OWNER && r->session.role < GX_ROLE_OWNER))
		return gx_fail(&r->err, GX_E_FORBIDDEN, "core.forbidden");
	return GX_OK;
}

static void go(struct core_request *r)
{
	const struct gx_route *route = r->route->route;

	if (route->kind == GX_OP_QUERY || route->prepare != NULL)
		core_call_later(r);
	else
		core_command_now(r);
}

/* --- HTTP --- */

static bool is_json_type(struct gx_str type)
{
	return gx_str_eq_nocase(gx_str_trim(gx_str_cut(&type, ';')), GX_STR("application/json"));
}

/* Finds the route; fills `allow` when only other methods know the path. */
static enum gx_status find_route(struct core_request *r, struct gx_str target, struct gx_buf *allow)
{
	static const char *const names[] = { "GET, HEAD", NULL, "POST", "PUT", "PATCH", "DELETE" };
	unsigned allowed = 0;

	if (core_path_split(target, &r->path))
		r->route = core_router_match(&r->edge->core->router, r->method, &r->path, &allowed);
	if (r->route != NULL)
		return GX_OK;
	if (allowed == 0)
		return gx_fail(&r->err, GX_E_NOT_FOUND, "core.not_found");
	gx_buf_append_str(allow, GX_STR("Allow: "));
	for (unsigned i = 0; i < GX_COUNT(names); i++) {
		if ((allowed & (1u << i)) == 0 || names[i] == NULL)
			continue;
		if (allow->len > 7)
			gx_buf_append_str(allow, GX_STR(", "));
		gx_buf_append_str(allow, gx_str_from_cstr(names[i]));
	}
	gx_buf_append_str(allow, GX_STR("\r\n"));
	return gx_fail(&r->err, GX_E_METHOD, "core.method_not_allowed");
}

struct core_request core_request_http(struct core_edge *e, const struct gx_request_record *in)
{
	return (struct core_request){
		.edge = e,
		.asker = { .conn = in->conn,
			   .edge_index = e->index,
			   .edge_generation = e->generation },
		.method = in->method,
		.body = in->body,
		.peer = in->peer,
		.is_peer_loopback = (in->flags & GX_REQUEST_PEER_LOOPBACK) != 0,
		.is_secure = (in->flags & GX_REQUEST_SECURE) != 0,
		.wants_chinese = gx_str_starts(in->language, GX_STR("zh")),
	};
}

/* Route and rights of an HTTP request; answers by itself when they fail. */
bool core_request_may(struct core_request *r, const struct gx_request_record *in)
{
	struct gx_buf *allow = &r->edge->core->headers;
	enum gx_status st;

	gx_buf_clear(allow);
	st = find_route(r, in->target, allow);
	if (st == GX_OK && !is_class_let_in(r))
		return false;
	if (st == GX_OK)
		st = check_auth(r, in->token, (in->flags & GX_REQUEST_TOKEN_COOKIE) != 0);
	if (st == GX_OK)
		return is_let_in(r, r->session.account_id);
	core_request_refuse(r, gx_buf_str(allow));
	return false;
}

static void on_http(struct core_edge *e, const struct gx_request_record *in)
{
	struct core_request r = core_request_http(e, in);

	if (!core_request_may(&r, in))
		return;
	if (r.route->route->kind == GX_OP_STREAM || r.route->route->kind == GX_OP_UPLOAD) {
		gx_fail(&r.err, GX_E_INVALID, "core.upgrade_required");
		core_request_refuse(&r, GX_STR_NULL);
	} else if (in->body.len > 0 && in->content_type.len > 0 && in->method != GX_METHOD_GET &&
		   in->method != GX_METHOD_HEAD && !is_json_type(in->content_type)) {
		gx_fail(&r.err, GX_E_MEDIA_TYPE, "core.unsupported_media_type");
		core_request_refuse(&r, GX_STR_NULL);
	} else {
		go(&r);
	}
}

/* --- streams --- */

static void on_ws_open(struct core_edge *e, const struct gx_request_record *in)
{
	struct core_request r = core_request_http(e, in);
	struct gx_core *core = e->core;
	struct gx_call c = { 0 };
	bool has_since;
	uint64_t since = 0;

	if (!core_request_may(&r, in))
		return;
	if (r.route->route->kind != GX_OP_STREAM) {
		gx_fail(&r.err, GX_E_NOT_FOUND, "core.not_found");
		core_request_refuse(&r, GX_STR_NULL);
		return;
	}
	core_request_fill(&c, &r, &core->batch.arena);
	if (core_request_inputs(&r, &c) != GX_OK) {
		r.err = c.err;
		core_request_refuse(&r, GX_STR_NULL);
		return;
	}
	has_since = c.in[0].is_present;
	if (has_since && !gx_cursor_parse(c.in[0].str, &since)) {
		gx_fail_field(&r.err, GX_E_INVALID, "sync.invalid_cursor", "since");
		core_request_refuse(&r, GX_STR_NULL);
	} else if (has_since && (since < atomic_load(&core->position_pruned) ||
				 since > atomic_load(&core->position_committed))) {
		gx_fail(&r.err, GX_E_GONE, "sync.too_old");
		core_request_refuse(&r, GX_STR_NULL);
	} else {
		core_stream_open(e, &r.asker, &r.session, in, has_since, since);
	}
}

/* {"t":"call","id":7,"op":"…","in":{…}} */
static bool read_frame_call(struct core_request *r, const struct gx_json *frame)
{
	const struct gx_json *id = gx_json_get(frame, GX_STR("id"));
	const struct gx_json *op = gx_json_get(frame, GX_STR("op"));

	if (id == NULL || id->type != GX_JSON_NUMBER || id->raw_len > sizeof(r->asker.call_id) ||
	    op == NULL || op->type != GX_JSON_STRING)
		return false;
	memcpy(r->asker.call_id, id->raw, id->raw_len);
	r->asker.call_id_len = (uint8_t)id->raw_len;
	r->object = gx_json_get(frame, GX_STR("in"));
	r->route = core_router_op(&r->edge->core->router,
				  gx_json_str(&r->edge->core->batch.arena, op));
	if (r->route != NULL &&
	    (r->route->route->kind == GX_OP_STREAM || r->route->route->kind == GX_OP_UPLOAD))
		r->route = NULL;
	return true;
}

/* {"t":"typing","conversation_id":"12"}: the operation conversations.typing that nobody answers. */
static bool read_frame_sign(struct core_request *r, const struct gx_json *frame)
{
	struct gx_arena *a = &r->edge->core->batch.arena;
	const struct gx_json *id = gx_json_get(frame, GX_STR("conversation_id"));
	struct gx_str in;

	if (id == NULL || id->type != GX_JSON_STRING || id->raw_len > 20 || frame->count != 2)
		return false;
	in = gx_arena_printf(a, "{\"conversation_id\":\"%.*s\"}", (int)id->raw_len, id->raw);
	r->asker.is_silent = true;
	r->route = core_router_op(&r->edge->core->router, GX_STR("conversations.typing"));
	return r->route != NULL && gx_json_parse(a, in, &r->object, &r->err) == GX_OK;
}

/* {"t":"call","id":7,"op":"messages.send",… as clients write it; false: it must be parsed. */
static bool peek_frame_call(struct core_request *r, struct gx_str text)
{
	static const struct gx_str begin = { "{\"t\":\"call\",\"id\":", 17 };
	static const struct gx_str between = { ",\"op\":\"", 7 };
	struct gx_str rest = gx_str_slice(text, begin.len, text.len);
	size_t digits = 0, name;

	if (!gx_str_starts(text, begin))
		return false;
	while (digits < rest.len && rest.ptr[digits] >= '0' && rest.ptr[digits] <= '9')
		digits++;
	if (digits == 0 || digits > sizeof(r->asker.call_id) || (digits > 1 && rest.ptr[0] == '0'))
		return false;
	memcpy(r->asker.call_id, rest.ptr, digits);
	r->asker.call_id_len = (uint8_t)digits;
	rest = gx_str_slice(rest, digits, rest.len);
	if (!gx_str_starts(rest, between))
		return false;
	rest = gx_str_slice(rest, between.len, rest.len);
	name = gx_str_find(rest, '"');
	r->route = core_router_op(&r->edge->core->router, gx_str_slice(rest, 0, name));
	return name < rest.len && r->route != NULL && r->route->route->kind != GX_OP_STREAM &&
	       r->route->route->kind != GX_OP_UPLOAD;
}

/* While something is refused, what is to be refused is not parsed first. */
static bool is_refused_unparsed(struct core_request *r, const struct core_stream *s,
				struct gx_str text)
{
	struct gx_core *core = r->edge->core;

	if (!core_admission_is_shedding(core->admission[CORE_QUEUE_COMMANDS]) &&
	    !core_admission_is_shedding(core->admission[CORE_QUEUE_QUERIES]))
		return false;
	if (!peek_frame_call(r, text))
		return false;
	if (!is_class_let_in(r) || !is_let_in(r, s->account_id))
		return true;
	r->is_let_in = true;
	return false;
}

static void on_ws_text(struct core_edge *e, const struct gx_ws_text_record *in)
{
	struct gx_core *core = e->core;
	struct core_stream *s = gx_table_get(&e->streams, in->conn);
	const struct gx_json *frame;
	const struct gx_json *t;
	struct core_request r = {
		.edge = e,
		.asker = { .conn = in->conn,
			   .edge_index = e->index,
			   .edge_generation = e->generation,
			   .is_stream = true },
	};
	bool is_read = false;

	if (s == NULL || s->is_closing)
		return; /* sent before it learned that it was closed */
	r.is_peer_loopback = s->is_peer_loopback;
	r.wants_chinese = s->wants_chinese;
	if (is_refused_unparsed(&r, s, in->text))
		return;
	if (gx_json_parse(&core->batch.arena, in->text, &frame, &r.err) != GX_OK) {
		core_stream_end(e, s, 1007, GX_STR("not JSON"));
		return;
	}
	t = gx_json_get(frame, GX_STR("t"));
	if (t != NULL && t->type == GX_JSON_STRING) {
		struct gx_str kind = gx_json_str(&core->batch.arena, t);

		if (gx_str_eq(kind, GX_STR("call")))
			is_read = read_frame_call(&r, frame);
		else if (gx_str_eq(kind, GX_STR("typing")))
			is_read = read_frame_sign(&r, frame);
	}
	if (!is_read) {
		core_stream_end(e, s, 1008, GX_STR("not understood"));
		return;
	}
	if (r.route == NULL) {
		gx_fail(&r.err, GX_E_NOT_FOUND, "core.unknown_op");
		core_request_refuse(&r, GX_STR_NULL);
		return;
	}
	if (core_session_by_device(core, s->account_id, s->device_id, &r.session, &r.err) !=
		    GX_OK ||
	    check_auth(&r, GX_STR_NULL, false) != GX_OK)
		core_request_refuse(&r, GX_STR_NULL);
	else if (r.is_let_in || (is_class_let_in(&r) && is_let_in(&r, s->account_id)))
		go(&r);
}

static void on_conn_gone(struct core_edge *e, uint64_t conn)
{
	struct core_call *call = gx_table_remove(&e->uploads, conn);

	if (call != NULL)
		core_call_free(call);
	core_stream_close(e, conn);
}

static void note_queueing(struct gx_core *core, uint64_t received_ns)
{
	struct core_admission *a = core->admission[CORE_QUEUE_COMMANDS];

	core->heard_ns = gx_clock_mono_ns();
	core_stats_record(core, received_ns, core->heard_ns);
	if (received_ns <= core->heard_ns)
		core_admission_note(a, core->heard_ns - received_ns, core->heard_ns);
}

void core_window_tell(struct gx_core *core)
{
	unsigned window = core_admission_in_flight(core->admission[CORE_QUEUE_COMMANDS]);

	if (window == core->in_flight_told)
		return;
	core->in_flight_told = window;
	for (unsigned i = 0; i < CORE_EDGES_MAX; i++)
		if (core->edges[i] != NULL)
			gx_record_write_bare(&core->edges[i]->link.out, GX_RECORD_WS_WINDOW,
					     window);
}

/* A connection asks for one thing at a time; a second stream or upload under its name would leave
 * the first one without an owner. */
static bool is_new(const struct core_edge *e, const struct gx_record_head *head)
{
	return head->conn != 0 && gx_table_get(&e->streams, head->conn) == NULL &&
	       gx_table_get(&e->uploads, head->conn) == NULL;
}

/* One whole record; a refused one ends the link: an edge that sends it is broken or taken over. */
void core_dispatch(struct core_edge *e, struct gx_str record, const struct gx_record_head *head)
{
	struct gx_request_record request;
	struct gx_upload_record upload;
	struct gx_ws_text_record text;
	bool is_request = head->type == GX_RECORD_HTTP_REQUEST ||
			  head->type == GX_RECORD_UPLOAD_BEGIN || head->type == GX_RECORD_WS_OPEN;

	if (is_request && gx_record_read_request(record, &request) && is_new(e, head)) {
		note_queueing(e->core, request.received_ns);
		if (head->type == GX_RECORD_HTTP_REQUEST)
			on_http(e, &request);
		else if (head->type == GX_RECORD_UPLOAD_BEGIN)
			core_upload_begin(e, &request);
		else
			on_ws_open(e, &request);
	} else if (head->type == GX_RECORD_WS_TEXT && gx_record_read_ws_text(record, &text)) {
		note_queueing(e->core, text.received_ns);
		on_ws_text(e, &text);
	} else if (head->type == GX_RECORD_UPLOAD_END && gx_record_read_upload(record, &upload)) {
		core_upload_end(e, &upload);
	} else if (head->type == GX_RECORD_CONN_GONE && record.len == GX_RECORD_HEAD_BYTES) {
		on_conn_gone(e, head->conn);
	} else if (head->type == GX_RECORD_WS_DRAINED) {
		core_stream_drained(e, head->conn);
	} else {
		gx_log(GX_LOG_ERROR, "core.bad_record", GX_F_U64("type", head->type));
		e->is_dead = true;
	}
}
