/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: who takes over an edge can't read the database, can't call out, and can't touch another
 * process. Method: each attack runs in a child behind the edge's own sandbox, with what a running
 * edge holds: a listener, a connection, a unix socket. It must be killed or refused; a control
 * shows that the same attack works without the sandbox.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "edge_inside.h"
#include "sandbox.h"

enum { DONE = 7, REFUSED = 8, NOT_ENTERED = 9 };

static char database[64];
static struct sockaddr_in outside; /* someone who listens */
static int listener = -1;	   /* the edge's */
static pid_t victim;
static char secret[16] = "a secret";

static bool reads_database(void)
{
	char bytes[6];
	int fd = open(database, O_RDWR | O_CLOEXEC);

	return fd >= 0 && read(fd, bytes, sizeof(bytes)) == sizeof(bytes);
}

static bool removes_database(void)
{
	return unlink(database) == 0;
}

static bool truncates_database(void)
{
	return truncate(database, 0) == 0;
}

static bool calls_out(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	return fd >= 0 && connect(fd, (struct sockaddr *)&outside, sizeof(outside)) == 0;
}

static bool sends_datagram(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	return fd >= 0 && sendto(fd, "x", 1, 0, (struct sockaddr *)&outside, sizeof(outside)) == 1;
}

/* A listener that was shut down is a socket like any other: it could connect while it sends. */
static bool sends_from_listener(void)
{
	struct iovec part = { secret, 1 };
	struct msghdr message = { .msg_name = &outside,
				  .msg_namelen = sizeof(outside),
				  .msg_iov = &part,
				  .msg_iovlen = 1 };

	return shutdown(listener, SHUT_RD) == 0 &&
	       sendmsg(listener, &message, MSG_FASTOPEN | MSG_NOSIGNAL) == 1;
}

static bool sends_from_listener_to(void)
{
	return shutdown(listener, SHUT_RD) == 0 &&
	       sendto(listener, "x", 1, MSG_FASTOPEN | MSG_NOSIGNAL, (struct sockaddr *)&outside,
		      sizeof(outside)) == 1;
}

static bool reads_other_memory(void)
{
	char bytes[sizeof(secret)];
	struct iovec here = { bytes, sizeof(bytes) }, there = { secret, sizeof(secret) };

	return process_vm_readv(victim, &here, 1, &there, 1, 0) == (ssize_t)sizeof(bytes) ||
	       errno == EPERM; /* what the machine forbids to all */
}

static bool traces_other(void)
{
	return ptrace(PTRACE_SEIZE, victim, NULL, NULL) == 0 || errno == EPERM;
}

static bool ends_other(void)
{
	return kill(victim, 0) == 0;
}

static bool ends_other_by_thread(void)
{
	return syscall(SYS_tgkill, victim, victim, 0) == 0;
}

static bool starts_shell(void)
{
	char *const arguments[] = { (char *)(uintptr_t) "sh", (char *)(uintptr_t) "-c",
				    (char *)(uintptr_t) "exit 7", NULL };

	return execve("/bin/sh", arguments, NULL) == 0;
}

static bool makes_ring(void)
{
	char parameters[120] = { 0 };

	return syscall(SYS_io_uring_setup, 1, parameters) >= 0 || errno == ENOSYS || errno == EPERM;
}

static bool makes_namespace(void)
{
	return syscall(SYS_unshare, 0x10000000) == 0 || errno == EPERM || errno == ENOSPC;
}

static bool makes_memory_file(void)
{
	return syscall(SYS_memfd_create, "x", 0) >= 0;
}

/* How a child ends that does it: DONE, REFUSED, or minus the signal. */
static int attempt(bool (*attack)(void), bool is_confined)
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		if (is_confined && !gx_sandbox_enter(&edge_sandbox))
			_exit(NOT_ENTERED);
		_exit(attack() ? DONE : REFUSED);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static int listen_on_loopback(struct sockaddr_in *address)
{
	socklen_t size = sizeof(*address);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	*address = (struct sockaddr_in){ .sin_family = AF_INET,
					 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	assert_int_equal(bind(fd, (struct sockaddr *)address, size), 0);
	assert_int_equal(listen(fd, 64), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)address, &size), 0);
	return fd;
}

static void make_database(void)
{
	snprintf(database, sizeof(database), "/tmp/guanxi-confined-%d", (int)getpid());
	int fd = open(database, O_CREAT | O_WRONLY | O_CLOEXEC, 0666);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, "SQLite", 6), 6);
	close(fd);
}

static void test_a_taken_edge_is_confined(void **state)
{
	static const struct {
		const char *name;
		bool (*attack)(void);
	} attacks[] = {
		{ "reads the database", reads_database },
		{ "truncates the database", truncates_database },
		{ "calls out", calls_out },
		{ "sends a datagram", sends_datagram },
		{ "sends from the listener", sends_from_listener },
		{ "sends from the listener, sendto", sends_from_listener_to },
		{ "reads another's memory", reads_other_memory },
		{ "traces another", traces_other },
		{ "signals another", ends_other },
		{ "signals another's thread", ends_other_by_thread },
		{ "starts a shell", starts_shell },
		{ "makes a ring", makes_ring },
		{ "makes a namespace", makes_namespace },
		{ "makes a memory file", makes_memory_file },
		{ "removes the database", removes_database },
	};
	struct sockaddr_in own;
	int other = listen_on_loopback(&outside);

	victim = fork();
	assert_true(victim >= 0);
	if (victim == 0)
		for (;;)
			pause();
	for (size_t i = 0; i < GX_COUNT(attacks); i++) {
		make_database();
		listener = listen_on_loopback(&own);
		int confined = attempt(attacks[i].attack, true);
		close(listener);
		if (confined != -SIGSYS && confined != REFUSED)
			fail_msg("%s: %d", attacks[i].name, confined);
		make_database();
		listener = listen_on_loopback(&own);
		int control = attempt(attacks[i].attack, false);
		close(listener);
		if (control != DONE)
			fail_msg("%s: does not even work unconfined: %d", attacks[i].name, control);
	}
	kill(victim, SIGKILL);
	assert_int_equal(waitpid(victim, NULL, 0), victim);
	close(other);
	(void)unlink(database);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_a_taken_edge_is_confined) };

#if defined(__SANITIZE_ADDRESS__)
	return 77; /* there is no filter in such a build */
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
	return 77;
#endif
#endif
	return cmocka_run_group_tests(tests, NULL, NULL);
}
