/* SPDX-License-Identifier: Apache-2.0 */
#include "load_conn.h"
#include "load_tls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define READ_BYTES ((size_t)256 << 10)
#define BUFFER_BYTES_MAX ((size_t)8 << 20)
#define EVENTS_MAX 512
/* Connections from one source address. Linux has 28,000 ports for each pair of addresses, and looks
 * long for a free one when half of them are taken. */
#define PER_ADDRESS 10000u

struct load_conns load_conns;

void load_conns_init(unsigned count, uint32_t first_id, bool keep_buffers)
{
	load_conns = (struct load_conns){
		.list = gx_heap_alloc_array(count, sizeof(struct load_conn)),
		.count = count,
		.first_id = first_id,
		.dirty = gx_heap_alloc_array(count, sizeof(struct load_conn *)),
		.epoll_fd = epoll_create1(EPOLL_CLOEXEC),
		.keep_buffers = keep_buffers,
		.now_ns = gx_clock_mono_ns(),
	};
	if (load_conns.epoll_fd < 0)
		load_die("epoll: %s", strerror(errno));
	for (unsigned i = 0; i < count; i++) {
		load_conns.list[i].fd = -1;
		load_conns.list[i].id = first_id + i;
	}
	/* An open loop sends when it is time, not 50 µs later. */
	(void)prctl(PR_SET_TIMERSLACK, 1000UL);
}

static void watch(const struct load_conn *c, int op, uint32_t events)
{
	struct epoll_event e = { .events = events, .data.u32 = c->id - load_conns.first_id };

	if (epoll_ctl(load_conns.epoll_fd, op, c->fd, &e) != 0)
		load_die("epoll: %s", strerror(errno));
}

/* Many connections come from many addresses of 127/8. */
static void bind_source(int fd, uint32_t id)
{
	struct sockaddr_in from = { .sin_family = AF_INET };
	int on = 1;

	from.sin_addr.s_addr = htonl(0x7f010001u + load_conns.source_shift + id / PER_ADDRESS);
	setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&from, sizeof(from)) != 0)
		load_die("bind: %s", strerror(errno));
}

void load_conn_close(struct load_conn *c)
{
	if (c->fd >= 0)
		close(c->fd);
	if (c->tls != NULL)
		load_tls_close(c);
	c->fd = -1;
	if (c->is_ready)
		load_conns.ready_count--;
	c->is_ready = false;
	gx_buf_release(&c->in);
	gx_buf_release(&c->out);
}

void load_on_ready(struct load_conn *c)
{
	if (c->is_ready)
		return;
	c->is_ready = true;
	load_conns.ready_count++;
}

struct gx_buf *load_conn_out(struct load_conn *c)
{
	if (!c->is_dirty && !c->waits_for_room) {
		c->is_dirty = true;
		load_conns.dirty[load_conns.dirty_count++] = c;
	}
	return &c->out;
}

void load_conn_ended(struct load_conn *c, const char *why)
{
	if (!c->may_end)
		load_die("the server closed connection %u: %s", c->id, why);
	load_conn_close(c);
	load_crowd_on_end(c);
}

void load_conn_open(struct load_conn *c)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons(load_opt.tls_port != 0 ? load_opt.tls_port
									   : load_opt.port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	if (inet_pton(AF_INET, load_opt.host, &to.sin_addr) != 1)
		load_die("%s is no IPv4 address", load_opt.host);
	if (fd < 0)
		load_die("socket: %s", strerror(errno));
	if (load_opt.mode == LOAD_CROWD)
		bind_source(fd, c->id);
	c->fd = fd;
	c->state = 0;
	c->is_ready = c->is_joined = c->waits_for_room = false;
	gx_buf_init(&c->in, BUFFER_BYTES_MAX);
	gx_buf_init(&c->out, BUFFER_BYTES_MAX);
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0 ||
	    (load_opt.tls_port != 0 && !load_tls_open(c))) {
		load_conn_ended(c, strerror(errno));
		return;
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	(void)fcntl(fd, F_SETFL, O_NONBLOCK);
	watch(c, EPOLL_CTL_ADD, EPOLLIN);
	load_opt.proto->start(c);
}

