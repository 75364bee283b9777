/* SPDX-License-Identifier: Apache-2.0 */
/*
 * upload.c - bodies that go into a file: admitted before the first byte, written by the edge into a
 * spool file without a name, then carried out like any command with a prepare step.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core_request.h"
#include "ident.h"

#define UPLOAD_BYTES_MAX ((uint64_t)100 << 20)

static int open_spool(struct gx_core *core)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/spool", core->config->data_dir);
	return open(path, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
}

/* A file name as people gave it: decoded, without path and control characters; empty when it is
 * none. */
static struct gx_str clean_filename(struct gx_arena *a, struct gx_str raw)
{
	char *to = gx_arena_alloc(a, raw.len + 1);
	size_t n = 0;

	for (size_t i = 0; i < raw.len; i++) {
		unsigned char c = (unsigned char)raw.ptr[i];
		unsigned char byte;

		if (c == '%' && i + 2 < raw.len &&
		    gx_hex_decode(gx_str_slice(raw, i + 1, i + 3), &byte, 1)) {
			c = byte;
			i += 2;
		}
		if (c == '/' || c == '\\')
			n = 0;
		else if (c >= 0x20 && c != 0x7f)
			to[n++] = (char)c;
	}
	struct gx_str name = { to, n };
	return gx_utf8_valid(name) && gx_utf8_count(name) <= 255 ? name : GX_STR_NULL;
}

void core_upload_begin(struct core_edge *e, const struct gx_request_record *in)
{
	struct core_request r = core_request_http(e, in);
	struct core_call *call;
	enum gx_status st;
	int for_edge = -1;

	if (!core_request_may(&r, in))
		return;
	if (r.route->route->kind != GX_OP_UPLOAD) {
		gx_fail(&r.err, GX_E_NOT_FOUND, "core.not_found");
		core_request_refuse(&r, GX_STR_NULL);
		return;
	}
	call = core_call_new(&r);
	call->upload.size = (in->flags & GX_REQUEST_LENGTH_KNOWN) != 0 ? in->content_length : 0;
	call->upload.content_type = gx_arena_strdup(&call->arena, in->content_type);
	call->upload.filename = clean_filename(&call->arena, in->filename);
	call->pub.upload = &call->upload;
	st = core_request_inputs(&r, &call->pub);
	if (st == GX_OK && call->pub.route->admit != NULL)
		st = call->pub.route->admit(&call->pub);
	if (st == GX_OK && !core_at_once_enter(call))
		st = gx_fail_retry(&call->pub.err, GX_E_LIMIT, "core.too_often", 1);
	if (st == GX_OK) {
		call->upload.fd = open_spool(e->core);
		for_edge = call->upload.fd < 0 ? -1 : fcntl(call->upload.fd, F_DUPFD_CLOEXEC, 0);
		if (for_edge < 0)
			st = gx_fail_retry(&call->pub.err, GX_E_OVERLOADED, "core.storage_full", 5);
	}
	if (st != GX_OK || !gx_link_send_fd(&e->link, for_edge)) {
		core_call_answer(call, st == GX_OK ? gx_fail_retry(&call->pub.err, GX_E_OVERLOADED,
								   "core.overloaded", 1)
						   : st);
		core_call_free(call);
		return;
	}
	gx_record_write_upload(&e->link.out, GX_RECORD_UPLOAD_ACCEPT, true,
			       &(struct gx_upload_record){
				       .conn = in->conn,
				       .size = call->upload.size_max == 0 ? UPLOAD_BYTES_MAX
									  : call->upload.size_max,
			       });
	gx_table_put(&e->uploads, in->conn, call);
}

void core_upload_end(struct core_edge *e, const struct gx_upload_record *in)
{
	struct core_call *call = gx_table_remove(&e->uploads, in->conn);
	struct stat about;

	if (call == NULL)
		return;
	if (in->size == UINT64_MAX) { /* broken off: the edge has told the client why */
		core_call_free(call);
		return;
	}
	if (fstat(call->upload.fd, &about) != 0 || (uint64_t)about.st_size != in->size) {
		core_call_answer(call, gx_fail_retry(&call->pub.err, GX_E_OVERLOADED,
						     "core.storage_full", 5));
		core_call_free(call);
		return;
	}
	call->upload.size = in->size;
	core_call_submit(call);
}
