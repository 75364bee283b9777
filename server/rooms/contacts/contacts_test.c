/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: nobody becomes a contact without having wanted it, every tie has a true source that never
 * changes, and the silent refusals stay silent.
 * Method: the real rooms in a test house; tables of cases.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "accounts.h"
#include "chat.h"
#include "contacts_rules.h"
#include "contacts_sql.h"
#include "contacts_testkit.h"
#include "media.h"
#include "spoiler_sql.h"

#define U(id) (unsigned long long)(id)
#define assert_str(got, want) assert_true(gx_str_eq((got), gx_str_from_cstr(want)))

static const struct gx_room spoiler_room = { .name = "spoiler", .queries = &spoiler_queries };

static const struct gx_room *const rooms[] = { &media_room,    &accounts_room, &chat_room,
					       &contacts_room, &spoiler_room,  NULL };

static int setup(void **state)
{
	struct gx_test *t = gx_heap_alloc(sizeof(*t));

	gx_test_open(t, rooms);
	kit_people(t, 8);
	contacts_settings[CONTACTS_SETTING_REQUESTS_PER_DAY].num = 20;
	contacts_settings[CONTACTS_SETTING_FRIENDS].num = 5000;
	contacts_settings[CONTACTS_SETTING_BLOCKS].num = 1000;
	*state = t;
	return 0;
}

static int teardown(void **state)
{
	gx_test_close(*state);
	gx_heap_free(*state);
	return 0;
}

static void pass_time(struct gx_test *t, int64_t ms)
{
	gx_clock_advance_ms(ms);
	gx_test_commit(t);
}

/* ---- sources */

/* A group of its own for contacts' tests: straight from chat. */
static uint64_t make_group(struct gx_test *t, const uint64_t *ids, size_t count)
{
	uint64_t group_id;

	assert_int_equal(chat_create_group(t->arena, t->tx, GX_STR("g"), ids, count, &group_id,
					   &t->err),
			 GX_OK);
	return group_id;
}

static uint64_t send_card(struct gx_test *t, uint64_t from, uint64_t conversation_id, uint64_t of)
{
	struct gx_str out = kit_ok(t, 201, from, "messages.send",
				   "{'conversation_id':'%llu','client_id':'card%llu','kind':'card',"
				   "'body':{'account_id':'%llu','nickname':'x','avatar':null}}",
				   U(conversation_id), U(of), U(of));
	return kit_get_id(t, out, "message.seq");
}

