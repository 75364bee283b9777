/* SPDX-License-Identifier: Apache-2.0 */
/*
 * accounts_entry.c - how one gets in: sign-up, sign-in, and a new password for the old one.
 *
 * What costs an argon2id runs on a helper thread against a snapshot; the command that follows looks
 * again at everything that may have changed since. The order of the checks is part of the contract:
 * what is cheap and tells nothing first, whether a name is taken last, so that nobody asks for
 * names past the brake.
 */
#include "accounts_rules.h"
#include "accounts_sql.h"
#include "core.h"

enum code_kind { CODE_RECOVERY = 1, CODE_OPERATOR = 2 };

/* How a sign-up was let in, and what that uses up. */
struct admission {
	bool is_first;
	struct gx_str invite; /* normalized; empty: none */
	struct gx_str spent;  /* challenge; empty: none */
	int64_t spent_until_ms;
};

static enum gx_status find_invite(struct gx_arena *a, struct gx_tx *tx, struct gx_str typed,
				  struct gx_str *code, struct gx_error *err)
{
	struct accounts_sql_invite_find_in in = { .now_ms = tx->now_ms };
	struct accounts_sql_invite_find_out row;
	bool found = false;
	enum gx_status st;

	if (accounts_normalize_code(a, typed, &in.code)) {
		st = accounts_sql_invite_find(a, tx, &in, &row, &found, err);
		if (st != GX_OK)
			return st;
	}
	if (!found)
		return gx_fail_field(err, GX_E_FORBIDDEN, "accounts.bad_invite", "invite");
	*code = in.code;
	return GX_OK;
}

static enum gx_status check_proof(struct gx_arena *a, struct gx_tx *tx,
				  const struct accounts_sign_up *s, struct admission *out,
				  struct gx_error *err)
{
	struct accounts_sql_proof_find_in in;
	struct accounts_sql_proof_find_out row;
	struct gx_str secret;
	bool found;
	enum gx_status st;

	if (s->challenge.len == 0)
		return gx_fail(err, GX_E_FORBIDDEN, "accounts.proof_required");
	st = accounts_get_secret(a, tx, &secret, err);
	if (st != GX_OK)
		return st;
	if (!accounts_check_challenge(a, secret, tx->now_ms, s->challenge, s->nonce, &in.challenge,
				      &out->spent_until_ms))
		return gx_fail_field(err, GX_E_FORBIDDEN, "accounts.bad_proof", "proof");
	st = accounts_sql_proof_find(a, tx, &in, &row, &found, err);
	if (st != GX_OK)
		return st;
	if (found)
		return gx_fail_field(err, GX_E_FORBIDDEN, "accounts.bad_proof", "proof");
	out->spent = in.challenge;
	return GX_OK;
}

/* Open sign-up is free up to so many an hour; beyond that each one costs some computing. */
static enum gx_status check_brake(struct gx_arena *a, struct gx_tx *tx,
				  const struct accounts_sign_up *s, struct admission *out,
				  struct gx_error *err)
{
	int64_t free_count = accounts_settings[ACCOUNTS_FREE_SIGN_UPS].num;
	struct accounts_sql_sign_up_count_in in = { .since_ms = tx->now_ms - GX_HOUR_MS,
						    .max = free_count + 1 };
	struct accounts_sql_sign_up_count_out recent;
	bool found;
	enum gx_status st;

	if (!s->is_counted)
		return GX_OK;
	st = accounts_sql_sign_up_count(a, tx, &in, &recent, &found, err);
	if (st != GX_OK)
		return st;
	if (recent.count < free_count)
		return GX_OK;
	return check_proof(a, tx, s, out, err);
}

static enum gx_status admit_sign_up(struct gx_arena *a, struct gx_tx *tx,
				    const struct accounts_sign_up *s, struct admission *out,
				    struct gx_error *err)
{
	int64_t registration = accounts_settings[ACCOUNTS_REGISTRATION].num;
	uint64_t count;
	enum gx_status st = accounts_count(a, tx, &count, err);

