/* SPDX-License-Identifier: Apache-2.0 */
/*
 * session.h - who is signed in from which device.
 *
 * Purpose:    owns table core_session (one row a device). The accounts room decides who gets one.
 * Tokens:     32 random bytes as base64url; the table holds their SHA-256 only.
 * Threading:  command thread, except where noted.
 */
#ifndef GX_SESSION_H
#define GX_SESSION_H

#include "db.h"

enum gx_role { GX_ROLE_MEMBER = 0, GX_ROLE_OPERATOR = 1, GX_ROLE_OWNER = 2 };

struct gx_session {
	uint64_t account_id; /* 0: nobody */
	uint64_t device_id;
	enum gx_role role;
};

struct gx_session_row {
	uint64_t device_id;
	struct gx_str name;
	struct gx_str platform;
	struct gx_str peer; /* address at sign-in */
	int64_t created_at_ms;
	int64_t seen_at_ms; /* to about five minutes */
};

/* Makes a session; *token goes to the client once and nowhere else. */
GX_NODISCARD enum gx_status gx_session_create(struct gx_arena *a, struct gx_tx *tx,
					      uint64_t account_id, struct gx_str device_name,
					      struct gx_str platform, struct gx_str peer,
					      uint64_t *device_id, struct gx_str *token,
					      struct gx_error *err);
/* Any reader or command thread. */
GX_NODISCARD enum gx_status gx_session_list(struct gx_arena *a, struct gx_tx *tx,
					    uint64_t account_id, struct gx_session_row **out,
					    size_t *count, struct gx_error *err);
/* Ends a session; its streams close with 4001 after the commit. *found tells whether there was one.
 */
GX_NODISCARD enum gx_status gx_session_revoke(struct gx_tx *tx, uint64_t account_id,
					      uint64_t device_id, bool *found,
					      struct gx_error *err);
/* Ends all sessions of an account but `except_device_id` (0: all). */
GX_NODISCARD enum gx_status gx_session_revoke_all(struct gx_tx *tx, uint64_t account_id,
						  uint64_t except_device_id, struct gx_error *err);
/* Roles live with the sessions' owner: table core_role. Takes effect at once. */
GX_NODISCARD enum gx_status gx_role_get(struct gx_tx *tx, uint64_t account_id, enum gx_role *out,
					struct gx_error *err);
GX_NODISCARD enum gx_status gx_role_set(struct gx_tx *tx, uint64_t account_id, enum gx_role role,
					struct gx_error *err);

#endif
