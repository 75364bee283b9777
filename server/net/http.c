/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http.c - the head of a request, line by line.
 *
 * A line is looked at once it is complete, so that a head cut anywhere fails with the same status
 * as one that comes whole; only its length and its first byte are judged before.
 */
#include "http.h"

#include <string.h>

#include "http_field.h"

#define REPEAT_REFUSED 1u

static const struct {
	struct gx_str text;
	enum gx_http_name name;
	unsigned flags;
} names[] = {
	{ GX_STR_INIT("host"), GX_HTTP_HOST, REPEAT_REFUSED },
	{ GX_STR_INIT("connection"), GX_HTTP_CONNECTION, 0 },
	{ GX_STR_INIT("content-length"), GX_HTTP_CONTENT_LENGTH, REPEAT_REFUSED },
	{ GX_STR_INIT("transfer-encoding"), GX_HTTP_TRANSFER_ENCODING, REPEAT_REFUSED },
	{ GX_STR_INIT("authorization"), GX_HTTP_AUTHORIZATION, REPEAT_REFUSED },
	{ GX_STR_INIT("content-type"), GX_HTTP_CONTENT_TYPE, REPEAT_REFUSED },
	{ GX_STR_INIT("accept-encoding"), GX_HTTP_ACCEPT_ENCODING, 0 },
	{ GX_STR_INIT("accept-language"), GX_HTTP_ACCEPT_LANGUAGE, 0 },
	{ GX_STR_INIT("cookie"), GX_HTTP_COOKIE, 0 },
	{ GX_STR_INIT("expect"), GX_HTTP_EXPECT, REPEAT_REFUSED },
	{ GX_STR_INIT("forwarded"), GX_HTTP_FORWARDED, 0 },
	{ GX_STR_INIT("if-match"), GX_HTTP_IF_MATCH, 0 },
	{ GX_STR_INIT("if-none-match"), GX_HTTP_IF_NONE_MATCH, 0 },
	{ GX_STR_INIT("if-range"), GX_HTTP_IF_RANGE, REPEAT_REFUSED },
	{ GX_STR_INIT("range"), GX_HTTP_RANGE, REPEAT_REFUSED },
	{ GX_STR_INIT("upgrade"), GX_HTTP_UPGRADE, 0 },
	{ GX_STR_INIT("sec-websocket-key"), GX_HTTP_WS_KEY, REPEAT_REFUSED },
	{ GX_STR_INIT("sec-websocket-protocol"), GX_HTTP_WS_PROTOCOL, 0 },
	{ GX_STR_INIT("sec-websocket-version"), GX_HTTP_WS_VERSION, REPEAT_REFUSED },
	{ GX_STR_INIT("x-filename"), GX_HTTP_X_FILENAME, REPEAT_REFUSED },
	{ GX_STR_INIT("x-forwarded-for"), GX_HTTP_X_FORWARDED_FOR, 0 },
	{ GX_STR_INIT("x-forwarded-proto"), GX_HTTP_X_FORWARDED_PROTO, 0 },
	{ GX_STR_INIT("x-real-ip"), GX_HTTP_X_REAL_IP, 0 },
};

void gx_http_head_init(struct gx_http_head *h)
{
	/* The fields array is only read up to its count. */
	memset(h, 0, offsetof(struct gx_http_head, fields));
	h->status = 0;
	h->reason = NULL;
}

static enum gx_http_result refuse(struct gx_http_head *h, unsigned status, const char *reason)
{
	h->status = (uint16_t)status;
	h->reason = reason;
	return GX_HTTP_REFUSED;
}

static struct gx_str slice_str(struct gx_str in, struct gx_http_slice slice)
{
	return (struct gx_str){ in.ptr + slice.at, slice.len };
}

static struct gx_http_slice slice_of(struct gx_str in, struct gx_str part)
{
	return (struct gx_http_slice){ (uint16_t)(part.ptr - in.ptr), (uint16_t)part.len };
}

static bool is_token(struct gx_str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!gx_http_is_token_char(s.ptr[i]))
			return false;
	return s.len > 0;
}

