/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http.h - requests of HTTP/1.0 and 1.1 (RFC 9110, 9112), read strictly and piece by piece.
 *
 * Purpose:    tells where a request's head and body end and what they say. Whatever two readers
 *             could understand differently is refused, with the status to answer and the
 *             connection to close behind it.
 * Invariants: bytes may come in any pieces; the result is the same as in one piece (fuzzed). Lines
 *             end in CRLF only. A 1.1 head has exactly one Host. Content-Length stands alone, once,
 *             in digits; Transfer-Encoding is exactly `chunked`; never both.
 * Limits:     GX_HTTP_LINE_BYTES_MAX (414), GX_HTTP_FIELDS_BYTES_MAX and GX_HTTP_FIELDS_MAX (431),
 *             a body's `max` (413), extensions and trailers of a chunked body (400).
 * Threading:  any. Memory: nothing is allocated; a head keeps offsets into the caller's bytes,
 * which may move between calls. Errors: GX_HTTP_REFUSED with `status` and `reason`.
 */
#ifndef GX_HTTP_H
#define GX_HTTP_H

#include "record.h"

#define GX_HTTP_LINE_BYTES_MAX 8192u	/* request line without its CRLF */
#define GX_HTTP_FIELDS_BYTES_MAX 16384u /* field lines and the empty line behind them */
#define GX_HTTP_FIELDS_MAX 128u
#define GX_HTTP_HEAD_BYTES_MAX (GX_HTTP_LINE_BYTES_MAX + GX_HTTP_FIELDS_BYTES_MAX + 4u)
#define GX_HTTP_CHUNK_OVERHEAD_MAX 16384u /* extensions and trailers of one body */

enum gx_http_result { GX_HTTP_MORE, GX_HTTP_DONE, GX_HTTP_REFUSED };

/* Fields that someone asks for. */
enum gx_http_name {
	GX_HTTP_OTHER,
	GX_HTTP_ACCEPT_ENCODING,
	GX_HTTP_ACCEPT_LANGUAGE,
	GX_HTTP_AUTHORIZATION,
	GX_HTTP_CONNECTION,
	GX_HTTP_CONTENT_LENGTH,
	GX_HTTP_CONTENT_TYPE,
	GX_HTTP_COOKIE,
	GX_HTTP_EXPECT,
	GX_HTTP_FORWARDED,
	GX_HTTP_HOST,
	GX_HTTP_IF_MATCH,
	GX_HTTP_IF_NONE_MATCH,
	GX_HTTP_IF_RANGE,
	GX_HTTP_RANGE,
	GX_HTTP_TRANSFER_ENCODING,
	GX_HTTP_UPGRADE,
	GX_HTTP_WS_KEY,
	GX_HTTP_WS_PROTOCOL,
	GX_HTTP_WS_VERSION,
	GX_HTTP_X_FILENAME,
	GX_HTTP_X_FORWARDED_FOR,
	GX_HTTP_X_FORWARDED_PROTO,
	GX_HTTP_X_REAL_IP,
	GX_HTTP_NAMES_COUNT
};

struct gx_http_slice {
	uint16_t at;
	uint16_t len;
};

struct gx_http_field {
	struct gx_http_slice value;
	uint8_t name; /* enum gx_http_name */
};

struct gx_http_head {
	/* Where reading stands. */
	uint32_t line_at;
	uint32_t scan_at;
	uint32_t fields_at; /* 0: the request line is not complete yet */
	bool has_blank_line;

	/* Valid once GX_HTTP_DONE. */
	uint32_t size; /* of the head: the body starts here */
	enum gx_method method;
	struct gx_http_slice target; /* path and query, "*", or empty (an absolute form's root) */
	bool is_http_1_0;
	bool is_asterisk;
	bool is_close; /* the connection ends behind the answer */
	bool is_chunked;
	bool has_length;
	bool has_expect; /* 100-continue */
	uint64_t content_length;
	uint32_t fields_count;
	struct gx_http_field fields[GX_HTTP_FIELDS_MAX];

	/* Valid once GX_HTTP_REFUSED. */
	uint16_t status;
	const char *reason; /* static, for people */
};

void gx_http_head_init(struct gx_http_head *h);
/* `in` starts at the same byte at each call and has grown since the last one. */
enum gx_http_result gx_http_head_parse(struct gx_http_head *h, struct gx_str in);

/* The path, starting with '/' (or "*"), without the query; the target as the core takes it. */
struct gx_str gx_http_path(const struct gx_http_head *h, struct gx_str in);
struct gx_str gx_http_target(const struct gx_http_head *h, struct gx_str in);
/* Value of the first field of that name; empty when there is none. */
struct gx_str gx_http_field(const struct gx_http_head *h, struct gx_str in, enum gx_http_name name);
/* Iterates over the fields of that name: start with *at = 0. */
bool gx_http_field_next(const struct gx_http_head *h, struct gx_str in, enum gx_http_name name,
			uint32_t *at, struct gx_str *value);
bool gx_http_has(const struct gx_http_head *h, enum gx_http_name name);
/* Whether a list field contains the token, without regard to case. */
bool gx_http_has_token(const struct gx_http_head *h, struct gx_str in, enum gx_http_name name,
		       struct gx_str token);

struct gx_http_body {
	uint64_t left; /* bytes to come of the body or of this chunk */
	uint64_t size; /* announced so far */
	uint64_t max;
	uint32_t overhead;
	uint8_t state;
	uint8_t digits;
	uint16_t status; /* when GX_HTTP_REFUSED */
};

/* GX_HTTP_DONE: there is no body; _REFUSED: it is too large; else _MORE. */
enum gx_http_result gx_http_body_init(struct gx_http_body *b, const struct gx_http_head *h,
				      uint64_t max);
/* Reads on. *used bytes of `in` are done with; *data (maybe empty) is the part of them that belongs
 * to the body. GX_HTTP_MORE with *used < in.len: call again with the rest. */
enum gx_http_result gx_http_body_read(struct gx_http_body *b, struct gx_str in, size_t *used,
				      struct gx_str *data);

/* Writing an answer's head: begin, fields, end. */
const char *gx_http_reason(unsigned status);
void gx_http_write_begin(struct gx_buf *out, unsigned status);
void gx_http_write_field(struct gx_buf *out, struct gx_str name, struct gx_str value);
void gx_http_write_length(struct gx_buf *out, uint64_t size);
void gx_http_write_end(struct gx_buf *out);

#endif
