/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: the chat room's rules hold: one row a message, repeats, gates, what members see, recall,
 * cursors, and a client that catches up by pages misses nothing and gets nothing twice. Method: a
 * house of the rooms chat needs; operations are called as a client would, other rooms' functions
 * directly. The last test compares pages of events with a model over random histories from fixed
 * seeds.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "chat_store.h"
#include "media.h"
#include "testhouse.h"

static const struct gx_room *const rooms[] = { &media_room, &accounts_room, &chat_room, NULL };

static uint64_t sign_up(struct gx_test *t, int n)
{
	struct gx_str in = gx_arena_printf(t->arena,
					   "{\"username\":\"person%d\",\"password\":\"correct "
					   "horse %d\",\"nickname\":\"P%d\"}",
					   n, n, n);
	struct gx_str out;
	const struct gx_json *answer;
	uint64_t id = 0;
	int status = gx_test_call(t, 0, "accounts.create", in.ptr, &out);

	if (status != 201)
		fail_msg("sign-up: %d %.*s", status, GX_STR_ARG(out));
	assert_int_equal(gx_json_parse(t->arena, out, &answer, &t->err), GX_OK);
	const struct gx_json *account = gx_json_get(answer, GX_STR("account"));
	assert_true(gx_str_to_u64(gx_json_str(t->arena, gx_json_get(account, GX_STR("id"))), &id));
	return id;
}

static int say(struct gx_test *t, uint64_t who, uint64_t where, const char *client_id,
	       const char *text, struct gx_str *out)
{
	struct gx_str in = gx_arena_printf(t->arena,
					   "{\"conversation_id\":\"%llu\",\"client_id\":\"%s\","
					   "\"kind\":\"text\",\"body\":{\"text\":\"%s\"}}",
					   (unsigned long long)where, client_id, text);

	return gx_test_call(t, who, "messages.send", in.ptr, out);
}

static int act(struct gx_test *t, uint64_t who, const char *op, uint64_t where, const char *more,
	       struct gx_str *out)
{
	struct gx_str in = gx_arena_printf(t->arena, "{\"conversation_id\":\"%llu\"%s}",
					   (unsigned long long)where, more);

	return gx_test_call(t, who, op, in.ptr, out);
}

/* A number in the JSON text behind "key":, or -1. */
static long long number(struct gx_str json, const char *key)
{
	char pattern[64];

	snprintf(pattern, sizeof(pattern), "\"%s\":", key);
	const char *at = strstr(json.ptr, pattern);
	return at == NULL ? -1 : strtoll(at + strlen(pattern), NULL, 10);
}

struct house {
	struct gx_test t;
	uint64_t ann, ben, direct;
};

static void open_house(struct house *h)
{
	gx_test_open(&h->t, rooms);
	h->ann = sign_up(&h->t, 100);
	h->ben = sign_up(&h->t, 101);
	assert_int_equal(chat_open_direct(h->t.arena, h->t.tx, h->ann, h->ben, &h->direct,
					  &h->t.err),
			 GX_OK);
	gx_test_commit(&h->t);
}

static void test_repeat_gives_first_result(void **state)
{
	struct house h;
	struct gx_str first, again, other;

	open_house(&h);
	assert_int_equal(say(&h.t, h.ann, h.direct, "a1", "hello", &first), 201);
	assert_int_equal(gx_test_published(&h.t, h.ben, "message"), 1);
	assert_int_equal(say(&h.t, h.ann, h.direct, "a1", "hello", &again), 201);
	assert_true(gx_str_eq(first, again));
	assert_int_equal(gx_test_published(&h.t, h.ben, "message"), 1);
	assert_int_equal(say(&h.t, h.ann, h.direct, "a1", "other", &other), 409);
	assert_string_equal(other.ptr, "chat.client_id_reused");
	assert_int_equal(say(&h.t, h.ben, h.direct, "a1", "hello", &other), 201);
	assert_int_equal(number(other, "seq"), 2);
	/* Even behind a gate that closed meanwhile. */
	assert_int_equal(chat_set_gate(h.t.arena, h.t.tx, h.direct, h.ann, CHAT_GATE_REFUSED,
				       &h.t.err),
			 GX_OK);
	assert_int_equal(say(&h.t, h.ann, h.direct, "a1", "hello", &again), 201);
	assert_true(gx_str_eq(first, again));
	gx_test_close(&h.t);
}

