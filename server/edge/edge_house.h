/* SPDX-License-Identifier: Apache-2.0 */
/*
 * edge_house.h - for tests: an edge in a process of its own, between a fake core and real sockets.
 *
 * The test plays the core (house_next, house_answer …) and the clients (client_*), step by step.
 * Each call waits at most HOUSE_WAIT_MS for what should come and fails the test when it doesn't.
 */
#ifndef GX_EDGE_HOUSE_H
#define GX_EDGE_HOUSE_H

#include <sys/types.h>

#include "edge.h"
#include "link.h"

#define HOUSE_WAIT_MS 10000

struct house {
	pid_t edge;
	int control_fd;
	bool has_core;
	struct gx_link core; /* our end of the link */
	uint16_t port;
	struct gx_edge_config config;
	struct gx_edge_static *files;
	char dir[64]; /* the client's folder */
};

/* Defaults in house->config; the test changes them before house_open(). */
void house_init(struct house *h);
void house_open(struct house *h);
/* Stops the edge with SIGTERM; it must exit with 0. */
void house_close(struct house *h);
/* One message on the control socket; the descriptor is closed here. */
void house_hand_over(struct house *h, char kind, int fd);
/* A new link, as after a restart of the core. */
void house_core_start(struct house *h);
void house_core_stop(struct house *h);

/* The next record of the edge; `record` is borrowed until the next call. */
struct gx_record_head house_next(struct house *h, struct gx_str *record);
/* Whether something comes within that time. */
bool house_has_next(struct house *h, int wait_ms);
/* The next one must be of this type and carry a request. */
struct gx_request_record house_next_request(struct house *h, enum gx_record_type type);
void house_next_gone(struct house *h, uint64_t conn);
/* Sends what was written to h->core.out. */
void house_flush(struct house *h);
void house_answer(struct house *h, uint64_t conn, unsigned status, const char *body);
/* Answers with a file that contains `text`. */
void house_answer_file(struct house *h, uint64_t conn, struct gx_str text);

int client_try_connect(const struct house *h); /* -1: refused */
int client_connect(const struct house *h);
int client_connect_when_free(const struct house *h); /* asks a full edge until it has a place */
void client_send(int fd, struct gx_str bytes);
#define client_say(fd, text) client_send((fd), GX_STR(text))
/* Reads until at least `size` bytes are there, or (SIZE_MAX) to the end. */
void client_read(int fd, struct gx_buf *in, size_t size);

struct response {
	struct gx_buf in; /* what was read; a response's bytes are taken off its front */
	unsigned status;
	char *head; /* NUL ended */
	struct gx_str body;
};
void response_init(struct response *r);
void response_deinit(struct response *r);
/* Reads one response from the connection; `is_head`: no body follows. */
void response_read(struct response *r, int fd, bool is_head);
/* Fails unless the head has that line. */
void response_has(const struct response *r, const char *line);
bool response_has_field(const struct response *r, const char *name);
/* One request on a connection of its own, answered without the core. */
void response_to(struct response *r, const struct house *h, struct gx_str request);
/* Fails unless the connection ends without another byte. */
void client_expect_end(int fd, struct gx_buf *in);

/* WebSocket: handshake with the core's consent, frames. */
int client_open_ws(struct house *h, uint64_t *conn);
void client_send_frame(int fd, unsigned first, struct gx_str payload);
void client_write_frame(struct gx_buf *out, unsigned first, struct gx_str payload);
/* The next frame: its first byte; payload borrowed from `in` until the next call, which takes the
 * frame off its front. Before another buffer is used: client_forget_frame(). */
unsigned client_next_frame(int fd, struct gx_buf *in, struct gx_str *payload);
void client_forget_frame(void);

#endif
