/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json.c - the strict parser: one pass, recursive descent, depth bounded.
 *
 * Strings are scanned eight bytes at a time for what ends or forbids them; their UTF-8 is checked
 * only when a byte above 0x7f was seen. Nodes are appended to one array, which moves when it grows:
 * inside the parser they are known by index. Keys are compared when their object closes: pairwise
 * while they are few, else through a hash table under the process's secret key, so that no input
 * makes it quadratic.
 */
#include "json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "json_scan.h"

#define PAIRWISE_MEMBERS_MAX 16u
#define NUMBER_BYTES_MAX 255u

struct parser {
	const char *at;
	const char *end;
	const char *start;
	struct gx_json *nodes;
	uint32_t count;
	uint32_t cap;
	unsigned depth;
	struct gx_arena *arena;
};

static bool parse_value(struct parser *p);

/* ---- nodes ---- */

static void nodes_grow(struct parser *p)
{
	struct gx_json *old = p->nodes;

	p->cap *= 2;
	p->nodes = gx_arena_new_array(p->arena, struct gx_json, p->cap);
	memcpy(p->nodes, old, p->count * sizeof(*old));
}

/* Appends a node whose text starts at `raw`; false when there are too many. */
static bool node_add(struct parser *p, enum gx_json_type type, const char *raw)
{
	if (p->count == GX_JSON_NODES_MAX)
		return false;
	if (p->count == p->cap)
		nodes_grow(p);
	p->nodes[p->count++] = (struct gx_json){ .raw = raw, .span = 1, .type = (uint8_t)type };
	return true;
}

static void skip_space(struct parser *p)
{
	while (p->at < p->end &&
	       (*p->at == ' ' || *p->at == '\n' || *p->at == '\r' || *p->at == '\t'))
		p->at++;
}

static bool take(struct parser *p, char c)
{
	if (p->at == p->end || *p->at != c)
		return false;
	p->at++;
	return true;
}

/* ---- strings ---- */

/* Reads "XXXX" of \uXXXX; -1 when that isn't there. */
static int32_t read_hex4(const char *at, const char *end)
{
	int32_t unit = 0;

	if (end - at < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		int v = gx_hex_digit(at[i]);

		if (v < 0)
			return -1;
		unit = unit << 4 | v;
	}
	return unit;
}

/* Reads the escape behind a backslash, *at being the byte after it, and moves over it.
 * The code point, or -1 when the escape is refused. */
