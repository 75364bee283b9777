/* SPDX-License-Identifier: Apache-2.0 */
/*
 * accounts_fake_media.h - stands in for the media room in tests of rooms that need accounts.
 *
 * Account A owns the media A * 10 … A * 10 + 9 below 1000; odd ones are pictures.
 */
#ifndef GX_ACCOUNTS_FAKE_MEDIA_H
#define GX_ACCOUNTS_FAKE_MEDIA_H

#include <stdint.h>

/* What was granted last and not taken back; 0: nothing. */
extern uint64_t accounts_fake_granted_id;

#endif