static void test_sources_must_be_true(void **state)
{
	struct gx_test *t = *state;
	const uint64_t in_group[] = { 1, 2, 4 };
	uint64_t group = make_group(t, in_group, 3);
	uint64_t with_4 = kit_befriend(t, 1, 4);
	uint64_t card = send_card(t, 4, with_4, 3);
	uint64_t own_card = send_card(t, 1, with_4, 5);
	uint64_t unread = send_card(t, 4, kit_befriend(t, 4, 6), 5);
	const struct {
		const char *name;
		uint64_t to;
		const char *kind;
		struct gx_str ref;
		const char *code; /* NULL: true */
	} cases[] = {
#define REF(...) gx_arena_printf(t->arena, __VA_ARGS__)
		{ "their username", 2, "username", REF("person_2"), NULL },
		{ "in other letters", 7, "username", REF("PERSON_7"), NULL },
		{ "somebody else's", 2, "username", REF("person_3"), "contacts.source_untrue" },
		{ "nobody's", 99, "username", REF("person_99"), "contacts.source_untrue" },
		{ "no username", 2, "username", REF("%s", ""), "contacts.source_untrue" },
		{ "a common group", 2, "group", REF("%llu", U(group)), NULL },
		{ "they are not in it", 3, "group", REF("%llu", U(group)),
		  "contacts.source_untrue" },
		{ "a direct conversation", 3, "group", REF("%llu", U(with_4)),
		  "contacts.source_untrue" },
		{ "no group", 2, "group", REF("9999"), "contacts.source_untrue" },
		{ "no number", 2, "group", REF("x"), "contacts.source_untrue" },
		{ "a card", 3, "card", REF("%llu:%llu", U(with_4), U(card)), NULL },
		{ "a card of another", 2, "card", REF("%llu:%llu", U(with_4), U(card)),
		  "contacts.source_untrue" },
		{ "one's own card", 5, "card", REF("%llu:%llu", U(with_4), U(own_card)),
		  "contacts.source_untrue" },
		{ "a card for others", 5, "card", REF("%llu:%llu", U(with_4 + 1), U(unread)),
		  "contacts.source_untrue" },
		{ "no card at all", 3, "card", REF("%llu:1", U(with_4)), "contacts.source_untrue" },
		{ "half a reference", 3, "card", REF("%llu", U(with_4)), "contacts.source_untrue" },
		{ "by phone", 2, "phone", REF("1"), "contacts.source_unavailable" },
		{ "by code", 2, "qr", REF("1"), "contacts.source_unavailable" },
		{ "face to face", 2, "face", REF("1"), "contacts.source_unavailable" },
		{ "introduced", 2, "introduction", REF("1"), "contacts.source_unavailable" },
		{ "unknown kind", 2, "radar", REF("1"), "core.invalid_field" },
		{ "oneself", 1, "username", REF("person_1"), "contacts.self" },
	};

	for (size_t i = 0; i < GX_COUNT(cases); i++) {
		struct gx_str out;
		int status = kit_call(t, &out, 1, "contact_requests.create",
				      "{'to':'%llu','source':{'kind':'%s','ref':'%.*s'}}",
				      U(cases[i].to), cases[i].kind, GX_STR_ARG(cases[i].ref));
		if (cases[i].code != NULL
			    ? status < 400 || !gx_str_eq(out, gx_str_from_cstr(cases[i].code))
			    : status != 201)
			fail_msg("%s: %d %.*s", cases[i].name, status, GX_STR_ARG(out));
	}
	kit_refused(t, "core.unknown_field", 1, "contact_requests.create",
		    "{'to':'2','source':{'kind':'username','ref':'person_2','by':'1'}}");
	kit_refused(t, "core.invalid_field", 1, "contact_requests.create",
		    "{'to':'2','source':{'kind':'username','ref':2}}");
}

static void test_source_never_changes(void **state)
{
	struct gx_test *t = *state;

	kit_befriend(t, 1, 2);
	assert_int_not_equal(spoiler_sql_spoil_kind(t->tx, NULL, &t->err), GX_OK);
	assert_int_not_equal(spoiler_sql_spoil_ref(t->tx, NULL, &t->err), GX_OK);
	assert_int_not_equal(spoiler_sql_spoil_initiator(t->tx, NULL, &t->err), GX_OK);
	assert_int_not_equal(spoiler_sql_spoil_since(t->tx, NULL, &t->err), GX_OK);
	assert_int_not_equal(spoiler_sql_spoil_owner(t->tx, NULL, &t->err), GX_OK);
	assert_int_not_equal(spoiler_sql_spoil_other(t->tx, NULL, &t->err), GX_OK);
	assert_int_not_equal(spoiler_sql_spoil_replace(t->tx, NULL, &t->err), GX_OK);
	const struct spoiler_sql_spoil_nothing_in nothing = { .owner_id = 3, .other_id = 4 };
	assert_int_not_equal(spoiler_sql_spoil_nothing(t->tx, &nothing, NULL, &t->err), GX_OK);
	/* What may change does. */
	struct gx_str out = kit_ok(t, 200, 1, "contacts.update",
				   "{'account_id':'2','remark':'R','tags':['a'],'starred':true}");
	assert_str(kit_get(t, out, "contact.source.kind"), "username");
	assert_str(kit_get(t, out, "contact.source.ref"), "person_2");
	assert_str(kit_get(t, out, "contact.remark"), "R");
	assert_str(kit_get(t, out, "contact.tags"), "[\"a\"]");
	assert_str(kit_get(t, out, "contact.starred"), "true");
}

/* ---- a request's life */

