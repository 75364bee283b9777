/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: nobody gets in who should not, and nobody is kept out who should not be.
 * Method: calls through a house; the clock is moved where time matters.
 */
#include "accounts_testing.h"

#include <sodium.h>

#define ALICE_IN "{\"username\":\"alice_1\",\"password\":\"correct horse\"}"

static void test_sign_up_checks_its_input(void **state)
{
	static const struct {
		const char *in;
		const char *code;
		int status;
	} cases[] = {
		{ "{\"username\":\"alic1\",\"password\":\"correct horse\",\"nickname\":\"A\"}",
		  "core.invalid_field", 400 },
		{ "{\"username\":\"1alice\",\"password\":\"correct horse\",\"nickname\":\"A\"}",
		  "core.invalid_field", 400 },
		{ "{\"username\":\"alice 1\",\"password\":\"correct horse\",\"nickname\":\"A\"}",
		  "core.invalid_field", 400 },
		{ "{\"username\":\"alicé12\",\"password\":\"correct horse\",\"nickname\":\"A\"}",
		  "core.invalid_field", 400 },
		{ "{\"username\":\"alice_1\",\"password\":\"short77\",\"nickname\":\"A\"}",
		  "core.invalid_field", 400 },
		{ "{\"username\":\"alice_1\",\"password\":\"password\",\"nickname\":\"A\"}",
		  "accounts.common_password", 422 },
		{ "{\"username\":\"alice_1\",\"password\":\"correct horse\",\"nickname\":\" \"}",
		  "core.invalid_field", 400 },
		{ "{\"username\":\"alice_1\",\"password\":\"correct horse\",\"nickname\":\"A\","
		  "\"device\":{\"name\":\"phone\",\"os\":\"x\"}}",
		  "core.unknown_field", 400 },
		{ "{\"username\":\"alice_1\",\"password\":\"correct horse\",\"nickname\":\"A\","
		  "\"device\":{\"name\":7}}",
		  "core.invalid_field", 400 },
		{ "{\"username\":\"alice_1\",\"password\":\"correct horse\",\"nickname\":\"A\","
		  "\"proof\":{\"challenge\":\"x\"}}",
		  "core.invalid_field", 400 },
		{ "{\"username\":\"alice_1\",\"password\":\"correct horse\"}", "core.missing_field",
		  400 },
	};
	int64_t runs = atomic_load(&accounts_metrics[ACCOUNTS_ARGON2_RUNS].value);
	struct gx_test t;

	open_house(&t);
	for (size_t i = 0; i < GX_COUNT(cases); i++)
		assert_refused(&t, 0, "accounts.create", cases[i].in, cases[i].status,
			       cases[i].code);
	/* A refusal costs no hash. */
	assert_int_equal(atomic_load(&accounts_metrics[ACCOUNTS_ARGON2_RUNS].value), runs);
	gx_test_close(&t);
}

static void test_first_account_is_the_owner(void **state)
{
	struct gx_test t;
	struct gx_str out;
	uint64_t alice, bob;

	open_house(&t);
	accounts_settings[ACCOUNTS_REGISTRATION].num = ACCOUNTS_REGISTRATION_CLOSED;
	assert_int_equal(gx_test_call(&t, 0, "instance.get", "{}", &out), 200);
	assert_text(text_at(&t, out, "needs_owner", NULL), "true");
	assert_text(text_at(&t, out, "registration", NULL), "closed");
	alice = sign_up(&t, "Alice_1");
	assert_int_equal(changes_count, 1);
	assert_refused(
		&t, 0, "accounts.create",
		"{\"username\":\"bobby1\",\"password\":\"correct horse\",\"nickname\":\"B\"}", 403,
		"accounts.registration_closed");
	accounts_settings[ACCOUNTS_REGISTRATION].num = ACCOUNTS_REGISTRATION_OPEN;
	assert_refused(
		&t, 0, "accounts.create",
		"{\"username\":\"aLICE_1\",\"password\":\"correct horse\",\"nickname\":\"B\"}", 409,
		"accounts.username_taken");
	bob = sign_up(&t, "bobby1");
	assert_int_equal(gx_test_call(&t, alice, "me.get", "{}", &out), 200);
	assert_text(text_at(&t, out, "role", NULL), "owner");
	assert_text(text_at(&t, out, "account", "username"), "Alice_1");
	assert_text(text_at(&t, out, "account", "avatar"), "null");
	assert_int_equal(gx_test_call(&t, bob, "me.get", "{}", &out), 200);
	assert_text(text_at(&t, out, "role", NULL), "member");
	assert_int_equal(gx_test_call(&t, 0, "instance.get", "{}", &out), 200);
	assert_text(text_at(&t, out, "needs_owner", NULL), "false");
	assert_int_equal(gx_test_call(&t, alice, "operator.get_instance", "{}", &out), 200);
	assert_text(text_at(&t, out, "accounts_count", NULL), "2");
	gx_test_close(&t);
}

