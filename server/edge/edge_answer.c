/* SPDX-License-Identifier: Apache-2.0 */
/* edge_answer.c - answers: their heads, the edge's own problems, conditions and ranges. */
#include <string.h>
#include <unistd.h>

#include "edge_inside.h"
#include "json.h"

#define RETRY_AFTER GX_STR("Retry-After: 1\r\n")

static struct gx_str date(struct edge *e)
{
	int64_t now_ms = gx_clock_now_ms();

	if (now_ms / GX_SECOND_MS != e->date_s) {
		e->date_s = now_ms / GX_SECOND_MS;
		gx_http_date(now_ms, e->date);
	}
	return (struct gx_str){ e->date, sizeof(e->date) };
}

struct gx_buf *edge_answer_begin(struct edge_conn *c, unsigned status)
{
	struct gx_buf *out = edge_conn_out(c);

	edge_count(edge_of(c), GX_EDGE_ANSWERS_1XX + status / 100 - 1, 1);
	gx_http_write_begin(out, status);
	gx_http_write_field(out, GX_STR("Date"), date(edge_of(c)));
	gx_buf_append_str(out, GX_STR("X-Content-Type-Options: nosniff\r\n"));
	if (c->tls != NULL)
		gx_buf_append_str(out, edge_tls_hsts(edge_of(c)));
	return out;
}

void edge_answer_end(struct edge_conn *c, struct gx_buf *out)
{
	if (c->request->is_close || edge_of(c)->is_stopping)
		gx_buf_append_str(out, GX_STR("Connection: close\r\n"));
	gx_http_write_end(out);
}

struct problem {
	unsigned status;
	const char *code;
};

/* Codes that the API file lists; the front door's own ones share a prefix. */
static const struct problem problems[] = {
	{ 400, "edge.bad_request" },	      { 404, "core.not_found" },
	{ 405, "core.method_not_allowed" },   { 408, "edge.timeout" },
	{ 412, "edge.precondition_failed" },  { 413, "core.too_large" },
	{ 414, "edge.target_too_long" },      { 416, "edge.range_not_satisfiable" },
	{ 417, "edge.expectation_failed" },   { 426, "edge.upgrade_required" },
	{ 429, "edge.too_many_connections" }, { 431, "edge.head_too_large" },
	{ 501, "edge.not_implemented" },      { 503, "core.overloaded" },
	{ 505, "edge.http_version" },
};

static const char *problem_code(unsigned status)
{
	for (size_t i = 0; i < GX_COUNT(problems); i++)
		if (problems[i].status == status)
			return problems[i].code;
	GX_ASSERT(!"a status without a code");
	return NULL;
}

void gx_edge_print_codes(struct gx_buf *out)
{
	for (size_t i = 0; i < GX_COUNT(problems); i++)
		if (strncmp(problems[i].code, "edge.", 5) == 0)
			gx_buf_printf(out, "%s %u\n", problems[i].code, problems[i].status);
}

static void write_problem(struct gx_buf *out, unsigned status, const char *code, const char *detail)
{
	struct gx_json_writer w;

	gx_json_writer_init(&w, out);
	gx_json_begin_object(&w);
	gx_json_key(&w, GX_STR("type"));
	gx_buf_printf(out, "\"urn:guanxi:problem:%s\"", code);
	w.needs_comma = true;
	gx_json_kv_str(&w, "title", gx_str_from_cstr(gx_http_reason(status)));
	gx_json_kv_i64(&w, "status", status);
	gx_json_kv_str(&w, "code", gx_str_from_cstr(code));
	gx_json_kv_str(&w, "detail", gx_str_from_cstr(detail));
	gx_json_end_object(&w);
}

static enum gx_edge_figure figure_of(unsigned status)
{
	switch (status) {
	case 400:
	case 431:
	case 414:
	case 505:
		return GX_EDGE_REFUSED_MALFORMED;
	case 408:
		return GX_EDGE_REFUSED_TIMEOUT;
	case 413:
		return GX_EDGE_REFUSED_TOO_LARGE;
	case 503:
		return GX_EDGE_REFUSED_UNAVAILABLE;
	default:
		return GX_EDGE_REFUSED_OTHER;
	}
}

static void answer_problem(struct edge_conn *c, const struct problem *p, const char *detail,
			   struct gx_str headers)
{
	struct gx_buf body, *out;

