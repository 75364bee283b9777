/* SPDX-License-Identifier: Apache-2.0 */
/* accounts_text.c - what a user name, a password and a line about oneself may look like. */
#include "accounts_rules.h"

/* The most common passwords of published leaks that are long enough to pass the minimum. */
static const char *const common_passwords[] = {
	"00000000",    "0123456789", "11111111",   "1111111111", "11223344",	"12121212",
	"123123123",   "1234567890", "12345678",   "123456789",	 "12345678910", "1234qwer",
	"123456abc",   "123qweasd",  "1q2w3e4r",   "1q2w3e4r5t", "1qaz2wsx",	"22222222",
	"55555555",    "5201314520", "66666666",   "77777777",	 "87654321",	"88888888",
	"987654321",   "99999999",   "a1234567",   "a12345678",	 "a123456789",	"aa123456",
	"aa12345678",  "abc123456",  "abcd1234",   "abcdefgh",	 "admin123",	"administrator",
	"asd123456",   "asdfasdf",   "asdfghjkl",  "baseball",	 "changeme",	"computer",
	"football",    "guanxi123",  "iloveyou",   "internet",	 "letmein1",	"letmein123",
	"michelle",    "p@ssw0rd",   "passw0rd",   "password",	 "password1",	"password12",
	"password123", "princess",   "q1w2e3r4",   "qazwsxedc",	 "qq123456",	"qwer1234",
	"qwerty12",    "qwerty123",  "qwertyui",   "qwertyuiop", "sunshine",	"superman",
	"trustno1",    "welcome1",   "welcome123", "woaini1314", "woaini520",	"zxcvbnm123",
	"zxcvbnm,./",
};

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool accounts_username_valid(struct gx_str username)
{
	if (username.len < ACCOUNTS_USERNAME_BYTES_MIN ||
	    username.len > ACCOUNTS_USERNAME_BYTES_MAX || !is_letter(username.ptr[0]))
		return false;
	for (size_t i = 1; i < username.len; i++) {
		char c = username.ptr[i];

		if (!is_letter(c) && !(c >= '0' && c <= '9') && c != '_' && c != '-')
			return false;
	}
	return true;
}

struct gx_str accounts_username_fold(struct gx_arena *a, struct gx_str username)
{
	char *folded = gx_arena_alloc(a, username.len + 1);

	for (size_t i = 0; i < username.len; i++) {
		char c = username.ptr[i];

		folded[i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
	}
	return (struct gx_str){ folded, username.len };
}

enum gx_status accounts_check_password(struct gx_str password, struct gx_str username,
				       const char *field, struct gx_error *err)
{
	if (password.len > ACCOUNTS_PASSWORD_BYTES_MAX ||
	    gx_utf8_count(password) < ACCOUNTS_PASSWORD_CHARS_MIN)
		return gx_fail_field(err, GX_E_INVALID, "core.invalid_field", field);
	if (accounts_settings[ACCOUNTS_REFUSE_COMMON].num == 0)
		return GX_OK;
	if (gx_str_eq_nocase(password, username))
		return gx_fail_field(err, GX_E_RULE, "accounts.common_password", field);
	for (size_t i = 0; i < GX_COUNT(common_passwords); i++)
		if (gx_str_eq_nocase(password, gx_str_from_cstr(common_passwords[i])))
			return gx_fail_field(err, GX_E_RULE, "accounts.common_password", field);
	return GX_OK;
}

/* The code point at *at, which moves behind it. The bytes are valid UTF-8. */
static uint32_t next_code_point(struct gx_str s, size_t *at)
{
	const unsigned char *p = (const unsigned char *)s.ptr + *at;
	size_t size = p[0] < 0x80 ? 1 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	uint32_t cp = size == 1 ? p[0] : (uint32_t)(p[0] & (0xff >> (size + 1)));

	for (size_t i = 1; i < size; i++)
		cp = cp << 6 | (p[i] & 0x3f);
	*at += size;
	return cp;
}

/* Controls, line and paragraph separators, and what turns the direction of the text around it. */
static bool is_harmful(uint32_t cp)
{
	return cp < 0x20 || (cp >= 0x7f && cp <= 0x9f) || cp == 0x2028 || cp == 0x2029 ||
	       (cp >= 0x202a && cp <= 0x202e) || (cp >= 0x2066 && cp <= 0x2069) || cp == 0xfeff;
}

static bool is_space(uint32_t cp)
{
	return cp == ' ' || cp == 0xa0 || cp == 0x1680 || (cp >= 0x2000 && cp <= 0x200a) ||
	       cp == 0x202f || cp == 0x205f || cp == 0x3000;
}

/* Shows nothing by itself, although it is no white space. */
static bool is_invisible(uint32_t cp)
{
	return cp == 0xad || cp == 0x34f || cp == 0x115f || cp == 0x1160 || cp == 0x17b4 ||
	       cp == 0x17b5 || cp == 0x180e || (cp >= 0x200b && cp <= 0x200f) ||
	       (cp >= 0x2060 && cp <= 0x2064) || cp == 0x2800 || cp == 0x3164 || cp == 0xffa0 ||
	       (cp >= 0xfe00 && cp <= 0xfe0f) || (cp >= 0xe0000 && cp <= 0xe0fff);
}

bool accounts_clean_line(struct gx_str in, struct gx_str *out)
{
	bool has_something_to_see = false;
	size_t from = in.len; /* first byte that is not white space */
	size_t to = in.len;   /* behind the last one */

	if (!gx_utf8_valid(in))
		return false;
	for (size_t at = 0; at < in.len;) {
		size_t start = at;
		uint32_t cp = next_code_point(in, &at);

		if (is_harmful(cp))
			return false;
		if (is_space(cp))
			continue;
		if (from == in.len)
			from = start;
		to = at;
		if (!is_invisible(cp))
			has_something_to_see = true;
	}
	if (from < in.len && !has_something_to_see)
		return false;
	*out = gx_str_slice(in, from, to);
	return true;
}
