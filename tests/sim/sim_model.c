/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sim_model.c - what must be: the memory of everything that was promised or seen.
 *
 * Whatever anybody has been told is durable, so it must agree with all that is told later, through
 * every death of the core: a message has one seq, one time, one body; a position one event.
 */
#include <stdlib.h>
#include <string.h>

#include "sim.h"

/* --- JSON --- */

uint64_t sim_json_u64(const struct gx_json *object, const char *key)
{
	const struct gx_json *n = gx_json_get(object, gx_str_from_cstr(key));
	uint64_t v = 0;

	if (n != NULL && (n->type == GX_JSON_NUMBER || n->type == GX_JSON_STRING))
		(void)gx_str_to_u64((struct gx_str){ n->raw, n->raw_len }, &v);
	return v;
}

struct gx_str sim_json_text(const struct gx_json *object, const char *key)
{
	const struct gx_json *n = gx_json_get(object, gx_str_from_cstr(key));

	return n == NULL || n->type != GX_JSON_STRING ? GX_STR("") : gx_json_str(&sim->scratch, n);
}

uint64_t sim_hash(struct gx_str s)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < s.len; i++)
		h = (h ^ (unsigned char)s.ptr[i]) * UINT64_C(0x100000001b3);
	return h;
}

/* --- conversations and seats --- */

static void *grown(void *old, size_t *cap, size_t want, size_t size)
{
	size_t more = *cap == 0 ? 16 : *cap;
	char *all;

	if (want <= *cap)
		return old;
	while (more < want)
		more *= 2;
	all = gx_heap_resize(old, more, size);
	memset(all + *cap * size, 0, (more - *cap) * size);
	*cap = more;
	return all;
}

struct sim_conv *sim_conv_get(uint64_t id)
{
	struct sim_conv *c = gx_table_get(&sim->convs_by_id, id);

	SIM_CHECK(id != 0, "a conversation without an id");
	if (c != NULL)
		return c;
	c = gx_heap_alloc(sizeof(*c));
	c->id = id;
	c->index = sim->convs_count;
	sim->convs = grown(sim->convs, &sim->convs_cap, sim->convs_count + 1, sizeof(c));
	sim->convs[sim->convs_count++] = c;
	gx_table_put(&sim->convs_by_id, id, c);
	return c;
}

void sim_conv_join(struct sim_conv *c, unsigned person)
{
	struct sim_person *p = &sim->people[person];

	if (c->seats[person].is_listed)
		return;
	c->seats[person].is_listed = true;
	p->convs = grown(p->convs, &p->convs_cap, p->convs_count + 1, sizeof(c));
	p->convs[p->convs_count++] = c;
}

struct sim_view *sim_view_get(struct sim_device *d, const struct sim_conv *c)
{
	d->views = grown(d->views, &d->views_cap, c->index + 1, sizeof(*d->views));
	return &d->views[c->index];
}

struct sim_person *sim_person_by_id(uint64_t account_id)
{
	for (unsigned i = 0; i < sim->people_count; i++)
		if (sim->people[i].account_id == account_id)
			return &sim->people[i];
	sim_fail("an account %llu that nobody has", (unsigned long long)account_id);
}

static struct sim_msg **slot(struct sim_conv *c, uint64_t seq)
{
	SIM_CHECK(seq > 0 && seq < 10000000, "seq %llu", (unsigned long long)seq);
	c->by_seq = grown(c->by_seq, &c->by_seq_cap, seq + 1, sizeof(struct sim_msg *));
	return &c->by_seq[seq];
}

/* --- messages --- */

struct gx_str sim_body(uint64_t client_id)
{
	static const char filler[] =
		"the quick brown fox jumps over the lazy dog, again and again, "
		"until somebody notices and says something about it";

	return gx_arena_printf(&sim->scratch, "{\"text\":\"%llx %s%.*s\"}",
			       (unsigned long long)client_id, client_id % 5 == 0 ? "你好 " : "",
			       (int)(client_id >> 20) % (int)sizeof(filler) & 0x7f, filler);
}

static struct sim_msg *msg_add(struct sim_conv *c, unsigned sender)
{
	struct sim_msg *m = gx_heap_alloc(sizeof(*m));

	m->conv = c;
	m->sender = sender;
	m->next = sim->msgs;
	sim->msgs = m;
	return m;
}

