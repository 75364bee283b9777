/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stream.c - whom an event reaches: WebSocket streams and waiting long polls, by account.
 *
 * Catching up without a gap or a repeat: a stream that gives a cursor is entered among its
 * account's streams first; live events then wait in `held` with their positions while a reader
 * lists what was missed, page by page, each page up to the position that was committed when its
 * snapshot began. When a page comes back as the last one, the held events behind it follow, and the
 * stream is live. If too much is held it is dropped and the reader is asked for one more page
 * instead: what is held is also in the database. Between two pages the edge says when the first
 * has left, so that a long absence does not look like slow reading.
 */
#include "core_request.h"

#include <string.h>

#define PAGE_EVENTS 500
#define HELD_BYTES_MAX ((size_t)128 << 10)
#define WAITERS_PER_ACCOUNT_MAX 16u

/* A stream that is catching up. Refers to its stream by name, for it may be gone when the page
 * returns. */
struct core_catch_up {
	struct gx_job job;
	struct gx_core *core;
	struct core_asker asker;
	uint64_t account_id;
	uint64_t after; /* sent up to here */
	struct gx_arena arena;
	struct gx_buf frames; /* the page as WS_SEND records */
	struct gx_buf held;   /* u64 position, u32 length, frame … */
	uint64_t upto;
	bool has_more;
	bool was_lost;	 /* something that should be held was dropped */
	bool is_waiting; /* the edge still sends the last page */
	enum gx_status result;
	struct gx_error err;
};

struct core_listener *core_listener_get(struct gx_core *core, uint64_t account_id)
{
	struct core_listener *l = gx_table_get(&core->listeners, account_id);

	if (l == NULL) {
		l = gx_heap_alloc(sizeof(*l));
		l->account_id = account_id;
		gx_table_put(&core->listeners, account_id, l);
	}
	return l;
}

static void listener_drop_if_unused(struct gx_core *core, struct core_listener *l)
{
	if (l->streams != NULL || l->waiters != NULL)
		return;
	gx_table_remove(&core->listeners, l->account_id);
	gx_heap_free(l);
}

bool gx_is_listening(struct gx_tx *tx, uint64_t account_id)
{
	return gx_table_get(&tx->core->listeners, account_id) != NULL;
}

/* --- opening and closing --- */

static void catch_up_run(struct gx_job *job, void *thread_state);
static void catch_up_done(struct gx_job *job);

static void catch_up_free(struct core_catch_up *u)
{
	gx_arena_deinit(&u->arena);
	gx_buf_deinit(&u->frames);
	gx_buf_deinit(&u->held);
	gx_heap_free(u);
}

static void catch_up_fail(struct core_catch_up *u, struct core_stream *s, uint32_t code,
			  struct gx_str reason)
{
	struct core_edge *e = core_asker_edge(u->core, &u->asker);

	if (e != NULL)
		gx_record_write_ws_close(&e->link.out,
					 &(struct gx_ws_close_record){ .conn = u->asker.conn,
								       .code = code,
								       .reason = reason });
	if (s != NULL)
		s->catch_up = NULL;
	catch_up_free(u);
}

/* What the open batch has told already was not held for a stream that begins to catch up, and its
 * page may be read before the commit: one more page behind it finds that. */
static bool batch_has_told(const struct gx_core *core)
{
	return core->batch.is_open && core->outbox.position != core->batch.position_at_begin;
}

static void catch_up_start(struct gx_core *core, struct core_stream *s,
			   const struct core_asker *asker, uint64_t since)
{
	struct core_catch_up *u = gx_heap_alloc(sizeof(*u));

	u->job = (struct gx_job){ .run = catch_up_run, .on_done = catch_up_done };
	u->core = core;
	u->asker = *asker;
	u->account_id = s->account_id;
	u->after = since;
	u->was_lost = batch_has_told(core);
	gx_arena_init(&u->arena);
	gx_buf_init(&u->frames, GX_ARENA_BYTES_MAX);
	gx_buf_init(&u->held, HELD_BYTES_MAX);
	s->catch_up = u;
	if (!gx_pool_submit(core->readers, &u->job))
		catch_up_fail(u, s, 1013, GX_STR("overloaded"));
}

