/* SPDX-License-Identifier: Apache-2.0 */
/*
 * accounts_rules.h - the room from the inside: what its HTTP side may ask of its rules.
 *
 * Not for other rooms. Sign-up, sign-in and everything else that costs an argon2id come in two
 * steps: _check on a helper thread with a snapshot (returns what it learned), then the write on the
 * command thread, which checks again what may have changed meanwhile.
 * Threading: "any" runs on command, reader and helper threads; the rest on the command thread.
 */
#ifndef GX_ACCOUNTS_RULES_H
#define GX_ACCOUNTS_RULES_H

#include "accounts.h"

#define ACCOUNTS_ROOM GX_STR("accounts")
#define ACCOUNTS_USERNAME_BYTES_MIN 6u
#define ACCOUNTS_USERNAME_BYTES_MAX 20u
#define ACCOUNTS_PASSWORD_CHARS_MIN 8
#define ACCOUNTS_PASSWORD_BYTES_MAX 256u
#define ACCOUNTS_HASH_BYTES 128u /* crypto_pwhash_STRBYTES, NUL included */
#define ACCOUNTS_CODE_CHARS 10u	 /* 50 bits */
#define ACCOUNTS_CODE_TEXT_BYTES (ACCOUNTS_CODE_CHARS + 1)
#define ACCOUNTS_CODES_COUNT 10u
#define ACCOUNTS_RESET_MS GX_HOUR_MS
#define ACCOUNTS_INVITES_MAX 200
#define ACCOUNTS_SECRET_BYTES 32u
#define ACCOUNTS_CHALLENGE_BYTES 41u
#define ACCOUNTS_CHALLENGE_MS (10 * GX_MINUTE_MS)
#define ACCOUNTS_ATTEMPTS_MS (15 * GX_MINUTE_MS)
#define ACCOUNTS_KNOWN_COUNT 4096u

enum accounts_setting {
	ACCOUNTS_INSTANCE_NAME,
	ACCOUNTS_REGISTRATION,
	ACCOUNTS_FREE_SIGN_UPS,
	ACCOUNTS_PROOF_BITS,
	ACCOUNTS_ARGON2_MEMORY_KIB,
	ACCOUNTS_ARGON2_PASSES,
	ACCOUNTS_APPEALS,
	ACCOUNTS_ATTEMPTS_PER_NAME,
	ACCOUNTS_ATTEMPTS_PER_ADDRESS,
	ACCOUNTS_SIGN_UPS_PER_ADDRESS,
	ACCOUNTS_SEARCHES_PER_HOUR,
	ACCOUNTS_PROFILE_CHANGES_PER_HOUR,
	ACCOUNTS_REFUSE_COMMON,
	ACCOUNTS_SETTINGS_COUNT
};
extern struct gx_setting accounts_settings[ACCOUNTS_SETTINGS_COUNT];

enum accounts_registration {
	ACCOUNTS_REGISTRATION_OPEN,
	ACCOUNTS_REGISTRATION_INVITE,
	ACCOUNTS_REGISTRATION_CLOSED
};
extern const char *const accounts_registrations[];

/* The room's memory on the command thread: addresses from which someone signed in to an account
 * lately, by hash. They keep their own count of attempts, so that strangers who guess at the
 * account don't lock its owner out. Lost at a restart; a slot taken by another pair costs nothing
 * but that.
 */
struct accounts_state {
	uint64_t known[ACCOUNTS_KNOWN_COUNT];
};

enum accounts_metric {
	ACCOUNTS_SIGN_UPS,
	ACCOUNTS_SIGN_INS,
	ACCOUNTS_SIGN_INS_REFUSED,
	ACCOUNTS_ARGON2_RUNS,
	ACCOUNTS_METRICS_COUNT
};
extern struct gx_metric accounts_metrics[ACCOUNTS_METRICS_COUNT];

/* accounts_text.c: any thread, no memory but the caller's. */

/* 6–20 ASCII letters, digits, '_' and '-', a letter first. */
bool accounts_username_valid(struct gx_str username);
/* The form that is unique: lower case. `out` has room for username.len bytes. */
struct gx_str accounts_username_fold(struct gx_arena *a, struct gx_str username);
/* Length, the most common ones, the own name: GX_E_INVALID or GX_E_RULE; `field` is the input. */
GX_NODISCARD enum gx_status accounts_check_password(struct gx_str password, struct gx_str username,
						    const char *field, struct gx_error *err);

/* accounts_secret.c: any thread. Slow ones count in ACCOUNTS_ARGON2_RUNS. */

