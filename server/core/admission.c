/* SPDX-License-Identifier: Apache-2.0 */
/*
 * admission.c - levels, their histogram, and the cursor between them.
 *
 * A level is class × LEVELS + bucket. The bucket grows with the ordinal of the call among its
 * account's in this window, in sixteenths: the fraction is a hash of account and window, so that
 * the cursor can also stand between "one call each" and "two calls each", for other accounts in
 * each window. Buckets are exact up to 16 calls and 3 % wide above, so that the histogram is small.
 *
 * The number of arrivals below a level is the sum over accounts of min(calls, share): lowering the
 * cursor until the sum fits is the water-filling that defines max-min fairness.
 */
#include "admission.h"

#include <string.h>

#define FRACTION 16u
#define EXACT 256u
#define STEP_BITS 5u
#define ORDINAL_MAX ((1u << 20) - 1)
#define LEVELS (EXACT + (16u << STEP_BITS))
#define LEVELS_ALL (LEVELS * GX_PRIORITIES_COUNT)
#define SLOTS 8192u
#define ROWS 2u

#define LOWER_PART 0.15	 /* of what was let in */
#define RAISE_PART 0.05	 /* of what was asked */
#define LOOK_AHEAD 4.0	 /* windows */
#define HEADING_MAX 1.25 /* times the wait */

#define QUEUE_MIN 24 /* calls */
#define SLOW_MS 50.0 /* from here on connections get less in flight */

static const double threshold_ms[GX_PRIORITIES_COUNT] = {
	[GX_PRIORITY_SIGN_IN] = 1000, [GX_PRIORITY_CHAT] = 250,	     [GX_PRIORITY_SYNC] = 200,
	[GX_PRIORITY_SOCIAL] = 50,    [GX_PRIORITY_STATISTICS] = 20,
};

struct use {
	uint32_t window;
	uint32_t count;
};

struct core_admission {
	uint64_t began_ns; /* of this window; 0: none yet */
	uint32_t window;   /* its number */
	uint64_t waited_ns;
	uint32_t waits_count;
	double waited_ms; /* mean of the last window */
	uint32_t border;  /* what the last window would not have gone below */
	uint32_t cursor;  /* levels below it are let in */
	unsigned in_flight;
	uint32_t asked[LEVELS_ALL];
	/* A count of each account's calls, twice by other hashes: the smaller one is at most as
	 * wrong as both are unlucky. */
	struct use uses[ROWS][SLOTS];
};

struct core_admission *core_admission_new(void)
{
	struct core_admission *a = gx_heap_alloc(sizeof(*a));

	a->window = 1;
	a->cursor = a->border = LEVELS_ALL;
	a->in_flight = CORE_IN_FLIGHT_MAX;
	return a;
}

void core_admission_free(struct core_admission *a)
{
	gx_heap_free(a);
}

