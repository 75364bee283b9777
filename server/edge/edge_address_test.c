/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: addresses are told apart as the limits and proxies need it.
 * Method: tables of texts; the counting on an edge that does nothing else.
 */
#include "edge_inside.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct in6_addr address(const char *text)
{
	struct in6_addr a;

	assert_true(edge_address_parse(gx_str_from_cstr(text), &a));
	return a;
}

static void test_text(void **state)
{
	static const char *const same[] = { "127.0.0.1", "10.0.200.99", "255.255.255.255", "::1",
					    "2001:db8::7" };
	static const char *const none[] = { "",	 "1.2.3",   "1.2.3.4.5", "1.2.3.400",
					    "x", "1::2::3", "1.2.3.4 " };
	char text[INET6_ADDRSTRLEN];
	struct in6_addr a;

	for (size_t i = 0; i < GX_COUNT(same); i++) {
		a = address(same[i]);
		assert_true(gx_str_eq(edge_address_text(&a, text), gx_str_from_cstr(same[i])));
	}
	for (size_t i = 0; i < GX_COUNT(none); i++)
		assert_false(edge_address_parse(gx_str_from_cstr(none[i]), &a));
	a = address("127.9.9.9");
	assert_true(edge_address_is_loopback(&a));
	a = address("::1");
	assert_true(edge_address_is_loopback(&a));
	a = address("128.0.0.1");
	assert_false(edge_address_is_loopback(&a));
	/* As a socket for both families reports it. */
	a = address("::ffff:10.1.2.3");
	assert_true(gx_str_eq(edge_address_text(&a, text), GX_STR("10.1.2.3")));
}

static void test_trusted(void **state)
{
	static const struct {
		struct gx_str network;
		const char *address;
		bool is_inside;
	} cases[] = {
		{ GX_STR_INIT("10.0.0.1"), "10.0.0.1", true },
		{ GX_STR_INIT("10.0.0.1"), "10.0.0.2", false },
		{ GX_STR_INIT("10.0.0.0/8"), "10.255.1.1", true },
		{ GX_STR_INIT("10.0.0.0/8"), "11.0.0.0", false },
		{ GX_STR_INIT("172.16.0.0/12"), "172.31.9.9", true },
		{ GX_STR_INIT("172.16.0.0/12"), "172.32.0.0", false },
		{ GX_STR_INIT("0.0.0.0/0"), "9.9.9.9", true },
		{ GX_STR_INIT("0.0.0.0/0"), "2001:db8::1", false },
		{ GX_STR_INIT("fd00::/8"), "fdff::1", true },
		{ GX_STR_INIT("fd00::/8"), "fe00::1", false },
		{ GX_STR_INIT("::/0"), "1.2.3.4", true },
		{ GX_STR_INIT("10.0.0.0/33"), "10.0.0.0", false },
		{ GX_STR_INIT("10.0.0.0/"), "10.0.0.0", false },
		{ GX_STR_INIT("nonsense"), "10.0.0.0", false },
	};

	for (size_t i = 0; i < GX_COUNT(cases); i++) {
		struct gx_edge_config config = { .proxies = &cases[i].network, .proxies_count = 1 };
		struct edge e = { .config = &config };
		struct in6_addr a = address(cases[i].address);
		if (edge_address_is_trusted(&e, &a) != cases[i].is_inside)
			fail_msg("%s in %s", cases[i].address, cases[i].network.ptr);
	}
}

static void test_counts(void **state)
{
	struct gx_edge_config config = { .connections_per_address = 2 };
	struct edge e = { .config = &config };
	struct in6_addr one = address("9.9.9.9"), other = address("9.9.9.8");
	struct in6_addr v6 = address("2001:db8:1:2::3"), same_net = address("2001:db8:1:2:9::9");
	struct in6_addr local = address("127.0.0.1");

	gx_table_init(&e.addresses);
	assert_true(edge_address_enter(&e, &one));
	assert_true(edge_address_enter(&e, &one));
	assert_false(edge_address_enter(&e, &one));
	assert_true(edge_address_enter(&e, &other));
	edge_address_leave(&e, &one);
	assert_true(edge_address_enter(&e, &one));
	/* One customer's network counts as one. */
	assert_true(edge_address_enter(&e, &v6));
	assert_true(edge_address_enter(&e, &same_net));
	assert_false(edge_address_enter(&e, &v6));
	for (unsigned i = 0; i < 10; i++)
		assert_true(edge_address_enter(&e, &local));
	for (unsigned i = 0; i < 2; i++) {
		edge_address_leave(&e, &one);
		edge_address_leave(&e, &v6);
	}
	edge_address_leave(&e, &other);
	assert_int_equal(e.addresses.count, 0);
	gx_table_deinit(&e.addresses);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_trusted),
		cmocka_unit_test(test_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
