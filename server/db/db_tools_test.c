/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: a copy taken beside a working server is whole and consistent, and damage is found.
 * Method: a database of the test room, with its writer open; bytes of a
 * file overwritten. */
#include "db_tools.h"

#include <fcntl.h>
#include <sys/sendfile.h>
#include <unistd.h>

#include "db_testing.h"

#define BASE_MAX 4096u

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

static size_t complaints_at(const struct gx_db_place *place)
{
	struct gx_buf b;
	size_t len;

	gx_buf_init(&b, 65536);
	assert_int_equal(gx_db_check(place, NULL, 0, &b, &house.err), GX_OK);
	len = b.len;
	gx_buf_deinit(&b);
	return len;
}

static void tell(void *arg, uint64_t done_bytes, uint64_t all_bytes)
{
	assert_true(done_bytes <= all_bytes);
	*(uint64_t *)arg = done_bytes;
}

/* A copy behind some other bytes of a new file. */
static struct gx_db_place copy_behind(size_t base)
{
	static const char other[BASE_MAX] = "other";
	struct gx_db_place place = { .base = base };
	uint64_t told = 0;

	place.fd = open(path_of("larger").ptr, O_RDWR | O_CREAT | O_TRUNC, 0600);
	assert_true(place.fd >= 0 && base <= sizeof(other));
	assert_int_equal(write(place.fd, other, base), base);
	assert_int_equal(gx_db_copy_into(house.path, place.fd, base,
					 &(struct gx_db_progress){ tell, &told }, &place.size,
					 &house.err),
			 GX_OK);
	assert_int_equal(told, place.size);
	return place;
}

/* The copy has what was committed, not what is under way; what stands before it stays. */
static void test_copy_beside_a_writer(void **state)
{
	const char *path = path_of("copy.db").ptr;
	struct house other = house;
	struct gx_db_place place;
	char before[6] = "";
	struct gx_tx tx;
	int fd;

	(void)state;
	assert_int_equal(gx_tx_begin(house.writer, &tx, &house.err), GX_OK);
	assert_int_equal(house_insert(&house, &tx, 501, GX_STR("not yet")), GX_OK);
	place = copy_behind(512);
	gx_tx_rollback(&tx);
	assert_int_equal(complaints_at(&place), 0);
	assert_int_equal(pread(place.fd, before, 5, 0), 5);
	assert_string_equal(before, "other");

	fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
	assert_int_equal(lseek(place.fd, 512, SEEK_SET), 512);
	assert_int_equal(sendfile(fd, place.fd, NULL, place.size), place.size);
	close(fd);
	close(place.fd);
	(void)snprintf(other.path, sizeof(other.path), "%s", path);
	house_open(&other);
	assert_int_equal(gx_tx_begin(other.writer, &tx, &other.err), GX_OK);
	assert_int_equal(house_count(&other, &tx), 500);
	gx_tx_rollback(&tx);
	house_close(&other);
}

static void test_copy_of_nothing_fails(void **state)
{
	uint64_t size;

	(void)state;
	assert_int_not_equal(gx_db_copy_into("/nonexistent/x.db", STDERR_FILENO, 0, NULL, &size,
					     &house.err),
			     GX_OK);
}

static void test_full_disk_says_so(void **state)
{
	int fd = open("/dev/full", O_RDWR);
	uint64_t size;

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(gx_db_copy_into(house.path, fd, 512, NULL, &size, &house.err),
			 GX_E_OVERLOADED);
	assert_string_equal(house.err.code, "core.storage_full");
	close(fd);
}

static void test_damage_is_found(void **state)
{
	static const char noise[64] = "noise";
	struct gx_db_place place = copy_behind(1024);

	(void)state;
	/* Somewhere in the pages of the table's rows. */
	for (off_t at = 8192; at < 40960; at += 4096)
		assert_int_equal(pwrite(place.fd, noise, sizeof(noise), 1024 + at), sizeof(noise));
	assert_int_not_equal(complaints_at(&place), 0);
	close(place.fd);
}

static void test_other_file_is_no_database(void **state)
{
	const char *path = path_of("other").ptr;
	int fd = open(path, O_WRONLY | O_CREAT, 0600);
	static const char text[4096] = "this is no database at all";

	(void)state;
	assert_int_equal(write(fd, text, sizeof(text)), sizeof(text));
	close(fd);
	assert_int_not_equal(complaints_at(&(struct gx_db_place){ .path = path }), 0);
}

/* Checks of a room are its queries of that name; each row is a complaint. */
static void test_checks_of_rooms_are_run(void **state)
{
	struct gx_query queries[] = {
		{ .name = "moons.check_none", .sql_sqlite = "SELECT 'x' WHERE 0" },
		{ .name = "moons.check_two", .sql_sqlite = "SELECT 'a' UNION ALL SELECT 'b'" },
		{ .name = "moons.other", .sql_sqlite = "SELECT 'not asked'" },
	};
	struct gx_query_set set = { "moons", queries, GX_COUNT(queries) };
	struct gx_query_set *sets[] = { &set };
	struct gx_buf b;

	(void)state;
	gx_buf_init(&b, 65536);
	assert_int_equal(gx_db_check(&(struct gx_db_place){ .path = house.path }, sets, 1, &b,
				     &house.err),
			 GX_OK);
	assert_true(gx_str_eq(gx_buf_str(&b), GX_STR("moons.check_two: a\nmoons.check_two: b\n")));
	gx_buf_deinit(&b);
}

static bool add(void *arg, struct gx_str first, int64_t second)
{
	assert_true(gx_str_eq(first, GX_STR("x")));
	*(int64_t *)arg += second;
	return *(int64_t *)arg < 3;
}

static void test_each_row_until_enough(void **state)
{
	const struct gx_query q = {
		.name = "moons.list",
		.sql_sqlite = "SELECT 'x', 1 UNION ALL SELECT 'x', 2 UNION ALL SELECT 'x', 4",
	};
	int64_t sum = 0;

	(void)state;
	assert_int_equal(gx_db_each(&(struct gx_db_place){ .path = house.path }, &q, add, &sum,
				    &house.err),
			 GX_OK);
	assert_int_equal(sum, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_copy_beside_a_writer, setup, teardown),
		cmocka_unit_test_setup_teardown(test_copy_of_nothing_fails, setup, teardown),
		cmocka_unit_test_setup_teardown(test_full_disk_says_so, setup, teardown),
		cmocka_unit_test_setup_teardown(test_damage_is_found, setup, teardown),
		cmocka_unit_test_setup_teardown(test_other_file_is_no_database, setup, teardown),
		cmocka_unit_test_setup_teardown(test_checks_of_rooms_are_run, setup, teardown),
		cmocka_unit_test_setup_teardown(test_each_row_until_enough, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
