/* SPDX-License-Identifier: Apache-2.0 */
/* edge_request.c - what the core learns of a request. */
#include "edge_inside.h"

#define TOKEN_BYTES_MAX 200u

bool edge_is_core_path(struct gx_str path)
{
	return gx_str_starts(path, GX_STR("/api/v1/")) || gx_str_eq(path, GX_STR("/api/v1")) ||
	       gx_str_eq(path, GX_STR("/healthz")) || gx_str_eq(path, GX_STR("/metrics"));
}

static bool is_token(struct gx_str s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];
		if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
		      c == '.' || c == '_' || c == '~' || c == '-'))
			return false;
	}
	return s.len > 0 && s.len <= TOKEN_BYTES_MAX;
}

/* "Bearer TOKEN"; anything else is no token: the core answers 401. */
static struct gx_str bearer_token(struct gx_str value)
{
	struct gx_str token = gx_str_slice(value, 7, value.len);

	if (!gx_str_eq_nocase(gx_str_slice(value, 0, 7), GX_STR("Bearer ")) || !is_token(token))
		return GX_STR_NULL;
	return token;
}

static struct gx_str cookie_token(const struct gx_http_head *h, struct gx_str in)
{
	struct gx_str value;
	uint32_t at = 0;

	while (gx_http_field_next(h, in, GX_HTTP_COOKIE, &at, &value))
		while (value.len > 0) {
			struct gx_str text = gx_str_trim(gx_str_cut(&value, ';'));
			struct gx_str name = gx_str_cut(&text, '=');
			if (gx_str_eq(name, GX_STR("gx_media")) && is_token(text))
				return text;
		}
	return GX_STR_NULL;
}

/* "guanxi.v1, bearer.TOKEN", as a browser can send it. */
static struct gx_str protocol_token(const struct gx_http_head *h, struct gx_str in)
{
	struct gx_str value, item;
	uint32_t at = 0;

	while (gx_http_field_next(h, in, GX_HTTP_WS_PROTOCOL, &at, &value))
		while (gx_http_list_next(&value, &item)) {
			struct gx_str token = gx_str_slice(item, 7, item.len);
			if (gx_str_starts(item, GX_STR("bearer.")) && is_token(token))
				return token;
		}
	return GX_STR_NULL;
}

static struct gx_str find_token(const struct gx_http_head *h, struct gx_str in, uint32_t *flags)
{
	bool is_read = h->method == GX_METHOD_GET || h->method == GX_METHOD_HEAD;
	struct gx_str token;

	if (gx_http_has(h, GX_HTTP_AUTHORIZATION))
		return bearer_token(gx_http_field(h, in, GX_HTTP_AUTHORIZATION));
	if (gx_ws_is_upgrade(h, in))
		return protocol_token(h, in);
	if (!is_read || !gx_str_starts(gx_http_path(h, in), GX_STR("/api/v1/media/")))
		return GX_STR_NULL;
	token = cookie_token(h, in);
	if (token.len > 0)
		*flags |= GX_REQUEST_TOKEN_COOKIE;
	return token;
}

/* The address in one element of Forwarded or X-Forwarded-For: [v6], v4:port, in quotes or not. */
static bool parse_hop(struct gx_str item, bool is_forwarded, struct in6_addr *out)
{
	if (is_forwarded) {
		struct gx_str pair = GX_STR_NULL;
		while (item.len > 0) {
			pair = gx_str_trim(gx_str_cut(&item, ';'));
			if (gx_str_eq_nocase(gx_str_slice(pair, 0, 4), GX_STR("for=")))
				break;
			pair = GX_STR_NULL;
		}
		item = gx_str_slice(pair, 4, pair.len);
	}
	if (item.len >= 2 && item.ptr[0] == '"' && item.ptr[item.len - 1] == '"')
		item = gx_str_slice(item, 1, item.len - 1);
	if (item.len > 0 && item.ptr[0] == '[')
		return edge_address_parse(gx_str_slice(item, 1, gx_str_find(item, ']')), out);
	/* "::ffff:10.0.0.1" is an address with dots and colons, "10.0.0.1:80" one with a port. */
	return edge_address_parse(item, out) ||
	       edge_address_parse(gx_str_slice(item, 0, gx_str_find(item, ':')), out);
}

/* The last hop that is no trusted proxy: what stands left of it anyone can have written. A hop that
 * is no address ("unknown") is nobody we know: then it is the proxy that we talk to. */
static struct in6_addr last_untrusted(struct edge_conn *c, const struct gx_http_head *h,
				      struct gx_str in, enum gx_http_name name)
{
	struct in6_addr peer = c->peer, hop;
	struct gx_str value, item;
	uint32_t at = 0;

	while (gx_http_field_next(h, in, name, &at, &value))
		while (gx_http_list_next(&value, &item))
			if (!parse_hop(item, name == GX_HTTP_FORWARDED, &hop))
				peer = c->peer;
			else if (!edge_address_is_trusted(edge_of(c), &hop))
				peer = hop;
	return peer;
}

/* Who is behind the trusted proxy. It writes one of the two fields and may hand through the other
 * one as its client sent it: when there are both, they must agree. */
