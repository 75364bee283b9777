/* SPDX-License-Identifier: Apache-2.0 */
/* random.c - random bytes; a file of its own, so that the simulator can bring others. */
#include <errno.h>
#include <sys/random.h>

#include "ident.h"

void gx_random_bytes(void *out, size_t size)
{
	char *at = out;

	while (size > 0) {
		ssize_t got = getrandom(at, size, 0);

		if (got < 0 && errno == EINTR)
			continue;
		GX_ASSERT(got > 0);
		at += got;
		size -= (size_t)got;
	}
}

uint64_t gx_random_u64(void)
{
	uint64_t v;

	gx_random_bytes(&v, sizeof(v));
	return v;
}
