/* SPDX-License-Identifier: Apache-2.0 */
/* core_metrics.c - the core's own metrics, and the whole page of /metrics. */
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "core_start.h"

#define LABELS_BYTES_MAX 128

static struct core_stats *stats_of(void *owner)
{
	return &((struct gx_core *)owner)->stats;
}

static void collect_queue(const struct gx_metric *m, void *owner, struct gx_buf *out)
{
	gx_metric_write_histogram(out, m, "", &stats_of(owner)->queue, &gx_scale_ns);
}

static void collect_queue_mean(const struct gx_metric *m, void *owner, struct gx_buf *out)
{
	gx_metric_write_seconds(out, m, "", gx_tally_get(&stats_of(owner)->queue_mean_ns));
}

static void collect_batch(const struct gx_metric *m, void *owner, struct gx_buf *out)
{
	gx_metric_write_histogram(out, m, "", &stats_of(owner)->batch, &gx_scale_counts);
}

static void collect_commit(const struct gx_metric *m, void *owner, struct gx_buf *out)
{
	gx_metric_write_histogram(out, m, "", &stats_of(owner)->commit, &gx_scale_ns);
}

/* Only operations that were used: a page without empty histograms. */
static void collect_ops(const struct gx_metric *m, struct gx_core *core, bool queries,
			struct gx_buf *out)
{
	for (size_t i = 0; i < core->router.routes_count; i++) {
		const struct gx_route *route = core->router.routes[i].route;
		const struct gx_histogram *h = &core->stats.by_op[i];
		char labels[LABELS_BYTES_MAX];

		if ((route->kind == GX_OP_QUERY) != queries || gx_histogram_count(h) == 0)
			continue;
		snprintf(labels, sizeof(labels), "op=\"%s\"", route->op);
		gx_metric_write_histogram(out, m, labels, h, &gx_scale_ns);
	}
}

static void collect_commands(const struct gx_metric *m, void *owner, struct gx_buf *out)
{
	collect_ops(m, owner, false, out);
}

static void collect_queries(const struct gx_metric *m, void *owner, struct gx_buf *out)
{
	collect_ops(m, owner, true, out);
}

static void collect_refusals(const struct gx_metric *m, void *owner, struct gx_buf *out)
{
	struct gx_core *core = owner;

	for (size_t i = 0; i < core->router.codes_count; i++) {
		char labels[LABELS_BYTES_MAX];

		snprintf(labels, sizeof(labels), "code=\"%s\"", core->router.codes[i]->code);
		gx_metric_write_sample(out, m, labels,
				       (int64_t)gx_tally_get(&core->stats.refusals[i]));
	}
	gx_metric_write_sample(out, m, "code=\"unknown\"",
			       (int64_t)gx_tally_get(&core->stats.refusals_unknown));
}

static void collect_overload(const struct gx_metric *m, void *owner, struct gx_buf *out)
{
	static const char *const labels[GX_PRIORITIES_COUNT] = {
		[GX_PRIORITY_SIGN_IN] = "class=\"sign_in\"",
		[GX_PRIORITY_CHAT] = "class=\"chat\"",
		[GX_PRIORITY_SYNC] = "class=\"sync\"",
		[GX_PRIORITY_SOCIAL] = "class=\"social\"",
		[GX_PRIORITY_STATISTICS] = "class=\"statistics\"",
	};

	for (unsigned i = 0; i < GX_PRIORITIES_COUNT; i++)
		gx_metric_write_sample(out, m, labels[i],
				       (int64_t)gx_tally_get(&stats_of(owner)->overload[i]));
}

static void collect_in_flight(const struct gx_metric *m, void *owner, struct gx_buf *out)
{
	gx_metric_write_sample(out, m, "", (int64_t)gx_tally_get(&stats_of(owner)->in_flight));
}

static void collect_slow(const struct gx_metric *m, void *owner, struct gx_buf *out)
{
	gx_metric_write_sample(out, m, "", (int64_t)gx_tally_get(&stats_of(owner)->slow));
}

