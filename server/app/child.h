/* SPDX-License-Identifier: Apache-2.0 */
/*
 * child.h - making the processes of a server out of this one.
 *
 * Invariants: a child dies with its parent, whatever kills that. It stays in the parent's process
 *             group and session. It gets the descriptors named and the standard ones, nothing else.
 *             Ctrl-C at a terminal reaches the whole group: children ignore it and wait to be told.
 * Threading:  in a process with one thread (fork without exec).
 */
#ifndef GX_CHILD_H
#define GX_CHILD_H

#include <sys/types.h>

#include "gx.h"

/* Forks. In the child the caller goes on with 0 after this has set everything right; in the parent
 * the child's id, or -1 with errno. `name` is what ps shows; `keep_fds` may contain -1. */
pid_t gx_child_fork(const char *name, const int *keep_fds, size_t keep_fds_count);

/* Starts the program that stands beside our own binary, with `fd` as its descriptor 3 and an empty
 * environment. -1 when it can't be. */
pid_t gx_child_exec_beside(const char *program, int fd);

/* The folder of our own binary. */
struct gx_str gx_binary_dir(struct gx_arena *a);

/* Sends one byte and, if fd is not -1, a descriptor over a SOCK_SEQPACKET control socket. */
bool gx_control_send(int control_fd, char kind, int fd);

#endif
