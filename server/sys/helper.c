/* SPDX-License-Identifier: Apache-2.0 */
#include "helper.h"

#include <pthread.h>
#include <stdatomic.h>

enum helper_state { IDLE, ASKED, DONE };

struct gx_helper {
	void (*work)(void *arg);
	void *arg;
	pthread_t thread;
	pthread_mutex_t lock; /* guards what follows; `state` may be read without it */
	pthread_cond_t changed;
	_Atomic int state; /* enum helper_state */
	bool is_stopping;
};

static void *thread_main(void *arg)
{
	struct gx_helper *h = arg;

	pthread_mutex_lock(&h->lock);
	while (!h->is_stopping) {
		if (atomic_load(&h->state) != ASKED) {
			pthread_cond_wait(&h->changed, &h->lock);
			continue;
		}
		pthread_mutex_unlock(&h->lock);
		h->work(h->arg);
		pthread_mutex_lock(&h->lock);
		atomic_store(&h->state, DONE);
	}
	pthread_mutex_unlock(&h->lock);
	return NULL;
}

struct gx_helper *gx_helper_new(const char *name, void (*work)(void *arg), void *arg)
{
	struct gx_helper *h = gx_heap_alloc(sizeof(*h));

	GX_ASSERT(name != NULL && work != NULL);
	h->work = work;
	h->arg = arg;
	pthread_mutex_init(&h->lock, NULL);
	pthread_cond_init(&h->changed, NULL);
	if (pthread_create(&h->thread, NULL, thread_main, h) != 0) {
		pthread_cond_destroy(&h->changed);
		pthread_mutex_destroy(&h->lock);
		gx_heap_free(h);
		return NULL;
	}
	(void)pthread_setname_np(h->thread, name);
	return h;
}

void gx_helper_free(struct gx_helper *h)
{
	if (h == NULL)
		return;
	pthread_mutex_lock(&h->lock);
	h->is_stopping = true;
	pthread_cond_signal(&h->changed);
	pthread_mutex_unlock(&h->lock);
	(void)pthread_join(h->thread, NULL);
	pthread_cond_destroy(&h->changed);
	pthread_mutex_destroy(&h->lock);
	gx_heap_free(h);
}

void gx_helper_ask(struct gx_helper *h)
{
	pthread_mutex_lock(&h->lock);
	GX_ASSERT(atomic_load(&h->state) == IDLE);
	atomic_store(&h->state, ASKED);
	pthread_cond_signal(&h->changed);
	pthread_mutex_unlock(&h->lock);
}

bool gx_helper_is_idle(const struct gx_helper *h)
{
	return atomic_load_explicit(&h->state, memory_order_acquire) == IDLE;
}

bool gx_helper_take(struct gx_helper *h)
{
	if (atomic_load_explicit(&h->state, memory_order_acquire) != DONE)
		return false;
	atomic_store(&h->state, IDLE);
	return true;
}
