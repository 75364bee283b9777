/* SPDX-License-Identifier: Apache-2.0 */
#include "chat_store.h"

#include <sodium.h>
#include <string.h>

#include "chat_sql.h"

#define TAIL_PAGE 1000
/* So many positions are looked up at a time. */
#define WINDOW 256u

struct chat_store *chat_store_of(struct gx_tx *tx)
{
	struct chat_state *state = gx_room_state(tx->core, &chat_room);

	return state->store;
}

/* Positions behind this one are none of this transaction's business. */
static uint64_t visible_upto(struct gx_tx *tx)
{
	return tx->is_write ? UINT64_MAX : tx->position;
}

void chat_store_init(struct chat_store *s)
{
	chat_tail_init(&s->tail);
	s->pending.rows = gx_heap_alloc_array(CHAT_PENDING_ROWS, sizeof(*s->pending.rows));
	s->pending.bytes_cap = CHAT_PENDING_BYTES;
	s->pending.bytes = gx_heap_alloc(CHAT_PENDING_BYTES);
}

void chat_store_deinit(struct chat_store *s)
{
	gx_heap_free(s->pending.rows);
	gx_heap_free(s->pending.bytes);
	gx_heap_free(s->pass.conversations);
	chat_tail_deinit(&s->tail);
	chat_filter_deinit(&s->filter);
}

void chat_store_undo(struct chat_store *s)
{
	if (s == NULL || s->core == NULL) /* not started */
		return;
	struct chat_pending *p = &s->pending;
	uint64_t last = gx_position_taken(s->core);

	while (p->count > 0 && p->rows[p->count - 1].position > last)
		p->count--;
	if (p->count == 0)
		p->bytes_used = 0;
	chat_tail_undo(&s->tail, last);
	chat_index_undo(s);
}

/* --- keys of client_ids --- */

_Static_assert(crypto_shorthash_KEYBYTES == sizeof(((struct chat_store *)0)->hash_key),
	       "a key for SipHash");

/* Where a client_id's key is looked for first. The conversation comes first, so that keys of one
 * lie together; the hash has a secret key, so that nobody can make many that collide. */
static uint64_t first_key(const struct chat_store *s, uint64_t conversation_id, uint64_t sender_id,
			  struct gx_str client_id)
{
	unsigned char text[8 + CHAT_CLIENT_ID_MAX];
	uint64_t hash;

	GX_ASSERT(client_id.len <= CHAT_CLIENT_ID_MAX);
	memcpy(text, &sender_id, 8);
	memcpy(text + 8, client_id.ptr, client_id.len);
	crypto_shorthash((unsigned char *)&hash, text, 8 + client_id.len, s->hash_key);
	uint64_t key = (conversation_id & INT32_MAX) << 32 | (hash & UINT32_MAX);
	return key == 0 ? 1 : key;
}

uint64_t chat_next_key(uint64_t key)
{
	return key == INT64_MAX ? 1 : key + 1;
}

/* The position that uses the key; 0: it is free. */
static enum gx_status look_up_key(struct gx_arena *a, struct gx_tx *tx, uint64_t key,
				  uint64_t *position, struct gx_error *err)
{
	struct chat_store *s = chat_store_of(tx);
	struct chat_sql_client_get_out row;
	bool found;

	*position = 0;
	if (s->is_filter_whole && !chat_filter_may_have(&s->filter, key))
		return GX_OK;
	*position = chat_tail_key(&s->tail, key);
	if (*position != 0)
		return GX_OK;
	enum gx_status st = chat_sql_client_get(a, tx, &(struct chat_sql_client_get_in){ key },
						&row, &found, err);
	if (st == GX_OK && found)
		*position = row.position;
	return st;
}

/* --- rows --- */

static struct chat_message from_row(uint64_t position, const struct chat_sql_message_at_out *row)
{
	return (struct chat_message){
		.conversation_id = row->conversation_id,
		.position = position,
		.seq = row->seq,
		.sender_id = row->sender_id,
		.kind = (enum chat_message_kind)row->kind,
		.body = row->body,
		.sent_at_ms = row->sent_at_ms,
		.client_id = row->client_id,
		.reply_to = row->reply_to,
		.mentions = row->mentions,
		.recalled_at_ms = row->recalled_at_ms == INT64_MIN ? 0 : row->recalled_at_ms,
	};
}

