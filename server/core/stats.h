/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stats.h - what the core measures of itself, and the log of what was slow.
 *
 * Purpose:    times of commands, queries, queues and commits, refusals by code, for /metrics and
 *             `guanxi admin top`.
 * Invariants: no clock is read for a command: each record's own reading (when it leaves the queue)
 *             and the one behind the commit are enough. A command's time is from the edge's reading
 *             of it until its answer may leave; for a query likewise.
 * Threading:  all functions but core_stats_write() run on the loop thread and are the only writers;
 *             what is read elsewhere are tallies.
 * Memory:     the core's; grows to the largest batch.
 */
#ifndef GX_CORE_STATS_H
#define GX_CORE_STATS_H

#include "metrics.h"
#include "room.h"
#include "str.h"

struct gx_core;
struct gx_room;
struct core_call;
struct core_route;

enum core_pool { CORE_POOL_READERS, CORE_POOL_HELPERS, CORE_POOL_UPLOADS, CORE_POOLS_COUNT };

/* A command of the open batch. */
struct core_stats_command {
	const struct core_route *route;
	uint64_t account_id;
	uint64_t received_ns; /* by the edge */
	uint64_t began_ns;
};

struct core_stats {
	/* The record under way. */
	uint64_t received_ns;
	uint64_t began_ns;
	struct core_stats_command *commands; /* of the open batch */
	size_t commands_count, commands_cap;
	uint64_t slow_second; /* in which these were logged */
	unsigned slow_logged;
	unsigned slow_unlogged;

	/* For all threads. */
	struct gx_histogram queue;
	struct gx_histogram batch;
	struct gx_histogram commit;
	struct gx_histogram *by_op; /* one per route of the router */
	gx_tally *refusals;	    /* one per code of the router */
	gx_tally refusals_unknown;
	gx_tally overload[GX_PRIORITIES_COUNT]; /* refused, by class */
	gx_tally in_flight;			/* calls that a stream may have under way */
	gx_tally slow;
	gx_tally deliveries;
	gx_tally accounts_online;
	gx_tally sessions_cached;
	gx_tally queue_mean_ns;
	gx_tally pools[CORE_POOLS_COUNT]; /* jobs waiting or running */
};

void core_stats_init(struct gx_core *core);
void core_stats_deinit(struct gx_core *core);

/* A record leaves the queue. */
void core_stats_record(struct gx_core *core, uint64_t received_ns, uint64_t now_ns);
/* It turned out to be a command, which is about to run in the batch. */
void core_stats_command(struct gx_core *core, const struct core_route *route, uint64_t account_id);
/* The batch is committed (or failed). */
void core_stats_batch(struct gx_core *core, unsigned commands_count, uint64_t commit_began_ns,
		      uint64_t commit_ended_ns);
/* A query is about to be answered; `run_ns`: on its reader. */
void core_stats_query(const struct core_call *call);
/* Work at intervals was done. */
void core_stats_periodic(struct gx_core *core, const char *name, uint64_t run_ns);
void core_stats_refused(struct gx_core *core, const char *code);
/* At the end of a turn: what only the loop thread can see. */
void core_stats_turn(struct gx_core *core);

/* core_metrics.c: the whole page of /metrics. Any thread. */
void core_metrics_write(struct gx_core *core, struct gx_buf *out);

/* Of the setting [server] slow_command_ms; 0: nothing is slow. */
uint64_t core_slow_ns(void);

#endif
