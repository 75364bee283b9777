/* SPDX-License-Identifier: Apache-2.0 */
/*
 * link.h - one end of the socket between an edge and the core: buffered, batched, with descriptors.
 *
 * The owner appends records to `out` during a turn and calls gx_link_flush() once at its end: one
 * sendmsg a turn. Descriptors leave with the same or an earlier message than their record and are
 * taken in order, so a FIFO on each side pairs them.
 * Threading:  the owner's loop.
 * Memory:     buffers are the link's; `in` bytes are borrowed until gx_link_consume(). What grew
 *             large is given back when nothing waits in it.
 */
#ifndef GX_LINK_H
#define GX_LINK_H

#include "gx.h"

#define GX_LINK_FDS_MAX 256

struct gx_link {
	int fd; /* non-blocking stream socket; owned */
	struct gx_buf in;
	size_t in_at; /* bytes of `in` already consumed */
	struct gx_buf out;
	size_t out_at; /* bytes of `out` already sent */
	int fds_in[GX_LINK_FDS_MAX];
	unsigned fds_in_count;
	int fds_out[GX_LINK_FDS_MAX];
	unsigned fds_out_count;
};

void gx_link_init(struct gx_link *l, int fd, size_t out_bytes_max);
/* Closes the socket and every descriptor still queued. */
void gx_link_deinit(struct gx_link *l);
/* Reads what is there, at most about `bytes_max`. 1: read something; 0: nothing now; -1: the other
 * end is gone. */
int gx_link_fill(struct gx_link *l, size_t bytes_max);
/* The unread bytes; then drop what was handled. */
struct gx_str gx_link_unread(const struct gx_link *l);
void gx_link_consume(struct gx_link *l, size_t size);
/* Next received descriptor, or -1. Ownership passes to the caller. */
int gx_link_take_fd(struct gx_link *l);
/* Queues a descriptor; the link owns it from here and closes it once sent. False (and closes it):
 * too many. */
bool gx_link_send_fd(struct gx_link *l, int fd);
/* Sends as much as the socket takes. 1: all sent; 0: wait for EPOLLOUT; -1: the other end is gone.
 */
int gx_link_flush(struct gx_link *l);
/* Bytes waiting to be sent. */
size_t gx_link_backlog(const struct gx_link *l);

#endif
