/* SPDX-License-Identifier: Apache-2.0 */
/*
 * groups.h - who owns, keeps and is in a group.
 *
 * Purpose:    owns tables groups_*. The conversation, its messages and who reads them are chat's; a
 *             group's id is its conversation's.
 * Invariants: never more members than the setting allows; one owner, at most GROUPS_ADMINS_MAX
 *             admins, all of them members; members here and in chat are the same people.
 * Threading:  command thread or reader.
 */
#ifndef GX_GROUPS_H
#define GX_GROUPS_H

#include "room.h"

#define GROUPS_ADMINS_MAX 3

extern const struct gx_room groups_room;

#endif
