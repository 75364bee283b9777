/* SPDX-License-Identifier: Apache-2.0 */
/* accounts_rules.c - profiles, invitations, and what operators may do to whom. */
#include "accounts_rules.h"
#include "accounts_sql.h"
#include "core.h"
#include "ident.h"
#include "media.h"
#include "publish.h"

enum gx_status accounts_get(struct gx_arena *a, struct gx_tx *tx, uint64_t account_id,
			    const struct accounts_account **out, struct gx_error *err)
{
	struct accounts_sql_account_get_in in = { .account_id = account_id };
	struct accounts_sql_account_get_out row;
	struct accounts_account *account;
	bool found;
	enum gx_status st = accounts_sql_account_get(a, tx, &in, &row, &found, err);

	if (st != GX_OK)
		return st;
	if (!found) {
		*out = NULL;
		return GX_OK;
	}
	account = gx_arena_new(a, struct accounts_account);
	*account = (struct accounts_account){
		.account_id = account_id,
		.username = row.username,
		.nickname = row.nickname,
		.signature = row.signature,
		.region = row.region,
		.avatar_media_id = row.avatar_media_id,
		.is_suspended = row.suspended_at_ms != INT64_MIN,
		.suspended_reason = row.suspended_reason,
		.created_at_ms = row.created_at_ms,
	};
	*out = account;
	return GX_OK;
}

enum gx_status accounts_get_known(struct gx_arena *a, struct gx_tx *tx, uint64_t account_id,
				  const struct accounts_account **out, struct gx_error *err)
{
	enum gx_status st = accounts_get(a, tx, account_id, out, err);

	GX_ASSERT(st != GX_OK || *out != NULL);
	return st;
}

enum gx_status accounts_find_username(struct gx_arena *a, struct gx_tx *tx, struct gx_str username,
				      const struct accounts_account **out, struct gx_error *err)
{
	struct accounts_sql_account_find_in in;
	struct accounts_sql_account_find_out row;
	bool found = false;
	enum gx_status st;

	if (accounts_username_valid(username)) {
		in.username_folded = accounts_username_fold(a, username);
		st = accounts_sql_account_find(a, tx, &in, &row, &found, err);
		if (st != GX_OK)
			return st;
	}
	if (!found) {
		*out = NULL;
		return GX_OK;
	}
	return accounts_get(a, tx, row.account_id, out, err);
}

enum gx_status accounts_search(struct gx_arena *a, struct gx_tx *tx, struct gx_str username,
			       const struct accounts_account **out, struct gx_error *err)
{
	const struct accounts_account *account;
	enum gx_status st = accounts_find_username(a, tx, username, &account, err);

	if (st != GX_OK)
		return st;
	if (account == NULL || account->is_suspended)
		return gx_fail(err, GX_E_NOT_FOUND, "accounts.no_account");
	*out = account;
	return GX_OK;
}

void accounts_write(struct gx_json_writer *w, const struct accounts_account *account)
{
	gx_json_begin_object(w);
	gx_json_kv_id(w, "id", account->account_id);
	gx_json_kv_str(w, "username", account->username);
	gx_json_kv_str(w, "nickname", account->nickname);
	gx_json_kv_str(w, "signature", account->signature);
	gx_json_kv_str(w, "region", account->region);
	if (account->avatar_media_id != 0)
		gx_json_kv_id(w, "avatar", account->avatar_media_id);
	else
		gx_json_kv_null(w, "avatar");
	gx_json_end_object(w);
}

enum gx_status accounts_count(struct gx_arena *a, struct gx_tx *tx, uint64_t *out,
			      struct gx_error *err)
{
	struct accounts_sql_account_last_out row;
	bool found;
	enum gx_status st = accounts_sql_account_last(a, tx, &row, &found, err);

	if (st == GX_OK)
		*out = row.account_id;
	return st;
}

enum gx_status accounts_get_secret(struct gx_arena *a, struct gx_tx *tx, struct gx_str *secret,
				   struct gx_error *err)
{
	struct accounts_sql_secret_get_out row;
	bool found;
	enum gx_status st = accounts_sql_secret_get(a, tx, &row, &found, err);

	if (st != GX_OK)
		return st;
	GX_ASSERT(found); /* accounts_start() made it */
	GX_ASSERT(row.value.len == ACCOUNTS_SECRET_BYTES);
	*secret = row.value;
	return GX_OK;
}

