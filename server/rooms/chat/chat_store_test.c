/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: late indexes change nothing that anybody can see: each message is found by its seq, by its
 * client_id and by the cursor, whether it stands in the tail, in the tables or in both; after
 * rolled back batches, restarts at any point, and passes cut short. Method: random histories from
 * fixed seeds with a tail of 16 messages, against a plain list.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "chat_sql.h"
#include "chat_store.h"
#include "media.h"
#include "publish.h"
#include "testhouse.h"

#define CONVERSATIONS 4u
#define STEPS 400u
#define MESSAGES_MAX 8000u

static const struct gx_room *const rooms[] = { &media_room, &accounts_room, &chat_room, NULL };
static uint64_t seed;

static uint64_t roll(uint64_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed % below;
}

struct said {
	uint64_t conversation_id, seq, position;
	unsigned number; /* in client_id and body */
};

struct history {
	struct gx_test t;
	struct said all[MESSAGES_MAX];
	size_t count, committed;
	uint64_t last_seq[CONVERSATIONS + 1];
	unsigned next_number;
};

static struct chat_message message_of(struct history *h, uint64_t conversation_id, unsigned number)
{
	return (struct chat_message){
		.conversation_id = conversation_id,
		.sender_id = 1 + number % 3,
		.kind = CHAT_TEXT,
		.body = gx_arena_printf(h->t.arena, "{\"text\":\"%u\"}", number),
		.client_id = gx_arena_printf(h->t.arena, "c%u", number),
		.sent_at_ms = h->t.tx->now_ms,
	};
}

static bool find(struct history *h, const struct chat_message *m, struct chat_message *first,
		 uint64_t *key)
{
	bool found;

	assert_int_equal(chat_store_find(h->t.arena, h->t.tx, m->conversation_id, m->sender_id,
					 m->client_id, first, &found, key, &h->t.err),
			 GX_OK);
	return found;
}

static void say(struct history *h)
{
	/* One of them is busy: its runs are full ones. */
	uint64_t c = roll(3) != 0 ? 1 : 1 + roll(CONVERSATIONS);
	struct chat_message m = message_of(h, c, h->next_number++), first;
	uint64_t key;

	assert_false(find(h, &m, &first, &key));
	m.seq = ++h->last_seq[c];
	if (roll(5) == 0) /* an event that is no message lies between */
		(void)gx_position_take(h->t.tx);
	m.position = gx_position_take(h->t.tx);
	assert_int_equal(chat_store_append(h->t.tx, &m, key, &h->t.err), GX_OK);
	h->all[h->count++] = (struct said){ c, m.seq, m.position, h->next_number - 1 };
}

static void restart(struct history *h)
{
	struct gx_arena a;

	gx_arena_init(&a);
	chat_stop(gx_room_state(h->t.core, &chat_room));
	assert_int_equal(chat_start(&a, h->t.tx, &h->t.err), GX_OK);
	gx_arena_deinit(&a);
}

static void check_lists(struct history *h, uint64_t c)
{
	uint64_t low = roll(h->last_seq[c] + 1), high = low + roll(400), seq, position;
	bool newest = roll(2) == 0;
	struct chat_message *list;
	size_t count, n = 0, most = 1 + roll(300);

	assert_int_equal(chat_store_last(h->t.arena, h->t.tx, c, &seq, &position, &h->t.err),
			 GX_OK);
	assert_int_equal(seq, h->last_seq[c]);
	assert_int_equal(chat_store_list(h->t.arena, h->t.tx, c, 0, low, high, newest, most, &list,
					 &count, &h->t.err),
			 GX_OK);
	uint64_t end = high < h->last_seq[c] ? high : h->last_seq[c];
	uint64_t there = end > low ? end - low : 0, shown = there < most ? there : most;
	uint64_t from = newest ? end - shown : low;
	assert_int_equal(count, shown);
	for (size_t i = 0; i < h->count; i++) {
		const struct said *s = &h->all[i];

		if (s->conversation_id != c || s->seq <= from || s->seq > from + shown)
			continue;
		assert_int_equal(list[n].seq, s->seq);
		assert_int_equal(list[n].position, s->position);
		n++;
	}
	assert_int_equal(n, count);
}

static void check(struct history *h)
{
	for (int i = 0; h->count > 0 && i < 5; i++) {
		const struct said *s = &h->all[roll(h->count)];
		struct chat_message m = message_of(h, s->conversation_id, s->number), first;
		uint64_t key, seq, expected = 0;

		assert_true(find(h, &m, &first, &key));
		assert_int_equal(first.position, s->position);
		assert_int_equal(first.seq, s->seq);
		assert_true(gx_str_eq(first.body, m.body));
		uint64_t cursor = s->position + roll(3) - roll(2);
		for (size_t k = 0; k < h->count; k++)
			if (h->all[k].conversation_id == s->conversation_id &&
			    h->all[k].position <= cursor)
				expected = h->all[k].seq;
		assert_int_equal(chat_store_seq_at(h->t.arena, h->t.tx, s->conversation_id, cursor,
						   &seq, &h->t.err),
				 GX_OK);
		assert_int_equal(seq, expected);
	}
	check_lists(h, 1 + roll(CONVERSATIONS));
}

static void step(struct history *h)
{
	bool again;

	for (uint64_t n = roll(40); n > 0; n--)
		say(h);
	check(h);
	switch (roll(8)) {
	case 0:
		gx_test_rollback(&h->t);
		while (h->count > h->committed)
			h->last_seq[h->all[--h->count].conversation_id]--;
		break;
	case 1: /* as after a crash: what was not committed is gone, memory too */
		gx_test_rollback(&h->t);
		while (h->count > h->committed)
			h->last_seq[h->all[--h->count].conversation_id]--;
		restart(h);
		gx_test_commit(&h->t);
		break;
	case 2:
		assert_int_equal(chat_index_idle(h->t.arena, h->t.tx, &again, &h->t.err), GX_OK);
		/* fall through */
	default:
		gx_test_commit(&h->t);
		h->committed = h->count;
		break;
	}
	check(h);
	gx_arena_reset(h->t.arena);
}

