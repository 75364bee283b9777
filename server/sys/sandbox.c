/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox.h"

#include <errno.h>
#include <grp.h>
#include <linux/sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NOBODY 65534u

/* A sanitizer asks the kernel for more than we do, and reads /proc at the end. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define HAS_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define HAS_SANITIZER 1
#endif
#endif

/* An empty folder that nobody else can enter: it has no name any more. */
static bool enter_empty_folder(void)
{
	char path[] = "/tmp/guanxi-empty-XXXXXX";

	if (mkdtemp(path) == NULL)
		return false;
	if (chdir(path) != 0) {
		rmdir(path);
		return false;
	}
	return rmdir(path) == 0 && chroot(".") == 0;
}

static bool become_nobody(void)
{
	pid_t parent = getppid(); /* may be 1, in a container */

	if (geteuid() != 0)
		return true;
	if (!enter_empty_folder())
		gx_log(GX_LOG_WARN, "sandbox.no_empty_folder");
	/* A change of user takes the parent's death signal away: ask for it again. */
	return setgroups(0, NULL) == 0 && setresgid(NOBODY, NOBODY, NOBODY) == 0 &&
	       setresuid(NOBODY, NOBODY, NOBODY) == 0 && prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 &&
	       getppid() == parent;
}

/* The kernel's struct landlock_ruleset_attr, of which Debian 12's headers know the first field. */
struct ruleset {
	uint64_t files, net, scoped;
};

/* Landlock: all that this kernel can forbid, without an exception. A kernel without it is no
 * error: the filter stands alone then. */
static bool forbid_files(void)
{
	static const struct {
		long abi;
		struct ruleset adds;
	} steps[] = {
		{ 1, { .files = (1u << 13) - 1 } },
		{ 2, { .files = 1u << 13 } }, /* moving between folders */
		{ 3, { .files = 1u << 14 } }, /* truncating */
		{ 4, { .net = 3 } },	      /* binding and connecting of TCP */
		{ 5, { .files = 1u << 15 } }, /* ioctl of devices */
		{ 6, { .scoped = 3 } },	      /* abstract unix sockets, signals */
	};
	struct ruleset all = { 0 };
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, 1);

	if (abi < 1)
		return true;
	for (size_t i = 0; i < GX_COUNT(steps) && steps[i].abi <= abi; i++) {
		all.files |= steps[i].adds.files;
		all.net |= steps[i].adds.net;
		all.scoped |= steps[i].adds.scoped;
	}
	size_t size = abi < 4 ? 8 : abi < 6 ? 16 : 24;
	long fd = syscall(SYS_landlock_create_ruleset, &all, size, 0);
	bool is_ok = fd >= 0 && syscall(SYS_landlock_restrict_self, fd, 0) == 0;

	if (fd >= 0)
		close((int)fd);
	return is_ok;
}

static const int basic_calls[] = {
	SCMP_SYS(brk),		SCMP_SYS(clock_gettime),  SCMP_SYS(clock_nanosleep),
	SCMP_SYS(close),	SCMP_SYS(exit),		  SCMP_SYS(exit_group),
	SCMP_SYS(futex),	SCMP_SYS(getpid),	  SCMP_SYS(getrandom),
	SCMP_SYS(gettid),	SCMP_SYS(gettimeofday),	  SCMP_SYS(madvise),
	SCMP_SYS(mremap),	SCMP_SYS(munmap),	  SCMP_SYS(poll),
	SCMP_SYS(ppoll),	SCMP_SYS(read),		  SCMP_SYS(restart_syscall),
	SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn),
	SCMP_SYS(sched_yield),	SCMP_SYS(sigaltstack),	  SCMP_SYS(write),
	SCMP_SYS(writev),
};

/* Libraries ask for these and do without. */
static const int refused_calls[] = {
	SCMP_SYS(access), SCMP_SYS(faccessat), SCMP_SYS(ioctl),	     SCMP_SYS(newfstatat),
	SCMP_SYS(open),	  SCMP_SYS(openat),    SCMP_SYS(prlimit64),  SCMP_SYS(readlink),
	SCMP_SYS(stat),	  SCMP_SYS(sysinfo),   SCMP_SYS(readlinkat), SCMP_SYS(sched_getaffinity),
};

