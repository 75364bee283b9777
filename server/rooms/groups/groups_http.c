/* SPDX-License-Identifier: Apache-2.0 */
/*
 * groups_http.c - input, service, JSON.
 */
#include "accounts.h"
#include "chat.h"
#include "groups_rules.h"
#include "throttle.h"

enum { GROUP_ID };
static const struct gx_field group_fields[] = {
	[GROUP_ID] = { "group_id", GX_FIELD_ID, GX_FIELD_REQUIRED, 0, 0 },
	{ NULL, GX_FIELD_END, 0, 0, 0 },
};

/* `"conversation":{…}` as the caller sees it. */
static enum gx_status write_conversation(struct gx_call *c, uint64_t group_id)
{
	gx_json_key(&c->out, GX_STR("conversation"));
	return chat_write_conversation(c->arena, c->tx, c->session.account_id, group_id, &c->out,
				       &c->err);
}

/* `"invited":[],"refused":[…]`: nobody has to accept an invitation in this version. */
static void write_others(struct gx_call *c, struct gx_str refused)
{
	gx_json_kv_raw(&c->out, "invited", GX_STR("[]"));
	gx_json_kv_raw(&c->out, "refused", refused);
}

/* Text of one line, without what would deceive its reader. */
static enum gx_status clean_line(struct gx_call *c, size_t index, struct gx_str *out)
{
	if (!accounts_clean_line(c->in[index].str, out))
		return gx_fail_field(&c->err, GX_E_INVALID, "core.invalid_field",
				     c->route->fields[index].name);
	return GX_OK;
}

/* ---- the group */

enum { CREATE_CLIENT_ID, CREATE_NAME, CREATE_MEMBERS };
static const struct gx_field create_fields[] = {
	[CREATE_CLIENT_ID] = { "client_id", GX_FIELD_TOKEN, 0, 1, 64 },
	[CREATE_NAME] = { "name", GX_FIELD_STR, 0, 0, GROUPS_NAME_CHARS_MAX },
	[CREATE_MEMBERS] = { "members", GX_FIELD_ID_LIST, GX_FIELD_REQUIRED, 1, GROUPS_ADD_MAX },
	{ NULL, GX_FIELD_END, 0, 0, 0 },
};

static enum gx_status handle_create(struct gx_call *c)
{
	uint64_t group_id;
	struct gx_str name = { 0 }, refused;

	enum gx_status st = clean_line(c, CREATE_NAME, &name);
	if (st != GX_OK)
		return st;
	st = groups_create(c->arena, c->tx, c->session.account_id, c->in[CREATE_CLIENT_ID].str,
			   name, c->in[CREATE_MEMBERS].ids, c->in[CREATE_MEMBERS].count, &group_id,
			   &refused, &c->err);
	if (st != GX_OK)
		return st;
	gx_json_begin_object(&c->out);
	st = write_conversation(c, group_id);
	write_others(c, refused);
	gx_json_end_object(&c->out);
	return st;
}

static enum gx_status handle_get(struct gx_call *c)
{
	struct groups_group group;
	struct groups_member me;

	enum gx_status st = groups_enter(c->arena, c->tx, c->session.account_id, c->in[GROUP_ID].id,
					 &group, &me, &c->err);
	if (st != GX_OK)
		return st;
	gx_json_begin_object(&c->out);
	gx_json_key(&c->out, GX_STR("group"));
	st = groups_write(c->arena, c->tx, &group, &me, &c->out, &c->err);
	gx_json_end_object(&c->out);
	return st;
}

enum { UPDATE_GROUP, UPDATE_NAME, UPDATE_ANNOUNCEMENT, UPDATE_OWNER, UPDATE_ADMINS };
static const struct gx_field update_fields[] = {
	[UPDATE_GROUP] = { "group_id", GX_FIELD_ID, GX_FIELD_REQUIRED, 0, 0 },
	[UPDATE_NAME] = { "name", GX_FIELD_STR, 0, 0, GROUPS_NAME_CHARS_MAX },
	[UPDATE_ANNOUNCEMENT] = { "announcement", GX_FIELD_STR, 0, 0,
				  GROUPS_ANNOUNCEMENT_CHARS_MAX },
	[UPDATE_OWNER] = { "owner", GX_FIELD_ID, 0, 0, 0 },
	[UPDATE_ADMINS] = { "admins", GX_FIELD_ID_LIST, 0, 0, GROUPS_ADD_MAX },
	{ NULL, GX_FIELD_END, 0, 0, 0 },
};

