/* SPDX-License-Identifier: Apache-2.0 */
/*
 * edge_link.c - records from the core, and what happens when it goes and comes.
 *
 * A record for a connection that is gone is dropped, its descriptor closed. A record that does not
 * parse ends the link, and so does a descriptor for which there was no place. The supervisor gives
 * a new link with the next core, or when it is asked.
 */
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "edge_inside.h"

#define FILL_BYTES ((size_t)1 << 20)
#define LINK_ASK_MS 100 /* a core that died is not ready sooner */
#define LINK_ASK_AGAIN_MS 1000

static bool is_waiting(const struct edge_conn *c)
{
	return c != NULL && (c->state == EDGE_CORE || c->state == EDGE_UPLOAD_ASK ||
			     c->state == EDGE_UPLOAD || c->state == EDGE_WS_ASK);
}

static bool on_response(struct edge *e, struct gx_str record)
{
	struct gx_response_record r;
	struct edge_conn *c;

	if (!gx_record_read_response(record, &r))
		return false;
	c = edge_conn_find(e, r.conn);
	if (is_waiting(c))
		edge_answer_response(c, &r);
	return true;
}

static bool on_file(struct edge *e, struct gx_str record, int fd)
{
	struct gx_response_record r;
	struct edge_conn *c;

	if (fd < 0)
		return false;
	if (!gx_record_read_response(record, &r)) {
		close(fd);
		return false;
	}
	c = edge_conn_find(e, r.conn);
	if (c != NULL && c->state == EDGE_CORE)
		edge_answer_file(c, &r, fd);
	else
		close(fd);
	return true;
}

static bool on_upload(struct edge *e, struct gx_str record, int fd)
{
	struct gx_upload_record r;
	struct edge_conn *c;

	if (fd < 0)
		return false;
	if (!gx_record_read_upload(record, &r)) {
		close(fd);
		return false;
	}
	c = edge_conn_find(e, r.conn);
	if (c != NULL && c->state == EDGE_UPLOAD_ASK)
		edge_upload_accept(c, fd, r.size);
	else
		close(fd);
	return true;
}

static bool on_ws_send(struct edge *e, const struct gx_record_head *head, struct gx_str record)
{
	struct gx_ws_send_record r;
	struct edge_conn *c = NULL;

	if (!gx_record_read_ws_send(record, &r))
		return false;
	if ((head->flags & GX_RECORD_IS_REPLY) != 0 && r.conns_count > 0)
		c = edge_conn_find(e, gx_ws_send_conn(&r, 0));
	if (c != NULL)
		edge_ws_taken(c);
	edge_ws_send(e, &r);
	return true;
}

static bool on_ws_send_all(struct edge *e, struct gx_str record)
{
	struct gx_str text;

	if (!gx_record_read_ws_send_all(record, &text))
		return false;
	edge_ws_send_all(e, text);
	return true;
}

static bool on_ws_close(struct edge *e, struct gx_str record)
{
	struct gx_ws_close_record r;
	struct edge_conn *c;

	if (!gx_record_read_ws_close(record, &r))
		return false;
	c = edge_conn_find(e, r.conn);
	if (c != NULL && c->state == EDGE_WS)
		edge_ws_close(c, r.code, r.reason);
	return true;
}

static bool on_record(struct edge *e, const struct gx_record_head *head, struct gx_str record)
{
	int fd = head->flags & GX_RECORD_HAS_FD ? gx_link_take_fd(&e->link) : -1;
	struct edge_conn *c;

	switch (head->type) {
	case GX_RECORD_HTTP_FILE:
		return on_file(e, record, fd);
	case GX_RECORD_UPLOAD_ACCEPT:
		return on_upload(e, record, fd);
	default:
		break;
	}
	if (fd >= 0) {
		close(fd);
		return false;
	}
	switch (head->type) {
	case GX_RECORD_HTTP_RESPONSE:
		return on_response(e, record);
	case GX_RECORD_WS_ACCEPT:
		c = edge_conn_find(e, head->conn);
		if (c != NULL && c->state == EDGE_WS_ASK)
			edge_ws_accepted(c);
		return true;
	case GX_RECORD_WS_AWAIT:
		c = edge_conn_find(e, head->conn);
		if (c != NULL && c->state == EDGE_WS) {
			c->is_awaited = true;
			edge_mark_dirty(c);
		}
		return true;
	case GX_RECORD_WS_TAKEN:
		c = edge_conn_find(e, head->conn);
		if (c != NULL)
			edge_ws_taken(c);
		return true;
	case GX_RECORD_WS_WINDOW:
		e->ws_window = head->conn == 0 || head->conn > UINT16_MAX ? EDGE_WS_WINDOW
									  : (unsigned)head->conn;
		return true;
	case GX_RECORD_WS_CATCH_UP:
	case GX_RECORD_WS_LIVE:
		c = edge_conn_find(e, head->conn);
		if (c != NULL)
			c->is_catching_up = head->type == GX_RECORD_WS_CATCH_UP;
		return true;
	case GX_RECORD_WS_SEND_ALL:
		return on_ws_send_all(e, record);
	case GX_RECORD_WS_SEND:
		return on_ws_send(e, head, record);
	case GX_RECORD_WS_CLOSE:
		return on_ws_close(e, record);
	default:
		return false;
	}
}

