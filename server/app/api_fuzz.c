/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: whatever members, strangers and operators send to any operation, in any order, the core
 * neither crashes nor answers 5xx; every refusal has a documented code with its status; a refused
 * call and a query have written nothing where they promise so; a message is told to nobody who may
 * not read it; the database stays sound.
 * Method: the rooms' own table of routes makes the inputs (api_fuzz_values.h), against the real
 * rooms on a real database in the test house. A few people know each other, talk and have a group
 * when an input begins; each input is a sequence of calls and work at intervals, and is rolled back
 * at its end. Not called: uploads and the stream itself, which need an edge.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api_fuzz_values.h"
#include "core_start.h"
#include "db_tools.h"
#include "rooms.h"
#include "testhouse.h"

#define PEOPLE 5u
#define CALLS_MAX 24u
#define INPUTS_PER_CHECK 20000u
#define ROUTES_MAX 512u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

struct person {
	uint64_t account_id;
	uint64_t device_id;
};

static struct gx_test house;
static struct person people[PEOPLE];
static struct fuzz_pool first_pool, pool;
static const struct gx_periodic *periodics[32];
static size_t periodics_count;
static unsigned done[ROUTES_MAX], refused[ROUTES_MAX];

/* --- a small world --- */

static void set(const char *section, const char *key, int64_t value)
{
	for (size_t i = 0; app_rooms[i] != NULL; i++)
		for (size_t k = 0; k < app_rooms[i]->settings_count; k++) {
			struct gx_setting *s = &app_rooms[i]->settings[k];

			if (strcmp(s->section, section) == 0 && strcmp(s->key, key) == 0)
				s->num = value;
		}
}

static struct gx_str must(const struct person *who, const char *op, const char *in)
{
	struct gx_session session = { 0 };
	struct gx_str out;
	int status;

	if (who != NULL)
		session = (struct gx_session){ .account_id = who->account_id,
					       .device_id = who->device_id };
	status = gx_test_call_as(&house, &session, op, in, &out);
	if (status >= 300) {
		fprintf(stderr, "%s %s: %d %.*s\n", op, in, status, GX_STR_ARG(out));
		abort();
	}
	fuzz_pool_take(&pool, house.arena, out);
	return out;
}

/* The id at a path of two keys in an answer. */
static uint64_t id_in(struct gx_str json, const char *outer, const char *inner)
{
	const struct gx_json *node;
	uint64_t id = 0;

	GX_ASSERT(gx_json_parse(house.arena, json, &node, &house.err) == GX_OK);
	node = gx_json_get(node, gx_str_from_cstr(outer));
	node = gx_json_get(node, gx_str_from_cstr(inner));
	GX_ASSERT(node != NULL && gx_str_to_u64(gx_json_str(house.arena, node), &id));
	return id;
}

#define IN(...) gx_arena_printf(house.arena, __VA_ARGS__).ptr

static void sign_up(unsigned i)
{
	struct gx_str out = must(NULL, "accounts.create",
				 IN("{\"username\":\"person%u\",\"password\":\"correct horse\","
				    "\"nickname\":\"人%u\"}",
				    i, i));

	people[i].account_id = id_in(out, "account", "id");
	people[i].device_id = id_in(out, "session", "device_id");
}

static void befriend(unsigned a, unsigned b)
{
	struct gx_str out = must(&people[a], "contact_requests.create",
				 IN("{\"to\":\"%llu\",\"source\":{\"kind\":\"username\","
				    "\"ref\":\"person%u\"},\"greeting\":\"hello\"}",
				    (unsigned long long)people[b].account_id, b));

	must(&people[b], "contact_requests.accept",
	     IN("{\"request_id\":\"%llu\"}", (unsigned long long)id_in(out, "request", "id")));
}