static void test_accept_ties_both(void **state)
{
	struct gx_test *t = *state;
	uint64_t id = kit_ask(t, 1, 2);
	struct gx_str params;

	assert_int_equal(gx_test_published(t, 1, "contact_request"), 1);
	assert_int_equal(gx_test_published(t, 2, "contact_request"), 1);
	kit_refused(t, "contacts.no_request", 1, "contact_requests.accept", "{'request_id':'%llu'}",
		    U(id));
	kit_refused(t, "contacts.no_request", 3, "contact_requests.accept", "{'request_id':'%llu'}",
		    U(id));
	gx_test_commit(t);
	struct gx_str out = kit_ok(t, 200, 2, "contact_requests.accept",
				   "{'request_id':'%llu','remark':'老王'}", U(id));
	uint64_t conversation = kit_get_id(t, out, "conversation.id");
	assert_str(kit_get(t, out, "contact.account.id"), "1");
	assert_str(kit_get(t, out, "contact.remark"), "老王");
	assert_str(kit_get(t, out, "conversation.name"), "老王");
	assert_int_equal(gx_test_published(t, 1, "contact"), 1);
	assert_true(gx_test_published(t, 2, "contact") >= 1);
	assert_int_equal(gx_test_published(t, 1, "contact_request"), 1);
	assert_int_equal(gx_test_published(t, 2, "contact_request"), 1);
	assert_str(kit_notice(t, 1, conversation, &params), "contact.added");
	assert_str(params, "{\"from\":\"1\",\"to\":\"2\"}");
	assert_int_equal(kit_say(t, 1, conversation), 201);
	assert_int_equal(kit_say(t, 2, conversation), 201);
	/* Both see the same origin. */
	struct gx_str mine = kit_ok(t, 200, 1, "contacts.list", "{}");
	struct gx_str theirs = kit_ok(t, 200, 2, "contacts.list", "{}");
	assert_true(gx_str_eq(kit_get(t, mine, "contacts.0.source"),
			      kit_get(t, theirs, "contacts.0.source")));
	assert_str(kit_get(t, mine, "contacts.0.remark"), "");
	/* A repeat after a lost answer, and what is over. */
	out = kit_ok(t, 200, 2, "contact_requests.accept", "{'request_id':'%llu'}", U(id));
	assert_int_equal(kit_get_id(t, out, "conversation.id"), conversation);
	kit_refused(t, "contacts.request_closed", 2, "contact_requests.decline",
		    "{'request_id':'%llu'}", U(id));
	kit_refused(t, "contacts.already_friends", 1, "contact_requests.create",
		    "{'to':'2','source':{'kind':'username','ref':'person_2'}}");
}

static void test_asking_again_is_one_request(void **state)
{
	struct gx_test *t = *state;
	uint64_t id = kit_ask(t, 1, 2);

	for (int i = 0; i < CONTACTS_GREETING_CHANGES_MAX; i++) {
		struct gx_str out = kit_ok(t, 201, 1, "contact_requests.create",
					   "{'to':'2','greeting':'try %d','source':"
					   "{'kind':'username','ref':'person_2'}}",
					   i);
		assert_int_equal(kit_get_id(t, out, "request.id"), id);
	}
	kit_refused(t, "contacts.too_many_requests", 1, "contact_requests.create",
		    "{'to':'2','greeting':'once more','source':"
		    "{'kind':'username','ref':'person_2'}}");
	assert_true(t->err.retry_after_s > 6 * 86400);
	struct gx_str out = kit_ok(t, 200, 2, "contact_requests.list", "{}");
	assert_int_equal(kit_count(t, out, "requests"), 1);
	assert_str(kit_get(t, out, "requests.0.greeting"), "try 4");
	/* The very same again is free. */
	kit_ok(t, 201, 1, "contact_requests.create",
	       "{'to':'2','greeting':'try 4','source':{'kind':'username','ref':'person_2'}}");
}

static struct gx_str state_for(struct gx_test *t, uint64_t who)
{
	return kit_get(t, kit_ok(t, 200, who, "contact_requests.list", "{}"), "requests.0.state");
}

