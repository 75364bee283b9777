/* SPDX-License-Identifier: Apache-2.0 */
/* moderation_room.c - the room in one constant, and the tables it is made of. */
#include "moderation_http.h"
#include "moderation_sql.h"

struct gx_setting moderation_settings[MODERATION_SETTINGS_COUNT] = {
	[MODERATION_REPORTS_PER_DAY] = GX_SETTING_INT("limits", "reports_per_day", 50, 0, 1000000,
						      "Reports by one account in 24 hours."),
};

struct gx_metric moderation_metrics[MODERATION_METRICS_COUNT] = {
	[MODERATION_REPORTS] = { "guanxi_moderation_reports_total", GX_METRIC_COUNTER,
				 "Reports made.", 0 },
};

static const struct gx_code codes[] = {
	{ "moderation.no_subject", GX_E_NOT_FOUND, "There is nothing there that you could report.",
	  "没有可举报的内容。" },
	{ "moderation.client_id_reused", GX_E_CONFLICT,
	  "This client_id was used for another report.", "此 client_id 已用于另一条举报。" },
	{ "moderation.too_many_reports", GX_E_LIMIT,
	  "You have reported a lot today. Please go on later.",
	  "您今天的举报次数已达上限，请稍后再试。" },
	{ "moderation.no_report", GX_E_NOT_FOUND, "There is no such report.", "没有这条举报。" },
	{ "moderation.already_closed", GX_E_CONFLICT, "This report has been decided already.",
	  "这条举报已处理。" },
};

static const struct gx_route routes[] = {
	{ "reports.create", GX_METHOD_POST, "/reports", GX_OP_COMMAND, GX_AUTH_SESSION,
	  GX_PRIORITY_SOCIAL, 201, moderation_create_fields, NULL, NULL, moderation_handle_create },
	{ "reports.list", GX_METHOD_GET, "/reports", GX_OP_QUERY, GX_AUTH_SESSION,
	  GX_PRIORITY_SOCIAL, 200, moderation_page_fields, NULL, NULL, moderation_handle_list_own },
	{ "operator.list_reports", GX_METHOD_GET, "/operator/reports", GX_OP_QUERY,
	  GX_AUTH_OPERATOR, GX_PRIORITY_SOCIAL, 200, moderation_list_fields, NULL, NULL,
	  moderation_handle_list },
	{ "operator.close_report", GX_METHOD_POST, "/operator/reports/{report_id}/close",
	  GX_OP_COMMAND, GX_AUTH_OPERATOR, GX_PRIORITY_SOCIAL, 200, moderation_close_fields, NULL,
	  NULL, moderation_handle_close },
	{ "operator.suspend", GX_METHOD_PUT, "/operator/accounts/{account_id}/suspension",
	  GX_OP_COMMAND, GX_AUTH_OPERATOR, GX_PRIORITY_SOCIAL, 204, moderation_suspend_fields, NULL,
	  NULL, moderation_handle_suspend },
	{ "operator.unsuspend", GX_METHOD_DELETE, "/operator/accounts/{account_id}/suspension",
	  GX_OP_COMMAND, GX_AUTH_OPERATOR, GX_PRIORITY_SOCIAL, 204, moderation_unsuspend_fields,
	  NULL, NULL, moderation_handle_unsuspend },
	{ "operator.list_audit", GX_METHOD_GET, "/operator/audit", GX_OP_QUERY, GX_AUTH_OPERATOR,
	  GX_PRIORITY_SOCIAL, 200, moderation_page_fields, NULL, NULL,
	  moderation_handle_list_audit },
};

static const char *const needs[] = { "accounts", "chat", "contacts", NULL };

const struct gx_room moderation_room = {
	.name = "moderation",
	.needs = needs,
	.routes = routes,
	.routes_count = GX_COUNT(routes),
	.codes = codes,
	.codes_count = GX_COUNT(codes),
	.settings = moderation_settings,
	.settings_count = GX_COUNT(moderation_settings),
	.metrics = moderation_metrics,
	.metrics_count = GX_COUNT(moderation_metrics),
	.queries = &moderation_queries,
	.migrations = &moderation_migrations,
};
