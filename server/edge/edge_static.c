/* SPDX-License-Identifier: Apache-2.0 */
/*
 * edge_static.c - the client's files, read once before the process forks and gives up its rights.
 *
 * Served from memory that all edges share. A path that names no file and has no dot in its last
 * part is a page of the single-page client and answered with index.html.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "edge_inside.h"
#include "ident.h"

#define FILES_MAX 4096u
#define FILE_BYTES_MAX ((off_t)32 << 20)
#define ALL_BYTES_MAX ((size_t)128 << 20)
#define DEPTH_MAX 8u
#define PATH_BYTES_MAX 1024u
#define ETAG_BYTES 34u /* 16 bytes in hex, in quotes */

/* With every file, not with pages only: workers have a policy of their own, by their script's
 * answer. Nothing is allowed that is not named. Sensors of the device are for this origin or for
 * nobody; the camera, the microphone and the place still ask the person. */
#define FILE_POLICY                                                                                \
	"Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; "       \
	"img-src 'self' blob: data:; media-src 'self' blob:; font-src 'self'; "                    \
	"connect-src 'self'; worker-src 'self'; manifest-src 'self'; form-action 'self'; "         \
	"base-uri 'none'; frame-ancestors 'none'\r\n"                                              \
	"Permissions-Policy: camera=(self), microphone=(self), geolocation=(self), "               \
	"accelerometer=(), bluetooth=(), browsing-topics=(), display-capture=(), gyroscope=(), "   \
	"hid=(), magnetometer=(), midi=(), payment=(), serial=(), usb=()\r\n"                      \
	"Cross-Origin-Opener-Policy: same-origin\r\n"                                              \
	"Cross-Origin-Resource-Policy: same-origin\r\n"                                            \
	"Referrer-Policy: no-referrer\r\n"                                                         \
	"X-Frame-Options: DENY\r\n"

enum coding { CODING_NONE, CODING_BR, CODING_GZIP, CODINGS_COUNT };

struct variant {
	char *bytes; /* NULL: there is none */
	size_t size;
	char etag[ETAG_BYTES];
};

struct file {
	char *path; /* "/assets/x.js" */
	struct gx_str content_type;
	struct variant variants[CODINGS_COUNT];
	bool is_hashed; /* its name changes with its content */
};

struct gx_edge_static {
	struct file *files; /* sorted by path */
	size_t count;
	size_t cap;
	size_t bytes;
};

static const char missing_page[] =
	"<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Guanxi</title>"
	"<h1>Guanxi</h1><p>The server runs, but the web client has not been built. "
	"Start with <code>./run</code>, which builds it.</p></html>\n";

/* ---- loading ---- */

static struct gx_str type_of(struct gx_str path)
{
	static const struct {
		struct gx_str suffix, type;
	} types[] = {
		{ GX_STR_INIT(".html"), GX_STR_INIT("text/html; charset=utf-8") },
		{ GX_STR_INIT(".js"), GX_STR_INIT("text/javascript; charset=utf-8") },
		{ GX_STR_INIT(".mjs"), GX_STR_INIT("text/javascript; charset=utf-8") },
		{ GX_STR_INIT(".css"), GX_STR_INIT("text/css; charset=utf-8") },
		{ GX_STR_INIT(".json"), GX_STR_INIT("application/json") },
		{ GX_STR_INIT(".map"), GX_STR_INIT("application/json") },
		{ GX_STR_INIT(".webmanifest"), GX_STR_INIT("application/manifest+json") },
		{ GX_STR_INIT(".svg"), GX_STR_INIT("image/svg+xml") },
		{ GX_STR_INIT(".png"), GX_STR_INIT("image/png") },
		{ GX_STR_INIT(".jpg"), GX_STR_INIT("image/jpeg") },
		{ GX_STR_INIT(".webp"), GX_STR_INIT("image/webp") },
		{ GX_STR_INIT(".gif"), GX_STR_INIT("image/gif") },
		{ GX_STR_INIT(".ico"), GX_STR_INIT("image/x-icon") },
		{ GX_STR_INIT(".woff2"), GX_STR_INIT("font/woff2") },
		{ GX_STR_INIT(".mp3"), GX_STR_INIT("audio/mpeg") },
		{ GX_STR_INIT(".wasm"), GX_STR_INIT("application/wasm") },
		{ GX_STR_INIT(".txt"), GX_STR_INIT("text/plain; charset=utf-8") },
	};

