/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: the running core keeps its promises towards edges that are broken or taken over, commands
 * that fail half-way, and accounts that ask for too much.
 * Method: gx_core_run() in a child process with a made-up room; the test plays supervisor and edge,
 * record by record. Each answer is waited for, at most 20 s.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <cmocka.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "admission.h"
#include "core.h"
#include "link.h"
#include "publish.h"

#define WAIT_MS 20000

/* --- a room --- */

static enum gx_status sign_in(struct gx_call *c)
{
	uint64_t device_id;
	struct gx_str token;
	enum gx_status st = gx_session_create(c->arena, c->tx, 7, GX_STR(""), GX_STR(""),
					      GX_STR(""), &device_id, &token, &c->err);

	gx_json_begin_object(&c->out);
	gx_json_kv_str(&c->out, "token", token);
	gx_json_end_object(&c->out);
	return st;
}

static enum gx_status publish(struct gx_call *c)
{
	return gx_publish(c->arena, c->tx, 7, "done", GX_STR_NULL, &c->err);
}

static enum gx_status to_all(struct gx_call *c)
{
	gx_deliver_to_all(c->tx, gx_position_take(c->tx), GX_STR("{\"type\":\"all\",\"at\":1}"));
	return GX_OK;
}

/* As a room does that makes no event for somebody who is not there. */
static enum gx_status publish_if_heard(struct gx_call *c)
{
	if (gx_is_listening(c->tx, 7))
		return gx_publish(c->arena, c->tx, 7, "heard", GX_STR_NULL, &c->err);
	(void)gx_position_take(c->tx);
	return GX_OK;
}

static enum gx_status publish_half(struct gx_call *c)
{
	enum gx_status st = gx_publish(c->arena, c->tx, 7, "half", GX_STR_NULL, &c->err);

	return st != GX_OK ? st : gx_fail(&c->err, GX_E_INTERNAL, "core.database");
}

/* Types of all events as a text; waits when there is none behind `since`. */
static enum gx_status list(struct gx_call *c)
{
	struct gx_event *events;
	size_t count;
	bool more;
	enum gx_status st = gx_events_list(c->arena, c->tx, 7, (uint64_t)c->in[0].num, 100, &events,
					   &count, &more, &c->err);

	if (st != GX_OK)
		return st;
	if (count == 0)
		c->wait_ms = WAIT_MS * 2;
	gx_json_begin_object(&c->out);
	gx_json_key(&c->out, GX_STR("events"));
	gx_json_begin_array(&c->out);
	for (size_t i = 0; i < count; i++)
		gx_json_put_raw(&c->out, events[i].json);
	gx_json_end_array(&c->out);
	gx_json_end_object(&c->out);
	return GX_OK;
}

static const struct gx_field list_fields[] = { { "since", GX_FIELD_INT, 0, 0, INT64_MAX }, { 0 } };

static const struct gx_field stream_fields[] = { { "since", GX_FIELD_TOKEN, 0, 0, 0 }, { 0 } };

