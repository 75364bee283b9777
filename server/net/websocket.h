/* SPDX-License-Identifier: Apache-2.0 */
/*
 * websocket.h - the server's side of RFC 6455: handshake, frames in, frames out.
 *
 * Purpose:    decodes a client's frames as they come, in any pieces, and says at the earliest byte
 *             what is wrong with them: 1002 (protocol, also unmasked frames and lengths that are
 *             not minimal), 1003 (binary), 1007 (not UTF-8), 1009 (too large, as soon as a header
 *             says so, summed over fragments).
 * Invariants: the result does not depend on how the bytes were cut (fuzzed). A text is delivered
 *             whole and valid; at most GX_WS_MESSAGE_BYTES_MAX bytes.
 * Memory:     a decoder that is idle (between messages) holds nothing: the owner may drop it and
 *             start with a fresh one. Input bytes are unmasked in place; an event's bytes are
 *             borrowed from the input or the decoder until the next call.
 * Threading:  one owner at a time. gx_ws_accept_key() loads libcrypto's tables at its first call:
 *             make one before giving up rights.
 */
#ifndef GX_WEBSOCKET_H
#define GX_WEBSOCKET_H

#include "http.h"

#define GX_WS_MESSAGE_BYTES_MAX 262144u
#define GX_WS_CONTROL_BYTES_MAX 125u
#define GX_WS_ACCEPT_BYTES 28u
#define GX_WS_HEAD_BYTES_MAX 10u /* of a frame we send */

enum gx_ws_opcode {
	GX_WS_OP_CONTINUATION = 0,
	GX_WS_OP_TEXT = 1,
	GX_WS_OP_BINARY = 2,
	GX_WS_OP_CLOSE = 8,
	GX_WS_OP_PING = 9,
	GX_WS_OP_PONG = 10,
};

enum gx_ws_event_kind {
	GX_WS_MORE, /* everything read; nothing to report */
	GX_WS_TEXT, /* bytes: a whole message */
	GX_WS_PING, /* bytes: to be sent back */
	GX_WS_PONG,
	GX_WS_CLOSE, /* code (1005: none given) and reason; nothing may follow */
	GX_WS_BAD,   /* code: close with it; nothing may follow */
};

struct gx_ws_event {
	enum gx_ws_event_kind kind;
	uint16_t code;
	struct gx_str bytes;
};

/* UTF-8 across pieces: what the next byte must be. */
struct gx_ws_utf8 {
	uint8_t left;	   /* bytes of this code point to come */
	uint8_t low, high; /* bounds of the next one */
};

struct gx_ws_decoder {
	uint32_t left; /* payload bytes of this frame to come */
	uint8_t head[14];
	uint8_t head_count;
	uint8_t opcode;
	uint8_t mask[4];
	uint8_t mask_at;
	bool is_final;
	bool is_in_payload;
	bool is_in_message; /* a text has begun and is not finished */
	bool is_delivered;  /* `text` was handed out: empty it at the next call */
	uint8_t control_count;
	struct gx_ws_utf8 utf8;
	char control[GX_WS_CONTROL_BYTES_MAX];
	struct gx_buf text; /* what has come of a message that was not whole in one piece */
};

void gx_ws_decoder_init(struct gx_ws_decoder *d);
void gx_ws_decoder_deinit(struct gx_ws_decoder *d);
/* Between messages, with nothing read of the next frame. */
bool gx_ws_decoder_is_idle(const struct gx_ws_decoder *d);
/* Reads up to the first event; *used bytes are done with. */
void gx_ws_decode(struct gx_ws_decoder *d, char *in, size_t in_len, size_t *used,
		  struct gx_ws_event *event);

/* Whether a close code may come over the wire. */
bool gx_ws_code_valid(unsigned code);

/* Head of an unfragmented frame; its size. */
size_t gx_ws_write_head(char out[GX_WS_HEAD_BYTES_MAX], enum gx_ws_opcode opcode, size_t size);
void gx_ws_write_frame(struct gx_buf *out, enum gx_ws_opcode opcode, struct gx_str payload);
/* Code 1005: an empty close. The reason is cut to what fits. */
void gx_ws_write_close(struct gx_buf *out, unsigned code, struct gx_str reason);

/* A GET that asks for a WebSocket. */
bool gx_ws_is_upgrade(const struct gx_http_head *h, struct gx_str in);
/* 101, or the status of the refusal: 400, or 426 (answer Sec-WebSocket-Version: 13). */
unsigned gx_ws_check_upgrade(const struct gx_http_head *h, struct gx_str in);
/* Sec-WebSocket-Accept of a checked key. */
void gx_ws_accept_key(struct gx_str key, char out[GX_WS_ACCEPT_BYTES]);

#endif
