/* SPDX-License-Identifier: Apache-2.0 */
/*
 * contacts_source.c - is it true that they met that way?
 *
 * Every tie has an origin that both sides can see, so nobody may claim one that is not there. An
 * account that does not exist is answered like an untrue source: ids can't be probed here.
 */
#include "accounts.h"
#include "chat.h"
#include "contacts_rules.h"

static enum gx_status untrue(struct gx_error *err)
{
	return gx_fail_field(err, GX_E_RULE, "contacts.source_untrue", "source");
}

/* The username typed is the account's own, without regard to case. */
static enum gx_status check_username(struct gx_arena *a, struct gx_tx *tx, uint64_t to_id,
				     struct gx_str ref, struct gx_error *err)
{
	const struct accounts_account *account;
	enum gx_status st = accounts_find_username(a, tx, ref, &account, err);
	if (st != GX_OK)
		return st;
	return account != NULL && account->account_id == to_id ? GX_OK : untrue(err);
}

static enum gx_status is_present(struct gx_tx *tx, uint64_t conversation_id, uint64_t account_id,
				 bool *out, struct gx_error *err)
{
	struct chat_member member;
	bool is_found;
	enum gx_status st =
		chat_get_member(tx, conversation_id, account_id, &member, &is_found, err);
	if (st != GX_OK)
		return st;
	*out = is_found && !member.is_left;
	return GX_OK;
}

/* Both are members of that group now. */
static enum gx_status check_group(struct gx_tx *tx, uint64_t from_id, uint64_t to_id,
				  struct gx_str ref, struct gx_error *err)
{
	uint64_t conversation_id;
	enum chat_kind kind;
	bool has_asker, has_target;
	enum gx_status st;

	if (!gx_str_to_u64(ref, &conversation_id) || conversation_id == 0 ||
	    conversation_id > INT64_MAX)
		return untrue(err);
	st = chat_get_kind(tx, conversation_id, &kind, err);
	if (st != GX_OK)
		return st;
	if (kind != CHAT_GROUP)
		return untrue(err);
	st = is_present(tx, conversation_id, from_id, &has_asker, err);
	if (st != GX_OK)
		return st;
	st = is_present(tx, conversation_id, to_id, &has_target, err);
	if (st != GX_OK)
		return st;
	return has_asker && has_target ? GX_OK : untrue(err);
}

static bool names_account(struct gx_arena *a, struct gx_str body, uint64_t account_id)
{
	struct gx_error ignored = { 0 };
	const struct gx_json *root;
	uint64_t named;

	if (gx_json_parse(a, body, &root, &ignored) != GX_OK)
		return false;
	const struct gx_json *id = gx_json_get(root, GX_STR("account_id"));
	return id != NULL && id->type == GX_JSON_STRING &&
	       gx_str_to_u64(gx_json_str(a, id), &named) && named == account_id;
}

/* A card naming the account, which the asker can read and someone else has sent: a card of one's
 * own making would prove nothing. */
static enum gx_status check_card(struct gx_arena *a, struct gx_tx *tx, uint64_t from_id,
				 uint64_t to_id, struct gx_str ref, struct gx_error *err)
{
	struct gx_str seq_text = ref;
	struct gx_str conversation_text = gx_str_cut(&seq_text, ':');
	struct chat_message_view message;
	uint64_t conversation_id, seq;

	if (!gx_str_to_u64(conversation_text, &conversation_id) || !gx_str_to_u64(seq_text, &seq) ||
	    conversation_id > INT64_MAX || seq > INT64_MAX)
		return untrue(err);
	enum gx_status st = chat_get_message(a, tx, from_id, conversation_id, seq, &message, err);
	if (st == GX_E_NOT_FOUND)
		return untrue(err);
	if (st != GX_OK)
		return st;
	if (message.is_recalled || message.sender_id == from_id ||
	    !gx_str_eq(message.kind, GX_STR("card")) || !names_account(a, message.body, to_id))
		return untrue(err);
	return GX_OK;
}

enum gx_status contacts_check_source(struct gx_arena *a, struct gx_tx *tx, uint64_t from_id,
				     uint64_t to_id, const struct contacts_source *source,
				     struct gx_error *err)
{
	if (gx_str_eq(source->kind, GX_STR("username")))
		return check_username(a, tx, to_id, source->ref, err);
	if (gx_str_eq(source->kind, GX_STR("group")))
		return check_group(tx, from_id, to_id, source->ref, err);
	if (gx_str_eq(source->kind, GX_STR("card")))
		return check_card(a, tx, from_id, to_id, source->ref, err);
	return gx_fail_field(err, GX_E_RULE, "contacts.source_unavailable", "source");
}
