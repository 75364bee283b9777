/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: metrics print as Prometheus reads them; a histogram puts each value into its bucket.
 * Method: small tables against the exact text; the quick way to a bucket against a search through
 * the bounds, for every bound and its neighbours.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "metrics.h"

static void collect_two(const struct gx_metric *m, void *owner, struct gx_buf *out)
{
	gx_metric_write_sample(out, m, "op=\"a\"", *(int *)owner);
	gx_metric_write_seconds(out, m, "op=\"b\"", 1500000001);
}

static void test_metrics(void **state)
{
	static struct gx_metric metrics[] = {
		{ .name = "guanxi_a_total", .kind = GX_METRIC_COUNTER, .help = "All\nof \\ it." },
		{ .name = "guanxi_b", .kind = GX_METRIC_GAUGE, .help = "Now." },
		{ .name = "guanxi_c",
		  .kind = GX_METRIC_GAUGE,
		  .help = "Two.",
		  .collect = collect_two },
		{ .name = "guanxi_d_seconds_total",
		  .kind = GX_METRIC_COUNTER,
		  .help = "Time.",
		  .value = 2000000,
		  .collect = gx_metric_collect_ns },
	};
	static const char want[] = "# HELP guanxi_a_total All\\nof \\\\ it.\n"
				   "# TYPE guanxi_a_total counter\n"
				   "guanxi_a_total 5\n"
				   "# HELP guanxi_b Now.\n"
				   "# TYPE guanxi_b gauge\n"
				   "guanxi_b -3\n"
				   "# HELP guanxi_c Two.\n"
				   "# TYPE guanxi_c gauge\n"
				   "guanxi_c{op=\"a\"} 7\n"
				   "guanxi_c{op=\"b\"} 1.500000001\n"
				   "# HELP guanxi_d_seconds_total Time.\n"
				   "# TYPE guanxi_d_seconds_total counter\n"
				   "guanxi_d_seconds_total 0.002000000\n";
	struct gx_buf b;
	int owner = 7;

	gx_buf_init(&b, 4096);
	gx_metric_add(&metrics[0], 2);
	gx_metric_add(&metrics[0], 3);
	gx_metric_set(&metrics[1], -3);
	gx_metrics_write(metrics, GX_COUNT(metrics), &owner, &b);
	assert_true(gx_str_eq(gx_buf_str(&b), GX_STR(want)));
	gx_buf_deinit(&b);
}

static void check_bucket(const struct gx_scale *s, uint64_t v)
{
	unsigned want = 0;

	while (want < s->bounds_count && v > s->bounds[want])
		want++;
	assert_int_equal(gx_scale_bucket(s, v), want);
}

static void test_buckets(void **state)
{
	static const struct gx_scale *const scales[] = { &gx_scale_ns, &gx_scale_counts };

	for (size_t i = 0; i < GX_COUNT(scales); i++) {
		const struct gx_scale *s = scales[i];

		for (unsigned k = 0; k < s->bounds_count; k++) {
			assert_true(k == 0 || s->bounds[k] >= 2 * s->bounds[k - 1]);
			check_bucket(s, s->bounds[k] - 1);
			check_bucket(s, s->bounds[k]);
			check_bucket(s, s->bounds[k] + 1);
		}
		for (unsigned bit = 0; bit < 64; bit++) {
			check_bucket(s, (UINT64_C(1) << bit) - 1);
			check_bucket(s, UINT64_C(1) << bit);
		}
		check_bucket(s, UINT64_MAX);
	}
}

static void test_histogram(void **state)
{
	static const struct gx_metric metric = { .name = "guanxi_h", .kind = GX_METRIC_HISTOGRAM };
	static struct gx_histogram h;
	struct gx_buf b;

	gx_histogram_observe(&h, &gx_scale_counts, 0);
	gx_histogram_observe(&h, &gx_scale_counts, 1);
	gx_histogram_observe(&h, &gx_scale_counts, 500);
	gx_histogram_observe(&h, &gx_scale_counts, 5000);
	assert_int_equal(gx_histogram_count(&h), 4);
	gx_buf_init(&b, 4096);
	gx_metric_write_histogram(&b, &metric, "", &h, &gx_scale_counts);
	assert_true(gx_str_eq(gx_buf_str(&b), GX_STR("guanxi_h_bucket{le=\"1\"} 2\n"
						     "guanxi_h_bucket{le=\"2\"} 2\n"
						     "guanxi_h_bucket{le=\"5\"} 2\n"
						     "guanxi_h_bucket{le=\"10\"} 2\n"
						     "guanxi_h_bucket{le=\"20\"} 2\n"
						     "guanxi_h_bucket{le=\"50\"} 2\n"
						     "guanxi_h_bucket{le=\"100\"} 2\n"
						     "guanxi_h_bucket{le=\"200\"} 2\n"
						     "guanxi_h_bucket{le=\"500\"} 3\n"
						     "guanxi_h_bucket{le=\"1000\"} 3\n"
						     "guanxi_h_bucket{le=\"2000\"} 3\n"
						     "guanxi_h_bucket{le=\"+Inf\"} 4\n"
						     "guanxi_h_sum 5501\n"
						     "guanxi_h_count 4\n")));
	gx_buf_clear(&b);
	gx_metric_write_histogram(&b, &metric, "op=\"x\"", &h, &gx_scale_ns);
	assert_true(gx_str_starts(gx_buf_str(&b),
				  GX_STR("guanxi_h_bucket{op=\"x\",le=\"0.00001\"} 2\n")));
	gx_buf_deinit(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_metrics),
		cmocka_unit_test(test_buckets),
		cmocka_unit_test(test_histogram),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
