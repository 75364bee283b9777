/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: the JSON parser accepts exactly what RFC 8259 allows within our limits, and reads it right.
 * Method: jansson is the second opinion. Where both accept, the values are compared, then written
 * by our writer, parsed again and compared again. Differences that are meant:
 *   - we refuse depth beyond GX_JSON_DEPTH_MAX and more than GX_JSON_NODES_MAX nodes;
 *   - jansson refuses numbers that fit neither its integer nor a double; to us a number is text
 *     until somebody asks for its value;
 *   - jansson overlooks a NUL byte behind a number; we refuse the byte wherever it stands.
 */
#include <jansson.h>
#include <math.h>
#include <string.h>

#include "json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t depth_of(const json_t *v)
{
	size_t deepest = 0, index;
	const char *key;
	json_t *child;

	if (json_is_array(v)) {
		json_array_foreach((json_t *)(uintptr_t)v, index, child)
		{
			size_t depth = depth_of(child);

			deepest = depth > deepest ? depth : deepest;
		}
	} else if (json_is_object(v)) {
		json_object_foreach((json_t *)(uintptr_t)v, key, child)
		{
			size_t depth = depth_of(child);

			deepest = depth > deepest ? depth : deepest;
		}
	} else {
		return 0;
	}
	return deepest + 1;
}

static size_t nodes_of(const json_t *v)
{
	size_t count = 1, index;
	const char *key;
	json_t *child;

	if (json_is_array(v)) {
		json_array_foreach((json_t *)(uintptr_t)v, index, child) count += nodes_of(child);
	} else if (json_is_object(v)) {
		json_object_foreach((json_t *)(uintptr_t)v, key, child) count +=
			1 + nodes_of(child);
	}
	return count;
}

static void check_number(const struct gx_json *node, const json_t *v)
{
	int64_t i64;
	double d;

	if (json_is_integer(v)) {
		GX_ASSERT(gx_json_to_i64(node, &i64));
		GX_ASSERT(i64 == json_integer_value(v));
		return;
	}
	GX_ASSERT(json_is_real(v));
	GX_ASSERT(!gx_json_to_i64(node, &i64));
	if (node->raw_len <= 255) {
		double want = json_real_value(v);

		GX_ASSERT(gx_json_to_double(node, &d));
		GX_ASSERT(memcmp(&d, &want, sizeof(d)) == 0);
	}
}

static void check_same(struct gx_arena *a, const struct gx_json *node, const json_t *v)
{
	const struct gx_json *child = gx_json_first(node);

	switch ((enum gx_json_type)node->type) {
	case GX_JSON_NULL:
		GX_ASSERT(json_is_null(v));
		break;
	case GX_JSON_BOOL:
		GX_ASSERT(json_is_boolean(v) && node->is_true == json_is_true(v));
		break;
	case GX_JSON_NUMBER:
		check_number(node, v);
		break;
	case GX_JSON_STRING:
		GX_ASSERT(json_is_string(v));
		GX_ASSERT(
			gx_str_eq(gx_json_str(a, node),
				  (struct gx_str){ json_string_value(v), json_string_length(v) }));
		break;
	case GX_JSON_ARRAY:
		GX_ASSERT(json_is_array(v) && json_array_size(v) == node->count);
		for (uint32_t i = 0; i < node->count; i++, child = gx_json_next(child))
			check_same(a, child, json_array_get(v, i));
		break;
	case GX_JSON_OBJECT:
		GX_ASSERT(json_is_object(v) && json_object_size(v) == node->count);
		for (uint32_t i = 0; i < node->count; i++) {
			struct gx_str key = gx_arena_strdup(a, gx_json_str(a, child));

			GX_ASSERT(gx_json_get(node, key) == child + 1);
			check_same(a, child + 1, json_object_get(v, key.ptr));
			child = gx_json_next(child + 1);
		}
		break;
	}
}

/* Decodes and encodes each part anew; numbers that fit are written from their value. */
static void write_again(struct gx_arena *a, const struct gx_json *node, struct gx_json_writer *w)
{
	const struct gx_json *child = gx_json_first(node);
	int64_t i64;
	double d;

	switch ((enum gx_json_type)node->type) {
	case GX_JSON_NULL:
		gx_json_put_null(w);
		break;
	case GX_JSON_BOOL:
		gx_json_put_bool(w, node->is_true);
		break;
	case GX_JSON_NUMBER:
		if (gx_json_to_i64(node, &i64))
			gx_json_put_i64(w, i64);
		else if (gx_json_to_double(node, &d) && d != trunc(d))
			gx_json_put_double(w, d);
		else
			gx_json_put_raw(w, gx_json_raw(node));
		break;
	case GX_JSON_STRING:
		gx_json_put_str(w, gx_json_str(a, node));
		break;
	case GX_JSON_ARRAY:
		gx_json_begin_array(w);
		for (uint32_t i = 0; i < node->count; i++, child = gx_json_next(child))
			write_again(a, child, w);
		gx_json_end_array(w);
		break;
	case GX_JSON_OBJECT:
		gx_json_begin_object(w);
		for (uint32_t i = 0; i < node->count; i++) {
			/* Keys are written as they came: gx_json_key() does not escape. */
			gx_json_key(w, (struct gx_str){ child->raw, child->raw_len });
			write_again(a, child + 1, w);
			child = gx_json_next(child + 1);
		}
		gx_json_end_object(w);
		break;
	}
}

static void check_accepted(struct gx_arena *a, const struct gx_json *root, const json_t *v,
			   size_t size)
{
	struct gx_json_writer w;
	const struct gx_json *again;
	struct gx_error err;
	struct gx_buf b;

	check_same(a, root, v);
	gx_buf_init(&b, 16 * size + 64);
	gx_json_writer_init(&w, &b);
	write_again(a, root, &w);
	GX_ASSERT(!b.overflow);
	GX_ASSERT(gx_json_parse(a, gx_buf_str(&b), &again, &err) == GX_OK);
	check_same(a, again, v);
	gx_buf_deinit(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct gx_str text = { (const char *)data, size };
	const struct gx_json *root;
	struct gx_error err;
	json_error_t jansson_err;
	struct gx_arena a;
	json_t *v =
		json_loadb(text.ptr, size, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, &jansson_err);

	gx_arena_init(&a);
	if (gx_json_parse(&a, text, &root, &err) != GX_OK)
		GX_ASSERT(v == NULL || gx_str_find(text, '\0') < size ||
			  depth_of(v) > GX_JSON_DEPTH_MAX || nodes_of(v) > GX_JSON_NODES_MAX);
	else if (v == NULL)
		GX_ASSERT(json_error_code(&jansson_err) == json_error_numeric_overflow);
	else
		check_accepted(&a, root, v, size);
	json_decref(v);
	gx_arena_deinit(&a);
	return 0;
}
