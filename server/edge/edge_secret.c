/* SPDX-License-Identifier: Apache-2.0 */
/*
 * edge_secret.c - how certificate, key and ticket keys travel from the supervisor to the edges.
 *
 * As a sealed file in memory, by descriptor: { u64 size of the first part, first part, second }.
 * An edge needs no path, and the secrets never stand on a disk on their way.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include "edge_inside.h"

static int pack(struct gx_str first, struct gx_str second)
{
	int fd = memfd_create("secret", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	uint64_t first_size = first.len;
	struct iovec parts[] = { { &first_size, sizeof(first_size) },
				 { (char *)(uintptr_t)first.ptr, first.len },
				 { (char *)(uintptr_t)second.ptr, second.len } };
	size_t size = sizeof(first_size) + first.len + second.len;

	if (fd < 0)
		return -1;
	/* Several edges get the same file: none may change it for the others. */
	if (writev(fd, parts, GX_COUNT(parts)) == (ssize_t)size &&
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) == 0)
		return fd;
	close(fd);
	return -1;
}

int gx_edge_pack_certificate(struct gx_str certificate, struct gx_str key)
{
	return pack(certificate, key);
}

int gx_edge_pack_tickets(const struct gx_tls_tickets *tickets)
{
	return pack((struct gx_str){ (const char *)tickets, sizeof(*tickets) }, GX_STR_NULL);
}

bool edge_secret_unpack(int fd, struct gx_buf *bytes, struct gx_str *first, struct gx_str *second)
{
	uint64_t first_size;
	ssize_t got;
	char *to = gx_buf_reserve(bytes, EDGE_SECRET_BYTES_MAX);

	/* Not read(): all edges have the same position in it. */
	got = pread(fd, to, EDGE_SECRET_BYTES_MAX, 0);
	if (got < (ssize_t)sizeof(first_size))
		return false;
	gx_buf_commit(bytes, (size_t)got);
	memcpy(&first_size, bytes->ptr, sizeof(first_size));
	if (first_size > bytes->len - sizeof(first_size))
		return false;
	*first = gx_str_slice(gx_buf_str(bytes), sizeof(first_size),
			      sizeof(first_size) + (size_t)first_size);
	*second = gx_str_slice(gx_buf_str(bytes), sizeof(first_size) + (size_t)first_size,
			       bytes->len);
	return true;
}
