/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: people report what they can read and nothing else, learn nothing by it but the outcome, and
 * operators decide once, and not about who stands above them.
 * Method: a house with accounts and this room. Chat and contacts are fakes: conversation 5 has
 * members 2 and 3, its message N is one of the list below; only 2 may see 3.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "chat.h"
#include "contacts.h"
#include "moderation_rules.h"
#include "testhouse.h"

static const struct {
	uint64_t sender_id;
	const char *kind;
	const char *body;
} messages[] = {
	{ 3, "text", "{\"text\":\"buy my coins\"}" },
	{ 2, "text", "{\"text\":\"no\"}" },
	{ 3, "link", "{\"url\":\"https://example.org\",\"title\":\"Coins\"}" },
};

enum gx_status chat_get_message(struct gx_arena *a, struct gx_tx *tx, uint64_t viewer_id,
				uint64_t conversation_id, uint64_t seq,
				struct chat_message_view *out, struct gx_error *err)
{
	if (conversation_id != 5 || (viewer_id != 2 && viewer_id != 3) || seq > GX_COUNT(messages))
		return gx_fail(err, GX_E_NOT_FOUND, "chat.no_message");
	*out = (struct chat_message_view){
		.conversation_id = conversation_id,
		.seq = seq,
		.sender_id = messages[seq - 1].sender_id,
		.kind = gx_str_from_cstr(messages[seq - 1].kind),
		.body = gx_str_from_cstr(messages[seq - 1].body),
	};
	return GX_OK;
}

enum gx_status contacts_may_see(struct gx_tx *tx, uint64_t viewer_id, uint64_t account_id,
				bool *out, struct gx_error *err)
{
	*out = viewer_id == account_id || (viewer_id == 2 && account_id == 3);
	return GX_OK;
}

static const struct gx_room *const rooms[] = { &accounts_room, &moderation_room, NULL };

/* 1 is the owner, 4 an operator, the others members. */
static void open_house(struct gx_test *t)
{
	static const char *const names[] = { "owner_1", "reporter2", "spammer3", "oper_4",
					     "oper_5" };

	gx_test_open(t, rooms);
	for (size_t i = 0; i < GX_COUNT(names); i++) {
		struct gx_str in = gx_arena_printf(t->arena,
						   "{\"username\":\"%s\",\"password\":"
						   "\"correct horse\",\"nickname\":\"%s\"}",
						   names[i], names[i]);

		assert_int_equal(gx_test_call(t, 0, "accounts.create", in.ptr, NULL), 201);
	}
	assert_int_equal(gx_role_set(t->tx, 4, GX_ROLE_OPERATOR, &t->err), GX_OK);
	assert_int_equal(gx_role_set(t->tx, 5, GX_ROLE_OPERATOR, &t->err), GX_OK);
	moderation_settings[MODERATION_REPORTS_PER_DAY].num = 50;
}

static void assert_refused(struct gx_test *t, uint64_t account_id, const char *op, const char *in,
			   int status, const char *code)
{
	struct gx_str out;
	int got = gx_test_call(t, account_id, op, in, &out);

	if (got != status || !gx_str_eq(out, gx_str_from_cstr(code)))
		fail_msg("%s %s: %d %.*s", op, in, got, GX_STR_ARG(out));
}

static void assert_has(struct gx_str json, const char *part)
{
	if (strstr(json.ptr, part) == NULL)
		fail_msg("%s is not in %s", part, json.ptr);
}

static void test_excerpts(void **state)
{
	char long_text[256] = "{\"text\":\"";
	static const struct {
		const char *kind;
		const char *body;
		const char *want;
	} cases[] = {
		{ "text", "{\"text\":\"你好\"}", "你好" },
		{ "text", "{}", "" }, /* recalled */
		{ "image", "{\"media_id\":\"7\",\"width\":1,\"height\":1}", "[image]" },
		{ "file", "{\"media_id\":\"7\",\"name\":\"a.pdf\",\"size\":1}", "[file] a.pdf" },
		{ "card", "{\"account_id\":\"7\",\"nickname\":\"Ann\"}", "[card] Ann" },
	};
	struct gx_arena a;
	struct gx_error err;
	struct gx_str out;

	gx_arena_init(&a);
	for (size_t i = 0; i < GX_COUNT(cases); i++) {
		assert_int_equal(moderation_excerpt(&a, gx_str_from_cstr(cases[i].kind),
						    gx_str_from_cstr(cases[i].body), &out, &err),
				 GX_OK);
		if (!gx_str_eq(out, gx_str_from_cstr(cases[i].want)))
			fail_msg("\"%.*s\" instead of \"%s\"", GX_STR_ARG(out), cases[i].want);
	}
	/* 201 characters: one byte each, the last two bytes long. */
	memset(long_text + 9, 'x', MODERATION_EXCERPT_CHARS);
	memcpy(long_text + 9 + MODERATION_EXCERPT_CHARS, "é\"}", 5);
	assert_int_equal(moderation_excerpt(&a, GX_STR("text"), gx_str_from_cstr(long_text), &out,
					    &err),
			 GX_OK);
	assert_int_equal(out.len, MODERATION_EXCERPT_CHARS);
	gx_arena_deinit(&a);
}

