/* SPDX-License-Identifier: Apache-2.0 */
/*
 * edge_inside.h - what the files of the edge share. Nobody outside this folder includes it.
 *
 * A connection (edge_conn) is small and lives in a slot; what only a request needs (edge_request)
 * and what waits to be sent (edge_out) come from pools and go back as soon as they are empty, so
 * that an idle connection holds its slot and nothing else.
 *
 *   edge.c          start, turn, listener, control socket, stop
 *   edge_conn.c     slots, reading and writing sockets, closing
 *   edge_wait.c     deadlines
 *   edge_pool.c     queues and requests
 *   edge_http.c     bytes to requests, requests to the core or to the static files
 *   edge_request.c  the record of a request: token, peer, flags
 *   edge_answer.c   heads of answers, problems, conditions and ranges
 *   edge_upload.c   a body into the core's descriptor
 *   edge_static.c   the client's files
 *   edge_ws.c       WebSockets
 *   edge_tls.c      TLS below HTTP and WebSockets
 *   edge_secret.c   certificate and keys on their way to the edge
 *   edge_link.c     records from the core; its coming and going
 *   edge_address.c  addresses: text, proxies, counts
 *
 * Threading: the edge has one thread. Functions that may free the connection say so.
 */
#ifndef GX_EDGE_INSIDE_H
#define GX_EDGE_INSIDE_H

#include <netinet/in.h>

#include "edge.h"
#include "http_field.h"
#include "link.h"
#include "loop.h"
#include "table.h"
#include "websocket.h"

#define EDGE_SCRATCH_BYTES ((size_t)64 << 10)	   /* one read */
#define EDGE_PIPELINE_BYTES_MAX ((size_t)32 << 10) /* read ahead while a request is under way */
#define EDGE_OUT_BYTES_MAX ((size_t)8 << 20)	   /* any one connection's queue */
#define EDGE_OUT_HIGH_BYTES ((size_t)64 << 10)	   /* no further request before it is below */
#define EDGE_WS_QUEUE_BYTES_MAX ((size_t)1 << 20)
#define EDGE_WS_QUEUE_BYTES_TIGHT ((size_t)64 << 10) /* once all queues hold EDGE_QUEUED_HIGH */
#define EDGE_QUEUED_HIGH_BYTES ((size_t)256 << 20)
#define EDGE_BODIES_BYTES_MAX ((size_t)256 << 20) /* bodies being gathered, all together */
#define EDGE_BODY_FREE_BYTES ((size_t)16 << 10)	  /* smaller ones are not counted */
#define EDGE_WS_WINDOW 64u			  /* until the core says another */
#define EDGE_WS_CALL_BYTES ((size_t)256)	  /* read for each call that may still come */
#define EDGE_WS_READ_BYTES_MIN ((size_t)2 << 10)
#define EDGE_LINK_HIGH_BYTES ((size_t)4 << 20) /* no more reading before it is below */
#define EDGE_LINK_BYTES_MAX ((size_t)16 << 20)
#define EDGE_LINGER_MS 15000
#define EDGE_LINGER_BYTES_MAX ((uint64_t)256 << 20)
#define EDGE_SEND_FILE_BYTES ((size_t)1 << 20) /* a connection's share of a turn */
#define EDGE_BLOCK 256u
#define EDGE_POOL_MAX 1024u
#define EDGE_POOL_BYTES_MAX 4096u /* memory that a pooled object keeps */

enum edge_state {
	EDGE_FREE,
	EDGE_HANDSHAKE,	 /* of TLS */
	EDGE_IDLE,	 /* between requests */
	EDGE_HEAD,	 /* part of a head is here */
	EDGE_BODY,	 /* its body is being gathered */
	EDGE_CORE,	 /* the core has the request */
	EDGE_UPLOAD_ASK, /* the core was asked for a descriptor */
	EDGE_UPLOAD,	 /* the body goes into it */
	EDGE_ANSWER,	 /* tail or file leave before the next request is looked at */
	EDGE_WS_ASK,	 /* the core was asked whether to open */
	EDGE_WS,
	EDGE_CLOSING, /* the queue leaves, then the half-close */
	EDGE_DRAIN,   /* half-closed: until the client's end */
};

