/* SPDX-License-Identifier: Apache-2.0 */
#include "accounts_fake_media.h"

#include "media.h"

uint64_t accounts_fake_granted_id;

enum gx_status media_get(struct gx_arena *a, struct gx_tx *tx, uint64_t media_id,
			 const struct media_item **out, struct gx_error *err)
{
	struct media_item *item = gx_arena_new(a, struct media_item);

	*item = (struct media_item){ .media_id = media_id,
				     .owner_id = media_id / 10,
				     .kind = media_id % 2 == 1 ? MEDIA_IMAGE : MEDIA_FILE };
	*out = media_id < 1000 ? item : NULL;
	return GX_OK;
}

enum gx_status media_grant(struct gx_arena *a, struct gx_tx *tx, uint64_t by, uint64_t media_id,
			   struct gx_str room, uint64_t subject, uint64_t detail,
			   struct gx_error *err)
{
	GX_ASSERT(accounts_fake_granted_id == 0); /* the old one was taken back */
	GX_ASSERT(by == subject);
	accounts_fake_granted_id = media_id;
	return GX_OK;
}

enum gx_status media_revoke(struct gx_arena *a, struct gx_tx *tx, struct gx_str room,
			    uint64_t subject, uint64_t detail, struct gx_error *err)
{
	accounts_fake_granted_id = 0;
	return GX_OK;
}
