/* SPDX-License-Identifier: Apache-2.0 */
/*
 * admission.h - what is let in when more is asked than can be done.
 *
 * Purpose:    after DAGOR (Zhou et al., "Overload Control for Scaling WeChat Microservices", 2018).
 *             The mean time that calls have waited in a window of 50 ms says whether there is too
 *             much. A call's level is its class, then how many calls of that class its account has
 *             made in the window; calls below the cursor are let in. Too long a wait lowers the
 *             cursor by a share of what was let in; a short one raises it by a share of what was
 *             asked. So the least important class goes first, and within the class at the border
 *             every account keeps the same number of calls (max-min fair), whatever others do.
 * Thresholds: each class has the wait above which its calls may be refused: those of the statistics
 *             at 20 ms, of chat at 250 ms, because streams are slowed before (the window of
 *             calls that a connection may have in flight shrinks from 50 ms on).
 * Invariants: memory is fixed. With no waiting nothing is refused, whoever asks for how much.
 * Threading:  one owner. The clock is the caller's.
 */
#ifndef GX_ADMISSION_H
#define GX_ADMISSION_H

#include "room.h"

#define CORE_ADMISSION_WINDOW_NS UINT64_C(50000000)
#define CORE_IN_FLIGHT_MIN 4u
#define CORE_IN_FLIGHT_MAX 64u

struct core_admission;

struct core_admission *core_admission_new(void);
void core_admission_free(struct core_admission *a);

/* A call was taken up after it had waited so long. */
void core_admission_note(struct core_admission *a, uint64_t waited_ns, uint64_t now_ns);
/* Ends the window when it is over, also when nothing was taken up in it. Before asking. */
void core_admission_tick(struct core_admission *a, uint64_t now_ns);
/* Whether something is refused at present. */
bool core_admission_is_shedding(const struct core_admission *a);
/* The whole class is refused, so nothing else need be known of the call; counts it if so. */
bool core_admission_shuts(struct core_admission *a, enum gx_priority class);
/* Counts a call of that class by `key` (an account, or an address where nobody is signed in);
 * false: it is to be refused. */
GX_NODISCARD bool core_admission_take(struct core_admission *a, enum gx_priority class,
				      uint64_t key);
/* Mean wait in the last window, in ms. */
double core_admission_waited_ms(const struct core_admission *a);
/* How many calls one connection may have in flight. */
unsigned core_admission_in_flight(const struct core_admission *a);

/* The class of a route: what it says, but a chat or social query counts as SYNC, and an operator's
 * query as STATISTICS. Opening a stream is signing in: refusing costs more than the opening. */
enum gx_priority core_admission_class(const struct gx_route *route);

#endif
