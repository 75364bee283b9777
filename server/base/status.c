/* SPDX-License-Identifier: Apache-2.0 */
#include "status.h"

#include <string.h>

static const int status_http[GX_STATUS_COUNT] = {
	[GX_OK] = 200,		 [GX_E_INVALID] = 400,	  [GX_E_UNAUTHENTICATED] = 401,
	[GX_E_FORBIDDEN] = 403,	 [GX_E_NOT_FOUND] = 404,  [GX_E_METHOD] = 405,
	[GX_E_CONFLICT] = 409,	 [GX_E_GONE] = 410,	  [GX_E_TOO_LARGE] = 413,
	[GX_E_MEDIA_TYPE] = 415, [GX_E_RULE] = 422,	  [GX_E_LIMIT] = 429,
	[GX_E_INTERNAL] = 500,	 [GX_E_OVERLOADED] = 503, [GX_E_UNCERTAIN] = 503,
};

int gx_status_http(enum gx_status st)
{
	GX_ASSERT((unsigned)st < GX_STATUS_COUNT);
	return status_http[st];
}

enum gx_status gx_fail(struct gx_error *err, enum gx_status st, const char *code)
{
	GX_ASSERT(st != GX_OK);
	GX_ASSERT(code != NULL);
	*err = (struct gx_error){ .status = st, .code = code };
	return st;
}

enum gx_status gx_fail_field(struct gx_error *err, enum gx_status st, const char *code,
			     const char *field)
{
	gx_fail(err, st, code);
	err->fields[0] = field;
	err->fields_count = 1;
	return st;
}

enum gx_status gx_fail_retry(struct gx_error *err, enum gx_status st, const char *code,
			     uint32_t retry_after_s)
{
	gx_fail(err, st, code);
	err->retry_after_s = retry_after_s;
	return st;
}

enum gx_status gx_fail_detail(struct gx_arena *a, struct gx_error *err, enum gx_status st,
			      const char *code, const char *fmt, ...)
{
	va_list args;

	gx_fail(err, st, code);
	va_start(args, fmt);
	err->detail = gx_arena_vprintf(a, fmt, args);
	va_end(args);
	return st;
}
