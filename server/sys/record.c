/* SPDX-License-Identifier: Apache-2.0 */
#include "record.h"

#include <string.h>

#define REQUEST_FLAGS                                                                              \
	(GX_REQUEST_PEER_LOOPBACK | GX_REQUEST_TOKEN_COOKIE | GX_REQUEST_SECURE |                  \
	 GX_REQUEST_HAS_BODY | GX_REQUEST_LENGTH_KNOWN)
#define FLAGS_AT 5 /* in the head */
#define RESPONSE_FLAGS GX_RESPONSE_CLOSE

static bool is_request(uint8_t type)
{
	return type == GX_RECORD_HTTP_REQUEST || type == GX_RECORD_UPLOAD_BEGIN ||
	       type == GX_RECORD_WS_OPEN;
}

static bool is_upload(uint8_t type)
{
	return type == GX_RECORD_UPLOAD_END || type == GX_RECORD_UPLOAD_ACCEPT;
}

static bool is_response(uint8_t type)
{
	return type == GX_RECORD_HTTP_RESPONSE || type == GX_RECORD_HTTP_FILE;
}

static bool is_bare(uint8_t type)
{
	return type == GX_RECORD_CONN_GONE || type == GX_RECORD_WS_ACCEPT ||
	       type == GX_RECORD_WS_DRAINED || type == GX_RECORD_WS_AWAIT ||
	       type == GX_RECORD_WS_CATCH_UP || type == GX_RECORD_WS_LIVE ||
	       type == GX_RECORD_WS_TAKEN || type == GX_RECORD_WS_WINDOW;
}

static bool is_known(uint8_t type)
{
	return (type >= GX_RECORD_HTTP_REQUEST && type <= GX_RECORD_WS_DRAINED) ||
	       (type >= GX_RECORD_HTTP_RESPONSE && type <= GX_RECORD_WS_WINDOW);
}

static bool may_have_fd(uint8_t type)
{
	return type == GX_RECORD_HTTP_FILE || type == GX_RECORD_UPLOAD_ACCEPT;
}

/* ---- reading: a cursor that refuses once and for all ---- */

struct cursor {
	const char *at;
	size_t left;
	bool ok;
};

static const char *take(struct cursor *c, size_t size)
{
	const char *from = c->at;

	if (size > c->left) {
		c->ok = false;
		c->left = 0;
		return NULL;
	}
	c->at += size;
	c->left -= size;
	return from;
}

static uint32_t take_u32(struct cursor *c)
{
	const char *from = take(c, sizeof(uint32_t));
	uint32_t v = 0;

	if (from != NULL)
		memcpy(&v, from, sizeof(v));
	return v;
}

static uint64_t take_u64(struct cursor *c)
{
	const char *from = take(c, sizeof(uint64_t));
	uint64_t v = 0;

	if (from != NULL)
		memcpy(&v, from, sizeof(v));
	return v;
}

static struct gx_str take_str(struct cursor *c)
{
	uint32_t len = take_u32(c);
	const char *from = take(c, len);

	return from == NULL ? GX_STR_NULL : (struct gx_str){ from, len };
}

static bool is_at_end(const struct cursor *c)
{
	return c->ok && c->left == 0;
}

int gx_record_peek(struct gx_str stream, struct gx_record_head *out)
{
	struct gx_record_head head;
	uint16_t filler;

	if (stream.len < GX_RECORD_HEAD_BYTES)
		return 0;
	memcpy(&head.size, stream.ptr, sizeof(head.size));
	head.type = (uint8_t)stream.ptr[4];
	head.flags = (uint8_t)stream.ptr[FLAGS_AT];
	memcpy(&filler, stream.ptr + 6, sizeof(filler));
	memcpy(&head.conn, stream.ptr + 8, sizeof(head.conn));
	if (head.size < GX_RECORD_HEAD_BYTES || head.size > GX_RECORD_BYTES_MAX || filler != 0 ||
	    !is_known(head.type) || (head.flags & ~(GX_RECORD_HAS_FD | GX_RECORD_IS_REPLY)) != 0)
		return -1;
	if ((head.flags & GX_RECORD_IS_REPLY) != 0 && head.type != GX_RECORD_WS_SEND)
		return -1;
	if ((head.flags & GX_RECORD_HAS_FD) != 0 && !may_have_fd(head.type))
		return -1;
	if (is_bare(head.type) && head.size != GX_RECORD_HEAD_BYTES)
		return -1;
	if (stream.len < head.size)
		return 0;
	*out = head;
	return 1;
}

