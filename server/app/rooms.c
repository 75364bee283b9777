/* SPDX-License-Identifier: Apache-2.0 */
#include "rooms.h"

#include "accounts.h"
#include "chat.h"
#include "contacts.h"
#include "groups.h"
#include "media.h"
#include "moderation.h"
#include "notices.h"
#include "sync.h"

const struct gx_room *const app_rooms[] = {
	&media_room,	  &accounts_room, &chat_room, &contacts_room, &groups_room,
	&moderation_room, &notices_room,  &sync_room, NULL,
};