static void test_sign_in_hides_which_is_wrong(void **state)
{
	_Atomic int64_t *runs = &accounts_metrics[ACCOUNTS_ARGON2_RUNS].value;
	static const char *const wrong[] = {
		"{\"username\":\"alice_1\",\"password\":\"wrong horse\"}",
		"{\"username\":\"nobody1\",\"password\":\"correct horse\"}",
		"{\"username\":\"not a name\",\"password\":\"correct horse\"}",
		"{\"username\":\"alice_1\",\"password\":\"x\"}",
	};
	struct gx_test t;
	struct gx_str out;

	open_house(&t);
	sign_up(&t, "alice_1");
	for (size_t i = 0; i < GX_COUNT(wrong); i++) {
		int64_t before = atomic_load(runs);

		assert_refused(&t, 0, "sessions.create", wrong[i], 401, "accounts.bad_credentials");
		assert_int_equal(t.err.detail.len, 0);
		assert_int_equal(t.err.fields_count, 0);
		assert_int_equal(atomic_load(runs) - before, 1);
	}
	assert_int_equal(gx_test_call(&t, 0, "sessions.create",
				      "{\"username\":\"ALICE_1\",\"password\":\"correct horse\","
				      "\"device\":{\"name\":\" Phone \",\"platform\":\"web\"},"
				      "\"otp\":\"123456\"}",
				      &out),
			 201);
	assert_true(text_at(&t, out, "session", "token").len >= 40);
	assert_int_equal(gx_test_call(&t, 1, "sessions.list", "{}", &out), 200);
	assert_int_equal(sessions_count(&t, 1), 2);
	assert_non_null(strstr(out.ptr, "\"name\":\"Phone\",\"platform\":\"web\""));
	gx_test_close(&t);
}

static struct gx_str stored_hash(struct gx_test *t, const char *password)
{
	struct accounts_proven proven;

	assert_int_equal(accounts_check_own_password(t->arena, t->tx, 1, gx_str_from_cstr(password),
						     GX_STR_NULL, &proven, &t->err),
			 GX_OK);
	return proven.hash;
}

static void test_old_hashes_are_renewed(void **state)
{
	struct gx_test t;
	struct gx_str old;

	open_house(&t);
	sign_up(&t, "alice_1");
	old = stored_hash(&t, "correct horse");
	assert_int_equal(gx_test_call(&t, 0, "sessions.create", ALICE_IN, NULL), 201);
	assert_true(gx_str_eq(stored_hash(&t, "correct horse"), old));
	accounts_settings[ACCOUNTS_ARGON2_MEMORY_KIB].num = 16;
	assert_int_equal(gx_test_call(&t, 0, "sessions.create", ALICE_IN, NULL), 201);
	assert_false(gx_str_eq(stored_hash(&t, "correct horse"), old));
	assert_false(accounts_needs_rehash(stored_hash(&t, "correct horse")));
	gx_test_close(&t);
}

/* A sign-in's admit step from an address; true: let through. */
static bool is_admitted(struct gx_test *t, const char *username, const char *peer)
{
	struct gx_input *in = gx_arena_new_array(t->arena, struct gx_input, GX_FIELDS_MAX);
	struct gx_call c = {
		.arena = t->arena, .core = t->core, .in = in, .peer = gx_str_from_cstr(peer)
	};

	in[0].is_present = true;
	in[0].str = gx_str_from_cstr(username);
	if (accounts_admit_sign_in(&c) == GX_OK)
		return true;
	assert_string_equal(c.err.code, "accounts.throttled");
	assert_true(c.err.retry_after_s > 0);
	return false;
}

