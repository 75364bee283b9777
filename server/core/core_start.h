/* SPDX-License-Identifier: Apache-2.0 */
/* core_start.h - making and unmaking a struct gx_core; shared by the process and the test house. */
#ifndef GX_CORE_START_H
#define GX_CORE_START_H

#include "core_state.h"

enum {
	CORE_METRIC_COMMANDS,
	CORE_METRIC_BATCHES,
	CORE_METRIC_BATCHES_FAILED,
	CORE_METRIC_QUEUE,
	CORE_METRIC_QUEUE_MEAN,
	CORE_METRIC_BATCH,
	CORE_METRIC_COMMIT,
	CORE_METRIC_COMMAND_TIME,
	CORE_METRIC_QUERY_TIME,
	CORE_METRIC_SLOW,
	CORE_METRIC_REFUSALS,
	CORE_METRIC_OVERLOAD,
	CORE_METRIC_IN_FLIGHT,
	CORE_METRIC_DELIVERIES,
	CORE_METRIC_ONLINE,
	CORE_METRIC_SESSIONS,
	CORE_METRIC_POOLS,
	CORE_METRIC_POSITIONS,
	CORE_METRIC_DATABASE,
	CORE_METRIC_LOG,
	CORE_METRIC_FREE,
	CORE_METRIC_BUILD,
	CORE_METRICS_COUNT
};
/* core_metrics.c */
extern struct gx_metric core_metrics[CORE_METRICS_COUNT];

/* core_board.c */
#define CORE_PROCESS_METRICS_COUNT 7
extern struct gx_metric core_process_metrics[CORE_PROCESS_METRICS_COUNT];
void core_board_write(const struct gx_core *core, struct gx_buf *out);

/* Opens the database, starts rooms, threads and timers: 0, or an exit status (logged why). The list
 * of rooms becomes the core's own room followed by the config's. */
int core_start(struct gx_core *core, const struct gx_core_config *config);
void core_stop(struct gx_core *core);

/* The parts of core_start() that need no threads: router, database, writer, rooms' start. */
GX_NODISCARD enum gx_status core_open(struct gx_core *core, const struct gx_core_config *config,
				      struct gx_error *err);
void core_close(struct gx_core *core);

/* core.c; also for the simulator, which runs a core without a process around it. */
/* A link to one more edge; takes the socket. */
void core_edge_add(struct gx_core *core, int fd);
void core_edge_free(struct core_edge *e);
/* One turn of the loop, up to what has been committed has left. */
void core_turn(struct gx_core *core);
void core_periodics_start(struct gx_core *core);

#endif
