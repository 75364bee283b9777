/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sim_check.c - all comes to rest, then everything is compared.
 *
 * No faults and no new wishes until nothing moves any more; every device is live and has heard all.
 * Then each conversation is read from end to end by each of its people.
 */
#include "sim.h"

#define CALM_STEPS_MAX 2000000u

static bool all_live(void)
{
	for (unsigned i = 0; i < sim->devices_count; i++)
		if (sim->devices[i].state != SIM_LIVE)
			return false;
	return sim->core != NULL;
}

/* Nothing moves: brings back who is away, or lets time pass. False: all is done. */
static bool go_on(void)
{
	uint64_t wake_ns = UINT64_MAX;

	for (unsigned i = 0; i < sim->devices_count; i++) {
		struct sim_device *d = &sim->devices[i];

		if (d->state == SIM_LIVE)
			continue;
		if (d->state == SIM_AWAY && sim->core != NULL)
			(void)sim_client_open(d);
		if (d->wait_until_ns < wake_ns)
			wake_ns = d->wait_until_ns;
	}
	if (wake_ns == UINT64_MAX)
		wake_ns = sim_next_timer_ns() < sim_time.mono_ns + UINT64_C(3000000000)
				  ? sim_next_timer_ns()
				  : UINT64_MAX;
	else if (wake_ns < sim_time.mono_ns + 20000000)
		wake_ns = sim_time.mono_ns + 20000000;
	if (wake_ns != UINT64_MAX && wake_ns > sim_time.mono_ns)
		sim_time.mono_ns = wake_ns;
	return wake_ns != UINT64_MAX;
}

/* Moves on until nothing is under way. */
static void rest(void)
{
	unsigned quiet = 0;

	for (unsigned n = 0; quiet < 3; n++) {
		SIM_CHECK(n < CALM_STEPS_MAX, "it does not come to rest");
		quiet = sim_step() || go_on() ? 0 : quiet + 1;
	}
}

/* --- asking --- */

static struct sim_device *device_of(unsigned person)
{
	return &sim->devices[person]; /* everybody's first */
}

uint32_t sim_ask(unsigned person, const char *op, struct gx_str in)
{
	struct sim_device *d = device_of(person);

	for (unsigned n = 0; n < CALM_STEPS_MAX; n++) {
		if (!sim_client_ask(d, op, in))
			sim_fail("the checker can't ask");
		while (sim->asked_status == 0)
			if (!sim_step())
				sim_time.mono_ns += 1000000;
		if (sim->asked_status != 503)
			break;
		sim_time.mono_ns += 50000000;
	}
	return sim->asked_status;
}

/* The answer, which lives until `kept` is reset. */
static const struct gx_json *ask(unsigned person, const char *op, struct gx_str in)
{
	uint32_t status = sim_ask(person, op, in);

	SIM_CHECK(status == 200, "person %u asks %s %.*s: %u", person, op, GX_STR_ARG(in), status);
	return sim->asked;
}

/* --- messages --- */

static void check_present(unsigned person, const struct sim_conv *c, uint64_t seq)
{
	SIM_CHECK(sim_is_hidden(person, c, seq),
		  "person %u finds no seq %llu in conversation %llu, which ends at %llu", person,
		  (unsigned long long)seq, (unsigned long long)c->id, (unsigned long long)c->last);
}

static void check_recalled(const struct gx_json *json, const struct sim_msg *m)
{
	SIM_CHECK(!m->is_recalled || sim_json_u64(json, "recalled_at") != 0,
		  "seq %llu of conversation %llu was recalled and is there",
		  (unsigned long long)m->seq, (unsigned long long)m->conv->id);
}

/* From end to end, in pages from the front. */
static void check_history(unsigned person, struct sim_conv *c)
{
	bool is_plain = c->seats[person].epoch == 0 && c->seats[person].is_seated;
	uint64_t seq = 0;
	bool has_more = true;

	while (has_more) {
		const struct gx_json *page =
			ask(person, "messages.list",
			    gx_arena_printf(&sim->kept,
					    "\"conversation_id\":\"%llu\",\"after\":%llu,"
					    "\"limit\":100",
					    (unsigned long long)c->id, (unsigned long long)seq));
		const struct gx_json *list = gx_json_get(page, GX_STR("messages"));
		const struct gx_json *n = gx_json_first(list);

		for (uint32_t i = 0; i < list->count; i++, n = gx_json_next(n)) {
			const struct sim_msg *m = sim_msg_seen(n);

			SIM_CHECK(m->seq > seq, "a page of history out of order");
			for (uint64_t q = seq + 1; is_plain && q < m->seq; q++)
				check_present(person, c, q);
			check_recalled(n, m);
			seq = m->seq;
		}
		has_more = gx_json_get(page, GX_STR("next"))->type != GX_JSON_NULL;
		gx_arena_reset(&sim->kept);
	}
	for (uint64_t q = seq + 1; is_plain && q <= c->last; q++)
		check_present(person, c, q);
}

