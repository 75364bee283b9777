/* SPDX-License-Identifier: Apache-2.0 */
/* archive.c - POSIX ustar headers, and a file that gets its name last. */
#include "archive.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MODE_TEXT "0000600"
#define ID_TEXT "0000000"
#define SIZE_DIGITS 11u
#define SIZE_MAX_OCTAL ((UINT64_C(1) << 33) - 1)
#define SUM_SPACES 8u

/* As it lies in the file. */
struct header {
	char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], sum[8], type, link[100];
	char magic[6], version[2], user[32], group[32], major[8], minor[8], prefix[155], rest[12];
};
_Static_assert(sizeof(struct header) == GX_ARCHIVE_BLOCK, "a header is one block");

static enum gx_status fail(const struct gx_archive *ar, const char *why, struct gx_error *err)
{
	enum gx_status st = errno == ENOSPC || errno == EDQUOT ? GX_E_OVERLOADED
			    : errno == EEXIST		       ? GX_E_CONFLICT
							       : GX_E_INTERNAL;

	return gx_fail_detail(ar->arena, err, st, "app.archive", "%s: %s", ar->path, why);
}

static enum gx_status fail_os(const struct gx_archive *ar, struct gx_error *err)
{
	return fail(ar, strerror(errno), err);
}

static enum gx_status fail_form(const struct gx_archive *ar, struct gx_error *err)
{
	errno = 0;
	return fail(ar, "is not a whole backup", err);
}

static const char *folder_of(struct gx_arena *a, const char *path)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		return ".";
	return slash == path ? "/" : gx_arena_printf(a, "%.*s", (int)(slash - path), path).ptr;
}

/* ---- writing */

enum gx_status gx_archive_create(struct gx_archive *out, struct gx_arena *a, const char *path,
				 struct gx_error *err)
{
	struct gx_archive ar = { .arena = a, .path = path };
	struct stat about;

