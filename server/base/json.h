/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json.h - strict JSON (RFC 8259) in both directions.
 *
 * Purpose:    parse a text into a flat array of nodes that point back into it; write compact
 *             JSON. No tree of allocations, no copying of strings that contain no escape.
 * Invariants: the whole text is one value; well-formed UTF-8; no duplicate keys in an object
 *             (compared after decoding); depth at most GX_JSON_DEPTH_MAX; at most
 *             GX_JSON_NODES_MAX nodes; no NaN, no leading zeros, no lone surrogates (\ud800
 *             without its partner), no NUL (\u0000) in strings.
 * Layout:     a node's children follow it: the first child is node + 1, the next sibling is
 *             node + node->span. In an object keys and values alternate.
 * Threading:  any.
 * Memory:     nodes live in the caller's arena; text is borrowed by all nodes.
 * Errors:     GX_E_INVALID "core.invalid_json" with the byte offset in the detail.
 */
#ifndef GX_JSON_H
#define GX_JSON_H

#include "buf.h"
#include "status.h"

#define GX_JSON_DEPTH_MAX 32
#define GX_JSON_NODES_MAX 65536

enum gx_json_type {
	GX_JSON_NULL,
	GX_JSON_BOOL,
	GX_JSON_NUMBER,
	GX_JSON_STRING,
	GX_JSON_ARRAY,
	GX_JSON_OBJECT,
};

struct gx_json {
	const char *raw; /* the value's text; for a string, what stands between the quotes */
	uint32_t raw_len;
	uint32_t span;	 /* nodes in this subtree, itself included */
	uint32_t count;	 /* elements of an array, members of an object */
	uint8_t type;	 /* enum gx_json_type */
	bool is_escaped; /* a string that contains a backslash */
	bool is_true;	 /* a boolean's value */
};

/* Parses `text` whole; *out is the root. */
GX_NODISCARD enum gx_status gx_json_parse(struct gx_arena *a, struct gx_str text,
					  const struct gx_json **out, struct gx_error *err);

/* The value of member `key`, or NULL when `object` is NULL, is no object or has no such member. */
const struct gx_json *gx_json_get(const struct gx_json *object, struct gx_str key);
/* First child (of an object: the first key), or NULL. Iterate with a counter:
 *   n = gx_json_first(arr); for (i = 0; i < arr->count; i++, n = gx_json_next(n)) */
const struct gx_json *gx_json_first(const struct gx_json *parent);
const struct gx_json *gx_json_next(const struct gx_json *node);
/* A string's decoded bytes: borrowed from the text, or decoded into the arena if escaped.
 * The node must be a string. */
struct gx_str gx_json_str(struct gx_arena *a, const struct gx_json *node);
/* True when the node is a number without fraction or exponent that fits. */
bool gx_json_to_i64(const struct gx_json *node, int64_t *out);
/* True when the node is a number of at most 255 characters that a double can hold. */
bool gx_json_to_double(const struct gx_json *node, double *out);
/* The value's own text, quotes included. */
struct gx_str gx_json_raw(const struct gx_json *node);

/* Writer: appends to a buffer; commas are put by itself. The buffer's overflow flag is its only
 * error; close to the maximum it may rise some bytes early, as numbers ask for room for the
 * longest. */
struct gx_json_writer {
	struct gx_buf *buf;
	bool needs_comma;
};

void gx_json_writer_init(struct gx_json_writer *w, struct gx_buf *buf);
void gx_json_begin_object(struct gx_json_writer *w);
void gx_json_end_object(struct gx_json_writer *w);
void gx_json_begin_array(struct gx_json_writer *w);
void gx_json_end_array(struct gx_json_writer *w);
void gx_json_key(struct gx_json_writer *w, struct gx_str key); /* keys are ours: not escaped */
/* Escapes only what must be: quote, backslash, control characters. Bytes must be valid UTF-8. */
void gx_json_put_str(struct gx_json_writer *w, struct gx_str s);
void gx_json_put_id(struct gx_json_writer *w, uint64_t id); /* "123" */
void gx_json_put_i64(struct gx_json_writer *w, int64_t v);
void gx_json_put_double(struct gx_json_writer *w, double v); /* shortest that reads back equal */
void gx_json_put_bool(struct gx_json_writer *w, bool v);
void gx_json_put_null(struct gx_json_writer *w);
void gx_json_put_raw(struct gx_json_writer *w,
		     struct gx_str json); /* already valid, compact JSON */

/* key + value in one call; `key` is a string literal. */
#define gx_json_kv_str(w, key, v) (gx_json_key((w), GX_STR(key)), gx_json_put_str((w), (v)))
#define gx_json_kv_id(w, key, v) (gx_json_key((w), GX_STR(key)), gx_json_put_id((w), (v)))
#define gx_json_kv_i64(w, key, v) (gx_json_key((w), GX_STR(key)), gx_json_put_i64((w), (v)))
#define gx_json_kv_bool(w, key, v) (gx_json_key((w), GX_STR(key)), gx_json_put_bool((w), (v)))
#define gx_json_kv_null(w, key) (gx_json_key((w), GX_STR(key)), gx_json_put_null((w)))
#define gx_json_kv_raw(w, key, v) (gx_json_key((w), GX_STR(key)), gx_json_put_raw((w), (v)))

#endif
