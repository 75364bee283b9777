/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: a group is made of people who know who brought them in, never grows past its size, and
 * obeys whom it should; everybody who is in, was in or never was in gets the right answer.
 * Method: the real rooms in a test house; tables of cases; batches against the limit.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "accounts.h"
#include "chat.h"
#include "contacts_rules.h"
#include "contacts_sql.h"
#include "contacts_testkit.h"
#include "groups_rules.h"
#include "media.h"

#define U(id) (unsigned long long)(id)
#define assert_str(got, want) assert_true(gx_str_eq((got), gx_str_from_cstr(want)))

static const struct gx_room *const rooms[] = { &media_room,    &accounts_room, &chat_room,
					       &contacts_room, &groups_room,   NULL };

static int setup(void **state)
{
	struct gx_test *t = gx_heap_alloc(sizeof(*t));

	gx_test_open(t, rooms);
	kit_people(t, 9);
	groups_settings[GROUPS_SETTING_MEMBERS].num = 500;
	groups_settings[GROUPS_SETTING_PER_DAY].num = 50;
	contacts_settings[CONTACTS_SETTING_REQUESTS_PER_DAY].num = 0;
	*state = t;
	return 0;
}

static int teardown(void **state)
{
	gx_test_close(*state);
	gx_heap_free(*state);
	return 0;
}

/* 1 knows everybody from 2 to `last`. */
static void know(struct gx_test *t, uint64_t last)
{
	for (uint64_t id = 2; id <= last; id++)
		kit_befriend(t, 1, id);
}

/* A group of 1 with 2..last. */
static uint64_t make(struct gx_test *t, uint64_t last)
{
	struct gx_str ids = GX_STR("'2'");

	know(t, last);
	for (uint64_t id = 3; id <= last; id++)
		ids = gx_arena_printf(t->arena, "%.*s,'%llu'", GX_STR_ARG(ids), U(id));
	struct gx_str out = kit_ok(t, 201, 1, "groups.create", "{'name':'G','members':[%.*s]}",
				   GX_STR_ARG(ids));
	return kit_get_id(t, out, "conversation.id");
}

static struct gx_str roles(struct gx_test *t, uint64_t viewer, uint64_t group)
{
	struct gx_str out =
		kit_ok(t, 200, viewer, "group_members.list", "{'group_id':'%llu'}", U(group));
	struct gx_str text = GX_STR("");
	char path[64];

	for (size_t i = 0; i < kit_count(t, out, "members"); i++) {
		snprintf(path, sizeof(path), "members.%zu", i);
		struct gx_str member = kit_get(t, out, path);
		text = gx_arena_printf(t->arena, "%.*s%s%.*s %.*s", GX_STR_ARG(text),
				       i > 0 ? ", " : "",
				       GX_STR_ARG(kit_get(t, member, "account.id")),
				       GX_STR_ARG(kit_get(t, member, "role")));
	}
	return text;
}

/* ---- making */

