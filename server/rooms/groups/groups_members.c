/* SPDX-License-Identifier: Apache-2.0 */
/*
 * groups_members.c - who comes in, who goes, and what becomes of the group then.
 *
 * Nobody is brought in by a stranger: the one who adds and the one who is added have each other in
 * their lists. All writes run on one thread, so a count that is checked here still holds when the
 * rows go in.
 */
#include "chat.h"
#include "contacts.h"
#include "groups_rules.h"
#include "groups_sql.h"

static size_t members_max(void)
{
	int64_t most = groups_settings[GROUPS_SETTING_MEMBERS].num;
	return most == 0 ? GROUPS_MEMBERS_HARD_MAX : (size_t)most;
}

/* *code NULL: may be brought in. Someone whom `by` does not have is not asked any further, so that
 * a stranger's block can't be seen. */
static enum gx_status check_tie(struct gx_tx *tx, uint64_t by, uint64_t account_id,
				const char **code, struct gx_error *err)
{
	enum contacts_tie mine, theirs;
	bool is_blocked;

	enum gx_status st = contacts_get_tie(tx, by, account_id, &mine, err);
	if (st != GX_OK)
		return st;
	st = contacts_get_tie(tx, account_id, by, &theirs, err);
	if (st != GX_OK)
		return st;
	st = contacts_is_blocked(tx, account_id, by, &is_blocked, err);
	if (st != GX_OK)
		return st;
	if (mine == CONTACTS_STRANGER)
		*code = "contacts.not_friend";
	else if (is_blocked)
		*code = "contacts.refused";
	else
		*code = theirs == CONTACTS_FRIEND ? NULL : "contacts.not_friend";
	return GX_OK;
}

enum gx_status groups_sort_out(struct gx_arena *a, struct gx_tx *tx, uint64_t by, uint64_t group_id,
			       const uint64_t *ids, size_t ids_count, uint64_t **admitted,
			       size_t *admitted_count, struct groups_refusal **refused,
			       size_t *refused_count, struct gx_error *err)
{
	uint64_t *in = gx_arena_new_array(a, uint64_t, ids_count);
	struct groups_refusal *out = gx_arena_new_array(a, struct groups_refusal, ids_count);
	size_t in_count = 0, out_count = 0, present_count = 1; /* a new group has its owner */
	int64_t last_ordinal;
	enum gx_status st = GX_OK;

	if (group_id != 0)
		st = groups_count_members(tx, group_id, &present_count, &last_ordinal, err);
	for (size_t i = 0; st == GX_OK && i < ids_count; i++) {
		struct groups_member member;
		const char *code = NULL;
		bool is_member = ids[i] == by;
		if (!is_member && group_id != 0)
			st = groups_get_member(a, tx, group_id, ids[i], &member, &is_member, err);
		if (st != GX_OK || is_member)
			continue;
		st = check_tie(tx, by, ids[i], &code, err);
		if (code == NULL && present_count + in_count >= members_max())
			code = "groups.full";
		if (code == NULL)
			in[in_count++] = ids[i];
		else
			out[out_count++] = (struct groups_refusal){ ids[i], code };
	}
	if (st != GX_OK)
		return st;
	*admitted = in;
	*admitted_count = in_count;
	*refused = out;
	*refused_count = out_count;
	return GX_OK;
}

enum gx_status groups_add(struct gx_arena *a, struct gx_tx *tx, uint64_t me, uint64_t group_id,
			  const uint64_t *ids, size_t ids_count, struct gx_str *refused,
			  struct gx_error *err)
{
	struct groups_group group;
	struct groups_member member;
	struct groups_refusal *refusals;
	uint64_t *admitted;
	size_t admitted_count, refusals_count, present_count;
	int64_t last_ordinal;

	enum gx_status st = groups_enter(a, tx, me, group_id, &group, &member, err);
	if (st != GX_OK)
		return st;
	st = groups_sort_out(a, tx, me, group_id, ids, ids_count, &admitted, &admitted_count,
			     &refusals, &refusals_count, err);
	if (st != GX_OK)
		return st;
	*refused = groups_format_refused(a, refusals, refusals_count);
	if (admitted_count == 0)
		return GX_OK;
	st = groups_count_members(tx, group_id, &present_count, &last_ordinal, err);
	if (st != GX_OK)
		return st;
	GX_ASSERT(present_count + admitted_count <= members_max());
	st = groups_insert_members(tx, group_id, admitted, admitted_count, last_ordinal, err);
	if (st != GX_OK)
		return st;
	st = chat_add_members(a, tx, group_id, admitted, admitted_count, err);
	if (st != GX_OK)
		return st;
	const struct groups_notice notice = {
		.code = "group.joined",
		.by = me,
		.has_members = true,
		.ids = admitted,
		.ids_count = admitted_count,
	};
	return groups_post(a, tx, group_id, &notice, err);
}

