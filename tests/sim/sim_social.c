/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sim_social.c - groups, ties and blocks: asking for them, and what is known of them.
 *
 * A fact (this person is in this group, this one has that one as a contact) is certain when a write
 * that says so was answered and no other write about the same was under way meanwhile; otherwise it
 * is found out when all is at rest.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim.h"

/* --- facts --- */

static void fact_touch(struct sim_fact *f, struct sim_call *call)
{
	GX_ASSERT(call->facts_count < GX_COUNT(call->facts));
	f->state = SIM_UNSURE;
	f->gen++;
	f->open++;
	call->facts[call->facts_count] = f;
	call->gens[call->facts_count++] = f->gen;
}

/* The call was answered: the fact is as it says, unless others have meddled. */
static void fact_settle(const struct sim_call *call, const struct sim_fact *f,
			enum sim_fact_state state)
{
	for (unsigned i = 0; i < call->facts_count; i++)
		if (call->facts[i] == f && call->gens[i] == f->gen && f->open == 0)
			call->facts[i]->state = state;
}

static struct sim_fact *tie(unsigned from, unsigned to)
{
	return &sim->ties[from][to];
}

/* Leaving and coming leave holes in what one hears. */
static void touch_seat(struct sim_conv *c, unsigned person, struct sim_call *call)
{
	struct sim_seat *seat = &c->seats[person];

	seat->epoch++;
	seat->is_unsure = true;
	fact_touch(&seat->member, call);
}

/* --- asking --- */

static unsigned other_than(unsigned person)
{
	unsigned other = (unsigned)sim_below(sim->people_count - 1);

	return other + (other >= person);
}

static struct sim_conv *any_group(unsigned person)
{
	struct sim_conv *c = sim->convs[sim_below(sim->convs_count)];

	for (unsigned i = 0; i < 20 && (!c->is_group || c->seats[person].member.gen == 0); i++)
		c = sim->convs[sim_below(sim->convs_count)];
	return c->is_group && c->seats[person].member.gen != 0 ? c : NULL;
}

static bool choose_group(struct sim_device *d, struct sim_call *call)
{
	struct sim_group *g = &sim->groups[sim_below(SIM_GROUPS_MAX)];

	if (g->client_id == 0) {
		g->client_id = sim_random() | 1;
		g->creator = d->person;
		g->wanted =
			(uint32_t)sim_below(1u << sim->people_count) | 1u << other_than(d->person);
		g->wanted &= ~(1u << d->person);
	}
	if (g->creator != d->person || (g->conv != NULL && !sim_once_in(4)))
		return false;
	call->group = g;
	call->others = g->wanted;
	return true;
}

bool sim_social_choose(struct sim_device *d, struct sim_call *call)
{
	call->other = other_than(d->person);
	call->others = 1u << call->other;
	switch (call->op) {
	case SIM_GROUP_CREATE:
		return choose_group(d, call);
	case SIM_GROUP_REMOVE:
		if (sim_once_in(3)) /* leaves */
			call->other = d->person;
		call->others = 1u << call->other;
		/* fall through */
	case SIM_GROUP_ADD:
		call->conv = any_group(d->person);
		return call->conv != NULL;
	case SIM_TIE_ACCEPT:
		return sim->requests[call->other][d->person] != 0;
	case SIM_UNBLOCK: /* somebody who is */
		for (unsigned i = 0; i < sim->people_count; i++)
			if (sim->blocks[d->person][i].state != SIM_NO)
				call->other = i;
		return true;
	default:
		return true;
	}
}

static struct gx_str ids_of(uint32_t people)
{
	char text[SIM_PEOPLE_MAX * 8] = "";
	size_t len = 0;

	for (unsigned i = 0; i < sim->people_count; i++)
		if ((people & 1u << i) != 0)
			len += (size_t)snprintf(text + len, sizeof(text) - len, "%s\"%llu\"",
						len == 0 ? "" : ",",
						(unsigned long long)sim->people[i].account_id);
	return gx_arena_strdup(&sim->scratch, gx_str_from_cstr(text));
}

