/* SPDX-License-Identifier: Apache-2.0 */
/*
 * groups_rules.c - making a group, changing it, ending it.
 *
 * Owner and admins rename, announce and remove; only the owner hands over, appoints and dissolves.
 * An outsider is told that there is no such group; who was in it is told so.
 */
#include "groups_rules.h"
#include "chat.h"
#include "groups_sql.h"

enum gx_status groups_enter(struct gx_arena *a, struct gx_tx *tx, uint64_t me, uint64_t group_id,
			    struct groups_group *group, struct groups_member *member,
			    struct gx_error *err)
{
	struct groups_group found_group;
	struct groups_member found_member;
	struct chat_member past;
	bool is_found;

	enum gx_status st = groups_get(a, tx, group_id, &found_group, &is_found, err);
	if (st != GX_OK)
		return st;
	if (!is_found)
		return gx_fail(err, GX_E_NOT_FOUND, "groups.no_group");
	st = groups_get_member(a, tx, group_id, me, &found_member, &is_found, err);
	if (st != GX_OK)
		return st;
	if (is_found) {
		*group = found_group;
		*member = found_member;
		return GX_OK;
	}
	st = chat_get_member(tx, group_id, me, &past, &is_found, err);
	if (st != GX_OK)
		return st;
	if (is_found)
		return gx_fail(err, GX_E_FORBIDDEN, "chat.not_member");
	return gx_fail(err, GX_E_NOT_FOUND, "groups.no_group");
}

/* ---- making one */

static enum gx_status check_daily_limit(struct gx_tx *tx, uint64_t me, struct gx_error *err)
{
	int64_t most = groups_settings[GROUPS_SETTING_PER_DAY].num;
	const struct groups_sql_group_usage_in in = {
		.creator_id = me,
		.since_ms = tx->now_ms - GX_DAY_MS,
	};
	struct groups_sql_group_usage_out row;
	bool is_found;

	if (most == 0)
		return GX_OK;
	enum gx_status st = groups_sql_group_usage(NULL, tx, &in, &row, &is_found, err);
	if (st != GX_OK)
		return st;
	if (row.groups_count < most)
		return GX_OK;
	int64_t wait_ms = row.first_at_ms + GX_DAY_MS - tx->now_ms;
	return gx_fail_retry(err, GX_E_LIMIT, "groups.too_many_groups",
			     (uint32_t)(wait_ms / GX_SECOND_MS + 1));
}

/* What a repeat must equal: the ids and the name. */
static struct gx_str creation_content(struct gx_arena *a, struct gx_str name, const uint64_t *ids,
				      size_t ids_count)
{
	struct gx_buf buf;

	gx_buf_init(&buf, 65536);
	for (size_t i = 0; i < ids_count; i++) {
		gx_buf_append_u64(&buf, ids[i]);
		gx_buf_append_char(&buf, ' ');
	}
	gx_buf_append_str(&buf, name);
	GX_ASSERT(!buf.overflow);
	struct gx_str content = gx_arena_strdup(a, gx_buf_str(&buf));
	gx_buf_deinit(&buf);
	return content;
}

/* *group_id 0: that client_id is new. */
static enum gx_status find_creation(struct gx_arena *a, struct gx_tx *tx, uint64_t me,
				    struct gx_str client_id, struct gx_str content,
				    uint64_t *group_id, struct gx_str *refused,
				    struct gx_error *err)
{
	const struct groups_sql_creation_get_in in = {
		.creator_id = me,
		.client_id = client_id,
	};
	struct groups_sql_creation_get_out row;
	bool is_found;

	enum gx_status st = groups_sql_creation_get(a, tx, &in, &row, &is_found, err);
	if (st != GX_OK)
		return st;
	if (is_found && !gx_str_eq(row.content, content))
		return gx_fail(err, GX_E_CONFLICT, "groups.client_id_reused");
	*group_id = is_found ? row.conversation_id : 0;
	if (is_found)
		*refused = row.refused;
	return GX_OK;
}