static void make_world(void)
{
	struct gx_str out;
	unsigned long long group;

	for (unsigned i = 0; i < PEOPLE; i++)
		sign_up(i);
	befriend(0, 1);
	befriend(0, 2);
	befriend(1, 2);
	out = must(&people[0], "groups.create",
		   IN("{\"name\":\"group\",\"members\":[\"%llu\",\"%llu\"]}",
		      (unsigned long long)people[1].account_id,
		      (unsigned long long)people[2].account_id));
	group = id_in(out, "conversation", "id");
	for (unsigned i = 0; i < 6; i++)
		must(&people[i % 3], "messages.send",
		     IN("{\"conversation_id\":\"%llu\",\"client_id\":\"m%u\",\"kind\":\"text\","
			"\"body\":{\"text\":\"number %u\"}}",
			group, i, i));
	for (unsigned i = 0; i < PEOPLE; i++) {
		must(&people[i], "conversations.list", "{}");
		must(&people[i], "sync.get", "{}");
	}
	first_pool = pool;
}

static void collect_periodics(const struct gx_room *room)
{
	for (size_t i = 0; i < room->periodics_count; i++) {
		GX_ASSERT(periodics_count < GX_COUNT(periodics));
		periodics[periodics_count++] = &room->periodics[i];
	}
}

/* With GUANXI_FUZZ_STATS set: how often each operation was done and refused. */
static void print_reached(void)
{
	const struct core_router *router = &house.core->router;

	for (size_t i = 0; i < router->routes_count; i++)
		fprintf(stderr, "%-32s %8u done %8u refused\n", router->routes[i].route->op,
			done[i], refused[i]);
}

static void close_house(void)
{
	if (getenv("GUANXI_FUZZ_STATS") != NULL)
		print_reached();
	gx_test_close(&house);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	gx_log_setup(GX_LOG_ERROR, false, "fuzz");
	gx_test_open(&house, app_rooms);
	set("accounts", "argon2_memory_kib", 8);
	set("accounts", "argon2_passes", 1);
	set("accounts", "registration", 0);
	set("accounts", "free_sign_ups", 100);
	make_world();
	gx_test_commit(&house);
	GX_ASSERT(house.core->router.routes_count <= ROUTES_MAX);
	for (size_t i = 0; app_rooms[i] != NULL; i++)
		collect_periodics(app_rooms[i]);
	collect_periodics(&core_room);
	atexit(close_house);
	return 0;
}

/* --- what must hold --- */

static void complain(const char *what, const char *op, const char *in, int status,
		     struct gx_str out)
{
	fprintf(stderr, "%s: %s %s: %d %.*s\n", what, op, in, status, GX_STR_ARG(out));
	abort();
}

static void check_refusal(const char *op, const char *in, int status, struct gx_str out)
{
	const struct gx_code *code =
		core_router_code(&house.core->router, gx_arena_strdup(house.arena, out).ptr);

	if (status >= 500)
		complain("a failure of the server", op, in, status, out);
	if (code == NULL)
		complain("no documented code", op, in, status, out);
	if (gx_status_http(code->status) != status)
		complain("another status than documented", op, in, status, out);
}

static void check_answer(const char *op, const char *in, int status, struct gx_str out)
{
	const struct gx_json *node;

	if (out.len == 0 || strcmp(op, "metrics.get") == 0)
		return;
	if (gx_json_parse(house.arena, gx_arena_strdup(house.arena, out), &node, &house.err) !=
	    GX_OK)
		complain("an answer that is no JSON", op, in, status, out);
	fuzz_pool_take(&pool, house.arena, out);
}

/* Whoever is told of a message can read its conversation. */
static void check_told(const char *op, const char *in, const struct outbox_item *item,
		       uint64_t account_id)
{
	struct gx_session session = { .account_id = account_id, .device_id = 1 };
	const struct gx_json *node;
	struct gx_str id, out;
	int status;

	GX_ASSERT(gx_json_parse(house.arena, item->json, &node, &house.err) == GX_OK);
	node = gx_json_get(gx_json_get(node, GX_STR("message")), GX_STR("conversation_id"));
	if (node == NULL)
		return;
	id = gx_json_str(house.arena, node);
	status = gx_test_call_as(&house, &session, "messages.list",
				 IN("{\"conversation_id\":\"%.*s\"}", GX_STR_ARG(id)), &out);
	if (status != 200)
		complain("told to one who may not read it", op, in, status, item->json);
}

