/* SPDX-License-Identifier: Apache-2.0 */
/*
 * accounts_http.c - calls of getting in: sign-up, sign-in, devices, passwords and codes.
 *
 * What runs argon2id has three steps: admit (loop thread) counts the attempt, prepare (helper
 * thread) proves, handle (command thread) writes; c->prepared carries what was proven.
 */
#include "accounts_http.h"
#include "core.h"
#include "throttle.h"

#define PASSWORD_CHARS_MAX 256
#define TYPED_NAME_CHARS_MAX 64
#define DEVICE_CHARS_MAX 64

/* `limit` per key within `window_ms`; all limits of this room answer with one code. */
static enum gx_status throttle(struct gx_call *c, const char *kind, struct gx_str who,
			       enum accounts_setting limit, int64_t window_ms)
{
	struct gx_str key = gx_arena_printf(c->arena, "%s %.*s", kind, GX_STR_ARG(who));

	return gx_throttle(c->core, "accounts.throttled", key, accounts_settings[limit].num,
			   window_ms, &c->err);
}

static void forget(struct gx_call *c, const char *kind, struct gx_str who)
{
	gx_throttle_forget(c->core, "accounts.throttled",
			   gx_arena_printf(c->arena, "%s %.*s", kind, GX_STR_ARG(who)));
}

static enum gx_status throttle_address(struct gx_call *c, const char *kind,
				       enum accounts_setting limit, int64_t window_ms)
{
	if (c->is_peer_loopback)
		return GX_OK;
	return throttle(c, kind, c->peer, limit, window_ms);
}

static struct gx_str self_key(struct gx_call *c)
{
	return gx_arena_printf(c->arena, "%llu", (unsigned long long)c->session.account_id);
}

/* The slot for (name, address) in the room's memory, and what stands in it when they are known. */
static uint64_t *known_slot(struct gx_call *c, struct gx_str folded, uint64_t *mark)
{
	struct accounts_state *state = gx_room_state(c->core, &accounts_room);
	struct gx_str pair =
		gx_arena_printf(c->arena, "%.*s %.*s", GX_STR_ARG(folded), GX_STR_ARG(c->peer));

	*mark = gx_str_hash(pair) | 1;
	return &state->known[*mark / 2 % ACCOUNTS_KNOWN_COUNT];
}

/* Whose count an attempt goes to: the name's, or that of the name from an address where someone has
 * signed in to it lately. */
static struct gx_str attempt_key(struct gx_call *c, struct gx_str username)
{
	struct gx_str folded = accounts_username_fold(c->arena, username);
	uint64_t mark;

	if (*known_slot(c, folded, &mark) != mark)
		return folded;
	return gx_arena_printf(c->arena, "%.*s %.*s", GX_STR_ARG(folded), GX_STR_ARG(c->peer));
}

static void remember_address(struct gx_call *c, struct gx_str username)
{
	uint64_t mark;
	uint64_t *slot = known_slot(c, accounts_username_fold(c->arena, username), &mark);

	*slot = mark;
}

/* device?: {name, platform}: what a person reads in the list of devices. */
struct device {
	struct gx_str name;
	struct gx_str platform;
};

static enum gx_status read_device(struct gx_call *c, const struct gx_input *in, struct device *out)
{
	const struct gx_json *key;
	struct device device = { GX_STR(""), GX_STR("") };

	*out = device;
	if (!in->is_present)
		return GX_OK;
	key = gx_json_first(in->json);
	for (uint32_t i = 0; i < in->json->count; i++, key = gx_json_next(gx_json_next(key))) {
		const struct gx_json *value = gx_json_next(key);
		struct gx_str name = gx_json_str(c->arena, key);
		bool is_name = gx_str_eq(name, GX_STR("name"));
		struct gx_str text;

		if (!is_name && !gx_str_eq(name, GX_STR("platform")))
			return gx_fail_field(&c->err, GX_E_INVALID, "core.unknown_field", "device");
		if (value->type != GX_JSON_STRING ||
		    !accounts_clean_line(gx_json_str(c->arena, value), &text) ||
		    gx_utf8_count(text) > DEVICE_CHARS_MAX)
			return gx_fail_field(&c->err, GX_E_INVALID, "core.invalid_field", "device");
		if (is_name)
			device.name = text;
		else
			device.platform = text;
	}
	*out = device;
	return GX_OK;
}

