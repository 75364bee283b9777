/* SPDX-License-Identifier: Apache-2.0 */
/* load_main.c - guanxi-load: how many messages a server carries, what each costs, how long it
 * takes. */
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "load.h"

struct load_options load_opt = {
	.proto = &load_guanxi,
	.host = "127.0.0.1",
	.users = 200,
	.window = 10,
	.body_bytes = 100,
	.warm_s = 1,
	.measure_s = 5,
	.parallel = 64,
	.hold_s = 5,
	.count = 1000,
};

_Noreturn void load_die(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	fputs("guanxi-load: ", stderr);
	vfprintf(stderr, fmt, args);
	fputc('\n', stderr);
	va_end(args);
	exit(2);
}

void load_put_digits(char *to, uint32_t v, unsigned digits)
{
	for (unsigned i = digits; i-- > 0; v /= 10)
		to[i] = (char)('0' + v % 10);
}

static void usage(void)
{
	puts("guanxi-load [--proto guanxi|xmpp|mqtt] [--mode pair|group|crowd|history|sync]\n"
	     "  --host 127.0.0.1 --port N     the server; --server PID: its CPU and memory are "
	     "told\n"
	     "  --tls PORT                    streams go over TLS, to that port\n"
	     "  --label guanxi                what it is called in the output\n"
	     "  --users 200                   people (crowd: sessions); --parallel 64: signing in "
	     "at once\n"
	     "  --people FILE                 remembers who was signed up; --seeded: as "
	     "guanxi-bench-seed wrote\n"
	     "  --window 10                   messages of each sender under way (closed loop)\n"
	     "  --rate N                      or: N messages a second in all (open loop)\n"
	     "  --friends N                   pair: each message to one of N, at random (needs "
	     "--seeded)\n"
	     "  --may-refuse                  refusals are no failure\n"
	     "  --body 100 --warm 1 --seconds 5\n"
	     "  --rounds N                    pair: bursts of one sender, --window each, one after "
	     "the other\n"
	     "  --hold 5 --notice --storm     crowd: rest, then a notice to all, then all come "
	     "back\n"
	     "  --count 1000                  history, sync: queries");
}

static unsigned number(const char *text, unsigned least, unsigned most)
{
	uint64_t v;

	if (!gx_str_to_u64(gx_str_from_cstr(text), &v) || v < least || v > most)
		load_die("%s is not a number from %u to %u", text, least, most);
	return (unsigned)v;
}

static enum load_mode mode_of(const char *value)
{
	static const char *const modes[] = { [LOAD_PAIR] = "pair",
					     [LOAD_GROUP] = "group",
					     [LOAD_CROWD] = "crowd",
					     [LOAD_HISTORY] = "history",
					     [LOAD_SYNC] = "sync" };

	for (unsigned i = 0; i < GX_COUNT(modes); i++)
		if (strcmp(value, modes[i]) == 0)
			return (enum load_mode)i;
	load_die("no mode %s", value);
}

static const struct load_proto *proto_of(const char *value)
{
	static const struct load_proto *const all[] = { &load_guanxi, &load_xmpp, &load_mqtt };

	for (unsigned i = 0; i < GX_COUNT(all); i++)
		if (strcmp(value, all[i]->name) == 0)
			return all[i];
	load_die("no protocol %s", value);
}

struct number_option {
	const char *name;
	unsigned *to;
	unsigned least, most;
};

/* True when it was one of these. */
static bool number_set(const char *name, const char *value)
{
	static const struct number_option all[] = {
		{ "users", &load_opt.users, 1, 2000000 },
		{ "window", &load_opt.window, 1, LOAD_SLOTS_MAX },
		{ "body", &load_opt.body_bytes, 27, 1500 },
		{ "warm", &load_opt.warm_s, 0, 3600 },
		{ "seconds", &load_opt.measure_s, 1, 3600 },
		{ "parallel", &load_opt.parallel, 1, 20000 },
		{ "friends", &load_opt.friends, 1, 500 },
		{ "hold", &load_opt.hold_s, 0, 3600 },
		{ "count", &load_opt.count, 1, 1000000 },
		{ "rounds", &load_opt.rounds, 1, 1000000 },
	};

	for (unsigned i = 0; i < GX_COUNT(all); i++) {
		if (strcmp(name, all[i].name) != 0)
			continue;
		*all[i].to = number(value, all[i].least, all[i].most);
		return true;
	}
	return false;
}

