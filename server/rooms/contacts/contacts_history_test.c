/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: whatever people do to each other, no tie stands without a true source and two consents, and
 * chat lets through what ties and blocks say.
 * Method: a random history from a fixed seed, carried out by operations as clients would, written
 * down beside the room, and compared with it after every step.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "accounts.h"
#include "chat.h"
#include "contacts_rules.h"
#include "contacts_testkit.h"
#include "media.h"

#define U(id) (unsigned long long)(id)
#define assert_str(got, want) assert_true(gx_str_eq((got), gx_str_from_cstr(want)))

static const struct gx_room *const rooms[] = { &media_room, &accounts_room, &chat_room,
					       &contacts_room, NULL };

static int setup(void **state)
{
	struct gx_test *t = gx_heap_alloc(sizeof(*t));

	gx_test_open(t, rooms);
	*state = t;
	return 0;
}

static int teardown(void **state)
{
	gx_test_close(*state);
	gx_heap_free(*state);
	return 0;
}

#define PEOPLE 5
#define STEPS 3000

/* What has really happened, written down beside the room. */
struct history {
	bool has_asked[PEOPLE + 1][PEOPLE + 1];	     /* ever, truly, by username */
	int64_t asked_at_ms[PEOPLE + 1][PEOPLE + 1]; /* still waiting since; 0: not waiting */
	bool agrees_now[PEOPLE + 1][PEOPLE + 1];     /* has accepted in this step */
	bool had_row[PEOPLE + 1][PEOPLE + 1];	     /* in the list before this step */
	uint64_t rng;
};

static uint64_t draw(struct history *h, uint64_t below)
{
	h->rng ^= h->rng << 13;
	h->rng ^= h->rng >> 7;
	h->rng ^= h->rng << 17;
	return h->rng % below;
}

/* Whether x wants y: in the list, waiting for an answer, or just accepting. */
static bool wants(const struct gx_test *t, const struct history *h, uint64_t x, uint64_t y)
{
	bool is_waiting = h->asked_at_ms[x][y] != 0 &&
			  t->tx->now_ms < h->asked_at_ms[x][y] + CONTACTS_REQUEST_LIFE_MS;
	return h->had_row[x][y] || is_waiting || h->agrees_now[x][y];
}

/* Answers a request that stands in the list of x, whoever it is from. */
static void answer(struct gx_test *t, struct history *h, uint64_t x)
{
	struct gx_str out = kit_ok(t, 200, x, "contact_requests.list", "{}");
	size_t count = kit_count(t, out, "requests");
	bool accepts = draw(h, 3) > 0;

	if (count == 0)
		return;
	struct gx_str path = gx_arena_printf(t->arena, "requests.%llu", U(draw(h, count)));
	struct gx_str request = kit_get(t, out, path.ptr);
	uint64_t from = kit_get_id(t, request, "from.id");
	int status = kit_call(t, NULL, x,
			      accepts ? "contact_requests.accept" : "contact_requests.decline",
			      "{'request_id':'%llu'}", U(kit_get_id(t, request, "id")));
	if (status == 200)
		h->agrees_now[x][from] = true;
	assert_true(from != x || status == 404);
}

static void ask(struct gx_test *t, struct history *h, uint64_t x, uint64_t y)
{
	bool must_tie = wants(t, h, y, x);
	struct gx_str out;
	int status = kit_call(t, &out, x, "contact_requests.create",
			      "{'to':'%llu','source':{'kind':'username','ref':'person_%llu'}}",
			      U(y), U(y));

	assert_true(status == 201 || (status == 409 && h->had_row[x][y] && h->had_row[y][x]));
	if (status != 201)
		return;
	h->has_asked[x][y] = true;
	h->asked_at_ms[x][y] = (int64_t)kit_get_id(t, out, "request.created_at");
	assert_str(kit_get(t, out, "request.state"), must_tie ? "accepted" : "pending");
}

/* One random act of `x` towards `y`. */
static void act(struct gx_test *t, struct history *h, uint64_t x, uint64_t y)
{
	static const char *const lies[] = { "group", "card", "phone", "username" };

	switch (draw(h, 8)) {
	case 0:
	case 1:
		answer(t, h, x);
		break;
	case 2:
	case 3:
		ask(t, h, x, y);
		break;
	case 4:
		assert_int_not_equal(kit_call(t, NULL, x, "contact_requests.create",
					      "{'to':'%llu','source':{'kind':'%s','ref':'7'}}",
					      U(y), lies[draw(h, GX_COUNT(lies))]),
				     201);
		break;
	case 5:
		(void)kit_call(t, NULL, x, "contacts.delete", "{'account_id':'%llu'}", U(y));
		break;
	case 6:
		(void)kit_call(t, NULL, x, draw(h, 2) == 0 ? "blocks.put" : "blocks.delete",
			       "{'account_id':'%llu'}", U(y));
		break;
	default:
		gx_clock_advance_ms((int64_t)draw(h, (uint64_t)(3 * GX_DAY_MS)));
		gx_test_commit(t);
		break;
	}
}

