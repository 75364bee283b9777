/* SPDX-License-Identifier: Apache-2.0 */
/*
 * media_sandbox.c - limits and a system call filter.
 *
 * What is not in the list fails with EPERM, so that a library that tries something harmless goes on
 * without it. Not in the list: opening files, sockets, starting programs, changing rights,
 * executable memory, processes (threads only).
 */
#include "media_sandbox.h"

#include <errno.h>
#include <linux/sched.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#define MEMORY_BYTES_MAX (UINT64_C(2560) << 20) /* addresses; libraries take 700 MB of them */
#define FILE_BYTES_MAX (UINT64_C(1) << 20)	/* of the thumbnail */
#define OPEN_FILES_MAX 16
#define CPU_SECONDS_MAX 600 /* in its life */

static bool limit(int resource, uint64_t value)
{
	struct rlimit both = { .rlim_cur = value, .rlim_max = value };

	return setrlimit(resource, &both) == 0;
}

static const int allowed[] = {
	SCMP_SYS(read),
	SCMP_SYS(write),
	SCMP_SYS(pread64),
	SCMP_SYS(pwrite64),
	SCMP_SYS(readv),
	SCMP_SYS(writev),
	SCMP_SYS(recvmsg),
	SCMP_SYS(sendmsg),
	SCMP_SYS(recvfrom),
	SCMP_SYS(sendto),
	SCMP_SYS(poll),
	SCMP_SYS(ppoll),
	SCMP_SYS(close),
	SCMP_SYS(fstat),
	SCMP_SYS(lseek),
	SCMP_SYS(munmap),
	SCMP_SYS(mremap),
	SCMP_SYS(madvise),
	SCMP_SYS(brk),
	SCMP_SYS(futex),
	SCMP_SYS(set_robust_list),
	SCMP_SYS(rseq),
	SCMP_SYS(rt_sigaction),
	SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn),
	SCMP_SYS(sigaltstack),
	SCMP_SYS(exit),
	SCMP_SYS(exit_group),
	SCMP_SYS(getpid),
	SCMP_SYS(gettid),
	SCMP_SYS(tgkill),
	SCMP_SYS(clock_gettime),
	SCMP_SYS(clock_getres),
	SCMP_SYS(nanosleep),
	SCMP_SYS(clock_nanosleep),
	SCMP_SYS(gettimeofday),
	SCMP_SYS(sched_yield),
	SCMP_SYS(sched_getaffinity),
	SCMP_SYS(getrandom),
	SCMP_SYS(sysinfo),
	SCMP_SYS(uname),
	SCMP_SYS(getrusage),
	SCMP_SYS(alarm),
	SCMP_SYS(setitimer),
	SCMP_SYS(restart_syscall),
	SCMP_SYS(membarrier),
};

static bool allow_some(scmp_filter_ctx filter)
{
	/* Threads, but no processes; glibc falls back from clone3, whose flags can't be seen. */
	return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
				SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD)) == 0 &&
	       seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0) == 0 &&
	       seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
				SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)) == 0 &&
	       seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
				SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)) == 0 &&
	       seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prctl), 1,
				SCMP_A0(SCMP_CMP_EQ, PR_SET_NAME)) == 0;
}

static bool load_filter(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	bool is_ok = filter != NULL && seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1) == 0;

	for (unsigned i = 0; is_ok && i < sizeof(allowed) / sizeof(allowed[0]); i++)
		is_ok = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0) == 0;
	is_ok = is_ok && allow_some(filter) && seccomp_load(filter) == 0;
	seccomp_release(filter);
	return is_ok;
}

bool media_sandbox_enter(void)
{
	return limit(RLIMIT_CORE, 0) && limit(RLIMIT_FSIZE, FILE_BYTES_MAX) &&
	       limit(RLIMIT_NOFILE, OPEN_FILES_MAX) && limit(RLIMIT_CPU, CPU_SECONDS_MAX) &&
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) /* take terabytes */
	       limit(RLIMIT_AS, MEMORY_BYTES_MAX) &&
#endif
	       prctl(PR_SET_DUMPABLE, 0) == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	       load_filter();
}
