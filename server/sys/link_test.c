/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: bytes and descriptors arrive whole and in order, whatever the socket takes at once; a peer
 * that sends too many descriptors is given up and nothing leaks.
 * Method: both ends in one process over a socketpair. Open descriptors are counted before and
 * after.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "link.h"

struct ends {
	struct gx_link a, b;
	unsigned fds_before;
};

static unsigned open_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned count = 0;

	assert_non_null(dir);
	while (readdir(dir) != NULL)
		count++;
	closedir(dir);
	return count;
}

static void ends_init(struct ends *e, size_t out_bytes_max)
{
	int fds[2];

	e->fds_before = open_fds();
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds),
			 0);
	gx_link_init(&e->a, fds[0], out_bytes_max);
	gx_link_init(&e->b, fds[1], out_bytes_max);
}

static void ends_deinit(struct ends *e)
{
	gx_link_deinit(&e->a);
	gx_link_deinit(&e->b);
	assert_int_equal(open_fds(), e->fds_before);
}

static int new_fd(void)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

static void test_bytes(void **state)
{
	struct ends e;

	ends_init(&e, 1 << 20);
	assert_int_equal(gx_link_fill(&e.b, 1 << 20), 0);
	assert_int_equal(gx_link_flush(&e.a), 1);
	gx_buf_append_str(&e.a.out, GX_STR("hello world"));
	assert_int_equal(gx_link_backlog(&e.a), 11);
	assert_int_equal(gx_link_flush(&e.a), 1);
	assert_int_equal(gx_link_backlog(&e.a), 0);
	assert_int_equal(gx_link_fill(&e.b, 1 << 20), 1);
	assert_true(gx_str_eq(gx_link_unread(&e.b), GX_STR("hello world")));
	gx_link_consume(&e.b, 6);
	assert_true(gx_str_eq(gx_link_unread(&e.b), GX_STR("world")));
	gx_link_consume(&e.b, 5);
	assert_int_equal(gx_link_unread(&e.b).len, 0);
	ends_deinit(&e);
}

static unsigned char byte_at(size_t i)
{
	return (unsigned char)(i * 2654435761u >> 13);
}

/* Three megabytes through a socket that takes little at once, read in odd pieces. */
static void test_back_pressure(void **state)
{
	const size_t total = 3 << 20;
	size_t written = 0, read_count = 0;
	bool was_full = false;
	struct ends e;

	ends_init(&e, 1 << 20);
	while (read_count < total) {
		struct gx_str got;
		int flushed;

		for (; written < total && gx_link_backlog(&e.a) < 600000; written++)
			gx_buf_append_char(&e.a.out, (char)byte_at(written));
		assert_false(e.a.out.overflow);
		flushed = gx_link_flush(&e.a);
		assert_true(flushed >= 0);
		was_full = was_full || flushed == 0;
		assert_int_equal(gx_link_fill(&e.b, 70000), 1);
		got = gx_link_unread(&e.b);
		/* Leaves an odd rest, as half a record would. */
		if (got.len > 777 && read_count + got.len < total)
			got.len -= 777;
		for (size_t i = 0; i < got.len; i++)
			assert_int_equal((unsigned char)got.ptr[i], byte_at(read_count + i));
		read_count += got.len;
		gx_link_consume(&e.b, got.len);
	}
	assert_true(was_full);
	assert_int_equal(gx_link_unread(&e.b).len, 0);
	ends_deinit(&e);
}

