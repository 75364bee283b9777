/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: an arena's memory is zeroed, aligned, apart from its neighbours, and bounded.
 * Method: fill what was handed out, look again after more allocations and after a reset.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdalign.h>
#include <string.h>

#include "arena.h"
#include "death_test.h"

static bool is_zeroed(const unsigned char *p, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (p[i] != 0)
			return false;
	return true;
}

static void test_alloc(void **state)
{
	static const size_t sizes[] = { 1, 0, 7, 16, 4000, 20000, 65536, 300000, 3, 16384, 16385 };
	unsigned char *got[GX_COUNT(sizes)];
	struct gx_arena a;

	gx_arena_init(&a);
	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i < GX_COUNT(sizes); i++) {
			got[i] = gx_arena_alloc(&a, sizes[i]);
			assert_int_equal((uintptr_t)got[i] % alignof(max_align_t), 0);
			assert_true(is_zeroed(got[i], sizes[i]));
			if (sizes[i] > 0)
				memset(got[i], (int)i + 1, sizes[i]);
		}
		for (size_t i = 0; i < GX_COUNT(sizes); i++)
			for (size_t j = 0; j < sizes[i]; j++)
				assert_int_equal(got[i][j], i + 1);
		gx_arena_reset(&a);
		assert_int_equal(a.bytes_used, 0);
	}
	gx_arena_deinit(&a);
}

/* An empty list is asked of a fresh arena before anything else is. */
static void test_nothing(void **state)
{
	struct gx_arena a;

	gx_arena_init(&a);
	(void)gx_arena_alloc(&a, 0);
	(void)gx_arena_alloc_array(&a, 0, 8);
	(void)gx_arena_strdup(&a, GX_STR_NULL);
	gx_arena_deinit(&a);
}

static void test_text(void **state)
{
	struct gx_arena a;
	struct gx_str s;

	gx_arena_init(&a);
	s = gx_arena_strdup(&a, (struct gx_str){ "hello world", 5 });
	assert_int_equal(s.len, 5);
	assert_string_equal(s.ptr, "hello");
	s = gx_arena_strdup(&a, GX_STR_NULL);
	assert_int_equal(s.len, 0);
	assert_string_equal(s.ptr, "");
	s = gx_arena_printf(&a, "%d-%s", 42, "x");
	assert_int_equal(s.len, 4);
	assert_string_equal(s.ptr, "42-x");
	gx_arena_deinit(&a);
}

static void test_reset_keeps_one_chunk(void **state)
{
	struct gx_arena a;

	gx_arena_init(&a);
	for (int i = 0; i < 100; i++)
		gx_arena_alloc(&a, 10000);
	gx_arena_reset(&a);
	/* Under ASan none is kept; else exactly the one that the next allocation is cut from. */
	if (a.chunks != NULL) {
		char *p = gx_arena_alloc(&a, 100);

		assert_true(p + 112 == a.next);
	}
	gx_arena_deinit(&a);
	assert_null(a.chunks);
}

static void pass_the_maximum(void)
{
	struct gx_arena a;

	gx_arena_init(&a);
	a.bytes_max = 1000;
	gx_arena_alloc(&a, 600);
	gx_arena_alloc(&a, 600);
}

static void overflow_the_product(void)
{
	struct gx_arena a;

	gx_arena_init(&a);
	gx_arena_alloc_array(&a, SIZE_MAX / 2, 3);
}

static void overflow_the_rounding(void)
{
	struct gx_arena a;

	gx_arena_init(&a);
	gx_arena_alloc(&a, SIZE_MAX - 3);
}

static void test_bounds(void **state)
{
	assert_true(gx_test_aborts(pass_the_maximum));
	assert_true(gx_test_aborts(overflow_the_product));
	assert_true(gx_test_aborts(overflow_the_rounding));
}

static void test_heap(void **state)
{
	unsigned char *p = gx_heap_alloc(100), *none = gx_heap_alloc_array(0, 8);

	assert_true(is_zeroed(p, 100));
	memset(p, 9, 100);
	p = gx_heap_resize(p, 50, 4);
	assert_int_equal(p[99], 9);
	assert_non_null(none);
	gx_heap_free(p);
	gx_heap_free(none);
	gx_heap_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_alloc),  cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_text),   cmocka_unit_test(test_reset_keeps_one_chunk),
		cmocka_unit_test(test_bounds), cmocka_unit_test(test_heap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
