/* SPDX-License-Identifier: Apache-2.0 */
/*
 * groups_store.c - rows of groups and members. No rules.
 */
#include "groups_rules.h"
#include "groups_sql.h"

enum gx_status groups_get(struct gx_arena *a, struct gx_tx *tx, uint64_t group_id,
			  struct groups_group *out, bool *found, struct gx_error *err)
{
	const struct groups_sql_group_get_in in = { .conversation_id = group_id };
	struct groups_sql_group_get_out row;
	bool is_found;
	enum gx_status st = groups_sql_group_get(a, tx, &in, &row, &is_found, err);
	if (st != GX_OK)
		return st;
	if (is_found)
		*out = (struct groups_group){
			.group_id = group_id,
			.owner_id = row.owner_id,
			.name = row.name,
			.announcement = row.announcement,
			.announced_at_ms = row.announced_at_ms,
			.is_dissolved = row.dissolved_at_ms != INT64_MIN,
		};
	*found = is_found;
	return GX_OK;
}

enum gx_status groups_save(struct gx_tx *tx, const struct groups_group *group, struct gx_error *err)
{
	const struct groups_sql_group_update_in in = {
		.conversation_id = group->group_id,
		.owner_id = group->owner_id,
		.name = group->name,
		.announcement = group->announcement,
		.announced_at_ms = group->announced_at_ms,
	};
	return groups_sql_group_update(tx, &in, NULL, err);
}

enum gx_status groups_get_member(struct gx_arena *a, struct gx_tx *tx, uint64_t group_id,
				 uint64_t account_id, struct groups_member *out, bool *found,
				 struct gx_error *err)
{
	const struct groups_sql_member_get_in in = {
		.conversation_id = group_id,
		.account_id = account_id,
	};
	struct groups_sql_member_get_out row;
	bool is_found;
	enum gx_status st = groups_sql_member_get(a, tx, &in, &row, &is_found, err);
	if (st != GX_OK)
		return st;
	if (is_found)
		*out = (struct groups_member){
			.account_id = account_id,
			.ordinal = row.ordinal,
			.role = (enum groups_role)row.role,
			.nickname = row.nickname,
			.joined_at_ms = row.joined_at_ms,
		};
	*found = is_found;
	return GX_OK;
}

enum gx_status groups_list_members(struct gx_arena *a, struct gx_tx *tx, uint64_t group_id,
				   int64_t after_ordinal, size_t most, struct groups_member **out,
				   size_t *count, struct gx_error *err)
{
	const struct groups_sql_member_list_in in = {
		.conversation_id = group_id,
		.after_ordinal = after_ordinal,
		.most = (int64_t)most,
	};
	struct groups_sql_member_list_out *rows;
	size_t rows_count;
	enum gx_status st = groups_sql_member_list(a, tx, &in, &rows, &rows_count, err);
	if (st != GX_OK)
		return st;
	*out = gx_arena_new_array(a, struct groups_member, rows_count);
	*count = rows_count;
	for (size_t i = 0; i < rows_count; i++)
		(*out)[i] = (struct groups_member){
			.account_id = rows[i].account_id,
			.ordinal = rows[i].ordinal,
			.role = (enum groups_role)rows[i].role,
			.nickname = rows[i].nickname,
			.joined_at_ms = rows[i].joined_at_ms,
		};
	return GX_OK;
}

enum gx_status groups_count_members(struct gx_tx *tx, uint64_t group_id, size_t *count,
				    int64_t *last_ordinal, struct gx_error *err)
{
	const struct groups_sql_member_usage_in in = { .conversation_id = group_id };
	struct groups_sql_member_usage_out row;
	bool is_found;
	enum gx_status st = groups_sql_member_usage(NULL, tx, &in, &row, &is_found, err);
	if (st != GX_OK)
		return st;
	*count = (size_t)row.members_count;
	*last_ordinal = row.members_count == 0 ? 0 : row.last_ordinal;
	return GX_OK;
}

enum gx_status groups_insert_members(struct gx_tx *tx, uint64_t group_id, const uint64_t *ids,
				     size_t count, int64_t last_ordinal, struct gx_error *err)
{
	for (size_t i = 0; i < count; i++) {
		const struct groups_sql_member_insert_in in = {
			.conversation_id = group_id,
			.account_id = ids[i],
			.ordinal = last_ordinal + 1 + (int64_t)i,
			.role = GROUPS_ROLE_MEMBER,
			.now_ms = tx->now_ms,
		};
		enum gx_status st = groups_sql_member_insert(tx, &in, NULL, err);
		if (st != GX_OK)
			return st;
	}
	return GX_OK;
}
