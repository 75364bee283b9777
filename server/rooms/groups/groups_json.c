/* SPDX-License-Identifier: Apache-2.0 */
/*
 * groups_json.c - groups, members and the system's lines as JSON.
 */
#include "accounts.h"
#include "chat.h"
#include "groups_rules.h"

#define NOTICE_BYTES_MAX 65536u
#define PAGE_BYTES_MAX ((size_t)2 << 20)

static struct gx_str role_name(enum groups_role role)
{
	if (role == GROUPS_ROLE_OWNER)
		return GX_STR("owner");
	return role == GROUPS_ROLE_ADMIN ? GX_STR("admin") : GX_STR("member");
}

enum gx_status groups_write(struct gx_arena *a, struct gx_tx *tx, const struct groups_group *group,
			    const struct groups_member *me, struct gx_json_writer *w,
			    struct gx_error *err)
{
	struct groups_member *members;
	size_t count;

	enum gx_status st = groups_list_members(a, tx, group->group_id, 0, GROUPS_MEMBERS_HARD_MAX,
						&members, &count, err);
	if (st != GX_OK)
		return st;
	gx_json_begin_object(w);
	gx_json_kv_id(w, "id", group->group_id);
	gx_json_kv_str(w, "name", group->name);
	gx_json_kv_id(w, "owner_id", group->owner_id);
	gx_json_key(w, GX_STR("admins"));
	gx_json_begin_array(w);
	for (size_t i = 0; i < count; i++)
		if (members[i].role == GROUPS_ROLE_ADMIN)
			gx_json_put_id(w, members[i].account_id);
	gx_json_end_array(w);
	gx_json_kv_str(w, "announcement", group->announcement);
	if (group->announced_at_ms == INT64_MIN)
		gx_json_kv_null(w, "announced_at");
	else
		gx_json_kv_i64(w, "announced_at", group->announced_at_ms);
	gx_json_kv_i64(w, "members_count", (int64_t)count);
	gx_json_kv_str(w, "my_nickname", me->nickname);
	gx_json_end_object(w);
	return GX_OK;
}

static enum gx_status write_member(struct gx_arena *a, struct gx_tx *tx,
				   const struct groups_member *member, struct gx_json_writer *w,
				   struct gx_error *err)
{
	const struct accounts_account *account;

	enum gx_status st = accounts_get_known(a, tx, member->account_id, &account, err);
	if (st != GX_OK)
		return st;
	gx_json_begin_object(w);
	gx_json_key(w, GX_STR("account"));
	accounts_write(w, account);
	gx_json_kv_str(w, "role", role_name(member->role));
	gx_json_kv_str(w, "nickname", member->nickname);
	gx_json_kv_i64(w, "joined_at", member->joined_at_ms);
	gx_json_end_object(w);
	return GX_OK;
}

enum gx_status groups_write_members(struct gx_arena *a, struct gx_tx *tx, uint64_t group_id,
				    int64_t after_ordinal, size_t most, struct gx_json_writer *w,
				    int64_t *next, struct gx_error *err)
{
	struct groups_member *members;
	size_t count, i = 0;

	enum gx_status st = groups_list_members(a, tx, group_id, after_ordinal, most + 1, &members,
						&count, err);
	if (st != GX_OK)
		return st;
	gx_json_begin_array(w);
	for (; i < count && i < most && w->buf->len < PAGE_BYTES_MAX; i++) {
		st = write_member(a, tx, &members[i], w, err);
		if (st != GX_OK)
			return st;
	}
	gx_json_end_array(w);
	*next = i > 0 && i < count ? members[i - 1].ordinal : 0;
	return GX_OK;
}

/* Copies what has been written into the arena and ends the buffer. */
static struct gx_str keep(struct gx_arena *a, struct gx_buf *buf)
{
	GX_ASSERT(!buf->overflow); /* what goes in is bounded by the input fields */
	struct gx_str json = gx_arena_strdup(a, gx_buf_str(buf));
	gx_buf_deinit(buf);
	return json;
}

struct gx_str groups_format_refused(struct gx_arena *a, const struct groups_refusal *refused,
				    size_t count)
{
	struct gx_buf buf;
	struct gx_json_writer w;

	gx_buf_init(&buf, NOTICE_BYTES_MAX);
	gx_json_writer_init(&w, &buf);
	gx_json_begin_array(&w);
	for (size_t i = 0; i < count; i++) {
		gx_json_begin_object(&w);
		gx_json_kv_id(&w, "account_id", refused[i].account_id);
		gx_json_kv_str(&w, "code", gx_str_from_cstr(refused[i].code));
		gx_json_end_object(&w);
	}
	gx_json_end_array(&w);
	return keep(a, &buf);
}

/* ---- notices */

/* {account_id, nickname}: the name in this group where there is one. */
static enum gx_status write_person(struct gx_arena *a, struct gx_tx *tx, uint64_t group_id,
				   uint64_t account_id, struct gx_json_writer *w,
				   struct gx_error *err)
{
	const struct accounts_account *account;
	struct groups_member member;
	bool is_member;

	enum gx_status st = accounts_get_known(a, tx, account_id, &account, err);
	if (st != GX_OK)
		return st;
	st = groups_get_member(a, tx, group_id, account_id, &member, &is_member, err);
	if (st != GX_OK)
		return st;
	gx_json_begin_object(w);
	gx_json_kv_id(w, "account_id", account_id);
	gx_json_kv_str(w, "nickname",
		       is_member && member.nickname.len > 0 ? member.nickname : account->nickname);
	gx_json_end_object(w);
	return GX_OK;
}

static enum gx_status write_people(struct gx_arena *a, struct gx_tx *tx, uint64_t group_id,
				   const struct groups_notice *notice, struct gx_json_writer *w,
				   struct gx_error *err)
{
	size_t named = notice->ids_count;
	enum gx_status st = GX_OK;

	if (named > GROUPS_NOTICE_NAMES_MAX)
		named = GROUPS_NOTICE_NAMES_MAX;
	gx_json_key(w, GX_STR("members"));
	gx_json_begin_array(w);
	for (size_t i = 0; st == GX_OK && i < named; i++)
		st = write_person(a, tx, group_id, notice->ids[i], w, err);
	gx_json_end_array(w);
	gx_json_kv_i64(w, "count", (int64_t)notice->ids_count);
	return st;
}

static enum gx_status write_params(struct gx_arena *a, struct gx_tx *tx, uint64_t group_id,
				   const struct groups_notice *notice, struct gx_json_writer *w,
				   struct gx_error *err)
{
	gx_json_begin_object(w);
	gx_json_key(w, GX_STR("by"));
	enum gx_status st = write_person(a, tx, group_id, notice->by, w, err);
	if (st == GX_OK && notice->has_members)
		st = write_people(a, tx, group_id, notice, w, err);
	if (notice->key != NULL) {
		gx_json_key(w, gx_str_from_cstr(notice->key));
		gx_json_put_str(w, notice->text);
	}
	gx_json_end_object(w);
	return st;
}

enum gx_status groups_post(struct gx_arena *a, struct gx_tx *tx, uint64_t group_id,
			   const struct groups_notice *notice, struct gx_error *err)
{
	struct gx_buf buf;
	struct gx_json_writer w;

	gx_buf_init(&buf, NOTICE_BYTES_MAX);
	gx_json_writer_init(&w, &buf);
	enum gx_status st = write_params(a, tx, group_id, notice, &w, err);
	if (st != GX_OK) {
		gx_buf_deinit(&buf);
		return st;
	}
	return chat_post_notice(a, tx, group_id, notice->by, notice->code, keep(a, &buf), err);
}
