/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: behind gx_sandbox_enter() nothing can be opened, started or regained; what is allowed
 * works. Method: each case runs in a child of its own; how the child ends is the result.
 */
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static int extra_calls[] = { SCMP_SYS(getppid), SCMP_SYS(getuid) };

enum { ENDED_WELL = 7, NOT_ENTERED = 8, WENT_WRONG = 9 };

static bool opens_nothing(void)
{
	return open("/etc/passwd", O_RDONLY | O_CLOEXEC) == -1 && errno == EACCES;
}

static bool is_nobody(void)
{
	return getuid() != 0;
}

static bool works_on(void)
{
	char *more = gx_heap_alloc((size_t)64 << 20);
	char byte = 0;
	int ends[2] = { 8, 9 };

	gx_heap_free(more);
	return write(ends[1], "x", 1) == 1 && read(ends[0], &byte, 1) == 1 && byte == 'x' &&
	       gx_clock_now_ms() > 0 && getppid() > 0;
}

static bool makes_socket(void)
{
	return socket(AF_INET, SOCK_STREAM, 0) >= 0;
}

static bool starts_process(void)
{
	return fork() >= 0;
}

static bool runs_program(void)
{
	char *const none[] = { NULL };

	return execve("/bin/true", none, none) == 0;
}

static bool maps_code(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != NULL;
}

static bool makes_code(void)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return mprotect(page, 4096, PROT_READ | PROT_EXEC) == 0;
}

static bool asks_for_root(void)
{
	return setuid(0) == 0;
}

/* Exit status of a child that enters and then does it, or minus the signal that ended it. */
static int in_sandbox(bool (*does)(void))
{
	static const struct gx_sandbox sandbox = { extra_calls, GX_COUNT(extra_calls) };
	int ends[2], status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		if (pipe(ends) != 0 || dup2(ends[0], 8) != 8 || dup2(ends[1], 9) != 9)
			_exit(NOT_ENTERED);
		if (!gx_sandbox_enter(&sandbox))
			_exit(NOT_ENTERED);
		_exit(does() ? ENDED_WELL : WENT_WRONG);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static void test_sandbox(void **state)
{
	static const struct {
		const char *name;
		bool (*does)(void);
		int want;
	} cases[] = {
		{ "opens nothing", opens_nothing, ENDED_WELL },
		{ "is nobody", is_nobody, ENDED_WELL },
		{ "works on", works_on, ENDED_WELL },
		{ "makes a socket", makes_socket, -SIGSYS },
		{ "starts a process", starts_process, -SIGSYS },
		{ "runs a program", runs_program, -SIGSYS },
		{ "maps code", maps_code, -SIGSYS },
		{ "makes code", makes_code, -SIGSYS },
		{ "asks for root", asks_for_root, -SIGSYS },
	};

	for (size_t i = 0; i < GX_COUNT(cases); i++) {
		int got = in_sandbox(cases[i].does);
		if (got != cases[i].want)
			fail_msg("%s: %d instead of %d", cases[i].name, got, cases[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_sandbox) };

#if defined(__SANITIZE_ADDRESS__)
	return 77; /* there is no filter in such a build */
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
	return 77;
#endif
#endif
	return cmocka_run_group_tests(tests, NULL, NULL);
}
