/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chat_view.c - messages and conversations as JSON, the latter as one viewer sees them.
 */
#include "chat_sql.h"
#include "chat_store.h"

static const char *const kind_of_conversation[] = {
	[CHAT_DIRECT] = "direct",
	[CHAT_GROUP] = "group",
	[CHAT_OFFICIAL] = "official",
	[CHAT_SELF] = "self",
};

void chat_write_message(struct gx_json_writer *w, const struct chat_message *m)
{
	if (m->json.len > 0) {
		gx_json_put_raw(w, m->json);
		return;
	}
	gx_json_begin_object(w);
	gx_json_kv_id(w, "conversation_id", m->conversation_id);
	gx_json_kv_i64(w, "seq", (int64_t)m->seq);
	gx_json_kv_id(w, "sender_id", m->sender_id);
	gx_json_kv_str(w, "kind", gx_str_from_cstr(chat_kind_names[m->kind]));
	gx_json_kv_raw(w, "body", m->body);
	gx_json_kv_i64(w, "sent_at", m->sent_at_ms);
	gx_json_kv_str(w, "client_id", m->client_id);
	if (m->reply_to != 0)
		gx_json_kv_i64(w, "reply_to", (int64_t)m->reply_to);
	if (m->mentions.len > 0)
		gx_json_kv_raw(w, "mentions", m->mentions);
	if (m->recalled_at_ms != 0)
		gx_json_kv_i64(w, "recalled_at", m->recalled_at_ms);
	gx_json_end_object(w);
}

struct gx_str chat_message_json(struct gx_arena *a, const struct chat_message *m)
{
	size_t most = m->body.len + m->mentions.len + 512;
	struct gx_buf text = { .ptr = gx_arena_alloc(a, most), .cap = most, .max = most };
	struct gx_json_writer w;

	gx_json_writer_init(&w, &text);
	chat_write_message(&w, m);
	GX_ASSERT(!text.overflow);
	return gx_buf_str(&text);
}

/* Name, picture and, for a direct conversation, the peer. */
static enum gx_status write_face(struct gx_arena *a, struct gx_tx *tx, uint64_t viewer_id,
				 const struct chat_sql_conversation_get_out *row,
				 const struct chat_range *range, struct gx_json_writer *w,
				 struct gx_error *err)
{
	const struct accounts_account *peer = NULL;
	struct gx_str name = row->name;
	enum gx_status st = GX_OK;

	if (row->kind == CHAT_DIRECT) {
		st = accounts_get(a, tx, row->low_id == viewer_id ? row->high_id : row->low_id,
				  &peer, err);
		if (st != GX_OK)
			return st;
		if (peer != NULL)
			name = range->title.len > 0 ? range->title : peer->nickname;
	}
	gx_json_kv_str(w, "name", name);
	if (peer != NULL) {
		gx_json_key(w, GX_STR("peer"));
		accounts_write(w, peer);
	}
	gx_json_key(w, GX_STR("avatar"));
	if (peer != NULL && peer->avatar_media_id != 0)
		gx_json_put_id(w, peer->avatar_media_id);
	else
		gx_json_put_null(w);
	return GX_OK;
}

static void write_numbers(struct gx_json_writer *w, const struct chat_range *range, uint64_t last)
{
	uint64_t floor = range->read_seq > range->low ? range->read_seq : range->low;

	if (last > range->high)
		last = range->high;
	gx_json_kv_i64(w, "last_seq", (int64_t)last);
	gx_json_kv_i64(w, "read_seq", (int64_t)range->read_seq);
	gx_json_kv_i64(w, "unread", last > floor ? (int64_t)(last - floor) : 0);
	gx_json_kv_bool(w, "muted", range->is_muted);
	gx_json_kv_bool(w, "pinned", range->is_pinned);
}

enum gx_status chat_write_conversation(struct gx_arena *a, struct gx_tx *tx, uint64_t viewer_id,
				       uint64_t conversation_id, struct gx_json_writer *w,
				       struct gx_error *err)
{
	struct chat_range range;
	struct chat_sql_conversation_get_out row;
	uint64_t last, last_position;
	struct chat_message *shown;
	size_t shown_count;
	bool found;
	enum gx_status st = chat_range_get(a, tx, conversation_id, viewer_id, &range, err);

	if (st == GX_OK)
		st = chat_sql_conversation_get(a, tx,
					       &(struct chat_sql_conversation_get_in){
						       conversation_id },
					       &row, &found, err);
	if (st == GX_OK)
		st = chat_store_last(a, tx, conversation_id, &last, &last_position, err);
	if (st == GX_OK)
		st = chat_store_list(a, tx, conversation_id, viewer_id, range.low, range.high, true,
				     1, &shown, &shown_count, err);
	if (st != GX_OK)
		return st;
	gx_json_begin_object(w);
	gx_json_kv_id(w, "id", conversation_id);
	gx_json_kv_str(w, "kind", gx_str_from_cstr(kind_of_conversation[row.kind]));
	st = write_face(a, tx, viewer_id, &row, &range, w, err);
	if (st != GX_OK)
		return st;
	gx_json_key(w, GX_STR("last_message"));
	if (shown_count > 0)
		chat_write_message(w, &shown[0]);
	else
		gx_json_put_null(w);
	write_numbers(w, &range, last);
	gx_json_end_object(w);
	return GX_OK;
}

enum gx_status chat_conversation_event(struct gx_arena *a, struct gx_tx *tx, uint64_t viewer_id,
				       uint64_t conversation_id, int64_t at_ms, struct gx_str *out,
				       struct gx_error *err)
{
	struct gx_buf text;
	struct gx_json_writer w;

	gx_buf_init(&text, 256u << 10); /* the largest body and two accounts */
	gx_json_writer_init(&w, &text);
	gx_json_begin_object(&w);
	gx_json_kv_str(&w, "type", GX_STR("conversation"));
	gx_json_kv_i64(&w, "at", at_ms);
	gx_json_key(&w, GX_STR("conversation"));
	enum gx_status st = chat_write_conversation(a, tx, viewer_id, conversation_id, &w, err);
	gx_json_end_object(&w);
	GX_ASSERT(!text.overflow);
	if (st == GX_OK)
		*out = gx_arena_strdup(a, gx_buf_str(&text));
	gx_buf_deinit(&text);
	return st;
}
