/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chat_rules.c - what one may do with messages besides sending them: recall, delete for oneself,
 * clear, read, pin, mute, show that one is typing.
 */
#include "chat_sql.h"
#include "chat_store.h"
#include "media.h"

#define TYPING_MEMBERS_MAX 20

/* An event of the conversation that is not a message: stored once, told to who is there. */
static enum gx_status tell_all(struct gx_arena *a, struct gx_tx *tx, const struct chat_open *c,
			       struct gx_str json, struct gx_error *err)
{
	uint64_t position = gx_position_take(tx);
	enum gx_status st =
		chat_sql_event_insert(tx,
				      &(struct chat_sql_event_insert_in){
					      position, c->conversation_id, tx->now_ms, json },
				      NULL, err);

	if (st == GX_OK)
		gx_deliver(tx, position, json, c->present_ids, c->present_count, false);
	return st;
}

static enum gx_status check_recall(const struct chat_open *c, const struct chat_present *me,
				   const struct chat_message *m, int64_t now_ms,
				   struct gx_error *err)
{
	int64_t window_s = chat_settings[m->kind == CHAT_FILE ? CHAT_SETTING_RECALL_FILE_S
							      : CHAT_SETTING_RECALL_S]
				   .num;

	if (m->kind == CHAT_NOTICE)
		return gx_fail(err, GX_E_FORBIDDEN, "chat.not_allowed");
	if (c->kind == CHAT_GROUP && me->is_moderator)
		return GX_OK;
	if (m->sender_id != me->account_id)
		return gx_fail(err, GX_E_FORBIDDEN, "chat.not_allowed");
	if (now_ms - m->sent_at_ms > window_s * GX_SECOND_MS)
		return gx_fail(err, GX_E_RULE, "chat.recall_too_late");
	return GX_OK;
}

enum gx_status chat_recall(struct gx_arena *a, struct gx_tx *tx, uint64_t account_id,
			   uint64_t conversation_id, uint64_t seq, struct chat_message *out,
			   struct gx_error *err)
{
	struct chat_range range;
	struct chat_message m;
	struct chat_open *c;
	enum gx_status st = chat_range_get(a, tx, conversation_id, account_id, &range, err);

	if (st == GX_OK && range.is_left)
		st = gx_fail(err, GX_E_FORBIDDEN, "chat.not_member");
	if (st == GX_OK)
		st = chat_message_get(a, tx, conversation_id, &range, seq, &m, err);
	if (st == GX_OK)
		st = chat_cache_get(a, tx, conversation_id, &c, err);
	if (st != GX_OK)
		return st;
	if (m.recalled_at_ms != 0 && m.sender_id == account_id) {
		*out = m;
		return GX_OK;
	}
	st = check_recall(c, chat_present_find(c, account_id), &m, tx->now_ms, err);
	if (st == GX_OK && m.recalled_at_ms == 0) {
		st = chat_store_recall(tx, m.position, err);
		if (st == GX_OK)
			st = media_revoke(a, tx, GX_STR("chat"), conversation_id, seq, err);
		if (st == GX_OK)
			st = tell_all(a, tx, c,
				      gx_arena_printf(a,
						      "{\"type\":\"message_recalled\",\"at\":%lld,"
						      "\"conversation_id\":\"%llu\",\"seq\":%llu,"
						      "\"by\":\"%llu\"}",
						      (long long)tx->now_ms,
						      (unsigned long long)conversation_id,
						      (unsigned long long)seq,
						      (unsigned long long)account_id),
				      err);
		m.body = GX_STR("{}");
		m.mentions = GX_STR_NULL;
		m.recalled_at_ms = tx->now_ms;
	}
	if (st == GX_OK)
		*out = m;
	return st;
}

enum gx_status chat_hide(struct gx_arena *a, struct gx_tx *tx, uint64_t account_id,
			 uint64_t conversation_id, uint64_t seq, struct gx_error *err)
{
	struct chat_range range;
	struct chat_message m;
	enum gx_status st = chat_range_get(a, tx, conversation_id, account_id, &range, err);

	if (st == GX_OK)
		st = chat_message_get(a, tx, conversation_id, &range, seq, &m, err);
	if (st != GX_OK)
		return st;
	return chat_sql_hidden_put(tx,
				   &(struct chat_sql_hidden_put_in){ account_id, conversation_id,
								     seq },
				   NULL, err);
}

/* Tells one member's own devices that the conversation looks different to them now; the row's
 * changed_position is `position` already. */
static enum gx_status tell_own(struct gx_arena *a, struct gx_tx *tx, uint64_t position,
			       uint64_t account_id, uint64_t conversation_id, struct gx_error *err)
{
	struct gx_str json;

	if (!gx_is_listening(tx, account_id))
		return GX_OK;
	enum gx_status st =
		chat_conversation_event(a, tx, account_id, conversation_id, tx->now_ms, &json, err);
	if (st == GX_OK)
		gx_deliver_one(tx, position, json, account_id, false);
	return st;
}