static void test_only_mutual_contacts_come_in(void **state)
{
	struct gx_test *t = *state;
	struct gx_str params;

	know(t, 5);
	kit_ok(t, 204, 3, "contacts.delete", "{'account_id':'1'}"); /* 3 has deleted 1 */
	kit_ok(t, 204, 4, "blocks.put", "{'account_id':'1'}");	    /* 4 blocks 1 */
	kit_ok(t, 204, 1, "contacts.delete", "{'account_id':'5'}"); /* 1 has deleted 5 */
	kit_ok(t, 204, 6, "blocks.put", "{'account_id':'1'}"); /* a stranger's block stays unseen */
	struct gx_str out = kit_ok(t, 201, 1, "groups.create",
				   "{'name':'G','members':['2','3','4','5','6','99','1']}");
	assert_str(kit_get(t, out, "invited"), "[]");
	assert_str(kit_get(t, out, "refused"),
		   "[{\"account_id\":\"3\",\"code\":\"contacts.not_friend\"},"
		   "{\"account_id\":\"4\",\"code\":\"contacts.refused\"},"
		   "{\"account_id\":\"5\",\"code\":\"contacts.not_friend\"},"
		   "{\"account_id\":\"6\",\"code\":\"contacts.not_friend\"},"
		   "{\"account_id\":\"99\",\"code\":\"contacts.not_friend\"}]");
	uint64_t group = kit_get_id(t, out, "conversation.id");
	assert_str(roles(t, 1, group), "1 owner, 2 member");
	assert_str(kit_notice(t, 2, group, &params), "group.created");
	assert_str(params, "{\"by\":{\"account_id\":\"1\",\"nickname\":\"人1\"},\"members\":"
			   "[{\"account_id\":\"2\",\"nickname\":\"人2\"}],\"count\":1}");
	kit_refused(t, "groups.nobody", 1, "groups.create", "{'members':['3','7']}");
	kit_refused(t, "groups.nobody", 1, "groups.create", "{'members':['1']}");
	kit_refused(t, "core.invalid_field", 1, "groups.create", "{'members':[]}");
	kit_refused(t, "core.missing_field", 1, "groups.create", "{}");
}

static void test_client_id_makes_one_group(void **state)
{
	struct gx_test *t = *state;

	know(t, 3);
	struct gx_str first = kit_ok(t, 201, 1, "groups.create",
				     "{'client_id':'c','name':'G','members':['2','9']}");
	struct gx_str again = kit_ok(t, 201, 1, "groups.create",
				     "{'client_id':'c','name':'G','members':['2','9']}");
	assert_true(gx_str_eq(first, again));
	assert_int_equal(kit_count(t, again, "refused"), 1);
	kit_refused(t, "groups.client_id_reused", 1, "groups.create",
		    "{'client_id':'c','name':'H','members':['2','9']}");
	kit_refused(t, "groups.client_id_reused", 1, "groups.create",
		    "{'client_id':'c','name':'G','members':['2','3']}");
	struct gx_str other =
		kit_ok(t, 201, 2, "groups.create", "{'client_id':'c','name':'G','members':['1']}");
	assert_int_not_equal(kit_get_id(t, other, "conversation.id"),
			     kit_get_id(t, first, "conversation.id"));
}

static void test_groups_per_day(void **state)
{
	struct gx_test *t = *state;

	know(t, 2);
	groups_settings[GROUPS_SETTING_PER_DAY].num = 2;
	kit_ok(t, 201, 1, "groups.create", "{'members':['2']}");
	kit_ok(t, 201, 1, "groups.create", "{'client_id':'c','members':['2']}");
	kit_refused(t, "groups.too_many_groups", 1, "groups.create", "{'members':['2']}");
	assert_true(t->err.retry_after_s > 86000);
	kit_ok(t, 201, 1, "groups.create", "{'client_id':'c','members':['2']}"); /* a repeat */
	kit_ok(t, 201, 2, "groups.create", "{'members':['1']}");
	gx_clock_advance_ms(GX_DAY_MS);
	gx_test_commit(t);
	kit_ok(t, 201, 1, "groups.create", "{'members':['2']}");
}

/* ---- size */

/* Ties straight into the table: hundreds of requests would only slow the test. */
static void know_many(struct gx_test *t, uint64_t last)
{
	kit_people(t, last);
	for (uint64_t id = 2; id <= last; id++)
		for (int side = 0; side < 2; side++) {
			const struct contacts_sql_tie_insert_in in = {
				.owner_id = side == 0 ? 1 : id,
				.other_id = side == 0 ? id : 1,
				.source_kind = GX_STR("username"),
				.source_ref = GX_STR("person"),
				.initiator_id = 1,
				.since_at_ms = 1,
			};
			assert_int_equal(contacts_sql_tie_insert(t->tx, &in, NULL, &t->err), GX_OK);
		}
}

static struct gx_str ids_text(struct gx_test *t, uint64_t from, uint64_t to)
{
	struct gx_buf buf;

