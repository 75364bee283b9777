/* SPDX-License-Identifier: Apache-2.0 */
/*
 * throttle.h - limits by time, in memory: per account, per address, per both.
 *
 * A fixed-size table of sliding windows; when full the oldest entry goes. Kept over rollbacks, lost
 * at restart: what must outlive that is counted in the database. Threading: loop (command) thread.
 * A limit of 0 means no limit.
 */
#ifndef GX_THROTTLE_H
#define GX_THROTTLE_H

#include "room.h"

/* Counts one use of (what, key); GX_E_LIMIT with Retry-After when more than `limit` in `window_ms`.
 * `what` is static and names the error code too: "accounts.too_many_attempts". */
GX_NODISCARD enum gx_status gx_throttle(struct gx_core *core, const char *what, struct gx_str key,
					int64_t limit, int64_t window_ms, struct gx_error *err);
/* The same per client address; loopback without a forwarded address is not counted. */
GX_NODISCARD enum gx_status gx_throttle_peer(struct gx_call *c, const char *what, int64_t limit,
					     int64_t window_ms);
/* Forgets the count: after a success. */
void gx_throttle_forget(struct gx_core *core, const char *what, struct gx_str key);

#endif
