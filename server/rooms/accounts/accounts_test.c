/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: names and profiles are what they may be, and operators act on whom they may only.
 * Method: tables of cases beside valid neighbours; calls through a house.
 */
#include "accounts_testing.h"

static void test_lines_are_cleaned(void **state)
{
	static const struct {
		const char *in;
		const char *want; /* NULL: refused */
	} cases[] = {
		{ "", "" },
		{ "   ", "" },
		{ " Ann\u3000", "Ann" },
		{ "张 三", "张 三" },
		{ "\U0001F469\u200d\U0001F680", "\U0001F469\u200d\U0001F680" },
		{ "two\nlines", NULL },
		{ "tab\there", NULL },
		{ "\u202eevil", NULL },
		{ "evil\u2067", NULL },
		{ "\u2028", NULL },
		{ "\u200b\u2060", NULL },
		{ "\u3164", NULL },
		{ "\x7f", NULL },
		{ "c\xc2\x85", NULL },
		{ "\xff", NULL },
	};

	for (size_t i = 0; i < GX_COUNT(cases); i++) {
		struct gx_str out = GX_STR("untouched");
		bool is_clean = accounts_clean_line(gx_str_from_cstr(cases[i].in), &out);

		if (is_clean != (cases[i].want != NULL))
			fail_msg("case %zu", i);
		if (is_clean)
			assert_text(out, cases[i].want);
	}
}

static void test_passwords_are_checked(void **state)
{
	static const struct {
		const char *password;
		enum gx_status want;
	} cases[] = {
		{ "seven77", GX_E_INVALID },	    { "eight888", GX_OK },
		{ "密码密码密码密", GX_E_INVALID }, { "密码密码密码密码", GX_OK },
		{ "PASSWORD", GX_E_RULE },	    { "12345678", GX_E_RULE },
		{ "Alice_123", GX_E_RULE },	    { "alice_1234", GX_OK },
	};
	char longest[ACCOUNTS_PASSWORD_BYTES_MAX + 1];
	struct gx_error err;

	accounts_settings[ACCOUNTS_REFUSE_COMMON].num = 0;
	assert_int_equal(accounts_check_password(GX_STR("password"), GX_STR("alice_123"),
						 "password", &err),
			 GX_OK);
	accounts_settings[ACCOUNTS_REFUSE_COMMON].num = 1;
	for (size_t i = 0; i < GX_COUNT(cases); i++)
		assert_int_equal(accounts_check_password(gx_str_from_cstr(cases[i].password),
							 GX_STR("alice_123"), "password", &err),
				 cases[i].want);
	memset(longest, 'x', sizeof(longest));
	assert_int_equal(accounts_check_password((struct gx_str){ longest, sizeof(longest) - 1 },
						 GX_STR("alice_123"), "password", &err),
			 GX_OK);
	assert_int_equal(accounts_check_password((struct gx_str){ longest, sizeof(longest) },
						 GX_STR("alice_123"), "password", &err),
			 GX_E_INVALID);
}

static void test_profile_is_told(void **state)
{
	struct gx_test t;
	struct gx_str out;

	open_house(&t);
	sign_up(&t, "alice_1");
	sign_up(&t, "bobby1");
	gx_test_commit(&t);
	changes_count = 0;
	assert_int_equal(gx_test_call(&t, 1, "me.update",
				      "{\"nickname\":\" Alice \",\"signature\":\"hi\","
				      "\"region\":\"北京\",\"avatar\":\"11\"}",
				      &out),
			 200);
	assert_text(text_at(&t, out, "account", "nickname"), "Alice");
	assert_text(text_at(&t, out, "account", "signature"), "hi");
	assert_text(text_at(&t, out, "account", "region"), "北京");
	assert_text(text_at(&t, out, "account", "avatar"), "11");
	assert_int_equal(accounts_fake_granted_id, 11);
	assert_int_equal(changes_count, 1);
	assert_int_equal(gx_test_published(&t, 1, "account"), 1);
	assert_int_equal(gx_test_published(&t, 2, "account"), 0);

	assert_refused(&t, 1, "me.update", "{\"nickname\":\"\u202eevil\"}", 400,
		       "core.invalid_field");
	assert_refused(&t, 1, "me.update", "{\"avatar\":\"12\"}", 422, "accounts.bad_avatar");
	assert_refused(&t, 1, "me.update", "{\"avatar\":\"21\"}", 422, "accounts.bad_avatar");
	assert_refused(&t, 1, "me.update", "{\"avatar\":\"2001\"}", 422, "accounts.bad_avatar");
	assert_refused(&t, 1, "me.update", "{\"avatar\":\"x\"}", 400, "core.invalid_field");
	assert_int_equal(accounts_fake_granted_id, 11);

	assert_int_equal(gx_test_call(&t, 1, "me.update", "{\"signature\":\"\"}", &out), 200);
	assert_text(text_at(&t, out, "account", "signature"), "");
	assert_text(text_at(&t, out, "account", "avatar"), "11");
	assert_int_equal(gx_test_call(&t, 1, "me.update", "{\"avatar\":null}", &out), 200);
	assert_text(text_at(&t, out, "account", "avatar"), "null");
	assert_int_equal(accounts_fake_granted_id, 0);
	gx_test_close(&t);
}