static void option_set(const char *name, const char *value)
{
	if (strcmp(name, "mode") == 0)
		load_opt.mode = mode_of(value);
	else if (strcmp(name, "proto") == 0)
		load_opt.proto = proto_of(value);
	else if (strcmp(name, "host") == 0)
		load_opt.host = value;
	else if (strcmp(name, "label") == 0)
		load_opt.label = value;
	else if (strcmp(name, "port") == 0)
		load_opt.port = (uint16_t)number(value, 1, 65535);
	else if (strcmp(name, "tls") == 0)
		load_opt.tls_port = (uint16_t)number(value, 1, 65535);
	else if (strcmp(name, "rate") == 0)
		load_opt.rate = number(value, 1, 1000000);
	else if (strcmp(name, "server") == 0)
		load_opt.server_pid = (int)number(value, 1, INT32_MAX);
	else if (strcmp(name, "people") == 0)
		load_opt.people_file = value;
	else if (strcmp(name, "seeded") == 0)
		load_opt.is_seeded = true;
	else if (strcmp(name, "notice") == 0)
		load_opt.with_notice = true;
	else if (strcmp(name, "storm") == 0)
		load_opt.with_storm = true;
	else if (strcmp(name, "may-refuse") == 0)
		load_opt.may_refuse = true;
	else
		GX_ASSERT(number_set(name, value));
}

static void options_read(int argc, char **argv)
{
	static const struct option options[] = {
		{ "mode", 1, NULL, 0 },	   { "proto", 1, NULL, 0 },   { "host", 1, NULL, 0 },
		{ "label", 1, NULL, 0 },   { "port", 1, NULL, 0 },    { "rate", 1, NULL, 0 },
		{ "server", 1, NULL, 0 },  { "people", 1, NULL, 0 },  { "seeded", 0, NULL, 0 },
		{ "notice", 0, NULL, 0 },  { "storm", 0, NULL, 0 },   { "may-refuse", 0, NULL, 0 },
		{ "users", 1, NULL, 0 },   { "window", 1, NULL, 0 },  { "body", 1, NULL, 0 },
		{ "warm", 1, NULL, 0 },	   { "seconds", 1, NULL, 0 }, { "parallel", 1, NULL, 0 },
		{ "friends", 1, NULL, 0 }, { "hold", 1, NULL, 0 },    { "count", 1, NULL, 0 },
		{ "tls", 1, NULL, 0 },	   { "rounds", 1, NULL, 0 },  { "help", 0, NULL, 'H' },
		{ NULL, 0, NULL, 0 },
	};
	int index = 0;

	for (int c; (c = getopt_long(argc, argv, "", options, &index)) != -1;) {
		if (c != 0 || optind > argc) {
			usage();
			exit(c == 'H' ? 0 : 2);
		}
		option_set(options[index].name, optarg);
	}
}

static void options_check(void)
{
	if (load_opt.mode == LOAD_PAIR && load_opt.friends == 0)
		load_opt.users &= ~1u;
	if (load_opt.users < 2)
		load_die("--users: at least 2");
	if (load_opt.friends > 0 && !load_opt.is_seeded)
		load_die("--friends needs --seeded");
	if (load_opt.mode == LOAD_PAIR && load_opt.is_seeded && load_opt.friends == 0)
		load_die("--seeded needs --friends");
	if (load_opt.mode < LOAD_CROWD && load_opt.users > 65535)
		load_die("--users: at most 65535 that write");
	if (load_opt.port == 0)
		load_opt.port = load_opt.proto->port;
	if (load_opt.label == NULL)
		load_opt.label = load_opt.proto->name;
}

int main(int argc, char **argv)
{
	struct rlimit files;

	options_read(argc, argv);
	options_check();
	(void)signal(SIGPIPE, SIG_IGN);
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &files);
	}
	switch (load_opt.mode) {
	case LOAD_CROWD:
		return load_run_crowd();
	case LOAD_HISTORY:
	case LOAD_SYNC:
		return load_run_queries();
	default:
		return load_run_messages();
	}
}
