/* SPDX-License-Identifier: Apache-2.0 */
/*
 * contacts_rules.c - ties and blocks, and what follows from them.
 *
 * A tie is a row in each side's list. Deleting takes away one of them, silently, so four states
 * are possible between two people, and blocks come on top. Whose messages pass is not stored here
 * a second time: it is derived, by gate_for(), whenever a tie or a block changes.
 */
#include "contacts_rules.h"
#include "accounts.h"
#include "chat.h"
#include "contacts_sql.h"
#include "publish.h"

/* How many of those who know an account are told at a time. */
#define OWNERS_PAGE 500

enum gx_status contacts_get_tie(struct gx_tx *tx, uint64_t owner_id, uint64_t other_id,
				enum contacts_tie *out, struct gx_error *err)
{
	const struct contacts_sql_tie_has_in in = { .owner_id = owner_id, .other_id = other_id };
	struct contacts_sql_tie_has_out row;
	bool is_found;
	enum gx_status st = contacts_sql_tie_has(NULL, tx, &in, &row, &is_found, err);
	if (st != GX_OK)
		return st;
	*out = is_found ? CONTACTS_FRIEND : CONTACTS_STRANGER;
	return GX_OK;
}

enum gx_status contacts_is_blocked(struct gx_tx *tx, uint64_t owner_id, uint64_t other_id,
				   bool *out, struct gx_error *err)
{
	const struct contacts_sql_block_has_in in = { .owner_id = owner_id, .other_id = other_id };
	struct contacts_sql_block_has_out row;
	bool is_found;
	enum gx_status st = contacts_sql_block_has(NULL, tx, &in, &row, &is_found, err);
	if (st != GX_OK)
		return st;
	*out = is_found;
	return GX_OK;
}

enum gx_status contacts_get(struct gx_arena *a, struct gx_tx *tx, uint64_t owner_id,
			    uint64_t other_id, const struct contacts_contact **out,
			    struct gx_error *err)
{
	const struct contacts_sql_tie_get_in in = { .owner_id = owner_id, .other_id = other_id };
	struct contacts_sql_tie_get_out row;
	struct contacts_contact *contact = NULL;
	bool is_found;
	enum gx_status st = contacts_sql_tie_get(a, tx, &in, &row, &is_found, err);
	if (st != GX_OK)
		return st;
	if (is_found) {
		contact = gx_arena_new(a, struct contacts_contact);
		*contact = (struct contacts_contact){
			.other_id = other_id,
			.source = { row.source_kind, row.source_ref },
			.initiator_id = row.initiator_id,
			.since_at_ms = row.since_at_ms,
			.remark = row.remark,
			.tags = row.tags,
			.is_starred = row.is_starred,
		};
	}
	*out = contact;
	return GX_OK;
}

enum gx_status contacts_list(struct gx_arena *a, struct gx_tx *tx, uint64_t owner_id,
			     uint64_t after_id, size_t most, struct contacts_contact **out,
			     size_t *count, struct gx_error *err)
{
	const struct contacts_sql_tie_list_in in = {
		.owner_id = owner_id,
		.after_id = after_id,
		.most = (int64_t)most,
	};
	struct contacts_sql_tie_list_out *rows;
	size_t rows_count;
	enum gx_status st = contacts_sql_tie_list(a, tx, &in, &rows, &rows_count, err);
	if (st != GX_OK)
		return st;
	*out = gx_arena_new_array(a, struct contacts_contact, rows_count);
	*count = rows_count;
	for (size_t i = 0; i < rows_count; i++)
		(*out)[i] = (struct contacts_contact){
			.other_id = rows[i].other_id,
			.source = { rows[i].source_kind, rows[i].source_ref },
			.initiator_id = rows[i].initiator_id,
			.since_at_ms = rows[i].since_at_ms,
			.remark = rows[i].remark,
			.tags = rows[i].tags,
			.is_starred = rows[i].is_starred,
		};
	return GX_OK;
}

/* ---- whose messages pass */

/* A block outweighs a missing tie, and a tie counts only when both have it: who deleted someone
 * has no more to say to that person than the other way round. */
static enum gx_status gate_for(struct gx_tx *tx, uint64_t sender_id, uint64_t reader_id,
			       enum chat_gate *out, struct gx_error *err)
{
	enum contacts_tie mine, theirs;
	bool is_blocked;

