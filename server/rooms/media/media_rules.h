/* SPDX-License-Identifier: Apache-2.0 */
/*
 * media_rules.h - what the room's own files share: settings, memory, rules.
 */
#ifndef GX_MEDIA_RULES_H
#define GX_MEDIA_RULES_H

#include "blob.h"
#include "core.h"
#include "media_probe.h"
#include "media_store.h"

enum media_setting {
	MEDIA_UPLOAD_BYTES,
	MEDIA_BYTES_PER_ACCOUNT,
	MEDIA_UPLOADS_PER_HOUR,
	MEDIA_UNSENT_HOURS,
	MEDIA_SETTINGS_COUNT
};

enum media_metric {
	MEDIA_METRIC_UPLOADS,
	MEDIA_METRIC_PROBES_FAILED,
	MEDIA_METRIC_BLOBS_COLLECTED,
	MEDIA_METRICS_COUNT
};

extern struct gx_setting media_settings[MEDIA_SETTINGS_COUNT];
extern struct gx_metric media_metrics[MEDIA_METRICS_COUNT];

/* The room's memory. The store and the prober have locks of their own and may be used on any
 * thread; `collect_at` is the command thread's. */
struct media_state {
	bool is_open;
	struct gx_blob_store blobs;
	struct media_prober prober;
	unsigned collect_at; /* the prefix that is looked through next */
};

struct media_state *media_state(struct gx_core *core);

/* A row that its owner can still use: there, and not expired. *out NULL otherwise. */
GX_NODISCARD enum gx_status media_find(struct gx_arena *a, struct gx_tx *tx, uint64_t media_id,
				       struct media_row **out, struct gx_error *err);
/* GX_E_RULE "media.quota_exceeded" when `size` more bytes would be too many. */
GX_NODISCARD enum gx_status media_check_quota(struct gx_arena *a, struct gx_tx *tx,
					      uint64_t account_id, uint64_t size,
					      struct gx_error *err);

/* The room's operations and periodic work. */
enum gx_status media_upload_admit(struct gx_call *c);
enum gx_status media_upload_prepare(struct gx_call *c);
enum gx_status media_upload(struct gx_call *c);
enum gx_status media_http_get(struct gx_call *c);
enum gx_status media_http_thumb(struct gx_call *c);
enum gx_status media_expire(struct gx_arena *a, struct gx_tx *tx, bool *again,
			    struct gx_error *err);
enum gx_status media_collect(struct gx_arena *a, struct gx_tx *tx, bool *again,
			     struct gx_error *err);

#endif