/* A member of a checked object: 1..200 characters of text, or empty and false. */
static bool read_member(struct gx_call *c, const struct gx_json *object, struct gx_str key,
			struct gx_str *out)
{
	const struct gx_json *value = gx_json_get(object, key);

	if (value == NULL || value->type != GX_JSON_STRING)
		return false;
	*out = gx_json_str(c->arena, value);
	return out->len != 0 && out->len <= 200;
}

/* Makes the session and answers {account, session}. */
static enum gx_status answer_signed_in(struct gx_call *c, const struct accounts_account *account,
				       const struct gx_input *device_in)
{
	struct device device;
	struct gx_str token;
	uint64_t device_id;
	enum gx_status st = read_device(c, device_in, &device);

	if (st == GX_OK)
		st = gx_session_create(c->arena, c->tx, account->account_id, device.name,
				       device.platform, c->peer, &device_id, &token, &c->err);
	if (st != GX_OK)
		return st;
	gx_json_begin_object(&c->out);
	gx_json_key(&c->out, GX_STR("account"));
	accounts_write(&c->out, account);
	gx_json_key(&c->out, GX_STR("session"));
	gx_json_begin_object(&c->out);
	gx_json_kv_str(&c->out, "token", token);
	gx_json_kv_id(&c->out, "device_id", device_id);
	gx_json_end_object(&c->out);
	gx_json_end_object(&c->out);
	if (c->headers != NULL && !c->is_stream)
		gx_buf_printf(c->headers,
			      "Set-Cookie: gx_media=%.*s; Path=/api/v1/media; HttpOnly; "
			      "SameSite=Strict; Max-Age=31536000%s\r\n",
			      GX_STR_ARG(token), c->is_secure ? "; Secure" : "");
	return GX_OK;
}

/* accounts.create */

enum {
	SIGN_UP_INVITE,
	SIGN_UP_USERNAME,
	SIGN_UP_PASSWORD,
	SIGN_UP_NICKNAME,
	SIGN_UP_DEVICE,
	SIGN_UP_PROOF,
};

const struct gx_field accounts_sign_up_fields[] = {
	[SIGN_UP_INVITE] = { "invite", GX_FIELD_TOKEN, 0, 1, 200 },
	/* Its form is the rules' affair, so that odd names count as attempts too. */
	[SIGN_UP_USERNAME] = { "username", GX_FIELD_STR, GX_FIELD_REQUIRED, 0,
			       TYPED_NAME_CHARS_MAX },
	[SIGN_UP_PASSWORD] = { "password", GX_FIELD_STR, GX_FIELD_REQUIRED | GX_FIELD_SECRET,
			       ACCOUNTS_PASSWORD_CHARS_MIN, PASSWORD_CHARS_MAX },
	[SIGN_UP_NICKNAME] = { "nickname", GX_FIELD_STR, GX_FIELD_REQUIRED, 1, 32 },
	[SIGN_UP_DEVICE] = { "device", GX_FIELD_OBJECT, 0, 0, 0 },
	[SIGN_UP_PROOF] = { "proof", GX_FIELD_OBJECT, 0, 0, 0 },
	{ NULL, GX_FIELD_END, 0, 0, 0 },
};

enum gx_status accounts_admit_sign_up(struct gx_call *c)
{
	return throttle_address(c, "sign_up", ACCOUNTS_SIGN_UPS_PER_ADDRESS, GX_HOUR_MS);
}

static enum gx_status read_sign_up(struct gx_call *c, struct accounts_sign_up *out)
{
	const struct gx_input *proof = &c->in[SIGN_UP_PROOF];
	struct device device;

	*out = (struct accounts_sign_up){
		.username = c->in[SIGN_UP_USERNAME].str,
		.password = c->in[SIGN_UP_PASSWORD].str,
		.nickname = c->in[SIGN_UP_NICKNAME].str,
		.invite = c->in[SIGN_UP_INVITE].str,
		.is_counted = !c->is_peer_loopback,
	};
	if (proof->is_present &&
	    (proof->json->count != 2 ||
	     !read_member(c, proof->json, GX_STR("challenge"), &out->challenge) ||
	     !read_member(c, proof->json, GX_STR("nonce"), &out->nonce)))
		return gx_fail_field(&c->err, GX_E_INVALID, "core.invalid_field", "proof");
	return read_device(c, &c->in[SIGN_UP_DEVICE], &device);
}

