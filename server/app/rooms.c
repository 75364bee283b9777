/* SPDX-License-Identifier: Apache-2.0 */
#include "rooms.h"

#include "sync.h"

const struct gx_room *const app_rooms[] = {
	&sync_room,
	NULL,
};
