/* SPDX-License-Identifier: Apache-2.0 */
/* accounts_profile_http.c - calls about oneself, about others by name, and about the instance. */
#include "accounts_http.h"
#include "core.h"
#include "throttle.h"

static enum gx_status answer_account(struct gx_call *c, const struct accounts_account *account)
{
	gx_json_begin_object(&c->out);
	gx_json_key(&c->out, GX_STR("account"));
	accounts_write(&c->out, account);
	gx_json_end_object(&c->out);
	return GX_OK;
}

/* me.get, me.update */

struct gx_str accounts_role_name(enum gx_role role)
{
	static const struct gx_str names[] = {
		[GX_ROLE_MEMBER] = { "member", 6 },
		[GX_ROLE_OPERATOR] = { "operator", 8 },
		[GX_ROLE_OWNER] = { "owner", 5 },
	};

	return names[role];
}

enum gx_status accounts_handle_get_me(struct gx_call *c)
{
	const struct accounts_account *account;
	enum gx_status st = accounts_get(c->arena, c->tx, c->session.account_id, &account, &c->err);

	if (st != GX_OK)
		return st;
	gx_json_begin_object(&c->out);
	gx_json_key(&c->out, GX_STR("account"));
	accounts_write(&c->out, account);
	gx_json_kv_str(&c->out, "role", accounts_role_name(c->session.role));
	gx_json_end_object(&c->out);
	return GX_OK;
}

enum { ME_NICKNAME, ME_SIGNATURE, ME_REGION, ME_AVATAR };

const struct gx_field accounts_me_fields[] = {
	[ME_NICKNAME] = { "nickname", GX_FIELD_STR, 0, 1, 32 },
	[ME_SIGNATURE] = { "signature", GX_FIELD_STR, 0, 0, 100 },
	[ME_REGION] = { "region", GX_FIELD_STR, 0, 0, 50 },
	[ME_AVATAR] = { "avatar", GX_FIELD_STR, GX_FIELD_NULLABLE, 0, 20 },
	{ NULL, GX_FIELD_END, 0, 0, 0 },
};

/* Absent: ptr NULL. */
static struct gx_str changed(const struct gx_input *in)
{
	if (!in->is_present)
		return GX_STR_NULL;
	return in->str.len != 0 ? in->str : GX_STR("");
}

enum gx_status accounts_admit_update_me(struct gx_call *c)
{
	struct gx_str key = gx_arena_printf(c->arena, "profile %llu",
					    (unsigned long long)c->session.account_id);

	return gx_throttle(c->core, "accounts.throttled", key,
			   accounts_settings[ACCOUNTS_PROFILE_CHANGES_PER_HOUR].num, GX_HOUR_MS,
			   &c->err);
}

enum gx_status accounts_handle_update_me(struct gx_call *c)
{
	const struct gx_input *avatar = &c->in[ME_AVATAR];
	struct accounts_profile_change change = {
		.nickname = changed(&c->in[ME_NICKNAME]),
		.signature = changed(&c->in[ME_SIGNATURE]),
		.region = changed(&c->in[ME_REGION]),
		.has_avatar = avatar->is_present,
	};
	const struct accounts_account *account;
	enum gx_status st;

	if (avatar->is_present && !avatar->is_null && avatar->str.len != 0 &&
	    (!gx_str_to_u64(avatar->str, &change.avatar_media_id) || change.avatar_media_id == 0))
		return gx_fail_field(&c->err, GX_E_INVALID, "core.invalid_field", "avatar");
	st = accounts_update_profile(c->arena, c->tx, c->session.account_id, &change, &account,
				     &c->err);
	if (st != GX_OK)
		return st;
	return answer_account(c, account);
}

/* accounts.search */

enum { SEARCH_Q };

const struct gx_field accounts_search_fields[] = {
	[SEARCH_Q] = { "q", GX_FIELD_STR, GX_FIELD_REQUIRED, 1, 64 },
	{ NULL, GX_FIELD_END, 0, 0, 0 },
};