static void test_gates_answer_as_agreed(void **state)
{
	struct house h;
	struct gx_str out;

	open_house(&h);
	assert_int_equal(chat_set_gate(h.t.arena, h.t.tx, h.direct, h.ann, CHAT_GATE_NOT_FRIEND,
				       &h.t.err),
			 GX_OK);
	assert_int_equal(say(&h.t, h.ann, h.direct, "a1", "hi", &out), 403);
	assert_string_equal(out.ptr, "contacts.not_friend");
	assert_int_equal(chat_set_gate(h.t.arena, h.t.tx, h.direct, h.ann, CHAT_GATE_REFUSED,
				       &h.t.err),
			 GX_OK);
	assert_int_equal(say(&h.t, h.ann, h.direct, "a1", "hi", &out), 403);
	assert_string_equal(out.ptr, "contacts.refused");
	assert_int_equal(say(&h.t, h.ben, h.direct, "b1", "hi", &out), 201);
	gx_test_close(&h.t);
}

static void test_members_see_their_time(void **state)
{
	struct house h;
	struct gx_str out;
	uint64_t group, cat;

	open_house(&h);
	cat = sign_up(&h.t, 102);
	uint64_t first[] = { h.ann, h.ben };
	assert_int_equal(chat_create_group(h.t.arena, h.t.tx, GX_STR("g"), first, 2, &group,
					   &h.t.err),
			 GX_OK);
	assert_int_equal(act(&h.t, cat, "messages.list", group, "", &out), 404);
	assert_int_equal(say(&h.t, cat, group, "c0", "x", &out), 404);
	assert_int_equal(say(&h.t, h.ann, group, "a1", "before", NULL), 201);
	assert_int_equal(chat_add_members(h.t.arena, h.t.tx, group, &cat, 1, &h.t.err), GX_OK);
	assert_int_equal(gx_test_published(&h.t, cat, "members"), 1);
	assert_int_equal(say(&h.t, h.ann, group, "a2", "while", NULL), 201);
	assert_int_equal(act(&h.t, cat, "messages.list", group, "", &out), 200);
	assert_null(strstr(out.ptr, "before"));
	assert_non_null(strstr(out.ptr, "while"));
	assert_int_equal(chat_remove_members(h.t.arena, h.t.tx, group, &cat, 1, &h.t.err), GX_OK);
	assert_int_equal(say(&h.t, h.ann, group, "a3", "after", NULL), 201);
	assert_int_equal(act(&h.t, cat, "messages.list", group, "", &out), 200);
	assert_non_null(strstr(out.ptr, "while"));
	assert_null(strstr(out.ptr, "after"));
	assert_int_equal(say(&h.t, cat, group, "c1", "x", &out), 403);
	assert_string_equal(out.ptr, "chat.not_member");
	assert_int_equal(chat_add_members(h.t.arena, h.t.tx, group, &cat, 1, &h.t.err), GX_OK);
	assert_int_equal(act(&h.t, cat, "messages.list", group, "", &out), 200);
	assert_null(strstr(out.ptr, "while"));
	gx_test_close(&h.t);
}

/* What is new to one who was removed can be marked as read, as far as he may read. */
static void test_former_member_marks_as_read(void **state)
{
	struct house h;
	struct gx_str out;
	uint64_t group;

	open_house(&h);
	uint64_t both[] = { h.ann, h.ben };
	assert_int_equal(chat_create_group(h.t.arena, h.t.tx, GX_STR("g"), both, 2, &group,
					   &h.t.err),
			 GX_OK);
	assert_int_equal(say(&h.t, h.ann, group, "a1", "while", NULL), 201);
	assert_int_equal(chat_remove_members(h.t.arena, h.t.tx, group, &h.ben, 1, &h.t.err), GX_OK);
	assert_int_equal(say(&h.t, h.ann, group, "a2", "after", NULL), 201);
	assert_int_equal(act(&h.t, h.ben, "conversations.get", group, "", &out), 200);
	assert_int_equal(number(out, "unread"), 1);
	assert_int_equal(act(&h.t, h.ben, "conversations.read", group, ",\"seq\":2", NULL), 204);
	assert_int_equal(gx_test_published(&h.t, h.ben, "read"), 1);
	assert_int_equal(act(&h.t, h.ben, "conversations.get", group, "", &out), 200);
	assert_int_equal(number(out, "unread"), 0);
	assert_int_equal(number(out, "read_seq"), 1);
	assert_int_equal(act(&h.t, h.ben, "conversations.read", group, ",\"seq\":2", NULL), 204);
	assert_int_equal(gx_test_published(&h.t, h.ben, "read"), 1);
	gx_test_close(&h.t);
}

