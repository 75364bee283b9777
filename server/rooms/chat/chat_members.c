/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chat_members.c - what other rooms do with conversations: open them, add and remove members, name
 * them, set gates.
 */
#include "chat_sql.h"
#include "chat_state.h"

static enum gx_status find_pair(struct gx_tx *tx, uint64_t a_id, uint64_t b_id,
				uint64_t *conversation_id, struct gx_error *err)
{
	struct gx_arena a;
	struct chat_sql_conversation_by_pair_out row;
	bool found;

	gx_arena_init(&a);
	enum gx_status st =
		chat_sql_conversation_by_pair(&a, tx,
					      &(struct chat_sql_conversation_by_pair_in){
						      .low_id = a_id < b_id ? a_id : b_id,
						      .high_id = a_id < b_id ? b_id : a_id },
					      &row, &found, err);
	gx_arena_deinit(&a);
	if (st == GX_OK)
		*conversation_id = found ? row.conversation_id : 0;
	return st;
}

enum gx_status chat_find_direct(struct gx_tx *tx, uint64_t account_id, uint64_t peer_id,
				uint64_t *conversation_id, struct gx_error *err)
{
	return find_pair(tx, account_id, peer_id, conversation_id, err);
}

/* Tells each of these that the conversation is new or different; their rows' changed_position (or
 * the stored event) has `position`. */
static enum gx_status tell_each(struct gx_arena *a, struct gx_tx *tx, uint64_t position,
				uint64_t conversation_id, const uint64_t *ids, size_t count,
				struct gx_error *err)
{
	for (size_t i = 0; i < count; i++) {
		struct gx_str json;

		if (!gx_is_listening(tx, ids[i]))
			continue;
		enum gx_status st = chat_conversation_event(a, tx, ids[i], conversation_id,
							    tx->now_ms, &json, err);
		if (st != GX_OK)
			return st;
		gx_deliver_one(tx, position, json, ids[i], false);
	}
	return GX_OK;
}

static enum gx_status put_members(struct gx_arena *a, struct gx_tx *tx, uint64_t conversation_id,
				  uint64_t seq, const uint64_t *ids, size_t count,
				  struct gx_error *err)
{
	uint64_t position = gx_position_take(tx);
	enum gx_status st = GX_OK;

	for (size_t i = 0; st == GX_OK && i < count; i++)
		st = chat_sql_member_put(tx,
					 &(struct chat_sql_member_put_in){ .conversation_id =
										   conversation_id,
									   .account_id = ids[i],
									   .now_ms = tx->now_ms,
									   .position = position,
									   .seq = seq },
					 NULL, err);
	chat_cache_drop(tx, conversation_id);
	return st != GX_OK ? st : tell_each(a, tx, position, conversation_id, ids, count, err);
}

static enum gx_status create(struct gx_arena *a, struct gx_tx *tx, enum chat_kind kind,
			     struct gx_str name, const uint64_t *ids, size_t count,
			     uint64_t *conversation_id, struct gx_error *err)
{
	struct chat_sql_conversation_insert_out row;
	bool is_pair = kind == CHAT_DIRECT || kind == CHAT_SELF;
	uint64_t first = ids[0], last = ids[count - 1];
	bool found;
	enum gx_status st =
		chat_sql_conversation_insert(a, tx,
					     &(struct chat_sql_conversation_insert_in){
						     .kind = kind,
						     .name = name.ptr == NULL ? GX_STR("") : name,
						     .low_id = !is_pair	      ? 0
							       : first < last ? first
									      : last,
						     .high_id = !is_pair       ? 0
								: first < last ? last
									       : first,
						     .now_ms = tx->now_ms,
					     },
					     &row, &found, err);

	if (st != GX_OK)
		return st;
	GX_ASSERT(found);
	*conversation_id = row.conversation_id;
	return put_members(a, tx, row.conversation_id, 0, ids, count, err);
}

enum gx_status chat_open_direct(struct gx_arena *a, struct gx_tx *tx, uint64_t account_id,
				uint64_t peer_id, uint64_t *conversation_id, struct gx_error *err)
{
	uint64_t ids[] = { account_id, peer_id };
	enum gx_status st = find_pair(tx, account_id, peer_id, conversation_id, err);

	GX_ASSERT(account_id != peer_id);
	if (st != GX_OK)
		return st;
	if (*conversation_id == 0)
		return create(a, tx, CHAT_DIRECT, GX_STR_NULL, ids, 2, conversation_id, err);
	for (int i = 0; st == GX_OK && i < 2; i++)
		st = chat_set_gate(a, tx, *conversation_id, ids[i], CHAT_GATE_OPEN, err);
	return st;
}