	if (st != GX_OK)
		return st;
	out->is_first = count == 0;
	if (out->is_first)
		return GX_OK;
	if (registration == ACCOUNTS_REGISTRATION_CLOSED)
		return gx_fail(err, GX_E_FORBIDDEN, "accounts.registration_closed");
	if (s->invite.len != 0) /* someone vouches: no brake */
		return find_invite(a, tx, s->invite, &out->invite, err);
	if (registration == ACCOUNTS_REGISTRATION_INVITE)
		return gx_fail_field(err, GX_E_FORBIDDEN, "accounts.invite_required", "invite");
	return check_brake(a, tx, s, out, err);
}

static enum gx_status find_id(struct gx_arena *a, struct gx_tx *tx, struct gx_str username,
			      uint64_t *account_id, struct gx_error *err)
{
	struct accounts_sql_account_find_in in;
	struct accounts_sql_account_find_out row;
	bool found;
	enum gx_status st;

	in.username_folded = accounts_username_fold(a, username);
	st = accounts_sql_account_find(a, tx, &in, &row, &found, err);
	if (st == GX_OK)
		*account_id = found ? row.account_id : 0;
	return st;
}

static enum gx_status examine(struct gx_arena *a, struct gx_tx *tx,
			      const struct accounts_sign_up *s, struct admission *admission,
			      struct gx_str *nickname, struct gx_error *err)
{
	uint64_t holder_id;
	enum gx_status st;

	if (!accounts_username_valid(s->username))
		return gx_fail_field(err, GX_E_INVALID, "core.invalid_field", "username");
	if (!accounts_clean_line(s->nickname, nickname) || nickname->len == 0)
		return gx_fail_field(err, GX_E_INVALID, "core.invalid_field", "nickname");
	st = accounts_check_password(s->password, s->username, "password", err);
	if (st != GX_OK)
		return st;
	st = admit_sign_up(a, tx, s, admission, err);
	if (st != GX_OK)
		return st;
	st = find_id(a, tx, s->username, &holder_id, err);
	if (st != GX_OK)
		return st;
	if (holder_id != 0)
		return gx_fail_field(err, GX_E_CONFLICT, "accounts.username_taken", "username");
	return GX_OK;
}

enum gx_status accounts_check_sign_up(struct gx_arena *a, struct gx_tx *tx,
				      const struct accounts_sign_up *s, struct gx_error *err)
{
	struct admission admission = { 0 };
	struct gx_str nickname;

	return examine(a, tx, s, &admission, &nickname, err);
}

/* Writes down what let the person in. */
static enum gx_status use_up(struct gx_tx *tx, const struct admission *admission,
			     struct gx_error *err)
{
	enum gx_status st = GX_OK;

	if (admission->invite.len != 0) {
		struct accounts_sql_invite_use_in in = { .code = admission->invite };

		st = accounts_sql_invite_use(tx, &in, NULL, err);
	}
	if (st == GX_OK && admission->spent.len != 0) {
		struct accounts_sql_proof_insert_in in = {
			.challenge = admission->spent,
			.expires_at_ms = admission->spent_until_ms,
		};

		st = accounts_sql_proof_insert(tx, &in, NULL, err);
	}
	return st;
}

enum gx_status accounts_sign_up(struct gx_arena *a, struct gx_tx *tx,
				const struct accounts_sign_up *s, struct gx_str hash,
				uint64_t *account_id, struct gx_error *err)
{
	struct admission admission = { 0 };
	struct accounts_sql_account_insert_in in = {
		.username = s->username,
		.username_folded = accounts_username_fold(a, s->username),
		.password_hash = hash,
		.is_counted = s->is_counted,
		.created_at_ms = tx->now_ms,
	};
	uint64_t count;
	enum gx_status st = examine(a, tx, s, &admission, &in.nickname, err);

	if (st != GX_OK)
		return st;
	st = accounts_count(a, tx, &count, err);
	if (st != GX_OK)
		return st;
	in.account_id = count + 1;
	st = accounts_sql_account_insert(tx, &in, NULL, err);
	if (st == GX_OK)
		st = use_up(tx, &admission, err);
	if (st == GX_OK && admission.is_first)
		st = gx_role_set(tx, in.account_id, GX_ROLE_OWNER, err);
	if (st == GX_OK)
		st = gx_rooms_account_changed(a, tx, in.account_id, err);
	if (st != GX_OK)
		return st;
	gx_metric_add(&accounts_metrics[ACCOUNTS_SIGN_UPS], 1);
	*account_id = in.account_id;
	return GX_OK;
}

