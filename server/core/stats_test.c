/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: each command's time is counted under its operation; the log tells who made a batch slow, in
 * one line, and never too often; refusals are counted by code.
 * Method: a core of a router and figures alone; times are made up. The slow ones are slower than
 * the default of 50 ms.
 */
#include "log_capture.h"

#include <string.h>

#include "core_start.h"

#define MS UINT64_C(1000000)
#define S (1000 * MS)

static const struct gx_route routes[] = {
	{ .op = "probe.quick", .method = GX_METHOD_POST, .path = "/q", .kind = GX_OP_COMMAND },
	{ .op = "probe.slow", .method = GX_METHOD_POST, .path = "/s", .kind = GX_OP_COMMAND },
};
static const struct gx_code codes[] = {
	{ "probe.no", GX_E_RULE, "No.", "不。" },
	{ "probe.never", GX_E_RULE, "Never.", "从不。" },
};
static const struct gx_room probe_room = {
	.name = "probe",
	.routes = routes,
	.routes_count = GX_COUNT(routes),
	.codes = codes,
	.codes_count = GX_COUNT(codes),
};
static const struct gx_room *const rooms[] = { &probe_room, NULL };

static int setup(void **state)
{
	struct gx_core *core = gx_heap_alloc(sizeof(*core));

	core_router_init(&core->router, rooms);
	core_stats_init(core);
	*state = core;
	return 0;
}

static int teardown(void **state)
{
	struct gx_core *core = *state;

	core_stats_deinit(core);
	core_router_deinit(&core->router);
	gx_heap_free(core);
	return 0;
}

static void command(struct gx_core *core, const char *op, uint64_t account_id, uint64_t received_ns,
		    uint64_t began_ns)
{
	core_stats_record(core, received_ns, began_ns);
	core_stats_command(core, core_router_op(&core->router, gx_str_from_cstr(op)), account_id);
}

static void test_times(void **state)
{
	struct gx_core *core = *state;
	const struct core_stats *s = &core->stats;
	const struct gx_histogram *quick = &s->by_op[0];

	command(core, "probe.quick", 1, S, S + 3 * MS);
	command(core, "probe.quick", 2, S + MS, S + 4 * MS);
	CAPTURE(core_stats_batch(core, 2, S + 5 * MS, S + 9 * MS));
	assert_string_equal(captured, "");
	assert_int_equal(gx_histogram_count(quick), 2);
	assert_int_equal(gx_tally_get(&quick->sum), 9 * MS + 8 * MS);
	assert_int_equal(gx_histogram_count(&s->by_op[1]), 0);
	assert_int_equal(gx_histogram_count(&s->queue), 2);
	assert_int_equal(gx_tally_get(&s->queue.sum), 6 * MS);
	assert_int_equal(gx_tally_get(&s->commit.sum), 4 * MS);
	assert_int_equal(gx_tally_get(&s->batch.sum), 2);
	assert_int_equal(gx_tally_get(&s->slow), 0);
	assert_int_equal(s->commands_count, 0); /* the next batch begins empty */
}

/* The first one has waited longest in all, but it was not he who kept the others waiting. */
static void test_culprit_is_named(void **state)
{
	struct gx_core *core = *state;

	command(core, "probe.quick", 1, S, S + MS);
	command(core, "probe.slow", 77, S + MS, S + 2 * MS);
	command(core, "probe.quick", 2, S + MS, S + 62 * MS);
	CAPTURE(core_stats_batch(core, 3, S + 63 * MS, S + 65 * MS));
	assert_non_null(strstr(captured, "core.slow_command op=probe.slow account=77 "
					 "total_us=64000 queue_us=1000 run_us=60000 "
					 "commit_us=2000 batch=3 slow_in_batch=3 unlogged=0\n"));
	assert_null(strstr(strchr(captured, '\n') + 1, "core.slow_command"));
	assert_int_equal(gx_tally_get(&core->stats.slow), 3);
}

/* Nobody ran long: the disk did. The one who waited longest stands for all. */
static void test_slow_commit(void **state)
{
	struct gx_core *core = *state;

	command(core, "probe.quick", 1, S + MS, S + 2 * MS);
	command(core, "probe.quick", 2, S, S + 3 * MS);
	CAPTURE(core_stats_batch(core, 2, S + 4 * MS, S + 104 * MS));
	assert_non_null(strstr(captured, "op=probe.quick account=2 total_us=104000 queue_us=3000 "
					 "run_us=1000 commit_us=100000 batch=2"));
}

static void test_lines_are_limited(void **state)
{
	struct gx_core *core = *state;
	unsigned lines = 0;
	int fds[2], saved = capture_begin(fds);

	for (unsigned i = 0; i < 15; i++) {
		command(core, "probe.slow", 1, 5 * S, 5 * S);
		core_stats_batch(core, 1, 5 * S + i * MS, 5 * S + 100 * MS);
	}
	command(core, "probe.slow", 1, 6 * S, 6 * S);
	core_stats_batch(core, 1, 6 * S, 6 * S + 100 * MS);
	capture_end(fds, saved);
	for (const char *at = captured; (at = strstr(at, "core.slow_command")) != NULL; at++)
		lines++;
	assert_int_equal(lines, 11);
	assert_non_null(strstr(captured, "unlogged=5\n")); /* in the last one */
	assert_int_equal(gx_tally_get(&core->stats.slow), 16);
}

static void test_slow_periodic(void **state)
{
	CAPTURE(core_stats_periodic(*state, "probe.sweep", 49 * MS));
	assert_string_equal(captured, "");
	CAPTURE(core_stats_periodic(*state, "probe.sweep", 51 * MS));
	assert_non_null(strstr(captured, "core.slow_periodic name=probe.sweep run_us=51000\n"));
}

static void test_refusals(void **state)
{
	struct gx_core *core = *state;

	core_stats_refused(core, "probe.never");
	core_stats_refused(core, "probe.never");
	core_stats_refused(core, "nobody.knows");
	assert_int_equal(gx_tally_get(&core->stats.refusals[0]), 0);
	assert_int_equal(gx_tally_get(&core->stats.refusals[1]), 2);
	assert_int_equal(gx_tally_get(&core->stats.refusals_unknown), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_times, setup, teardown),
		cmocka_unit_test_setup_teardown(test_culprit_is_named, setup, teardown),
		cmocka_unit_test_setup_teardown(test_slow_commit, setup, teardown),
		cmocka_unit_test_setup_teardown(test_lines_are_limited, setup, teardown),
		cmocka_unit_test_setup_teardown(test_slow_periodic, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refusals, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
