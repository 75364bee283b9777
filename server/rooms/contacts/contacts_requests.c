/* SPDX-License-Identifier: Apache-2.0 */
/*
 * contacts_requests.c - asking, accepting, declining.
 *
 * The asker must not learn more than an open request tells: whether the other declined, or has
 * blocked the asker, looks the same as waiting. So a declined request is stored as such but stays
 * open to the asker until it expires, and one to somebody who blocks the asker is stored hidden.
 */
#include "chat.h"
#include "contacts_rules.h"
#include "contacts_sql.h"

#define PRUNE_PIECE 500

static enum gx_status get_request(struct gx_arena *a, struct gx_tx *tx, uint64_t request_id,
				  struct contacts_request *out, bool *found, struct gx_error *err)
{
	const struct contacts_sql_request_get_in in = { .request_id = request_id };
	struct contacts_sql_request_get_out row;
	bool is_found;
	enum gx_status st = contacts_sql_request_get(a, tx, &in, &row, &is_found, err);
	if (st != GX_OK)
		return st;
	if (is_found)
		*out = (struct contacts_request){
			.request_id = request_id,
			.from_id = row.from_id,
			.to_id = row.to_id,
			.greeting = row.greeting,
			.source = { row.source_kind, row.source_ref },
			.state = (enum contacts_request_state)row.state,
			.is_hidden = row.is_hidden,
			.changes_count = row.changes_count,
			.created_at_ms = row.created_at_ms,
			.expires_at_ms = row.expires_at_ms,
		};
	*found = is_found;
	return GX_OK;
}

/* The request that `from_id` still waits for, if any. */
static enum gx_status find_open(struct gx_arena *a, struct gx_tx *tx, uint64_t from_id,
				uint64_t to_id, struct contacts_request *out, bool *found,
				struct gx_error *err)
{
	const struct contacts_sql_request_live_in in = {
		.from_id = from_id,
		.to_id = to_id,
		.now_ms = tx->now_ms,
	};
	struct contacts_sql_request_live_out row;
	bool is_found;
	enum gx_status st = contacts_sql_request_live(NULL, tx, &in, &row, &is_found, err);
	if (st != GX_OK)
		return st;
	if (!is_found) {
		*found = false;
		return GX_OK;
	}
	return get_request(a, tx, row.request_id, out, found, err);
}

static enum gx_status set_state(struct gx_tx *tx, struct contacts_request *request,
				enum contacts_request_state state, struct gx_error *err)
{
	const struct contacts_sql_request_set_state_in in = {
		.request_id = request->request_id,
		.state = state,
	};
	enum gx_status st = contacts_sql_request_set_state(tx, &in, NULL, err);
	if (st == GX_OK)
		request->state = state;
	return st;
}

static enum gx_status tell_both(struct gx_arena *a, struct gx_tx *tx,
				const struct contacts_request *request, struct gx_error *err)
{
	enum gx_status st = contacts_tell_request(a, tx, request->from_id, request, err);
	if (st != GX_OK)
		return st;
	return contacts_tell_request(a, tx, request->to_id, request, err);
}

/* The tie has been made another way: what `from_id` still waits for is fulfilled. */
static enum gx_status fulfil_open(struct gx_arena *a, struct gx_tx *tx, uint64_t from_id,
				  uint64_t to_id, struct gx_error *err)
{
	struct contacts_request request;
	bool is_found;

	enum gx_status st = find_open(a, tx, from_id, to_id, &request, &is_found, err);
	if (st != GX_OK || !is_found)
		return st;
	st = set_state(tx, &request, CONTACTS_REQUEST_ACCEPTED, err);
	if (st != GX_OK)
		return st;
	return tell_both(a, tx, &request, err);
}

static enum gx_status post_added(struct gx_arena *a, struct gx_tx *tx, uint64_t conversation_id,
				 uint64_t by, uint64_t from_id, uint64_t to_id,
				 struct gx_error *err)
{
	struct gx_str params =
		gx_arena_printf(a, "{\"from\":\"%llu\",\"to\":\"%llu\"}",
				(unsigned long long)from_id, (unsigned long long)to_id);
	return chat_post_notice(a, tx, conversation_id, by, "contact.added", params, err);
}