static bool parse_method(struct gx_str s, enum gx_method *out)
{
	static const struct {
		struct gx_str text;
		enum gx_method method;
	} methods[] = {
		{ GX_STR_INIT("GET"), GX_METHOD_GET },
		{ GX_STR_INIT("POST"), GX_METHOD_POST },
		{ GX_STR_INIT("PUT"), GX_METHOD_PUT },
		{ GX_STR_INIT("PATCH"), GX_METHOD_PATCH },
		{ GX_STR_INIT("DELETE"), GX_METHOD_DELETE },
		{ GX_STR_INIT("HEAD"), GX_METHOD_HEAD },
		{ GX_STR_INIT("OPTIONS"), GX_METHOD_OPTIONS },
	};

	for (size_t i = 0; i < GX_COUNT(methods); i++)
		if (gx_str_eq(s, methods[i].text)) {
			*out = methods[i].method;
			return true;
		}
	return false;
}

/* "HTTP/1.1" and "HTTP/1.0" pass; 0 then, else the status of the refusal. */
static unsigned parse_version(struct gx_str s, bool *is_1_0)
{
	if (s.len != 8 || memcmp(s.ptr, "HTTP/", 5) != 0 || s.ptr[6] != '.' || s.ptr[5] < '0' ||
	    s.ptr[5] > '9' || s.ptr[7] < '0' || s.ptr[7] > '9')
		return 400;
	if (s.ptr[5] != '1' || s.ptr[7] > '1')
		return 505;
	*is_1_0 = s.ptr[7] == '0';
	return 0;
}

/* Host and port as in Host: and in an absolute form; user information is refused. */
static bool is_authority(struct gx_str s)
{
	static const char others[] = "-._~!$&'()*+,;=:%[]";

	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];
		bool is_alnum =
			(c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
		if (!is_alnum && (c == '\0' || strchr(others, c) == NULL))
			return false;
	}
	return s.len > 0 && s.ptr[0] != ':';
}

/* Cuts "http://authority" off; the rest starts with '/' or '?' or is empty. */
static bool parse_absolute_form(struct gx_str *target)
{
	size_t at, end;

	if (target->len > 7 && gx_str_eq_nocase(gx_str_slice(*target, 0, 7), GX_STR("http://")))
		at = 7;
	else if (target->len > 8 &&
		 gx_str_eq_nocase(gx_str_slice(*target, 0, 8), GX_STR("https://")))
		at = 8;
	else
		return false;
	for (end = at; end < target->len; end++)
		if (target->ptr[end] == '/' || target->ptr[end] == '?')
			break;
	if (!is_authority(gx_str_slice(*target, at, end)))
		return false;
	*target = gx_str_slice(*target, end, target->len);
	return true;
}

static enum gx_http_result parse_target(struct gx_http_head *h, struct gx_str in,
					struct gx_str target)
{
	for (size_t i = 0; i < target.len; i++)
		if ((uint8_t)target.ptr[i] <= ' ' || (uint8_t)target.ptr[i] >= 0x7f ||
		    target.ptr[i] == '#')
			return refuse(h, 400, "bad character in the request target");
	if (gx_str_eq(target, GX_STR("*"))) {
		if (h->method != GX_METHOD_OPTIONS)
			return refuse(h, 400, "'*' is for OPTIONS only");
		h->is_asterisk = true;
	} else if (target.len == 0 || target.ptr[0] != '/') {
		if (!parse_absolute_form(&target))
			return refuse(h, 400, "bad request target");
	}
	h->target = slice_of(in, target);
	return GX_HTTP_MORE;
}

static enum gx_http_result parse_request_line(struct gx_http_head *h, struct gx_str in,
					      struct gx_str line)
{
	struct gx_str rest = line;
	struct gx_str method = gx_str_cut(&rest, ' ');
	struct gx_str target = gx_str_cut(&rest, ' ');
	unsigned status;

	if (!is_token(method) || target.len == 0)
		return refuse(h, 400, "malformed request line");
	status = parse_version(rest, &h->is_http_1_0);
	if (status == 505)
		return refuse(h, 505, "only HTTP/1.1 and 1.0 are spoken here");
	if (status != 0)
		return refuse(h, 400, "malformed request line");
	if (!parse_method(method, &h->method))
		return refuse(h, 501, "unknown method");
	h->is_close = h->is_http_1_0;
	return parse_target(h, in, target);
}

