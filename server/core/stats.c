/* SPDX-License-Identifier: Apache-2.0 */
#include "stats.h"

#include "core_state.h"

#define NS_PER_US UINT64_C(1000)
#define NS_PER_S UINT64_C(1000000000)
#define SLOW_LINES_PER_SECOND 10u

void core_stats_init(struct gx_core *core)
{
	struct core_stats *s = &core->stats;

	s->by_op = gx_heap_alloc_array(core->router.routes_count, sizeof(*s->by_op));
	s->refusals = gx_heap_alloc_array(core->router.codes_count, sizeof(*s->refusals));
}

void core_stats_deinit(struct gx_core *core)
{
	gx_heap_free(core->stats.by_op);
	gx_heap_free(core->stats.refusals);
	gx_heap_free(core->stats.commands);
}

/* Clocks of two processes may differ by their last readings. */
static uint64_t since(uint64_t now_ns, uint64_t then_ns)
{
	return now_ns > then_ns ? now_ns - then_ns : 0;
}

static struct gx_histogram *histogram_of(struct gx_core *core, const struct core_route *route)
{
	return &core->stats.by_op[route - core->router.routes];
}

/* --- what was slow --- */

/* So that a slow disk does not fill it with lines. */
static bool may_log(struct core_stats *s, uint64_t now_ns)
{
	if (s->slow_second != now_ns / NS_PER_S) {
		s->slow_second = now_ns / NS_PER_S;
		s->slow_logged = 0;
	}
	if (s->slow_logged == SLOW_LINES_PER_SECOND) {
		s->slow_unlogged++;
		return false;
	}
	s->slow_logged++;
	return true;
}

/* UINT64_MAX: nothing is. */
static uint64_t slow_from_ns(void)
{
	return core_slow_ns() == 0 ? UINT64_MAX : core_slow_ns();
}

static bool is_slow(uint64_t ns)
{
	return ns >= slow_from_ns();
}

static uint64_t run_ns(const struct core_stats *s, size_t index, uint64_t commit_began_ns)
{
	const struct core_stats_command *c = &s->commands[index];
	bool is_last = index + 1 == s->commands_count;

	return since(is_last ? commit_began_ns : c[1].began_ns, c->began_ns);
}

/* Who made a batch slow: the command that ran longest, or if none was slow by itself, the one that
 * took longest in all. */
static size_t find_culprit(const struct core_stats *s, uint64_t commit_began_ns)
{
	size_t longest = 0, first = 0;

	for (size_t i = 1; i < s->commands_count; i++) {
		if (run_ns(s, i, commit_began_ns) > run_ns(s, longest, commit_began_ns))
			longest = i;
		if (s->commands[i].received_ns < s->commands[first].received_ns)
			first = i;
	}
	return is_slow(run_ns(s, longest, commit_began_ns)) ? longest : first;
}

/* One line for a batch: the others in it waited for the same. */
static void log_batch(struct gx_core *core, size_t slow_count, uint64_t commit_began_ns,
		      uint64_t commit_ended_ns)
{
	struct core_stats *s = &core->stats;
	size_t culprit = find_culprit(s, commit_began_ns);
	const struct core_stats_command *c = &s->commands[culprit];

	gx_tally_add(&s->slow, slow_count);
	if (!may_log(s, commit_ended_ns))
		return;
	gx_log(GX_LOG_WARN, "core.slow_command", GX_F_CSTR("op", c->route->route->op),
	       GX_F_U64("account", c->account_id),
	       GX_F_U64("total_us", since(commit_ended_ns, c->received_ns) / NS_PER_US),
	       GX_F_U64("queue_us", since(c->began_ns, c->received_ns) / NS_PER_US),
	       GX_F_U64("run_us", run_ns(s, culprit, commit_began_ns) / NS_PER_US),
	       GX_F_U64("commit_us", since(commit_ended_ns, commit_began_ns) / NS_PER_US),
	       GX_F_U64("batch", s->commands_count), GX_F_U64("slow_in_batch", slow_count),
	       GX_F_U64("unlogged", s->slow_unlogged));
	s->slow_unlogged = 0;
}

/* --- commands --- */

void core_stats_record(struct gx_core *core, uint64_t received_ns, uint64_t now_ns)
{
	struct core_stats *s = &core->stats;

	s->received_ns = received_ns;
	s->began_ns = now_ns;
	gx_histogram_observe(&s->queue, &gx_scale_ns, since(now_ns, received_ns));
}