/* Makes the hash that is stored. GX_E_OVERLOADED when there is no memory for it. */
GX_NODISCARD enum gx_status accounts_hash_password(struct gx_arena *a, struct gx_str password,
						   struct gx_str *hash, struct gx_error *err);
/* Takes the same time with an empty hash (nobody of that name), and is false then. */
bool accounts_verify_password(struct gx_str hash, struct gx_str password);
/* The hash was made with other parameters than today's settings. */
bool accounts_needs_rehash(struct gx_str hash);
/* This server's key, made at its first start. */
GX_NODISCARD enum gx_status accounts_get_secret(struct gx_arena *a, struct gx_tx *tx,
						struct gx_str *secret, struct gx_error *err);
/* A fresh code, "xxxxx-xxxxx", in the arena. */
struct gx_str accounts_make_code(struct gx_arena *a);
/* The same whatever the case, spaces and dashes, 'o' for zero, 'i' and 'l' for one. False: not a
 * code. */
bool accounts_normalize_code(struct gx_arena *a, struct gx_str typed, struct gx_str *out);
/* What is stored of a normalized code. */
struct gx_str accounts_hash_code(struct gx_arena *a, struct gx_str secret, uint64_t account_id,
				 struct gx_str code);
/* A challenge of proof of work: stateless, signed, good for ACCOUNTS_CHALLENGE_MS. */
struct gx_str accounts_make_challenge(struct gx_arena *a, struct gx_str secret, int64_t now_ms,
				      unsigned bits, int64_t *expires_at_ms);
/* Ours, not expired, and SHA-256(challenge ":" nonce) starts with its zero bits. *spent is what to
 * remember until it expires: one form, however the hex was written. */
bool accounts_check_challenge(struct gx_arena *a, struct gx_str secret, int64_t now_ms,
			      struct gx_str challenge, struct gx_str nonce, struct gx_str *spent,
			      int64_t *expires_at_ms);

/* accounts_entry.c: how one gets in. */

struct accounts_sign_up {
	struct gx_str username;
	struct gx_str password;
	struct gx_str nickname;	 /* as sent; stored clean */
	struct gx_str invite;	 /* empty: none */
	struct gx_str challenge; /* empty: no proof of work */
	struct gx_str nonce;
	bool is_counted; /* not from the machine itself: the brake counts it */
};

/* Any. All that can be said before the costly hash. */
GX_NODISCARD enum gx_status accounts_check_sign_up(struct gx_arena *a, struct gx_tx *tx,
						   const struct accounts_sign_up *s,
						   struct gx_error *err);
/* Checks again and makes the account: the first one is the owner. */
GX_NODISCARD enum gx_status accounts_sign_up(struct gx_arena *a, struct gx_tx *tx,
					     const struct accounts_sign_up *s, struct gx_str hash,
					     uint64_t *account_id, struct gx_error *err);

/* What a verified password stands for, from _check to the write. */
struct accounts_proven {
	uint64_t account_id;
	struct gx_str hash;	/* the one that the password matched */
	struct gx_str new_hash; /* to be stored instead; empty: keep */
};

/* Any. GX_E_UNAUTHENTICATED "accounts.bad_credentials" for a wrong name as for a wrong password, at
 * the same cost; GX_E_FORBIDDEN "accounts.suspended" only to who knows the password. */
GX_NODISCARD enum gx_status accounts_check_sign_in(struct gx_arena *a, struct gx_tx *tx,
						   struct gx_str username, struct gx_str password,
						   struct accounts_proven *out,
						   struct gx_error *err);
/* Still true? Stores a new hash if there is one. */
GX_NODISCARD enum gx_status accounts_sign_in(struct gx_arena *a, struct gx_tx *tx,
					     const struct accounts_proven *proven,
					     const struct accounts_account **out,
					     struct gx_error *err);
/* Any. The password of someone signed in: GX_E_FORBIDDEN "accounts.wrong_password". With
 * `new_password` (ptr NULL: none) that one is checked first and hashed last. */
GX_NODISCARD enum gx_status accounts_check_own_password(struct gx_arena *a, struct gx_tx *tx,
							uint64_t account_id, struct gx_str password,
							struct gx_str new_password,
							struct accounts_proven *out,
							struct gx_error *err);
/* Stores proven->new_hash and ends all sessions but `device_id`. */
GX_NODISCARD enum gx_status accounts_set_password(struct gx_arena *a, struct gx_tx *tx,
						  const struct accounts_proven *proven,
						  uint64_t device_id, struct gx_error *err);
/* Replaces the person's recovery codes; *codes are ACCOUNTS_CODES_COUNT texts. */
GX_NODISCARD enum gx_status accounts_make_recovery_codes(struct gx_arena *a, struct gx_tx *tx,
							 const struct accounts_proven *proven,
							 struct gx_str **codes,
							 struct gx_error *err);