static enum gx_http_result check_length(struct gx_http_head *h, struct gx_str value)
{
	uint64_t length = 0;

	/* Leading zeros are digits too. */
	for (size_t i = 0; i < value.len; i++) {
		unsigned digit = (unsigned)((uint8_t)value.ptr[i] - '0');
		if (digit > 9)
			return refuse(h, 400, "Content-Length is not a number");
		if (length > (UINT64_MAX - digit) / 10)
			return refuse(h, 413, "body too large");
		length = length * 10 + digit;
	}
	if (value.len == 0)
		return refuse(h, 400, "Content-Length is not a number");
	h->has_length = true;
	h->content_length = length;
	return GX_HTTP_MORE;
}

static void check_connection(struct gx_http_head *h, struct gx_str value)
{
	struct gx_str item;

	while (gx_http_list_next(&value, &item))
		if (gx_str_eq_nocase(item, GX_STR("close")))
			h->is_close = true;
}

/* Fields that decide how to read on. */
static enum gx_http_result check_field(struct gx_http_head *h, enum gx_http_name name,
				       struct gx_str value)
{
	switch (name) {
	case GX_HTTP_HOST:
		if (!is_authority(value))
			return refuse(h, 400, "bad Host");
		break;
	case GX_HTTP_CONTENT_LENGTH:
		return check_length(h, value);
	case GX_HTTP_TRANSFER_ENCODING:
		if (h->is_http_1_0)
			return refuse(h, 400, "Transfer-Encoding in HTTP/1.0");
		if (!gx_str_eq_nocase(value, GX_STR("chunked")))
			return refuse(h, 501, "only the transfer coding 'chunked' is known");
		h->is_chunked = true;
		break;
	case GX_HTTP_CONNECTION:
		check_connection(h, value);
		break;
	case GX_HTTP_EXPECT:
		/* A 1.0 client can't mean it. */
		if (h->is_http_1_0)
			break;
		if (!gx_str_eq_nocase(value, GX_STR("100-continue")))
			return refuse(h, 417, "unknown expectation");
		h->has_expect = true;
		break;
	default:
		break;
	}
	return GX_HTTP_MORE;
}

static enum gx_http_result parse_field_line(struct gx_http_head *h, struct gx_str in,
					    struct gx_str line)
{
	struct gx_str value = line;
	struct gx_str name = gx_str_cut(&value, ':');
	enum gx_http_name id = GX_HTTP_OTHER;

	/* A folded line starts with a space and a colon-less one ends in no name: both end here. */
	if (name.len == line.len || !is_token(name))
		return refuse(h, 400, "malformed header field");
	for (size_t i = 0; i < value.len; i++) {
		uint8_t c = (uint8_t)value.ptr[i];
		if ((c < ' ' && c != '\t') || c == 0x7f)
			return refuse(h, 400, "control character in a header field");
	}
	value = gx_str_trim(value);
	for (size_t i = 0; i < GX_COUNT(names); i++) {
		if (names[i].text.len != name.len || !gx_str_eq_nocase(names[i].text, name))
			continue;
		id = names[i].name;
		if ((names[i].flags & REPEAT_REFUSED) && gx_http_has(h, id))
			return refuse(h, 400, "header field given twice");
		break;
	}
	if (h->fields_count == GX_HTTP_FIELDS_MAX)
		return refuse(h, 431, "too many header fields");
	h->fields[h->fields_count].value = slice_of(in, value);
	h->fields[h->fields_count].name = (uint8_t)id;
	h->fields_count++;
	return check_field(h, id, value);
}

static enum gx_http_result finish(struct gx_http_head *h)
{
	if (!h->is_http_1_0 && !gx_http_has(h, GX_HTTP_HOST))
		return refuse(h, 400, "Host is missing");
	if (h->has_length && h->is_chunked)
		return refuse(h, 400, "both Content-Length and Transfer-Encoding");
	return GX_HTTP_DONE;
}

