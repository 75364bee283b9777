/* SPDX-License-Identifier: Apache-2.0 */
/* media_sandbox.h - gives up every right that reading bytes and writing bytes does not need. */
#ifndef GX_MEDIA_SANDBOX_H
#define GX_MEDIA_SANDBOX_H

#include <stdbool.h>

/* For good, for all threads of the process. False: it must not go on. */
bool media_sandbox_enter(void);

#endif