/* Sending goes along a connection that there is, never to an address: MSG_FASTOPEN would connect a
 * listener that was shut down. */
static int allow_call(scmp_filter_ctx filter, uint32_t action, int call)
{
	if (call == SCMP_SYS(sendto))
		return seccomp_rule_add(filter, action, call, 2,
					SCMP_A3(SCMP_CMP_MASKED_EQ, MSG_FASTOPEN, 0),
					SCMP_A4(SCMP_CMP_EQ, 0));
	if (call == SCMP_SYS(sendmsg))
		return seccomp_rule_add(filter, action, call, 1,
					SCMP_A2(SCMP_CMP_MASKED_EQ, MSG_FASTOPEN, 0));
	return seccomp_rule_add(filter, action, call, 0);
}

static bool allow(scmp_filter_ctx filter, const int *calls, size_t count, uint32_t action)
{
	for (size_t i = 0; i < count; i++) {
		int rc = allow_call(filter, action, calls[i]);
		/* -EEXIST: a caller listed one that is allowed anyway. */
		if (rc != 0 && rc != -EEXIST) {
			errno = -rc;
			return false;
		}
	}
	return true;
}

/* Memory, but none that can be executed. */
static bool allow_memory(scmp_filter_ctx filter)
{
	static const int calls[] = { SCMP_SYS(mmap), SCMP_SYS(mprotect) };

	for (size_t i = 0; i < GX_COUNT(calls); i++) {
		int rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 1,
					  SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
		if (rc != 0) {
			errno = -rc;
			return false;
		}
	}
	return true;
}

/* abort() signals itself; nobody else is to be signalled. */
static bool allow_abort(scmp_filter_ctx filter)
{
	int rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
				  SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid()));

	errno = -rc;
	return rc == 0;
}

/* glibc falls back from clone3, whose flags a filter can't see. */
static bool allow_threads(scmp_filter_ctx filter)
{
	static const int calls[] = { SCMP_SYS(set_robust_list), SCMP_SYS(rseq) };
	static const int missing[] = { SCMP_SYS(clone3) };
	int rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
				  SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD));

	if (rc == 0)
		rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prctl), 1,
				      SCMP_A0(SCMP_CMP_EQ, PR_SET_NAME));
	errno = -rc;
	return rc == 0 && allow(filter, calls, GX_COUNT(calls), SCMP_ACT_ALLOW) &&
	       allow(filter, missing, GX_COUNT(missing), SCMP_ACT_ERRNO(ENOSYS));
}

static bool load_filter(const struct gx_sandbox *s)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	bool is_ok = false;
	int rc;

	if (filter == NULL)
		return false;
	/* A binary tree instead of a list. */
	(void)seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	(void)seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1); /* all threads */
	if (allow(filter, basic_calls, GX_COUNT(basic_calls), SCMP_ACT_ALLOW) &&
	    allow(filter, s->syscalls, s->syscalls_count, SCMP_ACT_ALLOW) &&
	    allow(filter, refused_calls, GX_COUNT(refused_calls), SCMP_ACT_ERRNO(EACCES)) &&
	    allow_memory(filter) && allow_abort(filter) &&
	    (!s->may_make_threads || allow_threads(filter))) {
		rc = seccomp_load(filter);
		is_ok = rc == 0;
		if (!is_ok)
			errno = -rc;
	}
	seccomp_release(filter);
	return is_ok;
}

bool gx_sandbox_enter(const struct gx_sandbox *s)
{
#ifdef HAS_SANITIZER
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
#endif
	/* A dump of its memory would hold keys and other people's words. */
	static const struct rlimit no_dump = { 0, 0 };

	return setrlimit(RLIMIT_CORE, &no_dump) == 0 && become_nobody() &&
	       prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && forbid_files() && load_filter(s);
}