static void test_decline_is_silent(void **state)
{
	struct gx_test *t = *state;
	uint64_t id = kit_ask(t, 1, 2);

	gx_test_commit(t);
	kit_ok(t, 204, 2, "contact_requests.decline", "{'request_id':'%llu'}", U(id));
	kit_ok(t, 204, 2, "contact_requests.decline", "{'request_id':'%llu'}", U(id));
	assert_int_equal(gx_test_published(t, 1, "contact_request"), 0);
	assert_int_equal(gx_test_published(t, 2, "contact_request"), 1);
	assert_str(state_for(t, 1), "pending");
	assert_str(state_for(t, 2), "declined");
	kit_refused(t, "contacts.request_closed", 2, "contact_requests.accept",
		    "{'request_id':'%llu'}", U(id));
	/* Asking again looks the same as ever and brings nothing back to the one who declined. */
	gx_test_commit(t);
	struct gx_str out = kit_ok(t, 201, 1, "contact_requests.create",
				   "{'to':'2','greeting':'please','source':"
				   "{'kind':'username','ref':'person_2'}}");
	assert_int_equal(kit_get_id(t, out, "request.id"), id);
	assert_str(kit_get(t, out, "request.state"), "pending");
	assert_int_equal(gx_test_published(t, 2, "contact_request"), 0);
	assert_int_equal(kit_count(t, kit_ok(t, 200, 2, "contact_requests.list", "{}"), "requests"),
			 0);
	/* A week later it has expired, and a new one can be made. */
	pass_time(t, CONTACTS_REQUEST_LIFE_MS);
	assert_str(state_for(t, 1), "expired");
	assert_int_not_equal(kit_ask(t, 1, 2), id);
	assert_str(state_for(t, 2), "pending");
}

static void test_requests_expire(void **state)
{
	struct gx_test *t = *state;
	uint64_t id = kit_ask(t, 1, 2);
	bool again = true;

	pass_time(t, CONTACTS_REQUEST_LIFE_MS - 1000);
	assert_str(state_for(t, 2), "pending");
	pass_time(t, 1000);
	assert_str(state_for(t, 1), "expired");
	assert_str(state_for(t, 2), "expired");
	kit_refused(t, "contacts.request_expired", 2, "contact_requests.accept",
		    "{'request_id':'%llu'}", U(id));
	kit_refused(t, "contacts.request_expired", 2, "contact_requests.decline",
		    "{'request_id':'%llu'}", U(id));
	assert_int_equal(contacts_prune(t->arena, t->tx, &again, &t->err), GX_OK);
	assert_false(again);
	assert_str(state_for(t, 1), "expired");
	pass_time(t, CONTACTS_REQUEST_KEEP_MS + 1);
	assert_int_equal(contacts_prune(t->arena, t->tx, &again, &t->err), GX_OK);
	assert_int_equal(kit_count(t, kit_ok(t, 200, 1, "contact_requests.list", "{}"), "requests"),
			 0);
}

static void test_crossing_requests_tie_at_once(void **state)
{
	struct gx_test *t = *state;

	kit_ask(t, 1, 2);
	struct gx_str out = kit_ok(t, 201, 2, "contact_requests.create",
				   "{'to':'1','source':{'kind':'username','ref':'person_1'}}");
	assert_str(kit_get(t, out, "request.state"), "accepted");
	assert_str(state_for(t, 1), "accepted");
	out = kit_ok(t, 200, 2, "accounts.get", "{'account_id':'1'}");
	assert_str(kit_get(t, out, "contact.source.ref"), "person_2"); /* the first one's */
	out = kit_ok(t, 200, 1, "contact_requests.list", "{}");
	assert_str(kit_get(t, out, "requests.1.state"), "accepted");
}

