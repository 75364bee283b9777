/* SPDX-License-Identifier: Apache-2.0 */
#include "api_fuzz_values.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "api_words.h"

#define DEPTH_MAX 5u
#define NEST_DEEP 120u

uint8_t fuzz_byte(struct fuzz_bytes *b)
{
	if (b->left == 0)
		return 0;
	b->left--;
	return *b->at++;
}

unsigned fuzz_below(struct fuzz_bytes *b, unsigned limit)
{
	unsigned v = fuzz_byte(b);

	if (limit > 256)
		v = v << 8 | fuzz_byte(b);
	return v % limit;
}

/* --- the pool --- */

static void take_text(struct fuzz_pool *p, struct gx_str s)
{
	uint64_t id;

	if (gx_str_to_u64(s, &id)) {
		p->ids[p->ids_count++ % FUZZ_POOL_MAX] = id;
	} else if (s.len > 0 && s.len < FUZZ_TEXT_BYTES_MAX) {
		char *to = p->texts[p->texts_count++ % FUZZ_POOL_MAX];

		memcpy(to, s.ptr, s.len);
		to[s.len] = '\0';
	}
}

/* Values only: in an object each key stands before its value. */
static void take_node(struct fuzz_pool *p, struct gx_arena *a, const struct gx_json *node)
{
	bool is_object = node->type == GX_JSON_OBJECT;
	const struct gx_json *child;

	if (node->type == GX_JSON_STRING)
		take_text(p, gx_json_str(a, node));
	if (!is_object && node->type != GX_JSON_ARRAY)
		return;
	child = gx_json_first(node);
	for (uint32_t i = 0; i < node->count; i++, child = gx_json_next(child)) {
		if (is_object)
			child = gx_json_next(child);
		take_node(p, a, child);
	}
}

void fuzz_pool_take(struct fuzz_pool *p, struct gx_arena *a, struct gx_str json)
{
	const struct gx_json *node;
	struct gx_error err;

	if (json.len > 0 && gx_json_parse(a, gx_arena_strdup(a, json), &node, &err) == GX_OK)
		take_node(p, a, node);
}

static uint64_t some_id(struct fuzz_bytes *b, const struct fuzz_pool *p)
{
	size_t count = p->ids_count < FUZZ_POOL_MAX ? p->ids_count : FUZZ_POOL_MAX;

	return count == 0 ? 1 : p->ids[fuzz_below(b, (unsigned)count)];
}

static const char *some_text(struct fuzz_bytes *b, const struct fuzz_pool *p)
{
	size_t count = p->texts_count < FUZZ_POOL_MAX ? p->texts_count : FUZZ_POOL_MAX;

	return count == 0 ? "text" : p->texts[fuzz_below(b, (unsigned)count)];
}

/* --- strings --- */

static void put_escaped(struct gx_buf *out, const char *s)
{
	for (; *s != '\0'; s++) {
		if (*s == '"' || *s == '\\')
			gx_buf_append_char(out, '\\');
		if ((unsigned char)*s < 0x20)
			gx_buf_printf(out, "\\u%04x", (unsigned)*s);
		else
			gx_buf_append_char(out, *s);
	}
}

static void put_string(struct gx_buf *out, const char *s)
{
	gx_buf_append_char(out, '"');
	put_escaped(out, s);
	gx_buf_append_char(out, '"');
}

/* `count` characters of one, two, three or four bytes. */
static void put_long(struct gx_buf *out, int64_t count, unsigned which)
{
	static const char *const letters[] = { "a", "é", "字", "😀" };

	if (count < 0)
		count = 0;
	if (count > 20000)
		count = 20000;
	gx_buf_append_char(out, '"');
	for (int64_t i = 0; i < count; i++)
		gx_buf_append_str(out, gx_str_from_cstr(letters[which % GX_COUNT(letters)]));
	gx_buf_append_char(out, '"');
}

/* Bytes of the fuzzer as they are: mostly no JSON at all. */
static void put_raw(struct fuzz_bytes *b, struct gx_buf *out)
{
	unsigned count = fuzz_below(b, 24);

	gx_buf_append_char(out, '"');
	for (unsigned i = 0; i < count; i++) {
		uint8_t c = fuzz_byte(b);

		gx_buf_append_char(out, c == 0 ? ' ' : (char)c); /* the whole is a C string */
	}
	gx_buf_append_char(out, '"');
}

