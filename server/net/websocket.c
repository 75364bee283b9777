/* SPDX-License-Identifier: Apache-2.0 */
/*
 * websocket.c - frames.
 *
 * A frame's head is judged byte by byte as it comes. A text that lies whole and unfragmented in the
 * input is unmasked there and handed out without a copy; everything else is gathered in the
 * decoder.
 */
#include "websocket.h"

#include <string.h>

void gx_ws_decoder_init(struct gx_ws_decoder *d)
{
	memset(d, 0, offsetof(struct gx_ws_decoder, control));
	gx_buf_init(&d->text, GX_WS_MESSAGE_BYTES_MAX);
}

void gx_ws_decoder_deinit(struct gx_ws_decoder *d)
{
	gx_buf_deinit(&d->text);
}

bool gx_ws_decoder_is_idle(const struct gx_ws_decoder *d)
{
	return d->head_count == 0 && !d->is_in_message;
}

bool gx_ws_code_valid(unsigned code)
{
	return (code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006) ||
	       (code >= 3000 && code <= 4999);
}

/* Takes in what a lead byte says about those that follow; false when none may start so. */
static bool utf8_lead(struct gx_ws_utf8 *u, uint8_t c)
{
	u->low = 0x80;
	u->high = 0xbf;
	if (c >= 0xc2 && c <= 0xdf) {
		u->left = 1;
	} else if (c >= 0xe0 && c <= 0xef) {
		u->left = 2;
		if (c == 0xe0)
			u->low = 0xa0;
		else if (c == 0xed)
			u->high = 0x9f;
	} else if (c >= 0xf0 && c <= 0xf4) {
		u->left = 3;
		if (c == 0xf0)
			u->low = 0x90;
		else if (c == 0xf4)
			u->high = 0x8f;
	} else {
		return false;
	}
	return true;
}

/* Checks the next piece of a text; false at the first byte that can't be. */
static bool utf8_feed(struct gx_ws_utf8 *u, const char *bytes, size_t size)
{
	size_t at = 0;

	while (at < size) {
		uint8_t c = (uint8_t)bytes[at];

		if (u->left == 0) {
			uint64_t eight;
			while (size - at >= 8) {
				memcpy(&eight, bytes + at, 8);
				if (eight & UINT64_C(0x8080808080808080))
					break;
				at += 8;
			}
			if (at == size)
				return true;
			c = (uint8_t)bytes[at];
			if (c >= 0x80 && !utf8_lead(u, c))
				return false;
		} else {
			if (c < u->low || c > u->high)
				return false;
			u->left--;
			u->low = 0x80;
			u->high = 0xbf;
		}
		at++;
	}
	return true;
}

static void unmask(struct gx_ws_decoder *d, char *bytes, size_t size)
{
	uint8_t key[8];
	uint64_t wide, eight;
	size_t at = 0;

	for (size_t i = 0; i < 8; i++)
		key[i] = d->mask[(d->mask_at + i) & 3];
	memcpy(&wide, key, 8);
	for (; size - at >= 8; at += 8) {
		memcpy(&eight, bytes + at, 8);
		eight ^= wide;
		memcpy(bytes + at, &eight, 8);
	}
	for (; at < size; at++)
		bytes[at] = (char)((uint8_t)bytes[at] ^ key[at & 7]);
	d->mask_at = (uint8_t)((d->mask_at + size) & 3);
}

static bool is_control(uint8_t opcode)
{
	return opcode >= 8;
}

/* 0, or the code to close with, from the first two bytes of a frame. */
static unsigned check_head(const struct gx_ws_decoder *d)
{
	uint8_t opcode = d->head[0] & 15;
	bool is_final = (d->head[0] & 128) != 0;
	uint8_t length = d->head[1] & 127;

	if ((d->head[0] & 0x70) != 0 || (opcode > 2 && opcode < 8) || opcode > 10)
		return 1002;
	if (is_control(opcode) && !is_final)
		return 1002;
	if (!is_control(opcode) && (opcode == GX_WS_OP_CONTINUATION) != d->is_in_message)
		return 1002;
	if (d->head_count < 2)
		return 0;
	if ((d->head[1] & 128) == 0)
		return 1002;
	if (is_control(opcode) && length > GX_WS_CONTROL_BYTES_MAX)
		return 1002;
	return opcode == GX_WS_OP_BINARY ? 1003 : 0;
}

static uint64_t head_length(const struct gx_ws_decoder *d, unsigned length_bytes)
{
	uint64_t length = 0;

	if (length_bytes == 0)
		return d->head[1] & 127;
	for (unsigned i = 0; i < length_bytes; i++)
		length = length << 8 | d->head[2 + i];
	return length;
}

/* One byte of a head; 0, or the code to close with. Sets is_in_payload when the head is complete.
 */
static unsigned head_byte(struct gx_ws_decoder *d, uint8_t c)
{
	unsigned length_bytes, code;
	uint64_t length;

	d->head[d->head_count++] = c;
	if (d->head_count <= 2) {
		code = check_head(d);
		if (code != 0 || d->head_count < 2)
			return code;
	}
	length_bytes = (d->head[1] & 127) == 126 ? 2 : (d->head[1] & 127) == 127 ? 8 : 0;
	if (d->head_count == 2 + length_bytes) {
		length = head_length(d, length_bytes);
		if ((length_bytes == 2 && length < 126) ||
		    (length_bytes == 8 && (length < 65536 || length >> 63 != 0)))
			return 1002;
		if (!is_control(d->head[0] & 15) && length > GX_WS_MESSAGE_BYTES_MAX - d->text.len)
			return 1009;
		d->left = (uint32_t)length;
	}
	if (d->head_count < 2 + length_bytes + 4)
		return 0;
	memcpy(d->mask, d->head + 2 + length_bytes, 4);
	d->mask_at = 0;
	d->opcode = d->head[0] & 15;
	d->is_final = (d->head[0] & 128) != 0;
	d->is_in_payload = true;
	d->control_count = 0;
	return 0;
}

