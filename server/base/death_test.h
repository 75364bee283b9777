/* SPDX-License-Identifier: Apache-2.0 */
/* death_test.h - for tests: whether a call stops the process, tried in a child. */
#ifndef GX_DEATH_TEST_H
#define GX_DEATH_TEST_H

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/wait.h>
#include <unistd.h>

/* True when `call` aborts. What it logs is thrown away. */
static inline bool gx_test_aborts(void (*call)(void))
{
	pid_t pid = fork();
	int status = 0;

	if (pid == 0) {
		int null_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);

		signal(SIGABRT, SIG_DFL);
		if (null_fd >= 0)
			dup2(null_fd, STDERR_FILENO);
		call();
		_exit(0);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && WIFSIGNALED(status) &&
	       WTERMSIG(status) == SIGABRT;
}

#endif