/* Why a connection has a deadline. Each kind has one length, so each list is sorted by itself. */
enum edge_wait {
	EDGE_WAIT_NONE,
	EDGE_WAIT_HANDSHAKE,
	EDGE_WAIT_HEAD,
	EDGE_WAIT_IDLE,
	EDGE_WAIT_BODY,
	EDGE_WAIT_WRITE,
	EDGE_WAIT_PING,
	EDGE_WAIT_LINGER,
	EDGE_WAITS_COUNT
};

struct edge_out {
	struct edge_out *next_free;
	struct gx_buf bytes;
	size_t at;	/* sent before here */
	size_t counted; /* part of the edge's queued_bytes */
};

/* What a later answer needs to know of the request. */
struct edge_conditions {
	struct gx_str if_match, if_none_match, if_range, range;
};

struct edge_request {
	struct edge_request *next_free;
	struct gx_buf in; /* unread bytes; the current request starts at `at` */
	size_t at;
	struct gx_http_head head;
	struct gx_http_body body;
	struct gx_buf chunks; /* a chunked body, put together */
	struct gx_buf kept;   /* bytes of `conditions` once the head is gone */
	struct edge_conditions conditions;
	size_t bodies_share; /* of EDGE_BODIES_BYTES_MAX */
	bool is_head;
	bool is_read; /* GET or HEAD: it changes nothing */
	bool is_close;
	bool has_expect;
	bool has_protocol; /* the client offered guanxi.v1 */
	char accept_key[GX_WS_ACCEPT_BYTES];
	struct gx_str tail; /* memory of the process that follows the queue */
	int file_fd;	    /* follows the queue; -1: none */
	off_t file_at;
	uint64_t file_left;
	int upload_fd;
	uint64_t upload_size;
};

struct edge_conn {
	struct gx_watch watch;
	uint32_t slot;
	uint32_t generation;	       /* never 0 */
	uint32_t wait_prev, wait_next; /* slot + 1 */
	uint32_t due_ms;	       /* on the edge's clock, which wraps */
	uint8_t state;		       /* enum edge_state */
	uint8_t wait;		       /* enum edge_wait */
	uint8_t events;		       /* EPOLLIN, EPOLLOUT as watched */
	bool is_dirty;		       /* stands in the list of those to be flushed */
	bool is_at_core;	       /* the core knows it: CONN_GONE when it goes */
	bool is_ended;		       /* the client sent its end */
	bool is_awaited;	       /* the core wants to know when the queue is empty */
	bool is_silent;		       /* WebSocket: nothing came since the last ping */
	bool is_held_up;	       /* WebSocket: not read before calls are answered */
	uint16_t in_flight;	       /* WebSocket: texts that the core has not answered */
	bool is_catching_up;	       /* WebSocket: what is sent to all is not for it */
	struct in6_addr peer;
	struct edge_out *out;	       /* NULL when nothing waits */
	struct edge_request *request;  /* NULL between requests */
	struct edge_tls *tls;	       /* NULL: plain */
	struct gx_ws_decoder *decoder; /* NULL between messages */
	uint64_t drained;	       /* EDGE_CLOSING, EDGE_DRAIN: bytes thrown away */
};

struct edge_block {
	struct edge *edge;
	struct edge_conn conns[EDGE_BLOCK];
};

/* A listener, plain or TLS. */
struct edge_listener {
	struct gx_watch watch;
	struct edge *edge;
	bool is_tls;
};

struct edge_wait_list {
	uint32_t first, last; /* slot + 1 */
	uint32_t length_ms;
};

struct edge {
	const struct gx_edge_config *config;
	struct gx_board_page *board; /* never NULL */
	struct gx_loop loop;
	struct edge_listener listeners[2];
	unsigned listeners_count;
	struct gx_watch control_watch;
	struct gx_watch link_watch;
	struct gx_link link;
	uint32_t link_events;
	bool has_link;
	bool had_link; /* once: then the listener opens */
	bool is_accepting;
	uint32_t level; /* as the supervisor knows it */
	bool is_stopping;
	bool is_done;
	struct gx_timer wait_timer;
	struct gx_timer stop_timer;
	struct gx_timer link_timer;   /* while there is no link: asks for one */
	struct gx_timer accept_timer; /* of a listener that rests */
	uint64_t now_ns;	      /* 0: not looked at in this turn */