struct sim_msg *sim_msg_new(struct sim_conv *c, unsigned sender)
{
	struct sim_msg *m = msg_add(c, sender);

	m->client_id = sim_random() | 1;
	gx_table_put(&sim->msgs_by_client, m->client_id, m);
	return m;
}

void sim_msg_tried(struct sim_msg *m)
{
	m->open_tries++;
	m->is_absent = false;
}

void sim_msg_refused(struct sim_msg *m)
{
	m->open_tries--;
	if (m->open_tries == 0 && m->seq == 0)
		m->is_absent = true;
}

void sim_msg_lost(struct sim_msg *m)
{
	sim->lost = grown(sim->lost, &sim->lost_cap, sim->lost_count + 1, sizeof(m));
	sim->lost[sim->lost_count++] = m;
}

static struct sim_msg *find_message(const struct gx_json *json, struct sim_conv *c, uint64_t seq,
				    unsigned sender)
{
	struct gx_str client = sim_json_text(json, "client_id");
	struct sim_msg **at = slot(c, seq), *m;
	char text[24];

	if (gx_str_eq(sim_json_text(json, "kind"), GX_STR("notice")))
		return *at != NULL ? *at : msg_add(c, sender);
	SIM_CHECK(client.len < sizeof(text), "a client_id of %zu bytes", client.len);
	memcpy(text, client.ptr, client.len);
	text[client.len] = '\0';
	m = gx_table_get(&sim->msgs_by_client, strtoull(text, NULL, 16));
	SIM_CHECK(m != NULL && m->conv == c && m->sender == sender,
		  "a message that nobody has sent: conversation %llu seq %llu",
		  (unsigned long long)c->id, (unsigned long long)seq);
	return m;
}

static void check_body(const struct gx_json *json, struct sim_msg *m)
{
	struct gx_str body = gx_json_raw(gx_json_get(json, GX_STR("body")));
	uint64_t hash = sim_hash(body);

	if (sim_json_u64(json, "recalled_at") != 0) {
		SIM_CHECK(m->is_recall_asked, "message %llu was recalled by nobody",
			  (unsigned long long)m->seq);
		SIM_CHECK(gx_str_eq(body, GX_STR("{}")), "a recalled message has a body");
		return;
	}
	if (m->client_id != 0)
		SIM_CHECK(gx_str_eq(body, sim_body(m->client_id)), "another body: %.*s",
			  GX_STR_ARG(body));
	SIM_CHECK(m->body_hash == 0 || m->body_hash == hash, "the body has changed: %.*s",
		  GX_STR_ARG(body));
	m->body_hash = hash;
}

struct sim_msg *sim_msg_seen(const struct gx_json *json)
{
	struct sim_conv *c = sim_conv_get(sim_json_u64(json, "conversation_id"));
	unsigned sender =
		(unsigned)(sim_person_by_id(sim_json_u64(json, "sender_id")) - sim->people);
	uint64_t seq = sim_json_u64(json, "seq");
	int64_t sent_at_ms = (int64_t)sim_json_u64(json, "sent_at");
	struct sim_msg **at = slot(c, seq);
	struct sim_msg *m = find_message(json, c, seq, sender);

	SIM_CHECK(!m->is_absent, "a refused message is there: conversation %llu seq %llu",
		  (unsigned long long)c->id, (unsigned long long)seq);
	SIM_CHECK(m->seq == 0 || m->seq == seq, "a message has seq %llu and %llu",
		  (unsigned long long)m->seq, (unsigned long long)seq);
	at = slot(c, seq);
	SIM_CHECK(*at == NULL || *at == m, "two messages have seq %llu of conversation %llu",
		  (unsigned long long)seq, (unsigned long long)c->id);
	SIM_CHECK(m->sent_at_ms == 0 || m->sent_at_ms == sent_at_ms, "the time of seq %llu changed",
		  (unsigned long long)seq);
	*at = m;
	m->seq = seq;
	m->sent_at_ms = sent_at_ms;
	check_body(json, m);
	if (seq > c->last)
		c->last = seq;
	return m;
}

/* --- events --- */

/* Missing on this stream for a reason: hidden, or sent over it and answered there (before what
 * comes behind it). */
