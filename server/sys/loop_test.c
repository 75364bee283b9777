/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: descriptors and timers are called when they are ready, in order, and never after they were
 * removed.
 * Method: eventfds that are ready from the start; timers of a few milliseconds at most.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "loop.h"

struct probe {
	struct gx_watch watch;
	struct gx_timer timer;
	struct gx_loop *loop;
	struct probe *removes; /* taken out of the loop when this one is called */
	struct probe *disarms;
	unsigned calls;
	unsigned order;
	int rearms;
};

static unsigned calls_total;

static void on_ready(struct gx_watch *w, uint32_t events)
{
	struct probe *p = GX_CONTAINER_OF(w, struct probe, watch);

	assert_true((events & EPOLLIN) != 0);
	p->calls++;
	if (p->removes != NULL)
		gx_loop_remove(p->loop, &p->removes->watch);
	p->removes = NULL;
}

static void on_due(struct gx_timer *t)
{
	struct probe *p = GX_CONTAINER_OF(t, struct probe, timer);

	assert_int_equal(t->heap_index, 0);
	p->calls++;
	p->order = ++calls_total;
	if (p->disarms != NULL)
		gx_loop_disarm(p->loop, &p->disarms->timer);
	if (p->rearms-- > 0)
		gx_loop_arm(p->loop, t, 0);
}

static void probe_init(struct probe *p, struct gx_loop *l)
{
	*p = (struct probe){ .loop = l };
	p->watch.fd = eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK);
	p->watch.on_ready = on_ready;
	p->timer.on_due = on_due;
	assert_true(p->watch.fd >= 0);
}

static void test_watches(void **state)
{
	struct probe a, b;
	struct gx_loop l;

	assert_true(gx_loop_init(&l));
	probe_init(&a, &l);
	probe_init(&b, &l);
	assert_true(gx_loop_add(&l, &a.watch, EPOLLIN));
	assert_true(gx_loop_add(&l, &b.watch, EPOLLIN));
	assert_false(gx_loop_add(&l, &b.watch, EPOLLIN));
	gx_loop_turn(&l, 0);
	gx_loop_turn(&l, -1); /* level-triggered: still ready */
	assert_int_equal(a.calls, 2);
	assert_int_equal(b.calls, 2);
	gx_loop_modify(&l, &a.watch, 0);
	gx_loop_turn(&l, 0);
	assert_int_equal(a.calls, 2);
	assert_int_equal(b.calls, 3);
	gx_loop_remove(&l, &a.watch);
	gx_loop_remove(&l, &b.watch);
	gx_loop_turn(&l, 0);
	assert_int_equal(b.calls, 3);
	close(a.watch.fd);
	close(b.watch.fd);
	gx_loop_deinit(&l);
}

static void test_removed_while_pending(void **state)
{
	struct probe a, b;
	struct gx_loop l;

	assert_true(gx_loop_init(&l));
	probe_init(&a, &l);
	probe_init(&b, &l);
	/* Whichever is called first takes out the other, whose event is pending. */
	a.removes = &b;
	b.removes = &a;
	assert_true(gx_loop_add(&l, &a.watch, EPOLLIN));
	assert_true(gx_loop_add(&l, &b.watch, EPOLLIN));
	gx_loop_turn(&l, 0);
	assert_int_equal(a.calls + b.calls, 1);
	/* One may also take itself out. */
	if (a.calls == 1) {
		a.removes = &a;
		gx_loop_turn(&l, 0);
		assert_int_equal(a.calls, 2);
	} else {
		b.removes = &b;
		gx_loop_turn(&l, 0);
		assert_int_equal(b.calls, 2);
	}
	gx_loop_turn(&l, 0);
	assert_int_equal(a.calls + b.calls, 2);
	close(a.watch.fd);
	close(b.watch.fd);
	gx_loop_deinit(&l);
}