static void test_recall_within_window(void **state)
{
	struct house h;
	struct gx_str out;

	open_house(&h);
	assert_int_equal(say(&h.t, h.ann, h.direct, "a1", "secret", NULL), 201);
	assert_int_equal(say(&h.t, h.ann, h.direct, "a2", "late", NULL), 201);
	gx_test_commit(&h.t);
	assert_int_equal(act(&h.t, h.ben, "messages.recall", h.direct, ",\"seq\":1", &out), 403);
	assert_int_equal(act(&h.t, h.ann, "messages.recall", h.direct, ",\"seq\":1", &out), 200);
	assert_non_null(strstr(out.ptr, "\"body\":{}"));
	assert_int_equal(gx_test_published(&h.t, h.ben, "message_recalled"), 1);
	assert_int_equal(act(&h.t, h.ann, "messages.recall", h.direct, ",\"seq\":1", &out), 200);
	assert_int_equal(gx_test_published(&h.t, h.ben, "message_recalled"), 1);
	assert_int_equal(act(&h.t, h.ben, "messages.list", h.direct, "", &out), 200);
	assert_null(strstr(out.ptr, "secret"));
	gx_clock_advance_ms(121 * GX_SECOND_MS);
	gx_test_commit(&h.t);
	assert_int_equal(act(&h.t, h.ann, "messages.recall", h.direct, ",\"seq\":2", &out), 422);
	assert_string_equal(out.ptr, "chat.recall_too_late");
	assert_int_equal(act(&h.t, h.ann, "messages.recall", h.direct, ",\"seq\":9", &out), 404);
	gx_test_close(&h.t);
}

static void test_unread_and_read_cursors(void **state)
{
	struct house h;
	struct gx_str out;

	open_house(&h);
	for (int i = 0; i < 3; i++)
		assert_int_equal(say(&h.t, h.ann, h.direct,
				     gx_arena_printf(h.t.arena, "a%d", i).ptr, "x", NULL),
				 201);
	assert_int_equal(act(&h.t, h.ben, "conversations.get", h.direct, "", &out), 200);
	assert_int_equal(number(out, "unread"), 3);
	assert_int_equal(act(&h.t, h.ann, "conversations.get", h.direct, "", &out), 200);
	assert_int_equal(number(out, "unread"), 0);
	assert_int_equal(act(&h.t, h.ben, "conversations.read", h.direct, ",\"seq\":2", NULL), 204);
	assert_int_equal(gx_test_published(&h.t, h.ben, "read"), 1);
	assert_int_equal(act(&h.t, h.ben, "conversations.read", h.direct, ",\"seq\":1", NULL), 204);
	assert_int_equal(gx_test_published(&h.t, h.ben, "read"), 1);
	assert_int_equal(act(&h.t, h.ben, "conversations.get", h.direct, "", &out), 200);
	assert_int_equal(number(out, "unread"), 1);
	assert_int_equal(number(out, "read_seq"), 2);
	assert_int_equal(act(&h.t, h.ben, "messages.clear", h.direct, "", NULL), 204);
	assert_int_equal(act(&h.t, h.ben, "conversations.get", h.direct, "", &out), 200);
	assert_int_equal(number(out, "unread"), 0);
	assert_non_null(strstr(out.ptr, "\"last_message\":null"));
	gx_test_close(&h.t);
}

/* What one read by sending is kept in memory first; a start derives it from the messages. */
static void test_read_by_sending_survives_a_crash(void **state)
{
	struct house h;
	struct chat_range range;

	open_house(&h);
	assert_int_equal(say(&h.t, h.ann, h.direct, "a1", "x", NULL), 201);
	gx_test_commit(&h.t);
	assert_int_equal(chat_range_get(h.t.arena, h.t.tx, h.direct, h.ann, &range, &h.t.err),
			 GX_OK);
	assert_int_equal(range.read_seq, 1);
	struct gx_arena a;
	gx_arena_init(&a);
	chat_stop(gx_room_state(h.t.core, &chat_room));
	assert_int_equal(chat_start(&a, h.t.tx, &h.t.err), GX_OK);
	gx_arena_deinit(&a);
	bool again = false;
	struct gx_str out;
	assert_int_equal(chat_flush_read(h.t.arena, h.t.tx, &again, &h.t.err), GX_OK);
	assert_int_equal(act(&h.t, h.ann, "conversations.get", h.direct, "", &out), 200);
	assert_int_equal(number(out, "read_seq"), 1);
	gx_test_close(&h.t);
}

