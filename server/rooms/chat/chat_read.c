/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chat_read.c - what a member may read. Runs on readers and on the command thread.
 *
 * A member sees what came behind his joining (and behind what he cleared), up to where he left.
 */
#include <stdlib.h>

#include "chat_sql.h"
#include "chat_store.h"
#include "maxima.h"

#define MESSAGES_AT_ONCE 32

enum gx_status chat_range_get(struct gx_arena *a, struct gx_tx *tx, uint64_t conversation_id,
			      uint64_t account_id, struct chat_range *out, struct gx_error *err)
{
	struct chat_sql_member_get_out row;
	bool found;
	enum gx_status st =
		chat_sql_member_get(a, tx,
				    &(struct chat_sql_member_get_in){ conversation_id, account_id },
				    &row, &found, err);

	if (st != GX_OK)
		return st;
	if (!found)
		return gx_fail(err, GX_E_NOT_FOUND, "chat.no_conversation");
	uint64_t raised = gx_maxima_get(tx->core, conversation_id, account_id);
	*out = (struct chat_range){
		.low = row.joined_seq > row.cleared_seq ? row.joined_seq : row.cleared_seq,
		.high = row.left_seq == INT64_MIN ? INT64_MAX : (uint64_t)row.left_seq,
		.read_seq = raised > row.read_seq ? raised : row.read_seq,
		.is_left = row.left_seq != INT64_MIN,
		.is_pinned = row.is_pinned,
		.is_muted = row.is_muted,
		.title = row.title,
	};
	return GX_OK;
}

enum gx_status chat_message_get(struct gx_arena *a, struct gx_tx *tx, uint64_t conversation_id,
				const struct chat_range *range, uint64_t seq,
				struct chat_message *out, struct gx_error *err)
{
	struct chat_message *list;
	size_t count = 0;

	if (seq > range->low && seq <= range->high) {
		enum gx_status st = chat_store_list(a, tx, conversation_id, 0, seq - 1, seq, false,
						    1, &list, &count, err);
		if (st != GX_OK)
			return st;
	}
	if (count == 0)
		return gx_fail(err, GX_E_NOT_FOUND, "chat.no_message");
	*out = list[0];
	return GX_OK;
}

enum gx_status chat_messages_page(struct gx_arena *a, struct gx_tx *tx, uint64_t conversation_id,
				  uint64_t account_id, const struct chat_range *range, bool newest,
				  size_t limit, struct chat_message **out, size_t *count,
				  bool *more, struct gx_error *err)
{
	struct chat_message *all = gx_arena_new_array(a, struct chat_message, limit + 1);
	struct chat_message *some;
	uint64_t low = range->low, high = range->high;
	size_t n = 0, bytes = 0, asked, got;

	*more = false;
	do {
		asked = limit + 1 - n < MESSAGES_AT_ONCE ? limit + 1 - n : MESSAGES_AT_ONCE;
		enum gx_status st = chat_store_list(a, tx, conversation_id, account_id, low, high,
						    newest, asked, &some, &got, err);
		if (st != GX_OK)
			return st;
		for (size_t i = 0; i < got && !*more; i++) {
			*more = n == limit || bytes > CHAT_PAGE_BYTES_MAX;
			if (!*more)
				all[n++] = newest ? some[got - 1 - i] : some[i];
			bytes += all[n - 1].body.len;
		}
		if (got > 0 && newest)
			high = some[0].seq - 1;
		else if (got > 0)
			low = some[got - 1].seq;
	} while (!*more && got == asked);
	for (size_t i = 0; newest && i < n / 2; i++) {
		struct chat_message m = all[i];

		all[i] = all[n - 1 - i];
		all[n - 1 - i] = m;
	}
	*out = all;
	*count = n;
	return GX_OK;
}

enum gx_status chat_get_message(struct gx_arena *a, struct gx_tx *tx, uint64_t viewer_id,
				uint64_t conversation_id, uint64_t seq,
				struct chat_message_view *out, struct gx_error *err)
{
	struct chat_range range;
	struct chat_message m;
	enum gx_status st = chat_range_get(a, tx, conversation_id, viewer_id, &range, err);

	if (st == GX_OK)
		st = chat_message_get(a, tx, conversation_id, &range, seq, &m, err);
	if (st == GX_E_NOT_FOUND)
		return gx_fail(err, GX_E_NOT_FOUND, "chat.no_message");
	if (st != GX_OK)
		return st;
	*out = (struct chat_message_view){
		.conversation_id = conversation_id,
		.seq = seq,
		.sender_id = m.sender_id,
		.kind = gx_str_from_cstr(chat_kind_names[m.kind]),
		.body = m.body,
		.sent_at_ms = m.sent_at_ms,
		.is_recalled = m.recalled_at_ms != 0,
	};
	return GX_OK;
}

/* A medium sent as message `detail` of conversation `subject`. */
enum gx_status chat_may_view(struct gx_arena *a, struct gx_tx *tx, uint64_t account_id,
			     uint64_t subject, uint64_t detail, bool *out, struct gx_error *err)
{
	struct chat_message_view view;
	enum gx_status st = chat_get_message(a, tx, account_id, subject, detail, &view, err);

	if (st == GX_E_NOT_FOUND) {
		*out = false;
		return GX_OK;
	}
	if (st == GX_OK)
		*out = !view.is_recalled;
	return st;
}

static int newest_first(const void *a, const void *b)
{
	const struct chat_head *x = a, *y = b;

	return x->position > y->position ? -1 : x->position < y->position;
}

/* Where a conversation stands in the list: by its last message, else by when one joined. */
static uint64_t head_position(struct gx_tx *tx, const struct chat_sql_member_heads_out *row)
{
	uint64_t last = row->last_position == INT64_MIN ? 0 : (uint64_t)row->last_position;

	last = chat_store_newer(tx, row->conversation_id, last);
	if (row->left_position != INT64_MIN)
		return (uint64_t)row->left_position;
	return last > row->joined_position ? last : row->joined_position;
}

enum gx_status chat_list_conversations(struct gx_arena *a, struct gx_tx *tx, uint64_t account_id,
				       uint64_t before, size_t limit, struct chat_head **out,
				       size_t *count, bool *more, struct gx_error *err)
{
	struct chat_sql_member_heads_out *rows;
	size_t rows_count, n = 0, from = 0;
	enum gx_status st =
		chat_sql_member_heads(a, tx, &(struct chat_sql_member_heads_in){ account_id },
				      &rows, &rows_count, err);

	if (st != GX_OK)
		return st;
	struct chat_head *heads = gx_arena_new_array(a, struct chat_head, rows_count + 1);
	for (size_t i = 0; i < rows_count; i++) {
		/* One that was left is listed until its history is cleared. */
		if (rows[i].left_seq != INT64_MIN &&
		    (uint64_t)rows[i].left_seq <= (rows[i].cleared_seq > rows[i].joined_seq
							   ? rows[i].cleared_seq
							   : rows[i].joined_seq))
			continue;
		heads[n++] =
			(struct chat_head){ rows[i].conversation_id, head_position(tx, &rows[i]) };
	}
	if (n > 1)
		qsort(heads, n, sizeof(*heads), newest_first);
	while (before != 0 && from < n && heads[from].position >= before)
		from++;
	*count = n - from < limit ? n - from : limit;
	*out = heads + from;
	*more = from + *count < n;
	return GX_OK;
}
