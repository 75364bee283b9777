/* SPDX-License-Identifier: Apache-2.0 */
/*
 * answer.c - what goes back to the one who asked: an HTTP response or a stream's reply.
 *
 * Problems are RFC 9457 objects in the reader's language, from the rooms' tables of codes.
 */
#include <unistd.h>

#include "core_state.h"

static const struct gx_str problem_type = { "application/problem+json", 24 };
static const struct gx_str json_type = { "application/json", 16 };

struct core_edge *core_asker_edge(struct gx_core *core, const struct core_asker *asker)
{
	struct core_edge *e = core->edges[asker->edge_index];

	if (e == NULL || e->generation != asker->edge_generation || e->is_dead)
		return NULL;
	return e;
}

static uint32_t retry_after_s(const struct gx_error *err)
{
	bool is_passing = err->status == GX_E_LIMIT || err->status == GX_E_OVERLOADED ||
			  err->status == GX_E_UNCERTAIN;

	return err->retry_after_s == 0 && is_passing ? 1 : err->retry_after_s;
}

void core_write_problem(struct gx_core *core, struct gx_buf *out, const struct gx_error *err,
			bool in_chinese)
{
	const char *code = err->code == NULL ? "core.internal" : err->code;
	const struct gx_code *text = core_router_code(&core->router, code);
	struct gx_json_writer w;

	uint32_t retry_s = retry_after_s(err);

	gx_json_writer_init(&w, out);
	gx_json_begin_object(&w);
	gx_json_key(&w, GX_STR("type"));
	gx_buf_printf(out, "\"urn:guanxi:problem:%s\"", code);
	w.needs_comma = true;
	gx_json_kv_str(&w, "title",
		       text == NULL ? gx_str_from_cstr(code)
				    : gx_str_from_cstr(in_chinese ? text->zh : text->en));
	gx_json_kv_i64(&w, "status", gx_status_http(err->status));
	gx_json_kv_str(&w, "code", gx_str_from_cstr(code));
	if (err->detail.len > 0 && err->status != GX_E_INTERNAL) /* ours to know */
		gx_json_kv_str(&w, "detail", err->detail);
	if (retry_s > 0)
		gx_json_kv_i64(&w, "retry_after", retry_s);
	if (err->fields_count > 0) {
		gx_json_key(&w, GX_STR("fields"));
		gx_json_begin_array(&w);
		for (unsigned i = 0; i < err->fields_count; i++)
			gx_json_put_str(&w, gx_str_from_cstr(err->fields[i]));
		gx_json_end_array(&w);
	}
	gx_json_end_object(&w);
}

/* A sign: nobody waits for an answer, but the edge counts. */
static bool is_silent(struct gx_buf *to, const struct core_asker *asker)
{
	if (asker->is_silent)
		gx_record_write_bare(to, GX_RECORD_WS_TAKEN, asker->conn);
	return asker->is_silent;
}

/* {"t":"reply","id":7,"status":201,"out":{…}} to one connection. */
static void reply(struct gx_core *core, struct gx_buf *to, const struct core_asker *asker,
		  int status, const char *key, struct gx_str json)
{
	struct gx_buf *frame = &core->frame;

	gx_buf_clear(frame);
	gx_buf_append_str(frame, GX_STR("{\"t\":\"reply\",\"id\":"));
	gx_buf_append(frame, asker->call_id, asker->call_id_len);
	gx_buf_append_str(frame, GX_STR(",\"status\":"));
	gx_buf_append_i64(frame, status);
	if (json.len > 0) {
		gx_buf_append_str(frame, GX_STR(",\""));
		gx_buf_append_str(frame, gx_str_from_cstr(key));
		gx_buf_append_str(frame, GX_STR("\":"));
		gx_buf_append_str(frame, json);
	}
	gx_buf_append_char(frame, '}');
	GX_ASSERT(!frame->overflow);
	gx_record_write_ws_reply(to, asker->conn, gx_buf_str(frame));
}

static void respond(struct gx_buf *to, const struct core_asker *asker, int status,
		    struct gx_str content_type, struct gx_str headers, struct gx_str body)
{
	gx_record_write_response(to, GX_RECORD_HTTP_RESPONSE, false,
				 &(struct gx_response_record){
					 .conn = asker->conn,
					 .status = (uint32_t)status,
					 .content_type = content_type,
					 .headers = headers,
					 .body = body,
				 });
}

