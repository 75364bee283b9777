/* SPDX-License-Identifier: Apache-2.0 */
/* moderation_http.c - input → rules → JSON for reports, suspensions and the audit. */
#include "moderation_http.h"

#define PAGE_DEFAULT 50

static const struct gx_str reason_names[MODERATION_REASONS_COUNT] = {
	[MODERATION_SPAM] = { "spam", 4 },
	[MODERATION_FRAUD] = { "fraud", 5 },
	[MODERATION_HARASSMENT] = { "harassment", 10 },
	[MODERATION_OTHER] = { "other", 5 },
};

static const struct gx_str action_names[MODERATION_ACTIONS_COUNT] = {
	[MODERATION_NONE] = { "none", 4 },
	[MODERATION_SUSPEND] = { "suspend", 7 },
};

static const struct gx_str state_names[] = {
	[MODERATION_OPEN] = { "open", 4 },
	[MODERATION_CLOSED] = { "closed", 6 },
};

/* Finds the word in a list; false when it is none of them. */
static bool find_name(const struct gx_str *names, size_t names_count, struct gx_str name,
		      unsigned *out)
{
	for (size_t i = 0; i < names_count; i++)
		if (gx_str_eq(names[i], name)) {
			*out = (unsigned)i;
			return true;
		}
	return false;
}

/* Somebody whose profile the reporter may not see (any more): the id is all that they sent us. */
static void write_hidden(struct gx_json_writer *w, uint64_t account_id)
{
	struct accounts_account hidden = {
		.account_id = account_id,
		.username = GX_STR(""),
		.nickname = GX_STR(""),
		.signature = GX_STR(""),
		.region = GX_STR(""),
	};

	accounts_write(w, &hidden);
}

static void write_message_ids(struct gx_json_writer *w, const struct moderation_report *r)
{
	if (r->conversation_id == 0) {
		gx_json_kv_null(w, "conversation_id");
		gx_json_kv_null(w, "seq");
		return;
	}
	gx_json_kv_id(w, "conversation_id", r->conversation_id);
	gx_json_kv_i64(w, "seq", (int64_t)r->seq);
}

static void write_outcome(struct gx_json_writer *w, const struct moderation_report *r)
{
	gx_json_kv_str(w, "state", state_names[r->is_closed ? MODERATION_CLOSED : MODERATION_OPEN]);
	if (r->is_closed)
		gx_json_kv_str(w, "action", action_names[r->action]);
	else
		gx_json_kv_null(w, "action");
	gx_json_kv_str(w, "answer", r->answer);
	gx_json_kv_i64(w, "created_at", r->created_at_ms);
	if (r->is_closed)
		gx_json_kv_i64(w, "closed_at", r->closed_at_ms);
	else
		gx_json_kv_null(w, "closed_at");
}

static void write_report(struct gx_json_writer *w, const struct moderation_report *r)
{
	gx_json_begin_object(w);
	gx_json_kv_id(w, "id", r->report_id);
	gx_json_key(w, GX_STR("reporter"));
	accounts_write(w, r->reporter);
	gx_json_key(w, GX_STR("account"));
	if (r->shows_subject)
		accounts_write(w, r->subject);
	else
		write_hidden(w, r->subject->account_id);
	write_message_ids(w, r);
	gx_json_kv_str(w, "excerpt", r->excerpt);
	gx_json_kv_str(w, "reason", reason_names[r->reason]);
	gx_json_kv_str(w, "note", r->note);
	write_outcome(w, r);
	gx_json_end_object(w);
}

static enum gx_status answer_report(struct gx_call *c, const struct moderation_report *r)
{
	gx_json_begin_object(&c->out);
	gx_json_key(&c->out, GX_STR("report"));
	write_report(&c->out, r);
	gx_json_end_object(&c->out);
	return GX_OK;
}

/* "next": the id behind which the next page begins. */
static void write_next(struct gx_call *c, bool has_more, uint64_t id)
{
	gx_json_key(&c->out, GX_STR("next"));
	if (has_more)
		gx_json_put_id(&c->out, id);
	else
		gx_json_put_null(&c->out);
}

static enum gx_status read_page(struct gx_call *c, const struct gx_input *cursor,
				const struct gx_input *limit_in, uint64_t *before, size_t *limit)
{
	*before = INT64_MAX;
	*limit = limit_in->is_present ? (size_t)limit_in->num : PAGE_DEFAULT;
	if (cursor->is_present && (!gx_str_to_u64(cursor->str, before) || *before > INT64_MAX))
		return gx_fail_field(&c->err, GX_E_INVALID, "core.invalid_field", "cursor");
	return GX_OK;
}

/* reports.create */

enum {
	CREATE_CLIENT_ID,
	CREATE_CONVERSATION_ID,
	CREATE_SEQ,
	CREATE_ACCOUNT_ID,
	CREATE_REASON,
	CREATE_NOTE,
};

