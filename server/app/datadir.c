/* SPDX-License-Identifier: Apache-2.0 */
#include "datadir.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define ONLY_OWNER 0700
#define MARK "restoring"
#define PID_TEXT_MAX 24
#define LOCK_TRY_MS 10

static enum gx_status refuse(struct gx_arena *a, struct gx_error *err, const char *path,
			     const char *why)
{
	return gx_fail_detail(a, err, GX_E_INVALID, "app.data_dir", "data folder %s: %s", path,
			      why);
}

static enum gx_status make_private(struct gx_arena *a, const char *path, struct gx_error *err)
{
	struct stat st;

	if (mkdir(path, ONLY_OWNER) != 0 && errno != EEXIST)
		return refuse(a, err, path, strerror(errno));
	if (stat(path, &st) != 0)
		return refuse(a, err, path, strerror(errno));
	if (!S_ISDIR(st.st_mode))
		return refuse(a, err, path, "is not a folder");
	if ((st.st_mode & 0777) != ONLY_OWNER && chmod(path, ONLY_OWNER) != 0)
		return refuse(a, err, path, "others may read it, and it is not ours to change");
	if (access(path, W_OK | X_OK) != 0)
		return refuse(a, err, path, strerror(errno));
	return GX_OK;
}

static enum gx_status refuse_busy(struct gx_arena *a, int fd, const char *path,
				  struct gx_error *err)
{
	char pid[PID_TEXT_MAX] = "";
	ssize_t n = pread(fd, pid, sizeof(pid) - 1, 0);
	struct gx_str text = gx_str_trim((struct gx_str){ pid, n > 0 ? (size_t)n : 0 });

	return gx_fail_detail(a, err, GX_E_CONFLICT, "app.data_dir_in_use",
			      "data folder %s is in use by another server (process %.*s)", path,
			      GX_STR_ARG(text));
}

/* For people who look for the server; the lock itself is the flock(). */
static void write_pid(int fd)
{
	char pid[PID_TEXT_MAX];
	int n = snprintf(pid, sizeof(pid), "%d", (int)getpid());

	if (ftruncate(fd, 0) != 0 || pwrite(fd, pid, (size_t)n, 0) != n)
		gx_log(GX_LOG_WARN, "datadir.pid_not_written", GX_F_CSTR("error", strerror(errno)));
}

static bool take_lock(int fd, int64_t wait_ms)
{
	while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		if (errno != EWOULDBLOCK || wait_ms <= 0)
			return false;
		(void)poll(NULL, 0, LOCK_TRY_MS);
		wait_ms -= LOCK_TRY_MS;
	}
	return true;
}

enum gx_status gx_datadir_open(struct gx_arena *a, const char *path, int64_t wait_ms, int *lock_fd,
			       struct gx_error *err)
{
	enum gx_status st = make_private(a, path, err);
	struct gx_str lock = gx_arena_printf(a, "%s/lock", path);
	int fd;

	if (st != GX_OK)
		return st;
	fd = open(lock.ptr, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return refuse(a, err, lock.ptr, strerror(errno));
	if (!take_lock(fd, wait_ms)) {
		st = errno == EWOULDBLOCK ? refuse_busy(a, fd, path, err)
					  : refuse(a, err, lock.ptr, strerror(errno));
		close(fd);
		return st;
	}
	write_pid(fd);
	*lock_fd = fd;
	return GX_OK;
}

static const char *mark_of(struct gx_arena *a, const char *path)
{
	return gx_arena_printf(a, "%s/" MARK, path).ptr;
}

static bool sync_folder(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool is_synced = fd >= 0 && fsync(fd) == 0;

	if (fd >= 0)
		close(fd);
	return is_synced;
}

enum gx_status gx_datadir_mark(struct gx_arena *a, const char *path, struct gx_error *err)
{
	int fd = open(mark_of(a, path), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0 || close(fd) != 0 || !sync_folder(path))
		return refuse(a, err, path, strerror(errno));
	return GX_OK;
}

enum gx_status gx_datadir_unmark(struct gx_arena *a, const char *path, struct gx_error *err)
{
	if (unlink(mark_of(a, path)) != 0 || !sync_folder(path))
		return refuse(a, err, path, strerror(errno));
	return GX_OK;
}

enum gx_status gx_datadir_refuse_marked(struct gx_arena *a, const char *path, struct gx_error *err)
{
	if (access(mark_of(a, path), F_OK) != 0)
		return GX_OK;
	return refuse(a, err, path,
		      "a restore into it did not come to its end; empty it and restore again");
}