/* What he has read is what he asked for, or what he wrote himself. */
static void check_counts(unsigned person, struct sim_conv *c)
{
	struct sim_seat *seat = &c->seats[person];
	uint64_t most = seat->read_high;
	const struct gx_json *out = ask(person, "conversations.get",
					gx_arena_printf(&sim->kept, "\"conversation_id\":\"%llu\"",
							(unsigned long long)c->id));
	const struct gx_json *json = gx_json_get(out, GX_STR("conversation"));
	uint64_t read = sim_json_u64(json, "read_seq"), last = sim_json_u64(json, "last_seq");
	uint64_t unread = sim_json_u64(json, "unread");

	for (uint64_t q = c->last; q > most; q--)
		if (c->by_seq[q] != NULL && c->by_seq[q]->sender == person &&
		    c->by_seq[q]->client_id != 0)
			most = q;
	SIM_CHECK(read >= seat->read_low, "person %u had read %llu of conversation %llu, now %llu",
		  person, (unsigned long long)seat->read_low, (unsigned long long)c->id,
		  (unsigned long long)read);
	seat->read_low = read;
	gx_arena_reset(&sim->kept);
	if (!seat->is_seated || seat->epoch != 0)
		return;
	SIM_CHECK(read <= most, "person %u has read %llu of conversation %llu, at most %llu",
		  person, (unsigned long long)read, (unsigned long long)c->id,
		  (unsigned long long)most);
	SIM_CHECK(last == c->last, "conversation %llu ends at %llu, but nobody saw more than %llu",
		  (unsigned long long)c->id, (unsigned long long)last, (unsigned long long)c->last);
	SIM_CHECK(unread == last - read, "person %u: %llu unread, last %llu, read %llu", person,
		  (unsigned long long)unread, (unsigned long long)last, (unsigned long long)read);
}

/* Every device has heard everything. */
static void check_views(void)
{
	for (unsigned i = 0; i < sim->devices_count; i++) {
		struct sim_device *d = &sim->devices[i];
		const struct sim_person *p = &sim->people[d->person];

		for (size_t k = 0; k < p->convs_count; k++) {
			struct sim_conv *c = p->convs[k];
			struct sim_view *v = sim_view_get(d, c);

			if (c->is_group && c->seats[d->person].member.state != SIM_YES)
				continue;
			if (c->seats[d->person].is_unsure)
				v->last = 0;
			for (uint64_t q = v->last + 1; v->last != 0 && q <= c->last; q++)
				SIM_CHECK(
					sim_is_excused(d, c, q),
					"device %u has not heard of seq %llu of conversation %llu",
					d->index, (unsigned long long)q, (unsigned long long)c->id);
			/* The next it hears is what follows, unless its own last comes again. */
			if (v->last == 0 && c->last != 0 && !sim_is_excused(d, c, c->last)) {
				v->last = c->last;
				v->epoch = c->seats[d->person].epoch;
			}
		}
	}
}

/* What nobody has seen by now did not happen, and must not turn up unless it is sent again. */
static void settle_messages(void)
{
	for (struct sim_msg *m = sim->msgs; m != NULL; m = m->next) {
		SIM_CHECK(!m->is_acked || m->seq != 0, "an acknowledged message without a seq");
		m->open_tries = 0;
		if (m->seq == 0)
			m->is_absent = true;
	}
}

void sim_check_all(void)
{
	sim->is_calm = true;
	sim_disk_arm(SIM_FAULT_NONE, 0);
	rest();
	SIM_CHECK(all_live(), "somebody is still away");
	sim_social_check();
	sim_told_check();
	for (unsigned i = 0; i < sim->people_count; i++) {
		for (size_t k = 0; k < sim->people[i].convs_count; k++) {
			struct sim_conv *c = sim->people[i].convs[k];

			if (c->is_group && c->seats[i].member.state != SIM_YES)
				continue;
			check_history(i, c);
			check_counts(i, c);
		}
	}
	/* Behind the histories: a message may be there that nobody was told of, of a batch that the
	 * core died in. */
	check_views();
	settle_messages();
	for (size_t i = 0; i < sim->convs_count; i++)
		for (unsigned k = 0; k < sim->people_count; k++)
			sim->convs[i]->seats[k].is_unsure = false;
	sim->checks++;
	sim->is_calm = false;
}