	enum gx_status st = contacts_is_blocked(tx, reader_id, sender_id, &is_blocked, err);
	if (st != GX_OK)
		return st;
	st = contacts_get_tie(tx, sender_id, reader_id, &mine, err);
	if (st != GX_OK)
		return st;
	st = contacts_get_tie(tx, reader_id, sender_id, &theirs, err);
	if (st != GX_OK)
		return st;
	if (is_blocked)
		*out = CHAT_GATE_REFUSED;
	else if (mine == CONTACTS_FRIEND && theirs == CONTACTS_FRIEND)
		*out = CHAT_GATE_OPEN;
	else
		*out = CHAT_GATE_NOT_FRIEND;
	return GX_OK;
}

enum gx_status contacts_apply_gates(struct gx_arena *a, struct gx_tx *tx, uint64_t x, uint64_t y,
				    struct gx_error *err)
{
	uint64_t conversation_id;
	enum chat_gate gate;

	enum gx_status st = chat_find_direct(tx, x, y, &conversation_id, err);
	if (st != GX_OK || conversation_id == 0)
		return st;
	st = gate_for(tx, x, y, &gate, err);
	if (st != GX_OK)
		return st;
	st = chat_set_gate(a, tx, conversation_id, x, gate, err);
	if (st != GX_OK)
		return st;
	st = gate_for(tx, y, x, &gate, err);
	if (st != GX_OK)
		return st;
	return chat_set_gate(a, tx, conversation_id, y, gate, err);
}

/* What the owner calls the conversation with the other: the remark. */
static enum gx_status apply_title(struct gx_arena *a, struct gx_tx *tx, uint64_t owner_id,
				  uint64_t other_id, struct gx_str remark, struct gx_error *err)
{
	uint64_t conversation_id;
	enum gx_status st = chat_find_direct(tx, owner_id, other_id, &conversation_id, err);
	if (st != GX_OK || conversation_id == 0)
		return st;
	return chat_set_title(a, tx, conversation_id, owner_id, remark, err);
}

/* ---- making and ending a tie */

static enum gx_status check_has_room(struct gx_tx *tx, uint64_t owner_id, const char *code,
				     struct gx_error *err)
{
	int64_t most = contacts_settings[CONTACTS_SETTING_FRIENDS].num;
	const struct contacts_sql_tie_count_in in = { .owner_id = owner_id };
	struct contacts_sql_tie_count_out row;
	bool is_found;

	if (most == 0)
		return GX_OK;
	enum gx_status st = contacts_sql_tie_count(NULL, tx, &in, &row, &is_found, err);
	if (st != GX_OK)
		return st;
	return row.ties_count < most ? GX_OK : gx_fail(err, GX_E_RULE, code);
}

static enum gx_status insert_row(struct gx_tx *tx, uint64_t owner_id,
				 const struct contacts_contact *row, struct gx_error *err)
{
	const struct contacts_sql_tie_insert_in in = {
		.owner_id = owner_id,
		.other_id = row->other_id,
		.source_kind = row->source.kind,
		.source_ref = row->source.ref,
		.initiator_id = row->initiator_id,
		.since_at_ms = row->since_at_ms,
	};
	return contacts_sql_tie_insert(tx, &in, NULL, err);
}

/* Adds the rows that are missing, all of one origin. */
static enum gx_status insert_tie(struct gx_arena *a, struct gx_tx *tx, uint64_t x, uint64_t y,
				 struct contacts_contact origin, struct gx_error *err)
{
	const struct contacts_contact *of_x, *of_y;

	enum gx_status st = contacts_get(a, tx, x, y, &of_x, err);
	if (st != GX_OK)
		return st;
	st = contacts_get(a, tx, y, x, &of_y, err);
	if (st != GX_OK)
		return st;
	GX_ASSERT(of_x == NULL || of_y == NULL);
	if (of_x != NULL || of_y != NULL)
		origin = of_x != NULL ? *of_x : *of_y; /* both sides see the one first origin */
	if (of_x == NULL) {
		origin.other_id = y;
		st = insert_row(tx, x, &origin, err);
	}
	if (st == GX_OK && of_y == NULL) {
		origin.other_id = x;
		st = insert_row(tx, y, &origin, err);
	}
	return st;
}

enum gx_status contacts_make_tie(struct gx_arena *a, struct gx_tx *tx, uint64_t by,
				 uint64_t other_id, uint64_t initiator_id,
				 const struct contacts_source *source, uint64_t *conversation_id,
				 struct gx_error *err)
{
	enum contacts_tie mine, theirs;