static const struct gx_route routes[] = {
	{ .op = "probe.sign_in",
	  .method = GX_METHOD_POST,
	  .path = "/sign-in",
	  .kind = GX_OP_COMMAND,
	  .ok_status = 200,
	  .handle = sign_in },
	{ .op = "probe.publish",
	  .method = GX_METHOD_POST,
	  .path = "/publish",
	  .kind = GX_OP_COMMAND_PLAIN,
	  .auth = GX_AUTH_SESSION,
	  .ok_status = 204,
	  .handle = publish },
	{ .op = "probe.to_all",
	  .method = GX_METHOD_POST,
	  .path = "/to-all",
	  .kind = GX_OP_COMMAND_PLAIN,
	  .auth = GX_AUTH_SESSION,
	  .ok_status = 204,
	  .handle = to_all },
	{ .op = "probe.chat",
	  .method = GX_METHOD_POST,
	  .path = "/chat",
	  .kind = GX_OP_COMMAND_PLAIN,
	  .auth = GX_AUTH_SESSION,
	  .priority = GX_PRIORITY_CHAT,
	  .ok_status = 204,
	  .handle = publish },
	{ .op = "probe.if_heard",
	  .method = GX_METHOD_POST,
	  .path = "/if-heard",
	  .kind = GX_OP_COMMAND_PLAIN,
	  .auth = GX_AUTH_SESSION,
	  .ok_status = 204,
	  .handle = publish_if_heard },
	{ .op = "probe.half",
	  .method = GX_METHOD_POST,
	  .path = "/half",
	  .kind = GX_OP_COMMAND_PLAIN,
	  .auth = GX_AUTH_SESSION,
	  .ok_status = 204,
	  .handle = publish_half },
	{ .op = "probe.list",
	  .method = GX_METHOD_GET,
	  .path = "/list",
	  .kind = GX_OP_QUERY,
	  .auth = GX_AUTH_SESSION,
	  .ok_status = 200,
	  .fields = list_fields,
	  .handle = list },
	{ .op = "probe.stream",
	  .method = GX_METHOD_GET,
	  .path = "/stream",
	  .kind = GX_OP_STREAM,
	  .auth = GX_AUTH_SESSION,
	  .priority = GX_PRIORITY_CHAT,
	  .ok_status = 200,
	  .fields = stream_fields },
};

static const struct gx_room probe_room = {
	.name = "probe",
	.routes = routes,
	.routes_count = GX_COUNT(routes),
};

static const struct gx_room *const rooms[] = { &probe_room, NULL };

/* --- supervisor and edge --- */

struct house {
	char dir[64];
	pid_t pid;
	int control;
	struct gx_link link;
	struct gx_arena arena;
	struct gx_str token;
	uint64_t waited_ns; /* as if requests had waited so long in the edge */
	uint64_t window;    /* the core told last; 0: none */
};

static void link_up(struct house *h)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = { 0 };
	char kind = 'L';
	struct iovec part = { &kind, 1 };
	struct msghdr m = { .msg_iov = &part,
			    .msg_iovlen = 1,
			    .msg_control = control.bytes,
			    .msg_controllen = sizeof(control.bytes) };
	int ends[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
	control.align.cmsg_level = SOL_SOCKET;
	control.align.cmsg_type = SCM_RIGHTS;
	control.align.cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(&control.align), &ends[1], sizeof(int));
	assert_int_equal(sendmsg(h->control, &m, 0), 1);
	close(ends[1]);
	gx_link_init(&h->link, ends[0], (size_t)16 << 20);
}

/* The next record of the core; false at the end of the link. */
static bool next_record(struct house *h, struct gx_record_head *head, struct gx_str *record)
{
	for (;;) {
		struct pollfd p = { .fd = h->link.fd, .events = POLLIN };

		if (gx_record_peek(gx_link_unread(&h->link), head) == 1) {
			*record = gx_arena_strdup(&h->arena, gx_str_slice(gx_link_unread(&h->link),
									  0, head->size));
			gx_link_consume(&h->link, head->size);
			if (head->type == GX_RECORD_WS_WINDOW) {
				h->window = head->conn;
				continue;
			}
			return true;
		}
		if (poll(&p, 1, WAIT_MS) != 1)
			fail_msg("the core does not answer");
		if (gx_link_fill(&h->link, (size_t)1 << 20) < 0)
			return false;
	}
}

static void ask(struct house *h, enum gx_record_type type, uint64_t conn, enum gx_method method,
		const char *target)
{
	gx_record_write_request(&h->link.out, type,
				&(struct gx_request_record){
					.conn = conn,
					.received_ns = gx_clock_mono_ns() - h->waited_ns,
					.method = method,
					.target = gx_str_from_cstr(target),
					.token = h->token,
				});
}