/* The group itself: `ids` are its first members behind the owner. */
static enum gx_status insert_group(struct gx_arena *a, struct gx_tx *tx, uint64_t owner_id,
				   struct gx_str name, const uint64_t *ids, size_t ids_count,
				   uint64_t *group_id, struct gx_error *err)
{
	uint64_t *all = gx_arena_new_array(a, uint64_t, ids_count + 1);
	uint64_t conversation_id;

	all[0] = owner_id;
	for (size_t i = 0; i < ids_count; i++)
		all[i + 1] = ids[i];
	enum gx_status st =
		chat_create_group(a, tx, name, all, ids_count + 1, &conversation_id, err);
	if (st != GX_OK)
		return st;
	const struct groups_sql_group_insert_in in = {
		.conversation_id = conversation_id,
		.owner_id = owner_id,
		.name = name,
		.now_ms = tx->now_ms,
	};
	st = groups_sql_group_insert(tx, &in, NULL, err);
	if (st != GX_OK)
		return st;
	st = groups_insert_members(tx, conversation_id, all, ids_count + 1, 0, err);
	if (st != GX_OK)
		return st;
	st = groups_set_role(a, tx, conversation_id, owner_id, GROUPS_ROLE_OWNER, err);
	if (st != GX_OK)
		return st;
	gx_metric_add(&groups_metrics[GROUPS_METRIC_CREATED], 1);
	const struct groups_notice notice = {
		.code = "group.created",
		.by = owner_id,
		.has_members = true,
		.ids = ids,
		.ids_count = ids_count,
	};
	*group_id = conversation_id;
	return groups_post(a, tx, conversation_id, &notice, err);
}

enum gx_status groups_create(struct gx_arena *a, struct gx_tx *tx, uint64_t me,
			     struct gx_str client_id, struct gx_str name, const uint64_t *ids,
			     size_t ids_count, uint64_t *group_id, struct gx_str *refused,
			     struct gx_error *err)
{
	struct gx_str content = creation_content(a, name, ids, ids_count);
	struct groups_refusal *refusals;
	uint64_t *admitted, made_id = 0;
	size_t admitted_count, refusals_count;
	enum gx_status st = GX_OK;

	if (client_id.len > 0)
		st = find_creation(a, tx, me, client_id, content, &made_id, refused, err);
	if (st == GX_OK && made_id != 0)
		*group_id = made_id;
	if (st != GX_OK || made_id != 0)
		return st;
	st = check_daily_limit(tx, me, err);
	if (st != GX_OK)
		return st;
	st = groups_sort_out(a, tx, me, 0, ids, ids_count, &admitted, &admitted_count, &refusals,
			     &refusals_count, err);
	if (st != GX_OK)
		return st;
	if (admitted_count == 0)
		return gx_fail_field(err, GX_E_RULE, "groups.nobody", "members");
	st = insert_group(a, tx, me, name, admitted, admitted_count, &made_id, err);
	if (st != GX_OK)
		return st;
	*refused = groups_format_refused(a, refusals, refusals_count);
	*group_id = made_id;
	if (client_id.len == 0)
		return GX_OK;
	const struct groups_sql_creation_insert_in in = {
		.creator_id = me,
		.client_id = client_id,
		.conversation_id = made_id,
		.content = content,
		.refused = *refused,
	};
	return groups_sql_creation_insert(tx, &in, NULL, err);
}

/* ---- changing it */

static bool is_among(const uint64_t *ids, size_t count, uint64_t id)
{
	for (size_t i = 0; i < count; i++)
		if (ids[i] == id)
			return true;
	return false;
}