static enum gx_status handle_update(struct gx_call *c)
{
	const struct gx_input *in = c->in;
	struct gx_str name = { 0 };

	enum gx_status st = clean_line(c, UPDATE_NAME, &name);
	if (st != GX_OK)
		return st;
	const struct groups_change change = {
		.name = in[UPDATE_NAME].is_present ? &name : NULL,
		.announcement =
			in[UPDATE_ANNOUNCEMENT].is_present ? &in[UPDATE_ANNOUNCEMENT].str : NULL,
		.owner_id = in[UPDATE_OWNER].id,
		.has_admins = in[UPDATE_ADMINS].is_present,
		.admin_ids = in[UPDATE_ADMINS].ids,
		.admins_count = in[UPDATE_ADMINS].count,
	};

	st = groups_update(c->arena, c->tx, c->session.account_id, in[UPDATE_GROUP].id, &change,
			   &c->err);
	if (st != GX_OK)
		return st;
	gx_json_begin_object(&c->out);
	st = write_conversation(c, in[UPDATE_GROUP].id);
	gx_json_end_object(&c->out);
	return st;
}

static enum gx_status handle_dissolve(struct gx_call *c)
{
	return groups_dissolve(c->arena, c->tx, c->session.account_id, c->in[GROUP_ID].id, &c->err);
}

enum { NICKNAME_GROUP, NICKNAME_TEXT };
static const struct gx_field nickname_fields[] = {
	[NICKNAME_GROUP] = { "group_id", GX_FIELD_ID, GX_FIELD_REQUIRED, 0, 0 },
	[NICKNAME_TEXT] = { "nickname", GX_FIELD_STR, GX_FIELD_REQUIRED, 0,
			    GROUPS_NICKNAME_CHARS_MAX },
	{ NULL, GX_FIELD_END, 0, 0, 0 },
};

static enum gx_status handle_set_nickname(struct gx_call *c)
{
	struct gx_str nickname = { 0 };

	enum gx_status st = clean_line(c, NICKNAME_TEXT, &nickname);
	if (st != GX_OK)
		return st;
	return groups_set_nickname(c->arena, c->tx, c->session.account_id, c->in[NICKNAME_GROUP].id,
				   nickname, &c->err);
}

/* ---- members */

enum { LIST_GROUP, LIST_LIMIT, LIST_CURSOR };
static const struct gx_field list_fields[] = {
	[LIST_GROUP] = { "group_id", GX_FIELD_ID, GX_FIELD_REQUIRED, 0, 0 },
	[LIST_LIMIT] = { "limit", GX_FIELD_INT, 0, 1, GROUPS_PAGE_MAX },
	[LIST_CURSOR] = { "cursor", GX_FIELD_TOKEN, 0, 0, 0 },
	{ NULL, GX_FIELD_END, 0, 0, 0 },
};

static enum gx_status handle_list_members(struct gx_call *c)
{
	const struct gx_input *limit = &c->in[LIST_LIMIT], *cursor = &c->in[LIST_CURSOR];
	size_t most = limit->is_present ? (size_t)limit->num : GROUPS_PAGE_MAX;
	struct groups_group group;
	struct groups_member me;
	int64_t after_ordinal = 0, next = 0;

	if (cursor->is_present &&
	    (!gx_str_to_i64(cursor->str, &after_ordinal) || after_ordinal < 0))
		return gx_fail_field(&c->err, GX_E_INVALID, "core.invalid_field", "cursor");
	enum gx_status st = groups_enter(c->arena, c->tx, c->session.account_id,
					 c->in[LIST_GROUP].id, &group, &me, &c->err);
	if (st != GX_OK)
		return st;
	gx_json_begin_object(&c->out);
	gx_json_key(&c->out, GX_STR("members"));
	st = groups_write_members(c->arena, c->tx, group.group_id, after_ordinal, most, &c->out,
				  &next, &c->err);
	if (next == 0)
		gx_json_kv_null(&c->out, "next");
	else
		gx_json_kv_id(&c->out, "next", (uint64_t)next);
	gx_json_end_object(&c->out);
	return st;
}

