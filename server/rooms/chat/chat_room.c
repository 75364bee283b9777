/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chat_room.c - what the house needs to know of the chat room.
 */
#include "chat_sql.h"
#include "chat_store.h"

struct gx_setting chat_settings[CHAT_SETTINGS_COUNT] = {
	[CHAT_SETTING_RECALL_S] =
		GX_SETTING_INT("limits", "recall_seconds", 120, 0, 86400,
			       "Seconds in which a message can be recalled by its sender."),
	[CHAT_SETTING_RECALL_FILE_S] = GX_SETTING_INT("limits", "recall_file_seconds", 10800, 0,
						      604800, "The same for files."),
	[CHAT_SETTING_PER_MINUTE] =
		GX_SETTING_INT("limits", "messages_per_minute", 0, 0, 1000000,
			       "Messages that one account may send in a minute; 0 means no limit."),
	[CHAT_SETTING_TAIL] = GX_SETTING_INT(
		"chat", "tail_messages", 524288, 16, 1000000,
		"Messages whose index entries wait in memory (about 60 bytes each) to be written "
		"together. Twice as many are read again at a start."),
};

size_t chat_tail_messages(void)
{
	return (size_t)chat_settings[CHAT_SETTING_TAIL].num;
}

static const struct gx_code codes[] = {
	{ "chat.no_conversation", GX_E_NOT_FOUND, "There is no such conversation.",
	  "没有这个会话。" },
	{ "chat.no_message", GX_E_NOT_FOUND, "There is no such message.", "没有这条消息。" },
	{ "chat.not_member", GX_E_FORBIDDEN, "You are no longer a member of this conversation.",
	  "你已不在该会话中。" },
	{ "chat.not_allowed", GX_E_FORBIDDEN, "You may not do this with this message.",
	  "你不能对这条消息执行此操作。" },
	{ "chat.bad_body", GX_E_INVALID, "The message's content is not as it must be.",
	  "消息内容不符合要求。" },
	{ "chat.bad_reply", GX_E_RULE, "The message you reply to is not here.",
	  "所引用的消息不存在。" },
	{ "chat.bad_mention", GX_E_RULE,
	  "Only members can be mentioned, and everybody only by the owner and admins.",
	  "只能提及成员；仅群主和管理员可以提及所有人。" },
	{ "chat.client_id_reused", GX_E_CONFLICT, "This client_id was used for another message.",
	  "该 client_id 已用于另一条消息。" },
	{ "chat.too_fast", GX_E_LIMIT, "You are sending too fast. Wait a moment.",
	  "发送过于频繁，请稍候。" },
	{ "chat.recall_too_late", GX_E_RULE, "It is too late to recall this message.",
	  "已超过撤回时限。" },
};

const struct gx_periodic chat_periodics[CHAT_PERIODICS_COUNT] = {
	[CHAT_PERIODIC_FLUSH_READ] = { .name = "chat.flush_read",
				       .interval_ms = GX_SECOND_MS,
				       .is_on_demand = true,
				       .run = chat_flush_read },
	[CHAT_PERIODIC_INDEX] = { .name = "chat.index_idle",
				  .interval_ms = 5 * GX_SECOND_MS,
				  .is_on_demand = true,
				  .run = chat_index_idle },
	[CHAT_PERIODIC_PRUNE] = { .name = "chat.prune_events",
				  .interval_ms = GX_HOUR_MS,
				  .run = chat_prune_events },
};

static const char *const needs[] = { "media", "accounts", NULL };

const struct gx_room chat_room = {
	.name = "chat",
	.needs = needs,
	.routes = chat_routes,
	.routes_count = CHAT_ROUTES_COUNT,
	.codes = codes,
	.codes_count = GX_COUNT(codes),
	.settings = chat_settings,
	.settings_count = GX_COUNT(chat_settings),
	.periodics = chat_periodics,
	.periodics_count = CHAT_PERIODICS_COUNT,
	.queries = &chat_queries,
	.migrations = &chat_migrations,
	.state_size = sizeof(struct chat_state),
	.start = chat_start,
	.stop = chat_stop,
	.flush = chat_store_flush,
	.settle = chat_settle,
	.settled = chat_settled,
	.forget = chat_cache_forget,
	.events = chat_list_events,
	.may_view = chat_may_view,
	.account_changed = chat_account_changed,
};
