/* SPDX-License-Identifier: Apache-2.0 */
/*
 * media_rules.c - who may see a medium, how long it stays, how much one may keep.
 *
 * An upload expires after some hours unless a room grants it to someone; a grant stops the clock,
 * and the loss of the last grant ends the medium at once, for its uploader too.
 *
 * Collecting blobs: a blob that no row names is removed, but not while an upload of the same bytes
 * may be between its blob (written on a upload thread) and its row (written here): see blob.h. This
 * runs on the command thread, so it sees every row that was committed before.
 */
#include "media_rules.h"

#define GRANTS_PAGE 64u
/* Grants that are asked whether they let someone see; a medium forwarded more often than this shows
 * to the people of the first ones. */
#define GRANTS_ASKED_MAX 4096u
#define REVOKE_PAGE 64u
#define EXPIRE_PAGE 200u
#define COLLECT_FOLDERS 32u /* of 65,536 at a time: all within a day */
#define COLLECT_PAGE 1024u
#define BLOB_AGE_MIN_S 3600

static bool is_usable(const struct media_row *row, const struct gx_tx *tx)
{
	return row->expires_at_ms == INT64_MIN || row->expires_at_ms > tx->now_ms;
}

enum gx_status media_find(struct gx_arena *a, struct gx_tx *tx, uint64_t media_id,
			  struct media_row **out, struct gx_error *err)
{
	struct media_row *row;
	enum gx_status st = media_store_get(a, tx, media_id, &row, err);

	if (st == GX_OK)
		*out = row != NULL && is_usable(row, tx) ? row : NULL;
	return st;
}

enum gx_status media_get(struct gx_arena *a, struct gx_tx *tx, uint64_t media_id,
			 const struct media_item **out, struct gx_error *err)
{
	struct media_row *row;
	enum gx_status st = media_find(a, tx, media_id, &row, err);

	if (st == GX_OK)
		*out = row == NULL ? NULL : &row->item;
	return st;
}

static enum gx_status ask_room(struct gx_arena *a, struct gx_tx *tx, uint64_t account_id,
			       const struct media_grant_row *grant, bool *out, struct gx_error *err)
{
	const struct gx_room *room = gx_room_find(tx->core, grant->room);

	*out = false;
	if (room == NULL || room->may_view == NULL)
		return GX_OK;
	return room->may_view(a, tx, account_id, grant->subject, grant->detail, out, err);
}

enum gx_status media_may_view(struct gx_arena *a, struct gx_tx *tx, uint64_t account_id,
			      const struct media_item *item, bool *out, struct gx_error *err)
{
	struct media_grant_row after = { .room = GX_STR("") };
	struct media_grant_row *grants;
	size_t count = GRANTS_PAGE;
	enum gx_status st;

	*out = account_id == item->owner_id;
	for (size_t asked = 0; !*out && count == GRANTS_PAGE && asked < GRANTS_ASKED_MAX;) {
		st = media_store_list_grants(a, tx, item->media_id, &after, GRANTS_PAGE, &grants,
					     &count, err);
		for (size_t i = 0; st == GX_OK && i < count && !*out; i++)
			st = ask_room(a, tx, account_id, &grants[i], out, err);
		if (st != GX_OK)
			return st;
		if (count > 0)
			after = grants[count - 1];
		asked += count;
	}
	return GX_OK;
}

enum gx_status media_grant(struct gx_arena *a, struct gx_tx *tx, uint64_t by, uint64_t media_id,
			   struct gx_str room, uint64_t subject, uint64_t detail,
			   struct gx_error *err)
{
	struct media_grant_row grant = { room, subject, detail };
	struct media_row *row;
	bool may_view = false;
	/* Not media_find(): a room may take back its last grant and give it again at once. */
	enum gx_status st = media_store_get(a, tx, media_id, &row, err);

	if (st == GX_OK && row != NULL)
		st = media_may_view(a, tx, by, &row->item, &may_view, err);
	if (st != GX_OK)
		return st;
	if (!may_view)
		return gx_fail(err, GX_E_RULE, "media.not_yours");
	st = media_store_insert_grant(tx, media_id, &grant, err);
	if (st == GX_OK && row->expires_at_ms != INT64_MIN)
		st = media_store_set_expiry(tx, media_id, INT64_MIN, err);
	return st;
}

