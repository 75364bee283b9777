/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sim_time.c - time, chance, log lines and the end of the process, as the simulator wants them.
 *
 * Stands in for clock.c, random.c, log.c and check.c of server/base.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ident.h"
#include "sim.h"
#include "sim_crash.h"

#define BEGIN_MS INT64_C(1800000000000)
#define TICK_NS 150u /* what asking for the time takes */

struct sim_time sim_time = { .mono_ns = UINT64_C(1000000000) };
jmp_buf *sim_crash_to;

static uint64_t chance[2] = { 1, 2 };	   /* what happens */
static uint64_t server_bytes = 0x5eed5eed; /* what the server gets as random */
static uint64_t digest;

/* --- clock.h --- */

int64_t gx_clock_now_ms(void)
{
	return BEGIN_MS + (int64_t)(sim_time.mono_ns / 1000000) + sim_time.wall_offset_ms;
}

/* Each look takes a moment: who waits for a time to come gets there. */
uint64_t gx_clock_mono_ns(void)
{
	return sim_time.mono_ns += TICK_NS;
}

void gx_clock_nap_us(unsigned us)
{
	sim_time.mono_ns += (uint64_t)us * 1000;
}

bool gx_clock_map_offset(const char *path)
{
	return false;
}

void gx_clock_advance_ms(int64_t ms)
{
	sim_time.wall_offset_ms += ms;
}

/* --- ident.h: random bytes; and chance --- */

static uint64_t split_mix(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

void gx_random_bytes(void *out, size_t size)
{
	unsigned char *to = out;

	for (size_t i = 0; i < size; i++)
		to[i] = (unsigned char)split_mix(&server_bytes);
}

uint64_t gx_random_u64(void)
{
	return split_mix(&server_bytes);
}

void sim_random_seed(uint64_t seed)
{
	uint64_t state = seed;

	chance[0] = split_mix(&state) | 1;
	chance[1] = split_mix(&state);
	server_bytes = split_mix(&state);
	digest = 0;
}

/* xorshift128+ */
uint64_t sim_random(void)
{
	uint64_t x = chance[0], y = chance[1];

	chance[0] = y;
	x ^= x << 23;
	chance[1] = x ^ y ^ (x >> 17) ^ (y >> 26);
	return chance[1] + y;
}

uint64_t sim_below(uint64_t below)
{
	GX_ASSERT(below > 0);
	return (sim_random() >> 11) % below;
}

bool sim_once_in(uint64_t n)
{
	return sim_below(n) == 0;
}

void sim_digest_add(const void *bytes, size_t size)
{
	const char *at = bytes;
	uint64_t word;

	for (; size >= sizeof(word); size -= sizeof(word), at += sizeof(word)) {
		memcpy(&word, at, sizeof(word));
		digest = (digest ^ word) * UINT64_C(0x9e3779b97f4a7c15);
		digest ^= digest >> 29;
	}
	for (; size > 0; size--)
		digest = (digest ^ (unsigned char)*at++) * UINT64_C(0x100000001b3);
}

uint64_t sim_digest(void)
{
	return digest;
}

/* --- log.h, check.h --- */

void sim_trace(const char *fmt, ...)
{
	va_list args;

	if (!sim_is_tracing)
		return;
	fprintf(stderr, "%8llu ", sim == NULL ? 0ULL : (unsigned long long)sim->steps);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
}

_Noreturn void sim_fail(const char *fmt, ...)
{
	va_list args;

	fflush(stdout);
	fprintf(stderr, "\nguanxi-sim: FAILED at step %llu: ",
		sim == NULL ? 0ULL : (unsigned long long)sim->steps);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	if (sim != NULL)
		fprintf(stderr,
			"\nguanxi-sim: replay with --seed %llu --episodes 1 --length %llu "
			"[--trace]\n",
			(unsigned long long)sim->seed, (unsigned long long)sim->steps_max);
	if (getenv("SIM_ABORT") != NULL)
		abort();
	exit(1);
}

void gx_log_setup(enum gx_log_level least, bool as_json, const char *role)
{
}

/* Error lines that a failing disk explains. */
static bool is_explained(const char *event)
{
	static const char *const events[] = {
		"db.failed",
		"db.damaged", /* the reader of a process that has lost its disk */
		"db.storage_full",
		"db.disk_failed",
		"core.batch_failed",
		"core.call_failed",
		"core.start_failed",
		"core.periodic_failed",
		"core.last_batch_lost",
	};

	for (size_t i = 0; i < GX_COUNT(events); i++)
		if (strcmp(events[i], event) == 0)
			return true;
	return false;
}

void gx_log_fields(enum gx_log_level level, const char *event, const struct gx_log_field *fields,
		   size_t fields_count)
{
	char text[512];
	size_t len = 0;

	if (level < GX_LOG_ERROR && !sim_is_tracing)
		return;
	text[0] = '\0';
	for (size_t i = 0; i < fields_count && len < sizeof(text); i++) {
		const struct gx_log_field *f = &fields[i];

		if (f->type == GX_LOG_FIELD_STR)
			len += (size_t)snprintf(text + len, sizeof(text) - len, " %s=%.*s", f->key,
						GX_STR_ARG(f->str));
		else
			len += (size_t)snprintf(text + len, sizeof(text) - len, " %s=%lld", f->key,
						(long long)f->num);
	}
	sim_trace("log %s%s", event, text);
	if (level == GX_LOG_ERROR && !is_explained(event))
		sim_fail("unexpected error line: %s%s", event, text);
	if (level == GX_LOG_ERROR && sim != NULL)
		sim->errors_seen++;
}

_Noreturn void gx_assert_failed(const char *condition, const char *file, int line)
{
	sim_fail("assertion failed: %s (%s:%d)", condition, file, line);
}

/* Where the process would end, the simulator lets the core die and starts it anew. */
_Noreturn void gx_process_end(int status)
{
	sim_trace("the process ends itself: %d", status);
	if (sim_crash_to == NULL)
		sim_fail("the process ended itself (%d) at a time when nobody expects it", status);
	longjmp(*sim_crash_to, 1);
}
