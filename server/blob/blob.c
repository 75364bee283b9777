/* SPDX-License-Identifier: Apache-2.0 */
/*
 * blob.c - the folder store: ab/cd/abcd… (64 hex digits).
 *
 * Staging writes a file without a name (O_TMPFILE) and syncs it; committing links it under its name
 * and syncs the folders. A blob's age is its file's time of change.
 */
#include "blob.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "ident.h"

#define COPY_BYTES 262144u

/* "ab/cd/abcd…" */
struct blob_path {
	char text[6 + GX_BLOB_HEX_BYTES + 1];
};

static struct blob_path path_of(const struct gx_blob_id *id)
{
	char hex[GX_BLOB_HEX_BYTES];
	struct blob_path path;

	gx_hex_encode(id->sha256, sizeof(id->sha256), hex);
	(void)snprintf(path.text, sizeof(path.text), "%.2s/%.2s/%.64s", hex, hex + 2, hex);
	return path;
}

static enum gx_status fail(const char *what, struct gx_error *err)
{
	int code = errno;

	if (code == ENOSPC || code == EDQUOT)
		return gx_fail_retry(err, GX_E_OVERLOADED, "core.storage_full", 60);
	gx_log(GX_LOG_ERROR, "blob.failed", GX_F_CSTR("what", what),
	       GX_F_CSTR("message", strerror(code)));
	return gx_fail(err, GX_E_INTERNAL, "core.internal");
}

enum gx_status gx_blob_store_open(struct gx_blob_store *s, const char *dir, struct gx_error *err)
{
	if (sodium_init() < 0)
		return gx_fail(err, GX_E_INTERNAL, "core.internal");
	if (mkdir(dir, 0700) != 0 && errno != EEXIST)
		return fail(dir, err);
	s->dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->dir_fd < 0)
		return fail(dir, err);
	pthread_mutex_init(&s->lock, NULL);
	return GX_OK;
}

void gx_blob_store_close(struct gx_blob_store *s)
{
	close(s->dir_fd);
	s->dir_fd = -1;
	pthread_mutex_destroy(&s->lock);
}

/* ---- staging */