static void test_reports_need_something_to_see(void **state)
{
	static const struct {
		uint64_t reporter_id;
		const char *in;
		int status;
		const char *code;
	} cases[] = {
		{ 2, "{\"client_id\":\"a\",\"reason\":\"spam\"}", 400, "core.missing_field" },
		{ 2, "{\"client_id\":\"a\",\"reason\":\"spam\",\"seq\":1}", 400,
		  "core.missing_field" },
		{ 2, "{\"client_id\":\"a\",\"reason\":\"spam\",\"conversation_id\":\"5\"}", 400,
		  "core.missing_field" },
		{ 2,
		  "{\"client_id\":\"a\",\"reason\":\"spam\",\"conversation_id\":\"5\",\"seq\":1,"
		  "\"account_id\":\"3\"}",
		  400, "core.invalid_field" },
		{ 2, "{\"client_id\":\"a\",\"reason\":\"ugly\",\"account_id\":\"3\"}", 400,
		  "core.invalid_field" },
		{ 2,
		  "{\"client_id\":\"a\",\"reason\":\"spam\",\"conversation_id\":\"5\",\"seq\":9}",
		  404, "moderation.no_subject" },
		{ 4,
		  "{\"client_id\":\"a\",\"reason\":\"spam\",\"conversation_id\":\"5\",\"seq\":1}",
		  404, "moderation.no_subject" },
		{ 2,
		  "{\"client_id\":\"a\",\"reason\":\"spam\",\"conversation_id\":\"5\",\"seq\":2}",
		  404, "moderation.no_subject" },
		{ 2, "{\"client_id\":\"a\",\"reason\":\"spam\",\"account_id\":\"2\"}", 404,
		  "moderation.no_subject" },
		{ 2, "{\"client_id\":\"a\",\"reason\":\"spam\",\"account_id\":\"99\"}", 404,
		  "moderation.no_subject" },
		{ 0, "{\"client_id\":\"a\",\"reason\":\"spam\",\"account_id\":\"3\"}", 401,
		  "core.unauthenticated" },
	};
	struct gx_test t;
	struct gx_str out;

	open_house(&t);
	for (size_t i = 0; i < GX_COUNT(cases); i++)
		assert_refused(&t, cases[i].reporter_id, "reports.create", cases[i].in,
			       cases[i].status, cases[i].code);
	assert_int_equal(gx_test_call(&t, 2, "reports.list", "{}", &out), 200);
	assert_string_equal(out.ptr, "{\"reports\":[],\"next\":null}");
	gx_test_close(&t);
}

static void test_repeats_are_one_report(void **state)
{
	static const char in[] = "{\"client_id\":\"r1\",\"reason\":\"spam\",\"note\":\"again\","
				 "\"conversation_id\":\"5\",\"seq\":1}";
	struct gx_test t;
	struct gx_str first, second;

	open_house(&t);
	moderation_settings[MODERATION_REPORTS_PER_DAY].num = 2;
	assert_int_equal(gx_test_call(&t, 2, "reports.create", in, &first), 201);
	assert_has(first, "\"excerpt\":\"buy my coins\"");
	assert_has(first, "\"account\":{\"id\":\"3\",\"username\":\"spammer3\"");
	assert_has(first, "\"conversation_id\":\"5\",\"seq\":1");
	assert_has(first, "\"state\":\"open\",\"action\":null,\"answer\":\"\"");
	assert_int_equal(gx_test_call(&t, 2, "reports.create", in, &second), 201);
	assert_true(gx_str_eq(first, second));
	assert_refused(&t, 2, "reports.create",
		       "{\"client_id\":\"r1\",\"reason\":\"fraud\",\"note\":\"again\","
		       "\"conversation_id\":\"5\",\"seq\":1}",
		       409, "moderation.client_id_reused");
	assert_refused(&t, 2, "reports.create",
		       "{\"client_id\":\"r1\",\"reason\":\"spam\",\"note\":\"again\","
		       "\"account_id\":\"3\"}",
		       409, "moderation.client_id_reused");
	/* The limit counts reports, not calls; the next day they are allowed again. */
	assert_int_equal(gx_test_call(&t, 2, "reports.create",
				      "{\"client_id\":\"r2\",\"reason\":\"spam\","
				      "\"conversation_id\":\"5\",\"seq\":3}",
				      &first),
			 201);
	assert_has(first, "\"excerpt\":\"[link] Coins\"");
	assert_refused(&t, 2, "reports.create",
		       "{\"client_id\":\"r3\",\"reason\":\"spam\",\"account_id\":\"3\"}", 429,
		       "moderation.too_many_reports");
	gx_clock_advance_ms(GX_DAY_MS);
	gx_test_commit(&t);
	assert_int_equal(gx_test_call(&t, 2, "reports.create",
				      "{\"client_id\":\"r3\",\"reason\":\"spam\","
				      "\"account_id\":\"3\"}",
				      NULL),
			 201);
	gx_test_close(&t);
}

