/* SPDX-License-Identifier: Apache-2.0 */
/*
 * testhouse.c - the core without loop, edges and threads, for unit tests.
 */
#include "testhouse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core_start.h"

struct gx_test_house {
	struct gx_core core;
	struct gx_core_config config;
	struct gx_arena arena;
	char dir[64];
};

static void begin(struct gx_test *t)
{
	GX_ASSERT(core_batch_begin(t->core, &t->err) == GX_OK);
	t->tx = &t->core->batch.tx;
}

static void end(struct gx_test *t, bool commits)
{
	struct core_batch *b = &t->core->batch;

	if (commits) {
		GX_ASSERT(core_settle(t->core, &t->err) == GX_OK);
		GX_ASSERT(gx_tx_commit(&b->tx, &t->err) == GX_OK);
		core_settled(t->core);
	} else {
		gx_tx_rollback(&b->tx);
		outbox_truncate(&t->core->outbox, 0, b->position_at_begin);
		core_forget_all(t->core);
	}
	t->core->outbox.count = 0;
	b->is_open = false;
}

void gx_test_open(struct gx_test *t, const struct gx_room *const *rooms)
{
	struct gx_test_house *h = gx_heap_alloc(sizeof(*h));

	*t = (struct gx_test){ .house = h, .core = &h->core, .arena = &h->arena };
	snprintf(h->dir, sizeof(h->dir), "/tmp/guanxi-test-XXXXXX");
	GX_ASSERT(mkdtemp(h->dir) != NULL);
	gx_arena_init(&h->arena);
	h->config = (struct gx_core_config){ .data_dir = h->dir, .rooms = rooms, .control_fd = -1 };
	if (core_open(&h->core, &h->config, &t->err) != GX_OK) {
		gx_log(GX_LOG_ERROR, "testhouse.open_failed", GX_F_CSTR("code", t->err.code),
		       GX_F_STR("detail", t->err.detail));
		abort();
	}
	begin(t);
}

void gx_test_close(struct gx_test *t)
{
	struct gx_test_house *h = t->house;
	char command[128];

	end(t, false);
	core_close(&h->core);
	gx_arena_deinit(&h->arena);
	snprintf(command, sizeof(command), "rm -rf '%s'", h->dir);
	GX_ASSERT(system(command) == 0);
	gx_heap_free(h);
}

void gx_test_commit(struct gx_test *t)
{
	end(t, true);
	begin(t);
}

void gx_test_rollback(struct gx_test *t)
{
	end(t, false);
	begin(t);
}

enum gx_status gx_test_check_plans(struct gx_test *t, struct gx_buf *report)
{
	return gx_db_check_plans(t->core->db, report, &t->err);
}

enum gx_status gx_test_reader(struct gx_test *t, struct gx_conn **out)
{
	return gx_db_reader(t->core->db, out, &t->err);
}

enum gx_status gx_test_snapshot(struct gx_test *t, struct gx_conn *reader, struct gx_tx *tx)
{
	return core_snapshot_begin(t->core, reader, tx, &t->err);
}

static bool reaches(const struct outbox_item *item, uint64_t account_id)
{
	if (item->is_to_all)
		return true;
	if (item->account_ids == NULL)
		return item->one_account == account_id;
	for (size_t i = 0; i < item->account_ids_count; i++)
		if (item->account_ids[i] == account_id)
			return true;
	return false;
}

size_t gx_test_published(struct gx_test *t, uint64_t account_id, const char *type)
{
	const struct gx_outbox *o = &t->core->outbox;
	struct gx_str start = gx_arena_printf(t->arena, "{\"type\":\"%s\"", type);
	size_t n = 0;

	for (size_t i = 0; i < o->count; i++)
		n += o->items[i].kind == OUTBOX_EVENT && reaches(&o->items[i], account_id) &&
		     gx_str_starts(o->items[i].json, start);
	return n;
}