enum gx_status chat_open_self(struct gx_arena *a, struct gx_tx *tx, uint64_t account_id,
			      uint64_t *conversation_id, struct gx_error *err)
{
	enum gx_status st = find_pair(tx, account_id, account_id, conversation_id, err);

	if (st != GX_OK || *conversation_id != 0)
		return st;
	return create(a, tx, CHAT_SELF, GX_STR_NULL, &account_id, 1, conversation_id, err);
}

/* Everybody has a conversation with himself from the start. */
enum gx_status chat_account_changed(struct gx_arena *a, struct gx_tx *tx, uint64_t account_id,
				    struct gx_error *err)
{
	uint64_t conversation_id;

	return chat_open_self(a, tx, account_id, &conversation_id, err);
}

enum gx_status chat_set_gate(struct gx_arena *a, struct gx_tx *tx, uint64_t conversation_id,
			     uint64_t sender_id, enum chat_gate gate, struct gx_error *err)
{
	chat_cache_drop(tx, conversation_id);
	return chat_sql_member_set_gate(tx,
					&(struct chat_sql_member_set_gate_in){ conversation_id,
									       sender_id, gate },
					NULL, err);
}

enum gx_status chat_set_moderator(struct gx_arena *a, struct gx_tx *tx, uint64_t conversation_id,
				  uint64_t account_id, bool is_moderator, struct gx_error *err)
{
	chat_cache_drop(tx, conversation_id);
	return chat_sql_member_set_moderator(tx,
					     &(struct chat_sql_member_set_moderator_in){
						     conversation_id, account_id, is_moderator },
					     NULL, err);
}

enum gx_status chat_create_group(struct gx_arena *a, struct gx_tx *tx, struct gx_str name,
				 const uint64_t *member_ids, size_t members_count,
				 uint64_t *conversation_id, struct gx_error *err)
{
	GX_ASSERT(members_count > 0);
	return create(a, tx, CHAT_GROUP, name, member_ids, members_count, conversation_id, err);
}

static void write_ids(struct gx_json_writer *w, const char *key, const uint64_t *ids, size_t count)
{
	gx_json_key(w, gx_str_from_cstr(key));
	gx_json_begin_array(w);
	for (size_t i = 0; i < count; i++)
		gx_json_put_id(w, ids[i]);
	gx_json_end_array(w);
}

/* The `members` event, stored under `position`; told to `to` (the members before or after the
 * change). */
static enum gx_status tell_members(struct gx_arena *a, struct gx_tx *tx, uint64_t position,
				   uint64_t conversation_id, const uint64_t *joined,
				   size_t joined_count, const uint64_t *left, size_t left_count,
				   const uint64_t *to, size_t to_count, struct gx_error *err)
{
	struct gx_buf text;
	struct gx_json_writer w;

	gx_buf_init(&text, 4u << 20);
	gx_json_writer_init(&w, &text);
	gx_json_begin_object(&w);
	gx_json_kv_str(&w, "type", GX_STR("members"));
	gx_json_kv_i64(&w, "at", tx->now_ms);
	gx_json_kv_id(&w, "conversation_id", conversation_id);
	write_ids(&w, "joined", joined, joined_count);
	write_ids(&w, "left", left, left_count);
	gx_json_end_object(&w);
	struct gx_str json = gx_arena_strdup(a, gx_buf_str(&text));
	gx_buf_deinit(&text);
	enum gx_status st =
		chat_sql_event_insert(tx,
				      &(struct chat_sql_event_insert_in){ position, conversation_id,
									  tx->now_ms, json },
				      NULL, err);
	if (st == GX_OK)
		gx_deliver(tx, position, json, to, to_count, false);
	return st;
}

enum gx_status chat_add_members(struct gx_arena *a, struct gx_tx *tx, uint64_t conversation_id,
				const uint64_t *member_ids, size_t members_count,
				struct gx_error *err)
{
	struct chat_open *c;
	enum gx_status st = chat_cache_get(a, tx, conversation_id, &c, err);

	if (st == GX_OK)
		st = put_members(a, tx, conversation_id, c->last_seq, member_ids, members_count,
				 err);
	if (st == GX_OK)
		st = chat_cache_get(a, tx, conversation_id, &c, err);
	if (st != GX_OK)
		return st;
	return tell_members(a, tx, gx_position_take(tx), conversation_id, member_ids, members_count,
			    NULL, 0, chat_copy_present(a, c), c->present_count, err);
}

enum gx_status chat_remove_members(struct gx_arena *a, struct gx_tx *tx, uint64_t conversation_id,
				   const uint64_t *member_ids, size_t members_count,
				   struct gx_error *err)
{
	struct chat_open *c;
	enum gx_status st = chat_cache_get(a, tx, conversation_id, &c, err);

