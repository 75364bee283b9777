/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: the table answers like a plain array of all keys would.
 * Method: a long pseudo-random run of puts and removes over few keys, compared with such an array.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "table.h"

#define KEYS 500u

static uint64_t next_random(uint64_t *seed)
{
	*seed = *seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return *seed >> 33;
}

static void check_same(const struct gx_table *t, char **model)
{
	size_t at = 0, seen = 0, count = 0;
	uint64_t key = 0;
	void *value;

	while ((value = gx_table_next(t, &at, &key)) != NULL) {
		assert_ptr_equal(model[key], value);
		seen++;
	}
	for (uint64_t k = 1; k < KEYS; k++) {
		assert_ptr_equal(gx_table_get(t, k), model[k]);
		count += model[k] != NULL;
	}
	assert_int_equal(seen, count);
	assert_int_equal(t->count, count);
}

static void test_against_model(void **state)
{
	static char values[16], *model[KEYS];
	uint64_t seed = 1;
	struct gx_table t;

	gx_table_init(&t);
	for (unsigned step = 0; step < 40000; step++) {
		uint64_t key = next_random(&seed) % (KEYS - 1) + 1;
		/* The bias changes, so that the table fills up and empties again. */
		bool is_put = next_random(&seed) % 8 < (step / 5000 % 2 == 0 ? 6 : 2);

		if (is_put) {
			model[key] = &values[next_random(&seed) % 16];
			gx_table_put(&t, key, model[key]);
		} else {
			assert_ptr_equal(gx_table_remove(&t, key), model[key]);
			model[key] = NULL;
		}
		if (step % 100 == 0)
			check_same(&t, model);
	}
	check_same(&t, model);
	gx_table_deinit(&t);
}

static void test_empty(void **state)
{
	struct gx_table t;
	size_t at = 0;

	gx_table_init(&t);
	assert_null(gx_table_get(&t, 1));
	assert_null(gx_table_remove(&t, 1));
	assert_null(gx_table_next(&t, &at, NULL));
	gx_table_put(&t, UINT64_MAX, &t);
	assert_null(gx_table_get(&t, 0));
	assert_null(gx_table_remove(&t, 0));
	assert_ptr_equal(gx_table_get(&t, UINT64_MAX), &t);
	assert_ptr_equal(gx_table_remove(&t, UINT64_MAX), &t);
	assert_null(gx_table_remove(&t, UINT64_MAX));
	gx_table_deinit(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_against_model),
		cmocka_unit_test(test_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
