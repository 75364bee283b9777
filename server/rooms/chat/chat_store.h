/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chat_store.h - messages by position, by (conversation, seq), and by client_id.
 *
 * Invariants: sending inserts the row and nothing else. Where it stands is in the tail (memory)
 *             until the index tables have it, written sorted and many at a time by chat_settle()
 *             and chat_index_idle(). Rows behind `indexed_upto` are found again at start. seqs of a
 *             conversation are dense, from 1.
 * Snapshots:  a reader sees messages up to its transaction's position. An entry leaves the tail
 *             only when every reader's snapshot has it in the tables.
 * Threading:  with each group.
 */
#ifndef GX_CHAT_STORE_H
#define GX_CHAT_STORE_H

#include "chat_filter.h"
#include "chat_state.h"
#include "chat_tail.h"

/* Messages that one row of chat_run stands for, at most. */
#define CHAT_RUN_MAX 512u

/* A pass writes what the tail held when it began to the index tables, conversation by conversation.
 */
struct chat_pass {
	uint64_t goal; /* the last position that it takes; 0: none is under way */
	uint64_t *conversations;
	size_t count;
	size_t at;    /* the conversation in work … */
	uint64_t seq; /* … from here on */
	size_t durable_at;
	uint64_t durable_seq;
	bool is_written; /* all of it, in the batch under way */
	bool is_durable; /* all of it: what remains is to drop the tail's entries */
	uint64_t commit; /* the commit that made it so */
};

/* Rows not inserted yet: several at a time cost less. Their texts are copied. */
#define CHAT_PENDING_ROWS 16u
#define CHAT_PENDING_BYTES 32768u /* grows for one that is larger */

struct chat_pending {
	struct chat_sql_message_insert_in *rows;
	unsigned count;
	size_t bytes_used, bytes_cap;
	char *bytes;
};

struct chat_store {
	struct gx_core *core;
	struct chat_pending pending;
	struct chat_tail tail;
	struct chat_pass pass;
	struct chat_filter filter;
	uint64_t filter_after; /* keys of chat_client up to this one are in the filter */
	bool is_filter_whole;
	unsigned char hash_key[16];
	size_t count_before; /* of the tail, when chat_index_idle() looked last */
	bool wants_pass;
};

/* Any thread. */
struct chat_store *chat_store_of(struct gx_tx *tx);

/* --- command thread --- */

void chat_store_init(struct chat_store *s);
void chat_store_deinit(struct chat_store *s);
/* Loads the tail: what lies behind `indexed_upto`. In gx_room.start. */
GX_NODISCARD enum gx_status chat_store_start(struct gx_arena *a, struct gx_tx *tx,
					     struct gx_error *err);
/* What the rolled back part of the batch has added goes. */
void chat_store_undo(struct chat_store *s);

/* The message of that sender with that client_id. When there is none, *key is what to give to
 * chat_store_append(). */
GX_NODISCARD enum gx_status chat_store_find(struct gx_arena *a, struct gx_tx *tx,
					    uint64_t conversation_id, uint64_t sender_id,
					    struct gx_str client_id, struct chat_message *out,
					    bool *found, uint64_t *key, struct gx_error *err);
/* Adds the row; position and seq are the caller's: the next ones. `key`: 0 for a notice. */
GX_NODISCARD enum gx_status chat_store_append(struct gx_tx *tx, const struct chat_message *m,
					      uint64_t key, struct gx_error *err);
/* Inserts the rows that wait. Before a savepoint, a read of rows by the writer, a commit. */
GX_NODISCARD enum gx_status chat_store_flush(struct gx_tx *tx, struct gx_error *err);
GX_NODISCARD enum gx_status chat_store_recall(struct gx_tx *tx, uint64_t position,
					      struct gx_error *err);

/* --- any thread --- */

/* The conversation's last message; seq and position 0: it has none. */
GX_NODISCARD enum gx_status chat_store_last(struct gx_arena *a, struct gx_tx *tx,
					    uint64_t conversation_id, uint64_t *seq,
					    uint64_t *position, struct gx_error *err);
/* What the tail knows better than `last_position` of chat_run (0: nothing is there). */
uint64_t chat_store_newer(struct gx_tx *tx, uint64_t conversation_id, uint64_t last_position);
/* The largest seq whose position is not behind `position`; 0: none. */
GX_NODISCARD enum gx_status chat_store_seq_at(struct gx_arena *a, struct gx_tx *tx,
					      uint64_t conversation_id, uint64_t position,
					      uint64_t *seq, struct gx_error *err);
/* Up to `most` messages with low < seq <= high that the account has not hidden (0: nobody's
 * choice), ascending: the newest of them, or the oldest. */
GX_NODISCARD enum gx_status chat_store_list(struct gx_arena *a, struct gx_tx *tx,
					    uint64_t conversation_id, uint64_t account_id,
					    uint64_t low, uint64_t high, bool newest, size_t most,
					    struct chat_message **out, size_t *count,
					    struct gx_error *err);

/* Where to look when a key is taken by another. */
uint64_t chat_next_key(uint64_t key);

/* --- chat_index.c, command thread --- */

/* Before a commit: writes a slice of the index, as large as the batch deserves. */
GX_NODISCARD enum gx_status chat_settle(struct gx_arena *a, struct gx_tx *tx, size_t commands,
					struct gx_error *err);
/* After a commit. */
void chat_settled(void *state);
/* Periodic: indexes what waits when there is little traffic, and fills the filter after a start. */
GX_NODISCARD enum gx_status chat_index_idle(struct gx_arena *a, struct gx_tx *tx, bool *again,
					    struct gx_error *err);
/* Writes all there is, up to this position, at once: for a start that finds a long tail. */
GX_NODISCARD enum gx_status chat_index_all(struct gx_arena *a, struct gx_tx *tx, uint64_t upto,
					   struct gx_error *err);
void chat_index_undo(struct chat_store *s);

/* The distances between ascending positions as varints; returns the bytes written (at most 10
 * each).
 */
size_t chat_positions_pack(const uint64_t *positions, size_t count, unsigned char *out);
/* False when the bytes are not `count` positions. */
bool chat_positions_unpack(struct gx_str bytes, uint64_t *positions, size_t count);

#endif
