/* SPDX-License-Identifier: Apache-2.0 */
/* rooms.h - the list of rooms: what this server can do. */
#ifndef GX_ROOMS_H
#define GX_ROOMS_H

#include "room.h"

/* In order of need, NULL-ended. */
extern const struct gx_room *const app_rooms[];

#endif
