/* SPDX-License-Identifier: Apache-2.0 */
/*
 * admin_top.c - `guanxi admin top`: asks the running server for its page of metrics again and
 * again, and shows what has happened between two of them.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "admin.h"
#include "top_view.h"

#define CONSOLE_NAME "console.sock"
#define PAGE_BYTES_MAX ((size_t)8 << 20)
#define ANSWER_TIMEOUT_S 10
#define REFRESH_MS 1000

static volatile sig_atomic_t is_told_to_stop;

static void on_signal(int number)
{
	(void)number;
	is_told_to_stop = 1;
}

static enum gx_status refuse(struct gx_admin *admin, const char *why)
{
	return gx_fail_detail(&admin->arena, &admin->err, GX_E_CONFLICT, "app.no_server",
			      "data folder %s: %s", admin->data_dir, why);
}

/* By the folder's descriptor: its path may be longer than a socket's address. */
static int try_connect(int dir_fd)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct timeval timeout = { .tv_sec = ANSWER_TIMEOUT_S };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int saved;

	(void)snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/%s", dir_fd,
		       CONSOLE_NAME);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0 &&
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)) == 0)
		return fd;
	saved = errno;
	if (fd >= 0)
		close(fd);
	errno = saved;
	return -1;
}

static enum gx_status open_console(struct gx_admin *admin, int *fd)
{
	int dir_fd = open(admin->data_dir, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (dir_fd < 0)
		return refuse(admin, strerror(errno));
	*fd = try_connect(dir_fd);
	close(dir_fd);
	if (*fd >= 0)
		return GX_OK;
	if (errno == ENOENT || errno == ECONNREFUSED)
		return refuse(admin, "no server runs on it");
	return refuse(admin, strerror(errno));
}

static enum gx_status read_text(struct gx_admin *admin, struct gx_buf *text)
{
	enum gx_status st;
	ssize_t got = 0;
	int fd;

	st = open_console(admin, &fd);
	if (st != GX_OK)
		return st;
	gx_buf_clear(text);
	do {
		char *to = gx_buf_reserve(text, 65536);

		got = to == NULL ? 0 : read(fd, to, 65536);
		if (got > 0)
			gx_buf_commit(text, (size_t)got);
	} while (got > 0);
	close(fd);
	if (got < 0 || text->len == 0)
		return refuse(admin, "the server does not answer");
	return GX_OK;
}

/* A page and the memory that it lies in. */
struct reading {
	struct gx_arena arena;
	struct gx_buf text;
	struct gx_top_page page;
};

static enum gx_status take_reading(struct gx_admin *admin, struct reading *r)
{
	enum gx_status st = read_text(admin, &r->text);

	if (st != GX_OK)
		return st;
	gx_arena_reset(&r->arena);
	gx_top_page_read(&r->arena, gx_buf_str(&r->text), gx_clock_mono_ns(), &r->page);
	return GX_OK;
}

static void show(const struct gx_admin *admin, const struct reading *before,
		 const struct reading *now, bool clears)
{
	static struct gx_top_figures figures;
	struct gx_top_span span = {
		.before = &before->page,
		.now = &now->page,
		.seconds = (double)(now->page.read_ns - before->page.read_ns) / 1e9,
	};
	struct gx_buf out;

	gx_top_figures(&span, (double)gx_clock_now_ms() / 1000, &figures);
	gx_buf_init(&out, (size_t)1 << 20);
	if (clears)
		gx_buf_append_str(&out, GX_STR("\x1b[H\x1b[J"));
	if (admin->is_json)
		gx_top_write_json(&figures, &out);
	else
		gx_top_write_text(&figures, &out);
	(void)fwrite(out.ptr, 1, out.len, stdout);
	(void)fflush(stdout);
	gx_buf_deinit(&out);
}

/* Shows one span after the other until it is told to stop, or has shown one that was asked for. */
static enum gx_status watch(struct gx_admin *admin, struct reading readings[2])
{
	bool clears = !admin->is_once && !admin->is_json && isatty(STDOUT_FILENO) == 1;
	enum gx_status st = take_reading(admin, &readings[0]);
	unsigned last = 0;

	while (st == GX_OK) {
		(void)poll(NULL, 0, REFRESH_MS);
		if (is_told_to_stop || ferror(stdout))
			break;
		st = take_reading(admin, &readings[1 - last]);
		if (st != GX_OK)
			break;
		show(admin, &readings[last], &readings[1 - last], clears);
		last = 1 - last;
		if (admin->is_once)
			break;
	}
	return st;
}

enum gx_status gx_admin_top(struct gx_admin *admin)
{
	struct sigaction action = { .sa_handler = on_signal };
	struct reading readings[2];
	enum gx_status st;

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	for (unsigned i = 0; i < 2; i++) {
		gx_arena_init(&readings[i].arena);
		gx_buf_init(&readings[i].text, PAGE_BYTES_MAX);
	}
	st = watch(admin, readings);
	for (unsigned i = 0; i < 2; i++) {
		gx_arena_deinit(&readings[i].arena);
		gx_buf_deinit(&readings[i].text);
	}
	return st;
}
