/* SPDX-License-Identifier: Apache-2.0 */
#include "load_setup.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ident.h"
#include "json.h"

#define PASSWORD "load-run-password"
#define ANSWER_BYTES_MAX ((size_t)4 << 20)
/* Sign-ups under way at once: enough for every helper thread that hashes passwords. */
#define PARALLEL 8u

struct http {
	int fd;
	struct gx_buf in;
};

struct answer {
	int status;
	const struct gx_json *json; /* NULL without a body */
	struct gx_str body;
};

_Noreturn void load_die(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	fputs("guanxi-load: ", stderr);
	vfprintf(stderr, fmt, args);
	fputc('\n', stderr);
	va_end(args);
	exit(2);
}

/* ---- HTTP, one request at a time on each connection ---- */

static int dial(const struct load_people *p)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(p->port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	if (inet_pton(AF_INET, p->host, &to.sin_addr) != 1)
		load_die("%s is no IPv4 address", p->host);
	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0)
		load_die("can't connect to %s:%u: %s", p->host, p->port, strerror(errno));
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return fd;
}

static void http_open(struct http *h, const struct load_people *p)
{
	h->fd = dial(p);
	gx_buf_init(&h->in, ANSWER_BYTES_MAX);
}

static void http_close(struct http *h)
{
	close(h->fd);
	gx_buf_deinit(&h->in);
}

static void send_all(int fd, struct gx_str s)
{
	while (s.len > 0) {
		ssize_t sent = send(fd, s.ptr, s.len, MSG_NOSIGNAL);

		if (sent <= 0)
			load_die("sending: %s", strerror(errno));
		s = gx_str_slice(s, (size_t)sent, s.len);
	}
}

static void http_send(struct http *h, const char *method, const char *path, const char *token,
		      struct gx_str body)
{
	struct gx_buf out;

	gx_buf_init(&out, ANSWER_BYTES_MAX);
	gx_buf_printf(&out, "%s /api/v1%s HTTP/1.1\r\nHost: localhost\r\n", method, path);
	if (token != NULL)
		gx_buf_printf(&out, "Authorization: Bearer %s\r\n", token);
	if (body.len > 0)
		gx_buf_printf(&out, "Content-Type: application/json\r\n");
	gx_buf_printf(&out, "Content-Length: %zu\r\n\r\n", body.len);
	gx_buf_append_str(&out, body);
	send_all(h->fd, gx_buf_str(&out));
	gx_buf_deinit(&out);
}

/* Reads until the text `end` stands in the buffer; the length up to and with it. */
static size_t read_until(struct http *h, const char *end)
{
	while (true) {
		const char *at =
			h->in.len == 0 ? NULL : memmem(h->in.ptr, h->in.len, end, strlen(end));
		char *to = gx_buf_reserve(&h->in, 16384);
		ssize_t got;

		if (at != NULL)
			return (size_t)(at - h->in.ptr) + strlen(end);
		if (to == NULL)
			load_die("an answer is too long");
		got = recv(h->fd, to, 16384, 0);
		if (got <= 0)
			load_die("the server closed a connection: %s",
				 got < 0 ? strerror(errno) : "end");
		gx_buf_commit(&h->in, (size_t)got);
	}
}

static size_t content_length(struct gx_str head)
{
	static const char name[] = "\r\nContent-Length:";
	uint64_t length = 0;

	for (size_t i = 0; i + sizeof(name) <= head.len; i++) {
		struct gx_str line = gx_str_slice(head, i + sizeof(name) - 1, head.len);

		if (!gx_str_eq_nocase(gx_str_slice(head, i, i + sizeof(name) - 1), GX_STR(name)))
			continue;
		line = gx_str_trim(gx_str_cut(&line, '\r'));
		if (!gx_str_to_u64(line, &length) || length > ANSWER_BYTES_MAX / 2)
			load_die("a strange Content-Length");
	}
	return (size_t)length;
}