enum gx_status accounts_prepare_sign_up(struct gx_call *c)
{
	struct accounts_sign_up sign_up;
	struct gx_str *hash = gx_arena_new(c->arena, struct gx_str);
	enum gx_status st = read_sign_up(c, &sign_up);

	if (st == GX_OK)
		st = accounts_check_sign_up(c->arena, c->tx, &sign_up, &c->err);
	if (st == GX_OK)
		st = accounts_hash_password(c->arena, sign_up.password, hash, &c->err);
	c->prepared = hash;
	return st;
}

enum gx_status accounts_handle_sign_up(struct gx_call *c)
{
	struct accounts_sign_up sign_up;
	const struct gx_str *hash = c->prepared;
	const struct accounts_account *account;
	uint64_t account_id;
	enum gx_status st = read_sign_up(c, &sign_up);

	if (st == GX_OK)
		st = accounts_sign_up(c->arena, c->tx, &sign_up, *hash, &account_id, &c->err);
	if (st == GX_OK)
		st = accounts_get(c->arena, c->tx, account_id, &account, &c->err);
	if (st != GX_OK)
		return st;
	remember_address(c, sign_up.username);
	return answer_signed_in(c, account, &c->in[SIGN_UP_DEVICE]);
}

/* sessions.create */

enum { SIGN_IN_USERNAME, SIGN_IN_PASSWORD, SIGN_IN_DEVICE, SIGN_IN_OTP };

/* `otp` is for a second factor, which no account of this version has: read and not used. */
const struct gx_field accounts_sign_in_fields[] = {
	[SIGN_IN_USERNAME] = { "username", GX_FIELD_STR, GX_FIELD_REQUIRED, 1,
			       TYPED_NAME_CHARS_MAX },
	[SIGN_IN_PASSWORD] = { "password", GX_FIELD_STR, GX_FIELD_REQUIRED | GX_FIELD_SECRET, 1,
			       PASSWORD_CHARS_MAX },
	[SIGN_IN_DEVICE] = { "device", GX_FIELD_OBJECT, 0, 0, 0 },
	[SIGN_IN_OTP] = { "otp", GX_FIELD_STR, GX_FIELD_SECRET, 0, 16 },
	{ NULL, GX_FIELD_END, 0, 0, 0 },
};

enum gx_status accounts_admit_sign_in(struct gx_call *c)
{
	enum gx_status st = throttle_address(c, "sign_in_from", ACCOUNTS_ATTEMPTS_PER_ADDRESS,
					     ACCOUNTS_ATTEMPTS_MS);

	if (st != GX_OK)
		return st;
	return throttle(c, "sign_in", attempt_key(c, c->in[SIGN_IN_USERNAME].str),
			ACCOUNTS_ATTEMPTS_PER_NAME, ACCOUNTS_ATTEMPTS_MS);
}

enum gx_status accounts_prepare_sign_in(struct gx_call *c)
{
	struct accounts_proven *proven = gx_arena_new(c->arena, struct accounts_proven);
	struct device device;
	enum gx_status st = read_device(c, &c->in[SIGN_IN_DEVICE], &device);

	if (st == GX_OK)
		st = accounts_check_sign_in(c->arena, c->tx, c->in[SIGN_IN_USERNAME].str,
					    c->in[SIGN_IN_PASSWORD].str, proven, &c->err);
	c->prepared = proven;
	return st;
}

enum gx_status accounts_handle_sign_in(struct gx_call *c)
{
	struct gx_str username = c->in[SIGN_IN_USERNAME].str;
	const struct accounts_account *account;
	enum gx_status st = accounts_sign_in(c->arena, c->tx, c->prepared, &account, &c->err);

	if (st != GX_OK)
		return st;
	forget(c, "sign_in", attempt_key(c, username));
	remember_address(c, username);
	return answer_signed_in(c, account, &c->in[SIGN_IN_DEVICE]);
}

/* sessions.list, .delete_current, .delete */

