/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: a copy taken beside a working server is whole and consistent, and damage is found.
 * Method: a database of the test room, with its writer open; bytes of a file overwritten. */
#include "db_tools.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "db_testing.h"

static struct house house;

static int setup(void **state)
{
	struct gx_tx tx;

	(void)state;
	house_make(&house);
	house_open(&house);
	assert_int_equal(gx_tx_begin(house.writer, &tx, &house.err), GX_OK);
	for (uint64_t id = 1; id <= 500; id++)
		assert_int_equal(house_insert(&house, &tx, id, GX_STR("a wish")), GX_OK);
	assert_int_equal(gx_tx_commit(&tx, &house.err), GX_OK);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	house_close(&house);
	house_remove(&house);
	return 0;
}

static struct gx_str path_of(const char *name)
{
	return gx_arena_printf(&house.arena, "%s/%s", house.folder, name);
}

static size_t complaints_about(const char *path)
{
	struct gx_buf b;
	size_t len;

	gx_buf_init(&b, 65536);
	assert_int_equal(gx_db_file_check(path, &b, &house.err), GX_OK);
	len = b.len;
	gx_buf_deinit(&b);
	return len;
}

/* The copy has what was committed, not what is under way. */
static void test_copy_beside_a_writer(void **state)
{
	const char *copy = path_of("copy.db").ptr;
	struct house other = house;
	struct stat st;
	struct gx_tx tx;

	(void)state;
	assert_int_equal(gx_tx_begin(house.writer, &tx, &house.err), GX_OK);
	assert_int_equal(house_insert(&house, &tx, 501, GX_STR("not yet")), GX_OK);
	assert_int_equal(gx_db_file_copy(house.path, copy, &house.err), GX_OK);
	gx_tx_rollback(&tx);
	assert_int_equal(stat(copy, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(complaints_about(copy), 0);

	(void)snprintf(other.path, sizeof(other.path), "%s", copy);
	house_open(&other);
	assert_int_equal(gx_tx_begin(other.writer, &tx, &other.err), GX_OK);
	assert_int_equal(house_count(&other, &tx), 500);
	gx_tx_rollback(&tx);
	house_close(&other);
}

static void test_copy_overwrites_nothing(void **state)
{
	const char *copy = path_of("copy.db").ptr;
	struct stat before, after;

	(void)state;
	assert_int_equal(gx_db_file_copy(house.path, copy, &house.err), GX_OK);
	assert_int_equal(stat(copy, &before), 0);
	assert_int_not_equal(gx_db_file_copy(house.path, copy, &house.err), GX_OK);
	assert_int_equal(stat(copy, &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);
}

static void test_failed_copy_leaves_nothing(void **state)
{
	const char *copy = path_of("copy.db").ptr;

	(void)state;
	assert_int_not_equal(gx_db_file_copy("/nonexistent/x.db", copy, &house.err), GX_OK);
	assert_int_not_equal(access(copy, F_OK), 0);
}

static void test_damage_is_found(void **state)
{
	static const char noise[64] = "noise";
	const char *copy = path_of("copy.db").ptr;
	int fd;

	(void)state;
	assert_int_equal(gx_db_file_copy(house.path, copy, &house.err), GX_OK);
	fd = open(copy, O_WRONLY);
	/* Somewhere in the pages of the table's rows. */
	for (off_t at = 8192; at < 40960; at += 4096)
		assert_int_equal(pwrite(fd, noise, sizeof(noise), at), sizeof(noise));
	close(fd);
	assert_int_not_equal(complaints_about(copy), 0);
}

static void test_other_file_is_no_database(void **state)
{
	const char *path = path_of("other").ptr;
	int fd = open(path, O_WRONLY | O_CREAT, 0600);
	static const char text[4096] = "this is no database at all";

	(void)state;
	assert_int_equal(write(fd, text, sizeof(text)), sizeof(text));
	close(fd);
	assert_int_not_equal(complaints_about(path), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_copy_beside_a_writer, setup, teardown),
		cmocka_unit_test_setup_teardown(test_copy_overwrites_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(test_failed_copy_leaves_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(test_damage_is_found, setup, teardown),
		cmocka_unit_test_setup_teardown(test_other_file_is_no_database, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
