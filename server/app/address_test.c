/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: only what can be listened on gets through, and a port of someone else never does.
 * Method: tables of texts; a listener of our own plays the stranger, sharing or not. */
#include "address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static struct gx_arena arena;
static struct gx_error err;

static void test_parse(void **state)
{
	static const struct {
		const char *text;
		const char *host; /* NULL: refused */
		uint16_t port;
		bool is_v6;
	} cases[] = {
		{ "127.0.0.1:8848", "127.0.0.1", 8848, false },
		{ "0.0.0.0:0", "0.0.0.0", 0, false },
		{ "localhost:65535", "127.0.0.1", 65535, false },
		{ "[::1]:80", "::1", 80, true },
		{ "[::]:80", "::", 80, true },
		{ "127.0.0.1:65536", NULL, 0, false },
		{ "127.0.0.1:-1", NULL, 0, false },
		{ "127.0.0.1:", NULL, 0, false },
		{ "127.0.0.1", NULL, 0, false },
		{ ":8848", NULL, 0, false },
		{ "", NULL, 0, false },
		{ "::1:80", NULL, 0, false },
		{ "[127.0.0.1]:80", NULL, 0, false },
		{ "[::1]", NULL, 0, false },
		{ "example.org:80", NULL, 0, false },
		{ "127.0.0.1:80 ", NULL, 0, false },
	};

	(void)state;
	for (size_t i = 0; i < GX_COUNT(cases); i++) {
		struct gx_address address = { 0 };
		enum gx_status st =
			gx_address_parse(&arena, gx_str_from_cstr(cases[i].text), &address, &err);

		if (cases[i].host == NULL) {
			assert_int_equal(st, GX_E_INVALID);
			assert_non_null(strstr(err.detail.ptr, cases[i].text));
			continue;
		}
		assert_int_equal(st, GX_OK);
		assert_string_equal(address.host.ptr, cases[i].host);
		assert_int_equal(address.port, cases[i].port);
		assert_int_equal(address.is_v6, cases[i].is_v6);
	}
}

static void test_nothing_hides_behind_a_nul(void **state)
{
	struct gx_address address;

	(void)state;
	assert_int_equal(gx_address_parse(&arena, GX_STR("[::1\0x]:80"), &address, &err),
			 GX_E_INVALID);
}

static void test_text(void **state)
{
	static const char *const texts[] = { "127.0.0.1:8848", "[::1]:80" };

	(void)state;
	for (size_t i = 0; i < GX_COUNT(texts); i++) {
		struct gx_address address;

		assert_int_equal(gx_address_parse(&arena, gx_str_from_cstr(texts[i]), &address,
						  &err),
				 GX_OK);
		assert_string_equal(gx_address_text(&arena, &address).ptr, texts[i]);
	}
}

/* A listener on any free port of 127.0.0.1. */
static int listen_as_stranger(bool is_sharing, uint16_t *port)
{
	struct sockaddr_in sa = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(sa);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	int on = 1;

	if (is_sharing)
		assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)), 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&sa, size), 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&sa, &size), 0);
	*port = ntohs(sa.sin_port);
	return fd;
}

static void test_port_of_another_is_refused(void **state)
{
	(void)state;
	for (int is_sharing = 0; is_sharing <= 1; is_sharing++) {
		struct gx_address address = { .host = GX_STR("127.0.0.1") };
		struct gx_address all = { .host = GX_STR("0.0.0.0") };
		int fd = listen_as_stranger(is_sharing, &address.port);

		all.port = address.port;
		assert_int_equal(gx_address_check_free(&arena, &address, 0, &err), GX_E_CONFLICT);
		assert_string_equal(err.code, "app.address_in_use");
		assert_int_equal(gx_address_check_free(&arena, &all, 0, &err), GX_E_CONFLICT);
		close(fd);
		assert_int_equal(gx_address_check_free(&arena, &address, 0, &err), GX_OK);
	}
}

static void test_address_of_nobody_is_refused(void **state)
{
	struct gx_address address = { .host = GX_STR("192.0.2.1"), .port = 0 };

	(void)state;
	assert_int_equal(gx_address_check_free(&arena, &address, 0, &err), GX_E_INVALID);
	assert_string_equal(err.code, "app.listen");
}

static void test_list(void **state)
{
	struct gx_str *list;
	size_t count;
	static const char *const bad[] = { "x", "10.0.0.0/33",	"10.0.0.1/", "::/129",
					   ",", "10.0.0.1 ::1", "localhost" };

	(void)state;
	assert_int_equal(gx_address_parse_list(&arena, GX_STR(""), &list, &count, &err), GX_OK);
	assert_int_equal(count, 0);
	assert_int_equal(gx_address_parse_list(&arena, GX_STR("10.0.0.0/8, ::1,fd00::/8"), &list,
					       &count, &err),
			 GX_OK);
	assert_int_equal(count, 3);
	assert_string_equal(list[0].ptr, "10.0.0.0/8");
	assert_string_equal(list[1].ptr, "::1");
	assert_string_equal(list[2].ptr, "fd00::/8");
	for (size_t i = 0; i < GX_COUNT(bad); i++)
		assert_int_equal(gx_address_parse_list(&arena, gx_str_from_cstr(bad[i]), &list,
						       &count, &err),
				 GX_E_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_nothing_hides_behind_a_nul),
		cmocka_unit_test(test_port_of_another_is_refused),
		cmocka_unit_test(test_address_of_nobody_is_refused),
		cmocka_unit_test(test_list),
	};
	int failed;

	gx_arena_init(&arena);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	gx_arena_deinit(&arena);
	return failed;
}
