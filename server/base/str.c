/* SPDX-License-Identifier: Apache-2.0 */
#include "str.h"

#include <endian.h>
#include <string.h>

#include "ident.h"

#define HIGH_BITS UINT64_C(0x8080808080808080)

struct gx_str gx_str_from_cstr(const char *cstr)
{
	return (struct gx_str){ cstr, cstr == NULL ? 0 : strlen(cstr) };
}

bool gx_str_eq(struct gx_str a, struct gx_str b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static char ascii_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

bool gx_str_eq_nocase(struct gx_str a, struct gx_str b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++)
		if (ascii_lower(a.ptr[i]) != ascii_lower(b.ptr[i]))
			return false;
	return true;
}

bool gx_str_eq_secret(struct gx_str a, struct gx_str b)
{
	/* Volatile, or the compiler may leave the loop at the first difference. */
	volatile unsigned char difference = 0;

	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++)
		difference = (unsigned char)(difference | (a.ptr[i] ^ b.ptr[i]));
	return difference == 0;
}

bool gx_str_starts(struct gx_str s, struct gx_str prefix)
{
	return s.len >= prefix.len && gx_str_eq(gx_str_slice(s, 0, prefix.len), prefix);
}

bool gx_str_ends(struct gx_str s, struct gx_str suffix)
{
	return s.len >= suffix.len && gx_str_eq(gx_str_slice(s, s.len - suffix.len, s.len), suffix);
}

size_t gx_str_find(struct gx_str s, char c)
{
	const char *at = s.len == 0 ? NULL : memchr(s.ptr, c, s.len);

	return at == NULL ? s.len : (size_t)(at - s.ptr);
}

struct gx_str gx_str_slice(struct gx_str s, size_t from, size_t to)
{
	if (to > s.len)
		to = s.len;
	if (from >= to)
		return (struct gx_str){ s.ptr == NULL || from > s.len ? NULL : s.ptr + from, 0 };
	return (struct gx_str){ s.ptr + from, to - from };
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

struct gx_str gx_str_trim(struct gx_str s)
{
	while (s.len > 0 && is_blank(s.ptr[0]))
		s = gx_str_slice(s, 1, s.len);
	while (s.len > 0 && is_blank(s.ptr[s.len - 1]))
		s.len--;
	return s;
}

struct gx_str gx_str_cut(struct gx_str *rest, char c)
{
	size_t at = gx_str_find(*rest, c);
	struct gx_str head = gx_str_slice(*rest, 0, at);