enum { SESSION_DEVICE_ID };

const struct gx_field accounts_session_fields[] = {
	[SESSION_DEVICE_ID] = { "device_id", GX_FIELD_ID, GX_FIELD_REQUIRED, 0, 0 },
	{ NULL, GX_FIELD_END, 0, 0, 0 },
};

enum gx_status accounts_handle_list_sessions(struct gx_call *c)
{
	struct gx_session_row *rows;
	size_t count;
	enum gx_status st =
		gx_session_list(c->arena, c->tx, c->session.account_id, &rows, &count, &c->err);

	if (st != GX_OK)
		return st;
	gx_json_begin_object(&c->out);
	gx_json_key(&c->out, GX_STR("sessions"));
	gx_json_begin_array(&c->out);
	for (size_t i = 0; i < count; i++) {
		gx_json_begin_object(&c->out);
		gx_json_kv_id(&c->out, "device_id", rows[i].device_id);
		gx_json_kv_str(&c->out, "name", rows[i].name);
		gx_json_kv_str(&c->out, "platform", rows[i].platform);
		gx_json_kv_str(&c->out, "address", rows[i].peer);
		gx_json_kv_i64(&c->out, "created_at", rows[i].created_at_ms);
		gx_json_kv_i64(&c->out, "seen_at", rows[i].seen_at_ms);
		gx_json_kv_bool(&c->out, "is_current", rows[i].device_id == c->session.device_id);
		gx_json_end_object(&c->out);
	}
	gx_json_end_array(&c->out);
	gx_json_end_object(&c->out);
	return GX_OK;
}

static enum gx_status end_session(struct gx_call *c, uint64_t device_id)
{
	bool found;
	enum gx_status st =
		gx_session_revoke(c->tx, c->session.account_id, device_id, &found, &c->err);

	if (st == GX_OK && !found)
		return gx_fail(&c->err, GX_E_NOT_FOUND, "accounts.no_session");
	return st;
}

enum gx_status accounts_handle_sign_out(struct gx_call *c)
{
	if (c->headers != NULL && !c->is_stream)
		gx_buf_printf(c->headers, "Set-Cookie: gx_media=; Path=/api/v1/media; HttpOnly; "
					  "SameSite=Strict; Max-Age=0\r\n");
	return end_session(c, c->session.device_id);
}

enum gx_status accounts_handle_delete_session(struct gx_call *c)
{
	return end_session(c, c->in[SESSION_DEVICE_ID].id);
}

/* me.set_password */

enum { SET_PASSWORD_OLD, SET_PASSWORD_NEW };

const struct gx_field accounts_set_password_fields[] = {
	[SET_PASSWORD_OLD] = { "old", GX_FIELD_STR, GX_FIELD_REQUIRED | GX_FIELD_SECRET, 1,
			       PASSWORD_CHARS_MAX },
	[SET_PASSWORD_NEW] = { "new", GX_FIELD_STR, GX_FIELD_REQUIRED | GX_FIELD_SECRET,
			       ACCOUNTS_PASSWORD_CHARS_MIN, PASSWORD_CHARS_MAX },
	{ NULL, GX_FIELD_END, 0, 0, 0 },
};

enum gx_status accounts_admit_own_password(struct gx_call *c)
{
	return throttle(c, "own_password", self_key(c), ACCOUNTS_ATTEMPTS_PER_NAME,
			ACCOUNTS_ATTEMPTS_MS);
}

enum gx_status accounts_prepare_set_password(struct gx_call *c)
{
	struct accounts_proven *proven = gx_arena_new(c->arena, struct accounts_proven);

	c->prepared = proven;
	return accounts_check_own_password(c->arena, c->tx, c->session.account_id,
					   c->in[SET_PASSWORD_OLD].str, c->in[SET_PASSWORD_NEW].str,
					   proven, &c->err);
}

enum gx_status accounts_handle_set_password(struct gx_call *c)
{
	forget(c, "own_password", self_key(c));
	return accounts_set_password(c->arena, c->tx, c->prepared, c->session.device_id, &c->err);
}

/* recovery_codes.create */

enum { RECOVERY_PASSWORD };

