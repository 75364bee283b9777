/* SPDX-License-Identifier: Apache-2.0 */
/*
 * contacts_http.c - input, service, JSON.
 */
#include "accounts.h"
#include "chat.h"
#include "contacts_rules.h"

#define PAGE_DEFAULT 50
/* A page ends early when it has grown so large: a thousand contacts can carry long tags. */
#define PAGE_BYTES_MAX ((size_t)2 << 20)

static size_t page_size(const struct gx_input *limit)
{
	return limit->is_present ? (size_t)limit->num : PAGE_DEFAULT;
}

/* A cursor is the id at which the page before ended. */
static enum gx_status parse_cursor(const struct gx_input *cursor, uint64_t first, uint64_t *out,
				   struct gx_error *err)
{
	uint64_t id = first;

	if (cursor->is_present && (!gx_str_to_u64(cursor->str, &id) || id > INT64_MAX))
		return gx_fail_field(err, GX_E_INVALID, "core.invalid_field", "cursor");
	*out = id;
	return GX_OK;
}

/* Text of one line, without what would deceive its reader. */
static enum gx_status clean_line(struct gx_call *c, size_t index, struct gx_str in,
				 struct gx_str *out)
{
	if (!accounts_clean_line(in, out))
		return gx_fail_field(&c->err, GX_E_INVALID, "core.invalid_field",
				     c->route->fields[index].name);
	return GX_OK;
}

static void write_next(struct gx_json_writer *w, bool has_more, uint64_t last_id)
{
	if (has_more)
		gx_json_kv_id(w, "next", last_id);
	else
		gx_json_kv_null(w, "next");
}

/* ---- requests */

enum { CREATE_TO, CREATE_GREETING, CREATE_SOURCE };
static const struct gx_field create_fields[] = {
	[CREATE_TO] = { "to", GX_FIELD_ID, GX_FIELD_REQUIRED, 0, 0 },
	[CREATE_GREETING] = { "greeting", GX_FIELD_STR, 0, 0, CONTACTS_GREETING_CHARS_MAX },
	[CREATE_SOURCE] = { "source", GX_FIELD_OBJECT, GX_FIELD_REQUIRED, 0, 0 },
	{ NULL, GX_FIELD_END, 0, 0, 0 },
};

#define SOURCE_REF_BYTES_MAX 200

static bool is_source_kind(struct gx_str kind)
{
	static const char *const kinds[] = { "username", "phone", "qr",		 "card",
					     "group",	 "face",  "introduction" };

	for (size_t i = 0; i < GX_COUNT(kinds); i++)
		if (gx_str_eq(kind, gx_str_from_cstr(kinds[i])))
			return true;
	return false;
}

static enum gx_status parse_source(struct gx_call *c, const struct gx_json *object,
				   struct contacts_source *out)
{
	const struct gx_json *kind = gx_json_get(object, GX_STR("kind"));
	const struct gx_json *ref = gx_json_get(object, GX_STR("ref"));
	struct contacts_source source = { .ref = GX_STR("") };

	if (object->count != (kind != NULL ? 1u : 0u) + (ref != NULL ? 1u : 0u))
		return gx_fail_field(&c->err, GX_E_INVALID, "core.unknown_field", "source");
	if (kind == NULL || kind->type != GX_JSON_STRING)
		return gx_fail_field(&c->err, GX_E_INVALID, "core.invalid_field", "source");
	source.kind = gx_json_str(c->arena, kind);
	if (ref != NULL && ref->type != GX_JSON_STRING)
		return gx_fail_field(&c->err, GX_E_INVALID, "core.invalid_field", "source");
	if (ref != NULL)
		source.ref = gx_json_str(c->arena, ref);
	if (!is_source_kind(source.kind) || source.ref.len > SOURCE_REF_BYTES_MAX)
		return gx_fail_field(&c->err, GX_E_INVALID, "core.invalid_field", "source");
	*out = source;
	return GX_OK;
}

static enum gx_status handle_create(struct gx_call *c)
{
	struct contacts_source source = { 0 };
	struct contacts_request request;

	enum gx_status st = parse_source(c, c->in[CREATE_SOURCE].json, &source);
	if (st != GX_OK)
		return st;
	st = contacts_ask(c->arena, c->tx, c->session.account_id, c->in[CREATE_TO].id,
			  c->in[CREATE_GREETING].str, &source, &request, &c->err);
	if (st != GX_OK)
		return st;
	gx_json_begin_object(&c->out);
	gx_json_key(&c->out, GX_STR("request"));
	st = contacts_write_request(c->arena, c->tx, c->session.account_id, &request, &c->out,
				    &c->err);
	gx_json_end_object(&c->out);
	return st;
}