static void test_ranks_are_kept(void **state)
{
	static const struct gx_session owner = { .account_id = 1, .role = GX_ROLE_OWNER };
	static const struct gx_session operator_2 = { .account_id = 2, .role = GX_ROLE_OPERATOR };
	static const struct {
		const struct gx_session *actor;
		uint64_t subject_id;
		enum gx_status want;
	} cases[] = {
		{ &owner, 1, GX_E_FORBIDDEN },
		{ &owner, 2, GX_OK },
		{ &owner, 4, GX_OK },
		{ &owner, 9, GX_E_NOT_FOUND },
		{ &operator_2, 1, GX_E_FORBIDDEN },
		{ &operator_2, 2, GX_E_FORBIDDEN },
		{ &operator_2, 3, GX_E_FORBIDDEN },
		{ &operator_2, 4, GX_OK },
	};
	struct gx_test t;

	open_house(&t);
	sign_up(&t, "owner_1");
	sign_up(&t, "oper_2");
	sign_up(&t, "oper_3");
	sign_up(&t, "member4");
	assert_int_equal(gx_test_call(&t, 1, "operator.set_role",
				      "{\"account_id\":\"2\",\"role\":\"operator\"}", NULL),
			 204);
	assert_int_equal(gx_test_call(&t, 1, "operator.set_role",
				      "{\"account_id\":\"3\",\"role\":\"operator\"}", NULL),
			 204);
	assert_refused(&t, 2, "operator.set_role", "{\"account_id\":\"4\",\"role\":\"operator\"}",
		       403, "core.forbidden");
	assert_refused(&t, 1, "operator.set_role", "{\"account_id\":\"1\",\"role\":\"member\"}",
		       403, "accounts.protected");
	assert_refused(&t, 1, "operator.set_role", "{\"account_id\":\"4\",\"role\":\"owner\"}", 400,
		       "core.invalid_field");
	for (size_t i = 0; i < GX_COUNT(cases); i++)
		assert_int_equal(accounts_check_rank(t.arena, t.tx, cases[i].actor,
						     cases[i].subject_id, &t.err),
				 cases[i].want);
	gx_test_close(&t);
}

static void test_suspended_person_reads_why(void **state)
{
	static const struct gx_session owner = { .account_id = 1, .role = GX_ROLE_OWNER };
	static const char bob_in[] = "{\"username\":\"bobby1\",\"password\":\"correct horse\"}";
	struct accounts_audit_line *lines;
	struct gx_test t;
	size_t count;

	open_house(&t);
	accounts_settings[ACCOUNTS_APPEALS].str = "appeals@example.org";
	sign_up(&t, "owner_1");
	sign_up(&t, "bobby1");
	assert_int_equal(accounts_suspend(t.arena, t.tx, &owner, 2, GX_STR("spam"), &t.err), GX_OK);
	assert_int_equal(sessions_count(&t, 2), 0);
	assert_refused(&t, 0, "sessions.create",
		       "{\"username\":\"bobby1\",\"password\":\"wrong horse\"}", 401,
		       "accounts.bad_credentials");
	assert_refused(&t, 0, "sessions.create", bob_in, 403, "accounts.suspended");
	assert_text(t.err.detail, "spam · appeals@example.org");
	assert_refused(&t, 1, "accounts.search", "{\"q\":\"bobby1\"}", 404, "accounts.no_account");
	assert_int_equal(accounts_unsuspend(t.arena, t.tx, &owner, 2, &t.err), GX_OK);
	assert_int_equal(gx_test_call(&t, 0, "sessions.create", bob_in, NULL), 201);
	assert_int_equal(accounts_list_audit(t.arena, t.tx, INT64_MAX, 10, &lines, &count, &t.err),
			 GX_OK);
	assert_int_equal(count, 2);
	assert_text(lines[0].action, "unsuspend");
	assert_text(lines[1].action, "suspend");
	assert_text(lines[1].note, "spam");
	assert_int_equal(lines[1].operator_id, 1);
	assert_int_equal(lines[1].subject_id, 2);
	gx_test_close(&t);
}

static void test_search_is_exact(void **state)
{
	struct gx_test t;
	struct gx_str out;

	open_house(&t);
	sign_up(&t, "Alice_1");
	assert_int_equal(gx_test_call(&t, 1, "accounts.search", "{\"q\":\"aLiCe_1\"}", &out), 200);
	assert_text(text_at(&t, out, "account", "id"), "1");
	assert_refused(&t, 1, "accounts.search", "{\"q\":\"alice_\"}", 404, "accounts.no_account");
	assert_refused(&t, 1, "accounts.search", "{\"q\":\"你好\"}", 404, "accounts.no_account");
	gx_test_close(&t);
}

