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

uint64_t load_server_cpu_ns(const struct load_server *s)
{
	uint64_t ticks = 0;

	for (unsigned i = 0; i < s->pids_count; i++) {
		uint64_t one;
		int parent;

		if (proc_stat(s->pids[i], &parent, &one))
			ticks += one;
	}
	return ticks_to_ns(ticks);
}

void load_usage_read(const struct load_server *s, struct load_usage *out)
{
	struct rusage own;

	getrusage(RUSAGE_SELF, &own);
	out->mono_ns = gx_clock_mono_ns();
	out->server_ns = load_server_cpu_ns(s);
	out->own_ns = time_ns(own.ru_utime) + time_ns(own.ru_stime);
	out->machine_ns = ticks_to_ns(machine_ticks());
}

/* A time v >= 2 * TIMES_PARTS is kept as its top bits: TIMES_PARTS steps for each power of two. */
#define TIMES_BITS 7u
#define TIMES_PARTS (1u << TIMES_BITS)

void load_times_add(struct load_times *t, uint64_t ns)
{
	uint64_t v = ns / 100;
	unsigned exponent = 0;
	size_t i;

	if (v >= 2 * TIMES_PARTS)
		exponent = 63 - TIMES_BITS - (unsigned)__builtin_clzll(v);
	i = exponent * TIMES_PARTS + (size_t)(v >> exponent);
	t->steps[i < LOAD_TIMES_STEPS ? i : LOAD_TIMES_STEPS - 1]++;
	t->count++;
}

double load_times_percentile_ms(const struct load_times *t, double percent)
{
	double wanted = (double)t->count * percent / 100;
	uint64_t seen = 0;

	for (size_t i = 0; t->count > 0 && i < LOAD_TIMES_STEPS; i++) {
		size_t exponent = i < 2 * TIMES_PARTS ? 0 : i / TIMES_PARTS - 1;

		seen += t->steps[i];
		if ((double)seen >= wanted && seen > 0) /* the upper end of the step */
			return (double)((i - exponent * TIMES_PARTS + 1) << exponent) / 1e4;
	}
	return 0;
}

void load_times_print(const char *prefix, const struct load_times *t)
{
	printf("%sp50_ms=%.3f %sp99_ms=%.3f %sp999_ms=%.3f ", prefix,
	       load_times_percentile_ms(t, 50), prefix, load_times_percentile_ms(t, 99), prefix,
	       load_times_percentile_ms(t, 99.9));
}

double load_per(double amount, uint64_t count)
{
	return count == 0 ? 0 : amount / (double)count;
}

void load_usage_print(const struct load_usage *a, const struct load_usage *b)
{
	double ns = (double)(b->mono_ns - a->mono_ns);
	double server = (double)(b->server_ns - a->server_ns) / ns;
	double own = (double)(b->own_ns - a->own_ns) / ns;
	double other = (double)(b->machine_ns - a->machine_ns) / ns - server - own;

	printf("server_cores=%.2f load_cores=%.2f other_cores=%.2f ", server, own,
	       other > 0 ? other : 0);
}