/* Owner and admins must be members, and the owner is no admin. */
static enum gx_status check_people(struct gx_arena *a, struct gx_tx *tx,
				   const struct groups_group *group,
				   const struct groups_change *change, struct gx_error *err)
{
	uint64_t owner_id = change->owner_id != 0 ? change->owner_id : group->owner_id;
	struct groups_member member;
	bool is_member;

	enum gx_status st =
		groups_get_member(a, tx, group->group_id, owner_id, &member, &is_member, err);
	if (st != GX_OK)
		return st;
	if (!is_member)
		return gx_fail_field(err, GX_E_RULE, "groups.bad_member", "owner");
	if (change->admins_count > GROUPS_ADMINS_MAX)
		return gx_fail_field(err, GX_E_RULE, "groups.too_many_admins", "admins");
	for (size_t i = 0; i < change->admins_count; i++) {
		st = groups_get_member(a, tx, group->group_id, change->admin_ids[i], &member,
				       &is_member, err);
		if (st != GX_OK)
			return st;
		if (!is_member || change->admin_ids[i] == owner_id)
			return gx_fail_field(err, GX_E_RULE, "groups.bad_member", "admins");
	}
	return GX_OK;
}

static enum gx_status check_change(struct gx_arena *a, struct gx_tx *tx,
				   const struct groups_group *group, const struct groups_member *me,
				   const struct groups_change *change, struct gx_error *err)
{
	enum groups_role needed = GROUPS_ROLE_ADMIN;

	if (change->owner_id != 0 || change->has_admins)
		needed = GROUPS_ROLE_OWNER;
	if (me->role < needed)
		return gx_fail(err, GX_E_FORBIDDEN, "groups.not_allowed");
	return check_people(a, tx, group, change, err);
}

static enum gx_status rename_group(struct gx_arena *a, struct gx_tx *tx, uint64_t me,
				   struct groups_group *group, struct gx_str name,
				   struct gx_error *err)
{
	const struct groups_notice notice = {
		.code = "group.renamed",
		.by = me,
		.key = "name",
		.text = name,
	};

	if (gx_str_eq(group->name, name))
		return GX_OK;
	group->name = name;
	enum gx_status st = groups_save(tx, group, err);
	if (st != GX_OK)
		return st;
	st = chat_set_name(a, tx, group->group_id, name, err);
	if (st != GX_OK)
		return st;
	return groups_post(a, tx, group->group_id, &notice, err);
}

/* Taking an announcement back makes no line in the conversation. */
static enum gx_status announce(struct gx_arena *a, struct gx_tx *tx, uint64_t me,
			       struct groups_group *group, struct gx_str text, struct gx_error *err)
{
	const struct groups_notice notice = {
		.code = "group.announcement",
		.by = me,
		.key = "text",
		.text = text,
	};

	if (gx_str_eq(group->announcement, text))
		return GX_OK;
	group->announcement = text;
	group->announced_at_ms = text.len > 0 ? tx->now_ms : INT64_MIN;
	enum gx_status st = groups_save(tx, group, err);
	if (st != GX_OK)
		return st;
	if (text.len == 0)
		return chat_touch(a, tx, group->group_id, err);
	return groups_post(a, tx, group->group_id, &notice, err);
}

static enum gx_status change_owner(struct gx_arena *a, struct gx_tx *tx, uint64_t me,
				   struct groups_group *group, uint64_t owner_id,
				   struct gx_error *err)
{
	const struct groups_notice notice = {
		.code = "group.owner_changed",
		.by = me,
		.has_members = true,
		.ids = &owner_id,
		.ids_count = 1,
	};

	if (owner_id == group->owner_id)
		return GX_OK;
	enum gx_status st =
		groups_set_role(a, tx, group->group_id, group->owner_id, GROUPS_ROLE_MEMBER, err);
	if (st != GX_OK)
		return st;
	st = groups_set_role(a, tx, group->group_id, owner_id, GROUPS_ROLE_OWNER, err);
	if (st != GX_OK)
		return st;
	group->owner_id = owner_id;
	st = groups_save(tx, group, err);
	if (st != GX_OK)
		return st;
	return groups_post(a, tx, group->group_id, &notice, err);
}

