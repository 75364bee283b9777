/* SPDX-License-Identifier: Apache-2.0 */
#include "digest.h"

#include <errno.h>
#include <sodium.h>
#include <unistd.h>

#define BUFFER_BYTES ((size_t)1 << 20)

static bool write_all(int fd, const char *bytes, size_t size, uint64_t at)
{
	while (size > 0) {
		ssize_t n = pwrite(fd, bytes, size, (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		bytes += n;
		size -= (size_t)n;
		at += (uint64_t)n;
	}
	return true;
}

bool gx_digest_copy(const struct gx_stretch *from, int to, uint64_t to_at,
		    unsigned char digest[GX_DIGEST_BYTES])
{
	crypto_hash_sha256_state hash;
	char *buffer = gx_heap_alloc(BUFFER_BYTES);
	uint64_t done = 0;
	bool is_ok = true;

	crypto_hash_sha256_init(&hash);
	while (is_ok && done < from->size) {
		uint64_t left = from->size - done;
		ssize_t n = pread(from->fd, buffer, left < BUFFER_BYTES ? left : BUFFER_BYTES,
				  (off_t)(from->at + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n == 0)
			errno = EIO;
		is_ok = n > 0 && (to < 0 || write_all(to, buffer, (size_t)n, to_at + done));
		if (is_ok) {
			crypto_hash_sha256_update(&hash, (unsigned char *)buffer, (size_t)n);
			done += (uint64_t)n;
		}
	}
	crypto_hash_sha256_final(&hash, digest);
	gx_heap_free(buffer);
	return is_ok;
}
