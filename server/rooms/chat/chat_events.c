/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chat_events.c - what an account has missed in its conversations, and the room's work at the side.
 *
 * Nothing is stored per member for a message: the walk over one's conversations compares each one's
 * last position with the cursor. As soon as twice the page is gathered (in number or in bytes), the
 * upper bound comes down to the page's end.
 */
#include <stdlib.h>

#include "chat_sql.h"
#include "chat_store.h"
#include "maxima.h"

#define MESSAGES_AT_ONCE 32
#define READ_FLUSH_MAX 1000
#define TAIL_PAGE 1000
/* What was sent more positions ago is written at once at a start, not kept in memory. */
#define READ_AGAIN_MAX 2000000u
#define PRUNE_BATCH 500

/* Texts of events move between two arenas, so that what a cut leaves out is given back. */
struct gathering {
	struct gx_arena kept[2];
	unsigned kept_at;
	struct gx_arena scratch; /* rows of one conversation */
	struct gx_tx *tx;
	uint64_t account_id;
	uint64_t after, upto;
	size_t limit;
	struct gx_event *events;
	size_t count, cap;
	struct gx_error *err;
};

static int by_position(const void *a, const void *b)
{
	const struct gx_event *x = a, *y = b;

	return x->position < y->position ? -1 : x->position > y->position;
}

/* Keeps the first `limit`, or less when they are large; nothing behind the last of them is wanted
 * any more. */
static void cut(struct gathering *g)
{
	struct gx_arena *old = &g->kept[g->kept_at], *fresh = &g->kept[1 - g->kept_at];
	size_t n = 0, bytes = 0;

	qsort(g->events, g->count, sizeof(*g->events), by_position);
	while (n < g->count && n < g->limit && bytes < GX_EVENTS_BYTES_MAX)
		bytes += g->events[n++].json.len;
	if (n > 0 && (n < g->count || n == g->limit))
		g->upto = g->events[n - 1].position;
	g->count = n;
	for (size_t i = 0; i < n; i++)
		g->events[i].json = gx_arena_strdup(fresh, g->events[i].json);
	gx_arena_reset(old);
	g->kept_at = 1 - g->kept_at;
}

/* Whether there is room for an event of that position; what follows goes to kept(). */
static bool wants(struct gathering *g, uint64_t position)
{
	if (position <= g->after || position > g->upto)
		return false;
	if (g->count == g->cap || g->kept[g->kept_at].bytes_used > 4 * GX_EVENTS_BYTES_MAX)
		cut(g);
	return position <= g->upto;
}

static struct gx_arena *kept(struct gathering *g)
{
	return &g->kept[g->kept_at];
}

static void push(struct gathering *g, uint64_t position, struct gx_str json)
{
	g->events[g->count++] = (struct gx_event){ position, json };
}

/* Those behind `low`, some at a time: they may be large, and enough may be there already. */
static enum gx_status take_messages(struct gathering *g, uint64_t conversation_id, uint64_t low,
				    uint64_t high)
{
	size_t taken = 0, bytes = 0, count = MESSAGES_AT_ONCE;

	while (count == MESSAGES_AT_ONCE) {
		struct chat_message *messages;
		enum gx_status st =
			chat_store_list(&g->scratch, g->tx, conversation_id, g->account_id, low,
					high, false, MESSAGES_AT_ONCE, &messages, &count, g->err);

		if (st != GX_OK)
			return st;
		for (size_t i = 0; i < count; i++) {
			const struct chat_message *m = &messages[i];

			if (!wants(g, m->position))
				return GX_OK;
			struct gx_str json = chat_message_json(&g->scratch, m);
			push(g, m->position,
			     gx_arena_printf(kept(g),
					     "{\"type\":\"message\",\"at\":%lld,\"message\":%.*s}",
					     (long long)m->sent_at_ms, GX_STR_ARG(json)));
			bytes += json.len;
			if (++taken == g->limit || bytes >= GX_EVENTS_BYTES_MAX) {
				g->upto = m->position;
				return GX_OK;
			}
			low = m->seq;
		}
		gx_arena_reset(&g->scratch);
	}
	return GX_OK;
}

static enum gx_status gather_messages(struct gathering *g,
				      const struct chat_sql_member_heads_out *head)
{
	/* What was cleared is not told again. */
	uint64_t low = head->joined_seq > head->cleared_seq ? head->joined_seq : head->cleared_seq;
	uint64_t last, last_position, seen;
	enum gx_status st = chat_store_last(&g->scratch, g->tx, head->conversation_id, &last,
					    &last_position, g->err);

	if (st == GX_OK)
		st = chat_store_seq_at(&g->scratch, g->tx, head->conversation_id, g->after, &seen,
				       g->err);
	if (st != GX_OK)
		return st;
	low = low > seen ? low : seen;
	if (head->left_seq != INT64_MIN && last > (uint64_t)head->left_seq)
		last = (uint64_t)head->left_seq;
	return low >= last ? GX_OK : take_messages(g, head->conversation_id, low, last);
}