static void stream_enter(struct core_listener *l, struct core_stream *s)
{
	s->next_of_account = l->streams;
	*(l->streams == NULL ? &l->oldest_stream : &l->streams->prev_of_account) = s;
	l->streams = s;
	l->streams_count++;
}

void core_stream_end(struct core_edge *e, struct core_stream *s, uint32_t code,
		     struct gx_str reason)
{
	struct core_listener *l = gx_table_get(&e->core->listeners, s->account_id);

	gx_record_write_ws_close(&e->staged, &(struct gx_ws_close_record){
						     .conn = s->conn,
						     .code = code,
						     .reason = reason,
					     });
	l->streams_count -= !s->is_closing;
	s->is_closing = true;
}

static bool end_oldest(struct gx_core *core, struct core_listener *l)
{
	struct core_stream *s = l->oldest_stream;

	while (s != NULL && s->is_closing)
		s = s->prev_of_account;
	if (s != NULL)
		core_stream_end(core->edges[s->edge_index], s, 4008, GX_STR("too many streams"));
	return s != NULL;
}

void core_stream_open(struct core_edge *e, const struct core_asker *asker,
		      const struct gx_session *session, const struct gx_request_record *r,
		      bool has_since, uint64_t since)
{
	struct gx_core *core = e->core;
	struct core_listener *l = core_listener_get(core, session->account_id);
	struct core_stream *s = gx_heap_alloc(sizeof(*s));

	while (gx_streams_max() != 0 && l->streams_count >= (uint64_t)gx_streams_max() &&
	       end_oldest(core, l))
		;
	*s = (struct core_stream){
		.conn = asker->conn,
		.account_id = session->account_id,
		.device_id = session->device_id,
		.edge_index = e->index,
		.wants_chinese = gx_str_starts(r->language, GX_STR("zh")),
		.is_peer_loopback = (r->flags & GX_REQUEST_PEER_LOOPBACK) != 0,
	};
	stream_enter(l, s);
	gx_table_put(&e->streams, s->conn, s);
	gx_record_write_bare(&e->link.out, GX_RECORD_WS_ACCEPT, s->conn);
	if (has_since) {
		gx_record_write_bare(&e->link.out, GX_RECORD_WS_CATCH_UP, s->conn);
		catch_up_start(core, s, asker, since);
	}
}

static void stream_free(struct gx_core *core, struct core_stream *s)
{
	struct core_listener *l = gx_table_get(&core->listeners, s->account_id);

	*(s->prev_of_account == NULL ? &l->streams : &s->prev_of_account->next_of_account) =
		s->next_of_account;
	*(s->next_of_account == NULL ? &l->oldest_stream : &s->next_of_account->prev_of_account) =
		s->prev_of_account;
	l->streams_count -= !s->is_closing;
	listener_drop_if_unused(core, l);
	if (s->catch_up != NULL && s->catch_up->is_waiting)
		catch_up_free(s->catch_up);
	/* A page that is under way finds its stream gone and frees itself. */
	gx_heap_free(s);
}

void core_stream_close(struct core_edge *e, uint64_t conn)
{
	struct core_stream *s = gx_table_remove(&e->streams, conn);

	if (s != NULL)
		stream_free(e->core, s);
}

void core_streams_drop(struct core_edge *e)
{
	size_t at = 0;
	struct core_stream *s;

	while ((s = gx_table_next(&e->streams, &at, NULL)) != NULL)
		stream_free(e->core, s);
	gx_table_deinit(&e->streams);
}

/* --- catching up --- */

static void write_frame(struct gx_buf *frame, uint64_t position, struct gx_str json)
{
	gx_buf_clear(frame);
	gx_buf_append_str(frame, GX_STR("{\"t\":\"event\",\"cursor\":\"p"));
	gx_buf_append_u64(frame, position);
	gx_buf_append_str(frame, GX_STR("\",\"event\":"));
	gx_buf_append_str(frame, json);
	gx_buf_append_char(frame, '}');
}