static void bad(struct gx_ws_event *event, unsigned code)
{
	event->kind = GX_WS_BAD;
	event->code = (uint16_t)code;
}

static void close_event(struct gx_str payload, struct gx_ws_event *event)
{
	unsigned code;

	event->kind = GX_WS_CLOSE;
	event->code = 1005;
	if (payload.len == 0)
		return;
	if (payload.len == 1) {
		bad(event, 1002);
		return;
	}
	code = (unsigned)(uint8_t)payload.ptr[0] << 8 | (uint8_t)payload.ptr[1];
	event->code = (uint16_t)code;
	event->bytes = gx_str_slice(payload, 2, payload.len);
	if (!gx_ws_code_valid(code))
		bad(event, 1002);
	else if (!gx_utf8_valid(event->bytes))
		bad(event, 1007);
}

static void control_piece(struct gx_ws_decoder *d, const char *bytes, size_t size,
			  struct gx_ws_event *event)
{
	struct gx_str payload;

	memcpy(d->control + d->control_count, bytes, size);
	d->control_count = (uint8_t)(d->control_count + size);
	if (d->left > 0)
		return;
	payload = (struct gx_str){ d->control, d->control_count };
	event->bytes = payload;
	if (d->opcode == GX_WS_OP_PING)
		event->kind = GX_WS_PING;
	else if (d->opcode == GX_WS_OP_PONG)
		event->kind = GX_WS_PONG;
	else
		close_event(payload, event);
}

static void text_piece(struct gx_ws_decoder *d, const char *bytes, size_t size,
		       struct gx_ws_event *event)
{
	bool is_end = d->left == 0 && d->is_final;

	if (!utf8_feed(&d->utf8, bytes, size) || (is_end && d->utf8.left > 0)) {
		bad(event, 1007);
		return;
	}
	d->is_in_message = !is_end;
	if (is_end && d->text.len == 0) {
		/* Whole in this piece: no copy. */
		event->kind = GX_WS_TEXT;
		event->bytes = (struct gx_str){ bytes, size };
		return;
	}
	gx_buf_append(&d->text, bytes, size);
	if (is_end) {
		event->kind = GX_WS_TEXT;
		event->bytes = gx_buf_str(&d->text);
		d->is_delivered = true;
	}
}

/* What is there of the payload; the frame may end with it, also when it is empty. */
static size_t payload_piece(struct gx_ws_decoder *d, char *in, size_t in_len,
			    struct gx_ws_event *event)
{
	size_t size = in_len < d->left ? in_len : d->left;

	unmask(d, in, size);
	d->left -= (uint32_t)size;
	if (is_control(d->opcode))
		control_piece(d, in, size, event);
	else
		text_piece(d, in, size, event);
	if (d->left == 0) {
		d->head_count = 0;
		d->is_in_payload = false;
	}
	return size;
}

void gx_ws_decode(struct gx_ws_decoder *d, char *in, size_t in_len, size_t *used,
		  struct gx_ws_event *event)
{
	size_t at = 0;

	*event = (struct gx_ws_event){ .kind = GX_WS_MORE };
	if (d->is_delivered) {
		gx_buf_release(&d->text);
		d->is_delivered = false;
	}
	while (event->kind == GX_WS_MORE && at < in_len) {
		if (!d->is_in_payload) {
			unsigned code = head_byte(d, (uint8_t)in[at++]);
			if (code != 0)
				bad(event, code);
		}
		if (d->is_in_payload && (at < in_len || d->left == 0))
			at += payload_piece(d, in + at, in_len - at, event);
	}
	*used = at;
}

size_t gx_ws_write_head(char out[GX_WS_HEAD_BYTES_MAX], enum gx_ws_opcode opcode, size_t size)
{
	out[0] = (char)(128 | (unsigned)opcode);
	if (size < 126) {
		out[1] = (char)size;
		return 2;
	}
	if (size < 65536) {
		out[1] = 126;
		out[2] = (char)(size >> 8);
		out[3] = (char)size;
		return 4;
	}
	out[1] = 127;
	for (unsigned i = 0; i < 8; i++)
		out[2 + i] = (char)((uint64_t)size >> (56 - 8 * i));
	return 10;
}

void gx_ws_write_frame(struct gx_buf *out, enum gx_ws_opcode opcode, struct gx_str payload)
{
	char head[GX_WS_HEAD_BYTES_MAX];

	gx_buf_append(out, head, gx_ws_write_head(head, opcode, payload.len));
	gx_buf_append_str(out, payload);
}

void gx_ws_write_close(struct gx_buf *out, unsigned code, struct gx_str reason)
{
	char payload[GX_WS_CONTROL_BYTES_MAX] = { (char)(code >> 8), (char)code };
	size_t size = reason.len;

	if (code == 1005) {
		gx_ws_write_frame(out, GX_WS_OP_CLOSE, GX_STR_NULL);
		return;
	}
	if (size > sizeof(payload) - 2) {
		size = sizeof(payload) - 2;
		while (size > 0 && ((uint8_t)reason.ptr[size] & 0xc0) == 0x80)
			size--; /* not inside a code point */
	}
	if (size > 0)
		memcpy(payload + 2, reason.ptr, size);
	gx_ws_write_frame(out, GX_WS_OP_CLOSE, (struct gx_str){ payload, size + 2 });
}
