/* SPDX-License-Identifier: Apache-2.0 */
#include "load_people.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ident.h"
#include "json.h"
#include "load_seed.h"

#define PASSWORD "load-run-password"
#define ANSWER_BYTES_MAX ((size_t)4 << 20)
/* Sign-ups under way at once: enough for every helper thread that hashes passwords. */
#define PARALLEL 8u

struct person {
	char username[24];
	char account_id[24];
	char token[LOAD_PERSON_TOKEN_BYTES];
	char place[24]; /* the conversation with the partner, or the group; empty: none yet */
};

char load_cursor[LOAD_CURSOR_BYTES];
static struct {
	struct person *list;
	unsigned count;
} people;

/* ---- HTTP, one request at a time on each connection ---- */

static int dial(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(load_opt.port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	if (inet_pton(AF_INET, load_opt.host, &to.sin_addr) != 1)
		load_die("%s is no IPv4 address", load_opt.host);
	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0)
		load_die("can't connect to %s:%u: %s", load_opt.host, load_opt.port,
			 strerror(errno));
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return fd;
}

void load_http_open(struct load_http *h)
{
	h->fd = dial();
	gx_buf_init(&h->in, ANSWER_BYTES_MAX);
}

void load_http_close(struct load_http *h)
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

void load_http_send(struct load_http *h, const char *method, const char *path, const char *token,
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
static size_t read_until(struct load_http *h, const char *end)
{
	while (true) {
		const char *at =
			h->in.len == 0 ? NULL : memmem(h->in.ptr, h->in.len, end, strlen(end));
		char *to;
		ssize_t got;

		if (at != NULL)
			return (size_t)(at - h->in.ptr) + strlen(end);
		to = gx_buf_reserve(&h->in, 16384);
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

void load_http_receive(struct load_http *h, struct gx_arena *a, struct load_answer *out)
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

static void http_call(struct load_http *h, struct gx_arena *a, const char *path, const char *token,
		      struct gx_str body, int want, struct load_answer *out)
{
	load_http_send(h, "POST", path, token, body);
	load_http_receive(h, a, out);
	if (out->status != want)
		load_die("POST %s: %d %.*s", path, out->status, GX_STR_ARG(out->body));
}

/* Copies answer.outer.inner, a string, to `to`. */
static void copy_member(struct gx_arena *a, const struct load_answer *from, struct gx_str outer,
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

/* Without a list the person is one of guanxi-bench-seed. */
void load_person_token(uint32_t i, char out[LOAD_PERSON_TOKEN_BYTES])
{
	if (load_opt.is_seeded)
		load_seed_token(i, out);
	else
		snprintf(out, LOAD_PERSON_TOKEN_BYTES, "%s", people.list[i % people.count].token);
}

void load_person_place(uint32_t i, char out[24])
{
	if (load_opt.is_seeded)
		snprintf(out, 24, "%u", load_seed_place(i, 0, load_opt.friends));
	else
		snprintf(out, 24, "%s", people.list[i].place);
}

static void file_read(void)
{
	FILE *f = load_opt.people_file == NULL ? NULL : fopen(load_opt.people_file, "r");
	struct person one;

	if (f == NULL)
		return;
	while (fscanf(f, "%23s %23s %203s %23s", one.username, one.account_id, one.token,
		      one.place) == 4) {
		if (strcmp(one.place, "-") == 0)
			one.place[0] = '\0';
		people.list = gx_heap_resize(people.list, people.count + 1, sizeof(one));
		people.list[people.count++] = one;
	}
	fclose(f);
}

static void file_write(void)
{
	FILE *f = load_opt.people_file == NULL ? NULL : fopen(load_opt.people_file, "w");

	if (load_opt.people_file == NULL)
		return;
	if (f == NULL)
		load_die("can't write %s: %s", load_opt.people_file, strerror(errno));
	for (unsigned i = 0; i < people.count; i++)
		fprintf(f, "%s %s %s %s\n", people.list[i].username, people.list[i].account_id,
			people.list[i].token,
			people.list[i].place[0] == '\0' ? "-" : people.list[i].place);
	if (fclose(f) != 0)
		load_die("can't write %s: %s", load_opt.people_file, strerror(errno));
}

static void sign_up_send(struct load_http *h, struct gx_arena *a, const char *username)
{
	load_http_send(h, "POST", "/accounts", NULL,
		       gx_arena_printf(a,
				       "{\"username\":\"%s\",\"password\":\"" PASSWORD
				       "\",\"nickname\":\"%s\"}",
				       username, username));
}

static void sign_up_receive(struct load_http *h, struct gx_arena *a, struct person *one)
{
	struct load_answer answer;

	load_http_receive(h, a, &answer);
	if (answer.status != 201)
		load_die("signing up %s: %d %.*s", one->username, answer.status,
			 GX_STR_ARG(answer.body));
	copy_member(a, &answer, GX_STR("account"), GX_STR("id"), one->account_id,
		    sizeof(one->account_id));
	copy_member(a, &answer, GX_STR("session"), GX_STR("token"), one->token, sizeof(one->token));
}

static void sign_up_missing(unsigned count)
{
	struct load_http connections[PARALLEL];
	unsigned salt = (unsigned)(gx_random_u64() & 0xffffff);
	struct gx_arena a;

	gx_arena_init(&a);
	people.list = gx_heap_resize(people.list, count, sizeof(*people.list));
	for (unsigned i = 0; i < PARALLEL; i++)
		load_http_open(&connections[i]);
	while (people.count < count) {
		unsigned left = count - people.count, n = left < PARALLEL ? left : PARALLEL;

		for (unsigned i = 0; i < n; i++) {
			struct person *one = &people.list[people.count + i];

			*one = (struct person){ .account_id = "" };
			snprintf(one->username, sizeof(one->username), "load%06x%u", salt,
				 people.count + i);
			sign_up_send(&connections[i], &a, one->username);
		}
		for (unsigned i = 0; i < n; i++)
			sign_up_receive(&connections[i], &a, &people.list[people.count + i]);
		people.count += n;
		gx_arena_reset(&a);
	}
	for (unsigned i = 0; i < PARALLEL; i++)
		load_http_close(&connections[i]);
	gx_arena_deinit(&a);
}

/* `from` asks, `to` accepts; their conversation is noted with both. */
static void make_contacts(struct load_http *h, struct gx_arena *a, struct person *from,
			  struct person *to)
{
	char request_id[24];
	struct load_answer answer;
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
	copy_member(a, &answer, GX_STR("conversation"), GX_STR("id"), to->place, sizeof(to->place));
	memcpy(from->place, to->place, sizeof(from->place));
}

/* 2k and 2k+1 become contacts, for all k. */
static void make_pairs(struct load_http *h, struct gx_arena *a)
{
	for (unsigned i = 0; i + 1 < people.count; i += 2) {
		if (people.list[i].place[0] == '\0')
			make_contacts(h, a, &people.list[i], &people.list[i + 1]);
		gx_arena_reset(a);
	}
}

/* Everybody becomes a contact of person 0, who then creates one group of all. */
static void make_group(struct load_http *h, struct gx_arena *a)
{
	struct load_answer answer;
	struct gx_buf body;

	if (people.list[0].place[0] != '\0')
		return;
	gx_buf_init(&body, 1 << 20);
	gx_buf_printf(&body, "{\"name\":\"load\",\"members\":[");
	for (unsigned i = 1; i < people.count; i++) {
		make_contacts(h, a, &people.list[i], &people.list[0]);
		gx_buf_printf(&body, "%s\"%s\"", i == 1 ? "" : ",", people.list[i].account_id);
	}
	gx_buf_printf(&body, "]}");
	http_call(h, a, "/groups", people.list[0].token, gx_buf_str(&body), 201, &answer);
	for (unsigned i = 0; i < people.count; i++)
		copy_member(a, &answer, GX_STR("conversation"), GX_STR("id"), people.list[i].place,
			    sizeof(people.list[i].place));
	gx_buf_deinit(&body);
}

void load_people_prepare(unsigned count, enum load_mode mode)
{
	struct load_http h;
	struct gx_arena a;

	file_read();
	if (people.count < count)
		sign_up_missing(count);
	people.count = count;
	gx_arena_init(&a);
	load_http_open(&h);
	if (mode == LOAD_PAIR)
		make_pairs(&h, &a);
	else if (mode == LOAD_GROUP)
		make_group(&h, &a);
	load_http_close(&h);
	gx_arena_deinit(&a);
	file_write();
}

void load_cursor_fetch(uint32_t person)
{
	char token[LOAD_PERSON_TOKEN_BYTES];
	struct load_answer answer;
	const struct gx_json *v;
	struct load_http h;
	struct gx_arena a;

	gx_arena_init(&a);
	load_person_token(person, token);
	load_http_open(&h);
	load_http_send(&h, "GET", "/sync", token, GX_STR_NULL);
	load_http_receive(&h, &a, &answer);
	v = gx_json_get(answer.json, GX_STR("cursor"));
	if (answer.status != 200 || v == NULL || v->type != GX_JSON_STRING)
		load_die("GET /sync: %d %.*s", answer.status, GX_STR_ARG(answer.body));
	snprintf(load_cursor, sizeof(load_cursor), "%.*s", GX_STR_ARG(gx_json_str(&a, v)));
	load_http_close(&h);
	gx_arena_deinit(&a);
}

void load_notice_send(const char *text)
{
	char token[LOAD_PERSON_TOKEN_BYTES];
	struct load_answer answer;
	struct load_http h;
	struct gx_arena a;

	gx_arena_init(&a);
	load_person_token(0, token);
	load_http_open(&h);
	http_call(&h, &a, "/operator/notices", token,
		  gx_arena_printf(&a, "{\"client_id\":\"%s\",\"text\":\"%s\"}", text, text), 201,
		  &answer);
	load_http_close(&h);
	gx_arena_deinit(&a);
}