	for (size_t i = 0; i < GX_COUNT(types); i++)
		if (gx_str_ends(path, types[i].suffix))
			return types[i].type;
	return GX_STR("application/octet-stream");
}

static void set_etag(struct variant *v)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned int size = 0;
	int is_ok = EVP_Digest(v->bytes, v->size, digest, &size, EVP_sha256(), NULL);

	GX_ASSERT(is_ok == 1);
	v->etag[0] = v->etag[ETAG_BYTES - 1] = '"';
	gx_hex_encode(digest, 16, v->etag + 1);
}

static struct file *add_file(struct gx_edge_static *s, struct gx_str path)
{
	struct file *f;

	if (s->count == s->cap) {
		s->cap = s->cap == 0 ? 64 : s->cap * 2;
		s->files = gx_heap_resize(s->files, s->cap, sizeof(*s->files));
	}
	f = &s->files[s->count++];
	*f = (struct file){ .path = gx_heap_alloc(path.len + 1) };
	memcpy(f->path, path.ptr, path.len);
	f->content_type = type_of(path);
	f->is_hashed = gx_str_starts(path, GX_STR("/assets/"));
	return f;
}

static bool read_whole(int fd, char *to, size_t size)
{
	for (size_t at = 0; at < size;) {
		ssize_t got = read(fd, to + at, size - at);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		at += (size_t)got;
	}
	return true;
}

static void load_file(struct gx_edge_static *s, int dir_fd, const char *name, struct gx_str path)
{
	int fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct variant v = { 0 };
	struct stat about;

	if (fd < 0 || fstat(fd, &about) != 0 || !S_ISREG(about.st_mode) ||
	    about.st_size > FILE_BYTES_MAX || s->count == FILES_MAX ||
	    s->bytes + (size_t)about.st_size > ALL_BYTES_MAX) {
		gx_log(GX_LOG_WARN, "edge.file_left_out", GX_F_STR("path", path));
	} else {
		v.size = (size_t)about.st_size;
		v.bytes = gx_heap_alloc(v.size + 1);
		if (read_whole(fd, v.bytes, v.size)) {
			set_etag(&v);
			s->bytes += v.size;
			add_file(s, path)->variants[CODING_NONE] = v;
		} else {
			gx_heap_free(v.bytes);
		}
	}
	if (fd >= 0)
		close(fd);
}

static void load_dir(struct gx_edge_static *s, int dir_fd, struct gx_str path, unsigned depth)
{
	DIR *dir = fdopendir(dir_fd);
	struct dirent *entry;
	struct gx_buf inner;

	if (dir == NULL) {
		close(dir_fd);
		return;
	}
	gx_buf_init(&inner, PATH_BYTES_MAX);
	while ((entry = readdir(dir)) != NULL) {
		int fd;
		if (entry->d_name[0] == '.')
			continue;
		gx_buf_clear(&inner);
		gx_buf_printf(&inner, "%.*s/%s", GX_STR_ARG(path), entry->d_name);
		fd = openat(dirfd(dir), entry->d_name,
			    O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
		if (inner.overflow || (fd >= 0 && depth == 0)) {
			gx_log(GX_LOG_WARN, "edge.file_left_out", GX_F_CSTR("name", entry->d_name));
			if (fd >= 0)
				close(fd);
		} else if (fd >= 0) {
			load_dir(s, fd, gx_buf_str(&inner), depth - 1);
		} else {
			load_file(s, dirfd(dir), entry->d_name, gx_buf_str(&inner));
		}
	}
	gx_buf_deinit(&inner);
	closedir(dir);
}

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct file *)a)->path, ((const struct file *)b)->path);
}

