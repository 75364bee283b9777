/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: routes, inputs, sessions, events and throttles do what their headers say.
 * Method: a house with one made-up room; tables of inputs with valid neighbours beside invalid
 * ones.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core_state.h"
#include "maxima.h"
#include "testhouse.h"
#include "throttle.h"

static enum gx_status echo(struct gx_call *c)
{
	gx_json_begin_object(&c->out);
	gx_json_kv_str(&c->out, "name", c->in[1].str);
	gx_json_kv_i64(&c->out, "ids", (int64_t)c->in[3].count);
	gx_json_end_object(&c->out);
	return GX_OK;
}

static enum gx_status write_then_fail(struct gx_call *c)
{
	enum gx_status st =
		gx_publish(c->arena, c->tx, c->session.account_id, "lost", GX_STR_NULL, &c->err);

	return st != GX_OK ? st : gx_fail(&c->err, GX_E_RULE, "probe.refused");
}

static const struct gx_field echo_fields[] = {
	{ "thing_id", GX_FIELD_ID, GX_FIELD_REQUIRED, 0, 0 },
	{ "name", GX_FIELD_STR, 0, 1, 5 },
	{ "count", GX_FIELD_INT, 0, 0, 10 },
	{ "ids", GX_FIELD_ID_LIST, 0, 1, 3 },
	{ "code", GX_FIELD_TOKEN, GX_FIELD_NULLABLE, 0, 8 },
	{ 0 },
};

static const struct gx_route probe_routes[] = {
	{ .op = "probe.echo",
	  .method = GX_METHOD_POST,
	  .path = "/things/{thing_id}",
	  .kind = GX_OP_COMMAND,
	  .ok_status = 200,
	  .fields = echo_fields,
	  .handle = echo },
	{ .op = "probe.fail",
	  .method = GX_METHOD_POST,
	  .path = "/things/fail",
	  .kind = GX_OP_COMMAND,
	  .auth = GX_AUTH_SESSION,
	  .ok_status = 204,
	  .handle = write_then_fail },
};

static const struct gx_room probe_room = {
	.name = "probe",
	.routes = probe_routes,
	.routes_count = GX_COUNT(probe_routes),
};

static const struct gx_room *const rooms[] = { &probe_room, NULL };

static void test_inputs_are_checked(void **state)
{
	static const struct {
		const char *input;
		int want;
		const char *code;
	} cases[] = {
		{ "{\"thing_id\":\"7\"}", 200, NULL },
		{ "{\"thing_id\":\"7\",\"name\":\"中文名字五\"}", 200, NULL },
		{ "{\"thing_id\":\"7\",\"name\":\"sixsix\"}", 400, "core.invalid_field" },
		{ "{\"thing_id\":\"7\",\"name\":\"\"}", 400, "core.invalid_field" },
		{ "{\"thing_id\":\"7\",\"name\":\"a\\u0007\"}", 400, "core.invalid_field" },
		{ "{\"thing_id\":7}", 400, "core.invalid_field" },
		{ "{\"thing_id\":\"0\"}", 400, "core.invalid_field" },
		{ "{\"thing_id\":\"07\"}", 400, "core.invalid_field" },
		{ "{\"thing_id\":\"99999999999999999999\"}", 400, "core.invalid_field" },
		{ "{}", 400, "core.missing_field" },
		{ "{\"thing_id\":\"7\",\"other\":1}", 400, "core.unknown_field" },
		{ "{\"thing_id\":\"7\",\"count\":10}", 200, NULL },
		{ "{\"thing_id\":\"7\",\"count\":11}", 400, "core.invalid_field" },
		{ "{\"thing_id\":\"7\",\"count\":1.5}", 400, "core.invalid_field" },
		{ "{\"thing_id\":\"7\",\"ids\":[\"1\",\"2\"]}", 200, NULL },
		{ "{\"thing_id\":\"7\",\"ids\":[\"1\",\"1\"]}", 400, "core.invalid_field" },
		{ "{\"thing_id\":\"7\",\"ids\":[]}", 400, "core.invalid_field" },
		{ "{\"thing_id\":\"7\",\"ids\":[\"1\",\"2\",\"3\",\"4\"]}", 400,
		  "core.invalid_field" },
		{ "{\"thing_id\":\"7\",\"code\":null}", 200, NULL },
		{ "{\"thing_id\":\"7\",\"code\":\"a b\"}", 400, "core.invalid_field" },
		{ "{\"thing_id\":\"7\",\"name\":null}", 400, "core.invalid_field" },
	};
	struct gx_test t;

	gx_test_open(&t, rooms);
	for (size_t i = 0; i < GX_COUNT(cases); i++) {
		struct gx_str out;
		int status = gx_test_call(&t, 0, "probe.echo", cases[i].input, &out);

		if (status != cases[i].want)
			fail_msg("%s: %d, want %d", cases[i].input, status, cases[i].want);
		if (cases[i].code != NULL)
			assert_string_equal(out.ptr, cases[i].code);
	}
	gx_test_close(&t);
}

