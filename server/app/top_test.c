/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: `guanxi admin top` computes from two pages what an operator would by hand, and no line of a
 * page can do harm.
 * Method: small pages, written out; figures by name, the text and the JSON in parts.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "json.h"
#include "top_view.h"

#define BEFORE                                                                                     \
	"# HELP guanxi_commands_total Commands.\n# TYPE guanxi_commands_total counter\n"           \
	"guanxi_commands_total 100\n"                                                              \
	"guanxi_commit_duration_seconds_bucket{le=\"0.001\"} 10\n"                                 \
	"guanxi_commit_duration_seconds_bucket{le=\"0.002\"} 10\n"                                 \
	"guanxi_commit_duration_seconds_bucket{le=\"+Inf\"} 10\n"                                  \
	"guanxi_batch_commands_sum 100\nguanxi_batch_commands_count 10\n"                          \
	"guanxi_command_duration_seconds_count{op=\"messages.send\"} 50\n"                         \
	"guanxi_edge_accepts_total{worker=\"0\"} 5\n"

#define NOW                                                                                        \
	"guanxi_commands_total 300\n"                                                              \
	"guanxi_build_info{version=\"9.9\"} 1\n"                                                   \
	"guanxi_commit_duration_seconds_bucket{le=\"0.001\"} 60\n"                                 \
	"guanxi_commit_duration_seconds_bucket{le=\"0.002\"} 110\n"                                \
	"guanxi_commit_duration_seconds_bucket{le=\"+Inf\"} 110\n"                                 \
	"guanxi_batch_commands_sum 400\nguanxi_batch_commands_count 20\n"                          \
	"guanxi_command_duration_seconds_count{op=\"messages.send\"} 150\n"                        \
	"guanxi_command_duration_seconds_count{op=\"me.update\"} 2\n"                              \
	"guanxi_edge_connections{worker=\"0\"} 7\nguanxi_edge_connections{worker=\"1\"} 1\n"       \
	"guanxi_edge_streams{worker=\"0\"} 6\n"                                                    \
	"guanxi_edge_accepts_total{worker=\"0\"} 9\n"                                              \
	"guanxi_process_start_time_seconds{process=\"supervisor\"} 1000\n"                         \
	"guanxi_process_resident_memory_bytes{process=\"edge\",worker=\"0\"} 1048576\n"            \
	"guanxi_process_resident_memory_bytes{process=\"edge\",worker=\"1\"} 2097152\n"            \
	"guanxi_log_lines_total{process=\"core\",level=\"error\"} 3\n"

struct pages {
	struct gx_arena arena;
	struct gx_top_page before, now;
	struct gx_top_span span;
};

static void setup_pages(struct pages *p, struct gx_str before, struct gx_str now)
{
	gx_arena_init(&p->arena);
	gx_top_page_read(&p->arena, before, 0, &p->before);
	gx_top_page_read(&p->arena, now, 2000000000, &p->now);
	p->span = (struct gx_top_span){ .before = &p->before, .now = &p->now, .seconds = 2 };
}

static bool is_near(double got, double want)
{
	return fabs(got - want) < 1e-9;
}

static void test_figures(void **state)
{
	static struct gx_top_figures f;
	struct pages p;

	setup_pages(&p, GX_STR(BEFORE), GX_STR(NOW));
	gx_top_figures(&p.span, 1090, &f);
	assert_true(gx_str_eq(f.version, GX_STR("9.9")));
	assert_true(is_near(f.uptime_s, 90));
	assert_true(is_near(f.commands, 100));
	assert_true(is_near(f.messages, 50));
	assert_true(is_near(f.batch_mean, 30));
	/* 100 commits: 50 of at most 1 ms, 50 between 1 and 2 ms. */
	assert_true(is_near(f.commit_p50_s, 0.001));
	assert_true(is_near(f.commit_p99_s, 0.00198));
	assert_true(isnan(f.queue_p50_s));
	assert_true(is_near(f.connections, 8));
	assert_int_equal(f.edges_count, 2);
	assert_true(is_near(f.edges[0].accepts_per_second, 2));
	assert_true(is_near(f.memory_bytes[3], 3 << 20));
	assert_true(is_near(f.errors, 3));
	assert_int_equal(f.ops_count, 2);
	assert_true(gx_str_eq(f.ops[0].op, GX_STR("messages.send")));
	assert_true(is_near(f.ops[0].per_second, 50));
	assert_true(is_near(f.ops[1].per_second, 1));
	gx_arena_deinit(&p.arena);
}

