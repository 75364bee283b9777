/* SPDX-License-Identifier: Apache-2.0 */
/*
 * supervisor.c - one loop over signals, the control sockets of the children, and timers.
 *
 * Life of a server:
 *   STARTING   listeners are open (clients wait in their queues), the core starts. If it ends
 *              before it says 'R', starting it again is no use: the server ends with status 1.
 *   SERVING    from the first 'R' on. Edges run; each has a link to the core of the moment. Whoever
 *              dies is started again, at once the first time, then with growing delays. A core that
 *              came back says 'R' and gets a new link to every edge.
 *              SIGHUP reads certificate and key anew and hands them to the edges.
 *   STOPPING   on SIGTERM: listeners close, edges finish, then the core, then we. Each half has a
 *              time limit, after which SIGKILL ends what is left.
 */
#include "supervisor.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "address.h"
#include "board.h"
#include "child.h"
#include "loop.h"
#include "secrets.h"
#include "steering.h"

#define RESTART_DELAY_FIRST_MS INT64_C(100)
#define RESTART_DELAY_MAX_MS (5 * GX_SECOND_MS)
#define STABLE_AFTER_MS (10 * GX_SECOND_MS) /* who lived that long is started again at once */
#define CORE_STOP_MS (20 * GX_SECOND_MS)
#define EDGES_STOP_SPARE_MS (2 * GX_SECOND_MS)
#define ADDRESS_WAIT_MS GX_SECOND_MS
#define TEXT_BYTES 80 /* "HOST:PORT" */
#define NS_PER_MS UINT64_C(1000000)

enum phase { PHASE_STARTING, PHASE_SERVING, PHASE_STOPPING_EDGES, PHASE_STOPPING_CORE };

struct child {
	const char *role;
	unsigned worker; /* of an edge */
	int listen_fd;	 /* of an edge; -1 for the core */
	int tls_listen_fd;
	pid_t pid;	/* 0: not running */
	bool is_ready;	/* the core has said so */
	unsigned level; /* how full the edge is, as it has said */
	uint64_t started_ns;
	int64_t restart_delay_ms; /* of the next restart */
	struct gx_watch control;  /* fd -1: none */
	struct gx_timer restart;
	struct gx_board_page *page;
};

struct supervisor {
	const struct gx_supervisor_config *config;
	struct gx_loop loop;
	struct gx_watch signals;
	struct gx_timer stop_timer;
	struct gx_timer rotate_timer;
	struct gx_secrets secrets; /* for TLS */
	bool has_terminal;
	bool is_steering; /* new connections go where we say */
	enum phase phase;
	bool is_done;
	int exit_status;
	pid_t media_pid; /* 0: not running */
	struct gx_board board;
	char listen_text[TEXT_BYTES];
	char tls_listen_text[TEXT_BYTES]; /* empty: none */
	struct child core;
	struct child edges[GX_SUPERVISOR_EDGES_MAX];
};

static struct supervisor sv;

static void start_core(void);
static void start_edge(struct child *edge);

static void note_start(struct gx_board_page *page, pid_t pid)
{
	gx_tally_set(&page->pid, (uint64_t)pid);
	gx_tally_add(&page->starts, 1);
	gx_tally_set(&page->started_at_ms, (uint64_t)gx_clock_now_ms());
}

static void note_end(struct gx_board_page *page)
{
	gx_tally_set(&page->pid, 0);
}

static void close_control(struct child *c)
{
	if (c->control.fd < 0)
		return;
	gx_loop_remove(&sv.loop, &c->control);
	close(c->control.fd);
	c->control.fd = -1;
}

/* Gives an edge and the core the two ends of a fresh link. Whoever can't take its end is dying, and
 * the next restart links again; or it has no descriptor left, and the edge asks again. */
static void link_edge(struct child *edge)
{
	int ends[2];

	if (edge->pid == 0 || !sv.core.is_ready)
		return;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) != 0) {
		gx_log(GX_LOG_ERROR, "supervisor.no_link", GX_F_CSTR("error", strerror(errno)));
		return;
	}
	if (!gx_control_send(sv.core.control.fd, 'L', ends[0]) ||
	    !gx_control_send(edge->control.fd, 'L', ends[1]))
		gx_log(GX_LOG_WARN, "supervisor.link_refused", GX_F_U64("edge", edge->worker));
	close(ends[0]);
	close(ends[1]);
}

/* Again whole after each change: whoever was not there hears of all. */
static void send_secrets(const struct child *edge)
{
	if (!gx_secrets_send(&sv.secrets, edge->control.fd))
		gx_log(GX_LOG_WARN, "supervisor.secrets_refused", GX_F_U64("edge", edge->worker));
}