/* On a reader: one page as records. */
static void catch_up_run(struct gx_job *job, void *thread_state)
{
	struct core_catch_up *u = GX_CONTAINER_OF(job, struct core_catch_up, job);
	struct gx_tx tx = { 0 };
	struct gx_event *events;
	struct gx_buf frame;
	size_t count;

	gx_buf_clear(&u->frames);
	u->result = core_snapshot_begin(u->core, thread_state, &tx, &u->err);
	if (u->result != GX_OK)
		return;
	u->upto = tx.position;
	u->result = gx_events_list(&u->arena, &tx, u->account_id, u->after, PAGE_EVENTS, &events,
				   &count, &u->has_more, &u->err);
	if (u->result == GX_OK) {
		gx_buf_init(&frame, CORE_ANSWER_BYTES_MAX);
		for (size_t i = 0; i < count; i++) {
			write_frame(&frame, events[i].position, events[i].json);
			gx_record_write_ws_send(&u->frames, &u->asker.conn, 1, gx_buf_str(&frame));
		}
		gx_buf_deinit(&frame);
		if (u->has_more)
			u->upto = events[count - 1].position;
	}
	gx_tx_rollback(&tx);
	gx_arena_reset(&u->arena);
}

static void send_held(struct core_edge *e, struct core_catch_up *u)
{
	size_t at = 0;

	while (at < u->held.len) {
		uint64_t position;
		uint32_t size;

		memcpy(&position, u->held.ptr + at, sizeof(position));
		memcpy(&size, u->held.ptr + at + sizeof(position), sizeof(size));
		at += sizeof(position) + sizeof(size);
		/* Position 0: a passing sign. */
		if (position == 0 || position > u->upto)
			gx_record_write_ws_send(&e->link.out, &u->asker.conn, 1,
						(struct gx_str){ u->held.ptr + at, size });
		at += size;
	}
}

static void catch_up_done(struct gx_job *job)
{
	struct core_catch_up *u = GX_CONTAINER_OF(job, struct core_catch_up, job);
	struct gx_core *core = u->core;
	struct core_edge *e = core_asker_edge(core, &u->asker);
	struct core_stream *s = e == NULL ? NULL : gx_table_get(&e->streams, u->asker.conn);

	if (s == NULL || s->catch_up != u) {
		catch_up_free(u);
		return;
	}
	if (u->result != GX_OK) {
		bool is_gone = u->result == GX_E_GONE;

		catch_up_fail(u, s, is_gone ? 4010 : 1011,
			      is_gone ? GX_STR("sync.too_old") : GX_STR("internal error"));
		return;
	}
	gx_buf_append_str(&e->link.out, gx_buf_str(&u->frames));
	gx_buf_release(&u->frames);
	u->after = u->upto;
	if (u->has_more || u->was_lost) {
		gx_record_write_bare(&e->link.out, GX_RECORD_WS_AWAIT, u->asker.conn);
		u->is_waiting = true;
		return;
	}
	send_held(e, u);
	gx_record_write_bare(&e->link.out, GX_RECORD_WS_LIVE, u->asker.conn);
	s->catch_up = NULL;
	catch_up_free(u);
}

/* What is told while a page is being sent is in the database when the next one is read. */
void core_stream_drained(struct core_edge *e, uint64_t conn)
{
	struct gx_core *core = e->core;
	struct core_stream *s = gx_table_get(&e->streams, conn);
	struct core_catch_up *u = s == NULL ? NULL : s->catch_up;

	if (u == NULL || !u->is_waiting)
		return;
	u->is_waiting = false;
	u->was_lost = batch_has_told(core);
	gx_buf_clear(&u->held);
	if (!gx_pool_submit(core->readers, &u->job))
		catch_up_fail(u, s, 1013, GX_STR("overloaded"));
}

static void close_again(struct core_edge *e, struct core_stream *s)
{
	gx_record_write_ws_close(&e->link.out, &(struct gx_ws_close_record){
						       .conn = s->conn,
						       .code = 1011,
						       .reason = GX_STR("internal error"),
					       });
}