bool sim_is_excused(const struct sim_device *d, const struct sim_conv *c, uint64_t seq)
{
	const struct sim_msg *m = seq < c->by_seq_cap ? c->by_seq[seq] : NULL;

	return m != NULL &&
	       ((m->hidden_by & 1u << d->person) != 0 || (m->told & 1u << d->index) != 0);
}

static void message_event(struct sim_device *d, const struct gx_json *event, uint64_t position)
{
	struct sim_msg *m = sim_msg_seen(gx_json_get(event, GX_STR("message")));
	struct sim_conv *c = m->conv;
	const struct sim_seat *seat = &c->seats[d->person];
	struct sim_view *v = sim_view_get(d, c);

	SIM_CHECK(v->last < m->seq, "device %u: seq %llu of conversation %llu after %llu", d->index,
		  (unsigned long long)m->seq, (unsigned long long)c->id,
		  (unsigned long long)v->last);
	if (v->last != 0 && v->epoch == seat->epoch && !seat->is_unsure)
		for (uint64_t q = v->last + 1; q < m->seq; q++)
			SIM_CHECK(sim_is_excused(d, c, q),
				  "device %u never saw seq %llu of conversation %llu, but %llu",
				  d->index, (unsigned long long)q, (unsigned long long)c->id,
				  (unsigned long long)m->seq);
	v->last = m->seq;
	v->epoch = seat->epoch;
	SIM_CHECK(m->position == 0 || position == 0 || m->position == position,
		  "seq %llu of conversation %llu stood at %llu, and now at %llu",
		  (unsigned long long)m->seq, (unsigned long long)c->id,
		  (unsigned long long)m->position, (unsigned long long)position);
	if (position != 0)
		m->position = position;
}

/* One position, one event: who sees it may see it differently, but it is of one kind and place. */
static void check_position(const struct sim_device *d, uint64_t position, struct gx_str type,
			   uint64_t conversation_id, uint64_t seq)
{
	uint64_t own =
		conversation_id != 0 ? conversation_id : sim->people[d->person].account_id << 40;
	uintptr_t mark = (uintptr_t)(sim_hash(type) ^ own << 20 ^ seq << 1) | 1;
	uintptr_t before = (uintptr_t)gx_table_get(&sim->positions, position);

	SIM_CHECK(before == 0 || before == mark,
		  "position %llu had another event before this %.*s of conversation %llu",
		  (unsigned long long)position, GX_STR_ARG(type),
		  (unsigned long long)conversation_id);
	/* A number, not an address: it is never followed. */
	gx_table_put(&sim->positions, position, (void *)mark);
}

/* Those that are told once for each change. (What a conversation looks like, and what was read, is
 * told as it is at the end; messages are counted by their seq.) */
static void note_told(const struct sim_device *d, uint64_t position, struct gx_str type,
		      uint64_t conversation_id)
{
	struct sim_person *p = &sim->people[d->person];
	const struct sim_conv *c = conversation_id == 0 ? NULL : sim_conv_get(conversation_id);
	size_t at = p->told_count;

	if (gx_str_eq(type, GX_STR("message")) || gx_str_eq(type, GX_STR("conversation")) ||
	    gx_str_eq(type, GX_STR("read")))
		return;
	while (at > 0 && p->told[at - 1].position != position)
		at--;
	if (at == 0) {
		p->told = grown(p->told, &p->told_cap, p->told_count + 1, sizeof(*p->told));
		at = ++p->told_count;
		p->told[at - 1] = (struct sim_told){ .position = position, .conv = c };
		if (c != NULL)
			p->told[at - 1].epoch = c->seats[d->person].epoch;
	}
	p->told[at - 1].devices |= 1u << d->index;
}

void sim_told_check(void)
{
	for (unsigned i = 0; i < sim->devices_count; i++) {
		const struct sim_device *d = &sim->devices[i];
		const struct sim_person *p = &sim->people[d->person];

		for (size_t k = 0; k < p->told_count; k++) {
			const struct sim_told *t = &p->told[k];
			const struct sim_seat *seat =
				t->conv == NULL ? NULL : &t->conv->seats[d->person];

			if (t->position <= d->base || (t->devices & 1u << d->index) != 0 ||
			    (seat != NULL && (seat->is_unsure || seat->epoch != t->epoch)))
				continue;
			sim_fail("device %u never heard of the event at %llu", d->index,
				 (unsigned long long)t->position);
		}
	}
	for (unsigned i = 0; i < sim->people_count; i++)
		sim->people[i].told_count = 0;
}