/* What follows on a tie that both wanted: `by` has just given the second consent. */
static enum gx_status celebrate(struct gx_arena *a, struct gx_tx *tx, uint64_t conversation_id,
				uint64_t by, uint64_t initiator_id, struct gx_error *err)
{
	enum gx_status st = post_added(a, tx, conversation_id, by, initiator_id, by, err);
	if (st != GX_OK)
		return st;
	st = fulfil_open(a, tx, initiator_id, by, err);
	if (st != GX_OK)
		return st;
	st = fulfil_open(a, tx, by, initiator_id, err);
	if (st != GX_OK)
		return st;
	st = contacts_tell_contact(a, tx, by, initiator_id, err);
	if (st != GX_OK)
		return st;
	return contacts_tell_contact(a, tx, initiator_id, by, err);
}

/* ---- asking */

static enum gx_status insert_request(struct gx_tx *tx, struct contacts_request *request,
				     struct gx_error *err)
{
	request->created_at_ms = tx->now_ms;
	request->expires_at_ms = tx->now_ms + CONTACTS_REQUEST_LIFE_MS;
	const struct contacts_sql_request_insert_in in = {
		.from_id = request->from_id,
		.to_id = request->to_id,
		.greeting = request->greeting,
		.source_kind = request->source.kind,
		.source_ref = request->source.ref,
		.state = request->state,
		.is_hidden = request->is_hidden,
		.created_at_ms = request->created_at_ms,
		.expires_at_ms = request->expires_at_ms,
	};
	struct contacts_sql_request_insert_out row;
	bool is_found;
	enum gx_status st = contacts_sql_request_insert(NULL, tx, &in, &row, &is_found, err);
	if (st != GX_OK)
		return st;
	GX_ASSERT(is_found);
	request->request_id = row.request_id;
	gx_metric_add(&contacts_metrics[CONTACTS_METRIC_REQUESTS], 1);
	return GX_OK;
}

static enum gx_status check_daily_limit(struct gx_tx *tx, uint64_t from_id, struct gx_error *err)
{
	int64_t most = contacts_settings[CONTACTS_SETTING_REQUESTS_PER_DAY].num;
	const struct contacts_sql_request_usage_in in = {
		.from_id = from_id,
		.since_ms = tx->now_ms - GX_DAY_MS,
	};
	struct contacts_sql_request_usage_out row;
	bool is_found;

	if (most == 0)
		return GX_OK;
	enum gx_status st = contacts_sql_request_usage(NULL, tx, &in, &row, &is_found, err);
	if (st != GX_OK)
		return st;
	if (row.requests_count < most)
		return GX_OK;
	int64_t wait_ms = row.first_at_ms + GX_DAY_MS - tx->now_ms;
	return gx_fail_retry(err, GX_E_LIMIT, "contacts.too_many_requests",
			     (uint32_t)(wait_ms / GX_SECOND_MS + 1));
}

/* Still in the other's list: the tie comes back without a word, as it went. */
static enum gx_status restore_tie(struct gx_arena *a, struct gx_tx *tx,
				  struct contacts_request *request, struct gx_error *err)
{
	uint64_t conversation_id;

	enum gx_status st =
		contacts_make_tie(a, tx, request->from_id, request->to_id, request->from_id,
				  &request->source, &conversation_id, err);
	if (st != GX_OK)
		return st;
	request->state = CONTACTS_REQUEST_ACCEPTED;
	request->is_hidden = true;
	st = insert_request(tx, request, err);
	if (st != GX_OK)
		return st;
	st = contacts_tell_request(a, tx, request->from_id, request, err);
	if (st != GX_OK)
		return st;
	st = fulfil_open(a, tx, request->from_id, request->to_id, err);
	if (st != GX_OK)
		return st;
	st = fulfil_open(a, tx, request->to_id, request->from_id, err);
	if (st != GX_OK)
		return st;
	return contacts_tell_contact(a, tx, request->from_id, request->to_id, err);
}

