/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dispatch.c - from a record to the room's function that answers it.
 *
 * Commands without a prepare step run here and now, inside the batch's transaction, on memory of
 * the batch. All else (queries, commands with a slow first step, uploads) becomes a struct
 * core_call on the heap that visits a reader or helper thread and comes back through
 * core_run_ready() or query_done().
 */
#include "core_request.h"

#include <string.h>
#include <unistd.h>

void core_request_refuse(struct core_request *r, struct gx_str headers)
{
	struct gx_core *core = r->edge->core;

	core_batch_note(core, &r->asker);
	core_answer_problem(core, &r->edge->staged, &r->asker, &r->err, r->wants_chinese, headers);
}

static void fill_call(struct gx_call *c, const struct core_request *r, struct gx_arena *a)
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

/* --- commands --- */

/* What the others of a batch hear when one of them failed beyond repair: nothing happened. */
static const struct gx_error half_done = { .status = GX_E_OVERLOADED,
					   .code = "core.overloaded",
					   .retry_after_s = 1 };

/* Carries out a command in the batch's transaction and stages its answer and events. */
static void run_command(struct gx_core *core, struct core_edge *e, const struct core_asker *asker,
			const struct core_route *route, struct gx_call *c)
{
	size_t items = core->outbox.count;
	uint64_t position = core->outbox.position;
	bool has_savepoint = route->route->kind != GX_OP_COMMAND_PLAIN;
	uint64_t writes = 0;
	enum gx_status st = core_batch_begin(core, &c->err);

	if (st == GX_OK && has_savepoint)
		st = gx_tx_savepoint(&core->batch.tx, &c->err);
	if (st == GX_OK) {
		c->tx = &core->batch.tx;
		writes = c->tx->writes_count;
		core->calling_stream =
			asker->is_stream ? gx_table_get(&e->streams, asker->conn) : NULL;
		st = route->route->handle(c);
		core->batch.commands_count++;
		if (st != GX_OK) {
			bool has_written = c->tx->writes_count != writes;

			GX_ASSERT(has_savepoint || !has_written || st == GX_E_INTERNAL ||
				  st == GX_E_OVERLOADED);
			outbox_truncate(&core->outbox, items, position);
			if (has_savepoint)
				gx_tx_savepoint_rollback(&core->batch.tx);
			else if (has_written) /* half of it stands there: the batch must go */
				gx_tx_doom(&core->batch.tx, &half_done);
			if (has_written)
				core_forget_all(core);
		} else if (has_savepoint) {
			gx_tx_savepoint_release(&core->batch.tx);
		}
	}
	if (e != NULL) {
		core_batch_note(core, asker);
		core_answer(core, &e->staged, asker, c, st);
	}
	outbox_stage(core, items);
	core->calling_stream = NULL;
}

static void command_now(struct core_request *r)
{
	struct gx_core *core = r->edge->core;
	struct gx_call c = { 0 };
	enum gx_status st;

	fill_call(&c, r, &core->batch.arena);
	gx_buf_clear(&core->out);
	gx_buf_clear(&core->headers);
	gx_json_writer_init(&c.out, &core->out);
	c.headers = &core->headers;
	st = core_request_inputs(r, &c);
	if (st == GX_OK && c.route->admit != NULL)
		st = c.route->admit(&c);
	if (st != GX_OK) {
		core_batch_note(core, &r->asker);
		core_answer(core, &r->edge->staged, &r->asker, &c, st);
		return;
	}
	run_command(core, r->edge, &r->asker, r->route, &c);
}

/* --- calls that leave this thread --- */

void core_call_free(struct core_call *call)
{
	if (call->upload.fd >= 0)
		close(call->upload.fd);
	gx_arena_deinit(&call->arena);
	gx_buf_deinit(&call->out);
	gx_buf_deinit(&call->headers);
	gx_heap_free(call);
}

