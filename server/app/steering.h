/* SPDX-License-Identifier: Apache-2.0 */
/*
 * steering.h - which of the listeners that share a port get new connections.
 *
 * Threading:  any.
 * Errors:     errno; what was said before stays in force.
 */
#ifndef GX_STEERING_H
#define GX_STEERING_H

#include "gx.h"

#define GX_STEERING_MAX 256u

/* From here on new connections go to these members of the SO_REUSEPORT group of `listen_fd`, each
 * equally often. A member's index is its place in the order in which they began to listen. */
GX_NODISCARD bool gx_steer(int listen_fd, const unsigned *indexes, unsigned count);

#endif