	struct edge_block **blocks;
	uint32_t blocks_count;
	uint32_t free_slot; /* slot + 1, chained through wait_next */
	uint32_t conns_count;
	uint32_t http_count; /* those that may hold a second descriptor */
	uint32_t descriptors_max;
	struct edge_wait_list waits[EDGE_WAITS_COUNT];
	struct gx_table addresses; /* connections by address */

	struct edge_conn **dirty;
	size_t dirty_count, dirty_cap;
	struct edge_out *free_outs;
	struct edge_request *free_requests;
	unsigned free_outs_count, free_requests_count;
	size_t queued_bytes; /* in all queues */
	size_t bodies_bytes;
	unsigned ws_window;	      /* texts that a WebSocket may have in flight */
	struct gx_ws_decoder decoder; /* for those that have none of their own; idle between uses */
	char *scratch;		      /* EDGE_SCRATCH_BYTES */
	struct edge_tls_house *tls;   /* NULL: none is spoken */
	int64_t date_s;
	char date[GX_HTTP_DATE_BYTES];
};

/* ---- figures ---- */

static inline void edge_count(struct edge *e, enum gx_edge_figure figure, uint64_t n)
{
	gx_tally_add(&e->board->figures[figure], n);
}

/* ---- edge_conn.c ---- */

static inline struct edge *edge_of(struct edge_conn *c)
{
	struct edge_conn *first = c - c->slot % EDGE_BLOCK;

	return GX_CONTAINER_OF(first, struct edge_block, conns)->edge;
}

static inline uint64_t edge_conn_id(const struct edge_conn *c)
{
	return (uint64_t)c->generation << 32 | c->slot;
}

/* Takes an accepted descriptor in. */
void edge_conn_open(struct edge *e, int fd, const struct in6_addr *peer, bool is_tls);
/* Closes at once and tells the core. */
void edge_conn_free(struct edge_conn *c);
struct edge_conn *edge_conn_at(struct edge *e, uint32_t slot);
/* The connection the core means, or NULL when it is gone. */
struct edge_conn *edge_conn_find(struct edge *e, uint64_t id);
/* The core needn't know of it any more; later answers to its old id find nobody. */
void edge_conn_forget(struct edge_conn *c);
/* What is queued leaves, then the connection is half-closed and drained. */
void edge_conn_close(struct edge_conn *c);
/* The queue to append to; marks the connection as dirty. */
struct gx_buf *edge_conn_out(struct edge_conn *c);
size_t edge_conn_backlog(const struct edge_conn *c);
/* Sends what waits in its queue as far as the socket takes it. May free the connection. */
void edge_conn_flush(struct edge_conn *c);
/* Sends what waits in all queues; frees connections that end. */
void edge_flush_dirty(struct edge *e);
void edge_mark_dirty(struct edge_conn *c);
/* Watches and waits for what the state wants. */
void edge_conn_update(struct edge_conn *c);
/* Whether something waits to be sent: queue, tail or file. */
bool edge_conn_has_rest(const struct edge_conn *c);
/* That many plain bytes of the client stand in the scratch buffer. May free the connection. */
void edge_conn_bytes(struct edge_conn *c, size_t size);
/* The client sent its end. May free the connection. */
void edge_conn_ended(struct edge_conn *c);
/* Nobody is there to answer to: frees the connection. */
void edge_conn_broken(struct edge_conn *c);

enum edge_sent { EDGE_SENT_ALL, EDGE_SENT_SOME, EDGE_SENT_NOTHING, EDGE_SENT_DEAD };
/* What errno means for one who reads or sends. */
enum edge_sent edge_send_failed(void);
void edge_conns_init(struct edge *e);
void edge_conns_deinit(struct edge *e);