/* The request's bytes live in the link's buffer: the call gets its own. */
struct core_call *core_call_new(struct core_request *r)
{
	struct core_call *call = gx_heap_alloc(sizeof(*call));

	gx_arena_init(&call->arena);
	gx_buf_init(&call->out, CORE_ANSWER_BYTES_MAX);
	gx_buf_init(&call->headers, 8192);
	call->asker = r->asker;
	call->route = r->route;
	call->upload.fd = -1;
	fill_call(&call->pub, r, &call->arena);
	call->pub.peer = gx_arena_strdup(&call->arena, r->peer);
	gx_json_writer_init(&call->pub.out, &call->out);
	call->pub.headers = &call->headers;
	return call;
}

void core_call_answer(struct core_call *call, enum gx_status st)
{
	struct gx_core *core = call->pub.core;
	struct core_edge *e = core_asker_edge(core, &call->asker);

	if (e != NULL)
		core_answer(core, &e->link.out, &call->asker, &call->pub, st);
	else if (call->pub.file.fd >= 0)
		close(call->pub.file.fd);
	call->pub.file.fd = -1;
}

enum gx_status core_snapshot_begin(struct gx_core *core, struct gx_conn *conn, struct gx_tx *tx,
				   struct gx_error *err)
{
	uint64_t position = atomic_load(&core->position_committed);
	enum gx_status st = gx_tx_begin(conn, tx, err);

	tx->core = core;
	tx->position = position;
	return st;
}

static void query_run(struct gx_job *job, void *thread_state)
{
	struct core_call *call = GX_CONTAINER_OF(job, struct core_call, job);
	struct gx_call *c = &call->pub;
	struct gx_tx tx = { 0 };

	gx_buf_clear(&call->out);
	gx_json_writer_init(&c->out, &call->out);
	c->wait_ms = 0;
	call->result = core_snapshot_begin(c->core, thread_state, &tx, &c->err);
	if (call->result != GX_OK)
		return;
	c->tx = &tx;
	call->result = c->route->handle(c);
	c->tx = NULL;
	gx_tx_rollback(&tx);
}

static void query_done(struct gx_job *job)
{
	struct core_call *call = GX_CONTAINER_OF(job, struct core_call, job);

	if (call->result == GX_OK && core_waiter_keeps(call))
		return;
	core_waiter_leave(call);
	core_call_answer(call, call->result);
	core_call_free(call);
}

bool core_submit_query(struct core_call *call)
{
	call->job = (struct gx_job){ .run = query_run, .on_done = query_done };
	return gx_pool_submit(call->pub.core->readers, &call->job);
}

static void prepare_run(struct gx_job *job, void *thread_state)
{
	struct core_call *call = GX_CONTAINER_OF(job, struct core_call, job);
	struct gx_call *c = &call->pub;
	struct gx_tx tx = { 0 };

	call->result = core_snapshot_begin(c->core, thread_state, &tx, &c->err);
	if (call->result != GX_OK)
		return;
	c->tx = &tx;
	call->result = c->route->prepare(c);
	if (c->tx != NULL)
		gx_tx_rollback(&tx);
	c->tx = NULL;
}

void gx_call_end_reading(struct gx_call *c)
{
	if (c->tx->is_write) /* in the test house, which has but one transaction */
		return;
	gx_tx_rollback(c->tx);
	c->tx = NULL;
}

static void prepare_done(struct gx_job *job)
{
	struct core_call *call = GX_CONTAINER_OF(job, struct core_call, job);
	struct gx_core *core = call->pub.core;

	if (call->result != GX_OK) {
		core_call_answer(call, call->result);
		core_call_free(call);
		return;
	}
	call->next_waiter = NULL;
	*core->ready_tail = call;
	core->ready_tail = &call->next_waiter;
}

