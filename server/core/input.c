/* SPDX-License-Identifier: Apache-2.0 */
/*
 * input.c - a request's path, query and body, or a stream call's `in`, as typed values by the
 * route's table.
 *
 * Whatever a handler sees has passed here: types, bounds, required, nothing unknown. Every refusal
 * names the field.
 */
#include "core_state.h"

#include <string.h>

static enum gx_status refuse(struct gx_arena *a, struct gx_error *err, const struct gx_field *f,
			     const char *why)
{
	gx_fail_detail(a, err, GX_E_INVALID, "core.invalid_field", "%s: %s", f->name, why);
	err->fields[0] = f->name;
	err->fields_count = 1;
	return GX_E_INVALID;
}

static bool is_token_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '.' || c == '_' || c == '~' || c == '-';
}

static bool has_control(struct gx_str s, bool is_secret)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.ptr[i];

		if (c == 0 || (!is_secret && ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f)))
			return true;
	}
	return false;
}

static enum gx_status take_text(struct gx_arena *a, const struct gx_field *f, struct gx_str s,
				struct gx_input *in, struct gx_error *err)
{
	if (f->type == GX_FIELD_TOKEN) {
		if (s.len == 0 || s.len > (f->max == 0 ? 200u : (size_t)f->max))
			return refuse(a, err, f, "has the wrong length");
		for (size_t i = 0; i < s.len; i++)
			if (!is_token_char(s.ptr[i]))
				return refuse(a, err, f, "may contain only A-Z a-z 0-9 . _ ~ -");
	} else {
		size_t count = gx_utf8_count(s);

		if (count < (size_t)f->min || count > (size_t)f->max)
			return refuse(a, err, f, "is too short or too long");
		if (has_control(s, (f->flags & GX_FIELD_SECRET) != 0))
			return refuse(a, err, f, "contains control characters");
	}
	in->str = s;
	return GX_OK;
}

static enum gx_status take_number(struct gx_arena *a, const struct gx_field *f, int64_t v,
				  struct gx_input *in, struct gx_error *err)
{
	if (v < f->min || v > f->max)
		return refuse(a, err, f, "is out of bounds");
	in->num = v;
	return GX_OK;
}

static enum gx_status take_id(struct gx_arena *a, const struct gx_field *f, struct gx_str s,
			      uint64_t *id, struct gx_error *err)
{
	uint64_t v;

	if (!gx_str_to_u64(s, &v) || v == 0 || v > INT64_MAX)
		return refuse(a, err, f, "is not an id");
	*id = v;
	return GX_OK;
}

/* A value that arrived as text: in the path or the query. */
static enum gx_status take_plain(struct gx_arena *a, const struct gx_field *f, struct gx_str s,
				 struct gx_input *in, struct gx_error *err)
{
	int64_t v;

	in->is_present = true;
	if (!gx_utf8_valid(s))
		return refuse(a, err, f, "is not UTF-8");
	switch (f->type) {
	case GX_FIELD_STR:
	case GX_FIELD_TOKEN:
		return take_text(a, f, s, in, err);
	case GX_FIELD_INT:
		if (!gx_str_to_i64(s, &v))
			return refuse(a, err, f, "is not a whole number");
		return take_number(a, f, v, in, err);
	case GX_FIELD_BOOL:
		in->num = gx_str_eq(s, GX_STR("true"));
		if (in->num == 0 && !gx_str_eq(s, GX_STR("false")))
			return refuse(a, err, f, "is neither true nor false");
		return GX_OK;
	case GX_FIELD_ID:
		return take_id(a, f, s, &in->id, err);
	default:
		return refuse(a, err, f, "can't stand here");
	}
}

static enum gx_status take_id_list(struct gx_arena *a, const struct gx_field *f,
				   const struct gx_json *v, struct gx_input *in,
				   struct gx_error *err)
{
	uint64_t *ids = gx_arena_new_array(a, uint64_t, v->count + 1);
	const struct gx_json *n = gx_json_first(v);

	for (uint32_t i = 0; i < v->count; i++, n = gx_json_next(n)) {
		if (n->type != GX_JSON_STRING)
			return refuse(a, err, f, "must contain ids as strings");
		enum gx_status st = take_id(a, f, gx_json_str(a, n), &ids[i], err);
		if (st != GX_OK)
			return st;
		for (uint32_t k = 0; k < i; k++)
			if (ids[k] == ids[i])
				return refuse(a, err, f, "names someone twice");
	}
	in->ids = ids;
	return GX_OK;
}

static enum gx_status take_str_list(struct gx_arena *a, const struct gx_field *f,
				    const struct gx_json *v, struct gx_input *in,
				    struct gx_error *err)
{
	struct gx_str *strs = gx_arena_new_array(a, struct gx_str, v->count + 1);
	const struct gx_json *n = gx_json_first(v);