/* 1: all has left; 0: not all; -1: the connection is broken. */
static int send_out(struct load_conn *c)
{
	ssize_t sent;

	if (c->tls != NULL)
		return load_tls_send(c);
	sent = send(c->fd, c->out.ptr, c->out.len, MSG_NOSIGNAL);
	if (sent < 0)
		return errno == EAGAIN ? 0 : -1;
	gx_buf_consume(&c->out, (size_t)sent);
	return c->out.len == 0;
}

static void flush(struct load_conn *c)
{
	int sent;

	if (c->out.overflow)
		load_die("the server does not read");
	sent = send_out(c);
	if (sent < 0) {
		load_conn_ended(c, strerror(errno));
		return;
	}
	if ((sent == 0) != c->waits_for_room) {
		c->waits_for_room = sent == 0;
		watch(c, EPOLL_CTL_MOD, EPOLLIN | (c->waits_for_room ? EPOLLOUT : 0));
	}
	if (!load_conns.keep_buffers && c->out.len == 0)
		gx_buf_release(&c->out);
}

static void flush_dirty(void)
{
	for (unsigned i = 0; i < load_conns.dirty_count; i++) {
		struct load_conn *c = load_conns.dirty[i];

		c->is_dirty = false;
		if (c->fd >= 0 && c->out.len > 0)
			flush(c);
	}
	load_conns.dirty_count = 0;
}

/* A protocol that changes its state has more to say about the same bytes. */
static size_t take(struct load_conn *c, char *bytes, size_t len)
{
	size_t used = 0;
	uint8_t before;

	do {
		before = c->state;
		used += load_opt.proto->input(c, bytes + used, len - used);
	} while (c->state != before && used < len && c->fd >= 0);
	return used;
}

static void receive(struct load_conn *c)
{
	static char bytes[READ_BYTES];
	ssize_t got = c->tls == NULL ? recv(c->fd, bytes, sizeof(bytes), 0)
				     : load_tls_receive(c, bytes, sizeof(bytes));
	size_t used;

	if (got < 0 && errno == EAGAIN)
		return;
	if (got <= 0) {
		load_conn_ended(c, got < 0 ? strerror(errno) : "end");
		return;
	}
	load_conns.now_ns = gx_clock_mono_ns();
	if (c->in.len == 0) {
		used = take(c, bytes, (size_t)got);
		if (c->fd >= 0 && used < (size_t)got)
			gx_buf_append(&c->in, bytes + used, (size_t)got - used);
		return;
	}
	gx_buf_append(&c->in, bytes, (size_t)got);
	if (c->in.overflow)
		load_die("what the server sends has no end");
	used = take(c, c->in.ptr, c->in.len);
	if (c->fd < 0)
		return;
	gx_buf_consume(&c->in, used);
	if (!load_conns.keep_buffers && c->in.len == 0)
		gx_buf_release(&c->in);
}

void load_conns_turn(uint64_t wait_ns)
{
	static struct epoll_event events[EVENTS_MAX];
	struct timespec wait = { .tv_sec = (time_t)(wait_ns / LOAD_NS_PER_S),
				 .tv_nsec = (long)(wait_ns % LOAD_NS_PER_S) };
	int n;

	flush_dirty();
	n = epoll_pwait2(load_conns.epoll_fd, events, EVENTS_MAX, &wait, NULL);
	for (int i = 0; i < n; i++) {
		struct load_conn *c = &load_conns.list[events[i].data.u32];

		if (c->fd >= 0 && (events[i].events & EPOLLOUT) != 0)
			flush(c);
		if (c->fd >= 0 && (events[i].events & ~(uint32_t)EPOLLOUT) != 0)
			receive(c);
	}
	load_conns.now_ns = gx_clock_mono_ns();
}
