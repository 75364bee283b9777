/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chat_index.c - late indexes: what the tail knows goes to the tables in passes.
 *
 * An index entry beside each row costs more than the row: every one dirties a page of its own. So
 * entries wait in the tail, and when there are many a pass writes all of them, conversation by
 * conversation, in slices that ride along with the batches. A pass ends by raising `indexed_upto`
 * in the transaction of its last slice. Cut short by a crash, it is begun anew: writing an entry
 * again changes nothing.
 *
 *   settled: begin ──► settle: slice, slice, … last ──► settled: durable ──► readers gone: drop
 */
#include <stdlib.h>

#include "chat_sql.h"
#include "chat_store.h"

#define SLICE_MIN 64u
#define SLICE_MAX 4096u
#define SLICE_IDLE 4000u
#define FILTER_PAGE 50000
/* Fewer new messages than these since the last look: there is time to index them all. */
#define QUIET_MESSAGES 20000u

size_t chat_positions_pack(const uint64_t *positions, size_t count, unsigned char *out)
{
	uint64_t last = 0;
	size_t n = 0;

	for (size_t i = 0; i < count; i++) {
		uint64_t v = positions[i] - last;

		last = positions[i];
		for (; v >= 0x80; v >>= 7)
			out[n++] = (unsigned char)(v | 0x80);
		out[n++] = (unsigned char)v;
	}
	return n;
}

bool chat_positions_unpack(struct gx_str bytes, uint64_t *positions, size_t count)
{
	uint64_t last = 0;
	size_t at = 0;

	for (size_t i = 0; i < count; i++) {
		uint64_t v = 0;
		unsigned shift = 0;
		unsigned char byte;

		do {
			if (at == bytes.len || shift > 63)
				return false;
			byte = (unsigned char)bytes.ptr[at++];
			v |= (uint64_t)(byte & 0x7f) << shift;
			shift += 7;
		} while ((byte & 0x80) != 0);
		positions[i] = last += v;
	}
	return at == bytes.len;
}

/* --- one part: messages of one conversation, at most CHAT_RUN_MAX --- */

static enum gx_status put_runs(struct gx_tx *tx, uint64_t conversation_id, uint64_t first_seq,
			       const uint64_t *positions, size_t count, struct gx_error *err)
{
	unsigned char bytes[CHAT_RUN_MAX * 10];
	enum gx_status st = GX_OK;

	for (size_t from = 0; st == GX_OK && from < count; from += CHAT_RUN_MAX) {
		size_t n = count - from < CHAT_RUN_MAX ? count - from : CHAT_RUN_MAX;
		size_t len = chat_positions_pack(positions + from, n, bytes);

		st = chat_sql_run_put(tx,
				      &(struct chat_sql_run_put_in){
					      .conversation_id = conversation_id,
					      .first_seq = first_seq + from,
					      .last_seq = first_seq + from + n - 1,
					      .first_position = positions[from],
					      .last_position = positions[from + n - 1],
					      .positions = { (const char *)bytes, len },
				      },
				      NULL, err);
	}
	return st;
}

/* The conversation's last row of chat_run is filled up before a new one begins. */
static enum gx_status index_positions(struct gx_arena *a, struct gx_tx *tx,
				      uint64_t conversation_id, uint64_t first_seq,
				      const struct chat_spot *spots, size_t count,
				      struct gx_error *err)
{
	struct chat_sql_run_at_out last;
	uint64_t positions[CHAT_RUN_MAX * 2];
	size_t n = 0, skipped = 0;
	bool found;
	enum gx_status st =
		chat_sql_run_at(a, tx, &(struct chat_sql_run_at_in){ conversation_id, INT64_MAX },
				&last, &found, err);

