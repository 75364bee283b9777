/* SPDX-License-Identifier: Apache-2.0 */
/* accounts_room.c - the room in one constant, and the tables it is made of. */
#include "accounts_http.h"
#include "accounts_sql.h"

const char *const accounts_registrations[] = {
	[ACCOUNTS_REGISTRATION_OPEN] = "open",
	[ACCOUNTS_REGISTRATION_INVITE] = "invite",
	[ACCOUNTS_REGISTRATION_CLOSED] = "closed",
	NULL,
};

struct gx_setting accounts_settings[ACCOUNTS_SETTINGS_COUNT] = {
	[ACCOUNTS_INSTANCE_NAME] = GX_SETTING_STR("instance", "name", "Guanxi",
						  "What this server is called on its first page."),
	[ACCOUNTS_REGISTRATION] = GX_SETTING_CHOICE(
		"accounts", "registration", ACCOUNTS_REGISTRATION_OPEN, accounts_registrations,
		"Who may sign up: everybody, who has an invitation, or nobody. The first account, "
		"which is the owner's, always may."),
	[ACCOUNTS_FREE_SIGN_UPS] = GX_SETTING_INT(
		"accounts", "free_signups_per_hour", 20, 0, 1000000,
		"Open sign-ups in an hour after which each further one must show a proof of work. "
		"Sign-ups from this machine and invitations do not count."),
	[ACCOUNTS_PROOF_BITS] =
		GX_SETTING_INT("accounts", "proof_bits", 18, 1, 30,
			       "How hard the proof of work is: each bit doubles the computing."),
	[ACCOUNTS_ARGON2_MEMORY_KIB] = GX_SETTING_INT(
		"accounts", "argon2_memory_kib", 19456, 8, 1048576,
		"Memory that checking one password takes, in KiB; two are checked at a time. A "
		"password is hashed anew at the next sign-in when this was changed."),
	[ACCOUNTS_ARGON2_PASSES] =
		GX_SETTING_INT("accounts", "argon2_passes", 2, 1, 100,
			       "Passes over that memory; with less memory take more of them."),
	[ACCOUNTS_APPEALS] = GX_SETTING_STR(
		"accounts", "appeals", "",
		"Where a suspended person can appeal: shown behind the reason at sign-in, such as "
		"\"appeals@example.org\"."),
	[ACCOUNTS_ATTEMPTS_PER_NAME] = GX_SETTING_INT(
		"limits", "sign_in_attempts_per_15min", 10, 0, 1000000,
		"Attempts at one account's password in 15 minutes; a success starts anew, and an "
		"address from which someone signed in has its own count."),
	[ACCOUNTS_ATTEMPTS_PER_ADDRESS] = GX_SETTING_INT(
		"limits", "sign_in_attempts_per_address_per_15min", 50, 0, 1000000,
		"Attempts at any account's password from one address in 15 minutes."),
	[ACCOUNTS_SIGN_UPS_PER_ADDRESS] =
		GX_SETTING_INT("limits", "sign_ups_per_address_per_hour", 30, 0, 1000000,
			       "Attempts to sign up from one address in an hour."),
	[ACCOUNTS_SEARCHES_PER_HOUR] =
		GX_SETTING_INT("limits", "account_searches_per_hour", 300, 0, 1000000,
			       "Searches for a user name by one account in an hour."),
	[ACCOUNTS_PROFILE_CHANGES_PER_HOUR] = GX_SETTING_INT(
		"limits", "profile_changes_per_hour", 30, 0, 1000000,
		"Changes of one's own profile in an hour: each is told to every contact."),
	[ACCOUNTS_REFUSE_COMMON] = GX_SETTING_BOOL(
		"accounts", "refuse_common_passwords", 0,
		"Whether well-known passwords, and one's own username as password, are refused."),
};

struct gx_metric accounts_metrics[ACCOUNTS_METRICS_COUNT] = {
	[ACCOUNTS_SIGN_UPS] = { "guanxi_accounts_sign_ups_total", GX_METRIC_COUNTER,
				"Accounts made.", 0 },
	[ACCOUNTS_SIGN_INS] = { "guanxi_accounts_sign_ins_total", GX_METRIC_COUNTER,
				"Sign-ins with the right password.", 0 },
	[ACCOUNTS_SIGN_INS_REFUSED] = { "guanxi_accounts_sign_ins_refused_total", GX_METRIC_COUNTER,
					"Sign-ins with a wrong name or password.", 0 },
	[ACCOUNTS_ARGON2_RUNS] = { "guanxi_accounts_argon2_runs_total", GX_METRIC_COUNTER,
				   "Password hashes computed.", 0 },
};