static bool write_all(int fd, const char *bytes, size_t size)
{
	while (size > 0) {
		ssize_t n = write(fd, bytes, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		bytes += n;
		size -= (size_t)n;
	}
	return true;
}

static bool copy_and_hash(int from, int to, uint64_t size, struct gx_blob_id *id)
{
	crypto_hash_sha256_state hash;
	char *buffer = gx_heap_alloc(COPY_BYTES);
	uint64_t done = 0;
	bool is_ok = true;

	crypto_hash_sha256_init(&hash);
	while (is_ok && done < size) {
		size_t want = size - done < COPY_BYTES ? (size_t)(size - done) : COPY_BYTES;
		ssize_t n = pread(from, buffer, want, (off_t)done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n == 0)
			errno = EIO; /* shorter than promised */
		is_ok = n > 0 && write_all(to, buffer, (size_t)n);
		if (is_ok) {
			crypto_hash_sha256_update(&hash, (unsigned char *)buffer, (size_t)n);
			done += (uint64_t)n;
		}
	}
	crypto_hash_sha256_final(&hash, id->sha256);
	gx_heap_free(buffer);
	return is_ok;
}

enum gx_status gx_blob_stage(struct gx_blob_store *s, int fd, uint64_t size,
			     struct gx_blob_staged *out, struct gx_error *err)
{
	struct gx_blob_staged staged = { .size = size };

	staged.fd = openat(s->dir_fd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (staged.fd < 0)
		return fail("temporary file", err);
	if (!copy_and_hash(fd, staged.fd, size, &staged.id) || fsync(staged.fd) != 0) {
		enum gx_status st = fail("stage", err);
		close(staged.fd);
		return st;
	}
	*out = staged;
	return GX_OK;
}

void gx_blob_discard(struct gx_blob_staged *staged)
{
	if (staged->fd >= 0)
		close(staged->fd);
	staged->fd = -1;
}

/* ---- names */

static bool sync_dir(int dir_fd, const char *path)
{
	int fd = openat(dir_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool is_ok = fd >= 0 && fsync(fd) == 0;

	if (fd >= 0)
		close(fd);
	return is_ok;
}

/* The two folders above a blob. */
static bool make_dirs(struct gx_blob_store *s, const struct blob_path *path)
{
	char dir[6];

	for (size_t len = 2; len <= 5; len += 3) {
		memcpy(dir, path->text, len);
		dir[len] = '\0';
		if (mkdirat(s->dir_fd, dir, 0700) != 0 && errno != EEXIST)
			return false;
	}
	return true;
}

/* All of them each time: the one who made a folder may not have synced it yet. */
static bool sync_dirs(struct gx_blob_store *s, const struct blob_path *path)
{
	char dir[6];

	memcpy(dir, path->text, 5);
	dir[5] = '\0';
	if (!sync_dir(s->dir_fd, dir))
		return false;
	dir[2] = '\0';
	return sync_dir(s->dir_fd, dir) && sync_dir(s->dir_fd, ".");
}

static bool link_or_touch(struct gx_blob_store *s, int fd, const struct blob_path *path)
{
	char from[32];
	bool is_ok;

	(void)snprintf(from, sizeof(from), "/proc/self/fd/%d", fd);
	pthread_mutex_lock(&s->lock);
	is_ok = linkat(AT_FDCWD, from, s->dir_fd, path->text, AT_SYMLINK_FOLLOW) == 0 ||
		(errno == EEXIST && utimensat(s->dir_fd, path->text, NULL, 0) == 0);
	pthread_mutex_unlock(&s->lock);
	return is_ok;
}

enum gx_status gx_blob_commit(struct gx_blob_store *s, struct gx_blob_staged *staged,
			      struct gx_error *err)
{
	struct blob_path path = path_of(&staged->id);
	enum gx_status st = GX_OK;

	if (!make_dirs(s, &path) || !link_or_touch(s, staged->fd, &path) || !sync_dirs(s, &path))
		st = fail("commit", err);
	gx_blob_discard(staged);
	return st;
}

enum gx_status gx_blob_open(struct gx_blob_store *s, const struct gx_blob_id *id, int *fd,
			    uint64_t *size, struct gx_error *err)
{
	struct blob_path path = path_of(id);
	struct stat about;
	int opened = openat(s->dir_fd, path.text, O_RDONLY | O_CLOEXEC);

	if (opened < 0 && errno == ENOENT)
		return gx_fail(err, GX_E_NOT_FOUND, "core.not_found");
	if (opened < 0)
		return fail("open", err);
	if (fstat(opened, &about) != 0) {
		enum gx_status st = fail("stat", err);
		close(opened);
		return st;
	}
	*fd = opened;
	*size = (uint64_t)about.st_size;
	return GX_OK;
}

bool gx_blob_exists(struct gx_blob_store *s, const struct gx_blob_id *id)
{
	struct blob_path path = path_of(id);

	return faccessat(s->dir_fd, path.text, F_OK, 0) == 0;
}

bool gx_blob_collect(struct gx_blob_store *s, const struct gx_blob_id *id, int64_t min_age_s)
{
	struct blob_path path = path_of(id);
	struct stat about;
	bool is_gone;

	pthread_mutex_lock(&s->lock);
	is_gone = fstatat(s->dir_fd, path.text, &about, 0) == 0 &&
		  time(NULL) - about.st_mtime >= min_age_s &&
		  unlinkat(s->dir_fd, path.text, 0) == 0;
	pthread_mutex_unlock(&s->lock);
	return is_gone;
}

/* ---- listing */

static DIR *open_dir(int dir_fd, const char *path)
{
	int fd = openat(dir_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (fd >= 0 && dir == NULL)
		close(fd);
	return dir;
}

enum gx_status gx_blob_list(struct gx_arena *a, struct gx_blob_store *s, unsigned prefix,
			    size_t max, struct gx_blob_id **out, size_t *count,
			    struct gx_error *err)
{
	struct gx_blob_id *ids = NULL;
	size_t used = 0;
	char path[8];

	GX_ASSERT(prefix < GX_BLOB_PREFIXES);

	(void)snprintf(path, sizeof(path), "%02x/%02x", prefix >> 8, prefix & 0xff);
	DIR *dir = open_dir(s->dir_fd, path);
	if (dir == NULL && errno != ENOENT)
		return fail("list", err);
	if (dir != NULL) {
		ids = gx_arena_new_array(a, struct gx_blob_id, max);
		for (struct dirent *e; used < max && (e = readdir(dir)) != NULL;)
			used += gx_blob_parse(gx_str_from_cstr(e->d_name), &ids[used]);
		closedir(dir);
	}
	*out = ids;
	*count = used;
	return GX_OK;
}

struct gx_str gx_blob_hex(struct gx_arena *a, const struct gx_blob_id *id)
{
	char hex[GX_BLOB_HEX_BYTES];

	gx_hex_encode(id->sha256, sizeof(id->sha256), hex);
	return gx_arena_strdup(a, (struct gx_str){ hex, sizeof(hex) });
}

bool gx_blob_parse(struct gx_str hex, struct gx_blob_id *out)
{
	return gx_hex_decode(hex, out->sha256, sizeof(out->sha256));
}