static void test_accounts_are_listed_by_pages(void **state)
{
	struct gx_test t;
	struct gx_str out;

	open_house(&t);
	sign_up(&t, "owner_1");
	sign_up(&t, "bobby2");
	sign_up(&t, "Bobby1");
	sign_up(&t, "bobby3");
	assert_int_equal(gx_test_call(&t, 1, "operator.list_accounts", "{\"limit\":3}", &out), 200);
	assert_text(text_at(&t, out, "next", NULL), "2");
	assert_int_equal(gx_test_call(&t, 1, "operator.list_accounts",
				      "{\"limit\":3,\"cursor\":\"2\"}", &out),
			 200);
	assert_text(text_at(&t, out, "next", NULL), "null");
	assert_non_null(strstr(out.ptr, "\"role\":\"owner\",\"is_suspended\":false"));
	assert_int_equal(gx_test_call(&t, 1, "operator.list_accounts",
				      "{\"limit\":2,\"q\":\"BOB\"}", &out),
			 200);
	assert_text(text_at(&t, out, "next", NULL), "bobby2");
	assert_int_equal(gx_test_call(&t, 1, "operator.list_accounts",
				      "{\"limit\":2,\"q\":\"BOB\",\"cursor\":\"bobby2\"}", &out),
			 200);
	assert_text(text_at(&t, out, "next", NULL), "null");
	assert_non_null(strstr(out.ptr, "bobby3"));
	assert_null(strstr(out.ptr, "bobby2"));
	assert_refused(&t, 1, "operator.list_accounts", "{\"cursor\":\"x\"}", 400,
		       "core.invalid_field");
	assert_refused(&t, 2, "operator.list_accounts", "{}", 403, "core.forbidden");
	gx_test_close(&t);
}

static void test_expired_things_are_dropped(void **state)
{
	struct gx_test t;
	struct gx_str out;
	bool again = true;

	open_house(&t);
	sign_up(&t, "owner_1");
	assert_int_equal(gx_test_call(&t, 1, "invites.create", "{\"expires_in_s\":60}", NULL), 201);
	assert_int_equal(gx_test_call(&t, 1, "invites.create", "{}", &out), 201);
	gx_clock_advance_ms(GX_HOUR_MS);
	gx_test_commit(&t);
	assert_int_equal(accounts_purge(t.arena, t.tx, &again, &t.err), GX_OK);
	assert_false(again);
	assert_int_equal(gx_test_call(&t, 1, "invites.list", "{}", &out), 200);
	assert_int_equal(strstr(strstr(out.ptr, "\"code\"") + 1, "\"code\""), NULL);
	gx_test_close(&t);
}

static void test_loopback_is_seen(void **state)
{
	static const struct {
		const char *listen;
		bool want;
	} cases[] = {
		{ "127.0.0.1:8848", true }, { "[::1]:8848", true }, { "localhost:80", true },
		{ "0.0.0.0:8848", false },  { "[::]:8848", false }, { "192.168.1.2:80", false },
	};
	struct gx_str urls[ACCOUNTS_ADDRESSES_MAX];
	struct gx_test t;
	size_t count;

	open_house(&t);
	for (size_t i = 0; i < GX_COUNT(cases); i++)
		assert_int_equal(accounts_is_loopback(gx_str_from_cstr(cases[i].listen)),
				 cases[i].want);
	assert_int_equal(accounts_list_addresses(t.arena, GX_STR("192.168.1.2:80"), false, urls),
			 1);
	assert_text(urls[0], "http://192.168.1.2:80");
	assert_int_equal(accounts_list_addresses(t.arena, GX_STR("[2001:db8::1]:443"), true, urls),
			 1);
	assert_text(urls[0], "https://[2001:db8::1]:443");
	assert_int_equal(accounts_list_addresses(t.arena, GX_STR("127.0.0.1:80"), false, urls), 0);
	/* Whatever this machine has: no loopback, and the port of the listener. */
	count = accounts_list_addresses(t.arena, GX_STR("[::]:80"), false, urls);
	for (size_t i = 0; i < count; i++) {
		assert_true(gx_str_ends(urls[i], GX_STR(":80")));
		assert_false(gx_str_starts(urls[i], GX_STR("http://127.")));
		assert_false(gx_str_starts(urls[i], GX_STR("http://[fe80:")));
	}
	gx_test_close(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines_are_cleaned),
		cmocka_unit_test(test_passwords_are_checked),
		cmocka_unit_test(test_profile_is_told),
		cmocka_unit_test(test_ranks_are_kept),
		cmocka_unit_test(test_suspended_person_reads_why),
		cmocka_unit_test(test_search_is_exact),
		cmocka_unit_test(test_accounts_are_listed_by_pages),
		cmocka_unit_test(test_expired_things_are_dropped),
		cmocka_unit_test(test_loopback_is_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
