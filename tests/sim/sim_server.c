/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sim_server.c - the core's life: start, turns, death.
 *
 * A death drops all that is in memory and gives back the disk as a kill or a power cut would leave
 * it. The memory is freed in the ordinary way, on a disk that no longer counts, so that a leak is
 * still seen.
 */
#include <stdlib.h>

#include "rooms.h"
#include "sim.h"
#include "sim_crash.h"

/* Carries out `work`; false when the core ended its own process in it. */
static bool survives(void (*work)(void *arg), void *arg)
{
	jmp_buf here;
	bool is_alive = setjmp(here) == 0;

	sim_crash_to = &here;
	if (is_alive)
		work(arg);
	sim_crash_to = NULL;
	return is_alive;
}

static void start(void *arg)
{
	*(int *)arg = core_start(sim->core, &sim->config);
}

bool sim_server_start(void)
{
	static int status; /* outlives the jump */

	GX_ASSERT(sim->core == NULL);
	sim->config = (struct gx_core_config){ .data_dir = sim_disk_folder(),
					       .rooms = app_rooms,
					       .control_fd = -1,
					       .readers = 2,
					       .helpers = 1,
					       .log_frames_max = sim->log_frames_max };
	sim->core = gx_heap_alloc(sizeof(*sim->core));
	status = 0;
	if (survives(start, &status) && status == 0 && !sim_disk_is_off()) {
		sim_trace("the core has started at position %llu",
			  (unsigned long long)atomic_load(&sim->core->position_committed));
		for (unsigned i = 0; i < sim->edges_count; i++)
			sim_edge_link(&sim->edges[i]);
		return true;
	}
	sim_trace("the core did not start");
	sim_disk_die(sim_once_in(2));
	if (sim->core->readers != NULL)
		core_stop(sim->core);
	else
		core_close(sim->core);
	gx_heap_free(sim->core);
	sim->core = NULL;
	sim_disk_revive();
	return false;
}

static void forget_ready(struct gx_core *core)
{
	while (core->ready != NULL) {
		struct core_call *call = core->ready;

		core->ready = call->next_waiter;
		core_call_free(call);
	}
	core->ready_tail = &core->ready;
}

static void stop(void *arg)
{
	core_stop(arg);
}

/* Only the link's ends: what the core would still do with them is none of this world. */
static void drop_edges(struct gx_core *core)
{
	for (unsigned i = 0; i < CORE_EDGES_MAX; i++)
		if (core->edges[i] != NULL)
			core_edge_free(core->edges[i]);
}

void sim_server_kill(bool is_power_lost)
{
	struct gx_core *core = sim->core;

	GX_ASSERT(core != NULL);
	sim_trace("the core dies%s", is_power_lost ? " with the machine" : "");
	sim->kills++;
	sim_disk_die(is_power_lost);
	sim_net_core_gone();
	forget_ready(core);
	core->batch.is_open = false;
	drop_edges(core);
	if (!survives(stop, core)) /* what it still held is lost to us */
		sim_sys_reset();
	gx_heap_free(core);
	sim->core = NULL;
	sim_disk_revive();
}

static void job(void *arg)
{
	*(bool *)arg = sim_run_job();
}

bool sim_server_job(void)
{
	static bool did; /* outlives the jump */

	did = true;
	if (!survives(job, &did) || sim_disk_is_off())
		sim_server_kill(sim_once_in(2));
	return did;
}

static void turn(void *arg)
{
	core_turn(arg);
}

void sim_server_turn(void)
{
	bool is_alive;

	sim->is_in_turn = true;
	is_alive = survives(turn, sim->core);
	sim->is_in_turn = false;
	if (!is_alive || sim_disk_is_off())
		sim_server_kill(sim_once_in(2));
}