static void test_reporter_learns_no_profile(void **state)
{
	static const char in[] = "{\"client_id\":\"r1\",\"reason\":\"other\",\"account_id\":\"1\"}";
	struct gx_test t;
	struct gx_str out;

	open_house(&t);
	assert_int_equal(gx_test_call(&t, 2, "reports.create", in, &out), 201);
	assert_has(out, "\"account\":{\"id\":\"1\",\"username\":\"\",\"nickname\":\"\"");
	assert_int_equal(gx_test_call(&t, 2, "reports.list", "{}", &out), 200);
	assert_null(strstr(out.ptr, "owner_1"));
	assert_int_equal(gx_test_call(&t, 4, "operator.list_reports", "{}", &out), 200);
	assert_has(out, "\"account\":{\"id\":\"1\",\"username\":\"owner_1\"");
	assert_int_equal(gx_test_call(&t, 3, "reports.list", "{}", &out), 200);
	assert_string_equal(out.ptr, "{\"reports\":[],\"next\":null}");
	gx_test_close(&t);
}

static void report(struct gx_test *t, uint64_t reporter_id, const char *client_id,
		   const char *account_id)
{
	struct gx_str in =
		gx_arena_printf(t->arena,
				"{\"client_id\":\"%s\",\"reason\":\"fraud\",\"account_id\":\"%s\"}",
				client_id, account_id);

	assert_int_equal(gx_test_call(t, reporter_id, "reports.create", in.ptr, NULL), 201);
}

static void test_operator_decides_once(void **state)
{
	static const char sign_in[] = "{\"username\":\"spammer3\",\"password\":\"correct horse\"}";
	struct gx_test t;
	struct gx_str out;

	open_house(&t);
	report(&t, 2, "r1", "3");
	assert_refused(&t, 2, "operator.close_report", "{\"report_id\":\"1\",\"action\":\"none\"}",
		       403, "core.forbidden");
	assert_refused(&t, 4, "operator.close_report", "{\"report_id\":\"9\",\"action\":\"none\"}",
		       404, "moderation.no_report");
	assert_refused(&t, 4, "operator.close_report", "{\"report_id\":\"1\",\"action\":\"ban\"}",
		       400, "core.invalid_field");
	assert_int_equal(gx_test_call(&t, 4, "operator.close_report",
				      "{\"report_id\":\"1\",\"action\":\"suspend\","
				      "\"note\":\"Coins again\"}",
				      &out),
			 200);
	assert_has(out, "\"state\":\"closed\",\"action\":\"suspend\",\"answer\":\"Coins again\"");
	assert_refused(&t, 4, "operator.close_report", "{\"report_id\":\"1\",\"action\":\"none\"}",
		       409, "moderation.already_closed");
	/* Both sides read it. */
	assert_int_equal(gx_test_call(&t, 2, "reports.list", "{}", &out), 200);
	assert_has(out, "\"action\":\"suspend\",\"answer\":\"Coins again\"");
	assert_refused(&t, 0, "sessions.create", sign_in, 403, "accounts.suspended");
	assert_string_equal(t.err.detail.ptr, "Coins again");
	assert_int_equal(gx_test_call(&t, 4, "operator.unsuspend", "{\"account_id\":\"3\"}", NULL),
			 204);
	assert_int_equal(gx_test_call(&t, 0, "sessions.create", sign_in, NULL), 201);

	/* Without words the person reads what the report was about. */
	report(&t, 2, "r2", "3");
	assert_int_equal(gx_test_call(&t, 4, "operator.close_report",
				      "{\"report_id\":\"2\",\"action\":\"suspend\"}", NULL),
			 200);
	assert_refused(&t, 0, "sessions.create", sign_in, 403, "accounts.suspended");
	assert_string_equal(t.err.detail.ptr, "Fraud · 欺诈");
	gx_test_close(&t);
}

