/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_scan.h - inside of the JSON codec: how far a string's bytes may stand as they are.
 *
 * Eight bytes at a time. A mask has the high bit set in the lowest byte that matches; bits above
 * that one may be wrong, which does not matter to whoever takes the lowest.
 */
#ifndef GX_JSON_SCAN_H
#define GX_JSON_SCAN_H

#include <endian.h>
#include <stdint.h>
#include <string.h>

#define GX_EVERY_BYTE(b) (UINT64_C(0x0101010101010101) * (b))

static inline uint64_t gx_scan_zero_bytes(uint64_t word)
{
	return (word - GX_EVERY_BYTE(0x01)) & ~word & GX_EVERY_BYTE(0x80);
}

/* The first quote, backslash or control character in [at, end), or end. `*seen` collects the bits
 * of all bytes passed, and perhaps of some behind them. */
static inline const char *gx_json_scan(const char *at, const char *end, uint64_t *seen)
{
	while (end - at >= 8) {
		uint64_t word, stops;

		memcpy(&word, at, sizeof(word));
		word = le64toh(word);
		stops = gx_scan_zero_bytes(word ^ GX_EVERY_BYTE('"')) |
			gx_scan_zero_bytes(word ^ GX_EVERY_BYTE('\\')) |
			((word - GX_EVERY_BYTE(0x20)) & ~word & GX_EVERY_BYTE(0x80));
		*seen |= word;
		if (stops != 0)
			return at + __builtin_ctzll(stops) / 8;
		at += 8;
	}
	for (; at < end; at++) {
		unsigned char c = (unsigned char)*at;

		if (c == '"' || c == '\\' || c < 0x20)
			break;
		*seen |= c;
	}
	return at;
}

#endif