static void http_receive(struct http *h, struct gx_arena *a, struct answer *out)
{
	size_t head_len = read_until(h, "\r\n\r\n"), length;
	struct gx_error err;

	/* "HTTP/1.1 201 …" */
	out->status = (int)strtol(h->in.ptr + 9, NULL, 10);
	length = content_length(gx_str_slice(gx_buf_str(&h->in), 0, head_len));
	while (h->in.len < head_len + length) {
		char *to = gx_buf_reserve(&h->in, 16384);
		ssize_t got = to == NULL ? -1 : recv(h->fd, to, 16384, 0);

		if (got <= 0)
			load_die("the server closed a connection within an answer");
		gx_buf_commit(&h->in, (size_t)got);
	}
	out->json = NULL;
	out->body =
		gx_arena_strdup(a, gx_str_slice(gx_buf_str(&h->in), head_len, head_len + length));
	if (length > 0 && gx_json_parse(a, out->body, &out->json, &err) != GX_OK)
		load_die("an answer is not JSON: %.*s", GX_STR_ARG(out->body));
	gx_buf_consume(&h->in, head_len + length);
}

static void http_call(struct http *h, struct gx_arena *a, const char *path, const char *token,
		      struct gx_str body, int want, struct answer *out)
{
	http_send(h, "POST", path, token, body);
	http_receive(h, a, out);
	if (out->status != want)
		load_die("POST %s: %d %.*s", path, out->status, GX_STR_ARG(out->body));
}

/* Copies answer.outer.inner, a string, to `to`. */
static void copy_member(struct gx_arena *a, const struct answer *from, struct gx_str outer,
			struct gx_str inner, char *to, size_t size)
{
	const struct gx_json *v = gx_json_get(gx_json_get(from->json, outer), inner);
	struct gx_str s;

	if (v == NULL || v->type != GX_JSON_STRING)
		load_die("an answer lacks %.*s.%.*s: %.*s", GX_STR_ARG(outer), GX_STR_ARG(inner),
			 GX_STR_ARG(from->body));
	s = gx_json_str(a, v);
	if (s.len >= size)
		load_die("%.*s is too long", GX_STR_ARG(inner));
	memcpy(to, s.ptr, s.len);
	to[s.len] = '\0';
}

/* ---- people ---- */

static void file_read(struct load_people *p)
{
	FILE *f = p->file == NULL ? NULL : fopen(p->file, "r");
	struct load_person one;

	if (f == NULL)
		return;
	while (fscanf(f, "%23s %23s %203s %23s", one.username, one.account_id, one.token,
		      one.conversation_id) == 4) {
		if (strcmp(one.conversation_id, "-") == 0)
			one.conversation_id[0] = '\0';
		p->list = gx_heap_resize(p->list, p->count + 1, sizeof(one));
		p->list[p->count++] = one;
	}
	fclose(f);
}

static void file_write(const struct load_people *p)
{
	FILE *f = p->file == NULL ? NULL : fopen(p->file, "w");

	if (p->file == NULL)
		return;
	if (f == NULL)
		load_die("can't write %s: %s", p->file, strerror(errno));
	for (unsigned i = 0; i < p->count; i++)
		fprintf(f, "%s %s %s %s\n", p->list[i].username, p->list[i].account_id,
			p->list[i].token,
			p->list[i].conversation_id[0] == '\0' ? "-" : p->list[i].conversation_id);
	if (fclose(f) != 0)
		load_die("can't write %s: %s", p->file, strerror(errno));
}

static void sign_up_send(struct http *h, struct gx_arena *a, const char *username)
{
	http_send(h, "POST", "/accounts", NULL,
		  gx_arena_printf(a,
				  "{\"username\":\"%s\",\"password\":\"" PASSWORD
				  "\",\"nickname\":\"%s\"}",
				  username, username));
}

static void sign_up_receive(struct http *h, struct gx_arena *a, struct load_person *one)
{
	struct answer answer;

	http_receive(h, a, &answer);
	if (answer.status != 201)
		load_die("signing up %s: %d %.*s", one->username, answer.status,
			 GX_STR_ARG(answer.body));
	copy_member(a, &answer, GX_STR("account"), GX_STR("id"), one->account_id,
		    sizeof(one->account_id));
	copy_member(a, &answer, GX_STR("session"), GX_STR("token"), one->token, sizeof(one->token));
}

