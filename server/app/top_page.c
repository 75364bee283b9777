/* SPDX-License-Identifier: Apache-2.0 */
#include "top_page.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_BYTES_MAX 128u
#define BUCKETS_MAX 64u

static bool to_number(struct gx_str text, double *out)
{
	char copy[64];
	char *end;

	if (text.len == 0 || text.len >= sizeof(copy))
		return false;
	memcpy(copy, text.ptr, text.len);
	copy[text.len] = '\0';
	*out = strtod(copy, &end);
	return *end == '\0';
}

/* "name{labels} value" or "name value". */
static bool read_line(struct gx_str line, struct gx_top_sample *out)
{
	size_t brace = gx_str_find(line, '{');
	size_t space = gx_str_find(line, ' ');

	if (line.len == 0 || line.ptr[0] == '#')
		return false;
	if (brace < space) {
		const char *close = memrchr(line.ptr, '}', line.len);

		if (close == NULL || close < line.ptr + brace)
			return false;
		out->name = gx_str_slice(line, 0, brace);
		out->labels = gx_str_slice(line, brace + 1, (size_t)(close - line.ptr));
		line = gx_str_slice(line, (size_t)(close - line.ptr) + 1, line.len);
		return line.len > 1 && line.ptr[0] == ' ' &&
		       to_number(gx_str_slice(line, 1, line.len), &out->value);
	}
	out->name = gx_str_slice(line, 0, space);
	out->labels = GX_STR_NULL;
	return space < line.len && to_number(gx_str_slice(line, space + 1, line.len), &out->value);
}

void gx_top_page_read(struct gx_arena *a, struct gx_str text, uint64_t read_ns,
		      struct gx_top_page *out)
{
	size_t lines = 1;

	for (size_t i = 0; i < text.len; i++)
		lines += text.ptr[i] == '\n';
	*out = (struct gx_top_page){
		.read_ns = read_ns,
		.samples = gx_arena_new_array(a, struct gx_top_sample, lines),
	};
	while (text.len > 0)
		if (read_line(gx_str_cut(&text, '\n'), &out->samples[out->samples_count]))
			out->samples_count++;
}

struct gx_str gx_top_label(struct gx_str labels, const char *name)
{
	size_t len = strlen(name);

	while (labels.len > 0) {
		struct gx_str label = gx_str_cut(&labels, ',');

		if (label.len >= len + 3 && memcmp(label.ptr, name, len) == 0 &&
		    label.ptr[len] == '=' && label.ptr[len + 1] == '"')
			return gx_str_slice(label, len + 2, label.len - 1);
	}
	return GX_STR_NULL;
}

static bool is_of(const struct gx_top_sample *s, const char *name, const char *part)
{
	return gx_str_eq(s->name, gx_str_from_cstr(name)) &&
	       (part[0] == '\0' || (s->labels.len > 0 && memmem(s->labels.ptr, s->labels.len, part,
								strlen(part)) != NULL));
}

double gx_top_sum(const struct gx_top_page *p, const char *name, const char *part)
{
	double sum = 0;

	for (size_t i = 0; i < p->samples_count; i++)
		if (is_of(&p->samples[i], name, part))
			sum += p->samples[i].value;
	return sum;
}

static double grown(const struct gx_top_span *s, const char *name, const char *part)
{
	double before = gx_top_sum(s->before, name, part);
	double now = gx_top_sum(s->now, name, part);

	return now >= before ? now - before : now;
}

double gx_top_rate(const struct gx_top_span *s, const char *name, const char *part)
{
	return s->seconds > 0 ? grown(s, name, part) / s->seconds : 0;
}

struct buckets {
	double bounds[BUCKETS_MAX];
	double counts[BUCKETS_MAX]; /* cumulative */
	size_t count;
};

static void add_buckets(const struct gx_top_page *p, const char *name, const char *part,
			double sign, struct buckets *b)
{
	for (size_t i = 0; i < p->samples_count; i++) {
		const struct gx_top_sample *s = &p->samples[i];
		double bound;
		size_t at = 0;

		if (!is_of(s, name, part) || !to_number(gx_top_label(s->labels, "le"), &bound))
			continue;
		while (at < b->count && b->bounds[at] != bound)
			at++;
		if (at == BUCKETS_MAX)
			continue;
		if (at == b->count)
			b->bounds[b->count++] = bound;
		b->counts[at] += sign * s->value;
	}
}

double gx_top_quantile(const struct gx_top_span *s, const char *name, const char *part,
		       double quantile)
{
	struct buckets b = { .count = 0 };
	char bucket[NAME_BYTES_MAX];
	double wanted, below = 0, from = 0;

	(void)snprintf(bucket, sizeof(bucket), "%s_bucket", name);
	add_buckets(s->now, bucket, part, 1, &b);
	if (gx_top_sum(s->now, bucket, part) >= gx_top_sum(s->before, bucket, part))
		add_buckets(s->before, bucket, part, -1, &b);
	/* Bounds ascend as they stand on the page, and the last one is +Inf. */
	if (b.count == 0 || b.counts[b.count - 1] <= 0)
		return NAN;
	wanted = quantile * b.counts[b.count - 1];
	for (size_t i = 0; i < b.count; i++) {
		double in_bucket = b.counts[i] - below;

		if (b.counts[i] >= wanted && in_bucket > 0)
			return isinf(b.bounds[i])
				       ? from
				       : from + (b.bounds[i] - from) * (wanted - below) / in_bucket;
		below = b.counts[i];
		from = b.bounds[i];
	}
	return from;
}

double gx_top_mean(const struct gx_top_span *s, const char *name, const char *part)
{
	char sum[NAME_BYTES_MAX], count[NAME_BYTES_MAX];
	double observations;

	(void)snprintf(sum, sizeof(sum), "%s_sum", name);
	(void)snprintf(count, sizeof(count), "%s_count", name);
	observations = grown(s, count, part);
	return observations > 0 ? grown(s, sum, part) / observations : NAN;
}