const struct gx_field moderation_create_fields[] = {
	[CREATE_CLIENT_ID] = { "client_id", GX_FIELD_TOKEN, GX_FIELD_REQUIRED, 1, 64 },
	[CREATE_CONVERSATION_ID] = { "conversation_id", GX_FIELD_ID, 0, 0, 0 },
	[CREATE_SEQ] = { "seq", GX_FIELD_INT, 0, 1, INT64_C(1) << 53 },
	[CREATE_ACCOUNT_ID] = { "account_id", GX_FIELD_ID, 0, 0, 0 },
	[CREATE_REASON] = { "reason", GX_FIELD_STR, GX_FIELD_REQUIRED, 1, 16 },
	[CREATE_NOTE] = { "note", GX_FIELD_STR, 0, 0, 500 },
	{ NULL, GX_FIELD_END, 0, 0, 0 },
};

enum gx_status moderation_handle_create(struct gx_call *c)
{
	bool has_conversation = c->in[CREATE_CONVERSATION_ID].is_present;
	bool has_account = c->in[CREATE_ACCOUNT_ID].is_present;
	struct moderation_complaint complaint = {
		.client_id = c->in[CREATE_CLIENT_ID].str,
		.conversation_id = c->in[CREATE_CONVERSATION_ID].id,
		.seq = (uint64_t)c->in[CREATE_SEQ].num,
		.account_id = c->in[CREATE_ACCOUNT_ID].id,
		.note = c->in[CREATE_NOTE].str,
	};
	const struct moderation_report *report;
	unsigned reason;
	enum gx_status st;

	if (has_conversation != c->in[CREATE_SEQ].is_present)
		return gx_fail_field(&c->err, GX_E_INVALID, "core.missing_field",
				     has_conversation ? "seq" : "conversation_id");
	if (!has_conversation && !has_account)
		return gx_fail_field(&c->err, GX_E_INVALID, "core.missing_field", "account_id");
	if (has_conversation && has_account)
		return gx_fail_field(&c->err, GX_E_INVALID, "core.invalid_field", "account_id");
	if (!find_name(reason_names, GX_COUNT(reason_names), c->in[CREATE_REASON].str, &reason))
		return gx_fail_field(&c->err, GX_E_INVALID, "core.invalid_field", "reason");
	complaint.reason = (enum moderation_reason)reason;
	st = moderation_create_report(c->arena, c->tx, c->session.account_id, &complaint, &report,
				      &c->err);
	if (st != GX_OK)
		return st;
	return answer_report(c, report);
}

/* reports.list, operator.list_reports */

static enum gx_status list_reports(struct gx_call *c, uint64_t reporter_id,
				   enum moderation_state state, const struct gx_input *cursor,
				   const struct gx_input *limit_in)
{
	const struct moderation_report **reports;
	uint64_t before;
	size_t limit, count;
	bool has_more;
	enum gx_status st = read_page(c, cursor, limit_in, &before, &limit);

	if (st == GX_OK)
		st = moderation_list_reports(c->arena, c->tx, reporter_id, state, before, limit,
					     &reports, &count, &has_more, &c->err);
	if (st != GX_OK)
		return st;
	gx_json_begin_object(&c->out);
	gx_json_key(&c->out, GX_STR("reports"));
	gx_json_begin_array(&c->out);
	for (size_t i = 0; i < count; i++)
		write_report(&c->out, reports[i]);
	gx_json_end_array(&c->out);
	write_next(c, has_more, count > 0 ? reports[count - 1]->report_id : 0);
	gx_json_end_object(&c->out);
	return GX_OK;
}

enum { PAGE_CURSOR, PAGE_LIMIT };

const struct gx_field moderation_page_fields[] = {
	[PAGE_CURSOR] = { "cursor", GX_FIELD_TOKEN, 0, 1, 200 },
	[PAGE_LIMIT] = { "limit", GX_FIELD_INT, 0, 1, 100 },
	{ NULL, GX_FIELD_END, 0, 0, 0 },
};

enum gx_status moderation_handle_list_own(struct gx_call *c)
{
	return list_reports(c, c->session.account_id, MODERATION_ANY, &c->in[PAGE_CURSOR],
			    &c->in[PAGE_LIMIT]);
}

enum { LIST_STATE, LIST_CURSOR, LIST_LIMIT };

const struct gx_field moderation_list_fields[] = {
	[LIST_STATE] = { "state", GX_FIELD_STR, 0, 1, 16 },
	[LIST_CURSOR] = { "cursor", GX_FIELD_TOKEN, 0, 1, 200 },
	[LIST_LIMIT] = { "limit", GX_FIELD_INT, 0, 1, 100 },
	{ NULL, GX_FIELD_END, 0, 0, 0 },
};

enum gx_status moderation_handle_list(struct gx_call *c)
{
	unsigned state = MODERATION_ANY;

	if (c->in[LIST_STATE].is_present &&
	    !find_name(state_names, GX_COUNT(state_names), c->in[LIST_STATE].str, &state))
		return gx_fail_field(&c->err, GX_E_INVALID, "core.invalid_field", "state");
	return list_reports(c, 0, (enum moderation_state)state, &c->in[LIST_CURSOR],
			    &c->in[LIST_LIMIT]);
}

