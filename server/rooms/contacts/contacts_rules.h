/* SPDX-License-Identifier: Apache-2.0 */
/*
 * contacts_rules.h - the room's own inside: ties, blocks, requests, and their JSON.
 *
 * Invariants: two rows of one tie carry the same source; who writes to whom is derived from ties
 *             and blocks alone and handed to chat as gates (contacts_apply_gates()).
 * Threading:  command thread; functions marked "any" also on readers.
 * Memory:     results in the caller's arena; input strings are borrowed for the call.
 * Errors:     GX_OK or a status with `err` filled; on failure outputs are untouched.
 */
#ifndef GX_CONTACTS_RULES_H
#define GX_CONTACTS_RULES_H

#include "contacts.h"

#define CONTACTS_REQUEST_LIFE_MS (7 * GX_DAY_MS)
/* Closed and expired requests stay in the list this long. */
#define CONTACTS_REQUEST_KEEP_MS (30 * GX_DAY_MS)
/* A pending request's greeting may be changed so often; each change tells the other side. */
#define CONTACTS_GREETING_CHANGES_MAX 5
#define CONTACTS_REMARK_CHARS_MAX 32
#define CONTACTS_TAGS_MAX 20
#define CONTACTS_GREETING_CHARS_MAX 100
/* People who are told at once of a changed profile; more find it when they read their list. */
#define CONTACTS_TOLD_MAX 50000

enum contacts_setting {
	CONTACTS_SETTING_REQUESTS_PER_DAY,
	CONTACTS_SETTING_FRIENDS,
	CONTACTS_SETTING_BLOCKS,
	CONTACTS_SETTING_COUNT,
};
extern struct gx_setting contacts_settings[CONTACTS_SETTING_COUNT];

enum contacts_metric { CONTACTS_METRIC_REQUESTS, CONTACTS_METRIC_TIES, CONTACTS_METRIC_COUNT };
extern struct gx_metric contacts_metrics[CONTACTS_METRIC_COUNT];

/* How two people came to know each other: "username" + the name typed, "group" + its id,
 * "card" + "conversation_id:seq". */
struct contacts_source {
	struct gx_str kind;
	struct gx_str ref;
};

/* One row of a list of contacts. */
struct contacts_contact {
	uint64_t other_id;
	struct contacts_source source;
	uint64_t initiator_id; /* who asked */
	int64_t since_at_ms;
	struct gx_str remark;
	struct gx_str tags; /* a JSON array of strings */
	bool is_starred;
};

enum contacts_request_state {
	CONTACTS_REQUEST_PENDING = 0,
	CONTACTS_REQUEST_ACCEPTED = 1,
	CONTACTS_REQUEST_DECLINED = 2,
};

struct contacts_request {
	uint64_t request_id;
	uint64_t from_id;
	uint64_t to_id;
	struct gx_str greeting;
	struct contacts_source source;
	enum contacts_request_state state; /* as stored; expiry is the clock's */
	bool is_hidden;			   /* never shown to whom it is addressed */
	int64_t changes_count;
	int64_t created_at_ms;
	int64_t expires_at_ms;
};

/* ---- contacts_source.c */

/* GX_E_RULE "contacts.source_untrue" or "contacts.source_unavailable" unless `from_id` really has
 * found `to_id` that way. Says the same of accounts that don't exist. */
GX_NODISCARD enum gx_status contacts_check_source(struct gx_arena *a, struct gx_tx *tx,
						  uint64_t from_id, uint64_t to_id,
						  const struct contacts_source *source,
						  struct gx_error *err);

/* ---- contacts_rules.c: ties and blocks */

/* Any. *out NULL when `other_id` is not in `owner_id`'s list. */
GX_NODISCARD enum gx_status contacts_get(struct gx_arena *a, struct gx_tx *tx, uint64_t owner_id,
					 uint64_t other_id, const struct contacts_contact **out,
					 struct gx_error *err);
/* Any. Up to `most` entries of the list with larger account ids than `after_id`. */
GX_NODISCARD enum gx_status contacts_list(struct gx_arena *a, struct gx_tx *tx, uint64_t owner_id,
					  uint64_t after_id, size_t most,
					  struct contacts_contact **out, size_t *count,
					  struct gx_error *err);

/* What to change of an entry; NULL pointers leave things as they are. */
struct contacts_change {
	const struct gx_str *remark;
	bool has_tags;
	const struct gx_str *tags;
	size_t tags_count;
	const bool *is_starred;
};
GX_NODISCARD enum gx_status contacts_update(struct gx_arena *a, struct gx_tx *tx, uint64_t owner_id,
					    uint64_t other_id, const struct contacts_change *change,
					    struct gx_error *err);
/* One-sided and silent. */
GX_NODISCARD enum gx_status contacts_delete(struct gx_arena *a, struct gx_tx *tx, uint64_t owner_id,
					    uint64_t other_id, struct gx_error *err);

GX_NODISCARD enum gx_status contacts_block(struct gx_arena *a, struct gx_tx *tx, uint64_t owner_id,
					   uint64_t other_id, struct gx_error *err);
GX_NODISCARD enum gx_status contacts_unblock(struct gx_arena *a, struct gx_tx *tx,
					     uint64_t owner_id, uint64_t other_id,
					     struct gx_error *err);