static void test_descriptors_in_order(void **state)
{
	enum { COUNT = 200 };
	ino_t want[COUNT];
	struct ends e;
	struct stat st;

	ends_init(&e, 1 << 20);
	for (size_t i = 0; i < COUNT; i++) {
		int fds[2];

		/* A pipe end is known again by its inode. */
		assert_int_equal(pipe(fds), 0);
		close(fds[1]);
		assert_int_equal(fstat(fds[0], &st), 0);
		want[i] = st.st_ino;
		assert_true(gx_link_send_fd(&e.a, fds[0]));
		gx_buf_append(&e.a.out, "0123456789abcdef", 16);
	}
	assert_int_equal(gx_link_flush(&e.a), 1);
	assert_int_equal(gx_link_fill(&e.b, 1 << 20), 1);
	/* None comes later than its record. */
	while (gx_link_unread(&e.b).len < COUNT * 16)
		assert_int_equal(gx_link_fill(&e.b, 1 << 20), 1);
	assert_int_equal(e.b.fds_in_count, COUNT);
	for (size_t i = 0; i < COUNT; i++) {
		int fd = gx_link_take_fd(&e.b);

		assert_true(fd >= 0);
		assert_int_equal(fstat(fd, &st), 0);
		assert_int_equal(st.st_ino, want[i]);
		assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
		close(fd);
	}
	assert_int_equal(gx_link_take_fd(&e.b), -1);
	gx_link_consume(&e.b, COUNT * 16);
	ends_deinit(&e);
}

static void test_too_many_descriptors(void **state)
{
	struct ends e;
	int result = 1;

	ends_init(&e, 1 << 20);
	for (int i = 0; i < GX_LINK_FDS_MAX; i++)
		assert_true(gx_link_send_fd(&e.a, new_fd()));
	assert_false(gx_link_send_fd(&e.a, new_fd()));
	gx_buf_append(&e.a.out, "0123456789", 10);
	assert_int_equal(gx_link_flush(&e.a), 1);
	assert_true(gx_link_send_fd(&e.a, new_fd()));
	gx_buf_append_char(&e.a.out, 'x');
	assert_int_equal(gx_link_flush(&e.a), 1);
	/* The reader holds the maximum and takes none out. */
	for (int i = 0; i < 10 && result == 1; i++)
		result = gx_link_fill(&e.b, 1 << 20);
	assert_int_equal(result, -1);
	ends_deinit(&e);
}

static void test_unsent_descriptors_are_closed(void **state)
{
	struct ends e;

	ends_init(&e, 1 << 20);
	assert_true(gx_link_send_fd(&e.a, new_fd()));
	ends_deinit(&e);
}

static void test_other_end_gone(void **state)
{
	struct ends e;

	ends_init(&e, 1 << 20);
	gx_buf_append_str(&e.a.out, GX_STR("last words"));
	assert_int_equal(gx_link_flush(&e.a), 1);
	close(e.a.fd);
	e.a.fd = -1;
	/* What was sent before the end is read first. */
	assert_int_equal(gx_link_fill(&e.b, 1 << 20), 1);
	assert_true(gx_str_eq(gx_link_unread(&e.b), GX_STR("last words")));
	assert_int_equal(gx_link_fill(&e.b, 1 << 20), -1);
	gx_buf_append_char(&e.b.out, 'x');
	assert_int_equal(gx_link_flush(&e.b), -1);
	ends_deinit(&e);
}

static void test_large_buffers_are_given_back(void **state)
{
	struct ends e;

	ends_init(&e, 4 << 20);
	memset(gx_buf_reserve(&e.a.out, 1 << 20), 'x', 1 << 20);
	gx_buf_commit(&e.a.out, 1 << 20);
	while (gx_link_flush(&e.a) == 0)
		assert_int_equal(gx_link_fill(&e.b, 1 << 20), 1);
	while (gx_link_unread(&e.b).len < 1 << 20)
		assert_int_equal(gx_link_fill(&e.b, 1 << 20), 1);
	gx_link_consume(&e.b, 1 << 20);
	assert_true(e.a.out.cap <= 256 << 10);
	assert_true(e.b.in.cap <= 256 << 10);
	ends_deinit(&e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_back_pressure),
		cmocka_unit_test(test_descriptors_in_order),
		cmocka_unit_test(test_too_many_descriptors),
		cmocka_unit_test(test_unsent_descriptors_are_closed),
		cmocka_unit_test(test_other_end_gone),
		cmocka_unit_test(test_large_buffers_are_given_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
