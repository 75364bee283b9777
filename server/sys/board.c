/* SPDX-License-Identifier: Apache-2.0 */
#include "board.h"

#include <sys/mman.h>
#include <unistd.h>

#define COUNTER(n, l, h)                                                                           \
	{                                                                                          \
		n, GX_METRIC_COUNTER, l, false, h                                                  \
	}
#define MORE(n, l)                                                                                 \
	{                                                                                          \
		n, GX_METRIC_COUNTER, l, false, NULL                                               \
	}

#define ANSWERS "guanxi_edge_answers_total"
#define REFUSALS "guanxi_edge_refusals_total"
#define DROPS "guanxi_edge_dropped_total"
#define CLOSES "guanxi_edge_streams_closed_total"
#define TLS "guanxi_edge_tls_handshakes_total"

const struct gx_figure gx_edge_figures[GX_EDGE_FIGURES_COUNT] = {
	[GX_EDGE_CONNECTIONS] = { "guanxi_edge_connections", GX_METRIC_GAUGE, "", true,
				  "Open connections, streams included." },
	[GX_EDGE_STREAMS] = { "guanxi_edge_streams", GX_METRIC_GAUGE, "", true,
			      "Open WebSockets." },
	[GX_EDGE_ACCEPTS] = { "guanxi_edge_accepts_total", GX_METRIC_COUNTER, "", true,
			      "Connections accepted." },
	[GX_EDGE_QUEUED_BYTES] = { "guanxi_edge_queued_bytes", GX_METRIC_GAUGE, "", true,
				   "Bytes that wait for clients to read them." },
	[GX_EDGE_BODIES_BYTES] = { "guanxi_edge_bodies_bytes", GX_METRIC_GAUGE, "", true,
				   "Bytes of request bodies that are not complete." },
	[GX_EDGE_BYTES_RECEIVED] = COUNTER("guanxi_edge_received_bytes_total", "",
					   "Bytes from clients, as they came (TLS included)."),
	[GX_EDGE_BYTES_SENT] = COUNTER("guanxi_edge_sent_bytes_total", "",
				       "Bytes to clients, as they went (TLS included)."),
	[GX_EDGE_ANSWERS_1XX] = COUNTER(ANSWERS, "status=\"1xx\"",
					"HTTP answers by class; 1xx are streams opened and bodies "
					"asked for."),
	[GX_EDGE_ANSWERS_2XX] = MORE(ANSWERS, "status=\"2xx\""),
	[GX_EDGE_ANSWERS_3XX] = MORE(ANSWERS, "status=\"3xx\""),
	[GX_EDGE_ANSWERS_4XX] = MORE(ANSWERS, "status=\"4xx\""),
	[GX_EDGE_ANSWERS_5XX] = MORE(ANSWERS, "status=\"5xx\""),
	[GX_EDGE_TEXTS_RECEIVED] =
		COUNTER("guanxi_edge_texts_received_total", "", "WebSocket messages from clients."),
	[GX_EDGE_TEXTS_SENT] = COUNTER("guanxi_edge_texts_sent_total", "",
				       "WebSocket messages to clients, once per stream."),
	[GX_EDGE_REFUSED_ADDRESS] = COUNTER(REFUSALS, "reason=\"too_many_connections\"",
					    "Requests and connections that an edge refused by "
					    "itself."),
	[GX_EDGE_REFUSED_MALFORMED] = MORE(REFUSALS, "reason=\"malformed\""),
	[GX_EDGE_REFUSED_TIMEOUT] = MORE(REFUSALS, "reason=\"timeout\""),
	[GX_EDGE_REFUSED_TOO_LARGE] = MORE(REFUSALS, "reason=\"too_large\""),
	[GX_EDGE_REFUSED_UNAVAILABLE] = MORE(REFUSALS, "reason=\"unavailable\""),
	[GX_EDGE_REFUSED_OTHER] = MORE(REFUSALS, "reason=\"other\""),
	[GX_EDGE_DROPPED_IDLE] = COUNTER(DROPS, "reason=\"idle\"",
					 "Connections that an edge cut: between requests, not "
					 "reading, without an answer to a ping, not closing."),
	[GX_EDGE_DROPPED_WRITE] = MORE(DROPS, "reason=\"not_reading\""),
	[GX_EDGE_DROPPED_PING] = MORE(DROPS, "reason=\"no_pong\""),
	[GX_EDGE_DROPPED_LINGER] = MORE(DROPS, "reason=\"not_closing\""),
	[GX_EDGE_CLOSED_NORMAL] =
		COUNTER(CLOSES, "code=\"1000\"", "WebSockets closed with a code, whoever began."),
	[GX_EDGE_CLOSED_GOING_AWAY] = MORE(CLOSES, "code=\"1001\""),
	[GX_EDGE_CLOSED_PROTOCOL] = MORE(CLOSES, "code=\"1002\""),
	[GX_EDGE_CLOSED_TOO_LARGE] = MORE(CLOSES, "code=\"1009\""),
	[GX_EDGE_CLOSED_RESTART] = MORE(CLOSES, "code=\"1012\""),
	[GX_EDGE_CLOSED_TOO_SLOW] = MORE(CLOSES, "code=\"1013\""),
	[GX_EDGE_CLOSED_SIGNED_OUT] = MORE(CLOSES, "code=\"4001\""),
	[GX_EDGE_CLOSED_TOO_MANY] = MORE(CLOSES, "code=\"4008\""),
	[GX_EDGE_CLOSED_TOO_OLD] = MORE(CLOSES, "code=\"4010\""),
	[GX_EDGE_CLOSED_OTHER] = MORE(CLOSES, "code=\"other\""),
	[GX_EDGE_ACCEPT_PAUSES] = COUNTER("guanxi_edge_accept_pauses_total", "",
					  "Times the machine had no descriptor or memory for "
					  "another connection."),
	[GX_EDGE_FULL] = COUNTER("guanxi_edge_full_total", "",
				 "Times an edge held all the connections it may and closed its "
				 "listener."),
	[GX_EDGE_LINK_WAITS] =
		COUNTER("guanxi_edge_core_waits_total", "",
			"Times an edge stopped reading because the core was behind."),
	[GX_EDGE_TLS_HANDSHAKES] = COUNTER(TLS, "result=\"full\"", "TLS handshakes by result."),
	[GX_EDGE_TLS_RESUMED] = MORE(TLS, "result=\"resumed\""),
	[GX_EDGE_TLS_FAILED] = MORE(TLS, "result=\"failed\""),
};

