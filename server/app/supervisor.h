/* SPDX-License-Identifier: Apache-2.0 */
/*
 * supervisor.h - the parent of all processes of a server: starts, links, restarts, ends them.
 *
 * Purpose:    holds what must outlive its children: the data folder's lock, the listeners, the
 *             client's files. Serves nobody itself.
 * Threading:  one thread, one loop; forks children without exec, so nothing here may start one.
 * Errors:     before the first child: a status. After: log lines, and the exit status.
 */
#ifndef GX_SUPERVISOR_H
#define GX_SUPERVISOR_H

#include "core.h"
#include "edge.h"

#define GX_SUPERVISOR_EDGES_MAX 256u

struct gx_supervisor_tls {
	const char *host; /* numeric; NULL: no TLS */
	uint16_t port;	  /* 0: any free one */
	bool is_v6;
	const char *certificate_path;
	const char *key_path;
	int64_t rotate_ms; /* how long a ticket key seals */
};

struct gx_supervisor_config {
	const char *host; /* numeric */
	uint16_t port;	  /* 0: any free one */
	bool is_v6;
	struct gx_supervisor_tls tls;
	unsigned edges_count;
	int lock_fd; /* inherited by core and edges */
	enum gx_log_level log_level;
	bool is_log_json;
	struct gx_core_config core; /* control_fd and listen are filled in here */
	struct gx_edge_config edge; /* descriptors and worker are filled in here */
};

/* Serves until SIGTERM, SIGINT or the end of its terminal; prints "listening on URL" for each
 * listener, the plain one last, once calls are taken. SIGHUP reads the certificate anew. The exit
 * status: 0 after a clean end, 1 when the core could not start. */
GX_NODISCARD enum gx_status gx_supervisor_run(struct gx_arena *a,
					      const struct gx_supervisor_config *config,
					      int *exit_status, struct gx_error *err);

#endif