static void test_guessing_is_throttled(void **state)
{
	static const char wrong[] = "{\"username\":\"alice_1\",\"password\":\"wrong horse\"}";
	struct gx_test t;

	open_house(&t);
	sign_up(&t, "alice_1");
	for (int i = 0; i < 10; i++)
		assert_refused(&t, 0, "sessions.create", wrong, 401, "accounts.bad_credentials");
	assert_refused(&t, 0, "sessions.create", ALICE_IN, 429, "accounts.throttled");
	gx_clock_advance_ms(ACCOUNTS_ATTEMPTS_MS);
	/* A success starts anew: nine wrong ones are followed by ten more. */
	for (int i = 0; i < 9; i++)
		assert_refused(&t, 0, "sessions.create", wrong, 401, "accounts.bad_credentials");
	assert_int_equal(gx_test_call(&t, 0, "sessions.create", ALICE_IN, NULL), 201);
	for (int i = 0; i < 10; i++)
		assert_refused(&t, 0, "sessions.create", wrong, 401, "accounts.bad_credentials");
	assert_refused(&t, 0, "sessions.create", wrong, 429, "accounts.throttled");
	gx_test_close(&t);
}

static void test_strangers_do_not_lock_out(void **state)
{
	struct gx_test t;

	open_house(&t);
	sign_up(&t, "alice_1"); /* from the address "" */
	for (int i = 0; i < 10; i++)
		assert_true(is_admitted(&t, "alice_1", "203.0.113.9"));
	assert_false(is_admitted(&t, "Alice_1", "203.0.113.9"));
	assert_false(is_admitted(&t, "alice_1", "203.0.113.10"));
	assert_true(is_admitted(&t, "alice_1", ""));
	assert_int_equal(gx_test_call(&t, 0, "sessions.create", ALICE_IN, NULL), 201);
	/* One address has fifty attempts, at whatever names: eleven are gone. */
	for (int i = 0; i < 39; i++)
		assert_true(
			is_admitted(&t, gx_arena_printf(t.arena, "name%d", i).ptr, "203.0.113.9"));
	assert_false(is_admitted(&t, "another", "203.0.113.9"));
	assert_true(is_admitted(&t, "another", "203.0.113.10"));
	gx_test_close(&t);
}

static void test_new_password_ends_other_sessions(void **state)
{
	struct gx_test t;

	open_house(&t);
	sign_up(&t, "alice_1"); /* device 1, which the house calls from */
	assert_int_equal(gx_test_call(&t, 0, "sessions.create", ALICE_IN, NULL), 201);
	assert_int_equal(sessions_count(&t, 1), 2);
	assert_refused(&t, 1, "me.set_password",
		       "{\"old\":\"wrong horse\",\"new\":\"better horse\"}", 403,
		       "accounts.wrong_password");
	assert_refused(&t, 1, "me.set_password",
		       "{\"old\":\"correct horse\",\"new\":\"ALICE_1x\",\"x\":1}", 400,
		       "core.unknown_field");
	assert_refused(&t, 1, "me.set_password", "{\"old\":\"correct horse\",\"new\":\"password\"}",
		       422, "accounts.common_password");
	assert_int_equal(gx_test_call(&t, 1, "me.set_password",
				      "{\"old\":\"correct horse\",\"new\":\"better horse\"}", NULL),
			 204);
	assert_int_equal(sessions_count(&t, 1), 1);
	assert_refused(&t, 0, "sessions.create", ALICE_IN, 401, "accounts.bad_credentials");
	assert_int_equal(gx_test_call(&t, 0, "sessions.create",
				      "{\"username\":\"alice_1\",\"password\":\"better horse\"}",
				      NULL),
			 201);
	gx_test_close(&t);
}

static void test_devices_are_signed_out(void **state)
{
	struct gx_test t;
	struct gx_str out;

	open_house(&t);
	sign_up(&t, "alice_1");
	sign_up(&t, "bobby1");
	assert_int_equal(gx_test_call(&t, 0, "sessions.create", ALICE_IN, &out), 201);
	out = gx_arena_printf(t.arena, "{\"device_id\":\"%.*s\"}",
			      GX_STR_ARG(text_at(&t, out, "session", "device_id")));
	assert_refused(&t, 2, "sessions.delete", out.ptr, 404, "accounts.no_session");
	assert_int_equal(gx_test_call(&t, 1, "sessions.delete", out.ptr, NULL), 204);
	assert_refused(&t, 1, "sessions.delete", out.ptr, 404, "accounts.no_session");
	assert_int_equal(gx_test_call(&t, 1, "sessions.delete_current", "{}", NULL), 204);
	assert_int_equal(sessions_count(&t, 1), 0);
	gx_test_close(&t);
}

static struct gx_str reset_in(struct gx_test *t, const char *username, struct gx_str code)
{
	return gx_arena_printf(
		t->arena, "{\"username\":\"%s\",\"code\":\"%.*s\",\"password\":\"newer horse\"}",
		username, GX_STR_ARG(code));
}

