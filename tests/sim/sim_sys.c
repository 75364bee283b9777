/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sim_sys.c - loop, pool, helper and link without sockets and threads.
 *
 * Stands in for loop.c, pool.c, helper.c and link.c of server/sys. A descriptor of a link is the
 * number of a wire; a job waits until sim_run_job() chooses it, and its end is told in a later
 * turn.
 */
#include <string.h>

#include "helper.h"
#include "sim.h"
#include "sim_fiber.h"

#define WIRE_FD_FIRST 100000
#define WATCHES_MAX 64u
#define TIMERS_MAX 4096u
#define POOLS_MAX 4u
#define POOL_THREADS_MAX 4u

/* --- wires --- */

static struct sim_wire wires[SIM_WIRES_MAX];

static void wire_reset(struct sim_wire *w)
{
	gx_buf_deinit(&w->to_core);
	gx_buf_deinit(&w->to_edge);
	*w = (struct sim_wire){ 0 };
}

int sim_wire_new(void)
{
	for (unsigned i = 0; i < SIM_WIRES_MAX; i++) {
		struct sim_wire *w = &wires[i];

		if (w->is_used)
			continue;
		*w = (struct sim_wire){ .is_used = true,
					.is_core_open = true,
					.is_edge_open = true };
		gx_buf_init(&w->to_core, (size_t)64 << 20);
		gx_buf_init(&w->to_edge, (size_t)64 << 20);
		return WIRE_FD_FIRST + (int)i;
	}
	sim_fail("no wire is left");
}

struct sim_wire *sim_wire_at(int fd)
{
	GX_ASSERT(fd >= WIRE_FD_FIRST && fd < WIRE_FD_FIRST + (int)SIM_WIRES_MAX);
	return &wires[fd - WIRE_FD_FIRST];
}

void sim_wire_cut(int fd)
{
	struct sim_wire *w = sim_wire_at(fd);

	w->is_edge_open = false;
	if (!w->is_core_open)
		wire_reset(w);
}

/* --- link.h --- */

void gx_link_init(struct gx_link *l, int fd, size_t out_bytes_max)
{
	*l = (struct gx_link){ .fd = fd };
	gx_buf_init(&l->in, 16u << 20);
	gx_buf_init(&l->out, out_bytes_max);
}

void gx_link_deinit(struct gx_link *l)
{
	struct sim_wire *w = sim_wire_at(l->fd);

	w->is_core_open = false;
	if (!w->is_edge_open)
		wire_reset(w);
	gx_buf_deinit(&l->in);
	gx_buf_deinit(&l->out);
	*l = (struct gx_link){ .fd = -1 };
}

int gx_link_fill(struct gx_link *l, size_t bytes_max)
{
	struct sim_wire *w = sim_wire_at(l->fd);
	size_t size = w->arrived < bytes_max ? w->arrived : bytes_max;

	if (size == 0)
		return w->is_edge_open ? 0 : -1;
	gx_buf_append(&l->in, w->to_core.ptr, size);
	gx_buf_consume(&w->to_core, size);
	w->arrived -= size;
	return 1;
}

struct gx_str gx_link_unread(const struct gx_link *l)
{
	return gx_str_slice(gx_buf_str(&l->in), l->in_at, l->in.len);
}

void gx_link_consume(struct gx_link *l, size_t size)
{
	GX_ASSERT(size <= l->in.len - l->in_at);
	l->in_at += size;
	if (l->in_at == l->in.len) {
		gx_buf_clear(&l->in);
		l->in_at = 0;
	}
}

int gx_link_take_fd(struct gx_link *l)
{
	return -1;
}

bool gx_link_send_fd(struct gx_link *l, int fd)
{
	sim_fail("a descriptor was sent");
}

/* Sometimes the socket takes a part only. Once the machine is off, nothing leaves it any more. */
int gx_link_flush(struct gx_link *l)
{
	struct sim_wire *w = sim_wire_at(l->fd);
	size_t size = l->out.len - l->out_at;

	if (!w->is_edge_open)
		return -1;
	if (size > 1 && sim_once_in(50))
		size = 1 + sim_below(size - 1);
	if (!sim_disk_is_off()) {
		sim_digest_add(l->out.ptr + l->out_at, size);
		gx_buf_append(&w->to_edge, l->out.ptr + l->out_at, size);
	}
	l->out_at += size;
	if (l->out_at < l->out.len)
		return 0;
	gx_buf_clear(&l->out);
	l->out_at = 0;
	return 1;
}

size_t gx_link_backlog(const struct gx_link *l)
{
	return l->out.len - l->out_at;
}

/* --- loop.h --- */

static struct gx_watch *watches[WATCHES_MAX];
static unsigned watches_count;
static struct gx_timer *timers[TIMERS_MAX];
static unsigned timers_count;
static bool pools_have_done(void);
static void pools_tell(void);

