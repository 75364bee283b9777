/* SPDX-License-Identifier: Apache-2.0 */
/*
 * eventlog.c - positions, cursors, and what an account has missed.
 *
 * A position is never used twice, whatever is deleted or killed: they are taken from a reserve that
 * is written down before the first of it is used, and a start begins behind the reserve. So the
 * numbers have gaps at restarts; nobody may rely on them being dense.
 */
#include "core_sql.h"
#include "core_state.h"

#include <stdlib.h>

#define RESERVE 1000000u
#define RESERVE_LOW 10000u
#define PRUNE_BATCH 500
#define RESTORE_GAP (UINT64_C(1) << 40) /* more than a server takes between two backups */

static enum gx_status meta_get(struct gx_arena *a, struct gx_tx *tx, struct gx_str name,
			       int64_t *out, struct gx_error *err)
{
	struct core_sql_meta_get_out row;
	bool found;
	enum gx_status st =
		core_sql_meta_get(a, tx, &(struct core_sql_meta_get_in){ name }, &row, &found, err);

	if (st == GX_OK)
		*out = found ? row.value : 0;
	return st;
}

enum gx_status core_position_start(struct gx_core *core, struct gx_tx *tx, struct gx_error *err)
{
	struct gx_arena a;
	int64_t reserved = 0, pruned = 0, starts = 0;

	gx_arena_init(&a);
	enum gx_status st = meta_get(&a, tx, GX_STR("position_reserved"), &reserved, err);
	if (st == GX_OK)
		st = meta_get(&a, tx, GX_STR("position_pruned"), &pruned, err);
	if (st == GX_OK)
		st = meta_get(&a, tx, GX_STR("starts"), &starts, err);
	/* The last process may have died between writing a commit and syncing it. It is in the
	 * database, so it would be told, and lost with the machine's power: a commit of our own,
	 * of a page that really differs, syncs it before anybody hears of it. */
	if (st == GX_OK)
		st = core_sql_meta_put(tx,
				       &(struct core_sql_meta_put_in){ GX_STR("starts"),
								       starts + 1 },
				       NULL, err);
	gx_arena_deinit(&a);
	if (st != GX_OK)
		return st;
	core->outbox.position = (uint64_t)reserved;
	core->outbox.position_reserved = (uint64_t)reserved;
	atomic_store(&core->position_pruned, (uint64_t)pruned);
	return GX_OK;
}

/* Called at the begin of each batch, so that a batch always finds enough. */
enum gx_status core_position_reserve(struct gx_core *core, struct gx_error *err)
{
	struct gx_outbox *o = &core->outbox;
	uint64_t reserve = o->position + RESERVE;

	if (o->position + RESERVE_LOW < o->position_reserved)
		return GX_OK;
	enum gx_status st = core_sql_meta_put(&core->batch.tx,
					      &(struct core_sql_meta_put_in){
						      .name = GX_STR("position_reserved"),
						      .value = (int64_t)reserve },
					      NULL, err);
	if (st == GX_OK)
		o->position_reserved = reserve;
	return st;
}

void gx_position_raise(struct gx_tx *tx, uint64_t position)
{
	if (tx->outbox->position < position)
		tx->outbox->position = position;
}

uint64_t gx_position_last(struct gx_tx *tx)
{
	return tx->outbox != NULL ? tx->outbox->position : tx->position;
}

struct gx_str gx_cursor_text(struct gx_arena *a, uint64_t position)
{
	return gx_arena_printf(a, "p%llu", (unsigned long long)position);
}

bool gx_cursor_parse(struct gx_str text, uint64_t *position)
{
	return text.len > 1 && text.ptr[0] == 'p' &&
	       gx_str_to_u64(gx_str_slice(text, 1, text.len), position);
}

static int by_position(const void *a, const void *b)
{
	const struct gx_event *x = a, *y = b;

	return x->position < y->position ? -1 : x->position > y->position;
}

/* One source's events behind `after`, appended to `all`. */
struct listing {
	struct gx_arena *arena;
	struct gx_event *all;
	size_t count, cap;
	uint64_t horizon; /* behind it some source has left events out */
};

static void listing_add(struct listing *l, const struct gx_event *events, size_t count,
			uint64_t complete_upto)
{
	if (complete_upto < l->horizon)
		l->horizon = complete_upto;
	if (l->count + count > l->cap) {
		size_t cap = (l->count + count) * 2;
		struct gx_event *all = gx_arena_new_array(l->arena, struct gx_event, cap);

		for (size_t i = 0; i < l->count; i++)
			all[i] = l->all[i];
		l->all = all;
		l->cap = cap;
	}
	for (size_t i = 0; i < count; i++)
		l->all[l->count++] = events[i];
}

