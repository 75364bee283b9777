/* SPDX-License-Identifier: Apache-2.0 */
/*
 * load.c - guanxi-load: how many messages a server carries, what each costs, how long it takes.
 *
 * One process, one thread, one stream a user. Modes:
 *   pair    users 2k and 2k+1 write to each other. Closed loop: each has at most --window messages
 *           under way; one is done when the partner has received it AND its reply has come.
 *   group   user 0 writes to one group of all; a message is done when everybody has it.
 *   idle    --conns streams are opened and left alone: memory for each.
 * With --rate R (pair, group): open loop, R messages a second in all; the time of a message counts
 * from when it should have been sent, so that a stalled server is charged for its stall.
 *
 * Each text begins "GX1", then in hex: run(8) sender(4) slot(4) seq(8) time(16); padded to --body
 * bytes. A slot is one message under way of its sender; it doubles as the call's id. Strays (of an
 * earlier run, or a second copy) are counted, and so is what is lost.
 * Output: one line of key=value. other_cores is what the machine did apart from server and us: when
 * it is not small, repeat the run.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ident.h"
#include "load_setup.h"
#include "load_stat.h"
#include "loop.h"

#define MARK_BYTES (3u + 8u + 4u + 4u + 8u + 16u)
#define SLOTS_MAX 4096u
#define READ_BYTES ((size_t)256 << 10)
#define DRAIN_NS UINT64_C(10000000000)

enum mode { MODE_PAIR, MODE_GROUP, MODE_IDLE };
enum phase { PHASE_WARM, PHASE_MEASURE, PHASE_DRAIN };

struct slot {
	uint64_t due_ns; /* when it was, or should have been, sent */
	uint32_t seq;
	uint32_t deliveries_left;
	bool is_acked;
	bool is_busy;
};

struct stream {
	struct gx_watch watch;
	const struct load_person *who;
	struct gx_buf in;
	struct gx_buf out;
	struct slot *slots; /* of a sender */
	uint32_t *free_slots;
	unsigned free_count;
	uint32_t next_seq;
	bool is_dirty;
	bool waits_for_room;
};

struct options {
	enum mode mode;
	unsigned users, conns, window, body_bytes, warm_s, measure_s;
	double rate;
	int server_pid;
};

static struct options opt = {
	.users = 200, .conns = 1000, .window = 10, .body_bytes = 100, .warm_s = 1, .measure_s = 5
};
static struct load_people people = { .host = "127.0.0.1", .port = 8848 };
static struct load_server server;
static struct gx_loop loop;
static struct stream *streams;
static unsigned streams_count;
static struct stream **dirty; /* streams with bytes to send in this turn */
static unsigned dirty_count;
static enum phase phase;
static uint64_t now_ns; /* of this turn */
static uint32_t run_id;
static unsigned next_sender; /* open loop */
static uint64_t started_ns, scheduled_count;
static struct {
	uint64_t done, deliveries, strays, refused, lost, unsent;
	uint64_t under_way;
	struct load_times delivery, reply;
} count;

/* ---- sending ---- */

static const char hex_digits[] = "0123456789abcdef";

static unsigned senders_count(void)
{
	return opt.mode == MODE_GROUP ? 1 : streams_count;
}

static void mark_dirty(struct stream *s)
{
	if (s->is_dirty || s->waits_for_room)
		return;
	s->is_dirty = true;
	dirty[dirty_count++] = s;
}

static void put_hex(char *to, uint64_t v, unsigned digits)
{
	for (unsigned i = digits; i-- > 0; v >>= 4)
		to[i] = hex_digits[v & 15];
}

/* A masked text frame. The mask is zero: the server's work is the same, ours is less. */
static void put_frame(struct gx_buf *out, uint8_t opcode, struct gx_str payload)
{
	unsigned char head[8] = { (unsigned char)(0x80 | opcode) };
	size_t head_len = 2;

	if (payload.len < 126) {
		head[1] = (unsigned char)(0x80 | payload.len);
	} else {
		if (payload.len > UINT16_MAX)
			load_die("--body is too long");
		head[1] = 0x80 | 126;
		head[2] = (unsigned char)(payload.len >> 8);
		head[3] = (unsigned char)payload.len;
		head_len = 4;
	}
	gx_buf_append(out, head, head_len);
	gx_buf_append(out, "\0\0\0\0", 4);
	gx_buf_append_str(out, payload);
}

