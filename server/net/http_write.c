/* SPDX-License-Identifier: Apache-2.0 */
/* http_write.c - the head of an answer. */
#include "http.h"

const char *gx_http_reason(unsigned status)
{
	static const struct {
		unsigned status;
		const char *reason;
	} reasons[] = {
		{ 100, "Continue" },
		{ 101, "Switching Protocols" },
		{ 200, "OK" },
		{ 201, "Created" },
		{ 202, "Accepted" },
		{ 204, "No Content" },
		{ 206, "Partial Content" },
		{ 304, "Not Modified" },
		{ 308, "Permanent Redirect" },
		{ 400, "Bad Request" },
		{ 401, "Unauthorized" },
		{ 403, "Forbidden" },
		{ 404, "Not Found" },
		{ 405, "Method Not Allowed" },
		{ 408, "Request Timeout" },
		{ 409, "Conflict" },
		{ 410, "Gone" },
		{ 412, "Precondition Failed" },
		{ 413, "Content Too Large" },
		{ 414, "URI Too Long" },
		{ 415, "Unsupported Media Type" },
		{ 416, "Range Not Satisfiable" },
		{ 417, "Expectation Failed" },
		{ 422, "Unprocessable Content" },
		{ 426, "Upgrade Required" },
		{ 429, "Too Many Requests" },
		{ 431, "Request Header Fields Too Large" },
		{ 500, "Internal Server Error" },
		{ 501, "Not Implemented" },
		{ 503, "Service Unavailable" },
		{ 505, "HTTP Version Not Supported" },
	};

	for (size_t i = 0; i < GX_COUNT(reasons); i++)
		if (reasons[i].status == status)
			return reasons[i].reason;
	return "Unknown";
}

void gx_http_write_begin(struct gx_buf *out, unsigned status)
{
	gx_buf_append_str(out, GX_STR("HTTP/1.1 "));
	gx_buf_append_u64(out, status);
	gx_buf_append_char(out, ' ');
	gx_buf_append_str(out, gx_str_from_cstr(gx_http_reason(status)));
	gx_buf_append_str(out, GX_STR("\r\n"));
}

void gx_http_write_field(struct gx_buf *out, struct gx_str name, struct gx_str value)
{
	gx_buf_append_str(out, name);
	gx_buf_append_str(out, GX_STR(": "));
	gx_buf_append_str(out, value);
	gx_buf_append_str(out, GX_STR("\r\n"));
}

void gx_http_write_length(struct gx_buf *out, uint64_t size)
{
	gx_buf_append_str(out, GX_STR("Content-Length: "));
	gx_buf_append_u64(out, size);
	gx_buf_append_str(out, GX_STR("\r\n"));
}

void gx_http_write_end(struct gx_buf *out)
{
	gx_buf_append_str(out, GX_STR("\r\n"));
}
