/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chat_state.h - what the chat room's own files share.
 *
 * Reading order: chat_http.c (input and output), chat_send.c (the hot path), chat_store.c (rows of
 * messages; below it chat_tail.c, chat_index.c and chat_filter.c), chat_rules.c (what else one may
 * do with messages), chat_members.c (what other rooms do with conversations), chat_view.c (JSON),
 * chat_events.c (what was missed), chat_cache.c, chat_body.c, chat_read.c.
 */
#ifndef GX_CHAT_STATE_H
#define GX_CHAT_STATE_H

#include "accounts.h"
#include "chat.h"
#include "core.h"
#include "publish.h"
#include "table.h"

enum chat_message_kind {
	CHAT_TEXT = 1,
	CHAT_IMAGE,
	CHAT_VOICE,
	CHAT_VIDEO,
	CHAT_FILE,
	CHAT_LOCATION,
	CHAT_CARD,
	CHAT_LINK,
	CHAT_STICKER,
	CHAT_HISTORY,
	CHAT_NOTICE,
	CHAT_KINDS_COUNT
};

#define CHAT_CLIENT_ID_MAX 64
#define CHAT_BODY_BYTES_MAX (12u << 10)
#define CHAT_MEDIA_PER_MESSAGE_MAX 100
/* A page of messages or conversations ends when it has become so large. */
#define CHAT_PAGE_BYTES_MAX ((size_t)1 << 20)

extern const char *const chat_kind_names[CHAT_KINDS_COUNT];

enum {
	CHAT_SETTING_RECALL_S,
	CHAT_SETTING_RECALL_FILE_S,
	CHAT_SETTING_PER_MINUTE,
	CHAT_SETTING_TAIL,
	CHAT_SETTINGS_COUNT
};
extern struct gx_setting chat_settings[CHAT_SETTINGS_COUNT];

/* --- cache (chat_cache.c): conversations in use, on the command thread --- */

struct chat_present {
	uint64_t account_id;
	uint64_t joined_seq;
	uint64_t read_seq;
	uint8_t gate;
	bool is_moderator;
};

struct chat_open {
	uint64_t conversation_id;
	enum chat_kind kind;
	uint64_t last_seq;
	struct chat_present *present; /* by account id */
	uint64_t *present_ids;	      /* the same, for gx_deliver() */
	size_t present_count;
	struct chat_open *newer, *older; /* order of use */
};

struct chat_cache {
	struct gx_table table;
	struct chat_open *newest, *oldest;
	size_t members_count;
};

struct chat_state {
	struct chat_cache cache;
	struct chat_store *store; /* chat_store.h */
	uint64_t read_round;	  /* the last position when gx_maxima_flush() began a round */
};

/* The conversation, loaded if need be; GX_E_NOT_FOUND "chat.no_conversation". Valid until the next
 * chat_cache call. */
GX_NODISCARD enum gx_status chat_cache_get(struct gx_arena *a, struct gx_tx *tx,
					   uint64_t conversation_id, struct chat_open **out,
					   struct gx_error *err);
void chat_cache_drop(struct gx_tx *tx, uint64_t conversation_id);
void chat_cache_forget(void *state);
/* The present members' ids in the arena: deliveries are staged when the handler has returned, and
 * by then the cache's entry may be gone. */
uint64_t *chat_copy_present(struct gx_arena *a, const struct chat_open *c);
struct chat_present *chat_present_find(const struct chat_open *c, uint64_t account_id);

/* --- messages --- */

struct chat_message {
	uint64_t conversation_id;
	uint64_t position;
	uint64_t seq;
	uint64_t sender_id;
	enum chat_message_kind kind;
	struct gx_str body;
	int64_t sent_at_ms;
	struct gx_str client_id; /* empty: a notice */
	uint64_t reply_to;	 /* 0: none */
	struct gx_str mentions;	 /* JSON array, or empty */
	int64_t recalled_at_ms;	 /* 0: not recalled */
	struct gx_str json;	 /* as JSON, where it was just written; or empty */
};

/* A checked body (chat_body.c): compact JSON and the media that it shows. */
struct chat_body {
	struct gx_str json;
	uint64_t media_ids[CHAT_MEDIA_PER_MESSAGE_MAX];
	size_t media_count;
};

enum chat_message_kind chat_kind_parse(struct gx_str name); /* 0: none that people may send */
GX_NODISCARD enum gx_status chat_body_check(struct gx_arena *a, struct gx_tx *tx,
					    uint64_t sender_id, enum chat_message_kind kind,
					    const struct gx_json *body, struct chat_body *out,
					    struct gx_error *err);

struct chat_draft {
	struct gx_str client_id;
	enum chat_message_kind kind;
	const struct gx_json *body;
	uint64_t reply_to;
	const struct gx_json *mentions; /* NULL: none */
};

/* chat_send.c: the message as stored, for a repeat the first one. */
GX_NODISCARD enum gx_status chat_send(struct gx_arena *a, struct gx_tx *tx, uint64_t sender_id,
				      uint64_t conversation_id, const struct chat_draft *draft,
				      struct chat_message *out, struct gx_error *err);
/* Appends a message that is checked already, tells everybody. *is_repeat: its client_id was there.
 */
GX_NODISCARD enum gx_status chat_append(struct gx_arena *a, struct gx_tx *tx, struct chat_open *c,
					struct chat_message *m, bool *is_repeat,
					struct gx_error *err);

/* --- what one member sees (chat_read.c): any thread --- */

