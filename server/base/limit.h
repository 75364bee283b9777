/* SPDX-License-Identifier: Apache-2.0 */
/*
 * limit.h - maxima that no setting changes, declared once in a table beside the code that keeps
 * them.
 *
 * The app prints all tables together with the settings of [limits] (--print-limits).
 */
#ifndef GX_LIMIT_H
#define GX_LIMIT_H

#include <stdint.h>

struct gx_limit {
	const char *scope; /* "connection", "account", "address", "request", "process" */
	const char *what;
	int64_t most;
	const char *unit;
	const char *beyond; /* what happens then */
};

#endif