static enum gx_status get_hash(struct gx_arena *a, struct gx_tx *tx, uint64_t account_id,
			       struct gx_str *hash, struct gx_error *err)
{
	struct accounts_sql_password_get_in in = { .account_id = account_id };
	struct accounts_sql_password_get_out row;
	bool found;
	enum gx_status st = accounts_sql_password_get(a, tx, &in, &row, &found, err);

	if (st == GX_OK)
		*hash = found ? row.password_hash : GX_STR("");
	return st;
}

/* The reason is the operator's own words; so is where to appeal. */
static enum gx_status refuse_suspended(struct gx_arena *a, const struct accounts_account *account,
				       struct gx_error *err)
{
	const char *appeals = accounts_settings[ACCOUNTS_APPEALS].str;

	return gx_fail_detail(a, err, GX_E_FORBIDDEN, "accounts.suspended", "%.*s%s%s",
			      GX_STR_ARG(account->suspended_reason), *appeals != 0 ? " · " : "",
			      appeals);
}

/* The account, which must be there; refused when it is suspended. */
static enum gx_status get_active(struct gx_arena *a, struct gx_tx *tx, uint64_t account_id,
				 const struct accounts_account **out, struct gx_error *err)
{
	const struct accounts_account *account;
	enum gx_status st = accounts_get(a, tx, account_id, &account, err);

	if (st != GX_OK)
		return st;
	GX_ASSERT(account != NULL); /* accounts are never deleted */
	if (account->is_suspended)
		return refuse_suspended(a, account, err);
	*out = account;
	return GX_OK;
}

enum gx_status accounts_check_sign_in(struct gx_arena *a, struct gx_tx *tx, struct gx_str username,
				      struct gx_str password, struct accounts_proven *out,
				      struct gx_error *err)
{
	const struct accounts_account *account;
	struct accounts_proven proven = { 0 };
	enum gx_status st = find_id(a, tx, username, &proven.account_id, err);

	/* A name that nobody has takes the same steps. */
	if (st == GX_OK)
		st = get_hash(a, tx, proven.account_id, &proven.hash, err);
	if (st != GX_OK)
		return st;
	if (!accounts_verify_password(proven.hash, password)) {
		gx_metric_add(&accounts_metrics[ACCOUNTS_SIGN_INS_REFUSED], 1);
		return gx_fail(err, GX_E_UNAUTHENTICATED, "accounts.bad_credentials");
	}
	st = get_active(a, tx, proven.account_id, &account, err);
	if (st != GX_OK)
		return st;
	if (accounts_needs_rehash(proven.hash)) {
		st = accounts_hash_password(a, password, &proven.new_hash, err);
		if (st != GX_OK)
			return st;
	}
	*out = proven;
	return GX_OK;
}

/* The password was changed between the check and now: the caller's client asks again. */
static enum gx_status check_still_proven(struct gx_arena *a, struct gx_tx *tx,
					 const struct accounts_proven *proven, struct gx_error *err)
{
	struct gx_str hash;
	enum gx_status st = get_hash(a, tx, proven->account_id, &hash, err);

	if (st != GX_OK)
		return st;
	if (!gx_str_eq_secret(hash, proven->hash))
		return gx_fail_retry(err, GX_E_OVERLOADED, "core.overloaded", 1);
	return GX_OK;
}