void sim_event_seen(struct sim_device *d, uint64_t position, const struct gx_json *event)
{
	struct gx_str type = sim_json_text(event, "type");
	uint64_t conversation_id = sim_json_u64(event, "conversation_id");
	uint64_t seq = 0;

	sim->events_seen++;
	sim_social_event(type, event);
	if (position != 0 && d->has_cursor)
		SIM_CHECK(position > d->cursor, "device %u: event at %llu after %llu", d->index,
			  (unsigned long long)position, (unsigned long long)d->cursor);
	if (gx_str_eq(type, GX_STR("message"))) {
		const struct gx_json *m = gx_json_get(event, GX_STR("message"));

		message_event(d, event, position);
		conversation_id = sim_json_u64(m, "conversation_id");
		seq = sim_json_u64(m, "seq");
	} else if (gx_str_eq(type, GX_STR("conversation"))) {
		conversation_id = sim_json_u64(gx_json_get(event, GX_STR("conversation")), "id");
	} else if (gx_str_eq(type, GX_STR("read"))) {
		struct sim_seat *seat = &sim_conv_get(conversation_id)->seats[d->person];
		uint64_t read = sim_json_u64(event, "seq");

		if (read > seat->read_low)
			seat->read_low = read;
	} else if (gx_str_eq(type, GX_STR("message_recalled"))) {
		seq = sim_json_u64(event, "seq");
	}
	if (position == 0)
		return;
	check_position(d, position, type, conversation_id, seq);
	note_told(d, position, type, conversation_id);
	d->cursor = position;
	d->has_cursor = true;
}

/* --- answers --- */

static void sent(struct sim_device *d, struct sim_call *call, const struct gx_json *out)
{
	struct sim_msg *m = sim_msg_seen(gx_json_get(out, GX_STR("message")));
	struct sim_seat *seat = &m->conv->seats[d->person];

	SIM_CHECK(m == call->msg, "the answer names another message");
	m->open_tries--;
	m->is_acked = true;
	if (!call->is_http)
		m->told |= 1u << d->index;
	sim->acks++;
	if (m->seq > seat->read_low)
		seat->read_low = m->seq;
}

bool sim_is_hidden(unsigned person, const struct sim_conv *c, uint64_t seq)
{
	return seq < c->by_seq_cap && c->by_seq[seq] != NULL &&
	       (c->by_seq[seq]->hidden_by & 1u << person) != 0;
}

static void check_hidden(const struct sim_device *d, const struct sim_conv *c, uint64_t from,
			 uint64_t to, const char *where)
{
	for (uint64_t q = from; q <= to; q++)
		SIM_CHECK(sim_is_hidden(d->person, c, q),
			  "seq %llu of conversation %llu is missing %s", (unsigned long long)q,
			  (unsigned long long)c->id, where);
}

static void history(struct sim_device *d, struct sim_call *call, const struct gx_json *out)
{
	const struct gx_json *list = gx_json_get(out, GX_STR("messages"));
	const struct gx_json *n = gx_json_first(list);
	const struct gx_json *next = gx_json_get(out, GX_STR("next"));
	uint64_t last = 0;

	for (uint32_t i = 0; i < list->count; i++, n = gx_json_next(n)) {
		const struct sim_msg *m = sim_msg_seen(n);

		SIM_CHECK(m->conv == call->conv && m->seq > last, "a page of history out of order");
		if (last != 0)
			check_hidden(d, call->conv, last + 1, m->seq - 1, "within a page");
		else if (call->is_plain && next != NULL && next->type == GX_JSON_NULL &&
			 call->seq == 0)
			check_hidden(d, call->conv, 1, m->seq - 1, "at the begin");
		last = m->seq;
	}
	if (call->is_plain && call->is_newest)
		check_hidden(d, call->conv, last + 1, call->known_last, "at the end");
}