static enum gx_status conversation_event(struct gathering *g, uint64_t conversation_id,
					 uint64_t position, int64_t at_ms)
{
	struct gx_str json;

	if (!wants(g, position))
		return GX_OK;
	enum gx_status st = chat_conversation_event(&g->scratch, g->tx, g->account_id,
						    conversation_id, at_ms, &json, g->err);
	if (st == GX_OK)
		push(g, position, gx_arena_strdup(kept(g), json));
	return st;
}

static enum gx_status gather_events(struct gathering *g,
				    const struct chat_sql_member_heads_out *head)
{
	uint64_t after = head->joined_position > g->after ? head->joined_position : g->after;
	uint64_t upto = head->left_position != INT64_MIN && (uint64_t)head->left_position < g->upto
				? (uint64_t)head->left_position
				: g->upto;
	struct chat_sql_event_list_out *rows;
	size_t count, last_change = 0;
	enum gx_status st = chat_sql_event_list(&g->scratch, g->tx,
						&(struct chat_sql_event_list_in){
							.conversation_id = head->conversation_id,
							.after = after,
							.upto = upto,
							.most = (int64_t)g->limit,
						},
						&rows, &count, g->err);

	if (st != GX_OK)
		return st;
	for (size_t i = 0; i < count; i++)
		if (rows[i].json.len == 0)
			last_change = i;
	for (size_t i = 0; st == GX_OK && i < count; i++) {
		/* All changes look as it is now: the last one says it. */
		if (rows[i].json.len == 0 && i == last_change)
			st = conversation_event(g, head->conversation_id, rows[i].position,
						rows[i].at_ms);
		else if (rows[i].json.len > 0 && wants(g, rows[i].position))
			push(g, rows[i].position, gx_arena_strdup(kept(g), rows[i].json));
	}
	if (st == GX_OK && count == g->limit && rows[count - 1].position < g->upto)
		g->upto = rows[count - 1].position;
	return st;
}

static enum gx_status gather(struct gathering *g, const struct chat_sql_member_heads_out *head)
{
	uint64_t last = head->last_position == INT64_MIN ? 0 : (uint64_t)head->last_position;
	enum gx_status st = GX_OK;

	last = chat_store_newer(g->tx, head->conversation_id, last);
	if (head->changed_position > g->after)
		st = conversation_event(g, head->conversation_id, head->changed_position,
					g->tx->now_ms);
	if (head->read_position > g->after && wants(g, head->read_position))
		push(g, head->read_position,
		     gx_arena_printf(kept(g),
				     "{\"type\":\"read\",\"at\":%lld,\"conversation_id\":\"%llu\","
				     "\"seq\":%llu}",
				     (long long)g->tx->now_ms,
				     (unsigned long long)head->conversation_id,
				     (unsigned long long)head->read_seq));
	if (st == GX_OK && last > g->after)
		st = gather_messages(g, head);
	return st != GX_OK ? st : gather_events(g, head);
}

static void hand_over(struct gathering *g, struct gx_arena *a, struct gx_event **out, size_t *count)
{
	cut(g);
	for (size_t i = 0; i < g->count; i++)
		g->events[i].json = gx_arena_strdup(a, g->events[i].json);
	*out = g->events;
	*count = g->count;
}

enum gx_status chat_list_events(struct gx_arena *a, struct gx_tx *tx, uint64_t account_id,
				uint64_t after, uint64_t *upto, size_t limit, struct gx_event **out,
				size_t *count, struct gx_error *err)
{
	struct gathering g = { .tx = tx,
			       .account_id = account_id,
			       .after = after,
			       .upto = *upto,
			       .limit = limit,
			       .cap = limit * 2,
			       .err = err };
	struct chat_sql_member_heads_out *heads;
	size_t heads_count;
	enum gx_status st =
		chat_sql_member_heads(a, tx, &(struct chat_sql_member_heads_in){ account_id },
				      &heads, &heads_count, err);

	if (st != GX_OK)
		return st;
	gx_arena_init(&g.kept[0]);
	gx_arena_init(&g.kept[1]);
	gx_arena_init(&g.scratch);
	g.events = gx_arena_new_array(a, struct gx_event, g.cap + 1);
	for (size_t i = 0; st == GX_OK && i < heads_count; i++) {
		st = gather(&g, &heads[i]);
		gx_arena_reset(&g.scratch);
	}
	if (st == GX_OK) {
		hand_over(&g, a, out, count);
		*upto = g.upto;
	}
	gx_arena_deinit(&g.kept[0]);
	gx_arena_deinit(&g.kept[1]);
	gx_arena_deinit(&g.scratch);
	return st;
}

/* --- read cursors and retention --- */

static enum gx_status put_meta(struct gx_tx *tx, uint64_t position, struct gx_error *err)
{
	return chat_sql_meta_put(tx,
				 &(struct chat_sql_meta_put_in){ GX_STR("read_upto"),
								 (int64_t)position },
				 NULL, err);
}

