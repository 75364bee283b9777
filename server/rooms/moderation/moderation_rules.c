/* SPDX-License-Identifier: Apache-2.0 */
/* moderation_rules.c - who may report what, what is kept of it, and who decides. */
#include "moderation_rules.h"

#include "chat.h"
#include "contacts.h"
#include "moderation_sql.h"

/* The first `chars` code points of valid UTF-8. */
static struct gx_str cut(struct gx_str text, size_t chars)
{
	size_t at = 0;

	while (at < text.len && chars > 0) {
		at++;
		while (at < text.len && ((unsigned char)text.ptr[at] & 0xc0) == 0x80)
			at++;
		chars--;
	}
	return gx_str_slice(text, 0, at);
}

enum gx_status moderation_excerpt(struct gx_arena *a, struct gx_str kind, struct gx_str body,
				  struct gx_str *out, struct gx_error *err)
{
	static const struct gx_str keys[] = {
		{ "text", 4 }, { "title", 5 }, { "name", 4 }, { "nickname", 8 }, { "code", 4 },
	};
	const struct gx_json *root;
	struct gx_str words = GX_STR("");
	enum gx_status st = gx_json_parse(a, body, &root, err);

	if (st != GX_OK)
		return st;
	for (size_t i = 0; i < GX_COUNT(keys) && words.len == 0; i++) {
		const struct gx_json *value = gx_json_get(root, keys[i]);

		if (value != NULL && value->type == GX_JSON_STRING)
			words = gx_json_str(a, value);
	}
	words = cut(words, MODERATION_EXCERPT_CHARS);
	if (gx_str_eq(kind, GX_STR("text")))
		*out = words;
	else
		*out = gx_arena_printf(a, "[%.*s]%s%.*s", GX_STR_ARG(kind),
				       words.len != 0 ? " " : "", GX_STR_ARG(words));
	return GX_OK;
}

/* Reads a report as `viewer_id` sees it; 0: as an operator does. *out NULL when there is none. */
static enum gx_status get_report(struct gx_arena *a, struct gx_tx *tx, uint64_t viewer_id,
				 uint64_t report_id, const struct moderation_report **out,
				 struct gx_error *err)
{
	struct moderation_sql_report_get_in in = { .report_id = report_id };
	struct moderation_sql_report_get_out row;
	struct moderation_report *report = gx_arena_new(a, struct moderation_report);
	bool found;
	enum gx_status st = moderation_sql_report_get(a, tx, &in, &row, &found, err);

	if (st == GX_OK && !found) {
		*out = NULL;
		return GX_OK;
	}
	if (st == GX_OK)
		st = accounts_get(a, tx, row.reporter_id, &report->reporter, err);
	if (st == GX_OK)
		st = accounts_get(a, tx, row.subject_id, &report->subject, err);
	report->shows_subject = true;
	if (st == GX_OK && viewer_id != 0)
		st = contacts_may_see(tx, viewer_id, row.subject_id, &report->shows_subject, err);
	if (st != GX_OK)
		return st;
	report->report_id = report_id;
	report->conversation_id = row.conversation_id;
	report->seq = row.seq;
	report->excerpt = row.excerpt;
	report->reason = (enum moderation_reason)row.reason;
	report->note = row.note;
	report->is_closed = row.is_closed;
	report->action = (enum moderation_action)row.action;
	report->answer = row.answer;
	report->created_at_ms = row.created_at_ms;
	report->closed_at_ms = row.closed_at_ms;
	*out = report;
	return GX_OK;
}

static bool is_same(const struct moderation_complaint *c, const struct moderation_report *r)
{
	return c->conversation_id == r->conversation_id && c->seq == r->seq &&
	       (c->conversation_id != 0 || c->account_id == r->subject->account_id) &&
	       c->reason == r->reason && gx_str_eq(c->note, r->note);
}

/* The report that this client_id made before; *out NULL: none. */
static enum gx_status find_repeat(struct gx_arena *a, struct gx_tx *tx, uint64_t reporter_id,
				  const struct moderation_complaint *complaint,
				  const struct moderation_report **out, struct gx_error *err)
{
	struct moderation_sql_report_find_in in = { .reporter_id = reporter_id,
						    .client_id = complaint->client_id };
	struct moderation_sql_report_find_out row;
	const struct moderation_report *report = NULL;
	bool found;
	enum gx_status st = moderation_sql_report_find(a, tx, &in, &row, &found, err);

	if (st == GX_OK && found)
		st = get_report(a, tx, reporter_id, row.report_id, &report, err);
	if (st != GX_OK)
		return st;
	if (report != NULL && !is_same(complaint, report))
		return gx_fail(err, GX_E_CONFLICT, "moderation.client_id_reused");
	*out = report;
	return GX_OK;
}

