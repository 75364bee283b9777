/* SPDX-License-Identifier: Apache-2.0 */
/*
 * contacts.h - who knows whom, since when and through what.
 *
 * Purpose:    owns tables contacts_*. A tie is two rows, one per side; its source is written once
 * and never changes. Threading:  command thread or reader. Memory: results in the caller's arena.
 * Errors:     GX_OK or a status with `err` filled; on failure outputs are untouched.
 */
#ifndef GX_CONTACTS_H
#define GX_CONTACTS_H

#include "room.h"

enum contacts_tie {
	CONTACTS_STRANGER = 0, /* not in `owner`'s list */
	CONTACTS_FRIEND = 1,
};

/* Any. Whether `other_id` stands in `owner_id`'s list. */
GX_NODISCARD enum gx_status contacts_get_tie(struct gx_tx *tx, uint64_t owner_id, uint64_t other_id,
					     enum contacts_tie *out, struct gx_error *err);
/* Any. Whether `owner_id` has blocked `other_id`. */
GX_NODISCARD enum gx_status contacts_is_blocked(struct gx_tx *tx, uint64_t owner_id,
						uint64_t other_id, bool *out, struct gx_error *err);
/* Any. Whether `viewer_id` may see the profile of `account_id`. */
GX_NODISCARD enum gx_status contacts_may_see(struct gx_tx *tx, uint64_t viewer_id,
					     uint64_t account_id, bool *out, struct gx_error *err);

extern const struct gx_room contacts_room;

#endif