/* ---- edge_wait.c ---- */
uint64_t edge_now_ns(struct edge *e); /* the clock, looked at once a turn */
void edge_waits_init(struct edge *e);
/* The deadline that the state wants; one of the same kind goes on. */
void edge_wait_update(struct edge_conn *c);
/* The deadline it has starts anew, or ends. */
void edge_wait_restart(struct edge_conn *c);
void edge_wait_stop(struct edge_conn *c);

/* ---- edge_pool.c ---- */
struct edge_out *edge_out_get(struct edge *e);
void edge_out_put(struct edge *e, struct edge_out *o);
/* Makes one when there is none. */
struct edge_request *edge_request_of(struct edge_conn *c);
/* Gives the request back when nothing of the next one has come. */
void edge_request_release(struct edge_conn *c);
/* Ends what the answered request held; keeps bytes read ahead. */
void edge_request_reset(struct edge *e, struct edge_request *r);
void edge_pools_deinit(struct edge *e);

/* ---- edge_http.c ---- */
/* Takes bytes in. May free the connection. */
void edge_http_input(struct edge_conn *c, struct gx_str bytes);
/* Looks at what was read ahead. */
void edge_http_advance(struct edge_conn *c);
/* The answer is queued whole, tail and file apart: goes on to the next request or closes. */
void edge_http_answered(struct edge_conn *c);

/* ---- edge_request.c ---- */
bool edge_is_core_path(struct gx_str path);
/* `in` starts with the head. Strings borrow from `in` and from `peer_text`. */
void edge_request_record(struct edge_conn *c, struct gx_str in, char peer_text[INET6_ADDRSTRLEN],
			 struct gx_request_record *out);
/* Whether it came over a network without TLS, as far as we can know. */
bool edge_request_is_exposed(struct edge_conn *c, struct gx_str in);
void edge_request_keep_conditions(struct edge_request *r, struct gx_str in);

/* ---- edge_answer.c ---- */
/* A problem of the edge's own as the answer; `headers`: further lines. */
void edge_answer_problem(struct edge_conn *c, unsigned status, const char *detail,
			 struct gx_str headers);
/* The same, and the connection ends behind it. */
void edge_refuse(struct edge_conn *c, unsigned status, const char *detail, struct gx_str headers);
/* The disk takes no more of an upload. */
void edge_refuse_full(struct edge_conn *c);
/* The answer to a plain request that should have come over TLS, unread beyond its head: where to
 * go, for pages; a refusal for the rest, whose secrets a redirection would send once more in the
 * open. */
void edge_answer_redirect(struct edge_conn *c, struct gx_str in);
/* 503 with Retry-After: the core is away, and nothing was done. */
void edge_answer_unavailable(struct edge_conn *c);
/* The same for what the core had got: perhaps it was done. */
void edge_answer_uncertain(struct edge_conn *c);
/* Status line, Date and what every answer carries; fields may follow; then the empty line. */
struct gx_buf *edge_answer_begin(struct edge_conn *c, unsigned status);
void edge_answer_end(struct edge_conn *c, struct gx_buf *out);
/* The core's answer. */
void edge_answer_response(struct edge_conn *c, const struct gx_response_record *r);

/* Something with a size and an entity tag that conditions and ranges apply to. */
struct edge_entity {
	struct gx_str content_type;
	struct gx_str etag;
	struct gx_str headers, policy; /* lines for 200 and 206 */
	struct gx_str validity;	       /* lines for 200, 206 and 304: Cache-Control, Vary */
	uint64_t size;
	bool has_ranges;
};
/* Writes the head for the request's conditions. True: [*from, *from + *size) is to follow (size 0:
 * nothing), then edge_http_answered(). False: a problem was the answer. */
bool edge_answer_entity(struct edge_conn *c, const struct edge_entity *entity, uint64_t *from,
			uint64_t *size);
/* Answers with (a part of) a file; the descriptor is the request's from here. */
void edge_answer_file(struct edge_conn *c, const struct gx_response_record *r, int fd);

