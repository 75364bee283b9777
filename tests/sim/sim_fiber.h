/* SPDX-License-Identifier: Apache-2.0 */
/* sim_fiber.h - a piece of work that may be put aside before each of its queries. */
#ifndef GX_SIM_FIBER_H
#define GX_SIM_FIBER_H

#include <stdbool.h>

struct sim_fiber;

struct sim_fiber *sim_fiber_new(void (*work)(void *arg), void *arg);
/* Runs it until it is put aside (true) or over (false: it is freed). */
bool sim_fiber_go_on(struct sim_fiber *f);
/* Here somebody else may run for a while: on a fiber, whoever runs it; in a turn of the core, once
 * in `n` times, some job. */
void sim_others_may_run(unsigned n);

#endif
