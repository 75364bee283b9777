/* SPDX-License-Identifier: Apache-2.0 */
/*
 * groups_room.c - what the house needs to know of this room.
 */
#include "groups_rules.h"
#include "groups_sql.h"

struct gx_setting groups_settings[GROUPS_SETTING_COUNT] = {
	[GROUPS_SETTING_MEMBERS] =
		GX_SETTING_INT("limits", "group_members", 500, 0, GROUPS_MEMBERS_HARD_MAX,
			       "Members of one group; 0: as many as the server can hold (10000)."),
	[GROUPS_SETTING_PER_DAY] =
		GX_SETTING_INT("limits", "groups_per_day", 50, 0, 1000000,
			       "Groups that one account may make in 24 hours; 0: no limit."),
	[GROUPS_SETTING_CHANGES_PER_HOUR] = GX_SETTING_INT(
		"limits", "group_changes_per_hour", 120, 0, 1000000,
		"Changes of groups by one account in an hour: each is told to every member."),
	[GROUPS_SETTING_ACCEPT_ABOVE] =
		GX_SETTING_INT("limits", "group_accept_above", 40, 0, 100000,
			       "Members above which a new one must accept the invitation. Without "
			       "effect in this version, which adds contacts at once."),
	[GROUPS_SETTING_VERIFIED_ABOVE] =
		GX_SETTING_INT("limits", "group_verified_above", 100, 0, 100000,
			       "Members above which a new one must be verified. Without effect in "
			       "this version."),
	[GROUPS_SETTING_QR_UNTIL] =
		GX_SETTING_INT("limits", "group_qr_until", 200, 0, 100000,
			       "Members up to which a group can be joined by its QR code. Without "
			       "effect in this version."),
};

struct gx_metric groups_metrics[GROUPS_METRIC_COUNT] = {
	[GROUPS_METRIC_CREATED] = { .name = "guanxi_groups_created_total",
				    .kind = GX_METRIC_COUNTER,
				    .help = "Groups made." },
};

static const struct gx_code codes[] = {
	{ "groups.no_group", GX_E_NOT_FOUND, "There is no such group.", "没有这个群聊。" },
	{ "groups.no_member", GX_E_NOT_FOUND, "This person is not in the group.",
	  "对方不在该群聊中。" },
	{ "groups.not_allowed", GX_E_FORBIDDEN, "Your role in the group does not allow this.",
	  "你没有权限进行此操作。" },
	{ "groups.nobody", GX_E_RULE,
	  "None of these people can be added: a group needs at least one of your contacts.",
	  "所选的人都无法加入，请至少选择一位朋友。" },
	{ "groups.full", GX_E_RULE, "The group is full.", "群成员数量已达上限。" },
	{ "groups.bad_member", GX_E_RULE,
	  "Owner and admins must be members, and the owner can't be an admin.",
	  "群主和管理员必须是群成员，且群主不能同时是管理员。" },
	{ "groups.too_many_admins", GX_E_RULE, "A group has at most 3 admins.",
	  "最多可以设置3位群管理员。" },
	{ "groups.client_id_reused", GX_E_CONFLICT,
	  "This client_id was used before for another group.",
	  "该 client_id 已用于创建其他群聊。" },
	{ "groups.too_many_groups", GX_E_LIMIT, "You have made too many groups. Try again later.",
	  "你创建的群聊过多，请稍后再试。" },
};

static const char *const needs[] = { "accounts", "chat", "contacts", NULL };

const struct gx_room groups_room = {
	.name = "groups",
	.needs = needs,
	.routes = groups_routes,
	.routes_count = GROUPS_ROUTES_COUNT,
	.codes = codes,
	.codes_count = GX_COUNT(codes),
	.settings = groups_settings,
	.settings_count = GX_COUNT(groups_settings),
	.metrics = groups_metrics,
	.metrics_count = GX_COUNT(groups_metrics),
	.queries = &groups_queries,
	.migrations = &groups_migrations,
};
