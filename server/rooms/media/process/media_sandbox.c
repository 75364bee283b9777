/* SPDX-License-Identifier: Apache-2.0 */
/* media_sandbox.c - the common sandbox, with what threads and reading of descriptors need, and
 * limits.
 */
#include "media_sandbox.h"

#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "sandbox.h"

#define MEMORY_BYTES_MAX (UINT64_C(2560) << 20) /* addresses; libraries take 700 MB of them */
#define FILE_BYTES_MAX (UINT64_C(1) << 20)	/* of the thumbnail */
#define OPEN_FILES_MAX 16
#define CPU_SECONDS_MAX 600 /* in its life */

static const int syscalls[] = {
	SCMP_SYS(recvmsg),    SCMP_SYS(sendto),
	SCMP_SYS(pread64),    SCMP_SYS(pwrite64),
	SCMP_SYS(fstat),      SCMP_SYS(lseek),
	SCMP_SYS(alarm),      SCMP_SYS(setitimer),
	SCMP_SYS(getrusage),  SCMP_SYS(nanosleep),
	SCMP_SYS(readv),      SCMP_SYS(clock_getres),
	SCMP_SYS(membarrier), SCMP_SYS(sched_getaffinity),
};

static bool limit(int resource, uint64_t value)
{
	struct rlimit both = { .rlim_cur = value, .rlim_max = value };

	return setrlimit(resource, &both) == 0;
}

bool media_sandbox_enter(void)
{
	struct gx_sandbox sandbox = { .syscalls = syscalls,
				      .syscalls_count = GX_COUNT(syscalls),
				      .may_make_threads = true };

	return limit(RLIMIT_FSIZE, FILE_BYTES_MAX) && limit(RLIMIT_NOFILE, OPEN_FILES_MAX) &&
	       limit(RLIMIT_CPU, CPU_SECONDS_MAX) &&
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) /* take terabytes */
	       limit(RLIMIT_AS, MEMORY_BYTES_MAX) &&
#endif
	       prctl(PR_SET_DUMPABLE, 0) == 0 && gx_sandbox_enter(&sandbox);
}
