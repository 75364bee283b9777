/* SPDX-License-Identifier: Apache-2.0 */
/*
 * helper.h - a thread that does one and the same piece of work whenever it is asked to.
 *
 * Purpose:    for an owner that has no loop to be told by: it asks, goes on, and looks in now and
 *             then whether the work is done. (Who has a loop takes a pool.)
 * Invariants: at most one piece at a time. What the owner wrote before gx_helper_ask() is seen by
 *             `work`, and what that wrote is seen by the owner once gx_helper_take() says true.
 * Threading:  all functions on the owner's thread; `work` on the helper's.
 */
#ifndef GX_HELPER_H
#define GX_HELPER_H

#include "gx.h"

struct gx_helper;

/* Starts the thread, named `name` (at most 15 bytes). NULL when that fails. */
struct gx_helper *gx_helper_new(const char *name, void (*work)(void *arg), void *arg);
/* Waits for the piece under way, joins the thread. NULL is fine. */
void gx_helper_free(struct gx_helper *h);
/* Only when it is idle. */
void gx_helper_ask(struct gx_helper *h);
/* Nothing is asked for, under way, or waiting to be taken. */
bool gx_helper_is_idle(const struct gx_helper *h);
/* True once for each piece that was asked for: it is done, and the helper is idle again. */
bool gx_helper_take(struct gx_helper *h);

#endif
