/* SPDX-License-Identifier: Apache-2.0 */
/*
 * arena.c - chunks of 64 KiB that are cut from the front; what doesn't fit well gets a chunk of its
 * own behind the newest, so that the newest keeps its free bytes.
 */
#include "arena.h"

#include <malloc.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"

#if defined(__SANITIZE_ADDRESS__)
#define EACH_ON_ITS_OWN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define EACH_ON_ITS_OWN 1
#endif
#endif
#ifndef EACH_ON_ITS_OWN
#define EACH_ON_ITS_OWN 0
#endif

#define CHUNK_BYTES ((size_t)64 << 10)
#define OVERSIZED_BYTES (CHUNK_BYTES / 4)

struct gx_arena_chunk {
	struct gx_arena_chunk *older;
	size_t size; /* usable bytes behind the head */
	alignas(max_align_t) char bytes[];
};

static _Noreturn void out_of_memory(size_t size)
{
	gx_log(GX_LOG_ERROR, "process.out_of_memory", GX_F_U64("bytes", size));
	abort();
}

static struct gx_arena_chunk *chunk_new(size_t size)
{
	/* Not cleared as a whole: gx_arena_alloc() clears what it hands out. */
	struct gx_arena_chunk *c = malloc(sizeof(*c) + size);

	if (c == NULL)
		out_of_memory(size);
	c->size = size;
	return c;
}

void gx_arena_init(struct gx_arena *a)
{
	*a = (struct gx_arena){ .bytes_max = GX_ARENA_BYTES_MAX };
}

static void chunks_free(struct gx_arena_chunk *c)
{
	while (c != NULL) {
		struct gx_arena_chunk *older = c->older;

		free(c);
		c = older;
	}
}

void gx_arena_deinit(struct gx_arena *a)
{
	chunks_free(a->chunks);
	*a = (struct gx_arena){ .bytes_max = a->bytes_max };
}

void gx_arena_reset(struct gx_arena *a)
{
	struct gx_arena_chunk *newest = a->chunks;

	a->bytes_used = 0;
	if (EACH_ON_ITS_OWN || newest == NULL || newest->size != CHUNK_BYTES) {
		gx_arena_deinit(a);
		return;
	}
	chunks_free(newest->older);
	newest->older = NULL;
	a->next = newest->bytes;
	a->end = newest->bytes + newest->size;
}

/* A chunk for this allocation alone; an open chunk stays the newest. */
static void *alloc_alone(struct gx_arena *a, size_t size)
{
	struct gx_arena_chunk *c = chunk_new(size);

	if (a->next != NULL) {
		c->older = a->chunks->older;
		a->chunks->older = c;
	} else {
		c->older = a->chunks;
		a->chunks = c;
	}
	return c->bytes;
}

static void *alloc_slow(struct gx_arena *a, size_t size)
{
	struct gx_arena_chunk *c;

	if (EACH_ON_ITS_OWN || size > OVERSIZED_BYTES)
		return alloc_alone(a, size);
	c = chunk_new(CHUNK_BYTES);
	c->older = a->chunks;
	a->chunks = c;
	a->next = c->bytes + size;
	a->end = c->bytes + CHUNK_BYTES;
	return c->bytes;
}

void *gx_arena_alloc(struct gx_arena *a, size_t size)
{
	const size_t align = alignof(max_align_t);
	size_t rounded;
	void *p;

	size += size == 0; /* never NULL, also from an arena that holds nothing yet */
	rounded = (size + align - 1) & ~(align - 1);

	if (rounded < size || rounded > a->bytes_max - a->bytes_used)
		out_of_memory(size);
	a->bytes_used += rounded;
	if (rounded <= (size_t)(a->end - a->next)) {
		p = a->next;
		a->next += rounded;
	} else {
		/* The exact size under ASan, so that the byte behind it is poisoned. */
		p = alloc_slow(a, EACH_ON_ITS_OWN ? size : rounded);
	}
	return memset(p, 0, size);
}

void *gx_arena_alloc_array(struct gx_arena *a, size_t count, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes))
		out_of_memory(SIZE_MAX);
	return gx_arena_alloc(a, bytes);
}

struct gx_str gx_arena_strdup(struct gx_arena *a, struct gx_str s)
{
	char *copy = gx_arena_alloc(a, s.len + 1);

	if (s.len > 0)
		memcpy(copy, s.ptr, s.len);
	return (struct gx_str){ copy, s.len };
}

struct gx_str gx_arena_vprintf(struct gx_arena *a, const char *fmt, va_list args)
{
	va_list again;
	int len;
	char *text;

	GX_ASSERT(fmt != NULL);
	va_copy(again, args);
	len = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	GX_ASSERT(len >= 0);
	text = gx_arena_alloc(a, (size_t)len + 1);
	vsnprintf(text, (size_t)len + 1, fmt, args);
	return (struct gx_str){ text, (size_t)len };
}

struct gx_str gx_arena_printf(struct gx_arena *a, const char *fmt, ...)
{
	va_list args;
	struct gx_str s;

	va_start(args, fmt);
	s = gx_arena_vprintf(a, fmt, args);
	va_end(args);
	return s;
}

void *gx_heap_alloc_array(size_t count, size_t size)
{
	void *p;

	if (count == 0 || size == 0)
		count = size = 1;
	p = calloc(count, size);
	if (p == NULL)
		out_of_memory(size);
	return p;
}

void *gx_heap_alloc(size_t size)
{
	return gx_heap_alloc_array(1, size);
}

void *gx_heap_resize(void *old, size_t count, size_t size)
{
	void *p;

	if (count == 0 || size == 0)
		count = size = 1;
	p = reallocarray(old, count, size);
	if (p == NULL)
		out_of_memory(size);
	return p;
}

void gx_heap_free(void *p)
{
	free(p);
}

void gx_heap_trim(void)
{
	(void)malloc_trim(0);
}
