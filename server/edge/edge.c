/* SPDX-License-Identifier: Apache-2.0 */
/*
 * edge.c - the edge process from start to end.
 *
 * A turn: wait; read every connection that is ready and append records to the link; read the link
 * and append answers to the connections' queues; then one write to the link and one to each
 * connection that has something. Nobody is written to in between, so that what belongs together
 * leaves together.
 *
 * Start: take the listener, load what libcrypto needs, give up rights, and only then read the first
 * byte of anyone. The listener opens with the first link to the core.
 *
 * Full: SO_REUSEPORT shares connections out by chance, and goes on handing some to a process that
 * can't take them. So each edge tells the supervisor how full it is, in steps, and new connections
 * are steered to the emptiest ones. An edge that is alone closes its listener when it is full.
 *
 * Descriptors: each connection that is no WebSocket may hold a second one (a file that is sent, a
 * body that is stored), and counts twice.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "edge_inside.h"
#include "sandbox.h"

#define BACKLOG 4096
#define ACCEPTS_PER_TURN 64
#define ACCEPT_PAUSE_MS 100
#define DESCRIPTORS_KEPT 320u /* our own, and those in flight on the link */
#define DESCRIPTORS_SPARE 64u /* free ones before a closed listener opens again */
#define FD_BYTES sizeof(int)

/* What a running edge asks the kernel for, beyond memory, clocks, reading and writing. */
static const int edge_calls[] = {
	SCMP_SYS(accept4),  SCMP_SYS(epoll_ctl), SCMP_SYS(epoll_pwait), SCMP_SYS(epoll_wait),
	SCMP_SYS(listen),   SCMP_SYS(pread64),	 SCMP_SYS(recvfrom),	SCMP_SYS(recvmsg),
	SCMP_SYS(sendfile), SCMP_SYS(sendmsg),	 SCMP_SYS(sendto),	SCMP_SYS(shutdown),
};
const struct gx_sandbox edge_sandbox = { edge_calls, GX_COUNT(edge_calls) };

/* Only the signal handler needs to find it. */
static struct edge *the_edge;
static volatile sig_atomic_t stop_asked;

void gx_edge_config_init(struct gx_edge_config *c)
{
	*c = (struct gx_edge_config){
		.listen_fd = -1,
		.tls_listen_fd = -1,
		.control_fd = -1,
		.connections_per_address = 1024,
		.body_bytes_max = 1u << 20,
		.handshake_timeout_ms = 10000,
		.head_timeout_ms = 15000,
		.idle_timeout_ms = 75000,
		.progress_timeout_ms = 30000,
		.ping_interval_ms = 240000,
		.shutdown_ms = 5000,
		.is_sandboxed = true,
	};
}

static int open_listener(const struct in6_addr *address, bool is_v4, uint16_t port)
{
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6,
				   .sin6_port = htons(port),
				   .sin6_addr = *address };
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd, one = 1, saved;

	memcpy(&v4.sin_addr, address->s6_addr + 12, sizeof(v4.sin_addr));
	fd = socket(is_v4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	/* Accepted sockets inherit TCP_NODELAY. */
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) == 0 &&
	    setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one)) == 0 &&
	    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)) == 0 &&
	    bind(fd, is_v4 ? (struct sockaddr *)&v4 : (struct sockaddr *)&v6,
		 is_v4 ? sizeof(v4) : sizeof(v6)) == 0 &&
	    listen(fd, BACKLOG) == 0)
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

int gx_edge_listen(const char *host, uint16_t port)
{
	bool is_v4 = strchr(host, ':') == NULL;
	struct in6_addr address;
	int fd, named;

	if (!edge_address_parse(gx_str_from_cstr(host), &address)) {
		errno = EINVAL;
		return -1;
	}
	fd = open_listener(&address, is_v4, port);
	if (fd < 0 || port != 0)
		return fd;
	/* A port the kernel chose is lost when a full edge stops listening; a named one stays. */
	named = open_listener(&address, is_v4, gx_edge_port(fd));
	close(fd);
	return named;
}

uint16_t gx_edge_port(int listen_fd)
{
	struct sockaddr_in6 address;
	socklen_t size = sizeof(address);

	if (getsockname(listen_fd, (struct sockaddr *)&address, &size) != 0)
		return 0;
	return ntohs(address.sin6_port); /* stands in the same place for both families */
}

/* ---- listener ---- */

static uint32_t descriptors_used(const struct edge *e)
{
	return e->conns_count + e->http_count;
}

