/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record.h - what edge and core say to each other over their unix stream socket.
 *
 * Wire:       a record is a head of 16 bytes { u32 size (head included), u8 type, u8 flags, u16
 *             zero, u64 conn } and its fields in the order of its struct below; integers in the
 *             machine's byte order (both ends are one binary), strings as u32 length + bytes.
 *             `conn` names a client connection of that edge: slot in the low 32 bits, generation
 *             in the high ones; it means nothing to the core.
 *             GX_RECORD_HAS_FD: the next descriptor of the socket's ancillary data belongs to
 *             this record. GX_RECORD_IS_REPLY: a WS_SEND that answers a WS_TEXT.
 * Order:      per connection of a client at most one request is under way; its answer is exactly
 *             one of HTTP_RESPONSE, HTTP_FILE, WS_ACCEPT (for WS_OPEN), and for UPLOAD_BEGIN
 *             either an answer at once or UPLOAD_ACCEPT (+ descriptor), then UPLOAD_END, then an
 *             answer. After CONN_GONE the edge reuses the slot under a new generation; answers to
 *             the old one are dropped by the edge.
 * Errors:     decoding is strict: a record that does not parse to its last byte is refused. An
 *             edge is sandboxed but may have been taken over, so the core treats each field as
 *             hostile.
 * Threading:  any.
 * Memory:     decoded strings borrow from the input.
 */
#ifndef GX_RECORD_H
#define GX_RECORD_H

#include "gx.h"

#define GX_RECORD_HEAD_BYTES 16u
#define GX_RECORD_BYTES_MAX (4u << 20)
#define GX_RECORD_HAS_FD 1u
#define GX_RECORD_IS_REPLY 2u

enum gx_record_type {
	/* edge to core */
	GX_RECORD_HTTP_REQUEST = 1, /* struct gx_request_record */
	GX_RECORD_UPLOAD_BEGIN,	    /* struct gx_request_record, body empty */
	GX_RECORD_UPLOAD_END,	    /* struct gx_upload_record */
	GX_RECORD_WS_OPEN, /* struct gx_request_record, body empty; the upgrade itself is checked */
	GX_RECORD_WS_TEXT, /* struct gx_ws_text_record */
	GX_RECORD_CONN_GONE,  /* no fields */
	GX_RECORD_WS_DRAINED, /* no fields; the answer to WS_AWAIT */
	/* core to edge */
	GX_RECORD_HTTP_RESPONSE = 32, /* struct gx_response_record */
	GX_RECORD_HTTP_FILE,	      /* struct gx_response_record, body empty; has a descriptor */
	GX_RECORD_UPLOAD_ACCEPT,      /* struct gx_upload_record: most bytes; has a descriptor */
	GX_RECORD_WS_ACCEPT,	      /* no fields */
	GX_RECORD_WS_SEND,	      /* struct gx_ws_send_record; conn of the head is 0 */
	GX_RECORD_WS_CLOSE,	      /* struct gx_ws_close_record */
	GX_RECORD_WS_AWAIT,    /* no fields: WS_DRAINED is wanted once nothing waits to be sent */
	GX_RECORD_WS_SEND_ALL, /* a text for all WebSockets but those between CATCH_UP and LIVE */
	GX_RECORD_WS_CATCH_UP, /* no fields, behind WS_ACCEPT: what is sent to all is not for it */
	GX_RECORD_WS_LIVE,     /* no fields: from here on it is */
	GX_RECORD_WS_TAKEN,    /* no fields: a WS_TEXT that nobody answers was taken up */
	GX_RECORD_WS_WINDOW,   /* no fields; `conn` is how many WS_TEXT of one connection may be
				  without reply before it is not read any more */
};

enum gx_method {
	GX_METHOD_GET,
	GX_METHOD_HEAD,
	GX_METHOD_POST,
	GX_METHOD_PUT,
	GX_METHOD_PATCH,
	GX_METHOD_DELETE,
	GX_METHOD_OPTIONS,
};

/* Bits of gx_request_record.flags. */
#define GX_REQUEST_PEER_LOOPBACK 1u /* the TCP peer is loopback and sent no forwarded address */
#define GX_REQUEST_TOKEN_COOKIE 2u  /* the token came by cookie: good for media only */
#define GX_REQUEST_SECURE 4u	    /* came over TLS, here or at a trusted proxy */
#define GX_REQUEST_HAS_BODY 8u	    /* a body was sent, even if empty with a Content-Type */
#define GX_REQUEST_LENGTH_KNOWN 16u /* upload: content_length is what the client announced */

