/* SPDX-License-Identifier: Apache-2.0 */
#include "folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#define COPY_BYTES_MAX ((size_t)1 << 30)

struct copying {
	struct gx_arena *arena; /* for paths and complaints */
	uint64_t files_count;
	struct gx_error *err;
};

static enum gx_status refuse(struct gx_arena *a, const char *path, const char *why,
			     struct gx_error *err)
{
	return gx_fail_detail(a, err, GX_E_INTERNAL, "app.folder", "%s: %s", path, why);
}

static bool is_dots(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

enum gx_status gx_folder_make_empty(struct gx_arena *a, const char *path, struct gx_error *err)
{
	bool is_empty = true;
	DIR *dir;

	if (mkdir(path, 0700) == 0)
		return GX_OK;
	if (errno != EEXIST)
		return refuse(a, path, strerror(errno), err);
	dir = opendir(path);
	if (dir == NULL)
		return refuse(a, path, strerror(errno), err);
	for (struct dirent *e; is_empty && (e = readdir(dir)) != NULL;)
		is_empty = is_dots(e->d_name);
	closedir(dir);
	return is_empty ? GX_OK : refuse(a, path, "the folder is not empty", err);
}

/* Within one file system the kernel copies by itself and may share blocks; between two of different
 * kinds it declines, and the bytes are pumped. */
static bool copy_bytes(int from, int to)
{
	ssize_t n;

	while ((n = copy_file_range(from, NULL, to, NULL, COPY_BYTES_MAX, 0)) > 0)
		;
	if (n < 0 && (errno == EXDEV || errno == EINVAL || errno == EOPNOTSUPP)) {
		while ((n = sendfile(to, from, NULL, COPY_BYTES_MAX)) > 0)
			;
	}
	return n == 0;
}

static enum gx_status copy_file(struct copying *c, const char *from, const char *to)
{
	int in = open(from, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	int out = -1;
	enum gx_status st = GX_OK;

	if (in < 0 && errno == ENOENT)
		return GX_OK;
	if (in >= 0)
		out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (out < 0 || !copy_bytes(in, out))
		st = refuse(c->arena, out < 0 && in >= 0 ? to : from, strerror(errno), c->err);
	if (in >= 0)
		close(in);
	if (out >= 0 && close(out) != 0 && st == GX_OK)
		st = refuse(c->arena, to, strerror(errno), c->err);
	c->files_count++;
	return st;
}

static enum gx_status copy_any(struct copying *c, const char *from, const char *to, unsigned depth);

static enum gx_status copy_folder(struct copying *c, const char *from, const char *to,
				  unsigned depth)
{
	enum gx_status st = GX_OK;
	DIR *dir;

	if (depth > GX_FOLDER_DEPTH_MAX)
		return refuse(c->arena, from, "is too deep", c->err);
	if (mkdir(to, 0700) != 0)
		return refuse(c->arena, to, strerror(errno), c->err);
	dir = opendir(from);
	if (dir == NULL)
		return refuse(c->arena, from, strerror(errno), c->err);
	for (struct dirent *e; st == GX_OK && (e = readdir(dir)) != NULL;) {
		struct gx_arena paths;
		struct copying inner = *c;

		if (is_dots(e->d_name))
			continue;
		/* Paths die with each entry: a large folder must not fill the caller's arena. */
		gx_arena_init(&paths);
		st = copy_any(&inner, gx_arena_printf(&paths, "%s/%s", from, e->d_name).ptr,
			      gx_arena_printf(&paths, "%s/%s", to, e->d_name).ptr, depth + 1);
		c->files_count = inner.files_count;
		gx_arena_deinit(&paths);
	}
	closedir(dir);
	return st;
}

static enum gx_status copy_any(struct copying *c, const char *from, const char *to, unsigned depth)
{
	struct stat st;

	if (lstat(from, &st) != 0)
		return errno == ENOENT ? GX_OK : refuse(c->arena, from, strerror(errno), c->err);
	if (S_ISDIR(st.st_mode))
		return copy_folder(c, from, to, depth);
	if (S_ISREG(st.st_mode))
		return copy_file(c, from, to);
	return refuse(c->arena, from, "is neither a file nor a folder", c->err);
}

enum gx_status gx_folder_copy(struct gx_arena *a, const char *from, const char *to,
			      uint64_t *files_count, struct gx_error *err)
{
	struct copying c = { .arena = a, .err = err };
	enum gx_status st = copy_any(&c, from, to, 0);

	*files_count += c.files_count;
	return st;
}

enum gx_status gx_folder_sync(struct gx_arena *a, const char *path, struct gx_error *err)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool is_synced = fd >= 0 && syncfs(fd) == 0;
	int problem = errno;

	if (fd >= 0)
		close(fd);
	return is_synced ? GX_OK : refuse(a, path, strerror(problem), err);
}
