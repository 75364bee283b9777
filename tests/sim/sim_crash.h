/* SPDX-License-Identifier: Apache-2.0 */
/* sim_crash.h - where to go on when the core ends its own process. */
#ifndef GX_SIM_CRASH_H
#define GX_SIM_CRASH_H

#include <setjmp.h>

/* NULL: the core is not running. */
extern jmp_buf *sim_crash_to;

#endif
