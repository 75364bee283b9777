/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: the supervisor starts, links, restarts and ends its children as supervisor.h says.
 * Method: this file brings a core and an edge of its own, which tell what happens to them through a
 * pipe, one line each: "core 0 start", "edge 1 link", …. The supervisor runs in a child process;
 * the test reads lines (with a time limit) and sends signals. */
#include "supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tls_testkit.h"

#define WAIT_MS 10000
#define LINE_MAX_BYTES 96

static int tell_fd = -1;	   /* the children write here */
static int hear_fd = -1;	   /* the test reads here */
static int core_start_status = -1; /* not -1: the fake core ends with this at once */
static pid_t supervisor_pid;
static int terminal_master;
static const char *terminal;	     /* to start it from; NULL: none */
static struct gx_supervisor_tls tls; /* to start it with */

/* ---- the fake core and edge */

static volatile sig_atomic_t is_told_to_stop;

static void on_term(int signal_number)
{
	(void)signal_number;
	is_told_to_stop = 1;
}

static int asking_fd = -1;

/* Its link broke, says the fake edge. */
static void on_usr1(int signal_number)
{
	(void)signal_number;
	if (write(asking_fd, "G", 1) != 1)
		_exit(7);
}

static void tell(const char *role, unsigned worker, const char *what)
{
	char line[LINE_MAX_BYTES];
	int n = snprintf(line, sizeof(line), "%s %u %s %d\n", role, worker, what, (int)getpid());

	if (write(tell_fd, line, (size_t)n) != n)
		_exit(9);
}

/* Receives one control message; false at the end. */
static bool receive(int control_fd, char *kind, int *fd)
{
	char space[CMSG_SPACE(sizeof(int))];
	struct iovec iov = { .iov_base = kind, .iov_len = 1 };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = space,
			      .msg_controllen = sizeof(space) };
	struct cmsghdr *c;

	*fd = -1;
	if (recvmsg(control_fd, &msg, 0) != 1)
		return false;
	c = CMSG_FIRSTHDR(&msg);
	if (c != NULL)
		memcpy(fd, CMSG_DATA(c), sizeof(*fd));
	return true;
}

/* What came with 'T', beside what came before it. */
static const char *compare_tickets(int fd)
{
	static struct gx_tls_tickets last, none;
	struct gx_tls_tickets now;
	const char *what = "tickets of nobody knows where";

	if (pread(fd, &now, sizeof(now), sizeof(uint64_t)) != sizeof(now))
		return "no tickets";
	if (memcmp(&last, &none, sizeof(last)) == 0)
		what = "tickets first";
	else if (memcmp(&now, &last, sizeof(now)) == 0)
		what = "tickets same";
	else if (memcmp(&now.keys[1], &last.keys[0], sizeof(now.keys[1])) == 0 &&
		 memcmp(&now.keys[0], &last.keys[0], sizeof(now.keys[0])) != 0)
		what = "tickets rotated";
	last = now;
	return what;
}

/* Both roles: tells of links (saying hello through them once) until told to stop. */
static int live(const char *role, unsigned worker, int control_fd)
{
	struct sigaction action = { .sa_handler = on_term };
	struct sigaction asking = { .sa_handler = on_usr1, .sa_flags = SA_RESTART };
	char kind;
	int fd;

	asking_fd = control_fd;
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGUSR1, &asking, NULL);
	tell(role, worker, "start");
	if (strcmp(role, "core") == 0 && write(control_fd, "R", 1) != 1)
		return 8;
	while (!is_told_to_stop && receive(control_fd, &kind, &fd)) {
		char hello = 'h', answer = 0;

		if (kind == 'T' || kind == 'C') {
			tell(role, worker, kind == 'C' ? "certificate" : compare_tickets(fd));
			close(fd);
			continue;
		}
		if (kind != 'L' || fd < 0) {
			tell(role, worker, "nonsense");
			continue;
		}
		/* Each says hello into its end and waits for the other's. */
		if (write(fd, &hello, 1) == 1 &&
		    poll(&(struct pollfd){ .fd = fd, .events = POLLIN }, 1, WAIT_MS) == 1 &&
		    read(fd, &answer, 1) == 1 && answer == 'h')
			tell(role, worker, "linked");
	}
	tell(role, worker, is_told_to_stop ? "stopped" : "orphaned");
	return 0;
}

