/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: a notice is one row that reaches every account there is, once, and nobody who came later;
 * only operators make one, and not too many.
 * Method: a house of accounts and this room; calls as an owner and as members; the events are read
 * as a client that was away gets them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "accounts.h"
#include "notices_rules.h"
#include "testhouse.h"

#define OWNER 1u
#define MARY 2u
#define TOM 3u

static const struct gx_room *const rooms[] = { &accounts_room, &notices_room, NULL };

static void sign_up(struct gx_test *t, const char *username)
{
	struct gx_str in = gx_arena_printf(
		t->arena, "{\"username\":\"%s\",\"password\":\"correct horse\",\"nickname\":\"x\"}",
		username);

	assert_int_equal(gx_test_call(t, 0, "accounts.create", in.ptr, NULL), 201);
}

static void open_house(struct gx_test *t)
{
	gx_test_open(t, rooms);
	sign_up(t, "owner_1");
	sign_up(t, "mary_22");
	gx_test_commit(t);
}

static struct gx_str create(struct gx_test *t, const char *client_id, const char *text, int status)
{
	struct gx_str in = gx_arena_printf(t->arena, "{\"client_id\":\"%s\",\"text\":\"%s\"}",
					   client_id, text);
	struct gx_str out;

	assert_int_equal(gx_test_call(t, OWNER, "operator.create_notice", in.ptr, &out), status);
	return out;
}

static void assert_has(struct gx_str json, const char *text, bool has)
{
	if ((memmem(json.ptr, json.len, text, strlen(text)) != NULL) != has)
		fail_msg("%s in %.*s", text, GX_STR_ARG(json));
}

/* Events of this account behind a position; `texts` gets them one after the other. */
static size_t events_behind(struct gx_test *t, uint64_t account_id, uint64_t after, size_t limit,
			    uint64_t *upto, struct gx_str *texts)
{
	struct gx_event *events;
	size_t count;

	*texts = GX_STR("");
	assert_int_equal(notices_list_events(t->arena, t->tx, account_id, after, upto, limit,
					     &events, &count, &t->err),
			 GX_OK);
	for (size_t i = 0; i < count; i++) {
		assert_true(events[i].position > after && events[i].position <= *upto);
		*texts = gx_arena_printf(t->arena, "%.*s%.*s", GX_STR_ARG(*texts),
					 GX_STR_ARG(events[i].json));
	}
	return count;
}

static void test_reaches_all_there_are(void **state)
{
	struct gx_str out, texts;
	struct gx_test t;
	uint64_t upto;

	open_house(&t);
	assert_has(create(&t, "a", "first", 201), "\"id\":\"1\",\"text\":\"first\"", true);
	assert_int_equal(gx_test_published(&t, MARY, "notice"), 1);
	gx_test_commit(&t);
	sign_up(&t, "tom_333");
	create(&t, "b", "second", 201);

	upto = gx_position_last(t.tx);
	assert_int_equal(events_behind(&t, MARY, 0, 10, &upto, &texts), 2);
	assert_has(texts, "\"type\":\"notice\"", true);
	assert_int_equal(events_behind(&t, TOM, 0, 10, &upto, &texts), 1);
	assert_has(texts, "second", true);
	assert_int_equal(gx_test_call(&t, MARY, "notices.list", "{\"limit\":1}", &out), 200);
	assert_has(out, "second", true);
	assert_has(out, "\"next\":\"2\"", true);
	assert_int_equal(gx_test_call(&t, MARY, "notices.list", "{\"cursor\":\"2\"}", &out), 200);
	assert_has(out, "first", true);
	assert_has(out, "\"next\":null", true);
	assert_int_equal(gx_test_call(&t, TOM, "notices.list", "{}", &out), 200);
	assert_has(out, "second", true);
	assert_has(out, "first", false);
	gx_test_close(&t);
}

static void test_events_come_in_pages(void **state)
{
	uint64_t after = 0, upto, last;
	struct gx_str texts;
	struct gx_test t;

	open_house(&t);
	for (int i = 0; i < 3; i++)
		create(&t, gx_arena_printf(t.arena, "c%d", i).ptr, "again", 201);
	last = gx_position_last(t.tx);
	upto = last;
	assert_int_equal(events_behind(&t, MARY, after, 2, &upto, &texts), 2);
	assert_true(upto < last);
	after = upto;
	upto = last;
	assert_int_equal(events_behind(&t, MARY, after, 2, &upto, &texts), 1);
	assert_int_equal(upto, last);
	gx_test_close(&t);
}

static void test_repeat_answers_the_first(void **state)
{
	struct gx_str first;
	struct gx_test t;

	open_house(&t);
	first = create(&t, "same", "hello", 201);
	gx_test_commit(&t);
	assert_true(gx_str_eq(create(&t, "same", "hello", 201), first));
	assert_int_equal(gx_test_published(&t, MARY, "notice"), 0);
	create(&t, "same", "other", 409);
	assert_string_equal(t.err.code, "notices.client_id_reused");
	gx_test_close(&t);
}

static void test_who_may_and_how_often(void **state)
{
	static const char *const bad[] = { "{\"client_id\":\"x\",\"text\":\"\"}",
					   "{\"client_id\":\"x\",\"text\":\" \\n\"}",
					   "{\"text\":\"x\"}" };
	int64_t usual = notices_settings[NOTICES_PER_DAY].num;
	struct gx_test t;

	open_house(&t);
	assert_int_equal(gx_test_call(&t, MARY, "operator.create_notice",
				      "{\"client_id\":\"x\",\"text\":\"x\"}", NULL),
			 403);
	for (size_t i = 0; i < GX_COUNT(bad); i++)
		assert_int_equal(gx_test_call(&t, OWNER, "operator.create_notice", bad[i], NULL),
				 400);
	notices_settings[NOTICES_PER_DAY].num = 2;
	create(&t, "1", "x", 201);
	create(&t, "2", "x", 201);
	create(&t, "3", "x", 429);
	assert_string_equal(t.err.code, "notices.too_many");
	create(&t, "2", "x", 201); /* a repeat is none more */
	notices_settings[NOTICES_PER_DAY].num = usual;
	gx_test_close(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reaches_all_there_are),
		cmocka_unit_test(test_events_come_in_pages),
		cmocka_unit_test(test_repeat_answers_the_first),
		cmocka_unit_test(test_who_may_and_how_often),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
