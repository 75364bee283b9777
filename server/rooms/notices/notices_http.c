/* SPDX-License-Identifier: Apache-2.0 */
#include "notices_http.h"

#include "notices_rules.h"

#define PAGE_DEFAULT 50
#define PAGE_MAX 100

enum { CREATE_CLIENT_ID, CREATE_TEXT };

const struct gx_field notices_create_fields[] = {
	[CREATE_CLIENT_ID] = { "client_id", GX_FIELD_TOKEN, GX_FIELD_REQUIRED, 1, 64 },
	[CREATE_TEXT] = { "text", GX_FIELD_STR, GX_FIELD_REQUIRED, 1, NOTICES_TEXT_CHARS_MAX },
	{ 0 },
};

static bool has_words(struct gx_str text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.ptr[i] > ' ')
			return true;
	return false;
}

enum gx_status notices_handle_create(struct gx_call *c)
{
	struct notices_notice notice;
	struct gx_str text = c->in[CREATE_TEXT].str;

	if (!has_words(text))
		return gx_fail_field(&c->err, GX_E_INVALID, "core.invalid_field", "text");
	enum gx_status st = notices_create(c->arena, c->tx, c->session.account_id,
					   c->in[CREATE_CLIENT_ID].str, text, &notice, &c->err);
	if (st != GX_OK)
		return st;
	gx_json_begin_object(&c->out);
	gx_json_key(&c->out, GX_STR("notice"));
	notices_write(&c->out, &notice);
	gx_json_end_object(&c->out);
	return GX_OK;
}

enum { LIST_CURSOR, LIST_LIMIT };

const struct gx_field notices_list_fields[] = {
	[LIST_CURSOR] = { "cursor", GX_FIELD_TOKEN, 0, 0, 0 },
	[LIST_LIMIT] = { "limit", GX_FIELD_INT, 0, 1, PAGE_MAX },
	{ 0 },
};

enum gx_status notices_handle_list(struct gx_call *c)
{
	const struct gx_input *cursor = &c->in[LIST_CURSOR];
	size_t limit = c->in[LIST_LIMIT].is_present ? (size_t)c->in[LIST_LIMIT].num : PAGE_DEFAULT;
	struct notices_notice *notices;
	uint64_t before = INT64_MAX;
	size_t count;

	if (cursor->is_present && (!gx_str_to_u64(cursor->str, &before) || before > INT64_MAX))
		return gx_fail_field(&c->err, GX_E_INVALID, "core.invalid_field", "cursor");
	enum gx_status st = notices_list(c->arena, c->tx, c->session.account_id, before, limit + 1,
					 &notices, &count, &c->err);
	if (st != GX_OK)
		return st;
	gx_json_begin_object(&c->out);
	gx_json_key(&c->out, GX_STR("notices"));
	gx_json_begin_array(&c->out);
	for (size_t i = 0; i < count && i < limit; i++)
		notices_write(&c->out, &notices[i]);
	gx_json_end_array(&c->out);
	gx_json_key(&c->out, GX_STR("next"));
	if (count > limit)
		gx_json_put_id(&c->out, notices[limit - 1].notice_id);
	else
		gx_json_put_null(&c->out);
	gx_json_end_object(&c->out);
	return GX_OK;
}
