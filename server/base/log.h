/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log.h - structured log lines on standard error.
 *
 * One line an event: a time, a level, the process's role, an event name and typed key=value fields;
 * as text or as JSON. Never message bodies, passwords or tokens. One write() a line, so lines of
 * several processes don't mix. Threading: any.
 *
 *   gx_log(GX_LOG_INFO, "core.started", GX_F_U64("accounts", n), GX_F_STR("db", path));
 */
#ifndef GX_LOG_H
#define GX_LOG_H

#include <stdatomic.h>

#include "str.h"

enum gx_log_level { GX_LOG_DEBUG, GX_LOG_INFO, GX_LOG_WARN, GX_LOG_ERROR };

struct gx_log_field {
	const char *key;
	enum { GX_LOG_FIELD_STR, GX_LOG_FIELD_I64, GX_LOG_FIELD_U64 } type;
	struct gx_str str;
	uint64_t num;
};

#define GX_F_STR(k, v) ((struct gx_log_field){ .key = (k), .type = GX_LOG_FIELD_STR, .str = (v) })
#define GX_F_CSTR(k, v) GX_F_STR((k), gx_str_from_cstr(v))
#define GX_F_U64(k, v) ((struct gx_log_field){ .key = (k), .type = GX_LOG_FIELD_U64, .num = (v) })
#define GX_F_I64(k, v)                                                                             \
	((struct gx_log_field){                                                                    \
		.key = (k), .type = GX_LOG_FIELD_I64, .num = (uint64_t)(int64_t)(v) })

/* Chosen once at start; `role` ("edge", "core", …) is static. */
void gx_log_setup(enum gx_log_level least, bool as_json, const char *role);
/* Where lines are counted by level (one for each enum gx_log_level): shared memory, say. Call
 * before threads start. */
void gx_log_count_into(_Atomic uint64_t *counts);
void gx_log_fields(enum gx_log_level level, const char *event, const struct gx_log_field *fields,
		   size_t fields_count);
#define gx_log(level, event, ...)                                                                  \
	gx_log_fields((level), (event),                                                            \
		      (const struct gx_log_field[]){ { .key = NULL }, ##__VA_ARGS__ } + 1,         \
		      sizeof((const struct gx_log_field[]){ { .key = NULL }, ##__VA_ARGS__ }) /    \
				      sizeof(struct gx_log_field) -                                \
			      1)

#endif
