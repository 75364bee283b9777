/* SPDX-License-Identifier: Apache-2.0 */
/*
 * load_run.c - runs that send messages.
 *
 *   pair    2k and 2k+1 write to each other; with --friends everybody writes to one of his friends,
 *           chosen anew for each message.
 *   group   user 0 writes to a group of all.
 * Closed loop: a sender has --window messages under way; one is done when everybody it is for has
 * received it AND the server has acknowledged it (where the protocol has acknowledgements), and
 * then the next one leaves; whoever is refused rests for a second (Retry-After). Open loop
 * (--rate): so many a second in all, and the time of a message counts from when it should have been
 * sent, so that a stalled server is charged for its stall.
 *
 * Each text begins "GX1", then in hex: run(8) sender(4) slot(4) seq(8); padded to --body bytes. A
 * slot is one message under way of its sender. After the measuring nothing new is sent until all is
 * done; what then has been sent, acknowledged and delivered must be the same, each once, to the
 * right people, in order. If not, the run has failed.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ident.h"
#include "load_conn.h"
#include "load_people.h"
#include "load_seed.h"
#include "load_stat.h"

#define RUN_AT 3u
#define SENDER_AT 11u
#define SLOT_AT 15u
#define SEQ_AT 19u
#define MARK_BYTES 27u
#define BODY_BYTES_MAX 1500u
#define SIGN_IN_NS (300 * LOAD_NS_PER_S)
#define DRAIN_NS (20 * LOAD_NS_PER_S)
#define SETTLE_NS (LOAD_NS_PER_S / 2)
#define REST_NS LOAD_NS_PER_S
/* The first one into a group makes it; the others don't all come at once. */
#define JOINS_PARALLEL 8u

enum phase { PHASE_SIGN_IN, PHASE_WARM, PHASE_MEASURE, PHASE_DRAIN };

struct slot {
	uint64_t due_ns; /* when it was, or should have been, sent */
	uint32_t seq;
	uint32_t to; /* whom it is for; a group has all */
	uint32_t deliveries_left;
	bool is_acked;
	bool is_busy;
};

struct load_sender {
	struct load_frame frame;
	struct slot *slots;
	uint32_t *free_slots;
	uint32_t free_count;
	uint32_t next_seq;
};

struct rest {
	struct load_conn *who;
	uint64_t until_ns;
};

static struct {
	enum phase phase;
	char mark[MARK_BYTES + 1]; /* "GX1", run, and zeros */
	unsigned joined_count, senders_count;
	uint32_t *expected; /* of each receiver, when it has one sender: the next seq */
	uint64_t sent, acked, delivered, done, done_measured, deliveries_measured;
	uint64_t refused, strays, unsent, under_way;
	uint64_t started_ns, scheduled;
	struct load_times times, reply_times;
	uint64_t random;
	/* Closed loop: who was refused and rests for REST_NS; a ring in order of time. */
	struct rest *rests;
	uint32_t rests_first, rests_last, rests_cap;
} run;

/* ---- sending ---- */

static const char hex_digits[] = "0123456789abcdef";

static void put_hex(char *to, uint64_t v, unsigned digits)
{
	for (unsigned i = digits; i-- > 0; v >>= 4)
		to[i] = hex_digits[v & 15];
}

/* xorshift: which friend a message is for. */
static uint64_t next_random(void)
{
	run.random ^= run.random << 13;
	run.random ^= run.random >> 7;
	run.random ^= run.random << 17;
	return run.random;
}

static void frame_prepare(const struct load_conn *c, struct load_frame *f)
{
	char text[BODY_BYTES_MAX];
	const char *at;

	memset(text, 'x', load_opt.body_bytes);
	memcpy(text, run.mark, MARK_BYTES);
	put_hex(text + SENDER_AT, c->id, 4);
	gx_buf_init(&f->bytes, 65536);
	load_opt.proto->message(c, f, (struct gx_str){ text, load_opt.body_bytes });
	at = f->bytes.ptr;
	while ((at = memmem(at, (size_t)(f->bytes.ptr + f->bytes.len - at), text, MARK_BYTES)) !=
	       NULL) {
		GX_ASSERT(f->marks_count < GX_COUNT(f->marks));
		f->marks[f->marks_count++] = (uint32_t)(at - f->bytes.ptr);
		at += MARK_BYTES;
	}
}