/* An earlier media process ends by itself when its socket's other end, the old core, is gone; one
 * that still runs has lost its core. */
static void start_media(void)
{
	int ends[2] = { -1, -1 };

	if (sv.media_pid > 0)
		kill(sv.media_pid, SIGKILL);
	sv.media_pid = 0;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0)
		sv.media_pid = gx_child_exec_beside("guanxi-media", ends[0]);
	if (sv.media_pid <= 0) {
		sv.media_pid = 0;
		gx_log(GX_LOG_WARN, "supervisor.no_media_process");
	} else {
		note_start(gx_board_page(&sv.board, GX_BOARD_MEDIA, 0), sv.media_pid);
	}
	(void)gx_control_send(sv.core.control.fd, 'M', sv.media_pid > 0 ? ends[1] : -1);
	if (ends[0] >= 0) {
		close(ends[0]);
		close(ends[1]);
	}
}

/* New connections go to the emptiest edges and those a step above; to all when all are full. */
static bool steer(void)
{
	unsigned chosen[GX_SUPERVISOR_EDGES_MAX], count = 0, least = GX_EDGE_LEVELS;

	for (unsigned i = 0; i < sv.config->edges_count; i++)
		if (sv.edges[i].level < least)
			least = sv.edges[i].level;
	for (unsigned i = 0; i < sv.config->edges_count; i++)
		if (sv.edges[i].level == least ||
		    (sv.edges[i].level == least + 1 && least + 1 < GX_EDGE_LEVELS))
			chosen[count++] = i;
	if (least == GX_EDGE_LEVELS)
		gx_log(GX_LOG_WARN, "supervisor.all_edges_full");
	return gx_steer(sv.edges[0].listen_fd, chosen, count) &&
	       (sv.edges[0].tls_listen_fd < 0 ||
		gx_steer(sv.edges[0].tls_listen_fd, chosen, count));
}

static void set_level(struct child *edge, unsigned level)
{
	if (edge->level == level)
		return;
	edge->level = level;
	if (sv.phase == PHASE_SERVING && sv.is_steering && !steer())
		gx_log(GX_LOG_ERROR, "supervisor.steering", GX_F_CSTR("error", strerror(errno)));
}

static void serve(void)
{
	sv.phase = PHASE_SERVING;
	for (unsigned i = 0; i < sv.config->edges_count; i++)
		start_edge(&sv.edges[i]);
	if (sv.tls_listen_text[0] != '\0')
		printf("listening on https://%s\n", sv.tls_listen_text);
	printf("listening on http://%s\n", sv.listen_text);
	(void)fflush(stdout);
}

static void on_core_ready(void)
{
	sv.core.is_ready = true;
	if (sv.phase == PHASE_STARTING)
		serve();
	else if (sv.phase == PHASE_SERVING)
		for (unsigned i = 0; i < sv.config->edges_count; i++)
			link_edge(&sv.edges[i]);
}

static void on_control(struct gx_watch *w, uint32_t events)
{
	struct child *c = GX_CONTAINER_OF(w, struct child, control);
	char kind;
	ssize_t n = recv(w->fd, &kind, 1, MSG_DONTWAIT);

	(void)events;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0)
		close_control(c); /* it is ending; SIGCHLD does the rest */
	else if (c == &sv.core && kind == 'R')
		on_core_ready();
	else if (c == &sv.core && kind == 'M')
		start_media();
	else if (c != &sv.core && (unsigned char)kind >= GX_EDGE_LEVEL_FIRST)
		set_level(c, (unsigned char)kind - GX_EDGE_LEVEL_FIRST);
	else if (c != &sv.core && kind == 'G')
		link_edge(c); /* its link broke, and the core lives: descriptors ran out */
	else
		gx_log(GX_LOG_WARN, "supervisor.unknown_message", GX_F_CSTR("from", c->role));
}