static size_t board_bytes(const struct gx_board *b)
{
	return b->page_bytes * (GX_BOARD_EDGES + b->edges_count);
}

bool gx_board_init(struct gx_board *b, unsigned edges_count)
{
	void *p;

	*b = (struct gx_board){ .page_bytes = (size_t)sysconf(_SC_PAGESIZE),
				.edges_count = edges_count };
	GX_ASSERT(sizeof(struct gx_board_page) <= b->page_bytes);
	p = mmap(NULL, board_bytes(b), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return false;
	b->pages = p;
	return true;
}

void gx_board_deinit(struct gx_board *b)
{
	if (b->pages != NULL)
		(void)munmap(b->pages, board_bytes(b));
	b->pages = NULL;
}

struct gx_board_page *gx_board_page(const struct gx_board *b, enum gx_board_role role,
				    unsigned edge)
{
	unsigned number = role + (role == GX_BOARD_EDGES ? edge : 0);

	GX_ASSERT(number < GX_BOARD_EDGES + b->edges_count);
	return (struct gx_board_page *)(void *)(b->pages + number * b->page_bytes);
}

void gx_board_keep_one(const struct gx_board *b, const struct gx_board_page *own)
{
	size_t before = (size_t)((const char *)own - b->pages);
	size_t behind = before + b->page_bytes;

	if (before > 0)
		(void)munmap(b->pages, before);
	if (behind < board_bytes(b))
		(void)munmap(b->pages + behind, board_bytes(b) - behind);
}

void gx_board_write_one(const struct gx_board *b, const struct gx_board_page *own)
{
	size_t before = (size_t)((const char *)own - b->pages);
	size_t behind = before + b->page_bytes;

	if (before > 0)
		(void)mprotect(b->pages, before, PROT_READ);
	if (behind < board_bytes(b))
		(void)mprotect(b->pages + behind, board_bytes(b) - behind, PROT_READ);
}
