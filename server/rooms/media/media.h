/* SPDX-License-Identifier: Apache-2.0 */
/*
 * media.h - pictures, voice, video and files: uploaded once, seen by those who may.
 *
 * Purpose:    owns tables media_* and the blobs. A media id belongs to an upload, not to a content.
 * Who may see it is said by grants: (room, subject, detail), and answered by that room's may_view.
 * Threading:  command thread or reader; blocks. Memory: results in the caller's arena.
 * Errors:     GX_OK or a status with `err` filled; on failure outputs are untouched.
 */
#ifndef GX_MEDIA_H
#define GX_MEDIA_H

#include "room.h"

enum media_kind { MEDIA_IMAGE, MEDIA_VOICE, MEDIA_VIDEO, MEDIA_FILE };

struct media_item {
	uint64_t media_id;
	uint64_t owner_id;
	enum media_kind kind;
	struct gx_str mime; /* as detected, not as declared */
	struct gx_str name; /* original file name; may be empty */
	uint64_t size;
	uint32_t width, height; /* 0: unknown or not a picture */
	struct gx_str sha256;	/* 64 hex digits */
};

/* *out NULL when there is none (any more). */
GX_NODISCARD enum gx_status media_get(struct gx_arena *a, struct gx_tx *tx, uint64_t media_id,
				      const struct media_item **out, struct gx_error *err);

/* Lets those who may see (room, subject, detail) see the medium: chat grants ("chat", conversation,
 * seq). `by` must be its uploader or someone who may see it (forwarding); otherwise GX_E_RULE
 * "media.not_yours". *out: the item, for the caller's checks. Check before the first write:
 * media_get + media_may_view; this one writes. Command thread. */
GX_NODISCARD enum gx_status media_grant(struct gx_arena *a, struct gx_tx *tx, uint64_t by,
					uint64_t media_id, struct gx_str room, uint64_t subject,
					uint64_t detail, struct gx_error *err);
/* Takes back all grants under (room, subject, detail): what was recalled can't be read any more. A
 * medium that loses its last grant ends with it, for its uploader too, unless it is granted again
 * in the same transaction. Command thread. */
GX_NODISCARD enum gx_status media_revoke(struct gx_arena *a, struct gx_tx *tx, struct gx_str room,
					 uint64_t subject, uint64_t detail, struct gx_error *err);
/* Uploader, or someone to whom a grant gives it. Any. */
GX_NODISCARD enum gx_status media_may_view(struct gx_arena *a, struct gx_tx *tx,
					   uint64_t account_id, const struct media_item *item,
					   bool *out, struct gx_error *err);

extern const struct gx_room media_room;

#endif