	gx_buf_init(&buf, 65536);
	for (uint64_t id = from; id <= to; id++)
		gx_buf_printf(&buf, "%s'%llu'", id > from ? "," : "", U(id));
	struct gx_str text = gx_arena_strdup(t->arena, gx_buf_str(&buf));
	gx_buf_deinit(&buf);
	return text;
}

static size_t size_of(struct gx_test *t, uint64_t group)
{
	size_t count;
	int64_t last_ordinal;
	struct chat_member *members;
	size_t chat_count;

	assert_int_equal(groups_count_members(t->tx, group, &count, &last_ordinal, &t->err), GX_OK);
	assert_int_equal(chat_list_members(t->arena, t->tx, group, &members, &chat_count, &t->err),
			 GX_OK);
	assert_int_equal(count, chat_count);
	return count;
}

static void test_size_holds_under_many_adds(void **state)
{
	struct gx_test *t = *state;
	struct gx_str out;

	know_many(t, 700);
	out = kit_ok(t, 201, 1, "groups.create", "{'members':[%.*s]}",
		     GX_STR_ARG(ids_text(t, 2, 101)));
	uint64_t group = kit_get_id(t, out, "conversation.id");
	/* Six overlapping batches, all in one transaction as a busy server has them. */
	for (uint64_t from = 60; from <= 460; from += 80) {
		out = kit_ok(t, 200, 1, "group_members.add", "{'group_id':'%llu','members':[%.*s]}",
			     U(group), GX_STR_ARG(ids_text(t, from, from + 120)));
		assert_true(size_of(t, group) <= 500);
	}
	/* 2..500 and the owner are in: exactly full; 501..580 were told so, each for himself. */
	assert_int_equal(size_of(t, group), 500);
	assert_int_equal(kit_count(t, out, "members"), 500);
	assert_int_equal(kit_count(t, out, "refused"), 80);
	assert_str(kit_get(t, out, "refused.0.account_id"), "501");
	assert_str(kit_get(t, out, "refused.0.code"), "groups.full");
	/* The list comes whole or in pages. */
	out = kit_ok(t, 200, 2, "group_members.list", "{'group_id':'%llu','limit':300}", U(group));
	assert_int_equal(kit_count(t, out, "members"), 300);
	out = kit_ok(t, 200, 2, "group_members.list", "{'group_id':'%llu','cursor':'%.*s'}",
		     U(group), GX_STR_ARG(kit_get(t, out, "next")));
	assert_int_equal(kit_count(t, out, "members"), 200);
	assert_str(kit_get(t, out, "members.0.account.id"), "301");
	assert_str(kit_get(t, out, "next"), "null");
	kit_refused(t, "core.invalid_field", 2, "group_members.list",
		    "{'group_id':'%llu','cursor':'-'}", U(group));
	/* One leaves, one comes. */
	kit_ok(t, 204, 77, "group_members.remove", "{'group_id':'%llu','account_id':'77'}",
	       U(group));
	assert_int_equal(size_of(t, group), 499);
	out = kit_ok(t, 200, 1, "group_members.add", "{'group_id':'%llu','members':['600','601']}",
		     U(group));
	assert_int_equal(size_of(t, group), 500);
	assert_str(kit_get(t, out, "refused.0.account_id"), "601");
	/* A new group has the same limit from the start. */
	groups_settings[GROUPS_SETTING_MEMBERS].num = 10;
	out = kit_ok(t, 201, 1, "groups.create", "{'members':[%.*s]}",
		     GX_STR_ARG(ids_text(t, 2, 20)));
	assert_int_equal(size_of(t, kit_get_id(t, out, "conversation.id")), 10);
	assert_int_equal(kit_count(t, out, "refused"), 10);
}