	if (st != GX_OK)
		return st;
	uint64_t position = gx_position_take(tx), changed = gx_position_take(tx);
	uint64_t *before = chat_copy_present(a, c);
	size_t before_count = c->present_count;
	for (size_t i = 0; st == GX_OK && i < members_count; i++)
		st = chat_sql_member_leave(tx,
					   &(struct chat_sql_member_leave_in){
						   conversation_id, member_ids[i], position,
						   changed, c->last_seq },
					   NULL, err);
	chat_cache_drop(tx, conversation_id);
	if (st == GX_OK)
		st = tell_members(a, tx, position, conversation_id, NULL, 0, member_ids,
				  members_count, before, before_count, err);
	return st != GX_OK
		       ? st
		       : tell_each(a, tx, changed, conversation_id, member_ids, members_count, err);
}

enum gx_status chat_touch(struct gx_arena *a, struct gx_tx *tx, uint64_t conversation_id,
			  struct gx_error *err)
{
	struct chat_open *c;
	enum gx_status st = chat_cache_get(a, tx, conversation_id, &c, err);

	if (st != GX_OK)
		return st;
	uint64_t position = gx_position_take(tx);
	st = chat_sql_event_insert(tx,
				   &(struct chat_sql_event_insert_in){ position, conversation_id,
								       tx->now_ms, GX_STR("") },
				   NULL, err);
	return st != GX_OK ? st
			   : tell_each(a, tx, position, conversation_id, c->present_ids,
				       c->present_count, err);
}

enum gx_status chat_set_name(struct gx_arena *a, struct gx_tx *tx, uint64_t conversation_id,
			     struct gx_str name, struct gx_error *err)
{
	enum gx_status st = chat_sql_conversation_set_name(
		tx, &(struct chat_sql_conversation_set_name_in){ conversation_id, name }, NULL,
		err);

	return st != GX_OK ? st : chat_touch(a, tx, conversation_id, err);
}

enum gx_status chat_post_notice(struct gx_arena *a, struct gx_tx *tx, uint64_t conversation_id,
				uint64_t actor_id, const char *code, struct gx_str params,
				struct gx_error *err)
{
	struct chat_message m = {
		.conversation_id = conversation_id,
		.sender_id = actor_id,
		.kind = CHAT_NOTICE,
		.body = gx_arena_printf(a, "{\"code\":\"%s\",\"params\":%.*s}", code,
					GX_STR_ARG(params)),
	};
	struct chat_open *c;
	bool is_repeat;
	enum gx_status st = chat_cache_get(a, tx, conversation_id, &c, err);

	if (st == GX_OK)
		st = chat_append(a, tx, c, &m, &is_repeat, err);
	return st;
}

enum gx_status chat_get_member(struct gx_tx *tx, uint64_t conversation_id, uint64_t account_id,
			       struct chat_member *out, bool *found, struct gx_error *err)
{
	struct gx_arena a;
	struct chat_sql_member_get_out row;

	gx_arena_init(&a);
	enum gx_status st =
		chat_sql_member_get(&a, tx,
				    &(struct chat_sql_member_get_in){ conversation_id, account_id },
				    &row, found, err);
	gx_arena_deinit(&a);
	if (st == GX_OK && *found)
		*out = (struct chat_member){ conversation_id, account_id, row.joined_at_ms,
					     row.left_seq != INT64_MIN };
	return st;
}

enum gx_status chat_list_members(struct gx_arena *a, struct gx_tx *tx, uint64_t conversation_id,
				 struct chat_member **out, size_t *count, struct gx_error *err)
{
	struct chat_sql_member_list_out *rows;
	size_t n;
	enum gx_status st =
		chat_sql_member_list(a, tx, &(struct chat_sql_member_list_in){ conversation_id },
				     &rows, &n, err);

	if (st != GX_OK)
		return st;
	*out = gx_arena_new_array(a, struct chat_member, n + 1);
	for (size_t i = 0; i < n; i++)
		(*out)[i] = (struct chat_member){ conversation_id, rows[i].account_id,
						  rows[i].joined_at_ms, false };
	*count = n;
	return GX_OK;
}

enum gx_status chat_get_kind(struct gx_tx *tx, uint64_t conversation_id, enum chat_kind *out,
			     struct gx_error *err)
{
	struct gx_arena a;
	struct chat_sql_conversation_get_out row;
	bool found;

	gx_arena_init(&a);
	enum gx_status st =
		chat_sql_conversation_get(&a, tx,
					  &(struct chat_sql_conversation_get_in){ conversation_id },
					  &row, &found, err);
	gx_arena_deinit(&a);
	if (st == GX_OK)
		*out = found ? (enum chat_kind)row.kind : 0;
	return st;
}

enum gx_status chat_shares_group(struct gx_tx *tx, uint64_t account_id, uint64_t other_id,
				 bool *out, struct gx_error *err)
{
	struct gx_arena a;
	struct chat_sql_shared_group_out row;

	gx_arena_init(&a);
	enum gx_status st = chat_sql_shared_group(&a, tx,
						  &(struct chat_sql_shared_group_in){
							  account_id, other_id, CHAT_GROUP },
						  &row, out, err);
	gx_arena_deinit(&a);
	return st;
}