/* Runs the three steps; the caller undoes what a failed one wrote. */
static enum gx_status carry_out(struct gx_test *t, struct gx_call *c,
				const struct core_route *route, const char *input_json)
{
	const struct gx_json *object = NULL;
	struct gx_input *in = gx_arena_new_array(t->arena, struct gx_input, GX_FIELDS_MAX);
	struct gx_str text = gx_arena_strdup(t->arena, gx_str_from_cstr(input_json));
	enum gx_status st = gx_json_parse(t->arena, text, &object, &c->err);

	c->in = in;
	if (st == GX_OK)
		st = core_input_from_json(t->arena, route, object, in, &c->err);
	if (st == GX_OK && route->route->auth == GX_AUTH_NONE)
		c->session = (struct gx_session){ 0 };
	else if (st == GX_OK && c->session.account_id == 0)
		st = gx_fail(&c->err, GX_E_UNAUTHENTICATED, "core.unauthenticated");
	else if (st == GX_OK)
		st = gx_role_get(t->tx, c->session.account_id, &c->session.role, &c->err);
	if (st == GX_OK &&
	    ((route->route->auth == GX_AUTH_OPERATOR && c->session.role < GX_ROLE_OPERATOR) ||
	     (route->route->auth == GX_AUTH_OWNER && c->session.role < GX_ROLE_OWNER)))
		st = gx_fail(&c->err, GX_E_FORBIDDEN, "core.forbidden");
	if (st == GX_OK && route->route->admit != NULL)
		st = route->route->admit(c);
	c->tx = t->tx;
	if (st == GX_OK && route->route->prepare != NULL)
		st = route->route->prepare(c);
	if (st == GX_OK)
		st = route->route->handle(c);
	return st;
}

/* What a handler delivers to is borrowed until it returns; the test looks later. */
static void keep_addressees(struct gx_test *t, size_t from)
{
	struct gx_outbox *o = &t->core->outbox;

	for (size_t i = from; i < o->count; i++) {
		struct outbox_item *item = &o->items[i];
		uint64_t *ids;

		if (item->account_ids == NULL)
			continue;
		ids = gx_arena_new_array(t->arena, uint64_t, item->account_ids_count + 1);
		memcpy(ids, item->account_ids, item->account_ids_count * sizeof(*ids));
		item->account_ids = ids;
	}
}

int gx_test_call(struct gx_test *t, uint64_t account_id, const char *op, const char *input_json,
		 struct gx_str *out)
{
	struct gx_session session = { .account_id = account_id, .device_id = 1 };

	return gx_test_call_as(t, &session, op, input_json, out);
}

int gx_test_call_as(struct gx_test *t, const struct gx_session *session, const char *op,
		    const char *input_json, struct gx_str *out)
{
	struct gx_core *core = t->core;
	const struct core_route *route = core_router_op(&core->router, gx_str_from_cstr(op));
	size_t items = core->outbox.count;
	uint64_t position = core->outbox.position;
	struct gx_call c = { .arena = t->arena,
			     .core = core,
			     .session = *session,
			     .file = { .fd = -1 },
			     .is_peer_loopback = true };

	GX_ASSERT(route != NULL);
	gx_buf_clear(&core->out);
	gx_buf_clear(&core->headers);
	gx_json_writer_init(&c.out, &core->out);
	c.headers = &core->headers;
	c.route = route->route;
	c.status = route->route->ok_status;
	GX_ASSERT(core_savepoint(t->core, &t->err) == GX_OK);
	enum gx_status st = carry_out(t, &c, route, input_json);
	if (st == GX_OK) {
		gx_tx_savepoint_release(t->tx);
		keep_addressees(t, items);
	} else {
		gx_tx_savepoint_rollback(t->tx);
		outbox_truncate(&core->outbox, items, position);
		core_forget_all(core);
	}
	if (c.file.fd >= 0)
		close(c.file.fd);
	t->err = c.err;
	if (out != NULL)
		*out = gx_arena_strdup(t->arena, st == GX_OK ? gx_buf_str(&core->out)
							     : gx_str_from_cstr(c.err.code));
	return st == GX_OK ? c.status : gx_status_http(st);
}
