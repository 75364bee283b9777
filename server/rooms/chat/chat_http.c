/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chat_http.c - the chat room's operations: input to rules to JSON.
 */
#include "chat_state.h"
#include "throttle.h"

#define PAGE_DEFAULT 50
#define PAGE_MAX 100
#define SEQ_MAX INT64_C(9007199254740991)

/* The conversation is every operation's first field but the list's. */
#define CONVERSATION_FIELD                                                                         \
	{                                                                                          \
		"conversation_id", GX_FIELD_ID, GX_FIELD_REQUIRED, 0, 0                            \
	}
#define SEQ_FIELD                                                                                  \
	{                                                                                          \
		"seq", GX_FIELD_INT, GX_FIELD_REQUIRED, 1, SEQ_MAX                                 \
	}

enum { LIST_CURSOR, LIST_LIMIT };
static const struct gx_field list_fields[] = {
	[LIST_CURSOR] = { "cursor", GX_FIELD_TOKEN, 0, 0, 0 },
	[LIST_LIMIT] = { "limit", GX_FIELD_INT, 0, 1, PAGE_MAX },
	{ 0 },
};

static const struct gx_field conversation_fields[] = { CONVERSATION_FIELD, { 0 } };
static const struct gx_field message_fields[] = { CONVERSATION_FIELD, SEQ_FIELD, { 0 } };

enum { UPDATE_PINNED = 1, UPDATE_MUTED };
static const struct gx_field update_fields[] = {
	CONVERSATION_FIELD,
	[UPDATE_PINNED] = { "pinned", GX_FIELD_BOOL, 0, 0, 0 },
	[UPDATE_MUTED] = { "muted", GX_FIELD_BOOL, 0, 0, 0 },
	{ 0 },
};

enum { SEND_CLIENT_ID = 1, SEND_KIND, SEND_BODY, SEND_REPLY_TO, SEND_MENTIONS };
static const struct gx_field send_fields[] = {
	CONVERSATION_FIELD,
	[SEND_CLIENT_ID] = { "client_id", GX_FIELD_TOKEN, GX_FIELD_REQUIRED, 0,
			     CHAT_CLIENT_ID_MAX },
	[SEND_KIND] = { "kind", GX_FIELD_STR, GX_FIELD_REQUIRED, 1, 16 },
	[SEND_BODY] = { "body", GX_FIELD_OBJECT, GX_FIELD_REQUIRED, 0, 0 },
	[SEND_REPLY_TO] = { "reply_to", GX_FIELD_INT, 0, 1, SEQ_MAX },
	[SEND_MENTIONS] = { "mentions", GX_FIELD_ANY, 0, 0, 0 },
	{ 0 },
};

enum { HISTORY_BEFORE = 1, HISTORY_AFTER, HISTORY_LIMIT };
static const struct gx_field history_fields[] = {
	CONVERSATION_FIELD,
	[HISTORY_BEFORE] = { "before", GX_FIELD_INT, 0, 1, SEQ_MAX },
	[HISTORY_AFTER] = { "after", GX_FIELD_INT, 0, 0, SEQ_MAX },
	[HISTORY_LIMIT] = { "limit", GX_FIELD_INT, 0, 1, PAGE_MAX },
	{ 0 },
};

static void write_message_answer(struct gx_call *c, const struct chat_message *m)
{
	gx_json_begin_object(&c->out);
	gx_json_key(&c->out, GX_STR("message"));
	chat_write_message(&c->out, m);
	gx_json_end_object(&c->out);
}

static enum gx_status write_conversation_answer(struct gx_call *c)
{
	gx_json_begin_object(&c->out);
	gx_json_key(&c->out, GX_STR("conversation"));
	enum gx_status st = chat_write_conversation(c->arena, c->tx, c->session.account_id,
						    c->in[0].id, &c->out, &c->err);
	gx_json_end_object(&c->out);
	return st;
}

static enum gx_status conversations_list(struct gx_call *c)
{
	size_t limit = c->in[LIST_LIMIT].is_present ? (size_t)c->in[LIST_LIMIT].num : PAGE_DEFAULT;
	uint64_t before = 0;
	struct chat_head *heads;
	size_t count, written = 0;
	bool more;