static enum gx_status list_logged(struct gx_arena *a, struct gx_tx *tx, uint64_t account_id,
				  uint64_t after, uint64_t *upto, size_t limit,
				  struct gx_event **out, size_t *count, struct gx_error *err)
{
	struct core_sql_event_list_out *rows;
	enum gx_status st = core_sql_event_list(a, tx,
						&(struct core_sql_event_list_in){
							.account_id = account_id,
							.after = after,
							.upto = *upto,
							.most = (int64_t)limit,
						},
						&rows, count, err);

	if (st != GX_OK)
		return st;
	*out = gx_arena_new_array(a, struct gx_event, *count + 1);
	for (size_t i = 0; i < *count; i++)
		(*out)[i] = (struct gx_event){ rows[i].position, rows[i].json };
	if (*count >= limit)
		*upto = rows[*count - 1].position;
	return GX_OK;
}

/* How many of the gathered events make the page: at least one. */
static size_t page_count(const struct listing *l, size_t limit)
{
	size_t n = 0, bytes = 0;

	while (n < l->count && n < limit && l->all[n].position <= l->horizon &&
	       bytes < GX_EVENTS_BYTES_MAX)
		bytes += l->all[n++].json.len;
	return n;
}

enum gx_status gx_events_list(struct gx_arena *a, struct gx_tx *tx, uint64_t account_id,
			      uint64_t after, size_t limit, struct gx_event **out, size_t *count,
			      bool *more, struct gx_error *err)
{
	const struct gx_core *core = tx->core;
	const uint64_t last = gx_position_last(tx);
	struct listing l = { .arena = a, .horizon = last };
	uint64_t upto = last;
	struct gx_event *events;
	size_t n;

	GX_ASSERT(limit > 0);
	if (after > last || after < atomic_load(&tx->core->position_pruned))
		return gx_fail(err, GX_E_GONE, "sync.too_old");
	enum gx_status st = list_logged(a, tx, account_id, after, &upto, limit, &events, &n, err);
	if (st == GX_OK)
		listing_add(&l, events, n, upto);
	for (size_t i = 0; st == GX_OK && core->config->rooms[i] != NULL; i++) {
		const struct gx_room *room = core->config->rooms[i];

		if (room->events == NULL)
			continue;
		upto = last;
		st = room->events(a, tx, account_id, after, &upto, limit, &events, &n, err);
		if (st == GX_OK)
			listing_add(&l, events, n, upto);
	}
	if (st != GX_OK)
		return st;
	if (l.count > 1)
		qsort(l.all, l.count, sizeof(*l.all), by_position);
	n = page_count(&l, limit);
	*out = l.all;
	*count = n;
	*more = n < l.count || l.horizon != last;
	return GX_OK;
}

/* Periodic: drops what is older than [sync] keep_days; older cursors answer 410 from then on. */
enum gx_status core_events_prune(struct gx_arena *a, struct gx_tx *tx, bool *again,
				 struct gx_error *err)
{
	int64_t before_ms = tx->now_ms - gx_keep_days() * GX_DAY_MS;
	struct core_sql_event_prune_upto_out last;
	uint64_t changes;
	bool found;
	enum gx_status st = core_sql_event_prune_upto(a, tx,
						      &(struct core_sql_event_prune_upto_in){
							      before_ms, PRUNE_BATCH },
						      &last, &found, err);

	if (st != GX_OK || !found)
		return st;
	st = core_sql_event_prune(tx, &(struct core_sql_event_prune_in){ before_ms, PRUNE_BATCH },
				  &changes, err);
	if (st != GX_OK)
		return st;
	*again = changes == PRUNE_BATCH;
	return gx_events_pruned(tx, last.position, err);
}

enum gx_status gx_events_pruned(struct gx_tx *tx, uint64_t upto, struct gx_error *err)
{
	if (upto <= atomic_load(&tx->core->position_pruned))
		return GX_OK;
	enum gx_status st =
		core_sql_meta_put(tx,
				  &(struct core_sql_meta_put_in){ .name = GX_STR("position_pruned"),
								  .value = (int64_t)upto },
				  NULL, err);
	/* Even if this batch is undone: answering 410 once too early loses nothing. */
	if (st == GX_OK)
		atomic_store(&tx->core->position_pruned, upto);
	return st;
}

enum gx_status gx_cursors_retire(struct gx_tx *tx, struct gx_error *err)
{
	struct gx_outbox *o = tx->outbox;
	uint64_t next = o->position + RESTORE_GAP;
	enum gx_status st = core_sql_meta_put(tx,
					      &(struct core_sql_meta_put_in){
						      .name = GX_STR("position_reserved"),
						      .value = (int64_t)next },
					      NULL, err);

	if (st != GX_OK)
		return st;
	o->position = o->position_reserved = next;
	return gx_events_pruned(tx, next, err);
}
