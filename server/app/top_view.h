/* SPDX-License-Identifier: Apache-2.0 */
/* top_view.h - what `guanxi admin top` shows: figures of a span of time, as lines or as JSON. */
#ifndef GX_TOP_VIEW_H
#define GX_TOP_VIEW_H

#include "top_page.h"

#define GX_TOP_OPS_MAX 12u
#define GX_TOP_EDGES_MAX 256u

struct gx_top_op {
	struct gx_str op;
	double per_second;
	double p50_s, p99_s;
};

struct gx_top_edge {
	struct gx_str worker;
	double connections, streams, accepts_per_second;
};

struct gx_top_figures {
	struct gx_str version;
	double uptime_s;
	double commands, messages, queries, deliveries, slow; /* per second */
	double batch_mean;
	double commit_p50_s, commit_p99_s, queue_p50_s, queue_p99_s;
	double accounts_online, connections, streams, sessions;
	double refused_overload, refused_edges, refused_others, closed_too_slow; /* per second */
	double memory_bytes[4], cpu_share[4]; /* supervisor, core, media, edges */
	double database_bytes, log_bytes, free_bytes;
	double errors;			      /* log lines since the start */
	struct gx_top_op ops[GX_TOP_OPS_MAX]; /* the most frequent first */
	size_t ops_count;
	struct gx_top_edge edges[GX_TOP_EDGES_MAX];
	size_t edges_count;
};

void gx_top_figures(const struct gx_top_span *s, double now_s, struct gx_top_figures *out);
void gx_top_write_text(const struct gx_top_figures *f, struct gx_buf *out);
void gx_top_write_json(const struct gx_top_figures *f, struct gx_buf *out);

#endif