static void say(struct house *h, uint64_t conn, const char *text)
{
	gx_record_write_ws_text(&h->link.out,
				&(struct gx_ws_text_record){
					.conn = conn,
					.received_ns = gx_clock_mono_ns() - h->waited_ns,
					.text = gx_str_from_cstr(text),
				});
}

/* Sends what was asked and returns the next answer. */
static struct gx_response_record answer(struct house *h)
{
	struct gx_response_record r;
	struct gx_record_head head;
	struct gx_str record;

	assert_int_equal(gx_link_flush(&h->link), 1);
	assert_true(next_record(h, &head, &record));
	assert_int_equal(head.type, GX_RECORD_HTTP_RESPONSE);
	assert_true(gx_record_read_response(record, &r));
	return r;
}

static unsigned post(struct house *h, const char *target)
{
	ask(h, GX_RECORD_HTTP_REQUEST, 1, GX_METHOD_POST, target);
	return answer(h).status;
}

static void open_house(struct house *h)
{
	int ends[2];
	char ready;

	*h = (struct house){ .dir = "/tmp/guanxi-core-XXXXXX" };
	assert_non_null(mkdtemp(h->dir));
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
	h->pid = fork();
	if (h->pid == 0) {
		close(ends[0]);
		_exit(gx_core_run(&(struct gx_core_config){
			.data_dir = h->dir, .rooms = rooms, .control_fd = ends[1] }));
	}
	close(ends[1]);
	h->control = ends[0];
	gx_arena_init(&h->arena);
	assert_int_equal(recv(h->control, &ready, 1, 0), 1);
	link_up(h);
	ask(h, GX_RECORD_HTTP_REQUEST, 1, GX_METHOD_POST, "/api/v1/sign-in");
	struct gx_str body = answer(h).body;
	const struct gx_json *json;
	struct gx_error err;
	assert_int_equal(gx_json_parse(&h->arena, body, &json, &err), GX_OK);
	h->token = gx_json_str(&h->arena, gx_json_get(json, GX_STR("token")));
}