static enum gx_status check_rate(struct gx_arena *a, struct gx_tx *tx, uint64_t reporter_id,
				 struct gx_error *err)
{
	int64_t limit = moderation_settings[MODERATION_REPORTS_PER_DAY].num;
	struct moderation_sql_report_count_recent_in in = {
		.reporter_id = reporter_id,
		.since_ms = tx->now_ms - GX_DAY_MS,
		.max = limit,
	};
	struct moderation_sql_report_count_recent_out recent;
	bool found;
	enum gx_status st;

	if (limit == 0)
		return GX_OK;
	st = moderation_sql_report_count_recent(a, tx, &in, &recent, &found, err);
	if (st != GX_OK)
		return st;
	if (recent.count >= limit)
		return gx_fail_retry(err, GX_E_LIMIT, "moderation.too_many_reports", 3600);
	return GX_OK;
}

/* Finds out whom the complaint is about, and what the message says now. */
static enum gx_status read_subject(struct gx_arena *a, struct gx_tx *tx, uint64_t reporter_id,
				   const struct moderation_complaint *complaint,
				   uint64_t *subject_id, struct gx_str *excerpt,
				   struct gx_error *err)
{
	const struct accounts_account *account;
	struct chat_message_view message;
	enum gx_status st;

	*excerpt = GX_STR("");
	*subject_id = complaint->account_id;
	if (complaint->conversation_id != 0) {
		st = chat_get_message(a, tx, reporter_id, complaint->conversation_id,
				      complaint->seq, &message, err);
		if (st == GX_E_NOT_FOUND)
			return gx_fail(err, GX_E_NOT_FOUND, "moderation.no_subject");
		if (st != GX_OK)
			return st;
		*subject_id = message.sender_id;
		st = moderation_excerpt(a, message.kind, message.body, excerpt, err);
		if (st != GX_OK)
			return st;
	}
	st = accounts_get(a, tx, *subject_id, &account, err);
	if (st != GX_OK)
		return st;
	if (account == NULL || *subject_id == reporter_id)
		return gx_fail(err, GX_E_NOT_FOUND, "moderation.no_subject");
	return GX_OK;
}

enum gx_status moderation_create_report(struct gx_arena *a, struct gx_tx *tx, uint64_t reporter_id,
					const struct moderation_complaint *complaint,
					const struct moderation_report **out, struct gx_error *err)
{
	struct moderation_sql_report_insert_in in = {
		.reporter_id = reporter_id,
		.client_id = complaint->client_id,
		.conversation_id = complaint->conversation_id,
		.seq = complaint->seq,
		.reason = complaint->reason,
		.note = complaint->note,
		.created_at_ms = tx->now_ms,
	};
	struct moderation_sql_report_last_out last;
	const struct moderation_report *repeat = NULL;
	bool found;
	enum gx_status st = find_repeat(a, tx, reporter_id, complaint, &repeat, err);

	if (st != GX_OK)
		return st;
	if (repeat != NULL) {
		*out = repeat;
		return GX_OK;
	}
	st = check_rate(a, tx, reporter_id, err);
	if (st == GX_OK)
		st = read_subject(a, tx, reporter_id, complaint, &in.subject_id, &in.excerpt, err);
	if (st == GX_OK)
		st = moderation_sql_report_last(a, tx, &last, &found, err);
	if (st != GX_OK)
		return st;
	in.report_id = last.report_id + 1;
	st = moderation_sql_report_insert(tx, &in, NULL, err);
	if (st != GX_OK)
		return st;
	gx_metric_add(&moderation_metrics[MODERATION_REPORTS], 1);
	return get_report(a, tx, reporter_id, in.report_id, out, err);
}