/* The row of x about y, as it must be after this step. */
static void check_row(struct gx_test *t, struct history *h, uint64_t x, uint64_t y)
{
	const struct contacts_contact *mine, *theirs;

	assert_int_equal(contacts_get(t->arena, t->tx, x, y, &mine, &t->err), GX_OK);
	assert_int_equal(contacts_get(t->arena, t->tx, y, x, &theirs, &t->err), GX_OK);
	if (mine == NULL)
		return;
	uint64_t asked = mine->initiator_id == x ? y : x;
	assert_str(mine->source.kind, "username");
	assert_true(
		gx_str_eq(mine->source.ref, gx_arena_printf(t->arena, "person_%llu", U(asked))));
	assert_true(h->has_asked[mine->initiator_id][asked]);
	if (theirs != NULL) {
		assert_true(gx_str_eq(mine->source.ref, theirs->source.ref));
		assert_int_equal(mine->initiator_id, theirs->initiator_id);
		assert_int_equal(mine->since_at_ms, theirs->since_at_ms);
	}
	if (!h->had_row[x][y]) { /* new: both want it */
		assert_true(wants(t, h, x, y));
		assert_true(wants(t, h, y, x));
		assert_non_null(theirs);
	}
}

/* Writes down who is in whose list now; a new row has answered all requests between the two. */
static void note_rows(struct gx_test *t, struct history *h)
{
	enum contacts_tie tie;

	for (uint64_t x = 1; x <= PEOPLE; x++)
		for (uint64_t y = 1; y <= PEOPLE; y++) {
			assert_int_equal(contacts_get_tie(t->tx, x, y, &tie, &t->err), GX_OK);
			if (tie == CONTACTS_FRIEND && !h->had_row[x][y])
				h->asked_at_ms[x][y] = h->asked_at_ms[y][x] = 0;
			h->had_row[x][y] = tie == CONTACTS_FRIEND;
			h->agrees_now[x][y] = false;
		}
}

/* What chat lets through is what ties and blocks say. */
static void check_gate(struct gx_test *t, uint64_t x, uint64_t y)
{
	const struct contacts_contact *mine, *theirs;
	uint64_t conversation;
	bool is_blocked;

	assert_int_equal(chat_find_direct(t->tx, x, y, &conversation, &t->err), GX_OK);
	if (conversation == 0)
		return;
	assert_int_equal(contacts_get(t->arena, t->tx, x, y, &mine, &t->err), GX_OK);
	assert_int_equal(contacts_get(t->arena, t->tx, y, x, &theirs, &t->err), GX_OK);
	assert_int_equal(contacts_is_blocked(t->tx, y, x, &is_blocked, &t->err), GX_OK);
	int status = kit_say(t, x, conversation);
	if (is_blocked)
		assert_string_equal(t->err.code, "contacts.refused");
	else if (mine == NULL || theirs == NULL)
		assert_string_equal(t->err.code, "contacts.not_friend");
	else
		assert_int_equal(status, 201);
}

static void test_any_history_keeps_the_promises(void **state)
{
	struct gx_test *t = *state;
	struct history h = { .rng = 0x9e3779b97f4a7c15 };

	contacts_settings[CONTACTS_SETTING_REQUESTS_PER_DAY].num = 0;
	kit_people(t, PEOPLE);
	for (int step = 0; step < STEPS; step++) {
		uint64_t x = 1 + draw(&h, PEOPLE), y = 1 + draw(&h, PEOPLE);
		if (x == y)
			continue;
		act(t, &h, x, y);
		for (x = 1; x <= PEOPLE; x++)
			for (y = 1; y <= PEOPLE; y++)
				if (x != y)
					check_row(t, &h, x, y);
		note_rows(t, &h);
		x = 1 + draw(&h, PEOPLE);
		y = 1 + draw(&h, PEOPLE);
		if (x != y)
			check_gate(t, x, y);
		if (step % 50 != 49)
			continue;
		gx_test_commit(t); /* what is staged lives in the arena */
		gx_arena_reset(t->arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_any_history_keeps_the_promises, setup,
						teardown),
	};

	return cmocka_run_group_tests_name("contacts_history", tests, NULL, NULL);
}