static enum gx_status put_hash(struct gx_tx *tx, uint64_t account_id, struct gx_str hash,
			       struct gx_error *err)
{
	struct accounts_sql_password_update_in in = { .account_id = account_id,
						      .password_hash = hash };

	return accounts_sql_password_update(tx, &in, NULL, err);
}

enum gx_status accounts_sign_in(struct gx_arena *a, struct gx_tx *tx,
				const struct accounts_proven *proven,
				const struct accounts_account **out, struct gx_error *err)
{
	const struct accounts_account *account;
	enum gx_status st = check_still_proven(a, tx, proven, err);

	if (st == GX_OK)
		st = get_active(a, tx, proven->account_id, &account, err);
	if (st == GX_OK && proven->new_hash.len != 0)
		st = put_hash(tx, proven->account_id, proven->new_hash, err);
	if (st != GX_OK)
		return st;
	gx_metric_add(&accounts_metrics[ACCOUNTS_SIGN_INS], 1);
	*out = account;
	return GX_OK;
}

enum gx_status accounts_check_own_password(struct gx_arena *a, struct gx_tx *tx,
					   uint64_t account_id, struct gx_str password,
					   struct gx_str new_password, struct accounts_proven *out,
					   struct gx_error *err)
{
	const struct accounts_account *account;
	struct accounts_proven proven = { .account_id = account_id };
	enum gx_status st = accounts_get(a, tx, account_id, &account, err);

	if (st == GX_OK && new_password.ptr != NULL)
		st = accounts_check_password(new_password, account->username, "new", err);
	if (st == GX_OK)
		st = get_hash(a, tx, account_id, &proven.hash, err);
	if (st != GX_OK)
		return st;
	if (!accounts_verify_password(proven.hash, password))
		return gx_fail(err, GX_E_FORBIDDEN, "accounts.wrong_password");
	if (new_password.ptr != NULL) {
		st = accounts_hash_password(a, new_password, &proven.new_hash, err);
		if (st != GX_OK)
			return st;
	}
	*out = proven;
	return GX_OK;
}

static enum gx_status delete_codes(struct gx_tx *tx, uint64_t account_id, enum code_kind kind,
				   struct gx_error *err)
{
	struct accounts_sql_code_delete_kind_in in = { .account_id = account_id, .kind = kind };

	return accounts_sql_code_delete_kind(tx, &in, NULL, err);
}

enum gx_status accounts_set_password(struct gx_arena *a, struct gx_tx *tx,
				     const struct accounts_proven *proven, uint64_t device_id,
				     struct gx_error *err)
{
	enum gx_status st = check_still_proven(a, tx, proven, err);

	GX_ASSERT(proven->new_hash.len != 0);
	if (st == GX_OK)
		st = put_hash(tx, proven->account_id, proven->new_hash, err);
	if (st == GX_OK)
		st = delete_codes(tx, proven->account_id, CODE_OPERATOR, err);
	if (st == GX_OK)
		st = gx_session_revoke_all(tx, proven->account_id, device_id, err);
	return st;
}

/* Makes a code and stores what must be known of it. */
static enum gx_status add_code(struct gx_arena *a, struct gx_tx *tx, uint64_t account_id,
			       enum code_kind kind, int64_t expires_at_ms, struct gx_str *code,
			       struct gx_error *err)
{
	struct accounts_sql_code_insert_in in = {
		.account_id = account_id,
		.kind = kind,
		.expires_at_ms = expires_at_ms,
	};
	struct gx_str secret;
	enum gx_status st = accounts_get_secret(a, tx, &secret, err);

	if (st != GX_OK)
		return st;
	*code = accounts_make_code(a);
	in.hash = accounts_hash_code(a, secret, account_id, *code);
	return accounts_sql_code_insert(tx, &in, NULL, err);
}

enum gx_status accounts_make_recovery_codes(struct gx_arena *a, struct gx_tx *tx,
					    const struct accounts_proven *proven,
					    struct gx_str **codes, struct gx_error *err)
{
	struct gx_str *made = gx_arena_new_array(a, struct gx_str, ACCOUNTS_CODES_COUNT);
	enum gx_status st = check_still_proven(a, tx, proven, err);

