/* SPDX-License-Identifier: Apache-2.0 */
/* json_writer.c - compact JSON into a buffer; a value that doesn't fit is dropped whole. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "json_scan.h"

#define ESCAPE_BYTES_MAX 6u /* \u001f */
#define DECIMAL_BYTES_MAX 20u

void gx_json_writer_init(struct gx_json_writer *w, struct gx_buf *buf)
{
	*w = (struct gx_json_writer){ .buf = buf };
}

/* Room for a comma, if one is due, and `size` bytes: where they go, or NULL. */
static char *begin(struct gx_json_writer *w, size_t size)
{
	char *to = gx_buf_reserve(w->buf, size + 1);

	if (to != NULL && w->needs_comma)
		*to++ = ',';
	w->needs_comma = true;
	return to;
}

static void end(struct gx_json_writer *w, const char *to)
{
	gx_buf_commit(w->buf, (size_t)(to - (w->buf->ptr + w->buf->len)));
}

static char *put_bytes(char *to, struct gx_str s)
{
	if (s.len > 0)
		memcpy(to, s.ptr, s.len);
	return to + s.len;
}

static void put_plain(struct gx_json_writer *w, struct gx_str s)
{
	char *to = begin(w, s.len);

	if (to != NULL)
		end(w, put_bytes(to, s));
}

static void close_with(struct gx_json_writer *w, char c)
{
	gx_buf_append_char(w->buf, c);
	w->needs_comma = true;
}

void gx_json_begin_object(struct gx_json_writer *w)
{
	put_plain(w, GX_STR("{"));
	w->needs_comma = false;
}

void gx_json_end_object(struct gx_json_writer *w)
{
	close_with(w, '}');
}

void gx_json_begin_array(struct gx_json_writer *w)
{
	put_plain(w, GX_STR("["));
	w->needs_comma = false;
}

void gx_json_end_array(struct gx_json_writer *w)
{
	close_with(w, ']');
}

void gx_json_key(struct gx_json_writer *w, struct gx_str key)
{
	char *to = begin(w, key.len + 3);

	w->needs_comma = false;
	if (to == NULL)
		return;
	*to++ = '"';
	to = put_bytes(to, key);
	*to++ = '"';
	*to++ = ':';
	end(w, to);
}

/* Bytes at the front that need no escape. */
static size_t plain_prefix(struct gx_str s)
{
	uint64_t seen = 0;

	return s.len == 0 ? 0 : (size_t)(gx_json_scan(s.ptr, s.ptr + s.len, &seen) - s.ptr);
}

static char *put_escape(char *to, unsigned char c)
{
	static const char hex[16] = "0123456789abcdef";
	static const char named[32] = {
		['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't'
	};

	*to++ = '\\';
	if (c >= 0x20) {
		*to++ = (char)c;
	} else if (named[c] != 0) {
		*to++ = named[c];
	} else {
		to = put_bytes(to, GX_STR("u00"));
		*to++ = hex[c >> 4];
		*to++ = hex[c & 15];
	}
	return to;
}

/* The most it can take. */
static size_t escaped_size(struct gx_str s)
{
	size_t size = s.len;

	for (size_t plain = plain_prefix(s); plain < s.len; plain = plain_prefix(s)) {
		size += ESCAPE_BYTES_MAX - 1;
		s = gx_str_slice(s, plain + 1, s.len);
	}
	return size;
}

void gx_json_put_str(struct gx_json_writer *w, struct gx_str s)
{
	size_t plain = plain_prefix(s);
	char *to = begin(w, (plain == s.len ? s.len : escaped_size(s)) + 2);

	if (to == NULL)
		return;
	*to++ = '"';
	while (true) {
		to = put_bytes(to, gx_str_slice(s, 0, plain));
		if (plain == s.len)
			break;
		to = put_escape(to, (unsigned char)s.ptr[plain]);
		s = gx_str_slice(s, plain + 1, s.len);
		plain = plain_prefix(s);
	}
	*to++ = '"';
	end(w, to);
}

static char *put_decimal(char *to, uint64_t v)
{
	char digits[DECIMAL_BYTES_MAX], *from = digits + sizeof(digits);

	do {
		*--from = (char)('0' + v % 10);
		v /= 10;
	} while (v != 0);
	return put_bytes(to, (struct gx_str){ from, (size_t)(digits + sizeof(digits) - from) });
}

void gx_json_put_id(struct gx_json_writer *w, uint64_t id)
{
	char *to = begin(w, DECIMAL_BYTES_MAX + 2);

	if (to == NULL)
		return;
	*to++ = '"';
	to = put_decimal(to, id);
	*to++ = '"';
	end(w, to);
}

void gx_json_put_i64(struct gx_json_writer *w, int64_t v)
{
	char *to = begin(w, DECIMAL_BYTES_MAX + 1);

	if (to == NULL)
		return;
	if (v < 0)
		*to++ = '-';
	end(w, put_decimal(to, v < 0 ? 0 - (uint64_t)v : (uint64_t)v));
}

void gx_json_put_double(struct gx_json_writer *w, double v)
{
	char text[32];
	int len = 0;

	GX_ASSERT(isfinite(v));
	for (int digits = 15; digits <= 17; digits++) {
		len = snprintf(text, sizeof(text), "%.*g", digits, v);
		if (strtod(text, NULL) == v)
			break;
	}
	put_plain(w, (struct gx_str){ text, (size_t)len });
}

void gx_json_put_bool(struct gx_json_writer *w, bool v)
{
	put_plain(w, v ? GX_STR("true") : GX_STR("false"));
}

void gx_json_put_null(struct gx_json_writer *w)
{
	put_plain(w, GX_STR("null"));
}

void gx_json_put_raw(struct gx_json_writer *w, struct gx_str json)
{
	put_plain(w, json);
}