static struct file *find(const struct gx_edge_static *s, const char *path)
{
	struct file key = { .path = (char *)(uintptr_t)path };

	return s->count == 0 ? NULL : bsearch(&key, s->files, s->count, sizeof(key), compare);
}

static void file_free(struct file *f)
{
	for (unsigned i = 0; i < CODINGS_COUNT; i++)
		gx_heap_free(f->variants[i].bytes);
	gx_heap_free(f->path);
}

/* "x.js.br" becomes a variant of "x.js" and stops being a file of its own. */
static void join_variants(struct gx_edge_static *s)
{
	static const struct {
		struct gx_str suffix;
		enum coding coding;
	} codings[] = { { GX_STR_INIT(".br"), CODING_BR }, { GX_STR_INIT(".gz"), CODING_GZIP } };
	size_t kept = 0;

	for (size_t i = 0; i < s->count; i++)
		for (size_t k = 0; k < GX_COUNT(codings); k++) {
			struct file *f = &s->files[i], *base;
			struct gx_str path = gx_str_from_cstr(f->path);
			char name[PATH_BYTES_MAX + 1];
			if (!gx_str_ends(path, codings[k].suffix))
				continue;
			memcpy(name, path.ptr, path.len);
			name[path.len - codings[k].suffix.len] = '\0';
			base = find(s, name);
			if (base == NULL)
				continue;
			base->variants[codings[k].coding] = f->variants[CODING_NONE];
			f->variants[CODING_NONE].bytes = NULL;
		}
	for (size_t i = 0; i < s->count; i++) {
		if (s->files[i].variants[CODING_NONE].bytes != NULL)
			s->files[kept++] = s->files[i];
		else
			file_free(&s->files[i]);
	}
	s->count = kept;
}

static void add_missing_page(struct gx_edge_static *s)
{
	struct variant v = { .bytes = gx_heap_alloc(sizeof(missing_page)),
			     .size = sizeof(missing_page) - 1 };

	memcpy(v.bytes, missing_page, sizeof(missing_page));
	set_etag(&v);
	add_file(s, GX_STR("/index.html"))->variants[CODING_NONE] = v;
}

struct gx_edge_static *gx_edge_static_load(const char *dir)
{
	struct gx_edge_static *s = gx_heap_alloc(sizeof(*s));
	int fd = dir == NULL ? -1 : open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0) {
		load_dir(s, fd, GX_STR(""), DEPTH_MAX);
		if (s->count > 0)
			qsort(s->files, s->count, sizeof(*s->files), compare);
		join_variants(s);
	}
	if (find(s, "/index.html") == NULL) {
		add_missing_page(s);
		qsort(s->files, s->count, sizeof(*s->files), compare);
	}
	return s;
}

void gx_edge_static_free(struct gx_edge_static *s)
{
	for (size_t i = 0; i < s->count; i++)
		file_free(&s->files[i]);
	gx_heap_free(s->files);
	gx_heap_free(s);
}

/* ---- serving ---- */

/* Undoes percent-encoding; false when it is malformed, contains a NUL or is too long. */
static bool decode_path(struct gx_str path, char out[PATH_BYTES_MAX + 1])
{
	size_t at = 0;

	for (size_t i = 0; i < path.len; i++) {
		char c = path.ptr[i];
		if (c == '%') {
			if (!gx_hex_decode(gx_str_slice(path, i + 1, i + 3), &c, 1))
				return false;
			i += 2;
		}
		if (c == '\0' || at == PATH_BYTES_MAX)
			return false;
		out[at++] = c;
	}
	out[at] = '\0';
	return true;
}

static const struct file *look_up(const struct gx_edge_static *s, struct gx_str raw)
{
	char path[PATH_BYTES_MAX + 1];
	const struct file *f;

	if (!decode_path(raw, path))
		return NULL;
	f = find(s, path);
	if (f != NULL)
		return f;
	if (strcmp(path, "/api") == 0 || strncmp(path, "/api/", 5) == 0 ||
	    strchr(strrchr(path, '/'), '.') != NULL)
		return NULL;
	return find(s, "/index.html");
}

