/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: a setting arrives from file or environment, and a mistake in either stops the start and
 * says where. Method: two tables that share a section; one row per file or variable. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { LISTEN, WORKERS, FORMAT, IS_FAST };
enum { PER_DAY };

static const char *const formats[] = { "text", "json", NULL };

struct fixture {
	struct gx_config config;
	struct gx_setting server[4];
	struct gx_setting limits[1];
	char path[64];
	struct gx_error err;
};

static struct fixture f;

static int setup(void **state)
{
	(void)state;
	f = (struct fixture){
		.server = {
			[LISTEN] = GX_SETTING_STR("server", "listen", "127.0.0.1:1", "Where."),
			[WORKERS] = GX_SETTING_INT("server", "workers", 0, 0, 64, "How many."),
			[FORMAT] = GX_SETTING_CHOICE("server", "log_format", 0, formats, "How."),
			[IS_FAST] = GX_SETTING_BOOL("server", "fast", 0, "Whether."),
		},
		.limits = { [PER_DAY] = GX_SETTING_INT("limits", "per_day", 5, 0, 99,
			"A help that is longer than one line of the manual may be, so that it has "
			"to be broken into two lines and perhaps even into a third one.") },
		.path = "/tmp/guanxi-config-XXXXXX",
	};
	gx_config_init(&f.config);
	gx_config_add(&f.config, f.server, GX_COUNT(f.server));
	gx_config_add(&f.config, f.limits, GX_COUNT(f.limits));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	(void)unlink(f.path);
	gx_config_deinit(&f.config);
	return 0;
}

static enum gx_status load(struct gx_str text)
{
	int fd = mkstemp(f.path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text.ptr, text.len), (ssize_t)text.len);
	close(fd);
	return gx_config_load_file(&f.config, f.path, &f.err);
}

static void test_file_sets_values(void **state)
{
	(void)state;
	assert_int_equal(load(GX_STR("# comment\n[server]\nlisten = [::1]:80\nworkers=3\n"
				     "log_format = json\nfast = yes\n[limits]\nper_day = 99\n")),
			 GX_OK);
	assert_string_equal(f.server[LISTEN].str, "[::1]:80");
	assert_int_equal(f.server[WORKERS].num, 3);
	assert_int_equal(f.server[FORMAT].num, 1);
	assert_int_equal(f.server[IS_FAST].num, 1);
	assert_int_equal(f.limits[PER_DAY].num, 99);
}

#define LONG50 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

static void test_bad_files_are_refused_with_their_line(void **state)
{
	static const struct {
		const char *text;
		const char *code;
		const char *line; /* as the complaint shows it */
	} cases[] = {
		{ "[server]\nnothing = 1\n", "config.unknown_key", ":2: " },
		{ "\n\nlisten = x\n", "config.unknown_key", ":3: " },
		{ "[limits]\nlisten = x\n", "config.unknown_key", ":2: " },
		{ "[server]\nworkers = 65\n", "config.invalid_value", ":2: " },
		{ "[server]\nworkers = -1\n", "config.invalid_value", ":2: " },
		{ "[server]\nworkers = 1x\n", "config.invalid_value", ":2: " },
		{ "[server]\nworkers =\n", "config.invalid_value", ":2: " },
		{ "[server]\nlog_format = xml\n", "config.invalid_value", ":2: " },
		{ "[server]\nfast = perhaps\n", "config.invalid_value", ":2: " },
		{ "[server]\nlisten = \xff\n", "config.invalid_value", ":2: " },
		{ "[server]\nlisten = a\n\nlisten = b\n", "config.repeated_key", ":4: " },
		{ "[server]\nlisten = a\n  b\n", "config.repeated_key", ":3: " },
		{ "[server]\nlisten\n", "config.syntax", ":2: " },
		{ "[server\nlisten = a\n", "config.syntax", ":1: " },
		{ "[server]\nlisten = " LONG50 LONG50 LONG50 LONG50 "\n", "config.long_line",
		  ":2: " },
		/* The first of several is told. */
		{ "[server]\nworkers = x\nnothing = 1\n", "config.invalid_value", ":2: " },
	};

	(void)state;
	for (size_t i = 0; i < GX_COUNT(cases); i++) {
		assert_int_equal(load(gx_str_from_cstr(cases[i].text)), GX_E_INVALID);
		assert_string_equal(f.err.code, cases[i].code);
		assert_non_null(strstr(f.err.detail.ptr, cases[i].line));
		teardown(NULL);
		setup(NULL);
	}
}

static void test_missing_file_is_refused(void **state)
{
	(void)state;
	assert_int_equal(gx_config_load_file(&f.config, "/nonexistent/x", &f.err), GX_E_INVALID);
	assert_string_equal(f.err.code, "config.unreadable");
}

static void test_environment_wins(void **state)
{
	const char *const env[] = { "HOME=/", "GUANXI_SERVER_LISTEN=0.0.0.0:80",
				    "GUANXI_LIMITS_PER_DAY=7", "GUANXI_DEBUG_CLOCK_FILE=/x", NULL };

	(void)state;
	assert_int_equal(load(GX_STR("[server]\nlisten = a\n")), GX_OK);
	assert_int_equal(gx_config_load_env(&f.config, env, &f.err), GX_OK);
	assert_string_equal(f.server[LISTEN].str, "0.0.0.0:80");
	assert_int_equal(f.limits[PER_DAY].num, 7);
}

static void test_bad_environment_is_refused(void **state)
{
	static const struct {
		const char *variable;
		const char *code;
	} cases[] = {
		{ "GUANXI_LIMITS_PER_DAY=100", "config.invalid_value" },
		{ "GUANXI_LIMITS_PER_YEAR=1", "config.unknown_key" },
	};

	(void)state;
	for (size_t i = 0; i < GX_COUNT(cases); i++) {
		const char *const env[] = { cases[i].variable, NULL };

		assert_int_equal(gx_config_load_env(&f.config, env, &f.err), GX_E_INVALID);
		assert_string_equal(f.err.code, cases[i].code);
	}
}

/* The manual names each setting once, and is itself a file that can be loaded: as it stands it
 * changes nothing, and without its semicolons it says the defaults. */
static void test_manual_can_be_loaded(void **state)
{
	struct gx_buf manual;
	size_t kept = 0;

	(void)state;
	gx_buf_init(&manual, 1 << 16);
	gx_config_print(&f.config, &manual);
	gx_buf_append_char(&manual, '\0');
	assert_non_null(strstr(manual.ptr, ";log_format = text\n"));
	assert_non_null(strstr(manual.ptr, "(0 to 99)"));
	for (size_t i = 0; i < manual.len; i++) {
		if (i == 0 || manual.ptr[i - 1] != '\n' || manual.ptr[i] != ';')
			manual.ptr[kept++] = manual.ptr[i];
	}
	assert_true(kept < manual.len);
	f.server[WORKERS].num = 9;
	assert_int_equal(load((struct gx_str){ manual.ptr, kept - 1 }), GX_OK);
	assert_int_equal(f.server[WORKERS].num, 0);
	assert_int_equal(f.limits[PER_DAY].num, 5);
	assert_string_equal(f.server[LISTEN].str, "127.0.0.1:1");
	gx_buf_deinit(&manual);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_file_sets_values, setup, teardown),
		cmocka_unit_test_setup_teardown(test_bad_files_are_refused_with_their_line, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_missing_file_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(test_environment_wins, setup, teardown),
		cmocka_unit_test_setup_teardown(test_bad_environment_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(test_manual_can_be_loaded, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
