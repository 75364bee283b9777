/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: a log line is one line, whatever its values contain.
 * Method: standard error is a pipe while a line is written; the time is checked for its shape only.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <unistd.h>

#include "death_test.h"
#include "log.h"
#include "log_capture.h"

/* The part behind the time, after checking that it is one. */
static const char *behind_time(const char *line)
{
	static const char shape[] = "dddd-dd-ddTdd:dd:dd.dddZ";

	for (size_t i = 0; shape[i] != '\0'; i++) {
		if (shape[i] == 'd')
			assert_in_range(line[i], '0', '9');
		else
			assert_int_equal(line[i], shape[i]);
	}
	return line + strlen(shape);
}

static void test_text(void **state)
{
	gx_log_setup(GX_LOG_INFO, false, "core");
	CAPTURE(gx_log(GX_LOG_INFO, "core.started"));
	assert_string_equal(behind_time(captured), " info core core.started\n");
	CAPTURE(gx_log(GX_LOG_DEBUG, "core.detail"));
	assert_string_equal(captured, "");
	CAPTURE(gx_log(GX_LOG_WARN, "a.b", GX_F_U64("u", UINT64_MAX), GX_F_I64("i", -5),
		       GX_F_STR("s", GX_STR("plain")), GX_F_CSTR("c", NULL)));
	assert_string_equal(behind_time(captured),
			    " warn core a.b u=18446744073709551615 i=-5 s=plain c=\"\"\n");
	CAPTURE(gx_log(GX_LOG_ERROR, "a.b", GX_F_STR("s", GX_STR("a b")),
		       GX_F_STR("t", GX_STR("x\ny\x1b\"\\=")),
		       GX_F_STR("u", GX_STR("\xe4\xbd\xa0")), GX_F_STR("v", GX_STR("\xff")),
		       GX_F_STR("w", GX_STR("\xc2\x9b"))));
	assert_string_equal(behind_time(captured),
			    " error core a.b s=\"a b\" t=\"x\\x0ay\\x1b\\\"\\\\=\" u=\xe4\xbd\xa0 "
			    "v=\"\\xff\" w=\"\\x9b\"\n");
}

static void test_json(void **state)
{
	static const char head[] = "{\"time\":\"";

	gx_log_setup(GX_LOG_DEBUG, true, "edge");
	CAPTURE(gx_log(GX_LOG_DEBUG, "a.b", GX_F_U64("u", 7u),
		       GX_F_STR("s", GX_STR("x\n\"\\\xff"))));
	assert_memory_equal(captured, head, sizeof(head) - 1);
	assert_string_equal(behind_time(captured + sizeof(head) - 1),
			    "\",\"level\":\"debug\",\"role\":\"edge\",\"event\":\"a.b\",\"u\":7,"
			    "\"s\":\"x\\u000a\\\"\\\\\\u00ff\"}\n");
}

static void test_long_values_are_cut(void **state)
{
	static char big[600];
	struct gx_log_field fields[40];
	size_t len;

	/* The cut at 256 bytes would fall into the character. */
	memset(big, 'x', sizeof(big));
	memcpy(big + 254, "\xe4\xbd\xa0", 3);
	gx_log_setup(GX_LOG_INFO, false, "core");
	CAPTURE(gx_log(GX_LOG_INFO, "a.b", GX_F_STR("s", ((struct gx_str){ big, 600 }))));
	len = strlen(captured);
	assert_string_equal(captured + len - 10, "xxxxx...\"\n");

	memset(big, '\1', sizeof(big));
	for (size_t i = 0; i < GX_COUNT(fields); i++)
		fields[i] = GX_F_STR("s", ((struct gx_str){ big, sizeof(big) }));
	CAPTURE(gx_log_fields(GX_LOG_INFO, "a.b", fields, GX_COUNT(fields)));
	len = strlen(captured);
	assert_true(len <= 4096);
	assert_string_equal(captured + len - 10, " cut=true\n");
	assert_ptr_equal(strchr(captured, '\n'), captured + len - 1);
}

static void break_an_assertion(void)
{
	GX_ASSERT(1 + 1 == 3);
}

static void keep_an_assertion(void)
{
	GX_ASSERT(1 + 1 == 2);
}

static void test_assertions_stop_the_process(void **state)
{
	assert_true(gx_test_aborts(break_an_assertion));
	assert_false(gx_test_aborts(keep_an_assertion));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_long_values_are_cut),
		cmocka_unit_test(test_assertions_stop_the_process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
