/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdlib.h>
#include <unistd.h>

#include "log.h"

_Noreturn void gx_assert_failed(const char *condition, const char *file, int line)
{
	gx_log(GX_LOG_ERROR, "process.assertion_failed", GX_F_CSTR("condition", condition),
	       GX_F_CSTR("file", file), GX_F_I64("line", line));
	abort();
}

_Noreturn void gx_process_end(int status)
{
	_exit(status);
}