static bool has_place(const struct edge *e, uint32_t spare)
{
	return descriptors_used(e) + 2 + spare <= e->descriptors_max &&
	       (e->config->connections_max == 0 || e->conns_count < e->config->connections_max);
}

/* A step down is told when it is a whole one below what was told: requests that come and go are no
 * news. */
static void tell_supervisor(struct edge *e)
{
	uint32_t level =
		(uint32_t)((uint64_t)descriptors_used(e) * GX_EDGE_LEVELS / e->descriptors_max);
	unsigned char message;

	if (level >= GX_EDGE_LEVELS)
		level = GX_EDGE_LEVELS - 1;
	if (!has_place(e, 0))
		level = GX_EDGE_LEVELS;
	if (!e->config->is_steered || !e->had_link || level == e->level || level + 1 == e->level)
		return;
	message = (unsigned char)(GX_EDGE_LEVEL_FIRST + level);
	if (send(e->config->control_fd, &message, 1, MSG_NOSIGNAL | MSG_DONTWAIT) == 1)
		e->level = level;
}

static void unwatch_listeners(struct edge *e)
{
	e->is_accepting = false;
	for (unsigned i = 0; i < e->listeners_count; i++)
		gx_loop_remove(&e->loop, &e->listeners[i].watch);
}

/* Out of the SO_REUSEPORT group, though the supervisor holds the descriptor too. */
static void stop_accepting(struct edge *e)
{
	gx_loop_disarm(&e->loop, &e->accept_timer);
	if (!e->is_accepting)
		return;
	unwatch_listeners(e);
	for (unsigned i = 0; i < e->listeners_count; i++)
		shutdown(e->listeners[i].watch.fd, SHUT_RD);
}

/* Listening again is harmless for one that listens already. */
static bool watch_listener(struct edge *e, struct edge_listener *l)
{
	if (listen(l->watch.fd, BACKLOG) == 0 && gx_loop_add(&e->loop, &l->watch, EPOLLIN))
		return true;
	gx_log(GX_LOG_ERROR, "edge.listen", GX_F_CSTR("error", strerror(errno)));
	return false;
}

void edge_listener_update(struct edge *e)
{
	if (e->is_accepting || e->is_stopping || !e->had_link || !edge_tls_is_ready(e) ||
	    !has_place(e, DESCRIPTORS_SPARE))
		return;
	for (unsigned i = 0; i < e->listeners_count; i++) {
		if (watch_listener(e, &e->listeners[i]))
			continue;
		while (i-- > 0)
			gx_loop_remove(&e->loop, &e->listeners[i].watch);
		return;
	}
	e->is_accepting = true;
}

static void on_accept_timer(struct gx_timer *t)
{
	edge_listener_update(GX_CONTAINER_OF(t, struct edge, accept_timer));
}

/* The machine has no descriptor or memory for another connection: clients wait in the queue. */
static void pause_accepting(struct edge *e)
{
	gx_log(GX_LOG_WARN, "edge.accept", GX_F_CSTR("error", strerror(errno)));
	edge_count(e, GX_EDGE_ACCEPT_PAUSES, 1);
	unwatch_listeners(e);
	gx_loop_arm(&e->loop, &e->accept_timer, ACCEPT_PAUSE_MS);
}

static void peer_address(const struct sockaddr_in6 *from, struct in6_addr *out)
{
	if (from->sin6_family == AF_INET6) {
		*out = from->sin6_addr;
		return;
	}
	*out = (struct in6_addr){ .s6_addr = { [10] = 0xff, [11] = 0xff } };
	memcpy(out->s6_addr + 12, &((const struct sockaddr_in *)(const void *)from)->sin_addr, 4);
}

#define REFUSAL                                                                                    \
	"{\"type\":\"urn:guanxi:problem:edge.too_many_connections\",\"title\":\"Too Many "         \
	"Requests\","                                                                              \
	"\"status\":429,\"code\":\"edge.too_many_connections\"}"

static void refuse_address(struct edge *e, int fd)
{
	struct gx_buf answer;

	edge_count(e, GX_EDGE_REFUSED_ADDRESS, 1);
	edge_count(e, GX_EDGE_ANSWERS_4XX, 1);
	gx_buf_init(&answer, 1024);
	gx_http_write_begin(&answer, 429);
	gx_buf_append_str(&answer, GX_STR("X-Content-Type-Options: nosniff\r\n"
					  "Content-Type: application/problem+json\r\n"
					  "Retry-After: 60\r\nConnection: close\r\n"));
	gx_http_write_length(&answer, sizeof(REFUSAL) - 1);
	gx_http_write_end(&answer);
	gx_buf_append_str(&answer, GX_STR(REFUSAL));
	(void)send(fd, answer.ptr, answer.len, MSG_NOSIGNAL | MSG_DONTWAIT);
	shutdown(fd, SHUT_WR);
	close(fd);
	gx_buf_deinit(&answer);
}