enum gx_status accounts_start(struct gx_arena *a, struct gx_tx *tx, struct gx_error *err)
{
	struct accounts_sql_secret_get_out row;
	struct accounts_sql_secret_insert_in in;
	char *bytes;
	bool found;
	enum gx_status st = accounts_sql_secret_get(a, tx, &row, &found, err);

	if (st != GX_OK || found)
		return st;
	bytes = gx_arena_alloc(a, ACCOUNTS_SECRET_BYTES);
	gx_random_bytes(bytes, ACCOUNTS_SECRET_BYTES);
	in.value = (struct gx_str){ bytes, ACCOUNTS_SECRET_BYTES };
	return accounts_sql_secret_insert(tx, &in, NULL, err);
}

enum gx_status accounts_purge(struct gx_arena *a, struct gx_tx *tx, bool *again,
			      struct gx_error *err)
{
	struct accounts_sql_code_delete_expired_in codes = { .now_ms = tx->now_ms };
	struct accounts_sql_invite_delete_spent_in invites = { .now_ms = tx->now_ms };
	struct accounts_sql_proof_delete_expired_in proofs = { .now_ms = tx->now_ms };
	enum gx_status st = accounts_sql_code_delete_expired(tx, &codes, NULL, err);

	if (st == GX_OK)
		st = accounts_sql_invite_delete_spent(tx, &invites, NULL, err);
	if (st == GX_OK)
		st = accounts_sql_proof_delete_expired(tx, &proofs, NULL, err);
	*again = false;
	return st;
}

/* A new avatar is a picture of one's own; everybody signed in may then see it. */
static enum gx_status check_avatar(struct gx_arena *a, struct gx_tx *tx, uint64_t account_id,
				   uint64_t media_id, struct gx_error *err)
{
	const struct media_item *item;
	enum gx_status st = media_get(a, tx, media_id, &item, err);

	if (st != GX_OK)
		return st;
	if (item == NULL || item->owner_id != account_id || item->kind != MEDIA_IMAGE)
		return gx_fail_field(err, GX_E_RULE, "accounts.bad_avatar", "avatar");
	return GX_OK;
}

static enum gx_status swap_avatar(struct gx_arena *a, struct gx_tx *tx, uint64_t account_id,
				  uint64_t media_id, struct gx_error *err)
{
	enum gx_status st = media_revoke(a, tx, ACCOUNTS_ROOM, account_id, 0, err);

	if (st == GX_OK && media_id != 0)
		st = media_grant(a, tx, account_id, media_id, ACCOUNTS_ROOM, account_id, 0, err);
	return st;
}

static enum gx_status check_line(struct gx_str change, struct gx_str *value, const char *field,
				 bool may_be_empty, struct gx_error *err)
{
	struct gx_str clean;

	if (change.ptr == NULL)
		return GX_OK;
	if (!accounts_clean_line(change, &clean) || (clean.len == 0 && !may_be_empty))
		return gx_fail_field(err, GX_E_INVALID, "core.invalid_field", field);
	*value = clean;
	return GX_OK;
}

/* Tells the person's own devices; the rooms tell whoever else should know. */
static enum gx_status tell_changed(struct gx_arena *a, struct gx_tx *tx,
				   const struct accounts_account *account, struct gx_error *err)
{
	struct gx_buf buf;
	struct gx_json_writer w;
	struct gx_str body;
	enum gx_status st;

	gx_buf_init(&buf, 4096);
	gx_json_writer_init(&w, &buf);
	gx_json_key(&w, GX_STR("account"));
	accounts_write(&w, account);
	GX_ASSERT(!buf.overflow);
	body = gx_arena_strdup(a, gx_buf_str(&buf));
	gx_buf_deinit(&buf);
	st = gx_publish(a, tx, account->account_id, "account", body, err);
	if (st != GX_OK)
		return st;
	return gx_rooms_account_changed(a, tx, account->account_id, err);
}

