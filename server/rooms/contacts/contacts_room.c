/* SPDX-License-Identifier: Apache-2.0 */
/*
 * contacts_room.c - what the house needs to know of this room.
 */
#include "contacts_rules.h"
#include "contacts_sql.h"

struct gx_setting contacts_settings[CONTACTS_SETTING_COUNT] = {
	[CONTACTS_SETTING_REQUESTS_PER_DAY] = GX_SETTING_INT(
		"limits", "contact_requests_per_day", 20, 0, 1000000,
		"Contact requests that one account may send in 24 hours; 0: no limit."),
	[CONTACTS_SETTING_FRIENDS] = GX_SETTING_INT("limits", "friends", 5000, 0, 1000000,
						    "Contacts of one account; 0: no limit."),
	[CONTACTS_SETTING_BLOCKS] =
		GX_SETTING_INT("limits", "blocks", 1000, 0, 1000000,
			       "People that one account may block; 0: no limit."),
};

struct gx_metric contacts_metrics[CONTACTS_METRIC_COUNT] = {
	[CONTACTS_METRIC_REQUESTS] = { .name = "guanxi_contact_requests_total",
				       .kind = GX_METRIC_COUNTER,
				       .help = "Contact requests made." },
	[CONTACTS_METRIC_TIES] = { .name = "guanxi_contact_ties_total",
				   .kind = GX_METRIC_COUNTER,
				   .help = "Ties made or restored between two people." },
};

static const struct gx_code codes[] = {
	{ "contacts.not_friend", GX_E_FORBIDDEN,
	  "This person has turned on friend confirmation and you are not friends yet. Send a "
	  "contact request first; you can chat once it is accepted.",
	  "对方开启了朋友验证，你还不是他(她)"
	  "的朋友。请先发送朋友验证请求，对方验证通过后，才能聊天。" },
	{ "contacts.refused", GX_E_FORBIDDEN,
	  "The message was sent, but the other side refused to receive it.",
	  "消息已发出，但被对方拒收了。" },
	{ "contacts.no_request", GX_E_NOT_FOUND, "There is no such contact request.",
	  "没有这条好友申请。" },
	{ "contacts.no_contact", GX_E_NOT_FOUND, "This person is not in your contacts.",
	  "对方不在你的通讯录中。" },
	{ "contacts.already_friends", GX_E_CONFLICT, "You are contacts already.",
	  "你们已经是朋友了。" },
	{ "contacts.request_closed", GX_E_CONFLICT, "This request has been answered already.",
	  "这条好友申请已经处理过了。" },
	{ "contacts.request_expired", GX_E_CONFLICT, "This request has expired.",
	  "这条好友申请已过期。" },
	{ "contacts.self", GX_E_RULE, "This can't be done with yourself.", "不能对自己这样操作。" },
	{ "contacts.source_untrue", GX_E_RULE,
	  "You have not found this person in the way that was given.",
	  "添加来源与实际不符，无法发送申请。" },
	{ "contacts.source_unavailable", GX_E_RULE,
	  "People can't be added in this way on this server yet.",
	  "暂不支持通过这种方式添加朋友。" },
	{ "contacts.too_many_friends", GX_E_RULE, "Your list of contacts is full.",
	  "你的朋友数量已达上限。" },
	{ "contacts.their_list_full", GX_E_RULE, "The other side's list of contacts is full.",
	  "对方的朋友数量已达上限。" },
	{ "contacts.too_many_blocks", GX_E_RULE, "Your list of blocked people is full.",
	  "你的黑名单已达上限。" },
	{ "contacts.too_many_requests", GX_E_LIMIT,
	  "You have sent too many contact requests. Try again later.",
	  "你发送的好友申请过于频繁，请稍后再试。" },
};

static const struct gx_periodic periodics[] = {
	{ .name = "contacts.prune", .interval_ms = GX_HOUR_MS, .run = contacts_prune },
};

static const char *const needs[] = { "accounts", "chat", NULL };

const struct gx_room contacts_room = {
	.name = "contacts",
	.needs = needs,
	.routes = contacts_routes,
	.routes_count = CONTACTS_ROUTES_COUNT,
	.codes = codes,
	.codes_count = GX_COUNT(codes),
	.settings = contacts_settings,
	.settings_count = GX_COUNT(contacts_settings),
	.metrics = contacts_metrics,
	.metrics_count = GX_COUNT(contacts_metrics),
	.periodics = periodics,
	.periodics_count = GX_COUNT(periodics),
	.queries = &contacts_queries,
	.migrations = &contacts_migrations,
	.account_changed = contacts_account_changed,
};