/* Forks with a control socket between; in the child (0) *control_fd is its end of it. */
static pid_t fork_child(struct child *c, const char *name, int *control_fd)
{
	int ends[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
		return -1;
	pid = gx_child_fork(name,
			    (int[]){ sv.config->lock_fd, ends[1], c->listen_fd, c->tls_listen_fd },
			    4);
	if (pid == 0) {
		/* Its descriptors are closed already. */
		sv.secrets.certificate_fd = sv.secrets.tickets_fd = -1;
		gx_secrets_deinit(&sv.secrets);
		*control_fd = ends[1];
		gx_log_setup(sv.config->log_level, sv.config->is_log_json, c->role);
		gx_log_count_into(c->page->log_lines);
		return 0;
	}
	close(ends[1]);
	if (pid < 0) {
		close(ends[0]);
		return -1;
	}
	c->pid = pid;
	c->is_ready = false;
	c->started_ns = gx_clock_mono_ns();
	note_start(c->page, pid);
	c->control = (struct gx_watch){ .fd = ends[0], .on_ready = on_control };
	if (!gx_loop_add(&sv.loop, &c->control, EPOLLIN))
		kill(pid, SIGKILL);
	return pid;
}

static void restart_later(struct child *c)
{
	gx_loop_arm(&sv.loop, &c->restart, c->restart_delay_ms);
	c->restart_delay_ms =
		c->restart_delay_ms == 0 ? RESTART_DELAY_FIRST_MS : c->restart_delay_ms * 2;
	if (c->restart_delay_ms > RESTART_DELAY_MAX_MS)
		c->restart_delay_ms = RESTART_DELAY_MAX_MS;
}

static void start_core(void)
{
	int control_fd;
	pid_t pid = fork_child(&sv.core, "guanxi-core", &control_fd);

	if (pid == 0) {
		struct gx_core_config config = sv.config->core;

		config.control_fd = control_fd;
		config.board = &sv.board;
		gx_board_write_one(&sv.board, sv.core.page);
		/* People are sent to TLS where there is TLS. */
		config.is_listen_tls = sv.config->tls.host != NULL;
		config.listen = config.is_listen_tls ? sv.tls_listen_text : sv.listen_text;
		exit(gx_core_run(&config));
	}
	if (pid < 0)
		restart_later(&sv.core);
}

static void start_edge(struct child *edge)
{
	int control_fd;
	pid_t pid = fork_child(edge, "guanxi-edge", &control_fd);

	if (pid == 0) {
		struct gx_edge_config config = sv.config->edge;

		config.control_fd = control_fd;
		config.listen_fd = edge->listen_fd;
		config.tls_listen_fd = edge->tls_listen_fd;
		config.worker = edge->worker;
		config.board = edge->page;
		gx_board_keep_one(&sv.board, edge->page);
		config.is_steered = sv.is_steering;
		exit(gx_edge_run(&config));
	}
	if (pid < 0) {
		restart_later(edge);
		return;
	}
	send_secrets(edge);
	link_edge(edge);
}

static void on_restart(struct gx_timer *t)
{
	struct child *c = GX_CONTAINER_OF(t, struct child, restart);

	if (sv.phase > PHASE_SERVING)
		return;
	if (c == &sv.core)
		start_core();
	else
		start_edge(c);
}

static unsigned edges_running(void)
{
	unsigned count = 0;

	for (unsigned i = 0; i < sv.config->edges_count; i++)
		count += sv.edges[i].pid != 0;
	return count;
}

static void kill_all(int signal_number)
{
	for (unsigned i = 0; i < sv.config->edges_count; i++)
		if (sv.edges[i].pid != 0)
			kill(sv.edges[i].pid, signal_number);
}

static void stop_core(void)
{
	sv.phase = PHASE_STOPPING_CORE;
	if (sv.core.pid == 0) {
		sv.is_done = true;
		return;
	}
	kill(sv.core.pid, SIGTERM);
	gx_loop_arm(&sv.loop, &sv.stop_timer, CORE_STOP_MS);
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void stop(void)
{
	if (sv.phase > PHASE_SERVING)
		return;
	gx_log(GX_LOG_INFO, "supervisor.stopping");
	sv.phase = PHASE_STOPPING_EDGES;
	for (unsigned i = 0; i < sv.config->edges_count; i++) {
		close_fd(&sv.edges[i].listen_fd);
		close_fd(&sv.edges[i].tls_listen_fd);
	}
	if (edges_running() == 0) {
		stop_core();
		return;
	}
	kill_all(SIGTERM);
	gx_loop_arm(&sv.loop, &sv.stop_timer,
		    (int64_t)sv.config->edge.shutdown_ms + EDGES_STOP_SPARE_MS);
}

static void on_stop_timer(struct gx_timer *t)
{
	(void)t;
	gx_log(GX_LOG_ERROR, "supervisor.stop_takes_too_long");
	if (sv.phase == PHASE_STOPPING_EDGES)
		kill_all(SIGKILL);
	else if (sv.core.pid != 0)
		kill(sv.core.pid, SIGKILL);
}

static void log_death(const struct child *c, int status)
{
	struct gx_log_field how = WIFSIGNALED(status) ? GX_F_I64("signal", WTERMSIG(status))
						      : GX_F_I64("status", WEXITSTATUS(status));

	gx_log(GX_LOG_ERROR, "supervisor.child_died", GX_F_CSTR("role", c->role),
	       GX_F_U64("worker", c->worker), GX_F_I64("pid", c->pid), how);
}

static void on_child_death(struct child *c, int status)
{
	uint64_t lived_ms = (gx_clock_mono_ns() - c->started_ns) / NS_PER_MS;
	bool is_core = c == &sv.core;
	bool is_hopeless =
		is_core && WIFEXITED(status) && WEXITSTATUS(status) == GX_CORE_EXIT_UNUSABLE;

	close_control(c);
	note_end(c->page);
	if (sv.phase <= PHASE_SERVING)
		log_death(c, status);
	c->pid = 0;
	c->is_ready = false;
	set_level(c, GX_EDGE_LEVELS); /* until it is back and says otherwise */
	if (is_core && (sv.phase == PHASE_STARTING || (is_hopeless && sv.phase == PHASE_SERVING))) {
		sv.exit_status = EXIT_FAILURE;
		stop();
	} else if (sv.phase == PHASE_STOPPING_EDGES && edges_running() == 0) {
		stop_core();
	} else if (sv.phase == PHASE_STOPPING_CORE && is_core) {
		sv.is_done = true;
	} else if (sv.phase == PHASE_SERVING) {
		if (lived_ms >= (uint64_t)STABLE_AFTER_MS)
			c->restart_delay_ms = 0;
		restart_later(c);
	}
}

static void reap(void)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid == sv.core.pid)
			on_child_death(&sv.core, status);
		if (pid == sv.media_pid) {
			sv.media_pid = 0;
			note_end(gx_board_page(&sv.board, GX_BOARD_MEDIA, 0));
		}
		for (unsigned i = 0; i < sv.config->edges_count; i++)
			if (pid == sv.edges[i].pid)
				on_child_death(&sv.edges[i], status);
	}
}