	edge_count(edge_of(c), figure_of(p->status), 1);
	(void)edge_request_of(c); /* a deadline may pass before the first byte */
	gx_buf_init(&body, 4096);
	write_problem(&body, p->status, p->code, detail);
	out = edge_answer_begin(c, p->status);
	gx_buf_append_str(out, GX_STR("Content-Type: application/problem+json\r\n"
				      "Cache-Control: no-store\r\n"));
	gx_http_write_length(out, body.len);
	gx_buf_append_str(out, headers);
	edge_answer_end(c, out);
	if (!c->request->is_head)
		gx_buf_append_str(out, gx_buf_str(&body));
	gx_buf_deinit(&body);
	edge_http_answered(c);
}

void edge_answer_problem(struct edge_conn *c, unsigned status, const char *detail,
			 struct gx_str headers)
{
	answer_problem(c, &(struct problem){ status, problem_code(status) }, detail, headers);
}

void edge_refuse_full(struct edge_conn *c)
{
	edge_request_of(c)->is_close = true;
	answer_problem(c, &(struct problem){ 503, "core.storage_full" },
		       "the file could not be stored", RETRY_AFTER);
}

void edge_refuse(struct edge_conn *c, unsigned status, const char *detail, struct gx_str headers)
{
	edge_request_of(c)->is_close = true;
	edge_answer_problem(c, status, detail, headers);
}

void edge_answer_unavailable(struct edge_conn *c)
{
	edge_answer_problem(c, 503, "the server is busy or starting", RETRY_AFTER);
}

/* "example.org:80" and "[::1]:80" without their ports. */
static struct gx_str host_of(struct gx_str authority)
{
	size_t bracket = gx_str_find(authority, ']');

	if (bracket < authority.len)
		return gx_str_slice(authority, 0, bracket + 1);
	return gx_str_slice(authority, 0, gx_str_find(authority, ':'));
}

void edge_answer_redirect(struct edge_conn *c, struct gx_str in)
{
	const struct gx_http_head *h = &c->request->head;
	struct gx_str host = host_of(gx_http_field(h, in, GX_HTTP_HOST));
	unsigned port = edge_of(c)->config->redirect_port;
	bool is_read = h->method == GX_METHOD_GET || h->method == GX_METHOD_HEAD;
	struct gx_buf *out;

	if (!is_read || edge_is_core_path(gx_http_path(h, in)) || host.len == 0) {
		edge_refuse(c, 426, "only https is spoken here",
			    GX_STR("Upgrade: TLS/1.2, HTTP/1.1\r\nConnection: Upgrade\r\n"));
		return;
	}
	c->request->is_close = true;
	out = edge_answer_begin(c, 308);
	gx_buf_printf(out, "Location: https://%.*s", GX_STR_ARG(host));
	if (port != 443)
		gx_buf_printf(out, ":%u", port);
	gx_buf_append_str(out, gx_http_target(h, in));
	gx_buf_append_str(out, GX_STR("\r\nCache-Control: no-store\r\n"));
	gx_http_write_length(out, 0);
	edge_answer_end(c, out);
	edge_http_answered(c);
}

void edge_answer_uncertain(struct edge_conn *c)
{
	answer_problem(c, &(struct problem){ 503, "core.uncertain" },
		       "the server ended before it answered: perhaps this was done; send it again",
		       RETRY_AFTER);
}

static bool has_line(struct gx_str headers, struct gx_str name)
{
	for (size_t at = 0; at + name.len <= headers.len; at++) {
		if (gx_str_eq_nocase(gx_str_slice(headers, at, at + name.len), name))
			return true;
		at += gx_str_find(gx_str_slice(headers, at, headers.len), '\n');
	}
	return false;
}

void edge_answer_response(struct edge_conn *c, const struct gx_response_record *r)
{
	bool has_body = r->status != 204 && r->status != 304;
	struct gx_buf *out;

	if (r->flags & GX_RESPONSE_CLOSE)
		c->request->is_close = true;
	out = edge_answer_begin(c, r->status);
	if (r->content_type.len > 0)
		gx_http_write_field(out, GX_STR("Content-Type"), r->content_type);
	if (!has_line(r->headers, GX_STR("Cache-Control:")))
		gx_buf_append_str(out, GX_STR("Cache-Control: no-store\r\n"));
	if (has_body)
		gx_http_write_length(out, r->body.len);
	gx_buf_append_str(out, r->headers);
	edge_answer_end(c, out);
	if (has_body && !c->request->is_head)
		gx_buf_append_str(out, r->body);
	edge_http_answered(c);
}

