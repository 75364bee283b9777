/* SPDX-License-Identifier: Apache-2.0 */
/* edge_address.c - client addresses, IPv4 mapped into IPv6. */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "edge_inside.h"

bool edge_address_is_loopback(const struct in6_addr *a)
{
	return IN6_IS_ADDR_LOOPBACK(a) || (IN6_IS_ADDR_V4MAPPED(a) && a->s6_addr[12] == 127);
}

struct gx_str edge_address_text(const struct in6_addr *a, char out[INET6_ADDRSTRLEN])
{
	char *at = out;

	if (!IN6_IS_ADDR_V4MAPPED(a)) {
		const char *text = inet_ntop(AF_INET6, a, out, INET6_ADDRSTRLEN);
		return gx_str_from_cstr(text);
	}
	/* By hand: this runs for each request. */
	for (unsigned i = 12; i < 16; i++) {
		unsigned byte = a->s6_addr[i];
		if (byte >= 100)
			*at++ = (char)('0' + byte / 100);
		if (byte >= 10)
			*at++ = (char)('0' + byte / 10 % 10);
		*at++ = (char)('0' + byte % 10);
		if (i < 15)
			*at++ = '.';
	}
	return (struct gx_str){ out, (size_t)(at - out) };
}

bool edge_address_parse(struct gx_str text, struct in6_addr *out)
{
	char copy[INET6_ADDRSTRLEN];
	struct in_addr v4;

	if (text.len == 0 || text.len >= sizeof(copy))
		return false;
	memcpy(copy, text.ptr, text.len);
	copy[text.len] = '\0';
	if (inet_pton(AF_INET, copy, &v4) == 1) {
		*out = (struct in6_addr){ .s6_addr = { [10] = 0xff, [11] = 0xff } };
		memcpy(out->s6_addr + 12, &v4, 4);
		return true;
	}
	return inet_pton(AF_INET6, copy, out) == 1;
}

/* "10.0.0.0/8"; without a slash one address. */
static bool in_network(const struct in6_addr *a, struct gx_str network)
{
	struct gx_str bits_text = network;
	struct gx_str address_text = gx_str_cut(&bits_text, '/');
	struct in6_addr base;
	uint64_t bits = 128;

	if (!edge_address_parse(address_text, &base))
		return false;
	if (address_text.len < network.len) {
		bool is_v4 = gx_str_find(address_text, ':') == address_text.len;
		if (!gx_str_to_u64(bits_text, &bits) || bits > (is_v4 ? 32 : 128))
			return false;
		bits += is_v4 ? 96 : 0;
	}
	if (memcmp(a->s6_addr, base.s6_addr, bits / 8) != 0)
		return false;
	return bits % 8 == 0 ||
	       ((a->s6_addr[bits / 8] ^ base.s6_addr[bits / 8]) >> (8 - bits % 8)) == 0;
}

bool edge_address_is_trusted(const struct edge *e, const struct in6_addr *a)
{
	for (size_t i = 0; i < e->config->proxies_count; i++)
		if (in_network(a, e->config->proxies[i]))
			return true;
	return false;
}

/* IPv4 by address, IPv6 by the /64 that one customer gets. */
static uint64_t address_key(const struct in6_addr *a)
{
	uint64_t key;

	memcpy(&key, a->s6_addr + (IN6_IS_ADDR_V4MAPPED(a) ? 8 : 0), sizeof(key));
	return key == 0 ? 1 : key;
}

static bool is_counted(const struct edge *e, const struct in6_addr *a)
{
	return e->config->connections_per_address != 0 && !edge_address_is_loopback(a) &&
	       !edge_address_is_trusted(e, a);
}

bool edge_address_enter(struct edge *e, const struct in6_addr *a)
{
	uintptr_t count;

	if (!is_counted(e, a))
		return true;
	count = (uintptr_t)gx_table_get(&e->addresses, address_key(a));
	if (count >= e->config->connections_per_address)
		return false;
	gx_table_put(&e->addresses, address_key(a), (void *)(count + 1));
	return true;
}

void edge_address_leave(struct edge *e, const struct in6_addr *a)
{
	uintptr_t count;

	if (!is_counted(e, a))
		return;
	count = (uintptr_t)gx_table_get(&e->addresses, address_key(a));
	GX_ASSERT(count > 0);
	if (count == 1)
		gx_table_remove(&e->addresses, address_key(a));
	else
		gx_table_put(&e->addresses, address_key(a), (void *)(count - 1));
}
