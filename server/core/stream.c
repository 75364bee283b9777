/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stream.c - whom an event reaches: WebSocket streams and waiting long polls, by account.
 *
 * A listener is what is known of an account that has streams or long polls. When the last of them
 * goes it is kept for a while (IDLE_MAX of them), so that someone whose connection broke finds his
 * place again without a query: `news_upto` says that nothing was told to the account behind that
 * position. It only ever errs upwards. What an idle listener can't note it does not survive: see
 * gx_is_listening(). What is said to all is known apart (catch_up.c).
 */
#include "core_request.h"

#define IDLE_MAX 262144u

/* --- listeners --- */

struct core_listener *core_listener_get(struct gx_core *core, uint64_t account_id)
{
	struct core_listener *l = gx_table_get(&core->listeners, account_id);

	if (l == NULL) {
		l = gx_heap_alloc(sizeof(*l));
		l->account_id = account_id;
		l->news_upto = core->outbox.position;
		l->is_idle = true;
		core->idle_count++;
		gx_table_put(&core->listeners, account_id, l);
	}
	return l;
}

static void listener_free(struct gx_core *core, struct core_listener *l)
{
	core->idle_count -= l->is_idle;
	gx_table_remove(&core->listeners, l->account_id);
	gx_heap_free(l);
}

/* Forgets an idle one, not always the oldest: the hand goes round the table. */
static void forget_one(struct gx_core *core)
{
	struct core_listener *l;

	do {
		l = gx_table_next(&core->listeners, &core->idle_hand, NULL);
		if (l == NULL)
			core->idle_hand = 0;
	} while (l == NULL || !l->is_idle);
	listener_free(core, l);
}

/* After a stream or long poll came or went. */
static void listener_settle(struct gx_core *core, struct core_listener *l)
{
	bool is_idle = l->streams == NULL && l->waiters == NULL;

	core->idle_count += (size_t)is_idle - (size_t)l->is_idle;
	l->is_idle = is_idle;
	if (core->idle_count > IDLE_MAX)
		forget_one(core);
}

bool gx_is_listening(struct gx_tx *tx, uint64_t account_id)
{
	struct core_listener *l = gx_table_get(&tx->core->listeners, account_id);

	/* Something is about to be told, but will not be if there is nobody: then it would not be
	 * noted either. */
	if (l != NULL && l->is_idle) {
		listener_free(tx->core, l);
		return false;
	}
	return l != NULL;
}

void core_listener_learn(struct gx_core *core, uint64_t account_id, uint64_t last, uint64_t upto)
{
	struct core_listener *l = gx_table_get(&core->listeners, account_id);

	if (l->news_upto <= upto && last < l->news_upto)
		l->news_upto = last;
}

/* --- opening and closing --- */

/* Newest first; the newest's prev is the oldest. */
static void stream_enter(struct core_listener *l, struct core_stream *s)
{
	s->next_of_account = l->streams;
	s->prev_of_account = l->streams == NULL ? s : l->streams->prev_of_account;
	if (l->streams != NULL)
		l->streams->prev_of_account = s;
	l->streams = s;
	l->streams_count++;
}

static void stream_leave(struct core_listener *l, struct core_stream *s)
{
	struct core_stream *newest = l->streams;

	if (s == newest)
		l->streams = s->next_of_account;
	else
		s->prev_of_account->next_of_account = s->next_of_account;
	if (s->next_of_account != NULL)
		s->next_of_account->prev_of_account = s->prev_of_account;
	else if (s != newest)
		newest->prev_of_account = s->prev_of_account;
	l->streams_count -= !s->is_closing;
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
	struct core_stream *s = l->streams == NULL ? NULL : l->streams->prev_of_account;

	while (s != NULL && s->is_closing)
		s = s == l->streams ? NULL : s->prev_of_account;
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
		.edge_index = (uint16_t)e->index,
		.wants_chinese = gx_str_starts(r->language, GX_STR("zh")),
		.is_peer_loopback = (r->flags & GX_REQUEST_PEER_LOOPBACK) != 0,
	};
	stream_enter(l, s);
	listener_settle(core, l);
	gx_table_put(&e->streams, s->conn, s);
	gx_record_write_bare(&e->link.out, GX_RECORD_WS_ACCEPT, s->conn);
	if (has_since && !core_catch_up_at_once(e, s, l, since)) {
		gx_record_write_bare(&e->link.out, GX_RECORD_WS_CATCH_UP, s->conn);
		core_catch_up_start(core, s, since);
	}
}