/* As people type: upper case, no dash, O for zero, L for one. */
static struct gx_str mistype(struct gx_test *t, struct gx_str code)
{
	char *text = gx_arena_alloc(t->arena, code.len + 1);
	size_t len = 0;

	for (size_t i = 0; i < code.len; i++) {
		char c = code.ptr[i];

		if (c == '-')
			continue;
		if (c == '0')
			c = 'O';
		else if (c == '1')
			c = 'L';
		else if (c >= 'a')
			c = (char)(c - 'a' + 'A');
		text[len++] = c;
	}
	return (struct gx_str){ text, len };
}

static struct gx_str first_code(struct gx_test *t, struct gx_str json)
{
	const struct gx_json *node;

	assert_int_equal(gx_json_parse(t->arena, json, &node, &t->err), GX_OK);
	node = gx_json_get(node, GX_STR("codes"));
	assert_int_equal(node->count, ACCOUNTS_CODES_COUNT);
	return gx_json_str(t->arena, gx_json_first(node));
}

static void test_recovery_codes_work_once(void **state)
{
	static const char password[] = "{\"password\":\"correct horse\"}";
	struct gx_test t;
	struct gx_str out, old, code;

	open_house(&t);
	sign_up(&t, "alice_1");
	assert_refused(&t, 1, "recovery_codes.create", "{\"password\":\"wrong horse\"}", 403,
		       "accounts.wrong_password");
	assert_int_equal(gx_test_call(&t, 1, "recovery_codes.create", password, &out), 201);
	old = first_code(&t, out);
	assert_int_equal(gx_test_call(&t, 1, "recovery_codes.create", password, &out), 201);
	code = first_code(&t, out);
	assert_int_equal(code.len, ACCOUNTS_CODE_TEXT_BYTES);
	/* Replaced, of another, and none at all: one answer. */
	assert_refused(&t, 0, "password_resets.create", reset_in(&t, "alice_1", old).ptr, 401,
		       "accounts.bad_reset_code");
	assert_refused(&t, 0, "password_resets.create", reset_in(&t, "nobody1", code).ptr, 401,
		       "accounts.bad_reset_code");
	assert_refused(&t, 0, "password_resets.create",
		       reset_in(&t, "alice_1", GX_STR("what?")).ptr, 401,
		       "accounts.bad_reset_code");
	assert_int_equal(gx_test_call(&t, 0, "password_resets.create",
				      reset_in(&t, "alice_1", mistype(&t, code)).ptr, &out),
			 201);
	assert_text(text_at(&t, out, "account", "username"), "alice_1");
	assert_int_equal(sessions_count(&t, 1), 1);
	assert_refused(&t, 0, "password_resets.create", reset_in(&t, "alice_1", code).ptr, 401,
		       "accounts.bad_reset_code");
	assert_refused(&t, 0, "sessions.create", ALICE_IN, 401, "accounts.bad_credentials");
	gx_test_close(&t);
}

static void test_operator_codes_expire(void **state)
{
	struct gx_test t;
	struct gx_str out, code;

	open_house(&t);
	sign_up(&t, "owner_1");
	sign_up(&t, "bobby1");
	assert_refused(&t, 2, "operator.reset_password", "{\"account_id\":\"1\"}", 403,
		       "core.forbidden");
	assert_refused(&t, 1, "operator.reset_password", "{\"account_id\":\"9\"}", 404,
		       "accounts.no_account");
	assert_int_equal(gx_test_call(&t, 1, "operator.reset_password", "{\"account_id\":\"1\"}",
				      NULL),
			 200);
	assert_int_equal(gx_test_call(&t, 1, "operator.reset_password", "{\"account_id\":\"2\"}",
				      &out),
			 200);
	code = text_at(&t, out, "code", NULL);
	gx_clock_advance_ms(ACCOUNTS_RESET_MS);
	gx_test_commit(&t);
	assert_refused(&t, 0, "password_resets.create", reset_in(&t, "bobby1", code).ptr, 401,
		       "accounts.bad_reset_code");
	assert_int_equal(gx_test_call(&t, 1, "operator.reset_password", "{\"account_id\":\"2\"}",
				      &out),
			 200);
	assert_int_equal(gx_test_call(&t, 0, "password_resets.create",
				      reset_in(&t, "bobby1", text_at(&t, out, "code", NULL)).ptr,
				      NULL),
			 201);
	gx_test_close(&t);
}

