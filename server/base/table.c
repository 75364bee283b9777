/* SPDX-License-Identifier: Apache-2.0 */
#include "table.h"

#define CAP_FIRST 16u

void gx_table_init(struct gx_table *t)
{
	*t = (struct gx_table){ 0 };
}

void gx_table_deinit(struct gx_table *t)
{
	gx_heap_free(t->slots);
	gx_table_init(t);
}

static size_t home_of(const struct gx_table *t, uint64_t key)
{
	return (size_t)gx_u64_hash(key) & (t->cap - 1);
}

/* The key's slot, or the empty one where it would go. The table is not empty. */
static size_t slot_of(const struct gx_table *t, uint64_t key)
{
	size_t at = home_of(t, key);

	while (t->slots[at].key != 0 && t->slots[at].key != key)
		at = (at + 1) & (t->cap - 1);
	return at;
}

void *gx_table_get(const struct gx_table *t, uint64_t key)
{
	if (t->count == 0 || key == 0)
		return NULL;
	return t->slots[slot_of(t, key)].value;
}

static void grow(struct gx_table *t)
{
	struct gx_table old = *t;

	t->cap = old.cap == 0 ? CAP_FIRST : old.cap * 2;
	t->slots = gx_heap_alloc_array(t->cap, sizeof(*t->slots));
	for (size_t i = 0; i < old.cap; i++)
		if (old.slots[i].key != 0)
			t->slots[slot_of(t, old.slots[i].key)] = old.slots[i];
	gx_heap_free(old.slots);
}

void gx_table_put(struct gx_table *t, uint64_t key, void *value)
{
	size_t at;

	GX_ASSERT(key != 0);
	GX_ASSERT(value != NULL);
	if (t->count >= t->cap / 4 * 3)
		grow(t);
	at = slot_of(t, key);
	t->count += t->slots[at].key == 0;
	t->slots[at] = (struct gx_table_slot){ key, value };
}

void *gx_table_remove(struct gx_table *t, uint64_t key)
{
	size_t hole, mask = t->cap - 1;
	void *value;

	if (t->count == 0 || key == 0)
		return NULL;
	hole = slot_of(t, key);
	value = t->slots[hole].value;
	if (value == NULL)
		return NULL;
	/* Move back what would no longer be found across the hole. */
	for (size_t at = (hole + 1) & mask; t->slots[at].key != 0; at = (at + 1) & mask) {
		size_t home = home_of(t, t->slots[at].key);

		if (((at - home) & mask) >= ((at - hole) & mask)) {
			t->slots[hole] = t->slots[at];
			hole = at;
		}
	}
	t->slots[hole] = (struct gx_table_slot){ 0, NULL };
	t->count--;
	return value;
}

void *gx_table_next(const struct gx_table *t, size_t *at, uint64_t *key)
{
	while (*at < t->cap) {
		const struct gx_table_slot *slot = &t->slots[(*at)++];

		if (slot->key == 0)
			continue;
		if (key != NULL)
			*key = slot->key;
		return slot->value;
	}
	return NULL;
}
