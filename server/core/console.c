/* SPDX-License-Identifier: Apache-2.0 */
#include "console.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define GUESTS_MAX 4u /* at a time: each takes a reader */
#define SEND_TIMEOUT_S 1

struct guest {
	struct gx_job job;
	struct gx_core *core;
	int fd;
};

static void send_all(int fd, struct gx_str bytes)
{
	while (bytes.len > 0) {
		ssize_t sent = send(fd, bytes.ptr, bytes.len, MSG_NOSIGNAL);

		if (sent <= 0)
			return; /* it does not read, or is gone */
		bytes = gx_str_slice(bytes, (size_t)sent, bytes.len);
	}
}

static void guest_run(struct gx_job *job, void *thread_state)
{
	struct guest *g = GX_CONTAINER_OF(job, struct guest, job);
	struct timeval timeout = { .tv_sec = SEND_TIMEOUT_S };
	struct gx_buf page;

	gx_buf_init(&page, CORE_ANSWER_BYTES_MAX);
	core_metrics_write(g->core, &page);
	(void)setsockopt(g->fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout));
	if (!page.overflow)
		send_all(g->fd, gx_buf_str(&page));
	gx_buf_deinit(&page);
}

static void guest_done(struct gx_job *job)
{
	struct guest *g = GX_CONTAINER_OF(job, struct guest, job);

	g->core->console_guests--;
	close(g->fd);
	gx_heap_free(g);
}

static void on_guest(struct gx_watch *w, uint32_t events)
{
	struct gx_core *core = GX_CONTAINER_OF(w, struct gx_core, console_watch);
	int fd = accept4(w->fd, NULL, NULL, SOCK_CLOEXEC);
	struct guest *g;

	if (fd < 0)
		return;
	if (core->console_guests >= GUESTS_MAX) {
		close(fd);
		return;
	}
	g = gx_heap_alloc(sizeof(*g));
	*g = (struct guest){ .job = { .run = guest_run, .on_done = guest_done },
			     .core = core,
			     .fd = fd };
	core->console_guests++;
	if (!gx_pool_submit(core->readers, &g->job))
		guest_done(&g->job);
}

/* The folder's path may be longer than a socket's address: its descriptor has a short one. */
static int listen_in(const char *dir)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int dir_fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	bool is_bound;

	(void)snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/%s", dir_fd,
		       GX_CONSOLE_NAME);
	(void)unlinkat(dir_fd, GX_CONSOLE_NAME, 0); /* of one that was killed */
	is_bound = fd >= 0 && dir_fd >= 0 &&
		   bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0 &&
		   fchmodat(dir_fd, GX_CONSOLE_NAME, 0600, 0) == 0 && listen(fd, GUESTS_MAX) == 0;
	if (!is_bound)
		gx_log(GX_LOG_WARN, "core.no_console", GX_F_CSTR("error", strerror(errno)));
	if (dir_fd >= 0)
		close(dir_fd);
	if (!is_bound && fd >= 0)
		close(fd);
	return is_bound ? fd : -1;
}

void core_console_open(struct gx_core *core)
{
	core->console_watch =
		(struct gx_watch){ .fd = listen_in(core->config->data_dir), .on_ready = on_guest };
	if (core->console_watch.fd >= 0)
		GX_ASSERT(gx_loop_add(&core->loop, &core->console_watch, EPOLLIN));
}

void core_console_close(struct gx_core *core)
{
	char path[4096];

	if (core->console_watch.fd < 0)
		return;
	gx_loop_remove(&core->loop, &core->console_watch);
	close(core->console_watch.fd);
	core->console_watch.fd = -1;
	snprintf(path, sizeof(path), "%s/%s", core->config->data_dir, GX_CONSOLE_NAME);
	(void)unlink(path);
}