/* The core died in between: what it has counted since is what has happened. */
static void test_restart_between_pages(void **state)
{
	static struct gx_top_figures f;
	struct pages p;

	setup_pages(&p, GX_STR(NOW), GX_STR(BEFORE));
	gx_top_figures(&p.span, 1090, &f);
	assert_true(is_near(f.commands, 50));
	assert_true(is_near(f.commit_p50_s, 0.0005));
	gx_arena_deinit(&p.arena);
}

static void test_bad_lines_are_passed_over(void **state)
{
	static const char text[] = "\n{\n}\n{}\na{b=\"c\"}\na{b=\"c\"}1\na{b=\"c\" 1\n}a{ 1\n"
				   "a b\na 1 2\n 1\nb 0x\na{le=\"} 4\na 5";
	static struct gx_top_figures f;
	struct pages p;

	setup_pages(&p, GX_STR_NULL, (struct gx_str){ text, sizeof(text) - 1 });
	assert_true(is_near(gx_top_sum(&p.now, "a", ""), 9));
	assert_true(is_near(gx_top_sum(&p.now, "a", "op="), 0));
	gx_top_figures(&p.span, 0, &f);
	assert_int_equal(f.ops_count, 0);
	assert_int_equal(gx_top_label(GX_STR("x=\"1\",le"), "le").len, 0);
	assert_true(gx_str_eq(gx_top_label(GX_STR("x=\"1\",le=\"2\""), "le"), GX_STR("2")));
	gx_arena_deinit(&p.arena);
}

static void test_text_and_json(void **state)
{
	static struct gx_top_figures f;
	const struct gx_json *json;
	struct gx_error err;
	struct gx_buf out;
	struct pages p;
	double value;

	setup_pages(&p, GX_STR(BEFORE), GX_STR(NOW));
	gx_top_figures(&p.span, 1000 + 90061, &f);
	gx_buf_init(&out, 65536);
	gx_top_write_text(&f, &out);
	gx_buf_append_char(&out, '\0');
	assert_non_null(strstr(out.ptr, "guanxi 9.9   up 1 d 01:01:01\n"));
	assert_non_null(strstr(out.ptr, "100.0 commands   50.0 messages"));
	assert_non_null(strstr(out.ptr, "commit     p50  1.00 ms   p99  1.98 ms\n"));
	assert_non_null(strstr(out.ptr, "queue      p50        -   p99        -\n"));
	assert_non_null(strstr(out.ptr, "edge 3.0 MiB"));
	assert_non_null(strstr(out.ptr, "messages.send"));
	gx_buf_clear(&out);
	gx_top_write_json(&f, &out);
	assert_int_equal(gx_json_parse(&p.arena,
				       gx_str_trim((struct gx_str){ out.ptr, out.len - 1 }), &json,
				       &err),
			 GX_OK);
	assert_true(gx_json_to_double(gx_json_get(json, GX_STR("commands_per_second")), &value));
	assert_true(is_near(value, 100));
	assert_int_equal(gx_json_get(json, GX_STR("queue_p50_seconds"))->type, GX_JSON_NULL);
	gx_buf_deinit(&out);
	gx_arena_deinit(&p.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_figures),
		cmocka_unit_test(test_restart_between_pages),
		cmocka_unit_test(test_bad_lines_are_passed_over),
		cmocka_unit_test(test_text_and_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