/* The other has asked, too: both have said yes, and the first one's source stands. */
static enum gx_status cross(struct gx_arena *a, struct gx_tx *tx, struct contacts_request *request,
			    const struct contacts_request *theirs, struct gx_error *err)
{
	uint64_t conversation_id;

	enum gx_status st =
		contacts_make_tie(a, tx, request->from_id, request->to_id, request->to_id,
				  &theirs->source, &conversation_id, err);
	if (st != GX_OK)
		return st;
	request->state = CONTACTS_REQUEST_ACCEPTED;
	st = insert_request(tx, request, err);
	if (st != GX_OK)
		return st;
	st = tell_both(a, tx, request, err);
	if (st != GX_OK)
		return st;
	return celebrate(a, tx, conversation_id, request->from_id, request->to_id, err);
}

/* Asked already and not answered: the same request, with the new greeting and source. The date of
 * expiry stays, so that a silent no lasts a week and not for ever. */
static enum gx_status refresh(struct gx_arena *a, struct gx_tx *tx, struct contacts_request *open,
			      const struct contacts_request *request, struct gx_error *err)
{
	bool is_same = gx_str_eq(open->greeting, request->greeting) &&
		       gx_str_eq(open->source.kind, request->source.kind) &&
		       gx_str_eq(open->source.ref, request->source.ref);

	/* What was hidden by a block that is gone comes out; what was declined never returns. */
	bool is_declined = open->state == CONTACTS_REQUEST_DECLINED;
	bool is_hidden = is_declined || (open->is_hidden && request->is_hidden);
	if (is_same && (is_declined || is_hidden == open->is_hidden))
		return GX_OK;
	if (open->changes_count >= CONTACTS_GREETING_CHANGES_MAX)
		return gx_fail_retry(err, GX_E_LIMIT, "contacts.too_many_requests",
				     (uint32_t)((open->expires_at_ms - tx->now_ms) / GX_SECOND_MS +
						1));
	open->greeting = request->greeting;
	open->source = request->source;
	open->is_hidden = is_hidden;
	open->changes_count++;
	const struct contacts_sql_request_update_in in = {
		.request_id = open->request_id,
		.greeting = open->greeting,
		.source_kind = open->source.kind,
		.source_ref = open->source.ref,
		.is_hidden = open->is_hidden,
		.changes_count = open->changes_count,
	};
	enum gx_status st = contacts_sql_request_update(tx, &in, NULL, err);
	if (st != GX_OK)
		return st;
	return tell_both(a, tx, open, err);
}

/* Between people who have no tie that could come back. */
static enum gx_status ask_stranger(struct gx_arena *a, struct gx_tx *tx,
				   struct contacts_request *request, struct gx_error *err)
{
	struct contacts_request theirs, open;
	bool is_found;

	enum gx_status st =
		find_open(a, tx, request->to_id, request->from_id, &theirs, &is_found, err);
	if (st != GX_OK)
		return st;
	if (is_found)
		return cross(a, tx, request, &theirs, err);
	st = contacts_is_blocked(tx, request->to_id, request->from_id, &request->is_hidden, err);
	if (st != GX_OK)
		return st;
	st = find_open(a, tx, request->from_id, request->to_id, &open, &is_found, err);
	if (st != GX_OK)
		return st;
	if (is_found) {
		st = refresh(a, tx, &open, request, err);
		if (st == GX_OK)
			*request = open;
		return st;
	}
	st = check_daily_limit(tx, request->from_id, err);
	if (st != GX_OK)
		return st;
	st = insert_request(tx, request, err);
	if (st != GX_OK)
		return st;
	return tell_both(a, tx, request, err);
}

enum gx_status contacts_ask(struct gx_arena *a, struct gx_tx *tx, uint64_t from_id, uint64_t to_id,
			    struct gx_str greeting, const struct contacts_source *source,
			    struct contacts_request *out, struct gx_error *err)
{
	enum contacts_tie mine, theirs;
	struct contacts_request request = {
		.from_id = from_id,
		.to_id = to_id,
		.greeting = greeting,
		.source = *source,
	};

	GX_ASSERT(from_id != 0);
	if (from_id == to_id)
		return gx_fail_field(err, GX_E_RULE, "contacts.self", "to");
	enum gx_status st = contacts_check_source(a, tx, from_id, to_id, source, err);
	if (st != GX_OK)
		return st;
	st = contacts_get_tie(tx, from_id, to_id, &mine, err);
	if (st != GX_OK)
		return st;
	st = contacts_get_tie(tx, to_id, from_id, &theirs, err);
	if (st != GX_OK)
		return st;
	if (mine == CONTACTS_FRIEND && theirs == CONTACTS_FRIEND)
		return gx_fail(err, GX_E_CONFLICT, "contacts.already_friends");
	if (theirs == CONTACTS_FRIEND)
		st = restore_tie(a, tx, &request, err);
	else
		st = ask_stranger(a, tx, &request, err);
	if (st == GX_OK)
		*out = request;
	return st;
}