	if (c->in[LIST_CURSOR].is_present && !gx_cursor_parse(c->in[LIST_CURSOR].str, &before))
		return gx_fail_field(&c->err, GX_E_INVALID, "core.invalid_field", "cursor");
	enum gx_status st = chat_list_conversations(c->arena, c->tx, c->session.account_id, before,
						    limit, &heads, &count, &more, &c->err);
	if (st != GX_OK)
		return st;
	gx_json_begin_object(&c->out);
	gx_json_key(&c->out, GX_STR("conversations"));
	gx_json_begin_array(&c->out);
	while (st == GX_OK && written < count && c->out.buf->len < CHAT_PAGE_BYTES_MAX)
		st = chat_write_conversation(c->arena, c->tx, c->session.account_id,
					     heads[written++].conversation_id, &c->out, &c->err);
	gx_json_end_array(&c->out);
	gx_json_key(&c->out, GX_STR("next"));
	if (more || written < count)
		gx_json_put_str(&c->out, gx_cursor_text(c->arena, heads[written - 1].position));
	else
		gx_json_put_null(&c->out);
	gx_json_end_object(&c->out);
	return st;
}

static enum gx_status conversations_update(struct gx_call *c)
{
	const struct gx_input *pinned = &c->in[UPDATE_PINNED], *muted = &c->in[UPDATE_MUTED];
	bool is_pinned = pinned->num != 0, is_muted = muted->num != 0;

	if (pinned->is_present || muted->is_present) {
		enum gx_status st =
			chat_set_flags(c->arena, c->tx, c->session.account_id, c->in[0].id,
				       pinned->is_present ? &is_pinned : NULL,
				       muted->is_present ? &is_muted : NULL, &c->err);
		if (st != GX_OK)
			return st;
	}
	return write_conversation_answer(c);
}

static enum gx_status conversations_read(struct gx_call *c)
{
	return chat_mark_read(c->arena, c->tx, c->session.account_id, c->in[0].id,
			      (uint64_t)c->in[1].num, &c->err);
}

static enum gx_status conversations_typing(struct gx_call *c)
{
	return chat_type(c->arena, c->tx, c->session.account_id, c->in[0].id, &c->err);
}

static enum gx_status messages_send_admit(struct gx_call *c)
{
	int64_t limit = chat_settings[CHAT_SETTING_PER_MINUTE].num;

	if (limit == 0)
		return GX_OK;
	return gx_throttle(c->core, "chat.too_fast",
			   gx_arena_printf(c->arena, "%llu",
					   (unsigned long long)c->session.account_id),
			   limit, GX_MINUTE_MS, &c->err);
}

static enum gx_status messages_send(struct gx_call *c)
{
	struct chat_draft draft = {
		.client_id = c->in[SEND_CLIENT_ID].str,
		.kind = chat_kind_parse(c->in[SEND_KIND].str),
		.body = c->in[SEND_BODY].json,
		.reply_to = (uint64_t)c->in[SEND_REPLY_TO].num,
		.mentions = c->in[SEND_MENTIONS].json,
	};
	struct chat_message m;

	if (draft.kind == 0)
		return gx_fail_field(&c->err, GX_E_INVALID, "core.invalid_field", "kind");
	enum gx_status st =
		chat_send(c->arena, c->tx, c->session.account_id, c->in[0].id, &draft, &m, &c->err);
	if (st == GX_OK)
		write_message_answer(c, &m);
	return st;
}

static enum gx_status messages_list(struct gx_call *c)
{
	const struct gx_input *before = &c->in[HISTORY_BEFORE], *after = &c->in[HISTORY_AFTER];
	size_t limit =
		c->in[HISTORY_LIMIT].is_present ? (size_t)c->in[HISTORY_LIMIT].num : PAGE_DEFAULT;
	struct chat_range range;
	struct chat_message *messages;
	size_t count;
	bool has_more;

