/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: each accepted job runs once on a helper thread and returns once to the loop's; the queue
 * has its bound; ending the pool finishes what it accepted. Method: jobs that count, and jobs that
 * wait on a semaphore so that the queue fills up. Also run under TSan (suite "threads").
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <semaphore.h>
#include <stdatomic.h>

#include "pool.h"

struct test_job {
	struct gx_job job;
	unsigned value; /* written by run, read by on_done */
	pthread_t ran_on;
	unsigned done_calls;
	sem_t *waits_for;
	unsigned *state_uses;
};

static pthread_t loop_thread;
static unsigned done_total;
static atomic_uint states_made, states_freed;

static void run(struct gx_job *job, void *thread_state)
{
	struct test_job *t = GX_CONTAINER_OF(job, struct test_job, job);

	while (t->waits_for != NULL && sem_wait(t->waits_for) != 0)
		;
	t->value++;
	t->ran_on = pthread_self();
	if (thread_state != NULL)
		++*(unsigned *)thread_state;
	t->state_uses = thread_state;
}

static void on_done(struct gx_job *job)
{
	struct test_job *t = GX_CONTAINER_OF(job, struct test_job, job);

	assert_true(pthread_equal(pthread_self(), loop_thread));
	assert_false(pthread_equal(t->ran_on, loop_thread));
	assert_int_equal(t->value, 1);
	t->done_calls++;
	done_total++;
}

static void *state_new(void *arg)
{
	atomic_fetch_add(&states_made, 1);
	assert_string_equal(arg, "arg");
	return gx_heap_alloc(sizeof(unsigned));
}

static void state_free(void *state)
{
	atomic_fetch_add(&states_freed, 1);
	gx_heap_free(state);
}

static void job_init(struct test_job *t, sem_t *waits_for)
{
	*t = (struct test_job){ .job = { .run = run, .on_done = on_done }, .waits_for = waits_for };
}

static void test_many_jobs(void **state)
{
	enum { COUNT = 5000 };
	static struct test_job jobs[COUNT];
	static char arg[] = "arg";
	const struct gx_pool_config config = { .name = "test",
					       .threads = 4,
					       .queue_max = 64,
					       .state_new = state_new,
					       .state_free = state_free,
					       .state_arg = arg };
	struct gx_loop l;
	struct gx_pool *p;

	loop_thread = pthread_self();
	done_total = 0;
	assert_true(gx_loop_init(&l));
	p = gx_pool_new(&l, &config);
	assert_non_null(p);
	for (size_t i = 0; i < COUNT; i++) {
		job_init(&jobs[i], NULL);
		while (!gx_pool_submit(p, &jobs[i].job))
			gx_loop_turn(&l, -1);
	}
	while (gx_pool_busy(p) > 0)
		gx_loop_turn(&l, -1);
	for (size_t i = 0; i < COUNT; i++) {
		assert_int_equal(jobs[i].done_calls, 1);
		assert_non_null(jobs[i].state_uses);
	}
	gx_pool_free(p);
	gx_loop_deinit(&l);
	assert_int_equal(atomic_load(&states_made), 4);
	assert_int_equal(atomic_load(&states_freed), 4);
}

static void test_queue_is_bounded(void **state)
{
	const struct gx_pool_config config = { .name = "test", .threads = 1, .queue_max = 3 };
	struct test_job jobs[8];
	struct gx_loop l;
	struct gx_pool *p;
	unsigned accepted = 0;
	sem_t gate;

	loop_thread = pthread_self();
	done_total = 0;
	assert_int_equal(sem_init(&gate, 0, 0), 0);
	assert_true(gx_loop_init(&l));
	p = gx_pool_new(&l, &config);
	for (size_t i = 0; i < GX_COUNT(jobs); i++) {
		job_init(&jobs[i], &gate);
		accepted += gx_pool_submit(p, &jobs[i].job);
	}
	/* Three wait and perhaps one runs already. */
	assert_in_range(accepted, 3, 4);
	assert_int_equal(gx_pool_busy(p), accepted);
	assert_int_equal(done_total, 0);
	for (unsigned i = 0; i < accepted; i++)
		sem_post(&gate);
	while (done_total < accepted)
		gx_loop_turn(&l, -1);
	assert_int_equal(gx_pool_busy(p), 0);
	gx_pool_free(p);
	gx_loop_deinit(&l);
	sem_destroy(&gate);
}

static void test_free_finishes_jobs(void **state)
{
	const struct gx_pool_config config = { .name = "test", .threads = 2, .queue_max = 100 };
	struct test_job jobs[100];
	struct gx_loop l;
	struct gx_pool *p;

	loop_thread = pthread_self();
	done_total = 0;
	assert_true(gx_loop_init(&l));
	p = gx_pool_new(&l, &config);
	for (size_t i = 0; i < GX_COUNT(jobs); i++) {
		job_init(&jobs[i], NULL);
		assert_true(gx_pool_submit(p, &jobs[i].job));
	}
	gx_pool_free(p);
	assert_int_equal(done_total, GX_COUNT(jobs));
	gx_pool_free(NULL);
	gx_loop_turn(&l, 0);
	gx_loop_deinit(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_many_jobs),
		cmocka_unit_test(test_queue_is_bounded),
		cmocka_unit_test(test_free_finishes_jobs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