/* At most `limit` ids, newest first. The rows of the three queries are one id each. */
static enum gx_status list_ids(struct gx_arena *a, struct gx_tx *tx, uint64_t reporter_id,
			       enum moderation_state state, uint64_t before, int64_t limit,
			       uint64_t *ids, size_t *count, struct gx_error *err)
{
	enum gx_status st;

	if (reporter_id != 0) {
		struct moderation_sql_report_list_own_in in = { reporter_id, before, limit };
		struct moderation_sql_report_list_own_out *rows;

		st = moderation_sql_report_list_own(a, tx, &in, &rows, count, err);
		for (size_t i = 0; st == GX_OK && i < *count; i++)
			ids[i] = rows[i].report_id;
	} else if (state == MODERATION_ANY) {
		struct moderation_sql_report_list_all_in in = { before, limit };
		struct moderation_sql_report_list_all_out *rows;

		st = moderation_sql_report_list_all(a, tx, &in, &rows, count, err);
		for (size_t i = 0; st == GX_OK && i < *count; i++)
			ids[i] = rows[i].report_id;
	} else {
		struct moderation_sql_report_list_state_in in = { state == MODERATION_CLOSED,
								  before, limit };
		struct moderation_sql_report_list_state_out *rows;

		st = moderation_sql_report_list_state(a, tx, &in, &rows, count, err);
		for (size_t i = 0; st == GX_OK && i < *count; i++)
			ids[i] = rows[i].report_id;
	}
	return st;
}

enum gx_status moderation_list_reports(struct gx_arena *a, struct gx_tx *tx, uint64_t reporter_id,
				       enum moderation_state state, uint64_t before, size_t limit,
				       const struct moderation_report ***out, size_t *count,
				       bool *has_more, struct gx_error *err)
{
	uint64_t *ids = gx_arena_new_array(a, uint64_t, limit + 1);
	const struct moderation_report **reports =
		gx_arena_new_array(a, const struct moderation_report *, limit);
	size_t found = 0;
	enum gx_status st =
		list_ids(a, tx, reporter_id, state, before, (int64_t)limit + 1, ids, &found, err);

	if (st != GX_OK)
		return st;
	for (size_t i = 0; i < found && i < limit; i++) {
		st = get_report(a, tx, reporter_id, ids[i], &reports[i], err);
		if (st != GX_OK)
			return st;
		GX_ASSERT(reports[i] != NULL); /* the same snapshot listed it */
	}
	*out = reports;
	*count = found < limit ? found : limit;
	*has_more = found > limit;
	return GX_OK;
}

/* What a suspended person reads when the operator wrote nothing. */
static struct gx_str default_reason(enum moderation_reason reason)
{
	static const char *const texts[MODERATION_REASONS_COUNT] = {
		[MODERATION_SPAM] = "Spam · 垃圾信息",
		[MODERATION_FRAUD] = "Fraud · 欺诈",
		[MODERATION_HARASSMENT] = "Harassment · 骚扰",
		[MODERATION_OTHER] = "Against the rules of this server · 违反本服务器规则",
	};

	return gx_str_from_cstr(texts[reason]);
}

/* Carries out the decision. Nobody but the owner decides about himself. */
static enum gx_status act(struct gx_arena *a, struct gx_tx *tx, const struct gx_session *actor,
			  const struct moderation_report *report, enum moderation_action action,
			  struct gx_str note, struct gx_error *err)
{
	uint64_t subject_id = report->subject->account_id;

	if (action == MODERATION_SUSPEND)
		return accounts_suspend(a, tx, actor, subject_id,
					note.len != 0 ? note : default_reason(report->reason), err);
	if (subject_id == actor->account_id && actor->role != GX_ROLE_OWNER)
		return gx_fail(err, GX_E_FORBIDDEN, "accounts.protected");
	return GX_OK;
}

enum gx_status moderation_close_report(struct gx_arena *a, struct gx_tx *tx,
				       const struct gx_session *actor, uint64_t report_id,
				       enum moderation_action action, struct gx_str note,
				       const struct moderation_report **out, struct gx_error *err)
{
	struct moderation_sql_report_close_in in = {
		.report_id = report_id,
		.action = action,
		.answer = note,
		.closed_by = actor->account_id,
		.closed_at_ms = tx->now_ms,
	};
	const struct moderation_report *report;
	enum gx_status st = get_report(a, tx, 0, report_id, &report, err);

	if (st != GX_OK)
		return st;
	if (report == NULL)
		return gx_fail(err, GX_E_NOT_FOUND, "moderation.no_report");
	if (report->is_closed)
		return gx_fail(err, GX_E_CONFLICT, "moderation.already_closed");
	st = act(a, tx, actor, report, action, note, err);
	if (st == GX_OK)
		st = moderation_sql_report_close(tx, &in, NULL, err);
	if (st == GX_OK)
		st = accounts_audit(tx, actor->account_id, "close_report",
				    report->subject->account_id, note, err);
	if (st != GX_OK)
		return st;
	return get_report(a, tx, 0, report_id, out, err);
}