/* ---- edge_upload.c ---- */
bool edge_is_upload(const struct edge *e, enum gx_method method, struct gx_str path);
/* The head is complete: asks the core. */
void edge_upload_begin(struct edge_conn *c, struct gx_str in);
void edge_upload_accept(struct edge_conn *c, int fd, uint64_t size_max);
/* Bytes of the body. May free the connection. */
void edge_upload_input(struct edge_conn *c, struct gx_str bytes);
/* The client is gone in the middle: the core forgets it. */
void edge_upload_broken(struct edge_conn *c);

/* ---- edge_static.c ---- */
/* A whole request that is not the core's. */
void edge_static_answer(struct edge_conn *c, struct gx_str in);

/* ---- edge_ws.c ---- */
void edge_ws_begin(struct edge_conn *c, struct gx_str in);
void edge_ws_accepted(struct edge_conn *c);
/* Bytes are unmasked in place. */
void edge_ws_input(struct edge_conn *c, char *bytes, size_t size);
void edge_ws_send(struct edge *e, const struct gx_ws_send_record *r);
/* To every WebSocket that is not catching up. */
void edge_ws_send_all(struct edge *e, struct gx_str text);
/* One text that it sent is answered or needs no answer. */
void edge_ws_taken(struct edge_conn *c);
/* How much may be read of it now; 0: nothing before an answer. */
size_t edge_ws_read_size(const struct edge_conn *c);
void edge_ws_close(struct edge_conn *c, unsigned code, struct gx_str reason);
/* Time for a ping. May free the connection. */
void edge_ws_ping(struct edge_conn *c);

/* ---- edge_secret.c ---- */
#define EDGE_SECRET_BYTES_MAX ((size_t)512 << 10)
/* Reads what gx_edge_pack_certificate() or gx_edge_pack_tickets() has written into `bytes`; the
 * parts borrow from it. False: it is something else. */
bool edge_secret_unpack(int fd, struct gx_buf *bytes, struct gx_str *first, struct gx_str *second);

/* ---- edge_tls.c ---- */
/* Before the sandbox; does nothing without a TLS listener. */
bool edge_tls_start(struct edge *e);
void edge_tls_stop(struct edge *e);
/* Whether there is a certificate, or none is needed. */
bool edge_tls_is_ready(const struct edge *e);
/* 'C' or 'T' of the control socket; the descriptor stays the caller's. */
void edge_tls_secret(struct edge *e, char kind, int fd);
/* The line that every answer over TLS carries. */
struct gx_str edge_tls_hsts(const struct edge *e);
struct edge_tls *edge_tls_new(void);
void edge_tls_free(struct edge_conn *c);
/* Sealed bytes that wait. */
size_t edge_tls_backlog(const struct edge_conn *c);
enum edge_sent edge_tls_send(struct edge_conn *c);
/* The socket has bytes, or its end. May free the connection. */
void edge_tls_read(struct edge_conn *c);

/* ---- edge_link.c ---- */
void edge_link_open(struct edge *e, int fd);
/* The core is gone: answers what waits, closes streams with 1012. */
void edge_link_lost(struct edge *e);
/* There is no link: asks the supervisor for one ('G'), again and again until it comes. */
void edge_link_want(struct edge *e);
void edge_link_flush(struct edge *e);
/* Whether so much waits for the core that clients are not read. */
bool edge_link_is_full(const struct edge *e);
/* Waits until the core has taken enough. */
void edge_link_wait(struct edge *e);

/* ---- edge_address.c ---- */
bool edge_address_is_loopback(const struct in6_addr *a);
bool edge_address_is_trusted(const struct edge *e, const struct in6_addr *a);
/* IPv4 in dotted form. */
struct gx_str edge_address_text(const struct in6_addr *a, char out[INET6_ADDRSTRLEN]);
bool edge_address_parse(struct gx_str text, struct in6_addr *out);
/* One more connection from there; false when there are too many. */
bool edge_address_enter(struct edge *e, const struct in6_addr *a);
void edge_address_leave(struct edge *e, const struct in6_addr *a);

/* ---- edge.c ---- */
/* Opens or closes the listener after the number of connections changed. */
void edge_listener_update(struct edge *e);

/* --- edge.c --- */

struct gx_sandbox;
/* What a running edge may ask of the kernel. */
extern const struct gx_sandbox edge_sandbox;

#endif
