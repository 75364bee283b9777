/* SPDX-License-Identifier: Apache-2.0 */
#include "link.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define IN_BYTES_MAX (16u << 20)
#define READ_BYTES ((size_t)64 << 10)
/* A link keeps this much of a buffer while nothing waits in it. */
#define IDLE_BYTES_MAX ((size_t)256 << 10)
#define FDS_PER_MESSAGE 64u

/* Room for the descriptors of one message; aligned as the kernel wants it. */
union control {
	struct cmsghdr head;
	char bytes[CMSG_SPACE(sizeof(int) * FDS_PER_MESSAGE)];
};

void gx_link_init(struct gx_link *l, int fd, size_t out_bytes_max)
{
	*l = (struct gx_link){ .fd = fd };
	gx_buf_init(&l->in, IN_BYTES_MAX);
	gx_buf_init(&l->out, out_bytes_max);
}

static void close_all(const int *fds, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		close(fds[i]);
}

void gx_link_deinit(struct gx_link *l)
{
	if (l->fd >= 0)
		close(l->fd);
	close_all(l->fds_in, l->fds_in_count);
	close_all(l->fds_out, l->fds_out_count);
	gx_buf_deinit(&l->in);
	gx_buf_deinit(&l->out);
	l->fd = -1;
	l->fds_in_count = l->fds_out_count = 0;
	l->in_at = l->out_at = 0;
}

/* ---- receiving ---- */

/* Takes the descriptors out of a message. False when there are more than the link holds, or the
 * kernel had to drop some: those kept no longer pair with their records. */
static bool take_control(struct gx_link *l, struct msghdr *m)
{
	bool ok = (m->msg_flags & MSG_CTRUNC) == 0;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c != NULL; c = CMSG_NXTHDR(m, c)) {
		size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t i = 0; i < count; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(c) + i * sizeof(fd), sizeof(fd));
			if (l->fds_in_count < GX_LINK_FDS_MAX) {
				l->fds_in[l->fds_in_count++] = fd;
			} else {
				close(fd);
				ok = false;
			}
		}
	}
	return ok;
}

static ssize_t receive(struct gx_link *l, char *to, size_t size)
{
	union control control;
	struct iovec part = { .iov_base = to, .iov_len = size };
	struct msghdr m = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes),
	};
	ssize_t got;

	do
		got = recvmsg(l->fd, &m, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	while (got < 0 && errno == EINTR);
	if (got >= 0 && !take_control(l, &m)) {
		errno = EPROTO;
		return -1;
	}
	return got;
}

/* Moves the rest to the front once at least as much was handled before it, so that each byte moves
 * about once; gives large memory back when nothing is left. */
static void compact(struct gx_buf *b, size_t *at)
{
	if (*at < b->len - *at)
		return;
	gx_buf_consume(b, *at);
	*at = 0;
	if (b->len == 0 && b->cap > IDLE_BYTES_MAX)
		gx_buf_release(b);
}

/* Where to read to; NULL when megabytes wait and the owner takes no whole record out of them. */
static char *make_room(struct gx_link *l)
{
	compact(&l->in, &l->in_at);
	if (l->in.max - l->in.len < READ_BYTES) {
		gx_buf_consume(&l->in, l->in_at);
		l->in_at = 0;
	}
	return l->in.max - l->in.len < READ_BYTES ? NULL : gx_buf_reserve(&l->in, READ_BYTES);
}

int gx_link_fill(struct gx_link *l, size_t bytes_max)
{
	size_t filled = 0;

	while (filled < bytes_max) {
		char *to = make_room(l);
		ssize_t got;

		if (to == NULL)
			return filled > 0 ? 1 : -1;
		got = receive(l, to, READ_BYTES);
		if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			break;
		if (got < 0 && errno == EPROTO)
			return -1;
		if (got <= 0)
			/* What came before the end is still to be handled; the next call sees it
			 * again. */
			return filled > 0 ? 1 : -1;
		gx_buf_commit(&l->in, (size_t)got);
		filled += (size_t)got;
		/* A message with descriptors ends a read early though more may wait. */
		if ((size_t)got < READ_BYTES && l->fds_in_count == 0)
			break;
	}
	return filled > 0;
}

struct gx_str gx_link_unread(const struct gx_link *l)
{
	return gx_str_slice(gx_buf_str(&l->in), l->in_at, l->in.len);
}

void gx_link_consume(struct gx_link *l, size_t size)
{
	GX_ASSERT(size <= l->in.len - l->in_at);
	l->in_at += size;
	if (l->in_at == l->in.len)
		compact(&l->in, &l->in_at);
}

int gx_link_take_fd(struct gx_link *l)
{
	int fd;

	if (l->fds_in_count == 0)
		return -1;
	fd = l->fds_in[0];
	l->fds_in_count--;
	memmove(l->fds_in, l->fds_in + 1, l->fds_in_count * sizeof(fd));
	return fd;
}

/* ---- sending ---- */

bool gx_link_send_fd(struct gx_link *l, int fd)
{
	GX_ASSERT(fd >= 0);
	if (l->fds_out_count == GX_LINK_FDS_MAX) {
		close(fd);
		return false;
	}
	l->fds_out[l->fds_out_count++] = fd;
	return true;
}

static void attach(struct msghdr *m, union control *control, const int *fds, unsigned count)
{
	if (count == 0)
		return;
	memset(control, 0, sizeof(*control));
	m->msg_control = control->bytes;
	m->msg_controllen = CMSG_SPACE(sizeof(int) * count);
	control->head.cmsg_level = SOL_SOCKET;
	control->head.cmsg_type = SCM_RIGHTS;
	control->head.cmsg_len = CMSG_LEN(sizeof(int) * count);
	memcpy(CMSG_DATA(&control->head), fds, sizeof(int) * count);
}

/* One message with up to `size` bytes and the first descriptors that wait. */
static ssize_t send_some(struct gx_link *l, size_t size)
{
	unsigned fds = l->fds_out_count < FDS_PER_MESSAGE ? l->fds_out_count : FDS_PER_MESSAGE;
	struct iovec part = { .iov_base = l->out.ptr + l->out_at, .iov_len = size };
	struct msghdr m = { .msg_iov = &part, .msg_iovlen = 1 };
	union control control;
	ssize_t sent;

	attach(&m, &control, l->fds_out, fds);
	do
		sent = sendmsg(l->fd, &m, MSG_NOSIGNAL | MSG_DONTWAIT);
	while (sent < 0 && errno == EINTR);
	if (sent <= 0)
		return sent;
	close_all(l->fds_out, fds);
	l->fds_out_count -= fds;
	memmove(l->fds_out, l->fds_out + fds, l->fds_out_count * sizeof(int));
	return sent;
}

int gx_link_flush(struct gx_link *l)
{
	while (l->out_at < l->out.len) {
		size_t size = l->out.len - l->out_at;
		ssize_t sent;

		/* Descriptors beyond one message go ahead with a byte each of what waits: never
		 * later than the record they belong to. */
		if (l->fds_out_count > FDS_PER_MESSAGE)
			size = 1;
		sent = send_some(l, size);
		if (sent < 0 && errno != EAGAIN && errno != EWOULDBLOCK)
			return -1;
		if (sent < 0) {
			compact(&l->out, &l->out_at);
			return 0;
		}
		l->out_at += (size_t)sent;
	}
	compact(&l->out, &l->out_at);
	return 1;
}

size_t gx_link_backlog(const struct gx_link *l)
{
	return l->out.len - l->out_at;
}
