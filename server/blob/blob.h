/* SPDX-License-Identifier: Apache-2.0 */
/*
 * blob.h - bytes by their SHA-256, in a folder.
 *
 * Purpose:    keeps what is too large for the database. Knows nothing of who may read it or whether
 *             anyone still needs it.
 * Invariants: a blob under its name is complete, never changes, and is durable when
 *             gx_blob_commit() returns. It is hashed while it is copied, so that whoever holds the
 *             original open can't change it behind our back. Staged bytes have no name: a crash
 *             leaves nothing behind.
 * Collecting: a blob that nobody refers to is removed by gx_blob_collect() only when it was not
 *             committed within the last `min_age_s` seconds; committing one that is there makes it
 *             young again, under the same lock. So an upload of the same bytes that has committed
 * its blob, but whose row is not written yet, keeps it, as long as it writes the row within that
 * time. Threading:  any; slow. Memory: the store is the caller's. Errors:     GX_E_OVERLOADED
 * "core.storage_full" on a full disk, GX_E_NOT_FOUND "core.not_found", GX_E_INTERNAL
 * "core.internal" (logged).
 */
#ifndef GX_BLOB_H
#define GX_BLOB_H

#include <pthread.h>

#include "gx.h"

#define GX_BLOB_HEX_BYTES 64u
#define GX_BLOB_PREFIXES 65536u

struct gx_blob_store {
	int dir_fd;
	pthread_mutex_t lock; /* of making a blob young against collecting it */
};

struct gx_blob_id {
	unsigned char sha256[32];
};

/* Bytes that are hashed and written, but have no name yet. */
struct gx_blob_staged {
	int fd; /* may be read; owned */
	uint64_t size;
	struct gx_blob_id id;
};

/* The folder is made if missing; its parent must be there. */
GX_NODISCARD enum gx_status gx_blob_store_open(struct gx_blob_store *s, const char *dir,
					       struct gx_error *err);
void gx_blob_store_close(struct gx_blob_store *s);

/* Copies exactly `size` bytes from the beginning of `fd`, whose own offset stays. */
GX_NODISCARD enum gx_status gx_blob_stage(struct gx_blob_store *s, int fd, uint64_t size,
					  struct gx_blob_staged *out, struct gx_error *err);
/* Makes it durable under its name, or makes the one that is there young; ends the staging in any
 * case. */
GX_NODISCARD enum gx_status gx_blob_commit(struct gx_blob_store *s, struct gx_blob_staged *staged,
					   struct gx_error *err);
void gx_blob_discard(struct gx_blob_staged *staged);

/* *fd is for reading only, and the caller's. */
GX_NODISCARD enum gx_status gx_blob_open(struct gx_blob_store *s, const struct gx_blob_id *id,
					 int *fd, uint64_t *size, struct gx_error *err);
bool gx_blob_exists(struct gx_blob_store *s, const struct gx_blob_id *id);
/* Removes it unless it was committed less than `min_age_s` ago. True when it is gone. */
bool gx_blob_collect(struct gx_blob_store *s, const struct gx_blob_id *id, int64_t min_age_s);
/* The blobs whose hash begins with the two bytes of `prefix`, in no order, at most `max`. */
GX_NODISCARD enum gx_status gx_blob_list(struct gx_arena *a, struct gx_blob_store *s,
					 unsigned prefix, size_t max, struct gx_blob_id **out,
					 size_t *count, struct gx_error *err);

/* 64 hex digits, and back; false when it is none. */
struct gx_str gx_blob_hex(struct gx_arena *a, const struct gx_blob_id *id);
GX_NODISCARD bool gx_blob_parse(struct gx_str hex, struct gx_blob_id *out);

#endif