	GX_ASSERT(by != other_id && (initiator_id == by || initiator_id == other_id));
	enum gx_status st = contacts_get_tie(tx, by, other_id, &mine, err);
	if (st != GX_OK)
		return st;
	st = contacts_get_tie(tx, other_id, by, &theirs, err);
	if (st != GX_OK)
		return st;
	if (mine == CONTACTS_STRANGER)
		st = check_has_room(tx, by, "contacts.too_many_friends", err);
	if (st == GX_OK && theirs == CONTACTS_STRANGER)
		st = check_has_room(tx, other_id, "contacts.their_list_full", err);
	if (st != GX_OK)
		return st;
	const struct contacts_contact origin = {
		.source = *source,
		.initiator_id = initiator_id,
		.since_at_ms = tx->now_ms,
	};
	st = insert_tie(a, tx, by, other_id, origin, err);
	if (st != GX_OK)
		return st;
	gx_metric_add(&contacts_metrics[CONTACTS_METRIC_TIES], 1);
	st = chat_open_direct(a, tx, by, other_id, conversation_id, err);
	if (st != GX_OK)
		return st;
	/* chat opens both gates; a block may still stand. */
	return contacts_apply_gates(a, tx, by, other_id, err);
}

enum gx_status contacts_delete(struct gx_arena *a, struct gx_tx *tx, uint64_t owner_id,
			       uint64_t other_id, struct gx_error *err)
{
	const struct contacts_sql_tie_delete_in in = { .owner_id = owner_id, .other_id = other_id };
	uint64_t changes;

	enum gx_status st = contacts_sql_tie_delete(tx, &in, &changes, err);
	if (st != GX_OK)
		return st;
	if (changes == 0)
		return gx_fail(err, GX_E_NOT_FOUND, "contacts.no_contact");
	st = contacts_apply_gates(a, tx, owner_id, other_id, err);
	if (st != GX_OK)
		return st;
	st = apply_title(a, tx, owner_id, other_id, GX_STR(""), err);
	if (st != GX_OK)
		return st;
	return contacts_tell_removed(a, tx, owner_id, other_id, err);
}

enum gx_status contacts_update(struct gx_arena *a, struct gx_tx *tx, uint64_t owner_id,
			       uint64_t other_id, const struct contacts_change *change,
			       struct gx_error *err)
{
	const struct contacts_contact *old;

	enum gx_status st = contacts_get(a, tx, owner_id, other_id, &old, err);
	if (st != GX_OK)
		return st;
	if (old == NULL)
		return gx_fail(err, GX_E_NOT_FOUND, "contacts.no_contact");
	const struct contacts_sql_tie_update_in in = {
		.owner_id = owner_id,
		.other_id = other_id,
		.remark = change->remark != NULL ? *change->remark : old->remark,
		.tags = change->has_tags ? contacts_format_tags(a, change->tags, change->tags_count)
					 : old->tags,
		.is_starred = change->is_starred != NULL ? *change->is_starred : old->is_starred,
	};
	if (gx_str_eq(in.remark, old->remark) && gx_str_eq(in.tags, old->tags) &&
	    in.is_starred == old->is_starred)
		return GX_OK;
	st = contacts_sql_tie_update(tx, &in, NULL, err);
	if (st != GX_OK)
		return st;
	if (!gx_str_eq(in.remark, old->remark)) {
		st = apply_title(a, tx, owner_id, other_id, in.remark, err);
		if (st != GX_OK)
			return st;
	}
	return contacts_tell_contact(a, tx, owner_id, other_id, err);
}

/* ---- blocks */

static enum gx_status check_may_block(struct gx_arena *a, struct gx_tx *tx, uint64_t owner_id,
				      uint64_t other_id, struct gx_error *err)
{
	int64_t most = contacts_settings[CONTACTS_SETTING_BLOCKS].num;
	const struct contacts_sql_block_count_in in = { .owner_id = owner_id };
	struct contacts_sql_block_count_out row;
	const struct accounts_account *account;
	bool is_found;

	if (owner_id == other_id)
		return gx_fail(err, GX_E_RULE, "contacts.self");
	enum gx_status st = accounts_get(a, tx, other_id, &account, err);
	if (st != GX_OK)
		return st;
	if (account == NULL)
		return gx_fail(err, GX_E_NOT_FOUND, "accounts.no_account");
	if (most == 0)
		return GX_OK;
	st = contacts_sql_block_count(NULL, tx, &in, &row, &is_found, err);
	if (st != GX_OK)
		return st;
	return row.blocks_count < most ? GX_OK
				       : gx_fail(err, GX_E_RULE, "contacts.too_many_blocks");
}

