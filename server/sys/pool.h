/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pool.h - helper threads with a bounded queue, whose finished jobs return to a loop.
 *
 * Threading:  gx_pool_submit() and `on_done` run on the loop's thread; `run` on one of the pool's
 *             threads.
 * Memory:     a job is embedded in its owner's struct and belongs to the pool from submit until
 *             on_done.
 */
#ifndef GX_POOL_H
#define GX_POOL_H

#include <pthread.h>

#include "loop.h"

struct gx_job {
	void (*run)(struct gx_job *job, void *thread_state);
	void (*on_done)(struct gx_job *job); /* never before gx_pool_submit() has returned */
	struct gx_job *next;
};

struct gx_pool_config {
	const char *name; /* of the threads, at most 15 bytes */
	unsigned threads;
	unsigned queue_max; /* jobs waiting, those running apart */
	/* Made on the thread when it starts, given to each `run`, freed on the thread at the end.
	 * May be NULL. */
	void *(*state_new)(void *arg);
	void (*state_free)(void *state);
	void *state_arg;
};

struct gx_pool;

/* Starts the threads. NULL when that fails. */
struct gx_pool *gx_pool_new(struct gx_loop *loop, const struct gx_pool_config *config);
/* Finishes queued jobs (their on_done is called here), joins the threads. */
void gx_pool_free(struct gx_pool *p);
/* False when the queue is full. */
GX_NODISCARD bool gx_pool_submit(struct gx_pool *p, struct gx_job *job);
/* Jobs waiting or running. */
unsigned gx_pool_busy(const struct gx_pool *p);

#endif