enum gx_status chat_clear(struct gx_arena *a, struct gx_tx *tx, uint64_t account_id,
			  uint64_t conversation_id, struct gx_error *err)
{
	struct chat_range range;
	struct chat_open *c;
	enum gx_status st = chat_range_get(a, tx, conversation_id, account_id, &range, err);

	if (st == GX_OK)
		st = chat_cache_get(a, tx, conversation_id, &c, err);
	if (st != GX_OK)
		return st;
	uint64_t position = gx_position_take(tx);
	st = chat_sql_member_set_cleared(tx,
					 &(struct chat_sql_member_set_cleared_in){
						 .conversation_id = conversation_id,
						 .account_id = account_id,
						 .seq = c->last_seq < range.high ? c->last_seq
										 : range.high,
						 .position = position },
					 NULL, err);
	return st != GX_OK ? st : tell_own(a, tx, position, account_id, conversation_id, err);
}

enum gx_status chat_mark_read(struct gx_arena *a, struct gx_tx *tx, uint64_t account_id,
			      uint64_t conversation_id, uint64_t seq, struct gx_error *err)
{
	struct chat_open *c;
	struct chat_range range;
	uint64_t read_seq, last_seq;
	enum gx_status st = chat_cache_get(a, tx, conversation_id, &c, err);
	struct chat_present *me = st == GX_OK ? chat_present_find(c, account_id) : NULL;

	if (st == GX_OK && me == NULL) /* a former member: up to where he left */
		st = chat_range_get(a, tx, conversation_id, account_id, &range, err);
	if (st != GX_OK)
		return st;
	read_seq = me != NULL ? me->read_seq : range.read_seq;
	last_seq = me != NULL ? c->last_seq : range.high;
	if (seq > last_seq)
		seq = last_seq;
	if (seq <= read_seq)
		return GX_OK;
	uint64_t position = gx_position_take(tx);
	st = chat_sql_member_set_read(tx,
				      &(struct chat_sql_member_set_read_in){
					      conversation_id, account_id, seq, position },
				      NULL, err);
	if (st != GX_OK)
		return st;
	if (me != NULL)
		me->read_seq = seq;
	gx_deliver_one(
		tx, position,
		gx_arena_printf(a,
				"{\"type\":\"read\",\"at\":%lld,\"conversation_id\":\"%llu\","
				"\"seq\":%llu}",
				(long long)tx->now_ms, (unsigned long long)conversation_id,
				(unsigned long long)seq),
		account_id, true);
	return GX_OK;
}

enum gx_status chat_set_flags(struct gx_arena *a, struct gx_tx *tx, uint64_t account_id,
			      uint64_t conversation_id, const bool *pinned, const bool *muted,
			      struct gx_error *err)
{
	struct chat_range range;
	enum gx_status st = chat_range_get(a, tx, conversation_id, account_id, &range, err);

	if (st != GX_OK)
		return st;
	uint64_t position = gx_position_take(tx);
	st = chat_sql_member_set_flags(tx,
				       &(struct chat_sql_member_set_flags_in){
					       .conversation_id = conversation_id,
					       .account_id = account_id,
					       .is_pinned =
						       pinned == NULL ? range.is_pinned : *pinned,
					       .is_muted = muted == NULL ? range.is_muted : *muted,
					       .position = position },
				       NULL, err);
	return st != GX_OK ? st : tell_own(a, tx, position, account_id, conversation_id, err);
}

enum gx_status chat_set_title(struct gx_arena *a, struct gx_tx *tx, uint64_t conversation_id,
			      uint64_t viewer_id, struct gx_str title, struct gx_error *err)
{
	uint64_t position = gx_position_take(tx);
	enum gx_status st =
		chat_sql_member_set_title(tx,
					  &(struct chat_sql_member_set_title_in){
						  conversation_id, viewer_id,
						  title.ptr == NULL ? GX_STR("") : title,
						  position },
					  NULL, err);

	return st != GX_OK ? st : tell_own(a, tx, position, viewer_id, conversation_id, err);
}

/* Shown to the others in conversations small enough that someone looks at it; stored nowhere. */
enum gx_status chat_type(struct gx_arena *a, struct gx_tx *tx, uint64_t account_id,
			 uint64_t conversation_id, struct gx_error *err)
{
	struct chat_open *c;
	enum gx_status st = chat_cache_get(a, tx, conversation_id, &c, err);

	if (st != GX_OK)
		return st;
	struct chat_present *me = chat_present_find(c, account_id);
	if (me == NULL)
		return chat_refuse_outsider(a, tx, conversation_id, account_id, err);
	st = chat_check_gate((enum chat_gate)me->gate, err);
	if (st != GX_OK || c->present_count > TYPING_MEMBERS_MAX)
		return st;
	uint64_t *others = gx_arena_new_array(a, uint64_t, c->present_count);
	size_t n = 0;
	for (size_t i = 0; i < c->present_count; i++)
		if (c->present_ids[i] != account_id)
			others[n++] = c->present_ids[i];
	gx_deliver_sign(tx,
			gx_arena_printf(a,
					"{\"t\":\"typing\",\"conversation_id\":\"%llu\","
					"\"account_id\":\"%llu\"}",
					(unsigned long long)conversation_id,
					(unsigned long long)account_id),
			others, n);
	return GX_OK;
}
