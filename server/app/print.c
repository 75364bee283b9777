/* SPDX-License-Identifier: Apache-2.0 */
#include "print.h"

#include <stdio.h>
#include <string.h>

#include "core.h"
#include "edge.h"
#include "options.h"
#include "rooms.h"

#define ROOMS_MAX 64
#define LIMITS_HEAD                                                                                \
	"# Limits\n\n"                                                                             \
	"Every queue, list, body and rate has a maximum. This page is what `guanxi "               \
	"--print-limits` prints.\n\n"                                                              \
	"Messages of a member are not limited by default. A stream that asks for more than "       \
	"it is answered waits in its\nown connection, and when there is more to do than can be "   \
	"done, each account keeps an equal share: see\n"                                           \
	"[the decision](adr/0007-overload.md). Limits per address do not count requests from "     \
	"this machine itself that carry\nno forwarded address.\n\n"                                \
	"## Settings\n\n"                                                                          \
	"Beyond one of these the answer is 429 with `Retry-After`, 422, or what is said. 0 is no " \
	"limit where that makes sense.\n\n"                                                        \
	"| setting | default | what |\n|---|---|---|\n"
#define LIMITS_FIXED                                                                               \
	"\n## Fixed\n\n"                                                                           \
	"| of a | what | at most | beyond |\n|---|---|---|---|\n"
#define TEXT_BYTES_MAX ((size_t)1 << 20)

static void print_and_free(struct gx_buf *b)
{
	GX_ASSERT(!b->overflow);
	(void)fwrite(b->ptr, 1, b->len, stdout);
	gx_buf_deinit(b);
}

/* What has tables: the core's own room, then the others; NULL-ended. */
static void collect_rooms(const struct gx_room *out[ROOMS_MAX])
{
	size_t count = 0;

	out[count++] = &core_room;
	for (size_t i = 0; app_rooms[i] != NULL; i++) {
		GX_ASSERT(count + 1 < ROOMS_MAX);
		out[count++] = app_rooms[i];
	}
	out[count] = NULL;
}

void gx_print_routes(void)
{
	const struct gx_room *rooms[ROOMS_MAX];
	struct gx_buf out;

	collect_rooms(rooms);
	gx_buf_init(&out, TEXT_BYTES_MAX);
	gx_core_print_routes(rooms, &out);
	print_and_free(&out);
}

void gx_print_codes(void)
{
	const struct gx_room *rooms[ROOMS_MAX];
	struct gx_buf out;

	collect_rooms(rooms);
	gx_buf_init(&out, TEXT_BYTES_MAX);
	gx_core_print_codes(rooms, &out);
	gx_edge_print_codes(&out);
	print_and_free(&out);
}

void gx_print_config(void)
{
	struct gx_config config;
	struct gx_buf out;

	gx_config_init(&config);
	gx_options_tables(&config);
	gx_buf_init(&out, TEXT_BYTES_MAX);
	gx_config_print(&config, &out);
	print_and_free(&out);
	gx_config_deinit(&config);
}

static void print_limit_settings(const struct gx_config *c, struct gx_buf *out)
{
	for (size_t i = 0; i < c->settings_count; i++) {
		const struct gx_setting *s = c->settings[i];

		if (strcmp(s->section, "limits") != 0 &&
		    strcmp(s->key, "max_connections_per_address") != 0)
			continue;
		gx_buf_printf(out, "| `[%s] %s` | %lld | %s |\n", s->section, s->key,
			      (long long)s->num, s->help);
	}
}

static void print_fixed_limits(const struct gx_limit *limits, size_t count, struct gx_buf *out)
{
	for (size_t i = 0; i < count; i++)
		gx_buf_printf(out, "| %s | %s | %lld %s | %s |\n", limits[i].scope, limits[i].what,
			      (long long)limits[i].most, limits[i].unit, limits[i].beyond);
}

void gx_print_limits(void)
{
	struct gx_config config;
	struct gx_buf out;

	gx_config_init(&config);
	gx_options_tables(&config);
	gx_buf_init(&out, TEXT_BYTES_MAX);
	gx_buf_append_str(&out, GX_STR(LIMITS_HEAD));
	print_limit_settings(&config, &out);
	gx_buf_append_str(&out, GX_STR(LIMITS_FIXED));
	print_fixed_limits(gx_edge_limits, gx_edge_limits_count, &out);
	print_fixed_limits(gx_core_limits, gx_core_limits_count, &out);
	print_and_free(&out);
	gx_config_deinit(&config);
}

void gx_print_metrics(void)
{
	const struct gx_room *rooms[ROOMS_MAX];
	struct gx_buf out;

	collect_rooms(rooms);
	gx_buf_init(&out, TEXT_BYTES_MAX);
	gx_core_print_metrics(rooms, &out);
	print_and_free(&out);
}
