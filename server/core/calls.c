/* SPDX-License-Identifier: Apache-2.0 */
/*
 * calls.c - how a call is carried out.
 *
 * Commands without a prepare step run here and now, inside the batch's transaction, on memory of
 * the batch. All else (queries, commands with a slow first step, uploads) becomes a struct
 * core_call on the heap that visits a reader or helper thread and comes back through
 * core_run_ready() or query_done().
 */
#include "core_request.h"
#include <unistd.h>

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
		st = core_savepoint(core, &c->err);
	if (st == GX_OK) {
		core_stats_command(core, route, c->session.account_id);
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

void core_command_now(struct core_request *r)
{
	struct gx_core *core = r->edge->core;
	struct gx_call c = { 0 };
	enum gx_status st;

	core_request_fill(&c, r, &core->batch.arena);
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
	core_at_once_leave(call);
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
	call->received_ns = r->edge->core->stats.received_ns;
	call->upload.fd = -1;
	core_request_fill(&call->pub, r, &call->arena);
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

	call->began_ns = gx_clock_mono_ns();
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
	call->run_ns = gx_clock_mono_ns() - call->began_ns;
}

static void query_done(struct gx_job *job)
{
	struct core_call *call = GX_CONTAINER_OF(job, struct core_call, job);

	if (!call->is_waiter && call->began_ns >= call->received_ns)
		core_admission_note(call->pub.core->admission[CORE_QUEUE_QUERIES],
				    call->began_ns - call->received_ns, gx_clock_mono_ns());
	if (call->result == GX_OK && core_waiter_keeps(call))
		return;
	core_waiter_leave(call);
	core_stats_query(call);
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
		core->stats.received_ns = call->received_ns;
		core->stats.began_ns = gx_clock_mono_ns();
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

void core_call_later(struct core_request *r)
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
	if (st == GX_OK && !core_at_once_enter(call))
		st = gx_fail_retry(&call->pub.err, GX_E_LIMIT, "core.too_often", 1);
	if (st == GX_OK) {
		core_call_submit(call);
		return;
	}
	core_batch_note(call->pub.core, &call->asker);
	core_answer(call->pub.core, &r->edge->staged, &call->asker, &call->pub, st);
	core_call_free(call);
}