/* A text that answers have shown, with one character changed. */
static void put_mutated(struct fuzz_bytes *b, const struct fuzz_pool *p, struct gx_buf *out)
{
	char copy[FUZZ_TEXT_BYTES_MAX];
	size_t len;

	(void)snprintf(copy, sizeof(copy), "%s", some_text(b, p));
	len = strlen(copy);
	copy[fuzz_below(b, (unsigned)len)] = (char)(0x21 + fuzz_below(b, 0x5d));
	put_string(out, copy);
}

static void put_str(struct fuzz_bytes *b, const struct fuzz_pool *p, const struct gx_field *f,
		    struct gx_buf *out)
{
	static const char *const evil[] = {
		"\"\\u0000\"",
		"\"\\ud800\"",
		"\"\\udc00\\ud800\"",
		"\"\\ud83d\\ude00\"",
		"\"\\u202e\\u0007\"",
		"\"\xff\xfe\"",
		"\"\xed\xa0\x80\"",
		"\"../../etc/passwd\"",
		"\"' OR 1=1 --\"",
		"\"%s%n\"",
		"\"\\n\\t\\r\"",
		"\"\"",
		"\"https://a.example/\"",
		"\"javascript:alert(1)\"",
		"\"a@b\"",
		"\"\\ufeff\\u200b\"",
	};

	/* What calls of the small world are made of. */
	static const char *const usual[] = {
		"text",	    "location", "card",	   "link",     "history",
		"username", "person1",	"person2", "person4",  "person11",
		"spam",	    "none",	"suspend", "operator", "member",
		"admin",    "open",	"group",   "client-1", "correct horse",
		"hello",    "image",	"direct",  "other",    "wrong horse",
	};

	switch (fuzz_below(b, 16)) {
	case 12:
	case 13:
	case 14:
	case 15:
		put_string(out, usual[fuzz_below(b, GX_COUNT(usual))]);
		break;
	case 0:
	case 1:
		put_string(out, some_text(b, p));
		break;
	case 2:
	case 3:
		put_string(out, api_words[fuzz_below(b, GX_COUNT(api_words))]);
		break;
	case 4:
		put_long(out, f->min + fuzz_below(b, 4), fuzz_byte(b));
		break;
	case 5:
		put_long(out, f->min - 1, fuzz_byte(b));
		break;
	case 6:
		put_long(out, f->max == 0 ? 200 : f->max, fuzz_byte(b));
		break;
	case 7:
		put_long(out, (f->max == 0 ? 200 : f->max) + 1, fuzz_byte(b));
		break;
	case 8:
		gx_buf_append_str(out, gx_str_from_cstr(evil[fuzz_below(b, GX_COUNT(evil))]));
		break;
	case 9:
		put_mutated(b, p, out);
		break;
	case 10:
		gx_buf_printf(out, "\"c%u\"", fuzz_below(b, 3000)); /* a client_id, a name */
		break;
	default:
		put_raw(b, out);
		break;
	}
}

/* --- numbers and ids --- */

static void put_int(struct fuzz_bytes *b, const struct gx_field *f, struct gx_buf *out)
{
	static const char *const evil[] = {
		"-0",	 "1.5", "1e308", "9223372036854775807",	 "9223372036854775808", "-1", "1e0",
		"\"1\"", "00",	"1e999", "-9223372036854775809",
	};

	switch (fuzz_below(b, 7)) {
	case 0:
		gx_buf_append_i64(out, f->min + fuzz_below(b, 8));
		break;
	case 1:
		gx_buf_append_i64(out, f->min);
		break;
	case 2:
		gx_buf_append_i64(out, f->max);
		break;
	case 3:
		gx_buf_append_i64(out, f->max == INT64_MAX ? f->max : f->max + 1);
		break;
	case 4:
		gx_buf_append_i64(out, f->min == INT64_MIN ? f->min : f->min - 1);
		break;
	case 5:
		gx_buf_append_i64(out, gx_clock_now_ms() + (int64_t)fuzz_below(b, 60000) * 100);
		break;
	default:
		gx_buf_append_str(out, gx_str_from_cstr(evil[fuzz_below(b, GX_COUNT(evil))]));
		break;
	}
}

static void put_id(struct fuzz_bytes *b, const struct fuzz_pool *p, struct gx_buf *out)
{
	static const char *const evil[] = {
		"\"0\"",
		"\"-1\"",
		"\"18446744073709551615\"",
		"\"18446744073709551616\"",
		"\"01\"",
		"1",
		"\"\"",
		"\"9223372036854775808\"",
		"\"1 \"",
		"[]",
	};
	unsigned choice = fuzz_below(b, 16);

	if (choice == 15)
		gx_buf_append_str(out, gx_str_from_cstr(evil[fuzz_below(b, GX_COUNT(evil))]));
	else if (choice == 14)
		gx_buf_printf(out, "\"%u\"", 1 + fuzz_below(b, 1000));
	else
		gx_buf_printf(out, "\"%" PRIu64 "\"", some_id(b, p));
}