	for (uint32_t i = 0; i < v->count; i++, n = gx_json_next(n)) {
		if (n->type != GX_JSON_STRING)
			return refuse(a, err, f, "must contain strings");
		strs[i] = gx_json_str(a, n);
		size_t count = gx_utf8_count(strs[i]);
		if (count < 1 || count > 64 || has_control(strs[i], false))
			return refuse(a, err, f, "contains a string that is empty or too long");
		for (uint32_t k = 0; k < i; k++)
			if (gx_str_eq(strs[k], strs[i]))
				return refuse(a, err, f, "contains a string twice");
	}
	in->strs = strs;
	return GX_OK;
}

static enum gx_status take_list(struct gx_arena *a, const struct gx_field *f,
				const struct gx_json *v, struct gx_input *in, struct gx_error *err)
{
	if (v->type != GX_JSON_ARRAY)
		return refuse(a, err, f, "is not a list");
	if (v->count < f->min || v->count > f->max)
		return refuse(a, err, f, "has too few or too many entries");
	in->count = v->count;
	return f->type == GX_FIELD_ID_LIST ? take_id_list(a, f, v, in, err)
					   : take_str_list(a, f, v, in, err);
}

/* A value that arrived as JSON. */
static enum gx_status take_json(struct gx_arena *a, const struct gx_field *f,
				const struct gx_json *v, struct gx_input *in, struct gx_error *err)
{
	int64_t num;

	if (v->type == GX_JSON_NULL && f->type != GX_FIELD_ANY) {
		if ((f->flags & GX_FIELD_NULLABLE) == 0)
			return refuse(a, err, f, "may not be null");
		in->is_present = in->is_null = true;
		return GX_OK;
	}
	in->is_present = true;
	in->json = v;
	switch (f->type) {
	case GX_FIELD_STR:
	case GX_FIELD_TOKEN:
		if (v->type != GX_JSON_STRING)
			return refuse(a, err, f, "is not a string");
		return take_text(a, f, gx_json_str(a, v), in, err);
	case GX_FIELD_ID:
		if (v->type != GX_JSON_STRING)
			return refuse(a, err, f, "is not an id as a string");
		return take_id(a, f, gx_json_str(a, v), &in->id, err);
	case GX_FIELD_INT:
		if (!gx_json_to_i64(v, &num))
			return refuse(a, err, f, "is not a whole number");
		return take_number(a, f, num, in, err);
	case GX_FIELD_BOOL:
		if (v->type != GX_JSON_BOOL)
			return refuse(a, err, f, "is neither true nor false");
		in->num = v->is_true;
		return GX_OK;
	case GX_FIELD_ID_LIST:
	case GX_FIELD_STR_LIST:
		return take_list(a, f, v, in, err);
	case GX_FIELD_OBJECT:
		if (v->type != GX_JSON_OBJECT)
			return refuse(a, err, f, "is not an object");
		return GX_OK;
	case GX_FIELD_ANY:
		return GX_OK;
	case GX_FIELD_END:
		break;
	}
	GX_ASSERT(!"a field of unknown type");
	return GX_E_INTERNAL;
}

/* Index of the field, or fields_count. */
static unsigned find_field(const struct core_route *route, struct gx_str name)
{
	unsigned i = 0;

	for (; i < route->fields_count; i++) {
		const char *field = route->route->fields[i].name;

		if (strlen(field) == name.len && memcmp(field, name.ptr, name.len) == 0)
			break;
	}
	return i;
}

static bool is_path_field(const struct core_route *route, unsigned field)
{
	for (unsigned i = 0; i < route->segments_count; i++)
		if (route->param_field[i] == field + 1)
			return true;
	return false;
}

static enum gx_status unknown(struct gx_arena *a, struct gx_error *err, struct gx_str name)
{
	return gx_fail_detail(a, err, GX_E_INVALID, "core.unknown_field", "%.*s",
			      (int)(name.len > 64 ? 64 : name.len), name.ptr);
}

static enum gx_status check_required(struct gx_arena *a, const struct core_route *route,
				     const struct gx_input *in, struct gx_error *err)
{
	for (unsigned i = 0; i < route->fields_count; i++) {
		const struct gx_field *f = &route->route->fields[i];

		if ((f->flags & GX_FIELD_REQUIRED) != 0 && !in[i].is_present) {
			gx_fail_detail(a, err, GX_E_INVALID, "core.missing_field", "%s", f->name);
			err->fields[0] = f->name;
			err->fields_count = 1;
			return GX_E_INVALID;
		}
	}
	return GX_OK;
}

static enum gx_status take_object(struct gx_arena *a, const struct core_route *route,
				  const struct gx_json *object, bool with_path, struct gx_input *in,
				  struct gx_error *err)
{
	const struct gx_json *key = gx_json_first(object);

