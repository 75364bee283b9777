/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http_field.h - what field values mean: lists, codings, entity tags, ranges, dates.
 *
 * Threading: any. Memory: results borrow from the input. Nothing here fails: what can't be
 * understood is ignored, as RFC 9110 asks for these fields.
 */
#ifndef GX_HTTP_FIELD_H
#define GX_HTTP_FIELD_H

#include "http.h"

/* Whether a method, field name or the like may contain the byte (RFC 9110 §5.6.2). */
bool gx_http_is_token_char(char c);

/* The next element of a comma separated list, trimmed, never empty; commas in quoted strings do not
 * separate. False at the end. */
bool gx_http_list_next(struct gx_str *rest, struct gx_str *item);

/* How much the client wants that content coding: 0 (not at all) to 1000. */
unsigned gx_http_coding_quality(const struct gx_http_head *h, struct gx_str in,
				struct gx_str coding);

/* Whether a list of entity tags (or "*") names `etag`. `is_strong`: weak tags match nothing. */
bool gx_http_etag_listed(struct gx_str list, struct gx_str etag, bool is_strong);

enum gx_http_range {
	GX_HTTP_RANGE_WHOLE,	     /* no range, several, or none that can be understood */
	GX_HTTP_RANGE_PART,	     /* [*first, *last] */
	GX_HTTP_RANGE_UNSATISFIABLE, /* 416 */
};
enum gx_http_range gx_http_range_parse(struct gx_str value, uint64_t size, uint64_t *first,
				       uint64_t *last);

#define GX_HTTP_DATE_BYTES 29u
/* "Sun, 06 Nov 1994 08:49:37 GMT", no NUL. */
void gx_http_date(int64_t now_ms, char out[GX_HTTP_DATE_BYTES]);

#endif