static void test_indexes_come_late_and_nobody_sees_it(void **state)
{
	int64_t tail = chat_settings[CHAT_SETTING_TAIL].num;

	chat_settings[CHAT_SETTING_TAIL].num = 16;
	for (unsigned run = 1; run <= 3; run++) {
		struct history *h = gx_heap_alloc(sizeof(*h));
		struct chat_sql_run_last_out row;
		bool found;

		seed = run * UINT64_C(7919);
		gx_test_open(&h->t, rooms);
		for (unsigned i = 0; i < STEPS; i++)
			step(h);
		gx_test_commit(&h->t);
		/* All that was not of the last passes stands in the tables. */
		assert_int_equal(chat_sql_run_last(h->t.arena, h->t.tx,
						   &(struct chat_sql_run_last_in){ 1 }, &row,
						   &found, &h->t.err),
				 GX_OK);
		assert_true(found && row.last_seq + 300 > h->last_seq[1]);
		struct chat_store *s = chat_store_of(h->t.tx);
		assert_true(s->tail.count < 1000);
		gx_test_close(&h->t);
		gx_heap_free(h);
	}
	chat_settings[CHAT_SETTING_TAIL].num = tail;
}

static uint64_t position_of_key(struct history *h, uint64_t key)
{
	struct chat_sql_client_get_out row;
	bool found;

	assert_int_equal(chat_sql_client_get(h->t.arena, h->t.tx,
					     &(struct chat_sql_client_get_in){ key }, &row, &found,
					     &h->t.err),
			 GX_OK);
	return found ? row.position : 0;
}

/* Two client_ids that want the same key are kept apart, in the tail and in the table. */
static void test_keys_that_collide(void **state)
{
	struct history *h = gx_heap_alloc(sizeof(*h));
	struct chat_message a, b, first;
	uint64_t key_a, key_b, again;

	gx_test_open(&h->t, rooms);
	a = message_of(h, 1, 1);
	b = message_of(h, 1, 2);
	assert_false(find(h, &a, &first, &key_a));
	assert_false(find(h, &b, &first, &key_b));
	/* a's key is taken by a row that is b's: as if both had been hashed alike. */
	b.seq = 1;
	b.position = gx_position_take(h->t.tx);
	assert_int_equal(chat_store_append(h->t.tx, &b, key_a, &h->t.err), GX_OK);
	assert_false(find(h, &a, &first, &again));
	assert_int_equal(again, key_a + 1);
	/* A start gives keys without asking the table; indexing finds the next free one. */
	gx_test_commit(&h->t);
	assert_int_equal(chat_index_all(h->t.arena, h->t.tx, b.position, &h->t.err), GX_OK);
	a = message_of(h, 1, 1);
	a.seq = 2;
	a.position = gx_position_take(h->t.tx);
	assert_int_equal(chat_store_append(h->t.tx, &a, key_a, &h->t.err), GX_OK);
	gx_test_commit(&h->t);
	assert_int_equal(chat_index_all(h->t.arena, h->t.tx, a.position, &h->t.err), GX_OK);
	assert_int_equal(position_of_key(h, key_a), b.position);
	assert_int_equal(position_of_key(h, key_a + 1), a.position);
	uint64_t position = a.position;
	a = message_of(h, 1, 1); /* the arena was reset */
	assert_true(find(h, &a, &first, &again));
	assert_int_equal(first.position, position);
	gx_test_close(&h->t);
	gx_heap_free(h);
}

/* A reader with an old snapshot still finds what has meanwhile gone to the tables. */
static void test_tail_waits_for_readers(void **state)
{
	struct history *h = gx_heap_alloc(sizeof(*h));
	int64_t tail = chat_settings[CHAT_SETTING_TAIL].num;
	struct gx_conn *reader;
	struct gx_tx tx;
	struct chat_message *list;
	size_t count;

	chat_settings[CHAT_SETTING_TAIL].num = 16;
	seed = 5;
	gx_test_open(&h->t, rooms);
	while (h->last_seq[1] < 30)
		say(h);
	gx_test_commit(&h->t);
	assert_int_equal(gx_test_reader(&h->t, &reader), GX_OK);
	assert_int_equal(gx_test_snapshot(&h->t, reader, &tx), GX_OK);
	uint64_t seen = h->last_seq[1];
	for (int i = 0; i < 10; i++) {
		say(h);
		gx_test_commit(&h->t);
		assert_int_equal(chat_store_list(h->t.arena, &tx, 1, 0, 0, 1000, false, 1000, &list,
						 &count, &h->t.err),
				 GX_OK);
		assert_int_equal(count, seen);
	}
	assert_true(chat_store_of(h->t.tx)->tail.count >= h->count);
	gx_tx_rollback(&tx);
	for (int i = 0; i < 3; i++) {
		say(h);
		gx_test_commit(&h->t);
	}
	assert_true(chat_store_of(h->t.tx)->tail.count < 20);
	gx_conn_close(reader);
	gx_test_close(&h->t);
	gx_heap_free(h);
	chat_settings[CHAT_SETTING_TAIL].num = tail;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_indexes_come_late_and_nobody_sees_it),
		cmocka_unit_test(test_keys_that_collide),
		cmocka_unit_test(test_tail_waits_for_readers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
