/* SPDX-License-Identifier: Apache-2.0 */
/*
 * digest.h - SHA-256 of a stretch of a file, while it is copied or by itself.
 *
 * Threading: any; blocks. Memory: a buffer of its own, however long the stretch. Errors: false,
 * with errno; EIO when the file is shorter than it should be.
 */
#ifndef GX_DIGEST_H
#define GX_DIGEST_H

#include "gx.h"

#define GX_DIGEST_BYTES 32u
#define GX_DIGEST_HEX_BYTES 64u

/* A stretch of an open file. */
struct gx_stretch {
	int fd;
	uint64_t at, size;
};

/* Copies to `to` at `to_at`, unless `to` is -1. */
GX_NODISCARD bool gx_digest_copy(const struct gx_stretch *from, int to, uint64_t to_at,
				 unsigned char digest[GX_DIGEST_BYTES]);

#endif