/* A line of the system is unread to whom it is about, before a crash and after it. */
static void test_notice_stays_unread_after_a_crash(void **state)
{
	struct house h;
	struct gx_arena a;
	struct gx_str out;

	open_house(&h);
	assert_int_equal(chat_post_notice(h.t.arena, h.t.tx, h.direct, h.ann, "test.line",
					  GX_STR("{}"), &h.t.err),
			 GX_OK);
	gx_test_commit(&h.t);
	gx_arena_init(&a);
	chat_stop(gx_room_state(h.t.core, &chat_room));
	assert_int_equal(chat_start(&a, h.t.tx, &h.t.err), GX_OK);
	gx_arena_deinit(&a);
	assert_int_equal(act(&h.t, h.ann, "conversations.get", h.direct, "", &out), 200);
	assert_int_equal(number(out, "unread"), 1);
	assert_int_equal(number(out, "read_seq"), 0);
	gx_test_close(&h.t);
}

static void test_bodies(void **state)
{
	static const struct {
		const char *kind, *body;
		int want;
	} cases[] = {
		{ "text", "{\"text\":\"你好\"}", 201 },
		{ "text", "{\"text\":\"\"}", 400 },
		{ "text", "{}", 400 },
		{ "text", "{\"text\":\"a\",\"more\":1}", 400 },
		{ "text", "{\"text\":1}", 400 },
		{ "location",
		  "{\"latitude\":31.2,\"longitude\":121.5,\"title\":\"t\",\"address\":\"a\"}",
		  201 },
		{ "location",
		  "{\"latitude\":91,\"longitude\":121.5,\"title\":\"t\",\"address\":\"a\"}", 400 },
		{ "link",
		  "{\"url\":\"https://example.org/"
		  "\",\"title\":\"\",\"summary\":\"\",\"image\":null}",
		  201 },
		{ "link",
		  "{\"url\":\"javascript:1\",\"title\":\"\",\"summary\":\"\",\"image\":null}",
		  400 },
		{ "image", "{\"media_id\":\"99\",\"width\":1,\"height\":1}", 422 },
		{ "card", "{\"account_id\":\"9999\",\"nickname\":\"x\",\"avatar\":null}", 400 },
		{ "history",
		  "{\"title\":\"t\",\"items\":[{\"nickname\":\"n\",\"kind\":\"text\",\"body\":{"
		  "\"text\":\"a\"},\"sent_at\":1},{\"nickname\":\"n\",\"kind\":\"text\",\"body\":{"
		  "\"text\":\"b\"},\"sent_at\":2}]}",
		  201 },
		{ "history", "{\"title\":\"t\",\"items\":[]}", 400 },
		{ "history",
		  "{\"title\":\"t\",\"items\":[{\"nickname\":\"n\",\"kind\":\"history\",\"body\":{}"
		  ","
		  "\"sent_at\":1}]}",
		  400 },
		{ "notice", "{\"code\":\"a.b\",\"params\":{}}", 400 },
		{ "dance", "{}", 400 },
	};
	struct house h;

	open_house(&h);
	for (size_t i = 0; i < GX_COUNT(cases); i++) {
		struct gx_str out;
		int status = act(&h.t, h.ann, "messages.send", h.direct,
				 gx_arena_printf(h.t.arena,
						 ",\"client_id\":\"b%zu\",\"kind\":\"%s\","
						 "\"body\":%s",
						 i, cases[i].kind, cases[i].body)
					 .ptr,
				 &out);
		const struct gx_json *parsed;

		if (status != cases[i].want)
			fail_msg("%s %s: %d, want %d (%.*s)", cases[i].kind, cases[i].body, status,
				 cases[i].want, GX_STR_ARG(out));
		if (status == 201)
			assert_int_equal(gx_json_parse(h.t.arena, out, &parsed, &h.t.err), GX_OK);
	}
	gx_test_close(&h.t);
}

/* --- the largest messages --- */

#define LARGE_GROUPS 14
#define LARGE_EACH 25

/* About 95 KB, the most that a message may have. */
static struct gx_str large_body(struct gx_arena *a)
{
	struct gx_buf text;

