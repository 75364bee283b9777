/* SPDX-License-Identifier: Apache-2.0 */
#include "ident.h"

void gx_hex_encode(const void *bytes, size_t size, char *out)
{
	static const char digits[16] = "0123456789abcdef";
	const unsigned char *in = bytes;

	for (size_t i = 0; i < size; i++) {
		out[2 * i] = digits[in[i] >> 4];
		out[2 * i + 1] = digits[in[i] & 15];
	}
}

bool gx_hex_decode(struct gx_str hex, void *out, size_t size)
{
	unsigned char *to = out;

	if (hex.len != 2 * size)
		return false;
	for (size_t i = 0; i < size; i++) {
		int high = gx_hex_digit(hex.ptr[2 * i]), low = gx_hex_digit(hex.ptr[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		to[i] = (unsigned char)(high << 4 | low);
	}
	return true;
}

/* Without padding; returns the characters written. */
static size_t base64(const unsigned char *in, size_t size, const char *alphabet, char *out)
{
	size_t len = 0;

	for (size_t i = 0; i < size; i += 3) {
		size_t left = size - i < 3 ? size - i : 3;
		uint32_t group = (uint32_t)in[i] << 16;

		if (left > 1)
			group |= (uint32_t)in[i + 1] << 8;
		if (left > 2)
			group |= in[i + 2];
		for (size_t j = 0; j < left + 1; j++)
			out[len++] = alphabet[group >> (18 - 6 * j) & 63];
	}
	return len;
}

struct gx_str gx_base64url_encode(struct gx_arena *a, const void *bytes, size_t size)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				       "0123456789-_";
	char *out = gx_arena_alloc(a, 4 * ((size + 2) / 3) + 1);

	return (struct gx_str){ out, base64(bytes, size, alphabet, out) };
}

size_t gx_base64_encode(const void *bytes, size_t size, char *out)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				       "0123456789+/";
	size_t len = base64(bytes, size, alphabet, out);

	while (len % 4 != 0)
		out[len++] = '=';
	return len;
}