static void sender_init(struct load_conn *c)
{
	unsigned slots = load_opt.rate > 0 ? LOAD_SLOTS_MAX : load_opt.window;
	struct load_sender *s = gx_heap_alloc(sizeof(*s));

	frame_prepare(c, &s->frame);
	s->slots = gx_heap_alloc_array(slots, sizeof(*s->slots));
	s->free_slots = gx_heap_alloc_array(slots, sizeof(*s->free_slots));
	while (s->free_count < slots) {
		s->free_slots[s->free_count] = slots - 1 - s->free_count;
		s->free_count++;
	}
	c->sender = s;
	run.senders_count++;
}

static void append_frame(struct load_conn *c, uint32_t index, const struct slot *slot,
			 uint32_t place)
{
	struct load_frame *f = &c->sender->frame;

	for (unsigned i = 0; i < f->marks_count; i++) {
		put_hex(f->bytes.ptr + f->marks[i] + SLOT_AT, index, 4);
		put_hex(f->bytes.ptr + f->marks[i] + SEQ_AT, slot->seq, 8);
	}
	if (load_opt.proto->number != NULL)
		load_opt.proto->number(f, index, place);
	gx_buf_append(load_conn_out(c), f->bytes.ptr, f->bytes.len);
}

/* False when the sender has no free slot. */
static bool send_message(struct load_conn *c, uint64_t due_ns)
{
	struct load_sender *s = c->sender;
	uint32_t index, place = 0, to = c->id ^ 1;

	if (s->free_count == 0)
		return false;
	index = s->free_slots[--s->free_count];
	if (load_opt.friends > 0) {
		unsigned friend = (unsigned)(next_random() % load_opt.friends);

		to = load_seed_friend(c->id, friend, load_opt.users);
		place = load_seed_place(c->id, friend, load_opt.friends);
	}
	s->slots[index] = (struct slot){
		.due_ns = due_ns,
		.seq = s->next_seq++,
		.to = to,
		.deliveries_left = load_opt.mode == LOAD_GROUP ? load_conns.count - 1 : 1,
		.is_busy = true,
	};
	run.sent++;
	run.under_way++;
	append_frame(c, index, &s->slots[index], place);
	return true;
}

static void send_scheduled(void)
{
	double passed_s = (double)(load_conns.now_ns - run.started_ns) / 1e9;
	uint64_t due_count = (uint64_t)(passed_s * load_opt.rate) + 1;

	for (; run.scheduled < due_count; run.scheduled++) {
		struct load_conn *c = &load_conns.list[run.scheduled % run.senders_count];
		uint64_t after_ns = (uint64_t)((double)run.scheduled * 1e9 / load_opt.rate);

		if (!send_message(c, run.started_ns + after_ns))
			run.unsent++;
	}
}

/* ---- what comes back ---- */

static void slot_free(struct load_conn *c, uint32_t index)
{
	c->sender->slots[index].is_busy = false;
	c->sender->free_slots[c->sender->free_count++] = index;
	run.under_way--;
}

static void slot_progress(struct load_conn *c, uint32_t index)
{
	const struct slot *slot = &c->sender->slots[index];

	if (!slot->is_acked || slot->deliveries_left > 0)
		return;
	slot_free(c, index);
	run.done++;
	if (run.phase == PHASE_MEASURE)
		run.done_measured++;
	if (load_opt.rate == 0 && run.phase != PHASE_DRAIN)
		send_message(c, load_conns.now_ns);
}

static void times_add(struct load_times *t, const struct slot *slot)
{
	uint64_t now_ns = load_conns.now_ns;

	if (run.phase == PHASE_MEASURE)
		load_times_add(t, now_ns > slot->due_ns ? now_ns - slot->due_ns : 0);
}

static bool take_hex(const char *from, unsigned digits, uint32_t *out)
{
	uint32_t v = 0;

	for (unsigned i = 0; i < digits; i++) {
		int digit = gx_hex_digit(from[i]);

		if (digit < 0)
			return false;
		v = v << 4 | (uint32_t)digit;
	}
	*out = v;
	return true;
}

