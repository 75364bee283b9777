/* SPDX-License-Identifier: Apache-2.0 */
/*
 * edge.h - the edge process: hostile bytes in, checked records to the core, answers out.
 *
 * Purpose:    one process, one loop: a listener, HTTP/1.1 and WebSocket connections, static files,
 *             uploads into a descriptor the core sent, downloads out of one. No rules, no database.
 *             edge.c tells the life of a turn; read it first.
 * Invariants: gx_edge_run() gives up its rights before it reads the first byte of a client. Every
 *             buffer, queue and wait has a maximum. An idle WebSocket holds its slot and nothing
 *             else.
 * Supervisor: opens each listener with gx_edge_listen() and loads the static files once, before it
 *             forks; keeps both, so that a restarted edge takes over the waiting connections.
 *             Control socket (SOCK_SEQPACKET): 'L' with a descriptor is a new link to the core, in
 *             place of an older one; 'C' is the certificate and key for TLS, 'T' are the keys of
 *             its tickets (gx_edge_pack_*), each in place of older ones, for connections to come.
 *             Its end ends the edge. The edge accepts from its first link on; one that speaks TLS
 *             needs a certificate, too. SIGTERM: stops accepting, finishes, closes streams with
 * 1001, exits 0. Threading:  gx_edge_run() takes the process's only thread.
 */
#ifndef GX_EDGE_H
#define GX_EDGE_H

#include "board.h"
#include "limit.h"
#include "record.h"
#include "tls.h"

/* The front-end's files in memory, with their compressed forms; process lifetime, read only. */
struct gx_edge_static;

/* A route whose body goes into a file: the exact path, without a query. */
struct gx_edge_upload_route {
	enum gx_method method;
	struct gx_str path; /* "/api/v1/media" */
};

/* How full an edge is, in a message of one byte to the supervisor: LEVEL_FIRST is empty,
 * LEVEL_FIRST + LEVELS takes no more. */
#define GX_EDGE_LEVELS 32u
#define GX_EDGE_LEVEL_FIRST 0x80u

struct gx_edge_config {
	int listen_fd;		     /* from gx_edge_listen() */
	int tls_listen_fd;	     /* the same for TLS; -1: none */
	int control_fd;		     /* from the supervisor */
	unsigned worker;	     /* number of this edge, for the log */
	struct gx_board_page *board; /* where it counts; NULL: nobody looks */

	const struct gx_edge_static *files; /* from gx_edge_static_load() */
	const struct gx_edge_upload_route *uploads;
	size_t uploads_count;
	const struct gx_str *proxies; /* trusted: "127.0.0.1", "10.0.0.0/8", "fd00::/8" */
	size_t proxies_count;

	uint32_t connections_max;	  /* 0: as many as descriptors allow */
	uint32_t connections_per_address; /* not from loopback; 0: no limit */
	uint32_t body_bytes_max;	  /* of a request that is no upload */
	uint32_t handshake_timeout_ms;	  /* from a TLS connection's start to its first request */
	uint32_t head_timeout_ms;	  /* from a request's first byte to the end of its head */
	uint32_t idle_timeout_ms;	  /* between requests */
	uint32_t progress_timeout_ms;	  /* without a byte of body in, or of answer out */
	uint32_t ping_interval_ms;	  /* of a WebSocket; silent for two of them: dead */
	uint32_t shutdown_ms;		  /* from SIGTERM to the end at the latest */
	uint16_t redirect_port;		  /* of https, for plain requests from elsewhere; 0: none */
	uint32_t hsts_max_age_s;	  /* told in answers over TLS */
	bool is_steered;		  /* the supervisor wants to know how full it is */
	bool is_sandboxed;		  /* false only under a debugger */
};

/* Fills in the defaults; descriptors are -1. */
void gx_edge_config_init(struct gx_edge_config *c);

/* Opens a non-blocking SO_REUSEPORT listener on a numeric address ("127.0.0.1", "::1", "0.0.0.0")
 * and a port (0: any free one). -1 with errno. */
int gx_edge_listen(const char *host, uint16_t port);
/* Connections that one edge can hold here: by this process's limit of descriptors. */
uint32_t gx_edge_connections_max(void);

/* The port a listener got, or 0. */
uint16_t gx_edge_port(int listen_fd);

/* A file in memory for 'C' and 'T' of the control socket, which nobody can change any more; -1 with
 * errno. `key` and `certificate`: PEM, as gx_tls_context_new() takes them. */
int gx_edge_pack_certificate(struct gx_str certificate, struct gx_str key);
int gx_edge_pack_tickets(const struct gx_tls_tickets *tickets);

/* Reads the built client ("web/dist"): files, and their ".br" and ".gz" siblings. Never NULL: with
 * dir NULL or missing it holds a page that says that the client is not built. */
struct gx_edge_static *gx_edge_static_load(const char *dir);
void gx_edge_static_free(struct gx_edge_static *files);

/* The codes of the edge's own problems, one "code status" a line. */
void gx_edge_print_codes(struct gx_buf *out);

/* What no setting changes. */
extern const struct gx_limit gx_edge_limits[];
extern const size_t gx_edge_limits_count;

/* Runs the edge until SIGTERM or the end of the control socket; the process's exit status. */
int gx_edge_run(const struct gx_edge_config *config);

#endif