enum gx_status accounts_update_profile(struct gx_arena *a, struct gx_tx *tx, uint64_t account_id,
				       const struct accounts_profile_change *change,
				       const struct accounts_account **out, struct gx_error *err)
{
	const struct accounts_account *old;
	struct accounts_account *account;
	struct accounts_sql_account_update_profile_in in;
	bool is_new_avatar;
	enum gx_status st = accounts_get(a, tx, account_id, &old, err);

	if (st != GX_OK)
		return st;
	GX_ASSERT(old != NULL);
	account = gx_arena_new(a, struct accounts_account);
	*account = *old;
	is_new_avatar = change->has_avatar && change->avatar_media_id != old->avatar_media_id;
	st = check_line(change->nickname, &account->nickname, "nickname", false, err);
	if (st == GX_OK)
		st = check_line(change->signature, &account->signature, "signature", true, err);
	if (st == GX_OK)
		st = check_line(change->region, &account->region, "region", true, err);
	if (st == GX_OK && is_new_avatar && change->avatar_media_id != 0)
		st = check_avatar(a, tx, account_id, change->avatar_media_id, err);
	if (st != GX_OK)
		return st;
	if (is_new_avatar) {
		account->avatar_media_id = change->avatar_media_id;
		st = swap_avatar(a, tx, account_id, change->avatar_media_id, err);
		if (st != GX_OK)
			return st;
	}
	in = (struct accounts_sql_account_update_profile_in){
		.account_id = account_id,
		.nickname = account->nickname,
		.signature = account->signature,
		.region = account->region,
		.avatar_media_id = account->avatar_media_id,
	};
	st = accounts_sql_account_update_profile(tx, &in, NULL, err);
	if (st == GX_OK)
		st = tell_changed(a, tx, account, err);
	if (st == GX_OK)
		*out = account;
	return st;
}

enum gx_status accounts_create_invite(struct gx_arena *a, struct gx_tx *tx, uint64_t operator_id,
				      int64_t uses, int64_t expires_in_ms,
				      struct accounts_invite *out, struct gx_error *err)
{
	struct accounts_sql_invite_insert_in in = {
		.made_by = operator_id,
		.uses_left = uses,
		.created_at_ms = tx->now_ms,
		.expires_at_ms = expires_in_ms != 0 ? tx->now_ms + expires_in_ms : INT64_MIN,
	};
	struct accounts_sql_invite_delete_spent_in spent = { .now_ms = tx->now_ms };
	struct accounts_sql_invite_count_out row;
	bool found;
	enum gx_status st = accounts_sql_invite_delete_spent(tx, &spent, NULL, err);

	if (st == GX_OK)
		st = accounts_sql_invite_count(a, tx, &row, &found, err);
	if (st != GX_OK)
		return st;
	if (row.count >= ACCOUNTS_INVITES_MAX)
		return gx_fail(err, GX_E_RULE, "accounts.too_many_invites");
	in.code = accounts_make_code(a);
	st = accounts_sql_invite_insert(tx, &in, NULL, err);
	if (st == GX_OK)
		st = accounts_audit(tx, operator_id, "create_invite", 0, in.code, err);
	if (st != GX_OK)
		return st;
	*out = (struct accounts_invite){
		.code = in.code,
		.uses_left = in.uses_left,
		.created_at_ms = in.created_at_ms,
		.expires_at_ms = in.expires_at_ms,
	};
	return GX_OK;
}

enum gx_status accounts_list_invites(struct gx_arena *a, struct gx_tx *tx,
				     struct accounts_invite **out, size_t *count,
				     struct gx_error *err)
{
	struct accounts_sql_invite_list_in in = { .now_ms = tx->now_ms,
						  .limit = ACCOUNTS_INVITES_MAX };
	struct accounts_sql_invite_list_out *rows;
	struct accounts_invite *invites;
	size_t rows_count;
	enum gx_status st = accounts_sql_invite_list(a, tx, &in, &rows, &rows_count, err);

	if (st != GX_OK)
		return st;
	invites = gx_arena_new_array(a, struct accounts_invite, rows_count);
	for (size_t i = 0; i < rows_count; i++)
		invites[i] = (struct accounts_invite){
			.code = rows[i].code,
			.uses_left = rows[i].uses_left,
			.created_at_ms = rows[i].created_at_ms,
			.expires_at_ms = rows[i].expires_at_ms,
		};
	*out = invites;
	*count = rows_count;
	return GX_OK;
}

enum gx_status accounts_delete_invite(struct gx_arena *a, struct gx_tx *tx, uint64_t operator_id,
				      struct gx_str code, struct gx_error *err)
{
	struct accounts_sql_invite_delete_in in;
	uint64_t changes = 0;
	enum gx_status st = GX_OK;

	if (accounts_normalize_code(a, code, &in.code))
		st = accounts_sql_invite_delete(tx, &in, &changes, err);
	if (st != GX_OK)
		return st;
	if (changes == 0)
		return gx_fail(err, GX_E_NOT_FOUND, "accounts.no_invite");
	return accounts_audit(tx, operator_id, "delete_invite", 0, in.code, err);
}