/* Ends a medium that no grant holds. */
static enum gx_status release(struct gx_arena *a, struct gx_tx *tx, uint64_t media_id,
			      struct gx_error *err)
{
	bool is_granted;
	enum gx_status st = media_store_is_granted(a, tx, media_id, &is_granted, err);

	if (st == GX_OK && !is_granted)
		st = media_store_set_expiry(tx, media_id, tx->now_ms, err);
	return st;
}

static enum gx_status list_under(struct gx_arena *a, struct gx_tx *tx,
				 const struct media_grant_row *grant, uint64_t **ids,
				 size_t *ids_count, struct gx_error *err)
{
	size_t room = 0, used = 0, count = REVOKE_PAGE;
	uint64_t *all = NULL, *page;

	while (count == REVOKE_PAGE) {
		uint64_t after = used == 0 ? 0 : all[used - 1];
		enum gx_status st = media_store_list_granted(a, tx, grant, after, REVOKE_PAGE,
							     &page, &count, err);
		if (st != GX_OK)
			return st;
		for (size_t i = 0; i < count; i++) {
			all = gx_stmt_rows_grow(a, all, used, &room, sizeof(*all));
			all[used++] = page[i];
		}
	}
	*ids = all;
	*ids_count = used;
	return GX_OK;
}

enum gx_status media_revoke(struct gx_arena *a, struct gx_tx *tx, struct gx_str room,
			    uint64_t subject, uint64_t detail, struct gx_error *err)
{
	struct media_grant_row grant = { room, subject, detail };
	uint64_t *ids;
	size_t count;
	enum gx_status st = list_under(a, tx, &grant, &ids, &count, err);

	if (st != GX_OK || count == 0)
		return st;
	st = media_store_delete_grants(tx, &grant, err);
	for (size_t i = 0; i < count && st == GX_OK; i++)
		st = release(a, tx, ids[i], err);
	return st;
}

enum gx_status media_check_quota(struct gx_arena *a, struct gx_tx *tx, uint64_t account_id,
				 uint64_t size, struct gx_error *err)
{
	uint64_t limit = (uint64_t)media_settings[MEDIA_BYTES_PER_ACCOUNT].num;
	uint64_t used;
	enum gx_status st;

	if (limit == 0)
		return GX_OK;
	st = media_store_get_usage(a, tx, account_id, &used, err);
	if (st == GX_OK && (size > limit || used > limit - size))
		st = gx_fail(err, GX_E_RULE, "media.quota_exceeded");
	return st;
}

enum gx_status media_expire(struct gx_arena *a, struct gx_tx *tx, bool *again, struct gx_error *err)
{
	struct media_expired *items;
	size_t count;
	enum gx_status st = media_store_list_expired(a, tx, EXPIRE_PAGE, &items, &count, err);

	for (size_t i = 0; st == GX_OK && i < count; i++)
		st = media_store_delete(tx, &items[i], err);
	*again = st == GX_OK && count == EXPIRE_PAGE;
	return st;
}

static enum gx_status collect_one(struct gx_arena *a, struct gx_tx *tx, struct media_state *state,
				  const struct gx_blob_id *id, struct gx_error *err)
{
	bool is_named;
	enum gx_status st = media_store_has_blob(a, tx, gx_blob_hex(a, id), &is_named, err);

	if (st == GX_OK && !is_named && gx_blob_collect(&state->blobs, id, BLOB_AGE_MIN_S))
		gx_metric_add(&media_metrics[MEDIA_METRIC_BLOBS_COLLECTED], 1);
	return st;
}

static enum gx_status collect_folder(struct gx_arena *a, struct gx_tx *tx,
				     struct media_state *state, unsigned prefix,
				     struct gx_error *err)
{
	struct gx_blob_id *ids;
	size_t count;
	enum gx_status st = gx_blob_list(a, &state->blobs, prefix, COLLECT_PAGE, &ids, &count, err);

	for (size_t i = 0; st == GX_OK && i < count; i++)
		st = collect_one(a, tx, state, &ids[i], err);
	return st;
}

enum gx_status media_collect(struct gx_arena *a, struct gx_tx *tx, bool *again,
			     struct gx_error *err)
{
	struct media_state *state = media_state(tx->core);
	enum gx_status st = GX_OK;

	for (unsigned i = 0; i < COLLECT_FOLDERS && st == GX_OK; i++) {
		st = collect_folder(a, tx, state, state->collect_at, err);
		state->collect_at = (state->collect_at + 1) % GX_BLOB_PREFIXES;
	}
	*again = false;
	return st;
}