enum gx_status accounts_admit_search(struct gx_call *c)
{
	struct gx_str key =
		gx_arena_printf(c->arena, "search %llu", (unsigned long long)c->session.account_id);

	return gx_throttle(c->core, "accounts.throttled", key,
			   accounts_settings[ACCOUNTS_SEARCHES_PER_HOUR].num, GX_HOUR_MS, &c->err);
}

enum gx_status accounts_handle_search(struct gx_call *c)
{
	const struct accounts_account *account;
	enum gx_status st =
		accounts_search(c->arena, c->tx, c->in[SEARCH_Q].str, &account, &c->err);

	if (st != GX_OK)
		return st;
	return answer_account(c, account);
}

/* instance.get, proofs.create */

static struct gx_str registration_name(void)
{
	return gx_str_from_cstr(
		accounts_registrations[accounts_settings[ACCOUNTS_REGISTRATION].num]);
}

enum gx_status accounts_handle_get_instance(struct gx_call *c)
{
	uint64_t count;
	enum gx_status st = accounts_count(c->arena, c->tx, &count, &c->err);

	if (st != GX_OK)
		return st;
	gx_json_begin_object(&c->out);
	gx_json_kv_str(&c->out, "name",
		       gx_str_from_cstr(accounts_settings[ACCOUNTS_INSTANCE_NAME].str));
	gx_json_kv_str(&c->out, "version", GX_STR(GX_VERSION));
	gx_json_kv_str(&c->out, "registration", registration_name());
	gx_json_kv_bool(&c->out, "needs_owner", count == 0);
	gx_json_kv_bool(&c->out, "is_secure", c->is_secure);
	gx_json_end_object(&c->out);
	return GX_OK;
}

enum gx_status accounts_handle_create_proof(struct gx_call *c)
{
	unsigned bits = (unsigned)accounts_settings[ACCOUNTS_PROOF_BITS].num;
	struct gx_str secret;
	int64_t expires_at_ms;
	enum gx_status st = accounts_get_secret(c->arena, c->tx, &secret, &c->err);

	if (st != GX_OK)
		return st;
	gx_json_begin_object(&c->out);
	gx_json_kv_str(&c->out, "challenge",
		       accounts_make_challenge(c->arena, secret, c->tx->now_ms, bits,
					       &expires_at_ms));
	gx_json_kv_i64(&c->out, "bits", bits);
	gx_json_kv_i64(&c->out, "expires_at", expires_at_ms);
	gx_json_end_object(&c->out);
	return GX_OK;
}

/* operator.get_instance */

enum gx_status accounts_handle_operator_instance(struct gx_call *c)
{
	struct gx_str listen = gx_str_from_cstr(gx_core_listen(c->core));
	struct gx_str addresses[ACCOUNTS_ADDRESSES_MAX];
	bool is_secure = c->is_secure || gx_core_is_listen_tls(c->core);
	size_t addresses_count = accounts_list_addresses(c->arena, listen, is_secure, addresses);
	uint64_t count;
	enum gx_status st = accounts_count(c->arena, c->tx, &count, &c->err);

	if (st != GX_OK)
		return st;
	gx_json_begin_object(&c->out);
	gx_json_kv_str(&c->out, "listen", listen);
	gx_json_kv_bool(&c->out, "is_loopback_only", accounts_is_loopback(listen));
	gx_json_key(&c->out, GX_STR("addresses"));
	gx_json_begin_array(&c->out);
	for (size_t i = 0; i < addresses_count; i++)
		gx_json_put_str(&c->out, addresses[i]);
	gx_json_end_array(&c->out);
	gx_json_kv_bool(&c->out, "is_secure", c->is_secure);
	gx_json_kv_str(&c->out, "registration", registration_name());
	gx_json_kv_i64(&c->out, "accounts_count", (int64_t)count);
	gx_json_end_object(&c->out);
	return GX_OK;
}
