/* SPDX-License-Identifier: Apache-2.0 */
/* sync.h - what is new since a cursor. */
#ifndef GX_SYNC_H
#define GX_SYNC_H

#include "room.h"

extern const struct gx_room sync_room;

#endif