static const struct gx_code codes[] = {
	{ "accounts.bad_credentials", GX_E_UNAUTHENTICATED,
	  "The user name or the password is wrong.", "用户名或密码不正确。" },
	{ "accounts.bad_reset_code", GX_E_UNAUTHENTICATED,
	  "The user name or the code is wrong, or the code has expired or was used.",
	  "用户名或重置码不正确，或重置码已过期、已使用。" },
	{ "accounts.common_password", GX_E_RULE,
	  "This password is one of those that are guessed first. Please choose another.",
	  "这个密码太常见，容易被猜到，请换一个。" },
	{ "accounts.username_taken", GX_E_CONFLICT, "Somebody has this user name already.",
	  "这个用户名已被使用。" },
	{ "accounts.registration_closed", GX_E_FORBIDDEN, "This server takes no new accounts.",
	  "本服务器暂不开放注册。" },
	{ "accounts.invite_required", GX_E_FORBIDDEN, "Signing up here takes an invitation.",
	  "注册需要邀请码。" },
	{ "accounts.bad_invite", GX_E_FORBIDDEN,
	  "This invitation is not known, has expired or is used up.",
	  "邀请码无效、已过期或已用完。" },
	{ "accounts.proof_required", GX_E_FORBIDDEN,
	  "Many people are signing up now: a proof of work is needed.",
	  "当前注册人数较多，需要完成工作量证明。" },
	{ "accounts.bad_proof", GX_E_FORBIDDEN,
	  "The proof of work is wrong, has expired or was used.",
	  "工作量证明不正确、已过期或已使用。" },
	{ "accounts.suspended", GX_E_FORBIDDEN,
	  "This account is suspended. You can appeal to the people who run this server.",
	  "该账号已被停用。如有异议，可向本服务器的管理者申诉。" },
	{ "accounts.wrong_password", GX_E_FORBIDDEN, "The password is wrong.", "密码不正确。" },
	{ "accounts.protected", GX_E_FORBIDDEN,
	  "That can't be done to oneself or to someone of the same or a higher role.",
	  "不能对自己或同级及更高级别的人执行此操作。" },
	{ "accounts.no_account", GX_E_NOT_FOUND, "There is no such account.", "该用户不存在。" },
	{ "accounts.no_session", GX_E_NOT_FOUND, "There is no such device.", "没有这台设备。" },
	{ "accounts.no_invite", GX_E_NOT_FOUND, "There is no such invitation.",
	  "没有这个邀请码。" },
	{ "accounts.bad_avatar", GX_E_RULE, "An avatar is a picture that you uploaded yourself.",
	  "头像必须是您自己上传的图片。" },
	{ "accounts.too_many_invites", GX_E_RULE,
	  "There are too many open invitations. Delete some first.",
	  "有效的邀请码过多，请先删除一些。" },
	{ "accounts.throttled", GX_E_LIMIT, "Too many attempts. Please wait a little.",
	  "尝试次数过多，请稍后再试。" },
};