static void read_records(struct edge *e)
{
	struct gx_record_head head;
	int got = gx_link_fill(&e->link, FILL_BYTES);
	int peeked = 0;

	while (got > 0 && (peeked = gx_record_peek(gx_link_unread(&e->link), &head)) == 1) {
		struct gx_str record = gx_str_slice(gx_link_unread(&e->link), 0, head.size);
		if (!on_record(e, &head, record)) {
			peeked = -1;
			break;
		}
		gx_link_consume(&e->link, head.size);
	}
	if (peeked < 0)
		gx_log(GX_LOG_ERROR, "edge.bad_record");
	if (got < 0 || peeked < 0)
		edge_link_lost(e);
}

static void on_ready(struct gx_watch *w, uint32_t events)
{
	struct edge *e = GX_CONTAINER_OF(w, struct edge, link_watch);

	if (events & (EPOLLIN | EPOLLHUP | EPOLLERR))
		read_records(e);
}

void edge_link_open(struct edge *e, int fd)
{
	if (e->has_link)
		edge_link_lost(e);
	gx_link_init(&e->link, fd, EDGE_LINK_BYTES_MAX);
	e->link_watch = (struct gx_watch){ .fd = fd, .on_ready = on_ready };
	e->link_events = EPOLLIN;
	if (!gx_loop_add(&e->loop, &e->link_watch, EPOLLIN)) {
		gx_link_deinit(&e->link);
		return;
	}
	e->has_link = true;
	e->had_link = true;
	gx_loop_disarm(&e->loop, &e->link_timer);
	edge_listener_update(e);
}

static void ask_for_link(struct gx_timer *t)
{
	struct edge *e = GX_CONTAINER_OF(t, struct edge, link_timer);

	if (e->has_link || e->is_stopping)
		return;
	(void)send(e->config->control_fd, "G", 1, MSG_NOSIGNAL | MSG_DONTWAIT);
	gx_loop_arm(&e->loop, t, LINK_ASK_AGAIN_MS);
}

void edge_link_want(struct edge *e)
{
	e->link_timer.on_due = ask_for_link;
	gx_loop_arm(&e->loop, &e->link_timer, LINK_ASK_MS);
}

static void lose(struct edge_conn *c)
{
	if (c->state == EDGE_WS) {
		edge_ws_close(c, 1012, GX_STR("restarting"));
		return;
	}
	if (!is_waiting(c))
		return;
	edge_conn_forget(c);
	if (c->state == EDGE_CORE && !c->request->is_read) {
		edge_answer_uncertain(c);
		return;
	}
	if (c->state != EDGE_CORE)
		c->request->is_close = true;
	edge_answer_unavailable(c);
}

void edge_link_lost(struct edge *e)
{
	if (!e->has_link)
		return;
	e->has_link = false; /* first: nothing more is written to it */
	gx_loop_remove(&e->loop, &e->link_watch);
	gx_link_deinit(&e->link);
	edge_link_want(e);
	gx_log(GX_LOG_WARN, "edge.core_gone", GX_F_U64("connections", e->conns_count));
	for (uint32_t slot = 0; slot < e->blocks_count * EDGE_BLOCK; slot++)
		lose(edge_conn_at(e, slot));
}

void edge_link_flush(struct edge *e)
{
	uint32_t events;
	int sent;

	if (!e->has_link || gx_link_backlog(&e->link) == 0)
		return;
	sent = gx_link_flush(&e->link);
	if (sent < 0) {
		edge_link_lost(e);
		return;
	}
	events = sent == 0 ? EPOLLIN | EPOLLOUT : EPOLLIN;
	if (events != e->link_events) {
		gx_loop_modify(&e->loop, &e->link_watch, events);
		e->link_events = events;
	}
}

bool edge_link_is_full(const struct edge *e)
{
	return e->has_link && gx_link_backlog(&e->link) > EDGE_LINK_HIGH_BYTES;
}

/* The core may itself wait for us to read: so both directions go on, clients alone wait. */
void edge_link_wait(struct edge *e)
{
	while (e->has_link && !e->is_done && gx_link_backlog(&e->link) > EDGE_LINK_HIGH_BYTES / 2) {
		struct pollfd fds[] = {
			{ .fd = e->link.fd, .events = POLLIN | POLLOUT },
			{ .fd = e->config->control_fd, .events = POLLIN },
		};
		if (poll(fds, GX_COUNT(fds), 1000) < 0 && errno != EINTR)
			return;
		if (fds[1].revents != 0 || e->is_stopping)
			return; /* the loop looks at it */
		if (fds[0].revents & (POLLIN | POLLHUP | POLLERR))
			read_records(e);
		edge_link_flush(e);
		edge_flush_dirty(e);
	}
}