/* ---- TLS ---- */

static void send_secrets_to_all(void)
{
	for (unsigned i = 0; i < sv.config->edges_count; i++)
		if (sv.edges[i].pid != 0)
			send_secrets(&sv.edges[i]);
}

static enum gx_status load_secrets(struct gx_arena *a, struct gx_error *err)
{
	enum gx_status st = gx_secrets_load(a, &sv.secrets, err);
	struct gx_board_page *page = gx_board_page(&sv.board, GX_BOARD_SUPERVISOR, 0);

	if (st == GX_OK)
		gx_tally_set(&page->certificate_ends_at_ms, (uint64_t)sv.secrets.ends_at_ms);
	return st;
}

static void reload(void)
{
	struct gx_arena a;
	struct gx_error err = { 0 };

	if (sv.config->tls.host == NULL) {
		gx_log(GX_LOG_INFO, "supervisor.nothing_to_reload");
		return;
	}
	gx_arena_init(&a);
	if (load_secrets(&a, &err) == GX_OK)
		send_secrets_to_all();
	else
		gx_log(GX_LOG_ERROR, "tls.old_certificate_kept", GX_F_STR("error", err.detail));
	gx_arena_deinit(&a);
}

static void on_rotate(struct gx_timer *t)
{
	struct gx_arena a;
	struct gx_error err = { 0 };

	gx_arena_init(&a);
	if (gx_secrets_rotate(&a, &sv.secrets, &err) == GX_OK)
		send_secrets_to_all();
	else
		gx_log(GX_LOG_ERROR, "tls.old_ticket_key_kept", GX_F_STR("error", err.detail));
	gx_arena_deinit(&a);
	gx_loop_arm(&sv.loop, t, sv.config->tls.rotate_ms);
}

static enum gx_status start_tls(struct gx_arena *a, struct gx_error *err)
{
	const struct gx_supervisor_tls *tls = &sv.config->tls;
	enum gx_status st;

	gx_secrets_init(&sv.secrets, tls->certificate_path, tls->key_path);
	if (tls->host == NULL)
		return GX_OK;
	st = load_secrets(a, err);
	if (st == GX_OK)
		st = gx_secrets_rotate(a, &sv.secrets, err);
	return st;
}

/* SIGHUP means two things: an operator's wish to reload, and that the terminal is gone that we were
 * started from. In the second case it can't be asked for its settings any more. */
static bool has_lost_terminal(void)
{
	return sv.has_terminal && !isatty(STDIN_FILENO);
}

