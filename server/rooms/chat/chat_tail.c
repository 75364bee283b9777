/* SPDX-License-Identifier: Apache-2.0 */
#include "chat_tail.h"

#include <stdlib.h>
#include <string.h>

#define SPOTS_FIRST 4u

void chat_tail_init(struct chat_tail *t)
{
	*t = (struct chat_tail){ 0 };
	pthread_mutex_init(&t->lock, NULL);
	gx_table_init(&t->runs);
	gx_table_init(&t->keys[0]);
	gx_table_init(&t->keys[1]);
}

static void run_free(struct chat_tail *t, struct chat_tail_run *r)
{
	gx_table_remove(&t->runs, r->conversation_id);
	gx_heap_free(r->spots);
	gx_heap_free(r);
}

void chat_tail_deinit(struct chat_tail *t)
{
	struct chat_tail_run *r;
	size_t at = 0;

	while ((r = gx_table_next(&t->runs, &at, NULL)) != NULL) {
		gx_heap_free(r->spots);
		gx_heap_free(r);
	}
	gx_table_deinit(&t->runs);
	gx_table_deinit(&t->keys[0]);
	gx_table_deinit(&t->keys[1]);
	gx_heap_free(t->fresh);
	pthread_mutex_destroy(&t->lock);
}

static const struct chat_spot *spots_of(const struct chat_tail_run *r)
{
	return r->spots + r->from;
}

/* Room for one more: by moving to the front when half is unused there, else by growing. */
static void run_make_room(struct chat_tail_run *r)
{
	if (r->from + r->count < r->cap)
		return;
	if (r->from > 0 && r->from >= r->cap / 2) {
		memmove(r->spots, r->spots + r->from, r->count * sizeof(*r->spots));
		r->from = 0;
		return;
	}
	r->cap = r->cap == 0 ? SPOTS_FIRST : r->cap * 2;
	r->spots = gx_heap_resize(r->spots, r->cap, sizeof(*r->spots));
}

static void note_fresh(struct chat_tail *t, const struct chat_fresh *fresh)
{
	if (t->fresh_count == t->fresh_cap) {
		t->fresh_cap = t->fresh_cap == 0 ? 256 : t->fresh_cap * 2;
		t->fresh = gx_heap_resize(t->fresh, t->fresh_cap, sizeof(*t->fresh));
	}
	t->fresh[t->fresh_count++] = *fresh;
}

void chat_tail_add(struct chat_tail *t, uint64_t conversation_id, uint64_t seq, uint64_t position,
		   uint64_t key)
{
	pthread_mutex_lock(&t->lock);
	struct chat_tail_run *r = gx_table_get(&t->runs, conversation_id);
	if (r == NULL) {
		r = gx_heap_alloc(sizeof(*r));
		r->conversation_id = conversation_id;
		r->first_seq = seq;
		gx_table_put(&t->runs, conversation_id, r);
	}
	GX_ASSERT(seq == r->first_seq + r->count);
	run_make_room(r);
	r->spots[r->from + r->count++] = (struct chat_spot){ position, key };
	t->count++;
	pthread_mutex_unlock(&t->lock);
	if (key != 0)
		gx_table_put(&t->keys[t->filling], key, (void *)(uintptr_t)position);
	note_fresh(t, &(struct chat_fresh){ conversation_id, position, key });
}

void chat_tail_undo(struct chat_tail *t, uint64_t last_position)
{
	while (t->fresh_count > 0 && t->fresh[t->fresh_count - 1].position > last_position) {
		const struct chat_fresh *f = &t->fresh[--t->fresh_count];

		pthread_mutex_lock(&t->lock);
		struct chat_tail_run *r = gx_table_get(&t->runs, f->conversation_id);
		GX_ASSERT(r != NULL && spots_of(r)[r->count - 1].position == f->position);
		t->count--;
		if (--r->count == 0)
			run_free(t, r);
		pthread_mutex_unlock(&t->lock);
		gx_table_remove(&t->keys[t->filling], f->key);
	}
}

void chat_tail_committed(struct chat_tail *t)
{
	t->fresh_count = 0;
}

uint64_t chat_tail_key(const struct chat_tail *t, uint64_t key)
{
	void *position = gx_table_get(&t->keys[t->filling], key);

	if (position == NULL)
		position = gx_table_get(&t->keys[1 - t->filling], key);
	return (uintptr_t)position;
}

