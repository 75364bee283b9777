/* SPDX-License-Identifier: Apache-2.0 */
/*
 * top_page.h - a page of /metrics, read back: what `guanxi admin top` counts with.
 *
 * Purpose:    samples by name and labels, and what two pages say about the time between them.
 * Invariants: the page is our own server's, but is read as if it were anybody's: a line that is
 *             none is passed over.
 * Memory:     borrowed from the text and the arena. Threading: any.
 */
#ifndef GX_TOP_PAGE_H
#define GX_TOP_PAGE_H

#include "gx.h"

struct gx_top_sample {
	struct gx_str name;
	struct gx_str labels; /* between the braces; empty: none */
	double value;
};

struct gx_top_page {
	uint64_t read_ns; /* on the steady clock */
	struct gx_top_sample *samples;
	size_t samples_count;
};

void gx_top_page_read(struct gx_arena *a, struct gx_str text, uint64_t read_ns,
		      struct gx_top_page *out);
/* The value of a label, or empty. */
struct gx_str gx_top_label(struct gx_str labels, const char *name);
/* The sum of all samples of that name whose labels contain `part` ("op=\"me.get\""; "": all). */
double gx_top_sum(const struct gx_top_page *p, const char *name, const char *part);

/* Two pages, one after the other. */
struct gx_top_span {
	const struct gx_top_page *before, *now;
	double seconds;
};

/* How much a counter has grown in a second; one that has shrunk began anew. */
double gx_top_rate(const struct gx_top_span *s, const char *name, const char *part);
/* What `quantile` (0 to 1) of the observations between the pages was at most, as far as buckets
 * say; NAN when there were none. `name` without "_bucket". */
double gx_top_quantile(const struct gx_top_span *s, const char *name, const char *part,
		       double quantile);
/* The mean of the observations between the pages; NAN when there were none. */
double gx_top_mean(const struct gx_top_span *s, const char *name, const char *part);

#endif
