/* SPDX-License-Identifier: Apache-2.0 */
/*
 * metrics.h - counters and gauges, declared once in tables.
 *
 * A layer or room declares `static struct gx_metric`s in an array; the app prints the
 * tables as manual (--print-metrics) and as Prometheus text (/metrics). Values are atomics.
 * Threading: any.
 */
#ifndef GX_METRICS_H
#define GX_METRICS_H

#include <stdatomic.h>

#include "buf.h"

enum gx_metric_kind { GX_METRIC_COUNTER, GX_METRIC_GAUGE };

struct gx_metric {
	const char *name; /* "guanxi_commands_total" */
	enum gx_metric_kind kind;
	const char *help;
	_Atomic int64_t value;
};

static inline void gx_metric_add(struct gx_metric *m, int64_t n)
{
	atomic_fetch_add_explicit(&m->value, n, memory_order_relaxed);
}

static inline void gx_metric_set(struct gx_metric *m, int64_t v)
{
	atomic_store_explicit(&m->value, v, memory_order_relaxed);
}

/* Prometheus text exposition of one table. */
void gx_metrics_write(const struct gx_metric *metrics, size_t count, struct gx_buf *out);

#endif