static void test_adding(void **state)
{
	struct gx_test *t = *state;
	uint64_t group = make(t, 3);
	struct gx_str params;

	kit_befriend(t, 2, 7);
	/* Every member adds own contacts; who is in already is in neither list. */
	gx_test_commit(t);
	struct gx_str out = kit_ok(t, 200, 2, "group_members.add",
				   "{'group_id':'%llu','members':['7','3','8']}", U(group));
	assert_str(roles(t, 7, group), "1 owner, 2 member, 3 member, 7 member");
	assert_str(kit_get(t, out, "refused"),
		   "[{\"account_id\":\"8\",\"code\":\"contacts.not_friend\"}]");
	assert_int_equal(kit_count(t, out, "members"), 4);
	assert_int_equal(gx_test_published(t, 3, "members"), 1);
	assert_str(kit_notice(t, 7, group, &params), "group.joined");
	assert_str(params, "{\"by\":{\"account_id\":\"2\",\"nickname\":\"人2\"},\"members\":"
			   "[{\"account_id\":\"7\",\"nickname\":\"人7\"}],\"count\":1}");
	/* Nobody to add: no line. */
	gx_test_commit(t);
	kit_ok(t, 200, 2, "group_members.add", "{'group_id':'%llu','members':['8']}", U(group));
	assert_int_equal(gx_test_published(t, 3, "message"), 0);
}

/* ---- rights */

static void test_who_may_do_what(void **state)
{
	struct gx_test *t = *state;
	uint64_t group =
		make(t, 6); /* 1 owner, 2 and 3 admins, 4 to 6 members, 7 left, 8 outside */

	kit_befriend(t, 1, 7);
	kit_ok(t, 200, 1, "group_members.add", "{'group_id':'%llu','members':['7']}", U(group));
	kit_ok(t, 204, 7, "group_members.remove", "{'group_id':'%llu','account_id':'7'}", U(group));
	kit_ok(t, 200, 1, "groups.update", "{'group_id':'%llu','admins':['2','3']}", U(group));
	static const struct {
		uint64_t who;
		const char *op, *rest;
		const char *code; /* NULL: may */
	} cases[] = {
		{ 4, "groups.update", ",'name':'N'", "groups.not_allowed" },
		{ 2, "groups.update", ",'name':'N'", NULL },
		{ 4, "groups.update", ",'announcement':'A'", "groups.not_allowed" },
		{ 3, "groups.update", ",'announcement':'A'", NULL },
		{ 1, "groups.update", ",'name':'M','announcement':''", NULL },
		{ 4, "groups.update", "", "groups.not_allowed" },
		{ 2, "groups.update", ",'admins':['4']", "groups.not_allowed" },
		{ 2, "groups.update", ",'owner':'2'", "groups.not_allowed" },
		{ 1, "groups.update", ",'owner':'8'", "groups.bad_member" },
		{ 1, "groups.update", ",'owner':'7'", "groups.bad_member" },
		{ 1, "groups.update", ",'admins':['8']", "groups.bad_member" },
		{ 1, "groups.update", ",'admins':['1']", "groups.bad_member" },
		{ 1, "groups.update", ",'owner':'4','admins':['4']", "groups.bad_member" },
		{ 1, "groups.update", ",'admins':['2','3','4','5']", "groups.too_many_admins" },
		{ 1, "groups.update", ",'admins':['2','3','4']", NULL },
		{ 1, "groups.update", ",'admins':['2','3']", NULL },
		{ 4, "group_members.remove", ",'account_id':'5'", "groups.not_allowed" },
		{ 4, "group_members.remove", ",'account_id':'2'", "groups.not_allowed" },
		{ 2, "group_members.remove", ",'account_id':'3'", "groups.not_allowed" },
		{ 2, "group_members.remove", ",'account_id':'1'", "groups.not_allowed" },
		{ 2, "group_members.remove", ",'account_id':'8'", "groups.no_member" },
		{ 2, "group_members.remove", ",'account_id':'5'", NULL },
		{ 1, "group_members.remove", ",'account_id':'3'", NULL },
		{ 4, "groups.dissolve", "", "groups.not_allowed" },
		{ 2, "groups.dissolve", "", "groups.not_allowed" },
		{ 7, "groups.get", "", "chat.not_member" },
		{ 7, "group_members.list", "", "chat.not_member" },
		{ 7, "groups.update", ",'name':'N'", "chat.not_member" },
		{ 7, "group_members.add", ",'members':['1']", "chat.not_member" },
		{ 7, "group_members.remove", ",'account_id':'7'", "chat.not_member" },
		{ 7, "groups.set_nickname", ",'nickname':'n'", "chat.not_member" },
		{ 7, "groups.dissolve", "", "chat.not_member" },
		{ 8, "groups.get", "", "groups.no_group" },
		{ 8, "group_members.list", "", "groups.no_group" },
		{ 8, "groups.update", ",'name':'N'", "groups.no_group" },
		{ 8, "group_members.add", ",'members':['1']", "groups.no_group" },
		{ 8, "group_members.remove", ",'account_id':'8'", "groups.no_group" },
		{ 8, "groups.set_nickname", ",'nickname':'n'", "groups.no_group" },
		{ 8, "groups.dissolve", "", "groups.no_group" },
		{ 4, "groups.set_nickname", ",'nickname':'n'", NULL },
		{ 1, "groups.dissolve", "", NULL },
	};

	for (size_t i = 0; i < GX_COUNT(cases); i++) {
		struct gx_str out;
		int status = kit_call(t, &out, cases[i].who, cases[i].op, "{'group_id':'%llu'%s}",
				      U(group), cases[i].rest);
		bool is_right = cases[i].code == NULL
					? status < 300
					: gx_str_eq(out, gx_str_from_cstr(cases[i].code));
		if (!is_right)
			fail_msg("%s by %llu%s: %d %.*s", cases[i].op, U(cases[i].who),
				 cases[i].rest, status, GX_STR_ARG(out));
	}
	/* A direct conversation is no group, not even for who is in it. */
	kit_refused(t, "groups.no_group", 1, "groups.get", "{'group_id':'%llu'}",
		    U(kit_befriend(t, 8, 9)));
}