enum gx_status contacts_block(struct gx_arena *a, struct gx_tx *tx, uint64_t owner_id,
			      uint64_t other_id, struct gx_error *err)
{
	const struct contacts_sql_block_insert_in in = {
		.owner_id = owner_id,
		.other_id = other_id,
		.at_ms = tx->now_ms,
	};
	bool is_blocked;

	enum gx_status st = contacts_is_blocked(tx, owner_id, other_id, &is_blocked, err);
	if (st != GX_OK || is_blocked)
		return st;
	st = check_may_block(a, tx, owner_id, other_id, err);
	if (st != GX_OK)
		return st;
	st = contacts_sql_block_insert(tx, &in, NULL, err);
	if (st != GX_OK)
		return st;
	st = contacts_decline_open(a, tx, other_id, owner_id, err);
	if (st != GX_OK)
		return st;
	return contacts_apply_gates(a, tx, owner_id, other_id, err);
}

enum gx_status contacts_unblock(struct gx_arena *a, struct gx_tx *tx, uint64_t owner_id,
				uint64_t other_id, struct gx_error *err)
{
	const struct contacts_sql_block_delete_in in = {
		.owner_id = owner_id,
		.other_id = other_id,
	};
	uint64_t changes;

	enum gx_status st = contacts_sql_block_delete(tx, &in, &changes, err);
	if (st != GX_OK || changes == 0)
		return st;
	return contacts_apply_gates(a, tx, owner_id, other_id, err);
}

enum gx_status contacts_list_blocks(struct gx_arena *a, struct gx_tx *tx, uint64_t owner_id,
				    uint64_t after_id, size_t most, uint64_t **out, size_t *count,
				    struct gx_error *err)
{
	const struct contacts_sql_block_list_in in = {
		.owner_id = owner_id,
		.after_id = after_id,
		.most = (int64_t)most,
	};
	struct contacts_sql_block_list_out *rows;
	size_t rows_count;
	enum gx_status st = contacts_sql_block_list(a, tx, &in, &rows, &rows_count, err);
	if (st != GX_OK)
		return st;
	*out = gx_arena_new_array(a, uint64_t, rows_count);
	*count = rows_count;
	for (size_t i = 0; i < rows_count; i++)
		(*out)[i] = rows[i].other_id;
	return GX_OK;
}

/* ---- who sees whom */

enum gx_status contacts_may_see(struct gx_tx *tx, uint64_t viewer_id, uint64_t account_id,
				bool *out, struct gx_error *err)
{
	enum contacts_tie mine, theirs;
	bool is_open;

	if (viewer_id == account_id) {
		*out = true;
		return GX_OK;
	}
	enum gx_status st = contacts_get_tie(tx, viewer_id, account_id, &mine, err);
	if (st != GX_OK)
		return st;
	st = contacts_get_tie(tx, account_id, viewer_id, &theirs, err);
	if (st != GX_OK)
		return st;
	if (mine == CONTACTS_FRIEND || theirs == CONTACTS_FRIEND) {
		*out = true;
		return GX_OK;
	}
	st = contacts_has_open_request(tx, viewer_id, account_id, &is_open, err);
	if (st != GX_OK)
		return st;
	if (is_open) {
		*out = true;
		return GX_OK;
	}
	return chat_shares_group(tx, viewer_id, account_id, out, err);
}

enum gx_status contacts_account_changed(struct gx_arena *a, struct gx_tx *tx, uint64_t account_id,
					struct gx_error *err)
{
	struct contacts_sql_tie_owners_in in = { .other_id = account_id, .most = OWNERS_PAGE };
	const struct accounts_account *account;
	struct contacts_sql_tie_owners_out *rows;
	size_t count;

	enum gx_status st = accounts_get(a, tx, account_id, &account, err);
	if (st != GX_OK)
		return st;
	GX_ASSERT(account != NULL);
	struct gx_str body = contacts_format_account(a, account);
	for (size_t told = 0; told < CONTACTS_TOLD_MAX; told += count) {
		st = contacts_sql_tie_owners(a, tx, &in, &rows, &count, err);
		for (size_t i = 0; st == GX_OK && i < count; i++)
			st = gx_publish(a, tx, rows[i].owner_id, "account", body, err);
		if (st != GX_OK || count < OWNERS_PAGE)
			return st;
		in.after_id = rows[count - 1].owner_id;
	}
	return GX_OK;
}
