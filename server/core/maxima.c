/* SPDX-License-Identifier: Apache-2.0 */
#include "maxima.h"

#include <stdlib.h>

#include "core_state.h"

#define KEEP_MS 2000
/* Fewer values than these are written at the next opportunity. */
#define ROUND_SMALL 1000u
#define ROUND_MS 10000

struct core_maximum {
	struct gx_maximum max;
	struct core_maximum *next; /* order of entering */
	int64_t written_at_ms;	   /* steady clock; 0: not written yet */
	uint64_t batch;		   /* of the last raise */
	uint64_t value_before;	   /* that batch */
};

struct core_maxima {
	pthread_mutex_t lock; /* guards all below */
	struct gx_table table;
	struct core_maximum *first;
	struct core_maximum **last;
	size_t unwritten;
	struct core_maximum **round; /* what is being written; none of it is freed meanwhile */
	size_t round_count, round_at;
	int64_t round_began_ms;
	uint64_t batch;
};

struct core_maxima *core_maxima_new(void)
{
	struct core_maxima *m = gx_heap_alloc(sizeof(*m));

	pthread_mutex_init(&m->lock, NULL);
	gx_table_init(&m->table);
	m->last = &m->first;
	return m;
}

void core_maxima_free(struct core_maxima *m)
{
	struct core_maximum *next;

	for (struct core_maximum *x = m->first; x != NULL; x = next) {
		next = x->next;
		gx_heap_free(x);
	}
	gx_table_deinit(&m->table);
	gx_heap_free(m->round);
	pthread_mutex_destroy(&m->lock);
	gx_heap_free(m);
}

static uint64_t key_of(uint64_t a, uint64_t b)
{
	return gx_u64_hash(a ^ gx_u64_hash(b)) | 1;
}

void gx_maxima_raise(struct gx_core *core, uint64_t a, uint64_t b, uint64_t value)
{
	struct core_maxima *m = core->maxima;

	pthread_mutex_lock(&m->lock);
	struct core_maximum *x = gx_table_get(&m->table, key_of(a, b));
	if (x == NULL) {
		x = gx_heap_alloc(sizeof(*x));
		x->max = (struct gx_maximum){ a, b, 0 };
		*m->last = x;
		m->last = &x->next;
		gx_table_put(&m->table, key_of(a, b), x);
		m->unwritten++;
	}
	GX_ASSERT(x->max.a == a && x->max.b == b);
	if (x->max.value < value) {
		if (x->batch != m->batch)
			x->value_before = x->max.value;
		x->batch = m->batch;
		x->max.value = value;
		m->unwritten += x->written_at_ms != 0;
		x->written_at_ms = 0;
	}
	pthread_mutex_unlock(&m->lock);
}

void core_maxima_batch_begin(struct core_maxima *m)
{
	pthread_mutex_lock(&m->lock);
	m->batch++;
	pthread_mutex_unlock(&m->lock);
}

void core_maxima_batch_undo(struct core_maxima *m)
{
	pthread_mutex_lock(&m->lock);
	m->unwritten = 0;
	m->round_at = m->round_count = 0; /* its end would say that all of it is written */
	for (struct core_maximum *x = m->first; x != NULL; x = x->next) {
		m->unwritten++;
		if (x->batch == m->batch)
			x->max.value = x->value_before;
		x->written_at_ms = 0; /* perhaps by this batch: once more does no harm */
	}
	pthread_mutex_unlock(&m->lock);
}

bool gx_maxima_is_empty(struct gx_core *core)
{
	struct core_maxima *m = core->maxima;

	pthread_mutex_lock(&m->lock);
	bool is_empty = m->first == NULL;
	pthread_mutex_unlock(&m->lock);
	return is_empty;
}

uint64_t gx_maxima_get(struct gx_core *core, uint64_t a, uint64_t b)
{
	struct core_maxima *m = core->maxima;
	uint64_t value;

	pthread_mutex_lock(&m->lock);
	const struct core_maximum *x = gx_table_get(&m->table, key_of(a, b));
	value = x != NULL && x->max.a == a && x->max.b == b ? x->max.value : 0;
	pthread_mutex_unlock(&m->lock);
	return value;
}

/* Forgets what readers have no need of any more; the list is put together anew. */
static void forget_old(struct core_maxima *m, int64_t now_ms)
{
	m->last = &m->first;
	while (*m->last != NULL) {
		struct core_maximum *x = *m->last;

		if (x->written_at_ms != 0 && now_ms - x->written_at_ms > KEEP_MS) {
			*m->last = x->next;
			gx_table_remove(&m->table, key_of(x->max.a, x->max.b));
			gx_heap_free(x);
			continue;
		}
		m->last = &x->next;
	}
}

static int ascending(const void *a, const void *b)
{
	const struct core_maximum *x = *(struct core_maximum *const *)a;
	const struct core_maximum *y = *(struct core_maximum *const *)b;

	if (x->max.a != y->max.a)
		return x->max.a < y->max.a ? -1 : 1;
	return x->max.b < y->max.b ? -1 : x->max.b > y->max.b;
}

/* False: there is nothing to write, or not yet. */
static bool begin_round(struct core_maxima *m, int64_t now_ms)
{
	if (m->unwritten == 0 || (m->unwritten > ROUND_SMALL && m->round_began_ms != 0 &&
				  now_ms - m->round_began_ms < ROUND_MS))
		return false;
	m->round_began_ms = now_ms;
	m->round_at = m->round_count = 0;
	m->round = gx_heap_resize(m->round, m->unwritten, sizeof(struct core_maximum *));
	for (struct core_maximum *x = m->first; x != NULL; x = x->next)
		if (x->written_at_ms == 0)
			m->round[m->round_count++] = x;
	GX_ASSERT(m->round_count == m->unwritten);
	qsort(m->round, m->round_count, sizeof(struct core_maximum *), ascending);
	return true;
}

size_t gx_maxima_flush(struct gx_core *core, struct gx_maximum *out, size_t max, bool *begins,
		       bool *ends)
{
	struct core_maxima *m = core->maxima;
	int64_t now_ms = (int64_t)(gx_clock_mono_ns() / 1000000);
	size_t n = 0;

	pthread_mutex_lock(&m->lock);
	*begins = false;
	if (m->round_at == m->round_count) {
		if (m->unwritten <= ROUND_SMALL || now_ms - m->round_began_ms >= ROUND_MS)
			forget_old(m, now_ms);
		*begins = begin_round(m, now_ms);
	}
	for (; n < max && m->round_at < m->round_count; n++, m->round_at++) {
		struct core_maximum *x = m->round[m->round_at];

		out[n] = x->max;
		m->unwritten -= x->written_at_ms == 0;
		x->written_at_ms = now_ms;
	}
	*ends = n > 0 && m->round_at == m->round_count;
	pthread_mutex_unlock(&m->lock);
	return n;
}
