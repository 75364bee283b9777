/* SPDX-License-Identifier: Apache-2.0 */
/* load_guanxi.c - our own stream: a WebSocket, calls and events in JSON. */
#include <stdio.h>
#include <string.h>

#include "load_conn.h"
#include "load_people.h"
#include "load_seed.h"

/* A call's id has five digits, so that frames of a sender have one length. */
#define ID_FIRST 10000u
#define ID_DIGITS 5u
#define PLACE_DIGITS 7u
#define REPLY_HEAD "{\"t\":\"reply\",\"id\":"

enum state { STATE_UPGRADE, STATE_STREAM };

static void start(struct load_conn *c)
{
	char token[LOAD_PERSON_TOKEN_BYTES];

	load_person_token(c->id, token);
	gx_buf_printf(load_conn_out(c),
		      "GET /api/v1/stream%s%s HTTP/1.1\r\nHost: localhost\r\nUpgrade: "
		      "websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
		      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nAuthorization: Bearer "
		      "%s\r\n\r\n",
		      load_cursor[0] == '\0' ? "" : "?since=", load_cursor, token);
}

static size_t take_upgrade(struct load_conn *c, const char *in, size_t len)
{
	const char *end = memmem(in, len, "\r\n\r\n", 4);

	if (end == NULL)
		return 0;
	if (memcmp(in, "HTTP/1.1 101", 12) != 0) {
		if (c->may_end) {
			load_conn_ended(c, "refused");
			return 0;
		}
		load_die("no stream for person %u: %.*s", c->id, (int)(len < 400 ? len : 400), in);
	}
	c->state = STATE_STREAM;
	load_on_ready(c);
	return (size_t)(end + 4 - in);
}

/* The head of a masked frame. The mask is zero: the server's work is the same, ours is less. */
static void append_head(struct gx_buf *out, unsigned opcode, size_t len)
{
	unsigned char head[8] = { (unsigned char)(0x80 | opcode), (unsigned char)(0x80 | len) };
	size_t size = 2;

	GX_ASSERT(len <= UINT16_MAX);
	if (len >= 126) {
		head[1] = 0x80 | 126;
		head[2] = (unsigned char)(len >> 8);
		head[3] = (unsigned char)len;
		size = 4;
	}
	gx_buf_append(out, head, size);
	gx_buf_append(out, "\0\0\0\0", 4);
}

/* The text's mark serves as client_id: it is unique. */
static void message(const struct load_conn *c, struct load_frame *f, struct gx_str text)
{
	char place[24];
	struct gx_buf json;

	load_person_place(c->id, place);
	gx_buf_init(&json, 65536);
	gx_buf_printf(&json,
		      "{\"t\":\"call\",\"id\":%u,\"op\":\"messages.send\",\"in\":{"
		      "\"conversation_id\":\"%s\",\"client_id\":\"%.27s\",\"kind\":\"text\","
		      "\"body\":{\"text\":\"%.*s\"}}}",
		      ID_FIRST, place, text.ptr, GX_STR_ARG(text));
	append_head(&f->bytes, 1, json.len);
	f->number_at = (uint32_t)(f->bytes.len + strlen("{\"t\":\"call\",\"id\":"));
	f->place_at =
		f->number_at +
		(uint32_t)strlen("10000,\"op\":\"messages.send\",\"in\":{\"conversation_id\":\"");
	gx_buf_append_str(&f->bytes, gx_buf_str(&json));
	gx_buf_deinit(&json);
}

static void number(struct load_frame *f, uint32_t slot, uint32_t place)
{
	load_put_digits(f->bytes.ptr + f->number_at, ID_FIRST + slot, ID_DIGITS);
	if (place != 0)
		load_put_digits(f->bytes.ptr + f->place_at, place, PLACE_DIGITS);
}

/* {"t":"reply","id":10007,"status":201,… */
static void on_reply(struct load_conn *c, struct gx_str text)
{
	struct gx_str rest = gx_str_slice(text, strlen(REPLY_HEAD), text.len);
	uint64_t id;

	if (!gx_str_to_u64(gx_str_slice(rest, 0, ID_DIGITS), &id) || id < ID_FIRST)
		load_die("a strange reply: %.*s", GX_STR_ARG(text));
	rest = gx_str_slice(rest, ID_DIGITS, rest.len);
	if (gx_str_starts(rest, GX_STR(",\"status\":201,")))
		load_on_ack(c, (uint32_t)id - ID_FIRST);
	else
		load_on_refusal(c, (uint32_t)id - ID_FIRST, text);
}

static void on_frame(struct load_conn *c, unsigned opcode, struct gx_str payload)
{
	if (opcode == 9) {
		struct gx_buf *out = load_conn_out(c);

		append_head(out, 10, payload.len);
		gx_buf_append_str(out, payload);
	} else if (opcode == 8) {
		if (!c->may_end)
			load_die("the server closed stream %u: %.*s", c->id,
				 (int)(payload.len < 2 ? 0 : payload.len - 2), payload.ptr + 2);
	} else if (gx_str_starts(payload, GX_STR("{\"t\":\"event\""))) {
		load_on_message(c, payload.ptr, payload.len);
	} else if (gx_str_starts(payload, GX_STR(REPLY_HEAD))) {
		on_reply(c, payload);
	}
}

/* Bytes of the frame at the front, or 0 when it isn't whole. */
static size_t take_frame(struct load_conn *c, const char *in, size_t in_len)
{
	const unsigned char *p = (const unsigned char *)in;
	size_t head = 2, len;

	if (in_len < 2)
		return 0;
	len = p[1] & 127;
	if (len >= 126)
		head = len == 126 ? 4 : 10;
	if (in_len < head)
		return 0;
	if (head > 2) {
		len = 0;
		for (size_t i = 2; i < head; i++)
			len = len << 8 | p[i];
	}
	if (in_len - head < len)
		return 0;
	on_frame(c, p[0] & 15, (struct gx_str){ in + head, len });
	return head + len;
}

static size_t input(struct load_conn *c, char *in, size_t len)
{
	size_t used = 0, size;

	if (c->state == STATE_UPGRADE)
		return take_upgrade(c, in, len);
	while (c->fd >= 0 && (size = take_frame(c, in + used, len - used)) > 0)
		used += size;
	return used;
}

const struct load_proto load_guanxi = {
	.name = "guanxi",
	.has_acks = true,
	.port = 8848,
	.start = start,
	.message = message,
	.number = number,
	.input = input,
};
