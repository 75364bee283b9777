/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clock.h - the time of day and a steady clock.
 *
 * Tests move the time of day: the process maps an 8-byte file (little-endian milliseconds, signed)
 * and adds its value, so that "seven days later" takes no waiting. Threading: any.
 */
#ifndef GX_CLOCK_H
#define GX_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#define GX_SECOND_MS INT64_C(1000)
#define GX_MINUTE_MS (60 * GX_SECOND_MS)
#define GX_HOUR_MS (60 * GX_MINUTE_MS)
#define GX_DAY_MS (24 * GX_HOUR_MS)

/* Milliseconds since 1970, UTC. */
int64_t gx_clock_now_ms(void);
/* Steady nanoseconds since some point; never set back. */
uint64_t gx_clock_mono_ns(void);
/* Lets so much time pass, or somewhat more. */
void gx_clock_nap_us(unsigned us);
/* Maps the offset file; false when it can't be. Call before threads start. */
bool gx_clock_map_offset(const char *path);
/* For unit tests: adds to the time of day of this process. */
void gx_clock_advance_ms(int64_t ms);

#endif