static void put_message(struct stream *s, uint32_t slot_index, const struct slot *slot)
{
	static char text[65536];
	unsigned sender = (unsigned)(s - streams);
	char payload[2048];
	char *at = text + 3;
	int len;

	memset(text, 'x', opt.body_bytes);
	memcpy(text, "GX1", 3);
	put_hex(at, run_id, 8);
	put_hex(at + 8, sender, 4);
	put_hex(at + 12, slot_index, 4);
	put_hex(at + 16, slot->seq, 8);
	put_hex(at + 24, slot->due_ns, 16);
	len = snprintf(
		payload, sizeof(payload),
		"{\"t\":\"call\",\"id\":%u,\"op\":\"messages.send\",\"in\":{"
		"\"conversation_id\":\"%s\",\"client_id\":\"%08x%04x%08x\",\"kind\":\"text\","
		"\"body\":{\"text\":\"%.*s\"}}}",
		slot_index, s->who->conversation_id, run_id, sender, slot->seq, (int)opt.body_bytes,
		text);
	put_frame(&s->out, 1, (struct gx_str){ payload, (size_t)len });
	if (s->out.overflow)
		load_die("the server does not read");
	mark_dirty(s);
}

/* False when the sender has no free slot. */
static bool send_message(struct stream *s, uint64_t due_ns)
{
	uint32_t index;
	struct slot *slot;

	if (s->free_count == 0)
		return false;
	index = s->free_slots[--s->free_count];
	slot = &s->slots[index];
	*slot = (struct slot){
		.due_ns = due_ns,
		.seq = s->next_seq++,
		.deliveries_left = opt.mode == MODE_GROUP ? streams_count - 1 : 1,
		.is_busy = true,
	};
	count.under_way++;
	put_message(s, index, slot);
	return true;
}

static void slot_progress(struct stream *s, uint32_t index)
{
	struct slot *slot = &s->slots[index];

	if (!slot->is_acked || slot->deliveries_left > 0)
		return;
	slot->is_busy = false;
	s->free_slots[s->free_count++] = index;
	count.under_way--;
	if (phase == PHASE_MEASURE)
		count.done++;
	if (opt.rate == 0 && phase != PHASE_DRAIN)
		send_message(s, now_ns);
}

static void send_scheduled(void)
{
	uint64_t due_count = (uint64_t)((double)(now_ns - started_ns) * opt.rate / 1e9);

	for (; scheduled_count < due_count; scheduled_count++) {
		struct stream *s = &streams[next_sender++ % senders_count()];
		uint64_t due_ns = started_ns + (uint64_t)((double)scheduled_count * 1e9 / opt.rate);

		if (!send_message(s, due_ns))
			count.unsent++;
	}
}

static void flush_stream(struct stream *s)
{
	ssize_t sent = send(s->watch.fd, s->out.ptr, s->out.len, MSG_NOSIGNAL);

	if (sent < 0 && errno != EAGAIN)
		load_die("a stream broke: %s", strerror(errno));
	if (sent > 0)
		gx_buf_consume(&s->out, (size_t)sent);
	if ((s->out.len > 0) == s->waits_for_room)
		return;
	s->waits_for_room = s->out.len > 0;
	gx_loop_modify(&loop, &s->watch, EPOLLIN | (s->waits_for_room ? EPOLLOUT : 0));
}

static void flush_dirty(void)
{
	for (unsigned i = 0; i < dirty_count; i++) {
		dirty[i]->is_dirty = false;
		flush_stream(dirty[i]);
	}
	dirty_count = 0;
}

/* ---- receiving ---- */

static bool take_hex(const char *from, unsigned digits, uint64_t *out)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < digits; i++) {
		const char *at = memchr(hex_digits, from[i], 16);

		if (at == NULL)
			return false;
		v = v << 4 | (uint64_t)(at - hex_digits);
	}
	*out = v;
	return true;
}

static void on_event(struct gx_str text)
{
	const char *mark = memmem(text.ptr, text.len, "\"GX1", 4);
	uint64_t run, sender, slot_index, seq, due_ns;
	struct slot *slot;

	if (mark == NULL || (size_t)(text.ptr + text.len - mark) < MARK_BYTES + 1)
		return; /* not a message */
	mark += 4;
	if (!take_hex(mark, 8, &run) || !take_hex(mark + 8, 4, &sender) ||
	    !take_hex(mark + 12, 4, &slot_index) || !take_hex(mark + 16, 8, &seq) ||
	    !take_hex(mark + 24, 16, &due_ns) || run != run_id || sender >= senders_count() ||
	    slot_index >= SLOTS_MAX) {
		count.strays++;
		return;
	}
	slot = &streams[sender].slots[slot_index];
	if (!slot->is_busy || slot->seq != seq || slot->deliveries_left == 0) {
		count.strays++;
		return;
	}
	slot->deliveries_left--;
	if (phase == PHASE_MEASURE) {
		count.deliveries++;
		load_times_add(&count.delivery, now_ns > due_ns ? now_ns - due_ns : 0);
	}
	slot_progress(&streams[sender], (uint32_t)slot_index);
}

