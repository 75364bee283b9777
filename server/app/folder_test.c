/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: a copy has every byte of every file, overwrites nothing and takes nothing strange along.
 * Method: small trees in a temporary folder; /dev/shm plays the other file system. */
#include "folder.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static struct gx_arena arena;
static struct gx_error err;
static char root[32];

static const char *path_of(const char *name)
{
	return gx_arena_printf(&arena, "%s/%s", root, name).ptr;
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

static void assert_file(const char *path, const char *want)
{
	char text[64] = "";
	struct stat st;
	int fd = open(path, O_RDONLY);

	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_true(read(fd, text, sizeof(text) - 1) >= 0);
	assert_string_equal(text, want);
	close(fd);
}

static int setup(void **state)
{
	(void)state;
	gx_arena_init(&arena);
	(void)snprintf(root, sizeof(root), "/tmp/guanxi-folder-XXXXXX");
	assert_non_null(mkdtemp(root));
	assert_int_equal(mkdir(path_of("from"), 0755), 0);
	assert_int_equal(mkdir(path_of("from/ab"), 0755), 0);
	write_file(path_of("from/ab/abcd"), "blob");
	write_file(path_of("from/empty"), "");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	assert_int_equal(system(gx_arena_printf(&arena, "rm -rf '%s'", root).ptr), 0);
	gx_arena_deinit(&arena);
	return 0;
}

static void assert_copied(const char *to)
{
	uint64_t count = 0;

	assert_int_equal(gx_folder_copy(&arena, path_of("from"), to, &count, &err), GX_OK);
	assert_int_equal(count, 2);
	assert_file(gx_arena_printf(&arena, "%s/ab/abcd", to).ptr, "blob");
	assert_file(gx_arena_printf(&arena, "%s/empty", to).ptr, "");
	assert_int_equal(gx_folder_sync(&arena, to, &err), GX_OK);
}

static void test_copies_all(void **state)
{
	(void)state;
	assert_copied(path_of("to"));
}

static void test_copies_to_another_file_system(void **state)
{
	char shm[] = "/dev/shm/guanxi-folder-XXXXXX";

	(void)state;
	assert_non_null(mkdtemp(shm));
	assert_copied(gx_arena_printf(&arena, "%s/to", shm).ptr);
	assert_int_equal(system(gx_arena_printf(&arena, "rm -rf '%s'", shm).ptr), 0);
}

static void test_overwrites_nothing(void **state)
{
	uint64_t count = 0;

	(void)state;
	assert_copied(path_of("to"));
	assert_int_not_equal(gx_folder_copy(&arena, path_of("from"), path_of("to"), &count, &err),
			     GX_OK);
	assert_int_not_equal(gx_folder_copy(&arena, path_of("from/empty"), path_of("to/ab/abcd"),
					    &count, &err),
			     GX_OK);
	assert_file(path_of("to/ab/abcd"), "blob");
}

static void test_missing_is_nothing_to_copy(void **state)
{
	uint64_t count = 0;

	(void)state;
	assert_int_equal(gx_folder_copy(&arena, path_of("none"), path_of("to"), &count, &err),
			 GX_OK);
	assert_int_equal(count, 0);
	assert_int_not_equal(access(path_of("to"), F_OK), 0);
}

static void test_strange_things_are_refused(void **state)
{
	uint64_t count = 0;

	(void)state;
	assert_int_equal(symlink("/etc/passwd", path_of("from/link")), 0);
	assert_int_not_equal(gx_folder_copy(&arena, path_of("from"), path_of("to"), &count, &err),
			     GX_OK);
	assert_string_equal(err.code, "app.folder");
	assert_int_not_equal(access(path_of("to/link"), F_OK), 0);
}

static void test_make_empty(void **state)
{
	(void)state;
	assert_int_equal(gx_folder_make_empty(&arena, path_of("new"), &err), GX_OK);
	assert_int_equal(gx_folder_make_empty(&arena, path_of("new"), &err), GX_OK);
	assert_int_not_equal(gx_folder_make_empty(&arena, path_of("from"), &err), GX_OK);
	assert_int_not_equal(gx_folder_make_empty(&arena, path_of("from/empty"), &err), GX_OK);
	assert_int_not_equal(gx_folder_make_empty(&arena, path_of("a/b"), &err), GX_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_copies_all, setup, teardown),
		cmocka_unit_test_setup_teardown(test_copies_to_another_file_system, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_overwrites_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(test_missing_is_nothing_to_copy, setup, teardown),
		cmocka_unit_test_setup_teardown(test_strange_things_are_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(test_make_empty, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
