/* SPDX-License-Identifier: Apache-2.0 */
/*
 * load_conn.h - the generator's connections.
 *
 * Reads in place from one shared buffer; a connection keeps only the beginning of what has not yet
 * come whole. Writes collect in `out` and leave with one send a turn.
 * Threading: the one thread there is. Memory: process lifetime, but buffers are given back when
 * load_conns.keep_buffers is false. Errors: load_die().
 */
#ifndef GX_LOAD_CONN_H
#define GX_LOAD_CONN_H

#include "load.h"

struct load_sender;

struct load_conn {
	int fd;
	uint32_t id;
	uint32_t mark_hint; /* where the last mark stood in its frame */
	uint8_t state;	    /* of the protocol; 0 when connected */
	bool is_ready;
	bool is_joined;
	bool is_dirty;
	bool waits_for_room;
	bool may_end; /* the server's closing is expected */
	struct gx_buf in;
	struct gx_buf out;
	struct load_sender *sender; /* NULL: only listens */
	struct ssl_st *tls;	    /* NULL: plain */
};

struct load_conns {
	struct load_conn *list;
	unsigned count;
	uint32_t first_id; /* of list[0] */
	struct load_conn **dirty;
	unsigned dirty_count;
	int epoll_fd;
	bool keep_buffers;
	uint64_t now_ns; /* when the bytes that are being read came */
	unsigned ready_count;
	uint32_t
		source_shift; /* of the source addresses: left connections still hold their ports */
};

extern struct load_conns load_conns;

void load_conns_init(unsigned count, uint32_t first_id, bool keep_buffers);
/* Connects and lets the protocol begin. */
void load_conn_open(struct load_conn *c);
void load_conn_close(struct load_conn *c);
/* The server has ended it: load_crowd_on_end(), or the end of the run when it may not. */
void load_conn_ended(struct load_conn *c, const char *why);
/* Where to append what is to be sent; goes out with this turn. */
struct gx_buf *load_conn_out(struct load_conn *c);
/* Sends what is waiting, waits for at most `wait_ns`, reads what has come. */
void load_conns_turn(uint64_t wait_ns);

#endif