static enum gx_status read_row(struct gx_arena *a, struct gx_tx *tx, uint64_t position,
			       uint64_t account_id, struct chat_message *out, bool *found,
			       struct gx_error *err)
{
	struct chat_sql_message_at_out row;
	enum gx_status st = tx->is_write ? chat_store_flush(tx, err) : GX_OK;

	if (st == GX_OK)
		st = chat_sql_message_at(a, tx,
					 &(struct chat_sql_message_at_in){ position, account_id },
					 &row, found, err);
	if (st == GX_OK && *found)
		*out = from_row(position, &row);
	return st;
}

enum gx_status chat_store_find(struct gx_arena *a, struct gx_tx *tx, uint64_t conversation_id,
			       uint64_t sender_id, struct gx_str client_id,
			       struct chat_message *out, bool *found, uint64_t *key,
			       struct gx_error *err)
{
	*found = false;
	*key = first_key(chat_store_of(tx), conversation_id, sender_id, client_id);
	for (;; *key = chat_next_key(*key)) {
		uint64_t position;
		enum gx_status st = look_up_key(a, tx, *key, &position, err);

		if (st != GX_OK || position == 0)
			return st;
		st = read_row(a, tx, position, 0, out, found, err);
		if (st != GX_OK)
			return st;
		*found = *found && out->conversation_id == conversation_id &&
			 out->sender_id == sender_id && gx_str_eq(out->client_id, client_id);
		if (*found)
			return GX_OK;
	}
}

enum gx_status chat_store_flush(struct gx_tx *tx, struct gx_error *err)
{
	struct chat_pending *p = &chat_store_of(tx)->pending;
	uint64_t writes = tx->writes_count;

	if (p->count == 0)
		return GX_OK;
	enum gx_status st = chat_sql_message_insert_rows(tx, p->rows, p->count, err);
	/* They are other commands' writes, and those were told that it worked. */
	tx->writes_count = writes;
	if (st != GX_OK)
		gx_tx_doom(tx, err);
	p->count = 0;
	p->bytes_used = 0;
	return st;
}

/* A copy among the rows that wait; an empty one is NULL. */
static struct gx_str keep(struct chat_pending *p, struct gx_str s)
{
	char *to = p->bytes + p->bytes_used;

	if (s.len == 0)
		return GX_STR_NULL;
	GX_ASSERT(s.len <= p->bytes_cap - p->bytes_used);
	memcpy(to, s.ptr, s.len);
	p->bytes_used += s.len;
	return (struct gx_str){ to, s.len };
}

enum gx_status chat_store_append(struct gx_tx *tx, const struct chat_message *m, uint64_t key,
				 struct gx_error *err)
{
	struct chat_store *s = chat_store_of(tx);
	struct chat_pending *p = &s->pending;
	size_t bytes = m->body.len + m->client_id.len + m->mentions.len;
	enum gx_status st = GX_OK;

	if (p->count == CHAT_PENDING_ROWS || bytes > p->bytes_cap - p->bytes_used)
		st = chat_store_flush(tx, err);
	if (st != GX_OK)
		return st;
	if (bytes > p->bytes_cap) {
		p->bytes_cap = bytes;
		p->bytes = gx_heap_resize(p->bytes, bytes, 1);
	}
	p->rows[p->count++] = (struct chat_sql_message_insert_in){
		.position = m->position,
		.conversation_id = m->conversation_id,
		.seq = m->seq,
		.sender_id = m->sender_id,
		.kind = m->kind,
		.body = keep(p, m->body),
		.sent_at_ms = m->sent_at_ms,
		.client_id = keep(p, m->client_id),
		.reply_to = m->reply_to,
		.mentions = keep(p, m->mentions),
	};
	tx->writes_count++;
	chat_tail_add(&s->tail, m->conversation_id, m->seq, m->position, key);
	if (key != 0)
		chat_filter_add(&s->filter, key);
	gx_periodic_wake(tx->core, &chat_periodics[CHAT_PERIODIC_INDEX]);
	return GX_OK;
}

enum gx_status chat_store_recall(struct gx_tx *tx, uint64_t position, struct gx_error *err)
{
	enum gx_status st = chat_store_flush(tx, err);

	if (st != GX_OK)
		return st;
	return chat_sql_message_recall(tx,
				       &(struct chat_sql_message_recall_in){ position, tx->now_ms },
				       NULL, err);
}