static void test_daily_limit(void **state)
{
	struct gx_test *t = *state;

	contacts_settings[CONTACTS_SETTING_REQUESTS_PER_DAY].num = 3;
	kit_ask(t, 1, 2);
	pass_time(t, GX_HOUR_MS);
	kit_ask(t, 1, 3);
	kit_ask(t, 1, 4);
	kit_refused(t, "contacts.too_many_requests", 1, "contact_requests.create",
		    "{'to':'5','source':{'kind':'username','ref':'person_5'}}");
	assert_true(t->err.retry_after_s > 22 * 3600 && t->err.retry_after_s <= 23 * 3600 + 1);
	kit_ask(t, 1, 4); /* the same again is no new one */
	kit_ask(t, 2, 5); /* others are not concerned */
	pass_time(t, 23 * GX_HOUR_MS);
	kit_ask(t, 1, 5);
	kit_refused(t, "contacts.too_many_requests", 1, "contact_requests.create",
		    "{'to':'6','source':{'kind':'username','ref':'person_6'}}");
	contacts_settings[CONTACTS_SETTING_REQUESTS_PER_DAY].num = 0;
	kit_ask(t, 1, 6);
}

static void test_lists_have_a_size(void **state)
{
	struct gx_test *t = *state;

	contacts_settings[CONTACTS_SETTING_FRIENDS].num = 2;
	uint64_t request = kit_ask(t, 4, 1);
	kit_befriend(t, 1, 2);
	kit_befriend(t, 1, 3);
	kit_refused(t, "contacts.too_many_friends", 1, "contact_requests.accept",
		    "{'request_id':'%llu'}", U(request));
	request = kit_ask(t, 1, 5);
	kit_refused(t, "contacts.their_list_full", 5, "contact_requests.accept",
		    "{'request_id':'%llu'}", U(request));
	kit_ok(t, 204, 1, "contacts.delete", "{'account_id':'2'}");
	kit_ok(t, 200, 5, "contact_requests.accept", "{'request_id':'%llu'}", U(request));
	contacts_settings[CONTACTS_SETTING_BLOCKS].num = 1;
	kit_ok(t, 204, 1, "blocks.put", "{'account_id':'2'}");
	kit_ok(t, 204, 1, "blocks.put", "{'account_id':'2'}");
	kit_refused(t, "contacts.too_many_blocks", 1, "blocks.put", "{'account_id':'3'}");
}

/* ---- deleting and blocking */

static void test_delete_is_one_sided_and_silent(void **state)
{
	struct gx_test *t = *state;
	uint64_t conversation = kit_befriend(t, 1, 2);

	kit_ok(t, 200, 1, "contacts.update", "{'account_id':'2','remark':'R'}");
	struct gx_str before = kit_ok(t, 200, 2, "contacts.list", "{}");
	gx_test_commit(t);
	uint64_t position = gx_position_last(t->tx);
	kit_ok(t, 204, 1, "contacts.delete", "{'account_id':'2'}");
	kit_refused(t, "contacts.no_contact", 1, "contacts.delete", "{'account_id':'2'}");
	assert_int_equal(gx_test_published(t, 1, "contact_removed"), 1);
	assert_int_equal(gx_test_published(t, 2, "contact_removed"), 0);
	assert_int_equal(gx_test_published(t, 2, "contact"), 0);
	assert_int_equal(kit_chat_events(t, 1, "conversation", position), 1); /* the remark went */
	assert_int_equal(kit_chat_events(t, 2, "conversation", position), 0);
	assert_true(gx_str_eq(before, kit_ok(t, 200, 2, "contacts.list", "{}")));
	assert_int_equal(kit_say(t, 2, conversation), 403);
	assert_string_equal(t->err.code, "contacts.not_friend");
	assert_int_equal(kit_say(t, 1, conversation), 403);
	assert_string_equal(t->err.code, "contacts.not_friend");

	/* The one who deleted asks again: back at once, with the old origin, and not a word. */
	gx_test_commit(t);
	struct gx_str out = kit_ok(t, 201, 1, "contact_requests.create",
				   "{'to':'2','source':{'kind':'username','ref':'PERSON_2'}}");
	assert_str(kit_get(t, out, "request.state"), "accepted");
	assert_int_equal(gx_test_published(t, 1, "contact"), 1);
	assert_int_equal(gx_test_published(t, 2, "contact"), 0);
	assert_int_equal(gx_test_published(t, 2, "contact_request"), 0);
	assert_int_equal(kit_chat_events(t, 2, "conversation", position), 0);
	assert_int_equal(kit_chat_events(t, 2, "message", position), 0);
	assert_true(gx_str_eq(before, kit_ok(t, 200, 2, "contacts.list", "{}")));
	out = kit_ok(t, 200, 1, "contacts.list", "{}");
	assert_str(kit_get(t, out, "contacts.0.source.ref"), "person_2");
	assert_str(kit_get(t, out, "contacts.0.remark"), "");
	assert_int_equal(kit_say(t, 1, conversation), 201);
	assert_int_equal(kit_say(t, 2, conversation), 201);

	/* The one who was deleted asks: that needs consent. */
	kit_ok(t, 204, 1, "contacts.delete", "{'account_id':'2'}");
	uint64_t request = kit_ask(t, 2, 1);
	assert_int_equal(kit_say(t, 2, conversation), 403);
	out = kit_ok(t, 200, 1, "contact_requests.accept", "{'request_id':'%llu'}", U(request));
	assert_str(kit_get(t, out, "contact.source.ref"), "person_2");
	assert_int_equal(kit_get_id(t, out, "conversation.id"), conversation);
	assert_int_equal(kit_say(t, 2, conversation), 201);
}

