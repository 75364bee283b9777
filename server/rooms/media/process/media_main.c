/* SPDX-License-Identifier: Apache-2.0 */
/*
 * media_main.c - guanxi-media: tells what files are and makes small pictures of them.
 *
 * Descriptor 3 is a SOCK_SEQPACKET socket to the core. Everything is loaded first, then all rights
 * are given up, then jobs are read one by one (media_wire.h). A job that takes too long is ended by
 * its alarm together with the process; the core starts another. Ends after IDLE_MS without a job,
 * or when the core is gone.
 */
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "media_detect.h"
#include "media_picture.h"
#include "media_sandbox.h"
#include "media_wire.h"

#define CORE_FD 3
#define IDLE_MS 30000
#define JOB_SECONDS_MAX 5
#define LIFE_CPU_SECONDS 300 /* then a fresh process goes on */

struct job {
	int content_fd;
	int thumb_fd;
	size_t size;
};

/* 1: a job; 0: the end; -1: nothing that we understand, with its descriptors closed. */
static int receive_job(struct job *out)
{
	struct media_wire_job wire;
	int fds[MEDIA_WIRE_FDS] = { -1, -1 };
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(sizeof(fds))];
	} control;
	struct iovec part = { .iov_base = &wire, .iov_len = sizeof(wire) };
	struct msghdr message = { .msg_iov = &part,
				  .msg_iovlen = 1,
				  .msg_control = control.bytes,
				  .msg_controllen = sizeof(control.bytes) };
	ssize_t n = recvmsg(CORE_FD, &message, MSG_CMSG_CLOEXEC);
	struct cmsghdr *head = n > 0 ? CMSG_FIRSTHDR(&message) : NULL;

	if (n <= 0)
		return 0;
	if (head != NULL && head->cmsg_type == SCM_RIGHTS &&
	    head->cmsg_len == CMSG_LEN(sizeof(fds)))
		memcpy(fds, CMSG_DATA(head), sizeof(fds));
	*out = (struct job){ .content_fd = fds[0], .thumb_fd = fds[1], .size = wire.size };
	return n == (ssize_t)sizeof(wire) && wire.magic == MEDIA_WIRE_JOB && fds[0] >= 0 ? 1 : -1;
}

static bool write_thumb(int fd, const struct media_picture *picture)
{
	const char *bytes = picture->thumb;
	size_t done = 0;

	while (done < picture->thumb_size) {
		ssize_t n = pwrite(fd, bytes + done, picture->thumb_size - done, (off_t)done);

		if (n <= 0)
			return false;
		done += (size_t)n;
	}
	return true;
}

static void look_at(const struct job *job, const void *bytes, struct media_wire_answer *answer)
{
	struct media_picture picture = { 0 };

	(void)snprintf(answer->mime, sizeof(answer->mime), "%s", media_detect(bytes, job->size));
	if (!media_picture_can_read(answer->mime))
		return;
	if (!media_picture_read(bytes, job->size, &picture)) {
		answer->verdict = MEDIA_WIRE_UNREADABLE;
		return;
	}
	answer->width = picture.width;
	answer->height = picture.height;
	if (write_thumb(job->thumb_fd, &picture))
		answer->thumb_size = (uint32_t)picture.thumb_size;
	media_picture_free(&picture);
}

static bool carry_out(const struct job *job)
{
	struct media_wire_answer answer = { .magic = MEDIA_WIRE_ANSWER };
	void *bytes = job->size == 0
			      ? NULL
			      : mmap(NULL, job->size, PROT_READ, MAP_PRIVATE, job->content_fd, 0);

	if (bytes == MAP_FAILED)
		return false;
	(void)alarm(JOB_SECONDS_MAX);
	look_at(job, bytes == NULL ? "" : bytes, &answer);
	(void)alarm(0);
	if (bytes != NULL)
		(void)munmap(bytes, job->size);
	return send(CORE_FD, &answer, sizeof(answer), MSG_NOSIGNAL) == (ssize_t)sizeof(answer);
}

static bool is_worn_out(void)
{
	struct rusage used;

	return getrusage(RUSAGE_SELF, &used) == 0 && used.ru_utime.tv_sec >= LIFE_CPU_SECONDS;
}

static void serve(void)
{
	struct pollfd wanted = { .fd = CORE_FD, .events = POLLIN };
	struct job job;

	while (!is_worn_out() && poll(&wanted, 1, IDLE_MS) == 1) {
		int got = receive_job(&job);
		bool is_done = got > 0 && carry_out(&job);

		if (got != 0 && job.content_fd >= 0) {
			close(job.content_fd);
			close(job.thumb_fd);
		}
		if (!is_done)
			return;
	}
}

/* Whatever the parent blocks or ignores: a job's alarm must end it. */
static void restore_alarm(void)
{
	sigset_t only_alarm;

	(void)signal(SIGALRM, SIG_DFL);
	sigemptyset(&only_alarm);
	sigaddset(&only_alarm, SIGALRM);
	(void)sigprocmask(SIG_UNBLOCK, &only_alarm, NULL);
}

int main(int argc, char **argv)
{
	(void)argc;
	restore_alarm();
	(void)mallopt(M_ARENA_MAX, 1); /* each further one takes 64 MB of addresses */
	if (!media_detect_init() || !media_picture_init(argv[0]) || !media_sandbox_enter()) {
		static const char sorry[] = "guanxi-media: can't start\n";
		(void)!write(STDERR_FILENO, sorry, sizeof(sorry) - 1);
		return EXIT_FAILURE;
	}
	serve();
	/* Not exit(): what libraries would tidy up needs rights that are gone. */
	_exit(EXIT_SUCCESS);
}