void core_run_ready(struct gx_core *core)
{
	while (core->ready != NULL) {
		struct core_call *call = core->ready;

		core->ready = call->next_waiter;
		if (core->ready == NULL)
			core->ready_tail = &core->ready;
		run_command(core, core_asker_edge(core, &call->asker), &call->asker, call->route,
			    &call->pub);
		core_call_free(call);
	}
}

/* Sends a call on its way; answers at once when the queue is full. */
void core_call_submit(struct core_call *call)
{
	struct gx_core *core = call->pub.core;
	enum gx_op_kind kind = call->route->route->kind;
	struct gx_pool *pool = core->helpers;

	call->job = (struct gx_job){ .run = prepare_run, .on_done = prepare_done };
	if (kind == GX_OP_QUERY) {
		pool = core->readers;
		call->job = (struct gx_job){ .run = query_run, .on_done = query_done };
	} else if (kind == GX_OP_UPLOAD) {
		pool = core->uploads;
	}
	if (gx_pool_submit(pool, &call->job))
		return;
	core_call_answer(call,
			 gx_fail_retry(&call->pub.err, GX_E_OVERLOADED, "core.overloaded", 1));
	core_call_free(call);
}

static void call_later(struct core_request *r)
{
	struct core_call *call = core_call_new(r);
	enum gx_status st = GX_OK;

	if (r->asker.is_stream) {
		if (r->object != NULL)
			st = gx_json_parse(&call->arena,
					   gx_arena_strdup(&call->arena, gx_json_raw(r->object)),
					   &r->object, &call->pub.err);
	} else {
		r->body = gx_arena_strdup(&call->arena, r->body);
		r->path.query = gx_arena_strdup(&call->arena, r->path.query);
		for (unsigned i = 0; i < r->path.count; i++)
			r->path.segments[i] = gx_arena_strdup(&call->arena, r->path.segments[i]);
	}
	if (st == GX_OK)
		st = core_request_inputs(r, &call->pub);
	if (st == GX_OK && call->route->route->admit != NULL)
		st = call->route->route->admit(&call->pub);
	if (st == GX_OK) {
		core_call_submit(call);
		return;
	}
	core_batch_note(call->pub.core, &call->asker);
	core_answer(call->pub.core, &r->edge->staged, &call->asker, &call->pub, st);
	core_call_free(call);
}

/* --- who may --- */

static const double overload_ms[] = {
	[GX_PRIORITY_SIGN_IN] = 2000,
	[GX_PRIORITY_CHAT] = 500,
	[GX_PRIORITY_SOCIAL] = 100,
	[GX_PRIORITY_STATISTICS] = 20,
};

static enum gx_status check_auth(struct core_request *r, struct gx_str token, bool is_cookie)
{
	const struct gx_route *route = r->route->route;
	struct gx_core *core = r->edge->core;
	enum gx_status st;

	if (core->queueing_ms > overload_ms[route->priority])
		return gx_fail_retry(&r->err, GX_E_OVERLOADED, "core.overloaded", 1);
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
		call_later(r);
	else
		command_now(r);
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
	if (st == GX_OK)
		st = check_auth(r, in->token, (in->flags & GX_REQUEST_TOKEN_COOKIE) != 0);
	if (st == GX_OK)
		return true;
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
	fill_call(&c, &r, &core->batch.arena);
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
	if (gx_json_parse(&core->batch.arena, in->text, &frame, &r.err) != GX_OK) {
		core_stream_end(e, s, 1007, GX_STR("not JSON"));
		return;
	}
	r.is_peer_loopback = s->is_peer_loopback;
	r.wants_chinese = s->wants_chinese;
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
	    check_auth(&r, GX_STR_NULL, false) != GX_OK) {
		core_request_refuse(&r, GX_STR_NULL);
		return;
	}
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
	uint64_t now_ns = gx_clock_mono_ns();

	/* A sliding mean over about a thousand records. */
	if (received_ns <= now_ns)
		core->queueing_ms +=
			((double)(now_ns - received_ns) / 1e6 - core->queueing_ms) / 1024;
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