/* ---- answering */

/* A request as the addressed person may know it; for anybody else there is none. */
static enum gx_status get_addressed(struct gx_arena *a, struct gx_tx *tx, uint64_t me,
				    uint64_t request_id, struct contacts_request *out,
				    struct gx_error *err)
{
	struct contacts_request request;
	bool is_found;

	enum gx_status st = get_request(a, tx, request_id, &request, &is_found, err);
	if (st != GX_OK)
		return st;
	if (!is_found || request.to_id != me || request.is_hidden)
		return gx_fail(err, GX_E_NOT_FOUND, "contacts.no_request");
	*out = request;
	return GX_OK;
}

static enum gx_status check_open(struct gx_tx *tx, const struct contacts_request *request,
				 struct gx_error *err)
{
	if (request->state != CONTACTS_REQUEST_PENDING)
		return gx_fail(err, GX_E_CONFLICT, "contacts.request_closed");
	if (tx->now_ms >= request->expires_at_ms)
		return gx_fail(err, GX_E_CONFLICT, "contacts.request_expired");
	return GX_OK;
}

/* Whether this is a repeat of an accept whose answer was lost. */
static enum gx_status find_accepted(struct gx_tx *tx, const struct contacts_request *request,
				    uint64_t *conversation_id, struct gx_error *err)
{
	enum contacts_tie mine = CONTACTS_STRANGER;
	enum gx_status st = GX_OK;

	*conversation_id = 0;
	if (request->state == CONTACTS_REQUEST_ACCEPTED)
		st = contacts_get_tie(tx, request->to_id, request->from_id, &mine, err);
	if (st != GX_OK || mine == CONTACTS_STRANGER)
		return st;
	return chat_find_direct(tx, request->to_id, request->from_id, conversation_id, err);
}

enum gx_status contacts_accept(struct gx_arena *a, struct gx_tx *tx, uint64_t me,
			       uint64_t request_id, const struct gx_str *remark, uint64_t *other_id,
			       uint64_t *conversation_id, struct gx_error *err)
{
	struct contacts_request request;
	uint64_t conversation;

	enum gx_status st = get_addressed(a, tx, me, request_id, &request, err);
	if (st != GX_OK)
		return st;
	st = find_accepted(tx, &request, &conversation, err);
	if (st != GX_OK)
		return st;
	if (conversation == 0) {
		st = check_open(tx, &request, err);
		if (st != GX_OK)
			return st;
		st = contacts_make_tie(a, tx, me, request.from_id, request.from_id, &request.source,
				       &conversation, err);
		if (st != GX_OK)
			return st;
		st = celebrate(a, tx, conversation, me, request.from_id, err);
	}
	if (st == GX_OK && remark != NULL)
		st = contacts_update(a, tx, me, request.from_id,
				     &(struct contacts_change){ .remark = remark }, err);
	if (st != GX_OK)
		return st;
	*other_id = request.from_id;
	*conversation_id = conversation;
	return GX_OK;
}

enum gx_status contacts_decline(struct gx_arena *a, struct gx_tx *tx, uint64_t me,
				uint64_t request_id, struct gx_error *err)
{
	struct contacts_request request;

	enum gx_status st = get_addressed(a, tx, me, request_id, &request, err);
	if (st != GX_OK)
		return st;
	if (request.state == CONTACTS_REQUEST_DECLINED)
		return GX_OK; /* a repeat */
	st = check_open(tx, &request, err);
	if (st != GX_OK)
		return st;
	st = set_state(tx, &request, CONTACTS_REQUEST_DECLINED, err);
	if (st != GX_OK)
		return st;
	return contacts_tell_request(a, tx, me, &request, err);
}

