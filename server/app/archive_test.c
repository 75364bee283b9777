/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: what was put in comes out, tar reads it, and a file is there whole or not at all.
 * Method: archives in a temporary folder, cut short and spoilt byte by byte. */
#include "archive.h"

#include <dirent.h>
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
static char root[64];

static const char *path_of(const char *name)
{
	return gx_arena_printf(&arena, "%s/%s", root, name).ptr;
}

static int setup(void **state)
{
	(void)state;
	gx_arena_init(&arena);
	(void)snprintf(root, sizeof(root), "/tmp/guanxi-archive-XXXXXX");
	assert_non_null(mkdtemp(root));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	assert_int_equal(system(gx_arena_printf(&arena, "rm -rf '%s'", root).ptr), 0);
	gx_arena_deinit(&arena);
	return 0;
}

static unsigned count_files(void)
{
	DIR *dir = opendir(root);
	unsigned count = 0;

	assert_non_null(dir);
	for (struct dirent *e; (e = readdir(dir)) != NULL;)
		count += e->d_name[0] != '.';
	closedir(dir);
	return count;
}

static void add(struct gx_archive *ar, const char *name, const char *text)
{
	size_t len = strlen(text);

	assert_int_equal(pwrite(ar->fd, text, len, (off_t)gx_archive_base(ar)), len);
	assert_int_equal(gx_archive_add(ar, name, len, &err), GX_OK);
}

static const char *make(const char *name)
{
	const char *path = path_of(name);
	struct gx_archive ar;

	assert_int_equal(gx_archive_create(&ar, &arena, path, &err), GX_OK);
	add(&ar, "first", "one");
	add(&ar, "empty", "");
	add(&ar, "blobs/ab/cd/last", "three");
	assert_int_equal(gx_archive_finish(&ar, &err), GX_OK);
	return path;
}

/* How many entries come out before the end mark; -1 when it is refused. */
static int count_entries(const char *path)
{
	struct gx_archive ar;
	struct gx_archive_entry e;
	bool found = true;
	int count = 0;

	assert_int_equal(gx_archive_open(&ar, &arena, path, &err), GX_OK);
	while (found && count >= 0) {
		if (gx_archive_next(&ar, &e, &found, &err) != GX_OK)
			count = -1;
		else if (found)
			count++;
		if (count < 0)
			break;
	}
	gx_archive_abandon(&ar);
	return count;
}

static void test_round_trip(void **state)
{
	struct gx_archive ar;
	struct gx_archive_entry e;
	bool found;
	char text[8] = "";

	(void)state;
	assert_int_equal(gx_archive_open(&ar, &arena, make("a"), &err), GX_OK);
	assert_int_equal(gx_archive_next(&ar, &e, &found, &err), GX_OK);
	assert_string_equal(e.name, "first");
	assert_int_equal(e.size, 3);
	assert_int_equal(pread(ar.fd, text, 3, (off_t)e.base), 3);
	assert_string_equal(text, "one");
	gx_archive_abandon(&ar);
	assert_int_equal(count_entries(path_of("a")), 3);
	assert_int_equal(access(path_of("a"), F_OK), 0);
}

static void test_tar_reads_it(void **state)
{
	(void)state;
	(void)make("a");
	assert_int_equal(system(gx_arena_printf(&arena,
						"cd '%s' && tar xf a && [ $(cat first) = one ] && "
						"[ $(cat blobs/ab/cd/last) = three ] && "
						"[ $(tar tf a | wc -l) = 3 ]",
						root)
					.ptr),
			 0);
}

static void test_nothing_is_overwritten(void **state)
{
	const char *path = make("a");
	struct gx_archive ar;
	struct stat before, after;

	(void)state;
	assert_int_equal(stat(path, &before), 0);
	assert_int_equal(gx_archive_create(&ar, &arena, path, &err), GX_E_CONFLICT);
	/* Nor what came into being meanwhile. */
	assert_int_equal(gx_archive_create(&ar, &arena, path_of("b"), &err), GX_OK);
	assert_int_equal(rename(path, path_of("b")), 0);
	assert_int_equal(gx_archive_finish(&ar, &err), GX_E_CONFLICT);
	assert_int_equal(stat(path_of("b"), &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);
	assert_int_equal(count_files(), 1);
}

static void test_what_is_abandoned_was_never_there(void **state)
{
	struct gx_archive ar;

	(void)state;
	assert_int_equal(gx_archive_create(&ar, &arena, path_of("a"), &err), GX_OK);
	add(&ar, "first", "one");
	assert_int_equal(count_files(), 0);
	gx_archive_abandon(&ar);
	assert_int_equal(count_files(), 0);
	assert_int_not_equal(gx_archive_create(&ar, &arena, "/nonexistent/a", &err), GX_OK);
}

static void test_every_cut_is_noticed(void **state)
{
	const char *path = make("a");
	struct stat about;

	(void)state;
	assert_int_equal(stat(path, &about), 0);
	/* Without the second block of the end mark it is still whole. */
	for (off_t size = about.st_size - (off_t)GX_ARCHIVE_BLOCK - 1; size >= 0; size -= 97) {
		assert_int_equal(truncate(path, size), 0);
		assert_int_equal(count_entries(path), -1);
	}
}

static void test_every_spoilt_header_is_noticed(void **state)
{
	const char *path = make("a");
	int fd = open(path, O_RDWR);

	(void)state;
	assert_true(fd >= 0);
	for (off_t at = 0; at < GX_ARCHIVE_BLOCK; at++) {
		unsigned char byte, other;

		assert_int_equal(pread(fd, &byte, 1, at), 1);
		other = byte ^ 0x10;
		assert_int_equal(pwrite(fd, &other, 1, at), 1);
		/* Behind the digits of the sum nothing counts. */
		if (at < 154 || at > 155)
			assert_int_equal(count_entries(path), -1);
		assert_int_equal(pwrite(fd, &byte, 1, at), 1);
	}
	close(fd);
	assert_int_equal(count_entries(path), 3);
}

/* 9 GiB of nothing: the size does not fit into its digits any more. */
static void test_large_entries(void **state)
{
	const uint64_t size = UINT64_C(9) << 30;
	struct gx_archive ar;
	struct gx_archive_entry e;
	bool found;

	(void)state;
	assert_int_equal(gx_archive_create(&ar, &arena, path_of("a"), &err), GX_OK);
	assert_int_equal(ftruncate(ar.fd, (off_t)(gx_archive_base(&ar) + size)), 0);
	assert_int_equal(gx_archive_add(&ar, "large", size, &err), GX_OK);
	add(&ar, "last", "x");
	assert_int_equal(gx_archive_finish(&ar, &err), GX_OK);
	assert_int_equal(gx_archive_open(&ar, &arena, path_of("a"), &err), GX_OK);
	assert_int_equal(gx_archive_next(&ar, &e, &found, &err), GX_OK);
	assert_true(e.size == size);
	assert_int_equal(gx_archive_next(&ar, &e, &found, &err), GX_OK);
	assert_string_equal(e.name, "last");
	gx_archive_abandon(&ar);
	assert_int_equal(
		system(gx_arena_printf(&arena, "tar tvf '%s/a' | grep -q 9663676416", root).ptr),
		0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_round_trip, setup, teardown),
		cmocka_unit_test_setup_teardown(test_tar_reads_it, setup, teardown),
		cmocka_unit_test_setup_teardown(test_nothing_is_overwritten, setup, teardown),
		cmocka_unit_test_setup_teardown(test_what_is_abandoned_was_never_there, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_every_cut_is_noticed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_every_spoilt_header_is_noticed, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_large_entries, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
