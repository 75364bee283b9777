/* SPDX-License-Identifier: Apache-2.0 */
/*
 * publish.h - telling people, after the commit.
 *
 * Invariant:  nothing staged here leaves before the batch's transaction is durable; what a refused
 * command staged is dropped with it. Positions:  one number a event, ascending in commit order; the
 * events of a commit take consecutive ones. Threading:  command thread only. Memory: `json` must
 * live in the arena given to the handler.
 */
#ifndef GX_PUBLISH_H
#define GX_PUBLISH_H

#include "db.h"
#include "room.h"

/* The next position. Each one taken is used for exactly one event. */
uint64_t gx_position_take(struct gx_tx *tx);

/* Tells an account: stores the event in the account's log (table core_event, kept [sync] keep_days)
 * under a new position and delivers it live. `body` is what stands in the event behind type and at:
 * "\"contact\":{…}" (members without braces). */
GX_NODISCARD enum gx_status gx_publish(struct gx_arena *a, struct gx_tx *tx, uint64_t account_id,
				       const char *type, struct gx_str body, struct gx_error *err);

/* Delivers an event that the room itself stores (it lists it again through gx_room.events) to the
 * streams of these accounts. `json` is the whole event object; the call's own stream is left out
 * when `skip_caller`. The account array is borrowed until the handler returns. */
void gx_deliver(struct gx_tx *tx, uint64_t position, struct gx_str json,
		const uint64_t *account_ids, size_t account_ids_count, bool skip_caller);
/* One JSON for one account: for events that look different to each. */
void gx_deliver_one(struct gx_tx *tx, uint64_t position, struct gx_str json, uint64_t account_id,
		    bool skip_caller);
/* One JSON for every account there is: one row of the room's own, one payload for each edge. */
void gx_deliver_to_all(struct gx_tx *tx, uint64_t position, struct gx_str json);
/* True when the account has at least one stream or waiting sync: saves making a JSON nobody gets.
 */
bool gx_is_listening(struct gx_tx *tx, uint64_t account_id);

/* A passing sign that is not an event (typing): never stored, sent to streams only. `frame` is the
 * whole frame. */
void gx_deliver_sign(struct gx_tx *tx, struct gx_str frame, const uint64_t *account_ids,
		     size_t account_ids_count);

#endif
