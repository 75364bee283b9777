/* SPDX-License-Identifier: Apache-2.0 */
/*
 * load_stat.h - what a run costs and how long its messages take.
 *
 * The server is a process with all its descendants. CPU times come from /proc in ticks of 10 ms, so
 * windows of a second or more say something.
 */
#ifndef GX_LOAD_STAT_H
#define GX_LOAD_STAT_H

#include "gx.h"

#define LOAD_PIDS_MAX 256u

struct load_server {
	int pids[LOAD_PIDS_MAX];
	unsigned pids_count;
};

/* Finds the descendants of `root`; 0 gives the empty server. */
void load_server_find(struct load_server *s, int root);
uint64_t load_server_pss_bytes(const struct load_server *s);

/* CPU so far. */
uint64_t load_server_cpu_ns(const struct load_server *s);

/* One reading of all clocks. */
struct load_usage {
	uint64_t mono_ns;
	uint64_t server_ns; /* CPU */
	uint64_t own_ns;
	uint64_t machine_ns; /* all processes and interrupts */
};

void load_usage_read(const struct load_server *s, struct load_usage *out);

/* "server_cores=… load_cores=… other_cores=… ": what was busy between two readings. other_cores is
 * the work of neither server nor us: when it is not small, the run says little. */
void load_usage_print(const struct load_usage *a, const struct load_usage *b);

/* Times, in steps of less than 1 %. */
#define LOAD_TIMES_STEPS (40u * 128u)

struct load_times {
	uint64_t count;
	uint64_t steps[LOAD_TIMES_STEPS];
};

void load_times_add(struct load_times *t, uint64_t ns);
/* The time that `percent` of all are not above; 0 when there are none. */
double load_times_percentile_ms(const struct load_times *t, double percent);
/* "p50_ms=… p99_ms=… p999_ms=… ", each with the prefix. */
void load_times_print(const char *prefix, const struct load_times *t);

/* amount / count, or 0. */
double load_per(double amount, uint64_t count);

#endif
