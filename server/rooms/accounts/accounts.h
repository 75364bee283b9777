/* SPDX-License-Identifier: Apache-2.0 */
/*
 * accounts.h - who someone is: name, profile, password.
 *
 * Purpose:    owns tables accounts_*; other rooms ask here for a person's public face.
 * Threading:  command thread or reader; blocks. Memory: results in the caller's arena `a`.
 * Errors:     GX_OK or a status with `err` filled; on failure outputs are untouched.
 */
#ifndef GX_ACCOUNTS_H
#define GX_ACCOUNTS_H

#include "room.h"

struct accounts_account {
	uint64_t account_id;
	struct gx_str username; /* as typed at sign-up; unique without case */
	struct gx_str nickname;
	struct gx_str signature;
	struct gx_str region;
	uint64_t avatar_media_id; /* 0: none */
	bool is_suspended;
	int64_t created_at_ms;
};

/* Finds one account; *out NULL when there is none. */
GX_NODISCARD enum gx_status accounts_get(struct gx_arena *a, struct gx_tx *tx, uint64_t account_id,
					 const struct accounts_account **out, struct gx_error *err);
/* By exact username, without case; *out NULL when there is none. */
GX_NODISCARD enum gx_status accounts_find_username(struct gx_arena *a, struct gx_tx *tx,
						   struct gx_str username,
						   const struct accounts_account **out,
						   struct gx_error *err);
/* The API's account object. */
void accounts_write(struct gx_json_writer *w, const struct accounts_account *account);

extern const struct gx_room accounts_room;

#endif