enum gx_status accounts_audit(struct gx_tx *tx, uint64_t operator_id, const char *action,
			      uint64_t subject_id, struct gx_str note, struct gx_error *err)
{
	struct accounts_sql_audit_insert_in in = {
		.at_ms = tx->now_ms,
		.operator_id = operator_id,
		.action = gx_str_from_cstr(action),
		.subject_id = subject_id,
		.note = note,
	};

	return accounts_sql_audit_insert(tx, &in, NULL, err);
}

enum gx_status accounts_list_audit(struct gx_arena *a, struct gx_tx *tx, uint64_t before,
				   size_t limit, struct accounts_audit_line **out, size_t *count,
				   struct gx_error *err)
{
	struct accounts_sql_audit_list_in in = { .before = before, .limit = (int64_t)limit };
	struct accounts_sql_audit_list_out *rows;
	struct accounts_audit_line *lines;
	size_t rows_count;
	enum gx_status st = accounts_sql_audit_list(a, tx, &in, &rows, &rows_count, err);

	if (st != GX_OK)
		return st;
	lines = gx_arena_new_array(a, struct accounts_audit_line, rows_count);
	for (size_t i = 0; i < rows_count; i++)
		lines[i] = (struct accounts_audit_line){
			.audit_id = rows[i].audit_id,
			.at_ms = rows[i].at_ms,
			.operator_id = rows[i].operator_id,
			.action = rows[i].action,
			.subject_id = rows[i].subject_id,
			.note = rows[i].note,
		};
	*out = lines;
	*count = rows_count;
	return GX_OK;
}

/* The account exists; *role is its role. */
static enum gx_status get_subject(struct gx_arena *a, struct gx_tx *tx, uint64_t subject_id,
				  enum gx_role *role, struct gx_error *err)
{
	const struct accounts_account *subject;
	enum gx_status st = accounts_get(a, tx, subject_id, &subject, err);

	if (st != GX_OK)
		return st;
	if (subject == NULL)
		return gx_fail(err, GX_E_NOT_FOUND, "accounts.no_account");
	return gx_role_get(tx, subject_id, role, err);
}

enum gx_status accounts_check_rank(struct gx_arena *a, struct gx_tx *tx,
				   const struct gx_session *actor, uint64_t subject_id,
				   struct gx_error *err)
{
	enum gx_role role;
	enum gx_status st = get_subject(a, tx, subject_id, &role, err);

	if (st != GX_OK)
		return st;
	if (subject_id == actor->account_id || role >= actor->role)
		return gx_fail(err, GX_E_FORBIDDEN, "accounts.protected");
	return GX_OK;
}

enum gx_status accounts_suspend(struct gx_arena *a, struct gx_tx *tx,
				const struct gx_session *actor, uint64_t subject_id,
				struct gx_str reason, struct gx_error *err)
{
	struct accounts_sql_account_update_suspension_in in = {
		.account_id = subject_id,
		.suspended_at_ms = tx->now_ms,
		.reason = reason,
	};
	enum gx_status st = accounts_check_rank(a, tx, actor, subject_id, err);

	if (st == GX_OK)
		st = accounts_sql_account_update_suspension(tx, &in, NULL, err);
	if (st == GX_OK)
		st = gx_session_revoke_all(tx, subject_id, 0, err);
	if (st == GX_OK)
		st = accounts_audit(tx, actor->account_id, "suspend", subject_id, reason, err);
	return st;
}

enum gx_status accounts_unsuspend(struct gx_arena *a, struct gx_tx *tx,
				  const struct gx_session *actor, uint64_t subject_id,
				  struct gx_error *err)
{
	struct accounts_sql_account_update_suspension_in in = {
		.account_id = subject_id,
		.suspended_at_ms = INT64_MIN,
		.reason = GX_STR(""),
	};
	enum gx_role role;
	enum gx_status st = get_subject(a, tx, subject_id, &role, err);

	if (st == GX_OK)
		st = accounts_sql_account_update_suspension(tx, &in, NULL, err);
	if (st == GX_OK)
		st = accounts_audit(tx, actor->account_id, "unsuspend", subject_id, GX_STR(""),
				    err);
	return st;
}

