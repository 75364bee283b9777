/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sim_fiber.c - work that is put aside in its middle: how readers run beside the command thread.
 *
 * A reader's job runs on a stack of its own. Before each of its queries it may be put aside, and go
 * on many steps later: other batches are committed meanwhile. The other way round, before a query
 * of the command thread and at each write of its commit, a piece of some reader's job may run. Both
 * see gx_stmt_begin(), which the linker leads here (--wrap).
 */
#include <ucontext.h>

#include "sim.h"
#include "sim_fiber.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#define LEAVE(fake, bottom, size) __sanitizer_start_switch_fiber((fake), (bottom), (size))
#define ARRIVE(fake, bottom, size) __sanitizer_finish_switch_fiber((fake), (bottom), (size))
#else
#define LEAVE(fake, bottom, size) ((void)(fake), (void)(bottom), (void)(size))
#define ARRIVE(fake, bottom, size) ((void)(fake), (void)(bottom), (void)(size))
#endif

#define STACK_BYTES ((size_t)512 << 10)

struct sim_fiber {
	ucontext_t here, there; /* its own place, and who runs it */
	char *stack;
	void (*work)(void *arg);
	void *arg;
	bool is_over;
};

static struct sim_fiber *running;
static const void *main_bottom;
static size_t main_size;

static void fiber_main(void)
{
	struct sim_fiber *f = running;

	ARRIVE(NULL, &main_bottom, &main_size);
	f->work(f->arg);
	f->is_over = true;
	LEAVE(NULL, main_bottom, main_size);
	/* Returning goes to uc_link. */
}

struct sim_fiber *sim_fiber_new(void (*work)(void *arg), void *arg)
{
	struct sim_fiber *f = gx_heap_alloc(sizeof(*f));

	f->stack = gx_heap_alloc(STACK_BYTES);
	f->work = work;
	f->arg = arg;
	GX_ASSERT(getcontext(&f->here) == 0);
	f->here.uc_stack.ss_sp = f->stack;
	f->here.uc_stack.ss_size = STACK_BYTES;
	f->here.uc_link = &f->there;
	makecontext(&f->here, fiber_main, 0);
	return f;
}

bool sim_fiber_go_on(struct sim_fiber *f)
{
	void *fake = NULL;

	GX_ASSERT(running == NULL);
	running = f;
	LEAVE(&fake, f->stack, STACK_BYTES);
	GX_ASSERT(swapcontext(&f->there, &f->here) == 0);
	ARRIVE(fake, NULL, NULL);
	running = NULL;
	if (!f->is_over)
		return true;
	gx_heap_free(f->stack);
	gx_heap_free(f);
	return false;
}

static void put_aside(struct sim_fiber *f)
{
	void *fake = NULL;

	LEAVE(&fake, main_bottom, main_size);
	GX_ASSERT(swapcontext(&f->here, &f->there) == 0);
	ARRIVE(fake, &main_bottom, &main_size);
}

void sim_others_may_run(unsigned n)
{
	static bool is_nested;

	if (running != NULL) {
		if (sim_once_in(3))
			put_aside(running);
	} else if (sim != NULL && sim->is_in_turn && !is_nested && sim_once_in(n)) {
		is_nested = true;
		sim_disk_pause(true); /* the fault is for who writes */
		(void)sim_run_job();
		sim_disk_pause(false);
		is_nested = false;
	}
}

struct gx_stmt *__real_gx_stmt_begin(struct gx_tx *tx, const struct gx_query *q);
struct gx_stmt *__wrap_gx_stmt_begin(struct gx_tx *tx, const struct gx_query *q);

struct gx_stmt *__wrap_gx_stmt_begin(struct gx_tx *tx, const struct gx_query *q)
{
	sim_others_may_run(30);
	return __real_gx_stmt_begin(tx, q);
}