struct gx_request_record {
	uint64_t conn;
	uint64_t received_ns;	 /* steady clock, when the request was complete at the edge */
	uint64_t content_length; /* uploads */
	uint32_t flags;
	uint32_t method;	/* enum gx_method */
	struct gx_str target;	/* path and query as sent, starting with '/' */
	struct gx_str token;	/* bearer token, or empty */
	struct gx_str language; /* Accept-Language, or empty */
	struct gx_str
		peer; /* address as text, of the client behind a trusted proxy if there is one */
	struct gx_str content_type;
	struct gx_str filename; /* X-Filename, still percent-encoded */
	struct gx_str body;
};

struct gx_upload_record {
	uint64_t conn;
	uint64_t size; /* END: bytes written, UINT64_MAX when the client broke off or passed the
			  maximum; ACCEPT: the maximum */
};

struct gx_ws_text_record {
	uint64_t conn;
	uint64_t received_ns;
	struct gx_str text; /* valid UTF-8 */
};

/* Bits of gx_response_record.flags. */
#define GX_RESPONSE_CLOSE 1u /* close the connection behind the answer */

struct gx_response_record {
	uint64_t conn;
	uint64_t file_size; /* HTTP_FILE */
	uint32_t status;
	uint32_t flags;
	struct gx_str content_type; /* empty with an empty body */
	struct gx_str etag;	    /* HTTP_FILE: strong, with its quotes */
	struct gx_str headers;	    /* further lines, each ended by CRLF */
	struct gx_str body;
};

struct gx_ws_send_record {
	uint32_t conns_count;
	const char *conns; /* conns_count u64 in machine order, unaligned: gx_ws_send_conn() */
	struct gx_str text;
};

struct gx_ws_close_record {
	uint64_t conn;
	uint32_t code;
	struct gx_str reason;
};

struct gx_record_head {
	uint32_t size;
	uint8_t type;
	uint8_t flags;
	uint64_t conn;
};

/* Looks at the front of a stream. 1: a whole record is there; 0: more bytes are needed; -1: refused
 * (size out of bounds, unknown type or flag, non-zero filler): give up the link. */
int gx_record_peek(struct gx_str stream, struct gx_record_head *out);

/* Decode one whole record of that type (head included). False: refused. */
GX_NODISCARD bool gx_record_read_request(struct gx_str record, struct gx_request_record *out);
GX_NODISCARD bool gx_record_read_upload(struct gx_str record, struct gx_upload_record *out);
GX_NODISCARD bool gx_record_read_ws_text(struct gx_str record, struct gx_ws_text_record *out);
GX_NODISCARD bool gx_record_read_response(struct gx_str record, struct gx_response_record *out);
GX_NODISCARD bool gx_record_read_ws_send(struct gx_str record, struct gx_ws_send_record *out);
/* WS_SEND_ALL. */
GX_NODISCARD bool gx_record_read_ws_send_all(struct gx_str record, struct gx_str *text);
GX_NODISCARD bool gx_record_read_ws_close(struct gx_str record, struct gx_ws_close_record *out);
uint64_t gx_ws_send_conn(const struct gx_ws_send_record *r, uint32_t index);

/* Append one record, or nothing and set the overflow flag (also above GX_RECORD_BYTES_MAX); `type`
 * is one that the struct belongs to. `has_fd`: the descriptor is queued by the caller with
 * gx_link_send_fd() at the same time. */
void gx_record_write_request(struct gx_buf *out, enum gx_record_type type,
			     const struct gx_request_record *r);
void gx_record_write_upload(struct gx_buf *out, enum gx_record_type type, bool has_fd,
			    const struct gx_upload_record *r);
void gx_record_write_ws_text(struct gx_buf *out, const struct gx_ws_text_record *r);
void gx_record_write_bare(struct gx_buf *out, enum gx_record_type type, uint64_t conn);
void gx_record_write_response(struct gx_buf *out, enum gx_record_type type, bool has_fd,
			      const struct gx_response_record *r);
void gx_record_write_ws_send(struct gx_buf *out, const uint64_t *conns, uint32_t conns_count,
			     struct gx_str text);
/* WS_SEND as the answer to a WS_TEXT of that connection. */
void gx_record_write_ws_reply(struct gx_buf *out, uint64_t conn, struct gx_str text);
void gx_record_write_ws_send_all(struct gx_buf *out, struct gx_str text);
void gx_record_write_ws_close(struct gx_buf *out, const struct gx_ws_close_record *r);

#endif
