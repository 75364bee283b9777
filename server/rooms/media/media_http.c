/* SPDX-License-Identifier: Apache-2.0 */
/*
 * media_http.c - the bytes of a medium and of its thumbnail, to those who may see it.
 *
 * Nothing that could carry a script is shown inline, and should a browser open one all the same,
 * the policy takes its rights away.
 */
#include "media_rules.h"
#include "media_types.h"

#define CACHE_S 3600 /* what was recalled may stay in the browser that has shown it for so long */

static const struct gx_str thumb_type = { "image/webp", 10 };

static bool is_plain(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '.' || c == '-' || c == '_';
}

/* RFC 5987: every byte that could mean something is escaped. */
static void put_disposition(struct gx_buf *headers, bool is_inline, struct gx_str name)
{
	gx_buf_printf(headers, "Content-Disposition: %s", is_inline ? "inline" : "attachment");
	if (name.len > 0)
		gx_buf_append_str(headers, GX_STR("; filename*=UTF-8''"));
	for (size_t i = 0; i < name.len; i++) {
		unsigned char c = (unsigned char)name.ptr[i];

		if (is_plain(c))
			gx_buf_append_char(headers, (char)c);
		else
			gx_buf_printf(headers, "%%%02X", c);
	}
	gx_buf_append_str(headers, GX_STR("\r\n"));
}

static void put_headers(struct gx_buf *headers, bool is_inline, struct gx_str name)
{
	put_disposition(headers, is_inline, name);
	/* The edge adds the policy that no file may be without. */
	gx_buf_printf(headers, "Cache-Control: private, max-age=%d\r\n", CACHE_S);
}

/* The row, if the caller may see it. The same answer for what is missing and what is not his. */
static enum gx_status find_visible(struct gx_call *c, struct media_row **out)
{
	struct media_row *row;
	bool may_view = false;
	enum gx_status st;

	if (c->is_stream) /* there are no bytes over a stream */
		return gx_fail(&c->err, GX_E_NOT_FOUND, "core.not_found");
	st = media_find(c->arena, c->tx, c->in[0].id, &row, &c->err);
	if (st == GX_OK && row != NULL)
		st = media_may_view(c->arena, c->tx, c->session.account_id, &row->item, &may_view,
				    &c->err);
	if (st == GX_OK && !may_view)
		st = gx_fail(&c->err, GX_E_NOT_FOUND, "media.no_media");
	if (st == GX_OK)
		*out = row;
	return st;
}

static enum gx_status answer_blob(struct gx_call *c, struct gx_str sha256,
				  struct gx_str content_type)
{
	struct gx_blob_id id;
	enum gx_status st;

	GX_ASSERT(gx_blob_parse(sha256, &id));

	st = gx_blob_open(&media_state(c->core)->blobs, &id, &c->file.fd, &c->file.size, &c->err);
	if (st == GX_E_NOT_FOUND) {
		gx_log(GX_LOG_ERROR, "media.blob_missing", GX_F_STR("sha256", sha256));
		return gx_fail(&c->err, GX_E_INTERNAL, "core.internal");
	}
	if (st != GX_OK)
		return st;
	c->file.content_type = content_type;
	c->file.etag = gx_arena_printf(c->arena, "\"%.*s\"", GX_STR_ARG(sha256));
	return GX_OK;
}

enum gx_status media_http_get(struct gx_call *c)
{
	struct media_row *row;
	enum gx_status st = find_visible(c, &row);

	if (st != GX_OK)
		return st;
	put_headers(c->headers, media_type_is_inline(row->item.mime), row->item.name);
	return answer_blob(c, row->item.sha256, media_type_served(row->item.mime));
}

enum gx_status media_http_thumb(struct gx_call *c)
{
	struct media_row *row;
	enum gx_status st = find_visible(c, &row);

	if (st != GX_OK)
		return st;
	if (row->thumb_sha256.ptr == NULL)
		return gx_fail(&c->err, GX_E_NOT_FOUND, "media.no_thumb");
	put_headers(c->headers, true, GX_STR_NULL);
	return answer_blob(c, row->thumb_sha256, thumb_type);
}