/* operator.close_report */

enum { CLOSE_REPORT_ID, CLOSE_ACTION, CLOSE_NOTE };

const struct gx_field moderation_close_fields[] = {
	[CLOSE_REPORT_ID] = { "report_id", GX_FIELD_ID, GX_FIELD_REQUIRED, 0, 0 },
	[CLOSE_ACTION] = { "action", GX_FIELD_STR, GX_FIELD_REQUIRED, 1, 16 },
	[CLOSE_NOTE] = { "note", GX_FIELD_STR, 0, 0, 500 },
	{ NULL, GX_FIELD_END, 0, 0, 0 },
};

enum gx_status moderation_handle_close(struct gx_call *c)
{
	const struct moderation_report *report;
	unsigned action;
	enum gx_status st;

	if (!find_name(action_names, GX_COUNT(action_names), c->in[CLOSE_ACTION].str, &action))
		return gx_fail_field(&c->err, GX_E_INVALID, "core.invalid_field", "action");
	st = moderation_close_report(c->arena, c->tx, &c->session, c->in[CLOSE_REPORT_ID].id,
				     (enum moderation_action)action, c->in[CLOSE_NOTE].str, &report,
				     &c->err);
	if (st != GX_OK)
		return st;
	return answer_report(c, report);
}

/* operator.suspend, operator.unsuspend */

enum { SUSPEND_ACCOUNT_ID, SUSPEND_REASON };

const struct gx_field moderation_suspend_fields[] = {
	[SUSPEND_ACCOUNT_ID] = { "account_id", GX_FIELD_ID, GX_FIELD_REQUIRED, 0, 0 },
	[SUSPEND_REASON] = { "reason", GX_FIELD_STR, GX_FIELD_REQUIRED, 1, 500 },
	{ NULL, GX_FIELD_END, 0, 0, 0 },
};

enum gx_status moderation_handle_suspend(struct gx_call *c)
{
	return accounts_suspend(c->arena, c->tx, &c->session, c->in[SUSPEND_ACCOUNT_ID].id,
				c->in[SUSPEND_REASON].str, &c->err);
}

const struct gx_field moderation_unsuspend_fields[] = {
	[SUSPEND_ACCOUNT_ID] = { "account_id", GX_FIELD_ID, GX_FIELD_REQUIRED, 0, 0 },
	{ NULL, GX_FIELD_END, 0, 0, 0 },
};

enum gx_status moderation_handle_unsuspend(struct gx_call *c)
{
	return accounts_unsuspend(c->arena, c->tx, &c->session, c->in[SUSPEND_ACCOUNT_ID].id,
				  &c->err);
}

/* operator.list_audit */

/* "key": account object, or null for nobody. */
static enum gx_status write_person(struct gx_call *c, struct gx_str key, uint64_t account_id)
{
	const struct accounts_account *account = NULL;

	if (account_id != 0) {
		enum gx_status st = accounts_get(c->arena, c->tx, account_id, &account, &c->err);

		if (st != GX_OK)
			return st;
	}
	gx_json_key(&c->out, key);
	if (account != NULL)
		accounts_write(&c->out, account);
	else
		gx_json_put_null(&c->out);
	return GX_OK;
}

static enum gx_status write_line(struct gx_call *c, const struct accounts_audit_line *line)
{
	enum gx_status st;

	gx_json_begin_object(&c->out);
	gx_json_kv_i64(&c->out, "at", line->at_ms);
	st = write_person(c, GX_STR("operator"), line->operator_id);
	if (st != GX_OK)
		return st;
	gx_json_kv_str(&c->out, "action", line->action);
	st = write_person(c, GX_STR("account"), line->subject_id);
	if (st != GX_OK)
		return st;
	gx_json_kv_str(&c->out, "note", line->note);
	gx_json_end_object(&c->out);
	return GX_OK;
}

enum gx_status moderation_handle_list_audit(struct gx_call *c)
{
	struct accounts_audit_line *lines;
	uint64_t before;
	size_t limit, count;
	bool has_more;
	enum gx_status st = read_page(c, &c->in[PAGE_CURSOR], &c->in[PAGE_LIMIT], &before, &limit);

	if (st == GX_OK)
		st = accounts_list_audit(c->arena, c->tx, before, limit + 1, &lines, &count,
					 &c->err);
	if (st != GX_OK)
		return st;
	has_more = count > limit;
	if (has_more)
		count = limit;
	gx_json_begin_object(&c->out);
	gx_json_key(&c->out, GX_STR("entries"));
	gx_json_begin_array(&c->out);
	for (size_t i = 0; i < count; i++) {
		st = write_line(c, &lines[i]);
		if (st != GX_OK)
			return st;
	}
	gx_json_end_array(&c->out);
	write_next(c, has_more, count > 0 ? lines[count - 1].audit_id : 0);
	gx_json_end_object(&c->out);
	return GX_OK;
}
