/* SPDX-License-Identifier: Apache-2.0 */
/*
 * accounts.h - who someone is: name, profile, password.
 *
 * Purpose:    owns tables accounts_*; other rooms ask here for a person's public face.
 * Invariants: ids are dense from 1; a username is unique without case and never changes.
 * Threading:  command thread or reader where marked "any", else command thread; blocks.
 * Memory:     results in the caller's arena `a`.
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
	struct gx_str suspended_reason; /* for operators and the person; empty otherwise */
	int64_t created_at_ms;
};

/* Any. Finds one account; *out NULL when there is none. */
GX_NODISCARD enum gx_status accounts_get(struct gx_arena *a, struct gx_tx *tx, uint64_t account_id,
					 const struct accounts_account **out, struct gx_error *err);
/* Any. One that others refer to: it is never gone, so *out is never NULL. */
GX_NODISCARD enum gx_status accounts_get_known(struct gx_arena *a, struct gx_tx *tx,
					       uint64_t account_id,
					       const struct accounts_account **out,
					       struct gx_error *err);
/* Any. By exact username, without case; *out NULL when there is none. */
GX_NODISCARD enum gx_status accounts_find_username(struct gx_arena *a, struct gx_tx *tx,
						   struct gx_str username,
						   const struct accounts_account **out,
						   struct gx_error *err);
/* Any. Accounts there are; ids are dense, so it is also the last one's id. */
GX_NODISCARD enum gx_status accounts_count(struct gx_arena *a, struct gx_tx *tx, uint64_t *out,
					   struct gx_error *err);
/* The API's account object. */
void accounts_write(struct gx_json_writer *w, const struct accounts_account *account);

/* Whether one in the role of `actor` may act on `subject_id` (suspend, reset the password): on
 * nobody of the same or a higher role, nor on oneself. GX_E_FORBIDDEN "accounts.protected";
 * GX_E_NOT_FOUND when there is no such account. Any. */
GX_NODISCARD enum gx_status accounts_check_rank(struct gx_arena *a, struct gx_tx *tx,
						const struct gx_session *actor, uint64_t subject_id,
						struct gx_error *err);
/* Suspends an account and ends its sessions, or changes the reason; the person reads `reason` when
 * signing in. Checks the rank and writes the audit line. */
GX_NODISCARD enum gx_status accounts_suspend(struct gx_arena *a, struct gx_tx *tx,
					     const struct gx_session *actor, uint64_t subject_id,
					     struct gx_str reason, struct gx_error *err);
/* The reverse; no error when the account is not suspended. */
GX_NODISCARD enum gx_status accounts_unsuspend(struct gx_arena *a, struct gx_tx *tx,
					       const struct gx_session *actor, uint64_t subject_id,
					       struct gx_error *err);

/* One thing an operator did. */
struct accounts_audit_line {
	uint64_t audit_id;
	int64_t at_ms;
	uint64_t operator_id;
	struct gx_str action; /* "suspend", "set_role", … */
	uint64_t subject_id;  /* account acted on; 0: none */
	struct gx_str note;
};

/* Writes down what an operator did; `action` is static. */
GX_NODISCARD enum gx_status accounts_audit(struct gx_tx *tx, uint64_t operator_id,
					   const char *action, uint64_t subject_id,
					   struct gx_str note, struct gx_error *err);
/* Any. Newest first, those with audit_id < before. */
GX_NODISCARD enum gx_status accounts_list_audit(struct gx_arena *a, struct gx_tx *tx,
						uint64_t before, size_t limit,
						struct accounts_audit_line **out, size_t *count,
						struct gx_error *err);

/* Text that is shown on one line: valid, no control characters, nothing that turns the direction of
 * the text around it, and, if not empty, something to see. *out is `in` without white space at its
 * ends. False: refused. Any. */
bool accounts_clean_line(struct gx_str in, struct gx_str *out);

extern const struct gx_room accounts_room;

#endif
