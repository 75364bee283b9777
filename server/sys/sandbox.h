/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sandbox.h - a process that reads hostile bytes gives up what it will not need.
 *
 * Purpose:    after gx_sandbox_enter() the process opens no file and no socket, starts nothing,
 * maps no executable memory, and gains no rights; what it needs is open already or comes as a
 * descriptor. A system call outside the list kills it; where the kernel has Landlock, files, TCP
 * and other processes are out of reach a second time. As root it also moves into an empty folder
 * and becomes nobody. Invariants: there is no way back. Everything that loads lazily must be loaded
 * before. Threading:  binds all threads that there are.
 */
#ifndef GX_SANDBOX_H
#define GX_SANDBOX_H

#include "gx.h"

struct gx_sandbox {
	/* System calls (SCMP_SYS) beyond memory, signals, clocks, waiting, reading, writing and
	 * closing of open descriptors. */
	const int *syscalls;
	size_t syscalls_count;
	bool may_make_threads; /* threads only, never processes */
};

/* False with errno: nothing hostile may be read. */
GX_NODISCARD bool gx_sandbox_enter(const struct gx_sandbox *s);

#endif
