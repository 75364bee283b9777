/* SPDX-License-Identifier: Apache-2.0 */
/*
 * media_upload.c - from the spool file to a row.
 *
 * On an upload thread the bytes are copied into the blob store and hashed on the way (the edge may
 * still hold the spool file open, so what is hashed must not be that one), the media process says
 * what they are, and the blobs get their names. On the command thread the quota is looked at again
 * and the row written. A refusal on the way leaves at most a blob that nobody names, which the
 * collector takes.
 */
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core.h"
#include "ident.h"
#include "media_rules.h"
#include "media_types.h"
#include "throttle.h"

#define RIFF_HEAD_BYTES 12

static const char *const kind_names[] = { [MEDIA_IMAGE] = "image",
					  [MEDIA_VOICE] = "voice",
					  [MEDIA_VIDEO] = "video",
					  [MEDIA_FILE] = "file" };

enum gx_status media_upload_admit(struct gx_call *c)
{
	uint64_t size_max = (uint64_t)media_settings[MEDIA_UPLOAD_BYTES].num;
	char account[24];
	int len = snprintf(account, sizeof(account), "%llu",
			   (unsigned long long)c->session.account_id);

	if (c->upload == NULL) /* over a stream: there are no bytes */
		return gx_fail(&c->err, GX_E_NOT_FOUND, "core.not_found");
	if (c->upload->size > size_max)
		return gx_fail(&c->err, GX_E_TOO_LARGE, "media.too_large");
	c->upload->size_max = size_max;
	return gx_throttle(c->core, "media.too_often", (struct gx_str){ account, (size_t)len },
			   media_settings[MEDIA_UPLOADS_PER_HOUR].num, GX_HOUR_MS, &c->err);
}

/* What the bytes are, from what the process found and the uploader said. */
static enum gx_status decide(struct gx_call *c, enum media_verdict verdict,
			     struct media_finding *found, struct media_item *item)
{
	struct gx_str declared = media_type_clean(c->arena, c->upload->content_type);
	struct gx_str detected =
		gx_arena_strdup(c->arena, gx_str_from_cstr(found->mime)); /* outlives `found` */

	if (verdict == MEDIA_VERDICT_UNAVAILABLE)
		return gx_fail_retry(&c->err, GX_E_OVERLOADED, "core.overloaded", 5);
	if (verdict == MEDIA_VERDICT_UNREADABLE) {
		gx_metric_add(&media_metrics[MEDIA_METRIC_PROBES_FAILED], 1);
		if (gx_str_starts(declared, GX_STR("image/")))
			return gx_fail(&c->err, GX_E_RULE, "media.unreadable");
		item->kind = MEDIA_FILE; /* whatever it is, it is kept but not shown */
		item->mime = detected;
		return GX_OK;
	}
	if (!media_type_kind(declared, detected, &item->kind, &item->mime))
		return gx_fail(&c->err, GX_E_RULE, "media.type_mismatch");
	if (item->kind == MEDIA_IMAGE) {
		item->width = found->width;
		item->height = found->height;
	}
	return GX_OK;
}

/* The process may have been taken over: what it wrote must at least begin as what we serve it as.
 */
static bool is_webp(int fd)
{
	char head[RIFF_HEAD_BYTES];

	return pread(fd, head, sizeof(head), 0) == (ssize_t)sizeof(head) &&
	       gx_str_eq((struct gx_str){ head, 4 }, GX_STR("RIFF")) &&
	       gx_str_eq((struct gx_str){ head + 8, 4 }, GX_STR("WEBP"));
}

static enum gx_status keep_thumb(struct gx_call *c, struct media_state *state, int fd,
				 uint32_t size, struct media_row *row)
{
	struct gx_blob_staged staged;
	enum gx_status st;

	if (size == 0 || row->item.kind != MEDIA_IMAGE || !is_webp(fd))
		return GX_OK;
	st = gx_blob_stage(&state->blobs, fd, size, &staged, &c->err);
	if (st != GX_OK)
		return st;
	row->thumb_sha256 = gx_blob_hex(c->arena, &staged.id);
	return gx_blob_commit(&state->blobs, &staged, &c->err);
}