static void test_invitations_open_the_door(void **state)
{
	static const char sign_up_in[] = "{\"username\":\"%s\",\"password\":\"correct horse\","
					 "\"nickname\":\"B\",\"invite\":\"%.*s\"}";
	struct gx_test t;
	struct gx_str out, code;

	open_house(&t);
	sign_up(&t, "owner_1");
	accounts_settings[ACCOUNTS_REGISTRATION].num = ACCOUNTS_REGISTRATION_INVITE;
	assert_refused(
		&t, 0, "accounts.create",
		"{\"username\":\"bobby1\",\"password\":\"correct horse\",\"nickname\":\"B\"}", 403,
		"accounts.invite_required");
	assert_int_equal(gx_test_call(&t, 1, "invites.create", "{\"uses\":2,\"expires_in_s\":3600}",
				      &out),
			 201);
	code = text_at(&t, out, "invite", "code");
	for (int i = 0; i < 2; i++) {
		struct gx_str in =
			gx_arena_printf(t.arena, sign_up_in, i == 0 ? "bobby1" : "carol1",
					GX_STR_ARG(i == 0 ? code : mistype(&t, code)));

		assert_int_equal(gx_test_call(&t, 0, "accounts.create", in.ptr, NULL), 201);
	}
	assert_refused(&t, 0, "accounts.create",
		       gx_arena_printf(t.arena, sign_up_in, "david1", GX_STR_ARG(code)).ptr, 403,
		       "accounts.bad_invite");
	assert_int_equal(gx_test_call(&t, 1, "invites.list", "{}", &out), 200);
	assert_text(out, "{\"invites\":[]}");

	/* Expired, and taken back. */
	assert_int_equal(gx_test_call(&t, 1, "invites.create", "{\"expires_in_s\":60}", &out), 201);
	code = text_at(&t, out, "invite", "code");
	gx_clock_advance_ms(GX_MINUTE_MS);
	gx_test_commit(&t);
	assert_refused(&t, 0, "accounts.create",
		       gx_arena_printf(t.arena, sign_up_in, "david1", GX_STR_ARG(code)).ptr, 403,
		       "accounts.bad_invite");
	assert_int_equal(gx_test_call(&t, 1, "invites.create", "{}", &out), 201);
	out = gx_arena_printf(t.arena, "{\"code\":\"%.*s\"}",
			      GX_STR_ARG(text_at(&t, out, "invite", "code")));
	assert_int_equal(gx_test_call(&t, 1, "invites.delete", out.ptr, NULL), 204);
	assert_refused(&t, 1, "invites.delete", out.ptr, 404, "accounts.no_invite");
	for (int i = 0; i < ACCOUNTS_INVITES_MAX; i++)
		assert_int_equal(gx_test_call(&t, 1, "invites.create", "{}", NULL), 201);
	assert_refused(&t, 1, "invites.create", "{}", 422, "accounts.too_many_invites");
	gx_test_close(&t);
}

/* Finds a nonce; the challenge's bits are few here. */
static struct gx_str solve(struct gx_test *t, struct gx_str challenge, bool is_right)
{
	unsigned mask = 0xff << (8 - accounts_settings[ACCOUNTS_PROOF_BITS].num) & 0xff;

	for (unsigned i = 0;; i++) {
		unsigned char hash[crypto_hash_sha256_BYTES];
		struct gx_str nonce = gx_arena_printf(t->arena, "%u", i);
		struct gx_str text = gx_arena_printf(t->arena, "%.*s:%.*s", GX_STR_ARG(challenge),
						     GX_STR_ARG(nonce));

		crypto_hash_sha256(hash, (const unsigned char *)text.ptr, text.len);
		if (((hash[0] & mask) == 0) == is_right)
			return nonce;
	}
}

