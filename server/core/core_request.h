/* SPDX-License-Identifier: Apache-2.0 */
/* core_request.h - a request under way on the loop thread; shared by dispatch.c and upload.c. */
#ifndef GX_CORE_REQUEST_H
#define GX_CORE_REQUEST_H

#include "core_state.h"

/* What is known of a request before its inputs are read. */
struct core_request {
	struct core_edge *edge;
	struct core_asker asker;
	const struct core_route *route;
	struct gx_session session;
	struct core_path path;
	enum gx_method method;
	struct gx_str body;	      /* HTTP */
	const struct gx_json *object; /* stream: the call's `in`, or NULL */
	struct gx_str peer;
	bool is_let_in; /* admission was asked already */
	bool is_peer_loopback;
	bool is_secure;
	bool wants_chinese;
	struct gx_error err;
};

/* dispatch.c */
struct core_request core_request_http(struct core_edge *e, const struct gx_request_record *in);
/* Route and rights of an HTTP request; answers by itself when they fail. */
bool core_request_may(struct core_request *r, const struct gx_request_record *in);
/* Answers with r->err. */
void core_request_refuse(struct core_request *r, struct gx_str headers);
GX_NODISCARD enum gx_status core_request_inputs(struct core_request *r, struct gx_call *c);
/* What a handler sees of the request; memory is `a`. */
void core_request_fill(struct gx_call *c, const struct core_request *r, struct gx_arena *a);

/* calls.c */
/* Carries out a command at once, in the batch. */
void core_command_now(struct core_request *r);
/* Sends a query, or a command with a prepare step, on its way. */
void core_call_later(struct core_request *r);
/* A call on the heap, with memory of its own. */
struct core_call *core_call_new(struct core_request *r);
/* Answers at once, not with the batch; takes care of an edge that is gone. */
void core_call_answer(struct core_call *call, enum gx_status st);
/* Sends it to a reader or helper; answers when their queue is full. */
void core_call_submit(struct core_call *call);

#endif