	if (st != GX_OK)
		return st;
	while (found && skipped < count && first_seq + skipped <= last.last_seq)
		skipped++;
	if (skipped == count)
		return GX_OK;
	size_t there = found ? (size_t)(last.last_seq - last.first_seq) + 1 : 0;
	if (found && there < CHAT_RUN_MAX && first_seq + skipped == last.last_seq + 1 &&
	    chat_positions_unpack(last.positions, positions, there))
		n = there;
	for (size_t i = skipped; i < count; i++)
		positions[n++] = spots[i].position;
	first_seq = first_seq + count - n;
	return put_runs(tx, conversation_id, first_seq, positions, n, err);
}

static int by_key(const void *a, const void *b)
{
	const struct chat_spot *x = a, *y = b;

	return x->key < y->key ? -1 : x->key > y->key;
}

/* The key was given when the tail was asked, and at a start the table was not: then it may be
 * taken. What is there already for this message, of a pass that was cut short, stays. */
static enum gx_status index_key(struct gx_arena *a, struct gx_tx *tx, struct chat_spot spot,
				struct gx_error *err)
{
	struct chat_sql_client_get_out row;
	uint64_t changes;
	bool found;

	for (;; spot.key = chat_next_key(spot.key)) {
		enum gx_status st = chat_sql_client_put(tx,
							&(struct chat_sql_client_put_in){
								spot.key, spot.position },
							&changes, err);

		if (st != GX_OK || changes > 0)
			return st;
		st = chat_sql_client_get(a, tx, &(struct chat_sql_client_get_in){ spot.key }, &row,
					 &found, err);
		if (st != GX_OK || (found && row.position == spot.position))
			return st;
	}
}

static enum gx_status index_keys(struct gx_arena *a, struct gx_tx *tx, struct chat_spot *spots,
				 size_t count, struct gx_error *err)
{
	enum gx_status st = GX_OK;

	qsort(spots, count, sizeof(*spots), by_key);
	for (size_t i = 0; st == GX_OK && i < count; i++)
		if (spots[i].key != 0)
			st = index_key(a, tx, spots[i], err);
	return st;
}

/* --- a pass --- */

static void begin_pass(struct chat_store *s, uint64_t goal)
{
	struct chat_pass *p = &s->pass;

	*p = (struct chat_pass){ .goal = goal };
	p->conversations = chat_tail_conversations(&s->tail, goal, &p->count);
	chat_tail_turn_keys(&s->tail);
}

static enum gx_status put_meta(struct gx_tx *tx, const char *name, uint64_t position,
			       struct gx_error *err)
{
	return chat_sql_meta_put(tx,
				 &(struct chat_sql_meta_put_in){ gx_str_from_cstr(name),
								 (int64_t)position },
				 NULL, err);
}

/* Writes about `budget` entries more. */
static enum gx_status write_slice(struct gx_arena *a, struct gx_tx *tx, struct chat_store *s,
				  size_t budget, struct gx_error *err)
{
	struct chat_pass *p = &s->pass;
	struct chat_spot spots[CHAT_RUN_MAX];
	enum gx_status st = GX_OK;

	while (st == GX_OK && budget > 0 && p->at < p->count) {
		uint64_t conversation_id = p->conversations[p->at], first = 0;
		size_t most = budget < CHAT_RUN_MAX ? budget : CHAT_RUN_MAX;
		size_t n = chat_tail_take(&s->tail, conversation_id, p->seq, p->goal, spots, most,
					  &first);

		if (n == 0) {
			p->at++;
			p->seq = 0;
			continue;
		}
		st = index_positions(a, tx, conversation_id, first, spots, n, err);
		if (st == GX_OK)
			st = index_keys(a, tx, spots, n, err);
		p->seq = first + n;
		budget -= n;
	}
	if (st == GX_OK && p->at == p->count) {
		st = put_meta(tx, "indexed_upto", p->goal, err);
		p->is_written = st == GX_OK;
	}
	return st;
}

static void end_pass(struct chat_store *s)
{
	struct chat_pass *p = &s->pass;

	for (size_t i = 0; i < p->count; i++)
		chat_tail_drop(&s->tail, p->conversations[i], p->goal);
	chat_tail_drop_keys(&s->tail);
	gx_heap_free(p->conversations);
	*p = (struct chat_pass){ 0 };
}

