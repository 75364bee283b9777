/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: the time of day follows the offset, the steady clock doesn't.
 * Method: a mapped file in a temporary folder, changed while it is mapped.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "clock.h"

static void write_offset(int fd, int64_t ms)
{
	uint64_t bytes = htole64((uint64_t)ms);

	assert_int_equal(pwrite(fd, &bytes, sizeof(bytes), 0), sizeof(bytes));
}

static void check_near(int64_t got_ms, int64_t want_ms)
{
	/* A minute's grace: only offsets of days matter here. */
	assert_in_range((uint64_t)(got_ms - want_ms + GX_MINUTE_MS), 0, 2 * GX_MINUTE_MS);
}

static void test_offset(void **state)
{
	char path[] = "/tmp/gx-clock-XXXXXX";
	int fd = mkstemp(path);
	int64_t start_ms = gx_clock_now_ms();

	assert_true(fd >= 0);
	assert_true(start_ms > INT64_C(1700000000000));
	assert_false(gx_clock_map_offset("/nonexistent/offset"));
	assert_int_equal(write(fd, "1234567", 7), 7);
	assert_false(gx_clock_map_offset(path));
	write_offset(fd, 7 * GX_DAY_MS);
	assert_true(gx_clock_map_offset(path));
	check_near(gx_clock_now_ms(), start_ms + 7 * GX_DAY_MS);
	write_offset(fd, -3 * GX_DAY_MS);
	check_near(gx_clock_now_ms(), start_ms - 3 * GX_DAY_MS);
	gx_clock_advance_ms(GX_DAY_MS);
	gx_clock_advance_ms(GX_DAY_MS);
	check_near(gx_clock_now_ms(), start_ms - GX_DAY_MS);
	close(fd);
	unlink(path);
}

static void test_mono(void **state)
{
	uint64_t before_ns = gx_clock_mono_ns();

	gx_clock_advance_ms(GX_DAY_MS);
	assert_in_range(gx_clock_mono_ns() - before_ns, 0, UINT64_C(60000000000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_offset),
		cmocka_unit_test(test_mono),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
