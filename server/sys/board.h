/* SPDX-License-Identifier: Apache-2.0 */
/*
 * board.h - figures of all processes of a server, in memory that they share.
 *
 * Purpose:    edges count what they do where the core can read it for /metrics, without a message
 *             or a system call.
 * Invariants: each process has a page of its own. The supervisor makes the board before it forks;
 * an edge keeps its own page alone, and the core can't write to the others. So an edge that is
 * taken over can tell lies about itself and nothing else: readers take the figures for numbers,
 * never for sizes or places. Pages outlive a process: counters go on after a restart. Threading:
 * tallies; each is written by one thread of one process and read by any. Memory:     one page of
 * the machine for each process; unmapped with it.
 */
#ifndef GX_BOARD_H
#define GX_BOARD_H

#include "gx.h"
#include "metrics.h"

/* What an edge counts; gx_edge_figures says how each is called. */
enum gx_edge_figure {
	GX_EDGE_CONNECTIONS,
	GX_EDGE_STREAMS,
	GX_EDGE_ACCEPTS,
	GX_EDGE_QUEUED_BYTES,
	GX_EDGE_BODIES_BYTES,
	GX_EDGE_BYTES_RECEIVED,
	GX_EDGE_BYTES_SENT,
	GX_EDGE_ANSWERS_1XX, /* the five classes stand in order */
	GX_EDGE_ANSWERS_2XX,
	GX_EDGE_ANSWERS_3XX,
	GX_EDGE_ANSWERS_4XX,
	GX_EDGE_ANSWERS_5XX,
	GX_EDGE_TEXTS_RECEIVED,
	GX_EDGE_TEXTS_SENT,
	GX_EDGE_REFUSED_ADDRESS,
	GX_EDGE_REFUSED_MALFORMED,
	GX_EDGE_REFUSED_TIMEOUT,
	GX_EDGE_REFUSED_TOO_LARGE,
	GX_EDGE_REFUSED_UNAVAILABLE,
	GX_EDGE_REFUSED_OTHER,
	GX_EDGE_DROPPED_IDLE,
	GX_EDGE_DROPPED_WRITE,
	GX_EDGE_DROPPED_PING,
	GX_EDGE_DROPPED_LINGER,
	GX_EDGE_CLOSED_NORMAL,
	GX_EDGE_CLOSED_GOING_AWAY,
	GX_EDGE_CLOSED_PROTOCOL,
	GX_EDGE_CLOSED_TOO_LARGE,
	GX_EDGE_CLOSED_RESTART,
	GX_EDGE_CLOSED_TOO_SLOW,
	GX_EDGE_CLOSED_SIGNED_OUT,
	GX_EDGE_CLOSED_TOO_MANY,
	GX_EDGE_CLOSED_TOO_OLD,
	GX_EDGE_CLOSED_OTHER,
	GX_EDGE_ACCEPT_PAUSES,
	GX_EDGE_FULL,
	GX_EDGE_LINK_WAITS,
	GX_EDGE_TLS_HANDSHAKES,
	GX_EDGE_TLS_RESUMED,
	GX_EDGE_TLS_FAILED,
	GX_EDGE_FIGURES_COUNT
};

/* Figures of one name stand side by side and differ by their labels. */
struct gx_figure {
	const char *name;
	enum gx_metric_kind kind;
	const char *labels; /* "status=\"2xx\"", or "" */
	bool is_by_edge;    /* shown for each edge; else the sum of all */
	const char *help;   /* with the first of a name */
};

extern const struct gx_figure gx_edge_figures[GX_EDGE_FIGURES_COUNT];

struct gx_board_page {
	/* Written by the supervisor. */
	gx_tally pid; /* 0: not running */
	gx_tally starts;
	gx_tally started_at_ms;		 /* the last start */
	gx_tally certificate_ends_at_ms; /* on the supervisor's page; 0: no TLS */
	/* Written by the process itself. */
	gx_tally log_lines[4]; /* by enum gx_log_level */
	gx_tally figures[GX_EDGE_FIGURES_COUNT];
};

enum gx_board_role { GX_BOARD_SUPERVISOR, GX_BOARD_CORE, GX_BOARD_MEDIA, GX_BOARD_EDGES };

struct gx_board {
	char *pages;
	size_t page_bytes;
	unsigned edges_count;
};

/* False with errno. */
GX_NODISCARD bool gx_board_init(struct gx_board *b, unsigned edges_count);
void gx_board_deinit(struct gx_board *b);
/* The page of a role; of the edges the one with that number. */
struct gx_board_page *gx_board_page(const struct gx_board *b, enum gx_board_role role,
				    unsigned edge);
/* In an edge: gives up all pages but its own. */
void gx_board_keep_one(const struct gx_board *b, const struct gx_board_page *own);
/* In the core: gives up the right to write to any page but its own. */
void gx_board_write_one(const struct gx_board *b, const struct gx_board_page *own);

#endif