int gx_core_run(const struct gx_core_config *config)
{
	if (core_start_status >= 0)
		return core_start_status;
	return live("core", 0, config->control_fd);
}

int gx_edge_run(const struct gx_edge_config *config)
{
	return live("edge", config->worker, config->control_fd);
}

/* A descriptor to give away; nobody connects in this test. */
int gx_edge_listen(const char *host, uint16_t port)
{
	(void)host;
	(void)port;
	return dup(STDERR_FILENO);
}

uint16_t gx_edge_port(int listen_fd)
{
	(void)listen_fd;
	return 4711;
}

/* ---- the test's side */

static char heard[8192];
static size_t heard_len;

/* Waits until a line with `text` has been heard; returns the process id at its end and
 * forgets the line. */
static pid_t expect(const char *text)
{
	for (;;) {
		char *line = heard;

		heard[heard_len] = '\0';
		for (char *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
			char *found;

			*end = '\0';
			found = strstr(line, text);
			*end = '\n';
			if (found != NULL) {
				pid_t pid = (pid_t)strtol(found + strlen(text), NULL, 10);

				memmove(line, end + 1, heard_len - (size_t)(end + 1 - heard));
				heard_len -= (size_t)(end + 1 - line);
				return pid;
			}
		}
		struct pollfd p = { .fd = hear_fd, .events = POLLIN };
		ssize_t n = poll(&p, 1, WAIT_MS) == 1 ? read(hear_fd, heard + heard_len,
							     sizeof(heard) - 1 - heard_len)
						      : -1;
		if (n <= 0)
			fail_msg("never heard \"%s\", only: %.*s", text, (int)heard_len, heard);
		heard_len += (size_t)n;
	}
}

/* Becomes the leader of a session with that terminal, and reads from it. */
static void take_terminal(void)
{
	int fd;

	close(terminal_master);
	if (setsid() < 0 || (fd = open(terminal, O_RDWR)) < 0 || ioctl(fd, TIOCSCTTY, 0) != 0 ||
	    dup2(fd, STDIN_FILENO) != STDIN_FILENO)
		_exit(6);
	close(fd);
}

static void run_supervisor(unsigned edges_count)
{
	struct gx_supervisor_config config = {
		.host = "127.0.0.1",
		.edges_count = edges_count,
		.lock_fd = tell_fd, /* stays open in the children, as the lock does */
		.log_level = GX_LOG_ERROR,
		.edge = { .shutdown_ms = 1000 },
		.tls = tls,
	};
	struct gx_arena arena;
	struct gx_error err = { 0 };
	int exit_status = 99;
	int out = dup(tell_fd);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (terminal != NULL)
		take_terminal();
	dup2(out, STDOUT_FILENO);
	dup2(out, STDERR_FILENO); /* its log lines are heard, too */
	gx_log_setup(GX_LOG_ERROR, false, "supervisor");
	gx_arena_init(&arena);
	if (gx_supervisor_run(&arena, &config, &exit_status, &err) != GX_OK)
		exit_status = 98;
	gx_arena_deinit(&arena);
	_exit(exit_status);
}

static void start(unsigned edges_count)
{
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	hear_fd = ends[0];
	tell_fd = ends[1];
	heard_len = 0;
	supervisor_pid = fork();
	if (supervisor_pid == 0)
		run_supervisor(edges_count);
	close(tell_fd);
}