enum { ADD_GROUP, ADD_MEMBERS };
static const struct gx_field add_fields[] = {
	[ADD_GROUP] = { "group_id", GX_FIELD_ID, GX_FIELD_REQUIRED, 0, 0 },
	[ADD_MEMBERS] = { "members", GX_FIELD_ID_LIST, GX_FIELD_REQUIRED, 1, GROUPS_ADD_MAX },
	{ NULL, GX_FIELD_END, 0, 0, 0 },
};

static enum gx_status handle_add(struct gx_call *c)
{
	uint64_t group_id = c->in[ADD_GROUP].id;
	struct gx_str refused;
	int64_t next;

	enum gx_status st =
		groups_add(c->arena, c->tx, c->session.account_id, group_id, c->in[ADD_MEMBERS].ids,
			   c->in[ADD_MEMBERS].count, &refused, &c->err);
	if (st != GX_OK)
		return st;
	gx_json_begin_object(&c->out);
	gx_json_key(&c->out, GX_STR("members"));
	st = groups_write_members(c->arena, c->tx, group_id, 0, GROUPS_PAGE_MAX, &c->out, &next,
				  &c->err);
	write_others(c, refused);
	gx_json_end_object(&c->out);
	return st;
}

enum { REMOVE_GROUP, REMOVE_ACCOUNT };
static const struct gx_field remove_fields[] = {
	[REMOVE_GROUP] = { "group_id", GX_FIELD_ID, GX_FIELD_REQUIRED, 0, 0 },
	[REMOVE_ACCOUNT] = { "account_id", GX_FIELD_ID, GX_FIELD_REQUIRED, 0, 0 },
	{ NULL, GX_FIELD_END, 0, 0, 0 },
};

static enum gx_status handle_remove(struct gx_call *c)
{
	return groups_remove(c->arena, c->tx, c->session.account_id, c->in[REMOVE_GROUP].id,
			     c->in[REMOVE_ACCOUNT].id, &c->err);
}

/* What is told to every member. */
static enum gx_status admit_change(struct gx_call *c)
{
	struct gx_str key =
		gx_arena_printf(c->arena, "groups %llu", (unsigned long long)c->session.account_id);

	return gx_throttle(c->core, "core.too_often", key,
			   groups_settings[GROUPS_SETTING_CHANGES_PER_HOUR].num, GX_HOUR_MS,
			   &c->err);
}

/* ---- routes */

#define ROUTE(op_, method_, path_, kind_, status_, fields_, handle_)                               \
	{                                                                                          \
		.op = (op_), .method = (method_), .path = (path_), .kind = (kind_),                \
		.auth = GX_AUTH_SESSION, .priority = GX_PRIORITY_SOCIAL, .ok_status = (status_),   \
		.fields = (fields_), .handle = (handle_)                                           \
	}

const struct gx_route groups_routes[GROUPS_ROUTES_COUNT] = {
	ROUTE("groups.create", GX_METHOD_POST, "/groups", GX_OP_COMMAND, 201, create_fields,
	      handle_create),
	ROUTE("groups.get", GX_METHOD_GET, "/groups/{group_id}", GX_OP_QUERY, 200, group_fields,
	      handle_get),
	{ .op = "groups.update",
	  .method = GX_METHOD_PATCH,
	  .path = "/groups/{group_id}",
	  .kind = GX_OP_COMMAND,
	  .auth = GX_AUTH_SESSION,
	  .priority = GX_PRIORITY_SOCIAL,
	  .ok_status = 200,
	  .fields = update_fields,
	  .admit = admit_change,
	  .handle = handle_update },
	ROUTE("groups.dissolve", GX_METHOD_DELETE, "/groups/{group_id}", GX_OP_COMMAND, 204,
	      group_fields, handle_dissolve),
	ROUTE("groups.set_nickname", GX_METHOD_PUT, "/groups/{group_id}/nickname", GX_OP_COMMAND,
	      204, nickname_fields, handle_set_nickname),
	ROUTE("group_members.list", GX_METHOD_GET, "/groups/{group_id}/members", GX_OP_QUERY, 200,
	      list_fields, handle_list_members),
	ROUTE("group_members.add", GX_METHOD_POST, "/groups/{group_id}/members", GX_OP_COMMAND, 200,
	      add_fields, handle_add),
	ROUTE("group_members.remove", GX_METHOD_DELETE, "/groups/{group_id}/members/{account_id}",
	      GX_OP_COMMAND, 204, remove_fields, handle_remove),
};