/* The cursor stands behind the head; not ok when `record` isn't exactly one record. */
static struct cursor open_record(struct gx_str record, struct gx_record_head *head)
{
	bool ok = gx_record_peek(record, head) == 1 && head->size == record.len;

	if (!ok)
		return (struct cursor){ .ok = false };
	return (struct cursor){
		.at = record.ptr + GX_RECORD_HEAD_BYTES,
		.left = record.len - GX_RECORD_HEAD_BYTES,
		.ok = true,
	};
}

bool gx_record_read_request(struct gx_str record, struct gx_request_record *out)
{
	struct gx_record_head head;
	struct cursor c = open_record(record, &head);
	struct gx_request_record r;

	if (!c.ok || !is_request(head.type))
		return false;
	r.conn = head.conn;
	r.received_ns = take_u64(&c);
	r.content_length = take_u64(&c);
	r.flags = take_u32(&c);
	r.method = take_u32(&c);
	r.target = take_str(&c);
	r.token = take_str(&c);
	r.language = take_str(&c);
	r.peer = take_str(&c);
	r.content_type = take_str(&c);
	r.filename = take_str(&c);
	r.body = take_str(&c);
	if (!is_at_end(&c) || (r.flags & ~REQUEST_FLAGS) != 0 || r.method > GX_METHOD_OPTIONS ||
	    r.target.len == 0 || r.target.ptr[0] != '/')
		return false;
	if (head.type != GX_RECORD_HTTP_REQUEST && r.body.len != 0)
		return false;
	*out = r;
	return true;
}

bool gx_record_read_upload(struct gx_str record, struct gx_upload_record *out)
{
	struct gx_record_head head;
	struct cursor c = open_record(record, &head);
	struct gx_upload_record r;

	if (!c.ok || !is_upload(head.type))
		return false;
	r.conn = head.conn;
	r.size = take_u64(&c);
	if (!is_at_end(&c))
		return false;
	*out = r;
	return true;
}

bool gx_record_read_ws_text(struct gx_str record, struct gx_ws_text_record *out)
{
	struct gx_record_head head;
	struct cursor c = open_record(record, &head);
	struct gx_ws_text_record r;

	if (!c.ok || head.type != GX_RECORD_WS_TEXT)
		return false;
	r.conn = head.conn;
	r.received_ns = take_u64(&c);
	/* That it is UTF-8 is for the JSON parser to find out: it must look at each byte anyway. */
	r.text = take_str(&c);
	if (!is_at_end(&c))
		return false;
	*out = r;
	return true;
}

bool gx_record_read_response(struct gx_str record, struct gx_response_record *out)
{
	struct gx_record_head head;
	struct cursor c = open_record(record, &head);
	struct gx_response_record r;

	if (!c.ok || !is_response(head.type))
		return false;
	r.conn = head.conn;
	r.file_size = take_u64(&c);
	r.status = take_u32(&c);
	r.flags = take_u32(&c);
	r.content_type = take_str(&c);
	r.etag = take_str(&c);
	r.headers = take_str(&c);
	r.body = take_str(&c);
	if (!is_at_end(&c) || (r.flags & ~RESPONSE_FLAGS) != 0 || r.status < 100 || r.status > 599)
		return false;
	if (head.type == GX_RECORD_HTTP_FILE && r.body.len != 0)
		return false;
	*out = r;
	return true;
}