static void put_list(struct fuzz_bytes *b, const struct fuzz_pool *p, const struct gx_field *f,
		     struct gx_buf *out)
{
	unsigned choice = fuzz_below(b, 16);
	int64_t count = choice < 12    ? choice % 5
			: choice == 12 ? f->max
			: choice == 13 ? f->max + 1
				       : 0;

	if (count > 600)
		count = 600;
	gx_buf_append_char(out, '[');
	for (int64_t i = 0; i < count; i++) {
		if (i > 0)
			gx_buf_append_char(out, ',');
		if (choice == 12 || choice == 13)
			gx_buf_printf(out, "\"%lld\"", (long long)i + 1);
		else if (f->type == GX_FIELD_ID_LIST)
			put_id(b, p, out);
		else
			put_str(b, p, f, out);
	}
	gx_buf_append_char(out, ']');
}

/* --- any JSON --- */

static void put_any(struct fuzz_bytes *b, const struct fuzz_pool *p, unsigned depth,
		    struct gx_buf *out);

/* Bodies and sources that are right but for what stands in them: $ is an id, & a string. */
static void put_template(struct fuzz_bytes *b, const struct fuzz_pool *p, struct gx_buf *out)
{
	static const struct gx_field text = { .min = 1, .max = 200 };
	static const char *const templates[] = {
		"{\"text\":\"hello\"}",
		"{\"text\":&}",
		"{\"text\":\"@all\",\"mentions\":[$,$]}",
		"{\"latitude\":1.5,\"longitude\":-0.25,\"title\":&,\"address\":&}",
		"{\"account_id\":$}",
		"{\"url\":\"https://a.example/\",\"title\":&,\"summary\":&,\"image\":null}",
		"{\"media_id\":$,\"width\":10,\"height\":10}",
		"{\"media_id\":$,\"duration_ms\":100}",
		("{\"title\":&,\"items\":[{\"nickname\":&,\"kind\":\"text\","
		 "\"body\":{\"text\":&},\"sent_at\":1}]}"),
		"{\"kind\":\"username\",\"ref\":&}",
		"{\"kind\":\"username\",\"ref\":\"person3\"}",
		"{\"kind\":\"username\",\"ref\":\"person4\"}",
		"{\"kind\":\"group\",\"ref\":$}",
		"{\"kind\":&,\"ref\":&}",
	};
	const char *at = templates[fuzz_below(b, GX_COUNT(templates))];

	for (; *at != '\0'; at++) {
		if (*at == '$')
			put_id(b, p, out);
		else if (*at == '&')
			put_str(b, p, &text, out);
		else
			gx_buf_append_char(out, *at);
	}
}

static void put_object(struct fuzz_bytes *b, const struct fuzz_pool *p, unsigned depth,
		       struct gx_buf *out)
{
	static const char *const body_keys[] = {
		"ref",	 "text",     "media_id",  "width", "height",	 "duration_ms", "name",
		"size",	 "latitude", "longitude", "label", "account_id", "url",		"title",
		"items", "mentions", "kind",	  "body",  "reply_to",	 "sender_id",	"waveform",
	};
	unsigned count = depth > DEPTH_MAX ? 0 : fuzz_below(b, 6);

	if (depth == 0 && fuzz_byte(b) % 4 != 0) {
		put_template(b, p, out);
		return;
	}
	gx_buf_append_char(out, '{');
	for (unsigned i = 0; i < count; i++) {
		unsigned choice = fuzz_byte(b);
		const char *key = choice < 200 ? body_keys[choice % GX_COUNT(body_keys)]
					       : api_words[fuzz_below(b, GX_COUNT(api_words))];

		if (i > 0)
			gx_buf_append_char(out, ',');
		put_string(out, key);
		gx_buf_append_char(out, ':');
		put_any(b, p, depth + 1, out);
	}
	gx_buf_append_char(out, '}');
}

static void put_any(struct fuzz_bytes *b, const struct fuzz_pool *p, unsigned depth,
		    struct gx_buf *out)
{
	static const struct gx_field text = { .min = 1, .max = 5000 };
	static const struct gx_field number = { .min = 0, .max = 100000 };
	static const char *const plain[] = { "true", "false", "null", "[]", "{}", "0" };

