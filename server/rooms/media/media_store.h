/* SPDX-License-Identifier: Apache-2.0 */
/*
 * media_store.h - the rows of the media room. No rules.
 *
 * Threading: command thread, or any reader for what only reads. Memory: results in the arena.
 */
#ifndef GX_MEDIA_STORE_H
#define GX_MEDIA_STORE_H

#include "media.h"

struct media_row {
	struct media_item item;
	struct gx_str thumb_sha256; /* 64 hex digits; .ptr NULL: no thumbnail */
	int64_t created_at_ms;
	int64_t expires_at_ms; /* INT64_MIN: held by a grant */
};

struct media_grant_row {
	struct gx_str room;
	uint64_t subject;
	uint64_t detail;
};

/* An upload that nobody holds any more. */
struct media_expired {
	uint64_t media_id;
	uint64_t owner_id;
	uint64_t size;
};

/* *out NULL when there is none. */
GX_NODISCARD enum gx_status media_store_get(struct gx_arena *a, struct gx_tx *tx, uint64_t media_id,
					    struct media_row **out, struct gx_error *err);
/* Also adds to the owner's usage. */
GX_NODISCARD enum gx_status media_store_insert(struct gx_tx *tx, const struct media_row *row,
					       struct gx_error *err);
/* Also takes off the owner's usage. */
GX_NODISCARD enum gx_status media_store_delete(struct gx_tx *tx, const struct media_expired *item,
					       struct gx_error *err);
GX_NODISCARD enum gx_status media_store_set_expiry(struct gx_tx *tx, uint64_t media_id,
						   int64_t expires_at_ms, struct gx_error *err);
GX_NODISCARD enum gx_status media_store_list_expired(struct gx_arena *a, struct gx_tx *tx,
						     size_t max, struct media_expired **out,
						     size_t *count, struct gx_error *err);
/* Whether some upload's bytes or thumbnail have this hash. */
GX_NODISCARD enum gx_status media_store_has_blob(struct gx_arena *a, struct gx_tx *tx,
						 struct gx_str sha256, bool *out,
						 struct gx_error *err);
GX_NODISCARD enum gx_status media_store_get_usage(struct gx_arena *a, struct gx_tx *tx,
						  uint64_t account_id, uint64_t *bytes,
						  struct gx_error *err);

GX_NODISCARD enum gx_status media_store_insert_grant(struct gx_tx *tx, uint64_t media_id,
						     const struct media_grant_row *grant,
						     struct gx_error *err);
GX_NODISCARD enum gx_status media_store_delete_grants(struct gx_tx *tx,
						      const struct media_grant_row *grant,
						      struct gx_error *err);
/* Media under one grant with an id above `after_id`, in order. */
GX_NODISCARD enum gx_status media_store_list_granted(struct gx_arena *a, struct gx_tx *tx,
						     const struct media_grant_row *grant,
						     uint64_t after_id, size_t max,
						     uint64_t **media_ids, size_t *count,
						     struct gx_error *err);
GX_NODISCARD enum gx_status media_store_is_granted(struct gx_arena *a, struct gx_tx *tx,
						   uint64_t media_id, bool *out,
						   struct gx_error *err);
/* Grants of one medium behind `after`, in order. */
GX_NODISCARD enum gx_status media_store_list_grants(struct gx_arena *a, struct gx_tx *tx,
						    uint64_t media_id,
						    const struct media_grant_row *after, size_t max,
						    struct media_grant_row **out, size_t *count,
						    struct gx_error *err);

#endif