	if (before->is_present && after->is_present)
		return gx_fail_field(&c->err, GX_E_INVALID, "core.invalid_field", "after");
	enum gx_status st = chat_range_get(c->arena, c->tx, c->in[0].id, c->session.account_id,
					   &range, &c->err);
	if (st != GX_OK)
		return st;
	if (before->is_present && (uint64_t)before->num - 1 < range.high)
		range.high = (uint64_t)before->num - 1;
	if (after->is_present && (uint64_t)after->num > range.low)
		range.low = (uint64_t)after->num;
	st = chat_messages_page(c->arena, c->tx, c->in[0].id, c->session.account_id, &range,
				!after->is_present, limit, &messages, &count, &has_more, &c->err);
	if (st != GX_OK)
		return st;
	gx_json_begin_object(&c->out);
	gx_json_key(&c->out, GX_STR("messages"));
	gx_json_begin_array(&c->out);
	for (size_t i = 0; i < count; i++)
		chat_write_message(&c->out, &messages[i]);
	gx_json_end_array(&c->out);
	gx_json_key(&c->out, GX_STR("next"));
	if (has_more)
		gx_json_put_i64(&c->out, (int64_t)messages[after->is_present ? count - 1 : 0].seq);
	else
		gx_json_put_null(&c->out);
	gx_json_end_object(&c->out);
	return GX_OK;
}

static enum gx_status messages_clear(struct gx_call *c)
{
	return chat_clear(c->arena, c->tx, c->session.account_id, c->in[0].id, &c->err);
}

static enum gx_status messages_delete(struct gx_call *c)
{
	return chat_hide(c->arena, c->tx, c->session.account_id, c->in[0].id,
			 (uint64_t)c->in[1].num, &c->err);
}

static enum gx_status messages_recall(struct gx_call *c)
{
	struct chat_message m;
	enum gx_status st = chat_recall(c->arena, c->tx, c->session.account_id, c->in[0].id,
					(uint64_t)c->in[1].num, &m, &c->err);

	if (st == GX_OK)
		write_message_answer(c, &m);
	return st;
}

#define CHAT_ROUTE(name, verb, where, what, status, inputs, function)                              \
	{                                                                                          \
		.op = (name), .method = GX_METHOD_##verb, .path = (where), .kind = GX_OP_##what,   \
		.auth = GX_AUTH_SESSION, .priority = GX_PRIORITY_CHAT, .ok_status = (status),      \
		.fields = (inputs), .handle = (function)                                           \
	}

const struct gx_route chat_routes[CHAT_ROUTES_COUNT] = {
	{ .op = "messages.send",
	  .method = GX_METHOD_POST,
	  .path = "/conversations/{conversation_id}/messages",
	  .kind = GX_OP_COMMAND_PLAIN,
	  .auth = GX_AUTH_SESSION,
	  .priority = GX_PRIORITY_CHAT,
	  .ok_status = 201,
	  .fields = send_fields,
	  .admit = messages_send_admit,
	  .handle = messages_send },
	CHAT_ROUTE("conversations.list", GET, "/conversations", QUERY, 200, list_fields,
		   conversations_list),
	CHAT_ROUTE("conversations.get", GET, "/conversations/{conversation_id}", QUERY, 200,
		   conversation_fields, write_conversation_answer),
	CHAT_ROUTE("conversations.update", PATCH, "/conversations/{conversation_id}", COMMAND, 200,
		   update_fields, conversations_update),
	CHAT_ROUTE("conversations.read", PUT, "/conversations/{conversation_id}/read",
		   COMMAND_PLAIN, 204, message_fields, conversations_read),
	CHAT_ROUTE("conversations.typing", POST, "/conversations/{conversation_id}/typing",
		   COMMAND_PLAIN, 204, conversation_fields, conversations_typing),
	CHAT_ROUTE("messages.list", GET, "/conversations/{conversation_id}/messages", QUERY, 200,
		   history_fields, messages_list),
	CHAT_ROUTE("messages.clear", DELETE, "/conversations/{conversation_id}/messages", COMMAND,
		   204, conversation_fields, messages_clear),
	CHAT_ROUTE("messages.delete", DELETE, "/conversations/{conversation_id}/messages/{seq}",
		   COMMAND, 204, message_fields, messages_delete),
	CHAT_ROUTE("messages.recall", POST,
		   "/conversations/{conversation_id}/messages/{seq}/recall", COMMAND, 200,
		   message_fields, messages_recall),
};
