/* SPDX-License-Identifier: Apache-2.0 */
#include "rooms.h"

const struct gx_room *const app_rooms[] = {
	NULL,
};