	if (lstat(path, &about) == 0) {
		errno = EEXIST;
		return fail_os(&ar, err);
	}
	ar.fd = open(folder_of(a, path), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (ar.fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL)) {
		ar.part = gx_arena_printf(a, "%s.part", path).ptr;
		ar.fd = open(ar.part, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	}
	if (ar.fd < 0)
		return fail_os(&ar, err);
	*out = ar;
	return GX_OK;
}

uint64_t gx_archive_base(const struct gx_archive *ar)
{
	return ar->at + GX_ARCHIVE_BLOCK;
}

static uint64_t padded(uint64_t size)
{
	return (size + GX_ARCHIVE_BLOCK - 1) / GX_ARCHIVE_BLOCK * GX_ARCHIVE_BLOCK;
}

static unsigned sum_of(const struct header *h)
{
	const unsigned char *bytes = (const unsigned char *)h;
	unsigned sum = 0;

	/* The sum's own field counts as spaces. */
	for (size_t i = 0; i < sizeof(*h); i++)
		sum += i >= offsetof(struct header, sum) && i < offsetof(struct header, type)
			       ? ' '
			       : bytes[i];
	return sum;
}

static void write_size(struct header *h, uint64_t size)
{
	if (size <= SIZE_MAX_OCTAL) {
		(void)snprintf(h->size, sizeof(h->size), "%011llo", (unsigned long long)size);
		return;
	}
	h->size[0] = (char)0x80;
	for (size_t i = sizeof(h->size) - 1; size > 0; i--, size >>= 8)
		h->size[i] = (char)(size & 0xff);
}

static bool write_at(int fd, const void *bytes, size_t size, uint64_t at)
{
	size_t done = 0;

	while (done < size) {
		ssize_t n = pwrite(fd, (const char *)bytes + done, size - done, (off_t)(at + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		done += (size_t)n;
	}
	return true;
}

enum gx_status gx_archive_add(struct gx_archive *ar, const char *name, uint64_t size,
			      struct gx_error *err)
{
	static const char zeros[GX_ARCHIVE_BLOCK];
	struct header h = { .type = '0', .magic = "ustar", .version = { '0', '0' } };
	uint64_t end = gx_archive_base(ar) + size;

	GX_ASSERT(strlen(name) <= GX_ARCHIVE_NAME_MAX);
	(void)snprintf(h.name, sizeof(h.name), "%s", name);
	memcpy(h.mode, MODE_TEXT, sizeof(h.mode));
	memcpy(h.uid, ID_TEXT, sizeof(h.uid));
	memcpy(h.gid, ID_TEXT, sizeof(h.gid));
	(void)snprintf(h.mtime, sizeof(h.mtime), "%011llo",
		       (unsigned long long)(gx_clock_now_ms() / GX_SECOND_MS));
	write_size(&h, size);
	(void)snprintf(h.sum, sizeof(h.sum), "%06o", sum_of(&h) & 0777777u);
	h.sum[SUM_SPACES - 1] = ' ';
	if (!write_at(ar->fd, &h, sizeof(h), ar->at) ||
	    !write_at(ar->fd, zeros, (size_t)(padded(size) - size), end))
		return fail_os(ar, err);
	ar->at += GX_ARCHIVE_BLOCK + padded(size);
	return GX_OK;
}

static bool give_name(const struct gx_archive *ar)
{
	char from[32];

	if (ar->part != NULL) /* link() and renameat2() are not to be had everywhere either */
		return rename(ar->part, ar->path) == 0;
	(void)snprintf(from, sizeof(from), "/proc/self/fd/%d", ar->fd);
	return linkat(AT_FDCWD, from, AT_FDCWD, ar->path, AT_SYMLINK_FOLLOW) == 0;
}

static bool sync_folder(const struct gx_archive *ar)
{
	int fd = open(folder_of(ar->arena, ar->path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	/* Some file systems can't; there the name is as durable as it gets. */
	bool is_synced = fd >= 0 && (fsync(fd) == 0 || errno == EINVAL);

	if (fd >= 0)
		close(fd);
	return is_synced;
}

enum gx_status gx_archive_finish(struct gx_archive *ar, struct gx_error *err)
{
	static const char end[2 * GX_ARCHIVE_BLOCK];
	enum gx_status st = GX_OK;

	if (!write_at(ar->fd, end, sizeof(end), ar->at) || fsync(ar->fd) != 0 || !give_name(ar)) {
		st = fail_os(ar, err);
	} else {
		ar->part = NULL;
		if (!sync_folder(ar))
			st = fail_os(ar, err);
	}
	gx_archive_abandon(ar);
	return st;
}

void gx_archive_abandon(struct gx_archive *ar)
{
	if (ar->fd >= 0)
		close(ar->fd);
	if (ar->part != NULL)
		(void)unlink(ar->part);
	ar->fd = -1;
	ar->part = NULL;
}

/* ---- reading */

enum gx_status gx_archive_open(struct gx_archive *out, struct gx_arena *a, const char *path,
			       struct gx_error *err)
{
	struct gx_archive ar = { .arena = a, .path = path };

	ar.fd = open(path, O_RDONLY | O_CLOEXEC);
	if (ar.fd < 0)
		return fail_os(&ar, err);
	*out = ar;
	return GX_OK;
}

static bool read_size(const struct header *h, uint64_t *out)
{
	const unsigned char *bytes = (const unsigned char *)h->size;
	uint64_t size = 0;

	if (bytes[0] == 0x80) {
		for (size_t i = 4; i < sizeof(h->size); i++)
			size = size << 8 | bytes[i];
		*out = size;
		return bytes[1] == 0 && bytes[2] == 0 && bytes[3] == 0 && size <= INT64_MAX / 2;
	}
	for (size_t i = 0; i < SIZE_DIGITS; i++) {
		if (bytes[i] < '0' || bytes[i] > '7')
			return false;
		size = size * 8 + (bytes[i] - '0');
	}
	*out = size;
	return true;
}

static bool is_end(const struct header *h)
{
	static const struct header zeros;

	return memcmp(h, &zeros, sizeof(*h)) == 0;
}

enum gx_status gx_archive_next(struct gx_archive *ar, struct gx_archive_entry *out, bool *found,
			       struct gx_error *err)
{
	struct header h;
	struct stat about;
	char sum[SUM_SPACES];
	ssize_t n = pread(ar->fd, &h, sizeof(h), (off_t)ar->at);

	if (n < 0 || fstat(ar->fd, &about) != 0)
		return fail_os(ar, err);
	if (n != (ssize_t)sizeof(h))
		return fail_form(ar, err);
	if (is_end(&h)) {
		*found = false;
		return GX_OK;
	}
	(void)snprintf(sum, sizeof(sum), "%06o", sum_of(&h) & 0777777u);
	if (memcmp(h.magic, "ustar", 5) != 0 || memcmp(h.sum, sum, 6) != 0 || h.type != '0' ||
	    h.name[GX_ARCHIVE_NAME_MAX] != '\0' || h.prefix[0] != '\0' ||
	    !read_size(&h, &out->size))
		return fail_form(ar, err);
	out->base = ar->at + GX_ARCHIVE_BLOCK;
	/* What begins must end, and the end mark must follow. */
	if (out->base + padded(out->size) + GX_ARCHIVE_BLOCK > (uint64_t)about.st_size)
		return fail_form(ar, err);
	memcpy(out->name, h.name, sizeof(out->name));
	ar->at = out->base + padded(out->size);
	*found = true;
	return GX_OK;
}
