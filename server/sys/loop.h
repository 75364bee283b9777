/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loop.h - one thread's event loop: descriptors (epoll, level-triggered) and timers.
 *
 * The owner drives it turn by turn and does its own coalescing between turns:
 *   while (!stopping) { gx_loop_turn(&loop, -1); flush_links(); }
 * Threading:  all functions run on the loop's thread, except gx_loop_wake() (any).
 * Memory:     watches and timers belong to their owners and are embedded in their structs; removing
 *             one from inside any callback is allowed, also when its own event is still pending in
 *             this turn.
 */
#ifndef GX_LOOP_H
#define GX_LOOP_H

#include <sys/epoll.h>

#include "gx.h"

#define GX_CONTAINER_OF(ptr, type, member) ((type *)(void *)((char *)(ptr)-offsetof(type, member)))

struct gx_watch {
	int fd;
	/* Called from gx_loop_turn() with EPOLL* bits. */
	void (*on_ready)(struct gx_watch *w, uint32_t events);
};

struct gx_timer {
	/* Called from gx_loop_turn() once when due; may arm itself again. */
	void (*on_due)(struct gx_timer *t);
	uint64_t due_ns;     /* on the steady clock */
	uint32_t heap_index; /* 0: not armed; else place in the heap + 1 */
};

struct gx_loop {
	int epoll_fd;
	int wake_fd;
	struct gx_watch wake_watch;
	struct gx_timer **heap;
	size_t heap_count;
	size_t heap_cap;
	struct epoll_event *ready; /* of this turn; removed watches are struck out */
	int ready_count;
	int ready_at;
};

GX_NODISCARD bool gx_loop_init(struct gx_loop *l);
void gx_loop_deinit(struct gx_loop *l);
GX_NODISCARD bool gx_loop_add(struct gx_loop *l, struct gx_watch *w, uint32_t events);
void gx_loop_modify(struct gx_loop *l, struct gx_watch *w, uint32_t events);
void gx_loop_remove(struct gx_loop *l, struct gx_watch *w);
/* (Re)arms the timer `delay_ms` from now. */
void gx_loop_arm(struct gx_loop *l, struct gx_timer *t, int64_t delay_ms);
void gx_loop_disarm(struct gx_loop *l, struct gx_timer *t);
/* Waits for events, at most `wait_ms` (-1: until something happens), and calls what is ready. */
void gx_loop_turn(struct gx_loop *l, int wait_ms);
/* Makes a waiting gx_loop_turn() return. Any thread; also safe in a signal handler. */
void gx_loop_wake(struct gx_loop *l);

#endif