static enum coding choose_coding(const struct edge_request *r, const struct file *f,
				 struct gx_str in)
{
	static const struct {
		struct gx_str name;
		enum coding coding;
	} codings[] = { { GX_STR_INIT("br"), CODING_BR }, { GX_STR_INIT("gzip"), CODING_GZIP } };
	unsigned best = gx_http_coding_quality(&r->head, in, GX_STR("identity"));
	enum coding chosen = CODING_NONE;

	if (r->conditions.range.len > 0)
		return CODING_NONE;
	for (size_t i = 0; i < GX_COUNT(codings); i++) {
		unsigned quality = gx_http_coding_quality(&r->head, in, codings[i].name);
		bool is_better = quality > best || (quality == best && chosen == CODING_NONE);
		if (f->variants[codings[i].coding].bytes != NULL && quality > 0 && is_better) {
			best = quality;
			chosen = codings[i].coding;
		}
	}
	return chosen;
}

static void serve(struct edge_conn *c, const struct file *f, enum coding coding)
{
	static const struct gx_str coding_lines[CODINGS_COUNT] = {
		[CODING_BR] = GX_STR_INIT("Content-Encoding: br\r\n"),
		[CODING_GZIP] = GX_STR_INIT("Content-Encoding: gzip\r\n"),
	};
	const struct variant *v = &f->variants[coding];
	bool has_variants =
		f->variants[CODING_BR].bytes != NULL || f->variants[CODING_GZIP].bytes != NULL;
	struct gx_buf validity;
	uint64_t from, size;
	bool is_answered;

	gx_buf_init(&validity, 256);
	gx_buf_append_str(&validity,
			  f->is_hashed
				  ? GX_STR("Cache-Control: public, max-age=31536000, immutable\r\n")
				  : GX_STR("Cache-Control: no-cache\r\n"));
	if (has_variants)
		gx_buf_append_str(&validity, GX_STR("Vary: Accept-Encoding\r\n"));
	is_answered = edge_answer_entity(c,
					 &(struct edge_entity){
						 .content_type = f->content_type,
						 .etag = { v->etag, sizeof(v->etag) },
						 .headers = coding_lines[coding],
						 .policy = GX_STR(FILE_POLICY),
						 .validity = gx_buf_str(&validity),
						 .size = v->size,
						 .has_ranges = coding == CODING_NONE,
					 },
					 &from, &size);
	gx_buf_deinit(&validity);
	if (!is_answered)
		return;
	c->request->tail = (struct gx_str){ v->bytes + from, (size_t)size };
	edge_http_answered(c);
}

static void answer_options(struct edge_conn *c, bool is_asterisk)
{
	struct gx_buf *out = edge_answer_begin(c, 204);

	gx_buf_append_str(
		out, is_asterisk ? GX_STR("Allow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS\r\n")
				 : GX_STR("Allow: GET, HEAD, OPTIONS\r\n"));
	edge_answer_end(c, out);
	edge_http_answered(c);
}

void edge_static_answer(struct edge_conn *c, struct gx_str in)
{
	const struct gx_http_head *h = &c->request->head;
	const struct file *f;

	if (h->method == GX_METHOD_OPTIONS) {
		answer_options(c, h->is_asterisk);
		return;
	}
	if (h->method != GX_METHOD_GET && h->method != GX_METHOD_HEAD) {
		edge_answer_problem(c, 405, "only GET and HEAD here",
				    GX_STR("Allow: GET, HEAD, OPTIONS\r\n"));
		return;
	}
	f = look_up(edge_of(c)->config->files, gx_http_path(h, in));
	if (f == NULL)
		edge_answer_problem(c, 404, "no such page or file", GX_STR_NULL);
	else
		serve(c, f, choose_coding(c->request, f, in));
}
