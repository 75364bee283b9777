/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pool.c - jobs wait in one list, finished ones in another; one lock for both.
 *
 * The loop learns of finished jobs by an eventfd of the pool's own, written once for each time the
 * finished list becomes non-empty.
 */
#include "pool.h"

#include <errno.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define THREADS_MAX 64u

struct jobs {
	struct gx_job *first;
	struct gx_job *last;
};

struct gx_pool {
	struct gx_loop *loop;
	struct gx_pool_config config;
	struct gx_watch done_watch;
	pthread_t threads[THREADS_MAX];
	unsigned threads_count;
	unsigned busy; /* submitted and not yet given to on_done; the loop's thread only */

	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t has_work;
	struct jobs waiting;
	unsigned waiting_count;
	struct jobs finished;
	bool is_stopping;
};

static void jobs_push(struct jobs *j, struct gx_job *job)
{
	job->next = NULL;
	if (j->last == NULL)
		j->first = job;
	else
		j->last->next = job;
	j->last = job;
}

static struct gx_job *jobs_pop(struct jobs *j)
{
	struct gx_job *job = j->first;

	if (job == NULL)
		return NULL;
	j->first = job->next;
	if (j->first == NULL)
		j->last = NULL;
	job->next = NULL;
	return job;
}

static void lock(struct gx_pool *p)
{
	int rc = pthread_mutex_lock(&p->lock);

	GX_ASSERT(rc == 0);
}

static void unlock(struct gx_pool *p)
{
	int rc = pthread_mutex_unlock(&p->lock);

	GX_ASSERT(rc == 0);
}

/* Waits for a job; NULL when the pool stops and none is left. */
static struct gx_job *next_job(struct gx_pool *p)
{
	struct gx_job *job;

	lock(p);
	while (p->waiting.first == NULL && !p->is_stopping)
		pthread_cond_wait(&p->has_work, &p->lock);
	job = jobs_pop(&p->waiting);
	if (job != NULL)
		p->waiting_count--;
	unlock(p);
	return job;
}

static void finish_job(struct gx_pool *p, struct gx_job *job)
{
	uint64_t one = 1;
	bool was_empty;

	lock(p);
	was_empty = p->finished.first == NULL;
	jobs_push(&p->finished, job);
	unlock(p);
	if (was_empty && write(p->done_watch.fd, &one, sizeof(one)) < 0)
		GX_ASSERT(errno == EAGAIN); /* the counter is full: the loop will wake */
}

static void *thread_main(void *arg)
{
	struct gx_pool *p = arg;
	void *state = NULL;
	struct gx_job *job;

	pthread_setname_np(pthread_self(), p->config.name);
	if (p->config.state_new != NULL)
		state = p->config.state_new(p->config.state_arg);
	while ((job = next_job(p)) != NULL) {
		job->run(job, state);
		finish_job(p, job);
	}
	if (p->config.state_free != NULL)
		p->config.state_free(state);
	return NULL;
}

static void deliver_finished(struct gx_pool *p)
{
	struct jobs done;
	struct gx_job *job;

	lock(p);
	done = p->finished;
	p->finished = (struct jobs){ NULL, NULL };
	unlock(p);
	while ((job = jobs_pop(&done)) != NULL) {
		p->busy--;
		job->on_done(job);
	}
}

static void on_finished(struct gx_watch *w, uint32_t events)
{
	struct gx_pool *p = GX_CONTAINER_OF(w, struct gx_pool, done_watch);
	uint64_t count;

	/* Emptied before the list is taken: a job that finishes in between writes again. */
	if (read(w->fd, &count, sizeof(count)) < 0)
		GX_ASSERT(errno == EAGAIN || errno == EINTR);
	deliver_finished(p);
}

static bool start_threads(struct gx_pool *p)
{
	sigset_t all, before;
	bool ok = true;

	/* Signals are the loop's business. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	while (ok && p->threads_count < p->config.threads) {
		ok = pthread_create(&p->threads[p->threads_count], NULL, thread_main, p) == 0;
		p->threads_count += ok;
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return ok;
}

struct gx_pool *gx_pool_new(struct gx_loop *loop, const struct gx_pool_config *config)
{
	struct gx_pool *p = gx_heap_alloc(sizeof(*p));

	GX_ASSERT(config->name != NULL);
	GX_ASSERT(config->threads > 0 && config->threads <= THREADS_MAX);
	GX_ASSERT(config->queue_max > 0);
	p->loop = loop;
	p->config = *config;
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->has_work, NULL);
	p->done_watch.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	p->done_watch.on_ready = on_finished;
	if (p->done_watch.fd < 0 || !gx_loop_add(loop, &p->done_watch, EPOLLIN)) {
		if (p->done_watch.fd >= 0)
			close(p->done_watch.fd);
		gx_heap_free(p);
		return NULL;
	}
	if (!start_threads(p)) {
		gx_pool_free(p);
		return NULL;
	}
	return p;
}

static void join_threads(struct gx_pool *p)
{
	lock(p);
	p->is_stopping = true;
	pthread_cond_broadcast(&p->has_work);
	unlock(p);
	for (unsigned i = 0; i < p->threads_count; i++)
		pthread_join(p->threads[i], NULL);
}

void gx_pool_free(struct gx_pool *p)
{
	if (p == NULL)
		return;
	join_threads(p);
	deliver_finished(p);
	GX_ASSERT(p->busy == 0); /* on_done must not submit to a pool that ends */
	gx_loop_remove(p->loop, &p->done_watch);
	close(p->done_watch.fd);
	pthread_cond_destroy(&p->has_work);
	pthread_mutex_destroy(&p->lock);
	gx_heap_free(p);
}

bool gx_pool_submit(struct gx_pool *p, struct gx_job *job)
{
	bool is_accepted;

	GX_ASSERT(job->run != NULL && job->on_done != NULL);
	lock(p);
	is_accepted = p->waiting_count < p->config.queue_max && !p->is_stopping;
	if (is_accepted) {
		jobs_push(&p->waiting, job);
		p->waiting_count++;
		pthread_cond_signal(&p->has_work);
	}
	unlock(p);
	p->busy += is_accepted;
	return is_accepted;
}

unsigned gx_pool_busy(const struct gx_pool *p)
{
	return p->busy;
}
