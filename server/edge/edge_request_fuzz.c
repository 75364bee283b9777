/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: no head of a request makes the edge tell the core of an address that nobody vouched for, or
 * crash; addresses and networks as text.
 * Method: the input is one field of a head or more, behind two bytes that choose who is connected
 * and the field's name. What a stranger writes into Forwarded and its kind never counts; of a
 * proxy's word comes an address, or its own.
 */
#include <arpa/inet.h>
#include <string.h>

#include "edge_inside.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_address(struct gx_str text)
{
	char again[INET6_ADDRSTRLEN];
	struct in6_addr address, second;

	if (!edge_address_parse(text, &address))
		return;
	GX_ASSERT(edge_address_parse(edge_address_text(&address, again), &second));
	GX_ASSERT(memcmp(&address, &second, sizeof(address)) == 0);
}

static void check_network(struct edge *e, struct gx_edge_config *config, struct gx_str text)
{
	struct in6_addr address;

	config->proxies = &text;
	config->proxies_count = 1;
	GX_ASSERT(edge_address_parse(GX_STR("10.1.2.3"), &address));
	(void)edge_address_is_trusted(e, &address);
	GX_ASSERT(edge_address_parse(GX_STR("fd00::1"), &address));
	(void)edge_address_is_trusted(e, &address);
}

static void check_record(struct edge_conn *c, struct gx_str in, bool is_proxy)
{
	struct gx_request_record record;
	char peer[INET6_ADDRSTRLEN], own[INET6_ADDRSTRLEN];
	struct in6_addr address;
	struct gx_buf out;

	edge_request_record(c, in, peer, &record);
	GX_ASSERT(edge_address_parse(record.peer, &address));
	if (!is_proxy) {
		GX_ASSERT(gx_str_eq(record.peer, edge_address_text(&c->peer, own)));
		GX_ASSERT((record.flags & GX_REQUEST_SECURE) == 0);
	}
	if ((record.flags & GX_REQUEST_PEER_LOOPBACK) != 0)
		GX_ASSERT(edge_address_is_loopback(&c->peer));
	/* The core reads what was written. */
	gx_buf_init(&out, (size_t)1 << 20);
	gx_record_write_request(&out, GX_RECORD_HTTP_REQUEST, &record);
	GX_ASSERT(gx_record_read_request(gx_buf_str(&out), &record));
	gx_buf_deinit(&out);
}

static void write_head(uint8_t choice, struct gx_str in, struct gx_buf *out)
{
	static const char *const names[] = {
		"Forwarded: ",	     "X-Forwarded-For: ", "X-Forwarded-Proto: ",
		"X-Real-IP: ",	     "Authorization: ",	  "Cookie: guanxi_media=",
		"Accept-Language: ", "X-Filename: ",	  "",
	};

	gx_buf_printf(out, "GET %s HTTP/1.1\r\nHost: a\r\n%s",
		      choice % 2 == 0 ? "/api/v1/media/1" : "/api/v1/me?a=b",
		      names[choice / 2 % GX_COUNT(names)]);
	gx_buf_append_str(out, in);
	gx_buf_append_str(out, GX_STR("\r\n\r\n"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct edge_block block;
	static struct edge e;
	static struct gx_board_page board;
	static struct edge_request request;
	struct gx_edge_config config;
	struct gx_str proxy = GX_STR("10.0.0.0/8");
	struct gx_str in = { (const char *)data + 2, size - 2 };
	struct gx_buf head;
	struct edge_conn *c = &block.conns[0];
	bool is_proxy;

	if (size < 2)
		return 0;
	is_proxy = data[0] % 2 == 0;
	gx_edge_config_init(&config);
	e.config = &config;
	e.board = &board;
	block.edge = &e;
	check_address(in);
	check_network(&e, &config, in);
	config.proxies = &proxy;
	config.proxies_count = 1;
	c->generation = 1;
	c->request = &request;
	GX_ASSERT(
		edge_address_parse(is_proxy ? GX_STR("10.0.0.7") : GX_STR("127.0.0.1"), &c->peer));
	gx_buf_init(&head, size + 256);
	write_head(data[1], in, &head);
	gx_http_head_init(&request.head);
	if (gx_http_head_parse(&request.head, gx_buf_str(&head)) == GX_HTTP_DONE)
		check_record(c, gx_buf_str(&head), is_proxy);
	gx_buf_deinit(&head);
	return 0;
}
