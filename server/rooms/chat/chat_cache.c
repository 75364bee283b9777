/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chat_cache.c - conversations in use, with their present members, on the command thread.
 *
 * A copy of rows, so that sending needs no query before its INSERT. Changes of members drop the
 * entry; the next use loads it anew. The least recently used go when the cache is full; a rollback
 * that may have undone something drops all (chat_cache_forget).
 */
#include "chat_sql.h"
#include "chat_store.h"
#include "maxima.h"

#define CACHED_MEMBERS_MAX 2000000u
#define CACHED_CONVERSATIONS_MAX 500000u

static struct chat_cache *cache_of(struct gx_tx *tx)
{
	struct chat_state *state = gx_room_state(tx->core, &chat_room);

	return &state->cache;
}

static void unlink_use(struct chat_cache *k, struct chat_open *c)
{
	*(c->newer == NULL ? &k->newest : &c->newer->older) = c->older;
	*(c->older == NULL ? &k->oldest : &c->older->newer) = c->newer;
}

static void link_newest(struct chat_cache *k, struct chat_open *c)
{
	c->newer = NULL;
	c->older = k->newest;
	if (k->newest != NULL)
		k->newest->newer = c;
	else
		k->oldest = c;
	k->newest = c;
}

static void drop(struct chat_cache *k, struct chat_open *c)
{
	unlink_use(k, c);
	gx_table_remove(&k->table, c->conversation_id);
	k->members_count -= c->present_count;
	gx_heap_free(c->present);
	gx_heap_free(c->present_ids);
	gx_heap_free(c);
}

void chat_cache_drop(struct gx_tx *tx, uint64_t conversation_id)
{
	struct chat_cache *k = cache_of(tx);
	struct chat_open *c = gx_table_get(&k->table, conversation_id);

	if (c != NULL)
		drop(k, c);
}

void chat_cache_forget(void *state)
{
	struct chat_cache *k = &((struct chat_state *)state)->cache;

	chat_store_undo(((struct chat_state *)state)->store);
	while (k->newest != NULL)
		drop(k, k->newest);
	gx_table_deinit(&k->table);
	gx_table_init(&k->table);
}

static enum gx_status load(struct gx_arena *a, struct gx_tx *tx, struct chat_open *c, bool *found,
			   struct gx_error *err)
{
	struct chat_sql_conversation_get_out row;
	struct chat_sql_member_list_out *members;
	uint64_t last_position;
	enum gx_status st = chat_sql_conversation_get(a, tx,
						      &(struct chat_sql_conversation_get_in){
							      c->conversation_id },
						      &row, found, err);

	if (st != GX_OK || !*found)
		return st;
	st = chat_store_last(a, tx, c->conversation_id, &c->last_seq, &last_position, err);
	if (st == GX_OK)
		st = chat_sql_member_list(a, tx,
					  &(struct chat_sql_member_list_in){ c->conversation_id },
					  &members, &c->present_count, err);
	if (st != GX_OK)
		return st;
	c->kind = (enum chat_kind)row.kind;
	c->present = gx_heap_alloc_array(c->present_count + 1, sizeof(*c->present));
	c->present_ids = gx_heap_alloc_array(c->present_count + 1, sizeof(*c->present_ids));
	for (size_t i = 0; i < c->present_count; i++) {
		uint64_t raised =
			gx_maxima_get(tx->core, c->conversation_id, members[i].account_id);

		c->present_ids[i] = members[i].account_id;
		c->present[i] = (struct chat_present){
			.account_id = members[i].account_id,
			.joined_seq = members[i].joined_seq,
			.read_seq = raised > members[i].read_seq ? raised : members[i].read_seq,
			.gate = (uint8_t)members[i].gate,
			.is_moderator = members[i].is_moderator,
		};
	}
	return GX_OK;
}

enum gx_status chat_cache_get(struct gx_arena *a, struct gx_tx *tx, uint64_t conversation_id,
			      struct chat_open **out, struct gx_error *err)
{
	struct chat_cache *k = cache_of(tx);
	struct chat_open *c = gx_table_get(&k->table, conversation_id);
	bool found = true;

	if (c == NULL) {
		c = gx_heap_alloc(sizeof(*c));
		c->conversation_id = conversation_id;
		enum gx_status st = load(a, tx, c, &found, err);
		if (st == GX_OK && !found)
			st = gx_fail(err, GX_E_NOT_FOUND, "chat.no_conversation");
		if (st != GX_OK) {
			gx_heap_free(c);
			return st;
		}
		while (k->oldest != NULL && (k->members_count > CACHED_MEMBERS_MAX ||
					     k->table.count > CACHED_CONVERSATIONS_MAX))
			drop(k, k->oldest);
		gx_table_put(&k->table, conversation_id, c);
		k->members_count += c->present_count;
		link_newest(k, c);
	} else if (k->newest != c) {
		unlink_use(k, c);
		link_newest(k, c);
	}
	*out = c;
	return GX_OK;
}

struct chat_present *chat_present_find(const struct chat_open *c, uint64_t account_id)
{
	size_t low = 0, high = c->present_count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (c->present_ids[middle] < account_id)
			low = middle + 1;
		else
			high = middle;
	}
	return low < c->present_count && c->present_ids[low] == account_id ? &c->present[low]
									   : NULL;
}

uint64_t *chat_copy_present(struct gx_arena *a, const struct chat_open *c)
{
	uint64_t *ids = gx_arena_new_array(a, uint64_t, c->present_count + 1);

	for (size_t i = 0; i < c->present_count; i++)
		ids[i] = c->present_ids[i];
	return ids;
}
