/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: under overload the least important class goes first, accounts of a class keep equal shares,
 * what can be done is done, and everything is let in again as soon as the load ends.
 * Method: a queue with a made-up clock. Calls arrive at fixed intervals, wait in one line and cost
 * so many microseconds when let in and few when refused; every figure follows from that alone.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "admission.h"

#define US UINT64_C(1000)
#define MS UINT64_C(1000000)
#define SECOND UINT64_C(1000000000)
#define COST_NS (10 * US) /* 100,000 calls a second */
#define REFUSAL_NS (1 * US)
#define ACCOUNTS_MAX 512u

/* Some accounts that all ask for the same. */
struct source {
	enum gx_priority class;
	unsigned first, count; /* accounts */
	double per_second;     /* of all of them */
	double due;	       /* calls that should have come by now */
	uint64_t asked;
};

struct model {
	struct core_admission *admission;
	uint64_t now_ns, began_ns;
	uint64_t free_ns; /* the server is busy until then */
	struct source *sources;
	unsigned sources_count;
	uint64_t done[ACCOUNTS_MAX];
	uint64_t let_in[GX_PRIORITIES_COUNT], refused[GX_PRIORITIES_COUNT];
	uint64_t waited_max_ns;
};

static void serve(struct model *m, struct source *s)
{
	unsigned account = s->first + (unsigned)(s->asked++ % s->count);
	uint64_t begun_ns = m->free_ns > m->now_ns ? m->free_ns : m->now_ns;

	core_admission_note(m->admission, begun_ns - m->now_ns, begun_ns);
	if (begun_ns - m->now_ns > m->waited_max_ns)
		m->waited_max_ns = begun_ns - m->now_ns;
	if (!core_admission_shuts(m->admission, s->class) &&
	    core_admission_take(m->admission, s->class, account + 1)) {
		m->let_in[s->class]++;
		m->done[account]++;
		m->free_ns = begun_ns + COST_NS;
	} else {
		m->refused[s->class]++;
		m->free_ns = begun_ns + REFUSAL_NS;
	}
}

static void forget_counts(struct model *m)
{
	memset(m->done, 0, sizeof(m->done));
	memset(m->let_in, 0, sizeof(m->let_in));
	memset(m->refused, 0, sizeof(m->refused));
	m->waited_max_ns = 0;
}

/* Lets `ns` pass, 20 microseconds at a time. */
static void run(struct model *m, struct source *sources, unsigned count, uint64_t ns)
{
	uint64_t end_ns = m->now_ns + ns;

	while (m->now_ns < end_ns) {
		m->now_ns += 20 * US;
		for (unsigned i = 0; i < count; i++) {
			sources[i].due += sources[i].per_second * 20e-6;
			while (sources[i].due >= 1) {
				sources[i].due -= 1;
				serve(m, &sources[i]);
			}
		}
	}
}

static void setup(struct model *m)
{
	*m = (struct model){ .admission = core_admission_new(), .now_ns = SECOND };
}

/* (Σx)² / n Σx²: 1 when all have the same. */
static double jain(const struct model *m, unsigned first, unsigned count)
{
	double sum = 0, squares = 0;

	for (unsigned i = first; i < first + count; i++) {
		sum += (double)m->done[i];
		squares += (double)m->done[i] * (double)m->done[i];
	}
	return sum * sum / (count * squares);
}

static void test_nothing_is_refused_without_waiting(void **state)
{
	struct model m;
	/* One account asks for all there is, which is not too much. */
	struct source sources[] = { { GX_PRIORITY_STATISTICS, 0, 1, 90000, 0, 0 } };

	setup(&m);
	run(&m, sources, 1, 2 * SECOND);
	assert_int_equal(m.refused[GX_PRIORITY_STATISTICS], 0);
	assert_false(core_admission_is_shedding(m.admission));
	assert_int_equal(core_admission_in_flight(m.admission), CORE_IN_FLIGHT_MAX);
	core_admission_free(m.admission);
}

static void test_goodput_holds_at_three_times_the_capacity(void **state)
{
	struct model m;
	struct source sources[] = { { GX_PRIORITY_CHAT, 0, 300, 300000, 0, 0 } };
	uint64_t possible;

	setup(&m);
	run(&m, sources, 1, 3 * SECOND);
	forget_counts(&m);
	run(&m, sources, 1, 2 * SECOND);
	/* All the time that refusing does not take is used for what is let in. */
	possible = (2 * SECOND - m.refused[GX_PRIORITY_CHAT] * REFUSAL_NS) / COST_NS;
	assert_true(m.let_in[GX_PRIORITY_CHAT] > possible * 95 / 100);
	assert_true(m.waited_max_ns < 500 * MS);
	assert_true(jain(&m, 0, 300) > 0.98);
	core_admission_free(m.admission);
}

