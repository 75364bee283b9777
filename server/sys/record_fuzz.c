/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: no bytes on the link crash a reader, and each record has one form only.
 * Method: the input is a stream of records; what reads is written again and must be the same bytes.
 */
#include <string.h>

#include "record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool again_request(struct gx_str record, const struct gx_record_head *head,
			  struct gx_buf *out)
{
	struct gx_request_record r;

	if (!gx_record_read_request(record, &r))
		return false;
	gx_record_write_request(out, (enum gx_record_type)head->type, &r);
	return true;
}

static bool again_upload(struct gx_str record, const struct gx_record_head *head,
			 struct gx_buf *out)
{
	struct gx_upload_record r;

	if (!gx_record_read_upload(record, &r))
		return false;
	gx_record_write_upload(out, (enum gx_record_type)head->type, head->flags != 0, &r);
	return true;
}

static bool again_ws_text(struct gx_str record, struct gx_buf *out)
{
	struct gx_ws_text_record r;

	if (!gx_record_read_ws_text(record, &r))
		return false;
	gx_record_write_ws_text(out, &r);
	return true;
}

static bool again_response(struct gx_str record, const struct gx_record_head *head,
			   struct gx_buf *out)
{
	struct gx_response_record r;

	if (!gx_record_read_response(record, &r))
		return false;
	gx_record_write_response(out, (enum gx_record_type)head->type, head->flags != 0, &r);
	return true;
}

static bool again_ws_send(struct gx_str record, const struct gx_record_head *head,
			  struct gx_buf *out)
{
	struct gx_ws_send_record r;
	uint64_t *conns;

	if (!gx_record_read_ws_send(record, &r))
		return false;
	conns = gx_heap_alloc_array(r.conns_count, sizeof(*conns));
	for (uint32_t i = 0; i < r.conns_count; i++)
		conns[i] = gx_ws_send_conn(&r, i);
	if ((head->flags & GX_RECORD_IS_REPLY) != 0)
		gx_record_write_ws_reply(out, conns[0], r.text);
	else
		gx_record_write_ws_send(out, conns, r.conns_count, r.text);
	gx_heap_free(conns);
	return true;
}

static bool again_ws_send_all(struct gx_str record, struct gx_buf *out)
{
	struct gx_str text;

	if (!gx_record_read_ws_send_all(record, &text))
		return false;
	gx_record_write_ws_send_all(out, text);
	return true;
}

static bool again_ws_close(struct gx_str record, struct gx_buf *out)
{
	struct gx_ws_close_record r;

	if (!gx_record_read_ws_close(record, &r))
		return false;
	gx_record_write_ws_close(out, &r);
	return true;
}

static bool again(struct gx_str record, const struct gx_record_head *head, struct gx_buf *out)
{
	switch ((enum gx_record_type)head->type) {
	case GX_RECORD_HTTP_REQUEST:
	case GX_RECORD_UPLOAD_BEGIN:
	case GX_RECORD_WS_OPEN:
		return again_request(record, head, out);
	case GX_RECORD_UPLOAD_END:
	case GX_RECORD_UPLOAD_ACCEPT:
		return again_upload(record, head, out);
	case GX_RECORD_WS_TEXT:
		return again_ws_text(record, out);
	case GX_RECORD_CONN_GONE:
	case GX_RECORD_WS_ACCEPT:
	case GX_RECORD_WS_DRAINED:
	case GX_RECORD_WS_AWAIT:
	case GX_RECORD_WS_CATCH_UP:
	case GX_RECORD_WS_LIVE:
	case GX_RECORD_WS_TAKEN:
	case GX_RECORD_WS_WINDOW:
		gx_record_write_bare(out, (enum gx_record_type)head->type, head->conn);
		return true;
	case GX_RECORD_HTTP_RESPONSE:
	case GX_RECORD_HTTP_FILE:
		return again_response(record, head, out);
	case GX_RECORD_WS_SEND:
		return again_ws_send(record, head, out);
	case GX_RECORD_WS_SEND_ALL:
		return again_ws_send_all(record, out);
	case GX_RECORD_WS_CLOSE:
		return again_ws_close(record, out);
	}
	GX_ASSERT(!"gx_record_peek() let an unknown type through");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct gx_str rest = { (const char *)data, size };
	struct gx_record_head head;
	struct gx_buf out;

	gx_buf_init(&out, GX_RECORD_BYTES_MAX);
	while (gx_record_peek(rest, &head) == 1) {
		struct gx_str record = gx_str_slice(rest, 0, head.size);

		gx_buf_clear(&out);
		if (again(record, &head, &out))
			GX_ASSERT(gx_str_eq(gx_buf_str(&out), record));
		rest = gx_str_slice(rest, head.size, rest.len);
	}
	gx_buf_deinit(&out);
	return 0;
}