static void conversation(struct sim_device *d, struct sim_call *call, const struct gx_json *out)
{
	const struct gx_json *c = gx_json_get(out, GX_STR("conversation"));
	const struct gx_json *shown = gx_json_get(c, GX_STR("last_message"));
	uint64_t last = sim_json_u64(c, "last_seq"), read = sim_json_u64(c, "read_seq");
	uint64_t unread = sim_json_u64(c, "unread");

	if (shown != NULL && shown->type == GX_JSON_OBJECT)
		(void)sim_msg_seen(shown);
	SIM_CHECK(read >= call->known_read,
		  "person %u had read %llu of conversation %llu, now %llu", d->person,
		  (unsigned long long)call->known_read, (unsigned long long)call->conv->id,
		  (unsigned long long)read);
	if (!call->is_plain)
		return;
	SIM_CHECK(last >= call->known_last, "conversation %llu ended at %llu, now at %llu",
		  (unsigned long long)call->conv->id, (unsigned long long)call->known_last,
		  (unsigned long long)last);
	SIM_CHECK(unread == (last > read ? last - read : 0), "%llu unread: last %llu, read %llu",
		  (unsigned long long)unread, (unsigned long long)last, (unsigned long long)read);
	if (shown == NULL || shown->type != GX_JSON_OBJECT)
		check_hidden(d, call->conv, 1, last, "as last message");
	else
		check_hidden(d, call->conv, sim_json_u64(shown, "seq") + 1, last,
			     "as last message");
}

static void synced(struct sim_device *d, struct sim_call *call, const struct gx_json *out)
{
	struct gx_str cursor = sim_json_text(out, "cursor");
	const struct gx_json *list = gx_json_get(out, GX_STR("events"));
	const struct gx_json *n = gx_json_first(list);
	uint64_t position;

	SIM_CHECK(gx_cursor_parse(cursor, &position), "a cursor %.*s", GX_STR_ARG(cursor));
	if (call->since == 0) {
		SIM_CHECK(list->count == 0, "events without being asked for");
		for (size_t i = 0; i < d->views_cap; i++)
			d->views[i].last = 0;
	} else {
		SIM_CHECK(position >= call->since, "a cursor went back");
	}
	for (uint32_t i = 0; i < list->count; i++, n = gx_json_next(n))
		sim_event_seen(d, 0, n);
	d->cursor = d->base = position;
	d->has_cursor = true;
}

void sim_model_answer(struct sim_device *d, struct sim_call *call, uint32_t status,
		      const struct gx_json *out)
{
	struct sim_seat *seat = call->conv == NULL ? NULL : &call->conv->seats[d->person];
	bool is_done = status < 300;

	if (seat != NULL && (seat->epoch != call->epoch || seat->is_unsure))
		call->is_plain = false;

	if (call->op == SIM_ASK) {
		struct gx_error err = { 0 };

		sim->asked = NULL;
		sim->asked_status = status;
		if (out != NULL &&
		    gx_json_parse(&sim->kept, gx_arena_strdup(&sim->kept, gx_json_raw(out)),
				  &sim->asked, &err) != GX_OK)
			sim_fail("an answer that is not JSON");
		return;
	}
	if (call->op >= SIM_GROUP_CREATE) {
		sim_social_answer(d, call, status, out);
		return;
	}
	if (call->op == SIM_SYNC)
		d->is_sync_asked = false;
	if (call->op == SIM_SYNC && status == 410)
		d->has_cursor = false;
	if (!is_done) {
		if (status == 503)
			d->wait_until_ns = sim_time.mono_ns + sim_below(UINT64_C(1500000000));
		if (call->op == SIM_SEND)
			sim_msg_refused(call->msg);
		return;
	}
	if (call->op == SIM_SEND)
		sent(d, call, out);
	else if (call->op == SIM_READ && seat->is_seated && call->seq > seat->read_low)
		/* (who has left reads up to there only) */
		seat->read_low = call->seq;
	else if (call->op == SIM_HISTORY)
		history(d, call, out);
	else if (call->op == SIM_GET || call->op == SIM_FLAGS)
		conversation(d, call, out);
	else if (call->op == SIM_SYNC)
		synced(d, call, out);
	else if (call->op == SIM_RECALL)
		call->msg->is_recalled = true;
}

void sim_model_lost(struct sim_device *d, struct sim_call *call)
{
	if (call->op == SIM_SEND)
		sim_msg_lost(call->msg);
	else if (call->op == SIM_SYNC)
		d->is_sync_asked = false;
}