enum gx_status accounts_set_role(struct gx_arena *a, struct gx_tx *tx, uint64_t owner_id,
				 uint64_t account_id, enum gx_role role, struct gx_error *err)
{
	enum gx_role old;
	enum gx_status st = get_subject(a, tx, account_id, &old, err);

	GX_ASSERT(role != GX_ROLE_OWNER);
	if (st != GX_OK)
		return st;
	if (old == GX_ROLE_OWNER)
		return gx_fail(err, GX_E_FORBIDDEN, "accounts.protected");
	st = gx_role_set(tx, account_id, role, err);
	if (st == GX_OK)
		st = accounts_audit(tx, owner_id, "set_role", account_id,
				    role == GX_ROLE_OPERATOR ? GX_STR("operator")
							     : GX_STR("member"),
				    err);
	return st;
}

/* Reads the accounts of these ids, in their order. */
static enum gx_status get_all(struct gx_arena *a, struct gx_tx *tx, const uint64_t *ids,
			      size_t count, const struct accounts_account ***out,
			      struct gx_error *err)
{
	const struct accounts_account **accounts =
		gx_arena_new_array(a, const struct accounts_account *, count);

	for (size_t i = 0; i < count; i++) {
		enum gx_status st = accounts_get(a, tx, ids[i], &accounts[i], err);

		if (st != GX_OK)
			return st;
		GX_ASSERT(accounts[i] != NULL); /* the same snapshot listed it */
	}
	*out = accounts;
	return GX_OK;
}

static enum gx_status list_newest(struct gx_arena *a, struct gx_tx *tx, struct gx_str cursor,
				  size_t limit, uint64_t *ids, size_t *count, struct gx_str *next,
				  struct gx_error *err)
{
	struct accounts_sql_account_list_in in = { .before = INT64_MAX,
						   .limit = (int64_t)limit + 1 };
	struct accounts_sql_account_list_out *rows;
	size_t rows_count;
	enum gx_status st;

	if (cursor.len != 0 && (!gx_str_to_u64(cursor, &in.before) || in.before > INT64_MAX))
		return gx_fail_field(err, GX_E_INVALID, "core.invalid_field", "cursor");
	st = accounts_sql_account_list(a, tx, &in, &rows, &rows_count, err);
	if (st != GX_OK)
		return st;
	*next = GX_STR("");
	*count = rows_count < limit ? rows_count : limit;
	for (size_t i = 0; i < *count; i++)
		ids[i] = rows[i].account_id;
	if (rows_count > limit)
		*next = gx_arena_printf(a, "%llu", (unsigned long long)ids[limit - 1]);
	return GX_OK;
}

static enum gx_status list_by_name(struct gx_arena *a, struct gx_tx *tx, struct gx_str query,
				   struct gx_str cursor, size_t limit, uint64_t *ids, size_t *count,
				   struct gx_str *next, struct gx_error *err)
{
	struct gx_str prefix = accounts_username_fold(a, query);
	struct accounts_sql_account_list_prefix_in in = {
		.after = cursor,
		.prefix = prefix,
		/* '~' sorts behind every character of a user name. */
		.prefix_end = gx_arena_printf(a, "%.*s~", GX_STR_ARG(prefix)),
		.limit = (int64_t)limit + 1,
	};
	struct accounts_sql_account_list_prefix_out *rows;
	size_t rows_count;
	enum gx_status st = accounts_sql_account_list_prefix(a, tx, &in, &rows, &rows_count, err);

	if (st != GX_OK)
		return st;
	*next = GX_STR("");
	*count = rows_count < limit ? rows_count : limit;
	for (size_t i = 0; i < *count; i++)
		ids[i] = rows[i].account_id;
	if (rows_count > limit)
		*next = rows[limit - 1].username_folded;
	return GX_OK;
}

enum gx_status accounts_list(struct gx_arena *a, struct gx_tx *tx, struct gx_str query,
			     struct gx_str cursor, size_t limit,
			     const struct accounts_account ***out, size_t *count,
			     struct gx_str *next, struct gx_error *err)
{
	uint64_t *ids = gx_arena_new_array(a, uint64_t, limit);
	struct gx_str end;
	size_t ids_count = 0;
	enum gx_status st;

	GX_ASSERT(limit > 0);
	if (query.len == 0)
		st = list_newest(a, tx, cursor, limit, ids, &ids_count, &end, err);
	else
		st = list_by_name(a, tx, query, cursor, limit, ids, &ids_count, &end, err);
	if (st == GX_OK)
		st = get_all(a, tx, ids, ids_count, out, err);
	if (st != GX_OK)
		return st;
	*count = ids_count;
	*next = end;
	return GX_OK;
}
