/* SPDX-License-Identifier: Apache-2.0 */
/*
 * metrics.h - counters, gauges and histograms, declared once in tables.
 *
 * Purpose:    a layer or room declares its `struct gx_metric`s in an array; the app prints the
 *             tables as manual (--print-metrics) and as Prometheus text (/metrics). A metric has
 *             one value, or is written by a function of its owner (`collect`) when somebody asks:
 *             with labels, or as a histogram.
 * Invariants: names and units are Prometheus' own: seconds and bytes, `_total` for what only grows.
 *             Labels come from tables, never from what clients send, so their number is bounded.
 * Threading:  values are relaxed atomics and may be read on any thread. gx_metric_add() may be
 *             called on any thread; gx_tally_add() and gx_histogram_observe() have one writing
 *             thread, and cost no more than a plain addition for it.
 * Memory:     nothing is allocated.
 */
#ifndef GX_METRICS_H
#define GX_METRICS_H

#include <stdatomic.h>

#include "buf.h"

enum gx_metric_kind { GX_METRIC_COUNTER, GX_METRIC_GAUGE, GX_METRIC_HISTOGRAM };

struct gx_metric {
	const char *name; /* "guanxi_commands_total" */
	enum gx_metric_kind kind;
	const char *help;
	_Atomic int64_t value;
	/* Writes the samples instead of `value`; `owner` is gx_metrics_write()'s. */
	void (*collect)(const struct gx_metric *m, void *owner, struct gx_buf *out);
};

static inline void gx_metric_add(struct gx_metric *m, int64_t n)
{
	atomic_fetch_add_explicit(&m->value, n, memory_order_relaxed);
}

static inline void gx_metric_set(struct gx_metric *m, int64_t v)
{
	atomic_store_explicit(&m->value, v, memory_order_relaxed);
}

/* A value that one thread writes and any may read. */
typedef _Atomic uint64_t gx_tally;

static inline void gx_tally_set(gx_tally *t, uint64_t v)
{
	atomic_store_explicit(t, v, memory_order_relaxed);
}

static inline uint64_t gx_tally_get(const gx_tally *t)
{
	return atomic_load_explicit(t, memory_order_relaxed);
}

static inline void gx_tally_add(gx_tally *t, uint64_t n)
{
	gx_tally_set(t, gx_tally_get(t) + n);
}

/* --- histograms --- */

#define GX_SCALE_BOUNDS_MAX 20u

/* Where the buckets end: 1, 2, 5, 10 … of the unit, each at least twice the one before. */
struct gx_scale {
	unsigned bounds_count;
	uint64_t bounds[GX_SCALE_BOUNDS_MAX];	/* ascending; UINT64_MAX behind the last */
	const char *texts[GX_SCALE_BOUNDS_MAX]; /* as Prometheus reads them, in its base unit */
	/* The first bound that is not below 2^i; a value with that top bit is at most one further.
	 */
	uint8_t first[64];
	unsigned units_per_base; /* 1,000,000,000 for nanoseconds */
};

extern const struct gx_scale gx_scale_ns;     /* 10 µs to 10 s */
extern const struct gx_scale gx_scale_counts; /* 1 to 2,000 */

struct gx_histogram {
	gx_tally buckets[GX_SCALE_BOUNDS_MAX + 1]; /* not cumulative; the last: above all bounds */
	gx_tally sum;
};

static inline unsigned gx_scale_bucket(const struct gx_scale *s, uint64_t v)
{
	unsigned i = s->first[63 - (unsigned)__builtin_clzll(v | 1)];

	return i + (v > s->bounds[i]);
}

static inline void gx_histogram_observe(struct gx_histogram *h, const struct gx_scale *s,
					uint64_t v)
{
	gx_tally_add(&h->buckets[gx_scale_bucket(s, v)], 1);
	gx_tally_add(&h->sum, v);
}

uint64_t gx_histogram_count(const struct gx_histogram *h);

/* --- Prometheus text --- */

/* All of one table. */
void gx_metrics_write(const struct gx_metric *metrics, size_t count, void *owner,
		      struct gx_buf *out);
/* What `collect` functions call; `labels` is "op=\"me.get\"" or "". */
void gx_metric_write_sample(struct gx_buf *out, const struct gx_metric *m, const char *labels,
			    int64_t value);
void gx_metric_write_seconds(struct gx_buf *out, const struct gx_metric *m, const char *labels,
			     uint64_t ns);
/* A `collect` for a value that counts nanoseconds. */
void gx_metric_collect_ns(const struct gx_metric *m, void *owner, struct gx_buf *out);
void gx_metric_write_histogram(struct gx_buf *out, const struct gx_metric *m, const char *labels,
			       const struct gx_histogram *h, const struct gx_scale *s);
const char *gx_metric_kind_name(enum gx_metric_kind kind);

#endif