	if (st == GX_OK)
		st = delete_codes(tx, proven->account_id, CODE_RECOVERY, err);
	for (size_t i = 0; st == GX_OK && i < ACCOUNTS_CODES_COUNT; i++)
		st = add_code(a, tx, proven->account_id, CODE_RECOVERY, INT64_MIN, &made[i], err);
	if (st == GX_OK)
		*codes = made;
	return st;
}

enum gx_status accounts_make_reset_code(struct gx_arena *a, struct gx_tx *tx,
					const struct gx_session *actor, uint64_t account_id,
					struct gx_str *code, int64_t *expires_at_ms,
					struct gx_error *err)
{
	int64_t expires = tx->now_ms + ACCOUNTS_RESET_MS;
	struct gx_str made;
	enum gx_status st = GX_OK;

	if (actor->account_id != account_id)
		st = accounts_check_rank(a, tx, actor, account_id, err);
	if (st == GX_OK)
		st = delete_codes(tx, account_id, CODE_OPERATOR, err);
	if (st == GX_OK)
		st = add_code(a, tx, account_id, CODE_OPERATOR, expires, &made, err);
	if (st == GX_OK)
		st = accounts_audit(tx, actor->account_id, "reset_password", account_id, GX_STR(""),
				    err);
	if (st != GX_OK)
		return st;
	*code = made;
	*expires_at_ms = expires;
	return GX_OK;
}

/* Finds the row that the code opens; `key` names it. */
static enum gx_status find_code(struct gx_arena *a, struct gx_tx *tx,
				const struct accounts_reset *r,
				struct accounts_sql_code_delete_in *key, struct gx_error *err)
{
	struct accounts_sql_code_find_in in = { .now_ms = tx->now_ms };
	struct accounts_sql_code_find_out row;
	struct gx_str code, secret;
	bool found = false;
	enum gx_status st = find_id(a, tx, r->username, &in.account_id, err);

	if (st == GX_OK)
		st = accounts_get_secret(a, tx, &secret, err);
	if (st == GX_OK && accounts_normalize_code(a, r->code, &code)) {
		in.hash = accounts_hash_code(a, secret, in.account_id, code);
		st = accounts_sql_code_find(a, tx, &in, &row, &found, err);
	}
	if (st != GX_OK)
		return st;
	if (!found)
		return gx_fail(err, GX_E_UNAUTHENTICATED, "accounts.bad_reset_code");
	key->account_id = in.account_id;
	key->hash = in.hash;
	return GX_OK;
}

enum gx_status accounts_check_reset(struct gx_arena *a, struct gx_tx *tx,
				    const struct accounts_reset *r, struct gx_error *err)
{
	struct accounts_sql_code_delete_in key;
	const struct accounts_account *account;
	enum gx_status st = accounts_check_password(r->password, r->username, "password", err);

	if (st == GX_OK)
		st = find_code(a, tx, r, &key, err);
	if (st == GX_OK)
		st = get_active(a, tx, key.account_id, &account, err);
	return st;
}

enum gx_status accounts_reset(struct gx_arena *a, struct gx_tx *tx, const struct accounts_reset *r,
			      struct gx_str hash, const struct accounts_account **out,
			      struct gx_error *err)
{
	struct accounts_sql_code_delete_in key;
	const struct accounts_account *account;
	enum gx_status st = find_code(a, tx, r, &key, err);

	if (st == GX_OK)
		st = get_active(a, tx, key.account_id, &account, err);
	if (st == GX_OK)
		st = accounts_sql_code_delete(tx, &key, NULL, err);
	if (st == GX_OK)
		st = put_hash(tx, key.account_id, hash, err);
	if (st == GX_OK)
		st = gx_session_revoke_all(tx, key.account_id, 0, err);
	if (st == GX_OK)
		*out = account;
	return st;
}