enum { PAGE_LIMIT, PAGE_CURSOR };
static const struct gx_field page_fields[] = {
	[PAGE_LIMIT] = { "limit", GX_FIELD_INT, 0, 1, 100 },
	[PAGE_CURSOR] = { "cursor", GX_FIELD_TOKEN, 0, 0, 0 },
	{ NULL, GX_FIELD_END, 0, 0, 0 },
};

static enum gx_status handle_list_requests(struct gx_call *c)
{
	size_t most = page_size(&c->in[PAGE_LIMIT]);
	struct contacts_request *requests;
	size_t count;
	uint64_t before_id = 0;

	enum gx_status st = parse_cursor(&c->in[PAGE_CURSOR], INT64_MAX, &before_id, &c->err);
	if (st != GX_OK)
		return st;
	st = contacts_list_requests(c->arena, c->tx, c->session.account_id, before_id, most + 1,
				    &requests, &count, &c->err);
	if (st != GX_OK)
		return st;
	bool has_more = count > most;
	count = has_more ? most : count;
	gx_json_begin_object(&c->out);
	gx_json_key(&c->out, GX_STR("requests"));
	gx_json_begin_array(&c->out);
	for (size_t i = 0; st == GX_OK && i < count; i++)
		st = contacts_write_request(c->arena, c->tx, c->session.account_id, &requests[i],
					    &c->out, &c->err);
	gx_json_end_array(&c->out);
	write_next(&c->out, has_more, has_more ? requests[count - 1].request_id : 0);
	gx_json_end_object(&c->out);
	return st;
}

enum { REQUEST_ID, REQUEST_REMARK };
static const struct gx_field accept_fields[] = {
	[REQUEST_ID] = { "request_id", GX_FIELD_ID, GX_FIELD_REQUIRED, 0, 0 },
	[REQUEST_REMARK] = { "remark", GX_FIELD_STR, 0, 0, CONTACTS_REMARK_CHARS_MAX },
	{ NULL, GX_FIELD_END, 0, 0, 0 },
};
static const struct gx_field decline_fields[] = {
	[REQUEST_ID] = { "request_id", GX_FIELD_ID, GX_FIELD_REQUIRED, 0, 0 },
	{ NULL, GX_FIELD_END, 0, 0, 0 },
};

/* `"contact":{…}`, when there is one. */
static enum gx_status write_contact_of(struct gx_call *c, uint64_t other_id)
{
	const struct contacts_contact *contact;

	enum gx_status st =
		contacts_get(c->arena, c->tx, c->session.account_id, other_id, &contact, &c->err);
	if (st != GX_OK || contact == NULL)
		return st;
	gx_json_key(&c->out, GX_STR("contact"));
	return contacts_write_contact(c->arena, c->tx, contact, &c->out, &c->err);
}

static enum gx_status handle_accept(struct gx_call *c)
{
	bool has_remark = c->in[REQUEST_REMARK].is_present;
	uint64_t other_id, conversation_id;
	struct gx_str remark = { 0 };

	enum gx_status st = clean_line(c, REQUEST_REMARK, c->in[REQUEST_REMARK].str, &remark);
	if (st != GX_OK)
		return st;
	st = contacts_accept(c->arena, c->tx, c->session.account_id, c->in[REQUEST_ID].id,
			     has_remark ? &remark : NULL, &other_id, &conversation_id, &c->err);
	if (st != GX_OK)
		return st;
	gx_json_begin_object(&c->out);
	st = write_contact_of(c, other_id);
	if (st != GX_OK)
		return st;
	gx_json_key(&c->out, GX_STR("conversation"));
	st = chat_write_conversation(c->arena, c->tx, c->session.account_id, conversation_id,
				     &c->out, &c->err);
	gx_json_end_object(&c->out);
	return st;
}

static enum gx_status handle_decline(struct gx_call *c)
{
	return contacts_decline(c->arena, c->tx, c->session.account_id, c->in[REQUEST_ID].id,
				&c->err);
}

/* ---- contacts */

static const struct gx_field list_fields[] = {
	[PAGE_LIMIT] = { "limit", GX_FIELD_INT, 0, 1, 1000 },
	[PAGE_CURSOR] = { "cursor", GX_FIELD_TOKEN, 0, 0, 0 },
	{ NULL, GX_FIELD_END, 0, 0, 0 },
};

static enum gx_status handle_list(struct gx_call *c)
{
	size_t most = page_size(&c->in[PAGE_LIMIT]);
	struct contacts_contact *contacts;
	size_t count;
	uint64_t after_id = 0;

