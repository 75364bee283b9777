/* SPDX-License-Identifier: Apache-2.0 */
/*
 * console.h - a socket in the data folder for whoever administers this server at its machine.
 *
 * Purpose:    `guanxi admin top` connects, gets the page of /metrics once, and the end. Nothing is
 *             read from it. Whoever may enter the data folder may read the database anyway.
 * Threading:  loop thread; a page is written and sent on a reader thread.
 * Errors:     without the socket (a file system that has none) the server runs all the same.
 */
#ifndef GX_CORE_CONSOLE_H
#define GX_CORE_CONSOLE_H

#include "core_state.h"

#define GX_CONSOLE_NAME "console.sock"

void core_console_open(struct gx_core *core);
/* Before the readers end. */
void core_console_close(struct gx_core *core);

#endif
