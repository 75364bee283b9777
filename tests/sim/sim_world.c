/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sim_world.c - a world from a seed, and what can happen in it.
 *
 * A step is one of: a person does something; bytes arrive at the core, an edge or a client; the
 * core takes a turn; a reader or the checkpointer does a piece of work; time passes; a fault.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "accounts.h"
#include "accounts_sql.h"
#include "chat.h"
#include "contacts.h"
#include "contacts_rules.h"
#include "groups.h"
#include "rooms.h"
#include "sim.h"

struct world *sim;
bool sim_is_tracing;

/* --- the people, straight into the database: argon2id would be slow --- */

static enum gx_status make_person(struct gx_arena *a, struct gx_tx *tx, struct sim_person *p,
				  struct gx_error *err)
{
	struct gx_str name = gx_str_from_cstr(p->name);
	const struct accounts_sql_account_insert_in in = {
		.account_id = p->account_id,
		.username = name,
		.username_folded = name,
		.nickname = name,
		.password_hash = GX_STR("none"),
		.created_at_ms = tx->now_ms,
	};
	enum gx_status st = accounts_sql_account_insert(tx, &in, NULL, err);

	return st != GX_OK ? st : gx_rooms_account_changed(a, tx, p->account_id, err);
}

static enum gx_status make_devices(struct gx_arena *a, struct gx_tx *tx, struct gx_error *err)
{
	enum gx_status st = GX_OK;

	for (unsigned i = 0; st == GX_OK && i < sim->devices_count; i++) {
		struct sim_device *d = &sim->devices[i];
		uint64_t device_id;
		struct gx_str token;

		st = gx_session_create(a, tx, sim->people[d->person].account_id, GX_STR("sim"),
				       GX_STR("sim"), GX_STR("127.0.0.1"), &device_id, &token, err);
		if (st == GX_OK)
			snprintf(d->token, sizeof(d->token), "%.*s", GX_STR_ARG(token));
	}
	return st;
}

static void sit_down(struct sim_conv *c, unsigned one, unsigned other)
{
	c->pair[0] = one;
	c->pair[1] = other;
	c->seats[one].is_seated = c->seats[other].is_seated = true;
	sim_conv_join(c, one);
	sim_conv_join(c, other);
}

static enum gx_status make_ties(struct gx_arena *a, struct gx_tx *tx, struct gx_error *err)
{
	const struct contacts_source source = { .kind = GX_STR("username"), .ref = GX_STR("x") };
	enum gx_status st = GX_OK;
	uint64_t id;

	for (unsigned i = 0; st == GX_OK && i < sim->people_count; i++) {
		for (unsigned k = i + 1; st == GX_OK && k < sim->people_count; k++) {
			uint64_t x = sim->people[i].account_id, y = sim->people[k].account_id;

			st = contacts_make_tie(a, tx, x, y, x, &source, &id, err);
			if (st != GX_OK)
				break;
			sit_down(sim_conv_get(id), i, k);
			sim->ties[i][k].state = sim->ties[k][i].state = SIM_YES;
		}
		if (st == GX_OK)
			st = chat_open_self(a, tx, sim->people[i].account_id, &id, err);
		if (st == GX_OK)
			sit_down(sim_conv_get(id), i, i);
	}
	return st;
}

static enum gx_status make_people(struct gx_arena *a, struct gx_tx *tx, void *arg,
				  struct gx_error *err)
{
	enum gx_status st = GX_OK;

	for (unsigned i = 0; st == GX_OK && i < sim->people_count; i++)
		st = make_person(a, tx, &sim->people[i], err);
	if (st == GX_OK)
		st = make_devices(a, tx, err);
	return st != GX_OK ? st : make_ties(a, tx, err);
}

static void set(const struct gx_room *room, const char *key, int64_t value)
{
	for (size_t i = 0; i < room->settings_count; i++) {
		if (strcmp(room->settings[i].key, key) != 0)
			continue;
		room->settings[i].num = value;
		return;
	}
	sim_fail("there is no setting %s", key);
}

void sim_world_new(uint64_t seed)
{
	struct gx_error err = { 0 };

	sim_random_seed(seed);
	sim_time = (struct sim_time){ .mono_ns = UINT64_C(1000000000) };
	sim = gx_heap_alloc(sizeof(*sim));
	sim->seed = seed;
	gx_arena_init(&sim->scratch);
	gx_arena_init(&sim->kept);
	gx_table_init(&sim->convs_by_id);
	gx_table_init(&sim->msgs_by_client);
	gx_table_init(&sim->positions);
	sim->people_count = 2 + (unsigned)sim_below(SIM_PEOPLE_MAX - 1);
	sim->devices_count =
		sim->people_count + (unsigned)sim_below(SIM_DEVICES_MAX - sim->people_count + 1);
	sim->edges_count = 1 + (unsigned)sim_below(SIM_EDGES_MAX);
	set(&contacts_room, "contact_requests_per_day", 0);
	set(&groups_room, "groups_per_day", 0);
	set(&chat_room, "tail_messages", 16 + (int64_t)sim_below(sim_once_in(3) ? 20000 : 300));
	sim->log_frames_max = 20 + (unsigned)sim_below(2000);
	for (unsigned i = 0; i < sim->edges_count; i++)
		sim->edges[i].wire = -1;
	for (unsigned i = 0; i < sim->people_count; i++) {
		sim->people[i].account_id = i + 1;
		snprintf(sim->people[i].name, sizeof(sim->people[i].name), "person_%u", i + 1);
	}
	for (unsigned i = 0; i < sim->devices_count; i++)
		sim->devices[i] =
			(struct sim_device){ .person = i % sim->people_count, .index = i };
	sim_disk_new();
	sim->config = (struct gx_core_config){ .data_dir = sim_disk_folder(),
					       .rooms = app_rooms,
					       .control_fd = -1 };
	if (gx_core_run_alone(&sim->config, make_people, NULL, &err) != GX_OK)
		sim_fail("the people could not be made: %s", err.code);
}