void core_stats_command(struct gx_core *core, const struct core_route *route, uint64_t account_id)
{
	struct core_stats *s = &core->stats;

	if (s->commands_count == s->commands_cap) {
		s->commands_cap = s->commands_cap == 0 ? 256 : s->commands_cap * 2;
		s->commands = gx_heap_resize(s->commands, s->commands_cap, sizeof(*s->commands));
	}
	s->commands[s->commands_count++] = (struct core_stats_command){
		.route = route,
		.account_id = account_id,
		.received_ns = s->received_ns,
		.began_ns = s->began_ns,
	};
}

void core_stats_batch(struct gx_core *core, unsigned commands_count, uint64_t commit_began_ns,
		      uint64_t commit_ended_ns)
{
	struct core_stats *s = &core->stats;
	uint64_t slow_ns = slow_from_ns();
	size_t slow_count = 0;

	gx_histogram_observe(&s->commit, &gx_scale_ns, since(commit_ended_ns, commit_began_ns));
	if (commands_count > 0)
		gx_histogram_observe(&s->batch, &gx_scale_counts, commands_count);
	for (size_t i = 0; i < s->commands_count; i++) {
		const struct core_stats_command *c = &s->commands[i];
		uint64_t took_ns = since(commit_ended_ns, c->received_ns);

		gx_histogram_observe(histogram_of(core, c->route), &gx_scale_ns, took_ns);
		slow_count += took_ns >= slow_ns;
	}
	if (slow_count > 0)
		log_batch(core, slow_count, commit_began_ns, commit_ended_ns);
	s->commands_count = 0;
}

void core_stats_periodic(struct gx_core *core, const char *name, uint64_t run_ns)
{
	struct core_stats *s = &core->stats;

	if (!is_slow(run_ns))
		return;
	gx_tally_add(&s->slow, 1);
	if (may_log(s, gx_clock_mono_ns()))
		gx_log(GX_LOG_WARN, "core.slow_periodic", GX_F_CSTR("name", name),
		       GX_F_U64("run_us", run_ns / NS_PER_US));
}

/* --- queries --- */

void core_stats_query(const struct core_call *call)
{
	struct gx_core *core = call->pub.core;
	struct core_stats *s = &core->stats;
	uint64_t now_ns = gx_clock_mono_ns();
	uint64_t took_ns = since(now_ns, call->received_ns);

	gx_histogram_observe(histogram_of(core, call->route), &gx_scale_ns, took_ns);
	if (!is_slow(took_ns))
		return;
	gx_tally_add(&s->slow, 1);
	if (!may_log(s, now_ns))
		return;
	gx_log(GX_LOG_WARN, "core.slow_query", GX_F_CSTR("op", call->route->route->op),
	       GX_F_U64("account", call->pub.session.account_id),
	       GX_F_U64("total_us", took_ns / NS_PER_US),
	       GX_F_U64("run_us", call->run_ns / NS_PER_US),
	       GX_F_U64("queries", gx_pool_busy(core->readers)),
	       GX_F_U64("unlogged", s->slow_unlogged));
	s->slow_unlogged = 0;
}

/* --- the rest --- */

void core_stats_refused(struct gx_core *core, const char *code)
{
	struct core_stats *s = &core->stats;
	size_t index = core_router_code_index(&core->router, code);

	gx_tally_add(index < core->router.codes_count ? &s->refusals[index] : &s->refusals_unknown,
		     1);
}

void core_stats_turn(struct gx_core *core)
{
	struct core_stats *s = &core->stats;

	gx_tally_set(&s->accounts_online, core->listeners.count - core->idle_count);
	gx_tally_set(&s->sessions_cached, core->sessions.count);
	gx_tally_set(&s->queue_mean_ns,
		     (uint64_t)(core_admission_waited_ms(core->admission[CORE_QUEUE_COMMANDS]) *
				1e6));
	gx_tally_set(&s->in_flight, core_admission_in_flight(core->admission[CORE_QUEUE_COMMANDS]));
	gx_tally_set(&s->pools[CORE_POOL_READERS], gx_pool_busy(core->readers));
	gx_tally_set(&s->pools[CORE_POOL_HELPERS], gx_pool_busy(core->helpers));
	gx_tally_set(&s->pools[CORE_POOL_UPLOADS], gx_pool_busy(core->uploads));
}