static void check_events(const char *op, const char *in, size_t from)
{
	const struct gx_outbox *o = &house.core->outbox;
	size_t count = o->count;

	for (size_t i = from; i < count; i++) {
		struct outbox_item item = o->items[i];

		if (item.kind != OUTBOX_EVENT ||
		    !gx_str_starts(item.json, GX_STR("{\"type\":\"message\"")))
			continue;
		if (item.account_ids == NULL)
			check_told(op, in, &item, item.one_account);
		for (size_t k = 0; k < item.account_ids_count; k++)
			check_told(op, in, &item, item.account_ids[k]);
	}
}

/* --- steps --- */

static void call(struct fuzz_bytes *b)
{
	const struct core_router *router = &house.core->router;
	unsigned index = fuzz_below(b, (unsigned)router->routes_count);
	const struct gx_route *route = router->routes[index].route;
	unsigned who = fuzz_below(b, PEOPLE + 1);
	struct gx_session session = { 0 };
	size_t told = house.core->outbox.count;
	uint64_t writes = house.tx->writes_count;
	struct gx_buf in;
	struct gx_str out;
	int status;

	if (route->kind == GX_OP_UPLOAD || route->kind == GX_OP_STREAM)
		return;
	if (who < PEOPLE)
		session = (struct gx_session){ .account_id = people[who].account_id,
					       .device_id = people[who].device_id };
	gx_buf_init(&in, (size_t)4 << 20);
	fuzz_write_inputs(b, &pool, route->fields, &in);
	gx_buf_append_char(&in, '\0');
	status = gx_test_call_as(&house, &session, route->op, in.ptr, &out);
	*(status >= 400 ? &refused[index] : &done[index]) += 1;
	if (status >= 400) {
		check_refusal(route->op, in.ptr, status, out);
		if (route->kind == GX_OP_COMMAND_PLAIN && house.tx->writes_count != writes)
			complain("refused after a write", route->op, in.ptr, status, out);
	} else {
		check_answer(route->op, in.ptr, status, out);
		check_events(route->op, in.ptr, told);
	}
	if (route->kind == GX_OP_QUERY && house.tx->writes_count != writes)
		complain("a query that writes", route->op, in.ptr, status, out);
	gx_buf_deinit(&in);
}

static void run_periodic(const struct gx_periodic *p)
{
	bool again;

	if (p->run(house.arena, house.tx, &again, &house.err) != GX_OK)
		complain("work at intervals failed", p->name, "", 0,
			 gx_str_from_cstr(house.err.code));
}

static void check_database(void)
{
	struct gx_buf complaints;
	struct gx_str path =
		gx_arena_printf(house.arena, "%s/guanxi.db", gx_core_data_dir(house.core));

	gx_buf_init(&complaints, 65536);
	GX_ASSERT(gx_db_check(&(struct gx_db_place){ .path = path.ptr }, NULL, 0, &complaints,
			      &house.err) == GX_OK);
	if (complaints.len > 0)
		complain("a damaged database", "check", "", 0, gx_buf_str(&complaints));
	gx_buf_deinit(&complaints);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static unsigned inputs_count;
	struct fuzz_bytes b = { data, size };

	pool = first_pool;
	gx_clock_advance_ms(GX_DAY_MS); /* whoever was too often here is welcome again */
	gx_test_rollback(&house);
	for (unsigned i = 0; i < CALLS_MAX && b.left > 0; i++) {
		uint8_t choice = fuzz_byte(&b);

		if (choice >= 250)
			run_periodic(periodics[fuzz_below(&b, (unsigned)periodics_count)]);
		else if (choice >= 240)
			gx_clock_advance_ms((int64_t)fuzz_byte(&b) * GX_MINUTE_MS);
		else
			call(&b);
	}
	gx_arena_reset(house.arena);
	if (++inputs_count % INPUTS_PER_CHECK == 0)
		check_database();
	return 0;
}