static void test_paths_find_routes(void **state)
{
	static const struct {
		enum gx_method method;
		const char *target;
		const char *op;
		unsigned allowed;
	} cases[] = {
		{ GX_METHOD_POST, "/api/v1/things/12", "probe.echo", 1u << GX_METHOD_POST },
		{ GX_METHOD_POST, "/api/v1/things/fail", "probe.fail", 1u << GX_METHOD_POST },
		{ GX_METHOD_GET, "/api/v1/things/12", NULL, 1u << GX_METHOD_POST },
		{ GX_METHOD_HEAD, "/healthz?x=1", "health.get", 1u << GX_METHOD_GET },
		{ GX_METHOD_GET, "/api/v1/healthz", NULL, 0 },
		{ GX_METHOD_POST, "/api/v1/things/", NULL, 0 },
		{ GX_METHOD_POST, "/api/v1//things/1", NULL, 0 },
		{ GX_METHOD_POST, "/api/v1/things/1/", NULL, 0 },
	};
	struct gx_test t;

	gx_test_open(&t, rooms);
	for (size_t i = 0; i < GX_COUNT(cases); i++) {
		struct core_path path;
		unsigned allowed = 0;
		const struct core_route *r = NULL;

		if (core_path_split(gx_str_from_cstr(cases[i].target), &path))
			r = core_router_match(&t.core->router, cases[i].method, &path, &allowed);
		if (cases[i].op == NULL)
			assert_null(r);
		else
			assert_string_equal(r->route->op, cases[i].op);
		if (allowed != cases[i].allowed)
			fail_msg("%s: allowed %u", cases[i].target, allowed);
	}
	gx_test_close(&t);
}

static void test_refused_command_leaves_nothing(void **state)
{
	struct gx_test t;
	struct gx_event *events;
	size_t count;
	bool more;

	gx_test_open(&t, rooms);
	uint64_t before = gx_position_last(t.tx);
	assert_int_equal(gx_test_call(&t, 5, "probe.fail", "{}", NULL), 422);
	assert_int_equal(gx_test_published(&t, 5, "lost"), 0);
	assert_int_equal(gx_position_last(t.tx), before);
	assert_int_equal(gx_events_list(t.arena, t.tx, 5, before, 10, &events, &count, &more,
					&t.err),
			 GX_OK);
	assert_int_equal(count, 0);
	gx_test_close(&t);
}

static void test_events_page_in_order(void **state)
{
	struct gx_test t;
	struct gx_event *events;
	size_t count;
	bool more;

	gx_test_open(&t, rooms);
	uint64_t start = gx_position_last(t.tx);
	for (int i = 0; i < 25; i++)
		assert_int_equal(gx_publish(t.arena, t.tx, 5 + (uint64_t)(i % 2), "tick",
					    GX_STR("\"n\":1"), &t.err),
				 GX_OK);
	assert_int_equal(gx_test_published(&t, 5, "tick"), 13);
	gx_test_commit(&t);
	uint64_t at = start;
	size_t seen = 0;
	do {
		assert_int_equal(gx_events_list(t.arena, t.tx, 5, at, 5, &events, &count, &more,
						&t.err),
				 GX_OK);
		for (size_t i = 0; i < count; i++) {
			assert_true(events[i].position > at);
			at = events[i].position;
			seen++;
		}
	} while (more);
	assert_int_equal(seen, 13);
	assert_int_equal(gx_events_list(t.arena, t.tx, 5, gx_position_last(t.tx) + 1, 5, &events,
					&count, &more, &t.err),
			 GX_E_GONE);
	gx_test_close(&t);
}

/* After a restore no position that a client may have seen is given out again. */
static void test_cursors_are_retired(void **state)
{
	struct gx_test t;
	struct gx_event *events;
	size_t count;
	bool more;

	gx_test_open(&t, rooms);
	uint64_t seen = gx_position_take(t.tx);
	assert_int_equal(gx_cursors_retire(t.tx, &t.err), GX_OK);
	gx_test_commit(&t);
	uint64_t now = gx_position_last(t.tx);
	assert_true(now > seen + 1000000);
	assert_int_equal(gx_events_list(t.arena, t.tx, 5, seen, 10, &events, &count, &more, &t.err),
			 GX_E_GONE);
	assert_int_equal(gx_events_list(t.arena, t.tx, 5, now, 10, &events, &count, &more, &t.err),
			 GX_OK);
	assert_int_equal(gx_publish(t.arena, t.tx, 5, "tick", GX_STR_NULL, &t.err), GX_OK);
	assert_int_equal(gx_events_list(t.arena, t.tx, 5, now, 10, &events, &count, &more, &t.err),
			 GX_OK);
	assert_int_equal(count, 1);
	gx_test_close(&t);
}