static void test_least_important_goes_first(void **state)
{
	struct model m;
	struct source sources[] = {
		{ GX_PRIORITY_SIGN_IN, 0, 50, 5000, 0, 0 },
		{ GX_PRIORITY_CHAT, 50, 100, 60000, 0, 0 },
		{ GX_PRIORITY_SYNC, 150, 100, 20000, 0, 0 },
		{ GX_PRIORITY_SOCIAL, 250, 100, 30000, 0, 0 },
		{ GX_PRIORITY_STATISTICS, 350, 50, 30000, 0, 0 },
	};

	setup(&m);
	run(&m, sources, 5, 3 * SECOND);
	forget_counts(&m);
	run(&m, sources, 5, 2 * SECOND);
	/* 85,000 of 100,000 are for the first three: they are let in whole, the last not at all
	 * while the fourth is at the border. */
	assert_int_equal(m.refused[GX_PRIORITY_SIGN_IN], 0);
	assert_int_equal(m.refused[GX_PRIORITY_CHAT], 0);
	assert_int_equal(m.refused[GX_PRIORITY_SYNC], 0);
	assert_true(m.refused[GX_PRIORITY_SOCIAL] > 0);
	assert_true(m.let_in[GX_PRIORITY_SOCIAL] > 0);
	assert_true(m.let_in[GX_PRIORITY_STATISTICS] < m.let_in[GX_PRIORITY_SOCIAL] / 4);
	core_admission_free(m.admission);
}

static void test_flood_of_one_account_harms_nobody_else(void **state)
{
	struct model m;
	struct source sources[] = {
		{ GX_PRIORITY_CHAT, 0, 1, 250000, 0, 0 },  /* the flood */
		{ GX_PRIORITY_CHAT, 1, 200, 40000, 0, 0 }, /* everybody else */
	};

	setup(&m);
	run(&m, sources, 2, 3 * SECOND);
	forget_counts(&m);
	run(&m, sources, 2, 2 * SECOND);
	/* Of 80,000 calls of the others in two seconds at most one in a hundred is lost. */
	assert_true(m.let_in[GX_PRIORITY_CHAT] - m.done[0] > 79200);
	assert_true(jain(&m, 1, 200) > 0.99);
	/* What the others leave is the flood's. */
	assert_true(m.done[0] > 20000);
	core_admission_free(m.admission);
}

static void test_unequal_wishes_get_equal_shares(void **state)
{
	struct model m;
	struct source sources[] = {
		{ GX_PRIORITY_CHAT, 0, 100, 200000, 0, 0 },
		{ GX_PRIORITY_CHAT, 100, 100, 100000, 0, 0 },
	};
	double heavy = 0, light = 0;

	setup(&m);
	run(&m, sources, 2, 3 * SECOND);
	forget_counts(&m);
	run(&m, sources, 2, 2 * SECOND);
	assert_true(jain(&m, 0, 200) > 0.95);
	for (unsigned i = 0; i < 100; i++) {
		heavy += (double)m.done[i];
		light += (double)m.done[100 + i];
	}
	assert_true(heavy < 1.2 * light);
	core_admission_free(m.admission);
}

static void test_many_accounts_with_less_than_a_call_each(void **state)
{
	struct model m;
	/* 12,800 accounts for the table, 512 counted: 23 calls a second each, 1.2 a window. */
	struct source sources[] = { { GX_PRIORITY_CHAT, 0, ACCOUNTS_MAX, 300000, 0, 0 } };
	uint64_t possible;

	setup(&m);
	sources[0].per_second = 150000;
	run(&m, sources, 1, 4 * SECOND);
	forget_counts(&m);
	run(&m, sources, 1, 2 * SECOND);
	possible = (2 * SECOND - m.refused[GX_PRIORITY_CHAT] * REFUSAL_NS) / COST_NS;
	assert_true(m.let_in[GX_PRIORITY_CHAT] > possible * 95 / 100);
	core_admission_free(m.admission);
}