enum gx_status groups_set_role(struct gx_arena *a, struct gx_tx *tx, uint64_t group_id,
			       uint64_t account_id, enum groups_role role, struct gx_error *err)
{
	const struct groups_sql_member_set_role_in in = {
		.conversation_id = group_id,
		.account_id = account_id,
		.role = role,
	};
	enum gx_status st = groups_sql_member_set_role(tx, &in, NULL, err);
	if (st != GX_OK)
		return st;
	return chat_set_moderator(a, tx, group_id, account_id, role != GROUPS_ROLE_MEMBER, err);
}

/* ---- going */

/* The line is posted while the one who goes is still in: it is the last thing to be read. */
static enum gx_status take_out(struct gx_arena *a, struct gx_tx *tx, uint64_t group_id,
			       const struct groups_member *who, const struct groups_notice *notice,
			       struct gx_error *err)
{
	const struct groups_sql_member_delete_in in = {
		.conversation_id = group_id,
		.account_id = who->account_id,
	};
	enum gx_status st = groups_post(a, tx, group_id, notice, err);
	if (st == GX_OK && who->role != GROUPS_ROLE_MEMBER)
		st = chat_set_moderator(a, tx, group_id, who->account_id, false, err);
	if (st != GX_OK)
		return st;
	st = groups_sql_member_delete(tx, &in, NULL, err);
	if (st != GX_OK)
		return st;
	return chat_remove_members(a, tx, group_id, &who->account_id, 1, err);
}

/* To the one who has been in longest; nobody is left: the group is over. */
static enum gx_status hand_over(struct gx_arena *a, struct gx_tx *tx, struct groups_group *group,
				struct gx_error *err)
{
	struct groups_member *members;
	size_t count, heir = 0;

	enum gx_status st =
		groups_list_members(a, tx, group->group_id, 0, 2, &members, &count, err);
	if (st != GX_OK)
		return st;
	if (count == 1) {
		const struct groups_sql_group_dissolve_in in = {
			.conversation_id = group->group_id,
			.now_ms = tx->now_ms,
		};
		return groups_sql_group_dissolve(tx, &in, NULL, err);
	}
	if (members[0].account_id == group->owner_id)
		heir = 1;
	const struct groups_notice notice = {
		.code = "group.owner_changed",
		.by = group->owner_id,
		.has_members = true,
		.ids = &members[heir].account_id,
		.ids_count = 1,
	};
	group->owner_id = members[heir].account_id;
	st = groups_save(tx, group, err);
	if (st != GX_OK)
		return st;
	st = groups_set_role(a, tx, group->group_id, group->owner_id, GROUPS_ROLE_OWNER, err);
	if (st != GX_OK)
		return st;
	return groups_post(a, tx, group->group_id, &notice, err);
}

static enum gx_status leave(struct gx_arena *a, struct gx_tx *tx, struct groups_group *group,
			    const struct groups_member *me, struct gx_error *err)
{
	const struct groups_notice notice = { .code = "group.left", .by = me->account_id };
	enum gx_status st = GX_OK;

	if (me->role == GROUPS_ROLE_OWNER)
		st = hand_over(a, tx, group, err);
	if (st != GX_OK)
		return st;
	return take_out(a, tx, group->group_id, me, &notice, err);
}

enum gx_status groups_remove(struct gx_arena *a, struct gx_tx *tx, uint64_t me, uint64_t group_id,
			     uint64_t account_id, struct gx_error *err)
{
	struct groups_group group;
	struct groups_member mine, theirs;
	bool is_member;

	enum gx_status st = groups_enter(a, tx, me, group_id, &group, &mine, err);
	if (st != GX_OK)
		return st;
	if (account_id == me)
		return leave(a, tx, &group, &mine, err);
	st = groups_get_member(a, tx, group_id, account_id, &theirs, &is_member, err);
	if (st != GX_OK)
		return st;
	if (!is_member)
		return gx_fail(err, GX_E_NOT_FOUND, "groups.no_member");
	if (mine.role <= theirs.role) /* admins remove members, the owner removes both */
		return gx_fail(err, GX_E_FORBIDDEN, "groups.not_allowed");
	const struct groups_notice notice = {
		.code = "group.removed",
		.by = me,
		.has_members = true,
		.ids = &account_id,
		.ids_count = 1,
	};
	return take_out(a, tx, group_id, &theirs, &notice, err);
}