bool gx_loop_init(struct gx_loop *l)
{
	*l = (struct gx_loop){ .epoll_fd = -1, .wake_fd = -1 };
	watches_count = timers_count = 0;
	return true;
}

void gx_loop_deinit(struct gx_loop *l)
{
	watches_count = timers_count = 0;
}

bool gx_loop_add(struct gx_loop *l, struct gx_watch *w, uint32_t events)
{
	GX_ASSERT(watches_count < WATCHES_MAX);
	watches[watches_count++] = w;
	return true;
}

void gx_loop_modify(struct gx_loop *l, struct gx_watch *w, uint32_t events)
{
}

void gx_loop_remove(struct gx_loop *l, struct gx_watch *w)
{
	for (unsigned i = 0; i < watches_count; i++) {
		if (watches[i] != w)
			continue;
		memmove(&watches[i], &watches[i + 1],
			(watches_count - i - 1) * sizeof(struct gx_watch *));
		watches_count--;
		return;
	}
	sim_fail("a watch was removed that is not there");
}

void gx_loop_disarm(struct gx_loop *l, struct gx_timer *t)
{
	unsigned at = t->heap_index;

	if (at == 0)
		return;
	GX_ASSERT(at <= timers_count && timers[at - 1] == t);
	timers[at - 1] = timers[--timers_count];
	timers[at - 1]->heap_index = at;
	t->heap_index = 0;
}

void gx_loop_arm(struct gx_loop *l, struct gx_timer *t, int64_t delay_ms)
{
	gx_loop_disarm(l, t);
	GX_ASSERT(timers_count < TIMERS_MAX);
	t->due_ns = gx_clock_mono_ns() + (delay_ms > 0 ? (uint64_t)delay_ms * 1000000u : 0);
	timers[timers_count++] = t;
	t->heap_index = timers_count;
}

static struct gx_timer *first_timer(void)
{
	struct gx_timer *first = NULL;

	for (unsigned i = 0; i < timers_count; i++)
		if (first == NULL || timers[i]->due_ns < first->due_ns)
			first = timers[i];
	return first;
}

uint64_t sim_next_timer_ns(void)
{
	struct gx_timer *t = first_timer();

	return t == NULL ? UINT64_MAX : t->due_ns;
}

static void call_due(struct gx_loop *l)
{
	uint64_t now_ns = gx_clock_mono_ns();
	struct gx_timer *t;

	while ((t = first_timer()) != NULL && t->due_ns <= now_ns) {
		gx_loop_disarm(l, t);
		t->on_due(t);
	}
}

static bool wire_is_ready(int fd)
{
	const struct sim_wire *w = sim_wire_at(fd);

	return w->arrived > 0 || !w->is_edge_open;
}

bool sim_core_has_input(void)
{
	for (unsigned i = 0; i < watches_count; i++)
		if (wire_is_ready(watches[i]->fd))
			return true;
	return pools_have_done() || sim_next_timer_ns() <= sim_time.mono_ns;
}

void gx_loop_turn(struct gx_loop *l, int wait_ms)
{
	bool jobs_first = sim_once_in(2);

	if (jobs_first)
		pools_tell();
	for (unsigned i = 0; i < watches_count; i++)
		if (wire_is_ready(watches[i]->fd))
			watches[i]->on_ready(watches[i], EPOLLIN);
	if (!jobs_first)
		pools_tell();
	call_due(l);
}

void gx_loop_wake(struct gx_loop *l)
{
}

/* --- pool.h --- */

struct jobs {
	struct gx_job *first, *last;
	unsigned count;
};

struct worker {
	struct sim_fiber *fiber; /* NULL: idle */
	struct gx_job *job;
	void *state;
};

struct gx_pool {
	struct gx_pool_config config;
	struct worker workers[POOL_THREADS_MAX];
	struct jobs waiting, finished;
	bool is_stopping;
};

static struct gx_pool *pools[POOLS_MAX];

static void jobs_push(struct jobs *j, struct gx_job *job)
{
	job->next = NULL;
	*(j->last == NULL ? &j->first : &j->last->next) = job;
	j->last = job;
	j->count++;
}

static struct gx_job *jobs_pop(struct jobs *j)
{
	struct gx_job *job = j->first;

	if (job == NULL)
		return NULL;
	j->first = job->next;
	if (j->first == NULL)
		j->last = NULL;
	j->count--;
	return job;
}

struct gx_pool *gx_pool_new(struct gx_loop *loop, const struct gx_pool_config *config)
{
	struct gx_pool *p = gx_heap_alloc(sizeof(*p));

	p->config = *config;
	if (p->config.threads > POOL_THREADS_MAX)
		p->config.threads = POOL_THREADS_MAX;
	for (unsigned i = 0; i < POOLS_MAX; i++) {
		if (pools[i] == NULL) {
			pools[i] = p;
			return p;
		}
	}
	sim_fail("more pools than the simulator knows");
}

