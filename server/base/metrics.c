/* SPDX-License-Identifier: Apache-2.0 */
#include "metrics.h"

const struct gx_scale gx_scale_ns = {
	.bounds_count = 19,
	.bounds = { 10000,	20000,	    50000,	100000,	     200000,
		    500000,	1000000,    2000000,	5000000,     10000000,
		    20000000,	50000000,   100000000,	200000000,   500000000,
		    1000000000, 2000000000, 5000000000, 10000000000, UINT64_MAX },
	.texts = { "0.00001", "0.00002", "0.00005", "0.0001", "0.0002", "0.0005", "0.001", "0.002",
		   "0.005", "0.01", "0.02", "0.05", "0.1", "0.2", "0.5", "1", "2", "5", "10" },
	.first = { 0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  1,  2,
		   3,  4,  5,  6,  7,  8,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17,
		   17, 18, 19, 19, 19, 19, 19, 19, 19, 19, 19, 19, 19, 19, 19, 19,
		   19, 19, 19, 19, 19, 19, 19, 19, 19, 19, 19, 19, 19, 19, 19, 19 },
	.units_per_base = 1000000000,
};

const struct gx_scale gx_scale_counts = {
	.bounds_count = 11,
	.bounds = { 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, UINT64_MAX },
	.texts = { "1", "2", "5", "10", "20", "50", "100", "200", "500", "1000", "2000" },
	.first = { 0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 11, 11, 11, 11,
		   11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11,
		   11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11,
		   11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11 },
	.units_per_base = 1,
};

const char *gx_metric_kind_name(enum gx_metric_kind kind)
{
	static const char *const names[] = { "counter", "gauge", "histogram" };

	return names[kind];
}

static void write_help(const char *help, struct gx_buf *out)
{
	for (; *help != '\0'; help++) {
		if (*help == '\\')
			gx_buf_append_str(out, GX_STR("\\\\"));
		else if (*help == '\n')
			gx_buf_append_str(out, GX_STR("\\n"));
		else
			gx_buf_append_char(out, *help);
	}
}

/* "name_suffix{labels} " */
static void write_name(struct gx_buf *out, const struct gx_metric *m, const char *suffix,
		       const char *labels)
{
	gx_buf_append_str(out, gx_str_from_cstr(m->name));
	gx_buf_append_str(out, gx_str_from_cstr(suffix));
	if (labels[0] != '\0')
		gx_buf_printf(out, "{%s}", labels);
	gx_buf_append_char(out, ' ');
}

void gx_metric_write_sample(struct gx_buf *out, const struct gx_metric *m, const char *labels,
			    int64_t value)
{
	write_name(out, m, "", labels);
	gx_buf_append_i64(out, value);
	gx_buf_append_char(out, '\n');
}

static void write_scaled(struct gx_buf *out, uint64_t value, unsigned units_per_base)
{
	gx_buf_append_u64(out, value / units_per_base);
	if (units_per_base == 1000000000)
		gx_buf_printf(out, ".%09u", (unsigned)(value % units_per_base));
	gx_buf_append_char(out, '\n');
}

void gx_metric_write_seconds(struct gx_buf *out, const struct gx_metric *m, const char *labels,
			     uint64_t ns)
{
	write_name(out, m, "", labels);
	write_scaled(out, ns, 1000000000);
}

void gx_metric_collect_ns(const struct gx_metric *m, void *owner, struct gx_buf *out)
{
	int64_t ns = atomic_load_explicit(&m->value, memory_order_relaxed);

	gx_metric_write_seconds(out, m, "", (uint64_t)ns);
}

void gx_metric_write_histogram(struct gx_buf *out, const struct gx_metric *m, const char *labels,
			       const struct gx_histogram *h, const struct gx_scale *s)
{
	const char *comma = labels[0] == '\0' ? "" : ",";
	uint64_t count = 0;

	for (unsigned i = 0; i <= s->bounds_count; i++) {
		count += gx_tally_get(&h->buckets[i]);
		gx_buf_printf(out, "%s_bucket{%s%sle=\"%s\"} ", m->name, labels, comma,
			      i < s->bounds_count ? s->texts[i] : "+Inf");
		gx_buf_append_u64(out, count);
		gx_buf_append_char(out, '\n');
	}
	write_name(out, m, "_sum", labels);
	write_scaled(out, gx_tally_get(&h->sum), s->units_per_base);
	write_name(out, m, "_count", labels);
	gx_buf_append_u64(out, count);
	gx_buf_append_char(out, '\n');
}

uint64_t gx_histogram_count(const struct gx_histogram *h)
{
	uint64_t count = 0;

	for (size_t i = 0; i < GX_COUNT(h->buckets); i++)
		count += gx_tally_get(&h->buckets[i]);
	return count;
}

void gx_metrics_write(const struct gx_metric *metrics, size_t count, void *owner,
		      struct gx_buf *out)
{
	for (size_t i = 0; i < count; i++) {
		const struct gx_metric *m = &metrics[i];

		gx_buf_printf(out, "# HELP %s ", m->name);
		write_help(m->help, out);
		gx_buf_printf(out, "\n# TYPE %s %s\n", m->name, gx_metric_kind_name(m->kind));
		if (m->collect != NULL)
			m->collect(m, owner, out);
		else
			gx_metric_write_sample(out, m, "",
					       atomic_load_explicit(&m->value,
								    memory_order_relaxed));
	}
}
