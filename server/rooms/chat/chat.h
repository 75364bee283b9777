/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chat.h - conversations and their messages.
 *
 * Purpose:    owns tables chat_*. Knows nothing of contacts or groups: those rooms open
 * conversations here, change members, and set each member's gate (may this member's messages pass?)
 * and title. Invariants: a message is one row; (conversation, sender, client_id) is unique; seq is
 * dense per conversation; an event's position ascends in commit order. Threading:  command thread,
 * except functions marked "any" (also readers). Memory:     results in the caller's arena. Errors:
 * GX_OK or a status with `err`; outputs untouched on failure.
 */
#ifndef GX_CHAT_H
#define GX_CHAT_H

#include "room.h"

enum chat_kind { CHAT_DIRECT = 1, CHAT_GROUP = 2, CHAT_OFFICIAL = 3, CHAT_SELF = 4 };

/* What happens to a member's messages in a direct conversation. */
enum chat_gate {
	CHAT_GATE_OPEN = 0,
	CHAT_GATE_NOT_FRIEND = 1, /* 403 contacts.not_friend */
	CHAT_GATE_REFUSED = 2,	  /* 403 contacts.refused */
};

struct chat_member {
	uint64_t conversation_id;
	uint64_t account_id;
	int64_t joined_at_ms;
	bool is_left; /* was a member; reads up to the leaving point */
};

/* The direct conversation of two people, made when there is none; both gates are opened. */
GX_NODISCARD enum gx_status chat_open_direct(struct gx_arena *a, struct gx_tx *tx,
					     uint64_t account_id, uint64_t peer_id,
					     uint64_t *conversation_id, struct gx_error *err);
/* Any. *conversation_id 0 when there is none. */
GX_NODISCARD enum gx_status chat_find_direct(struct gx_tx *tx, uint64_t account_id,
					     uint64_t peer_id, uint64_t *conversation_id,
					     struct gx_error *err);
/* Says what happens to what `sender_id` writes there. */
GX_NODISCARD enum gx_status chat_set_gate(struct gx_arena *a, struct gx_tx *tx,
					  uint64_t conversation_id, uint64_t sender_id,
					  enum chat_gate gate, struct gx_error *err);
/* What `viewer_id` calls the conversation: a contact's remark; empty: its own name. Tells the
 * viewer's devices. */
GX_NODISCARD enum gx_status chat_set_title(struct gx_arena *a, struct gx_tx *tx,
					   uint64_t conversation_id, uint64_t viewer_id,
					   struct gx_str title, struct gx_error *err);
/* The conversation with oneself (file transfer), made at sign-up. */
GX_NODISCARD enum gx_status chat_open_self(struct gx_arena *a, struct gx_tx *tx,
					   uint64_t account_id, uint64_t *conversation_id,
					   struct gx_error *err);

/* A group's conversation with its first members; `name` may be empty. */
GX_NODISCARD enum gx_status chat_create_group(struct gx_arena *a, struct gx_tx *tx,
					      struct gx_str name, const uint64_t *member_ids,
					      size_t members_count, uint64_t *conversation_id,
					      struct gx_error *err);
/* Adds people (who are not members now; who left before starts anew) and tells everybody with a
 * `members` event. */
GX_NODISCARD enum gx_status chat_add_members(struct gx_arena *a, struct gx_tx *tx,
					     uint64_t conversation_id, const uint64_t *member_ids,
					     size_t members_count, struct gx_error *err);
GX_NODISCARD enum gx_status chat_remove_members(struct gx_arena *a, struct gx_tx *tx,
						uint64_t conversation_id,
						const uint64_t *member_ids, size_t members_count,
						struct gx_error *err);
/* Changes a group's name or avatar and tells every member with a `conversation` event. */
GX_NODISCARD enum gx_status chat_set_name(struct gx_arena *a, struct gx_tx *tx,
					  uint64_t conversation_id, struct gx_str name,
					  struct gx_error *err);
/* Tells every member with a `conversation` event that something about it changed. */
GX_NODISCARD enum gx_status chat_touch(struct gx_arena *a, struct gx_tx *tx,
				       uint64_t conversation_id, struct gx_error *err);

/* A line of the system in the conversation: kind notice, body {code, params}; sender is `actor_id`.
 * `params` is a JSON object. */
GX_NODISCARD enum gx_status chat_post_notice(struct gx_arena *a, struct gx_tx *tx,
					     uint64_t conversation_id, uint64_t actor_id,
					     const char *code, struct gx_str params,
					     struct gx_error *err);

/* Any. *found false: never was a member. */
GX_NODISCARD enum gx_status chat_get_member(struct gx_tx *tx, uint64_t conversation_id,
					    uint64_t account_id, struct chat_member *out,
					    bool *found, struct gx_error *err);
/* Any. Present members in order of joining. */
GX_NODISCARD enum gx_status chat_list_members(struct gx_arena *a, struct gx_tx *tx,
					      uint64_t conversation_id, struct chat_member **out,
					      size_t *count, struct gx_error *err);
/* Any. 0 when there is no such conversation. */
GX_NODISCARD enum gx_status chat_get_kind(struct gx_tx *tx, uint64_t conversation_id,
					  enum chat_kind *out, struct gx_error *err);
/* Any. The API's conversation object as `viewer_id` sees it; GX_E_NOT_FOUND "chat.no_conversation"
 * for strangers. */
GX_NODISCARD enum gx_status chat_write_conversation(struct gx_arena *a, struct gx_tx *tx,
						    uint64_t viewer_id, uint64_t conversation_id,
						    struct gx_json_writer *w, struct gx_error *err);

/* Tells whether the account is a group's owner or admin: who may recall others' messages and
 * mention all. Set by the groups room (chat stores it in the member's row). */
GX_NODISCARD enum gx_status chat_set_moderator(struct gx_arena *a, struct gx_tx *tx,
					       uint64_t conversation_id, uint64_t account_id,
					       bool is_moderator, struct gx_error *err);

/* A message as one reader may see it. */
struct chat_message_view {
	uint64_t conversation_id;
	uint64_t seq;
	uint64_t sender_id;
	struct gx_str kind; /* "text", "card", … */
	struct gx_str body; /* JSON object; "{}" when recalled */
	int64_t sent_at_ms;
	bool is_recalled;
};

/* Any. GX_E_NOT_FOUND "chat.no_message" when there is none or the viewer can't read it. */
GX_NODISCARD enum gx_status chat_get_message(struct gx_arena *a, struct gx_tx *tx,
					     uint64_t viewer_id, uint64_t conversation_id,
					     uint64_t seq, struct chat_message_view *out,
					     struct gx_error *err);
/* Any. Whether both are members of some group now. */
GX_NODISCARD enum gx_status chat_shares_group(struct gx_tx *tx, uint64_t account_id,
					      uint64_t other_id, bool *out, struct gx_error *err);

extern const struct gx_room chat_room;

#endif
