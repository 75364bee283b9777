/* SPDX-License-Identifier: Apache-2.0 */
/* edge_limits.c - what the edge holds at most, as a table. */
#include "edge_inside.h"

const struct gx_limit gx_edge_limits[] = {
	{ "request", "request line", GX_HTTP_LINE_BYTES_MAX, "bytes", "414" },
	{ "request", "header section", GX_HTTP_FIELDS_BYTES_MAX, "bytes", "431" },
	{ "request", "header fields", GX_HTTP_FIELDS_MAX, "fields", "431" },
	{ "request", "JSON body", 1 << 20, "bytes", "413" },
	{ "connection", "read ahead while a request is under way", EDGE_PIPELINE_BYTES_MAX, "bytes",
	  "not read" },
	{ "connection", "queue to a stream", EDGE_WS_QUEUE_BYTES_MAX, "bytes", "closed with 1013" },
	{ "connection", "message of a stream", GX_WS_MESSAGE_BYTES_MAX, "bytes",
	  "closed with 1009" },
	{ "connection", "calls of a stream under way", EDGE_WS_WINDOW, "calls", "not read" },
	{ "connection", "thrown away after a refusal that closes", (int64_t)EDGE_LINGER_BYTES_MAX,
	  "bytes", "cut" },
	{ "process", "request bodies being gathered, of an edge", EDGE_BODIES_BYTES_MAX, "bytes",
	  "503" },
	{ "process", "queues to all streams of an edge", EDGE_QUEUED_HIGH_BYTES, "bytes",
	  "64 KiB each from there on" },
	{ "process", "waiting for the core, of an edge", EDGE_LINK_HIGH_BYTES, "bytes",
	  "nobody is read" },
};
const size_t gx_edge_limits_count = GX_COUNT(gx_edge_limits);
