/* SPDX-License-Identifier: Apache-2.0 */
/*
 * core_room.c - what the core itself offers as a room: health, metrics, its codes and settings.
 */
#include "core_sql.h"
#include "core_start.h"

enum {
	SETTING_KEEP_DAYS,
	SETTING_METRICS_PUBLIC,
	SETTING_STREAMS,
	SETTING_SESSIONS,
	SETTING_UPLOADS_AT_ONCE,
	SETTING_QUERIES_AT_ONCE,
	SETTING_SLOW_MS
};

static struct gx_setting settings[] = {
	[SETTING_KEEP_DAYS] = GX_SETTING_INT(
		"sync", "keep_days", 30, 30, 3650,
		"Days for which a client that was away can catch up event by event."),
	[SETTING_METRICS_PUBLIC] =
		GX_SETTING_BOOL("server", "metrics_public", 0,
				"Whether /metrics answers others than this machine."),
	[SETTING_STREAMS] = GX_SETTING_INT(
		"limits", "streams_per_account", 10000, 0, 1000000,
		"Streams that one account may have; a further one closes the oldest with 4008."),
	[SETTING_SESSIONS] = GX_SETTING_INT("limits", "sessions_per_account", 1000, 1, 1000,
					    "Devices that one account may be signed in on; a "
					    "further one signs the oldest out."),
	[SETTING_UPLOADS_AT_ONCE] =
		GX_SETTING_INT("limits", "uploads_at_once", 16, 0, 100000,
			       "Uploads of one account under way at a time; 0: no limit."),
	[SETTING_QUERIES_AT_ONCE] =
		GX_SETTING_INT("limits", "queries_at_once", 1024, 0, 100000,
			       "Queries of one account under way at a time; 0: no limit."),
	[SETTING_SLOW_MS] = GX_SETTING_INT(
		"server", "slow_command_ms", 50, 0, 600000,
		"Commands and queries that take longer are logged, without contents; 0: none."),
};

uint64_t core_slow_ns(void)
{
	return (uint64_t)settings[SETTING_SLOW_MS].num * 1000000;
}

int64_t gx_streams_max(void)
{
	return settings[SETTING_STREAMS].num;
}

int64_t gx_sessions_max(void)
{
	return settings[SETTING_SESSIONS].num;
}

int64_t core_uploads_at_once_max(void)
{
	return settings[SETTING_UPLOADS_AT_ONCE].num;
}

int64_t core_queries_at_once_max(void)
{
	return settings[SETTING_QUERIES_AT_ONCE].num;
}

int64_t gx_keep_days(void)
{
	return settings[SETTING_KEEP_DAYS].num;
}

