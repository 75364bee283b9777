/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: a blob comes back as it was put, once however often it was put, and is collected only when
 * it is old; what is staged and discarded leaves nothing.
 * Method: a store in a temporary folder per test; ages are set by hand.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "blob.h"

#define LARGE_BYTES (3u << 20)

struct shelf {
	char dir[64];
	struct gx_blob_store store;
	struct gx_arena arena;
	struct gx_error err;
};

static void shelf_make(struct shelf *s)
{
	char store_dir[96];

	memset(s, 0, sizeof(*s));
	gx_arena_init(&s->arena);
	(void)snprintf(s->dir, sizeof(s->dir), "/tmp/gx_blob_test.XXXXXX");
	assert_non_null(mkdtemp(s->dir));
	(void)snprintf(store_dir, sizeof(store_dir), "%s/blobs", s->dir);
	assert_int_equal(gx_blob_store_open(&s->store, store_dir, &s->err), GX_OK);
}

static void shelf_remove(struct shelf *s)
{
	char command[96];

	gx_blob_store_close(&s->store);
	gx_arena_deinit(&s->arena);
	(void)snprintf(command, sizeof(command), "rm -rf '%s'", s->dir);
	assert_int_equal(system(command), 0);
}

/* A file without a name that holds these bytes. */
static int file_of(const void *bytes, size_t size)
{
	int fd = memfd_create("blob_test", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, size), size);
	return fd;
}

static struct gx_blob_id put(struct shelf *s, const void *bytes, size_t size)
{
	struct gx_blob_staged staged;
	int fd = file_of(bytes, size);

	assert_int_equal(gx_blob_stage(&s->store, fd, size, &staged, &s->err), GX_OK);
	close(fd);
	struct gx_blob_id id = staged.id;
	assert_int_equal(gx_blob_commit(&s->store, &staged, &s->err), GX_OK);
	assert_int_equal(staged.fd, -1);
	return id;
}

static size_t count_all(struct shelf *s)
{
	struct gx_blob_id *ids;
	size_t count, sum = 0;

	for (unsigned i = 0; i < GX_BLOB_PREFIXES; i++) {
		assert_int_equal(gx_blob_list(&s->arena, &s->store, i, 10, &ids, &count, &s->err),
				 GX_OK);
		sum += count;
		gx_arena_reset(&s->arena);
	}
	return sum;
}

static void set_age(struct shelf *s, const struct gx_blob_id *id, int64_t age_s)
{
	struct gx_str hex = gx_blob_hex(&s->arena, id);
	struct timespec times[2] = { { .tv_sec = time(NULL) - age_s },
				     { .tv_sec = time(NULL) - age_s } };
	struct gx_str path = gx_arena_printf(&s->arena, "%s/blobs/%.2s/%.2s/%s", s->dir, hex.ptr,
					     hex.ptr + 2, hex.ptr);

	assert_int_equal(utimensat(AT_FDCWD, path.ptr, times, 0), 0);
}

static void test_put_and_read(void **state)
{
	struct shelf s;
	struct gx_blob_id id;
	struct stat about;
	uint64_t size;
	int fd;
	char bytes[16];

	shelf_make(&s);
	id = put(&s, "abc", 3);
	assert_string_equal(gx_blob_hex(&s.arena, &id).ptr,
			    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	assert_true(gx_blob_exists(&s.store, &id));
	assert_int_equal(gx_blob_open(&s.store, &id, &fd, &size, &s.err), GX_OK);
	assert_int_equal(size, 3);
	assert_int_equal(read(fd, bytes, sizeof(bytes)), 3);
	assert_memory_equal(bytes, "abc", 3);
	assert_int_equal(write(fd, "x", 1), -1); /* for reading only */
	assert_int_equal(fstat(fd, &about), 0);
	assert_int_equal(about.st_mode & 0777, 0600);
	close(fd);

	id.sha256[0] ^= 1;
	assert_false(gx_blob_exists(&s.store, &id));
	assert_int_equal(gx_blob_open(&s.store, &id, &fd, &size, &s.err), GX_E_NOT_FOUND);
	shelf_remove(&s);
}

static void test_large_and_empty(void **state)
{
	struct shelf s;
	struct gx_blob_id large, empty;
	uint64_t size;
	int fd;
	char *bytes = gx_heap_alloc(LARGE_BYTES), *again = gx_heap_alloc(LARGE_BYTES);

	for (size_t i = 0; i < LARGE_BYTES; i++)
		bytes[i] = (char)(i * 7 + i / 1000);
	shelf_make(&s);
	large = put(&s, bytes, LARGE_BYTES);
	assert_int_equal(gx_blob_open(&s.store, &large, &fd, &size, &s.err), GX_OK);
	assert_int_equal(size, LARGE_BYTES);
	assert_int_equal(read(fd, again, LARGE_BYTES), LARGE_BYTES);
	assert_memory_equal(bytes, again, LARGE_BYTES);
	close(fd);
	empty = put(&s, "", 0);
	assert_int_equal(gx_blob_open(&s.store, &empty, &fd, &size, &s.err), GX_OK);
	assert_int_equal(size, 0);
	close(fd);
	gx_heap_free(bytes);
	gx_heap_free(again);
	shelf_remove(&s);
}

static void test_same_bytes_are_kept_once(void **state)
{
	struct shelf s;

	shelf_make(&s);
	for (int i = 0; i < 3; i++)
		(void)put(&s, "same", 4);
	(void)put(&s, "other", 5);
	assert_int_equal(count_all(&s), 2);
	shelf_remove(&s);
}

static void test_discarded_leaves_nothing(void **state)
{
	struct shelf s;
	struct gx_blob_staged staged;
	int fd = file_of("gone", 4);

	shelf_make(&s);
	assert_int_equal(gx_blob_stage(&s.store, fd, 4, &staged, &s.err), GX_OK);
	gx_blob_discard(&staged);
	assert_int_equal(count_all(&s), 0);
	assert_int_equal(gx_blob_stage(&s.store, fd, 5, &staged, &s.err), GX_E_INTERNAL);
	close(fd);
	shelf_remove(&s);
}

static void test_only_old_blobs_are_collected(void **state)
{
	struct shelf s;
	struct gx_blob_id id;

	shelf_make(&s);
	id = put(&s, "abc", 3);
	assert_false(gx_blob_collect(&s.store, &id, 3600));
	set_age(&s, &id, 7200);
	(void)put(&s, "abc", 3); /* an upload of the same bytes makes it young */
	assert_false(gx_blob_collect(&s.store, &id, 3600));
	assert_true(gx_blob_exists(&s.store, &id));
	set_age(&s, &id, 7200);
	assert_true(gx_blob_collect(&s.store, &id, 3600));
	assert_false(gx_blob_exists(&s.store, &id));
	assert_false(gx_blob_collect(&s.store, &id, 3600));
	shelf_remove(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_put_and_read),
		cmocka_unit_test(test_large_and_empty),
		cmocka_unit_test(test_same_bytes_are_kept_once),
		cmocka_unit_test(test_discarded_leaves_nothing),
		cmocka_unit_test(test_only_old_blobs_are_collected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