static void test_proof_of_work_brakes(void **state)
{
	struct gx_test t;
	struct gx_str out, hash = GX_STR("$argon2id$fake");
	struct accounts_sign_up s = { .username = GX_STR("first1"),
				      .password = GX_STR("correct horse"),
				      .nickname = GX_STR("F"),
				      .is_counted = true };
	uint64_t id;

	open_house(&t);
	accounts_settings[ACCOUNTS_FREE_SIGN_UPS].num = 2;
	assert_int_equal(accounts_sign_up(t.arena, t.tx, &s, hash, &id, &t.err), GX_OK);
	s.username = GX_STR("second1");
	assert_int_equal(accounts_sign_up(t.arena, t.tx, &s, hash, &id, &t.err), GX_OK);
	s.username = GX_STR("third_1");
	assert_int_equal(accounts_check_sign_up(t.arena, t.tx, &s, &t.err), GX_E_FORBIDDEN);
	assert_string_equal(t.err.code, "accounts.proof_required");
	s.is_counted = false;
	assert_int_equal(accounts_check_sign_up(t.arena, t.tx, &s, &t.err), GX_OK);
	s.is_counted = true;

	assert_int_equal(gx_test_call(&t, 0, "proofs.create", "{}", &out), 200);
	s.challenge = text_at(&t, out, "challenge", NULL);
	assert_text(text_at(&t, out, "bits", NULL), "6");
	s.nonce = solve(&t, s.challenge, false);
	assert_int_equal(accounts_check_sign_up(t.arena, t.tx, &s, &t.err), GX_E_FORBIDDEN);
	assert_string_equal(t.err.code, "accounts.bad_proof");
	s.nonce = solve(&t, s.challenge, true);
	assert_int_equal(accounts_sign_up(t.arena, t.tx, &s, hash, &id, &t.err), GX_OK);

	/* Good once. */
	s.username = GX_STR("fourth1");
	assert_int_equal(accounts_check_sign_up(t.arena, t.tx, &s, &t.err), GX_E_FORBIDDEN);
	assert_string_equal(t.err.code, "accounts.bad_proof");

	/* An hour later nobody asks for it. */
	gx_clock_advance_ms(GX_HOUR_MS);
	gx_test_commit(&t);
	s.challenge = GX_STR("");
	assert_int_equal(accounts_check_sign_up(t.arena, t.tx, &s, &t.err), GX_OK);
	gx_test_close(&t);
}

static void test_challenges_are_ours(void **state)
{
	static const char secret_bytes[ACCOUNTS_SECRET_BYTES] = "k";
	struct gx_str secret = { secret_bytes, sizeof(secret_bytes) };
	struct gx_test t;
	struct gx_str challenge, nonce, spent, again;
	int64_t expires_at_ms, until_ms;
	char *bent;

	open_house(&t);
	challenge = accounts_make_challenge(t.arena, secret, 1000, 6, &expires_at_ms);
	assert_int_equal(expires_at_ms, 1000 + ACCOUNTS_CHALLENGE_MS);
	nonce = solve(&t, challenge, true);
	assert_true(accounts_check_challenge(t.arena, secret, 1000, challenge, nonce, &spent,
					     &until_ms));
	assert_int_equal(until_ms, expires_at_ms);
	assert_false(accounts_check_challenge(t.arena, secret, expires_at_ms, challenge, nonce,
					      &spent, &until_ms));
	/* Any changed digit breaks the signature, that of the bits before all. */
	for (size_t i = 0; i < challenge.len; i++) {
		bent = (char *)gx_arena_strdup(t.arena, challenge).ptr;
		bent[i] = bent[i] == '0' ? '1' : '0';
		assert_false(accounts_check_challenge(t.arena, secret, 1000,
						      (struct gx_str){ bent, challenge.len }, nonce,
						      &again, &until_ms));
	}
	/* The same challenge in capitals is remembered as the same. */
	bent = (char *)gx_arena_strdup(t.arena, challenge).ptr;
	for (size_t i = 0; i < challenge.len; i++)
		if (bent[i] >= 'a')
			bent[i] = (char)(bent[i] - 'a' + 'A');
	challenge.ptr = bent;
	nonce = solve(&t, challenge, true);
	assert_true(accounts_check_challenge(t.arena, secret, 1000, challenge, nonce, &again,
					     &until_ms));
	assert_true(gx_str_eq(spent, again));
	gx_test_close(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sign_up_checks_its_input),
		cmocka_unit_test(test_first_account_is_the_owner),
		cmocka_unit_test(test_sign_in_hides_which_is_wrong),
		cmocka_unit_test(test_old_hashes_are_renewed),
		cmocka_unit_test(test_guessing_is_throttled),
		cmocka_unit_test(test_strangers_do_not_lock_out),
		cmocka_unit_test(test_new_password_ends_other_sessions),
		cmocka_unit_test(test_devices_are_signed_out),
		cmocka_unit_test(test_recovery_codes_work_once),
		cmocka_unit_test(test_operator_codes_expire),
		cmocka_unit_test(test_invitations_open_the_door),
		cmocka_unit_test(test_proof_of_work_brakes),
		cmocka_unit_test(test_challenges_are_ours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