static const struct gx_code codes[] = {
	{ "core.invalid_json", GX_E_INVALID, "The request is not valid JSON.",
	  "请求不是有效的 JSON。" },
	{ "core.invalid_field", GX_E_INVALID, "An input is not as it must be.",
	  "某项输入不符合要求。" },
	{ "core.unknown_field", GX_E_INVALID, "The request has an unknown input.",
	  "请求包含未知的输入项。" },
	{ "core.missing_field", GX_E_INVALID, "A required input is missing.",
	  "缺少必填的输入项。" },
	{ "core.upgrade_required", GX_E_INVALID, "This address is for another kind of request.",
	  "此地址用于另一种请求。" },
	{ "core.not_found", GX_E_NOT_FOUND, "There is nothing here.", "这里没有内容。" },
	{ "core.method_not_allowed", GX_E_METHOD, "This method is not possible here.",
	  "此处不支持该方法。" },
	{ "core.unauthenticated", GX_E_UNAUTHENTICATED, "Please sign in.", "请先登录。" },
	{ "core.forbidden", GX_E_FORBIDDEN, "You may not do this.", "你没有权限执行此操作。" },
	{ "core.unsupported_media_type", GX_E_MEDIA_TYPE, "The body must be JSON.",
	  "请求正文必须是 JSON。" },
	{ "core.too_large", GX_E_TOO_LARGE, "The request is too large.", "请求过大。" },
	{ "core.overloaded", GX_E_OVERLOADED, "The server is busy. Try again shortly.",
	  "服务器繁忙，请稍后再试。" },
	{ "core.too_often", GX_E_LIMIT, "Too much at a time. Try again a little later.",
	  "操作过于频繁，请稍后再试。" },
	{ "core.storage_full", GX_E_OVERLOADED,
	  "The server's disk is full. Nothing was lost; try later.",
	  "服务器磁盘已满，数据没有丢失，请稍后再试。" },
	{ "core.storage_damaged", GX_E_OVERLOADED,
	  "The server's database is damaged. Nothing can be written until its operator restores "
	  "it.",
	  "服务器数据库已损坏，管理员恢复之前无法写入。" },
	{ "core.database", GX_E_INTERNAL, "The database failed.", "数据库出错。" },
	{ "core.internal", GX_E_INTERNAL, "Something went wrong on the server.",
	  "服务器内部出错。" },
	{ "core.uncertain", GX_E_UNCERTAIN, "It is not known whether this was done. Send it again.",
	  "无法确定操作是否完成，请重新发送。" },
	{ "core.unknown_op", GX_E_NOT_FOUND, "There is no such operation.", "没有这个操作。" },
	{ "sync.too_old", GX_E_GONE, "This was too long ago. Read your lists again.",
	  "离线时间过长，请重新加载列表。" },
	{ "sync.invalid_cursor", GX_E_INVALID, "This is not a cursor of this server.",
	  "无效的同步游标。" },
};

static enum gx_status health_get(struct gx_call *c)
{
	gx_json_begin_object(&c->out);
	gx_json_kv_str(&c->out, "status", GX_STR("ok"));
	gx_json_end_object(&c->out);
	return GX_OK;
}

/* Whoever may not see the metrics is told that there is nothing. */
static enum gx_status metrics_admit(struct gx_call *c)
{
	if (c->is_peer_loopback || settings[SETTING_METRICS_PUBLIC].num != 0)
		return GX_OK;
	return gx_fail(&c->err, GX_E_NOT_FOUND, "core.not_found");
}

static enum gx_status metrics_get(struct gx_call *c)
{
	if (c->is_stream)
		return gx_fail(&c->err, GX_E_NOT_FOUND, "core.not_found");
	core_metrics_write(c->core, c->out.buf);
	return GX_OK;
}

static const struct gx_route routes[] = {
	{ .op = "health.get",
	  .method = GX_METHOD_GET,
	  .path = "//healthz",
	  .kind = GX_OP_QUERY,
	  .ok_status = 200,
	  .handle = health_get },
	{ .op = "metrics.get",
	  .method = GX_METHOD_GET,
	  .path = "//metrics",
	  .kind = GX_OP_QUERY,
	  .ok_status = 200,
	  .admit = metrics_admit,
	  .handle = metrics_get },
};

const struct gx_periodic core_periodics[CORE_PERIODICS_COUNT] = {
	[CORE_PERIODIC_SEEN] = { .name = "core.sessions_seen",
				 .interval_ms = GX_MINUTE_MS,
				 .is_on_demand = true,
				 .run = core_sessions_seen },
	[CORE_PERIODIC_PRUNE] = { .name = "core.events_prune",
				  .interval_ms = GX_HOUR_MS,
				  .run = core_events_prune },
};

const struct gx_room core_room = {
	.name = "core",
	.routes = routes,
	.routes_count = GX_COUNT(routes),
	.codes = codes,
	.codes_count = GX_COUNT(codes),
	.settings = settings,
	.settings_count = GX_COUNT(settings),
	.metrics = core_metrics,
	.metrics_count = CORE_METRICS_COUNT,
	.periodics = core_periodics,
	.periodics_count = CORE_PERIODICS_COUNT,
	.queries = &core_queries,
	.migrations = &core_migrations,
};