static enum gx_status raise_read(struct gx_tx *tx, uint64_t conversation_id, uint64_t account_id,
				 uint64_t seq, struct gx_error *err)
{
	return chat_sql_member_raise_read(tx,
					  &(struct chat_sql_member_raise_read_in){
						  conversation_id, account_id, seq },
					  NULL, err);
}

/* Periodic: writes down what senders have read by sending. A crash loses the last of it, so
 * chat_start() derives that anew from the messages behind `read_upto`. */
enum gx_status chat_flush_read(struct gx_arena *a, struct gx_tx *tx, bool *again,
			       struct gx_error *err)
{
	struct gx_maximum *maxima = gx_arena_new_array(a, struct gx_maximum, READ_FLUSH_MAX);
	struct chat_state *state = gx_room_state(tx->core, &chat_room);
	bool begins, ends;
	size_t count = gx_maxima_flush(tx->core, maxima, READ_FLUSH_MAX, &begins, &ends);
	enum gx_status st = GX_OK;

	if (begins)
		state->read_round = gx_position_last(tx);

	for (size_t i = 0; st == GX_OK && i < count; i++)
		st = raise_read(tx, maxima[i].a, maxima[i].b, maxima[i].value, err);
	*again = count > 0 && !ends;
	if (!gx_maxima_is_empty(tx->core)) /* later: to forget what was written now */
		gx_periodic_wake(tx->core, &chat_periodics[CHAT_PERIODIC_FLUSH_READ]);
	if (st == GX_OK && ends)
		st = put_meta(tx, state->read_round, err);
	return st;
}

/* The last position, and what senders had read when the process ended. */
static enum gx_status start_read(struct gx_arena *a, struct gx_tx *tx, struct gx_error *err)
{
	struct chat_sql_message_last_position_out last;
	struct chat_sql_meta_get_out meta;
	struct chat_sql_message_tail_out *rows;
	uint64_t after = 0, written_upto = 0;
	size_t count = TAIL_PAGE;
	bool found;
	enum gx_status st = chat_sql_message_last_position(a, tx, &last, &found, err);

	if (st != GX_OK || !found)
		return st;
	gx_position_raise(tx, last.position);
	st = chat_sql_meta_get(a, tx, &(struct chat_sql_meta_get_in){ GX_STR("read_upto") }, &meta,
			       &found, err);
	after = st == GX_OK && found ? (uint64_t)meta.value : 0;
	while (st == GX_OK && count == TAIL_PAGE) {
		st = chat_sql_message_tail(a, tx,
					   &(struct chat_sql_message_tail_in){ after, TAIL_PAGE },
					   &rows, &count, err);
		for (size_t i = 0; st == GX_OK && i < count; i++) {
			after = rows[i].position;
			/* As when it was sent: nobody has read by a line of the system. */
			if (rows[i].kind == CHAT_NOTICE)
				continue;
			if (last.position - after < READ_AGAIN_MAX)
				gx_maxima_raise(tx->core, rows[i].conversation_id,
						rows[i].sender_id, rows[i].seq);
			else
				written_upto = after;
			if (written_upto == after)
				st = raise_read(tx, rows[i].conversation_id, rows[i].sender_id,
						rows[i].seq, err);
		}
		gx_arena_reset(a);
	}
	return st == GX_OK && written_upto != 0 ? put_meta(tx, written_upto, err) : st;
}

/* Before the first batch. */
enum gx_status chat_start(struct gx_arena *a, struct gx_tx *tx, struct gx_error *err)
{
	struct chat_state *state = gx_room_state(tx->core, &chat_room);
	enum gx_status st;

	state->store = gx_heap_alloc(sizeof(*state->store));
	chat_store_init(state->store);
	st = start_read(a, tx, err);
	return st != GX_OK ? st : chat_store_start(a, tx, err);
}

void chat_stop(void *state)
{
	struct chat_store *store = ((struct chat_state *)state)->store;

	if (store != NULL)
		chat_store_deinit(store);
	gx_heap_free(store);
}

/* Periodic: drops old events that are not messages. */
enum gx_status chat_prune_events(struct gx_arena *a, struct gx_tx *tx, bool *again,
				 struct gx_error *err)
{
	int64_t before_ms = tx->now_ms - gx_keep_days() * GX_DAY_MS;
	struct chat_sql_event_prune_upto_out last;
	uint64_t changes;
	bool found;
	enum gx_status st = chat_sql_event_prune_upto(a, tx,
						      &(struct chat_sql_event_prune_upto_in){
							      before_ms, PRUNE_BATCH },
						      &last, &found, err);

	if (st != GX_OK || !found)
		return st;
	st = chat_sql_event_prune(tx, &(struct chat_sql_event_prune_in){ before_ms, PRUNE_BATCH },
				  &changes, err);
	if (st != GX_OK)
		return st;
	*again = changes == PRUNE_BATCH;
	return gx_events_pruned(tx, last.position, err);
}