/* The clock was set back between two events: in order of time the second one is the older. */
static void test_pruned_when_clock_went_back(void **state)
{
	struct gx_test t;
	struct gx_event *events;
	size_t count;
	bool more, again = false;

	gx_test_open(&t, rooms);
	assert_int_equal(gx_publish(t.arena, t.tx, 5, "tick", GX_STR_NULL, &t.err), GX_OK);
	uint64_t between = gx_position_last(t.tx);
	gx_clock_advance_ms(-2 * GX_DAY_MS);
	gx_test_commit(&t);
	assert_int_equal(gx_publish(t.arena, t.tx, 5, "tick", GX_STR_NULL, &t.err), GX_OK);
	gx_clock_advance_ms(40 * GX_DAY_MS);
	gx_test_commit(&t);
	assert_int_equal(core_events_prune(t.arena, t.tx, &again, &t.err), GX_OK);
	gx_test_commit(&t);
	assert_int_equal(gx_events_list(t.arena, t.tx, 5, between, 10, &events, &count, &more,
					&t.err),
			 GX_E_GONE);
	gx_clock_advance_ms(-38 * GX_DAY_MS);
	gx_test_close(&t);
}

static void test_sessions(void **state)
{
	struct gx_test t;
	struct gx_session session;
	struct gx_str token, other;
	uint64_t device, second;
	bool found;

	gx_test_open(&t, rooms);
	assert_int_equal(gx_session_create(t.arena, t.tx, 9, GX_STR("phone"), GX_STR("web"),
					   GX_STR("127.0.0.1"), &device, &token, &t.err),
			 GX_OK);
	assert_int_equal(gx_session_create(t.arena, t.tx, 9, GX_STR_NULL, GX_STR_NULL, GX_STR_NULL,
					   &second, &other, &t.err),
			 GX_OK);
	assert_int_equal(core_session_by_token(t.core, token, &session, &t.err), GX_OK);
	assert_int_equal(session.account_id, 9);
	assert_int_equal(session.role, GX_ROLE_MEMBER);
	assert_int_equal(gx_role_set(t.tx, 9, GX_ROLE_OPERATOR, &t.err), GX_OK);
	assert_int_equal(core_session_by_token(t.core, token, &session, &t.err), GX_OK);
	assert_int_equal(session.role, GX_ROLE_OPERATOR);
	struct gx_str wrong = gx_arena_strdup(t.arena, token);
	((char *)(uintptr_t)wrong.ptr)[wrong.len - 1] ^= 1;
	assert_int_equal(core_session_by_token(t.core, wrong, &session, &t.err),
			 GX_E_UNAUTHENTICATED);
	assert_int_equal(gx_session_revoke_all(t.tx, 9, second, &t.err), GX_OK);
	assert_int_equal(core_session_by_token(t.core, token, &session, &t.err),
			 GX_E_UNAUTHENTICATED);
	assert_int_equal(core_session_by_token(t.core, other, &session, &t.err), GX_OK);
	assert_int_equal(gx_session_revoke(t.tx, 8, second, &found, &t.err), GX_OK);
	assert_false(found);
	gx_test_close(&t);
}

/* When a device was last seen is written down once for many of its calls, and not for a guess. */
static void test_sessions_are_seen(void **state)
{
	enum { DEVICES = 70 };
	struct gx_str tokens[DEVICES];
	uint64_t devices[DEVICES];
	struct gx_session_row *rows;
	struct gx_session session;
	bool again = false;
	struct gx_test t;
	size_t count, seen = 0;

	gx_test_open(&t, rooms);
	for (unsigned i = 0; i < DEVICES; i++)
		assert_int_equal(gx_session_create(t.arena, t.tx, 9, GX_STR_NULL, GX_STR_NULL,
						   GX_STR_NULL, &devices[i], &tokens[i], &t.err),
				 GX_OK);
	gx_clock_advance_ms(GX_HOUR_MS);
	gx_test_commit(&t);
	for (unsigned i = 1; i < DEVICES; i++)
		for (unsigned k = 0; k < 3; k++)
			assert_int_equal(core_session_by_token(t.core, tokens[i], &session, &t.err),
					 GX_OK);
	((char *)(uintptr_t)tokens[0].ptr)[tokens[0].len - 1] ^= 1;
	assert_int_equal(core_session_by_token(t.core, tokens[0], &session, &t.err),
			 GX_E_UNAUTHENTICATED);
	assert_int_equal(core_sessions_seen(t.arena, t.tx, &again, &t.err), GX_OK);
	assert_false(again);
	assert_int_equal(gx_session_list(t.arena, t.tx, 9, &rows, &count, &t.err), GX_OK);
	for (size_t i = 0; i < count; i++)
		if (rows[i].seen_at_ms == rows[i].created_at_ms)
			assert_int_equal(rows[i].device_id, devices[0]);
		else
			seen++;
	assert_int_equal(seen, DEVICES - 1);
	gx_test_close(&t);
}

