/* SPDX-License-Identifier: Apache-2.0 */
#include "print.h"

#include <stdio.h>

#include "core.h"
#include "edge.h"
#include "options.h"
#include "rooms.h"

#define ROOMS_MAX 64
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

void gx_print_metrics(void)
{
	const struct gx_room *rooms[ROOMS_MAX];
	struct gx_buf out;

	collect_rooms(rooms);
	gx_buf_init(&out, TEXT_BYTES_MAX);
	gx_core_print_metrics(rooms, &out);
	print_and_free(&out);
}
