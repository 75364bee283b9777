/* SPDX-License-Identifier: Apache-2.0 */
/*
 * status.h - how a function says that it could not.
 *
 * The enum is small and closed; each value maps to one HTTP status in one table (status.c). The
 * precise reason is a stable code, "room.reason", which the API file lists. The callee fills the
 * error, callers pass it up, the edge of the request logs it once.
 */
#ifndef GX_STATUS_H
#define GX_STATUS_H

#include "arena.h"

enum gx_status {
	GX_OK = 0,
	GX_E_INVALID,	      /* 400 malformed or out of bounds */
	GX_E_UNAUTHENTICATED, /* 401 */
	GX_E_FORBIDDEN,	      /* 403 */
	GX_E_NOT_FOUND,	      /* 404 not there, or not for you */
	GX_E_METHOD,	      /* 405 */
	GX_E_CONFLICT,	      /* 409 */
	GX_E_GONE,	      /* 410 */
	GX_E_TOO_LARGE,	      /* 413 */
	GX_E_MEDIA_TYPE,      /* 415 */
	GX_E_RULE,	      /* 422 a rule of the room refuses */
	GX_E_LIMIT,	      /* 429 too often */
	GX_E_INTERNAL,	      /* 500 our mistake */
	GX_E_OVERLOADED,      /* 503 try later */
	GX_E_UNCERTAIN, /* 503 the outcome of a write is unknown: repeat with the same client_id */
	GX_STATUS_COUNT
};

#define GX_ERROR_FIELDS_MAX 4

struct gx_error {
	enum gx_status status;
	const char *code;			 /* static: "room.reason" */
	struct gx_str detail;			 /* optional, for a person; arena or static */
	const char *fields[GX_ERROR_FIELDS_MAX]; /* static names of the inputs at fault */
	unsigned fields_count;
	uint32_t retry_after_s; /* 0: none; else Retry-After */
};

int gx_status_http(enum gx_status st);

/* Fill `err` and return `st`, to be used as `return gx_fail(...)`. `code` is a string literal. */
enum gx_status gx_fail(struct gx_error *err, enum gx_status st, const char *code);
enum gx_status gx_fail_field(struct gx_error *err, enum gx_status st, const char *code,
			     const char *field);
enum gx_status gx_fail_retry(struct gx_error *err, enum gx_status st, const char *code,
			     uint32_t retry_after_s);
/* With a detail for people, formatted into the arena. */
enum gx_status gx_fail_detail(struct gx_arena *a, struct gx_error *err, enum gx_status st,
			      const char *code, const char *fmt, ...) GX_PRINTF(5, 6);

#endif