/* --- by conversation and seq --- */

enum gx_status chat_store_last(struct gx_arena *a, struct gx_tx *tx, uint64_t conversation_id,
			       uint64_t *seq, uint64_t *position, struct gx_error *err)
{
	struct chat_sql_run_last_out row;
	bool found;

	*seq = *position = 0;
	if (chat_tail_last(&chat_store_of(tx)->tail, conversation_id, visible_upto(tx), seq,
			   position))
		return GX_OK;
	enum gx_status st =
		chat_sql_run_last(a, tx, &(struct chat_sql_run_last_in){ conversation_id }, &row,
				  &found, err);
	if (st == GX_OK && found) {
		*seq = row.last_seq;
		*position = row.last_position;
	}
	return st;
}

uint64_t chat_store_newer(struct gx_tx *tx, uint64_t conversation_id, uint64_t last_position)
{
	uint64_t seq, position;

	if (chat_tail_last(&chat_store_of(tx)->tail, conversation_id, visible_upto(tx), &seq,
			   &position) &&
	    position > last_position)
		return position;
	return last_position;
}

static enum gx_status damaged(uint64_t conversation_id, struct gx_error *err)
{
	gx_log(GX_LOG_ERROR, "chat.run_damaged", GX_F_U64("conversation", conversation_id));
	return gx_fail(err, GX_E_INTERNAL, "core.database");
}

enum gx_status chat_store_seq_at(struct gx_arena *a, struct gx_tx *tx, uint64_t conversation_id,
				 uint64_t position, uint64_t *seq, struct gx_error *err)
{
	struct chat_sql_run_by_position_out row;
	uint64_t positions[CHAT_RUN_MAX];
	size_t count = 0;
	bool found;

	*seq = 0;
	if (chat_tail_seq_at(&chat_store_of(tx)->tail, conversation_id, position, seq))
		return GX_OK;
	enum gx_status st = chat_sql_run_by_position(a, tx,
						     &(struct chat_sql_run_by_position_in){
							     conversation_id, position },
						     &row, &found, err);
	if (st != GX_OK || !found)
		return st;
	count = (size_t)(row.last_seq - row.first_seq) + 1;
	if (count > CHAT_RUN_MAX || !chat_positions_unpack(row.positions, positions, count))
		return damaged(conversation_id, err);
	while (count > 1 && positions[count - 1] > position)
		count--;
	*seq = row.first_seq + count - 1;
	return GX_OK;
}

/* Fills positions[seq - from] for from … to; 0 where there is none. */
static enum gx_status find_positions(struct gx_arena *a, struct gx_tx *tx, uint64_t conversation_id,
				     uint64_t from, uint64_t to, uint64_t *positions,
				     struct gx_error *err)
{
	uint64_t in_run[CHAT_RUN_MAX];

	memset(positions, 0, (size_t)(to - from + 1) * sizeof(*positions));
	uint64_t before = chat_tail_positions(&chat_store_of(tx)->tail, conversation_id, from, to,
					      visible_upto(tx), positions);
	while (before > from) {
		struct chat_sql_run_at_out row;
		bool found;
		enum gx_status st =
			chat_sql_run_at(a, tx,
					&(struct chat_sql_run_at_in){ conversation_id, before - 1 },
					&row, &found, err);

		if (st != GX_OK || !found)
			return st;
		size_t count = (size_t)(row.last_seq - row.first_seq) + 1;
		if (count > CHAT_RUN_MAX || !chat_positions_unpack(row.positions, in_run, count))
			return damaged(conversation_id, err);
		uint64_t first = row.first_seq > from ? row.first_seq : from;
		for (uint64_t seq = first; seq < before && seq <= row.last_seq; seq++)
			positions[seq - from] = in_run[seq - row.first_seq];
		before = first;
	}
	return GX_OK;
}

enum gx_status chat_store_list(struct gx_arena *a, struct gx_tx *tx, uint64_t conversation_id,
			       uint64_t account_id, uint64_t low, uint64_t high, bool newest,
			       size_t most, struct chat_message **out, size_t *count,
			       struct gx_error *err)
{
	uint64_t positions[WINDOW], upto = visible_upto(tx), last, last_position;
	size_t n = 0;
	enum gx_status st = chat_store_last(a, tx, conversation_id, &last, &last_position, err);

