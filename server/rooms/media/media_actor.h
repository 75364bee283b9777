/* SPDX-License-Identifier: Apache-2.0 */
/* media_actor.h - for the tests: a thread that stands in for the media process, as told. */
#ifndef GX_MEDIA_ACTOR_H
#define GX_MEDIA_ACTOR_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "media_probe.h"

struct actor {
	int ends[2];
	pthread_t thread;
	struct media_wire_answer answer;
	const char *thumb; /* what it writes into the second file */
	unsigned dies;	   /* so many jobs end it instead of being answered */
	unsigned starts;
	bool is_missing;
};

static inline int take_job(int socket, int fds[MEDIA_WIRE_FDS])
{
	struct media_wire_job job;
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(sizeof(int) * MEDIA_WIRE_FDS)];
	} control;
	struct iovec part = { .iov_base = &job, .iov_len = sizeof(job) };
	struct msghdr message = { .msg_iov = &part,
				  .msg_iovlen = 1,
				  .msg_control = control.bytes,
				  .msg_controllen = sizeof(control.bytes) };

	if (recvmsg(socket, &message, 0) != (ssize_t)sizeof(job))
		return -1;
	memcpy(fds, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(int) * MEDIA_WIRE_FDS);
	return 0;
}

static inline void *act(void *arg)
{
	struct actor *x = arg;
	int fds[MEDIA_WIRE_FDS], socket = x->ends[1];

	while (take_job(socket, fds) == 0) {
		bool dies = x->dies > 0;

		x->dies -= dies;
		if (!dies && x->thumb != NULL)
			GX_ASSERT(write(fds[1], x->thumb, strlen(x->thumb)) > 0);
		GX_ASSERT(write(fds[0], "x", 1) == -1); /* the content is for reading only */
		close(fds[0]);
		close(fds[1]);
		if (dies)
			break;
		if (x->answer.magic != 0)
			GX_ASSERT(send(socket, &x->answer, sizeof(x->answer), 0) > 0);
	}
	close(socket);
	return NULL;
}

static inline void join_actor(struct actor *x)
{
	if (x->starts > 0)
		assert_int_equal(pthread_join(x->thread, NULL), 0);
}

static inline int connect_actor(void *arg)
{
	struct actor *x = arg;

	if (x->is_missing)
		return -1;
	join_actor(x);
	GX_ASSERT(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, x->ends) == 0);
	x->starts++;
	GX_ASSERT(pthread_create(&x->thread, NULL, act, x) == 0);
	return x->ends[0];
}

static inline struct media_wire_answer answer_of(const char *mime, uint32_t side,
						 uint32_t thumb_size)
{
	struct media_wire_answer answer = {
		.magic = MEDIA_WIRE_ANSWER, .width = side, .height = side, .thumb_size = thumb_size
	};

	(void)snprintf(answer.mime, sizeof(answer.mime), "%s", mime);
	return answer;
}

static inline int file_of(const char *bytes)
{
	int fd = memfd_create("media_test", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, strlen(bytes)), strlen(bytes));
	return fd;
}

#endif
