/* SPDX-License-Identifier: Apache-2.0 */
/* log_capture.h - for unit tests: what is logged while something runs. At most a pipe's measure. */
#ifndef GX_LOG_CAPTURE_H
#define GX_LOG_CAPTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <unistd.h>

static char captured[16384];

/* Standard error goes into the pipe; returns where it went before. */
static inline int capture_begin(int pipe_fds[2])
{
	int saved = dup(STDERR_FILENO);

	assert_true(saved >= 0 && pipe2(pipe_fds, O_NONBLOCK) == 0);
	dup2(pipe_fds[1], STDERR_FILENO);
	return saved;
}

/* What was written meanwhile stands in `captured`. */
static inline size_t capture_end(int pipe_fds[2], int saved)
{
	size_t len = 0;
	ssize_t got;

	dup2(saved, STDERR_FILENO);
	close(saved);
	close(pipe_fds[1]);
	while ((got = read(pipe_fds[0], captured + len, sizeof(captured) - 1 - len)) > 0)
		len += (size_t)got;
	close(pipe_fds[0]);
	captured[len] = '\0';
	return len;
}

#define CAPTURE(call)                                                                              \
	do {                                                                                       \
		int fds_[2], saved_ = capture_begin(fds_);                                         \
		call;                                                                              \
		capture_end(fds_, saved_);                                                         \
	} while (0)

#endif