struct chat_range {
	uint64_t low;  /* sees seq > low */
	uint64_t high; /* and seq <= high */
	uint64_t read_seq;
	bool is_left;
	bool is_pinned;
	bool is_muted;
	struct gx_str title;
};

/* GX_E_NOT_FOUND "chat.no_conversation" for who never was a member. */
GX_NODISCARD enum gx_status chat_range_get(struct gx_arena *a, struct gx_tx *tx,
					   uint64_t conversation_id, uint64_t account_id,
					   struct chat_range *out, struct gx_error *err);
/* One message that the range shows; GX_E_NOT_FOUND "chat.no_message". */
GX_NODISCARD enum gx_status chat_message_get(struct gx_arena *a, struct gx_tx *tx,
					     uint64_t conversation_id,
					     const struct chat_range *range, uint64_t seq,
					     struct chat_message *out, struct gx_error *err);
/* A page of history, ascending: at most `limit` (the newest, or the oldest behind `low`), fewer
 * when they are large. *more: there are others. */
GX_NODISCARD enum gx_status chat_messages_page(struct gx_arena *a, struct gx_tx *tx,
					       uint64_t conversation_id, uint64_t account_id,
					       const struct chat_range *range, bool newest,
					       size_t limit, struct chat_message **out,
					       size_t *count, bool *more, struct gx_error *err);

/* Where a conversation stands in the list. */
struct chat_head {
	uint64_t conversation_id;
	uint64_t position;
};

/* Newest first, those before `before` (0: all); *more: there are others. */
GX_NODISCARD enum gx_status chat_list_conversations(struct gx_arena *a, struct gx_tx *tx,
						    uint64_t account_id, uint64_t before,
						    size_t limit, struct chat_head **out,
						    size_t *count, bool *more,
						    struct gx_error *err);

/* --- JSON (chat_view.c) --- */

void chat_write_message(struct gx_json_writer *w, const struct chat_message *m);
struct gx_str chat_message_json(struct gx_arena *a, const struct chat_message *m);
/* {"type":"conversation","at":…,"conversation":{…}} as the viewer sees it. */
GX_NODISCARD enum gx_status chat_conversation_event(struct gx_arena *a, struct gx_tx *tx,
						    uint64_t viewer_id, uint64_t conversation_id,
						    int64_t at_ms, struct gx_str *out,
						    struct gx_error *err);

/* --- rules (chat_rules.c) --- */

GX_NODISCARD enum gx_status chat_recall(struct gx_arena *a, struct gx_tx *tx, uint64_t account_id,
					uint64_t conversation_id, uint64_t seq,
					struct chat_message *out, struct gx_error *err);
GX_NODISCARD enum gx_status chat_hide(struct gx_arena *a, struct gx_tx *tx, uint64_t account_id,
				      uint64_t conversation_id, uint64_t seq, struct gx_error *err);
GX_NODISCARD enum gx_status chat_clear(struct gx_arena *a, struct gx_tx *tx, uint64_t account_id,
				       uint64_t conversation_id, struct gx_error *err);
GX_NODISCARD enum gx_status chat_mark_read(struct gx_arena *a, struct gx_tx *tx,
					   uint64_t account_id, uint64_t conversation_id,
					   uint64_t seq, struct gx_error *err);
GX_NODISCARD enum gx_status chat_set_flags(struct gx_arena *a, struct gx_tx *tx,
					   uint64_t account_id, uint64_t conversation_id,
					   const bool *pinned, const bool *muted,
					   struct gx_error *err);
GX_NODISCARD enum gx_status chat_type(struct gx_arena *a, struct gx_tx *tx, uint64_t account_id,
				      uint64_t conversation_id, struct gx_error *err);
/* The gate's refusal, or GX_OK. */
GX_NODISCARD enum gx_status chat_check_gate(enum chat_gate gate, struct gx_error *err);
/* Who is not a member now: 403 for a former one, 404 for a stranger. */
GX_NODISCARD enum gx_status chat_refuse_outsider(struct gx_arena *a, struct gx_tx *tx,
						 uint64_t conversation_id, uint64_t account_id,
						 struct gx_error *err);

/* --- room hooks --- */

/* [chat] tail_messages. Any thread. */
size_t chat_tail_messages(void);

enum { CHAT_PERIODIC_FLUSH_READ, CHAT_PERIODIC_PRUNE, CHAT_PERIODIC_INDEX, CHAT_PERIODICS_COUNT };
extern const struct gx_periodic chat_periodics[CHAT_PERIODICS_COUNT];
enum gx_status chat_start(struct gx_arena *a, struct gx_tx *tx, struct gx_error *err);
void chat_stop(void *state);
enum gx_status chat_flush_read(struct gx_arena *a, struct gx_tx *tx, bool *again,
			       struct gx_error *err);
enum gx_status chat_prune_events(struct gx_arena *a, struct gx_tx *tx, bool *again,
				 struct gx_error *err);
enum gx_status chat_list_events(struct gx_arena *a, struct gx_tx *tx, uint64_t account_id,
				uint64_t after, uint64_t *upto, size_t limit, struct gx_event **out,
				size_t *count, struct gx_error *err);
enum gx_status chat_may_view(struct gx_arena *a, struct gx_tx *tx, uint64_t account_id,
			     uint64_t subject, uint64_t detail, bool *out, struct gx_error *err);
enum gx_status chat_account_changed(struct gx_arena *a, struct gx_tx *tx, uint64_t account_id,
				    struct gx_error *err);

#define CHAT_ROUTES_COUNT 10
extern const struct gx_route chat_routes[CHAT_ROUTES_COUNT];

#endif
