/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loop.c - epoll and a binary heap of timers.
 *
 * A turn calls at most READY_MAX descriptors, then the timers that were due when it looked at the
 * clock: a timer that arms itself again with no delay waits for the next turn, so nobody starves.
 */
#include "loop.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define READY_MAX 256
#define HEAP_CAP_FIRST 64u
#define NS_PER_MS UINT64_C(1000000)

static void on_wake(struct gx_watch *w, uint32_t events)
{
	uint64_t count;

	/* Only empties the counter; that the turn ends is the whole effect. */
	if (read(w->fd, &count, sizeof(count)) < 0)
		GX_ASSERT(errno == EAGAIN || errno == EINTR);
}

bool gx_loop_init(struct gx_loop *l)
{
	*l = (struct gx_loop){ .epoll_fd = -1, .wake_fd = -1 };
	l->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	l->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	l->wake_watch = (struct gx_watch){ .fd = l->wake_fd, .on_ready = on_wake };
	if (l->epoll_fd < 0 || l->wake_fd < 0 || !gx_loop_add(l, &l->wake_watch, EPOLLIN)) {
		gx_loop_deinit(l);
		return false;
	}
	l->ready = gx_heap_alloc_array(READY_MAX, sizeof(*l->ready));
	return true;
}

void gx_loop_deinit(struct gx_loop *l)
{
	if (l->epoll_fd >= 0)
		close(l->epoll_fd);
	if (l->wake_fd >= 0)
		close(l->wake_fd);
	gx_heap_free(l->ready);
	gx_heap_free(l->heap);
	*l = (struct gx_loop){ .epoll_fd = -1, .wake_fd = -1 };
}

/* ---- descriptors ---- */

bool gx_loop_add(struct gx_loop *l, struct gx_watch *w, uint32_t events)
{
	struct epoll_event e = { .events = events, .data.ptr = w };

	GX_ASSERT(w->on_ready != NULL);
	return epoll_ctl(l->epoll_fd, EPOLL_CTL_ADD, w->fd, &e) == 0;
}

void gx_loop_modify(struct gx_loop *l, struct gx_watch *w, uint32_t events)
{
	struct epoll_event e = { .events = events, .data.ptr = w };
	int rc = epoll_ctl(l->epoll_fd, EPOLL_CTL_MOD, w->fd, &e);

	GX_ASSERT(rc == 0);
}

void gx_loop_remove(struct gx_loop *l, struct gx_watch *w)
{
	int rc = epoll_ctl(l->epoll_fd, EPOLL_CTL_DEL, w->fd, NULL);

	GX_ASSERT(rc == 0);
	for (int i = l->ready_at; i < l->ready_count; i++)
		if (l->ready[i].data.ptr == w)
			l->ready[i].data.ptr = NULL;
}

static void call_ready(struct gx_loop *l)
{
	while (l->ready_at < l->ready_count) {
		struct epoll_event *e = &l->ready[l->ready_at++];
		struct gx_watch *w = e->data.ptr;

		if (w != NULL)
			w->on_ready(w, e->events);
	}
}

/* ---- timers: heap[0] is due first; heap_index is the place + 1 ---- */

static void heap_set(struct gx_loop *l, size_t at, struct gx_timer *t)
{
	l->heap[at] = t;
	t->heap_index = (uint32_t)at + 1;
}

static void heap_rise(struct gx_loop *l, size_t at, struct gx_timer *t)
{
	while (at > 0 && l->heap[(at - 1) / 2]->due_ns > t->due_ns) {
		heap_set(l, at, l->heap[(at - 1) / 2]);
		at = (at - 1) / 2;
	}
	heap_set(l, at, t);
}

static void heap_sink(struct gx_loop *l, size_t at, struct gx_timer *t)
{
	while (2 * at + 1 < l->heap_count) {
		size_t child = 2 * at + 1;

		if (child + 1 < l->heap_count &&
		    l->heap[child + 1]->due_ns < l->heap[child]->due_ns)
			child++;
		if (l->heap[child]->due_ns >= t->due_ns)
			break;
		heap_set(l, at, l->heap[child]);
		at = child;
	}
	heap_set(l, at, t);
}

void gx_loop_disarm(struct gx_loop *l, struct gx_timer *t)
{
	size_t at = t->heap_index;
	struct gx_timer *last;

	if (at == 0)
		return;
	at--;
	GX_ASSERT(at < l->heap_count && l->heap[at] == t);
	t->heap_index = 0;
	last = l->heap[--l->heap_count];
	if (last == t)
		return;
	if (at > 0 && l->heap[(at - 1) / 2]->due_ns > last->due_ns)
		heap_rise(l, at, last);
	else
		heap_sink(l, at, last);
}

void gx_loop_arm(struct gx_loop *l, struct gx_timer *t, int64_t delay_ms)
{
	GX_ASSERT(t->on_due != NULL);
	gx_loop_disarm(l, t);
	t->due_ns = gx_clock_mono_ns() + (delay_ms > 0 ? (uint64_t)delay_ms * NS_PER_MS : 0);
	if (l->heap_count == l->heap_cap) {
		l->heap_cap = l->heap_cap == 0 ? HEAP_CAP_FIRST : l->heap_cap * 2;
		l->heap = gx_heap_resize(l->heap, l->heap_cap, sizeof(struct gx_timer *));
	}
	heap_rise(l, l->heap_count++, t);
}

static void call_due(struct gx_loop *l)
{
	uint64_t now_ns;

	if (l->heap_count == 0)
		return;
	now_ns = gx_clock_mono_ns();
	while (l->heap_count > 0 && l->heap[0]->due_ns <= now_ns) {
		struct gx_timer *t = l->heap[0];

		gx_loop_disarm(l, t);
		t->on_due(t);
	}
}

/* How long epoll may wait: rounded up, so that the timer is due when it returns. */
static int wait_until_due(const struct gx_loop *l, int wait_ms)
{
	uint64_t now_ns, ms;

	if (l->heap_count == 0 || wait_ms == 0)
		return wait_ms;
	now_ns = gx_clock_mono_ns();
	if (l->heap[0]->due_ns <= now_ns)
		return 0;
	ms = (l->heap[0]->due_ns - now_ns + NS_PER_MS - 1) / NS_PER_MS;
	if (ms > INT_MAX)
		ms = INT_MAX;
	return wait_ms < 0 || (int)ms < wait_ms ? (int)ms : wait_ms;
}

void gx_loop_turn(struct gx_loop *l, int wait_ms)
{
	int count = epoll_wait(l->epoll_fd, l->ready, READY_MAX, wait_until_due(l, wait_ms));

	GX_ASSERT(count >= 0 || errno == EINTR);
	l->ready_at = 0;
	l->ready_count = count < 0 ? 0 : count;
	call_ready(l);
	call_due(l);
}

void gx_loop_wake(struct gx_loop *l)
{
	int errno_before = errno;
	uint64_t one = 1;

	/* A full counter is a wake that is still to be seen. */
	if (write(l->wake_fd, &one, sizeof(one)) < 0)
		errno = errno_before;
}