	switch (fuzz_below(b, 8)) {
	case 0:
	case 1:
		put_str(b, p, &text, out);
		break;
	case 2:
		put_int(b, &number, out);
		break;
	case 3:
		put_id(b, p, out);
		break;
	case 4:
		put_object(b, p, depth, out);
		break;
	case 5:
		gx_buf_append_char(out, '[');
		put_any(b, p, depth + 4, out);
		gx_buf_append_char(out, ']');
		break;
	case 6:
		gx_buf_printf(out, "%d.%06u", (int)fuzz_below(b, 400) - 200, fuzz_byte(b));
		break;
	default:
		gx_buf_append_str(out, gx_str_from_cstr(plain[fuzz_below(b, GX_COUNT(plain))]));
		break;
	}
}

static void put_deep(struct gx_buf *out)
{
	for (unsigned i = 0; i < NEST_DEEP; i++)
		gx_buf_append_str(out, GX_STR("[{\"a\":"));
	gx_buf_append_char(out, '1');
	for (unsigned i = 0; i < NEST_DEEP; i++)
		gx_buf_append_str(out, GX_STR("}]"));
}

/* --- inputs --- */

/* What an input of that name wants, where only few strings will do. */
static const char *hint(struct fuzz_bytes *b, const char *name)
{
	static const char *const hints[][2] = {
		{ "username", "person0" },
		{ "username", "person3" },
		{ "password", "correct horse" },
		{ "current", "correct horse" },
		{ "password", "another horse" },
		{ "new_password", "another horse" },
		{ "old_password", "correct horse" },
		{ "current_password", "correct horse" },
		{ "reason", "spam" },
		{ "action", "none" },
		{ "action", "suspend" },
		{ "role", "operator" },
		{ "role", "member" },
		{ "kind", "text" },
		{ "kind", "history" },
		{ "state", "open" },
		{ "old", "correct horse" },
		{ "new", "another horse" },
	};
	size_t start = fuzz_below(b, GX_COUNT(hints));

	for (size_t i = 0; i < GX_COUNT(hints); i++) {
		const char *const *h = hints[(start + i) % GX_COUNT(hints)];

		if (strcmp(h[0], name) == 0)
			return h[1];
	}
	return NULL;
}

static void put_value(struct fuzz_bytes *b, const struct fuzz_pool *p, const struct gx_field *f,
		      struct gx_buf *out)
{
	const char *wanted =
		f->type == GX_FIELD_STR || f->type == GX_FIELD_TOKEN ? hint(b, f->name) : NULL;

	if (wanted != NULL && fuzz_byte(b) % 4 != 3) {
		put_string(out, wanted);
		return;
	}
	switch (f->type) {
	case GX_FIELD_STR:
	case GX_FIELD_TOKEN:
		put_str(b, p, f, out);
		break;
	case GX_FIELD_INT:
		put_int(b, f, out);
		break;
	case GX_FIELD_BOOL:
		gx_buf_append_str(out, fuzz_byte(b) % 2 == 0 ? GX_STR("true") : GX_STR("false"));
		break;
	case GX_FIELD_ID:
		put_id(b, p, out);
		break;
	case GX_FIELD_ID_LIST:
	case GX_FIELD_STR_LIST:
		put_list(b, p, f, out);
		break;
	case GX_FIELD_OBJECT:
		put_object(b, p, 0, out);
		break;
	default:
		put_any(b, p, 0, out);
		break;
	}
}

void fuzz_write_inputs(struct fuzz_bytes *b, const struct fuzz_pool *p,
		       const struct gx_field *fields, struct gx_buf *out)
{
	bool is_first = true;

	gx_buf_append_char(out, '{');
	for (const struct gx_field *f = fields; f != NULL && f->type != GX_FIELD_END; f++) {
		bool is_required = (f->flags & GX_FIELD_REQUIRED) != 0;
		uint8_t choice = fuzz_byte(b);

		if (choice >= 250 || (!is_required && choice % 2 == 0))
			continue;
		if (!is_first)
			gx_buf_append_char(out, ',');
		is_first = false;
		put_string(out, f->name);
		gx_buf_append_char(out, ':');
		if (choice == 249)
			gx_buf_append_str(out, GX_STR("null"));
		else if (choice == 247)
			put_deep(out);
		else if (choice >= 240)
			put_any(b, p, 0, out);
		else
			put_value(b, p, f, out);
	}
	if (fuzz_byte(b) == 255)
		gx_buf_append_str(out,
				  is_first ? GX_STR("\"unknown\":1") : GX_STR(",\"unknown\":1"));
	gx_buf_append_char(out, '}');
}
