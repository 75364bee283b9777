/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chat_send.c - the hot path: one message, one row.
 *
 * Everything is checked before the first write, so that a refused message leaves nothing to undo.
 * A repeat is found by its client_id (chat_store.c) and changes nothing. The sender has read
 * what he wrote: that is kept in memory and written down together with others (chat_flush_read).
 */
#include <string.h>

#include "chat_store.h"
#include "maxima.h"
#include "media.h"
#include "throttle.h"

enum gx_status chat_check_gate(enum chat_gate gate, struct gx_error *err)
{
	if (gate == CHAT_GATE_NOT_FRIEND)
		return gx_fail(err, GX_E_FORBIDDEN, "contacts.not_friend");
	if (gate == CHAT_GATE_REFUSED)
		return gx_fail(err, GX_E_FORBIDDEN, "contacts.refused");
	return GX_OK;
}

enum gx_status chat_refuse_outsider(struct gx_arena *a, struct gx_tx *tx, uint64_t conversation_id,
				    uint64_t account_id, struct gx_error *err)
{
	struct chat_range range;
	enum gx_status st = chat_range_get(a, tx, conversation_id, account_id, &range, err);

	return st != GX_OK ? st : gx_fail(err, GX_E_FORBIDDEN, "chat.not_member");
}

/* The first message of that client_id, if there is one: a repeat is answered like the first time,
 * whatever has changed since. */
static enum gx_status find_repeat(struct gx_arena *a, struct gx_tx *tx, struct chat_message *m,
				  bool *found, struct gx_error *err)
{
	struct chat_message first;
	uint64_t key;
	enum gx_status st = chat_store_find(a, tx, m->conversation_id, m->sender_id, m->client_id,
					    &first, found, &key, err);

	if (st != GX_OK || !*found)
		return st;
	bool is_same = first.kind == m->kind && first.reply_to == m->reply_to &&
		       (first.recalled_at_ms != 0 ||
			(gx_str_eq(first.body, m->body) && gx_str_eq(first.mentions, m->mentions)));
	if (!is_same)
		return gx_fail(err, GX_E_CONFLICT, "chat.client_id_reused");
	*m = first;
	return GX_OK;
}

/* Keeps the message's JSON for the answer. */
static struct gx_str message_event(struct gx_arena *a, struct chat_message *m)
{
	struct gx_str json = m->json = chat_message_json(a, m);
	char *text = gx_arena_alloc(a, json.len + 64);
	struct gx_buf at = { .ptr = text, .cap = json.len + 64, .max = json.len + 64 };

	gx_buf_append_str(&at, GX_STR("{\"type\":\"message\",\"at\":"));
	gx_buf_append_i64(&at, m->sent_at_ms);
	gx_buf_append_str(&at, GX_STR(",\"message\":"));
	gx_buf_append_str(&at, json);
	gx_buf_append_char(&at, '}');
	GX_ASSERT(!at.overflow && at.ptr == text);
	return gx_buf_str(&at);
}

enum gx_status chat_append(struct gx_arena *a, struct gx_tx *tx, struct chat_open *c,
			   struct chat_message *m, bool *is_repeat, struct gx_error *err)
{
	struct chat_message first;
	uint64_t key = 0;
	enum gx_status st = GX_OK;

	*is_repeat = false;
	if (m->client_id.len > 0)
		st = chat_store_find(a, tx, m->conversation_id, m->sender_id, m->client_id, &first,
				     is_repeat, &key, err);
	if (st != GX_OK || *is_repeat)
		return st;
	/* The position is taken only when the row is in. */
	m->position = gx_position_last(tx) + 1;
	m->seq = c->last_seq + 1;
	m->sent_at_ms = tx->now_ms;
	st = chat_store_append(tx, m, key, err);
	if (st != GX_OK)
		return st;
	GX_ASSERT(gx_position_take(tx) == m->position);
	c->last_seq = m->seq;
	struct chat_present *sender = chat_present_find(c, m->sender_id);
	if (sender != NULL && m->kind != CHAT_NOTICE) {
		sender->read_seq = m->seq;
		gx_maxima_raise(tx->core, m->conversation_id, m->sender_id, m->seq);
		gx_periodic_wake(tx->core, &chat_periodics[CHAT_PERIODIC_FLUSH_READ]);
	}
	/* Behind a notice the caller may change the members; behind a message nothing follows. */
	gx_deliver(tx, m->position, message_event(a, m),
		   m->kind == CHAT_NOTICE ? chat_copy_present(a, c) : c->present_ids,
		   c->present_count, m->kind != CHAT_NOTICE);
	return GX_OK;
}

static enum gx_status check_reply(struct gx_arena *a, struct gx_tx *tx, const struct chat_open *c,
				  const struct chat_present *sender, uint64_t reply_to,
				  struct gx_error *err)
{
	struct chat_range range = { .low = sender->joined_seq, .high = c->last_seq };
	struct chat_message quoted;

	if (reply_to == 0)
		return GX_OK;
	enum gx_status st =
		chat_message_get(a, tx, c->conversation_id, &range, reply_to, &quoted, err);
	return st == GX_E_NOT_FOUND ? gx_fail(err, GX_E_RULE, "chat.bad_reply") : st;
}

