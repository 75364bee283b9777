/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sim_disk.c - the disk under the core.
 */
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim.h"

static char folder[64];
static struct gx_buf saved[2];
static const char *const names[2] = { "guanxi.db", "guanxi.db-wal" };

void sim_disk_new(void)
{
	snprintf(folder, sizeof(folder), "/dev/shm/guanxi-sim-XXXXXX");
	GX_ASSERT(mkdtemp(folder) != NULL);
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *where)
{
	return remove(path);
}

void sim_disk_drop(void)
{
	(void)nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

const char *sim_disk_folder(void)
{
	return folder;
}

void sim_disk_arm(enum sim_fault fault, unsigned after)
{
}

bool sim_disk_is_off(void)
{
	return false;
}

static void path_of(char *out, size_t size, const char *name)
{
	snprintf(out, size, "%s/%s", folder, name);
}

void sim_disk_die(bool is_power_lost)
{
	char path[128];

	for (int i = 0; i < 2; i++) {
		int fd;
		ssize_t got;

		path_of(path, sizeof(path), names[i]);
		gx_buf_init(&saved[i], (size_t)1 << 30);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		while (fd >= 0 && (got = read(fd, gx_buf_reserve(&saved[i], 65536), 65536)) > 0)
			gx_buf_commit(&saved[i], (size_t)got);
		if (fd >= 0)
			close(fd);
	}
}

void sim_disk_revive(void)
{
	char path[128];

	path_of(path, sizeof(path), "guanxi.db-shm");
	(void)unlink(path);
	for (int i = 0; i < 2; i++) {
		path_of(path, sizeof(path), names[i]);
		int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
		GX_ASSERT(write(fd, saved[i].ptr, saved[i].len) == (ssize_t)saved[i].len);
		close(fd);
		gx_buf_deinit(&saved[i]);
	}
}

uint64_t sim_disk_writes(void)
{
	return 0;
}
