/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: a helper does each piece that is asked for exactly once, and its owner sees what it wrote.
 * Method: a plain counter that only the helper's thread changes, read after each gx_helper_take();
 * TSan looks on in the step `threads`.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sched.h>

#include "helper.h"

static void count(void *arg)
{
	++*(unsigned *)arg;
}

static void test_each_piece_once(void **state)
{
	unsigned pieces = 0;
	struct gx_helper *h = gx_helper_new("helper", count, &pieces);

	assert_non_null(h);
	assert_true(gx_helper_is_idle(h));
	assert_false(gx_helper_take(h));
	for (unsigned i = 1; i <= 1000; i++) {
		gx_helper_ask(h);
		assert_false(gx_helper_is_idle(h)); /* also when it is done and not taken */
		while (!gx_helper_take(h))
			sched_yield();
		assert_int_equal(pieces, i);
		assert_true(gx_helper_is_idle(h));
		assert_false(gx_helper_take(h));
	}
	gx_helper_free(h);
	assert_int_equal(pieces, 1000);
	gx_helper_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_piece_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