/* RFC 9110 §13.2.2 without dates: nothing here has one. 200, 206, 304, 412 or 416. */
static unsigned evaluate(const struct edge_entity *entity, const struct edge_conditions *when,
			 uint64_t *first, uint64_t *last)
{
	if (when->if_match.len > 0 && !gx_http_etag_listed(when->if_match, entity->etag, true))
		return 412;
	if (when->if_none_match.len > 0 &&
	    gx_http_etag_listed(when->if_none_match, entity->etag, false))
		return 304;
	if (!entity->has_ranges || when->range.len == 0 ||
	    (when->if_range.len > 0 && !gx_str_eq(when->if_range, entity->etag)))
		return 200;
	switch (gx_http_range_parse(when->range, entity->size, first, last)) {
	case GX_HTTP_RANGE_PART:
		return 206;
	case GX_HTTP_RANGE_UNSATISFIABLE:
		return 416;
	default:
		return 200;
	}
}

static void write_entity_head(struct edge_conn *c, const struct edge_entity *entity,
			      unsigned status, uint64_t first, uint64_t last)
{
	struct gx_buf *out = edge_answer_begin(c, status);

	gx_http_write_field(out, GX_STR("ETag"), entity->etag);
	gx_buf_append_str(out, entity->validity);
	if (status != 304) {
		gx_http_write_field(out, GX_STR("Content-Type"), entity->content_type);
		gx_buf_append_str(out, entity->headers);
		gx_buf_append_str(out, entity->policy);
		gx_http_write_length(out, status == 206 ? last - first + 1 : entity->size);
		if (entity->has_ranges)
			gx_buf_append_str(out, GX_STR("Accept-Ranges: bytes\r\n"));
	}
	if (status == 206)
		gx_buf_printf(out, "Content-Range: bytes %llu-%llu/%llu\r\n",
			      (unsigned long long)first, (unsigned long long)last,
			      (unsigned long long)entity->size);
	edge_answer_end(c, out);
}

bool edge_answer_entity(struct edge_conn *c, const struct edge_entity *entity, uint64_t *from,
			uint64_t *size)
{
	uint64_t first = 0, last = 0;
	unsigned status = evaluate(entity, &c->request->conditions, &first, &last);
	char line[64];
	struct gx_buf range;

	*from = *size = 0;
	if (status == 412) {
		edge_answer_problem(c, 412, "the entity tag is another one", GX_STR_NULL);
		return false;
	}
	if (status == 416) {
		gx_buf_init(&range, sizeof(line));
		gx_buf_printf(&range, "Content-Range: bytes */%llu\r\n",
			      (unsigned long long)entity->size);
		edge_answer_problem(c, 416, "the range is outside", gx_buf_str(&range));
		gx_buf_deinit(&range);
		return false;
	}
	write_entity_head(c, entity, status, first, last);
	if (status != 304 && !c->request->is_head) {
		*from = first;
		*size = status == 206 ? last - first + 1 : entity->size;
	}
	return true;
}

void edge_answer_file(struct edge_conn *c, const struct gx_response_record *r, int fd)
{
	struct edge_request *request = c->request;
	struct edge_entity entity = {
		.content_type = r->content_type,
		.etag = r->etag,
		.size = r->file_size,
		.headers = r->headers,
		.policy = GX_STR("Content-Security-Policy: default-src 'none'; "
				 "frame-ancestors 'none'; sandbox\r\n"
				 "Cross-Origin-Resource-Policy: same-origin\r\n"),
		.has_ranges = true,
	};
	uint64_t from, size;

	if (!has_line(r->headers, GX_STR("Cache-Control:")))
		entity.validity = GX_STR("Cache-Control: private, max-age=86400, immutable\r\n");
	if (!edge_answer_entity(c, &entity, &from, &size)) {
		close(fd);
		return;
	}
	if (size > 0) {
		request->file_fd = fd;
		request->file_at = (off_t)from;
		request->file_left = size;
	} else {
		close(fd);
	}
	edge_http_answered(c);
}