/* The first mark of this run in these bytes, or NULL. */
static const char *find_mark(struct load_conn *c, const char *bytes, size_t len)
{
	const char *at = bytes + c->mark_hint;

	if (c->mark_hint + MARK_BYTES > len || memcmp(at, run.mark, SENDER_AT) != 0)
		at = memmem(bytes, len, run.mark, SENDER_AT);
	if (at == NULL || (size_t)(bytes + len - at) < MARK_BYTES)
		return NULL;
	c->mark_hint = (uint32_t)(at - bytes);
	return at;
}

/* The message that a mark names, when it is under way; its sender and place. */
static struct slot *slot_of(const char *mark, struct load_conn **from, uint32_t *index)
{
	uint32_t sender, seq;
	struct load_sender *s;

	if (!take_hex(mark + SENDER_AT, 4, &sender) || !take_hex(mark + SLOT_AT, 4, index) ||
	    !take_hex(mark + SEQ_AT, 8, &seq) || sender >= load_conns.count)
		return NULL;
	*from = &load_conns.list[sender];
	s = (*from)->sender;
	if (s == NULL || *index >= LOAD_SLOTS_MAX ||
	    (load_opt.rate == 0 && *index >= load_opt.window) || !s->slots[*index].is_busy ||
	    s->slots[*index].seq != seq)
		return NULL;
	return &s->slots[*index];
}

/* Is it for this one, and nothing before it still to come? */
static bool is_expected(const struct load_conn *c, const struct slot *slot)
{
	if (slot->deliveries_left == 0)
		return false;
	if (load_opt.friends > 0)
		return slot->to == c->id;
	if (load_opt.mode == LOAD_PAIR && slot->to != c->id)
		return false;
	if (slot->seq < run.expected[c->id])
		return false;
	run.expected[c->id] = slot->seq + 1;
	return true;
}

void load_on_message(struct load_conn *c, const char *bytes, size_t len)
{
	const char *mark;
	struct load_conn *from;
	struct slot *slot;
	uint32_t index;

	if (load_opt.mode == LOAD_CROWD) {
		load_crowd_on_event(c, (struct gx_str){ bytes, len });
		return;
	}
	mark = find_mark(c, bytes, len);
	if (mark == NULL)
		return; /* something else, or of an earlier run */
	slot = slot_of(mark, &from, &index);
	if (slot != NULL && from == c && load_opt.proto->echoes_groups) {
		load_on_ack(c, index);
		return;
	}
	if (slot == NULL || !is_expected(c, slot)) {
		run.strays++;
		return;
	}
	slot->deliveries_left--;
	run.delivered++;
	if (run.phase == PHASE_MEASURE)
		run.deliveries_measured++;
	times_add(&run.times, slot);
	if (load_opt.mode == LOAD_PAIR && !load_opt.proto->has_acks) {
		slot->is_acked = true; /* the partner has it: what could say more? */
		run.acked++;
	}
	slot_progress(from, index);
}

static struct slot *slot_unacked(struct load_conn *c, uint32_t index, const char *what)
{
	if (c->sender == NULL || index >= LOAD_SLOTS_MAX ||
	    (load_opt.rate == 0 && index >= load_opt.window) || !c->sender->slots[index].is_busy ||
	    c->sender->slots[index].is_acked)
		load_die("%s for nothing that was sent", what);
	return &c->sender->slots[index];
}

void load_on_ack(struct load_conn *c, uint32_t index)
{
	struct slot *slot = slot_unacked(c, index, "an acknowledgement");

	slot->is_acked = true;
	run.acked++;
	times_add(&run.reply_times, slot);
	slot_progress(c, index);
}

void load_on_refusal(struct load_conn *c, uint32_t index, struct gx_str why)
{
	if (run.refused++ == 0 && !load_opt.may_refuse)
		fprintf(stderr, "guanxi-load: refused: %.*s\n", GX_STR_ARG(why));
	(void)slot_unacked(c, index, "a refusal");
	run.sent--;
	slot_free(c, index);
	if (load_opt.rate == 0)
		run.rests[run.rests_last++ % run.rests_cap] =
			(struct rest){ c, load_conns.now_ns + REST_NS };
}

