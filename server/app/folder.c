/* SPDX-License-Identifier: Apache-2.0 */
#include "folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

/* ---- walking */

struct walk {
	struct gx_arena *arena; /* for complaints */
	const char *root;
	gx_folder_file file;
	void *arg;
	struct gx_error *err;
};

static enum gx_status walk_any(const struct walk *w, const char *path, unsigned depth);

static enum gx_status walk_folder(const struct walk *w, const char *path, unsigned depth)
{
	enum gx_status st = GX_OK;
	DIR *dir = opendir(path);

	if (dir == NULL)
		return errno == ENOENT ? GX_OK : refuse(w->arena, path, strerror(errno), w->err);
	if (depth > GX_FOLDER_DEPTH_MAX)
		st = refuse(w->arena, path, "is too deep", w->err);
	for (struct dirent *e; st == GX_OK && (e = readdir(dir)) != NULL;) {
		struct gx_arena paths;

		if (is_dots(e->d_name))
			continue;
		/* Paths die with each entry: a large folder must not fill the caller's arena. */
		gx_arena_init(&paths);
		st = walk_any(w, gx_arena_printf(&paths, "%s/%s", path, e->d_name).ptr, depth + 1);
		gx_arena_deinit(&paths);
	}
	closedir(dir);
	return st;
}

static enum gx_status walk_any(const struct walk *w, const char *path, unsigned depth)
{
	struct stat st;

	if (lstat(path, &st) != 0)
		return errno == ENOENT ? GX_OK : refuse(w->arena, path, strerror(errno), w->err);
	if (S_ISDIR(st.st_mode))
		return walk_folder(w, path, depth);
	if (S_ISREG(st.st_mode))
		return w->file(w->arg, path + strlen(w->root) + 1, w->err);
	return refuse(w->arena, path, "is neither a file nor a folder", w->err);
}

enum gx_status gx_folder_walk(struct gx_arena *a, const char *path, gx_folder_file file, void *arg,
			      struct gx_error *err)
{
	return walk_folder(&(struct walk){ a, path, file, arg, err }, path, 0);
}

static void clear(int dir_fd, unsigned depth)
{
	int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (dir == NULL)
		return;
	for (struct dirent *e; (e = readdir(dir)) != NULL;) {
		int inner;

		if (is_dots(e->d_name) || unlinkat(dir_fd, e->d_name, 0) == 0)
			continue;
		inner = openat(dir_fd, e->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (inner >= 0 && depth < GX_FOLDER_DEPTH_MAX)
			clear(inner, depth + 1);
		if (inner >= 0)
			close(inner);
		(void)unlinkat(dir_fd, e->d_name, AT_REMOVEDIR);
	}
	closedir(dir);
}

void gx_folder_clear(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return;
	clear(fd, 0);
	close(fd);
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
