/* SPDX-License-Identifier: Apache-2.0 */
/* accounts_operator_http.c - calls of operators: invitations, accounts, roles, reset codes. */
#include "accounts_http.h"

#define PAGE_DEFAULT 50

/* invites.create, .list, .delete */

enum { INVITE_USES, INVITE_EXPIRES_IN_S };

const struct gx_field accounts_create_invite_fields[] = {
	[INVITE_USES] = { "uses", GX_FIELD_INT, 0, 1, 1000 },
	[INVITE_EXPIRES_IN_S] = { "expires_in_s", GX_FIELD_INT, 0, 60, 366 * 86400 },
	{ NULL, GX_FIELD_END, 0, 0, 0 },
};

static void write_invite(struct gx_json_writer *w, const struct accounts_invite *invite)
{
	gx_json_begin_object(w);
	gx_json_kv_str(w, "code", invite->code);
	gx_json_kv_i64(w, "uses_left", invite->uses_left);
	if (invite->expires_at_ms != INT64_MIN)
		gx_json_kv_i64(w, "expires_at", invite->expires_at_ms);
	else
		gx_json_kv_null(w, "expires_at");
	gx_json_kv_i64(w, "created_at", invite->created_at_ms);
	gx_json_end_object(w);
}

enum gx_status accounts_handle_create_invite(struct gx_call *c)
{
	const struct gx_input *uses = &c->in[INVITE_USES];
	struct accounts_invite invite;
	enum gx_status st = accounts_create_invite(c->arena, c->tx, c->session.account_id,
						   uses->is_present ? uses->num : 1,
						   c->in[INVITE_EXPIRES_IN_S].num * GX_SECOND_MS,
						   &invite, &c->err);

	if (st != GX_OK)
		return st;
	gx_json_begin_object(&c->out);
	gx_json_key(&c->out, GX_STR("invite"));
	write_invite(&c->out, &invite);
	gx_json_end_object(&c->out);
	return GX_OK;
}

enum gx_status accounts_handle_list_invites(struct gx_call *c)
{
	struct accounts_invite *invites;
	size_t count;
	enum gx_status st = accounts_list_invites(c->arena, c->tx, &invites, &count, &c->err);

	if (st != GX_OK)
		return st;
	gx_json_begin_object(&c->out);
	gx_json_key(&c->out, GX_STR("invites"));
	gx_json_begin_array(&c->out);
	for (size_t i = 0; i < count; i++)
		write_invite(&c->out, &invites[i]);
	gx_json_end_array(&c->out);
	gx_json_end_object(&c->out);
	return GX_OK;
}

enum { INVITE_CODE };

const struct gx_field accounts_invite_fields[] = {
	[INVITE_CODE] = { "code", GX_FIELD_TOKEN, GX_FIELD_REQUIRED, 1, 200 },
	{ NULL, GX_FIELD_END, 0, 0, 0 },
};

enum gx_status accounts_handle_delete_invite(struct gx_call *c)
{
	return accounts_delete_invite(c->arena, c->tx, c->session.account_id,
				      c->in[INVITE_CODE].str, &c->err);
}

/* operator.list_accounts */

enum { LIST_Q, LIST_CURSOR, LIST_LIMIT };

const struct gx_field accounts_list_fields[] = {
	[LIST_Q] = { "q", GX_FIELD_STR, 0, 1, 64 },
	[LIST_CURSOR] = { "cursor", GX_FIELD_TOKEN, 0, 1, 200 },
	[LIST_LIMIT] = { "limit", GX_FIELD_INT, 0, 1, 100 },
	{ NULL, GX_FIELD_END, 0, 0, 0 },
};

static enum gx_status write_listed(struct gx_call *c, const struct accounts_account *account)
{
	enum gx_role role;
	enum gx_status st = gx_role_get(c->tx, account->account_id, &role, &c->err);

	if (st != GX_OK)
		return st;
	gx_json_begin_object(&c->out);
	gx_json_key(&c->out, GX_STR("account"));
	accounts_write(&c->out, account);
	gx_json_kv_str(&c->out, "role", accounts_role_name(role));
	gx_json_kv_bool(&c->out, "is_suspended", account->is_suspended);
	gx_json_kv_str(&c->out, "suspended_reason", account->suspended_reason);
	gx_json_kv_i64(&c->out, "created_at", account->created_at_ms);
	gx_json_end_object(&c->out);
	return GX_OK;
}

enum gx_status accounts_handle_list(struct gx_call *c)
{
	const struct gx_input *limit = &c->in[LIST_LIMIT];
	const struct accounts_account **accounts;
	size_t count;
	struct gx_str next;
	enum gx_status st =
		accounts_list(c->arena, c->tx, c->in[LIST_Q].str, c->in[LIST_CURSOR].str,
			      limit->is_present ? (size_t)limit->num : PAGE_DEFAULT, &accounts,
			      &count, &next, &c->err);

	if (st != GX_OK)
		return st;
	gx_json_begin_object(&c->out);
	gx_json_key(&c->out, GX_STR("accounts"));
	gx_json_begin_array(&c->out);
	for (size_t i = 0; st == GX_OK && i < count; i++)
		st = write_listed(c, accounts[i]);
	gx_json_end_array(&c->out);
	if (next.len != 0)
		gx_json_kv_str(&c->out, "next", next);
	else
		gx_json_kv_null(&c->out, "next");
	gx_json_end_object(&c->out);
	return st;
}

/* operator.set_role */

enum { ROLE_ACCOUNT_ID, ROLE_ROLE };

const struct gx_field accounts_role_fields[] = {
	[ROLE_ACCOUNT_ID] = { "account_id", GX_FIELD_ID, GX_FIELD_REQUIRED, 0, 0 },
	[ROLE_ROLE] = { "role", GX_FIELD_STR, GX_FIELD_REQUIRED, 1, 16 },
	{ NULL, GX_FIELD_END, 0, 0, 0 },
};

enum gx_status accounts_handle_set_role(struct gx_call *c)
{
	struct gx_str name = c->in[ROLE_ROLE].str;
	enum gx_role role = GX_ROLE_MEMBER;

	if (gx_str_eq(name, GX_STR("operator")))
		role = GX_ROLE_OPERATOR;
	else if (!gx_str_eq(name, GX_STR("member")))
		return gx_fail_field(&c->err, GX_E_INVALID, "core.invalid_field", "role");
	return accounts_set_role(c->arena, c->tx, c->session.account_id, c->in[ROLE_ACCOUNT_ID].id,
				 role, &c->err);
}

/* operator.reset_password */

enum { RESET_CODE_ACCOUNT_ID };

const struct gx_field accounts_reset_code_fields[] = {
	[RESET_CODE_ACCOUNT_ID] = { "account_id", GX_FIELD_ID, GX_FIELD_REQUIRED, 0, 0 },
	{ NULL, GX_FIELD_END, 0, 0, 0 },
};

enum gx_status accounts_handle_reset_code(struct gx_call *c)
{
	struct gx_str code;
	int64_t expires_at_ms;
	enum gx_status st = accounts_make_reset_code(c->arena, c->tx, &c->session,
						     c->in[RESET_CODE_ACCOUNT_ID].id, &code,
						     &expires_at_ms, &c->err);

	if (st != GX_OK)
		return st;
	gx_json_begin_object(&c->out);
	gx_json_kv_str(&c->out, "code", code);
	gx_json_kv_i64(&c->out, "expires_at", expires_at_ms);
	gx_json_end_object(&c->out);
	return GX_OK;
}
