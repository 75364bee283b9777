/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sim_check.c - all comes to rest, then everything is compared.
 *
 * No faults and no new wishes until nothing moves any more; every device is live and has heard all.
 * Then each conversation is read from end to end by each of its people.
 */
#include "sim.h"

#define CALM_STEPS_MAX 2000000u

static bool all_live(void)
{
	for (unsigned i = 0; i < sim->devices_count; i++)
		if (sim->devices[i].state != SIM_LIVE)
			return false;
	return sim->core != NULL;
}

/* Nothing moves: brings back who is away, or lets time pass. False: all is done. */
static bool go_on(void)
{
	bool is_waiting = false;

	for (unsigned i = 0; i < sim->devices_count; i++) {
		struct sim_device *d = &sim->devices[i];

		if (d->state == SIM_LIVE)
			continue;
		is_waiting = true;
		if (d->state == SIM_AWAY && sim->core != NULL)
			sim_client_open(d);
	}
	if (is_waiting)
		sim_time.mono_ns += 20000000;
	else if (sim_next_timer_ns() < sim_time.mono_ns + UINT64_C(3000000000))
		sim_time.mono_ns = sim_next_timer_ns();
	else
		return false;
	return true;
}

/* Moves on until nothing is under way. */
static void rest(void)
{
	unsigned quiet = 0;

	for (unsigned n = 0; quiet < 3; n++) {
		SIM_CHECK(n < CALM_STEPS_MAX, "it does not come to rest");
		quiet = sim_step() || go_on() ? 0 : quiet + 1;
	}
}

void sim_check_all(void)
{
	sim->is_calm = true;
	sim_disk_arm(SIM_FAULT_NONE, 0);
	rest();
	SIM_CHECK(all_live(), "somebody is still away");
	sim->checks++;
	sim->is_calm = false;
}