	enum gx_status st = parse_cursor(&c->in[PAGE_CURSOR], 0, &after_id, &c->err);
	if (st != GX_OK)
		return st;
	st = contacts_list(c->arena, c->tx, c->session.account_id, after_id, most + 1, &contacts,
			   &count, &c->err);
	if (st != GX_OK)
		return st;
	bool has_more = count > most;
	count = has_more ? most : count;
	gx_json_begin_object(&c->out);
	gx_json_key(&c->out, GX_STR("contacts"));
	gx_json_begin_array(&c->out);
	for (size_t i = 0; st == GX_OK && i < count; i++) {
		st = contacts_write_contact(c->arena, c->tx, &contacts[i], &c->out, &c->err);
		if (c->out.buf->len > PAGE_BYTES_MAX && i + 1 < count) {
			has_more = true;
			count = i + 1;
		}
	}
	gx_json_end_array(&c->out);
	write_next(&c->out, has_more, has_more ? contacts[count - 1].other_id : 0);
	gx_json_end_object(&c->out);
	return st;
}

enum { UPDATE_ACCOUNT, UPDATE_REMARK, UPDATE_TAGS, UPDATE_STARRED };
static const struct gx_field update_fields[] = {
	[UPDATE_ACCOUNT] = { "account_id", GX_FIELD_ID, GX_FIELD_REQUIRED, 0, 0 },
	[UPDATE_REMARK] = { "remark", GX_FIELD_STR, 0, 0, CONTACTS_REMARK_CHARS_MAX },
	[UPDATE_TAGS] = { "tags", GX_FIELD_STR_LIST, 0, 0, CONTACTS_TAGS_MAX },
	[UPDATE_STARRED] = { "starred", GX_FIELD_BOOL, 0, 0, 0 },
	{ NULL, GX_FIELD_END, 0, 0, 0 },
};
static const struct gx_field account_fields[] = {
	[UPDATE_ACCOUNT] = { "account_id", GX_FIELD_ID, GX_FIELD_REQUIRED, 0, 0 },
	{ NULL, GX_FIELD_END, 0, 0, 0 },
};

static enum gx_status clean_tags(struct gx_call *c, struct gx_str **out)
{
	const struct gx_input *in = &c->in[UPDATE_TAGS];
	struct gx_str *tags = gx_arena_new_array(c->arena, struct gx_str, in->count);

	for (size_t i = 0; i < in->count; i++) {
		enum gx_status st = clean_line(c, UPDATE_TAGS, in->strs[i], &tags[i]);
		if (st != GX_OK)
			return st;
		bool is_bad = tags[i].len == 0;
		for (size_t j = 0; j < i; j++)
			is_bad |= gx_str_eq(tags[i], tags[j]); /* now that both are trimmed */
		if (is_bad)
			return gx_fail_field(&c->err, GX_E_INVALID, "core.invalid_field", "tags");
	}
	*out = tags;
	return GX_OK;
}

static enum gx_status handle_update(struct gx_call *c)
{
	const struct gx_input *in = c->in;
	const bool is_starred = in[UPDATE_STARRED].num != 0;
	struct gx_str remark = { 0 }, *tags = NULL;

	enum gx_status st = clean_line(c, UPDATE_REMARK, in[UPDATE_REMARK].str, &remark);
	if (st == GX_OK)
		st = clean_tags(c, &tags);
	if (st != GX_OK)
		return st;
	const struct contacts_change change = {
		.remark = in[UPDATE_REMARK].is_present ? &remark : NULL,
		.has_tags = in[UPDATE_TAGS].is_present,
		.tags = tags,
		.tags_count = in[UPDATE_TAGS].count,
		.is_starred = in[UPDATE_STARRED].is_present ? &is_starred : NULL,
	};
	st = contacts_update(c->arena, c->tx, c->session.account_id, in[UPDATE_ACCOUNT].id, &change,
			     &c->err);
	if (st != GX_OK)
		return st;
	gx_json_begin_object(&c->out);
	st = write_contact_of(c, in[UPDATE_ACCOUNT].id);
	gx_json_end_object(&c->out);
	return st;
}

static enum gx_status handle_delete(struct gx_call *c)
{
	return contacts_delete(c->arena, c->tx, c->session.account_id, c->in[UPDATE_ACCOUNT].id,
			       &c->err);
}

static enum gx_status handle_get_account(struct gx_call *c)
{
	uint64_t account_id = c->in[UPDATE_ACCOUNT].id;
	const struct accounts_account *account;
	bool may_see;

