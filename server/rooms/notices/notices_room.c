/* SPDX-License-Identifier: Apache-2.0 */
/* notices_room.c - the room in one constant, and the tables it is made of. */
#include "notices.h"
#include "notices_http.h"
#include "notices_rules.h"
#include "notices_sql.h"

static const struct gx_route routes[] = {
	{ "operator.create_notice", GX_METHOD_POST, "/operator/notices", GX_OP_COMMAND,
	  GX_AUTH_OPERATOR, GX_PRIORITY_SOCIAL, 201, notices_create_fields, NULL, NULL,
	  notices_handle_create },
	{ "notices.list", GX_METHOD_GET, "/notices", GX_OP_QUERY, GX_AUTH_SESSION,
	  GX_PRIORITY_SOCIAL, 200, notices_list_fields, NULL, NULL, notices_handle_list },
};

static const struct gx_code codes[] = {
	{ "notices.client_id_reused", GX_E_CONFLICT, "This client_id was used for another notice.",
	  "此 client_id 已用于另一条通知。" },
	{ "notices.too_many", GX_E_LIMIT,
	  "Everybody has been told a lot today. Please go on tomorrow.",
	  "今天发布的平台通知已达上限，请明天再试。" },
};

struct gx_setting notices_settings[NOTICES_SETTINGS_COUNT] = {
	[NOTICES_PER_DAY] = GX_SETTING_INT(
		"limits", "notices_per_day", 10, 0, 10000,
		"Notices to everybody in 24 hours, from all operators together; 0 is no limit."),
};

static const char *const needs[] = { "accounts", NULL };

const struct gx_room notices_room = {
	.name = "notices",
	.needs = needs,
	.routes = routes,
	.routes_count = GX_COUNT(routes),
	.codes = codes,
	.codes_count = GX_COUNT(codes),
	.settings = notices_settings,
	.settings_count = GX_COUNT(notices_settings),
	.queries = &notices_queries,
	.migrations = &notices_migrations,
	.events = notices_list_events,
};