static int32_t read_escape(const char **at, const char *end)
{
	static const char plain[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
	const char *known;
	int32_t high, low;

	if (*at == end)
		return -1;
	if (**at != 'u') {
		known = **at == '\0' ? NULL : strchr(plain, **at);
		(*at)++;
		return known == NULL ? -1 : meant[known - plain];
	}
	high = read_hex4(*at + 1, end);
	if (high <= 0 || (high >= 0xDC00 && high <= 0xDFFF))
		return -1;
	*at += 5;
	if (high < 0xD800 || high > 0xDBFF)
		return high;
	if (end - *at < 6 || (*at)[0] != '\\' || (*at)[1] != 'u')
		return -1;
	low = read_hex4(*at + 2, end);
	if (low < 0xDC00 || low > 0xDFFF)
		return -1;
	*at += 6;
	return 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
}

/* At the byte behind the opening quote; leaves behind the closing one. */
static bool parse_string(struct parser *p)
{
	const char *raw = p->at;
	bool is_escaped = false;
	uint64_t seen = 0;
	struct gx_json *node;

	p->at = gx_json_scan(p->at, p->end, &seen);
	while (take(p, '\\')) {
		is_escaped = true;
		if (read_escape(&p->at, p->end) < 0)
			return false;
		p->at = gx_json_scan(p->at, p->end, &seen);
	}
	if (!take(p, '"'))
		return false;
	if (!node_add(p, GX_JSON_STRING, raw))
		return false;
	node = &p->nodes[p->count - 1];
	node->raw_len = (uint32_t)(p->at - 1 - raw);
	node->is_escaped = is_escaped;
	if ((seen & GX_EVERY_BYTE(0x80)) == 0 ||
	    gx_utf8_valid((struct gx_str){ raw, node->raw_len }))
		return true;
	p->at = raw;
	return false;
}

/* The escapes of a parsed string are known to be good. */
static size_t utf8_encode(int32_t point, char *out)
{
	if (point < 0x80) {
		out[0] = (char)point;
		return 1;
	}
	if (point < 0x800) {
		out[0] = (char)(0xC0 | point >> 6);
		out[1] = (char)(0x80 | (point & 0x3F));
		return 2;
	}
	if (point < 0x10000) {
		out[0] = (char)(0xE0 | point >> 12);
		out[1] = (char)(0x80 | (point >> 6 & 0x3F));
		out[2] = (char)(0x80 | (point & 0x3F));
		return 3;
	}
	out[0] = (char)(0xF0 | point >> 18);
	out[1] = (char)(0x80 | (point >> 12 & 0x3F));
	out[2] = (char)(0x80 | (point >> 6 & 0x3F));
	out[3] = (char)(0x80 | (point & 0x3F));
	return 4;
}

struct gx_str gx_json_str(struct gx_arena *a, const struct gx_json *node)
{
	const char *at, *end;
	char *text;
	size_t len = 0;

	GX_ASSERT(node != NULL && node->type == GX_JSON_STRING);
	if (!node->is_escaped)
		return (struct gx_str){ node->raw, node->raw_len };
	/* An escape is never shorter than what it stands for. */
	text = gx_arena_alloc(a, node->raw_len);
	at = node->raw;
	end = at + node->raw_len;
	while (at < end) {
		if (*at != '\\') {
			text[len++] = *at++;
			continue;
		}
		at++;
		len += utf8_encode(read_escape(&at, end), text + len);
	}
	return (struct gx_str){ text, len };
}

/* Whether an escaped string decodes to `want`, without memory. */
static bool escaped_eq(const struct gx_json *node, struct gx_str want)
{
	const char *at = node->raw, *end = at + node->raw_len;
	size_t matched = 0;

	while (at < end) {
		char bytes[4];
		size_t size = 1;

		bytes[0] = *at++;
		if (bytes[0] == '\\')
			size = utf8_encode(read_escape(&at, end), bytes);
		if (want.len - matched < size || memcmp(want.ptr + matched, bytes, size) != 0)
			return false;
		matched += size;
	}
	return matched == want.len;
}

/* ---- numbers and words ---- */

static bool skip_digits(struct parser *p)
{
	const char *from = p->at;

	while (p->at < p->end && *p->at >= '0' && *p->at <= '9')
		p->at++;
	return p->at > from;
}

static bool parse_number(struct parser *p)
{
	const char *raw = p->at;

	(void)take(p, '-');
	if (!take(p, '0') && !skip_digits(p))
		return false;
	if (take(p, '.') && !skip_digits(p))
		return false;
	if (take(p, 'e') || take(p, 'E')) {
		if (!take(p, '-'))
			(void)take(p, '+');
		if (!skip_digits(p))
			return false;
	}
	if (!node_add(p, GX_JSON_NUMBER, raw))
		return false;
	p->nodes[p->count - 1].raw_len = (uint32_t)(p->at - raw);
	return true;
}

static bool parse_word(struct parser *p, enum gx_json_type type, struct gx_str word)
{
	const char *raw = p->at;
	struct gx_json *node;

	if ((size_t)(p->end - raw) < word.len || memcmp(raw, word.ptr, word.len) != 0 ||
	    !node_add(p, type, raw))
		return false;
	p->at += word.len;
	node = &p->nodes[p->count - 1];
	node->raw_len = (uint32_t)word.len;
	node->is_true = word.ptr[0] == 't';
	return true;
}

/* ---- containers ---- */

static bool keys_differ_pairwise(const struct gx_str *keys, uint32_t count)
{
	for (uint32_t i = 1; i < count; i++)
		for (uint32_t j = 0; j < i; j++)
			if (gx_str_eq(keys[i], keys[j]))
				return false;
	return true;
}

static bool keys_differ_hashed(struct gx_arena *a, const struct gx_str *keys, uint32_t count)
{
	size_t cap = 64, mask;
	uint32_t *slots; /* index of a key + 1; 0: empty */

	while (cap < (size_t)count * 2)
		cap *= 2;
	mask = cap - 1;
	slots = gx_arena_new_array(a, uint32_t, cap);
	for (uint32_t i = 0; i < count; i++) {
		size_t at = (size_t)gx_str_hash(keys[i]) & mask;

		for (; slots[at] != 0; at = (at + 1) & mask)
			if (gx_str_eq(keys[slots[at] - 1], keys[i]))
				return false;
		slots[at] = i + 1;
	}
	return true;
}

/* The object at `index` is complete but for its end. */
static bool keys_differ(struct parser *p, uint32_t index)
{
	const struct gx_json *object = &p->nodes[index], *key = object + 1;
	struct gx_str few[PAIRWISE_MEMBERS_MAX], *keys = few;

	if (object->count < 2)
		return true;
	if (object->count > PAIRWISE_MEMBERS_MAX)
		keys = gx_arena_new_array(p->arena, struct gx_str, object->count);
	for (uint32_t i = 0; i < object->count; i++) {
		keys[i] = gx_json_str(p->arena, key);
		key = key + 1 + key[1].span;
	}
	if (object->count > PAIRWISE_MEMBERS_MAX)
		return keys_differ_hashed(p->arena, keys, object->count);
	return keys_differ_pairwise(keys, object->count);
}

static bool parse_member(struct parser *p)
{
	skip_space(p);
	if (!take(p, '"') || !parse_string(p))
		return false;
	skip_space(p);
	return take(p, ':') && parse_value(p);
}

/* At the byte behind the opening bracket; leaves behind the closing one. */
static bool parse_elements(struct parser *p, uint32_t index, bool is_object)
{
	char close = is_object ? '}' : ']';
	uint32_t count = 0;

	skip_space(p);
	if (!take(p, close)) {
		do {
			if (!(is_object ? parse_member(p) : parse_value(p)))
				return false;
			count++;
			skip_space(p);
		} while (take(p, ','));
		if (!take(p, close))
			return false;
	}
	p->nodes[index].count = count;
	p->nodes[index].span = p->count - index;
	p->nodes[index].raw_len = (uint32_t)(p->at - p->nodes[index].raw);
	return !is_object || keys_differ(p, index);
}

static bool parse_container(struct parser *p, bool is_object)
{
	uint32_t index = p->count;
	bool ok;

	if (p->depth == GX_JSON_DEPTH_MAX ||
	    !node_add(p, is_object ? GX_JSON_OBJECT : GX_JSON_ARRAY, p->at))
		return false;
	p->at++;
	p->depth++;
	ok = parse_elements(p, index, is_object);
	p->depth--;
	return ok;
}

static bool parse_value(struct parser *p)
{
	skip_space(p);
	if (p->at == p->end)
		return false;
	switch (*p->at) {
	case '"':
		p->at++;
		return parse_string(p);
	case '{':
		return parse_container(p, true);
	case '[':
		return parse_container(p, false);
	case 't':
		return parse_word(p, GX_JSON_BOOL, GX_STR("true"));
	case 'f':
		return parse_word(p, GX_JSON_BOOL, GX_STR("false"));
	case 'n':
		return parse_word(p, GX_JSON_NULL, GX_STR("null"));
	default:
		return parse_number(p);
	}
}

enum gx_status gx_json_parse(struct gx_arena *a, struct gx_str text, const struct gx_json **out,
			     struct gx_error *err)
{
	struct parser p = { .arena = a, .at = text.ptr, .start = text.ptr };
	bool ok = text.len > 0 && text.len <= UINT32_MAX;

	if (ok) {
		p.end = text.ptr + text.len;
		/* Calls have a node every ten bytes or so; more make the array double. */
		p.cap = (uint32_t)(text.len / 8 < 1024 ? text.len / 8 : 1024) + 8;
		p.nodes = gx_arena_new_array(a, struct gx_json, p.cap);
		ok = parse_value(&p);
	}
	if (ok) {
		skip_space(&p);
		ok = p.at == p.end;
	}
	if (!ok)
		return gx_fail_detail(a, err, GX_E_INVALID, "core.invalid_json",
				      "The JSON text is refused at byte %zu.",
				      (size_t)(p.at - p.start));
	*out = p.nodes;
	return GX_OK;
}

/* ---- reading ---- */

const struct gx_json *gx_json_get(const struct gx_json *object, struct gx_str key)
{
	const struct gx_json *node;

	if (object == NULL || object->type != GX_JSON_OBJECT)
		return NULL;
	node = object + 1;
	for (uint32_t i = 0; i < object->count; i++) {
		if (node->is_escaped
			    ? escaped_eq(node, key)
			    : node->raw_len == key.len && memcmp(node->raw, key.ptr, key.len) == 0)
			return node + 1;
		node = node + 1 + node[1].span;
	}
	return NULL;
}

const struct gx_json *gx_json_first(const struct gx_json *parent)
{
	return parent == NULL || parent->count == 0 ? NULL : parent + 1;
}

const struct gx_json *gx_json_next(const struct gx_json *node)
{
	return node + node->span;
}

bool gx_json_to_i64(const struct gx_json *node, int64_t *out)
{
	if (node == NULL || node->type != GX_JSON_NUMBER)
		return false;
	if (gx_str_eq(gx_json_raw(node), GX_STR("-0"))) {
		*out = 0;
		return true;
	}
	return gx_str_to_i64(gx_json_raw(node), out);
}

bool gx_json_to_double(const struct gx_json *node, double *out)
{
	char text[NUMBER_BYTES_MAX + 1];
	double v;

	if (node == NULL || node->type != GX_JSON_NUMBER || node->raw_len > NUMBER_BYTES_MAX)
		return false;
	memcpy(text, node->raw, node->raw_len);
	text[node->raw_len] = '\0';
	v = strtod(text, NULL);
	if (!isfinite(v))
		return false;
	*out = v;
	return true;
}

struct gx_str gx_json_raw(const struct gx_json *node)
{
	if (node->type == GX_JSON_STRING)
		return (struct gx_str){ node->raw - 1, node->raw_len + 2 };
	return (struct gx_str){ node->raw, node->raw_len };
}