	gx_buf_init(&text, 1u << 20);
	gx_buf_append_str(&text, GX_STR("{\"title\":\"t\",\"items\":["));
	for (int i = 0; i < 12; i++) {
		gx_buf_append_str(&text,
				  i == 0 ? GX_STR("{\"nickname\":\"n\",\"kind\":\"text\",")
					 : GX_STR(",{\"nickname\":\"n\",\"kind\":\"text\","));
		gx_buf_append_str(&text, GX_STR("\"body\":{\"text\":\""));
		for (int k = 0; k < 7900; k++)
			gx_buf_append_char(&text, 'x');
		gx_buf_append_str(&text, GX_STR("\"},\"sent_at\":1}"));
	}
	gx_buf_append_str(&text, GX_STR("]}"));
	struct gx_str body = gx_arena_strdup(a, gx_buf_str(&text));
	gx_buf_deinit(&text);
	return body;
}

static void send_large(struct house *h, uint64_t *groups)
{
	struct gx_arena *a = h->t.arena;
	uint64_t both[] = { h->ann, h->ben };

	for (int g = 0; g < LARGE_GROUPS; g++)
		assert_int_equal(chat_create_group(a, h->t.tx, GX_STR("g"), both, 2, &groups[g],
						   &h->t.err),
				 GX_OK);
	for (int i = 0; i < LARGE_GROUPS * LARGE_EACH; i++) {
		struct gx_str body = large_body(a);

		assert_int_equal(act(&h->t, h->ann, "messages.send", groups[i % LARGE_GROUPS],
				     gx_arena_printf(a,
						     ",\"client_id\":\"l%d\",\"kind\":\"history\","
						     "\"body\":%.*s",
						     i, GX_STR_ARG(body))
					     .ptr,
				     NULL),
				 201);
		gx_test_commit(&h->t);
		gx_arena_reset(a);
	}
}

/* Events, history and the list of conversations come in pages that fit, and miss nothing. */
static void test_large_messages_fit_their_pages(void **state)
{
	struct house h;
	uint64_t groups[LARGE_GROUPS], after;
	size_t seen = 0, listed = 0, count;
	struct gx_str out;
	bool more = true;

	open_house(&h);
	after = gx_position_last(h.t.tx);
	send_large(&h, groups);
	while (more) {
		struct gx_event *events;
		size_t bytes = 0;

		gx_arena_reset(h.t.arena);
		assert_int_equal(gx_events_list(h.t.arena, h.t.tx, h.ben, after, 500, &events,
						&count, &more, &h.t.err),
				 GX_OK);
		for (size_t i = 0; i < count; i++) {
			assert_true(events[i].position > after);
			after = events[i].position;
			bytes += events[i].json.len;
			seen += gx_str_starts(events[i].json, GX_STR("{\"type\":\"message\""));
		}
		assert_true(bytes < 2 * GX_EVENTS_BYTES_MAX);
	}
	assert_int_equal(seen, LARGE_GROUPS * LARGE_EACH);
	for (long long before = LARGE_EACH + 1; before > 0; before = number(out, "next")) {
		char page[64];

		snprintf(page, sizeof(page), ",\"before\":%lld,\"limit\":100", before);
		gx_arena_reset(h.t.arena);
		assert_int_equal(act(&h.t, h.ben, "messages.list", groups[0], page, &out), 200);
		for (const char *at = out.ptr; (at = strstr(at, "\"history\"")) != NULL; at++)
			listed++;
	}
	assert_int_equal(listed, LARGE_EACH);
	assert_int_equal(gx_test_call(&h.t, h.ben, "conversations.list", "{\"limit\":100}", &out),
			 200);
	assert_null(strstr(out.ptr, "\"next\":null"));
	assert_int_equal(chat_conversation_event(h.t.arena, h.t.tx, h.ben, groups[0], 1, &out,
						 &h.t.err),
			 GX_OK);
	gx_test_close(&h.t);
}

/* --- pages of events against a model --- */

#define PEOPLE 5
#define GROUPS 6
#define STEPS 400

struct model {
	struct {
		uint64_t position;
		bool sees[PEOPLE];
	} said[STEPS];
	size_t said_count;
	bool is_member[GROUPS][PEOPLE];
};

static unsigned seed;

static unsigned roll(unsigned below)
{
	seed = seed * 1103515245u + 12345u;
	return (seed >> 16) % below;
}

