/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: no target, query or body crashes routing and typing, and whatever passes is within the
 * bounds of its field.
 * Method: a byte chooses the method; up to the first NUL comes a target, then a body. All routes of
 * all rooms. Cursors, too.
 */
#include <string.h>

#include "core_state.h"
#include "rooms.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(const struct gx_field *f, struct gx_str s)
{
	GX_ASSERT(gx_utf8_valid(s));
	GX_ASSERT(memchr(s.ptr, '\0', s.len) == NULL);
	if (f->type == GX_FIELD_STR)
		GX_ASSERT(gx_utf8_count(s) >= (size_t)f->min && gx_utf8_count(s) <= (size_t)f->max);
	else
		GX_ASSERT(s.len >= 1 && s.len <= (f->max == 0 ? 200u : (size_t)f->max));
}

static void check_input(const struct gx_field *f, const struct gx_input *in)
{
	if (!in->is_present || in->is_null) {
		GX_ASSERT(!in->is_null || (f->flags & GX_FIELD_NULLABLE) != 0);
		GX_ASSERT(in->is_null || (f->flags & GX_FIELD_REQUIRED) == 0);
		return;
	}
	switch (f->type) {
	case GX_FIELD_STR:
	case GX_FIELD_TOKEN:
		check_text(f, in->str);
		break;
	case GX_FIELD_INT:
		GX_ASSERT(in->num >= f->min && in->num <= f->max);
		break;
	case GX_FIELD_BOOL:
		GX_ASSERT(in->num == 0 || in->num == 1);
		break;
	case GX_FIELD_ID:
		GX_ASSERT(in->id != 0);
		break;
	case GX_FIELD_ID_LIST:
	case GX_FIELD_STR_LIST:
		GX_ASSERT(in->count >= (size_t)f->min && in->count <= (size_t)f->max);
		break;
	default:
		GX_ASSERT(in->json != NULL);
		break;
	}
}

static void check_inputs(const struct core_route *route, const struct gx_input *in)
{
	for (unsigned i = 0; i < route->fields_count; i++)
		check_input(&route->route->fields[i], &in[i]);
}

static void check_request(struct gx_arena *a, const struct core_router *router,
			  enum gx_method method, struct gx_str target, struct gx_str body)
{
	struct gx_input in[GX_FIELDS_MAX + 1] = { 0 };
	const struct core_route *route;
	struct core_path path;
	struct gx_error err;
	unsigned allowed = 0;

	if (!core_path_split(target, &path))
		return;
	route = core_router_match(router, method, &path, &allowed);
	if (route != NULL && core_input_from_http(a, route, method, &path, body, in, &err) == GX_OK)
		check_inputs(route, in);
}

/* The same body as the `in` of a stream's call, for any operation. */
static void check_call(struct gx_arena *a, const struct core_router *router, unsigned index,
		       struct gx_str body)
{
	const struct core_route *route = &router->routes[index % router->routes_count];
	struct gx_input in[GX_FIELDS_MAX + 1] = { 0 };
	const struct gx_json *object;
	struct gx_error err;

	if (gx_json_parse(a, body, &object, &err) == GX_OK && object->type == GX_JSON_OBJECT &&
	    core_input_from_json(a, route, object, in, &err) == GX_OK)
		check_inputs(route, in);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct core_router router;
	struct gx_str target = { (const char *)data + 2, size - 2 }, body = target;
	struct gx_arena a;
	uint64_t position, again;

	if (size < 2)
		return 0;
	if (router.routes_count == 0)
		core_router_init(&router, app_rooms);
	target = gx_str_cut(&body, '\0');
	gx_arena_init(&a);
	check_request(&a, &router, (enum gx_method)(data[0] % 6), target, body);
	check_call(&a, &router, data[1], body);
	if (gx_cursor_parse(target, &position))
		GX_ASSERT(gx_cursor_parse(gx_cursor_text(&a, position), &again) &&
			  again == position);
	gx_arena_deinit(&a);
	return 0;
}