static void on_signal(struct gx_watch *w, uint32_t events)
{
	struct signalfd_siginfo info;

	(void)events;
	while (read(w->fd, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (info.ssi_signo == SIGCHLD)
			reap();
		else if (info.ssi_signo == SIGHUP && !has_lost_terminal())
			reload();
		else
			stop();
	}
}

static bool watch_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	sv.signals = (struct gx_watch){
		.fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK),
		.on_ready = on_signal,
	};
	return sv.signals.fd >= 0 && gx_loop_add(&sv.loop, &sv.signals, EPOLLIN);
}

static void init_child(struct child *c, const char *role, unsigned worker)
{
	bool is_core = c == &sv.core;

	*c = (struct child){
		.page = gx_board_page(&sv.board, is_core ? GX_BOARD_CORE : GX_BOARD_EDGES, worker),
		.role = role,
		.worker = worker,
		.listen_fd = -1,
		.tls_listen_fd = -1,
		.control = { .fd = -1 },
		.restart = { .on_due = on_restart },
	};
}

static enum gx_status listen_on(struct gx_arena *a, struct gx_address *address, bool is_tls,
				char text[TEXT_BYTES], struct gx_error *err)
{
	enum gx_status st = gx_address_check_free(a, address, ADDRESS_WAIT_MS, err);

	for (unsigned i = 0; st == GX_OK && i < sv.config->edges_count; i++) {
		/* Port 0: the first one finds a free port, the others share it. */
		int fd = gx_edge_listen(address->host.ptr, address->port);

		if (fd < 0)
			return gx_fail_detail(a, err, GX_E_INTERNAL, "app.listen",
					      "cannot listen on %s: %s", address->host.ptr,
					      strerror(errno));
		*(is_tls ? &sv.edges[i].tls_listen_fd : &sv.edges[i].listen_fd) = fd;
		address->port = gx_edge_port(fd);
	}
	(void)snprintf(text, TEXT_BYTES, "%s", gx_address_text(a, address).ptr);
	return st;
}

static enum gx_status open_listeners(struct gx_arena *a, struct gx_error *err)
{
	const struct gx_supervisor_config *config = sv.config;
	struct gx_address plain = { gx_str_from_cstr(config->host), config->port, config->is_v6 };
	struct gx_address tls = { gx_str_from_cstr(config->tls.host), config->tls.port,
				  config->tls.is_v6 };
	enum gx_status st = listen_on(a, &plain, false, sv.listen_text, err);

	if (st == GX_OK && config->tls.host != NULL)
		st = listen_on(a, &tls, true, sv.tls_listen_text, err);
	sv.is_steering = st == GX_OK && config->edges_count > 1 && steer();
	return st;
}

enum gx_status gx_supervisor_run(struct gx_arena *a, const struct gx_supervisor_config *config,
				 int *exit_status, struct gx_error *err)
{
	enum gx_status st;

	GX_ASSERT(config->edges_count >= 1);
	GX_ASSERT(config->edges_count <= GX_SUPERVISOR_EDGES_MAX);
	sv = (struct supervisor){
		.config = config,
		.stop_timer = { .on_due = on_stop_timer },
		.rotate_timer = { .on_due = on_rotate },
		.has_terminal = isatty(STDIN_FILENO) == 1,
	};
	if (!gx_board_init(&sv.board, config->edges_count))
		return gx_fail_detail(a, err, GX_E_INTERNAL, "app.board", "no shared memory: %s",
				      strerror(errno));
	note_start(gx_board_page(&sv.board, GX_BOARD_SUPERVISOR, 0), getpid());
	gx_log_count_into(gx_board_page(&sv.board, GX_BOARD_SUPERVISOR, 0)->log_lines);
	init_child(&sv.core, "core", 0);
	for (unsigned i = 0; i < config->edges_count; i++)
		init_child(&sv.edges[i], "edge", i);

	st = start_tls(a, err);
	if (st == GX_OK)
		st = open_listeners(a, err);
	if (st != GX_OK)
		return st;
	if (!gx_loop_init(&sv.loop) || !watch_signals())
		return gx_fail_detail(a, err, GX_E_INTERNAL, "app.loop", "cannot start: %s",
				      strerror(errno));
	if (config->tls.host != NULL)
		gx_loop_arm(&sv.loop, &sv.rotate_timer, config->tls.rotate_ms);
	start_core();
	while (!sv.is_done)
		gx_loop_turn(&sv.loop, -1);
	if (sv.media_pid > 0)
		kill(sv.media_pid, SIGKILL);
	gx_loop_deinit(&sv.loop);
	gx_secrets_deinit(&sv.secrets);
	*exit_status = sv.exit_status;
	return GX_OK;
}