/* {"t":"reply","id":7,"status":201,… */
static void on_reply(struct stream *s, struct gx_str text)
{
	unsigned id, status;
	struct slot *slot;
	char head[64] = "";

	memcpy(head, text.ptr, text.len < sizeof(head) ? text.len : sizeof(head) - 1);
	if (sscanf(head, "{\"t\":\"reply\",\"id\":%u,\"status\":%u", &id, &status) != 2 ||
	    id >= SLOTS_MAX || s->slots == NULL || !s->slots[id].is_busy || s->slots[id].is_acked)
		load_die("a strange reply: %.*s", GX_STR_ARG(text));
	slot = &s->slots[id];
	slot->is_acked = true;
	if (status != 201) {
		if (count.refused++ == 0)
			fprintf(stderr, "guanxi-load: refused: %.*s\n", GX_STR_ARG(text));
		slot->deliveries_left = 0;
	}
	if (phase == PHASE_MEASURE)
		load_times_add(&count.reply, now_ns > slot->due_ns ? now_ns - slot->due_ns : 0);
	slot_progress(s, id);
}

static void on_frame(struct stream *s, unsigned opcode, struct gx_str payload)
{
	if (opcode == 9) {
		put_frame(&s->out, 10, payload);
		mark_dirty(s);
	} else if (opcode == 8) {
		load_die("the server closed a stream: %u %.*s",
			 payload.len < 2 ? 0u
					 : (unsigned)(unsigned char)payload.ptr[0] << 8 |
						   (unsigned char)payload.ptr[1],
			 (int)(payload.len < 2 ? 0 : payload.len - 2), payload.ptr + 2);
	} else if (gx_str_starts(payload, GX_STR("{\"t\":\"event\""))) {
		on_event(payload);
	} else if (gx_str_starts(payload, GX_STR("{\"t\":\"reply\""))) {
		on_reply(s, payload);
	}
}

/* Bytes of the frame at the front, or 0 when it isn't whole. */
static size_t take_frame(struct stream *s, struct gx_str in)
{
	const unsigned char *p = (const unsigned char *)in.ptr;
	size_t head = 2, len;

	if (in.len < 2)
		return 0;
	len = p[1] & 127;
	if (len == 126)
		head = 4;
	else if (len == 127)
		head = 10;
	if (in.len < head)
		return 0;
	if (head > 2) {
		len = 0;
		for (size_t i = 2; i < head; i++)
			len = len << 8 | p[i];
	}
	if (in.len - head < len)
		return 0;
	on_frame(s, p[0] & 15, gx_str_slice(in, head, head + len));
	return head + len;
}

/* Handles the whole frames at the front; the rest. */
static struct gx_str take_frames(struct stream *s, struct gx_str in)
{
	for (size_t size; (size = take_frame(s, in)) > 0;)
		in = gx_str_slice(in, size, in.len);
	return in;
}

static void on_ready(struct gx_watch *w, uint32_t events)
{
	struct stream *s = GX_CONTAINER_OF(w, struct stream, watch);
	static char bytes[READ_BYTES];
	struct gx_str rest;
	ssize_t got;

	if ((events & EPOLLOUT) != 0)
		flush_stream(s);
	if ((events & ~(uint32_t)EPOLLOUT) == 0)
		return;
	got = recv(w->fd, bytes, sizeof(bytes), 0);
	if (got < 0 && errno == EAGAIN)
		return;
	if (got <= 0)
		load_die("the server closed a stream");
	now_ns = gx_clock_mono_ns();
	if (s->in.len == 0) {
		rest = take_frames(s, (struct gx_str){ bytes, (size_t)got });
		gx_buf_append_str(&s->in, rest);
		return;
	}
	gx_buf_append(&s->in, bytes, (size_t)got);
	if (s->in.overflow)
		load_die("a frame is too long");
	rest = take_frames(s, gx_buf_str(&s->in));
	gx_buf_consume(&s->in, s->in.len - rest.len);
}