static void collect_deliveries(const struct gx_metric *m, void *owner, struct gx_buf *out)
{
	gx_metric_write_sample(out, m, "", (int64_t)gx_tally_get(&stats_of(owner)->deliveries));
}

static void collect_online(const struct gx_metric *m, void *owner, struct gx_buf *out)
{
	gx_metric_write_sample(out, m, "",
			       (int64_t)gx_tally_get(&stats_of(owner)->accounts_online));
}

static void collect_sessions(const struct gx_metric *m, void *owner, struct gx_buf *out)
{
	gx_metric_write_sample(out, m, "",
			       (int64_t)gx_tally_get(&stats_of(owner)->sessions_cached));
}

static void collect_pools(const struct gx_metric *m, void *owner, struct gx_buf *out)
{
	static const char *const labels[CORE_POOLS_COUNT] = {
		[CORE_POOL_READERS] = "pool=\"readers\"",
		[CORE_POOL_HELPERS] = "pool=\"helpers\"",
		[CORE_POOL_UPLOADS] = "pool=\"uploads\"",
	};

	for (unsigned i = 0; i < CORE_POOLS_COUNT; i++)
		gx_metric_write_sample(out, m, labels[i],
				       (int64_t)gx_tally_get(&stats_of(owner)->pools[i]));
}

static void collect_positions(const struct gx_metric *m, void *owner, struct gx_buf *out)
{
	struct gx_core *core = owner;
	uint64_t pruned = atomic_load(&core->position_pruned);
	uint64_t committed = atomic_load(&core->position_committed);

	gx_metric_write_sample(out, m, "", (int64_t)(committed > pruned ? committed - pruned : 0));
}

static void collect_file(const struct gx_metric *m, const struct gx_core *core, const char *name,
			 struct gx_buf *out)
{
	struct stat about;
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s", core->config->data_dir, name);
	gx_metric_write_sample(out, m, "", stat(path, &about) == 0 ? (int64_t)about.st_size : 0);
}

static void collect_database(const struct gx_metric *m, void *owner, struct gx_buf *out)
{
	collect_file(m, owner, "guanxi.db", out);
}

static void collect_log(const struct gx_metric *m, void *owner, struct gx_buf *out)
{
	collect_file(m, owner, "guanxi.db-wal", out);
}

static void collect_free(const struct gx_metric *m, void *owner, struct gx_buf *out)
{
	const struct gx_core *core = owner;
	struct statvfs about;

	if (statvfs(core->config->data_dir, &about) == 0)
		gx_metric_write_sample(out, m, "",
				       (int64_t)(about.f_bavail * (uint64_t)about.f_frsize));
}

static void collect_build(const struct gx_metric *m, void *owner, struct gx_buf *out)
{
	gx_metric_write_sample(out, m, "version=\"" GX_VERSION "\"", 1);
}

#define COUNTER(n, c, h)                                                                           \
	{                                                                                          \
		.name = (n), .kind = GX_METRIC_COUNTER, .help = (h), .collect = (c)                \
	}
#define GAUGE(n, c, h)                                                                             \
	{                                                                                          \
		.name = (n), .kind = GX_METRIC_GAUGE, .help = (h), .collect = (c)                  \
	}
#define HISTOGRAM(n, c, h)                                                                         \
	{                                                                                          \
		.name = (n), .kind = GX_METRIC_HISTOGRAM, .help = (h), .collect = (c)              \
	}