static void free_people(void)
{
	struct sim_msg *next;

	for (unsigned i = 0; i < SIM_PEOPLE_MAX; i++) {
		gx_heap_free(sim->people[i].convs);
		gx_heap_free(sim->people[i].told);
	}
	for (unsigned i = 0; i < SIM_DEVICES_MAX; i++)
		gx_heap_free(sim->devices[i].views);
	for (size_t i = 0; i < sim->convs_count; i++) {
		gx_heap_free(sim->convs[i]->by_seq);
		gx_heap_free(sim->convs[i]);
	}
	for (struct sim_msg *m = sim->msgs; m != NULL; m = next) {
		next = m->next;
		gx_heap_free(m);
	}
	gx_heap_free(sim->convs);
	gx_heap_free(sim->lost);
}

void sim_world_free(void)
{
	if (sim->core != NULL)
		sim_server_kill(false);
	sim_disk_drop();
	free_people();
	gx_table_deinit(&sim->convs_by_id);
	gx_table_deinit(&sim->msgs_by_client);
	gx_table_deinit(&sim->positions);
	gx_arena_deinit(&sim->scratch);
	gx_arena_deinit(&sim->kept);
	gx_heap_free(sim);
	sim = NULL;
}

/* --- steps --- */

/* Mostly moments; sometimes up to the next timer, or for hours, so that work at intervals comes. */
static bool let_time_pass(void)
{
	uint64_t due_ns = sim_next_timer_ns();

	if (sim_once_in(300))
		sim_time.mono_ns += sim_below(UINT64_C(7200000000000));
	else if (due_ns != UINT64_MAX && due_ns > sim_time.mono_ns && sim_once_in(100))
		sim_time.mono_ns = due_ns;
	else
		sim_time.mono_ns += sim_below(sim_once_in(20) ? 100000000 : 1000000);
	return true;
}

static bool one_device_acts(void)
{
	return sim_client_act(&sim->devices[sim_below(sim->devices_count)]);
}

static bool one_hangs_up(void)
{
	struct sim_edge *e = &sim->edges[sim_below(sim->edges_count)];
	struct sim_conn *c = &e->conns[sim_below(SIM_CONNS_MAX)];

	if (!c->is_used)
		return false;
	sim_trace("device %u hangs up", c->device->index);
	sim_conn_drop(e, c);
	return true;
}

static bool one_fault(void)
{
	static const int64_t jumps_ms[] = { -GX_HOUR_MS, -GX_SECOND_MS,	 GX_SECOND_MS,	GX_HOUR_MS,
					    GX_DAY_MS,	 -3 * GX_DAY_MS, 40 * GX_DAY_MS };
	uint64_t kind = sim_below(10);

	if (kind < 3) {
		sim_server_kill(sim_once_in(2));
	} else if (kind < 5) {
		sim_edge_kill(&sim->edges[sim_below(sim->edges_count)]);
	} else if (kind < 6) {
		sim_time.wall_offset_ms += jumps_ms[sim_below(GX_COUNT(jumps_ms))];
	} else {
		sim_disk_arm((enum sim_fault)(1 + sim_below(SIM_FAULTS_COUNT - 1)), sim_below(40));
	}
	return true;
}

static bool take_turn(void)
{
	if (!sim_core_has_input() && !sim->core->has_backlog && sim->core->ready == NULL)
		return false;
	sim_server_turn();
	return true;
}

/* What moves things on; tells whether there was anything. */
static bool move_something(void)
{
	unsigned from = (unsigned)sim_below(5);

	for (unsigned i = 0; i < 5; i++) {
		bool did = false;

		switch ((from + i) % 5) {
		case 0:
			did = sim_net_to_core();
			break;
		case 1:
			did = take_turn();
			break;
		case 2:
			did = sim_server_job();
			break;
		case 3:
			did = sim_net_to_edge();
			break;
		case 4:
			did = sim_net_to_client();
			break;
		}
		if (did)
			return true;
		if (sim->core == NULL)
			return true;
	}
	return false;
}

static bool something_happens(void)
{
	uint64_t what = sim_below(1000);

	if (sim->core == NULL)
		return sim_server_start() || true;
	if (sim->is_calm)
		return move_something();
	if (what < 2)
		return one_fault();
	if (what < 5)
		return one_hangs_up();
	if (what < 30)
		return let_time_pass();
	if (what < 260)
		return one_device_acts();
	return move_something();
}

bool sim_step(void)
{
	bool did;

	gx_arena_reset(&sim->scratch);
	sim_time.mono_ns += sim_below(20000);
	did = something_happens();
	sim->steps += did;
	return did;
}

uint64_t sim_run_episode(uint64_t seed, uint64_t steps_max)
{
	uint64_t steps;
	uint64_t next_check;

	sim_world_new(seed);
	sim->steps_max = steps_max;
	next_check = 1000 + sim_below(20000);
	while (sim->steps < steps_max) {
		(void)sim_step();
		if (sim->steps >= next_check) {
			sim_check_all();
			next_check = sim->steps + 1000 + sim_below(20000);
		}
	}
	sim_check_all();
	steps = sim->steps;
	sim_world_free();
	return steps;
}
