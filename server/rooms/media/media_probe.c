/* SPDX-License-Identifier: Apache-2.0 */
#include "media_probe.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "media_types.h"

#define TRIES 2

enum exchange { ANSWERED, DIED, HUNG };

void media_prober_init(struct media_prober *p, int (*connect)(void *arg), void *arg)
{
	*p = (struct media_prober){
		.connect = connect, .arg = arg, .timeout_ms = MEDIA_PROBE_TIMEOUT_MS, .socket = -1
	};
	pthread_mutex_init(&p->lock, NULL);
}

static void disconnect(struct media_prober *p)
{
	if (p->socket >= 0)
		close(p->socket);
	p->socket = -1;
}

void media_prober_deinit(struct media_prober *p)
{
	disconnect(p);
	pthread_mutex_destroy(&p->lock);
}

static bool send_job(int socket, uint64_t size, int content_fd, int thumb_fd)
{
	struct media_wire_job job = { .magic = MEDIA_WIRE_JOB, .size = size };
	int fds[MEDIA_WIRE_FDS] = { content_fd, thumb_fd };
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(sizeof(fds))];
	} control = { 0 };
	struct iovec part = { .iov_base = &job, .iov_len = sizeof(job) };
	struct msghdr message = { .msg_iov = &part,
				  .msg_iovlen = 1,
				  .msg_control = control.bytes,
				  .msg_controllen = sizeof(control.bytes) };
	struct cmsghdr *head = CMSG_FIRSTHDR(&message);

	head->cmsg_level = SOL_SOCKET;
	head->cmsg_type = SCM_RIGHTS;
	head->cmsg_len = CMSG_LEN(sizeof(fds));
	memcpy(CMSG_DATA(head), fds, sizeof(fds));
	return sendmsg(socket, &message, MSG_NOSIGNAL) == (ssize_t)sizeof(job);
}

static enum exchange receive_answer(int socket, int timeout_ms, struct media_wire_answer *answer)
{
	struct pollfd wanted = { .fd = socket, .events = POLLIN };
	int ready = poll(&wanted, 1, timeout_ms);

	if (ready == 0)
		return HUNG;
	if (ready < 0 || recv(socket, answer, sizeof(*answer), MSG_DONTWAIT | MSG_TRUNC) !=
				 (ssize_t)sizeof(*answer))
		return DIED;
	return ANSWERED;
}

/* An answer that breaks the rules is as good as none. */
static bool check_answer(struct media_wire_answer *answer, int thumb_fd, struct media_finding *out)
{
	struct stat thumb;

	answer->mime[sizeof(answer->mime) - 1] = '\0';
	if (answer->magic != MEDIA_WIRE_ANSWER || answer->verdict > MEDIA_WIRE_UNREADABLE ||
	    answer->width > MEDIA_SIDE_MAX || answer->height > MEDIA_SIDE_MAX ||
	    (answer->width == 0) != (answer->height == 0) ||
	    answer->thumb_size > MEDIA_THUMB_BYTES_MAX || fstat(thumb_fd, &thumb) != 0 ||
	    thumb.st_size < (off_t)answer->thumb_size ||
	    !media_type_is_valid(gx_str_from_cstr(answer->mime)))
		return false;
	memcpy(out->mime, answer->mime, sizeof(out->mime));
	out->width = answer->width;
	out->height = answer->height;
	out->thumb_size = answer->thumb_size;
	return true;
}

static enum exchange exchange(struct media_prober *p, int content_fd, uint64_t size, int thumb_fd,
			      struct media_wire_answer *answer)
{
	if (!send_job(p->socket, size, content_fd, thumb_fd))
		return DIED;
	return receive_answer(p->socket, p->timeout_ms, answer);
}

/* A process that ends between two jobs because it was idle looks like one that the content broke:
 * so each content gets a second, fresh process. */
static enum media_verdict ask(struct media_prober *p, int content_fd, uint64_t size, int thumb_fd,
			      struct media_finding *out)
{
	struct media_wire_answer answer;
	enum exchange result = DIED;

	for (int i = 0; i < TRIES && result == DIED; i++) {
		if (p->socket < 0)
			p->socket = p->connect(p->arg);
		if (p->socket < 0)
			return MEDIA_VERDICT_UNAVAILABLE;
		result = exchange(p, content_fd, size, thumb_fd, &answer);
		if (result == ANSWERED && !check_answer(&answer, thumb_fd, out))
			result = DIED;
		if (result != ANSWERED)
			disconnect(p);
	}
	if (result == ANSWERED && answer.verdict == MEDIA_WIRE_OK)
		return MEDIA_VERDICT_OK;
	return MEDIA_VERDICT_UNREADABLE;
}

enum media_verdict media_probe(struct media_prober *p, int content_fd, uint64_t size, int thumb_fd,
			       struct media_finding *out)
{
	char path[32];
	enum media_verdict verdict;

	*out = (struct media_finding){ .mime = "application/octet-stream" };
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", content_fd);
	int read_only_fd = open(path, O_RDONLY | O_CLOEXEC);
	if (read_only_fd < 0)
		return MEDIA_VERDICT_UNAVAILABLE;
	pthread_mutex_lock(&p->lock);
	verdict = ask(p, read_only_fd, size, thumb_fd, out);
	pthread_mutex_unlock(&p->lock);
	close(read_only_fd);
	return verdict;
}