static void test_throttle_counts_and_forgets(void **state)
{
	struct gx_test t;
	struct gx_str key = GX_STR("someone");

	gx_test_open(&t, rooms);
	for (int i = 0; i < 3; i++)
		assert_int_equal(gx_throttle(t.core, "probe.often", key, 3, GX_MINUTE_MS, &t.err),
				 GX_OK);
	assert_int_equal(gx_throttle(t.core, "probe.often", key, 3, GX_MINUTE_MS, &t.err),
			 GX_E_LIMIT);
	assert_true(t.err.retry_after_s > 0 && t.err.retry_after_s <= 60);
	assert_int_equal(gx_throttle(t.core, "probe.other", key, 3, GX_MINUTE_MS, &t.err), GX_OK);
	gx_clock_advance_ms(2 * GX_MINUTE_MS);
	assert_int_equal(gx_throttle(t.core, "probe.often", key, 3, GX_MINUTE_MS, &t.err), GX_OK);
	gx_throttle_forget(t.core, "probe.often", key);
	for (int i = 0; i < 3; i++)
		assert_int_equal(gx_throttle(t.core, "probe.often", key, 3, GX_MINUTE_MS, &t.err),
				 GX_OK);
	gx_test_close(&t);
}

static void test_maxima_only_grow(void **state)
{
	struct gx_test t;
	struct gx_maximum out[4];
	bool begins, ends;

	gx_test_open(&t, rooms);
	gx_maxima_raise(t.core, 2, 1, 3);
	gx_maxima_raise(t.core, 1, 2, 10);
	gx_maxima_raise(t.core, 1, 2, 7);
	assert_int_equal(gx_maxima_get(t.core, 1, 2), 10);
	assert_int_equal(gx_maxima_flush(t.core, out, 4, &begins, &ends), 2);
	assert_true(begins && ends);
	assert_int_equal(out[0].value, 10);
	assert_int_equal(out[1].value, 3);
	assert_int_equal(gx_maxima_flush(t.core, out, 4, &begins, &ends), 0);
	assert_false(begins || ends);
	assert_int_equal(gx_maxima_get(t.core, 2, 1), 3);
	gx_maxima_raise(t.core, 2, 1, 4);
	assert_int_equal(gx_maxima_flush(t.core, out, 4, &begins, &ends), 1);
	assert_int_equal(out[0].value, 4);
	/* Slices of a round; what is raised meanwhile waits for the next. */
	for (uint64_t a = 9; a > 0; a--)
		gx_maxima_raise(t.core, a, 5, a);
	assert_int_equal(gx_maxima_flush(t.core, out, 4, &begins, &ends), 4);
	assert_true(begins && !ends);
	assert_int_equal(out[3].a, 4);
	gx_maxima_raise(t.core, 1, 5, 100);
	gx_maxima_raise(t.core, 7, 5, 100);
	assert_int_equal(gx_maxima_flush(t.core, out, 4, &begins, &ends), 4);
	assert_true(!begins && !ends);
	assert_int_equal(out[2].value, 100);
	assert_int_equal(gx_maxima_flush(t.core, out, 4, &begins, &ends), 1);
	assert_true(!begins && ends);
	assert_int_equal(gx_maxima_flush(t.core, out, 4, &begins, &ends), 1);
	assert_true(begins && ends && out[0].a == 1 && out[0].value == 100);
	/* A batch that failed may have written some of them: no round goes on over that. */
	for (uint64_t a = 9; a > 0; a--)
		gx_maxima_raise(t.core, a, 5, 200);
	assert_int_equal(gx_maxima_flush(t.core, out, 4, &begins, &ends), 4);
	core_maxima_batch_undo(t.core->maxima);
	assert_int_equal(gx_maxima_flush(t.core, out, 4, &begins, &ends), 4);
	assert_true(begins && !ends);
	gx_test_close(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_inputs_are_checked),
		cmocka_unit_test(test_paths_find_routes),
		cmocka_unit_test(test_refused_command_leaves_nothing),
		cmocka_unit_test(test_events_page_in_order),
		cmocka_unit_test(test_cursors_are_retired),
		cmocka_unit_test(test_pruned_when_clock_went_back),
		cmocka_unit_test(test_sessions),
		cmocka_unit_test(test_sessions_are_seen),
		cmocka_unit_test(test_throttle_counts_and_forgets),
		cmocka_unit_test(test_maxima_only_grow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
