/* SPDX-License-Identifier: Apache-2.0 */
#include "load_stat.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define PROC_LINE_BYTES 1024

/* Reads the first bytes of /proc/PID/NAME as text; false when it isn't there. */
static bool proc_read(int pid, const char *name, char *out, size_t size)
{
	char path[64];
	size_t got;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	f = fopen(path, "r");
	if (f == NULL)
		return false;
	got = fread(out, 1, size - 1, f);
	fclose(f);
	out[got] = '\0';
	return got > 0;
}

/* Parent and CPU ticks from /proc/PID/stat. The name in parentheses may hold anything. */
static bool proc_stat(int pid, int *parent, uint64_t *ticks)
{
	unsigned long user, system;
	char line[PROC_LINE_BYTES];
	const char *behind_name;

	if (!proc_read(pid, "stat", line, sizeof(line)))
		return false;
	behind_name = strrchr(line, ')');
	if (behind_name == NULL ||
	    sscanf(behind_name + 1, " %*c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", parent,
		   &user, &system) != 3)
		return false;
	*ticks = user + system;
	return true;
}

static bool contains(const struct load_server *s, int pid)
{
	for (unsigned i = 0; i < s->pids_count; i++)
		if (s->pids[i] == pid)
			return true;
	return false;
}

/* One pass over all processes; true when a new descendant was found. */
static bool find_more(struct load_server *s)
{
	DIR *dir = opendir("/proc");
	const struct dirent *entry;
	bool found = false;

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		uint64_t pid, ticks;
		int parent;

		if (!gx_str_to_u64(gx_str_from_cstr(entry->d_name), &pid) ||
		    s->pids_count == LOAD_PIDS_MAX || contains(s, (int)pid) ||
		    !proc_stat((int)pid, &parent, &ticks) || !contains(s, parent))
			continue;
		s->pids[s->pids_count++] = (int)pid;
		found = true;
	}
	if (dir != NULL)
		closedir(dir);
	return found;
}

void load_server_find(struct load_server *s, int root)
{
	s->pids_count = 0;
	if (root == 0)
		return;
	s->pids[s->pids_count++] = root;
	while (find_more(s))
		;
}

uint64_t load_server_pss_bytes(const struct load_server *s)
{
	uint64_t bytes = 0;

	for (unsigned i = 0; i < s->pids_count; i++) {
		char text[PROC_LINE_BYTES];
		const char *at;

		if (!proc_read(s->pids[i], "smaps_rollup", text, sizeof(text)))
			continue;
		at = strstr(text, "\nPss:");
		if (at != NULL)
			bytes += (uint64_t)strtoull(at + 5, NULL, 10) * 1024;
	}
	return bytes;
}

static uint64_t ticks_to_ns(uint64_t ticks)
{
	return ticks * (UINT64_C(1000000000) / (uint64_t)sysconf(_SC_CLK_TCK));
}

/* user nice system, then irq softirq steal; not idle and iowait. */
static uint64_t machine_ticks(void)
{
	unsigned long long user, nice, system, irq, softirq, steal;
	uint64_t ticks = 0;
	FILE *f = fopen("/proc/stat", "r");

	if (f == NULL)
		return 0;
	if (fscanf(f, "cpu %llu %llu %llu %*u %*u %llu %llu %llu", &user, &nice, &system, &irq,
		   &softirq, &steal) == 6)
		ticks = user + nice + system + irq + softirq + steal;
	fclose(f);
	return ticks;
}

static uint64_t time_ns(struct timeval t)
{
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_usec * 1000u;
}

void load_usage_read(const struct load_server *s, struct load_usage *out)
{
	struct rusage own;
	uint64_t ticks = 0;

	for (unsigned i = 0; i < s->pids_count; i++) {
		uint64_t one;
		int parent;

		if (proc_stat(s->pids[i], &parent, &one))
			ticks += one;
	}
	getrusage(RUSAGE_SELF, &own);
	out->mono_ns = gx_clock_mono_ns();
	out->server_ns = ticks_to_ns(ticks);
	out->own_ns = time_ns(own.ru_utime) + time_ns(own.ru_stime);
	out->machine_ns = ticks_to_ns(machine_ticks());
}

void load_times_add(struct load_times *t, uint64_t ns)
{
	uint64_t us = ns / 1000;

	if (t->count == t->cap) {
		t->cap = t->cap == 0 ? 65536 : t->cap * 2;
		t->us = gx_heap_resize(t->us, t->cap, sizeof(*t->us));
	}
	t->us[t->count++] = us > UINT32_MAX ? UINT32_MAX : (uint32_t)us;
}

static int compare_u32(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

uint32_t load_times_percentile(struct load_times *t, double percent)
{
	size_t index;

	if (t->count == 0)
		return 0;
	qsort(t->us, t->count, sizeof(*t->us), compare_u32);
	index = (size_t)((double)t->count * percent / 100);
	return t->us[index < t->count ? index : t->count - 1];
}