/* The batch failed: what it had others hold never happened, and whom it told to close was not told.
 */
void core_catch_up_lost(struct gx_core *core)
{
	for (unsigned i = 0; i < CORE_EDGES_MAX; i++) {
		size_t at = 0;
		struct core_stream *s;

		while (core->edges[i] != NULL &&
		       (s = gx_table_next(&core->edges[i]->streams, &at, NULL)) != NULL) {
			if (s->is_closing)
				close_again(core->edges[i], s);
			if (s->catch_up == NULL)
				continue;
			gx_buf_clear(&s->catch_up->held);
			s->catch_up->was_lost = true;
		}
	}
}

static void hold(struct core_catch_up *u, uint64_t position, struct gx_str frame)
{
	uint32_t size = (uint32_t)frame.len;

	if (u->was_lost || u->is_waiting)
		return;
	gx_buf_append(&u->held, &position, sizeof(position));
	gx_buf_append(&u->held, &size, sizeof(size));
	gx_buf_append_str(&u->held, frame);
	if (u->held.overflow) {
		gx_buf_clear(&u->held);
		u->was_lost = true;
	}
}

/* --- delivering --- */

static void fan_add(struct core_edge *e, uint64_t conn)
{
	if (e->fan_count == e->fan_cap) {
		e->fan_cap = e->fan_cap == 0 ? 64 : e->fan_cap * 2;
		e->fan_conns = gx_heap_resize(e->fan_conns, e->fan_cap, sizeof(*e->fan_conns));
	}
	e->fan_conns[e->fan_count++] = conn;
}

static void wake_waiters(struct core_listener *l)
{
	struct core_call *next;

	for (struct core_call *c = l->waiters; c != NULL; c = next) {
		next = c->next_waiter;
		c->was_told = true;
		/* Asks again only after the commit: by a timer that is due at once. */
		if (c->is_parked)
			gx_loop_arm(&c->pub.core->loop, &c->timer, 0);
	}
}

static void deliver_to(struct gx_core *core, const struct outbox_item *item, uint64_t account_id)
{
	struct core_listener *l = gx_table_get(&core->listeners, account_id);

	if (l == NULL)
		return;
	for (struct core_stream *s = l->streams; s != NULL; s = s->next_of_account) {
		if ((item->skip_caller && s == core->calling_stream) || s->is_closing)
			continue;
		if (s->catch_up != NULL)
			hold(s->catch_up, item->kind == OUTBOX_SIGN ? 0 : item->position,
			     gx_buf_str(&core->frame));
		else
			fan_add(core->edges[s->edge_index], s->conn);
	}
	if (item->kind == OUTBOX_EVENT)
		wake_waiters(l);
}

/* The edges know who is live; the others and those who wait are known here. */
static void deliver_to_all(struct gx_core *core, const struct outbox_item *item)
{
	size_t at = 0;
	struct core_listener *l;

	while ((l = gx_table_next(&core->listeners, &at, NULL)) != NULL) {
		for (struct core_stream *s = l->streams; s != NULL; s = s->next_of_account)
			if (s->catch_up != NULL && !s->is_closing)
				hold(s->catch_up, item->position, gx_buf_str(&core->frame));
		wake_waiters(l);
	}
	for (unsigned i = 0; i < CORE_EDGES_MAX; i++)
		if (core->edges[i] != NULL)
			gx_record_write_ws_send_all(&core->edges[i]->staged,
						    gx_buf_str(&core->frame));
}

void core_deliver(struct gx_core *core, const struct outbox_item *item)
{
	if (item->kind == OUTBOX_SIGN) {
		gx_buf_clear(&core->frame);
		gx_buf_append_str(&core->frame, item->json);
	} else {
		write_frame(&core->frame, item->position, item->json);
	}
	GX_ASSERT(!core->frame.overflow);
	if (item->is_to_all) {
		deliver_to_all(core, item);
		return;
	}
	if (item->account_ids == NULL)
		deliver_to(core, item, item->one_account);
	for (size_t i = 0; i < item->account_ids_count; i++)
		deliver_to(core, item, item->account_ids[i]);
	for (unsigned i = 0; i < CORE_EDGES_MAX; i++) {
		struct core_edge *e = core->edges[i];

		if (e == NULL || e->fan_count == 0)
			continue;
		gx_record_write_ws_send(&e->staged, e->fan_conns, (uint32_t)e->fan_count,
					gx_buf_str(&core->frame));
		gx_tally_add(&core->stats.deliveries, e->fan_count);
		e->fan_count = 0;
	}
}