	high = high < last ? high : last;
	most = low >= high ? 0 : high - low < most ? (size_t)(high - low) : most;
	struct chat_message *all = gx_arena_new_array(a, struct chat_message, most + 1);
	while (st == GX_OK && n < most && low < high) {
		size_t width = high - low < most - n ? (size_t)(high - low) : most - n;
		width = width < WINDOW ? width : WINDOW;
		uint64_t from = newest ? high - width + 1 : low + 1;

		st = find_positions(a, tx, conversation_id, from, from + width - 1, positions, err);
		for (size_t i = 0; st == GX_OK && i < width; i++) {
			uint64_t position = positions[newest ? width - 1 - i : i];
			bool found = false;

			if (position != 0 && position <= upto)
				st = read_row(a, tx, position, account_id, &all[n], &found, err);
			n += found;
		}
		high = newest ? from - 1 : high;
		low = newest ? low : from + width - 1;
	}
	for (size_t i = 0; newest && i < n / 2; i++) {
		struct chat_message m = all[i];

		all[i] = all[n - 1 - i];
		all[n - 1 - i] = m;
	}
	*out = all;
	*count = n;
	return st;
}

/* --- start --- */

static enum gx_status meta_get(struct gx_arena *a, struct gx_tx *tx, const char *name,
			       int64_t *value, bool *found, struct gx_error *err)
{
	struct chat_sql_meta_get_out row;
	enum gx_status st =
		chat_sql_meta_get(a, tx, &(struct chat_sql_meta_get_in){ gx_str_from_cstr(name) },
				  &row, found, err);

	*value = st == GX_OK && *found ? row.value : 0;
	return st;
}

/* The secret of first_key(): made once, kept with the keys made from it. */
static enum gx_status load_hash_key(struct gx_arena *a, struct gx_tx *tx, struct chat_store *s,
				    struct gx_error *err)
{
	static const char *const names[] = { "client_hash_a", "client_hash_b" };
	enum gx_status st = GX_OK;

	for (size_t i = 0; st == GX_OK && i < 2; i++) {
		int64_t half;
		bool found;

		st = meta_get(a, tx, names[i], &half, &found, err);
		if (st == GX_OK && !found) {
			randombytes_buf(&half, sizeof(half));
			st = chat_sql_meta_put(tx,
					       &(struct chat_sql_meta_put_in){
						       gx_str_from_cstr(names[i]), half },
					       NULL, err);
		}
		memcpy(s->hash_key + i * sizeof(half), &half, sizeof(half));
	}
	return st;
}

/* One row of the tail. The table is not asked whether its key is free there: index_key() sees. */
static void add_again(struct chat_store *s, const struct chat_sql_message_tail_out *row)
{
	uint64_t key = 0;

	if (row->client_id.len > 0) {
		key = first_key(s, row->conversation_id, row->sender_id, row->client_id);
		while (chat_tail_key(&s->tail, key) != 0)
			key = chat_next_key(key);
		chat_filter_add(&s->filter, key);
	}
	chat_tail_add(&s->tail, row->conversation_id, row->seq, row->position, key);
}

enum gx_status chat_store_start(struct gx_arena *a, struct gx_tx *tx, struct gx_error *err)
{
	struct chat_store *s = chat_store_of(tx);
	struct chat_sql_message_tail_out *rows;
	size_t count = TAIL_PAGE;
	int64_t after;
	bool found;
	enum gx_status st = load_hash_key(a, tx, s, err);

	s->core = tx->core;
	if (st == GX_OK)
		st = meta_get(a, tx, "indexed_upto", &after, &found, err);
	while (st == GX_OK && count == TAIL_PAGE) {
		st = chat_sql_message_tail(a, tx,
					   &(struct chat_sql_message_tail_in){ (uint64_t)after,
									       TAIL_PAGE },
					   &rows, &count, err);
		for (size_t i = 0; st == GX_OK && i < count; i++) {
			add_again(s, &rows[i]);
			after = (int64_t)rows[i].position;
		}
		chat_tail_committed(&s->tail);
		gx_arena_reset(a);
		if (st == GX_OK && s->tail.count >= 2 * chat_tail_messages())
			st = chat_index_all(a, tx, (uint64_t)after, err);
	}
	gx_periodic_wake(tx->core, &chat_periodics[CHAT_PERIODIC_INDEX]);
	return st;
}