static void test_recovers_within_a_second(void **state)
{
	struct model m;
	struct source flood[] = { { GX_PRIORITY_CHAT, 0, 300, 400000, 0, 0 } };
	struct source calm[] = { { GX_PRIORITY_STATISTICS, 300, 10, 1000, 0, 0 },
				 { GX_PRIORITY_CHAT, 0, 300, 30000, 0, 0 } };

	setup(&m);
	run(&m, flood, 1, 4 * SECOND);
	assert_true(core_admission_is_shedding(m.admission));
	assert_int_equal(core_admission_in_flight(m.admission), CORE_IN_FLIGHT_MIN);
	run(&m, calm, 2, SECOND);
	assert_false(core_admission_is_shedding(m.admission));
	forget_counts(&m);
	run(&m, calm, 2, SECOND);
	assert_int_equal(m.refused[GX_PRIORITY_STATISTICS], 0);
	assert_int_equal(m.refused[GX_PRIORITY_CHAT], 0);
	assert_true(m.waited_max_ns < 1 * MS);
	assert_int_equal(core_admission_in_flight(m.admission), CORE_IN_FLIGHT_MAX);
	core_admission_free(m.admission);
}

static void test_one_stall_costs_chat_nothing(void **state)
{
	struct model m;
	struct source sources[] = { { GX_PRIORITY_CHAT, 0, 300, 50000, 0, 0 } };

	setup(&m);
	run(&m, sources, 1, SECOND);
	m.free_ns = m.now_ns + 200 * MS; /* a disk that thinks */
	run(&m, sources, 1, SECOND);
	assert_int_equal(m.refused[GX_PRIORITY_CHAT], 0);
	core_admission_free(m.admission);
}

/* A machine that is slow to wake us, but nothing queues up. */
static void test_a_few_that_waited_are_no_queue(void **state)
{
	struct core_admission *a = core_admission_new();
	uint64_t now_ns = SECOND;

	for (unsigned i = 0; i < 500; i++) {
		now_ns += 10 * MS;
		core_admission_note(a, 150 * MS, now_ns); /* fifteen at a time */
		assert_true(core_admission_take(a, GX_PRIORITY_STATISTICS, i));
	}
	assert_false(core_admission_is_shedding(a));
	core_admission_free(a);
}

/* Whoever waited while all stood still is taken up in one window. */
static void test_one_window_is_no_overload(void **state)
{
	struct core_admission *a = core_admission_new();
	uint64_t now_ns = SECOND;

	for (unsigned i = 0; i < 100; i++) {
		now_ns += 10 * MS;
		for (unsigned k = 0; k < 20; k++) {
			core_admission_note(a, i >= 50 && i < 55 ? 900 * MS : 0, now_ns);
			assert_true(core_admission_take(a, GX_PRIORITY_CHAT, k));
		}
	}
	assert_false(core_admission_is_shedding(a));
	core_admission_free(a);
}

static void test_class_of_a_route(void **state)
{
	static const struct {
		struct gx_route route;
		enum gx_priority class;
	} cases[] = {
		{ { .kind = GX_OP_COMMAND_PLAIN, .priority = GX_PRIORITY_CHAT }, GX_PRIORITY_CHAT },
		{ { .kind = GX_OP_QUERY, .priority = GX_PRIORITY_CHAT }, GX_PRIORITY_SYNC },
		{ { .kind = GX_OP_STREAM, .priority = GX_PRIORITY_CHAT }, GX_PRIORITY_SIGN_IN },
		{ { .kind = GX_OP_QUERY, .priority = GX_PRIORITY_SOCIAL }, GX_PRIORITY_SYNC },
		{ { .kind = GX_OP_COMMAND, .priority = GX_PRIORITY_SOCIAL }, GX_PRIORITY_SOCIAL },
		{ { .kind = GX_OP_QUERY, .priority = GX_PRIORITY_SIGN_IN }, GX_PRIORITY_SIGN_IN },
		{ { .kind = GX_OP_QUERY, .auth = GX_AUTH_OPERATOR, .priority = GX_PRIORITY_SOCIAL },
		  GX_PRIORITY_STATISTICS },
		{ { .kind = GX_OP_COMMAND,
		    .auth = GX_AUTH_OPERATOR,
		    .priority = GX_PRIORITY_SOCIAL },
		  GX_PRIORITY_SOCIAL },
	};

	for (size_t i = 0; i < GX_COUNT(cases); i++)
		assert_int_equal(core_admission_class(&cases[i].route), cases[i].class);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_is_refused_without_waiting),
		cmocka_unit_test(test_goodput_holds_at_three_times_the_capacity),
		cmocka_unit_test(test_least_important_goes_first),
		cmocka_unit_test(test_flood_of_one_account_harms_nobody_else),
		cmocka_unit_test(test_unequal_wishes_get_equal_shares),
		cmocka_unit_test(test_many_accounts_with_less_than_a_call_each),
		cmocka_unit_test(test_recovers_within_a_second),
		cmocka_unit_test(test_one_stall_costs_chat_nothing),
		cmocka_unit_test(test_a_few_that_waited_are_no_queue),
		cmocka_unit_test(test_one_window_is_no_overload),
		cmocka_unit_test(test_class_of_a_route),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
