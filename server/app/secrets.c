/* SPDX-License-Identifier: Apache-2.0 */
#include "secrets.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "child.h"
#include "edge.h"

#define FILE_BYTES_MAX ((size_t)256 << 10)
#define WARN_BEFORE_MS (14 * GX_DAY_MS)

void gx_secrets_init(struct gx_secrets *s, const char *certificate_path, const char *key_path)
{
	*s = (struct gx_secrets){
		.certificate_path = certificate_path,
		.key_path = key_path,
		.certificate_fd = -1,
		.tickets_fd = -1,
	};
}

static void put_fd(int *place, int fd)
{
	if (*place >= 0)
		close(*place);
	*place = fd;
}

void gx_secrets_deinit(struct gx_secrets *s)
{
	put_fd(&s->certificate_fd, -1);
	put_fd(&s->tickets_fd, -1);
	explicit_bzero(&s->tickets, sizeof(s->tickets));
}

static void wipe(struct gx_buf *b)
{
	if (b->ptr != NULL)
		explicit_bzero(b->ptr, b->cap);
	gx_buf_deinit(b);
}

/* The whole file into `out`, in one piece of memory: growing would leave copies behind. */
static enum gx_status read_file(struct gx_arena *a, const char *path, bool is_key,
				struct gx_buf *out, struct gx_error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	const char *problem = NULL;
	struct stat about;
	char *to = gx_buf_reserve(out, FILE_BYTES_MAX);

	if (fd < 0 || fstat(fd, &about) != 0) {
		problem = strerror(errno);
	} else if (!S_ISREG(about.st_mode) || about.st_size > (off_t)FILE_BYTES_MAX) {
		problem = "no file of a sensible size";
	} else {
		ssize_t got = read(fd, to, FILE_BYTES_MAX);

		if (got < 0)
			problem = strerror(errno);
		else
			gx_buf_commit(out, (size_t)got);
		if (is_key && (about.st_mode & S_IRWXO) != 0)
			gx_log(GX_LOG_WARN, "tls.key_is_public", GX_F_CSTR("file", path));
	}
	if (fd >= 0)
		close(fd);
	if (problem == NULL)
		return GX_OK;
	return gx_fail_detail(a, err, GX_E_INVALID, "tls.unreadable", "%s: %s", path, problem);
}

static void log_certificate(struct gx_arena *a, const struct gx_tls_context *context)
{
	int64_t left_ms = gx_tls_context_ends_at_ms(context) - gx_clock_now_ms();

	gx_log(left_ms < WARN_BEFORE_MS ? GX_LOG_WARN : GX_LOG_INFO, "tls.certificate",
	       GX_F_STR("name", gx_tls_context_name(a, context)),
	       GX_F_I64("days_left", left_ms / GX_DAY_MS));
}

static enum gx_status use(struct gx_arena *a, struct gx_secrets *s, struct gx_str certificate,
			  struct gx_str key, struct gx_error *err)
{
	struct gx_tls_context *context;
	struct gx_error why = { 0 };
	int fd;

	/* An edge would say the same, but too late to keep what it has. */
	if (gx_tls_context_new(a, certificate, key, &s->tickets, &context, &why) != GX_OK)
		return gx_fail_detail(a, err, GX_E_INVALID, "tls.unusable", "%s, %s: %.*s",
				      s->certificate_path, s->key_path, GX_STR_ARG(why.detail));
	log_certificate(a, context);
	s->ends_at_ms = gx_tls_context_ends_at_ms(context);
	gx_tls_context_free(context);
	fd = gx_edge_pack_certificate(certificate, key);
	if (fd < 0)
		return gx_fail_detail(a, err, GX_E_INTERNAL, "tls.unusable", "no memory file: %s",
				      strerror(errno));
	put_fd(&s->certificate_fd, fd);
	return GX_OK;
}

enum gx_status gx_secrets_load(struct gx_arena *a, struct gx_secrets *s, struct gx_error *err)
{
	struct gx_buf certificate, key;
	enum gx_status st;

	if (!gx_tls_start())
		return gx_fail_detail(a, err, GX_E_INTERNAL, "tls.unusable",
				      "the TLS library does not start");
	gx_buf_init(&certificate, FILE_BYTES_MAX);
	gx_buf_init(&key, FILE_BYTES_MAX);
	st = read_file(a, s->certificate_path, false, &certificate, err);
	if (st == GX_OK)
		st = read_file(a, s->key_path, true, &key, err);
	if (st == GX_OK)
		st = use(a, s, gx_buf_str(&certificate), gx_buf_str(&key), err);
	wipe(&certificate);
	wipe(&key);
	return st;
}

enum gx_status gx_secrets_rotate(struct gx_arena *a, struct gx_secrets *s, struct gx_error *err)
{
	struct gx_tls_tickets next = s->tickets;
	int fd = -1;

	if (gx_tls_tickets_rotate(&next))
		fd = gx_edge_pack_tickets(&next);
	if (fd >= 0) {
		s->tickets = next;
		put_fd(&s->tickets_fd, fd);
	}
	explicit_bzero(&next, sizeof(next));
	if (fd >= 0)
		return GX_OK;
	return gx_fail_detail(a, err, GX_E_INTERNAL, "tls.no_ticket_key", "no new ticket key: %s",
			      strerror(errno));
}

bool gx_secrets_send(const struct gx_secrets *s, int control_fd)
{
	bool is_ok = true;

	if (s->tickets_fd >= 0)
		is_ok = gx_control_send(control_fd, 'T', s->tickets_fd);
	if (s->certificate_fd >= 0)
		is_ok = gx_control_send(control_fd, 'C', s->certificate_fd) && is_ok;
	return is_ok;
}
