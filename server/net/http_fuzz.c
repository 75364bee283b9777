/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: no bytes crash the request parser, and how they were cut never changes what they mean.
 * Method: the input (behind a first byte that chooses the cuts) is a connection: requests are read
 * one after the other and written down, once from one piece and once from many; both must agree.
 */
#include <string.h>

#include "http.h"
#include "http_field.h"

#define BODY_MAX 4096u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Hands out the connection's bytes: `step` 0 all at once, else in pieces of changing size. */
struct source {
	struct gx_str all;
	size_t shown;
	uint32_t state;
	unsigned step;
};

static bool show_more(struct source *s)
{
	size_t piece = s->all.len;

	if (s->shown == s->all.len)
		return false;
	if (s->step != 0) {
		s->state = s->state * 1664525u + 1013904223u;
		piece = 1 + (s->state >> 16) % s->step;
	}
	s->shown = s->all.len - s->shown < piece ? s->all.len : s->shown + piece;
	return true;
}

static struct gx_str shown(const struct source *s, size_t from)
{
	return gx_str_slice(s->all, from, s->shown);
}

/* What must hold of a head that passed. */
static void check_head(const struct gx_http_head *h, struct gx_str in)
{
	struct gx_str path = gx_http_path(h, in);

	GX_ASSERT(!(h->is_chunked && h->has_length));
	GX_ASSERT(h->is_http_1_0 || gx_http_has(h, GX_HTTP_HOST));
	GX_ASSERT(path.len > 0 && (path.ptr[0] == '/' || (h->is_asterisk && path.ptr[0] == '*')));
	for (uint32_t i = 0; i < h->fields_count; i++)
		for (size_t k = 0; k < h->fields[i].value.len; k++) {
			char c = in.ptr[h->fields[i].value.at + k];
			GX_ASSERT(c != '\r' && c != '\n' && c != '\0');
		}
}

static void note_head(const struct gx_http_head *h, struct gx_str in, struct gx_buf *out)
{
	struct gx_str ws = gx_http_field(h, in, GX_HTTP_RANGE);
	uint64_t first = 0, last = 0;

	check_head(h, in);
	gx_buf_printf(out, "head %u %d %d%d%d%d%d %llu\n", h->size, (int)h->method, h->is_http_1_0,
		      h->is_asterisk, h->is_close, h->is_chunked, h->has_expect,
		      (unsigned long long)h->content_length);
	gx_buf_append_str(out, gx_http_target(h, in));
	for (uint32_t i = 0; i < h->fields_count; i++)
		gx_buf_printf(out, "\n%u:%.*s", h->fields[i].name, (int)h->fields[i].value.len,
			      in.ptr + h->fields[i].value.at);
	gx_buf_printf(out, "\n%u %u %d\n", gx_http_coding_quality(h, in, GX_STR("br")),
		      gx_http_etag_listed(gx_http_field(h, in, GX_HTTP_IF_NONE_MATCH),
					  GX_STR("\"a\""), false),
		      (int)gx_http_range_parse(ws, 1000, &first, &last));
	GX_ASSERT(last < 1000 && first <= last);
}

static bool read_body(struct source *s, const struct gx_http_head *h, size_t *at,
		      struct gx_buf *out)
{
	struct gx_http_body b;
	enum gx_http_result result = gx_http_body_init(&b, h, BODY_MAX);
	size_t body_bytes = 0;

	while (result == GX_HTTP_MORE) {
		struct gx_str data;
		size_t used;
		if (*at == s->shown && !show_more(s))
			break;
		result = gx_http_body_read(&b, shown(s, *at), &used, &data);
		GX_ASSERT(used > 0);
		*at += used;
		body_bytes += data.len;
		gx_buf_append_str(out, data);
	}
	GX_ASSERT(body_bytes <= BODY_MAX);
	gx_buf_printf(out, "\nbody %zu %d %u\n", body_bytes, (int)result,
		      result == GX_HTTP_REFUSED ? b.status : 0);
	return result == GX_HTTP_DONE;
}

static void read_all(struct gx_str all, unsigned step, struct gx_buf *out)
{
	static struct gx_http_head h;
	struct source s = { .all = all, .state = step, .step = step };
	size_t at = 0;

	for (;;) {
		enum gx_http_result result = GX_HTTP_MORE;
		gx_http_head_init(&h);
		if (at < s.shown)
			result = gx_http_head_parse(&h, shown(&s, at));
		while (result == GX_HTTP_MORE && show_more(&s))
			result = gx_http_head_parse(&h, shown(&s, at));
		if (result == GX_HTTP_REFUSED)
			gx_buf_printf(out, "refused %u %s\n", h.status, h.reason);
		if (result != GX_HTTP_DONE)
			return;
		note_head(&h, shown(&s, at), out);
		at += h.size;
		if (!read_body(&s, &h, &at, out))
			return;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct gx_buf whole, pieces;
	struct gx_str all = { (const char *)data + 1, size - 1 };

	if (size == 0)
		return 0;
	gx_buf_init(&whole, (size_t)16 << 20);
	gx_buf_init(&pieces, (size_t)16 << 20);
	read_all(all, 0, &whole);
	read_all(all, 1u + data[0], &pieces);
	GX_ASSERT(gx_str_eq(gx_buf_str(&whole), gx_buf_str(&pieces)));
	gx_buf_deinit(&whole);
	gx_buf_deinit(&pieces);
	return 0;
}