static void test_block_refuses_and_keeps_the_tie(void **state)
{
	struct gx_test *t = *state;
	uint64_t conversation = kit_befriend(t, 1, 2);

	kit_ok(t, 204, 1, "blocks.put", "{'account_id':'2'}");
	assert_int_equal(kit_say(t, 2, conversation), 403);
	assert_string_equal(t->err.code, "contacts.refused");
	assert_int_equal(kit_say(t, 1, conversation), 201);
	struct gx_str out = kit_ok(t, 200, 1, "blocks.list", "{}");
	assert_int_equal(kit_count(t, out, "accounts"), 1);
	assert_str(kit_get(t, out, "accounts.0.id"), "2");
	assert_str(kit_get(t, out, "next"), "null");
	assert_int_equal(kit_count(t, kit_ok(t, 200, 1, "contacts.list", "{}"), "contacts"), 1);
	/* Blocked and deleted: still "refused"; then unblocked: no friend. */
	kit_ok(t, 204, 1, "contacts.delete", "{'account_id':'2'}");
	assert_int_equal(kit_say(t, 2, conversation), 403);
	assert_string_equal(t->err.code, "contacts.refused");
	kit_ok(t, 204, 1, "blocks.delete", "{'account_id':'2'}");
	kit_ok(t, 204, 1, "blocks.delete", "{'account_id':'2'}");
	assert_int_equal(kit_say(t, 2, conversation), 403);
	assert_string_equal(t->err.code, "contacts.not_friend");
	kit_refused(t, "contacts.self", 1, "blocks.put", "{'account_id':'1'}");
	kit_refused(t, "accounts.no_account", 1, "blocks.put", "{'account_id':'99'}");
}

static void test_a_blocked_stranger_learns_nothing(void **state)
{
	struct gx_test *t = *state;

	kit_ok(t, 204, 2, "blocks.put", "{'account_id':'1'}");
	gx_test_commit(t);
	uint64_t id = kit_ask(t, 1, 2);
	assert_str(state_for(t, 1), "pending");
	assert_int_equal(gx_test_published(t, 1, "contact_request"), 1);
	assert_int_equal(gx_test_published(t, 2, "contact_request"), 0);
	assert_int_equal(kit_count(t, kit_ok(t, 200, 2, "contact_requests.list", "{}"), "requests"),
			 0);
	kit_refused(t, "contacts.no_request", 2, "contact_requests.accept", "{'request_id':'%llu'}",
		    U(id));
	kit_refused(t, "accounts.no_account", 2, "accounts.get", "{'account_id':'1'}");
	kit_ok(t, 200, 1, "accounts.get", "{'account_id':'2'}");
	/* Unblocked, it comes out when asked again. */
	kit_ok(t, 204, 2, "blocks.delete", "{'account_id':'1'}");
	assert_int_equal(kit_ask(t, 1, 2), id);
	assert_int_equal(gx_test_published(t, 2, "contact_request"), 1);
	assert_str(state_for(t, 2), "pending");
	/* A block after the request closes it for the one who blocks. */
	kit_ok(t, 204, 2, "blocks.put", "{'account_id':'1'}");
	assert_str(state_for(t, 2), "declined");
	assert_str(state_for(t, 1), "pending");
}