static void stream_free(struct gx_core *core, struct core_stream *s)
{
	struct core_listener *l = gx_table_get(&core->listeners, s->account_id);

	stream_leave(l, s);
	listener_settle(core, l);
	core_catch_up_gone(core, s);
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

static void close_again(struct core_edge *e, struct core_stream *s)
{
	gx_record_write_ws_close(&e->link.out, &(struct gx_ws_close_record){
						       .conn = s->conn,
						       .code = 1011,
						       .reason = GX_STR("internal error"),
					       });
}

/* The batch failed: whom it told to close was not told. */
void core_streams_close_again(struct gx_core *core)
{
	for (unsigned i = 0; i < CORE_EDGES_MAX; i++) {
		size_t at = 0;
		struct core_stream *s;

		while (core->edges[i] != NULL &&
		       (s = gx_table_next(&core->edges[i]->streams, &at, NULL)) != NULL)
			if (s->is_closing)
				close_again(core->edges[i], s);
	}
}

/* --- delivering --- */

static void fan_add(struct core_edge *e, uint64_t conn)
{
	if (e->fan_count == 0)
		e->core->fan_edges[e->core->fan_edges_count++] = e;
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
			core_catch_up_hold(s->catch_up,
					   item->kind == OUTBOX_SIGN ? 0 : item->position,
					   gx_buf_str(&core->frame));
		else
			fan_add(core->edges[s->edge_index], s->conn);
	}
	if (item->kind != OUTBOX_EVENT)
		return;
	if (l->news_upto < item->position)
		l->news_upto = item->position;
	if (l->waiters != NULL)
		wake_waiters(l);
}

static void wake_all_waiters(struct gx_core *core)
{
	size_t at = 0;
	struct core_listener *l;

	while (core->waiters_count > 0 && (l = gx_table_next(&core->listeners, &at, NULL)) != NULL)
		wake_waiters(l);
}

/* The edges know who is live; who catches up and who waits is known here. */
static void deliver_to_all(struct gx_core *core, const struct outbox_item *item)
{
	struct gx_str frame = gx_buf_str(&core->frame);

	core_words_keep(core, item->position, frame);
	core_catch_ups_hold(core, item->position, frame);
	wake_all_waiters(core);
	for (unsigned i = 0; i < CORE_EDGES_MAX; i++)
		if (core->edges[i] != NULL)
			gx_record_write_ws_send_all(&core->edges[i]->staged, frame);
}

void core_deliver(struct gx_core *core, const struct outbox_item *item)
{
	if (item->kind == OUTBOX_SIGN) {
		gx_buf_clear(&core->frame);
		gx_buf_append_str(&core->frame, item->json);
	} else {
		core_write_event_frame(&core->frame, item->position, item->json);
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
	while (core->fan_edges_count > 0) {
		struct core_edge *e = core->fan_edges[--core->fan_edges_count];

		gx_record_write_ws_send(&e->staged, e->fan_conns, (uint32_t)e->fan_count,
					gx_buf_str(&core->frame));
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
	call->pub.core->waiters_count++;
	listener_settle(call->pub.core, l);
	for (struct core_call *c = l->waiters; c != NULL; c = c->next_waiter)
		if (++count > CORE_WAITERS_PER_ACCOUNT_MAX)
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
	core->waiters_count--;
	listener_settle(core, l);
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
