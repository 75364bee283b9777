/* SPDX-License-Identifier: Apache-2.0 */
#include "child.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define KEEP_FDS_MAX 8u
#define PROGRAM_FD 3

/* Closes everything above the standard descriptors but those named. */
static void close_others(const int *keep_fds, size_t keep_fds_count)
{
	int keep[KEEP_FDS_MAX];
	size_t count = 0;
	unsigned from = STDERR_FILENO + 1;

	GX_ASSERT(keep_fds_count <= KEEP_FDS_MAX);
	for (size_t i = 0; i < keep_fds_count; i++) {
		size_t at = count;

		if (keep_fds[i] < (int)from)
			continue;
		for (; at > 0 && keep[at - 1] > keep_fds[i]; at--)
			keep[at] = keep[at - 1];
		keep[at] = keep_fds[i];
		count++;
	}
	for (size_t i = 0; i < count; i++) {
		if ((unsigned)keep[i] > from)
			(void)close_range(from, (unsigned)keep[i] - 1, 0);
		from = (unsigned)keep[i] + 1;
	}
	(void)close_range(from, ~0u, 0);
}

static void reset_signals(void)
{
	sigset_t none;

	sigemptyset(&none);
	signal(SIGTERM, SIG_DFL);
	signal(SIGCHLD, SIG_DFL);
	signal(SIGINT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

pid_t gx_child_fork(const char *name, const int *keep_fds, size_t keep_fds_count)
{
	pid_t parent = getpid();
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	/* Signals stay blocked until their handlers are the child's own. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(EXIT_FAILURE); /* it died before the line above */
	prctl(PR_SET_NAME, name);
	close_others(keep_fds, keep_fds_count);
	reset_signals();
	return 0;
}

struct gx_str gx_binary_dir(struct gx_arena *a)
{
	char path[4096];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path));
	size_t len = n > 0 ? (size_t)n : 0;

	while (len > 0 && path[len - 1] != '/')
		len--;
	return len == 0 ? GX_STR(".") : gx_arena_strdup(a, (struct gx_str){ path, len - 1 });
}

pid_t gx_child_exec_beside(const char *program, int fd)
{
	struct gx_arena a;
	struct gx_str path;
	char *const no_environment[] = { NULL };
	pid_t pid;

	gx_arena_init(&a);
	path = gx_arena_printf(&a, "%s/%s", gx_binary_dir(&a).ptr, program);
	if (access(path.ptr, X_OK) != 0) {
		gx_arena_deinit(&a);
		return -1;
	}
	pid = gx_child_fork(program, &fd, 1);
	if (pid == 0) {
		char *const arguments[] = { (char *)(uintptr_t)program, NULL };

		/* dup2() also takes the close-on-exec mark off, but not from a descriptor that
		 * stands in its place already. */
		if (fd == PROGRAM_FD)
			fd = dup(fd);
		if (dup2(fd, PROGRAM_FD) == PROGRAM_FD)
			execve(path.ptr, arguments, no_environment);
		_exit(EXIT_FAILURE);
	}
	gx_arena_deinit(&a);
	return pid;
}

bool gx_control_send(int control_fd, char kind, int fd)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct iovec iov = { .iov_base = &kind, .iov_len = 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };

	if (fd >= 0) {
		msg.msg_control = control.bytes;
		msg.msg_controllen = sizeof(control.bytes);
		struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(c), &fd, sizeof(int));
	}
	return sendmsg(control_fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT) == 1;
}