/* ---- a run ---- */

static void stream_init(struct stream *s, const struct load_person *who, bool is_sender)
{
	unsigned slots = opt.rate > 0 ? SLOTS_MAX : opt.window;

	s->who = who;
	s->watch = (struct gx_watch){ .fd = load_stream_open(&people, who), .on_ready = on_ready };
	gx_buf_init(&s->in, (size_t)8 << 20);
	gx_buf_init(&s->out, (size_t)8 << 20);
	if (!gx_loop_add(&loop, &s->watch, EPOLLIN))
		load_die("epoll: %s", strerror(errno));
	if (!is_sender)
		return;
	s->slots = gx_heap_alloc_array(SLOTS_MAX, sizeof(*s->slots));
	s->free_slots = gx_heap_alloc_array(slots, sizeof(*s->free_slots));
	while (s->free_count < slots) {
		s->free_slots[s->free_count] = slots - 1 - s->free_count;
		s->free_count++;
	}
}

static void open_streams(unsigned n)
{
	streams_count = n;
	streams = gx_heap_alloc_array(n, sizeof(*streams));
	dirty = gx_heap_alloc_array(n, sizeof(*dirty));
	for (unsigned i = 0; i < n; i++)
		stream_init(&streams[i], &people.list[i % people.count],
			    opt.mode == MODE_PAIR || (opt.mode == MODE_GROUP && i == 0));
}

static void run_until(uint64_t end_ns)
{
	for (now_ns = gx_clock_mono_ns(); now_ns < end_ns; now_ns = gx_clock_mono_ns()) {
		/* An open loop wakes each millisecond, or sleeps less when more is due. */
		int wait_ms = opt.rate > 0 && phase != PHASE_DRAIN ? 1 : 100;

		if (opt.rate > 0 && phase != PHASE_DRAIN)
			send_scheduled();
		flush_dirty();
		if (phase == PHASE_DRAIN && count.under_way == 0)
			return;
		gx_loop_turn(&loop, wait_ms);
	}
	flush_dirty();
}

static void print_line(const struct load_usage *a, const struct load_usage *b)
{
	double seconds = (double)(b->mono_ns - a->mono_ns) / 1e9;
	double server_cores = (double)(b->server_ns - a->server_ns) / 1e9 / seconds;
	double own_cores = (double)(b->own_ns - a->own_ns) / 1e9 / seconds;
	double other_cores =
		(double)(b->machine_ns - a->machine_ns) / 1e9 / seconds - server_cores - own_cores;
	double per_message_us =
		count.done == 0 ? 0
				: (double)(b->server_ns - a->server_ns) / 1e3 / (double)count.done;

	printf("mode=%s users=%u window=%u rate=%.0f body=%u seconds=%.2f messages=%llu "
	       "msgs_per_s=%.0f deliveries_per_s=%.0f server_cpu_us_per_msg=%.2f p50_ms=%.3f "
	       "p99_ms=%.3f reply_p50_ms=%.3f reply_p99_ms=%.3f server_cores=%.2f load_cores=%.2f "
	       "other_cores=%.2f server_pss_mb=%.1f refused=%llu strays=%llu lost=%llu "
	       "unsent=%llu\n",
	       opt.mode == MODE_GROUP ? "group" : "pair", streams_count, opt.window, opt.rate,
	       opt.body_bytes, seconds, (unsigned long long)count.done,
	       (double)count.done / seconds, (double)count.deliveries / seconds, per_message_us,
	       load_times_percentile(&count.delivery, 50) / 1e3,
	       load_times_percentile(&count.delivery, 99) / 1e3,
	       load_times_percentile(&count.reply, 50) / 1e3,
	       load_times_percentile(&count.reply, 99) / 1e3, server_cores, own_cores,
	       other_cores > 0 ? other_cores : 0,
	       (double)load_server_pss_bytes(&server) / 1048576.0,
	       (unsigned long long)count.refused, (unsigned long long)count.strays,
	       (unsigned long long)count.lost, (unsigned long long)count.unsent);
}