/* A forgotten password replaced by means of a code. */
struct accounts_reset {
	struct gx_str username;
	struct gx_str code; /* as typed */
	struct gx_str password;
};

/* Any. GX_E_UNAUTHENTICATED "accounts.bad_reset_code" for a wrong name as for a wrong code. */
GX_NODISCARD enum gx_status accounts_check_reset(struct gx_arena *a, struct gx_tx *tx,
						 const struct accounts_reset *r,
						 struct gx_error *err);
/* Checks again, spends the code, sets the password, ends all sessions. */
GX_NODISCARD enum gx_status accounts_reset(struct gx_arena *a, struct gx_tx *tx,
					   const struct accounts_reset *r, struct gx_str hash,
					   const struct accounts_account **out,
					   struct gx_error *err);

/* accounts_addresses.c: any thread. */

#define ACCOUNTS_ADDRESSES_MAX 16u

/* True when `listen` ("HOST:PORT") is reached from this machine only. */
bool accounts_is_loopback(struct gx_str listen);
/* The URLs under which others in the network reach the server; at most ACCOUNTS_ADDRESSES_MAX. */
size_t accounts_list_addresses(struct gx_arena *a, struct gx_str listen, bool is_secure,
			       struct gx_str *out);

/* accounts_rules.c: profile, invitations, operators. */

struct accounts_profile_change { /* ptr NULL: unchanged */
	struct gx_str nickname;
	struct gx_str signature;
	struct gx_str region;
	bool has_avatar;
	uint64_t avatar_media_id; /* 0 removes it */
};

/* Changes what the person said and tells their devices and the other rooms. */
GX_NODISCARD enum gx_status accounts_update_profile(struct gx_arena *a, struct gx_tx *tx,
						    uint64_t account_id,
						    const struct accounts_profile_change *change,
						    const struct accounts_account **out,
						    struct gx_error *err);

struct accounts_invite {
	struct gx_str code;
	int64_t uses_left;
	int64_t created_at_ms;
	int64_t expires_at_ms; /* INT64_MIN: never */
};

GX_NODISCARD enum gx_status accounts_create_invite(struct gx_arena *a, struct gx_tx *tx,
						   uint64_t operator_id, int64_t uses,
						   int64_t expires_in_ms /* 0: never */,
						   struct accounts_invite *out,
						   struct gx_error *err);
/* Any. Those that still open, newest first. */
GX_NODISCARD enum gx_status accounts_list_invites(struct gx_arena *a, struct gx_tx *tx,
						  struct accounts_invite **out, size_t *count,
						  struct gx_error *err);
GX_NODISCARD enum gx_status accounts_delete_invite(struct gx_arena *a, struct gx_tx *tx,
						   uint64_t operator_id, struct gx_str code,
						   struct gx_error *err);

GX_NODISCARD enum gx_status accounts_set_role(struct gx_arena *a, struct gx_tx *tx,
					      uint64_t owner_id, uint64_t account_id,
					      enum gx_role role, struct gx_error *err);
/* A code for someone who forgot the password. */
GX_NODISCARD enum gx_status accounts_make_reset_code(struct gx_arena *a, struct gx_tx *tx,
						     const struct gx_session *actor,
						     uint64_t account_id, struct gx_str *code,
						     int64_t *expires_at_ms, struct gx_error *err);

/* Any. Accounts for the operator's page: newest first, or those whose username starts with `query`
 * in order of name. `cursor` empty: from the start; *next empty: the end. */
GX_NODISCARD enum gx_status accounts_list(struct gx_arena *a, struct gx_tx *tx, struct gx_str query,
					  struct gx_str cursor, size_t limit,
					  const struct accounts_account ***out, size_t *count,
					  struct gx_str *next, struct gx_error *err);
/* Any. For someone who typed a username: GX_E_NOT_FOUND "accounts.no_account" for a suspended
 * account as for none. */
GX_NODISCARD enum gx_status accounts_search(struct gx_arena *a, struct gx_tx *tx,
					    struct gx_str username,
					    const struct accounts_account **out,
					    struct gx_error *err);

/* Periodic: drops what has expired. */
GX_NODISCARD enum gx_status accounts_purge(struct gx_arena *a, struct gx_tx *tx, bool *again,
					   struct gx_error *err);
/* At start: makes the server's key when there is none. */
GX_NODISCARD enum gx_status accounts_start(struct gx_arena *a, struct gx_tx *tx,
					   struct gx_error *err);

#endif