/* ---- profiles and lists */

static void test_profiles_are_shown_to_who_may_see(void **state)
{
	struct gx_test *t = *state;
	const uint64_t in_group[] = { 1, 5 };
	struct gx_str hidden, missing;

	kit_befriend(t, 1, 2);
	kit_ask(t, 1, 3);
	make_group(t, in_group, 2);
	struct gx_str out = kit_ok(t, 200, 1, "accounts.get", "{'account_id':'1'}");
	assert_str(kit_get(t, out, "contact"), "");
	out = kit_ok(t, 200, 1, "accounts.get", "{'account_id':'2'}");
	assert_str(kit_get(t, out, "contact.account.username"), "person_2");
	out = kit_ok(t, 200, 1, "accounts.get", "{'account_id':'3'}");
	assert_str(kit_get(t, out, "contact"), "");
	kit_ok(t, 200, 3, "accounts.get", "{'account_id':'1'}");
	kit_ok(t, 200, 1, "accounts.get", "{'account_id':'5'}");
	assert_int_equal(kit_call(t, &hidden, 1, "accounts.get", "{'account_id':'4'}"), 404);
	assert_int_equal(kit_call(t, &missing, 1, "accounts.get", "{'account_id':'99'}"), 404);
	assert_true(gx_str_eq(hidden, missing));
	kit_ok(t, 204, 1, "contacts.delete", "{'account_id':'2'}");
	out = kit_ok(t, 200, 1, "accounts.get", "{'account_id':'2'}");
	assert_str(kit_get(t, out, "contact"), "");
}

static void test_lists_come_in_pages(void **state)
{
	struct gx_test *t = *state;

	for (uint64_t id = 2; id <= 6; id++)
		kit_befriend(t, 1, id);
	struct gx_str out = kit_ok(t, 200, 1, "contacts.list", "{'limit':3}");
	assert_int_equal(kit_count(t, out, "contacts"), 3);
	struct gx_str next = kit_get(t, out, "next");
	out = kit_ok(t, 200, 1, "contacts.list", "{'limit':3,'cursor':'%.*s'}", GX_STR_ARG(next));
	assert_int_equal(kit_count(t, out, "contacts"), 2);
	assert_str(kit_get(t, out, "contacts.1.account.id"), "6");
	assert_str(kit_get(t, out, "next"), "null");
	kit_refused(t, "core.invalid_field", 1, "contacts.list", "{'cursor':'abc'}");
	out = kit_ok(t, 200, 1, "contact_requests.list", "{'limit':2}");
	assert_str(kit_get(t, out, "requests.0.to.id"), "6");
	next = kit_get(t, out, "next");
	out = kit_ok(t, 200, 1, "contact_requests.list", "{'limit':4,'cursor':'%.*s'}",
		     GX_STR_ARG(next));
	assert_int_equal(kit_count(t, out, "requests"), 3);
	assert_str(kit_get(t, out, "next"), "null");
}