enum gx_status contacts_decline_open(struct gx_arena *a, struct gx_tx *tx, uint64_t from_id,
				     uint64_t to_id, struct gx_error *err)
{
	struct contacts_request request;
	bool is_found;

	enum gx_status st = find_open(a, tx, from_id, to_id, &request, &is_found, err);
	if (st != GX_OK || !is_found || request.state != CONTACTS_REQUEST_PENDING)
		return st;
	st = set_state(tx, &request, CONTACTS_REQUEST_DECLINED, err);
	if (st != GX_OK)
		return st;
	return contacts_tell_request(a, tx, to_id, &request, err);
}

/* ---- reading and cleaning up */

/* The larger of the two heads, taken off its list; both descend. */
static uint64_t take_newest(const struct contacts_sql_request_list_asked_out **asked,
			    size_t *asked_count,
			    const struct contacts_sql_request_list_addressed_out **addressed,
			    size_t *addressed_count)
{
	if (*asked_count > 0 &&
	    (*addressed_count == 0 || (*asked)->request_id > (*addressed)->request_id)) {
		(*asked_count)--;
		return (*asked)++->request_id;
	}
	(*addressed_count)--;
	return (*addressed)++->request_id;
}

enum gx_status contacts_list_requests(struct gx_arena *a, struct gx_tx *tx, uint64_t account_id,
				      uint64_t before_id, size_t most,
				      struct contacts_request **out, size_t *count,
				      struct gx_error *err)
{
	const struct contacts_sql_request_list_asked_in asked_in = {
		.account_id = account_id,
		.before_id = before_id,
		.most = (int64_t)most,
	};
	const struct contacts_sql_request_list_addressed_in addressed_in = {
		.account_id = account_id,
		.before_id = before_id,
		.most = (int64_t)most,
	};
	struct contacts_sql_request_list_asked_out *asked;
	struct contacts_sql_request_list_addressed_out *addressed;
	size_t asked_count, addressed_count;

	enum gx_status st =
		contacts_sql_request_list_asked(a, tx, &asked_in, &asked, &asked_count, err);
	if (st != GX_OK)
		return st;
	st = contacts_sql_request_list_addressed(a, tx, &addressed_in, &addressed, &addressed_count,
						 err);
	if (st != GX_OK)
		return st;
	const struct contacts_sql_request_list_asked_out *a_head = asked;
	const struct contacts_sql_request_list_addressed_out *b_head = addressed;
	size_t total = asked_count + addressed_count;
	if (total > most)
		total = most;
	struct contacts_request *list = gx_arena_new_array(a, struct contacts_request, total);
	for (size_t i = 0; i < total; i++) {
		bool is_found;
		uint64_t id = take_newest(&a_head, &asked_count, &b_head, &addressed_count);
		st = get_request(a, tx, id, &list[i], &is_found, err);
		if (st != GX_OK)
			return st;
		GX_ASSERT(is_found); /* the same snapshot */
	}
	*out = list;
	*count = total;
	return GX_OK;
}

enum gx_status contacts_has_open_request(struct gx_tx *tx, uint64_t viewer_id, uint64_t other_id,
					 bool *out, struct gx_error *err)
{
	const struct contacts_sql_request_live_in asked = {
		.from_id = viewer_id,
		.to_id = other_id,
		.now_ms = tx->now_ms,
	};
	const struct contacts_sql_request_shown_in addressed = {
		.from_id = other_id,
		.to_id = viewer_id,
		.now_ms = tx->now_ms,
	};
	struct contacts_sql_request_live_out row;
	struct contacts_sql_request_shown_out shown;
	bool is_found;

	enum gx_status st = contacts_sql_request_live(NULL, tx, &asked, &row, &is_found, err);
	if (st == GX_OK && !is_found)
		st = contacts_sql_request_shown(NULL, tx, &addressed, &shown, &is_found, err);
	if (st != GX_OK)
		return st;
	*out = is_found;
	return GX_OK;
}

enum gx_status contacts_prune(struct gx_arena *a, struct gx_tx *tx, bool *again,
			      struct gx_error *err)
{
	const struct contacts_sql_request_prune_in in = {
		.before_ms = tx->now_ms - CONTACTS_REQUEST_KEEP_MS,
		.most = PRUNE_PIECE,
	};
	uint64_t changes;

	(void)a;
	enum gx_status st = contacts_sql_request_prune(tx, &in, &changes, err);
	if (st == GX_OK)
		*again = changes == PRUNE_PIECE;
	return st;
}