static void test_timers_in_order(void **state)
{
	enum { COUNT = 500 };
	static struct probe probes[COUNT];
	struct gx_loop l;
	uint64_t seed = 7;
	unsigned called = 0;

	assert_true(gx_loop_init(&l));
	calls_total = 0;
	for (size_t i = 0; i < COUNT; i++) {
		probes[i] = (struct probe){ .loop = &l, .timer.on_due = on_due };
		gx_loop_arm(&l, &probes[i].timer, 1000000);
	}
	/* Arm anew within a few milliseconds; take half of them out again. */
	for (size_t i = 0; i < COUNT; i++) {
		struct gx_timer *t = &probes[i].timer;

		seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
		gx_loop_arm(&l, t, (int64_t)(seed >> 60));
		if ((seed >> 59 & 1) != 0)
			gx_loop_disarm(&l, t);
	}
	gx_loop_disarm(&l, &probes[0].timer);
	gx_loop_disarm(&l, &probes[0].timer);
	while (l.heap_count > 0)
		gx_loop_turn(&l, -1);
	for (size_t i = 0; i < COUNT; i++)
		for (size_t j = 0; j < COUNT; j++)
			if (probes[i].calls != 0 && probes[j].calls != 0 &&
			    probes[i].timer.due_ns < probes[j].timer.due_ns)
				assert_true(probes[i].order < probes[j].order);
	for (size_t i = 0; i < COUNT; i++)
		called += probes[i].calls;
	assert_true(called > COUNT / 4 && called < COUNT);
	assert_int_equal(called, calls_total);
	gx_loop_deinit(&l);
}

static void test_timer_callbacks_change_timers(void **state)
{
	struct gx_loop l;
	struct probe a = { .loop = &l, .timer.on_due = on_due, .rearms = 2 };
	struct probe b = { .loop = &l, .timer.on_due = on_due };

	assert_true(gx_loop_init(&l));
	a.disarms = &b;
	gx_loop_arm(&l, &a.timer, 0);
	gx_loop_arm(&l, &b.timer, 0);
	/* What arms itself without delay waits for the next turn. */
	gx_loop_turn(&l, -1);
	assert_int_equal(a.calls, 1);
	assert_int_equal(b.calls, 0);
	gx_loop_turn(&l, -1);
	gx_loop_turn(&l, -1);
	assert_int_equal(a.calls, 3);
	gx_loop_turn(&l, 0);
	assert_int_equal(a.calls, 3);
	assert_int_equal(b.calls, 0);
	gx_loop_deinit(&l);
}

static void test_wait_ends_when_due(void **state)
{
	struct gx_loop l;
	struct probe a = { .loop = &l, .timer.on_due = on_due };
	uint64_t before_ns = gx_clock_mono_ns();

	assert_true(gx_loop_init(&l));
	gx_loop_arm(&l, &a.timer, 20);
	gx_loop_turn(&l, -1);
	assert_int_equal(a.calls, 1);
	assert_true(gx_clock_mono_ns() - before_ns >= UINT64_C(20000000));
	gx_loop_deinit(&l);
}

static void *wake(void *arg)
{
	gx_loop_wake(arg);
	return NULL;
}

static void test_wake(void **state)
{
	struct gx_loop l;
	pthread_t thread;

	assert_true(gx_loop_init(&l));
	assert_int_equal(pthread_create(&thread, NULL, wake, &l), 0);
	gx_loop_turn(&l, -1); /* would wait for ever */
	pthread_join(thread, NULL);
	/* Many wakes are one, and none stays behind. */
	gx_loop_wake(&l);
	gx_loop_wake(&l);
	gx_loop_turn(&l, -1);
	assert_int_equal(l.ready_count, 1);
	gx_loop_turn(&l, 0);
	assert_int_equal(l.ready_count, 0);
	gx_loop_deinit(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_watches),
		cmocka_unit_test(test_removed_while_pending),
		cmocka_unit_test(test_timers_in_order),
		cmocka_unit_test(test_timer_callbacks_change_timers),
		cmocka_unit_test(test_wait_ends_when_due),
		cmocka_unit_test(test_wake),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