/* The inputs; what it is about becomes unsure with that. */
struct gx_str sim_social_inputs(struct sim_device *d, struct sim_call *call)
{
	struct gx_arena *a = &sim->scratch;
	unsigned long long other = sim->people[call->other].account_id;
	unsigned long long conv = call->conv == NULL ? 0 : call->conv->id;

	for (unsigned i = 0; call->conv != NULL && i < sim->people_count; i++)
		if ((call->others & 1u << i) != 0)
			touch_seat(call->conv, i, call);
	switch (call->op) {
	case SIM_GROUP_CREATE:
		call->group->open_tries++;
		call->group->is_absent = false;
		return gx_arena_printf(
			a, "\"client_id\":\"%llx\",\"name\":\"g %llx\",\"members\":[%.*s]",
			(unsigned long long)call->group->client_id,
			(unsigned long long)call->group->client_id,
			GX_STR_ARG(ids_of(call->others)));
	case SIM_GROUP_ADD:
		return gx_arena_printf(a, "\"group_id\":\"%llu\",\"members\":[%.*s]", conv,
				       GX_STR_ARG(ids_of(call->others)));
	case SIM_GROUP_REMOVE:
		return gx_arena_printf(a, "\"group_id\":\"%llu\",\"account_id\":\"%llu\"", conv,
				       other);
	case SIM_TIE_ASK:
	case SIM_TIE_ACCEPT:
		fact_touch(tie(d->person, call->other), call);
		fact_touch(tie(call->other, d->person), call);
		if (call->op == SIM_TIE_ACCEPT)
			return gx_arena_printf(a, "\"request_id\":\"%llu\"",
					       (unsigned long long)
						       sim->requests[call->other][d->person]);
		return gx_arena_printf(a,
				       "\"to\":\"%llu\",\"source\":{\"kind\":\"username\",\"ref\":"
				       "\"%s\"}",
				       other, sim->people[call->other].name);
	case SIM_TIE_DELETE:
		fact_touch(tie(d->person, call->other), call);
		break;
	default:
		fact_touch(&sim->blocks[d->person][call->other], call);
		break;
	}
	return gx_arena_printf(a, "\"account_id\":\"%llu\"", other);
}

/* --- hearing --- */

static bool is_refused(const struct gx_json *out, uint64_t account_id)
{
	const struct gx_json *list = gx_json_get(out, GX_STR("refused"));
	const struct gx_json *n = list == NULL ? NULL : gx_json_first(list);

	for (uint32_t i = 0; n != NULL && i < list->count; i++, n = gx_json_next(n))
		if (sim_json_u64(n, "account_id") == account_id)
			return true;
	return false;
}

/* A group by its name: made by one wish, and once only. */
void sim_group_seen(const struct gx_json *conversation)
{
	struct gx_str name = sim_json_text(conversation, "name");
	uint64_t id = sim_json_u64(conversation, "id");
	struct sim_group *g = NULL;
	char text[40];

	if (!gx_str_eq(sim_json_text(conversation, "kind"), GX_STR("group")))
		return;
	snprintf(text, sizeof(text), "%.*s", GX_STR_ARG(name));
	for (unsigned i = 0; i < SIM_GROUPS_MAX; i++)
		if (sim->groups[i].client_id != 0 && text[0] == 'g' &&
		    sim->groups[i].client_id == strtoull(text + 1, NULL, 16))
			g = &sim->groups[i];
	SIM_CHECK(g != NULL, "a group that nobody has made: %s", text);
	SIM_CHECK(!g->is_absent, "a group whose making was refused: %s", text);
	SIM_CHECK(g->conv == NULL || g->conv->id == id, "a group was made twice: %s", text);
	g->conv = sim_conv_get(id);
	if (g->conv->is_group)
		return;
	g->conv->is_group = true;
	for (unsigned i = 0; i < sim->people_count; i++) {
		struct sim_seat *seat = &g->conv->seats[i];

		seat->member = (struct sim_fact){ SIM_UNSURE, 1, 0 };
		seat->is_unsure = true;
		if (i == g->creator || (g->wanted & 1u << i) != 0)
			sim_conv_join(g->conv, i);
	}
}

static void created(struct sim_call *call, uint32_t status, const struct gx_json *out)
{
	struct sim_group *g = call->group;

	g->open_tries--;
	if (status == 201)
		sim_group_seen(gx_json_get(out, GX_STR("conversation")));
	else if (g->open_tries == 0 && g->conv == NULL)
		g->is_absent = true;
}