/* Inside TLS nothing can be said before a handshake. */
static void refuse_silently(struct edge *e, int fd)
{
	edge_count(e, GX_EDGE_REFUSED_ADDRESS, 1);
	close(fd);
}

/* Where connections are steered, those that still came wait in the queue. */
static void on_full(struct edge *e)
{
	gx_log(GX_LOG_WARN, "edge.full", GX_F_U64("connections", e->conns_count));
	edge_count(e, GX_EDGE_FULL, 1);
	if (e->config->is_steered)
		unwatch_listeners(e);
	else
		stop_accepting(e);
}

static void on_listener(struct gx_watch *w, uint32_t events)
{
	struct edge_listener *l = GX_CONTAINER_OF(w, struct edge_listener, watch);
	struct edge *e = l->edge;

	for (unsigned i = 0; i < ACCEPTS_PER_TURN && e->is_accepting; i++) {
		struct sockaddr_in6 from = { 0 };
		socklen_t size = sizeof(from);
		struct in6_addr peer;
		int fd;

		fd = accept4(w->fd, (struct sockaddr *)&from, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd < 0) {
			if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
			    errno == ENOMEM)
				pause_accepting(e);
			return;
		}
		peer_address(&from, &peer);
		edge_count(e, GX_EDGE_ACCEPTS, 1);
		if (edge_address_enter(e, &peer))
			edge_conn_open(e, fd, &peer, l->is_tls);
		else if (l->is_tls)
			refuse_silently(e, fd);
		else
			refuse_address(e, fd);
		if (!has_place(e, 0))
			on_full(e);
	}
}

/* ---- control ---- */

static void stop(struct edge *e)
{
	if (e->is_stopping)
		return;
	stop_accepting(e);
	e->is_stopping = true;
	gx_loop_arm(&e->loop, &e->stop_timer, e->config->shutdown_ms);
	for (uint32_t slot = 0; slot < e->blocks_count * EDGE_BLOCK; slot++) {
		struct edge_conn *c = edge_conn_at(e, slot);
		if (c->state == EDGE_WS)
			edge_ws_close(c, 1001, GX_STR("going away"));
		else if (c->state == EDGE_IDLE)
			edge_conn_close(c);
		else if (c->state == EDGE_HANDSHAKE)
			edge_conn_free(c);
	}
}

static void on_stop_timer(struct gx_timer *t)
{
	struct edge *e = GX_CONTAINER_OF(t, struct edge, stop_timer);

	/* Whoever waits for the core still hears that it was in vain. */
	edge_link_lost(e);
	e->is_done = true;
}

static void on_control(struct gx_watch *w, uint32_t events)
{
	struct edge *e = GX_CONTAINER_OF(w, struct edge, control_watch);
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(FD_BYTES)];
	} control;
	char kind;
	struct iovec part = { .iov_base = &kind, .iov_len = 1 };
	struct msghdr m = { .msg_iov = &part,
			    .msg_iovlen = 1,
			    .msg_control = control.bytes,
			    .msg_controllen = sizeof(control.bytes) };
	ssize_t got = recvmsg(w->fd, &m, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	const struct cmsghdr *head;
	int fd = -1;

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got <= 0) {
		gx_loop_remove(&e->loop, w);
		stop(e);
		return;
	}
	head = CMSG_FIRSTHDR(&m);
	if (head != NULL && head->cmsg_type == SCM_RIGHTS)
		memcpy(&fd, CMSG_DATA(head), FD_BYTES);
	if (fd < 0 && kind == 'L')
		edge_link_want(e); /* there was no descriptor left for it */
	if (fd < 0)
		return;
	if (kind == 'L') {
		edge_link_open(e, fd);
		return;
	}
	if (kind == 'C' || kind == 'T')
		edge_tls_secret(e, kind, fd);
	close(fd);
}

static void on_signal(int number)
{
	stop_asked = 1;
	gx_loop_wake(&the_edge->loop);
}