static enum gx_status examine(struct gx_call *c, struct media_state *state,
			      struct gx_blob_staged *staged, int thumb_fd, struct media_row *row)
{
	struct media_finding found;
	enum media_verdict verdict =
		media_probe(&state->prober, staged->fd, staged->size, thumb_fd, &found);
	enum gx_status st = decide(c, verdict, &found, &row->item);

	if (st == GX_OK)
		st = keep_thumb(c, state, thumb_fd,
				verdict == MEDIA_VERDICT_OK ? found.thumb_size : 0, row);
	if (st != GX_OK) {
		gx_blob_discard(staged);
		return st;
	}
	return gx_blob_commit(&state->blobs, staged, &c->err);
}

enum gx_status media_upload_prepare(struct gx_call *c)
{
	struct media_state *state = media_state(c->core);
	struct media_row *row = gx_arena_new(c->arena, struct media_row);
	struct gx_blob_staged staged;
	enum gx_status st;
	int thumb_fd;

	if (c->upload->size > (uint64_t)media_settings[MEDIA_UPLOAD_BYTES].num)
		return gx_fail(&c->err, GX_E_TOO_LARGE, "media.too_large");
	st = media_check_quota(c->arena, c->tx, c->session.account_id, c->upload->size, &c->err);
	gx_call_end_reading(c);
	if (st == GX_OK)
		st = gx_blob_stage(&state->blobs, c->upload->fd, c->upload->size, &staged, &c->err);
	if (st != GX_OK)
		return st;
	row->item.size = staged.size;
	row->item.sha256 = gx_blob_hex(c->arena, &staged.id);
	row->item.name = c->upload->filename;
	thumb_fd = memfd_create("thumb", MFD_CLOEXEC);
	if (thumb_fd < 0) {
		gx_blob_discard(&staged);
		return gx_fail_retry(&c->err, GX_E_OVERLOADED, "core.overloaded", 5);
	}
	st = examine(c, state, &staged, thumb_fd, row);
	close(thumb_fd);
	c->prepared = row;
	return st;
}

static void write_item(struct gx_json_writer *w, const struct media_item *item)
{
	gx_json_begin_object(w);
	gx_json_key(w, GX_STR("media"));
	gx_json_begin_object(w);
	gx_json_kv_id(w, "id", item->media_id);
	gx_json_kv_str(w, "kind", gx_str_from_cstr(kind_names[item->kind]));
	gx_json_kv_str(w, "mime", item->mime);
	gx_json_kv_i64(w, "size", (int64_t)item->size);
	gx_json_kv_str(w, "sha256", item->sha256);
	if (item->width != 0) {
		gx_json_kv_i64(w, "width", item->width);
		gx_json_kv_i64(w, "height", item->height);
	}
	gx_json_end_object(w);
	gx_json_end_object(w);
}

/* Not to be guessed, and never used again for something else. */
static uint64_t new_media_id(void)
{
	uint64_t id;

	do {
		id = gx_random_u64() >> 1;
	} while (id == 0);
	return id;
}

enum gx_status media_upload(struct gx_call *c)
{
	struct media_row *row = c->prepared;
	enum gx_status st;

	st = media_check_quota(c->arena, c->tx, c->session.account_id, row->item.size, &c->err);
	if (st != GX_OK)
		return st;
	row->item.media_id = new_media_id();
	row->item.owner_id = c->session.account_id;
	row->created_at_ms = c->tx->now_ms;
	row->expires_at_ms = c->tx->now_ms + media_settings[MEDIA_UNSENT_HOURS].num * GX_HOUR_MS;
	st = media_store_insert(c->tx, row, &c->err);
	if (st != GX_OK)
		return st;
	gx_metric_add(&media_metrics[MEDIA_METRIC_UPLOADS], 1);
	write_item(&c->out, &row->item);
	return GX_OK;
}