	*rest = at == rest->len ? GX_STR_NULL : gx_str_slice(*rest, at + 1, rest->len);
	return head;
}

int gx_hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool gx_str_to_u64(struct gx_str s, uint64_t *out)
{
	uint64_t v = 0;

	if (s.len == 0 || (s.len > 1 && s.ptr[0] == '0'))
		return false;
	for (size_t i = 0; i < s.len; i++) {
		unsigned digit = (unsigned)((unsigned char)s.ptr[i] - '0');

		if (digit > 9 || __builtin_mul_overflow(v, 10u, &v) ||
		    __builtin_add_overflow(v, digit, &v))
			return false;
	}
	*out = v;
	return true;
}

bool gx_str_to_i64(struct gx_str s, int64_t *out)
{
	bool is_negative = s.len > 0 && s.ptr[0] == '-';
	uint64_t v;

	if (!gx_str_to_u64(is_negative ? gx_str_slice(s, 1, s.len) : s, &v))
		return false;
	if (is_negative && v == 0)
		return false;
	if (v > (uint64_t)INT64_MAX + (is_negative ? 1 : 0))
		return false;
	*out = is_negative ? (int64_t)(0 - v) : (int64_t)v;
	return true;
}

/* Bytes of the well-formed multi-byte sequence at p, or 0 (RFC 3629 §4). */
static size_t utf8_sequence(const unsigned char *p, size_t left)
{
	unsigned char low = 0x80, high = 0xBF;
	size_t size;

	if (p[0] >= 0xC2 && p[0] <= 0xDF) {
		size = 2;
	} else if (p[0] >= 0xE0 && p[0] <= 0xEF) {
		size = 3;
		low = p[0] == 0xE0 ? 0xA0 : 0x80;  /* no overlong forms */
		high = p[0] == 0xED ? 0x9F : 0xBF; /* no surrogates */
	} else if (p[0] >= 0xF0 && p[0] <= 0xF4) {
		size = 4;
		low = p[0] == 0xF0 ? 0x90 : 0x80;
		high = p[0] == 0xF4 ? 0x8F : 0xBF; /* at most U+10FFFF */
	} else {
		return 0;
	}
	if (left < size || p[1] < low || p[1] > high)
		return 0;
	for (size_t i = 2; i < size; i++)
		if ((p[i] & 0xC0) != 0x80)
			return 0;
	return size;
}

bool gx_utf8_valid(struct gx_str s)
{
	const unsigned char *p = (const unsigned char *)s.ptr;
	size_t left = s.len;

	while (left > 0) {
		uint64_t word;
		size_t size;

		if (left >= sizeof(word)) {
			memcpy(&word, p, sizeof(word));
			if ((word & HIGH_BITS) == 0) {
				p += sizeof(word);
				left -= sizeof(word);
				continue;
			}
		}
		size = p[0] < 0x80 ? 1 : utf8_sequence(p, left);
		if (size == 0)
			return false;
		p += size;
		left -= size;
	}
	return true;
}

size_t gx_utf8_count(struct gx_str s)
{
	size_t count = 0;

	for (size_t i = 0; i < s.len; i++)
		count += ((unsigned char)s.ptr[i] & 0xC0) != 0x80;
	return count;
}

/* SipHash-1-3 (Aumasson, Bernstein): one round a word, three at the end. */
static uint64_t hash_key[2];

__attribute__((constructor)) static void hash_key_choose(void)
{
	gx_random_bytes(hash_key, sizeof(hash_key));
}

struct sip {
	uint64_t v[4];
};

static inline uint64_t rotate_left(uint64_t x, unsigned by)
{
	return x << by | x >> (64 - by);
}

static inline void sip_round(struct sip *s)
{
	uint64_t *v = s->v;

	v[0] += v[1];
	v[1] = rotate_left(v[1], 13) ^ v[0];
	v[0] = rotate_left(v[0], 32);
	v[2] += v[3];
	v[3] = rotate_left(v[3], 16) ^ v[2];
	v[0] += v[3];
	v[3] = rotate_left(v[3], 21) ^ v[0];
	v[2] += v[1];
	v[1] = rotate_left(v[1], 17) ^ v[2];
	v[2] = rotate_left(v[2], 32);
}

static inline void sip_begin(struct sip *s)
{
	*s = (struct sip){ { hash_key[0] ^ UINT64_C(0x736f6d6570736575),
			     hash_key[1] ^ UINT64_C(0x646f72616e646f6d),
			     hash_key[0] ^ UINT64_C(0x6c7967656e657261),
			     hash_key[1] ^ UINT64_C(0x7465646279746573) } };
}

static inline void sip_word(struct sip *s, uint64_t word)
{
	s->v[3] ^= word;
	sip_round(s);
	s->v[0] ^= word;
}

static inline uint64_t sip_end(struct sip *s)
{
	s->v[2] ^= 0xff;
	for (int i = 0; i < 3; i++)
		sip_round(s);
	return s->v[0] ^ s->v[1] ^ s->v[2] ^ s->v[3];
}

uint64_t gx_str_hash(struct gx_str s)
{
	const char *p = s.ptr;
	size_t left = s.len;
	uint64_t word;
	struct sip sip;

	sip_begin(&sip);
	for (; left >= sizeof(word); p += sizeof(word), left -= sizeof(word)) {
		memcpy(&word, p, sizeof(word));
		sip_word(&sip, le64toh(word));
	}
	word = (uint64_t)s.len << 56;
	for (size_t i = 0; i < left; i++)
		word |= (uint64_t)(unsigned char)p[i] << (8 * i);
	sip_word(&sip, word);
	return sip_end(&sip);
}

uint64_t gx_u64_hash(uint64_t v)
{
	struct sip sip;

	sip_begin(&sip);
	sip_word(&sip, v);
	sip_word(&sip, UINT64_C(8) << 56);
	return sip_end(&sip);
}