static void test_nobody_judges_above(void **state)
{
	static const struct {
		uint64_t operator_id;
		const char *subject;
		const char *action;
		int want;
	} cases[] = {
		{ 4, "1", "suspend", 403 }, { 4, "4", "suspend", 403 }, { 4, "5", "suspend", 403 },
		{ 4, "4", "none", 403 },    { 4, "5", "none", 200 },	{ 1, "1", "suspend", 403 },
		{ 1, "1", "none", 200 },    { 1, "4", "suspend", 200 },
	};
	struct gx_test t;

	open_house(&t);
	for (size_t i = 0; i < GX_COUNT(cases); i++) {
		struct gx_str client_id = gx_arena_printf(t.arena, "r%zu", i);
		struct gx_str in =
			gx_arena_printf(t.arena, "{\"report_id\":\"%zu\",\"action\":\"%s\"}", i + 1,
					cases[i].action);

		report(&t, 2, client_id.ptr, cases[i].subject);
		if (gx_test_call(&t, cases[i].operator_id, "operator.close_report", in.ptr, NULL) !=
		    cases[i].want)
			fail_msg("case %zu", i);
	}
	assert_refused(&t, 5, "operator.suspend", "{\"account_id\":\"1\",\"reason\":\"x\"}", 403,
		       "accounts.protected");
	assert_refused(&t, 2, "operator.suspend", "{\"account_id\":\"3\",\"reason\":\"x\"}", 403,
		       "core.forbidden");
	assert_refused(&t, 5, "operator.suspend", "{\"account_id\":\"77\",\"reason\":\"x\"}", 404,
		       "accounts.no_account");
	gx_test_close(&t);
}

static void test_lists_have_pages(void **state)
{
	struct gx_test t;
	struct gx_str out;

	open_house(&t);
	report(&t, 2, "r1", "3");
	report(&t, 2, "r2", "3");
	report(&t, 3, "r1", "2");
	assert_int_equal(gx_test_call(&t, 4, "operator.close_report",
				      "{\"report_id\":\"2\",\"action\":\"none\"}", NULL),
			 200);
	assert_int_equal(gx_test_call(&t, 4, "operator.list_reports",
				      "{\"state\":\"open\",\"limit\":1}", &out),
			 200);
	assert_has(out, "{\"reports\":[{\"id\":\"3\"");
	assert_has(out, "\"next\":\"3\"");
	assert_int_equal(gx_test_call(&t, 4, "operator.list_reports",
				      "{\"state\":\"open\",\"limit\":1,\"cursor\":\"3\"}", &out),
			 200);
	assert_has(out, "{\"reports\":[{\"id\":\"1\"");
	assert_has(out, "\"next\":null");
	assert_int_equal(gx_test_call(&t, 4, "operator.list_reports", "{\"state\":\"closed\"}",
				      &out),
			 200);
	assert_has(out, "{\"reports\":[{\"id\":\"2\"");
	assert_has(out, "\"next\":null");
	assert_int_equal(gx_test_call(&t, 2, "reports.list", "{\"limit\":1}", &out), 200);
	assert_has(out, "{\"reports\":[{\"id\":\"2\"");
	assert_has(out, "\"next\":\"2\"");
	assert_refused(&t, 4, "operator.list_reports", "{\"state\":\"any\"}", 400,
		       "core.invalid_field");
	assert_refused(&t, 2, "operator.list_reports", "{}", 403, "core.forbidden");
	gx_test_close(&t);
}

static void test_audit_tells_who_did_what(void **state)
{
	struct gx_test t;
	struct gx_str out;

	open_house(&t);
	assert_int_equal(gx_test_call(&t, 4, "operator.suspend",
				      "{\"account_id\":\"3\",\"reason\":\"coins\"}", NULL),
			 204);
	assert_int_equal(gx_test_call(&t, 4, "invites.create", "{}", NULL), 201);
	assert_refused(&t, 2, "operator.list_audit", "{}", 403, "core.forbidden");
	assert_int_equal(gx_test_call(&t, 1, "operator.list_audit", "{\"limit\":1}", &out), 200);
	assert_has(out, "\"action\":\"create_invite\",\"account\":null");
	assert_has(out, "\"next\":\"2\"");
	assert_int_equal(gx_test_call(&t, 1, "operator.list_audit", "{\"cursor\":\"2\"}", &out),
			 200);
	assert_has(out, "\"operator\":{\"id\":\"4\"");
	assert_has(out, "\"action\":\"suspend\",\"account\":{\"id\":\"3\"");
	assert_has(out, "\"note\":\"coins\"}],\"next\":null");
	gx_test_close(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_excerpts),
		cmocka_unit_test(test_reports_need_something_to_see),
		cmocka_unit_test(test_repeats_are_one_report),
		cmocka_unit_test(test_reporter_learns_no_profile),
		cmocka_unit_test(test_operator_decides_once),
		cmocka_unit_test(test_nobody_judges_above),
		cmocka_unit_test(test_lists_have_pages),
		cmocka_unit_test(test_audit_tells_who_did_what),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