static void catch_signals(struct edge *e)
{
	struct sigaction action = { .sa_handler = on_signal };
	sigset_t none;

	the_edge = e;
	stop_asked = 0;
	sigaction(SIGTERM, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGINT, SIG_IGN); /* from the terminal to the whole group: the supervisor decides */
	signal(SIGHUP, SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* ---- life ---- */

static uint32_t descriptors_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return 1024 - DESCRIPTORS_KEPT;
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
	(void)getrlimit(RLIMIT_NOFILE, &limit);
	if (limit.rlim_cur > UINT32_MAX)
		limit.rlim_cur = UINT32_MAX;
	return limit.rlim_cur < 2 * DESCRIPTORS_KEPT ? DESCRIPTORS_KEPT
						     : (uint32_t)limit.rlim_cur - DESCRIPTORS_KEPT;
}

static void add_listener(struct edge *e, int fd, bool is_tls)
{
	if (fd >= 0)
		e->listeners[e->listeners_count++] = (struct edge_listener){
			.watch = { .fd = fd, .on_ready = on_listener },
			.edge = e,
			.is_tls = is_tls,
		};
}

uint32_t gx_edge_connections_max(void)
{
	uint32_t descriptors = descriptors_limit();

	return descriptors - descriptors / GX_EDGE_LEVELS - 2; /* some are no streams yet */
}

static bool start(struct edge *e)
{
	char accept_key[GX_WS_ACCEPT_BYTES];

	if (!gx_loop_init(&e->loop))
		return false;
	edge_conns_init(e);
	e->descriptors_max = descriptors_limit();
	e->level = GX_EDGE_LEVELS + 1; /* nothing was said yet */
	add_listener(e, e->config->listen_fd, false);
	add_listener(e, e->config->tls_listen_fd, true);
	e->control_watch = (struct gx_watch){ .fd = e->config->control_fd, .on_ready = on_control };
	e->stop_timer.on_due = on_stop_timer;
	e->accept_timer.on_due = on_accept_timer;
	gx_ws_accept_key(GX_STR("dGhlIHNhbXBsZSBub25jZQ=="), accept_key); /* loads SHA-1 */
	catch_signals(e);
	if (!edge_tls_start(e) || !gx_loop_add(&e->loop, &e->control_watch, EPOLLIN))
		return false;
	return !e->config->is_sandboxed || gx_sandbox_enter(&edge_sandbox);
}

/* What is known at the end of a turn holds until the next one. */
static void show_gauges(struct edge *e)
{
	gx_tally *figures = e->board->figures;

	gx_tally_set(&figures[GX_EDGE_CONNECTIONS], e->conns_count);
	gx_tally_set(&figures[GX_EDGE_STREAMS], e->conns_count - e->http_count);
	gx_tally_set(&figures[GX_EDGE_QUEUED_BYTES], e->queued_bytes);
	gx_tally_set(&figures[GX_EDGE_BODIES_BYTES], e->bodies_bytes);
}

static void turn(struct edge *e)
{
	e->now_ns = 0;
	gx_loop_turn(&e->loop, -1);
	if (stop_asked)
		stop(e);
	edge_link_flush(e);
	edge_flush_dirty(e);
	/* What was read ahead may have become requests; and if the core is found gone now, whoever
	 * waits for it hears so in this turn. */
	edge_link_flush(e);
	edge_flush_dirty(e);
	if (edge_link_is_full(e)) {
		edge_count(e, GX_EDGE_LINK_WAITS, 1);
		edge_link_wait(e);
	}
	show_gauges(e);
	tell_supervisor(e);
}

int gx_edge_run(const struct gx_edge_config *config)
{
	struct edge *e = gx_heap_alloc(sizeof(*e));

	GX_ASSERT(config->listen_fd >= 0 && config->control_fd >= 0 && config->files != NULL);
	e->config = config;
	e->board = config->board != NULL ? config->board : gx_heap_alloc(sizeof(*e->board));
	show_gauges(e); /* of the one that had this place before, nothing is left */
	if (!start(e)) {
		gx_log(GX_LOG_ERROR, "edge.start", GX_F_CSTR("error", strerror(errno)));
		return 1;
	}
	gx_log(GX_LOG_INFO, "edge.started", GX_F_U64("worker", config->worker));
	while (!e->is_done && !(e->is_stopping && e->conns_count == 0))
		turn(e);
	signal(SIGTERM, SIG_IGN); /* a second one would find nobody to tell */
	edge_flush_dirty(e);
	edge_conns_deinit(e);
	edge_tls_stop(e);
	if (e->has_link) {
		(void)gx_link_flush(&e->link);
		gx_link_deinit(&e->link);
	}
	gx_loop_deinit(&e->loop);
	show_gauges(e);
	if (config->board == NULL)
		gx_heap_free(e->board);
	gx_heap_free(e);
	gx_log(GX_LOG_INFO, "edge.stopped", GX_F_U64("worker", config->worker));
	return 0;
}
