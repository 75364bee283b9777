/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chat_tail.h - where the newest messages stand, in memory, until the index tables know it.
 *
 * A conversation's messages in the tail are one run of consecutive seqs. Behind the run's beginning
 * the tail alone is right; before it the tables are (chat_index.c says when entries may go).
 * Threading: the command thread changes it; readers look under a lock and heed only what their
 * snapshot holds (`upto`). Memory: a run is freed with its last entry.
 */
#ifndef GX_CHAT_TAIL_H
#define GX_CHAT_TAIL_H

#include <pthread.h>

#include "gx.h"
#include "table.h"

struct chat_spot {
	uint64_t position;
	uint64_t key; /* of its client_id in chat_client; 0: a notice */
};

struct chat_tail_run {
	uint64_t conversation_id;
	uint64_t first_seq;
	struct chat_spot *spots; /* those in use begin at `from` */
	size_t from, count, cap;
};

struct chat_fresh {
	uint64_t conversation_id, position, key;
};

struct chat_tail {
	pthread_mutex_t lock; /* of `runs` */
	struct gx_table runs; /* by conversation */
	size_t count;
	/* Keys in use to positions: those of new messages, and those being indexed. Command thread.
	 */
	struct gx_table keys[2];
	unsigned filling;
	struct chat_fresh *fresh; /* of this batch: what an undo takes back */
	size_t fresh_count, fresh_cap;
};

void chat_tail_init(struct chat_tail *t);
void chat_tail_deinit(struct chat_tail *t);

/* --- command thread --- */

/* The next message of its conversation. */
void chat_tail_add(struct chat_tail *t, uint64_t conversation_id, uint64_t seq, uint64_t position,
		   uint64_t key);
/* The batch's messages behind this position were rolled back. */
void chat_tail_undo(struct chat_tail *t, uint64_t last_position);
/* The batch's messages are durable. */
void chat_tail_committed(struct chat_tail *t);
/* The position that uses the key; 0: none in the tail. */
uint64_t chat_tail_key(const struct chat_tail *t, uint64_t key);
/* The keys so far are going to be indexed: new ones are kept apart from here on. */
void chat_tail_turn_keys(struct chat_tail *t);
/* Those are indexed: the tail needs them no more. */
void chat_tail_drop_keys(struct chat_tail *t);
/* The conversations that have entries up to `goal`, ascending; an array of the heap. */
uint64_t *chat_tail_conversations(const struct chat_tail *t, uint64_t goal, size_t *count);
/* Up to `most` entries from `seq` on with positions up to `goal`; *first: the seq of the first. */
size_t chat_tail_take(const struct chat_tail *t, uint64_t conversation_id, uint64_t seq,
		      uint64_t goal, struct chat_spot *out, size_t most, uint64_t *first);
/* Forgets the conversation's entries up to this position. */
void chat_tail_drop(struct chat_tail *t, uint64_t conversation_id, uint64_t upto);

/* --- any thread --- */

/* The last message of the conversation up to position `upto`; false when the tail has none. */
bool chat_tail_last(struct chat_tail *t, uint64_t conversation_id, uint64_t upto, uint64_t *seq,
		    uint64_t *position);
/* Fills positions[seq - from] for those of from … to that stand in the tail up to `upto`; the rest
 * stays as it is. Returns the seq before which the tables must be asked (to + 1: for all). */
uint64_t chat_tail_positions(struct chat_tail *t, uint64_t conversation_id, uint64_t from,
			     uint64_t to, uint64_t upto, uint64_t *positions);
/* The largest seq whose position is not behind `position`; false when the tail has none such. */
bool chat_tail_seq_at(struct chat_tail *t, uint64_t conversation_id, uint64_t position,
		      uint64_t *seq);

#endif
