/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: a seed says everything: the same one leads to the same run, another one elsewhere.
 * Method: whole episodes in this process, one after the other, with deaths of the core in them; the
 * digest covers every byte that left the core.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim.h"

#define STEPS 6000

static uint64_t digest_of(uint64_t seed)
{
	(void)sim_run_episode(seed, STEPS);
	return sim_digest();
}

static void test_same_seed_same_run(void **state)
{
	for (uint64_t seed = 1; seed <= 4; seed++) {
		uint64_t first = digest_of(seed);

		assert_true(digest_of(seed + 100) != first);
		assert_true(digest_of(seed) == first);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same_seed_same_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
