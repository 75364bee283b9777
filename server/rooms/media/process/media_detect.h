/* SPDX-License-Identifier: Apache-2.0 */
/*
 * media_detect.h - what type bytes have, by libmagic. Its database is read once, before the
 * sandbox. Threading: one thread.
 */
#ifndef GX_MEDIA_DETECT_H
#define GX_MEDIA_DETECT_H

#include <stdbool.h>
#include <stddef.h>

bool media_detect_init(void);
/* "type/subtype"; "application/octet-stream" when it is not known. Borrowed until the next call. */
const char *media_detect(const void *bytes, size_t size);

#endif