/* Who has rested sends again. */
static void rests_end(void)
{
	while (run.rests_first != run.rests_last) {
		const struct rest *r = &run.rests[run.rests_first % run.rests_cap];

		if (r->until_ns > load_conns.now_ns)
			return;
		run.rests_first++;
		if (run.phase != PHASE_DRAIN)
			send_message(r->who, load_conns.now_ns);
	}
}

void load_on_refused_text(struct load_conn *c, struct gx_str answer)
{
	const char *mark = find_mark(c, answer.ptr, answer.len);
	struct load_conn *from;
	uint32_t index;

	if (mark == NULL || slot_of(mark, &from, &index) == NULL)
		load_die("an error: %.*s", GX_STR_ARG(answer));
	load_on_refusal(from, index, answer);
}

void load_on_joined(struct load_conn *c)
{
	if (c->is_joined)
		return;
	c->is_joined = true;
	run.joined_count++;
}

/* ---- a run ---- */

static void sign_in_all(void)
{
	uint64_t end_ns = gx_clock_mono_ns() + SIGN_IN_NS;
	unsigned opened = 0, n = load_conns.count;

	while (load_conns.ready_count < n) {
		while (opened < n && opened - load_conns.ready_count < load_opt.parallel)
			load_conn_open(&load_conns.list[opened++]);
		load_conns_turn(LOAD_NS_PER_S / 10);
		if (load_conns.now_ns > end_ns)
			load_die("only %u of %u have signed in", load_conns.ready_count, n);
	}
	for (unsigned begun = 0;
	     load_opt.mode == LOAD_GROUP && load_opt.proto->join != NULL && run.joined_count < n;) {
		while (begun < n && begun < run.joined_count + (begun == 0 ? 1 : JOINS_PARALLEL) &&
		       (begun == 0 || run.joined_count > 0))
			load_opt.proto->join(&load_conns.list[begun++]);
		load_conns_turn(LOAD_NS_PER_S / 10);
		if (load_conns.now_ns > end_ns)
			load_die("only %u of %u have joined", run.joined_count, n);
	}
}

static void run_until(uint64_t end_ns)
{
	const uint64_t pause_ns = LOAD_NS_PER_S / 10;
	bool is_open = load_opt.rate > 0 && run.phase != PHASE_DRAIN && run.phase != PHASE_SIGN_IN;

	for (load_conns.now_ns = gx_clock_mono_ns(); load_conns.now_ns < end_ns;) {
		uint64_t wait_ns = end_ns - load_conns.now_ns;

		if (is_open) {
			uint64_t due_ns;

			send_scheduled();
			due_ns = run.started_ns +
				 (uint64_t)((double)run.scheduled * 1e9 / load_opt.rate);
			wait_ns = due_ns > load_conns.now_ns ? due_ns - load_conns.now_ns : 0;
		} else if (run.phase == PHASE_DRAIN && run.under_way == 0) {
			return;
		}
		rests_end();
		load_conns_turn(wait_ns < pause_ns ? wait_ns : pause_ns);
	}
}

static const char *mode_name(void)
{
	return load_opt.mode == LOAD_GROUP ? "group" : "pair";
}

