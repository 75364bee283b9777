/* SPDX-License-Identifier: Apache-2.0 */
/*
 * edge_wait.c - deadlines.
 *
 * Each kind of deadline has one length, so a list in order of arrival is a list in order of
 * deadlines: entering, leaving and finding the next are O(1), and one timer serves all. Pings may
 * go a little early, many together, so that ten thousand idle connections wake the process once a
 * second and not each by itself.
 */
#include "edge_inside.h"

#define NS_PER_MS UINT64_C(1000000)
#define PING_EARLY_MS_MAX 1000u

uint64_t edge_now_ns(struct edge *e)
{
	if (e->now_ns == 0)
		e->now_ns = gx_clock_mono_ns();
	return e->now_ns;
}

static uint32_t now_ms(struct edge *e)
{
	return (uint32_t)(edge_now_ns(e) / NS_PER_MS);
}

static void wait_leave(struct edge *e, struct edge_conn *c)
{
	struct edge_wait_list *list = &e->waits[c->wait];

	if (c->wait == EDGE_WAIT_NONE)
		return;
	if (c->wait_prev != 0)
		edge_conn_at(e, c->wait_prev - 1)->wait_next = c->wait_next;
	else
		list->first = c->wait_next;
	if (c->wait_next != 0)
		edge_conn_at(e, c->wait_next - 1)->wait_prev = c->wait_prev;
	else
		list->last = c->wait_prev;
	c->wait_prev = c->wait_next = 0;
	c->wait = EDGE_WAIT_NONE;
}

static void wait_enter(struct edge *e, struct edge_conn *c, enum edge_wait kind)
{
	struct edge_wait_list *list = &e->waits[kind];
	uint64_t due_ns = edge_now_ns(e) + list->length_ms * NS_PER_MS;

	wait_leave(e, c);
	if (kind == EDGE_WAIT_NONE)
		return;
	c->wait = (uint8_t)kind;
	c->due_ms = now_ms(e) + list->length_ms;
	c->wait_prev = list->last;
	if (list->last != 0)
		edge_conn_at(e, list->last - 1)->wait_next = c->slot + 1;
	else
		list->first = c->slot + 1;
	list->last = c->slot + 1;
	if (e->wait_timer.heap_index == 0 || e->wait_timer.due_ns > due_ns)
		gx_loop_arm(&e->loop, &e->wait_timer, list->length_ms);
}

void edge_wait_restart(struct edge_conn *c)
{
	wait_enter(edge_of(c), c, c->wait);
}

void edge_wait_stop(struct edge_conn *c)
{
	wait_leave(edge_of(c), c);
}

static enum edge_wait wanted_wait(const struct edge_conn *c)
{
	switch (c->state) {
	case EDGE_HANDSHAKE:
		return EDGE_WAIT_HANDSHAKE;
	case EDGE_IDLE:
		return edge_conn_has_rest(c) ? EDGE_WAIT_WRITE : EDGE_WAIT_IDLE;
	case EDGE_HEAD:
		return EDGE_WAIT_HEAD;
	case EDGE_BODY:
	case EDGE_UPLOAD:
		return EDGE_WAIT_BODY;
	case EDGE_ANSWER:
	case EDGE_CLOSING:
		return EDGE_WAIT_WRITE;
	case EDGE_WS:
		return EDGE_WAIT_PING;
	case EDGE_DRAIN:
		return EDGE_WAIT_LINGER;
	default:
		return EDGE_WAIT_NONE; /* the core answers in its time */
	}
}

static void on_due(struct edge_conn *c)
{
	switch (c->wait) {
	case EDGE_WAIT_HEAD:
		edge_refuse(c, 408, "the request's head took too long", GX_STR_NULL);
		break;
	case EDGE_WAIT_BODY:
		if (c->state == EDGE_UPLOAD)
			edge_upload_broken(c);
		edge_refuse(c, 408, "the request's body took too long", GX_STR_NULL);
		break;
	case EDGE_WAIT_PING:
		edge_ws_ping(c);
		break;
	default:
		edge_count(edge_of(c),
			   c->wait == EDGE_WAIT_IDLE	? GX_EDGE_DROPPED_IDLE
			   : c->wait == EDGE_WAIT_WRITE ? GX_EDGE_DROPPED_WRITE
							: GX_EDGE_DROPPED_LINGER,
			   1);
		edge_conn_free(c);
		break;
	}
}

static int32_t early_ms(const struct edge_wait_list *list, unsigned kind)
{
	uint32_t ms = kind == EDGE_WAIT_PING ? list->length_ms / 16 : 0;

	return (int32_t)(ms < PING_EARLY_MS_MAX ? ms : PING_EARLY_MS_MAX);
}

static void on_wait_timer(struct gx_timer *t)
{
	struct edge *e = GX_CONTAINER_OF(t, struct edge, wait_timer);
	int64_t next_ms = -1;

	for (unsigned kind = EDGE_WAIT_NONE + 1; kind < EDGE_WAITS_COUNT; kind++) {
		struct edge_wait_list *list = &e->waits[kind];
		while (list->first != 0) {
			struct edge_conn *c = edge_conn_at(e, list->first - 1);
			int32_t left_ms = (int32_t)(c->due_ms - now_ms(e));
			if (left_ms > early_ms(list, kind)) {
				if (next_ms < 0 || left_ms < next_ms)
					next_ms = left_ms;
				break;
			}
			on_due(c);
			if (e->dirty_count >= EDGE_BLOCK) /* no queue for each of them */
				edge_flush_dirty(e);
		}
	}
	if (next_ms >= 0)
		gx_loop_arm(&e->loop, t, next_ms);
}

void edge_wait_update(struct edge_conn *c)
{
	enum edge_wait wanted = wanted_wait(c);

	if (wanted != c->wait)
		wait_enter(edge_of(c), c, wanted);
}

void edge_waits_init(struct edge *e)
{
	const struct gx_edge_config *config = e->config;

	e->waits[EDGE_WAIT_HANDSHAKE].length_ms = config->handshake_timeout_ms;
	e->waits[EDGE_WAIT_HEAD].length_ms = config->head_timeout_ms;
	e->waits[EDGE_WAIT_IDLE].length_ms = config->idle_timeout_ms;
	e->waits[EDGE_WAIT_BODY].length_ms = config->progress_timeout_ms;
	e->waits[EDGE_WAIT_WRITE].length_ms = config->progress_timeout_ms;
	e->waits[EDGE_WAIT_PING].length_ms = config->ping_interval_ms;
	e->waits[EDGE_WAIT_LINGER].length_ms = EDGE_LINGER_MS;
	e->wait_timer.on_due = on_wait_timer;
}
