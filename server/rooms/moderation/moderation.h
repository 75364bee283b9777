/* SPDX-License-Identifier: Apache-2.0 */
/*
 * moderation.h - reports of messages and people, and what operators decide.
 *
 * Purpose:    owns table moderation_report. No other room calls it; it calls accounts (suspension,
 *             the audit), chat (what a message said) and contacts (who may see whom).
 */
#ifndef GX_MODERATION_H
#define GX_MODERATION_H

#include "room.h"

extern const struct gx_room moderation_room;

#endif
