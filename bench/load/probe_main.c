/* SPDX-License-Identifier: Apache-2.0 */
/*
 * probe_main.c - guanxi-bench-probe: how somebody fares who asks for little while others flood.
 *
 * So many requests a second over HTTP, each timed from when it was due: `me` (of the
 * first class under overload) or `send` (of chat). SIGUSR1 says that the load has ended: from there
 * the probe tells when the last answer came that was refused or late.
 */
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "load_people.h"
#include "load_stat.h"

#define LATE_NS (LOAD_NS_PER_S / 50)
#define PSS_EVERY_NS (LOAD_NS_PER_S / 4)
#define LINES 64u

struct load_options load_opt = { .host = "127.0.0.1", .rate = 50, .measure_s = 10, .label = "me" };

static struct {
	bool is_send;
	struct load_times times;
	uint64_t answered, refused;
	uint64_t ended_ns;     /* when the load ended; 0: not yet */
	uint64_t recovered_ns; /* the last bad answer since then */
	uint64_t pss_max_bytes;
} probe;

/* Enough connections that a late answer does not keep the next request. */
struct line {
	struct load_http http;
	uint64_t due_ns;
	bool is_busy;
};

static volatile sig_atomic_t is_end_told;

_Noreturn void load_die(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	fputs("guanxi-bench-probe: ", stderr);
	vfprintf(stderr, fmt, args);
	fputc('\n', stderr);
	va_end(args);
	exit(2);
}

static void on_end_told(int number)
{
	is_end_told = 1;
}

static void options_read(int argc, char **argv)
{
	static const struct option options[] = {
		{ "port", required_argument, NULL, 'p' },
		{ "server", required_argument, NULL, 's' },
		{ "seconds", required_argument, NULL, 't' },
		{ "rate", required_argument, NULL, 'r' },
		{ "what", required_argument, NULL, 'w' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 'p')
			load_opt.port = (uint16_t)strtoul(optarg, NULL, 10);
		else if (c == 's')
			load_opt.server_pid = (int)strtol(optarg, NULL, 10);
		else if (c == 't')
			load_opt.measure_s = (unsigned)strtoul(optarg, NULL, 10);
		else if (c == 'r')
			load_opt.rate = strtod(optarg, NULL);
		else if (c == 'w')
			load_opt.label = optarg;
		else
			exit(2);
	}
	probe.is_send = strcmp(load_opt.label, "send") == 0;
	if (load_opt.port == 0 || load_opt.rate <= 0 || optind != argc)
		load_die("--port N [--what me|send] [--rate 50] [--seconds 10] [--server PID]");
}

static void ask(struct line *l, struct gx_arena *a, unsigned number)
{
	char token[LOAD_PERSON_TOKEN_BYTES], place[24];

	load_person_token(0, token);
	load_person_place(0, place);
	if (probe.is_send)
		load_http_send(&l->http, "POST",
			       gx_arena_printf(a, "/conversations/%s/messages", place).ptr, token,
			       gx_arena_printf(a,
					       "{\"client_id\":\"probe%u\",\"kind\":\"text\","
					       "\"body\":{\"text\":\"probe\"}}",
					       number));
	else
		load_http_send(&l->http, "GET", "/me", token, GX_STR_NULL);
	l->is_busy = true;
	gx_arena_reset(a);
}

static void take_answer(struct line *l, struct gx_arena *a)
{
	struct load_answer answer;
	uint64_t now_ns, took_ns;

	load_http_receive(&l->http, a, &answer);
	if (answer.status != 200 && answer.status != 201 && answer.status != 503)
		load_die("%d: %.*s", answer.status, GX_STR_ARG(answer.body));
	now_ns = gx_clock_mono_ns();
	took_ns = now_ns - l->due_ns;
	l->is_busy = false;
	probe.answered += answer.status != 503;
	probe.refused += answer.status == 503;
	if (probe.ended_ns == 0)
		load_times_add(&probe.times, took_ns);
	else if (answer.status == 503 || took_ns > LATE_NS)
		probe.recovered_ns = now_ns;
	gx_arena_reset(a);
}

/* Takes what is answered until then. */
static void wait_until(struct line *lines, struct gx_arena *a, uint64_t due_ns)
{
	struct pollfd fds[LINES];
	uint64_t now_ns;

	while ((now_ns = gx_clock_mono_ns()) < due_ns) {
		for (unsigned i = 0; i < LINES; i++)
			fds[i] = (struct pollfd){ .fd = lines[i].is_busy ? lines[i].http.fd : -1,
						  .events = POLLIN };
		if (poll(fds, LINES, (int)((due_ns - now_ns) / 1000000) + 1) < 0)
			continue;
		for (unsigned i = 0; i < LINES; i++)
			if (fds[i].revents != 0)
				take_answer(&lines[i], a);
	}
	if (is_end_told && probe.ended_ns == 0)
		probe.ended_ns = probe.recovered_ns = gx_clock_mono_ns();
}

static void look_at_memory(void)
{
	static struct load_server server;
	static uint64_t next_ns;
	uint64_t bytes;

	if (load_opt.server_pid == 0 || gx_clock_mono_ns() < next_ns)
		return;
	load_server_find(&server, load_opt.server_pid);
	bytes = load_server_pss_bytes(&server);
	if (bytes > probe.pss_max_bytes)
		probe.pss_max_bytes = bytes;
	next_ns = gx_clock_mono_ns() + PSS_EVERY_NS;
}

int main(int argc, char **argv)
{
	struct line lines[LINES] = { 0 };
	struct gx_arena a;
	uint64_t began_ns;

	options_read(argc, argv);
	load_people_prepare(2, LOAD_PAIR);
	signal(SIGUSR1, on_end_told);
	gx_arena_init(&a);
	for (unsigned i = 0; i < LINES; i++)
		load_http_open(&lines[i].http);
	began_ns = gx_clock_mono_ns();
	for (unsigned i = 0; i < (unsigned)(load_opt.rate * load_opt.measure_s); i++) {
		struct line *l = &lines[i % LINES];
		uint64_t due_ns = began_ns + (uint64_t)((double)i * 1e9 / load_opt.rate);

		look_at_memory();
		wait_until(lines, &a, due_ns);
		if (l->is_busy)
			take_answer(l, &a);
		l->due_ns = due_ns;
		ask(l, &a, i);
	}
	for (unsigned i = 0; i < LINES; i++) {
		if (lines[i].is_busy)
			take_answer(&lines[i], &a);
		load_http_close(&lines[i].http);
	}
	printf("probe=%s answered=%llu refused=%llu ", load_opt.label,
	       (unsigned long long)probe.answered, (unsigned long long)probe.refused);
	load_times_print("", &probe.times);
	printf("recovery_ms=%.0f pss_max_mb=%.1f\n",
	       (double)(probe.recovered_ns - probe.ended_ns) / 1e6,
	       (double)probe.pss_max_bytes / 1048576.0);
	gx_arena_deinit(&a);
	return 0;
}
