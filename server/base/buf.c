/* SPDX-License-Identifier: Apache-2.0 */
#include "buf.h"

#include <stdio.h>
#include <string.h>

#define CAP_FIRST 256u
#define DECIMAL_BYTES_MAX 20u /* of a u64, or of an i64 with its sign */

void gx_buf_init(struct gx_buf *b, size_t max)
{
	*b = (struct gx_buf){ .max = max };
}

void gx_buf_deinit(struct gx_buf *b)
{
	gx_buf_release(b);
}

void gx_buf_clear(struct gx_buf *b)
{
	gx_buf_truncate(b, 0);
}

void gx_buf_release(struct gx_buf *b)
{
	gx_heap_free(b->ptr);
	gx_buf_init(b, b->max);
}

void gx_buf_truncate(struct gx_buf *b, size_t len)
{
	GX_ASSERT(len <= b->len);
	b->len = len;
	b->overflow = false;
}

static void grow(struct gx_buf *b, size_t cap_least)
{
	size_t cap = b->cap == 0 ? CAP_FIRST : b->cap;

	while (cap < cap_least)
		cap = cap > SIZE_MAX / 2 ? SIZE_MAX : cap * 2;
	if (cap > b->max)
		cap = b->max;
	b->ptr = gx_heap_resize(b->ptr, cap, 1);
	b->cap = cap;
}

char *gx_buf_reserve_slow(struct gx_buf *b, size_t size)
{
	if (size > b->max - b->len) {
		b->overflow = true;
		return NULL;
	}
	if (b->ptr == NULL || size > b->cap - b->len)
		grow(b, b->len + size);
	return b->ptr + b->len;
}

void gx_buf_append(struct gx_buf *b, const void *bytes, size_t size)
{
	char *to;

	if (size == 0)
		return;
	to = gx_buf_reserve(b, size);
	if (to == NULL)
		return;
	memcpy(to, bytes, size);
	b->len += size;
}

void gx_buf_append_str(struct gx_buf *b, struct gx_str s)
{
	gx_buf_append(b, s.ptr, s.len);
}

void gx_buf_append_char(struct gx_buf *b, char c)
{
	gx_buf_append(b, &c, 1);
}

/* Writes the digits so that they end at `end`; returns where they start. */
static char *decimal_before(char *end, uint64_t v)
{
	do {
		*--end = (char)('0' + v % 10);
		v /= 10;
	} while (v != 0);
	return end;
}

void gx_buf_append_u64(struct gx_buf *b, uint64_t v)
{
	char digits[DECIMAL_BYTES_MAX], *end = digits + sizeof(digits);
	char *from = decimal_before(end, v);

	gx_buf_append(b, from, (size_t)(end - from));
}

void gx_buf_append_i64(struct gx_buf *b, int64_t v)
{
	char digits[DECIMAL_BYTES_MAX], *end = digits + sizeof(digits);
	char *from = decimal_before(end, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);

	if (v < 0)
		*--from = '-';
	gx_buf_append(b, from, (size_t)(end - from));
}

void gx_buf_printf(struct gx_buf *b, const char *fmt, ...)
{
	va_list args;
	char *to;
	int len;

	va_start(args, fmt);
	len = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	GX_ASSERT(len >= 0);
	if ((size_t)len > b->max - b->len) {
		b->overflow = true;
		return;
	}
	/* One byte more than `max` may be needed for the NUL, so it goes through a copy there. */
	if ((size_t)len == b->max - b->len) {
		char *copy = gx_heap_alloc((size_t)len + 1);

		va_start(args, fmt);
		vsnprintf(copy, (size_t)len + 1, fmt, args);
		va_end(args);
		gx_buf_append(b, copy, (size_t)len);
		gx_heap_free(copy);
		return;
	}
	to = gx_buf_reserve(b, (size_t)len + 1);
	va_start(args, fmt);
	vsnprintf(to, (size_t)len + 1, fmt, args);
	va_end(args);
	b->len += (size_t)len;
}

void gx_buf_consume(struct gx_buf *b, size_t size)
{
	GX_ASSERT(size <= b->len);
	if (size == 0)
		return;
	b->len -= size;
	memmove(b->ptr, b->ptr + size, b->len);
}

struct gx_str gx_buf_str(const struct gx_buf *b)
{
	return (struct gx_str){ b->ptr, b->len };
}
