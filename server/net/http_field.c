/* SPDX-License-Identifier: Apache-2.0 */
#include "http_field.h"

#include <string.h>

bool gx_http_is_token_char(char c)
{
	/* One bit for each of !#$%&'*+-.^_`|~, digits and letters. */
	static const uint64_t bits[2] = { UINT64_C(0x3ff6cfa00000000),
					  UINT64_C(0x57ffffffc7fffffe) };
	uint8_t byte = (uint8_t)c;

	return byte < 128 && (bits[byte >> 6] >> (byte & 63) & 1) != 0;
}

bool gx_http_list_next(struct gx_str *rest, struct gx_str *item)
{
	while (rest->len > 0) {
		bool is_quoted = false;
		size_t end;

		for (end = 0; end < rest->len; end++) {
			char c = rest->ptr[end];
			if (c == '\\' && is_quoted && end + 1 < rest->len)
				end++;
			else if (c == '"')
				is_quoted = !is_quoted;
			else if (c == ',' && !is_quoted)
				break;
		}
		*item = gx_str_trim(gx_str_slice(*rest, 0, end));
		*rest = gx_str_slice(*rest, end + 1, rest->len);
		if (item->len > 0)
			return true;
	}
	return false;
}

/* "q=0.5" in thousandths; 0 when it is none. */
static unsigned parse_quality(struct gx_str s)
{
	unsigned value, weight = 100;

	s = gx_str_trim(s);
	if (s.len < 3 || (s.ptr[0] != 'q' && s.ptr[0] != 'Q') || s.ptr[1] != '=')
		return 0;
	if (s.ptr[2] != '0' && s.ptr[2] != '1')
		return 0;
	value = s.ptr[2] == '1' ? 1000 : 0;
	if (s.len > 7 || (s.len > 3 && s.ptr[3] != '.'))
		return 0;
	for (size_t i = 4; i < s.len; i++, weight /= 10) {
		if (s.ptr[i] < '0' || s.ptr[i] > '9')
			return 0;
		value += weight * (unsigned)(s.ptr[i] - '0');
	}
	return value > 1000 ? 1000 : value;
}

unsigned gx_http_coding_quality(const struct gx_http_head *h, struct gx_str in,
				struct gx_str coding)
{
	struct gx_str value, item;
	unsigned any = 0;
	uint32_t at = 0;

	while (gx_http_field_next(h, in, GX_HTTP_ACCEPT_ENCODING, &at, &value))
		while (gx_http_list_next(&value, &item)) {
			struct gx_str parameters = item;
			struct gx_str name = gx_str_trim(gx_str_cut(&parameters, ';'));
			unsigned quality = name.len == item.len ? 1000 : parse_quality(parameters);

			if (gx_str_eq_nocase(name, coding))
				return quality;
			if (gx_str_eq(name, GX_STR("*")))
				any = quality;
		}
	return any;
}

bool gx_http_etag_listed(struct gx_str list, struct gx_str etag, bool is_strong)
{
	struct gx_str item;

	while (gx_http_list_next(&list, &item)) {
		if (gx_str_eq(item, GX_STR("*")))
			return true;
		if (!is_strong && gx_str_starts(item, GX_STR("W/")))
			item = gx_str_slice(item, 2, item.len);
		if (gx_str_eq(item, etag))
			return true;
	}
	return false;
}

/* Digits with leading zeros; what passes 64 bits is the largest number. */
static bool parse_position(struct gx_str s, uint64_t *out)
{
	uint64_t v = 0;

	for (size_t i = 0; i < s.len; i++) {
		unsigned digit = (unsigned)((uint8_t)s.ptr[i] - '0');
		if (digit > 9)
			return false;
		v = v > (UINT64_MAX - digit) / 10 ? UINT64_MAX : v * 10 + digit;
	}
	*out = v;
	return s.len > 0;
}

enum gx_http_range gx_http_range_parse(struct gx_str value, uint64_t size, uint64_t *first,
				       uint64_t *last)
{
	struct gx_str end, start;
	uint64_t from, to;

	if (value.len < 6 || !gx_str_eq_nocase(gx_str_slice(value, 0, 6), GX_STR("bytes=")))
		return GX_HTTP_RANGE_WHOLE;
	end = gx_str_trim(gx_str_slice(value, 6, value.len));
	start = gx_str_cut(&end, '-');
	if (start.len + end.len + 1 != gx_str_trim(gx_str_slice(value, 6, value.len)).len)
		return GX_HTTP_RANGE_WHOLE; /* no '-' */
	if (start.len == 0) {
		/* The last so many bytes. */
		if (!parse_position(end, &to))
			return GX_HTTP_RANGE_WHOLE;
		if (to == 0 || size == 0)
			return GX_HTTP_RANGE_UNSATISFIABLE;
		*first = to < size ? size - to : 0;
		*last = size - 1;
		return GX_HTTP_RANGE_PART;
	}
	to = UINT64_MAX;
	if (!parse_position(start, &from) || (end.len > 0 && !parse_position(end, &to)) ||
	    to < from)
		return GX_HTTP_RANGE_WHOLE;
	if (from >= size)
		return GX_HTTP_RANGE_UNSATISFIABLE;
	*first = from;
	*last = to < size ? to : size - 1;
	return GX_HTTP_RANGE_PART;
}

static void put_digits(char *out, unsigned v, unsigned count)
{
	while (count-- > 0) {
		out[count] = (char)('0' + v % 10);
		v /= 10;
	}
}

void gx_http_date(int64_t now_ms, char out[GX_HTTP_DATE_BYTES])
{
	static const char days[] = "ThuFriSatSunMonTueWed";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	uint64_t seconds = (uint64_t)(now_ms < 0 ? 0 : now_ms) / 1000;
	uint64_t day = seconds / 86400;
	/* Days to a date, counted from 1 March of year 0 (Hinnant's civil_from_days). */
	uint64_t z = day + 719468;
	uint64_t era = z / 146097, doe = z % 146097;
	uint64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	uint64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	uint64_t mp = (5 * doy + 2) / 153;
	unsigned month = (unsigned)(mp < 10 ? mp + 3 : mp - 9);

	memcpy(out, "xxx, 00 xxx 0000 00:00:00 GMT", GX_HTTP_DATE_BYTES);
	memcpy(out, days + 3 * (day % 7), 3);
	put_digits(out + 5, (unsigned)(doy - (153 * mp + 2) / 5 + 1), 2);
	memcpy(out + 8, months + (size_t)3 * (month - 1), 3);
	put_digits(out + 12, (unsigned)(yoe + era * 400 + (month <= 2)), 4);
	put_digits(out + 17, (unsigned)(seconds / 3600 % 24), 2);
	put_digits(out + 20, (unsigned)(seconds / 60 % 60), 2);
	put_digits(out + 23, (unsigned)(seconds % 60), 2);
}