static enum gx_http_result parse_line(struct gx_http_head *h, struct gx_str in, struct gx_str line,
				      size_t next_at)
{
	enum gx_http_result result = GX_HTTP_MORE;

	if (h->fields_at == 0 && line.len == 0) {
		if (h->has_blank_line)
			return refuse(h, 400, "empty lines in place of a request");
		h->has_blank_line = true;
	} else if (h->fields_at == 0) {
		result = parse_request_line(h, in, line);
		h->fields_at = (uint32_t)next_at;
	} else if (line.len == 0) {
		h->size = (uint32_t)next_at;
		result = finish(h);
	} else {
		result = parse_field_line(h, in, line);
	}
	return result;
}

/* Whether the line that starts at line_at, complete or not, is longer than allowed. */
static bool is_too_long(const struct gx_http_head *h, size_t end)
{
	if (h->fields_at == 0)
		return end - h->line_at > GX_HTTP_LINE_BYTES_MAX + 2;
	return end - h->fields_at > GX_HTTP_FIELDS_BYTES_MAX;
}

enum gx_http_result gx_http_head_parse(struct gx_http_head *h, struct gx_str in)
{
	enum gx_http_result result = GX_HTTP_MORE;

	while (result == GX_HTTP_MORE) {
		const char *lf;
		size_t end;

		if (h->fields_at == 0 && in.len > h->line_at &&
		    !gx_http_is_token_char(in.ptr[h->line_at]) && in.ptr[h->line_at] != '\r')
			return refuse(h, 400, "not an HTTP request");
		lf = in.len > h->scan_at ? memchr(in.ptr + h->scan_at, '\n', in.len - h->scan_at)
					 : NULL;
		end = lf == NULL ? in.len : (size_t)(lf - in.ptr) + 1;
		if (is_too_long(h, end))
			return h->fields_at == 0 ? refuse(h, 414, "request line too long")
						 : refuse(h, 431, "header section too large");
		h->scan_at = (uint32_t)end;
		if (lf == NULL)
			return GX_HTTP_MORE;
		if (end - h->line_at < 2 || lf[-1] != '\r')
			return refuse(h, 400, "line feed without carriage return");
		result = parse_line(h, in, gx_str_slice(in, h->line_at, end - 2), end);
		h->line_at = (uint32_t)end;
	}
	return result;
}

struct gx_str gx_http_target(const struct gx_http_head *h, struct gx_str in)
{
	return h->target.len == 0 ? GX_STR("/") : slice_str(in, h->target);
}

struct gx_str gx_http_path(const struct gx_http_head *h, struct gx_str in)
{
	struct gx_str rest = slice_str(in, h->target);
	struct gx_str path = gx_str_cut(&rest, '?');

	return path.len == 0 ? GX_STR("/") : path;
}

bool gx_http_field_next(const struct gx_http_head *h, struct gx_str in, enum gx_http_name name,
			uint32_t *at, struct gx_str *value)
{
	while (*at < h->fields_count) {
		const struct gx_http_field *f = &h->fields[(*at)++];
		if (f->name == name) {
			*value = slice_str(in, f->value);
			return true;
		}
	}
	return false;
}

struct gx_str gx_http_field(const struct gx_http_head *h, struct gx_str in, enum gx_http_name name)
{
	struct gx_str value = GX_STR_NULL;
	uint32_t at = 0;

	(void)gx_http_field_next(h, in, name, &at, &value);
	return value;
}

bool gx_http_has(const struct gx_http_head *h, enum gx_http_name name)
{
	for (uint32_t i = 0; i < h->fields_count; i++)
		if (h->fields[i].name == name)
			return true;
	return false;
}

bool gx_http_has_token(const struct gx_http_head *h, struct gx_str in, enum gx_http_name name,
		       struct gx_str token)
{
	struct gx_str value, item;
	uint32_t at = 0;

	while (gx_http_field_next(h, in, name, &at, &value))
		while (gx_http_list_next(&value, &item))
			if (gx_str_eq_nocase(item, token))
				return true;
	return false;
}