static const struct gx_route routes[] = {
	{ "instance.get", GX_METHOD_GET, "/instance", GX_OP_QUERY, GX_AUTH_NONE,
	  GX_PRIORITY_SIGN_IN, 200, NULL, NULL, NULL, accounts_handle_get_instance },
	{ "proofs.create", GX_METHOD_POST, "/proofs", GX_OP_QUERY, GX_AUTH_NONE,
	  GX_PRIORITY_SIGN_IN, 200, NULL, NULL, NULL, accounts_handle_create_proof },
	{ "accounts.create", GX_METHOD_POST, "/accounts", GX_OP_COMMAND, GX_AUTH_NONE,
	  GX_PRIORITY_SIGN_IN, 201, accounts_sign_up_fields, accounts_admit_sign_up,
	  accounts_prepare_sign_up, accounts_handle_sign_up },
	{ "accounts.search", GX_METHOD_GET, "/accounts/search", GX_OP_QUERY, GX_AUTH_SESSION,
	  GX_PRIORITY_SOCIAL, 200, accounts_search_fields, accounts_admit_search, NULL,
	  accounts_handle_search },
	{ "sessions.create", GX_METHOD_POST, "/sessions", GX_OP_COMMAND, GX_AUTH_NONE,
	  GX_PRIORITY_SIGN_IN, 201, accounts_sign_in_fields, accounts_admit_sign_in,
	  accounts_prepare_sign_in, accounts_handle_sign_in },
	{ "sessions.list", GX_METHOD_GET, "/sessions", GX_OP_QUERY, GX_AUTH_SESSION,
	  GX_PRIORITY_SIGN_IN, 200, NULL, NULL, NULL, accounts_handle_list_sessions },
	{ "sessions.delete_current", GX_METHOD_DELETE, "/sessions/current", GX_OP_COMMAND,
	  GX_AUTH_SESSION, GX_PRIORITY_SIGN_IN, 204, NULL, NULL, NULL, accounts_handle_sign_out },
	{ "sessions.delete", GX_METHOD_DELETE, "/sessions/{device_id}", GX_OP_COMMAND,
	  GX_AUTH_SESSION, GX_PRIORITY_SIGN_IN, 204, accounts_session_fields, NULL, NULL,
	  accounts_handle_delete_session },
	{ "password_resets.create", GX_METHOD_POST, "/password-resets", GX_OP_COMMAND, GX_AUTH_NONE,
	  GX_PRIORITY_SIGN_IN, 201, accounts_reset_fields, accounts_admit_reset,
	  accounts_prepare_reset, accounts_handle_reset },
	{ "me.get", GX_METHOD_GET, "/me", GX_OP_QUERY, GX_AUTH_SESSION, GX_PRIORITY_SIGN_IN, 200,
	  NULL, NULL, NULL, accounts_handle_get_me },
	{ "me.update", GX_METHOD_PATCH, "/me", GX_OP_COMMAND, GX_AUTH_SESSION, GX_PRIORITY_SOCIAL,
	  200, accounts_me_fields, accounts_admit_update_me, NULL, accounts_handle_update_me },
	{ "me.set_password", GX_METHOD_PUT, "/me/password", GX_OP_COMMAND, GX_AUTH_SESSION,
	  GX_PRIORITY_SIGN_IN, 204, accounts_set_password_fields, accounts_admit_own_password,
	  accounts_prepare_set_password, accounts_handle_set_password },
	{ "recovery_codes.create", GX_METHOD_POST, "/me/recovery-codes", GX_OP_COMMAND,
	  GX_AUTH_SESSION, GX_PRIORITY_SIGN_IN, 201, accounts_recovery_fields,
	  accounts_admit_own_password, accounts_prepare_recovery, accounts_handle_recovery },
	{ "invites.create", GX_METHOD_POST, "/invites", GX_OP_COMMAND, GX_AUTH_OPERATOR,
	  GX_PRIORITY_SOCIAL, 201, accounts_create_invite_fields, NULL, NULL,
	  accounts_handle_create_invite },
	{ "invites.list", GX_METHOD_GET, "/invites", GX_OP_QUERY, GX_AUTH_OPERATOR,
	  GX_PRIORITY_SOCIAL, 200, NULL, NULL, NULL, accounts_handle_list_invites },
	{ "invites.delete", GX_METHOD_DELETE, "/invites/{code}", GX_OP_COMMAND, GX_AUTH_OPERATOR,
	  GX_PRIORITY_SOCIAL, 204, accounts_invite_fields, NULL, NULL,
	  accounts_handle_delete_invite },
	{ "operator.get_instance", GX_METHOD_GET, "/operator/instance", GX_OP_QUERY,
	  GX_AUTH_OPERATOR, GX_PRIORITY_SOCIAL, 200, NULL, NULL, NULL,
	  accounts_handle_operator_instance },
	{ "operator.list_accounts", GX_METHOD_GET, "/operator/accounts", GX_OP_QUERY,
	  GX_AUTH_OPERATOR, GX_PRIORITY_SOCIAL, 200, accounts_list_fields, NULL, NULL,
	  accounts_handle_list },
	{ "operator.set_role", GX_METHOD_PUT, "/operator/accounts/{account_id}/role", GX_OP_COMMAND,
	  GX_AUTH_OWNER, GX_PRIORITY_SOCIAL, 204, accounts_role_fields, NULL, NULL,
	  accounts_handle_set_role },
	{ "operator.reset_password", GX_METHOD_POST,
	  "/operator/accounts/{account_id}/password-reset", GX_OP_COMMAND, GX_AUTH_OPERATOR,
	  GX_PRIORITY_SOCIAL, 200, accounts_reset_code_fields, NULL, NULL,
	  accounts_handle_reset_code },
};

static const struct gx_periodic periodics[] = {
	{ .name = "accounts.purge", .interval_ms = GX_HOUR_MS, .run = accounts_purge },
};

static const char *const needs[] = { "media", NULL };

/* An avatar is for everyone who is signed in. */
static enum gx_status may_view(struct gx_arena *a, struct gx_tx *tx, uint64_t account_id,
			       uint64_t subject, uint64_t detail, bool *out, struct gx_error *err)
{
	*out = account_id != 0;
	return GX_OK;
}

const struct gx_room accounts_room = {
	.name = "accounts",
	.needs = needs,
	.routes = routes,
	.routes_count = GX_COUNT(routes),
	.codes = codes,
	.codes_count = GX_COUNT(codes),
	.settings = accounts_settings,
	.settings_count = GX_COUNT(accounts_settings),
	.metrics = accounts_metrics,
	.metrics_count = GX_COUNT(accounts_metrics),
	.periodics = periodics,
	.periodics_count = GX_COUNT(periodics),
	.queries = &accounts_queries,
	.migrations = &accounts_migrations,
	.state_size = sizeof(struct accounts_state),
	.start = accounts_start,
	.may_view = may_view,
};