void core_answer_problem(struct gx_core *core, struct gx_buf *to, const struct core_asker *asker,
			 const struct gx_error *err, bool in_chinese, struct gx_str headers)
{
	char lines[256];
	struct gx_buf problem;

	if (is_silent(to, asker))
		return;
	if (err->status == GX_E_INTERNAL)
		gx_log(GX_LOG_ERROR, "core.call_failed", GX_F_CSTR("code", err->code),
		       GX_F_STR("detail", err->detail));
	core_stats_refused(core, err->code == NULL ? "core.internal" : err->code);
	gx_buf_init(&problem, 65536);
	core_write_problem(core, &problem, err, in_chinese);
	if (asker->is_stream) {
		reply(core, to, asker, gx_status_http(err->status), "problem",
		      gx_buf_str(&problem));
	} else {
		uint32_t retry_s = retry_after_s(err);
		struct gx_buf all;
		gx_buf_init(&all, sizeof(lines) + headers.len);
		gx_buf_append_str(&all, headers);
		if (err->status == GX_E_UNAUTHENTICATED)
			gx_buf_append_str(&all, GX_STR("WWW-Authenticate: Bearer\r\n"));
		if (retry_s > 0)
			gx_buf_printf(&all, "Retry-After: %u\r\n", retry_s);
		respond(to, asker, gx_status_http(err->status), problem_type, gx_buf_str(&all),
			gx_buf_str(&problem));
		gx_buf_deinit(&all);
	}
	gx_buf_deinit(&problem);
}

void core_answer_overloaded(struct gx_core *core, struct gx_buf *to, const struct core_asker *asker,
			    bool in_chinese)
{
	static const struct gx_error err = { .status = GX_E_OVERLOADED, .code = "core.overloaded" };
	struct gx_buf *problem = &core->overloaded[in_chinese];

	if (is_silent(to, asker))
		return;
	core_stats_refused(core, err.code);
	if (problem->len == 0)
		core_write_problem(core, problem, &err, in_chinese);
	if (asker->is_stream)
		reply(core, to, asker, 503, "problem", gx_buf_str(problem));
	else
		respond(to, asker, 503, problem_type, GX_STR("Retry-After: 1\r\n"),
			gx_buf_str(problem));
}

static void answer_file(struct gx_core *core, const struct core_asker *asker, struct gx_call *c)
{
	struct core_edge *e = core_asker_edge(core, asker);

	int fd = c->file.fd;

	c->file.fd = -1;
	if (e == NULL) {
		close(fd);
		return;
	}
	if (!gx_link_send_fd(&e->link, fd)) {
		gx_fail_retry(&c->err, GX_E_OVERLOADED, "core.overloaded", 1);
		core_answer_problem(core, &e->link.out, asker, &c->err, c->wants_chinese,
				    GX_STR_NULL);
		return;
	}
	gx_record_write_response(&e->link.out, GX_RECORD_HTTP_FILE, true,
				 &(struct gx_response_record){
					 .conn = asker->conn,
					 .status = 200,
					 .file_size = c->file.size,
					 .content_type = c->file.content_type,
					 .etag = c->file.etag,
					 .headers = gx_buf_str(c->headers),
				 });
}

void core_answer(struct gx_core *core, struct gx_buf *to, const struct core_asker *asker,
		 struct gx_call *c, enum gx_status st)
{
	if (is_silent(to, asker))
		return;
	if (st == GX_OK && (c->out.buf->overflow || (asker->is_stream && c->file.fd >= 0)))
		st = gx_fail(&c->err, GX_E_INTERNAL, "core.internal");
	if (st != GX_OK) {
		if (c->file.fd >= 0)
			close(c->file.fd);
		c->file.fd = -1;
		core_answer_problem(core, to, asker, &c->err, c->wants_chinese,
				    gx_buf_str(c->headers));
		return;
	}
	struct gx_str json = gx_buf_str(c->out.buf);
	if (asker->is_stream)
		reply(core, to, asker, c->status, "out", json);
	else if (c->file.fd >= 0)
		answer_file(core, asker, c);
	else if (json.len == 0)
		respond(to, asker, c->status, GX_STR_NULL, gx_buf_str(c->headers), GX_STR_NULL);
	else
		respond(to, asker, c->status,
			c->route->method == GX_METHOD_GET && json.ptr[0] != '{'
				? GX_STR("text/plain; version=0.0.4; charset=utf-8")
				: json_type,
			gx_buf_str(c->headers), json);
}