/* --- long polls --- */

/* Its time is over already: it is answered with what there is. */
static void waiter_hurry(struct core_call *call)
{
	call->wait_until_ms = call->is_parked ? 0 : -1;
	if (call->is_parked)
		gx_loop_arm(&call->pub.core->loop, &call->timer, 0);
}

static void waiter_add(struct core_call *call)
{
	unsigned count = 0;
	struct core_listener *l = core_listener_get(call->pub.core, call->pub.session.account_id);

	call->next_waiter = l->waiters;
	l->waiters = call;
	call->is_waiter = true;
	for (struct core_call *c = l->waiters; c != NULL; c = c->next_waiter)
		if (++count > WAITERS_PER_ACCOUNT_MAX)
			waiter_hurry(c);
}

void core_waiter_leave(struct core_call *call)
{
	struct gx_core *core = call->pub.core;
	struct core_listener *l;
	struct core_call **at;

	if (!call->is_waiter)
		return;
	gx_loop_disarm(&core->loop, &call->timer);
	l = gx_table_get(&core->listeners, call->pub.session.account_id);
	at = &l->waiters;
	while (*at != call)
		at = &(*at)->next_waiter;
	*at = call->next_waiter;
	call->is_waiter = false;
	listener_drop_if_unused(core, l);
}

static bool ask_again(struct core_call *call)
{
	call->is_parked = false;
	call->was_told = false;
	call->received_ns = gx_clock_mono_ns();
	return core_submit_query(call);
}

/* Due: something was told, or the time is over. */
static void waiter_due(struct gx_timer *t)
{
	struct core_call *call = GX_CONTAINER_OF(t, struct core_call, timer);
	bool is_late = (int64_t)(gx_clock_mono_ns() / 1000000) >= call->wait_until_ms;

	if (is_late)
		call->wait_until_ms = -1;
	if (core_asker_edge(call->pub.core, &call->asker) != NULL && ask_again(call))
		return;
	core_waiter_leave(call);
	core_call_answer(call,
			 gx_fail_retry(&call->pub.err, GX_E_OVERLOADED, "core.overloaded", 1));
	core_call_free(call);
}

/* The query found nothing. It is entered among the waiters and asked once more, so that nothing
 * told in between is missed; from then on it sleeps until something is told or its time is over. */
bool core_waiter_keeps(struct core_call *call)
{
	struct gx_core *core = call->pub.core;
	int64_t now_ms = (int64_t)(gx_clock_mono_ns() / 1000000);

	if (call->pub.wait_ms <= 0 || call->wait_until_ms < 0)
		return false;
	if (!call->is_waiter) {
		call->wait_until_ms = now_ms + call->pub.wait_ms;
		call->timer.on_due = waiter_due;
		waiter_add(call);
		return ask_again(call);
	}
	if (call->was_told)
		return ask_again(call);
	call->is_parked = true;
	gx_loop_arm(&core->loop, &call->timer,
		    call->wait_until_ms > now_ms ? call->wait_until_ms - now_ms : 0);
	return true;
}

void core_waiters_drop(struct gx_core *core)
{
	size_t at = 0;
	struct core_listener *l;

	while ((l = gx_table_next(&core->listeners, &at, NULL)) != NULL) {
		struct core_call *next;

		for (struct core_call *c = l->waiters; c != NULL; c = next) {
			next = c->next_waiter;
			c->is_waiter = false;
			gx_loop_disarm(&core->loop, &c->timer);
			if (c->is_parked)
				core_call_free(c);
		}
		gx_heap_free(l);
	}
	gx_table_deinit(&core->listeners);
}