bool gx_record_read_ws_send(struct gx_str record, struct gx_ws_send_record *out)
{
	struct gx_record_head head;
	struct cursor c = open_record(record, &head);
	struct gx_ws_send_record r;

	if (!c.ok || head.type != GX_RECORD_WS_SEND || head.conn != 0)
		return false;
	r.conns_count = take_u32(&c);
	/* At most 4 MiB of records: the product does not overflow where size_t has 64 bits. */
	r.conns = take(&c, (size_t)r.conns_count * sizeof(uint64_t));
	r.text = take_str(&c);
	if (!is_at_end(&c) || ((head.flags & GX_RECORD_IS_REPLY) != 0 && r.conns_count != 1))
		return false;
	*out = r;
	return true;
}

bool gx_record_read_ws_send_all(struct gx_str record, struct gx_str *text)
{
	struct gx_record_head head;
	struct cursor c = open_record(record, &head);
	struct gx_str r;

	if (!c.ok || head.type != GX_RECORD_WS_SEND_ALL || head.conn != 0)
		return false;
	r = take_str(&c);
	if (!is_at_end(&c))
		return false;
	*text = r;
	return true;
}

bool gx_record_read_ws_close(struct gx_str record, struct gx_ws_close_record *out)
{
	struct gx_record_head head;
	struct cursor c = open_record(record, &head);
	struct gx_ws_close_record r;

	if (!c.ok || head.type != GX_RECORD_WS_CLOSE)
		return false;
	r.conn = head.conn;
	r.code = take_u32(&c);
	r.reason = take_str(&c);
	if (!is_at_end(&c))
		return false;
	*out = r;
	return true;
}

uint64_t gx_ws_send_conn(const struct gx_ws_send_record *r, uint32_t index)
{
	uint64_t conn;

	GX_ASSERT(index < r->conns_count);
	memcpy(&conn, r->conns + (size_t)index * sizeof(conn), sizeof(conn));
	return conn;
}

/* ---- writing: the size is known first, so one reservation holds the record ---- */

static char *put_bytes(char *to, const void *bytes, size_t size)
{
	if (size > 0)
		memcpy(to, bytes, size);
	return to + size;
}

static char *put_u32(char *to, uint32_t v)
{
	return put_bytes(to, &v, sizeof(v));
}

static char *put_u64(char *to, uint64_t v)
{
	return put_bytes(to, &v, sizeof(v));
}

static char *put_str(char *to, struct gx_str s)
{
	return put_bytes(put_u32(to, (uint32_t)s.len), s.ptr, s.len);
}

static size_t str_size(struct gx_str s)
{
	return sizeof(uint32_t) + s.len;
}

/* Writes the head of a record with `size` bytes of fields; where these go, or NULL on overflow. */
static char *begin(struct gx_buf *out, enum gx_record_type type, bool has_fd, uint64_t conn,
		   size_t size)
{
	size_t whole = GX_RECORD_HEAD_BYTES + size;
	char *to;

	if (whole > GX_RECORD_BYTES_MAX) {
		out->overflow = true;
		return NULL;
	}
	to = gx_buf_reserve(out, whole);
	if (to == NULL)
		return NULL;
	to = put_u32(to, (uint32_t)whole);
	*to++ = (char)type;
	*to++ = (char)(has_fd ? GX_RECORD_HAS_FD : 0);
	*to++ = 0;
	*to++ = 0;
	return put_u64(to, conn);
}

static void end(struct gx_buf *out, const char *to)
{
	gx_buf_commit(out, (size_t)(to - (out->ptr + out->len)));
}

