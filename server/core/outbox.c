/* SPDX-License-Identifier: Apache-2.0 */
/*
 * outbox.c - what is told once the batch is durable.
 *
 * A handler stages items; when it succeeds they are turned into records in each edge's `staged`
 * buffer, which leaves only after the commit. When it fails they are dropped, and the positions it
 * took are given back: nobody has seen them.
 */
#include "core_sql.h"
#include "core_state.h"

#include <string.h>

static struct outbox_item *push(struct gx_outbox *o)
{
	if (o->count == o->cap) {
		o->cap = o->cap == 0 ? 64 : o->cap * 2;
		o->items = gx_heap_resize(o->items, o->cap, sizeof(*o->items));
	}
	o->items[o->count] = (struct outbox_item){ 0 };
	return &o->items[o->count++];
}

void outbox_truncate(struct gx_outbox *o, size_t count, uint64_t position)
{
	GX_ASSERT(count <= o->count && position <= o->position);
	o->count = count;
	o->position = position;
}

uint64_t gx_position_take(struct gx_tx *tx)
{
	GX_ASSERT(tx->is_write && tx->outbox != NULL);
	return ++tx->outbox->position;
}

enum gx_status gx_publish(struct gx_arena *a, struct gx_tx *tx, uint64_t account_id,
			  const char *type, struct gx_str body, struct gx_error *err)
{
	uint64_t position = gx_position_take(tx);
	struct gx_str json =
		gx_arena_printf(a, "{\"type\":\"%s\",\"at\":%lld%s%.*s}", type,
				(long long)tx->now_ms, body.len > 0 ? "," : "", GX_STR_ARG(body));
	enum gx_status st = core_sql_event_insert(tx,
						  &(struct core_sql_event_insert_in){
							  .position = position,
							  .account_id = account_id,
							  .at_ms = tx->now_ms,
							  .json = json,
						  },
						  NULL, err);

	if (st != GX_OK)
		return st;
	gx_deliver_one(tx, position, json, account_id, false);
	return GX_OK;
}

void gx_deliver(struct gx_tx *tx, uint64_t position, struct gx_str json,
		const uint64_t *account_ids, size_t account_ids_count, bool skip_caller)
{
	struct outbox_item *item = push(tx->outbox);

	item->position = position;
	item->json = json;
	item->account_ids = account_ids;
	item->account_ids_count = account_ids_count;
	item->skip_caller = skip_caller;
}

void gx_deliver_one(struct gx_tx *tx, uint64_t position, struct gx_str json, uint64_t account_id,
		    bool skip_caller)
{
	struct outbox_item *item = push(tx->outbox);

	item->position = position;
	item->json = json;
	item->one_account = account_id;
	item->skip_caller = skip_caller;
}

void gx_deliver_to_all(struct gx_tx *tx, uint64_t position, struct gx_str json)
{
	struct outbox_item *item = push(tx->outbox);

	item->position = position;
	item->json = json;
	item->is_to_all = true;
}

void gx_deliver_sign(struct gx_tx *tx, struct gx_str frame, const uint64_t *account_ids,
		     size_t account_ids_count)
{
	struct outbox_item *item = push(tx->outbox);

	item->kind = OUTBOX_SIGN;
	item->json = frame;
	item->account_ids = account_ids;
	item->account_ids_count = account_ids_count;
	item->skip_caller = true;
}

void outbox_close_sessions(struct gx_tx *tx, uint64_t account_id, uint64_t device_id,
			   uint64_t except_device)
{
	struct outbox_item *item = push(tx->outbox);

	item->kind = OUTBOX_CLOSE;
	item->one_account = account_id;
	item->device_id = device_id;
	item->except_device = except_device;
}

static void stage_close(struct gx_core *core, const struct outbox_item *item)
{
	struct core_listener *l = gx_table_get(&core->listeners, item->one_account);

	for (struct core_stream *s = l == NULL ? NULL : l->streams; s != NULL;
	     s = s->next_of_account) {
		if (item->device_id != 0 ? s->device_id != item->device_id
					 : s->device_id == item->except_device)
			continue;
		gx_record_write_ws_close(&core->edges[s->edge_index]->staged,
					 &(struct gx_ws_close_record){
						 .conn = s->conn,
						 .code = 4001,
						 .reason = GX_STR("signed out"),
					 });
	}
}

void outbox_stage(struct gx_core *core, size_t from)
{
	for (size_t i = from; i < core->outbox.count; i++) {
		const struct outbox_item *item = &core->outbox.items[i];

		if (item->kind == OUTBOX_CLOSE)
			stage_close(core, item);
		else
			core_deliver(core, item);
	}
	core->outbox.count = from;
}
