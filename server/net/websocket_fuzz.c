/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: no frames crash the decoder, and how they were cut never changes what they say.
 * Method: the input (behind a first byte that chooses the cuts) is what a client sends; the events
 * are written down, once from one piece and once from many; both must agree.
 */
#include <string.h>

#include "websocket.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void note(const struct gx_ws_event *e, size_t at, struct gx_buf *out)
{
	if (e->kind == GX_WS_TEXT)
		GX_ASSERT(gx_utf8_valid(e->bytes) && e->bytes.len <= GX_WS_MESSAGE_BYTES_MAX);
	if (e->kind == GX_WS_PING || e->kind == GX_WS_PONG)
		GX_ASSERT(e->bytes.len <= GX_WS_CONTROL_BYTES_MAX);
	if (e->kind == GX_WS_CLOSE)
		GX_ASSERT(e->code == 1005 || gx_ws_code_valid(e->code));
	/* Where it was seen is part of the result: a fault at its first byte, not later. */
	gx_buf_printf(out, "%d %u %zu ", (int)e->kind, e->code, e->kind == GX_WS_BAD ? 0 : at);
	if (e->kind != GX_WS_BAD)
		gx_buf_append_str(out, e->bytes);
	gx_buf_append_char(out, '\n');
}

/* Decodes in pieces of changing size up to `step`; 0: all at once. */
static void decode_all(struct gx_str all, unsigned step, struct gx_buf *out)
{
	struct gx_ws_decoder d;
	struct gx_ws_event e = { .kind = GX_WS_MORE };
	uint32_t state = step;
	struct gx_buf copy;

	gx_ws_decoder_init(&d);
	gx_buf_init(&copy, (size_t)4 << 20);
	for (size_t at = 0; at < all.len;) {
		size_t piece = all.len, done = 0, used;
		if (step != 0) {
			state = state * 1664525u + 1013904223u;
			piece = 1 + (state >> 16) % step;
		}
		gx_buf_clear(&copy);
		gx_buf_append_str(&copy, gx_str_slice(all, at, at + piece));
		while (done < copy.len) {
			gx_ws_decode(&d, copy.ptr + done, copy.len - done, &used, &e);
			GX_ASSERT(used > 0 && used <= copy.len - done);
			done += used;
			if (e.kind != GX_WS_MORE)
				note(&e, at + done, out);
			if (e.kind == GX_WS_CLOSE || e.kind == GX_WS_BAD)
				goto out;
		}
		at += done;
	}
	gx_buf_printf(out, "idle %d\n", gx_ws_decoder_is_idle(&d));
out:
	gx_ws_decoder_deinit(&d);
	gx_buf_deinit(&copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct gx_buf whole, pieces;
	struct gx_str all = { (const char *)data + 1, size - 1 };

	if (size == 0)
		return 0;
	gx_buf_init(&whole, (size_t)16 << 20);
	gx_buf_init(&pieces, (size_t)16 << 20);
	decode_all(all, 0, &whole);
	decode_all(all, 1u + data[0], &pieces);
	GX_ASSERT(gx_str_eq(gx_buf_str(&whole), gx_buf_str(&pieces)));
	gx_buf_deinit(&whole);
	gx_buf_deinit(&pieces);
	return 0;
}
