/* SPDX-License-Identifier: Apache-2.0 */
/*
 * router.c - which operation a method and path, or a stream call's `op`, names.
 *
 * Routes are split into segments once at start. Matching compares segment counts and literals over
 * the table: it is short, and the hot path (stream calls) goes through the hash of the op instead.
 */
#include "core_state.h"

#include <string.h>

#define API_SEGMENTS 2 /* "api", "v1" */

static const char *const method_names[] = { "GET",   "HEAD",   "POST",	 "PUT",
					    "PATCH", "DELETE", "OPTIONS" };

bool core_path_split(struct gx_str target, struct core_path *out)
{
	struct gx_str rest = target;
	struct gx_str path = gx_str_cut(&rest, '?');

	*out = (struct core_path){ .query = rest };
	if (path.len == 0 || path.ptr[0] != '/')
		return false;
	path = gx_str_slice(path, 1, path.len);
	for (;;) {
		size_t end = gx_str_find(path, '/');

		if (out->count == CORE_PATH_SEGMENTS_MAX)
			return false;
		out->segments[out->count++] = gx_str_slice(path, 0, end);
		if (end == path.len)
			return true;
		path = gx_str_slice(path, end + 1, path.len);
	}
}

static unsigned find_field(const struct gx_route *route, struct gx_str name)
{
	for (unsigned i = 0; route->fields != NULL && route->fields[i].type != GX_FIELD_END; i++)
		if (gx_str_eq(gx_str_from_cstr(route->fields[i].name), name))
			return i + 1;
	GX_ASSERT(!"a path parameter without a field");
	return 0;
}

static void add_segment(struct core_route *r, struct gx_str segment)
{
	unsigned at = r->segments_count++;

	GX_ASSERT(at < CORE_PATH_SEGMENTS_MAX);
	if (segment.len > 2 && segment.ptr[0] == '{') {
		segment = gx_str_slice(segment, 1, segment.len - 1);
		r->param_field[at] = (uint8_t)find_field(r->route, segment);
	}
	r->segments[at] = segment;
}

static void compile(struct core_route *r, const struct gx_room *room, const struct gx_route *route)
{
	struct gx_str rest = gx_str_from_cstr(route->path);

	*r = (struct core_route){ .route = route, .room = room };
	if (gx_str_starts(rest, GX_STR("//"))) {
		rest = gx_str_slice(rest, 2, rest.len);
	} else {
		add_segment(r, GX_STR("api"));
		add_segment(r, GX_STR("v1"));
		rest = gx_str_slice(rest, 1, rest.len);
	}
	while (rest.len > 0)
		add_segment(r, gx_str_cut(&rest, '/'));
	while (route->fields != NULL && route->fields[r->fields_count].type != GX_FIELD_END)
		r->fields_count++;
	GX_ASSERT(r->fields_count <= GX_FIELDS_MAX);
}

void core_router_init(struct core_router *r, const struct gx_room *const *rooms)
{
	*r = (struct core_router){ 0 };
	gx_table_init(&r->by_op);
	gx_table_init(&r->by_code);
	for (size_t i = 0; rooms[i] != NULL; i++) {
		r->routes_count += rooms[i]->routes_count;
		r->codes_count += rooms[i]->codes_count;
	}
	r->routes = gx_heap_alloc_array(r->routes_count, sizeof(*r->routes));
	r->codes = gx_heap_alloc_array(r->codes_count, sizeof(struct gx_code *));
	const struct gx_code **next_code = r->codes;
	struct core_route *next = r->routes;
	for (size_t i = 0; rooms[i] != NULL; i++) {
		for (size_t k = 0; k < rooms[i]->routes_count; k++, next++) {
			compile(next, rooms[i], &rooms[i]->routes[k]);
			gx_table_put(&r->by_op, gx_str_hash(gx_str_from_cstr(next->route->op)) | 1,
				     next);
		}
		for (size_t k = 0; k < rooms[i]->codes_count; k++, next_code++) {
			struct gx_str code = gx_str_from_cstr(rooms[i]->codes[k].code);

			*next_code = &rooms[i]->codes[k];
			gx_table_put(&r->by_code, gx_str_hash(code) | 1, next_code);
		}
	}
}

void core_router_deinit(struct core_router *r)
{
	gx_heap_free(r->routes);
	gx_heap_free(r->codes);
	gx_table_deinit(&r->by_op);
	gx_table_deinit(&r->by_code);
}

static bool matches(const struct core_route *r, const struct core_path *path)
{
	if (r->segments_count != path->count)
		return false;
	for (unsigned i = 0; i < path->count; i++) {
		if (r->param_field[i] != 0 ? path->segments[i].len == 0
					   : !gx_str_eq(r->segments[i], path->segments[i]))
			return false;
	}
	return true;
}

const struct core_route *core_router_match(const struct core_router *r, enum gx_method method,
					   const struct core_path *path, unsigned *allowed)
{
	const struct core_route *with_param = NULL;

	if (method == GX_METHOD_HEAD)
		method = GX_METHOD_GET;
	*allowed = 0;
	for (size_t i = 0; i < r->routes_count; i++) {
		if (!matches(&r->routes[i], path))
			continue;
		*allowed |= 1u << r->routes[i].route->method;
		if (r->routes[i].route->method != method)
			continue;
		/* "/sessions/current" goes before "/sessions/{device_id}". */
		if (r->routes[i].param_field[path->count - 1] == 0)
			return &r->routes[i];
		if (with_param == NULL)
			with_param = &r->routes[i];
	}
	return with_param;
}

const struct core_route *core_router_op(const struct core_router *r, struct gx_str op)
{
	const struct core_route *found = gx_table_get(&r->by_op, gx_str_hash(op) | 1);

	if (found == NULL || !gx_str_eq(gx_str_from_cstr(found->route->op), op))
		return NULL;
	return found;
}

const struct gx_code *core_router_code(const struct core_router *r, const char *code)
{
	size_t index = core_router_code_index(r, code);

	return index < r->codes_count ? r->codes[index] : NULL;
}

size_t core_router_code_index(const struct core_router *r, const char *code)
{
	const struct gx_code **found =
		gx_table_get(&r->by_code, gx_str_hash(gx_str_from_cstr(code)) | 1);

	return found != NULL && strcmp((*found)->code, code) == 0 ? (size_t)(found - r->codes)
								  : r->codes_count;
}

void gx_core_print_routes(const struct gx_room *const *rooms, struct gx_buf *out)
{
	for (size_t i = 0; rooms[i] != NULL; i++) {
		for (size_t k = 0; k < rooms[i]->routes_count; k++) {
			const struct gx_route *r = &rooms[i]->routes[k];
			bool is_bare = r->path[0] == '/' && r->path[1] == '/';

			gx_buf_printf(out, "%s %s%s %s\n", method_names[r->method],
				      is_bare ? "" : "/api/v1", r->path + (is_bare ? 1 : 0), r->op);
		}
	}
}

void gx_core_print_codes(const struct gx_room *const *rooms, struct gx_buf *out)
{
	for (size_t i = 0; rooms[i] != NULL; i++)
		for (size_t k = 0; k < rooms[i]->codes_count; k++)
			gx_buf_printf(out, "%s %d\n", rooms[i]->codes[k].code,
				      gx_status_http(rooms[i]->codes[k].status));
}
