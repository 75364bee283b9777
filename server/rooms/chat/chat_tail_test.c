/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: what the tail, the filter and the packed positions answer is what was put in, whatever was
 * undone or dropped between. Method: random steps from fixed seeds against a plain list.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "chat_store.h"

#define CONVERSATIONS 5u
#define MESSAGES_MAX 4000u

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
};

struct model {
	struct said all[MESSAGES_MAX];
	size_t count, committed;
	uint64_t last_seq[CONVERSATIONS + 1];
	uint64_t dropped_upto;
};

static void say(struct chat_tail *t, struct model *m)
{
	uint64_t c = 1 + roll(CONVERSATIONS);
	uint64_t position = (m->count == 0 ? 100 : m->all[m->count - 1].position) + 1 + roll(3);

	m->all[m->count++] = (struct said){ c, ++m->last_seq[c], position };
	chat_tail_add(t, c, m->last_seq[c], position, position * 7);
}

static void undo(struct chat_tail *t, struct model *m)
{
	size_t keep = m->committed + roll(m->count - m->committed + 1);

	while (m->count > keep)
		m->last_seq[m->all[--m->count].conversation_id]--;
	chat_tail_undo(t, m->count == 0 ? 0 : m->all[m->count - 1].position);
}

static void drop(struct chat_tail *t, struct model *m)
{
	if (m->committed == 0)
		return;
	uint64_t upto = m->all[roll(m->committed)].position;
	m->dropped_upto = upto > m->dropped_upto ? upto : m->dropped_upto;
	for (uint64_t c = 1; c <= CONVERSATIONS; c++)
		chat_tail_drop(t, c, m->dropped_upto);
}

/* The last of a conversation, up to a position, that the tail must still know; NULL: none. */
static const struct said *last_of(const struct model *m, uint64_t c, uint64_t upto)
{
	for (size_t i = m->count; i-- > 0;)
		if (m->all[i].conversation_id == c && m->all[i].position <= upto)
			return m->all[i].position > m->dropped_upto ? &m->all[i] : NULL;
	return NULL;
}

static void check(struct chat_tail *t, const struct model *m)
{
	uint64_t c = 1 + roll(CONVERSATIONS), positions[64];
	uint64_t upto = m->count == 0 ? 0 : m->all[roll(m->count)].position;
	uint64_t seq = 0, position = 0;
	const struct said *last = last_of(m, c, upto);

	assert_int_equal(chat_tail_last(t, c, upto, &seq, &position), last != NULL);
	if (last != NULL) {
		assert_int_equal(seq, last->seq);
		assert_int_equal(position, last->position);
		assert_true(chat_tail_seq_at(t, c, upto, &seq));
		assert_int_equal(seq, last->seq);
	}
	uint64_t from = 1 + roll(m->last_seq[c] + 1), to = from + roll(64);
	memset(positions, 0, sizeof(positions));
	uint64_t before = chat_tail_positions(t, c, from, to, upto, positions);
	for (size_t i = 0; i < m->count; i++) {
		const struct said *s = &m->all[i];

		if (s->conversation_id != c || s->seq < from || s->seq > to)
			continue;
		if (s->position <= m->dropped_upto)
			assert_true(s->seq < before);
		else if (s->position <= upto)
			assert_int_equal(positions[s->seq - from], s->position);
		else
			assert_int_equal(positions[s->seq - from], 0);
		if (s->position > m->dropped_upto)
			assert_int_equal(chat_tail_key(t, s->position * 7), s->position);
	}
}

static void test_tail_answers_like_a_list(void **state)
{
	for (uint64_t run = 1; run <= 12; run++) {
		struct chat_tail t;
		struct model *m = gx_heap_alloc(sizeof(*m));

		seed = run * UINT64_C(104729);
		chat_tail_init(&t);
		while (m->count < MESSAGES_MAX - 64) {
			for (uint64_t n = roll(60); n > 0; n--)
				say(&t, m);
			if (roll(4) == 0)
				undo(&t, m);
			check(&t, m);
			if (roll(3) != 0) {
				m->committed = m->count;
				chat_tail_committed(&t);
			}
			if (roll(20) == 0)
				drop(&t, m);
			check(&t, m);
		}
		chat_tail_deinit(&t);
		gx_heap_free(m);
	}
}

static void test_filter_forgets_nothing(void **state)
{
	struct chat_filter f = { 0 };
	unsigned wrong = 0;

	assert_false(chat_filter_may_have(&f, 5));
	/* Keys of few conversations, as they are: through three layers. */
	seed = 3;
	for (uint64_t i = 0; i < 300000; i++)
		chat_filter_add(&f, (i % 7) << 32 | (i * 2654435761u & UINT32_MAX));
	for (uint64_t i = 0; i < 300000; i++)
		assert_true(
			chat_filter_may_have(&f, (i % 7) << 32 | (i * 2654435761u & UINT32_MAX)));
	assert_int_equal(f.count, 3);
	for (uint64_t i = 0; i < 100000; i++)
		wrong += chat_filter_may_have(&f, (8 + i % 7) << 32 | (roll(UINT32_MAX)));
	assert_true(wrong < 3000);
	chat_filter_deinit(&f);
}

static void test_positions_unpack_to_what_was_packed(void **state)
{
	uint64_t in[CHAT_RUN_MAX], out[CHAT_RUN_MAX];
	unsigned char bytes[CHAT_RUN_MAX * 10];

	seed = 11;
	for (int run = 0; run < 200; run++) {
		size_t count = 1 + roll(CHAT_RUN_MAX);
		uint64_t position = roll(2) == 0 ? 0 : roll(INT64_MAX / 2);

		for (size_t i = 0; i < count; i++)
			in[i] = position += 1 + roll(roll(8) == 0 ? 1u << 30 : 100);
		size_t len = chat_positions_pack(in, count, bytes);
		assert_true(chat_positions_unpack((struct gx_str){ (const char *)bytes, len }, out,
						  count));
		assert_memory_equal(in, out, count * sizeof(*in));
		assert_false(chat_positions_unpack((struct gx_str){ (const char *)bytes, len - 1 },
						   out, count));
		assert_false(chat_positions_unpack((struct gx_str){ (const char *)bytes, len }, out,
						   count - 1));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tail_answers_like_a_list),
		cmocka_unit_test(test_filter_forgets_nothing),
		cmocka_unit_test(test_positions_unpack_to_what_was_packed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
