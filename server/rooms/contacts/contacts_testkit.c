/* SPDX-License-Identifier: Apache-2.0 */
/*
 * contacts_testkit.c - see contacts_testkit.h.
 */
#include "contacts_testkit.h"

#include <stdio.h>

#include "accounts_sql.h"
#include "chat.h"

void kit_people(struct gx_test *t, size_t count)
{
	struct accounts_sql_account_last_out last;
	bool is_found;

	GX_ASSERT(accounts_sql_account_last(t->arena, t->tx, &last, &is_found, &t->err) == GX_OK);
	for (uint64_t id = last.account_id + 1; id <= count; id++) {
		struct gx_str name =
			gx_arena_printf(t->arena, "person_%llu", (unsigned long long)id);
		const struct accounts_sql_account_insert_in in = {
			.account_id = id,
			.username = name,
			.username_folded = name,
			.nickname = gx_arena_printf(t->arena, "人%llu", (unsigned long long)id),
			.password_hash = GX_STR("none"),
			.created_at_ms = t->tx->now_ms,
		};
		GX_ASSERT(accounts_sql_account_insert(t->tx, &in, NULL, &t->err) == GX_OK);
	}
}

static int call(struct gx_test *t, struct gx_str *out, uint64_t who, const char *op,
		const char *input, va_list args)
{
	struct gx_str text = gx_arena_vprintf(t->arena, input, args);
	char *quotes = (char *)text.ptr; /* ours: fresh from the arena */

	for (size_t i = 0; i < text.len; i++)
		if (quotes[i] == '\'')
			quotes[i] = '"';
	return gx_test_call(t, who, op, text.ptr, out);
}

int kit_call(struct gx_test *t, struct gx_str *out, uint64_t who, const char *op, const char *input,
	     ...)
{
	va_list args;

	va_start(args, input);
	int status = call(t, out, who, op, input, args);
	va_end(args);
	return status;
}

void kit_expect_code(struct gx_test *t, const char *code, int status, int line)
{
	struct gx_str got =
		status >= 400 ? gx_str_from_cstr(t->err.code) : GX_STR("(it was carried out)");

	if (gx_str_eq(got, gx_str_from_cstr(code)))
		return;
	fprintf(stderr, "line %d: expected %s, got %.*s\n", line, code, GX_STR_ARG(got));
	gx_assert_failed("refused with the right code", "test", line);
}

struct gx_str kit_expect_status(struct gx_test *t, int status, uint64_t who, const char *op,
				int line, const char *input, ...)
{
	struct gx_str out;
	va_list args;

	va_start(args, input);
	int got = call(t, &out, who, op, input, args);
	va_end(args);
	if (got != status) {
		fprintf(stderr, "line %d: %s: expected %d, got %d %.*s\n", line, op, status, got,
			GX_STR_ARG(out));
		gx_assert_failed("carried out", "test", line);
	}
	return out;
}

static const struct gx_json *find(struct gx_test *t, struct gx_str json, const char *path)
{
	struct gx_str rest = gx_str_from_cstr(path);
	const struct gx_json *node;

	GX_ASSERT(gx_json_parse(t->arena, json, &node, &t->err) == GX_OK);
	while (rest.len > 0 && node != NULL) {
		struct gx_str part = gx_str_cut(&rest, '.');
		uint64_t index;
		if (node->type == GX_JSON_ARRAY && gx_str_to_u64(part, &index)) {
			uint32_t count = node->count;
			node = index < count ? gx_json_first(node) : NULL;
			for (uint64_t i = 0; node != NULL && i < index; i++)
				node = gx_json_next(node);
		} else {
			node = gx_json_get(node, part);
		}
	}
	return node;
}

struct gx_str kit_get(struct gx_test *t, struct gx_str json, const char *path)
{
	const struct gx_json *node = find(t, json, path);

	if (node == NULL)
		return GX_STR("");
	return node->type == GX_JSON_STRING ? gx_json_str(t->arena, node) : gx_json_raw(node);
}

uint64_t kit_get_id(struct gx_test *t, struct gx_str json, const char *path)
{
	uint64_t id = 0;

	GX_ASSERT(gx_str_to_u64(kit_get(t, json, path), &id));
	return id;
}

size_t kit_count(struct gx_test *t, struct gx_str json, const char *path)
{
	const struct gx_json *node = find(t, json, path);

	GX_ASSERT(node != NULL && node->type == GX_JSON_ARRAY);
	return node->count;
}

#define U(id) (unsigned long long)(id)

uint64_t kit_ask(struct gx_test *t, uint64_t from, uint64_t to)
{
	struct gx_str out = kit_ok(t, 201, from, "contact_requests.create",
				   "{'to':'%llu','greeting':'hello','source':"
				   "{'kind':'username','ref':'person_%llu'}}",
				   U(to), U(to));
	return kit_get_id(t, out, "request.id");
}

uint64_t kit_befriend(struct gx_test *t, uint64_t a, uint64_t b)
{
	uint64_t request_id = kit_ask(t, a, b);
	struct gx_str out = kit_ok(t, 200, b, "contact_requests.accept", "{'request_id':'%llu'}",
				   U(request_id));
	return kit_get_id(t, out, "conversation.id");
}

int kit_say(struct gx_test *t, uint64_t who, uint64_t conversation_id)
{
	static unsigned said;

	said++;
	return kit_call(t, NULL, who, "messages.send",
			"{'conversation_id':'%llu','client_id':'c%u','kind':'text',"
			"'body':{'text':'hi'}}",
			U(conversation_id), said);
}

struct gx_str kit_notice(struct gx_test *t, uint64_t who, uint64_t conversation_id,
			 struct gx_str *params)
{
	struct gx_str out = kit_ok(t, 200, who, "messages.list",
				   "{'conversation_id':'%llu','limit':100}", U(conversation_id));
	for (size_t i = kit_count(t, out, "messages"); i-- > 0;) {
		char path[64];
		snprintf(path, sizeof(path), "messages.%zu", i);
		struct gx_str message = kit_get(t, out, path);
		if (!gx_str_eq(kit_get(t, message, "kind"), GX_STR("notice")))
			continue;
		if (params != NULL)
			*params = kit_get(t, message, "body.params");
		return kit_get(t, message, "body.code");
	}
	return GX_STR("");
}

size_t kit_chat_events(struct gx_test *t, uint64_t account_id, const char *type, uint64_t after)
{
	struct gx_str start = gx_arena_printf(t->arena, "{\"type\":\"%s\"", type);
	struct gx_event *events;
	uint64_t upto = gx_position_last(t->tx);
	size_t count, fitting = 0;

	GX_ASSERT(chat_room.events(t->arena, t->tx, account_id, after, &upto, 1000, &events, &count,
				   &t->err) == GX_OK);
	for (size_t i = 0; i < count; i++)
		fitting += gx_str_starts(events[i].json, start);
	return fitting;
}