static void test_update_tells_everybody(void **state)
{
	struct gx_test *t = *state;
	uint64_t group = make(t, 4);
	struct gx_str params;

	struct gx_str out =
		kit_ok(t, 200, 1, "groups.update", "{'group_id':'%llu','name':' 新名 '}", U(group));
	assert_str(kit_get(t, out, "conversation.name"), "新名");
	assert_str(kit_notice(t, 3, group, &params), "group.renamed");
	assert_str(kit_get(t, params, "name"), "新名");
	kit_ok(t, 200, 1, "groups.update", "{'group_id':'%llu','announcement':'a\\nb'}", U(group));
	assert_str(kit_notice(t, 3, group, &params), "group.announcement");
	assert_str(kit_get(t, params, "text"), "a\nb");
	kit_ok(t, 200, 1, "groups.update", "{'group_id':'%llu','admins':['4','2']}", U(group));
	assert_str(kit_notice(t, 3, group, &params), "group.admins_changed");
	assert_str(kit_get(t, params, "members.1.account_id"), "2");
	out = kit_ok(t, 200, 3, "groups.get", "{'group_id':'%llu'}", U(group));
	assert_str(kit_get(t, out, "group.name"), "新名");
	assert_str(kit_get(t, out, "group.owner_id"), "1");
	assert_str(kit_get(t, out, "group.admins"), "[\"2\",\"4\"]");
	assert_str(kit_get(t, out, "group.announcement"), "a\nb");
	assert_str(kit_get(t, out, "group.members_count"), "4");
	/* Handing over to an admin leaves the other admin; the old owner is a member. */
	kit_ok(t, 200, 1, "groups.update", "{'group_id':'%llu','owner':'2'}", U(group));
	assert_str(kit_notice(t, 3, group, &params), "group.owner_changed");
	assert_str(kit_get(t, params, "members.0.nickname"), "人2");
	assert_str(roles(t, 3, group), "1 member, 2 owner, 3 member, 4 admin");
	/* Nothing new: no line. */
	gx_test_commit(t);
	kit_ok(t, 200, 2, "groups.update",
	       "{'group_id':'%llu','name':'新名','announcement':'a\\nb','owner':'2','admins':['4']"
	       "}",
	       U(group));
	assert_int_equal(gx_test_published(t, 3, "message"), 0);
	uint64_t position = gx_position_last(t->tx);
	kit_ok(t, 204, 3, "groups.set_nickname", "{'group_id':'%llu','nickname':'小三'}", U(group));
	assert_int_equal(kit_chat_events(t, 1, "conversation", position), 1);
	out = kit_ok(t, 200, 3, "groups.get", "{'group_id':'%llu'}", U(group));
	assert_str(kit_get(t, out, "group.my_nickname"), "小三");
	kit_ok(t, 204, 4, "group_members.remove", "{'group_id':'%llu','account_id':'3'}", U(group));
	assert_str(kit_notice(t, 4, group, &params), "group.removed");
	assert_str(kit_get(t, params, "members.0.nickname"), "小三");
}