const struct gx_field accounts_recovery_fields[] = {
	[RECOVERY_PASSWORD] = { "password", GX_FIELD_STR, GX_FIELD_REQUIRED | GX_FIELD_SECRET, 1,
				PASSWORD_CHARS_MAX },
	{ NULL, GX_FIELD_END, 0, 0, 0 },
};

enum gx_status accounts_prepare_recovery(struct gx_call *c)
{
	struct accounts_proven *proven = gx_arena_new(c->arena, struct accounts_proven);

	c->prepared = proven;
	return accounts_check_own_password(c->arena, c->tx, c->session.account_id,
					   c->in[RECOVERY_PASSWORD].str, GX_STR_NULL, proven,
					   &c->err);
}

enum gx_status accounts_handle_recovery(struct gx_call *c)
{
	struct gx_str *codes;
	enum gx_status st =
		accounts_make_recovery_codes(c->arena, c->tx, c->prepared, &codes, &c->err);

	if (st != GX_OK)
		return st;
	forget(c, "own_password", self_key(c));
	gx_json_begin_object(&c->out);
	gx_json_key(&c->out, GX_STR("codes"));
	gx_json_begin_array(&c->out);
	for (size_t i = 0; i < ACCOUNTS_CODES_COUNT; i++)
		gx_json_put_str(&c->out, codes[i]);
	gx_json_end_array(&c->out);
	gx_json_end_object(&c->out);
	return GX_OK;
}

/* password_resets.create */

enum { RESET_USERNAME, RESET_CODE, RESET_PASSWORD, RESET_DEVICE };

const struct gx_field accounts_reset_fields[] = {
	[RESET_USERNAME] = { "username", GX_FIELD_STR, GX_FIELD_REQUIRED, 1, TYPED_NAME_CHARS_MAX },
	[RESET_CODE] = { "code", GX_FIELD_STR, GX_FIELD_REQUIRED | GX_FIELD_SECRET, 1, 200 },
	[RESET_PASSWORD] = { "password", GX_FIELD_STR, GX_FIELD_REQUIRED | GX_FIELD_SECRET,
			     ACCOUNTS_PASSWORD_CHARS_MIN, PASSWORD_CHARS_MAX },
	[RESET_DEVICE] = { "device", GX_FIELD_OBJECT, 0, 0, 0 },
	{ NULL, GX_FIELD_END, 0, 0, 0 },
};

enum gx_status accounts_admit_reset(struct gx_call *c)
{
	enum gx_status st = throttle_address(c, "sign_in_from", ACCOUNTS_ATTEMPTS_PER_ADDRESS,
					     ACCOUNTS_ATTEMPTS_MS);

	if (st != GX_OK)
		return st;
	return throttle(c, "reset", attempt_key(c, c->in[RESET_USERNAME].str),
			ACCOUNTS_ATTEMPTS_PER_NAME, ACCOUNTS_ATTEMPTS_MS);
}

static struct accounts_reset read_reset(struct gx_call *c)
{
	return (struct accounts_reset){
		.username = c->in[RESET_USERNAME].str,
		.code = c->in[RESET_CODE].str,
		.password = c->in[RESET_PASSWORD].str,
	};
}

enum gx_status accounts_prepare_reset(struct gx_call *c)
{
	struct accounts_reset reset = read_reset(c);
	struct gx_str *hash = gx_arena_new(c->arena, struct gx_str);
	struct device device;
	enum gx_status st = read_device(c, &c->in[RESET_DEVICE], &device);

	if (st == GX_OK)
		st = accounts_check_reset(c->arena, c->tx, &reset, &c->err);
	if (st == GX_OK)
		st = accounts_hash_password(c->arena, reset.password, hash, &c->err);
	c->prepared = hash;
	return st;
}

enum gx_status accounts_handle_reset(struct gx_call *c)
{
	struct accounts_reset reset = read_reset(c);
	const struct gx_str *hash = c->prepared;
	const struct accounts_account *account;
	enum gx_status st = accounts_reset(c->arena, c->tx, &reset, *hash, &account, &c->err);

	if (st != GX_OK)
		return st;
	forget(c, "reset", attempt_key(c, reset.username));
	forget(c, "sign_in", attempt_key(c, reset.username));
	remember_address(c, reset.username);
	return answer_signed_in(c, account, &c->in[RESET_DEVICE]);
}
