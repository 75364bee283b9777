/* SPDX-License-Identifier: Apache-2.0 */
#include "media_store.h"

#include "media_sql.h"

enum gx_status media_store_get(struct gx_arena *a, struct gx_tx *tx, uint64_t media_id,
			       struct media_row **out, struct gx_error *err)
{
	struct media_sql_item_get_in in = { .media_id = media_id };
	struct media_sql_item_get_out row;
	bool found;
	enum gx_status st = media_sql_item_get(a, tx, &in, &row, &found, err);

	if (st != GX_OK)
		return st;
	*out = NULL;
	if (!found)
		return GX_OK;
	*out = gx_arena_new(a, struct media_row);
	**out = (struct media_row){
		.item = { .media_id = media_id,
			  .owner_id = row.owner_id,
			  .kind = (enum media_kind)row.kind,
			  .mime = row.mime,
			  .name = row.name,
			  .size = row.size,
			  .width = (uint32_t)row.width,
			  .height = (uint32_t)row.height,
			  .sha256 = row.sha256 },
		.thumb_sha256 = row.thumb_sha256,
		.expires_at_ms = row.expires_at_ms,
	};
	return GX_OK;
}

static enum gx_status add_usage(struct gx_tx *tx, uint64_t account_id, int64_t bytes,
				struct gx_error *err)
{
	struct media_sql_usage_add_in in = { .account_id = account_id, .bytes = bytes };

	return media_sql_usage_add(tx, &in, NULL, err);
}

enum gx_status media_store_insert(struct gx_tx *tx, const struct media_row *row,
				  struct gx_error *err)
{
	const struct media_item *item = &row->item;
	struct media_sql_item_insert_in in = {
		.media_id = item->media_id,
		.owner_id = item->owner_id,
		.kind = item->kind,
		.mime = item->mime,
		.name = item->name,
		.size = item->size,
		.width = item->width,
		.height = item->height,
		.sha256 = item->sha256,
		.thumb_sha256 = row->thumb_sha256,
		.created_at_ms = row->created_at_ms,
		.expires_at_ms = row->expires_at_ms,
	};
	enum gx_status st = media_sql_item_insert(tx, &in, NULL, err);

	return st == GX_OK ? add_usage(tx, item->owner_id, (int64_t)item->size, err) : st;
}

enum gx_status media_store_delete(struct gx_tx *tx, const struct media_expired *item,
				  struct gx_error *err)
{
	struct media_sql_item_delete_in in = { .media_id = item->media_id };
	enum gx_status st = media_sql_item_delete(tx, &in, NULL, err);

	return st == GX_OK ? add_usage(tx, item->owner_id, -(int64_t)item->size, err) : st;
}

enum gx_status media_store_set_expiry(struct gx_tx *tx, uint64_t media_id, int64_t expires_at_ms,
				      struct gx_error *err)
{
	struct media_sql_item_set_expiry_in in = { .media_id = media_id,
						   .expires_at_ms = expires_at_ms };

	return media_sql_item_set_expiry(tx, &in, NULL, err);
}

enum gx_status media_store_list_expired(struct gx_arena *a, struct gx_tx *tx, size_t max,
					struct media_expired **out, size_t *count,
					struct gx_error *err)
{
	struct media_sql_item_list_expired_in in = { .now_ms = tx->now_ms, .count = max };
	struct media_sql_item_list_expired_out *rows;
	enum gx_status st = media_sql_item_list_expired(a, tx, &in, &rows, count, err);

	if (st != GX_OK)
		return st;
	*out = gx_arena_new_array(a, struct media_expired, *count);
	for (size_t i = 0; i < *count; i++)
		(*out)[i] =
			(struct media_expired){ rows[i].media_id, rows[i].owner_id, rows[i].size };
	return GX_OK;
}

enum gx_status media_store_has_blob(struct gx_arena *a, struct gx_tx *tx, struct gx_str sha256,
				    bool *out, struct gx_error *err)
{
	struct media_sql_blob_find_in in = { .sha256 = sha256 };
	struct media_sql_blob_find_out row;

	return media_sql_blob_find(a, tx, &in, &row, out, err);
}

enum gx_status media_store_get_usage(struct gx_arena *a, struct gx_tx *tx, uint64_t account_id,
				     uint64_t *bytes, struct gx_error *err)
{
	struct media_sql_usage_get_in in = { .account_id = account_id };
	struct media_sql_usage_get_out row = { 0 };
	bool found;
	enum gx_status st = media_sql_usage_get(a, tx, &in, &row, &found, err);

	if (st == GX_OK)
		*bytes = row.bytes;
	return st;
}

enum gx_status media_store_insert_grant(struct gx_tx *tx, uint64_t media_id,
					const struct media_grant_row *grant, struct gx_error *err)
{
	struct media_sql_grant_insert_in in = { .room = grant->room,
						.subject = grant->subject,
						.detail = grant->detail,
						.media_id = media_id };

	return media_sql_grant_insert(tx, &in, NULL, err);
}

enum gx_status media_store_delete_grants(struct gx_tx *tx, const struct media_grant_row *grant,
					 struct gx_error *err)
{
	struct media_sql_grant_delete_in in = { .room = grant->room,
						.subject = grant->subject,
						.detail = grant->detail };

	return media_sql_grant_delete(tx, &in, NULL, err);
}

enum gx_status media_store_list_granted(struct gx_arena *a, struct gx_tx *tx,
					const struct media_grant_row *grant, uint64_t after_id,
					size_t max, uint64_t **media_ids, size_t *count,
					struct gx_error *err)
{
	struct media_sql_grant_list_media_in in = { .room = grant->room,
						    .subject = grant->subject,
						    .detail = grant->detail,
						    .after_id = after_id,
						    .count = max };
	struct media_sql_grant_list_media_out *rows;
	enum gx_status st = media_sql_grant_list_media(a, tx, &in, &rows, count, err);

	if (st != GX_OK)
		return st;
	*media_ids = gx_arena_new_array(a, uint64_t, *count);
	for (size_t i = 0; i < *count; i++)
		(*media_ids)[i] = rows[i].media_id;
	return GX_OK;
}

enum gx_status media_store_is_granted(struct gx_arena *a, struct gx_tx *tx, uint64_t media_id,
				      bool *out, struct gx_error *err)
{
	struct media_sql_grant_find_in in = { .media_id = media_id };
	struct media_sql_grant_find_out row;

	return media_sql_grant_find(a, tx, &in, &row, out, err);
}

enum gx_status media_store_list_grants(struct gx_arena *a, struct gx_tx *tx, uint64_t media_id,
				       const struct media_grant_row *after, size_t max,
				       struct media_grant_row **out, size_t *count,
				       struct gx_error *err)
{
	struct media_sql_grant_list_in in = { .media_id = media_id,
					      .room = after->room,
					      .subject = after->subject,
					      .detail = after->detail,
					      .count = max };
	struct media_sql_grant_list_out *rows;
	enum gx_status st = media_sql_grant_list(a, tx, &in, &rows, count, err);

	if (st != GX_OK)
		return st;
	*out = gx_arena_new_array(a, struct media_grant_row, *count);
	for (size_t i = 0; i < *count; i++)
		(*out)[i] =
			(struct media_grant_row){ rows[i].room, rows[i].subject, rows[i].detail };
	return GX_OK;
}