/* Moderators in chat are the owner and the admins: they recall what others wrote. */
static void test_moderators_follow_the_roles(void **state)
{
	struct gx_test *t = *state;
	uint64_t group = make(t, 4);
	static const struct {
		const char *change;
		uint64_t may, may_not;
	} cases[] = {
		{ "'name':'x'", 1, 2 },
		{ "'admins':['2']", 2, 4 },
		{ "'admins':['4']", 4, 2 },
		{ "'owner':'2'", 2, 1 },
	};

	for (size_t i = 0; i < GX_COUNT(cases); i++) {
		uint64_t owner =
			kit_get_id(t,
				   kit_ok(t, 200, 3, "groups.get", "{'group_id':'%llu'}", U(group)),
				   "group.owner_id");
		kit_ok(t, 200, owner, "groups.update", "{'group_id':'%llu',%s}", U(group),
		       cases[i].change);
		struct gx_str out = kit_ok(t, 201, 3, "messages.send",
					   "{'conversation_id':'%llu','client_id':'m%zu',"
					   "'kind':'text','body':{'text':'x'}}",
					   U(group), i);
		uint64_t seq = kit_get_id(t, out, "message.seq");
		assert_int_not_equal(kit_call(t, NULL, cases[i].may_not, "messages.recall",
					      "{'conversation_id':'%llu','seq':%llu}", U(group),
					      U(seq)),
				     200);
		kit_ok(t, 200, cases[i].may, "messages.recall",
		       "{'conversation_id':'%llu','seq':%llu}", U(group), U(seq));
	}
}

/* ---- going */

static void test_leaving(void **state)
{
	struct gx_test *t = *state;
	uint64_t group = make(t, 4);
	struct gx_str params;

	kit_ok(t, 200, 1, "groups.update", "{'group_id':'%llu','admins':['3']}", U(group));
	assert_int_equal(kit_say(t, 2, group), 201);
	/* The owner leaves: the longest member takes over, admin or not. */
	kit_ok(t, 204, 1, "group_members.remove", "{'group_id':'%llu','account_id':'1'}", U(group));
	assert_str(roles(t, 4, group), "2 owner, 3 admin, 4 member");
	assert_str(kit_notice(t, 4, group, &params), "group.left");
	assert_str(kit_get(t, params, "by.account_id"), "1");
	assert_str(kit_notice(t, 1, group, NULL), "group.left"); /* the last that 1 reads */
	assert_int_equal(kit_say(t, 1, group), 403);
	assert_string_equal(t->err.code, "chat.not_member");
	assert_int_equal(kit_say(t, 4, group), 201);
	assert_str(kit_notice(t, 1, group, NULL), "group.left");
	/* Removed: the line is the last thing read. Coming back starts anew, behind the others. */
	kit_ok(t, 204, 2, "group_members.remove", "{'group_id':'%llu','account_id':'3'}", U(group));
	assert_str(kit_notice(t, 3, group, &params), "group.removed");
	kit_befriend(t, 4, 3);
	kit_ok(t, 200, 4, "group_members.add", "{'group_id':'%llu','members':['3']}", U(group));
	assert_str(roles(t, 4, group), "2 owner, 4 member, 3 member");
	/* All go; the group ends with the last one. */
	kit_ok(t, 204, 3, "group_members.remove", "{'group_id':'%llu','account_id':'3'}", U(group));
	kit_ok(t, 204, 2, "group_members.remove", "{'group_id':'%llu','account_id':'2'}", U(group));
	assert_str(roles(t, 4, group), "4 owner");
	kit_ok(t, 204, 4, "group_members.remove", "{'group_id':'%llu','account_id':'4'}", U(group));
	assert_int_equal(size_of(t, group), 0);
	kit_refused(t, "chat.not_member", 4, "groups.get", "{'group_id':'%llu'}", U(group));
}