/* A thousand entries with everything filled to the brim do not fit into one answer. */
static void test_a_page_ends_before_it_is_too_large(void **state)
{
	struct gx_test *t = *state;
	char tag[200];
	size_t found = 0, pages = 0;
	struct gx_str next = GX_STR("0");

	kit_people(t, 1001);
	memset(tag, 'x', sizeof(tag));
	struct gx_str tags[CONTACTS_TAGS_MAX];
	for (size_t i = 0; i < CONTACTS_TAGS_MAX; i++)
		tags[i] = (struct gx_str){ tag, sizeof(tag) };
	struct gx_str all_tags = contacts_format_tags(t->arena, tags, CONTACTS_TAGS_MAX);
	for (uint64_t id = 2; id <= 1001; id++) {
		const struct contacts_sql_tie_insert_in tie = {
			.owner_id = 1,
			.other_id = id,
			.source_kind = GX_STR("username"),
			.source_ref = GX_STR("x"),
			.initiator_id = 1,
		};
		const struct contacts_sql_tie_update_in change = {
			.owner_id = 1,
			.other_id = id,
			.tags = all_tags,
		};
		assert_int_equal(contacts_sql_tie_insert(t->tx, &tie, NULL, &t->err), GX_OK);
		assert_int_equal(contacts_sql_tie_update(t->tx, &change, NULL, &t->err), GX_OK);
	}
	while (!gx_str_eq(next, GX_STR("null"))) {
		struct gx_str out = kit_ok(t, 200, 1, "contacts.list",
					   "{'limit':1000,'cursor':'%.*s'}", GX_STR_ARG(next));
		found += kit_count(t, out, "contacts");
		next = kit_get(t, out, "next");
		pages++;
	}
	assert_int_equal(found, 1000);
	assert_int_equal(pages, 3);
}

static void test_a_new_face_is_told_to_contacts(void **state)
{
	struct gx_test *t = *state;

	kit_befriend(t, 1, 2);
	kit_befriend(t, 3, 1);
	kit_ok(t, 204, 1, "contacts.delete", "{'account_id':'3'}");
	gx_test_commit(t);
	assert_int_equal(contacts_account_changed(t->arena, t->tx, 1, &t->err), GX_OK);
	assert_int_equal(gx_test_published(t, 2, "account"), 1);
	assert_int_equal(gx_test_published(t, 3, "account"), 1); /* still has 1 in the list */
	assert_int_equal(gx_test_published(t, 4, "account"), 0);
}

static void test_remark_is_the_conversations_name(void **state)
{
	struct gx_test *t = *state;
	uint64_t conversation = kit_befriend(t, 1, 2);

	kit_ok(t, 200, 1, "contacts.update", "{'account_id':'2','remark':'  老李 '}");
	struct gx_str out = kit_ok(t, 200, 1, "conversations.get", "{'conversation_id':'%llu'}",
				   U(conversation));
	assert_str(kit_get(t, out, "conversation.name"), "老李");
	out = kit_ok(t, 200, 2, "conversations.get", "{'conversation_id':'%llu'}", U(conversation));
	assert_str(kit_get(t, out, "conversation.name"), "人1");
	kit_refused(t, "core.invalid_field", 1, "contacts.update",
		    "{'account_id':'2','remark':'a\\u202eb'}");
	kit_refused(t, "contacts.no_contact", 1, "contacts.update", "{'account_id':'3'}");
	kit_ok(t, 204, 1, "contacts.delete", "{'account_id':'2'}");
	out = kit_ok(t, 200, 1, "conversations.get", "{'conversation_id':'%llu'}", U(conversation));
	assert_str(kit_get(t, out, "conversation.name"), "人2");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_sources_must_be_true),
		TEST(test_source_never_changes),
		TEST(test_accept_ties_both),
		TEST(test_asking_again_is_one_request),
		TEST(test_decline_is_silent),
		TEST(test_requests_expire),
		TEST(test_crossing_requests_tie_at_once),
		TEST(test_daily_limit),
		TEST(test_lists_have_a_size),
		TEST(test_delete_is_one_sided_and_silent),
		TEST(test_block_refuses_and_keeps_the_tie),
		TEST(test_a_blocked_stranger_learns_nothing),
		TEST(test_profiles_are_shown_to_who_may_see),
		TEST(test_lists_come_in_pages),
		TEST(test_a_page_ends_before_it_is_too_large),
		TEST(test_a_new_face_is_told_to_contacts),
		TEST(test_remark_is_the_conversations_name),
	};

	return cmocka_run_group_tests_name("contacts", tests, NULL, NULL);
}
