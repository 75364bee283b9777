/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check.h - assertions that stay on in production.
 *
 * GX_ASSERT states what only a programmer's mistake can break; never use it on input.
 * A broken assertion logs its place and aborts; the supervisor starts the process anew.
 */
#ifndef GX_CHECK_H
#define GX_CHECK_H

#define GX_NODISCARD __attribute__((warn_unused_result))
#define GX_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define GX_COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define GX_ASSERT(condition)                                                                       \
	(__builtin_expect(!!(condition), 1) ? (void)0                                              \
					    : gx_assert_failed(#condition, __FILE__, __LINE__))

_Noreturn void gx_assert_failed(const char *condition, const char *file, int line);
/* Ends the process at once, with nothing flushed or closed; only the next start finds out what is
 * on disk. */
_Noreturn void gx_process_end(int status);

#endif
