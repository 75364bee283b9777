/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http_body.c - the body of a request: so many bytes, or chunks (RFC 9112 §6, §7.1).
 *
 * Chunk extensions and trailers are checked, counted and thrown away.
 */
#include "http_field.h"

enum body_state {
	STATE_NONE,
	STATE_LENGTH,
	STATE_SIZE,	  /* hex digits of a chunk's size */
	STATE_SIZE_SPACE, /* spaces before a ';' */
	STATE_EXTENSION,  /* up to CR */
	STATE_SIZE_LF,	  /* LF behind the size line */
	STATE_DATA,
	STATE_DATA_CR,
	STATE_DATA_LF,
	STATE_TRAILER, /* first byte of a trailer line, or the CR of the end */
	STATE_TRAILER_NAME,
	STATE_TRAILER_VALUE, /* up to CR */
	STATE_TRAILER_LF,
	STATE_END_LF,
	STATE_DONE,
	STATE_REFUSED,
};

#define CHUNK_DIGITS_MAX 16u

static enum gx_http_result refuse(struct gx_http_body *b, unsigned status)
{
	b->state = STATE_REFUSED;
	b->status = (uint16_t)status;
	return GX_HTTP_REFUSED;
}

enum gx_http_result gx_http_body_init(struct gx_http_body *b, const struct gx_http_head *h,
				      uint64_t max)
{
	*b = (struct gx_http_body){ .max = max, .state = STATE_NONE };
	if (h->is_chunked) {
		b->state = STATE_SIZE;
		return GX_HTTP_MORE;
	}
	if (h->content_length > max)
		return refuse(b, 413);
	if (h->content_length == 0)
		return GX_HTTP_DONE;
	b->state = STATE_LENGTH;
	b->left = h->content_length;
	b->size = h->content_length;
	return GX_HTTP_MORE;
}

static bool is_text(char c)
{
	return c == '\t' || ((uint8_t)c >= ' ' && (uint8_t)c != 0x7f);
}

/* The state behind one byte of a size line; STATE_REFUSED when it may not stand there. */
static enum body_state size_byte(struct gx_http_body *b, char c)
{
	int digit = gx_hex_digit(c);

	switch (b->state) {
	case STATE_SIZE:
		if (digit >= 0) {
			if (b->digits == CHUNK_DIGITS_MAX)
				return STATE_REFUSED;
			b->digits++;
			b->left = b->left * 16 + (unsigned)digit;
			return STATE_SIZE;
		}
		if (b->digits == 0)
			return STATE_REFUSED;
		if (c == ';')
			return STATE_EXTENSION;
		if (c == ' ' || c == '\t')
			return STATE_SIZE_SPACE;
		return c == '\r' ? STATE_SIZE_LF : STATE_REFUSED;
	case STATE_SIZE_SPACE:
		if (c == ' ' || c == '\t')
			return STATE_SIZE_SPACE;
		return c == ';' ? STATE_EXTENSION : STATE_REFUSED;
	case STATE_EXTENSION:
		if (c == '\r')
			return STATE_SIZE_LF;
		return is_text(c) ? STATE_EXTENSION : STATE_REFUSED;
	default: /* STATE_SIZE_LF */
		if (c != '\n')
			return STATE_REFUSED;
		return b->left > 0 ? STATE_DATA : STATE_TRAILER;
	}
}

static enum body_state other_byte(enum body_state state, char c)
{
	switch (state) {
	case STATE_DATA_CR:
		return c == '\r' ? STATE_DATA_LF : STATE_REFUSED;
	case STATE_DATA_LF:
		return c == '\n' ? STATE_SIZE : STATE_REFUSED;
	case STATE_TRAILER:
		if (c == '\r')
			return STATE_END_LF;
		return gx_http_is_token_char(c) ? STATE_TRAILER_NAME : STATE_REFUSED;
	case STATE_TRAILER_NAME:
		if (c == ':')
			return STATE_TRAILER_VALUE;
		return gx_http_is_token_char(c) ? STATE_TRAILER_NAME : STATE_REFUSED;
	case STATE_TRAILER_VALUE:
		if (c == '\r')
			return STATE_TRAILER_LF;
		return is_text(c) ? STATE_TRAILER_VALUE : STATE_REFUSED;
	case STATE_TRAILER_LF:
		return c == '\n' ? STATE_TRAILER : STATE_REFUSED;
	default: /* STATE_END_LF */
		return c == '\n' ? STATE_DONE : STATE_REFUSED;
	}
}

/* One byte that is not data. */
static enum gx_http_result framing_byte(struct gx_http_body *b, char c)
{
	bool is_size = b->state >= STATE_SIZE && b->state <= STATE_SIZE_LF;
	enum body_state next = is_size ? size_byte(b, c) : other_byte(b->state, c);

	if (next == STATE_REFUSED)
		return refuse(b, 400);
	if (next == STATE_SIZE_SPACE || next == STATE_EXTENSION ||
	    (next >= STATE_TRAILER_NAME && next <= STATE_TRAILER_LF)) {
		if (++b->overhead > GX_HTTP_CHUNK_OVERHEAD_MAX)
			return refuse(b, 400);
	}
	if (next == STATE_DATA || next == STATE_TRAILER)
		b->digits = 0;
	if (next == STATE_DATA) {
		if (b->left > b->max - b->size)
			return refuse(b, 413);
		b->size += b->left;
	}
	b->state = (uint8_t)next;
	return next == STATE_DONE ? GX_HTTP_DONE : GX_HTTP_MORE;
}

enum gx_http_result gx_http_body_read(struct gx_http_body *b, struct gx_str in, size_t *used,
				      struct gx_str *data)
{
	enum gx_http_result result = GX_HTTP_MORE;
	size_t at = 0;

	GX_ASSERT(b->state != STATE_REFUSED);
	*data = GX_STR_NULL;
	*used = 0;
	if (b->state == STATE_NONE || b->state == STATE_DONE)
		return GX_HTTP_DONE;
	while (at < in.len && b->state != STATE_DATA && b->state != STATE_LENGTH) {
		result = framing_byte(b, in.ptr[at++]);
		if (result != GX_HTTP_MORE) {
			*used = at;
			return result;
		}
	}
	if (at < in.len) {
		size_t size = in.len - at < b->left ? in.len - at : (size_t)b->left;
		*data = (struct gx_str){ in.ptr + at, size };
		at += size;
		b->left -= size;
		if (b->left == 0 && b->state == STATE_LENGTH) {
			b->state = STATE_DONE;
			result = GX_HTTP_DONE;
		} else if (b->left == 0) {
			b->state = STATE_DATA_CR;
		}
	}
	*used = at;
	return result;
}