/* Any. */
GX_NODISCARD enum gx_status contacts_list_blocks(struct gx_arena *a, struct gx_tx *tx,
						 uint64_t owner_id, uint64_t after_id, size_t most,
						 uint64_t **out, size_t *count,
						 struct gx_error *err);

/* Any. Whether `viewer_id` may see the profile of `account_id`. */
GX_NODISCARD enum gx_status contacts_may_see(struct gx_tx *tx, uint64_t viewer_id,
					     uint64_t account_id, bool *out, struct gx_error *err);

/* Puts both into each other's list and opens their conversation. A row that one side still has
 * lends its source to the other; `source` counts when there is none. Fails before the first write
 * when a list is full: "contacts.too_many_friends" for `by`, "contacts.their_list_full". */
GX_NODISCARD enum gx_status contacts_make_tie(struct gx_arena *a, struct gx_tx *tx, uint64_t by,
					      uint64_t other_id, uint64_t initiator_id,
					      const struct contacts_source *source,
					      uint64_t *conversation_id, struct gx_error *err);
/* Tells chat whose messages pass between the two, as ties and blocks say now. */
GX_NODISCARD enum gx_status contacts_apply_gates(struct gx_arena *a, struct gx_tx *tx, uint64_t x,
						 uint64_t y, struct gx_error *err);

/* Public face changed: tells everybody who has the account in the list. */
GX_NODISCARD enum gx_status contacts_account_changed(struct gx_arena *a, struct gx_tx *tx,
						     uint64_t account_id, struct gx_error *err);

/* ---- contacts_requests.c */

/* Asks, refreshes a request that is still open, or makes the tie at once (a crossing request, or
 * one who still has the asker in the list). *out is the request as it stands then. */
GX_NODISCARD enum gx_status contacts_ask(struct gx_arena *a, struct gx_tx *tx, uint64_t from_id,
					 uint64_t to_id, struct gx_str greeting,
					 const struct contacts_source *source,
					 struct contacts_request *out, struct gx_error *err);
/* `remark` may be NULL. Accepting again what made a tie that still stands is harmless. */
GX_NODISCARD enum gx_status contacts_accept(struct gx_arena *a, struct gx_tx *tx, uint64_t me,
					    uint64_t request_id, const struct gx_str *remark,
					    uint64_t *other_id, uint64_t *conversation_id,
					    struct gx_error *err);
GX_NODISCARD enum gx_status contacts_decline(struct gx_arena *a, struct gx_tx *tx, uint64_t me,
					     uint64_t request_id, struct gx_error *err);
/* Declines what `from_id` has asked `to_id`, if anything is open: for a block. */
GX_NODISCARD enum gx_status contacts_decline_open(struct gx_arena *a, struct gx_tx *tx,
						  uint64_t from_id, uint64_t to_id,
						  struct gx_error *err);
/* Any. Requests to and from the account with ids below `before_id`, newest first. */
GX_NODISCARD enum gx_status contacts_list_requests(struct gx_arena *a, struct gx_tx *tx,
						   uint64_t account_id, uint64_t before_id,
						   size_t most, struct contacts_request **out,
						   size_t *count, struct gx_error *err);
/* Any. Whether a request between the two is open that `viewer_id` may know of. */
GX_NODISCARD enum gx_status contacts_has_open_request(struct gx_tx *tx, uint64_t viewer_id,
						      uint64_t other_id, bool *out,
						      struct gx_error *err);
/* Deletes a piece of what is long closed. */
GX_NODISCARD enum gx_status contacts_prune(struct gx_arena *a, struct gx_tx *tx, bool *again,
					   struct gx_error *err);

/* ---- contacts_json.c: what goes out, as answers and as events */

/* Any. The API's contact and request objects. A request shows each side what it may know:
 * declining is silent. */
GX_NODISCARD enum gx_status contacts_write_contact(struct gx_arena *a, struct gx_tx *tx,
						   const struct contacts_contact *contact,
						   struct gx_json_writer *w, struct gx_error *err);
GX_NODISCARD enum gx_status contacts_write_request(struct gx_arena *a, struct gx_tx *tx,
						   uint64_t viewer_id,
						   const struct contacts_request *request,
						   struct gx_json_writer *w, struct gx_error *err);
/* The JSON array of some tags. */
struct gx_str contacts_format_tags(struct gx_arena *a, const struct gx_str *tags, size_t count);

/* Events `contact`, `contact_request`, `contact_removed` to one account's devices. A request is
 * kept from whom it is hidden. */
GX_NODISCARD enum gx_status contacts_tell_contact(struct gx_arena *a, struct gx_tx *tx,
						  uint64_t owner_id, uint64_t other_id,
						  struct gx_error *err);
GX_NODISCARD enum gx_status contacts_tell_request(struct gx_arena *a, struct gx_tx *tx,
						  uint64_t viewer_id,
						  const struct contacts_request *request,
						  struct gx_error *err);
GX_NODISCARD enum gx_status contacts_tell_removed(struct gx_arena *a, struct gx_tx *tx,
						  uint64_t owner_id, uint64_t other_id,
						  struct gx_error *err);

struct accounts_account;
/* The members of an `account` event. */
struct gx_str contacts_format_account(struct gx_arena *a, const struct accounts_account *account);

/* ---- contacts_http.c */
#define CONTACTS_ROUTES_COUNT 11
extern const struct gx_route contacts_routes[CONTACTS_ROUTES_COUNT];

#endif