void gx_record_write_request(struct gx_buf *out, enum gx_record_type type,
			     const struct gx_request_record *r)
{
	size_t size = 2 * sizeof(uint64_t) + 2 * sizeof(uint32_t) + str_size(r->target) +
		      str_size(r->token) + str_size(r->language) + str_size(r->peer) +
		      str_size(r->content_type) + str_size(r->filename) + str_size(r->body);
	char *to = begin(out, type, false, r->conn, size);

	GX_ASSERT(is_request((uint8_t)type));
	if (to == NULL)
		return;
	to = put_u64(to, r->received_ns);
	to = put_u64(to, r->content_length);
	to = put_u32(to, r->flags);
	to = put_u32(to, r->method);
	to = put_str(to, r->target);
	to = put_str(to, r->token);
	to = put_str(to, r->language);
	to = put_str(to, r->peer);
	to = put_str(to, r->content_type);
	to = put_str(to, r->filename);
	end(out, put_str(to, r->body));
}

void gx_record_write_upload(struct gx_buf *out, enum gx_record_type type, bool has_fd,
			    const struct gx_upload_record *r)
{
	char *to = begin(out, type, has_fd, r->conn, sizeof(uint64_t));

	GX_ASSERT(is_upload((uint8_t)type));
	if (to != NULL)
		end(out, put_u64(to, r->size));
}

void gx_record_write_ws_text(struct gx_buf *out, const struct gx_ws_text_record *r)
{
	char *to =
		begin(out, GX_RECORD_WS_TEXT, false, r->conn, sizeof(uint64_t) + str_size(r->text));

	if (to == NULL)
		return;
	to = put_u64(to, r->received_ns);
	end(out, put_str(to, r->text));
}

void gx_record_write_bare(struct gx_buf *out, enum gx_record_type type, uint64_t conn)
{
	char *to = begin(out, type, false, conn, 0);

	GX_ASSERT(is_bare((uint8_t)type));
	if (to != NULL)
		end(out, to);
}

void gx_record_write_response(struct gx_buf *out, enum gx_record_type type, bool has_fd,
			      const struct gx_response_record *r)
{
	size_t size = sizeof(uint64_t) + 2 * sizeof(uint32_t) + str_size(r->content_type) +
		      str_size(r->etag) + str_size(r->headers) + str_size(r->body);
	char *to = begin(out, type, has_fd, r->conn, size);

	GX_ASSERT(is_response((uint8_t)type));
	if (to == NULL)
		return;
	to = put_u64(to, r->file_size);
	to = put_u32(to, r->status);
	to = put_u32(to, r->flags);
	to = put_str(to, r->content_type);
	to = put_str(to, r->etag);
	to = put_str(to, r->headers);
	end(out, put_str(to, r->body));
}

void gx_record_write_ws_send(struct gx_buf *out, const uint64_t *conns, uint32_t conns_count,
			     struct gx_str text)
{
	size_t conns_size = (size_t)conns_count * sizeof(*conns);
	char *to = begin(out, GX_RECORD_WS_SEND, false, 0,
			 sizeof(uint32_t) + conns_size + str_size(text));

	if (to == NULL)
		return;
	to = put_u32(to, conns_count);
	to = put_bytes(to, conns, conns_size);
	end(out, put_str(to, text));
}

void gx_record_write_ws_reply(struct gx_buf *out, uint64_t conn, struct gx_str text)
{
	size_t at = out->len;

	gx_record_write_ws_send(out, &conn, 1, text);
	if (out->len > at)
		out->ptr[at + FLAGS_AT] = GX_RECORD_IS_REPLY;
}

void gx_record_write_ws_send_all(struct gx_buf *out, struct gx_str text)
{
	char *to = begin(out, GX_RECORD_WS_SEND_ALL, false, 0, str_size(text));

	if (to != NULL)
		end(out, put_str(to, text));
}

void gx_record_write_ws_close(struct gx_buf *out, const struct gx_ws_close_record *r)
{
	char *to = begin(out, GX_RECORD_WS_CLOSE, false, r->conn,
			 sizeof(uint32_t) + str_size(r->reason));

	if (to == NULL)
		return;
	to = put_u32(to, r->code);
	end(out, put_str(to, r->reason));
}