	for (uint32_t i = 0; i < object->count; i++) {
		const struct gx_json *value = gx_json_next(key);
		struct gx_str name = gx_json_str(a, key);
		unsigned field = find_field(route, name);

		if (field == route->fields_count || (!with_path && is_path_field(route, field)))
			return unknown(a, err, name);
		enum gx_status st =
			take_json(a, &route->route->fields[field], value, &in[field], err);
		if (st != GX_OK)
			return st;
		key = gx_json_next(value);
	}
	return GX_OK;
}

enum gx_status core_input_from_json(struct gx_arena *a, const struct core_route *route,
				    const struct gx_json *object, struct gx_input *in,
				    struct gx_error *err)
{
	if (object != NULL) {
		if (object->type != GX_JSON_OBJECT)
			return gx_fail_field(err, GX_E_INVALID, "core.invalid_field", "in");
		enum gx_status st = take_object(a, route, object, true, in, err);
		if (st != GX_OK)
			return st;
	}
	return check_required(a, route, in, err);
}

/* Percent-decoding; in a query a plus is a space. */
static bool decode(struct gx_arena *a, struct gx_str s, bool is_query, struct gx_str *out)
{
	char *to = gx_arena_alloc(a, s.len + 1);
	size_t n = 0;

	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];

		if (c == '%') {
			if (i + 2 >= s.len || gx_hex_digit(s.ptr[i + 1]) < 0 ||
			    gx_hex_digit(s.ptr[i + 2]) < 0)
				return false;
			c = (char)(gx_hex_digit(s.ptr[i + 1]) * 16 + gx_hex_digit(s.ptr[i + 2]));
			i += 2;
		} else if (c == '+' && is_query) {
			c = ' ';
		}
		to[n++] = c;
	}
	*out = (struct gx_str){ to, n };
	return true;
}

static enum gx_status take_path(struct gx_arena *a, const struct core_route *route,
				const struct core_path *path, struct gx_input *in,
				struct gx_error *err)
{
	for (unsigned i = 0; i < path->count; i++) {
		struct gx_str value;

		if (route->param_field[i] == 0)
			continue;
		unsigned field = route->param_field[i] - 1u;
		const struct gx_field *f = &route->route->fields[field];
		enum gx_status st;

		/* 400: every 404 of an operation must look the same, and only its room knows how.
		 */
		if (!decode(a, path->segments[i], false, &value))
			return refuse(a, err, f, "is not percent-encoded as it must be");
		st = take_plain(a, f, value, &in[field], err);
		if (st != GX_OK)
			return st;
	}
	return GX_OK;
}

static enum gx_status take_query(struct gx_arena *a, const struct core_route *route,
				 struct gx_str query, struct gx_input *in, struct gx_error *err)
{
	while (query.len > 0) {
		struct gx_str value = gx_str_cut(&query, '&');
		struct gx_str name = gx_str_cut(&value, '=');

		if (name.len == 0 && value.len == 0)
			continue;
		if (!decode(a, name, true, &name) || !decode(a, value, true, &value))
			return gx_fail(err, GX_E_INVALID, "core.invalid_field");
		unsigned field = find_field(route, name);
		if (field == route->fields_count || is_path_field(route, field))
			return unknown(a, err, gx_utf8_valid(name) ? name : GX_STR("?"));
		if (in[field].is_present)
			return refuse(a, err, &route->route->fields[field], "is given twice");
		enum gx_status st =
			take_plain(a, &route->route->fields[field], value, &in[field], err);
		if (st != GX_OK)
			return st;
	}
	return GX_OK;
}

enum gx_status core_input_from_http(struct gx_arena *a, const struct core_route *route,
				    enum gx_method method, const struct core_path *path,
				    struct gx_str body, struct gx_input *in, struct gx_error *err)
{
	bool is_reading = method == GX_METHOD_GET || method == GX_METHOD_HEAD;
	enum gx_status st = take_path(a, route, path, in, err);

	if (st != GX_OK)
		return st;
	if (is_reading || method == GX_METHOD_DELETE) {
		/* The operator's own probes add what they like behind these two. */
		if (!gx_str_eq(route->segments[0], GX_STR("healthz")))
			st = take_query(a, route, path->query, in, err);
	} else if (path->query.len > 0) {
		return unknown(a, err, GX_STR("query"));
	}
	if (st != GX_OK)
		return st;
	if (!is_reading && body.len > 0) {
		const struct gx_json *object;

		st = gx_json_parse(a, body, &object, err);
		if (st != GX_OK)
			return st;
		if (object->type != GX_JSON_OBJECT)
			return gx_fail(err, GX_E_INVALID, "core.invalid_json");
		if (method == GX_METHOD_DELETE && object->count > 0)
			return unknown(a, err, gx_json_str(a, gx_json_first(object)));
		st = take_object(a, route, object, false, in, err);
		if (st != GX_OK)
			return st;
	}
	return check_required(a, route, in, err);
}
