/* SPDX-License-Identifier: Apache-2.0 */
/*
 * buf.h - a growing byte buffer with a maximum.
 *
 * Appending past `max` sets `overflow` and drops the appended bytes whole; callers check once at
 * the end, not after each append. Memory is the heap's; _deinit gives it back. Threading: one owner
 * at a time.
 */
#ifndef GX_BUF_H
#define GX_BUF_H

#include "arena.h"

struct gx_buf {
	char *ptr;
	size_t len;
	size_t cap;
	size_t max;
	bool overflow;
};

void gx_buf_init(struct gx_buf *b, size_t max);
void gx_buf_deinit(struct gx_buf *b);
/* Empties it and clears `overflow`; keeps the memory. */
void gx_buf_clear(struct gx_buf *b);
/* Empties it and gives the memory back: idle connections hold none. */
void gx_buf_release(struct gx_buf *b);
/* Cuts back to a length noted before (also clears `overflow`). */
void gx_buf_truncate(struct gx_buf *b, size_t len);

/* Makes room for `size` more bytes and returns where they go, or NULL on overflow; then
 * gx_buf_commit() says how many were written. */
char *gx_buf_reserve_slow(struct gx_buf *b, size_t size);
static inline char *gx_buf_reserve(struct gx_buf *b, size_t size)
{
	/* The capacity is never above `max`. */
	if (size <= b->cap - b->len && b->ptr != NULL)
		return b->ptr + b->len;
	return gx_buf_reserve_slow(b, size);
}

static inline void gx_buf_commit(struct gx_buf *b, size_t size)
{
	GX_ASSERT(size <= b->cap - b->len);
	b->len += size;
}

void gx_buf_append(struct gx_buf *b, const void *bytes, size_t size);
void gx_buf_append_str(struct gx_buf *b, struct gx_str s);
void gx_buf_append_char(struct gx_buf *b, char c);
void gx_buf_append_u64(struct gx_buf *b, uint64_t v); /* decimal */
void gx_buf_append_i64(struct gx_buf *b, int64_t v);
void gx_buf_printf(struct gx_buf *b, const char *fmt, ...) GX_PRINTF(2, 3);
/* Drops the first `size` bytes, moving the rest to the front. */
void gx_buf_consume(struct gx_buf *b, size_t size);

struct gx_str gx_buf_str(const struct gx_buf *b); /* borrowed until the next change */

#endif