	enum gx_status st =
		contacts_may_see(c->tx, c->session.account_id, account_id, &may_see, &c->err);
	if (st != GX_OK)
		return st;
	st = accounts_get(c->arena, c->tx, account_id, &account, &c->err);
	if (st != GX_OK)
		return st;
	if (!may_see || account == NULL)
		return gx_fail(&c->err, GX_E_NOT_FOUND, "accounts.no_account");
	gx_json_begin_object(&c->out);
	gx_json_key(&c->out, GX_STR("account"));
	accounts_write(&c->out, account);
	st = write_contact_of(c, account_id);
	gx_json_end_object(&c->out);
	return st;
}

/* ---- blocks */

static enum gx_status handle_block(struct gx_call *c)
{
	return contacts_block(c->arena, c->tx, c->session.account_id, c->in[UPDATE_ACCOUNT].id,
			      &c->err);
}

static enum gx_status handle_unblock(struct gx_call *c)
{
	return contacts_unblock(c->arena, c->tx, c->session.account_id, c->in[UPDATE_ACCOUNT].id,
				&c->err);
}

static enum gx_status handle_list_blocks(struct gx_call *c)
{
	size_t most = page_size(&c->in[PAGE_LIMIT]);
	const struct accounts_account *account;
	uint64_t *ids;
	size_t count;
	uint64_t after_id = 0;

	enum gx_status st = parse_cursor(&c->in[PAGE_CURSOR], 0, &after_id, &c->err);
	if (st != GX_OK)
		return st;
	st = contacts_list_blocks(c->arena, c->tx, c->session.account_id, after_id, most + 1, &ids,
				  &count, &c->err);
	if (st != GX_OK)
		return st;
	bool has_more = count > most;
	count = has_more ? most : count;
	gx_json_begin_object(&c->out);
	gx_json_key(&c->out, GX_STR("accounts"));
	gx_json_begin_array(&c->out);
	for (size_t i = 0; i < count; i++) {
		st = accounts_get(c->arena, c->tx, ids[i], &account, &c->err);
		if (st != GX_OK)
			return st;
		GX_ASSERT(account != NULL); /* accounts are never deleted */
		accounts_write(&c->out, account);
	}
	gx_json_end_array(&c->out);
	write_next(&c->out, has_more, has_more ? ids[count - 1] : 0);
	gx_json_end_object(&c->out);
	return GX_OK;
}

/* ---- routes */

#define ROUTE(op_, method_, path_, kind_, status_, fields_, handle_)                               \
	{                                                                                          \
		.op = (op_), .method = (method_), .path = (path_), .kind = (kind_),                \
		.auth = GX_AUTH_SESSION, .priority = GX_PRIORITY_SOCIAL, .ok_status = (status_),   \
		.fields = (fields_), .handle = (handle_)                                           \
	}

const struct gx_route contacts_routes[CONTACTS_ROUTES_COUNT] = {
	ROUTE("contact_requests.create", GX_METHOD_POST, "/contact-requests", GX_OP_COMMAND, 201,
	      create_fields, handle_create),
	ROUTE("contact_requests.list", GX_METHOD_GET, "/contact-requests", GX_OP_QUERY, 200,
	      page_fields, handle_list_requests),
	ROUTE("contact_requests.accept", GX_METHOD_POST, "/contact-requests/{request_id}/accept",
	      GX_OP_COMMAND, 200, accept_fields, handle_accept),
	ROUTE("contact_requests.decline", GX_METHOD_POST, "/contact-requests/{request_id}/decline",
	      GX_OP_COMMAND, 204, decline_fields, handle_decline),
	ROUTE("contacts.list", GX_METHOD_GET, "/contacts", GX_OP_QUERY, 200, list_fields,
	      handle_list),
	ROUTE("contacts.update", GX_METHOD_PATCH, "/contacts/{account_id}", GX_OP_COMMAND, 200,
	      update_fields, handle_update),
	ROUTE("contacts.delete", GX_METHOD_DELETE, "/contacts/{account_id}", GX_OP_COMMAND, 204,
	      account_fields, handle_delete),
	ROUTE("accounts.get", GX_METHOD_GET, "/accounts/{account_id}", GX_OP_QUERY, 200,
	      account_fields, handle_get_account),
	ROUTE("blocks.put", GX_METHOD_PUT, "/blocks/{account_id}", GX_OP_COMMAND, 204,
	      account_fields, handle_block),
	ROUTE("blocks.delete", GX_METHOD_DELETE, "/blocks/{account_id}", GX_OP_COMMAND, 204,
	      account_fields, handle_unblock),
	ROUTE("blocks.list", GX_METHOD_GET, "/blocks", GX_OP_QUERY, 200, page_fields,
	      handle_list_blocks),
};