/* Connections are made at the first job: most pools stay idle in most lives. The disk works
 * meanwhile, for a process that gets none at its start ends. */
static void pool_make_states(struct gx_pool *p)
{
	sim_disk_pause(true);
	for (unsigned i = 0; i < p->config.threads; i++)
		if (p->workers[i].state == NULL && p->config.state_new != NULL)
			p->workers[i].state = p->config.state_new(p->config.state_arg);
	sim_disk_pause(false);
}

static void do_job(void *arg)
{
	struct worker *w = arg;

	w->job->run(w->job, w->state);
}

/* A worker goes on, or begins a job; false when there is none for it. */
static bool worker_run(struct gx_pool *p, struct worker *w)
{
	if (w->fiber == NULL) {
		w->job = jobs_pop(&p->waiting);
		if (w->job == NULL)
			return false;
		w->fiber = sim_fiber_new(do_job, w);
	}
	if (sim_fiber_go_on(w->fiber))
		return true;
	w->fiber = NULL;
	jobs_push(&p->finished, w->job);
	return true;
}

static bool pool_run(struct gx_pool *p)
{
	unsigned from = (unsigned)sim_below(p->config.threads);

	for (unsigned i = 0; i < p->config.threads; i++)
		if (worker_run(p, &p->workers[(from + i) % p->config.threads]))
			return true;
	return false;
}

static void pool_tell(struct gx_pool *p)
{
	struct jobs done = p->finished;
	struct gx_job *job;

	p->finished = (struct jobs){ 0 };
	while ((job = jobs_pop(&done)) != NULL)
		job->on_done(job);
}

void gx_pool_free(struct gx_pool *p)
{
	if (p == NULL)
		return;
	p->is_stopping = true;
	while (pool_run(p))
		;
	pool_tell(p);
	GX_ASSERT(p->waiting.first == NULL && p->finished.first == NULL);
	for (unsigned i = 0; i < POOL_THREADS_MAX; i++)
		if (p->workers[i].state != NULL && p->config.state_free != NULL)
			p->config.state_free(p->workers[i].state);
	for (unsigned i = 0; i < POOLS_MAX; i++)
		if (pools[i] == p)
			pools[i] = NULL;
	gx_heap_free(p);
}

bool gx_pool_submit(struct gx_pool *p, struct gx_job *job)
{
	if (p->is_stopping || p->waiting.count >= p->config.queue_max || sim_disk_is_off())
		return false;
	pool_make_states(p);
	jobs_push(&p->waiting, job);
	return true;
}

unsigned gx_pool_busy(const struct gx_pool *p)
{
	return p->waiting.count + p->finished.count;
}

static bool pools_have_done(void)
{
	for (unsigned i = 0; i < POOLS_MAX; i++)
		if (pools[i] != NULL && pools[i]->finished.first != NULL)
			return true;
	return false;
}

/* What is done is told in this turn or in a later one. */
static void pools_tell(void)
{
	for (unsigned i = 0; i < POOLS_MAX; i++)
		if (pools[i] != NULL && sim_once_in(2))
			pool_tell(pools[i]);
}

/* --- helper.h: there is one, the checkpointer's --- */

struct gx_helper {
	void (*work)(void *arg);
	void *arg;
	bool is_asked, is_done;
};

static struct gx_helper *helper;

struct gx_helper *gx_helper_new(const char *name, void (*work)(void *arg), void *arg)
{
	GX_ASSERT(helper == NULL);
	helper = gx_heap_alloc(sizeof(*helper));
	*helper = (struct gx_helper){ .work = work, .arg = arg };
	return helper;
}

void gx_helper_free(struct gx_helper *h)
{
	GX_ASSERT(h == NULL || h == helper);
	if (h != NULL)
		helper = NULL;
	gx_heap_free(h);
}

void gx_helper_ask(struct gx_helper *h)
{
	GX_ASSERT(gx_helper_is_idle(h));
	h->is_asked = true;
}

bool gx_helper_is_idle(const struct gx_helper *h)
{
	return !h->is_asked && !h->is_done;
}

bool gx_helper_take(struct gx_helper *h)
{
	bool is_done = h->is_done;

	h->is_done = false;
	return is_done;
}

void sim_sys_reset(void)
{
	memset(pools, 0, sizeof(pools));
	helper = NULL;
	watches_count = timers_count = 0;
}

bool sim_run_job(void)
{
	unsigned from = (unsigned)sim_below(POOLS_MAX + 1);

	for (unsigned i = 0; i <= POOLS_MAX; i++) {
		unsigned at = (from + i) % (POOLS_MAX + 1);

		if (at < POOLS_MAX && pools[at] != NULL && pool_run(pools[at]))
			return true;
		if (at == POOLS_MAX && helper != NULL && helper->is_asked) {
			helper->is_asked = false;
			helper->work(helper->arg);
			helper->is_done = true;
			return true;
		}
	}
	return false;
}