void sim_social_answer(struct sim_device *d, struct sim_call *call, uint32_t status,
		       const struct gx_json *out)
{
	struct sim_fact *mine = tie(d->person, call->other), *his = tie(call->other, d->person);

	for (unsigned i = 0; i < call->facts_count; i++)
		call->facts[i]->open--;
	if (call->op == SIM_GROUP_CREATE)
		created(call, status, out);
	if (status >= 300)
		return;
	switch (call->op) {
	case SIM_GROUP_ADD:
		if (!is_refused(out, sim->people[call->other].account_id))
			fact_settle(call, &call->conv->seats[call->other].member, SIM_YES);
		sim_conv_join(call->conv, call->other);
		break;
	case SIM_GROUP_REMOVE:
		fact_settle(call, &call->conv->seats[call->other].member, SIM_NO);
		break;
	case SIM_TIE_ASK:
		out = gx_json_get(out, GX_STR("request"));
		sim->requests[d->person][call->other] = sim_json_u64(out, "id");
		if (!gx_str_eq(sim_json_text(out, "state"), GX_STR("accepted")))
			break;
		fact_settle(call, mine, SIM_YES);
		fact_settle(call, his, SIM_YES);
		break;
	case SIM_TIE_ACCEPT: /* of one accepted before it says nothing about the other side */
		fact_settle(call, mine, SIM_YES);
		break;
	case SIM_TIE_DELETE:
		fact_settle(call, mine, SIM_NO);
		break;
	case SIM_BLOCK:
	case SIM_UNBLOCK:
		fact_settle(call, &sim->blocks[d->person][call->other],
			    call->op == SIM_BLOCK ? SIM_YES : SIM_NO);
		break;
	default:
		break;
	}
}

void sim_social_event(struct gx_str type, const struct gx_json *event)
{
	const struct gx_json *r = gx_json_get(event, GX_STR("request"));

	if (gx_str_eq(type, GX_STR("contact_request"))) {
		uint64_t from = sim_json_u64(gx_json_get(r, GX_STR("from")), "id");
		uint64_t to = sim_json_u64(gx_json_get(r, GX_STR("to")), "id");

		sim->requests[sim_person_by_id(from) - sim->people]
			     [sim_person_by_id(to) - sim->people] = sim_json_u64(r, "id");
	} else if (gx_str_eq(type, GX_STR("conversation"))) {
		sim_group_seen(gx_json_get(event, GX_STR("conversation")));
	}
}

/* --- at rest --- */

static void agree(struct sim_fact *f, bool is_so, const char *what, unsigned who, uint64_t whom)
{
	SIM_CHECK(f->state == SIM_UNSURE || (f->state == SIM_YES) == is_so,
		  "%s: person %u, %llu: was %s, now it is not", what, who, (unsigned long long)whom,
		  f->state == SIM_YES ? "so" : "not so");
	f->state = is_so ? SIM_YES : SIM_NO;
	f->open = 0;
}

static struct gx_str group_in(const struct sim_conv *c, const char *key)
{
	return gx_arena_printf(&sim->kept, "\"%s\":\"%llu\"", key, (unsigned long long)c->id);
}

static uint32_t members_as_seen_by(unsigned person, const struct sim_conv *c)
{
	const struct gx_json *list, *n;
	uint32_t bits = 0;

	if (sim_ask(person, "group_members.list", group_in(c, "group_id")) != 200)
		return 0;
	list = gx_json_get(sim->asked, GX_STR("members"));
	n = gx_json_first(list);
	for (uint32_t i = 0; i < list->count; i++, n = gx_json_next(n))
		bits |= 1u << (sim_person_by_id(
				       sim_json_u64(gx_json_get(n, GX_STR("account")), "id")) -
			       sim->people);
	return bits;
}