static struct in6_addr forwarded_peer(struct edge_conn *c, const struct gx_http_head *h,
				      struct gx_str in)
{
	struct in6_addr by_list = last_untrusted(c, h, in, GX_HTTP_X_FORWARDED_FOR);
	struct in6_addr by_forwarded = last_untrusted(c, h, in, GX_HTTP_FORWARDED);

	if (!gx_http_has(h, GX_HTTP_FORWARDED))
		return by_list;
	if (!gx_http_has(h, GX_HTTP_X_FORWARDED_FOR) || IN6_ARE_ADDR_EQUAL(&by_list, &by_forwarded))
		return by_forwarded;
	return c->peer;
}

/* A trusted proxy knows how its client came; without one, or if it does not say, we know. */
static bool is_secure(const struct edge_conn *c, const struct gx_http_head *h, struct gx_str in,
		      bool is_trusted)
{
	if (!is_trusted || !gx_http_has(h, GX_HTTP_X_FORWARDED_PROTO))
		return c->tls != NULL;
	return gx_str_eq_nocase(gx_http_field(h, in, GX_HTTP_X_FORWARDED_PROTO), GX_STR("https"));
}

static struct in6_addr find_peer(struct edge_conn *c, const struct gx_http_head *h,
				 struct gx_str in, uint32_t *flags)
{
	struct edge *e = edge_of(c);
	bool has_for = gx_http_has(h, GX_HTTP_X_FORWARDED_FOR);
	bool has_forwarded = gx_http_has(h, GX_HTTP_FORWARDED);
	bool is_trusted = edge_address_is_trusted(e, &c->peer);

	if (is_secure(c, h, in, is_trusted))
		*flags |= GX_REQUEST_SECURE;
	/* A proxy on this machine makes everyone look local: any trace of one counts. */
	if (edge_address_is_loopback(&c->peer) && !has_for && !has_forwarded &&
	    !gx_http_has(h, GX_HTTP_X_REAL_IP) && !gx_http_has(h, GX_HTTP_X_FORWARDED_PROTO))
		*flags |= GX_REQUEST_PEER_LOOPBACK;
	return is_trusted ? forwarded_peer(c, h, in) : c->peer;
}

bool edge_request_is_exposed(struct edge_conn *c, struct gx_str in)
{
	uint32_t flags = 0;

	(void)find_peer(c, &c->request->head, in, &flags);
	return (flags & (GX_REQUEST_SECURE | GX_REQUEST_PEER_LOOPBACK)) == 0;
}

void edge_request_record(struct edge_conn *c, struct gx_str in, char peer_text[INET6_ADDRSTRLEN],
			 struct gx_request_record *out)
{
	const struct gx_http_head *h = &c->request->head;
	bool is_read = h->method == GX_METHOD_GET || h->method == GX_METHOD_HEAD;
	struct in6_addr peer;

	*out = (struct gx_request_record){
		.conn = edge_conn_id(c),
		.received_ns = edge_now_ns(edge_of(c)),
		.content_length = h->content_length,
		.method = h->method,
		.target = gx_http_target(h, in),
		.language = gx_http_field(h, in, GX_HTTP_ACCEPT_LANGUAGE),
	};
	out->token = find_token(h, in, &out->flags);
	peer = find_peer(c, h, in, &out->flags);
	out->peer = edge_address_text(&peer, peer_text);
	if (is_read)
		return;
	out->content_type = gx_http_field(h, in, GX_HTTP_CONTENT_TYPE);
	out->filename = gx_http_field(h, in, GX_HTTP_X_FILENAME);
	if (gx_http_has(h, GX_HTTP_CONTENT_TYPE))
		out->flags |= GX_REQUEST_HAS_BODY;
	if (h->has_length)
		out->flags |= GX_REQUEST_LENGTH_KNOWN;
}

/* All fields of that name as one list. */
static struct gx_str keep(struct edge_request *r, struct gx_str in, enum gx_http_name name,
			  size_t *from)
{
	struct gx_str value;
	uint32_t at = 0;

	*from = r->kept.len;
	while (gx_http_field_next(&r->head, in, name, &at, &value)) {
		if (r->kept.len > *from)
			gx_buf_append_char(&r->kept, ',');
		gx_buf_append_str(&r->kept, value);
	}
	return (struct gx_str){ NULL, r->kept.len - *from };
}

void edge_request_keep_conditions(struct edge_request *r, struct gx_str in)
{
	static const enum gx_http_name kept_names[] = { GX_HTTP_IF_MATCH, GX_HTTP_IF_NONE_MATCH,
							GX_HTTP_IF_RANGE, GX_HTTP_RANGE };
	struct gx_str *values[] = { &r->conditions.if_match, &r->conditions.if_none_match,
				    &r->conditions.if_range, &r->conditions.range };
	size_t from[GX_COUNT(kept_names)];

	if (r->head.method != GX_METHOD_GET && r->head.method != GX_METHOD_HEAD)
		return;
	for (size_t i = 0; i < GX_COUNT(kept_names); i++)
		*values[i] = keep(r, in, kept_names[i], &from[i]);
	for (size_t i = 0; i < GX_COUNT(kept_names); i++)
		values[i]->ptr = r->kept.ptr == NULL ? NULL : r->kept.ptr + from[i];
}