enum gx_status chat_settle(struct gx_arena *a, struct gx_tx *tx, size_t commands,
			   struct gx_error *err)
{
	struct chat_store *s = chat_store_of(tx);
	size_t budget = commands * 2;
	enum gx_status st = chat_store_flush(tx, err);

	if (st != GX_OK || s->pass.goal == 0 || s->pass.is_written)
		return st;
	budget = budget < SLICE_MIN ? SLICE_MIN : budget > SLICE_MAX ? SLICE_MAX : budget;
	if (s->tail.count > 4 * chat_tail_messages()) /* it falls behind */
		budget = SLICE_MAX * 4;
	return write_slice(a, tx, s, budget, err);
}

void chat_settled(void *state)
{
	struct chat_store *s = ((struct chat_state *)state)->store;
	struct chat_pass *p = &s->pass;

	chat_tail_committed(&s->tail);
	if (p->is_written && !p->is_durable) {
		p->is_durable = true;
		p->commit = gx_commits(s->core);
	}
	p->durable_at = p->at;
	p->durable_seq = p->seq;
	if (p->is_durable && gx_oldest_snapshot(s->core) >= p->commit)
		end_pass(s);
	if (p->goal == 0 && s->tail.count > 0 &&
	    (s->wants_pass || s->tail.count >= chat_tail_messages())) {
		s->wants_pass = false;
		begin_pass(s, gx_position_taken(s->core));
	}
}

void chat_index_undo(struct chat_store *s)
{
	struct chat_pass *p = &s->pass;

	if (p->is_durable)
		return;
	p->at = p->durable_at;
	p->seq = p->durable_seq;
	p->is_written = false;
}

/* --- at the side --- */

static enum gx_status fill_filter(struct gx_arena *a, struct gx_tx *tx, struct chat_store *s,
				  struct gx_error *err)
{
	struct chat_sql_client_keys_out *rows;
	size_t count;
	enum gx_status st = chat_sql_client_keys(a, tx,
						 &(struct chat_sql_client_keys_in){ s->filter_after,
										    FILTER_PAGE },
						 &rows, &count, err);

	if (st != GX_OK)
		return st;
	for (size_t i = 0; i < count; i++)
		chat_filter_add(&s->filter, rows[i].key);
	s->is_filter_whole = count < FILTER_PAGE;
	if (count > 0)
		s->filter_after = rows[count - 1].key;
	return GX_OK;
}

enum gx_status chat_index_idle(struct gx_arena *a, struct gx_tx *tx, bool *again,
			       struct gx_error *err)
{
	struct chat_store *s = chat_store_of(tx);
	enum gx_status st = GX_OK;

	if (!s->is_filter_whole)
		st = fill_filter(a, tx, s, err);
	if (st == GX_OK && s->pass.goal != 0 && !s->pass.is_written)
		st = write_slice(a, tx, s, SLICE_IDLE, err);
	else if (s->pass.goal == 0 && s->tail.count > 0)
		s->wants_pass = s->tail.count < s->count_before + QUIET_MESSAGES;
	s->count_before = s->tail.count;
	*again = !s->is_filter_whole || s->wants_pass || (s->pass.goal != 0 && !s->pass.is_written);
	if (s->tail.count > 0)
		gx_periodic_wake(tx->core, &chat_periodics[CHAT_PERIODIC_INDEX]);
	return st;
}

enum gx_status chat_index_all(struct gx_arena *a, struct gx_tx *tx, uint64_t upto,
			      struct gx_error *err)
{
	struct chat_store *s = chat_store_of(tx);
	enum gx_status st = GX_OK;

	gx_log(GX_LOG_INFO, "chat.indexing", GX_F_U64("messages", s->tail.count));
	begin_pass(s, upto);
	while (st == GX_OK && !s->pass.is_written) {
		st = write_slice(a, tx, s, SLICE_MAX, err);
		gx_arena_reset(a);
	}
	end_pass(s);
	return st;
}