/* All members see the same ones; groups and chat agree on who they are. */
static void check_group(struct sim_conv *c)
{
	uint32_t members = 0;

	for (unsigned i = 0; i < sim->people_count; i++) {
		uint32_t seen = members_as_seen_by(i, c);

		SIM_CHECK(seen == 0 || members == 0 || seen == members,
			  "group %llu: members %x, and as person %u sees them %x",
			  (unsigned long long)c->id, members, i, seen);
		SIM_CHECK(seen == 0 || (seen & 1u << i) != 0,
			  "group %llu shows itself to person %u", (unsigned long long)c->id, i);
		members |= seen;
		gx_arena_reset(&sim->kept);
	}
	for (unsigned i = 0; i < sim->people_count; i++) {
		bool is_in = (members & 1u << i) != 0;
		bool may_type =
			sim_ask(i, "conversations.typing", group_in(c, "conversation_id")) == 204;

		SIM_CHECK(is_in == may_type, "group %llu: person %u is %s it, but chat differs",
			  (unsigned long long)c->id, i, is_in ? "in" : "not in");
		agree(&c->seats[i].member, is_in, "a member of a group", i, c->id);
		gx_arena_reset(&sim->kept);
	}
}

/* Bits of those in a list; sources of ties go to `sources`. */
static uint32_t people_in(unsigned person, const char *op, const char *key, uint64_t *sources)
{
	const struct gx_json *list, *n;
	uint32_t bits = 0;

	SIM_CHECK(sim_ask(person, op, GX_STR("\"limit\":100")) == 200, "%s is refused", op);
	list = gx_json_get(sim->asked, gx_str_from_cstr(key));
	n = gx_json_first(list);
	for (uint32_t i = 0; i < list->count; i++, n = gx_json_next(n)) {
		const struct gx_json *account = gx_json_get(n, GX_STR("account"));
		uint64_t id = sim_json_u64(account == NULL ? n : account, "id");
		unsigned other = (unsigned)(sim_person_by_id(id) - sim->people);

		bits |= 1u << other;
		if (sources != NULL)
			sources[other] = sim_hash(gx_json_raw(gx_json_get(n, GX_STR("source"))));
	}
	gx_arena_reset(&sim->kept);
	return bits;
}

/* Whose messages pass follows from ties and blocks alone. */
static void check_gate(const struct sim_conv *c, unsigned from, unsigned to)
{
	bool is_open = tie(from, to)->state == SIM_YES && tie(to, from)->state == SIM_YES &&
		       sim->blocks[to][from].state == SIM_NO;
	uint32_t status = sim_ask(from, "conversations.typing", group_in(c, "conversation_id"));

	SIM_CHECK((status == 204) == is_open,
		  "person %u to %u: ties and blocks say %s, chat says %u", from, to,
		  is_open ? "open" : "shut", status);
	gx_arena_reset(&sim->kept);
}

static void check_ties(void)
{
	uint64_t sources[SIM_PEOPLE_MAX][SIM_PEOPLE_MAX] = { 0 };

	for (unsigned i = 0; i < sim->people_count; i++) {
		uint32_t ties = people_in(i, "contacts.list", "contacts", sources[i]);
		uint32_t blocks = people_in(i, "blocks.list", "accounts", NULL);

		for (unsigned k = 0; k < sim->people_count; k++) {
			agree(tie(i, k), (ties & 1u << k) != 0, "a contact", i, k);
			agree(&sim->blocks[i][k], (blocks & 1u << k) != 0, "a block", i, k);
		}
	}
	for (unsigned i = 0; i < sim->people_count; i++)
		for (unsigned k = 0; k < i; k++)
			SIM_CHECK(sources[i][k] == 0 || sources[k][i] == 0 ||
					  sources[i][k] == sources[k][i],
				  "persons %u and %u have another origin of their tie", i, k);
}

void sim_social_check(void)
{
	check_ties();
	for (size_t at = 0; at < sim->convs_count; at++) {
		struct sim_conv *c = sim->convs[at];

		if (c->is_group)
			check_group(c);
		else if (c->pair[0] != c->pair[1]) {
			check_gate(c, c->pair[0], c->pair[1]);
			check_gate(c, c->pair[1], c->pair[0]);
		}
	}
	for (unsigned i = 0; i < SIM_GROUPS_MAX; i++) {
		struct sim_group *g = &sim->groups[i];

		g->open_tries = 0;
		g->is_absent = g->client_id != 0 && g->conv == NULL;
	}
}