static void step(struct gx_test *t, struct model *m, const uint64_t *people, const uint64_t *groups,
		 int i)
{
	unsigned g = roll(GROUPS), p = roll(PEOPLE);

	if (roll(8) == 0) {
		enum gx_status st = m->is_member[g][p]
					    ? chat_remove_members(t->arena, t->tx, groups[g],
								  &people[p], 1, &t->err)
					    : chat_add_members(t->arena, t->tx, groups[g],
							       &people[p], 1, &t->err);

		assert_int_equal(st, GX_OK);
		m->is_member[g][p] = !m->is_member[g][p];
		return;
	}
	if (!m->is_member[g][p])
		return;
	assert_int_equal(say(t, people[p], groups[g], gx_arena_printf(t->arena, "m%d", i).ptr, "x",
			     NULL),
			 201);
	m->said[m->said_count].position = gx_position_last(t->tx);
	memcpy(m->said[m->said_count++].sees, m->is_member[g], sizeof(m->is_member[g]));
}

static void check_pages(struct gx_test *t, const struct model *m, const uint64_t *people,
			unsigned p, uint64_t after)
{
	size_t next = 0;
	bool more = true;

	while (next < m->said_count && m->said[next].position <= after)
		next++;
	while (more) {
		struct gx_event *events;
		size_t count;

		assert_int_equal(gx_events_list(t->arena, t->tx, people[p], after, 1 + roll(30),
						&events, &count, &more, &t->err),
				 GX_OK);
		for (size_t i = 0; i < count; i++) {
			assert_true(events[i].position > after);
			after = events[i].position;
			if (!gx_str_starts(events[i].json, GX_STR("{\"type\":\"message\"")))
				continue;
			while (next < m->said_count && m->said[next].position < after)
				assert_false(m->said[next++].sees[p]);
			assert_true(next < m->said_count && m->said[next].position == after);
			assert_true(m->said[next++].sees[p]);
		}
	}
	while (next < m->said_count)
		assert_false(m->said[next++].sees[p]);
}

/* A former member who rejoins starts anew: what he saw in his earlier time is no longer his to
 * read. The model forgets it, too. */
static void forget_earlier_times(struct model *m, struct gx_test *t, const uint64_t *people,
				 const uint64_t *groups)
{
	for (unsigned p = 0; p < PEOPLE; p++) {
		for (size_t i = 0; i < m->said_count; i++) {
			bool is_seen = false;

			for (unsigned g = 0; g < GROUPS && !is_seen && m->said[i].sees[p]; g++) {
				struct chat_range range;
				struct chat_message *list;
				size_t count;

				if (chat_range_get(t->arena, t->tx, groups[g], people[p], &range,
						   &t->err) != GX_OK)
					continue;
				assert_int_equal(chat_store_list(t->arena, t->tx, groups[g],
								 people[p], range.low, range.high,
								 true, 1000, &list, &count,
								 &t->err),
						 GX_OK);
				for (size_t k = 0; k < count; k++)
					is_seen |= list[k].position == m->said[i].position;
			}
			m->said[i].sees[p] = is_seen;
		}
	}
}

static void test_pages_miss_nothing(void **state)
{
	for (unsigned run = 1; run <= 4; run++) {
		struct gx_test t;
		struct model *m = gx_heap_alloc(sizeof(*m));
		uint64_t people[PEOPLE], groups[GROUPS];

		seed = run;
		gx_test_open(&t, rooms);
		for (int p = 0; p < PEOPLE; p++)
			people[p] = sign_up(&t, 200 + p);
		for (int g = 0; g < GROUPS; g++) {
			assert_int_equal(chat_create_group(t.arena, t.tx, GX_STR_NULL, people, 2,
							   &groups[g], &t.err),
					 GX_OK);
			m->is_member[g][0] = m->is_member[g][1] = true;
		}
		uint64_t start = gx_position_last(t.tx);
		for (int i = 0; i < STEPS; i++)
			step(&t, m, people, groups, i);
		gx_test_commit(&t);
		forget_earlier_times(m, &t, people, groups);
		for (unsigned p = 0; p < PEOPLE; p++) {
			check_pages(&t, m, people, p, start);
			check_pages(&t, m, people, p,
				    m->said[roll((unsigned)m->said_count)].position);
		}
		gx_test_close(&t);
		gx_heap_free(m);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_repeat_gives_first_result),
		cmocka_unit_test(test_gates_answer_as_agreed),
		cmocka_unit_test(test_members_see_their_time),
		cmocka_unit_test(test_former_member_marks_as_read),
		cmocka_unit_test(test_recall_within_window),
		cmocka_unit_test(test_unread_and_read_cursors),
		cmocka_unit_test(test_read_by_sending_survives_a_crash),
		cmocka_unit_test(test_notice_stays_unread_after_a_crash),
		cmocka_unit_test(test_bodies),
		cmocka_unit_test(test_large_messages_fit_their_pages),
		cmocka_unit_test(test_pages_miss_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
