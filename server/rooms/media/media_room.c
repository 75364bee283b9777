/* SPDX-License-Identifier: Apache-2.0 */
#include <limits.h>
#include <stdio.h>

#include "core.h"
#include "media_rules.h"
#include "media_sql.h"

#define GIB (INT64_C(1) << 30)

struct gx_setting media_settings[MEDIA_SETTINGS_COUNT] = {
	[MEDIA_UPLOAD_BYTES] = GX_SETTING_INT("limits", "media_upload_bytes", 100 << 20, 1024,
					      100 * GIB, "Bytes of one upload."),
	[MEDIA_BYTES_PER_ACCOUNT] =
		GX_SETTING_INT("limits", "media_bytes_per_account", 10 * GIB, 0, INT64_MAX,
			       "Bytes that one account's uploads may take up; 0: no limit."),
	[MEDIA_UPLOADS_PER_HOUR] =
		GX_SETTING_INT("limits", "media_uploads_per_hour", 2000, 0, 1000000,
			       "Uploads of one account in an hour; 0: no limit."),
	[MEDIA_UNSENT_HOURS] =
		GX_SETTING_INT("media", "unsent_hours", 24, 1, 24 * 365,
			       "Hours after which an upload that was never sent is deleted."),
};

struct gx_metric media_metrics[MEDIA_METRICS_COUNT] = {
	[MEDIA_METRIC_UPLOADS] = { .name = "guanxi_media_uploads_total",
				   .kind = GX_METRIC_COUNTER,
				   .help = "Uploads that were taken." },
	[MEDIA_METRIC_PROBES_FAILED] = { .name = "guanxi_media_unreadable_total",
					 .kind = GX_METRIC_COUNTER,
					 .help = "Uploads that the media process could not read." },
	[MEDIA_METRIC_BLOBS_COLLECTED] = { .name = "guanxi_media_blobs_collected_total",
					   .kind = GX_METRIC_COUNTER,
					   .help = "Files that no upload named any more." },
};

static const struct gx_code codes[] = {
	{ "media.no_media", GX_E_NOT_FOUND, "This file is not there.", "文件不存在。" },
	{ "media.no_thumb", GX_E_NOT_FOUND, "There is no small picture of this file.",
	  "该文件没有缩略图。" },
	{ "media.not_yours", GX_E_RULE, "You can't pass on a file that you can't see.",
	  "无法转发你看不到的文件。" },
	{ "media.type_mismatch", GX_E_RULE, "The file is not what it claims to be.",
	  "文件内容与声明的类型不符。" },
	{ "media.unreadable", GX_E_RULE, "This picture can't be read, or has too many pixels.",
	  "无法读取该图片，或图片像素过大。" },
	{ "media.quota_exceeded", GX_E_RULE, "Your storage is full.", "你的存储空间已满。" },
	{ "media.too_large", GX_E_TOO_LARGE, "This file is too large.", "文件过大。" },
	{ "media.too_often", GX_E_LIMIT, "Too many files in a short time. Try later.",
	  "上传过于频繁，请稍后再试。" },
};

static const struct gx_field media_id_field[] = {
	{ .name = "media_id", .type = GX_FIELD_ID, .flags = GX_FIELD_REQUIRED },
	{ .type = GX_FIELD_END },
};

static const struct gx_route routes[] = {
	{ .op = "media.upload",
	  .method = GX_METHOD_POST,
	  .path = "/media",
	  .kind = GX_OP_UPLOAD,
	  .auth = GX_AUTH_SESSION,
	  .priority = GX_PRIORITY_CHAT,
	  .ok_status = 201,
	  .admit = media_upload_admit,
	  .prepare = media_upload_prepare,
	  .handle = media_upload },
	{ .op = "media.get",
	  .method = GX_METHOD_GET,
	  .path = "/media/{media_id}",
	  .kind = GX_OP_QUERY,
	  .auth = GX_AUTH_MEDIA,
	  .priority = GX_PRIORITY_CHAT,
	  .ok_status = 200,
	  .fields = media_id_field,
	  .handle = media_http_get },
	{ .op = "media.thumb",
	  .method = GX_METHOD_GET,
	  .path = "/media/{media_id}/thumb",
	  .kind = GX_OP_QUERY,
	  .auth = GX_AUTH_MEDIA,
	  .priority = GX_PRIORITY_CHAT,
	  .ok_status = 200,
	  .fields = media_id_field,
	  .handle = media_http_thumb },
};

static const struct gx_periodic periodics[] = {
	{ .name = "media.expire", .interval_ms = GX_MINUTE_MS, .run = media_expire },
	{ .name = "media.collect", .interval_ms = 30 * GX_SECOND_MS, .run = media_collect },
};

struct media_state *media_state(struct gx_core *core)
{
	return gx_room_state(core, &media_room);
}

static int connect_process(void *core)
{
	return gx_media_connect(core);
}

static enum gx_status start(struct gx_arena *a, struct gx_tx *tx, struct gx_error *err)
{
	struct media_state *state = media_state(tx->core);
	struct gx_str dir = gx_arena_printf(a, "%s/blobs", gx_core_data_dir(tx->core));
	enum gx_status st = gx_blob_store_open(&state->blobs, dir.ptr, err);

	if (st != GX_OK)
		return st;
	media_prober_init(&state->prober, connect_process, tx->core);
	state->is_open = true;
	return GX_OK;
}

static void stop(void *memory)
{
	struct media_state *state = memory;

	if (!state->is_open)
		return;
	media_prober_deinit(&state->prober);
	gx_blob_store_close(&state->blobs);
	state->is_open = false;
}

const struct gx_room media_room = {
	.name = "media",
	.routes = routes,
	.routes_count = GX_COUNT(routes),
	.codes = codes,
	.codes_count = GX_COUNT(codes),
	.settings = media_settings,
	.settings_count = GX_COUNT(media_settings),
	.metrics = media_metrics,
	.metrics_count = GX_COUNT(media_metrics),
	.periodics = periodics,
	.periodics_count = GX_COUNT(periodics),
	.queries = &media_queries,
	.migrations = &media_migrations,
	.state_size = sizeof(struct media_state),
	.start = start,
	.stop = stop,
};
