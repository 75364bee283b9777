/* SPDX-License-Identifier: Apache-2.0 */
/*
 * load_ask.c - the same kind of query again and again, one at a time, over HTTP.
 *
 *   history   pages of 50 from anywhere in the first conversation of person 0
 *   sync      what is new for someone with many conversations, when CHANGED of them have one new
 *             message each; every answer must have exactly these. Each person's first answer is one
 *             from a cold start of that account, and is among those measured.
 */
#include <stdio.h>
#include <string.h>

#include "ident.h"
#include "load_people.h"
#include "load_seed.h"
#include "load_stat.h"

#define PAGE 50u
#define CHANGED 20u
/* Apart enough that nobody who is asked about shares a changed conversation with another. */
#define APART (2u * CHANGED)

static struct {
	struct load_http http;
	struct gx_arena arena;
	struct load_times times;
	uint64_t asked;
} ask;

/* One answer, its time added; valid until the next call. */
static void get(uint32_t person, struct gx_str path, bool is_measured, struct load_answer *out)
{
	char token[LOAD_PERSON_TOKEN_BYTES];
	uint64_t begin_ns;

	load_person_token(person, token);
	begin_ns = gx_clock_mono_ns();
	load_http_send(&ask.http, "GET", path.ptr, token, GX_STR_NULL);
	load_http_receive(&ask.http, &ask.arena, out);
	if (out->status != 200)
		load_die("GET %s: %d %.*s", path.ptr, out->status, GX_STR_ARG(out->body));
	if (is_measured) {
		load_times_add(&ask.times, gx_clock_mono_ns() - begin_ns);
		ask.asked++;
	}
}

static size_t items_count(const struct gx_json *list)
{
	if (list == NULL || list->type != GX_JSON_ARRAY)
		load_die("an answer without its list");
	return list->count;
}

/* Of the newest message in person 0's first conversation. */
static uint64_t last_seq(void)
{
	struct load_answer answer;
	const struct gx_json *list, *last;
	int64_t seq = 0;

	get(0, gx_arena_printf(&ask.arena, "/conversations/%u/messages?limit=1", LOAD_SEED_PLACE),
	    false, &answer);
	list = gx_json_get(answer.json, GX_STR("messages"));
	if (items_count(list) != 1)
		load_die("there is no message to read");
	last = gx_json_get(gx_json_first(list), GX_STR("seq"));
	if (last == NULL || !gx_json_to_i64(last, &seq) || seq < (int64_t)(2 * PAGE))
		load_die("there are too few messages");
	return (uint64_t)seq;
}

static void ask_history(void)
{
	uint64_t last = last_seq();
	struct load_answer answer;

	for (unsigned i = 0; i < load_opt.count; i++) {
		uint64_t before = PAGE + 1 + gx_random_u64() % (last - PAGE);

		gx_arena_reset(&ask.arena);
		get(0,
		    gx_arena_printf(&ask.arena, "/conversations/%u/messages?before=%llu&limit=%u",
				    LOAD_SEED_PLACE, (unsigned long long)before, PAGE),
		    true, &answer);
		if (items_count(gx_json_get(answer.json, GX_STR("messages"))) != PAGE)
			load_die("a page that is not full");
	}
}

/* A friend writes into each of the first CHANGED conversations of that person. */
static void change(uint32_t person, unsigned salt)
{
	for (uint32_t f = 0; f < CHANGED; f++) {
		char token[LOAD_PERSON_TOKEN_BYTES];
		struct load_answer answer;
		struct gx_str path;

		gx_arena_reset(&ask.arena);
		path = gx_arena_printf(&ask.arena, "/conversations/%u/messages",
				       load_seed_place(person, f, load_opt.friends));
		load_person_token(load_seed_friend(person, f, load_opt.users), token);
		load_http_send(
			&ask.http, "POST", path.ptr, token,
			gx_arena_printf(&ask.arena,
					"{\"client_id\":\"sync%08x-%u-%u\",\"kind\":\"text\","
					"\"body\":{\"text\":\"news\"}}",
					salt, person, f));
		load_http_receive(&ask.http, &ask.arena, &answer);
		if (answer.status != 201)
			load_die("POST %s: %d %.*s", path.ptr, answer.status,
				 GX_STR_ARG(answer.body));
	}
}

static void ask_sync(void)
{
	unsigned people = load_opt.users / APART;
	unsigned salt = (unsigned)gx_random_u64();
	struct load_answer answer;

	if (people == 0 || load_opt.friends < CHANGED)
		load_die("sync needs --users %u and --friends %u at least", APART, CHANGED);
	load_cursor_fetch(0);
	for (unsigned i = 0; i < people; i++)
		change(i * APART, salt);
	for (unsigned i = 0; i < load_opt.count; i++) {
		gx_arena_reset(&ask.arena);
		get(i % people * APART, gx_arena_printf(&ask.arena, "/sync?since=%s", load_cursor),
		    true, &answer);
		if (items_count(gx_json_get(answer.json, GX_STR("events"))) != CHANGED)
			load_die("not what is new: %.*s", GX_STR_ARG(answer.body));
	}
}

int load_run_queries(void)
{
	struct load_server server;
	struct load_usage a, b;
	double server_us;

	if (!load_opt.is_seeded || load_opt.friends == 0)
		load_die("history and sync need --seeded and --friends");
	gx_arena_init(&ask.arena);
	load_http_open(&ask.http);
	load_server_find(&server, load_opt.server_pid);
	load_usage_read(&server, &a);
	if (load_opt.mode == LOAD_HISTORY)
		ask_history();
	else
		ask_sync();
	load_usage_read(&server, &b);
	server_us = (double)(b.server_ns - a.server_ns) / 1e3;
	printf("server=%s mode=%s queries=%llu ", load_opt.label,
	       load_opt.mode == LOAD_HISTORY ? "history" : "sync", (unsigned long long)ask.asked);
	load_times_print("", &ask.times);
	load_usage_print(&a, &b);
	printf("server_cpu_us_per_query=%.1f server_pss_mb=%.1f\n", load_per(server_us, ask.asked),
	       (double)load_server_pss_bytes(&server) / 1048576.0);
	load_http_close(&ask.http);
	gx_arena_deinit(&ask.arena);
	return 0;
}
