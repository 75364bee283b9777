/* SPDX-License-Identifier: Apache-2.0 */
/*
 * maxima.h - numbers that only grow (read cursors), kept in memory and written down together.
 *
 * Purpose:    a value may be raised thousands of times a second; the database gets the last of them
 * once a while. What is in memory and not yet written is visible to readers through
 * gx_maxima_get(). Invariants: a value stays visible here until a second after its write was
 * committed, so that a reader whose snapshot is older than the write still sees it. Threading:
 * raise and flush on the command thread; get on any (the table has a lock). Loss:       a crash
 * loses what was not written; whoever uses this can derive it anew.
 */
#ifndef GX_MAXIMA_H
#define GX_MAXIMA_H

#include "db.h"

/* Raises the value of (a, b); keys are not zero. */
void gx_maxima_raise(struct gx_core *core, uint64_t a, uint64_t b, uint64_t value);
/* The value in memory, 0 when there is none. */
uint64_t gx_maxima_get(struct gx_core *core, uint64_t a, uint64_t b);

/* Whether nothing is in memory: gx_maxima_flush() has nothing to write or forget. Any. */
bool gx_maxima_is_empty(struct gx_core *core);

struct gx_maximum {
	uint64_t a, b, value;
};

/* Up to `max` values for the caller to write in this transaction. They go in rounds, each with all
 * that was raised and not written when it began, ascending by (a, b): neighbours share a page. A
 * round begins at once when there is little to write, else 10 s after the last one began.
 * *begins: a round begins with these values. *ends: it ends with them, and all that was raised
 * before its beginning is written with this transaction. Also forgets what was written long ago. */
size_t gx_maxima_flush(struct gx_core *core, struct gx_maximum *out, size_t max, bool *begins,
		       bool *ends);

#endif