void load_people_prepare(struct load_people *p, unsigned count)
{
	struct http connections[PARALLEL];
	unsigned salt = (unsigned)(gx_random_u64() & 0xffffff);
	struct gx_arena a;

	file_read(p);
	if (p->count >= count) {
		p->count = count;
		return;
	}
	gx_arena_init(&a);
	p->list = gx_heap_resize(p->list, count, sizeof(*p->list));
	for (unsigned i = 0; i < PARALLEL; i++)
		http_open(&connections[i], p);
	while (p->count < count) {
		unsigned n = count - p->count < PARALLEL ? count - p->count : PARALLEL;

		for (unsigned i = 0; i < n; i++) {
			struct load_person *one = &p->list[p->count + i];

			*one = (struct load_person){ .account_id = "" };
			snprintf(one->username, sizeof(one->username), "load%06x%u", salt,
				 p->count + i);
			sign_up_send(&connections[i], &a, one->username);
		}
		for (unsigned i = 0; i < n; i++)
			sign_up_receive(&connections[i], &a, &p->list[p->count + i]);
		p->count += n;
		gx_arena_reset(&a);
	}
	for (unsigned i = 0; i < PARALLEL; i++)
		http_close(&connections[i]);
	gx_arena_deinit(&a);
	file_write(p);
}

/* `from` asks, `to` accepts; the conversation's id is noted with both. */
static void make_contacts(struct http *h, struct gx_arena *a, struct load_person *from,
			  struct load_person *to)
{
	char request_id[24];
	struct answer answer;
	struct gx_str path;

	http_call(h, a, "/contact-requests", from->token,
		  gx_arena_printf(a,
				  "{\"to\":\"%s\",\"greeting\":\"load\",\"source\":{\"kind\":"
				  "\"username\",\"ref\":\"%s\"}}",
				  to->account_id, to->username),
		  201, &answer);
	copy_member(a, &answer, GX_STR("request"), GX_STR("id"), request_id, sizeof(request_id));
	path = gx_arena_printf(a, "/contact-requests/%s/accept", request_id);
	http_call(h, a, path.ptr, to->token, GX_STR("{}"), 200, &answer);
	copy_member(a, &answer, GX_STR("conversation"), GX_STR("id"), to->conversation_id,
		    sizeof(to->conversation_id));
	memcpy(from->conversation_id, to->conversation_id, sizeof(from->conversation_id));
}

void load_people_pair(struct load_people *p)
{
	struct gx_arena a;
	struct http h;

	gx_arena_init(&a);
	http_open(&h, p);
	for (unsigned i = 0; i + 1 < p->count; i += 2) {
		if (p->list[i].conversation_id[0] == '\0')
			make_contacts(&h, &a, &p->list[i], &p->list[i + 1]);
		gx_arena_reset(&a);
	}
	http_close(&h);
	gx_arena_deinit(&a);
	file_write(p);
}

void load_people_group(struct load_people *p)
{
	struct answer answer;
	struct gx_arena a;
	struct gx_buf body;
	struct http h;

	if (p->list[0].conversation_id[0] != '\0')
		return;
	gx_arena_init(&a);
	gx_buf_init(&body, 1 << 20);
	http_open(&h, p);
	gx_buf_printf(&body, "{\"name\":\"load\",\"members\":[");
	for (unsigned i = 1; i < p->count; i++) {
		make_contacts(&h, &a, &p->list[i], &p->list[0]);
		gx_buf_printf(&body, "%s\"%s\"", i == 1 ? "" : ",", p->list[i].account_id);
	}
	gx_buf_printf(&body, "]}");
	http_call(&h, &a, "/groups", p->list[0].token, gx_buf_str(&body), 201, &answer);
	for (unsigned i = 0; i < p->count; i++)
		copy_member(&a, &answer, GX_STR("conversation"), GX_STR("id"),
			    p->list[i].conversation_id, sizeof(p->list[i].conversation_id));
	http_close(&h);
	gx_buf_deinit(&body);
	gx_arena_deinit(&a);
	file_write(p);
}

int load_stream_open(const struct load_people *p, const struct load_person *who)
{
	struct gx_arena a;
	struct http h;
	int fd;

	gx_arena_init(&a);
	http_open(&h, p);
	send_all(h.fd,
		 gx_arena_printf(&a,
				 "GET /api/v1/stream HTTP/1.1\r\nHost: localhost\r\nUpgrade: "
				 "websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
				 "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
				 "Authorization: Bearer %s\r\n\r\n",
				 who->token));
	read_until(&h, "\r\n\r\n");
	if (strncmp(h.in.ptr, "HTTP/1.1 101", 12) != 0)
		load_die("no stream for %s: %.*s", who->username,
			 GX_STR_ARG(gx_str_slice(gx_buf_str(&h.in), 0, 12)));
	fd = h.fd;
	fcntl(fd, F_SETFL, O_NONBLOCK);
	gx_buf_deinit(&h.in);
	gx_arena_deinit(&a);
	return fd;
}
