/* SPDX-License-Identifier: Apache-2.0 */
/*
 * notices.h - what the platform itself says to everybody.
 *
 * Purpose:    owns table notices_notice.
 * Invariants: a notice is one row and one event for all; its text has 1..2000 code points, checked
 *             by the route's table; it never changes.
 * Threading:  command thread or reader, as marked; blocks.
 * Memory:     results in the caller's arena.
 * Errors:     GX_OK, or a status with `err` filled; on failure outputs are untouched.
 */
#ifndef GX_NOTICES_H
#define GX_NOTICES_H

#include "room.h"

extern const struct gx_room notices_room;

#endif
