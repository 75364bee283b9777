/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lane.c - who signs in, pays or asks whether we live does not wait behind a thousand messages.
 *
 * Where a link has brought more than a turn's worth, HTTP requests of the first class are carried
 * out ahead of what stands before them. An HTTP connection has one request under way, so nothing of
 * its own is overtaken; calls of streams keep their order. A request that had its turn is struck
 * out in the link's buffer and passed over later.
 */
#include <string.h>

#include "core_request.h"

#define BUSY_BYTES ((size_t)16 << 10)
#define TYPE_AT 4 /* in a record's head */
#define STRUCK 255

static bool is_first_class(struct gx_core *core, struct gx_str record)
{
	struct gx_request_record in;
	struct core_path path;
	const struct core_route *route = NULL;
	unsigned allowed = 0;

	if (gx_record_read_request(record, &in) && core_path_split(in.target, &path))
		route = core_router_match(&core->router, in.method, &path, &allowed);
	return route != NULL && core_admission_class(route->route) == GX_PRIORITY_SIGN_IN;
}

void core_lane_run(struct core_edge *e)
{
	struct gx_str unread = gx_link_unread(&e->link);
	struct gx_record_head head;

	if (unread.len < BUSY_BYTES)
		return;
	while (!e->is_dead) {
		struct gx_str rest = gx_str_slice(unread, e->lane_at, unread.len);

		if (gx_record_peek(rest, &head) != 1)
			return; /* a broken one is noticed in its turn */
		rest = gx_str_slice(rest, 0, head.size);
		if (head.type == GX_RECORD_HTTP_REQUEST && is_first_class(e->core, rest)) {
			core_dispatch(e, rest, &head);
			((char *)(uintptr_t)rest.ptr)[TYPE_AT] = (char)STRUCK;
		}
		e->lane_at += head.size;
	}
}

size_t core_lane_struck(const struct core_edge *e)
{
	struct gx_str unread = gx_link_unread(&e->link);
	uint32_t size;

	/* Only what was looked at can be struck out: an edge can't send such a record. */
	if (e->lane_at == 0 || (unsigned char)unread.ptr[TYPE_AT] != STRUCK)
		return 0;
	memcpy(&size, unread.ptr, sizeof(size));
	return size;
}

void core_lane_consumed(struct core_edge *e, size_t size)
{
	e->lane_at -= size < e->lane_at ? size : e->lane_at;
}
