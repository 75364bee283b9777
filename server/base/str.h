/* SPDX-License-Identifier: Apache-2.0 */
/*
 * str.h - byte strings by pointer and length.
 *
 * A gx_str borrows its bytes and never owns them; NUL stands only at libc's border.
 * Threading: any. Memory: nothing here allocates. Errors: by return value.
 */
#ifndef GX_STR_H
#define GX_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "check.h"

struct gx_str {
	const char *ptr; /* may be NULL when len is 0 */
	size_t len;
};

#define GX_STR(literal) ((struct gx_str){ (literal), sizeof(literal) - 1 })
/* The same where a constant is needed: in static initializers. */
#define GX_STR_INIT(literal)                                                                       \
	{                                                                                          \
		(literal), sizeof(literal) - 1                                                     \
	}
#define GX_STR_NULL ((struct gx_str){ NULL, 0 })
/* For printf: "%.*s", GX_STR_ARG(s). */
#define GX_STR_ARG(s) (int)(s).len, (s).ptr

struct gx_str gx_str_from_cstr(const char *cstr); /* NULL gives the empty string */

bool gx_str_eq(struct gx_str a, struct gx_str b);
/* Compares without regard to ASCII case. */
bool gx_str_eq_nocase(struct gx_str a, struct gx_str b);
/* In time that depends on the lengths only: for secrets. */
bool gx_str_eq_secret(struct gx_str a, struct gx_str b);
bool gx_str_starts(struct gx_str s, struct gx_str prefix);
bool gx_str_ends(struct gx_str s, struct gx_str suffix);
/* Index of the first byte `c`, or s.len when there is none. */
size_t gx_str_find(struct gx_str s, char c);
/* The part [from, to), clamped to the string. */
struct gx_str gx_str_slice(struct gx_str s, size_t from, size_t to);
/* Without spaces and tabs at both ends. */
struct gx_str gx_str_trim(struct gx_str s);
/* Cuts the part before the first `c` off `*rest` (or all of it) and returns it. */
struct gx_str gx_str_cut(struct gx_str *rest, char c);

/* Strict decimal numbers: digits only, no sign (u64) or one minus (i64), no leading zero but "0"
 * itself, no overflow. False leaves *out untouched. */
bool gx_str_to_u64(struct gx_str s, uint64_t *out);
bool gx_str_to_i64(struct gx_str s, int64_t *out);

/* The value of a hex digit in either case, or -1. */
int gx_hex_digit(char c);

/* Well-formed UTF-8 (RFC 3629): no overlong forms, no surrogates, at most U+10FFFF. */
bool gx_utf8_valid(struct gx_str s);
/* Code points in valid UTF-8. */
size_t gx_utf8_count(struct gx_str s);

/* SipHash-1-3 under a key chosen at random when the process starts: for hash tables only. */
uint64_t gx_str_hash(struct gx_str s);
uint64_t gx_u64_hash(uint64_t v);

#endif
