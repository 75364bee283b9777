/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: a walk meets each file once and nothing strange; clearing takes away all below and nothing
 * else. Method: small trees in a temporary folder. */
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

struct found {
	unsigned count, enough;
	bool has_inner;
};

static enum gx_status note(void *arg, const char *path, struct gx_error *e)
{
	struct found *found = arg;

	found->count++;
	if (strcmp(path, "ab/abcd") == 0)
		found->has_inner = true;
	return found->count == found->enough ? gx_fail(e, GX_E_INTERNAL, "test.enough") : GX_OK;
}

static void test_walks_all(void **state)
{
	struct found found = { 0 };

	(void)state;
	assert_int_equal(gx_folder_walk(&arena, path_of("from"), note, &found, &err), GX_OK);
	assert_int_equal(found.count, 2);
	assert_true(found.has_inner);
	assert_int_equal(gx_folder_sync(&arena, path_of("from"), &err), GX_OK);
}

static void test_walk_ends_where_it_is_told(void **state)
{
	struct found found = { .enough = 1 };

	(void)state;
	assert_int_equal(gx_folder_walk(&arena, path_of("from"), note, &found, &err),
			 GX_E_INTERNAL);
	assert_string_equal(err.code, "test.enough");
	assert_int_equal(found.count, 1);
}

static void test_missing_has_no_files(void **state)
{
	struct found found = { 0 };

	(void)state;
	assert_int_equal(gx_folder_walk(&arena, path_of("none"), note, &found, &err), GX_OK);
	assert_int_equal(found.count, 0);
}

static void test_strange_things_are_refused(void **state)
{
	struct found found = { 0 };

	(void)state;
	assert_int_equal(symlink("/etc/passwd", path_of("from/link")), 0);
	assert_int_not_equal(gx_folder_walk(&arena, path_of("from"), note, &found, &err), GX_OK);
	assert_string_equal(err.code, "app.folder");
}

/* What a link leads to stays. */
static void test_clear(void **state)
{
	(void)state;
	assert_int_equal(mkdir(path_of("other"), 0755), 0);
	write_file(path_of("other/kept"), "");
	assert_int_equal(symlink(path_of("other"), path_of("from/link")), 0);
	gx_folder_clear(path_of("from"));
	assert_int_equal(gx_folder_make_empty(&arena, path_of("from"), &err), GX_OK);
	assert_int_equal(access(path_of("other/kept"), F_OK), 0);
	gx_folder_clear(path_of("none"));
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
		cmocka_unit_test_setup_teardown(test_walks_all, setup, teardown),
		cmocka_unit_test_setup_teardown(test_walk_ends_where_it_is_told, setup, teardown),
		cmocka_unit_test_setup_teardown(test_missing_has_no_files, setup, teardown),
		cmocka_unit_test_setup_teardown(test_clear, setup, teardown),
		cmocka_unit_test_setup_teardown(test_strange_things_are_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(test_make_empty, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
