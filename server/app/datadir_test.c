/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: one server on a data folder, whatever is left of an earlier one, and nobody else looks in.
 * Method: a temporary folder; a forked child plays the edge that was forgotten. */
#include "datadir.h"

#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static struct gx_arena arena;
static struct gx_error err;
static char parent[] = "/tmp/guanxi-datadir-XXXXXX";
static const char *dir;

static void assert_private(void)
{
	struct stat st;

	assert_int_equal(stat(dir, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
}

static void test_folder_is_made_private(void **state)
{
	int fd;

	(void)state;
	assert_int_equal(gx_datadir_open(&arena, dir, 0, &fd, &err), GX_OK);
	assert_private();
	close(fd);
	assert_int_equal(chmod(dir, 0755), 0);
	assert_int_equal(gx_datadir_open(&arena, dir, 0, &fd, &err), GX_OK);
	assert_private();
	close(fd);
}

static void test_second_server_is_refused(void **state)
{
	char pid[32];
	int first, second;

	(void)state;
	(void)snprintf(pid, sizeof(pid), "(process %d)", (int)getpid());
	assert_int_equal(gx_datadir_open(&arena, dir, 0, &first, &err), GX_OK);
	assert_int_equal(gx_datadir_open(&arena, dir, 0, &second, &err), GX_E_CONFLICT);
	assert_string_equal(err.code, "app.data_dir_in_use");
	assert_non_null(strstr(err.detail.ptr, pid));
	close(first);
	assert_int_equal(gx_datadir_open(&arena, dir, 0, &second, &err), GX_OK);
	close(second);
}

/* The lock outlives the one who took it, as long as a child of his runs. */
static void test_forgotten_child_keeps_the_lock(void **state)
{
	int fd, again;
	pid_t child;

	(void)state;
	assert_int_equal(gx_datadir_open(&arena, dir, 0, &fd, &err), GX_OK);
	child = fork();
	if (child == 0) {
		(void)pause();
		_exit(0);
	}
	close(fd);
	assert_int_equal(gx_datadir_open(&arena, dir, 0, &again, &err), GX_E_CONFLICT);
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, NULL, 0), child);
	assert_int_equal(gx_datadir_open(&arena, dir, 0, &again, &err), GX_OK);
	close(again);
}

/* After kill -9 of all of them the last one is gone a moment later. */
static void test_lock_is_waited_for(void **state)
{
	int fd, again;
	pid_t child;

	(void)state;
	assert_int_equal(gx_datadir_open(&arena, dir, 0, &fd, &err), GX_OK);
	child = fork();
	if (child == 0) {
		(void)poll(NULL, 0, 200);
		_exit(0);
	}
	close(fd);
	assert_int_equal(gx_datadir_open(&arena, dir, 50, &again, &err), GX_E_CONFLICT);
	assert_int_equal(gx_datadir_open(&arena, dir, 5000, &again, &err), GX_OK);
	close(again);
	assert_int_equal(waitpid(child, NULL, 0), child);
}

static void test_bad_folders_are_refused(void **state)
{
	const char *cases[] = {
		"/nonexistent/data",
		"/dev/null",
		"",
	};
	int fd;

	(void)state;
	for (size_t i = 0; i < GX_COUNT(cases); i++) {
		assert_int_equal(gx_datadir_open(&arena, cases[i], 0, &fd, &err), GX_E_INVALID);
		assert_string_equal(err.code, "app.data_dir");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_folder_is_made_private),
		cmocka_unit_test(test_second_server_is_refused),
		cmocka_unit_test(test_forgotten_child_keeps_the_lock),
		cmocka_unit_test(test_lock_is_waited_for),
		cmocka_unit_test(test_bad_folders_are_refused),
	};
	int failed;

	gx_arena_init(&arena);
	if (mkdtemp(parent) == NULL)
		return 1;
	dir = gx_arena_printf(&arena, "%s/data", parent).ptr;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	(void)unlink(gx_arena_printf(&arena, "%s/lock", dir).ptr);
	(void)rmdir(dir);
	(void)rmdir(parent);
	gx_arena_deinit(&arena);
	return failed;
}