static int run_messages(void)
{
	struct load_usage a, b;

	if (opt.mode == MODE_GROUP)
		load_people_group(&people);
	else
		load_people_pair(&people);
	open_streams(people.count);
	load_server_find(&server, opt.server_pid);
	started_ns = now_ns = gx_clock_mono_ns();
	for (unsigned i = 0; opt.rate == 0 && i < senders_count(); i++)
		while (send_message(&streams[i], now_ns))
			;
	run_until(started_ns + opt.warm_s * UINT64_C(1000000000));
	load_usage_read(&server, &a);
	phase = PHASE_MEASURE;
	run_until(a.mono_ns + opt.measure_s * UINT64_C(1000000000));
	load_usage_read(&server, &b);
	phase = PHASE_DRAIN;
	run_until(b.mono_ns + DRAIN_NS);
	count.lost = count.under_way;
	print_line(&a, &b);
	return count.refused + count.strays + count.lost + count.unsent == 0 ? 0 : 1;
}

static int run_idle(void)
{
	uint64_t before, after;
	struct load_usage a, b;

	load_server_find(&server, opt.server_pid);
	before = load_server_pss_bytes(&server);
	open_streams(opt.conns);
	run_until(gx_clock_mono_ns() + opt.warm_s * UINT64_C(1000000000));
	load_usage_read(&server, &a);
	run_until(a.mono_ns + opt.measure_s * UINT64_C(1000000000));
	load_usage_read(&server, &b);
	after = load_server_pss_bytes(&server);
	printf("mode=idle conns=%u pss_before_mb=%.1f pss_after_mb=%.1f bytes_per_conn=%.0f "
	       "server_cores=%.3f\n",
	       opt.conns, (double)before / 1048576.0, (double)after / 1048576.0,
	       ((double)after - (double)before) / opt.conns,
	       (double)(b.server_ns - a.server_ns) / (double)(b.mono_ns - a.mono_ns));
	return 0;
}

static unsigned number(const char *text, unsigned least, unsigned most)
{
	uint64_t v;

	if (!gx_str_to_u64(gx_str_from_cstr(text), &v) || v < least || v > most)
		load_die("%s is not a number from %u to %u", text, least, most);
	return (unsigned)v;
}

static void usage(void)
{
	puts("guanxi-load [--mode pair|group|idle] [--host 127.0.0.1] [--port 8848] [--users 200]\n"
	     "            [--window 10] [--rate MSGS_PER_S] [--body 100] [--warm 1] [--seconds 5]\n"
	     "            [--server PID] [--people FILE] [--conns 1000]");
}

static void option_set(int c, const char *value)
{
	static const char *const modes[] = { "pair", "group", "idle" };

	switch (c) {
	case 'm':
		for (unsigned i = 0; i < GX_COUNT(modes); i++)
			if (strcmp(value, modes[i]) == 0) {
				opt.mode = (enum mode)i;
				return;
			}
		load_die("no mode %s", value);
	case 'h':
		people.host = value;
		break;
	case 'p':
		people.port = (uint16_t)number(value, 1, 65535);
		break;
	case 'u':
		opt.users = number(value, 2, 65535);
		break;
	case 'w':
		opt.window = number(value, 1, SLOTS_MAX);
		break;
	case 'r':
		opt.rate = number(value, 1, 1000000);
		break;
	case 'b':
		opt.body_bytes = number(value, MARK_BYTES, 1500);
		break;
	case 'W':
		opt.warm_s = number(value, 0, 3600);
		break;
	case 's':
		opt.measure_s = number(value, 1, 3600);
		break;
	case 'S':
		opt.server_pid = (int)number(value, 1, INT32_MAX);
		break;
	case 'f':
		people.file = value;
		break;
	case 'c':
		opt.conns = number(value, 1, 1000000);
		break;
	case 'H':
		usage();
		exit(0);
	default:
		usage();
		exit(2);
	}
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "mode", 1, NULL, 'm' },   { "host", 1, NULL, 'h' },	{ "port", 1, NULL, 'p' },
		{ "users", 1, NULL, 'u' },  { "window", 1, NULL, 'w' }, { "rate", 1, NULL, 'r' },
		{ "body", 1, NULL, 'b' },   { "warm", 1, NULL, 'W' },	{ "seconds", 1, NULL, 's' },
		{ "server", 1, NULL, 'S' }, { "people", 1, NULL, 'f' }, { "conns", 1, NULL, 'c' },
		{ "help", 0, NULL, 'H' },   { NULL, 0, NULL, 0 },
	};

	for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;)
		option_set(c, optarg);
	if (!gx_loop_init(&loop))
		load_die("epoll: %s", strerror(errno));
	run_id = (uint32_t)gx_random_u64();
	load_people_prepare(&people, opt.mode == MODE_IDLE ? 2 : opt.users & ~1u);
	return opt.mode == MODE_IDLE ? run_idle() : run_messages();
}