/* A 64-bit mix: neighbouring ids must not share a fate. */
static uint64_t mix(uint64_t v)
{
	v = (v ^ (v >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	v = (v ^ (v >> 27)) * UINT64_C(0x94d049bb133111eb);
	return v ^ (v >> 31);
}

static unsigned bucket_of(uint32_t sixteenths)
{
	unsigned power;

	if (sixteenths < EXACT)
		return sixteenths;
	power = 31u - (unsigned)__builtin_clz(sixteenths);
	return EXACT + ((power - 8) << STEP_BITS) +
	       ((sixteenths >> (power - STEP_BITS)) & ((1u << STEP_BITS) - 1));
}

/* How many calls with this key came before this one in the window. */
static uint32_t count_use(struct core_admission *a, uint64_t hash)
{
	uint32_t least = UINT32_MAX;

	for (unsigned row = 0; row < ROWS; row++) {
		struct use *u = &a->uses[row][(hash >> (row * 24)) % SLOTS];

		if (u->window != a->window)
			*u = (struct use){ .window = a->window };
		if (u->count < least)
			least = u->count;
		u->count++;
	}
	return least < ORDINAL_MAX ? least : ORDINAL_MAX;
}

/* --- the end of a window --- */

/* The cursor does not go below the first level of the most important class that may be refused. */
static uint32_t floor_of(double waited_ms)
{
	uint32_t class = 0;

	while (class < GX_PRIORITIES_COUNT && waited_ms <= threshold_ms[class])
		class ++;
	return class * LEVELS;
}

static void lower(struct core_admission *a, uint32_t floor, double let_in)
{
	double goal = let_in * (1 - LOWER_PART);

	/* Levels that nobody asked for are no promise. */
	while (a->cursor > floor && (let_in > goal || a->asked[a->cursor - 1] == 0))
		let_in -= a->asked[--a->cursor];
}

static void raise(struct core_admission *a, uint32_t ceiling, double let_in, double all)
{
	double goal = let_in + all * RAISE_PART;

	do /* one bucket at least, however full it is */
		let_in += a->asked[a->cursor++];
	while (a->cursor < ceiling && let_in + a->asked[a->cursor] <= goal);
}

/* What is let in now is felt later: so it goes by where the wait is heading; and only what two
 * windows in a row call too long is: a disk or a machine that stalled once is no overload. */
static void move_cursor(struct core_admission *a, double waited_before_ms)
{
	double heading_ms = a->waited_ms + LOOK_AHEAD * (a->waited_ms - waited_before_ms);
	double let_in = 0, all = 0;
	uint32_t border, lower_border;

	if (heading_ms > a->waited_ms * HEADING_MAX)
		heading_ms = a->waited_ms * HEADING_MAX;
	border = floor_of(heading_ms);
	lower_border = border > a->border ? border : a->border;
	a->border = border;

	for (uint32_t i = 0; i < LEVELS_ALL; i++) {
		all += a->asked[i];
		let_in += i < a->cursor ? a->asked[i] : 0;
	}
	if (a->cursor > lower_border)
		lower(a, lower_border, let_in);
	else if (a->cursor < border)
		raise(a, border, let_in, all);
}

static void move_in_flight(struct core_admission *a)
{
	if (a->waited_ms > SLOW_MS)
		a->in_flight /= 2;
	else if (a->waited_ms < SLOW_MS / 2)
		a->in_flight += a->in_flight / 2;
	if (a->in_flight < CORE_IN_FLIGHT_MIN)
		a->in_flight = CORE_IN_FLIGHT_MIN;
	if (a->in_flight > CORE_IN_FLIGHT_MAX)
		a->in_flight = CORE_IN_FLIGHT_MAX;
}

static void end_window(struct core_admission *a, uint64_t now_ns)
{
	double before_ms = a->waited_ms;
	/* How many waited at a time, in the mean. */
	double queue = (double)a->waited_ns / (double)(now_ns - a->began_ns);

	if (a->waits_count == 0)
		a->waited_ms /= 2; /* nobody waits, or somebody still does */
	else if (queue < QUEUE_MIN)
		a->waited_ms = 0; /* a few that waited are no queue, however long it took */
	else
		a->waited_ms = (double)a->waited_ns / 1e6 / a->waits_count;
	move_cursor(a, before_ms);
	move_in_flight(a);
	memset(a->asked, 0, sizeof(a->asked));
	a->waited_ns = 0;
	a->waits_count = 0;
	a->window++;
	a->began_ns = now_ns;
}

void core_admission_tick(struct core_admission *a, uint64_t now_ns)
{
	if (a->began_ns == 0)
		a->began_ns = now_ns;
	if (now_ns - a->began_ns >= CORE_ADMISSION_WINDOW_NS)
		end_window(a, now_ns);
}

void core_admission_note(struct core_admission *a, uint64_t waited_ns, uint64_t now_ns)
{
	a->waited_ns += waited_ns;
	a->waits_count++;
	core_admission_tick(a, now_ns);
}

/* --- asking --- */

bool core_admission_is_shedding(const struct core_admission *a)
{
	return a->cursor < LEVELS_ALL;
}

bool core_admission_shuts(struct core_admission *a, enum gx_priority class)
{
	uint32_t first = class * LEVELS;

	if (a->cursor > first)
		return false;
	a->asked[first]++; /* as if it were its account's first: who it is we have not looked */
	return true;
}

bool core_admission_take(struct core_admission *a, enum gx_priority class, uint64_t key)
{
	uint64_t hash = mix(key * GX_PRIORITIES_COUNT + class);
	uint32_t ordinal = count_use(a, hash);
	uint32_t fraction = (uint32_t)(mix(hash + a->window) % FRACTION);
	uint32_t level = class * LEVELS + bucket_of(ordinal * FRACTION + fraction);

	a->asked[level]++;
	return level < a->cursor;
}

double core_admission_waited_ms(const struct core_admission *a)
{
	return a->waited_ms;
}

unsigned core_admission_in_flight(const struct core_admission *a)
{
	return a->in_flight;
}

enum gx_priority core_admission_class(const struct gx_route *route)
{
	if (route->kind == GX_OP_QUERY && route->auth >= GX_AUTH_OPERATOR)
		return GX_PRIORITY_STATISTICS;
	if (route->kind == GX_OP_STREAM)
		return GX_PRIORITY_SIGN_IN;
	if (route->kind == GX_OP_QUERY &&
	    (route->priority == GX_PRIORITY_CHAT || route->priority == GX_PRIORITY_SOCIAL))
		return GX_PRIORITY_SYNC;
	return route->priority;
}