static enum gx_status change_admins(struct gx_arena *a, struct gx_tx *tx, uint64_t me,
				    const struct groups_group *group,
				    const struct groups_change *change, struct gx_error *err)
{
	const struct groups_notice notice = {
		.code = "group.admins_changed",
		.by = me,
		.has_members = true,
		.ids = change->admin_ids,
		.ids_count = change->admins_count,
	};
	struct groups_member *members;
	size_t count;
	bool has_changed = false;

	enum gx_status st = groups_list_members(a, tx, group->group_id, 0, GROUPS_MEMBERS_HARD_MAX,
						&members, &count, err);
	for (size_t i = 0; st == GX_OK && i < count; i++) {
		bool is_admin =
			is_among(change->admin_ids, change->admins_count, members[i].account_id);
		enum groups_role role = is_admin ? GROUPS_ROLE_ADMIN : GROUPS_ROLE_MEMBER;
		if (members[i].role == role || members[i].role == GROUPS_ROLE_OWNER)
			continue;
		has_changed = true;
		st = groups_set_role(a, tx, group->group_id, members[i].account_id, role, err);
	}
	if (st != GX_OK || !has_changed)
		return st;
	return groups_post(a, tx, group->group_id, &notice, err);
}

enum gx_status groups_update(struct gx_arena *a, struct gx_tx *tx, uint64_t me, uint64_t group_id,
			     const struct groups_change *change, struct gx_error *err)
{
	struct groups_group group;
	struct groups_member member;

	enum gx_status st = groups_enter(a, tx, me, group_id, &group, &member, err);
	if (st != GX_OK)
		return st;
	st = check_change(a, tx, &group, &member, change, err);
	if (st == GX_OK && change->name != NULL)
		st = rename_group(a, tx, me, &group, *change->name, err);
	if (st == GX_OK && change->announcement != NULL)
		st = announce(a, tx, me, &group, *change->announcement, err);
	if (st == GX_OK && change->owner_id != 0)
		st = change_owner(a, tx, me, &group, change->owner_id, err);
	if (st == GX_OK && change->has_admins)
		st = change_admins(a, tx, me, &group, change, err);
	return st;
}

enum gx_status groups_set_nickname(struct gx_arena *a, struct gx_tx *tx, uint64_t me,
				   uint64_t group_id, struct gx_str nickname, struct gx_error *err)
{
	const struct groups_sql_member_set_nickname_in in = {
		.conversation_id = group_id,
		.account_id = me,
		.nickname = nickname,
	};
	struct groups_group group;
	struct groups_member member;

	enum gx_status st = groups_enter(a, tx, me, group_id, &group, &member, err);
	if (st != GX_OK || gx_str_eq(member.nickname, nickname))
		return st;
	st = groups_sql_member_set_nickname(tx, &in, NULL, err);
	if (st != GX_OK)
		return st;
	return chat_touch(a, tx, group_id, err);
}

/* ---- ending it */

enum gx_status groups_dissolve(struct gx_arena *a, struct gx_tx *tx, uint64_t me, uint64_t group_id,
			       struct gx_error *err)
{
	const struct groups_notice notice = { .code = "group.dissolved", .by = me };
	const struct groups_sql_member_delete_all_in all = { .conversation_id = group_id };
	const struct groups_sql_group_dissolve_in over = {
		.conversation_id = group_id,
		.now_ms = tx->now_ms,
	};
	struct groups_group group;
	struct groups_member member, *members;
	size_t count;

	enum gx_status st = groups_enter(a, tx, me, group_id, &group, &member, err);
	if (st != GX_OK)
		return st;
	if (member.role != GROUPS_ROLE_OWNER)
		return gx_fail(err, GX_E_FORBIDDEN, "groups.not_allowed");
	st = groups_list_members(a, tx, group_id, 0, GROUPS_MEMBERS_HARD_MAX, &members, &count,
				 err);
	if (st != GX_OK)
		return st;
	uint64_t *ids = gx_arena_new_array(a, uint64_t, count);
	for (size_t i = 0; i < count; i++)
		ids[i] = members[i].account_id;
	st = groups_post(a, tx, group_id, &notice, err);
	if (st != GX_OK)
		return st;
	st = groups_sql_member_delete_all(tx, &all, NULL, err);
	if (st != GX_OK)
		return st;
	st = groups_sql_group_dissolve(tx, &over, NULL, err);
	if (st != GX_OK)
		return st;
	return chat_remove_members(a, tx, group_id, ids, count, err);
}
