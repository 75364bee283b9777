/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sim_main.c - guanxi-sim: runs worlds from seeds, one after the other.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ident.h"
#include "sim.h"

static const char usage_text[] =
	"usage: guanxi-sim [--seed N] [--steps N] [--seconds N] [--episodes N] [--length N] "
	"[--trace]\n"
	"  --seed N      of the first episode; each following one has the next number (random)\n"
	"  --steps N     in all, at least (1000000)\n"
	"  --seconds N   of real time, instead of a number of steps\n"
	"  --episodes N  instead of a number of steps\n"
	"  --length N    steps of an episode (40000)\n"
	"  --trace       tells everything on standard error\n";

struct wishes {
	uint64_t seed, steps, seconds, episodes, length;
};

static uint64_t number(const char *text)
{
	uint64_t v;

	if (gx_str_to_u64(gx_str_from_cstr(text), &v))
		return v;
	fprintf(stderr, "guanxi-sim: not a number: %s\n", text);
	exit(2);
}

static double seconds_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void read_arguments(int argc, char **argv, struct wishes *w)
{
	static const struct option names[] = {
		{ "seed", required_argument, NULL, 's' },
		{ "steps", required_argument, NULL, 'n' },
		{ "seconds", required_argument, NULL, 't' },
		{ "episodes", required_argument, NULL, 'e' },
		{ "length", required_argument, NULL, 'l' },
		{ "trace", no_argument, NULL, 'v' },
		{ NULL, 0, NULL, 0 },
	};
	int opt;

	while ((opt = getopt_long(argc, argv, "", names, NULL)) != -1) {
		if (opt == 's')
			w->seed = number(optarg);
		else if (opt == 'n')
			w->steps = number(optarg);
		else if (opt == 't')
			w->seconds = number(optarg);
		else if (opt == 'e')
			w->episodes = number(optarg);
		else if (opt == 'l')
			w->length = number(optarg);
		else if (opt == 'v')
			sim_is_tracing = true;
		else {
			fputs(usage_text, stderr);
			exit(2);
		}
	}
}

static bool is_over(const struct wishes *w, uint64_t episodes, uint64_t steps, double began)
{
	if (w->seconds > 0)
		return seconds_now() - began >= (double)w->seconds;
	if (w->episodes > 0)
		return episodes >= w->episodes;
	return steps >= w->steps;
}

int main(int argc, char **argv)
{
	struct timespec t;
	struct wishes w = { .steps = 1000000, .length = 40000 };
	uint64_t steps = 0, episodes = 0, digest = 0;
	double began = seconds_now(), took;

	clock_gettime(CLOCK_REALTIME, &t);
	w.seed = (uint64_t)t.tv_nsec * 1000003u % 1000000000u;
	read_arguments(argc, argv, &w);
	printf("guanxi-sim: seed %llu\n", (unsigned long long)w.seed);
	fflush(stdout);
	while (!is_over(&w, episodes, steps, began)) {
		steps += sim_run_episode(w.seed + episodes++, w.length);
		digest = digest * UINT64_C(0x100000001b3) ^ sim_digest();
	}
	took = seconds_now() - began;
	printf("steps=%llu episodes=%llu steps_per_minute=%.0f steps_per_cpu_minute=%.0f "
	       "digest=%016llx\n",
	       (unsigned long long)steps, (unsigned long long)episodes, (double)steps / took * 60,
	       (double)steps / ((double)clock() / CLOCKS_PER_SEC) * 60, (unsigned long long)digest);
	return 0;
}
