/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: bytes become text as the standards say.
 * Method: the examples of RFC 4648 and what lies beside them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "ident.h"

static void test_hex(void **state)
{
	static const char *const refused[] = { "",	 "0",	   "00ff1",   "00ff1g",
					       "00 f1e", "0x00ff", "00ff1e2d" };
	unsigned char bytes[3] = { 0x00, 0xff, 0x1e }, back[3] = { 9, 9, 9 };
	char hex[6];

	gx_hex_encode(bytes, sizeof(bytes), hex);
	assert_memory_equal(hex, "00ff1e", 6);
	assert_true(gx_hex_decode(GX_STR("00FF1e"), back, sizeof(back)));
	assert_memory_equal(back, bytes, sizeof(bytes));
	for (size_t i = 0; i < GX_COUNT(refused); i++)
		assert_false(gx_hex_decode(gx_str_from_cstr(refused[i]), back, sizeof(back)));
}

static void test_base64(void **state)
{
	static const struct {
		const char *plain, *padded, *url;
	} cases[] = {
		{ "", "", "" },
		{ "f", "Zg==", "Zg" },
		{ "fo", "Zm8=", "Zm8" },
		{ "foo", "Zm9v", "Zm9v" },
		{ "foob", "Zm9vYg==", "Zm9vYg" },
		{ "fooba", "Zm9vYmE=", "Zm9vYmE" },
		{ "foobar", "Zm9vYmFy", "Zm9vYmFy" },
		{ "\xfb\xff\xfe", "+//+", "-__-" },
	};
	struct gx_arena a;

	gx_arena_init(&a);
	for (size_t i = 0; i < GX_COUNT(cases); i++) {
		size_t size = strlen(cases[i].plain);
		char out[16];

		assert_int_equal(gx_base64_encode(cases[i].plain, size, out),
				 strlen(cases[i].padded));
		assert_memory_equal(out, cases[i].padded, strlen(cases[i].padded));
		assert_true(gx_str_eq(gx_base64url_encode(&a, cases[i].plain, size),
				      gx_str_from_cstr(cases[i].url)));
	}
	gx_arena_deinit(&a);
}

static void test_random(void **state)
{
	unsigned char a[300] = { 0 }, b[300] = { 0 };

	gx_random_bytes(a, sizeof(a));
	gx_random_bytes(b, sizeof(b));
	assert_memory_not_equal(a, b, sizeof(a));
	/* Filled to the end: 64 zero bytes there come by chance once in 2^512. */
	assert_memory_not_equal(a + 236, (unsigned char[64]){ 0 }, 64);
	assert_int_not_equal(gx_random_u64(), gx_random_u64());
	gx_random_bytes(a, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hex),
		cmocka_unit_test(test_base64),
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