void chat_tail_turn_keys(struct chat_tail *t)
{
	GX_ASSERT(t->fresh_count == 0);
	t->filling = 1 - t->filling;
	GX_ASSERT(t->keys[t->filling].count == 0);
}

void chat_tail_drop_keys(struct chat_tail *t)
{
	gx_table_deinit(&t->keys[1 - t->filling]);
}

static int ascending(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

uint64_t *chat_tail_conversations(const struct chat_tail *t, uint64_t goal, size_t *count)
{
	uint64_t *ids = gx_heap_alloc_array(t->runs.count + 1, sizeof(*ids));
	struct chat_tail_run *r;
	size_t at = 0, n = 0;

	while ((r = gx_table_next(&t->runs, &at, NULL)) != NULL)
		if (spots_of(r)[0].position <= goal)
			ids[n++] = r->conversation_id;
	if (n > 1)
		qsort(ids, n, sizeof(*ids), ascending);
	*count = n;
	return ids;
}

/* How many of the run's entries have positions up to this one. */
static size_t count_upto(const struct chat_tail_run *r, uint64_t position)
{
	size_t low = 0, high = r->count;

	if (high > 0 && spots_of(r)[high - 1].position <= position)
		return high;
	while (low < high) {
		size_t middle = (low + high) / 2;

		if (spots_of(r)[middle].position <= position)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

size_t chat_tail_take(const struct chat_tail *t, uint64_t conversation_id, uint64_t seq,
		      uint64_t goal, struct chat_spot *out, size_t most, uint64_t *first)
{
	const struct chat_tail_run *r = gx_table_get(&t->runs, conversation_id);

	if (r == NULL)
		return 0;
	size_t from = seq > r->first_seq ? (size_t)(seq - r->first_seq) : 0;
	size_t end = count_upto(r, goal);
	if (from >= end)
		return 0;
	size_t n = end - from < most ? end - from : most;
	memcpy(out, spots_of(r) + from, n * sizeof(*out));
	*first = r->first_seq + from;
	return n;
}

void chat_tail_drop(struct chat_tail *t, uint64_t conversation_id, uint64_t upto)
{
	pthread_mutex_lock(&t->lock);
	struct chat_tail_run *r = gx_table_get(&t->runs, conversation_id);
	size_t n = r == NULL ? 0 : count_upto(r, upto);
	t->count -= n;
	if (r != NULL && n == r->count) {
		run_free(t, r);
	} else if (r != NULL) {
		r->from += n;
		r->count -= n;
		r->first_seq += n;
	}
	pthread_mutex_unlock(&t->lock);
}

bool chat_tail_last(struct chat_tail *t, uint64_t conversation_id, uint64_t upto, uint64_t *seq,
		    uint64_t *position)
{
	pthread_mutex_lock(&t->lock);
	const struct chat_tail_run *r = gx_table_get(&t->runs, conversation_id);
	size_t n = r == NULL ? 0 : count_upto(r, upto);
	if (n > 0) {
		*seq = r->first_seq + n - 1;
		*position = spots_of(r)[n - 1].position;
	}
	pthread_mutex_unlock(&t->lock);
	return n > 0;
}

uint64_t chat_tail_positions(struct chat_tail *t, uint64_t conversation_id, uint64_t from,
			     uint64_t to, uint64_t upto, uint64_t *positions)
{
	uint64_t before = to + 1;

	pthread_mutex_lock(&t->lock);
	const struct chat_tail_run *r = gx_table_get(&t->runs, conversation_id);
	if (r != NULL && r->first_seq <= to) {
		uint64_t end = r->first_seq + count_upto(r, upto);

		before = r->first_seq > from ? r->first_seq : from;
		for (uint64_t seq = before; seq <= to && seq < end; seq++)
			positions[seq - from] = spots_of(r)[seq - r->first_seq].position;
	}
	pthread_mutex_unlock(&t->lock);
	return before;
}

bool chat_tail_seq_at(struct chat_tail *t, uint64_t conversation_id, uint64_t position,
		      uint64_t *seq)
{
	pthread_mutex_lock(&t->lock);
	const struct chat_tail_run *r = gx_table_get(&t->runs, conversation_id);
	size_t n = r == NULL ? 0 : count_upto(r, position);
	if (n > 0)
		*seq = r->first_seq + n - 1;
	pthread_mutex_unlock(&t->lock);
	return n > 0;
}