static void print_line(const struct load_server *server, const struct load_usage *a,
		       const struct load_usage *b)
{
	double seconds = (double)(b->mono_ns - a->mono_ns) / 1e9;
	double server_us = (double)(b->server_ns - a->server_ns) / 1e3;

	printf("server=%s mode=%s users=%u window=%u rate=%.0f body=%u seconds=%.2f messages=%llu "
	       "msgs_per_s=%.0f deliveries_per_s=%.0f server_cpu_us_per_msg=%.2f "
	       "server_cpu_us_per_delivery=%.3f ",
	       load_opt.label, mode_name(), load_conns.count,
	       load_opt.rate > 0 ? 0 : load_opt.window, load_opt.rate, load_opt.body_bytes, seconds,
	       (unsigned long long)run.done_measured, (double)run.done_measured / seconds,
	       (double)run.deliveries_measured / seconds, load_per(server_us, run.done_measured),
	       load_per(server_us, run.deliveries_measured));
	load_times_print("", &run.times);
	load_times_print("reply_", &run.reply_times);
	load_usage_print(a, b);
	printf("load_cpu_us_per_msg=%.2f server_pss_mb=%.1f sent=%llu acked=%llu delivered=%llu "
	       "refused=%llu strays=%llu lost=%llu unsent=%llu\n",
	       load_per((double)(b->own_ns - a->own_ns) / 1e3, run.done_measured),
	       (double)load_server_pss_bytes(server) / 1048576.0, (unsigned long long)run.sent,
	       (unsigned long long)run.acked, (unsigned long long)run.delivered,
	       (unsigned long long)run.refused, (unsigned long long)run.strays,
	       (unsigned long long)run.under_way, (unsigned long long)run.unsent);
}

static void prepare(void)
{
	unsigned n = load_opt.users;
	struct load_conn *c;

	memset(run.mark, '0', MARK_BYTES);
	memcpy(run.mark, "GX1", 3);
	run.random = gx_random_u64() | 1;
	put_hex(run.mark + RUN_AT, run.random >> 32, 8);
	run.expected = gx_heap_alloc_array(n, sizeof(*run.expected));
	run.rests_cap = n * load_opt.window;
	run.rests = gx_heap_alloc_array(run.rests_cap, sizeof(*run.rests));
	if (load_opt.proto == &load_guanxi && !load_opt.is_seeded)
		load_people_prepare(n, load_opt.mode);
	load_conns_init(n, 0, true);
	for (unsigned i = 0; i < (load_opt.mode == LOAD_GROUP ? 1 : n); i++) {
		c = &load_conns.list[i];
		sender_init(c);
	}
	sign_in_all();
	run_until(gx_clock_mono_ns() + SETTLE_NS);
}

/* Bursts of person 0's, one only when the last is done: the server's batches are the same each
 * time, so that its work can be counted. */
static int run_rounds(void)
{
	run.phase = PHASE_DRAIN;
	for (unsigned i = 0; i < load_opt.rounds && run.under_way == 0; i++) {
		while (send_message(&load_conns.list[0], gx_clock_mono_ns()))
			;
		run_until(gx_clock_mono_ns() + 10 * DRAIN_NS);
	}
	printf("server=%s mode=rounds rounds=%u window=%u sent=%llu acked=%llu delivered=%llu\n",
	       load_opt.label, load_opt.rounds, load_opt.window, (unsigned long long)run.sent,
	       (unsigned long long)run.acked, (unsigned long long)run.delivered);
	return run.sent == run.acked && run.sent == run.delivered && run.strays == 0 ? 0 : 1;
}

int load_run_messages(void)
{
	uint64_t per_message = load_opt.mode == LOAD_GROUP ? load_opt.users - 1 : 1;
	struct load_server server;
	struct load_usage a, b;
	bool is_good;

	prepare();
	if (load_opt.rounds > 0)
		return run_rounds();
	load_server_find(&server, load_opt.server_pid);
	run.phase = PHASE_WARM;
	run.started_ns = load_conns.now_ns = gx_clock_mono_ns();
	for (unsigned i = 0; load_opt.rate == 0 && i < run.senders_count; i++)
		while (send_message(&load_conns.list[i], load_conns.now_ns))
			;
	run_until(run.started_ns + load_opt.warm_s * LOAD_NS_PER_S);
	load_usage_read(&server, &a);
	run.phase = PHASE_MEASURE;
	run_until(a.mono_ns + load_opt.measure_s * LOAD_NS_PER_S);
	load_usage_read(&server, &b);
	run.phase = PHASE_DRAIN;
	run_until(b.mono_ns + DRAIN_NS);
	print_line(&server, &a, &b);
	is_good = run.acked == run.sent && run.delivered == run.sent * per_message &&
		  run.strays == 0 && run.under_way == 0;
	return is_good && (load_opt.may_refuse || run.refused + run.unsent == 0) ? 0 : 1;
}