static int wait_for_end(void)
{
	int status;

	assert_int_equal(waitpid(supervisor_pid, &status, 0), supervisor_pid);
	/* Nobody holds the pipe any more: no process was forgotten. */
	while (read(hear_fd, heard, sizeof(heard)) > 0)
		;
	close(hear_fd);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void start_and_link(unsigned edges_count)
{
	start(edges_count);
	expect("core 0 start ");
	expect("listening on http://127.0.0.1:4711");
	for (unsigned i = 0; i < edges_count; i++) {
		char line[32];

		(void)snprintf(line, sizeof(line), "edge %u linked ", i);
		expect(line);
		expect("core 0 linked ");
	}
}

static void test_starts_links_and_stops_in_order(void **state)
{
	(void)state;
	start_and_link(3);
	kill(supervisor_pid, SIGTERM);
	expect("edge 0 stopped ");
	expect("edge 1 stopped ");
	expect("edge 2 stopped ");
	expect("core 0 stopped ");
	assert_int_equal(wait_for_end(), 0);
}

static void test_core_stops_after_the_edges(void **state)
{
	pid_t edge;

	(void)state;
	start(1);
	edge = expect("edge 0 start ");
	expect("edge 0 linked ");
	expect("core 0 linked ");
	expect("core 0 start ");
	expect("listening on ");
	kill(edge, SIGSTOP); /* does not hear SIGTERM yet */
	kill(supervisor_pid, SIGINT);
	/* The core is not told anything while an edge still finishes. */
	assert_int_equal(poll(&(struct pollfd){ .fd = hear_fd, .events = POLLIN }, 1, 200), 0);
	kill(edge, SIGCONT);
	expect("edge 0 stopped ");
	expect("core 0 stopped ");
	assert_int_equal(wait_for_end(), 0);
}

static void test_edge_that_hangs_is_killed(void **state)
{
	pid_t edge;

	(void)state;
	start(1);
	edge = expect("edge 0 start ");
	expect("edge 0 linked ");
	kill(edge, SIGSTOP);
	kill(supervisor_pid, SIGTERM);
	expect("core 0 stopped ");
	assert_int_equal(wait_for_end(), 0);
}

static void test_killed_edge_comes_back(void **state)
{
	pid_t edge;

	(void)state;
	start(2);
	edge = expect("edge 1 start ");
	expect("edge 1 linked ");
	kill(edge, SIGKILL);
	assert_int_not_equal(expect("edge 1 start "), edge);
	expect("edge 1 linked ");
	kill(supervisor_pid, SIGTERM);
	assert_int_equal(wait_for_end(), 0);
}

static void test_edge_that_lost_its_link_gets_another(void **state)
{
	pid_t edge;

	(void)state;
	start(1);
	edge = expect("edge 0 start ");
	expect("core 0 linked ");
	expect("edge 0 linked ");
	kill(edge, SIGUSR1);
	expect("core 0 linked ");
	assert_int_equal(expect("edge 0 linked "), edge);
	kill(supervisor_pid, SIGTERM);
	assert_int_equal(wait_for_end(), 0);
}

static void test_killed_core_comes_back_and_is_linked_to_every_edge(void **state)
{
	pid_t core;

	(void)state;
	start(2);
	core = expect("core 0 start ");
	expect("edge 0 linked ");
	expect("edge 1 linked ");
	for (int i = 0; i < 2; i++) {
		kill(core, SIGKILL);
		core = expect("core 0 start ");
		expect("edge 0 linked ");
		expect("edge 1 linked ");
	}
	kill(supervisor_pid, SIGTERM);
	assert_int_equal(wait_for_end(), 0);
}

/* ---- TLS and SIGHUP */

static char certificate_path[] = "/tmp/guanxi-supervisor-test-c-XXXXXX";
static char key_path[] = "/tmp/guanxi-supervisor-test-k-XXXXXX";

static void write_file(const char *path, struct gx_str text)
{
	FILE *f = fopen(path, "we");

	assert_non_null(f);
	assert_int_equal(fwrite(text.ptr, 1, text.len, f), text.len);
	assert_int_equal(fclose(f), 0);
}

static void expect_secrets(unsigned edges_count, const char *tickets)
{
	for (unsigned i = 0; i < edges_count; i++) {
		char line[64];

		(void)snprintf(line, sizeof(line), "edge %u %s ", i, tickets);
		expect(line);
		(void)snprintf(line, sizeof(line), "edge %u certificate ", i);
		expect(line);
	}
}

static void start_with_tls(int64_t rotate_ms)
{
	struct tls_identity id;

	tls_identity_init(&id, "chat.example", NULL);
	write_file(certificate_path, gx_buf_str(&id.certificate));
	write_file(key_path, gx_buf_str(&id.key));
	tls_identity_deinit(&id);
	tls = (struct gx_supervisor_tls){ .host = "127.0.0.1",
					  .certificate_path = certificate_path,
					  .key_path = key_path,
					  .rotate_ms = rotate_ms };
	start_and_link(2);
	tls.host = NULL;
}

static void test_edges_get_secrets_and_new_ones(void **state)
{
	pid_t edge;

	start_with_tls(GX_HOUR_MS);
	expect_secrets(2, "tickets first");
	kill(supervisor_pid, SIGHUP);
	expect_secrets(2, "tickets same");
	/* Nothing changes with what can't be used; the reason is told. */
	write_file(key_path, GX_STR("no key"));
	kill(supervisor_pid, SIGHUP);
	expect("tls.old_certificate_kept ");
	/* An edge that starts now gets the old ones. */
	edge = expect("edge 1 start ");
	kill(edge, SIGKILL);
	expect("edge 1 start ");
	expect("edge 1 tickets first ");
	expect("edge 1 certificate ");
	expect("edge 1 linked ");
	kill(supervisor_pid, SIGTERM);
	assert_int_equal(wait_for_end(), 0);
}

static void test_ticket_keys_change(void **state)
{
	start_with_tls(20);
	expect_secrets(2, "tickets first");
	for (int i = 0; i < 3; i++)
		expect_secrets(2, "tickets rotated");
	kill(supervisor_pid, SIGTERM);
	assert_int_equal(wait_for_end(), 0);
}

static void test_bad_certificate_stops_the_start(void **state)
{
	write_file(certificate_path, GX_STR("nothing"));
	tls = (struct gx_supervisor_tls){ .host = "127.0.0.1",
					  .certificate_path = certificate_path,
					  .key_path = key_path };
	start(1);
	tls.host = NULL;
	assert_int_equal(wait_for_end(), 98);
}

static void test_hangup_is_no_end(void **state)
{
	pid_t edge;

	start_and_link(1);
	edge = expect("edge 0 start ");
	kill(supervisor_pid, SIGHUP);
	kill(edge, SIGKILL);
	expect("edge 0 start ");
	kill(supervisor_pid, SIGTERM);
	assert_int_equal(wait_for_end(), 0);
}

static void test_end_of_the_terminal_is_one(void **state)
{
	terminal_master = posix_openpt(O_RDWR | O_NOCTTY);
	assert_true(terminal_master >= 0);
	assert_int_equal(grantpt(terminal_master), 0);
	assert_int_equal(unlockpt(terminal_master), 0);
	terminal = ptsname(terminal_master);
	start_and_link(1);
	terminal = NULL;
	close(terminal_master);
	expect("edge 0 stopped ");
	expect("core 0 stopped ");
	assert_int_equal(wait_for_end(), 0);
}

static void test_core_that_cannot_start_ends_the_server(void **state)
{
	(void)state;
	core_start_status = GX_CORE_EXIT_UNUSABLE;
	start(1);
	core_start_status = -1;
	assert_int_equal(wait_for_end(), 1);
}

/* kill -9 of the supervisor alone: nobody stays behind (wait_for_end's read would hang). */
static void test_children_die_with_the_supervisor(void **state)
{
	int status;

	(void)state;
	start_and_link(2);
	kill(supervisor_pid, SIGKILL);
	assert_int_equal(waitpid(supervisor_pid, &status, 0), supervisor_pid);
	while (read(hear_fd, heard, sizeof(heard)) > 0)
		;
	close(hear_fd);
}

static int set_up(void **state)
{
	int certificate_fd = mkstemp(certificate_path), key_fd = mkstemp(key_path);

	assert_true(certificate_fd >= 0 && key_fd >= 0);
	close(certificate_fd);
	close(key_fd);
	return 0;
}

static int tear_down(void **state)
{
	return unlink(certificate_path) == 0 && unlink(key_path) == 0 ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_starts_links_and_stops_in_order),
		cmocka_unit_test(test_core_stops_after_the_edges),
		cmocka_unit_test(test_edge_that_hangs_is_killed),
		cmocka_unit_test(test_killed_edge_comes_back),
		cmocka_unit_test(test_edge_that_lost_its_link_gets_another),
		cmocka_unit_test(test_killed_core_comes_back_and_is_linked_to_every_edge),
		cmocka_unit_test(test_edges_get_secrets_and_new_ones),
		cmocka_unit_test(test_ticket_keys_change),
		cmocka_unit_test(test_bad_certificate_stops_the_start),
		cmocka_unit_test(test_hangup_is_no_end),
		cmocka_unit_test(test_end_of_the_terminal_is_one),
		cmocka_unit_test(test_core_that_cannot_start_ends_the_server),
		cmocka_unit_test(test_children_die_with_the_supervisor),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
