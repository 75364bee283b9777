/* SPDX-License-Identifier: Apache-2.0 */
/* notices_rules.c - who was told what, and how often that may happen. */
#include "notices_rules.h"

#include "accounts.h"
#include "notices_sql.h"
#include "publish.h"

#define NOTICE_JSON_BYTES_MAX (8u * NOTICES_TEXT_CHARS_MAX + 256)

void notices_write(struct gx_json_writer *w, const struct notices_notice *notice)
{
	gx_json_begin_object(w);
	gx_json_kv_id(w, "id", notice->notice_id);
	gx_json_kv_str(w, "text", notice->text);
	gx_json_kv_i64(w, "at", notice->created_at_ms);
	gx_json_end_object(w);
}

static struct gx_str event_json(struct gx_arena *a, const struct notices_notice *notice)
{
	struct gx_json_writer w;
	struct gx_buf text;
	struct gx_str json;

	gx_buf_init(&text, NOTICE_JSON_BYTES_MAX);
	gx_json_writer_init(&w, &text);
	notices_write(&w, notice);
	json = gx_arena_printf(a, "{\"type\":\"notice\",\"at\":%lld,\"notice\":%.*s}",
			       (long long)notice->created_at_ms, GX_STR_ARG(gx_buf_str(&text)));
	gx_buf_deinit(&text);
	return json;
}

static enum gx_status check_rate(struct gx_arena *a, struct gx_tx *tx, struct gx_error *err)
{
	int64_t most = notices_settings[NOTICES_PER_DAY].num;
	struct notices_sql_notice_count_recent_in in = { tx->now_ms - GX_DAY_MS, most };
	struct notices_sql_notice_count_recent_out out;
	bool found;

	if (most == 0)
		return GX_OK;
	enum gx_status st = notices_sql_notice_count_recent(a, tx, &in, &out, &found, err);
	if (st == GX_OK && out.count >= most)
		return gx_fail_retry(err, GX_E_LIMIT, "notices.too_many", 3600);
	return st;
}

/* *is_repeat: the client_id was used before, and *out is what it made. */
static enum gx_status find_repeat(struct gx_arena *a, struct gx_tx *tx, uint64_t author_id,
				  struct gx_str client_id, struct gx_str text, bool *is_repeat,
				  struct notices_notice *out, struct gx_error *err)
{
	struct notices_sql_notice_find_in in = { author_id, client_id };
	struct notices_sql_notice_find_out row;
	enum gx_status st = notices_sql_notice_find(a, tx, &in, &row, is_repeat, err);

	if (st != GX_OK || !*is_repeat)
		return st;
	if (!gx_str_eq(row.text, text))
		return gx_fail(err, GX_E_CONFLICT, "notices.client_id_reused");
	*out = (struct notices_notice){ row.notice_id, row.text, row.created_at_ms };
	return GX_OK;
}

enum gx_status notices_create(struct gx_arena *a, struct gx_tx *tx, uint64_t author_id,
			      struct gx_str client_id, struct gx_str text,
			      struct notices_notice *out, struct gx_error *err)
{
	struct notices_sql_notice_insert_in in = { .author_id = author_id,
						   .client_id = client_id,
						   .text = text,
						   .created_at_ms = tx->now_ms };
	struct notices_sql_notice_last_out last;
	struct notices_notice notice;
	bool is_repeat, found;
	enum gx_status st =
		find_repeat(a, tx, author_id, client_id, text, &is_repeat, &notice, err);

	if (st == GX_OK && is_repeat) {
		*out = notice;
		return GX_OK;
	}
	if (st == GX_OK)
		st = check_rate(a, tx, err);
	if (st == GX_OK)
		st = notices_sql_notice_last(a, tx, &last, &found, err);
	if (st == GX_OK)
		st = accounts_count(a, tx, &in.last_account_id, err);
	if (st != GX_OK)
		return st;
	in.notice_id = last.notice_id + 1;
	in.position = gx_position_take(tx);
	st = notices_sql_notice_insert(tx, &in, NULL, err);
	if (st == GX_OK)
		st = accounts_audit(tx, author_id, "create_notice", 0, text, err);
	if (st != GX_OK)
		return st;
	*out = (struct notices_notice){ in.notice_id, text, in.created_at_ms };
	gx_deliver_to_all(tx, in.position, event_json(a, out));
	return GX_OK;
}

enum gx_status notices_list(struct gx_arena *a, struct gx_tx *tx, uint64_t account_id,
			    uint64_t before, size_t limit, struct notices_notice **out,
			    size_t *count, struct gx_error *err)
{
	struct notices_sql_notice_list_in in = { account_id, before, (int64_t)limit };
	struct notices_sql_notice_list_out *rows;
	size_t n;
	enum gx_status st = notices_sql_notice_list(a, tx, &in, &rows, &n, err);

	if (st != GX_OK)
		return st;
	*out = gx_arena_new_array(a, struct notices_notice, n + 1);
	for (size_t i = 0; i < n; i++)
		(*out)[i] = (struct notices_notice){ rows[i].notice_id, rows[i].text,
						     rows[i].created_at_ms };
	*count = n;
	return GX_OK;
}

enum gx_status notices_list_events(struct gx_arena *a, struct gx_tx *tx, uint64_t account_id,
				   uint64_t after, uint64_t *upto, size_t limit,
				   struct gx_event **out, size_t *count, struct gx_error *err)
{
	struct notices_sql_notice_list_behind_in in = { account_id, after, *upto, (int64_t)limit };
	struct notices_sql_notice_list_behind_out *rows;
	size_t n;
	enum gx_status st = notices_sql_notice_list_behind(a, tx, &in, &rows, &n, err);

	if (st != GX_OK)
		return st;
	*out = gx_arena_new_array(a, struct gx_event, n + 1);
	for (size_t i = 0; i < n; i++) {
		struct notices_notice notice = { rows[i].notice_id, rows[i].text,
						 rows[i].created_at_ms };

		(*out)[i] = (struct gx_event){ rows[i].position, event_json(a, &notice) };
	}
	*count = n;
	if (n == limit)
		*upto = rows[n - 1].position;
	return GX_OK;
}
