/* SPDX-License-Identifier: Apache-2.0 */
#include "clock.h"

#include <endian.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const _Atomic uint64_t *offset_mapped; /* set before threads start */
static _Atomic int64_t offset_advanced_ms;

static int64_t offset_ms(void)
{
	int64_t ms = atomic_load_explicit(&offset_advanced_ms, memory_order_relaxed);

	if (offset_mapped != NULL)
		ms += (int64_t)le64toh(atomic_load_explicit(offset_mapped, memory_order_relaxed));
	return ms;
}

int64_t gx_clock_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000 + offset_ms();
}

uint64_t gx_clock_mono_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void gx_clock_nap_us(unsigned us)
{
	(void)usleep(us);
}

bool gx_clock_map_offset(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	void *p = MAP_FAILED;

	if (fd < 0)
		return false;
	/* A shorter file would raise SIGBUS at the first reading. */
	if (fstat(fd, &st) == 0 && st.st_size >= (off_t)sizeof(uint64_t))
		p = mmap(NULL, sizeof(uint64_t), PROT_READ, MAP_SHARED, fd, 0);
	close(fd);
	if (p == MAP_FAILED)
		return false;
	offset_mapped = p;
	return true;
}

void gx_clock_advance_ms(int64_t ms)
{
	atomic_fetch_add_explicit(&offset_advanced_ms, ms, memory_order_relaxed);
}