static void test_dissolving(void **state)
{
	struct gx_test *t = *state;
	uint64_t group = make(t, 4);

	assert_int_equal(kit_say(t, 2, group), 201);
	gx_test_commit(t);
	kit_ok(t, 204, 1, "groups.dissolve", "{'group_id':'%llu'}", U(group));
	assert_int_equal(size_of(t, group), 0);
	for (uint64_t id = 1; id <= 4; id++) {
		assert_str(kit_notice(t, id, group, NULL), "group.dissolved");
		assert_true(gx_test_published(t, id, "message") >= 1);
		assert_int_equal(kit_say(t, id, group), 403);
		assert_string_equal(t->err.code, "chat.not_member");
	}
	kit_refused(t, "chat.not_member", 1, "groups.dissolve", "{'group_id':'%llu'}", U(group));
	kit_refused(t, "groups.no_group", 8, "groups.get", "{'group_id':'%llu'}", U(group));
}

static void test_group_is_a_source_for_requests(void **state)
{
	struct gx_test *t = *state;
	uint64_t group = make(t, 4);

	struct gx_str out = kit_ok(t, 201, 2, "contact_requests.create",
				   "{'to':'3','source':{'kind':'group','ref':'%llu'}}", U(group));
	out = kit_ok(t, 200, 3, "contact_requests.accept", "{'request_id':'%llu'}",
		     U(kit_get_id(t, out, "request.id")));
	assert_str(kit_get(t, out, "contact.source.kind"), "group");
	kit_ok(t, 204, 4, "group_members.remove", "{'group_id':'%llu','account_id':'4'}", U(group));
	kit_refused(t, "contacts.source_untrue", 4, "contact_requests.create",
		    "{'to':'3','source':{'kind':'group','ref':'%llu'}}", U(group));
	kit_refused(t, "contacts.source_untrue", 2, "contact_requests.create",
		    "{'to':'4','source':{'kind':'group','ref':'%llu'}}", U(group));
}

static void test_long_notices_are_cut(void **state)
{
	struct gx_test *t = *state;
	struct gx_str params;

	know_many(t, 60);
	struct gx_str out = kit_ok(t, 201, 1, "groups.create", "{'members':[%.*s]}",
				   GX_STR_ARG(ids_text(t, 2, 60)));
	uint64_t group = kit_get_id(t, out, "conversation.id");
	assert_str(kit_notice(t, 60, group, &params), "group.created");
	assert_int_equal(kit_count(t, params, "members"), GROUPS_NOTICE_NAMES_MAX);
	assert_str(kit_get(t, params, "count"), "59");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_only_mutual_contacts_come_in),
		TEST(test_client_id_makes_one_group),
		TEST(test_groups_per_day),
		TEST(test_size_holds_under_many_adds),
		TEST(test_adding),
		TEST(test_who_may_do_what),
		TEST(test_update_tells_everybody),
		TEST(test_moderators_follow_the_roles),
		TEST(test_leaving),
		TEST(test_dissolving),
		TEST(test_group_is_a_source_for_requests),
		TEST(test_long_notices_are_cut),
	};

	return cmocka_run_group_tests_name("groups", tests, NULL, NULL);
}
