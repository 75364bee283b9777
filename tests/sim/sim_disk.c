/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sim_disk.c - the disk under the core: bytes in memory that fail when they are told to.
 *
 * The files are db_testing_disk.h's, which knows what is synced. Only empty folders for what is not
 * in the database stand in a temporary folder of the real disk.
 */
#include <ftw.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

#include "db_testing_disk.h"
#include "sim.h"
#include "sim_fiber.h"

static char folder[64];
static struct gx_disk *disk;
static struct {
	enum sim_fault fault;
	uint64_t wait;	/* steps of the disk until it happens */
	uint64_t count; /* how often */
	bool is_paused;
} armed;

static enum gx_disk_fault judge(void *arg, const struct gx_disk_step *step)
{
	if (!armed.is_paused)
		sim_others_may_run(10);
	if (armed.is_paused || armed.fault == SIM_FAULT_NONE || armed.wait-- > 0)
		return GX_DISK_WORKS;
	armed.wait = 0;
	sim_trace("the disk fails: fault %d at %s of %s", (int)armed.fault,
		  step->op == GX_DISK_SYNC    ? "a sync"
		  : step->op == GX_DISK_WRITE ? "a write"
					      : "a change",
		  step->path);
	sim->faults++;
	enum sim_fault fault = armed.fault;
	if (--armed.count == 0)
		armed.fault = SIM_FAULT_NONE;
	switch (fault) {
	case SIM_FAULT_ERROR:
		return GX_DISK_IO_ERROR;
	case SIM_FAULT_TORN:
		return GX_DISK_TORN;
	case SIM_FAULT_FULL:
		return GX_DISK_FULL;
	default:
		return GX_DISK_POWER_LOSS;
	}
}

void sim_disk_new(void)
{
	snprintf(folder, sizeof(folder), "/tmp/guanxi-sim-XXXXXX");
	GX_ASSERT(mkdtemp(folder) != NULL);
	disk = gx_disk_new("sim", sim_random());
	gx_disk_be_default(disk);
	(void)sqlite3_test_control(SQLITE_TESTCTRL_PRNG_SEED, (int)(sim_random() >> 34) | 1, NULL);
	gx_disk_watch(disk, judge, NULL);
	armed.fault = SIM_FAULT_NONE;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *where)
{
	return remove(path);
}

void sim_disk_drop(void)
{
	gx_disk_free(disk);
	(void)nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

const char *sim_disk_folder(void)
{
	return folder;
}

void sim_disk_arm(enum sim_fault fault, uint64_t after)
{
	armed.fault = fault;
	armed.wait = after;
	/* A full disk stays full for a while; errors come alone or in a row. */
	armed.count = fault == SIM_FAULT_FULL ? 1 + sim_below(200)
		      : sim_once_in(3)	      ? 1 + sim_below(4)
					      : 1;
}

void sim_disk_pause(bool is_paused)
{
	armed.is_paused = is_paused;
}

bool sim_disk_is_off(void)
{
	return gx_disk_is_off(disk);
}

void sim_disk_die(bool is_power_lost)
{
	if (is_power_lost)
		gx_disk_power_off(disk);
	else if (!gx_disk_is_off(disk))
		gx_disk_process_died(disk);
}

void sim_disk_revive(void)
{
	static const enum gx_disk_loss losses[] = { GX_DISK_LOSE_ALL, GX_DISK_LOSE_NOTHING,
						    GX_DISK_LOSE_RANDOM, GX_DISK_LOSE_RANDOM };

	if (gx_disk_is_off(disk))
		gx_disk_power_on(disk, losses[sim_below(GX_COUNT(losses))], sim_random());
}
