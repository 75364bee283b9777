/* SPDX-License-Identifier: Apache-2.0 */
/*
 * contacts_json.c - contacts and requests as JSON, in answers and in events.
 */
#include "accounts.h"
#include "contacts_rules.h"
#include "publish.h"

#define EVENT_BYTES_MAX 65536u

static void write_source(struct gx_json_writer *w, const struct contacts_source *source)
{
	gx_json_key(w, GX_STR("source"));
	gx_json_begin_object(w);
	gx_json_kv_str(w, "kind", source->kind);
	gx_json_kv_str(w, "ref", source->ref);
	gx_json_end_object(w);
}

enum gx_status contacts_write_contact(struct gx_arena *a, struct gx_tx *tx,
				      const struct contacts_contact *contact,
				      struct gx_json_writer *w, struct gx_error *err)
{
	const struct accounts_account *account;
	enum gx_status st = accounts_get_known(a, tx, contact->other_id, &account, err);
	if (st != GX_OK)
		return st;
	gx_json_begin_object(w);
	gx_json_key(w, GX_STR("account"));
	accounts_write(w, account);
	gx_json_kv_str(w, "remark", contact->remark);
	gx_json_kv_raw(w, "tags", contact->tags);
	write_source(w, &contact->source);
	gx_json_kv_i64(w, "since_at", contact->since_at_ms);
	gx_json_kv_bool(w, "starred", contact->is_starred);
	gx_json_end_object(w);
	return GX_OK;
}

/* Declining is silent: the asker sees "pending" until the request expires. */
static struct gx_str state_name(const struct contacts_request *r, uint64_t viewer_id,
				int64_t now_ms)
{
	if (r->state == CONTACTS_REQUEST_ACCEPTED)
		return GX_STR("accepted");
	if (r->state == CONTACTS_REQUEST_DECLINED && viewer_id == r->to_id)
		return GX_STR("declined");
	return now_ms >= r->expires_at_ms ? GX_STR("expired") : GX_STR("pending");
}

enum gx_status contacts_write_request(struct gx_arena *a, struct gx_tx *tx, uint64_t viewer_id,
				      const struct contacts_request *request,
				      struct gx_json_writer *w, struct gx_error *err)
{
	const struct accounts_account *from, *to;
	enum gx_status st;

	GX_ASSERT(viewer_id == request->from_id ||
		  (viewer_id == request->to_id && !request->is_hidden));
	st = accounts_get_known(a, tx, request->from_id, &from, err);
	if (st != GX_OK)
		return st;
	st = accounts_get_known(a, tx, request->to_id, &to, err);
	if (st != GX_OK)
		return st;
	gx_json_begin_object(w);
	gx_json_kv_id(w, "id", request->request_id);
	gx_json_key(w, GX_STR("from"));
	accounts_write(w, from);
	gx_json_key(w, GX_STR("to"));
	accounts_write(w, to);
	gx_json_kv_str(w, "greeting", request->greeting);
	write_source(w, &request->source);
	gx_json_kv_str(w, "state", state_name(request, viewer_id, tx->now_ms));
	gx_json_kv_i64(w, "created_at", request->created_at_ms);
	gx_json_kv_i64(w, "expires_at", request->expires_at_ms);
	gx_json_end_object(w);
	return GX_OK;
}

struct gx_str contacts_format_tags(struct gx_arena *a, const struct gx_str *tags, size_t count)
{
	struct gx_buf buf;
	struct gx_json_writer w;

	gx_buf_init(&buf, EVENT_BYTES_MAX);
	gx_json_writer_init(&w, &buf);
	gx_json_begin_array(&w);
	for (size_t i = 0; i < count; i++)
		gx_json_put_str(&w, tags[i]);
	gx_json_end_array(&w);
	GX_ASSERT(!buf.overflow); /* count and lengths are limited by the input fields */
	struct gx_str json = gx_arena_strdup(a, gx_buf_str(&buf));
	gx_buf_deinit(&buf);
	return json;
}

/* Publishes `"key":value`, where the value is what stands in `buf`; ends the buffer. */
static enum gx_status publish_value(struct gx_arena *a, struct gx_tx *tx, uint64_t account_id,
				    const char *type, const char *key, struct gx_buf *buf,
				    struct gx_error *err)
{
	GX_ASSERT(!buf->overflow);
	struct gx_str body = gx_arena_printf(a, "\"%s\":%.*s", key, GX_STR_ARG(gx_buf_str(buf)));
	gx_buf_deinit(buf);
	return gx_publish(a, tx, account_id, type, body, err);
}

enum gx_status contacts_tell_contact(struct gx_arena *a, struct gx_tx *tx, uint64_t owner_id,
				     uint64_t other_id, struct gx_error *err)
{
	const struct contacts_contact *contact;
	struct gx_buf buf;
	struct gx_json_writer w;

	enum gx_status st = contacts_get(a, tx, owner_id, other_id, &contact, err);
	if (st != GX_OK)
		return st;
	GX_ASSERT(contact != NULL);
	gx_buf_init(&buf, EVENT_BYTES_MAX);
	gx_json_writer_init(&w, &buf);
	st = contacts_write_contact(a, tx, contact, &w, err);
	if (st != GX_OK) {
		gx_buf_deinit(&buf);
		return st;
	}
	return publish_value(a, tx, owner_id, "contact", "contact", &buf, err);
}

enum gx_status contacts_tell_request(struct gx_arena *a, struct gx_tx *tx, uint64_t viewer_id,
				     const struct contacts_request *request, struct gx_error *err)
{
	struct gx_buf buf;
	struct gx_json_writer w;

	if (viewer_id == request->to_id && request->is_hidden)
		return GX_OK;
	gx_buf_init(&buf, EVENT_BYTES_MAX);
	gx_json_writer_init(&w, &buf);
	enum gx_status st = contacts_write_request(a, tx, viewer_id, request, &w, err);
	if (st != GX_OK) {
		gx_buf_deinit(&buf);
		return st;
	}
	return publish_value(a, tx, viewer_id, "contact_request", "request", &buf, err);
}

enum gx_status contacts_tell_removed(struct gx_arena *a, struct gx_tx *tx, uint64_t owner_id,
				     uint64_t other_id, struct gx_error *err)
{
	struct gx_str body =
		gx_arena_printf(a, "\"account_id\":\"%llu\"", (unsigned long long)other_id);
	return gx_publish(a, tx, owner_id, "contact_removed", body, err);
}

struct gx_str contacts_format_account(struct gx_arena *a, const struct accounts_account *account)
{
	struct gx_buf buf;
	struct gx_json_writer w;

	gx_buf_init(&buf, EVENT_BYTES_MAX);
	gx_json_writer_init(&w, &buf);
	accounts_write(&w, account);
	struct gx_str body = gx_arena_printf(a, "\"account\":%.*s", GX_STR_ARG(gx_buf_str(&buf)));
	gx_buf_deinit(&buf);
	return body;
}