/* Mentions as compact JSON: members of the conversation, or "all" by a moderator of a group. */
static enum gx_status check_mentions(struct gx_arena *a, const struct chat_open *c,
				     const struct chat_present *sender, const struct gx_json *list,
				     struct gx_str *out, struct gx_error *err)
{
	struct gx_buf text;
	struct gx_json_writer w;
	const struct gx_json *n = list == NULL ? NULL : gx_json_first(list);
	bool is_all = n != NULL && n->type == GX_JSON_STRING && list->count == 1 &&
		      gx_str_eq(gx_json_str(a, n), GX_STR("all"));
	bool is_good = true;

	*out = GX_STR_NULL;
	if (list == NULL || (list->type == GX_JSON_ARRAY && list->count == 0))
		return GX_OK;
	if (list->type != GX_JSON_ARRAY || list->count > 100)
		return gx_fail_field(err, GX_E_INVALID, "core.invalid_field", "mentions");
	if (is_all) {
		if (c->kind != CHAT_GROUP || !sender->is_moderator)
			return gx_fail(err, GX_E_RULE, "chat.bad_mention");
		*out = GX_STR("[\"all\"]");
		return GX_OK;
	}
	gx_buf_init(&text, 100 * 24);
	gx_json_writer_init(&w, &text);
	gx_json_begin_array(&w);
	for (uint32_t i = 0; is_good && i < list->count; i++, n = gx_json_next(n)) {
		uint64_t id = 0;

		is_good = n->type == GX_JSON_STRING && gx_str_to_u64(gx_json_str(a, n), &id) &&
			  chat_present_find(c, id) != NULL;
		gx_json_put_id(&w, id);
	}
	gx_json_end_array(&w);
	if (is_good)
		*out = gx_arena_strdup(a, gx_buf_str(&text));
	gx_buf_deinit(&text);
	return is_good ? GX_OK : gx_fail(err, GX_E_RULE, "chat.bad_mention");
}

/* May he write here and now? A repeat of what was accepted before is let through to be found. */
static enum gx_status check_right(struct gx_arena *a, struct gx_tx *tx, const struct chat_open *c,
				  const struct chat_present *sender, const struct chat_message *m,
				  struct gx_error *err)
{
	struct chat_message first = *m;
	struct gx_error ignored = { 0 };
	bool found = false;
	enum gx_status st =
		sender == NULL ? chat_refuse_outsider(a, tx, c->conversation_id, m->sender_id, err)
			       : chat_check_gate((enum chat_gate)sender->gate, err);

	if (st == GX_OK || st == GX_E_NOT_FOUND || st == GX_E_INTERNAL)
		return st;
	if (find_repeat(a, tx, &first, &found, &ignored) == GX_OK && found)
		return GX_OK;
	return st;
}

static enum gx_status grant_media(struct gx_arena *a, struct gx_tx *tx,
				  const struct chat_message *m, const struct chat_body *body,
				  struct gx_error *err)
{
	enum gx_status st = GX_OK;

	for (size_t i = 0; st == GX_OK && i < body->media_count; i++)
		st = media_grant(a, tx, m->sender_id, body->media_ids[i], GX_STR("chat"),
				 m->conversation_id, m->seq, err);
	return st;
}

enum gx_status chat_send(struct gx_arena *a, struct gx_tx *tx, uint64_t sender_id,
			 uint64_t conversation_id, const struct chat_draft *draft,
			 struct chat_message *out, struct gx_error *err)
{
	struct chat_message m = { .conversation_id = conversation_id,
				  .sender_id = sender_id,
				  .kind = draft->kind,
				  .client_id = draft->client_id,
				  .reply_to = draft->reply_to };
	struct chat_body *body = gx_arena_new(a, struct chat_body);
	struct chat_open *c;
	bool is_repeat;
	enum gx_status st = chat_cache_get(a, tx, conversation_id, &c, err);

	if (st != GX_OK)
		return st;
	struct chat_present *sender = chat_present_find(c, sender_id);
	if (sender == NULL)
		st = chat_range_get(a, tx, conversation_id, sender_id, &(struct chat_range){ 0 },
				    err);
	if (st == GX_OK)
		st = chat_body_check(a, tx, sender_id, draft->kind, draft->body, body, err);
	if (st != GX_OK)
		return st;
	m.body = body->json;
	st = check_right(a, tx, c, sender, &m, err);
	if (st == GX_OK && sender != NULL)
		st = check_reply(a, tx, c, sender, m.reply_to, err);
	if (st == GX_OK && sender != NULL)
		st = check_mentions(a, c, sender, draft->mentions, &m.mentions, err);
	if (st != GX_OK)
		return st;
	if (sender != NULL && sender->gate == CHAT_GATE_OPEN) {
		st = chat_append(a, tx, c, &m, &is_repeat, err);
		if (st == GX_OK && !is_repeat)
			st = grant_media(a, tx, &m, body, err);
	} else {
		is_repeat = true;
	}
	if (st == GX_OK && is_repeat)
		st = find_repeat(a, tx, &m, &is_repeat, err);
	if (st == GX_OK)
		*out = m;
	return st;
}
