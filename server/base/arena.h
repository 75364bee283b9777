/* SPDX-License-Identifier: Apache-2.0 */
/*
 * arena.h - memory that dies together.
 *
 * Purpose:    the request's lifetime: allocate without freeing, give all of it back at once.
 * Invariants: everything returned is zeroed and aligned for any type; sizes have a maximum
 *             (`bytes_max`), and passing it stops the process, as running out of memory does:
 *             whoever reads input bounds it long before.
 * Threading:  an arena belongs to one thread at a time.
 * Memory:     gx_arena_reset() keeps one chunk for reuse. Under ASan each allocation is a malloc
 *             of its own, so that a use after reset is seen.
 */
#ifndef GX_ARENA_H
#define GX_ARENA_H

#include <stdarg.h>

#include "str.h"

struct gx_arena_chunk;

struct gx_arena {
	struct gx_arena_chunk *chunks; /* newest first */
	char *next;		       /* free bytes in the newest chunk: [next, end) */
	char *end;
	size_t bytes_used; /* handed out since the last reset */
	size_t bytes_max;
};

#define GX_ARENA_BYTES_MAX ((size_t)64 << 20)

void gx_arena_init(struct gx_arena *a);
void gx_arena_deinit(struct gx_arena *a);
/* Forgets all allocations; keeps at most one chunk of the usual size. */
void gx_arena_reset(struct gx_arena *a);

void *gx_arena_alloc(struct gx_arena *a, size_t size);
/* Room for `count` elements; an overflow of the product stops the process. */
void *gx_arena_alloc_array(struct gx_arena *a, size_t count, size_t size);
#define gx_arena_new(a, type) ((type *)gx_arena_alloc((a), sizeof(type)))
#define gx_arena_new_array(a, type, count)                                                         \
	((type *)gx_arena_alloc_array((a), (count), sizeof(type)))

/* A copy that is followed by a NUL, so that .ptr is also a C string. */
struct gx_str gx_arena_strdup(struct gx_arena *a, struct gx_str s);
struct gx_str gx_arena_printf(struct gx_arena *a, const char *fmt, ...) GX_PRINTF(2, 3);
struct gx_str gx_arena_vprintf(struct gx_arena *a, const char *fmt, va_list args);

/* Heap memory for what outlives requests; never NULL (out of memory stops the process). Zeroed. */
void *gx_heap_alloc(size_t size);
void *gx_heap_alloc_array(size_t count, size_t size);
void *gx_heap_resize(void *old, size_t count, size_t size); /* new bytes are not zeroed */
void gx_heap_free(void *p);
/* Gives pages that hold nothing back to the system. Takes milliseconds: after much was freed. */
void gx_heap_trim(void);

#endif