/* The core must be as well as before: it ends cleanly. */
static void close_house(struct house *h)
{
	char command[128];
	int status;

	kill(h->pid, SIGTERM);
	gx_link_deinit(&h->link);
	assert_int_equal(waitpid(h->pid, &status, 0), h->pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	close(h->control);
	gx_arena_deinit(&h->arena);
	snprintf(command, sizeof(command), "rm -rf '%s'", h->dir);
	assert_int_equal(system(command), 0);
}

/* --- tests --- */

/* What a command has written before it failed without a savepoint is undone with its batch, and its
 * positions are free again. */
static void test_half_done_is_undone(void **state)
{
	struct house h;

	open_house(&h);
	assert_int_equal(post(&h, "/api/v1/publish"), 204);
	assert_int_equal(post(&h, "/api/v1/half"), 503);
	assert_int_equal(post(&h, "/api/v1/publish"), 204);
	assert_int_equal(post(&h, "/api/v1/publish"), 204);
	ask(&h, GX_RECORD_HTTP_REQUEST, 1, GX_METHOD_GET, "/api/v1/list");
	struct gx_str body = gx_arena_strdup(&h.arena, answer(&h).body);
	assert_null(strstr(body.ptr, "half"));
	const char *at = body.ptr;
	unsigned count = 0;
	for (; (at = strstr(at, "done")) != NULL; at++)
		count++;
	assert_int_equal(count, 3);
	close_house(&h);
}

/* Long polls of one account have a maximum: the oldest are answered. */
static void test_long_polls_are_bounded(void **state)
{
	struct house h;

	open_house(&h);
	for (uint64_t conn = 1; conn <= 40; conn++)
		ask(&h, GX_RECORD_HTTP_REQUEST, conn, GX_METHOD_GET, "/api/v1/list");
	for (unsigned i = 0; i < 40 - 16; i++)
		assert_int_equal(answer(&h).status, 200);
	ask(&h, GX_RECORD_HTTP_REQUEST, 99, GX_METHOD_POST, "/api/v1/publish");
	for (unsigned i = 0; i < 16 + 1; i++) {
		struct gx_response_record r = answer(&h);

		assert_int_equal(r.status, r.conn == 99 ? 204 : 200);
	}
	close_house(&h);
}

static void test_hostile_edge_is_cut_off(void **state)
{
	static const struct {
		uint64_t first, second; /* connections that open a stream; 0: none */
	} cases[] = { { 5, 5 }, { 0, 0 } };
	struct house h;

	open_house(&h);
	for (size_t i = 0; i < GX_COUNT(cases); i++) {
		struct gx_record_head head;
		struct gx_str record;

		ask(&h, GX_RECORD_WS_OPEN, cases[i].first, GX_METHOD_GET, "/api/v1/stream");
		ask(&h, GX_RECORD_WS_OPEN, cases[i].second, GX_METHOD_GET, "/api/v1/stream");
		assert_int_equal(gx_link_flush(&h.link), 1);
		while (next_record(&h, &head, &record))
			assert_int_equal(head.type, GX_RECORD_WS_ACCEPT);
		gx_link_deinit(&h.link);
		link_up(&h);
		assert_int_equal(post(&h, "/api/v1/publish"), 204);
	}
	close_house(&h);
}

/* A frame that is not understood closes the stream, behind the answers to what came before it; what
 * comes behind it is not carried out. */
static void test_bad_frame_closes_in_order(void **state)
{
	static const char call[] = "{\"t\":\"call\",\"id\":1,\"op\":\"probe.publish\"}";
	struct gx_record_head head;
	struct gx_str record;
	struct house h;

	open_house(&h);
	ask(&h, GX_RECORD_WS_OPEN, 5, GX_METHOD_GET, "/api/v1/stream");
	say(&h, 5, call);
	say(&h, 5, "{\"t\":\"dance\"}");
	say(&h, 5, call);
	assert_int_equal(gx_link_flush(&h.link), 1);
	assert_true(next_record(&h, &head, &record));
	assert_int_equal(head.type, GX_RECORD_WS_ACCEPT);
	unsigned replies = 0, events = 0;
	while (next_record(&h, &head, &record) && head.type == GX_RECORD_WS_SEND) {
		replies += memmem(record.ptr, record.len, "\"status\":204", 12) != NULL;
		events += memmem(record.ptr, record.len, "\"done\"", 6) != NULL;
	}
	assert_int_equal(head.type, GX_RECORD_WS_CLOSE);
	assert_int_equal(replies, 1);
	assert_int_equal(events, 1);
	ask(&h, GX_RECORD_HTTP_REQUEST, 1, GX_METHOD_GET, "/api/v1/list");
	struct gx_str body = gx_arena_strdup(&h.arena, answer(&h).body);
	assert_null(strstr(strstr(body.ptr, "done") + 1, "done"));
	close_house(&h);
}

/* Who was away for long gets page after page, each when the one before it has left the edge, and
 * what is told meanwhile behind them. */
static void test_catching_up_is_paced(void **state)
{
	enum { MISSED = 1200 };
	struct gx_record_head head;
	struct gx_str record;
	unsigned events = 0, pages = 0;
	struct house h;

	open_house(&h);
	for (uint64_t i = 1; i <= MISSED; i++)
		ask(&h, GX_RECORD_HTTP_REQUEST, i, GX_METHOD_POST, "/api/v1/publish");
	for (unsigned i = 0; i < MISSED; i++)
		assert_int_equal(answer(&h).status, 204);
	ask(&h, GX_RECORD_WS_OPEN, 5, GX_METHOD_GET, "/api/v1/stream?since=p0");
	assert_int_equal(gx_link_flush(&h.link), 1);
	assert_true(next_record(&h, &head, &record));
	assert_int_equal(head.type, GX_RECORD_WS_ACCEPT);
	while (events < MISSED + pages) {
		assert_true(next_record(&h, &head, &record));
		events += head.type == GX_RECORD_WS_SEND;
		if (head.type != GX_RECORD_WS_AWAIT)
			continue;
		/* Nothing more comes by itself, whatever is told. */
		assert_int_equal(post(&h, "/api/v1/publish"), 204);
		gx_record_write_bare(&h.link.out, GX_RECORD_WS_DRAINED, 5);
		assert_int_equal(gx_link_flush(&h.link), 1);
		pages++;
	}
	assert_true(pages >= 2);
	assert_true(next_record(&h, &head, &record));
	assert_int_equal(head.type, GX_RECORD_WS_LIVE);
	assert_int_equal(post(&h, "/api/v1/sign-in"), 200);
	close_house(&h);
}

/* What goes to all is one record without a list, and stands before the word that ends a catching up
 * that is under way: the edge passes that stream over, and its page has the event. */
static void test_one_record_for_all(void **state)
{
	enum { MISSED = 600 };
	struct gx_record_head head = { 0 };
	struct gx_str record, text;
	struct house h;

	open_house(&h);
	for (uint64_t i = 1; i <= MISSED; i++)
		ask(&h, GX_RECORD_HTTP_REQUEST, i, GX_METHOD_POST, "/api/v1/publish");
	for (unsigned i = 0; i < MISSED; i++)
		assert_int_equal(answer(&h).status, 204);
	ask(&h, GX_RECORD_WS_OPEN, 4, GX_METHOD_GET, "/api/v1/stream");
	ask(&h, GX_RECORD_WS_OPEN, 5, GX_METHOD_GET, "/api/v1/stream?since=p0");
	assert_int_equal(gx_link_flush(&h.link), 1);
	while (head.type != GX_RECORD_WS_CATCH_UP)
		assert_true(next_record(&h, &head, &record));
	assert_int_equal(head.conn, 5);
	while (head.type != GX_RECORD_WS_AWAIT)
		assert_true(next_record(&h, &head, &record));
	assert_int_equal(post(&h, "/api/v1/to-all"), 204);
	assert_true(next_record(&h, &head, &record));
	assert_int_equal(head.type, GX_RECORD_WS_SEND_ALL);
	assert_true(gx_record_read_ws_send_all(record, &text));
	assert_non_null(memmem(text.ptr, text.len, "\"type\":\"all\"", 12));
	gx_record_write_bare(&h.link.out, GX_RECORD_WS_DRAINED, 5);
	assert_int_equal(gx_link_flush(&h.link), 1);
	while (head.type != GX_RECORD_WS_LIVE)
		assert_true(next_record(&h, &head, &record));
	assert_int_equal(head.conn, 5);
	close_house(&h);
}

/* Posts until the answer has that status. */
static struct gx_response_record post_until(struct house *h, const char *target, unsigned status)
{
	struct gx_response_record r = { 0 };
	uint64_t until_ns = gx_clock_mono_ns() + WAIT_MS * UINT64_C(1000000);

	while (r.status != status && gx_clock_mono_ns() < until_ns) {
		gx_arena_reset(&h->arena);
		ask(h, GX_RECORD_HTTP_REQUEST, 1, GX_METHOD_POST, target);
		r = answer(h);
	}
	assert_int_equal(r.status, status);
	return r;
}

static bool has(struct gx_str text, const char *part)
{
	return memmem(text.ptr, text.len, part, strlen(part)) != NULL;
}

/* Calls that have waited for long are refused, in a class that may be; nobody is asked again to
 * wait once they don't. */
static void test_overload_is_refused(void **state)
{
	static const char call[] = "{\"t\":\"call\",\"id\":77,\"op\":\"probe.chat\",\"in\":{}}";
	struct gx_record_head head;
	struct gx_str record;
	struct gx_arena kept;
	struct house h;

	open_house(&h);
	gx_arena_init(&kept);
	h.token = gx_arena_strdup(&kept, h.token);
	ask(&h, GX_RECORD_WS_OPEN, 5, GX_METHOD_GET, "/api/v1/stream");
	assert_int_equal(gx_link_flush(&h.link), 1);
	assert_true(next_record(&h, &head, &record));
	assert_int_equal(head.type, GX_RECORD_WS_ACCEPT);
	gx_record_write_bare(&h.link.out, GX_RECORD_CONN_GONE,
			     5); /* its events would be in the way */
	h.waited_ns = UINT64_C(400) * 1000000;
	struct gx_response_record r = post_until(&h, "/api/v1/chat", 503);
	assert_true(has(r.headers, "Retry-After: 1\r\n"));
	assert_true(has(r.body, "\"core.overloaded\""));
	/* The first class is let in all the while. */
	assert_int_equal(post(&h, "/api/v1/publish"), 204);
	/* A stream may open; its calls are answered too, parsed or not, and each once. */
	ask(&h, GX_RECORD_WS_OPEN, 6, GX_METHOD_GET, "/api/v1/stream");
	assert_int_equal(gx_link_flush(&h.link), 1);
	assert_true(next_record(&h, &head, &record));
	assert_int_equal(head.type, GX_RECORD_WS_ACCEPT);
	for (unsigned replies = 0, refused = 0; refused == 0; replies++) {
		assert_true(replies < 1000000);
		say(&h, 6, call);
		assert_int_equal(gx_link_flush(&h.link), 1);
		do
			assert_true(next_record(&h, &head, &record));
		while (!has(record, "{\"t\":\"reply\",\"id\":77,"));
		refused += has(record, "\"retry_after\":1");
		gx_arena_reset(&h.arena);
	}
	assert_true(h.window < CORE_IN_FLIGHT_MAX); /* and streams are slowed */
	/* Once nobody waits, chat is let in again. */
	h.waited_ns = 0;
	gx_record_write_bare(&h.link.out, GX_RECORD_CONN_GONE, 6);
	post_until(&h, "/api/v1/chat", 204);
	gx_arena_deinit(&kept);
	close_house(&h);
}

/* Who signs in is answered before the messages that came first, once, and nothing of these
 * is lost. */
static void test_first_class_goes_ahead(void **state)
{
	enum { MESSAGES = 1300 }; /* more than a batch, less than a socket holds */
	unsigned before = 0, after = 0, signed_in = 0;
	struct house h;
	int status;

	open_house(&h);
	for (uint64_t i = 2; i < 2 + MESSAGES; i++)
		ask(&h, GX_RECORD_HTTP_REQUEST, i, GX_METHOD_POST, "/api/v1/chat");
	ask(&h, GX_RECORD_HTTP_REQUEST, 1, GX_METHOD_POST, "/api/v1/publish");
	/* All of it stands in the socket when the core looks. */
	kill(h.pid, SIGSTOP);
	assert_int_equal(waitpid(h.pid, &status, WUNTRACED), h.pid);
	assert_int_equal(gx_link_flush(&h.link), 1);
	kill(h.pid, SIGCONT);
	for (unsigned i = 0; i < MESSAGES + 1; i++) {
		struct gx_response_record r = answer(&h);

		assert_int_equal(r.status, 204);
		signed_in += r.conn == 1;
		*(signed_in > 0 ? &after : &before) += r.conn != 1;
	}
	assert_int_equal(signed_in, 1);
	assert_int_equal(before + after, MESSAGES);
	assert_true(after > 0);
	assert_int_equal(post(&h, "/api/v1/chat"), 204);
	close_house(&h);
}

/* Opens a stream with a cursor, and closes it once it is live; *cursor is that of the last event.
 * Returns the number of events, or of those plus 100 when a reader was asked. */
static unsigned come_back(struct house *h, uint64_t conn, uint64_t *cursor)
{
	char target[64];
	struct gx_record_head head;
	struct gx_str record;
	unsigned events = 0;
	bool is_live;

	snprintf(target, sizeof(target), "/api/v1/stream?since=p%llu", (unsigned long long)*cursor);
	ask(h, GX_RECORD_WS_OPEN, conn, GX_METHOD_GET, target);
	ask(h, GX_RECORD_HTTP_REQUEST, conn + 1, GX_METHOD_GET, "/api/v1/list");
	assert_int_equal(gx_link_flush(&h->link), 1);
	assert_true(next_record(h, &head, &record));
	assert_int_equal(head.type, GX_RECORD_WS_ACCEPT);
	/* The query's answer may come at any time. */
	for (bool is_answered = false, is_reading = false; !is_answered || is_reading;) {
		assert_true(next_record(h, &head, &record));
		is_answered |= head.type == GX_RECORD_HTTP_RESPONSE;
		is_reading |= head.type == GX_RECORD_WS_CATCH_UP;
		is_live = head.type == GX_RECORD_WS_LIVE;
		events += head.type == GX_RECORD_WS_CATCH_UP ? 100 : 0;
		if (is_live)
			is_reading = false;
		if (head.type == GX_RECORD_WS_SEND) {
			const char *at = memmem(record.ptr, record.len, "\"cursor\":\"p", 11);

			*cursor = strtoull(at + 11, NULL, 10);
			events++;
		}
	}
	gx_record_write_bare(&h->link.out, GX_RECORD_CONN_GONE, conn);
	return events;
}

static void say_to_all(struct house *h)
{
	struct gx_record_head head;
	struct gx_str record;

	assert_int_equal(post(h, "/api/v1/to-all"), 204);
	assert_true(next_record(h, &head, &record));
	assert_int_equal(head.type, GX_RECORD_WS_SEND_ALL);
}

/* Who comes back is synced without a reader where it is known what he missed, and by one where
 * anything else may have happened. */
static void test_coming_back(void **state)
{
	uint64_t cursor = 0;
	struct house h;

	open_house(&h);
	assert_int_equal(post(&h, "/api/v1/publish"), 204);
	assert_int_equal(come_back(&h, 10, &cursor), 101); /* from another time: asks */
	assert_int_equal(come_back(&h, 20, &cursor), 0);
	assert_int_equal(come_back(&h, 30, &cursor), 0);
	assert_int_equal(post(&h, "/api/v1/publish"), 204); /* he is away */
	assert_int_equal(come_back(&h, 40, &cursor), 101);
	assert_int_equal(come_back(&h, 50, &cursor), 0);
	assert_int_equal(post(&h, "/api/v1/if-heard"), 204); /* nothing came, but it might have */
	assert_int_equal(come_back(&h, 60, &cursor), 100);
	assert_int_equal(come_back(&h, 70, &cursor), 0);
	for (unsigned i = 0; i < 3; i++)
		say_to_all(&h);
	assert_int_equal(come_back(&h, 80, &cursor), 3);
	assert_int_equal(come_back(&h, 90, &cursor), 0);
	for (unsigned i = 0; i < 9; i++) /* more than are kept; this room stores none of them */
		say_to_all(&h);
	assert_int_equal(come_back(&h, 100, &cursor), 100);
	close_house(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_half_done_is_undone),
		cmocka_unit_test(test_long_polls_are_bounded),
		cmocka_unit_test(test_hostile_edge_is_cut_off),
		cmocka_unit_test(test_bad_frame_closes_in_order),
		cmocka_unit_test(test_catching_up_is_paced),
		cmocka_unit_test(test_one_record_for_all),
		cmocka_unit_test(test_coming_back),
		cmocka_unit_test(test_overload_is_refused),
		cmocka_unit_test(test_first_class_goes_ahead),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