struct gx_metric core_metrics[CORE_METRICS_COUNT] = {
	[CORE_METRIC_COMMANDS] = COUNTER("guanxi_commands_total", NULL,
					 "Commands carried out, refused ones included."),
	[CORE_METRIC_BATCHES] = COUNTER("guanxi_batches_total", NULL,
					"Transactions that held at least one command."),
	[CORE_METRIC_BATCHES_FAILED] =
		COUNTER("guanxi_batches_failed_total", NULL,
			"Transactions that could not be committed; all in them were refused."),
	[CORE_METRIC_QUEUE] =
		HISTOGRAM("guanxi_queue_duration_seconds", collect_queue,
			  "From an edge's reading of a request to its turn on the command thread."),
	[CORE_METRIC_QUEUE_MEAN] =
		GAUGE("guanxi_queue_mean_seconds", collect_queue_mean,
		      "Its mean in the last 50 ms, by which overload is noticed."),
	[CORE_METRIC_BATCH] =
		HISTOGRAM("guanxi_batch_commands", collect_batch, "Commands in one transaction."),
	[CORE_METRIC_COMMIT] = HISTOGRAM("guanxi_commit_duration_seconds", collect_commit,
					 "Writing and syncing one transaction."),
	[CORE_METRIC_COMMAND_TIME] =
		HISTOGRAM("guanxi_command_duration_seconds", collect_commands,
			  "By operation: from an edge's reading of a command until its answer may "
			  "leave, committed. Operations not used yet are left out."),
	[CORE_METRIC_QUERY_TIME] =
		HISTOGRAM("guanxi_query_duration_seconds", collect_queries,
			  "By operation: from an edge's reading of a query until its answer may "
			  "leave; without the waiting of a long poll."),
	[CORE_METRIC_SLOW] = COUNTER("guanxi_slow_calls_total", collect_slow,
				     "Commands and queries slower than [server] slow_command_ms."),
	[CORE_METRIC_REFUSALS] = COUNTER("guanxi_refusals_total", collect_refusals,
					 "Requests and calls refused by the core, by code."),
	[CORE_METRIC_OVERLOAD] = COUNTER("guanxi_overload_refused_total", collect_overload,
					 "Calls refused because there were too many, by class."),
	[CORE_METRIC_IN_FLIGHT] = GAUGE("guanxi_stream_calls_max", collect_in_flight,
					"Calls that one stream may have under way at present."),
	[CORE_METRIC_DELIVERIES] =
		COUNTER("guanxi_deliveries_total", collect_deliveries,
			"Events and signs sent towards streams, once per stream."),
	[CORE_METRIC_ONLINE] = GAUGE("guanxi_accounts_online", collect_online,
				     "Accounts with at least one stream or long poll."),
	[CORE_METRIC_SESSIONS] = GAUGE("guanxi_sessions_cached", collect_sessions,
				       "Sessions that the core holds in memory."),
	[CORE_METRIC_POOLS] = GAUGE("guanxi_pool_jobs", collect_pools,
				    "Jobs waiting for or running on the threads beside the "
				    "command thread."),
	[CORE_METRIC_POSITIONS] =
		GAUGE("guanxi_event_log_positions", collect_positions,
		      "Positions from the oldest event that clients can catch up from to now."),
	[CORE_METRIC_DATABASE] =
		GAUGE("guanxi_database_bytes", collect_database, "Size of the database file."),
	[CORE_METRIC_LOG] = GAUGE("guanxi_database_log_bytes", collect_log,
				  "Size of the database's write-ahead log file."),
	[CORE_METRIC_FREE] = GAUGE("guanxi_data_free_bytes", collect_free,
				   "What the data folder's file system has left for this process."),
	[CORE_METRIC_BUILD] =
		GAUGE("guanxi_build_info", collect_build, "Always 1; the version is in the label."),
};

void core_metrics_write(struct gx_core *core, struct gx_buf *out)
{
	const struct gx_room *const *rooms = core->config->rooms;

	for (size_t i = 0; rooms[i] != NULL; i++)
		gx_metrics_write(rooms[i]->metrics, rooms[i]->metrics_count, core, out);
	gx_metrics_write(gx_db_metrics, GX_DB_METRICS_COUNT, core, out);
	gx_metrics_write(core_process_metrics, CORE_PROCESS_METRICS_COUNT, core, out);
	core_board_write(core, out);
}
